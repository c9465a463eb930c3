//! Names and their addresses.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::{Facts, False, How, OfNamed, Sign};
use super::id::RuleId;
use super::rule::Against::{Abroad, Answers, AnyWay, Network};
use super::rule::{Found, Rule, compared, found, rule, some};
use super::tls;
use crate::transport::{Cause, Stage};

/// False answers, whatever followed: the content may have come from the true address.
pub(super) const FALSE_ANSWERS: &[Rule] = &[
    rule(
        RuleId::DnsInjected,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[
            (97, 1, "TLS proves the name at an address of one of the answers"),
            (93, 4, "one of them is impossible for a public name, and another network reaches the host"),
            (85, 10, "one of them is impossible for a public name"),
        ],
        "One question to one resolver got two answers that contradict each other: someone on the path answered before \
         the resolver did. The address at which TLS proves the name is the true one.",
        injected,
    )
    .against(Answers)
    .limits(
        "Two answers with different public addresses prove nothing until one of them proves the name: a question \
         that was sent twice is answered twice.",
    )
    .rows(&["N1"]),
    rule(
        RuleId::DnsFalseAnswer,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[
            (95, 3, "an address that no public name has, a block page's, or one where another server answers"),
            (90, 7, "the name is denied"),
            (70, 27, "an error"),
        ],
        "The strategy asks several resolvers. One whose answers anyone on the path can forge gives a false answer, and \
         TLS proves the name at another one's address.",
        lied_to,
    )
    .against(Answers)
    .limits(
        "A filter that the owner of a home network chose does the same, and a broken resolver makes errors. \
         Silence is not counted.",
    )
    .rows(&["N1", "N12"]),
    rule(
        RuleId::DnsBlockAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(95, 3, "")],
        "The resolver gives the address of a known block page, and no server there proves the name.",
        |f| some(f.block_addresses()),
    )
    .limits("The rule is only as good as the list of fingerprints.")
    .rows(&["N1", "N5"]),
];

