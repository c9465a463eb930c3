//! What was learned about routes, per network.
//!
//! A ledger holds, for each network, destination and strategy: the day of the last proven answer, the day of the last
//! loss, the number of losses in a row, and the usual time to the first byte. [`Ledger::order`] turns that into the
//! order of the next race:
//!
//! 1. Strategies that have answered here, and strategies whose rest after a loss is over. Unknown strategies belong
//!    here too if no strategy has answered. Among these the app's order holds, so that the app's first strategy gets
//!    another chance when its rest is over: a lifted block is noticed at the price of one hedge delay.
//! 2. Unknown strategies, if another strategy has answered.
//! 3. Strategies that rest after a loss, the least bad first. If all of them rest, that one starts at once: there is no
//!    "wait and try later" for a reader who wants to read now.
//!
//! None of this moves a strategy past one that the app put before it and that reveals less (`revealed`). What was
//! learned makes a reading faster and never shows it to more observers.
//!
//! Two things are known of a network as a whole: whether direct strategies have failed where another one got through, and how long
//! the start of the Tor within this process takes. By these a plan starts Tor early, and says how long it may take.
//!
//! Only authenticated content counts: all of it, or so much that the point at which a censor freezes a flow (64 KiB) is
//! passed. A handshake that a censor lets pass, an error page, a notice, a body that has only begun: none of them makes
//! a route good.
//!
//! A ledger records what a person reads, so it is kept like a diary. Networks, destinations and strategies are stored
//! only as keyed hashes (HMAC-SHA256, truncated to 128 bits) under a secret of this installation. Times are rounded to
//! the day. Entries are bounded and expire. How long a strategy still rests is known to the minute in memory only.

mod book;
mod ending;

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::revealed::arrange;
use super::{Attempt, Outcome};
use crate::transport::{Destination, Strategy};
use book::{Book, DAY, Hash, MOST_LOSSES, MOST_ROUTES, RouteEntry, day};
use ending::{Ending, patience};

/// The network that the device is on now, as an opaque id that the app chooses.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct NetworkId(pub String);

impl fmt::Debug for NetworkId {
    /// Redacted: an app may use the name of a Wi-Fi network.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkId(..)")
    }
}

/// Storage for the ledger's bytes. It does not interpret them.
pub trait LedgerStorage: fmt::Debug + Send + Sync {
    /// Returns what was saved last.
    fn load(&self) -> Option<Vec<u8>>;
    /// Stores the bytes. It is called while the ledger is locked: it must not block for long, nor call the ledger.
    fn save(&self, bytes: &[u8]);
}

