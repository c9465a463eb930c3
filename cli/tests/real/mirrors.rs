//! A signed community from its founding to its readers: `byway community` writes the folder, nginx serves it, and `byway open` reads it
//! with a data directory of its own, on the direct path and around a censor.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::daemon::folder;
use crate::program::{Run, byway_with};
use crate::published::{Published, run};

/// The admin's device, and the web server that carries the community.
struct Admin {
    device: TempDir,
    web: Published,
    link: String,
}

impl Admin {
    /// Founds a community whose mirror is the site.
    fn found() -> Self {
        let web = Published::start("gzip on; gzip_types *; gzip_min_length 1;");
        let device = folder();
        fs::write(device.path().join("passphrase"), "correct horse battery canary\n").unwrap();
        let mut admin = Self { device, web, link: String::new() };
        let mirror = format!("{}/", admin.web.origin.site_url());
        admin.link = admin.community(&["new", "Станкозавод", "--mirror", &mirror]);
        admin
    }

    /// Runs `byway community`, and returns the first line of what it prints.
    fn community(&self, arguments: &[&str]) -> String {
        let at = |name: &str| self.device.path().join(name).display().to_string();
        let (dir, keys, passphrase) = (at("zavod"), at("zavod.keys"), at("passphrase"));
        let kept = ["--dir", &dir, "--keys", &keys, "--passphrase-file", &passphrase];
        let run = byway_with(&[&["community"], arguments, &kept].concat());
        assert_eq!(run.code, 0, "{run}");
        run.stdout.lines().next().unwrap_or_default().to_owned()
    }

    /// Brings the web server's folder to the newest state.
    fn publish(&self) {
        self.community(&["publish", "--into", &self.web.origin.site().display().to_string()]);
    }

    /// A copy of what the web server hands out.
    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.device.path().join(name);
        put(&self.web.origin.site(), &copy);
        copy
    }
}

/// Gives a folder the content of another.
fn put(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    run("cp", &["-a", &from.display().to_string(), &to.display().to_string()], Path::new("/"));
}

/// A reader's device, and what its network is like.
struct Reader {
    device: TempDir,
    is_censored: bool,
}

impl Reader {
    fn new(is_censored: bool) -> Self {
        Self { device: folder(), is_censored }
    }

    fn run(&self, admin: &Admin, more: &[&str]) -> Run {
        let at = |name: &str| self.device.path().join(name).display().to_string();
        let (data, key) = (at("data"), at("key"));
        let arguments = [&["open", &admin.link, "--data-dir", &data, "--key-file", &key], more].concat();
        if self.is_censored { admin.web.byway(&arguments) } else { admin.web.uncensored(&arguments) }
    }

    fn open(&self, admin: &Admin) -> Value {
        let run = self.run(admin, &["--json"]);
        assert_eq!(run.code, if self.is_censored { 3 } else { 0 }, "{run}");
        let opened = run.json();
        let id = admin.link.split('?').next().unwrap();
        assert_eq!((&opened["community"]["id"], &opened["source"]), (&id.into(), &"network".into()), "{run}");
        opened
    }
}

fn gatherings(opened: &Value) -> Vec<(&str, &str)> {
    let gatherings = opened["events"].as_array().unwrap().iter();
    gatherings.map(|event| (event["name"].as_str().unwrap(), event["status"].as_str().unwrap())).collect()
}

