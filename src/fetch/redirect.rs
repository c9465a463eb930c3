//! Which redirects are followed, and what is sent along (RFC 9110 section 15.4).
//!
//! The loop is here and not in a layer under the engine: every hop has its own plan, race, judge and evidence, and a
//! layer would see one opaque service.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use percent_encoding::{AsciiSet, percent_encode};
use url::Url;

use super::hop::Hop;
use super::payload::Payload;
use crate::exposure::Exposure;
use crate::reach::Replay;
use crate::transport::{Destination, PrivateAddresses, is_local, is_onion_host};

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// `Location` is not a URL.
    #[error("the site redirects to something that is not an address")]
    Location,
    /// There are two `Location` lines that differ.
    #[error("this program does not accept a redirect to two addresses at once")]
    TwoLocations,
    /// The target is neither `http` nor `https`.
    #[error("the site redirects to something that is not a web page")]
    Scheme,
    /// A public site redirects into the user's own network.
    #[error("the site redirects to a private address")]
    PrivateAddress,
    /// It leads from `https` to `http`, with credentials, or for a community that is not read openly.
    #[error("the site redirects from https to http")]
    Downgrade,
    /// The fragment of `Location` asks for an exposure that does not exist.
    #[error("the site redirects to a link that asks for an unknown exposure")]
    Exposure,
    /// The status is 307 or 308, and the body may not be sent twice, or not to another origin.
    #[error("the site asks to send the request's body elsewhere")]
    Body,
}

codes! {
    RedirectError {
        Location = "location",
        TwoLocations = "two_locations",
        Scheme = "scheme",
        PrivateAddress = "private_address",
        Downgrade = "downgrade",
        Exposure = "exposure",
        Body = "body",
    }
}

/// Rules for every hop of one fetch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) replay: Replay,
    pub(crate) exposure: Exposure,
    /// For the hops after the first.
    pub(crate) private: PrivateAddresses,
}

/// The target of a redirect; `None` if the answer is not a redirect. An empty `Location` counts as none, as in Chrome
/// and curl.
///
/// # Errors
/// [`RedirectError::TwoLocations`]: a stranger may have written one of the two into the site's header.
pub(crate) fn location(status: StatusCode, headers: &HeaderMap) -> Result<Option<&http::HeaderValue>, RedirectError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let mut values = headers.get_all(header::LOCATION).iter().filter(|value| !value.as_bytes().trim_ascii().is_empty());
    let first = values.next();
    if values.all(|other| Some(other) == first) { Ok(first) } else { Err(RedirectError::TwoLocations) }
}

/// The text of a `Location`. Bytes that are not UTF-8 are escaped one by one, as in browsers.
pub(crate) fn location_text(location: &http::HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(location.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => percent_encode(location.as_bytes(), &BEYOND_ASCII).into(),
    }
}

/// No ASCII character: the URL parser escapes those itself.
const BEYOND_ASCII: AsciiSet = AsciiSet::EMPTY;

/// The next hop after an answer that redirects.
///
/// # Errors
/// See [`RedirectError`].
pub(crate) fn next(
    hop: Hop,
    status: StatusCode,
    location: &http::HeaderValue,
    bounds: Bounds,
) -> Result<Hop, RedirectError> {
    let url = target(&hop.url, location)?;
    if bounds.private == PrivateAddresses::Refused && Destination::from_url(&url).is_none_or(|to| is_local(&to.host)) {
        return Err(RedirectError::PrivateAddress);
    }
    if loses_encryption(&hop.url, &url) && (hop.credentials || bounds.exposure != Exposure::Open) {
        return Err(RedirectError::Downgrade);
    }

    let same_origin = hop.url.origin() == url.origin();
    let mut next = hop;
    match status {
        // RFC 9110 allows it for 301 and 302, and every browser does it.
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if next.method == Method::POST => without_body(&mut next),
        StatusCode::SEE_OTHER if next.method != Method::HEAD => without_body(&mut next),
        _ if next.body.is_empty() && next.method.is_safe() => {}
        _ if bounds.replay == Replay::Safe && (same_origin || !next.credentials) => {}
        _ => return Err(RedirectError::Body),
    }
    if !same_origin {
        for name in SECRETS {
            next.headers.remove(name);
        }
        next.credentials = false;
    }
    next.url = url;
    Ok(next)
}

/// Whether it leads from `https` to `http`. Tor encrypts an onion service's `http` up to the service that its name
/// proves.
pub(crate) fn loses_encryption(from: &Url, to: &Url) -> bool {
    let onion = to.host().is_some_and(|host| is_onion_host(&host));
    from.scheme() == "https" && to.scheme() == "http" && !onion
}

