#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::{any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as Generator;

use super::limits::MAX_LINE;
use super::*;
use crate::transport::strategy_tests::{almost_a_strategy, any_strategy};
use crate::transport::{DestinationError, StrategyError};

/// The result of one line.
fn read(line: &str) -> Result<Option<String>, ImportError> {
    let lines = import_strategies(line);
    let [line] = lines.as_slice() else { panic!("{} lines", lines.len()) };
    match &line.outcome {
        Imported::Strategy(strategy) => Ok(Some(strategy.to_string())),
        Imported::Ignored => Ok(None),
        Imported::Wrong { error, .. } => Err(error.clone()),
        Imported::Duplicate { .. } => panic!("one line"),
    }
}

#[test]
fn a_proxy_is_understood_as_people_write_it() {
    let cases = [
        ("direct", "direct:"),
        ("Tor: 127.0.0.1:9050", "tor+socks5://127.0.0.1:9050"),
        ("direct:?dns=udp://9.9.9.9", "direct:?dns=udp://9.9.9.9"),
        ("socks5://h", "socks5://h:1080"),
        ("http://me:pw@proxy.example", "http://me:pw@proxy.example:80"),
        ("https://proxy.example:8443/", "https://proxy.example:8443"),
        ("socks5://h:1081:me:pw", "socks5://me:pw@h:1081"),
        ("192.0.2.1:1080", "socks5://192.0.2.1:1080"),
        ("192.0.2.1:1080:me:p:w@", "socks5://me:p%3Aw%40@192.0.2.1:1080"),
        ("[2001:db8::1]:1080:me:pw", "socks5://me:pw@[2001:db8::1]:1080"),
        ("192.0.2.1:1080:me:", "socks5://me@192.0.2.1:1080"),
        ("me:p@w@proxy.example:1080", "socks5://me:p%40w@proxy.example:1080"),
        ("me:100%@proxy.example:1080", "socks5://me:100%25@proxy.example:1080"),
        ("127.0.0.1:9050", "tor+socks5://127.0.0.1:9050"),
        ("localhost:9150", "tor+socks5://localhost:9150"),
        ("[::1]:9050", "tor+socks5://[::1]:9050"),
        ("socks5 192.0.2.1 4444", "socks5://192.0.2.1:4444"),
        ("SOCKS5 proxy 4444 me pw", "socks5://me:pw@proxy:4444"),
        ("socks5: 192.0.2.1:4444 me pw", "socks5://me:pw@192.0.2.1:4444"),
        ("http 192.0.2.1:3128:me:pw", "http://me:pw@192.0.2.1:3128"),
        ("192.0.2.1 4444 SOCKS5", "socks5://192.0.2.1:4444"),
        ("tor 127.0.0.1 9999", "tor+socks5://127.0.0.1:9999"),
        ("192.0.2.1 1080 me pw", "socks5://me:pw@192.0.2.1:1080"),
        ("Proxy: 192.0.2.1:1080", "socks5://192.0.2.1:1080"),
        ("tg://socks?server=proxy.example&port=4444", "socks5://proxy.example:4444"),
        (
            "https://t.me/socks?server=2001:db8::1&port=1&user=me&pass=p%26w%2B+",
            "socks5://me:p%26w%2B%2B@[2001:db8::1]:1",
        ),
        ("HTTPS://T.me/Socks?Server=h&amp;Port=2&amp;user=&amp;pass=", "socks5://h:2"),
        ("t.me/socks?port=3&server=h", "socks5://h:3"),
        ("tg://socks?server=h&port=5&user=me&pass=pw!.", "socks5://me:pw%21.@h:5"),
        ("socks5://h:6:me:pw!", "socks5://me:pw%21@h:6"),
        ("[Proxy 1](https://t.me/socks?server=h&port=7)", "socks5://h:7"),
        ("Proxy 1 (https://t.me/socks?server=h&port=8)", "socks5://h:8"),
        ("tg:socks?server=h&port=4", "socks5://h:4"),
        ("ss://YWVzLTEyOC1nY206dGVzdA@h:8388#NL 1", "ss://aes-128-gcm:test@h:8388#NL%201"),
        ("ss://YWVzLTI1Ni1nY206Pz8/QGg6MQ==", "ss://aes-256-gcm:%3F%3F%3F@h:1"),
        ("ss://h:8388:aes-256-gcm:p/w", "ss://aes-256-gcm:p%2Fw@h:8388"),
        ("ss 192.0.2.1 8388 aes-256-gcm pw", "ss://aes-256-gcm:pw@192.0.2.1:8388"),
        ("Shadowsocks: 192.0.2.1:8388:aes-256-gcm:pw", "ss://aes-256-gcm:pw@192.0.2.1:8388"),
    ];
    for (line, strategy) in cases {
        assert_eq!(read(line), Ok(Some(strategy.to_owned())), "{line}");
    }
}

