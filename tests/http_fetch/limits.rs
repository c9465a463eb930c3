//! Limits on what a hostile or broken server can send.

use std::sync::Arc;
use std::time::Duration;

use async_compression::tokio::write::GzipEncoder;
use byway::Roots;
use byway::internals::fetch::{FetchError, Request};
use byway::internals::transport::{Cause, LimitKind, Stage};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::net::{Peer, World, body, cause, error, get, ok, outcomes};

/// The result for a site whose server is this script.
async fn fetch<F: Future<Output = ()> + Send + 'static>(
    request: Request,
    script: impl Fn(Peer) -> F + Send + Sync + 'static,
) -> (byway::internals::fetch::Fetched, Duration) {
    let world = World::new().name("site.example", &["192.0.2.1"]).server("192.0.2.1:80", script).up();
    let fetched = world.client(&["direct:"]).fetch(request).await;
    (fetched, world.elapsed())
}

fn limit(limit: LimitKind) -> Cause {
    Cause::Limit { limit }
}

#[tokio::test(start_paused = true)]
async fn a_compression_bomb_ends_at_the_decoded_limit() {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(&vec![0; 80 << 20]).await.unwrap();
    encoder.shutdown().await.unwrap();
    let bomb = Arc::new(encoder.into_inner());
    let (fetched, _) = fetch(get("http://site.example/"), move |mut peer| {
        let bomb = bomb.clone();
        async move {
            peer.head().await;
            peer.say(format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len()))
                .await;
            peer.say(&*bomb).await;
            peer.silence().await;
        }
    })
    .await;
    assert!(matches!(error(&fetched), FetchError::Unreached { finding: None }));
    assert_eq!(fetched.attempts[0].stage, Stage::Progress);
    assert_eq!(cause(&fetched.attempts[0]), limit(LimitKind::DecodedBody));
}

#[tokio::test(start_paused = true)]
async fn a_head_without_end_ends_at_its_limit() {
    for line in ["x: y\r\n", "y"] {
        let (fetched, elapsed) = fetch(get("http://site.example/"), move |mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\nx: ").await;
            while peer.say(line.repeat(500)).await {}
        })
        .await;
        assert_eq!(fetched.attempts[0].stage, Stage::FirstByte);
        assert_eq!(cause(&fetched.attempts[0]).code(), "limit");
        assert!(fetched.attempts[0].bytes < 1 << 20);
        assert_eq!(elapsed, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_only_ever_announced_ends_at_its_limit() {
    let (fetched, elapsed) = fetch(get("http://site.example/"), |mut peer| async move {
        peer.head().await;
        while peer.say("HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n").await {}
    })
    .await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::FirstByte, "limit")]);
    assert_eq!(elapsed, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_fetch_ends_its_connections() {
    let (gone, ended) = tokio::sync::mpsc::unbounded_channel();
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", move |mut peer| {
            let gone = gone.clone();
            async move {
                peer.head().await;
                peer.say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegin").await;
                peer.silence().await;
                gone.send(()).unwrap();
            }
        })
        .up();
    let client = world.client(&["direct:"]);
    let fetching = tokio::time::timeout(Duration::from_secs(1), client.fetch(get("http://site.example/"))).await;
    assert!(fetching.is_err());
    let mut ended = ended;
    ended.recv().await.unwrap();
    assert_eq!(world.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_body_without_end_ends_at_its_limit() {
    let mut request = get("http://site.example/");
    request.limits.body_bytes = 100_000;
    let (fetched, _) = fetch(request.clone(), |mut peer| async move {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.say([b'x'; 4096]).await {}
    })
    .await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "limit")]);
    assert_eq!(cause(&fetched.attempts[0]), limit(LimitKind::Body));

    // A body that announces too much is not begun.
    let (fetched, _) = fetch(request, |mut peer| async move {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n").await;
        peer.silence().await;
    })
    .await;
    assert_eq!(cause(&fetched.attempts[0]), limit(LimitKind::Body));
}

#[tokio::test(start_paused = true)]
async fn a_drip_ends_with_the_total_time() {
    let (fetched, elapsed) = fetch(get("http://site.example/"), |mut peer| async move {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.say("x").await {
            sleep(Duration::from_millis(1900)).await;
        }
    })
    .await;
    assert_eq!(cause(&fetched.attempts[0]), limit(LimitKind::TotalTime));
    assert_eq!(elapsed, Duration::from_secs(120));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_body_on_the_last_route_fails_after_eight_seconds() {
    let (fetched, elapsed) = fetch(get("http://site.example/"), |mut peer| async move {
        peer.head().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegins").await;
        sleep(Duration::from_millis(1500)).await;
        peer.say(" and").await;
        peer.silence().await;
    })
    .await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "silence")]);
    assert_eq!(elapsed, Duration::from_millis(9500));
}

