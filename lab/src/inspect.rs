//! What the censor's middlebox knows about one flow, and what it does at each segment.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::censor::Censor;
use crate::client_hello::{Progress, Reassembler, name_in_first_record, name_in_first_segment, name_in_segment};
use crate::facts::Facts;
use crate::rule::{Action, Rule};
use crate::world::Shared;

/// The result of inspecting a segment.
pub(crate) enum Look {
    /// It passes, with those held before it.
    Pass,
    /// It waits: a ClientHello is not complete, and the censor may have to answer instead of the server.
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
    /// Set until the beginning of the flow is recognised.
    reassembler: Option<Reassembler>,
    first: bool,
    /// The server has sent something.
    spoken: bool,
    /// The flow is HTTP in cleartext.
    cleartext: bool,
    /// The flow is neither TLS nor HTTP, or became a tunnel: what is sent in it is inside a proxy.
    tunnel: bool,
    /// The bytes since the server last sent something: one request.
    payload: Vec<u8>,
}

impl Inspector {
    pub(crate) fn new(censor: Censor, from: IpAddr, to: SocketAddr) -> Self {
        Self {
            censor,
            from,
            facts: Facts::new(to),
            fired: Vec::new(),
            reassembler: Some(Reassembler::default()),
            first: true,
            spoken: false,
            cleartext: false,
            tunnel: false,
            payload: Vec::new(),
        }
    }

    /// Rules that shape a flow from its beginning.
    pub(crate) fn opened(&mut self) -> Vec<Action> {
        let shaping = |action: &Action| {
            matches!(action, Action::FreezeAfterBytes(_) | Action::FreezeAfterPackets(_) | Action::Rate(_))
        };
        self.fire_those(|rule| shaping(&rule.action))
    }

    /// Inspects what the client sent.
    pub(crate) fn client_sent(&mut self, segment: &[u8]) -> Look {
        if std::mem::take(&mut self.first) {
            self.facts.first_name = name_in_first_segment(segment);
        }
        if self.reassembler.is_some() && self.facts.segment_name.is_none() {
            self.facts.segment_name = name_in_segment(segment);
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
        if self.facts.record_name.is_none() && !self.spoken {
            self.facts.record_name = name_in_first_record(&self.payload);
        }
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

    /// Notes that the server sent something: the client's next bytes are another request.
    pub(crate) fn server_sent(&mut self) {
        if self.facts.said.method.as_deref() == Some("CONNECT") {
            (self.cleartext, self.tunnel) = (false, true);
        }
        self.payload.clear();
        self.spoken = true;
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

/// The most that a middlebox keeps of a request.
const LONGEST_REQUEST: usize = 1 << 15;
