//! A rule of the censor as data: conditions that must all hold, and one action.

use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::facts::{Facts, Said};
use crate::lie::{Lie, is_within};
use crate::node::ip;
use crate::page::Page;

/// The action.
#[derive(Clone, Debug, Default)]
pub(crate) enum Action {
    #[default]
    Reset,
    Close,
    Swallow,
    Refuse,
    Unreachable,
    Answer(Page),
    ForgeCertificate,
    FreezeAfterBytes(usize),
    FreezeAfterPackets(usize),
    Delay(Duration),
    Rate(u64),
    Inject(Lie),
}

impl Action {
    fn word(&self) -> &'static str {
        match self {
            Action::Reset => "reset",
            Action::Close => "close",
            Action::Swallow => "swallow",
            Action::Refuse => "refuse",
            Action::Unreachable => "unreachable",
            Action::Answer(_) => "answer",
            Action::ForgeCertificate => "forge certificate",
            Action::FreezeAfterBytes(_) | Action::FreezeAfterPackets(_) => "freeze",
            Action::Delay(_) => "delay",
            Action::Rate(_) => "rate",
            Action::Inject(_) => "inject",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Sni(String),
    Ech,
    Host(String),
    Path(String),
    Cleartext(Vec<u8>),
    Address(Prefix),
    NotAddress(Vec<Prefix>),
    Port(u16),
    Query(String),
    /// A datagram to port 443.
    Quic,
}

/// What a middlebox reassembles before it reads a ClientHello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reassembly {
    /// Segments and records.
    #[default]
    Whole,
    /// Nothing: the first record of the first segment.
    FirstSegment,
    /// Segments: the first record of the flow.
    FirstRecord,
    /// Records: all records in one segment.
    EachSegment,
}

/// A rule in force.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) action: Action,
    pub(crate) sight: Reassembly,
    pub(crate) inside_proxies: bool,
    pub(crate) residual: Option<Duration>,
    pub(crate) spared: AtomicU32,
    pub(crate) lifted: AtomicBool,
}

impl Rule {
    fn about_addresses(&self) -> bool {
        self.conditions
            .iter()
            .all(|c| matches!(c, Condition::Address(_) | Condition::NotAddress(_) | Condition::Port(_)))
    }

    pub(crate) fn on_syn(&self) -> bool {
        self.about_addresses() && matches!(self.action, Action::Swallow | Action::Refuse | Action::Unreachable)
    }

    /// Whether it concerns datagrams: rules about queries do, and so does a dropped address.
    pub(crate) fn on_datagram(&self) -> bool {
        let datagrams = self.conditions.iter().any(|c| matches!(c, Condition::Query(_) | Condition::Quic));
        datagrams || self.about_addresses() && matches!(self.action, Action::Swallow | Action::Inject(_))
    }

    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        !self.lifted.load(Ordering::Relaxed) && self.conditions.iter().all(|condition| self.is_met(condition, facts))
    }

    fn is_met(&self, condition: &Condition, facts: &Facts) -> bool {
        let named = |name: &Option<String>, wanted: &str| name.as_ref().is_some_and(|name| is_within(name, wanted));
        let said = |met: &dyn Fn(&Said) -> bool| met(&facts.said) || self.inside_proxies && met(&facts.tunnelled);
        match condition {
            Condition::Sni(name) => match self.sight {
                Reassembly::Whole => said(&|said| named(&said.hello.name, name)),
                Reassembly::FirstSegment => named(&facts.first_name, name),
                Reassembly::FirstRecord => named(&facts.record_name, name),
                Reassembly::EachSegment => named(&facts.segment_name, name),
            },
            Condition::Ech => said(&|said| said.hello.ech),
            Condition::Host(name) => said(&|said| named(&said.host, name)),
            Condition::Path(path) => said(&|said| said.path.as_ref().is_some_and(|asked| asked.starts_with(path))),
            Condition::Cleartext(text) => facts.payload_contains(text),
            Condition::Address(prefix) => prefix.contains(facts.to.ip()),
            Condition::NotAddress(prefixes) => !prefixes.iter().any(|prefix| prefix.contains(facts.to.ip())),
            Condition::Port(port) => facts.to.port() == *port,
            Condition::Query(name) => named(&facts.query, name),
            Condition::Quic => facts.datagram && facts.to.port() == 443,
        }
    }

    pub(crate) fn on_query(&self) -> bool {
        self.conditions.iter().any(|c| matches!(c, Condition::Query(_) | Condition::Quic))
    }

    /// A SYN's action on an open flow is a reset.
    pub(crate) fn on_payload(&self) -> Action {
        match &self.action {
            Action::Refuse | Action::Unreachable | Action::Inject(_) => Action::Reset,
            action => action.clone(),
        }
    }

    /// Counts a matching flow; false while flows are still let through.
    pub(crate) fn counts(&self) -> bool {
        let spend = |left: u32| left.checked_sub(1);
        self.spared.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for condition in &self.conditions {
            match condition {
                Condition::Sni(name) => write!(f, "sni={name} "),
                Condition::Ech => write!(f, "ech "),
                Condition::Host(name) => write!(f, "host={name} "),
                Condition::Path(path) => write!(f, "path={path} "),
                Condition::Cleartext(text) => write!(f, "text={} ", String::from_utf8_lossy(text)),
                Condition::Address(prefix) => write!(f, "addr={prefix} "),
                Condition::NotAddress(prefixes) => {
                    f.write_str("not-addr=")?;
                    prefixes.iter().try_for_each(|prefix| write!(f, "{prefix},"))?;
                    f.write_str(" ")
                }
                Condition::Port(port) => write!(f, "port={port} "),
                Condition::Query(name) => write!(f, "query={name} "),
                Condition::Quic => f.write_str("quic "),
            }?;
        }
        f.write_str(self.action.word())
    }
}

/// An address or a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefix {
    address: IpAddr,
    bits: u32,
}

impl Prefix {
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a scenario with a typo must not run")]
    pub(crate) fn parse(text: &str) -> Self {
        match text.split_once('/') {
            Some((address, bits)) => Self { address: ip(address), bits: bits.parse().expect("a prefix length") },
            None => Self { address: ip(text), bits: 128 },
        }
    }

    pub(crate) fn address(self) -> IpAddr {
        self.address
    }

    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits.min(32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits.min(128),
            _ => false,
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.bits) {
            (IpAddr::V4(_), 32..) | (IpAddr::V6(_), 128) => write!(f, "{}", self.address),
            _ => write!(f, "{}/{}", self.address, self.bits),
        }
    }
}
