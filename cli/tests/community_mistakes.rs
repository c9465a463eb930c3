//! What `byway community` does where an admin makes a mistake: nothing is lost, no secret is published, and the answer is true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod admin;

use std::fs;
use std::process::Output;

use admin::{ADMIN, Admin};

impl Admin {
    fn founded() -> Self {
        let admin = Self::new();
        admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
        admin
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// What it says when it refuses.
    fn refused(&self, arguments: &[&str]) -> String {
        said(&self.run(arguments), 2)
    }

    /// The same with the folder and the keys.
    fn refused_admin(&self, arguments: &[&str]) -> String {
        self.refused(&[arguments, &ADMIN].concat())
    }
}

fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stdout));
    text
}

#[test]
fn no_output_replaces_a_key_file_or_a_text() {
    let admin = Admin::founded();
    let kept = ["--data-dir", "data", "--key-file", "store.key"];
    admin.refused(&["bundle", "--dir", "zavod", "--out", "zavod.keys"]);
    fs::write(admin.path("letter"), "Dear friends").unwrap();
    assert_eq!(admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]).status.code(), Some(0));
    assert!(admin.byway(&[&["import", "zavod.byway"], &kept[..]].concat()).status.success());
    let before = ["zavod.keys", "store.key", "letter"].map(|name| fs::read(admin.path(name)).unwrap());
    for name in ["zavod.keys", "store.key", "letter"] {
        for command in [
            &["community", "bundle", "--dir", "zavod", "--out", name][..],
            &["community", "link", "--dir", "zavod", "--svg", name],
            &["link", "vk.com/zavod", "--svg", name],
            &[&["export", "--ics", "--out", name], &kept[..]].concat(),
            &[&["export", "--opml", "--out", name], &kept[..]].concat(),
        ] {
            assert!(said(&admin.byway(command), 2).contains("a file of another kind"), "{command:?}");
        }
    }
    let after = ["zavod.keys", "store.key", "letter"].map(|name| fs::read(admin.path(name)).unwrap());
    assert!(before == after);
    // What the command wrote itself is replaced, and an empty file too.
    fs::write(admin.path("empty"), "").unwrap();
    for _ in 0..2 {
        for command in [
            &["community", "bundle", "--dir", "zavod", "--out", "empty"][..],
            &["community", "link", "--dir", "zavod", "--svg", "link.svg"],
            &[&["export", "--ics", "--out", "events.ics"], &kept[..]].concat(),
            &[&["export", "--opml", "--out", "list.opml"], &kept[..]].concat(),
        ] {
            said(&admin.byway(command), 0);
        }
    }
}

#[test]
fn secrets_stay_out_of_a_folder_that_is_published() {
    let admin = Admin::founded();
    let told = "everyone can fetch";
    for keys in ["zavod/zavod.keys", "./zavod/../zavod/deep.keys"] {
        let refused = admin.refused(&["new", "Q", "--dir", "other", "--keys", keys, "--passphrase-file", "passphrase"]);
        assert!(refused.contains(told), "{refused}");
    }
    let refused =
        admin.refused(&["new", "Q", "--dir", "other", "--keys", "other/q.keys", "--passphrase-file", "passphrase"]);
    assert!(refused.contains(told) && !admin.path("other").exists(), "{refused}");
    assert!(admin.refused_admin(&["rotate", "--new-keys", "zavod/new.keys"]).contains(told));
    assert!(admin.refused_admin(&["publish", "--into", "."]).contains(told));
    fs::create_dir(admin.path("web")).unwrap();
    fs::rename(admin.path("zavod"), admin.path("web/zavod")).unwrap();
    let dir = ["--dir", "web/zavod", "--keys", "zavod.keys", "--passphrase-file", "passphrase"];
    assert!(admin.refused(&[&["publish", "--into", "web"], &dir[..]].concat()).contains("own folder lies in it"));
    fs::copy(admin.path("passphrase"), admin.path("web/zavod/passphrase")).unwrap();
    let leaky = ["--dir", "web/zavod", "--keys", "zavod.keys", "--passphrase-file", "web/zavod/passphrase"];
    assert!(admin.refused(&[&["post", "x"], &leaky[..]].concat()).contains(told));
    let store = admin.byway(&["list", "--data-dir", "web/zavod/data", "--key-file", "k"]);
    assert_eq!(store.status.code(), Some(2));
    let opened = admin.byway(&["open", "vk.com/zavod", "--data-dir", "web/zavod", "--key-file", "k"]);
    assert!(said(&opened, 2).contains("the folder of a signed community"));
    let below = admin.byway(&["open", "vk.com/zavod", "--data-dir", "web/zavod/data", "--key-file", "k"]);
    assert!(said(&below, 2).contains(told) && !admin.path("web/zavod/data").exists() && !admin.path("k").exists());
}

