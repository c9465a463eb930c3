//! The web site beside a published community, read by programs that are not ours and by our own reader of web sites.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::daemon::{demand, folder};
use crate::program::byway_with;
use crate::published::{Published, run};

#[test]
fn a_published_site_is_read_by_other_programs() {
    // Debian's own Python has Debian's packages.
    demand("python3", "python3-feedparser and python3-icalendar");
    let web = Published::start("");
    let device = folder();
    let at = |name: &str| device.path().join(name).display().to_string();
    fs::write(at("passphrase"), "correct horse battery canary\n").unwrap();
    let (dir, keys, passphrase) = (at("zavod"), at("zavod.keys"), at("passphrase"));
    let kept = ["--dir", &dir, "--keys", &keys, "--passphrase-file", &passphrase];
    let site = web.origin.site().display().to_string();
    let text = "Сход <b>в пятницу</b> & ужин";
    let event =
        ["event", "Сход; у ворот", "--start", "2098-12-21T12:00", "--zone", "Asia/Barnaul", "--place", "У проходной"];
    for arguments in [
        &["new", "Станкозавод & люди"][..],
        &["post", text],
        &["post", "Второй пост"],
        &event,
        &["publish", "--into", &site],
    ] {
        let done = byway_with(&[&["community"], arguments, &kept].concat());
        assert_eq!(done.code, 0, "{done}");
    }

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/sites/read.py");
    let read: Value =
        serde_json::from_str(&run("/usr/bin/python3", &[&script.display().to_string(), &site], device.path())).unwrap();
    assert_eq!((&read["is_malformed"], &read["version"]), (&false.into(), &"atom10".into()), "{read}");
    assert_eq!(read["title"], "Станкозавод & люди");
    let escaped = "<p>Сход &lt;b&gt;в пятницу&lt;/b&gt; &amp; ужин</p>";
    assert_eq!(read["entries"], json!(["<p>Второй пост</p>", escaped]), "{read}");
    assert_ne!(read["ids"][0], read["ids"][1]);
    assert_eq!(read["gatherings"], json!([["Сход; у ворот", "2098-12-21T12:00:00+07:00", "У проходной"]]), "{read}");

    // Our own reader of web sites, by the front page, which names the feed and the calendar.
    let opened = web.byway(&["open", &format!("{}/", web.origin.site_url()), "--json"]);
    assert_eq!(opened.code, 3, "{opened}");
    let document = opened.json();
    assert_eq!(document["community"]["name"], "Станкозавод & люди", "{opened}");
    let posts = document["posts"].as_array().unwrap();
    assert!(posts.len() == 2 && posts.iter().any(|post| post["text"].as_str().unwrap().contains(text)), "{opened}");
    assert_eq!(document["events"][0]["name"], "Сход; у ворот", "{opened}");
}
