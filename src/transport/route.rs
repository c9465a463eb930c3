//! Where a stream should lead, and by which way: plain data, nothing opened yet.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Url};

use super::Strategy;
use super::address::{is_local, is_public};
use crate::exposure::Exposure;
use crate::wire::dns::EchConfigList;

/// A host and a port, as the user named them: not looked up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Destination {
    /// A domain in lower-case ASCII, or an address.
    pub host: Host<String>,
    /// The TCP port.
    pub port: u16,
}

impl Destination {
    /// A destination from a host and a port as a user writes them. The host becomes lower case, IDN becomes punycode
    /// (UTS 46), a trailing dot goes; an IPv6 address may stand in brackets.
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

    /// The destination of an `http` or `https` URL; `None` for any other, and for a host that no resolver could know.
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

    /// The host without port, IPv6 without brackets: as it goes into SNI, SOCKS and a resolver.
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

    /// Parses `host:port`, IPv6 in brackets. See [`Destination::new`] for what becomes of the host.
    ///
    /// # Errors
    /// See [`DestinationError`].
    fn from_str(text: &str) -> Result<Self, DestinationError> {
        let (host, port) = split_port(text)?;
        Self::new(host, parse_port(port.ok_or(DestinationError::NoPort)?)?)
    }
}

/// Why a text is no [`Destination`]. The text is not quoted: it may hold a piece of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// Neither a name (labels of 1 to 63 letters, digits, `-` and `_`, 253 bytes in all) nor an address.
    #[error("the host is neither a name such as `example.org` nor an address such as `192.0.2.1` or `[2001:db8::1]`")]
    Host,
    /// No number, or one that is no port.
    #[error("the port is a number from 1 to 65535")]
    Port,
    /// No port where one is needed.
    #[error("the port is missing; write `host:port`")]
    NoPort,
    /// More colons than one.
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

impl Strategy {
    /// Whether this strategy may carry something of this exposure.
    pub fn is_allowed_by(&self, exposure: Exposure) -> bool {
        match exposure {
            Exposure::Open => true,
            Exposure::Proxied => !self.is_direct(),
            Exposure::Tor => self.is_tor(),
        }
    }
}

/// Whether a private, loopback or link-local address may be dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PrivateAddresses {
    /// The user named this destination: it may lie in the user's own network.
    #[default]
    Allowed,
    /// A redirect or a remote document named it: only public addresses are dialled, and no `localhost` or private
    /// literal is handed to a proxy.
    Refused,
}

/// Keeps circuits, connections and TLS sessions of one community or site apart from those of another.
///
/// It is a label: a community's address, a site's host, or a word of the app's. Only its keyed hash ever leaves the
/// process. The default one has no label and gives each site its own.
///
/// A site is a host, not a registrable domain: the tree has no list of public suffixes, and without one `a.github.io` and
/// `b.github.io` would be one site. Two hosts of one owner get two circuits then, which costs a round trip and shows nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Isolation {
    label: Arc<str>,
    by_site: bool,
}

impl Isolation {
    /// One isolation for everything with this label, at whatever site.
    pub fn of(label: &str) -> Self {
        Self { label: label.into(), by_site: false }
    }

    /// An isolation of its own for each site, apart from that of the same site under another label.
    pub fn by_site(label: &str) -> Self {
        Self { label: label.into(), by_site: true }
    }

    /// Whether each site has its own.
    pub fn is_by_site(&self) -> bool {
        self.by_site
    }

    /// The isolation at this destination: the site's where each site has its own.
    #[must_use]
    pub fn at(&self, destination: &Destination) -> Self {
        if !self.by_site {
            return self.clone();
        }
        // No label of an app and no address holds a NUL, so no two of these are equal by accident.
        let label = match &destination.host {
            Host::Domain(name) => ["site\0", &self.label, "\0", name].concat(),
            address => format!("site\0{}\0{address}", self.label),
        };
        Self { label: label.into(), by_site: false }
    }

    /// The label.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl Default for Isolation {
    fn default() -> Self {
        Self::by_site("")
    }
}

impl fmt::Debug for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Isolation(..)")
    }
}

/// One strategy made concrete for one destination. Nothing is looked up and nothing is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// By which way.
    pub strategy: Strategy,
    /// To whom.
    pub destination: Destination,
    /// Who may learn of it. The dialer refuses a strategy that does not fit, whatever the plan said.
    pub exposure: Exposure,
    /// Whether private addresses may be dialled.
    pub private: PrivateAddresses,
    /// Whose circuits it shares.
    pub isolation: Isolation,
}

