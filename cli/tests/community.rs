//! `byway community` from the founding to a web server's folder, through the binary. No output shows a secret.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod admin;

use std::fs;
use std::process::{Command, Stdio};

use admin::{ADMIN, Admin};

#[test]
fn a_page_that_cannot_be_written_costs_no_key() {
    let admin = Admin::new();
    fs::create_dir(admin.0.path().join("zavod")).unwrap();
    std::os::unix::fs::symlink("elsewhere", admin.0.path().join("zavod/index.html")).unwrap();
    let output = admin.run(&[&["new", "Zavod"], &ADMIN[..]].concat());
    assert_ne!(output.status.code(), Some(0));
    fs::remove_file(admin.0.path().join("zavod/index.html")).unwrap();
    admin.done(&["post", "We are here."]);
    assert!(admin.read("zavod/index.html").contains("We are here."));
}

#[test]
fn a_web_server_reads_the_folder_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let admin = Admin::new();
    let mut command = Command::new("sh");
    command.current_dir(admin.0.path()).env("TZ", "UTC").stdin(Stdio::null());
    command.args(["-c", "umask 077; exec \"$0\" community new Zavod \"$@\"", env!("CARGO_BIN_EXE_byway")]);
    assert!(command.args(ADMIN).output().unwrap().status.success());
    let mode = |name: &str| fs::metadata(admin.0.path().join(name)).unwrap().permissions().mode() & 0o777;
    for (name, expected) in [
        ("zavod", 0o755),
        ("zavod/charter", 0o755),
        ("zavod/head.json", 0o644),
        ("zavod/index.html", 0o644),
        ("zavod.keys", 0o600),
    ] {
        assert_eq!(mode(name), expected, "{name}");
    }
}

#[test]
fn a_community_is_founded_written_and_published() {
    let admin = Admin::new();
    let link = admin.done(&["new", "Zavod", "--about", "The plant", "--mirror", "https://zavod.example/"]);
    assert!(link.starts_with("byway:") && link.ends_with("&mirror=zavod.example/"), "{link}");
    let post = admin.done(&["post", "We meet on Friday."]);
    admin.done(&["edit", &post, "We meet on Saturday."]);
    let start = ["--start", "2098-12-21T12:00", "--zone", "Asia/Barnaul", "--place", "At the gate"];
    let event = admin.done(&[&["event", "Gathering"], &start[..]].concat());
    admin.done(&["publish", "--into", "www"]);
    let page = admin.read("www/index.html");
    assert!(page.contains("We meet on Saturday.") && page.contains("12:00 (UTC+7)"), "{page}");
    assert!(!page.contains("Friday") && page.contains(&link.replace('&', "&#38;")), "{page}");
    assert!(admin.read("www/feed.xml").contains("Saturday") && admin.read("www/events.ics").contains("Gathering"));

    admin.done(&[&["event", "Gathering", "--replaces", &event, "--cancelled"], &start[..]].concat());
    admin.done(&["delete", &post]);
    admin.done(&["charter", "--mirror", "https://zavod.example/", "--mirror", "http://zavodzavod.onion/"]);
    admin.done(&["publish", "--into", "www"]);
    let page = admin.read("www/index.html");
    assert!(page.contains("Cancelled.") && !page.contains("Saturday"), "{page}");
    let output = admin.run(&["link", "--dir", "www", "--exposure", "tor"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let id = link.split(['?', '&']).next().unwrap();
    assert!(shown.starts_with(&format!("{id}?exposure=tor&")) && shown.contains("zavodzavod.onion"), "{shown}");
}

#[test]
fn a_picture_is_posted_with_what_it_shows() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod"]);
    let image = image::GrayImage::from_pixel(4, 3, image::Luma([9]));
    image.save(admin.0.path().join("gate.png")).unwrap();
    let output = admin.run(&[&["post", "Look", "--picture", "gate.png"], &ADMIN[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--alt") && said.contains("faces"), "{said}");
    let post = admin.done(&["post", "Look again", "--picture", "gate.png", "--alt", "The closed gate"]);
    let page = admin.read("zavod/index.html");
    assert!(page.contains("alt=\"The closed gate\"") && page.contains("width=\"4\" height=\"3\""), "{page}");
    admin.done(&["edit", &post, "Look away", "--no-pictures"]);
    assert!(!admin.read("zavod/index.html").contains("The closed gate"));
    let refused = admin.run(&[&["post", "x", "--picture", "passphrase"], &ADMIN[..]].concat());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(2) && said.contains("is not a JPEG, PNG or WebP"), "{said}");
    let refused =
        admin.run(&[&["post", "x", "--picture", "gate.png", "--alt", "a", "--alt", "b"], &ADMIN[..]].concat());
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn credentials_that_other_users_can_read_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let admin = Admin::new();
    admin.done(&["new", "Zavod"]);
    let login = admin.0.path().join("login");
    fs::write(&login, "user = anna\npassword = canary\n").unwrap();
    fs::set_permissions(&login, fs::Permissions::from_mode(0o644)).unwrap();
    let into = ["publish", "--into", "https://files.example/", "--credentials", "login"];
    let output = admin.run(&[&into[..], &ADMIN[..]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("chmod 600") && !said.contains("canary"), "{said}");
}

#[test]
fn two_phones_publish_into_one_folder() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    admin.done(&["publish", "--into", "second"]);
    let second = ["--dir", "second", "--keys", "zavod.keys", "--passphrase-file", "passphrase"];
    assert_eq!(admin.run(&[&["post", "From the second"], &second[..]].concat()).status.code(), Some(0));
    assert_eq!(admin.run(&[&["publish", "--into", "www"], &second[..]].concat()).status.code(), Some(0));
    admin.done(&["post", "From the first"]);
    let refused = admin.run(&[&["publish", "--into", "www"], &ADMIN[..]].concat());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), said.contains("another phone may have published")), (Some(2), true), "{said}");
    assert!(!admin.read("www/index.html").contains("From the first"));
    admin.done(&["publish", "--into", "www", "--take-in"]);
    let page = admin.read("www/index.html");
    assert!(page.contains("From the first") && page.contains("From the second"), "{page}");
}

