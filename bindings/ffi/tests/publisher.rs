//! The exported publisher, and the reader of what it publishes: founded, published, handed on as a bundle, followed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use byway_ffi::{
    Attachment, BundlePictures, BywayError, CivilDate, Client, Configuration, Event, EventDays, Exposure, Gathering,
    GetOptions, GivenPicture, Language, MoveKind, Note, OpenOptions, Opened, PostState, Publisher, ReadFrom, ShownMove,
    Statement, bundle_of, clean_picture, link_of, qr_code,
};
use served_lab::{ServedLab, wait};

const OPEN: OpenOptions = OpenOptions { exposure: None, allow_direct: false, offline: false, ignore_pause: false };
const GET: GetOptions = GetOptions { exposure: None, allow_direct: false, ignore_pause: false, settle: None };

/// An admin's folders, below the one of the lab.
struct Admin<'a> {
    lab: &'a ServedLab,
    name: &'static str,
}

impl Admin<'_> {
    fn path(&self, what: &str) -> String {
        self.lab.folder.path().join(format!("{}-{what}", self.name)).to_string_lossy().into_owned()
    }

    fn found(&self, mirror: &str, continues: Option<String>) -> Arc<Publisher> {
        let stated = Statement {
            name: self.name.to_owned(),
            description: "We read together.".to_owned(),
            mirrors: vec![mirror.to_owned()],
            pages: Vec::new(),
            continues,
            keys: None,
            ..Statement::default()
        };
        let (folder, keys) = (self.path("folder"), self.path("keys"));
        wait(Publisher::found(folder, keys, b"a passphrase".to_vec(), stated, Language::En)).unwrap()
    }

    fn open(&self, passphrase: &str) -> Result<Arc<Publisher>, BywayError> {
        let (folder, keys) = (self.path("folder"), self.path("keys"));
        wait(Publisher::open(folder, keys, passphrase.as_bytes().to_vec(), false, Language::En))
    }

    fn bundle(&self) -> Vec<u8> {
        wait(bundle_of(self.path("folder"), BundlePictures::Newest, Language::En)).unwrap().bytes
    }
}

fn gathering(name: &str) -> Gathering {
    let days = EventDays {
        first: CivilDate { year: 2030, month: 5, day: 9 },
        last: CivilDate { year: 2030, month: 5, day: 10 },
    };
    Gathering {
        name: name.to_owned(),
        text: Some("Bring tea.".to_owned()),
        start: None,
        end: None,
        days: Some(days),
        zone: None,
        place: Some("The hall".to_owned()),
        cancelled: false,
    }
}

fn moved(notes: &[Note]) -> Vec<MoveKind> {
    notes.iter().filter_map(|note| note.moved.as_ref().map(|moved| moved.kind)).collect()
}

fn texts(client: &Client, id: &str) -> Vec<String> {
    let posts = wait(client.posts(id.to_owned(), None, 100)).unwrap().items;
    posts.into_iter().filter(|post| post.state != PostState::Removed).map(|post| post.text).collect()
}

fn only_event(client: &Client, id: &str) -> Event {
    wait(client.events(id.to_owned(), None, 10)).unwrap().items.remove(0)
}

#[test]
fn what_is_published_is_read_from_a_bundle() {
    let lab = ServedLab::new();
    let admin = Admin { lab: &lab, name: "zavod" };
    let zavod = admin.found("https://zavod.example/", None);
    let first = wait(zavod.post("We meet on Friday.".to_owned(), Vec::new())).unwrap();
    let second = wait(zavod.post("Bring bread.".to_owned(), Vec::new())).unwrap();
    wait(zavod.edit(first, "We meet on Saturday.".to_owned(), None)).unwrap();
    wait(zavod.delete(second)).unwrap();
    let named = wait(zavod.announce(gathering("Evening"), None)).unwrap();
    wait(zavod.announce(Gathering { cancelled: true, ..gathering("Evening") }, Some(named))).unwrap();
    let content = wait(zavod.content()).unwrap();
    assert_eq!(content.posts.iter().map(|post| post.text.as_str()).collect::<Vec<_>>(), ["We meet on Saturday."]);
    assert_eq!(content.events.len(), 1);

    let client = lab.client();
    let packets = lab.lab.packets().len();
    let taken = wait(client.take_bundle(admin.bundle(), Exposure::Tor)).unwrap();
    let id = taken.community.id.clone();
    assert_eq!((taken.community.name.as_str(), taken.exposure), ("zavod", Exposure::Tor));
    assert!(taken.changes.posts.first);
    assert_eq!(texts(&client, &id), ["We meet on Saturday."]);
    let event = only_event(&client, &id);
    assert_eq!((event.name.as_str(), event.status), ("Evening", byway_ffi::EventStatus::Cancelled));
    assert!(event.edited.is_some() && event.days.is_some());

    // The same from a file, after another post.
    wait(zavod.post("Again.".to_owned(), Vec::new())).unwrap();
    let file = admin.path("bundle");
    fs::write(&file, admin.bundle()).unwrap();
    let again = wait(client.take_bundle_file(file, Exposure::Open)).unwrap();
    assert_eq!((again.changes.posts.added.len(), again.exposure), (1, Exposure::Tor), "an exposure only rises");
    assert_eq!(lab.lab.packets().len(), packets, "nothing was sent");

    let absent = wait(client.take_bundle_file(admin.path("absent"), Exposure::Open)).map(drop);
    assert_eq!(absent.unwrap_err().code(), "file");
    let odd = wait(client.take_bundle(b"byway bundle 1\n".to_vec(), Exposure::Open)).map(drop);
    assert!(matches!(odd, Err(BywayError::Input { .. } | BywayError::BrokenOff { .. })), "{odd:?}");
}

