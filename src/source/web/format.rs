//! The formats that a home on the web is read from.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A format in which a site publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebFormat {
    /// A feed in Atom (RFC 4287).
    Atom,
    /// A feed in RSS 0.9x, 1.0 or 2.0.
    Rss,
    /// A feed in JSON Feed 1 or 1.1.
    JsonFeed,
    /// A calendar (iCalendar, RFC 5545).
    Calendar,
}

codes! {
    WebFormat {
        Atom = "atom",
        Rss = "rss",
        JsonFeed = "json_feed",
        Calendar = "calendar",
    }
}

impl Serialize for WebFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for WebFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        let known = WebFormat::ALL.iter().find(|format| format.code() == code);
        known.copied().ok_or_else(|| D::Error::custom("no format of this name is known"))
    }
}
