//! `byway community publish` to real servers: an S3 server that verifies signatures and compares versions, and nginx as a
//! WebDAV server. What was uploaded is served by nginx, and read with another data directory.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::daemon::{Daemon, demand_tool, folder, free_port, listens};
use crate::origin::SITE;
use crate::program::{Run, byway_with};
use crate::proxies::microsocks;
use crate::published::Published;
use crate::tor;

const KEY: &str = "an-id";
const SECRET: &str = "a-secret-canary";
const WORD: &str = "a-word-canary";

/// An admin's device, and nginx, which serves what was uploaded and takes uploads at `/dav/`.
struct Admin {
    device: TempDir,
    web: Published,
    link: String,
    /// Where the community is published to, with what that needs.
    server: Vec<String>,
}

impl Admin {
    /// With a mirror at this path of the site.
    fn found(path: &str) -> Self {
        let device = folder();
        let at = |name: &str| device.path().join(name).display().to_string();
        // Reading needs no login.
        let configuration = format!(
            "if (-f {busy}) {{ return 503; }}
             error_page 503 @busy;
             location @busy {{ add_header Retry-After 3600 always; return 503; }}
             location /dav/ {{
                 dav_methods PUT DELETE MKCOL; create_full_put_path on;
                 limit_except GET {{ auth_basic zavod; auth_basic_user_file {users}; }}
             }}",
            busy = at("busy"),
            users = at("users")
        );
        let web = Published::start(&configuration);
        fs::write(at("users"), format!("anna:{{PLAIN}}{WORD}\n")).unwrap();
        fs::write(at("passphrase"), "correct horse battery canary\n").unwrap();
        fs::write(at("key"), format!("access_key_id = {KEY}\nsecret_access_key = {SECRET}\n")).unwrap();
        fs::write(at("wrong-key"), format!("access_key_id = {KEY}\nsecret_access_key = another\n")).unwrap();
        fs::write(at("login"), format!("user = anna\npassword = {WORD}\n")).unwrap();
        for name in ["key", "wrong-key", "login"] {
            fs::set_permissions(at(name), PermissionsExt::from_mode(0o600)).unwrap();
        }
        let mut admin = Self { device, web, link: String::new(), server: Vec::new() };
        let mirror = format!("{}{path}", admin.web.origin.site_url());
        let run = admin.community(&["new", "Станкозавод", "--mirror", &mirror]);
        admin.link = run.stdout.lines().next().unwrap().to_owned();
        admin
    }

    /// Whose WebDAV folder is there.
    fn with_folder() -> Self {
        let mut admin = Self::found("/dav/");
        fs::create_dir(admin.web.origin.site().join("dav")).unwrap();
        let into = format!("{}/dav/", admin.web.origin.site_url());
        admin.server = ["--into", &into, "--credentials", &admin.at("login")].map(str::to_owned).into();
        admin
    }

    fn at(&self, name: &str) -> String {
        self.device.path().join(name).display().to_string()
    }

    fn community(&self, arguments: &[&str]) -> Run {
        let run = self.tried(arguments);
        assert_eq!(run.code, 0, "{run}");
        run
    }

    fn tried(&self, arguments: &[&str]) -> Run {
        let run = byway_with(&[&["community"], arguments, &self.kept().each_ref().map(String::as_str)].concat());
        assert!(!format!("{run}").contains(SECRET) && !format!("{run}").contains(WORD), "{run}");
        run
    }

    fn kept(&self) -> [String; 6] {
        let (dir, keys, passphrase) = (self.at("zavod"), self.at("zavod.keys"), self.at("passphrase"));
        ["--dir".to_owned(), dir, "--keys".to_owned(), keys, "--passphrase-file".to_owned(), passphrase]
    }

    fn publish(&self, more: &[&str]) -> Run {
        self.community(&[&["publish"], more, &self.server()].concat())
    }

    fn server(&self) -> Vec<&str> {
        self.server.iter().map(String::as_str).collect()
    }

    /// The options with which the site is reached directly.
    fn directly(&self, port: u16) -> [String; 4] {
        let resolve = format!("{SITE}:{port}:127.0.0.1");
        ["--resolve".to_owned(), resolve, "--ca".to_owned(), self.web.origin.ca().display().to_string()]
    }

