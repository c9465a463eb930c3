//! The exported client over a lab on real sockets: what it returns, and how its calls end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use byway_ffi::{
    BywayError, CancelHandle, Client, Configuration, Exposure, GetOptions, KeyFault, KeyProvider, Language,
    OpenOptions, ReadFrom, StoreChange, StoreKeySource, diagnostics,
};
use futures_util::future::{join, join_all};
use served_lab::{COMMUNITY, LINK, ServedLab, eventually, key, wait};

/// The number of running tasks belongs to the process, so tests that count them run one after the other.
static COUNTED: Mutex<()> = Mutex::new(());

fn counted() -> MutexGuard<'static, ()> {
    COUNTED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn running() -> i64 {
    diagnostics().unwrap().running_tasks
}

const OPEN: OpenOptions = OpenOptions { exposure: None, allow_direct: false, offline: false, ignore_pause: false };
const GET: GetOptions = GetOptions { exposure: None, allow_direct: false, ignore_pause: false, settle: None };

#[test]
fn opening_reads_a_community_and_keeps_it() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let opened = wait(client.open(LINK.to_owned(), OPEN, None)).unwrap();
    assert_eq!((opened.community.name.as_str(), opened.source), ("The club", ReadFrom::Network));
    assert!(opened.posts.iter().any(|post| post.text == "Привет 👋"));
    assert!(opened.changes.community && opened.reachability.is_direct);
    assert!(opened.reachability.full.url.is_some() && opened.reachability.shareable.url.is_none());
    assert!(!opened.reachability.shareable_json.contains("byway_club"));

    let page = wait(client.posts(COMMUNITY.to_owned(), None, 1)).unwrap();
    assert_eq!(page.items.len(), 1);
    let rest = wait(client.posts(COMMUNITY.to_owned(), page.next, 50)).unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let offline = wait(client.open(LINK.to_owned(), OpenOptions { offline: true, ..OPEN }, None)).unwrap();
    assert_eq!(offline.source, ReadFrom::Store);
}

#[test]
fn cancelled_call_stops_its_work() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let before = running();
    let cancel = CancelHandle::new().unwrap();
    let call = client.get(lab.url("/silent"), GET, Some(cancel.clone()));
    let (ended, ()) = std::thread::scope(|threads| {
        let call = threads.spawn(|| wait(call));
        eventually("the call", || running() > before);
        cancel.cancel().unwrap();
        cancel.cancel().unwrap();
        (call.join().unwrap(), ())
    });
    assert!(matches!(ended, Err(BywayError::Cancelled { .. })), "{:?}", ended.map(|got| got.status));
    assert_eq!(running(), before, "its work has ended when the call has");
}

#[test]
fn cancelling_before_the_call_ends_it_at_once() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let cancel = CancelHandle::new().unwrap();
    cancel.cancel().unwrap();
    let packets = lab.lab.packets().len();
    let ended = wait(client.open(LINK.to_owned(), OPEN, Some(cancel.clone())));
    assert!(matches!(ended, Err(BywayError::Cancelled { .. })));
    let ended = wait(client.preview(LINK.to_owned(), OPEN, Some(cancel)));
    assert!(matches!(ended, Err(BywayError::Cancelled { .. })));
    assert_eq!(lab.lab.packets().len(), packets, "nothing was sent");
}

#[test]
fn dropping_a_call_stops_its_work() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let before = running();
    {
        let mut call = pin!(client.get(lab.url("/silent"), GET, None));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(running() > before);
    }
    eventually("the end of its work", || running() == before);
}

#[test]
fn use_after_shutdown_is_closed() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    wait(client.shutdown()).unwrap();
    wait(client.shutdown()).unwrap();
    assert!(matches!(wait(client.communities()), Err(BywayError::Closed { .. })));
    assert!(matches!(wait(client.wipe()), Err(BywayError::Closed { .. })));
    assert!(matches!(client.paths(), Err(BywayError::Closed { .. })));
    assert!(matches!(client.changes(), Err(BywayError::Closed { .. })));
}

#[test]
fn shutdown_ends_running_calls_and_streams() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let before = running();
    let (changes, events) = (client.changes().unwrap(), client.engine_events(false).unwrap());
    let calls = join(client.get(lab.url("/silent"), GET, None), changes.next(10));
    let (call, changed) = std::thread::scope(|threads| {
        let calls = threads.spawn(|| wait(calls));
        eventually("the call", || running() > before);
        wait(client.shutdown()).unwrap();
        calls.join().unwrap()
    });
    assert!(matches!(call, Err(BywayError::Closed { .. })));
    assert!(changed.unwrap().is_empty());
    assert!(wait(events.next(10)).unwrap().is_empty());
    assert_eq!(running(), before);
}

