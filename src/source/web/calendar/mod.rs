//! Reads calendars (iCalendar, RFC 5545) as gatherings.
//!
//! A file is read line by line (`lines`) into components of bounded size. Zones turn times into instants (`zone`,
//! `value`). The entries of one id are an event and the changes of its occurrences (`series`). Recurring events are expanded
//! over a bounded window (`rule`, `recurrence`). Each occurrence is a gathering of its own, with an id that stays the same
//! when it is moved. What cannot be read is counted and loses nothing else.

mod components;
mod expansion;
mod lines;
mod recurrence;
mod rule;
mod series;
mod value;
mod windows;
mod zone;
mod zones;

pub(super) use components::read;
pub(super) use expansion::Gatherings;
pub(super) use lines::{holds_events, is_calendar, unfold};

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use self::components::{Calendar, Uid};
use self::expansion::{Earliest, Expansion, Window};
use self::rule::Budget;
use self::series::Series;
use self::zones::Zones;
use crate::community::{CommunityId, Event};
use crate::source::held_bytes::{self, HeldBytes};

impl Calendar<'_> {
    /// The gatherings at a given time: single ones of the last year and all future ones, and occurrences of recurring
    /// ones within a year.
    pub(super) fn gatherings(
        &self,
        community: &CommunityId,
        base: &Url,
        at: Timestamp,
        device: fn() -> TimeZone,
    ) -> Gatherings {
        let mut found = Gatherings {
            name: self.name.clone(),
            description: self.description.clone(),
            cut: self.cut,
            breaks_off: self.breaks_off,
            odd: self.torn,
            unknown: self.torn,
            window: Some(Window::around(at)),
            ..Gatherings::default()
        };
        let mut budget = Budget::new();
        let zones = Zones::of(self, at, device, &mut budget);
        let mut series: BTreeMap<Uid<'_>, Series<'_>> = BTreeMap::new();
        for entry in &self.entries {
            series.entry(entry.uid()).or_default().add(entry);
        }
        join_changes(&mut series);
        let reading = Expansion { community, base, zones: &zones, window: Window::around(at) };
        let mut earliest = Earliest::default();
        for (uid, series) in &series {
            reading.read(*uid, series, &mut budget, &mut earliest, &mut found);
        }
        earliest.keep_earliest();
        found.cut |= earliest.cut;
        let mut held = HeldBytes::new(MAX_HELD.min(MAX_WITH_TEXT.saturating_sub(self.length)));
        found.events = Vec::with_capacity(earliest.occurrences.len());
        for occurrence in &earliest.occurrences {
            let event = reading.event(occurrence);
            if !held.take(held_bytes::of_event(&event)) {
                found.cut = true;
                break;
            }
            found.events.push(event);
        }
        let start = |event: &Event| event.start.map(|start| start.timestamp());
        found.events.sort_by(|one, other| (start(one), &one.id).cmp(&(start(other), &other.id)));
        found
    }
}

/// Joins changes with the events whose ids differ from theirs in the case of letters alone. Ids differ by case (RFC 5545 section 2), but some
/// programs do not keep it. Changes without an id may belong to any event without one.
fn join_changes(series: &mut BTreeMap<Uid<'_>, Series<'_>>) {
    let orphans: Vec<Uid<'_>> = series.iter().filter(|(_, one)| one.is_orphan()).map(|(uid, _)| *uid).collect();
    if orphans.iter().any(|uid| matches!(uid, Uid::Made(..))) {
        let without_id = series.iter_mut().filter(|(uid, _)| matches!(uid, Uid::Made(..)));
        without_id.for_each(|(_, one)| one.may_miss_changes = true);
    }
    if orphans.is_empty() {
        return;
    }
    let mut events: HashMap<String, Vec<Uid<'_>>> = HashMap::new();
    for (uid, _) in series.iter().filter(|(_, one)| one.master.is_some()) {
        if let Uid::Given(text) = uid {
            events.entry(text.to_ascii_lowercase()).or_default().push(*uid);
        }
    }
    for orphan in orphans {
        let Uid::Given(text) = orphan else { continue };
        let Some([event]) = events.get(&text.to_ascii_lowercase()).map(Vec::as_slice) else { continue };
        let changes = series.remove(&orphan);
        if let (Some(changes), Some(event)) = (changes, series.get_mut(event)) {
            event.take_changes(changes);
        }
    }
}

/// Bytes that the gatherings of one calendar may take: a rule repeats its texts with each occurrence.
const MAX_HELD: usize = 24 << 20;

/// Bytes that they may take together with the text of the calendar.
const MAX_WITH_TEXT: usize = 46 << 20;

#[cfg(test)]
mod tests;
