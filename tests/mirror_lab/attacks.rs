//! Attacks that need a mirror: each ends with a typed outcome, and hides nothing that was read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use byway_lab::Ask;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_chain_of_ten_thousand_charters_is_not_read() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    // A head that names charter 10,000, and a server that answers every charter with the same file.
    let head = Head { charter: 10_000, sequence: 9, ..zavod.head() }.seal(&key(10)).unwrap();
    let mut site = lab.host("zavod.example").page("/m/head.json", Page::new(head.to_json()));
    for version in 2..=40 {
        site = site.page(&format!("/m/charter/{version}.json"), Page::new(zavod.charters[0].to_json()));
    }
    drop(site);
    let (requests, before) = (lab.log().requests().len(), lab.client().carried());
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let (asked, carried) = (lab.log().requests().len() - requests, lab.client().carried() - before);
    assert_eq!((texts(&opened), state(&opened).0), (vec!["one"], TrustState::Verified));
    assert!(asked < 50 && carried < 1 << 20, "{asked} requests, {carried} bytes");
}

#[tokio::test(start_paused = true)]
async fn a_month_of_a_gigabyte_is_refused_or_left_out() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    let month = |bytes: u64| FileEntry { name: "events-2026-11.jsonl".into(), bytes, sha256: Digest::of(b"x") };
    let mut head = zavod.post("one").head();
    head.files.push(month(1 << 30));
    assert_eq!(head.seal(&key(10)).unwrap_err().code(), "head_files", "no head can name it");
    // The largest file that a head can name, and a server that sends without end.
    head.files[1] = month(64 << 20);
    zavod.write_with("zavod.example", &head);
    lab.host("zavod.example").page("/m/events-2026-11.jsonl", Page::new("x".repeat(8 << 20)));
    let before = lab.client().carried();
    let opened = over(&lab, Some(data.path())).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((texts(&opened), opened.truncated), (vec!["one"], true));
    assert!(opened.notes.iter().any(|note| note.code() == "months_unread"), "{:?}", opened.notes);
    assert!(lab.client().carried() - before < 1 << 20, "it is not even asked for");
}

#[tokio::test(start_paused = true)]
async fn a_clock_wrong_by_ten_years_shows_all_and_says_so() {
    for (years, reason) in [(-10, "clock_behind"), (10, "head_expired")] {
        let lab = lab();
        let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
        zavod.post("one").write("zavod.example");
        let now = byway::net::Net::wall(&*lab.client());
        let offset = Duration::from_secs(10 * 365 * 86_400);
        let wrong = if years < 0 { now.checked_sub(offset) } else { now.checked_add(offset) };
        let _ = lab.client().wall_clock(wrong.unwrap());
        // With a certificate, the clock would end the connection before the files are read.
        lab.host("zavod.example").http();
        let link = format!("http://zavod.example/m/#byway:{}", zavod.id());
        let opened = over(&lab, None).await.open(&link).await.unwrap();
        let (state, reasons) = state(&opened);
        assert_eq!((texts(&opened), state), (vec!["one"], TrustState::Stale), "{years}");
        assert!(reasons.iter().any(|one| one.code() == reason), "{years}: {reasons:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mirror_that_goes_back_within_a_reading_is_found_out() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    let charter = zavod.charters[0].to_json();
    let seal = |head: Head| head.seal(&key(10)).unwrap().to_json();
    let old = seal(zavod.post("one").head());
    let lines = zavod.newest();
    let new = seal(zavod.post("two").head());
    // It shows the new head once, and with the files of the old one the old head from then on.
    let shown = AtomicUsize::new(0);
    lab.host("zavod.example").app(move |ask: &Ask| match ask.path.as_str() {
        "/m/charter/1.json" => Page::new(charter.clone()),
        "/m/head.json" if shown.fetch_add(1, Ordering::Relaxed) == 0 => Page::new(new.clone()),
        "/m/head.json" => Page::new(old.clone()),
        "/m/newest.jsonl" => Page::new(lines.clone()),
        _ => Page::new("").status(404),
    });
    let byway = over(&lab, Some(data.path())).await;
    let link = zavod.link("zavod.example");
    for reading in 0..2 {
        let opened = byway.open(&link).await.unwrap();
        assert_eq!(homes(&opened), [("zavod.example", "rolled_back")], "{reading}: {:?}", opened.notes);
        a_day_passes(&lab);
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_claims_to_be_signed_stays_a_copy() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let copy = Copied { of: "https://vk.com/zavod".into(), by: "Анна".into() };
    let mut zavod = Zavod::new(&lab, |charter| (charter.homes, charter.copy) = (Vec::new(), Some(copy)));
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    // The copier's keys sign a second charter that no longer says so.
    let first = zavod.chain.charter(1).unwrap().clone();
    let second = Charter { copy: None, ..first.next(zavod.id(), day(&lab, 0), day(&lab, 400)) };
    let second = second.seal([&key(1), &key(2)]).unwrap();
    let genuine = zavod.head();
    let head = Head { charter: 2, charter_digest: second.digest(), ..genuine }.seal(&key(10)).unwrap();
    lab.host("zavod.example")
        .page("/m/charter/2.json", Page::new(second.to_json()))
        .page("/m/head.json", Page::new(head.to_json()));
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((texts(&opened), state(&opened).0), (vec!["one"], TrustState::Copied));
    assert!(faults(&opened).contains(&"charter_copy_changed"), "{:?}", faults(&opened));
    let new = over(&lab, None).await.open(&zavod.link("zavod.example")).await;
    assert!(new.is_err_and(|error| error.fault.code() == "not_genuine"), "nor does a new reader believe it");
}

#[tokio::test(start_paused = true)]
async fn the_first_screen_fits_sixteen_kilobytes() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |charter| charter.description = "Мы работаем на станкозаводе.".repeat(8));
    let text = "Завтра в шесть у проходной собираемся обсудить сокращения и задержку зарплаты за октябрь. ";
    for number in 0..20 {
        zavod.post(&format!("{number}. {}", text.repeat(2)));
    }
    for number in 0..5 {
        let name = format!("shod{number}");
        let shod =
            [["d", &name], ["title", "Народный сход"], ["start", "4076040000"], ["location", "Площадь у проходной"]];
        zavod.publish(EventKind::TimedGathering, &shod, text);
    }
    let head = zavod.head().seal(&key(10)).unwrap();
    let parts = [zavod.charters[0].to_json(), head.to_json(), zavod.newest()];
    // The lab compresses nothing, so it is given what a server would send.
    let mut compressed = Vec::new();
    for (path, part) in ["/m/charter/1.json", "/m/head.json", "/m/newest.jsonl"].into_iter().zip(parts) {
        let coded = gzip(part.as_bytes()).await;
        compressed.push(coded.len());
        lab.host("zavod.example").page(path, Page::new(coded).header("content-encoding", "gzip"));
    }
    assert!(compressed.iter().sum::<usize>() <= 16 << 10, "{compressed:?}");
    let byway = over(&lab, None).await;
    let before = lab.client().carried();
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((opened.posts.len(), opened.events.len()), (20, 5));
    // The handshake with the host comes on top.
    let carried = lab.client().carried() - before;
    assert!(carried < 24 << 10, "{carried} bytes with the handshake");
}

async fn gzip(bytes: &[u8]) -> Vec<u8> {
    use tokio::io::AsyncReadExt as _;
    let mut coded = Vec::new();
    async_compression::tokio::bufread::GzipEncoder::new(bytes).read_to_end(&mut coded).await.unwrap();
    coded
}
