//! A day or a time as people type it: the one reader of times of this program. A time that is read wrong ends the trust in the wrong
//! posts, or calls people to an empty square. So nothing that was typed is dropped, and nothing is guessed.
//!
//! The form is narrower than that of jiff, which takes `20261219` and `+002026-12-19` for days with a time, leaves out `[Europe/Berlin]` where
//! only a date is asked for, and makes a second 60 the second 59.

use std::ops::RangeInclusive;

use byway::Language;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use crate::plain::line;
use crate::words::{self, Label};
use crate::wrong::Wrong;

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// `2026-12-19`, and nothing else.
    Day(Date),
    /// `2026-12-19T12:00`, with or without seconds, an offset and a zone.
    Time(LocalTime),
}

/// A time of day with what was typed behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    at: DateTime,
    /// `+07:00`
    pub(crate) offset: Option<Offset>,
    /// `[Asia/Barnaul]`
    pub(crate) zone: Option<TimeZone>,
}

impl Typed {
    /// Takes a text apart. `NO_MOMENT` if it has another form, or if there is no such day or time of day.
    pub(crate) fn parse(text: &str) -> Result<Self, Label> {
        let (day, rest) = text.split_at_checked(DAY.len()).ok_or(words::NO_MOMENT)?;
        let day = read_day(day).ok_or(words::NO_MOMENT)?;
        if rest.is_empty() {
            return Ok(Typed::Day(day));
        }
        let rest = rest.strip_prefix(['T', 't', ' ']).ok_or(words::NO_MOMENT)?;
        let (clock, rest) =
            rest.split_at(rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len()));
        let time = read_time(clock).ok_or(words::NO_MOMENT)?;
        let (offset, zone) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
        let offset = Some(offset).filter(|offset| !offset.is_empty());
        let offset = offset.map(|offset| read_offset(offset).ok_or(words::NO_MOMENT)).transpose()?;
        let zone = if zone.is_empty() {
            None
        } else {
            let name = zone.strip_prefix('[').and_then(|zone| zone.strip_suffix(']')).ok_or(words::NO_MOMENT)?;
            Some(zone_named(name).ok_or(words::NO_ZONE)?)
        };
        Ok(Typed::Time(LocalTime { at: day.to_datetime(time), offset, zone }))
    }

    /// The time; of a day its beginning. `here` is the zone of what names none.
    fn begin(&self, here: &TimeZone) -> Result<Timestamp, Label> {
        match self {
            Typed::Day(day) => day.to_zoned(here.clone()).map(|at| at.timestamp()).map_err(|_| words::NO_MOMENT),
            Typed::Time(time) => time.in_zone(Some(here)).map(|(at, _)| at),
        }
    }

    /// The time; of a day its end.
    fn end(&self, here: &TimeZone) -> Result<Timestamp, Label> {
        match self {
            Typed::Day(day) => {
                Typed::Day(day.checked_add(Span::new().days(1)).map_err(|_| words::NO_MOMENT)?).begin(here)
            }
            Typed::Time(_) => self.begin(here),
        }
    }
}

impl LocalTime {
    /// The instant, and the offset of local time there. `here` is the zone of a time that names none; an offset counts by itself.
    ///
    /// `NO_MOMENT` if it names none and there is no other. `TIME_TWICE`, `ZONE_DIFFERS`.
    pub(crate) fn in_zone(&self, here: Option<&TimeZone>) -> Result<(Timestamp, Offset), Label> {
        if let Some(offset) = self.offset {
            let at = offset.to_timestamp(self.at).map_err(|_| words::NO_MOMENT)?;
            if self.zone.as_ref().is_some_and(|zone| zone.to_offset(at) != offset) {
                return Err(words::ZONE_DIFFERS);
            }
            return Ok((at, offset));
        }
        let zoned = self.zone.as_ref().or(here).ok_or(words::NO_MOMENT)?.to_ambiguous_zoned(self.at);
        if zoned.is_ambiguous() {
            return Err(words::TIME_TWICE);
        }
        zoned.unambiguous().map(|zoned| (zoned.timestamp(), zoned.offset())).map_err(|_| words::NO_MOMENT)
    }

    /// Whether parts of a second were typed.
    pub(crate) fn has_fraction(&self) -> bool {
        self.at.subsec_nanosecond() != 0
    }
}

/// A zone by its name, with the name as the list of zones writes it. Not what stands for the zone of a device, which is another one for
/// each reader.
pub(crate) fn zone_named(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    let is_of_device = |name: &str| DEVICE_ZONES.iter().any(|device| name.eq_ignore_ascii_case(device));
    let is_copy = |name: &str| name.starts_with("posix/") || name.starts_with("right/");
    zone.iana_name().is_some_and(|name| !is_of_device(name) && !is_copy(name)).then_some(zone)
}