/// A route that can be dialled: a direct one has an address now, a proxied one is as it was.
///
/// Two types, because a proxy must never be given an address that was looked up here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The route.
    pub route: Route,
    /// Direct: the address of the host. Otherwise `None`: the proxy resolves the name.
    pub address: Option<SocketAddr>,
    /// What the host's HTTPS record says of encrypting the ClientHello, where the strategy asks for it and a resolver
    /// that proves itself has said it.
    pub ech: Option<EchConfigList>,
}

impl Candidate {
    /// A candidate of this route to this address.
    pub fn to(route: &Route, address: Option<SocketAddr>) -> Self {
        Self { route: route.clone(), address, ech: None }
    }

    /// Whether it leads into this device's own network, as far as that can be known here: a proxy's lookup is not.
    pub fn leads_inward(&self) -> bool {
        is_local(&self.route.destination.host) || self.address.is_some_and(|address| !is_public(address.ip()))
    }
}

impl fmt::Debug for Candidate {
    /// Without the address, which says as much as the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { route, address, ech } = self;
        f.debug_struct("Candidate")
            .field("route", route)
            .field("address", &address.map(|_| ".."))
            .field("ech", ech)
            .finish()
    }
}

/// Cuts `host:port` or `host`; the brackets of an IPv6 address stay with it.
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

/// A port, in digits only.
pub(crate) fn parse_port(text: &str) -> Result<u16, DestinationError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DestinationError::Port);
    }
    text.parse().ok().filter(|port| *port != 0).ok_or(DestinationError::Port)
}

/// One form for one name. Without the trailing dot, and only what fits into DNS (RFC 1035 section 2.3.4) and a SOCKS
/// request; `_` is in use, and nothing else is let through that might mean something to a proxy or a shell.
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

    #[test]
    fn each_exposure_allows_what_it_says_and_no_more() {
        let strategies = [
            ("direct:", [true, false, false]),
            ("direct:?dns=udp://9.9.9.9&cc=nl", [true, false, false]),
            ("socks5://h:1080", [true, true, false]),
            ("socks5://127.0.0.1:9050", [true, true, false]),
            ("http://h:80", [true, true, false]),
            ("https://u:p@h:443", [true, true, false]),
            ("ss://aes-256-gcm:p@h:8388", [true, true, false]),
            ("tor+socks5://127.0.0.1:9050", [true, true, true]),
        ];
        for (strategy, allowed) in strategies {
            let parsed: Strategy = strategy.parse().unwrap();
            let allows =
                [Exposure::Open, Exposure::Proxied, Exposure::Tor].map(|exposure| parsed.is_allowed_by(exposure));
            assert_eq!(allows, allowed, "{strategy}");
        }
    }

    #[test]
    fn sites_are_isolated_unless_a_label_holds_for_all() {
        let [one, two]: [Destination; 2] = ["one.example:443", "two.example:443"].map(|text| text.parse().unwrap());
        let plain: Destination = "one.example:80".parse().unwrap();
        for isolation in [Isolation::default(), Isolation::by_site("app")] {
            assert_ne!(isolation.at(&one), isolation.at(&two));
            assert_eq!(isolation.at(&one), isolation.at(&plain), "a site is a host");
            assert_eq!(isolation.at(&one).at(&two), isolation.at(&one), "once a site's, always that site's");
        }
        assert_ne!(Isolation::default().at(&one), Isolation::by_site("app").at(&one));
        assert_eq!(Isolation::of("app").at(&one), Isolation::of("app").at(&two));
    }

    #[test]
    fn a_log_line_does_not_say_who_reads_what() {
        let route = Route {
            strategy: "socks5://alice:hunter2@proxy.example:1080#home".parse().unwrap(),
            destination: "site.example:443".parse().unwrap(),
            exposure: Exposure::Proxied,
            private: PrivateAddresses::Refused,
            isolation: Isolation::of("club1"),
        };
        let candidate = Candidate { route, address: Some("192.0.2.1:443".parse().unwrap()), ech: None };
        let shown = format!("{candidate:?}");
        for secret in ["alice", "hunter2", "proxy.example", "home", "site.example", "192.0.2.1", "club1"] {
            assert!(!shown.contains(secret), "{shown}");
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
