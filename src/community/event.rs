use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Author, CalendarEntry, CommunityId, Home, Moment};

/// A gathering with a time and a place.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The event's id.
    pub id: CommunityId,
    /// The event's name.
    pub name: String,
    /// The event's description.
    #[serde(default)]
    pub text: Option<String>,
    /// The start, in the offset of the place if that is known. If the event lasts whole days ([`Event::days`]), this is
    /// the first midnight.
    #[serde(default)]
    pub start: Option<Moment>,
    /// The end.
    #[serde(default)]
    pub end: Option<Moment>,
    /// The days, if the event has days and no time of day. They are the same days wherever the reader is, so show them
    /// instead of [`Event::start`] and [`Event::end`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<EventDays>,
    /// The IANA name of the time zone, if the source gives one.
    #[serde(default)]
    pub zone: Option<String>,
    /// The place.
    #[serde(default)]
    pub place: Option<Place>,
    /// The organiser.
    #[serde(default)]
    pub organiser: Option<Author>,
    /// Whether the gathering is to be expected.
    #[serde(default)]
    pub status: EventStatus,
    /// The time at which it was last seen to be taken out, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_seen: Option<Timestamp>,
    /// The time at which the known content was read, if it was taken out later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// The time at which this version was written, if the source states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// True if its name or status mentions a cancellation. This is a hint for people: the sentence may be about
    /// something else, and it does not change [`Event::status`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_cancellation: bool,
    /// The numbers of attendees.
    #[serde(default)]
    pub counts: EventCounts,
    /// Its own page.
    #[serde(default)]
    pub home: Option<Home>,
    /// The entry of a calendar that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<CalendarEntry>,
}

impl Event {
    /// An event with only an id and a name.
    pub fn new(id: CommunityId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            text: None,
            start: None,
            end: None,
            days: None,
            zone: None,
            place: None,
            organiser: None,
            status: EventStatus::default(),
            status_seen: None,
            read_at: None,
            edited: None,
            mentions_cancellation: false,
            counts: EventCounts::default(),
            home: None,
            entry: None,
        }
    }
}

impl Event {
    /// The status as of a time. Whether an event is over is decided when it is shown: [`Event::status`] is what its source said, which
    /// no clock has judged. An earlier version kept [`EventStatus::Ended`] by the clock of the reading. If that clock was
    /// ahead and the event is not over, it is [`EventStatus::Unknown`]: its source is not asked here.
    pub fn status_at(&self, now: Timestamp) -> EventStatus {
        match (self.status, self.is_over(now)) {
            (EventStatus::Scheduled | EventStatus::Unknown, Some(true)) => EventStatus::Ended,
            (EventStatus::Ended, Some(false)) => EventStatus::Unknown,
            (status, _) => status,
        }
    }

    /// The event with its status as of a time, as it is shown: see [`Event::status_at`].
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        Self { status: self.status_at(now), ..self }
    }

    /// `None` without a time. Whole days end at different times around the earth; the last one of these counts.
    fn is_over(&self, now: Timestamp) -> Option<bool> {
        let hours = |hours: i64| SignedDuration::from_hours(hours);
        let end = match (self.days, self.end, self.start) {
            (Some(days), ..) => {
                let ends = days.last.to_zoned(TimeZone::UTC).ok()?.timestamp();
                ends.saturating_add(hours(HOURS_OF_A_DAY + MOST_HOURS_BEHIND))
            }
            (None, Some(end), _) => Ok(end.timestamp()),
            // Without an end, it is assumed to last a day at most.
            (None, None, start) => start?.timestamp().saturating_add(hours(HOURS_OF_A_DAY)),
        };
        Some(end.ok()? < now)
    }
}

const HOURS_OF_A_DAY: i64 = 24;

/// How far a clock on the earth is behind UTC at most.
const MOST_HOURS_BEHIND: i64 = 12;

/// The days of an event without a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventDays {
    /// The first day.
    pub first: Date,
    /// The last day, which belongs to the event. It is the first one for an event of one day.
    pub last: Date,
}

impl EventDays {
    /// From the first day to the last one. If that is earlier, the event has one day.
    pub fn new(first: Date, last: Date) -> Self {
        Self { first, last: last.max(first) }
    }
}

/// Whether a gathering is to be expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventStatus {
    /// Announced, and not cancelled.
    Scheduled,
    /// Over. No source says so and it is not kept: [`Event::status_at`] decides it by the clock of the moment.
    Ended,
    /// Cancelled according to a field of its source. Never concluded from words.
    Cancelled,
    /// It was taken out where it was announced, or cannot be read there any more: its page was deleted or banned, or its calendar no
    /// longer has it. The gathering may still be held.
    Removed,
    /// The source does not say, or says that it is not certain (`STATUS:TENTATIVE` of a calendar).
    #[default]
    #[serde(other)]
    Unknown,
}

codes! {
    EventStatus {
        Scheduled = "scheduled",
        Ended = "ended",
        Cancelled = "cancelled",
        Removed = "removed",
        Unknown = "unknown",
    }
}

/// The numbers of attendees, if the source states them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventCounts {
    /// The number of people who said they would come.
    pub going: Option<u64>,
    /// The number of people who may come.
    pub maybe: Option<u64>,
}

/// The place of a gathering.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Place {
    /// The name of the place.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// The coordinates.
    pub coordinates: Option<Coordinates>,
}

/// A point on the earth (WGS 84), in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coordinates {
    /// From -90 (south) to 90.
    pub latitude: f64,
    /// From -180 (west) to 180.
    pub longitude: f64,
}

impl Coordinates {
    /// The point. `None` outside the ranges, and for 0, 0, which is in the sea and not the place of a gathering.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        (on_earth && (latitude, longitude) != (0.0, 0.0)).then_some(Self { latitude, longitude })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn whether_an_event_is_over_is_decided_when_it_is_shown() {
        let now: Timestamp = "2026-12-12T12:00:00Z".parse().unwrap();
        let status = |start: &str, end: Option<&str>, status: EventStatus| {
            let mut event = Event::new(CommunityId::vk(7), "Meeting");
            event.start = start.parse().ok();
            event.end = end.and_then(|end| end.parse().ok());
            event.status = status;
            event.status_at(now)
        };
        use EventStatus::{Cancelled, Ended, Removed, Scheduled, Unknown};
        let (over, later) = ("2026-12-11T11:00:00Z", "2026-12-13T10:00:00Z");
        for (start, end, kept, shown) in [
            (over, None, Scheduled, Ended),
            (over, None, Ended, Ended),
            (over, None, Unknown, Ended),
            (over, Some(later), Scheduled, Scheduled),
            ("2026-12-12T10:00:00Z", None, Scheduled, Scheduled),
            ("2026-12-12T10:00:00Z", Some("2026-12-12T11:00:00Z"), Scheduled, Ended),
            // Read by a clock that was ahead.
            (later, None, Ended, Unknown),
            (later, None, Scheduled, Scheduled),
            (over, None, Cancelled, Cancelled),
            (later, None, Removed, Removed),
            ("", None, Unknown, Unknown),
        ] {
            assert_eq!(status(start, end, kept), shown, "{start} {kept:?}");
        }
        let mut day = Event::new(CommunityId::vk(7), "Fair");
        day.status = Scheduled;
        for (last, shown) in [("2026-12-10", Ended), ("2026-12-11", Scheduled), ("2026-12-12", Scheduled)] {
            let last = last.parse().unwrap();
            day.days = Some(EventDays::new(last, last));
            assert_eq!(day.status_at(now), shown, "{last}");
        }
    }
}
