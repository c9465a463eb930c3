#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::UNIX_EPOCH;

use proptest::prelude::*;
use url::Host;

use super::*;
use crate::reach::ledger::book::{MOST_BYTES, MOST_NETWORKS, NetworkPage, RouteEntry, VERSION};
use crate::reach::{AnswerFault, Finding};
use crate::transport::{Cause, Failure, LimitKind, Stage, Strategy};

const DIRECT: &str = "direct:";
const PROXY: &str = "socks5://proxy.example:1080";
const TOR: &str = "tor+socks5://127.0.0.1:9050";

#[derive(Debug, Default)]
struct Kept(Mutex<Option<Vec<u8>>>);

impl LedgerStorage for Kept {
    fn load(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }
    fn save(&self, bytes: &[u8]) {
        *self.0.lock().unwrap() = Some(bytes.to_vec());
    }
}

/// A ledger with a clock that the test sets.
struct Setup {
    kept: Arc<Kept>,
    now: Arc<Mutex<SystemTime>>,
    ledger: Ledger,
}

impl Setup {
    fn new() -> Self {
        let kept = Arc::new(Kept::default());
        let now = Arc::new(Mutex::new(UNIX_EPOCH + Duration::from_secs(20_000 * 86_400)));
        let ledger = Self::open(&kept, &now);
        Self { kept, now, ledger }
    }

    fn open(kept: &Arc<Kept>, now: &Arc<Mutex<SystemTime>>) -> Ledger {
        let now = now.clone();
        Ledger::stored(kept.clone(), &[7; 32], Arc::new(move || *now.lock().unwrap()))
    }

    fn restart(&mut self) {
        self.ledger = Self::open(&self.kept, &self.now);
    }

    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap() += time;
    }

    fn note(&self, attempts: &[Attempt]) {
        self.ledger.note(&network("home"), &destination("vk.com"), attempts);
    }

    fn order(&self) -> Vec<String> {
        self.order_on("home", "vk.com")
    }

    fn order_on(&self, on: &str, to: &str) -> Vec<String> {
        let strategies: Vec<Strategy> = [DIRECT, PROXY, TOR].map(|text| text.parse().unwrap()).into();
        let order = self.ledger.order(&network(on), &destination(to), strategies);
        order.into_iter().map(|(strategy, _)| strategy.to_string()).collect()
    }
}

fn network(name: &str) -> NetworkId {
    NetworkId(name.to_owned())
}

fn destination(host: &str) -> Destination {
    Destination { host: Host::Domain(host.to_owned()), port: 443 }
}

fn attempt(by: &str, outcome: Outcome, took: u64) -> Attempt {
    Attempt {
        stage: Stage::Tls,
        outcome,
        took: Duration::from_millis(took),
        first_byte: Some(Duration::from_millis(took / 2)),
        proved_name: false,
        ..Attempt::of_test(by.parse().unwrap())
    }
}

fn good(by: &str) -> Attempt {
    attempt(by, Outcome::Proven, 400)
}

fn lost(by: &str) -> Attempt {
    attempt(by, Outcome::Failed(Failure::new(Stage::Tls, Cause::Reset)), 100)
}

fn silent(by: &str, took: u64) -> Attempt {
    attempt(by, Outcome::Pending, took)
}

#[test]
fn the_winner_is_first_next_time() {
    for loser in [lost(DIRECT), silent(DIRECT, 650)] {
        let setup = Setup::new();
        assert_eq!(setup.order(), [DIRECT, PROXY, TOR]);
        setup.note(&[loser, good(TOR)]);
        assert_eq!(setup.order(), [TOR, PROXY, DIRECT]);
        assert_eq!(setup.order_on("cafe", "vk.com"), [DIRECT, PROXY, TOR], "another network is another matter");
        assert_eq!(setup.order_on("home", "vk.ru"), [DIRECT, PROXY, TOR], "and so is another host");
    }
}

#[test]
fn a_cheaper_route_is_retried_after_a_rest_that_grows() {
    let setup = Setup::new();
    for rest in [1, 2, 4, 8, 16, 24, 24] {
        setup.note(&[lost(DIRECT), good(TOR)]);
        setup.pass(Duration::from_secs(rest * 3600 - 1));
        assert_eq!(setup.order(), [TOR, PROXY, DIRECT], "{rest} h");
        setup.pass(Duration::from_secs(1));
        assert_eq!(setup.order(), [DIRECT, TOR, PROXY], "{rest} h");
    }
    setup.note(&[good(DIRECT)]);
    assert_eq!(setup.order(), [DIRECT, TOR, PROXY]);
}

