//! A host and a port, as a user writes them.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// A host and a port, as the user named them. Nothing was looked up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Destination {
    /// A domain in lower-case ASCII, or an address.
    pub host: Host<String>,
    /// The TCP port.
    pub port: u16,
}

impl Destination {
    /// A destination from a host and a port as a user writes them. The host becomes lower case, IDN becomes punycode
    /// (UTS 46), and a trailing dot is removed. An IPv6 address may be in brackets.
    ///
    /// # Errors
    /// [`DestinationError::Host`] and [`DestinationError::Port`].
    pub fn new(host: &str, port: u16) -> Result<Self, DestinationError> {
        if port == 0 {
            return Err(DestinationError::Port);
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        if let Ok(address) = bare.unwrap_or(host).parse() {
            return Ok(Self { host: Host::Ipv6(address), port });
        }
        match Host::parse(host).map_err(|_| DestinationError::Host)? {
            Host::Domain(name) => Ok(Self { host: Host::Domain(normal_domain(name)?), port }),
            // `127.1`, `0x7f.0.0.1` and `2130706433` are addresses to some programs and names to others.
            Host::Ipv4(address) if address.to_string() == host => Ok(Self { host: Host::Ipv4(address), port }),
            Host::Ipv4(_) | Host::Ipv6(_) => Err(DestinationError::Host),
        }
    }

    /// The destination of an `http` or `https` URL. It is `None` for any other URL, and for a host that no resolver
    /// could know.
    pub fn from_url(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = match url.host()?.to_owned() {
            Host::Domain(name) => Host::Domain(normal_domain(name).ok()?),
            address => address,
        };
        Some(Self { host, port: url.port_or_known_default().filter(|port| *port != 0)? })
    }

    /// The host without port, IPv6 without brackets: the form for SNI, SOCKS and resolvers.
    pub fn host_text(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }
}

impl FromStr for Destination {
    type Err = DestinationError;

    /// Parses `host:port`, IPv6 in brackets. See [`Destination::new`] for the normal form of the host.
    ///
    /// # Errors
    /// See [`DestinationError`].
    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let (host, port) = split_port(text)?;
        Self::new(host, parse_port(port.ok_or(DestinationError::NoPort)?)?)
    }
}

/// Error parsing a [`Destination`]. The text is not quoted: it may hold a piece of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// The host is neither a name (labels of 1 to 63 letters, digits, `-` and `_`, 253 bytes in all) nor an address.
    #[error("the host is neither a name such as `example.org` nor an address such as `192.0.2.1` or `[2001:db8::1]`")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is a number from 1 to 65535")]
    Port,
    /// The required port is missing.
    #[error("the port is missing; write `host:port`")]
    NoPort,
    /// There is more than one colon.
    #[error(
        "there is more than one `:`; an IPv6 address stands in brackets, as in `[2001:db8::1]:443`, and a login before an `@`"
    )]
    Colons,
}

codes! {
    DestinationError {
        Host = "host",
        Port = "port",
        NoPort = "no_port",
        Colons = "colons",
    }
}

impl fmt::Display for Destination {
    /// `host:port`, IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Destination {
    /// Redacted: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destination(..)")
    }
}

/// Splits `host:port` or `host`; the brackets of an IPv6 address stay with it.
pub(crate) fn split_port(text: &str) -> Result<(&str, Option<&str>), DestinationError> {
    if text.starts_with('[') {
        let end = text.find(']').ok_or(DestinationError::Host)?;
        let (host, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(DestinationError::Host),
        };
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(DestinationError::Colons),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

/// Parses a port that is written in digits only.
pub(crate) fn parse_port(text: &str) -> Result<u16, DestinationError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DestinationError::Port);
    }
    text.parse().ok().filter(|port| *port != 0).ok_or(DestinationError::Port)
}

/// The normal form of a name: without the trailing dot, and within the limits of DNS (RFC 1035 section 2.3.4) and of a
/// SOCKS request. `_` is allowed because names use it. No other character is allowed that a proxy or a shell might
/// interpret.
fn normal_domain(mut name: String) -> Result<String, DestinationError> {
    if name.ends_with('.') {
        name.pop();
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    if name.len() <= 253 && name.split('.').all(is_label) { Ok(name) } else { Err(DestinationError::Host) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn a_host_has_one_form() {
        let cases = [
            ("Site.Example:443", "site.example:443"),
            ("site.example.:443", "site.example:443"),
            ("пример.рф:80", "xn--e1afmkfd.xn--p1ai:80"),
            ("ПРИМЕР.РФ.:80", "xn--e1afmkfd.xn--p1ai:80"),
            ("a_b.example:1", "a_b.example:1"),
            ("localhost:65535", "localhost:65535"),
            ("192.0.2.1:80", "192.0.2.1:80"),
            ("[2001:DB8:0::1]:80", "[2001:db8::1]:80"),
        ];
        for (text, printed) in cases {
            let destination: Destination = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(destination.to_string(), printed);
            assert_eq!(printed.parse(), Ok(destination));
        }
    }

    #[test]
    fn what_no_resolver_could_know_is_refused() {
        let long = format!("{}.example:80", "a".repeat(64));
        let longer = format!("{}example:80", "a.".repeat(124));
        let cases = [
            ("site.example", DestinationError::NoPort),
            ("site.example:", DestinationError::Port),
            ("site.example:0", DestinationError::Port),
            ("site.example:443x", DestinationError::Port),
            ("site.example:65536", DestinationError::Port),
            ("::1:443", DestinationError::Colons),
            (":443", DestinationError::Host),
            (".:443", DestinationError::Host),
            ("a..b:443", DestinationError::Host),
            ("site.example..:443", DestinationError::Host),
            ("a b:443", DestinationError::Host),
            ("a`b:443", DestinationError::Host),
            ("127.1:443", DestinationError::Host),
            ("[::1]:443x", DestinationError::Port),
            ("[::1]443", DestinationError::Host),
            ("[::1:443", DestinationError::Host),
            ("[site.example]:443", DestinationError::Host),
            (&long, DestinationError::Host),
            (&longer, DestinationError::Host),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Destination>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_url_and_a_text_name_the_same_destination() {
        let cases = [
            ("https://Site.Example./wall", Some("site.example:443")),
            ("http://[::1]:8080/", Some("[::1]:8080")),
            ("http://127.1/", Some("127.0.0.1:80")),
            ("https://пример.рф", Some("пример.рф:443")),
            ("https://a..b/", None),
            ("http://h:0/", None),
            ("ftp://site.example/", None),
        ];
        for (url, text) in cases {
            let of = Destination::from_url(&url.parse().unwrap());
            assert_eq!(of, text.map(|text| text.parse().unwrap()), "{url}");
        }
    }

    proptest! {
        #[test]
        fn what_parses_prints_and_parses_back(text in "[\\[]?\\PC{0,30}[\\]]?:[0-9]{1,5}") {
            if let Ok(destination) = text.parse::<Destination>() {
                prop_assert_eq!(destination.to_string().parse(), Ok(destination));
            }
        }
    }
}
