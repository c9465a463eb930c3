//! The rows: what a network or a host does, and the verdict and content expected in the virtual lab and with packets.

use std::time::{Duration, SystemTime};

use byway_lab::{Certificate, Fault, Lab, Page};

/// What the machines are, and what happens to packets.
pub(crate) struct Scene {
    /// The row of the scenarios' table, and the part of it.
    pub(crate) name: String,
    /// Machines, resolvers, proxies, the phone and the censor: one function for the virtual lab and for both halves of
    /// the real one.
    pub(crate) setup: Setup,
    /// What the router does by itself, as a shell script,
    pub(crate) router: &'static str,
    /// and what the virtual lab does instead.
    pub(crate) in_its_place: Setup,
    /// The time on the client's clock, in the form of faketime(1).
    pub(crate) clock: Option<&'static str>,
}

/// A function that sets a scene up.
type Setup = fn(&Lab);

impl Scene {
    /// A scene in which the router does nothing by itself, and the clock is right.
    pub(crate) fn new(name: &str, setup: Setup) -> Self {
        Self { name: name.to_owned(), setup, router: "", in_its_place: |_| {}, clock: None }
    }
}

/// What a user does in a scene, and the required result.
pub(crate) struct Row {
    pub(crate) scene: Scene,
    pub(crate) ways: &'static [&'static str],
    pub(crate) deed: Deed,
    pub(crate) told: Told,
    /// The different result in the virtual lab, if there is one, and why that is right.
    pub(crate) virtually: Option<(Told, &'static str)>,
}

/// What the user requests.
#[derive(Clone, Copy)]
pub(crate) enum Deed {
    /// Probes a page, then gets it.
    Page(&'static str),
    /// Opens a community.
    Community(&'static str),
    /// Opens a community with the first strategy alone, then with the second alone; the second result counts.
    Moving(&'static str),
}

/// The verdict's code and layer, the route that reached the content, and what the user then has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) code: String,
    pub(crate) layer: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) read: Option<String>,
}

impl Told {
    pub(crate) fn new(code: &str, layer: &str, by: Option<&str>, read: Option<&str>) -> Self {
        let owned = str::to_owned;
        let layer = (!layer.is_empty()).then(|| layer.to_owned());
        Self { code: code.to_owned(), layer, by: by.map(owned), read: read.map(owned) }
    }
}

impl Told {
    /// Whether it is what `expected` says.
    pub(crate) fn meets(&self, expected: &Self) -> bool {
        let anything = expected.read.as_deref() == Some(ANYTHING) && self.read.is_some();
        self == expected || anything && *self == Self { read: self.read.clone(), ..expected.clone() }
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, layer, by, read } = self;
        let read: String = read.as_deref().unwrap_or("nothing").chars().take(24).collect();
        write!(f, "{code} ({}), by {}: {read}", layer.as_deref().unwrap_or("-"), by.as_deref().unwrap_or("nothing"))
    }
}

pub(crate) const DIRECT: &str = "direct:?cc=ru";
pub(crate) const PROXY: &str = "socks5://198.51.100.7:1080?cc=nl";
const OTHER_RESOLVER: &str = "direct:?dns=udp://198.51.100.53";
const SYSTEM_AND_UDP: &[&str] = &["direct:?dns=system&dns=udp://198.51.100.53"];
const SYSTEM_AND_TLS: &[&str] = &["direct:?dns=system&dns=tls://dns.example@198.51.100.53"];
const SYSTEM_AND_HTTPS: &[&str] = &["direct:?dns=system&dns=https://dns.example@198.51.100.53/dns-query"];
const DOH_AND_PROXY: &[&str] = &[SYSTEM_AND_HTTPS[0], PROXY];
const HTTPS_ALONE: &str = "direct:?dns=https://dns.example@198.51.100.53/dns-query";
const SHAPED: &str = "direct:?tls=frag&cc=ru";
const HTTP_PROXY: &str = "http://198.51.100.9:3128";
const BOTH: &[&str] = &[DIRECT, PROXY];
const TWO_RESOLVERS: &[&str] = &[DIRECT, OTHER_RESOLVER];
const PROXY_FIRST: &[&str] = &[PROXY, DIRECT];
const URL: &str = "https://vk.com/";
const PLAIN_URL: &str = "http://vk.com/";
const GROUP: &str = "the group";
const NOTICE: &str = "Материал заблокирован на территории Российской Федерации на основании требования Генеральной \
    прокуратуры Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";