#[test]
fn what_must_not_be_public_is_kept_out_of_public_folders() {
    let admin = Admin::founded();
    admin.done(&["publish", "--into", "web"]);
    let (told, kept) = ("everyone can fetch", ["--data-dir", "data", "--key-file", "store.key"]);
    said(&admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]), 0);
    said(&admin.byway(&[&["import", "zavod.byway"], &kept[..]].concat()), 0);
    for folder in ["zavod", "web", "web/charter", "./web/../zavod"] {
        let file = format!("{folder}/x");
        for arguments in [
            &["freeze", "--prepare", &file][..],
            &["rotate", "--new-keys", "new.keys", "--propose", &file],
            &["charter", "--about", "x", "--propose", &file],
        ] {
            assert!(admin.refused_admin(arguments).contains(told), "{arguments:?}");
        }
        let founding = ["new", "Q", "--propose", &file, "--dir", "q", "--keys", "q.keys"];
        let founding = admin.refused(&[&founding[..], &["--passphrase-file", "passphrase"]].concat());
        assert!(founding.contains(told), "{founding}");
        let link = admin.run(&["link", "--dir", "zavod"]);
        let link = String::from_utf8_lossy(&link.stdout).lines().next().unwrap().to_owned();
        fs::write(admin.path("list"), "direct:\n").unwrap();
        let pack = [
            "routes",
            "pack",
            "list",
            "--for",
            &link,
            "--expires",
            "2027-01-01",
            "--keys",
            "zavod.keys",
            "--out",
            &file,
        ];
        for command in [
            &[&pack[..], &["--passphrase-file", "passphrase", "--pack-passphrase-file", "passphrase"]].concat(),
            &[&["export", "--opml", "--out", &file], &kept[..]].concat(),
            &[&["export", "--ics", "--out", &file], &kept[..]].concat(),
        ] {
            assert!(said(&admin.byway(command), 2).contains(told), "{command:?}");
        }
        assert!(!admin.path(&file).exists());
    }
    let into_new =
        ["new", "Q", "--propose", "q/x", "--dir", "q", "--keys", "q.keys", "--passphrase-file", "passphrase"];
    assert!(admin.refused(&into_new).contains(told), "the folder of a community that is founded later");
    assert!(!admin.path("q.keys").exists() && !admin.path("new.keys").exists(), "no key is left of it");
}