/// The value of a flag as a time; of a day its beginning.
pub(crate) fn moment(flag: &str, text: &str, language: Language) -> Result<Timestamp, Wrong> {
    let begin = Typed::parse(text).and_then(|typed| typed.begin(&TimeZone::system()));
    begin.map_err(|what| wrong(flag, text, what, language))
}

/// The same, but of a day its end.
pub(crate) fn end_of(flag: &str, text: &str, language: Language) -> Result<Timestamp, Wrong> {
    let end = Typed::parse(text).and_then(|typed| typed.end(&TimeZone::system()));
    end.map_err(|what| wrong(flag, text, what, language))
}

pub(crate) fn wrong(flag: &str, text: &str, what: Label, language: Language) -> Wrong {
    Wrong(format!("{flag}: `{}`: {}", line(text), what.in_(language)))
}

fn read_day(text: &str) -> Option<Date> {
    let parts = is_like(text, DAY).then_some([0..=3, 5..=6, 8..=9])?;
    let [year, month, day] = parts.map(|part| number(text, part));
    Date::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
}

fn read_time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    if !is_like(clock, "00:00:00") && (!is_like(clock, "00:00") || fraction.is_some()) {
        return None;
    }
    let part = |part| number(clock, part).and_then(|number| i8::try_from(number).ok());
    let second = if clock.len() > 5 { part(6..=7)? } else { 0 };
    let nanosecond = match fraction {
        Some(digits) if (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{digits:0<9}").parse().ok()?
        }
        Some(_) => return None,
        None => 0,
    };
    Time::new(part(0..=1)?, part(3..=4)?, second, nanosecond).ok()
}

/// `Z`, `+07:00`, `+0700` or `+07`. Not `-00:00`, which says that the offset is not known.
fn read_offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let is_west = text.starts_with('-');
    let text = text.strip_prefix(['+', '-'])?;
    let minutes = match text {
        _ if is_like(text, "00") => 0,
        _ if is_like(text, "0000") => number(text, 2..=3)?,
        _ if is_like(text, "00:00") => number(text, 3..=4)?,
        _ => return None,
    };
    let hours = number(text, 0..=1)?;
    if hours > 23 || minutes > 59 || (is_west && hours == 0 && minutes == 0) {
        return None;
    }
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    Offset::from_seconds(if is_west { -seconds } else { seconds }).ok()
}

/// Whether a text has digits where the form has them, and what the form has elsewhere.
fn is_like(text: &str, form: &str) -> bool {
    let same = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(same)
}

fn number(text: &str, part: RangeInclusive<usize>) -> Option<i16> {
    text.get(part)?.parse().ok()
}

const DAY: &str = "0000-00-00";

