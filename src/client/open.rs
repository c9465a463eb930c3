//! Reading a community.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout_at;
use url::Url;

use super::access_error::access_error;
use super::async_store::{Known, Life, Merged, Page, ReadingBinding};
use super::lists::{EVENTS, by_start};
use super::probe::given_url;
use super::reachability::Target;
use super::report::AccessScope;
use super::{Action, Byway, HomeLink, LinkError, Note, Reachability, Ways};
use crate::community::{Community, CommunityId, CommunityState, Event, Home, HomeError, Post};
use crate::errors::{ErrorKind, errors};
use crate::exposure::{Exposure, UnknownExposure};
use crate::fetch::{Allowance, Bound, FetchError};
use crate::reach::{Context, Outcome};
use crate::sentences::{self, Language};
use crate::source::{AnySource, Content, HttpClient, ReadOptions, ReadOutcome, SourceError};
use crate::store::{Changes, StoreError, StoredCommunity};
use crate::transport::is_local;

/// A community as it was read.
///
/// It serialises in full, with the names in its reachability, for the app's own use. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Opened {
    /// The community. A successor it names is a claim, not followed.
    pub community: Community,
    /// Newest first.
    pub posts: Vec<Post>,
    /// By start.
    pub events: Vec<Event>,
    /// What is different from what was kept before, to be notified of or to be marked in a list. Empty where nothing was read or kept.
    pub changes: Changes,
    /// How it was reached; where the content comes from the store, why not. Without attempts: nothing was sent.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source. That its platform says that it is gone is no reading of it.
    pub synced_at: Timestamp,
    /// How long ago that was. Zero for what was read just now, and where the clock was set back.
    pub age: Duration,
    /// With which exposure it was asked for, and must be from now on.
    pub exposure: Exposure,
    /// What could not be read or kept of it.
    pub notes: Vec<Note>,
    /// It was not read to its end: the time or the allowance was used up.
    pub truncated: bool,
    /// Why it comes from the store. `None`: it does not, nothing else was asked for, or its platform says that it is
    /// gone and this is what was known ([`Community::state`]).
    pub fault: Option<OpenFault>,
}

impl fmt::Debug for Opened {
    /// How it went, and not what was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("posts", &self.posts.len())
            .field("events", &self.events.len())
            .field("changes", &self.changes)
            .field("reachability", &self.reachability)
            .field("source", &self.source)
            .field("exposure", &self.exposure)
            .field("notes", &self.notes.iter().map(Note::code).collect::<Vec<_>>())
            .field("truncated", &self.truncated)
            .field("fault", &self.fault.as_ref().map(OpenFault::code))
            .finish_non_exhaustive()
    }
}

/// Where content comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadFrom {
    /// It was read just now.
    Network,
    /// It was read earlier, and kept.
    Store,
}

codes! {
    ReadFrom {
        Network = "network",
        Store = "store",
    }
}

/// How to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// Who may learn of it, if fewer than the builder, the link and the store say.
    pub exposure: Exposure,
    /// Try direct ways this time, although a restriction or the community's access advice speaks against them. What the
    /// exposure forbids stays forbidden.
    pub allow_direct: bool,
    /// Send nothing: answer from the store, at once. An app that opens a screen asks so first, and with the network
    /// beside it: neither waits for the other.
    pub offline: bool,
    /// Try now, although this network was just found to let only a few addresses through (`whitelist_only`): nothing is
    /// dialled by itself for a while then, one minute at first and fifteen at most.
    pub ignore_pause: bool,
}

/// Why a community was not read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct OpenError {
    /// Why.
    #[source]
    pub fault: OpenFault,
    pub(super) reachability: Option<Box<Reachability>>,
    pub(super) language: Language,
}

access_error!(OpenError of OpenFault from OpenFault);

errors! {
    OpenFault: |fault| match fault {
        OpenFault::Link(_) | OpenFault::UnsupportedHome | OpenFault::Exposure(_) => ErrorKind::Input,
        OpenFault::Source(error) => error.kind(),
        OpenFault::Store(error) => error.kind(),
        OpenFault::NotStored => ErrorKind::NotStored,
        OpenFault::StillReading => ErrorKind::Unreached,
    };
}

