//! Encoded bytes in memory, which a decoder's reader takes and a caller pushes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// Encoded bytes in memory, shared between the decoder's reader and the caller that pushes.
#[derive(Clone, Default)]
pub(super) struct Encoded(Arc<Mutex<Chunks>>);

#[derive(Default)]
struct Chunks {
    chunks: VecDeque<Bytes>,
    ended: bool,
}

impl Encoded {
    fn state<T>(&self, with: impl FnOnce(&mut Chunks) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn push(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.state(|held| held.chunks.push_back(bytes));
        }
    }

    /// Says that no more bytes will come.
    pub(super) fn end(&self) {
        self.state(|held| held.ended = true);
    }

    /// The next piece, whether more pieces are waiting, and whether no more will come.
    pub(super) fn next(&self) -> (Option<Bytes>, bool, bool) {
        self.state(|held| (held.chunks.pop_front(), !held.chunks.is_empty(), held.ended))
    }

    /// The first bytes, as many as identify a format, and whether no more will come.
    pub(super) fn peek(&self) -> (Vec<u8>, bool) {
        self.state(|held| (held.chunks.iter().flatten().copied().take(PEEKED).collect(), held.ended))
    }

    pub(super) fn reader(&self) -> EncodedReader {
        EncodedReader { encoded: self.clone(), current: Bytes::new() }
    }
}

/// Reads encoded bytes. When it is dropped, unused bytes go back: they belong to the next member.
pub(super) struct EncodedReader {
    encoded: Encoded,
    current: Bytes,
}

impl AsyncBufRead for EncodedReader {
    /// Pending means that everything is used up. No waker is called, because the decoder is stepped again after each
    /// push.
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.current.is_empty() {
            match this.encoded.next() {
                (Some(piece), ..) => this.current = piece,
                (None, _, true) => {}
                (None, ..) => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(&this.current))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        let amount = amount.min(self.current.len());
        self.current.advance(amount);
    }
}

impl AsyncRead for EncodedReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let piece = std::task::ready!(self.as_mut().poll_fill_buf(cx))?;
        let take = piece.len().min(out.remaining());
        out.put_slice(piece.get(..take).unwrap_or_default());
        self.consume(take);
        Poll::Ready(Ok(()))
    }
}

impl Drop for EncodedReader {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut self.current);
        if !rest.is_empty() {
            self.encoded.state(|held| held.chunks.push_front(rest));
        }
    }
}

/// The longest prefix that identifies a format.
const PEEKED: usize = 4;
