//! Splits every ClientHello of a connection inside the host name that it sends in the clear.
//!
//! A middlebox reads the name as cheaply as it can: from one segment, from one record, or after reassembling one of the
//! two. [`Shaped`] sits between rustls and the connection. It buffers a ClientHello until it is complete, finds the
//! name in it ([`super::hello`]), and sends it in pieces: as several TLS records (RFC 8446 section 5.1 allows any
//! number per message), as several writes with a flush between them, each of which the system sends as its own segment,
//! or both. The second ClientHello, which a HelloRetryRequest asks for, repeats the name and is split too. Nothing
//! after that is changed.
//!
//! Each label of the name is cut in its middle, so that no piece has the name or a telling label. Of a very long name
//! the last labels are cut. The first cut between segments is certain: the first piece has left before the second one
//! exists. The system may join later segments if its queue is full.
//!
//! It fails closed. If a required name is not found, nothing is sent: a caller that asked for a split prefers failure
//! to exposure. Nothing is remembered between connections.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::hello::{Flight, HANDSHAKE, Hello, LONGEST_FRAGMENT};
use crate::net::BoxStream;

/// How a client's ClientHellos are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Split into several TLS records.
    pub records: bool,
    /// Split into several TCP segments.
    pub segments: bool,
    /// The time between two segments.
    pub pause: Duration,
}

impl Shape {
    /// Returns `true` if nothing is split.
    pub fn is_none(&self) -> bool {
        !self.records && !self.segments
    }
}

/// The name that should have been split was not found. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name in the ClientHello was not found, and so could not be cut")]
pub struct Uncut;

/// A stream whose ClientHellos are split.
pub(super) struct Shaped {
    stream: BoxStream,
    shape: Shape,
    /// True if a ClientHello without a name is an error.
    named: bool,
    watch: EngineEvents,
    out: Pieces,
}

enum EngineEvents {
    /// Written bytes that are not a complete record or message yet.
    Hello(Vec<u8>),
    /// No other ClientHello will follow.
    Over,
    /// A ClientHello could not be split.
    Failed,
}

impl Shaped {
    /// `named` is true if the host is a name and not an address, so that a ClientHello must have it.
    pub(super) fn new(stream: BoxStream, shape: Shape, named: bool) -> Self {
        Self { stream, shape, named, watch: EngineEvents::Hello(Vec::new()), out: Pieces::default() }
    }

    /// Accepts rustls' output. The bytes that may be sent are then in `out`.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Uncut> {
        let EngineEvents::Hello(held) = &mut self.watch else {
            self.out.push(bytes);
            return Ok(());
        };
        held.extend_from_slice(bytes);
        loop {
            let done = match Flight::read(held).map_err(|_| Uncut)? {
                Flight::NeedMore if held.len() > LONGEST => return Err(Uncut),
                Flight::NeedMore => return Ok(()),
                Flight::ChangeCipherSpec(length) => {
                    self.out.push(held.get(..length).unwrap_or_default());
                    length
                }
                Flight::Hello(hello) => {
                    cut(&hello, self.shape, self.named, &mut self.out)?;
                    hello.wire_length()
                }
                Flight::Other => {
                    self.out.push(held);
                    self.watch = EngineEvents::Over;
                    return Ok(());
                }
            };
            held.drain(..done.min(held.len()));
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, bytes: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self.watch {
            EngineEvents::Failed => return Poll::Ready(Err(uncut())),
            EngineEvents::Over if self.out.is_empty() => {
                return Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
            }
            EngineEvents::Over | EngineEvents::Hello(_) => {}
        }
        // Earlier bytes go first, so that at most one flight is buffered.
        ready!(self.out.drive(&mut self.stream, self.shape.pause, cx))?;
        let mut taken = 0;
        for slice in bytes {
            if self.take(slice).is_err() {
                self.watch = EngineEvents::Failed;
                self.out = Pieces::default();
                return Poll::Ready(Err(uncut()));
            }
            taken += slice.len();
        }
        match self.out.drive(&mut self.stream, self.shape.pause, cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // The rest goes with the flush, or with the next read or write.
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(taken)),
        }
    }
}

