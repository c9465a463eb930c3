//! The zones of a calendar, and when an event starts in them.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::components::{Calendar, Entry};
use super::lines::Property;
use super::rule::Budget;
use super::value::{self, Lasting, When};
use super::zone::{Observance, Zone};

/// The start of an event.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// The time on the clock of its zone.
    pub(super) clock: DateTime,
    pub(super) zone: Arc<Zone>,
    pub(super) instant: Timestamp,
    pub(super) offset: Offset,
    pub(super) is_date: bool,
    /// It names no zone, or none that is known: its time is that of the device's clock (RFC 5545 section 3.3.5).
    pub(super) floats: bool,
}

impl Start {
    /// The same kind of start at another time of its clock.
    pub(super) fn on(&self, clock: DateTime) -> Option<Self> {
        let (instant, offset) = self.zone.instant(clock)?;
        Some(Self { clock, instant, offset, ..self.clone() })
    }

    /// The same kind of start at an instant. When a clock is set back, it shows one time at two instants.
    pub(super) fn at_instant(&self, instant: Timestamp) -> Self {
        let clock = self.zone.clock(instant);
        let ahead = clock.duration_since(Offset::UTC.to_datetime(instant)).as_secs();
        let offset = i32::try_from(ahead).ok().and_then(|ahead| Offset::from_seconds(ahead).ok());
        Self { clock, instant, offset: offset.unwrap_or(self.offset), ..self.clone() }
    }

    /// The instant after so many days of the calendar (when the clock changes, a day has 23 hours) and this time.
    pub(super) fn after(&self, lasting: Lasting) -> Option<Timestamp> {
        let clock = self.clock.checked_add(lasting.span()?).ok()?;
        self.zone.instant(clock)?.0.checked_add(lasting.time).ok()
    }

    pub(super) fn is_utc(&self) -> bool {
        matches!(*self.zone, Zone::Utc)
    }
}

/// The zones of a calendar.
pub(super) struct Zones {
    described: Vec<(String, Arc<Zone>)>,
    own: Option<Arc<Zone>>,
    utc: Arc<Zone>,
    device: fn() -> TimeZone,
    /// The device's zone, once a time needed it.
    devices: OnceCell<Arc<Zone>>,
}

impl Zones {
    /// The zones of a calendar. `device` is asked for the device's own only if a time needs it.
    pub(super) fn of(calendar: &Calendar<'_>, at: Timestamp, device: fn() -> TimeZone, budget: &mut Budget) -> Self {
        let to = Offset::UTC.to_datetime(at).saturating_add(Span::new().years(ZONES_KNOWN_ON));
        let is_disputed = |name: &str, observances: &[Observance]| {
            calendar.zones.iter().any(|(other, others)| other == name && others != observances)
        };
        let described: Vec<(String, Arc<Zone>)> = calendar
            .zones
            .iter()
            .filter_map(|(name, observances)| {
                let zone = Zone::named(name)
                    .or_else(|| {
                        if is_disputed(name, observances) { None } else { Zone::described(observances, to, budget) }
                    })
                    .or_else(|| Zone::of_windows(name))?;
                Some((name.clone(), Arc::new(zone)))
            })
            .collect();
        // Calendars in one file that disagree state no zone for all of it.
        let own = if let [name] = &calendar.own_zones[..] { find(&described, name) } else { None };
        // A file with one zone means it for all its times.
        let only = match (&described[..], &calendar.own_zones[..]) {
            ([(_, zone)], []) => Some(zone.clone()),
            _ => None,
        };
        Self { described, own: own.or(only), utc: Arc::new(Zone::Utc), device, devices: OnceCell::new() }
    }

    pub(super) fn start_of(&self, entry: &Entry<'_>) -> Option<Start> {
        self.start(entry.get("DTSTART")?)
    }

    pub(super) fn start(&self, property: &Property<'_>) -> Option<Start> {
        self.place(value::date_time(&property.value)?, property)
    }

    /// A time in the zone of its property, or else in that of the calendar.
    pub(super) fn place(&self, when: When, property: &Property<'_>) -> Option<Start> {
        let zone = match self.stated(when, property) {
            Stated::Zone(zone) => Some(zone),
            Stated::Nothing => self.own.clone().filter(|zone| zone.reaches(when.at)),
            // The calendar's own zone may be another one.
            Stated::Unknown => None,
        };
        // A date is the same day everywhere.
        let floats = zone.is_none() && !when.is_date;
        let zone = zone.unwrap_or_else(|| if floats { self.devices().clone() } else { self.utc.clone() });
        started(when, zone, floats)
    }

    /// A time that belongs to an event: without a zone of its own, it lies in the zone of the event's start.
    pub(super) fn place_beside(&self, when: When, property: &Property<'_>, event: &Start) -> Option<Start> {
        match self.stated(when, property) {
            Stated::Zone(zone) => started(when, zone, false),
            Stated::Nothing => started(when, event.zone.clone(), false),
            Stated::Unknown => started(when, event.zone.clone(), true),
        }
    }

    /// The day of an event without a time of day that a value means. Some programs write its midnight, a few in UTC.
    pub(super) fn day(&self, when: When) -> Date {
        if !when.utc || when.at.time() == Time::midnight() {
            return when.at.date();
        }
        let local = self.own.as_ref().unwrap_or_else(|| self.devices());
        let clock = Zone::Utc.instant(when.at).map(|(instant, _)| local.clock(instant));
        clock.filter(|clock| clock.time() == Time::midnight()).unwrap_or(when.at).date()
    }

    fn stated(&self, when: When, property: &Property<'_>) -> Stated {
        if when.utc {
            return Stated::Zone(self.utc.clone());
        }
        let name = property.parameter("TZID").filter(|name| !when.is_date && !name.trim().is_empty());
        let Some(name) = name else { return Stated::Nothing };
        let zone = find(&self.described, name).filter(|zone| zone.reaches(when.at));
        zone.map_or(Stated::Unknown, Stated::Zone)
    }

    fn devices(&self) -> &Arc<Zone> {
        self.devices.get_or_init(|| Arc::new(Zone::of_device((self.device)())))
    }
}

/// What a property says about its zone.
enum Stated {
    Nothing,
    /// A name that is not known here.
    Unknown,
    Zone(Arc<Zone>),
}

fn started(when: When, zone: Arc<Zone>, floats: bool) -> Option<Start> {
    let (instant, offset) = zone.instant(when.at)?;
    Some(Start { clock: when.at, zone, instant, offset, is_date: when.is_date, floats })
}

/// The zone with this name: one of the file, of the database or of Windows.
fn find(described: &[(String, Arc<Zone>)], name: &str) -> Option<Arc<Zone>> {
    let own = described.iter().find(|(known, _)| known == name).map(|(_, zone)| zone.clone());
    own.or_else(|| Zone::named(name).or_else(|| Zone::of_windows(name)).map(Arc::new))
}

/// Years after now for which the rules of a zone that a file describes are followed. A later time counts as one without a known zone.
const ZONES_KNOWN_ON: i64 = 30;

/// Days for which a recurring gathering is shown after now.
pub(super) const RECURS_ON: i64 = 366;
