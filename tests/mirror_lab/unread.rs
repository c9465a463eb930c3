//! Files that do not come: what was not read is never said to be the newest state, and no home keeps another one from being read.

use std::time::Duration;

use super::*;

const BOTH: [&str; 2] = ["zavod.example", "other.example"];

fn link(zavod: &Zavod<'_>, hosts: &[&str]) -> String {
    let mirrors: Vec<String> = hosts.iter().map(|host| format!("mirror={host}/m/")).collect();
    format!("byway:{}?{}", zavod.id(), mirrors.join("&"))
}

fn codes(notes: &[Note]) -> Vec<&'static str> {
    notes.iter().map(Note::code).collect()
}

/// Replaces the file of the newest content.
fn put_newest(lab: &Lab, host: &str, page: Page) {
    lab.host(host).page("/m/newest.jsonl", page);
}

const UNREAD: (TrustState, &[TrustReason]) = (TrustState::Stale, &[TrustReason::FilesUnread]);

#[tokio::test(start_paused = true)]
async fn files_that_do_not_come_lower_the_trust() {
    type Fail = fn(String) -> Page;
    let cases: [(&str, Fail); 7] = [
        ("incomplete", |_| Page::new("sorry").status(503)),
        ("incomplete", |_| Page::new("sorry").status(403)),
        ("incomplete", |text| Page::new(text).cut_after(0)),
        ("incomplete", |text| Page::new(text).cut_after(50)),
        ("incomplete", |text| Page::new(text).slowly(1, Duration::from_secs(1))),
        ("incomplete", |_| Page::new("x".repeat(8 << 20))),
        ("withholds", |_| Page::new("").status(404)),
    ];
    for (number, (expected, fail)) in cases.into_iter().enumerate() {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
        let shod = [["d", "shod"], ["title", "Сход"], ["start", "4076040000"]];
        zavod.post("one").publish(EventKind::TimedGathering, &shod, "").write("zavod.example");
        let byway = over(&lab, Some(data.path())).await;
        let address = zavod.link("zavod.example");
        let id = byway.open(&address).await.unwrap().community.id;
        let called_off = [&shod[..], &[["status", "cancelled"]]].concat();
        zavod.publish(EventKind::TimedGathering, &called_off, "").write("zavod.example");
        put_newest(&lab, "zavod.example", fail(zavod.newest()));

        let opened = byway.open(&address).await.unwrap();
        let (trust, reasons) = state(&opened);
        assert_eq!((trust, reasons.as_slice()), UNREAD, "{number}");
        assert_eq!(homes(&opened), [("zavod.example", expected)], "{number}");
        assert_eq!((texts(&opened), opened.events[0].status), (vec!["one"], EventStatus::Scheduled), "kept");
        let said = codes(&opened.notes);
        assert!(said.contains(&"files_unread") && !said.contains(&"posts_read_earlier"), "{number}: {said:?}");

        let synced = byway.sync_once(std::slice::from_ref(&id), byway::SyncLimits::default()).await;
        let one = &synced.communities[0];
        assert!(codes(&one.notes).contains(&"files_unread"), "{number}: {:?}", one.notes);
        // A byte a second may use up the time of a sync. Nothing else does.
        assert!(number == 4 || one.outcome.code() == "done", "{number}: {}", one.outcome.code());
        drop(byway);
        let byway = over(&lab, Some(data.path())).await;
        assert_eq!(byway.standing(&id).await.unwrap().trust().reasons, UNREAD.1, "{number}: it is kept");

        let new = over(&lab, None).await.open(&address).await.unwrap();
        assert_eq!((texts(&new), state(&new).0), (vec![], TrustState::Stale), "{number}: for a new reader");

        put_newest(&lab, "zavod.example", Page::new(zavod.newest()));
        let opened = byway.open(&address).await.unwrap();
        assert_eq!(opened.events[0].status, EventStatus::Cancelled, "{number}");
        assert_eq!((state(&opened), homes(&opened)[0].1), ((TrustState::Verified, vec![]), "current"), "{number}");
        assert_eq!(byway.standing(&id).await.unwrap().trust().state, TrustState::Verified, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_state_without_its_files_uses_no_limit_up() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let id = byway.open(&zavod.link("zavod.example")).await.unwrap().community.id;
    // The head is the known one, so nothing is missing; its files no longer come.
    for file in zavod.head().files {
        lab.host("zavod.example").page(&format!("/m/{}", file.name), Page::new("sorry").status(503));
    }
    let synced = byway.sync_once(std::slice::from_ref(&id), byway::SyncLimits::default()).await;
    let one = &synced.communities[0];
    assert_eq!(one.outcome.code(), "done", "{:?}", one.notes);
    let named =
        one.notes.iter().find(|note| note.code() == "files_not_as_signed").map(|note| note.sentence(Language::En));
    assert!(named.is_none_or(|sentence| sentence.contains("newest.jsonl")), "{:?}", one.notes);
}

#[tokio::test(start_paused = true)]
async fn a_home_without_its_files_hides_no_slower_home() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    put_newest(&lab, "zavod.example", Page::new(zavod.newest()).cut_after(0));
    lab.host("other.example").rtt(Duration::from_millis(600));
    let opened = over(&lab, None).await.open(&link(&zavod, &BOTH)).await.unwrap();
    assert_eq!((texts(&opened), state(&opened)), (vec!["one"], (TrustState::Verified, vec![])));
    assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "incomplete")]);
}

