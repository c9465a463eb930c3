//! The censor: a box between the client and the world.
//!
//! A rule is a sentence: *when* something is seen, *do* something. `lab.censor().when_sni("vk.com").reset()`.
//! Conditions in one rule must all hold. What is known of a flow grows: first the address and port (SYN), then what
//! the client says: the ClientHello, put together from records and segments unless the rule says
//! [`When::first_segment_only`], or a cleartext request. A rule acts at the first packet at which all its conditions
//! hold, once a flow. Segments before that have passed already, and the one that completes the condition has not.
//!
//! A rule about nothing but addresses and ports acts on the SYN if it can (swallow, refuse, unreachable), and on the
//! client's first payload otherwise. What the censor itself says (resets, DNS answers, pages) comes from where it
//! stands, [`CENSOR_DELAY`](crate::CENSOR_DELAY) from the client, and so before anything that the far end says.
//!
//! It sees the client's packets only. A proxy abroad is out of its sight, and what is inside a tunnel is not looked
//! at unless the rule says [`When::inside_proxies`].

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::client_hello::{ClientHello, Progress, Reassembler, name_in_first_segment};
use crate::dns::{Lie, is_within};
use crate::host::ip;
use crate::log::What;
use crate::server::Page;
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

    /// When these bytes are in what the client sends, in the clear, anywhere in a flow.
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

    /// What a SYN to `to` meets.
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

    /// What a DNS query for `name` to a resolver meets.
    pub(crate) fn query(&self, name: &str, resolver: SocketAddr) -> Option<Action> {
        let facts = Facts { query: Some(name.to_owned()), ..Facts::new(resolver) };
        let rules = self.0.state().rules.clone();
        let rule = rules.into_iter().find(|rule| rule.on_datagram() && rule.holds(&facts) && rule.counts())?;
        self.fire(&rule, resolver);
        Some(rule.action.clone())
    }

    /// An inspector for one flow.
    pub(crate) fn inspect(&self, from: IpAddr, to: SocketAddr) -> Inspector {
        Inspector {
            censor: self.clone(),
            from,
            facts: Facts::new(to),
            fired: Vec::new(),
            reassembler: Some(Reassembler::default()),
            first: true,
            cleartext: false,
            tunnel: false,
            payload: Vec::new(),
        }
    }

    fn fire(&self, rule: &Arc<Rule>, to: SocketAddr) {
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

/// The first half of a rule: conditions. The words that end it are the actions.
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

    /// And these bytes are in what the client sends, in the clear.
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

    /// The box looks at the first TLS record of the first segment, and puts nothing together.
    pub fn first_segment_only(mut self) -> Self {
        self.rule.first_segment_only = true;
        self
    }

    /// The box finds a ClientHello or a request also behind a proxy's handshake.
    pub fn inside_proxies(mut self) -> Self {
        self.rule.inside_proxies = true;
        self
    }

    /// After it acted, SYNs to the same address and port are swallowed for this long.
    pub fn residual(mut self, time: Duration) -> Self {
        self.rule.residual = Some(time);
        self
    }

    /// The first `flows` that fit are let through.
    pub fn after(mut self, flows: u32) -> Self {
        self.rule.spared = AtomicU32::new(flows);
        self
    }

    /// Resets both ends.
    pub fn reset(self) -> Lift {
        self.act(Action::Reset)
    }

    /// Closes both ends.
    pub fn close(self) -> Lift {
        self.act(Action::Close)
    }

    /// Drops this packet and all that follow, both ways.
    pub fn swallow(self) -> Lift {
        self.act(Action::Swallow)
    }

    /// Answers the SYN with a reset.
    pub fn refuse(self) -> Lift {
        self.act(Action::Refuse)
    }

    /// Answers the SYN with an ICMP "host unreachable".
    pub fn unreachable(self) -> Lift {
        self.act(Action::Unreachable)
    }

    /// Answers a cleartext request with this page, in place of the server.
    pub fn block_page(self, page: impl Into<Page>) -> Lift {
        self.act(Action::Answer(page.into()))
    }

    /// Answers a cleartext request with a 451 that links to who blocks.
    pub fn legal_451(self, blocked_by: &str, text: &str) -> Lift {
        self.act(Action::Answer(Page::legal_451(blocked_by, text)))
    }

    /// Ends TLS itself, with a certificate of its own authority for the name that was asked for.
    pub fn forge_certificate(self) -> Lift {
        self.act(Action::ForgeCertificate)
    }

    /// Lets this many bytes through to the client, then drops everything.
    pub fn freeze_after_bytes(self, bytes: usize) -> Lift {
        self.act(Action::FreezeAfterBytes(bytes))
    }

    /// Lets this many packets through to the client, then drops everything.
    pub fn freeze_after_packets(self, packets: usize) -> Lift {
        self.act(Action::FreezeAfterPackets(packets))
    }

    /// Holds the packet that fits for this long.
    pub fn delay(self, time: Duration) -> Lift {
        self.act(Action::Delay(time))
    }

    /// Lets this many bytes a second through to the client.
    pub fn rate(self, bytes_per_second: u64) -> Lift {
        self.act(Action::Rate(bytes_per_second))
    }

    /// Injects "no such name", which races the true answer.
    pub fn nxdomain(self) -> Lift {
        self.act(Action::Inject(Lie::NxDomain))
    }

    /// Injects this address, which races the true answer.
    pub fn resolve_to(self, address: &str) -> Lift {
        self.act(Action::Inject(Lie::Addresses(vec![ip(address)])))
    }

    /// Injects this DNS answer, which races the true one.
    pub fn inject(self, lie: Lie) -> Lift {
        self.act(Action::Inject(lie))
    }

    fn condition(mut self, condition: Condition) -> Self {
        self.rule.conditions.push(condition);
        self
    }

    fn act(mut self, action: Action) -> Lift {
        self.rule.action = action;
        let rule = Arc::new(self.rule);
        self.censor.0.state().rules.push(rule.clone());
        Lift(rule)
    }
}

