//! What happened in the lab, in order, with virtual times.
//!
//! Exposure is tested by counting: everything that the client sent into the network is here, so "no direct packet, no
//! lookup" is one assertion. Times are tested by reading: "the second route's first packet left at exactly 250 ms".
//! Byte counts of TLS are not logged: signatures vary in length, and the same scenario must give the same log.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The time since the lab was made.
    pub at: Duration,
    /// Who did it: `client`, `censor`, or a machine's name.
    pub by: String,
    /// What was done.
    pub what: What,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// Asked the system's resolver.
    Lookup {
        /// For this name.
        name: String,
    },
    /// Sent the first packet of a TCP connection.
    Connect {
        /// To this address.
        to: SocketAddr,
    },
    /// Had a TCP connection established.
    Connected {
        /// With this address.
        to: SocketAddr,
    },
    /// Sent a UDP datagram.
    Datagram {
        /// To this address.
        to: SocketAddr,
        /// The name in it, if it is a DNS query.
        query: Option<String>,
    },
    /// A resolver read a question on a stream.
    Asked {
        /// For this name.
        name: String,
        /// For this type of record: `A`, `AAAA`, `HTTPS`, ...
        kind: String,
        /// Over `tcp`, `tls` or `https`.
        over: &'static str,
    },
    /// A proxy was asked for a tunnel.
    Tunnel {
        /// `host:port` as given to the proxy: a name stays a name.
        to: String,
        /// The login that came with it, `user:password`. Tor isolates streams by it.
        login: Option<String>,
    },
    /// A server read a request's head.
    Request {
        /// The address it came from.
        from: IpAddr,
        /// The method.
        method: String,
        /// `scheme://host/path?query`.
        url: String,
        /// It carried an `Authorization` header.
        credentials: bool,
    },
    /// The censor acted on a flow or a query.
    Censored {
        /// The rule in words.
        rule: String,
        /// The flow's destination.
        to: SocketAddr,
    },
    /// A machine resumed a TLS session: it now knows that two connections have one client (RFC 8446 section 2.2).
    Resumed,
    /// A TLS handshake with a machine failed, as that machine saw it.
    HandshakeFailed {
        /// The error as rustls words it.
        error: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>7.1} ms  {:<16} ", self.at.as_secs_f64() * 1000.0, self.by)?;
        match &self.what {
            What::Lookup { name } => write!(f, "looks up {name}"),
            What::Connect { to } => write!(f, "connects to {to}"),
            What::Connected { to } => write!(f, "is connected to {to}"),
            What::Datagram { to, query: Some(name) } => write!(f, "asks {to} for {name}"),
            What::Datagram { to, query: None } => write!(f, "sends a datagram to {to}"),
            What::Asked { name, kind, over } => write!(f, "is asked over {over} for {kind} of {name}"),
            What::Tunnel { to, login } => {
                write!(f, "is asked for a tunnel to {to}")?;
                login.as_ref().map_or(Ok(()), |login| write!(f, " by {login}"))
            }
            What::Request { from, method, url, credentials } => {
                let with = if *credentials { " with credentials" } else { "" };
                write!(f, "is asked by {from}: {method} {url}{with}")
            }
            What::Censored { rule, to } => write!(f, "acts on the flow to {to}: {rule}"),
            What::Resumed => f.write_str("resumes a TLS session"),
            What::HandshakeFailed { error } => write!(f, "sees a TLS handshake fail: {error}"),
        }
    }
}

/// A copy of what was logged so far, with the questions tests ask.
#[derive(Clone, PartialEq, Eq)]
pub struct Log(Vec<Event>);

impl Log {
    pub(crate) fn new(events: Vec<Event>) -> Self {
        Self(events)
    }

    /// The events in order.
    pub fn events(&self) -> &[Event] {
        &self.0
    }

    /// Only the events of this machine.
    pub fn by(&self, who: &str) -> Self {
        self.only(|event| event.by == who)
    }

    /// Only what was sent into the network: connects, lookups, datagrams.
    pub fn sent(&self) -> Self {
        self.only(|event| matches!(event.what, What::Lookup { .. } | What::Connect { .. } | What::Datagram { .. }))
    }

    /// The addresses that were connected to, each with the instant of its first packet.
    pub fn connects(&self) -> Vec<(Duration, SocketAddr)> {
        self.0
            .iter()
            .filter_map(|event| match event.what {
                What::Connect { to } => Some((event.at, to)),
                _ => None,
            })
            .collect()
    }

    /// When the first packet to this address left, if one did. The address is an IP, with or without a port.
    pub fn first_packet_to(&self, address: &str) -> Option<Duration> {
        let fits = |to: &SocketAddr| to.to_string() == address || to.ip().to_string() == address;
        self.0
            .iter()
            .find(|event| matches!(&event.what, What::Connect { to } | What::Datagram { to, .. } if fits(to)))
            .map(|event| event.at)
    }

    /// The names that were looked up, by the system's resolver or by a datagram.
    pub fn lookups(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|event| match &event.what {
                What::Lookup { name } | What::Datagram { query: Some(name), .. } => Some(name.clone()),
                _ => None,
            })
            .collect()
    }

    /// The questions that resolvers read on streams: `(name, type, over)`.
    pub fn asked(&self) -> Vec<(String, String, &'static str)> {
        self.0
            .iter()
            .filter_map(|event| match &event.what {
                What::Asked { name, kind, over } => Some((name.clone(), kind.clone(), *over)),
                _ => None,
            })
            .collect()
    }

    /// The tunnels that proxies were asked for: `(host:port, login)`.
    pub fn tunnels(&self) -> Vec<(String, Option<String>)> {
        self.0
            .iter()
            .filter_map(|event| match &event.what {
                What::Tunnel { to, login } => Some((to.clone(), login.clone())),
                _ => None,
            })
            .collect()
    }

    /// The requests that servers read: `METHOD url`.
    pub fn requests(&self) -> Vec<String> {
        self.0
            .iter()
            .filter_map(|event| match &event.what {
                What::Request { method, url, .. } => Some(format!("{method} {url}")),
                _ => None,
            })
            .collect()
    }

    /// How often the censor acted.
    pub fn censored(&self) -> usize {
        self.0.iter().filter(|event| matches!(event.what, What::Censored { .. })).count()
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn only(&self, keep: impl Fn(&Event) -> bool) -> Self {
        Self(self.0.iter().filter(|event| keep(event)).cloned().collect())
    }
}

impl fmt::Display for Log {
    /// One line per event, to be shown by a failed assertion.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|event| writeln!(f, "{event}"))
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}
