//! The occurrences of a calendar's entries in a window of time, and the gatherings that are made from them.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::components::{Entry, MAX_DATES, MAX_TEXT, Uid, line};
use super::rule::{Budget, Rule};
use super::value::{self, Lasting};
use super::zone::Zone;
use super::zones::{RECURS_ON, Start, Zones};
use crate::community::{
    Author, AuthorKind, CommunityId, Coordinates, Event, EventDays, EventStatus, Home, Moment, Place,
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
}

/// A gathering that is to be shown: an entry, or one occurrence of it. Its texts are made later, for those that are shown.
pub(super) struct Occurrence<'e> {
    pub(super) uid: Uid<'e>,
    pub(super) entry: &'e Entry<'e>,
    pub(super) start: Start,
    /// Its start by the rule, if it has one: that distinguishes it from the other occurrences.
    pub(super) original: Option<Timestamp>,
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
    pub(super) at: Timestamp,
    pub(super) zones: &'a Zones,
    pub(super) window: Window,
}

impl Expansion<'_> {
    /// Adds an entry, or its occurrences. `None`: it cannot be read.
    pub(super) fn expand<'e>(
        &self,
        uid: Uid<'e>,
        entry: &'e Entry<'e>,
        replaced: &HashSet<Timestamp>,
        budget: &mut Budget,
        earliest: &mut Earliest<'e>,
        found: &mut Gatherings,
    ) -> Option<()> {
        let start = self.zones.start_of(entry)?;
        let rules: Vec<Rule> = entry.all("RRULE").map(|rule| Rule::parse(&rule.value)).collect::<Option<_>>()?;
        if rules.is_empty() && entry.get("RDATE").is_none() {
            if self.window.shows(start.instant) {
                found.floating += usize::from(start.floats);
                earliest.push(Occurrence { uid, entry, start, original: None });
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
            earliest.push(Occurrence { uid, entry, start, original: Some(instant) });
        }
        found.floating += usize::from(any && start.floats);
        Some(())
    }

    /// One gathering.
    pub(super) fn event(&self, Occurrence { uid, entry, start, original }: &Occurrence<'_>) -> Event {
        let original = original.map(|instant| instant.to_string()).unwrap_or_default();
        let id = address::item_id(self.community, &["event", &uid.text(), &original]);
        let name = entry.text("SUMMARY").and_then(|text| line(&text)).unwrap_or_default();
        // An id of this source is valid for every community.
        let mut event = Event::new(id.parse().unwrap_or_else(|_| self.community.clone()), name);
        event.text = entry.text("DESCRIPTION").map(|text| described(&text, self.base)).filter(|text| !text.is_empty());
        event.start = Some(Moment::new(start.instant, start.offset));
        event.end = self.end(entry, start);
        event.days = start.is_date.then(|| days(start, event.end));
        event.zone = start.zone.name().filter(|_| !start.floats).map(str::to_owned);
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
        if let Some(text) = &mut event.text {
            text.shrink_to_fit();
        }
        event
    }

    fn end(&self, entry: &Entry<'_>, start: &Start) -> Option<Moment> {
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
    fn status(&self, entry: &Entry<'_>, event: &Event) -> EventStatus {
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

fn place(entry: &Entry<'_>) -> Option<Place> {
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

/// Days for which a single gathering is shown after it began, and for which a recurring one is shown before now.
const SHOWN_BACK: i64 = 366;
const RECURS_BACK: i64 = 1;

/// The most gatherings of one calendar, including occurrences.
pub(super) const MAX_EVENTS: usize = 10_000;
