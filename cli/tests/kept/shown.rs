//! What is kept is shown without a network: `open --offline`, `list`, `show`, `search`, `events`, `preview`.

use super::*;

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
    for part in [NAME, POST, "From this device, read just now", "What was tried"] {
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
    let shown = stdout(&output);
    assert!(shown.contains(POST) && !shown.contains("What was tried") && !shown.contains("How it was"), "{shown}");

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
    assert!(text.contains("older") && text.contains(NAME), "{text}");
    assert!(stdout(&device.byway(&["search", "nowhere", "--lang", "ru"])).contains("таких слов нет"));

    let cursor = first["next"].as_str();
    if let Some(cursor) = cursor {
        let next = document(&device.byway(&["search", "old", "--in", LINK, "--after", cursor, "--json"]));
        assert_eq!(next["hits"], Value::Array(vec![]));
    }
    let elsewhere = device.byway(&["search", "old", "--in", "vk.com/never_read", "--json"]);
    assert_eq!((elsewhere.status.code(), &document(&elsewhere)["hits"]), (Some(4), &Value::Array(vec![])));
    assert!(refused(&device.byway(&["search", " "])).contains("query is empty"));
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
    let backwards = ["events", "--from", "2026-12-31", "--to", "2026-12-01"];
    assert!(refused(&device.byway(&backwards)).contains("ends before it begins"));
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
fn a_deleted_page_is_still_shown_listed_and_in_the_calendar() {
    let device = Device::new();
    device.read();
    let before = unfolded(&device.byway(&["export", "--ics"]));
    let deleted =
        |id: u64| format!(r#"{{"id":{id},"name":"DELETED","type":"group","is_closed":0,"deactivated":"deleted"}}"#);
    let server = HttpServer::start(move |asked: &ReceivedRequest| {
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
    assert!(after.contains("DESCRIPTION:This event was taken out where it was announced"), "{after}");
    assert!(!after.contains("STATUS:"), "{after}");

    let server = HttpServer::start(move |_: &ReceivedRequest| {
        Answer::json(format!(r#"{{"response":{{"groups":[{}]}}}}"#, deleted(1234)))
    });
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
            "no longer readable there (seen",
        ] {
            assert!(shown.contains(part), "{part} is not in:\n{shown}");
        }
    }
    let listed = stdout(&device.byway(&["list"]));
    assert!(listed.contains(NAME) && listed.contains("it is gone (seen"), "{listed}");
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
