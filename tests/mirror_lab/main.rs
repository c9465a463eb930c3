//! Mirrors of a signed community, over the lab: read, withheld, changed, rolled back, disputed and copied.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod attacks;
mod beside;
mod growing;
mod homes;
mod hostile;
mod unread;

use std::path::Path;

use byway::community::{EventStatus, PostState, TrustReason, TrustState};
use byway::internals::signed::{
    Chain, Charter, CharterHome, Copied, Digest, Envelope, EventKind, FORMAT, FileEntry, Freeze, Head, HomeKind,
    KeySet, NEWEST, SignedEvent, SigningKey,
};
use byway::jiff::Timestamp;
use byway::source::SourceNote;
use byway::{Byway, Exposure, Language, Note, OpenFault, OpenOptions, Opened, Roots, StoreKey, Strategy};
use byway_lab::{Lab, Page};

/// The lab's clock begins on this day; `days` are added.
fn day(lab: &Lab, days: i64) -> Timestamp {
    let today = Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap();
    Timestamp::from_second(today.as_second() / 60 * 60 + days * 86_400).unwrap()
}

fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes([person; 32].into()).unwrap()
}

/// A community of the root keys 1, 2 and 3, with what its mirrors carry.
struct Zavod<'a> {
    lab: &'a Lab,
    chain: Chain,
    charters: Vec<Envelope>,
    events: Vec<SignedEvent>,
    sequence: u64,
}

impl<'a> Zavod<'a> {
    fn new(lab: &'a Lab, change: impl FnOnce(&mut Charter)) -> Self {
        let root = KeySet::new((1..4).map(|person| key(person).public()).collect(), 2);
        let routine = vec![key(10).public()];
        let mut charter = Charter::first("Рабочие станкозавода", day(lab, -100), day(lab, 400), root, routine);
        charter.authors = vec![key(20).public()];
        charter.homes = vec![CharterHome::new(HomeKind::Mirror, "https://other.example/m/")];
        change(&mut charter);
        let first = charter.seal([&key(1), &key(2)]).unwrap();
        let chain = Chain::begin(first.digest(), &first, day(lab, -100)).unwrap();
        Self { lab, chain, charters: vec![first], events: Vec::new(), sequence: 0 }
    }

    fn id(&self) -> Digest {
        self.chain.id()
    }

    fn link(&self, host: &str) -> String {
        format!("https://{host}/m/#byway:{}", self.id())
    }

    fn post(&mut self, text: &str) -> &mut Self {
        self.publish(EventKind::Note, &[], text)
    }

    fn publish(&mut self, kind: EventKind, more: &[[&str; 2]], text: &str) -> &mut Self {
        let community = format!("byway:{}", self.id());
        let tags = [&[["i", &community]], more].concat();
        let tags = tags.iter().map(|tag| tag.iter().map(|text| (*text).to_owned()).collect()).collect();
        let at = Timestamp::from_second(day(self.lab, -1).as_second() + self.events.len() as i64 * 60).unwrap();
        self.events.push(SignedEvent::sign(&key(20), at, kind, tags, text).unwrap());
        self
    }

    /// The next charter.
    fn amend(&mut self, change: impl FnOnce(&mut Charter)) -> &mut Self {
        let version = self.chain.newest_version();
        let (charter, digest) = (self.chain.charter(version).unwrap(), self.chain.digest(version).unwrap());
        let mut charter = charter.next(digest, day(self.lab, 0), day(self.lab, 400));
        change(&mut charter);
        let sealed = charter.seal([&key(1), &key(2)]).unwrap();
        self.chain.extend(&sealed, day(self.lab, 0)).unwrap();
        self.charters.push(sealed);
        self
    }

    fn newest(&self) -> String {
        self.events.iter().map(|event| format!("{}\n", event.to_json())).collect()
    }

