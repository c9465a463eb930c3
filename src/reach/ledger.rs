//! What was learned about routes, per network.
//!
//! A ledger holds, for each network, destination and strategy: the day of the last proven answer, the day of the last
//! loss, how many losses came in a row, and the usual time to the first byte. [`Ledger::order`] turns that into the
//! order of the next race:
//!
//! 1. Strategies that have answered here, or have lost and have rested since, and those of which nothing is known where none
//!    has answered. Among these the app's order stands, so that one that the app put first gets its chance again when its
//!    rest is over: a block that was lifted is noticed, for the price of one hedge delay.
//! 2. Strategies of which nothing is known, behind any that has answered.
//! 3. Strategies that rest after a loss, the least bad first. When all of them rest, that one starts at once: there is
//!    no "wait and try later" for a reader who wants to read now.
//!
//! None of this moves a strategy past one that the app put before it and that reveals less (`revealed`): what was learned
//! makes a reading faster and never shows it to more.
//!
//! Only authenticated content counts, all of it or so much that a censor's freeze is behind it (64 KiB). A handshake that a
//! censor lets pass, an error page, a notice, a body that has only begun: none of them makes a route good.
//!
//! A ledger is a diary of what somebody reads, so it is kept like one. Networks, destinations and strategies are in it
//! only as keyed hashes (HMAC-SHA256, truncated to 128 bits) under a secret of this installation; times are rounded to
//! the day; entries are bounded and expire. How long a strategy still rests is known to the minute in memory only.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::revealed::arrange;
use super::{Attempt, Finding, Outcome};
use crate::transport::{Cause, Destination, Strategy};

/// The network the device is on now, as an opaque id that the app chooses.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct NetworkId(pub String);

impl fmt::Debug for NetworkId {
    /// Redacted: an app may well use the name of a Wi-Fi.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkId(..)")
    }
}

/// Where the ledger's bytes are kept. It does not look into them.
pub trait LedgerStorage: fmt::Debug + Send + Sync {
    /// What was saved last.
    fn load(&self) -> Option<Vec<u8>>;
    /// Keeps the bytes. Called while the ledger is locked: it must not block for long, nor call the ledger.
    fn save(&self, bytes: &[u8]);
}

/// The wall clock, as a ledger asks for it.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The memory of routes. Cheap to ask, and to share behind an `Arc`.
pub struct Ledger {
    storage: Option<Arc<dyn LedgerStorage>>,
    clock: WallClock,
    key: hmac::Key,
    memory: Mutex<Memory>,
}

