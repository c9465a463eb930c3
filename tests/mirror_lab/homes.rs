//! Several homes of one community, read side by side: the newest valid state wins, and each home's faults are its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use byway_lab::Ask;

use super::*;

/// The link to the mirrors of several hosts.
fn link(zavod: &Zavod<'_>, hosts: &[&str]) -> String {
    let mirrors: Vec<String> = hosts.iter().map(|host| format!("mirror={host}/m/")).collect();
    format!("byway:{}?{}", zavod.id(), mirrors.join("&"))
}

const BOTH: [&str; 2] = ["zavod.example", "other.example"];

#[tokio::test(start_paused = true)]
async fn the_newest_state_of_any_home_wins() {
    for first in [0, 1] {
        let lab = lab();
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write("zavod.example").post("two").write("other.example");
        // Whichever host is nearer.
        lab.host(BOTH[first]).rtt(Duration::from_millis(300));
        let opened = over(&lab, None).await.open(&link(&zavod, &BOTH)).await.unwrap();
        assert_eq!((texts(&opened), faults(&opened)), (vec!["two", "one"], vec![]), "{first}");
        assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "behind")]);
        assert_eq!(state(&opened).0, TrustState::Verified);
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_home_delays_one_reading_by_a_second() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let byway = over(&lab, Some(data.path())).await;
    let took = async |link: &str| {
        let began = lab.elapsed();
        let opened = byway.open(link).await.unwrap();
        assert_eq!(texts(&opened), ["one"]);
        (lab.elapsed() - began, opened)
    };
    let (alone, _) = took(&link(&zavod, &BOTH[..1])).await;
    lab.host("other.example").silent();
    let both = link(&zavod, &BOTH);
    let (first, opened) = took(&both).await;
    assert_eq!(homes(&opened), [("other.example", "slow"), ("zavod.example", "current")]);
    assert!(first <= alone + Duration::from_millis(1100), "{first:?} against {alone:?}");
    let account = opened.homes.iter().find_map(|home| home.reachability.as_ref()).unwrap();
    assert!(!account.attempts.is_empty(), "it was contacted, and the account says so");
    let (second, opened) = took(&both).await;
    assert!(second <= alone + Duration::from_millis(600), "{second:?} against {alone:?}: less for one that was absent");
    assert_eq!(homes(&opened)[0], ("other.example", "slow"));
}

#[tokio::test(start_paused = true)]
async fn a_community_is_read_while_its_first_home_is_silent() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    lab.host("zavod.example").silent();
    let byway = over(&lab, Some(data.path())).await;
    let began = lab.elapsed();
    let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
    let took = lab.elapsed() - began;
    assert_eq!((texts(&opened), opened.fault.is_some()), (vec!["one"], false));
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "slow")]);
    assert_eq!(opened.community.homes[0].to_string(), zavod.link("zavod.example"), "what the user opened stays first");
    assert_eq!(opened.reachability.verdict.code.code(), "reachable");
}

