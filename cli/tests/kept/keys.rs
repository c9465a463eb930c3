//! Key files and passphrases, and what the memory of a process holds of them.

use super::*;

#[test]
fn a_key_file_is_for_its_owner_and_nothing_else_opens() {
    let device = Device::new();
    device.read();
    let key = fs::read_to_string(device.path("key")).unwrap();
    assert_eq!((key.len(), key.ends_with("=\n")), (45, true));
    let mode = |name: &str| fs::metadata(device.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("key"), 0o600);
    assert_eq!(mode("data"), 0o700);

    let data = device.text("data");
    let with = |arguments: &[&str]| byway().args(["list", "--data-dir", &data]).args(arguments).output().unwrap();
    let before = tree(&device.path("data"));
    let other = device.file("other", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let garbage = device.file("garbage", "hello");
    for name in ["other", "garbage"] {
        fs::set_permissions(device.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let passphrase = device.file("passphrase", PASSPHRASE);
    for (arguments, told) in [
        (&["--key-file", &other][..], "not the key"),
        (&["--key-file", &garbage], "not a key file"),
        (&["--key-file", &device.text("nowhere")], "made with another"),
        (&["--key-file", device.folder.path().to_str().unwrap()], "not a plain file"),
        (&["--passphrase-file", &passphrase], "--key-file"),
        (&[], "--key-file"),
        (&["--key-file", &other, "--passphrase-file", &passphrase], "cannot be used"),
    ] {
        let said = refused(&with(arguments));
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    fs::set_permissions(device.path("key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&with(&["--key-file", &device.text("key")])).contains("chmod 600"));
    assert_eq!(tree(&device.path("data")), before, "nothing was changed");
    assert!(!device.path("nowhere").exists(), "and no key made that opens nothing");
}

#[test]
fn a_passphrase_seals_the_key_in_the_data_directory() {
    let device = Device::new();
    let server = vk();
    let (data, base) = (device.text("data"), format!("http://{}", server.address));
    let right = device.file("right", format!("{PASSPHRASE}\n"));
    let wrong = device.file("wrong", "something else\n");
    let empty = device.file("empty", "\nsecond line\n");
    let open = |passphrase: &str| {
        let flags = ["--data-dir", &data, "--passphrase-file", passphrase, "--json"];
        byway().args(["open", LINK, "--vk-api", &base]).args(flags).output().unwrap()
    };
    assert_eq!(open(&right).status.code(), Some(0));
    let sealed = device.path("data/passphrase.age");
    assert!(fs::read(&sealed).unwrap().starts_with(b"age-encryption.org/v1\n-> scrypt "));
    assert_eq!(fs::metadata(&sealed).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(document(&open(&right))["source"], "network");

    let before = tree(&device.path("data"));
    assert!(refused(&open(&wrong)).contains("not the passphrase"));
    assert!(refused(&open(&empty)).contains("no passphrase"));
    let without = byway().args(["list", "--data-dir", &data]).output().unwrap();
    assert!(refused(&without).contains("--passphrase-file"));
    let with_key = byway().args(["list", "--data-dir", &data, "--key-file", &right]).output().unwrap();
    assert!(refused(&with_key).contains("made with a passphrase"));
    assert_eq!(tree(&device.path("data")), before);

    fs::write(&sealed, "age-encryption.org/v1\n-> scrypt nonsense\n").unwrap();
    assert!(refused(&open(&right)).contains("passphrase.age: this file is damaged"));
}

#[test]
fn a_passphrase_is_asked_for_twice_and_never_shown() {
    let device = Device::new();
    let server = vk();
    let open = format!("open {LINK} --vk-api http://{} --data-dir {}", server.address, device.text("data"));
    let mut terminal = Terminal::run(&device, &open);
    terminal.wait_for("cannot be recovered: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    terminal.wait_for("again: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(NAME) && !shown.contains(PASSPHRASE), "{shown}");

    // A typing mistake is forgiven.
    let list = format!("list --data-dir {}", device.text("data"));
    let mut terminal = Terminal::run(&device, &list);
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen("wrong one\n");
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen(&format!("{PASSPHRASE}\n"));
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(NAME) && !shown.contains(PASSPHRASE), "{shown}");

    let mut terminal = Terminal::run(&device, &list);
    terminal.wait_for("Passphrase: ");
    terminal.type_unseen("\u{3}");
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn a_second_process_is_refused_and_no_argument_holds_a_secret() {
    let device = Device::new();
    device.read();
    let (address, connected) = silent();
    let (data, key, base) = (device.text("data"), device.text("key"), format!("http://{address}"));
    let list = device.file("ways", "socks5://reader:hunter2@127.0.0.1:9\ndirect:\n");
    let mut command = byway();
    command.args(["open", LINK, "--vk-api", &base, "--data-dir", &data, "--key-file", &key, "--strategies", &list]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    connected.recv().unwrap();
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    let arguments = String::from_utf8_lossy(&arguments);
    for secret in [TOKEN, "hunter2"] {
        assert!(!arguments.contains(secret), "{arguments}");
    }
    for command in [&["list"][..], &["wipe", "--yes"], &["open", LINK], &["export", "--ics"]] {
        let said = refused(&device.byway(command));
        assert!(said.contains("nother process"), "{said}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(device.byway(&["list"]).status.code(), Some(0));
}

/// The bytes of a process's writable memory, without its stack.
#[cfg(target_os = "linux")]
fn memory_of(process: u32) -> Vec<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let memory = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let parts = maps.lines().filter(|line| line.contains(" rw-p ") && !line.contains("[stack]")).filter_map(|line| {
        let (from, to) = line.split_whitespace().next()?.split_once('-')?;
        let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).unwrap());
        let mut bytes = vec![0; (to - from) as usize];
        memory.read_exact_at(&mut bytes, from).ok()?;
        Some(bytes)
    });
    parts.collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_waiting_process_holds_no_passphrase_and_no_store_key() {
    let device = Device::new();
    let (data, key) = (device.text("data"), device.text("key"));
    let passphrase = device.file("passphrase", PASSPHRASE);
    let ways = device.file("ways", "socks5://reader:hunter2-canary@127.0.0.1:9\ndirect:\n");
    for flags in [["--passphrase-file", &passphrase], ["--key-file", &key]] {
        let _ = fs::remove_dir_all(&data);
        // The second time the store exists: its key is unsealed.
        for _ in 0..2 {
            let (address, connected) = silent();
            let base = format!("http://{address}");
            let mut command = byway();
            command.args(["open", LINK, "--vk-api", &base, "--data-dir", &data, "--strategies", &ways]).args(flags);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            connected.recv().unwrap();
            let memory = memory_of(child.id());
            child.kill().unwrap();
            child.wait().unwrap();
            let count = |secret: &[u8]| {
                memory
                    .iter()
                    .map(|part| part.windows(secret.len()).filter(|window| *window == secret).count())
                    .sum::<usize>()
            };
            assert!(count(b"canary_club") > 0, "the search finds what is there");
            assert_eq!(count(PASSPHRASE.as_bytes()), 0, "{flags:?}: the passphrase");
            let text = fs::read_to_string(&key).unwrap_or_else(|_| "no key file in this round".to_owned());
            assert_eq!(count(text.trim().as_bytes()), 0, "{flags:?}: the key as the file has it");
            let bytes =
                base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text.trim()).unwrap_or_default();
            assert!(bytes.is_empty() || count(&bytes) == 0, "{flags:?}: the key");
            if flags[0] == "--passphrase-file" {
                let sealed = fs::read(device.path("data/passphrase.age")).unwrap();
                let identity = age::scrypt::Identity::new(PASSPHRASE.to_owned().into());
                assert_eq!(count(&age::decrypt(&identity, &sealed).unwrap()), 0, "the key that the passphrase opens");
            }
        }
    }
}

#[test]
fn processes_that_begin_at_once_share_one_key_file() {
    for _ in 0..8 {
        let device = Device::new();
        let key = device.text("key");
        let data: Vec<String> = (0..4).map(|n| device.text(&format!("data{n}"))).collect();
        let open = |data: &str| {
            let mut command = byway();
            command.args(["open", LINK, "--offline", "--data-dir", data, "--key-file", &key]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        // Two processes for each directory.
        let children: Vec<Child> = data.iter().chain(&data).map(|data| open(data).spawn().unwrap()).collect();
        for mut child in children {
            child.wait().unwrap();
        }
        for data in &data {
            let status = open(data).status().unwrap();
            assert_eq!(status.code(), Some(4), "the store of {data} opens with the key file that is there");
        }
    }
}

#[test]
fn a_passphrase_or_key_is_never_an_argument() {
    for flags in [["--passphrase", PASSPHRASE], ["--key", PASSPHRASE]] {
        refused(&byway().args(["list", "--data-dir", "/nonexistent"]).args(flags).output().unwrap());
    }
}