/// The texts of the posts that are there, in the order of the alphabet: they are of one minute.
fn texts(opened: &Value) -> Vec<&str> {
    let posts = opened["posts"].as_array().unwrap().iter().filter(|post| post["state"] != "removed");
    let mut texts: Vec<&str> = posts.map(|post| post["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    texts
}

/// What a person reads, in one line.
fn unwrapped(run: &Run) -> String {
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What was refused, and the state of the community.
fn refused(opened: &Value) -> (Vec<&str>, &str) {
    let notes = opened["notes"].as_array().unwrap();
    let faults = notes.iter().filter(|note| note["code"] == "not_genuine");
    let signed = notes.iter().find(|note| note["code"] == "signed").unwrap();
    (faults.map(|note| note["fault"].as_str().unwrap()).collect(), signed["state"].as_str().unwrap())
}

#[test]
fn a_published_community_is_read_on_every_path() {
    let admin = Admin::found();
    let first = admin.community(&["post", "Сход в пятницу."]);
    let second = admin.community(&["post", "Пропуск у Анны."]);
    let event = ["event", "Сход", "--start", "2098-12-21T12:00", "--zone", "Asia/Barnaul", "--place", "У проходной"];
    let announced = admin.community(&event);
    let supper = admin.community(&["event", "Ужин", "--start", "2098-12-22"]);
    admin.publish();
    let readers = [false, true].map(Reader::new);
    for reader in &readers {
        let opened = reader.open(&admin);
        assert_eq!(opened["community"]["name"], "Станкозавод");
        let both = vec!["Пропуск у Анны.", "Сход в пятницу."];
        assert_eq!((texts(&opened), refused(&opened)), (both, (vec![], "verified")), "{opened}");
        assert_eq!(gatherings(&opened), [("Сход", "scheduled"), ("Ужин", "scheduled")], "{opened}");
    }

    admin.community(&["edit", &first, "Сход в субботу."]);
    admin.community(&["delete", &second]);
    admin.community(&["delete", &supper]);
    admin.community(&[&event[..], &["--replaces", &announced, "--cancelled"]].concat());
    admin.publish();
    for reader in &readers {
        let opened = reader.open(&admin);
        assert_eq!((texts(&opened), refused(&opened)), (vec!["Сход в субботу."], (vec![], "verified")), "{opened}");
        assert_eq!(gatherings(&opened), [("Сход", "cancelled"), ("Ужин", "removed")], "{opened}");
        let run = reader.run(&admin, &[]);
        let said = unwrapped(&run);
        assert!(said.contains("Signed by the community.") && said.contains("deleted by its author"), "{run}");
    }
    let opened = Reader::new(false).open(&admin);
    assert_eq!((opened["posts"].as_array().unwrap().len(), texts(&opened)), (1, vec!["Сход в субботу."]), "{opened}");
    assert_eq!(gatherings(&opened), [("Сход", "cancelled")], "of what was deleted, a new reader gets nothing");
}

#[test]
fn an_old_folder_and_a_changed_month_are_refused() {
    let admin = Admin::found();
    admin.community(&["post", "Сход в пятницу."]);
    admin.publish();
    let old = admin.copy("old");
    admin.community(&["post", "Сход в субботу."]);
    admin.publish();
    let (site, new) = (admin.web.origin.site(), admin.copy("new"));
    let reader = Reader::new(false);
    let both = reader.open(&admin);
    let both = texts(&both);
    assert_eq!(both.len(), 2);

    put(&old, &site);
    let opened = reader.open(&admin);
    let (faults, state) = refused(&opened);
    assert_eq!((faults, state, texts(&opened)), (vec!["head_rollback"], "verified", both.clone()));
    let run = reader.run(&admin, &[]);
    assert!(unwrapped(&run).contains("refused: the head is older than one that was read before"), "{run}");

    put(&new, &site);
    let mut files = fs::read_dir(&site).unwrap().map(|entry| entry.unwrap().path());
    let month = files.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("events-2")));
    let month = month.unwrap();
    let genuine = fs::read_to_string(&month).unwrap();
    fs::write(&month, genuine.replace("пятницу", "субботу")).unwrap();
    // Who has the newest state asks for no file. A new reader does.
    let opened = reader.open(&admin);
    assert_eq!((refused(&opened), texts(&opened)), ((vec![], "verified"), both.clone()));
    let reader = Reader::new(false);
    let opened = reader.open(&admin);
    assert_eq!((refused(&opened), texts(&opened)), ((vec!["file_digest"], "stale"), both));
    let run = reader.run(&admin, &[]);
    let words = "refused: a file has other content than the community's newest statement says";
    assert!(unwrapped(&run).contains(words) && run.stdout.contains("пятницу"), "{run}");

    // The end of a month that an upload has written before its head.
    fs::write(&month, format!("{genuine}{genuine}")).unwrap();
    let opened = reader.open(&admin);
    assert_eq!(refused(&opened), (vec![], "verified"), "{opened}");
}