#[test]
fn keys_open_by_their_passphrase_and_are_replaced() {
    let lab = ServedLab::new();
    let admin = Admin { lab: &lab, name: "zavod" };
    let zavod = admin.found("https://zavod.example/", None);
    assert_eq!(admin.open("a passphrase").map(drop).unwrap_err().code(), "community_busy");
    wait(zavod.end()).unwrap();
    wait(zavod.end()).unwrap();
    assert!(matches!(wait(zavod.post("Late.".to_owned(), Vec::new())), Err(BywayError::Closed { .. })));
    assert_eq!(admin.open("another").map(drop).unwrap_err().code(), "wrong_passphrase");
    assert!(admin.open("").is_err());
    let zavod = admin.open("a passphrase").unwrap();
    wait(zavod.rotate(admin.path("keys2"), b"a new passphrase".to_vec())).unwrap();
    wait(zavod.post("With new keys.".to_owned(), Vec::new())).unwrap();
    wait(zavod.end()).unwrap();
    assert_eq!(admin.open("a passphrase").map(drop).unwrap_err().code(), "other_keys");

    // The clock of this machine agrees with what it published.
    let last =
        Publisher::open(admin.path("folder"), admin.path("keys2"), b"a new passphrase".to_vec(), true, Language::En);
    let last = wait(last).unwrap();
    assert_eq!((wait(last.dated_ahead()).unwrap(), wait(last.redate()).unwrap()), (None, 0));
    wait(last.set_page_language(Language::Ru)).unwrap();
    let page = fs::read_to_string(Path::new(&admin.path("folder")).join("index.html")).unwrap();
    assert!(page.contains("lang=\"ru\""), "{page}");
    wait(last.end()).unwrap();

    // A folder with a community is not founded again, and the keys that were made for it are removed.
    let stated = Statement {
        name: "Other".to_owned(),
        description: String::new(),
        mirrors: Vec::new(),
        pages: Vec::new(),
        continues: None,
        keys: None,
        ..Statement::default()
    };
    let keys = admin.path("other-keys");
    let again = Publisher::found(admin.path("folder"), keys.clone(), b"pass".to_vec(), stated, Language::En);
    assert_eq!(wait(again).map(drop).unwrap_err().code(), "community_exists");
    assert!(!Path::new(&keys).exists() && Path::new(&admin.path("keys2")).exists());
}

#[test]
fn a_folder_that_has_something_newer_is_not_replaced() {
    let lab = ServedLab::new();
    let admin = Admin { lab: &lab, name: "zavod" };
    let zavod = admin.found("https://zavod.example/", None);
    let web = admin.path("web");
    let written = wait(zavod.publish(web.clone(), false)).unwrap();
    assert!(written.changed > 3);
    assert!(fs::read_to_string(Path::new(&web).join("index.html")).unwrap().contains("zavod"));
    wait(zavod.end()).unwrap();

    // Another phone took in the folder and published there.
    let copy = Admin { lab: &lab, name: "copy" };
    copy_folder(Path::new(&admin.path("folder")), Path::new(&copy.path("folder")));
    fs::copy(admin.path("keys"), copy.path("keys")).unwrap();
    let other = copy.open("a passphrase").unwrap();
    wait(other.post("From the other phone.".to_owned(), Vec::new())).unwrap();
    wait(other.publish(web.clone(), false)).unwrap();

    let zavod = admin.open("a passphrase").unwrap();
    assert_eq!(wait(zavod.publish(web.clone(), false)).unwrap_err().code(), "target_newer");
    wait(zavod.take_in(web.clone())).unwrap();
    wait(zavod.publish(web.clone(), false)).unwrap();
    let posts = wait(zavod.content()).unwrap().posts;
    assert_eq!(posts.iter().map(|post| post.text.as_str()).collect::<Vec<_>>(), ["From the other phone."]);
}