#[tokio::test(start_paused = true)]
async fn a_home_that_drips_its_files_costs_seconds() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    let byway = over(&lab, Some(data.path())).await;
    lab.host("other.example").rtt(Duration::from_secs(3));
    byway.open(&link(&zavod, &BOTH)).await.unwrap();
    zavod.post("two").write_all(&BOTH);
    put_newest(&lab, "zavod.example", Page::new(zavod.newest()).slowly(1, Duration::from_secs(1)));
    lab.host("other.example").rtt(Duration::from_millis(150));
    let began = lab.elapsed();
    let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
    let took = lab.elapsed() - began;
    assert_eq!((texts(&opened), state(&opened).0), (vec!["two", "one"], TrustState::Verified));
    assert!(took < Duration::from_secs(6), "{took:?}");
    let ended = opened.reachability.attempts.iter().filter(|attempt| attempt.outcome.code() == "overtaken");
    let ended: Vec<_> = ended.map(|attempt| (attempt.took.as_secs(), attempt.sentence(Language::En))).collect();
    assert!(matches!(&ended[..], [(1..=5, _)]), "the time that it really took: {ended:?}");
    assert!(ended[0].1.contains("given up, because another address was quicker (reading the answer)"), "{ended:?}");
    assert!(opened.reachability.attempts.iter().all(|attempt| attempt.outcome.code() != "interrupted"));

    zavod.post("three").write("zavod.example");
    lab.host("other.example").page("/m/head.json", Page::new("").status(503));
    put_newest(&lab, "zavod.example", Page::new(zavod.newest()).slowly(1, Duration::from_secs(1)));
    let began = lab.elapsed();
    let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
    let took = lab.elapsed() - began;
    assert!(took < Duration::from_secs(40), "{took:?}: not the whole call");
    assert_eq!((state(&opened).0, homes(&opened)[1].1), (TrustState::Stale, "incomplete"));
}

#[tokio::test(start_paused = true)]
async fn a_home_that_was_slow_once_is_read_again() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write_all(&BOTH);
    // Each time over new connections.
    let open = async |zavod: &Zavod<'_>| {
        let byway = over(&lab, Some(data.path())).await;
        byway.open(&link(zavod, &BOTH)).await.unwrap()
    };
    lab.host("other.example").rtt(Duration::from_secs(3));
    assert_eq!(homes(&open(&zavod).await)[0], ("other.example", "slow"));
    zavod.post("two").write("other.example");
    lab.host("other.example").rtt(Duration::from_millis(100));
    let opened = open(&zavod).await;
    assert_eq!(texts(&opened), ["two", "one"]);
    assert_eq!(homes(&opened), [("other.example", "current"), ("zavod.example", "behind")]);

    // One that is further away is waited for again after a while, however often the community is opened meanwhile.
    lab.host("other.example").rtt(Duration::from_secs(3));
    open(&zavod).await;
    zavod.post("three").write("other.example");
    lab.host("other.example").rtt(Duration::from_millis(300));
    for _ in 0..2 {
        assert_eq!(homes(&open(&zavod).await)[0].1, "slow");
    }
    let began = byway::net::Net::wall(&*lab.client()) - lab.elapsed();
    let _ = lab.client().wall_clock(began + Duration::from_secs(11 * 60));
    assert_eq!(texts(&open(&zavod).await), ["three", "two", "one"]);
}

