//! The `byway` binary as people and programs use it: exit codes, the shapes of `--json`, and what a terminal gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "a test")]

mod small_servers;

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use small_servers::{Answer, Asked, HttpServer, nobody, silent, socks5};
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

#[test]
fn wrong_usage_is_one_sentence_on_stderr_and_exit_code_2() {
    let directory = TempDir::new().unwrap();
    let empty = file(&directory, "empty", "  \n");
    let two_words = file(&directory, "two words", "one two");
    let endless = file(&directory, "endless", "x".repeat(5000));
    let no_pem = file(&directory, "no.pem", "hello");
    let bad_pem = file(&directory, "bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let bad_list = file(&directory, "list", "direct:\nnonsense here 7\n");
    let directory = directory.path().to_str().unwrap();
    let vk = "vk.com/some_club";
    let cases: &[&[&str]] = &[
        &[],
        &["fly"],
        &["open"],
        &["open", vk, "--bogus"],
        &["open", vk, "--vk-token", TOKEN],
        &["open", vk],
        &["open", "not a link"],
        &["open", "https://chat.whatsapp.com/community"],
        &["open", "t.me/+AbCdEf"],
        &["open", "vk.com/id1"],
        &["open", "vk.com/feed"],
        &["open", vk, "--vk-token-file", "/nonexistent/token"],
        &["open", vk, "--vk-token-file", &empty],
        &["open", vk, "--vk-token-file", &two_words],
        &["open", vk, "--vk-token-file", &endless],
        &["open", vk, "--vk-token-file", directory],
        &["open", vk, "--vk-api", "http://vk.example/method/"],
        &["open", vk, "--vk-api", "nonsense"],
        &["get", "example"],
        &["get", "ftp://example.org/"],
        &["get", "https://user:word@example.org/"],
        &["get", "https://example.org/#exposure=onion"],
        &["get", "https://vk.com/zavod#exposure="],
        &["probe", "https://example.org/#a&exposure=onion"],
        &["probe", "vk.com/zavod#EXPOSURE=onion"],
        &["preview", "vk.com/zavod#exposure=onion"],
        &["open", "vk.com/zavod#exposure=onion"],
        &["probe", "example"],
        &["probe", "file:///etc/passwd"],
        &["probe", "http://127.0.0.1/", "--strategy", "teleport:"],
        &["probe", "http://127.0.0.1/", "--strategy", "socks5://user:hunter2@"],
        &["probe", "http://127.0.0.1/", "--strategy", "direct:?dns=nonsense"],
        &["probe", "http://127.0.0.1/", "--strategies", "/nonexistent/list"],
        &["probe", "http://127.0.0.1/", "--strategies", &bad_list],
        &["probe", "http://127.0.0.1/", "--strategies", &empty],
        &["probe", "http://127.0.0.1/", "--exposure", "hidden"],
        &["probe", "http://127.0.0.1/", "--exposure", "tor"],
        &["probe", "http://127.0.0.1/", "--exposure", "proxied", "--strategy", "direct:"],
        &["probe", "http://127.0.0.1/", "--resolve", "a:b"],
        &["probe", "http://127.0.0.1/", "--resolve", "example.org:443:example.net"],
        &["probe", "http://127.0.0.1/", "--ca", "/nonexistent/ca.pem"],
        &["probe", "http://127.0.0.1/", "--ca", &no_pem],
        &["probe", "http://127.0.0.1/", "--ca", &bad_pem],
        &["probe", "http://127.0.0.1/", "--country", "uk"],
        &["probe", "http://127.0.0.1/", "--key-file", "key"],
        &["open", vk, "--offline"],
        &["preview", vk, "--strategy", "teleport:"],
        &["list"],
        &["show", vk],
        &["export", "--ics"],
        &["wipe", "--yes"],
        &["probe", "http://127.0.0.1/", "--timeout", "soon"],
        &["probe", "http://127.0.0.1/", "--timeout", "0"],
        &["probe", "http://127.0.0.1/", "--lang", "xx"],
        &["strategies", "/nonexistent/list"],
        &["show", vk, "--limit", "0"],
        &["show", vk, "--limit", "nine"],
        &["opne", vk],
        &["get", "https://example.org/", "extra"],
        &["get", "https://example.org/", "--jsno"],
        &["open", vk, "--events=1"],
        &["open", vk, "--events", "--events"],
        &["export", "--data-dir", "/nonexistent"],
        &["list", "--data-dir", "/nonexistent"],
        &["wipe", "--data-dir", "/nonexistent"],
        &["list", "--data-dir", "/nonexistent", "--key-file", "key", "--passphrase-file", "phrase"],
        &["sync"],
        &["sync", "--data-dir", "/nonexistent"],
        &["sync", "--data-dir", "/nonexistent", "--bytes", "much"],
        &["sync", "--data-dir", "/nonexistent", "--timeout", "soon"],
        &["sync", "--data-dir", "/nonexistent", "--allow-direct"],
        &["open", vk, "--timeout", "2h"],
        &["open", vk, "--timeout", "4000"],
        &["open", vk, "--exposure"],
        &["open", vk, "--timeout"],
    ];
    for case in cases {
        for json in [&[][..], &["--json"][..]] {
            let output = byway().args(*case).args(if case.is_empty() { &[] } else { json }).output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{case:?}: {said}");
            assert_eq!(stdout(&output), "", "{case:?}");
            assert!(said.starts_with("byway: ") && said.ends_with('\n'), "{case:?}: {said}");
            assert_eq!(said.lines().count(), 1, "{case:?}: {said}");
            for never in ["panicked", "Error {", "Err(", "Some(", "hunter2", TOKEN, "error:"] {
                assert!(!said.contains(never), "{case:?}: {said}");
            }
        }
        // The same in Russian, whatever else is wrong with the line.
        let (command, rest) = case.split_at(case.len().min(1));
        let output = byway().args(command).args(["--lang", "ru"]).args(rest).output().unwrap();
        let said = stderr(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{case:?}: {said}");
        assert_is_russian(&said);
        for never in ["hunter2", TOKEN] {
            assert!(!said.contains(never), "{case:?}: {said}");
        }
    }
}

/// Whether it is Russian, except for quotations in backquotes or «» and for names and code words.
fn assert_is_russian(said: &str) {
    assert!(said.chars().any(|c| ('а'..='я').contains(&c)), "{said}");
    let unquoted: String = said.split('`').step_by(2).collect();
    let unquoted: String =
        unquoted.split('«').map(|part| part.split_once('»').map_or(part, |(_, after)| after)).collect();
    for word in unquoted.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())) {
        assert!(!ENGLISH.contains(&word.to_lowercase().as_str()), "`{word}` in: {said}");
    }
}

