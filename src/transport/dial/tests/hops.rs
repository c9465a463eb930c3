//! Direct connections and proxies: how each failure is recorded, and what a proxy is told.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_direct_dial_keeps_each_failure_apart() {
    let net = Scripted::new()
        .failing("203.0.113.1:80", ECONNREFUSED)
        .failing("203.0.113.2:80", EHOSTUNREACH)
        .failing("203.0.113.3:80", ECONNRESET)
        .silent("203.0.113.4:80");
    let world = World::new(net);
    for (host, cause, errno) in [
        ("203.0.113.1:80", Cause::Refused, Some(ECONNREFUSED)),
        ("203.0.113.2:80", Cause::Unreachable, Some(EHOSTUNREACH)),
        ("203.0.113.3:80", Cause::Reset, Some(ECONNRESET)),
        ("203.0.113.4:80", Cause::Silence, None),
    ] {
        let begun = Instant::now();
        let failed = world.open(&route("direct:", host)).await.err().unwrap();
        let took = if cause == Cause::Silence { timeouts::TCP } else { Duration::ZERO };
        assert_eq!(failed, Failure { errno, ..failure(Stage::Tcp, cause) });
        assert_eq!(begun.elapsed(), took);
    }
}

#[tokio::test(start_paused = true)]
async fn a_direct_dial_is_traced() {
    let world = World::new(Scripted::new().name("a.example", &["203.0.113.1"]).peer("203.0.113.1:80", hang));
    let trace = Trace::new();
    let candidates = world.candidates(&route("direct:", "a.example:80"), &trace).await.unwrap();
    assert_eq!(trace.seen().stage, Stage::Dns);
    world.dialer.dial(&candidates[0], &trace).await.unwrap();
    let seen = trace.seen();
    let address: IpAddr = "203.0.113.1".parse().unwrap();
    let said: Vec<_> = seen.lookups.into_iter().flat_map(|lookup| lookup.answers).map(|answer| answer.result).collect();
    assert_eq!((seen.stage, seen.address, said), (Stage::Tcp, Some(address), vec![Ok(vec![address])]));
}

#[tokio::test(start_paused = true)]
async fn the_host_s_name_travels_to_every_proxy_unresolved() {
    let net = Scripted::new().peer(PROXY, |mut peer| async move {
        peer.read(3).await;
        peer.write(b"\x05\x00").await;
        assert_eq!(peer.read(16).await, b"\x05\x01\x00\x03\x09a.example\x00\x50");
        peer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hello").await;
        peer.hang().await;
    });
    let world = World::new(net);
    let trace = Trace::new();
    let candidates = world.candidates(&route("socks5://192.0.2.7:1080", "a.example:80"), &trace).await.unwrap();
    let mut stream = world.dialer.dial(&candidates[0], &trace).await.unwrap();
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");
    assert_eq!(world.net.touches(), [Touch::Connect(PROXY.parse().unwrap())]);
    let seen = trace.seen();
    assert_eq!((seen.stage, seen.address, seen.answers), (Stage::Proxy, Some("192.0.2.7".parse().unwrap()), vec![]));

    let net = Scripted::new().peer(PROXY, |mut peer| async move {
        let head = peer.read_head().await;
        assert!(head.starts_with("CONNECT [2001:db8::1]:443 HTTP/1.1\r\n"), "{head}");
        peer.write("HTTP/1.1 200 OK\r\n\r\nhello").await;
        assert_eq!(peer.read(3).await, b"you");
        peer.hang().await;
    });
    let world = World::new(net);
    let mut stream = world.open(&route("http://192.0.2.7:1080", "[2001:db8::1]:443")).await.unwrap();
    stream.read_exact(&mut hello).await.unwrap();
    stream.write_all(b"you").await.unwrap();
    assert_eq!(&hello, b"hello");
}

