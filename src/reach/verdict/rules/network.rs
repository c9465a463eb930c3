//! The network as a whole: what it lets through, and how fast it is.

use std::net::IpAddr;
use std::time::Duration;

use url::Host;

use super::super::addresses::canonical;
use super::super::code::{Layer, VerdictCode};
use super::super::facts::{Facts, How, SILENCE, Sign};
use super::id::RuleId;
use super::rule::Against::FirstHops;
use super::rule::{Found, Rule, compared, found, rule, some};
use crate::reach::{Attempt, Outcome};
use crate::transport::{Cause, CertificateFault, Failure, NextHop, Stage};

/// The network as a whole.
pub(super) const NETWORK: &[Rule] = &[
    rule(
        RuleId::Offline,
        VerdictCode::Offline,
        Some(Layer::Network),
        &[(3, 95, "")],
        "Nothing outside this device answered, not even a resolver, and every attempt says that there is no route: by \
         the system's error numbers, or by two first hops that agree.",
        |f| f.no_network().map(found),
    )
    .limits("A router or a middlebox that says so for the only address that was tried, when no name was looked up, \
     looks the same.")
    .rows(&["N13"]),
    rule(
        RuleId::Portal,
        VerdictCode::CaptivePortal,
        Some(Layer::Network),
        &[(5, 90, "")],
        "The network wants a login before it lets anything through (HTTP 511, RFC 6585, a redirect into the local network, or a \
         page that tells hotspot clients so: WISPr 1.0).",
        |f| some(f.portals()),
    )
    .rows(&["N13"]),
    rule(
        RuleId::PortalUnvalidated,
        VerdictCode::CaptivePortal,
        Some(Layer::Network),
        &[(8, 87, "another server answers in the host's place"), (10, 82, "every connection is refused")],
        "The operating system found no internet behind this network, and no other route gets through. Either what \
         answers instead of the host cannot prove the name or cuts connections that carry it, or every connection is \
         refused.",
        portal_over_tls,
    )
    .limits("The text of a portal's own page is never considered: a different page proves nothing.")
    .rows(&["N13"]),
    rule(
        RuleId::WhitelistFirstHops,
        VerdictCode::WhitelistOnly,
        Some(Layer::Network),
        &[(70, 25, "two first hops"), (88, 9, "three or more")],
        "All first hops that were tried are silent at TCP (the host, and proxies of other owners in other prefixes), \
         while the network works: a resolver answered, or another host was reached a short while ago.",
        whitelisted,
    )
    .against(FirstHops)
    .limits("A host that is down and a proxy that is off at the same time look the same. The more first hops there \
     are, the less likely that is.")
    .rows(&["N11"]),
];

/// All proven attempts of the subject are at least this slow, and an independent vantage is more than twice as fast.
pub(super) fn slower(f: &Facts<'_>, least: f64, slowness: fn(&Attempt) -> Option<f64>) -> Option<Found> {
    let elsewhere = f.read_elsewhere();
    if elsewhere.is_empty() {
        return None;
    }
    let proven = f.subject_with(|sign| sign == Sign::Proven);
    let of = |index: &usize| f.attempt(*index).and_then(slowness);
    let best = proven
        .iter()
        .map(of)
        .collect::<Option<Vec<f64>>>()?
        .into_iter()
        .reduce(f64::min)
        .filter(|best| *best >= least)?;
    let faster = elsewhere.into_iter().filter(|index| of(index).is_some_and(|there| there < best / 2.0));
    compared(proven, faster.collect())
}

/// The subject's body was still coming slowly when its time was over, and an independent vantage was more than twice as
/// fast: it read the whole body in less than half the time, or had four times as much when its own time was over.
pub(super) fn unfinished(f: &Facts<'_>) -> Option<Found> {
    let slow = still_coming(f)?;
    if slow.iter().any(|(_, body)| body.rate >= SLOW) {
        return None;
    }
    let read = |index: &usize| {
        let there = f.attempt(*index).filter(|attempt| Some(attempt.hop) == f.hop()).and_then(Body::of);
        there.is_some_and(|there| {
            slow.iter().all(|(_, here)| there.time < here.time / 2 && there.rate > here.rate * 2.0)
        })
    };
    let mut faster: Vec<usize> = f.read_elsewhere().into_iter().filter(read).collect();
    if faster.is_empty() {
        let vantages = f.independents();
        let coming = |(_, attempt, sign): &(usize, &Attempt, Sign<'_>)| {
            let is_elsewhere = Some(attempt.hop) == f.hop() && vantages.contains(&&attempt.strategy);
            is_elsewhere
                && Body::coming(attempt, *sign)
                    .is_some_and(|there| slow.iter().all(|(_, here)| there.rate > here.rate * 4.0))
        };
        faster = f.attempts().skip(f.case.subject.len()).filter(coming).map(|(index, ..)| index).collect();
    }
    compared(slow.iter().map(|(index, _)| *index).collect(), faster)
}

