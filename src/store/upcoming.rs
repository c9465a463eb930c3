//! The coming events of all communities, the earliest start first.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use serde::Serialize;

use super::database::{Tx, place};
use super::item::SealedList;
use super::list_calendar::{self, Calendar, Time};
use super::page::{Cursor, ListPage};
use super::sealed_list::{self, LARGEST_PAGE};
use super::search::rows_of_all;
use super::{Store, StoreError};
use crate::community::{CommunityId, Event};

/// An event, with the community whose list has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UpcomingEvent {
    /// The community.
    pub community: CommunityId,
    /// The event.
    pub event: Event,
}

/// Events that begin before `to` and are not over at `from`, the earliest start first. An event without an end is over
/// when it begins.
fn upcoming(tx: &Tx<'_>, options: UpcomingOptions<'_>) -> Result<ListPage<UpcomingEvent>, StoreError> {
    let UpcomingOptions { from, to, after, limit, zone } = options;
    let limit = limit.clamp(1, LARGEST_PAGE);
    let span = Span::of(from, to, zone.cloned().unwrap_or_else(TimeZone::system));
    let (from, to) = (span.from, span.to);
    let earliest = from.saturating_sub(LONGEST_EVENT);
    // Days are listed by their midnight somewhere else.
    let to = to.saturating_add(LONGEST_DAY);
    let cursor_place = place(b"cursor", &tx.keys.lookup(&[b"upcoming"]));
    let after = match after {
        Some(cursor) => Some(sealed_list::read_order(&cursor.open(tx.keys, &cursor_place)?)?),
        None => None,
    };
    let mut calendars = Calendar::all(tx)?;
    calendars.retain(|calendar| calendar.list == SealedList::Events);
    let first = list_calendar::day(after.map_or(earliest, |(time, _)| time.max(earliest)));
    let last_day = list_calendar::day(to);
    let days = if span.from < span.to && first <= last_day { sealed_list::days(&calendars) } else { BTreeSet::new() };
    let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;
    let mut page = ListPage { items: Vec::new(), next: None, unreadable: 0 };
    let (mut taken, mut last) = (0, None);
    'days: for day in days.into_iter().filter(|day| (first..=last_day).contains(day)) {
        let mut rows = rows_of_all(tx, &calendars, day)?;
        rows.retain(|(_, row)| {
            let order = row.order();
            (earliest..to).contains(&order.0) && after.is_none_or(|after| order > after)
        });
        for (calendar, row) in &rows {
            let sealed = body.query_row(params![row.id], |row| row.get(0))?;
            let event = serde_json::from_slice::<Event>(&row.open_body(tx, calendar, day, sealed)?);
            let start = row.order().0;
            if !event.as_ref().map_or_else(|_| (from..span.to).contains(&start), |event| span.holds(event, start)) {
                continue;
            }
            if taken == limit {
                page.next = last
                    .map(|last| Cursor::seal(tx.keys, &cursor_place, sealed_list::order_bytes(last)))
                    .transpose()?;
                break 'days;
            }
            (taken, last) = (taken + 1, Some(row.order()));
            match event {
                Ok(event) => page.items.push(UpcomingEvent { community: calendar.community.clone(), event }),
                Err(_) => page.unreadable += 1,
            }
        }
    }
    Ok(page)
}

/// The span of time whose events are listed.
struct Span {
    from: Time,
    to: Time,
    /// The dates on the reader's clock then.
    first: Date,
    last: Date,
}

impl Span {
    fn of(from: Timestamp, to: Option<Timestamp>, zone: TimeZone) -> Self {
        // A day that begins when the span ends is not in it.
        let last = to.map(|to| to.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(to));
        Self {
            from: from.as_microsecond(),
            to: to.map_or(Time::MAX, |to| to.as_microsecond()),
            first: zone.to_datetime(from).date(),
            last: last.map_or(Date::MAX, |last| zone.to_datetime(last).date()),
        }
    }

    /// Whether an event with this start is in it. Days are the same days for every reader, and end by the reader's clock.
    fn holds(&self, event: &Event, start: Time) -> bool {
        match event.days {
            Some(days) => days.first <= self.last && self.first <= days.last,
            None => start < self.to && (self.from <= start || ends_after(event, self.from)),
        }
    }
}

fn ends_after(event: &Event, at: Time) -> bool {
    event.end.is_some_and(|end| end.timestamp().as_microsecond() > at)
}

/// By how much the days of two clocks differ, in microseconds: from UTC-12 to UTC+14, and an hour.
const LONGEST_DAY: Time = 27 * 3_600_000_000;

/// An event that began more than a year ago is taken to be over: to find its end, everything since then is opened.
const LONGEST_EVENT: Time = 366 * list_calendar::DAY;

/// Which coming events are listed, and how many.
#[derive(Clone, Copy, Debug)]
pub struct UpcomingOptions<'a> {
    /// Events that are over at this time are left out.
    pub from: Timestamp,
    /// Only events that begin before this time; `None`: all.
    pub to: Option<Timestamp>,
    /// Continue where an earlier page of the same list ended.
    pub after: Option<&'a Cursor>,
    /// How many events at most, 1 to 1000.
    pub limit: usize,
    /// The reader's zone, by which whole days ([`Event::days`]) begin and end; `None`: that of this device.
    pub zone: Option<&'a TimeZone>,
}

impl UpcomingOptions<'_> {
    /// The first 20 events that are not over at this time.
    pub fn since(from: Timestamp) -> Self {
        Self { from, to: None, after: None, limit: 20, zone: None }
    }
}

impl Store {
    /// Events of all communities that begin before [`to`](UpcomingOptions::to) and are not over at
    /// [`from`](UpcomingOptions::from), the earliest start first. An event that began before `from` is included if its
    /// end is known and later, unless it began more than a year earlier. Whole days count by the clock of
    /// [`zone`](UpcomingOptions::zone). An event that two communities keep is returned
    /// for each of them.
    ///
    /// # Errors
    /// [`StoreError::Cursor`], and the errors of every call.
    pub fn upcoming(&self, options: UpcomingOptions<'_>) -> Result<ListPage<UpcomingEvent>, StoreError> {
        self.read(|tx| upcoming(tx, options))
    }
}
