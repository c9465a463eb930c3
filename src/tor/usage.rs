//! Which streams use the Tor client, and since when none does.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep_until};

use super::ending::Ending;
use super::tasks::unlogged;

/// How many use it. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Usage(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<Count>,
    changed: Notify,
}

#[derive(Debug)]
struct Count {
    users: usize,
    /// When the last user left.
    unused_since: Instant,
}

impl Usage {
    pub(super) fn new() -> Self {
        let count = Count { users: 0, unused_since: Instant::now() };
        Self(Arc::new(Shared { state: Mutex::new(count), changed: Notify::new() }))
    }

    /// One user more, until the guard is dropped.
    pub(super) fn begin(&self) -> InUse {
        self.change(|count| count.users += 1);
        InUse(self.clone())
    }

    /// Waits until nothing has used it for this long.
    pub(super) async fn unused_for(&self, time: Duration) {
        loop {
            let changed = self.0.changed.notified();
            let until = self.change(|count| (count.users == 0).then(|| count.unused_since + time));
            match until {
                Some(until) if until <= Instant::now() => return,
                Some(until) => tokio::select! {
                    () = sleep_until(until) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    pub(super) fn is_unused(&self) -> bool {
        self.change(|count| count.users == 0)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Count) -> T) -> T {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Something uses the Tor client.
#[derive(Debug)]
pub(super) struct InUse(Usage);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.change(|count| {
            count.users -= 1;
            count.unused_since = Instant::now();
        });
        self.0.0.changed.notify_one();
    }
}

/// A stream that counts as a user, and knows why its client ended.
pub(super) struct UsedStream<S> {
    pub(super) stream: S,
    pub(super) ending: Ending,
    pub(super) _in_use: InUse,
}

impl<S> fmt::Debug for UsedStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UsedStream(..)")
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for UsedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(unlogged(|| Pin::new(&mut self.stream).poll_read(context, buffer)));
        let has_ended = read.is_err() || buffer.filled().len() == before && buffer.remaining() > 0;
        Poll::Ready(if has_ended { self.ending.or_by_app(read) } else { read })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for UsedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(unlogged(|| Pin::new(&mut self.stream).poll_write(context, bytes)));
        Poll::Ready(if written.is_err() { self.ending.or_by_app(written) } else { written })
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(unlogged(|| Pin::new(&mut self.stream).poll_flush(context)));
        Poll::Ready(if flushed.is_err() { self.ending.or_by_app(flushed) } else { flushed })
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        unlogged(|| Pin::new(&mut self.stream).poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn time_counts_from_the_end_of_the_last_use() {
        let usage = Usage::new();
        let began = Instant::now();
        let (first, second) = (usage.begin(), usage.begin());
        let leave = async {
            tokio::time::sleep(Duration::from_secs(1000)).await;
            drop(first);
            tokio::time::sleep(Duration::from_secs(1000)).await;
            drop(second);
        };
        tokio::join!(usage.unused_for(TIME), leave);
        assert_eq!(began.elapsed(), Duration::from_secs(2000) + TIME);
    }
}
