//! Keeping still on a network that lets only a whitelist through.
//!
//! Where every first hop is silent, each further attempt costs the user half a minute and the battery, tells an
//! observer what is wanted, and changes nothing. So after such a verdict nothing is dialled for a while: what is asked for
//! is answered from the store at once, with the verdict that stands. It ends with the time, with the network, and
//! whenever the user insists ([`Byway::refresh`](super::Byway::refresh), [`OpenOptions::ignore_pause`](super::OpenOptions::ignore_pause), a
//! probe).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Reachability;
use crate::reach::{Attempt, Outcome, Verdict, VerdictCode};

/// What is known of the network as a whole, since it was the device's.
#[derive(Debug, Default)]
pub(super) struct DialBackoff(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// When something foreign was reached last.
    reached: Option<Instant>,
    pause: Option<Pause>,
}

/// A time during which nothing is dialled.
#[derive(Debug)]
struct Pause {
    verdict: Verdict,
    until: Instant,
    length: Duration,
}

impl DialBackoff {
    /// Learns from an access that tried something. Answers for how long nothing is dialled from now on, if that is new.
    pub(super) fn learn(&self, now: Instant, met: &Reachability) -> Option<Duration> {
        if met.attempts.iter().any(came_through) {
            *self.seen() = Seen { reached: Some(now), pause: None };
            return None;
        }
        if met.verdict.code != VerdictCode::WhitelistOnly || met.attempts.is_empty() {
            return None;
        }
        let mut seen = self.seen();
        let length = seen.pause.as_ref().map_or(FIRST, |pause| (pause.length * 2).min(LONGEST));
        // Without the attempts that it points to.
        let verdict = Verdict { evidence: Vec::new(), addresses: Vec::new(), ..met.verdict.clone() };
        seen.pause = Some(Pause { verdict, until: now + length, length });
        Some(length)
    }

    /// The verdict that stands, while nothing is to be dialled.
    pub(super) fn verdict(&self, now: Instant) -> Option<Verdict> {
        self.seen().pause.as_ref().filter(|pause| now < pause.until).map(|pause| pause.verdict.clone())
    }

    /// Something foreign was reached a short while ago.
    pub(super) fn lives(&self, now: Instant) -> bool {
        self.seen().reached.is_some_and(|at| now.saturating_duration_since(at) < LATELY)
    }

    /// The network is another one: nothing that was seen holds.
    pub(super) fn forget(&self) {
        *self.seen() = Seen::default();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It got an answer from beyond this device.
fn came_through(attempt: &Attempt) -> bool {
    let answered = matches!(attempt.outcome, Outcome::Proven | Outcome::Refuted(_));
    answered && attempt.address.is_some_and(|address| !address.is_loopback())
}

/// Whitelists were seen to come and go within minutes (drills, passing a border): a minute costs little when it is over.
const FIRST: Duration = Duration::from_secs(60);

/// A user behind one for a day sends four attempts an hour.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// For how long a network that let something through is known to live. A tunnel on the way home takes longer.
const LATELY: Duration = Duration::from_secs(60);
