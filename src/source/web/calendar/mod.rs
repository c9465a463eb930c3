//! Reads calendars (iCalendar, RFC 5545) as gatherings.
//!
//! A file is read line by line (`lines`) into components of bounded size. Zones turn times into instants (`zone`,
//! `value`), and recurring events are expanded over a bounded window (`rule`). Each occurrence is a gathering of its
//! own, with an id that stays the same when it is moved. What cannot be read is counted and loses nothing else.

mod lines;
mod rule;
mod value;
mod zone;

pub(super) use lines::{is_calendar, unfolded};

use std::collections::{BTreeMap, HashSet};

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use url::Url;

use self::lines::Property;
use self::rule::{Budget, Rule};
use self::value::{Lasting, When};
use self::zone::{Observance, Zone};
use super::address;
use crate::community::{
    Author, AuthorKind, CommunityId, Coordinates, Event, EventDays, EventStatus, Home, Moment, Place,
};
use crate::source::html;
use crate::source::plain::squeeze;

/// A calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// The zone of times without a zone of their own.
    zone: Option<String>,
    zones: Vec<(String, Vec<Observance>)>,
    entries: Vec<Entry>,
    /// The number of properties of all entries.
    size: usize,
    /// There are more than the limit.
    cut: bool,
}

/// The gatherings of a calendar.
#[derive(Clone, Debug, Default)]
pub(super) struct Gatherings {
    /// By start.
    pub(super) events: Vec<Event>,
    /// Entries that could not be read, or only in part.
    pub(super) odd: usize,
    /// Entries with a time and no known zone.
    pub(super) floating: usize,
    /// There are more than the limit.
    pub(super) cut: bool,
}

/// A `VEVENT`.
#[derive(Clone, Debug, Default)]
struct Entry {
    properties: Vec<Property>,
}

/// Reads a calendar; `None`: the text is not a calendar.
pub(super) fn read(text: &str) -> Option<Calendar> {
    let mut calendar = Calendar::default();
    let mut open: Vec<String> = Vec::new();
    let mut is_calendar = false;
    for property in lines::properties(text) {
        match property.name.as_str() {
            "BEGIN" => {
                let name = property.value.trim().to_ascii_uppercase();
                is_calendar |= name == "VCALENDAR";
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                match name.as_str() {
                    "VEVENT" if open.len() == 1 => {
                        if calendar.entries.len() >= MAX_ENTRIES {
                            calendar.cut = true;
                            break;
                        }
                        calendar.entries.push(Entry::default());
                    }
                    "VTIMEZONE" if calendar.zones.len() < MAX_ZONES => calendar.zones.push(Default::default()),
                    "STANDARD" | "DAYLIGHT" => {
                        if let Some((_, observances)) = calendar.zones.last_mut()
                            && observances.len() < MAX_OBSERVANCES
                        {
                            observances.push(Observance::default());
                        }
                    }
                    _ => {}
                }
                open.push(name);
            }
            "END" => {
                open.pop();
            }
            _ => calendar.take(open.last().map(String::as_str).unwrap_or_default(), property),
        }
    }
    is_calendar.then_some(calendar)
}

