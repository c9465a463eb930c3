//! A bundle: a whole community in one file, for a memory card or a chat.
//!
//! ```text
//! byway bundle 1
//! charter/1.json 1234
//! ...1234 bytes...
//! head.json 567
//! ...567 bytes...
//! ```
//!
//! The parts are the files of a mirror, each after a line with its name and length, in one order: charters from the first on,
//! head, freeze, newest, months, and pictures by their digests. So one state has one bundle, and it holds nothing of its maker. A part is
//! named and never placed: a name that is not of this list is refused, and no name leads to a path.

use super::head::is_month_file;
use super::picture::{MAX_PICTURE_BYTES, picture_digest, picture_file};
use super::{Digest, DocumentKind, Envelope, MAX_FILE_BYTES, MAX_VERSION, NEWEST};

/// The parts of a bundle. Nothing of it is verified except its form, and that the charters begin with the first.
#[derive(Debug)]
pub struct Bundle<'a> {
    /// The community's id: the digest of the first charter.
    pub id: Digest,
    /// The charters, from the first on.
    pub charters: Vec<Envelope>,
    /// The head.
    pub head: Envelope,
    /// The freeze, if there is one.
    pub freeze: Option<Envelope>,
    files: Vec<(&'a str, &'a [u8])>,
    pictures: Vec<(Digest, &'a [u8])>,
}

impl<'a> Bundle<'a> {
    /// Reads a bundle.
    ///
    /// # Errors
    /// See [`BundleError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BundleError> {
        let mut rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or(BundleError::Form)?;
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge);
        }
        let (mut charters, mut head, mut freeze, mut files) = (Vec::new(), None, None, Vec::new());
        let mut pictures: Vec<(Digest, &[u8])> = Vec::new();
        let mut before = 0;
        while !rest.is_empty() {
            let (name, part, after) = next_part(rest)?;
            rest = after;
            let place = place_of(name).ok_or(BundleError::Name)?;
            // Charters follow one another by their numbers, and months by their names.
            let is_next = match place {
                CHARTER => before <= CHARTER && name == format!("charter/{}.json", charters.len() + 1),
                MONTH => before < MONTH || files.last().is_some_and(|(last, _)| *last < name),
                PICTURE => pictures.last().is_none_or(|(last, _)| picture_file(last).as_str() < name),
                place => before < place,
            };
            if !is_next {
                return Err(BundleError::Name);
            }
            before = place;
            let document = |kind| Envelope::parse(part, kind).map_err(|_| BundleError::Form);
            match place {
                CHARTER => charters.push(document(DocumentKind::Charter)?),
                HEAD => head = Some(document(DocumentKind::Head)?),
                FREEZE => freeze = Some(document(DocumentKind::Freeze)?),
                PICTURE => pictures.extend(picture_digest(name).map(|digest| (digest, part))),
                _ => files.push((name, part)),
            }
        }
        // A file that ends where a part ends lacks what its head names; that is found when it is verified.
        let (Some(first), Some(head)) = (charters.first(), head) else { return Err(BundleError::Truncated) };
        Ok(Self { id: first.digest(), charters, head, freeze, files, pictures })
    }

    /// Whether a file begins as a bundle does.
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC.as_bytes())
    }

    /// The bytes of a file of content, by its name in the head.
    pub fn file(&self, name: &str) -> Option<&'a [u8]> {
        self.files.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
    }

    /// The bytes under the name of a picture. They are compared with the digest by who takes them.
    pub fn picture(&self, digest: &Digest) -> Option<&'a [u8]> {
        let place = self.pictures.binary_search_by_key(&digest.as_bytes(), |(known, _)| known.as_bytes()).ok()?;
        self.pictures.get(place).map(|(_, bytes)| *bytes)
    }

    /// Writes a bundle of these parts, in the order in which they are given.
    pub fn write<'p>(parts: impl IntoIterator<Item = (&'p str, &'p [u8])>) -> Vec<u8> {
        let mut bytes = MAGIC.as_bytes().to_vec();
        for (name, part) in parts {
            bytes.extend_from_slice(format!("{name} {}\n", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.push(b'\n');
        }
        bytes
    }
}

