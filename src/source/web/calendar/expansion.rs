//! The occurrences of a calendar's entries in a window of time, and the gatherings that are made from them.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::components::{Entry, MAX_TEXT, Uid, line};
use super::lines::Property;
use super::recurrence::{self, Excluded, Recurrence};
use super::rule::Budget;
use super::series::{Change, Changes, Series};
use super::value::{self, Lasting};
use super::zones::{RECURS_ON, Start, Zones};
use crate::community::{
    Author, AuthorKind, CalendarEntry, CalendarReading, CommunityId, Coordinates, EntryReading, EntryVersion, Event,
    EventDays, EventStatus, Home, Moment, Place,
};
use crate::source::html;
use crate::source::web::address;

/// The gatherings of a calendar, and what it says about itself.
#[derive(Clone, Debug, Default)]
pub(in crate::source::web) struct Gatherings {
    pub(in crate::source::web) name: Option<String>,
    pub(in crate::source::web) description: Option<String>,
    /// By start.
    pub(in crate::source::web) events: Vec<Event>,
    /// Entries that could not be read, or only in part.
    pub(in crate::source::web) odd: usize,
    /// Entries with a time and no known zone.
    pub(in crate::source::web) floating: usize,
    /// There are more than the limit.
    pub(in crate::source::web) cut: bool,
    /// The text ends before its calendar does.
    pub(in crate::source::web) breaks_off: bool,
    /// The entries by their number ([`CalendarEntry::uid`]).
    pub(super) entries: BTreeMap<u64, EntryReading>,
    pub(super) window: Option<Window>,
    /// Entries of which not even the id is known.
    pub(super) unknown: usize,
}

impl Gatherings {
    /// What this reading of the calendar at `found_at` says about the gatherings that were read from it before.
    pub(in crate::source::web) fn reading(
        &mut self,
        community: &CommunityId,
        found_at: &Url,
    ) -> Option<CalendarReading> {
        let window = self.window?;
        let last = self.events.last().and_then(|event| Some(event.start?.timestamp()));
        // Of more than the limit the earliest are listed.
        let single_to = if self.cut { Some(last?) } else { None };
        Some(CalendarReading {
            calendar: calendar_number(community, found_at),
            entries: std::mem::take(&mut self.entries),
            from: window.from,
            recurs_to: single_to.map_or(window.to, |last| last.min(window.to)),
            single_to,
            reaches: last.filter(|_| !self.cut && !self.breaks_off && self.unknown == 0),
        })
    }
}

fn calendar_number(community: &CommunityId, at: &Url) -> u64 {
    address::item_number(community, &["calendar", at.as_str()])
}

/// A gathering that is to be shown: an entry, or one occurrence of it. Its texts are made later, for those that are shown.
pub(super) struct Occurrence<'e> {
    uid: Uid<'e>,
    entry: &'e Entry<'e>,
    /// The event itself, if the entry is a change that states no start: what the entry lacks is as it was.
    bare: Option<&'e Entry<'e>>,
    start: Start,
    /// Its start by the rule, if it has one: that distinguishes it from the other occurrences.
    original: Option<Timestamp>,
    /// Its own end, if it has one.
    ends: Option<Timestamp>,
    /// The event was called off after the entry was written.
    is_cancelled: bool,
    /// The newer version of the event and the entry.
    version: EntryVersion,
}

impl<'e> Occurrence<'e> {
    fn get(&self, name: &str) -> Option<&'e Property<'e>> {
        self.entry.get(name).or_else(|| self.bare?.get(name))
    }
}

/// The earliest occurrences, as many as are shown.
#[derive(Default)]
pub(super) struct Earliest<'e> {
    pub(super) occurrences: Vec<Occurrence<'e>>,
    pub(super) cut: bool,
}

impl<'e> Earliest<'e> {
    pub(super) fn push(&mut self, occurrence: Occurrence<'e>) {
        self.occurrences.push(occurrence);
        if self.occurrences.len() >= 2 * MAX_EVENTS {
            self.keep_earliest();
        }
    }

