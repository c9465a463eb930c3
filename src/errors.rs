//! What all errors have in common: a kind to match on, a stable code, a sentence, and a serialised form.
//!
//! Each error type, with its variants and their data, is defined where the error arises. This module gives every type
//! the three methods that an app's error handling needs, so that one `match` on [`ErrorKind`] serves them all:
//!
//! ```
//! use byway::ErrorKind;
//!
//! # let error = "vk.com/zavod#exposure=onion".parse::<byway::HomeLink>().unwrap_err();
//! let shown_beside_the_field = match error.kind() {
//!     ErrorKind::Input => true,
//!     ErrorKind::Unreached | ErrorKind::NotPermitted => false,
//!     _ => false,
//! };
//! # assert!(shown_beside_the_field);
//! ```

use serde::{Deserialize, Serialize};

use crate::community::{HomeError, IdError, MomentError};
use crate::exposure::UnknownExposure;
use crate::fetch::{FetchError, RedirectError, StreamError, UrlError};
use crate::reach::{FingerprintsError, PlanError, RowFault};
use crate::signed::{BundleError, CommunityLinkError, FolderError, RoutePackError, SignedIdError};
use crate::source::SourceError;
use crate::source::vk::VkConfigError;
use crate::store::{KeyError, KeyFileError, StoreError};
use crate::strategies::ImportError;
use crate::transport::{DestinationError, OnionKeyError, OverrideError, StrategyError, TorTransportError};
use crate::wire::tls::RootsError;

/// What an app can do about an error. The code says what is wrong; the kind says who can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A given text or value is invalid: a link, a URL, a strategy, a setting; or the platform does not accept it. Show
    /// the sentence beside the field.
    Input,
    /// The exposure, the community's advice or a rule about addresses leaves nothing to try. Ask for another strategy,
    /// or for the user's permission; never lower an exposure silently.
    NotPermitted,
    /// The platform requires a token, or another one. Ask for it.
    Credentials,
    /// No strategy reached the page. The reachability says why. Retry later, or allow another strategy.
    Unreached,
    /// The host or the platform responds but does not serve the request: an error of its own, a rate limit, an unusable
    /// response. Retry later.
    Refused,
    /// The platform states that it withholds the community. Show its words as its claim.
    Withheld,
    /// The platform states that the community does not exist, or no longer exists. Keep what was read.
    NotFound,
    /// The item is not stored on this device, and only the store was searched.
    NotStored,
    /// The store is locked, suspended or in use, or the key is missing or wrong. The app or the user can open it.
    StoreClosed,
    /// Files of the store are damaged, missing, or of a newer version. Nothing was changed. Restore a copy, or wipe the
    /// store.
    StoreDamaged,
    /// There is no space: the store's own limit, or the disk.
    StoreFull,
    /// The body is larger than allowed.
    TooLarge,
    /// A body ended early. Retry.
    BrokenOff,
    /// A bug or failure in Byway, the app's own code, or the device.
    Internal,
}

codes! {
    ErrorKind {
        Input = "input",
        NotPermitted = "not_permitted",
        Credentials = "credentials",
        Unreached = "unreached",
        Refused = "refused",
        Withheld = "withheld",
        NotFound = "not_found",
        NotStored = "not_stored",
        StoreClosed = "store_closed",
        StoreDamaged = "store_damaged",
        StoreFull = "store_full",
        TooLarge = "too_large",
        BrokenOff = "broken_off",
        Internal = "internal",
    }
}

/// An error as plain data in one language, which is also its serialised form.
///
/// The sentence may quote input or a platform's statement, so show it to the user and do not log it. Kind and code
/// identify nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorDetails {
    /// What can be done about the error.
    pub kind: ErrorKind,
    /// The stable code, within the list of its error type.
    pub code: String,
    /// The reason, in one or two plain sentences.
    pub sentence: String,
}

