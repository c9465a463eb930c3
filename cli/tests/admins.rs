//! Several admins of one community, through the binary: what two phones approve, what one stolen key cannot do, what readers see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery canary";

/// A folder with the key files of some people.
struct Room(TempDir);

impl Room {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let passphrase = folder.path().join("passphrase");
        fs::write(&passphrase, format!("{PASSPHRASE}\n")).unwrap();
        fs::set_permissions(passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn byway(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
        command.current_dir(self.0.path()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
        command.args(arguments).output().unwrap()
    }

    /// What a command prints, on both outputs. It succeeds, and shows no secret.
    fn done(&self, arguments: &[&str]) -> String {
        let (code, said) = self.ended(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        said
    }

    /// What a command says that is refused.
    fn refused(&self, arguments: &[&str]) -> String {
        let (code, said) = self.ended(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        said
    }

    fn ended(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.byway(&[&["community"], arguments].concat());
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains(PASSPHRASE));
        (output.status.code(), said)
    }

    /// Makes a key file, and gives the line for the other admins.
    fn key(&self, name: &str) -> String {
        let said = self.done(&["key", "new", "--keys", name, "--passphrase-file", "passphrase"]);
        said.lines().next().unwrap().to_owned()
    }

    /// With the folder, and the keys of a person.
    fn by(&self, keys: &str, arguments: &[&str]) -> String {
        self.done(&[arguments, &["--dir", "zavod", "--keys", keys, "--passphrase-file", "passphrase"]].concat())
    }

    fn by_refused(&self, keys: &str, arguments: &[&str]) -> String {
        self.refused(&[arguments, &["--dir", "zavod", "--keys", keys, "--passphrase-file", "passphrase"]].concat())
    }

    /// A person signs a proposal.
    fn signed(&self, keys: &str, proposal: &str) -> String {
        let dir = if self.path("zavod").exists() { &["--dir", "zavod"][..] } else { &[] };
        self.done(&[&["approve", proposal, "--keys", keys, "--passphrase-file", "passphrase"], dir].concat())
    }

    /// A community of `a.keys`, `b.keys` and `c.keys`, of whom two must sign; all three publish. The lines of their keys.
    fn three_admins(&self, mirror: &str) -> [String; 3] {
        let lines = ["a.keys", "b.keys", "c.keys"].map(|name| self.key(name));
        let [_, b, c] = &lines;
        let mut new = vec!["new", "Zavod", "--mirror", mirror, "--threshold", "2", "--propose", "founding"];
        for line in [b, c] {
            new.extend(["--root-key", line, "--publisher", line]);
        }
        self.by("a.keys", &new);
        let alone = self.by_refused("a.keys", &["publish", "--proposal", "founding"]);
        assert!(alone.contains("More admins have to sign"), "{alone}");
        assert!(!self.path("zavod/head.json").exists());
        let said = self.signed("b.keys", "founding");
        assert!(said.contains("2 / 3") && said.contains("Enough have signed"), "{said}");
        self.by("a.keys", &["publish", "--proposal", "founding"]);
        lines
    }
}

/// A web server for the folder `www` of a room, at a free port.
fn web(room: &Room) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let folder = room.path("www");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut request) = (stream.unwrap(), Vec::new());
            let mut part = [0; 4096];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let name = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
            let (status, body) = match fs::read(folder.join(name)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    at
}

const KEPT: [&str; 4] = ["--data-dir", "data", "--key-file", "key"];

/// What a reader sees at the mirror, with what it keeps from earlier readings.
fn seen(room: &Room, link: &str) -> String {
    let opened = room.byway(&[&["open", link], &KEPT[..]].concat());
    format!("{}{}", String::from_utf8_lossy(&opened.stdout), String::from_utf8_lossy(&opened.stderr))
}

fn link(room: &Room) -> String {
    room.done(&["link", "--dir", "zavod"]).lines().next().unwrap().to_owned()
}

#[test]
fn two_of_three_admins_change_a_charter() {
    let room = Room::new();
    let [_, b, _] = room.three_admins("https://zavod.example/");
    let alone = room.by_refused("a.keys", &["charter", "--name", "Mine"]);
    assert!(alone.contains("More admins have to sign") && alone.contains("--propose"), "{alone}");
    let proposed = room.by("a.keys", &["charter", "--name", "Zavod 2", "--propose", "next"]);
    assert!(proposed.contains("“Zavod 2” (was: “Zavod”)"), "{proposed}");
    assert!(proposed.contains("Takes effect on, by its date: 20"), "{proposed}");
    // The second phone sees what would change before it has a key, and signs it.
    let shown = room.done(&["approve", "next", "--dir", "zavod"]);
    assert!(shown.contains("“Zavod 2” (was: “Zavod”)") && shown.contains("at least: 1"), "{shown}");
    // A change that is compared with no folder could be the rival of one that is in force.
    let alone = room.refused(&["approve", "next", "--keys", "b.keys", "--passphrase-file", "passphrase"]);
    assert!(alone.contains("--dir") && alone.contains("up to date"), "{alone}");
    let signed = room.by("b.keys", &["approve", "next", "--qr"]);
    let approval = signed.lines().find(|line| line.starts_with("byway-approval:")).unwrap();
    assert!(signed.contains('█'), "{signed}");
    assert!(room.done(&["approve", "next"]).contains("with --dir"));
    // The line alone is enough as well.
    room.by("a.keys", &["charter", "--name", "Zavod 3", "--propose", "again", "--instead"]);
    let other = room.by_refused("a.keys", &["publish", "--proposal", "again", "--approval", "byway-approval:AAAA"]);
    assert!(other.contains("not an approval"), "{other}");
    let shown = room.by("c.keys", &["publish", "--proposal", "next", "--approval", approval]);
    assert!(shown.contains("“Zavod 2” (was: “Zavod”)"), "what is put in force is shown: {shown}");
    let outdated = room.refused(&["approve", "again", "--dir", "zavod"]);
    assert!(outdated.contains("another charter since"), "{outdated}");
    // Anyone of the three publishes posts alone.
    for keys in ["a.keys", "b.keys", "c.keys"] {
        room.by(keys, &["post", keys]);
    }
    let page = fs::read_to_string(room.path("zavod/index.html")).unwrap();
    assert!(page.contains("Zavod 2") && page.contains("c.keys"), "{page}");
    assert!(b.starts_with("byway-keys:") && b.len() == 145, "{b}");
}

#[test]
fn a_bad_or_foreign_proposal_is_one_sentence() {
    let room = Room::new();
    room.three_admins("https://zavod.example/");
    room.by("a.keys", &["charter", "--name", "Zavod 2", "--propose", "next"]);
    // Another change in the same place is not signed unasked.
    let rival = room.by_refused("a.keys", &["charter", "--name", "Zavod 3", "--propose", "rival"]);
    assert!(rival.contains("signed another change") && rival.contains("--instead"), "{rival}");
    assert!(!room.path("rival").exists());
    room.key("stranger.keys");
    let stranger = room.by_refused("stranger.keys", &["approve", "next"]);
    assert!(stranger.contains("no say in it"), "{stranger}");
    let bytes = fs::read_to_string(room.path("next")).unwrap();
    assert!(!bytes.contains("secret") && bytes.len() < 8192, "{}", bytes.len());
    for damaged in [bytes.replacen("payload\":\"e", "payload\":\"f", 2), bytes[..bytes.len() / 2].to_owned()] {
        fs::write(room.path("damaged"), damaged).unwrap();
        let said = room.by_refused("b.keys", &["approve", "damaged"]);
        assert!(said.contains("not a proposal for a community"), "{said}");
    }
    // A proposal for another community of the same people.
    let other = ["--dir", "other", "--keys", "d.keys", "--passphrase-file", "passphrase"];
    room.done(&[&["new", "Other"], &other[..]].concat());
    room.done(&[&["charter", "--name", "Zavod", "--propose", "foreign"], &other[..]].concat());
    let said = room.refused(&["approve", "foreign", "--dir", "zavod"]);
    assert!(said.contains("for another community"), "{said}");
    let mistyped = room.by_refused("a.keys", &["charter", "--root-key", "byway-keys:AAAA", "--propose", "x"]);
    assert!(mistyped.contains("--root-key") && mistyped.contains("mistyped"), "{mistyped}");
}

#[test]
fn a_stolen_root_key_alone_changes_nothing() {
    let room = Room::new();
    let [_, b, c] = room.three_admins("https://zavod.example/");
    let before = fs::read(room.path("zavod/head.json")).unwrap();
    for change in [
        &["charter", "--remove", &b, "--remove", &c, "--threshold", "1"][..],
        &["rotate", "--new-keys", "thief.keys"],
        &["move", "--nowhere"],
    ] {
        let said = room.by_refused("a.keys", change);
        assert!(said.contains("More admins have to sign"), "{said}");
    }
    let take = ["charter", "--remove", &b, "--remove", &c, "--threshold", "1", "--propose", "theft"];
    let shown = room.by("a.keys", &take);
    assert!(shown.contains("No longer decides") && shown.contains("1 / 1 (was: 2 / 3)"), "{shown}");
    assert!(room.by_refused("a.keys", &["publish", "--proposal", "theft"]).contains("More admins"));
    room.by("a.keys", &["freeze", "--prepare", "frozen"]);
    assert!(room.refused(&["freeze", "--publish", "frozen", "--into", "zavod"]).contains("More admins"));
    assert_eq!(fs::read(room.path("zavod/head.json")).unwrap(), before);
}

#[test]
fn a_lost_phone_is_replaced_and_its_key_signs_no_more() {
    let room = Room::new();
    let at = web(&room);
    let mirror = format!("http://{at}/");
    let [a, _, _] = room.three_admins(&mirror);
    room.by("a.keys", &["post", "By the lost phone"]);
    room.by("a.keys", &["publish", "--into", "www"]);
    let link = link(&room);
    let first = seen(&room, &link);
    assert!(first.contains("By the lost phone") && first.contains("Signed by the community."), "{first}");
    // The thief has the whole folder of the lost phone.
    copy(&room, "zavod", "stolen");
    let d = room.key("d.keys");
    let change = ["charter", "--remove", &a, "--root-key", &d, "--publisher", &d, "--propose", "next"];
    room.by("b.keys", &change);
    room.signed("c.keys", "next");
    room.by("d.keys", &["publish", "--proposal", "next", "--into", "www"]);
    room.by("d.keys", &["post", "By the new phone"]);
    room.by("d.keys", &["publish", "--into", "www"]);
    assert!(seen(&room, &link).contains("By the new phone"));
    let said = room.by_refused("a.keys", &["post", "By the thief"]);
    assert!(said.contains("does not allow these keys"), "{said}");
    // The thief goes on in the stolen folder, and gets it onto the web server.
    let stolen = ["--dir", "stolen", "--keys", "a.keys", "--passphrase-file", "passphrase"];
    room.done(&[&["post", "By the thief"], &stolen[..]].concat());
    copy(&room, "stolen", "www");
    let after = seen(&room, &link);
    assert!(after.contains("By the new phone") && !after.contains("By the thief"), "{after}");
}

#[test]
fn a_stolen_routine_key_ends_with_the_next_charter() {
    let room = Room::new();
    let at = web(&room);
    let link = {
        let [_, _, c] = room.three_admins(&format!("http://{at}/"));
        room.by("c.keys", &["post", "By the thief"]);
        room.by("c.keys", &["publish", "--into", "www"]);
        assert!(seen(&room, &link(&room)).contains("By the thief"));
        let charters = room.by_refused("c.keys", &["charter", "--name", "Thieves"]);
        assert!(charters.contains("More admins"), "{charters}");
        copy(&room, "zavod", "stolen");
        room.by("a.keys", &["charter", "--remove", &c, "--propose", "next"]);
        room.signed("b.keys", "next");
        room.by("a.keys", &["publish", "--proposal", "next"]);
        let posts = fs::read_to_string(room.path("zavod/newest.jsonl")).unwrap();
        let name = posts.split("[\"d\",\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        room.by("a.keys", &["delete", &name]);
        room.by("a.keys", &["post", "We are back"]);
        room.by("a.keys", &["publish", "--into", "www"]);
        link(&room)
    };
    let shown = seen(&room, &link);
    assert!(shown.contains("We are back") && shown.contains("deleted by its author"), "{shown}");
    let stolen = ["--dir", "stolen", "--keys", "c.keys", "--passphrase-file", "passphrase"];
    room.done(&[&["post", "Again"], &stolen[..]].concat());
    copy(&room, "stolen", "www");
    let shown = seen(&room, &link);
    assert!(shown.contains("We are back") && !shown.contains("Again"), "{shown}");
}

#[test]
fn a_recovery_waits_in_sight_and_the_root_keys_object() {
    let room = Room::new();
    let at = web(&room);
    room.three_admins(&format!("http://{at}/"));
    let [r, s, new] = ["r.keys", "s.keys", "new.keys"].map(|name| room.key(name));
    let recovery = ["charter", "--recovery", &r, "--recovery", &s, "--recovery-days", "7", "--propose", "recovery"];
    let shown = room.by("a.keys", &recovery);
    assert!(shown.contains("Days in which a recovery can be objected to: 7"), "{shown}");
    room.signed("b.keys", "recovery");
    room.by("a.keys", &["publish", "--proposal", "recovery"]);
    room.by("a.keys", &["post", "Before"]);
    room.by("a.keys", &["publish", "--into", "www"]);
    let link = link(&room);
    assert!(!seen(&room, &link).contains("being replaced"));

    let recover = ["recover", "--root-key", &new, "--threshold", "1", "--propose", "new"];
    let shown = room.by("r.keys", &recover);
    assert!(shown.contains("RECOVERY") && shown.contains("days of waiting: 7"), "{shown}");
    assert!(room.by_refused("c.keys", &recover).contains("does not allow these keys"));
    assert!(room.refused(&["recover", "--proposal", "new", "--dir", "www"]).contains("More admins"));
    room.signed("s.keys", "new");
    assert!(
        room.refused(&["recover", "--proposal", "new", "--dir", "www"]).contains("More admins"),
        "the new key signs"
    );
    room.signed("new.keys", "new");
    assert!(room.by_refused("new.keys", &["publish", "--proposal", "new"]).contains("recover"));
    assert!(room.done(&["recover", "--proposal", "new", "--dir", "www"]).contains("can object until"));

    let waits = seen(&room, &link);
    assert!(waits.contains("Lost keys are being replaced") && waits.contains("Before"), "{waits}");
    // A new reader sees it too, and a bundle carries it.
    let fresh = room.byway(&["open", &link]);
    assert!(String::from_utf8_lossy(&fresh.stdout).contains("Lost keys are being replaced"));

    // The admins are told, and go on beside it.
    for command in
        [&["publish", "--into", "www", "--take-in"][..], &["post", "Meanwhile"], &["publish", "--into", "www"]]
    {
        let said = room.by("a.keys", command);
        assert!(said.contains("RECOVERY KEYS REPLACE THE KEYS") && said.contains("recover --veto"), "{said}");
    }
    let waits = seen(&room, &link);
    assert!(waits.contains("Lost keys are being replaced") && waits.contains("Meanwhile"), "{waits}");
    let veto = room.by("a.keys", &["recover", "--veto", "--propose", "veto"]);
    assert!(veto.contains("ENDS the recovery that waits until"), "{veto}");
    assert!(room.signed("b.keys", "veto").contains("ENDS the recovery that waits until"));
    room.by("a.keys", &["publish", "--proposal", "veto", "--into", "www"]);
    room.by("a.keys", &["post", "After"]);
    room.by("a.keys", &["publish", "--into", "www"]);
    let after = seen(&room, &link);
    assert!(after.contains("After") && !after.contains("being replaced"), "{after}");
    assert!(after.contains("Signed by the community."), "{after}");
    let void = room.refused(&["recover", "--proposal", "new", "--dir", "www"]);
    assert!(void.contains("another charter since"), "{void}");
}

#[test]
fn a_freeze_is_prepared_by_two_and_published_by_anyone() {
    let room = Room::new();
    let at = web(&room);
    room.three_admins(&format!("http://{at}/"));
    room.by("a.keys", &["post", "Before"]);
    room.by("a.keys", &["publish", "--into", "www"]);
    let link = link(&room);
    assert!(seen(&room, &link).contains("Signed by the community."));
    let soon = (Timestamp::now() + SignedDuration::from_hours(1)).strftime("%Y-%m-%dT%H:%M").to_string();
    for (after, why) in [
        ("2098-01-01", "between the founding"),
        (&*soon, "between the founding"),
        ("1999-01-01", "between the founding"),
        ("2026-02-30", "not a time"),
    ] {
        let said = room.by_refused("a.keys", &["freeze", "--prepare", "freeze", "--after", after]);
        assert!(said.contains(why) && !said.contains("move"), "{said}");
    }
    assert!(!room.path("freeze").exists());
    // The whole time counts, by the clock of the device. This is the minute of the post, or a later one.
    let minute = Timestamp::now().strftime("%Y-%m-%dT%H:%M").to_string();
    let shown = room.by("a.keys", &["freeze", "--prepare", "freeze", "--after", &minute]);
    assert!(shown.contains("FREEZE, for good") && shown.contains(&minute.replace('T', " ")), "{shown}");
    assert!(!shown.contains("STILL TO COME"), "{shown}");
    room.signed("b.keys", "freeze");
    let other = ["--dir", "other", "--keys", "d.keys", "--passphrase-file", "passphrase"];
    room.done(&[&["new", "Other"], &other[..]].concat());
    assert!(room.refused(&["freeze", "--publish", "freeze", "--into", "other"]).contains("another community"));
    let shown = room.done(&["freeze", "--publish", "freeze", "--into", "www"]);
    assert!(shown.contains("FREEZE, for good") && shown.contains(&minute.replace('T', " ")), "{shown}");
    let frozen = seen(&room, &link);
    assert!(frozen.contains("its keys are no longer to be trusted") && frozen.contains("Before"), "{frozen}");
    // No key takes it back: what the admins publish afterwards leaves it there.
    let said = room.by("a.keys", &["publish", "--into", "www"]);
    assert!(said.contains("This community is frozen"), "{said}");
    let kept = fs::read(room.path("www/freeze.json")).unwrap();
    // It reaches the admins' own folder, and whatever somebody puts in its place counts for nothing.
    fs::write(room.path("www/freeze.json"), "{}").unwrap();
    let said = room.by("a.keys", &["publish", "--into", "www"]);
    assert!(said.contains("This community is frozen"), "{said}");
    assert_eq!(fs::read(room.path("www/freeze.json")).unwrap(), kept);
    let page = fs::read_to_string(room.path("www/index.html")).unwrap();
    assert!(page.contains("nothing signed after"), "{page}");
}

#[test]
fn nothing_is_signed_in_a_frozen_folder() {
    let room = Room::new();
    room.three_admins("https://zavod.example/");
    room.by("a.keys", &["post", "Before"]);
    copy(&room, "zavod", "www");
    let before = (Timestamp::now() - SignedDuration::from_hours(1)).to_string();
    room.by("a.keys", &["freeze", "--prepare", "freeze", "--after", &before]);
    room.signed("b.keys", "freeze");
    room.by("a.keys", &["charter", "--name", "Zavod 2", "--propose", "next"]);
    room.signed("b.keys", "next");
    room.done(&["freeze", "--publish", "freeze", "--into", "www"]);
    let said = room.by("a.keys", &["publish", "--into", "www", "--take-in"]);
    assert!(room.path("zavod/freeze.json").exists() && said.contains("This community is frozen"), "{said}");
    for command in [&["post", "After"][..], &["publish", "--proposal", "next"]] {
        let said = room.by_refused("a.keys", command);
        assert!(said.contains("frozen") && said.contains("Found another community"), "{said}");
    }
    assert!(!fs::read_to_string(room.path("zavod/newest.jsonl")).unwrap().contains("After"));
}

#[test]
fn a_freeze_outlives_the_keys_that_signed_it() {
    let room = Room::new();
    let [a, _, _] = room.three_admins("https://zavod.example/");
    room.by("a.keys", &["freeze", "--prepare", "freeze"]);
    let shown = room.signed("b.keys", "freeze");
    assert!(shown.contains("The freeze is for the community with the id"), "{shown}");
    let d = room.key("d.keys");
    let change = ["charter", "--remove", &a, "--root-key", &d, "--publisher", &d, "--propose", "next"];
    room.by("b.keys", &change);
    room.signed("c.keys", "next");
    room.by("d.keys", &["publish", "--proposal", "next"]);
    let late = room.by_refused("c.keys", &["approve", "freeze"]);
    assert!(late.contains("another charter since"), "{late}");
    // A thief of the keys would replace them first.
    room.done(&["freeze", "--publish", "freeze", "--into", "zavod"]);
    assert!(room.path("zavod/freeze.json").exists());
    assert!(room.by("d.keys", &["publish", "--into", "www"]).contains("This community is frozen"));
}

#[test]
fn what_could_not_be_written_is_not_noted_as_signed() {
    let room = Room::new();
    room.three_admins("https://zavod.example/");
    let list = fs::read(room.path("a.keys.signed")).unwrap();
    for change in [
        &["charter", "--name", "Zavod 2", "--propose", "missing/next"][..],
        &["rotate", "--new-keys", "new.keys", "--propose", "missing/next"],
    ] {
        let said = room.by_refused("a.keys", change);
        assert!(said.contains("missing/next"), "{said}");
    }
    assert!(!room.path("new.keys").exists(), "nobody knows these keys");
    assert_eq!(fs::read(room.path("a.keys.signed")).unwrap(), list);
    assert_eq!(
        fs::read_dir(room.path(""))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".byway-"))
            .count(),
        0
    );
    // The next try is no rival of itself, and one that is a rival leaves no file.
    let said = room.by("a.keys", &["rotate", "--new-keys", "new.keys", "--propose", "next"]);
    assert!(said.contains("That is with the new keys") && said.contains("--keys new.keys\n"), "{said}");
    room.by_refused("a.keys", &["rotate", "--new-keys", "more.keys", "--propose", "more"]);
    assert!(!room.path("more.keys").exists() && !room.path("more").exists());
    room.signed("b.keys", "next");
    assert!(room.by_refused("a.keys", &["publish", "--proposal", "next"]).contains("does not allow these keys"));
    room.by("new.keys", &["publish", "--proposal", "next"]);
}

#[test]
fn a_pack_of_routes_outside_the_limits_is_named() {
    let room = Room::new();
    room.three_admins("https://zavod.example/");
    fs::write(room.path("ways"), "socks5://198.51.100.7:1080\n").unwrap();
    let link = link(&room);
    for expires in ["2020-01-01", "2099-01-01T10:00"] {
        let output = room.byway(&[
            "routes",
            "pack",
            "ways",
            "--for",
            &link,
            "--expires",
            expires,
            "--keys",
            "a.keys",
            "--out",
            "pack",
            "--passphrase-file",
            "passphrase",
            "--pack-passphrase-file",
            "passphrase",
        ]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("within 366 days") && !said.contains("move"), "{said}");
        assert!(output.status.code() == Some(2) && !room.path("pack").exists());
    }
}

#[test]
fn two_printed_cards_of_three_make_the_key_file_again() {
    let room = Room::new();
    let line = room.key("a.keys");
    let with = ["--keys", "a.keys", "--passphrase-file", "passphrase"];
    let said = room.refused(&[&["cards", "--of", "3", "--needed", "2", "--into", "no/pages"], &with[..]].concat());
    assert!(said.contains("no: there is no such folder"), "{said}");
    room.done(&[&["cards", "--of", "3", "--needed", "2", "--into", "pages"], &with[..]].concat());
    assert_eq!(fs::metadata(room.path("pages")).unwrap().permissions().mode() & 0o777, 0o700);
    for number in 1..=3 {
        let path = room.path(&format!("pages/card-{number}.html"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let page = fs::read_to_string(path).unwrap();
        assert!(
            page.contains("<svg ") && !page.contains("http-equiv=\"refresh") && page.contains(&format!("{number} / 3"))
        );
    }
    // No card of a second set is written beside one of the first. What a killed command left of a card is removed all the same.
    fs::create_dir(room.path("second")).unwrap();
    fs::write(room.path("second/.byway-secret-kIll3d.new"), "a card").unwrap();
    fs::write(room.path("second/card-2.html"), "the first set").unwrap();
    let said = room.refused(&[&["cards", "--of", "3", "--needed", "2", "--into", "second"], &with[..]].concat());
    assert!(said.contains("card-2.html"), "{said}");
    assert_eq!(fs::read_dir(room.path("second")).unwrap().count(), 1);
    let restore = |cards: &[&str], keys: &str| {
        let mut arguments = vec!["restore", "--keys", keys, "--passphrase-file", "passphrase"];
        cards.iter().for_each(|card| arguments.extend(["--card", card]));
        room.ended(&arguments)
    };
    let (code, said) = restore(&["pages/card-3.html", "pages/card-1.html"], "again.keys");
    assert_eq!((code, said.lines().next()), (Some(0), Some(line.as_str())), "{said}");
    assert!(said.contains("The list of what these keys signed is not on the cards"), "{said}");
    let one = restore(&["pages/card-2.html"], "x.keys").1;
    assert!(one.contains("2 cards are needed, and 1 were given"), "{one}");
    let shown = room.done(&[&["cards", "--of", "2", "--needed", "2"], &with[..]].concat());
    assert!(shown.contains("BYWAY-CARD:") && shown.contains('█'), "{shown}");
    let other = shown.split("BYWAY-CARD:").nth(1).unwrap();
    fs::write(room.path("other"), format!("BYWAY-CARD:{}", &other[..other.find('█').unwrap_or(110).min(110)])).unwrap();
    let mixed = restore(&["pages/card-2.html", "other"], "x.keys").1;
    assert!(mixed.contains("Card 2 belongs to another set"), "{mixed}");
    assert!(!room.path("x.keys").exists());
}

#[test]
fn no_card_and_no_key_is_made_in_a_folder_that_is_served() {
    let room = Room::new();
    room.key("a.keys");
    // What every web server of a community hands out.
    fs::create_dir_all(room.path("zavod/charter")).unwrap();
    fs::write(room.path("zavod/head.json"), "{}").unwrap();
    fs::copy(room.path("a.keys"), room.path("zavod/a.keys")).unwrap();
    for arguments in [
        &["cards", "--of", "3", "--needed", "2", "--into", "zavod", "--keys", "a.keys"][..],
        &["key", "new", "--keys", "zavod/new.keys"],
        &["key", "show", "--keys", "zavod/a.keys"],
        &["restore", "--card", "a.keys", "--keys", "zavod/new.keys"],
    ] {
        let (code, said) = room.ended(&[arguments, &["--passphrase-file", "passphrase"]].concat());
        assert!(code == Some(2) && said.contains("zavod"), "{arguments:?}: {said}");
    }
    let names: Vec<_> = fs::read_dir(room.path("zavod")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_pack_of_routes_reaches_a_circle_and_nobody_else() {
    let room = Room::new();
    let at = web(&room);
    room.three_admins(&format!("http://{at}/"));
    room.by("a.keys", &["publish", "--into", "www"]);
    let link = link(&room);
    let list = "socks5://anna:proxy-canary@198.51.100.7:1080\nss://YWVzLTI1Ni1nY206cGFzcw@198.51.100.8:8388\n";
    fs::write(room.path("list"), list).unwrap();
    fs::write(room.path("word"), "circle canary\n").unwrap();
    let run = |arguments: &[&str]| {
        let output = room.byway(&[&["routes"], arguments].concat());
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains("canary"), "{said}");
        (output.status.code(), said)
    };
    let pack = |list: &str, link: &str, expires: &str, keys: &str, out: &str| {
        let of = ["pack", list, "--for", link, "--expires", expires, "--keys", keys, "--out", out];
        run(&[&of[..], &["--passphrase-file", "passphrase", "--pack-passphrase-file", "word"]].concat())
    };
    let import = |pack: &str, word: &str| {
        let of = ["import", pack, "--out", "taken", "--pack-passphrase-file", word];
        run(&[&of[..], &KEPT].concat())
    };
    let soon = (byway::jiff::Timestamp::now() + byway::jiff::SignedDuration::from_hours(24)).to_string();
    assert_eq!(pack("list", &link, &soon, "b.keys", "pack").0, Some(0));
    let sealed = fs::read(room.path("pack")).unwrap();
    assert!(!String::from_utf8_lossy(&sealed).contains("198.51.100"), "nothing is in the clear");

    // A device that does not know the community knows nobody who may sign.
    let unknown = import("pack", "word");
    assert!(unknown.0 == Some(2) && unknown.1.contains("Open its link first"), "{unknown:?}");
    seen(&room, &link);
    let wrong = import("pack", "passphrase");
    assert!(wrong.1.contains("not the passphrase of the pack"), "{wrong:?}");
    room.key("stranger.keys");
    assert_eq!(pack("list", &link, &soon, "stranger.keys", "foreign").0, Some(0));
    let foreign = import("foreign", "word");
    assert!(foreign.1.contains("No admin of the community signed"), "{foreign:?}");
    let mut damaged = sealed.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(room.path("damaged"), damaged).unwrap();
    let damaged = import("damaged", "word");
    assert!(damaged.1.contains("not a pack of routes"), "{damaged:?}");
    for (route, expires) in [
        ("direct:", &soon),
        ("tor+socks5://198.51.100.9:9050", &soon),
        ("tor:", &soon),
        ("socks5://192.168.1.1:1080", &soon),
    ] {
        fs::write(room.path("bad"), format!("{route}\n")).unwrap();
        let bad = pack("bad", &link, expires, "b.keys", "x");
        assert!(bad.0 == Some(2) && bad.1.contains("proxies, Shadowsocks"), "{bad:?}");
    }
    assert_eq!(pack("list", &link, "2020-01-01", "b.keys", "x").0, Some(2), "it would have expired");
    assert!(!room.path("taken").exists());

    let taken = import("pack", "word");
    assert!(taken.0 == Some(0) && taken.1.contains("socks5://***@198.51.100.7:1080"), "{taken:?}");
    let kept = fs::read_to_string(room.path("taken")).unwrap();
    assert!(kept.starts_with("# Routes of a pack, not used after ") && kept.contains("proxy-canary"), "{kept}");
    // An older pack may name routes that were given up.
    let signed = kept.lines().find(|line| line.starts_with("# Signed at ")).unwrap();
    let later = kept.replace(signed, "# Signed at 2099-01-01T00:00:00Z");
    fs::write(room.path("taken"), &later).unwrap();
    let older = import("pack", "word");
    assert!(older.0 == Some(2) && older.1.contains("was signed later than the pack"), "{older:?}");
    assert_eq!(fs::read_to_string(room.path("taken")).unwrap(), later);
    let insisted =
        run(&[&["import", "pack", "--out", "taken", "--pack-passphrase-file", "word", "--older"][..], &KEPT].concat());
    assert_eq!(insisted.0, Some(0), "{insisted:?}");
    assert_eq!(fs::read_to_string(room.path("taken")).unwrap(), kept);
    // The list obeys the exposure, as every strategy does, and is not used any more after its end.
    let preview = |exposure: &str| {
        let of = ["preview", "https://zavod.example/", "--strategies", "taken", "--exposure", exposure];
        let output = room.byway(&of);
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    assert!(preview("proxied").contains("198.51.100.7"), "{}", preview("proxied"));
    assert!(!preview("tor").contains("198.51.100.7"), "{}", preview("tor"));
    let (_, rest) = kept.split_once('\n').unwrap();
    fs::write(room.path("taken"), format!("\n# Routes of a pack, not used after 2020-01-01T00:00:00Z\n{rest}"))
        .unwrap();
    assert!(preview("proxied").contains("have expired"), "{}", preview("proxied"));
}

fn copy(room: &Room, from: &str, to: &str) {
    let status = Command::new("cp").args(["-rT", from, to]).current_dir(room.0.path()).status().unwrap();
    assert!(status.success());
}
