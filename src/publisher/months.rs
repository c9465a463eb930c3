//! The files of months, and what is done when a thief of one publisher's key has filled them.
//!
//! A month's file has room for a number of bytes and lines, and a head for a number of files. What has no room in this month's file is put into
//! the next one's: readers take events from any file. A folder that was copied from a mirror may have files of months to come, to which nobody
//! has published; where they leave no room for others, what is in them is moved to this month.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::community::Publisher;
use super::error::PublishError;
use super::files::ReadFiles as _;
use crate::signed::{
    Digest, FileEntry, MAX_EVENTS, MAX_FILE_BYTES, MAX_MONTH_BYTES, NEWEST, Role, SignedEvent, month_file, to_minute,
};

impl Publisher {
    /// Adds events to the file of this month, and states the new state.
    pub(super) fn append(&mut self, events: Vec<(SignedEvent, Role)>, now: Timestamp) -> Result<(), PublishError> {
        let mut added = self.displaced_events(now)?;
        let displaced = self.displaced_months(now);
        self.head.files.retain(|entry| !displaced.contains(&entry.name));
        let moved: BTreeSet<Digest> = added.iter().map(|(event, _)| event.id()).collect();
        self.events.retain(|(event, _)| !moved.contains(&event.id()));
        added.extend(events);
        let lines: Vec<String> = added.iter().map(|(event, _)| format!("{}\n", event.to_json())).collect();
        let mut rest = lines.as_slice();
        let mut day = self.day(now);
        for _ in 0..MOST_MONTHS_AHEAD {
            if rest.is_empty() {
                break;
            }
            rest = self.append_to(&month_file(day.year(), day.month()), rest)?;
            day = day.last_of_month().tomorrow().map_err(|_| PublishError::Refused)?;
        }
        if !rest.is_empty() {
            return Err(PublishError::Refused);
        }
        self.events.extend(added);
        self.state(now)
    }

    /// Adds as many lines to a file as it has room for. The answer is the others.
    fn append_to<'a>(&mut self, name: &str, lines: &'a [String]) -> Result<&'a [String], PublishError> {
        let length = self.head.file(name).map_or(0, |entry| entry.bytes);
        let mut bytes = self.files.read(name, MAX_FILE_BYTES)?.unwrap_or_default();
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        let mut count = bytes.iter().filter(|byte| **byte == b'\n').count();
        // More of a month is not taken by every reader.
        let mut room = MAX_MONTH_BYTES.saturating_sub(bytes.len() as u64);
        let fits = |line: &&String| {
            let is_room = count < MAX_EVENTS && line.len() as u64 <= room;
            count += 1;
            room = room.saturating_sub(line.len() as u64);
            is_room
        };
        let (added, rest) = lines.split_at(lines.iter().take_while(fits).count());
        if !added.is_empty() {
            let added = added.concat();
            bytes.extend_from_slice(added.as_bytes());
            self.files.append(name, length, added.as_bytes())?;
            let entry = FileEntry { name: name.to_owned(), bytes: bytes.len() as u64, sha256: Digest::of(&bytes) };
            self.head.files.retain(|known| known.name != entry.name);
            self.head.files.push(entry);
            self.head.files.sort_by(|one, other| one.name.cmp(&other.name));
        }
        Ok(rest)
    }

    /// The months to come, if the head has too many files.
    pub(super) fn displaced_months(&self, now: Timestamp) -> BTreeSet<String> {
        let months = || self.head.files.iter().filter(|entry| entry.name != NEWEST).map(|entry| &entry.name);
        if months().count() <= MOST_MONTHS {
            return BTreeSet::new();
        }
        let day = self.day(now);
        let this_month = month_file(day.year(), day.month());
        months().filter(|name| **name > this_month).cloned().collect()
    }

    /// What counts of the files of these months.
    fn displaced_events(&self, now: Timestamp) -> Result<Vec<(SignedEvent, Role)>, PublishError> {
        let mut ids = BTreeSet::new();
        for name in self.displaced_months(now) {
            let length = self.head.file(&name).map_or(0, |entry| entry.bytes);
            let mut bytes = self.files.read(&name, MAX_FILE_BYTES)?.unwrap_or_default();
            bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            ids.extend(lines.filter_map(|line| Some(SignedEvent::parse(line).ok()?.id())));
        }
        Ok(self.events.iter().filter(|(event, _)| ids.contains(&event.id())).cloned().collect())
    }

    /// The day that decides to which month something is published.
    fn day(&self, now: Timestamp) -> Date {
        to_minute(now).max(self.head.issued).to_zoned(TimeZone::UTC).date()
    }
}

/// Of the 600 months that a head can name, those that are left for what is published next.
const MOST_MONTHS: usize = 590;

/// What has no room in a year of files is more than a community has.
const MOST_MONTHS_AHEAD: usize = 12;
