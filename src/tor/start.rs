//! Waits for Tor's start, and says how far it is and what holds it up.

use std::sync::Arc;
use std::time::Duration;

use arti_client::status::{BlockageKind, BootstrapStatus};
use arti_client::{DormantMode, TorClient};
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::ending::Ending;
use super::fault::{not_started, stall_of};
use super::reach::Reach;
use super::runtime::TorRuntime;
use super::tasks::Tasks;
use crate::transport::{Failure, TorProgress, TorStall};

/// A start that stands still for this long has a stall. On a phone's network a round trip takes up to a second, and a relay
/// that does not answer is given up by arti after a few.
const STALLED: Duration = Duration::from_secs(10);

/// A stream waits no longer than this for a start that stands still. The start itself goes on while anything may use it.
const GIVEN_UP: Duration = Duration::from_secs(45);

/// Tor's start, as a task of its own: a stream that gives up waiting does not undo what was begun.
pub(super) struct Start(watch::Receiver<StartOutcome>);

/// How it ended, if it has: after this time, or without success.
pub(super) type StartOutcome = Option<Result<Duration, TorStall>>;

impl Start {
    /// Begins it.
    ///
    /// # Errors
    ///
    /// If the client was ended.
    pub(super) fn begin(client: Arc<TorClient<TorRuntime>>, tasks: &Tasks) -> Result<Self, Failure> {
        let (sender, receiver) = watch::channel(None);
        let work = async move {
            let began = Instant::now();
            let ended = client.bootstrap().await.map_err(|error| stall_of(&error));
            if ended.is_ok() {
                save_guards(&client);
            }
            sender.send_replace(Some(ended.map(|()| began.elapsed())));
        };
        tasks.spawn(work).map_err(|_| not_started(TorStall::Ended))?;
        Ok(Self(receiver))
    }

    /// Whether it ended without success, and can be begun again.
    pub(super) fn has_failed(&self) -> bool {
        matches!(*self.0.borrow(), Some(Err(_)))
    }

    /// Whether it is done.
    pub(super) fn is_done(&self) -> bool {
        matches!(*self.0.borrow(), Some(Ok(_)))
    }

    /// Waits for its end.
    pub(super) fn waiting(&self) -> watch::Receiver<StartOutcome> {
        self.0.clone()
    }
}

/// Has arti write the guards that it chose to the disk now. By itself it does so when it begins, before it has any, then once a
/// minute, and at its end. A process that is killed before the first minute is over, as apps of a phone are, would choose others
/// the next time, and each choice is another relay that sees the reader's address.
///
/// Arti has no call for this alone. To be told that it is not dormant makes each of its periodic tasks take its turn at once, and the
/// one that saves is one of them. The others build circuits that are wanted, and drop what has expired.
pub(super) fn save_guards(client: &TorClient<TorRuntime>) {
    client.set_dormant(DormantMode::Normal);
}