/// The absolute target. It keeps the fragment of the previous URL unless it has its own (RFC 9110 section 10.2.2).
fn target(from: &Url, location: &http::HeaderValue) -> Result<Url, RedirectError> {
    let mut url = from.join(&location_text(location)).map_err(|_| RedirectError::Location)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(RedirectError::Scheme);
    }
    // The user did not give the login that a site puts into its redirect.
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        return Err(RedirectError::Location);
    }
    if url.fragment().is_none() {
        url.set_fragment(from.fragment());
    }
    Ok(url)
}

fn without_body(hop: &mut Hop) {
    hop.method = Method::GET;
    hop.body = Payload::empty();
    let about_the_body: Vec<HeaderName> =
        hop.headers.keys().filter(|name| name.as_str().starts_with("content-")).cloned().collect();
    for name in about_the_body {
        hop.headers.remove(name);
    }
}

/// Headers that identify the reader to one origin and must not reach another. The validators are among them because an
/// entity tag works like a cookie.
const SECRETS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::PROXY_AUTHORIZATION,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_RANGE,
    header::REFERER,
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::HeaderValue;

    use super::*;

    const OPEN: Bounds = Bounds { replay: Replay::Safe, exposure: Exposure::Open, private: PrivateAddresses::Refused };

    fn get(url: &str) -> Hop {
        Hop {
            method: Method::GET,
            url: url.parse().unwrap(),
            headers: HeaderMap::new(),
            body: Payload::empty(),
            credentials: false,
        }
    }

    fn post(url: &str) -> Hop {
        let mut hop = Hop { method: Method::POST, body: "a=1".into(), ..get(url) };
        hop.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        hop.headers.insert("x-kept", HeaderValue::from_static("yes"));
        hop
    }

    fn with_credentials(mut hop: Hop) -> Hop {
        hop.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer t"));
        hop.headers.insert(header::COOKIE, HeaderValue::from_static("sid=1"));
        hop.credentials = true;
        hop
    }

    fn follow(hop: Hop, status: u16, location: &str, bounds: Bounds) -> Result<Hop, RedirectError> {
        next(hop, StatusCode::from_u16(status).unwrap(), &HeaderValue::from_str(location).unwrap(), bounds)
    }

    #[test]
    fn a_location_is_resolved_against_where_it_comes_from() {
        let cases = [
            ("https://vk.com/a/b?q#f", "c", "https://vk.com/a/c#f"),
            ("https://vk.com/a/b", "/c#g", "https://vk.com/c#g"),
            ("https://vk.com/a", "//m.vk.com/a", "https://m.vk.com/a"),
            ("http://vk.com/a", "https://vk.com/a", "https://vk.com/a"),
            ("https://vk.com/a", "https://user:pw@vk.ru/a", "https://vk.ru/a"),
            ("https://vk.com/a", "?page=2", "https://vk.com/a?page=2"),
            ("https://vk.com/a", "", "https://vk.com/a"),
        ];
        for (from, location, expected) in cases {
            assert_eq!(follow(get(from), 302, location, OPEN).unwrap().url.as_str(), expected);
        }
    }

    #[test]
    fn a_location_of_raw_bytes_is_read_as_browsers_do() {
        let cases: &[(&[u8], &str)] = &[
            ("/\u{43f}\u{443}\u{442}\u{44c}".as_bytes(), "https://vk.com/%D0%BF%D1%83%D1%82%D1%8C"),
            (b"/caf\xe9?q=\xe9", "https://vk.com/caf%E9?q=%E9"),
            (b" /a b\tc ", "https://vk.com/a%20bc"),
            (b"\\\\m.vk.com\\a", "https://m.vk.com/a"),
            (b"/100%", "https://vk.com/100%"),
        ];
        for (location, expected) in cases {
            let location = HeaderValue::from_bytes(location).unwrap();
            let next = next(get("https://vk.com/in"), StatusCode::FOUND, &location, OPEN);
            assert_eq!(next.map(|hop| hop.url.to_string()).as_deref(), Ok(*expected), "{location:?}");
        }
        let host = HeaderValue::from_bytes(b"https://caf\xe9.example/").unwrap();
        let refused = next(get("https://vk.com/"), StatusCode::FOUND, &host, OPEN);
        assert_eq!(refused.err(), Some(RedirectError::Location), "a host is no bytes");
    }

    #[test]
    fn of_several_locations_none_is_guessed() {
        type Case = (&'static [&'static str], Result<Option<&'static str>, RedirectError>);
        let cases: &[Case] = &[
            (&[], Ok(None)),
            (&["", " "], Ok(None)),
            (&["/a"], Ok(Some("/a"))),
            (&["", "/a", "/a"], Ok(Some("/a"))),
            (&["/a", "/b"], Err(RedirectError::TwoLocations)),
        ];
        for (lines, expected) in cases {
            let value = |line: &&str| (header::LOCATION, HeaderValue::from_str(line).unwrap());
            let headers: HeaderMap = lines.iter().map(value).collect();
            let found = location(StatusCode::FOUND, &headers).map(|found| found.map(|value| value.to_str().unwrap()));
            assert_eq!(found, *expected, "{lines:?}");
        }
    }

    #[test]
    fn a_redirect_into_the_users_network_is_refused() {
        for location in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
            "http://192.168.0.1/",
            "http://172.16.0.1/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://localhost:8080/",
            "http://app.localhost/",
            "http://localhost./",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
        ] {
            assert_eq!(
                follow(get("http://site.example/"), 302, location, OPEN).err(),
                Some(RedirectError::PrivateAddress),
                "{location}"
            );
            let local = Bounds { private: PrivateAddresses::Allowed, ..OPEN };
            assert!(follow(get("http://127.0.0.1/"), 302, location, local).is_ok(), "{location}");
        }
    }

    #[test]
    fn only_web_addresses_are_followed() {
        for location in ["file:///etc/passwd", "ftp://site.example/", "javascript:alert(1)", "data:text/html,x"] {
            assert_eq!(follow(get("https://site.example/"), 302, location, OPEN).err(), Some(RedirectError::Scheme));
        }
        assert_eq!(follow(get("https://site.example/"), 302, "http://[", OPEN).err(), Some(RedirectError::Location));
    }

    #[test]
    fn the_method_follows_the_status() {
        for (status, method) in
            [(301, Method::GET), (302, Method::GET), (303, Method::GET), (307, Method::POST), (308, Method::POST)]
        {
            let hop = follow(post("https://site.example/"), status, "/next", OPEN).unwrap();
            assert_eq!(hop.method, method, "{status}");
            assert_eq!(hop.body.is_empty(), method == Method::GET, "{status}");
            assert_eq!(hop.headers.contains_key(header::CONTENT_TYPE), method == Method::POST, "{status}");
            assert!(hop.headers.contains_key("x-kept"), "{status}");
        }
        let head = Hop { method: Method::HEAD, ..get("https://site.example/") };
        assert_eq!(follow(head, 303, "/next", OPEN).unwrap().method, Method::HEAD);
    }

    #[test]
    fn a_body_is_not_sent_twice_unless_that_is_allowed() {
        let once = Bounds { replay: Replay::Once, ..OPEN };
        assert_eq!(follow(post("https://site.example/"), 307, "/next", once).err(), Some(RedirectError::Body));
        assert!(follow(post("https://site.example/"), 303, "/next", once).is_ok());
        assert!(follow(get("https://site.example/"), 307, "/next", once).is_ok());
        // A body that came with credentials stays at its origin, too.
        let secret = with_credentials(post("https://site.example/"));
        assert_eq!(follow(secret.clone(), 307, "https://other.example/", OPEN).err(), Some(RedirectError::Body));
        assert!(follow(secret, 307, "https://site.example/next", OPEN).is_ok());
    }

    #[test]
    fn credentials_never_leave_their_origin() {
        let from = "https://site.example/";
        for (location, kept) in [
            ("/next", true),
            ("https://site.example:443/next", true),
            ("https://site.example:8443/next", false),
            ("https://www.site.example/", false),
            ("https://other.example/", false),
        ] {
            let hop = follow(with_credentials(get(from)), 302, location, OPEN).unwrap();
            assert_eq!(hop.credentials, kept, "{location}");
            assert_eq!(hop.headers.contains_key(header::AUTHORIZATION), kept, "{location}");
            assert_eq!(hop.headers.contains_key(header::COOKIE), kept, "{location}");
        }
    }

    #[test]
    fn only_an_open_request_without_credentials_may_become_http() {
        let (from, to) = ("https://site.example/", "http://site.example/");
        assert!(follow(get(from), 302, to, OPEN).is_ok());
        assert_eq!(follow(with_credentials(get(from)), 302, to, OPEN).err(), Some(RedirectError::Downgrade));
        for exposure in [Exposure::Proxied, Exposure::Tor] {
            let bounds = Bounds { exposure, ..OPEN };
            assert_eq!(follow(get(from), 302, to, bounds).err(), Some(RedirectError::Downgrade));
            assert!(follow(get(to), 302, from, bounds).is_ok());
        }
    }

    #[test]
    fn an_answer_without_a_location_is_an_answer() {
        let mut headers = HeaderMap::new();
        assert_eq!(location(StatusCode::FOUND, &headers), Ok(None));
        headers.insert(header::LOCATION, HeaderValue::from_static("/next"));
        assert!(location(StatusCode::FOUND, &headers).unwrap().is_some());
        for status in [200, 201, 300, 304, 305, 404] {
            assert_eq!(location(StatusCode::from_u16(status).unwrap(), &headers), Ok(None), "{status}");
        }
    }
}
