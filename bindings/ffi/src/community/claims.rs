//! What is said about reaching a community, and by whom: recorded blocks, its own advice, where it says that it moved,
//! the links it shows.

use byway::community as core_model;

use super::home::Home;
use super::times::CivilDate;

mirror! {
    /// How a community asks to be read.
    AdviceKind of core_model::AdviceKind, else Vpn {
        /// Through Tor or the Tor Browser.
        Tor,
        /// Through a proxy.
        Proxy,
        /// Through a VPN.
        Vpn,
    }
}

mirror! {
    /// The part of a community in which something was found.
    Field of core_model::Field, else Description {
        /// Its name.
        Name,
        /// The line under its name.
        Status,
        /// Its description.
        Description,
        /// The links beside its description.
        Links,
        /// Its pinned post.
        PinnedPost,
        /// A part that this version does not know.
        Elsewhere,
    }
}

/// Another home that a community names as its successor or predecessor. It is shown, but never followed.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Claim {
    /// The home it names.
    pub home: Home,
    /// Where it names it.
    pub field: Field,
    /// The words in which it names it.
    pub text: String,
}

impl From<core_model::Claim> for Claim {
    fn from(core: core_model::Claim) -> Self {
        Self { home: core.home.into(), field: core.field.into(), text: core.text }
    }
}

/// A link that was found in something a community published. Byway never follows it by itself.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Link {
    /// An absolute URL.
    pub url: String,
    /// What it is called where it was found.
    pub text: Option<String>,
}

impl From<core_model::Link> for Link {
    fn from(core: core_model::Link) -> Self {
        Self { url: core.url, text: core.text }
    }
}

/// A recorded block. Every field is a claim of `stated_by`, and not a finding of ours.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Restriction {
    /// Where it applies: an ISO 3166 code, such as `RU`.
    pub jurisdiction: Option<String>,
    /// Who ordered it, in its own language and in the nominative.
    pub authority: Option<String>,
    /// The same in English, if a translation is known.
    pub authority_en: Option<String>,
    /// The number of the order.
    pub number: Option<String>,
    /// The date of the order.
    pub date: Option<CivilDate>,
    /// What it is based on: what kind of act, and whose.
    pub basis: Option<String>,
    /// The words in which it was stated.
    pub text: String,
    /// Who states it, such as `VK`.
    pub stated_by: String,
    /// Where the party that blocks says more (`Link: rel="blocked-by"`, RFC 7725).
    pub link: Option<String>,
    /// The country from which it was seen, if the exit of the route is known.
    pub observed_in: Option<String>,
    /// The community itself states it, and no other party.
    pub is_own_word: bool,
}

impl From<core_model::Restriction> for Restriction {
    fn from(core: core_model::Restriction) -> Self {
        Self {
            is_own_word: core.is_own_word(),
            jurisdiction: core.jurisdiction,
            authority: core.authority,
            authority_en: core.authority_en,
            number: core.number,
            date: core.date.map(Into::into),
            basis: core.basis,
            text: core.text,
            stated_by: core.stated_by,
            link: core.link,
            observed_in: core.observed_in,
        }
    }
}

/// How a community asks to be read, in its own words.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccessAdvice {
    /// The recommended means.
    pub kind: AdviceKind,
    /// The words.
    pub text: String,
    /// Where they were found.
    pub field: Field,
}

impl From<core_model::AccessAdvice> for AccessAdvice {
    fn from(core: core_model::AccessAdvice) -> Self {
        Self { kind: core.kind.into(), text: core.text, field: core.field.into() }
    }
}