/// What kept a community from being read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFault {
    /// The link is invalid. Nothing was contacted.
    #[error(transparent)]
    Link(#[from] HomeError),
    /// The link leads to a page of a kind that no source reads. Nothing was contacted.
    #[error("{}", sentences::unknown_kind(Language::En))]
    UnsupportedHome,
    /// The link carries an exposure that is not one. Nothing was contacted.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
    /// The source read nothing.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store does not say with which exposure it may be read. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not kept on this device, and was asked for there only. Nothing was contacted.
    #[error("{}", sentences::not_stored(Language::En))]
    NotStored,
    /// Other readings of it took all the time that this call had, and nothing was contacted by it. Ask again.
    #[error("{}", sentences::still_read(Language::En))]
    StillReading,
}

impl OpenFault {
    /// The stable code: `link`, `not_stored`, or that of the [`SourceError`] or [`StoreError`].
    pub fn code(&self) -> &'static str {
        match self {
            OpenFault::Link(_) | OpenFault::Exposure(_) => "link",
            OpenFault::UnsupportedHome => "unsupported",
            OpenFault::Source(error) => error.code(),
            OpenFault::Store(error) => error.code(),
            OpenFault::NotStored => "not_stored",
            OpenFault::StillReading => "still_read",
        }
    }

    /// In one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            OpenFault::Link(error) => sentences::link(language, error),
            OpenFault::UnsupportedHome => sentences::unknown_kind(language).to_owned(),
            OpenFault::Exposure(_) => sentences::unknown_exposure(language).to_owned(),
            OpenFault::Source(error) => sentences::source(language, error),
            OpenFault::Store(error) => sentences::store(language, error),
            OpenFault::NotStored => sentences::not_stored(language).to_owned(),
            OpenFault::StillReading => sentences::still_read(language).to_owned(),
        }
    }
}

impl From<LinkError> for OpenFault {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Home(error) => OpenFault::Link(error),
            LinkError::Exposure(error) => OpenFault::Exposure(error),
        }
    }
}

impl Byway {
    /// Reads a community by whichever way works first, or answers from the store where none does.
    ///
    /// Several calls at once that ask for the same (the link's address, the exposure, the options) are one reading: each gets
    /// its result. Others of one community take turns. The call ends within [`Builder::timeout`](super::Builder::timeout),
    /// whatever it waits for. To cancel it, drop the future: what it sent is ended, unless another call shares it.
    ///
    /// A token is in flight on one way at a time. What is read is kept; with the exposure it was read with, which is the
    /// least for it from then on (see [`Byway`]).
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(&self, link: &str) -> Result<Opened, OpenError> {
        self.open_with(link, OpenOptions::default()).await
    }

