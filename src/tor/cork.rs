//! Cells that are written within a moment are sent together.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::io::AsyncWrite;
use tokio::time::Sleep;

/// A writer that holds back for [`MOMENT`] what is flushed, so that what follows goes with it, as `TCP_CORK` does.
///
/// A relay of C-tor sends cells on once in 10 ms (KIST, Jansen et al., USENIX Security 2014; `KISTSchedRunInterval` in
/// tor(1)). A cell that comes just after another waits that long at each relay: the rest of a ClientHello, or a
/// request behind the end of its handshake.
pub(super) struct Corked<S> {
    stream: S,
    held: Vec<u8>,
    until: Option<Pin<Box<Sleep>>>,
}

/// Long enough for the tasks between two writes of one stream, and short beside the round trip of a circuit.
const MOMENT: Duration = Duration::from_millis(1);

/// As much as a record of TLS has (RFC 8446, section 5.1). So much waits for nothing.
const MOST: usize = 16 * 1024;

impl<S> Corked<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, held: Vec::new(), until: None }
    }

    pub(super) fn get_ref(&self) -> &S {
        &self.stream
    }

    /// To read from. What is written to it overtakes what is held.
    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: AsyncWrite + Unpin> Corked<S> {
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.held.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.held))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => drop(self.held.drain(..sent)),
            }
        }
        self.until = None;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.held.len() >= MOST {
            ready!(self.poll_send(context))?;
        }
        let taken = bytes.len().min(MOST - self.held.len());
        self.held.extend_from_slice(&bytes[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if (1..MOST).contains(&self.held.len()) {
            let until = self.until.get_or_insert_with(|| Box::pin(tokio::time::sleep(MOMENT)));
            ready!(until.as_mut().poll(context));
        }
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::AsyncWriteExt as _;
    use futures_util::future::poll_fn;
    use tokio::time::Instant;

    use super::*;

    /// Takes so many bytes at a time, and keeps what was written in one piece.
    struct Pieces(usize, Vec<Vec<u8>>);

    impl AsyncWrite for Pieces {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.0);
            self.1.push(bytes[..taken].to_vec());
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn corked(taken_at_once: usize) -> Corked<Pieces> {
        Corked::new(Pieces(taken_at_once, Vec::new()))
    }

    /// Begins to flush, as a task does that goes on to its next cell.
    async fn begin_to_flush(corked: &mut Corked<Pieces>) -> bool {
        poll_fn(|context| Poll::Ready(Pin::new(&mut *corked).poll_flush(context).is_pending())).await
    }

    #[tokio::test(start_paused = true)]
    async fn cells_that_follow_each_other_are_sent_together() {
        let mut corked = corked(usize::MAX);
        corked.write_all(b"first").await.unwrap();
        assert!(begin_to_flush(&mut corked).await);
        tokio::time::advance(MOMENT / 2).await;
        corked.write_all(b"second").await.unwrap();
        let began = Instant::now();
        corked.flush().await.unwrap();
        assert_eq!(corked.stream.1, [b"firstsecond".to_vec()]);
        assert!(began.elapsed() <= MOMENT, "the second prolonged the wait");

        corked.write_all(b"third").await.unwrap();
        corked.flush().await.unwrap();
        assert_eq!(corked.stream.1[1..], [b"third".to_vec()], "the next wait begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn what_fills_a_record_waits_for_nothing() {
        let mut corked = corked(usize::MAX);
        let began = Instant::now();
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3 * MOST).collect();
        corked.write_all(&bytes).await.unwrap();
        corked.flush().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(corked.stream.1.concat(), bytes);
        assert!(corked.held.capacity() <= 2 * MOST, "no more than a record is held");
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_sends_what_is_held_at_once() {
        let mut corked = corked(1);
        corked.write_all(b"the last").await.unwrap();
        let began = Instant::now();
        corked.close().await.unwrap();
        assert_eq!((corked.stream.1.concat(), began.elapsed()), (b"the last".to_vec(), Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_takes_nothing_is_an_error() {
        let mut corked = corked(0);
        corked.write_all(b"cell").await.unwrap();
        assert_eq!(corked.flush().await.unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
