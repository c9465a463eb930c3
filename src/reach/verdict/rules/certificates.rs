//! Certificates that do not prove the host, and clocks.

use super::super::facts::{Facts, Sign};
use super::{Found, compared, some};
use crate::transport::CertificateFault;

/// The subject's certificates that do not prove the host, if that is how far it came.
pub(super) fn bad(f: &Facts<'_>) -> Option<Vec<usize>> {
    let bad = |sign: Sign<'_>| matches!(sign, Sign::Certificate(_));
    f.said().is_some_and(bad).then(|| f.subject_with(bad))
}

/// The fault of the certificate, if that is how far the subject came.
pub(super) fn fault(f: &Facts<'_>) -> Option<CertificateFault> {
    if let Sign::Certificate(fault) = f.said()? { Some(fault) } else { None }
}

/// Whether the fault is one of time.
pub(super) fn of_time(fault: CertificateFault) -> bool {
    matches!(fault, CertificateFault::Expired | CertificateFault::NotYetValid)
}

/// Bad here, and good where another vantage looked.
pub(super) fn forged(f: &Facts<'_>) -> Option<Found> {
    let lean = match fault(f)? {
        CertificateFault::UnknownIssuer | CertificateFault::WrongName => 0,
        // One server of many with a forgotten certificate is as old as certificates.
        CertificateFault::Expired | CertificateFault::NotYetValid | CertificateFault::Unusable => 1,
    };
    compared(bad(f)?, f.proved_against()).map(|found| found.leaning(lean))
}

/// Out of its time by a clock that is wrong: a host that proved its name tells another day, on the side that explains it.
pub(super) fn by_date(f: &Facts<'_>) -> Option<Found> {
    let ahead = f.case.context.clock_ahead?;
    let explained = match fault(f)? {
        CertificateFault::Expired => ahead > A_DAY,
        CertificateFault::NotYetValid => ahead < -A_DAY,
        _ => false,
    };
    if explained { some([bad(f)?, f.certificates_elsewhere()].concat()) } else { None }
}

/// Seconds. A clock that is set to another time zone is wrong by less.
const A_DAY: i64 = 24 * 60 * 60;

/// Its time has not begun.
pub(super) fn not_yet_valid(f: &Facts<'_>) -> Option<Found> {
    bad(f)?;
    some(f.subject_with(|sign| sign == Sign::Certificate(CertificateFault::NotYetValid)))
}

/// Its time is over.
pub(super) fn expired(f: &Facts<'_>) -> Option<Found> {
    let expired = fault(f)? == CertificateFault::Expired;
    if expired { some([bad(f)?, f.certificates_elsewhere()].concat()) } else { None }
}
