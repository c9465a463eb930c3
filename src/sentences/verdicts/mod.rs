//! A verdict in one or two sentences: what happened, by which way it was read all the same, and who sees what then.
//!
//! What is said is chosen once, from the evidence, and without any language: [`Happened`] and [`Sequel`]. A phrasebook
//! puts it into words.

mod happened;

use std::net::IpAddr;
use std::time::Duration;

use url::Host;

use super::Language;
use super::routes::Place;
use super::sights::{Beside, Shown, Tried, beside, resolvers, shown_to, stays_here, tried};
use crate::reach::{Attempt, Layer, Outcome, RuleId, Statement, Verdict, VerdictCode};
use crate::source::Platform;
use crate::transport::{Cause, CertificateFault, Failure, Stage, Strategy, is_loopback};
pub(super) use happened::{Claim, Doubt, Happened, ResolverFault, TooStrict};

/// What a verdict's sentence is told from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The host that the user asked for.
    pub host: &'a str,
    /// What people call the platform behind the host ("VK"), where it is one.
    pub platform: Option<&'a Platform>,
    /// The strategy that the verdict is about.
    pub subject: &'a Strategy,
    /// By which way an authentic answer came, and how long that way took.
    pub reached: Option<(&'a Strategy, Duration)>,
    /// What was asked for came that way, and not only an answer.
    pub read: bool,
    /// Everything that was tried: what a way hides, an attempt beside it may have shown.
    pub attempts: &'a [Attempt],
    /// The host is spoken to over TLS.
    pub tls: bool,
    /// The device's network is a VPN.
    pub vpn: bool,
    /// The operating system says that the device's network does not lead to the internet.
    pub unvalidated: bool,
}

/// The sentence (or two) for a verdict.
pub fn verdict(language: Language, told: &Told<'_>) -> String {
    let (book, scene) = (language.phrasebook(), told.scene());
    let sequel: Vec<String> = told.sequel().iter().map(|sequel| book.sequel(sequel)).collect();
    let by_subject = told.reached.is_some_and(|(way, _)| way == told.subject);
    // That it answers by a proxy is all in how it was read.
    let said_by_sequel = told.verdict.rule == RuleId::Reachable && by_subject && !told.subject.is_direct();
    let what = (!said_by_sequel).then(|| book.happened(&scene, &Happened::of(told)));
    what.into_iter().chain(sequel).collect::<Vec<_>>().join(" ")
}

/// Of what and whom a verdict speaks, in all of its sentences.
#[derive(Clone, Debug)]
pub(super) struct Scene<'a> {
    /// The host that the user asked for.
    pub(super) host: &'a str,
    /// What people call the platform behind it, where it is one.
    pub(super) platform: Option<&'a Platform>,
    /// The strategy that the verdict is about.
    pub(super) strategy: &'a Strategy,
    /// Where the verdict holds.
    pub(super) place: Place<'a>,
    /// The resolvers that the strategy names itself.
    pub(super) resolvers: Vec<String>,
}

/// How it went on, after what happened.
#[derive(Clone, Debug)]
pub(super) enum Sequel<'a> {
    /// It was found out a short while ago, and nothing was sent now.
    FoundEarlier,
    /// None of the strategies read it.
    Unread,
    /// Tor takes connections, and may still be building its circuits.
    TorBegins,
    /// The system says that the network does not lead to the internet.
    NoWayOut,
    /// Nothing was read: who saw the attempts.
    Seen(Tried),
    /// A strategy brought an answer.
    Reached {
        /// Which one.
        by: &'a Strategy,
        /// How long it took.
        took: Duration,
        /// What was asked for came, and not only an answer.
        read: bool,
        /// Who sees what of it.
        shown: Shown<'a>,
    },
    /// Who saw more than that.
    Beside(Beside),
    /// A VPN stands in the provider's place.
    Vpn,
}

