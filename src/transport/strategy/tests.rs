#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod generators;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

pub(crate) use generators::{almost_a_strategy, any_strategy};

use super::super::DestinationError;
use super::*;

fn parse(text: &str) -> Result<Strategy, StrategyError> {
    text.parse()
}

#[test]
fn a_strategy_prints_in_one_canonical_form() {
    let cases = [
        ("direct:", "direct:"),
        ("direct", "direct:"),
        ("DIRECT://", "direct:"),
        ("direct:?dns=system", "direct:"),
        ("direct:?", "direct:"),
        ("direct:?&cc=DE&", "direct:?cc=de"),
        ("direct:?cc=nl&dns=udp://9.9.9.9:53", "direct:?dns=udp://9.9.9.9&cc=nl"),
        ("direct:?dns=UDP://9.9.9.9:5353#home", "direct:?dns=udp://9.9.9.9:5353#home"),
        ("direct:?dns=udp://[2620:FE::fe]", "direct:?dns=udp://[2620:fe::fe]"),
        ("direct:?dns=udp%3A%2F%2F%5B::1%5D%3A54", "direct:?dns=udp://[::1]:54"),
        ("direct:?dns=https://9.9.9.9/dns-query&tls=frag", "direct:?dns=https://9.9.9.9/dns-query&tls=frag"),
        ("direct:?dns=HTTPS://9.9.9.9", "direct:?dns=https://9.9.9.9/dns-query"),
        ("direct:?dns=https://DNS.Quad9.net@9.9.9.9:443/x", "direct:?dns=https://dns.quad9.net@9.9.9.9/x"),
        ("direct:?dns=https://dns.example:8443/dns-query", "direct:?dns=https://dns.example:8443/dns-query"),
        ("direct:?dns=https://dns.example/a.b.", "direct:?dns=https://dns.example/a.b%2E"),
        ("direct:?dns=https://[2620:fe::fe]/dns-query", "direct:?dns=https://[2620:fe::fe]/dns-query"),
        ("direct:?dns=tls://dns.quad9.net@[2620:fe::fe]:853", "direct:?dns=tls://dns.quad9.net@[2620:fe::fe]"),
        ("direct:?dns=tls://9.9.9.9:8853/", "direct:?dns=tls://9.9.9.9:8853"),
        ("direct:?dns=udp://9.9.9.9&cc=nl&dns=system", "direct:?dns=udp://9.9.9.9&dns=system&cc=nl"),
        ("direct:?tls-delay=20&tls=FRAG", "direct:?tls=frag&tls-delay=20"),
        ("direct:?dns=tls://9.9.9.9&ech=Require", "direct:?dns=tls://9.9.9.9&ech=require"),
        ("https://h:443?tls=records", "https://h:443?tls=records"),
        ("socks5://h:1?cc=nl&tls=segments", "socks5://h:1?tls=segments&cc=nl"),
        ("socks5://proxy.example", "socks5://proxy.example:1080"),
        ("socks5h://proxy.example:9/", "socks5://proxy.example:9"),
        ("Socks5://Proxy.Example.:1080?cc=NL", "socks5://proxy.example:1080?cc=nl"),
        ("socks5://[2001:DB8::1]:1080", "socks5://[2001:db8::1]:1080"),
        ("socks5://user@host", "socks5://user@host:1080"),
        ("socks5://user:@host", "socks5://user@host:1080"),
        ("socks5://u:p:q@host", "socks5://u:p%3Aq@host:1080"),
        ("socks5://u:p@ss@host", "socks5://u:p%40ss@host:1080"),
        ("socks5://u%3au:%70@host", "socks5://u%3Au:p@host:1080"),
        ("socks5://я:ü@host", "socks5://%D1%8F:%C3%BC@host:1080"),
        ("http://192.0.2.1", "http://192.0.2.1:80"),
        ("https://прокси.рф", "https://xn--h1adldfi.xn--p1ai:443"),
        ("tor+socks5://localhost", "tor+socks5://localhost:9050"),
        ("TOR+SOCKS5://127.0.0.1:9150#Tor%20Browser", "tor+socks5://127.0.0.1:9150#Tor%20Browser"),
        ("socks5://h:1# my proxy ", "socks5://h:1#my%20proxy"),
        ("socks5://h:1#@channel", "socks5://h:1#%40channel"),
        ("socks5://h:1#NL @channel", "socks5://h:1#NL%20%40channel"),
        ("socks5://h:1#", "socks5://h:1"),
        ("socks5://h:1#a/b?c#d", "socks5://h:1#a%2Fb%3Fc%23d"),
        // SIP002's own examples, and the older form of the same.
        (
            "ss://YWVzLTEyOC1nY206dGVzdA@192.168.100.1:8888#Example1",
            "ss://aes-128-gcm:test@192.168.100.1:8888#Example1",
        ),
        ("ss://YWVzLTEyOC1nY206dGVzdA==@192.168.100.1:8888/", "ss://aes-128-gcm:test@192.168.100.1:8888"),
        ("ss://YWVzLTEyOC1nY206dGVzdA%3D%3D@192.168.100.1:8888/?", "ss://aes-128-gcm:test@192.168.100.1:8888"),
        (
            "ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D@192.168.100.1:8888#Example3",
            "ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D@192.168.100.1:8888#Example3",
        ),
        // The form of clients that do not escape, and one with the other alphabet without padding.
        (
            "ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=@h:1",
            "ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D@h:1",
        ),
        (
            "ss://2022-BLAKE3-aes-256-gcm:YctPZ6U7xPPcU-gp3u-0tx_tRizJN9K8y-uKlW2qjlI@h:1",
            "ss://2022-blake3-aes-256-gcm:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D@h:1",
        ),
        // A server with many users: its own key, then the user's.
        (
            "ss://2022-blake3-aes-128-gcm:AAAAAAAAAAAAAAAAAAAAAA==:AQEBAQEBAQEBAQEBAQEBAQ==@h:1",
            "ss://2022-blake3-aes-128-gcm:AAAAAAAAAAAAAAAAAAAAAA%3D%3D%3AAQEBAQEBAQEBAQEBAQEBAQ%3D%3D@h:1",
        ),
        // `bf-cfb:test/!@#:@192.168.100.1:8888` of the older specification, with a method that is accepted.
        (
            "ss://YWVzLTI1Ni1nY206dGVzdC8hQCM6QDE5Mi4xNjguMTAwLjE6ODg4OA#example-server",
            "ss://aes-256-gcm:test%2F%21%40%23%3A@192.168.100.1:8888#example-server",
        ),
        ("ss://YWVzLTI1Ni1nY206Pz8/QGg6MQ==", "ss://aes-256-gcm:%3F%3F%3F@h:1"),
        ("ss://YWVzLTI1Ni1nY206Pz8_QGg6MQ/", "ss://aes-256-gcm:%3F%3F%3F@h:1"),
        ("ss://YWVzLTI1Ni1nY206Pz8/@h:1", "ss://aes-256-gcm:%3F%3F%3F@h:1"),
        ("SS://AES-256-GCM:p@[2001:DB8::1]:1/?plugin=&cc=NL", "ss://aes-256-gcm:p@[2001:db8::1]:1?cc=nl"),
        ("ss://chacha20-ietf-poly1305:p%40w@h:1/?outline=1&tls=frag", "ss://chacha20-ietf-poly1305:p%40w@h:1?tls=frag"),
        ("ss://aes-128-gcm%3Ap%3Aw@h:1", "ss://aes-128-gcm:p%3Aw@h:1"),
        ("ss://AEAD_CHACHA20_POLY1305:p@h:1", "ss://chacha20-ietf-poly1305:p@h:1"),
    ];
    for (text, canonical) in cases {
        let strategy = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(strategy.to_string(), canonical, "{text}");
    }
}

