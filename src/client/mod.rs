//! The main entry: [`Byway`] and its [`Builder`].
//!
//! An app hands Byway a community's link and gets the community, its posts and its events, with an account of how it
//! was reached. An app can call:
//!
//! - [`Byway::open`] to read a community over whichever route works, or from the store if none works;
//!   [`Byway::refresh`] and [`Byway::sync_once`] to do the same for communities that are already known.
//! - [`Byway::successor`], [`Byway::follow`] and [`Byway::stay`] for a community that says it moved.
//! - [`Byway::take_bundle`] for a community in one file.
//! - [`Byway::preview`] to learn whom that would contact. It sends nothing.
//! - [`Byway::posts`] and similar methods to show what is kept, [`Byway::search`] to search it, and [`Byway::changes`]
//!   to learn what is new in it; [`Byway::fetch_attachment`] to fetch the attachments of a post.
//! - [`Byway::get`] to fetch any page over whichever route works.
//! - [`Byway::reqwest`] for a `reqwest` client with which an app can fetch or send anything else: see [`reqwest_face`].
//! - [`Byway::probe`] to ask over every route separately, and to compare the answers.
//! - [`Byway::engine_events`] to watch all that while it happens, and [`Byway::report`] to see what happened lately.
//!
//! Every call that sends something returns a [`Reachability`], even if nothing was reached: what the evidence means,
//! which rule decided, and the evidence itself. The verdict is about the first strategy that may be used, because that
//! is the one the user would take. All others serve as the second vantage.
//!
//! For exposure, concurrent calls and the end of a client, see [`Byway`].
//!
//! Nothing else is contacted: there is no probe host of ours and no telemetry. Dropping a future ends what it started.

mod access_error;
mod access_scope;
mod account;
mod admission;
#[cfg(feature = "publisher")]
mod afresh;
mod arrival;
mod asked;
mod async_store;
mod attachment;
mod binding;
mod builder;
mod bundle;
mod continuity;
#[cfg(feature = "reqwest")]
mod cookies;
mod dial_backoff;
mod documents;
#[cfg(feature = "upload")]
mod exchange;
mod folder;
mod followed;
mod get;
mod get_response;
mod home_access;
mod keyed_mutex;
mod known;
#[cfg(test)]
mod languages;
mod ledger_buffer;
mod life_cycle;
mod link;
mod lists;
mod mirrors;
mod network;
mod note;
mod open;
mod open_kept;
mod opened;
mod opml;
mod owed;
mod page_request;
mod passage;
mod preview;
mod probe;
mod reachability;
mod read_request;
mod reading;
mod reading_turns;
mod redactor;
mod report;
#[cfg(feature = "reqwest")]
pub mod reqwest_face;
mod route_pack;
mod single_flight;
mod standing;
mod storage;
mod succession;
mod sync;
mod sync_queue;
mod worker;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use account::{
    Account, AccountAddress, AccountAnswer, AccountAttempt, AccountLookup, AccountStatement, AccountVerdict,
};
#[cfg(feature = "publisher")]
pub(crate) use afresh::Afresh;
pub use attachment::{AttachmentError, AttachmentFault, AttachmentId, FetchedFile, attachments};
pub use builder::{BuildError, Builder};
pub use bundle::TakenBundle;
#[cfg(feature = "upload")]
pub(crate) use exchange::Exchange;
pub use get_response::{GetError, GetFault, GetOptions, GetResponse};
pub use home_access::HomeAccess;
pub use link::{HomeLink, LinkError};
pub use lists::SearchOptions;
pub use network::{Network, NetworkKind};
pub use note::Note;
pub use opened::{OpenError, OpenFault, OpenOptions, Opened, ReadFrom};
pub use opml::{Opml, OpmlEntry, OpmlError};
pub use preview::{Preview, PreviewContact, PreviewHome, PreviewRoute};
pub use probe::ProbeOptions;
pub use reachability::Reachability;
pub use redactor::Redaction;
pub use report::{Access, Action, MAX_ACCESSES};
#[cfg(feature = "reqwest")]
pub use reqwest_face::{ReachabilityExt, ReqwestBuilder, ReqwestEngine};
pub use route_pack::{MAX_PACK_BYTES, RoutePack};
pub use standing::Standing;
pub use sync::{SyncLimits, SyncOutcome, Synced, SyncedCommunity};

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
#[cfg(feature = "tor")]
use crate::tor::EmbeddedTor;
use crate::transport::{Country, Strategy, is_loopback};

