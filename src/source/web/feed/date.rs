//! Reads times in feeds: RFC 3339 in Atom and JSON Feed, RFC 2822 in RSS, and common variants of both.

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
    let read = text.parse().ok().or_else(|| rfc_2822(text)).or_else(|| iso(text));
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

/// Names of zones that RFC 2822 does not know, in hours.
const OFFSETS: [(&str, i8); 8] =
    [("MSK", 3), ("CET", 1), ("CEST", 2), ("EET", 2), ("EEST", 3), ("WET", 0), ("BST", 1), ("JST", 9)];

/// No written time is longer.
const LONGEST: usize = 64;

/// 1970 and 2200: a time outside is a mistake, and would stand at one end of every list.
const EARLIEST: i64 = 0;
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
