//! `demo`: the whole story, step by step.

use super::*;

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
        // Signed: read, then it moves and asks, then it is followed. The same through Tor.
        (3, "reachable", "tor+socks5", None, "network"),
        (3, "reachable", "tor+socks5", None, "network"),
        (3, "reachable", "tor+socks5", None, "network"),
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
    for step in [2, 4, 5, 6, 8, 10, 11, 12] {
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
    let moved = |step: usize| {
        let notes = result(step)["notes"].as_array().unwrap().iter();
        notes.filter_map(|note| note["code"].as_str()).filter(|code| code.starts_with("move")).collect::<Vec<_>>()
    };
    assert_eq!((moved(10), moved(11), moved(12)), (vec![], vec!["move_asked"], vec!["moved"]), "signed on both sides");
    assert_ne!(result(10)["community"]["id"], result(12)["community"]["id"]);
    assert_eq!(result(8)["posts"].as_array().unwrap().len(), 2);
    assert_eq!(result(8)["events"][0]["start"], result(0)["events"][0]["start"]);
    assert!(result(8)["age_seconds"].as_u64().unwrap() > 86_400);

    for language in ["en", "ru"] {
        let output = run(&["demo", "--lang", language]);
        assert!(stdout(&output).contains("389") && !stdout(&output).contains('\u{1b}'));
        assert_eq!(stderr(&output), "");
        // A command that needs two lines is one for a shell.
        let pasted = stdout(&output).replace(" \\\n    ", " ");
        assert!(
            pasted
                .contains("\n$ byway follow $SIGNED --yes $SUCCESSOR --data-dir kept -s tor+socks5://127.0.0.1:9050\n")
        );
    }
}
