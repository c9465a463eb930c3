//! What calls return: what was opened, synced, found and fetched, and the options of the calls.

use std::time::{Duration, SystemTime};

use crate::community::{Attachment, Community, Event, Home, Post};
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Fault};
use crate::evidence::{Observer, Reachability, json};
use crate::numbers::{length, natural, number, time};
use crate::strategies::StrategyInfo;

mirror! {
    /// Where content comes from.
    ReadFrom of byway::ReadFrom, else Network {
        /// The content was read just now.
        Network,
        /// The content was read earlier, and kept.
        Store,
    }
}

/// How to open a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct OpenOptions {
    /// Who may learn of it, if fewer than the configuration, the link and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies this time, even if a restriction or the community's access advice speaks against them.
    /// What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Send nothing, and answer from the store at once.
    #[uniffi(default = false)]
    pub offline: bool,
    /// Try now, even if this network was just found to let only a few addresses through.
    #[uniffi(default = false)]
    pub ignore_pause: bool,
}

impl From<OpenOptions> for byway::OpenOptions {
    fn from(crossed: OpenOptions) -> Self {
        let OpenOptions { exposure, allow_direct, offline, ignore_pause } = crossed;
        Self { exposure: exposure.map(Into::into).unwrap_or_default(), allow_direct, offline, ignore_pause }
    }
}

/// How to fetch a page or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct GetOptions {
    /// Who may learn of it, if fewer than the configuration, the URL and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies this time, even if a restriction or the access advice of a community that the URL names
    /// speaks against them. What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Try now, even if this network was just found to let only a few addresses through.
    #[uniffi(default = false)]
    pub ignore_pause: bool,
    /// When the page is there, wait up to this long for evidence that is still coming. This only applies to a page.
    #[uniffi(default)]
    pub settle: Option<Duration>,
}

impl From<GetOptions> for byway::GetOptions {
    fn from(crossed: GetOptions) -> Self {
        let GetOptions { exposure, allow_direct, ignore_pause, settle: _ } = crossed;
        Self { exposure: exposure.map(Into::into).unwrap_or_default(), allow_direct, ignore_pause }
    }
}

/// How to probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ProbeOptions {
    /// Who may learn of it, if fewer than the configuration, the link and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Also ask over direct strategies, even if a restriction or the community's access advice speaks against them.
    /// What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
}

impl From<ProbeOptions> for byway::ProbeOptions {
    fn from(crossed: ProbeOptions) -> Self {
        Self { exposure: crossed.exposure.map(Into::into).unwrap_or_default(), allow_direct: crossed.allow_direct }
    }
}

/// How much background work may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncLimits {
    /// How long it may take from now on. The default is 25 seconds.
    #[uniffi(default)]
    pub deadline: Option<Duration>,
    /// How many bytes of answers it may take, for all communities together. The default is two megabytes. At most one
    /// piece of each page that was being read comes on top.
    #[uniffi(default)]
    pub bytes: Option<i64>,
}

impl SyncLimits {
    pub(crate) fn limits(self, language: Language) -> Result<byway::SyncLimits, BywayError> {
        let mut limits = byway::SyncLimits::default();
        if let Some(deadline) = self.deadline {
            limits.deadline = deadline;
        }
        if let Some(bytes) = self.bytes {
            limits.bytes = natural(bytes, language)?;
        }
        Ok(limits)
    }
}

/// A community's link with its exposure.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HomeLink {
    /// Where it leads.
    pub home: Home,
    /// Who may learn at most that the link is read.
    pub exposure: Exposure,
    /// The link as it is shared, with its exposure: `https://vk.com/NAME#exposure=tor`.
    pub text: String,
}

impl From<byway::HomeLink> for HomeLink {
    fn from(core: byway::HomeLink) -> Self {
        Self { text: core.to_string(), home: core.home.into(), exposure: core.exposure.into() }
    }
}

/// Something that could not be read or kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Note {
    /// The stable code.
    pub code: String,
    /// What it says, in the client's language.
    pub text: String,
}

impl Note {
    pub(crate) fn of(core: &byway::Note, language: Language) -> Self {
        Self { code: core.code().to_owned(), text: core.sentence(language.into()) }
    }
}