    pub(super) fn keep_earliest(&mut self) {
        let key = |one: &Occurrence<'e>| (one.start.instant, one.uid, one.original);
        self.occurrences.sort_by_key(key);
        self.occurrences.dedup_by_key(|one| key(one));
        self.cut |= self.occurrences.len() > MAX_EVENTS;
        self.occurrences.truncate(MAX_EVENTS);
    }
}

/// The time span that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    earliest: Timestamp,
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    pub(super) fn around(at: Timestamp) -> Self {
        let day = |days: i64| at.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(at);
        Self { earliest: day(-SHOWN_BACK), from: day(-RECURS_BACK), to: day(RECURS_ON) }
    }

    /// Whether a single gathering is shown.
    pub(super) fn shows(self, start: Timestamp) -> bool {
        start >= self.earliest
    }
}

/// What all entries of one reading share.
pub(super) struct Expansion<'a> {
    pub(super) community: &'a CommunityId,
    pub(super) base: &'a Url,
    pub(super) zones: &'a Zones,
    pub(super) window: Window,
}

impl Expansion<'_> {
    /// Adds the event of an id, or its occurrences, and what is changed of them. Notes what was read of the event.
    pub(super) fn read<'e>(
        &self,
        uid: Uid<'e>,
        series: &Series<'e>,
        budget: &mut Budget,
        earliest: &mut Earliest<'e>,
        found: &mut Gatherings,
    ) {
        let (odd, cut) = (found.odd, std::mem::take(&mut found.cut));
        self.expand(uid, series, budget, earliest, found);
        let is_whole = found.odd == odd && !found.cut;
        found.cut |= cut;
        // Changes alone say nothing of the event. What breaks off is asked for again.
        let is_known = series.master.is_some() || series.is_called_off();
        if !(is_known || series.is_torn) || (series.is_torn && found.breaks_off) {
            return;
        }
        let is_called_off = series.master.is_none() && series.is_called_off();
        let reading = EntryReading {
            version: series.newest,
            is_whole: is_whole || is_called_off,
            recurs: series.master.is_some_and(recurrence::recurs),
        };
        found.entries.insert(self.number(uid), reading);
    }

    fn number(&self, uid: Uid<'_>) -> u64 {
        address::item_number(self.community, &["uid", &uid.text()])
    }

    fn expand<'e>(
        &self,
        uid: Uid<'e>,
        series: &Series<'e>,
        budget: &mut Budget,
        earliest: &mut Earliest<'e>,
        found: &mut Gatherings,
    ) {
        // Of what is called off, and not known, nothing can be shown.
        found.odd += series.odd + usize::from(series.master.is_none() && series.is_called_off());
        if series.is_torn {
            found.odd += 1;
            return;
        }
        let master = series.master.filter(|entry| !entry.is_torn);
        let master = master.and_then(|entry| Some((entry, self.zones.start_of(entry)?)));
        found.odd += usize::from(series.master.is_some() && master.is_none());
        // What is missing of the event may exclude any of the days that are changed.
        if series.master.is_some_and(|entry| entry.is_torn) {
            return;
        }
        let mut changes = series.changes(master.as_ref().map(|(_, start)| start), self.zones);
        if series.may_miss_changes && master.as_ref().is_some_and(|(entry, _)| recurrence::recurs(entry)) {
            changes.odd += 1;
            changes.is_unknown = true;
        }
        found.odd += changes.odd;
        let mut is_single = false;
        if let Some((entry, start)) = &master {
            is_single = !recurrence::recurs(entry);
            if changes.is_unknown || self.drop_outdated(series, (entry, start), &mut changes, budget).is_none() {
                // Not all exceptions of the event are known: a day that was changed before may be one.
                changes.single.retain(|_, change| series.precedes(change.entry) || change.entry.is_cancelled());
            }
            changes.drop_outdated();
            let event = (*entry, start, series);
            // An occurrence that is changed, and nobody knows which, may be called off. It was counted as odd.
            if !changes.is_unknown && self.occurrences(uid, event, &changes, budget, earliest, found).is_none() {
                found.odd += 1;
            }
        }
        for (was, change) in changes.single {
            let bare = if change.start.is_none() { master.as_ref().map(|(entry, _)| *entry) } else { None };
            let start = change.start.unwrap_or(change.was);
            if change.is_unreadable || !self.window.shows(start.instant) {
                continue;
            }
            found.floating += usize::from(start.floats);
            let is_the_event = is_single && master.as_ref().is_some_and(|(_, start)| start.instant == was);
            let original = if is_the_event { None } else { Some(was) };
            let is_cancelled = series.calls_off(change.entry);
            let version = change.entry.version().newer(series.version());
            let entry = change.entry;
            earliest.push(Occurrence { uid, entry, bare, start, original, ends: None, is_cancelled, version });
        }
    }

    /// Drops the changes of occurrences that a newer form of the event no longer has, and of those that it excludes, unless they were
    /// written later. `None`: its rules cannot be read.
    fn drop_outdated(
        &self,
        series: &Series<'_>,
        (entry, start): (&Entry<'_>, &Start),
        changes: &mut Changes<'_>,
        budget: &mut Budget,
    ) -> Option<()> {
        let may_drop = |change: &Change<'_>| !series.precedes(change.entry);
        let all = || changes.single.iter().chain(&changes.ranges);
        let outdated = || all().filter(|(_, change)| may_drop(change)).map(|(was, _)| *was);
        let (Some(first), Some(last)) = (outdated().min(), outdated().max()) else { return Some(()) };
        let (starts, excluded): (HashSet<Timestamp>, Excluded) = if recurrence::recurs(entry) {
            let recurrence = Recurrence::read(entry, start, (first, last), self.zones, budget)?;
            (recurrence.starts.into_iter().map(|(start, _)| start.instant).collect(), recurrence.excluded)
        } else {
            ([start.instant].into(), Excluded::default())
        };
        let stays = |was: &Timestamp, change: &mut Change<'_>| {
            if series.outdates(change.entry) {
                return starts.contains(was);
            }
            // Of the same version: a day that the event excludes is not held.
            series.precedes(change.entry) || change.entry.is_cancelled() || !excluded.has(&change.was)
        };
        changes.single.retain(stays);
        changes.ranges.retain(stays);
        Some(())
    }

    /// Adds the event, or those of its occurrences that are not changed alone. `None`: its rules cannot be read.
    fn occurrences<'e>(
        &self,
        uid: Uid<'e>,
        (entry, start, series): (&'e Entry<'e>, &Start, &Series<'e>),
        changes: &Changes<'e>,
        budget: &mut Budget,
        earliest: &mut Earliest<'e>,
        found: &mut Gatherings,
    ) -> Option<()> {
        let occurrence = |start: Start, original: Option<Timestamp>, ends: Option<Timestamp>| Occurrence {
            uid,
            entry,
            bare: None,
            start,
            original,
            ends,
            is_cancelled: series.is_called_off(),
            version: series.version(),
        };
        if !recurrence::recurs(entry) {
            if self.window.shows(start.instant) && !changes.single.contains_key(&start.instant) {
                found.floating += usize::from(start.floats);
                earliest.push(occurrence(start.clone(), None, None));
            }
            return Some(());
        }
        // What began before the window may still last.
        let lasts = self.end(entry, None, start).map(|end| end.timestamp().duration_since(start.instant));
        let lasts = lasts.unwrap_or_default().clamp(SignedDuration::ZERO, LONGEST_SHOWN);
        let (from, to) = (self.window.from.saturating_sub(lasts).ok()?, self.window.to);
        let moved = changes.farthest_move();
        let window = (from.saturating_sub(moved).ok()?, to.saturating_add(moved).ok()?);
        let recurrence = Recurrence::read(entry, start, window, self.zones, budget)?;
        found.cut |= recurrence.cut;
        found.odd += usize::from(recurrence.odd);
        let mut floats = recurrence.floats;
        let replaced = strays(changes, &recurrence, window, found);
        for (was, ends) in recurrence.starts {
            if changes.single.contains_key(&was.instant) || replaced.contains(&was.instant) {
                continue;
            }
            let original = was.instant;
            let mut shown = match changes.reaching(original) {
                Some(change) => {
                    let bare = if change.start.is_none() { Some(entry) } else { None };
                    let Some(start) = change.later(&was) else { continue };
                    let is_cancelled = series.calls_off(change.entry);
                    let version = change.entry.version().newer(series.version());
                    Occurrence { entry: change.entry, bare, is_cancelled, version, ..occurrence(start, None, None) }
                }
                None => occurrence(was, None, ends),
            };
            shown.original = Some(original);
            if (from..=to).contains(&shown.start.instant) {
                floats |= shown.start.floats;
                earliest.push(shown);
            }
        }
        found.floating += usize::from(floats);
        Some(())
    }

    /// One gathering.
    pub(super) fn event(&self, occurrence: &Occurrence<'_>) -> Event {
        let Occurrence { uid, start, original, .. } = occurrence;
        let original = original.map(|instant| instant.to_string()).unwrap_or_default();
        let id = address::item_id(self.community, &["event", &uid.text(), &original]);
        let text = |name: &str| occurrence.get(name).map(Property::text).filter(|text| !text.trim().is_empty());
        let name = text("SUMMARY").and_then(|text| line(&text)).unwrap_or_default();
        // An id of this source is valid for every community.
        let mut event = Event::new(id.parse().unwrap_or_else(|_| self.community.clone()), name);
        event.text = text("DESCRIPTION").map(|text| described(&text, self.base)).filter(|text| !text.is_empty());
        event.start = Some(Moment::new(start.instant, start.offset));
        event.end = match occurrence.ends {
            Some(ends) => Some(self.moment(ends, start)),
            None => self.end(occurrence.entry, occurrence.bare, start),
        };
        event.days = start.is_date.then(|| days(start, event.end));
        event.zone = start.zone.name().filter(|_| !start.floats).map(str::to_owned);
        event.place = place(occurrence);
        event.organiser = occurrence.get("ORGANIZER").and_then(|organiser| {
            let name = line(organiser.parameter("CN")?)?;
            let id = address::item_id(self.community, &["author", &name]);
            Some(Author::new(id, name, AuthorKind::Unknown))
        });
        event.home = occurrence
            .get("URL")
            .and_then(|url| html::web_url(&url.value, None))
            .and_then(|url| url.as_str().parse::<Home>().ok());
        event.status = status(occurrence);
        let (uid, calendar) = (self.number(*uid), calendar_number(self.community, self.base));
        event.entry = Some(CalendarEntry { uid, calendar, version: occurrence.version });
        if let Some(text) = &mut event.text {
            text.shrink_to_fit();
        }
        event
    }

    /// The end of an occurrence, as its entry says, or else the event.
    fn end(&self, entry: &Entry<'_>, bare: Option<&Entry<'_>>, start: &Start) -> Option<Moment> {
        let shift = |lasting: Lasting| Some(self.moment(start.after(lasting)?, start));
        let says_end = |entry: &Entry<'_>| entry.get("DURATION").or(entry.get("DTEND")).is_some();
        // An occurrence without a start of its own is as long as the event, unless it says more.
        let entry = bare.filter(|_| !says_end(entry)).unwrap_or(entry);
        if let Some(duration) = entry.get("DURATION") {
            return shift(value::duration(&duration.value)?);
        }
        let first = if entry.get("DTSTART").is_some() { self.zones.start_of(entry)? } else { start.clone() };
        match entry.get("DTEND") {
            Some(end) => {
                let when = value::date_time(&end.value)?;
                let end = self.zones.place_beside(when, end, &first).filter(|end| end.instant >= first.instant)?;
                if first.is_date {
                    let days = i64::from((end.clock.date() - first.clock.date()).get_days());
                    return shift(Lasting { days: days.max(1), time: SignedDuration::ZERO });
                }
                let lasts = end.instant.duration_since(first.instant);
                Some(self.moment(start.instant.checked_add(lasts).ok()?, start))
            }
            None if first.is_date => shift(Lasting { days: 1, time: SignedDuration::ZERO }),
            None => None,
        }
    }

    fn moment(&self, instant: Timestamp, start: &Start) -> Moment {
        let clock = start.zone.clock(instant);
        let offset = clock.duration_since(Offset::UTC.to_datetime(instant));
        let seconds = i32::try_from(offset.as_secs()).unwrap_or_default();
        Moment::new(instant, Offset::from_seconds(seconds).unwrap_or(start.offset))
    }
}

