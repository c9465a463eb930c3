//! TLS by rustls: the bundled Mozilla roots, and roots that the app gives.
//!
//! The device's own store is not asked. A root that a state or an employer put on a phone opens the traffic of every
//! app that trusts the store; here it opens nothing. The app may name roots of its own, of two kinds: *authoritative*
//! ones prove a name just as the bundled ones do (a lab's, an organisation's), *extra* ones let a handshake pass and
//! prove nothing. Which of the two it was is told by [`Secured::proves_name`], since a proof is evidence against a
//! censor and a mere connection is not.
//!
//! A client may be told to cut its ClientHellos ([`TlsClient::shaped`]), so that a box which reads the name in them does
//! not find it; and a host that publishes keys for it can be named in an encrypted one ([`TlsClient::connect_encrypted`]).

mod ech;
mod error;
mod hello;
mod own;
mod roots;
mod shape;

use std::fmt;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::client::{EchStatus, Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use self::ech::OuterOrInner;
use self::own::Verifier;
use self::shape::Shaped;
use crate::net::{BoxStream, Net};
use crate::wire::dns::EchConfigList;
use roots::add;

pub use ech::Rejected;
pub use error::TlsError;
pub use roots::{Roots, RootsError};
pub use shape::{Shape, Uncut};

/// Makes TLS client connections. Clones share one session cache; [`TlsClient::isolated`] starts another.
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    /// Judges the chain in a handshake that encrypts its ClientHello; the others' is in their configuration.
    verifier: Arc<Verifier>,
    /// Judges again whether a chain ends at a root that proves; `None` where every trusted root does.
    proving: Option<Arc<Verifier>>,
    shape: Shape,
}

/// A completed handshake.
pub struct Secured {
    /// The stream inside TLS.
    pub stream: TlsStream<BoxStream>,
    /// The peer chose HTTP/2 by ALPN.
    pub http2: bool,
    /// The certificate proves the host under the bundled or authoritative roots, not merely under an extra one.
    pub proves_name: bool,
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream: _, http2, proves_name } = self;
        f.debug_struct("Secured").field("http2", http2).field("proves_name", proves_name).finish_non_exhaustive()
    }
}

