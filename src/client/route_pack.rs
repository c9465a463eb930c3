//! Routes for a circle of people, in a file that one of the community's admins signed and sealed with a passphrase.

use jiff::Timestamp;

use super::Byway;
use crate::community::CommunityId;
use crate::signed::{DocumentKind, Envelope, RouteList, RoutePackError};
use crate::store::{KeyFileError, Secret};
use crate::transport::Strategy;

/// The routes of a pack. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct RoutePack {
    /// The community whose admins signed it.
    pub community: CommunityId,
    /// Its strategies, for [`Builder::strategies`](crate::Builder::strategies). As any strategy they are used within the exposure alone.
    pub strategies: Vec<Strategy>,
    /// The time after which they are not to be used any more.
    pub expires: Timestamp,
}

impl RoutePack {
    /// Whether a pack may have this strategy: a proxy, Shadowsocks, or `tor:` with bridges. A direct strategy is not one, and neither is
    /// `tor+socks5:`, because a stranger's proxy would count as Tor, and be used where nothing but Tor is allowed.
    pub fn may_have(strategy: &Strategy) -> bool {
        matches!(strategy.scheme(), "socks5" | "http" | "https" | "ss" | "tor")
    }
}

impl std::fmt::Debug for RoutePack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoutePack").field("strategies", &self.strategies.len()).finish_non_exhaustive()
    }
}

impl Byway {
    /// Opens a pack of routes, and verifies that an admin of a community that is kept here signed it, as its charters say now. Nothing
    /// is sent, and nothing is kept: the app gives the strategies to its next [`Builder`](crate::Builder).
    ///
    /// # Errors
    /// See [`RoutePackError`]. Nothing of a pack is used if any part of it is wrong.
    pub async fn import_route_pack(&self, pack: Vec<u8>, passphrase: Secret) -> Result<RoutePack, RoutePackError> {
        // A passphrase takes half a second of CPU.
        let opened = self.inner.store.on(move |_| Ok(opened(&pack, &passphrase))).await;
        let envelope = opened.unwrap_or(Err(RoutePackError::Form))?;
        let community = RouteList::read(&envelope)?.community.community_id().ok_or(RoutePackError::Form)?;
        let chain = self.chain_of(&community).await.ok_or(RoutePackError::OtherCommunity)?;
        let list = RouteList::verify(&envelope, &chain, self.wall())?;
        let read = |text: &String| text.parse().ok().filter(RoutePack::may_have).ok_or(RoutePackError::Strategy);
        let strategies = list.strategies.iter().map(read).collect::<Result<Vec<Strategy>, _>>()?;
        Ok(RoutePack { community, strategies, expires: list.expires })
    }
}

fn opened(pack: &[u8], passphrase: &Secret) -> Result<Envelope, RoutePackError> {
    if pack.len() > MAX_PACK_BYTES {
        return Err(RoutePackError::Form);
    }
    let text = passphrase.open(pack).map_err(|error| match error {
        KeyFileError::WrongPassphrase => RoutePackError::Passphrase,
        _ => RoutePackError::Form,
    })?;
    Envelope::parse(&text, DocumentKind::Routes).map_err(|_| RoutePackError::Form)
}

/// The largest pack that is opened.
pub const MAX_PACK_BYTES: usize = 64 << 10;
