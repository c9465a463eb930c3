//! Times in signed documents: whole seconds since 1970, in UTC, between 2000 and 2100.

use jiff::Timestamp;

/// 2000-01-01T00:00:00Z. Nothing of a community on the internet is older, and a clock that lost its battery says 1970.
pub(super) const EARLIEST: i64 = 946_684_800;

/// 2100-01-01T00:00:00Z.
pub(super) const LATEST: i64 = 4_102_444_800;

/// Returns `true` if a document may name this time.
pub fn is_plausible(at: Timestamp) -> bool {
    (EARLIEST..=LATEST).contains(&at.as_second()) && at.subsec_nanosecond() == 0
}

/// A time in a document, for serde: a number. A number beyond every calendar is the end of all time, which no document may name, so
/// that it breaks the rule for times and not the form.
pub(super) mod seconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::signed) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_second())
    }

    pub(in crate::signed) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let number = u64::deserialize(deserializer)?;
        let second = i64::try_from(number).ok().and_then(|second| Timestamp::from_second(second).ok());
        Ok(second.unwrap_or(Timestamp::MAX))
    }
}

/// This long after a time. At the end of all time it is the end of all time.
pub(super) fn after(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(at.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// The time rounded down to the minute. A published second would tell observers of an upload who wrote the post.
pub fn to_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(60) * 60).unwrap_or(at)
}
