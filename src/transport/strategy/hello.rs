//! How a strategy sends the ClientHello, so that a middlebox that searches it for the name does not find the name.
//!
//! ```text
//! tls=frag                the name is cut across TLS records and across TCP segments
//! tls=records             across TLS records only
//! tls=segments            across TCP segments only
//! tls=frag&tls-delay=20   with 20 ms between the segments
//! ech=prefer              Encrypted ClientHello (RFC 9849) where the host offers it; without it otherwise
//! ech=require             nothing is sent to a host that does not offer it
//! ```

use std::time::Duration;

use super::{MAX_TLS_DELAY_MS, StrategyError};
use crate::wire::tls::Shape;

/// How the ClientHello is cut. This applies to every ClientHello of the strategy: to the host, and to an `https://`
/// proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shaping {
    /// Where it is cut.
    pub(crate) cut: Cut,
    /// The pause between two TCP segments, in milliseconds: some middleboxes reassemble segments that arrive together.
    /// Without segments the pause has no effect, is not printed, and is refused in a URL.
    pub(crate) delay_ms: u16,
}

impl Shaping {
    /// Whether nothing is cut.
    pub(crate) fn is_none(&self) -> bool {
        self.cut == Cut::None
    }

    /// The pause between two pieces.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(u64::from(self.delay_ms))
    }

    /// The same for [`crate::wire::tls`].
    pub(crate) fn shape(&self) -> Shape {
        let (records, segments) = match self.cut {
            Cut::None => (false, false),
            Cut::Records => (true, false),
            Cut::Segments => (false, true),
            Cut::Both => (true, true),
        };
        Shape { records, segments, pause: self.delay() }
    }
}

/// Where a ClientHello is cut. Every cut is within the name, which is found by parsing the ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Cut {
    /// Nowhere.
    #[default]
    None,
    /// Into several TLS records (RFC 8446 section 5.1), which are sent in one write.
    Records,
    /// Into several TCP segments; the record stays whole.
    Segments,
    /// Both: no record and no segment holds the whole name.
    Both,
}

impl Cut {
    /// The value of `tls=`, or `None` if nothing is cut.
    pub(super) fn text(self) -> Option<&'static str> {
        match self {
            Cut::None => None,
            Cut::Records => Some("records"),
            Cut::Segments => Some("segments"),
            Cut::Both => Some("frag"),
        }
    }

    pub(super) fn parse(value: &str) -> Result<Self, StrategyError> {
        [Cut::Both, Cut::Records, Cut::Segments]
            .into_iter()
            .find(|cut| cut.text().is_some_and(|text| text.eq_ignore_ascii_case(value)))
            .ok_or(StrategyError::Tls)
    }
}

pub(super) fn parse_delay(value: &str) -> Result<u16, StrategyError> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    match value.parse() {
        Ok(ms @ 1..=MAX_TLS_DELAY_MS) if digits => Ok(ms),
        _ => Err(StrategyError::TlsDelay),
    }
}

/// Whether the name in the ClientHello is encrypted (RFC 9849), with a key that the host publishes in DNS (RFC 9848).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Ech {
    /// No.
    #[default]
    Off,
    /// If the host offers it and the network lets it through. Otherwise the name is visible.
    Prefer,
    /// Always. If it is not possible, nothing is sent to the host.
    Require,
}

impl Ech {
    /// The value of `ech=`, or `None` if it is off.
    pub(super) fn text(self) -> Option<&'static str> {
        match self {
            Ech::Off => None,
            Ech::Prefer => Some("prefer"),
            Ech::Require => Some("require"),
        }
    }

    pub(super) fn parse(value: &str) -> Result<Self, StrategyError> {
        [Ech::Prefer, Ech::Require]
            .into_iter()
            .find(|ech| ech.text().is_some_and(|text| text.eq_ignore_ascii_case(value)))
            .ok_or(StrategyError::Ech)
    }
}
