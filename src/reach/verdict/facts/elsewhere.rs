//! What other strategies met.

use super::super::addresses::canonical;
use super::super::vantage::independent;
use super::{Facts, How, Sign, Vantage};
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::{Cause, EchOutcome, Stage, Strategy};

impl<'a> Facts<'a> {
    fn counting_elsewhere(&self, wanted: impl Fn(&Vantage) -> bool) -> impl Iterator<Item = usize> {
        self.vantages.iter().filter(move |vantage| wanted(vantage)).flat_map(|vantage| vantage.last.iter().copied())
    }

    /// Attempts of independent vantages that got what was asked for.
    pub(in crate::reach::verdict) fn read_elsewhere(&self) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent)
            .filter(|index| self.sign(*index) == Sign::Proven)
            .collect()
    }

    /// Attempts of any other strategy that got what was asked for.
    pub(in crate::reach::verdict) fn read_otherwise(&self) -> Vec<usize> {
        self.counting_elsewhere(|_| true).filter(|index| self.sign(*index) == Sign::Proven).collect()
    }

    /// Attempts of independent vantages that reached the host itself: the content came, or its certificate.
    pub(in crate::reach::verdict) fn reached_elsewhere(&self) -> Vec<usize> {
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

    /// The strategies that use another network than the subject.
    pub(in crate::reach::verdict) fn independents(&self) -> Vec<&'a Strategy> {
        let Some(own) = self.case.subject.first() else { return Vec::new() };
        self.case
            .others
            .iter()
            .map(|attempt| &attempt.strategy)
            .filter(|other| independent(&own.strategy, other))
            .collect()
    }

    /// Attempts of independent vantages outside the subject's country that failed at the host, if none of them reached it.
    pub(in crate::reach::verdict) fn down_elsewhere(&self) -> Option<Vec<usize>> {
        if self.came_farther_elsewhere() || !self.read_otherwise().is_empty() {
            return None;
        }
        let at_host = |sign: Sign<'_>| match sign {
            // If a proxy says that TLS is up at the host, that is only the proxy's word, unless the subject hears the
            // same.
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

    /// Whether an independent vantage came farther than the subject. If the subject itself proved the name, a vantage
    /// that did no more than that met the same.
    fn came_farther_elsewhere(&self) -> bool {
        let proved = self.primary.and_then(|index| self.attempt(index)).is_some_and(|attempt| attempt.proved_name);
        let farther = |sign: Sign<'_>| match sign {
            Sign::Found(Finding::OriginFault { .. }) => false,
            Sign::Found(_) | Sign::Proven => true,
            _ => !proved,
        };
        self.reached_elsewhere().into_iter().any(|index| farther(self.sign(index)))
    }

    /// The subject is led to something that does not speak TLS, and no other attempt met such a thing, whether it
    /// reached the host or not. So the route leads there.
    pub(in crate::reach::verdict) fn led_astray(&self) -> Option<Vec<usize>> {
        let astray = Sign::Cut(Stage::Tls, How::Garbage);
        let by_proxy = self.case.subject.first().is_some_and(|attempt| !attempt.strategy.is_direct());
        let elsewhere: Vec<Sign<'_>> =
            self.counting_elsewhere(|vantage| vantage.independent).map(|index| self.sign(index)).collect();
        let at_host =
            |sign: &Sign<'_>| matches!(sign, Sign::Proven | Sign::Found(_) | Sign::Cut(..) | Sign::Certificate(_));
        (by_proxy && self.said() == Some(astray) && elsewhere.iter().any(at_host) && !elsewhere.contains(&astray))
            .then(|| self.subject_with(|sign| sign == astray))
    }

    /// Attempts of vantages in other countries with the given finding.
    pub(in crate::reach::verdict) fn found_abroad(&self, wanted: impl Fn(&Finding) -> bool) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent && !vantage.same_country)
            .filter(|index| matches!(self.sign(*index), Sign::Found(finding) if wanted(finding)))
            .collect()
    }

    /// Attempts of independent vantages that also got a bad certificate.
    pub(in crate::reach::verdict) fn certificates_elsewhere(&self) -> Vec<usize> {
        self.counting_elsewhere(|vantage| vantage.independent)
            .filter(|index| matches!(self.sign(*index), Sign::Certificate(_)))
            .collect()
    }

    /// Attempts, over this network or another, that proved the host's name where the subject's certificate did not:
    /// over another path, or at the same address.
    pub(in crate::reach::verdict) fn proved_against(&self) -> Vec<usize> {
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

    /// Attempts that completed TLS for the name at the same address and over the same network where the subject was
    /// cut, and that differ only in how the ClientHello carries the name: cut, or encrypted.
    pub(in crate::reach::verdict) fn reached_unnamed(&self) -> Vec<usize> {
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

    /// The attempt of a subject that is a proxy, if that proxy's word is the only evidence against the host.
    pub(in crate::reach::verdict) fn word_of_a_proxy(&self) -> Option<usize> {
        let primary = self.primary?;
        let Outcome::Failed(failure) = &self.attempt(primary)?.outcome else { return None };
        let word = failure.stage == Stage::Proxy && matches!(failure.cause, Cause::ProxyReply { .. });
        (word && matches!(self.sign(primary), Sign::Cut(..))).then_some(primary)
    }
}
