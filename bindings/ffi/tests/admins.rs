//! What several admins decide together, recovery cards, packs of routes, and how each mirror behaved, through the exports.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use byway_ffi::{
    AdminKeys, Approved, BundlePictures, BywayError, Exposure, KeyChanges, Language, ListedFeed, MirrorState,
    OpenOptions, Opened, Proposal, ProposedChange, Publisher, RecoveryCard, Statement, TrustState, admin_keys,
    approve_proposal, bundle_of, create_admin_keys, create_key_file, create_sealed_key_file, pack_routes, place_freeze,
    place_recovery, propose, propose_founding, publisher_of_proposal, read_cards, read_proposal, restore_key,
    split_key,
};
use byway_lab::{Ask, Page};
use served_lab::{ServedLab, wait};
use tempfile::TempDir;

const EN: Language = Language::En;
const OPEN: OpenOptions = OpenOptions { exposure: None, allow_direct: false, offline: false, ignore_pause: false };

/// A folder with the files of some admins, whose passphrases are their names.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, what: &str) -> String {
        self.0.path().join(what).to_string_lossy().into_owned()
    }

    /// The community of the folder, opened with these keys.
    fn opened(&self, by: &str) -> Arc<Publisher> {
        wait(Publisher::open(self.path("folder"), self.path(by), by.as_bytes().to_vec(), false, EN)).unwrap()
    }

    fn keys(&self, name: &str) -> AdminKeys {
        wait(create_admin_keys(self.path(name), name.as_bytes().to_vec(), EN)).unwrap()
    }

    fn propose(&self, by: &str, change: ProposedChange, instead: bool) -> Result<Proposal, BywayError> {
        wait(propose(self.path("folder"), self.path(by), by.as_bytes().to_vec(), change, instead, EN))
    }

    fn approve(&self, proposal: &Proposal, by: &str) -> Result<Approved, BywayError> {
        let folder = (!proposal.is_founding).then(|| self.path("folder"));
        wait(approve_proposal(proposal.file.clone(), self.path(by), by.as_bytes().to_vec(), folder, false, EN))
    }

    fn put_in_force(&self, proposal: &Proposal, by: &str) -> Result<Arc<Publisher>, BywayError> {
        let (folder, file) = (self.path("folder"), proposal.file.clone());
        wait(publisher_of_proposal(folder, file, self.path(by), by.as_bytes().to_vec(), EN))
    }

    /// Two admins, `anna` and `boris`, who both must sign; `vera` and `gleb` may recover in a week.
    fn founded(&self) -> Arc<Publisher> {
        self.keys("anna");
        let keys = KeyChanges {
            root: vec![self.keys("boris").line],
            threshold: Some(2),
            publishers: vec![self.admin("boris").line],
            recovery: vec![self.keys("vera").line, self.keys("gleb").line],
            recovery_days: Some(7),
            ..KeyChanges::default()
        };
        let stated = Statement { keys: Some(keys), ..statement("Zavod") };
        let founding = wait(propose_founding(self.path("anna"), b"anna".to_vec(), stated, EN)).unwrap();
        assert_eq!((founding.missing, founding.is_founding, founding.root_keys.clone()), (1, true, None));
        assert_eq!(self.put_in_force(&founding, "anna").map(drop).unwrap_err().code(), "too_few_signed");
        let approved = self.approve(&founding, "boris").unwrap();
        // The line alone is as good as the file.
        let signed = wait(read_proposal(founding.file, vec![approved.line], None, EN)).unwrap();
        assert!(signed.file == approved.proposal.file && signed.missing == 0 && signed.signers.len() == 2);
        self.put_in_force(&signed, "anna").unwrap()
    }

    fn admin(&self, name: &str) -> AdminKeys {
        wait(admin_keys(self.path(name), name.as_bytes().to_vec(), EN)).unwrap()
    }
}

fn statement(name: &str) -> Statement {
    Statement {
        name: name.to_owned(),
        description: String::new(),
        mirrors: Vec::new(),
        pages: Vec::new(),
        continues: None,
        keys: None,
        ..Statement::default()
    }
}