/// Copies the folder of the community.
fn copied(admin: &Admin, from: &str, to: &str) {
    let _ = fs::remove_dir_all(admin.path(to));
    fs::create_dir_all(admin.path(to).join("charter")).unwrap();
    for folder in ["", "charter"] {
        for entry in fs::read_dir(admin.path(from).join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), admin.path(to).join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
}

#[test]
fn a_rotation_that_was_cut_short_goes_on_with_its_keys() {
    let admin = Admin::founded();
    admin.done(&["post", "before"]);
    copied(&admin, "zavod", "old");
    admin.done(&["rotate", "--new-keys", "new.keys"]);
    copied(&admin, "zavod", "rotated");
    let keys = fs::read(admin.path("new.keys")).unwrap();
    let rotates = ["rotate", "--new-keys", "new.keys"];
    let with_new = ["--dir", "zavod", "--keys", "new.keys", "--passphrase-file", "passphrase"];
    // Killed before the charter, between the charter and the head, and at the end.
    for (begun, charter, told) in [
        ("old", false, "They are taken as the new ones"),
        ("old", true, "replaced by an earlier run already"),
        ("rotated", true, "replaced by an earlier run already"),
    ] {
        copied(&admin, begun, "zavod");
        if charter {
            fs::copy(admin.path("rotated/charter/2.json"), admin.path("zavod/charter/2.json")).unwrap();
        }
        let again = said(&admin.run(&[&rotates[..], &ADMIN].concat()), 0);
        assert!(again.contains(told), "{begun} {charter}: {again}");
        assert_eq!(fs::read(admin.path("new.keys")).unwrap(), keys);
        said(&admin.run(&[&["post", "after"], &with_new[..]].concat()), 0);
        assert!(admin.refused_admin(&["post", "x"]).contains("use the key file that was made then"));
    }
    // The old key is no new one, and neither is a key that the community does not have where it was replaced already.
    copied(&admin, "old", "zavod");
    fs::copy(admin.path("zavod.keys"), admin.path("copy.keys")).unwrap();
    assert!(admin.refused_admin(&["rotate", "--new-keys", "copy.keys"]).contains("key file already"));
    copied(&admin, "rotated", "zavod");
    let other = ["key", "new", "--keys", "other.keys", "--passphrase-file", "passphrase"];
    said(&admin.run(&other), 0);
    let refused = admin.refused_admin(&["rotate", "--new-keys", "other.keys"]);
    assert!(refused.contains("does not allow these keys"), "{refused}");
}

#[test]
fn a_community_s_own_folder_is_renewed_by_publish() {
    let admin = Admin::founded();
    let before = admin.read("zavod/head.json");
    assert!(admin.done(&["publish", "--into", "./zavod"]).contains("files written:"));
    assert_ne!(before, admin.read("zavod/head.json"));
}

#[test]
fn wrong_key_files_are_named_for_what_they_are() {
    let admin = Admin::founded();
    let with =
        |keys: &str| admin.refused(&["post", "x", "--dir", "zavod", "--keys", keys, "--passphrase-file", "passphrase"]);
    let none = with("passphrase");
    assert!(none.contains("not the key file of a community") && !none.contains("wipe"), "{none}");
    assert!(with("absent.keys").to_lowercase().contains("absent.keys: there is no key file"));
    let missing = admin.refused(&["new", "Q", "--dir", "q", "--keys", "sub/q.keys", "--passphrase-file", "passphrase"]);
    assert!(missing.contains("sub: there is no such folder"), "{missing}");
    admin.done(&["rotate", "--new-keys", "new.keys"]);
    let shown = String::from_utf8_lossy(&admin.run(&["link", "--dir", "zavod"]).stdout).into_owned();
    let theirs = shown.lines().find_map(|line| line.strip_prefix("Keys: ")).unwrap();
    let old = with("zavod.keys");
    assert!(old.contains("Keys in the file: ") && old.contains(&format!("keys of the community: {theirs}.")), "{old}");
}

#[test]
fn a_folder_that_cannot_be_used_is_named_with_the_reason() {
    let admin = Admin::founded();
    fs::write(admin.path("file"), "x").unwrap();
    let into = admin.refused_admin(&["publish", "--into", "file"]);
    assert!(into.contains("cannot use file: it is not a directory"), "{into}");
    let dir = admin.refused(&["new", "Q", "--dir", "file/q", "--keys", "q.keys", "--passphrase-file", "passphrase"]);
    assert!(dir.contains("file/q") && !admin.path("q.keys").exists(), "{dir}");
}

#[test]
fn all_lines_that_link_prints_may_be_pasted() {
    let admin = Admin::founded();
    let other = ["--dir", "next", "--keys", "next.keys", "--passphrase-file", "passphrase"];
    said(&admin.run(&[&["new", "Next", "--mirror", "https://next.example/"], &other[..]].concat()), 0);
    let shown = String::from_utf8_lossy(&admin.run(&["link", "--dir", "next"]).stdout).into_owned();
    assert!(shown.lines().count() > 2);
    admin.done(&["move", "--to", &shown]);
}

#[test]
fn the_page_keeps_the_language_of_its_founding() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--lang", "ru"]);
    admin.done(&["post", "We are here."]);
    assert!(admin.read("zavod/index.html").contains("<html lang=\"ru\""));
    admin.done(&["charter", "--page-language", "en"]);
    admin.done(&["post", "We are here too.", "--lang", "ru"]);
    assert!(admin.read("zavod/index.html").contains("<html lang=\"en\""));
    assert!(!admin.path("zavod/charter/2.json").exists(), "the language is no matter of the charter");
}

#[test]
fn a_charter_is_signed_only_for_a_change() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--mirror", "завод.рф", "--page", "vk.com/zavod"]);
    let again = ["charter", "--name", "Zavod", "--mirror", "https://xn--80aegj1b.xn--p1ai/"];
    let output = admin.run(&[&again[..], &ADMIN[..]].concat());
    assert!(said(&output, 0).contains("nothing to change") && !admin.path("zavod/charter/2.json").exists());
    assert!(admin.read("zavod/index.html").contains("https://vk.com/zavod"));
    admin.done(&["charter", "--no-pages"]);
    assert!(admin.path("zavod/charter/2.json").exists() && !admin.read("zavod/index.html").contains("vk.com"));
    for (arguments, why) in [
        (&["charter", "--mirror", "ftp://zavod.example/"][..], "a web address like"),
        (&["charter", "--name", " "], "The name is empty"),
        (&["post", "a\u{7}b"], "The text has control characters"),
        (
            &["event", "Gathering", "--start", "2098-12-21T12:00", "--end", "2098-12-21T11:00", "--zone", "UTC"],
            "after the start",
        ),
    ] {
        let refused = admin.refused_admin(arguments);
        assert!(refused.contains(why), "{arguments:?}: {refused}");
    }
}

#[test]
fn an_announcement_shows_the_time_that_readers_see() {
    let admin = Admin::founded();
    let event = ["event", "Gathering", "--start", "2098-12-21T12:00:00+07:00"];
    let output = admin.run(&[&event[..], &ADMIN[..]].concat());
    assert!(said(&output, 0).contains("Readers see: 2098-12-21 12:00 (UTC+7)"));
    assert!(admin.read("zavod/index.html").contains("12:00 (UTC+7)"));
}

