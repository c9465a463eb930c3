//! TLS by rustls: the bundled Mozilla roots, and roots that the app gives.
use std::sync::Arc;

use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls;

use crate::net::{BoxStream, Net};

/// Which roots are trusted. The device's own store is not: a state's root on a phone must not open the traffic.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// DER certificates of extra roots that prove a name as the bundled ones do.
    pub authoritative: Vec<rustls::pki_types::CertificateDer<'static>>,
}

/// Makes TLS client connections; one session cache per [`TlsClient`].
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<rustls::ClientConfig>,
}

/// A completed handshake.
pub struct Secured {
    /// The stream inside TLS.
    pub stream: TlsStream<BoxStream>,
    /// The peer chose HTTP/2 by ALPN.
    pub http2: bool,
}

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The stream failed under the handshake.
    #[error("the connection failed during the TLS handshake: {0}")]
    Io(#[source] std::io::Error),
    /// TLS itself failed: a certificate, an alert, a violation.
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] rustls::Error),
    /// The host cannot be named in TLS.
    #[error("`{0}` cannot be a server name in TLS")]
    Name(String),
}

impl TlsClient {
    /// A client that trusts `roots` besides the bundled ones and judges certificates by `net`'s wall clock.
    ///
    /// # Errors
    /// A root that is no certificate.
    pub fn new(net: Arc<dyn Net>, roots: &Roots) -> Result<Self, rustls::Error> {
        let _ = (net, roots);
        todo!()
    }

    /// Handshakes over `stream` for `host` (a domain or an address), offering h2 and http/1.1 by ALPN if `http`.
    ///
    /// # Errors
    /// See [`TlsError`]. There is no time limit here: the caller owns the stage's time.
    pub async fn connect(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        let _ = (host, stream, &self.config);
        todo!()
    }
}
