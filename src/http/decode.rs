//! Content codings (RFC 9110 section 8.4.1), decoded piece by piece.
//!
//! The codecs are async-compression's readers. They are fed from memory: what is pushed is there at once, and a reader
//! that would have to wait is one that has used up everything. So a decoder can be stopped between any two pieces,
//! kept, and go on with bytes that came by another route.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::{Buf, BufMut, Bytes};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, header};
use tokio::io::{AsyncRead, AsyncReadExt, BufReader, ReadBuf};

use crate::transport::Cause;

/// What is asked for, unless the caller asks otherwise.
pub(crate) const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, deflate, br, zstd");

/// One coding that is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// The coding that an answer's headers name.
    ///
    /// # Errors
    /// A coding that is not known, or several on top of each other, which no server sends on purpose.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Cause> {
        let mut found = Self::Identity;
        for value in headers.get_all(header::CONTENT_ENCODING) {
            for token in value.to_str().map_err(|_| unknown_coding())?.split(',') {
                let coding = match token.trim().to_ascii_lowercase().as_str() {
                    "" | "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "deflate" => Self::Deflate,
                    "br" => Self::Brotli,
                    "zstd" => Self::Zstd,
                    _ => return Err(unknown_coding()),
                };
                if found != Self::Identity {
                    return Err(unknown_coding());
                }
                found = coding;
            }
        }
        Ok(found)
    }
}

fn unknown_coding() -> Cause {
    Cause::Malformed { expected: "gzip, deflate, br or zstd".into() }
}

/// Undoes one coding. It owns all its state: it can be moved and go on.
pub(crate) struct Decoder {
    coding: Coding,
    feed: Feed,
    /// Made when the first bytes are there: `deflate` means one of two formats, and only they tell which.
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    done: bool,
}