#[test]
fn a_link_becomes_a_code_of_dark_and_light_modules() {
    let lab = ServedLab::new();
    let admin = Admin { lab: &lab, name: "zavod" };
    let zavod = admin.found("https://zavod.example/", None);
    let link = wait(zavod.link(Exposure::Tor)).unwrap();
    assert!(wait(link_of(admin.path("folder"), Exposure::Tor, Language::En)).unwrap() == link);
    let code = qr_code(link.text, Language::En).unwrap();
    assert_eq!(code.modules.len(), usize::try_from(code.width * code.width).unwrap());
    assert!(code.modules.iter().all(|module| *module <= 1) && code.modules.contains(&1));
    assert!(code.modules[..4 * usize::try_from(code.width).unwrap()].iter().all(|module| *module == 0), "the margin");
    assert!(code.svg.starts_with("<svg "));
    assert_eq!(qr_code("a".repeat(332), Language::Ru).map(drop).unwrap_err().code(), "too_long_for_qr");
}

#[test]
fn a_move_is_asked_then_followed_or_declined() {
    let lab = ServedLab::new();
    let (old, new) = (Admin { lab: &lab, name: "old" }, Admin { lab: &lab, name: "new" });
    let [old_mirror, new_mirror] = ["old.example", "new.example"].map(|host| lab.origin(host));
    let before = old.found(&old_mirror, None);
    wait(before.post("The old place.".to_owned(), Vec::new())).unwrap();
    let old_link = wait(before.link(Exposure::Open)).unwrap();
    let after = new.found(&new_mirror, Some(old_link.text.clone()));
    wait(after.post("The new place.".to_owned(), Vec::new())).unwrap();
    let new_link = wait(after.link(Exposure::Open)).unwrap();
    assert_eq!(wait(after.statement()).unwrap().continues, Some(format!("byway:{}", old_link.id)));
    wait(before.move_to(Some(new_link.text.clone()))).unwrap();
    lab.serve_folder("old.example", old.path("folder"));
    lab.serve_folder("new.example", new.path("folder"));

    let client = lab.client();
    let read = |offline| wait(client.open(old_link.text.clone(), OpenOptions { offline, ..OPEN }, None)).unwrap();
    let name = |opened: &Opened| opened.community.name.clone();
    let asked = read(false);
    assert_eq!((name(&asked), moved(&asked.notes)), ("old".to_owned(), vec![MoveKind::Asked]));
    let note = asked.notes.iter().find_map(|note| note.moved.clone()).unwrap();
    assert_eq!(note.from_keys, old_link.key);
    assert_eq!(note.to, Some(format!("byway:{}", new_link.id)));
    assert!(asked.community.successor.is_none(), "a signed move is in the notes alone");
    let refreshed = wait(client.refresh(asked.community.id, None)).unwrap();
    assert_eq!(moved(&refreshed.notes), [MoveKind::Asked], "a refresh tells of it too");

    let shown = ShownMove {
        from: note.from.clone(),
        to: note.to.clone(),
        homes: note.homes.clone(),
        from_keys: note.from_keys.clone(),
        to_keys: note.to_keys.clone(),
    };
    let other = ShownMove { to: Some(format!("byway:{}", "0".repeat(64))), ..shown.clone() };
    for refused in [wait(client.stay(other.clone())).err(), wait(client.follow(other, None)).err()] {
        assert_eq!(refused.unwrap().code(), "successor_changed");
    }
    assert!(wait(client.stay(shown.clone())).unwrap(), "there was something to decide");
    assert_eq!(moved(&read(false).notes), [MoveKind::Declined]);
    let followed = wait(client.follow(shown, None)).unwrap();
    assert_eq!((name(&followed), moved(&followed.notes)), ("new".to_owned(), vec![MoveKind::Moved]));
    let keys = followed.notes.iter().find_map(|note| note.moved.clone()).unwrap();
    assert_eq!((keys.from_keys, keys.to_keys), (old_link.key.clone(), new_link.key));
    assert_eq!((keys.stayed, keys.left, keys.joined), (0, 1, 1));
    // The decision stays: the old link leads to the new community.
    let later = read(false);
    assert_eq!((name(&later), later.source), ("new".to_owned(), ReadFrom::Network));
    assert_eq!(texts(&client, &later.community.id), ["The new place."]);
}