/// The status by the field, never by words. Whether it is over is decided when it is shown.
fn status(occurrence: &Occurrence<'_>) -> EventStatus {
    if occurrence.is_cancelled || occurrence.entry.is_cancelled() {
        EventStatus::Cancelled
    } else if occurrence.entry.is_uncertain() {
        EventStatus::Unknown
    } else {
        EventStatus::Scheduled
    }
}

/// The occurrences for which changes stand that name another hour of their day: `RECURRENCE-ID` names no occurrence, and the day
/// has only one. Some programs write the hour of an earlier form of the event, or that of another zone. What is called off would
/// otherwise be shown as held.
fn strays(
    changes: &Changes<'_>,
    recurrence: &Recurrence,
    (from, to): (Timestamp, Timestamp),
    found: &mut Gatherings,
) -> HashSet<Timestamp> {
    let mut replaced = HashSet::new();
    let is_occurrence = |at: &Timestamp| recurrence.starts.iter().any(|(start, _)| start.instant == *at);
    for (at, change) in changes.single.range(from..=to) {
        if is_occurrence(at) || recurrence.excluded.has(&change.was) {
            continue;
        }
        let day = change.was.clock.date();
        let is_open = |start: &&Start| start.clock.date() == day && !changes.single.contains_key(&start.instant);
        let mut of_day = recurrence.starts.iter().map(|(start, _)| start).filter(is_open);
        match (of_day.next(), of_day.next()) {
            (Some(only), None) => drop(replaced.insert(only.instant)),
            // Nobody knows which of them is meant.
            (Some(_), Some(_)) => found.odd += 1,
            // It names a day on which the event is not held: it is shown as it says itself.
            _ => {}
        }
    }
    replaced
}

