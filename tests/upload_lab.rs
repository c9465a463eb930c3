//! Publishing to a bucket and to a WebDAV folder over the lab: what is sent by which route, and what a server may answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use byway::jiff::Timestamp;
use byway::publisher::{CommunityKeys, Picture, Proposal, PublishError, Publisher, RemoteScope, Statement};
use byway::upload::{UploadCredentials, UploadError, Uploaded, Uploader};
use byway::{Byway, Exposure, FetchError, GetFault, Language, Roots, Secret, StoreKey, Strategy};
use byway_lab::{Ask, Lab, Page};
use tempfile::TempDir;

const HOST: &str = "s3.example";
const SECRET: &str = "a-secret-canary";

/// A file, and its version.
type Stored = (Vec<u8>, usize);

/// A store of files: with versions that it compares, or as a WebDAV server that does not.
#[derive(Default)]
struct Store {
    files: BTreeMap<String, Stored>,
    compares: bool,
    /// Says that it takes every file, and keeps the head alone.
    forgets: bool,
    /// Says that it takes this file, and keeps what was there.
    loses: Option<&'static str>,
    /// Puts a script into its web pages, as cheap hosting does.
    adds: bool,
    /// Answers of a server that is busy, each for one request.
    busy: VecDeque<(u16, Option<u32>)>,
    /// Requests of this method are redirected, with this status, and with or without an address.
    redirects: Option<(&'static str, u16, Option<&'static str>)>,
    /// As many writes are accepted.
    writes_left: Option<usize>,
    /// Gives the file from before a write so many more times, as a server of several machines does.
    lag: usize,
    /// What files were before their last write, and how often that is given yet.
    earlier: BTreeMap<String, (Option<Stored>, usize)>,
    /// After a write of the first file, another admin writes the second one.
    crossed: Option<(&'static str, &'static str)>,
    asked: Vec<(String, String)>,
    headers: Vec<String>,
    writes: usize,
    /// Folders in the folder, which a WebDAV server has to be told to make.
    folders: Vec<String>,
}

#[derive(Clone, Default)]
struct Server(Arc<Mutex<Store>>);

impl Server {
    fn with<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn answer(&self, ask: &Ask) -> Page {
        self.with(|store| store.answer(ask))
    }
}

impl Store {
    /// Another admin writes a file.
    fn by_another(&mut self, name: &str) {
        self.writes += 1;
        let (name, file) = self.files.iter_mut().find(|(known, _)| known.starts_with(name)).unwrap();
        *file = (format!("another {name}").into_bytes(), self.writes);
    }

    /// What a file is, or was a moment ago.
    fn given(&mut self, name: &str) -> Option<Stored> {
        match self.earlier.get_mut(name) {
            Some((file, left)) if *left > 0 => {
                *left -= 1;
                file.clone()
            }
            _ => self.files.get(name).cloned(),
        }
    }

