//! TLS by rustls, with the bundled Mozilla roots and the roots of the app.
//!
//! The device's own store is not used. A root that a state or an employer installs on a phone opens the traffic of
//! every app that trusts the store; here it opens nothing. The app may add roots of two kinds: *authoritative* roots
//! prove a name like the bundled ones (a lab's, an organisation's); *extra* roots let a handshake pass and prove
//! nothing. [`Secured::proves_name`] says which of the two it was, since a proof is evidence against a censor and a
//! mere connection is not.
//!
//! A client can split its ClientHellos ([`TlsClient::shaped`]), so that a middlebox does not find the name in them. If
//! a host publishes keys for it, its name can be sent in an encrypted ClientHello ([`TlsClient::connect_encrypted`]).

mod ech;
mod error;
mod hello;
mod own;
#[cfg(feature = "tor")]
mod relay;
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
#[cfg(feature = "tor")]
pub(crate) use relay::relay_config;
pub use roots::{Roots, RootsError};
pub use shape::{Shape, Uncut};

/// Makes TLS client connections. Clones share one session cache; [`TlsClient::isolated`] starts another.
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    /// Verifies the chain in a handshake with an encrypted ClientHello. Other handshakes have it in their
    /// configuration.
    verifier: Arc<Verifier>,
    /// Checks whether a chain ends at a root that proves the name. `None` if every trusted root does.
    proving: Option<Arc<Verifier>>,
    shape: Shape,
}

/// A completed handshake.
pub struct Secured {
    /// The stream inside TLS.
    pub stream: TlsStream<BoxStream>,
    /// True if the peer chose HTTP/2 by ALPN.
    pub http2: bool,
    /// True if the certificate proves the host under the bundled or authoritative roots, not merely under an extra one.
    pub proves_name: bool,
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream: _, http2, proves_name } = self;
        f.debug_struct("Secured").field("http2", http2).field("proves_name", proves_name).finish_non_exhaustive()
    }
}

impl TlsClient {
    /// A client that trusts `roots` besides the bundled ones and verifies certificates by `net`'s wall clock.
    ///
    /// # Errors
    ///
    /// A root that is not a certificate.
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

    /// The same client and session cache, with its ClientHellos split.
    #[must_use]
    pub fn shaped(&self, shape: Shape) -> Self {
        Self { shape, ..self.clone() }
    }

    /// The same client and session cache, offering only http/1.1 by ALPN.
    #[must_use]
    pub fn by_http1(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![ALPN_HTTP1.to_vec()];
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// The same client with its own, empty session cache.
    ///
    /// A resumed session shows the server that two connections come from one client. So each community has its own
    /// cache.
    #[must_use]
    pub fn isolated(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Self { config: Arc::new(config), ..self.clone() }
    }

    /// Performs a handshake over `stream` for `host` (a domain or an address), offering h2 and http/1.1 by ALPN.
    ///
    /// # Errors
    ///
    /// See [`TlsError`]. There is no time limit here: the caller owns it.
    pub async fn connect(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        self.handshake(host, stream, TlsConnector::from(Arc::clone(&self.config))).await
    }

    /// Like [`TlsClient::connect`], offering only http/1.1: for a proxy, whose `CONNECT` needs it.
    ///
    /// # Errors
    /// As [`TlsClient::connect`].
    pub async fn connect_http1(&self, host: &str, stream: BoxStream) -> Result<Secured, TlsError> {
        self.connect_for(ALPN_HTTP1, host, stream).await
    }

    /// Like [`TlsClient::connect`], offering DNS over TLS (RFC 7858).
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

    /// Like [`TlsClient::connect`], with `host` in an encrypted ClientHello (RFC 9849), and TLS 1.3 only. The outer
    /// name that comes with the key is sent in the clear. The result is a connection on which the host has accepted
    /// ECH, or an error: [`TlsError::NoKey`] before anything was sent, [`TlsError::Rejected`] after the outer name was
    /// sent.
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
        // An address appears in no ClientHello, so encrypting the ClientHello would not hide it.
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
    // SNI excludes the final dot of an absolute name (RFC 6066 section 3).
    ServerName::try_from(host.strip_suffix('.').unwrap_or(host).to_owned()).map_err(|_| TlsError::Name(host.to_owned()))
}

/// Certificates are verified by the leaf's wall clock, which a test may set.
#[derive(Debug)]
struct WallClock(Arc<dyn Net>);

impl TimeProvider for WallClock {
    fn current_time(&self) -> Option<UnixTime> {
        // A clock before 1970 counts as 1970: then no certificate is valid yet, and the verdict names the clock. Without a time
        // the handshake would fail for a reason that names nothing.
        Some(UnixTime::since_unix_epoch(self.0.wall().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

/// aws-lc-rs explicitly, not the process default, which is the app's to set. The post-quantum hybrid comes first.
fn provider() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider { kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1], ..aws_lc_rs::default_provider() }
}

const ALPN_HTTP2: &[u8] = b"h2";

const ALPN_HTTP1: &[u8] = b"http/1.1";

const ALPN_DNS: &[u8] = b"dot";

/// The number of servers whose sessions one cache holds.
const SESSIONS: usize = 64;

/// The host name in a ClientHello, and where it is split, for the fuzz targets. `None` if it is not a complete
/// ClientHello.
#[cfg(feature = "fuzzing")]
pub(crate) fn name_in(bytes: &[u8]) -> Option<Vec<u8>> {
    match hello::Flight::read(bytes) {
        Ok(hello::Flight::Hello(hello)) => hello.message.get(hello.name?).map(<[u8]>::to_vec),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
