//! What is kept on this device: communities, posts, events, attachments, lists of them.

use std::sync::Arc;
use std::time::SystemTime;

use byway::{Cursor, SearchOptions, UpcomingOptions};

use super::{Client, community_id};
use crate::community::{Event, Post};
use crate::errors::{BywayError, Own, Worded};
use crate::feed_list::FeedList;
use crate::fetched::FetchedFile;
use crate::given::{natural, timestamp};
use crate::link::HomeLink;
use crate::lists::{
    AttachmentId, EventPage, EventRef, ListedAttachment, PostPage, SearchPage, StoredCommunity, UpcomingPage,
};
use crate::numbers::length;
use crate::options::GetOptions;
use crate::runtime::CancelHandle;

#[uniffi::export]
impl Client {
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

    /// Removes a community and everything that is kept of it, but not its exposure.
    pub async fn forget(&self, id: String) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.forget(&community_id(&id, language)?).await.map_err(|error| error.worded(language))
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
    #[uniffi::method(default(cancel = None))]
    pub async fn export_feeds(&self, cancel: Option<Arc<CancelHandle>>) -> Result<String, BywayError> {
        self.call(cancel, |byway, language| async move {
            Ok(byway.opml().await.map_err(|error| error.worded(language))?.to_string())
        })
        .await
    }
}