impl<'a> Told<'a> {
    fn scene(&self) -> Scene<'a> {
        let place = if stays_here(self.subject, self.host, self.attempts) {
            Place::ThisDevice
        } else {
            Place::of(self.subject, self.vpn)
        };
        Scene {
            host: self.host,
            platform: self.platform,
            strategy: self.subject,
            place,
            resolvers: resolvers(self.subject),
        }
    }

    /// What is said of the way out, where there is something to say.
    fn sequel(&self) -> Vec<Sequel<'a>> {
        let code = self.verdict.code;
        let Some((strategy, took)) = self.reached else {
            // These say all by themselves: there was nothing to reach, or no network to try it on.
            let complete = matches!(
                code,
                VerdictCode::Reachable
                    | VerdictCode::Gone
                    | VerdictCode::Offline
                    | VerdictCode::CaptivePortal
                    | VerdictCode::OriginDown
                    | VerdictCode::Unknown
            );
            let stands = code == VerdictCode::WhitelistOnly && self.attempts.is_empty();
            let unread = (!complete).then_some(if stands { Sequel::FoundEarlier } else { Sequel::Unread });
            // Where there is no network, nobody saw anything.
            let seen = tried(self.attempts).filter(|_| code != VerdictCode::Offline);
            let no_way_out = self.unvalidated
                && !matches!(code, VerdictCode::Gone | VerdictCode::Offline | VerdictCode::CaptivePortal);
            let vpn = seen.is_some() && self.is_outside_behind_vpn();
            return [
                unread,
                (code != VerdictCode::Offline && self.tor_begins()).then_some(Sequel::TorBegins),
                no_way_out.then_some(Sequel::NoWayOut),
                seen.map(Sequel::Seen),
                vpn.then_some(Sequel::Vpn),
            ]
            .into_iter()
            .flatten()
            .collect();
        };
        let is_winner = |attempt: &&Attempt| attempt.strategy == *strategy && attempt.outcome == Outcome::Proven;
        let at = self.attempts.iter().rfind(is_winner);
        let shown = shown_to(strategy, self.host, self.tls, at);
        let reached = Sequel::Reached { by: strategy, took, read: self.read, shown };
        let beside = beside((strategy, self.host, self.tls), at, self.attempts).map(Sequel::Beside);
        let vpn = self.is_outside_behind_vpn().then_some(Sequel::Vpn);
        [Some(reached), beside, vpn].into_iter().flatten().collect()
    }

    /// A Tor beside the way that the verdict is about takes connections, and has brought nothing yet.
    fn tor_begins(&self) -> bool {
        let waits = |attempt: &Attempt| {
            attempt.strategy.is_tor() && attempt.stage == Stage::Proxy && attempt.outcome == Outcome::Pending
        };
        !self.subject.is_tor() && self.attempts.iter().any(waits)
    }

    fn is_outside_behind_vpn(&self) -> bool {
        self.vpn && !stays_here(self.subject, self.host, self.attempts)
    }

    /// A certificate that was met is not valid yet, by this device's clock.
    fn clock_is_behind(&self) -> bool {
        let not_yet = Cause::Certificate { fault: CertificateFault::NotYetValid };
        let met = |attempt: &Attempt| matches!(&attempt.outcome, Outcome::Failed(failure) if failure.cause == not_yet);
        self.verdict.rule == RuleId::ClockNotYetValid || self.attempts.iter().any(met)
    }

    /// One of the host's addresses that is cut, while another works: said only if what it met is evidence.
    fn cut_address(&self) -> Option<IpAddr> {
        let cut = |code: VerdictCode, layer: Option<Layer>| match code {
            VerdictCode::TcpBlocked | VerdictCode::TlsInterfered | VerdictCode::Frozen => true,
            VerdictCode::Unknown => matches!(layer, Some(Layer::Tcp | Layer::Tls)),
            _ => false,
        };
        let some_work = self.verdict.code == VerdictCode::Reachable;
        let mut addresses = self.verdict.addresses.iter().filter(|_| some_work);
        addresses.find(|address| cut(address.code, address.layer)).map(|address| address.address)
    }

    /// Nothing was reached, and an attempt of the subject's ended with the time that the app gave.
    fn ran_out(&self) -> bool {
        let of_our_time = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => attempt.strategy == *self.subject && failure.cause.is_our_time(),
            _ => false,
        };
        self.reached.is_none() && self.attempts.iter().any(of_our_time)
    }

    /// The host is this device, of which a way that leads elsewhere is not told.
    fn is_kept_from_proxies(&self) -> bool {
        let this_device = Host::parse(self.host).is_ok_and(|host| is_loopback(&host));
        this_device && !self.subject.reaches_this_device()
    }

    /// A resolver was asked for the host by the subject.
    fn was_looked_up(&self) -> bool {
        let host = |attempt: &Attempt| attempt.destination.host.to_string().trim_end_matches('.') == self.host;
        let of_subject = self.attempts.iter().filter(|attempt| attempt.strategy == *self.subject && host(attempt));
        of_subject.flat_map(|attempt| &attempt.lookups).next().is_some()
    }

    /// Why it stays open: for want of another way, or although others were tried.
    fn doubt(&self) -> Doubt {
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
    fn met(&self, stage: Stage) -> Option<&'a Cause> {
        self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject).find_map(
            |attempt| match &attempt.outcome {
                Outcome::Failed(failure) if failure.stage == stage => Some(&failure.cause),
                _ => None,
            },
        )
    }

    /// What of an answer this program refuses, if that is what ended the subject's last attempt.
    fn too_strict(&self) -> Option<TooStrict> {
        match self.met(Stage::Progress).or_else(|| self.met(Stage::FirstByte))? {
            Cause::NotAccepted { fault: form } => Some(TooStrict::Form(*form)),
            cause @ Cause::Limit { .. } if !cause.is_our_time() => Some(TooStrict::Size),
            _ => None,
        }
    }

    /// Something that is not TLS answered in the handshake.
    fn met_no_tls(&self) -> bool {
        matches!(self.met(Stage::Tls), Some(Cause::Malformed { .. }))
    }

    /// What befell the resolvers that the subject names.
    fn resolver_fault(&self) -> ResolverFault {
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

    /// What the blocker says of itself, as its own claim.
    fn claim(&self) -> Claim<'a> {
        let statement: Option<&Statement> = self.verdict.statement.as_ref();
        Claim::of(statement)
    }
}

#[cfg(test)]
mod tests;