/// How far a step came.
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
    pub(crate) fn new(coding: Coding) -> Self {
        Self { coding, feed: Feed::default(), reader: None, done: false }
    }

    /// Gives it the next encoded bytes.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        // What follows the coding's end is not part of the body; zeros after a gzip member are an old habit.
        if !self.done {
            self.feed.state(|feed| feed.chunks.push_back(bytes));
        }
    }

    /// Tells it that no more bytes come.
    pub(crate) fn end(&mut self) {
        self.feed.state(|feed| feed.ended = true);
    }

    /// Whether the coding's own end was reached, where all that came is decoded and nothing more comes. If not, nothing can be
    /// decoded any more.
    pub(crate) fn is_whole(&mut self) -> bool {
        if self.coding == Coding::Identity || self.reader.is_none() {
            return false;
        }
        self.end();
        let mut rest = Vec::new();
        matches!(self.step(&mut rest, u64::MAX), Ok(Step::Done)) && rest.is_empty()
    }

    /// Decodes up to [`STEP`] bytes more onto `out`.
    ///
    /// # Errors
    /// [`Cause::Limit`] when `out` passes `limit`; [`Cause::Malformed`] when the bytes are not of the coding, or end
    /// in its middle.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let mut room = STEP;
        while !self.done {
            if room == 0 {
                return Ok(Step::More);
            }
            if self.coding == Coding::Identity {
                return self.copy(out, limit);
            }
            let Some(reader) = self.reader() else { return Ok(Step::Hungry) };
            match reader.read_buf(&mut (&mut *out).limit(room)).now_or_never() {
                None => return Ok(Step::Hungry),
                Some(Ok(0)) => self.done = true,
                Some(Ok(read)) => room = room.saturating_sub(read),
                Some(Err(_)) => {
                    return Err(Cause::Malformed { expected: format!("a body of {:?}", self.coding).to_lowercase() });
                }
            }
            if out.len() as u64 > limit {
                return Err(Cause::Limit { limit: "decoded body".into() });
            }
        }
        Ok(Step::Done)
    }

    /// Without a coding, what came is what it is: one piece a step, copied once.
    fn copy(&mut self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let (piece, more, ended) =
            self.feed.state(|feed| (feed.chunks.pop_front(), !feed.chunks.is_empty(), feed.ended));
        if let Some(piece) = piece {
            if (out.len() as u64).saturating_add(piece.len() as u64) > limit {
                return Err(Cause::Limit { limit: "decoded body".into() });
            }
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

    fn reader(&mut self) -> Option<&mut (dyn AsyncRead + Send + Unpin + 'static)> {
        if self.reader.is_none() {
            let (first, second, ended) = self.feed.state(|feed| feed.peek());
            if first.is_none() && ended {
                // No body at all, as some servers answer with a coding and a Content-Length of 0.
                self.coding = Coding::Identity;
            } else if second.is_none() && !ended {
                return None;
            }
            let feed = BufReader::new(self.feed.clone());
            self.reader = Some(match self.coding {
                Coding::Identity => Box::new(feed),
                Coding::Gzip => {
                    let mut decoder = GzipDecoder::new(feed);
                    decoder.multiple_members(true);
                    Box::new(decoder)
                }
                Coding::Deflate if is_zlib(first, second) => Box::new(ZlibDecoder::new(feed)),
                Coding::Deflate => Box::new(DeflateDecoder::new(feed)),
                Coding::Brotli => Box::new(BrotliDecoder::new(feed)),
                Coding::Zstd => {
                    let mut decoder = ZstdDecoder::with_params(feed, &[DParameter::window_log_max(ZSTD_WINDOW_LOG)]);
                    decoder.multiple_members(true);
                    Box::new(decoder)
                }
            });
        }
        self.reader.as_deref_mut()
    }
}

/// RFC 1950 section 2.2: the compression method 8, and a header that is a multiple of 31. HTTP's `deflate` is zlib;
/// some servers send raw deflate under that name, and all browsers take both.
fn is_zlib(first: Option<u8>, second: Option<u8>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0
}

/// Encoded bytes in memory, shared between the decoder's reader and the one who pushes.
#[derive(Clone, Default)]
struct Feed(Arc<Mutex<Chunks>>);

#[derive(Default)]
struct Chunks {
    chunks: VecDeque<Bytes>,
    ended: bool,
}

impl Chunks {
    fn peek(&self) -> (Option<u8>, Option<u8>, bool) {
        let mut bytes = self.chunks.iter().flatten().copied();
        (bytes.next(), bytes.next(), self.ended)
    }
}

impl Feed {
    fn state<T>(&self, with: impl FnOnce(&mut Chunks) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsyncRead for Feed {
    /// Pending means: used up. Nobody is woken, because the decoder is stepped again after each push.
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.state(|feed| {
            let before = out.filled().len();
            while let Some(chunk) = feed.chunks.front_mut() {
                let take = chunk.len().min(out.remaining());
                out.put_slice(chunk.get(..take).unwrap_or_default());
                chunk.advance(take);
                if !chunk.is_empty() {
                    break;
                }
                feed.chunks.pop_front();
            }
            if out.filled().len() > before || feed.ended { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
    }
}

/// A judge looks, and other tasks run, after at most so many bytes of output: a bomb must not hold the thread.
pub(crate) const STEP: usize = 256 * 1024;

/// RFC 9659: the window of the `zstd` content coding is at most 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 23;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use async_compression::tokio::write::{BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;

    const LIMIT: u64 = 1 << 20;

    macro_rules! encode {
        ($encoder:ident, $plain:expr) => {{
            let mut encoder = $encoder::new(Vec::new());
            encoder.write_all($plain).now_or_never().unwrap().unwrap();
            encoder.shutdown().now_or_never().unwrap().unwrap();
            encoder.into_inner()
        }};
    }

    fn codings(plain: &[u8]) -> Vec<(&'static str, Coding, Vec<u8>)> {
        vec![
            ("identity", Coding::Identity, plain.to_vec()),
            ("gzip", Coding::Gzip, encode!(GzipEncoder, plain)),
            ("deflate, zlib", Coding::Deflate, encode!(ZlibEncoder, plain)),
            ("deflate, raw", Coding::Deflate, encode!(DeflateEncoder, plain)),
            ("br", Coding::Brotli, encode!(BrotliEncoder, plain)),
            ("zstd", Coding::Zstd, encode!(ZstdEncoder, plain)),
        ]
    }

    /// Pushes the pieces one by one, and answers what came of them.
    fn decode<'a>(coding: Coding, pieces: impl IntoIterator<Item = &'a [u8]>, limit: u64) -> Result<Vec<u8>, Cause> {
        let mut decoder = Decoder::new(coding);
        let mut out = Vec::new();
        for piece in pieces {
            decoder.push(Bytes::copy_from_slice(piece));
            while decoder.step(&mut out, limit)? == Step::More {}
        }
        decoder.end();
        while decoder.step(&mut out, limit)? == Step::More {}
        assert_eq!(decoder.step(&mut out, limit)?, Step::Done);
        Ok(out)
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back_however_it_is_cut(plain: Vec<u8>, piece in 1usize..40) {
            for (name, coding, encoded) in codings(&plain) {
                let decoded = decode(coding, encoded.chunks(piece), LIMIT);
                prop_assert_eq!(decoded, Ok(plain.clone()), "{}", name);
            }
        }

        #[test]
        fn noise_is_an_error_or_text_and_never_a_panic(noise: Vec<u8>, piece in 1usize..40) {
            for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
                let _ = decode(coding, noise.chunks(piece), LIMIT);
            }
        }
    }

    #[test]
    fn text_is_seen_before_the_body_is_complete() {
        let text: String = (0..20_000u32).map(|n| format!("{} ", n.wrapping_mul(2_654_435_761))).collect();
        for (name, coding, encoded) in codings(text.as_bytes()) {
            let mut decoder = Decoder::new(coding);
            let mut out = Vec::new();
            decoder.push(Bytes::copy_from_slice(&encoded[..encoded.len() - 8]));
            while decoder.step(&mut out, LIMIT).unwrap() == Step::More {}
            assert!(!out.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        for (name, coding, encoded) in codings(&vec![0u8; 8 << 20]) {
            let ended = decode(coding, encoded.chunks(16 * 1024), LIMIT);
            assert_eq!(ended, Err(Cause::Limit { limit: "decoded body".into() }), "{name}");
        }
    }

    #[test]
    fn a_body_cut_in_its_coding_is_malformed() {
        for (name, coding, encoded) in codings(b"The whole text, and nothing but the whole text.") {
            if coding == Coding::Identity {
                continue;
            }
            let cut = &encoded[..encoded.len() - 3];
            assert!(matches!(decode(coding, [cut], LIMIT), Err(Cause::Malformed { .. })), "{name}");
        }
    }

    #[test]
    fn members_one_after_another_are_one_body() {
        for (name, coding, one) in codings(b"again ") {
            if matches!(coding, Coding::Gzip | Coding::Zstd) {
                let twice = [one.clone(), one].concat();
                assert_eq!(decode(coding, twice.chunks(5), LIMIT).unwrap(), b"again again ", "{name}");
            }
        }
    }

    #[test]
    fn an_empty_body_is_empty_in_every_coding() {
        for coding in [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            assert_eq!(decode(coding, [], LIMIT), Ok(Vec::new()));
        }
    }

    #[test]
    fn codings_are_read_from_the_header() {
        let cases: &[(&[&str], Option<Coding>)] = &[
            (&[], Some(Coding::Identity)),
            (&["identity"], Some(Coding::Identity)),
            (&["GZip"], Some(Coding::Gzip)),
            (&["x-gzip"], Some(Coding::Gzip)),
            (&["identity, br"], Some(Coding::Brotli)),
            (&["zstd"], Some(Coding::Zstd)),
            (&["deflate"], Some(Coding::Deflate)),
            (&["gzip, gzip"], None),
            (&["gzip", "br"], None),
            (&["compress"], None),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(Coding::of(&headers).ok(), *expected, "{values:?}");
        }
    }
}
