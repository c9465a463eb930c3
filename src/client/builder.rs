//! How to make a [`Byway`].

use std::fmt;
use std::net::IpAddr;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::async_store::AsyncStore;
use super::keyed_mutex::KeyedMutex;
use super::ledger_buffer::{LEDGER, LedgerBuffer};
use super::single_flight::SingleFlight;
use super::worker::Worker;
use super::{Byway, Inner, Network, NetworkKind};
use crate::errors::{ErrorKind, errors};
use crate::exposure::Exposure;
use crate::fetch::HttpClient;
use crate::net::{Net, SystemNet};
use crate::reach::{EventHub, Fingerprints, LONGEST_WAIT, Ledger, PlanError};
use crate::sentences::{self, Language};
use crate::source::vk::{Vk, VkConfig, VkConfigError, VkToken};
use crate::source::{AnySource, Source, Sources};
use crate::store::{KeyProvider, Store, StoreError};
#[cfg(feature = "tor")]
use crate::tor::{EmbeddedTor, TorBridges, TorFiles, TorNetwork, TorSettings};
use crate::transport::{Country, Destination, Dialer, Overrides, Strategy, with_one_tor};
#[cfg(feature = "tor")]
use crate::transport::{OnionKey, TorTransport};
use crate::wire::tls::{Roots, TlsClient};

/// Makes a [`Byway`]. Everything has a default that works.
///
/// ```
/// use byway::Byway;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let byway = Byway::builder()
///     .strategy("direct:".parse()?)
///     .strategy("tor+socks5://127.0.0.1:9050".parse()?)
///     .build()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct Builder {
    strategies: Vec<Strategy>,
    exposure: Exposure,
    overrides: Overrides,
    roots: Roots,
    network: Network,
    country: Option<Country>,
    timeout: Option<Duration>,
    language: Language,
    vk: VkConfig,
    sources: Vec<Arc<dyn AnySource>>,
    net: Option<Arc<dyn Net>>,
    store: Option<Store>,
    data_dir: Option<(PathBuf, Box<dyn KeyProvider>)>,
    fingerprints: Fingerprints,
    #[cfg(feature = "tor")]
    tor_dir: Option<PathBuf>,
    #[cfg(feature = "tor")]
    tor_network: Option<TorNetwork>,
    #[cfg(feature = "tor")]
    tor_transports: Vec<TorTransport>,
    #[cfg(feature = "tor")]
    onion_keys: Vec<OnionKey>,
}