impl Calendar {
    /// Whether it holds no event.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn take(&mut self, component: &str, property: Property) {
        match component {
            "VCALENDAR" => match property.name.as_str() {
                "X-WR-CALNAME" | "NAME" => self.name = line(&property.text()).or(self.name.take()),
                "X-WR-CALDESC" | "DESCRIPTION" => {
                    self.description =
                        Some(html::plain(&property.text(), MAX_TEXT).text).filter(|text| !text.is_empty());
                }
                "X-WR-TIMEZONE" => self.zone = Some(property.value),
                _ => {}
            },
            "VEVENT" => {
                if let Some(entry) = self.entries.last_mut()
                    && entry.properties.len() < MAX_PROPERTIES
                    && KEPT.contains(&property.name.as_str())
                {
                    if self.size >= MAX_SIZE {
                        self.cut = true;
                        return;
                    }
                    self.size += 1;
                    entry.properties.push(property);
                }
            }
            "VTIMEZONE" if property.name == "TZID" => {
                if let Some((name, _)) = self.zones.last_mut() {
                    *name = property.value;
                }
            }
            "STANDARD" | "DAYLIGHT" => {
                if let Some(observance) = self.zones.last_mut().and_then(|(_, observances)| observances.last_mut()) {
                    let time = || value::date_time(&property.value).map(|when| when.at);
                    match property.name.as_str() {
                        "DTSTART" => observance.start = time(),
                        "TZOFFSETFROM" => observance.from = value::offset(&property.value),
                        "TZOFFSETTO" => observance.to = value::offset(&property.value),
                        "RRULE" => observance.rule = Rule::parse(&property.value),
                        "RDATE" if observance.dates.len() < MAX_DATES => observance.dates.extend(time()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// The gatherings at a given time: single ones of the last year and all future ones, and occurrences of recurring
    /// ones within a year.
    pub(super) fn gatherings(&self, community: &CommunityId, base: &Url, at: Timestamp) -> Gatherings {
        let mut found = Gatherings { cut: self.cut, ..Gatherings::default() };
        let mut budget = Budget::new();
        let zones = Zones::of(self, at, &mut budget);
        let mut masters: BTreeMap<String, &Entry> = BTreeMap::new();
        let mut moved: BTreeMap<String, Vec<(Timestamp, &Entry)>> = BTreeMap::new();
        for entry in &self.entries {
            let uid = entry.uid();
            match entry.get("RECURRENCE-ID") {
                Some(property) => match zones.start(property) {
                    Some(start) => moved.entry(uid).or_default().push((start.instant, entry)),
                    None => found.odd += 1,
                },
                None => match masters.get(&uid) {
                    // A file may hold an entry and its update.
                    Some(known) if known.sequence() > entry.sequence() => found.odd += 1,
                    Some(_) => {
                        found.odd += 1;
                        masters.insert(uid, entry);
                    }
                    None => {
                        masters.insert(uid, entry);
                    }
                },
            }
        }
        let window = Window::around(at);
        let reading = Expansion { community, base, at, zones: &zones, window };
        for (uid, entry) in &masters {
            let replaced: HashSet<Timestamp> =
                moved.get(uid).into_iter().flatten().map(|(instant, _)| *instant).collect();
            if reading.expand(uid, entry, &replaced, &mut budget, &mut found).is_none() {
                found.odd += 1;
            }
        }
        for (uid, entries) in &moved {
            for (original, entry) in entries {
                match zones.start_of(entry) {
                    Some(start) if window.shows(start.instant) => {
                        found.floating += usize::from(start.floats);
                        found.events.push(reading.event(uid, entry, &start, Some(*original)));
                    }
                    Some(_) => {}
                    None => found.odd += 1,
                }
            }
        }
        let start = |event: &Event| event.start.map(|start| start.timestamp());
        found.events.sort_by(|one, other| (start(one), &one.id).cmp(&(start(other), &other.id)));
        found.events.dedup_by(|one, other| one.id == other.id);
        if found.events.len() > MAX_EVENTS {
            found.cut = true;
            found.events.truncate(MAX_EVENTS);
        }
        found
    }
}

impl Entry {
    fn get(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(Property::text).filter(|text| !text.trim().is_empty())
    }

    /// The calendar's id for the entry, or else its start and summary.
    fn uid(&self) -> String {
        let given = self.get("UID").map(|uid| uid.value.trim().to_owned()).filter(|uid| !uid.is_empty());
        given.unwrap_or_else(|| {
            let part = |name: &str| self.get(name).map(|property| property.value.as_str()).unwrap_or_default();
            format!("\n{}\n{}", part("DTSTART"), part("SUMMARY"))
        })
    }

    fn sequence(&self) -> u64 {
        self.get("SEQUENCE").and_then(|sequence| sequence.value.trim().parse().ok()).unwrap_or_default()
    }
}

/// The time span that is shown.
#[derive(Clone, Copy, Debug)]
struct Window {
    earliest: Timestamp,
    from: Timestamp,
    to: Timestamp,
}

impl Window {
    fn around(at: Timestamp) -> Self {
        let day = |days: i64| at.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(at);
        Self { earliest: day(-SHOWN_BACK), from: day(-RECURS_BACK), to: day(RECURS_ON) }
    }

    /// Whether a single gathering is shown.
    fn shows(self, start: Timestamp) -> bool {
        start >= self.earliest
    }
}

/// The start of an event.
#[derive(Clone, Debug)]
struct Start {
    /// The time on the clock of its zone.
    clock: DateTime,
    zone: Zone,
    instant: Timestamp,
    offset: Offset,
    is_date: bool,
    /// Its zone is unknown.
    floats: bool,
}

/// The zones of a calendar.
struct Zones {
    described: Vec<(String, Zone)>,
    own: Option<Zone>,
}

impl Zones {
    fn of(calendar: &Calendar, at: Timestamp, budget: &mut Budget) -> Self {
        let to = Offset::UTC.to_datetime(at).saturating_add(Span::new().days(RECURS_ON * 3));
        let described: Vec<(String, Zone)> = calendar
            .zones
            .iter()
            .filter_map(|(name, observances)| {
                let zone = Zone::named(name).or_else(|| Zone::described(observances, to, budget))?;
                Some((name.clone(), zone))
            })
            .collect();
        let own = calendar.zone.as_deref().and_then(Zone::named);
        // A file with one zone means it for all its times.
        let only = if let [(_, zone)] = &described[..] { Some(zone.clone()) } else { None };
        Self { described, own: own.or(only) }
    }

    fn start_of(&self, entry: &Entry) -> Option<Start> {
        self.start(entry.get("DTSTART")?)
    }

    fn start(&self, property: &Property) -> Option<Start> {
        self.place(value::date_time(&property.value)?, property)
    }

    /// A time in the zone of its property.
    fn place(&self, when: When, property: &Property) -> Option<Start> {
        let named = property.parameter("TZID").filter(|_| !when.utc && !when.is_date).and_then(|name| {
            let described = self.described.iter().find(|(known, _)| known == name).map(|(_, zone)| zone.clone());
            described.or_else(|| Zone::named(name))
        });
        let zone = if when.utc { Some(Zone::Utc) } else { named.or_else(|| self.own.clone()) };
        // A date is the same day everywhere.
        let floats = zone.is_none() && !when.is_date;
        let zone = zone.unwrap_or(Zone::Utc);
        let (instant, offset) = zone.instant(when.at)?;
        Some(Start { clock: when.at, zone, instant, offset, is_date: when.is_date, floats })
    }
}

/// What all entries of one reading share.
struct Expansion<'a> {
    community: &'a CommunityId,
    base: &'a Url,
    at: Timestamp,
    zones: &'a Zones,
    window: Window,
}

impl Expansion<'_> {
    /// Adds an entry, or its occurrences. `None`: it cannot be read.
    fn expand(
        &self,
        uid: &str,
        entry: &Entry,
        replaced: &HashSet<Timestamp>,
        budget: &mut Budget,
        found: &mut Gatherings,
    ) -> Option<()> {
        let start = self.zones.start_of(entry)?;
        let rules: Vec<Rule> = entry.all("RRULE").map(|rule| Rule::parse(&rule.value)).collect::<Option<_>>()?;
        if rules.is_empty() && entry.get("RDATE").is_none() {
            if self.window.shows(start.instant) {
                found.floating += usize::from(start.floats);
                found.events.push(self.event(uid, entry, &start, None));
            }
            return Some(());
        }
        let window = (start.zone.clock(self.window.from), start.zone.clock(self.window.to));
        let mut clocks: Vec<DateTime> = Vec::new();
        for rule in &rules {
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
            found.cut |= occurrences.cut;
            clocks.extend(occurrences.starts);
        }
        if rules.is_empty() {
            clocks.push(start.clock);
        }
        let listed = |name: &'static str| {
            let values =
                entry.all(name).flat_map(|property| property.value.split(',').map(move |value| (property, value)));
            values.take(MAX_DATES).filter_map(|(property, value)| {
                // A period is represented by its start.
                let start = value.split('/').next().unwrap_or(value);
                self.zones.place(value::date_time(start)?, property)
            })
        };
        clocks.extend(listed("RDATE").map(|date| start.zone.clock(date.instant)));
        clocks.sort_unstable();
        clocks.dedup();
        let (mut excluded, mut days) = (HashSet::new(), HashSet::new());
        for date in listed("EXDATE") {
            // A date without a time excludes the occurrences that begin on that day.
            if date.is_date {
                days.insert(date.clock.date())
            } else {
                excluded.insert(date.instant)
            };
        }
        let mut any = false;
        for clock in clocks {
            let Some((instant, offset)) = start.zone.instant(clock) else { continue };
            let is_in = (self.window.from..=self.window.to).contains(&instant);
            if !is_in || excluded.contains(&instant) || days.contains(&clock.date()) || replaced.contains(&instant) {
                continue;
            }
            any = true;
            let start = Start { clock, instant, offset, ..start.clone() };
            found.events.push(self.event(uid, entry, &start, Some(instant)));
        }
        found.floating += usize::from(any && start.floats);
        Some(())
    }

    /// One gathering. `original` is its start by the rule, if it has one: that distinguishes it from the other
    /// occurrences.
    fn event(&self, uid: &str, entry: &Entry, start: &Start, original: Option<Timestamp>) -> Event {
        let original = original.map(|instant| instant.to_string()).unwrap_or_default();
        let id = address::item_id(self.community, &["event", uid, &original]);
        let name = entry.text("SUMMARY").and_then(|text| line(&text)).unwrap_or_default();
        // An id of this source is valid for every community.
        let mut event = Event::new(id.parse().unwrap_or_else(|_| self.community.clone()), name);
        event.text = entry.text("DESCRIPTION").map(|text| described(&text, self.base)).filter(|text| !text.is_empty());
        event.start = Some(Moment::new(start.instant, start.offset));
        event.end = self.end(entry, start);
        event.days = start.is_date.then(|| days(start, event.end));
        event.zone = start.zone.name().map(str::to_owned);
        event.place = place(entry);
        event.organiser = entry.get("ORGANIZER").and_then(|organiser| {
            let name = line(organiser.parameter("CN")?)?;
            let id = address::item_id(self.community, &["author", &name]);
            Some(Author::new(id, name, AuthorKind::Unknown))
        });
        event.home = entry
            .get("URL")
            .and_then(|url| html::web_url(&url.value, None))
            .and_then(|url| url.as_str().parse::<Home>().ok());
        event.status = self.status(entry, &event);
        event
    }

    fn end(&self, entry: &Entry, start: &Start) -> Option<Moment> {
        let shift = |lasting: Lasting| {
            // Days are days of the calendar: when the clock changes, a day has 23 hours.
            let clock = start.clock.checked_add(lasting.span()?).ok()?;
            let instant = start.zone.instant(clock)?.0.checked_add(lasting.time).ok()?;
            Some(self.moment(instant, start))
        };
        if let Some(duration) = entry.get("DURATION") {
            return shift(value::duration(&duration.value)?);
        }
        let first = self.zones.start_of(entry)?;
        match entry.get("DTEND") {
            Some(end) => {
                let end = self.zones.start(end).filter(|end| end.instant >= first.instant)?;
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

    /// The status by the field and by the time, never by words.
    fn status(&self, entry: &Entry, event: &Event) -> EventStatus {
        let stated = entry.get("STATUS").map(|status| status.value.trim().to_ascii_uppercase());
        if stated.as_deref() == Some("CANCELLED") {
            return EventStatus::Cancelled;
        }
        let day = SignedDuration::from_hours(24);
        let over = event.end.map(|end| end.timestamp()).or_else(|| event.start?.timestamp().checked_add(day).ok());
        if over.is_some_and(|over| over < self.at) { EventStatus::Ended } else { EventStatus::Scheduled }
    }
}

/// The days up to an end, which does not belong to them.
fn days(start: &Start, end: Option<Moment>) -> EventDays {
    let first = start.clock.date();
    let end = end.map(|end| start.zone.clock(end.timestamp()));
    let last = end.and_then(|end| end.checked_sub(SignedDuration::from_nanos(1)).ok());
    EventDays::new(first, last.map_or(first, DateTime::date))
}

fn place(entry: &Entry) -> Option<Place> {
    let name = entry.text("LOCATION").and_then(|text| line(&text));
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

fn line(text: &str) -> Option<String> {
    Some(squeeze(&html::plain(text, MAX_LINE).text)).filter(|line| !line.is_empty())
}

/// The properties that are read.
const KEPT: [&str; 16] = [
    "UID",
    "SUMMARY",
    "DESCRIPTION",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "STATUS",
    "LOCATION",
    "GEO",
    "URL",
    "ORGANIZER",
    "SEQUENCE",
];

/// Days for which a single gathering is shown after it began, and for which a recurring one is shown before and after
/// now.
const SHOWN_BACK: i64 = 366;
const RECURS_BACK: i64 = 1;
const RECURS_ON: i64 = 366;

const MAX_DEPTH: usize = 16;
const MAX_ENTRIES: usize = 10_000;
const MAX_PROPERTIES: usize = 200;

/// Properties of all entries: as many as 10,000 full ones have.
const MAX_SIZE: usize = 160_000;
const MAX_ZONES: usize = 64;
const MAX_OBSERVANCES: usize = 64;
const MAX_DATES: usize = 1000;

/// The most gatherings of one calendar, including occurrences.
const MAX_EVENTS: usize = 10_000;

const MAX_TEXT: usize = 20_000;
const MAX_LINE: usize = 500;

#[cfg(test)]
mod tests;
