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
    /// More addresses that carry a signed community, as its link names them.
    pub mirrors: Vec<Home>,
    /// The link as it is shared, with its exposure: `https://vk.com/NAME#exposure=tor`.
    pub text: String,
}

impl From<byway::HomeLink> for HomeLink {
    fn from(core: byway::HomeLink) -> Self {
        Self {
            text: core.to_string(),
            home: core.home.into(),
            exposure: core.exposure.into(),
            mirrors: core.mirrors.into_iter().map(Into::into).collect(),
        }
    }
}

/// The link to a signed community: `byway:ID?exposure=tor&mirror=HOST/`.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SignedLink {
    /// The id of the community, with 64 hexadecimal digits.
    pub id: String,
    /// Who may learn at most that the community is read.
    pub exposure: Exposure,
    /// The fingerprint of its root keys when the link was made, if the link names it, in groups that people compare.
    pub key: Option<String>,
    /// The addresses that carry the community.
    pub mirrors: Vec<String>,
    /// The link as it is shared and printed as a QR code. It has at most 331 bytes.
    pub text: String,
    /// The link behind the address of a mirror, for messengers that open only such links. Absent if the exposure forbids
    /// a visit with a browser.
    pub web_form: Option<String>,
}

impl From<byway::CommunityLink> for SignedLink {
    fn from(core: byway::CommunityLink) -> Self {
        Self {
            id: core.id().to_string(),
            exposure: core.exposure().into(),
            key: core.key().map(|key| key.to_string()),
            mirrors: core.mirrors().iter().map(ToString::to_string).collect(),
            text: core.to_string(),
            web_form: core.web_form(),
        }
    }
}

/// Checks the link to a signed community, and raises its exposure if this one is stricter.
#[uniffi::export]
pub fn parse_signed_link(text: String, exposure: Exposure, language: Language) -> Result<SignedLink, BywayError> {
    guarded(language, || {
        let link = text.parse::<byway::CommunityLink>().and_then(|link| link.raised_to(exposure.into()));
        link.map(Into::into).map_err(|error| error.worded(language))
    })?
}

/// Checks a community's link, with or without an exposure in it, and raises its exposure if this one is stricter.
#[uniffi::export]
pub fn parse_link(text: String, exposure: Exposure, language: Language) -> Result<HomeLink, BywayError> {
    guarded(language, || match text.parse::<byway::HomeLink>() {
        Ok(mut link) => {
            link.exposure = link.exposure.max(exposure.into());
            Ok(link.into())
        }
        Err(error) => Err(error.worded(language)),
    })?
}