impl ErrorDetails {
    pub(crate) fn new(kind: ErrorKind, code: &str, sentence: String) -> Self {
        Self { kind, code: code.to_owned(), sentence }
    }
}

/// Gives error types that have `code()` and `sentence(language)` a kind, details, and `Serialize`.
macro_rules! errors {
    ($($error:ty: |$this:ident| $kind:expr;)*) => {
        $(
            impl $error {
                /// What an app can do about the error.
                pub fn kind(&self) -> $crate::errors::ErrorKind {
                    let $this = self;
                    $kind
                }

                /// Kind, code and sentence, as data.
                pub fn details(&self, language: $crate::sentences::Language) -> $crate::errors::ErrorDetails {
                    $crate::errors::ErrorDetails::new(self.kind(), self.code(), self.sentence(language))
                }
            }

            impl serde::Serialize for $error {
                /// Serialises as its details in English; [`details`](Self::details) has every language.
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    self.details($crate::sentences::Language::En).serialize(serializer)
                }
            }
        )*
    };
}
pub(crate) use errors;

errors! {
    HomeError: |_error| ErrorKind::Input;
    IdError: |_error| ErrorKind::Input;
    MomentError: |_error| ErrorKind::Input;
    UnknownExposure: |_error| ErrorKind::Input;
    SignedIdError: |_error| ErrorKind::Input;
    CommunityLinkError: |_error| ErrorKind::Input;
    RoutePackError: |error| match error {
        RoutePackError::OtherCommunity => ErrorKind::NotFound,
        RoutePackError::Form
        | RoutePackError::Passphrase
        | RoutePackError::Unsigned
        | RoutePackError::Disputed
        | RoutePackError::Ahead
        | RoutePackError::Expired
        | RoutePackError::Strategy => ErrorKind::Input,
    };
    BundleError: |error| match error {
        BundleError::Truncated => ErrorKind::BrokenOff,
        BundleError::TooLarge => ErrorKind::TooLarge,
        BundleError::Form | BundleError::Name => ErrorKind::Input,
    };
    FolderError: |error| match error {
        FolderError::Absent => ErrorKind::NotFound,
        FolderError::Unreadable => ErrorKind::Unreached,
        FolderError::Address | FolderError::Form => ErrorKind::Input,
    };
    UrlError: |_error| ErrorKind::Input;
    StrategyError: |_error| ErrorKind::Input;
    DestinationError: |_error| ErrorKind::Input;
    OverrideError: |_error| ErrorKind::Input;
    ImportError: |_error| ErrorKind::Input;
    TorTransportError: |_error| ErrorKind::Input;
    OnionKeyError: |_error| ErrorKind::Input;
    FingerprintsError: |_error| ErrorKind::Input;
    RowFault: |_fault| ErrorKind::Input;
    VkConfigError: |_error| ErrorKind::Input;
    RootsError: |_error| ErrorKind::Input;
    PlanError: |_error| ErrorKind::NotPermitted;
    RedirectError: |error| match error {
        RedirectError::PrivateAddress | RedirectError::Downgrade | RedirectError::Exposure => ErrorKind::NotPermitted,
        RedirectError::Location | RedirectError::TwoLocations | RedirectError::Scheme | RedirectError::Body => {
            ErrorKind::Refused
        }
    };
    FetchError: |error| match error {
        FetchError::Plan(error) => error.kind(),
        FetchError::Unreached { .. } => ErrorKind::Unreached,
        FetchError::TooManyRedirects(_) => ErrorKind::Refused,
        FetchError::Redirect(error) => error.kind(),
        FetchError::Upload(_) => ErrorKind::Internal,
        FetchError::ExposureRaised => ErrorKind::NotPermitted,
        FetchError::Url => ErrorKind::Input,
    };
    StreamError: |error| match error {
        StreamError::Broken(_) | StreamError::Changed => ErrorKind::BrokenOff,
        StreamError::ExposureRaised => ErrorKind::NotPermitted,
    };
    SourceError: |error| match error {
        SourceError::NoToken { .. }
        | SourceError::TokenNamesReader(_)
        | SourceError::TokenRefused { .. }
        | SourceError::UserRefused(_)
        | SourceError::AppRefused(_) => ErrorKind::Credentials,
        SourceError::Stated(_)
        | SourceError::Throttled(_)
        | SourceError::Denied(_)
        | SourceError::Platform(_)
        | SourceError::Answer(_)
        | SourceError::NoFeed(_)
        | SourceError::NoPreview(_)
        | SourceError::NotGenuine { .. }
        | SourceError::Own(_) => ErrorKind::Refused,
        SourceError::Gone(_) | SourceError::Absent(_) => ErrorKind::NotFound,
        SourceError::Restricted { .. } => ErrorKind::Withheld,
        SourceError::Unreached(error) => error.kind(),
        SourceError::Request(_) | SourceError::Unsupported => ErrorKind::Input,
        SourceError::Panicked => ErrorKind::Internal,
    };
    KeyFileError: |error| match error {
        KeyFileError::Absent
        | KeyFileError::OpenToOthers
        | KeyFileError::NoKey
        | KeyFileError::WrongPassphrase => ErrorKind::StoreClosed,
        KeyFileError::NotPlain | KeyFileError::Damaged | KeyFileError::WorkFactor { .. } => ErrorKind::StoreDamaged,
        KeyFileError::Exists | KeyFileError::Served | KeyFileError::Empty | KeyFileError::NoText => ErrorKind::Input,
        KeyFileError::NoRandomness | KeyFileError::Io(_) => ErrorKind::Internal,
    };
    KeyError: |error| match error {
        KeyError::App(_) => ErrorKind::StoreClosed,
        KeyError::File(error) => error.kind(),
    };
    StoreError: |error| match error {
        StoreError::NoKey(error) => error.kind(),
        StoreError::Locked
        | StoreError::Suspended
        | StoreError::Busy
        | StoreError::AlreadyOpen
        | StoreError::WrongKey => ErrorKind::StoreClosed,
        StoreError::Corrupt { .. } | StoreError::Missing { .. } | StoreError::Link { .. } | StoreError::Newer { .. } => {
            ErrorKind::StoreDamaged
        }
        StoreError::Full { .. } | StoreError::DiskFull => ErrorKind::StoreFull,
        StoreError::Cursor => ErrorKind::Input,
        StoreError::Item | StoreError::Io(_) | StoreError::Fault { .. } => ErrorKind::Internal,
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::sentences::{Language, every};

    #[test]
    fn an_error_serialises_as_kind_code_and_sentence() {
        let error = SourceError::Unreached(FetchError::Plan(PlanError::OnionNeedsTor));
        let data = serde_json::to_value(&error).unwrap();
        let sentence = error.sentence(Language::En);
        assert_eq!(data, serde_json::json!({"kind": "not_permitted", "code": "unreached", "sentence": sentence}));
        let russian = error.details(Language::Ru);
        let read: ErrorDetails = serde_json::from_str(&serde_json::to_string(&russian).unwrap()).unwrap();
        assert_eq!((read.sentence.as_str(), &read), (error.sentence(Language::Ru).as_str(), &russian));
    }

    #[test]
    fn every_kind_has_an_error() {
        let mut met: Vec<ErrorKind> = Vec::new();
        met.extend(every::links().iter().map(HomeError::kind));
        met.extend(every::sources().iter().map(SourceError::kind));
        met.extend(every::stores().iter().map(StoreError::kind));
        met.extend(every::fetches().iter().map(FetchError::kind));
        met.extend(every::streams().iter().map(StreamError::kind));
        // An access has these kinds of its own.
        met.extend([ErrorKind::NotStored, ErrorKind::TooLarge]);
        for kind in ErrorKind::ALL {
            assert!(met.contains(kind), "{kind:?}: no error has it");
        }
    }

    #[test]
    fn a_kind_serialises_as_its_code() {
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }
}