/// Addresses that are false or missing.
pub(super) const FALSE_ADDRESSES: &[Rule] = &[
    rule(
        RuleId::DnsBogonAuthenticated,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "An authenticated resolver gives an address that no public name has. No one on this network can have written \
         that answer: the resolver filters, or the owner of the name wants it so.",
        |f| some(bogon_proved(f)?),
    )
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogonTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(97, 1, "")],
        "The resolver gives an address that no public name has. At another resolver's address TLS is completed for the \
         name.",
        |f| compared(bogon(f)?, f.true_addresses()),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogonOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(95, 3, "")],
        "The resolver gives an address that no public name has, and an independent vantage reaches the host.",
        |f| compared(bogon(f)?, f.reached_elsewhere()),
    )
    .against(Network)
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogon,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(60, 35, "")],
        "The resolver gives an address that no public name has, and there is no comparison. The cause is a censor, a \
         filter at home, or a name of a private network.",
        |f| some(bogon(f)?),
    )
    .rows(&["N1"]),
    rule(
        RuleId::RedirectNowhereName,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "")],
        "The host answers, over TLS that proves it or alike on two networks, and redirects to a name that no vantage \
         finds. The redirect is the host's, and so is the fault.",
        to_no_name,
    )
    .against(AnyWay)
    .limits("If only one resolver in cleartext was asked for the second name, the case is judged as a name that is not \
     found.")
    .rows(&["N24"]),
    rule(
        RuleId::DnsSilenceNamedResolver,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(50, 48, "")],
        "None of the resolvers that this strategy names answers, and another route reaches the host. The user chose \
         these resolvers; they are blocked or down.",
        |f| of_named(f, OfNamed::Silent),
    )
    .against(AnyWay)
    .rows(&["N12"]),
    rule(
        RuleId::DnsNamedResolverCut,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(65, 32, "")],
        "The connection to a resolver that this strategy names is reset, no other of its resolvers knows the name, and \
         another route reaches the host. Someone cuts off the resolver.",
        |f| of_named(f, OfNamed::Cut),
    )
    .against(AnyWay)
    .limits("A resolver that resets connections itself looks the same; the weights allow for that.")
    .rows(&["N12"]),
    rule(
        RuleId::DnsNamedResolverFailed,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(30, 68, "another route reaches the host"), (33, 62, "no other route does")],
        "The resolvers that this strategy names could not be asked: they refused, had no valid certificate, closed the \
         connection, sent an unusable answer, or their own names were not found. A resolver that is off or misspelt \
         does that, and it says nothing about the host.",
        |f| of_named(f, OfNamed::Failed).or_else(|| of_named_alone(f, OfNamed::Failed)),
    )
    .limits("A censor who refuses connections to the resolver, or shows another certificate for it, looks the same.")
    .rows(&["N12"]),
    rule(
        RuleId::DnsDeniedAuthenticated,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "An authenticated resolver denies the name, and another route reaches the host. No one on this network can \
         have written that answer: the resolver filters, is out of date, or serves another view of the name.",
        |f| of_named(f, OfNamed::Denied),
    )
    .against(AnyWay)
    .rows(&["N1", "N12"]),
    rule(
        RuleId::DnsNoAnswerTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(92, 6, "")],
        "The resolver denies the name, or does not answer for it and answers for another one. At another resolver's \
         address TLS is completed for the name.",
        none_by_this_resolver,
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsNoAnswerOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(88, 9, "the answer says that the name does not exist"), (75, 22, "an error, or a name without an address"), (65, 32, "no reason is given")],
        "The resolver denies the name, or does not answer for it and answers for another one. An independent vantage, \
         which resolves it elsewhere, reaches the host.",
        none_here,
    )
    .against(Network)
    .limits("Resolvers that check DNSSEC return an error for a name with broken signatures, and others return an \
     address; the weights allow for that.")
    .rows(&["N1"]),
    rule(
        RuleId::DnsUnansweredOtherVantage,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "The resolver answers with an error or not at all, nothing shows that it answers for any other name, and \
         another route reaches the host. The resolver is dead, out of order, closed to this device, or cut off.",
        unanswered,
    )
    .against(AnyWay)
    .limits("Only a probe asks the resolver for another name to distinguish these cases.")
    .rows(&["N1"]),
    rule(
        RuleId::DnsWrongCertificateTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(93, 5, "")],
        "The server at the resolver's address cannot prove the name. TLS proves the name at another resolver's address.",
        |f| tls::fault(f).filter(|fault| !tls::of_time(*fault)).and_then(|_| false_address(f)),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsDeadAddressTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(78, 17, "")],
        "The resolver's address does not work, and nothing shows that it belongs to the host. TLS proves the name at \
         another resolver's address.",
        |f| match f.said()? {
            Sign::Cut(..) if !f.only_dead_ipv6() => false_address(f),
            _ => None,
        },
    )
    .against(Answers)
    .limits("An outdated answer, or one meant for a distant region, looks the same; the weights allow for that.")
    .rows(&["N1", "N14"]),
    rule(
        RuleId::DnsRewritten,
        VerdictCode::OriginDown,
        Some(Layer::Dns),
        &[(8, 89, "")],
        "The name does not exist: an authenticated resolver says so, or no network elsewhere finds it. This network's \
         resolver gives an address for it all the same, and no server there can prove the name. Providers do that to \
         show advertisements. It is not a block.",
        |f| rewritten(f, true),
    )
    .against(Answers)
    .rows(&["N1", "N24"]),
    rule(
        RuleId::DnsRewrittenUnproved,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(35, 62, "")],
        "One resolver says that the name does not exist, and another gives an address where no server can prove the \
         name. Anyone on the path can have forged either answer.",
        |f| rewritten(f, false),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsNoAnswerEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Dns),
        &[(10, 88, "")],
        "The name is not resolved here, and vantages elsewhere cannot reach the host either.",
        |f| compared(none(f)?, f.down_elsewhere()?),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::DnsNoAnswer,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(35, 62, "the name is denied"), (45, 52, "there is no answer, or an error")],
        "The name is not resolved, and there is no independent vantage. The name does not exist, the resolver is out \
         of order, or it is a block.",
        none_alone,
    )
    .rows(&["N1"]),
];

/// The subject reached nothing, and got only addresses that no public name has.
pub(super) fn bogon(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.only_bogons() && f.primary.is_some()).then(|| f.subject.clone())
}

/// The same, if every such address came from an authenticated resolver.
pub(super) fn bogon_proved(f: &Facts<'_>) -> Option<Vec<usize>> {
    bogon(f).filter(|_| f.answers().iter().all(|address| f.is_authentic(*address)))
}

/// The subject goes straight to a host and did not get past the lookup of its name.
pub(super) fn none(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.looks_up() && matches!(f.said()?, Sign::Name(_))).then(|| f.subject_with(|sign| matches!(sign, Sign::Name(_))))
}

