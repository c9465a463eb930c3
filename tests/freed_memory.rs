//! No key, login or token is left in freed memory: every block is searched for them before it is freed.

#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64::Engine as _;
use byway::Exposure;
use byway::community::{Community, CommunityId};
use byway::internals::ClientStore as _;
use byway::internals::store::{KeyError, KeyFile, KeyProvider, SealedKeyFile, Secret, Store, StoreError, StoreKey};
use byway::internals::strategies;
use byway::{Byway, Strategy, VkToken};
use jiff::Timestamp;

/// The system's allocator, which searches freed memory. A block that grows is freed, too.
struct Searching;

/// The searched secrets. They live as long as the process.
static SECRETS: [OnceLock<Vec<u8>>; 16] = [const { OnceLock::new() }; 16];
static FOUND: [AtomicUsize; 16] = [const { AtomicUsize::new(0) }; 16];

thread_local! {
    /// This thread reports where a block was freed, and must not be searched meanwhile.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

fn search(pointer: *mut u8, size: usize) {
    if TELLING.try_with(Cell::get).unwrap_or(true) {
        return;
    }
    // SAFETY: the block is not freed yet. Bytes that were never written are read as they are, which is intended.
    let block = unsafe { std::slice::from_raw_parts(pointer, size) };
    for (secret, found) in SECRETS.iter().zip(&FOUND) {
        let Some(secret) = secret.get().filter(|secret| secret.len() <= size) else { continue };
        if block.windows(secret.len()).any(|window| window == secret.as_slice()) {
            found.fetch_add(1, Ordering::Relaxed);
            let _ = TELLING.try_with(|telling| {
                telling.set(true);
                eprintln!("{size} bytes: {}", std::backtrace::Backtrace::force_capture());
                telling.set(false);
            });
        }
    }
}

// SAFETY: every call is passed on unchanged; blocks are only read.
unsafe impl GlobalAlloc for Searching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // It is cleared, so that the remains of another test are not found again.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        search(pointer, layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Searching = Searching;

/// One test at a time: they share the searched secrets.
static TURN: Mutex<()> = Mutex::new(());

/// Runs something, and returns which secrets were found in memory that was freed meanwhile.
fn left_by(secrets: &[&[u8]], work: impl FnOnce()) -> Vec<usize> {
    let before: Vec<usize> = FOUND.iter().map(|found| found.load(Ordering::Relaxed)).collect();
    let slots: Vec<usize> = secrets
        .iter()
        .map(|secret| {
            let free = SECRETS.iter().position(|slot| slot.get().is_none_or(|known| known == secret)).unwrap();
            SECRETS[free].get_or_init(|| secret.to_vec());
            free
        })
        .collect();
    work();
    slots.into_iter().map(|slot| FOUND[slot].load(Ordering::Relaxed) - before[slot]).collect()
}

const APP_KEY: [u8; 32] = *b"the app's own key, 32 bytes long";

struct App;

impl KeyProvider for App {
    fn key(&self) -> Result<StoreKey, KeyError> {
        Ok(StoreKey::new(APP_KEY))
    }
}

/// The data key and the key that seals, by the format of the key file (`src/store/key.rs`).
fn keys_of(directory: &Path) -> [Vec<u8>; 2] {
    let file = fs::read(directory.join("byway.key")).unwrap();
    let (salt, nonce, wrapped) = (&file[8..40], &file[40..52], &file[52..100]);
    let expand = |salt: &[u8], secret: &[u8], info: &[u8]| {
        let mut key = vec![0; 32];
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
        secret.expand(&[info], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
        key
    };
    let wrapping = expand(salt, &APP_KEY, b"byway store 1 wrap");
    let wrapping = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &wrapping).unwrap());
    let mut data = wrapped.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
    let data = wrapping.open_in_place(nonce, Aad::from(b"bywaykey"), &mut data).unwrap().to_vec();
    let seal = expand(b"byway store 1", &data, b"seal");
    [data, seal]
}

#[test]
fn the_search_finds_what_is_not_wiped() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let secret = b"a secret that is not wiped at all";
    assert_eq!(left_by(&[secret], || drop(secret.to_vec())), [1]);
    let mut grown = Vec::with_capacity(64);
    grown.extend_from_slice(secret);
    assert_eq!(left_by(&[secret], || grown.reserve_exact(4096)), [1], "a block that grows leaves itself behind");
    std::mem::forget(grown);
}

#[test]
fn key_files_leave_no_passphrase_and_no_key_in_freed_memory() {
    const PASSPHRASE: &str = "a passphrase that nobody else uses, long enough to be found";
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let (plain, sealed) = (KeyFile::new(folder.path().join("key")), folder.path().join("passphrase.age"));
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let sealed = || SealedKeyFile::new(&sealed, Secret::from_file(&passphrase).unwrap()).with_work_factor(15);
    let made = left_by(&[PASSPHRASE.as_bytes()], || {
        plain.create().unwrap();
        sealed().create().unwrap();
    });
    assert_eq!(made, [0], "while the files are made");
    let (in_file, in_seal) = (plain.read().unwrap(), sealed().read().unwrap());
    let text = base64::engine::general_purpose::STANDARD.encode(in_file.as_bytes());
    let secrets = [PASSPHRASE.as_bytes(), in_file.as_bytes(), in_seal.as_bytes(), text.as_bytes()];
    let read = left_by(&secrets, || {
        drop(plain.read().unwrap());
        drop(sealed().read().unwrap());
    });
    assert_eq!(read, [0; 4], "the passphrase, the keys, and the text of the key file");
}

