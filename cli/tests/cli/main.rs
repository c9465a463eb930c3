//! The `byway` binary as people and programs use it: exit codes, the shapes of `--json`, and what a terminal gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "a test")]

mod communities;
mod demo;
mod links;
mod pages;
mod printed;
mod screen;
#[path = "../small_servers/mod.rs"]
mod small_servers;
mod usage;

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use small_servers::{Answer, HttpServer, ReceivedRequest, nobody, silent, socks5};
use tempfile::TempDir;

const TOKEN: &str = "vk1.a.this-must-never-be-printed";

fn byway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
    command
        .env_remove("BYWAY_VK_TOKEN")
        .env_remove("NO_COLOR")
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    byway().args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The one document on standard output.
fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn assert_is_reachability(value: &Value) {
    let known: Vec<_> = keys(value).into_iter().filter(|key| *key != "restrictions").collect();
    assert_eq!(known, ["attempts", "reached_by", "url", "verdict"]);
    let verdict = &value["verdict"];
    let known: Vec<_> = keys(verdict).into_iter().filter(|key| !["addresses", "statement"].contains(key)).collect();
    assert_eq!(known, ["code", "evidence", "layer", "rule", "sentence", "weights"]);
    let ids: Vec<&Value> = value["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["id"]).collect();
    for carried in verdict["evidence"].as_array().unwrap() {
        assert!(ids.contains(&carried), "{carried} is the number of an attempt: {value}");
    }
    assert_eq!(keys(&verdict["weights"]), ["blocked", "down", "ok"]);
    let weights = verdict["weights"].as_object().unwrap().values().map(|weight| weight.as_f64().unwrap());
    assert!((weights.sum::<f64>() - 1.0).abs() < 0.01, "{verdict}");
    for attempt in value["attempts"].as_array().unwrap() {
        assert_eq!(
            keys(attempt),
            [
                "address",
                "bytes",
                "first_byte_ms",
                "hop",
                "id",
                "lookups",
                "ms",
                "outcome",
                "proved_name",
                "reused",
                "sentence",
                "stage",
                "started_ms",
                "strategy"
            ]
        );
        assert!(attempt["ms"].is_u64() && attempt["bytes"].is_u64() && attempt["started_ms"].is_u64(), "{attempt}");
        assert!(attempt["sentence"].as_str().unwrap().ends_with('.'), "{attempt}");
    }
}

fn file(directory: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path: PathBuf = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// VK's API, as far as one community needs it.
fn vk(name: &'static str, text: &'static str) -> HttpServer {
    HttpServer::start(move |asked: &ReceivedRequest| {
        let text = serde_json::to_string(text).unwrap();
        let name = serde_json::to_string(name).unwrap();
        if asked.path.contains("groups.getById") {
            return Answer::json(format!(
                r#"{{"response":{{"groups":[{{"id":1234,"name":{name},"screen_name":"some_club","type":"group",
                "is_closed":0,"members_count":389,"description":"A club."}}],"profiles":[]}}}}"#
            ));
        }
        if asked.path.contains("wall.get") {
            return Answer::json(format!(
                r#"{{"response":{{"count":2,"items":[
                {{"id":7,"owner_id":-1234,"from_id":-1234,"date":1760000000,"text":"older"}},
                {{"id":8,"owner_id":-1234,"from_id":-1234,"date":1760086400,"text":{text}}}],"profiles":[],"groups":[]}}}}"#
            ));
        }
        Answer::json(r#"{"response":{"count":0,"items":[]}}"#)
    })
}

fn open(server: &HttpServer, more: &[&str]) -> Output {
    let base = format!("http://{}", server.address);
    let mut command = byway();
    command.args(["open", "vk.com/some_club", "--vk-api", &base]).args(more).env("BYWAY_VK_TOKEN", TOKEN);
    command.output().unwrap()
}
