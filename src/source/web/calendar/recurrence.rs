//! The starts of a recurring event: its rules and dates, without those that it excludes (RFC 5545 section 3.8.5).

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::components::Entry;
use super::lines::Property;
use super::rule::{Budget, Rule};
use super::value::{self, MAX_DATES, When};
use super::zone::Zone;
use super::zones::{Start, Zones};

/// The starts of a recurring event in a window of time.
#[derive(Default)]
pub(super) struct Recurrence {
    /// Each with its own end, if it has one.
    pub(super) starts: Vec<(Start, Option<Timestamp>)>,
    /// There are more than the limit.
    pub(super) cut: bool,
    /// A date of a list cannot be read.
    pub(super) odd: bool,
    /// A date of a list names a zone that is not known.
    pub(super) floats: bool,
    pub(super) excluded: Excluded,
}

/// The occurrences that an event excludes.
#[derive(Default)]
pub(super) struct Excluded {
    starts: HashSet<Timestamp>,
    days: HashSet<Date>,
}

impl Excluded {
    pub(super) fn has(&self, start: &Start) -> bool {
        self.starts.contains(&start.instant) || self.days.contains(&start.clock.date())
    }
}

/// Whether an entry has more starts than its own.
pub(super) fn recurs(entry: &Entry<'_>) -> bool {
    ["RRULE", "RDATE"].iter().any(|name| entry.get(name).is_some())
}

impl Recurrence {
    /// The starts of an event that begins at `start`. `None`: not all of its exceptions are known, or a rule cannot be read.
    pub(super) fn read(
        entry: &Entry<'_>,
        start: &Start,
        window: (Timestamp, Timestamp),
        zones: &Zones,
        budget: &mut Budget,
    ) -> Option<Self> {
        let mut found = Self::default();
        let clocks = (start.zone.clock(window.0), start.zone.clock(window.1));
        let mut starts: BTreeMap<Timestamp, (Start, Option<Timestamp>)> = BTreeMap::new();
        let by_clock = |clock: DateTime| start.on(clock).map(|start| (start.instant, (start, None)));
        let mut has_ended = false;
        for property in entry.all("RRULE") {
            let by_rule = by_rule(property, start, clocks, budget)?;
            found.cut |= by_rule.cut;
            has_ended |= by_rule.ends_before_start;
            starts.extend(by_rule.starts.into_iter().filter_map(by_clock));
        }
        // The start of the event is its first one, whether or not its rule gives it (section 3.8.5.3).
        if !has_ended {
            starts.extend(by_clock(start.clock));
        }
        let mut dates = Listed { zones, start, odd: false, floats: false };
        let listed = entry.all("RDATE").flat_map(values).take(MAX_DATES + 1);
        for (count, (property, value)) in listed.enumerate() {
            if count == MAX_DATES {
                found.cut = true;
                break;
            }
            let (begins, ends) = value.split_once('/').map_or((value, None), |(begins, ends)| (begins, Some(ends)));
            let Some((_, start)) = dates.read(begins, property) else { continue };
            let ends = ends.and_then(|ends| dates.end(ends, property, &start));
            starts.insert(start.instant, (start, ends));
        }
        let mut excluded = Excluded::default();
        for (property, value) in entry.all("EXDATE").flat_map(values) {
            // Without all of them, a day that is called off would be shown.
            if !budget.spend(1) {
                return None;
            }
            match dates.read(value, property) {
                // A date without a time excludes the occurrences that begin on that day.
                Some((when, date)) if when.is_date || date.is_date => drop(excluded.days.insert(date.clock.date())),
                Some((_, date)) => drop(excluded.starts.insert(date.instant)),
                // A day on which the gathering is not held, and nobody knows which.
                None => return None,
            }
        }
        let mut by_rules = HashSet::new();
        for property in entry.all("EXRULE") {
            let by_rule = by_rule(property, start, clocks, budget).filter(|by_rule| !by_rule.cut)?;
            by_rules.extend(by_rule.starts);
        }
        (found.odd, found.floats) = (dates.odd, dates.floats);
        found.starts = starts
            .into_values()
            .filter(|(start, _)| !by_rules.contains(&start.clock))
            .filter(|(start, _)| (window.0..=window.1).contains(&start.instant) && !excluded.has(start))
            .collect();
        found.excluded = excluded;
        Some(found)
    }
}

/// Starts by one rule.
struct ByRule {
    starts: Vec<DateTime>,
    cut: bool,
    /// It ends before the event begins. Calendars write it so when all occurrences are called off.
    ends_before_start: bool,
}

fn by_rule(
    property: &Property<'_>,
    start: &Start,
    window: (DateTime, DateTime),
    budget: &mut Budget,
) -> Option<ByRule> {
    let rule = Rule::parse(&property.value)?;
    let until = match rule.until.as_deref() {
        Some(until) => Some(value::date_time(until)?),
        None => None,
    };
    let past = |clock: DateTime| match until {
        Some(until) if until.is_date => clock.date() > until.at.date(),
        Some(until) if until.utc && !start.is_date => start
            .zone
            .instant(clock)
            .is_none_or(|(instant, _)| Zone::Utc.instant(until.at).is_some_and(|(until, _)| instant > until)),
        Some(until) => clock > until.at,
        None => false,
    };
    let occurrences = rule.occurrences(start.clock, window, past, budget);
    Some(ByRule { starts: occurrences.starts, cut: occurrences.cut, ends_before_start: past(start.clock) })
}

/// The values of a list, each with its property.
fn values<'p>(property: &'p Property<'p>) -> impl Iterator<Item = (&'p Property<'p>, &'p str)> {
    property.value.split(',').map(move |value| (property, value)).filter(|(_, value)| !value.trim().is_empty())
}

/// Reads the dates of lists as starts of an event.
struct Listed<'a> {
    zones: &'a Zones,
    start: &'a Start,
    odd: bool,
    floats: bool,
}

impl Listed<'_> {
    /// A start on the clock of the event, and how it is written. A date of an event with a time has the event's time.
    fn read(&mut self, value: &str, property: &Property<'_>) -> Option<(When, Start)> {
        let read = value::date_time(value).and_then(|when| {
            if self.start.is_date {
                return Some((when, self.start.on(self.zones.day(when).at(0, 0, 0, 0))?));
            }
            if when.is_date {
                return Some((when, self.start.on(when.at.date().to_datetime(self.start.clock.time()))?));
            }
            let placed = self.zones.place_beside(when, property, self.start)?;
            self.floats |= placed.floats;
            Some((when, self.start.at_instant(placed.instant)))
        });
        self.odd |= read.is_none();
        read
    }

    /// The end of a period (RFC 5545 section 3.3.9).
    fn end(&mut self, value: &str, property: &Property<'_>, start: &Start) -> Option<Timestamp> {
        let end = match value::duration(value) {
            Some(lasting) => start.after(lasting),
            None => value::date_time(value)
                .and_then(|when| self.zones.place_beside(when, property, start))
                .map(|end| end.instant),
        };
        let end = end.filter(|end| *end >= start.instant);
        self.odd |= end.is_none();
        end
    }
}
