//! An answer inside TLS that proved the host's name is the host's own. Anyone may have caused the end of a TCP
//! connection.

use byway::internals::reach::{Outcome, VerdictCode};
use byway_lab::{Certificate, Lab, Script};

use crate::stack::probe;

const URL: &str = "https://site.example/";
const BOTH: &[&str] = &["direct:", "socks5://198.51.100.7:1080?cc=nl"];

/// A site with two machines: the one for this network plays the script, the other serves the page.
fn lab(http2: bool, script: Script) -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().page("/", "the page");
    let own = Certificate::ForName("site.example".into());
    lab.host("odd.example").at("203.0.113.99").certificate(own).tls_script(443, http2, script);
    lab.system_resolver().answers("site.example", "203.0.113.99");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// HTTP/2 after its first frame, an empty SETTINGS, when the request is there.
fn http2() -> Script {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    Script::new().read().send(settings.to_vec()).wait(std::time::Duration::from_millis(300))
}

/// RST_STREAM of the first request (RFC 9113 section 6.4).
fn rst_stream(code: u8) -> Vec<u8> {
    vec![0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, code]
}

/// GOAWAY (RFC 9113 section 6.8) that took the first request.
fn goaway(code: u8) -> Vec<u8> {
    vec![0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, code]
}

/// HEADERS with `:status: 200` (RFC 7541 appendix A, index 8), then 5 bytes of a body that does not end.
fn begun() -> Vec<u8> {
    [&[0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88][..], &[0, 0, 5, 0, 0, 0, 0, 0, 1], b"begin"].concat()
}

fn http1(answer: &str) -> Script {
    Script::new().read_request().send(answer.to_owned())
}

const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
const HALF_CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";

