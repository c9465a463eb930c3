//! Streams of the lab: TCP as an application sees it, in virtual time.
//!
//! A write becomes one or more segments of at most the MSS, and stays separate from other writes: a reader gets at most
//! one segment per read. (`tokio::io::duplex` merges writes, and then the cuts of a ClientHello are invisible.) A
//! segment arrives after the link's one-way delay and, if a bandwidth is stated, after the earlier ones were sent. A
//! reset arrives like a segment and is `ECONNRESET` from then on, for reads and writes.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::link::{ECONNRESET, EPIPE, Link};

/// A stream that can be reset: a lab stream, or a real TCP stream. Servers, proxies and the censor use either.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Ends the connection with a RST instead of a FIN.
    fn reset(self: Box<Self>);
}

/// Any [`Wire`].
pub type BoxWire = Box<dyn Wire>;

impl Wire for TcpStream {
    fn reset(self: Box<Self>) {
        // A failure sends a FIN instead of a RST: the connection ends in any case.
        let _ = self.set_zero_linger();
    }
}

/// Two connected streams with this link between them.
pub fn pair(link: &Link) -> (LabStream, LabStream) {
    let (there, back) = (Arc::new(Pipe::default()), Arc::new(Pipe::default()));
    (LabStream::new(back.clone(), there.clone(), link.clone()), LabStream::new(there, back, link.clone()))
}

/// One end of a connection in virtual time.
pub struct LabStream {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
    link: Link,
    arrival: Pin<Box<Sleep>>,
    /// A FIN or RST was sent.
    ended: bool,
    /// It belongs to the client.
    open: Option<Open>,
}

/// How many streams of the client are open, and the most that were open at once.
#[derive(Debug, Default)]
pub(crate) struct OpenStreams {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl OpenStreams {
    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// Counts one more, until this is dropped.
    pub(crate) fn one(self: &Arc<Self>) -> Open {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        Open(self.clone())
    }
}

/// See [`OpenStreams::one`].
#[derive(Debug)]
pub(crate) struct Open(Arc<OpenStreams>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LabStream {
    fn new(incoming: Arc<Pipe>, outgoing: Arc<Pipe>, link: Link) -> Self {
        Self { incoming, outgoing, link, arrival: Box::pin(sleep_until(Instant::now())), ended: false, open: None }
    }

    /// Counts it among the client's streams.
    pub(crate) fn counted(mut self, open: Open) -> Self {
        self.open = Some(open);
        self
    }

    fn send(&self, segment: Segment) {
        let mut pipe = self.outgoing.lock();
        let now = Instant::now();
        let sent = self.link.sent_by(pipe.busy_until.unwrap_or(now).max(now), segment.len());
        pipe.busy_until = Some(sent);
        let arrives = sent + self.link.delay();
        pipe.in_flight += segment.len();
        if matches!(segment, Segment::Reset) {
            pipe.reset_at.get_or_insert(arrives);
        }
        pipe.queue.push_back((arrives, segment));
        wake(&mut pipe.reader);
    }
}

impl Wire for LabStream {
    fn reset(mut self: Box<Self>) {
        self.ended = true;
        self.send(Segment::Reset);
    }
}

impl AsyncRead for LabStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let mut pipe = this.incoming.lock();
            let Some(&mut (arrives, ref mut segment)) = pipe.queue.front_mut() else {
                pipe.reader = Some(cx.waker().clone());
                return Poll::Pending;
            };
            if arrives > Instant::now() {
                drop(pipe);
                if this.arrival.deadline() != arrives {
                    this.arrival.as_mut().reset(arrives);
                }
                match this.arrival.as_mut().poll(cx) {
                    Poll::Ready(()) => continue,
                    Poll::Pending => return Poll::Pending,
                }
            }
            return Poll::Ready(match segment {
                // What ended stays ended: neither is removed from the queue.
                Segment::Fin => Ok(()),
                Segment::Reset => Err(io::Error::from_raw_os_error(ECONNRESET)),
                Segment::Data(data) => {
                    let taken = data.len().min(buf.remaining());
                    buf.put_slice(&data[..taken]);
                    data.advance(taken);
                    if data.is_empty() {
                        pipe.queue.pop_front();
                    }
                    pipe.in_flight -= taken;
                    wake(&mut pipe.writer);
                    Ok(())
                }
            });
        }
    }
}

