//! The store through the `byway` binary: offline answers, keys, paging, calendar, wiping. No file and no output shows a
//! secret.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "a test")]

mod small_servers;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use byway_lab::{Ask, Lab, Options, Page};
use serde_json::Value;
use small_servers::{Answer, Asked, HttpServer, nobody, silent, socks5};
use tempfile::TempDir;

const TOKEN: &str = "vk1.a.this-must-never-be-printed";
const PASSPHRASE: &str = "correct horse battery canary";
const NAME: &str = "Canary club of the plant";
const POST: &str = "canary post: bring your colleagues";
const LINK: &str = "vk.com/canary_club";

/// A data directory, a key file next to it, and the files with secrets.
struct Device {
    folder: TempDir,
}

impl Device {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        self.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `byway COMMAND --data-dir data --key-file key ...`.
    fn byway(&self, arguments: &[&str]) -> Output {
        let (data, key) = (self.text("data"), self.text("key"));
        byway().args(arguments).args(["--data-dir", &data, "--key-file", &key]).output().unwrap()
    }

    /// Opens the community at a server, and keeps it.
    fn open(&self, server: &HttpServer, more: &[&str]) -> Output {
        let base = format!("http://{}", server.address);
        self.byway(&[&["open", LINK, "--vk-api", &base], more].concat())
    }

    fn read(&self) -> HttpServer {
        let server = vk();
        let output = self.open(&server, &["--json"]);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        server
    }
}

fn byway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
    command
        .env_remove("NO_COLOR")
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("BYWAY_VK_TOKEN", TOKEN)
        .stdin(Stdio::null());
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}

/// One sentence on standard error, nothing on standard output, exit code 2.
fn refused(output: &Output) -> String {
    let said = stderr(output);
    assert_eq!((output.status.code(), stdout(output).as_str()), (Some(2), ""), "{said}");
    assert!(said.starts_with("byway: ") && said.lines().count() == 1, "{said}");
    for never in ["panicked", "Err(", "Some(", PASSPHRASE, TOKEN] {
        assert!(!said.contains(never), "{said}");
    }
    said
}

/// VK's API with one community, two posts and a gathering.
fn vk() -> HttpServer {
    HttpServer::start(|asked: &Asked| {
        let group = format!(
            r#"{{"id":1234,"name":"{NAME}","screen_name":"canary_club","type":"group","is_closed":0,"members_count":389}}"#
        );
        let gathering = r#"{"id":777,"name":"Gathering; canary, all","screen_name":"event777","type":"event",
            "is_closed":0,"start_date":1479531600,"finish_date":1479538800,"place":{"title":"The square"}}"#;
        if asked.path.contains("groups.getById") {
            let event = format!("{}{}", asked.path, asked.body).contains("777");
            let group = if event { gathering.to_owned() } else { group };
            return Answer::json(format!(r#"{{"response":{{"groups":[{group}],"profiles":[]}}}}"#));
        }
        if asked.path.contains("wall.get") {
            return Answer::json(format!(
                r#"{{"response":{{"count":2,"items":[
                {{"id":8,"owner_id":-1234,"from_id":-1234,"date":1760086400,"text":"{POST}: vk.com/event777"}},
                {{"id":7,"owner_id":-1234,"from_id":-1234,"date":1760000000,"text":"older"}}],"profiles":[],"groups":[]}}}}"#
            ));
        }
        Answer::json(r#"{"response":{"count":0,"items":[]}}"#)
    })
}