#[tokio::test(start_paused = true)]
async fn a_proved_hosts_own_answer_blames_no_network() {
    let words: Vec<(&str, bool, Script)> = vec![
        ("RST_STREAM, PROTOCOL_ERROR", true, http2().send(rst_stream(1)).hang()),
        ("RST_STREAM, INTERNAL_ERROR", true, http2().send(rst_stream(2)).hang()),
        ("RST_STREAM, CANCEL", true, http2().send(rst_stream(8)).hang()),
        ("RST_STREAM, ENHANCE_YOUR_CALM", true, http2().send(rst_stream(11)).hang()),
        ("RST_STREAM in the body", true, http2().send(begun()).send(rst_stream(2)).hang()),
        ("GOAWAY, NO_ERROR, then close_notify", true, http2().send(goaway(0))),
        ("GOAWAY, INTERNAL_ERROR", true, http2().send(goaway(2))),
        ("GOAWAY, ENHANCE_YOUR_CALM, in the body", true, http2().send(begun()).send(goaway(11))),
        ("no HTTP/2 at all", true, Script::new().read().send("HTTP/1.1 400 Bad Request\r\n\r\n").hang()),
        ("close_notify on HTTP/2", true, http2()),
        ("close_notify in the body on HTTP/2", true, http2().send(begun())),
        ("close_notify at once", false, Script::new()),
        ("close_notify instead of an answer", false, Script::new().read_request()),
        ("close_notify in the head", false, http1("HTTP/1.1 200 OK\r\nConte")),
        ("close_notify in the body", false, http1(HALF)),
        ("close_notify in the chunks", false, http1(HALF_CHUNKED)),
        ("no HTTP", false, http1("SSH-2.0-OpenSSH\r\n\r\n")),
        ("an error of its own", false, http1("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")),
    ];
    for (what, http2, script) in words {
        let probed = probe(&lab(http2, script), BOTH, URL).await;
        let verdict = &probed.reachability.verdict;
        assert_eq!(
            (verdict.code, verdict.rule.code()),
            (VerdictCode::Unknown, "origin.fault.here"),
            "{what}: {probed:?}"
        );
        assert!(verdict.weights.blocked < 0.5, "{what}: {verdict:?}");
        assert_eq!(probed.text(), Some("the page"), "{what}: it is read by the other way");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_of_tcp_inside_proved_tls_may_be_anybodys() {
    for (what, http2, script) in [
        ("FIN instead of an answer", false, Script::new().read_request().abandon()),
        ("FIN in the head", false, http1("HTTP/1.1 200 OK\r\nConte").abandon()),
        ("FIN in the body", false, http1(HALF).abandon()),
        ("FIN in the body on HTTP/2", true, http2().send(begun()).abandon()),
        ("RST instead of an answer", false, Script::new().read_request().reset()),
        ("RST in the body", false, http1(HALF).reset()),
        ("RST in the body on HTTP/2", true, http2().send(begun()).reset()),
    ] {
        let probed = probe(&lab(http2, script), BOTH, URL).await;
        assert_eq!(probed.reachability.verdict.code, VerdictCode::TlsInterfered, "{what}: {probed:?}");
        let ended = |attempt: &&byway::internals::reach::Attempt| matches!(attempt.outcome, Outcome::Failed(_));
        let met = probed.reachability.attempts.iter().find(ended).map(|attempt| attempt.outcome.code());
        assert!(matches!(met, Some("closed" | "reset")), "{what}: {met:?}");
    }
}

/// A site whose every connection plays this script.
fn everywhere(script: Script) -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").tls_script(443, false, script);
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// The page in this coding, without a length.
fn coded(coding: &str, body: &[u8]) -> Script {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nConnection: close\r\n\r\n");
    Script::new().read_request().send([head.as_bytes(), body].concat())
}

const GZIP: &[u8] =
    &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 201, 72, 85, 40, 72, 76, 79, 5, 0, 80, 154, 215, 89, 8, 0, 0, 0];
const ZLIB: &[u8] = &[120, 156, 43, 201, 72, 85, 40, 72, 76, 79, 5, 0, 13, 148, 2, 255];
const ZSTD: &[u8] = &[40, 181, 47, 253, 4, 88, 65, 0, 0, 116, 104, 101, 32, 112, 97, 103, 101, 24, 62, 193, 182];

#[tokio::test(start_paused = true)]
async fn an_end_that_a_host_never_announces_is_not_called_down() {
    let old = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nthe page";
    let new = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthe page";
    for answer in [old, new] {
        let lab = everywhere(http1(answer).abandon());
        let probed = probe(&lab, BOTH, URL).await;
        let verdict = &probed.reachability.verdict;
        assert_eq!(
            (verdict.code, verdict.rule.code()),
            (VerdictCode::OriginFault, "http.end_unannounced.other_vantage"),
            "{answer}: {probed:?}"
        );
        let said = probed.reachability.sentence(byway::Language::En);
        assert!(said.contains("this program does not accept it") && !said.contains("down"), "{said}");
        let alone = probe(&lab, &["direct:"], URL).await;
        let verdict = &alone.reachability.verdict;
        assert_eq!(
            (verdict.code, verdict.rule.code()),
            (VerdictCode::Unknown, "http.end_unannounced"),
            "{answer}: {alone:?}"
        );
        // With a close_notify it is complete.
        let lab = everywhere(http1(answer));
        assert_eq!(probe(&lab, BOTH, URL).await.text(), Some("the page"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_coding_with_its_own_end_is_whole_without_another() {
    for (coding, body) in [("gzip", GZIP), ("deflate", ZLIB), ("zstd", ZSTD)] {
        for (how, script) in [
            ("FIN", coded(coding, body).abandon()),
            ("RST", coded(coding, body).wait(std::time::Duration::from_millis(500)).reset()),
        ] {
            let probed = probe(&everywhere(script), BOTH, URL).await;
            assert_eq!(probed.text(), Some("the page"), "{coding}, {how}: {probed:?}");
            assert_eq!(probed.reachability.verdict.code, VerdictCode::Reachable, "{coding}, {how}");
        }
        let cut = probe(&everywhere(coded(coding, &body[..body.len() - 3]).abandon()), BOTH, URL).await;
        assert_eq!(cut.text(), None, "{coding}: its end is missing");
        assert_ne!(cut.reachability.verdict.code, VerdictCode::Reachable, "{coding}: {cut:?}");
    }
}
