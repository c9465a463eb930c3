//! What each attempt says if it is taken alone, and what they say together: the questions that rules ask.

use std::net::IpAddr;
use std::time::Duration;

use super::blame::blames_first_hop;
use super::{Case, canonical, is_bogon};
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::{
    Cause, CertificateFault, Country, Destination, EchOutcome, Failure, Kind, Resolvers, Stage, Strategy,
};

/// What one attempt says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign<'a> {
    /// What was asked for came.
    Proven,
    /// Something else came.
    Found(&'a Finding),
    /// The name was not resolved.
    Name(Option<&'a Cause>),
    /// The certificate does not prove the host.
    Certificate(CertificateFault),
    /// The way to the host or the talk with it was cut.
    Cut(Stage, How),
    /// The proxy or Tor itself failed.
    Route(RouteFault),
    /// Nothing: our own limits, an idle connection that was closed, an error of the system.
    Nothing,
    /// It was not waited for long enough.
    Waiting,
}

/// How something was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Reset,
    Refused,
    Unreachable,
    Silence,
    Closed,
    Garbage,
    Alert,
    /// It ended without saying that it is whole.
    Unannounced,
}

/// How our own route failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteFault {
    /// Its port cannot be reached, or its name not be resolved.
    Dead,
    /// It wants a login or does not accept ours.
    Login,
    /// It does not speak its protocol, or its own certificate is bad.
    Garbage,
    /// It answers that it could not or would not, and blames nobody else.
    Reply,
    /// It took the connection and did not answer: itself slow, or the host behind it.
    Silent,
    /// It took the connection, says nothing of itself (Shadowsocks), and nothing came that it can have sent: silence, or an
    /// end. So does one whose password is another, one that is something else, and one whose host cannot be reached.
    Unanswered,
}

