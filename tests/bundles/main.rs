//! Bundles: a signed community in one file or in a folder, taken in without any network and beside what is kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod folders;
mod pictures;

use byway::community::{CommunityId, TrustReason, TrustState};
use byway::internals::signed::{
    Bundle, Chain, Charter, CharterHome, Digest, Envelope, EventKind, FORMAT, FileEntry, Freeze, Head, HomeKind,
    KeySet, NEWEST, SignedEvent, SigningKey,
};
use byway::jiff::Timestamp;
use byway::source::SourceNote;
use byway::{Byway, Exposure, Note, OpenFault, Roots, Strategy, TakenBundle};
use byway_lab::{Lab, Page};

fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes([person; 32].into()).unwrap()
}

/// A community with two months of content.
struct Zavod {
    began: i64,
    chain: Chain,
    charters: Vec<Envelope>,
    months: Vec<(&'static str, Vec<SignedEvent>)>,
    sequence: u64,
}

impl Zavod {
    fn new(lab: &Lab, person: u8) -> Self {
        let now = Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap();
        let began = now.as_second() / 60 * 60 - 86_400;
        let at = |seconds| Timestamp::from_second(began + seconds).unwrap();
        let root = KeySet::new(vec![key(person).public()], 1);
        let mut charter = Charter::first("Zavod", at(0), at(8_640_000), root, vec![key(10).public()]);
        charter.authors = vec![key(20).public()];
        charter.homes = vec![CharterHome::new(HomeKind::Mirror, "https://zavod.example/")];
        let first = charter.seal([&key(person)]).unwrap();
        let chain = Chain::begin(first.digest(), &first, at(0)).unwrap();
        let months = vec![("events-2026-10.jsonl", Vec::new()), ("events-2026-11.jsonl", Vec::new())];
        Self { began, chain, charters: vec![first], months, sequence: 0 }
    }

    fn at(&self, minutes: i64) -> Timestamp {
        Timestamp::from_second(self.began + minutes * 60).unwrap()
    }

    fn community(&self) -> CommunityId {
        format!("byway:{}", self.chain.id()).parse().unwrap()
    }

    fn event(&mut self, month: usize, kind: EventKind, tag: Option<[&str; 2]>, text: &str) -> String {
        let minutes = self.months.iter().map(|(_, events)| events.len() as i64).sum();
        let mut tags = vec![vec!["i".to_owned(), format!("byway:{}", self.chain.id())]];
        tags.extend(tag.map(|tag| tag.map(str::to_owned).to_vec()));
        let event = SignedEvent::sign(&key(20), self.at(minutes), kind, tags, text).unwrap();
        let id = event.id().to_string();
        self.months[month].1.push(event);
        id
    }

    fn post(&mut self, month: usize, text: &str) -> String {
        self.event(month, EventKind::Note, None, text)
    }

    /// The parts of a bundle of the newest state, with a new head.
    fn parts(&mut self) -> Vec<(String, Vec<u8>)> {
        self.sequence += 1;
        let text = |events: &[SignedEvent]| events.iter().map(|event| format!("{}\n", event.to_json())).collect();
        let all: Vec<SignedEvent> = self.months.iter().flat_map(|(_, events)| events).cloned().collect();
        let mut contents: Vec<(&str, String)> = vec![(NEWEST, text(&all))];
        contents.extend(self.months.iter().map(|(name, events)| (*name, text(events))));
        let entries = contents.iter().map(|(name, text)| FileEntry {
            name: (*name).to_owned(),
            bytes: text.len() as u64,
            sha256: Digest::of(text.as_bytes()),
        });
        let charter = self.chain.newest_version();
        let head = Head {
            format: FORMAT,
            community: self.chain.id(),
            charter,
            charter_digest: self.chain.digest(charter).unwrap(),
            sequence: self.sequence,
            issued: self.at(60),
            expires: self.at(60 * 24 * 30),
            files: entries.collect(),
        };
        let charters = self.charters.iter().enumerate();
        let charters = charters.map(|(number, charter)| (format!("charter/{}.json", number + 1), charter.to_json()));
        let mut parts: Vec<(String, String)> = charters.collect();
        parts.push(("head.json".to_owned(), head.seal(&key(10)).unwrap().to_json()));
        parts.extend(contents.into_iter().map(|(name, text)| (name.to_owned(), text)));
        parts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
    }