impl AsyncRead for Shaped {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // A caller that waits for the response waits for the request too.
        if let Poll::Ready(Err(error)) = this.out.drive(&mut this.stream, this.shape.pause, cx) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Shaped {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.out.drive(&mut this.stream, this.shape.pause, cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    /// A held part of a ClientHello is not sent any more.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(this.out.drive(&mut this.stream, this.shape.pause, cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}

fn uncut() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Uncut)
}

/// The outgoing bytes, and the ends of their pieces.
#[derive(Default)]
struct Pieces {
    bytes: Vec<u8>,
    written: usize,
    /// The position in `bytes` of each end that another piece follows.
    ends: VecDeque<usize>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes the outgoing bytes. May be dropped and called again at any point.
    fn drive(&mut self, stream: &mut BoxStream, pause: Duration, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.is_empty() {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let end = self.ends.front().copied().unwrap_or(self.bytes.len());
            while let Some(left @ [_, ..]) = self.bytes.get(self.written..end) {
                match ready!(Pin::new(&mut *stream).poll_write(cx, left))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    written => self.written += written,
                }
            }
            if self.ends.is_empty() {
                self.bytes.clear();
                self.written = 0;
                break;
            }
            ready!(Pin::new(&mut *stream).poll_flush(cx))?;
            self.ends.pop_front();
            self.pause = (!pause.is_zero()).then(|| Box::pin(sleep(pause)));
        }
        Poll::Ready(Ok(()))
    }
}

/// Writes `hello` into `out`, split.
fn cut(hello: &Hello, shape: Shape, named: bool, out: &mut Pieces) -> Result<(), Uncut> {
    let cuts = match &hello.name {
        Some(name) => cuts(hello.message.get(name.clone()).unwrap_or_default(), name),
        None if named => return Err(Uncut),
        None => Vec::new(),
    };
    let mut fragment_ends: Vec<usize> = hello
        .fragments
        .iter()
        .scan(0, |end, length| {
            *end += length;
            Some(*end)
        })
        .collect();
    if shape.records {
        fragment_ends.extend(&cuts);
        fragment_ends.sort_unstable();
        fragment_ends.dedup();
    }
    let mut start = 0;
    for end in fragment_ends {
        let length = u16::try_from(end - start).ok().filter(|length| usize::from(*length) <= LONGEST_FRAGMENT);
        let (Some(length), Some(fragment)) = (length, hello.message.get(start..end)) else { return Err(Uncut) };
        out.push(&[HANDSHAKE]);
        out.push(&hello.version);
        out.push(&length.to_be_bytes());
        let fragment_at = out.bytes.len();
        out.push(fragment);
        for at in cuts.iter().filter(|at| shape.segments && (start + 1..=end).contains(*at)) {
            out.ends.push_back(fragment_at + at - start);
        }
        start = end;
    }
    Ok(())
}

/// Where to cut a message whose host name is at `range`: in the middle of each of its last labels.
fn cuts(name: &[u8], range: &Range<usize>) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut start = range.start;
    for label in name.split(|byte| *byte == b'.') {
        if label.len() >= 2 {
            cuts.push(start + label.len() / 2);
        }
        start += label.len() + 1;
    }
    // Names of single-letter labels. A single letter has no place for a cut.
    if cuts.is_empty() {
        cuts.push(range.start + name.len() / 2);
    }
    cuts.split_off(cuts.len().saturating_sub(CUTS))
}

/// The most cuts per name. Four cover a host, a service, a registered name and its top-level domain. Each cut costs a
/// segment, and a pause if one is set.
const CUTS: usize = 4;

