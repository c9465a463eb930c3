//! Time zones of calendars: by their IANA name, or by the file's own description (RFC 5545 section 3.6.5).

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

use super::lines::Property;
use super::rule::{Budget, Rule};
use super::value::{self, MAX_DATES};
use super::windows;

/// Converts local times to instants.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// A zone of the database.
    Named(TimeZone, String),
    /// A zone that a file describes under a name that the database does not have.
    Described(Described),
    /// UTC.
    Utc,
}

/// A zone as a file describes it.
#[derive(Clone, Debug)]
pub(super) struct Described {
    /// The changes of its clock, by their times.
    onsets: Vec<Onset>,
    /// The local time up to which its changes are known. `None`: all of them are.
    known_to: Option<DateTime>,
}

/// The time from which a clock shows an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Onset {
    /// In the local time before the change.
    at: DateTime,
    from: Offset,
    to: Offset,
}

/// A `STANDARD` or `DAYLIGHT` of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Observance {
    pub(super) start: Option<DateTime>,
    pub(super) from: Option<Offset>,
    pub(super) to: Option<Offset>,
    pub(super) rule: Option<Rule>,
    pub(super) dates: Vec<DateTime>,
    /// A part of it cannot be read. Without it the clock would be wrong for a part of the year.
    pub(super) is_torn: bool,
}

impl Observance {
    /// Takes a property of its description.
    pub(super) fn take(&mut self, property: &Property<'_>) {
        let is_read = match &*property.name {
            "DTSTART" => {
                self.start = value::date_time(&property.value).map(|when| when.at);
                self.start.is_some()
            }
            "TZOFFSETFROM" => {
                self.from = value::offset(&property.value);
                self.from.is_some()
            }
            "TZOFFSETTO" => {
                self.to = value::offset(&property.value);
                self.to.is_some()
            }
            "RRULE" if self.rule.is_none() => {
                self.rule = Rule::parse(&property.value);
                self.rule
                    .as_ref()
                    .is_some_and(|rule| rule.until.as_deref().is_none_or(|until| value::date_time(until).is_some()))
            }
            // Two rules, or one that excludes.
            "RRULE" | "EXRULE" | "EXDATE" => false,
            "RDATE" => property.value.split(',').all(|date| match value::date_time(date) {
                Some(when) if self.dates.len() < MAX_DATES => {
                    self.dates.push(when.at);
                    true
                }
                _ => false,
            }),
            _ => true,
        };
        self.is_torn |= !is_read;
    }
}

/// The offset in a name like `+07`, `-0330`, `+05:30` or `UTC+3`. A name like `GMT+3` is not taken: in POSIX its sign is the
/// other one.
fn offset(name: &str) -> Option<Offset> {
    let name = name.strip_prefix("UTC").unwrap_or(name);
    let (sign, digits) = name.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    if hours.is_empty() {
        return None;
    }
    value::offset(&format!("{sign}{hours:0>2}{minutes}"))
}