fn restate(name: &str) -> ProposedChange {
    ProposedChange::Restate { statement: statement(name) }
}

#[test]
fn two_admins_decide_and_one_alone_does_not() {
    let place = Place::new();
    let zavod = place.founded();
    wait(zavod.post("We meet on Friday.".to_owned(), Vec::new())).unwrap();
    assert_eq!(wait(zavod.restate(statement("Mine"))).unwrap_err().code(), "too_few_signed");
    // A rotation that is refused leaves no keys behind, which would open nothing.
    let new = place.path("anna-new");
    assert_eq!(wait(zavod.rotate(new.clone(), b"new".to_vec())).unwrap_err().code(), "too_few_signed");
    assert!(!Path::new(&new).exists());
    wait(zavod.end()).unwrap();

    let proposal = place.propose("anna", restate("The new Zavod"), false).unwrap();
    assert!(proposal.changes.iter().any(|line| line.contains("The new Zavod")), "{:?}", proposal.changes);
    assert_eq!((proposal.community.as_str(), proposal.missing), ("Zavod", 1));
    assert!(proposal.root_keys.is_some() && !proposal.is_recovery);
    assert_eq!(place.put_in_force(&proposal, "anna").map(drop).unwrap_err().code(), "too_few_signed");
    let outsider = place.keys("eva");
    assert!(!proposal.signers.contains(&outsider.decides));
    assert_eq!(place.approve(&proposal, "eva").map(drop).unwrap_err().code(), "proposal_foreign");
    let approved = place.approve(&proposal, "boris").unwrap().proposal;
    assert!(approved.signers.contains(&place.admin("boris").decides));
    let zavod = place.put_in_force(&approved, "boris").unwrap();
    assert_eq!(wait(zavod.statement()).unwrap().name, "The new Zavod");
    wait(zavod.end()).unwrap();

    // What was changed on its way is refused.
    let mut torn = approved.file;
    let last = torn.len() / 2;
    torn[last] ^= 1;
    assert_eq!(wait(read_proposal(torn, Vec::new(), None, EN)).map(drop).unwrap_err().code(), "proposal_form");
}

#[test]
fn a_rival_of_what_was_signed_is_signed_on_demand() {
    let place = Place::new();
    wait(place.founded().end()).unwrap();
    place.propose("anna", restate("One"), false).unwrap();
    assert_eq!(place.propose("anna", restate("Other"), false).map(drop).unwrap_err().code(), "proposal_rival");
    place.propose("anna", restate("Other"), true).unwrap();
    // A refused rotation leaves no keys behind, which nobody named.
    let new = place.path("anna-new");
    let rotate = || ProposedChange::Rotate { key_file: new.clone(), passphrase: b"new".to_vec() };
    assert_eq!(place.propose("anna", rotate(), false).map(drop).unwrap_err().code(), "proposal_rival");
    assert!(!Path::new(&new).exists());
    let rotation = place.propose("anna", rotate(), true).unwrap();
    assert!(Path::new(&new).exists() && rotation.signers.len() == 2, "both files sign");
}

