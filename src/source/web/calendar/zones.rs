//! The zones of a calendar, and when an event starts in them.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::components::{Calendar, Entry};
use super::lines::Property;
use super::rule::Budget;
use super::value::{self, When};
use super::zone::Zone;

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
        let to = Offset::UTC.to_datetime(at).saturating_add(Span::new().days(RECURS_ON * 3));
        let described: Vec<(String, Arc<Zone>)> = calendar
            .zones
            .iter()
            .filter_map(|(name, observances)| {
                let zone = Zone::named(name)
                    .or_else(|| Zone::described(observances, to, budget))
                    .or_else(|| Zone::of_windows(name))?;
                Some((name.clone(), Arc::new(zone)))
            })
            .collect();
        let own = calendar.zone.as_deref().and_then(known).map(Arc::new);
        // A file with one zone means it for all its times.
        let only = if let [(_, zone)] = &described[..] { Some(zone.clone()) } else { None };
        Self { described, own: own.or(only), utc: Arc::new(Zone::Utc), device, devices: OnceCell::new() }
    }

    pub(super) fn start_of(&self, entry: &Entry<'_>) -> Option<Start> {
        self.start(entry.get("DTSTART")?)
    }

    pub(super) fn start(&self, property: &Property<'_>) -> Option<Start> {
        self.place(value::date_time(&property.value)?, property)
    }

    /// A time in the zone of its property.
    pub(super) fn place(&self, when: When, property: &Property<'_>) -> Option<Start> {
        let named = property.parameter("TZID").filter(|_| !when.utc && !when.is_date).and_then(|name| {
            let described = self.described.iter().find(|(known, _)| known == name).map(|(_, zone)| zone.clone());
            described.or_else(|| known(name).map(Arc::new))
        });
        let zone = if when.utc { Some(self.utc.clone()) } else { named.or_else(|| self.own.clone()) };
        // A date is the same day everywhere.
        let floats = zone.is_none() && !when.is_date;
        let devices = || self.devices.get_or_init(|| Arc::new(Zone::of_device((self.device)())));
        let zone = zone.unwrap_or_else(|| if floats { devices().clone() } else { self.utc.clone() });
        let (instant, offset) = zone.instant(when.at)?;
        Some(Start { clock: when.at, zone, instant, offset, is_date: when.is_date, floats })
    }
}

fn known(name: &str) -> Option<Zone> {
    Zone::named(name).or_else(|| Zone::of_windows(name))
}

/// Days for which a recurring gathering is shown after now.
pub(super) const RECURS_ON: i64 = 366;
