//! The exported uploads: what is published on a server is read there, by the routes and under the exposure of a client.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::path::PathBuf;
use std::sync::Arc;

use byway_ffi::{
    BywayError, CancelHandle, Client, Exposure, FilesWritten, Language, OpenOptions, ProposedChange, Publisher,
    Statement, UploadCredentials, UploadOptions, UploadTarget, propose,
};
use served_lab::{ServedLab, eventually, wait};

const HOST: &str = "new.example";
const OPEN: OpenOptions = OpenOptions { exposure: None, allow_direct: false, offline: false, ignore_pause: false };

/// An admin's folder and keys, and the folder of a server.
struct Place {
    lab: ServedLab,
}

impl Place {
    fn new() -> Self {
        let place = Self { lab: ServedLab::new() };
        std::fs::create_dir(place.path("server")).unwrap();
        place.lab.lab.host(HOST).webdav(&place.path("server"), "anna", "word");
        place
    }

    fn path(&self, what: &str) -> PathBuf {
        self.lab.folder.path().join(what)
    }

    fn text(&self, what: &str) -> String {
        self.path(what).to_string_lossy().into_owned()
    }

    fn found(&self) -> Arc<Publisher> {
        let stated = Statement {
            name: "Zavod".to_owned(),
            description: String::new(),
            mirrors: vec![self.lab.origin(HOST)],
            pages: Vec::new(),
            continues: None,
            keys: None,
            ..Statement::default()
        };
        let (folder, keys) = (self.text("folder"), self.text("keys"));
        wait(Publisher::found(folder, keys, b"a passphrase".to_vec(), stated, Language::En)).unwrap()
    }

    fn target(&self) -> UploadTarget {
        UploadTarget {
            address: self.lab.origin(HOST),
            region: None,
            endpoint: None,
            exposure: None,
            allow_direct: false,
        }
    }

    /// How often something came to the server.
    fn asked(&self) -> usize {
        self.lab.lab.log().events().iter().filter(|event| event.to_string().contains(HOST)).count()
    }

    fn client(&self) -> Arc<Client> {
        self.lab.client()
    }
}

fn login(password: &str) -> Option<UploadCredentials> {
    Some(UploadCredentials::Login { user: "anna".to_owned(), password: password.as_bytes().to_vec() })
}

fn key() -> Option<UploadCredentials> {
    Some(UploadCredentials::Key { id: "an-id".to_owned(), secret: b"a-secret".to_vec(), token: None })
}

fn upload(publisher: &Publisher, client: &Arc<Client>, target: UploadTarget) -> Result<FilesWritten, BywayError> {
    wait(publisher.upload(client.clone(), target, login("word"), UploadOptions::default(), None))
}

fn code(error: &BywayError) -> String {
    error.code().to_owned()
}

#[test]
fn what_is_uploaded_is_read_at_the_server() {
    let place = Place::new();
    let (zavod, admin) = (place.found(), place.client());
    wait(zavod.post("We meet on Friday.".to_owned(), Vec::new())).unwrap();
    let first = upload(&zavod, &admin, place.target()).unwrap();
    assert!(first.changed > 3, "{first:?}");
    wait(zavod.post("Bring bread.".to_owned(), Vec::new())).unwrap();
    let second = upload(&zavod, &admin, place.target()).unwrap();
    assert!(second.unchanged > 0 || second.changed < first.changed + 3, "{second:?}");
    let link = wait(zavod.link(Exposure::Open)).unwrap().text;
    let opened = wait(place.client().open(link, OPEN, None)).unwrap();
    let texts: Vec<&str> = opened.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(texts, ["Bring bread.", "We meet on Friday."]);
}

#[test]
fn an_upload_obeys_the_exposure_and_sends_nothing() {
    let place = Place::new();
    let (zavod, client) = (place.found(), place.client());
    let hidden = UploadTarget { exposure: Some(Exposure::Tor), ..place.target() };
    let error = upload(&zavod, &client, hidden).unwrap_err();
    assert!(matches!(error, BywayError::NotPermitted { .. }), "{}", code(&error));
    assert_eq!(place.asked(), 0, "nothing came to the server");
    assert_eq!(std::fs::read_dir(place.path("server")).unwrap().count(), 0);
    upload(&zavod, &client, place.target()).unwrap();
    assert!(place.asked() > 0, "what comes is noticed");
}

#[test]
fn what_is_wrong_with_an_upload_is_said() {
    let place = Place::new();
    let (zavod, client) = (place.found(), place.client());
    let upload = |address: &str, region: Option<&str>, credentials| {
        let (address, region) = (address.to_owned(), region.map(str::to_owned));
        let target = UploadTarget { address, region, ..place.target() };
        let given = UploadOptions::default();
        code(&wait(zavod.upload(client.clone(), target, credentials, given, None)).unwrap_err())
    };
    let server = place.lab.origin(HOST);
    assert_eq!(upload(&server, None, login("wrong")), "upload_denied");
    assert_eq!(upload(&server, None, None), "upload_denied");
    assert_eq!(upload(&server, None, login("")), "upload_credentials");
    let no_text = UploadCredentials::Login { user: "anna".to_owned(), password: vec![0xff] };
    assert_eq!(upload(&server, None, Some(no_text)), "upload_credentials");
    let bucket = if cfg!(feature = "s3") { "upload_credentials_kind" } else { "upload_no_s3" };
    assert_eq!(upload("s3://zavod", None, login("word")), bucket);
    assert_eq!(upload(&server, Some("eu-west-1"), login("word")), "upload_target");
    assert_eq!(upload("http://zavod.example/", None, login("word")), "upload_cleartext");
    assert_eq!(upload("file:///tmp", None, login("word")), "upload_target");
    wait(zavod.end()).unwrap();
    assert_eq!(upload(&server, None, login("word")), "closed");
}