impl AsyncWrite for LabStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let now = Instant::now();
        if self.ended {
            return Poll::Ready(Err(io::Error::from_raw_os_error(EPIPE)));
        }
        if self.incoming.lock().reset_at.is_some_and(|at| at <= now) {
            return Poll::Ready(Err(io::Error::from_raw_os_error(ECONNRESET)));
        }
        {
            let mut pipe = self.outgoing.lock();
            match pipe.reader_gone_at {
                Some(gone) if gone + self.link.delay() <= now => {
                    return Poll::Ready(Err(io::Error::from_raw_os_error(EPIPE)));
                }
                // No one will read it, and the writer cannot know that yet.
                Some(_) => return Poll::Ready(Ok(data.len())),
                None => {}
            }
            if pipe.in_flight >= WINDOW {
                pipe.writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        let taken = data.len().min(WINDOW);
        for segment in data[..taken].chunks(self.link.mss()) {
            self.send(Segment::Data(Bytes::copy_from_slice(segment)));
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.ended, true) {
            self.send(Segment::Fin);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for LabStream {
    fn drop(&mut self) {
        if !self.ended {
            self.send(Segment::Fin);
        }
        let mut incoming = self.incoming.lock();
        incoming.reader_gone_at = Some(Instant::now());
        wake(&mut incoming.writer);
    }
}

impl fmt::Debug for LabStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LabStream").field("link", &self.link).finish_non_exhaustive()
    }
}

/// A stream with bytes put back in front of it, in the pieces in which they were read.
pub(crate) struct Rewound<S> {
    pieces: VecDeque<Bytes>,
    stream: S,
}

impl<S> Rewound<S> {
    pub(crate) fn new(pieces: Vec<Bytes>, stream: S) -> Self {
        Self { pieces: pieces.into(), stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Some(piece) = self.pieces.front_mut() else { return Pin::new(&mut self.stream).poll_read(cx, buf) };
        let taken = piece.len().min(buf.remaining());
        buf.put_slice(&piece[..taken]);
        piece.advance(taken);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// One direction of a connection.
#[derive(Default)]
struct Pipe(Mutex<PipeState>);

#[derive(Default)]
struct PipeState {
    queue: VecDeque<(Instant, Segment)>,
    /// Bytes in the queue.
    in_flight: usize,
    /// The time when the sender's line is free again.
    busy_until: Option<Instant>,
    reset_at: Option<Instant>,
    reader_gone_at: Option<Instant>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, PipeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Segment {
    Data(Bytes),
    Fin,
    Reset,
}

impl Segment {
    fn len(&self) -> usize {
        match self {
            Segment::Data(data) => data.len(),
            Segment::Fin | Segment::Reset => 0,
        }
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// What a sender may have in transit: a generous receive window, so that only a stated bandwidth slows a transfer.
const WINDOW: usize = 1 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn writes_stay_apart_and_are_split_at_the_mss() {
        let (mut near, mut far) = pair(&Link::round_trip(Duration::from_millis(50)));
        let began = Instant::now();
        near.write_all(b"one").await.unwrap();
        near.write_all(&[7; 3000]).await.unwrap();
        let mut buffer = [0; 4096];
        let mut lengths = Vec::new();
        for _ in 0..4 {
            lengths.push(far.read(&mut buffer).await.unwrap());
        }
        assert_eq!(lengths, [3, 1460, 1460, 80]);
        assert_eq!(began.elapsed(), Duration::from_millis(25));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_is_errno_104_and_a_drop_is_an_end_of_file() {
        let (near, mut far) = pair(&Link::round_trip(Duration::from_millis(50)));
        Box::new(near).reset();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap_err().raw_os_error(), Some(104));
        assert_eq!(far.write(b"x").await.unwrap_err().raw_os_error(), Some(104));

        let (near, mut far) = pair(&Link::round_trip(Duration::from_millis(50)));
        drop(near);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0, "an end stays an end");
    }

    #[tokio::test(start_paused = true)]
    async fn bandwidth_spaces_segments() {
        let (mut near, mut far) = pair(&Link::round_trip(Duration::from_millis(50)).with_bandwidth(14_600));
        let began = Instant::now();
        near.write_all(&[0; 2920]).await.unwrap();
        far.read_exact(&mut [0; 2920]).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_millis(225));
    }
}