#[test]
fn direct_is_blocked_where_another_strategy_gets_through() {
    let home = network("home");
    let blocked = |attempts: &[Attempt]| {
        let setup = Setup::new();
        setup.note(attempts);
        setup.ledger.has_blocked_direct(&home)
    };
    assert!(blocked(&[lost(DIRECT), good(PROXY)]));
    assert!(blocked(&[silent(DIRECT, 650), good(TOR)]));
    assert!(!blocked(&[lost(DIRECT)]), "it may be down");
    assert!(!blocked(&[lost(DIRECT), lost(PROXY)]), "it may be down");
    assert!(!blocked(&[good(DIRECT), lost(PROXY)]));
    assert!(!blocked(&[silent(DIRECT, 100), good(PROXY)]), "it had less time");
    assert!(!blocked(&[lost(PROXY), good(TOR)]), "a proxy has failed");

    let mut setup = Setup::new();
    setup.note(&[lost(DIRECT), good(PROXY)]);
    assert!(!setup.ledger.has_blocked_direct(&network("cafe")));
    setup.restart();
    assert!(setup.ledger.has_blocked_direct(&home), "it is kept");
    assert!(setup.ledger.works(&home, &destination("vk.com"), &PROXY.parse().unwrap()));
    assert!(!setup.ledger.works(&home, &destination("vk.com"), &DIRECT.parse().unwrap()));
    assert!(!setup.ledger.works(&home, &destination("vk.ru"), &PROXY.parse().unwrap()));
    setup.pass(Duration::from_secs(14 * 24 * 3600));
    assert!(!setup.ledger.has_blocked_direct(&home), "for two weeks");
}

#[test]
fn the_usual_time_of_a_start_of_tor_is_kept_per_network() {
    let mut setup = Setup::new();
    let started = |seconds| Attempt { tor_start: Some(Duration::from_secs(seconds)), ..good(TOR) };
    assert_eq!(setup.ledger.tor_start(&network("home")), None);
    setup.note(&[started(8)]);
    setup.restart();
    assert_eq!(setup.ledger.tor_start(&network("home")), Some(Duration::from_secs(8)));
    setup.note(&[started(4), good(TOR)]);
    assert_eq!(setup.ledger.tor_start(&network("home")), Some(Duration::from_secs(7)));
    assert_eq!(setup.ledger.tor_start(&network("cafe")), None);
    assert_eq!(setup.order(), [TOR, DIRECT, PROXY], "the order has nothing of it");
}

#[test]
fn an_attempt_with_less_time_than_the_winner_did_not_lose() {
    let setup = Setup::new();
    setup.note(&[good(DIRECT), silent(TOR, 150), silent(PROXY, 399)]);
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR]);
    setup.note(&[silent(DIRECT, 2999)]);
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR], "without a winner it takes three seconds");
    setup.note(&[silent(DIRECT, 3000)]);
    assert_eq!(setup.order(), [PROXY, TOR, DIRECT]);
}

#[test]
fn one_good_address_outweighs_the_bad_ones() {
    let setup = Setup::new();
    setup.note(&[good(DIRECT), lost(DIRECT), lost(TOR)]);
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR]);
}

#[test]
fn when_all_rest_the_least_bad_is_first() {
    let setup = Setup::new();
    setup.note(&[good(PROXY)]);
    setup.note(&[lost(DIRECT)]);
    setup.pass(Duration::from_secs(3600));
    setup.note(&[lost(DIRECT), lost(PROXY), lost(TOR)]);
    assert_eq!(setup.order(), [PROXY, TOR, DIRECT]);
}

#[test]
fn a_handshake_a_fault_and_our_own_rules_teach_nothing() {
    let setup = Setup::new();
    let fault = Finding::OriginFault { status: Some(503), what: AnswerFault::ServerError };
    let limit = Failure::new(Stage::Progress, Cause::Limit { limit: LimitKind::Body });
    setup.note(&[attempt(DIRECT, Outcome::Refuted(fault), 100), attempt(TOR, Outcome::Failed(limit), 100)]);
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR]);
    assert_eq!(setup.kept.load(), None);
}