impl Ledger {
    /// A memory that ends with the process.
    pub fn in_memory() -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        // Without randomness the hashes could be recomputed by an attacker who reads this process's memory and finds
        // the names there as well: a memory that is never stored loses nothing by it.
        let _ = getrandom::fill(secret.as_mut());
        Self::new(None, &secret, Arc::new(SystemTime::now))
    }

    /// A memory that is kept in `storage`, its keys hashed with the 32 bytes of `secret`: random, one an installation,
    /// kept where the app keeps its keys. What cannot be read (another version, another secret, damage) is forgotten.
    pub fn stored(storage: Arc<dyn LedgerStorage>, secret: &[u8; 32], clock: WallClock) -> Self {
        Self::new(Some(storage), secret, clock)
    }

    fn new(storage: Option<Arc<dyn LedgerStorage>>, secret: &[u8; 32], clock: WallClock) -> Self {
        let today = day(clock());
        let mut memory = Memory::default();
        if let Some(storage) = &storage
            && let Some(bytes) = storage.load()
        {
            memory.book = Book::read(&bytes, today);
            // What is not kept is not left lying there either.
            let clean = memory.book.write();
            if clean != bytes {
                storage.save(&clean);
            }
        }
        Self { storage, clock, key: hmac::Key::new(hmac::HMAC_SHA256, secret), memory: Mutex::new(memory) }
    }

    /// Notes how the attempts of one race on this network ended.
    ///
    /// They are taken together, by strategy: one proven attempt makes it good, whatever its other addresses did. Without
    /// one, a failure or a refuted answer is a loss, and so is silence for as long as the winner needed in all. What
    /// concerns nobody but us (a limit, a rule) and the origin's own faults say nothing.
    pub fn note(&self, network: &NetworkId, destination: &Destination, attempts: &[Attempt]) {
        self.write(network, destination, attempts, true);
    }

    /// The same where the answer has only begun, or came without a proof of who sent it: the winner has not shown yet
    /// that it is any good, and the losers have lost all the same.
    pub fn note_losers(&self, network: &NetworkId, destination: &Destination, attempts: &[Attempt]) {
        self.write(network, destination, attempts, false);
    }

    fn write(&self, network: &NetworkId, destination: &Destination, attempts: &[Attempt], healthy: bool) {
        let now = (self.clock)();
        let today = day(now);
        let patience = patience(attempts);
        let mut memory = self.memory();
        let Memory { book, rests, hashes } = &mut *memory;
        let hashes = Hashes::of(hashes, self, network, destination);
        let page = book.page(hashes.network, today);
        let mut changed = false;
        let mut noted: Vec<&Strategy> = Vec::new();
        for strategy in attempts.iter().map(|attempt| &attempt.strategy) {
            if noted.contains(&strategy) {
                continue;
            }
            noted.push(strategy);
            let of_it = || attempts.iter().filter(|attempt| attempt.strategy == *strategy);
            let Some(ending) = of_it().filter_map(|attempt| Ending::of(attempt, patience)).max() else { continue };
            let hash = hashes.route(self, strategy);
            if ending == Ending::Good && !healthy {
                continue;
            }
            let entry = page.entry(hash, today);
            let before = entry.clone();
            match ending {
                Ending::Good => {
                    entry.good = Some(today);
                    entry.losses = 0;
                    rests.remove(&hash);
                    // A connection that was open already says nothing of the time that a new one takes.
                    let fresh = of_it().find(|attempt| attempt.outcome == Outcome::Proven && !attempt.reused);
                    if let Some(first_byte) = fresh.and_then(|attempt| attempt.first_byte) {
                        entry.learn(first_byte);
                    }
                }
                Ending::Silent | Ending::Lost => {
                    let first = if ending == Ending::Lost { REST_AFTER_LOSS } else { REST_AFTER_SILENCE };
                    // Who loses while it rests has not lost again: it is the same block, seen twice.
                    let until = rests.get(&hash).copied().filter(|until| *until > now);
                    if until.is_none() {
                        entry.losses = entry.losses.saturating_add(1).min(MOST_LOSSES);
                    }
                    entry.lost = Some(today);
                    let rest = first.saturating_mul(1 << entry.losses.saturating_sub(1)).min(LONGEST_REST);
                    rests.insert(hash, until.map_or(now + rest, |until| until.max(now + rest)));
                }
            }
            changed |= *entry != before;
        }
        // Beyond a day the day of the loss says the same.
        rests.retain(|_, until| *until + DAY > now);
        if let (true, Some(storage)) = (changed, &self.storage) {
            storage.save(&book.write());
        }
    }

    /// The strategies in the order to try, given in the app's order, each with its usual first byte on this network where it has answered.
    pub fn order(
        &self,
        network: &NetworkId,
        destination: &Destination,
        strategies: Vec<Strategy>,
    ) -> Vec<(Strategy, Option<Duration>)> {
        let now = (self.clock)();
        let today = day(now);
        let mut memory = self.memory();
        let Memory { book, rests, hashes } = &mut *memory;
        let hashes = Hashes::of(hashes, self, network, destination);
        let page = book.networks.iter().find(|page| page.network == hashes.network);
        let known: Vec<Standing> = strategies
            .iter()
            .map(|strategy| {
                let hash = hashes.route(self, strategy);
                let entry = page.and_then(|page| page.routes.iter().find(|entry| entry.route == hash));
                let Some(entry) = entry.filter(|entry| entry.is_fresh(today)) else { return Standing::default() };
                // After a restart only the day of a loss is known: it rests for what is left of that day.
                let until = rests.get(&hash).copied();
                let rests = match until {
                    Some(until) => until > now,
                    None => entry.losses > 0 && entry.lost == Some(today),
                };
                Standing {
                    good: entry.good.is_some(),
                    tried: true,
                    rests,
                    losses: entry.losses,
                    until,
                    usual: entry.usual_ms.map(|ms| Duration::from_millis(u64::from(ms))),
                }
            })
            .collect();
        let any_good = known.iter().any(|standing| standing.good && !standing.rests);
        let rank = |(_, standing): &(Strategy, Standing)| {
            let rank = match standing {
                Standing { rests: true, .. } => 2,
                Standing { tried: false, .. } if any_good => 1,
                _ => 0,
            };
            (rank, standing.rests.then_some((!standing.good, standing.losses, standing.until)))
        };
        let known: Vec<(Strategy, Standing)> = strategies.into_iter().zip(known).collect();
        let ordered = arrange(known, |(strategy, _)| strategy, rank);
        ordered.into_iter().map(|(strategy, standing)| (strategy, standing.usual)).collect()
    }

    /// Forgets everything, in the storage as well.
    pub fn forget(&self) {
        let mut memory = self.memory();
        *memory = Memory::default();
        if let Some(storage) = &self.storage {
            storage.save(&memory.book.write());
        }
    }

    fn network(&self, network: &NetworkId) -> Hash {
        self.hash(&[&"network", &network.0])
    }

    fn route(&self, network: &NetworkId, destination: &Destination, strategy: &Strategy) -> Hash {
        self.hash(&[&"route", &network.0, destination, strategy])
    }

    /// A keyed hash over the parts as they print, each with its length before it, so that no two lists of parts are one
    /// text. They are printed into the hash itself: a strategy prints its login, of which no copy is to be left.
    fn hash(&self, parts: &[&dyn fmt::Display]) -> Hash {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            let mut length = Length(0);
            // Neither of the two can fail.
            let _ = write!(length, "{part}");
            context.update(&length.0.to_be_bytes());
            let _ = write!(Hashed(&mut context), "{part}");
        }
        let tag = context.sign();
        let mut hash = [0; 16];
        for (byte, from) in hash.iter_mut().zip(tag.as_ref()) {
            *byte = *from;
        }
        Hash(hash)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A panic elsewhere must not take the memory with it: at worst one note is half made.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many bytes something prints.
