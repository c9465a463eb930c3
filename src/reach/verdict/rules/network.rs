//! The network as a whole: how fast it is.

use super::super::facts::{Facts, Sign};
use super::{Found, compared};
use crate::reach::Attempt;

/// The subject's proven attempts are all at least this slow, and an independent vantage is more than twice as fast.
pub(super) fn slower(f: &Facts<'_>, least: f64, slowness: fn(&Attempt) -> Option<f64>) -> Option<Found> {
    let proven = f.subject_with(|sign| sign == Sign::Proven);
    let of = |index: &usize| f.attempt(*index).and_then(slowness);
    let best = proven
        .iter()
        .map(of)
        .collect::<Option<Vec<f64>>>()?
        .into_iter()
        .reduce(f64::min)
        .filter(|best| *best >= least)?;
    let faster = f.read_elsewhere().into_iter().filter(|index| of(index).is_some_and(|there| there < best / 2.0));
    compared(proven, faster.collect())
}

/// Seconds to the first byte.
pub(super) fn seconds_to_begin(attempt: &Attempt) -> Option<f64> {
    attempt.first_byte.map(|time| time.as_secs_f64())
}

/// Seconds for a byte of the body, where enough of them came to say.
pub(super) fn seconds_per_byte(attempt: &Attempt) -> Option<f64> {
    let time = attempt.took.checked_sub(attempt.first_byte?)?;
    (attempt.bytes > ENOUGH).then(|| time.as_secs_f64() / attempt.bytes as f64)
}

/// What comes in the first window says nothing of a rate.
const ENOUGH: u64 = 32 * 1024;
