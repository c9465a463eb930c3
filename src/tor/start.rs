//! Waits for Tor's start, and says how far it is and what holds it up.

use std::time::Duration;

use arti_client::TorClient;
use arti_client::status::{BlockageKind, BootstrapStatus};
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep_until};

use super::fault::{not_started, stall_of};
use super::reach::Reach;
use super::runtime::TorRuntime;
use crate::transport::{Failure, TorProgress, TorStall};

/// A start that stands still for this long has a stall. On a phone's network a round trip takes up to a second, and a relay
/// that does not answer is given up by arti after a few.
const STALLED: Duration = Duration::from_secs(10);

/// A start that stands still for this long is given up, for this stream. What was loaded stays loaded.
const GIVEN_UP: Duration = Duration::from_secs(45);

/// # Errors
///
/// [`Cause::TorNotStarted`](crate::transport::Cause::TorNotStarted).
pub(super) async fn wait_until_ready(
    client: &TorClient<TorRuntime>,
    progress: &(dyn Fn(TorProgress) + Send + Sync),
) -> Result<(), Failure> {
    let mut events = client.bootstrap_events();
    let mut at = Progress::new(&client.bootstrap_status());
    let mut bootstrap = std::pin::pin!(client.bootstrap());
    progress(at.report());
    loop {
        tokio::select! {
            ended = &mut bootstrap => {
                return ended.map_err(|error| not_started(at.stall.unwrap_or_else(|| stall_of(&error))));
            }
            Some(status) = events.next() => {
                if at.see(&status, client.runtime().reach()) {
                    progress(at.report());
                }
            }
            () = sleep_until(at.due()) => {
                if at.moved.elapsed() >= GIVEN_UP {
                    return Err(not_started(at.stall.unwrap_or(TorStall::Unknown)));
                }
                at.stands_still(client.runtime().reach());
                progress(at.report());
            }
        }
    }
}

struct Progress {
    percent: u8,
    /// What arti says is wrong, whether or not something moves.
    blocked: Option<TorStall>,
    /// When something moved last.
    moved: Instant,
    stall: Option<TorStall>,
}

impl Progress {
    fn new(status: &BootstrapStatus) -> Self {
        Self { percent: percent(status), blocked: blocked(status), moved: Instant::now(), stall: None }
    }

    /// Whether it is worth a report.
    fn see(&mut self, status: &BootstrapStatus, reach: &Reach) -> bool {
        self.blocked = blocked(status);
        let percent = percent(status);
        if percent > self.percent {
            (self.moved, self.stall) = (Instant::now(), None);
        } else if self.stall.is_some() {
            self.stands_still(reach);
        }
        std::mem::replace(&mut self.percent, percent) != percent
    }

    fn stands_still(&mut self, reach: &Reach) {
        let unknown = || self.blocked.unwrap_or(TorStall::Unknown);
        self.stall = Some(reach.stall().unwrap_or_else(unknown));
    }

    /// When to look again.
    fn due(&self) -> Instant {
        self.moved + if self.stall.is_none() { STALLED } else { GIVEN_UP }
    }

    fn report(&self) -> TorProgress {
        TorProgress::new(self.percent, self.stall)
    }
}

fn percent(status: &BootstrapStatus) -> u8 {
    let fraction = status.as_frac().clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let percent = (fraction * 100.0) as u8;
    percent
}

fn blocked(status: &BootstrapStatus) -> Option<TorStall> {
    status.blocked().map(|blockage| match blockage.kind() {
        BlockageKind::Offline => TorStall::NoConnection,
        BlockageKind::Filtering | BlockageKind::CantReachTor => TorStall::Filtered,
        BlockageKind::ClockSkewed => TorStall::Clock,
        BlockageKind::CantBootstrap => TorStall::Directory,
        _ => TorStall::Unknown,
    })
}