struct Length(u64);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Prints into a hash.
struct Hashed<'a>(&'a mut hmac::Context);

impl fmt::Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("storage", &self.storage).finish_non_exhaustive()
    }
}

/// What is known of a strategy when a race is ordered.
#[derive(Default)]
struct Standing {
    good: bool,
    tried: bool,
    rests: bool,
    losses: u32,
    until: Option<SystemTime>,
    usual: Option<Duration>,
}

/// What an attempt says of its strategy, from the least telling to the most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Silent,
    Lost,
    Good,
}

impl Ending {
    fn of(attempt: &Attempt, patience: Duration) -> Option<Self> {
        match &attempt.outcome {
            Outcome::Proven => Some(Ending::Good),
            Outcome::Refuted(Finding::OriginFault { .. } | Finding::CaptivePortal) => None,
            Outcome::Refuted(_) => Some(Ending::Lost),
            Outcome::Failed(failure) => match failure.cause {
                Cause::Limit { .. } | Cause::Forbidden { .. } | Cause::Io => None,
                _ => Some(Ending::Lost),
            },
            Outcome::Pending => (attempt.took >= patience).then_some(Ending::Silent),
            Outcome::Interrupted => None,
        }
    }
}

/// How long an attempt of this race must have been silent to have lost: as long as the winner needed in all.
fn patience(attempts: &[Attempt]) -> Duration {
    let needed = |attempt: &Attempt| (attempt.outcome == Outcome::Proven).then_some(attempt.took);
    attempts.iter().filter_map(needed).min().map_or(SILENCE, |took| took.max(SHORTEST_SILENCE))
}