#[tokio::test(start_paused = true)]
async fn each_failure_of_a_proxy_is_told_as_what_it_is_and_at_once() {
    let socks = "socks5://user:word@192.0.2.7:1080";
    let http = "http://user:word@192.0.2.7:1080";
    let malformed = |expected| Cause::Malformed { expected };
    for (strategy, answer, cause) in [
        (socks, &b"\x05\xff"[..], Cause::ProxyLogin),
        (socks, b"\x05\x02\x01\x01", Cause::ProxyLogin),
        (socks, b"\x05\x00\x05\x01", Cause::ProxyReply { code: 1 }),
        (socks, b"\x05\x00\x05\x02", Cause::ProxyReply { code: 2 }),
        (socks, b"\x05\x00\x05\x03", Cause::ProxyReply { code: 3 }),
        (socks, b"\x05\x00\x05\x04", Cause::ProxyReply { code: 4 }),
        (socks, b"\x05\x00\x05\x05", Cause::ProxyReply { code: 5 }),
        (socks, b"\x05\x00\x05\xf0", Cause::ProxyReply { code: 0xF0 }),
        (socks, b"HTTP/1.1 400 Bad Request\r\n\r\n", malformed(Protocol::Socks5)),
        (socks, b"", Cause::Closed),
        (socks, b"\x05\x00\x05\x00", Cause::Closed),
        (http, b"HTTP/1.1 407 Login\r\n\r\n", Cause::ProxyLogin),
        (http, b"HTTP/1.1 403 No\r\n\r\n", Cause::ProxyReply { code: 403 }),
        (http, b"HTTP/1.1 502 Bad\r\n\r\n", Cause::ProxyReply { code: 502 }),
        (http, b"HTTP/1.1 504 Late\r\n\r\n", Cause::ProxyReply { code: 504 }),
        (http, b"\x05\xff", malformed(Protocol::HttpConnect)),
        (http, b"", Cause::Closed),
        (http, b"HTTP/1.1 200 O", Cause::Closed),
    ] {
        let world = World::new(Scripted::new().peer(PROXY, move |mut peer| async move {
            peer.read(3).await;
            peer.write(answer).await;
            // The stream is half closed: the peer still reads what the client writes.
            peer.stream.shutdown().await.unwrap();
            peer.hang().await;
        }));
        let begun = Instant::now();
        let route = route(strategy, "a.example:443");
        let failed = world.open(&route).await.err().unwrap();
        assert_eq!(failed, failure(Stage::Proxy, cause));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_resets_is_a_reset_with_its_errno() {
    for strategy in ["socks5://192.0.2.7:1080", "http://192.0.2.7:1080", "https://192.0.2.7:1080"] {
        let world = World::new(Scripted::new().peer(PROXY, |mut peer| async move {
            peer.read(1).await;
            peer.reset();
        }));
        let failed = world.open(&route(strategy, "a.example:443")).await.err().unwrap();
        assert_eq!(failed, Failure { errno: Some(ECONNRESET), ..failure(Stage::Proxy, Cause::Reset) }, "{strategy}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_at_each_stage_takes_exactly_its_time() {
    let silent = || Scripted::new().silent(PROXY);
    let mute = || Scripted::new().peer(PROXY, hang);
    let unfinished = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.write(b"\x05\x00").await;
            peer.hang().await;
        })
    };
    let drip = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.write("HTTP/1.1 200 OK\r\n").await;
            loop {
                sleep(Duration::from_secs(1)).await;
                peer.write("a: b\r\n").await;
            }
        })
    };
    let unresolved = Scripted::new().lookup_time(Duration::from_secs(3600));
    for (net, strategy, stage, time) in [
        (unresolved, "socks5://proxy.example:1080", Stage::Dns, timeouts::DNS),
        (silent(), "socks5://192.0.2.7:1080", Stage::Tcp, timeouts::TCP),
        (silent(), "tor+socks5://192.0.2.7:1080", Stage::Tcp, timeouts::TCP),
        (mute(), "socks5://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (unfinished(), "socks5://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (mute(), "http://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (drip(), "http://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (mute(), "https://192.0.2.7:1080", Stage::Proxy, timeouts::PROXY),
        (greeted(), "tor+socks5://192.0.2.7:1080", Stage::Proxy, timeouts::TOR),
    ] {
        let begun = Instant::now();
        let failed = World::new(net).open(&route(strategy, "a.example:443")).await.err().unwrap();
        assert_eq!(failed, failure(stage, Cause::Silence), "{strategy}");
        assert_eq!(begun.elapsed(), time, "{strategy}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxys_name_is_resolved_by_the_system_and_staggered() {
    let net = Scripted::new()
        .name("proxy.example", &["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        .silent("192.0.2.1:1080")
        .failing("192.0.2.2:1080", ECONNREFUSED)
        .peer("192.0.2.3:1080", |mut peer| async move {
            peer.read(3).await;
            peer.write(b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00").await;
            peer.hang().await;
        });
    let world = World::new(net);
    let begun = Instant::now();
    world.open(&route("socks5://proxy.example:1080", "a.example:443")).await.unwrap();
    assert_eq!(begun.elapsed(), timeouts::STAGGER, "silence costs one stagger, refusal nothing");
    assert_eq!(world.net.touches()[0], Touch::Lookup("proxy.example".into()));
    assert_eq!(world.net.touches().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn when_no_address_of_a_proxy_answers_the_first_failure_is_told() {
    let net = Scripted::new()
        .name("proxy.example", &["192.0.2.1", "192.0.2.2"])
        .failing("192.0.2.1:1080", ECONNREFUSED)
        .failing("192.0.2.2:1080", EHOSTUNREACH);
    let route = route("socks5://proxy.example:1080", "a.example:443");
    let failed = World::new(net).open(&route).await.err().unwrap();
    assert_eq!(failed, Failure { errno: Some(ECONNREFUSED), ..failure(Stage::Tcp, Cause::Refused) });
}

#[tokio::test(start_paused = true)]
async fn an_https_proxy_proves_its_name_before_it_learns_the_hosts() {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["proxy.example".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let config = Arc::new(config);
    let net = || {
        let acceptor = TlsAcceptor::from(Arc::clone(&config));
        Scripted::new().name("proxy.example", &["192.0.2.7"]).name("other.example", &["192.0.2.7"]).peer(
            "192.0.2.7:443",
            move |peer| {
                let acceptor = acceptor.clone();
                async move {
                    let Ok(mut stream) = acceptor.accept(peer.stream).await else { return };
                    let mut head = [0; 100];
                    let length = stream.read(&mut head).await.unwrap();
                    assert!(head[..length].starts_with(b"CONNECT a.example:443 HTTP/1.1\r\n"));
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").await.unwrap();
                    stream.flush().await.unwrap();
                    std::future::pending::<()>().await;
                }
            },
        )
    };
    let roots = Roots { authoritative: vec![authority.der().clone()], extra: vec![] };
    let world = World::trusting(&roots, net(), &[]);
    let mut stream = world.open(&route("https://proxy.example:443", "a.example:443")).await.unwrap();
    let mut hello = [0; 5];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(&hello, b"hello");

    let certificate = |fault| failure(Stage::Proxy, Cause::Certificate { fault });
    let wrong_name = route("https://other.example:443", "a.example:443");
    let failed = world.open(&wrong_name).await.err().unwrap();
    assert_eq!(failed, certificate(CertificateFault::WrongName));
    let failed = World::new(net()).open(&route("https://proxy.example:443", "a.example:443")).await.err().unwrap();
    assert_eq!(failed, certificate(CertificateFault::UnknownIssuer));
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_refuses_the_greeting_learns_no_name() {
    for (answer, is_mute) in [(&b"\x05\xff"[..], true), (b"HTTP/1.1 400 No", true), (b"", true), (b"\x05\x00", false)] {
        let net = Scripted::new().peer(PROXY, move |mut peer| async move {
            peer.read(3).await;
            peer.write(answer).await;
            peer.hang().await;
        });
        let (world, trace) = (World::new(net), Trace::new());
        let candidates = world.candidates(&route("socks5://192.0.2.7:1080", "a.example:443"), &trace).await.unwrap();
        assert!(world.dialer.dial(candidates.first().unwrap(), &trace).await.is_err());
        assert_eq!(trace.read(|seen| seen.mute), is_mute, "{answer:?}");
    }
}