/// The name is not found here, and an independent vantage reaches the host.
pub(super) fn none_here(f: &Facts<'_>) -> Option<Found> {
    let lean = match f.said()? {
        Sign::Name(Some(Cause::NxDomain)) => 0,
        Sign::Name(Some(Cause::Rcode { .. } | Cause::NoAddress)) => 1,
        _ => 2,
    };
    let asked = none(f).filter(|_| !f.is_answered_nothing())?;
    compared(asked, f.reached_elsewhere()).map(|found| found.leaning(lean))
}

/// The name is not found here, and TLS proves the name at another resolver's address.
pub(super) fn none_by_this_resolver(f: &Facts<'_>) -> Option<Found> {
    compared(none(f).filter(|_| !f.is_answered_nothing())?, f.true_addresses())
}

/// The resolver here says nothing about the name, nothing shows that it answers at all, and another route reaches the
/// host.
pub(super) fn unanswered(f: &Facts<'_>) -> Option<Found> {
    let asked = none(f).filter(|_| f.is_answered_nothing())?;
    compared(asked, [f.reached_elsewhere(), f.true_addresses()].concat())
}

/// The resolvers that this strategy names give no address, for a reason of their own, and another route proves the
/// name.
pub(super) fn of_named(f: &Facts<'_>, wanted: OfNamed) -> Option<Found> {
    let asked = none(f).filter(|_| f.of_named() == Some(wanted))?;
    compared(asked, [f.reached_elsewhere(), f.true_addresses()].concat())
}

/// The same with or without another route, if vantages elsewhere failed at the host.
pub(super) fn of_named_alone(f: &Facts<'_>, wanted: OfNamed) -> Option<Found> {
    let asked = none(f).filter(|_| f.of_named() == Some(wanted) && f.down_elsewhere().is_none())?;
    some(asked).map(|found| found.leaning(1))
}

/// The name is not found here, and there is no comparison.
pub(super) fn none_alone(f: &Facts<'_>) -> Option<Found> {
    let denied = matches!(f.said()?, Sign::Name(Some(Cause::NxDomain | Cause::NoAddress)));
    some(none(f)?).map(|found| found.leaning(usize::from(!denied)))
}

/// The address that came farthest failed, nothing shows that it belongs to the host, and another resolver's address
/// does.
pub(super) fn false_address(f: &Facts<'_>) -> Option<Found> {
    let others = f.looks_up() && !f.was_given_a_true_address();
    compared(f.primary.filter(|_| others).into_iter().collect(), f.true_addresses())
}

/// One question got two different answers.
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

/// A name does not exist, and a resolver gives an address for it all the same. `surely` says whether its absence is
/// authenticated.
pub(super) fn rewritten(f: &Facts<'_>, surely: bool) -> Option<Found> {
    let (certain, evidence) = f.rewritten()?;
    (certain == surely).then(|| found(evidence))
}

/// The host answered, and redirects to a name that no vantage finds.
pub(super) fn to_no_name(f: &Facts<'_>) -> Option<Found> {
    let denied =
        |sign: Sign<'_>| matches!(sign, Sign::Name(Some(Cause::NxDomain | Cause::NoAddress | Cause::LookupFailed)));
    let own = none(f).filter(|_| f.said().is_some_and(denied))?;
    let named = f.of_named();
    if matches!(named, Some(OfNamed::Cut | OfNamed::Silent | OfNamed::Failed)) {
        return None;
    }
    let to = &f.attempt(f.primary.filter(|_| f.case.context.redirected)?)?.destination;
    let subject = f.case.subject.len();
    let mut elsewhere = Vec::new();
    for (index, attempt, sign) in f.attempts().skip(subject).filter(|(_, attempt, _)| attempt.destination == *to) {
        match sign {
            // A middlebox that lies in cleartext for one resolver may lie for another.
            _ if denied(sign) && Facts::asks_in_the_clear(attempt) => {}
            _ if denied(sign) => elsewhere.push(index),
            // The reply of a proxy that cannot find a host.
            Sign::Cut(Stage::Tcp, How::Unreachable) if !attempt.strategy.is_direct() => elsewhere.push(index),
            Sign::Name(_) | Sign::Route(_) | Sign::Nothing | Sign::Waiting if attempt.stage <= Stage::Proxy => {}
            // This vantage found the name.
            _ => return None,
        }
    }
    if elsewhere.is_empty() && named != Some(OfNamed::Denied) {
        return None;
    }
    some([own, elsewhere].concat())
}