#[test]
fn directory_can_be_opened_again_after_shutdown() {
    let _alone = counted();
    let lab = ServedLab::new();
    for _ in 0..3 {
        let client = wait(Client::build(lab.kept(key()))).unwrap();
        let second = wait(Client::build(lab.kept(key()))).map(drop);
        assert_eq!(second.unwrap_err().code(), "store_already_open");
        wait(client.shutdown()).unwrap();
    }
}

struct Panics;

impl KeyProvider for Panics {
    fn key(&self) -> Result<Vec<u8>, KeyFault> {
        panic!("the key of byway_club")
    }
}

struct Throws;

impl KeyProvider for Throws {
    fn key(&self) -> Result<Vec<u8>, KeyFault> {
        let reason = "the device is locked\n\tat org.example.Keys.key(Keys.kt:12)".to_owned();
        Err(uniffi::UnexpectedUniFFICallbackError::new(reason).into())
    }
}

struct Short;

impl KeyProvider for Short {
    fn key(&self) -> Result<Vec<u8>, KeyFault> {
        Ok(vec![7; 31])
    }
}

fn refused(lab: &ServedLab, provider: impl KeyProvider + 'static) -> BywayError {
    let key = StoreKeySource::Provider { provider: Arc::new(provider) };
    wait(Client::build(lab.kept(key))).map(drop).unwrap_err()
}

#[test]
fn panic_in_a_key_provider_is_an_internal_error() {
    let _alone = counted();
    let lab = ServedLab::new();
    let error = refused(&lab, Panics);
    assert_eq!((error.kind(), error.code()), ("internal", "panic"));
    assert!(!error.text().contains("byway_club"));
}

#[test]
fn foreign_error_is_quoted_by_its_first_line() {
    let _alone = counted();
    let lab = ServedLab::new();
    let error = refused(&lab, Throws);
    assert_eq!((error.kind(), error.code()), ("store_closed", "store_no_key"));
    assert!(error.text().contains("the device is locked") && !error.text().contains("Keys.kt"), "{}", error.text());
}

#[test]
fn key_of_another_length_is_refused() {
    let _alone = counted();
    let lab = ServedLab::new();
    assert_eq!(refused(&lab, Short).kind(), "store_closed");
    let short = StoreKeySource::Bytes { bytes: vec![7; 33] };
    let error = wait(Client::build(lab.kept(short))).map(drop).unwrap_err();
    assert_eq!((error.kind(), error.code()), ("input", "key_length"));
}

#[test]
fn changes_come_in_batches_until_the_stream_ends() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let changes = client.changes().unwrap();
    wait(client.open(LINK.to_owned(), OPEN, None)).unwrap();
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let batch = wait(changes.next(1)).unwrap();
        assert_eq!(batch.len(), 1);
        seen.extend(batch);
    }
    assert!(seen.iter().any(|change| matches!(change, StoreChange::PostsChanged { id, .. } if id == COMMUNITY)));
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| wait(changes.next(100)));
        changes.end().unwrap();
        assert!(waiting.join().unwrap().unwrap().iter().all(|change| !matches!(change, StoreChange::Emptied)));
    });
    assert!(wait(changes.next(100)).unwrap().is_empty());
    assert_eq!(wait(changes.next(0)).map(drop).unwrap_err().code(), "number");
}

#[test]
fn redacted_engine_events_name_no_host() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let (full, redacted) = (client.engine_events(false).unwrap(), client.engine_events(true).unwrap());
    wait(client.get(lab.url("/hello"), GET, None)).unwrap();
    let shown = |events: Vec<byway_ffi::EngineEvent>| {
        let line = |event: &byway_ffi::EngineEvent| match &event.kind {
            byway_ffi::EngineEventKind::Started { destination, .. } => format!("{} {destination}", event.sentence),
            _ => event.sentence.clone(),
        };
        events.iter().map(line).collect::<String>()
    };
    assert!(shown(wait(full.next(1000)).unwrap()).contains("http.example"));
    assert!(!shown(wait(redacted.next(1000)).unwrap()).contains("http.example"));
}