/// The subject's body was still coming when its time was over, and nothing shows more. A slow one has the first
/// weights.
pub(super) fn still_comes(f: &Facts<'_>) -> Option<Found> {
    let coming = still_coming(f)?;
    let is_slow = coming.iter().any(|(_, body)| body.rate < SLOW);
    Some(found(coming.into_iter().map(|(index, _)| index)).leaning(usize::from(!is_slow)))
}

/// The subject's attempts at its last hop whose body was still coming when their time was over, if none of them has it
/// whole.
fn still_coming(f: &Facts<'_>) -> Option<Vec<(usize, Body)>> {
    if !f.subject_with(|sign| sign == Sign::Proven).is_empty() {
        return None;
    }
    let own = f.attempts().take(f.case.subject.len()).filter(|(_, attempt, _)| Some(attempt.hop) == f.hop());
    let coming: Vec<_> = own.filter_map(|(index, attempt, sign)| Some((index, Body::coming(attempt, sign)?))).collect();
    (!coming.is_empty()).then_some(coming)
}

/// The part of one body that came.
#[derive(Clone, Copy)]
struct Body {
    /// The time from the first byte to the end, or to when we stopped waiting.
    time: Duration,
    /// Bytes a second.
    rate: f64,
}

impl Body {
    fn of(attempt: &Attempt) -> Option<Self> {
        let time = body_time(attempt).filter(|_| attempt.bytes > 0)?;
        Some(Self { time, rate: attempt.bytes as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE) })
    }

    /// The body of an attempt that our side ended while the body was coming, if we listened long enough.
    fn coming(attempt: &Attempt, sign: Sign<'_>) -> Option<Self> {
        let ours = match &attempt.outcome {
            Outcome::Pending => sign == Sign::Waiting,
            Outcome::Failed(failure) => failure.cause.is_our_time() && failure.stage == Stage::Progress,
            _ => false,
        };
        Self::of(attempt).filter(|body| ours && body.time >= LISTENED)
    }
}

/// The time from the first byte to the end.
fn body_time(attempt: &Attempt) -> Option<Duration> {
    attempt.took.checked_sub(attempt.first_byte?)
}

/// Seconds to the first byte.
pub(super) fn seconds_to_begin(attempt: &Attempt) -> Option<f64> {
    attempt.first_byte.map(|time| time.as_secs_f64())
}

/// Seconds for a byte of the body, if enough bytes came to measure it.
pub(super) fn seconds_per_byte(attempt: &Attempt) -> Option<f64> {
    let time = body_time(attempt)?;
    (attempt.bytes > ENOUGH).then(|| time.as_secs_f64() / attempt.bytes as f64)
}

/// Bytes per second. Twice the rate that throttled networks were seen to allow (14 kB/s and 16 kB/s, that is 128
/// kbit/s). A policer that is set to a round number lets a little more through, so that number itself must not be the
/// bound.
const SLOW: f64 = 32_000.0;

/// Seconds for a byte at that rate.
pub(super) const SLOW_BYTE: f64 = 1.0 / SLOW;

/// The first window says nothing about a rate.
const ENOUGH: u64 = 32 * 1024;

/// A shorter time says nothing either: three round trips of the worst mobile network, in which a window opens.
const LISTENED: Duration = Duration::from_secs(2);

