//! N3 again, with a ClientHello that is cut inside the name (`tls=`): which middleboxes it passes, and the verdict on
//! them.

use std::time::Duration;

use byway::internals::reach::{Layer, VerdictCode};
use byway_lab::{Lab, When};

use crate::stack::{Probed, fetch, get, probe};

const URL: &str = "https://site.example/";
const WAYS: &[&str] = &["direct:", "direct:?tls=frag", "socks5://198.51.100.7:1080?cc=nl"];

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().page("/", "the page");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab
}

/// Which route read it.
fn by(probed: &Probed) -> String {
    probed.reachability.reached_by.as_ref().unwrap().to_string()
}

/// What a middlebox reassembles before it reads.
type AttemptEvent = fn(When) -> When;

/// Its action.
type Act = fn(When);

const FIRST_SEGMENT: AttemptEvent = When::first_segment_only;
const FIRST_RECORD: AttemptEvent = When::first_record_only;
const EACH_SEGMENT: AttemptEvent = When::each_segment_only;
const ALL: AttemptEvent = |when| when;

#[tokio::test(start_paused = true)]
async fn n3_a_box_that_joins_segments_is_passed_by_records_and_named() {
    // In any order of the extensions, this middlebox always finds a whole name.
    let actions: [(&str, Act); 3] = [
        ("reset", |when| drop(when.reset())),
        ("closed", |when| drop(when.close())),
        ("silence", |when| drop(when.swallow())),
    ];
    for (action, act) in actions {
        for way in ["direct:?tls=frag", "direct:?tls=records"] {
            let lab = lab();
            act(FIRST_RECORD(lab.censor().when_sni("site.example")));
            let probed = probe(&lab, &[WAYS[0], way, WAYS[2]], URL).await;
            assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("direct")), "{probed:?}");
            assert_eq!(by(&probed), way);
            assert_eq!(probed.reachability.verdict.rule.code(), format!("tls.{action}.shaped"), "{probed:?}");
            assert_eq!(probed.text(), Some("the page"));
            // This also holds without the proxy: the same address answers a client that does not send the name whole.
            let lab = self::lab();
            act(FIRST_RECORD(lab.censor().when_sni("site.example")));
            let probed = probe(&lab, &[WAYS[0], way], URL).await;
            assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("direct")), "{probed:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n3_a_split_name_passes_every_box_that_does_not_join_all() {
    let cases: [(AttemptEvent, &[&str]); 3] = [
        (FIRST_SEGMENT, &["frag", "records", "segments"]),
        (EACH_SEGMENT, &["frag", "segments"]),
        (FIRST_RECORD, &["frag", "records"]),
    ];
    for (sight, cuts) in cases {
        for cut in cuts {
            let lab = lab();
            drop(sight(lab.censor().when_sni("site.example")).reset());
            let way = format!("direct:?tls={cut}");
            // rustls randomises the order of extensions; a cut name passes in any order.
            for _ in 0..16 {
                let fetched = fetch(&lab, &[&way], get(URL)).await;
                assert_eq!(&fetched.result.unwrap().body[..], b"the page", "{way}");
            }
            assert_eq!(lab.log().censored(), 0, "{way}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn n3_a_box_that_joins_all_is_passed_by_another_route_only() {
    let actions: [Act; 3] = [|when| drop(when.reset()), |when| drop(when.close()), |when| drop(when.swallow())];
    for act in actions {
        let lab = lab();
        act(ALL(lab.censor().when_sni("site.example")));
        let probed = probe(&lab, WAYS, URL).await;
        assert_eq!(probed.told(), (VerdictCode::TlsInterfered, Some(Layer::Tls), Some("socks5")), "{probed:?}");
        assert_eq!(probed.text(), Some("the page"));
    }
}

#[tokio::test(start_paused = true)]
async fn n3_the_thousandth_hello_is_cut_like_the_first() {
    let lab = lab();
    drop(FIRST_SEGMENT(lab.censor().when_sni("site.example")).reset());
    drop(FIRST_RECORD(lab.censor().when_sni("site.example")).reset());
    drop(EACH_SEGMENT(lab.censor().when_sni("site.example")).reset());
    let engine = crate::stack::engine(&lab, &["direct:?tls=frag"]);
    for _ in 0..1000 {
        engine.fetch(get(URL)).await.result.unwrap();
        engine.forget_connections();
    }
    assert_eq!(lab.log().censored(), 0);
}

#[tokio::test(start_paused = true)]
async fn n3_the_pause_between_two_pieces_is_kept_to_the_millisecond() {
    let mut times = Vec::new();
    for way in ["direct:", "direct:?tls=frag", "direct:?tls=frag&tls-delay=20", "direct:?tls=records"] {
        let lab = lab();
        fetch(&lab, &[way], get(URL)).await.result.unwrap();
        times.push(lab.elapsed());
    }
    // Two labels are cut: three pieces, two pauses. Records are sent in one write, without pauses.
    let pause = Duration::from_millis(20);
    assert_eq!(times, [times[0], times[0], times[0] + 2 * pause, times[0]]);
}

#[tokio::test(start_paused = true)]
async fn n3_the_name_of_a_proxy_with_tls_is_cut_too() {
    let lab = lab();
    lab.https_proxy("proxy.example").at("198.51.100.9");
    drop(FIRST_RECORD(lab.censor().when_sni("proxy.example")).reset());
    assert!(fetch(&lab, &["https://proxy.example:443"], get(URL)).await.result.is_err());
    assert_eq!(lab.log().censored(), 1);
    let fetched = fetch(&lab, &["https://proxy.example:443?tls=frag"], get(URL)).await;
    assert_eq!(&fetched.result.unwrap().body[..], b"the page");
    assert_eq!(lab.log().censored(), 1);
}
