//! Certificates that do not prove the host, and clocks.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::{Facts, How, Sign};
use super::cuts;
use super::id::RuleId;
use super::rule::Against::{Abroad, Hosts, Network, Unnamed};
use super::rule::{Found, Rule, compared, rule, some};
use crate::transport::{CertificateFault, Stage};

/// Certificates that do not prove the host.
pub(super) const CERTIFICATES: &[Rule] = &[
    rule(
        RuleId::ClockTwoHosts,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(2, 95, "")],
        "Certificates of two different hosts are out of their time by this device's clock, and none is in it: the clock is \
         wrong, not the hosts.",
        |f| bad(f).and_then(|_| some(f.two_clocks())),
    )
    .against(Hosts)
    .rows(&["N13"]),
    rule(
        RuleId::DnsAnotherHostOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(75, 20, "")],
        "At the address that the resolver gives, another host proves a name of its own by a certificate that is trusted, and an \
         independent vantage sees the true one: a forger has no such certificate, so the address is false.",
        another_host,
    )
    .against(Network)
    .limits("One server of many that was set up for another name, or a box on the path with a certificate of its own, looks the same.")
    .rows(&["N1"]),
    rule(
        RuleId::TlsCertificateOtherVantage,
        VerdictCode::TlsMitm,
        Some(Layer::Tls),
        &[(93, 4, "nobody's certificate, or another name's"), (70, 27, "one out of its time, or of no use")],
        "The certificate here does not prove the host, and another vantage sees one that does, by the same clock.",
        forged,
    )
    .against(Network)
    .limits("One server of many with a forgotten certificate looks the same; the weights say so.")
    .rows(&["N4"]),
    rule(
        RuleId::ClockDate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(2, 96, "")],
        "The certificate is out of its time by this device's clock, and a host that proved its name in the same access tells a \
         time more than a day away, on the side that explains it: the clock is wrong.",
        by_date,
    )
    .against(Hosts)
    .limits("A certificate that is over by both clocks looks the same. Where another vantage sees a good one by the same clock, it is a matter of the network.")
    .rows(&["N13"]),
    rule(
        RuleId::ClockNotYetValid,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(3, 94, "")],
        "The certificate's time has not begun by this device's clock: hosts seldom err so, clocks often do.",
        not_yet_valid,
    )
    .rows(&["N13"]),
    rule(
        RuleId::OriginCertificateExpiredOrClock,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate's time is over by this device's clock, and no vantage sees another: the host's fault, or the clock's.",
        expired,
    )
    .rows(&["N13", "N24"]),
    rule(
        RuleId::OriginCertificateEverywhere,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate does not prove the host, on any vantage: the host's own fault.",
        |f| compared(bad(f)?, f.certificates_elsewhere()),
    )
    .against(Network)
    .rows(&["N4", "N24"]),
    rule(
        RuleId::OriginCertificate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(45, 52, "")],
        "The certificate does not prove the host, and no vantage shows a better one. Nothing was sent over it; we \
         can't tell whether it is forged.",
        |f| some(bad(f)?),
    )
    .rows(&["N4", "N24"]),
];

/// TLS handshakes that are cut.
pub(super) const HANDSHAKES: &[Rule] = &[
    rule(
        RuleId::TlsResetShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(92, 5, "")],
        "The connection is reset when the ClientHello names the host, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Reset]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsClosedShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(88, 9, "")],
        "The connection is closed when the ClientHello names the host, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Closed]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsSilenceShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(90, 7, "")],
        "The ClientHello that names the host is swallowed, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Silence]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsResetOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(95, 2, "")],
        "The connection is reset when the ClientHello names the host, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Reset]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsClosedOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(88, 9, "")],
        "The connection is closed when the ClientHello names the host, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Closed]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsSilenceOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(90, 7, "")],
        "The ClientHello that names the host is swallowed, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Silence]),
    )
    .against(Network)
    .rows(&["N3", "N7", "N8"]),
    rule(
        RuleId::TlsGarbageOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(85, 12, "")],
        "Something that is not TLS answers the ClientHello, and an independent vantage completes TLS with the host.",
        |f| cuts::here(f, Stage::Tls, &[How::Garbage, How::Refused, How::Unreachable]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsAlert,
        VerdictCode::Unknown,
        Some(Layer::Tls),
        &[(45, 52, "")],
        "The ClientHello is answered with an alert here and not elsewhere: hosts do that to some clients, and so can a censor.",
        |f| cuts::here(f, Stage::Tls, &[How::Alert]),
    )
    .against(Network),
    rule(
        RuleId::TlsAlertEverywhere,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(8, 90, "")],
        "The host refuses TLS with an alert, and no vantage does better.",
        |f| match f.said()? {
            Sign::Cut(Stage::Tls, How::Alert) => compared(f.primary.into_iter().collect(), f.down_elsewhere()?),
            _ => None,
        },
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::TlsEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Tls),
        &[(10, 88, "")],
        "TLS with the host is not completed, here or from another network in another country.",
        |f| cuts::everywhere(f, Stage::Tls),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::TlsCut,
        VerdictCode::Unknown,
        Some(Layer::Tls),
        &[(60, 37, "reset, closed or swallowed"), (30, 67, "refused"), (48, 49, "answered with something else")],
        "The connection is cut in the TLS handshake, and no independent vantage could be compared: blocked or down. An address \
         that accepts connections and then cuts them when a name is said leans to blocked.",
        |f| cuts::alone(f, Stage::Tls),
    )
    .rows(&["N3"]),
];

