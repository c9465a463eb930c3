//! Which streams use the Tor client, and since when none does.
//!
//! A stream uses it as long as something passes through. One that is merely open does not: a connection to a site is kept for a next
//! request, and a site that never closes it would keep Tor awake for ever.

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
    /// Those that wait for it.
    users: usize,
    /// When the last of them left, or something passed through a stream.
    unused_since: Instant,
}

impl Usage {
    pub(super) fn new() -> Self {
        let count = Count { users: 0, unused_since: Instant::now() };
        Self(Arc::new(Shared { state: Mutex::new(count), changed: Notify::new() }))
    }

    /// Something passed through a stream.
    pub(super) fn carried(&self) {
        self.change(|count| count.unused_since = Instant::now());
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

    pub(super) fn is_unused_for(&self, time: Duration) -> bool {
        self.change(|count| count.users == 0 && count.unused_since.elapsed() >= time)
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

impl InUse {
    /// What is used.
    pub(super) fn usage(&self) -> Usage {
        self.0.clone()
    }
}

/// A stream whose bytes count as use, and that knows why its client ended.
pub(super) struct UsedStream<S> {
    pub(super) stream: S,
    pub(super) ending: Ending,
    pub(super) usage: Usage,
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
        if buffer.filled().len() > before {
            self.usage.carried();
        }
        let has_ended = read.is_err() || buffer.filled().len() == before && buffer.remaining() > 0;
        Poll::Ready(if has_ended { self.ending.or_by_app(read) } else { read })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for UsedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(unlogged(|| Pin::new(&mut self.stream).poll_write(context, bytes)));
        if written.is_ok() {
            self.usage.carried();
        }
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
    #![allow(clippy::unwrap_used)]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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

    #[tokio::test(start_paused = true)]
    async fn an_open_stream_counts_while_it_carries_something() {
        let usage = Usage::new();
        let began = Instant::now();
        let (near, mut far) = tokio::io::duplex(64);
        let mut open = UsedStream { stream: near, ending: Ending::default(), usage: usage.clone() };
        let transfer = async {
            for _ in 0..10 {
                tokio::time::sleep(TIME - Duration::from_secs(1)).await;
                far.write_all(b"part").await.unwrap();
                open.read_exact(&mut [0; 4]).await.unwrap();
            }
            open
        };
        let ((), _open) = tokio::join!(usage.unused_for(TIME), transfer);
        assert_eq!(began.elapsed(), (TIME - Duration::from_secs(1)) * 10 + TIME);
    }
}