/// A ClientHello holds at most a session ticket of 64 KiB and a few KiB more.
const LONGEST: usize = 1 << 17;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;
    use tokio::time::Instant;

    use super::super::hello::RECORD_HEADER;
    use super::super::hello::tests::{any_name, in_records, real_hello};
    use super::*;

    const BOTH: Shape = Shape { records: true, segments: true, pause: Duration::ZERO };
    const RECORDS: Shape = Shape { segments: false, ..BOTH };
    const SEGMENTS: Shape = Shape { records: false, ..BOTH };

    /// The time of a write, and its bytes.
    type Write = (Instant, Vec<u8>);

    /// Records each write separately, accepts at most this many bytes of each, and nothing every second time.
    #[derive(Clone)]
    struct Wire {
        writes: Arc<Mutex<Vec<Write>>>,
        at_most: usize,
        busy: bool,
    }

    impl Wire {
        fn new(at_most: usize) -> Self {
            Self { writes: Arc::default(), at_most, busy: false }
        }

        fn writes(&self) -> Vec<Vec<u8>> {
            self.writes.lock().unwrap().iter().map(|(_, write)| write.clone()).collect()
        }

        fn all(&self) -> Vec<u8> {
            self.writes().concat()
        }
    }

    impl AsyncRead for Wire {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Wire {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.busy = !self.busy;
            if self.busy && self.at_most < usize::MAX {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let taken = bytes.len().min(self.at_most);
            self.writes.lock().unwrap().push((Instant::now(), bytes[..taken].to_vec()));
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn shaped(shape: Shape, wire: &Wire) -> Shaped {
        Shaped::new(Box::new(wire.clone()), shape, true)
    }

    /// The fragments of plaintext records.
    fn fragments(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while let [kind, _, _, high, low, rest @ ..] = bytes {
            let (fragment, after) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])));
            if *kind == HANDSHAKE {
                found.push(fragment.to_vec());
            }
            bytes = after;
        }
        found
    }

    fn holds(bytes: &[u8], name: &str) -> bool {
        bytes.windows(name.len()).any(|window| window == name.as_bytes())
    }

    const CCS: [u8; 6] = [20, 3, 3, 0, 1, 1];
    const APPLICATION: [u8; 9] = [23, 3, 3, 0, 4, 1, 2, 3, 4];

    /// A first ClientHello, a second one after a HelloRetryRequest, and what follows.
    fn flights(name: &str) -> Vec<Vec<u8>> {
        let second = [&CCS[..], &real_hello(name)].concat();
        vec![real_hello(name), second, [&APPLICATION[..], name.as_bytes()].concat(), name.as_bytes().to_vec()]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_piece_of_either_hello_says_the_name_and_nothing_is_lost(
            // Long enough not to occur by chance in the random bytes of a ClientHello.
            name in any_name().prop_filter("long", |name| name.len() > 5),
            which in 0_usize..3,
            in_parts in proptest::collection::vec(1_usize..900, 0..5),
            came in proptest::collection::vec(1_usize..900, 0..4),
        ) {
            let shape = [BOTH, RECORDS, SEGMENTS][which];
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let wire = Wire::new(usize::MAX);
            let [first, second, after, last] = flights(&name).try_into().unwrap();
            runtime.block_on(async {
                let mut stream = shaped(shape, &wire);
                // Independent of how rustls divides them into records and writes.
                let mut rest = &in_records(&first, &in_parts)[..];
                for part in came.into_iter().chain([usize::MAX]) {
                    let (part, more) = rest.split_at(part.min(rest.len()));
                    stream.write_all(part).await.unwrap();
                    rest = more;
                }
                stream.flush().await.unwrap();
                stream.write_all(&second).await.unwrap();
                stream.flush().await.unwrap();
            });
            let (writes, wrote) = (wire.writes(), wire.all());
            let fragments = fragments(&wrote);
            prop_assert_eq!(fragments.concat(), [&first[RECORD_HEADER..], &second[CCS.len() + RECORD_HEADER..]].concat());
            if shape.segments {
                prop_assert!(!writes.iter().any(|write| holds(write, &name)));
            } else {
                prop_assert_eq!(writes.len(), 2, "one write a flight");
            }
            if shape.records {
                prop_assert!(!fragments.iter().any(|fragment| holds(fragment, &name)));
            }
            // Encrypted records and everything else are unchanged.
            let before = wrote.len();
            runtime.block_on(async {
                let mut stream = shaped(shape, &wire);
                stream.write_all(&after).await.unwrap();
                stream.write_all(&last).await.unwrap();
            });
            prop_assert_eq!(&wire.all()[before..], &[after, last].concat()[..]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_label_is_cut_in_its_middle_and_pieces_wait_the_pause() {
        let wire = Wire::new(usize::MAX);
        let mut stream = shaped(Shape { pause: Duration::from_millis(20), ..BOTH }, &wire);
        let began = Instant::now();
        stream.write_all(&real_hello("api.vo.com")).await.unwrap();
        stream.flush().await.unwrap();
        let writes = wire.writes.lock().unwrap().clone();
        let times: Vec<u128> = writes.iter().map(|(at, _)| at.duration_since(began).as_millis()).collect();
        assert_eq!(times, [0, 20, 40, 60]);
        let ends: Vec<&[u8]> = writes.iter().map(|(_, piece)| piece.split_at(piece.len() - 3).1).collect();
        assert!(ends[0].ends_with(b"a"), "{ends:?}");
        assert_eq!(&writes[1].1[RECORD_HEADER..], b"pi.v");
        assert_eq!(&writes[2].1[RECORD_HEADER..], b"o.c");
        assert!(writes[3].1[RECORD_HEADER..].starts_with(b"om"));
    }

    #[tokio::test]
    async fn a_slow_wire_gets_the_same_bytes() {
        for shape in [BOTH, RECORDS, SEGMENTS] {
            let (fast, slow) = (Wire::new(usize::MAX), Wire::new(7));
            let bytes = flights("www.example.org").concat();
            for wire in [&fast, &slow] {
                let mut stream = shaped(shape, wire);
                stream.write_all(&bytes).await.unwrap();
                stream.flush().await.unwrap();
            }
            assert_eq!(fast.all(), slow.all());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_drives_what_is_left_to_write() {
        let wire = Wire::new(usize::MAX);
        let mut stream = shaped(Shape { pause: Duration::from_millis(20), ..BOTH }, &wire);
        let hello = real_hello("api.vo.com");
        stream.write_all(&hello).await.unwrap();
        assert_eq!(wire.writes().len(), 1);
        for pieces in 2..=4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            tokio::io::AsyncReadExt::read(&mut stream, &mut [0]).await.unwrap();
            assert_eq!(wire.writes().len(), pieces);
        }
    }

    #[tokio::test]
    async fn where_a_name_must_be_and_is_not_found_nothing_is_sent() {
        let garbage = [22, 3, 1, 0, 4, 1, 0, 0, 0, 1, 2, 3];
        let endless = [&[22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff][..], &[0; (1 << 14) - 4]].concat();
        let more = [&[22, 3, 1, 0x40, 0][..], &[0; 1 << 14]].concat();
        let endless = [endless, more.repeat(8)].concat();
        for bytes in [real_hello("192.0.2.1"), garbage.to_vec(), b"GET / HTTP/1.1\r\n".to_vec(), endless] {
            let wire = Wire::new(usize::MAX);
            let mut stream = shaped(BOTH, &wire);
            let error = stream.write_all(&bytes).await.unwrap_err();
            assert!(error.get_ref().unwrap().is::<Uncut>());
            assert!(stream.write_all(b"and again").await.is_err());
            stream.shutdown().await.unwrap();
            assert_eq!(wire.all(), b"");
        }
        // An address is not a name: there is nothing to cut.
        let wire = Wire::new(usize::MAX);
        let mut stream = Shaped::new(Box::new(wire.clone()), BOTH, false);
        let hello = real_hello("192.0.2.1");
        stream.write_all(&hello).await.unwrap();
        assert_eq!(wire.writes(), [hello]);
    }

    #[test]
    fn a_name_is_cut_in_its_last_labels() {
        for (name, expected) in [
            ("vo.com", &["v", "o.c", "om"][..]),
            ("site.example", &["si", "te.exa", "mple"]),
            ("a.b.c", &["a.", "b.c"]),
            ("ab", &["a", "b"]),
            ("x", &["", "x"]),
            ("one.two.three.four.five.six", &["one.two.th", "ree.fo", "ur.fi", "ve.s", "ix"]),
        ] {
            let mut pieces = Vec::new();
            let mut start = 0;
            for end in cuts(name.as_bytes(), &(0..name.len())).into_iter().chain([name.len()]) {
                pieces.push(&name[start..end]);
                start = end;
            }
            assert_eq!(pieces, expected);
        }
    }
}
