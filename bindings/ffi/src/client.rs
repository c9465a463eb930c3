//! The client: the core's `Byway` as an object for Kotlin and Swift.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use byway::community::CommunityId;
use byway::{Byway, Cursor, SearchOptions, UpcomingOptions};

use crate::community::{Event, Post};
use crate::configuration::{Configuration, Exposure, Language, Network};
use crate::errors::{BywayError, Own, Worded};
use crate::events::{ChangeStream, EventStream};
use crate::evidence::{Access, Reachability, json};
use crate::feed_list::{FeedList, ListedFeed};
use crate::fetched::{FetchedFile, GetResponse};
use crate::given::{natural, timestamp};
use crate::keys::StoreKeySource;
use crate::link::HomeLink;
use crate::lists::{
    AttachmentId, EventPage, EventRef, ListedAttachment, PostPage, SearchPage, StoredCommunity, UpcomingPage,
};
use crate::numbers::{length, number, small};
use crate::opened::Opened;
use crate::options::{GetOptions, OpenOptions, ProbeOptions, SyncLimits};
use crate::preview::Preview;
use crate::runtime::{CancelHandle, Scope, alone, guarded, runtime};
use crate::strategies::StrategyInfo;
use crate::synced::Synced;

/// Reaches communities. Share one. Several can exist at the same time if each has its own data directory.
///
/// It ends by `shutdown`, whatever an app still holds of it: its folder can be opened again, or wiped. Without a shutdown it ends
/// when everything that belongs to it is released: the client, its HTTP sessions and its HTTP calls.
#[derive(uniffi::Object)]
pub struct Client {
    /// `None` after a shutdown.
    byway: Mutex<Option<Byway>>,
    /// The core's language. After a shutdown the core is not there to be asked.
    language: Mutex<Language>,
    scope: Arc<Scope>,
}

/// For calls inside this crate.
impl Client {
    fn open_byway(&self) -> Result<Byway, BywayError> {
        lock(&self.byway).clone().ok_or_else(|| Own::Closed.error(self.said_language()))
    }

    fn said_language(&self) -> Language {
        *lock(&self.language)
    }

    /// A call that ends when it is dropped.
    pub(crate) async fn call<T: Send + 'static, Work>(
        &self,
        cancel: Option<Arc<CancelHandle>>,
        work: impl FnOnce(Byway, Language) -> Work,
    ) -> Result<T, BywayError>
    where
        Work: Future<Output = Result<T, BywayError>> + Send + 'static,
    {
        let language = self.said_language();
        let entered = self.scope.enter(language)?;
        let work = work(self.open_byway()?, language);
        let work = async move {
            let _entered = entered;
            work.await
        };
        self.scope.run(language, cancel, work).await
    }

    /// A call that is carried out even if its future is dropped.
    pub(crate) async fn finish<T: Send + 'static, Work>(
        &self,
        work: impl FnOnce(Byway, Language) -> Work,
    ) -> Result<T, BywayError>
    where
        Work: Future<Output = Result<T, BywayError>> + Send + 'static,
    {
        let language = self.said_language();
        let entered = self.scope.enter(language)?;
        let work = work(self.open_byway()?, language);
        let work = async move {
            let _entered = entered;
            work.await
        };
        self.scope.finish(language, work).await
    }

    /// A call that returns at once.
    pub(crate) fn now<T>(
        &self,
        work: impl FnOnce(Byway, Language, &Arc<Scope>) -> Result<T, BywayError>,
    ) -> Result<T, BywayError> {
        let language = self.said_language();
        let _in_use = self.scope.enter(language)?;
        let byway = self.open_byway()?;
        let _entered = runtime(language)?.enter();
        guarded(language, || work(byway, language, &self.scope))?
    }
}

#[uniffi::export]
impl Client {
    /// Makes a client. Nothing is contacted yet, but a key provider is asked now.
    #[uniffi::constructor]
    pub async fn build(configuration: Configuration) -> Result<Arc<Self>, BywayError> {
        let language = configuration.language.unwrap_or(Language::En);
        let network = configuration.network.clone();
        let byway =
            alone(
                language,
                async move { configuration.builder()?.build().await.map_err(|error| error.worded(language)) },
            )
            .await?;
        if let Some(network) = network {
            byway.set_network(network.into());
        }
        let (byway, language) = (Mutex::new(Some(byway)), Mutex::new(language));
        Ok(Arc::new(Self { byway, language, scope: Arc::default() }))
    }

