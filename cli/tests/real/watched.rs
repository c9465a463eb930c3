//! The system's network under the library, watched: where it connects, what is blocked, and which clock it sees.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use byway::net::{BoxStream, Datagram, Listener, Net, SystemNet};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Open,
    /// Nothing comes and nothing goes, as behind a router that forgot the connection.
    Frozen,
}

#[derive(Debug)]
pub(crate) struct Watched {
    system: SystemNet,
    /// Ports of loopback that refuse.
    blocked: Mutex<HashSet<u16>>,
    contacted: Mutex<Vec<SocketAddr>>,
    lookups: Mutex<Vec<String>>,
    /// How many bytes have come from where.
    came: Arc<Mutex<HashMap<SocketAddr, u64>>>,
    /// The clock is wrong by so many seconds.
    clock: AtomicI64,
    pass: watch::Sender<Pass>,
    /// After so many bytes of one connection, what then happens.
    after: Arc<After>,
}

/// What happens in the middle of a transfer.
#[derive(Default)]
struct After {
    bytes: AtomicU64,
    /// How often that was asked for: each connection counts from then on.
    asked: AtomicU64,
    act: Mutex<Option<Act>>,
}

/// It is given where the connection leads.
type Act = Box<dyn FnMut(SocketAddr) -> Then + Send>;

/// What becomes of the connection that carried the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    GoesOn,
    IsReset,
    /// It was too early: the next bytes ask again.
    NotYet,
}

impl std::fmt::Debug for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("After(..)")
    }
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            system: SystemNet::new(),
            blocked: Mutex::default(),
            contacted: Mutex::default(),
            lookups: Mutex::default(),
            came: Arc::default(),
            clock: AtomicI64::new(0),
            pass: watch::Sender::new(Pass::Open),
            after: Arc::default(),
        }
    }
}

impl Watched {
    /// From now on, connections to these ports are refused.
    pub(crate) fn block(&self, ports: &[u16]) {
        self.blocked.lock().unwrap().extend(ports);
    }

    /// The ports that were contacted since this was asked last.
    pub(crate) fn contacted(&self) -> HashSet<u16> {
        let contacted = std::mem::take(&mut *self.contacted.lock().unwrap());
        assert!(contacted.iter().all(|to| to.ip().is_loopback()), "{contacted:?}");
        contacted.iter().map(SocketAddr::port).collect()
    }

    /// The names that were looked up.
    pub(crate) fn lookups(&self) -> Vec<String> {
        self.lookups.lock().unwrap().clone()
    }

    /// How many bytes have come from where, since this was asked last.
    pub(crate) fn came(&self) -> HashMap<SocketAddr, u64> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }

    /// The clock is wrong by so many seconds.
    pub(crate) fn set_clock(&self, seconds: i64) {
        self.clock.store(seconds, Ordering::SeqCst);
    }

    /// What all connections may do, those that exist included.
    pub(crate) fn set_pass(&self, pass: Pass) {
        self.pass.send_replace(pass);
    }

    /// When so many bytes have come by one connection, does this. So it is the one of the transfer, and none that carries a
    /// directory.
    pub(crate) fn after(&self, bytes: u64, act: impl FnMut(SocketAddr) -> Then + Send + 'static) {
        *self.after.act.lock().unwrap() = Some(Box::new(act));
        self.after.bytes.store(bytes, Ordering::SeqCst);
        self.after.asked.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether that has happened.
    pub(crate) fn has_acted(&self) -> bool {
        self.after.act.lock().unwrap().is_none()
    }
}

impl Net for Watched {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.lookups.lock().unwrap().push(host.to_owned());
        self.system.lookup(host)
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        self.contacted.lock().unwrap().push(to);
        Box::pin(async move {
            if self.blocked.lock().unwrap().contains(&to.port()) {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let mut pass = self.pass.subscribe();
            let _ = pass.wait_for(|pass| *pass == Pass::Open).await;
            let stream = self.system.connect(to).await?;
            Ok(Box::new(WatchedStream {
                stream,
                to,
                all_came: self.came.clone(),
                changed: changed(pass.clone()),
                pass,
                after: self.after.clone(),
                came: (0, 0),
                is_reset: false,
            }) as BoxStream)
        })
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        self.system.listen(at)
    }

    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        self.contacted.lock().unwrap().push(to);
        self.system.datagram(to)
    }

    fn wall(&self) -> SystemTime {
        let seconds = self.clock.load(Ordering::SeqCst);
        let wrong_by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { SystemTime::now() - wrong_by } else { SystemTime::now() + wrong_by }
    }
}

struct WatchedStream {
    stream: BoxStream,
    to: SocketAddr,
    all_came: Arc<Mutex<HashMap<SocketAddr, u64>>>,
    pass: watch::Receiver<Pass>,
    changed: Pin<Box<dyn Future<Output = ()> + Send>>,
    after: Arc<After>,
    /// How many bytes have come since which [`Watched::after`].
    came: (u64, u64),
    is_reset: bool,
}

fn changed(mut pass: watch::Receiver<Pass>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let _ = pass.changed().await;
    })
}

impl WatchedStream {
    fn poll_open(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let woken = self.changed.as_mut().poll(context).is_ready();
            let now = *self.pass.borrow_and_update();
            if self.is_reset {
                return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
            }
            if !woken {
                return if now == Pass::Open { Poll::Ready(Ok(())) } else { Poll::Pending };
            }
            self.changed = changed(self.pass.clone());
        }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_open(context))?;
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let asked = self.after.asked.load(Ordering::SeqCst);
        if self.came.1 != asked {
            self.came = (0, asked);
        }
        let read = u64::try_from(buffer.filled().len() - before).unwrap();
        *self.all_came.lock().unwrap().entry(self.to).or_default() += read;
        self.came.0 += read;
        if self.came.0 >= self.after.bytes.load(Ordering::SeqCst) {
            let after = self.after.clone();
            let mut act = after.act.lock().unwrap();
            match act.as_mut().map(|act| act(self.to)) {
                None | Some(Then::NotYet) => {}
                Some(then) => {
                    *act = None;
                    self.is_reset = then == Then::IsReset;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_open(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_open(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
