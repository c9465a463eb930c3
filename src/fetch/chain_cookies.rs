//! Cookies that a redirect sets for the next hop of the same origin.
//!
//! Some sites answer a first request with `Set-Cookie` and a redirect to the same page, and repeat this until the
//! cookie comes back. Without cookies such a request could never be answered. So a cookie that a redirect sets is sent
//! on the next hops of its chain. It is kept in memory, and sent only to the same origin and by the strategy that
//! brought it: a cookie sent by two strategies would tell the site that both have one reader. It is dropped with the
//! chain, and when the exposure rises.

use http::{HeaderMap, HeaderValue, header};
use url::{Origin, Url};

use crate::transport::Strategy;

/// The cookies that the redirects of one chain have set.
#[derive(Clone, Default)]
pub(crate) struct ChainCookies(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    strategy: Strategy,
    origin: Origin,
    name: String,
    value: String,
    path: String,
}

impl ChainCookies {
    /// Keeps the cookies that a redirect from `url` sets, which came by `strategy`.
    pub(crate) fn keep(&mut self, strategy: &Strategy, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE).iter().filter(|line| line.len() <= COOKIE_BYTES).take(COOKIES) {
            let Some((cookie, lives)) = line.to_str().ok().and_then(|line| Cookie::read(line, strategy, url)) else {
                continue;
            };
            self.0.retain(|kept| !kept.is_same(&cookie));
            if lives && self.0.len() < COOKIES {
                self.0.push(cookie);
            }
        }
    }

    /// The cookies to send by `strategy` to `url`, if there are any.
    pub(crate) fn header(&self, strategy: &Strategy, url: &Url) -> Option<HeaderValue> {
        let origin = url.origin();
        let fits = |cookie: &&Cookie| {
            cookie.strategy == *strategy && cookie.origin == origin && covers(&cookie.path, url.path())
        };
        let pairs: Vec<String> =
            self.0.iter().filter(fits).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let mut value = HeaderValue::try_from(pairs.join("; ")).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Forgets all cookies: the chain leaves the origin, or continues with a higher exposure.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Cookie {
    /// One `Set-Cookie` line (RFC 6265bis section 5.6), and whether to keep it; `None` if it must not be set.
    fn read(line: &str, strategy: &Strategy, url: &Url) -> Option<(Self, bool)> {
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let host = url.host_str()?;
        let (mut path, mut secure, mut domain, mut lives) = (None, false, None, true);
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "path" => path = Some(value).filter(|path| path.starts_with('/')),
                "secure" => secure = true,
                "domain" => domain = Some(value.trim_start_matches('.')).filter(|domain| !domain.is_empty()),
                // A date in the past, the usual way to delete a cookie, is treated like a future one: the redirect that
                // gets the cookie back would set it anew.
                "max-age" => lives = value.parse::<i64>().is_ok_and(|seconds| seconds > 0),
                _ => {}
            }
        }
        let https = url.scheme() == "https";
        let lower = name.to_ascii_lowercase();
        let host_only = domain.is_none() && path == Some("/") && secure;
        let is_refused = name.is_empty()
            || (secure && !https)
            || (lower.starts_with("__secure-") && !secure)
            || (lower.starts_with("__host-") && !host_only)
            || domain.is_some_and(|domain| !domain.eq_ignore_ascii_case(host) && !is_within(host, domain));
        let cookie = Self {
            strategy: strategy.clone(),
            origin: url.origin(),
            name: name.to_owned(),
            value: value.to_owned(),
            path: path.map_or_else(|| default_path(url.path()), str::to_owned),
        };
        (!is_refused).then_some((cookie, lives))
    }

    fn is_same(&self, other: &Self) -> bool {
        let Self { strategy, origin, name, value: _, path } = self;
        *strategy == other.strategy && *origin == other.origin && *name == other.name && *path == other.path
    }
}

/// Whether `host` lies below `domain` (RFC 6265bis section 5.1.3).
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(&domain.to_ascii_lowercase()).is_some_and(|sub| sub.ends_with('.'))
}

/// The folder of a path (RFC 6265bis section 5.1.4).
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => path.get(..end).unwrap_or("/").to_owned(),
    }
}

/// Whether a cookie of this path is for that one (RFC 6265bis section 5.1.4).
fn covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The minimum size that RFC 6265bis section 5.6 requires for a name and a value together.
const COOKIE_BYTES: usize = 4096;

/// Such a redirect sets a handful.
const COOKIES: usize = 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn sent(set: &[&str], from: &str, to: &str) -> String {
        let headers = set.iter().map(|line| (header::SET_COOKIE, HeaderValue::from_str(line).unwrap())).collect();
        let mut chain = ChainCookies::default();
        chain.keep(&Strategy::direct(), &from.parse().unwrap(), &headers);
        let header = chain.header(&Strategy::direct(), &to.parse().unwrap());
        header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn cookies_go_back_to_the_origin_that_set_them() {
        const PAGE: &str = "https://a.example/in/page";
        let cases: &[(&[&str], &str, &str, &str)] = &[
            (&["a=1", "b=2; Path=/"], PAGE, PAGE, "a=1; b=2"),
            (&["a=1; HttpOnly; SameSite=Lax", "a=2"], PAGE, PAGE, "a=2"),
            (&["a=1", "a=2; Max-Age=0"], PAGE, PAGE, ""),
            (&["a=1"], PAGE, "https://a.example/inner", ""),
            (&["a=1; Path=/in/"], PAGE, "https://a.example/in/x", "a=1"),
            (&["a=1; Path=/; Domain=a.example"], PAGE, "https://b.a.example/", ""),
            (&["a=1; Path=/"], PAGE, "http://a.example/", ""),
            (&["a=1; Path=/"], PAGE, "https://a.example:8443/", ""),
            (&["a=1; Domain=b.example"], PAGE, PAGE, ""),
            (&["a=1; Secure"], "http://a.example/", "http://a.example/", ""),
            (&["__Host-a=1; Secure; Path=/"], PAGE, PAGE, "__Host-a=1"),
            (&["__host-a=1; Secure", "__SECURE-b=1"], PAGE, PAGE, ""),
            (&["", "=", ";;;", "novalue"], PAGE, PAGE, ""),
        ];
        for (set, from, to, expected) in cases {
            assert_eq!(sent(set, from, to), *expected, "{set:?} from {from} to {to}");
        }
    }

    #[test]
    fn a_cookie_goes_by_the_strategy_by_which_it_came() {
        let url: Url = "https://a.example/".parse().unwrap();
        let headers = [(header::SET_COOKIE, HeaderValue::from_static("a=1"))].into_iter().collect();
        let mut chain = ChainCookies::default();
        chain.keep(&Strategy::direct(), &url, &headers);
        let proxy: Strategy = "socks5://proxy.example:1080".parse().unwrap();
        assert_eq!(chain.header(&proxy, &url), None);
        assert!(chain.header(&Strategy::direct(), &url).is_some());
        chain.clear();
        assert_eq!(chain.header(&Strategy::direct(), &url), None);
    }
}
