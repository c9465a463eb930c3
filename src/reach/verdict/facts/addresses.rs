//! What was answered for the name, and what happened at the addresses.

use std::net::IpAddr;

use super::super::addresses::{canonical, is_bogon};
use super::{Facts, Sign};
use crate::reach::Attempt;
use crate::transport::{Resolvers, Stage, StrategyKind};

impl<'a> Facts<'a> {
    /// The attempt goes straight to the host, and asked a resolver whose answer anyone on the path can forge.
    pub(in crate::reach::verdict) fn asks_in_the_clear(attempt: &Attempt) -> bool {
        let forgeable = |dns: &Resolvers| dns.iter().any(|resolver| !resolver.is_authenticated());
        matches!(&attempt.strategy.kind, StrategyKind::Direct { dns } if forgeable(dns))
    }

    /// The subject goes straight to a host whose name was looked up: the host was not given as an address, and its
    /// address was not given by hand.
    pub(in crate::reach::verdict) fn looks_up(&self) -> bool {
        !self.case.context.local_destination
            && self.case.subject.first().is_some_and(|attempt| attempt.strategy.is_direct() && !attempt.pinned)
    }

    /// What the subject's resolver answered at its last hop.
    pub(in crate::reach::verdict) fn answers(&self) -> Vec<IpAddr> {
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

    /// No public name has any of the addresses that the subject was given, and TLS proved the name at none of them.
    pub(in crate::reach::verdict) fn only_bogons(&self) -> bool {
        let answers = self.answers();
        let proved = self.case.subject.iter().any(|attempt| attempt.proved_name && Some(attempt.hop) == self.hop());
        self.looks_up() && !proved && !answers.is_empty() && answers.into_iter().all(is_bogon)
    }

    /// Attempts that used another resolver's answer, went to an address that the subject was not given, and completed
    /// TLS for the name there.
    pub(in crate::reach::verdict) fn true_addresses(&self) -> Vec<usize> {
        let (answers, hop) = (self.answers(), self.hop());
        self.attempts()
            .skip(self.case.subject.len())
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && Some(attempt.hop) == hop && attempt.proved_name)
            .filter(|(_, attempt, _)| attempt.address.is_some_and(|address| !answers.contains(&canonical(address))))
            .map(|(index, ..)| index)
            .collect()
    }

    /// One of the subject's addresses belongs to the host: TLS proved the name there, or at another address of the same
    /// answer.
    pub(in crate::reach::verdict) fn was_given_a_true_address(&self) -> bool {
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

    /// The subject tried only IPv6 addresses, none of them answered, and nothing else shows that IPv6 works here.
    pub(in crate::reach::verdict) fn only_dead_ipv6(&self) -> bool {
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
    pub(in crate::reach::verdict) fn resolvers(&self) -> Option<&'a Resolvers> {
        match &self.case.subject.first()?.strategy.kind {
            StrategyKind::Direct { dns } => Some(dns),
            _ => None,
        }
    }
}