impl TlsClient {
    /// A client that trusts `roots` besides the bundled ones and judges certificates by `net`'s wall clock.
    ///
    /// # Errors
    /// A root that is no certificate.
    pub fn new(net: Arc<dyn Net>, roots: &Roots) -> Result<Self, rustls::Error> {
        let provider = Arc::new(provider());
        let mut proving = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let proving_own = add(&roots.authoritative, &mut proving)?;
        let mut trusted = proving.clone();
        let trusted_own = [proving_own.clone(), add(&roots.extra, &mut trusted)?].concat();
        let verifier = |roots, own| {
            let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            let chains = chains.build().map_err(|error| rustls::Error::General(error.to_string()))?;
            Ok::<_, rustls::Error>(Arc::new(Verifier::new(chains, own)))
        };
        let proving = if roots.extra.is_empty() { None } else { Some(verifier(proving, proving_own)?) };
        let verifier = verifier(trusted, trusted_own)?;
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(WallClock(net)))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
        Ok(Self { config: Arc::new(config), verifier, proving, shape: Shape::default() }.isolated())
    }

    /// The same client, sharing its session cache, with its ClientHellos cut.
    #[must_use]
    pub fn shaped(&self, shape: Shape) -> Self {
        Self { shape, ..self.clone() }
    }

    /// The same client, sharing its session cache, which offers http/1.1 alone by ALPN.
    #[must_use]
    pub fn by_http1(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![ALPN_HTTP1.to_vec()];
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// The same client with an empty session cache of its own.
    ///
    /// A resumed session tells the server that two connections are of one client: so there is a cache for each
    /// community, and none is shared.
    #[must_use]
    pub fn isolated(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// Handshakes over `stream` for `host` (a domain or an address), offering h2 and http/1.1 by ALPN.
    ///
    /// # Errors
    /// See [`TlsError`]. There is no time limit here: the caller owns the stage's time.
    pub async fn connect(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        self.handshake(host, stream, TlsConnector::from(Arc::clone(&self.config))).await
    }

    /// As [`TlsClient::connect`], offering http/1.1 only: for a proxy, whose `CONNECT` is spoken so.
    ///
    /// # Errors
    /// As [`TlsClient::connect`].
    pub async fn connect_http1(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        self.connect_for(ALPN_HTTP1, host, stream).await
    }

    /// As [`TlsClient::connect`], offering DNS over TLS (RFC 7858).
    ///
    /// # Errors
    /// As [`TlsClient::connect`].
    pub async fn connect_dns(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        self.connect_for(ALPN_DNS, host, stream).await
    }

    async fn connect_for(&self, protocol: &[u8], host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![protocol.to_vec()];
        self.handshake(host, stream, TlsConnector::from(Arc::new(config))).await
    }

    /// As [`TlsClient::connect`], with `host` in an encrypted ClientHello (RFC 9849), of TLS 1.3 alone. In the clear stands
    /// the outer name that comes with the key. It ends in a connection on which the host has taken it, or in an error:
    /// [`TlsError::NoKey`] before anything was sent, [`TlsError::Rejected`] after the outer name was said.
    ///
    /// # Errors
    /// As [`TlsClient::connect`].
    pub async fn connect_encrypted(
        &self,
        host: &str,
        keys: &EchConfigList,
        stream: BoxStream,
    ) -> Result<Secured, TlsError> {
        let name = server_name(host)?;
        // An address is in no ClientHello, and so is not hidden by encrypting it.
        let ServerName::DnsName(inner) = &name else { return Err(TlsError::NoKey) };
        let mode = ech::mode(keys, inner.as_ref()).ok_or(TlsError::NoKey)?;
        let verifier = Arc::new(OuterOrInner::new(self.verifier.clone(), name.clone()));
        let base = &*self.config;
        let builder =
            ClientConfig::builder_with_details(Arc::clone(base.crypto_provider()), Arc::clone(&base.time_provider));
        let mut config = builder
            .with_ech(mode)
            .map_err(TlsError::Tls)?
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_no_client_auth();
        config.alpn_protocols.clone_from(&base.alpn_protocols);
        config.resumption = base.resumption.clone();
        let secured = self.over(&name, stream, TlsConnector::from(Arc::new(config))).await;
        let secured = secured.map_err(|error| match &error {
            TlsError::Tls(tls) => ech::rejection(tls, &verifier).map_or(error, TlsError::Rejected),
            _ => error,
        })?;
        match secured.stream.get_ref().1.ech_status() {
            EchStatus::Accepted => Ok(secured),
            _ => Err(TlsError::Rejected(Rejected { retry: None })),
        }
    }

    async fn handshake(&self, host: &str, stream: BoxStream, connector: TlsConnector) -> Result<Secured, TlsError> {
        self.over(&server_name(host)?, stream, connector).await
    }

    async fn over(
        &self,
        name: &ServerName<'static>,
        stream: BoxStream,
        connector: TlsConnector,
    ) -> Result<Secured, TlsError> {
        let stream = if self.shape.is_none() {
            stream
        } else {
            Box::new(Shaped::new(stream, self.shape, matches!(name, ServerName::DnsName(_)))) as BoxStream
        };
        let stream = connector.connect(name.clone(), stream).await.map_err(TlsError::of)?;
        let connection = stream.get_ref().1;
        let http2 = connection.alpn_protocol() == Some(ALPN_HTTP2);
        let proves_name = self.proves(connection.peer_certificates(), name);
        Ok(Secured { stream, http2, proves_name })
    }

    fn proves(&self, chain: Option<&[CertificateDer<'_>]>, name: &ServerName<'_>) -> bool {
        let Some(proving) = &self.proving else {
            return true;
        };
        let (Some([end_entity, intermediates @ ..]), Some(now)) = (chain, self.config.time_provider.current_time())
        else {
            return false;
        };
        proving.verify_server_cert(end_entity, intermediates, name, &[], now).is_ok()
    }
}

fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    // The final dot of an absolute name is not part of it in SNI (RFC 6066 section 3).
    ServerName::try_from(host.strip_suffix('.').unwrap_or(host).to_owned()).map_err(|_| TlsError::Name(host.to_owned()))
}

/// Certificates are judged by the leaf's wall clock, so that a test may set it.
#[derive(Debug)]
struct WallClock(Arc<dyn Net>);

impl TimeProvider for WallClock {
    fn current_time(&self) -> Option<UnixTime> {
        self.0.wall().duration_since(UNIX_EPOCH).ok().map(UnixTime::since_unix_epoch)
    }
}

/// aws-lc-rs by name, not the process' default, which is the app's to set; the post-quantum hybrid comes first.
fn provider() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider { kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1], ..aws_lc_rs::default_provider() }
}

const ALPN_HTTP2: &[u8] = b"h2";

const ALPN_HTTP1: &[u8] = b"http/1.1";

const ALPN_DNS: &[u8] = b"dot";

/// How many servers' sessions one cache holds.
const SESSIONS: usize = 64;

/// The host name in a ClientHello and where it is cut: for the fuzz targets. `None`: it is not a ClientHello, or not complete.
#[cfg(feature = "fuzzing")]
pub(crate) fn name_in(bytes: &[u8]) -> Option<Vec<u8>> {
    match hello::Flight::read(bytes) {
        Ok(hello::Flight::Hello(hello)) => hello.message.get(hello.name?).map(<[u8]>::to_vec),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