/// Every English sentence contains one of these.
const ENGLISH: [&str; 34] = [
    "a",
    "an",
    "the",
    "is",
    "are",
    "be",
    "was",
    "not",
    "no",
    "none",
    "of",
    "and",
    "to",
    "that",
    "it",
    "for",
    "with",
    "this",
    "must",
    "only",
    "cannot",
    "given",
    "found",
    "required",
    "value",
    "unexpected",
    "there",
    "such",
    "in",
    "one",
    "more",
    "tells",
    "has",
    "can",
];

#[test]
fn help_is_a_command_and_a_flag() {
    for arguments in [&["help"][..], &["--help"], &["help", "open"], &["open", "--help"]] {
        let output = byway().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(stdout(&output).contains("  byway open vk.com/NAME"), "{arguments:?} shows no example");
    }
}

#[test]
fn a_mistyped_command_flag_or_value_gets_a_suggestion() {
    for (arguments, english, russian) in [
        (&["opne", "vk.com/some_club"][..], "did you mean `open`?", "`open`"),
        (&["open", "vk.com/some_club", "--ofline"], "did you mean `--offline`?", "`--offline`"),
        (&["open", "vk.com/some_club", "--exposure", "proxie"], "did you mean `proxied`?", "`proxied`"),
        (&["vk.com/some_club"], "`byway open LINK` reads a community", "`byway open ССЫЛКА`"),
        (&["https://example.org/"], "`byway get URL`", "`byway get URL`"),
        (&["open", "vk.com/some_club", "-s", "tor"], "`tor+socks5://127.0.0.1:9150`", "`tor+socks5://127.0.0.1:9150`"),
        (&["open", "vk.com/some_club", "-s", "192.0.2.1:1080"], "`socks5://HOST:PORT`", "`socks5://HOST:PORT`"),
    ] {
        for (language, expected) in [("C.UTF-8", english), ("ru_RU.UTF-8", russian)] {
            let output = byway().args(arguments).env("LC_ALL", language).output().unwrap();
            let said = stderr(&output);
            assert!(said.contains(expected) && said.lines().count() == 1, "{arguments:?} in {language}: {said}");
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        }
    }
}

#[test]
fn the_language_is_the_system_s_unless_it_is_given_anywhere() {
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = byway();
        command.env_remove("LC_ALL").args(arguments).envs(variables.iter().copied());
        stderr(&command.output().unwrap())
    };
    let is_russian = |said: &str| said.chars().any(|c| ('а'..='я').contains(&c));
    for (arguments, variables, expected) in [
        (&["open", "vk.com/some_club"][..], &[("LANG", "ru_RU.UTF-8")][..], true),
        (&["open", "vk.com/some_club"], &[("LC_MESSAGES", "ru_RU"), ("LANG", "en_GB.UTF-8")], true),
        (&["open", "vk.com/some_club"], &[("LC_ALL", "C"), ("LANG", "ru_RU.UTF-8")], false),
        (&["--lang", "ru", "open", "vk.com/some_club"], &[], true),
        (&["open", "--lang=ru", "vk.com/some_club"], &[], true),
        (&["open", "vk.com/some_club", "--lang", "en"], &[("LANG", "ru_RU.UTF-8")], false),
    ] {
        let said = said(arguments, variables);
        assert_eq!(is_russian(&said), expected, "{arguments:?} {variables:?}: {said}");
    }
}

