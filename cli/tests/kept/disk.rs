//! Damaged files, full disks, foreign files, and `wipe`.

use super::*;

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let device = Device::new();
    device.read();
    let database = device.path("data/byway.db");
    let mut bytes = fs::read(&database).unwrap();
    for byte in &mut bytes[4096..] {
        *byte ^= 0x55;
    }
    fs::write(&database, &bytes).unwrap();
    for command in [&["list"][..], &["show", LINK], &["open", LINK, "--offline"]] {
        let said = refused(&device.byway(command));
        assert!(said.contains("byway.db"), "{said}");
    }
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_directory_that_cannot_be_used_is_one_sentence() {
    let device = Device::new();
    let file = device.file("file", "hello");
    let key = device.text("key");
    let inside = format!("{file}/data");
    for data in [&file, &inside] {
        let output = byway().args(["open", LINK, "--data-dir", data, "--key-file", &key]).output().unwrap();
        assert!(refused(&output).contains(data.as_str()));
    }
    for command in [&["list"][..], &["show", LINK], &["export", "--ics"], &["wipe", "--yes"]] {
        assert!(refused(&device.byway(command)).contains("there is no store"), "{command:?}");
        assert!(!device.path("data").exists(), "looking makes nothing");
        refused(&byway().args(command).output().unwrap());
    }
    refused(&byway().args(["export", "--data-dir", &inside]).output().unwrap());
    let said = refused(&byway().args(["list", "--lang", "ru", "--data-dir", &inside]).output().unwrap());
    assert!(said.contains("хранилища здесь нет"), "{said}");
}

#[test]
fn wiping_asks_first_and_leaves_nothing() {
    let device = Device::new();
    device.read();
    assert!(refused(&device.byway(&["wipe"])).contains("--yes"));
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));

    let wipe = format!("wipe --data-dir {} --key-file {}", device.text("data"), device.text("key"));
    let mut terminal = Terminal::run(&device, &wipe);
    terminal.wait_for("yes to go on: ");
    terminal.type_in("no\n");
    assert_eq!(terminal.end().0, Some(4));
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));
    let mut terminal = Terminal::run(&device, &wipe);
    terminal.wait_for("yes to go on: ");
    terminal.type_in("yes\n");
    assert_eq!(terminal.end().0, Some(0));
    assert!(!device.path("key").exists());
    assert_eq!(tree(&device.path("data")), [], "no file is left");
    assert!(refused(&device.byway(&["list"])).contains("there is no store"));

    // With a passphrase, and with the remains of a process that was killed.
    let (data, passphrase) = (device.text("data"), device.file("passphrase", PASSPHRASE));
    let base = format!("http://{}", vk().address);
    let open = ["open", LINK, "--offline", "--vk-api", &base, "--data-dir", &data, "--passphrase-file", &passphrase];
    assert_eq!(byway().args(open).output().unwrap().status.code(), Some(4));
    for name in ["byway.db.new", "byway.key.new", "byway.db-journal", ".byway-x7.new"] {
        fs::write(device.path("data").join(name), "half").unwrap();
    }
    assert!(device.path("data/passphrase.age").exists());
    assert_eq!(byway().args(["wipe", "--yes", "--data-dir", &data]).output().unwrap().status.code(), Some(0));
    assert_eq!(tree(&device.path("data")), [], "no file is left");

    // A damaged store, without its key.
    device.read();
    fs::write(device.path("data/byway.db"), "damaged").unwrap();
    let output = byway().args(["wipe", "--yes", "--json", "--data-dir", &device.text("data")]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document(&output)["wiped"], device.text("data"));
}

#[test]
fn a_key_without_its_database_is_damage_and_not_a_new_store() {
    let device = Device::new();
    device.read();
    let whole = tree(&device.path("data"));
    for lost in ["byway.db", "byway.key"] {
        fs::remove_file(device.path("data").join(lost)).unwrap();
        for command in [&["list"][..], &["show", LINK], &["open", LINK], &["export", "--ics"]] {
            let said = refused(&device.byway(command));
            assert!(said.contains(lost) && said.contains("missing"), "{command:?}: {said}");
        }
        let said = refused(&device.byway(&["list", "--lang", "ru"]));
        assert!(said.contains(lost) && said.contains("нет"), "{said}");
        for (name, bytes) in &whole {
            fs::write(device.path("data").join(name), bytes).unwrap();
        }
        assert_eq!(device.byway(&["list"]).status.code(), Some(0));
    }

    // Only the sealed key is left.
    let device = Device::new();
    let (data, passphrase) = (device.text("data"), device.file("passphrase", PASSPHRASE));
    let with = |arguments: &[&str]| {
        byway().args(arguments).args(["--data-dir", &data, "--passphrase-file", &passphrase]).output().unwrap()
    };
    assert_eq!(with(&["open", LINK, "--offline"]).status.code(), Some(4));
    for (name, _) in tree(&device.path("data")).iter().filter(|(name, _)| name != "passphrase.age") {
        fs::remove_file(device.path("data").join(name)).unwrap();
    }
    for command in [&["list"][..], &["open", LINK, "--offline"]] {
        let said = refused(&with(command));
        assert!(said.contains("passphrase.age") && said.contains("is gone"), "{said}");
    }
    // The wipe is interrupted after its first step.
    let sealed = device.path("data/passphrase.age");
    fs::write(&sealed, vec![b'w'; fs::metadata(&sealed).unwrap().len() as usize]).unwrap();
    assert!(refused(&with(&["list"])).contains("there is no store"));
    assert_eq!(tree(&device.path("data")), []);
}

