use std::time::Duration;

use crate::client::GetError;
use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::publisher::PublishError;
use crate::sentences::{self, UploadFault};

/// Error publishing to a server. Except after [`UploadError::Mixed`], everything that was written before it is a complete state for
/// readers. The next upload continues there.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// A request did not reach the server: see [`GetError::reachability`]. Its account also says who saw the requests before it.
    #[error(transparent)]
    Unreached(#[from] GetError),
    /// A file of the publisher's folder cannot be read.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A bucket needs an access key and a folder a login or nothing.
    #[error("the server needs credentials of another kind")]
    Credentials,
    /// The server refuses the credentials, or they have no right to this.
    #[error("the server refuses these credentials: status {status}")]
    Denied {
        /// The status.
        status: u16,
    },
    /// There is no such bucket or folder.
    #[error("the server has no such bucket or folder")]
    NoFolder,
    /// The server redirects to another address. What is uploaded, and the credentials, are sent to the address alone that was given.
    #[error("the server redirects to another address, and nothing is uploaded to that")]
    Redirected,
    /// Another program has published there since the folder was read. Nothing of it was overwritten.
    #[error("another program has published there meanwhile")]
    Changed,
    /// Another program has published there while this upload wrote, so that files there may be of the one and the head of the other. Taking
    /// in what is there and publishing again repairs it.
    #[error("another program has published there at the same time, and the files there may not fit each other")]
    Mixed,
    /// The server is overloaded or out of order, or holds a lock (423), after several tries; or it is full (507).
    #[error("the server is not available: status {status}")]
    Unavailable {
        /// The status.
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The clock of this device is wrong, so that no signature is accepted.
    #[error("the server refuses signatures of this time")]
    Clock,
    /// The server said that it took a file, and does not give it back.
    #[error("the server said that it took a file, and does not give it back")]
    NotKept,
    /// The server's folder holds more than is read.
    #[error("the server's folder is larger than allowed")]
    TooLarge,
    /// The server answers in a way that a server of its kind does not, or takes no file of this length (413).
    #[error("the server answers what a store of files does not")]
    Answer {
        /// The status, if there is one.
        status: Option<u16>,
    },
}

impl UploadError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UploadError::Unreached(error) => error.code(),
            UploadError::Publish(error) => error.code(),
            UploadError::Credentials => "upload_credentials_kind",
            UploadError::Denied { .. } => "upload_denied",
            UploadError::NoFolder => "upload_no_folder",
            UploadError::Redirected => "upload_redirected",
            UploadError::Changed => "target_changed",
            UploadError::Mixed => "target_mixed",
            UploadError::Unavailable { .. } => "upload_unavailable",
            UploadError::Clock => "upload_clock",
            UploadError::NotKept => "upload_not_kept",
            UploadError::TooLarge => "upload_too_large",
            UploadError::Answer { .. } => "upload_answer",
        }
    }

    /// Why, in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        let fault = match self {
            UploadError::Unreached(error) => return error.sentence(language),
            UploadError::Publish(error) => return error.sentence(language),
            UploadError::Credentials => UploadFault::CredentialsKind,
            UploadError::Denied { .. } => UploadFault::Denied,
            UploadError::NoFolder => UploadFault::NoFolder,
            UploadError::Redirected => UploadFault::Redirected,
            UploadError::Changed => UploadFault::Changed,
            UploadError::Mixed => UploadFault::Mixed,
            UploadError::Unavailable { status: LOCKED, .. } => UploadFault::Locked,
            UploadError::Unavailable { status: FULL, .. } => UploadFault::Full,
            UploadError::Unavailable { .. } => UploadFault::Unavailable,
            UploadError::Clock => UploadFault::Clock,
            UploadError::NotKept => UploadFault::NotKept,
            UploadError::TooLarge => UploadFault::TooLarge,
            UploadError::Answer { status: Some(TOO_LONG) } => UploadFault::FileLimit,
            UploadError::Answer { .. } => UploadFault::Answer,
        };
        sentences::upload_fault(language, fault).to_owned()
    }
}

errors! {
    UploadError: |error| match error {
        UploadError::Unreached(error) => error.kind(),
        UploadError::Publish(error) => error.kind(),
        UploadError::Credentials => ErrorKind::Input,
        UploadError::Denied { .. }
        | UploadError::Redirected
        | UploadError::Clock
        | UploadError::NotKept
        | UploadError::Answer { .. } => ErrorKind::Refused,
        UploadError::NoFolder => ErrorKind::NotFound,
        UploadError::Changed | UploadError::Mixed => ErrorKind::StoreClosed,
        UploadError::Unavailable { .. } => ErrorKind::Refused,
        UploadError::TooLarge => ErrorKind::TooLarge,
    };
}

/// RFC 9110, section 15.5.14.
const TOO_LONG: u16 = 413;

/// RFC 4918, section 11.3.
const LOCKED: u16 = 423;

/// RFC 4918, section 11.5.
const FULL: u16 = 507;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentences::every::is_russian;

    #[test]
    fn every_error_is_said_in_both_languages() {
        for error in [
            UploadError::Publish(PublishError::Busy),
            UploadError::Credentials,
            UploadError::Denied { status: 403 },
            UploadError::NoFolder,
            UploadError::Redirected,
            UploadError::Changed,
            UploadError::Mixed,
            UploadError::Unavailable { status: 503, retry_after: None },
            UploadError::Unavailable { status: LOCKED, retry_after: None },
            UploadError::Unavailable { status: FULL, retry_after: None },
            UploadError::Clock,
            UploadError::NotKept,
            UploadError::TooLarge,
            UploadError::Answer { status: Some(200) },
            UploadError::Answer { status: Some(TOO_LONG) },
        ] {
            let (en, ru) = (error.sentence(Language::En), error.sentence(Language::Ru));
            assert!(!en.is_empty() && !is_russian(&en) && is_russian(&ru), "{}: {en} {ru}", error.code());
        }
    }
}
