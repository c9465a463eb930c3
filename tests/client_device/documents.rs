//! How results serialise: content in full, diagnostics without names.

use byway::Language;
use byway::{GetOptions, OpenOptions, ProbeOptions, SyncLimits};
use serde_json::{Value, json};

use super::secrecy::CANARIES;
use super::{LINK, Scene, id};

const LOGIN: &str = "CANARYPASSWORD";

fn cut(scene: &Scene) {
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
}

#[track_caller]
fn names_nobody(text: &str) {
    // The replacement for a proxy in an account has that name.
    for canary in CANARIES.iter().filter(|canary| **canary != "proxy.example") {
        assert!(!text.contains(*canary), "{canary} in {text}");
    }
    assert!(!text.contains("198.51.100.7") && !text.contains("api.vk"), "{text}");
}

#[track_caller]
fn is_russian(sentence: &Value) {
    let text = sentence.as_str().unwrap_or_else(|| panic!("{sentence}"));
    assert!(text.chars().any(|c| ('а'..='я').contains(&c)), "{text}");
}

#[tokio::test(start_paused = true)]
async fn opened_serialises_in_full_but_without_logins() {
    let scene = Scene::new();
    cut(&scene);
    let byway = scene.builder(&scene.all()).language(Language::Ru).build().await.unwrap();
    let opened = byway.open(LINK).await.unwrap();
    let text = serde_json::to_string(&opened.clone()).unwrap();
    assert!(!text.contains(LOGIN) && !text.contains(super::TOKEN), "{text}");
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(data["community"]["id"], "vk:-77");
    assert_eq!(data["posts"][0]["text"], "We meet on Friday.");
    assert_eq!(data["events"], json!([]));
    assert_eq!((&data["source"], &data["exposure"], &data["cut"]), (&json!("network"), &json!("open"), &json!(false)));
    assert_eq!((&data["age_seconds"], &data["successor"]), (&json!(0), &Value::Null));
    let reachability = &data["reachability"];
    let account: byway::Account = serde_json::from_value(reachability.clone()).unwrap();
    assert_eq!(account, opened.reachability.account_in_full(Language::Ru));
    assert_eq!(reachability["url"], "https://vk.com/works_council");
    assert!(reachability["reached_by"].as_str().unwrap().contains("198.51.100.7"), "{reachability}");
    is_russian(&reachability["verdict"]["sentence"]);
    assert!(data.get("notes").is_none() && data.get("error").is_none(), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_reachability_and_a_report_serialise_without_names() {
    let scene = Scene::new();
    cut(&scene);
    let byway = scene.builder(&scene.all()).language(Language::Ru).build().await.unwrap();
    let opened = byway.open(LINK).await.unwrap();
    let text = serde_json::to_string(&opened.reachability).unwrap();
    names_nobody(&text);
    let account: byway::Account = serde_json::from_str(&text).unwrap();
    assert_eq!(account, opened.reachability.account(Language::Ru));
    names_nobody(&serde_json::to_string(&byway.report()).unwrap());
    names_nobody(&format!("{opened:?}"));
}

#[tokio::test(start_paused = true)]
async fn what_comes_from_the_store_serialises_with_its_fault() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    scene.offline();
    byway.network_changed();
    byway.set_language(Language::Ru);
    assert_eq!(byway.language(), Language::Ru);
    let data = serde_json::to_value(byway.open(LINK).await.unwrap()).unwrap();
    assert_eq!(data["source"], "store");
    assert_eq!((&data["error"]["kind"], &data["error"]["code"]), (&json!("unreached"), &json!("unreached")));
    is_russian(&data["error"]["sentence"]);
}

#[tokio::test(start_paused = true)]
async fn a_note_serialises_with_code_fields_and_sentence() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").post_object(json!({ "id": "odd" }));
    let byway = scene.builder(&["direct:"]).language(Language::Ru).build().await.unwrap();
    let opened = byway.open(LINK).await.unwrap();
    let data = serde_json::to_value(&opened).unwrap();
    let note = &data["notes"][0];
    assert_eq!((&note["code"], &note["count"]), (&json!("posts_odd"), &json!(1)), "{data}");
    assert_eq!(note["sentence"], opened.notes[0].sentence(Language::Ru));
}