/// All first hops that were tried, of several owners, are silent at TCP, while something else shows that the network
/// works: a resolver's answer, or a host that was reached a short while ago.
///
/// If every one of them is called unreachable, the uplink behind this network's router is as likely to be gone, so that
/// is not counted. A refusal is not counted: a proxy that is switched off refuses. IPv6 is not counted, because it is broken in many
/// homes. A Tor or proxy on this device is not counted, because it answers without any network.
pub(super) fn whitelisted(f: &Facts<'_>) -> Option<Found> {
    if f.case.context.local_destination {
        return None;
    }
    let mut hops: Vec<(Host<String>, Option<IpAddr>)> = Vec::new();
    let mut evidence = Vec::new();
    let mut answered = f.case.context.alive;
    let mut some_silence = false;
    for (index, attempt, sign) in f.attempts() {
        if attempt.strategy.next_hop() == NextHop::Tor {
            // Its relays are dialled out of sight. What it reads came through this network.
            if attempt.got_an_answer() {
                return None;
            }
            continue;
        }
        let owner = attempt.strategy.server().map_or(&attempt.destination.host, |server| &server.host);
        let Some(address) = attempt.address.map(canonical) else {
            // If resolvers are silent as well, the whole network may be gone, unless something was just reached on it.
            if matches!(sign, Sign::Name(None | Some(Cause::Silence | Cause::LookupFailed))) {
                if !f.case.context.alive {
                    return None;
                }
                if !hops.iter().any(|(known, _)| known == owner) {
                    hops.push((owner.clone(), None));
                }
                evidence.push(index);
            }
            continue;
        };
        answered |= attempt.strategy.is_direct() && f.looks_up() && !attempt.answers.is_empty();
        if address.is_loopback() || address.is_ipv6() {
            if matches!(attempt.outcome, Outcome::Proven | Outcome::Refuted(_)) {
                return None;
            }
            continue;
        }
        let silent = match &attempt.outcome {
            Outcome::Failed(failure) if failure.stage == Stage::Tcp => {
                matches!(failure.cause, Cause::Silence | Cause::Reset | Cause::Unreachable)
                    || (failure.cause.is_our_time() && attempt.took >= SILENCE)
            }
            Outcome::Pending if attempt.stage == Stage::Tcp => attempt.took >= SILENCE,
            _ => false,
        };
        match sign {
            _ if silent => {
                let unreachable = |failure: &Failure| failure.cause == Cause::Unreachable;
                some_silence |= !matches!(&attempt.outcome, Outcome::Failed(failure) if unreachable(failure));
                if !hops.iter().any(|(known, at)| known == owner || at.is_some_and(|at| same_prefix(at, address))) {
                    hops.push((owner.clone(), Some(address)));
                }
                evidence.push(index);
            }
            // It was not given enough time.
            Sign::Waiting | Sign::Nothing if attempt.stage <= Stage::Tcp => {}
            // A foreign host answered: whatever it said, the network let it through.
            _ => return None,
        }
    }
    let lean = match hops.len() {
        0 | 1 => return None,
        2 => 0,
        _ => 1,
    };
    (answered && (some_silence || f.case.context.alive)).then(|| found(evidence).leaning(lean))
}

/// Whether one rule of a network, or one fault, usually covers both addresses.
fn same_prefix(a: IpAddr, b: IpAddr) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => a.octets()[..3] == b.octets()[..3],
        _ => a == b,
    }
}

/// The system found no internet, and the servers that answer for hosts cannot prove a name, cut connections that carry
/// one, or refuse every connection.
pub(super) fn portal_over_tls(f: &Facts<'_>) -> Option<Found> {
    let own = f.case.subject.first().is_some_and(|attempt| attempt.strategy.is_direct());
    if !f.case.context.unvalidated || !own || !f.read_otherwise().is_empty() || !f.reached_elsewhere().is_empty() {
        return None;
    }
    let intercepted = |sign: Sign<'_>| {
        matches!(
            sign,
            Sign::Certificate(CertificateFault::UnknownIssuer | CertificateFault::WrongName)
                | Sign::Cut(Stage::Tls, How::Reset | How::Closed | How::Garbage)
        )
    };
    if f.said().is_some_and(intercepted) {
        return Some(found(f.subject_with(intercepted)));
    }
    // Every connection is refused although names are resolved. No single host causes that.
    let refused = |(_, attempt, sign): (usize, &Attempt, Sign<'_>)| {
        let here = attempt.address.is_none_or(|address| canonical(address).is_loopback());
        let by_proxy = matches!(
            &attempt.outcome,
            Outcome::Failed(failure) if failure.stage == Stage::Tcp && failure.cause == Cause::Refused
        );
        here || by_proxy || matches!(sign, Sign::Cut(Stage::Tcp, How::Refused) | Sign::Waiting | Sign::Nothing)
    };
    let hosts = f.subject_with(|sign| sign == Sign::Cut(Stage::Tcp, How::Refused));
    (!hosts.is_empty() && !f.answers().is_empty() && f.attempts().all(refused)).then(|| found(hosts).leaning(1))
}
