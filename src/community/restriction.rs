use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A recorded block. Every field is a claim of [`Restriction::stated_by`]; none is a finding of Byway.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Restriction {
    /// The jurisdiction in which it holds: an ISO 3166 code, e.g. `RU`.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// The authority that ordered it, in its own language and in the nominative.
    #[serde(default)]
    pub authority: Option<String>,
    /// The authority in English, if it is a known one.
    #[serde(default)]
    pub authority_en: Option<String>,
    /// The number of the order.
    #[serde(default)]
    pub number: Option<String>,
    /// The date of the order.
    #[serde(default)]
    pub date: Option<Date>,
    /// The legal basis: the kind of act, and its issuer.
    #[serde(default)]
    pub basis: Option<String>,
    /// The words of the statement.
    #[serde(default)]
    pub text: String,
    /// The party that states it, e.g. `VK`.
    #[serde(default)]
    pub stated_by: String,
    /// A page of the blocking party with more information (`Link: rel="blocked-by"`, RFC 7725).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The country from which it was seen, if the route's exit is known.
    #[serde(default)]
    pub observed_in: Option<String>,
}

impl Restriction {
    /// The value of [`Restriction::stated_by`] for a community's statement about itself. It is a fixed phrase, not the
    /// community's name: its admins choose the name, and a community named like its platform must not speak for it.
    pub const OWN_WORD: &str = "the community";

    /// The value of [`Restriction::stated_by`] for a response with status 451 (RFC 7725).
    pub const HTTP_451: &str = "HTTP 451";

    /// Returns `true` if only the community itself states it.
    pub fn is_own_word(&self) -> bool {
        self.stated_by == Self::OWN_WORD
    }

    /// A block of which only the words and their author are known.
    pub fn new(text: impl Into<String>, stated_by: impl Into<String>) -> Self {
        Self {
            jurisdiction: None,
            authority: None,
            authority_en: None,
            number: None,
            date: None,
            basis: None,
            text: text.into(),
            stated_by: stated_by.into(),
            link: None,
            observed_in: None,
        }
    }
}
