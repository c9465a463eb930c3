//! Content codings (RFC 9110 section 8.4.1), decoded piece by piece.
//!
//! The codecs are async-compression's readers. They read from memory: pushed bytes are available at once, and a reader
//! that would have to wait has used up everything. So a decoder can be stopped between any two pieces, kept, and
//! continued with bytes that came by another route.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

#[cfg(feature = "brotli")]
use async_compression::tokio::bufread::BrotliDecoder;
use async_compression::tokio::bufread::{DeflateDecoder, GzipDecoder, ZlibDecoder};
#[cfg(feature = "zstd")]
use async_compression::{tokio::bufread::ZstdDecoder, zstd::DParameter};
use bytes::{Buf, BufMut, Bytes};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, header};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt, ReadBuf};

use crate::transport::{Cause, LimitKind, MessageFault, Protocol};

/// The codings that are requested, unless the caller requests others: those that this build can decode.
pub(crate) const ACCEPT_ENCODING: HeaderValue =
    HeaderValue::from_static(match (cfg!(feature = "brotli"), cfg!(feature = "zstd")) {
        (true, true) => "gzip, deflate, br, zstd",
        (true, false) => "gzip, deflate, br",
        (false, true) => "gzip, deflate, zstd",
        (false, false) => "gzip, deflate",
    });

/// One content coding. Brotli and zstd are features of the crate, because their decoders take 315 kB of a phone's
/// library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    #[default]
    Identity,
    Gzip,
    Deflate,
    #[cfg(feature = "brotli")]
    Brotli,
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Coding {
    /// The failure for bytes that are not in the coding.
    fn broken(self) -> Cause {
        let expected = match self {
            // A body without a coding may hold any bytes, so this never occurs.
            Coding::Identity => Protocol::Http,
            Coding::Gzip => Protocol::Gzip,
            Coding::Deflate => Protocol::Deflate,
            #[cfg(feature = "brotli")]
            Coding::Brotli => Protocol::Brotli,
            #[cfg(feature = "zstd")]
            Coding::Zstd => Protocol::Zstd,
        };
        Cause::Malformed { expected }
    }
}

/// The codings of an answer, in the order of decoding. Most answers have one or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codings {
    /// The coding that was applied last, or [`Coding::Identity`].
    outer: Coding,
    then: [Coding; MOST_CODINGS - 1],
}

impl Codings {
    /// No coding.
    pub(crate) const NONE: Self = Self { outer: Coding::Identity, then: [Coding::Identity; MOST_CODINGS - 1] };

    /// The codings that an answer's headers name (RFC 9110 section 8.4), at most [`MOST_CODINGS`]. A header that names
    /// a character set or the absence of a coding is a common mistake and means the body as it is; browsers treat it
    /// like this, too.
    ///
    /// # Errors
    /// [`Cause::NotAccepted`] for a coding that this build does not decode, and for too many codings.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Cause> {
        let mut found = Vec::new();
        for value in headers.get_all(header::CONTENT_ENCODING) {
            let value = String::from_utf8_lossy(value.as_bytes());
            for token in value.split(',') {
                match token.trim().to_ascii_lowercase().as_str() {
                    "gzip" | "x-gzip" => found.push(Coding::Gzip),
                    "deflate" => found.push(Coding::Deflate),
                    #[cfg(feature = "brotli")]
                    "br" => found.push(Coding::Brotli),
                    #[cfg(feature = "zstd")]
                    "zstd" => found.push(Coding::Zstd),
                    token if names_no_coding(token) => {}
                    _ => return Err(NOT_ACCEPTED),
                }
            }
        }
        let mut codings = Self::NONE;
        let mut places = std::iter::once(&mut codings.outer).chain(&mut codings.then);
        // The coding that is named last was applied last.
        for coding in found.into_iter().rev() {
            *places.next().ok_or(NOT_ACCEPTED)? = coding;
        }
        Ok(codings)
    }

    /// Whether the body is used as it came.
    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The codings that remain after the outer one is decoded.
    fn inner(self) -> Self {
        let [outer, rest @ ..] = self.then;
        let mut then = Self::NONE.then;
        then.iter_mut().zip(rest).for_each(|(place, coding)| *place = coding);
        Self { outer, then }
    }
}