    /// The same, with options.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_with(&self, link: &str, how: OpenOptions) -> Result<Opened, OpenError> {
        self.open_link(link, how).await.map_err(|error| error.in_language(self.language()))
    }

    async fn open_link(&self, link: &str, how: OpenOptions) -> Result<Opened, OpenError> {
        let HomeLink { home, exposure } = self.read_link(link).await?;
        let how = OpenOptions { exposure: how.exposure.max(exposure), ..how };
        self.read_home(&home, ReadRequest::of(how, Action::Open)).await
    }

    /// The home that a link leads to, and the exposure of all that is named in it: the link may be that of one
    /// community's post on another one's page.
    pub(super) async fn read_link(&self, link: &str) -> Result<HomeLink, OpenFault> {
        let HomeLink { home, exposure } = link.parse()?;
        let named = match given_url(link) {
            Ok(url) => self.inner.store.page(Page { url, published: false }).await?.floor,
            Err(_) => Exposure::Open,
        };
        Ok(HomeLink::new(home, exposure.max(named)))
    }

    /// Reads a community that is kept, as [`Byway::open`] does; and now, whatever was found a moment ago
    /// ([`OpenOptions::ignore_pause`]).
    ///
    /// Refreshes of one community at once are one reading, as with [`Byway::open`]; dropping one of the futures cancels that
    /// call alone.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn refresh(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        self.refresh_home(id).await.map_err(|error| error.in_language(self.language()))
    }

    async fn refresh_home(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        let home = self.first_home(id).await?;
        self.read_home(
            &home,
            ReadRequest::of(OpenOptions { ignore_pause: true, ..OpenOptions::default() }, Action::Open),
        )
        .await
    }

    /// Where a community that is kept is read.
    pub(super) async fn first_home(&self, id: &CommunityId) -> Result<Home, OpenFault> {
        let known = self.inner.store.of(id).await?;
        let homes = known.community.map(|kept| kept.community.homes).unwrap_or_default();
        homes.into_iter().find(|home| self.inner.sources.of(home).is_some()).ok_or(OpenFault::NotStored)
    }

    pub(super) async fn read(&self, home: &Home, known: &Known, request: ReadRequest) -> Result<Opened, OpenError> {
        let how = request.how;
        let mut access = AccessScope::new(self, request.action);
        let ways = self.ways(known, how);
        let Some(source) = self.inner.sources.of(home) else {
            return Err(OpenError::untried(OpenFault::UnsupportedHome));
        };
        if how.offline {
            let kept = known.community.as_ref().ok_or_else(|| OpenError::untried(OpenFault::NotStored))?;
            let asked = self.asked_home(source, home, ways, false, Duration::ZERO);
            let untried = Reachability::of(asked, None, Vec::new());
            return self.kept_content(kept, ways, untried, None, &mut access).await.map_err(OpenError::untried);
        }
        if let Some(verdict) = self.inner.dial_backoff.verdict(self.inner.net.now()).filter(|_| !how.ignore_pause) {
            let asked = self.asked_home(source, home, ways, false, Duration::ZERO);
            let stands = Reachability::standing(asked, verdict);
            access.judged(&stands);
            let error = SourceError::Unreached(FetchError::Unreached { finding: None });
            return self.unread((known, request.life), ways, error, stands, &mut access).await;
        }
        let (at, life) = (access.at(), request.life);
        let started = self.inner.net.now();
        let until = request.until.unwrap_or(started + self.inner.timeout);
        let http = HttpClient::new(access.http());
        let (mut known, mut ways, mut earlier) = (Cow::Borrowed(known), ways, Vec::new());
        let (result, attempts) = loop {
            let mut reading = ReadOptions::new(ways.exposure, self.language(), at);
            reading.avoid_direct = ways.avoid_direct;
            let start = Bound { exposure: ways.exposure, avoid_direct: ways.avoid_direct };
            let binding = ReadingBinding::of(self.binding(ways, false), home, start);
            reading.own_floors = Some(Arc::new(binding.of_the_community()));
            reading.floors = Some(Arc::new(binding));
            reading.until = Some(until);
            reading.allowance.clone_from(&request.allowance);
            reading.since = known.newest.filter(|_| request.back_to_known);
            let read = timeout_at(until + LATE, source.read(home, &reading, &http)).await;
            let ReadOutcome { result, attempts } = read.unwrap_or_else(|_| {
                ReadOutcome::new(Err(SourceError::Unreached(FetchError::Unreached { finding: None })), Vec::new())
            });
            // What was sent before the exposure rose stays part of the account.
            earlier.extend(attempts);
            if !reading.ended.take() || self.inner.net.now() >= until {
                break (result, earlier);
            }
            known = Cow::Owned(self.inner.store.at(home).await.map_err(OpenError::untried)?);
            ways = self.ways(&known, how);
        };
        let known = &*known;
        let took = self.inner.net.now().saturating_duration_since(started);
        match result {
            Ok(mut content) => {
                let gone = content.community.state == CommunityState::Gone;
                let asked = Target { read: true, ..self.asked_home(source, home, ways, gone, took) };
                let reachability = Reachability::of(asked, Some(content.reached_by.clone()), attempts);
                access.judged(&reachability);
                // What one way was refused is known from now on, though another read it.
                if let Some(restriction) = reachability.proved_restriction() {
                    content.community.restrict(restriction);
                }
                // Where it holds nobody was asked this time: what was stated there stands.
                let stands = known.community.iter().filter(|_| ways.avoid_direct);
                for stated in stands.flat_map(|kept| &kept.community.restrictions) {
                    if !stated.is_own_word() {
                        content.community.restrict(stated.clone());
                    }
                }
                let reachability = reachability.knowing(&content.community);
                Ok(self.content(home, (known.floor, life), ways, at, content, reachability).await)
            }
            Err(error) => {
                let gone = matches!(error, SourceError::Gone(_));
                // The platform's own words are an authentic answer, though not the content.
                let answered = !matches!(error, SourceError::Unreached(_) | SourceError::Restricted { .. });
                let proven = attempts.iter().rev().find(|attempt| attempt.outcome == Outcome::Proven);
                let reached_by = proven.filter(|_| answered).map(|attempt| attempt.strategy.clone());
                let asked = self.asked_home(source, home, ways, gone, took);
                let reachability = Reachability::of(asked, reached_by, attempts);
                if !was_not_tried(&error) {
                    access.judged(&reachability);
                }
                self.unread((known, life), ways, error, reachability, &mut access).await
            }
        }
    }

    /// Which ways may be used for a community.
    pub(super) fn ways(&self, known: &Known, how: OpenOptions) -> Ways {
        Ways {
            exposure: self.inner.exposure.max(how.exposure).max(known.floor),
            avoid_direct: !how.allow_direct && known.avoids_direct(self.network_mut().is_vpn()),
            allow_direct: how.allow_direct,
        }
    }

    /// What was read, kept. `floor`: the least exposure as it was before.
    async fn content(
        &self,
        home: &Home,
        (floor, life): (Exposure, Life),
        ways: Ways,
        at: Timestamp,
        content: Content,
        reachability: Reachability,
    ) -> Opened {
        // An idle connection of an earlier, less careful reading must not speak any more.
        if ways.exposure > floor {
            self.inner.http.forget_connections();
        }
        let kept = self.inner.store.keep(home, &content, ways.exposure, at, (floor, life)).await;
        if kept.as_ref().is_ok_and(|(exposure, _)| *exposure > ways.exposure.max(floor)) {
            self.inner.http.forget_connections();
        }
        let Content { community, posts, events, reached_by: _, notes, truncated } = content;
        let gone = community.state == CommunityState::Gone;
        let mut opened = Opened {
            community,
            posts,
            events,
            changes: Changes::default(),
            reachability,
            source: ReadFrom::Network,
            synced_at: at,
            age: Duration::ZERO,
            exposure: ways.exposure,
            notes: notes.into_iter().map(Note::Source).collect(),
            truncated,
            fault: None,
        };
        match kept {
            Ok((exposure, merged)) => {
                opened.exposure = exposure;
                self.show_known(&mut opened, merged, gone).await;
            }
            Err(error) => opened.notes.push(Note::StoreFailed { error: Arc::new(error) }),
        }
        opened.posts.retain(|post| !post.is_removed_and_hollow());
        opened.events = by_start(opened.events);
        opened
    }

    /// Puts what was known before beside what this answer states. An answer without posts or gatherings says nothing of
    /// those that were read earlier.
    async fn show_known(&self, opened: &mut Opened, merged: Merged, gone: bool) {
        let Merged { kept, posts, events, changes } = merged;
        (opened.posts, opened.events, opened.changes) = (posts, events, changes);
        let Some(StoredCommunity { community, synced_at, .. }) = kept else { return };
        opened.community = community;
        if opened.posts.is_empty() {
            let id = opened.community.id.clone();
            let earlier = self.inner.store.on(move |store| Ok(store.posts(&id, None, FIRST_SCREEN)?.items)).await;
            opened.posts = earlier.unwrap_or_default();
            if !opened.posts.is_empty() && !gone {
                opened.notes.push(Note::PostsReadEarlier);
            }
        }
        if opened.events.is_empty() {
            let id = opened.community.id.clone();
            let earlier = self.inner.store.on(move |store| Ok(store.events(&id, None, EVENTS)?.items)).await;
            opened.events = earlier.unwrap_or_default();
        }
        if gone && synced_at < opened.synced_at {
            // What is shown was read then; now there was only the word that it is gone.
            opened.source = ReadFrom::Store;
            opened.age = Duration::try_from(opened.synced_at.duration_since(synced_at)).unwrap_or_default();
            opened.synced_at = synced_at;
        }
    }

    /// What is kept instead of what was not read, or why there is neither.
    async fn unread(
        &self,
        (known, life): (&Known, Life),
        ways: Ways,
        error: SourceError,
        reachability: Reachability,
        access: &mut AccessScope<'_>,
    ) -> Result<Opened, OpenError> {
        let Some(kept) = &known.community else {
            return Err(match was_not_tried(&error) {
                true => OpenError::untried(error),
                false => OpenError::met(error, reachability),
            });
        };
        let (mut kept, mut changes) = (kept.clone(), Changes::default());
        if matches!(error, SourceError::Gone(_)) {
            kept.community.set_gone(access.at());
            let amended = self.inner.store.amend(kept.community.clone(), kept.synced_at, life).await;
            changes.community |= amended.unwrap_or_default().community;
        }
        let stated = match &error {
            SourceError::Restricted { restriction, .. } => Some((**restriction).clone()),
            _ => reachability.proved_restriction(),
        };
        if let Some(restriction) = stated {
            // From now on it is known, and direct ways are not tried by themselves. Not to have kept that costs an attempt.
            kept.community.restrict(restriction);
            let amended = self.inner.store.amend(kept.community.clone(), kept.synced_at, life).await;
            changes.community |= amended.unwrap_or_default().community;
        }
        let opened = self.kept_content(&kept, ways, reachability, Some(error.into()), access).await;
        opened.map(|opened| Opened { changes, ..opened }).map_err(OpenError::untried)
    }

    pub(super) async fn kept_content(
        &self,
        kept: &StoredCommunity,
        ways: Ways,
        reachability: Reachability,
        fault: Option<OpenFault>,
        access: &mut AccessScope<'_>,
    ) -> Result<Opened, OpenFault> {
        let StoredCommunity { community, synced_at } = kept.clone();
        let id = community.id.clone();
        let (posts, events) = self
            .inner
            .store
            .on(move |store| Ok((store.posts(&id, None, FIRST_SCREEN)?.items, store.events(&id, None, EVENTS)?.items)))
            .await?;
        let age = Duration::try_from(self.wall().duration_since(synced_at)).unwrap_or_default();
        access.kept(age);
        let reachability = reachability.knowing(&community);
        Ok(Opened {
            community,
            posts,
            events: by_start(events),
            changes: Changes::default(),
            reachability,
            source: ReadFrom::Store,
            synced_at,
            age,
            exposure: ways.exposure,
            notes: Vec::new(),
            truncated: false,
            fault,
        })
    }

    /// `gone`: the platform says that it is no more, which is all there is to read.
    pub(super) fn asked_home(
        &self,
        source: &dyn AnySource,
        home: &Home,
        ways: Ways,
        gone: bool,
        took: Duration,
    ) -> Target {
        let asks = source.contacts(home);
        let first = asks.urls.into_iter().next();
        let local_destination = first.as_ref().and_then(Url::host).is_some_and(|host| is_local(&host));
        Target {
            url: home.to_string(),
            subject: self.subject(ways, first.as_ref().and_then(Url::host)).clone(),
            hops: first.into_iter().collect(),
            platform: Some(asks.platform),
            context: Context { gone, local_destination, ..self.context() },
            read: gone,
            took: Some(took),
            language: self.language(),
        }
    }
}

