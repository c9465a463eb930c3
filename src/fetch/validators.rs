//! Validators: they show whether two answers carry the same bytes (RFC 9110 section 8.8).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The validators of one answer. A later request uses them to ask whether it is still the newest version, and a Range
/// request to continue it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, as it came.
    pub etag: Option<HeaderValue>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<HeaderValue>,
}

impl Validators {
    /// The validators in an answer's headers.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self { etag: headers.get(header::ETAG).cloned(), last_modified: headers.get(header::LAST_MODIFIED).cloned() }
    }

    /// Makes a request conditional: the answer is a 304 without a body if nothing changed (RFC 9110 section 13.1).
    pub fn ask_if_changed(&self, headers: &mut HeaderMap) {
        if let Some(etag) = &self.etag {
            headers.insert(header::IF_NONE_MATCH, etag.clone());
        }
        if let Some(date) = &self.last_modified {
            headers.insert(header::IF_MODIFIED_SINCE, date.clone());
        }
    }

    /// Whether there are no validators.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// The one validator by which a body may be continued: byte for byte the same, or not at all (`If-Range`, RFC 9110
/// section 13.1.5).
///
/// It is a strong entity tag. If there is no tag at all, it is a modification date that is strong by RFC 9110 section
/// 8.8.2.2: at least a second before the answer's own `Date`, both by the server's clock.
pub(crate) fn strong(headers: &HeaderMap) -> Option<HeaderValue> {
    if let Some(etag) = headers.get(header::ETAG) {
        return is_strong_tag(etag).then(|| etag.clone());
    }
    let modified = headers.get(header::LAST_MODIFIED)?;
    let answered = date(headers.get(header::DATE)?)?;
    let settled = answered.duration_since(date(modified)?).is_ok_and(|age| age >= Duration::from_secs(1));
    settled.then(|| modified.clone())
}

fn is_strong_tag(etag: &HeaderValue) -> bool {
    let text = etag.as_bytes();
    text.len() >= 2 && text.starts_with(b"\"") && text.ends_with(b"\"")
}

/// When the answer was sent, by the clock of the host: its `Date`, and its time in a cache (RFC 9111 section 5.1).
pub(crate) fn sent_at(headers: &HeaderMap) -> Option<SystemTime> {
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok()?.trim().parse::<u32>().ok());
    date(headers.get(header::DATE)?)?.checked_add(Duration::from_secs(age.unwrap_or_default().into()))
}

/// An IMF-fixdate (RFC 9110 section 5.6.7). The two obsolete forms give no validator: no current server sends them.
fn date(value: &HeaderValue) -> Option<SystemTime> {
    // Only `Sun, 06 Nov 1994 08:49:37 GMT` has this length and these separators.
    let &[
        w,
        e,
        k,
        b',',
        b' ',
        d1,
        d2,
        b' ',
        m,
        o,
        n,
        b' ',
        y1,
        y2,
        y3,
        y4,
        b' ',
        ref time @ ..,
        b' ',
        b'G',
        b'M',
        b'T',
    ] = value.as_bytes()
    else {
        return None;
    };
    let &[h1, h2, b':', i1, i2, b':', s1, s2] = time else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i16::from(digit - b'0')))
    };
    let small = |tens, ones| number(&[tens, ones]).and_then(|number| i8::try_from(number).ok());
    let month = MONTHS.iter().zip(1_i8..).find(|(name, _)| name.as_bytes() == [m, o, n]).map(|(_, number)| number)?;
    // jiff has no leap seconds, so a leap second counts as the second before it.
    let second = small(s1, s2).map(|second| if second == 60 { 59 } else { second })?;
    let (day, hour, minute) = (small(d1, d2)?, small(h1, h2)?, small(i1, i2)?);
    let date = DateTime::new(number(&[y1, y2, y3, y4])?, month, day, hour, minute, second, 0).ok()?;
    let weekday =
        WEEKDAYS.iter().zip(1_i8..).find(|(name, _)| name.as_bytes() == [w, e, k]).map(|(_, number)| number)?;
    let timestamp = TimeZone::UTC.to_timestamp(date).ok()?;
    (date.weekday().to_monday_one_offset() == weekday).then(|| timestamp.into())
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_what_proves_the_same_bytes_is_strong() {
        const DATE: (&str, &str) = ("date", "Sun, 22 Nov 2026 10:00:00 GMT");
        type Lines = [(&'static str, &'static str)];
        let cases: &[(&Lines, Option<&str>)] = &[
            (&[("etag", "\"a\"")], Some("\"a\"")),
            (&[("etag", "W/\"a\"")], None),
            (&[("etag", "a")], None),
            (&[("etag", "\"")], None),
            (&[], None),
            // A weak tag shows that the date would be no better.
            (&[("etag", "W/\"a\""), ("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT"), DATE], None),
            (&[("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT"), DATE], Some("Sun, 22 Nov 2026 09:00:00 GMT")),
            // It was changed within the second in which it was sent, so it may have changed again.
            (&[("last-modified", "Sun, 22 Nov 2026 10:00:00 GMT"), DATE], None),
            (&[("last-modified", "Sun, 22 Nov 2026 11:00:00 GMT"), DATE], None),
            (&[("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT")], None),
            (&[("last-modified", "yesterday"), DATE], None),
        ];
        for (lines, expected) in cases {
            let found = strong(&headers(lines));
            assert_eq!(found.as_ref().map(|v| v.to_str().unwrap()), *expected, "{lines:?}");
        }
    }

    #[test]
    fn a_date_is_read_as_rfc_9110_prints_it() {
        let utc = |seconds: i64| jiff::Timestamp::from_second(seconds).unwrap();
        for day in 0..40_000 {
            let moment = utc(day * 86_400 + day * 7 % 86_400);
            let text = moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            assert_eq!(date(&HeaderValue::try_from(&text).unwrap()), Some(moment.into()), "{text}");
        }
        let leap = date(&HeaderValue::from_static("Sat, 31 Dec 2016 23:59:60 GMT"));
        assert_eq!(leap, Some(utc(1_483_228_799).into()), "a leap second is the second before it");
        for odd in [
            "",
            "Mon, 22 Nov 2026 10:00:00 GMT",
            "Sun, 31 Feb 2026 10:00:00 GMT",
            "Sun, 22 Nov 2026 24:00:00 GMT",
            "Sun, 22 Nov 2026 10:00:00 UTC",
            "Sun, 22 Nov 2026 1+:00:00 GMT",
            "Sunday, 22-Nov-26 10:00:00 GMT",
            "Sun Nov 22 10:00:00 2026",
            "Sun, 22 Nov 2026 10:00:00 GMT ",
        ] {
            assert_eq!(date(&HeaderValue::from_static(odd)), None, "{odd}");
        }
    }

    #[test]
    fn a_conditional_request_carries_what_the_answer_gave() {
        let answer = headers(&[("etag", "W/\"7\""), ("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT")]);
        let mut request = HeaderMap::new();
        Validators::from_headers(&answer).ask_if_changed(&mut request);
        assert_eq!(request.get("if-none-match"), answer.get("etag"));
        assert_eq!(request.get("if-modified-since"), answer.get("last-modified"));
        assert!(Validators::from_headers(&HeaderMap::new()).is_empty());
    }
}