/// A lab with these hosts as well.
fn with_hosts(hosts: &[&str]) -> Lab {
    let lab = lab();
    for (number, host) in hosts.iter().enumerate() {
        lab.host(host).at(&format!("203.0.113.{}", 20 + number)).https();
    }
    lab
}

#[tokio::test(start_paused = true)]
async fn new_homes_are_asked_when_those_of_the_link_are_dead() {
    let old = ["a.example", "b.example", "c.example", "d.example"];
    let new = ["e.example", "f.example"];
    let lab = with_hosts(&[&old[..], &new].concat());
    let data = tempfile::tempdir().unwrap();
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    let byway = over(&lab, Some(data.path())).await;
    zavod.post("one").amend(|charter| {
        charter.homes =
            new.iter().map(|host| CharterHome::new(HomeKind::Mirror, format!("https://{host}/m/"))).collect();
    });
    zavod.write_all(&old);
    let opened = byway.open(&link(&zavod, &old)).await.unwrap();
    assert_eq!(opened.community.homes.len(), 3, "{:?}", opened.community.homes);
    for host in old {
        lab.host(host).down();
    }
    zavod.post("two").write_all(&new);
    let opened = byway.open(&link(&zavod, &old)).await.unwrap();
    assert_eq!((texts(&opened), opened.fault.is_some()), (vec!["two", "one"], false));
    let said = homes(&opened);
    assert!(said.iter().any(|(host, state)| new.contains(host) && *state == "current"), "{said:?}");
    assert!(lab.packets().lookups().iter().all(|name| !new.contains(&name.as_str())), "never directly");
}

#[tokio::test(start_paused = true)]
async fn a_home_that_was_not_tried_is_named() {
    let hosts = ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"];
    let lab = with_hosts(&hosts);
    let data = tempfile::tempdir().unwrap();
    let mut zavod = Zavod::new(&lab, |charter| {
        charter.homes =
            hosts.iter().map(|host| CharterHome::new(HomeKind::Mirror, format!("https://{host}/m/"))).collect();
    });
    zavod.post("one").write_all(&hosts);
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("a.example")).await.unwrap();
    let mut tried = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let opened = byway.open(&zavod.link("a.example")).await.unwrap();
        let said = homes(&opened);
        assert_eq!(said.iter().filter(|(_, state)| *state == "untried").count(), 2, "{said:?}");
        tried.extend(said.into_iter().filter(|(_, state)| *state != "untried").map(|(host, _)| host.to_owned()));
    }
    assert_eq!(tried.into_iter().collect::<Vec<_>>(), hosts, "each has its turn");
}