#[test]
fn a_store_leaves_no_key_in_freed_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let first = left_by(&[&APP_KEY], || drop(Store::open(folder.path(), &App).unwrap()));
    assert_eq!(first, [0], "to make a store");
    let [data, seal] = keys_of(folder.path());
    let left = left_by(&[&APP_KEY, &data, &seal], || {
        let store = Store::open(folder.path(), &App).unwrap();
        let community = Community::new(CommunityId::vk(7), "x");
        store.upsert_community(&community, Timestamp::UNIX_EPOCH).unwrap();
        store.raise_floor(&community.id, Exposure::Tor).unwrap();
        drop(store.secret("ledger").unwrap());
        store.suspend().unwrap();
        store.resume().unwrap();
        store.lock().unwrap();
        assert!(matches!(store.unlock(&StoreKey::new([8; 32])), Err(StoreError::WrongKey)));
        store.unlock(&App).unwrap();
        assert_eq!(store.communities().unwrap().len(), 1);
        drop(store);
        Store::open(folder.path(), &App).unwrap().wipe().unwrap();
    });
    assert_eq!(left, [0, 0, 0], "the app's key, the data key, the key that seals");
    let memory = left_by(&[&APP_KEY], || {
        drop(runtime().block_on(Byway::builder().data_dir(folder.path(), App).build()).unwrap())
    });
    assert_eq!(memory, [0]);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

const LOGIN: &str = "pass/word of a proxy, kept by nobody";
const ENCODED: &str = "pass%2Fword%20of%20a%20proxy%2C%20kept%20by%20nobody";

#[test]
fn strategies_leave_no_login_in_freed_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // The test's own copies stay where they are.
    let socks: &'static str = format!("socks5://reader:{ENCODED}@192.0.2.1:1080").leak();
    let http: &'static str = format!("http://reader:{ENCODED}@192.0.2.1:8080").leak();
    let shadow: &'static str = format!("ss://aes-256-gcm:{ENCODED}@192.0.2.1:8388").leak();
    let list: &'static str = format!("# mine\n{socks}\n{http}\n{shadow}\n").leak();
    let packed: &'static str = base64::engine::general_purpose::STANDARD.encode(list).leak();
    let left = left_by(&[LOGIN.as_bytes(), ENCODED.as_bytes()], || {
        for text in [socks, http, shadow] {
            let strategy: Strategy = text.parse().unwrap();
            let copy = strategy.clone();
            assert_eq!(strategy, copy);
            drop((strategy.redacted(), format!("{strategy:?}"), copy, strategy));
        }
        for text in [list, packed] {
            drop(strategies::import_strategies(text));
        }
        assert!("socks5://:x@192.0.2.1".parse::<Strategy>().is_err());
    });
    assert_eq!(left, [0, 0], "as it is, and as a URL has it");
}

#[test]
fn a_login_at_a_proxy_leaves_none_in_freed_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let pair: &'static str = format!("reader:{LOGIN}").leak();
    let basic: &'static str = base64::engine::general_purpose::STANDARD.encode(pair).leak();
    for scheme in ["socks5", "http"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // It reads into its own memory, which is not freed.
        let proxy = std::thread::spawn(move || {
            let seen: &'static mut [u8] = vec![0; 8192].leak();
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            if scheme == "socks5" {
                let _ = stream.read(seen).unwrap();
                stream.write_all(&[5, 2]).unwrap();
                let length = stream.read(seen).unwrap();
                assert!(seen[..length].windows(LOGIN.len()).any(|window| window == LOGIN.as_bytes()));
                stream.write_all(&[1, 1]).unwrap();
            } else {
                let length = stream.read(seen).unwrap();
                assert!(String::from_utf8_lossy(&seen[..length]).contains("Basic "));
                stream.write_all(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        });
        let way: &'static str = format!("{scheme}://reader:{ENCODED}@{address}").leak();
        let runtime = runtime();
        let left = left_by(&[LOGIN.as_bytes(), ENCODED.as_bytes(), basic.as_bytes()], || {
            let byway = runtime.block_on(Byway::builder().strategy(way.parse().unwrap()).build()).unwrap();
            let refused = runtime.block_on(byway.get("http://site.example/"));
            assert!(refused.is_err());
            drop((refused, byway));
        });
        proxy.join().unwrap();
        drop(runtime);
        assert_eq!(left, [0, 0, 0], "{scheme}: as it is, as a URL has it, as Basic has it");
    }
}

#[test]
fn a_token_that_is_held_and_dropped_leaves_none_in_freed_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    const TOKEN: &str = "vk1.a.a-token-that-nobody-keeps-in-memory";
    let of_a_file: &'static str = format!(" {TOKEN}\n").leak();
    let left = left_by(&[TOKEN.as_bytes()], || {
        for token in [VkToken::from(TOKEN), VkToken::service(of_a_file)] {
            let builder = Byway::builder().strategy("direct:".parse().unwrap()).vk_token(token.clone());
            let byway = runtime().block_on(builder.build()).unwrap();
            drop((format!("{token:?}"), token, byway));
        }
    });
    assert_eq!(left, [0]);
}
