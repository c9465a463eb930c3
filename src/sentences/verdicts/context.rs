//! The input of a verdict's sentence, and the questions about it.

use std::net::IpAddr;
use std::time::Duration;

use url::Host;

use super::happened::{Claim, Doubt, ResolverFault, TooStrict};
use crate::reach::{AnswerFault, Attempt, Finding, Layer, Outcome, RuleId, Statement, Verdict, VerdictCode};
use crate::sentences::attempts::{onion_fault, tor_fault};
use crate::source::Platform;
use crate::transport::{
    Cause, CertificateFault, Failure, OnionFault, Stage, Strategy, TorFault, TorStall, is_loopback, is_onion_host,
};
/// The input of a verdict's sentence.
#[derive(Clone, Copy, Debug)]
pub struct VerdictContext<'a> {
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The host that the user asked for.
    pub host: &'a str,
    /// The usual name of the platform behind the host ("VK"), if there is one.
    pub platform: Option<&'a Platform>,
    /// The strategy that the verdict is about.
    pub subject: &'a Strategy,
    /// The strategy that brought an authentic answer, and the time that it took.
    pub reached: Option<(&'a Strategy, Duration)>,
    /// That strategy read what was asked for, and not only an answer.
    pub read: bool,
    /// Everything that was tried: another attempt may have shown what a strategy hides.
    pub attempts: &'a [Attempt],
    /// What earlier requests of the same operation showed. Only who saw it is said of them.
    pub earlier: &'a [Attempt],
    /// The host is contacted over TLS.
    pub tls: bool,
    /// The device's network is a VPN.
    pub vpn: bool,
    /// The operating system says that the device's network does not lead to the internet.
    pub unvalidated: bool,
}

impl<'a> VerdictContext<'a> {
    /// A certificate is not valid yet by this device's clock.
    pub(super) fn clock_is_behind(&self) -> bool {
        let not_yet = Cause::Certificate { fault: CertificateFault::NotYetValid };
        let met = |attempt: &Attempt| matches!(&attempt.outcome, Outcome::Failed(failure) if failure.cause == not_yet);
        self.verdict.rule == RuleId::ClockNotYetValid || self.attempts.iter().any(met)
    }

    /// One of the host's addresses that is cut while another works, if its failure is evidence.
    pub(super) fn cut_address(&self) -> Option<IpAddr> {
        let cut = |code: VerdictCode, layer: Option<Layer>| match code {
            VerdictCode::TcpBlocked | VerdictCode::TlsInterfered | VerdictCode::Frozen => true,
            VerdictCode::Unknown => matches!(layer, Some(Layer::Tcp | Layer::Tls)),
            _ => false,
        };
        let some_work = self.verdict.code == VerdictCode::Reachable;
        let mut addresses = self.verdict.addresses.iter().filter(|_| some_work);
        addresses.find(|address| cut(address.code, address.layer)).map(|address| address.address)
    }