/// The name and the bytes of the first part, and what follows it.
fn next_part(bytes: &[u8]) -> Result<(&str, &[u8], &[u8]), BundleError> {
    let line = bytes.get(..bytes.len().min(MAX_LINE)).unwrap_or_default();
    let end = line.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or(if bytes.len() < MAX_LINE { BundleError::Truncated } else { BundleError::Form })?;
    let line = std::str::from_utf8(line.get(..end).unwrap_or_default()).map_err(|_| BundleError::Form)?;
    let (name, length) = line.split_once(' ').ok_or(BundleError::Form)?;
    let is_number = !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && (length.len() == 1 || !length.starts_with('0'));
    let length: u64 = length.parse().ok().filter(|_| is_number).ok_or(BundleError::Form)?;
    let most = if picture_digest(name).is_some() { MAX_PICTURE_BYTES } else { MAX_FILE_BYTES };
    if length > most {
        return Err(BundleError::TooLarge);
    }
    let length = usize::try_from(length).map_err(|_| BundleError::TooLarge)?;
    let rest = bytes.get(end + 1..).unwrap_or_default();
    let part = rest.get(..length).ok_or(BundleError::Truncated)?;
    match rest.get(length) {
        Some(b'\n') => Ok((name, part, rest.get(length + 1..).unwrap_or_default())),
        Some(_) => Err(BundleError::Form),
        None => Err(BundleError::Truncated),
    }
}

/// Where a part of this name stands. `None` if a bundle has no such part.
fn place_of(name: &str) -> Option<u8> {
    let is_charter = |number: u64| (1..=MAX_VERSION).contains(&number) && name == format!("charter/{number}.json");
    match name {
        "head.json" => Some(HEAD),
        "freeze.json" => Some(FREEZE),
        NEWEST => Some(NEWEST_PLACE),
        _ if is_month_file(name) => Some(MONTH),
        _ if picture_digest(name).is_some() => Some(PICTURE),
        _ => {
            let number = name.strip_prefix("charter/")?.strip_suffix(".json")?.parse().ok()?;
            is_charter(number).then_some(CHARTER)
        }
    }
}

/// Error reading a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The file is not a bundle, or a part of it has another form.
    #[error("this file is not a bundle of a signed community, or it is damaged")]
    Form,
    /// The file ends early.
    #[error("the bundle ends early; copy it again")]
    Truncated,
    /// A part has a name that a bundle does not have, or stands at another place.
    #[error("the bundle holds something that a bundle does not hold, so nothing of it was taken")]
    Name,
    /// The bundle or a part of it is larger than a reader takes.
    #[error("the bundle, or a part of it, is larger than is read")]
    TooLarge,
}

codes! {
    BundleError {
        Form = "bundle_form",
        Truncated = "bundle_truncated",
        Name = "bundle_name",
        TooLarge = "bundle_too_large",
    }
}

const CHARTER: u8 = 1;
const HEAD: u8 = 2;
const FREEZE: u8 = 3;
const NEWEST_PLACE: u8 = 4;
const MONTH: u8 = 5;
const PICTURE: u8 = 6;

/// The first line.
const MAGIC: &str = "byway bundle 1\n";

/// The longest line of a part: the longest name, which is a picture's, a space, and the length.
const MAX_LINE: usize = 96;

/// The largest bundle: some hundred thousand posts.
pub const MAX_BUNDLE_BYTES: usize = 128 << 20;

