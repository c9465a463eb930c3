//! The front door: [`Byway`] and its [`Builder`].
//!
//! An app hands Byway a community's link and gets the community, its posts and its events, with an account of how it
//! was reached. What can be asked:
//!
//! - [`Byway::open`] reads a community by whichever way works, or answers from the store where none does;
//!   [`Byway::refresh`] and [`Byway::sync_once`] do so for what is known already.
//! - [`Byway::preview`] says whom that would contact, and sends nothing.
//! - [`Byway::posts`] and its neighbours show what is kept, [`Byway::search`] finds in it, and [`Byway::changes`] tells
//!   what is new in it; [`Byway::fetch_attachment`] fetches what hangs on a post.
//! - [`Byway::get`] fetches any page by whichever way works.
//! - [`Byway::reqwest`] is a `reqwest` client for whatever else an app fetches or sends: see [`reqwest_face`].
//! - [`Byway::probe`] asks every way by itself and compares.
//! - [`Byway::engine_events`] tells of all that while it happens, and [`Byway::report`] of what happened lately.
//!
//! Whatever goes out answers with a [`Reachability`], also when nothing was reached: what the evidence means, by which rule,
//! and the evidence itself. The verdict speaks of the first strategy that may be used, because that is the one
//! the user would take; all others are the second vantage.
//!
//! Exposure, calls at once and the end of a client: see [`Byway`].
//!
//! Nothing else is contacted: no probe host of ours, no telemetry. Dropping a future ends what it started.

mod access_error;
mod access_scope;
mod account;
mod async_store;
mod attachment;
mod binding;
mod builder;
#[cfg(feature = "reqwest")]
mod cookies;
mod dial_backoff;
mod documents;
mod get;
mod get_response;
mod keyed_mutex;
mod known;
#[cfg(test)]
mod languages;
mod ledger_buffer;
mod life_cycle;
mod link;
mod lists;
mod network;
mod note;
mod open;
mod opened;
mod owed;
mod page_request;
mod preview;
mod probe;
mod reachability;
mod read_request;
mod reading_turns;
mod redactor;
mod report;
#[cfg(feature = "reqwest")]
pub mod reqwest_face;
mod single_flight;
mod storage;
mod sync;
mod web_url;
mod worker;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use account::{
    Account, AccountAddress, AccountAnswer, AccountAttempt, AccountLookup, AccountStatement, AccountVerdict,
};
pub use attachment::{AttachmentError, AttachmentFault, AttachmentId, FetchedFile, attachments};
pub use builder::{BuildError, Builder};
pub use get_response::{GetError, GetFault, GetOptions, GetResponse};
pub use link::{HomeLink, LinkError};
pub use lists::SearchOptions;
pub use network::{Network, NetworkKind};
pub use note::Note;
pub use opened::{OpenError, OpenFault, OpenOptions, Opened, ReadFrom};
pub use preview::{Preview, PreviewContact, PreviewRoute};
pub use probe::ProbeOptions;
pub use reachability::Reachability;
pub use redactor::Redaction;
pub use report::{Access, Action, MAX_ACCESSES};
#[cfg(feature = "reqwest")]
pub use reqwest_face::{ReachabilityExt, ReqwestBuilder, ReqwestEngine};
pub use sync::{SyncLimits, SyncOutcome, Synced, SyncedCommunity};
pub use web_url::UrlError;

use self::async_store::AsyncStore;
use self::dial_backoff::DialBackoff;
use self::keyed_mutex::KeyedMutex;
use self::read_request::Reading;
use self::report::Report;
use self::single_flight::SingleFlight;
use crate::exposure::Exposure;
use crate::fetch::HttpClient;
use crate::net::Net;
use crate::reach::{Context, EventHub, Fingerprints, Ledger};
use crate::sentences::Language;
use crate::source::Sources;
use crate::transport::{Country, Strategy, is_loopback};

