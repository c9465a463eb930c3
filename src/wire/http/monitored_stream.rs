//! The stream below hyper. It counts the bytes of a head and records how the stream ended.

use std::io;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::driver::{Driver, StreamEnd, copy};
use crate::net::BoxStream;
use crate::wire::status_line::Spelling;

/// The stream that hyper reads.
pub(super) struct MonitoredStream {
    pub(super) stream: BoxStream,
    pub(super) http2: bool,
    /// The spelling of the next status line.
    pub(super) spelling: Spelling,
    pub(super) driver: Weak<Driver>,
}

impl MonitoredStream {
    fn end(&self, end: StreamEnd) {
        if let Some(driver) = self.driver.upgrade() {
            driver.state().end.get_or_insert(end);
        }
    }

    /// Passes `result` through, and records its error.
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.end(StreamEnd::Failed(copy(error)));
        }
        result
    }

    /// Normalises the start of a status line to the spelling that hyper accepts.
    fn respell(&mut self, bytes: &mut [u8]) {
        let at_head = self.driver.upgrade().is_some_and(|driver| std::mem::take(&mut driver.state().at_head));
        if at_head {
            self.spelling = Spelling::at_the_start();
        }
        self.spelling.mend(bytes);
    }

    /// Counts received bytes. Returns an error if a head exceeds its limit.
    fn count(&self, bytes: usize) -> io::Result<()> {
        let Some(driver) = self.driver.upgrade() else {
            return Ok(());
        };
        let mut state = driver.state();
        if let Some(left) = state.head_left {
            let Some(left) = left.checked_sub(bytes) else {
                state.end.get_or_insert(StreamEnd::HeadTooLarge);
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            };
            state.head_left = Some(left);
        }
        drop(state);
        if !self.http2 {
            driver.progress.notify(bytes as u64);
        }
        Ok(())
    }
}

impl AsyncRead for MonitoredStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.noted(read)?;
        Poll::Ready(match buffer.filled().len().saturating_sub(before) {
            0 => {
                self.end(StreamEnd::Closed);
                Ok(())
            }
            bytes => {
                if !self.http2 {
                    self.respell(buffer.filled_mut().get_mut(before..).unwrap_or_default());
                }
                self.count(bytes)
            }
        })
    }
}

impl AsyncWrite for MonitoredStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(self.noted(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = std::task::ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(self.noted(flushed))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, pieces));
        Poll::Ready(self.noted(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
