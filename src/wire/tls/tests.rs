#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
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

    /// A server for `name`, valid from a day ago to a day from now.
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

/// A handshake with a server that then sends one byte, so that its tickets have arrived before.
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
async fn an_authoritative_root_proves_a_name_an_extra_one_does_not() {
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

/// A server whose certificate is self-signed, or signed by `issuer`.
fn alone(
    is_ca: IsCa,
    days: (i32, i32),
    issuer: Option<&CertifiedIssuer<'static, KeyPair>>,
) -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["own.example".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let day = |days: i32| {
        if days < 0 {
            SystemTime::now() - DAY * days.unsigned_abs()
        } else {
            SystemTime::now() + DAY * days.unsigned_abs()
        }
    };
    (params.not_before, params.not_after) = (day(days.0).into(), day(days.1).into());
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let own = certificate.der().clone();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.clone()], key)
        .unwrap();
    (Arc::new(config), own)
}

#[tokio::test]
async fn a_server_s_own_certificate_proves_that_server_alone() {
    let stranger = Authority::new();
    for (is_ca, issuer) in [
        (IsCa::NoCa, None),
        (IsCa::ExplicitNoCa, None),
        (IsCa::Ca(BasicConstraints::Unconstrained), None),
        (IsCa::NoCa, Some(&stranger.0)),
    ] {
        let (server, own) = alone(is_ca, (-1, 1), issuer);
        let roots = Roots { authoritative: vec![own.clone()], extra: vec![] };
        let secured = handshake(&client(&roots), &server, "own.example").await;
        assert!(secured.expect("it is in the file").proves_name, "{is_ca:?}");
        let extra = Roots { authoritative: vec![], extra: vec![own] };
        let secured = handshake(&client(&extra), &server, "own.example").await;
        assert!(!secured.expect("it is in the file").proves_name, "{is_ca:?}");
        let wrong = handshake(&client(&roots), &server, "other.example").await.unwrap_err();
        assert!(
            matches!(
                wrong,
                TlsError::Tls(rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName
                ))
            ),
            "{wrong:?}"
        );
        let unknown =
            handshake(&client(&stranger.authoritative()), &alone(is_ca, (-1, 1), None).0, "own.example").await;
        assert!(unknown.is_err(), "another certificate of the same name is not this one");
    }
    for (days, expired) in [((-2, -1), true), ((1, 2), false)] {
        let (server, own) = alone(IsCa::NoCa, days, None);
        let roots = Roots { authoritative: vec![own], extra: vec![] };
        let error = handshake(&client(&roots), &server, "own.example").await.unwrap_err();
        let TlsError::Tls(rustls::Error::InvalidCertificate(error)) = error else { panic!("{error:?}") };
        assert_eq!((error == CertificateError::Expired, error == CertificateError::NotValidYet), (expired, !expired));
    }
}

#[tokio::test]
async fn a_server_s_own_certificate_vouches_for_no_other() {
    for (is_ca, vouches) in [(IsCa::NoCa, false), (IsCa::Ca(BasicConstraints::Unconstrained), true)] {
        let mut params = CertificateParams::new(["issuer.example".to_owned()]).unwrap();
        params.is_ca = is_ca;
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let (server, _) = alone(IsCa::NoCa, (-1, 1), Some(&issuer));
        let roots = Roots { authoritative: vec![issuer.der().clone()], extra: vec![] };
        assert_eq!(handshake(&client(&roots), &server, "own.example").await.is_ok(), vouches);
    }
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

/// The client's bytes until the handshake is over, and the result.
async fn overheard(
    connect: impl AsyncFnOnce(BoxStream) -> Result<Secured, TlsError>,
    server: &Arc<ServerConfig>,
) -> (Result<Secured, TlsError>, Vec<u8>) {
    let (stream, peer) = pair();
    let (near, far) = tokio::io::duplex(1 << 16);
    let listen = async {
        let (mut from_client, mut to_client) = tokio::io::split(far);
        let (mut from_server, mut to_server) = tokio::io::split(stream);
        let mut said = Vec::new();
        let up = async {
            let mut buffer = vec![0; 1 << 14];
            while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
                said.extend_from_slice(&buffer[..length]);
                if to_server.write_all(&buffer[..length]).await.is_err() {
                    break;
                }
            }
            let _ = to_server.shutdown().await;
        };
        let down = async { tokio::io::copy(&mut from_server, &mut to_client).await };
        let _ = tokio::join!(up, down);
        said
    };
    let serve = async {
        if let Ok(mut stream) = TlsAcceptor::from(Arc::clone(server)).accept(peer.stream).await {
            let _ = stream.write_all(b"!").await;
            let _ = stream.read_u8().await;
        }
    };
    let connect = async {
        let mut secured = connect(Box::new(near)).await?;
        secured.stream.read_u8().await.map_err(TlsError::Io)?;
        secured.stream.shutdown().await.map_err(TlsError::Io)?;
        Ok(secured)
    };
    let (secured, said, ()) = tokio::join!(connect, listen, serve);
    (secured, said)
}

fn says(bytes: &[u8], name: &str) -> bool {
    bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes()))
}

const EVERYWHERE: Shape = Shape { records: true, segments: true, pause: Duration::ZERO };

