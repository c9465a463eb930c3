//! Communities with keys and mirrors of their own, and the phone that reads them.

use std::path::Path;
use std::time::{Duration, SystemTime};

use byway::community::CommunityId;
use byway::internals::signed::{
    Bundle, Chain, Charter, CharterHome, Digest, Envelope, EventKind, FORMAT, FileEntry, Freeze, Head, HomeKind,
    KeySet, NEWEST, SignedEvent, SigningKey, Successor,
};
use byway::jiff::Timestamp;
use byway::{Byway, Move, MoveKind, Note, OpenError, Opened, Roots, StoreKey, Strategy};
use byway_lab::{Lab, Page};

/// Some days after the lab's clock began.
pub(crate) fn day(lab: &Lab, days: i64) -> Timestamp {
    let today = Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap();
    Timestamp::from_second(today.as_second() / 60 * 60 + days * 86_400).unwrap()
}

pub(crate) fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes([person; 32].into()).unwrap()
}

pub(crate) fn keys(people: &[u8]) -> Vec<SigningKey> {
    people.iter().map(|person| key(*person)).collect()
}

/// A community with these people as its root keys, of whom so many must sign, on a host of its own.
pub(crate) struct Group {
    pub(crate) host: &'static str,
    pub(crate) people: Vec<u8>,
    pub(crate) chain: Chain,
    pub(crate) charters: Vec<Envelope>,
    pub(crate) sequence: u64,
    /// Times are counted from here, whatever the phone's clock says.
    pub(crate) founded: Timestamp,
}

impl Group {
    pub(crate) fn new(
        lab: &Lab,
        host: &'static str,
        people: &[u8],
        threshold: u64,
        predecessor: Option<Digest>,
    ) -> Self {
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

    pub(crate) fn id(&self) -> Digest {
        self.chain.id()
    }

    pub(crate) fn community(&self) -> CommunityId {
        format!("byway:{}", self.id()).parse().unwrap()
    }

    pub(crate) fn link(&self) -> String {
        format!("https://{}/#byway:{}", self.host, self.id())
    }

    pub(crate) fn amend(&mut self, change: impl FnOnce(&mut Charter)) -> &mut Self {
        let version = self.chain.newest_version();
        let (charter, digest) = (self.chain.charter(version).unwrap(), self.chain.digest(version).unwrap());
        let mut charter = charter.next(digest, later(self.founded, 90), later(self.founded, 500));
        change(&mut charter);
        let sealed = charter.seal(&keys(&self.people)).unwrap();
        self.chain.extend(&sealed, later(self.founded, 90)).unwrap();
        self.charters.push(sealed);
        self
    }

    pub(crate) fn moves_to(&mut self, next: &Group) -> &mut Self {
        self.moves_to_mirrors(next, &[&format!("https://{}/", next.host)])
    }

    /// Names these mirrors of the successor.
    pub(crate) fn moves_to_mirrors(&mut self, next: &Group, mirrors: &[&str]) -> &mut Self {
        let successor = Successor { community: next.id(), homes: homes(mirrors) };
        self.amend(|charter| charter.successor = Some(successor))
    }

    /// Names these mirrors as its own.
    pub(crate) fn lists(&mut self, mirrors: &[&str]) -> &mut Self {
        self.amend(|charter| charter.homes = homes(mirrors))
    }

    pub(crate) fn link_at(&self, mirror: &str) -> String {
        format!("{mirror}#byway:{}", self.id())
    }

    /// Writes its mirror, with one post that says where it is.
    pub(crate) fn write(&mut self, lab: &Lab) -> &mut Self {
        let host = self.host;
        self.write_at(lab, host, "/")
    }

    /// Writes a mirror in a folder of another host.
    pub(crate) fn write_at(&mut self, lab: &Lab, host: &str, folder: &str) -> &mut Self {
        let mut site = lab.host(host);
        for (name, bytes) in self.parts() {
            site = site.page(&format!("{folder}{name}"), Page::new(bytes));
        }
        self
    }

    /// Its keys sign that nothing counts after the newest charter, which may name a successor.
    pub(crate) fn freeze(&self, lab: &Lab) {
        self.freeze_after(lab, self.chain.newest_version(), 95);
    }

    /// The keys of this charter sign that nothing counts after so many days.
    pub(crate) fn freeze_after(&self, lab: &Lab, charter: u64, days: i64) {
        let freeze = Freeze::new(self.id(), charter, later(self.founded, days)).seal(&keys(&self.people)).unwrap();
        let _ = lab.host(self.host).page("/freeze.json", Page::new(freeze.to_json()));
    }

    pub(crate) fn bundle(&mut self) -> Vec<u8> {
        Bundle::write(self.parts().iter().map(|(name, bytes)| (name.as_str(), bytes.as_bytes())))
    }

    /// Its files, with a new head.
    fn parts(&mut self) -> Vec<(String, String)> {
        self.sequence += 1;
        let picture = vec!["imeta".to_owned(), format!("url files/{}", Digest::of(b"picture"))];
        let tags = vec![vec!["i".to_owned(), format!("byway:{}", self.id())], picture];
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
        let charters = self.charters.iter().enumerate();
        let mut parts: Vec<(String, String)> =
            charters.map(|(number, charter)| (format!("charter/{}.json", number + 1), charter.to_json())).collect();
        parts.push(("head.json".to_owned(), head.seal(&key(10)).unwrap().to_json()));
        parts.push((NEWEST.to_owned(), newest));
        parts
    }
}

fn homes(mirrors: &[&str]) -> Vec<CharterHome> {
    mirrors.iter().map(|mirror| CharterHome::new(HomeKind::Mirror, *mirror)).collect()
}

pub(crate) fn later(at: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_second(at.as_second() + days * 86_400).unwrap()
}

/// A phone with these strategies.
pub(crate) async fn phone(lab: &Lab, data: &Path, strategies: &[String]) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let strategies = strategies.iter().map(|strategy| strategy.parse::<Strategy>().unwrap());
    let builder = Byway::builder().strategies(strategies).roots(roots).net(lab.client());
    builder.data_dir(data, StoreKey::from_bytes([7; 32])).build().await.unwrap()
}

