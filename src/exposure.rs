//! Who may learn that a community is read: one order of levels, for requests and for the store.
//!
//! A request carries an [`Exposure`]; `store` keeps the highest level that each subject ever had. `transport` decides
//! which strategies a level allows (`Strategy::is_allowed_by`), because this module knows no strategy.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// Who may learn that a community is read. It outranks reach and only rises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposure {
    /// Any strategy may be used.
    #[default]
    Open,
    /// Never a direct packet to the community's hosts, DNS included.
    Proxied,
    /// Tor only.
    Tor,
}

// The lowest first. A sealed record of the store holds the same words.
codes! {
    Exposure {
        Open = "open",
        Proxied = "proxied",
        Tor = "tor",
    }
}

impl FromStr for Exposure {
    type Err = UnknownExposure;

    /// Accepts the three words in any case.
    fn from_str(text: &str) -> Result<Self, UnknownExposure> {
        Self::ALL.iter().copied().find(|exposure| text.eq_ignore_ascii_case(exposure.code())).ok_or(UnknownExposure)
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not an [`Exposure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an exposure is `open` (any strategy), `proxied` (never directly) or `tor` (through Tor only)")]
pub struct UnknownExposure;

impl UnknownExposure {
    /// The stable code.
    pub fn code(self) -> &'static str {
        "exposure"
    }
}

/// The exposure that is asked for anywhere in a text, whatever stands before it. A name alone is a part of a page.
pub(crate) fn stated_in(text: &str) -> Result<Exposure, UnknownExposure> {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    let mut asked = decoded.split(SEPARATORS).filter(|part| part.contains('=')).map(asked_by);
    asked.try_fold(Exposure::Open, |exposure, asked| Ok(exposure.max(asked?.unwrap_or(Exposure::Open))))
}

/// The exposure for which a decoded parameter asks, if it is one of an exposure.
pub(crate) fn asked_by(parameter: &str) -> Result<Option<Exposure>, UnknownExposure> {
    let (key, word) = parameter.split_once('=').unwrap_or((parameter, ""));
    // A page writes `&amp;` for `&`, and people copy what it wrote.
    let key = key.trim();
    let key = key.strip_prefix("amp;").unwrap_or(key);
    if key.eq_ignore_ascii_case(PARAMETER) { word.trim().parse().map(Some) } else { Ok(None) }
}

/// What may stand before a parameter in a link that people or programs put together.
const SEPARATORS: [char; 5] = ['?', '&', '#', ';', '/'];

/// The name of the parameter of a link.
const PARAMETER: &str = "exposure";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_exposure_only_rises_by_its_order_and_parses_from_its_word() {
        assert!(Exposure::ALL.is_sorted());
        for exposure in Exposure::ALL.iter().copied() {
            assert_eq!(exposure.to_string().parse(), Ok(exposure));
            assert_eq!(exposure.code().to_uppercase().parse(), Ok(exposure));
            assert_eq!(serde_json::to_string(&exposure).unwrap(), format!("\"{exposure}\""));
        }
        for text in ["", "onion", "tor "] {
            assert_eq!(text.parse::<Exposure>(), Err(UnknownExposure));
        }
    }

    #[test]
    fn codes_on_disk_stay_as_they_are() {
        assert_eq!(
            Exposure::ALL.iter().map(|exposure| exposure.code()).collect::<Vec<_>>(),
            ["open", "proxied", "tor"]
        );
    }
}