    fn answer(&mut self, ask: &Ask) -> Page {
        self.asked.push((ask.method.to_string(), ask.path.clone()));
        let authorization = ask.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        self.headers.extend(ask.headers.iter().map(|(name, value)| format!("{name}: {value:?}")));
        if let Some((status, wait)) = self.busy.pop_front() {
            let page = Page::new("busy").status(status);
            return wait.map_or(page.clone(), |wait| page.header("retry-after", &wait.to_string()));
        }
        if let Some((_, status, to)) = self.redirects.filter(|(method, ..)| ask.method == *method) {
            let page = Page::new("<Error><Code>PermanentRedirect</Code></Error>").status(status);
            return to.map_or(page.clone(), |to| page.header("location", to));
        }
        let is_known = authorization.as_deref().is_some_and(|value| {
            value.starts_with("AWS4-HMAC-SHA256 Credential=an-id/") || value == "Basic YW5uYTp3b3Jk"
        });
        let readers = ask.method == "GET" && authorization.is_none();
        if !is_known && !readers {
            return Page::new("<Error><Code>InvalidAccessKeyId</Code></Error>").status(403);
        }
        let Some(name) = ask.path.strip_prefix("/zavod/").map(str::to_owned) else {
            return Page::new("<Error><Code>NoSuchBucket</Code></Error>").status(404);
        };
        let tag = self.files.get(&name).map(|(_, version)| format!("\"{version}\""));
        match ask.method.as_str() {
            "PUT" => {
                let header = |name: &str| ask.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
                let is_expected = header("if-none-match").is_none_or(|_| tag.is_none())
                    && header("if-match").is_none_or(|expected| tag == Some(expected));
                if self.compares && !is_expected {
                    return Page::new("<Error><Code>PreconditionFailed</Code></Error>").status(412);
                }
                let folder = name.rsplit_once('/').map(|(folder, _)| folder.to_owned());
                if !self.compares && folder.is_some_and(|folder| !self.folders.contains(&folder)) {
                    return Page::new("").status(409);
                }
                if self.writes_left == Some(0) {
                    return Page::new("").status(403);
                }
                self.writes_left = self.writes_left.map(|left| left - 1);
                self.writes += 1;
                if self.lag > 0 {
                    self.earlier.insert(name.clone(), (self.files.get(&name).cloned(), self.lag));
                }
                if self.loses != Some(&*name) && (!self.forgets || name == "head.json") {
                    self.files.insert(name.clone(), (ask.body.to_vec(), self.writes));
                }
                let written = self.writes;
                if let Some((_, other)) = self.crossed.take_if(|(at, _)| name.starts_with(*at)) {
                    self.by_another(other);
                }
                let page = Page::new("");
                if self.compares { page.header("etag", &format!("\"{written}\"")) } else { page.status(201) }
            }
            "GET" => match self.given(&name) {
                Some((mut bytes, version)) => {
                    if self.adds && name.ends_with(".html") {
                        bytes.extend_from_slice(b"<script src=/ads.js></script>");
                    }
                    Page::new(bytes)
                        .header("etag", &format!("\"{version}\""))
                        .header("last-modified", "Sun, 29 Nov 2026 12:00:00 GMT")
                }
                None => Page::new("<Error><Code>NoSuchKey</Code></Error>").status(404),
            },
            "MKCOL" => {
                // As nginx: the address of a folder ends as one.
                let Some(folder) = name.strip_suffix('/') else { return Page::new("").status(409) };
                self.folders.push(folder.to_owned());
                Page::new("").status(201)
            }
            "DELETE" => {
                self.files.remove(&name);
                Page::new("").status(204)
            }
            _ => Page::new("").status(405),
        }
    }
}

/// An admin's device.
struct Admin<'a> {
    lab: &'a Lab,
    server: Server,
    device: TempDir,
    zavod: Publisher,
}

impl<'a> Admin<'a> {
    fn new(lab: &'a Lab, compares: bool) -> Self {
        let server = Server::default();
        server.with(|store| store.compares = compares);
        let answers = server.clone();
        lab.host(HOST).at("203.0.113.10").https().app(move |ask: &Ask| answers.answer(ask));
        let device = TempDir::new().unwrap();
        let passphrase = || Secret::new("correct horse battery".to_owned()).unwrap();
        let keys = CommunityKeys::create(&device.path().join("keys"), passphrase()).unwrap();
        let mut statement = Statement::default();
        statement.name = "Рабочие станкозавода".to_owned();
        statement.mirrors = vec![format!("https://{HOST}/zavod/")];
        let zavod = Publisher::found(&device.path().join("zavod"), keys, &statement, now(lab), Language::Ru).unwrap();
        Self { lab, server, device, zavod }
    }

    fn post(&mut self, text: &str) {
        self.zavod.post(text, now(self.lab)).unwrap();
    }

    fn bucket(&self, byway: &Byway) -> Uploader {
        let target = "s3://zavod".parse::<byway::upload::UploadTarget>().unwrap();
        let target = target.with_endpoint(&format!("https://{HOST}")).unwrap();
        Uploader::new(byway, target).with_credentials(UploadCredentials::key("an-id", SECRET, None).unwrap())
    }

    fn folder(&self, byway: &Byway) -> Uploader {
        let uploader = Uploader::new(byway, format!("https://{HOST}/zavod/").parse().unwrap());
        uploader.with_credentials(UploadCredentials::login("anna", "word").unwrap())
    }

