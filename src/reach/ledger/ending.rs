//! What one attempt teaches about its route.

use std::time::Duration;

use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::Cause;

/// What an attempt says about its strategy, from the weakest statement to the strongest.
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
            Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => None,
        }
    }
}

/// How long an attempt of this race must have been silent to count as a loss: as long as the winner needed in total.
pub(super) fn patience(attempts: &[Attempt]) -> Duration {
    let needed = |attempt: &Attempt| (attempt.outcome == Outcome::Proven).then_some(attempt.took);
    attempts.iter().filter_map(needed).min().map_or(SILENCE, |took| took.max(SHORTEST_SILENCE))
}

/// Silence shorter than the shortest hedge delay means nothing, however fast the winner was.
const SHORTEST_SILENCE: Duration = Duration::from_millis(250);

/// Without a winner for comparison, silence is a loss once a lost packet has been sent again (RFC 6298).
const SILENCE: Duration = Duration::from_secs(3);
