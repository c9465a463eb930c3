//! The censor: a middlebox between the client and the world.
//!
//! A rule is a sentence: *when* something is seen, *do* something. `lab.censor().when_sni("vk.com").reset()`. All
//! conditions in one rule must hold. The knowledge about a flow grows: first the address and port (SYN), then what the
//! client sends: the ClientHello, reassembled from records and segments unless the rule says
//! [`When::first_segment_only`], or a cleartext request. A rule acts at the first packet at which all its conditions
//! hold, once per flow. Segments before that have already passed; the one that completes the condition has not.
//!
//! A rule about addresses and ports alone acts on the SYN if it can (swallow, refuse, unreachable), and otherwise on
//! the client's first payload. What the censor itself sends (resets, DNS answers, pages) comes from its position,
//! [`CENSOR_DELAY`](crate::CENSOR_DELAY) from the client, and so before anything from the far end.
//!
//! It sees only the client's packets. It does not see a proxy abroad, and it does not look inside a tunnel unless the
//! rule says [`When::inside_proxies`].

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::facts::Facts;
use crate::lie::Lie;
use crate::log::What;
use crate::node::ip;
use crate::page::Page;
use crate::rule::{Action, Condition, Prefix, Reassembly, Rule};
use crate::world::Shared;

/// The censor of a lab.
#[derive(Clone)]
pub struct Censor(pub(crate) Shared);

impl Censor {
    /// When this name, or one under it, is in a ClientHello.
    pub fn when_sni(&self, name: &str) -> When {
        self.when().sni(name)
    }

    /// When this name is in the `Host` of a cleartext request.
    pub fn when_host(&self, name: &str) -> When {
        self.when().host(name)
    }

    /// When this path begins the target of a cleartext request.
    pub fn when_path(&self, path: &str) -> When {
        self.when().path(path)
    }

    /// When these bytes are in what the client sends in cleartext, anywhere in a flow.
    pub fn when_cleartext(&self, text: impl AsRef<[u8]>) -> When {
        self.when().text(text)
    }

    /// When a packet goes to this address, or to one of this prefix (`203.0.113.0/24`).
    pub fn when_address(&self, address: &str) -> When {
        self.when().address(address)
    }

    /// When a packet goes to none of these addresses or prefixes: a whitelist.
    pub fn when_not_address(&self, addresses: &[&str]) -> When {
        self.when().condition(Condition::NotAddress(addresses.iter().map(|address| Prefix::parse(address)).collect()))
    }

    /// When a packet goes to this port.
    pub fn when_port(&self, port: u16) -> When {
        self.when().port(port)
    }

    /// When a DNS query asks for this name, or one under it.
    pub fn when_query(&self, name: &str) -> When {
        self.when().query(name)
    }

    /// When a datagram goes to port 443, the port of QUIC.
    pub fn when_quic(&self) -> When {
        self.when().condition(Condition::Quic)
    }

    /// When a ClientHello carries ECH and this outer name.
    pub fn when_ech(&self, outer: &str) -> When {
        self.when().sni(outer).ech()
    }

    /// Every flow.
    pub fn always(&self) -> When {
        self.when()
    }

    fn when(&self) -> When {
        When { censor: self.clone(), rule: Rule::default() }
    }

    /// What happens to a SYN to `to`.
    pub(crate) fn syn(&self, to: SocketAddr) -> Option<Action> {
        if to.ip().is_loopback() {
            return None;
        }
        let facts = Facts::new(to);
        let (fired, residual) = {
            let mut state = self.0.state();
            let now = Instant::now();
            state.residual.retain(|(_, until)| *until > now);
            let residual = state.residual.iter().any(|(address, _)| *address == to);
            let fired = state.rules.iter().find(|rule| rule.on_syn() && rule.holds(&facts) && rule.counts()).cloned();
            (fired, residual)
        };
        if let Some(rule) = fired {
            self.fire(&rule, to);
            return Some(rule.action.clone());
        }
        residual.then(|| {
            self.0.log("censor", What::Censored { rule: "residual: swallow".to_owned(), to });
            Action::Swallow
        })
    }

