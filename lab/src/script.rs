//! Byte scripts, for servers that no HTTP library would write.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use crate::stream::BoxWire;

/// A server as a list of steps on each connection, whatever the client sends.
#[derive(Clone, Debug, Default)]
pub struct Script(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Read,
    ReadUntil(Bytes),
    Send(Bytes),
    SendForever(Bytes, Duration),
    Wait(Duration),
    Hang,
    Reset,
    Abandon,
}

/// How a script leaves its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Closed,
    Reset,
    Abandoned,
}

impl Script {
    /// Closes at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for some bytes.
    #[must_use]
    pub fn read(self) -> Self {
        self.then(Step::Read)
    }

    /// Waits until these bytes were sent by the client.
    #[must_use]
    pub fn read_until(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::ReadUntil(bytes.into()))
    }

    /// Waits for the head of an HTTP/1.1 request.
    #[must_use]
    pub fn read_request(self) -> Self {
        self.read_until(&b"\r\n\r\n"[..])
    }

    /// Sends bytes.
    #[must_use]
    pub fn send(self, bytes: impl Into<Bytes>) -> Self {
        self.then(Step::Send(bytes.into()))
    }

    /// Sends these bytes again and again, each `every`, until the client leaves.
    #[must_use]
    pub fn send_forever(self, bytes: impl Into<Bytes>, every: Duration) -> Self {
        self.then(Step::SendForever(bytes.into(), every))
    }

    /// Does nothing for a time.
    #[must_use]
    pub fn wait(self, time: Duration) -> Self {
        self.then(Step::Wait(time))
    }

    /// Does nothing more.
    #[must_use]
    pub fn hang(self) -> Self {
        self.then(Step::Hang)
    }

    /// Resets the connection.
    #[must_use]
    pub fn reset(self) -> Self {
        self.then(Step::Reset)
    }

    /// Closes the underlying connection: inside TLS without its close_notify.
    #[must_use]
    pub fn abandon(self) -> Self {
        self.then(Step::Abandon)
    }

    fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Plays the steps, then closes.
    pub(crate) async fn play(self, mut stream: BoxWire) -> io::Result<()> {
        match self.act(&mut stream).await? {
            Left::Reset => {
                stream.reset();
                Ok(())
            }
            Left::Closed | Left::Abandoned => stream.shutdown().await,
        }
    }

    /// Plays the steps inside TLS, then closes with a close_notify.
    pub(crate) async fn play_in_tls(self, mut stream: tokio_rustls::server::TlsStream<BoxWire>) -> io::Result<()> {
        let left = self.act(&mut stream).await?;
        stream.flush().await?;
        match left {
            Left::Reset => {
                stream.into_inner().0.reset();
                Ok(())
            }
            Left::Abandoned => stream.get_mut().0.shutdown().await,
            Left::Closed => stream.shutdown().await,
        }
    }

    async fn act<S: AsyncRead + AsyncWrite + Unpin>(self, stream: &mut S) -> io::Result<Left> {
        let mut buffer = [0; 4096];
        for step in self.0 {
            match step {
                Step::Read => _ = stream.read(&mut buffer).await?,
                Step::ReadUntil(end) => {
                    let mut seen = Vec::new();
                    while !seen.windows(end.len().max(1)).any(|window| window == end) {
                        let read = stream.read(&mut buffer).await?;
                        if read == 0 || seen.len() > LONGEST_READ {
                            return Ok(Left::Abandoned);
                        }
                        seen.extend_from_slice(&buffer[..read]);
                    }
                }
                Step::Send(bytes) => stream.write_all(&bytes).await?,
                Step::SendForever(bytes, every) => loop {
                    let bytes = if every.is_zero() {
                        bytes.repeat(4096 / bytes.len().max(1) + 1).into()
                    } else {
                        bytes.clone()
                    };
                    stream.write_all(&bytes).await?;
                    // It yields even without a pause: a server that never yields would stop virtual time.
                    if every.is_zero() { tokio::task::yield_now().await } else { sleep(every).await }
                },
                Step::Wait(time) => sleep(time).await,
                Step::Hang => std::future::pending().await,
                Step::Reset => return Ok(Left::Reset),
                Step::Abandon => return Ok(Left::Abandoned),
            }
        }
        Ok(Left::Closed)
    }
}

/// A script inside TLS, and the protocol that ALPN chooses.
#[derive(Clone, Debug)]
pub(crate) struct TlsScript {
    pub(crate) alpn: &'static [u8],
    pub(crate) script: Script,
}

/// The lab's clients are well-behaved; this only limits a mistake.
const LONGEST_READ: usize = 1 << 20;
