//! Validators: they show whether two answers carry the same bytes (RFC 9110 section 8.8).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use url::Url;

use crate::exposure::Exposure;

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

    /// Whether a 304 with these headers can be an answer to them. It names the version that is current (RFC 9110 section 15.4.5); with
    /// another one than it was asked about, the server or a cache on the path has mixed up two. A strong and a weak tag are the same
    /// here (section 13.1.2), as compression makes a weak one of a strong one.
    pub(crate) fn may_be_confirmed_by(&self, answer: &HeaderMap) -> bool {
        fn opaque(etag: &HeaderValue) -> &[u8] {
            etag.as_bytes().strip_prefix(b"W/").unwrap_or(etag.as_bytes())
        }
        let named = Self::from_headers(answer);
        match (&self.etag, &named.etag) {
            (Some(sent), Some(named)) => opaque(sent) == opaque(named),
            // A date says less than a tag, and is compared only where there is no tag.
            (None, None) => {
                self.last_modified.as_ref().zip(named.last_modified.as_ref()).is_none_or(|(sent, named)| sent == named)
            }
            _ => true,
        }
    }

    /// Those that may be kept and sent later: an entity tag of the form and length that servers use, and a date.
    /// Anything else that a server writes there could be a mark of the reader, and would be sent back to it.
    #[must_use]
    pub(crate) fn well_formed(self) -> Self {
        let mut etag = self.etag.filter(|etag| etag.len() <= LONGEST_TAG && is_entity_tag(etag));
        let mut last_modified = self.last_modified.filter(|modified| date(modified).is_some());
        // A site can recognise a reader by them, so no log shows them.
        etag.iter_mut().chain(&mut last_modified).for_each(|value| value.set_sensitive(true));
        Self { etag, last_modified }
    }

    /// Whether there are no validators.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// Validators, and the address whose host gave them.
///
/// They can be a mark by which a site recognises the reader. So they pass only between the reader and one origin, over
/// TLS, and never with exposure `tor`.
#[derive(Clone)]
pub struct GivenValidators {
    /// The validators.
    pub validators: Validators,
    /// The address that they came from.
    pub by: Url,
}

impl GivenValidators {
    /// Whether a hop to this address may contain them, and whether its 304 can be an answer to them.
    pub(crate) fn may_be_sent_to(&self, url: &Url, exposure: Exposure) -> bool {
        url.origin() == self.by.origin() && may_be_given(url, exposure)
    }
}

/// Whether an answer from an address may give validators.
pub(super) fn may_be_given(url: &Url, exposure: Exposure) -> bool {
    url.scheme() == "https" && exposure < Exposure::Tor
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

/// `"..."` or `W/"..."`, of visible characters (RFC 9110 section 8.8.3).
fn is_entity_tag(etag: &HeaderValue) -> bool {
    let text = etag.as_bytes();
    let text = text.strip_prefix(b"W/").unwrap_or(text);
    let inner = text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    inner.is_some_and(|inner| inner.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'"'))
}

/// After how many seconds the host asks to be asked again (`Retry-After`, RFC 9110 section 10.2.3), for an answer that
/// came at `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?;
    if let Some(seconds) = value.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok()) {
        return Some(Duration::from_secs(seconds));
    }
    date(value)?.duration_since(now).ok()
}

/// For how long the answer stays fresh (`Cache-Control: max-age`, RFC 9111 section 5.2.2.1); `None` if it does not say,
/// or if it must be asked for each time.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut age = None;
    for directive in lines.flat_map(|line| line.split(',')).map(str::trim) {
        if directive.eq_ignore_ascii_case("no-cache") || directive.eq_ignore_ascii_case("no-store") {
            return None;
        }
        let stated = directive.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("max-age"));
        age = age.or_else(|| stated?.1.trim_matches('"').parse().ok().map(Duration::from_secs));
    }
    age
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

/// The longest entity tag, in bytes. Servers make a tag from a length and a time, or from a hash. A longer one contains
/// something else.
const LONGEST_TAG: usize = 128;

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
    fn a_304_confirms_the_version_that_it_names() {
        const DATE: (&str, &str) = ("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT");
        const OTHER: (&str, &str) = ("last-modified", "Sun, 22 Nov 2026 09:00:01 GMT");
        type Lines = [(&'static str, &'static str)];
        let cases: &[(&Lines, &Lines, bool)] = &[
            (&[("etag", "\"a\"")], &[("etag", "\"a\"")], true),
            (&[("etag", "\"a\"")], &[("etag", "W/\"a\"")], true),
            (&[("etag", "W/\"a\"")], &[("etag", "\"a\"")], true),
            (&[("etag", "\"a\"")], &[("etag", "\"b\"")], false),
            (&[("etag", "\"a-gzip\"")], &[("etag", "\"a\"")], false),
            (&[("etag", "\"a\""), DATE], &[("etag", "\"a\""), OTHER], true),
            (&[("etag", "\"a\""), DATE], &[OTHER], true),
            (&[("etag", "\"a\"")], &[], true),
            (&[DATE], &[DATE], true),
            (&[DATE], &[OTHER], false),
            (&[DATE], &[("etag", "\"a\""), OTHER], true),
            (&[DATE], &[], true),
        ];
        for (sent, answer, expected) in cases {
            let sent = Validators::from_headers(&headers(sent));
            assert_eq!(sent.may_be_confirmed_by(&headers(answer)), *expected, "{sent:?} {answer:?}");
        }
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

    #[test]
    fn only_well_formed_validators_are_kept() {
        let long = format!("\"{}\"", "a".repeat(LONGEST_TAG));
        let cases = [
            ("\"a-1\"", true),
            ("W/\"a\"", true),
            ("\"\"", true),
            ("a", false),
            ("\"a", false),
            ("\"a b\"", false),
            ("\"a\tb\"", false),
            ("\"a\"b\"", false),
            ("w/\"a\"", false),
            (&long, false),
        ];
        for (etag, is_kept) in cases {
            let etag = Some(HeaderValue::from_str(etag).unwrap());
            let kept = Validators { etag: etag.clone(), last_modified: None }.well_formed();
            assert_eq!(kept.etag == etag, is_kept, "{etag:?}");
        }
        for (modified, is_kept) in [("Sun, 22 Nov 2026 09:00:00 GMT", true), ("reader-4711", false), ("", false)] {
            let last_modified = Some(HeaderValue::from_static(modified));
            let kept = Validators { etag: None, last_modified }.well_formed();
            assert_eq!(!kept.is_empty(), is_kept, "{modified}");
        }
    }

    #[test]
    fn what_a_host_asks_to_wait_is_read() {
        let now: SystemTime = jiff::Timestamp::from_second(1_795_341_600).unwrap().into();
        let retry = |value| retry_after(&headers(&[("retry-after", value)]), now).map(|wait| wait.as_secs());
        assert_eq!(retry("120"), Some(120));
        assert_eq!(retry("Sun, 22 Nov 2026 10:01:00 GMT"), Some(60));
        for none in ["Sun, 22 Nov 2026 09:00:00 GMT", "-1", "soon", "", "1.5", "99999999999999999999999"] {
            assert_eq!(retry(none), None, "{none}");
        }
        let fresh = |value| max_age(&headers(&[("cache-control", value)])).map(|age| age.as_secs());
        assert_eq!(fresh("public, Max-Age=600, max-age=1"), Some(600));
        assert_eq!(fresh("max-age=\"60\""), Some(60));
        for none in ["no-cache, max-age=600", "max-age=600, no-store", "max-age", "max-age=x", "s-maxage=9", ""] {
            assert_eq!(fresh(none), None, "{none}");
        }
    }
}