impl Byway {
    /// Starts with defaults that work: `direct:`, everything allowed, the bundled roots, the system's network.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Allows one more strategy. Strategies are tried in the order given. What was learned on a network can move a
    /// strategy forward, but only past strategies that reveal no less: a direct one never overtakes a Tor or a proxy
    /// that was given before it. If none is given, only `direct:` is allowed.
    ///
    /// There is one Tor within a process: if any `tor:` has bridges, all of them use all of these, and no public relay as
    /// their first hop.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategies.push(strategy);
        self
    }

    /// Allows more strategies, in their order.
    pub fn strategies(mut self, strategies: impl IntoIterator<Item = Strategy>) -> Self {
        self.strategies.extend(strategies);
        self
    }

    /// Who may learn of what is read. It outranks reach: a route that it forbids is never used.
    pub fn exposure(mut self, exposure: Exposure) -> Self {
        self.exposure = exposure;
        self
    }

    /// On direct routes, uses this address for a host instead of looking the host up, like curl's `--resolve`. May be
    /// called several times for one destination. Proxies and Tor are still given the name.
    pub fn resolve(mut self, destination: Destination, address: IpAddr) -> Self {
        self.overrides.add(destination, address);
        self
    }

    /// Trusts these certificate authorities as well as the bundled ones: see [`Roots::from_certificates`].
    /// Somebody with the keys of such a root can read and change what is read, so give only your own.
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// The network that the device is on, as an id that the app chooses. What is learned about routes belongs to this
    /// network.
    pub fn network(mut self, id: impl Into<String>) -> Self {
        self.network = Network::new(id, NetworkKind::Other);
        self
    }

    /// The country that this device is in. A proxy that leaves in the same country then does not count as a witness
    /// against what that country orders: if it is cut as well, that does not mean that a host is down.
    pub fn country(mut self, country: Country) -> Self {
        self.country = Some(country);
        self
    }

    /// Gives up a whole call after this time, 24 hours at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Words results in this language when they are serialised: verdicts, notes, previews and errors. The default is
    /// English. Methods that take a language as an argument (`sentence(language)`) take any. An error's `Display` is in
    /// English. What a platform states is quoted in its own language.
    ///
    /// The app's language may change while the client exists: [`Byway::set_language`].
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Another address of VK's API than `https://api.vk.ru/method/`. Plain `http` only for a loopback address.
    pub fn vk_api(mut self, base: impl Into<String>) -> Self {
        self.vk.base = Some(base.into());
        self
    }

    /// The token for VK's API. It is sent only to the API, in a header. A plain text is taken for a user's token, which
    /// is never sent under exposure `tor`. An app's token, made by [`VkToken::service`], is sent then as well.
    pub fn vk_token(mut self, token: impl Into<VkToken>) -> Self {
        self.vk.token = Some(token.into());
        self
    }

    /// Also reads homes of another kind. If several sources read the same home, the one given first does. All of them
    /// come before the source for VKontakte.
    pub fn source(mut self, source: impl Source) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Another network than the operating system's: the lab's, or one that binds sockets to an interface.
    pub fn net(mut self, net: Arc<dyn Net>) -> Self {
        self.net = Some(net);
        self
    }

    /// Keeps what is read in this store. Without [`Builder::store`] and [`Builder::data_dir`], it is kept in memory.
    pub fn store(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Keeps what is read in this directory, sealed with the key that the app gives; see [`Store::open`]. If a
    /// [`Builder::store`] is given too, that one is used.
    ///
    /// With the strategy `tor:`, give one (or `Builder::tor_dir`): the relays that see the reader's address (guards) are kept beside
    /// the store. Without that, each start of Tor chooses others, and more and more relays see the address. The event `TorStarts` says
    /// so.
    ///
    /// `key` is a [`StoreKey`](crate::store::StoreKey), the app's own provider, or either of them in an `Arc` or a
    /// `Box`. A worker thread asks for it while [`Builder::build`] waits, and it may wait for a person.
    pub fn data_dir(mut self, directory: impl Into<PathBuf>, key: impl KeyProvider + 'static) -> Self {
        self.data_dir = Some((directory.into(), Box::new(key)));
        self
    }

    /// Also knows these block pages, besides the [few](Fingerprints::starter) that every client knows: see
    /// [`Fingerprints::parse_csv`]. They only give a block its name. They never change what TLS has proved.
    pub fn fingerprints(mut self, more: &Fingerprints) -> Self {
        self.fingerprints = self.fingerprints.and(more);
        self
    }

    /// Where there is no store on the disk, the strategy `tor:` keeps its guards and its list of relays in the folder `tor` of this
    /// directory, for its owner alone. They are not sealed. [`Byway::wipe`] removes them. With [`Builder::data_dir`] or a
    /// [`Builder::store`] on the disk they lie there, and this is not used.
    #[cfg(feature = "tor")]
    pub fn tor_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.tor_dir = Some(directory.into());
        self
    }

    /// The strategy `tor:` uses this private Tor network instead of the public one. It is for tests.
    #[cfg(feature = "tor")]
    pub fn tor_network(mut self, network: TorNetwork) -> Self {
        self.tor_network = Some(network);
        self
    }

    /// A program that speaks a pluggable transport for the bridges of the strategy `tor:`, such as obfs4. May be called several
    /// times; the first that names a transport serves it. A bridge whose transport none serves is not used.
    ///
    /// # Panics
    ///
    /// To start a program needs I/O of tokio's runtime (`enable_io` or `enable_all`). Without it, a reading that starts one panics.
    #[cfg(feature = "tor")]
    pub fn tor_transport(mut self, transport: TorTransport) -> Self {
        self.tor_transports.push(transport);
        self
    }

    /// The key with which a restricted onion service lets this reader in, for the strategy `tor:`. May be called several times; the
    /// last key for an address counts.
    #[cfg(feature = "tor")]
    pub fn onion_key(mut self, key: OnionKey) -> Self {
        self.onion_keys.retain(|known| known.address() != key.address());
        self.onion_keys.push(key);
        self
    }

    /// Makes it. Nothing is contacted yet.
    ///
    /// A worker thread (`spawn_blocking`) parses the roots, reads the files and asks for the key. The calling thread
    /// never blocks. If this process closed the same directory a moment ago, this call waits until it is closed.
    /// Dropping the future leaves nothing open: what the worker has begun is closed again.
    ///
    /// This call, and everything that the [`Byway`] does, needs a tokio runtime of either flavour. The runtime's time
    /// must be enabled, and also its I/O unless [`Builder::net`] gives another network. If one of them is not enabled,
    /// tokio panics at its first use (`enable_all` enables both).
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    ///
    /// # Panics
    ///
    /// If a [`KeyProvider`] of the app panics.
    pub async fn build(self) -> Result<Byway, BuildError> {
        let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
        let worker = Worker::new(runtime);
        match worker.clone().run(move || self.make(worker)).await {
            Ok(made) => made.inspect(|byway| byway.inner.store.claim()),
            Err(failed) if failed.is_panic() => resume_unwind(failed.into_panic()),
            // The runtime ends.
            Err(_) => Err(BuildError::NoRuntime),
        }
    }

    /// Blocks.
    fn make(self, worker: Worker) -> Result<Byway, BuildError> {
        let Self {
            mut strategies,
            exposure,
            overrides,
            roots,
            network,
            country,
            timeout,
            language,
            vk,
            sources,
            net,
            store,
            data_dir,
            fingerprints,
            #[cfg(feature = "tor")]
            tor_dir,
            #[cfg(feature = "tor")]
            tor_network,
            #[cfg(feature = "tor")]
            tor_transports,
            #[cfg(feature = "tor")]
            onion_keys,
        } = self;
        if strategies.is_empty() {
            strategies.push(Strategy::direct());
        }
        if !strategies.iter().any(|strategy| strategy.is_allowed_by(exposure)) {
            return Err(PlanError::ExposureForbidsAll { exposure }.into());
        }
        #[cfg_attr(not(feature = "tor"), expect(unused_variables, reason = "only `tor:` has bridges"))]
        let (strategies, bridges) = with_one_tor(strategies);
        let net = net.unwrap_or_else(|| Arc::new(SystemNet::new()));
        let tls = TlsClient::new(net.clone(), &roots).map_err(|_| BuildError::RootCertificates)?;
        let dialer = Dialer::new(net.clone(), &tls, overrides);
        // In this order, because the store must be dropped first if a line below fails.
        let (unclaimed, store) = match (store, data_dir) {
            (Some(store), _) => (None, store),
            (None, Some((directory, key))) => {
                let (store, unclaimed) = Store::open_unclaimed(directory, &*key)?;
                (Some(unclaimed), store)
            }
            (None, None) => (None, Store::in_memory()?),
        };
        #[cfg(feature = "tor")]
        let tor = {
            let files = TorFiles::new(store.tor_folder(), tor_dir);
            let bridges = TorBridges::new(bridges, tor_transports);
            let settings = TorSettings { files, network: tor_network, bridges, onion_keys };
            Arc::new(EmbeddedTor::new(net.clone(), settings))
        };
        #[cfg(feature = "tor")]
        let dialer = dialer.with_tor(tor.clone());
        // What has grown too old since goes before anything is shown. Where that fails (a full disk), what is kept can still be
        // read, and it is tried again after the next sync.
        let _ = store.retain(Timestamp::try_from(net.wall()).unwrap_or(Timestamp::UNIX_EPOCH));
        let ledger_buffer = LedgerBuffer::of(&store)?;
        let clock = net.clone();
        let ledger = Ledger::stored(ledger_buffer.clone(), &*store.secret(LEDGER)?, Arc::new(move || clock.wall()));
        let ledger = Arc::new(ledger);
        let http = HttpClient::new(dialer, tls, ledger.clone(), strategies.clone(), network.ledger_id())
            .with_fingerprints(fingerprints.clone());
        let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT).min(LONGEST_WAIT);
        let inner = Inner {
            http,
            sources: Sources::new(sources, Vk::new(vk)?),
            strategies,
            exposure,
            country,
            fingerprints,
            timeout,
            language: Mutex::new(language),
            net,
            store: AsyncStore::new(store, ledger_buffer, worker, unclaimed),
            ledger,
            network: Mutex::new(network),
            turns: KeyedMutex::default(),
            readings: SingleFlight::default(),
            report: Arc::default(),
            dial_backoff: Arc::default(),
            events: EventHub::new(),
            #[cfg(feature = "tor")]
            tor,
        };
        Ok(Byway { inner: Arc::new(inner) })
    }
}