/// A rule in force; it stays in force if this is dropped.
#[derive(Clone, Debug)]
pub struct Lift(Arc<Rule>);

impl Lift {
    /// The rule is no longer applied to new packets.
    pub fn lift(&self) {
        self.0.lifted.store(true, Ordering::Relaxed);
    }

    /// The rule is applied again.
    pub fn restore(&self) {
        self.0.lifted.store(false, Ordering::Relaxed);
    }
}

/// What is done.
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
enum Condition {
    Sni(String),
    Ech,
    Host(String),
    Path(String),
    Cleartext(Vec<u8>),
    Address(Prefix),
    NotAddress(Vec<Prefix>),
    Port(u16),
    Query(String),
}

/// A rule in force.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    conditions: Vec<Condition>,
    action: Action,
    first_segment_only: bool,
    inside_proxies: bool,
    residual: Option<Duration>,
    spared: AtomicU32,
    lifted: AtomicBool,
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

    /// Rules about queries, and a dropped address drops datagrams, too.
    fn on_datagram(&self) -> bool {
        let dns = self.conditions.iter().any(|c| matches!(c, Condition::Query(_)));
        dns || self.about_addresses() && matches!(self.action, Action::Swallow | Action::Inject(_))
    }

    pub(crate) fn holds(&self, facts: &Facts) -> bool {
        !self.lifted.load(Ordering::Relaxed) && self.conditions.iter().all(|condition| self.is_met(condition, facts))
    }

    fn is_met(&self, condition: &Condition, facts: &Facts) -> bool {
        let named = |name: &Option<String>, wanted: &str| name.as_ref().is_some_and(|name| is_within(name, wanted));
        let said = |met: &dyn Fn(&Said) -> bool| met(&facts.said) || self.inside_proxies && met(&facts.tunnelled);
        match condition {
            Condition::Sni(name) if self.first_segment_only => named(&facts.first_name, name),
            Condition::Sni(name) => said(&|said| named(&said.hello.name, name)),
            Condition::Ech => said(&|said| said.hello.ech),
            Condition::Host(name) => said(&|said| named(&said.host, name)),
            Condition::Path(path) => said(&|said| said.path.as_ref().is_some_and(|asked| asked.starts_with(path))),
            Condition::Cleartext(text) => facts.payload_contains(text),
            Condition::Address(prefix) => prefix.contains(facts.to.ip()),
            Condition::NotAddress(prefixes) => !prefixes.iter().any(|prefix| prefix.contains(facts.to.ip())),
            Condition::Port(port) => facts.to.port() == *port,
            Condition::Query(name) => named(&facts.query, name),
        }
    }

    /// Counts a flow that fits; false while flows are still let through.
    fn counts(&self) -> bool {
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
            }?;
        }
        f.write_str(self.action.word())
    }
}

