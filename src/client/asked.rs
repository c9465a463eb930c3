//! Which hosts of a signed community the user asked for.
//!
//! A charter, a bundle or a list can name any host, and a stolen key could use that to have every phone call one. So there is
//! one rule: a home of a signed community is contacted directly only if the user asked for its *origin* (scheme, host and
//! port). The user asks for an origin by opening a link to it, and by a yes to a successor at the addresses that are named then. To allow
//! direct routes for a community does not change that. Any other origin is read over the other strategies,
//! and not at all if it is an address of the reader's own network.

use serde::{Deserialize, Serialize};
use url::Url;

use super::arrival::Arrival;
use crate::community::{CommunityId, Home, PageOwners};
use crate::signed::Digest;
use crate::store::{Store, StoreError, StoredCommunity};
use crate::transport::is_local;

/// The mirrors of a signed community that the user asked for. What counts is their origins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Asked {
    pub(super) mirrors: Vec<Home>,
}

impl Asked {
    /// What the user asked for by opening the community and by following it here.
    pub(super) fn of(store: &Store, id: &CommunityId) -> Result<Self, StoreError> {
        let mut all = Self { mirrors: Arrival::homes(store, id)? };
        let own = Self::own(store, id)?.mirrors;
        all.mirrors.retain(|home| !own.contains(home));
        all.mirrors.extend(own);
        Ok(all)
    }

    /// What the user asked for by opening the community. Of one about which an earlier version remembered nothing, the addresses at which
    /// it was read count, unless that version had marked it as one that nobody asked for.
    pub(super) fn own(store: &Store, id: &CommunityId) -> Result<Self, StoreError> {
        if let Some(bytes) = store.blob(&asked_name(id))? {
            // What cannot be read any more permits nothing.
            return Ok(serde_json::from_slice(&bytes).unwrap_or_default());
        }
        if store.blob(&unasked_name(id))?.is_some() {
            return Ok(Self::default());
        }
        let mirrors = store.homes_of(id)?.into_iter().filter(|home| home.signed_community().is_some()).collect();
        Ok(Self { mirrors })
    }

    /// Whether a home of the community is at the origin of one of these.
    pub(super) fn covers(&self, home: &Home) -> bool {
        let origin = origin(home);
        origin.is_some() && self.mirrors.iter().any(|mirror| self::origin(mirror) == origin)
    }

    /// Whether a page is at the origin of one of these.
    pub(super) fn covers_page(&self, page: &Url) -> bool {
        let page = Some(page.origin().ascii_serialization());
        self.mirrors.iter().any(|mirror| origin(mirror) == page)
    }

    /// Adds these homes. The newest ones stay.
    pub(super) fn add<'a>(&mut self, homes: impl IntoIterator<Item = &'a Home>) {
        for home in homes {
            if home.signed_community().is_some() && !self.mirrors.contains(home) {
                self.mirrors.push(home.clone());
            }
        }
        let surplus = self.mirrors.len().saturating_sub(MAX_ASKED);
        self.mirrors.drain(..surplus);
    }

    pub(super) fn write(&self, store: &Store, id: &CommunityId) -> Result<(), StoreError> {
        let (name, bytes) = (asked_name(id), serde_json::to_vec(self).unwrap_or_default());
        if store.blob(&name)?.is_some_and(|known| known == bytes) { Ok(()) } else { store.set_blob(&name, &bytes) }
    }
}

/// Whether the rule forbids to read a home directly.
pub(super) fn is_unasked(store: &Store, home: &Home) -> Result<bool, StoreError> {
    let Some(id) = home.signed_community() else { return Ok(false) };
    Ok(!Asked::of(store, &id)?.covers(home))
}

/// Whether the rule forbids to fetch a page directly, given the communities that have a home on its host. A page is asked for by its own address,
/// but two kinds come from a community alone: the files of its posts, and every page of a host that only a community names of
/// which the user asked for nothing.
pub(super) fn is_unasked_page(
    store: &Store,
    page: &Url,
    owners: &PageOwners,
    here: &[StoredCommunity],
) -> Result<bool, StoreError> {
    let mut is_named = false;
    for kept in here {
        let id = &kept.community.id;
        let homes = kept.community.homes.iter().filter(|home| is_on_host_of(home, owners));
        let is_signed = Digest::of_community(id).is_some();
        let asked = if is_signed { Asked::of(store, id)? } else { Asked::default() };
        for home in homes {
            let is_here = matches!(home, Home::Web(url) if url.origin() == page.origin());
            if is_here && (!is_signed || asked.covers(home)) {
                return Ok(false);
            }
            is_named |= is_signed && (asked.mirrors.is_empty() || (!asked.covers(home) && is_file_of(home, page)));
        }
    }
    Ok(is_named)
}

