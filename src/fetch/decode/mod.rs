//! Content codings (RFC 9110 section 8.4.1), decoded piece by piece.
//!
//! The codecs are async-compression's readers. They read from memory: pushed bytes are available at once, and a reader
//! that would have to wait has used up everything. So a decoder can be stopped between any two pieces, kept, and
//! continued with bytes that came by another route.

mod codings;
mod encoded;
#[cfg(test)]
mod tests;

#[cfg(feature = "brotli")]
use async_compression::tokio::bufread::BrotliDecoder;
use async_compression::tokio::bufread::{DeflateDecoder, GzipDecoder, ZlibDecoder};
#[cfg(feature = "zstd")]
use async_compression::{tokio::bufread::ZstdDecoder, zstd::DParameter};
use bytes::{BufMut, Bytes};
use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::transport::{Cause, LimitKind};
use codings::Coding;
use encoded::Encoded;

pub(crate) use codings::{ACCEPT_ENCODING, Codings};

/// Decodes a body. It owns all its state, so it can be moved and continued.
pub(crate) struct Decoder {
    coding: Coding,
    encoded: Encoded,
    /// It is made when the first bytes are there: `deflate` means one of two formats, and only the bytes show which.
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    /// Whether the body may turn out not to use this coding, without an error.
    may_be_bare: bool,
    /// A member has ended, and it is not known yet what follows.
    between_members: bool,
    done: bool,
    /// Decodes the next coding from the output of this one.
    inner: Option<Box<Decoder>>,
    /// Bytes passed to the inner decoder.
    passed: u64,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything that was pushed is decoded.
    Hungry,
    /// There is more output: step again.
    More,
    /// The coding's own end was reached.
    Done,
}

impl Decoder {
    pub(crate) fn new(codings: Codings) -> Self {
        let inner = codings.inner();
        let below = (!inner.is_none()).then(|| {
            let mut decoder = Self::new(inner);
            // A server that names a coding twice may have applied it once.
            decoder.may_be_bare = inner.outer == codings.outer;
            Box::new(decoder)
        });
        Self {
            coding: codings.outer,
            encoded: Encoded::default(),
            reader: None,
            may_be_bare: false,
            between_members: false,
            done: false,
            inner: below,
            passed: 0,
        }
    }