/// Any content.
const ANYTHING: &str = "*";
const BLOCKED: &str = "<title>Доступ ограничен</title>Доступ к запрашиваемому ресурсу ограничен по решению суда";

/// A notice of a provider that is not in any list.
const NOTICE_OF_NOBODY: &str =
    "<html><head><title>Sorry</title></head><body><h1>This site may not be shown here</h1></body></html>";

/// The group, a proxy in the Netherlands, a resolver abroad, and no fault yet.
pub(crate) fn group(lab: &Lab) {
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", GROUP).page("/long", "long ".repeat(20_000));
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.resolver("198.51.100.53").named("dns.example").tls().https();
}

/// A platform with a club, and the same proxy.
pub(crate) fn platform(lab: &Lab) {
    lab.vk().community("club").name("The club").post("hello");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
}

/// Rows in the order of the scenarios' table.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![row("nothing is wrong", group).says("reachable", "", DIRECT)];

    for (what, setup) in LIES {
        rows.push(row(what, *setup).ways(TWO_RESOLVERS).says("dns_tampered", "dns", OTHER_RESOLVER));
    }
    rows.push(
        row("N1 an answer is injected and the true one follows", |lab| {
            group(lab);
            lab.censor().when_query("vk.com").resolve_to("10.10.34.35");
        })
        .says("dns_tampered", "dns", PROXY),
    );

    rows.push(
        row("N1 an answer is injected, and the true one is waited for", |lab| {
            group(lab);
            lab.censor().when_query("vk.com").resolve_to("10.10.34.35");
        })
        .ways(&[OTHER_RESOLVER, PROXY])
        .says("dns_tampered", "dns", OTHER_RESOLVER),
    );
    for (what, way) in [("UDP", SYSTEM_AND_UDP), ("TLS", SYSTEM_AND_TLS), ("HTTPS", SYSTEM_AND_HTTPS)] {
        let name = format!("N1 a bogon, beside the truth over {what}");
        let setup: Setup = |lab| {
            group(lab);
            lab.system_resolver().answers("vk.com", "10.10.34.35");
        };
        rows.push(row(&name, setup).ways(way).says("dns_tampered", "dns", way[0]));
    }

    rows.push(
        row("N1 NXDOMAIN, and the search list knows an address", |lab| {
            group(lab);
            lab.system_resolver().nxdomain("vk.com");
            lab.host("vk.com.ads.isp").at("192.0.2.66").https().http().page("/", "did you mean");
        })
        .page(PLAIN_URL)
        .says("dns_tampered", "dns", PROXY),
    );

    for (what, setup) in CUT_ADDRESSES {
        rows.push(row(what, *setup).says("tcp_blocked", "tcp", PROXY));
        rows.push(row(&format!("{what}, no other vantage"), *setup).ways(&[DIRECT]).fails("unknown", "tcp"));
    }
    rows.push(
        row("N2 one of two addresses is refused", |lab| {
            group(lab);
            lab.host("vk.com").at("203.0.113.11");
            lab.censor().when_address("203.0.113.10").refuse();
        })
        .says("reachable", "", DIRECT),
    );
    rows.push(
        row("N2 IPv6 leads nowhere", |lab| {
            group(lab);
            lab.host("vk.com").at("2001:db8:3::10");
            let _ = lab.client().broken_ipv6();
        })
        .says("reachable", "", DIRECT),
    );
    rows.push(
        row("N2 IPv6 alone", |lab| {
            group(lab);
            lab.host("six.example").at("2001:db8:3::11").https().page("/", GROUP);
        })
        .page("https://six.example/")
        .says("reachable", "", DIRECT),
    );

    for (what, setup) in CUT_NAMES {
        rows.push(row(what, *setup).says("tls_interfered", "tls", PROXY));
    }
    for (what, setup) in CUT_IN_FIRST_RECORD {
        rows.push(row(what, *setup).ways(&[DIRECT, SHAPED, PROXY]).says("tls_interfered", "tls", SHAPED));
    }
    rows.push(
        row("N3 a name is put together from records and reset", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").reset();
        })
        .ways(&[DIRECT, SHAPED, PROXY])
        .says("tls_interfered", "tls", PROXY),
    );
    rows.push(
        row("N3 a Host in cleartext is reset", |lab| {
            group(lab);
            lab.censor().when_host("vk.com").reset();
        })
        .page(PLAIN_URL)
        .says("http_interfered", "http", PROXY),
    );
    rows.push(
        row("N3 a Host in cleartext is reset, after a redirect", |lab| {
            group(lab);
            lab.host("short.example").http().redirect("/g", PLAIN_URL);
            lab.censor().when_host("vk.com").reset();
        })
        .page("http://short.example/g")
        .says("http_interfered", "http", PROXY),
    );

    let forged: Setup = |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").forge_certificate();
    };
    rows.push(row("N4 a certificate is forged", forged).says("tls_mitm", "tls", PROXY));
    rows.push(row("N4 a certificate is forged, no other vantage", forged).ways(&[DIRECT]).fails("origin_fault", "tls"));

    for (what, setup) in PAGES {
        rows.push(row(what, *setup).page(PLAIN_URL).says("block_page", "http", PROXY));
    }
    for (what, setup) in UNKNOWN_PAGES {
        rows.push(row(what, *setup).page(PLAIN_URL).reads(NOTICE_OF_NOBODY, 1).says("unknown", "http", PROXY));
    }
    rows.push(
        row("N5 a page in cleartext with another language abroad", |lab| {
            group(lab);
            let _ = lab.host("vk.com").page_for("nl", "/", "de groep");
        })
        .page(PLAIN_URL)
        .says("reachable", "", DIRECT),
    );
    rows.push(
        row("N5 a 451 is injected", |lab| {
            group(lab);
            lab.censor().when_host("vk.com").legal_451("https://rkn.example/", "By order of the court");
        })
        .page(PLAIN_URL)
        .says("legal_451", "http", PROXY),
    );

    rows.push(
        row("N6 frozen after 16 KB", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").freeze_after_bytes(16 * 1024);
        })
        .page("https://vk.com/long")
        .says("frozen", "network", PROXY),
    );
    rows.push(
        row("N6 frozen after 25 packets", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").freeze_after_packets(25);
        })
        .page("https://vk.com/long")
        .says("frozen", "network", PROXY),
    );
    rows.push(
        row("N6 frozen after 25 packets, by nftables", group)
            .page("https://vk.com/long")
            .router(
                "sysctl -q -w net.netfilter.nf_conntrack_acct=1
                 nft add table inet frozen
                 nft add chain inet frozen forward '{ type filter hook forward priority filter; }'
                 nft add rule inet frozen forward ip saddr 203.0.113.10 ct reply packets gt 25 drop",
                |lab| drop(lab.censor().when_sni("vk.com").freeze_after_packets(25)),
            )
            .says("frozen", "network", PROXY),
    );

    rows.push(
        row("N9 QUIC is swallowed", group)
            .router(
                "nft add table inet quic
                 nft add chain inet quic forward '{ type filter hook forward priority filter; }'
                 nft add rule inet quic forward udp dport 443 drop",
                // Byway does not use QUIC, so there is nothing to swallow.
                |_| {},
            )
            .says("reachable", "", DIRECT),
    );
    rows.push(
        row("N10 the handshake takes 5 s", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").delay(Duration::from_secs(5));
        })
        .ways(&[DIRECT])
        .says("reachable", "", DIRECT),
    );
    rows.push(
        row("N10 14 kB a second", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").rate(14_000);
        })
        .page("https://vk.com/long")
        .says("throttled", "network", DIRECT),
    );
    rows.push(
        row("N10 14 kB a second, by a policer", group)
            .page("https://vk.com/long")
            .router(
                "nft add table inet policer
                 nft add chain inet policer forward '{ type filter hook forward priority filter; }'
                 nft add rule inet policer forward ip saddr 203.0.113.10 limit rate over 14 kbytes/second burst 6 kbytes drop",
                |lab| drop(lab.censor().when_sni("vk.com").rate(14_000)),
            )
            .says("throttled", "network", DIRECT),
    );
    rows.push(
        row("N11 a whitelist of addresses", |lab| {
            group(lab);
            lab.host("gosuslugi.example").at("203.0.113.200").https().page("/", "welcome");
            lab.censor().when_not_address(&["203.0.113.200", "192.0.2.53"]).swallow();
        })
        .fails("whitelist_only", "network"),
    );

    for (what, setup) in CUT_RESOLVERS {
        rows.push(row(what, *setup).ways(DOH_AND_PROXY).says("reachable", "", SYSTEM_AND_HTTPS[0]));
    }
    rows.push(
        row("N12 DoH is reset, and there is no other resolver", CUT_RESOLVERS[0].1).ways(&[HTTPS_ALONE, PROXY]).says(
            "dns_tampered",
            "dns",
            PROXY,
        ),
    );

    rows.push(
        row("N13 no network", |lab| {
            group(lab);
            let _ = lab.client().offline();
        })
        .fails("offline", "network"),
    );
    rows.push(
        row("N13 a captive portal", |lab| {
            group(lab);
            let _ = lab.client().captive_portal();
        })
        .page(PLAIN_URL)
        .fails("captive_portal", "network"),
    );
    rows.push(
        row("N13 a clock of long ago", |lab| {
            group(lab);
            let _ = lab.client().wall_clock(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400));
        })
        .clock("1970-01-02 00:00:00")
        .fails("origin_fault", "tls"),
    );
    rows.push(
        row("N14 one resolver's address is blocked, another's is not", |lab| {
            group(lab);
            lab.host("vk.com").at("203.0.113.10").at("203.0.113.12");
            lab.system_resolver().answers("vk.com", "203.0.113.10");
            lab.resolver("198.51.100.53").answers("vk.com", "203.0.113.12");
            lab.censor().when_address("203.0.113.10").swallow();
        })
        .ways(TWO_RESOLVERS)
        .says("dns_tampered", "dns", OTHER_RESOLVER),
    );
    rows.push(
        row("N14 the same, in one way", |lab| {
            group(lab);
            lab.host("vk.com").at("203.0.113.10").at("203.0.113.12");
            lab.system_resolver().answers("vk.com", "203.0.113.10");
            lab.resolver("198.51.100.53").answers("vk.com", "203.0.113.12");
            lab.censor().when_address("203.0.113.10").swallow();
        })
        .ways(SYSTEM_AND_UDP)
        .says("reachable", "", SYSTEM_AND_UDP[0]),
    );
    rows.push(
        row("N15 the handshake passes, and nothing after it", |lab| {
            group(lab);
            lab.censor().when_sni("vk.com").freeze_after_bytes(2_000);
        })
        .page("https://vk.com/long")
        .says("tls_interfered", "tls", PROXY),
    );

    rows.push(
        row("N17 a page is hidden in one country", |lab| {
            platform(lab);
            let _ = lab.vk().community("club").hidden_in("ru", NOTICE);
        })
        .page("https://vk.com/club")
        .read_anything()
        .says("platform_blocked", "platform", PROXY),
    );
    rows.push(
        row("N17 a page leads to blank.php in one country", |lab| {
            platform(lab);
            let _ = lab.vk().community("club").blanked_in("ru");
        })
        .page("https://vk.com/club")
        .read_anything()
        .says("platform_blocked", "platform", PROXY),
    );
    rows.push(
        row("N17 the API hides a community in one country", |lab| {
            platform(lab);
            let _ = lab.vk().community("club").hidden_in("ru", NOTICE);
        })
        .community("club", "The club, 1 post")
        .says("platform_blocked", "platform", PROXY),
    );
    rows.push(
        row("N18 the community was deleted", |lab| {
            platform(lab);
            let _ = lab.vk().community("club").deactivated("deleted");
        })
        // VK no longer states the name of a deleted community, and nothing of it is kept.
        .community("club", "club1000, 0 posts")
        .says("gone", "platform", DIRECT),
    );

    for (what, setup) in BROKEN_PROXIES {
        rows.push(row(what, *setup).ways(PROXY_FIRST).says("route_failed", "route", DIRECT));
    }
    rows.push(
        row("N19 an HTTP proxy wants a login", |lab| {
            group(lab);
            lab.http_proxy("proxy.de").at("198.51.100.9").password("u", "p");
        })
        .ways(&[HTTP_PROXY, DIRECT])
        .says("route_failed", "route", DIRECT),
    );
    rows.push(
        row("N19 an HTTP proxy gets its login", |lab| {
            group(lab);
            lab.http_proxy("proxy.de").at("198.51.100.9").password("u", "p");
            lab.censor().when_sni("vk.com").reset();
        })
        .ways(&[DIRECT, "http://u:p@198.51.100.9:3128"])
        .says("tls_interfered", "tls", "http://***@198.51.100.9:3128"),
    );

    let mut moved = row("N20 a token is bound to another address", |lab| {
        platform(lab);
        let _ = lab.vk().bind_token_to_address();
    })
    .community("club", "token_refused");
    moved.deed = Deed::Moving("club");
    rows.push(moved.says("reachable", "", PROXY));

    for (what, setup, code, layer) in ILL_SITES {
        rows.push(row(what, *setup).fails(code, layer));
    }
    rows
}