impl<'a> Sign<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        match &attempt.outcome {
            Outcome::Proven => Sign::Proven,
            Outcome::Refuted(Finding::ProxyAnswer { status: 407 }) => Sign::Route(RouteFault::Login),
            Outcome::Refuted(Finding::ProxyAnswer { .. }) => Sign::Route(RouteFault::Reply),
            Outcome::Refuted(finding) => Sign::Found(finding),
            Outcome::Failed(failure) => Self::failed(attempt, failure),
            Outcome::Pending => Self::silent(attempt),
            Outcome::Interrupted => Sign::Waiting,
        }
    }

    /// An attempt that ended, for reasons of ours, while it was waiting.
    fn silent(attempt: &Attempt) -> Self {
        if attempt.first_byte.is_some() || attempt.took < SILENCE {
            return Sign::Waiting;
        }
        match (attempt.stage, attempt.strategy.is_direct()) {
            (Stage::Dns, true) => Sign::Name(None),
            (Stage::Dns | Stage::Tcp, false) => Sign::Route(RouteFault::Dead),
            (Stage::Proxy, _) if says_nothing(&attempt.strategy) => Sign::Route(RouteFault::Unanswered),
            (Stage::Proxy, _) => Sign::Route(RouteFault::Silent),
            (stage, _) => Sign::Cut(stage, How::Silence),
        }
    }

    fn failed(attempt: &'a Attempt, failure: &'a Failure) -> Self {
        // Our own time was over before a byte came: silence, for as long as it lasted.
        if failure.cause.is_our_time() && attempt.first_byte.is_none() {
            return Self::silent(attempt);
        }
        if let Some(fault) = route_fault(failure, &attempt.strategy) {
            return Sign::Route(fault);
        }
        // A server may close an idle connection at any time; the request that finds out says nothing.
        let ended = matches!(failure.cause, Cause::Reset | Cause::Closed | Cause::EndedByHost);
        if attempt.reused && attempt.bytes == 0 && ended {
            return Sign::Nothing;
        }
        if is_of_the_host(attempt, failure) {
            return Sign::Found(&UNUSABLE);
        }
        let how = match &failure.cause {
            // What our own rules kept back, and a host that answered for its outer name alone: nothing was said to the host.
            Cause::Forbidden { .. } | Cause::EchUnavailable | Cause::EchRejected | Cause::Clock => {
                return Sign::Nothing;
            }
            // A resolver that sends more than is taken has given no address.
            Cause::Limit { .. } | Cause::NotAccepted { .. } if failure.stage == Stage::Dns => {
                return Sign::Name(Some(&failure.cause));
            }
            Cause::Limit { .. } | Cause::NotAccepted { .. } | Cause::Io => return Sign::Nothing,
            _ if failure.stage == Stage::Dns => return Sign::Name(Some(&failure.cause)),
            Cause::Certificate { fault } => return Sign::Certificate(*fault),
            Cause::Reset => How::Reset,
            Cause::EndUnannounced => How::Unannounced,
            Cause::Refused => How::Refused,
            Cause::Unreachable => How::Unreachable,
            Cause::Silence => How::Silence,
            Cause::Closed | Cause::EndedByHost => How::Closed,
            Cause::Alert { .. } => How::Alert,
            Cause::Malformed { .. } => How::Garbage,
            // A proxy that blames the host: REP 5 is a refusal, 504 is silence, all else is "cannot be reached".
            Cause::ProxyReply { code: 5 } => How::Refused,
            Cause::ProxyReply { code: 504 } => How::Silence,
            Cause::ProxyReply { .. } => How::Unreachable,
            Cause::NxDomain | Cause::Rcode { .. } | Cause::NoAddress | Cause::LookupFailed => {
                return Sign::Name(Some(&failure.cause));
            }
            Cause::ProxyLogin => return Sign::Route(RouteFault::Login),
        };
        // What a proxy says of the host behind it is about connecting to it.
        Sign::Cut(if failure.stage == Stage::Proxy { Stage::Tcp } else { failure.stage }, how)
    }

    /// How far it came: of several addresses, the one that came farthest says most.
    fn depth(self) -> Option<u8> {
        match self {
            Sign::Found(_) => Some(7),
            Sign::Cut(Stage::Progress, _) => Some(6),
            Sign::Cut(Stage::FirstByte, _) => Some(5),
            Sign::Certificate(_) => Some(4),
            Sign::Cut(Stage::Tls, _) => Some(3),
            Sign::Cut(..) => Some(2),
            Sign::Name(_) => Some(1),
            Sign::Route(_) => Some(0),
            Sign::Proven | Sign::Nothing | Sign::Waiting => None,
        }
    }
}

/// Whether our own route is what failed, and how.
fn route_fault(failure: &Failure, strategy: &Strategy) -> Option<RouteFault> {
    if !blames_first_hop(failure, strategy) {
        return None;
    }
    Some(match (&failure.cause, failure.stage) {
        (Cause::ProxyLogin, _) => RouteFault::Login,
        (Cause::ProxyReply { .. }, _) => RouteFault::Reply,
        (
            Cause::Malformed { .. }
            | Cause::NotAccepted { .. }
            | Cause::Certificate { .. }
            | Cause::Alert { .. }
            | Cause::Limit { .. },
            _,
        ) => RouteFault::Garbage,
        (Cause::Silence | Cause::Closed | Cause::Reset, Stage::Proxy) if says_nothing(strategy) => {
            RouteFault::Unanswered
        }
        (Cause::Silence, Stage::Proxy) => RouteFault::Silent,
        _ => RouteFault::Dead,
    })
}

/// Whether the proxy has no answer of its own to a request.
fn says_nothing(strategy: &Strategy) -> bool {
    matches!(strategy.kind, Kind::Shadowsocks { .. })
}

/// Whether a broken answer is the host's own. What TLS brought from a proven host nobody on the way can have written, alerts
/// and the end of an answer included; and nobody blocks by sending more than is taken.
fn is_of_the_host(attempt: &Attempt, failure: &Failure) -> bool {
    failure.stage >= Stage::FirstByte
        && match &failure.cause {
            Cause::Malformed { .. } => attempt.proved_name && !failure.cause.is_broken_tls(),
            Cause::EndedByHost | Cause::Alert { .. } => attempt.proved_name,
            Cause::Limit { .. } => !failure.cause.is_our_time(),
            Cause::NotAccepted { .. } => true,
            _ => false,
        }
}

