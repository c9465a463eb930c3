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
        "Certificates of two different hosts are out of date by this device's clock, and no certificate is valid by \
         it. The clock is wrong, not the hosts.",
        |f| bad(f).and_then(|_| some(f.two_clocks())),
    )
    .against(Hosts)
    .rows(&["N13"]),
    rule(
        RuleId::DnsAnotherHostOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(75, 20, "")],
        "At the resolver's address another host proves a name of its own by a trusted certificate, and an independent \
         vantage sees the true one. A forger has no such certificate, so the address is false.",
        another_host,
    )
    .against(Network)
    .limits(
        "One of many servers that was set up for another name, or a middlebox with a certificate of its own, looks \
         the same.",
    )
    .rows(&["N1"]),
    rule(
        RuleId::TlsCertificateOtherVantage,
        VerdictCode::TlsMitm,
        Some(Layer::Tls),
        &[
            (93, 4, "an untrusted certificate, or one for another name"),
            (70, 27, "one that is out of date or unusable"),
        ],
        "The certificate here does not prove the host, and another vantage sees one that does, by the same clock.",
        forged,
    )
    .against(Network)
    .limits("One of many servers with a forgotten certificate looks the same; the weights allow for that.")
    .rows(&["N4"]),
    rule(
        RuleId::ClockDate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(2, 96, "")],
        "The certificate is out of date by this device's clock, and a host that proved its name in the same access \
         gives a time more than a day away, in the direction that explains it. The clock is wrong.",
        by_date,
    )
    .against(Hosts)
    .limits(
        "A certificate that has expired by both clocks looks the same. If another vantage sees a good one by the \
         same clock, the cause is the network.",
    )
    .rows(&["N13"]),
    rule(
        RuleId::ClockNotYetValid,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(3, 94, "")],
        "The certificate's time has not begun by this device's clock. Hosts seldom make that mistake, clocks often do.",
        not_yet_valid,
    )
    .rows(&["N13"]),
    rule(
        RuleId::OriginCertificateExpiredOrClock,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate has expired by this device's clock, and no vantage sees another. The host is at fault, or the \
         clock.",
        expired,
    )
    .rows(&["N13", "N24"]),
    rule(
        RuleId::OriginCertificateEverywhere,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate does not prove the host on any vantage: the host is at fault.",
        |f| compared(bad(f)?, f.certificates_elsewhere()),
    )
    .against(Network)
    .rows(&["N4", "N24"]),
    rule(
        RuleId::OriginCertificate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(45, 52, "")],
        "The certificate does not prove the host, and no vantage shows a better one. No request was sent over the \
         connection; we can't tell whether the certificate is forged.",
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
        "The connection is reset if the ClientHello names the host. TLS is completed at the same address, over the \
         same network, if the name is cut or encrypted. So the name is the target.",
        |f| cuts::of_the_name(f, &[How::Reset]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsClosedShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(88, 9, "")],
        "The connection is closed if the ClientHello names the host. TLS is completed at the same address, over the \
         same network, if the name is cut or encrypted. So the name is the target.",
        |f| cuts::of_the_name(f, &[How::Closed]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsSilenceShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(90, 7, "")],
        "The ClientHello that names the host is swallowed. TLS is completed at the same address, over the same \
         network, if the name is cut or encrypted. So the name is the target.",
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
        "The ClientHello is answered with an alert here and not elsewhere. Hosts do that to some clients, and so can a \
         censor.",
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
        "TLS with the host is not completed, here or on another network in another country.",
        |f| cuts::everywhere(f, Stage::Tls),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::TlsCut,
        VerdictCode::Unknown,
        Some(Layer::Tls),
        &[(60, 37, "reset, closed or swallowed"), (30, 67, "refused"), (48, 49, "answered with something else")],
        "The connection is cut in the TLS handshake, and there is no independent vantage: blocked or down. An address \
         that accepts connections and then cuts those that carry a name suggests a block.",
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
