//! Key files and passphrases: created for their owner alone, read within bounds, opened by other tools of age.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use age::secrecy::SecretString;
use byway::internals::store::{KeyError, KeyFile, KeyFileError, SealedKeyFile, Secret, Store, StoreError, StoreKey};

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn sealed(path: &std::path::Path, passphrase: &str) -> SealedKeyFile {
    SealedKeyFile::new(path, secret(passphrase)).with_work_factor(15)
}

#[test]
fn key_file_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let file = KeyFile::new(&path);
    assert!(matches!(file.read(), Err(KeyFileError::Absent)));
    let key = file.create().unwrap();
    assert_eq!(file.read().unwrap().as_bytes(), key.as_bytes());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read(&path).unwrap();
    assert!(matches!(file.create(), Err(KeyFileError::Exists)));
    assert_eq!(fs::read(&path).unwrap(), text, "a key that is there is not replaced");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(file.read(), Err(KeyFileError::OpenToOthers)));
    assert!(matches!(KeyFile::new(folder.path().join("no/key")).create(), Err(KeyFileError::Absent)));
}

#[test]
fn no_key_file_is_made_in_the_folder_of_a_community() {
    let folder = tempfile::tempdir().unwrap();
    let web = folder.path().join("web");
    fs::create_dir_all(web.join("charter")).unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    symlink(&web, folder.path().join("link")).unwrap();
    KeyFile::new(web.join("known")).create().unwrap();
    fs::write(web.join("head.json"), "{}").unwrap();
    for name in ["web/key", "web/charter/key", "link/key", "own/../web/key"] {
        let path = folder.path().join(name);
        assert!(matches!(KeyFile::new(&path).create(), Err(KeyFileError::Served)), "{name}");
        assert!(matches!(sealed(&path, "p").create(), Err(KeyFileError::Served)), "{name}");
        assert!(fs::symlink_metadata(&path).is_err(), "{name}");
    }
    let known = KeyFile::new(web.join("known"));
    assert!(known.read().is_ok() && matches!(known.create(), Err(KeyFileError::Exists)), "one that is there opens");
    KeyFile::new(folder.path().join("own/key")).create().unwrap();
}

#[test]
fn no_link_is_followed_by_reading_or_making() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link, dangling) =
        (folder.path().join("target"), folder.path().join("link"), folder.path().join("dangling"));
    KeyFile::new(&target).create().unwrap();
    symlink(&target, &link).unwrap();
    symlink(folder.path().join("elsewhere"), &dangling).unwrap();
    assert!(matches!(KeyFile::new(&link).read(), Err(KeyFileError::NotPlain)));
    assert!(matches!(sealed(&link, "p").read(), Err(KeyFileError::NotPlain)));
    assert!(Secret::from_file(&link).is_ok(), "secrets of containers are links");
    for path in [&link, &dangling] {
        assert!(matches!(KeyFile::new(path).create(), Err(KeyFileError::Exists)));
        assert!(matches!(sealed(path, "p").create(), Err(KeyFileError::Exists)));
    }
    assert!(!folder.path().join("elsewhere").exists());
    for other in [folder.path(), std::path::Path::new("/dev/zero")] {
        assert!(matches!(KeyFile::new(other).read(), Err(KeyFileError::NotPlain)), "{}", other.display());
    }
}

#[test]
fn any_key_file_is_a_key_or_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    KeyFile::new(&path).create().unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let good = good.trim();
    let cases = [
        (format!("{good}\n\n"), true),
        (format!(" {good}"), true),
        (good[..43].to_owned(), false),
        (format!("{good}{good}"), false),
        ("=".repeat(44), false),
        (format!("{}AA==", &good[..40]), false),
        (String::new(), false),
        ("A".repeat(10_000_000), false),
    ];
    for (content, is_key) in cases {
        fs::write(&path, &content).unwrap();
        let read = KeyFile::new(&path).read();
        assert_eq!(read.is_ok(), is_key, "{:?}: {read:?}", &content[..content.len().min(50)]);
        assert!(is_key || matches!(read, Err(KeyFileError::NoKey)));
        assert!(matches!(sealed(&path, "p").read(), Err(KeyFileError::Damaged)));
    }
}

