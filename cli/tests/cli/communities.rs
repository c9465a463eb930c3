//! `open`: a community of VK as a document, and what is refused.

use super::*;

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

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_used_and_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = vk("Some club", "newer");
    let directory = TempDir::new().unwrap();
    let path = file(&directory, "token", "from-the-file\n");
    let warned =
        format!("byway: {path}: other users of this machine can read this file; make it yours alone (chmod 600)");
    for (mode, is_said) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let output = open(&server, &["--vk-token-file", &path]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stderr(&output).lines().filter(|line| *line == warned).count(), usize::from(is_said), "{mode:o}");
    }
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
fn a_mistyped_community_is_answered_with_its_spelling() {
    let server = HttpServer::start(|_| Answer::json(r#"{"response":{"groups":[],"profiles":[]}}"#));
    for (language, expected) in
        [("en", "check the spelling of the link"), ("ru", "проверьте, нет ли в ссылке опечатки")]
    {
        let output = open(&server, &["--lang", language]);
        assert!(stderr(&output).contains(expected), "{}{}", stdout(&output), stderr(&output));
        assert!(!stderr(&output).contains("100"), "{}", stderr(&output));
    }
}