/// Which items of one list have changed. Each id is in at most one of the lists; each list has the newest first.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ChangedIds {
    /// The list was read for the first time. So what was added is only new to this device, and was published before.
    /// Show it in a list, but don't notify of it.
    pub first: bool,
    /// They were not kept before.
    pub added: Vec<String>,
    /// They were kept, and their content has changed.
    pub changed: Vec<String>,
    /// Their platform says now that they were removed. What was known of them is still kept, with that state.
    pub removed: Vec<String>,
    /// They are no longer kept on this device, because of the retention or of the size limit.
    pub dropped: Vec<String>,
}

impl<Id: ToString> From<byway::Changed<Id>> for ChangedIds {
    fn from(core: byway::Changed<Id>) -> Self {
        let texts = |ids: Vec<Id>| ids.iter().map(ToString::to_string).collect();
        Self {
            first: core.first,
            added: texts(core.added),
            changed: texts(core.changed),
            removed: texts(core.removed),
            dropped: texts(core.dropped),
        }
    }
}

/// What one reading changed of what is kept of a community.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Changes {
    /// Nothing changed.
    pub is_empty: bool,
    /// The community's own fields have changed, or were not kept before.
    pub community: bool,
    /// Its posts, by their ids.
    pub posts: ChangedIds,
    /// Its events, by their ids.
    pub events: ChangedIds,
}

impl From<byway::Changes> for Changes {
    fn from(core: byway::Changes) -> Self {
        Self {
            is_empty: core.is_empty(),
            community: core.community,
            posts: core.posts.into(),
            events: core.events.into(),
        }
    }
}

/// A community as it was read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Opened {
    /// The community. If it names a successor, that is a claim, and it is not followed.
    pub community: Community,
    /// The posts, newest first.
    pub posts: Vec<Post>,
    /// The events, by their start.
    pub events: Vec<Event>,
    /// What has changed since it was last kept. Empty if nothing was read or kept.
    pub changes: Changes,
    /// How it was reached; if the content comes from the store, why it was not reached. Without attempts: nothing was
    /// sent.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source.
    pub synced_at: SystemTime,
    /// How long ago that was. Zero for what was read just now, and if the clock was set back.
    pub age: Duration,
    /// The exposure with which it was asked for, and must be asked for from now on.
    pub exposure: Exposure,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
    /// It was not read to its end: the time or the allowance was used up.
    pub truncated: bool,
    /// Why the content comes from the store; absent if it does not, if only the store was asked, or if its platform
    /// says that it is gone.
    pub fault: Option<Fault>,
}

impl Opened {
    pub(crate) fn of(core: byway::Opened, language: Language) -> Self {
        Self {
            community: core.community.into(),
            posts: core.posts.into_iter().map(Into::into).collect(),
            events: core.events.into_iter().map(Into::into).collect(),
            changes: core.changes.into(),
            reachability: Reachability::of(&core.reachability, language),
            source: core.source.into(),
            synced_at: time(core.synced_at),
            age: core.age,
            exposure: core.exposure.into(),
            notes: core.notes.iter().map(|note| Note::of(note, language)).collect(),
            truncated: core.truncated,
            fault: core.fault.map(|fault| fault.details(language.into()).into()),
        }
    }
}

/// A community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct StoredCommunity {
    /// What is known of it.
    pub community: Community,
    /// When it was last read.
    pub synced_at: SystemTime,
}

impl From<byway::StoredCommunity> for StoredCommunity {
    fn from(core: byway::StoredCommunity) -> Self {
        Self { community: core.community.into(), synced_at: time(core.synced_at) }
    }
}

/// An event with the community in which it is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct UpcomingEvent {
    /// The community's id.
    pub community: String,
    /// The event.
    pub event: Event,
}

impl From<byway::UpcomingEvent> for UpcomingEvent {
    fn from(core: byway::UpcomingEvent) -> Self {
        Self { community: core.community.to_string(), event: core.event.into() }
    }
}

/// Something that a search found.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum SearchHit {
    /// A community.
    FoundCommunity {
        /// The community.
        stored: StoredCommunity,
    },
    /// A post.
    FoundPost {
        /// The id of its community.
        community: String,
        /// The post.
        post: Post,
    },
    /// An event.
    FoundEvent {
        /// The id of its community.
        community: String,
        /// The event.
        event: Event,
    },
}

