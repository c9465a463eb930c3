//! Who may learn that a community is read: one order of levels, for requests and for the store.
//!
//! A request carries an [`Exposure`]; `store` keeps the highest level that each subject ever had. `transport` decides
//! which strategies a level allows (`Strategy::is_allowed_by`), because this module knows no strategy.

use std::fmt;
use std::str::FromStr;

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
