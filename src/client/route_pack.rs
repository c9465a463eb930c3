//! Routes for a circle of people, in a file that one of the community's admins signed and sealed with a passphrase.

use jiff::Timestamp;

use super::Byway;
use crate::community::CommunityId;
use crate::signed::{DocumentKind, Envelope, RouteList, RoutePackError};
use crate::source::remembered_charters;
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
    /// When it was signed, by the clock of the admin. Of two packs of a community the later one counts: an older one may name routes that
    /// were given up.
    pub issued: Timestamp,
    /// The time after which they are not to be used any more.
    pub expires: Timestamp,
}

impl RoutePack {
    /// Whether a pack may have this strategy: a proxy, Shadowsocks, or `tor:` with bridges, none of them in a reader's own network. A
    /// direct strategy is not one, and neither is `tor+socks5:`, because a stranger's proxy would count as Tor, and be used where
    /// nothing but Tor is allowed. A pack must not make a phone call the router of its reader, or a program on it.
    pub fn may_have(strategy: &Strategy) -> bool {
        match strategy.scheme() {
            "socks5" | "http" | "https" | "ss" => !strategy.names_own_network(),
            "tor" => strategy.has_bridges() && !strategy.names_own_network(),
            _ => false,
        }
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
        let kept = self.inner.store.of(&community).await.ok();
        let charters = kept.and_then(|kept| remembered_charters(&kept.memory, &community, self.wall()));
        let (chain, freeze) = charters.ok_or(RoutePackError::OtherCommunity)?;
        let list = RouteList::verify(&envelope, &chain, freeze.as_ref(), self.wall())?;
        let read = |text: &String| text.parse().ok().filter(RoutePack::may_have).ok_or(RoutePackError::Strategy);
        let strategies = list.strategies.iter().map(read).collect::<Result<Vec<Strategy>, _>>()?;
        Ok(RoutePack { community, strategies, issued: list.issued, expires: list.expires })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::transport::{Bridges, StrategyKind};

    #[test]
    fn a_pack_names_nothing_of_the_readers_own_network() {
        for good in
            ["socks5://198.51.100.7:1080", "https://proxy.example:443", "ss://YWVzLTI1Ni1nY206cGFzcw@198.51.100.8:8388"]
        {
            assert!(RoutePack::may_have(&good.parse().unwrap()), "{good}");
        }
        for bad in [
            "direct:",
            "tor+socks5://198.51.100.9:9050",
            "socks5://127.0.0.1:9050",
            "http://192.168.1.1:80",
            "https://router.lan:443",
            "socks5://[::1]:1080",
            "socks5://[fe80::1]:1080",
            "ss://YWVzLTI1Ni1nY206cGFzcw@10.0.0.1:8388",
            "socks5://0.0.0.0:1080",
            "http://localhost:8080",
        ] {
            assert!(!RoutePack::may_have(&bad.parse().unwrap()), "{bad}");
        }
    }

    #[test]
    fn a_pack_has_no_tor_without_public_bridges() {
        let with = |lines: &[&str]| {
            let line = |line: &&str| line.replace("PRINT", "0123456789ABCDEF0123456789ABCDEF01234567").parse().unwrap();
            let bridges = Bridges::new(lines.iter().map(line).collect()).unwrap();
            RoutePack::may_have(&StrategyKind::Tor { bridges }.into())
        };
        assert!(with(&["192.0.2.3:443 PRINT", "obfs4 192.0.2.4:443 PRINT cert=x iat-mode=0"]));
        assert!(with(&["meek_lite 0.0.2.0:2 PRINT url=https://meek.example/"]), "a placeholder, which nothing dials");
        assert!(!with(&[]), "the public relays are no secret of a circle");
        for own in ["192.168.0.1:443 PRINT", "obfs4 127.0.0.1:443 PRINT cert=x", "0.0.2.0:2 PRINT", "[::1]:443 PRINT"] {
            assert!(!with(&["192.0.2.3:443 PRINT", own]), "{own}");
        }
    }
}