impl fmt::Debug for Builder {
    /// Redacted: a log must not say who reads what, or over which proxies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("strategies", &self.strategies.len())
            .field("exposure", &self.exposure)
            .finish_non_exhaustive()
    }
}

/// Why a [`Byway`] cannot be made. Each reason is one sentence that tells a user what to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// One of the roots is not a certificate that can be a root.
    #[error("one of the given certificates cannot be a root")]
    RootCertificates,
    /// The exposure allows none of the strategies.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The address of VK's API or the token is invalid.
    #[error(transparent)]
    Vk(#[from] VkConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// [`Builder::build`] was not awaited inside a tokio runtime, or the runtime ends.
    #[error("a client must be made inside a tokio runtime, and none is running here")]
    NoRuntime,
}

errors! {
    BuildError: |error| match error {
        BuildError::RootCertificates => ErrorKind::Input,
        BuildError::Plan(error) => error.kind(),
        BuildError::Vk(error) => error.kind(),
        BuildError::Store(error) => error.kind(),
        BuildError::NoRuntime => ErrorKind::Internal,
    };
}

impl BuildError {
    /// The stable code: its own, or that of the [`PlanError`], [`VkConfigError`] or [`StoreError`].
    pub fn code(&self) -> &'static str {
        match self {
            BuildError::RootCertificates => "root_certificates",
            BuildError::Plan(error) => error.code(),
            BuildError::Vk(error) => error.code(),
            BuildError::Store(error) => error.code(),
            BuildError::NoRuntime => "no_runtime",
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            BuildError::RootCertificates => sentences::root_certificates(language).to_owned(),
            BuildError::Plan(error) => sentences::plan(language, error),
            BuildError::Vk(error) => sentences::vk_config(language, error),
            BuildError::Store(error) => sentences::store(language, error),
            BuildError::NoRuntime => sentences::no_runtime(language).to_owned(),
        }
    }
}

/// Enough for a community over a Tor that first builds its circuits, and for two requests after that.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
