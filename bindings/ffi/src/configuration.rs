//! The configuration of a client.

use std::time::Duration;

use byway::Builder;
use zeroize::Zeroizing;

use crate::errors::{BywayError, Own, Worded};
use crate::keys::StoreKeySource;
use crate::tor_transport::TorTransport;

mirror! {
    /// Who may learn that a community is read. It outranks reach and can only be raised.
    Exposure of byway::Exposure, else Tor {
        /// Any strategy may be used.
        Open,
        /// Never a direct packet to the community's hosts, not even for DNS.
        Proxied,
        /// Tor only.
        Tor,
    }
}

mirror! {
    /// A language of sentences and errors: `language` sets it for a client, an argument for one sentence.
    Language of byway::Language, else En {
        /// English.
        En,
        /// Russian.
        Ru,
    }
}

mirror! {
    /// The kinds of networks.
    NetworkKind of byway::NetworkKind, else Other {
        /// Wi-Fi.
        Wifi,
        /// A mobile carrier.
        Cell,
        /// A VPN, on whatever network. What is learned of routes behind it is kept apart from the network without it,
        /// and a verdict about the direct route says that it is about the VPN.
        Vpn,
        /// Another kind, or unknown.
        Other,
    }
}

/// The network, as the system describes it to the app: `NetworkCapabilities` on Android, `NWPath` on iOS.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Network {
    /// An id that the app chooses, the same whenever the device is on this network. Only a keyed hash of it is stored.
    pub id: String,
    /// The kind of network.
    pub kind: NetworkKind,
    /// Each byte costs money: background work reads the newest posts and nothing older.
    pub metered: bool,
    /// The system has found that the network leads to the internet. If this is `false`, a verdict says so too.
    pub validated: bool,
}

impl From<byway::Network> for Network {
    fn from(core: byway::Network) -> Self {
        Self { id: core.id, kind: core.kind.into(), metered: core.metered, validated: core.validated }
    }
}

impl From<Network> for byway::Network {
    fn from(crossed: Network) -> Self {
        let mut network = byway::Network::new(crossed.id, crossed.kind.into());
        network.metered = crossed.metered;
        network.validated = crossed.validated;
        network
    }
}

/// The token for VKontakte's API. It is sent only to the API.
#[derive(Clone, uniffi::Enum)]
pub enum VkToken {
    /// An app's token, which names no user.
    Service {
        /// The token.
        token: String,
    },
    /// A user's token. It is never sent for exposure `tor`.
    User {
        /// The token.
        token: String,
    },
}

impl From<VkToken> for byway::VkToken {
    fn from(crossed: VkToken) -> Self {
        match crossed {
            VkToken::Service { token } => byway::VkToken::service(token),
            VkToken::User { token } => byway::VkToken::user(token),
        }
    }
}

/// Where what is read is kept, and the key with which it is sealed.
#[derive(Clone, uniffi::Record)]
pub struct DataDirectory {
    /// The directory. It is made if it does not exist.
    pub path: String,
    /// The key.
    pub key: StoreKeySource,
}

/// The configuration of a client. Everything has a default that works.
#[derive(Clone, uniffi::Record)]
pub struct Configuration {
    /// The strategies that are allowed, as text, in the order in which they are tried: `direct:`, `socks5://...`,
    /// `tor+socks5://127.0.0.1:9050`. If none is given, only `direct:` is allowed.
    #[uniffi(default = [])]
    pub strategies: Vec<String>,
    /// Who may learn of what is read.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// The language of sentences and errors. The default is English.
    #[uniffi(default)]
    pub language: Option<Language>,
    /// The token for VKontakte's API.
    #[uniffi(default)]
    pub vk_token: Option<VkToken>,
    /// Another address of VKontakte's API.
    #[uniffi(default)]
    pub vk_api: Option<String>,
    /// Where what is read is kept. The default is in memory. With the strategy `tor:`, give one: without it, each start of Tor chooses its guards
    /// anew, and more and more relays see the reader's address.
    #[uniffi(default)]
    pub data_directory: Option<DataDirectory>,
    /// Certificate authorities that are trusted as well as the bundled ones, in PEM.
    #[uniffi(default)]
    pub roots_pem: Option<String>,
    /// Addresses of hosts for direct strategies, like curl's `--resolve`: `HOST:PORT:ADDRESS[,ADDRESS]`.
    #[uniffi(default = [])]
    pub resolve: Vec<String>,
    /// A whole call is given up after this time. The default is 60 seconds.
    #[uniffi(default)]
    pub timeout: Option<Duration>,
    /// The network that the device is on.
    #[uniffi(default)]
    pub network: Option<Network>,
    /// The country that the device is in, by its two letters.
    #[uniffi(default)]
    pub country: Option<String>,
    /// More fingerprints of block pages, as CSV.
    #[uniffi(default)]
    pub fingerprints_csv: Option<String>,
    /// What speaks the transports of the bridges of the strategy `tor:`. The first that names a transport serves it.
    #[uniffi(default = [])]
    pub tor_transports: Vec<TorTransport>,
    /// Keys for restricted onion services, as Tor writes them: `ADDRESS:descriptor:x25519:KEY`. For the strategy `tor:`.
    #[uniffi(default = [])]
    pub onion_keys: Vec<String>,
    /// Without a data directory, where the strategy `tor:` keeps its guards and its list of relays: in the folder `tor` of this directory,
    /// not sealed. `wipe` removes them. The library without Tor refuses it.
    #[uniffi(default)]
    pub tor_directory: Option<String>,
}

