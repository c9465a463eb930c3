//! Connections that are cut: only here, everywhere, or without a comparison.

use super::super::addresses::is_bogon;
use super::super::facts::{Facts, How, Sign};
use super::rule::{Found, compared, found, some};
use crate::reach::Attempt;
use crate::transport::Stage;

/// The subject was cut at `stage` in one of these ways, and an independent vantage reached the host.
pub(super) fn here(f: &Facts<'_>, stage: Stage, hows: &[How]) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage && hows.contains(&how) => {
            compared(f.primary.into_iter().collect(), f.reached_elsewhere())
        }
        _ => None,
    }
}

/// The subject was cut in TLS in one of these ways, and a ClientHello that differed only in how it carries the name was
/// let through.
pub(super) fn of_the_name(f: &Facts<'_>, hows: &[How]) -> Option<Found> {
    match f.said()? {
        Sign::Cut(Stage::Tls, how) if hows.contains(&how) => {
            compared(f.primary.into_iter().collect(), f.reached_unnamed())
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, in TLS or in cleartext, and an independent vantage got the whole answer.
pub(super) fn of_the_talk(f: &Facts<'_>, tls: bool, stage: Stage, hows: &[How]) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage && hows.contains(&how) && f.tls() == tls => {
            compared(f.primary.into_iter().collect(), f.read_elsewhere())
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, and vantages in other networks and countries failed at the host as well.
pub(super) fn everywhere(f: &Facts<'_>, stage: Stage) -> Option<Found> {
    match f.said()? {
        // A host whose answer came complete on two routes is not down.
        Sign::Cut(at, how) if at == stage && how != How::Unannounced => {
            // A vantage that came less far than the subject does not show the same fault. If a host accepts connections
            // here and a proxy cannot connect to it, that is a contradiction and not a host that is down.
            let as_far = |index: &usize| !matches!(f.sign(*index), Sign::Cut(there, _) if there < stage);
            let elsewhere: Vec<usize> = f.down_elsewhere()?.into_iter().filter(as_far).collect();
            compared(f.primary.into_iter().collect(), elsewhere)
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, and there is no comparison. A refusal has the second weights.
pub(super) fn alone(f: &Facts<'_>, stage: Stage) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage => {
            let of_the_name = stage != Stage::Tls || matches!(how, How::Reset | How::Silence | How::Closed);
            let lean = match how {
                How::Refused => 1,
                _ if of_the_name => 0,
                _ => 2,
            };
            some(f.primary.into_iter().collect()).map(|found| found.leaning(lean))
        }
        _ => None,
    }
}

/// The subject's answer ended without saying that it is complete, and an independent vantage got as much of it.
pub(super) fn unannounced(f: &Facts<'_>) -> Option<Found> {
    let here = f.primary.filter(|_| f.said() == Some(Sign::Cut(Stage::Progress, How::Unannounced)))?;
    let own = f.attempt(here)?;
    let as_much = |there: &Attempt| {
        let (least, most) = (own.bytes.min(there.bytes), own.bytes.max(there.bytes));
        most - least <= HEADS.max(most / 20)
    };
    let vantages = f.independents();
    let elsewhere = f.attempts().skip(f.case.subject.len()).filter(|(_, attempt, sign)| {
        let came = matches!(sign, Sign::Proven | Sign::Cut(Stage::Progress, How::Unannounced));
        came && attempt.hop == own.hop && vantages.contains(&&attempt.strategy) && as_much(attempt)
    });
    compared(vec![here], elsewhere.map(|(index, ..)| index).collect())
}

/// Bytes by which the heads of one host's answers differ: cookies, dates, header lines of a CDN.
const HEADS: u64 = 512;

/// A host that the user named, on this device or in its network, does not answer.
pub(super) fn local(f: &Facts<'_>) -> Option<Found> {
    let address = f.attempt(f.primary?)?.address?;
    let cut = matches!(f.said()?, Sign::Cut(Stage::Tcp, _));
    (cut && f.case.context.local_destination && is_bogon(address)).then(|| found(f.primary))
}