#[tokio::test(start_paused = true)]
async fn a_missing_head_is_silence() {
    let (fetched, elapsed) = fetch(get("http://site.example/"), |mut peer| async move {
        peer.silence().await;
    })
    .await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::FirstByte, "silence")]);
    assert!(elapsed < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn wrong_lengths_and_garbage_are_failures() {
    let cases = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", Stage::Progress, "closed"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\ncontent-length: 11\r\n\r\n0123456789",
            Stage::FirstByte,
            "not_accepted",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Stage::FirstByte, "not_accepted"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", Stage::Progress, "malformed"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegin", Stage::Progress, "closed"),
        ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nno gzip", Stage::Progress, "malformed"),
        ("HTTP/1.1 200 OK\r\ncontent-encoding: compress\r\n\r\nx", Stage::Progress, "not_accepted"),
        ("SSH-2.0-OpenSSH_9.9\r\n", Stage::FirstByte, "malformed"),
        ("\0\u{1}\u{2}", Stage::FirstByte, "malformed"),
        ("", Stage::FirstByte, "closed"),
        ("HTTP/1.1 200", Stage::FirstByte, "closed"),
    ];
    for (answer, stage, code) in cases {
        let (fetched, elapsed) = fetch(get("http://site.example/"), move |mut peer| async move {
            peer.head().await;
            peer.say(answer).await;
        })
        .await;
        assert_eq!(outcomes(&fetched.attempts), [(0, stage, code)], "{answer:?}");
        assert_eq!(elapsed, Duration::ZERO, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn text_that_is_no_text_is_handed_on_as_it_is() {
    let (fetched, _) = fetch(get("http://site.example/"), |mut peer| async move {
        peer.head().await;
        peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx-odd: \xff\xfe\r\n\r\n\xff\x00\xfe").await;
    })
    .await;
    assert_eq!(&fetched.result.unwrap().body[..], b"\xff\x00\xfe");
}

#[tokio::test(start_paused = true)]
async fn answers_without_a_body_have_none() {
    for (method, status) in [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")] {
        let mut request = get("http://site.example/");
        request.method = method.parse().unwrap();
        request.headers.insert(http::header::IF_NONE_MATCH, http::HeaderValue::from_static("\"1\""));
        let (fetched, _) = fetch(request, move |mut peer| async move {
            peer.head().await;
            let about =
                if status.starts_with("204") { "" } else { "content-length: 100\r\ncontent-encoding: gzip\r\n" };
            peer.say(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 {status}\r\n{about}\r\n")).await;
            peer.silence().await;
        })
        .await;
        assert_eq!(body(&fetched), "", "{method} {status}");
        assert!(status.starts_with(fetched.result.as_ref().unwrap().status.as_str()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_time_covers_all_hops_and_the_wait_for_a_turn() {
    let mut request = get("http://site.example/");
    request.limits.total = Duration::from_secs(3);
    let (fetched, elapsed) = fetch(request, |mut peer| async move {
        while peer.head().await.is_some() {
            sleep(Duration::from_millis(900)).await;
            peer.say("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await;
        }
    })
    .await;
    assert_eq!(elapsed, Duration::from_secs(3));
    assert_eq!(cause(fetched.attempts.last().unwrap()), limit(LimitKind::TotalTime));
    assert_eq!(fetched.attempts.last().unwrap().hop, 3);
}

/// A certificate for `site.example` by an authority that the client trusts.
pub(crate) fn tls() -> (TlsAcceptor, Roots) {
    tls_with(&[])
}

/// A server certificate for site.example, offered with these ALPN protocols, and its root.
pub(crate) fn tls_with(alpn: &[&[u8]]) -> (TlsAcceptor, Roots) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap();
    let leaf_key = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::Issuer::new(authority, key);
    let leaf =
        rcgen::CertificateParams::new(vec!["site.example".into()]).unwrap().signed_by(&leaf_key, &issuer).unwrap();
    let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()))
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let roots = Roots::from_certificates(root.der()).unwrap();
    (TlsAcceptor::from(Arc::new(config)), roots)
}

#[tokio::test(start_paused = true)]
async fn a_body_whose_tls_is_cut_is_not_taken_for_whole() {
    let (acceptor, roots) = tls();
    for (goodbye, expected) in [(true, "ok"), (false, "end_unannounced")] {
        let acceptor = acceptor.clone();
        let world = World::new()
            .name("site.example", &["192.0.2.1"])
            .server("192.0.2.1:443", move |peer| {
                let acceptor = acceptor.clone();
                async move {
                    let mut stream = acceptor.accept(peer.stream).await.unwrap();
                    // Without a length, the end of the stream is the end of the body.
                    let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhalf of it").await.unwrap();
                    stream.flush().await.unwrap();
                    if goodbye {
                        stream.shutdown().await.unwrap();
                    }
                }
            })
            .up();
        let fetched = world.client_with(&["direct:"], &roots).fetch(get("https://site.example/")).await;
        assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, expected)]);
        assert!(fetched.attempts[0].proved_name);
    }
    // And the client never continues on a certificate of an unknown issuer.
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:443", move |peer| {
            let acceptor = acceptor.clone();
            async move {
                let _ = acceptor.accept(peer.stream).await;
            }
        })
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("https://site.example/")).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Tls, "cert_unknown_issuer")]);
}

#[tokio::test(start_paused = true)]
async fn a_five_hundred_moves_on_and_is_returned_if_nothing_is_better() {
    let world = World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .site("192.0.2.1:80", |_| "HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n".into())
        .site("192.0.2.2:80", |_| ok("well"))
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(body(&fetched), "well");

    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .site("192.0.2.1:80", |_| "HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n".into())
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    let FetchError::Unreached { finding: Some(finding) } = error(&fetched) else { panic!() };
    assert_eq!(finding.code(), "unvouched", "in cleartext anyone can have written it");
}

#[tokio::test(start_paused = true)]
async fn the_longest_times_of_a_request_do_not_overflow() {
    for streams in [false, true] {
        let world = World::new()
            .name("site.example", &["192.0.2.1"])
            .server("192.0.2.1:80", |mut peer| async move {
                peer.head().await;
                peer.say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
            })
            .up();
        let mut request = get("http://site.example/");
        request.limits.total = Duration::MAX;
        request.limits.streamed = Some(Duration::MAX);
        request.limits.progress = Duration::MAX;
        let client = world.client(&["direct:"]);
        if streams {
            assert!(client.stream(request).await.result.is_ok());
        } else {
            assert_eq!(body(&client.fetch(request).await), "hello");
        }
    }
}