impl SearchHit {
    /// `None` for a kind that this version does not know.
    fn of(core: byway::SearchHit) -> Option<Self> {
        Some(match core {
            byway::SearchHit::Community { stored } => Self::FoundCommunity { stored: (*stored).into() },
            byway::SearchHit::Post { community, post } => {
                Self::FoundPost { community: community.to_string(), post: (*post).into() }
            }
            byway::SearchHit::Event { community, event } => {
                Self::FoundEvent { community: community.to_string(), event: (*event).into() }
            }
            _ => return None,
        })
    }
}

/// Declares the page of a list: uniffi has no generic records.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident of $item:ty, from $core:ty => $convert:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, uniffi::Record)]
        pub struct $name {
            /// The items, in order.
            pub items: Vec<$item>,
            /// Where the next page begins; absent on the last page.
            pub next: Option<String>,
            /// How many items of this page are damaged and left out.
            pub unreadable: i64,
        }

        impl From<byway::ListPage<$core>> for $name {
            fn from(core: byway::ListPage<$core>) -> Self {
                Self {
                    items: core.items.into_iter().filter_map($convert).collect(),
                    next: core.next.map(|cursor| cursor.to_string()),
                    unreadable: length(core.unreadable),
                }
            }
        }
    };
}

page! {
    /// A page of posts, newest first.
    PostPage of Post, from byway::community::Post => |post| Some(post.into())
}
page! {
    /// A page of events.
    EventPage of Event, from byway::community::Event => |event| Some(event.into())
}
page! {
    /// A page of events of all communities, by start.
    UpcomingPage of UpcomingEvent, from byway::UpcomingEvent => |event| Some(event.into())
}
page! {
    /// A page of what a search found, the best first.
    SearchPage of SearchHit, from byway::SearchHit => SearchHit::of
}

/// What came of one community of a sync.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum SyncOutcome {
    /// It was read.
    Done {
        /// How.
        reachability: Reachability,
    },
    /// It was not.
    Failed {
        /// Why.
        fault: Fault,
        /// How far it came.
        reachability: Option<Reachability>,
    },
    /// The time or the allowance ended before its turn.
    Left,
    /// Its site asks not to be asked again before this time. Nothing was sent. A refresh does not wait.
    NotYet {
        /// Before this time it is not asked.
        until: SystemTime,
    },
}

/// One community of a sync.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SyncedCommunity {
    /// Its id.
    pub id: String,
    /// What came of it.
    pub outcome: SyncOutcome,
    /// What has changed since it was last kept, even if it was not read to its end.
    pub changes: Changes,
}

/// What came of a sync.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Synced {
    /// Each community that was asked for, once, in the order in which they were to be read.
    pub communities: Vec<SyncedCommunity>,
    /// Bytes of answers.
    pub bytes: i64,
    /// How long it took.
    pub took: Duration,
}

impl Synced {
    pub(crate) fn of(core: byway::Synced, language: Language) -> Self {
        let community = |core: byway::SyncedCommunity| SyncedCommunity {
            id: core.id.to_string(),
            outcome: match core.outcome {
                byway::SyncOutcome::Done { reachability } => {
                    SyncOutcome::Done { reachability: Reachability::of(&reachability, language) }
                }
                byway::SyncOutcome::Failed { fault, reachability } => SyncOutcome::Failed {
                    fault: fault.details(language.into()).into(),
                    reachability: reachability.map(|core| Reachability::of(&core, language)),
                },
                byway::SyncOutcome::NotYet { until } => SyncOutcome::NotYet { until: time(until) },
                _ => SyncOutcome::Left,
            },
            changes: core.changes.into(),
        };
        Self {
            communities: core.communities.into_iter().map(community).collect(),
            bytes: number(core.bytes),
            took: core.took,
        }
    }
}

/// Who sees something of a reading, and what.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PreviewContact {
    /// Who.
    pub observer: Observer,
    /// What they would see, in one sentence.
    pub sentence: String,
    /// For a resolver: the resolvers that are asked for the host.
    pub resolvers_of_host: Vec<String>,
    /// For a resolver: the names for which the system's resolver is asked in addition.
    pub names_of_servers: Vec<String>,
}

/// One strategy of a preview, and who sees something when it is used.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PreviewRoute {
    /// The strategy.
    pub strategy: StrategyInfo,
    /// Who sees something, in the order in which the traffic passes them.
    pub contacts: Vec<PreviewContact>,
}