#[tokio::test]
async fn both_hellos_are_cut_where_the_host_asks_for_a_second_one() {
    let authority = Authority::new();
    let plain = client(&authority.authoritative());
    let name = "www.site.example";
    // The first ClientHello has no key share for the only group of this host.
    let provider = CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::SECP384R1], ..provider() };
    let server = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(authority.server(name, &[]).cert_resolver.clone());
    let server = Arc::new(server);
    let (secured, said) = overheard(async |stream| plain.connect(name, stream).await, &server).await;
    let kind = secured.unwrap().stream.get_ref().1.handshake_kind();
    assert_eq!(kind, Some(rustls::HandshakeKind::FullWithHelloRetryRequest));
    let twice = said.windows(name.len()).filter(|window| *window == name.as_bytes()).count();
    assert_eq!(twice, 2, "each hello says the name");
    let shaped = plain.isolated().shaped(EVERYWHERE);
    let (secured, said) = overheard(async |stream| shaped.connect(name, stream).await, &server).await;
    let kind = secured.unwrap().stream.get_ref().1.handshake_kind();
    assert_eq!(kind, Some(rustls::HandshakeKind::FullWithHelloRetryRequest));
    assert!(!says(&said, name));
}

#[tokio::test]
async fn a_host_that_refuses_ech_never_learns_the_name() {
    let authority = Authority::new();
    let client = client(&authority.authoritative());
    let keys = ech::tests::list(&[ech::tests::config("outer.example")]);
    // The server answers for the outer name, for another, or for the real name. In none of these cases has it accepted
    // ECH.
    for name in ["outer.example", "other.example", "secret.example"] {
        for client in [&client, &client.shaped(EVERYWHERE)] {
            let server = authority.server(name, &[]);
            let connect = async |stream| client.connect_encrypted("secret.example", &keys, stream).await;
            let (secured, said) = overheard(connect, &server).await;
            let error = secured.unwrap_err();
            assert!(matches!(&error, TlsError::Rejected(Rejected { retry: None })), "{name}: {error:?}");
            assert!(!says(&said, "secret.example"));
            assert_eq!(says(&said, "outer.example"), client.shape.is_none(), "the outer name is cut, too");
        }
    }
}

#[tokio::test]
async fn without_a_key_that_hides_the_name_not_a_byte_is_said() {
    let authority = Authority::new();
    let client = client(&authority.authoritative());
    let server = authority.server("secret.example", &[]);
    let own = ech::tests::list(&[ech::tests::config("secret.example")]);
    let good = ech::tests::list(&[ech::tests::config("outer.example")]);
    for (host, keys) in [
        ("secret.example", EchConfigList::new(b"")),
        ("secret.example", EchConfigList::new(&[0, 2, 0xFE, 0x0D])),
        ("secret.example", own),
        ("203.0.113.9", good),
    ] {
        let (secured, said) =
            overheard(async |stream| client.connect_encrypted(host, &keys, stream).await, &server).await;
        assert!(matches!(secured.unwrap_err(), TlsError::NoKey));
        assert_eq!(said, b"");
    }
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
async fn a_session_is_resumed_within_its_isolation_alone() {
    let authority = Authority::new();
    let server = authority.server("a.example", &[]);
    // With an extra root too, so that a resumed session's proof is checked again.
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
        assert!(matches!(&error, TlsError::Tls(rustls::Error::InvalidCertificate(error)) if check(error)), "{error:?}");
    }
}

#[tokio::test]
async fn a_forged_certificate_is_not_called_out_of_date() {
    let authority = Authority::new();
    let server = authority.server("a.example", &[]);
    for wall in [SystemTime::now() - 2 * DAY, SystemTime::now() + 2 * DAY] {
        let fault = async |roots: &Roots, name| {
            let client = TlsClient::new(Arc::new(Scripted::new().wall(wall)), roots).unwrap();
            let error = handshake(&client, &server, name).await.unwrap_err();
            let TlsError::Tls(rustls::Error::InvalidCertificate(error)) = error else { panic!("{error:?}") };
            error
        };
        let issuer = fault(&Roots::default(), "a.example").await;
        assert_eq!(issuer, CertificateError::UnknownIssuer);
        let name = fault(&authority.authoritative(), "b.example").await;
        assert!(matches!(name, CertificateError::NotValidForNameContext { .. }), "{name:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_its_own_authority_is_named_as_that() {
    // As `openssl req -x509` makes them.
    let authority = Authority::new();
    let key = PrivateKeyDer::Pkcs8(authority.0.key().serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.root()], key)
        .unwrap();
    let error = handshake(&client(&Roots::default()), &Arc::new(config), "a.example").await.unwrap_err();
    let TlsError::Tls(rustls::Error::InvalidCertificate(CertificateError::Other(rustls::OtherError(other)))) = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(other.downcast_ref(), Some(&webpki::Error::CaUsedAsEndEntity));
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
        // The peer keeps the connection open: the failure does not wait for its end.
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
    assert_eq!(Roots::from_certificates(pem.as_bytes()).unwrap().authoritative, [one.root(), two.root()]);
    assert_eq!(Roots::from_certificates(&one.root()).unwrap().authoritative, [one.root()]);
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
        assert_eq!(Roots::from_certificates(bytes).unwrap_err(), expected, "{}", String::from_utf8_lossy(bytes));
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