#[tokio::test(start_paused = true)]
async fn an_error_serialises_with_kind_and_no_names() {
    let scene = Scene::new();
    cut(&scene);
    let byway = scene.builder(&["direct:"]).language(Language::Ru).build().await.unwrap();
    let error = byway.open(LINK).await.unwrap_err();
    let text = serde_json::to_string(&error.clone()).unwrap();
    names_nobody(&text);
    let data: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&data["kind"], &data["code"]), (&json!("unreached"), &json!("unreached")));
    is_russian(&data["sentence"]);
    is_russian(&data["reachability"]["verdict"]["sentence"]);

    let untried = serde_json::to_value(byway.get("ftp://example.org/").await.unwrap_err()).unwrap();
    assert_eq!((&untried["kind"], &untried["code"]), (&json!("input"), &json!("url")));
    assert_eq!(untried["reachability"], Value::Null);
    is_russian(&untried["sentence"]);
    let unkept = byway.open_with(LINK, OpenOptions { offline: true, ..OpenOptions::default() }).await.unwrap_err();
    is_russian(&serde_json::to_value(unkept).unwrap()["sentence"]);
    let forgotten = byway.refresh(&id()).await.unwrap_err();
    assert_eq!(serde_json::to_value(forgotten).unwrap()["kind"], "not_stored");
}