/// Whether a home is on a host that owns a page.
pub(super) fn is_on_host_of(home: &Home, owners: &PageOwners) -> bool {
    let Home::Web(url) = home else { return false };
    PageOwners::of(url).hosts().first().is_some_and(|host| owners.hosts().contains(host))
}

/// Whether a home is outside the reader's own network. A yes to what a community names says nothing of that network.
pub(super) fn is_public(home: &Home) -> bool {
    matches!(home, Home::Web(url) if url.host().is_some_and(|host| !is_local(&host)))
}

/// Whether the address of a home is one of this device or of the reader's own network.
pub(super) fn is_in_own_network(home: &Home) -> bool {
    matches!(home, Home::Web(url) if url.host().is_some_and(|host| is_local(&host)))
}

/// Whether a page is a file of a post of this mirror.
fn is_file_of(home: &Home, page: &Url) -> bool {
    let Home::Web(mirror) = home else { return false };
    let path = mirror.path();
    let is_folder = !path.ends_with('/') && !path.ends_with(".html");
    let folder = if is_folder { path } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let file = page.path().strip_prefix(folder).and_then(|path| path.strip_prefix("/files/"));
    mirror.host() == page.host() && file.is_some_and(|name| name.parse::<Digest>().is_ok())
}

fn origin(home: &Home) -> Option<String> {
    let Home::Web(url) = home else { return None };
    home.signed_community().is_some().then(|| url.origin().ascii_serialization())
}

/// The mirrors that are remembered of one community: those of four links.
const MAX_ASKED: usize = 16;

/// The mirrors of a community that the user asked for.
pub(super) fn asked_name(id: &CommunityId) -> String {
    format!("asked {id}")
}

/// An earlier version marked a community so that a charter named and nobody asked for.
pub(super) fn unasked_name(id: &CommunityId) -> String {
    format!("unasked {id}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use jiff::Timestamp;

    use super::*;
    use crate::community::Community;
    use crate::store::Batch;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn home(folder: &str) -> Home {
        format!("{folder}#byway:{ID}").parse().unwrap()
    }

    /// A store in which a community has these homes, and was read at the first.
    fn store(homes: &[&str]) -> (Store, CommunityId) {
        let (store, id) = (Store::in_memory().unwrap(), home("https://a.example/").signed_community().unwrap());
        let mut community = Community::new(id.clone(), "Zavod");
        community.homes = homes.iter().map(|folder| home(folder)).collect();
        store.upsert(&Batch { community: Some(&community), ..Batch::new(&id, Timestamp::UNIX_EPOCH) }).unwrap();
        store.set_home(&community.homes[0], &id).unwrap();
        (store, id)
    }

    #[test]
    fn where_an_earlier_version_read_counts_as_asked() {
        let (store, id) = store(&["https://a.example/x/", "https://b.example/"]);
        let asked = Asked::of(&store, &id).unwrap();
        for (folder, covered) in [
            ("https://a.example/x/", true),
            ("https://a.example/other/", true),
            ("http://a.example/x/", false),
            ("https://a.example:8443/x/", false),
            ("https://sub.a.example/x/", false),
            ("https://b.example/", false),
        ] {
            assert_eq!(asked.covers(&home(folder)), covered, "{folder}");
        }
        store.set_blob(&unasked_name(&id), b"1").unwrap();
        assert_eq!(Asked::of(&store, &id).unwrap(), Asked::default(), "it was marked");
        asked.write(&store, &id).unwrap();
        assert_eq!(Asked::of(&store, &id).unwrap(), asked);
        store.set_blob(&asked_name(&id), b"{").unwrap();
        assert_eq!(Asked::of(&store, &id).unwrap(), Asked::default(), "damage permits nothing");
    }

    #[test]
    fn a_picture_at_an_unasked_mirror_is_not_fetched_directly() {
        let (store, id) = store(&["https://a.example/", "https://b.example/m/"]);
        let page = |url: &str, here: &Store| {
            let url = Url::parse(url).unwrap();
            is_unasked_page(here, &url, &PageOwners::of(&url), &here.communities().unwrap()).unwrap()
        };
        let file = format!("files/{ID}");
        for (url, unasked) in [
            (format!("https://b.example/m/{file}"), true),
            (format!("https://a.example/{file}"), false),
            ("https://b.example/m/".to_owned(), false),
            ("https://b.example/news".to_owned(), false),
            (format!("https://c.example/m/{file}"), false),
        ] {
            assert_eq!(page(&url, &store), unasked, "{url}");
        }
        Asked::default().write(&store, &id).unwrap();
        assert!(page("https://b.example/news", &store), "nothing of it was asked for");
    }
}
