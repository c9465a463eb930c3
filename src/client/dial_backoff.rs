//! A pause on a network that only lets a whitelist through.
//!
//! If every first hop is silent, each further attempt costs the user half a minute and battery, tells an observer what
//! is wanted, and changes nothing. So after such a verdict Byway dials nothing for a while: it answers at once from the
//! store, with the verdict of the earlier access. The pause ends after its time, when the network changes, and whenever
//! the user insists ([`Byway::refresh`](super::Byway::refresh),
//! [`OpenOptions::ignore_pause`](super::OpenOptions::ignore_pause), a probe).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Reachability;
use crate::reach::{Attempt, Verdict, VerdictCode};
use crate::transport::NextHop;

/// What is known of the network as a whole since the device joined it.
#[derive(Debug, Default)]
pub(super) struct DialBackoff(Mutex<NetworkState>);

#[derive(Debug, Default)]
struct NetworkState {
    /// When a host beyond this device last answered.
    reached: Option<Instant>,
    pause: Option<Pause>,
}

/// A time in which nothing is dialled.
#[derive(Debug)]
struct Pause {
    verdict: Verdict,
    since: Instant,
    until: Instant,
    length: Duration,
}

impl DialBackoff {
    /// Learns from an access that tried something. If this begins a new pause, returns its length.
    ///
    /// A pause is longer than the one before it. That does not count for an access that `began` before the present
    /// pause did: several at once meet the same whitelist.
    pub(super) fn learn(&self, began: Instant, now: Instant, met: &Reachability) -> Option<Duration> {
        if met.attempts.iter().any(came_through) {
            *self.seen() = NetworkState { reached: Some(now), pause: None };
            return None;
        }
        if met.verdict.code != VerdictCode::WhitelistOnly || met.attempts.is_empty() {
            return None;
        }
        let mut seen = self.seen();
        if seen.pause.as_ref().is_some_and(|pause| began < pause.since) {
            return None;
        }
        let length = seen.pause.as_ref().map_or(FIRST, |pause| (pause.length * 2).min(LONGEST));
        // Without the attempts that the verdict points to.
        let verdict = Verdict { evidence: Vec::new(), addresses: Vec::new(), ..met.verdict.clone() };
        seen.pause = Some(Pause { verdict, since: now, until: now + length, length });
        Some(length)
    }

    /// The verdict that applies during a pause.
    pub(super) fn verdict(&self, now: Instant) -> Option<Verdict> {
        self.seen().pause.as_ref().filter(|pause| now < pause.until).map(|pause| pause.verdict.clone())
    }

    /// Whether such a host answered a short while ago.
    pub(super) fn lives(&self, now: Instant) -> bool {
        self.seen().reached.is_some_and(|at| now.saturating_duration_since(at) < LATELY)
    }

    /// Forgets what was seen, because the network has changed.
    pub(super) fn forget(&self) {
        *self.seen() = NetworkState::default();
    }

    fn seen(&self) -> MutexGuard<'_, NetworkState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the attempt got an answer from beyond this device.
fn came_through(attempt: &Attempt) -> bool {
    // The relays of the Tor within the program have no address here.
    let beyond =
        attempt.strategy.next_hop() == NextHop::Tor || attempt.address.is_some_and(|address| !address.is_loopback());
    beyond && attempt.got_an_answer()
}

/// Whitelists were seen to come and go within minutes (drills, passing a border). When one ends, a pause of a minute
/// costs little.
const FIRST: Duration = Duration::from_secs(60);

/// With this limit, a user who spends a day behind a whitelist sends four attempts an hour.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// For how long a network is believed to work after it let something through. A tunnel can take the network away for
/// longer than this.
const LATELY: Duration = Duration::from_secs(60);