/// Returns how long it took.
///
/// # Errors
///
/// [`Cause::TorNotStarted`](crate::transport::Cause::TorNotStarted).
pub(super) async fn wait_until_ready(
    client: &TorClient<TorRuntime>,
    mut start: watch::Receiver<StartOutcome>,
    ending: &Ending,
    progress: &(dyn Fn(TorProgress) + Send + Sync),
) -> Result<Duration, Failure> {
    let mut events = client.bootstrap_events();
    let status = client.bootstrap_status();
    let mut at = Progress::new(percent(&status), blocked(&status));
    progress(at.report());
    loop {
        tokio::select! {
            ended = start.wait_for(Option::is_some) => {
                return match ended.map(|ended| *ended) {
                    Ok(Some(Err(stall))) => Err(not_started(at.stall_after(stall))),
                    Ok(Some(Ok(took))) => Ok(took),
                    // The task is gone: the client was ended.
                    Ok(None) | Err(_) => Err(not_started(ending.stall())),
                };
            }
            Some(status) = events.next() => {
                if at.see(percent(&status), blocked(&status), client.runtime().reach()) {
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
    /// The highest so far. Only what exceeds it is a move: a network that lets Tor come up to a point again and again holds it
    /// up.
    highest: u8,
    /// What arti says is wrong, whether or not something moves.
    blocked: Option<TorStall>,
    /// When something moved last.
    moved: Instant,
    stall: Option<TorStall>,
}

impl Progress {
    fn new(percent: u8, blocked: Option<TorStall>) -> Self {
        Self { percent, highest: percent, blocked, moved: Instant::now(), stall: None }
    }

    /// Whether it is worth a report.
    fn see(&mut self, percent: u8, blocked: Option<TorStall>, reach: &Reach) -> bool {
        let before = (self.percent, self.stall);
        (self.percent, self.blocked) = (percent, blocked);
        if percent > self.highest {
            (self.highest, self.moved, self.stall) = (percent, Instant::now(), None);
        } else if self.stall.is_some() {
            self.stands_still(reach);
        }
        before != (self.percent, self.stall)
    }

    fn stands_still(&mut self, reach: &Reach) {
        // Relays answer. With a wrong clock arti refuses them or finds no directory that is valid now, and knows why only later.
        let answered = || match self.blocked.unwrap_or(TorStall::Directory) {
            TorStall::Directory | TorStall::Unknown if reach.is_clock_wrong() => TorStall::Clock,
            blocked => blocked,
        };
        self.stall = Some(reach.stall().unwrap_or_else(answered));
    }

    /// What held it up, if it ended with this. What was seen says more than an error that names no cause.
    fn stall_after(&self, error: TorStall) -> TorStall {
        match error {
            TorStall::NoConnection
            | TorStall::Filtered
            | TorStall::Directory
            | TorStall::Bridge
            | TorStall::Unknown => self.stall.unwrap_or(error),
            TorStall::Clock
            | TorStall::Transport
            | TorStall::Storage
            | TorStall::InUse
            | TorStall::Outdated
            | TorStall::Ended
            | TorStall::NetworkChanged => error,
        }
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

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn going_to_and_fro_is_no_progress() {
        let reach = Reach::new(false);
        reach.connected();
        let began = Instant::now();
        let mut at = Progress::new(0, None);
        for percent in [5, 0].into_iter().cycle().take(40) {
            tokio::time::advance(Duration::from_millis(500)).await;
            at.see(percent, None, &reach);
            if at.due() <= Instant::now() {
                at.stands_still(&reach);
            }
        }
        assert_eq!((at.stall, at.moved), (Some(TorStall::Filtered), began + Duration::from_millis(500)));
        assert!(at.see(6, None, &reach), "a report");
        assert_eq!((at.stall, at.moved), (None, Instant::now()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_every_relay_contradicts_is_named() {
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let stall = |relays: &[u32], blocked| {
            let reach = Reach::new(false);
            reach.connected();
            reach.secured();
            relays.iter().for_each(|days| reach.told_time(*days * 86_400, now));
            let mut at = Progress::new(0, blocked);
            at.stands_still(&reach);
            at.stall
        };
        assert_eq!(stall(&[], None), Some(TorStall::Directory));
        for wrong in [&[19_970][..], &[20_030], &[19_970, 20_030, 19_999]] {
            assert_eq!(stall(wrong, None), Some(TorStall::Clock), "{wrong:?}");
            assert_eq!(stall(wrong, Some(TorStall::Directory)), Some(TorStall::Clock), "{wrong:?}");
            // Who is no relay and says so may say any time.
            assert_eq!(stall(wrong, Some(TorStall::Filtered)), Some(TorStall::Filtered), "{wrong:?}");
            let one_is_right = [wrong, &[20_000]].concat();
            assert_eq!(stall(&one_is_right, None), Some(TorStall::Directory), "{one_is_right:?}");
        }
    }

    const DAY: Duration = Duration::from_secs(86_400);

    #[tokio::test(start_paused = true)]
    async fn an_error_with_a_cause_outweighs_what_was_guessed() {
        let mut at = Progress::new(0, None);
        at.stands_still(&Reach::new(false));
        assert_eq!(at.stall_after(TorStall::Outdated), TorStall::Outdated);
        assert_eq!(at.stall_after(TorStall::Unknown), TorStall::NoConnection);
    }
}
