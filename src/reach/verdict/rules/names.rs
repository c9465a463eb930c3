//! Names and their addresses.

use super::super::facts::{Facts, Sign};
use super::super::lookups::{False, OfNamed};
use super::{Found, compared, found, some};
use crate::transport::{Cause, CertificateFault};

/// The subject did not get anywhere, and was given nothing but addresses that no public name has.
pub(super) fn bogon(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.only_bogons() && f.primary.is_some()).then(|| f.subject.clone())
}

/// The same, and every one of them by a resolver that proves itself.
pub(super) fn bogon_proved(f: &Facts<'_>) -> Option<Vec<usize>> {
    bogon(f).filter(|_| f.answers().iter().all(|address| f.is_authentic(*address)))
}

/// The subject goes straight to a host and did not get beyond its name.
pub(super) fn none(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.looks_up() && matches!(f.said()?, Sign::Name(_))).then(|| f.subject_with(|sign| matches!(sign, Sign::Name(_))))
}

/// No name here, and an independent vantage reaches the host.
pub(super) fn none_here(f: &Facts<'_>) -> Option<Found> {
    let lean = match f.said()? {
        Sign::Name(Some(Cause::NxDomain)) => 0,
        Sign::Name(Some(Cause::Rcode { .. } | Cause::NoAddress)) => 1,
        _ => 2,
    };
    let asked = none(f).filter(|_| !f.is_answered_nothing())?;
    compared(asked, f.reached_elsewhere()).map(|found| found.leaning(lean))
}

/// No name here, and another resolver's address proves the name.
pub(super) fn none_by_this_resolver(f: &Facts<'_>) -> Option<Found> {
    compared(none(f).filter(|_| !f.is_answered_nothing())?, f.true_addresses())
}

/// No word of the name here, nothing shows that the resolver answers anybody, and another way reaches the host.
pub(super) fn unanswered(f: &Facts<'_>) -> Option<Found> {
    let asked = none(f).filter(|_| f.is_answered_nothing())?;
    compared(asked, [f.reached_elsewhere(), f.true_addresses()].concat())
}

/// No name by the resolvers that this way names, for a reason that is theirs, and another way proves the name.
pub(super) fn of_named(f: &Facts<'_>, wanted: OfNamed) -> Option<Found> {
    let asked = none(f).filter(|_| f.of_named() == Some(wanted))?;
    compared(asked, [f.reached_elsewhere(), f.true_addresses()].concat())
}

/// The same, whether there is another way or not, but where vantages elsewhere failed at the host.
pub(super) fn of_named_alone(f: &Facts<'_>, wanted: OfNamed) -> Option<Found> {
    let asked = none(f).filter(|_| f.of_named() == Some(wanted) && f.down_elsewhere().is_none())?;
    some(asked).map(|found| found.leaning(1))
}

/// A certificate that is good for another name: the address that was given is another host's.
pub(super) fn another_host(f: &Facts<'_>) -> Option<Found> {
    let wrong = |sign: Sign<'_>| sign == Sign::Certificate(CertificateFault::WrongName);
    let given = f.attempt(f.primary.filter(|_| f.said().is_some_and(wrong))?)?.address?;
    if !f.looks_up() || f.is_authentic(given) || f.was_given_a_true_address() {
        return None;
    }
    let proved = |index: &usize| f.attempt(*index).is_some_and(|attempt| attempt.proved_name);
    compared(f.subject_with(wrong), f.reached_elsewhere().into_iter().filter(proved).collect())
}

/// No name here, and nobody was asked.
pub(super) fn none_alone(f: &Facts<'_>) -> Option<Found> {
    let denied = matches!(f.said()?, Sign::Name(Some(Cause::NxDomain | Cause::NoAddress)));
    some(none(f)?).map(|found| found.leaning(usize::from(!denied)))
}

/// The address that came farthest failed, nothing shows that it is the host's, and another resolver's address is.
pub(super) fn false_address(f: &Facts<'_>) -> Option<Found> {
    let others = f.looks_up() && !f.was_given_a_true_address();
    compared(f.primary.filter(|_| others).into_iter().collect(), f.true_addresses())
}

/// One question was answered twice, and not the same.
pub(super) fn injected(f: &Facts<'_>) -> Option<Found> {
    let (question, proofs) = f.injected()?;
    let elsewhere = f.reached_elsewhere();
    let lean = match (proofs.is_empty(), elsewhere.is_empty()) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    Some(found([vec![question], proofs, elsewhere].concat()).leaning(lean))
}

/// One of the strategy's resolvers answered falsely, and another's answer is proved.
pub(super) fn lied_to(f: &Facts<'_>) -> Option<Found> {
    let (how, evidence) = f.lied_to()?;
    let lean = match how {
        False::Address => 0,
        False::Denied => 1,
        False::Error => 2,
    };
    Some(found(evidence).leaning(lean))
}

/// A name that does not exist, and a resolver that gives an address for it all the same; `surely`, or not.
pub(super) fn rewritten(f: &Facts<'_>, surely: bool) -> Option<Found> {
    let (certain, evidence) = f.rewritten()?;
    (certain == surely).then(|| found(evidence))
}
