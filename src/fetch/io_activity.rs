//! I/O activity of a connection below TLS: when bytes were last read and written, and how many were read.
//!
//! A body counts as frozen when nothing came for a while. A slow body must not count as frozen: at 6 kB/s a TLS record
//! of 16 KiB takes almost three seconds, in which the layers above TLS see nothing.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::net::BoxStream;

/// What a connection has read and written. Clones share it.
#[derive(Clone)]
pub(crate) struct IoActivity(Arc<Mutex<Counters>>);

struct Counters {
    last_read: Instant,
    bytes_read: u64,
    last_written: Instant,
}

impl IoActivity {
    /// Wraps a stream, and returns the record of its activity.
    pub(crate) fn of(stream: BoxStream) -> (Self, BoxStream) {
        let now = Instant::now();
        let activity = Self(Arc::new(Mutex::new(Counters { last_read: now, bytes_read: 0, last_written: now })));
        (activity.clone(), Box::new(ObservedStream { stream, activity }))
    }

    /// When bytes were last read.
    pub(crate) fn last_read(&self) -> Instant {
        self.counters().last_read
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.counters().bytes_read
    }

    /// When bytes were last written: accepted by the peer, or by a hop before it.
    pub(crate) fn last_written(&self) -> Instant {
        self.counters().last_written
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ObservedStream {
    stream: BoxStream,
    activity: IoActivity,
}

impl ObservedStream {
    fn wrote(&self, written: io::Result<usize>) -> io::Result<usize> {
        if written.as_ref().is_ok_and(|bytes| *bytes > 0) {
            self.activity.counters().last_written = Instant::now();
        }
        written
    }
}

impl AsyncRead for ObservedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let came = buffer.filled().len().saturating_sub(before) as u64;
        if came > 0 {
            let mut counters = self.activity.counters();
            counters.last_read = Instant::now();
            counters.bytes_read = counters.bytes_read.saturating_add(came);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ObservedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(self.wrote(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, pieces));
        Poll::Ready(self.wrote(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
