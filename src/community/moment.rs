use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// An instant with the local offset of its place: RFC 3339, `2016-11-09T17:00:00+07:00`.
///
/// A [`Timestamp`] would lose that the gathering is at five in the afternoon. A zero offset is written `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    at: Timestamp,
    offset: Offset,
}

impl Moment {
    /// An instant at a place with this offset. Seconds of the offset are dropped, because RFC 3339 cannot express them.
    pub fn new(at: Timestamp, offset: Offset) -> Self {
        let whole_minutes = offset.seconds() / 60 * 60;
        Self { at, offset: Offset::from_seconds(whole_minutes).unwrap_or(Offset::UTC) }
    }

    /// An instant with an unknown offset.
    pub fn utc(at: Timestamp) -> Self {
        Self { at, offset: Offset::UTC }
    }

    /// The instant.
    pub fn timestamp(&self) -> Timestamp {
        self.at
    }

    /// The offset of local time there from UTC.
    pub fn offset(&self) -> Offset {
        self.offset
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.offset == Offset::UTC {
            return write!(f, "{}", self.at);
        }
        write!(f, "{}", self.at.display_with_offset(self.offset))
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let at: Timestamp = text.parse().map_err(|_| MomentError)?;
        let pieces = Pieces::parse(text).map_err(|_| MomentError)?;
        Ok(Self::new(at, pieces.to_numeric_offset().ok_or(MomentError)?))
    }
}

impl TryFrom<String> for Moment {
    type Error = MomentError;

    fn try_from(text: String) -> Result<Self, MomentError> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

/// The text is not an RFC 3339 time with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time must be given as in RFC 3339, with its offset: 2016-11-09T17:00:00+07:00")]
pub struct MomentError;

impl MomentError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        "moment"
    }
}