#[test]
fn tor_within_the_program_needs_its_feature() {
    let parsed = parse("Tor:?cc=nl#home");
    if cfg!(feature = "tor") {
        let strategy = parsed.unwrap();
        assert_eq!(strategy.to_string(), "tor:?cc=nl#home");
        assert!(strategy.is_tor() && !strategy.is_direct() && !strategy.reaches_this_device());
        assert_eq!(parse("tor:?dns=system").unwrap_err(), StrategyError::DnsNotHere);
    } else {
        assert_eq!(parsed.unwrap_err(), StrategyError::TorNotBuiltIn);
    }
}

#[test]
fn a_mistake_is_named_and_the_right_way_said() {
    use DestinationError as D;
    use StrategyError as E;
    let proxy = "a proxy takes `tls`, `tls-delay` and `cc`";
    let direct = "`direct:` takes `dns`, `tls`, `tls-delay`, `ech` and `cc`";
    let unknown = |scheme: &str| E::UnknownScheme { scheme: scheme.into() };
    let not_spoken = |scheme: &str| E::NotSpoken { scheme: scheme.into() };
    let cases = [
        ("", E::Empty),
        (" direct:", E::Whitespace),
        ("socks5://h:1\n", E::Whitespace),
        ("tor", E::TorWithoutAddress),
        ("Tor", E::TorWithoutAddress),
        ("tor+socks5", E::TorWithoutAddress),
        ("proxy.example", E::ProxyWithoutScheme),
        ("proxy.example:1080", E::ProxyWithoutScheme),
        ("192.0.2.1:1080", E::ProxyWithoutScheme),
        ("[2001:db8::1]:1080", E::ProxyWithoutScheme),
        ("localhost:9050", E::ProxyWithoutScheme),
        ("user:password@host:1080", E::ProxyWithoutScheme),
        ("proxy", E::NoScheme),
        ("://host", E::NoScheme),
        ("ftp://host:21", unknown("ftp")),
        ("SOKS5://host:21", unknown("soks5")),
        ("socks://host:1080", E::AmbiguousScheme),
        ("tor://127.0.0.1:9050", E::TorTakesNoHost),
        ("tor:9050", E::TorTakesNoHost),
        ("tor:/path", E::TorTakesNoHost),
        ("socks5://h:1?bridge=x", E::BridgeNotHere),
        ("tor+socks5://h:1?bridge=x", E::BridgeNotHere),
        ("vless://id@host:443", not_spoken("vless")),
        ("mtproto://host:443", not_spoken("mtproto")),
        ("socks4a://host:443", not_spoken("socks4a")),
        ("socks5:", E::NoHost { scheme: "socks5" }),
        ("tor+socks5://", E::NoHost { scheme: "tor+socks5" }),
        ("http:///", E::NoHost { scheme: "http" }),
        ("direct://host", E::DirectTakesNoHost),
        ("direct:host", E::DirectTakesNoHost),
        ("direct:/", E::DirectTakesNoHost),
        ("direct://user:pw@host", E::DirectTakesNoHost),
        ("socks5://h:0", D::Port.into()),
        ("socks5://h:", D::Port.into()),
        ("socks5://h:+80", D::Port.into()),
        ("socks5://h:65536", D::Port.into()),
        ("socks5://h:1080:user:pw", D::Colons.into()),
        ("socks5://::1:1080", D::Colons.into()),
        ("socks5://[::1", D::Host.into()),
        ("socks5://[::1]1080", D::Host.into()),
        ("socks5://[fe80::1%25eth0]:1080", D::Host.into()),
        ("socks5://127.1:1080", D::Host.into()),
        ("socks5://0x7f.0.0.1:1080", D::Host.into()),
        ("socks5://a..b:1080", D::Host.into()),
        ("socks5://a*b:1080", D::Host.into()),
        ("socks5://user:pw@:1080", D::Host.into()),
        ("http://host/page", E::Path),
        ("socks5://u:p/ss@host:1080", E::MisplacedAt),
        ("socks5://u:1?ss@host:1080", E::MisplacedAt),
        ("socks5://u:1#ss@host:1080", E::MisplacedAt),
        ("socks5://***@host:1080", E::Redacted),
        ("tor+socks5://u:p@127.0.0.1", E::LoginNotTaken),
        ("socks5://@host", E::LoginEmpty),
        ("socks5://:pw@host", E::LoginEmpty),
        ("socks5://u:%0a@host", E::LoginControl),
        ("http://a%3Ab:pw@host", E::LoginColon),
        ("socks5://u:100%@host", E::PercentEncoding),
        ("socks5://u:%ff@host", E::PercentEncoding),
        ("socks5://h?DNS=system", E::UnknownOption { option: "DNS".into(), takes: proxy }),
        ("direct:?shape=frag", E::UnknownOption { option: "shape".into(), takes: direct }),
        ("socks5://h?=1", E::NotAnOption { takes: proxy }),
        ("socks5://h?what%3f", E::NotAnOption { takes: proxy }),
        ("socks5://h?dns=system", E::DnsNotHere),
        ("direct:?cc=nl&cc=nl", E::DuplicateOption { option: "cc" }),
        ("direct:?dns=system&dns=system", E::DnsTwice),
        ("direct:?dns=udp://1.1.1.1&dns=udp://1.1.1.2&dns=udp://1.1.1.3&dns=udp://1.1.1.4&dns=system", E::DnsCount),
        ("direct:?tls=frag&tls=frag", E::DuplicateOption { option: "tls" }),
        ("direct:?tls=split", E::Tls),
        ("direct:?tls=", E::Tls),
        ("direct:?tls-delay=5", E::TlsDelayAlone),
        ("socks5://h?tls=records&tls-delay=5", E::TlsDelayAlone),
        ("direct:?tls=frag&tls-delay=0", E::TlsDelay),
        ("direct:?tls=frag&tls-delay=+5", E::TlsDelay),
        ("direct:?tls=frag&tls-delay=1001", E::TlsDelay),
        ("direct:?dns=https://9.9.9.9&ech=yes", E::Ech),
        ("direct:?ech=prefer", E::EchNeedsResolver),
        ("direct:?dns=udp://9.9.9.9&ech=require", E::EchNeedsResolver),
        ("socks5://h?ech=prefer", E::EchNeedsResolver),
        ("direct:?cc", E::Country),
        ("direct:?cc=uk", E::Country),
        ("direct:?dns=", E::Dns),
        ("direct:?dns=9.9.9.9", E::Dns),
        ("direct:?dns=udp://dns.example", E::Dns),
        ("direct:?dns=udp://::1", E::Dns),
        ("direct:?dns=udp://0.0.0.0", E::Dns),
        ("direct:?dns=udp://9.9.9.9:0", E::Dns),
        ("direct:?dns=quic://9.9.9.9", E::DnsNotSpoken),
        ("direct:?dns=https://9.9.9.9@1.1.1.1/", E::Dns),
        ("direct:?dns=https://dns.example@other.example/", E::Dns),
        ("direct:?dns=https://9.9.9.9/a?b", E::Dns),
        ("direct:?dns=tls://9.9.9.9/path", E::Dns),
        ("direct:?dns=https://0.0.0.0/", E::Dns),
        ("direct:#%20", E::NameEmpty),
        ("ss:", E::NoHost { scheme: "ss" }),
        ("ss://", E::NoHost { scheme: "ss" }),
        ("ss://host:8388", E::ShadowsocksForm),
        ("ss://YWVz@host:8388", E::ShadowsocksForm),
        ("ss://*@host:8388", E::ShadowsocksForm),
        ("ss://***@host:8388", E::Redacted),
        ("ss://aes-256-gcm:p@host", D::NoPort.into()),
        ("ss://aes-256-gcm:p@host:0", D::Port.into()),
        ("ss://aes-256-gcm:p@a..b:1", D::Host.into()),
        ("ss://aes-256-gcm:p@h:1/path", E::Path),
        ("ss://aes-256-gcm:p/q@h:1", E::MisplacedAt),
        ("ss://aes-256-gcm:p?q@h:1", E::MisplacedAt),
        ("ss://aes-256-gcm:p#q@h:1", E::MisplacedAt),
        ("ss://aes-256-gcm:100%@h:1", E::PercentEncoding),
        ("ss://aes-256-gcm:%00@h:1", E::LoginControl),
        ("ss://aes-256-gcm:@h:1", E::PasswordEmpty),
        ("ss://aes-192-gcm:p@h:1", E::Method),
        ("ss://:p@h:1", E::Method),
        ("ss://none:p@h:1", E::MethodPlain),
        ("ss://plain:@h:1", E::MethodPlain),
        ("ss://rc4-md5:p@h:1", E::MethodWeak),
        ("ss://AES-256-CFB:p@h:1", E::MethodWeak),
        ("ss://YmYtY2ZiOnRlc3RAaDox", E::MethodWeak),
        ("ss://2022-blake3-aes-256-gcm:p@h:1", E::Key),
        ("ss://2022-blake3-aes-256-gcm:AAAA@h:1", E::KeyLength { method: "2022-blake3-aes-256-gcm", length: 32 }),
        ("ss://2022-blake3-aes-128-gcm:p:p@h:1", E::Key),
        ("ss://2022-blake3-chacha20-poly1305:YctPZ6U7xPPcU%2Bgp3u%2B0tx%2FtRizJN9K8y%2BuKlW2qjlI%3D:AA@h:1", E::Key),
        ("ss://aes-256-gcm:p@h:1/?plugin=obfs-local%3Bobfs%3Dhttp", E::Plugin { plugin: "obfs-local".into() }),
        ("ss://aes-256-gcm:p@h:1?plugin=v2ray-plugin;tls;host=x", E::Plugin { plugin: "v2ray-plugin".into() }),
        ("ss://aes-256-gcm:p@h:1?plugin=what%3f", E::Plugin { plugin: "plugin".into() }),
        ("ss://aes-256-gcm:p@h:1?outline=2", E::UnknownOption { option: "outline".into(), takes: proxy }),
        ("socks5://h:1?plugin=x", E::UnknownOption { option: "plugin".into(), takes: proxy }),
        ("ss://aes-256-gcm:p@h:1?dns=system", E::DnsNotHere),
        ("direct:#a%0Ab", E::NameControl),
        ("direct:#a\u{202e}b", E::NameControl),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn every_sentence_is_one_and_speaks_to_a_person() {
    for text in ["", "x", "ftp://h", "tor:/", "socks5:", "socks5://h:0", "direct:?a=b", "direct:?cc=uk", "direct:?dns="]
    {
        let sentence = parse(text).unwrap_err().to_string();
        assert!(!sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
    }
}

#[test]
fn limits_are_held_and_the_longest_strategy_fits_into_them() {
    let label = "a".repeat(61);
    let host = [label.as_str(); 4].join(".") + ".exam";
    assert!(Destination::new(&host, 65535).is_ok(), "{}", host.len());
    let (part, name) = ("%21".repeat(255), "%21".repeat(64));
    let longest = format!("socks5://{part}:{part}@{host}:65535?cc=nl#{name}");
    assert_eq!(parse(&longest).unwrap().to_string(), longest);
    assert!(longest.len() <= MAX_STRATEGY_BYTES);

    let longest =
        format!("ss://2022-blake3-chacha20-poly1305:{part}@{host}:65535?tls=segments&tls-delay=1000&cc=nl#{name}");
    assert!(longest.len() <= MAX_STRATEGY_BYTES);
    assert_eq!(parse(&format!("ss://aes-256-gcm:{part}@{host}:1#{name}")).map(|_| ()), Ok(()));
    assert_eq!(parse(&format!("ss://aes-256-gcm:{part}a@host:1")), Err(StrategyError::LoginTooLong));
    let keys = ["AAAAAAAAAAAAAAAAAAAAAA"; 11].join(":");
    assert_eq!(parse(&format!("ss://2022-blake3-aes-128-gcm:{keys}@h:1")), Err(StrategyError::LoginTooLong));

    assert_eq!(parse(&format!("socks5://{part}a@host")), Err(StrategyError::LoginTooLong));
    assert_eq!(parse(&format!("socks5://u:{part}a@host")), Err(StrategyError::LoginTooLong));
    assert_eq!(parse(&format!("direct:#{name}a")), Err(StrategyError::NameTooLong));
    assert_eq!(parse(&"a".repeat(MAX_STRATEGY_BYTES + 1)), Err(StrategyError::TooLong));
}

#[test]
fn what_people_and_logs_see_has_no_login() {
    let strategy = parse("https://alice:hunter2@proxy.example:8443?cc=nl#home").unwrap();
    assert_eq!(strategy.redacted(), "https://***@proxy.example:8443?cc=nl#home");
    assert_eq!(format!("{strategy:?}"), "Strategy(https:..)");
    let StrategyKind::HttpConnect { login: Some(login), .. } = &strategy.kind else { panic!("a login") };
    assert_eq!((login.user(), login.password()), ("alice", "hunter2"));
    assert_eq!(format!("{login:?}"), "Login(..)");
    for shown in [format!("{:?}", strategy.kind), format!("{:?}", strategy.name)] {
        assert!(!["alice", "hunter2", "proxy.example", "home"].iter().any(|secret| shown.contains(secret)), "{shown}");
    }
    assert_eq!(parse("direct:?cc=de").unwrap().redacted(), "direct:?cc=de");

    let strategy = parse("ss://aes-256-gcm:hunter2@proxy.example:8388?cc=nl").unwrap();
    assert_eq!(strategy.redacted(), "ss://***@proxy.example:8388?cc=nl");
    assert_eq!(format!("{strategy:?} {:?}", strategy.kind), "Strategy(ss:..) StrategyKind(ss:..)");
    let StrategyKind::Shadowsocks { key, .. } = &strategy.kind else { panic!("a key") };
    assert_eq!((key.method(), key.password()), (Method::Aes256Gcm, "hunter2"));
    assert_eq!(format!("{key:?}"), "SharedKey(aes-256-gcm, ..)");
}

#[test]
fn the_path_of_a_resolver_is_hidden_unless_it_is_the_usual_one() {
    for (text, shown) in [
        ("direct:?dns=https://dns.example/abc123", "direct:?dns=https://dns.example/***"),
        ("direct:?dns=https://dns.example/dns-query/abc123", "direct:?dns=https://dns.example/***"),
        ("direct:?dns=https://dns.example:8443/abc123&tls=frag", "direct:?dns=https://dns.example:8443/***&tls=frag"),
        (
            "direct:?dns=system&dns=https://dns.example@192.0.2.1/a",
            "direct:?dns=system&dns=https://dns.example@192.0.2.1/***",
        ),
        ("direct:?dns=https://dns.example/dns-query", "direct:?dns=https://dns.example/dns-query"),
        ("direct:?dns=tls://dns.example", "direct:?dns=tls://dns.example"),
    ] {
        let strategy = parse(text).unwrap();
        assert_eq!((strategy.to_string().as_str(), strategy.redacted().as_str()), (text, shown));
        let again = if shown == text { Ok(strategy) } else { Err(StrategyError::Redacted) };
        assert_eq!(parse(shown), again, "{shown}");
    }
}

#[test]
fn a_login_of_stars_is_no_redaction() {
    let strategy = parse("socks5://%2A%2A%2A@host").unwrap();
    assert_eq!(parse(&strategy.to_string()), Ok(strategy));
}

#[test]
fn serde_writes_a_string_and_reads_it_back() {
    let strategy = parse("socks5://alice:hunter2@proxy.example:8443").unwrap();
    let json = serde_json::to_string(&strategy).unwrap();
    assert_eq!(json, r#""socks5://alice:hunter2@proxy.example:8443""#);
    assert_eq!(serde_json::from_str::<Strategy>(&json).unwrap(), strategy);
    let error = serde_json::from_str::<Strategy>(r#""ftp://host""#).unwrap_err().to_string();
    assert!(error.starts_with("the scheme `ftp` is unknown"), "{error}");
}

proptest! {
    #[test]
    fn a_strategy_parses_back_from_its_print(strategy in any_strategy()) {
        let printed = strategy.to_string();
        prop_assert!(printed.is_ascii() && printed.len() <= MAX_STRATEGY_BYTES);
        prop_assert_eq!(parse(&printed), Ok(strategy));
    }

    #[test]
    fn the_print_of_what_was_parsed_is_a_fixed_point(text in almost_a_strategy()) {
        if let Ok(strategy) = parse(&text) {
            let printed = strategy.to_string();
            let again = parse(&printed);
            prop_assert_eq!(again.as_ref(), Ok(&strategy));
            prop_assert_eq!(again.unwrap().to_string(), printed);
        }
    }

    #[test]
    fn garbage_never_panics(text in "\\PC*", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&text);
        let _ = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn an_error_never_quotes_a_password(password in "[G-Z]{8}", junk in almost_a_strategy(), at in 0usize..8) {
        let base64 = |text: String| base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, text);
        let text = match at {
            0 => format!("socks5://user:{password}@{junk}"),
            1 => format!("socks5://user:{junk}{password}@host:1080"),
            2 => format!("http://user:{password}{junk}@host"),
            3 => format!("ss://aes-256-gcm:{password}{junk}@host:1"),
            4 => format!("ss://{junk}:{password}@host:1"),
            5 => format!("ss://{}{junk}", base64(format!("{junk}:{password}"))),
            6 => format!("ss://{}#{junk}", base64(format!("aes-256-gcm:{password}@{junk}"))),
            _ => format!("{junk}://user:{password}@host?x"),
        };
        let shown = match parse(&text) {
            Ok(strategy) => strategy.redacted(),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains(&password), "{}: {}", text, shown);
    }
}

#[test]
fn an_onion_host_of_a_proxy_or_resolver_is_refused() {
    let key = "YWVzLTI1Ni1nY206cGFzcw";
    for host in ["abc.onion", "a.b.ONION", "abc.onion."] {
        for url in [
            format!("socks5://{host}:1080"),
            format!("socks5://user:pass@{host}:1080"),
            format!("http://{host}:80"),
            format!("https://{host}"),
            format!("tor+socks5://{host}:9050"),
            format!("ss://{key}@{host}:8388"),
            format!("direct:?dns=tls://{host}"),
            format!("direct:?dns=https://{host}/dns-query"),
            format!("direct:?dns=tls://{host}@9.9.9.9"),
        ] {
            assert_eq!(url.parse::<Strategy>(), Err(StrategyError::Onion), "{url}");
        }
    }
    for url in ["socks5://onion.example:1080", "https://abconion"] {
        assert!(url.parse::<Strategy>().is_ok(), "{url}");
    }
}
