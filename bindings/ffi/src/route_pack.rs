//! Packs of routes: proxies and bridges for a circle of people, signed by an admin and sealed with a passphrase.

use std::time::SystemTime;

use byway::RoutePackError;
use byway::jiff::Timestamp;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::configuration::Language;
use crate::errors::{BywayError, Worded};
use crate::given::timestamp;
use crate::numbers::time;
use crate::publisher::{opened_keys, secret, signed_link};
use crate::runtime::blocking;
use crate::strategies::StrategyInfo;

/// A route of a pack.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PackedRoute {
    /// Its text with its login. Keep it as a secret and put it into a configuration.
    pub secret_text: String,
    /// The same, described.
    pub info: StrategyInfo,
}

/// The routes of a pack.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct RoutePack {
    /// The id of the community whose admin signed it.
    pub community: String,
    /// The routes. As any strategy they are used within the exposure alone.
    pub routes: Vec<PackedRoute>,
    /// They are not to be used after this time. The app keeps it beside them, and leaves them out from then on.
    pub expires: SystemTime,
}

#[uniffi::export]
impl Client {
    /// Opens a pack of routes, and verifies that an admin of a community that is kept here signed it. Nothing is sent, and nothing is
    /// kept: the app puts the routes into its next configuration. If any part of a pack is wrong, nothing of it is used.
    pub async fn import_route_pack(&self, pack: Vec<u8>, passphrase: Vec<u8>) -> Result<RoutePack, BywayError> {
        self.call(None, |byway, language| async move {
            let passphrase = secret(passphrase, language)?;
            let core = byway.import_route_pack(pack, passphrase).await.map_err(|error| error.worded(language))?;
            let route = |core: &byway::Strategy| PackedRoute {
                secret_text: core.to_string(),
                info: StrategyInfo::of(core, language),
            };
            Ok(RoutePack {
                community: core.community.to_string(),
                routes: core.strategies.iter().map(route).collect(),
                expires: time(core.expires),
            })
        })
        .await
    }
}

/// Makes a pack of routes for the readers of this community (its link): signed with an admin's keys, sealed with a passphrase that the
/// circle knows. A pack may have proxies, Shadowsocks, and `tor:` with bridges; 32 at most, for 366 days at most. It is handed on in
/// person or in a chat, and never published.
#[uniffi::export]
pub async fn pack_routes(
    community: String,
    key_file: String,
    passphrase: Vec<u8>,
    strategies: Vec<String>,
    expires: SystemTime,
    pack_passphrase: Vec<u8>,
    language: Language,
) -> Result<Vec<u8>, BywayError> {
    let strategies: Vec<_> = strategies.into_iter().map(Zeroizing::new).collect();
    let (passphrase, pack_passphrase) = (secret(passphrase, language)?, secret(pack_passphrase, language)?);
    blocking(language, move || {
        let (community, expires) = (signed_link(&community, language)?, timestamp(expires, language)?);
        let read = |text: &Zeroizing<String>| {
            let strategy: byway::Strategy =
                text.parse().map_err(|error: byway::StrategyError| error.worded(language))?;
            let may = byway::RoutePack::may_have(&strategy);
            if may { Ok(strategy.to_string()) } else { Err(RoutePackError::Strategy.worded(language)) }
        };
        let strategies = strategies.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let keys = opened_keys(&key_file, passphrase, language)?;
        let (id, now) = (community.id(), Timestamp::now());
        let packed = byway::publisher::route_pack(id, &keys, &strategies, expires, &pack_passphrase, now);
        strategies.into_iter().map(Zeroizing::new).for_each(drop);
        packed.map_err(|error| error.worded(language))
    })
    .await
}
