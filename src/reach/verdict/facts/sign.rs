//! What one attempt says if it is taken alone.

use std::time::Duration;

use super::super::blame::blames_first_hop;
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::{Cause, CertificateFault, Failure, Kind, Stage, Strategy};

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
pub(in crate::reach::verdict) enum How {
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
pub(in crate::reach::verdict) enum RouteFault {
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
    pub(super) fn of(attempt: &'a Attempt) -> Self {
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

/// Whether a broken answer is the host's own. What TLS brought from a proven host nobody on the path can have written, alerts
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

/// From when on silence is evidence: a lost packet has been sent again by then, once (RFC 6298: after 1 s).
pub(in crate::reach::verdict) const SILENCE: Duration = Duration::from_secs(3);