#[test]
fn sealed_key_opens_with_its_passphrase_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase.age");
    let key = sealed(&path, "народный сход").create().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(sealed(&path, "x").create(), Err(KeyFileError::Exists)));
    assert_eq!(sealed(&path, "народный сход").read().unwrap().as_bytes(), key.as_bytes());
    assert!(matches!(sealed(&path, "народный сход ").read(), Err(KeyFileError::WrongPassphrase)));

    let store = folder.path().join("store");
    drop(Store::open(&store, &sealed(&path, "народный сход")).unwrap());
    match Store::open(&store, &sealed(&path, "другая")) {
        Err(StoreError::NoKey(error)) => {
            assert!(matches!(error.file_error(), Some(KeyFileError::WrongPassphrase)));
            assert_eq!(StoreError::NoKey(error).code(), "wrong_passphrase");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(StoreError::NoKey(KeyError::new("asleep")).code(), "store_no_key");
}

#[test]
fn age_and_this_code_open_each_others_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase.age");
    let key = sealed(&path, "passphrase").create().unwrap();
    let identity = age::scrypt::Identity::new(SecretString::from("passphrase"));
    assert_eq!(age::decrypt(&identity, &fs::read(&path).unwrap()).unwrap(), key.as_bytes());

    // Sealed by the command in an earlier version.
    let mut recipient = age::scrypt::Recipient::new(SecretString::from("passphrase"));
    recipient.set_work_factor(15);
    fs::write(&path, age::encrypt(&recipient, &[9; 32]).unwrap()).unwrap();
    assert_eq!(sealed(&path, "passphrase").read().unwrap().as_bytes(), &[9; 32]);
    fs::write(&path, age::encrypt(&recipient, &[9; 31]).unwrap()).unwrap();
    assert!(matches!(sealed(&path, "passphrase").read(), Err(KeyFileError::Damaged)), "31 bytes are no key");
}

#[test]
fn damaged_sealed_key_is_an_error_wherever_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase.age");
    sealed(&path, "p").create().unwrap();
    let whole = fs::read(&path).unwrap();
    let header = whole.windows(4).position(|window| window == b"\n---").unwrap();
    for at in (0..whole.len()).step_by(5) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        for damaged in [flipped, whole[..at].to_vec()] {
            fs::write(&path, &damaged).unwrap();
            match sealed(&path, "p").read() {
                Err(KeyFileError::Damaged | KeyFileError::WorkFactor { .. }) => {}
                Err(KeyFileError::WrongPassphrase) => assert!(at < header, "byte {at}"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }
}

#[test]
fn hostile_work_factor_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase.age");
    sealed(&path, "p").create().unwrap();
    let whole = fs::read(&path).unwrap();
    let end = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
    let started = Instant::now();
    for (factor, expected) in [("19", Some(19)), ("30", Some(30)), ("63", Some(63)), ("64", None), ("255", None)] {
        fs::write(&path, [&whole[..end - 2], factor.as_bytes(), &whole[end..]].concat()).unwrap();
        match (sealed(&path, "p").read(), expected) {
            (Err(KeyFileError::WorkFactor { log_n, most: 18 }), Some(asked)) => assert_eq!(log_n, asked),
            (Err(KeyFileError::Damaged), None) => {}
            other => panic!("{factor}: {other:?}"),
        }
    }
    for odd in ["", "015", "+5", "1 5", "-1"] {
        fs::write(&path, [&whole[..end - 2], odd.as_bytes(), &whole[end..]].concat()).unwrap();
        assert!(matches!(sealed(&path, "p").read(), Err(KeyFileError::Damaged)), "{odd:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn secret_is_read_from_a_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, " vk1.a.canary \r\nsecond\n").unwrap();
    assert_eq!(Secret::first_line_of(&path).unwrap().expose(), " vk1.a.canary ");
    fs::write(&path, "\n vk1.a.canary\r\n").unwrap();
    assert_eq!(Secret::from_file(&path).unwrap().expose(), "vk1.a.canary");
    assert!(matches!(Secret::first_line_of(&path), Err(KeyFileError::Empty)));
    for (content, expected) in
        [(&b"\xff\xfe"[..], "secret_no_text"), (&[b'x'; 5000], "secret_no_text"), (b" ", "secret_empty")]
    {
        fs::write(&path, content).unwrap();
        assert_eq!(Secret::from_file(&path).unwrap_err().code(), expected);
    }
    assert!(matches!(Secret::from_file(folder.path().join("none")), Err(KeyFileError::Absent)));
    let shown = format!("{:?} {:?} {:?}", secret("canary"), sealed(&path, "canary"), KeyFile::new("/canary"));
    assert!(!shown.contains("canary") && !shown.contains("secret\""), "{shown}");
}

#[test]
fn key_of_bytes_is_32_of_them() {
    assert_eq!(StoreKey::from_bytes([3; 32]).as_bytes(), &[3; 32]);
    assert_eq!(StoreKey::from_slice(&[3; 32]).unwrap().as_bytes(), &[3; 32]);
    assert!(StoreKey::from_slice(&[3; 31]).is_none() && StoreKey::from_slice(&[3; 33]).is_none());
}
