//! Any strategy, and texts that look like one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use proptest::prelude::{Just, any, prop_oneof};
use proptest::strategy::Strategy as Generator;

use super::super::*;

fn any_port() -> impl Generator<Value = u16> {
    1u16..
}

fn any_server() -> impl Generator<Value = Destination> {
    let name = "[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{2,10}){1,3}";
    let name = name.prop_filter_map("a name that IDNA takes", |name| match url::Host::parse(&name) {
        Ok(host @ url::Host::Domain(_)) => Some(host),
        _ => None,
    });
    let host = prop_oneof![
        3 => name,
        1 => any::<u32>().prop_map(|bits| url::Host::Ipv4(Ipv4Addr::from(bits))),
        1 => any::<u128>().prop_map(|bits| url::Host::Ipv6(Ipv6Addr::from(bits))),
    ];
    (host, any_port()).prop_map(|(host, port)| Destination { host, port })
}

fn any_login(user: &'static str) -> impl Generator<Value = Option<Login>> {
    proptest::option::of((user, "\\PC{0,40}").prop_map(|(user, password)| Login::new(user, password).unwrap()))
}

fn any_address() -> impl Generator<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::from(Ipv4Addr::from(bits))),
        any::<u128>().prop_map(|bits| IpAddr::from(Ipv6Addr::from(bits))),
    ]
    .prop_filter("one host", |address| !address.is_unspecified() && !address.is_multicast())
}

fn any_dns_server(usual: u16) -> impl Generator<Value = DnsServer> {
    let port = prop_oneof![Just(usual), any_port()];
    (any_server(), proptest::option::of(any_address()), any_address(), port).prop_map(|(named, pinned, own, port)| {
        match named.host {
            name @ url::Host::Domain(_) => DnsServer { name, address: pinned, port },
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => {
                let name = match own {
                    IpAddr::V4(address) => url::Host::Ipv4(address),
                    IpAddr::V6(address) => url::Host::Ipv6(address),
                };
                DnsServer { name, address: Some(own), port }
            }
        }
    })
}

fn any_resolvers() -> impl Generator<Value = Resolvers> {
    let one = prop_oneof![
        Just(Resolver::System),
        (any_address(), prop_oneof![Just(53), any_port()])
            .prop_map(|(address, port)| Resolver::Udp(SocketAddr::new(address, port))),
        any_dns_server(853).prop_map(Resolver::Tls),
        (any_dns_server(443), "(/[a-z0-9._~-]{1,12}){1,3}").prop_map(|(server, path)| Resolver::Https { server, path }),
    ];
    proptest::collection::vec(one, 1..=MAX_RESOLVERS).prop_filter_map("none twice", |all| Resolvers::new(all).ok())
}

fn any_kind() -> impl Generator<Value = StrategyKind> {
    let kinds = prop_oneof![
        any_resolvers().prop_map(|dns| StrategyKind::Direct { dns }),
        (any_server(), any_login("\\PC{1,40}")).prop_map(|(server, login)| StrategyKind::Socks5 { server, login }),
        (any_server(), any::<bool>(), any_login("[^:\\pC]{1,40}"))
            .prop_map(|(server, tls, login)| StrategyKind::HttpConnect { server, tls, login }),
        (any_server(), any_shared_key()).prop_map(|(server, key)| StrategyKind::Shadowsocks { server, key }),
        any_server().prop_map(|server| StrategyKind::TorSocks5 { server }),
    ];
    // Without the feature it does not parse.
    #[cfg(feature = "tor")]
    let kinds = prop_oneof![5 => kinds, 1 => any_bridges().prop_map(|bridges| StrategyKind::Tor { bridges })];
    kinds
}