/// What is known of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    to: SocketAddr,
    said: Said,
    /// Said inside a tunnel.
    tunnelled: Said,
    first_name: Option<String>,
    query: Option<String>,
    payload: Vec<u8>,
}

/// What a client says in the clear: in a ClientHello, or at the head of a request.
#[derive(Clone, Debug, Default)]
struct Said {
    hello: ClientHello,
    method: Option<String>,
    host: Option<String>,
    path: Option<String>,
}

impl Facts {
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self {
            to,
            said: Said::default(),
            tunnelled: Said::default(),
            first_name: None,
            query: None,
            payload: Vec::new(),
        }
    }

    fn payload_contains(&self, text: &[u8]) -> bool {
        !text.is_empty() && self.payload.windows(text.len()).any(|window| window == text)
    }
}

impl Said {
    /// Reads a cleartext request's head as far as it is there.
    fn read_request(&mut self, payload: &[u8]) {
        let text = String::from_utf8_lossy(payload);
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next());
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return;
        }
        self.method = Some(method.to_owned());
        self.path = target.map(str::to_owned);
        for line in lines {
            if let Some((_, value)) = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")) {
                let host = value.trim();
                self.host = Some(host.rsplit_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase());
            }
        }
    }

    /// Looks for a ClientHello that does not begin the flow.
    fn find_hello(&mut self, payload: &[u8]) {
        let starts = payload.windows(3).enumerate().filter(|(_, w)| w[0] == 22 && w[1] == 3 && w[2] <= 4);
        for (start, _) in starts {
            if let Progress::Complete(hello) = Reassembler::default().push(&payload[start..]) {
                self.hello = hello;
                return;
            }
        }
    }
}

/// What a look at a segment leads to.
pub(crate) enum Look {
    /// It goes on, with those held before it.
    Pass,
    /// It waits: a ClientHello is not complete, and may have to be answered in the server's place.
    Hold,
    /// Rules fired.
    Act(Vec<Action>),
}

/// Watches one flow.
pub(crate) struct Inspector {
    censor: Censor,
    from: IpAddr,
    facts: Facts,
    fired: Vec<Arc<Rule>>,
    /// Until it is known what the flow begins with.
    reassembler: Option<Reassembler>,
    first: bool,
    /// The flow is HTTP in the clear.
    cleartext: bool,
    /// The flow is neither TLS nor HTTP, or was turned into a tunnel: what is said in it is said inside a proxy.
    tunnel: bool,
    /// Since the server spoke last: one request.
    payload: Vec<u8>,
}

impl Inspector {
    /// Rules that shape a flow from its beginning.
    pub(crate) fn opened(&mut self) -> Vec<Action> {
        let shaping = |action: &Action| {
            matches!(action, Action::FreezeAfterBytes(_) | Action::FreezeAfterPackets(_) | Action::Rate(_))
        };
        self.fire_those(|rule| shaping(&rule.action))
    }