    /// Adds the next encoded bytes.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        // Bytes after the coding's end are not part of the body; zeros after a gzip member are an old habit.
        if !self.done {
            self.encoded.push(bytes);
        }
    }

    /// Says that no more bytes will come.
    pub(crate) fn end(&mut self) {
        self.encoded.end();
    }

    /// Whether the coding's own end was reached, once all bytes are decoded and no more will come. If not, nothing more
    /// can be decoded.
    pub(crate) fn is_whole(&mut self) -> bool {
        let has_begun = self.done || self.between_members || self.reader.is_some();
        if self.coding == Coding::Identity || !has_begun {
            return false;
        }
        self.end();
        let mut rest = Vec::new();
        loop {
            match self.step(&mut rest, u64::MAX) {
                Ok(Step::Done) => return rest.is_empty(),
                // The inner decoder must still learn that no more bytes will come.
                Ok(Step::More) if rest.is_empty() => {}
                _ => return false,
            }
        }
    }

    /// Decodes up to [`STEP`] more bytes onto `out`.
    ///
    /// # Errors
    /// [`Cause::Limit`] when `out` exceeds `limit`; [`Cause::Malformed`] when the bytes are not in the coding, or end
    /// in its middle.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let Some(mut inner) = self.inner.take() else { return self.step_alone(out, limit) };
        let stepped = self.step_into(&mut inner, out, limit);
        self.inner = Some(inner);
        stepped
    }

    /// One step of the inner decoder, and one of this decoder if the inner one has used up everything. The bytes
    /// between them are bounded by `limit` too: a bomb within a bomb must not be decoded for its small end.
    ///
    /// The body ends where the outer coding ends, even if the inner one ends before: whether a broken body is refused
    /// must not depend on the pieces in which it arrives.
    fn step_into(&mut self, inner: &mut Self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let inner_step = inner.step(out, limit)?;
        if inner_step == Step::More || (inner_step == Step::Done && self.done) {
            return Ok(inner_step);
        }
        let mut between = Vec::new();
        let step = self.step_alone(&mut between, STEP as u64 * 2)?;
        self.passed = self.passed.saturating_add(between.len() as u64);
        if self.passed > limit {
            return Err(Cause::Limit { limit: LimitKind::DecodedBody });
        }
        if !between.is_empty() {
            inner.push(between.into());
        }
        match step {
            Step::Done => {
                inner.end();
                Ok(Step::More)
            }
            Step::Hungry if self.passed > 0 => {
                // Its newest input may already give output.
                let inner_step = inner.step(out, limit)?;
                Ok(if inner_step == Step::Done { Step::Hungry } else { inner_step })
            }
            step => Ok(step),
        }
    }

    fn step_alone(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let mut room = STEP;
        while !self.done {
            if room == 0 {
                return Ok(Step::More);
            }
            if self.reader.is_none() && !self.begin() {
                return Ok(Step::Hungry);
            }
            if self.done {
                break;
            }
            if self.coding == Coding::Identity {
                return self.copy(out, limit);
            }
            let Some(reader) = &mut self.reader else { return Ok(Step::Hungry) };
            make_room(out, 1, limit);
            match reader.read_buf(&mut (&mut *out).limit(room)).now_or_never() {
                None => return Ok(Step::Hungry),
                // A member ended. Another member follows, or bytes that are not part of the body.
                Some(Ok(0)) => {
                    self.reader = None;
                    match self.another_member() {
                        Some(true) => {}
                        Some(false) => self.done = true,
                        None => {
                            self.between_members = true;
                            return Ok(Step::Hungry);
                        }
                    }
                }
                Some(Ok(read)) => room = room.saturating_sub(read),
                Some(Err(_)) => {
                    return Err(self.coding.broken());
                }
            }
            if out.len() as u64 > limit {
                return Err(Cause::Limit { limit: LimitKind::DecodedBody });
            }
        }
        Ok(Step::Done)
    }

    /// Whether another member follows the end of a member (RFC 1952 section 2.2, RFC 8878 section 3); `None` while that
    /// is unknown. Zeros and other bytes after the last member are ignored, as in browsers.
    fn another_member(&self) -> Option<bool> {
        let (bytes, ended) = self.encoded.peek();
        let starts: &[&[u8]] = match self.coding {
            Coding::Gzip => &[&[0x1F, 0x8B, 8]],
            #[cfg(feature = "zstd")]
            Coding::Zstd => &[&[0x28, 0xB5, 0x2F, 0xFD]],
            _ => return Some(false),
        };
        let shorter = |start: &&&[u8]| bytes.len() < start.len() && start.starts_with(&bytes);
        if starts.iter().any(|start| bytes.starts_with(start)) {
            Some(true)
        } else if !ended && starts.iter().any(|start| shorter(&start)) {
            None
        } else {
            Some(false)
        }
    }

    /// Without a coding, the bytes are the body: one piece per step, copied once.
    fn copy(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let (piece, more, ended) = self.encoded.next();
        if let Some(piece) = piece {
            if (out.len() as u64).saturating_add(piece.len() as u64) > limit {
                return Err(Cause::Limit { limit: LimitKind::DecodedBody });
            }
            make_room(out, piece.len(), limit);
            out.extend_from_slice(&piece);
        }
        self.done = ended && !more;
        Ok(if more {
            Step::More
        } else if ended {
            Step::Done
        } else {
            Step::Hungry
        })
    }

    /// Makes the reader, once the first bytes are there. `false`: they are not there yet.
    fn begin(&mut self) -> bool {
        if self.between_members {
            match self.another_member() {
                Some(true) => self.between_members = false,
                Some(false) => {
                    self.done = true;
                    return true;
                }
                None => return false,
            }
        }
        if self.coding == Coding::Identity {
            return true;
        }
        let (bytes, ended) = self.encoded.peek();
        if bytes.is_empty() && ended {
            // There is no body: some servers send a coding with a Content-Length of 0.
            self.coding = Coding::Identity;
            return true;
        }
        if bytes.len() < 2 && !ended {
            return false;
        }
        let (first, second) = (bytes.first().copied(), bytes.get(1).copied());
        if self.may_be_bare && self.coding == Coding::Gzip && (first, second) != (Some(0x1F), Some(0x8B)) {
            self.coding = Coding::Identity;
            return true;
        }
        let feed = self.encoded.reader();
        self.reader = Some(match self.coding {
            Coding::Identity => return true,
            Coding::Gzip => Box::new(GzipDecoder::new(feed)),
            Coding::Deflate if is_zlib(first, second) => Box::new(ZlibDecoder::new(feed)),
            Coding::Deflate => Box::new(DeflateDecoder::new(feed)),
            #[cfg(feature = "brotli")]
            Coding::Brotli => Box::new(BrotliDecoder::new(feed)),
            #[cfg(feature = "zstd")]
            Coding::Zstd => Box::new(ZstdDecoder::with_params(feed, &[DParameter::window_log_max(ZSTD_WINDOW_LOG)])),
        });
        true
    }
}

/// Makes room for at least this many more bytes. The room doubles as usual, but not beyond the limit: a body as large as the limit
/// would otherwise end in a buffer of almost twice its length.
fn make_room(out: &mut Vec<u8>, bytes: usize, limit: u64) {
    if out.capacity() - out.len() >= bytes {
        return;
    }
    // One byte more shows that the limit is exceeded.
    let rest = usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX).saturating_sub(out.len());
    out.reserve_exact(out.len().max(FIRST_ROOM).min(rest).max(bytes));
}

/// RFC 1950 section 2.2: the compression method 8, and a header that is a multiple of 31. HTTP's `deflate` is zlib.
/// Some servers send raw deflate under that name, and all browsers accept both.
fn is_zlib(first: Option<u8>, second: Option<u8>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0
}

/// The room for the first decoded bytes: most short answers.
const FIRST_ROOM: usize = 8 * 1024;

/// A judge looks, and other tasks run, after at most this many bytes of output: a bomb must not hold the thread.
pub(crate) const STEP: usize = 256 * 1024;

/// RFC 9659: the window of the `zstd` content coding is at most 8 MiB.
#[cfg(feature = "zstd")]
const ZSTD_WINDOW_LOG: u32 = 23;
