//! Whom a reading contacts, and whom its requests identify.

use url::Url;

use super::{Platform, SourceError};

/// Whom a reading contacts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contacts {
    /// The addresses, in the order in which they are asked.
    pub urls: Vec<Url>,
    /// The usual name of the platform.
    pub platform: Platform,
    /// Whom the requests identify.
    pub identity: Identity,
    /// Why nothing would be sent: the error that a reading would return.
    pub refusal: Option<SourceError>,
}

impl Contacts {
    /// These addresses of the platform with this name.
    pub fn new(urls: impl IntoIterator<Item = Url>, platform: impl Into<Platform>, identity: Identity) -> Self {
        Self { urls: urls.into_iter().collect(), platform: platform.into(), identity, refusal: None }
    }
}

/// Whom requests identify to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// No one: there is no token.
    None,
    /// An app.
    App,
    /// The reader.
    Reader,
}

codes! {
    Identity {
        None = "none",
        App = "app",
        Reader = "reader",
    }
}
