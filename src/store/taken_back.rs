//! Gatherings that their own calendar took back.
//!
//! A calendar is read as a whole. What it listed before and lists no more was called off, moved or replaced, and no item of the new reading
//! says so: the id of an occurrence is made from its start. So the events that are kept are compared with the entries of the reading.
//! A gathering of an entry that is there and no longer has that day is called off. One whose entry is gone, or cannot be read any more, is
//! removed. Neither disappears from the list, unless the calendar lists the same gathering as another item.
//!
//! An old answer (a cache, or someone on the path of a page in cleartext who repeats it) brings nothing back: the entry of each event is kept
//! with its version.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use rusqlite::params;

use super::StoreError;
use super::changes::Tally;
use super::database::Tx;
use super::item::SealedList;
use super::list_calendar::{self, Calendar, Day};
use super::sealed_list::{self, Row};
use crate::community::{CalendarReading, CommunityId, EntryVersion, Event, EventStatus};

/// What a reading of a calendar writes.
pub(super) struct Judged<'a> {
    /// The events that were read, and those that are kept and were taken back.
    pub(super) events: Cow<'a, [Event]>,
    /// Events of an answer that is older than what is kept. They are not written.
    pub(super) outdated: Vec<CommunityId>,
}

/// An event that is kept, and its row.
struct Kept {
    day: Day,
    row: Row,
    event: Event,
}

/// Compares what is kept of a community with a reading of its calendar. Events that the reading has as other items are deleted.
pub(super) fn judge<'a>(
    tx: &Tx<'_>,
    community: &CommunityId,
    events: &'a [Event],
    reading: &CalendarReading,
    read_at: Timestamp,
    tally: &mut Tally,
) -> Result<Judged<'a>, StoreError> {
    let mut list = Calendar::load(tx, SealedList::Events, community)?;
    let kept = kept_since(tx, &list, reading.from)?;
    if kept.is_empty() {
        return Ok(Judged { events: Cow::Borrowed(events), outdated: Vec::new() });
    }
    let mut newest: BTreeMap<u64, EntryVersion> = BTreeMap::new();
    for entry in kept.iter().filter_map(|kept| kept.event.entry) {
        let known = newest.entry(entry.uid).or_insert(entry.version);
        *known = known.newer(entry.version);
    }
    let is_old = |uid: u64| {
        let (read, known) = (reading.entries.get(&uid), newest.get(&uid));
        read.zip(known).is_some_and(|(read, known)| read.version.is_outdated_by(*known, false))
    };
    let known: HashSet<&str> = kept.iter().map(|kept| kept.event.id.as_str()).collect();
    let is_outdated = |event: &Event| {
        let is_new = !known.contains(event.id.as_str()) && event.status != EventStatus::Cancelled;
        is_new && event.entry.is_some_and(|entry| is_old(entry.uid))
    };
    let outdated: Vec<CommunityId> = events.iter().filter(|event| is_outdated(event)).map(|e| e.id.clone()).collect();
    let read: Vec<&Event> = events.iter().filter(|event| !is_outdated(event)).collect();
    let listed: HashSet<&str> = read.iter().map(|event| event.id.as_str()).collect();
    let held: HashSet<(Option<Timestamp>, &str)> =
        read.iter().filter(|event| is_held(event)).map(|event| (start(event), event.name.as_str())).collect();

    let (mut taken_back, mut replaced): (Vec<Event>, BTreeMap<Day, Vec<Row>>) = Default::default();
    for Kept { day, row, event } in kept {
        if listed.contains(event.id.as_str()) || event.entry.is_some_and(|entry| is_old(entry.uid)) {
            continue;
        }
        let Some(status) = status(&event, reading) else { continue };
        if held.contains(&(start(&event), event.name.as_str())) {
            replaced.entry(day).or_default().push(row);
        } else if is_held(&event) || (status == EventStatus::Cancelled && event.status == EventStatus::Removed) {
            taken_back.push(marked(event, status, reading, read_at));
        }
    }
    if !replaced.is_empty() {
        for (day, rows) in replaced {
            sealed_list::remove_rows(tx, &mut list, day, &rows, tally)?;
        }
        list.save(tx)?;
    }
    let events = if taken_back.is_empty() && outdated.is_empty() {
        Cow::Borrowed(events)
    } else {
        Cow::Owned(read.into_iter().cloned().chain(taken_back).collect())
    };
    Ok(Judged { events, outdated })
}

/// What a reading makes of an event that it does not list. `None`: it says nothing about it.
fn status(event: &Event, reading: &CalendarReading) -> Option<EventStatus> {
    let start = start(event).filter(|start| *start >= reading.from)?;
    let entry = event.entry.and_then(|entry| Some((entry, reading.entries.get(&entry.uid)?)));
    let Some((_, read)) = entry else {
        // What an earlier version of Byway kept names no calendar: a site had one.
        let is_of_it = event.entry.is_none_or(|entry| entry.calendar == reading.calendar);
        return (is_of_it && reading.reaches.is_some_and(|last| start <= last)).then_some(EventStatus::Removed);
    };
    let listed_to = if read.recurs { Some(reading.recurs_to) } else { reading.single_to };
    if listed_to.is_some_and(|to| start > to) {
        return None;
    }
    Some(if read.is_whole { EventStatus::Cancelled } else { EventStatus::Removed })
}

fn marked(event: Event, status: EventStatus, reading: &CalendarReading, read_at: Timestamp) -> Event {
    let mut marked = event;
    marked.status = status;
    marked.status_seen = (status == EventStatus::Removed).then_some(read_at);
    if let Some(entry) = &mut marked.entry
        && let Some(read) = reading.entries.get(&entry.uid)
    {
        entry.version = entry.version.newer(read.version);
    }
    marked
}

fn is_held(event: &Event) -> bool {
    !matches!(event.status, EventStatus::Cancelled | EventStatus::Removed)
}

fn start(event: &Event) -> Option<Timestamp> {
    event.start.map(|start| start.timestamp())
}

/// The events of a list that begin on the day of this time or later.
fn kept_since(tx: &Tx<'_>, list: &Calendar, from: Timestamp) -> Result<Vec<Kept>, StoreError> {
    let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;
    let mut kept = Vec::new();
    for day in list.days.range(list_calendar::day(from.as_microsecond())..).map(|(day, _)| *day) {
        for row in sealed_list::rows_of(tx, list, day)? {
            let sealed = body.query_row(params![row.id], |row| row.get(0))?;
            // An event that this version cannot read is in no list.
            if let Ok(event) = serde_json::from_slice(&row.open_body(tx, list, day, sealed)?) {
                kept.push(Kept { day, row, event });
            }
        }
    }
    Ok(kept)
}