    fn head(&mut self) -> Head {
        self.sequence += 1;
        let newest = self.newest();
        let charter = self.chain.newest_version();
        Head {
            format: FORMAT,
            community: self.id(),
            charter,
            charter_digest: self.chain.digest(charter).unwrap(),
            sequence: self.sequence,
            issued: day(self.lab, 0),
            expires: day(self.lab, 30),
            files: vec![FileEntry {
                name: NEWEST.into(),
                bytes: newest.len() as u64,
                sha256: Digest::of(newest.as_bytes()),
            }],
        }
    }

    /// Writes everything to a mirror, with a new head.
    fn write(&mut self, host: &str) -> &mut Self {
        let head = self.head();
        self.write_with(host, &head)
    }

    /// Writes the same to several mirrors.
    fn write_all(&mut self, hosts: &[&str]) -> &mut Self {
        let head = self.head();
        for host in hosts {
            self.write_with(host, &head);
        }
        self
    }

    fn write_with(&mut self, host: &str, head: &Head) -> &mut Self {
        let mut site = self.lab.host(host);
        for (number, charter) in self.charters.iter().enumerate() {
            site = site.page(&format!("/m/charter/{}.json", number + 1), Page::new(charter.to_json()));
        }
        let head = head.seal(&key(10)).unwrap();
        site.page("/m/head.json", Page::new(head.to_json()).with_ranges(&head.digest().to_string()))
            .page("/m/newest.jsonl", Page::new(self.newest()));
        self
    }
}

fn lab() -> Lab {
    let lab = Lab::new();
    lab.host("zavod.example").at("203.0.113.10").https();
    lab.host("other.example").at("203.0.113.11").https();
    lab
}

async fn over(lab: &Lab, data: Option<&Path>) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let strategies = ["direct:".to_owned(), lab.tor().url()].map(|strategy| strategy.parse::<Strategy>().unwrap());
    let mut builder = Byway::builder().strategies(strategies).roots(roots).net(lab.client());
    if let Some(data) = data {
        builder = builder.data_dir(data, StoreKey::from_bytes([7; 32]));
    }
    builder.build().await.unwrap()
}

fn state(opened: &Opened) -> (TrustState, Vec<TrustReason>) {
    let trust = opened.trust();
    (trust.state, trust.reasons)
}

fn faults(opened: &Opened) -> Vec<&'static str> {
    let faults = opened.notes.iter().filter_map(|note| match note {
        Note::Source(SourceNote::NotGenuine { fault }) => Some(fault.code()),
        _ => None,
    });
    faults.collect()
}

/// From then on mirrors are asked as if nothing of them were known.
fn a_day_passes(lab: &Lab) {
    let now = byway::net::Net::wall(&*lab.client());
    let began = now.checked_sub(lab.elapsed()).unwrap();
    let _ = lab.client().wall_clock(began + std::time::Duration::from_secs(25 * 3600));
}

/// Each home's host and state, by host.
fn homes(opened: &Opened) -> Vec<(&str, &'static str)> {
    let host = |home: &byway::HomeAccess| match &home.standing.home {
        byway::community::Home::Web(url) => Box::leak(url.host_str().unwrap().to_owned().into_boxed_str()) as &str,
        _ => panic!("no mirror"),
    };
    let mut homes: Vec<_> = opened.homes.iter().map(|home| (host(home), home.standing.state.code())).collect();
    homes.sort_unstable();
    homes
}

fn texts(opened: &Opened) -> Vec<&str> {
    opened.posts.iter().map(|post| post.text.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_mirror_is_read_and_its_state_is_said() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |charter| charter.description = "Мы здесь.".into());
    let shod = [["d", "shod"], ["title", "Сход"], ["start", "4076040000"], ["status", "cancelled"]];
    zavod.post("one").post("two").publish(EventKind::TimedGathering, &shod, "").write("zavod.example");
    let byway = over(&lab, None).await;
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(opened.community.id.to_string(), format!("byway:{}", zavod.id()));
    assert_eq!((opened.community.name.as_str(), texts(&opened)), ("Рабочие станкозавода", vec!["two", "one"]));
    assert_eq!((opened.events[0].name.as_str(), opened.events[0].status), ("Сход", EventStatus::Cancelled));
    assert_eq!((state(&opened), faults(&opened)), ((TrustState::Verified, vec![]), vec![]));
    assert_eq!(opened.notes[0].sentence(Language::En), "Signed by the community.");
    let json = serde_json::to_value(&opened).unwrap();
    assert_eq!((&json["notes"][0]["code"], &json["notes"][0]["state"]), (&"signed".into(), &"verified".into()));
    assert_eq!(opened.community.homes[1].to_string(), zavod.link("other.example"), "listed");
    assert_eq!(lab.packets().lookups(), ["zavod.example"], "and not contacted");
}