/// In a run of all crates the core has buckets, for the command; an app's library refuses them all the same.
#[cfg(not(feature = "s3"))]
#[test]
fn a_build_without_s3_refuses_buckets_and_sends_nothing() {
    let place = Place::new();
    let (zavod, client) = (place.found(), place.client());
    let target = || UploadTarget {
        address: "s3://zavod/pages".to_owned(),
        endpoint: Some(place.lab.origin(HOST)),
        ..place.target()
    };
    let error = wait(zavod.upload(client.clone(), target(), key(), UploadOptions::default(), None)).unwrap_err();
    assert_eq!(code(&error), "upload_no_s3");
    assert!(error.to_string().contains("WebDAV"), "{error}");
    let freeze = wait(client.upload_freeze(Vec::new(), target(), key(), None)).unwrap_err();
    assert_eq!(code(&freeze), "upload_no_s3");
    assert_eq!(place.asked(), 0, "nothing came to the server");
}

/// With `--features byway-ffi/s3`.
#[cfg(feature = "s3")]
#[test]
fn a_build_with_s3_uploads_to_a_bucket() {
    let place = Place::new();
    let kept = std::sync::Mutex::new(std::collections::BTreeMap::<String, Vec<u8>>::new());
    place.lab.lab.host(HOST).app(move |ask: &byway_lab::Ask| {
        let mut kept = kept.lock().unwrap();
        // What the bucket holds is read at the server's root, where the charter's mirror is.
        let name = ask.path.trim_start_matches("/zavod").to_owned();
        let is_signed = ask.headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"AWS4"));
        match ask.method.as_str() {
            "PUT" if is_signed => {
                kept.insert(name, ask.body.to_vec());
                byway_lab::Page::new("").header("etag", &format!("\"{}\"", ask.body.len()))
            }
            "GET" => match kept.get(&name) {
                Some(bytes) => byway_lab::Page::new(bytes.clone())
                    .header("etag", &format!("\"{}\"", bytes.len()))
                    .header("last-modified", "Sun, 29 Nov 2026 12:00:00 GMT"),
                None => byway_lab::Page::new("<Error><Code>NoSuchKey</Code></Error>").status(404),
            },
            _ => byway_lab::Page::new("").status(403),
        }
    });
    let (zavod, client) = (place.found(), place.client());
    wait(zavod.post("We meet on Friday.".to_owned(), Vec::new())).unwrap();
    let endpoint = Some(place.lab.origin(HOST));
    let target = UploadTarget { address: "s3://zavod".to_owned(), endpoint, ..place.target() };
    let sent = wait(zavod.upload(client.clone(), target, key(), UploadOptions::default(), None)).unwrap();
    assert!(sent.changed > 3, "{sent:?}");
    let link = wait(zavod.link(Exposure::Open)).unwrap().text;
    let opened = wait(place.client().open(link, OPEN, None)).unwrap();
    assert_eq!(opened.posts.len(), 1);
}

#[test]
fn an_upload_that_is_cancelled_leaves_the_publisher_usable() {
    let place = Place::new();
    let (zavod, client) = (place.found(), place.client());
    let cancel = CancelHandle::new().unwrap();
    cancel.cancel().unwrap();
    let target = place.target();
    let ended = wait(zavod.upload(client.clone(), target, login("word"), UploadOptions::default(), Some(cancel)));
    assert_eq!(code(&ended.unwrap_err()), "cancelled");
    // One that is dropped while the server says nothing.
    place.lab.lab.host(HOST).silent();
    let pending = zavod.upload(client.clone(), place.target(), login("word"), UploadOptions::default(), None);
    let ended = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime
                .block_on(async { tokio::time::timeout(std::time::Duration::from_millis(200), pending).await.is_err() })
        });
        waiting.join().unwrap()
    });
    assert!(ended, "a silent server answers nothing");
    eventually("the publisher", || wait(zavod.post("Bring bread.".to_owned(), Vec::new())).is_ok());
    place.lab.lab.host(HOST).up();
    assert!(upload(&zavod, &client, place.target()).unwrap().changed > 3);
}

#[test]
fn a_freeze_is_uploaded_by_a_client_without_keys() {
    let place = Place::new();
    let (zavod, client) = (place.found(), place.client());
    upload(&zavod, &client, place.target()).unwrap();
    let after = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let passphrase = b"a passphrase".to_vec();
    let (folder, keys) = (place.text("folder"), place.text("keys"));
    let freeze = propose(folder, keys, passphrase, ProposedChange::Freeze { after }, false, Language::En);
    let freeze = wait(freeze).unwrap();
    let sent = wait(client.upload_freeze(freeze.file.clone(), place.target(), login("word"), None)).unwrap();
    assert!(sent.changed > 0, "{sent:?}");
    assert!(place.path("server/freeze.json").is_file());
    let again = wait(client.upload_freeze(freeze.file, place.target(), login("word"), None)).unwrap();
    assert_eq!((again.changed, again.unchanged), (0, 1));
}