#[test]
fn what_was_learned_survives_a_restart_and_expires() {
    let mut setup = Setup::new();
    setup.note(&[lost(DIRECT), good(TOR)]);
    setup.restart();
    assert_eq!(setup.order(), [TOR, PROXY, DIRECT], "it rests for the rest of the day");
    setup.pass(DAY);
    setup.restart();
    assert_eq!(setup.order(), [DIRECT, TOR, PROXY], "and has its chance the next");
    setup.pass(DAY * 13);
    setup.restart();
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR], "after two weeks it is forgotten");
    let usual =
        |setup: &Setup| setup.ledger.order(&network("home"), &destination("vk.com"), vec![TOR.parse().unwrap()])[0].1;
    assert_eq!(usual(&setup), None);
    setup.note(&[good(TOR)]);
    assert_eq!(usual(&setup), Some(Duration::from_millis(200)));
    setup.note(&[attempt(TOR, Outcome::Proven, 1200)]);
    assert_eq!(usual(&setup), Some(Duration::from_millis(300)));
    setup.ledger.forget();
    assert_eq!(usual(&setup), None);
    setup.restart();
    assert_eq!(usual(&setup), None);
}

#[test]
fn it_stays_within_its_bounds_and_holds_no_name() {
    let mut setup = Setup::new();
    for (networks, hosts) in [(1, 300), (10, 1)] {
        for (on, to) in (0..networks).flat_map(|on| (0..hosts).map(move |to| (on, to))) {
            let (on, to) = (format!("net{on}"), format!("host{to}.example"));
            setup.ledger.note(&network(&on), &destination(&to), &[good(DIRECT), lost(TOR)]);
            let memory = setup.ledger.memory();
            assert!(memory.book.networks.len() <= MOST_NETWORKS);
            assert!(memory.book.networks.iter().all(|page| page.routes.len() <= MOST_ROUTES));
        }
    }
    let text = String::from_utf8(setup.kept.load().unwrap()).unwrap();
    for name in ["net9", "host", "example", "direct", "tor", "socks"] {
        assert!(!text.contains(name), "{name}");
    }
    setup.restart();
    assert_eq!(setup.ledger.memory().book.networks.len(), MOST_NETWORKS);
    assert_eq!(setup.order_on("net9", "host0.example"), [DIRECT, PROXY, TOR]);
}

#[test]
fn the_fullest_book_is_read() {
    let day = Some(99_999);
    let entry = RouteEntry { route: Hash([255; 16]), good: day, lost: day, losses: 16, usual_ms: Some(60_000) };
    let page = || NetworkPage { network: Hash([255; 16]), routes: vec![entry.clone(); MOST_ROUTES] };
    let book = Book { version: VERSION, networks: (0..MOST_NETWORKS).map(|_| page()).collect() };
    let bytes = book.write();
    assert!(bytes.len() <= MOST_BYTES, "{}", bytes.len());
    assert_eq!(Book::read(&bytes, 99_999), book);
}

#[test]
fn a_wrong_clock_makes_nothing_everlasting() {
    let mut setup = Setup::new();
    setup.pass(DAY * 10_000);
    setup.note(&[lost(DIRECT), good(TOR)]);
    *setup.now.lock().unwrap() -= DAY * 10_000;
    setup.restart();
    setup.note(&[good(TOR)]);
    setup.pass(DAY * 15);
    setup.restart();
    assert_eq!(setup.order(), [DIRECT, PROXY, TOR]);
}

proptest! {
    #[test]
    fn whatever_was_stored_is_read_or_forgotten(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0..2000usize, flip in any::<(usize, u8)>()) {
        Book::read(&bytes, 20_000);
        let setup = Setup::new();
        setup.note(&[lost(DIRECT), good(TOR), silent(PROXY, 5000)]);
        let mut stored = setup.kept.load().unwrap();
        let index = flip.0 % stored.len();
        stored[index] ^= flip.1;
        stored.truncate(cut);
        *setup.kept.0.lock().unwrap() = Some(stored);
        let mut order = Setup { ledger: Setup::open(&setup.kept, &setup.now), kept: setup.kept.clone(), now: setup.now.clone() }.order();
        order.sort();
        prop_assert_eq!(order, [DIRECT, PROXY, TOR]);
    }

    #[test]
    fn a_book_reads_back_as_it_was_written(days in prop::collection::vec((any::<[u8; 16]>(), prop::option::of(19_990..20_000u64), 19_990..20_000u64, 0..MOST_LOSSES, any::<Option<u32>>()), 1..20)) {
        let routes = days.into_iter().map(|(hash, good, lost, losses, usual_ms)| RouteEntry { route: Hash(hash), good, lost: Some(lost), losses, usual_ms });
        let book = Book { version: VERSION, networks: vec![NetworkPage { network: Hash([1; 16]), routes: routes.collect() }] };
        prop_assert_eq!(Book::read(&book.write(), 20_000), book);
    }
}