#[test]
fn a_recovery_waits_and_the_root_keys_object() {
    let place = Place::new();
    wait(place.founded().end()).unwrap();
    let keys = KeyChanges { root: vec![place.keys("dina").line], threshold: Some(1), ..KeyChanges::default() };
    let recovery = place.propose("vera", ProposedChange::Recover { keys }, false).unwrap();
    assert!(recovery.is_recovery && recovery.missing > 0);
    let recovery = place.approve(&recovery, "dina").unwrap().proposal;
    let recovery = place.approve(&recovery, "gleb").unwrap().proposal;
    assert_eq!(place.put_in_force(&recovery, "dina").map(drop).unwrap_err().code(), "recovery_waits");
    let until = wait(place_recovery(place.path("folder"), recovery.file.clone(), EN)).unwrap();
    let dina = wait(admin_keys(place.path("dina"), b"dina".to_vec(), EN)).unwrap().decides;
    let publisher = place.opened("anna");
    let waiting = wait(publisher.recovery()).unwrap().unwrap();
    assert_eq!(waiting.until, until);
    assert_eq!((waiting.signers.len(), waiting.root), (2, vec![dina]));
    wait(publisher.end()).unwrap();
    let days = until.duration_since(SystemTime::now()).unwrap().as_secs() / 86_400;
    assert!((6..=7).contains(&days), "it takes effect in {days} days");
    let objection = place.propose("anna", ProposedChange::Object, false).unwrap();
    let objection = place.approve(&objection, "boris").unwrap().proposal;
    wait(place.put_in_force(&objection, "anna").unwrap().end()).unwrap();
    let again = wait(place_recovery(place.path("folder"), recovery.file, EN));
    assert_eq!(again.map(drop).unwrap_err().code(), "proposal_outdated");
}

#[test]
fn a_freeze_ends_the_trust_in_what_is_signed_later() {
    let (place, lab) = (Place::new(), ServedLab::new());
    wait(place.founded().end()).unwrap();
    let client = lab.client();
    let trust = || {
        let bundle = wait(bundle_of(place.path("folder"), BundlePictures::Newest, EN)).unwrap().bytes;
        let id = wait(client.take_bundle(bundle, Exposure::Open)).unwrap().community.id;
        wait(client.standing(id)).unwrap().trust.state
    };
    assert_eq!(trust(), TrustState::Verified);
    let after = SystemTime::now() - Duration::from_secs(3600);
    let freeze = place.propose("anna", ProposedChange::Freeze { after }, false).unwrap();
    let placed = wait(place_freeze(place.path("folder"), freeze.file.clone(), EN));
    assert_eq!(placed.unwrap_err().code(), "too_few_signed");
    let freeze = place.approve(&freeze, "boris").unwrap().proposal;
    let publisher = place.opened("anna");
    assert_eq!(wait(publisher.frozen()).unwrap(), None);
    wait(publisher.end()).unwrap();
    wait(place_freeze(place.path("folder"), freeze.file, EN)).unwrap();
    let publisher = place.opened("anna");
    assert!(wait(publisher.frozen()).unwrap().is_some_and(|frozen| frozen <= after));
    assert_eq!(wait(publisher.post("Late".into(), vec![])).unwrap_err().code(), "community_frozen");
    wait(publisher.end()).unwrap();
    assert_eq!(trust(), TrustState::Disputed);
}

#[test]
fn cards_make_the_key_again() {
    let place = Place::new();
    let anna = place.keys("anna");
    let cards = wait(split_key(place.path("anna"), b"anna".to_vec(), 2, 3, EN)).unwrap();
    assert_eq!(cards.len(), 3);
    for (at, card) in cards.iter().enumerate() {
        let number = i32::try_from(at + 1).unwrap();
        assert_eq!((card.info.number, card.info.of, card.info.needed), (number, 3, 2));
        assert_eq!(card.info.keys, anna.decides);
        // A scanned line and typed rows are the same card.
        for text in [&card.line, &card.rows] {
            assert!(wait(read_cards(text.clone(), EN)).unwrap() == [card.info.clone()]);
        }
        assert!(String::from_utf8_lossy(&card.page).contains("<svg "));
    }
    let text = |cards: &[&RecoveryCard]| cards.iter().flat_map(|card| card.line.clone()).collect::<Vec<u8>>();
    let restored = |text: Vec<u8>, file: &str| wait(restore_key(text, place.path(file), b"again".to_vec(), EN));
    assert_eq!(restored(text(&[&cards[0]]), "again").map(drop).unwrap_err().code(), "cards_too_few");
    assert!(!Path::new(&place.path("again")).exists());
    assert!(restored(text(&[&cards[2], &cards[0]]), "again").unwrap() == anna);
    assert!(restored(text(&[&cards[2], &cards[0]]), "again").is_err(), "an existing file stays");
    let mut typed = cards[0].line.clone();
    *typed.last_mut().unwrap() = if typed.ends_with(b"2") { b'3' } else { b'2' };
    assert_eq!(wait(read_cards(typed, EN)).map(drop).unwrap_err().code(), "card_mistyped");
    for (needed, of) in [(1, 3), (4, 3), (2, 17), (-1, 3), (2, 300)] {
        let refused = wait(split_key(place.path("anna"), b"anna".to_vec(), needed, of, EN));
        assert_eq!(refused.map(drop).unwrap_err().code(), "card_numbers", "{needed} of {of}");
    }
}