#[test]
fn without_a_token_the_error_says_how_to_get_one() {
    for (language, expected) in [("en", "Create an app at id.vk.com"), ("ru", "Создайте приложение на id.vk.com")]
    {
        let output = byway().args(["open", "vk.com/some_club", "--lang", language]).output().unwrap();
        let said = stderr(&output);
        assert!(said.contains(expected) && said.contains("--vk-token-of app"), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    for (shell, mark) in [("bash", "complete"), ("zsh", "#compdef byway"), ("fish", "complete -c byway")] {
        let output = byway().args(["completions", shell]).output().unwrap();
        assert!(stdout(&output).contains(mark), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(byway().arg("man").arg(folder.path()).output().unwrap().status.success());
    let page = std::fs::read_to_string(folder.path().join("byway-open.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("strategy"), "{page}");
    let nowhere = folder.path().join("none");
    let output = byway().arg("man").arg(&nowhere).output().unwrap();
    assert!(
        stderr(&output).contains("there is no such file") && output.status.code() == Some(2),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_token_in_the_environment_is_judged_like_one_in_a_file() {
    for token in ["", "two words", "line\nbreak", "naïve"] {
        let output = byway().args(["open", "vk.com/some_club"]).env("BYWAY_VK_TOKEN", token).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("BYWAY_VK_TOKEN"), "{}", stderr(&output));
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    for arguments in [&["--help"][..], &["--version"], &["open", "--help"], &["probe", "-h"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("byway"), "{}", stdout(&output));
        assert_eq!(stderr(&output), "");
    }
}

/// The commands that a page prints: lines of its `sh` blocks, and code spans that read or preview a link.
fn printed_commands(page: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" # ").next().unwrap().trim().to_owned());
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let spans = prose.iter().flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned);
    let reads = |command: &String| {
        ["open", "probe", "preview"].iter().any(|verb| command.starts_with(&format!("byway {verb} ")))
    };
    lines.chain(spans).filter(reads).collect()
}

#[test]
fn every_command_that_a_page_prints_is_understood() {
    for (page, least) in [("README.md", 3), ("docs/threats.md", 2)] {
        let commands = printed_commands(page);
        assert!(commands.len() >= least, "{page}: {commands:?}");
        for command in commands {
            // `preview` takes the flags of the others and sends nothing; the rest is omitted.
            let words = command.split(' ').skip(2).filter(|word| !["--redacted", "--json", "--events"].contains(word));
            let words = words.map(|word| if word == "LINK" { "vk.com/NAME" } else { word });
            let output = byway().env("BYWAY_VK_TOKEN", TOKEN).arg("preview").args(words).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{command}: {}", stderr(&output));
            assert!(stdout(&output).contains("Nothing was sent."), "{command}: {}", stdout(&output));
        }
    }
}

#[test]
fn get_writes_the_body_as_it_came_and_its_account_beside_it() {
    let server = HttpServer::start(|_| Answer::page("<p>привет</p>\n\u{1b}[2J"));
    let output = run(&["get", &format!("http://{}/page", server.address)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "<p>привет</p>\n\u{1b}[2J");
    assert!(stderr(&output).contains("Read directly"), "{}", stderr(&output));
    assert_eq!(server.asked()[0].path, "/page");
    assert_eq!(server.asked()[0].method, "GET");
}

#[test]
fn get_as_json_has_text_as_text_and_anything_else_in_base64() {
    let server = HttpServer::start(|asked| match asked.path.as_str() {
        "/text" => Answer::page("привет"),
        _ => Answer::page([0xff, 0x00, 0xfe]),
    });
    let text = run(&["get", &format!("http://{}/text", server.address), "--json"]);
    let value = document(&text);
    assert_eq!(keys(&value), ["body", "headers", "reachability", "status", "url"]);
    assert_eq!((value["status"].as_u64(), value["body"].as_str()), (Some(200), Some("привет")));
    assert_is_reachability(&value["reachability"]);
    assert_eq!(stderr(&text), "");

    let value = document(&run(&["get", &format!("http://{}/bytes", server.address), "--json"]));
    assert_eq!(value["body_base64"], "/wD+");
    assert!(value.get("body").is_none());
}

#[test]
fn an_error_page_of_the_sites_own_is_reached() {
    let server = HttpServer::start(|_| Answer { status: 404, ..Answer::page("nothing here") });
    let output = run(&["get", &format!("http://{}/", server.address), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(document(&output)["status"], 404);
}

#[test]
fn a_probe_without_an_answer_is_one_document_and_exit_code_4() {
    let url = format!("http://{}/", nobody());
    let output = run(&["probe", &url, "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let value = document(&output);
    assert_is_reachability(&value);
    assert_eq!(value["reached_by"], Value::Null);
    assert_eq!(value["attempts"][0]["outcome"], "refused");
    assert_eq!(value["attempts"][0]["stage"], "tcp");
    assert_eq!(value["attempts"][0]["strategy"], "direct:");
    assert_eq!(value["attempts"][0]["address"], "127.0.0.1");
}

#[test]
fn events_go_to_stderr_a_line_each_beside_one_document() {
    let server = HttpServer::start(|_| Answer::page("through"));
    let port = server.address.port();
    let proxy = socks5("reader", "hunter2", server.address);
    let url = format!("http://blocked.test:{port}/");
    let strategy = format!("socks5://reader:hunter2@{proxy}");
    let resolve = format!("blocked.test:{port}:127.0.0.2");
    let arguments = ["get", &url, "-s", "direct:", "-s", &strategy, "--resolve", &resolve, "--events"];
    let told = |more: &[&str]| {
        let output = byway().args(arguments).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
        output
    };
    let english = stderr(&told(&[]));
    for said in [
        "Fetching a page begins.\n",
        "Attempt 1 to blocked.test, directly: it is the first.\n",
        "Attempt 1: connection refused after ",
        "Attempt 2 to blocked.test, through the proxy 127.0.0.1: another one failed.\n",
        "Verdict: ",
    ] {
        assert!(english.contains(said), "{said} in {english}");
    }
    assert!(stderr(&told(&["--lang", "ru"])).contains("Попытка 1: в соединении отказано, прошло "));

    let output = told(&["--json"]);
    assert_is_reachability(&document(&output)["reachability"]);
    let events: Vec<Value> = stderr(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0], json!({ "access": 1, "at_ms": 0, "event": "began", "action": "get" }));
    let started = events.iter().find(|event| event["attempt"] == 2).unwrap();
    assert_eq!((&started["event"], &started["why"]), (&json!("started"), &json!("failure")), "{started}");
    let ended = events.iter().find(|event| event["event"] == "ended").unwrap();
    assert_eq!((&ended["outcome"], &ended["stage"]), (&json!("refused"), &json!("tcp")), "{ended}");
    assert!(events.iter().any(|event| event["event"] == "judged" && event["rule"].is_string()));
}

#[test]
fn a_redacted_probe_names_no_host() {
    let server = HttpServer::start(|_| Answer::page("through"));
    let port = server.address.port();
    let proxy = socks5("reader", "hunter2", server.address);
    let strategy = format!("socks5://reader:hunter2@{proxy}#canaryname");
    let resolve = format!("blocked.test:{port}:127.0.0.2");
    let url = format!("http://blocked.test:{port}/canarypath");
    for more in [&[][..], &["--json"]] {
        let arguments = ["probe", &url, "--redacted", "-s", "direct:", "-s", &strategy, "--resolve", &resolve];
        let output = byway().args(arguments).args(more).output().unwrap();
        let said = stdout(&output);
        assert_eq!(output.status.code(), Some(3), "{said}{}", stderr(&output));
        for name in ["blocked.test", "hunter2", "reader", "canary"] {
            assert!(!said.contains(name), "{name} in {said}");
        }
        assert!(said.contains("site.example"), "{said}");

        // Events name no site either.
        let output = byway().args(arguments).arg("--events").args(more).output().unwrap();
        let (said, told) = (stdout(&output), stderr(&output));
        for name in ["blocked.test", "hunter2", "reader", "canary"] {
            assert!(!said.contains(name) && !told.contains(name), "{name} in {said}{told}");
        }
        assert!(told.contains("site.example"), "{told}");
    }
}

#[test]
fn a_chain_of_redirects_is_one_row_and_how_many_more() {
    let server = HttpServer::start(|_| Answer { status: 302, header: "location: /again", ..Answer::page("") });
    let url = format!("http://{}/", server.address);
    let output = run(&["probe", &url]);
    let said = stdout(&output);
    assert_eq!(said.matches(" answered").count(), 1, "{said}");
    let more = said.lines().filter(|line| line.trim().starts_with('…') && line.ends_with(" more")).count();
    assert_eq!(more, 1, "{said}");
    assert_eq!(document(&run(&["probe", &url, "--json"]))["attempts"].as_array().unwrap().len(), 11);
}

#[test]
fn an_onion_name_is_given_to_tor_alone() {
    let onion = "http://bywaybywaybywaybywaybywaybywaybywaybywaybywaybywaybyway.ONION./";
    // RFC 5737: no host has this address, and it is not dialled.
    let ways = ["-s", "direct:", "-s", "socks5://192.0.2.1:1080"];
    for command in ["get", "probe"] {
        let output = run(&[&[command, onion, "--json"][..], &ways].concat());
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        let value = document(&output);
        let attempts = if command == "get" { &value["reachability"]["attempts"] } else { &value["attempts"] };
        assert_eq!(*attempts, json!([]), "{value}");
        let output = run(&[&[command, onion][..], &ways].concat());
        assert!(stderr(&output).contains("through Tor only"), "{}", stderr(&output));
        let output = run(&[&[command, onion, "--lang", "ru"][..], &ways].concat());
        assert!(stderr(&output).contains("только через Tor"), "{}", stderr(&output));
    }
}

#[test]
fn this_device_is_not_named_to_a_proxy_elsewhere() {
    // RFC 5737: no host has this address, and it is not dialled.
    let output = run(&["probe", "http://127.0.0.1:9/", "-s", "socks5://192.0.2.1:1080", "--json"]);
    let value = document(&output);
    assert_eq!(value["attempts"], json!([]));
    let sentence = value["verdict"]["sentence"].as_str().unwrap();
    assert!(sentence.contains("this device itself") && sentence.contains("`direct:`"), "{sentence}");
    let output = run(&["get", "http://localhost:9/", "-s", "socks5://192.0.2.1:1080"]);
    assert!(stderr(&output).contains("this device"), "{}", stderr(&output));
}

#[test]
fn silent_routes_delay_no_page_and_json_has_the_last_verdict() {
    let server = HttpServer::start(|_| Answer::page("through"));
    let port = server.address.port();
    // This listener accepts connections and sends nothing.
    let _silent = std::net::TcpListener::bind(("127.0.0.2", port)).unwrap();
    let strategy = format!("socks5://reader:hunter2@{}", socks5("reader", "hunter2", server.address));
    let (url, resolve) = (format!("http://blocked.test:{port}/"), format!("blocked.test:{port}:127.0.0.2"));
    let arguments = ["get", &url, "-s", "direct:", "-s", &strategy, "--resolve", &resolve, "--events"];

    let output = byway().args(arguments).output().unwrap();
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(3), "through"), "{}", stderr(&output));
    assert!(stderr(&output).contains("Another route was faster"), "{}", stderr(&output));

    let output = byway().args(arguments).arg("--json").output().unwrap();
    let verdict = &document(&output)["reachability"]["verdict"];
    let events: Vec<Value> = stderr(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let judged: Vec<&Value> = events.iter().filter(|event| event["event"] == "judged").collect();
    assert_eq!(judged.len(), 2, "{judged:?}");
    assert_eq!((&judged[0]["rule"], &judged[0]["again"]), (&json!("not_waited_for"), &Value::Null));
    assert_eq!((&judged[1]["code"], &judged[1]["rule"]), (&verdict["code"], &verdict["rule"]), "{verdict}");
    assert_eq!((&judged[1]["again"], &judged[1]["access"]), (&json!(true), &json!(1)));
}

#[test]
fn a_probe_names_the_restriction_that_a_451_states() {
    let server = HttpServer::start(|_| {
        let header = "link: <https://rkn.example/order>; rel=\"blocked-by\"";
        Answer { status: 451, header, ..Answer::page("<p>By order of the court</p>") }
    });
    let url = format!("http://{}/", server.address);
    let output = run(&["probe", &url, "--country", "ru", "--json"]);
    assert_eq!(output.status.code(), Some(4));
    let value = document(&output);
    assert_is_reachability(&value);
    let [stated] = &value["restrictions"].as_array().unwrap()[..] else { panic!("{value}") };
    assert_eq!((&stated["stated_by"], &stated["link"]), (&json!("HTTP 451"), &json!("https://rkn.example/order")));
    assert_eq!((&stated["observed_in"], &stated["authority"]), (&json!("RU"), &json!(null)));
    for (language, parts) in [
        (
            "en",
            ["The refusal (HTTP 451) states:", "“By order of the court”", "blocking party: https://rkn.example/order"],
        ),
        ("ru", ["Отказ (HTTP 451) сообщает:", "«By order of the court»", "кто блокирует: https://rkn.example/order"]),
    ] {
        let text = stdout(&run(&["probe", &url, "--lang", language]));
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
    let redacted = run(&["probe", &url, "--redacted", "--json"]);
    assert!(!stdout(&redacted).contains("rkn.example") && !stdout(&redacted).contains("court"));
}

#[test]
fn a_fingerprint_list_turns_a_replaced_page_into_a_block_page() {
    let directory = TempDir::new().unwrap();
    let server = HttpServer::start(|_| Answer::page("<h1>Closed by the Ministry of Calm</h1>"));
    let url = format!("http://{}/", server.address);
    let list = file(
        &directory,
        "list.csv",
        "name,scope,location_found,pattern_type,pattern\ncalm,nat,body,contains,Ministry of Calm\nodd,nat,body,dance,x\n",
    );
    assert_eq!(document(&run(&["probe", &url, "--json"]))["verdict"]["code"], "reachable");
    for (language, row) in [("en", "skipped row 2"), ("ru", "пропущена строка: 2")] {
        let output = run(&["probe", &url, "--json", "--fingerprints", &list, "--lang", language]);
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        assert_eq!(document(&output)["verdict"]["code"], "block_page");
        assert!(stderr(&output).contains(row), "{}", stderr(&output));
    }
}

#[test]
fn a_broken_fingerprint_list_is_one_sentence_with_the_row() {
    let directory = TempDir::new().unwrap();
    let quoting = file(
        &directory,
        "quoting.csv",
        "name,scope,location_found,pattern_type,pattern\na,nat,body,full,x\nb,nat,body,full,\"never closed\n",
    );
    let columns = file(&directory, "columns.csv", "one,two\n1,2\n");
    for (path, parts) in [(&quoting, ["row 2", "В строке 2"]), (&columns, ["column", "столбца"])] {
        for (language, part) in ["en", "ru"].into_iter().zip(parts) {
            let output = run(&["probe", "http://127.0.0.1:1/", "--fingerprints", path, "--lang", language]);
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            assert_eq!(stdout(&output), "");
            assert!(stderr(&output).contains(part) && stderr(&output).lines().count() == 1, "{}", stderr(&output));
        }
    }
}

#[test]
fn another_route_is_exit_code_3_and_shows_no_password() {
    let server = HttpServer::start(|_| Answer::page("through"));
    let port = server.address.port();
    let proxy = socks5("reader", "hunter2", server.address);
    let url = format!("http://blocked.test:{port}/");
    let strategy = format!("socks5://reader:hunter2@{proxy}");
    // The direct route leads to a port without a listener; the proxy gets the name and resolves it.
    let resolve = format!("blocked.test:{port}:127.0.0.2");
    let arguments = ["--strategy", "direct:", "--strategy", &strategy, "--resolve", &resolve];
    for command in ["get", "probe"] {
        for json in [true, false] {
            let mut byway = byway();
            byway.args([command, url.as_str()]).args(arguments);
            if json {
                byway.arg("--json");
            }
            let output = byway.output().unwrap();
            let said = format!("{}{}", stdout(&output), stderr(&output));
            assert_eq!(output.status.code(), Some(3), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
            if json {
                let value = document(&output);
                let reachability = if command == "get" { &value["reachability"] } else { &value };
                assert_is_reachability(reachability);
                assert!(reachability["reached_by"].as_str().unwrap().starts_with("socks5://"), "{value}");
                assert_eq!(reachability["attempts"].as_array().unwrap().len(), 2, "{value}");
            }
        }
    }
}

#[test]
fn time_runs_out_with_a_document_all_the_same() {
    let (address, _) = silent();
    let output = run(&["get", &format!("http://{address}/"), "--timeout", "300ms", "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let value = document(&output);
    assert_eq!(value["status"], Value::Null);
    assert_eq!(keys(&value["error"]), ["code", "kind", "sentence"]);
    assert_is_reachability(&value["reachability"]);
}

#[test]
fn ctrl_c_and_sigterm_end_it_with_130() {
    for signal in ["-INT", "-TERM"] {
        ends_with_130(signal);
    }
}

fn ends_with_130(signal: &str) {
    let (address, connected) = silent();
    let mut child = byway()
        .args(["get", &format!("http://{address}/")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    connected.recv().unwrap();
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(130), ""));
}

/// VK's API, as far as one community needs it.
fn vk(name: &'static str, text: &'static str) -> HttpServer {
    HttpServer::start(move |asked: &Asked| {
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

#[test]
fn a_community_is_one_document_in_its_stated_shape() {
    let server = vk("Some club", "newer");
    let output = open(&server, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(stderr(&output), "");
    let value = document(&output);
    assert_eq!(
        keys(&value),
        [
            "age_seconds",
            "changes",
            "community",
            "cut",
            "events",
            "exposure",
            "posts",
            "reachability",
            "source",
            "successor",
            "synced_at"
        ],
        "{value}"
    );
    assert_is_reachability(&value["reachability"]);
    assert_eq!(value["community"]["name"], "Some club");
    assert_eq!(value["community"]["members"]["count"], 389);
    assert_eq!(value["posts"][0]["text"], "newer");
    assert_eq!(value["posts"][1]["text"], "older");
    assert_eq!(value["source"], "network");
    assert!(value["synced_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(value["reachability"]["verdict"]["code"], "reachable");
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.authorization == Some(format!("Bearer {TOKEN}"))), "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.path.contains(TOKEN) || asked.body.contains(TOKEN)), "{asked:?}");
    assert!(!stdout(&output).contains(TOKEN));
}

#[test]
fn a_token_comes_from_a_file_too() {
    let server = vk("Some club", "newer");
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "token", "from-the-file\n");
    let output = open(&server, &["--vk-token-file", &path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(server.asked()[0].authorization.as_deref(), Some("Bearer from-the-file"));
}

#[test]
fn a_community_reads_calmly_in_a_pipe() {
    let output = open(&vk("Some club", "newer"), &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for part in ["Some club", "389 members", "newer", "older", "2025-10-10", "How it was reached", "Read directly"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(text.find("newer") < text.find("older"));
    assert!(text.contains("stays on this device") && !text.contains("provider"), "the API is on this device:\n{text}");
    assert!(!text.contains('\u{1b}'));
    assert_eq!(stderr(&output), "", "no progress line without a terminal");
}

#[test]
fn russian_is_spoken_where_it_is_asked_for() {
    let text = stdout(&open(&vk("Some club", "newer"), &["--lang", "ru"]));
    for part in ["389 участников", "Записи", "Как прочитано", "Прочитано напрямую"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn usage_errors_are_in_russian_too() {
    for (arguments, part) in [
        (&["get", "ftp://example.org/"][..], "Прочитать можно только адреса http и https"),
        (&["probe", "nonsense"], "не URL"),
        (&["get", "https://example.org/", "-s", "gopher://x"], "--strategy: Схема `gopher` неизвестна"),
        (&["get", "https://example.org/", "-s", "direct:", "--exposure", "tor"], "Режим `tor` не допускает"),
        (&["get", "https://example.org/", "--resolve", "x"], "--resolve: Запись `x`"),
    ] {
        let output = run(&[arguments, &["--lang", "ru"]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(part), "{part} is not in: {}", stderr(&output));
        assert!(!stderr(&output).trim_end().ends_with('.'), "{}", stderr(&output));
    }
}

#[test]
fn errors_of_files_and_values_are_in_russian_too() {
    let directory = TempDir::new().unwrap();
    let empty = file(&directory, "empty", " \n");
    let two_words = file(&directory, "two words", "one two");
    let not_text = file(&directory, "not text", [0xff, 0xfe]);
    let half_text = file(&directory, "half text", b"direct:\n\nsocks5://h:1#\xff\n");
    let list = file(&directory, "list", "direct:\nnonsense here 7\n");
    let same = file(&directory, "same", "direct:\ndirect:\n");
    let (vk, url) = ("vk.com/some_club", "http://127.0.0.1/");
    let inside = format!("{empty}/store");
    let cases: &[(&[&str], &str)] = &[
        (&["open", vk, "--vk-token-file", "/nonexistent"], "не удаётся прочитать /nonexistent: такого файла нет"),
        (&["open", vk, "--vk-token-file", &empty], "пусто, а должен быть ключ ВКонтакте"),
        (&["open", vk, "--vk-token-file", &two_words], "нет ключа ВКонтакте"),
        (&["open", vk, "--data-dir", &inside, "--key-file", "/nonexistent/key"], "это не папка"),
        (&["probe", url, "--ca", "/nonexistent"], "не удаётся прочитать"),
        (&["probe", url, "--strategies", &empty], "нет ни одного пути"),
        (&["probe", url, "--strategies", &not_text], "не текст в UTF-8"),
        (&["probe", url, "--strategies", &half_text], "строка 3: это не текст в UTF-8"),
        (&["strategies", &half_text], "строка 3: это не текст в UTF-8"),
        (&["probe", url, "--strategies", &list], "строка 2: "),
        (&["probe", url, "--fingerprints", "/nonexistent"], "не удаётся прочитать"),
        (&["probe", url, "--country", "uk"], "`uk`: это не код страны"),
        (&["probe", url, "--timeout", "soon"], "`soon`: это не длительность"),
        (&["probe", url, "--timeout", "0"], "время должно быть"),
        (&["strategies", &list], "не каждая строка"),
        (&["strategies", "/nonexistent"], "такого файла нет"),
    ];
    for (arguments, part) in cases {
        let output = run(&[arguments, &["--lang", "ru"][..]].concat());
        let said = stderr(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{arguments:?}: {said}");
        assert!(said.contains(part), "{part} is not in: {said}");
        for english in ["cannot", "there is", "holds", "is no ", "line "] {
            assert!(!said.contains(english), "{said}");
        }
    }
    let listed = run(&["strategies", &same, "--lang", "ru"]);
    assert!(stdout(&listed).contains("то же, что в строке 1"), "{}", stdout(&listed));
}

#[test]
fn a_hostile_post_does_not_drive_the_terminal() {
    let hostile = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gpj.exe\u{8}\u{8}";
    let text = stdout(&open(&vk(hostile, hostile), &[]));
    assert!(text.contains("gpj.exe"), "{text}");
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
}

#[test]
fn a_refused_token_is_a_document_with_a_sentence() {
    let server = HttpServer::start(|_| {
        Answer::json(
            r#"{"error":{"error_code":5,"error_msg":"User authorization failed: access_token was given to another ip address."}}"#,
        )
    });
    let output = open(&server, &["--json"]);
    let value = document(&output);
    assert_eq!(value["community"], Value::Null);
    assert_eq!(
        (&value["source"], &value["synced_at"], &value["successor"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((value["posts"].as_array().unwrap().len(), value["events"].as_array().unwrap().len()), (0, 0));
    assert_eq!(keys(&value["error"]), ["code", "kind", "sentence"]);
    assert_is_reachability(&value["reachability"]);
    let code = value["reachability"]["verdict"]["code"].as_str().unwrap();
    assert!(!code.contains("block") && code != "gone", "{value}");
    assert!(value["error"]["sentence"].as_str().unwrap().contains("no block"), "{value}");
    assert!(!stdout(&output).contains(TOKEN));
}

#[test]
fn an_api_that_is_not_there_is_a_document_and_exit_code_4() {
    let base = format!("http://{}", nobody());
    let mut command = byway();
    command.args(["open", "vk.com/some_club", "--vk-api", &base, "--json"]).env("BYWAY_VK_TOKEN", TOKEN);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}{}", stdout(&output), stderr(&output));
    let value = document(&output);
    assert_eq!(value["community"], Value::Null);
    assert_eq!(value["reachability"]["attempts"][0]["outcome"], "refused");
    assert!(value["error"]["sentence"].as_str().unwrap().ends_with('.'), "{value}");
}

#[test]
fn a_list_of_strategies_is_checked_line_by_line() {
    let directory = TempDir::new().unwrap();
    let list = file(&directory, "list", "direct:\nsocks5://me:hunter2@proxy.example:1080\nnonsense\n");
    let output = run(&["strategies", &list, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let value = document(&output);
    let lines = value["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 3, "{value}");
    assert_eq!((&lines[0]["strategy"], &lines[0]["error"]), (&Value::from("direct:"), &Value::Null));
    assert!(lines[2]["error"].as_str().is_some() && lines[2]["line"] == 3, "{value}");
    assert!(!stdout(&output).contains("hunter2"));

    let good = file(&directory, "good", "direct:\ntor+socks5://127.0.0.1:9050\n");
    let output = run(&["strategies", &good]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("tor+socks5://127.0.0.1:9050"));
}

#[test]
fn a_link_is_checked_and_drawn_as_a_qr_code() {
    let directory = TempDir::new().unwrap();
    let svg = directory.path().join("poster.svg");
    let output = run(&["link", "m.vk.com/zavod", "--exposure", "tor", "--qr", "--svg", svg.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    assert_eq!(shown.lines().next(), Some("https://vk.com/zavod#exposure=tor"));
    assert!(shown.contains('█') && !shown.contains('\u{1b}'), "{shown}");
    assert!(std::fs::read_to_string(svg).unwrap().starts_with("<svg "));

    let id = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let output = run(&["link", &format!("byway:{id}?mirror=a.example"), "--json"]);
    let value = document(&output);
    assert_eq!(keys(&value), ["exposure", "home", "id", "key", "link", "mirrors", "web_link"]);
    assert_eq!((&value["id"], &value["mirrors"]), (&json!(id), &json!(["https://a.example/"])));
    assert_eq!(value["web_link"], format!("https://a.example/#byway:{id}?mirror=a.example/"));

    for (link, reason) in [("byway:ba78", "64 hexadecimal digits"), ("nonsense", "address of a community")] {
        let output = run(&["link", link]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stdout(&output).is_empty() && stderr(&output).contains(reason), "{}", stderr(&output));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_accident() {
    let server = HttpServer::start(|_| Answer::page("x".repeat(1 << 20)));
    let mut child = byway()
        .args(["get", &format!("http://{}/", server.address)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "the result was not read whole: {}", stderr(&output));
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

/// Runs it on its own terminal (util-linux's `script`), and returns what standard output showed there.
fn on_a_terminal(server: &HttpServer, environment: &str) -> String {
    let line = format!(
        "{environment} BYWAY_VK_TOKEN={TOKEN} {} open vk.com/some_club --vk-api http://{} 2>/dev/null",
        env!("CARGO_BIN_EXE_byway"),
        server.address
    );
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let server = vk("Some club", "newer");
    assert!(on_a_terminal(&server, "TERM=xterm").contains("\u{1b}[1mSome club"));
    for plain in ["TERM=xterm NO_COLOR=1", "TERM=dumb"] {
        let text = on_a_terminal(&server, plain);
        assert!(text.contains("Some club") && !text.contains('\u{1b}'), "{text:?}");
    }
}

#[test]
fn no_help_page_promises_what_cannot_be_kept() {
    let commands = ["open", "preview", "list", "show", "export", "wipe", "get", "probe", "strategies", "demo"];
    for command in commands.iter().map(std::slice::from_ref).chain([&[][..]]) {
        let help = stdout(&run(&[command, &["--help"]].concat())).to_lowercase();
        assert!(help.contains("usage"), "{help}");
        for word in ["safe", "secur", "anonym", "protect"] {
            assert!(!help.contains(word), "`{word}` in byway {command:?} --help");
        }
    }
}

#[test]
fn the_demo_tells_its_whole_story() {
    let output = run(&["demo", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let value = document(&output);
    let reachability = |step: &Value| {
        let result = &step["result"];
        if result["verdict"].is_object() { result.clone() } else { result["reachability"].clone() }
    };
    let steps = value["steps"].as_array().unwrap();
    let told: Vec<_> = steps
        .iter()
        .map(|step| {
            let (result, met) = (&step["result"], reachability(step));
            assert_is_reachability(&met);
            let by = met["reached_by"].as_str().map(|way| way.split(':').next().unwrap().to_owned());
            (
                step["exit"].as_u64().unwrap(),
                met["verdict"]["code"].as_str().unwrap().to_owned(),
                by.unwrap_or_default(),
                result["community"]["members"]["count"].as_u64(),
                result["source"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let expected = [
        // 9 November: read directly. 12 November: VK withholds it, and what is kept is shown.
        (0, "reachable", "direct", Some(389), "network"),
        (4, "platform_blocked", "", Some(389), "store"),
        // Through the proxy, and the cut compared.
        (3, "reachable", "https", Some(389), "network"),
        (3, "tls_interfered", "https", None, ""),
        // Only through Tor: the advice, the claim, the replacement.
        (3, "reachable", "tor+socks5", Some(389), "network"),
        (3, "reachable", "tor+socks5", Some(389), "network"),
        (3, "reachable", "tor+socks5", Some(192), "network"),
        // Another home, cut by its name.
        (3, "tls_interfered", "https", Some(192), "network"),
        // The network is gone.
        (4, "offline", "", Some(389), "store"),
        (4, "offline", "", Some(192), "store"),
    ];
    let expected =
        expected.map(|(exit, code, by, members, source)| (exit, code.into(), by.into(), members, source.into()));
    assert_eq!(told, expected);

    let result = |step: usize| &steps[step]["result"];
    assert!(result(0)["posts"][0]["text"].as_str().unwrap().contains("gathering"));
    assert!(result(0)["events"][0]["start"].as_str().unwrap().ends_with("+07:00"));
    let order = &result(1)["community"]["restrictions"][0];
    assert_eq!(
        (&order["date"], &order["jurisdiction"], &order["stated_by"]),
        (&json!("2016-11-11"), &json!("RU"), &json!("VK"))
    );
    assert!(order["authority_en"].as_str().unwrap().contains("Prosecutor General"), "{order}");
    assert!(result(1)["reachability"]["verdict"]["sentence"].as_str().unwrap().contains("11.11.2016"));
    // No direct packet once the restriction is known, unless every route is tried by itself.
    for step in [2, 4, 5, 6, 8] {
        let attempts = result(step)["reachability"]["attempts"].as_array().unwrap();
        assert!(attempts.iter().all(|attempt| attempt["strategy"] != "direct:"), "step {step}: {attempts:?}");
    }
    let outcomes: Vec<_> =
        result(3)["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["outcome"]).collect();
    assert_eq!(outcomes, ["reset", "ok", "ok"]);
    assert_eq!(result(4)["community"]["access_advice"][0]["kind"], "tor");
    assert_eq!(result(4)["community"]["access_advice"][0]["field"], "name");
    assert_eq!(result(4)["successor"], Value::Null);
    assert_eq!(result(5)["successor"]["home"], "https://vk.com/zavod_demo_2");
    assert_eq!(result(5)["successor"]["field"], "pinned_post");
    assert_eq!(result(8)["posts"].as_array().unwrap().len(), 2);
    assert_eq!(result(8)["events"][0]["start"], result(0)["events"][0]["start"]);
    assert!(result(8)["age_seconds"].as_u64().unwrap() > 86_400);

    for language in ["en", "ru"] {
        let output = run(&["demo", "--lang", language]);
        assert!(stdout(&output).contains("389") && !stdout(&output).contains('\u{1b}'));
        assert_eq!(stderr(&output), "");
    }
}
