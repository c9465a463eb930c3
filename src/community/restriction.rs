use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A recorded block. Every field is a claim of [`Restriction::stated_by`], none is a finding of ours.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Restriction {
    /// Where it holds: an ISO 3166 code, e.g. `RU`.
    #[serde(default)]
    pub jurisdiction: Option<String>,
    /// Who ordered it, in its own language and in the nominative.
    #[serde(default)]
    pub authority: Option<String>,
    /// The same in English, where it is a known one.
    #[serde(default)]
    pub authority_en: Option<String>,
    /// The number of the order.
    #[serde(default)]
    pub number: Option<String>,
    /// The date of the order.
    #[serde(default)]
    pub date: Option<Date>,
    /// On what it rests: what kind of act, and whose.
    #[serde(default)]
    pub basis: Option<String>,
    /// The words it was stated in.
    #[serde(default)]
    pub text: String,
    /// Who states it, e.g. `VK`.
    #[serde(default)]
    pub stated_by: String,
    /// Where the blocking party says more (`Link: rel="blocked-by"`, RFC 7725).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The country from which it was seen, where the route's exit is known.
    #[serde(default)]
    pub observed_in: Option<String>,
}

impl Restriction {
    /// [`Restriction::stated_by`] of what a community says of itself. It is a word of ours and never the community's
    /// name, which its admins choose: one that is called as its platform must not speak for it.
    pub const OWN_WORD: &str = "the community";

    /// [`Restriction::stated_by`] of an answer with status 451: the answer's own words (RFC 7725).
    pub const HTTP_451: &str = "HTTP 451";

    /// Whether the community itself states it, and nobody else.
    pub fn is_own_word(&self) -> bool {
        self.stated_by == Self::OWN_WORD
    }

    /// A block of which only the words are known, and who said them.
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