    async fn publish(&mut self, uploader: &Uploader) -> Result<Uploaded, UploadError> {
        let remote = uploader.look(&self.zavod, RemoteScope::Changed, now(self.lab)).await?;
        let plan = self.zavod.plan(&remote, false, now(self.lab))?;
        uploader.send(plan).await
    }

    /// A freeze with the community's keys, to be given away.
    fn freeze(&self, after: Timestamp) -> Proposal {
        let passphrase = Secret::new("correct horse battery".to_owned()).unwrap();
        let keys = CommunityKeys::open(&self.device.path().join("keys"), passphrase).unwrap();
        Proposal::freezing(&self.device.path().join("zavod"), &keys, after, after).unwrap()
    }

    /// What a new reader gets.
    async fn texts(&self) -> Vec<String> {
        let reader = byway(self.lab, &["direct:".parse().unwrap()], Exposure::Open).await;
        let link = self.zavod.link(Exposure::Open, now(self.lab)).to_string();
        let opened = reader.open(&link).await.unwrap();
        let mut texts: Vec<String> = opened.posts.into_iter().map(|post| post.text).collect();
        texts.sort();
        texts
    }
}

fn now(lab: &Lab) -> Timestamp {
    Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap()
}

async fn byway(lab: &Lab, ways: &[Strategy], exposure: Exposure) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let builder = Byway::builder().strategies(ways.iter().cloned()).roots(roots).exposure(exposure).net(lab.client());
    builder.build().await.unwrap()
}

/// An admin who has uploaded a first post, directly.
async fn uploaded(lab: &Lab, compares: bool) -> (Admin<'_>, Uploader) {
    let mut admin = Admin::new(lab, compares);
    let engine = byway(lab, &[direct()], Exposure::Open).await;
    let uploader = if compares { admin.bucket(&engine) } else { admin.folder(&engine) };
    admin.post("Сход в пятницу.");
    admin.publish(&uploader).await.unwrap();
    (admin, uploader)
}

/// An admin who has uploaded a first post, and has a second one to upload.
async fn with_an_update(lab: &Lab, compares: bool) -> (Admin<'_>, Uploader) {
    let (mut admin, uploader) = uploaded(lab, compares).await;
    admin.post("Пропуск у Анны.");
    (admin, uploader)
}

fn direct() -> Strategy {
    "direct:".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_bucket_is_published_to_and_read_back() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    admin.post("Сход в пятницу.");
    let uploader = admin.bucket(&byway(&lab, &[direct()], Exposure::Open).await);
    let first = admin.publish(&uploader).await.unwrap();
    assert!(first.changed >= 7, "{first:?}");
    assert_eq!(admin.texts().await, ["Сход в пятницу."]);
    admin.post("Пропуск у Анны.");
    admin.server.with(|store| store.asked.clear());
    let second = admin.publish(&uploader).await.unwrap();
    assert_eq!(second.changed, 6, "a month, two heads, the newest, and two files of the site");
    let written = admin.server.with(|store| store.asked.iter().filter(|(method, _)| method == "PUT").count());
    assert_eq!(written, 6);
    assert_eq!(admin.texts().await.len(), 2);
    // Nothing but the statement that this is the newest.
    assert_eq!(admin.publish(&uploader).await.unwrap().changed, 1);
    let headers = admin.server.with(|store| store.headers.join("\n"));
    assert!(!headers.contains(SECRET) && headers.contains("text/html; charset=utf-8"), "{headers}");
}