/// The wall clock of a ledger.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// The memory of routes. It is cheap to query, and to share behind an `Arc`.
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
        // Without randomness an attacker who reads this process's memory could recompute the hashes, but finds the
        // names there as well. A memory that is never stored loses nothing by it.
        let _ = getrandom::fill(secret.as_mut());
        Self::new(None, &secret, Arc::new(SystemTime::now))
    }

    /// A memory that is kept in `storage`. Its keys are hashed with the 32 bytes of `secret`, which are random, unique
    /// to an installation, and kept where the app keeps its keys. Unreadable contents (another version, another secret,
    /// damage) are forgotten.
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
            // Entries that were dropped must not stay in the storage either.
            let clean = memory.book.write();
            if clean != bytes {
                storage.save(&clean);
            }
        }
        Self { storage, clock, key: hmac::Key::new(hmac::HMAC_SHA256, secret), memory: Mutex::new(memory) }
    }

    /// Notes how the attempts of one race on this network ended.
    ///
    /// Attempts are grouped by strategy. One proven attempt makes a strategy good, whatever its other addresses did.
    /// Without a proven attempt, a failure or a refuted answer is a loss, and so is silence for as long as the winner
    /// needed in total. Our own limits and rules and the origin's own faults say nothing.
    pub fn note(&self, network: &NetworkId, destination: &Destination, attempts: &[Attempt]) {
        self.write(network, destination, attempts, true);
    }

    /// The same if the answer has only begun, or did not prove its sender. The winner has not yet shown that it is
    /// good, but the losers have lost.
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
                    // A connection that was already open says nothing about the time that a new one takes.
                    let fresh = of_it().find(|attempt| attempt.outcome == Outcome::Proven && !attempt.reused);
                    if let Some(first_byte) = fresh.and_then(|attempt| attempt.first_byte) {
                        entry.learn(first_byte);
                    }
                }
                Ending::Silent | Ending::Lost => {
                    let first = if ending == Ending::Lost { REST_AFTER_LOSS } else { REST_AFTER_SILENCE };
                    // A loss during the rest is not a new loss: it is the same block, seen twice.
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
        // A site that is down fails by every strategy. One that another strategy reads is withheld here.
        let is = |attempt: &Attempt, ending| Ending::of(attempt, patience) == Some(ending);
        let withheld = attempts
            .iter()
            .any(|attempt| attempt.strategy.is_direct() && (is(attempt, Ending::Lost) || is(attempt, Ending::Silent)))
            && !attempts.iter().any(|attempt| attempt.strategy.is_direct() && is(attempt, Ending::Good))
            && attempts.iter().any(|attempt| is(attempt, Ending::Good));
        if withheld {
            let entry = page.entry(self.direct(network), today);
            changed |= entry.lost.replace(today) != Some(today);
        }
        for took in attempts.iter().filter_map(|attempt| attempt.tor_start) {
            let entry = page.entry(self.tor(network), today);
            entry.learn(took);
            entry.good = Some(today);
            changed = true;
        }
        // After a day, the day of the loss gives the same answer.
        rests.retain(|_, until| *until + DAY > now);
        if let (true, Some(storage)) = (changed, &self.storage) {
            storage.save(&book.write());
        }
    }

    /// Returns the strategies in the order to try them, each with its usual first byte on this network if it has
    /// answered. They are given in the app's order.
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
                // After a restart only the day of a loss is known, so the route rests for the remainder of that day.
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

    /// Whether a direct strategy has failed on this network lately where another strategy got through.
    pub fn has_blocked_direct(&self, network: &NetworkId) -> bool {
        self.entry(network, self.direct(network)).is_some()
    }

    /// How long the Tor of this process usually takes to start on this network, if it has done so lately.
    pub fn tor_start(&self, network: &NetworkId) -> Option<Duration> {
        self.entry(network, self.tor(network))?.usual_ms.map(|ms| Duration::from_millis(u64::from(ms)))
    }

    /// Whether this strategy has answered for this destination on this network lately, and has not failed since.
    pub fn works(&self, network: &NetworkId, destination: &Destination, strategy: &Strategy) -> bool {
        let entry = self.entry(network, self.route(network, destination, strategy));
        entry.is_some_and(|entry| entry.good.is_some() && entry.losses == 0)
    }

    fn entry(&self, network: &NetworkId, of: Hash) -> Option<RouteEntry> {
        let (network, today) = (self.network(network), day((self.clock)()));
        let memory = self.memory();
        let page = memory.book.networks.iter().find(|page| page.network == network)?;
        page.routes.iter().find(|entry| entry.route == of && entry.is_fresh(today)).cloned()
    }

    /// Forgets everything, also in the storage.
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

    /// What direct strategies have met on a network, whatever the destination.
    fn direct(&self, network: &NetworkId) -> Hash {
        self.hash(&[&"direct", &network.0])
    }

    /// The starts of Tor on a network.
    fn tor(&self, network: &NetworkId) -> Hash {
        self.hash(&[&"tor", &network.0])
    }

    /// A keyed hash over the printed parts. Each part is preceded by its length, so that no two lists of parts give one
    /// text. The parts are printed directly into the hash: a strategy prints its login, and no copy of it must remain.
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
        // A panic elsewhere must not make the memory unusable. At worst one note is incomplete.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the bytes that a value prints.
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

/// What is known about a strategy when a race is ordered.
#[derive(Default)]
struct Standing {
    good: bool,
    tried: bool,
    rests: bool,
    losses: u32,
    until: Option<SystemTime>,
    usual: Option<Duration>,
}

/// The state in memory: what is stored, and what is known to the minute.
#[derive(Default)]
struct Memory {
    book: Book,
    /// The end of each route's rest.
    rests: HashMap<Hash, SystemTime>,
    /// The hashes of the most recent destination.
    hashes: Option<Hashes>,
}

/// The hashes of one destination. Each race needs them twice, and for a request over an open connection they would cost
/// more time than everything else here. Only those of one destination are kept, and in memory, so that this is not a
/// diary either.
struct Hashes {
    of: (NetworkId, Destination),
    network: Hash,
    routes: Vec<(Strategy, Hash)>,
}

impl Hashes {
    /// Returns the hashes of this destination, computed anew if the last ones belong to another.
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

/// The first rest of a route that failed; each further loss in a row doubles it. Policies flip by the hour (N16).
const REST_AFTER_LOSS: Duration = Duration::from_secs(60 * 60);

/// The first rest of a route that was silent until another won. It may only have been slow.
const REST_AFTER_SILENCE: Duration = Duration::from_secs(10 * 60);

/// The longest rest. Once a day the app's first strategy gets a chance.
const LONGEST_REST: Duration = DAY;

#[cfg(test)]
mod tests;
