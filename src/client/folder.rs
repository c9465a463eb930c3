//! Opening a mirror in a folder of this device: on a memory card, or on a share that the system shows as a folder.
//!
//! Only the reader names a folder. No charter, no link of a community, no list and no redirect leads to one: those addresses are
//! homes, and a home is on the web. So a folder is also not remembered, and is read again only when the reader names it again.

use std::path::PathBuf;

use tokio::time::timeout_at;
use url::Url;

use super::access_scope::AccessScope;
use super::bundle::{Carrier, not_genuine};
use super::link::{exposure_in, signed_in};
use super::reachability::Target;
use super::succession::Walk;
use super::{Action, Byway, HomeLink, OpenError, OpenFault, OpenOptions, Opened, Reachability, TakenBundle};
use crate::community::{CommunityId, Home};
use crate::exposure::Exposure;
use crate::reach::Context;
use crate::signed::{ChainError, CommunityLinkError, Digest, FolderError, KeyFingerprint, NotGenuine, SignedId};
use crate::source::{Carried, Folder, mirror_platform};

/// A link to a folder of this device: `file:///PATH#byway:ID`.
pub(super) struct FolderLink {
    url: Url,
    path: PathBuf,
    id: Option<SignedId>,
    key: Option<KeyFingerprint>,
    exposure: Exposure,
}

impl FolderLink {
    /// The folder that a text names. `None` if it is another kind of link.
    pub(super) fn of(text: &str) -> Option<Result<Self, OpenFault>> {
        let text = text.trim();
        let is_one = text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        is_one.then(|| Self::parse(text))
    }

    fn parse(text: &str) -> Result<Self, OpenFault> {
        let url = Url::parse(text).map_err(|_| FolderError::Address)?;
        // To read from another computer would send something to it.
        if url.host().is_some() || url.query().is_some() || !text.get(SCHEME.len()..).is_some_and(is_local) {
            return Err(FolderError::Address.into());
        }
        let path = url.to_file_path().map_err(|()| FolderError::Address)?;
        let (id, key, exposure) = match url.fragment() {
            None => (None, None, Exposure::Open),
            Some(fragment) => match signed_in(fragment).transpose()? {
                // The mirrors of a link are read over the network, and a folder is not.
                Some(link) if !link.mirrors().is_empty() => return Err(CommunityLinkError::Mirror.into()),
                Some(link) => (Some(link.id()), link.key(), link.exposure()),
                None => match exposure_in(fragment)? {
                    (exposure, None) => (None, None, exposure),
                    _ => return Err(FolderError::Address.into()),
                },
            },
        };
        Ok(Self { url, path, id, key, exposure })
    }

    /// The folder as a home, for a preview. It is kept nowhere.
    pub(super) fn shown(self, exposure: Exposure) -> (HomeLink, Option<CommunityId>) {
        let id = self.id.and_then(|id| format!("byway:{id}").parse().ok());
        let mut url = self.url;
        url.set_fragment(id.as_ref().map(CommunityId::as_str));
        (HomeLink::new(Home::Web(url), exposure.max(self.exposure)), id)
    }
}

impl Byway {
    /// Reads a community from a folder of this device, and keeps it. Nothing is sent.
    pub(super) async fn open_folder(&self, link: FolderLink, how: OpenOptions) -> Result<Opened, OpenError> {
        let until = self.inner.net.now() + self.inner.timeout;
        let FolderLink { url, path, id, key, exposure } = link;
        let how = OpenOptions { exposure: how.exposure.max(exposure), offline: true, ..how };
        // A share that does not answer holds only the thread that reads it.
        let taken = timeout_at(until, self.take_folder(path, id, how.exposure)).await;
        let taken = taken.unwrap_or(Err(FolderError::Unreadable.into())).map_err(OpenError::untried)?;
        let id = taken.community.id;
        let known = self.inner.store.of(&id).await.map_err(OpenError::untried)?;
        let kept = known.community.as_ref().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
        let ways = self.ways(&known, how);
        let asked = Target {
            url: url.to_string(),
            subject: self.subject(ways, None).clone(),
            hops: vec![url],
            platform: Some(mirror_platform()),
            context: Context { local_destination: true, ..self.context() },
            read: false,
            took: None,
            language: self.language(),
        };
        let untried = Reachability::of(asked, None, Vec::new());
        let mut access = AccessScope::new(self, Action::Open);
        let opened = self.kept_content(kept, ways, untried, None, &mut access).await.map_err(OpenError::untried)?;
        let mut opened = Opened { notes: taken.notes, changes: taken.changes, exposure: taken.exposure, ..opened };
        self.compare_keys(key, &mut opened).await;
        Ok(Box::pin(self.follow_moves(opened, how, Walk::of_open(until))).await)
    }

    async fn take_folder(
        &self,
        path: PathBuf,
        id: Option<SignedId>,
        exposure: Exposure,
    ) -> Result<TakenBundle, OpenFault> {
        let folder = self.inner.store.on(move |_| Ok(Folder::read(&path))).await??;
        if id.is_some_and(|id| Digest::from_bytes(*id.as_bytes()) != folder.id()) {
            return Err(not_genuine(NotGenuine::new(ChainError::OtherCommunity)));
        }
        self.take_in(Carrier::Folder(Box::new(folder)), exposure).await
    }
}

/// Whether an address names no computer: on Windows a path with two slashes names one.
fn is_local(address: &str) -> bool {
    address.strip_prefix("///").is_some_and(|path| !path.starts_with(['/', '\\']))
}

/// How the link to a folder begins.
const SCHEME: &str = "file:";