/// Pages instead of the host's that no fingerprint knows.
const UNKNOWN_PAGES: &[(&str, Setup)] = &[
    ("N5 a notice that no fingerprint knows", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(NOTICE_OF_NOBODY);
    }),
    ("N5 a notice that no fingerprint knows, with status 403", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(Page::new(NOTICE_OF_NOBODY).status(403));
    }),
];

const LIES: &[(&str, Setup)] = &[
    ("N1 NXDOMAIN", |lab| {
        group(lab);
        lab.system_resolver().nxdomain("vk.com");
    }),
    ("N1 SERVFAIL", |lab| {
        group(lab);
        lab.system_resolver().servfail("vk.com");
    }),
    ("N1 REFUSED", |lab| {
        group(lab);
        lab.system_resolver().refuses("vk.com");
    }),
    ("N1 no answer", |lab| {
        group(lab);
        lab.system_resolver().silent("vk.com");
    }),
    ("N1 a bogon", |lab| {
        group(lab);
        lab.system_resolver().answers("vk.com", "10.10.34.35");
    }),
    ("N1 loopback", |lab| {
        group(lab);
        lab.system_resolver().answers("vk.com", "127.0.0.1");
    }),
    ("N1 the address of a block page", |lab| {
        group(lab);
        lab.host("block.isp").at("192.0.2.66").https().http().page("/", "blocked");
        lab.system_resolver().answers("vk.com", "192.0.2.66");
    }),
    ("N1 an address without a host", |lab| {
        group(lab);
        lab.system_resolver().answers("vk.com", "192.0.2.67");
    }),
];

