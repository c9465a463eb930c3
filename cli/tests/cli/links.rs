//! `link` and `strategies`: what is checked without sending anything.

use super::*;

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