/// A script as root of a mount namespace with a file system of 64 KiB at `$1`.
fn on_a_small_disk(device: &Device, script: &str) -> Output {
    fs::create_dir_all(device.path("disk")).unwrap();
    let script = format!("mount -t tmpfs -o size=64k,mode=755 tmpfs \"$1\" && {script}");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]).arg(device.path("disk"));
    command.args([env!("CARGO_BIN_EXE_byway"), &device.text("data"), &device.text("key")]).output().unwrap()
}

#[test]
fn a_full_disk_leaves_no_half_file() {
    let device = Device::new();
    device.read();
    let script = r#"
        echo BEGIN:VCALENDAR old > "$1/events.ics"
        head -c 1000000 /dev/zero > "$1/filler" 2>/dev/null
        "$2" export --ics --out "$1/events.ics" --data-dir "$3" --key-file "$4"; echo "export $?"
        "$2" export --ics --out "$1/other.ics" --data-dir "$3" --key-file "$4"; echo "export $?"
        "$2" open vk.com/x --offline --data-dir "$3-new" --key-file "$1/key"; echo "key $?"
        "$2" open vk.com/x --offline --data-dir "$1/data" --key-file "$4"; echo "store $?"
        cat "$1/events.ics"; ls -A "$1"; rm "$1/filler"
        "$2" open vk.com/x --offline --data-dir "$1/small" --key-file "$4"; echo "small $?"
    "#;
    let output = on_a_small_disk(&device, script);
    let said = stdout(&output);
    let expected = ["export 2", "export 2", "key 2", "store 2", "BEGIN:VCALENDAR old", "data", "events.ics", "filler"];
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.starts_with(&expected), "{said}{}", stderr(&output));
    assert!(stderr(&output).contains("the disk is full"), "{}", stderr(&output));
    assert!(!device.path("data-new/byway.key").exists(), "no store whose key was not kept");
}

#[test]
fn output_that_is_lost_is_an_error_in_every_command() {
    let device = Device::new();
    device.read();
    let (data, key) = (device.text("data"), device.text("key"));
    let server = vk();
    let base = format!("http://{}", server.address);
    let ways = device.file("ways", "direct:\n");
    let kept = format!("--data-dir {data} --key-file {key}");
    let wiped = Device::new();
    wiped.read();
    let commands = [
        "--help".to_owned(),
        "--version".to_owned(),
        "open --help".to_owned(),
        format!("list {kept}"),
        format!("list --json {kept}"),
        format!("show {LINK} {kept}"),
        format!("show {LINK} --json {kept}"),
        format!("export --ics {kept}"),
        format!("export --ics --out - {kept}"),
        format!("open {LINK} --offline {kept}"),
        format!("open {LINK} --vk-api {base}"),
        format!("open {LINK} --json --vk-api {base}"),
        format!("preview {LINK} --vk-api {base}"),
        format!("sync {kept} --vk-api {base}"),
        format!("sync --json {kept} --vk-api {base}"),
        format!("get {base}/method/x"),
        format!("probe {base}/method/x"),
        format!("probe {base}/method/x --json --redacted"),
        format!("strategies {ways}"),
        format!("strategies {ways} --json"),
        "demo --json".to_owned(),
        format!("wipe --yes --data-dir {}", wiped.text("data")),
    ];
    let run = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("TZ", "UTC").env("BYWAY_VK_TOKEN", TOKEN).stdin(Stdio::null());
        command.output().unwrap()
    };
    let program = env!("CARGO_BIN_EXE_byway");
    for command in &commands {
        for lost in [">/dev/full", ">&-"] {
            let output = run(&format!("{program} {command} {lost}"));
            if command.starts_with("wipe") && lost == ">&-" {
                continue;
            }
            assert_eq!(output.status.code(), Some(5), "{command} {lost}: {}", stderr(&output));
            assert!(
                stderr(&output).contains("could not be written to the end"),
                "{command} {lost}: {}",
                stderr(&output)
            );
        }
        let output = run(&format!("{program} {command} 2>/dev/full 1>/dev/null"));
        assert_ne!(output.status.code(), Some(5), "what is said beside it may be lost: {command}");
    }
    // A reader that leaves knows that it did.
    let output = run(&format!("({program} show {LINK} {kept} --json; echo $? >&2) | true"));
    assert!(["0\n", "5\n"].contains(&stderr(&output).as_str()), "{}", stderr(&output));
    let output = run(&format!("(sleep 0.2; {program} demo --json; echo $? >&2) | true"));
    assert_eq!(stderr(&output), "5\n", "quietly");
}

