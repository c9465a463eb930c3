//! Links, pages and mirrors made to have the reader seen, or to show something else.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_page_cannot_take_over_the_address_of_a_mirror() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    lab.host("evil.example").at("203.0.113.66").https();
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("other.example").post("two").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let link = format!("byway:{}?exposure=tor&mirror=zavod.example/m/", zavod.id());
    byway.open(&link).await.unwrap();
    // The page moved permanently to what is a mirror of the community, and has a feed there.
    let rss =
        "<rss version=\"2.0\"><channel><title>x</title><item><title>x</title><guid>1</guid></item></channel></rss>";
    let to = zavod.link("other.example");
    lab.host("evil.example").page("/", Page::redirect(&to).status(301));
    lab.host("other.example").page("/m/", Page::new(rss).header("content-type", "application/rss+xml"));
    let page = byway.open("https://evil.example/").await.unwrap();
    assert!(page.community.homes.iter().all(|home| home.to_string() != to), "{:?}", page.community.id);
    let before = lab.packets().lookups().len();
    let old = byway.open(&format!("byway:{}?mirror=other.example/m/", zavod.id())).await.unwrap();
    assert_eq!(lab.packets().lookups()[before..], [""; 0], "nothing is asked directly");
    assert_eq!((old.exposure, texts(&old)), (Exposure::Tor, vec!["two", "one"]));
    assert_eq!(faults(&old)[0], "head_rollback", "what was verified is remembered");
}

#[tokio::test(start_paused = true)]
async fn raising_at_one_mirror_binds_the_community_at_all() {
    for kept in [false, true] {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
        zavod.post("one").write("zavod.example").write("other.example");
        let byway = over(&lab, Some(data.path())).await;
        if kept {
            byway.open(&zavod.link("zavod.example")).await.unwrap();
        }
        let link = format!("byway:{}?exposure=tor&mirror=third.example/m/", zavod.id());
        byway.raise_exposure(&link.parse().unwrap()).await.unwrap();
        let before = lab.packets().lookups().len();
        let opened = byway.open(&zavod.link("other.example")).await.unwrap();
        assert_eq!((opened.exposure, lab.packets().lookups().len()), (Exposure::Tor, before), "{kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_charter_binds_no_host_that_nobody_read() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let link = format!("byway:{}?exposure=tor&mirror=zavod.example/m/", zavod.id());
    let opened = byway.open(&link).await.unwrap();
    assert_eq!(opened.community.homes[1].to_string(), zavod.link("other.example"), "the charter lists it");
    byway.forget(&opened.community.id).await.unwrap();
    for (page, looked_up) in [("https://other.example/", vec!["other.example"]), ("https://zavod.example/", vec![])] {
        let before = lab.packets().lookups().len();
        let _ = byway.open(page).await;
        assert_eq!(lab.packets().lookups()[before..], looked_up, "{page}");
    }
    let before = lab.packets().lookups().len();
    let _ = byway.open(&zavod.link("other.example")).await;
    assert_eq!(lab.packets().lookups().len(), before, "the community keeps its exposure there");
}

/// Writes the head of these files to a mirror, and those of the files that it gives.
fn write_files(zavod: &mut Zavod<'_>, host: &str, files: &[(&str, &str, bool)]) {
    let mut head = zavod.head();
    let entry = |(name, text, _): &(&str, &str, bool)| FileEntry {
        name: (*name).into(),
        bytes: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
    };
    head.files = files.iter().map(entry).collect();
    zavod.write_with(host, &head);
    for (name, text, is_given) in files {
        let page = if *is_given { Page::new((*text).to_owned()) } else { Page::new("").status(404) };
        zavod.lab.host(host).page(&format!("/m/{name}"), page);
    }
}

#[tokio::test(start_paused = true)]
async fn a_withheld_month_brings_nothing_back() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    let shod = [["d", "shod"], ["title", "Сход"], ["start", "4076040000"]];
    zavod.post("one").publish(EventKind::TimedGathering, &shod, "");
    let (first, posted) = (zavod.newest(), zavod.events[0].id().to_string());
    zavod.publish(EventKind::Deletion, &[["e", &posted]], "");
    let called_off = [&shod[..], &[["status", "cancelled"]]].concat();
    zavod.publish(EventKind::TimedGathering, &called_off, "");
    let second = zavod.newest().replace(&first, "");
    let files = |is_given| {
        [
            (NEWEST, second.as_str(), is_given),
            ("events-2026-11.jsonl", second.as_str(), is_given),
            ("events-2026-10.jsonl", first.as_str(), true),
        ]
    };
    write_files(&mut zavod, "zavod.example", &files(true));
    write_files(&mut zavod, "other.example", &files(false));
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    lab.host("zavod.example").page("/m/head.json", Page::new("").status(404));
    let opened = byway.open(&zavod.link("other.example")).await.unwrap();
    assert_eq!((faults(&opened), texts(&opened)), (vec!["file_absent"], vec![]));
    assert_eq!(homes(&opened), [("other.example", "withholds"), ("zavod.example", "gone")]);
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let kept = byway.open_with(&zavod.link("zavod.example"), offline).await.unwrap();
    assert_eq!(kept.events[0].status, EventStatus::Cancelled);
    assert!(kept.posts.iter().all(|post| post.state == PostState::Removed), "{:?}", texts(&kept));
    let new = over(&lab, None).await.open(&zavod.link("other.example")).await.unwrap();
    assert_eq!((faults(&new), texts(&new), new.events.len()), (vec!["file_absent"], vec![], 0), "nor for a new reader");
}

#[tokio::test(start_paused = true)]
async fn what_was_withdrawn_is_not_shown_as_signed() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let other = Digest::of(b"another community");
    let mut zavod = Zavod::new(&lab, |charter| {
        charter.description = "Собираемся на Ленина, 1.".into();
        let homes = vec![CharterHome::new(HomeKind::Mirror, "https://wrong.example/")];
        charter.successor = Some(byway::internals::signed::Successor { community: other, homes });
        charter.homes.push(CharterHome::new(HomeKind::Page, "https://page.example/"));
    });
    let place = [["d", "shod"], ["title", "Сход"], ["start", "4076040000"], ["location", "Ленина, 1"]];
    zavod.publish(EventKind::TimedGathering, &place, "Приходите").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert!(opened.community.successor.is_some() && opened.events[0].place.is_some());
    zavod.amend(|charter| {
        charter.description.clear();
        (charter.successor, charter.homes) = (None, Vec::new());
    });
    zavod.publish(EventKind::TimedGathering, &place[..3], "").write("zavod.example");
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let (community, event) = (&opened.community, &opened.events[0]);
    assert_eq!((&community.description, community.successor.is_some(), community.links.len()), (&None, false, 0));
    assert_eq!(community.homes.len(), 1, "{:?}", community.homes);
    assert_eq!((&event.place, &event.text, event.name.as_str()), (&None, &None, "Сход"));
}