#[test]
fn a_bundle_carries_a_community_to_another_device() {
    let admin = Admin::new();
    let link = admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    admin.done(&["post", "We meet on Friday."]);
    let made = admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]);
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    // Another copy of the folder gives the same bytes: nothing in them is the maker's.
    fs::create_dir(admin.0.path().join("copy")).unwrap();
    for name in ["charter", "head.json", "newest.jsonl"] {
        let (from, to) = (admin.0.path().join("zavod").join(name), admin.0.path().join("copy").join(name));
        if from.is_dir() {
            fs::create_dir(&to).unwrap();
            fs::copy(from.join("1.json"), to.join("1.json")).unwrap();
        } else {
            fs::copy(from, to).unwrap();
        }
    }
    for entry in fs::read_dir(admin.0.path().join("zavod")).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name().to_string_lossy().starts_with("events-") {
            fs::copy(entry.path(), admin.0.path().join("copy").join(entry.file_name())).unwrap();
        }
    }
    admin.run(&["bundle", "--dir", "copy", "--out", "copy.byway"]);
    assert_eq!(
        fs::read(admin.0.path().join("copy.byway")).unwrap(),
        fs::read(admin.0.path().join("zavod.byway")).unwrap()
    );

    let kept = ["--data-dir", "data", "--key-file", "key"];
    let taken = admin.byway(&[&["import", "zavod.byway"], &kept[..]].concat());
    let said = String::from_utf8_lossy(&taken.stdout).into_owned();
    assert!(taken.status.success() && said.contains("Signed by the community."), "{said}");
    let id = link.split('?').next().unwrap();
    let shown = admin.byway(&[&["show", id], &kept[..]].concat());
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("We meet on Friday.") && shown.contains("Signed by the community."), "{shown}");
    let bundle = fs::read(admin.0.path().join("zavod.byway")).unwrap();
    fs::write(admin.0.path().join("cut.byway"), &bundle[..bundle.len() / 2]).unwrap();
    let cut = admin.byway(&[&["import", "cut.byway"], &kept[..]].concat());
    assert_eq!(cut.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&cut.stderr).contains("bundle ends early"));
}

#[test]
fn a_folder_on_a_card_is_read_without_a_network() {
    let admin = Admin::new();
    let link = admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    admin.done(&["post", "We meet on Friday."]);
    admin.done(&["publish", "--into", "card"]);
    let kept = ["--data-dir", "data", "--key-file", "key"];
    let taken = admin.byway(&[&["import", "card"], &kept[..]].concat());
    let said = String::from_utf8_lossy(&taken.stdout).into_owned();
    assert!(
        taken.status.success() && said.contains("We meet on Friday.") && said.contains("Signed by the community."),
        "{said}"
    );
    let id = link.split('?').next().unwrap();
    let address = format!("file://{}/card#{id}", admin.0.path().display());
    let opened = admin.byway(&["open", &address, "-s", "direct:"]);
    assert!(opened.status.success() && String::from_utf8_lossy(&opened.stdout).contains("We meet on Friday."));
    let other = admin.byway(&["open", &format!("file:///none#{id}"), "-s", "direct:"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("is the card inserted?"));
}

#[test]
fn nothing_is_founded_twice_and_no_key_is_replaced() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod"]);
    let keys = fs::read(admin.0.path().join("zavod.keys")).unwrap();
    let again = admin.run(&[&["new", "Zavod"], &ADMIN[..]].concat());
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
    let other = ["--dir", "zavod", "--keys", "other.keys", "--passphrase-file", "passphrase"];
    let other = admin.run(&[&["new", "Zavod"], &other[..]].concat());
    assert_eq!(other.status.code(), Some(2), "{}", String::from_utf8_lossy(&other.stderr));
    assert!(!admin.0.path().join("other.keys").exists(), "keys of nothing");
    assert_eq!(fs::read(admin.0.path().join("zavod.keys")).unwrap(), keys);
    fs::write(admin.0.path().join("passphrase"), "another").unwrap();
    let wrong = admin.run(&[&["post", "x"], &ADMIN[..]].concat());
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("passphrase of the key file"));
}
