//! From evidence to a verdict: ordered rules with stable ids, a pure function.
//!
//! A [`Case`] is what was seen: the attempts of the strategy that the verdict is about (the *subject*), and those of the
//! others (the *vantages*). It is read in two steps. First each attempt gets a *sign* (`facts`): what it says if it is
//! taken alone, or that it says nothing. Then the first of the [`RULES`] that applies gives the verdict (`rules`).
//!
//! Four convictions stand behind the rules:
//!
//! - *A cut is a fact, a block is a comparison.* A reset is evidence; that somebody caused it, and not the host, needs a
//!   vantage that does better at the same moment. Without one the verdict is `unknown`: "blocked or down".
//! - *A vantage is independent if another network carries it.* Two resolvers over one uplink compare addresses, not
//!   paths. A proxy in the same country repeats what that country orders: it can show that the host is up, never that
//!   the host is down.
//! - *Whoever failed is asked first.* A dead proxy says nothing of the host behind it, neither as the subject
//!   (`route_failed`) nor as a vantage (it is not counted).
//! - *Silence takes time.* The first retransmission of a lost packet comes after a second (RFC 6298), the next after
//!   three: an attempt that was given up earlier was not waited for, and is no evidence.

mod blame;
mod facts;
mod lookups;
mod pages;
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "a test prints docs/verdicts.md from the table"))]
mod rules;

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Attempt, AttemptId, Fingerprints, Statement};
use crate::transport::{Country, Resolver};
use facts::Facts;
pub use pages::{PageComparison, PageSimilarity, compare_pages};
pub use rules::{Against, RULES, Rule, RuleId};

/// What the attempts mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictCode {
    /// It was reached and read.
    Reachable,
    /// The resolver gives false answers for the name.
    DnsTampered,
    /// Connections to the address are cut here and not elsewhere.
    TcpBlocked,
    /// The connection is cut in TLS here and not elsewhere.
    TlsInterfered,
    /// A cleartext request is cut here and not elsewhere.
    HttpInterfered,
    /// A certificate is forged here; elsewhere the true one is seen.
    TlsMitm,
    /// A provider's page stands in the host's place.
    BlockPage,
    /// HTTP 451 (RFC 7725).
    #[serde(rename = "legal_451")]
    Legal451,
    /// The platform itself hides the content.
    PlatformBlocked,
    /// Answers stop coming after their first part, here and not elsewhere.
    Frozen,
    /// Answers come much more slowly than elsewhere.
    Throttled,
    /// The network wants a login.
    CaptivePortal,
    /// There is no network.
    Offline,
    /// The network lets only a few addresses through.
    WhitelistOnly,
    /// The host answers nobody.
    OriginDown,
    /// The host answers with a fault of its own.
    OriginFault,
    /// The platform says that the community is no more.
    Gone,
    /// Our own proxy or Tor is what failed.
    RouteFailed,
    /// Blocked or down: it cannot be told.
    Unknown,
}

codes! {
    VerdictCode {
        Reachable = "reachable",
        DnsTampered = "dns_tampered",
        TcpBlocked = "tcp_blocked",
        TlsInterfered = "tls_interfered",
        HttpInterfered = "http_interfered",
        TlsMitm = "tls_mitm",
        BlockPage = "block_page",
        Legal451 = "legal_451",
        PlatformBlocked = "platform_blocked",
        Frozen = "frozen",
        Throttled = "throttled",
        CaptivePortal = "captive_portal",
        Offline = "offline",
        WhitelistOnly = "whitelist_only",
        OriginDown = "origin_down",
        OriginFault = "origin_fault",
        Gone = "gone",
        RouteFailed = "route_failed",
        Unknown = "unknown",
    }
}

