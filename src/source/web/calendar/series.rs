//! The entries of one id: the event, and the changes of its occurrences (RFC 5545 section 3.8.4.4).

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span, Timestamp};

use super::components::Entry;
use super::value;
use super::zones::{Start, Zones};
use crate::community::EntryVersion;

/// The entries of one id.
#[derive(Default)]
pub(super) struct Series<'e> {
    /// The newest form of the event itself.
    pub(super) master: Option<&'e Entry<'e>>,
    changes: Vec<&'e Entry<'e>>,
    /// The newest entry that calls off the event, and states nothing else.
    called_off: Option<EntryVersion>,
    /// An entry has no end: it may call off any day.
    pub(super) is_torn: bool,
    /// There are changes of occurrences without an id, which may be those of this event.
    pub(super) may_miss_changes: bool,
    /// The newest version of all entries.
    pub(super) newest: EntryVersion,
    /// Entries of the same version that contradict each other.
    pub(super) odd: usize,
}

/// The changes of the occurrences of one event, by the occurrence that they change.
#[derive(Default)]
pub(super) struct Changes<'e> {
    /// Each changes one occurrence.
    pub(super) single: BTreeMap<Timestamp, Change<'e>>,
    /// Each changes one occurrence and all later ones (`RANGE=THISANDFUTURE`, section 3.2.13).
    pub(super) ranges: BTreeMap<Timestamp, Change<'e>>,
    /// The occurrence that a change concerns cannot be read. It may be any, and it may be called off.
    pub(super) is_unknown: bool,
    /// Changes of which it is not known what they change, or of which occurrences.
    pub(super) odd: usize,
}

/// A change of an occurrence.
#[derive(Clone)]
pub(super) struct Change<'e> {
    pub(super) entry: &'e Entry<'e>,
    /// The start that it gives the occurrence; `None`: it states none.
    pub(super) start: Option<Start>,
    /// It states a start that cannot be read: neither the old hour nor any other is the right one.
    pub(super) is_unreadable: bool,
    /// The occurrence that it changes, as it was.
    pub(super) was: Start,
}

impl<'e> Series<'e> {
    pub(super) fn add(&mut self, entry: &'e Entry<'e>) {
        self.newest = self.newest.newer(entry.version());
        if entry.has_no_end {
            self.is_torn = true;
            return;
        }
        self.odd += usize::from(entry.has_odd_status());
        if entry.get("RECURRENCE-ID").is_some() {
            return self.changes.push(entry);
        }
        if entry.is_cancelled() && entry.get("DTSTART").is_none() {
            let version = entry.version();
            self.called_off = Some(self.called_off.map_or(version, |known| known.newer(version)));
            return;
        }
        match self.master {
            Some(known) => {
                let (entry, is_odd) = newer(known, entry);
                self.odd += usize::from(is_odd);
                self.master = Some(entry);
            }
            None => self.master = Some(entry),
        }
    }

    /// Moves the changes of an event that is not known to that event.
    pub(super) fn take_changes(&mut self, other: Series<'e>) {
        other.changes.into_iter().for_each(|entry| self.add(entry));
    }

    /// Whether it has changes of an event, and not the event.
    pub(super) fn is_orphan(&self) -> bool {
        self.master.is_none() && self.called_off.is_none() && !self.changes.is_empty()
    }

    /// The version of the event itself.
    pub(super) fn version(&self) -> EntryVersion {
        let master = self.master.map(Entry::version).unwrap_or_default();
        self.called_off.map_or(master, |off| master.newer(off))
    }

    /// Whether the event is called off as a whole, in a form that is not older than the one that is shown.
    pub(super) fn is_called_off(&self) -> bool {
        self.called_off.is_some_and(|off| self.master.is_none_or(|master| !off.precedes(master.version())))
    }

    /// Whether the event was called off, and one of its occurrences was not changed after that. If we can't tell which was first, what
    /// calls off counts.
    pub(super) fn calls_off(&self, change: &Entry<'_>) -> bool {
        let master = self.master.filter(|master| master.is_cancelled()).map(Entry::version);
        [master, self.called_off].into_iter().flatten().any(|off| !off.precedes(change.version()))
    }

    /// The changes of the occurrences of an event with this start. If the event is not known, they stand for themselves.
    pub(super) fn changes(&self, event: Option<&Start>, zones: &Zones) -> Changes<'e> {
        let mut changes = Changes::default();
        for entry in &self.changes {
            let Some((change, reaches)) = change(entry, event, zones) else {
                changes.odd += 1;
                changes.is_unknown = true;
                continue;
            };
            match reaches {
                Reaches::One => {}
                Reaches::AllLater => changes.odd += insert(&mut changes.ranges, change.clone()),
                Reaches::Unknown => changes.odd += 1,
            }
            changes.odd += usize::from(change.is_unreadable);
            changes.odd += insert(&mut changes.single, change);
        }
        changes
    }

    /// Whether the event was announced anew after one of its occurrences was changed.
    pub(super) fn outdates(&self, change: &Entry<'_>) -> bool {
        self.master.is_some_and(|master| change.version().precedes(master.version()))
    }

    /// Whether a change of an occurrence counts although the event excludes that occurrence: it was written later.
    pub(super) fn precedes(&self, change: &Entry<'_>) -> bool {
        self.master.is_none_or(|master| master.version().precedes(change.version()))
    }
}