#[tokio::test(start_paused = true)]
async fn garbage_at_one_home_costs_its_limit_and_hides_nothing() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let endless = "x".repeat(8 << 20);
    for name in ["newest.jsonl", "head.json", "freeze.json", "charter/1.json"] {
        lab.host("other.example").page(&format!("/m/{name}"), Page::new(endless.clone()));
    }
    let byway = over(&lab, None).await;
    let before = lab.client().carried();
    let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
    let carried = lab.client().carried() - before;
    assert!(carried < 3 << 20, "{carried} bytes");
    assert_eq!((texts(&opened), faults(&opened), state(&opened).0), (vec!["one"], vec![], TrustState::Verified));
    assert_eq!(homes(&opened)[1], ("zavod.example", "current"));
    assert_ne!(homes(&opened)[0].1, "current");
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_said_of_its_home_alone() {
    let forge = |zavod: &mut Zavod<'_>| {
        let head = zavod.head().seal(&key(66)).unwrap();
        zavod.lab.host("other.example").page("/m/head.json", Page::new(head.to_json()));
    };
    let contradict = |zavod: &mut Zavod<'_>| {
        zavod.sequence -= 1;
        let head = Head { expires: day(zavod.lab, 31), ..zavod.head() };
        zavod.write_with("other.example", &head);
    };
    let empty = |zavod: &mut Zavod<'_>| {
        zavod.lab.host("other.example").page("/m/head.json", Page::new("").status(404));
    };
    type Change = fn(&mut Zavod<'_>);
    let cases: [(&str, Change); 3] = [("tampered", forge), ("contradicts", contradict), ("gone", empty)];
    for (expected, change) in cases {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write_all(&BOTH);
        change(&mut zavod);
        let opened = over(&lab, Some(data.path())).await.open(&link(&zavod, &BOTH)).await.unwrap();
        // Of two heads with one number nobody knows which is meant: each contradicts the other, and nothing of either is taken.
        let is_disputed = expected == "contradicts";
        let (other, shown) = if is_disputed { (expected, vec![]) } else { ("current", vec!["one"]) };
        assert_eq!(homes(&opened), [("other.example", expected), ("zavod.example", other)]);
        assert_eq!(texts(&opened), shown, "{expected}");
        assert!(faults(&opened).iter().all(|fault| *fault == "head_disputed"), "{expected}: {:?}", faults(&opened));
        assert_eq!(state(&opened).0 == TrustState::Disputed, is_disputed);
        let json = serde_json::to_value(&opened).unwrap();
        assert!(json["homes"][0]["sentence"].as_str().is_some_and(|text| text.ends_with('.')), "{json}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_home_that_goes_back_is_said_to() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    let old = zavod.post("one").head();
    let old_text = zavod.newest();
    zavod.post("two").write_all(&BOTH);
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&link(&zavod, &BOTH)).await.unwrap();
    zavod.write_with("other.example", &old);
    lab.host("other.example").page("/m/newest.jsonl", Page::new(old_text));
    drop(byway);
    let byway = over(&lab, Some(data.path())).await;
    let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
    assert_eq!(homes(&opened)[0], ("other.example", "rolled_back"));
    assert_eq!((texts(&opened), faults(&opened)), (vec!["two", "one"], vec![]));
    let standing = byway.standing(&opened.community.id).await.unwrap();
    let states: Vec<_> = standing.homes.iter().map(|home| home.state.code()).collect();
    assert_eq!(states, ["rolled_back", "current"], "it is remembered, by the order of addresses");
    assert_eq!(standing.notes[0].code(), "signed");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_one_home_withholds_comes_from_another() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    lab.host("zavod.example").page("/m/newest.jsonl", Page::new("").status(404));
    lab.host("other.example").rtt(Duration::from_millis(300));
    let opened = over(&lab, None).await.open(&link(&zavod, &BOTH)).await.unwrap();
    assert_eq!((texts(&opened), opened.truncated), (vec!["one"], false));
    assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "withholds")]);
    assert_eq!(faults(&opened), ["file_absent"], "the user opened that address");
}

#[tokio::test(start_paused = true)]
async fn a_home_that_stalls_in_a_file_is_overtaken_by_another() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    lab.host("zavod.example").page("/m/newest.jsonl", Page::new(zavod.newest()).stall_after(50));
    lab.host("other.example").rtt(Duration::from_millis(300));
    let began = lab.elapsed();
    let opened = over(&lab, None).await.open(&link(&zavod, &BOTH)).await.unwrap();
    let took = lab.elapsed() - began;
    assert_eq!(texts(&opened), ["one"]);
    assert!(took < Duration::from_secs(12), "{took:?}");
}

/// Whether the phone itself looked a host up or connected to it.
fn called(lab: &Lab, host: &str) -> bool {
    let (log, addresses) = (lab.log().by("client"), lab.addresses_of(host));
    log.lookups().iter().any(|name| name == host)
        || log.connects().iter().any(|(_, address)| addresses.contains(&address.ip()))
}