/// What opening a link would show, and to whom.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Preview {
    /// The link, with the exposure with which it would be opened.
    pub link: HomeLink,
    /// A copy of the community is kept on this device, so there is something to show whatever happens.
    pub kept: bool,
    /// A known restriction, or the community's access advice, speaks against direct strategies. Unless the user allows
    /// them, they are not tried.
    pub avoids_direct: bool,
    /// The hosts that would be asked. Each host after the first is asked only if those before it are not reached.
    pub hosts: Vec<String>,
    /// The routes that would be used, in the order in which they are tried.
    pub routes: Vec<PreviewRoute>,
    /// Why nothing at all would be sent: a stable code.
    pub refusal: Option<String>,
    /// The same in one or two sentences.
    pub refusal_text: Option<String>,
    /// All of it as JSON, with hosts and proxies.
    pub json: String,
}

impl Preview {
    pub(crate) fn of(core: byway::Preview, language: Language) -> Self {
        let contact = |core: &byway::PreviewContact| {
            let lookups = core.lookups();
            PreviewContact {
                observer: core.observer.into(),
                sentence: core.sentence(language.into()),
                resolvers_of_host: lookups.of_host.iter().map(ToString::to_string).collect(),
                names_of_servers: lookups.of_servers,
            }
        };
        let route = |core: &byway::PreviewRoute| PreviewRoute {
            strategy: StrategyInfo::of(&core.strategy, language),
            contacts: core.contacts.iter().map(contact).collect(),
        };
        Self {
            json: json(&core),
            refusal: core.refusal.map(str::to_owned),
            refusal_text: core.refusal_sentence(language.into()),
            routes: core.routes.iter().map(route).collect(),
            link: core.link.into(),
            kept: core.kept,
            avoids_direct: core.avoids_direct,
            hosts: core.hosts,
        }
    }
}

/// One header field of a request or an answer.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value. Bytes that are not UTF-8 are taken for Latin-1.
    pub value: String,
}

pub(crate) fn headers(core: &byway::http::HeaderMap) -> Vec<Header> {
    let field = |(name, value): (&byway::http::HeaderName, &byway::http::HeaderValue)| {
        let value = value.as_bytes();
        let latin_1 = || value.iter().copied().map(char::from).collect();
        let value = std::str::from_utf8(value).map_or_else(|_| latin_1(), str::to_owned);
        Header { name: name.as_str().to_owned(), value }
    };
    core.iter().map(field).collect()
}

/// A page that was fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct GetResponse {
    /// The HTTP status.
    pub status: i32,
    /// Where it came from, after redirects.
    pub url: String,
    /// The header of the answer.
    pub headers: Vec<Header>,
    /// The whole body, decoded.
    pub body: Vec<u8>,
    /// The strategy by which it came, without its login.
    pub strategy: String,
    /// How it was reached.
    pub reachability: Reachability,
}

impl GetResponse {
    pub(crate) fn of(core: byway::GetResponse, language: Language) -> Self {
        Self {
            status: core.response.status.as_u16().into(),
            url: core.response.url.to_string(),
            headers: headers(&core.response.headers),
            body: core.response.body.into(),
            strategy: core.response.strategy.redacted(),
            reachability: Reachability::of(&core.reachability, language),
        }
    }
}

/// Names one attachment of one post of one community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AttachmentId {
    /// The community's id. Its exposure also applies to the fetch.
    pub community: String,
    /// The post's id.
    pub post: String,
    /// Its place among the attachments of the post, counted from 0.
    pub index: i64,
}

/// An attachment of a post or of a post that it repeats, with the id by which it is fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ListedAttachment {
    /// The id by which it is fetched.
    pub id: AttachmentId,
    /// The attachment.
    pub attachment: Attachment,
}

/// A file that was fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FetchedFile {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The type of the file, as the host states it. It may be wrong: look at the bytes.
    pub content_type: Option<String>,
    /// How it was reached.
    pub reachability: Reachability,
}

impl FetchedFile {
    pub(crate) fn of(core: byway::FetchedFile, language: Language) -> Self {
        Self {
            bytes: core.bytes.into(),
            content_type: core.content_type,
            reachability: Reachability::of(&core.reachability, language),
        }
    }
}

/// Names one event of one community that is kept.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct EventRef {
    /// The community's id.
    pub community: String,
    /// The event's id.
    pub event: String,
}
