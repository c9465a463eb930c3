//! A day or a time as people type it. A time that is read wrong ends the trust in the wrong posts, so nothing of it is dropped or guessed.

use byway::Language;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::plain::line;
use crate::words::{self, Label};
use crate::wrong::Wrong;

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// `2026-12-19`, by the clock of this device.
    Day(Date),
    /// `2026-12-19T12:00:00+07:00`, `2026-12-19T12:00[Asia/Barnaul]`, or `2026-12-19T12:00` by the clock of this device.
    Time(Timestamp),
}

impl Typed {
    /// Reads the value of a flag.
    pub(crate) fn read(flag: &str, text: &str, language: Language) -> Result<Self, Wrong> {
        Self::parse(text, &TimeZone::system()).map_err(|what| wrong(flag, text, what, language))
    }

    fn parse(text: &str, zone: &TimeZone) -> Result<Self, Label> {
        // jiff also reads the day out of a date with a time, and a time out of one with a zone.
        if text.len() == "2026-12-19".len() {
            return text.parse().map(Typed::Day).map_err(|_| words::NO_MOMENT);
        }
        if text.contains('[') {
            return text.parse::<Zoned>().map(|zoned| Typed::Time(zoned.timestamp())).map_err(|_| words::NO_MOMENT);
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Typed::Time(time));
        }
        let local = text.parse::<DateTime>().map_err(|_| words::NO_MOMENT)?;
        let zoned = zone.to_ambiguous_zoned(local);
        if zoned.is_ambiguous() {
            return Err(words::TIME_TWICE);
        }
        zoned.unambiguous().map(|zoned| Typed::Time(zoned.timestamp())).map_err(|_| words::NO_MOMENT)
    }

    /// The time; of a day its beginning.
    pub(crate) fn begin(self) -> Option<Timestamp> {
        match self {
            Typed::Day(day) => Some(day.to_zoned(TimeZone::system()).ok()?.timestamp()),
            Typed::Time(time) => Some(time),
        }
    }

    /// The time; of a day its end.
    pub(crate) fn end(self) -> Option<Timestamp> {
        match self {
            Typed::Day(day) => Typed::Day(day.checked_add(Span::new().days(1)).ok()?).begin(),
            Typed::Time(time) => Some(time),
        }
    }
}

/// The value of a flag as a time; of a day its beginning.
pub(crate) fn moment(flag: &str, text: &str, language: Language) -> Result<Timestamp, Wrong> {
    let begin = Typed::read(flag, text, language)?.begin();
    begin.ok_or_else(|| wrong(flag, text, words::NO_MOMENT, language))
}

/// The same, but of a day its end.
pub(crate) fn end_of(flag: &str, text: &str, language: Language) -> Result<Timestamp, Wrong> {
    let end = Typed::read(flag, text, language)?.end();
    end.ok_or_else(|| wrong(flag, text, words::NO_MOMENT, language))
}

fn wrong(flag: &str, text: &str, what: Label, language: Language) -> Wrong {
    Wrong(format!("{flag}: `{}`: {}", line(text), what.in_(language)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_time_of_day_is_never_dropped() {
        let zone = TimeZone::get("Asia/Barnaul").unwrap();
        for (text, at) in [
            ("2026-11-30T18:00", "2026-11-30T11:00:00Z"),
            ("2026-11-30 18:00:05", "2026-11-30T11:00:05Z"),
            ("2026-11-30T18:00:00+03:00", "2026-11-30T15:00:00Z"),
            ("2026-11-30T18:00:00Z", "2026-11-30T18:00:00Z"),
            ("2026-11-30T18:00[Europe/Moscow]", "2026-11-30T15:00:00Z"),
        ] {
            assert_eq!(Typed::parse(text, &zone).unwrap(), Typed::Time(at.parse().unwrap()), "{text}");
        }
        let day = Typed::parse("2026-11-30", &zone).unwrap();
        assert_eq!(day, Typed::Day("2026-11-30".parse().unwrap()));
        assert_eq!(day.end().unwrap().duration_since(day.begin().unwrap()).as_hours(), 24);
    }

    #[test]
    fn what_is_no_time_or_comes_twice_is_refused() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for text in [
            "",
            "tomorrow",
            "19.11.2016",
            "2016-13-01",
            "2016-02-30",
            "2016-11-19T",
            "2016-11-19T25:00",
            "2016-11-19+07:00",
            "2016-11-19[Asia/Barnaul",
            "2016-11-19T12:00+01:00[Asia/Barnaul]",
            "9999-12-31T23:59:60+99:00",
            "2026-03-29T02:30",
            "2026-10-25T02:30",
        ] {
            assert!(Typed::parse(text, &zone).is_err(), "{text}: {:?}", Typed::parse(text, &zone));
        }
        assert!(end_of("--to", "9999-12-31", Language::En).is_err());
    }
}