#[test]
fn keys_stay_out_of_the_folder_of_a_community() {
    let place = Place::new();
    place.keys("anna");
    let inside = |name: &str| format!("{}/{name}", place.path("folder"));
    let passphrase = || b"anna".to_vec();
    let found = Publisher::found(place.path("folder"), inside("keys"), passphrase(), statement("Zavod"), EN);
    assert_eq!(wait(found).map(drop).unwrap_err().code(), "key_served");
    assert!(!Path::new(&place.path("folder")).exists(), "nothing was made");
    let zavod = Publisher::found(place.path("folder"), place.path("keys"), passphrase(), statement("Zavod"), EN);
    let zavod = wait(zavod).unwrap();
    assert_eq!(wait(zavod.rotate(inside("charter/keys"), passphrase())).unwrap_err().code(), "key_served");
    let made = wait(create_admin_keys(inside("keys"), passphrase(), EN));
    assert_eq!(made.map(drop).unwrap_err().code(), "key_served");
    assert_eq!(wait(create_key_file(inside("key"), EN)).unwrap_err().code(), "key_served");
    let sealed = create_sealed_key_file(inside("charter/key"), passphrase(), Some(15), EN);
    assert_eq!(wait(sealed).unwrap_err().code(), "key_served");
    let cards = wait(split_key(place.path("anna"), passphrase(), 2, 2, EN)).unwrap();
    let text = cards.iter().flat_map(|card| card.line.clone()).collect();
    assert_eq!(wait(restore_key(text, inside("keys"), passphrase(), EN)).map(drop).unwrap_err().code(), "key_served");
}

#[test]
fn a_pack_of_routes_is_signed_and_sealed() {
    let (place, lab) = (Place::new(), ServedLab::new());
    let zavod = place.founded();
    let link = wait(zavod.link(Exposure::Open)).unwrap().text;
    wait(zavod.end()).unwrap();
    let pack = |strategies: &[&str], by: &str| {
        let strategies = strategies.iter().map(|strategy| (*strategy).to_owned()).collect();
        let (expires, circle) = (SystemTime::now() + Duration::from_secs(86_400), b"circle".to_vec());
        wait(pack_routes(link.clone(), place.path(by), by.as_bytes().to_vec(), strategies, expires, circle, EN))
    };
    assert_eq!(pack(&["direct:"], "anna").unwrap_err().code(), "routes_strategy");
    let packed = pack(&["socks5://name:word@192.0.2.1:1080"], "anna").unwrap();
    let client = lab.client();
    let import = |bytes: &[u8], word: &str| wait(client.import_route_pack(bytes.to_vec(), word.as_bytes().to_vec()));
    assert_eq!(import(&packed, "circle").map(drop).unwrap_err().code(), "routes_other_community");
    wait(
        client.take_bundle(
            wait(bundle_of(place.path("folder"), BundlePictures::Newest, EN)).unwrap().bytes,
            Exposure::Open,
        ),
    )
    .unwrap();
    assert_eq!(import(&packed, "square").map(drop).unwrap_err().code(), "routes_passphrase");
    let taken = import(&packed, "circle").unwrap();
    assert_eq!(taken.routes[0].secret_text, "socks5://name:word@192.0.2.1:1080");
    assert!(!taken.routes[0].info.redacted.contains("word"));
    assert!(taken.community.starts_with("byway:") && taken.expires > SystemTime::now());
    let of_stranger = pack(&["socks5://192.0.2.1:1080"], "vera").unwrap();
    assert_eq!(import(&of_stranger, "circle").map(drop).unwrap_err().code(), "routes_unsigned");
}

