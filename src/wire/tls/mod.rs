//! TLS by rustls: the bundled Mozilla roots, and roots that the app gives.
//!
//! The device's own store is not asked. A root that a state or an employer put on a phone opens the traffic of every
//! app that trusts the store; here it opens nothing. The app may name roots of its own, of two kinds: *authoritative*
//! ones prove a name just as the bundled ones do (a lab's, an organisation's), *extra* ones let a handshake pass and
//! prove nothing. Which of the two it was is told by [`Secured::proves_name`], since a proof is evidence against a
//! censor and a mere connection is not.
//!
//! A client may be told to cut its ClientHellos ([`TlsClient::shaped`]), so that a box which reads the name in them does
//! not find it.

mod hello;
mod shape;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::client::{Resumption, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub use shape::{Shape, Uncut};

use self::shape::Shaped;
use crate::net::{BoxStream, Net};

/// Which roots are trusted besides the bundled ones.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// Certificates (DER) that prove a name as the bundled ones do.
    pub authoritative: Vec<CertificateDer<'static>>,
    /// Certificates (DER) with which a handshake passes, but which prove nothing.
    pub extra: Vec<CertificateDer<'static>>,
}

/// Why a file holds no roots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// There is no certificate in it, neither PEM nor DER.
    #[error("it holds no certificate; expected PEM (`-----BEGIN CERTIFICATE-----`) or one DER certificate")]
    NoCertificate,
    /// A certificate in it cannot be read, or cannot be a root.
    #[error("its certificate number {number} is not one that can be a root")]
    BadCertificate {
        /// Counted from 1.
        number: usize,
    },
}

impl RootsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RootsError::NoCertificate => "no_certificate",
            RootsError::BadCertificate { .. } => "bad_certificate",
        }
    }
}

impl Roots {
    /// Authoritative roots from a file's bytes: any number of PEM certificates, or a single one in DER.
    ///
    /// # Errors
    /// See [`RootsError`]; each is one sentence that continues "FILE cannot be used: ".
    pub fn from_pem(bytes: &[u8]) -> Result<Self, RootsError> {
        let armoured = bytes.windows(PEM_MARK.len()).any(|window| window == PEM_MARK);
        let authoritative = if armoured {
            let mut found = Vec::new();
            for (at, certificate) in CertificateDer::pem_slice_iter(bytes).enumerate() {
                found.push(certificate.map_err(|_| RootsError::BadCertificate { number: at + 1 })?);
            }
            found
        } else if bytes.first() == Some(&DER_SEQUENCE) {
            vec![CertificateDer::from(bytes.to_vec())]
        } else {
            Vec::new()
        };
        if authoritative.is_empty() {
            return Err(RootsError::NoCertificate);
        }
        for (at, certificate) in authoritative.iter().enumerate() {
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|_| RootsError::BadCertificate { number: at + 1 })?;
        }
        Ok(Self { authoritative, extra: Vec::new() })
    }
}

/// Makes TLS client connections. Clones share one session cache; [`TlsClient::isolated`] starts another.
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    /// Judges again whether a chain ends at a root that proves; `None` where every trusted root does.
    proving: Option<Arc<WebPkiServerVerifier>>,
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

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The stream failed under the handshake; a stream that merely ended is `UnexpectedEof`.
    #[error("the connection failed during the TLS handshake: {0}")]
    Io(#[source] io::Error),
    /// TLS itself failed: a certificate, an alert, a violation.
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] rustls::Error),
    /// The host cannot be named in TLS.
    #[error("`{0}` cannot be a server name in TLS")]
    Name(String),
    /// The ClientHello should have been cut and could not be: nothing was sent.
    #[error(transparent)]
    Uncut(Uncut),
}

