//! Each action of the censor, as a naive client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod naive;

use std::io::ErrorKind;
use std::time::Duration;

use byway::net::Net;
use byway_lab::{Lab, Page};
use naive::{get, get_in_the_clear, get_through};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

/// A lab with the group in it, on HTTPS and HTTP.
fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab
}

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn without_a_rule_the_page_comes() {
    let lab = lab();
    let answer = get(&lab, "vk.com", "/").await.unwrap();
    assert!(answer.ends_with("the group"), "{answer}");
    assert_eq!(lab.log().requests(), ["GET https://vk.com/"]);
}

#[tokio::test(start_paused = true)]
async fn a_connect_takes_one_round_trip_and_a_lookup_another() {
    let lab = lab();
    let began = Instant::now();
    naive::connect(&lab, "vk.com", 443).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_reset_on_sni_is_errno_104_and_reaches_both_ends() {
    let lab = lab();
    lab.censor().when_sni("vk.com").reset();
    let error = get(&lab, "vk.com", "/").await.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(104), "{error}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let log = lab.log().to_string();
    assert!(log.contains("sni=vk.com reset"), "{log}");
    assert!(log.contains("sees a TLS handshake fail"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn a_proxy_abroad_gets_through_and_resolves_for_itself() {
    let lab = lab();
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7");
    lab.censor().when_sni("vk.com").reset();
    lab.censor().when_address("203.0.113.10").swallow();
    lab.system_resolver().nxdomain("vk.com");
    let answer = get_through(&lab, proxy.socket(), None, "vk.com", "/").await.unwrap();
    assert!(answer.ends_with("the group"));
    assert!(lab.packets().lookups().is_empty());
    assert_eq!(lab.packets().first_packet_to("203.0.113.10"), None);
    assert_eq!(lab.log().tunnels(), [("vk.com:443".to_owned(), None)]);
}

#[tokio::test(start_paused = true)]
async fn a_box_that_looks_into_tunnels_sees_the_inner_name() {
    let lab = lab();
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7");
    lab.censor().when_sni("vk.com").inside_proxies().reset();
    let error = get_through(&lab, proxy.socket(), None, "vk.com", "/").await.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(104));
}

#[tokio::test(start_paused = true)]
async fn a_proxy_behind_the_same_censor_does_not_help() {
    let lab = lab();
    let proxy = lab.socks5("proxy.ru").at("198.51.100.8").behind_censor();
    lab.censor().when_sni("vk.com").reset();
    get_through(&lab, proxy.socket(), None, "vk.com", "/").await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_close_on_sni_is_an_end_of_file() {
    let lab = lab();
    lab.censor().when_sni("vk.com").close();
    assert_eq!(get(&lab, "vk.com", "/").await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn a_swallowed_hello_and_a_swallowed_syn_are_silence() {
    let lab = lab();
    let rule = lab.censor().when_sni("vk.com").swallow();
    timeout(LONG, get(&lab, "vk.com", "/")).await.unwrap_err();
    rule.lift();
    get(&lab, "vk.com", "/").await.unwrap();
    lab.censor().when_address("203.0.113.0/24").swallow();
    assert!(timeout(LONG, naive::connect(&lab, "vk.com", 443)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn refused_and_unreachable_carry_their_errno() {
    let lab = lab();
    let refuse = lab.censor().when_address("203.0.113.10").port(443).refuse();
    assert_eq!(get(&lab, "vk.com", "/").await.unwrap_err().raw_os_error(), Some(111));
    refuse.lift();
    lab.censor().when_address("203.0.113.10").unreachable();
    assert_eq!(get(&lab, "vk.com", "/").await.unwrap_err().raw_os_error(), Some(113));

    lab.host("down.example").at("203.0.113.20").refuses();
    let began = Instant::now();
    let error = lab.client().connect("203.0.113.20:443".parse().unwrap()).await.map(drop).unwrap_err();
    assert_eq!((error.raw_os_error(), began.elapsed()), (Some(111), Duration::from_millis(50)));
}

#[tokio::test(start_paused = true)]
async fn residual_blocking_swallows_the_next_syns_for_a_while() {
    let lab = lab();
    let rule = lab.censor().when_sni("vk.com").residual(Duration::from_secs(60)).reset();
    get(&lab, "vk.com", "/").await.unwrap_err();
    rule.lift();
    timeout(Duration::from_secs(30), get(&lab, "vk.com", "/")).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(31)).await;
    get(&lab, "vk.com", "/").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_a_first_segment_box_misses_a_name_in_the_second_segment() {
    for (whole, gets_through) in [(false, true), (true, false)] {
        let lab = lab();
        let rule = lab.censor().when_sni("vk.com");
        if whole {
            rule.reset()
        } else {
            rule.first_segment_only().reset()
        };
        let stream = naive::connect(&lab, "vk.com", 443).await.unwrap();
        let cut = Box::new(byway_lab_cut::Cut::new(stream, 40));
        let answer = naive::secure(&lab, "vk.com", cut).await;
        assert_eq!(answer.is_ok(), gets_through, "{whole}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cleartext_request_is_seen_by_host_path_and_any_string() {
    for word in ["host", "path", "text"] {
        let lab = lab();
        let _ = match word {
            "host" => lab.censor().when_host("vk.com").reset(),
            "path" => lab.censor().when_path("/").reset(),
            _ => lab.censor().when_cleartext("host: vk").reset(),
        };
        assert_eq!(get_in_the_clear(&lab, "vk.com", "/").await.unwrap_err().raw_os_error(), Some(104), "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_page_is_injected_before_the_server_sees_the_request() {
    let lab = lab();
    lab.censor().when_host("vk.com").block_page(Page::new("Доступ ограничен").status(403));
    let answer = get_in_the_clear(&lab, "vk.com", "/").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403") && answer.ends_with("Доступ ограничен"), "{answer}");
    assert!(lab.log().requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_451_names_who_blocks() {
    let lab = lab();
    lab.censor().when_host("vk.com").legal_451("https://isp.example/", "by order");
    let answer = get_in_the_clear(&lab, "vk.com", "/").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 451"));
    assert!(answer.contains("link: <https://isp.example/>; rel=\"blocked-by\""), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_forged_certificate_fails_before_any_request_is_sent() {
    let lab = lab();
    lab.censor().when_sni("vk.com").forge_certificate();
    let error = get(&lab, "vk.com", "/").await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(lab.log().requests().is_empty(), "no request was sent on it");
    lab.host("other.example").https().page("/", "fine");
    assert!(get(&lab, "other.example", "/").await.unwrap().ends_with("fine"));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_lets_so_much_through_and_then_nothing() {
    let lab = lab();
    lab.host("vk.com").page("/long", vec![b'x'; 100_000]);
    lab.censor().when_address("203.0.113.10").freeze_after_bytes(16 * 1024);
    let stream = naive::connect(&lab, "vk.com", 443).await.unwrap();
    let mut stream = naive::secure(&lab, "vk.com", stream).await.unwrap();
    stream.write_all(b"GET /long HTTP/1.1\r\nhost: vk.com\r\n\r\n").await.unwrap();
    let mut got = Vec::new();
    timeout(LONG, stream.read_to_end(&mut got)).await.unwrap_err();
    assert!((1..16 * 1024).contains(&got.len()), "{}", got.len());

    let lab = self::lab();
    lab.host("vk.com").page("/long", vec![b'x'; 100_000]);
    lab.censor().when_host("vk.com").freeze_after_packets(3);
    let mut stream = naive::connect(&lab, "vk.com", 80).await.unwrap();
    stream.write_all(b"GET /long HTTP/1.1\r\nhost: vk.com\r\n\r\n").await.unwrap();
    let mut got = Vec::new();
    timeout(LONG, stream.read_to_end(&mut got)).await.unwrap_err();
    assert!((1..=3 * 1460).contains(&got.len()), "{}", got.len());
}

#[tokio::test(start_paused = true)]
async fn a_delay_stretches_the_handshake_and_a_rate_the_body() {
    let lab = lab();
    lab.censor().when_sni("vk.com").delay(Duration::from_secs(5));
    let began = Instant::now();
    get(&lab, "vk.com", "/").await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(5));

    let lab = self::lab();
    lab.host("vk.com").page("/long", vec![b'x'; 28_000]);
    lab.censor().when_sni("vk.com").rate(14_000);
    let began = Instant::now();
    get(&lab, "vk.com", "/long").await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(1900), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn rules_can_spare_first_flows_and_pass_only_a_whitelist() {
    let lab = lab();
    lab.censor().when_sni("vk.com").after(2).swallow();
    for _ in 0..2 {
        get(&lab, "vk.com", "/").await.unwrap();
    }
    timeout(LONG, get(&lab, "vk.com", "/")).await.unwrap_err();

    let lab = self::lab();
    lab.host("allowed.example").at("203.0.113.50").https().page("/", "news");
    lab.censor().when_not_address(&["203.0.113.50", "192.0.2.53"]).swallow();
    get(&lab, "allowed.example", "/").await.unwrap();
    timeout(LONG, get(&lab, "vk.com", "/")).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_portal_redirects_http_and_refuses_the_rest() {
    let lab = lab();
    lab.client().captive_portal();
    let answer = get_in_the_clear(&lab, "vk.com", "/").await.unwrap();
    assert!(answer.contains("location: http://192.168.1.1/login"), "{answer}");
    assert_eq!(get(&lab, "vk.com", "/").await.unwrap_err().raw_os_error(), Some(111));
    lab.client().online();
    get(&lab, "vk.com", "/").await.unwrap();
    lab.client().offline();
    let error = lab.client().connect("203.0.113.10:443".parse().unwrap()).await.map(drop).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(101));
}

#[tokio::test(start_paused = true)]
async fn the_same_scenario_gives_the_same_log() {
    async fn run() -> String {
        let lab = lab();
        let proxy = lab.socks5("proxy.nl").at("198.51.100.7").password("u", "p");
        lab.host("vk.com").page("/long", vec![b'x'; 300_000]);
        lab.censor().when_sni("vk.com").reset();
        let through = get_through(&lab, proxy.socket(), Some(("u", "p")), "vk.com", "/long");
        let (direct, through) = tokio::join!(get(&lab, "vk.com", "/"), through);
        assert!(direct.is_err() && through.is_ok());
        lab.log().to_string()
    }
    let first = run().await;
    for _ in 0..5 {
        assert_eq!(first, run().await);
    }
}

/// A stream that cuts the first write in two, like a shaped ClientHello.
mod byway_lab_cut {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use byway::net::BoxStream;
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    pub(crate) struct Cut {
        stream: BoxStream,
        first: Option<usize>,
    }

    impl Cut {
        pub(crate) fn new(stream: BoxStream, at: usize) -> Self {
            Self { stream, first: Some(at) }
        }
    }

    impl AsyncRead for Cut {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.stream).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Cut {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
            let length = self.first.take().unwrap_or(data.len()).min(data.len());
            Pin::new(&mut self.stream).poll_write(cx, &data[..length])
        }
        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.stream).poll_flush(cx)
        }
        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.stream).poll_shutdown(cx)
        }
    }
}
