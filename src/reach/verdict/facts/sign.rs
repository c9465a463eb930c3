//! What one attempt says by itself.

use std::time::Duration;

use super::super::blame::blames_first_hop;
use crate::reach::{AnswerFault, Attempt, Finding, Outcome};
use crate::transport::{Cause, CertificateFault, Failure, Stage, Strategy, StrategyKind};

/// What one attempt says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::reach::verdict) enum Sign<'a> {
    /// What was asked for came.
    Proven,
    /// Something else came.
    Found(&'a Finding),
    /// The name was not resolved.
    Name(Option<&'a Cause>),
    /// The certificate does not prove the host.
    Certificate(CertificateFault),
    /// The connection to the host, or the exchange on it, was cut.
    Cut(Stage, How),
    /// The proxy or Tor itself failed.
    Route(RouteFault),
    /// Nothing: our own limits, an idle connection that was closed, a system error.
    Nothing,
    /// It was not given enough time.
    Waiting,
}

/// The kind of cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::verdict) enum How {
    Reset,
    Refused,
    Unreachable,
    Silence,
    Closed,
    Garbage,
    Alert,
    /// It ended without saying that it is complete.
    Unannounced,
}

/// How our own route failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::verdict) enum RouteFault {
    /// Its port cannot be reached, or its name cannot be resolved.
    Dead,
    /// It wants a login or does not accept ours.
    Login,
    /// It does not speak its protocol, or its own certificate is bad.
    Garbage,
    /// It answers that it could not or would not, and blames no one else.
    Reply,
    /// It took the connection and did not answer: the proxy is slow, or the host behind it.
    Silent,
    /// It took the connection, and nothing came that a Shadowsocks server can have sent: silence, or an end. Such a
    /// server gives no answer of its own. A wrong password, a server of another kind and an unreachable host look the
    /// same.
    Unanswered,
}

impl<'a> Sign<'a> {
    pub(super) fn of(attempt: &'a Attempt) -> Self {
        match &attempt.outcome {
            Outcome::Proven => Sign::Proven,
            Outcome::Refuted(Finding::ProxyAnswer { status: 407 }) => Sign::Route(RouteFault::Login),
            Outcome::Refuted(Finding::ProxyAnswer { .. }) => Sign::Route(RouteFault::Reply),
            Outcome::Refuted(Finding::OriginFault { .. }) if !is_vouched(attempt) => Sign::Found(&Finding::Unvouched),
            Outcome::Refuted(finding) => Sign::Found(finding),
            Outcome::Failed(failure) => Self::failed(attempt, failure),
            Outcome::Pending => Self::silent(attempt),
            Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => Sign::Waiting,
        }
    }

    /// An attempt that we ended while it was waiting.
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
        // Our own time limit passed before a byte came: this is silence of that length.
        if failure.cause.is_our_time() && attempt.first_byte.is_none() {
            return Self::silent(attempt);
        }
        if let Some(fault) = route_fault(failure, attempt) {
            return Sign::Route(fault);
        }
        // A server may close an idle connection at any time. The request that finds it closed says nothing.
        let ended = matches!(failure.cause, Cause::Reset | Cause::Closed | Cause::EndedByHost);
        if attempt.reused && attempt.bytes == 0 && ended {
            return Sign::Nothing;
        }
        if is_unusable(attempt, failure) {
            return Sign::Found(if is_vouched(attempt) { &UNUSABLE } else { &Finding::Unvouched });
        }
        let how = match &failure.cause {
            // Our own rules forbade it, or the host answered for its outer name alone: the host was not asked.
            Cause::Forbidden { .. } | Cause::EchUnavailable | Cause::EchRejected | Cause::Clock => {
                return Sign::Nothing;
            }
            // A resolver that exceeds our limit has given no address.
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
            // A proxy that blames the host: REP 5 is a refusal, 504 is silence, everything else is "cannot be reached".
            Cause::ProxyReply { code: 5 } => How::Refused,
            Cause::ProxyReply { code: 504 } => How::Silence,
            Cause::ProxyReply { .. } => How::Unreachable,
            Cause::NxDomain | Cause::Rcode { .. } | Cause::NoAddress | Cause::LookupFailed => {
                return Sign::Name(Some(&failure.cause));
            }
            Cause::ProxyLogin => return Sign::Route(RouteFault::Login),
            // The app ended it.
            Cause::TorNotStarted { .. } => return Sign::Nothing,
        };
        // A proxy's reply about the host behind it is about connecting to the host.
        Sign::Cut(if failure.stage == Stage::Proxy { Stage::Tcp } else { failure.stage }, how)
    }

    /// How far it came. Among several addresses, the one that came farthest says most.
    pub(super) fn depth(self) -> Option<u8> {
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

/// Whether our own route failed, and how.
fn route_fault(failure: &Failure, attempt: &Attempt) -> Option<RouteFault> {
    let strategy = &attempt.strategy;
    if !blames_first_hop(failure, strategy, &attempt.destination) {
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

/// Whether the protocol gives the proxy no answer of its own to a request.
fn says_nothing(strategy: &Strategy) -> bool {
    matches!(strategy.kind, StrategyKind::Shadowsocks { .. })
}

/// Whether an answer came that no client can use. No one on the path can have broken what came over TLS from a proven
/// host, including alerts and the end of an answer. What is longer than our limit, or of a form that is not accepted, is
/// an answer in any case.
fn is_unusable(attempt: &Attempt, failure: &Failure) -> bool {
    failure.stage >= Stage::FirstByte
        && match &failure.cause {
            Cause::Malformed { .. } => attempt.proved_name && !failure.cause.is_broken_tls(),
            Cause::EndedByHost | Cause::Alert { .. } => attempt.proved_name,
            Cause::Limit { .. } => !failure.cause.is_our_time(),
            Cause::NotAccepted { .. } => true,
            _ => false,
        }
}

/// Whether no one on the path can have written what came: TLS proved the name, or nothing left the user's own network or
/// a Tor on this device.
pub(super) fn is_vouched(attempt: &Attempt) -> bool {
    let on_this_device =
        || attempt.strategy.is_direct() && attempt.address.is_some_and(|address| address.is_loopback());
    attempt.proved_name || attempt.strategy.vouches_for(&attempt.destination.host) || on_this_device()
}

/// An answer of the host that no client can use.
static UNUSABLE: Finding = Finding::OriginFault { status: None, what: AnswerFault::ServerError };

/// Silence is evidence from here on: by then a lost packet has been sent again once (RFC 6298: after 1 s).
pub(in crate::reach::verdict) const SILENCE: Duration = Duration::from_secs(3);
