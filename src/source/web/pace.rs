//! How soon a site may be asked again, according to the site.
//!
//! A site says so in `Retry-After` and `Cache-Control: max-age`, and a feed in `ttl`, `sy:updatePeriod` and
//! `sy:updateFrequency`. Only an answer that the site vouches for counts. Otherwise anybody on the path could silence a
//! community for a day. If a site refuses one route and answers another, its refusal does not count.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::fetch::validators;

/// How long the head of an answer asks to wait, counted from `at`.
pub(super) fn asked_by(status: StatusCode, headers: &HeaderMap, at: Timestamp) -> Option<Duration> {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            validators::retry_after(headers, at.into()).map(|wait| wait.min(LONGEST))
        }
        status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
            validators::max_age(headers).map(|age| age.min(LONGEST_FRESH))
        }
        _ => None,
    }
}

/// How long to wait, for a feed that says how often it changes.
pub(super) fn asked_by_feed(period: Option<Duration>) -> Option<Duration> {
    period.map(|period| period.min(LONGEST))
}

/// The time after such a wait.
pub(super) fn again_at(at: Timestamp, wait: Duration) -> Option<Timestamp> {
    if wait.is_zero() { None } else { at.checked_add(wait).ok() }
}

/// A site that asks for longer does not publish any more, or does not want to be read.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Hosts of static files call everything fresh for a year.
const LONGEST_FRESH: Duration = Duration::from_secs(60 * 60);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn no_site_asks_for_more_than_a_day() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
        };
        let cases = [
            (429, "retry-after", "120", Some(120)),
            (503, "retry-after", "99999999", Some(86_400)),
            (429, "cache-control", "max-age=60", None),
            (200, "retry-after", "120", None),
            (200, "cache-control", "max-age=600", Some(600)),
            (304, "cache-control", "max-age=31536000", Some(3_600)),
            (404, "cache-control", "max-age=600", None),
        ];
        for (status, name, value, expected) in cases {
            let wait = asked_by(StatusCode::from_u16(status).unwrap(), &headers(name, value), Timestamp::UNIX_EPOCH);
            assert_eq!(wait.map(|wait| wait.as_secs()), expected, "{status} {name}: {value}");
        }
        assert_eq!(asked_by_feed(Some(Duration::MAX)), Some(LONGEST));
        assert_eq!(again_at(Timestamp::UNIX_EPOCH, Duration::ZERO), None);
        assert!(again_at(Timestamp::MAX, LONGEST).is_none());
    }
}
