//! A site's feed and calendar, and the feed of an onion service, read and kept through a real Tor network.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::daemon::folder;
use crate::origin::SITE;
use crate::program::{Run, byway_with};
use crate::{Censored, censor, tor};

const PAGE: &str = "<html><head><title>Станкозавод</title><link rel='alternate' type='application/rss+xml' href='/feed.xml'>\
                    <link rel='alternate' type='text/calendar' href='/events.ics'></head></html>";

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20990601T170000Z\r\nSUMMARY:Сход\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A feed of so many posts.
fn feed(posts: usize) -> String {
    let item = |n: usize| format!("<item><guid>{n}</guid><title>Запись {n}</title></item>");
    let items: String = (1..=posts).map(item).collect();
    format!(
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Станкозавод</title>{items}</channel></rss>"
    )
}

/// Opens the site and the onion service with exposure `tor`, syncs both, and reads both offline. Nothing is sent directly.
pub(crate) fn are_read_and_kept(site: &Censored, onion: &str, strategy: &str, options: &[&str]) {
    let (seen, device) = (site.censor.seen(), folder());
    let at = |name: &str| device.path().join(name).display().to_string();
    let (data, key) = (at("kept"), at("key"));
    let resolve = format!("{SITE}:{}:{}", site.origin.port, censor::ADDRESS);
    let ca = site.origin.ca().display().to_string();
    let kept = ["--data-dir", &data, "--key-file", &key, "--json"];
    let ways =
        ["--strategy", "direct:", "--strategy", strategy, "--resolve", &resolve, "--ca", &ca, "--exposure", "tor"];
    let online = |arguments: &[&str]| -> Run { byway_with(&[arguments, &kept, &ways, options].concat()) };
    let count = |opened: &Value, list: &str| opened[list].as_array().map_or(0, Vec::len);
    let publish = |posts: usize| {
        for folder in [site.origin.site(), site.origin.served()] {
            publish_in(&folder, posts);
        }
    };

    publish(1);
    let link = format!("{}/news.html", site.origin.site_url());
    let onion = format!("{}feed.xml", onion);
    for (link, formats, events) in [(&link, "[\"rss\",\"calendar\"]", 1), (&onion, "[\"rss\"]", 0)] {
        // A site's calendar has a request of its own, which may be the one that Tor does not carry.
        let has_all = |run: &Run| run.code == 3 && count(&run.json(), "events") == events;
        let run = tor::patiently(|| online(&["open", link]), has_all);
        assert_eq!(run.code, 3, "{run}");
        let opened = run.json();
        assert_eq!(opened["community"]["name"], "Станкозавод", "{run}");
        assert_eq!(opened["reachability"]["reached_by"], strategy, "{run}");
        assert_eq!(opened["notes"][0]["formats"].to_string(), formats, "{run}");
        assert_eq!((count(&opened, "posts"), count(&opened, "events")), (1, events), "{run}");
    }

    publish(3);
    // Each post is new once, whichever of the runs reaches its community.
    let added = RefCell::new(BTreeMap::<String, usize>::new());
    let sync = || {
        let run = online(&["sync"]);
        for one in run.json()["communities"].as_array().unwrap() {
            let new = count(&one["changes"]["posts"], "added");
            *added.borrow_mut().entry(one["id"].to_string()).or_default() += new;
        }
        run
    };
    let run = tor::read_by(sync);
    assert_eq!(run.code, 3, "{run}");
    let added: Vec<usize> = added.into_inner().into_values().collect();
    assert_eq!(added, [2, 2], "{run}");
    let run = tor::read_by(|| online(&["sync", &onion]));
    assert_eq!((run.code, run.json()["communities"].as_array().unwrap().len()), (3, 1), "{run}");

    let run = byway_with(&[&["show", &onion], &kept[..]].concat());
    assert_eq!((run.code, run.json()["posts"].as_array().unwrap().len()), (0, 3), "{run}");
    assert_eq!(site.censor.seen(), seen, "exposure tor tried the direct path");
}

fn publish_in(folder: &Path, posts: usize) {
    fs::write(folder.join("feed.xml"), feed(posts)).unwrap();
    fs::write(folder.join("events.ics"), CALENDAR).unwrap();
    fs::write(folder.join("news.html"), PAGE).unwrap();
}