#[tokio::test(start_paused = true)]
async fn the_link_of_a_community_leads_to_its_mirror() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    let link = format!("byway:{}?exposure=tor&mirror=zavod.example/m/", zavod.id());
    let opened = byway.open(&link).await.unwrap();
    assert_eq!((texts(&opened), opened.exposure), (vec!["one"], Exposure::Tor));
    let web = format!("https://zavod.example/m/#byway:{}?exposure=tor", zavod.id());
    let home: byway::HomeLink = web.parse().unwrap();
    assert_eq!((home.exposure, home.home.to_string()), (Exposure::Tor, zavod.link("zavod.example")));
    assert_eq!(lab.packets().lookups(), [""; 0], "nothing is asked directly");
    let none = byway.open(&format!("byway:{}", zavod.id())).await.unwrap_err();
    assert!(matches!(none.fault, OpenFault::NoMirror), "{none}");
}

#[tokio::test(start_paused = true)]
async fn a_mirror_of_another_community_shows_nothing() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    let other = Zavod::new(&lab, |charter| charter.name = "Другие".into());
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    let error = byway.open(&other.link("zavod.example")).await.unwrap_err();
    assert_eq!((error.fault.code(), error.fault.to_string().contains("another community")), ("not_genuine", true));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_is_noticed_after_a_restart_and_at_any_mirror() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("other.example").post("two").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    assert_eq!(texts(&byway.open(&zavod.link("zavod.example")).await.unwrap()), ["two", "one"]);
    drop(byway);
    let byway = over(&lab, Some(data.path())).await;
    let old = byway.open(&zavod.link("other.example")).await.unwrap();
    assert_eq!(faults(&old), ["head_rollback"], "{:?}", old.notes);
    assert_eq!(homes(&old), [("other.example", "behind"), ("zavod.example", "current")]);
    assert_eq!(texts(&old), ["two", "one"], "what was read stays");
    assert_eq!(state(&old).0, TrustState::Verified, "the mirror is at fault, not the community");
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_is_refused_on_every_route() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    lab.host("zavod.example").page("/m/newest.jsonl", Page::new(zavod.newest().replace("one", "two")));
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((faults(&opened), texts(&opened)), (vec!["file_digest"], vec![]));
    let sentence = "A part of what was read was refused: a file has other content than the community's newest \
                    statement says.";
    assert_eq!(opened.notes[1].sentence(Language::En), sentence);
}