/// Reaches communities. Made by [`Byway::builder`].
///
/// A handle: a clone is cheap and reaches the same store, connections and reports. Share it by cloning.
///
/// # Exposure
///
/// The exposure of an access is the highest of four: the builder's, the caller's, the link's, and the least one that the
/// store has for this community. A link's counts on every URL, and a word in it that is no exposure is an error. The store
/// answers by what an address names, however it is spelled: a page of VKontakte's by every community in it, or by the highest exposure there where it names none for certain; any other page by
/// its host. An `.onion` name goes to Tor alone. What a community was once read with is its least one from then on, and that of its
/// homes, its successor and its gatherings; nothing lowers it but a wipe. It binds every hop, retry and attachment. Where
/// the store cannot say it (locked, suspended, damaged), nothing is sent.
///
/// # Side by side
///
/// Use it from many tasks. Openings and refreshes of one community at once are one reading where they ask for the same with the same exposure, and each gets its result; to drop one cancels that one alone.
/// Others of one community take turns, so that each sees the exposure that the one before it left behind, and the time of
/// waiting counts. Different communities are read side by side.
///
/// # How it ends
///
/// With the last handle. A `reqwest` client, its builder and a response body that is still read hold one too; reports,
/// pages and engine events do not. Nothing blocks the thread that drops it: a worker thread of tokio's writes what was
/// learned last and closes the store. Without a runtime at hand the runtime of [`Builder::build`] does that, and where that
/// one has ended, the thread that drops. Who builds on the same directory right after waits until it is closed. A store
/// that the app gave ([`Builder::store`]) stays open as long as the app has it.
///
/// [`Byway::wipe`], [`Byway::lock`] and [`Byway::suspend`] are carried out once they were polled, whatever becomes of their
/// futures, and what is asked of the store later comes after them. Every other call ends when its future is dropped; that
/// is how it is cancelled.
#[derive(Clone)]
pub struct Byway {
    inner: Arc<Inner>,
}

/// What all handles share.
struct Inner {
    http: HttpClient,
    sources: Sources,
    strategies: Vec<Strategy>,
    exposure: Exposure,
    /// Where this device is.
    country: Option<Country>,
    fingerprints: Fingerprints,
    timeout: Duration,
    /// In which results are worded when they are serialised.
    language: Mutex<Language>,
    net: Arc<dyn Net>,
    store: AsyncStore,
    ledger: Arc<Ledger>,
    network: Mutex<Network>,
    /// By community: whose turn it is to read it.
    turns: KeyedMutex,
    readings: SingleFlight<Reading, Result<Opened, OpenError>>,
    report: Report,
    dial_backoff: DialBackoff,
    events: EventHub,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.store.closing();
    }
}

impl fmt::Debug for Byway {
    /// Redacted: a log must not say who reads what by which proxies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Byway")
            .field("strategies", &self.inner.strategies.len())
            .field("exposure", &self.inner.exposure)
            .field("kept", &self.inner.store)
            .finish_non_exhaustive()
    }
}

/// Which ways may be used for an access.
#[derive(Clone, Copy, Debug)]
struct Ways {
    exposure: Exposure,
    /// Something that is known speaks against direct ways, and the user has not allowed them.
    avoid_direct: bool,
    /// The user has allowed them for this access, wherever it is redirected to.
    allow_direct: bool,
}

impl Byway {
    /// The strategies that may be used, in the order given. They are tried in it: see [`Builder::strategy`].
    pub fn strategies(&self) -> &[Strategy] {
        &self.inner.strategies
    }

    /// The first strategy that may be used for this host: verdicts speak of it. Where none may, nothing is sent, and the
    /// first that the exposure allows, or the first of all, stands for them.
    fn subject(&self, ways: Ways, host: Option<url::Host<&str>>) -> &Strategy {
        let here = host.is_some_and(|host| is_loopback(&host));
        let reaches = |strategy: &&Strategy| !here || strategy.reaches_this_device();
        // The builder gives at least one.
        self.allowed(ways).find(reaches).or_else(|| self.allowed(ways).next()).unwrap_or(&self.inner.strategies[0])
    }

    fn allowed(&self, ways: Ways) -> impl Iterator<Item = &Strategy> {
        let may = move |strategy: &&Strategy| {
            strategy.is_allowed_by(ways.exposure) && !(ways.avoid_direct && strategy.is_direct())
        };
        self.inner.strategies.iter().filter(may)
    }

    /// The language in which results are worded when they are serialised: see [`Builder::language`].
    pub fn language(&self) -> Language {
        *self.inner.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Words in this language what is answered from now on. Results that were answered before keep theirs.
    pub fn set_language(&self, language: Language) {
        *self.inner.language.lock().unwrap_or_else(PoisonError::into_inner) = language;
    }

    /// What a verdict should know besides the attempts.
    fn context(&self) -> Context {
        let fingerprints = self.inner.fingerprints.clone();
        let alive = self.inner.dial_backoff.lives(self.inner.net.now());
        Context { country: self.inner.country, fingerprints, alive, ..self.network_mut().context() }
    }

    fn wall(&self) -> Timestamp {
        Timestamp::try_from(self.inner.net.wall()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn network_mut(&self) -> MutexGuard<'_, Network> {
        self.inner.network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