#[tokio::test(start_paused = true)]
async fn a_picture_reaches_readers_and_names_no_device() {
    let (lab, data) = (Lab::new(), TempDir::new().unwrap());
    let mut admin = Admin::new(&lab, true);
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(9, 5, image::Luma([7])).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    let with_serial = [&jpeg[..2], b"\xff\xfe\0\x10serial-canary\0", &jpeg[2..], b"serial-canary"].concat();
    let picture = Picture::clean(&with_serial, "Закрытые ворота").unwrap();
    assert!(!picture.bytes().windows(6).any(|window| window == b"canary"));
    admin.zavod.post_with("Смотрите", std::slice::from_ref(&picture), now(&lab)).unwrap();
    let uploader = admin.bucket(&byway(&lab, &[direct()], Exposure::Open).await);
    admin.publish(&uploader).await.unwrap();
    assert!(admin.server.with(|store| store.headers.join("\n")).contains("content-type: \"image/jpeg\""));

    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let reader = Byway::builder().strategies([direct()]).roots(roots).net(lab.client());
    let reader = reader.data_dir(data.path(), StoreKey::from_bytes([7; 32])).build().await.unwrap();
    let opened = reader.open(&admin.zavod.link(Exposure::Open, now(&lab)).to_string()).await.unwrap();
    let post = opened.posts.iter().find(|post| post.text == "Смотрите").unwrap();
    let shown = byway::attachments(&opened.community.id, post);
    let byway::community::Attachment::Photo { width, height, text, .. } = shown[0].1 else { panic!() };
    assert_eq!((*width, *height, text.as_deref()), (Some(9), Some(5), Some("Закрытые ворота")));
    let fetched = reader.fetch_attachment(&shown[0].0, 100_000).await.unwrap();
    assert_eq!(fetched.bytes.as_ref(), picture.bytes());
    let small = reader.fetch_attachment(&shown[0].0, 100).await.unwrap_err();
    assert_eq!(small.fault.code(), "too_large");
    // The server gives another picture of the same length.
    let name = admin.server.with(|store| store.files.keys().find(|name| name.starts_with("files/")).unwrap().clone());
    admin.server.with(|store| *store.files.get_mut(&name).unwrap().0.last_mut().unwrap() ^= 1);
    let error = reader.fetch_attachment(&shown[0].0, 100_000).await.unwrap_err();
    assert!(matches!(error.fault, byway::AttachmentFault::Fetch(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_freeze_is_uploaded_without_the_keys() {
    for compares in [true, false] {
        let lab = Lab::new();
        let mut admin = Admin::new(&lab, compares);
        let engine = byway(&lab, &[direct()], Exposure::Open).await;
        let uploader = if compares { admin.bucket(&engine) } else { admin.folder(&engine) };
        let later = now(&lab) + byway::jiff::SignedDuration::from_hours(1);
        let (freeze, second) = (admin.freeze(now(&lab)), admin.freeze(later));
        let absent = uploader.freeze(&freeze, now(&lab)).await.unwrap_err();
        assert!(matches!(absent, UploadError::Publish(PublishError::Absent)), "{absent}");
        let early = admin.freeze(now(&lab) - byway::jiff::SignedDuration::from_hours(1));
        admin.post("после заморозки");
        admin.publish(&uploader).await.unwrap();
        let page = |name: &str| admin.server.with(|store| String::from_utf8(store.files[name].0.clone()).unwrap());
        assert!(page("index.html").contains("после заморозки") && page("feed.xml").contains("после заморозки"));
        assert_eq!(uploader.freeze(&second, now(&lab)).await.unwrap().changed, 2, "the freeze, and the page says so");
        assert!(page("index.html").contains("раньше") && page("index.html").contains("после заморозки"));
        let earlier = uploader.freeze(&early, now(&lab)).await.unwrap().changed;
        assert!(earlier >= 3, "the earlier one counts, and page and feed no longer show the post: {earlier}");
        assert!(!page("index.html").contains("после заморозки") && !page("feed.xml").contains("после заморозки"));
        for later in [&freeze, &second] {
            assert_eq!(uploader.freeze(later, now(&lab)).await.unwrap().changed, 0);
        }
        // A page that somebody put back says it again with the next freeze, though that is a later one.
        admin.server.with(|store| store.files.get_mut("index.html").unwrap().0 = b"x".to_vec());
        assert_eq!(uploader.freeze(&second, now(&lab)).await.unwrap().changed, 1);
        let kept = admin.server.with(|store| store.files["freeze.json"].0.clone());
        // The next upload of an admin who knows nothing of it leaves it there.
        admin.post("Ещё");
        admin.publish(&uploader).await.unwrap();
        assert_eq!(admin.server.with(|store| store.files["freeze.json"].0.clone()), kept);

        let other_lab = Lab::new();
        let other = Admin::new(&other_lab, true);
        let foreign = other.freeze(now(&other_lab));
        let refused = uploader.freeze(&foreign, now(&lab)).await.unwrap_err();
        assert!(matches!(refused, UploadError::Publish(PublishError::ProposalForeign)), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_webdav_folder_is_published_to_and_read_back() {
    let lab = Lab::new();
    let (mut admin, uploader) = uploaded(&lab, false).await;
    admin.post("Пропуск у Анны.");
    assert_eq!(admin.publish(&uploader).await.unwrap().changed, 6);
    assert_eq!(admin.texts().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_upload_goes_through_tor_alone_where_that_is_asked() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    admin.post("Сход в пятницу.");
    let tor: Strategy = lab.tor().url().parse().unwrap();
    let uploader = admin.bucket(&byway(&lab, &[direct(), tor], Exposure::Tor).await);
    admin.publish(&uploader).await.unwrap();
    assert!(lab.log().by("client").first_packet_to("203.0.113.10").is_none(), "a direct packet");
    assert!(lab.log().by("client").lookups().is_empty(), "{:?}", lab.log().by("client").lookups());
    // The same with an uploader that asks for more than its client.
    let uploader = admin.bucket(&byway(&lab, &[direct()], Exposure::Open).await).with_exposure(Exposure::Tor);
    let error = admin.publish(&uploader).await.unwrap_err();
    assert!(
        matches!(&error, UploadError::Unreached(error) if matches!(error.fault, GetFault::Fetch(FetchError::Plan(_)))),
        "{error:?}"
    );
    assert!(lab.log().by("client").first_packet_to("203.0.113.10").is_none(), "a direct packet");
}

#[tokio::test(start_paused = true)]
async fn a_proxy_carries_an_upload_around_a_block() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    admin.post("Сход в пятницу.");
    lab.censor().when_sni(HOST).reset();
    let proxy: Strategy = lab.socks5("proxy.example").at("203.0.113.20").url().parse().unwrap();
    let uploader = admin.bucket(&byway(&lab, &[direct(), proxy], Exposure::Open).await);
    admin.publish(&uploader).await.unwrap();
    assert!(admin.server.with(|store| store.files.contains_key("head.json")));
}

#[tokio::test(start_paused = true)]
async fn a_failed_upload_says_who_saw_its_earlier_requests() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    admin.post("Сход в пятницу.");
    let tor: Strategy = lab.tor().url().parse().unwrap();
    let uploader = admin.bucket(&byway(&lab, &[tor], Exposure::Tor).await);
    let remote = uploader.look(&admin.zavod, RemoteScope::Changed, now(&lab)).await.unwrap();
    let plan = admin.zavod.plan(&remote, false, now(&lab)).unwrap();
    let _ = lab.tor().dead();
    let error = uploader.send(plan).await.unwrap_err();
    let UploadError::Unreached(error) = error else { panic!("{error:?}") };
    let account = error.reachability().unwrap().account_in_full(Language::En);
    let told = &account.verdict.sentence;
    let seen = "Your provider saw at most that you use Tor.";
    assert!(told.starts_with("Tor does not answer"), "the verdict is about the request that failed: {told}");
    assert!(told.contains(seen), "{told}");
    let outcomes: Vec<_> = account.attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!((outcomes.first(), outcomes.iter().filter(|code| **code == "ok").count()), (Some(&"ok"), 1));
    // Without names it says the same.
    assert!(error.reachability().unwrap().account(Language::En).verdict.sentence.contains(seen));
    // What an earlier upload showed is not part of the next one.
    let error = admin.publish(&uploader).await.unwrap_err();
    let UploadError::Unreached(error) = error else { panic!("{error:?}") };
    assert!(!error.reachability().unwrap().sentence(Language::En).contains(seen));
}

#[tokio::test(start_paused = true)]
async fn credentials_are_never_looked_for() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    let byway = byway(&lab, &[direct()], Exposure::Open).await;
    let target = "s3://zavod".parse::<byway::upload::UploadTarget>().unwrap();
    let uploader = Uploader::new(&byway, target);
    assert!(matches!(admin.publish(&uploader).await, Err(UploadError::Credentials)));
    let login = UploadCredentials::login("anna", "word").unwrap();
    let bucket = "s3://zavod".parse::<byway::upload::UploadTarget>().unwrap();
    let uploader = Uploader::new(&byway, bucket).with_credentials(login);
    assert!(matches!(admin.publish(&uploader).await, Err(UploadError::Credentials)));
    assert!(lab.log().is_empty(), "something was contacted: {:?}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn wrong_keys_and_a_missing_bucket_are_told_apart() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    let byway = byway(&lab, &[direct()], Exposure::Open).await;
    let at = |bucket: &str| {
        let target = bucket.parse::<byway::upload::UploadTarget>().unwrap();
        target.with_endpoint(&format!("https://{HOST}")).unwrap()
    };
    let wrong = UploadCredentials::key("another-id", SECRET, None).unwrap();
    let uploader = Uploader::new(&byway, at("s3://zavod")).with_credentials(wrong);
    let error = admin.publish(&uploader).await.unwrap_err();
    assert!(matches!(error, UploadError::Denied { status: 403 }), "{error:?}");
    assert!(!format!("{error:?}{error}").contains(SECRET));
    let right = UploadCredentials::key("an-id", SECRET, None).unwrap();
    let uploader = Uploader::new(&byway, at("s3://other")).with_credentials(right);
    let error = admin.publish(&uploader).await.unwrap_err();
    assert!(matches!(error, UploadError::NoFolder), "{error:?}");
    assert!(admin.server.with(|store| store.files.is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    let uploader = admin.bucket(&byway(&lab, &[direct()], Exposure::Open).await);
    admin.server.with(|store| store.busy.extend([(503, Some(30)), (429, None)]));
    let before = lab.elapsed();
    admin.publish(&uploader).await.unwrap();
    let waited = lab.elapsed() - before;
    assert!((32..40).contains(&waited.as_secs()), "30 s as asked and 2 s of its own: {waited:?}");
    // Longer than anyone sits in front of it.
    admin.server.with(|store| store.busy.push_back((503, Some(3600))));
    let before = lab.elapsed();
    let error = admin.publish(&uploader).await.unwrap_err();
    let asked = Some(Duration::from_secs(3600));
    assert!(
        matches!(error, UploadError::Unavailable { status: 503, retry_after } if retry_after == asked),
        "{error:?}"
    );
    assert!(lab.elapsed() - before < Duration::from_secs(5));
    admin.server.with(|store| store.busy.extend([(500, None); 5]));
    let error = admin.publish(&uploader).await.unwrap_err();
    assert!(matches!(error, UploadError::Unavailable { status: 500, .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn what_another_admin_wrote_meanwhile_is_not_overwritten() {
    for (compares, file) in [(true, "head.json"), (true, "events-"), (false, "head.json"), (false, "events-")] {
        let lab = Lab::new();
        let (mut admin, uploader) = uploaded(&lab, compares).await;
        admin.post("Пропуск у Анны.");
        let remote = uploader.look(&admin.zavod, RemoteScope::Changed, now(&lab)).await.unwrap();
        let plan = admin.zavod.plan(&remote, false, now(&lab)).unwrap();
        // Another one writes between the look and the first write.
        admin.server.with(|store| store.by_another(file));
        let before = admin.server.with(|store| store.files.clone());
        let error = uploader.send(plan).await.unwrap_err();
        assert!(matches!(error, UploadError::Changed), "compares {compares}, {file}: {error:?}");
        assert!(admin.server.with(|store| store.files == before), "compares {compares}, {file}: it is all there");
    }
}

#[tokio::test(start_paused = true)]
async fn uploads_that_cross_are_never_called_done() {
    // Where in the upload the other admin writes, and what.
    let moments =
        [("events-", "events-"), ("events-", "head.json"), ("head.json", "head.json"), ("index.html", "head.json")];
    for (compares, (at, other)) in
        [false, true].into_iter().flat_map(|compares| moments.map(|moment| (compares, moment)))
    {
        let lab = Lab::new();
        let (mut admin, uploader) = uploaded(&lab, compares).await;
        admin.post("Пропуск у Анны.");
        admin.server.with(|store| store.crossed = Some((at, other)));
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::Mixed), "compares {compares}, {other} after {at}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_not_kept_is_found_before_the_head() {
    for compares in [true, false] {
        let lab = Lab::new();
        let (mut admin, uploader) = with_an_update(&lab, compares).await;
        let before = admin.server.with(|store| {
            store.forgets = true;
            store.files.clone()
        });
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "compares {compares}: {error}");
        assert!(admin.server.with(|store| store.files == before), "no head names what is not there");
        admin.server.with(|store| store.forgets = false);
        admin.publish(&uploader).await.unwrap();
        assert_eq!(admin.texts().await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn readers_have_a_state_after_whatever_write_was_the_last() {
    let lab = Lab::new();
    let (mut admin, uploader) = uploaded(&lab, true).await;
    let begun = admin.server.with(|store| store.files.clone());
    admin.post("Пропуск у Анны.");
    for writes in 0..6 {
        admin.server.with(|store| {
            store.files.clone_from(&begun);
            store.writes_left = Some(writes);
        });
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::Denied { .. }), "{error:?}");
        let texts = admin.texts().await;
        assert!(texts.contains(&"Сход в пятницу.".to_owned()), "after {writes} writes: {texts:?}");
        admin.server.with(|store| store.writes_left = None);
        admin.publish(&uploader).await.unwrap();
        assert_eq!(admin.texts().await.len(), 2, "after {writes} writes");
    }
    drop(admin.device);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_redirected_says_what_to_do() {
    let lab = Lab::new();
    let other = Arc::new(Mutex::new(0));
    let counted = other.clone();
    lab.host("other.example").at("203.0.113.11").https().app(move |_: &Ask| {
        *counted.lock().unwrap() += 1;
        Page::new("")
    });
    let to = Some("https://other.example/zavod/head.json");
    for compares in [true, false] {
        let mut admin = Admin::new(&lab, compares);
        admin.post("Сход в пятницу.");
        let engine = byway(&lab, &[direct()], Exposure::Open).await;
        let uploader = if compares { admin.bucket(&engine) } else { admin.folder(&engine) };
        for (method, status, to) in [
            ("GET", 301, to),
            ("GET", 307, None),
            ("PUT", 302, to),
            ("PUT", 307, to),
            ("PUT", 308, to),
            ("PUT", 301, None),
        ] {
            admin.server.with(|store| store.redirects = Some((method, status, to)));
            let error = admin.publish(&uploader).await.unwrap_err();
            assert_eq!(error.code(), "upload_redirected", "{method} {status}: {error}");
            let said = error.sentence(Language::En);
            assert!(said.contains("redirects to another address") && said.contains("Publish to the address"), "{said}");
        }
        admin.server.with(|store| store.redirects = None);
        assert!(admin.server.with(|store| store.files.is_empty()));
        admin.publish(&uploader).await.unwrap();
    }
    assert_eq!(*other.lock().unwrap(), 0, "nothing is sent there");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_keeps_nothing_is_found_before_the_head() {
    for compares in [true, false] {
        let lab = Lab::new();
        let mut admin = Admin::new(&lab, compares);
        admin.server.with(|store| store.forgets = true);
        admin.post("Сход в пятницу.");
        let engine = byway(&lab, &[direct()], Exposure::Open).await;
        let uploader = if compares { admin.bucket(&engine) } else { admin.folder(&engine) };
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "{error}");
        assert!(admin.server.with(|store| store.files.is_empty()), "no head says that there is something");
        admin.server.with(|store| store.forgets = false);
        admin.publish(&uploader).await.unwrap();
        assert_eq!(admin.texts().await, ["Сход в пятницу."]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lags_is_waited_for_and_not_called_changed() {
    for compares in [true, false] {
        let lab = Lab::new();
        let (mut admin, uploader) = with_an_update(&lab, compares).await;
        admin.server.with(|store| store.lag = 1);
        admin.publish(&uploader).await.unwrap_or_else(|error| panic!("compares {compares}: {error}"));
        // One that never gives what it took blames no other admin.
        admin.post("Сход перенесён.");
        admin.server.with(|store| {
            (store.lag, store.earlier) = (usize::MAX, BTreeMap::new());
        });
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "compares {compares}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_of_the_newest_that_is_not_kept_blames_no_admin() {
    for compares in [true, false] {
        let lab = Lab::new();
        let (mut admin, uploader) = with_an_update(&lab, compares).await;
        admin.server.with(|store| store.loses = Some("newest.jsonl"));
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "compares {compares}: {error:?}");
        admin.server.with(|store| store.loses = None);
        admin.publish(&uploader).await.unwrap();
        assert_eq!(admin.texts().await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_web_page_that_is_not_kept_is_said() {
    for (compares, page) in [(true, "index.html"), (false, "index.html"), (true, "feed.xml"), (false, "feed.xml")] {
        let lab = Lab::new();
        let (mut admin, uploader) = uploaded(&lab, compares).await;
        admin.post("Пропуск у Анны.");
        let asked = admin.server.with(|store| {
            store.loses = Some(page);
            store.asked.len()
        });
        let error = admin.publish(&uploader).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "compares {compares}, {page}: {error:?}");
        assert_eq!(admin.texts().await.len(), 2, "the signed files are there");
        let asked = admin.server.with(|store| store.asked.split_off(asked));
        let reads = asked.iter().filter(|(method, path)| method == "GET" && path.ends_with(page)).count();
        assert!(reads <= 4, "{reads}: once before, and three tries after");
        // A freeze is not shown there either. A feed may be the same beside it.
        if page == "feed.xml" {
            continue;
        }
        let error = uploader.freeze(&admin.freeze(now(&lab)), now(&lab)).await.unwrap_err();
        assert!(matches!(error, UploadError::NotKept), "compares {compares}, {page}: {error:?}");
        admin.server.with(|store| store.loses = None);
        admin.publish(&uploader).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_adds_to_its_pages_stops_no_upload() {
    let lab = Lab::new();
    let (mut admin, uploader) = uploaded(&lab, false).await;
    admin.server.with(|store| store.adds = true);
    for text in ["Пропуск у Анны.", "Сход перенесён."] {
        admin.post(text);
        admin.publish(&uploader).await.unwrap();
    }
    assert_eq!(admin.texts().await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_locked_a_full_and_a_limited_server_are_told_apart() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, false);
    let uploader = admin.folder(&byway(&lab, &[direct()], Exposure::Open).await);
    admin.post("Сход в пятницу.");
    for (status, times, word) in [(423, 5, "lock"), (507, 1, "room"), (413, 1, "size")] {
        admin.server.with(|store| store.busy = VecDeque::from(vec![(status, None); times]));
        let error = admin.publish(&uploader).await.unwrap_err();
        let sentence = error.sentence(Language::En);
        assert!(sentence.contains(word), "{status}: {sentence}");
        assert!(admin.server.with(|store| store.busy.is_empty()), "{status} is tried as often as it may help");
    }
    // A lock ends with the upload that took it.
    admin.server.with(|store| store.busy = VecDeque::from(vec![(423, None); 2]));
    admin.publish(&uploader).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_not_a_change() {
    let lab = Lab::new();
    let mut admin = Admin::new(&lab, true);
    let byway = byway(&lab, &[direct()], Exposure::Open).await;
    let uploader = admin.bucket(&byway);
    let remote = uploader.look(&admin.zavod, RemoteScope::Changed, now(&lab)).await.unwrap();
    let plan = admin.zavod.plan(&remote, false, now(&lab)).unwrap();
    // The first write is done, and answered as if it was not.
    let store = admin.server.clone();
    let answers = admin.server.clone();
    let first = Mutex::new(true);
    lab.host(HOST).app(move |ask: &Ask| {
        let page = answers.answer(ask);
        let is_first = ask.method == "PUT" && std::mem::take(&mut *first.lock().unwrap());
        if is_first { Page::new("").status(500) } else { page }
    });
    uploader.send(plan).await.unwrap();
    assert!(store.with(|store| store.files.contains_key("head.json")));
}