    /// What happens to a DNS query for `name` to a resolver.
    pub(crate) fn query(&self, name: &str, resolver: SocketAddr) -> Option<Action> {
        let facts = Facts::of_query(name, resolver);
        let rules = self.0.state().rules.clone();
        let rule = rules.into_iter().find(|rule| rule.on_datagram() && rule.holds(&facts) && rule.counts())?;
        self.fire(&rule, resolver);
        Some(rule.action.clone())
    }

    /// What happens to a datagram that is not a DNS query.
    pub(crate) fn datagram(&self, to: SocketAddr) -> Option<Action> {
        let facts = Facts::of_datagram(to);
        let rules = self.0.state().rules.clone();
        let rule = rules.into_iter().find(|rule| rule.on_datagram() && rule.holds(&facts) && rule.counts())?;
        self.fire(&rule, to);
        Some(rule.action.clone())
    }

    pub(crate) fn fire(&self, rule: &Arc<Rule>, to: SocketAddr) {
        self.0.log("censor", What::Censored { rule: rule.to_string(), to });
        if let Some(time) = rule.residual {
            self.0.state().residual.push((to, Instant::now() + time));
        }
    }
}

impl fmt::Debug for Censor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.state().rules.iter().map(ToString::to_string)).finish()
    }
}

/// The first half of a rule: its conditions. An action completes it.
#[derive(Debug)]
#[must_use = "a condition without an action does nothing"]
pub struct When {
    censor: Censor,
    rule: Rule,
}

impl When {
    /// And this name, or one under it, is in the ClientHello.
    pub fn sni(self, name: &str) -> Self {
        self.condition(Condition::Sni(name.to_ascii_lowercase()))
    }

    /// And this name is in the `Host` of a cleartext request.
    pub fn host(self, name: &str) -> Self {
        self.condition(Condition::Host(name.to_ascii_lowercase()))
    }

    /// And this path begins the target of a cleartext request.
    pub fn path(self, path: &str) -> Self {
        self.condition(Condition::Path(path.to_owned()))
    }

    /// And these bytes are in what the client sends in cleartext.
    pub fn text(self, text: impl AsRef<[u8]>) -> Self {
        self.condition(Condition::Cleartext(text.as_ref().to_vec()))
    }

    /// And a DNS query asks for this name, or one under it.
    pub fn query(self, name: &str) -> Self {
        self.condition(Condition::Query(name.to_ascii_lowercase()))
    }

    /// And the ClientHello carries ECH.
    pub fn ech(self) -> Self {
        self.condition(Condition::Ech)
    }

    /// And the packet goes to this address or prefix.
    pub fn address(self, address: &str) -> Self {
        self.condition(Condition::Address(Prefix::parse(address)))
    }

    /// And the packet goes to this port.
    pub fn port(self, port: u16) -> Self {
        self.condition(Condition::Port(port))
    }

    /// The middlebox reads the first TLS record of the first segment, and reassembles nothing.
    ///
    /// rustls randomises the order of a ClientHello's extensions, and a post-quantum key share fills most of a segment.
    /// So it varies between connections whether such a middlebox finds the name. Do not assert either.
    pub fn first_segment_only(mut self) -> Self {
        self.rule.sight = Reassembly::FirstSegment;
        self
    }

    /// The middlebox reassembles TCP segments, and reads only the first TLS record.
    pub fn first_record_only(mut self) -> Self {
        self.rule.sight = Reassembly::FirstRecord;
        self
    }

    /// The middlebox reassembles TLS records, and reads each TCP segment by itself. It sees nothing of a ClientHello
    /// that began in the segment before; see [`When::first_segment_only`] for the consequence with a long one.
    pub fn each_segment_only(mut self) -> Self {
        self.rule.sight = Reassembly::EachSegment;
        self
    }