#[test]
fn every_form_of_the_link_finds_the_kept_community() {
    let admin = Admin::founded();
    admin.done(&["post", "We meet on Friday."]);
    said(&admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]), 0);
    let kept = ["--data-dir", "data", "--key-file", "store.key"];
    let with = |arguments: &[&str]| admin.byway(&[arguments, &kept].concat());
    said(&with(&["import", "zavod.byway"]), 0);
    let shown = String::from_utf8_lossy(&admin.run(&["link", "--dir", "zavod"]).stdout).into_owned();
    let link = shown.lines().next().unwrap();
    let id = link.split('?').next().unwrap();
    let bare = id.trim_start_matches("byway:");
    for form in [link, id, bare, &bare.to_ascii_uppercase(), &format!("https://zavod.example/#{link}")] {
        let found = with(&["show", form]);
        assert!(String::from_utf8_lossy(&found.stdout).contains("We meet on Friday."), "{form}: {}", said(&found, 0));
        said(&with(&["search", "--in", form, "Friday"]), 0);
        said(&with(&["export", form, "--ics"]), 0);
    }
    let offline = with(&["open", id, "--offline"]);
    assert!(String::from_utf8_lossy(&offline.stdout).contains("We meet on Friday."), "{offline:?}");
    assert!(said(&with(&["follow", link]), 4).contains("no successor is named by"));
    let nowhere = admin.byway(&["follow", link, "--data-dir", "other", "--key-file", "other.key"]);
    assert!(said(&nowhere, 2).contains("no store here"));
    assert!(!admin.path("other").exists() && !admin.path("other.key").exists());
}

#[test]
fn a_folder_needs_no_route_for_its_exposure() {
    let admin = Admin::founded();
    let folder = format!("file://{}", admin.path("zavod").display());
    for exposure in ["proxied", "tor"] {
        for command in [&["preview"][..], &["open", "--data-dir", "data", "--key-file", "store.key"]] {
            let output = admin.byway(&[command, &[&folder, "--exposure", exposure]].concat());
            said(&output, 0);
        }
    }
    let kept = admin.byway(&["export", "--opml", "--data-dir", "data", "--key-file", "store.key"]);
    assert!(String::from_utf8_lossy(&kept.stdout).contains("exposure=tor"), "{kept:?}");
}

#[test]
fn an_answer_about_a_successor_names_the_one_that_was_shown() {
    let admin = Admin::founded();
    let next = ["--dir", "next", "--keys", "next.keys", "--passphrase-file", "passphrase"];
    said(&admin.run(&[&["new", "Next", "--mirror", "https://next.example/"], &next[..]].concat()), 0);
    let shown = String::from_utf8_lossy(&admin.run(&["link", "--dir", "next"]).stdout).into_owned();
    let link = shown.lines().next().unwrap();
    admin.done(&["move", "--to", &shown]);
    said(&admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]), 0);
    let kept = ["--data-dir", "data", "--key-file", "store.key"];
    said(&admin.byway(&[&["import", "zavod.byway"], &kept[..]].concat()), 0);
    let shown = String::from_utf8_lossy(&admin.run(&["link", "--dir", "zavod"]).stdout).into_owned();
    let id = shown.lines().next().unwrap().split('?').next().unwrap();
    let follow = |answer: &[&str]| admin.byway(&[&["follow", id], answer, &kept[..]].concat());
    // A look without a proxy or Tor contacts nothing, and can be answered.
    let looked = follow(&[]);
    let offered = format!("{}?mirror=next.example/", link.split('?').next().unwrap());
    let told = format!("{}{}", String::from_utf8_lossy(&looked.stdout), said(&looked, 4));
    for part in [
        "one key was enough",
        "Only the community names this address",
        &format!("byway follow {id} --yes '{offered}'"),
        &format!("byway follow {id} --stay '{offered}'"),
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let other = format!("byway:{}", "0".repeat(64));
    for flag in ["--yes", "--stay"] {
        assert!(said(&follow(&[flag, &other]), 2).contains("named successor has changed"));
        assert!(said(&follow(&[flag, "nonsense"]), 2).contains("not the link of a successor"));
        said(&follow(&[flag]), 2);
    }
    let bare = link.split('?').next().unwrap();
    assert!(said(&follow(&["--yes", bare]), 2).contains("named successor has changed"), "its address was not named");
    assert!(said(&follow(&["--stay", bare]), 0).contains("stays at this community"), "a no is for the community");
    assert!(said(&follow(&["--stay", link]), 0).contains("stays at this community"));
}
