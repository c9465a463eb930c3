//! Communities that move, over the lab: followed, asked, claimed, in circles, disputed, and never called directly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::path::Path;
use std::time::{Duration, SystemTime};

use byway::community::{CommunityId, TrustState};
use byway::internals::signed::{
    Chain, Charter, CharterHome, Digest, Envelope, EventKind, FORMAT, FileEntry, Freeze, Head, HomeKind, KeySet,
    NEWEST, SignedEvent, SigningKey, Successor,
};
use byway::jiff::Timestamp;
use byway::source::SourceNote;
use byway::{Byway, Language, Move, MoveKind, Note, OpenOptions, Opened, Roots, StoreKey, Strategy};
use byway_lab::{Lab, Page};

/// Some days after the lab's clock began.
fn day(lab: &Lab, days: i64) -> Timestamp {
    let today = Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap();
    Timestamp::from_second(today.as_second() / 60 * 60 + days * 86_400).unwrap()
}

fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes([person; 32].into()).unwrap()
}

fn keys(people: &[u8]) -> Vec<SigningKey> {
    people.iter().map(|person| key(*person)).collect()
}

/// A community with these people as its root keys, of whom so many must sign, on a host of its own.
struct Group {
    host: &'static str,
    people: Vec<u8>,
    chain: Chain,
    charters: Vec<Envelope>,
    sequence: u64,
    /// Times are counted from here, whatever the phone's clock says.
    founded: Timestamp,
}

impl Group {
    fn new(lab: &Lab, host: &'static str, people: &[u8], threshold: u64, predecessor: Option<Digest>) -> Self {
        let founded = day(lab, -100);
        let root = KeySet::new(keys(people).iter().map(SigningKey::public).collect(), threshold);
        let mut charter = Charter::first(host, founded, later(founded, 500), root, vec![key(10).public()]);
        charter.authors = vec![key(20).public()];
        charter.predecessor = predecessor;
        let first = charter.seal(&keys(people)).unwrap();
        let chain = Chain::begin(first.digest(), &first, founded).unwrap();
        let group = Self { host, people: people.to_vec(), chain, charters: vec![first], sequence: 0, founded };
        lab.host(host).at(&format!("203.0.113.{}", 10 + people.iter().sum::<u8>())).https();
        group
    }

    fn id(&self) -> Digest {
        self.chain.id()
    }

    fn community(&self) -> CommunityId {
        format!("byway:{}", self.id()).parse().unwrap()
    }

    fn link(&self) -> String {
        format!("https://{}/#byway:{}", self.host, self.id())
    }

    fn amend(&mut self, change: impl FnOnce(&mut Charter)) -> &mut Self {
        let version = self.chain.newest_version();
        let (charter, digest) = (self.chain.charter(version).unwrap(), self.chain.digest(version).unwrap());
        let mut charter = charter.next(digest, later(self.founded, 90), later(self.founded, 500));
        change(&mut charter);
        let sealed = charter.seal(&keys(&self.people)).unwrap();
        self.chain.extend(&sealed, later(self.founded, 90)).unwrap();
        self.charters.push(sealed);
        self
    }

    fn moves_to(&mut self, next: &Group) -> &mut Self {
        let home = CharterHome::new(HomeKind::Mirror, format!("https://{}/", next.host));
        let successor = Successor { community: next.id(), homes: vec![home] };
        self.amend(|charter| charter.successor = Some(successor))
    }

    /// Writes its mirror, with one post that says where it is.
    fn write(&mut self, lab: &Lab) -> &mut Self {
        self.sequence += 1;
        let tags = vec![vec!["i".to_owned(), format!("byway:{}", self.id())]];
        let at = later(self.founded, 1);
        let newest = SignedEvent::sign(&key(20), at, EventKind::Note, tags, format!("at {}", self.host)).unwrap();
        let newest = format!("{}\n", newest.to_json());
        let charter = self.chain.newest_version();
        let head = Head {
            format: FORMAT,
            community: self.id(),
            charter,
            charter_digest: self.chain.digest(charter).unwrap(),
            sequence: self.sequence,
            issued: later(self.founded, 100),
            expires: later(self.founded, 180),
            files: vec![FileEntry {
                name: NEWEST.into(),
                bytes: newest.len() as u64,
                sha256: Digest::of(newest.as_bytes()),
            }],
        };
        let mut site = lab.host(self.host);
        for (number, charter) in self.charters.iter().enumerate() {
            site = site.page(&format!("/charter/{}.json", number + 1), Page::new(charter.to_json()));
        }
        site.page("/head.json", Page::new(head.seal(&key(10)).unwrap().to_json()))
            .page("/newest.jsonl", Page::new(newest));
        self
    }
}

fn later(at: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_second(at.as_second() + days * 86_400).unwrap()
}

