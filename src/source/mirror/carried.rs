//! A mirror that was carried here: in one file, or in a folder of this device.

use std::borrow::Cow;

use crate::signed::{Bundle, Digest, Envelope, FileEntry, FileError};

/// The parts of a mirror that needs no network. Nothing of it is verified except its form.
pub(crate) trait Carried {
    /// The community's id: the digest of the first charter.
    fn id(&self) -> Digest;

    /// The charters, from the first on.
    fn charters(&self) -> &[Envelope];

    /// The head.
    fn head(&self) -> &Envelope;

    /// The freeze, if there is one.
    fn freeze(&self) -> Option<&Envelope>;

    /// The bytes of a file that the head names, without those that follow them in a month and are newer. `None` if it was not
    /// carried along.
    fn file(&self, file: &FileEntry) -> Option<Result<Cow<'_, [u8]>, FileError>>;

    /// The bytes under the name of a picture. `None` if it was not carried along.
    fn picture(&self, digest: &Digest) -> Option<Cow<'_, [u8]>>;
}

impl Carried for Bundle<'_> {
    fn id(&self) -> Digest {
        self.id
    }

    fn charters(&self) -> &[Envelope] {
        &self.charters
    }

    fn head(&self) -> &Envelope {
        &self.head
    }

    fn freeze(&self) -> Option<&Envelope> {
        self.freeze.as_ref()
    }

    fn file(&self, file: &FileEntry) -> Option<Result<Cow<'_, [u8]>, FileError>> {
        let bytes = self.file(&file.name)?;
        let Some(counted) = usize::try_from(file.bytes).ok().and_then(|end| bytes.get(..end)) else {
            return Some(Err(FileError::TooShort));
        };
        let is_too_long = counted.len() < bytes.len() && !file.only_grows();
        Some(if is_too_long { Err(FileError::TooLong) } else { Ok(Cow::Borrowed(counted)) })
    }

    fn picture(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        self.picture(digest).map(Cow::Borrowed)
    }
}
