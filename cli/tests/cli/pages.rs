//! `get` and `probe`: exit codes, documents, events, signals.

use super::*;

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

#[test]
fn the_link_of_a_signed_community_is_probed_at_its_mirror() {
    let link = format!("byway:{}?mirror=http://127.0.0.1:9/", "a1".repeat(32));
    let output = run(&["probe", &link, "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(document(&output)["url"].as_str().unwrap().starts_with("http://127.0.0.1:9/"), "{}", stdout(&output));
    // Its exposure counts: no route may be used.
    let output = run(&["probe", &format!("{link}&exposure=tor"), "-s", "direct:", "--json"]);
    assert!(document(&output)["attempts"].as_array().unwrap().is_empty(), "{}", stdout(&output));
    // A link with a mistake is not taken for a page, and a community is no page.
    for (wrong, expected) in
        [(&["probe", "byway:a1"][..], "64 hexadecimal digits"), (&["get", &link], "`byway open LINK`")]
    {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(stderr(&output).contains(expected), "{wrong:?}: {}", stderr(&output));
    }
}
