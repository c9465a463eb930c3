//! What an admin and a member read at the terminal: commands that work when they are pasted, and words that are true.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod admin;

use std::fs;
use std::process::{Command, Output, Stdio};

use admin::{ADMIN, Admin};

const KEPT: [&str; 4] = ["--data-dir", "kept", "--key-file", "store.key"];

/// Standard output and standard error.
fn told(output: &Output, code: i32) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}

fn run(admin: &Admin, arguments: &[&str]) -> String {
    told(&admin.run(&[arguments, &ADMIN].concat()), 0)
}

fn link(admin: &Admin, dir: &str) -> String {
    told(&admin.run(&["link", "--dir", dir]), 0).lines().next().unwrap().to_owned()
}

/// The lines that are commands.
fn commands(told: &str) -> Vec<String> {
    told.lines().filter(|line| line.starts_with("byway ")).map(str::to_owned).collect()
}

/// Runs a printed command as a shell reads it.
fn pasted(admin: &Admin, command: &str, more: &str) -> Output {
    let path = format!("{}:/usr/bin:/bin", admin.0.path().display());
    let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_byway"), admin.0.path().join("byway"));
    let mut shell = Command::new("sh");
    shell.current_dir(admin.0.path()).env("PATH", path).env("TZ", "UTC").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    shell.args(["-c", &format!("{command} {more}")]).output().unwrap()
}

#[test]
fn the_commands_of_a_look_at_a_move_work_when_pasted() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    let next = ["--dir", "next", "--keys", "next.keys", "--passphrase-file", "passphrase"];
    let old = link(&admin, "zavod");
    let founded = told(
        &admin.run(&[&["new", "Next", "--mirror", "http://127.0.0.1:9/", "--continues", &old], &next[..]].concat()),
        0,
    );
    let continued = commands(&founded);
    assert!(founded.contains("has to name this one as well"), "{founded}");
    let more =
        continued[0].replace("--dir DIR --keys KEYS", "--dir zavod --keys zavod.keys --passphrase-file passphrase");
    told(&pasted(&admin, &more, ""), 0);
    let bundled = run_bundle(&admin);
    told(&pasted(&admin, &bundled.replace("--data-dir DIR", "--data-dir kept --key-file store.key"), ""), 0);

    let looked = told(&admin.byway(&[&["follow", &old], &KEPT[..]].concat()), 4);
    let answers = commands(&looked);
    assert!(answers.len() == 2 && answers[0].contains(&format!("follow '{old}' --yes '")), "{looked}");
    assert!(looked.contains("as this device knew them before the move"), "{looked}");
    let yes = told(&pasted(&admin, &answers[0], "--data-dir kept --key-file store.key"), 4);
    assert!(yes.contains("Not followed: only the community names this address"), "{yes}");
    assert!(commands(&yes)[0].starts_with("byway open 'byway:"), "{yes}");
    assert!(!yes.contains("Nothing was tried directly"), "{yes}");
    told(&pasted(&admin, &answers[1], "--data-dir kept --key-file store.key"), 0);
}

fn run_bundle(admin: &Admin) -> String {
    let written = told(&admin.run(&["bundle", "--dir", "zavod", "--out", "it's one.byway"]), 0);
    commands(&written)[0].clone()
}

#[test]
fn what_was_done_is_said_and_when_readers_see_it() {
    let admin = Admin::new();
    let founded = told(&admin.run(&[&["new", "Zavod", "--mirror", "http://zavod.example/"], &ADMIN[..]].concat()), 0);
    assert!(founded.contains("over http://") && founded.contains("unless you make cards"), "{founded}");
    let post = admin.done(&["post", "We meet."]);
    let event = admin.done(&["event", "Gathering", "--start", "2098-12-21T12:00", "--zone", "Asia/Barnaul"]);
    for arguments in [&["post", "Two"][..], &["edit", &post, "We met."], &["delete", &post]] {
        assert!(run(&admin, arguments).contains("after the next `byway community publish`"), "{arguments:?}");
    }
    let wrong = told(&admin.run(&[&["edit", &event, "x"], &ADMIN[..]].concat()), 2);
    assert!(wrong.contains("this is an announcement") && wrong.contains(&format!("--replaces {event}")), "{wrong}");
    let wrong = told(&admin.run(&[&["edit", "0000000000", "x"], &ADMIN[..]].concat()), 2);
    assert!(wrong.contains("There is no post or event with this name"), "{wrong}");
    let wrong = told(&admin.run(&[&["event", "G", "--start", "2098-12-21T12:00"], &ADMIN[..]].concat()), 2);
    assert!(wrong.contains("name the time zone as well: --zone"), "{wrong}");
    let wrong = told(&admin.run(&["cards", "--of", "2", "--needed", "3", "--keys", "zavod.keys"]), 2);
    assert!(wrong.contains("more cards are needed than there are: --of 2"), "{wrong}");
    let wrong = told(&admin.run(&["new", "Z", "--dir", "z", "--keys", "z.keys"]), 2);
    assert!(wrong.contains("--passphrase-file") && !wrong.contains("--key-file"), "{wrong}");
    fs::write(admin.0.path().join("short"), "abc\n").unwrap();
    let short = told(&admin.run(&["key", "new", "--keys", "short.keys", "--passphrase-file", "short"]), 0);
    assert!(short.contains("this passphrase is short"), "{short}");
}