/// A phone with these strategies.
async fn phone(lab: &Lab, data: &Path, strategies: &[String]) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let strategies = strategies.iter().map(|strategy| strategy.parse::<Strategy>().unwrap());
    let builder = Byway::builder().strategies(strategies).roots(roots).net(lab.client());
    builder.data_dir(data, StoreKey::from_bytes([7; 32])).build().await.unwrap()
}

/// Direct first, then Tor.
async fn with_tor(lab: &Lab, data: &Path) -> Byway {
    phone(lab, data, &["direct:".to_owned(), lab.tor().url()]).await
}

/// The phone's clock goes on by so many days.
fn pass(lab: &Lab, days: u64) {
    let now = byway::net::Net::wall(&*lab.client());
    let began = now.checked_sub(lab.elapsed()).unwrap();
    let _ = lab.client().wall_clock(began + Duration::from_secs(days * 86_400));
    assert!(byway::net::Net::wall(&*lab.client()) > SystemTime::UNIX_EPOCH);
}

/// Whether the phone itself looked a host up or connected to it.
fn called(lab: &Lab, host: &str) -> bool {
    let (log, addresses) = (lab.log().by("client"), lab.addresses_of(host));
    log.lookups().iter().any(|name| name == host)
        || log.connects().iter().any(|(_, address)| addresses.contains(&address.ip()))
}

fn moves(opened: &Opened) -> Vec<MoveKind> {
    opened.notes.iter().filter_map(of_move).map(|moved| moved.kind).collect()
}

fn of_move(note: &Note) -> Option<&Move> {
    match note {
        Note::Move(moved) => Some(moved),
        _ => None,
    }
}

fn shown(opened: &Opened) -> &str {
    &opened.posts[0].text
}

/// An old community of three, of whom two must sign, and its successor, of whose people two are new.
fn pair(lab: &Lab) -> (Group, Group) {
    let old = Group::new(lab, "old.example", &[1, 2, 3], 2, None);
    let mut new = Group::new(lab, "new.example", &[2, 3, 4, 5], 2, Some(old.id()));
    new.write(lab);
    (old, new)
}

#[tokio::test(start_paused = true)]
async fn a_move_signed_by_two_is_followed_after_a_week() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), []);
    old.moves_to(&new).write(&lab);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Waits]));
    assert!(!called(&lab, "new.example"));
    pass(&lab, 6);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Waits]);
    pass(&lab, 2);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let moved = opened.notes.iter().find_map(of_move).unwrap();
    assert_eq!((moved.stayed, moved.left, moved.joined), (2, 1, 2));
    assert_eq!((&moved.from, moved.to.as_ref()), (&old.community(), Some(&new.community())));
    assert!(moved.from_keys.is_some() && moved.to_keys.is_some() && moved.from_keys != moved.to_keys);
    assert_eq!(byway.posts(&old.community(), None, 10).await.unwrap().items[0].text, "at old.example", "it stays");
    for (id, kind) in [(old.community(), MoveKind::MovedOn), (new.community(), MoveKind::Continues)] {
        let standing = byway.standing(&id).await.unwrap();
        let moved = standing.notes.iter().find_map(of_move).unwrap();
        assert_eq!((moved.kind, moved.at, moved.joined), (kind, Some(later(old.founded, 90)), 2));
        let sentence = Note::Move(moved.clone()).sentence(Language::En);
        let ids = [old.community(), new.community()].map(|id| id.as_str()[..18].to_owned());
        assert!(ids.iter().all(|id| sentence.contains(id)), "{sentence}");
    }

    byway.stay(&old.community()).await.unwrap();
    let stayed = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&stayed), moves(&stayed)), ("at old.example", vec![MoveKind::Declined]));
    byway.follow(&old.community()).await.unwrap();
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at new.example");
}

#[tokio::test(start_paused = true)]
async fn a_successor_is_not_called_directly_before_a_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Unread]), "it came with the first");
    assert!(!called(&lab, "new.example"), "no lookup and no packet");
    drop(byway);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    byway.refresh(&new.community()).await.unwrap();
    byway.sync_once(&[new.community()], byway::SyncLimits::default()).await;
    assert!(!called(&lab, "new.example"), "nor by a refresh or a sync");
    drop(byway);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    assert_eq!(shown(&byway.follow(&old.community()).await.unwrap()), "at new.example");
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at new.example");
}

#[tokio::test(start_paused = true)]
async fn a_move_signed_by_one_asks_and_follows_on_a_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    let mut new = Group::new(&lab, "new.example", &[1, 2], 1, Some(old.id()));
    new.write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Asked]));
    let looked = byway.successor(&old.community()).await.unwrap();
    assert_eq!((shown(&looked), moves(&looked)), ("at new.example", vec![MoveKind::Moved]), "both sides sign it");
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at old.example", "looking decides nothing");
    byway.follow(&old.community()).await.unwrap();
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let direct = byway.open(&new.link()).await.unwrap();
    assert_eq!(moves(&direct), [MoveKind::Continues]);
}

