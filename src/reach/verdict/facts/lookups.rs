//! The answers of resolvers, compared within one strategy and between repeated questions.
//!
//! An address is the host's if TLS proved the name there, whichever resolver gave it. Everything else about a name is
//! hearsay. An answer is called false only next to a proved one, or if it cannot be true by its nature.

use std::net::IpAddr;

use super::super::addresses::{canonical, is_bogon};
use super::{Facts, Sign};
use crate::transport::{Cause, CertificateFault, Lookup, LookupAnswer, QueryType, Resolver};

/// Why an answer is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::reach::verdict) enum False {
    /// No public name has the address, or it is that of a block page, or the server there could not prove the name.
    Address,
    /// It says that there is no such name, or no address for it.
    Denied,
    /// It is a DNS error.
    Error,
}

/// What happened to resolvers that the user chose. None of it is a false answer of this network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::verdict) enum OfNamed {
    /// An authenticated resolver says that there is no such name, or no address for it. No one on the path can have
    /// written that.
    Denied,
    /// The connection to a resolver was reset.
    Cut,
    /// None of them answered.
    Silent,
    /// They could not be asked, or did not answer as resolvers do.
    Failed,
}

impl Facts<'_> {
    /// Why the subject found no address, if the cause lies with the resolvers that it names. This excludes a case in
    /// which one of them answered and anyone on the path can forge its answers.
    pub(in crate::reach::verdict) fn of_named(&self) -> Option<OfNamed> {
        let Sign::Name(cause) = self.said()? else { return None };
        let resolvers = self.resolvers().filter(|resolvers| !resolvers.is_system())?;
        if resolvers.iter().any(|resolver| *resolver == Resolver::System) {
            return matches!(cause, None | Some(Cause::Silence)).then_some(OfNamed::Silent);
        }
        let mut met: Vec<(&Resolver, Option<&Cause>)> =
            self.own_lookups().into_iter().map(|(_, lookup)| (&lookup.resolver, lookup.reason())).collect();
        if met.is_empty() {
            met = resolvers.iter().map(|resolver| (resolver, cause)).collect();
        }
        let denies = |cause: Option<&Cause>| matches!(cause, Some(Cause::NxDomain | Cause::NoAddress));
        let errs = |cause: Option<&Cause>| matches!(cause, Some(Cause::Rcode { .. }));
        if met.iter().any(|(resolver, cause)| !resolver.is_authenticated() && (denies(*cause) || errs(*cause))) {
            return None;
        }
        Some(if met.iter().any(|(_, cause)| denies(*cause)) {
            OfNamed::Denied
        } else if met.iter().any(|(_, cause)| *cause == Some(&Cause::Reset)) {
            OfNamed::Cut
        } else if met.iter().all(|(_, cause)| matches!(cause, None | Some(Cause::Silence))) {
            OfNamed::Silent
        } else {
            OfNamed::Failed
        })
    }

    /// The subject got no address and no answer about the name, and nothing shows that its resolvers answer at all:
    /// they may be dead, out of order, or closed to this device.
    pub(in crate::reach::verdict) fn is_answered_nothing(&self) -> bool {
        let denied = matches!(self.said(), Some(Sign::Name(Some(Cause::NxDomain | Cause::NoAddress))));
        let lookups = self.own_lookups();
        let answers = |(_, lookup): &(usize, &Lookup)| self.case.context.answering.contains(&lookup.resolver);
        !denied && !lookups.iter().any(|lookup| answers(lookup) || !lookup.1.is_unanswered())
    }

    /// An authenticated resolver gave this address, so no one on the path can have written it.
    pub(in crate::reach::verdict) fn is_authentic(&self, address: IpAddr) -> bool {
        let lookups = self.own_lookups();
        let gave = |lookup: &Lookup| lookup.answers.iter().any(|answer| holds(answer, canonical(address)));
        let by_lookup = lookups.iter().any(|(_, lookup)| lookup.resolver.is_authenticated() && gave(lookup));
        by_lookup
            || lookups.is_empty()
                && self.resolvers().is_some_and(|resolvers| resolvers.iter().all(Resolver::is_authenticated))
    }

    /// What resolvers answered within the subject's attempts at its last hop, each once.
    fn own_lookups(&self) -> Vec<(usize, &Lookup)> {
        let hop = self.hop();
        let mut lookups: Vec<(usize, &Lookup)> = Vec::new();
        for (index, attempt) in self.case.subject.iter().enumerate().filter(|(_, attempt)| Some(attempt.hop) == hop) {
            for lookup in &attempt.lookups {
                // Attempts on several addresses share one lookup. The later record may hold more answers.
                match lookups.iter_mut().find(|(_, known)| known.resolver == lookup.resolver) {
                    Some(known) if known.1.answers.len() < lookup.answers.len() => *known = (index, lookup),
                    Some(_) => {}
                    None => lookups.push((index, lookup)),
                }
            }
        }
        if self.looks_up() { lookups } else { Vec::new() }
    }

    /// The attempts over this network that proved the name at its last hop, with the addresses.
    fn proofs(&self) -> Vec<(usize, IpAddr)> {
        let hop = self.hop();
        self.attempts()
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && Some(attempt.hop) == hop && attempt.proved_name)
            .filter_map(|(index, attempt, _)| Some((index, canonical(attempt.address?))))
            .collect()
    }

    /// One question got two different answers. Returns the evidence with whatever proves which answer is true. Without
    /// such a proof, one of the answers must be impossible by its nature.
    pub(in crate::reach::verdict) fn injected(&self) -> Option<(usize, Vec<usize>)> {
        let lookups = self.own_lookups();
        if lookups.is_empty() {
            return None;
        }
        let proofs = self.proofs();
        let mut unproved = None;
        for (index, lookup) in lookups {
            for (at, first) in lookup.answers.iter().enumerate() {
                for second in lookup.answers.iter().skip(at + 1).filter(|second| contradict(first, second)) {
                    let by: Vec<usize> = proofs
                        .iter()
                        .filter(|(_, address)| holds(first, *address) != holds(second, *address))
                        .map(|(index, _)| *index)
                        .collect();
                    if !by.is_empty() {
                        return Some((index, by));
                    }
                    if [first, second].iter().any(|answer| self.cannot_be_true(answer)) {
                        unproved.get_or_insert(index);
                    }
                }
            }
        }
        unproved.map(|index| (index, Vec::new()))
    }

    /// A resolver whose answers can be forged on the path gave a false answer, and another resolver gave a proved one.
    /// Returns how false the answer is, and the evidence.
    pub(in crate::reach::verdict) fn lied_to(&self) -> Option<(False, Vec<usize>)> {
        let lookups = self.own_lookups();
        if lookups.is_empty() {
            return None;
        }
        let proofs = self.proofs();
        let mut worst: Option<(False, Vec<usize>)> = None;
        for (index, lookup) in lookups.iter().filter(|(_, lookup)| !lookup.resolver.is_authenticated()) {
            // A resolver that also gave a true address did not lie.
            if proofs.iter().any(|(_, address)| lookup.answers.iter().any(|answer| holds(answer, *address))) {
                continue;
            }
            let Some(how) = self.how_false(lookup) else { continue };
            let by: Vec<usize> = proofs
                .iter()
                .filter(|(_, address)| {
                    lookups.iter().any(|(_, other)| {
                        other.resolver != lookup.resolver && other.answers.iter().any(|answer| holds(answer, *address))
                    })
                })
                .map(|(index, _)| *index)
                .collect();
            if !by.is_empty() && worst.as_ref().is_none_or(|(known, _)| how < *known) {
                worst = Some((how, [vec![*index], by].concat()));
            }
        }
        worst
    }

    fn how_false(&self, lookup: &Lookup) -> Option<False> {
        match (lookup.addresses().as_slice(), lookup.reason()) {
            (addresses @ [_, ..], _) if self.none_can_be_true(addresses) => Some(False::Address),
            // The server there has the certificate of another host. A certificate that is only out of date does not
            // count.
            (addresses @ [_, ..], _) => {
                let there = |address: Option<IpAddr>| {
                    address.is_some_and(|address| addresses.iter().any(|given| canonical(*given) == canonical(address)))
                };
                let stranger = |sign: Sign<'_>| {
                    matches!(sign, Sign::Certificate(CertificateFault::UnknownIssuer | CertificateFault::WrongName))
                };
                self.attempts()
                    .any(|(_, attempt, sign)| attempt.strategy.is_direct() && there(attempt.address) && stranger(sign))
                    .then_some(False::Address)
            }
            (_, Some(Cause::NxDomain)) => Some(False::Denied),
            // A host may have addresses of one family only: for the other family, "none" is true.
            (_, Some(Cause::NoAddress)) => was_asked_for_all(lookup).then_some(False::Denied),
            // A resolver that answers no one has not lied.
            (_, Some(Cause::Rcode { .. } | Cause::LookupFailed)) => {
                self.case.context.answering.contains(&lookup.resolver).then_some(False::Error)
            }
            // Silence, or a resolver that could not be asked, is not an answer.
            _ => None,
        }
    }

    fn cannot_be_true(&self, answer: &LookupAnswer) -> bool {
        matches!(&answer.result, Ok(addresses) if self.none_can_be_true(addresses))
    }

    /// Whether all addresses are impossible for a public name, or those of block pages.
    fn none_can_be_true(&self, addresses: &[IpAddr]) -> bool {
        let false_one = |address: &IpAddr| is_bogon(*address) || self.is_block_address(*address);
        !addresses.is_empty() && addresses.iter().all(false_one)
    }

    fn is_block_address(&self, address: IpAddr) -> bool {
        self.case.context.fingerprints.block_address(canonical(address)).is_some()
    }

    /// The subject was given the known address of a block page, and TLS proved the name at none of them.
    pub(in crate::reach::verdict) fn block_addresses(&self) -> Vec<usize> {
        let hop = self.hop();
        if !self.looks_up() {
            return Vec::new();
        }
        let proofs = self.proofs();
        let known = |address: IpAddr| {
            let address = canonical(address);
            !proofs.iter().any(|(_, proved)| *proved == address) && self.is_block_address(address)
        };
        let own = self.case.subject.iter().enumerate().filter(|(_, attempt)| Some(attempt.hop) == hop);
        own.filter(|(_, attempt)| attempt.answers.iter().copied().chain(attempt.address).any(known))
            .map(|(index, _)| index)
            .collect()
    }

    /// A resolver gives an address for the name, no server there can prove the name, and a resolver that gives reasons
    /// says that the name does not exist. Also returns whether that statement is authenticated.
    pub(in crate::reach::verdict) fn rewritten(&self) -> Option<(bool, Vec<usize>)> {
        let got_somewhere = |(_, attempt, sign): (usize, &crate::reach::Attempt, Sign<'_>)| {
            attempt.proved_name || (sign == Sign::Proven && !attempt.strategy.is_direct())
        };
        if !self.looks_up() || self.answers().is_empty() || self.attempts().any(got_somewhere) {
            return None;
        }
        // Only a certificate shows that an answer there is not the host's.
        let stranger = self.subject_with(|sign| {
            matches!(
                sign,
                Sign::Certificate(CertificateFault::UnknownIssuer | CertificateFault::WrongName) | Sign::Cut(..)
            )
        });
        if stranger.is_empty() {
            return None;
        }
        let hop = self.hop();
        let (mut certain, mut evidence) = (false, Vec::new());
        for (index, attempt, sign) in self.attempts() {
            if Some(attempt.hop) != hop || !attempt.strategy.is_direct() {
                continue;
            }
            let denies = |lookup: &&Lookup| lookup.addresses().is_empty() && lookup.reason() == Some(&Cause::NxDomain);
            let by_lookup = attempt.lookups.iter().filter(denies);
            certain |= by_lookup.clone().any(|lookup| lookup.resolver.is_authenticated());
            if by_lookup.count() > 0 || sign == Sign::Name(Some(&Cause::NxDomain)) {
                evidence.push(index);
            }
        }
        if evidence.is_empty() {
            return None;
        }
        if let Some(down) = self.down_elsewhere() {
            certain = true;
            evidence.extend(down);
        }
        Some((certain, [stranger, evidence].concat()))
    }
}

fn holds(answer: &LookupAnswer, address: IpAddr) -> bool {
    matches!(&answer.result, Ok(addresses) if addresses.iter().any(|given| canonical(*given) == address))
}

/// Whether addresses of both families were asked for and answered.
fn was_asked_for_all(lookup: &Lookup) -> bool {
    let answered = |asked: QueryType| lookup.answers.iter().any(|answer| answer.query == asked);
    answered(QueryType::Both) || (answered(QueryType::A) && answered(QueryType::Aaaa))
}

/// Whether the two answers contradict each other: an address and "none", or two sets of addresses without a common one.
fn contradict(first: &LookupAnswer, second: &LookupAnswer) -> bool {
    if first.query != second.query || first.query == QueryType::Https {
        return false;
    }
    match (&first.result, &second.result) {
        (Ok(first), Ok(_)) => !first.iter().any(|address| holds(second, canonical(*address))),
        // A failure to reach the resolver is not an answer.
        (Ok(_), Err(reason)) | (Err(reason), Ok(_)) => {
            matches!(reason, Cause::NxDomain | Cause::NoAddress | Cause::Rcode { .. } | Cause::LookupFailed)
        }
        (Err(_), Err(_)) => false,
    }
}