/// The subject's certificates that do not prove the host, if it came no farther.
pub(super) fn bad(f: &Facts<'_>) -> Option<Vec<usize>> {
    let bad = |sign: Sign<'_>| matches!(sign, Sign::Certificate(_));
    f.said().is_some_and(bad).then(|| f.subject_with(bad))
}

/// The fault of the certificate, if the subject came no farther.
pub(super) fn fault(f: &Facts<'_>) -> Option<CertificateFault> {
    if let Sign::Certificate(fault) = f.said()? { Some(fault) } else { None }
}

/// Whether the fault is one of time.
pub(super) fn of_time(fault: CertificateFault) -> bool {
    matches!(fault, CertificateFault::Expired | CertificateFault::NotYetValid)
}

/// The certificate is bad here, and good at another vantage.
pub(super) fn forged(f: &Facts<'_>) -> Option<Found> {
    let lean = match fault(f)? {
        CertificateFault::UnknownIssuer | CertificateFault::WrongName => 0,
        // One forgotten certificate on one of many servers is an old and common fault.
        CertificateFault::Expired | CertificateFault::NotYetValid | CertificateFault::Unusable => 1,
    };
    compared(bad(f)?, f.proved_against()).map(|found| found.leaning(lean))
}

/// The certificate is out of date by a wrong clock: a host that proved its name gives another day, in the direction
/// that explains it.
pub(super) fn by_date(f: &Facts<'_>) -> Option<Found> {
    let ahead = f.case.context.clock_ahead?;
    let explained = match fault(f)? {
        CertificateFault::Expired => ahead > A_DAY,
        CertificateFault::NotYetValid => ahead < -A_DAY,
        _ => false,
    };
    if explained { some([bad(f)?, f.certificates_elsewhere()].concat()) } else { None }
}

/// Seconds. A clock in a wrong time zone is off by less.
const A_DAY: i64 = 24 * 60 * 60;

/// The certificate's time has not begun.
pub(super) fn not_yet_valid(f: &Facts<'_>) -> Option<Found> {
    bad(f)?;
    some(f.subject_with(|sign| sign == Sign::Certificate(CertificateFault::NotYetValid)))
}

/// The certificate's time is over.
pub(super) fn expired(f: &Facts<'_>) -> Option<Found> {
    let expired = fault(f)? == CertificateFault::Expired;
    if expired { some([bad(f)?, f.certificates_elsewhere()].concat()) } else { None }
}

/// The certificate is valid for another name: the given address belongs to another host.
pub(super) fn another_host(f: &Facts<'_>) -> Option<Found> {
    let wrong = |sign: Sign<'_>| sign == Sign::Certificate(CertificateFault::WrongName);
    let given = f.attempt(f.primary.filter(|_| f.said().is_some_and(wrong))?)?.address?;
    if !f.looks_up() || f.is_authentic(given) || f.was_given_a_true_address() {
        return None;
    }
    let proved = |index: &usize| f.attempt(*index).is_some_and(|attempt| attempt.proved_name);
    compared(f.subject_with(wrong), f.reached_elsewhere().into_iter().filter(proved).collect())
}
