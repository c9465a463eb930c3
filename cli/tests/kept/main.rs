//! The store through the `byway` binary: offline answers, keys, paging, calendar, wiping. No file and no output shows a
//! secret.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "a test")]

mod disk;
mod export;
mod keys;
mod shown;
#[path = "../small_servers/mod.rs"]
mod small_servers;
mod sync;
mod terminal;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use byway_lab::{Ask, Lab, Options, Page};
use serde_json::Value;
use small_servers::{Answer, HttpServer, ReceivedRequest, nobody, silent, socks5};
use tempfile::TempDir;
use terminal::Terminal;

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
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
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
    HttpServer::start(|asked: &ReceivedRequest| {
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

fn unfolded(output: &Output) -> String {
    stdout(output).replace("\r\n ", "")
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