    /// What a reader with a new data directory gets, around a censor or directly.
    fn texts(&self, is_censored: bool) -> Vec<String> {
        let reader = folder();
        let at = |name: &str| reader.path().join(name).display().to_string();
        let (data, key) = (at("data"), at("key"));
        let arguments = ["open", &self.link, "--data-dir", &data, "--key-file", &key, "--json"];
        let run = if is_censored { self.web.byway(&arguments) } else { self.web.uncensored(&arguments) };
        assert_eq!(run.code, if is_censored { 3 } else { 0 }, "{run}");
        let opened = run.json();
        let notes = opened["notes"].as_array().unwrap();
        let signed = notes.iter().find(|note| note["code"] == "signed").unwrap();
        assert_eq!(signed["state"], "verified", "{run}");
        let posts = opened["posts"].as_array().unwrap().iter();
        let mut texts: Vec<String> = posts.map(|post| post["text"].as_str().unwrap().to_owned()).collect();
        texts.sort_unstable();
        texts
    }
}

/// The S3 server. Its buckets are the folders of the site.
struct Bucket {
    _daemon: Daemon,
    port: u16,
}

impl Bucket {
    fn start(admin: &mut Admin) -> Self {
        let program = demand_tool("bin/versitygw");
        let (origin, port) = (&admin.web.origin, free_port());
        fs::create_dir(origin.site().join("zavod")).unwrap();
        let of_origin = |name: &str| origin.ca().with_file_name(name).display().to_string();
        let (certificate, key) = (of_origin("leaf.pem"), of_origin("leaf.key"));
        let (at, root) = (format!("127.0.0.1:{port}"), origin.site().display().to_string());
        let arguments = ["--quiet", "--port", &at, "--access", KEY, "--secret", SECRET, "--cert", &certificate];
        let arguments = [&arguments[..], &["--key", &key, "posix", &root]].concat();
        let mut daemon = Daemon::start("versitygw", &program, &arguments, folder(), &[]);
        daemon.wait_until("it listened", |_| listens(port));
        let endpoint = format!("https://{SITE}:{port}");
        let server = ["--into", "s3://zavod/pages", "--s3-endpoint", &endpoint, "--credentials", &admin.at("key")];
        admin.server = server.map(str::to_owned).into();
        Self { _daemon: daemon, port }
    }
}

#[test]
fn a_bucket_is_published_to_and_read_on_every_path() {
    let mut admin = Admin::found("/zavod/pages/");
    let bucket = Bucket::start(&mut admin);
    let directly = admin.directly(bucket.port);
    let directly = directly.each_ref().map(String::as_str);
    admin.community(&["post", "Сход в пятницу."]);
    admin.publish(&directly);
    admin.community(&["post", "Пропуск у Анны."]);
    let run = admin.publish(&directly);
    assert!(run.stdout.contains("files written: 6"), "{run}");
    for is_censored in [false, true] {
        assert_eq!(admin.texts(is_censored), ["Пропуск у Анны.", "Сход в пятницу."]);
    }

    // By a proxy, which looks the name up.
    let proxy = microsocks(&admin.web.origin.hosts());
    let ca = admin.web.origin.ca().display().to_string();
    admin.community(&["post", "Через прокси."]);
    let by_proxy = ["--exposure", "proxied", "--strategy", "direct:", "--strategy", &proxy.open("socks5"), "--ca", &ca];
    admin.publish(&by_proxy);
    assert_eq!(admin.texts(false).len(), 3);

    // Another phone, which has not seen the last post, takes it in.
    let second = admin.at("second");
    let copied = Command::new("cp").args(["-a", &admin.at("zavod"), &second]).status().unwrap();
    assert!(copied.success());
    admin.community(&["post", "С первого телефона."]);
    admin.publish(&directly);
    let (keys, passphrase) = (admin.at("zavod.keys"), admin.at("passphrase"));
    let of_second = ["--dir", &second, "--keys", &keys, "--passphrase-file", &passphrase];
    let server = admin.server();
    let run = byway_with(&[&["community", "post", "Со второго."], &of_second[..]].concat());
    assert_eq!(run.code, 0, "{run}");
    let publish = [&["community", "publish"], &of_second[..], &directly, &server].concat();
    let run = byway_with(&publish);
    assert!(run.code == 2 && run.stderr.contains("another phone may have published there"), "{run}");
    let run = byway_with(&[&publish[..], &["--take-in"]].concat());
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(admin.texts(false).len(), 5);
}