    /// Ends this client: its calls end with the error `Closed`, its streams end, and this waits for what must finish.
    /// Every later use gives the same error. Further calls of this do nothing.
    pub async fn shutdown(&self) -> Result<(), BywayError> {
        let language = self.said_language();
        let byway = lock(&self.byway).take();
        self.scope.end();
        let ended = self.scope.ended();
        // It belongs to no scope, so that it does not wait for itself, and it always runs to its end, so that a
        // shutdown that was begun is completed.
        Scope::default()
            .finish(language, async move {
                ended.await;
                drop(byway);
                Ok(())
            })
            .await
    }

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
    pub async fn preview(&self, link: String, options: OpenOptions) -> Result<Preview, BywayError> {
        self.call(None, |byway, language| async move {
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

    /// All communities that are kept.
    pub async fn communities(&self) -> Result<Vec<StoredCommunity>, BywayError> {
        self.call(None, |byway, language| async move {
            let kept = byway.communities().await.map_err(|error| error.worded(language))?;
            Ok(kept.into_iter().map(Into::into).collect())
        })
        .await
    }

    /// One community as it was last read; absent if it is not kept.
    pub async fn community(&self, id: String) -> Result<Option<StoredCommunity>, BywayError> {
        self.call(None, |byway, language| async move {
            let kept = byway.community(&community_id(&id, language)?).await;
            kept.map(|kept| kept.map(Into::into)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// At most `limit` posts (1 to 1000) of a community, newest first, starting at the cursor.
    pub async fn posts(&self, id: String, after: Option<String>, limit: i32) -> Result<PostPage, BywayError> {
        self.call(None, |byway, language| async move {
            let (id, limit) = (community_id(&id, language)?, natural(limit.into(), language)?);
            let page = byway.posts(&id, after.map(Cursor::new).as_ref(), limit).await;
            page.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// One post; absent if it is not kept.
    pub async fn post(&self, community: String, id: String) -> Result<Option<Post>, BywayError> {
        self.call(None, |byway, language| async move {
            let post = byway.post(&community_id(&community, language)?, &id).await;
            post.map(|post| post.map(Into::into)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// At most `limit` events (1 to 1000) of a community, starting at the cursor.
    pub async fn events(&self, id: String, after: Option<String>, limit: i32) -> Result<EventPage, BywayError> {
        self.call(None, |byway, language| async move {
            let (id, limit) = (community_id(&id, language)?, natural(limit.into(), language)?);
            let page = byway.events(&id, after.map(Cursor::new).as_ref(), limit).await;
            page.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// One event; absent if it is not kept.
    pub async fn event(&self, community: String, id: String) -> Result<Option<Event>, BywayError> {
        self.call(None, |byway, language| async move {
            let (community, id) = (community_id(&community, language)?, community_id(&id, language)?);
            let event = byway.event(&community, &id).await;
            event.map(|event| event.map(Into::into)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// At most `limit` events (1 to 1000) of all communities that begin between two times, by start.
    pub async fn upcoming_events(
        &self,
        from: SystemTime,
        until: Option<SystemTime>,
        after: Option<String>,
        limit: i32,
    ) -> Result<UpcomingPage, BywayError> {
        self.call(None, |byway, language| async move {
            let from = timestamp(from, language)?;
            let until = until.map(|until| timestamp(until, language)).transpose()?;
            let limit = natural(limit.into(), language)?;
            let after = after.map(Cursor::new);
            let page = byway
                .upcoming_events(UpcomingOptions { from, to: until, after: after.as_ref(), limit, zone: None })
                .await;
            page.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// At most `limit` results (1 to 1000) in one community or in all, starting at the cursor. Everything that is kept
    /// is opened for this, so it may take long.
    #[uniffi::method(default(cancel = None))]
    pub async fn search(
        &self,
        query: String,
        community: Option<String>,
        after: Option<String>,
        limit: i32,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<SearchPage, BywayError> {
        self.call(cancel, |byway, language| async move {
            let community = community.map(|id| community_id(&id, language)).transpose()?;
            let after = after.map(Cursor::new);
            let limit = natural(limit.into(), language)?;
            let options = SearchOptions { community: community.as_ref(), after: after.as_ref(), limit };
            let page = byway.search(&query, options).await;
            page.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// The attachments of a kept post and of the posts that it repeats, with the ids by which they are fetched.
    pub async fn attachments(&self, community: String, post: String) -> Result<Vec<ListedAttachment>, BywayError> {
        self.call(None, |byway, language| async move {
            let community = community_id(&community, language)?;
            let post = byway.post(&community, &post).await.map_err(|error| error.worded(language))?;
            let post = post.ok_or_else(|| Own::AttachmentPost.error(language))?;
            let listed = byway::attachments(&community, &post).into_iter().map(|(id, attachment)| ListedAttachment {
                id: AttachmentId { community: id.community.to_string(), post: id.post, index: length(id.index) },
                attachment: attachment.clone().into(),
            });
            Ok(listed.collect())
        })
        .await
    }

    /// Fetches an attachment of a post, with the exposure of its community. A file larger than `max_bytes` is an error.
    pub async fn fetch_attachment(
        &self,
        id: AttachmentId,
        max_bytes: i64,
        options: GetOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<FetchedFile, BywayError> {
        self.call(cancel, |byway, language| async move {
            let id = byway::AttachmentId {
                community: community_id(&id.community, language)?,
                post: id.post,
                index: natural(id.index, language)?,
            };
            let file = byway.fetch_attachment_with(&id, natural(max_bytes, language)?, options.into()).await;
            file.map(|file| FetchedFile::of(file, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// These events as one iCalendar text (RFC 5545). Events that are not kept or have no start are left out.
    pub async fn icalendar(&self, events: Vec<EventRef>) -> Result<String, BywayError> {
        self.call(None, |byway, language| async move {
            let mut found = Vec::new();
            for EventRef { community, event } in events {
                let (community, event) = (community_id(&community, language)?, community_id(&event, language)?);
                let kept = byway.community(&community).await.map_err(|error| error.worded(language))?;
                let event = byway.event(&community, &event).await.map_err(|error| error.worded(language))?;
                if let (Some(kept), Some(event)) = (kept, event) {
                    let read_at = event.read_at.unwrap_or(kept.synced_at);
                    found.push((event, read_at));
                }
            }
            Ok(byway::icalendar(found.iter().map(|(event, read_at)| (event, *read_at)), language.into()))
        })
        .await
    }

    /// For how many days posts and events are kept; absent if for ever.
    pub async fn retention(&self) -> Result<Option<i32>, BywayError> {
        self.call(None, |byway, language| async move {
            let days = byway.retention().await.map_err(|error| error.worded(language))?;
            Ok(days.map(small))
        })
        .await
    }

    /// Sets for how many days posts and events are kept, drops what is older, and returns how many were dropped.
    pub async fn set_retention(&self, days: Option<i32>) -> Result<i64, BywayError> {
        self.finish(|byway, language| async move {
            let days = days.map(|days| natural(days.into(), language)).transpose()?;
            byway.set_retention(days).await.map(number).map_err(|error| error.worded(language))
        })
        .await
    }

    /// How many bytes the store may take; absent if there is no limit.
    pub async fn storage_limit(&self) -> Result<Option<i64>, BywayError> {
        self.call(None, |byway, language| async move {
            let limit = byway.storage_limit().await.map_err(|error| error.worded(language))?;
            Ok(limit.map(number))
        })
        .await
    }

    /// Sets how many bytes the store may take.
    pub async fn set_storage_limit(&self, bytes: Option<i64>) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            let bytes = bytes.map(|bytes| natural(bytes, language)).transpose()?;
            byway.set_storage_limit(bytes).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// How many bytes the store takes now.
    pub async fn storage_used(&self) -> Result<i64, BywayError> {
        self.call(None, |byway, language| async move {
            byway.storage_used().await.map(number).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads everything that is kept. The error says what is damaged.
    #[uniffi::method(default(cancel = None))]
    pub async fn check_integrity(&self, cancel: Option<Arc<CancelHandle>>) -> Result<(), BywayError> {
        self.call(cancel, |byway, language| async move {
            byway.check_integrity().await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Removes a community and everything that is kept of it, but not its exposure.
    pub async fn forget(&self, id: String) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.forget(&community_id(&id, language)?).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// The exposure that applies to every access to this community.
    pub async fn exposure_of(&self, id: String) -> Result<Exposure, BywayError> {
        self.call(None, |byway, language| async move {
            let exposure = byway.exposure_of(&community_id(&id, language)?).await;
            exposure.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Raises the exposure of what a link leads to, to the one in the link or to `exposure`, whichever is higher. Only
    /// a wipe lowers it.
    pub async fn raise_exposure(&self, link: String, exposure: Option<Exposure>) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            let mut link: byway::HomeLink = link.parse().map_err(|error: byway::LinkError| error.worded(language))?;
            link.exposure = exposure.map_or(link.exposure, |given| link.exposure.max(given.into()));
            byway.raise_exposure(&link).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Reads a list of communities (OPML), and raises the exposure of each to the one in its link. Nothing is sent: the
    /// app opens what the user wants to follow (`open_listed`). An entry may lead to the host of another one, whose exposure is higher, so
    /// all are raised before the first one can be opened.
    pub async fn import_feeds(&self, opml: Vec<u8>) -> Result<FeedList, BywayError> {
        self.finish(|byway, language| async move {
            let list = byway::Opml::parse(&opml).map_err(|error| error.worded(language))?;
            for entry in list.entries.iter().filter(|entry| entry.link.exposure > byway::Exposure::Open) {
                byway.raise_exposure(&entry.link).await.map_err(|error| error.worded(language))?;
            }
            Ok(list.into())
        })
        .await
    }

    /// All communities that are kept, with the exposure of each, as a list in OPML. It names what is read.
    pub async fn export_feeds(&self) -> Result<String, BywayError> {
        self.call(None, |byway, language| async move {
            Ok(byway.opml().await.map_err(|error| error.worded(language))?.to_string())
        })
        .await
    }

    /// Allows direct strategies for this community, even if a restriction or its access advice speaks against them.
    pub async fn allow_direct(&self, id: String, allowed: bool) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.allow_direct(&community_id(&id, language)?, allowed).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// The link to a community as it is shared, with its exposure; absent if it is not kept.
    pub async fn link(&self, id: String) -> Result<Option<HomeLink>, BywayError> {
        self.call(None, |byway, language| async move {
            let link = byway.link(&community_id(&id, language)?).await;
            link.map(|link| link.map(Into::into)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Forgets the key: until `unlock`, nothing that is kept can be read. It is carried out even if the call is
    /// cancelled.
    pub async fn lock(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.lock().await.map_err(|error| error.worded(language)) }).await
    }

    /// Opens the store again with its key.
    pub async fn unlock(&self, key: StoreKeySource) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.unlock(key.provider(language)?).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Before the app sleeps: closes every file of the store. It is carried out even if the call is cancelled.
    pub async fn suspend(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.suspend().await.map_err(|error| error.worded(language)) })
            .await
    }

    /// After the app slept.
    pub async fn resume(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.resume().await.map_err(|error| error.worded(language)) }).await
    }

    /// Destroys everything that is kept. It is carried out even if the call is cancelled.
    pub async fn wipe(&self) -> Result<(), BywayError> {
        self.finish(|byway, language| async move { byway.wipe().await.map_err(|error| error.worded(language)) }).await
    }

    /// The files of the store, for example to leave them out of a backup.
    pub fn paths(&self) -> Result<Vec<String>, BywayError> {
        self.now(|byway, _, _| Ok(byway.paths().iter().map(|path| path.to_string_lossy().into_owned()).collect()))
    }

    /// The network that the app last gave.
    pub fn network(&self) -> Result<Network, BywayError> {
        self.now(|byway, _, _| Ok(byway.network().into()))
    }

    /// Says which network the device is on.
    pub fn set_network(&self, network: Network) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.set_network(network.into());
            Ok(())
        })
    }

    /// Says that the device's network has changed, even if its id is the same.
    pub fn network_changed(&self) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.network_changed();
            Ok(())
        })
    }

    /// Takes a new identity: what is requested from now on has circuits of Tor, connections, TLS sessions and cookies of its own, and
    /// sends back nothing that a site gave before (`ETag`, `Last-Modified`). Tor's guard or bridge stays. It hides nothing on other strategies, where the address stays the same.
    pub fn new_identity(&self) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.new_identity();
            Ok(())
        })
    }

    /// The language of sentences and errors.
    pub fn language(&self) -> Result<Language, BywayError> {
        self.now(|_, language, _| Ok(language))
    }

    /// Changes the language of sentences and errors, for calls that begin from now on.
    pub fn set_language(&self, language: Language) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.set_language(language.into());
            *lock(&self.language) = language;
            Ok(())
        })
    }

    /// The strategies that are allowed, described.
    pub fn strategies(&self) -> Result<Vec<StrategyInfo>, BywayError> {
        self.now(|byway, language, _| {
            Ok(byway.strategies().iter().map(|strategy| StrategyInfo::of(strategy, language)).collect())
        })
    }

    /// The latest accesses, each in full and without names.
    pub fn report(&self) -> Result<Vec<Access>, BywayError> {
        self.now(|byway, language, _| Ok(byway.report().iter().map(|access| Access::of(access, language)).collect()))
    }

    /// The latest accesses without names, as JSON, to be sent to a helper.
    pub fn report_json(&self) -> Result<String, BywayError> {
        self.now(|byway, language, _| {
            let accounts: Vec<_> = byway.report().iter().map(|access| access.account(language.into())).collect();
            Ok(json(&accounts))
        })
    }

    /// What changes in the store from now on.
    pub fn changes(&self) -> Result<Arc<ChangeStream>, BywayError> {
        self.now(|byway, language, scope| Ok(ChangeStream::new(byway.changes(), scope.ended.child_token(), language)))
    }

    /// What the engine does from now on; `redacted`: without names.
    pub fn engine_events(&self, redacted: bool) -> Result<Arc<EventStream>, BywayError> {
        self.now(|byway, language, scope| {
            Ok(EventStream::new(byway.engine_events(), redacted, scope.ended.child_token(), language))
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn community_id(id: &str, language: Language) -> Result<CommunityId, BywayError> {
    id.parse().map_err(|error: byway::community::IdError| error.worded(language))
}