#[tokio::test(start_paused = true)]
async fn a_month_is_read_up_to_its_head_during_an_upload() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    let month = "events-2026-11.jsonl";
    let mut head = zavod.post("one").head();
    head.files[0].name = month.into();
    zavod.write_with("zavod.example", &head);
    let put = |text: String| lab.host("zavod.example").page(&format!("/m/{month}"), Page::new(text));
    put(zavod.post("two").newest());
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((faults(&opened), texts(&opened), opened.truncated), (vec![], vec!["one"], false));
    put(zavod.newest().replace("one", "eno"));
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((faults(&opened), texts(&opened)), (vec!["file_digest"], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_reaches_readers_who_need_no_month() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.publish(EventKind::Article, &[["d", "place"]], "Сход у ворот").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    assert_eq!(texts(&byway.open(&zavod.link("zavod.example")).await.unwrap()), ["Сход у ворот"]);
    let item = zavod.events.remove(0).item_id();
    for _ in 0..20 {
        zavod.post("x");
    }
    let deletion = [["a", item.strip_prefix("nostr:").unwrap()]];
    zavod.publish(EventKind::Deletion, &deletion, "").write("zavod.example");
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let gone = opened.posts.iter().find(|post| post.id == item).unwrap();
    assert_eq!((gone.text.as_str(), gone.state), ("Сход у ворот", PostState::Removed));
    let new = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(new.posts.len(), 20, "who never read it has nothing of it");
}

#[tokio::test(start_paused = true)]
async fn a_longer_file_of_the_newest_is_refused() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    lab.host("zavod.example").page("/m/newest.jsonl", Page::new(zavod.post("two").newest()));
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((faults(&opened), texts(&opened)), (vec!["file_digest"], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_page_in_place_of_a_document_is_no_answer() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    lab.host("zavod.example").page("/m/head.json", Page::new("<html>Welcome</html>"));
    let error = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap_err();
    assert_eq!(error.fault.code(), "bad_answer");
}

#[tokio::test(start_paused = true)]
async fn keys_are_rotated_while_the_reader_follows() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    zavod.amend(|charter| charter.name = "Новое имя".into()).post("two").write("zavod.example");
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((opened.community.name.as_str(), texts(&opened)), ("Новое имя", vec!["two", "one"]));
    assert_eq!(state(&opened).0, TrustState::Verified);
}

#[tokio::test(start_paused = true)]
async fn mirrors_with_two_charters_are_a_dispute_for_good() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one");
    let mut forged = Zavod::new(&lab, |_| {});
    forged.post("one").amend(|charter| charter.name = "Подмена".into()).post("x").write("other.example");
    zavod.amend(|charter| charter.name = "Новое имя".into()).write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    let disputed = byway.open(&zavod.link("other.example")).await.unwrap();
    assert_eq!(state(&disputed), (TrustState::Disputed, vec![TrustReason::TwoCharters { version: 2 }]));
    drop(byway);
    let again = over(&lab, Some(data.path())).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(state(&again).0, TrustState::Disputed, "a restart does not settle it");
    assert_eq!(texts(&again), ["one"], "it stays readable");
}

#[tokio::test(start_paused = true)]
async fn an_expired_head_is_stale_and_still_read() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one");
    let head = Head { issued: day(&lab, -40), expires: day(&lab, -10), ..zavod.head() };
    zavod.events[0] = SignedEvent::sign(
        &key(20),
        day(&lab, -41),
        EventKind::Note,
        vec![vec!["i".into(), format!("byway:{}", zavod.id())]],
        "one",
    )
    .unwrap();
    let head = Head { files: zavod.head().files, ..head };
    zavod.write_with("zavod.example", &head);
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(texts(&opened), ["one"]);
    assert_eq!(state(&opened), (TrustState::Stale, vec![TrustReason::HeadExpired { at: day(&lab, -10) }]));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_that_a_mirror_carries_is_said() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let freeze = Freeze::new(zavod.id(), 1, day(&lab, -30)).seal([&key(2), &key(3)]).unwrap();
    lab.host("zavod.example").page("/m/freeze.json", Page::new(freeze.to_json()));
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    let reasons = vec![TrustReason::Frozen { after: day(&lab, -30) }, TrustReason::NoHead];
    assert_eq!(state(&opened), (TrustState::Disputed, reasons));
    assert_eq!(texts(&opened), [""; 0], "nothing that was signed later");
}