impl VerdictCode {
    /// Whether it says that somebody prevents it.
    pub fn blames(self) -> bool {
        match self {
            VerdictCode::DnsTampered
            | VerdictCode::TcpBlocked
            | VerdictCode::TlsInterfered
            | VerdictCode::HttpInterfered
            | VerdictCode::TlsMitm
            | VerdictCode::BlockPage
            | VerdictCode::Legal451
            | VerdictCode::PlatformBlocked
            | VerdictCode::Frozen
            | VerdictCode::Throttled
            | VerdictCode::WhitelistOnly => true,
            VerdictCode::Reachable
            | VerdictCode::CaptivePortal
            | VerdictCode::Offline
            | VerdictCode::OriginDown
            | VerdictCode::OriginFault
            | VerdictCode::Gone
            | VerdictCode::RouteFailed
            | VerdictCode::Unknown => false,
        }
    }
}

/// At which layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// The network as a whole: no uplink, a portal, a rate.
    Network,
    /// The name's address.
    Dns,
    /// The connection to an address.
    Tcp,
    /// The ClientHello, the certificate, or what flows inside TLS.
    Tls,
    /// The request or its answer.
    Http,
    /// The platform's own decision.
    Platform,
    /// Our own way there.
    Route,
}

codes! {
    Layer {
        Network = "network",
        Dns = "dns",
        Tcp = "tcp",
        Tls = "tls",
        Http = "http",
        Platform = "platform",
        Route = "route",
    }
}

/// How likely each explanation is, from 0 to 1; together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Somebody prevents it.
    pub blocked: f32,
    /// It does not work, and nobody prevents it: the host, our route or the network is out of order.
    pub down: f32,
    /// It works.
    pub ok: f32,
}

impl Weights {
    /// Weights from two of the three, in hundredths; what is left is `ok`.
    fn of(blocked: u8, down: u8) -> Self {
        // Each is the nearest float to its hundredths, so that it is printed as such: 0.02, not 0.020000013.
        let part = |hundredths: u8| f32::from(hundredths) / 100.0;
        let blocked = blocked.min(100);
        let down = down.min(100 - blocked);
        Self { blocked: part(blocked), down: part(down), ok: part(100 - blocked - down) }
    }
}

/// What was concluded, and by which rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, where there is one.
    pub layer: Option<Layer>,
    /// The weights.
    pub weights: Weights,
    /// The rule that applied, e.g. `tls.reset.other_vantage`.
    pub rule: RuleId,
    /// What the blocker says of itself.
    pub statement: Option<Statement>,
    /// The attempts that carried the rule, in the order of the case (the subject's, then the others').
    pub evidence: Vec<AttemptId>,
    /// What can be said of each address of the host by itself, where the subject tried several: one may be blocked and
    /// another not.
    pub addresses: Vec<AddressVerdict>,
    /// What was read here and elsewhere, where the rule compares pages.
    pub pages: Option<Box<PageComparison>>,
}

/// What can be said of one of a host's addresses.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AddressVerdict {
    /// The address.
    pub address: IpAddr,
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, where there is one.
    pub layer: Option<Layer>,
    /// The rule that applied.
    pub rule: RuleId,
    /// The weights.
    pub weights: Weights,
}

impl fmt::Debug for AddressVerdict {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressVerdict({} {})", self.code.code(), self.rule)
    }
}

/// What a verdict is made from: the attempts of one request, its redirects included.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Attempts of the strategy that the verdict is about, in the order of their start.
    pub subject: &'a [Attempt],
    /// Attempts of the other strategies: second vantages.
    pub others: &'a [Attempt],
    /// What else is known.
    pub context: Context,
}