#[tokio::test(start_paused = true)]
async fn a_host_that_only_a_charter_names_is_not_called_directly() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let byway = over(&lab, Some(data.path())).await;
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    byway.allow_direct(&opened.community.id, true).await.unwrap();
    for _ in 0..2 {
        let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
        let opened = byway.open_with(&zavod.link("zavod.example"), how).await.unwrap();
        assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "current")], "it is read by Tor");
        byway.refresh(&opened.community.id).await.unwrap();
        byway.sync_once(std::slice::from_ref(&opened.community.id), byway::SyncLimits::default()).await;
    }
    assert!(!called(&lab, "other.example"), "the permission is for the community as it was opened");
    let preview = byway.preview(&zavod.link("zavod.example")).await.unwrap();
    let strategies: Vec<_> = preview.others[0].routes.iter().map(|route| route.strategy.is_direct()).collect();
    assert_eq!((preview.others[0].home.to_string(), strategies), (zavod.link("other.example"), vec![false]));
    assert!(preview.routes[0].strategy.is_direct());
    byway.open(&zavod.link("other.example")).await.unwrap();
    let preview = byway.preview(&zavod.link("zavod.example")).await.unwrap();
    assert!(preview.others[0].routes.iter().any(|route| route.strategy.is_direct()), "the user opened it");
}

#[tokio::test(start_paused = true)]
async fn without_another_strategy_a_new_host_is_not_contacted() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let builder = Byway::builder().strategy("direct:".parse::<Strategy>().unwrap()).roots(roots).net(lab.client());
    let byway = builder.data_dir(data.path(), StoreKey::from_bytes([7; 32])).build().await.unwrap();
    for _ in 0..2 {
        byway.open(&zavod.link("zavod.example")).await.unwrap();
    }
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(homes(&opened), [("other.example", "not_asked"), ("zavod.example", "current")]);
    assert!(!called(&lab, "other.example"));
    assert!(byway.preview(&zavod.link("zavod.example")).await.unwrap().others[0].routes.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_exposure_of_a_link_covers_each_of_its_mirrors() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let byway = over(&lab, None).await;
    let link = format!("{}&exposure=tor", link(&zavod, &BOTH));
    let preview = byway.preview(&link).await.unwrap();
    assert_eq!(preview.link.mirrors[0].to_string(), zavod.link("other.example"));
    let routes = preview.routes.iter().chain(&preview.others[0].routes);
    assert!(routes.clone().count() == 2 && routes.into_iter().all(|route| !route.strategy.is_direct()));
    let opened = byway.open(&link).await.unwrap();
    assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "current")]);
    assert_eq!(lab.packets().lookups(), [""; 0], "nothing is asked directly");
}

/// The paths that were asked for at a host since the log had this length.
fn paths(lab: &Lab, since: usize) -> Vec<String> {
    lab.log().requests().split_off(since)
}

