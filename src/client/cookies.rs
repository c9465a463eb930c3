//! The cookie jar of one reqwest face: in memory, bounded, and strict.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use crate::http::Cookies;
use crate::transport::Isolation;

/// Cookies by RFC 6265, each for the very host that set it, and for the isolation that it was set under: a cookie that went
/// along with two communities' pages would tell their host that both have one reader.
///
/// `Domain` does not widen a cookie here: without a list of public suffixes a site could set cookies for all of its
/// registry, and be recognised on other sites by them.
#[derive(Default)]
pub(super) struct Jar(Mutex<HashMap<Isolation, CookieStore>>);

impl Jar {
    fn stores(&self) -> MutexGuard<'_, HashMap<Isolation, CookieStore>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cookies for Jar {
    fn header(&self, url: &Url, isolation: &Isolation) -> Option<HeaderValue> {
        let stores = self.stores();
        let mut fitting = stores.get(isolation)?.matches(url);
        // RFC 6265 section 5.4: the longest path first. The names only make the order certain.
        fitting.sort_by(|a, b| b.path.len().cmp(&a.path.len()).then_with(|| a.name().cmp(b.name())));
        let pairs: Vec<String> = fitting.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        HeaderValue::try_from(pairs.join("; ")).ok().filter(|value| !value.is_empty())
    }

    fn keep(&self, url: &Url, isolation: &Isolation, headers: &HeaderMap) {
        let Some(host) = url.host_str() else { return };
        let mut stores = self.stores();
        let mut kept: usize = stores.values().map(|store| store.iter_any().count()).sum();
        for line in headers.get_all(header::SET_COOKIE).iter().filter(|line| line.len() <= COOKIE_BYTES) {
            let Some(mut cookie) = line.to_str().ok().and_then(|line| RawCookie::parse(line.to_owned()).ok()) else {
                continue;
            };
            if cookie.domain().is_some_and(|domain| !covers(domain, host)) {
                continue;
            }
            cookie.unset_domain();
            // A full jar takes no new cookie; one that it has is still renewed or taken away.
            let fitting = stores.get(isolation).map(|store| store.matches(url)).unwrap_or_default();
            let known = fitting.iter().any(|kept| kept.name() == cookie.name());
            if known || kept < COOKIES {
                let store = stores.entry(isolation.clone()).or_default();
                let before = store.iter_any().count();
                // What the rules refuse is not kept.
                let _ = store.insert_raw(&cookie, url);
                kept += store.iter_any().count().saturating_sub(before);
            }
        }
    }
}

/// Whether a host may set a cookie that claims this domain (RFC 6265 section 5.1.3).
fn covers(domain: &str, host: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    host == domain || host.strip_suffix(&domain).is_some_and(|sub| sub.ends_with('.'))
}

impl fmt::Debug for Jar {
    /// Redacted: cookies are logins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jar(..)")
    }
}

/// Somebody else's cookies, by reqwest's own trait.
pub(super) struct Provided(pub(super) Arc<dyn reqwest::cookie::CookieStore>);

impl Cookies for Provided {
    fn header(&self, url: &Url, _: &Isolation) -> Option<HeaderValue> {
        self.0.cookies(url)
    }

    fn keep(&self, url: &Url, _: &Isolation, headers: &HeaderMap) {
        self.0.set_cookies(&mut headers.get_all(header::SET_COOKIE).iter(), url);
    }
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provided(..)")
    }
}

/// What RFC 6265 section 6.1 asks of a user agent at least.
const COOKIE_BYTES: usize = 4096;

/// A third of what that section names for a browser: one app, on a phone, with a few hosts.
const COOKIES: usize = 1000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn set(jar: &Jar, url: &str, cookies: &[&str]) {
        let headers = cookies.iter().map(|line| (header::SET_COOKIE, HeaderValue::from_str(line).unwrap())).collect();
        jar.keep(&url.parse().unwrap(), &Isolation::of("ours"), &headers);
    }

    fn sent(jar: &Jar, url: &str) -> String {
        sent_under(jar, "ours", url)
    }

    fn sent_under(jar: &Jar, isolation: &str, url: &str) -> String {
        let header = jar.header(&url.parse().unwrap(), &Isolation::of(isolation));
        header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_cookie_goes_back_to_the_host_that_set_it() {
        let jar = Jar::default();
        let lines =
            ["a=1", "b=2; Path=/in", "c=3; Secure", "d=4; Max-Age=0", "e=5; Domain=example.org", "f=6; Domain=org"];
        set(&jar, "https://www.example.org/", &lines);
        assert_eq!(sent(&jar, "https://www.example.org/in"), "b=2; a=1; c=3; e=5; f=6");
        assert_eq!(sent(&jar, "http://www.example.org/"), "a=1; e=5; f=6");
        for elsewhere in ["https://example.org/", "https://other.example.org/", "https://other.org/"] {
            assert_eq!(sent(&jar, elsewhere), "");
        }
    }

    #[test]
    fn a_cookie_stays_with_its_isolation() {
        let jar = Jar::default();
        set(&jar, "https://a.example/club1", &["a=1; Path=/"]);
        assert_eq!(sent(&jar, "https://a.example/club2"), "a=1");
        assert_eq!(sent_under(&jar, "theirs", "https://a.example/club2"), "");
    }

    #[test]
    fn what_a_host_may_not_set_is_not_kept() {
        let jar = Jar::default();
        set(&jar, "https://a.example/", &["a=1; Domain=b.example", "=", "", ";;;", &format!("b={}", "x".repeat(5000))]);
        assert_eq!(sent(&jar, "https://a.example/"), "");
        assert_eq!(sent(&jar, "https://b.example/"), "");
    }

    #[test]
    fn a_jar_is_bounded_and_what_it_has_can_be_taken_away() {
        let jar = Jar::default();
        for n in 0..COOKIES + 10 {
            set(&jar, "https://a.example/", &[&format!("c{n}=1")]);
        }
        assert_eq!(jar.stores().values().map(|store| store.iter_any().count()).sum::<usize>(), COOKIES);
        set(&jar, "https://a.example/", &["c0=2"]);
        assert!(sent(&jar, "https://a.example/").starts_with("c0=2; "));
        set(&jar, "https://a.example/", &["c0=2; Max-Age=0"]);
        assert!(!sent(&jar, "https://a.example/").contains("c0="));
    }
}
