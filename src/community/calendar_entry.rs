//! The entry of a calendar that an event was read from: which readings are of one entry, and which of them is newer.
//!
//! A calendar takes a gathering back by what it lists now: a day is excluded, a series moves, an entry is gone. The store sees that only
//! if it knows which of the events that it keeps belong to one entry.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// The entry that an event was read from, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CalendarEntry {
    /// A number made from the `UID` and the community.
    pub(crate) uid: u64,
    /// A number made from the address of the calendar and the community.
    pub(crate) calendar: u64,
    #[serde(flatten)]
    pub(crate) version: EntryVersion,
}

/// The version of an entry (RFC 5545 section 3.8.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EntryVersion {
    /// `SEQUENCE`; 0 if it is absent.
    pub(crate) sequence: u64,
    /// `LAST-MODIFIED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<DateTime>,
    /// `DTSTAMP`. Some servers write the time of the request here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stamped: Option<DateTime>,
}

impl EntryVersion {
    /// Returns `true` if this version was certainly announced before another one of the same file.
    pub(crate) fn precedes(self, other: Self) -> bool {
        self.sequence < other.sequence || (self.sequence == other.sequence && self.is_written_before(other))
    }

    /// Returns `true` if a reading of this version must not replace the `kept` one, because a cache or someone on the path repeats an old
    /// answer. `calls_off`: the reading calls the gathering off. If we can't tell which one is newer, that counts.
    pub(crate) fn is_outdated_by(self, kept: Self, calls_off: bool) -> bool {
        if self.sequence >= kept.sequence {
            return self.precedes(kept);
        }
        match (self.modified, kept.modified) {
            // An occurrence that is as its series again has the lower number of the series.
            (Some(read), Some(kept)) => read <= kept,
            _ => !calls_off || self.is_written_before(kept),
        }
    }

    fn is_written_before(self, other: Self) -> bool {
        match (self.modified, other.modified) {
            (Some(this), Some(other)) => this < other,
            _ => matches!((self.stamped, other.stamped), (Some(this), Some(other)) if this < other),
        }
    }

    /// The newer one of two.
    pub(crate) fn newer(self, other: Self) -> Self {
        if self.precedes(other) { other } else { self }
    }
}

/// What a reading of a calendar says about the gatherings that were read from it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CalendarReading {
    /// As in [`CalendarEntry::calendar`].
    pub(crate) calendar: u64,
    /// The entries by their number, also those whose gatherings are not shown.
    pub(crate) entries: BTreeMap<u64, EntryReading>,
    /// Gatherings that begin earlier are not judged: recurring ones are listed from this time.
    pub(crate) from: Timestamp,
    /// Occurrences of recurring gatherings are listed up to this time.
    pub(crate) recurs_to: Timestamp,
    /// Single gatherings are listed up to this time. `None`: all of them.
    pub(crate) single_to: Option<Timestamp>,
    /// The start of the last gathering, if the calendar was read as a whole. A gathering up to then whose entry is absent is no longer in
    /// the calendar. Many calendars list the next weeks only, so a later one may still be held.
    pub(crate) reaches: Option<Timestamp>,
}

/// What was read of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryReading {
    /// The newest version of its parts.
    pub(crate) version: EntryVersion,
    /// All of its days are known. Otherwise it is not known whether a day that is not listed was called off.
    pub(crate) is_whole: bool,
    /// It has a rule or a list of dates.
    pub(crate) recurs: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn version(sequence: u64, modified: &str, stamped: &str) -> EntryVersion {
        let at = |text: &str| (!text.is_empty()).then(|| format!("2026-03-{text}T00:00:00").parse().unwrap());
        EntryVersion { sequence, modified: at(modified), stamped: at(stamped) }
    }

    #[test]
    fn an_older_version_is_told_from_a_newer_one() {
        // Read, kept, outdated as it stands, outdated if it calls off.
        let cases = [
            ((1, "", ""), (2, "", ""), (true, false)),
            ((1, "", "05"), (2, "", "06"), (true, true)),
            ((1, "05", ""), (2, "06", ""), (true, true)),
            ((1, "07", ""), (2, "06", ""), (false, false)),
            ((1, "", "07"), (2, "", "06"), (true, false)),
            ((2, "05", ""), (2, "06", ""), (true, true)),
            ((2, "06", "01"), (2, "06", "02"), (false, false)),
            ((2, "", "05"), (2, "", "06"), (true, true)),
            ((2, "", ""), (2, "06", "06"), (false, false)),
            ((3, "05", "05"), (2, "06", "06"), (false, false)),
        ];
        for (read, kept, expected) in cases {
            let [(read, kept)] = [(version(read.0, read.1, read.2), version(kept.0, kept.1, kept.2))];
            let outdated = (read.is_outdated_by(kept, false), read.is_outdated_by(kept, true));
            assert_eq!(outdated, expected, "{read:?} {kept:?}");
        }
    }
}