/// What a host answers that nobody can use.
static UNUSABLE: Finding = Finding::OriginFault { status: None, what: String::new() };

/// The case, read.
pub(super) struct Facts<'a> {
    pub(super) case: &'a Case<'a>,
    /// The sign of each attempt: the subject's, then the others'.
    signs: Vec<Sign<'a>>,
    /// The subject's attempts that count: of its last hop, the last for each address that says anything.
    pub(super) subject: Vec<usize>,
    /// The one of them that came farthest without reaching.
    pub(super) primary: Option<usize>,
    /// The other strategies.
    vantages: Vec<Vantage>,
}

/// One other strategy.
struct Vantage {
    /// Another network carries it.
    independent: bool,
    /// It leaves in the country that the subject is in.
    same_country: bool,
    /// Its attempts that count.
    last: Vec<usize>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        let all = || case.subject.iter().chain(case.others);
        let signs: Vec<Sign<'a>> = all().map(Sign::of).collect();
        let subject = counting(case.subject.iter().enumerate(), &signs);
        let mut primary: Option<usize> = None;
        for index in &subject {
            let depth = |index: usize| signs.get(index).and_then(|sign| sign.depth());
            if depth(*index).is_some() && primary.is_none_or(|best| depth(best) < depth(*index)) {
                primary = Some(*index);
            }
        }
        let mut strategies: Vec<&Strategy> = Vec::new();
        for attempt in case.others {
            if !strategies.contains(&&attempt.strategy) {
                strategies.push(&attempt.strategy);
            }
        }
        let own = case.subject.first().map(|attempt| &attempt.strategy);
        let vantages = strategies.into_iter().filter(|strategy| Some(*strategy) != own).map(|strategy| Vantage {
            independent: own.is_some_and(|own| independent(own, strategy)),
            same_country: own.is_some_and(|own| {
                let here = country(own, case.context.country);
                here.is_some() && here == country(strategy, case.context.country)
            }),
            last: counting(
                (case.subject.len()..).zip(case.others).filter(|(_, attempt)| attempt.strategy == *strategy),
                &signs,
            ),
        });
        let vantages = vantages.collect();
        Self { case, signs, subject, primary, vantages }
    }

    pub(super) fn attempt(&self, index: usize) -> Option<&'a Attempt> {
        match index.checked_sub(self.case.subject.len()) {
            None => self.case.subject.get(index),
            Some(index) => self.case.others.get(index),
        }
    }

    pub(super) fn attempts(&self) -> impl Iterator<Item = (usize, &'a Attempt, Sign<'a>)> + '_ {
        let all = self.case.subject.iter().chain(self.case.others);
        all.zip(&self.signs).enumerate().map(|(index, (attempt, sign))| (index, attempt, *sign))
    }

    pub(super) fn sign(&self, index: usize) -> Sign<'a> {
        self.signs.get(index).copied().unwrap_or(Sign::Nothing)
    }

    /// The host was sent no packet by the subject: nothing was tried, or all of it was forbidden. A resolver may have been
    /// asked for it before.
    pub(super) fn only_forbidden(&self) -> bool {
        let forbidden = |attempt: &Attempt| {
            matches!(
                &attempt.outcome,
                Outcome::Failed(Failure { cause: Cause::Forbidden { .. } | Cause::EchUnavailable, .. })
            )
        };
        self.case.subject.iter().all(forbidden)
    }

    /// The subject's last word is one that nobody on the way can have written.
    pub(super) fn subject_is_proved(&self) -> bool {
        self.case.subject.last().is_some_and(|attempt| attempt.proved_name)
    }

    /// The sign of the subject's attempt that came farthest.
    pub(super) fn said(&self) -> Option<Sign<'a>> {
        self.primary.map(|index| self.sign(index))
    }

    /// The subject's counting attempts with such a sign.
    pub(super) fn subject_with(&self, wanted: impl Fn(Sign<'a>) -> bool) -> Vec<usize> {
        self.subject.iter().copied().filter(|index| wanted(self.sign(*index))).collect()
    }

    /// The subject talks TLS with the host.
    pub(super) fn tls(&self) -> bool {
        self.primary.and_then(|index| self.attempt(index)).is_some_and(|attempt| attempt.tls)
    }

    fn counting_elsewhere(&self, wanted: impl Fn(&Vantage) -> bool) -> impl Iterator<Item = usize> {
        self.vantages.iter().filter(move |vantage| wanted(vantage)).flat_map(|vantage| vantage.last.iter().copied())
    }

    /// Attempts of independent vantages that got what was asked for.
    pub(super) fn read_elsewhere(&self) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent)
            .filter(|index| self.sign(*index) == Sign::Proven)
            .collect()
    }

    /// Attempts of any other strategy that got what was asked for.
    pub(super) fn read_otherwise(&self) -> Vec<usize> {
        self.counting_elsewhere(|_| true).filter(|index| self.sign(*index) == Sign::Proven).collect()
    }

    /// Attempts of independent vantages that reached the host itself: the content came, or its certificate.
    pub(super) fn reached_elsewhere(&self) -> Vec<usize> {
        let read = self.read_elsewhere();
        if !read.is_empty() {
            return read;
        }
        let vantages = self.independents();
        self.attempts()
            .skip(self.case.subject.len())
            .filter(|(_, attempt, _)| attempt.proved_name && vantages.contains(&&attempt.strategy))
            .map(|(index, ..)| index)
            .collect()
    }

    /// It goes straight to the host, and a resolver in whose place anybody on the way can answer was asked for it.
    pub(super) fn asks_in_the_clear(attempt: &Attempt) -> bool {
        let forgeable = |dns: &Resolvers| dns.iter().any(|resolver| !resolver.is_authenticated());
        matches!(&attempt.strategy.kind, Kind::Direct { dns } if forgeable(dns))
    }

    /// The other strategies that another network carries.
    pub(super) fn independents(&self) -> Vec<&'a Strategy> {
        let Some(own) = self.case.subject.first() else { return Vec::new() };
        self.case
            .others
            .iter()
            .map(|attempt| &attempt.strategy)
            .filter(|other| independent(&own.strategy, other))
            .collect()
    }

    /// Attempts of independent vantages outside the subject's country that failed at the host, if none of them reached it.
    pub(super) fn down_elsewhere(&self) -> Option<Vec<usize>> {
        if self.came_farther_elsewhere() || !self.read_otherwise().is_empty() {
            return None;
        }
        let at_host = |sign: Sign<'_>| match sign {
            // Not TLS where a proxy says that the host is: the proxy's own words, unless the subject hears the same.
            Sign::Cut(Stage::Tls, How::Garbage) => self.said() == Some(sign),
            Sign::Cut(..) | Sign::Certificate(_) | Sign::Found(Finding::OriginFault { .. }) => true,
            Sign::Found(_) | Sign::Proven | Sign::Name(_) | Sign::Route(_) | Sign::Nothing | Sign::Waiting => false,
        };
        let down: Vec<usize> = self
            .counting_elsewhere(|vantage| vantage.independent && !vantage.same_country)
            .filter(|index| at_host(self.sign(*index)))
            .collect();
        (!down.is_empty()).then_some(down)
    }

    /// An independent vantage came farther than the subject. Where the subject itself proved the name, a vantage that did no
    /// more than that met the same.
    fn came_farther_elsewhere(&self) -> bool {
        let proved = self.primary.and_then(|index| self.attempt(index)).is_some_and(|attempt| attempt.proved_name);
        let farther = |sign: Sign<'_>| match sign {
            Sign::Found(Finding::OriginFault { .. }) => false,
            Sign::Found(_) | Sign::Proven => true,
            _ => !proved,
        };
        self.reached_elsewhere().into_iter().any(|index| farther(self.sign(index)))
    }

    /// The subject is led to something that does not speak TLS, and whoever else came to the host, or did not, met no
    /// such thing: it is the way that leads there.
    pub(super) fn led_astray(&self) -> Option<Vec<usize>> {
        let astray = Sign::Cut(Stage::Tls, How::Garbage);
        let by_proxy = self.case.subject.first().is_some_and(|attempt| !attempt.strategy.is_direct());
        let elsewhere: Vec<Sign<'_>> =
            self.counting_elsewhere(|vantage| vantage.independent).map(|index| self.sign(index)).collect();
        let at_host =
            |sign: &Sign<'_>| matches!(sign, Sign::Proven | Sign::Found(_) | Sign::Cut(..) | Sign::Certificate(_));
        (by_proxy && self.said() == Some(astray) && elsewhere.iter().any(at_host) && !elsewhere.contains(&astray))
            .then(|| self.subject_with(|sign| sign == astray))
    }

    /// Attempts of vantages in other countries with such a finding.
    pub(super) fn found_abroad(&self, wanted: impl Fn(&Finding) -> bool) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent && !vantage.same_country)
            .filter(|index| matches!(self.sign(*index), Sign::Found(finding) if wanted(finding)))
            .collect()
    }

    /// Attempts of independent vantages whose certificate was bad, too.
    pub(super) fn certificates_elsewhere(&self) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent)
            .filter(|index| matches!(self.sign(*index), Sign::Certificate(_)))
            .collect()
    }

    /// Attempts, over this network or another, that proved the host's name where the subject's certificate did not:
    /// another path, or the very address.
    pub(super) fn proved_against(&self) -> Vec<usize> {
        let reached: Vec<usize> =
            self.reached_elsewhere().into_iter().filter(|i| self.attempt(*i).is_some_and(|a| a.proved_name)).collect();
        if !reached.is_empty() {
            return reached;
        }
        let address = self.primary.and_then(|index| self.attempt(index)?.address).map(canonical);
        let same = |attempt: &Attempt| attempt.strategy.is_direct() && attempt.address.map(canonical) == address;
        self.attempts()
            .filter(|(index, attempt, _)| {
                *index >= self.case.subject.len() && address.is_some() && attempt.proved_name && same(attempt)
            })
            .map(|(index, ..)| index)
            .collect()
    }

    /// Attempts that completed TLS for the name at the very address where the subject was cut, over the same network, and
    /// that differ in nothing but how the name is said: cut, or encrypted.
    pub(super) fn reached_unnamed(&self) -> Vec<usize> {
        let hidden = |attempt: &Attempt| !attempt.strategy.tls.is_none() || attempt.ech == EchOutcome::Accepted;
        let said = self.primary.and_then(|index| self.attempt(index));
        let Some(said) =
            said.filter(|said| said.strategy.is_direct() && said.strategy.tls.is_none() && said.ech == EchOutcome::Off)
        else {
            return Vec::new();
        };
        let Some(address) = said.address.map(canonical) else { return Vec::new() };
        self.attempts()
            .skip(self.case.subject.len())
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && hidden(attempt))
            .filter(|(_, attempt, _)| attempt.hop == said.hop && attempt.proved_name)
            .filter(|(_, attempt, _)| attempt.address.map(canonical) == Some(address))
            .map(|(index, ..)| index)
            .collect()
    }

    // Names and addresses.

    /// The subject goes straight to a host whose name a resolver was asked for: not one that the user named by its
    /// address, nor one whose address the user gave by hand.
    pub(super) fn looks_up(&self) -> bool {
        !self.case.context.local_destination
            && self.case.subject.first().is_some_and(|attempt| attempt.strategy.is_direct() && !attempt.pinned)
    }

    /// The hop that the subject's counting attempts are of.
    pub(super) fn hop(&self) -> Option<u32> {
        self.case.subject.last().map(|attempt| attempt.hop)
    }

    /// What the subject's resolver answered at its last hop.
    pub(super) fn answers(&self) -> Vec<IpAddr> {
        let hop = self.hop();
        let mut answers: Vec<IpAddr> = self
            .case
            .subject
            .iter()
            .filter(|attempt| Some(attempt.hop) == hop)
            .flat_map(|attempt| attempt.answers.iter().copied().chain(attempt.address))
            .map(canonical)
            .collect();
        answers.sort();
        answers.dedup();
        answers
    }

    /// Every address that the subject was given is one that no public name has, and the name was proved at none of them.
    pub(super) fn only_bogons(&self) -> bool {
        let answers = self.answers();
        let proved = self.case.subject.iter().any(|attempt| attempt.proved_name && Some(attempt.hop) == self.hop());
        self.looks_up() && !proved && !answers.is_empty() && answers.into_iter().all(is_bogon)
    }

    /// Attempts that went, by another resolver's answer, to an address which the subject was not given, and completed
    /// TLS for the name there.
    pub(super) fn true_addresses(&self) -> Vec<usize> {
        let (answers, hop) = (self.answers(), self.hop());
        self.attempts()
            .skip(self.case.subject.len())
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && Some(attempt.hop) == hop && attempt.proved_name)
            .filter(|(_, attempt, _)| attempt.address.is_some_and(|address| !answers.contains(&canonical(address))))
            .map(|(index, ..)| index)
            .collect()
    }

    /// One of the subject's addresses is the host's: its name was proved there, or it stands in an answer of which
    /// another address proved the name.
    pub(super) fn was_given_a_true_address(&self) -> bool {
        let (answers, hop) = (self.answers(), self.hop());
        self.attempts()
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && Some(attempt.hop) == hop && attempt.proved_name)
            .any(|(_, attempt, _)| {
                attempt
                    .answers
                    .iter()
                    .copied()
                    .chain(attempt.address)
                    .any(|address| answers.contains(&canonical(address)))
            })
    }

    /// The subject tried IPv6 addresses only, none of them answered, and nothing else shows that IPv6 works here.
    pub(super) fn only_dead_ipv6(&self) -> bool {
        let dead = |index: &usize| {
            matches!(self.sign(*index), Sign::Cut(Stage::Tcp, _))
                && self.attempt(*index).and_then(|a| a.address).is_some_and(|a| canonical(a).is_ipv6())
        };
        let works = |(_, attempt, _): (usize, &Attempt, Sign<'_>)| {
            attempt.address.is_some_and(|address| canonical(address).is_ipv6()) && attempt.stage > Stage::Tcp
        };
        !self.subject.is_empty() && self.subject.iter().all(dead) && !self.attempts().any(works)
    }

    /// The resolvers that the subject asks.
    pub(super) fn resolvers(&self) -> Option<&'a Resolvers> {
        match &self.case.subject.first()?.strategy.kind {
            Kind::Direct { dns } => Some(dns),
            _ => None,
        }
    }

    /// The subject is a proxy whose own word is all there is against the host: its attempt.
    pub(super) fn word_of_a_proxy(&self) -> Option<usize> {
        let primary = self.primary?;
        let Outcome::Failed(failure) = &self.attempt(primary)?.outcome else { return None };
        let word = failure.stage == Stage::Proxy && matches!(failure.cause, Cause::ProxyReply { .. });
        (word && matches!(self.sign(primary), Sign::Cut(..))).then_some(primary)
    }

    // The network as a whole.

    /// Nothing on the whole case was answered by anybody, and that for want of a network: the attempts that say so.
    pub(super) fn no_network(&self) -> Option<Vec<usize>> {
        let mut unreachable = Vec::new();
        let mut certain = true;
        // Ways that go straight to the host have it for their first hop, whichever resolver they ask.
        let mut hops: Vec<Option<&Destination>> = Vec::new();
        for (index, attempt, sign) in self.attempts() {
            // A Tor or proxy on this device answers without any network; that it failed says nothing.
            if attempt.address.is_some_and(|address| canonical(address).is_loopback()) && !attempt.strategy.is_direct()
            {
                if matches!(sign, Sign::Proven | Sign::Found(_) | Sign::Certificate(_)) || attempt.first_byte.is_some()
                {
                    return None;
                }
                continue;
            }
            let Outcome::Failed(failure) = &attempt.outcome else { return None };
            match failure.cause {
                Cause::Unreachable if failure.stage <= Stage::Tcp => {
                    let ipv6 = attempt.address.is_some_and(|address| canonical(address).is_ipv6());
                    certain &= ipv6 || failure.errno.is_some_and(|errno| NO_NETWORK.contains(&errno));
                    if !ipv6 {
                        unreachable.push(index);
                    }
                    if !hops.contains(&attempt.strategy.server()) {
                        hops.push(attempt.strategy.server());
                    }
                }
                Cause::LookupFailed => {}
                Cause::Silence if failure.stage == Stage::Dns => {}
                _ => return None,
            }
        }
        // "Host unreachable" may come from a router on the way: then two first hops must agree.
        (!unreachable.is_empty() && (certain || hops.len() > 1)).then_some(unreachable)
    }

    /// Attempts over the device's own uplink that met a login portal.
    pub(super) fn portals(&self) -> Vec<usize> {
        let portal = |(index, attempt, sign): (usize, &Attempt, Sign<'_>)| {
            let own = index < self.case.subject.len() || attempt.strategy.is_direct();
            (own && matches!(sign, Sign::Found(Finding::CaptivePortal))).then_some(index)
        };
        self.attempts().filter_map(portal).collect()
    }

    /// Certificates of two different hosts (the site's, and an HTTPS proxy's or a resolver's) are out of their time.
    pub(super) fn two_clocks(&self) -> Vec<usize> {
        let out_of_time = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(Failure { stage, cause: Cause::Certificate { fault }, .. }) => {
                matches!(fault, CertificateFault::Expired | CertificateFault::NotYetValid).then_some(*stage)
            }
            _ => None,
        };
        let stages =
            |wanted: Stage| self.attempts().find(|(_, a, _)| out_of_time(a) == Some(wanted)).map(|(index, ..)| index);
        let resolver = || {
            let of_time = |said: &Result<Vec<IpAddr>, Cause>| {
                matches!(
                    said,
                    Err(Cause::Certificate { fault: CertificateFault::Expired | CertificateFault::NotYetValid })
                )
            };
            let met = |attempt: &Attempt| {
                attempt.lookups.iter().flat_map(|lookup| &lookup.answers).any(|answer| of_time(&answer.result))
            };
            self.attempts().find(|(_, attempt, _)| met(attempt)).map(|(index, ..)| index)
        };
        match (stages(Stage::Tls), stages(Stage::Proxy).or_else(resolver)) {
            (Some(site), Some(proxy)) if !self.attempts().any(|(_, a, _)| a.proved_name) => vec![site, proxy],
            _ => Vec::new(),
        }
    }
}

