//! What resolvers said, compared: within one strategy, and one question with itself.
//!
//! An address is the host's if TLS proved the name there, whichever resolver gave it. Everything else about a name is hearsay: an
//! answer is called false only beside a proved one, or where it cannot be true by what it is.

use std::net::IpAddr;

use super::super::addresses::{canonical, is_bogon};
use super::{Facts, Sign};
use crate::transport::{Cause, CertificateFault, Lookup, LookupAnswer, QueryType, Resolver};

/// Why an answer is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::reach::verdict) enum False {
    /// It is an address that no public name has, or that of a block page, or somebody there could not prove the name.
    Address,
    /// It says that there is no such name, or no address for it.
    Denied,
    /// It is an error.
    Error,
}

/// What befell resolvers of the user's own choice. None of it is a false answer of this network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reach::verdict) enum OfNamed {
    /// One that proves itself says that there is no such name, or no address for it: nobody on the path can have written that.
    Denied,
    /// The connection to one was reset.
    Cut,
    /// None said anything.
    Silent,
    /// They could not be asked, or did not answer as resolvers do.
    Failed,
}

impl Facts<'_> {
    /// Why the subject found no address, where that is a matter of the resolvers that it names: not where one of them, in
    /// whose place anybody on the path can answer, gave an answer.
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

    /// The subject got no address and no word of the name, and nothing shows that its resolvers answer anybody: they may be
    /// dead, out of order, or not meant for this device.
    pub(in crate::reach::verdict) fn is_answered_nothing(&self) -> bool {
        let denied = matches!(self.said(), Some(Sign::Name(Some(Cause::NxDomain | Cause::NoAddress))));
        let lookups = self.own_lookups();
        let answers = |(_, lookup): &(usize, &Lookup)| self.case.context.answering.contains(&lookup.resolver);
        !denied && !lookups.iter().any(|lookup| answers(lookup) || !lookup.1.is_unanswered())
    }

    /// A resolver that proves itself gave this address: nobody on the path can have written it.
    pub(in crate::reach::verdict) fn is_authentic(&self, address: IpAddr) -> bool {
        let lookups = self.own_lookups();
        let gave = |lookup: &Lookup| lookup.answers.iter().any(|answer| holds(answer, canonical(address)));
        let by_lookup = lookups.iter().any(|(_, lookup)| lookup.resolver.is_authenticated() && gave(lookup));
        by_lookup
            || lookups.is_empty()
                && self.resolvers().is_some_and(|resolvers| resolvers.iter().all(Resolver::is_authenticated))
    }

    /// What resolvers said within the subject's attempts at its last hop, each once.
    fn own_lookups(&self) -> Vec<(usize, &Lookup)> {
        let hop = self.hop();
        let mut lookups: Vec<(usize, &Lookup)> = Vec::new();
        for (index, attempt) in self.case.subject.iter().enumerate().filter(|(_, attempt)| Some(attempt.hop) == hop) {
            for lookup in &attempt.lookups {
                // Attempts on several addresses share one lookup; the later record may have heard more.
                match lookups.iter_mut().find(|(_, known)| known.resolver == lookup.resolver) {
                    Some(known) if known.1.answers.len() < lookup.answers.len() => *known = (index, lookup),
                    Some(_) => {}
                    None => lookups.push((index, lookup)),
                }
            }
        }
        if self.looks_up() { lookups } else { Vec::new() }
    }

    /// The attempts over this network that proved the name at its last hop, and where.
    fn proofs(&self) -> Vec<(usize, IpAddr)> {
        let hop = self.hop();
        self.attempts()
            .filter(|(_, attempt, _)| attempt.strategy.is_direct() && Some(attempt.hop) == hop && attempt.proved_name)
            .filter_map(|(index, attempt, _)| Some((index, canonical(attempt.address?))))
            .collect()
    }

    /// One question was answered twice, and not the same. With whatever proves which answer is true; or, where nothing
    /// does, only if one of them cannot be.
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

    /// A resolver in whose place anybody on the path can answer gave a false answer where another gave a proved one: how
    /// false, and the evidence.
    pub(in crate::reach::verdict) fn lied_to(&self) -> Option<(False, Vec<usize>)> {
        let lookups = self.own_lookups();
        if lookups.is_empty() {
            return None;
        }
        let proofs = self.proofs();
        let mut worst: Option<(False, Vec<usize>)> = None;
        for (index, lookup) in lookups.iter().filter(|(_, lookup)| !lookup.resolver.is_authenticated()) {
            // A resolver that gave a true address at all did not lie.
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
            // Somebody else's certificate is met there. One that is only out of its time is nobody else's.
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
            // A host may have addresses of one kind only: of the other, "none" is true.
            (_, Some(Cause::NoAddress)) => was_asked_for_all(lookup).then_some(False::Denied),
            // One that answers nobody has not lied.
            (_, Some(Cause::Rcode { .. } | Cause::LookupFailed)) => {
                self.case.context.answering.contains(&lookup.resolver).then_some(False::Error)
            }
            // That nobody answered, or could not be asked, is no answer.
            _ => None,
        }
    }

    fn cannot_be_true(&self, answer: &LookupAnswer) -> bool {
        matches!(&answer.result, Ok(addresses) if self.none_can_be_true(addresses))
    }

    /// Nothing but addresses that no public name has, or where block pages stand.
    fn none_can_be_true(&self, addresses: &[IpAddr]) -> bool {
        let false_one = |address: &IpAddr| is_bogon(*address) || self.is_block_address(*address);
        !addresses.is_empty() && addresses.iter().all(false_one)
    }

    fn is_block_address(&self, address: IpAddr) -> bool {
        self.case.context.fingerprints.block_address(canonical(address)).is_some()
    }

    /// The subject was given the known address of a block page, and nobody proved the name there.
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

    /// Somebody gives an address for the name, nobody can prove the name there, and a resolver that gives reasons says
    /// that the name does not exist. With whether that is said where nobody on the path can have changed it.
    pub(in crate::reach::verdict) fn rewritten(&self) -> Option<(bool, Vec<usize>)> {
        let got_somewhere = |(_, attempt, sign): (usize, &crate::reach::Attempt, Sign<'_>)| {
            attempt.proved_name || (sign == Sign::Proven && !attempt.strategy.is_direct())
        };
        if !self.looks_up() || self.answers().is_empty() || self.attempts().any(got_somewhere) {
            return None;
        }
        // Nothing but a certificate shows that an answer there is not the host's.
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

/// Addresses of both kinds were asked for, and answered.
fn was_asked_for_all(lookup: &Lookup) -> bool {
    let answered = |asked: QueryType| lookup.answers.iter().any(|answer| answer.query == asked);
    answered(QueryType::Both) || (answered(QueryType::A) && answered(QueryType::Aaaa))
}

/// They cannot both be the answer to one question: an address and none, or addresses of which none is in both.
fn contradict(first: &LookupAnswer, second: &LookupAnswer) -> bool {
    if first.query != second.query || first.query == QueryType::Https {
        return false;
    }
    match (&first.result, &second.result) {
        (Ok(first), Ok(_)) => !first.iter().any(|address| holds(second, canonical(*address))),
        // What befell the way to the resolver is no answer.
        (Ok(_), Err(reason)) | (Err(reason), Ok(_)) => {
            matches!(reason, Cause::NxDomain | Cause::NoAddress | Cause::Rcode { .. } | Cause::LookupFailed)
        }
        (Err(_), Err(_)) => false,
    }
}