const CUT_ADDRESSES: &[(&str, Setup)] = &[
    ("N2 SYNs are dropped", |lab| {
        group(lab);
        lab.censor().when_address("203.0.113.10").swallow();
    }),
    ("N2 SYNs are refused", |lab| {
        group(lab);
        lab.censor().when_address("203.0.113.10").refuse();
    }),
    ("N2 SYNs meet an ICMP unreachable", |lab| {
        group(lab);
        lab.censor().when_address("203.0.113.10").unreachable();
    }),
];

const CUT_NAMES: &[(&str, Setup)] = &[
    ("N3 a name in TLS is reset", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").reset();
    }),
    ("N3 a name in TLS is closed", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").close();
    }),
    ("N3 a name in TLS is swallowed", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").swallow();
    }),
    ("N3 a name in TLS is reset, with residual blocking", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").residual(Duration::from_secs(60)).reset();
    }),
];

const CUT_RESOLVERS: &[(&str, Setup)] = &[
    ("N12 DoH is reset, beside another resolver", |lab| {
        group(lab);
        lab.censor().when_sni("dns.example").reset();
    }),
    ("N12 DoH is swallowed, beside another resolver", |lab| {
        group(lab);
        lab.censor().when_sni("dns.example").swallow();
    }),
    ("N12 the address of DoH is dropped, beside another resolver", |lab| {
        group(lab);
        lab.censor().when_address("198.51.100.53").swallow();
    }),
    ("N12 the certificate of DoH is forged, beside another resolver", |lab| {
        group(lab);
        lab.censor().when_sni("dns.example").forge_certificate();
    }),
];

