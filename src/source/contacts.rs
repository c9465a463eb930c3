//! Whom a reading asks, and whom its requests name.

use url::Url;

use super::{Platform, SourceError};

/// Whom a reading asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contacts {
    /// The addresses, in the order in which they are asked.
    pub urls: Vec<Url>,
    /// What people call the platform.
    pub platform: Platform,
    /// Whom the requests name.
    pub identity: Identity,
    /// Why nothing would be sent at all: what a reading would answer.
    pub refusal: Option<SourceError>,
}

impl Contacts {
    /// These addresses, of what people call `platform`.
    pub fn new(urls: impl IntoIterator<Item = Url>, platform: impl Into<Platform>, identity: Identity) -> Self {
        Self { urls: urls.into_iter().collect(), platform: platform.into(), identity, refusal: None }
    }
}

/// Whom requests name to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// Nobody: there is no token.
    None,
    /// An app.
    App,
    /// The person who reads.
    Reader,
}

codes! {
    Identity {
        None = "none",
        App = "app",
        Reader = "reader",
    }
}