#[cfg(feature = "tor")]
fn any_bridges() -> impl Generator<Value = Bridges> {
    let address = (any_address(), any_port()).prop_map(|(address, port)| SocketAddr::new(address, port));
    let parameters = proptest::collection::vec("[a-z-]{1,9}=[!-~]{0,40}", 0..4);
    let transport = proptest::option::of("[a-zA-Z_][a-z0-9_]{0,9}");
    let line =
        (transport, address, "[0-9A-F]{40}", parameters).prop_map(|(transport, address, fingerprint, parameters)| {
            let tail = if transport.is_some() { parameters.join(" ") } else { String::new() };
            format!("{} {address} {fingerprint} {tail}", transport.unwrap_or_default())
        });
    proptest::collection::vec(line.prop_filter_map("a bridge", |line| line.parse().ok()), 0..=3)
        .prop_filter_map("none twice", |bridges| Bridges::new(bridges).ok())
}

fn any_shared_key() -> impl Generator<Value = SharedKey> {
    let keys = |length: usize, many: std::ops::Range<usize>| {
        let key = proptest::collection::vec(any::<u8>(), length..=length);
        let text = key.prop_map(|key| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, key));
        proptest::collection::vec(text, many).prop_map(|keys| keys.join(":"))
    };
    let password = move |method: &Method| match method {
        Method::Blake3Aes128Gcm => keys(16, 1..5).boxed(),
        Method::Blake3Aes256Gcm => keys(32, 1..5).boxed(),
        Method::Blake3Chacha20Poly1305 => keys(32, 1..2).boxed(),
        Method::Aes128Gcm | Method::Aes256Gcm | Method::Chacha20IetfPoly1305 => "\\PC{1,40}".boxed(),
    };
    proptest::sample::select(Method::ALL.to_vec())
        .prop_flat_map(move |method| (Just(method), password(&method)))
        .prop_map(|(method, password)| SharedKey::new(method, password).unwrap())
}

fn any_shaping() -> impl Generator<Value = Shaping> {
    let cut = proptest::sample::select(vec![Cut::Segments, Cut::Both]);
    prop_oneof![
        Just(Shaping::default()),
        Just(Shaping { cut: Cut::Records, delay_ms: 0 }),
        (cut, 0..=MAX_TLS_DELAY_MS).prop_map(|(cut, delay_ms)| Shaping { cut, delay_ms }),
    ]
}

/// Any valid strategy, also for tests of other modules.
pub(crate) fn any_strategy() -> impl Generator<Value = Strategy> {
    let (pairs, _) = country::ASSIGNED.as_chunks::<2>();
    let country = proptest::sample::select(pairs).prop_map(|code| str::from_utf8(&code).unwrap().parse().unwrap());
    let name = "\\PC{1,16}".prop_filter_map("a name", |name| name.parse().ok());
    let ech = proptest::sample::select(vec![Ech::Off, Ech::Prefer, Ech::Require]);
    (any_kind(), any_shaping(), ech, proptest::option::of(country), proptest::option::of(name)).prop_map(
        |(kind, tls, ech, country, name)| {
            let may = matches!(&kind, StrategyKind::Direct { dns } if dns.has_authenticated());
            Strategy { kind, tls, ech: if may { ech } else { Ech::Off }, country, name }
        },
    )
}

/// A text that looks like a strategy, and is often broken.
pub(crate) fn almost_a_strategy() -> impl Generator<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "direct",
            "socks5",
            "socks5h",
            "http",
            "https",
            "tor+socks5",
            "tor",
            "tor:?bridge=",
            "obfs4%20192.0.2.3:443%20",
            "0123456789ABCDEF0123456789ABCDEF01234567",
            "%20",
            "ss",
            "ss://",
            "aes-256-gcm",
            "2022-blake3-aes-128-gcm:",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "YWVzLTI1Ni1nY206Pz8/QGg6MQ",
            "plugin=",
            ":",
            "://",
            "//",
            "/",
            "@",
            "?",
            "#",
            "&",
            "=",
            "cc=",
            "nl",
            "NL",
            "dns=",
            "udp://",
            "https://",
            "tls=",
            "frag",
            "ech=prefer",
            "system",
            "[",
            "]",
            "[::1]",
            "::",
            "127.0.0.1",
            "1080",
            "host",
            "Host.Example",
            "пример.рф",
            "%",
            "%20",
            "%41",
            "%FF",
            "%zz",
            "***",
            ".",
            "..",
            " ",
            "\u{200b}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}