/// The attempts that count: of the last hop, the last that says anything for each address.
fn counting<'b>(attempts: impl Iterator<Item = (usize, &'b Attempt)>, signs: &[Sign<'_>]) -> Vec<usize> {
    let attempts: Vec<_> = attempts.collect();
    let mut last: Vec<(Option<IpAddr>, usize)> = Vec::new();
    let mut hop = None;
    for (index, attempt) in attempts.into_iter().rev() {
        if *hop.get_or_insert(attempt.hop) != attempt.hop {
            break;
        }
        let says = signs.get(index).is_some_and(|sign| !matches!(sign, Sign::Nothing | Sign::Waiting));
        if says && !last.iter().any(|(address, _)| *address == attempt.address) {
            last.push((attempt.address, index));
        }
    }
    last.into_iter().rev().map(|(_, index)| index).collect()
}

/// Whether another network carries `other`: two direct strategies differ in their resolver only, and one proxy is one
/// proxy, whatever it is called and with whatever login.
pub(super) fn independent(own: &Strategy, other: &Strategy) -> bool {
    match (own.server(), other.server()) {
        (None, None) => false,
        (Some(own), Some(other)) => own.host != other.host || own.port != other.port,
        _ => true,
    }
}

pub(super) fn country(strategy: &Strategy, here: Option<Country>) -> Option<Country> {
    strategy.country.or(here.filter(|_| strategy.is_direct()))
}

/// From when on silence is evidence: a lost packet has been sent again by then, once (RFC 6298: after 1 s).
pub(super) const SILENCE: Duration = Duration::from_secs(3);

/// ENETUNREACH and ENETDOWN on Linux and Android, on Apple's systems, and on Windows: this device has no route at all.
const NO_NETWORK: [i32; 6] = [101, 100, 51, 50, 10051, 10050];