#[tokio::test(start_paused = true)]
async fn nothing_new_costs_one_conditional_request() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let id = byway.open(&zavod.link("zavod.example")).await.unwrap().community.id;
    let (requests, carried) = (lab.log().requests().len(), lab.client().carried());
    let synced = byway.sync_once(std::slice::from_ref(&id), byway::SyncLimits::default()).await;
    assert_eq!((synced.communities[0].outcome.code(), synced.communities[0].changes.is_empty()), ("done", true));
    let asked = paths(&lab, requests);
    assert!(asked.len() == 1 && asked[0].contains("head.json"), "{asked:?}");
    let carried = lab.client().carried() - carried;
    assert!(carried < 2048, "{carried} bytes");
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((texts(&opened), state(&opened).0), (vec!["one"], TrustState::Verified), "what is kept is shown");
    assert_eq!(opened.notes.len(), 1, "{:?}", opened.notes);
    byway.new_identity();
    let before = lab.log().requests().len();
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert!(paths(&lab, before).len() > 1, "a new identity sends no validator of the one before");
    zavod.post("two").write("zavod.example");
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(texts(&opened), ["two", "one"], "a new head is read");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_calls_everything_unchanged_is_asked_anew() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    let frozen = |zavod: &mut Zavod<'_>| {
        let head = zavod.head().seal(&key(10)).unwrap();
        lab.host("zavod.example")
            .page("/m/head.json", Page::new(head.to_json()).with_ranges("always"))
            .page("/m/newest.jsonl", Page::new(zavod.newest()));
    };
    frozen(&mut zavod);
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    frozen(zavod.post("two"));
    assert_eq!(texts(&byway.open(&zavod.link("zavod.example")).await.unwrap()), ["one"], "it says so");
    a_day_passes(&lab);
    assert_eq!(texts(&byway.open(&zavod.link("zavod.example")).await.unwrap()), ["two", "one"], "a day later");
}

#[tokio::test(start_paused = true)]
async fn a_304_with_another_tag_than_was_sent_hides_no_head() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    let charter = zavod.charters[0].to_json();
    let mut state = |text: &str| {
        let head = zavod.post(text).head().seal(&key(10)).unwrap().to_json();
        (head, zavod.newest())
    };
    let states = [state("one"), state("two")];
    let link = zavod.link("zavod.example");
    // A cache in front of the mirror: once it has the second state, it calls everything unchanged that it is asked about.
    let newest = Arc::new(AtomicUsize::new(0));
    let current = newest.clone();
    lab.host("zavod.example").app(move |ask: &Ask| {
        let at = current.load(Ordering::Relaxed);
        let (head, lines) = &states[at];
        let tag = format!("\"{at}\"");
        match ask.path.as_str() {
            "/m/charter/1.json" => Page::new(charter.clone()),
            "/m/head.json" if ask.headers.contains_key("if-none-match") => {
                Page::new("").status(304).header("etag", &tag)
            }
            "/m/head.json" => Page::new(head.clone()).header("etag", &tag),
            "/m/newest.jsonl" => Page::new(lines.clone()),
            _ => Page::new("").status(404),
        }
    });
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&link).await.unwrap();
    let before = lab.log().requests().len();
    byway.open(&link).await.unwrap();
    assert_eq!(paths(&lab, before).len(), 1, "the tag is the one that was sent");
    newest.store(1, Ordering::Relaxed);
    let before = lab.log().requests().len();
    assert_eq!(texts(&byway.open(&link).await.unwrap()), ["two", "one"]);
    let heads = paths(&lab, before).iter().filter(|path| path.contains("head.json")).count();
    assert_eq!(heads, 2, "once more, and no oftener");
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_head_without_validators_asks_for_no_file() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let link = format!("{}&exposure=tor", zavod.link("zavod.example"));
    byway.open(&link).await.unwrap();
    let before = lab.log().requests().len();
    let opened = byway.open(&link).await.unwrap();
    // With exposure Tor no validator is sent, so the head and the freeze come whole. Its digests say that no file has changed.
    let asked = paths(&lab, before);
    assert!(asked.len() == 2 && !asked.iter().any(|path| path.contains("jsonl")), "{asked:?}");
    assert_eq!((texts(&opened), state(&opened).0), (vec!["one"], TrustState::Verified), "what is kept is shown");
    zavod.post("two").write("zavod.example");
    assert_eq!(texts(&byway.open(&link).await.unwrap()), ["two", "one"], "a new head is read");
}

#[tokio::test(start_paused = true)]
async fn a_home_in_the_readers_own_network_was_not_asked() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| {
        charter.homes = vec![CharterHome::new(HomeKind::Mirror, "http://127.0.0.1:8833/")];
    });
    zavod.post("one").write_all(&BOTH);
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(homes(&opened), [("127.0.0.1", "not_asked"), ("zavod.example", "current")]);
}