impl TlsClient {
    /// A client that trusts `roots` besides the bundled ones and judges certificates by `net`'s wall clock.
    ///
    /// # Errors
    /// A root that is no certificate.
    pub fn new(net: Arc<dyn Net>, roots: &Roots) -> Result<Self, rustls::Error> {
        let provider = Arc::new(provider());
        let mut proving = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in &roots.authoritative {
            proving.add(certificate.clone())?;
        }
        let mut trusted = proving.clone();
        for certificate in &roots.extra {
            trusted.add(certificate.clone())?;
        }
        let proving = if roots.extra.is_empty() {
            None
        } else {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(proving), Arc::clone(&provider));
            Some(verifier.build().map_err(|error| rustls::Error::General(error.to_string()))?)
        };
        let mut config = ClientConfig::builder_with_details(provider, Arc::new(WallClock(net)))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
        Ok(Self { config: Arc::new(config), proving, shape: Shape::default() }.isolated())
    }

    /// The same client, sharing its session cache, with its ClientHellos cut.
    #[must_use]
    pub fn shaped(&self, shape: Shape) -> Self {
        Self { shape, ..self.clone() }
    }

    /// The same client with an empty session cache of its own.
    ///
    /// A resumed session tells the server that two connections are of one client: so there is a cache for each
    /// community, and none is shared.
    #[must_use]
    pub fn isolated(&self) -> Self {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Self { config: Arc::new(config), proving: self.proving.clone(), shape: self.shape }
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

    async fn handshake(&self, host: &str, stream: BoxStream, connector: TlsConnector) -> Result<Secured, TlsError> {
        // The final dot of an absolute name is not part of it in SNI (RFC 6066 section 3).
        let name = ServerName::try_from(host.strip_suffix('.').unwrap_or(host).to_owned())
            .map_err(|_| TlsError::Name(host.to_owned()))?;
        let stream = if self.shape.is_none() {
            stream
        } else {
            Box::new(Shaped::new(stream, self.shape, matches!(name, ServerName::DnsName(_)))) as BoxStream
        };
        let stream = connector.connect(name.clone(), stream).await.map_err(TlsError::of)?;
        let connection = stream.get_ref().1;
        let http2 = connection.alpn_protocol() == Some(ALPN_HTTP2);
        let proves_name = self.proves(connection.peer_certificates(), &name);
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

impl TlsError {
    /// rustls' errors travel inside an [`io::Error`]; taken out again, a reset keeps its errno and an alert its byte.
    fn of(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => TlsError::Tls(tls.clone()),
            None => match error.get_ref().and_then(|inner| inner.downcast_ref::<Uncut>()) {
                Some(uncut) => TlsError::Uncut(*uncut),
                None => TlsError::Io(error),
            },
        }
    }
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

const PEM_MARK: &[u8] = b"-----BEGIN";

/// Every DER certificate begins with this tag (X.690 section 8.9).
const DER_SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::time::{Duration, SystemTime};

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{AlertDescription, CertificateError, ServerConfig};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::net::scripted::{ECONNRESET, Peer, Scripted, pair};

    struct Authority(CertifiedIssuer<'static, KeyPair>);

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new([]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }

        fn root(&self) -> CertificateDer<'static> {
            self.0.der().clone()
        }

        fn authoritative(&self) -> Roots {
            Roots { authoritative: vec![self.root()], extra: vec![] }
        }

        /// A server for `name`, valid from a day before now to a day after.
        fn server(&self, name: &str, alpn: &[&[u8]]) -> Arc<ServerConfig> {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new([name.to_owned()]).unwrap();
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            params.not_before = (SystemTime::now() - DAY).into();
            params.not_after = (SystemTime::now() + DAY).into();
            let certificate = params.signed_by(&key, &self.0).unwrap();
            let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
            let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
            config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
            Arc::new(config)
        }
    }

    fn client(roots: &Roots) -> TlsClient {
        TlsClient::new(Arc::new(Scripted::new()), roots).unwrap()
    }

    /// A handshake with a server, which then sends one byte, so that the tickets before it have come.
    async fn handshake(client: &TlsClient, server: &Arc<ServerConfig>, name: &str) -> Result<Secured, TlsError> {
        let (stream, peer) = pair();
        let serve = async {
            let mut stream = TlsAcceptor::from(Arc::clone(server)).accept(peer.stream).await?;
            stream.write_all(b"!").await?;
            stream.flush().await?;
            io::Result::Ok(stream)
        };
        let connect = async {
            let mut secured = client.connect(name, stream).await?;
            secured.stream.read_u8().await.map_err(TlsError::Io)?;
            Ok(secured)
        };
        let (secured, served) = tokio::join!(connect, serve);
        drop(served);
        secured
    }

    async fn against<F: Future<Output = ()>>(script: impl FnOnce(Peer) -> F) -> TlsError {
        let (stream, peer) = pair();
        let client = client(&Roots::default());
        let (secured, ()) = tokio::join!(client.connect("a.example", stream), script(peer));
        secured.unwrap_err()
    }

    #[tokio::test]
    async fn a_root_that_the_app_calls_authoritative_proves_and_an_extra_one_does_not() {
        let authority = Authority::new();
        let server = authority.server("a.example", &[b"h2", b"http/1.1"]);
        let secured = handshake(&client(&authority.authoritative()), &server, "a.example").await.unwrap();
        assert!(secured.proves_name && secured.http2);
        let extra = Roots { authoritative: vec![], extra: vec![authority.root()] };
        let secured = handshake(&client(&extra), &server, "a.example").await.unwrap();
        assert!(!secured.proves_name);
        let both = Roots { extra: vec![Authority::new().root()], ..authority.authoritative() };
        assert!(handshake(&client(&both), &server, "a.example").await.unwrap().proves_name);
    }

    #[tokio::test]
    async fn the_post_quantum_hybrid_is_agreed_on() {
        let authority = Authority::new();
        let server = authority.server("a.example", &[]);
        let secured = handshake(&client(&authority.authoritative()), &server, "a.example").await.unwrap();
        let group = secured.stream.get_ref().1.negotiated_key_exchange_group().unwrap();
        assert_eq!(group.name(), rustls::NamedGroup::X25519MLKEM768);
        assert!(!secured.http2);
    }

    #[tokio::test]
    async fn addresses_and_absolute_names_can_be_proven_too() {
        let authority = Authority::new();
        let tls = client(&authority.authoritative());
        handshake(&tls, &authority.server("203.0.113.9", &[]), "203.0.113.9").await.unwrap();
        handshake(&tls, &authority.server("2001:db8::9", &[]), "2001:db8::9").await.unwrap();
        handshake(&tls, &authority.server("a.example", &[]), "a.example.").await.unwrap();
    }

    #[tokio::test]
    async fn a_session_is_resumed_within_an_isolation_and_never_in_another() {
        let authority = Authority::new();
        let server = authority.server("a.example", &[]);
        // With an extra root beside, so that a resumed session's proof is judged again.
        let one = client(&Roots { extra: vec![Authority::new().root()], ..authority.authoritative() });
        let resumed = async |client: &TlsClient| {
            let secured = handshake(client, &server, "a.example").await.unwrap();
            assert!(secured.proves_name);
            secured.stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
        };
        assert!(!resumed(&one).await);
        assert!(resumed(&one).await);
        assert!(resumed(&one.clone()).await, "a clone shares its sessions");
        let other = one.isolated();
        assert!(!resumed(&other).await);
        assert!(resumed(&other).await);
    }

    #[tokio::test]
    async fn each_fault_of_a_certificate_is_told_as_what_it_is() {
        let authority = Authority::new();
        let roots = authority.authoritative();
        let server = authority.server("a.example", &[]);
        let at = |wall| TlsClient::new(Arc::new(Scripted::new().wall(wall)), &roots).unwrap();
        let past = at(SystemTime::now() - 2 * DAY);
        let future = at(SystemTime::now() + 2 * DAY);
        type Check = fn(&CertificateError) -> bool;
        let cases: [(_, _, Check); 4] = [
            (&client(&Roots::default()), "a.example", |error| matches!(error, CertificateError::UnknownIssuer)),
            (&client(&roots), "b.example", |error| matches!(error, CertificateError::NotValidForNameContext { .. })),
            (&past, "a.example", |error| matches!(error, CertificateError::NotValidYetContext { .. })),
            (&future, "a.example", |error| matches!(error, CertificateError::ExpiredContext { .. })),
        ];
        for (client, name, check) in cases {
            let error = handshake(client, &server, name).await.unwrap_err();
            assert!(
                matches!(&error, TlsError::Tls(rustls::Error::InvalidCertificate(error)) if check(error)),
                "{error:?}"
            );
        }
    }

    #[tokio::test]
    async fn what_a_peer_does_under_the_handshake_is_told_as_what_it_is() {
        let hello = 1;
        let reset = against(|mut peer| async move {
            peer.read(hello).await;
            peer.reset();
        });
        let reset = reset.await;
        assert!(matches!(&reset, TlsError::Io(error) if error.raw_os_error() == Some(ECONNRESET)), "{reset:?}");

        let closed = against(|mut peer| async move {
            peer.read(hello).await;
        });
        let closed = closed.await;
        assert!(matches!(&closed, TlsError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof), "{closed:?}");

        for garbage in
            [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-x\r\n", &[0; 64], &[0x16, 3, 3, 0, 4, 9, 9, 9, 9]]
        {
            // The peer hangs on: the failure does not wait for its end.
            let (stream, mut peer) = pair();
            peer.write(garbage).await;
            let error = client(&Roots::default()).connect("a.example", stream).await.unwrap_err();
            assert!(matches!(&error, TlsError::Tls(_)), "{garbage:02x?}: {error:?}");
        }

        let alert = against(|mut peer| async move {
            peer.read(hello).await;
            peer.write([0x15, 3, 3, 0, 2, 2, u8::from(AlertDescription::UnrecognisedName)]).await;
        });
        let alert = alert.await;
        let expected = rustls::Error::AlertReceived(AlertDescription::UnrecognisedName);
        assert!(matches!(&alert, TlsError::Tls(error) if *error == expected), "{alert:?}");
    }

    #[test]
    fn roots_are_read_from_pem_and_der_or_refused_in_one_sentence() {
        let (one, two) = (Authority::new(), Authority::new());
        let pem = format!("# mine\n{}\n{}", one.0.pem(), two.0.pem());
        assert_eq!(Roots::from_pem(pem.as_bytes()).unwrap().authoritative, [one.root(), two.root()]);
        assert_eq!(Roots::from_pem(&one.root()).unwrap().authoritative, [one.root()]);
        let key = KeyPair::generate().unwrap().serialize_pem();
        let broken = one.0.pem().replace("MII", "!!!");
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (bytes, expected) in [
            (&b""[..], RootsError::NoCertificate),
            (b"hello", RootsError::NoCertificate),
            (key.as_bytes(), RootsError::NoCertificate),
            (b"\x30\x03\x02\x01\x01", RootsError::BadCertificate { number: 1 }),
            (broken.as_bytes(), RootsError::BadCertificate { number: 1 }),
            (no_certificate.as_bytes(), RootsError::BadCertificate { number: 1 }),
            (format!("{}{no_certificate}", one.0.pem()).as_bytes(), RootsError::BadCertificate { number: 2 }),
        ] {
            assert_eq!(Roots::from_pem(bytes).unwrap_err(), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
}