#[tokio::test(start_paused = true)]
async fn a_forged_or_one_sided_successor_is_a_claim() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1, 2, 3], 2, None);
    let mut one_sided = Group::new(&lab, "new.example", &[4, 5], 2, None);
    one_sided.write(&lab);
    let mut forged = Group::new(&lab, "forged.example", &[6, 7], 2, Some(old.id()));
    forged.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&forged.link()).await.unwrap()), [MoveKind::ContinuesUnknown]);
    old.moves_to(&one_sided).write(&lab);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::OneSided]));
    let claimed = byway.open(&forged.link()).await.unwrap();
    assert_eq!(moves(&claimed), [MoveKind::ClaimsToContinue]);
    let followed = byway.follow(&old.community()).await.unwrap();
    assert_eq!((shown(&followed), moves(&followed)), ("at new.example", vec![MoveKind::OnYourWord]));
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::OnYourWord]);
}

#[tokio::test(start_paused = true)]
async fn successors_in_a_circle_end_the_walk() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let back = new.id();
    old.amend(|charter| charter.predecessor = Some(back)).moves_to(&new).write(&lab);
    new.moves_to(&old).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved, MoveKind::Loop]));
}

#[tokio::test(start_paused = true)]
async fn a_frozen_community_moves_nobody() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let freeze = Freeze::new(old.id(), 1, later(old.founded, 50)).seal(&keys(&[1, 2])).unwrap();
    lab.host("old.example").page("/freeze.json", Page::new(freeze.to_json()));
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!(moves(&opened), [MoveKind::Disputed]);
    let state = opened.notes.iter().find_map(|note| match note {
        Note::Source(SourceNote::Signed(trust)) => Some(trust.state),
        _ => None,
    });
    assert_eq!(state, Some(TrustState::Disputed));
    let looked = byway.follow(&old.community()).await.unwrap();
    assert_eq!(moves(&looked), [MoveKind::Disputed]);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed], "a yes does not outweigh it");
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_does_not_hold_members_back() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    old.moves_to(&new).write(&lab);
    byway.open(&old.link()).await.unwrap();
    pass(&lab, 8);
    let _ = lab.host("old.example").down();
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    assert_eq!(shown(&byway.open_with(&old.link(), offline).await.unwrap()), "at new.example");
    assert!(moves(&opened)[0].code() == "moved" && opened.notes.iter().all(|n| !n.sentence(Language::En).is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_a_page_is_shown_and_not_contacted() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let feed = |title: &str, moved: &str| {
        Page::new(format!(
            "<rss version='2.0'><channel><title>{title}</title>{moved}<item><guid>1</guid><title>Hello</title></item></channel></rss>"
        ))
    };
    let moved = "<newLocation>https://claimed.example/feed</newLocation>";
    lab.host("old.example").at("203.0.113.7").https().page("/feed", feed("Old", moved));
    lab.host("claimed.example").at("203.0.113.8").https().page("/feed", feed("New", ""));
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open("https://old.example/feed").await.unwrap();
    let looked = byway.successor(&opened.community.id).await.unwrap();
    assert_eq!((looked.community.name.as_str(), moves(&looked)), ("Old", vec![MoveKind::Claimed]));
    let homes = looked.notes.iter().filter_map(of_move).filter_map(|moved| Some(moved.home.as_ref()?.to_string()));
    assert_eq!(homes.collect::<Vec<_>>(), ["https://claimed.example/feed"]);
    assert!(lab.log().lookups().iter().all(|name| name != "claimed.example"), "neither directly nor through Tor");
    let followed = byway.follow(&opened.community.id).await.unwrap();
    assert_eq!((followed.community.name.as_str(), moves(&followed)), ("New", vec![MoveKind::OnYourWord]));
}

#[tokio::test(start_paused = true)]
async fn a_sync_follows_a_move_and_says_so() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    old.moves_to(&new).write(&lab);
    let ids = [old.community()];
    let sync = async || {
        let synced = byway.sync_once(&ids, byway::SyncLimits::default()).await;
        let one = &synced.communities[0];
        (one.outcome.code(), one.notes.iter().filter_map(of_move).map(|moved| moved.kind).collect::<Vec<_>>())
    };
    assert_eq!(sync().await, ("done", vec![MoveKind::Waits]));
    assert!(byway.community(&new.community()).await.unwrap().is_none());
    pass(&lab, 8);
    assert_eq!(sync().await, ("done", vec![MoveKind::Moved]));
    let kept = byway.posts(&new.community(), None, 10).await.unwrap().items;
    assert_eq!(kept[0].text, "at new.example", "the successor is kept beside the old one");
    assert!(!called(&lab, "new.example"), "it is not called directly");
    assert_eq!(sync().await, ("done", vec![MoveKind::MovedOn]), "from now on it has its own turn");
}