/// All that is in memory: what is stored, and what is known to the minute.
#[derive(Default)]
struct Memory {
    book: Book,
    /// Until when a route rests.
    rests: HashMap<Hash, SystemTime>,
    /// Of the destination that was asked for last.
    hashes: Option<Hashes>,
}

/// The hashes of one destination: each race asks for them before it and after it, and a request over an open connection
/// would spend more time on them than on anything else here. Those of one destination only are kept, and in memory, so
/// that this is no diary either.
struct Hashes {
    of: (NetworkId, Destination),
    network: Hash,
    routes: Vec<(Strategy, Hash)>,
}

impl Hashes {
    /// Those of this destination, made anew where the last ones are another's.
    fn of<'a>(
        last: &'a mut Option<Self>,
        ledger: &Ledger,
        network: &NetworkId,
        destination: &Destination,
    ) -> &'a mut Self {
        let same = last.take().filter(|last| last.of.0 == *network && last.of.1 == *destination);
        last.insert(same.unwrap_or_else(|| Self {
            of: (network.clone(), destination.clone()),
            network: ledger.network(network),
            routes: Vec::new(),
        }))
    }

    fn route(&mut self, ledger: &Ledger, strategy: &Strategy) -> Hash {
        if let Some((_, hash)) = self.routes.iter().find(|(known, _)| known == strategy) {
            return *hash;
        }
        let hash = ledger.route(&self.of.0, &self.of.1, strategy);
        if self.routes.len() < MOST_ROUTES {
            self.routes.push((strategy.clone(), hash));
        }
        hash
    }
}

/// What is stored.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Book {
    version: u32,
    /// The network used last is first.
    networks: Vec<Page>,
}

/// One network.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    network: Hash,
    /// The route noted last is first.
    routes: Vec<Entry>,
}

/// One strategy for one destination on one network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    route: Hash,
    /// The day of the last proven answer, in days since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good: Option<u64>,
    /// The day of the last loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost: Option<u64>,
    /// Losses since the last proven answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    losses: u32,
    /// The usual time from an attempt's start to its first byte, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usual_ms: Option<u32>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A truncated keyed hash; 32 hexadecimal digits in the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hash([u8; 16]);

impl From<Hash> for String {
    fn from(Hash(bytes): Hash) -> Self {
        format!("{:032x}", u128::from_be_bytes(bytes))
    }
}

impl TryFrom<String> for Hash {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(|number| Self(number.to_be_bytes()))
    }
}

impl Default for Book {
    fn default() -> Self {
        Self { version: VERSION, networks: Vec::new() }
    }
}

impl Book {
    /// What can be used of stored bytes; anything unreadable is an empty book.
    fn read(bytes: &[u8], today: u64) -> Self {
        if bytes.len() > MOST_BYTES {
            return Self::default();
        }
        let book = serde_json::from_slice::<Book>(bytes).ok().filter(|book| book.version == VERSION);
        let mut book = book.unwrap_or_default();
        book.networks.truncate(MOST_NETWORKS);
        for page in &mut book.networks {
            page.routes.truncate(MOST_ROUTES);
            for entry in &mut page.routes {
                // A day to come was written under a wrong clock: it counts as today, or it would never expire.
                entry.good = entry.good.map(|day| day.min(today));
                entry.lost = entry.lost.map(|day| day.min(today));
                entry.losses = entry.losses.min(MOST_LOSSES);
            }
        }
        book.expire(today);
        book
    }

    fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The page of a network, moved to the front; what is too old or too much goes.
    fn page(&mut self, network: Hash, today: u64) -> &mut Page {
        self.expire(today);
        let index = self.networks.iter().position(|page| page.network == network);
        let page = match index {
            Some(index) => self.networks.remove(index),
            None => Page { network, routes: Vec::new() },
        };
        self.networks.truncate(MOST_NETWORKS - 1);
        self.networks.insert(0, page);
        &mut self.networks[0]
    }

