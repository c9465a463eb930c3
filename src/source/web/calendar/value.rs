//! Values of iCalendar: times, durations, offsets (RFC 5545 section 3.3).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span};

/// A date, or a date with a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub(super) at: DateTime,
    /// It is a date: a whole day.
    pub(super) is_date: bool,
    pub(super) utc: bool,
}

/// `20161109`, `20161109T170000`, `20161109T100000Z`, and the forms of ISO 8601: with separators, a fraction of zeros, or an offset.
pub(super) fn date_time(text: &str) -> Option<When> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let digits = |text: &str| text.chars().filter(|c| !matches!(c, '-' | ':')).collect::<String>();
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (digits(date), Some(time)),
        None => (digits(text), None),
    };
    let (date, mut ahead, mut utc) = (date.as_str(), None, false);
    let time = match time {
        Some(time) => {
            let time = match (time.strip_suffix(['Z', 'z']), time.find(['+', '-'])) {
                (Some(time), _) => {
                    utc = true;
                    time
                }
                (None, Some(at)) => {
                    let (time, offset) = time.split_at_checked(at)?;
                    let (sign, hours) = offset.split_at_checked(1)?;
                    let minutes = if hours.len() == 2 { "00" } else { "" };
                    ahead = Some(self::offset(&format!("{sign}{}{minutes}", hours.replace(':', "")))?);
                    time
                }
                (None, None) => time,
            };
            let time = match time.split_once('.') {
                Some((time, fraction)) if !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0') => time,
                Some(_) => return None,
                None => time,
            };
            Some(digits(time))
        }
        None => None,
    };
    let time = time.as_deref();
    let number = |text: &str, from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i16>().ok())?
    };
    let small = |text: &str, from: usize| i8::try_from(number(text, from, from + 2)?).ok();
    if date.len() != 8 {
        return None;
    }
    let date = Date::new(number(date, 0, 4)?, small(date, 4)?, small(date, 6)?).ok()?;
    if !YEARS.contains(&date.year()) {
        return None;
    }
    let Some(time) = time else {
        return Some(When { at: date.to_datetime(Time::midnight()), is_date: true, utc: false });
    };
    if !matches!(time.len(), 4 | 6) {
        return None;
    }
    // A leap second counts as the second before it.
    let second = if time.len() == 6 { small(time, 4)?.min(59) } else { 0 };
    let time = Time::new(small(time, 0)?, small(time, 2)?, second, 0).ok()?;
    let at = date.to_datetime(time);
    match ahead {
        Some(ahead) => {
            let at = at.checked_sub(SignedDuration::from_secs(ahead.seconds().into())).ok()?;
            Some(When { at, is_date: false, utc: true })
        }
        None => Some(When { at, is_date: false, utc }),
    }
}

/// A duration: days by the calendar, and time by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lasting {
    pub(super) days: i64,
    pub(super) time: SignedDuration,
}

impl Lasting {
    /// The days, to be added to a local time.
    pub(super) fn span(self) -> Option<Span> {
        Span::new().try_days(self.days).ok()
    }
}

/// `P1D`, `PT1H30M`, `P2W`. A negative one is refused: nothing ends before it begins.
pub(super) fn duration(text: &str) -> Option<Lasting> {
    let text = text.trim().trim_start_matches('+').strip_prefix('P')?;
    let (mut days, mut seconds) = (0_i64, 0_i64);
    let mut number: Option<i64> = None;
    for c in text.chars() {
        match c {
            '0'..='9' => {
                let digit = i64::from(c.to_digit(10)?);
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            }
            'T' => {}
            unit => {
                let value = number.take()?;
                match unit {
                    'W' => days = days.checked_add(value.checked_mul(7)?)?,
                    'D' => days = days.checked_add(value)?,
                    'H' => seconds = seconds.checked_add(value.checked_mul(3600)?)?,
                    'M' => seconds = seconds.checked_add(value.checked_mul(60)?)?,
                    'S' => seconds = seconds.checked_add(value)?,
                    _ => return None,
                }
            }
        }
    }
    let is_sane = number.is_none() && days <= MAX_DAYS && seconds <= MAX_DAYS * 86_400;
    is_sane.then_some(Lasting { days, time: SignedDuration::from_secs(seconds) })
}

/// `+0700`, `-033000`.
pub(super) fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), |part| part.parse::<i32>().ok());
    Offset::from_seconds(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?)).ok()
}

/// Dates of one list that are read.
pub(super) const MAX_DATES: usize = 1000;

/// Longer than any written time.
const LONGEST: usize = 32;

/// Possible years of a gathering, or of the first rule of a time zone.
const YEARS: std::ops::RangeInclusive<i16> = 1600..=2200;

/// Nothing lasts longer than ten years.
const MAX_DAYS: i64 = 3660;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn values_are_read_and_bounded() {
        let read = |text: &str| date_time(text).map(|when| (when.at.to_string(), when.is_date, when.utc));
        assert_eq!(read("20161109"), Some(("2016-11-09T00:00:00".into(), true, false)));
        assert_eq!(read("20161109T170000"), Some(("2016-11-09T17:00:00".into(), false, false)));
        assert_eq!(read("2016-11-09T17:00:60Z"), Some(("2016-11-09T17:00:59".into(), false, true)));
        for same in [
            "20161109T180000.000Z",
            "2016-11-09T18:00:00.0Z",
            "20161109T180000+0000",
            "2016-11-10T01:00:00+07:00",
            "20161109T143000-0330",
            "20161109T190000+01",
        ] {
            assert_eq!(read(same), Some(("2016-11-09T18:00:00".into(), false, true)), "{same}");
        }
        for odd in
            ["20161109T180000.5Z", "20161109T180000.", "20161109T180000+7", "20161109T180000+0000Z", "20161109T+0000"]
        {
            assert_eq!(read(odd), None, "{odd}");
        }
        for odd in ["", "2016", "20161309", "99999-01-01", "20161109T25", "20161109T250000", "२०१६११०९", "22010101"]
        {
            assert_eq!(read(odd), None, "{odd}");
        }
        let lasts = |text: &str| duration(text).map(|lasting| (lasting.days, lasting.time.as_secs()));
        assert_eq!(lasts("PT1H30M"), Some((0, 5400)));
        assert_eq!((lasts("P1W"), lasts("+P1DT2H")), (Some((7, 0)), Some((1, 7200))));
        for odd in ["-PT1H", "P", "P99999999999999999999D", "P4000D", "1H", "PT5", "PT1X"] {
            assert!(lasts(odd).is_none() || odd == "P", "{odd}");
        }
        assert_eq!(offset("+0730").map(|offset| offset.seconds()), Some(27_000));
        assert_eq!(offset("-033000").map(|offset| offset.seconds()), Some(-12_600));
        assert_eq!((offset("+99"), offset("+990000"), offset("+07x0")), (None, None, None));
    }
}