#[tokio::test(start_paused = true)]
async fn more_deletions_than_are_taken_are_said() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one");
    let posted = zavod.events[0].id().to_string();
    zavod.publish(EventKind::Deletion, &[["e", &posted]], "");
    for number in 0..203 {
        let targets: Vec<String> =
            (0..99).map(|target| Digest::of(format!("{number} {target}").as_bytes()).to_string()).collect();
        let tags: Vec<[&str; 2]> = targets.iter().map(|target| ["e", target.as_str()]).collect();
        zavod.publish(EventKind::Deletion, &tags, "");
    }
    zavod.write("zavod.example");
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    let left_out = opened.notes.iter().find_map(|note| match note {
        Note::Source(SourceNote::DeletionsCut { count }) => Some(*count),
        _ => None,
    });
    assert_eq!(left_out, Some(203 * 99 + 1 - 20_000));
    assert_eq!((texts(&opened), faults(&opened)), (vec![], vec![]), "the first ones count");
}

#[tokio::test(start_paused = true)]
async fn a_forged_head_on_one_route_hides_no_http_mirror() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    lab.host("zavod.example").http();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let link = format!("http://zavod.example/m/#byway:{}", zavod.id());
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&link).await.unwrap();
    zavod.post("two").write("zavod.example");
    let genuine = zavod.head();
    let forged = Head { charter: 9, ..genuine.clone() }.seal(&key(66)).unwrap();
    // The exits of Tor see the mirror. On the direct path, somebody forges its head.
    lab.host("zavod.example").page("/m/head.json", Page::new(forged.to_json())).page_for(
        "de",
        "/m/head.json",
        Page::new(genuine.seal(&key(10)).unwrap().to_json()),
    );
    let opened = byway.open(&link).await.unwrap();
    assert_eq!((texts(&opened), state(&opened).0), (vec!["two", "one"], TrustState::Verified));
}

#[tokio::test(start_paused = true)]
async fn a_mirror_sends_the_reader_to_no_other_host() {
    for file in ["head.json", "newest.jsonl", "freeze.json"] {
        let lab = lab();
        let mut zavod = Zavod::new(&lab, |_| {});
        zavod.post("one").write("zavod.example").write("other.example");
        lab.host("zavod.example").redirect(&format!("/m/{file}"), &format!("https://other.example/m/{file}"));
        let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await;
        match (file, opened) {
            ("head.json", Err(error)) => assert!(error.to_string().contains("another site"), "{error}"),
            ("newest.jsonl", Ok(opened)) => assert_eq!(faults(&opened), ["file_elsewhere"]),
            ("freeze.json", Ok(opened)) => assert_eq!((faults(&opened), texts(&opened)), (vec![], vec!["one"])),
            (_, opened) => panic!("{file}: {opened:?}"),
        }
        let lookups = lab.packets().lookups();
        assert!(lookups.iter().all(|name| name == "zavod.example"), "{file}: {lookups:?}");
    }
}