/// What else is known when a verdict is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The platform says, over an authenticated connection, that the community is gone.
    pub gone: bool,
    /// The destination is a literal or private address that the user named.
    pub local_destination: bool,
    /// The host's redirects lead nowhere: too many of them, or to where they must not.
    pub redirect_fault: bool,
    /// It is a redirect that leads to this host, and whoever redirects wrote it: over TLS that proved the name, or for two
    /// networks alike.
    pub redirected: bool,
    /// Another way got the content, at the end of whatever redirects it was given: attempts are compared hop by hop, and
    /// do not show it.
    pub read_otherwise: bool,
    /// The country this device is in, where the app knows it. A proxy that leaves in it is no vantage against its orders.
    pub country: Option<Country>,
    /// The device's network is a VPN: what is seen by a direct way is seen behind it.
    pub vpn: bool,
    /// The operating system says that the network does not lead to the internet.
    pub unvalidated: bool,
    /// What the subject read in cleartext, beside what another strategy read of the same page; `None`: it is not compared.
    pub pages: Option<Box<PageComparison>>,
    /// Resolvers that said nothing of the name, and answer for another one.
    pub answering: Vec<Resolver>,
    /// Something else was reached on this network a short while ago: it lives.
    pub alive: bool,
    /// By how many seconds this device's clock is ahead of what hosts that proved their names told in the same access.
    pub clock_ahead: Option<i64>,
    /// What is known of the addresses of block pages.
    pub fingerprints: Fingerprints,
}

/// Judges a case by the first rule that applies. Total: the last rule applies to everything.
pub fn verdict(case: &Case<'_>) -> Verdict {
    Verdict { addresses: by_address(case), ..judge(case) }
}

/// Judges each address by itself, where the subject tried several at its last hop.
fn by_address(case: &Case<'_>) -> Vec<AddressVerdict> {
    let Some(hop) = case.subject.last().map(|attempt| attempt.hop) else { return Vec::new() };
    let at_hop = || case.subject.iter().filter(|attempt| attempt.hop == hop && attempt.strategy.is_direct());
    let mut addresses: Vec<IpAddr> = at_hop().filter_map(|attempt| attempt.address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.len() < 2 {
        return Vec::new();
    }
    let of = |address: IpAddr| {
        let own = |attempt: &&Attempt| attempt.address == Some(address);
        // What was answered for the name is a matter of all its addresses together.
        let subject: Vec<Attempt> = at_hop()
            .filter(own)
            .map(|attempt| Attempt { answers: vec![address], lookups: Vec::new(), ..attempt.clone() })
            .collect();
        let Verdict { code, layer, rule, weights, .. } =
            judge(&Case { subject: &subject, others: case.others, context: case.context.clone() });
        AddressVerdict { address, code, layer, rule, weights }
    };
    addresses.into_iter().map(of).collect()
}

fn judge(case: &Case<'_>) -> Verdict {
    let facts = Facts::of(case);
    for rule in RULES {
        if let Some(found) = (rule.applies)(&facts) {
            return Verdict {
                code: rule.code,
                layer: rule.layer,
                weights: rule.weigh(&found),
                rule: rule.id,
                statement: found.statement,
                evidence: found.evidence.iter().filter_map(|index| Some(facts.attempt(*index)?.id)).collect(),
                addresses: Vec::new(),
                pages: case.context.pages.clone().filter(|_| rule.against == Against::Pages),
            };
        }
    }
    // Not reached: the last rule asks for nothing. A constant answer is still better than a panic.
    Verdict {
        code: VerdictCode::Unknown,
        layer: None,
        weights: Weights::of(50, 50),
        rule: RuleId::Unknown,
        statement: None,
        evidence: Vec::new(),
        addresses: Vec::new(),
        pages: None,
    }
}

/// An address that no public name has: this device, a private network, nothing at all.
///
/// 198.18.0.0/15 is left out: VPN apps answer lookups with it and carry what is sent there. So are the documentation
/// ranges, in which the lab lives.
fn is_bogon(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..=127).contains(&b); // RFC 6598
            a == 0 || a >= 224 || shared || v4.is_loopback() || v4.is_private() || v4.is_link_local()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
        }
    }
}

/// One form for one address: an IPv4 address mapped into IPv6 or translated by NAT64 (RFC 6052) is that IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                IpAddr::from(std::net::Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
            }
            _ => address.to_canonical(),
        },
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