/// The days up to an end, which does not belong to them.
fn days(start: &Start, end: Option<Moment>) -> EventDays {
    let first = start.clock.date();
    let end = end.map(|end| start.zone.clock(end.timestamp()));
    let last = end.and_then(|end| end.checked_sub(SignedDuration::from_nanos(1)).ok());
    EventDays::new(first, last.map_or(first, DateTime::date))
}

fn place(occurrence: &Occurrence<'_>) -> Option<Place> {
    // The point of the event is not at the place to which an occurrence is moved.
    let says_place = |entry: &Entry<'_>| entry.get("LOCATION").or(entry.get("GEO")).is_some();
    let entry = occurrence.bare.filter(|_| !says_place(occurrence.entry)).unwrap_or(occurrence.entry);
    let name = entry.get("LOCATION").and_then(|property| line(&property.text()));
    let coordinates = entry.get("GEO").and_then(|geo| {
        let (latitude, longitude) = geo.value.split_once([';', ','])?;
        Coordinates::new(latitude.trim().parse().ok()?, longitude.trim().parse().ok()?)
    });
    (name.is_some() || coordinates.is_some()).then(|| Place { name, coordinates, ..Place::default() })
}

/// A description. The specification says plain text; some programs write HTML.
fn described(text: &str, base: &Url) -> String {
    let is_html = ["</", "<br", "<p>"].iter().any(|tag| text.contains(tag));
    if is_html { html::render(text, Some(base), MAX_TEXT).text } else { html::plain(text, MAX_TEXT).text }
}

/// Days for which a single gathering is shown after it began, and for which a recurring one is shown before now.
const SHOWN_BACK: i64 = 366;
const RECURS_BACK: i64 = 1;

/// How long before the window a recurring gathering may have begun that is shown because it still lasts.
const LONGEST_SHOWN: SignedDuration = SignedDuration::from_hours(24 * 62);

/// The most gatherings of one calendar, including occurrences.
pub(super) const MAX_EVENTS: usize = 10_000;