#[test]
fn a_server_that_refuses_an_upload_is_named() {
    let mut admin = Admin::found("/zavod/pages/");
    let bucket = Bucket::start(&mut admin);
    let directly = admin.directly(bucket.port);
    let directly = directly.each_ref().map(String::as_str);
    let (endpoint, wrong, key) = (admin.server[3].clone(), admin.at("wrong-key"), admin.at("key"));
    let refused = |into: &str, credentials: &[&str], words: &str| {
        let server = ["--into", into, "--s3-endpoint", &endpoint];
        let run = admin.tried(&[&["publish"], &server[..], &directly, credentials].concat());
        let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 2 && said.contains(words), "{words}: {run}");
    };
    refused("s3://zavod/pages", &["--credentials", &wrong], "refuses these credentials");
    refused("s3://other/pages", &["--credentials", &key], "no such bucket");
    refused("s3://zavod/pages", &[], "needs an access key");
    refused("s3://zavod/pages", &["--credentials", &admin.at("login")], "needs an access key");
    refused("s3://zavod/pages", &["--credentials-from-env"], "AWS_ACCESS_KEY_ID");
    refused("http://zavod.example/dav/", &[], "everyone on the path sees");
    assert!(!admin.web.origin.site().join("zavod/pages").exists(), "something was written");
    // A server that is out of order for an hour is not waited for.
    let mut admin = Admin::with_folder();
    fs::write(admin.at("busy"), "").unwrap();
    let directly = admin.directly(admin.web.origin.port);
    let run = admin.tried(&[&["publish"], &directly.each_ref().map(String::as_str)[..], &admin.server()].concat());
    assert!(run.code == 2 && run.stderr.contains("out of order"), "{run}");
    // With exposure tor nothing is sent without a Tor.
    let seen = admin.web.origin.requests().len();
    admin.server.extend(["--exposure".to_owned(), "tor".to_owned()]);
    let run = admin.tried(&[&["publish"], &directly.each_ref().map(String::as_str)[..], &admin.server()].concat());
    assert!(matches!(run.code, 2 | 4), "{run}");
    assert_eq!(admin.web.origin.requests().len(), seen, "a request was sent");
}

#[test]
fn a_webdav_folder_survives_a_kill_in_the_middle() {
    let mut admin = Admin::with_folder();
    let directly = admin.directly(admin.web.origin.port);
    let directly = directly.each_ref().map(String::as_str);
    admin.community(&["post", "Сход в пятницу."]);
    admin.publish(&directly);
    assert_eq!(admin.texts(false), ["Сход в пятницу."]);
    let charter = admin.web.origin.site().join("dav/charter/1.json");
    let untouched = fs::metadata(&charter).unwrap().ino();
    for puts in 1..=5 {
        admin.community(&["post", &format!("Пост {puts}.")]);
        let mut publishing = killable(&admin, &directly);
        let done = admin.web.origin.requests().matches(" PUT ").count() + puts;
        while admin.web.origin.requests().matches(" PUT ").count() < done && publishing.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        publishing.kill().unwrap();
        publishing.wait().unwrap();
        let texts = admin.texts(false);
        assert!((puts..=puts + 1).contains(&texts.len()), "after {puts} writes: {texts:?}");
        admin.publish(&directly);
        assert_eq!(admin.texts(true).len(), puts + 1, "after {puts} writes");
    }
    assert_eq!(fs::metadata(&charter).unwrap().ino(), untouched, "what is the same is not written again");
    admin.server = Vec::new();
}

