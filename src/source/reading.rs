//! A reading as data: its options and its result.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::owners::{Platforms, isolation};
use super::{Memory, Request, SourceError, SourceNote};
use crate::community::{CalendarReading, Community, Event, Home, MirrorStanding, Post};
use crate::exposure::Exposure;
use crate::fetch::{self as engine, Allowance, Ended, Floors, IdleBudget};
use crate::language::Language;
use crate::reach::Attempt;
use crate::transport::{PrivateAddresses, Strategy};

/// The options of a reading.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Who may learn of it.
    pub exposure: Exposure,
    /// Direct strategies are not tried: the community's access advice or a restriction rules them out.
    pub avoid_direct: bool,
    /// How many of the newest posts to read.
    pub posts: usize,
    /// The language of the client. A source uses it for its own sentences ([`SourceNote::own`], [`SourceError::Own`]).
    pub language: Language,
    /// Reading continues, up to a limit of the source, until it meets a post of this time or an older one. So no post
    /// is missing between this reading and the earlier one.
    pub since: Option<Timestamp>,
    /// The limit that this reading shares with others.
    pub(crate) allowance: Option<Allowance>,
    /// What the source remembers of the community.
    pub(crate) memory: Memory,
    /// The current time of the wall clock: what is read was true at this time.
    pub at: Timestamp,
    /// When the reading is cancelled. `None`: only each request's own limit applies.
    pub(crate) until: Option<Instant>,
    /// How long all its requests together may hear nothing. It begins with [`ReadOptions::new`].
    pub(crate) idle: IdleBudget,
    /// Whether addresses of the reader's own network may be asked. Not where only a community names the address.
    pub(crate) private: PrivateAddresses,
    /// The minimum exposure of each requested page, redirects included: see [`engine::Request::floors`].
    pub(crate) floors: Option<Arc<dyn Floors>>,
    /// The minimum exposure of the community alone, whichever host is asked.
    pub(crate) own_floors: Option<Arc<dyn Floors>>,
    /// A request ended because the community's exposure rose: the reading starts anew.
    pub(crate) ended: Ended,
    /// The other homes of a signed community, which are read beside the one that was asked for.
    pub(crate) others: Vec<OtherHome>,
    /// How long the other homes are waited for once one has answered.
    pub(crate) patience: Duration,
    /// Homes that did not answer the last time are waited for as well.
    pub(crate) is_thorough: bool,
}

/// Another home of a community that is read, with limits of its own: it may be a host that only a charter names.
#[derive(Clone, Debug)]
pub(crate) struct OtherHome {
    pub(crate) home: Home,
    pub(crate) how: ReadOptions,
    /// The user gave this address.
    pub(crate) is_asked: bool,
}

impl ReadOptions {
    /// Reads a first screen of posts.
    pub(crate) fn new(exposure: Exposure, language: Language, at: Timestamp) -> Self {
        Self {
            exposure,
            avoid_direct: false,
            posts: FIRST_SCREEN,
            language,
            since: None,
            allowance: None,
            memory: Memory::default(),
            at,
            until: None,
            idle: IdleBudget::new(),
            private: PrivateAddresses::default(),
            floors: None,
            own_floors: None,
            ended: Ended::default(),
            others: Vec::new(),
            patience: Duration::ZERO,
            is_thorough: false,
        }
    }

    /// A request for the community behind `home` with the limits of this reading: exposure, floors, circuits, time,
    /// allowance.
    pub fn request(&self, home: &Home, url: Url) -> Request {
        let mut request = engine::Request::get(url);
        request.exposure = self.exposure;
        request.avoid_direct = self.avoid_direct;
        request.private = self.private;
        request.floors = self.floors.clone();
        request.isolation = isolation(home);
        request.owners = Some(Arc::new(Platforms));
        request.allowance = self.allowance.clone();
        request.idle = Some(self.idle.clone());
        if let Some(until) = self.until {
            request.limits.total = request.limits.total.min(until.saturating_duration_since(Instant::now()));
        }
        Request::new(request)
    }
}

/// The result of a reading, and the evidence in both cases.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadOutcome {
    /// The content, or the error.
    pub result: Result<Content, SourceError>,
    /// Every attempt of the requests for the community itself. Requests for other pages that it names are no evidence
    /// about it.
    pub attempts: Vec<Attempt>,
    /// What the source remembers of the community for the next reading ([`Memory::again_at`], [`Memory::of_source`]).
    /// With `None`, what was remembered stays.
    pub(crate) memory: Option<Memory>,
    /// Each home of a signed community that was to be asked. Empty for any other community.
    pub(crate) homes: Vec<HomeOutcome>,
}

/// How one home of a signed community behaved, and the evidence.
#[derive(Debug)]
pub(crate) struct HomeOutcome {
    pub(crate) standing: MirrorStanding,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) reached_by: Option<Strategy>,
    /// Its evidence is that of the whole reading ([`ReadOutcome::attempts`]).
    pub(crate) is_main: bool,
}

impl ReadOutcome {
    /// A result, with the attempts of every request that was made for it.
    pub fn new(result: Result<Content, SourceError>, attempts: Vec<Attempt>) -> Self {
        Self { result, attempts, memory: None, homes: Vec::new() }
    }
}

/// What a source read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Content {
    /// The community.
    pub community: Community,
    /// Newest first.
    pub posts: Vec<Post>,
    /// By start.
    pub events: Vec<Event>,
    /// The strategy that brought it.
    pub reached_by: Strategy,
    /// What could not be read of it (an odd post, a failed request for events).
    pub notes: Vec<SourceNote>,
    /// The time or the allowance was used up before everything was read.
    pub truncated: bool,
    /// The source says that what was read earlier is still current.
    pub(crate) is_unchanged: bool,
    /// What a calendar says about the gatherings that were read from it before.
    pub(crate) calendar: Option<CalendarReading>,
}

impl Content {
    /// A community that this strategy brought, without posts and events.
    pub fn new(community: Community, reached_by: Strategy) -> Self {
        Self {
            community,
            posts: Vec::new(),
            events: Vec::new(),
            reached_by,
            notes: Vec::new(),
            truncated: false,
            is_unchanged: false,
            calendar: None,
        }
    }
}

/// Posts of a first screen, with some to scroll.
const FIRST_SCREEN: usize = 20;
