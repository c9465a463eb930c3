//! Calendars that other software writes, on nginx and read through a proxy around a censor. What `byway` exports of them is
//! read by the same software, without an error and with all that RFC 5545 requires of an event.
//!
//! Each library names the zone in another form: python-icalendar by its name in the database, libical by a name of its own
//! with a description, and the calendar of ical.js describes a zone that no database has.

use std::fs;
use std::path::Path;

use crate::daemon::{demand, demand_tool, folder};
use crate::program::byway_with;
use crate::published::{Published, run};

/// The file `name` beside this one.
fn source(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/calendars").join(name).display().to_string()
}

#[test]
fn a_calendar_of_icalendar_is_read_and_written_back() {
    // Debian's own Python has Debian's packages.
    demand("python3", "python3-icalendar");
    is_read_and_written_back(|deed, folder| run("/usr/bin/python3", &[&source("python-icalendar.py"), deed], folder));
}

#[test]
fn a_calendar_of_ical_js_is_read_and_written_back() {
    let library = demand_tool("ical.js/node_modules/ical.js/dist/ical.js").display().to_string();
    is_read_and_written_back(|deed, folder| run("node", &[&source("ical-js.mjs"), deed, &library], folder));
}

#[test]
fn a_calendar_of_libical_is_read_and_written_back() {
    let built = folder();
    let program = built.path().join("libical").display().to_string();
    run("cc", &["-o", &program, &source("libical.c"), "-lical"], built.path());
    is_read_and_written_back(|deed, folder| run(&program, &[deed], folder));
}

/// `library` writes `events.ics` into a folder, or prints what it reads in `exported.ics` there.
fn is_read_and_written_back(library: impl Fn(&str, &Path) -> String) {
    let published = Published::start("");
    let site = published.origin.site();
    library("write", &site);
    let (data, key) = (site.join("kept"), site.join("key"));
    let kept = ["--data-dir", data.to_str().unwrap(), "--key-file", key.to_str().unwrap()];
    let link = format!("{}/events.ics", published.origin.site_url());
    let opened = published.byway(&[&["open", &link, "--json"], &kept[..]].concat());
    assert_eq!(opened.code, 3, "{opened}");
    let document = opened.json();
    let event = &document["events"][0];
    assert_eq!(document["community"]["name"], "Станкозавод", "{opened}");
    assert_eq!((&event["name"], &event["start"]), (&SUMMARY.into(), &"2098-03-08T12:00:00+07:00".into()), "{opened}");
    assert_eq!(event["place"]["name"], PLACE, "{opened}");
    let text = format!("Первая строка\nвторая {}", "очень ".repeat(40));
    assert_eq!(event["text"].as_str().map(str::trim_end), Some(text.trim_end()), "{opened}");
    let notes = document["notes"].as_array().unwrap();
    assert!(notes.iter().all(|note| note["code"] == "found"), "{notes:?}");

    let exported = byway_with(&[&["export", "--ics", "--out", "-"], &kept[..]].concat());
    assert_eq!(exported.code, 0, "{exported}");
    fs::write(site.join("exported.ics"), &exported.stdout).unwrap();
    let said = library("read", &site);
    assert_eq!(said.trim_end(), format!("{SUMMARY}|2098-03-08T05:00:00Z|{PLACE}"), "{exported}");
}

const SUMMARY: &str = "Сход, «в субботу»; и ужин";
const PLACE: &str = "Площадь у проходной, ворота 2";
