//! What the attempts of a case say together: the questions that rules ask. What each says alone is its [`Sign`].

mod addresses;
mod elsewhere;
mod lookups;
mod network;
mod sign;

use std::net::IpAddr;

use super::case::Case;
use super::vantage::{country, independent};
use crate::reach::{Attempt, Outcome};
use crate::transport::{Cause, Failure, Strategy};
pub(super) use lookups::{False, OfNamed};
pub(super) use sign::{How, RouteFault, SILENCE, Sign};

/// A case, evaluated for the rules.
pub(super) struct Facts<'a> {
    pub(super) case: &'a Case<'a>,
    /// The sign of each attempt: first the subject's, then the others'.
    signs: Vec<Sign<'a>>,
    /// The subject's attempts that count: at its last hop, the last attempt for each address that says anything.
    pub(super) subject: Vec<usize>,
    /// The attempt among them that came farthest without reaching the host.
    pub(super) primary: Option<usize>,
    /// The other strategies.
    vantages: Vec<Vantage>,
}

/// One other strategy.
struct Vantage {
    /// Another network carries it.
    independent: bool,
    /// It exits in the subject's country.
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

    /// The subject sent the host no packet: nothing was tried, or all of it was forbidden. A resolver may have been
    /// asked for the host before.
    pub(super) fn only_forbidden(&self) -> bool {
        let forbidden = |attempt: &Attempt| {
            matches!(
                &attempt.outcome,
                Outcome::Failed(Failure { cause: Cause::Forbidden { .. } | Cause::EchUnavailable, .. })
            )
        };
        self.case.subject.iter().all(forbidden)
    }

    /// No one on the path can have written the subject's last answer, nor led the subject there.
    pub(super) fn subject_is_vouched(&self) -> bool {
        let vouched = self.case.subject.last().is_some_and(sign::is_vouched) || self.case.context.local_destination;
        vouched && !self.case.context.led_in_cleartext
    }

    /// The sign of the subject's attempt that came farthest.
    pub(super) fn said(&self) -> Option<Sign<'a>> {
        self.primary.map(|index| self.sign(index))
    }

    /// The subject's counting attempts with the given sign.
    pub(super) fn subject_with(&self, wanted: impl Fn(Sign<'a>) -> bool) -> Vec<usize> {
        self.subject.iter().copied().filter(|index| wanted(self.sign(*index))).collect()
    }

    /// Whether the subject uses TLS with the host.
    pub(super) fn tls(&self) -> bool {
        self.primary.and_then(|index| self.attempt(index)).is_some_and(|attempt| attempt.tls)
    }

    /// The hop of the subject's counting attempts.
    pub(super) fn hop(&self) -> Option<u32> {
        self.case.subject.last().map(|attempt| attempt.hop)
    }
}

/// The attempts that count: at the last hop, the last attempt for each address that says anything.
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
