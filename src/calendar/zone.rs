//! The zones of events: local times with their VTIMEZONE (RFC 5545, section 3.6.5).
//!
//! An event whose zone is known is written in its local time. A calendar then shows it right even if the rules of its reader's
//! own zone, or of this one, have changed since, and can name the zone. The description of the zone is for calendars that do not
//! know its name: it has the changes of its clock that matter for the events, each once and without a rule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::lines::{Lines, has_four_digits};
use crate::community::Event;

/// The zones of the events that were written, by name, with the instants for which each is needed.
#[derive(Default)]
pub(super) struct Zones(BTreeMap<String, (TimeZone, BTreeSet<Timestamp>)>);

impl Zones {
    /// The zone of an event, if the name is one of the time zone database, and each time of the event can be written in it: the hour
    /// that comes twice has one spelling (section 3.3.5), which means the first.
    pub(super) fn add(&mut self, event: &Event) -> Option<Local> {
        let zone = TimeZone::get(event.zone.as_deref()?).ok()?;
        let name = zone.iana_name().filter(|name| is_plain(name) && *name != "UTC")?.to_owned();
        let times = || event.start.iter().chain(&event.end).map(|moment| moment.timestamp());
        let is_written_once = |at: Timestamp| {
            let local = zone.to_datetime(at);
            let is_first = match zone.to_ambiguous_zoned(local).offset() {
                AmbiguousOffset::Unambiguous { .. } => true,
                AmbiguousOffset::Fold { before, .. } => zone.to_offset(at) == before,
                AmbiguousOffset::Gap { .. } => false,
            };
            is_first && has_four_digits(local.year())
        };
        if !times().all(is_written_once) {
            return None;
        }
        self.0.entry(name.clone()).or_insert_with(|| (zone.clone(), BTreeSet::new())).1.extend(times());
        Some(Local { name, zone })
    }

    /// The descriptions of all zones.
    pub(super) fn write(&self, out: &mut Lines) {
        for (name, (zone, times)) in &self.0 {
            out.line("BEGIN", "VTIMEZONE");
            out.line("TZID", name);
            // The last change before each time is the one that counts for it.
            let changes: BTreeMap<Timestamp, Observance> = times.iter().map(|at| Observance::at(zone, *at)).collect();
            changes.values().for_each(|change| change.write(out));
            out.line("END", "VTIMEZONE");
        }
    }
}

/// The local time of one event.
pub(super) struct Local {
    name: String,
    zone: TimeZone,
}

impl Local {
    /// The parameter and the value of a time, e.g. `;TZID=Europe/Moscow` and `20161119T120000`.
    pub(super) fn written(&self, at: Timestamp) -> (String, String) {
        (format!(";TZID={}", self.name), self.zone.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string())
    }
}

/// A period for which a zone has one offset, from the change of the clock that begins it.
struct Observance {
    begin: Timestamp,
    from: Offset,
    to: Offset,
    is_daylight: bool,
    abbreviation: String,
}

impl Observance {
    /// The one in effect at a time, by its begin.
    fn at(zone: &TimeZone, at: Timestamp) -> (Timestamp, Self) {
        let after = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at);
        let change = zone.preceding(after).next();
        let info = zone.to_offset_info(at);
        let begin = change.as_ref().map(|change| change.timestamp()).filter(|begin| *begin >= EARLIEST);
        let before = begin.and_then(|begin| begin.checked_sub(SignedDuration::from_secs(1)).ok());
        let observance = Self {
            begin: begin.unwrap_or(EARLIEST),
            from: before.map_or(info.offset(), |before| zone.to_offset(before)),
            to: info.offset(),
            is_daylight: info.dst().is_dst(),
            abbreviation: info.abbreviation().to_owned(),
        };
        (observance.begin, observance)
    }

    fn write(&self, out: &mut Lines) {
        let kind = if self.is_daylight { "DAYLIGHT" } else { "STANDARD" };
        out.line("BEGIN", kind);
        // The begin is the local time before the change (section 3.6.5).
        out.line("DTSTART", &self.from.to_datetime(self.begin).strftime("%Y%m%dT%H%M%S").to_string());
        out.line("TZOFFSETFROM", &written(self.from));
        out.line("TZOFFSETTO", &written(self.to));
        if is_plain(&self.abbreviation) {
            out.line("TZNAME", &self.abbreviation);
        }
        out.line("END", kind);
    }
}

/// UTC-OFFSET (section 3.3.14): `+0300`, with seconds where there are any.
fn written(offset: Offset) -> String {
    let seconds = offset.seconds().unsigned_abs();
    let sign = if offset.seconds() < 0 { '-' } else { '+' };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let end = if seconds == 0 { String::new() } else { format!("{seconds:02}") };
    format!("{sign}{hours:02}{minutes:02}{end}")
}

/// A name that needs no quotes as a parameter (section 3.1).
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-+".contains(&byte))
}

/// The begin of a zone whose clock did not change later. Calendars do not expect earlier ones.
const EARLIEST: Timestamp = Timestamp::UNIX_EPOCH;