/// Whether a word in the header is not a coding: an empty word, the absence of a coding, a character set, a transfer
/// encoding of mail (RFC 2045 section 6.1), a media type.
fn names_no_coding(token: &str) -> bool {
    matches!(token, "" | "identity" | "none" | "null" | "binary" | "7bit" | "8bit" | "plain" | "text" | "chunked")
        || token.contains('/')
        || CHARACTER_SETS.iter().any(|start| token.starts_with(start))
}

/// The beginnings of names of character sets (the WHATWG's Encoding Standard, section 4.2). No content coding begins
/// like this.
const CHARACTER_SETS: [&str; 14] = [
    "utf", "ascii", "us-ascii", "ansi", "iso-8859", "iso8859", "latin", "windows-", "cp", "koi8", "gb", "big5",
    "shift", "euc",
];

const NOT_ACCEPTED: Cause = Cause::NotAccepted { fault: MessageFault::ContentCoding };

/// curl accepts five. More than two are a mistake or a bomb.
const MOST_CODINGS: usize = 3;

/// Decodes a body. It owns all its state, so it can be moved and continued.
pub(crate) struct Decoder {
    coding: Coding,
    feed: Feed,
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
            feed: Feed::default(),
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
            self.feed.push(bytes);
        }
    }

    /// Says that no more bytes will come.
    pub(crate) fn end(&mut self) {
        self.feed.state(|feed| feed.ended = true);
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
    fn step_into(&mut self, inner: &mut Self, out: &mut Vec<u8>, limit: u64) -> Result<Step, Cause> {
        let step = inner.step(out, limit)?;
        if step != Step::Hungry {
            return Ok(step);
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
            step if self.passed > 0 && step == Step::Hungry => {
                // Its newest input may already give output.
                inner.step(out, limit)
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
        let (bytes, ended) = self.feed.peek();
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
        let (piece, more, ended) = self.feed.next();
        if let Some(piece) = piece {
            if (out.len() as u64).saturating_add(piece.len() as u64) > limit {
                return Err(Cause::Limit { limit: LimitKind::DecodedBody });
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
        let (bytes, ended) = self.feed.peek();
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
        let feed = self.feed.reader();
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

/// RFC 1950 section 2.2: the compression method 8, and a header that is a multiple of 31. HTTP's `deflate` is zlib.
/// Some servers send raw deflate under that name, and all browsers accept both.
fn is_zlib(first: Option<u8>, second: Option<u8>) -> bool {
    let (Some(first), Some(second)) = (first, second) else { return false };
    first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0
}

/// Encoded bytes in memory, shared between the decoder's reader and the caller that pushes.
#[derive(Clone, Default)]
struct Feed(Arc<Mutex<Chunks>>);

#[derive(Default)]
struct Chunks {
    chunks: VecDeque<Bytes>,
    ended: bool,
}

impl Feed {
    fn state<T>(&self, with: impl FnOnce(&mut Chunks) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.state(|feed| feed.chunks.push_back(bytes));
        }
    }

    /// The next piece, whether more pieces are waiting, and whether no more will come.
    fn next(&self) -> (Option<Bytes>, bool, bool) {
        self.state(|feed| (feed.chunks.pop_front(), !feed.chunks.is_empty(), feed.ended))
    }

    /// The first bytes, as many as identify a format, and whether no more will come.
    fn peek(&self) -> (Vec<u8>, bool) {
        self.state(|feed| (feed.chunks.iter().flatten().copied().take(PEEKED).collect(), feed.ended))
    }

    fn reader(&self) -> FeedReader {
        FeedReader { feed: self.clone(), current: Bytes::new() }
    }
}

/// Reads a feed. When it is dropped, unused bytes go back: they belong to the next member.
struct FeedReader {
    feed: Feed,
    current: Bytes,
}

impl AsyncBufRead for FeedReader {
    /// Pending means that everything is used up. No waker is called, because the decoder is stepped again after each
    /// push.
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.current.is_empty() {
            match this.feed.next() {
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

impl AsyncRead for FeedReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let piece = std::task::ready!(self.as_mut().poll_fill_buf(cx))?;
        let take = piece.len().min(out.remaining());
        out.put_slice(piece.get(..take).unwrap_or_default());
        self.consume(take);
        Poll::Ready(Ok(()))
    }
}

impl Drop for FeedReader {
    fn drop(&mut self) {
        let rest = std::mem::take(&mut self.current);
        if !rest.is_empty() {
            self.feed.state(|feed| feed.chunks.push_front(rest));
        }
    }
}

/// The longest prefix that identifies a format.
const PEEKED: usize = 4;

/// A judge looks, and other tasks run, after at most this many bytes of output: a bomb must not hold the thread.
pub(crate) const STEP: usize = 256 * 1024;

/// RFC 9659: the window of the `zstd` content coding is at most 8 MiB.
#[cfg(feature = "zstd")]
const ZSTD_WINDOW_LOG: u32 = 23;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[cfg(feature = "brotli")]
    use async_compression::tokio::write::BrotliEncoder;
    #[cfg(feature = "zstd")]
    use async_compression::tokio::write::ZstdEncoder;
    use async_compression::tokio::write::{DeflateEncoder, GzipEncoder, ZlibEncoder};
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
            #[cfg(feature = "brotli")]
            ("br", Coding::Brotli, encode!(BrotliEncoder, plain)),
            #[cfg(feature = "zstd")]
            ("zstd", Coding::Zstd, encode!(ZstdEncoder, plain)),
        ]
    }

    const ALL: &[Coding] = &[
        Coding::Gzip,
        Coding::Deflate,
        #[cfg(feature = "brotli")]
        Coding::Brotli,
        #[cfg(feature = "zstd")]
        Coding::Zstd,
    ];

    fn only(outer: Coding) -> Codings {
        Codings { outer, ..Codings::NONE }
    }

    /// Pushes the pieces one by one, and returns the result.
    fn decode<'a>(coding: Coding, pieces: impl IntoIterator<Item = &'a [u8]>, limit: u64) -> Result<Vec<u8>, Cause> {
        decode_all(only(coding), pieces, limit)
    }

    fn decode_all<'a>(
        codings: Codings,
        pieces: impl IntoIterator<Item = &'a [u8]>,
        limit: u64,
    ) -> Result<Vec<u8>, Cause> {
        let mut decoder = Decoder::new(codings);
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
            for coding in ALL {
                let _ = decode(*coding, noise.chunks(piece), LIMIT);
            }
        }
    }

    #[test]
    fn text_is_seen_before_the_body_is_complete() {
        let text: String = (0..20_000u32).map(|n| format!("{} ", n.wrapping_mul(2_654_435_761))).collect();
        for (name, coding, encoded) in codings(text.as_bytes()) {
            let mut decoder = Decoder::new(only(coding));
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
            assert_eq!(ended, Err(Cause::Limit { limit: LimitKind::DecodedBody }), "{name}");
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
            if name == "gzip" || name == "zstd" {
                let twice = [one.clone(), one].concat();
                assert_eq!(decode(coding, twice.chunks(5), LIMIT).unwrap(), b"again again ", "{name}");
            }
        }
    }

    #[test]
    fn an_empty_body_is_empty_in_every_coding() {
        for coding in ALL.iter().chain([&Coding::Identity]) {
            assert_eq!(decode(*coding, [], LIMIT), Ok(Vec::new()));
        }
    }

    #[test]
    fn codings_are_read_from_the_header() {
        use Coding::{Deflate, Gzip, Identity};
        let cases: &[(&[&str], Option<[Coding; 3]>)] = &[
            (&[], Some([Identity; 3])),
            (&["identity"], Some([Identity; 3])),
            (&["none"], Some([Identity; 3])),
            (&["UTF-8"], Some([Identity; 3])),
            (&["windows-1251"], Some([Identity; 3])),
            (&["text/html"], Some([Identity; 3])),
            (&["GZip"], Some([Gzip, Identity, Identity])),
            (&["x-gzip"], Some([Gzip, Identity, Identity])),
            #[cfg(feature = "brotli")]
            (&["identity, br"], Some([Coding::Brotli, Identity, Identity])),
            #[cfg(not(feature = "brotli"))]
            (&["identity, br"], None),
            (&["gzip, utf-8"], Some([Gzip, Identity, Identity])),
            #[cfg(feature = "zstd")]
            (&["zstd"], Some([Coding::Zstd, Identity, Identity])),
            #[cfg(not(feature = "zstd"))]
            (&["zstd"], None),
            (&["deflate"], Some([Deflate, Identity, Identity])),
            (&["gzip, gzip"], Some([Gzip, Gzip, Identity])),
            #[cfg(feature = "brotli")]
            (&["gzip", "br"], Some([Coding::Brotli, Gzip, Identity])),
            (&["gzip", "deflate"], Some([Deflate, Gzip, Identity])),
            (&["gzip, gzip, gzip, gzip"], None),
            (&["compress"], None),
            (&["aes128gcm"], None),
            (&["no-such-coding"], None),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            let found = Codings::of(&headers).map(|codings| [codings.outer, codings.then[0], codings.then[1]]);
            assert_eq!(found.ok(), *expected, "{values:?}");
        }
    }

    #[test]
    fn asked_for_is_exactly_what_can_be_decoded() {
        let asked_for = ACCEPT_ENCODING;
        let asked_for: Vec<&str> = asked_for.to_str().unwrap().split(", ").collect();
        for name in ["gzip", "deflate", "br", "zstd", "compress", "dcb"] {
            let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
            assert_eq!(Codings::of(&headers).is_ok(), asked_for.contains(&name), "{name}");
        }
    }

    #[test]
    fn bytes_behind_the_last_member_are_no_part_of_the_body() {
        for (name, coding, one) in codings(b"the page") {
            if coding == Coding::Identity {
                continue;
            }
            for junk in [&b"\0\0\0\0"[..], b"<!-- served in 3 ms -->", b"\x1f", b"\x1f\x8b", b"\x28\xb5\x2f", b"\r\n"] {
                let body = [&one[..], junk].concat();
                for piece in [1, 3, body.len()] {
                    let decoded = decode(coding, body.chunks(piece), LIMIT);
                    assert_eq!(decoded.as_deref(), Ok(&b"the page"[..]), "{name}, {junk:?} in pieces of {piece}");
                }
            }
        }
    }

    #[test]
    fn a_body_is_whole_where_its_coding_ends_and_nowhere_before() {
        let is_whole = |codings: Codings, bytes: &[u8]| {
            let mut decoder = Decoder::new(codings);
            let mut out = Vec::new();
            decoder.push(Bytes::copy_from_slice(bytes));
            while decoder.step(&mut out, LIMIT) == Ok(Step::More) {}
            decoder.is_whole()
        };
        for (name, coding, encoded) in codings(b"the page, and all of it") {
            let coded = coding != Coding::Identity;
            assert_eq!(is_whole(only(coding), &encoded), coded, "{name}");
            assert!(!is_whole(only(coding), &encoded[..encoded.len() - 1]), "{name}, cut");
            assert!(!is_whole(only(coding), &[]), "{name}, nothing");
        }
        let twice = encode!(GzipEncoder, &encode!(GzipEncoder, b"the page"));
        let two = Codings { outer: Coding::Gzip, then: [Coding::Gzip, Coding::Identity] };
        assert!(is_whole(two, &twice) && !is_whole(two, &twice[..twice.len() - 9]));
    }

    #[test]
    fn codings_on_top_of_each_other_are_undone_in_order() {
        let text: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let gzip = encode!(GzipEncoder, &text);
        let twice = encode!(GzipEncoder, &gzip);
        let two = Codings { outer: Coding::Gzip, then: [Coding::Gzip, Coding::Identity] };
        let deflated = encode!(ZlibEncoder, &gzip);
        let mixed = [
            (encode!(GzipEncoder, &deflated), Codings { outer: Coding::Gzip, then: [Coding::Deflate, Coding::Gzip] }),
            #[cfg(all(feature = "brotli", feature = "zstd"))]
            (
                encode!(ZstdEncoder, &encode!(BrotliEncoder, &gzip)),
                Codings { outer: Coding::Zstd, then: [Coding::Brotli, Coding::Gzip] },
            ),
        ];
        for piece in [1000, 1 << 20] {
            assert_eq!(decode_all(two, twice.chunks(piece), LIMIT).as_deref(), Ok(&text[..]));
            let once = decode_all(two, gzip.chunks(piece), LIMIT);
            assert_eq!(once.as_deref(), Ok(&text[..]), "named twice and used once");
            for (mixed, three) in &mixed {
                assert_eq!(decode_all(*three, mixed.chunks(piece), LIMIT).as_deref(), Ok(&text[..]), "{three:?}");
            }
        }
        let cut = twice.get(..twice.len() - 3).unwrap();
        assert!(matches!(decode_all(two, [cut], LIMIT), Err(Cause::Malformed { .. })));
        assert_eq!(decode_all(two, [], LIMIT), Ok(Vec::new()));
        let bomb = encode!(GzipEncoder, &encode!(GzipEncoder, &vec![0u8; 8 << 20]));
        assert_eq!(decode_all(two, [&bomb[..]], LIMIT), Err(Cause::Limit { limit: LimitKind::DecodedBody }));
    }
}