impl Configuration {
    /// Makes the core's builder. This parses certificates, so it belongs on a worker thread.
    pub(crate) fn builder(self) -> Result<Builder, BywayError> {
        let Self {
            strategies,
            exposure,
            language,
            vk_token,
            vk_api,
            data_directory,
            roots_pem,
            resolve,
            timeout,
            network,
            country,
            fingerprints_csv,
            tor_transports,
            onion_keys,
            tor_directory,
        } = self;
        let language = language.unwrap_or(Language::En);
        let mut builder = byway::Byway::builder().language(language.into());
        // Their texts contain logins.
        for strategy in strategies.into_iter().map(Zeroizing::new) {
            builder = builder.strategy(strategy.parse().map_err(|error: byway::StrategyError| error.worded(language))?);
        }
        if let Some(exposure) = exposure {
            builder = builder.exposure(exposure.into());
        }
        if let Some(token) = vk_token {
            builder = builder.vk_token(token);
        }
        if let Some(base) = vk_api {
            builder = builder.vk_api(base);
        }
        if let Some(DataDirectory { path, key }) = data_directory {
            builder = builder.data_dir(path, key.provider(language)?);
        }
        if let Some(pem) = roots_pem {
            let roots = byway::Roots::from_certificates(pem.as_bytes()).map_err(|error| error.worded(language))?;
            builder = builder.roots(roots);
        }
        for entry in resolve {
            let (destination, addresses) =
                byway::parse_resolve_entry(&entry).map_err(|error| error.worded(language))?;
            for address in addresses {
                builder = builder.resolve(destination.clone(), address);
            }
        }
        if let Some(timeout) = timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(network) = network {
            builder = builder.network(network.id);
        }
        if let Some(country) = country {
            builder = builder.country(country.parse().map_err(|_| Own::Country.error(language))?);
        }
        if let Some(csv) = fingerprints_csv {
            let loaded = byway::Fingerprints::parse_csv(&csv).map_err(|error| error.worded(language))?;
            builder = builder.fingerprints(&loaded.fingerprints);
        }
        for transport in tor_transports {
            let transport = transport.checked(language)?;
            #[cfg(feature = "tor")]
            {
                builder = builder.tor_transport(transport);
            }
            // Without Tor there is no bridge that would need it.
            #[cfg(not(feature = "tor"))]
            drop(transport);
        }
        for key in onion_keys.into_iter().map(Zeroizing::new) {
            let key: byway::OnionKey = key.parse().map_err(|error: byway::OnionKeyError| error.worded(language))?;
            #[cfg(feature = "tor")]
            {
                builder = builder.onion_key(key);
            }
            #[cfg(not(feature = "tor"))]
            drop(key);
        }
        if let Some(directory) = tor_directory {
            #[cfg(feature = "tor")]
            {
                builder = builder.tor_dir(directory);
            }
            // The app would believe that its guards are kept.
            #[cfg(not(feature = "tor"))]
            {
                drop(directory);
                return Err(byway::StrategyError::TorNotBuiltIn.worded(language));
            }
        }
        #[cfg(all(debug_assertions, feature = "tor"))]
        if let Some(network) =
            crate::debug_tor::network().map_err(|_| byway::StrategyError::TorNotBuiltIn.worded(language))?
        {
            builder = builder.tor_network(network);
        }
        Ok(builder)
    }
}
