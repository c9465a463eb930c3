//! Instants with their local offset, and days of the calendar.

use std::time::SystemTime;

use byway::community as core_model;

use crate::numbers::time;

/// An instant, together with the offset of the local clock there.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Moment {
    /// The instant.
    pub at: SystemTime,
    /// How many seconds the local clock there is ahead of UTC.
    pub offset_seconds: i32,
    /// Both in RFC 3339, such as `2016-11-09T17:00:00+07:00`.
    pub text: String,
}

impl From<core_model::Moment> for Moment {
    fn from(core: core_model::Moment) -> Self {
        Self { at: time(core.timestamp()), offset_seconds: core.offset().seconds(), text: core.to_string() }
    }
}

/// The days of an event without a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct EventDays {
    /// The first day.
    pub first: CivilDate,
    /// The last day, which belongs to the event.
    pub last: CivilDate,
}

impl From<core_model::EventDays> for EventDays {
    fn from(core: core_model::EventDays) -> Self {
        Self { first: core.first.into(), last: core.last.into() }
    }
}

/// A day of the calendar, without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CivilDate {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: i32,
    /// The day of the month, 1 to 31.
    pub day: i32,
}

impl From<byway::jiff::civil::Date> for CivilDate {
    fn from(core: byway::jiff::civil::Date) -> Self {
        Self { year: core.year().into(), month: core.month().into(), day: core.day().into() }
    }
}
