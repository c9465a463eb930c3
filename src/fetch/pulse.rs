//! When something came from the peer last and how much, and when it took something last, below TLS.
//!
//! A body is called frozen when nothing came for a while. That must be told from a slow one: at 6 kB/s a TLS record of
//! 16 KiB takes almost three seconds, in which the layers above see nothing at all.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::net::BoxStream;

/// The times of the last byte each way, and what came. Clones share them.
#[derive(Clone)]
pub(crate) struct Pulse(Arc<Mutex<Beats>>);

struct Beats {
    read: Instant,
    /// How many bytes were read.
    bytes: u64,
    written: Instant,
}

impl Pulse {
    /// A stream that notes when bytes came, and where it notes it.
    pub(crate) fn of(stream: BoxStream) -> (Self, BoxStream) {
        let now = Instant::now();
        let pulse = Self(Arc::new(Mutex::new(Beats { read: now, bytes: 0, written: now })));
        (pulse.clone(), Box::new(Felt { stream, pulse }))
    }

    /// When something came last.
    pub(crate) fn last(&self) -> Instant {
        self.beats().read
    }

    /// How many bytes have come.
    pub(crate) fn bytes(&self) -> u64 {
        self.beats().bytes
    }

    /// When something was taken last: by the peer, or by what lies between.
    pub(crate) fn written(&self) -> Instant {
        self.beats().written
    }

    fn beats(&self) -> MutexGuard<'_, Beats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Felt {
    stream: BoxStream,
    pulse: Pulse,
}

impl Felt {
    fn wrote(&self, written: io::Result<usize>) -> io::Result<usize> {
        if written.as_ref().is_ok_and(|bytes| *bytes > 0) {
            self.pulse.beats().written = Instant::now();
        }
        written
    }
}

impl AsyncRead for Felt {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let came = buffer.filled().len().saturating_sub(before) as u64;
        if came > 0 {
            let mut beats = self.pulse.beats();
            beats.read = Instant::now();
            beats.bytes = beats.bytes.saturating_add(came);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Felt {
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
