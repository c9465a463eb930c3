//! What is read now: a community, a preview of that, a probe, a page.

use std::sync::Arc;

use super::{Client, community_id};
use crate::errors::{BywayError, Worded};
use crate::evidence::Reachability;
use crate::feed_list::ListedFeed;
use crate::fetched::GetResponse;
use crate::opened::Opened;
use crate::options::{GetOptions, OpenOptions, ProbeOptions, SyncLimits};
use crate::preview::Preview;
use crate::runtime::CancelHandle;
use crate::synced::Synced;

#[uniffi::export]
impl Client {
    /// Reads a community over whichever strategy works, or from the store if none works.
    pub async fn open(
        &self,
        link: String,
        options: OpenOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = byway.open_with(&link, options.into()).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads a community of a list. An address that the maker of the list never asked for is not contacted directly: reading a list
    /// is no yes to what a charter or a bundle named.
    pub async fn open_listed(
        &self,
        feed: ListedFeed,
        options: OpenOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let entry = byway::OpmlEntry::from_address(&feed.link, &feed.title);
            let mut entry = entry.map_err(|error| error.worded(language))?;
            entry.unasked = feed.unasked;
            let opened = byway.open_listed(&entry, options.into()).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads a stored community, as `open` does with its link, and follows its moves. It asks for no address: what only a
    /// bundle or a charter names is not contacted directly. For a screen that is shown again; the text of `link` is for
    /// handing on.
    #[uniffi::method(default(cancel = None))]
    pub async fn open_kept(
        &self,
        id: String,
        options: OpenOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = byway.open_kept(&community_id(&id, language)?, options.into()).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads a stored community again, and no successor. What is known of a move is in the notes.
    pub async fn refresh(&self, id: String, cancel: Option<Arc<CancelHandle>>) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = byway.refresh(&community_id(&id, language)?).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Says whom opening a link would contact, and what each of them would see. Sends nothing.
    pub async fn preview(
        &self,
        link: String,
        options: OpenOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Preview, BywayError> {
        self.call(cancel, |byway, language| async move {
            let preview = byway.preview_with(&link, options.into()).await;
            preview.map(|preview| Preview::of(preview, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Asks for this address over every strategy separately, and compares the answers.
    pub async fn probe(
        &self,
        url: String,
        options: ProbeOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Reachability, BywayError> {
        self.call(cancel, |byway, language| async move {
            let probed = byway.probe_with(&url, options.into()).await;
            probed.map(|probed| Reachability::of(&probed, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads these communities in the background, within limits.
    pub async fn sync_once(
        &self,
        ids: Vec<String>,
        limits: SyncLimits,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<Synced, BywayError> {
        self.call(cancel, |byway, language| async move {
            let ids = ids.iter().map(|id| community_id(id, language)).collect::<Result<Vec<_>, _>>()?;
            Ok(Synced::of(byway.sync_once(&ids, limits.limits(language)?).await, language))
        })
        .await
    }

    /// Fetches a page with a small body over whichever strategy works.
    pub async fn get(
        &self,
        url: String,
        options: GetOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<GetResponse, BywayError> {
        self.call(cancel, |byway, language| async move {
            let mut response = byway.get_with(&url, options.into()).await.map_err(|error| error.worded(language))?;
            if let Some(patience) = options.settle {
                response.settle_for(patience).await;
            }
            Ok(GetResponse::of(response, language))
        })
        .await
    }
}