#[test]
fn each_mirror_says_how_it_behaved() {
    let (place, lab) = (Place::new(), ServedLab::new());
    let mirrors = ["old.example", "new.example"].map(|host| lab.origin(host));
    let stated = Statement { mirrors: mirrors.to_vec(), ..statement("Zavod") };
    let folder = place.path("folder");
    let zavod = wait(Publisher::found(folder.clone(), place.path("keys"), b"k".to_vec(), stated, EN)).unwrap();
    lab.serve_folder("old.example", folder);
    lab.lab.host("new.example").app(|_: &Ask| Page::new("").status(404));
    let (client, link) = (lab.client(), wait(zavod.link(Exposure::Open)).unwrap().text);
    let parsed = byway_ffi::parse_link(link.clone(), Exposure::Open, EN).unwrap();
    assert_eq!(1 + parsed.mirrors.len(), 2, "a link names its mirrors");
    let preview = wait(client.preview(link.clone(), OPEN, None)).unwrap();
    assert_eq!(preview.others.iter().map(|other| other.routes.len()).collect::<Vec<_>>(), [1]);
    let opened = wait(client.open(link, OPEN, None)).unwrap();
    let state = |url: &str| {
        let home = opened.homes.iter().find(|home| home.standing.home.url.contains(url)).unwrap();
        (home.standing.state, home.standing.is_fault)
    };
    assert_eq!(state("old.example"), (MirrorState::Current, false));
    assert_eq!(state("new.example"), (MirrorState::Gone, false));
    let kept = wait(client.standing(opened.community.id)).unwrap();
    assert_eq!(kept.homes.len(), 2);
    assert!(kept.homes.iter().all(|home| !home.text.is_empty()));
    assert_eq!(kept.trust.state, TrustState::Verified);
}

#[test]
fn a_list_carries_the_mirrors_and_keys_of_a_community() {
    let (place, lab) = (Place::new(), ServedLab::new());
    let mirrors = ["old.example", "new.example"].map(|host| lab.origin(host));
    let stated = Statement { mirrors: mirrors.to_vec(), ..statement("Zavod") };
    let folder = place.path("folder");
    let zavod = wait(Publisher::found(folder.clone(), place.path("keys"), b"k".to_vec(), stated, EN)).unwrap();
    for host in ["old.example", "new.example"] {
        lab.serve_folder(host, folder.clone());
    }
    let link = wait(zavod.link(Exposure::Open)).unwrap();
    let (sender, receiver) = (lab.client(), lab.client());
    wait(sender.open(link.text, OPEN, None)).unwrap();
    let list = wait(sender.export_feeds(None)).unwrap();
    let [feed] = <[_; 1]>::try_from(wait(receiver.import_feeds(list.clone().into_bytes())).unwrap().entries)
        .unwrap_or_else(|entries| panic!("{} entries", entries.len()));
    assert!(["old.example", "new.example"].iter().all(|host| feed.link.contains(host)), "{}", feed.link);
    let keys = link.key.unwrap().replace(' ', "");
    assert!(feed.link.contains(&keys), "{} has no {keys}", feed.link);
    let codes = |opened: &Opened| opened.notes.iter().map(|note| note.code.clone()).collect::<Vec<_>>();
    let opened = wait(receiver.open_listed(feed.clone(), OPEN, None)).unwrap();
    assert!(!codes(&opened).contains(&"link_keys".to_owned()), "{:?}", codes(&opened));

    // Other keys than those of the list: the reader is told.
    let other = feed.link.replace(&keys, &"0".repeat(keys.len()));
    let opened = wait(lab.client().open_listed(ListedFeed { link: other, ..feed }, OPEN, None)).unwrap();
    assert!(codes(&opened).contains(&"link_keys".to_owned()), "{:?}", codes(&opened));
}
