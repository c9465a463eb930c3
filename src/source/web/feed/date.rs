//! Reads times in feeds: RFC 3339 in Atom and JSON Feed, RFC 2822 in RSS, and what programs write instead of them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

/// The time in a text. A time without a zone counts as UTC; a text without a time is `None`.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let read =
        text.parse().ok().or_else(|| rfc_2822(text)).or_else(|| iso(text)).or_else(|| rfc_2822(&in_order(text)?));
    read.filter(|time: &Timestamp| (EARLIEST..=LATEST).contains(&time.as_second()))
}

fn rfc_2822(text: &str) -> Option<Timestamp> {
    // The day of the week adds nothing, is often wrong, and is often in the language of the feed.
    let text = text.split_once(',').map_or(text, |(_, rest)| rest).trim();
    let parser = DateTimeParser::new().relaxed_weekday(true);
    let zoned = |text: &str| parser.parse_timestamp(text).ok();
    // The parser takes an unknown word for UTC.
    let named = text.rsplit_once(' ').and_then(|(start, zone)| {
        let hours = OFFSETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone))?.1;
        zoned(&format!("{start} {hours:+03}00"))
    });
    named.or_else(|| zoned(text)).or_else(|| zoned(&format!("{text} +0000")))
}

/// ISO 8601 in part: `2016-11-09`, `2016-11-09 17:00`, `2016-11-09T17:00:00+0700`.
fn iso(text: &str) -> Option<Timestamp> {
    let spaced = text.replacen(' ', "T", 1).replace(' ', "");
    spaced.parse().ok().or_else(|| {
        let civil = spaced
            .parse::<DateTime>()
            .ok()
            .or_else(|| Some(spaced.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())));
        TimeZone::UTC.to_timestamp(civil?).ok()
    })
}

/// A time whose parts stand in another order or form, as RFC 2822 writes it: `November 9, 2016 5:00 PM`,
/// `Wednesday, 9 ноября 2016 17:00 GMT+7`, `09-Nov-2016 17:00:00 +07:00`.
fn in_order(text: &str) -> Option<String> {
    let (mut day, mut month, mut year, mut time, mut half, mut zone) = (None, None, None, None, None, None);
    let is_digit = |c: char| c.is_ascii_digit();
    let parts = text.split([' ', ',', '\u{a0}']).flat_map(|word| {
        // The hyphens of a date, and not the sign of a zone.
        let is_date = word.starts_with(is_digit) && word.contains(char::is_alphabetic);
        word.split(move |c| is_date && c == '-')
    });
    for part in parts.filter(|part| !part.is_empty()) {
        let low = part.to_lowercase();
        let is_number = part.chars().all(is_digit);
        if let Some(number) = MONTHS.iter().position(|stems| stems.iter().any(|stem| low.starts_with(stem))) {
            month = month.or(MONTH_NAMES.get(number));
        } else if is_number && part.len() <= 2 && day.is_none() {
            day = Some(part);
        } else if is_number && matches!(part.len(), 2 | 4) && year.is_none() {
            year = Some(part);
        } else if part.contains(':') && part.starts_with(is_digit) && time.is_none() {
            time = Some(part);
        } else if matches!(low.trim_end_matches('.'), "am" | "pm" | "a.m" | "p.m") {
            half = Some(low.starts_with('p'));
        } else if time.is_some() && zone.is_none() {
            zone = Some(part);
        }
    }
    let time = match half {
        None => time.unwrap_or("00:00").to_owned(),
        Some(is_afternoon) => {
            let (hour, rest) = time?.split_once(':')?;
            let hour = hour.parse::<u8>().ok().filter(|hour| (1..=12).contains(hour))? % 12;
            format!("{:02}:{rest}", if is_afternoon { hour + 12 } else { hour })
        }
    };
    let zone = zone.map_or(Some("+0000".to_owned()), offset)?;
    Some(format!("{} {} {} {time} {zone}", day?, month?, year?))
}

/// An offset as RFC 2822 writes it: of `+07:00`, `GMT+7`, `UTC-0330`. A name stays as it is.
fn offset(zone: &str) -> Option<String> {
    let upper = zone.to_ascii_uppercase();
    let signed = ["GMT", "UTC"].iter().find_map(|name| upper.strip_prefix(name)).unwrap_or(&upper);
    let Some((sign, digits)) = signed.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-")) else {
        return Some(zone.to_owned());
    };
    let digits = digits.replace(':', "");
    match digits.len() {
        1 | 2 => Some(format!("{sign}{digits:0>2}00")),
        3 | 4 => Some(format!("{sign}{digits:0>4}")),
        _ => None,
    }
}