/// Names by which systems keep the zone of the device, or none.
const DEVICE_ZONES: [&str; 4] = ["localtime", "local", "posixrules", "Factory"];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn read(text: &str, here: &str) -> Result<Timestamp, Label> {
        Typed::parse(text)?.begin(&zone(here))
    }

    #[test]
    fn a_time_of_day_is_never_dropped() {
        for (text, at) in [
            ("2026-11-30T18:00", "2026-11-30T11:00:00Z"),
            ("2026-11-30 18:00:05", "2026-11-30T11:00:05Z"),
            ("2026-11-30T18:00:05.25", "2026-11-30T11:00:05.25Z"),
            ("2026-11-30T18:00:00+03:00", "2026-11-30T15:00:00Z"),
            ("2026-11-30T18:00+0300", "2026-11-30T15:00:00Z"),
            ("2026-11-30T18:00-03", "2026-11-30T21:00:00Z"),
            ("2026-11-30T18:00:00Z", "2026-11-30T18:00:00Z"),
            ("2026-11-30T18:00[Europe/Moscow]", "2026-11-30T15:00:00Z"),
            ("2026-11-30T18:00+03:00[europe/moscow]", "2026-11-30T15:00:00Z"),
            ("2026-10-25T02:30+01:00[Europe/Berlin]", "2026-10-25T01:30:00Z"),
        ] {
            assert_eq!(read(text, "Asia/Barnaul"), Ok(at.parse().unwrap()), "{text}");
        }
        let (day, here) = (Typed::parse("2026-11-30").unwrap(), zone("Asia/Barnaul"));
        assert_eq!(day, Typed::Day("2026-11-30".parse().unwrap()));
        assert_eq!(day.end(&here).unwrap().duration_since(day.begin(&here).unwrap()).as_hours(), 24);
    }

    #[test]
    fn what_is_no_time_or_comes_twice_is_refused() {
        for text in [
            "",
            "tomorrow",
            "19.11.2016",
            "20261219",
            "+002026-12-19",
            "2026-12-19[Europe/Berlin]",
            "2026-12-19Z",
            "2026-353",
            "2026-W51-6",
            "2026‑12‑19",
            "2016-13-01",
            "2016-02-30",
            "2016-11-19T",
            "2016-11-19T12",
            "2016-11-19T1200",
            "2016-11-19T25:00",
            "2016-11-19T24:00",
            "2016-11-19T11:59:60",
            "2016-11-19T12:00:00.",
            "2016-11-19T12:00.5",
            "2016-11-19T12:00:00,5",
            "2016-11-19+07:00",
            "2016-11-19T12:00-00:00",
            "2016-11-19T12:00+07:00:30",
            "2016-11-19T12:00+7",
            "2016-11-19T12:00 +07:00",
            " 2016-11-19",
            "2016-11-19 ",
            "2016-11-19[Asia/Barnaul",
            "2016-11-19T12:00[]",
            "2016-11-19T12:00[+07:00]",
            "2016-11-19T12:00[!Asia/Barnaul]",
            "2016-11-19T12:00[Asia/Barnaul][u-ca=hebrew]",
            "2016-11-19T12:00[localtime]",
            "2016-11-19T12:00[right/Asia/Barnaul]",
            "2016-11-19T12:00+01:00[Asia/Barnaul]",
            "2016-11-19T12:00Z[Asia/Barnaul]",
            "9999-12-31T23:59:60+99:00",
            "2026-03-29T02:30",
            "2026-10-25T02:30",
            "2026-03-29T02:30[Europe/Berlin]",
            "2026-10-25T02:30[Europe/Berlin]",
            "2026-03-29T02:30+01:00[Europe/Berlin]",
        ] {
            assert!(read(text, "Europe/Berlin").is_err(), "{text}: {:?}", read(text, "Europe/Berlin"));
        }
        assert!(end_of("--to", "9999-12-31", Language::En).is_err());
    }

    /// What was read, in the form in which it was typed.
    fn printed(text: &str, here: &TimeZone) -> Option<String> {
        let time = match Typed::parse(text).ok()? {
            Typed::Day(day) => return Some(day.to_string()),
            Typed::Time(time) => time,
        };
        let (at, offset) = time.in_zone(Some(here)).ok()?;
        // Read by the zone that was typed, and not by what was made of it.
        let zone = text.split_once('[').map(|(_, name)| TimeZone::get(name.trim_end_matches(']')).unwrap());
        let local = match zone {
            Some(zone) => at.to_zoned(zone).datetime(),
            None if time.offset.is_some() => offset.to_datetime(at),
            None => at.to_zoned(here.clone()).datetime(),
        };
        let (clock, rest) = text.split_at(text[11..].find(['Z', 'z', '+', '-', '[']).map_or(text.len(), |at| at + 11));
        let fraction = clock.split_once('.').map_or(0, |(_, digits)| digits.len());
        let form = if clock.len() == 16 { "%H:%M" } else { "%H:%M:%S" };
        let mut printed = local.strftime(&format!("%Y-%m-%d{}{form}", &text[10..11])).to_string();
        if fraction > 0 {
            printed.push_str(&format!(".{:09}", local.subsec_nanosecond())[..=fraction]);
        }
        Some(printed + rest)
    }

    fn texts() -> impl Strategy<Value = String> {
        let one = |texts: &'static [&'static str]| prop::sample::select(texts);
        (
            one(&[
                "2026-12-19",
                "2026-03-29",
                "2026-10-25",
                "20261219",
                "+002026-12-19",
                "-002026-12-19",
                "2026-12-9",
                "26-12-19",
            ]),
            one(&[
                "",
                "T",
                "t",
                " ",
                "  ",
                "_",
                "T12:00",
                "T02:30",
                "T23:59",
                "T11:59:60",
                " 02:30:15",
                "T12",
                "T1200",
                "T02:30:00.250",
            ]),
            one(&["", "Z", "+07:00", "+0700", "-03", "+01:00", "+02:00", "-00:00", "+24:00", "+07:00:30", " +07:00"]),
            one(&[
                "",
                "[Europe/Berlin]",
                "[Asia/Barnaul]",
                "[+07:00]",
                "[!Asia/Barnaul]",
                "[Nowhere]",
                "[]",
                "[UTC]",
                "[a",
                "[UTC][u-ca=hebrew]",
            ]),
        )
            .prop_map(|(day, time, offset, zone)| format!("{day}{time}{offset}{zone}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn what_is_accepted_prints_back_as_it_was_typed(
            text in texts(),
            change in prop::option::of((any::<prop::sample::Index>(), prop::option::of(prop::char::range(' ', '~')))),
            here in prop::sample::select(["Europe/Berlin", "Asia/Barnaul", "America/St_Johns"].as_slice()),
        ) {
            let mut text = text;
            if let Some((place, by)) = change {
                let at = place.index(text.len());
                text.replace_range(at..=at, &by.map(String::from).unwrap_or_default());
            }
            if let Some(printed) = printed(&text, &zone(here)) {
                prop_assert_eq!(printed, text);
            }
        }
    }
}