#[test]
fn a_post_with_pictures_reaches_readers_without_metadata() {
    let lab = ServedLab::new();
    let admin = Admin { lab: &lab, name: "zavod" };
    let zavod = admin.found(&lab.origin("old.example"), None);
    let given = |text: &str| GivenPicture { bytes: picture("a PNG whose text names a place"), text: text.to_owned() };
    let cleaned = wait(clean_picture(given(" The gate "), Language::En)).unwrap();
    assert_eq!((cleaned.media_type.as_str(), cleaned.text.as_str()), ("image/png", "The gate"));
    assert_eq!((cleaned.width, cleaned.height), (4, 3));
    let says = |bytes: &[u8]| bytes.windows(6).any(|window| window == b"CANARY");
    assert!(says(&given("").bytes) && !says(&cleaned.bytes));

    let name = wait(zavod.post(String::new(), vec![given("The gate")])).unwrap();
    // A picture that is wrong leaves the post as it is.
    let no_picture = GivenPicture { bytes: b"GIF89a".to_vec(), text: String::new() };
    let refused = wait(zavod.edit(name.clone(), "The gate.".to_owned(), Some(vec![no_picture]))).unwrap_err();
    assert!(matches!(&refused, BywayError::Input { code, .. } if code == "unfit"), "{refused:?}");
    let many = wait(zavod.post(String::new(), vec![given(""); 11])).unwrap_err();
    assert_eq!(many.code(), "unfit");
    wait(zavod.edit(name.clone(), "The gate.".to_owned(), None)).unwrap();
    lab.serve_folder("old.example", admin.path("folder"));

    // The machines of the lab have private addresses, to which no attachment leads directly.
    let client = wait(Client::build(Configuration { strategies: vec![lab.proxy()], ..lab.configuration() })).unwrap();
    let link = wait(zavod.link(Exposure::Open)).unwrap().text;
    let read = || wait(client.open(link.clone(), OPEN, None)).unwrap();
    let opened = read();
    let [post] = opened.posts.as_slice() else { panic!("{}", opened.posts.len()) };
    assert_eq!(post.text, "The gate.");
    let [listed] = <[_; 1]>::try_from(wait(client.attachments(opened.community.id.clone(), post.id.clone())).unwrap())
        .unwrap_or_else(|listed| panic!("{}", listed.len()));
    let Attachment::Photo { width, height, text, .. } = &listed.attachment else { panic!("no picture") };
    assert_eq!((*width, *height, text.as_deref()), (Some(4), Some(3), Some("The gate")));
    let fetch = || wait(client.fetch_attachment(listed.id.clone(), 1 << 20, GET, None));
    assert_eq!(fetch().unwrap().bytes, cleaned.bytes);

    // A mirror that exchanges the picture is refused: it lies under its digest.
    let files = Path::new(&admin.path("folder")).join("files");
    let file = fs::read_dir(&files).unwrap().next().unwrap().unwrap().path();
    fs::write(&file, picture("a WebP with the maker of its camera")).unwrap();
    let exchanged = fetch().map(drop).unwrap_err();
    assert!(matches!(exchanged, BywayError::Unreached { .. }), "{exchanged:?}");
    fs::write(&file, &cleaned.bytes).unwrap();

    // Without its pictures the post has none, and their files are gone.
    wait(zavod.edit(name, "No picture.".to_owned(), Some(Vec::new()))).unwrap();
    assert_eq!(fs::read_dir(&files).unwrap().count(), 0);
    assert!(read().posts[0].attachments.is_empty());
}

#[test]
fn pictures_are_cleaned_as_the_table_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases.json");
    let cases: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for row in cases["pictures"].as_array().unwrap() {
        let (name, text) = (row["name"].as_str().unwrap(), row["text"].as_str().unwrap().to_owned());
        let given = GivenPicture { bytes: picture(name), text };
        match (wait(clean_picture(given, Language::En)), row["error"].as_str()) {
            (Err(error), Some(code)) => assert_eq!(error.code(), code, "{name}"),
            (Ok(cleaned), None) => {
                let expected = &row["expect"];
                assert_eq!(expected["mediaType"], cleaned.media_type, "{name}");
                assert_eq!(expected["text"], cleaned.text, "{name}");
                assert_eq!(expected["width"], cleaned.width, "{name}");
                assert_eq!(expected["height"], cleaned.height, "{name}");
                assert!(!cleaned.bytes.windows(6).any(|window| window == b"CANARY"), "{name}");
            }
            (cleaned, _) => panic!("{name}: {:?}", cleaned.map(drop)),
        }
    }
}

/// A picture of the table that both languages read, by its name.
fn picture(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases.json");
    let cases: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let row = cases["pictures"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    BASE64_STANDARD.decode(row["base64"].as_str().unwrap()).unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