#[tokio::test(start_paused = true)]
async fn nothing_of_two_contradicting_heads_is_shown() {
    for is_new in [false, true] {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let (mut zavod, mut forged) = (Zavod::new(&lab, |_| {}), Zavod::new(&lab, |_| {}));
        zavod.post("base").write_all(&BOTH);
        forged.post("base").head();
        let byway = over(&lab, Some(data.path())).await;
        if !is_new {
            byway.open(&link(&zavod, &BOTH)).await.unwrap();
        }
        forged.post("come alone").write("zavod.example");
        zavod.post("honest").write("other.example");
        lab.host("other.example").rtt(Duration::from_millis(300));
        for _ in 0..2 {
            let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
            let kept = if is_new { vec![] } else { vec!["base"] };
            assert_eq!((texts(&opened), state(&opened).0), (kept, TrustState::Disputed), "{is_new}");
            assert_eq!(homes(&opened), [("other.example", "contradicts"), ("zavod.example", "contradicts")]);
            assert!(!codes(&opened.notes).contains(&"posts_read_earlier"), "{:?}", opened.notes);
        }
        // A newer charter settles it.
        zavod.amend(|_| {}).write_all(&BOTH);
        let opened = byway.open(&link(&zavod, &BOTH)).await.unwrap();
        assert_eq!((texts(&opened), state(&opened).0), (vec!["honest", "base"], TrustState::Verified), "{is_new}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_404_and_410_say_that_the_files_are_gone() {
    let cases = [
        (404, "gone"),
        (410, "gone"),
        (401, "failing"),
        (403, "failing"),
        (429, "failing"),
        (304, "failing"),
        (503, "failing"),
    ];
    for (status, expected) in cases {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write_all(&BOTH);
        lab.host("other.example").page("/m/head.json", Page::new("").status(status));
        let opened = over(&lab, Some(data.path())).await.open(&link(&zavod, &BOTH)).await.unwrap();
        assert_eq!(homes(&opened), [("other.example", expected), ("zavod.example", "current")], "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_answers_a_home_in_cleartext_is_not_put_down_to_it() {
    for page in ["no".into(), Page::new("").status(503), Page::new("no").status(403), Page::new("").status(404)] {
        let page: Page = page;
        let lab = lab();
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write_all(&BOTH);
        lab.host("other.example").http().page("/m/head.json", page.clone());
        let link = format!("byway:{}?mirror=zavod.example/m/&mirror=http://other.example/m/", zavod.id());
        let opened = over(&lab, None).await.open(&link).await.unwrap();
        assert_eq!(homes(&opened), [("other.example", "unvouched"), ("zavod.example", "current")], "{page:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_another_site_is_not_called_tampering() {
    for file in ["head.json", "newest.jsonl"] {
        let lab = lab();
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write_all(&BOTH);
        lab.host("other.example").rtt(Duration::from_millis(5));
        lab.host("zavod.example").rtt(Duration::from_millis(200));
        lab.host("other.example").redirect(&format!("/m/{file}"), "https://hosting.example/suspended");
        let opened = over(&lab, None).await.open(&link(&zavod, &BOTH)).await.unwrap();
        assert_eq!(homes(&opened), [("other.example", "redirects"), ("zavod.example", "current")], "{file}");
        assert_eq!(texts(&opened), ["one"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_during_a_reading_accuses_no_home() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    // The head is read before the upload, and the files after it.
    lab.host("zavod.example").page("/m/freeze.json", Page::new("").status(404).after(Duration::from_secs(2)));
    let (byway, address) = (over(&lab, None).await, zavod.link("zavod.example"));
    let upload = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        zavod.post("two").write("zavod.example");
    };
    let (opened, ()) = tokio::join!(byway.open(&address), upload);
    let opened = opened.unwrap();
    assert_eq!((texts(&opened), faults(&opened)), (vec!["two", "one"], vec![]));
    assert_eq!((homes(&opened)[0].1, state(&opened).0), ("current", TrustState::Verified));
}

#[tokio::test(start_paused = true)]
async fn charters_that_were_verified_are_not_read_again() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one");
    for _ in 1..40 {
        zavod.amend(|_| {});
    }
    zavod.write("zavod.example");
    for (number, charter) in zavod.charters.iter().enumerate() {
        let page = Page::new(charter.to_json()).after(Duration::from_secs(2));
        lab.host("zavod.example").page(&format!("/m/charter/{}.json", number + 1), page);
    }
    let byway = over(&lab, Some(data.path())).await;
    let address = zavod.link("zavod.example");
    assert!(byway.open(&address).await.is_err(), "forty charters take eighty seconds");
    drop(byway);
    let byway = over(&lab, Some(data.path())).await;
    let before = lab.log().requests().len();
    let opened = byway.open(&address).await.unwrap();
    assert_eq!((texts(&opened), state(&opened).0), (vec!["one"], TrustState::Verified));
    let asked = lab.log().requests().split_off(before);
    assert!(!asked.iter().any(|path| path.contains("charter/1.json")), "{asked:?}");
    assert!(asked.iter().filter(|path| path.contains("charter/")).count() < 20, "{asked:?}");
    byway.forget(&opened.community.id).await.unwrap();
    assert!(byway.open(&address).await.is_err(), "a community that was forgotten is read from its first charter");
}
