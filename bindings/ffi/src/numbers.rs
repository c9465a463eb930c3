//! Numbers and times for other languages. Numbers are signed, because unsigned ones are awkward in Kotlin and Swift.

use std::time::SystemTime;

use byway::jiff::Timestamp;

/// A count of the core. If it is too large for the other language, it becomes the largest number there.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A small count of the core.
pub(crate) fn small(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A length or an index of the core.
pub(crate) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

pub(crate) fn time(at: Timestamp) -> SystemTime {
    at.into()
}