const MONTH_NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How the names of months begin in English and in Russian.
const MONTHS: [&[&str]; 12] = [
    &["jan", "янв"],
    &["feb", "фев"],
    &["mar", "мар"],
    &["apr", "апр"],
    &["may", "май", "мая"],
    &["jun", "июн"],
    &["jul", "июл"],
    &["aug", "авг"],
    &["sep", "сен"],
    &["oct", "окт"],
    &["nov", "ноя"],
    &["dec", "дек"],
];

/// Names of zones that RFC 2822 does not know, in hours. Names that mean several zones (IST, CST in China) are not here.
const OFFSETS: [(&str, i8); 20] = [
    ("MSK", 3),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("WET", 0),
    ("WEST", 1),
    ("BST", 1),
    ("JST", 9),
    ("KST", 9),
    ("SAMT", 4),
    ("YEKT", 5),
    ("OMST", 6),
    ("NOVT", 7),
    ("KRAT", 7),
    ("IRKT", 8),
    ("YAKT", 9),
    ("VLAT", 10),
    ("AEST", 10),
    ("AEDT", 11),
];

/// No written time is longer.
const LONGEST: usize = 64;

/// 1970 and 2200: a time outside is a mistake, and would stand at one end of every list. The first day of 1970, in any zone, is what programs
/// write that know no date.
const EARLIEST: i64 = 86_400;
const LATEST: i64 = 7_258_118_400;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn times_are_read_as_feeds_write_them() {
        let at = "2016-11-09T10:00:00Z";
        let cases = [
            ("2016-11-09T17:00:00+07:00", Some(at)),
            ("2016-11-09T10:00:00.000Z", Some(at)),
            ("2016-11-09T17:00:00+0700", Some(at)),
            ("2016-11-09 17:00:00 +0700", Some(at)),
            ("2016-11-09 10:00:00", Some(at)),
            ("2016-11-09T10:00", Some(at)),
            ("2016-11-09", Some("2016-11-09T00:00:00Z")),
            ("Wed, 09 Nov 2016 17:00:00 +0700", Some(at)),
            ("Wed, 9 Nov 2016 10:00:00 GMT", Some(at)),
            ("Fri, 09 Nov 2016 10:00 GMT", Some(at)),
            ("Ср, 09 Nov 2016 13:00:00 MSK", Some(at)),
            ("09 Nov 2016 05:00:00 EST", Some(at)),
            ("Wed, 09 Nov 2016 10:00:00", Some(at)),
            ("Wed, 09 Nov 16 10:00:00 GMT", Some(at)),
            ("Wednesday, 09 November 2016 17:00:00 +0700", Some(at)),
            ("Wed, 09 November 2016 10:00:00 GMT", Some(at)),
            ("November 9, 2016 10:00", Some(at)),
            ("Wednesday, November 9, 2016 5:00 PM +0700", Some(at)),
            ("Nov 9 2016 10:00 a.m.", Some(at)),
            ("9 Nov 2016 12:30 AM", Some("2016-11-09T00:30:00Z")),
            ("Ср, 9 ноября 2016 17:00:00 +0700", Some(at)),
            ("09-Nov-2016 17:00:00 +07:00", Some(at)),
            ("Wed, 09 Nov 2016 17:00:00 +07:00", Some(at)),
            ("Wed, 09 Nov 2016 17:00:00 GMT+7", Some(at)),
            ("Wed, 09 Nov 2016 17:00:00 GMT+0700", Some(at)),
            ("Wed, 09 Nov 2016 06:30:00 UTC-03:30", Some(at)),
            ("Wed, 09 Nov 2016 17:00:00 KRAT", Some(at)),
            ("09 November 2016", Some("2016-11-09T00:00:00Z")),
            ("32 November 2016", None),
            ("9 Nov 2016 13:00 PM", None),
            ("9 Nov 99999", None),
            ("99999-01-01T00:00:00Z", None),
            ("9999-01-01T00:00:00Z", None),
            ("0001-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("2016-13-09", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected.map(|time| time.parse().unwrap()), "{text}");
        }
        assert_eq!(read(&"2".repeat(100_000)), None);
    }
}