/// The most bytes of pictures that a bundle is written with: a hundred photographs that fit the screen of a phone. A chat carries it.
pub const MAX_BUNDLE_PICTURES: usize = 32 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use jiff::Timestamp;

    use super::*;
    use crate::signed::{Charter, FORMAT, Head, KeySet, SigningKey};

    fn parts() -> Vec<(String, Vec<u8>)> {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let later = Timestamp::from_second(1_700_100_000).unwrap();
        let key = SigningKey::from_bytes([1; 32].into()).unwrap();
        let root = KeySet::new(vec![key.public()], 1);
        let charter = Charter::first("Zavod", at, later, root, vec![key.public()]);
        let first = charter.seal([&key]).unwrap();
        let second = charter.next(first.digest(), at, later).seal([&key]).unwrap();
        let (community, charter_digest) = (first.digest(), first.digest());
        let (issued, expires, files) = (at, later, Vec::new());
        let head = Head { format: FORMAT, community, charter: 1, charter_digest, sequence: 1, issued, expires, files };
        [
            ("charter/1.json", first.to_json()),
            ("charter/2.json", second.to_json()),
            ("head.json", head.seal(&key).unwrap().to_json()),
            ("newest.jsonl", "a\n".to_owned()),
            ("events-2026-10.jsonl", String::new()),
            ("events-2026-11.jsonl", "b\nbyway bundle 1\n".to_owned()),
            (&picture_file(&Digest::of(b"gate")), "gate".to_owned()),
        ]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
        .into()
    }

    fn written(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
        Bundle::write(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
    }

    #[test]
    fn a_bundle_that_is_written_is_read() {
        let bytes = written(&parts());
        let bundle = Bundle::parse(&bytes).unwrap();
        assert_eq!((bundle.charters.len(), bundle.id), (2, bundle.charters[0].digest()));
        assert_eq!(bundle.file("events-2026-11.jsonl"), Some(parts()[5].1.as_slice()));
        assert_eq!((bundle.file("events-2026-09.jsonl"), bundle.freeze.is_none()), (None, true));
        assert_eq!(bundle.picture(&Digest::of(b"gate")), Some(b"gate".as_slice()));
        assert_eq!(bundle.picture(&Digest::of(b"hall")), None);
        assert!(Bundle::is_one(&bytes) && !Bundle::is_one(b"<opml>"));
    }

    #[test]
    fn every_cut_of_a_bundle_is_an_error_or_lacks_its_files() {
        let bytes = written(&parts());
        for end in 0..bytes.len() {
            match Bundle::parse(&bytes[..end]) {
                Ok(bundle) => assert!(bundle.picture(&Digest::of(b"gate")).is_none(), "{end}"),
                Err(error) => assert!(matches!(error, BundleError::Truncated | BundleError::Form), "{end}: {error}"),
            }
        }
    }

    #[test]
    fn a_part_with_a_path_or_at_another_place_is_refused() {
        for name in [
            "../charter/1.json",
            "/etc/passwd",
            "charter/../1.json",
            "charter/01.json",
            "charter/4.json",
            "charter/1.json",
            "events-2026-13.jsonl",
            "events-2026-09.jsonl",
            "events-2026-11.jsonl",
            "newest.jsonl",
            "head.json",
            "index.html",
            "files/a",
            &picture_file(&Digest::of(b"gate")),
            &format!("files/{}", "0".repeat(64)),
            &format!("files/{}", "F".repeat(64)),
            "",
        ] {
            let mut parts = parts();
            parts.push((name.to_owned(), b"x".to_vec()));
            assert_eq!(Bundle::parse(&written(&parts)).unwrap_err(), BundleError::Name, "{name}");
        }
        let mut swapped = parts();
        swapped.swap(0, 1);
        assert_eq!(Bundle::parse(&written(&swapped)).unwrap_err(), BundleError::Name);
        assert_eq!(Bundle::parse(&written(&parts()[..2])).unwrap_err(), BundleError::Truncated, "no head");
    }

    #[test]
    fn a_stated_length_reserves_nothing_and_is_bounded() {
        for (line, error) in [
            ("charter/1.json 99999999999999999999\n", BundleError::Form),
            (&format!("{} 8388609\n", picture_file(&Digest::of(b"a"))), BundleError::TooLarge),
            (&format!("{} 8388608\n", picture_file(&Digest::of(b"a"))), BundleError::Truncated),
            ("charter/1.json 67108865\n", BundleError::TooLarge),
            ("charter/1.json 67108864\n", BundleError::Truncated),
            ("charter/1.json -1\n", BundleError::Form),
            ("charter/1.json 001\n", BundleError::Form),
            ("charter/1.json 01\n", BundleError::Form),
            ("charter/1.json\n", BundleError::Form),
            ("charter/1.json 1\nxy", BundleError::Form),
            (&"x".repeat(100), BundleError::Form),
        ] {
            assert_eq!(Bundle::parse(format!("{MAGIC}{line}").as_bytes()).unwrap_err(), error, "{line}");
        }
    }
}
