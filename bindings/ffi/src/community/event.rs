//! An event: a gathering with a time and a place.

use std::time::SystemTime;

use byway::community as core_model;

use super::author::Author;
use super::home::Home;
use super::times::{EventDays, Moment};
use crate::numbers::{number, time};

mirror! {
    /// Whether a gathering was expected to take place when it was read.
    EventStatus of core_model::EventStatus, else Unknown {
        /// It is announced and not over.
        Scheduled,
        /// It is over.
        Ended,
        /// Its source has a field for this, and it says so. This is never concluded from words.
        Cancelled,
        /// It was taken out where it was announced, or cannot be read there any more: its page was deleted or banned, or its
        /// calendar no longer has it. It may still be held.
        Removed,
        /// The source does not say, or says that it is not certain.
        Unknown,
    }
}

/// A gathering with a time and a place.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Event {
    /// Its machine-readable id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub text: Option<String>,
    /// When it begins, in the local offset of the place if that is known.
    pub start: Option<Moment>,
    /// When it ends.
    pub end: Option<Moment>,
    /// Its days, if it has days and no time of day. They are the same days wherever the reader is: show them instead of
    /// `start` and `end`.
    pub days: Option<EventDays>,
    /// The IANA name of its time zone, if the source gives one.
    pub zone: Option<String>,
    /// Where it takes place.
    pub place: Option<Place>,
    /// Who organises it.
    pub organiser: Option<Author>,
    /// Whether it is still expected to take place.
    pub status: EventStatus,
    /// When its page was last seen to be removed, if it was.
    pub status_seen: Option<SystemTime>,
    /// When the version that is shown was signed, if the source signs versions.
    pub edited: Option<SystemTime>,
    /// When what is known of it was read, if its page was removed later.
    pub read_at: Option<SystemTime>,
    /// Its name or status mentions a cancellation. This is a hint for people: the sentence may be about something else,
    /// so it does not change `status`.
    pub mentions_cancellation: bool,
    /// Who comes.
    pub counts: EventCounts,
    /// Its own page.
    pub home: Option<Home>,
    /// It can be put into a calendar: its start is known.
    pub is_in_icalendar: bool,
}

impl From<core_model::Event> for Event {
    fn from(core: core_model::Event) -> Self {
        Self {
            is_in_icalendar: byway::is_in_icalendar(&core),
            status: core.status_at(byway::jiff::Timestamp::now()).into(),
            id: core.id.to_string(),
            name: core.name,
            text: core.text,
            start: core.start.map(Into::into),
            end: core.end.map(Into::into),
            days: core.days.map(Into::into),
            zone: core.zone,
            place: core.place.map(Into::into),
            organiser: core.organiser.map(Into::into),
            status_seen: core.status_seen.map(time),
            edited: core.edited.map(time),
            read_at: core.read_at.map(time),
            mentions_cancellation: core.mentions_cancellation,
            counts: core.counts.into(),
            home: core.home.map(Into::into),
        }
    }
}

/// Who comes, if the source says so.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct EventCounts {
    /// Those who said that they come.
    pub going: Option<i64>,
    /// Those who perhaps come.
    pub maybe: Option<i64>,
}

impl From<core_model::EventCounts> for EventCounts {
    fn from(core: core_model::EventCounts) -> Self {
        Self { going: core.going.map(number), maybe: core.maybe.map(number) }
    }
}

/// A point on the earth (WGS 84), in degrees.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Coordinates {
    /// From -90 (south) to 90.
    pub latitude: f64,
    /// From -180 (west) to 180.
    pub longitude: f64,
}

impl From<core_model::Coordinates> for Coordinates {
    fn from(core: core_model::Coordinates) -> Self {
        Self { latitude: core.latitude, longitude: core.longitude }
    }
}

/// Where an event takes place.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Place {
    /// Its name.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// Where it lies.
    pub coordinates: Option<Coordinates>,
}

impl From<core_model::Place> for Place {
    fn from(core: core_model::Place) -> Self {
        Self { name: core.name, address: core.address, coordinates: core.coordinates.map(Into::into) }
    }
}