/// It was the device that kept it from being sent.
fn was_not_tried(error: &SourceError) -> bool {
    matches!(error, SourceError::NoToken { .. } | SourceError::TokenNamesReader(_))
}

/// What a reading is for, and what it may take.
#[derive(Clone, Debug)]
pub(super) struct ReadRequest {
    pub(super) how: OpenOptions,
    pub(super) action: Action,
    /// When it was asked for: of a reading that waits for its turn while the store is wiped, nothing is kept.
    pub(super) life: Life,
    /// When it is given up, if before the usual time.
    pub(super) until: Option<tokio::time::Instant>,
    pub(super) allowance: Option<Allowance>,
    /// Read on until what is kept already is met.
    pub(super) back_to_known: bool,
}

impl ReadRequest {
    pub(super) fn of(how: OpenOptions, action: Action) -> Self {
        Self { how, action, life: Life::default(), until: None, allowance: None, back_to_known: false }
    }

    /// Whether it has no limits but the client's own, and reads what any other one would.
    pub(super) fn is_unlimited(&self) -> bool {
        self.until.is_none() && self.allowance.is_none() && !self.back_to_known
    }
}

/// A source ends by itself at the time that it is given ([`ReadOptions::until`]), with its evidence; one that does not is cut
/// off this much later.
const LATE: Duration = Duration::from_millis(100);

/// As many posts as a source reads first.
const FIRST_SCREEN: usize = 20;