fn killable(admin: &Admin, more: &[&str]) -> Child {
    let kept = admin.kept();
    let arguments = [&["community", "publish"], more, &admin.server(), &kept.each_ref().map(String::as_str)].concat();
    let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn an_upload_through_tor_is_read_directly() {
    let admin = Admin::with_folder();
    let tor = tor::start(admin.web.origin.plain_port);
    admin.community(&["post", "Сход в пятницу."]);
    let ca = admin.web.origin.ca().display().to_string();
    let by_tor = ["--exposure", "tor", "--strategy", "direct:", "--strategy", &tor.strategy(), "--ca", &ca];
    let publish = [&["publish"], &by_tor[..], &admin.server()].concat();
    let run = tor::patiently(|| admin.tried(&publish), |run| run.code == 0);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(admin.texts(false), ["Сход в пятницу."]);
}

#[test]
fn a_feed_is_mirrored_and_its_copy_is_read() {
    let web = Published::start("");
    let (site, device) = (web.origin.site(), folder());
    let at = |name: &str| device.path().join(name).display().to_string();
    let entry = |number: u8, text: &str| {
        format!(
            "<entry><id>urn:{number}</id><title>{text}</title><updated>2026-11-0{number}T10:00:00Z</updated></entry>"
        )
    };
    let feed = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Станкозавод</title><id>urn:f</id>{}{}</feed>",
        entry(2, "Пропуск у Анны."),
        entry(1, "Сход в пятницу.")
    );
    fs::write(site.join("feed.xml"), feed).unwrap();
    fs::write(at("passphrase"), "correct horse battery canary\n").unwrap();
    let url = web.origin.site_url();
    let (of, mirror) = (format!("{url}/feed.xml"), format!("{url}/copy/"));
    let (dir, keys, passphrase) = (at("copy"), at("copy.keys"), at("passphrase"));
    let into = site.join("copy").display().to_string();
    let kept = ["--dir", &dir, "--keys", &keys, "--passphrase-file", &passphrase, "--into", &into];
    let copy = [&["mirror", &of], &kept[..]].concat();
    let run = web.uncensored(&copy);
    assert!(run.code == 2 && run.stderr.contains("whose copy it is"), "{run}");
    assert!(!device.path().join("copy.keys").exists(), "keys of nothing");
    // As a run that was killed before the founding leaves them.
    let run = byway_with(&["community", "key", "new", "--keys", &keys, "--passphrase-file", &passphrase]);
    assert_eq!(run.code, 0, "{run}");
    let run = web.uncensored(&[&copy[..], &["--by", "Анна", "--mirror", &mirror]].concat());
    assert_eq!(run.code, 0, "{run}");
    let link = run.stdout.lines().last().unwrap().to_owned();
    assert!(link.starts_with("byway:"), "{run}");
    // Run again at once, as by cron: the original is left alone.
    let asked = |web: &Published| web.origin.requests().matches("/feed.xml").count();
    let before = asked(&web);
    let run = web.uncensored(&copy);
    assert!(run.code == 0 && run.stderr.contains("less than ten minutes ago"), "{run}");
    assert_eq!(asked(&web), before);
    // Around the censor, by its own link.
    let run = web.byway(&["open", &link, "--json"]);
    let opened = run.json();
    assert_eq!((run.code, &opened["community"]["name"]), (3, &"Станкозавод".into()), "{run}");
    let signed = opened["notes"].as_array().unwrap().iter().find(|note| note["code"] == "signed").unwrap();
    assert_eq!(signed["state"], "copied", "{run}");
    assert_eq!(opened["posts"].as_array().unwrap().len(), 2, "{run}");
    let run = web.byway(&["open", &link]);
    let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("made and signed by “Анна”, not by the community"), "{run}");
    // The folder of one page takes no other.
    let other = format!("{url}/other.xml");
    let run = web.uncensored(&[&["mirror", &other], &kept[..]].concat());
    assert!(run.code == 2 && run.stderr.contains("the copy of another page"), "{run}");
}

#[test]
fn a_feed_is_mirrored_into_a_bucket_and_read_there() {
    let mut admin = Admin::found("/zavod/pages/");
    let bucket = Bucket::start(&mut admin);
    let web = &admin.web;
    let feed = |text: &str| {
        let entry =
            format!("<entry><id>urn:1</id><title>{text}</title><updated>2026-11-01T10:00:00Z</updated></entry>");
        let feed = format!("<title>Станкозавод</title><id>urn:f</id>{entry}");
        fs::write(
            web.origin.site().join("feed.xml"),
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">{feed}</feed>"),
        )
        .unwrap();
    };
    feed("Сход в пятницу.");
    let url = web.origin.site_url();
    let (of, mirror) = (format!("{url}/feed.xml"), format!("{url}/zavod/pages/"));
    let (dir, keys, passphrase) = (admin.at("copy"), admin.at("copy.keys"), admin.at("passphrase"));
    let resolve = format!("{SITE}:{}:127.0.0.1", bucket.port);
    let first = ["--by", "Анна", "--mirror", &mirror];
    let copy = |credentials: &str, more: &[&str]| {
        let kept = ["--dir", &dir, "--keys", &keys, "--passphrase-file", &passphrase, "--resolve", &resolve];
        let into = ["--into", "s3://zavod/pages", "--s3-endpoint", &admin.server[3], "--credentials", credentials];
        let run = web.uncensored(&[&["mirror", &of], &kept[..], &into, more].concat());
        assert!(!format!("{run}").contains(SECRET), "{run}");
        run
    };
    let run = copy(&admin.at("wrong-key"), &first);
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run.code == 2 && said.contains("refuses these credentials"), "{run}");
    assert!(!web.origin.site().join("zavod/pages").exists(), "something was written");
    // What was copied is there: the next run brings it to the bucket.
    let run = copy(&admin.at("key"), &[]);
    assert_eq!(run.code, 0, "{run}");
    let link = run.stdout.lines().last().unwrap().to_owned();
    assert!(link.starts_with("byway:"), "{run}");
    for is_censored in [false, true] {
        let run = if is_censored {
            web.byway(&["open", &link, "--json"])
        } else {
            web.uncensored(&["open", &link, "--json"])
        };
        assert_eq!(run.code, if is_censored { 3 } else { 0 }, "{run}");
        let opened = run.json();
        let signed = opened["notes"].as_array().unwrap().iter().find(|note| note["code"] == "signed").unwrap();
        assert_eq!(
            (&signed["state"], &opened["posts"][0]["text"]),
            (&"copied".into(), &"Сход в пятницу.".into()),
            "{run}"
        );
    }
}
