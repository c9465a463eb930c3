//! The cookie jar of a client that imitates reqwest's: in memory, bounded and strict.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use http::{HeaderMap, HeaderValue, header};
use url::Url;

use crate::fetch::Cookies;
use crate::transport::Isolation;

/// Cookies by RFC 6265bis. Each is kept for the host that set it, and for the isolation in which it was set: a cookie
/// that is sent with the pages of two communities would tell their host that both have the same reader.
///
/// `SameSite` is kept but changes nothing: there is no page here from whose site a request to another site could come.
///
/// `Domain` does not widen a cookie here: without a list of public suffixes a site could set cookies for all of its
/// registry, and other sites would recognise the user by them.
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
        // RFC 6265 section 5.4: the longest path first. The names only make the order the same each time.
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
            let host_only = cookie.domain().is_none();
            cookie.unset_domain();
            let shadows = stores.get(isolation).is_some_and(|store| shadows_secure(store, &cookie, url));
            if shadows || !is_allowed(&cookie, host_only, url) {
                continue;
            }
            // A full jar takes no new cookie. A cookie that is in the jar can still be renewed or deleted.
            let fitting = stores.get(isolation).map(|store| store.matches(url)).unwrap_or_default();
            let known = fitting.iter().any(|kept| kept.name() == cookie.name());
            if known || kept < COOKIES {
                let store = stores.entry(isolation.clone()).or_default();
                let before = store.iter_any().count();
                // A cookie that the rules refuse is not kept.
                let _ = store.insert_raw(&cookie, url);
                kept += store.iter_any().count().saturating_sub(before);
            }
        }
    }
}

/// Whether this URL may set such a cookie: some attributes may only be set by an encrypted page, and some prefixes of
/// names promise something (RFC 6265bis section 5.7, steps 8, 20 and 21; names are compared without regard to case).
fn is_allowed(cookie: &RawCookie<'_>, host_only: bool, url: &Url) -> bool {
    let secure = cookie.secure() == Some(true);
    let starts =
        |name: &str, prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    // A cookie without a name is sent as its value alone, which may look like such a name.
    let claims =
        |prefix: &str| starts(cookie.name(), prefix) || (cookie.name().is_empty() && starts(cookie.value(), prefix));
    let of_host = secure && host_only && cookie.path() == Some("/");
    (!secure || is_encrypted(url)) && (!claims("__Secure-") || secure) && (!claims("__Host-") || of_host)
}

/// Whether this cookie comes over plain http and would replace a cookie that only an encrypted page may set (step 16).
fn shadows_secure(store: &CookieStore, cookie: &RawCookie<'_>, url: &Url) -> bool {
    let path = cookie.path().filter(|path| path.starts_with('/')).map_or_else(|| folder(url.path()), str::to_owned);
    let of_this_host = |kept: &cookie_store::Cookie<'_>| match &kept.domain {
        cookie_store::CookieDomain::HostOnly(host) => Some(host.as_str()) == url.host_str(),
        _ => false,
    };
    let covers = |kept: &str| {
        path == kept || path.strip_prefix(kept).is_some_and(|rest| kept.ends_with('/') || rest.starts_with('/'))
    };
    !is_encrypted(url)
        && store.iter_any().any(|kept| {
            kept.secure() == Some(true)
                && kept.name() == cookie.name()
                && of_this_host(kept)
                && covers(kept.path.as_ref())
        })
}

fn is_encrypted(url: &Url) -> bool {
    url.scheme() == "https"
}

/// The folder of a path (RFC 6265bis section 5.1.4).
fn folder(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path.get(..end).unwrap_or("/").to_owned(),
    }
}

/// Whether a host may set a cookie that claims this domain (RFC 6265 section 5.1.3).
fn covers(domain: &str, host: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    // An address has no domain above it.
    let is_name = host.parse::<std::net::Ipv4Addr>().is_err() && !host.starts_with('[');
    host == domain || (is_name && host.strip_suffix(&domain).is_some_and(|sub| sub.ends_with('.')))
}

impl fmt::Debug for Jar {
    /// Redacted: a cookie may be a login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jar(..)")
    }
}

/// Keeps no cookies and sends none.
#[derive(Debug)]
pub(super) struct NoJar;

impl Cookies for NoJar {
    fn header(&self, _: &Url, _: &Isolation) -> Option<HeaderValue> {
        None
    }

    fn keep(&self, _: &Url, _: &Isolation, _: &HeaderMap) {}
}

/// The app's own cookie jar, given as reqwest's own trait.
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

/// RFC 6265 section 6.1 asks every user agent to accept at least this.
const COOKIE_BYTES: usize = 4096;

/// A third of what that section asks of a browser: this is one app, on a phone, with few hosts.
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
    fn plain_http_sets_and_replaces_nothing_of_an_encrypted_page() {
        let jar = Jar::default();
        set(&jar, "https://a.example/in/", &["s=1; Secure; Path=/", "t=1; Secure", "p=1; Path=/"]);
        set(
            &jar,
            "http://a.example/in/page",
            &["s=2; Path=/", "s=3; Path=/in", "t=2", "t=0; Max-Age=0", "p=2; Path=/"],
        );
        set(&jar, "http://a.example/in/page", &["u=1; Secure", "v=1"]);
        assert_eq!(sent(&jar, "https://a.example/in/page"), "t=1; v=1; p=2; s=1");
        assert_eq!(sent(&jar, "http://a.example/in/page"), "v=1; p=2");
        set(&jar, "http://other.example/", &["s=4"]);
        assert_eq!(sent(&jar, "http://other.example/"), "s=4", "another host has its own");
    }

    #[test]
    fn a_prefix_is_kept_to_in_any_case() {
        let cases = [
            ("https", "__Secure-a=1; Secure", true),
            ("https", "__Secure-a=1", false),
            ("https", "__sEcUrE-a=1", false),
            ("http", "__Secure-a=1; Secure", false),
            ("https", "__Host-a=1; Secure; Path=/", true),
            ("https", "__HOST-a=1; Secure; Path=/in", false),
            ("https", "__host-a=1; Secure", false),
            ("https", "__Host-a=1; Path=/", false),
            ("https", "__Host-a=1; Secure; Path=/; Domain=a.example", false),
            ("http", "__Host-a=1; Path=/", false),
            ("https", "__Hosts=1", true),
        ];
        for (scheme, line, kept) in cases {
            let jar = Jar::default();
            set(&jar, &format!("{scheme}://a.example/in"), &[line]);
            assert_eq!(!sent(&jar, "https://a.example/in").is_empty(), kept, "{scheme}: {line}");
        }
    }

    #[test]
    fn an_address_has_no_domain_above_it() {
        let jar = Jar::default();
        set(&jar, "http://192.0.2.1/", &["a=1; Domain=2.1", "b=1; Domain=192.0.2.1", "c=1; Domain=.1"]);
        assert_eq!(sent(&jar, "http://192.0.2.1/"), "b=1");
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
