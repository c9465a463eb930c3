//! What a verdict's sentences say in addition to what happened: where it happened, and how the reading continued.

use std::time::Duration;

use super::super::routes::Vantage;
use super::super::sights::{Disclosure, SeenBesides, SeenInAttempts, beside, resolvers, shown_to, stays_here, tried};
use super::context::VerdictContext;
use crate::reach::{Attempt, Outcome, VerdictCode};
use crate::source::Platform;
use crate::transport::{Cause, Stage, Strategy};

/// The subject of a verdict, for all of its sentences.
#[derive(Clone, Debug)]
pub(in crate::sentences) struct Scene<'a> {
    /// The host that the user asked for.
    pub(in crate::sentences) host: &'a str,
    /// The usual name of the platform behind it, if there is one.
    pub(in crate::sentences) platform: Option<&'a Platform>,
    /// The strategy that the verdict is about.
    pub(in crate::sentences) strategy: &'a Strategy,
    /// Where the verdict holds.
    pub(in crate::sentences) place: Vantage<'a>,
    /// The resolvers that the strategy names itself.
    pub(in crate::sentences) resolvers: Vec<String>,
}

/// How it went on, after what happened.
#[derive(Clone, Debug)]
pub(in crate::sentences) enum Sequel<'a> {
    /// It was found out a short while ago, and nothing was sent now.
    FoundEarlier,
    /// None of the strategies read it.
    Unread,
    /// Tor takes connections, and may still be building its circuits.
    TorBegins,
    /// The system says that the network does not lead to the internet.
    NoWayOut,
    /// Nothing was read: who saw the attempts.
    Seen(SeenInAttempts),
    /// A strategy brought an answer.
    Reached {
        /// Which one.
        by: &'a Strategy,
        /// How long it took.
        took: Duration,
        /// What was asked for came, and not only an answer.
        read: bool,
        /// Who sees what of it.
        shown: Disclosure<'a>,
    },
    /// Who saw more than that.
    Beside(SeenBesides),
    /// A VPN stands in the provider's place.
    Vpn,
}

impl<'a> VerdictContext<'a> {
    pub(super) fn scene(&self) -> Scene<'a> {
        let place = if stays_here(self.subject, self.host, self.attempts) {
            Vantage::ThisDevice
        } else if self.is_onion() {
            Vantage::WithinTor
        } else {
            Vantage::of(self.subject, self.vpn)
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
    pub(super) fn sequel(&self) -> Vec<Sequel<'a>> {
        let code = self.verdict.code;
        let Some((strategy, took)) = self.reached else {
            // These say everything by themselves: there was nothing to reach, or no network to try it on.
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
            let seen = match code {
                VerdictCode::Offline => tried(&[self.earlier, &self.lost()].concat()),
                _ if self.earlier.is_empty() => tried(self.attempts),
                _ => tried(&[self.earlier, self.attempts].concat()),
            };
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
        let all = [self.earlier, self.attempts].concat();
        let beside = beside((strategy, self.host, self.tls), at, &all).map(Sequel::Beside);
        let vpn = self.is_outside_behind_vpn().then_some(Sequel::Vpn);
        [Some(reached), beside, vpn].into_iter().flatten().collect()
    }

    /// The attempts that went out without a network and got no answer: questions to a resolver. Nothing else left.
    fn lost(&self) -> Vec<Attempt> {
        let is_silent = |attempt: &&Attempt| matches!(&attempt.outcome, Outcome::Failed(failure) if failure.cause == Cause::Silence);
        self.attempts.iter().filter(is_silent).cloned().collect()
    }

    /// A Tor beside the verdict's strategy accepts connections, and has brought nothing yet.
    fn tor_begins(&self) -> bool {
        let waits = |attempt: &Attempt| {
            let is_tor = attempt.strategy.is_tor() && !attempt.mute;
            is_tor && attempt.stage == Stage::Proxy && attempt.outcome == Outcome::Pending
        };
        !self.subject.is_tor() && self.attempts.iter().any(waits)
    }

    fn is_outside_behind_vpn(&self) -> bool {
        self.vpn && !stays_here(self.subject, self.host, self.attempts)
    }
}