#[test]
fn an_unreadable_store_is_not_called_missing() {
    use std::os::unix::process::CommandExt;
    let device = Device::new();
    device.read();
    fs::set_permissions(device.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o700)).unwrap();
    let program = device.path("byway");
    fs::copy(env!("CARGO_BIN_EXE_byway"), &program).unwrap();
    for command in [&["list"][..], &["show", LINK], &["export", "--ics"], &["wipe", "--yes"]] {
        let mut run = Command::new(&program);
        run.args(command).args(["--data-dir", &device.text("data")]).stdin(Stdio::null());
        // As another user; only root can become one.
        if fs::metadata("/proc/self").unwrap().permissions().mode() != 0 && is_root() {
            run.uid(65_534).gid(65_534);
        } else {
            fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o000)).unwrap();
        }
        let said = refused(&run.output().unwrap());
        assert!(said.contains("not permitted") && !said.contains("no store"), "{command:?}: {said}");
    }
    fs::set_permissions(device.path("data"), fs::Permissions::from_mode(0o700)).unwrap();
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn wipe_destroys_the_key_file_before_any_other_file() {
    let device = Device::new();
    device.read();
    // A name that cannot be removed ends the wipe in the middle.
    let _ = fs::remove_file(device.path("data").join("byway.db-wal"));
    fs::create_dir_all(device.path("data").join("byway.db-wal/sub")).unwrap();
    let key = device.file("store.key", format!("{}=\n", "k".repeat(43)));
    let run = byway().args(["wipe", "--yes", "--data-dir", &device.text("data"), "--key-file", &key]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(!fs::exists(&key).unwrap(), "the key outlived an interrupted wipe");
}

#[test]
fn a_wipe_waits_for_no_other_process_and_marks_the_store_first() {
    let device = Device::new();
    device.read();
    let key = device.file("store.key", format!("{}=\n", "k".repeat(43)));
    let wipe =
        || byway().args(["wipe", "--yes", "--data-dir", &device.text("data"), "--key-file", &key]).output().unwrap();
    let lock = fs::File::open(device.path("data").join("byway.lock")).unwrap();
    lock.lock().unwrap();
    let said = refused(&wipe());
    assert!(said.contains("another process") && said.contains("keys are destroyed"), "{said}");
    assert!(!fs::exists(&key).unwrap());
    let left = fs::read(device.path("data").join("byway.key")).unwrap();
    assert!(!left.is_empty() && left.iter().all(|byte| *byte == b'w'), "the store's own key outlived the wipe");
    drop(lock);
    assert_eq!(wipe().status.code(), Some(0));
    assert_eq!(tree(&device.path("data")), []);
}

#[test]
fn wipe_leaves_a_file_that_is_no_key() {
    let device = Device::new();
    device.read();
    let notes = device.file("notes.txt", "A list of names\n");
    let said = refused(
        &byway().args(["wipe", "--yes", "--data-dir", &device.text("data"), "--key-file", &notes]).output().unwrap(),
    );
    assert!(said.contains("not a key file"), "{said}");
    assert_eq!(fs::read_to_string(&notes).unwrap(), "A list of names\n");
    assert_eq!(tree(&device.path("data")), [], "the store is gone all the same");
}

#[test]
fn wipe_follows_no_link() {
    use std::os::unix::fs::symlink;
    let device = Device::new();
    device.read();
    symlink(device.path("data"), device.path("link")).unwrap();
    let before = tree(&device.path("data"));
    for link in [device.text("link"), format!("{}/", device.text("link"))] {
        let said = refused(&byway().args(["wipe", "--yes", "--data-dir", &link]).output().unwrap());
        assert!(said.contains("is a link"), "{said}");
    }
    assert_eq!(tree(&device.path("data")), before, "nothing behind the link was changed");

    let letter = device.file("letter", "a letter");
    for name in ["byway.key", "passphrase.age", "byway.db"] {
        let device_ = Device::new();
        device_.read();
        let _ = fs::remove_file(device_.path("data").join(name));
        symlink(&letter, device_.path("data").join(name)).unwrap();
        let said = refused(&byway().args(["wipe", "--yes", "--data-dir", &device_.text("data")]).output().unwrap());
        assert!(said.contains("link"), "{said}");
        assert_eq!(fs::read_to_string(&letter).unwrap(), "a letter", "{name}");
        assert_eq!(tree(&device_.path("data")), [], "{name}: the rest is gone all the same");
    }
}