const CUT_IN_FIRST_RECORD: &[(&str, Setup)] = &[
    ("N3 a name in the first TLS record is reset", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").first_record_only().reset();
    }),
    ("N3 a name in the first TLS record is swallowed", |lab| {
        group(lab);
        lab.censor().when_sni("vk.com").first_record_only().swallow();
    }),
];

const PAGES: &[(&str, Setup)] = &[
    ("N5 a block page with 200", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(BLOCKED);
    }),
    ("N5 a block page with 403", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(Page::new(BLOCKED).status(403));
    }),
    ("N5 a redirect to a provider's warning", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(Page::redirect("http://warning.rt.ru/?id=1"));
    }),
    ("N5 a redirect to a bogon", |lab| {
        group(lab);
        lab.censor().when_host("vk.com").block_page(Page::redirect("http://10.10.34.36/"));
    }),
];

const BROKEN_PROXIES: &[(&str, Setup)] = &[
    ("N19 our proxy is dead", |lab| {
        group(lab);
        lab.socks5("proxy.nl").dead();
    }),
    ("N19 our proxy is off", |lab| {
        group(lab);
        lab.socks5("proxy.nl").down();
    }),
    ("N19 our proxy wants another password", |lab| {
        group(lab);
        lab.socks5("proxy.nl").password("somebody", "else");
    }),
    ("N19 our proxy talks garbage", |lab| {
        group(lab);
        lab.socks5("proxy.nl").garbage();
    }),
    ("N19 our proxy refuses", |lab| {
        group(lab);
        lab.socks5("proxy.nl").replies(2);
    }),
    ("N19 our proxy hangs", |lab| {
        group(lab);
        lab.socks5("proxy.nl").hangs();
    }),
    ("N19 our proxy closes", |lab| {
        group(lab);
        lab.socks5("proxy.nl").fault(Fault::Close);
    }),
];