    /// The middlebox also finds a ClientHello or a request after a proxy's handshake.
    pub fn inside_proxies(mut self) -> Self {
        self.rule.inside_proxies = true;
        self
    }

    /// After it acted, SYNs to the same address and port are swallowed for this long.
    pub fn residual(mut self, time: Duration) -> Self {
        self.rule.residual = Some(time);
        self
    }

    /// The first `flows` matching flows are let through.
    pub fn after(mut self, flows: u32) -> Self {
        self.rule.spared = AtomicU32::new(flows);
        self
    }

    /// Resets both ends.
    pub fn reset(self) -> InForce {
        self.act(Action::Reset)
    }

    /// Closes both ends.
    pub fn close(self) -> InForce {
        self.act(Action::Close)
    }

    /// Drops this packet and all that follow, both ways.
    pub fn swallow(self) -> InForce {
        self.act(Action::Swallow)
    }

    /// Answers the SYN with a reset.
    pub fn refuse(self) -> InForce {
        self.act(Action::Refuse)
    }

    /// Answers the SYN with an ICMP "host unreachable".
    pub fn unreachable(self) -> InForce {
        self.act(Action::Unreachable)
    }

    /// Answers a cleartext request with this page instead of the server's.
    pub fn block_page(self, page: impl Into<Page>) -> InForce {
        self.act(Action::Answer(page.into()))
    }

    /// Answers a cleartext request with a 451 that links to the blocking party.
    pub fn legal_451(self, blocked_by: &str, text: &str) -> InForce {
        self.act(Action::Answer(Page::legal_451(blocked_by, text)))
    }

    /// Terminates TLS itself, with a certificate of its own authority for the requested name.
    pub fn forge_certificate(self) -> InForce {
        self.act(Action::ForgeCertificate)
    }

    /// Lets this many bytes through to the client, then drops everything.
    pub fn freeze_after_bytes(self, bytes: usize) -> InForce {
        self.act(Action::FreezeAfterBytes(bytes))
    }

    /// Lets this many packets through to the client, then drops everything.
    pub fn freeze_after_packets(self, packets: usize) -> InForce {
        self.act(Action::FreezeAfterPackets(packets))
    }

    /// Delays the matching packet for this long.
    pub fn delay(self, time: Duration) -> InForce {
        self.act(Action::Delay(time))
    }

    /// Lets this many bytes per second through to the client.
    pub fn rate(self, bytes_per_second: u64) -> InForce {
        self.act(Action::Rate(bytes_per_second))
    }

    /// Injects "no such name", which races the true answer.
    pub fn nxdomain(self) -> InForce {
        self.act(Action::Inject(Lie::NxDomain))
    }

    /// Injects this address, which races the true answer.
    pub fn resolve_to(self, address: &str) -> InForce {
        self.act(Action::Inject(Lie::Addresses(vec![ip(address)])))
    }

    /// Injects this DNS answer, which races the true one.
    pub fn inject(self, lie: Lie) -> InForce {
        self.act(Action::Inject(lie))
    }

    fn condition(mut self, condition: Condition) -> Self {
        self.rule.conditions.push(condition);
        self
    }

    fn act(mut self, action: Action) -> InForce {
        self.rule.action = action;
        let rule = Arc::new(self.rule);
        self.censor.0.state().rules.push(rule.clone());
        InForce(rule)
    }
}

/// A rule in force; it stays in force if this is dropped.
#[derive(Clone, Debug)]
pub struct InForce(Arc<Rule>);

impl InForce {
    /// The rule is no longer applied to new packets.
    pub fn lift(&self) {
        self.0.lifted.store(true, Ordering::Relaxed);
    }

    /// The rule is applied again.
    pub fn restore(&self) {
        self.0.lifted.store(false, Ordering::Relaxed);
    }
}