#[test]
fn a_proposal_names_the_command_that_puts_it_in_force() {
    let admin = Admin::new();
    let key = |name: &str| {
        let made = admin.run(&["key", "new", "--keys", name, "--passphrase-file", "passphrase"]);
        told(&made, 0).lines().next().unwrap().to_owned()
    };
    let (boris, vera) = (key("boris.keys"), key("vera.keys"));
    let recovery = ["--recovery", &boris, "--recovery-days", "7"];
    let founded = told(&admin.run(&[&["new", "Zavod"], &recovery[..], &ADMIN].concat()), 0);
    assert!(founded.contains("Each admin keeps") && !founded.contains("cannot be replaced"), "{founded}");
    let same = run(&admin, &["charter", "--name", "Zavod", "--propose", "same.proposal"]);
    assert!(same.contains("nothing to change") && !admin.0.path().join("same.proposal").exists(), "{same}");
    let renewed = run(&admin, &["charter", "--renew", "--propose", "my same.proposal"]);
    assert!(renewed.contains("Yours: ") && renewed.contains("\nbyway community approve FILE --dir DIR --keys KEYS\n"));
    let publish = commands(&renewed).pop().unwrap();
    assert!(publish.contains("--proposal 'my same.proposal' --dir zavod --keys zavod.keys"), "{renewed}");
    let done = told(&pasted(&admin, &publish, "--passphrase-file passphrase --into www"), 0);
    assert!(
        done.contains("The change is in force in this folder.\n") && !done.contains("Publish the folder"),
        "{done}"
    );

    let by_boris = ["--dir", "zavod", "--keys", "boris.keys", "--passphrase-file", "passphrase"];
    let recover = ["recover", "--root-key", &vera, "--propose", "recovery.proposal"];
    let proposed = told(&admin.run(&[&recover[..], &by_boris].concat()), 0);
    let place = commands(&proposed).pop().unwrap();
    let by_vera = ["--dir", "zavod", "--keys", "vera.keys", "--passphrase-file", "passphrase"];
    let approved = told(&admin.run(&[&["approve", "recovery.proposal"], &by_vera[..]].concat()), 0);
    assert!(approved.contains("Yours: "), "{approved}");
    assert_eq!(place, "byway community recover --proposal recovery.proposal --dir zavod");
    told(&pasted(&admin, &place, ""), 0);
    let warned = run(&admin, &["publish", "--into", "www"]);
    let object = commands(&warned).pop().unwrap();
    let veto = told(&pasted(&admin, &object, "--passphrase-file passphrase"), 0);
    assert!(!veto.contains("it is a RECOVERY"), "{veto}");
    let ended = told(&pasted(&admin, &commands(&veto).pop().unwrap(), "--passphrase-file passphrase --into www"), 0);
    assert!(ended.contains("in force"), "{ended}");
}

#[test]
fn a_new_admin_takes_in_the_charter_that_names_the_keys() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod"]);
    admin.done(&["publish", "--into", "hers"]);
    let made = admin.run(&["key", "new", "--keys", "vera.keys", "--passphrase-file", "passphrase"]);
    let vera = told(&made, 0).lines().next().unwrap().to_owned();
    admin.done(&["charter", "--publisher", &vera]);
    admin.done(&["publish", "--into", "www"]);
    let hers = ["--dir", "hers", "--keys", "vera.keys", "--passphrase-file", "passphrase"];
    let refused = told(&admin.run(&[&["post", "From Vera"], &hers[..]].concat()), 2);
    assert!(refused.contains("this change. Keys in the file: "), "{refused}");
    assert!(refused.contains("`byway community publish --take-in --into FOLDER`"), "{refused}");
    told(&admin.run(&[&["publish", "--take-in", "--into", "www"], &hers[..]].concat()), 0);
    told(&admin.run(&[&["post", "From Vera"], &hers[..]].concat()), 0);
    told(&admin.run(&[&["publish", "--into", "www"], &hers[..]].concat()), 0);
    assert!(admin.read("www/index.html").contains("From Vera"));
}

