//! A community's link with its exposure.

use crate::community::Home;
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Worded};
use crate::runtime::guarded;

/// A community's link with its exposure.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HomeLink {
    /// Where it leads.
    pub home: Home,
    /// Who may learn at most that the link is read.
    pub exposure: Exposure,
    /// The link as it is shared, with its exposure: `https://vk.com/NAME#exposure=tor`.
    pub text: String,
}

impl From<byway::HomeLink> for HomeLink {
    fn from(core: byway::HomeLink) -> Self {
        Self { text: core.to_string(), home: core.home.into(), exposure: core.exposure.into() }
    }
}

/// Checks a community's link, with or without an exposure in it.
#[uniffi::export]
pub fn parse_link(text: String, language: Language) -> Result<HomeLink, BywayError> {
    guarded(language, || match text.parse::<byway::HomeLink>() {
        Ok(link) => Ok(link.into()),
        Err(error) => Err(error.worded(language)),
    })?
}