    fn bundle(&mut self) -> Vec<u8> {
        written(&self.parts())
    }
}

fn written(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    Bundle::write(parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
}

async fn phone(lab: &Lab) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let direct: Strategy = "direct:".parse().unwrap();
    Byway::builder().strategy(direct).roots(roots).net(lab.client()).build().await.unwrap()
}

async fn take(byway: &Byway, bundle: Vec<u8>) -> TakenBundle {
    byway.take_bundle(bundle, Exposure::Open).await.unwrap()
}

async fn texts(byway: &Byway, id: &CommunityId) -> Vec<String> {
    let posts = byway.posts(id, None, 100).await.unwrap().items;
    let removed = |post: &byway::community::Post| post.state == byway::community::PostState::Removed;
    posts.into_iter().filter(|post| !removed(post)).map(|post| post.text).collect()
}

fn faults(taken: &TakenBundle) -> Vec<&'static str> {
    let fault = |note: &Note| match note {
        Note::Source(SourceNote::NotGenuine { fault }) => Some(fault.code()),
        _ => None,
    };
    taken.notes.iter().filter_map(fault).collect()
}

fn state(taken: &TakenBundle) -> (TrustState, Vec<TrustReason>) {
    match &taken.notes[0] {
        Note::Source(SourceNote::Signed(trust)) => (trust.state, trust.reasons.clone()),
        note => panic!("{note:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_bundle_is_verified_and_kept_without_a_network() {
    let lab = Lab::new();
    let _ = lab.client().offline();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    zavod.post(1, "two");
    let byway = phone(&lab).await;
    let taken = take(&byway, zavod.bundle()).await;
    assert_eq!((taken.community.name.as_str(), taken.community.id.clone()), ("Zavod", zavod.community()));
    assert_eq!((state(&taken).0, faults(&taken), taken.changes.posts.added.len()), (TrustState::Verified, vec![], 2));
    assert_eq!(texts(&byway, &zavod.community()).await, ["two", "one"]);
    assert!(lab.log().by("client").sent().is_empty(), "{}", lab.log());
    let kept = byway.community(&zavod.community()).await.unwrap().unwrap();
    assert_eq!(kept.synced_at, zavod.at(60), "its content is as old as its head");
    let again = take(&byway, zavod.bundle()).await;
    assert_eq!((again.changes.posts.added.len(), faults(&again)), (0, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_bundle_without_posts_is_complete() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    let byway = phone(&lab).await;
    // A bundle has no empty files.
    let parts: Vec<_> = zavod.parts().into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
    assert_eq!(state(&take(&byway, written(&parts)).await), (TrustState::Verified, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_bundle_continues_what_is_kept_and_never_goes_back() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    let one = zavod.post(0, "one");
    let old = zavod.bundle();
    let byway = phone(&lab).await;
    take(&byway, old.clone()).await;
    zavod.event(1, EventKind::Deletion, Some(["e", &one]), "");
    zavod.post(1, "two");
    let taken = take(&byway, zavod.bundle()).await;
    assert_eq!((taken.changes.posts.added.len(), taken.changes.posts.removed.len()), (1, 1));
    assert_eq!(texts(&byway, &zavod.community()).await, ["two"]);
    let back = take(&byway, old).await;
    let is_called_older = back.notes.iter().any(|note| note.code() == "older_than_known");
    assert!(is_called_older && faults(&back).is_empty(), "nothing is accused: {:?}", back.notes);
    assert_eq!(texts(&byway, &zavod.community()).await, ["two"], "a deleted post stays deleted");
}

#[tokio::test(start_paused = true)]
async fn a_bundle_without_its_months_is_not_whole() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    zavod.post(1, "two");
    let parts = zavod.parts();
    let stale = (TrustState::Stale, vec![TrustReason::FilesUnread]);
    for left in ["events-2026-10.jsonl", "events-2026-11.jsonl"] {
        let byway = phone(&lab).await;
        let cut: Vec<_> =
            parts.iter().filter(|(name, _)| name.as_str() < left || !name.starts_with("events-")).cloned().collect();
        let taken = take(&byway, written(&cut)).await;
        let count = taken.notes.iter().find_map(|note| match note {
            Note::Source(SourceNote::FilesUnread { count }) => Some(*count),
            _ => None,
        });
        // An earlier month is not taken without a later one, which may delete what it has.
        assert_eq!((state(&taken), count), (stale.clone(), Some(2)), "{left}: {:?}", taken.notes);
        let whole = take(&byway, written(&parts)).await;
        assert_eq!(state(&whole), (TrustState::Verified, vec![]), "{left}: it is taken when it comes");
    }
}

#[tokio::test(start_paused = true)]
async fn two_heads_of_one_number_in_bundles_are_a_dispute() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    let first = zavod.bundle();
    let byway = phone(&lab).await;
    take(&byway, first.clone()).await;
    // A thief of the routine key signs another state with the same number.
    zavod.sequence -= 1;
    zavod.post(1, "two");
    let other = zavod.bundle();
    let disputed = (TrustState::Disputed, vec![TrustReason::TwoHeads { sequence: 1 }]);
    for (bundle, met) in [(other, vec!["head_disputed"]), (first, vec![])] {
        let taken = take(&byway, bundle).await;
        assert_eq!((state(&taken), taken.changes.posts.added.len()), (disputed.clone(), 0), "{:?}", taken.notes);
        assert_eq!(faults(&taken), met);
        assert_eq!(texts(&byway, &zavod.community()).await, ["one"], "nobody knows which of them is meant");
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_part_of_a_bundle_is_refused_by_itself() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    zavod.post(1, "two");
    let mut parts = zavod.parts();
    let month = parts.iter_mut().find(|(name, _)| name == "events-2026-11.jsonl").unwrap();
    month.1 = String::from_utf8(month.1.clone()).unwrap().replace("two", "2wo").into_bytes();
    let taken = take(&phone(&lab).await, written(&parts)).await;
    assert_eq!((faults(&taken), taken.changes.posts.added.len()), (vec!["file_digest"], 2), "the newest has both");
    for name in ["head.json", "charter/1.json"] {
        let mut parts = zavod.parts();
        let part = parts.iter_mut().find(|(known, _)| known == name).unwrap();
        let mut other = Zavod::new(&lab, 2);
        part.1 = other.parts().into_iter().find(|(known, _)| known == name).unwrap().1;
        let error = phone(&lab).await.take_bundle(written(&parts), Exposure::Open).await.unwrap_err();
        assert_eq!(error.code(), "not_genuine", "another community's {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_forged_bundle_takes_nothing_from_what_is_kept() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    zavod.post(1, "two");
    let parts = zavod.parts();
    for name in ["newest.jsonl", "events-2026-11.jsonl", "events-2026-10.jsonl"] {
        let byway = phone(&lab).await;
        take(&byway, written(&parts)).await;
        let mut forged = parts.clone();
        let part = forged.iter_mut().find(|(known, _)| known == name).unwrap();
        part.1 = String::from_utf8(part.1.clone()).unwrap().replace("o", "0").into_bytes();
        let taken = take(&byway, written(&forged)).await;
        assert_eq!(faults(&taken), ["file_digest"], "{name}");
        assert_eq!(state(&taken), (TrustState::Verified, vec![]), "{name}: this device has every file");
        assert!(taken.notes.iter().all(|note| note.code() != "files_unread"), "{name}: {:?}", taken.notes);
        assert!(taken.changes.is_empty());
        assert_eq!(texts(&byway, &zavod.community()).await.len(), 2);
    }
    // A forged file of a newer state is missing.
    let byway = phone(&lab).await;
    take(&byway, written(&parts)).await;
    zavod.post(1, "three");
    let mut forged = zavod.parts();
    forged.retain(|(name, _)| name != "events-2026-11.jsonl");
    let taken = take(&byway, written(&forged)).await;
    assert!(taken.notes.iter().any(|note| note.code() == "files_unread"), "{:?}", taken.notes);
}

#[tokio::test(start_paused = true)]
async fn another_communitys_content_in_a_bundle_is_not_taken() {
    let lab = Lab::new();
    let (mut zavod, mut other) = (Zavod::new(&lab, 1), Zavod::new(&lab, 2));
    other.post(0, "of the other");
    let stolen = other.months[0].1.clone();
    zavod.months[0].1 = stolen;
    let byway = phone(&lab).await;
    let taken = take(&byway, zavod.bundle()).await;
    assert_eq!(texts(&byway, &zavod.community()).await, [""; 0]);
    assert!(taken.notes.iter().any(|note| note.code() == "posts_odd"), "{:?}", taken.notes);
}

#[tokio::test(start_paused = true)]
async fn a_damaged_file_is_no_bundle_and_changes_nothing() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    let bundle = zavod.bundle();
    let byway = phone(&lab).await;
    let mut with_path = zavod.parts();
    with_path.push(("../../.ssh/authorized_keys".to_owned(), b"x".to_vec()));
    for (bytes, code) in [
        (bundle[..bundle.len() - 9].to_vec(), "bundle_truncated"),
        (written(&with_path), "bundle_name"),
        (b"<opml/>".to_vec(), "bundle_form"),
        (Vec::new(), "bundle_form"),
    ] {
        let error = byway.take_bundle(bytes, Exposure::Open).await.unwrap_err();
        assert!(matches!(error.fault, OpenFault::Bundle(_)), "{error}");
        assert_eq!(error.code(), code);
    }
    assert!(byway.communities().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_freeze_and_an_exposure_in_a_bundle_hold() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    let freeze = Freeze::new(zavod.chain.id(), 1, zavod.at(-60)).seal([&key(1)]).unwrap();
    let mut parts = zavod.parts();
    parts.insert(2, ("freeze.json".to_owned(), freeze.to_json().into_bytes()));
    let byway = phone(&lab).await;
    let taken = byway.take_bundle(written(&parts), Exposure::Tor).await.unwrap();
    let reasons = vec![TrustReason::Frozen { after: zavod.at(-60) }, TrustReason::NoHead];
    assert_eq!(state(&taken), (TrustState::Disputed, reasons));
    assert_eq!((texts(&byway, &zavod.community()).await, taken.exposure), (vec![], Exposure::Tor));
    assert_eq!(
        byway.standing(&zavod.community()).await.unwrap().trust().state,
        TrustState::Disputed,
        "what is kept says it too"
    );
    let refreshed = byway.refresh(&zavod.community()).await.unwrap();
    assert!(refreshed.fault.is_some() && lab.log().by("client").sent().is_empty(), "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_gets_stale_without_a_new_reading() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    let byway = phone(&lab).await;
    let id = zavod.community();
    assert_eq!(byway.standing(&id).await.unwrap().trust().state, TrustState::Unsigned, "nothing is kept");
    take(&byway, zavod.bundle()).await;
    assert_eq!(byway.standing(&id).await.unwrap().trust().state, TrustState::Verified);
    tokio::time::advance(std::time::Duration::from_secs(40 * 86_400)).await;
    let trust = byway.standing(&id).await.unwrap().trust();
    assert_eq!(trust.state, TrustState::Stale);
    assert!(matches!(trust.reasons[..], [TrustReason::HeadExpired { .. }]), "{:?}", trust.reasons);
}

#[tokio::test(start_paused = true)]
async fn a_mirror_of_a_bundle_is_not_called_directly_unasked() {
    let lab = Lab::new();
    let mut zavod = Zavod::new(&lab, 1);
    zavod.post(0, "one");
    let parts = zavod.parts();
    let mut site = lab.host("zavod.example").at("203.0.113.10").https();
    for (name, bytes) in &parts {
        site = site.page(&format!("/{name}"), Page::new(String::from_utf8(bytes.clone()).unwrap()));
    }
    drop(site);
    let byway = phone(&lab).await;
    take(&byway, written(&parts)).await;
    assert!(byway.refresh(&zavod.community()).await.unwrap().fault.is_some());
    assert!(lab.log().by("client").sent().is_empty(), "{}", lab.log());
    let opened = byway.open(&format!("https://zavod.example/#{}", zavod.community())).await.unwrap();
    assert_eq!((opened.fault.is_none(), opened.posts[0].text.as_str()), (true, "one"), "the user opened it");
}