impl Zone {
    /// The zone of the database with this name. Some programs put a path of their own before it
    /// (`/freeassociation.sourceforge.net/Europe/Berlin`).
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.len() > LONGEST_NAME {
            return None;
        }
        if matches!(name.to_ascii_uppercase().as_str(), "UTC" | "GMT" | "Z" | "ETC/UTC") {
            return Some(Zone::Utc);
        }
        if let Some(offset) = offset(name) {
            let onsets = vec![Onset { at: DateTime::MIN, from: offset, to: offset }];
            return Some(Zone::Described(Described { onsets, known_to: None }));
        }
        let ends = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
        [name].into_iter().chain(ends).find_map(|name| {
            // A zone's name without a path is an abbreviation (`EST`), which means other hours elsewhere.
            let zone = TimeZone::get(name).ok().filter(|_| name.contains('/'))?;
            let name = zone.iana_name().unwrap_or(name).to_owned();
            Some(Zone::Named(zone, name))
        })
    }

    /// The zone to which Windows gives this name.
    pub(super) fn of_windows(name: &str) -> Option<Self> {
        windows::iana(name).and_then(Self::named)
    }

    /// The zone of the device, for times without one.
    pub(super) fn of_device(zone: TimeZone) -> Self {
        let name = zone.iana_name().unwrap_or_default().to_owned();
        Zone::Named(zone, name)
    }

    /// The zone that a file describes. Rules that do not end are followed to `to`. `None`: not all of its description can be read.
    pub(super) fn described(observances: &[Observance], to: DateTime, budget: &mut Budget) -> Option<Self> {
        let mut onsets = Vec::new();
        let mut known_to = None;
        for Observance { start, from, to: after, rule, dates, is_torn } in observances {
            if *is_torn {
                return None;
            }
            let (Some(start), Some(from), Some(after)) = (*start, *from, *after) else { return None };
            let mut starts = vec![start];
            starts.extend(dates);
            if let Some(rule) = rule {
                let until = rule.until.as_deref().and_then(value::date_time);
                if until.is_none_or(|until| until.at >= to) {
                    known_to = Some(to);
                }
                // The end of a rule is given in UTC, by the offset that ends.
                let past = |at: DateTime| {
                    until.as_ref().is_some_and(|until| {
                        at > if until.utc { shifted(until.at, from).unwrap_or(until.at) } else { until.at }
                    })
                };
                // Some files begin in 1601.
                let from = to.checked_sub(Span::new().years(YEARS_BACK)).unwrap_or(start);
                let found = rule.occurrences(start, (from, to), past, budget);
                // Half of the changes of a clock would give wrong hours.
                if found.cut {
                    return None;
                }
                starts.extend(found.starts);
            }
            onsets.extend(starts.into_iter().map(|at| Onset { at, from, to: after }));
        }
        onsets.sort_by_key(|onset| onset.at);
        onsets.dedup();
        if let Some(first_left_out) = onsets.get(MAX_ONSETS) {
            known_to = Some(first_left_out.at);
        }
        onsets.truncate(MAX_ONSETS);
        (!onsets.is_empty()).then_some(Zone::Described(Described { onsets, known_to }))
    }

    /// Whether it is known what a clock in this zone shows at a local time.
    pub(super) fn reaches(&self, at: DateTime) -> bool {
        match self {
            Zone::Described(Described { known_to: Some(to), .. }) => at < *to,
            _ => true,
        }
    }

    /// The instant at which a clock in this zone shows a time, and the offset then. A skipped time uses the offset
    /// before the change; a repeated time is the first one (RFC 5545 section 3.3.5).
    pub(super) fn instant(&self, at: DateTime) -> Option<(Timestamp, Offset)> {
        match self {
            Zone::Utc => Some((TimeZone::UTC.to_timestamp(at).ok()?, Offset::UTC)),
            Zone::Named(zone, _) => {
                let instant = zone.to_ambiguous_timestamp(at).compatible().ok()?;
                Some((instant, zone.to_offset(instant)))
            }
            Zone::Described(Described { onsets, .. }) => {
                let after = onsets.partition_point(|onset| onset.at <= at);
                let offset = match after.checked_sub(1).and_then(|last| onsets.get(last)) {
                    Some(onset) if onset.skips(at) => onset.from,
                    Some(onset) => onset.to,
                    None => onsets.first()?.from,
                };
                let instant = offset.to_timestamp(at).ok()?;
                // A skipped time counts by the clock after the change.
                let skipped = after.checked_sub(1).and_then(|last| onsets.get(last)).filter(|onset| onset.skips(at));
                Some((instant, skipped.map_or(offset, |onset| onset.to)))
            }
        }
    }

    /// What a clock in this zone shows at an instant.
    pub(super) fn clock(&self, instant: Timestamp) -> DateTime {
        match self {
            Zone::Utc => Offset::UTC.to_datetime(instant),
            Zone::Named(zone, _) => zone.to_datetime(instant),
            Zone::Described(Described { onsets, .. }) => {
                let has_come = |onset: &Onset| onset.from.to_timestamp(onset.at).is_ok_and(|at| at <= instant);
                let last = onsets.iter().rev().find(|onset| has_come(onset));
                let offset = last.map(|onset| onset.to).or_else(|| onsets.first().map(|onset| onset.from));
                offset.unwrap_or(Offset::UTC).to_datetime(instant)
            }
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Zone::Named(_, name) => Some(name),
            Zone::Utc | Zone::Described(_) => None,
        }
    }
}

impl Onset {
    /// Whether the clock skips this time.
    fn skips(&self, at: DateTime) -> bool {
        let gap = i64::from(self.to.seconds()) - i64::from(self.from.seconds());
        gap > 0 && self.at.checked_add(SignedDuration::from_secs(gap)).is_ok_and(|end| (self.at..end).contains(&at))
    }
}

fn shifted(at: DateTime, offset: Offset) -> Option<DateTime> {
    at.checked_add(SignedDuration::from_secs(offset.seconds().into())).ok()
}

/// `America/Argentina/ComodRivadavia` with a path before it.
const LONGEST_NAME: usize = 128;

/// For how many years the rules of a zone are followed. A gathering that began earlier still has its local time.
const YEARS_BACK: i64 = 60;

/// Two a year over five centuries.
const MAX_ONSETS: usize = 1000;