#[test]
fn hundred_refreshes_at_once_all_answer() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    wait(client.open(LINK.to_owned(), OPEN, None)).unwrap();
    let before = running();
    let refreshed = wait(join_all((0..100).map(|_| client.refresh(COMMUNITY.to_owned(), None))));
    assert_eq!(refreshed.into_iter().filter(|opened| opened.is_ok()).count(), 100);
    eventually("the end of their work", || running() == before);
}

/// Polls once, then drops.
fn begun_and_dropped<T>(call: impl Future<Output = T>) {
    let mut call = pin!(call);
    let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn lock_is_carried_out_though_its_caller_is_gone() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = wait(Client::build(lab.kept(key()))).unwrap();
    begun_and_dropped(client.lock());
    eventually("the lock", || wait(client.communities()).is_err_and(|error| error.code() == "store_locked"));
    wait(client.unlock(key())).unwrap();
    wait(client.communities()).unwrap();
}

#[test]
fn wipe_is_carried_out_though_its_caller_is_gone() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = wait(Client::build(lab.kept(key()))).unwrap();
    wait(client.open(LINK.to_owned(), OPEN, None)).unwrap();
    begun_and_dropped(client.wipe());
    wait(client.shutdown()).unwrap();
    let client = wait(Client::build(lab.kept(StoreKeySource::Bytes { bytes: vec![8; 32] }))).unwrap();
    assert!(wait(client.communities()).unwrap().is_empty(), "another key opens it: it was made anew");
}

#[test]
fn errors_are_in_the_language_of_the_client() {
    let _alone = counted();
    let lab = ServedLab::new();
    let client = lab.client();
    let english = wait(client.open("not a link".to_owned(), OPEN, None)).map(drop).unwrap_err();
    client.set_language(Language::Ru).unwrap();
    let russian = wait(client.open("not a link".to_owned(), OPEN, None)).map(drop).unwrap_err();
    assert_eq!((english.kind(), english.code()), (russian.kind(), russian.code()));
    assert!(russian.text().chars().any(|letter| ('а'..='я').contains(&letter)), "{}", russian.text());
    assert!(!english.text().chars().any(|letter| ('а'..='я').contains(&letter)));
}

#[test]
fn wrong_configuration_is_an_input_error() {
    let _alone = counted();
    let lab = ServedLab::new();
    let base = || lab.configuration();
    let wrong = [
        Configuration { strategies: vec!["carrier-pigeon:".to_owned()], ..base() },
        Configuration { resolve: vec!["nothing".to_owned()], ..base() },
        Configuration { roots_pem: Some("no certificate".to_owned()), ..base() },
        Configuration { country: Some("Atlantis".to_owned()), ..base() },
        Configuration { fingerprints_csv: Some("a,b".to_owned()), ..base() },
    ];
    for configuration in wrong {
        assert_eq!(wait(Client::build(configuration)).map(drop).unwrap_err().kind(), "input");
    }
    // An app would believe that the guards of its Tor are kept there.
    #[cfg(not(feature = "tor"))]
    {
        let useless = Configuration { tor_directory: Some("/nowhere".to_owned()), ..base() };
        assert_eq!(wait(Client::build(useless)).map(drop).unwrap_err().code(), "tor_not_built_in");
    }
    let forbidden = Configuration { exposure: Some(Exposure::Tor), ..base() };
    assert_eq!(wait(Client::build(forbidden)).map(drop).unwrap_err().kind(), "not_permitted");
}

#[test]
fn two_clients_stand_side_by_side() {
    let _alone = counted();
    let lab = ServedLab::new();
    let (first, second) = (lab.client(), lab.client());
    wait(first.open(LINK.to_owned(), OPEN, None)).unwrap();
    assert!(wait(second.communities()).unwrap().is_empty());
    wait(first.shutdown()).unwrap();
    wait(second.open(LINK.to_owned(), OPEN, None)).unwrap();
}

#[test]
fn blocked_page_has_the_evidence_of_its_attempts() {
    let _alone = counted();
    let lab = ServedLab::new();
    lab.lab.censor().when_sni("http.example").reset();
    let error = wait(lab.client().get(lab.url("/hello"), GET, None)).map(drop).unwrap_err();
    assert_eq!(error.kind(), "unreached");
    let reachability = error.reachability().unwrap();
    assert!(!reachability.full.attempts.is_empty() && !reachability.sentence.is_empty());
}