const ILL_SITES: &[(&str, Setup, &str, &str)] = &[
    (
        "N24 the site refuses",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").refuses();
        },
        "origin_down",
        "tcp",
    ),
    (
        "N24 the site is unreachable",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").unreachable();
        },
        "origin_down",
        "tcp",
    ),
    (
        "N24 the site's certificate expired",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").expired_certificate();
        },
        "origin_fault",
        "tls",
    ),
    (
        "N24 the site's certificate is another's",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").certificate(Certificate::ForName("x.example".into()));
        },
        "origin_fault",
        "tls",
    ),
    (
        "N24 the site redirects to itself",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").redirect("/", "/");
        },
        "origin_fault",
        "http",
    ),
    (
        "N24 the site redirects inward",
        |lab| {
            group(lab);
            let _ = lab.host("vk.com").redirect("/", "http://127.0.0.1/");
        },
        "origin_fault",
        "http",
    ),
];

fn row(name: &str, setup: Setup) -> Draft {
    Draft { scene: Scene::new(name, setup), ways: BOTH, deed: Deed::Page(URL), read: Some(GROUP.to_owned()) }
}

/// A row without its end.
struct Draft {
    scene: Scene,
    ways: &'static [&'static str],
    deed: Deed,
    read: Option<String>,
}

impl Draft {
    fn ways(mut self, ways: &'static [&'static str]) -> Self {
        self.ways = ways;
        self
    }

    fn page(mut self, url: &'static str) -> Self {
        self.deed = Deed::Page(url);
        if url.ends_with("/long") { self.reads("long ", 20_000) } else { self }
    }

    fn reads(mut self, text: &str, times: usize) -> Self {
        self.read = Some(text.repeat(times));
        self
    }

    /// The content is the platform's page: it is enough that there is one, and that it is the same on both sides.
    fn read_anything(mut self) -> Self {
        self.read = Some(ANYTHING.to_owned());
        self
    }

    fn community(mut self, name: &'static str, read: &str) -> Self {
        self.deed = Deed::Community(name);
        self.read = Some(read.to_owned());
        self
    }

    fn router(mut self, script: &'static str, in_its_place: Setup) -> Self {
        (self.scene.router, self.scene.in_its_place) = (script, in_its_place);
        self
    }

    fn clock(mut self, shows: &'static str) -> Self {
        self.scene.clock = Some(shows);
        self
    }

    fn says(self, code: &str, layer: &str, by: &str) -> Row {
        let told = Told { read: self.read, ..Told::new(code, layer, Some(by), None) };
        Row { scene: self.scene, ways: self.ways, deed: self.deed, told, virtually: None }
    }

    fn fails(self, code: &str, layer: &str) -> Row {
        Row {
            told: Told::new(code, layer, None, None),
            scene: self.scene,
            ways: self.ways,
            deed: self.deed,
            virtually: None,
        }
    }
}