    /// Looks at what the client sent.
    pub(crate) fn client_sent(&mut self, segment: &[u8]) -> Look {
        if std::mem::take(&mut self.first) {
            self.facts.first_name = name_in_first_segment(segment);
        }
        let mut incomplete = false;
        if let Some(reassembler) = &mut self.reassembler {
            match reassembler.push(segment) {
                Progress::NeedMore => incomplete = true,
                Progress::Complete(hello) => {
                    self.facts.said.hello = hello;
                    self.reassembler = None;
                }
                Progress::NotTls => {
                    self.tunnel = !segment.first().is_some_and(u8::is_ascii_uppercase);
                    self.cleartext = !self.tunnel;
                    self.reassembler = None;
                }
            }
        }
        if self.payload.len() < LONGEST_REQUEST {
            self.payload.extend_from_slice(segment);
        }
        self.facts.payload.clone_from(&self.payload);
        if self.cleartext {
            self.facts.said.read_request(&self.payload);
        } else if self.tunnel {
            self.facts.tunnelled.read_request(&self.payload);
            self.facts.tunnelled.find_hello(&self.payload);
        }
        let actions = self.fire_those(|_| true);
        if !actions.is_empty() {
            return Look::Act(actions);
        }
        let forges = |rule: &Arc<Rule>| matches!(rule.action, Action::ForgeCertificate);
        if incomplete && self.censor.0.state().rules.iter().any(forges) { Look::Hold } else { Look::Pass }
    }

    /// Notes that the server spoke: what the client sends next is another request.
    pub(crate) fn server_sent(&mut self) {
        if self.facts.said.method.as_deref() == Some("CONNECT") {
            (self.cleartext, self.tunnel) = (false, true);
        }
        self.payload.clear();
    }

    /// The name in the ClientHello, or the address.
    pub(crate) fn name(&self) -> String {
        self.facts.said.hello.name.clone().unwrap_or_else(|| self.facts.to.ip().to_string())
    }

    pub(crate) fn world(&self) -> &Shared {
        &self.censor.0
    }

    pub(crate) fn from(&self) -> IpAddr {
        self.from
    }

    pub(crate) fn to(&self) -> SocketAddr {
        self.facts.to
    }

    fn fire_those(&mut self, which: impl Fn(&Rule) -> bool) -> Vec<Action> {
        let rules = self.censor.0.state().rules.clone();
        let mut actions = Vec::new();
        for rule in rules {
            let done = self.fired.iter().any(|fired| Arc::ptr_eq(fired, &rule));
            if !done && !rule.on_syn() && !rule.on_query() && which(&rule) && rule.holds(&self.facts) {
                self.fired.push(rule.clone());
                if rule.counts() {
                    self.censor.fire(&rule, self.facts.to);
                    actions.push(rule.on_payload());
                }
            }
        }
        actions
    }
}

impl Rule {
    fn on_query(&self) -> bool {
        self.conditions.iter().any(|c| matches!(c, Condition::Query(_)))
    }

    /// A SYN's action on a flow that is open already is a reset.
    fn on_payload(&self) -> Action {
        match &self.action {
            Action::Refuse | Action::Unreachable | Action::Inject(_) => Action::Reset,
            action => action.clone(),
        }
    }
}

/// An address or a network.
#[derive(Clone, Copy, Debug)]
struct Prefix {
    address: IpAddr,
    bits: u32,
}

impl Prefix {
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a scenario with a typo must not run")]
    fn parse(text: &str) -> Self {
        match text.split_once('/') {
            Some((address, bits)) => Self { address: ip(address), bits: bits.parse().expect("a prefix length") },
            None => Self { address: ip(text), bits: 128 },
        }
    }

    fn contains(self, address: IpAddr) -> bool {
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

/// What a box keeps of a request.
const LONGEST_REQUEST: usize = 1 << 15;
