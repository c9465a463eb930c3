//! Connections to relays, and the TLS around them, in the form that arti takes.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use futures_util::io::{AsyncRead, AsyncWrite};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};
use tor_rtcompat::StreamOps;
use tor_rtcompat::tls::{CertifiedConn, TlsConnector};

use super::reach::Reach;
use super::relay_time::RelayTime;
use crate::net::{BoxStream, Net};

/// A TCP connection to a relay or a bridge.
///
/// Arti wants it to be `Sync`, and a [`BoxStream`] is not. The lock is never taken: all access is exclusive.
pub(super) struct Connection(Mutex<Compat<BoxStream>>);

impl Connection {
    pub(super) fn new(stream: BoxStream) -> Self {
        Self(Mutex::new(stream.compat()))
    }

    fn into_inner(self) -> BoxStream {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).into_inner()
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut Compat<BoxStream>> {
        Pin::new(self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_close(context)
    }
}

impl StreamOps for Connection {}

/// Makes the TLS with relays. Who a relay is, is proved inside it, by Tor's own handshake (tor-spec, "Negotiating channels").
pub(super) struct TlsToRelays {
    connector: tokio_rustls::TlsConnector,
    reach: Reach,
    net: Arc<dyn Net>,
}

impl TlsToRelays {
    pub(super) fn new(config: Arc<ClientConfig>, reach: Reach, net: Arc<dyn Net>) -> Self {
        Self { connector: config.into(), reach, net }
    }
}

#[async_trait]
impl TlsConnector<Connection> for TlsToRelays {
    type Conn = TlsToRelay;

    async fn negotiate_unvalidated(&self, connection: Connection, sni: &str) -> io::Result<TlsToRelay> {
        let name = ServerName::try_from(sni.to_owned()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let secured = self.connector.connect(name, connection.into_inner()).await?;
        self.reach.secured();
        let (reach, net) = (self.reach.clone(), Arc::clone(&self.net));
        Ok(TlsToRelay { stream: secured.compat(), time: RelayTime::default(), reach, net })
    }
}

/// TLS with a relay.
pub(super) struct TlsToRelay {
    stream: Compat<TlsStream<BoxStream>>,
    time: RelayTime,
    reach: Reach,
    net: Arc<dyn Net>,
}

impl AsyncRead for TlsToRelay {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if let Some(theirs) = self.time.see(buffer.get(..read).unwrap_or_default()) {
            self.reach.told_time(theirs, self.net.wall());
        }
        Poll::Ready(Ok(read))
    }
}

impl AsyncWrite for TlsToRelay {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

impl StreamOps for TlsToRelay {}

impl CertifiedConn for TlsToRelay {
    fn export_keying_material(&self, length: usize, label: &[u8], context: Option<&[u8]>) -> io::Result<Vec<u8>> {
        let (_, session) = self.stream.get_ref().get_ref();
        let exported = session.export_keying_material(vec![0; length], label, context);
        exported.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    fn peer_certificate(&self) -> io::Result<Option<Cow<'_, [u8]>>> {
        let (_, session) = self.stream.get_ref().get_ref();
        Ok(session.peer_certificates().and_then(|chain| chain.first()).map(|first| Cow::Borrowed(first.as_ref())))
    }

    fn own_certificate(&self) -> io::Result<Option<Cow<'_, [u8]>>> {
        Ok(None)
    }
}