    /// Nothing was reached, and an attempt of the subject ended with the time that the app gave.
    pub(super) fn ran_out(&self) -> bool {
        let of_our_time = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => attempt.strategy == *self.subject && failure.cause.is_our_time(),
            _ => false,
        };
        self.reached.is_none() && self.attempts.iter().any(of_our_time)
    }

    /// The host is this device, so a strategy that leads elsewhere does not get its name.
    pub(super) fn is_kept_from_proxies(&self) -> bool {
        let this_device = Host::parse(self.host).is_ok_and(|host| is_loopback(&host));
        this_device && !self.subject.reaches_this_device()
    }

    /// The host is an address, and no name is sent to it.
    pub(super) fn host_is_address(&self) -> bool {
        !matches!(Host::parse(self.host), Ok(Host::Domain(_)) | Err(_))
    }

    /// The subject asked a resolver for the host.
    pub(super) fn was_looked_up(&self) -> bool {
        let host = |attempt: &Attempt| attempt.destination.host.to_string().trim_end_matches('.') == self.host;
        let of_subject = self.attempts.iter().filter(|attempt| attempt.strategy == *self.subject && host(attempt));
        of_subject.flat_map(|attempt| &attempt.lookups).any(|lookup| lookup.asked)
    }

    /// Why the cause stays open: there was no other strategy, or others failed as well.
    pub(super) fn doubt(&self) -> Doubt {
        let sent = |failure: &Failure| !matches!(failure.cause, Cause::Forbidden { .. } | Cause::EchUnavailable);
        let failed = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => sent(failure),
            Outcome::Refuted(_) => true,
            _ => false,
        };
        let others = self.attempts.iter().any(|attempt| attempt.strategy != *self.subject && failed(attempt));
        if others && self.reached.is_none() { Doubt::OthersFailed } else { Doubt::NoOtherWay }
    }

    /// What the subject's last attempt that failed at this stage met.
    pub(super) fn met(&self, stage: Stage) -> Option<&'a Cause> {
        self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject).find_map(
            |attempt| match &attempt.outcome {
                Outcome::Failed(failure) if failure.stage == stage => Some(&failure.cause),
                _ => None,
            },
        )
    }

    /// The status with which the host itself refused the subject's last attempt.
    pub(super) fn refusal(&self) -> Option<u16> {
        let mut of_subject = self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject);
        match &of_subject.next()?.outcome {
            Outcome::Refuted(Finding::OriginFault { status: Some(status @ (401 | 403)), .. }) => Some(*status),
            _ => None,
        }
    }

    /// The host gave whole files, and they are not those that the community signed.
    pub(super) fn is_other_file(&self) -> bool {
        let mut of_subject = self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject);
        let is_other = |finding: &Finding| matches!(finding, Finding::OriginFault { what: AnswerFault::OtherFile, .. });
        of_subject.next().is_some_and(|last| matches!(&last.outcome, Outcome::Refuted(finding) if is_other(finding)))
    }

    /// The part of an answer that this program refuses, if that ended the subject's last attempt.
    pub(super) fn too_strict(&self) -> Option<TooStrict> {
        match self.met(Stage::Progress).or_else(|| self.met(Stage::FirstByte))? {
            Cause::NotAccepted { fault: form } => Some(TooStrict::Form(*form)),
            cause @ Cause::Limit { .. } if !cause.is_our_time() => Some(TooStrict::Size),
            _ => None,
        }
    }

    /// Something that is not TLS answered in the handshake.
    pub(super) fn met_no_tls(&self) -> bool {
        matches!(self.met(Stage::Tls), Some(Cause::Malformed { .. }))
    }

    /// What happened to the resolvers that the subject names.
    pub(super) fn resolver_fault(&self) -> ResolverFault {
        match self.met(Stage::Dns) {
            Some(Cause::Refused) => ResolverFault::Refused,
            Some(Cause::Certificate { .. }) => ResolverFault::Unproved,
            Some(Cause::LookupFailed) => ResolverFault::NameNotFound,
            Some(Cause::Closed) => ResolverFault::Closed,
            Some(Cause::Rcode { .. }) => ResolverFault::Error,
            Some(Cause::Malformed { .. } | Cause::Limit { .. }) => ResolverFault::NoDns,
            _ => ResolverFault::Unreached,
        }
    }

    /// What kept the subject's Tor from starting, if it is the one within this process.
    pub(super) fn tor_stall(&self) -> Option<TorStall> {
        match self.met(Stage::Proxy) {
            Some(Cause::TorNotStarted { stall }) => Some(*stall),
            _ => None,
        }
    }

    /// What Tor says of the onion service that the subject did not reach.
    pub(super) fn onion_fault(&self) -> Option<OnionFault> {
        let of_subject = self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject);
        of_subject.filter_map(onion_fault).next()
    }

    /// The host is an onion service, which has no exit and no resolver.
    pub(super) fn is_onion(&self) -> bool {
        self.subject.is_tor() && Host::parse(self.host).is_ok_and(|host| is_onion_host(&host))
    }

    /// The same over a Tor of this device: no line in between is without encryption.
    pub(super) fn is_onion_by_tor_here(&self) -> bool {
        self.is_onion() && self.subject.server().is_none_or(|server| is_loopback(&server.host))
    }

    /// Nothing at the subject's port answered as a Tor does.
    pub(super) fn is_mute(&self) -> bool {
        let mut of_subject = self.attempts.iter().filter(|attempt| attempt.strategy == *self.subject).peekable();
        self.subject.is_tor() && of_subject.peek().is_some() && of_subject.all(|attempt| attempt.mute)
    }

    /// Why the subject's Tor opened no stream, where it does not speak of the host.
    pub(super) fn tor_fault(&self) -> Option<TorFault> {
        let of_subject = self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject);
        of_subject.filter_map(tor_fault).next()
    }

    /// What the block says of itself, as its own claim.
    pub(super) fn claim(&self) -> Claim<'a> {
        let statement: Option<&Statement> = self.verdict.statement.as_ref();
        Claim::of(statement)
    }
}