#[tokio::test(start_paused = true)]
async fn a_page_serialises_with_its_body_in_text_or_base64() {
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    let got = byway.get_with("https://photos.example/1.jpg", GetOptions::default()).await.unwrap();
    let data = serde_json::to_value(&got).unwrap();
    assert_eq!((&data["status"], &data["url"]), (&json!(200), &json!("https://photos.example/1.jpg")));
    assert_eq!(data["body"].as_str().unwrap().len(), 5_000);
    assert!(data.get("body_base64").is_none());
    assert_eq!(data["reachability"]["url"], "https://photos.example/1.jpg");

    scene.lab.host("binary.example").at("203.0.113.31").https().page("/", vec![0xff, 0xfe]);
    let mut got = byway.get("https://binary.example/").await.unwrap();
    let (data, again) = (serde_json::to_value(&got).unwrap(), serde_json::to_value(got.clone()).unwrap());
    assert_eq!((&data["body_base64"], data.get("body")), (&json!("//4="), None));
    assert_eq!(data, again, "a clone is the same page");
    got.clone().settle().await;
    got.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_preview_serialises_who_sees_what() {
    let scene = Scene::new();
    let byway = scene.builder(&scene.all()).language(Language::Ru).build().await.unwrap();
    let preview = byway.preview("vk.com/works_council#exposure=proxied").await.unwrap();
    let data = serde_json::to_value(&preview).unwrap();
    assert_eq!(data["url"], "https://vk.com/works_council");
    assert_eq!((&data["exposure"], &data["kept"], &data["nothing"]), (&json!("proxied"), &json!(false), &Value::Null));
    assert_eq!(data["hosts"][0], "api.vk.ru");
    let way = &data["ways"][0];
    assert!(way["strategy"].as_str().unwrap().contains("198.51.100.7"), "{way}");
    for contact in way["contacts"].as_array().unwrap() {
        assert!(contact["observer"].is_string());
        is_russian(&contact["sentence"]);
    }
    assert!(!data.to_string().contains(LOGIN), "{data}");
    names_nobody(&format!("{preview:?}"));
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let data = serde_json::to_value(byway.preview_with(LINK, offline).await.unwrap()).unwrap();
    assert_eq!((&data["nothing"], &data["ways"]), (&json!("offline"), &json!([])));
    is_russian(&data["nothing_sentence"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_of_posts_serialises_with_its_cursor() {
    let scene = Scene::new();
    let _ = scene.lab.vk().community("works_council").post("We meet on Saturday.");
    let byway = scene.byway(&["direct:"]).await;
    byway.open(LINK).await.unwrap();
    let page = byway.posts(&id(), None, 1).await.unwrap();
    let data = serde_json::to_value(&page).unwrap();
    assert_eq!(data["items"].as_array().unwrap().len(), 1);
    let cursor: byway::Cursor = serde_json::from_value(data["next"].clone()).unwrap();
    assert_eq!(page.next, Some(cursor));
}

#[tokio::test(start_paused = true)]
async fn a_sync_serialises_what_came_of_each() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    byway.open(LINK).await.unwrap();
    byway.set_language(Language::Ru);
    let done = serde_json::to_value(byway.sync_once(&[id()], SyncLimits::default()).await).unwrap();
    assert_eq!((&done["communities"][0]["id"], &done["communities"][0]["outcome"]), (&json!("vk:-77"), &json!("done")));
    assert!(done["bytes"].as_u64() > Some(0) && done["took_ms"].is_u64(), "{done}");
    cut(&scene);
    byway.network_changed();
    let text = serde_json::to_string(&byway.sync_once(&[id()], SyncLimits::default()).await).unwrap();
    names_nobody(&text);
    let failed: Value = serde_json::from_str(&text).unwrap();
    let one = &failed["communities"][0];
    assert_eq!((&one["outcome"], &one["error"]["kind"]), (&json!("failed"), &json!("unreached")));
    is_russian(&one["error"]["sentence"]);
    is_russian(&one["reachability"]["verdict"]["sentence"]);
}

/// An app's log may contain the `Debug` of anything.
#[tokio::test(start_paused = true)]
async fn debug_of_the_evidence_shows_no_name_address_or_statement() {
    let (cut_off, hidden) = (Scene::new(), Scene::new());
    cut(&cut_off);
    let _ = hidden.lab.vk().community("works_council").hidden_in("ru", "Сообщество заблокировано на территории РФ на основании требования Генеральной прокуратуры от 11.11.2016 № 1234");
    let proxy = "socks5://CANARYUSER:CANARYPASSWORD@198.51.100.7";
    for (scene, ways, is_stated) in
        [(&cut_off, &["direct:?dns=system&dns=udp://9.9.9.9", proxy][..], false), (&hidden, &["direct:"], true)]
    {
        let byway = scene.byway(ways).await;
        let opened = byway.open(LINK).await;
        let opened = opened.map_or_else(|error| error.reachability().cloned(), |opened| Some(opened.reachability));
        for met in [opened.unwrap(), byway.probe_with(LINK, allowed()).await.unwrap()] {
            assert!(met.attempts.iter().any(|attempt| attempt.address.is_some()), "something was dialled");
            assert_eq!(met.verdict.statement.is_some(), is_stated, "{}", met.sentence(Language::En));
            let shown = format!("{met:?} {met:#?} {:?} {:?} {:?}", met.attempts, met.verdict, met.restrictions());
            for secret in
                ["198.51.", "203.0.113.", "9.9.9.9", "vk.com", "vk.ru", "CANARY", "works_council", "1234", "прокуратур"]
            {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    }
}

fn allowed() -> ProbeOptions {
    ProbeOptions { allow_direct: true, ..ProbeOptions::default() }
}

/// A person's input in a field is what the person wants to read.
#[tokio::test(start_paused = true)]
async fn an_error_repeats_nothing_of_what_was_typed() {
    let scene = Scene::new();
    let byway = scene.byway(&["direct:"]).await;
    for typed in [
        "works_council",
        "vk.com/works_council",
        "vk.com:443/works_council",
        "works_council:77",
        "https://works_council:pw@vk.com/",
        "https://vk.com:0/works_council",
        "https://works_council\u{7f}/",
        "vk.com/works_council#exposure=works_council",
        "https://vk.com/works_council?a=%zz#exposure=",
    ] {
        for error in [byway.get(typed).await.err(), byway.probe(typed).await.err()].into_iter().flatten() {
            let told = format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap());
            assert!(!told.contains("works_council") && !told.contains("vk.com"), "{typed}: {told}");
        }
        for error in [byway.open(typed).await.err(), byway.preview(typed).await.err()].into_iter().flatten() {
            let told = format!("{error} {error:?} {}", serde_json::to_string(&error).unwrap());
            let told = told.replace("give one like vk.com/NAME or https://vk.com/club123", "");
            assert!(!told.contains("works_council") && !told.contains("vk.com"), "{typed}: {told}");
        }
    }
}