/// Reaches communities. Made by [`Byway::builder`].
///
/// A handle: a clone is cheap and reaches the same store, connections and reports. Share it by cloning.
///
/// # Exposure
///
/// The exposure of an access is the strictest of four: the builder's, the caller's, the link's, and the least one that
/// the store has for this community. A link's exposure counts in every URL, and an unknown word there is an error. The
/// store looks at what an address names, in whatever way it is written. A page of VKontakte belongs to every community
/// that its address names; if it is not certain which one that is, the highest exposure of any community there applies.
/// Any other page belongs to its host. An `.onion` name is sent only to Tor. Once a community was read with an
/// exposure, that is the least one from then on: for the community, its homes, its successor and its gatherings. Only a
/// wipe lowers it. It applies to every hop, retry and attachment. If the store cannot say the exposure (because it is
/// locked, suspended or damaged), nothing is sent.
///
/// # Concurrent calls
///
/// A client can be used from many tasks. Calls that open or refresh one community at the same time, and ask for the
/// same with the same exposure, become one reading. Each call gets its result, and dropping one cancels only that one.
/// Other readings of one community take turns, so that each sees the exposure that the one before it left behind; the
/// time of waiting counts. Different communities are read at the same time.
///
/// # How it ends
///
/// A client ends with its last handle. A `reqwest` client, its builder, and a response body that is still being read
/// hold a handle too; reports, pages and engine events do not. The thread that drops the last handle is not blocked: a
/// worker thread of tokio writes what was learned last and closes the store. If there is no current runtime, the
/// runtime of [`Builder::build`] does that; if that one has ended, the thread that drops does it. If another client is
/// built on the same directory right after, it waits until the store is closed. A store that the app gave
/// ([`Builder::store`]) stays open for as long as the app has it.
///
/// [`Byway::wipe`], [`Byway::lock`] and [`Byway::suspend`] are carried out once they were polled, even if their futures
/// are dropped. What is asked of the store later comes after them. Every other call ends when its future is dropped;
/// that is how it is cancelled.
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
    /// The country that this device is in.
    country: Option<Country>,
    fingerprints: Fingerprints,
    timeout: Duration,
    /// The language of results when they are serialised.
    language: Mutex<Language>,
    net: Arc<dyn Net>,
    store: AsyncStore,
    ledger: Arc<Ledger>,
    network: Mutex<Network>,
    /// For each community: whose turn it is to read it.
    turns: KeyedMutex,
    readings: SingleFlight<Reading, Result<Opened, OpenError>>,
    report: Arc<Report>,
    dial_backoff: Arc<DialBackoff>,
    events: EventHub,
    #[cfg(feature = "tor")]
    tor: Arc<EmbeddedTor>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.store.closing();
    }
}

impl fmt::Debug for Byway {
    /// Redacted: a log must not say who reads what, or over which proxies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Byway")
            .field("strategies", &self.inner.strategies.len())
            .field("exposure", &self.inner.exposure)
            .field("kept", &self.inner.store)
            .finish_non_exhaustive()
    }
}

/// Which routes may be used for an access.
#[derive(Clone, Copy, Debug)]
struct RouteLimits {
    exposure: Exposure,
    /// Something that is known speaks against direct routes, and the user has not allowed them.
    avoid_direct: bool,
    /// The user has allowed direct routes for this access, wherever it is redirected to.
    allow_direct: bool,
}

impl RouteLimits {
    /// For a page about which nothing can be found out.
    const STRICTEST: Self = Self { exposure: Exposure::Tor, avoid_direct: true, allow_direct: false };
}

impl Byway {
    /// The strategies that may be used, in the order given. They are tried in this order: see [`Builder::strategy`].
    pub fn strategies(&self) -> &[Strategy] {
        &self.inner.strategies
    }

    /// The first strategy that may be used for this host: verdicts are about it. If none may be used, nothing is sent.
    /// Then it is the first one that the exposure allows, or the first of all.
    fn subject(&self, ways: RouteLimits, host: Option<url::Host<&str>>) -> &Strategy {
        let here = host.is_some_and(|host| is_loopback(&host));
        let reaches = |strategy: &&Strategy| !here || strategy.reaches_this_device();
        // The builder gives at least one.
        self.allowed(ways).find(reaches).or_else(|| self.allowed(ways).next()).unwrap_or(&self.inner.strategies[0])
    }

    fn allowed(&self, ways: RouteLimits) -> impl Iterator<Item = &Strategy> {
        let may = move |strategy: &&Strategy| {
            strategy.is_allowed_by(ways.exposure) && !(ways.avoid_direct && strategy.is_direct())
        };
        self.inner.strategies.iter().filter(may)
    }

    /// The language in which results are worded when they are serialised: see [`Builder::language`].
    pub fn language(&self) -> Language {
        *self.inner.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on words results in this language. Earlier results keep theirs.
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