#[test]
fn what_stands_around_a_strategy_is_no_part_of_it() {
    let cases = [
        "socks5://h:4444",
        "  socks5://h:4444\t",
        "- socks5://h:4444",
        "* socks5://h:4444",
        "• socks5://h:4444",
        "1. socks5://h:4444",
        "12) socks5://h:4444,",
        "(3) socks5://h:4444;",
        "[4] socks5://h:4444",
        "1\u{fe0f}\u{20e3} socks5://h:4444",
        "🇳🇱 socks5://h:4444",
        "✅socks5://h:4444 ✅",
        "> socks5://h:4444",
        "\"socks5://h:4444\",",
        "'socks5://h:4444'",
        "`socks5://h:4444`",
        "```socks5://h:4444```",
        "<socks5://h:4444>",
        "«socks5://h:4444»",
        "“socks5://h:4444”",
        "(socks5://h:4444)",
        "**socks5://h:4444**",
        "- 1. \"<socks5://h:4444>\",",
        "Proxy 1: socks5://h:4444",
        "NL — socks5://h:4444!",
        "my proxy: `socks5://h:4444`.",
        "\u{feff}socks5://h:4444",
        "socks5://\u{200b}h:44\u{2060}44\u{200f}",
        "\u{a0}socks5\u{a0}h\u{a0}4444",
        "socks5://h:4444\r",
    ];
    for line in cases {
        assert_eq!(read(line), Ok(Some("socks5://h:4444".to_owned())), "{line}");
    }
    assert_eq!(read("2) socks5://h:4444#my own proxy;"), Ok(Some("socks5://h:4444#my%20own%20proxy".to_owned())));
    for line in ["", "   ", "\u{feff}", "# socks5://h:4444", "// a comment", "----------", "```", "👇👇👇", "• • •"]
    {
        assert_eq!(import_strategies(&format!("{line}\n"))[0].outcome, Imported::Ignored, "{line}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    use ImportError as E;
    let cases = [
        ("here are the proxies", E::NotUnderstood),
        ("proxy.example", E::NotUnderstood),
        ("12:30", E::NotUnderstood),
        ("Server: 192.0.2.1", E::NotUnderstood),
        ("http proxies here", E::NotUnderstood),
        ("192.0.2.1:1080:me", E::NotUnderstood),
        ("socks5 h 1080 me", E::NotUnderstood),
        ("192.0.2.1:8080", E::NoKind),
        ("HOST:90", E::NoKind),
        ("router:1080", E::NoKind),
        ("tor", StrategyError::TorWithoutAddress.into()),
        ("proxy.example:9050", E::NoKind),
        ("me:pw@proxy.example:3128", E::NoKind),
        ("192.0.2.1:0", StrategyError::Server(DestinationError::Port).into()),
        ("192.0.2.300:1080", StrategyError::Server(DestinationError::Host).into()),
        ("socks5://h:4444 me pw", E::OtherText),
        ("secret socks5://h:4444", E::OtherText),
        ("me:pw@ socks5://h:4444", E::OtherText),
        ("socks5://h:1 socks5://h:2", E::Several),
        ("https://example.org", E::WebPage),
        ("https://example.org/news?id=1#top", E::WebPage),
        ("see: http://example.org:8080/page", E::WebPage),
        ("tg://proxy?server=h&port=443&secret=dd00", E::TelegramOnly),
        ("https://t.me/proxy?server=h&port=443&secret=dd00", E::TelegramOnly),
        ("tg://socks?port=443", E::TelegramField { field: "server" }),
        ("tg://socks?server=h", E::TelegramField { field: "port" }),
        ("tg://socks?server=h&server=g&port=1", E::TelegramField { field: "server" }),
        ("tg://socks?server=h&port=1&pass=x", StrategyError::LoginEmpty.into()),
        ("socks4 192.0.2.1 1080", StrategyError::NotSpoken { scheme: "socks4".into() }.into()),
        ("ss://YWVz@h:1#name", StrategyError::ShadowsocksForm.into()),
        ("vless://YWVz@h:1#name", StrategyError::NotSpoken { scheme: "vless".into() }.into()),
        ("socks5://h:1?cc=zz", StrategyError::Country.into()),
        ("me:pw@127.0.0.1:9050", StrategyError::LoginNotTaken.into()),
    ];
    for (line, error) in cases {
        assert_eq!(read(line), Err(error), "{line}");
    }
}

#[test]
fn a_wrong_line_is_shown_without_what_may_be_a_login() {
    let cases = [
        ("socks5://me:PW@h:1?tls=no", "socks5://***@h:1?***"),
        ("socks5://me:P/W@h:1", "socks5://***@h:1"),
        ("socks5://h:PW", "socks5://h:***"),
        ("ss://YWVz@h:1#name", "ss://***@h:1#***"),
        ("ss://YWVzUFdQVw#name", "ss://***"),
        ("ss 192.0.2.1 8388 aes-256-cfb PW", "ss 192.0.2.1 8388 ***"),
        ("https://example.org/news", "https://example.org/***"),
        ("tg://socks?server=h&pass=PW", "tg://***"),
        ("192.0.2.1:8080:me:PW", "192.0.2.1:8080:***"),
        ("me:PW@192.0.2.1:8080", "***@192.0.2.1:8080"),
        ("me.and.you:PW", "me.and.you:***"),
        ("socks5 192.0.2.1 1080 me PW and more", "socks5 192.0.2.1 1080 ***"),
        ("Password: PW", "Password: ***"),
        ("PW", "***"),
        ("• the password is PW", "***"),
    ];
    for (line, text) in cases {
        let Imported::Wrong { shown, .. } = &import_strategies(line)[0].outcome else { panic!("{line}") };
        assert_eq!(shown, text, "{line}");
    }
}

#[cfg(feature = "tor")]
#[test]
fn bridge_lines_of_tor_are_read() {
    const F: &str = "0123456789ABCDEF0123456789ABCDEF01234567";
    for (line, bridge) in [
        (
            format!("obfs4 192.0.2.3:443 {F} cert=a/b+c iat-mode=0"),
            format!("obfs4%20192.0.2.3:443%20{F}%20cert=a/b+c%20iat-mode=0"),
        ),
        (format!("1. `Bridge obfs4 192.0.2.3:443 {F} cert=x`"), format!("obfs4%20192.0.2.3:443%20{F}%20cert=x")),
        (format!("192.0.2.3:9001 {}", F.to_lowercase()), format!("192.0.2.3:9001%20{F}")),
        (
            format!("webtunnel [2001:db8::1]:443 {F} url=https://site.example/x@y ver=0.0.1"),
            format!("webtunnel%20[2001:db8::1]:443%20{F}%20url=https://site.example/x%40y%20ver=0.0.1"),
        ),
    ] {
        assert_eq!(read(&line), Ok(Some(format!("tor:?bridge={bridge}"))), "{line}");
    }
    let wrong = |error: StrategyError| Err(ImportError::Strategy(error));
    assert_eq!(read("obfs4 bridge.example:443 cert=x"), wrong(StrategyError::BridgeForm));
    assert_eq!(read("Bridge 192.0.2.3:443 0123"), wrong(StrategyError::BridgeForm));
    assert_eq!(read(&format!("192.0.2.3:443 {F} cert=x")), wrong(StrategyError::BridgeParameters));
    let lines = import_strategies(&format!("obfs4 192.0.2.3:443 {F} cert\nBridge 192.0.2.3:443 {F} cert=x"));
    let shown = lines.iter().map(|line| match &line.outcome {
        Imported::Wrong { shown, .. } => shown.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(shown.collect::<Vec<_>>(), ["obfs4 ***", "***"], "the address of a bridge is no one else's");
}

#[test]
fn a_broken_bridge_line_does_not_show_its_bridge() {
    const F: &str = "0123456789ABCDEF0123456789ABCDEF01234567";
    for line in [
        format!("192.0.2.3:443 {}", &F[1..]),
        format!("192.0.2.3:443 {F}0"),
        format!("192.0.2.3 443 {F}"),
        format!("Bridge: 192.0.2.3:443 {}", &F[1..]),
        "Bridge: 192.0.2.3:443 0123".to_owned(),
        format!("my bridge: 192.0.2.3:443 {F}"),
        format!("bridge:192.0.2.3:443 {F}"),
    ] {
        match &import_strategies(&line)[0].outcome {
            Imported::Wrong { shown, .. } => assert!(!shown.contains("192"), "{shown}"),
            other => assert!(!format!("{other:?}").contains("192"), "{line}"),
        }
    }
}

#[cfg(not(feature = "tor"))]
#[test]
fn bridge_lines_need_a_tor_of_ones_own() {
    let line = format!("obfs4 192.0.2.3:443 {} cert=x", "0123456789ABCDEF0123456789ABCDEF01234567");
    assert_eq!(read(&line), Err(ImportError::Strategy(StrategyError::TorNotBuiltIn)));
}

#[test]
fn lines_are_counted_from_one_and_a_duplicate_names_the_first() {
    let text = "\u{feff}Proxies:\r\n\r\nsocks5://h:1#a\r\nsocks5://g:1\r\nsocks5://H.:1?cc=nl\r\n";
    let lines = import_strategies(text);
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(matches!(lines[0].outcome, Imported::Wrong { error: ImportError::NotUnderstood, .. }));
    assert!(matches!(lines[1].outcome, Imported::Ignored));
    assert!(matches!(lines[3].outcome, Imported::Strategy(_)));
    assert!(matches!(lines[4].outcome, Imported::Duplicate { first: 3, .. }));
    assert!(!format!("{lines:?}").contains("//h"), "{lines:?}");
}

#[test]
fn ways_that_differ_in_what_is_sent_are_no_duplicates() {
    let ways = [
        "direct:",
        "direct:?dns=udp://9.9.9.9",
        "direct:?tls=frag",
        "direct:?tls=records",
        "direct:?tls=segments",
        "direct:?tls=frag&tls-delay=20",
        "direct:?tls=frag&tls-delay=30",
        "direct:?dns=https://9.9.9.9/dns-query",
        "direct:?dns=https://9.9.9.9/dns-query&ech=prefer",
        "direct:?dns=https://9.9.9.9/dns-query&ech=require",
        "direct:?dns=https://9.9.9.9/dns-query&ech=prefer&tls=frag",
        "socks5://h:1",
        "socks5://h:1?tls=frag",
        "socks5://me:s3cret@h:1",
        "tor+socks5://h:1?tls=segments",
    ];
    for line in import_strategies(&ways.join("\n")) {
        assert!(matches!(line.outcome, Imported::Strategy(_)), "{}", ways[line.number - 1]);
    }
    let again: String = ways.iter().map(|way| format!("{way}#again\n")).collect();
    for line in import_strategies(&(ways.join("\n") + "\n" + &again)).split_off(ways.len()) {
        let Imported::Duplicate { first, .. } = line.outcome else { panic!("{}", line.number) };
        assert_eq!(first, line.number - ways.len());
    }
}

#[test]
fn more_than_is_read_is_said() {
    let last = |text: &str| import_strategies(text).pop().map(|line| (line.number, line.outcome)).unwrap();
    let wrong = |error| Imported::Wrong { shown: String::new(), error };
    assert_eq!(import_strategies(&"\n".repeat(MAX_IMPORT_LINES)).len(), MAX_IMPORT_LINES);
    assert_eq!(last(&"\n".repeat(MAX_IMPORT_LINES + 1)), (1001, wrong(ImportError::TooManyLines)));

    let line = "я".repeat(500) + "\n";
    let text = line.repeat(MAX_IMPORT_BYTES / line.len() + 1);
    let read = MAX_IMPORT_BYTES / line.len();
    assert_eq!(last(&text), (read + 1, wrong(ImportError::TooManyBytes)));
    assert_eq!(last(&"я".repeat(MAX_IMPORT_BYTES)), (2, wrong(ImportError::TooManyBytes)));

    let long = format!("socks5://me:SECRET@h:1#{}", " ".repeat(MAX_LINE));
    let wrong = Imported::Wrong { shown: "***".into(), error: StrategyError::TooLong.into() };
    assert_eq!(import_strategies(&long)[0].outcome, wrong);
}

#[test]
fn a_base64_subscription_is_read_as_its_list_and_never_quoted() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let list = "# mine\nss://aes-256-gcm:PW%3F@h.example:8388#\u{1f1f3}\u{1f1f1}\nss://aes-256-cfb:SECRET@g:1\r\nvless://SECRET@h:1\nsocks5://me:PW@h:1\n";
    let packed = STANDARD.encode(list);
    let wrapped: Vec<&str> = packed.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let forms =
        [packed.clone(), wrapped.join("\r\n") + "\n", URL_SAFE_NO_PAD.encode(list), format!("\u{feff} {packed} ")];
    for text in forms {
        let lines = import_strategies(&text);
        assert_eq!(lines, import_strategies(list), "{text}");
        assert_eq!(lines.len(), 5);
        assert!(matches!(lines[1].outcome, Imported::Strategy(_)));
        let told = format!("{lines:?}");
        for line in &lines {
            let Imported::Wrong { shown, error } = &line.outcome else { continue };
            let said = format!("{shown} {error} {error:?} {told}");
            assert!(!said.contains("SECRET") && !said.contains(&text[..12]), "{said}");
        }
    }
    // It opens one level, and nothing else that is Base64.
    for text in [STANDARD.encode(&packed), STANDARD.encode("no list at all, and a SECRET"), STANDARD.encode([0xfe; 40])]
    {
        let [line] = &import_strategies(&text)[..] else { panic!("{text}") };
        assert_eq!(line.outcome, Imported::Wrong { shown: "***".into(), error: ImportError::NotUnderstood });
    }
    // The limits are the same as for plain text.
    let many = STANDARD.encode("direct:\n".repeat(MAX_IMPORT_LINES + 1));
    assert_eq!(import_strategies(&many).len(), MAX_IMPORT_LINES + 1);
    let too_much = STANDARD.encode("direct:\n".repeat(MAX_IMPORT_BYTES / 8));
    assert_eq!(import_strategies(&too_much).len(), 2, "it is not opened, and there is more than is read");
}

/// Text as it is pasted, whole lines and broken ones.
fn pasted() -> impl Generator<Value = String> {
    let around = proptest::sample::select(vec![
        "",
        " ",
        "- ",
        "1. ",
        "(2) ",
        "[3] ",
        "\"",
        "'",
        "`",
        "<",
        ">",
        ",",
        ";",
        "\u{feff}",
        "\u{200b}",
        "\u{a0}",
        "•",
        "🇳🇱 ",
        "# ",
        "Proxy: ",
        "socks5 ",
        "http ",
        "tor ",
        " 1080 ",
        ":1080",
        ":me:pw",
        "me:pw@",
        "192.0.2.1",
        "[::1]",
        "tg://socks?server=h&port=1",
        "https://t.me/socks?",
        "tg://proxy?",
        "server=",
        "&port=1",
        "&pass=%zz",
        "\r",
        "***",
    ]);
    let part = prop_oneof![
        3 => around.prop_map(str::to_owned),
        2 => almost_a_strategy(),
        1 => any_strategy().prop_map(|strategy| strategy.to_string()),
        1 => "\\PC{0,8}",
        1 => any::<char>().prop_map(String::from),
        1 => proptest::strategy::Just("\n".to_owned()),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_strategy_is_understood_among_other_lines(strategy in any_strategy(), bullet in "(- |[1-9]\\. |`|\"|)") {
        let close = if bullet.len() == 1 { bullet.as_str() } else { "" };
        let lines = import_strategies(&format!("# list\r\n{bullet}{strategy}{close}\r\n\r\n"));
        prop_assert_eq!(lines.len(), 3);
        match &lines[1].outcome {
            Imported::Strategy(read) => prop_assert_eq!(read, &strategy, "{}", strategy),
            other => prop_assert!(false, "{}: {:?}", strategy, other),
        }
    }

    #[test]
    fn pasted_text_never_panics_and_what_is_read_can_be_read_again(text in pasted()) {
        let lines = import_strategies(&text);
        prop_assert_eq!(lines.len(), text.lines().count());
        for (line, number) in lines.iter().zip(1..) {
            prop_assert_eq!(line.number, number);
            if let Imported::Strategy(strategy) | Imported::Duplicate { strategy, .. } = &line.outcome {
                let again = import_strategies(&strategy.to_string());
                let outcome = Imported::Strategy(strategy.clone());
                // A proxy's address differs from a web page's by the port, which is always printed.
                prop_assert_eq!(&again[0].outcome, &outcome);
            }
        }
    }

    #[test]
    fn no_password_is_shown(password in "[G-Z]{8}", before in pasted(), after in almost_a_strategy(), form in 0usize..10) {
        let line = match form {
            0 => format!("socks5://me:{password}{after}@h:1"),
            1 => format!("{before} 192.0.2.1:1080:me:{password} {after}"),
            2 => format!("me:{password}@{after}"),
            3 => format!("{before}socks5 h.example 1080 me {password}{after}"),
            4 => format!("tg://socks?server=h&port=1&user=me&pass={password}{after}"),
            5 => format!("ss://{password}@{after}"),
            6 => format!("Password: {password}"),
            7 => format!("ss://aes-256-gcm:{password}{after}@h:1"),
            8 => format!("{before} ss h.example 8388 aes-256-gcm {password}{after}"),
            _ => format!("socks5://h.example:1:me:{password} {after}"),
        };
        for line in import_strategies(&line) {
            let shown = match &line.outcome {
                // The line decides where a login ends; a name and a host are shown.
                Imported::Strategy(_) | Imported::Duplicate { .. } | Imported::Ignored => continue,
                Imported::Wrong { shown, error } => format!("{shown} {error} {error:?}"),
            };
            prop_assert!(!shown.contains(&password), "{}", shown);
        }
    }
}

#[test]
fn links_of_other_clients_are_read() {
    let cases = [
        ("socks5h://user:pass@proxy.example:1080", "socks5://user:pass@proxy.example:1080"),
        ("socks://dXNlcjpwYXNz@proxy.example:1080#Name", "socks5://user:pass@proxy.example:1080#Name"),
        ("socks://dXNlcjpwQHNzOi8=@proxy.example:1080", "socks5://user:p%40ss%3A%2F@proxy.example:1080"),
        ("socks://Og==@proxy.example:1080", "socks5://proxy.example:1080"),
        ("socks://dXNlcjpwYXNzQHByb3h5LmV4YW1wbGU6MTA4MA==", "socks5://user:pass@proxy.example:1080"),
        ("SOCKS5://dXNlcjpwYXNz@[2001:db8::1]:1080", "socks5://user:pass@[2001:db8::1]:1080"),
        ("socks5://dXNlcjpwYXNz:word@proxy.example:1080", "socks5://dXNlcjpwYXNz:word@proxy.example:1080"),
        ("ss://YWVzLTI1Ni1nY206cGFzcw==@proxy.example:8388?type=tcp#A", "ss://aes-256-gcm:pass@proxy.example:8388#A"),
        (
            "ss://YWVzLTI1Ni1nY206cGFzcw@proxy.example:8388/?type=TCP&security=none&headerType=none&udp=1&tfo=0",
            "ss://aes-256-gcm:pass@proxy.example:8388",
        ),
    ];
    for (line, expected) in cases {
        let expected: Strategy = expected.parse().unwrap();
        assert_eq!(read(line).ok().flatten(), Some(expected.to_string()), "{line}");
    }
    for (line, named) in [
        ("ss://YWVzLTI1Ni1nY206cGFzcw==@proxy.example:8388?type=ws", "type"),
        ("ss://YWVzLTI1Ni1nY206cGFzcw==@proxy.example:8388?security=tls", "security"),
        ("ss://YWVzLTI1Ni1nY206cGFzcw==@proxy.example:8388?path=%2Fx", "path"),
        ("direct:?type=tcp", "type"),
    ] {
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains(named) && !error.contains("cGFzc"), "{error}");
    }
    assert!(read("socks://proxy.example:1080").is_err(), "it may mean SOCKS4");
}