/// Which occurrences a change concerns.
enum Reaches {
    One,
    AllLater,
    /// A range that the specification does not have, or no longer has.
    Unknown,
}

/// The newer of two forms of one entry, and whether they contradict each other. Then the one that calls off counts, or else the later one in
/// the file.
fn newer<'e>(known: &'e Entry<'e>, other: &'e Entry<'e>) -> (&'e Entry<'e>, bool) {
    let (before, after) = (known.version(), other.version());
    let is_odd = before == after && known != other;
    let known_counts =
        if after.precedes(before) || before.precedes(after) || known.is_cancelled() == other.is_cancelled() {
            after.precedes(before)
        } else {
            known.is_cancelled()
        };
    (if known_counts { known } else { other }, is_odd)
}

fn insert<'e>(changes: &mut BTreeMap<Timestamp, Change<'e>>, change: Change<'e>) -> usize {
    let at = change.was.instant;
    match changes.get(&at) {
        Some(known) => {
            let (entry, is_odd) = newer(known.entry, change.entry);
            if !std::ptr::eq(entry, known.entry) {
                changes.insert(at, change);
            }
            usize::from(is_odd)
        }
        None => {
            changes.insert(at, change);
            0
        }
    }
}

/// What an entry changes, and into what. `None`: it cannot be read.
fn change<'e>(entry: &'e Entry<'e>, event: Option<&Start>, zones: &Zones) -> Option<(Change<'e>, Reaches)> {
    let start = zones.start_of(entry).filter(|_| !entry.is_torn);
    let is_unreadable = entry.is_torn || (start.is_none() && entry.get("DTSTART").is_some());
    let property = entry.get("RECURRENCE-ID")?;
    let when = value::date_time(&property.value)?;
    let was = match event.or(start.as_ref()) {
        Some(event) if event.is_date => event.on(zones.day(when).at(0, 0, 0, 0))?,
        // A date stands for the occurrence of that day.
        Some(event) if when.is_date => event.on(when.at.date().to_datetime(event.clock.time()))?,
        Some(event) => event.at_instant(zones.place_beside(when, property, event)?.instant),
        None => zones.place(when, property)?,
    };
    let reaches = match property.parameter("RANGE") {
        None => Reaches::One,
        Some(range) if range.eq_ignore_ascii_case("THISANDFUTURE") && event.is_some() => Reaches::AllLater,
        Some(_) => Reaches::Unknown,
    };
    Some((Change { entry, start, is_unreadable, was }, reaches))
}

impl<'e> Changes<'e> {
    /// The change that reaches an occurrence from an earlier one: of the newest, the latest.
    pub(super) fn reaching(&self, occurrence: Timestamp) -> Option<&Change<'e>> {
        let reaching = self.ranges.range(..occurrence).map(|(_, change)| change);
        reaching.reduce(|best, next| if next.version().precedes(best.version()) { best } else { next })
    }

    /// A change of one occurrence does not count where all later ones were changed after it was written, or are called off and we can't
    /// tell which was first.
    pub(super) fn drop_outdated(&mut self) {
        let mut single = std::mem::take(&mut self.single);
        single.retain(|at, change| {
            self.reaching(*at).is_none_or(|range| {
                let is_older = change.version().precedes(range.version());
                !is_older && (!range.entry.is_cancelled() || range.version().precedes(change.version()))
            })
        });
        self.single = single;
    }

    /// The most by which changes of all later occurrences move them, and never more than a year.
    pub(super) fn farthest_move(&self) -> SignedDuration {
        let moves = self.ranges.values().filter_map(|change| Some(change.moved_by(change.start.as_ref()?).abs()));
        moves.max().unwrap_or(SignedDuration::ZERO).min(FARTHEST_MOVE)
    }
}

impl Change<'_> {
    fn version(&self) -> EntryVersion {
        self.entry.version()
    }

    /// The start that it gives to a later occurrence.
    pub(super) fn later(&self, occurrence: &Start) -> Option<Start> {
        let Some(start) = &self.start else {
            return if self.is_unreadable { None } else { Some(occurrence.clone()) };
        };
        if start.is_date {
            let days = (start.clock.date() - self.was.clock.date()).get_days();
            let day = occurrence.clock.date().checked_add(Span::new().days(days)).ok()?;
            return start.on(day.at(0, 0, 0, 0));
        }
        let moved = |clock: DateTime, start: &Start| clock.checked_add(self.moved_by(start)).ok();
        if start.is_utc() && !occurrence.is_date {
            // The event keeps its clock.
            let beside = occurrence.on(occurrence.zone.clock(start.instant))?;
            return occurrence.on(moved(occurrence.clock, &beside)?);
        }
        start.on(moved(occurrence.clock, start)?)
    }

    /// By how much it moves the occurrence on the clock.
    fn moved_by(&self, start: &Start) -> SignedDuration {
        start.clock.duration_since(self.was.clock)
    }
}

/// Occurrences are shown for about a year; they are looked for as far around it.
const FARTHEST_MOVE: SignedDuration = SignedDuration::from_hours(24 * 366);