#[tokio::test(start_paused = true)]
async fn a_thief_of_all_keys_is_not_shown_beside_a_freeze() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("other.example");
    let (byway, newcomer) = (over(&lab, None).await, over(&lab, None).await);
    byway.open(&zavod.link("other.example")).await.unwrap();
    let freeze = Freeze::new(zavod.id(), 1, day(&lab, -1)).seal([&key(1), &key(3)]).unwrap();
    zavod.amend(|charter| (charter.name, charter.description) = ("Thief".into(), "x".into()));
    zavod.post("thief").write_all(&["zavod.example", "other.example"]);
    for host in ["zavod.example", "other.example"] {
        lab.host(host).page("/m/freeze.json", Page::new(freeze.to_json()));
    }
    for (reader, host) in [(&newcomer, "zavod.example"), (&byway, "other.example"), (&byway, "other.example")] {
        let opened = reader.open(&zavod.link(host)).await.unwrap();
        assert_eq!(state(&opened).0, TrustState::Disputed);
        assert_eq!(opened.community.name, "Рабочие станкозавода");
        assert!(!texts(&opened).contains(&"thief"), "{:?}", texts(&opened));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_shown_with_the_name_of_its_maker() {
    let lab = lab();
    let copy = Copied { of: "https://vk.com/club7".into(), by: "А”н\u{202e}на".into() };
    let mut zavod = Zavod::new(&lab, |charter| charter.copy = Some(copy));
    zavod.post("one").write("zavod.example");
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!(state(&opened).0, TrustState::Copied);
    let sentence = "A copy of the community's page, made and signed by “Анна”, not by the community.";
    assert_eq!(opened.notes[0].sentence(Language::En), sentence);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_a_charter_names_is_only_a_link() {
    let lab = lab();
    let page = "https://page.example/feed";
    let mut zavod = Zavod::new(&lab, |charter| {
        charter.homes.extend([page, "https://vk.com/zavod"].map(|page| CharterHome::new(HomeKind::Page, page)));
        charter.homes.push(CharterHome::new(HomeKind::Mirror, "https://t.me/zavod"));
    });
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let links: Vec<&str> = opened.community.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!((links, opened.community.homes.len()), (vec![page, "https://vk.com/zavod"], 2));
    for link in [page, "vk.com/zavod", "t.me/zavod"] {
        let offline = OpenOptions { offline: true, ..OpenOptions::default() };
        let error = byway.open_with(link, offline).await.unwrap_err();
        assert!(matches!(error.fault, OpenFault::NotStored), "{link}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_believed_is_said_without_a_network_too() {
    let lab = lab();
    let copy = Copied { of: "https://vk.com/club7".into(), by: "Анна".into() };
    let mut zavod = Zavod::new(&lab, |charter| charter.copy = Some(copy));
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let kept = byway.open_with(&zavod.link("zavod.example"), offline).await.unwrap();
    assert_eq!((texts(&kept), state(&kept).0), (vec!["one"], TrustState::Copied));
    lab.host("zavod.example").page("/m/head.json", Page::new("<html>Welcome</html>"));
    let unread = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((unread.fault.is_some(), state(&unread).0), (true, TrustState::Copied));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_reaches_those_who_read_the_post() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    for number in 0..21 {
        zavod.post(&number.to_string());
    }
    // The newest twenty are in the file of the newest; the month has everything.
    let write = |zavod: &mut Zavod<'_>, newest: String| {
        let (month, mut head) = (zavod.newest(), zavod.head());
        let entry = |name: &str, text: &str| FileEntry {
            name: name.into(),
            bytes: text.len() as u64,
            sha256: Digest::of(text.as_bytes()),
        };
        head.files = vec![entry(NEWEST, &newest), entry("events-2099-01.jsonl", &month)];
        zavod.write_with("zavod.example", &head);
        let site = lab.host("zavod.example").page("/m/newest.jsonl", Page::new(newest));
        site.page("/m/events-2099-01.jsonl", Page::new(month));
    };
    let newest: String = zavod.newest().lines().skip(1).map(|line| format!("{line}\n")).collect();
    write(&mut zavod, newest.clone());
    let byway = over(&lab, Some(data.path())).await;
    let link = zavod.link("zavod.example");
    assert!(byway.open(&link).await.unwrap().posts.iter().any(|post| post.text == "5"));
    let deleted = zavod.events[5].id().to_string();
    zavod.publish(EventKind::Deletion, &[["e", &deleted]], "");
    write(&mut zavod, newest.lines().filter(|line| !line.contains(&deleted)).map(|line| format!("{line}\n")).collect());
    let opened = byway.open(&link).await.unwrap();
    let post = opened.posts.iter().find(|post| post.id == format!("nostr:{deleted}"));
    assert!(post.is_none_or(|post| post.state == PostState::Removed), "{post:?}");
    assert_eq!(opened.changes.posts.removed.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fork_before_the_newest_charter_is_found() {
    for longer in [false, true] {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let (mut zavod, mut forged) = (Zavod::new(&lab, |_| {}), Zavod::new(&lab, |_| {}));
        zavod.amend(|charter| charter.name = "Новое имя".into());
        if longer {
            zavod.amend(|_| {});
        }
        zavod.write("zavod.example");
        forged.amend(|charter| charter.name = "Подмена".into()).amend(|_| {}).write("other.example");
        let byway = over(&lab, Some(data.path())).await;
        byway.open(&zavod.link("zavod.example")).await.unwrap();
        let disputed = byway.open(&zavod.link("other.example")).await.unwrap();
        assert_eq!(state(&disputed), (TrustState::Disputed, vec![TrustReason::TwoCharters { version: 2 }]), "{longer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_picture_that_was_exchanged_is_refused() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    let digest = Digest::of(b"picture");
    let urls = [format!("url files/{digest}"), format!("url files/../../other/{digest}")];
    zavod.publish(EventKind::Note, &[["imeta", &urls[0]], ["imeta", &urls[1]]], "one").write("zavod.example");
    lab.host("zavod.example").page(&format!("/m/files/{digest}"), Page::new("picture"));
    let byway = over(&lab, Some(data.path())).await;
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let pictures = byway::attachments(&opened.community.id, &opened.posts[0]);
    let fetched = byway.fetch_attachment(&pictures[0].0, 100).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), b"picture");
    assert_eq!(byway.fetch_attachment(&pictures[1].0, 100).await.unwrap_err().fault.code(), "no_file", "a path");
    lab.host("zavod.example").page(&format!("/m/files/{digest}"), Page::new("another"));
    let error = byway.fetch_attachment(&pictures[0].0, 100).await.unwrap_err();
    assert!(matches!(error.fault, byway::AttachmentFault::Fetch(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_in_a_month_of_five_megabytes_arrives() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    let write = |zavod: &mut Zavod<'_>, newest: &str| {
        let month = zavod.newest();
        let entry = |name: &str, text: &str| FileEntry {
            name: name.into(),
            bytes: text.len() as u64,
            sha256: Digest::of(text.as_bytes()),
        };
        let head = Head { files: vec![entry("events-2026-11.jsonl", &month), entry(NEWEST, newest)], ..zavod.head() };
        zavod.write_with("zavod.example", &head);
        let site = lab.host("zavod.example").page("/m/events-2026-11.jsonl", Page::new(month));
        let _ = site.page("/m/newest.jsonl", Page::new(newest.to_owned()));
    };
    let first = format!("{}\n", zavod.post("one").events[0].to_json());
    write(&mut zavod, &first);
    let byway = over(&lab, Some(data.path())).await;
    let link = zavod.link("zavod.example");
    assert_eq!(texts(&byway.open(&link).await.unwrap()), ["one"]);
    for _ in 0..90 {
        zavod.post(&"x".repeat(60_000));
    }
    let deleted = zavod.events[0].id().to_string();
    zavod.publish(EventKind::Deletion, &[["e", &deleted]], "");
    assert!(zavod.newest().len() > 5 << 20);
    let last = format!("{}\n", zavod.events[90].to_json());
    write(&mut zavod, &last);
    let opened = byway.open(&link).await.unwrap();
    let one = opened.posts.iter().find(|post| post.text == "one");
    assert!(one.is_none_or(|post| post.state == PostState::Removed), "{:?}", opened.notes);
    assert!(!opened.notes.iter().any(|note| matches!(note, Note::Source(SourceNote::MonthsUnread { .. }))));
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_is_not_revived_by_an_old_month() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    let line = |event: &SignedEvent| format!("{}\n", event.to_json());
    let entry = |name: &str, text: &str| FileEntry {
        name: name.into(),
        bytes: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
    };
    let write = |zavod: &mut Zavod<'_>, files: [(&str, String); 3]| {
        let mut head = zavod.head();
        head.files = files.iter().map(|(name, text)| entry(name, text)).collect();
        zavod.write_with("zavod.example", &head);
        for (name, text) in files {
            lab.host("zavod.example").page(&format!("/m/{name}"), Page::new(text));
        }
    };
    let october = line(&zavod.post("one").events[0]);
    write(
        &mut zavod,
        [(NEWEST, october.clone()), ("events-2026-10.jsonl", october.clone()), ("events-2026-11.jsonl", "".into())],
    );
    let byway = over(&lab, Some(data.path())).await;
    let link = zavod.link("zavod.example");
    assert_eq!(texts(&byway.open(&link).await.unwrap()), ["one"]);
    let deleted = zavod.events[0].id().to_string();
    let deletion = line(&zavod.publish(EventKind::Deletion, &[["e", &deleted]], "").events[1]);
    let files = [(NEWEST, deletion.clone()), ("events-2026-10.jsonl", october), ("events-2026-11.jsonl", deletion)];
    write(&mut zavod, files);
    let is_removed = |opened: &Opened| opened.posts.iter().all(|post| post.state == PostState::Removed);
    assert!(is_removed(&byway.open(&link).await.unwrap()));
    // The mirror goes back to what it had before the deletion, and keeps the head.
    for name in [NEWEST, "events-2026-11.jsonl"] {
        lab.host("zavod.example").page(&format!("/m/{name}"), Page::new(""));
    }
    a_day_passes(&lab);
    let opened = byway.open(&link).await.unwrap();
    assert!(is_removed(&opened), "{:?}", opened.notes);
    // With a newer head it is asked for the files, and is at fault.
    let head = zavod.head();
    let stated = entry(NEWEST, &zavod.newest());
    zavod.write_with("zavod.example", &Head { files: vec![stated], ..head });
    lab.host("zavod.example").page("/m/newest.jsonl", Page::new(""));
    let opened = byway.open(&link).await.unwrap();
    assert!(is_removed(&opened) && !faults(&opened).is_empty(), "{:?}", opened.notes);
}

#[tokio::test(start_paused = true)]
async fn a_mirror_of_garbage_costs_its_limit_alone() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    byway.open(&zavod.link("zavod.example")).await.unwrap();
    let endless = "x".repeat(8 << 20);
    for name in ["newest.jsonl", "head.json", "freeze.json"] {
        lab.host("zavod.example").page(&format!("/m/{name}"), Page::new(endless.clone()));
    }
    let before = lab.client().carried();
    let opened = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let carried = lab.client().carried() - before;
    assert!(carried < 4 << 20, "{carried} bytes");
    assert_eq!((texts(&opened), opened.fault.is_some()), (vec!["one"], true), "what was read stays");
}

#[tokio::test(start_paused = true)]
async fn months_that_are_too_large_are_noted() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    let mut head = zavod.post("one").head();
    let month =
        |month: u8, bytes| FileEntry { name: format!("events-2026-{month:02}.jsonl"), bytes, sha256: Digest::of(b"x") };
    head.files.extend([month(9, 5 << 20), month(8, 1)]);
    zavod.write_with("zavod.example", &head);
    let opened = over(&lab, None).await.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((texts(&opened), opened.truncated), (vec!["one"], true));
    assert!(opened.notes.iter().any(|note| note.code() == "months_unread"), "{:?}", opened.notes);
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_link_is_compared_with_the_charters() {
    let lab = lab();
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, None).await;
    let keys = |people: [u8; 3]| byway::KeyFingerprint::of(people.map(|person| key(person).public().to_bytes()));
    for (people, is_noted) in [([1, 2, 3], false), ([1, 2, 4], true)] {
        let key = keys(people).to_string().replace(' ', "");
        let link = format!("byway:{}?key={key}&mirror=zavod.example/m/", zavod.id());
        let opened = byway.open(&link).await.unwrap();
        assert_eq!(opened.notes.iter().any(|note| note.code() == "link_keys"), is_noted, "{people:?}");
        let web = format!("https://zavod.example/m/#{link}");
        let opened = byway.open(&web).await.unwrap();
        assert_eq!(opened.notes.iter().any(|note| note.code() == "link_keys"), is_noted, "{people:?}, in its web form");
    }
}