#[test]
fn what_is_carried_in_is_said_without_accusing_anyone() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    admin.done(&["post", "one"]);
    admin.done(&["event", "Past", "--start", "2026-11-01T12:00", "--zone", "Asia/Barnaul"]);
    let bundle = |name: &str| told(&admin.run(&["bundle", "--dir", "zavod", "--out", name]), 0);
    bundle("old.byway");
    let rotated = told(&admin.run(&[&["rotate", "--new-keys", "new.keys"], &ADMIN[..]].concat()), 0);
    assert!(rotated.contains("byway community cards --of 3 --needed 2 --into DIR --keys new.keys"), "{rotated}");
    let new = ["--dir", "zavod", "--keys", "new.keys", "--passphrase-file", "passphrase"];
    told(&admin.run(&[&["post", "two"], &new[..]].concat()), 0);
    bundle("new.byway");
    let import = |name: &str| told(&admin.byway(&[&["import", name], &KEPT[..]].concat()), 0);
    assert!(import("new.byway").contains("  3 new\n"));
    let older = import("old.byway");
    assert!(older.contains("  0 new\n") && older.contains("This is older than what this device has"), "{older}");
    assert!(!older.contains("refused") && !older.contains("may be missing"), "{older}");

    let whole = link(&admin, "zavod");
    let folder = format!("file://{}#{whole}", admin.0.path().join("zavod").display());
    let other = ["--data-dir", "other", "--key-file", "other.key", "--exposure", "proxied"];
    let opened = told(&admin.byway(&[&["open", &folder], &other[..]].concat()), 0);
    assert!(opened.contains("2026-11-01 05:00 (12:00 there, UTC+07:00, Asia/Barnaul) · over"), "{opened}");
    assert!(opened.contains("Taken in from this file or folder") && !opened.contains("ago"), "{opened}");
    let id = whole.split('?').next().unwrap();
    let listed = told(&admin.byway(&[&["list"], &KEPT[..]].concat()), 0);
    assert!(opened.lines().any(|line| line.contains(id)) && listed.lines().any(|line| line.contains(id)), "{listed}");

    fs::write(admin.0.path().join("garbage"), "not a list").unwrap();
    let garbage = told(&admin.byway(&[&["import", "garbage"], &KEPT[..]].concat()), 2);
    assert!(garbage.contains("neither a bundle nor a list of feeds"), "{garbage}");
    let more = told(&admin.byway(&["open", &format!("{id} is our link")]), 2);
    assert!(more.contains("more here than a link"), "{more}");
}

#[test]
fn pictures_that_came_in_a_bundle_are_written_without_a_network() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod", "--mirror", "https://zavod.example/"]);
    let image = image::GrayImage::from_pixel(4, 3, image::Luma([9]));
    image.save(admin.0.path().join("gate.png")).unwrap();
    admin.done(&["post", "Look", "--picture", "gate.png", "--alt", "The closed gate"]);
    told(&admin.run(&["bundle", "--dir", "zavod", "--out", "zavod.byway"]), 0);
    told(&admin.byway(&[&["import", "zavod.byway"], &KEPT[..]].concat()), 0);
    let id = link(&admin, "zavod").split('?').next().unwrap().to_owned();
    let shown = told(&admin.byway(&[&["show", &id, "--pictures", "pictures"], &KEPT[..]].concat()), 0);
    let written = shown.lines().find(|line| line.starts_with("pictures/")).unwrap_or_else(|| panic!("{shown}"));
    let (path, said) = written.split_once("  ").unwrap();
    assert_eq!((said, path.ends_with(".png")), ("The closed gate", true), "{shown}");
    assert_eq!(image::open(admin.0.path().join(path)).unwrap().width(), 4);
    // A site of what is kept shows them too, from its own folder.
    told(&admin.byway(&[&["export", "--site", "site", &id], &KEPT[..]].concat()), 0);
    let page = admin.read("site/index.html");
    let name = page.split("<img src=\"files/").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
    assert_eq!(
        fs::read(admin.0.path().join("site/files").join(name)).unwrap(),
        fs::read(admin.0.path().join(path)).unwrap()
    );
    assert!(page.contains("alt=\"The closed gate\"") && page.contains("img-src 'self'"), "{page}");
}

#[test]
fn a_freeze_is_said_with_its_time_of_day() {
    let admin = Admin::new();
    admin.done(&["new", "Zavod"]);
    admin.done(&["publish", "--into", "www"]);
    let freeze = told(&admin.run(&[&["freeze", "--prepare", "f.freeze"], &ADMIN[..]].concat()), 0);
    let time = freeze.split("signed after: ").nth(1).unwrap().lines().next().unwrap();
    // The device's zone is UTC here.
    let time = time.trim_end_matches(" UTC").to_owned();
    // The posts of one minute differ in their seconds, so that this one is after the freeze.
    admin.done(&["post", "one"]);
    admin.done(&["post", "two"]);
    admin.done(&["publish", "--into", "www"]);
    told(&admin.run(&["freeze", "--publish", "f.freeze", "--into", "www"]), 0);
    let id = link(&admin, "www").split('?').next().unwrap().to_owned();
    let folder = format!("file://{}#{id}", admin.0.path().join("www").display());
    let opened = told(&admin.byway(&[&["open", &folder], &KEPT[..]].concat()), 0).replace("\n  ", " ");
    assert!(opened.contains(&format!("nothing signed after {time} is to be trusted")), "{opened}");
    assert!(!opened.contains("could not be read"), "{opened}");
}