    fn expire(&mut self, today: u64) {
        for page in &mut self.networks {
            page.routes.retain(|entry| entry.is_fresh(today));
        }
        self.networks.retain(|page| !page.routes.is_empty());
    }
}

impl Page {
    /// The entry of a route, moved to the front.
    fn entry(&mut self, route: Hash, today: u64) -> &mut Entry {
        let index = self.routes.iter().position(|entry| entry.route == route);
        let entry = match index {
            Some(index) => self.routes.remove(index),
            None => Entry { route, good: None, lost: None, losses: 0, usual_ms: None },
        };
        debug_assert!(index.is_none() || entry.is_fresh(today), "old entries go before a page is used");
        self.routes.truncate(MOST_ROUTES - 1);
        self.routes.insert(0, entry);
        &mut self.routes[0]
    }
}

impl Entry {
    fn is_fresh(&self, today: u64) -> bool {
        self.good.max(self.lost).is_some_and(|day| day.saturating_add(EXPIRES_DAYS) > today)
    }

    /// Moves the usual time a quarter of the way to the newest.
    fn learn(&mut self, first_byte: Duration) {
        let new = u32::try_from(first_byte.as_millis()).unwrap_or(u32::MAX).min(LONGEST_USUAL_MS);
        let usual = self.usual_ms.map_or(new, |old| (old / 4).saturating_mul(3).saturating_add(new / 4));
        self.usual_ms = Some(usual);
    }
}

fn day(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / DAY.as_secs()
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The stored form. Another one is not read: what was learned is learned again in a day.
const VERSION: u32 = 1;

/// After two weeks a network's policy is a new one, and a person's habits are nobody's.
const EXPIRES_DAYS: u64 = 14;

/// Home, work, the phone's two carriers, and some cafes.
const MOST_NETWORKS: usize = 8;

/// Some fifty hosts by five ways.
const MOST_ROUTES: usize = 256;

/// What `MOST_NETWORKS` by `MOST_ROUTES` entries take, and half as much again.
const MOST_BYTES: usize = 400 * 1024;

/// The first rest of a route that failed; each further loss in a row doubles it. Policies flip by the hour (N16).
const REST_AFTER_LOSS: Duration = Duration::from_secs(60 * 60);

/// The first rest of a route that was silent until another won: it may only have been slow.
const REST_AFTER_SILENCE: Duration = Duration::from_secs(10 * 60);

/// The longest rest: once a day a strategy that the app put first gets its chance.
const LONGEST_REST: Duration = DAY;

/// More losses in a row than this change nothing.
const MOST_LOSSES: u32 = 16;

/// Silence below the shortest hedge delay means nothing, however fast the winner was.
const SHORTEST_SILENCE: Duration = Duration::from_millis(250);

/// Without a winner to compare with, silence is a loss once a lost packet has been sent again (RFC 6298).
const SILENCE: Duration = Duration::from_secs(3);

/// A first byte that takes a minute is as bad as none.
const LONGEST_USUAL_MS: u32 = 60_000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use proptest::prelude::*;
    use url::Host;

    use super::*;
    use crate::transport::{Failure, LimitKind, Stage, Strategy};

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
        let fault = Finding::OriginFault { status: Some(503), what: String::new() };
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
        let usual = |setup: &Setup| {
            setup.ledger.order(&network("home"), &destination("vk.com"), vec![TOR.parse().unwrap()])[0].1
        };
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
        let entry = Entry { route: Hash([255; 16]), good: day, lost: day, losses: 16, usual_ms: Some(60_000) };
        let page = || Page { network: Hash([255; 16]), routes: vec![entry.clone(); MOST_ROUTES] };
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
            let routes = days.into_iter().map(|(hash, good, lost, losses, usual_ms)| Entry { route: Hash(hash), good, lost: Some(lost), losses, usual_ms });
            let book = Book { version: VERSION, networks: vec![Page { network: Hash([1; 16]), routes: routes.collect() }] };
            prop_assert_eq!(Book::read(&book.write(), 20_000), book);
        }
    }
}