#[test]
fn what_was_read_is_shown_when_nothing_can_be_reached() {
    let device = Device::new();
    device.read();
    let base = format!("http://{}", nobody());
    let output = device.byway(&["open", LINK, "--vk-api", &base, "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let value = document(&output);
    assert_eq!((&value["source"], &value["community"]["name"]), (&"store".into(), &NAME.into()));
    assert!(value["posts"][0]["text"].as_str().unwrap().starts_with(POST));
    assert!(value["age_seconds"].is_u64() && value["synced_at"].is_string(), "{value}");
    assert_eq!(value["error"]["code"], "unreached");
    assert_eq!(value["reachability"]["attempts"][0]["outcome"], "refused");

    let output = device.byway(&["open", LINK, "--vk-api", &base]);
    assert_eq!(output.status.code(), Some(4));
    for part in [NAME, POST, "From this device, read just now", "How it was reached"] {
        assert!(stdout(&output).contains(part), "{part} is not in:\n{}", stdout(&output));
    }
    let output = device.byway(&["open", LINK, "--vk-api", &base, "--lang", "ru"]);
    assert!(stdout(&output).contains("Из хранилища на этом устройстве, прочитано только что"), "{}", stdout(&output));
}

#[test]
fn offline_sends_nothing() {
    let device = Device::new();
    let server = device.read();
    let asked = server.asked().len();
    let output = device.open(&server, &["--offline", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let value = document(&output);
    assert_eq!((&value["source"], &value["community"]["name"]), (&"store".into(), &NAME.into()));
    assert_eq!(value["reachability"]["attempts"], Value::Array(vec![]));
    assert_eq!(value["reachability"]["reached_by"], Value::Null);
    assert!(value.get("error").is_none(), "{value}");

    // It does not need a token either.
    let flags = ["--data-dir", &device.text("data"), "--key-file", &device.text("key"), "--offline"];
    let output = byway().args(["open", LINK]).args(flags).env_remove("BYWAY_VK_TOKEN").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains(POST) && !stdout(&output).contains("How it was reached"), "{}", stdout(&output));

    let base = format!("http://{}", server.address);
    let output = device.byway(&["open", "vk.com/never_read", "--offline", "--vk-api", &base, "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(document(&output)["error"]["code"], "not_stored");
    assert_eq!(server.asked().len(), asked, "no packet");

    let output = byway().args(["open", LINK, "--offline"]).output().unwrap();
    refused(&output);
}

#[test]
fn what_is_kept_is_listed_and_shown_a_page_at_a_time() {
    let device = Device::new();
    device.read();
    let value = document(&device.byway(&["list", "--json"]));
    let entry = &value["communities"][0];
    assert_eq!((&entry["community"]["id"], &entry["community"]["members"]["count"]), (&"vk:-1234".into(), &389.into()));
    assert!(entry["age_seconds"].is_u64() && entry["synced_at"].is_string(), "{value}");
    let text = stdout(&device.byway(&["list"]));
    assert!(text.contains(NAME) && text.contains("vk:-1234") && text.contains("389 members"), "{text}");

    for id in ["vk:-1234", LINK, "https://m.vk.com/club1234"] {
        let value = document(&device.byway(&["show", id, "--json"]));
        assert_eq!(value["posts"].as_array().unwrap().len(), 2, "{id}: {value}");
        assert_eq!(value["events"][0]["name"], "Gathering; canary, all");
        assert_eq!(
            (&value["source"], &value["next_posts"], &value["next_events"]),
            (&"store".into(), &Value::Null, &Value::Null)
        );
    }
    let first = document(&device.byway(&["show", LINK, "--limit", "1", "--json"]));
    assert_eq!(first["posts"].as_array().unwrap().len(), 1);
    let cursor = first["next_posts"].as_str().unwrap();
    let second = document(&device.byway(&["show", LINK, "--limit", "1", "--after", cursor, "--json"]));
    assert_eq!((&second["posts"][0]["text"], &second["events"]), (&"older".into(), &Value::Array(vec![])));
    assert_ne!(first["posts"][0]["id"], second["posts"][0]["id"]);

    let text = stdout(&device.byway(&["show", LINK]));
    for part in [NAME, POST, "older", "Gathering", "From this device"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let missing = device.byway(&["show", "vk.com/never_read", "--json"]);
    assert_eq!((missing.status.code(), &document(&missing)["community"]), (Some(4), &Value::Null));
    for wrong in [&["show", LINK, "--after", "nonsense"][..], &["show", LINK, "--limit", "0"], &["show"]] {
        refused(&device.byway(wrong));
    }
}

#[test]
fn search_finds_words_of_what_is_kept_a_page_at_a_time() {
    let device = Device::new();
    device.read();
    let value = document(&device.byway(&["search", "GATHER", "--json"]));
    assert_eq!((&value["hits"][0]["kind"], &value["hits"][0]["community"]), (&"event".into(), &"vk:-1234".into()));
    assert_eq!((&value["hits"][0]["event"]["id"], &value["next"]), (&"vk:-777".into(), &Value::Null));
    let first = document(&device.byway(&["search", "old", "--in", LINK, "--limit", "1", "--json"]));
    assert_eq!((&first["hits"][0]["kind"], &first["hits"][0]["post"]["text"]), (&"post".into(), &"older".into()));
    let text = stdout(&device.byway(&["search", "old"]));
    assert!(text.contains("older") && text.contains("vk:-1234"), "{text}");
    assert!(stdout(&device.byway(&["search", "nowhere", "--lang", "ru"])).contains("таких слов нет"));

    let cursor = first["next"].as_str();
    if let Some(cursor) = cursor {
        let next = document(&device.byway(&["search", "old", "--in", LINK, "--after", cursor, "--json"]));
        assert_eq!(next["hits"], Value::Array(vec![]));
    }
    let elsewhere = device.byway(&["search", "old", "--in", "vk.com/never_read", "--json"]);
    assert_eq!((elsewhere.status.code(), &document(&elsewhere)["hits"]), (Some(4), &Value::Array(vec![])));
    for wrong in [&["search"][..], &["search", "old", "--after", "nonsense"], &["search", "old", "--limit", "0"]] {
        refused(&device.byway(wrong));
    }
}

#[test]
fn events_to_come_are_listed_from_a_day_to_a_day() {
    let device = Device::new();
    device.read();
    let listed = |arguments: &[&str]| document(&device.byway(&[&["events", "--json"], arguments].concat()));
    assert_eq!(listed(&[])["events"], Value::Array(vec![]), "it is over");
    for (arguments, count) in [
        (&["--from", "2016-11-01"][..], 1),
        (&["--from", "2016-11-01", "--to", "2016-11-20"], 1),
        (&["--from", "2016-11-01", "--to", "2016-11-10"], 0),
        (&["--from", "2016-11-19T12:00:00+07:00"], 1),
        // It is under way.
        (&["--from", "2016-11-19T13:59:59+07:00"], 1),
        (&["--from", "2016-11-19T14:00:00+07:00"], 0),
    ] {
        let value = listed(arguments);
        assert_eq!(value["events"].as_array().unwrap().len(), count, "{arguments:?}: {value}");
    }
    let entry = &listed(&["--from", "2016-11-01"])["events"][0];
    assert_eq!((&entry["community"], &entry["event"]["id"]), (&"vk:-1234".into(), &"vk:-777".into()));
    let text = stdout(&device.byway(&["events", "--from", "2016-11-01"]));
    assert!(text.contains("Gathering") && text.contains(NAME), "{text}");
    assert!(stdout(&device.byway(&["events", "--lang", "ru"])).contains("предстоящих событий нет"));
    for wrong in [&["events", "--from", "tomorrow"][..], &["events", "--to", "2016-13-01"]] {
        assert!(refused(&device.byway(wrong)).contains("this is not a time"));
    }
}

#[test]
fn a_key_file_is_for_its_owner_and_nothing_else_opens() {
    let device = Device::new();
    device.read();
    let key = fs::read_to_string(device.path("key")).unwrap();
    assert_eq!((key.len(), key.ends_with("=\n")), (45, true));
    let mode = |name: &str| fs::metadata(device.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("key"), 0o600);
    assert_eq!(mode("data"), 0o700);

    let data = device.text("data");
    let with = |arguments: &[&str]| byway().args(["list", "--data-dir", &data]).args(arguments).output().unwrap();
    let before = tree(&device.path("data"));
    let other = device.file("other", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let garbage = device.file("garbage", "hello");
    for name in ["other", "garbage"] {
        fs::set_permissions(device.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let passphrase = device.file("passphrase", PASSPHRASE);
    for (arguments, told) in [
        (&["--key-file", &other][..], "not the key"),
        (&["--key-file", &garbage], "not a key file"),
        (&["--key-file", &device.text("nowhere")], "made with another"),
        (&["--key-file", device.folder.path().to_str().unwrap()], "not a plain file"),
        (&["--passphrase-file", &passphrase], "--key-file"),
        (&[], "--key-file"),
        (&["--key-file", &other, "--passphrase-file", &passphrase], "cannot be used"),
    ] {
        let said = refused(&with(arguments));
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    fs::set_permissions(device.path("key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&with(&["--key-file", &device.text("key")])).contains("chmod 600"));
    assert_eq!(tree(&device.path("data")), before, "nothing was changed");
    assert!(!device.path("nowhere").exists(), "and no key made that opens nothing");
}

#[test]
fn a_passphrase_seals_the_key_in_the_data_directory() {
    let device = Device::new();
    let server = vk();
    let (data, base) = (device.text("data"), format!("http://{}", server.address));
    let right = device.file("right", format!("{PASSPHRASE}\n"));
    let wrong = device.file("wrong", "something else\n");
    let empty = device.file("empty", "\nsecond line\n");
    let open = |passphrase: &str| {
        let flags = ["--data-dir", &data, "--passphrase-file", passphrase, "--json"];
        byway().args(["open", LINK, "--vk-api", &base]).args(flags).output().unwrap()
    };
    assert_eq!(open(&right).status.code(), Some(0));
    let sealed = device.path("data/passphrase.age");
    assert!(fs::read(&sealed).unwrap().starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert_eq!(fs::metadata(&sealed).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(document(&open(&right))["source"], "network");

    let before = tree(&device.path("data"));
    assert!(refused(&open(&wrong)).contains("not the passphrase"));
    assert!(refused(&open(&empty)).contains("no passphrase"));
    let without = byway().args(["list", "--data-dir", &data]).output().unwrap();
    assert!(refused(&without).contains("--passphrase-file"));
    let with_key = byway().args(["list", "--data-dir", &data, "--key-file", &right]).output().unwrap();
    assert!(refused(&with_key).contains("made with a passphrase"));
    assert_eq!(tree(&device.path("data")), before);

    fs::write(&sealed, "age-encryption.org/v1\n-> scrypt nonsense\n").unwrap();
    assert!(refused(&open(&right)).contains("passphrase.age: this file is damaged"));
}

/// A program on its own terminal (util-linux's `script`), and what the terminal shows.
struct Terminal {
    child: Child,
    shown: String,
    tty: PathBuf,
}

impl Terminal {
    fn run(device: &Device, command: &str) -> Self {
        let tty = device.path("tty");
        let line = format!("tty > {}; exec {} {command}", tty.display(), env!("CARGO_BIN_EXE_byway"));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env("BYWAY_VK_TOKEN", TOKEN);
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, shown: String::new(), tty }
    }

    fn wait_for(&mut self, text: &str) {
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(text) {
            let mut byte = [0];
            assert_eq!(self.child.stdout.as_mut().unwrap().read(&mut byte).unwrap(), 1, "{text}: {}", self.shown);
            bytes.push(byte[0]);
        }
        self.shown.push_str(&String::from_utf8_lossy(&bytes));
    }

    /// Types once the terminal no longer echoes.
    fn type_unseen(&mut self, text: &str) {
        let tty = fs::read_to_string(&self.tty).unwrap();
        let hidden = || {
            let stty = Command::new("stty").args(["-a", "-F", tty.trim()]).output().unwrap();
            String::from_utf8_lossy(&stty.stdout).contains("-echo ")
        };
        while !hidden() {
            std::thread::yield_now();
        }
        self.type_in(text);
    }

    fn type_in(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), self.shown + &rest)
    }
}

#[test]
fn a_passphrase_is_asked_for_twice_and_never_shown() {
    let device = Device::new();
    let server = vk();
    let open = format!("open {LINK} --vk-api http://{} --data-dir {}", server.address, device.text("data"));
    let mut terminal = Terminal::run(&device, &open);
    terminal.wait_for("cannot be recovered: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    terminal.wait_for("again: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(NAME) && !shown.contains(PASSPHRASE), "{shown}");

    // A typing mistake is forgiven.
    let list = format!("list --data-dir {}", device.text("data"));
    let mut terminal = Terminal::run(&device, &list);
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen("wrong one\n");
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(NAME) && !shown.contains(PASSPHRASE), "{shown}");

    let mut terminal = Terminal::run(&device, &list);
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen("\u{3}");
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn a_second_process_is_refused_and_no_argument_holds_a_secret() {
    let device = Device::new();
    device.read();
    let (address, connected) = silent();
    let (data, key, base) = (device.text("data"), device.text("key"), format!("http://{address}"));
    let list = device.file("ways", "socks5://reader:hunter2@127.0.0.1:9\ndirect:\n");
    let mut command = byway();
    command.args(["open", LINK, "--vk-api", &base, "--data-dir", &data, "--key-file", &key, "--strategies", &list]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    connected.recv().unwrap();
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let arguments = String::from_utf8_lossy(&arguments);
    for secret in [TOKEN, "hunter2"] {
        assert!(!arguments.contains(secret), "{arguments}");
    }
    for command in [&["list"][..], &["wipe", "--yes"], &["open", LINK], &["export", "--ics"]] {
        let said = refused(&device.byway(command));
        assert!(said.contains("nother process"), "{said}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));
}

/// The bytes of a process's writable memory, without its stack.
#[cfg(target_os = "linux")]
fn memory_of(process: u32) -> Vec<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let parts = maps.lines().filter(|line| line.contains(" rw-p ") && !line.contains("[stack]")).filter_map(|line| {
        let (from, to) = line.split_whitespace().next()?.split_once('-')?;
        let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.read_exact_at(&mut bytes, from).ok()?;
        Some(bytes)
    });
    parts.collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_waiting_process_holds_no_passphrase_and_no_store_key() {
    let device = Device::new();
    let (data, key) = (device.text("data"), device.text("key"));
    let passphrase = device.file("passphrase", PASSPHRASE);
    let ways = device.file("ways", "socks5://reader:hunter2-canary@127.0.0.1:9\ndirect:\n");
    for flags in [["--passphrase-file", &passphrase], ["--key-file", &key]] {
        let _ = fs::remove_dir_all(&data);
        // The second time the store exists: its key is unsealed.
        for _ in 0..2 {
            let (address, connected) = silent();
            let base = format!("http://{address}");
            let mut command = byway();
            command.args(["open", LINK, "--vk-api", &base, "--data-dir", &data, "--strategies", &ways]).args(flags);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            connected.recv().unwrap();
            let memory = memory_of(child.id());
            child.kill().unwrap();
            child.wait().unwrap();
            let count = |secret: &[u8]| {
                memory
                    .iter()
                    .map(|part| part.windows(secret.len()).filter(|window| *window == secret).count())
                    .sum::<usize>()
            };
            assert!(count(b"canary_club") > 0, "the search finds what is there");
            assert_eq!(count(PASSPHRASE.as_bytes()), 0, "{flags:?}: the passphrase");
            let text = fs::read_to_string(&key).unwrap_or_else(|_| "no key file in this round".to_owned());
            assert_eq!(count(text.trim().as_bytes()), 0, "{flags:?}: the key as the file has it");
            let bytes =
                base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.trim()).unwrap_or_default();
            assert!(bytes.is_empty() || count(&bytes) == 0, "{flags:?}: the key");
            if flags[0] == "--passphrase-file" {
                let sealed = fs::read(device.path("data/passphrase.age")).unwrap();
                let identity = age::scrypt::Identity::new(PASSPHRASE.to_owned().into());
                assert_eq!(count(&age::decrypt(&identity, &sealed).unwrap()), 0, "the key that the passphrase opens");
            }
        }
    }
}

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let device = Device::new();
    device.read();
    let database = device.path("data/byway.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in &mut bytes[4096..] {
        *byte ^= 0x55;
    }
    fs::write(&database, &bytes).unwrap();
    for command in [&["list"][..], &["show", LINK], &["open", LINK, "--offline"]] {
        let said = refused(&device.byway(command));
        assert!(said.contains("byway.db"), "{said}");
    }
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_directory_that_cannot_be_used_is_one_sentence() {
    let device = Device::new();
    let file = device.file("file", "hello");
    let key = device.text("key");
    let inside = format!("{file}/data");
    for data in [&file, &inside] {
        let output = byway().args(["open", LINK, "--data-dir", data, "--key-file", &key]).output().unwrap();
        assert!(refused(&output).contains(data.as_str()));
    }
    for command in [&["list"][..], &["show", LINK], &["export", "--ics"], &["wipe", "--yes"]] {
        assert!(refused(&device.byway(command)).contains("there is no store"), "{command:?}");
        assert!(!device.path("data").exists(), "looking makes nothing");
        refused(&byway().args(command).output().unwrap());
    }
    refused(&byway().args(["export", "--data-dir", &inside]).output().unwrap());
    let said = refused(&byway().args(["list", "--lang", "ru", "--data-dir", &inside]).output().unwrap());
    assert!(said.contains("хранилища здесь нет"), "{said}");
}

#[test]
fn wiping_asks_first_and_leaves_nothing() {
    let device = Device::new();
    device.read();
    assert!(refused(&device.byway(&["wipe"])).contains("--yes"));
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));

    let wipe = format!("wipe --data-dir {} --key-file {}", device.text("data"), device.text("key"));
    let mut terminal = Terminal::run(&device, &wipe);
    terminal.wait_for("yes to go on: ");
    terminal.type_in("no\n");
    assert_eq!(terminal.end().0, Some(4));
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));
    let mut terminal = Terminal::run(&device, &wipe);
    terminal.wait_for("yes to go on: ");
    terminal.type_in("yes\n");
    assert_eq!(terminal.end().0, Some(0));
    assert!(!device.path("key").exists());
    assert_eq!(tree(&device.path("data")), [], "no file is left");
    assert!(refused(&device.byway(&["list"])).contains("there is no store"));

    // With a passphrase, and with the remains of a process that was killed.
    let (data, passphrase) = (device.text("data"), device.file("passphrase", PASSPHRASE));
    let base = format!("http://{}", vk().address);
    let open = ["open", LINK, "--offline", "--vk-api", &base, "--data-dir", &data, "--passphrase-file", &passphrase];
    assert_eq!(byway().args(open).output().unwrap().status.code(), Some(4));
    for name in ["byway.db.new", "byway.key.new", "byway.db-journal", ".byway-x7.new"] {
        fs::write(device.path("data").join(name), "half").unwrap();
    }
    assert!(device.path("data/passphrase.age").exists());
    assert_eq!(byway().args(["wipe", "--yes", "--data-dir", &data]).output().unwrap().status.code(), Some(0));
    assert_eq!(tree(&device.path("data")), [], "no file is left");

    // A damaged store, without its key.
    device.read();
    fs::write(device.path("data/byway.db"), "damaged").unwrap();
    let output = byway().args(["wipe", "--yes", "--json", "--data-dir", &device.text("data")]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document(&output)["wiped"], device.text("data"));
}

#[test]
fn an_exported_calendar_is_read_back() {
    let device = Device::new();
    device.read();
    let output = device.byway(&["export", "--ics"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let file = stdout(&output);
    assert!(
        file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") && file.ends_with("END:VCALENDAR\r\n"),
        "{file}"
    );
    assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{file}");
    let unfolded = file.replace("\r\n ", "");
    for line in [
        "UID:vk:-777@byway",
        "DTSTART:20161119T050000Z",
        "DTEND:20161119T070000Z",
        "SUMMARY:Gathering\\; canary\\, all",
        "LOCATION:The square",
        &format!("CONTACT:{NAME}"),
    ] {
        assert!(unfolded.split("\r\n").any(|known| known == line), "{line} is not in:\n{unfolded}");
    }

    let out = device.text("events.ics");
    let output = device.byway(&["export", "--ics", LINK, "--out", &out]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&out).unwrap(), file, "the same reading, the same file");
    assert_eq!(device.byway(&["export", "--ics", "vk.com/never_read"]).status.code(), Some(4));
}

#[test]
fn an_exported_site_shows_what_is_kept_and_is_a_copy() {
    let device = Device::new();
    device.read();
    let folder = device.text("site");
    let output = device.byway(&["export", LINK, "--site", &folder]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(stdout(&output), format!("{folder}/index.html\n"));
    let page = fs::read_to_string(device.path("site/index.html")).unwrap();
    assert!(page.contains(NAME) && page.contains(POST) && page.contains("reader&#39;s copy"), "{page}");
    assert!(fs::read_to_string(device.path("site/feed.xml")).unwrap().contains(POST));
    assert!(fs::read_to_string(device.path("site/events.ics")).unwrap().contains("UID:vk:-777@byway"));
    assert_eq!(device.byway(&["export", "--site", &folder]).status.code(), Some(2), "one community");
    assert_eq!(device.byway(&["export", LINK, "--ics", "--site", &folder]).status.code(), Some(2));
}

#[test]
fn an_exported_list_is_imported_on_another_device() {
    let (one, other) = (Device::new(), Device::new());
    let server = one.read();
    let list = one.text("feeds.opml");
    let output = one.byway(&["export", "--opml", "--out", &list]);
    assert_eq!((output.status.code(), stdout(&output).as_str(), stderr(&output).as_str()), (Some(0), "", ""));
    let text = fs::read_to_string(&list).unwrap();
    assert!(text.contains("<outline type=\"link\"") && text.contains("canary_club"), "{text}");

    let odd = text.replace("</body>", "<outline xmlUrl=\"javascript:x\"/></body>");
    let odd = other.file("odd.opml", odd);
    let base = format!("http://{}", server.address);
    let output = other.byway(&["import", &odd, "--json", "--vk-api", &base]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let imported = document(&output);
    assert_eq!((&imported["odd"], &imported["communities"][0]["error"]), (&1.into(), &Value::Null), "{imported}");
    assert_eq!(document(&other.byway(&["list", "--json"]))["communities"].as_array().unwrap().len(), 1);

    let wrong = other.file("wrong.opml", "<rss/>");
    let output = other.byway(&["import", &wrong]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is not a list of feeds"), "{}", stderr(&output));
}

/// The exposure of one entry binds its whole host, so nothing may be sent before it is known.
#[test]
fn a_list_raises_all_its_exposures_before_it_is_read() {
    let feed = r#"<rss version="2.0"><channel><title>Zavod</title><item><title>A post</title><guid>1</guid></item></channel></rss>"#;
    for (mark, status, is_read) in [("", 0, true), ("#exposure=tor", 4, false)] {
        let (device, server) = (Device::new(), HttpServer::start(move |_: &Asked| Answer::page(feed)));
        let outline = |rest: String| format!("<outline xmlUrl=\"http://{}/{rest}\"/>", server.address);
        let entries = outline("feed".to_owned()) + &outline(format!("other{mark}"));
        let list = device.file("feeds.opml", format!("<opml><body>{entries}</body></opml>"));
        let output = device.byway(&["import", &list, "--json", "--strategy", "direct:"]);
        assert_eq!(output.status.code(), Some(status), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(document(&output)["communities"].as_array().unwrap().len(), 2);
        assert_eq!(!server.asked().is_empty(), is_read, "{mark}: {:?}", server.asked());
    }
}

/// A feed with these posts, each a day after the one before.
fn feed(posts: std::ops::RangeInclusive<u32>) -> Answer {
    let item = |n| {
        format!("<item><title>Post {n}</title><guid>{n}</guid><pubDate>{n:02} Nov 2016 12:00:00 +0000</pubDate></item>")
    };
    let items: String = posts.map(item).collect();
    Answer::page(format!(r#"<rss version="2.0"><channel><title>Zavod</title>{items}</channel></rss>"#))
}

/// A device with a community of VK and a feed, and the feed's server. The feed gains posts as soon as it is told to.
fn device_with_two() -> (Device, HttpServer, Arc<AtomicBool>) {
    let (device, grown) = (Device::new(), Arc::new(AtomicBool::new(false)));
    device.read();
    let has_grown = grown.clone();
    let site =
        HttpServer::start(move |_: &Asked| if has_grown.load(Ordering::SeqCst) { feed(4..=8) } else { feed(1..=1) });
    let output = device.byway(&["open", &format!("http://{}/feed", site.address)]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    (device, site, grown)
}

#[test]
fn a_sync_says_what_is_new_and_what_was_not_read() {
    let (device, _site, grown) = device_with_two();
    grown.store(true, Ordering::SeqCst);
    let nowhere = format!("http://{}", nobody());
    let output = device.byway(&["sync", "--vk-api", &nowhere]);
    let text = stdout(&output);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""), "{text}");
    let gap = "may be missing";
    for part in ["Zavod", "new posts: 5", "Post 8", "Post 6", "… 2 more", gap, "read directly", NAME, "Not read."] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    for part in ["connection refused", "communities read: 1 of 2", "Times: UTC"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("Post 5") && !text.contains(POST), "three posts, and none that was known:\n{text}");

    let output = device.byway(&["sync", "--vk-api", &nowhere, "--lang", "ru"]);
    for part in ["ничего нового", "прочитано напрямую", "Не прочитано.", "прочитано сообществ: 1 из 2"]
    {
        assert!(stdout(&output).contains(part), "{part} is not in:\n{}", stdout(&output));
    }
    assert!(stdout(&device.byway(&["search", "Post 5"])).contains("Post 5"), "all new posts are kept");
}

#[test]
fn a_sync_as_json_is_one_document_in_its_stated_shape() {
    let (device, _site, grown) = device_with_two();
    grown.store(true, Ordering::SeqCst);
    let output = device.byway(&["sync", "--json", "--lang", "ru", "--vk-api", &format!("http://{}", nobody())]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""));
    let value = document(&output);
    assert!(value["bytes"].as_u64() > Some(0) && value["took_ms"].is_u64(), "{value}");
    let communities = value["communities"].as_array().unwrap();
    let of = |outcome: &str| communities.iter().find(|one| one["outcome"] == outcome).unwrap();
    let (done, failed) = (of("done"), of("failed"));
    assert_eq!(done["changes"]["posts"]["added"].as_array().unwrap().len(), 5, "{done}");
    assert_eq!(done["reachability"]["verdict"]["code"], "reachable");
    let note = done["notes"].as_array().unwrap().iter().find(|note| note["code"] == "posts_gap").unwrap();
    assert!(note["sentence"].as_str().unwrap().starts_with("Записи между"), "{note}");
    assert_eq!((&failed["id"], &failed["error"]["code"]), (&"vk:-1234".into(), &"unreached".into()));
    assert_eq!(failed["reachability"]["attempts"][0]["outcome"], "refused");
}

#[test]
fn a_sync_of_what_can_be_read_is_0_or_3_by_another_route() {
    let device = Device::new();
    let server = device.read();
    let output = device.byway(&["sync", "--vk-api", &format!("http://{}", server.address)]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("communities read: 1 of 1"), "{}", stdout(&output));

    let (device, site) = (Device::new(), HttpServer::start(|_: &Asked| feed(1..=2)));
    let proxy = socks5("me", "hunter2", site.address);
    let way = format!("socks5://me:hunter2@{proxy}");
    for command in [&["open", "http://zavod.example/feed"][..], &["sync"]] {
        let output = device.byway(&[command, &["--exposure", "proxied", "-s", &way]].concat());
        assert_eq!(output.status.code(), Some(3), "{command:?}: {}{}", stdout(&output), stderr(&output));
        assert!(!stdout(&output).contains("hunter2"), "{}", stdout(&output));
    }
}

#[test]
fn a_sync_stops_at_its_limits_and_says_what_it_left() {
    let device = Device::new();
    let server = device.read();
    let base = format!("http://{}", server.address);
    let output = device.byway(&["sync", "--vk-api", &base, "--bytes", "1", "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(document(&output)["communities"][0]["outcome"], "left", "{}", stdout(&output));
    let output = device.byway(&["sync", "--vk-api", &base, "--bytes", "1"]);
    assert!(stdout(&output).contains("The next sync begins with it."), "{}", stdout(&output));
    assert_eq!(device.byway(&["sync", "--vk-api", &base, "--bytes", "1M"]).status.code(), Some(0));
}

/// A pause counts only if the site proved its name, so this one has TLS.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_asks_no_site_that_wants_a_pause() {
    let (device, lab, asked) = (Device::new(), Lab::new(), Arc::new(AtomicUsize::new(0)));
    let seen = asked.clone();
    lab.host("zavod.example").at("203.0.113.10").https().app(move |_: &Ask| {
        seen.fetch_add(1, Ordering::SeqCst);
        let page = Page::new(String::from_utf8(feed(1..=1).body).unwrap());
        page.header("content-type", "application/rss+xml").header("cache-control", "max-age=3600")
    });
    let ca = device.text("ca.pem");
    let served = lab.serve(&Options { ca_file: ca.clone().into(), ..Options::default() }).await.unwrap();
    let at = served.seen("203.0.113.10".parse().unwrap(), 443).unwrap();
    let link = format!("https://zavod.example:{}/feed", at.port());
    let flags = ["--ca", &ca, "--resolve", &format!("zavod.example:{}:{}", at.port(), at.ip())];
    let output = device.byway(&[&["open", &link], &flags[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let before = asked.load(Ordering::SeqCst);
    let output = device.byway(&[&["sync"], &flags[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("Nothing was sent: the site asks"), "{}", stdout(&output));
    assert_eq!(asked.load(Ordering::SeqCst), before, "no request");
}

#[test]
fn a_sync_makes_no_store_and_allows_nothing_for_all() {
    let device = Device::new();
    assert!(refused(&device.byway(&["sync"])).contains("no store here"));
    assert!(!device.path("data").exists() && !device.path("key").exists());

    assert_eq!(device.byway(&["open", "vk.com/never_read", "--offline"]).status.code(), Some(4));
    let output = device.byway(&["sync"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "Nothing is kept here yet.\n"));
    assert_eq!(document(&device.byway(&["sync", "--json"]))["communities"], Value::Array(vec![]));
    assert!(refused(&device.byway(&["sync", "--allow-direct"])).contains("byway open LINK --allow-direct"));
}

#[test]
fn a_deleted_page_is_still_shown_listed_and_in_the_calendar() {
    let device = Device::new();
    device.read();
    let before = unfolded(&device.byway(&["export", "--ics"]));
    let deleted =
        |id: u64| format!(r#"{{"id":{id},"name":"DELETED","type":"group","is_closed":0,"deactivated":"deleted"}}"#);
    let server = HttpServer::start(move |asked: &Asked| {
        let event = format!("{}{}", asked.path, asked.body).contains("777");
        Answer::json(match (asked.path.contains("groups.getById"), event) {
            (true, true) => format!(r#"{{"response":{{"groups":[{}]}}}}"#, deleted(777)),
            (true, false) => format!(
                r#"{{"response":{{"groups":[{{"id":1234,"name":"{NAME}","screen_name":"canary_club","links":[{{"url":"https://vk.com/event777"}}]}}]}}}}"#
            ),
            _ => r#"{"response":{"count":0,"items":[]}}"#.to_owned(),
        })
    });
    assert_eq!(device.open(&server, &[]).status.code(), Some(0));
    let after = unfolded(&device.byway(&["export", "--ics"]));
    for line in before
        .lines()
        .filter(|line| ["UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION"].iter().any(|name| line.starts_with(name)))
    {
        assert!(after.contains(line), "{line} is not in:\n{after}");
    }
    assert!(after.contains("DESCRIPTION:The platform states that the page of this event was removed"), "{after}");
    assert!(!after.contains("STATUS:"), "{after}");

    let server =
        HttpServer::start(move |_: &Asked| Answer::json(format!(r#"{{"response":{{"groups":[{}]}}}}"#, deleted(1234))));
    let opened = stdout(&device.open(&server, &[]));
    let value = document(&device.open(&server, &["--json"]));
    assert_eq!((&value["community"]["state"], &value["source"]), (&"gone".into(), &"store".into()));
    assert!(value["community"]["state_seen"].is_string(), "{value}");
    for shown in [opened, stdout(&device.byway(&["show", LINK]))] {
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            NAME,
            POST,
            "older",
            "Gathering",
            "the platform states that it is gone (seen",
            "its page was removed (seen",
        ] {
            assert!(shown.contains(part), "{part} is not in:\n{shown}");
        }
    }
    let listed = stdout(&device.byway(&["list"]));
    assert!(listed.contains(NAME) && listed.contains("it is gone (seen"), "{listed}");
}

fn unfolded(output: &Output) -> String {
    stdout(output).replace("\r\n ", "")
}

#[test]
fn a_preview_sends_nothing_and_names_every_observer() {
    let device = Device::new();
    let server = vk();
    let base = format!("http://{}", server.address);
    let (proxy, connected) = silent();
    let ways = device.file("ways", format!("direct:\nhttps://reader:hunter2@{proxy}\ntor+socks5://127.0.0.1:9050\n"));
    let preview = |more: &[&str]| {
        let flags = ["--vk-api", &base, "--strategies", &ways];
        let output = byway().args(["preview", LINK]).args(flags).args(more).output().unwrap();
        assert!(!stdout(&output).contains("hunter2") && !stdout(&output).contains(TOKEN), "{}", stdout(&output));
        output
    };
    let output = preview(&["--json"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let value = document(&output);
    assert_eq!((&value["url"], &value["exposure"]), (&"https://vk.com/canary_club".into(), &"open".into()));
    assert_eq!((&value["kept"], &value["nothing"]), (&false.into(), &Value::Null));
    let ways = value["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 3, "{value}");
    let contacts = |way: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let all = way["contacts"].as_array().unwrap().iter();
        all.map(|contact| (text(&contact["observer"]), text(&contact["sentence"]))).collect()
    };
    let (host, at) = (server.address.ip().to_string(), proxy.ip().to_string());
    let said = |way: usize| contacts(&ways[way]);
    let observers = |way: usize| -> Vec<String> { said(way).into_iter().map(|(observer, _)| observer).collect() };
    // The API has an address here, so that no resolver is asked.
    assert_eq!(observers(0), ["provider", "platform"]);
    assert!(said(0)[0].1.contains(&format!("Your provider sees that you connect to {host}")), "{value}");
    assert_eq!(observers(1), ["provider", "proxy", "platform"]);
    assert!(said(1)[1].1.contains(&at) && said(1)[1].1.contains(&format!("connect to {host}")), "{value}");
    assert_eq!(observers(2), ["provider", "exit", "platform"]);
    assert!(said(2)[0].1.contains("that you use Tor") && said(2)[1].1.contains("Tor's exit sees"), "{value}");
    let named = device.file("named", "direct:?dns=system&dns=udp://9.9.9.9\nhttps://proxy.example:443\n");
    let output = byway().args(["preview", LINK, "--strategies", &named, "--json"]).output().unwrap();
    let value = document(&output);
    let [first, second] = [0, 1].map(|way| contacts(&value["ways"][way]));
    let codes = |all: &[(String, String)]| -> Vec<String> { all.iter().map(|(code, _)| code.clone()).collect() };
    assert_eq!(codes(&first), ["resolver", "provider", "platform"]);
    assert!(first[0].1.starts_with("The resolver of this network is asked for api.vk.ru"), "{value}");
    assert!(first[0].1.contains("The resolver 9.9.9.9 is asked for api.vk.ru"), "{value}");
    assert_eq!(codes(&second), ["resolver", "provider", "proxy", "platform"]);
    assert!(second[0].1.contains("is asked for proxy.example; it is not asked for api.vk.ru"), "{value}");
    assert!(second[1].1.contains("the proxy proxy.example, and does not see api.vk.ru"), "{value}");
    assert!(second[2].1.starts_with("The proxy proxy.example sees your address"), "{value}");
    let flags = ["--strategies", &named, "--resolve", "api.vk.ru:443:192.0.2.1", "--json"];
    let value = document(&byway().args(["preview", LINK]).args(flags).output().unwrap());
    assert_eq!(codes(&contacts(&value["ways"][0])), ["provider", "platform"], "no resolver is asked");
    let value = document(&preview(&["--json"]));
    let ways = value["ways"].as_array().unwrap();
    assert_eq!(ways.len(), 3, "{value}");
    let text = stdout(&preview(&[]));
    assert!(text.contains("Nothing was sent.") && text.contains("First directly"), "{text}");
    let text = stdout(&preview(&["--lang", "ru"]));
    assert!(text.contains("Ничего не отправлено."), "{text}");
    let value = document(&preview(&["--exposure", "tor", "--json"]));
    assert_eq!(value["nothing"], "token_names_reader");
    let value = document(&preview(&["--exposure", "tor", "--vk-token-of", "app", "--json"]));
    assert_eq!(value["ways"].as_array().unwrap().len(), 1, "{value}");

    assert!(server.asked().is_empty() && connected.try_recv().is_err(), "not a packet");
    refused(&byway().args(["preview", "not a link"]).output().unwrap());
}

#[test]
fn no_file_and_no_output_shows_what_it_must_not() {
    let device = Device::new();
    let server = vk();
    let proxy = socks5("reader", "hunter2", server.address);
    let base = format!("http://{}", server.address);
    let ways = device.file("ways", format!("socks5://reader:hunter2@{proxy}\ndirect:\n"));
    let passphrase = device.file("passphrase", PASSPHRASE);
    let data = device.text("data");
    let keys = ["--data-dir", &data, "--passphrase-file", &passphrase];
    let network = ["--vk-api", &base, "--strategies", &ways, "--network", "canary-wifi"];
    let mut said = String::new();
    let mut run = |arguments: &[&str]| {
        let output = byway().args(arguments).args(keys).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {}", stderr(&output));
        said.push_str(&format!("{}{}", stdout(&output), stderr(&output)));
    };
    run(&[&["open", LINK][..], &network].concat());
    run(&[&["open", LINK, "--json"][..], &network].concat());
    run(&[&["preview", LINK][..], &network].concat());
    run(&["list"]);
    run(&["show", LINK, "--json"]);
    run(&["export", "--ics"]);
    for secret in [TOKEN, PASSPHRASE, "hunter2"] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(said.contains(POST), "the search would find it");
    let files = tree(&device.path("data"));
    assert!(files.len() >= 3, "{:?}", files.iter().map(|(name, _)| name).collect::<Vec<_>>());
    for (name, bytes) in files {
        for canary in [TOKEN, PASSPHRASE, "hunter2", NAME, POST, "canary", "vk.com", &base["http://".len()..]] {
            let found = bytes.windows(canary.len()).any(|window| window.eq_ignore_ascii_case(canary.as_bytes()));
            assert!(!found, "`{canary}` is in {name}");
        }
    }
}

#[test]
fn a_key_without_its_database_is_damage_and_not_a_new_store() {
    let device = Device::new();
    device.read();
    let whole = tree(&device.path("data"));
    for lost in ["byway.db", "byway.key"] {
        fs::remove_file(device.path("data").join(lost)).unwrap();
        for command in [&["list"][..], &["show", LINK], &["open", LINK], &["export", "--ics"]] {
            let said = refused(&device.byway(command));
            assert!(said.contains(lost) && said.contains("missing"), "{command:?}: {said}");
        }
        let said = refused(&device.byway(&["list", "--lang", "ru"]));
        assert!(said.contains(lost) && said.contains("нет"), "{said}");
        for (name, bytes) in &whole {
            fs::write(device.path("data").join(name), bytes).unwrap();
        }
        assert_eq!(device.byway(&["list"]).status.code(), Some(0));
    }

    // Only the sealed key is left.
    let device = Device::new();
    let (data, passphrase) = (device.text("data"), device.file("passphrase", PASSPHRASE));
    let with = |arguments: &[&str]| {
        byway().args(arguments).args(["--data-dir", &data, "--passphrase-file", &passphrase]).output().unwrap()
    };
    assert_eq!(with(&["open", LINK, "--offline"]).status.code(), Some(4));
    for (name, _) in tree(&device.path("data")).iter().filter(|(name, _)| name != "passphrase.age") {
        fs::remove_file(device.path("data").join(name)).unwrap();
    }
    for command in [&["list"][..], &["open", LINK, "--offline"]] {
        let said = refused(&with(command));
        assert!(said.contains("passphrase.age") && said.contains("is gone"), "{said}");
    }
    // The wipe is interrupted after its first step.
    let sealed = device.path("data/passphrase.age");
    fs::write(&sealed, vec![b'w'; fs::metadata(&sealed).unwrap().len() as usize]).unwrap();
    assert!(refused(&with(&["list"])).contains("there is no store"));
    assert_eq!(tree(&device.path("data")), []);
}

#[test]
fn processes_that_begin_at_once_share_one_key_file() {
    for _ in 0..8 {
        let device = Device::new();
        let key = device.text("key");
        let data: Vec<String> = (0..4).map(|n| device.text(&format!("data{n}"))).collect();
        let open = |data: &str| {
            let mut command = byway();
            command.args(["open", LINK, "--offline", "--data-dir", data, "--key-file", &key]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        // Two processes for each directory.
        let children: Vec<Child> = data.iter().chain(&data).map(|data| open(data).spawn().unwrap()).collect();
        for mut child in children {
            child.wait().unwrap();
        }
        for data in &data {
            let status = open(data).status().unwrap();
            assert_eq!(status.code(), Some(4), "the store of {data} opens with the key file that is there");
        }
    }
}

#[test]
fn export_replaces_nothing_but_a_plain_file() {
    use std::os::unix::fs::symlink;
    let device = Device::new();
    device.read();
    let export = |out: &str| device.byway(&["export", "--ics", "--out", out]);
    let mode = |name: &str| fs::metadata(device.path(name)).unwrap().permissions().mode() & 0o777;

    // A file exists and is open to all: its mode is not inherited, and a file called FILE.new belongs to someone else.
    let out = device.file("events.ics", "old");
    device.file("events.ics.new", "mine");
    fs::set_permissions(device.path("events.ics"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(export(&out).status.code(), Some(0));
    assert!(fs::read_to_string(&out).unwrap().starts_with("BEGIN:VCALENDAR"));
    assert_eq!(
        (mode("events.ics"), fs::read_to_string(device.path("events.ics.new")).unwrap().as_str()),
        (0o600, "mine")
    );

    // A link, to a file or to nowhere, is not followed; nor is a pipe, a device or a folder replaced.
    let letter = device.file("letter", "a letter");
    symlink(&letter, device.path("link")).unwrap();
    symlink(device.path("nowhere"), device.path("dangling")).unwrap();
    fs::create_dir(device.path("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(device.path("pipe")).status().unwrap().success());
    let before = fs::read_dir(device.folder.path()).unwrap().count();
    for name in ["link", "dangling", "folder", "pipe"] {
        let said = refused(&export(&device.text(name)));
        assert!(said.contains(name), "{said}");
    }
    refused(&export("/dev/null"));
    assert_eq!(fs::read_to_string(&letter).unwrap(), "a letter");
    assert!(device.path("link").is_symlink() && !device.path("nowhere").exists());
    assert_eq!(fs::read_dir(device.folder.path()).unwrap().count(), before, "nothing half is left");

    // A folder on the path may be a link, as the user named it. A hyphen means standard output.
    symlink(device.path("folder"), device.path("way")).unwrap();
    assert_eq!(export(&device.text("way/events.ics")).status.code(), Some(0));
    assert!(device.path("folder/events.ics").is_file());
    assert!(stdout(&export("-")).starts_with("BEGIN:VCALENDAR") && !Path::new("-").exists());
}

/// A script as root of a mount namespace with a file system of 64 KiB at `$1`.
fn on_a_small_disk(device: &Device, script: &str) -> Output {
    fs::create_dir_all(device.path("disk")).unwrap();
    let script = format!("mount -t tmpfs -o size=64k,mode=755 tmpfs \"$1\" && {script}");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]).arg(device.path("disk"));
    command.args([env!("CARGO_BIN_EXE_byway"), &device.text("data"), &device.text("key")]).output().unwrap()
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    let device = Device::new();
    device.read();
    let script = r#"
        echo old > "$1/events.ics"
        head -c 1000000 /dev/zero > "$1/filler" 2>/dev/null
        "$2" export --ics --out "$1/events.ics" --data-dir "$3" --key-file "$4"; echo "export $?"
        "$2" export --ics --out "$1/other.ics" --data-dir "$3" --key-file "$4"; echo "export $?"
        "$2" open vk.com/x --offline --data-dir "$3-new" --key-file "$1/key"; echo "key $?"
        "$2" open vk.com/x --offline --data-dir "$1/data" --key-file "$4"; echo "store $?"
        cat "$1/events.ics"; ls -A "$1"; rm "$1/filler"
        "$2" open vk.com/x --offline --data-dir "$1/small" --key-file "$4"; echo "small $?"
    "#;
    let output = on_a_small_disk(&device, script);
    let said = stdout(&output);
    let expected = ["export 2", "export 2", "key 2", "store 2", "old", "data", "events.ics", "filler"];
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.starts_with(&expected), "{said}{}", stderr(&output));
    assert!(stderr(&output).contains("the disk is full"), "{}", stderr(&output));
    assert!(!device.path("data-new/byway.key").exists(), "no store whose key was not kept");
}

#[test]
fn output_that_is_lost_is_an_error_in_every_command() {
    let device = Device::new();
    device.read();
    let (data, key) = (device.text("data"), device.text("key"));
    let server = vk();
    let base = format!("http://{}", server.address);
    let ways = device.file("ways", "direct:\n");
    let kept = format!("--data-dir {data} --key-file {key}");
    let wiped = Device::new();
    wiped.read();
    let commands = [
        "--help".to_owned(),
        "--version".to_owned(),
        "open --help".to_owned(),
        format!("list {kept}"),
        format!("list --json {kept}"),
        format!("show {LINK} {kept}"),
        format!("show {LINK} --json {kept}"),
        format!("export --ics {kept}"),
        format!("export --ics --out - {kept}"),
        format!("open {LINK} --offline {kept}"),
        format!("open {LINK} --vk-api {base}"),
        format!("open {LINK} --json --vk-api {base}"),
        format!("preview {LINK} --vk-api {base}"),
        format!("sync {kept} --vk-api {base}"),
        format!("sync --json {kept} --vk-api {base}"),
        format!("get {base}/method/x"),
        format!("probe {base}/method/x"),
        format!("probe {base}/method/x --json --redacted"),
        format!("strategies {ways}"),
        format!("strategies {ways} --json"),
        "demo --json".to_owned(),
        format!("wipe --yes --data-dir {}", wiped.text("data")),
    ];
    let run = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("TZ", "UTC").env("BYWAY_VK_TOKEN", TOKEN).stdin(Stdio::null());
        command.output().unwrap()
    };
    let program = env!("CARGO_BIN_EXE_byway");
    for command in &commands {
        for lost in [">/dev/full", ">&-"] {
            let output = run(&format!("{program} {command} {lost}"));
            if command.starts_with("wipe") && lost == ">&-" {
                continue;
            }
            assert_eq!(output.status.code(), Some(5), "{command} {lost}: {}", stderr(&output));
            assert!(
                stderr(&output).contains("could not be written to the end"),
                "{command} {lost}: {}",
                stderr(&output)
            );
        }
        let output = run(&format!("{program} {command} 2>/dev/full 1>/dev/null"));
        assert_ne!(output.status.code(), Some(5), "what is said beside it may be lost: {command}");
    }
    // A reader that leaves knows that it did.
    let output = run(&format!("({program} show {LINK} {kept} --json; echo $? >&2) | true"));
    assert!(["0\n", "5\n"].contains(&stderr(&output).as_str()), "{}", stderr(&output));
    let output = run(&format!("(sleep 0.2; {program} demo --json; echo $? >&2) | true"));
    assert_eq!(stderr(&output), "5\n", "quietly");
}

#[test]
fn an_unreadable_store_is_not_called_missing() {
    use std::os::unix::process::CommandExt;
    let device = Device::new();
    device.read();
    fs::set_permissions(device.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o700)).unwrap();
    let program = device.path("byway");
    fs::copy(env!("CARGO_BIN_EXE_byway"), &program).unwrap();
    for command in [&["list"][..], &["show", LINK], &["export", "--ics"], &["wipe", "--yes"]] {
        let mut run = Command::new(&program);
        run.args(command).args(["--data-dir", &device.text("data")]).stdin(Stdio::null());
        // As another user; only root can become one.
        if fs::metadata("/proc/self").unwrap().permissions().mode() != 0 && is_root() {
            run.uid(65_534).gid(65_534);
        } else {
            fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let said = refused(&run.output().unwrap());
        assert!(said.contains("not permitted") && !said.contains("no store"), "{command:?}: {said}");
    }
    fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o700)).unwrap();
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn wipe_follows_no_link() {
    use std::os::unix::fs::symlink;
    let device = Device::new();
    device.read();
    symlink(device.path("data"), device.path("link")).unwrap();
    let before = tree(&device.path("data"));
    for link in [device.text("link"), format!("{}/", device.text("link"))] {
        let said = refused(&byway().args(["wipe", "--yes", "--data-dir", &link]).output().unwrap());
        assert!(said.contains("is a link"), "{said}");
    }
    assert_eq!(tree(&device.path("data")), before, "nothing behind the link was changed");

    let letter = device.file("letter", "a letter");
    for name in ["byway.key", "passphrase.age", "byway.db"] {
        let device_ = Device::new();
        device_.read();
        let _ = fs::remove_file(device_.path("data").join(name));
        symlink(&letter, device_.path("data").join(name)).unwrap();
        let said = refused(&byway().args(["wipe", "--yes", "--data-dir", &device_.text("data")]).output().unwrap());
        assert!(said.contains("link"), "{said}");
        assert_eq!(fs::read_to_string(&letter).unwrap(), "a letter", "{name}");
        assert_eq!(tree(&device_.path("data")), [], "{name}: the rest is gone all the same");
    }
}

#[test]
fn a_passphrase_or_key_is_never_an_argument() {
    for flags in [["--passphrase", PASSPHRASE], ["--key", PASSPHRASE]] {
        refused(&byway().args(["list", "--data-dir", "/nonexistent"]).args(flags).output().unwrap());
    }
}

/// Every file below a folder, with its content.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}