/// Direct first, then Tor.
pub(crate) async fn with_tor(lab: &Lab, data: &Path) -> Byway {
    phone(lab, data, &["direct:".to_owned(), lab.tor().url()]).await
}

/// The phone's clock goes on by so many days.
pub(crate) fn pass(lab: &Lab, days: u64) {
    let now = byway::net::Net::wall(&*lab.client());
    let began = now.checked_sub(lab.elapsed()).unwrap();
    let _ = lab.client().wall_clock(began + Duration::from_secs(days * 86_400));
    assert!(byway::net::Net::wall(&*lab.client()) > SystemTime::UNIX_EPOCH);
}

/// How often a host was looked up or connected to, by anyone: the phone itself, a proxy or Tor.
pub(crate) fn contacts(lab: &Lab, host: &str) -> usize {
    let (log, addresses) = (lab.log(), lab.addresses_of(host));
    let lookups = log.lookups().iter().filter(|name| *name == host).count();
    lookups + log.connects().iter().filter(|(_, address)| addresses.contains(&address.ip())).count()
}

/// Whether the phone itself looked a host up or connected to it.
pub(crate) fn called(lab: &Lab, host: &str) -> bool {
    let (log, addresses) = (lab.log().by("client"), lab.addresses_of(host));
    log.lookups().iter().any(|name| name == host)
        || log.connects().iter().any(|(_, address)| addresses.contains(&address.ip()))
}

pub(crate) fn moves(opened: &Opened) -> Vec<MoveKind> {
    opened.notes.iter().filter_map(of_move).map(|moved| moved.kind).collect()
}

pub(crate) fn of_move(note: &Note) -> Option<&Move> {
    match note {
        Note::Move(moved) => Some(moved),
        _ => None,
    }
}

/// The move that a kept community's phone shows now: what a user is asked about.
pub(crate) async fn offer(byway: &Byway, id: &CommunityId) -> Option<Move> {
    let standing = byway.standing(id).await.unwrap();
    let moved = standing.notes.iter().filter_map(of_move).find(|moved| moved.from == *id).cloned();
    if moved.is_some() || id.as_str().starts_with("byway:") {
        return moved;
    }
    byway.successor(id).await.unwrap().notes.iter().filter_map(of_move).next_back().cloned()
}

/// The user's yes to what is shown now.
pub(crate) async fn follow(byway: &Byway, id: &CommunityId) -> Result<Opened, OpenError> {
    byway.follow(&offer(byway, id).await.unwrap()).await
}

/// The user's no to what is shown now.
pub(crate) async fn stay(byway: &Byway, id: &CommunityId) -> bool {
    byway.stay(&offer(byway, id).await.unwrap()).await.unwrap()
}

pub(crate) fn shown(opened: &Opened) -> &str {
    &opened.posts[0].text
}

/// An old community of three, of whom two must sign, and its successor, of whose people two are new.
pub(crate) fn pair(lab: &Lab) -> (Group, Group) {
    let old = Group::new(lab, "old.example", &[1, 2, 3], 2, None);
    let mut new = Group::new(lab, "new.example", &[2, 3, 4, 5], 2, Some(old.id()));
    new.write(lab);
    (old, new)
}
