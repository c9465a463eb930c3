//! What one attempt teaches of its route.

use std::time::Duration;

use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::Cause;

/// What an attempt says of its strategy, from the least telling to the most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Silent,
    Lost,
    Good,
}

impl Ending {
    pub(super) fn of(attempt: &Attempt, patience: Duration) -> Option<Self> {
        match &attempt.outcome {
            Outcome::Proven => Some(Ending::Good),
            Outcome::Refuted(Finding::OriginFault { .. } | Finding::CaptivePortal) => None,
            Outcome::Refuted(_) => Some(Ending::Lost),
            Outcome::Failed(failure) => match failure.cause {
                Cause::Limit { .. } | Cause::Forbidden { .. } | Cause::Io => None,
                _ => Some(Ending::Lost),
            },
            Outcome::Pending => (attempt.took >= patience).then_some(Ending::Silent),
            Outcome::Interrupted => None,
        }
    }
}

/// How long an attempt of this race must have been silent to have lost: as long as the winner needed in all.
pub(super) fn patience(attempts: &[Attempt]) -> Duration {
    let needed = |attempt: &Attempt| (attempt.outcome == Outcome::Proven).then_some(attempt.took);
    attempts.iter().filter_map(needed).min().map_or(SILENCE, |took| took.max(SHORTEST_SILENCE))
}

/// Silence below the shortest hedge delay means nothing, however fast the winner was.
const SHORTEST_SILENCE: Duration = Duration::from_millis(250);

/// Without a winner to compare with, silence is a loss once a lost packet has been sent again (RFC 6298).
const SILENCE: Duration = Duration::from_secs(3);
