//! A reading as data: how, and what came of it.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::owners::{Platforms, isolation};
use super::{Request, SourceError, SourceNote};
use crate::community::{Community, Event, Home, Post};
use crate::exposure::Exposure;
use crate::fetch::{self as engine, Allowance, Ended, Floors, IdleBudget};
use crate::language::Language;
use crate::reach::Attempt;
use crate::transport::Strategy;

/// How to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Who may learn of it.
    pub exposure: Exposure,
    /// Direct strategies are not tried: the community's access advice or a restriction speaks against them.
    pub avoid_direct: bool,
    /// How many of the newest posts.
    pub posts: usize,
    /// The language of the client: in it a source words what it says itself ([`SourceNote::own`], [`SourceError::Own`]).
    pub language: Language,
    /// Read on, to a limit of the source's own, until a post of this time or an older one is met: so that nothing is
    /// missing between what is read now and what was read then.
    pub since: Option<Timestamp>,
    /// What this reading and others may take together.
    pub(crate) allowance: Option<Allowance>,
    /// The wall clock now: what is read was so at this time.
    pub at: Timestamp,
    /// When it is given up. `None`: each request has its own limit only.
    pub(crate) until: Option<Instant>,
    /// For how long all its requests together may hear nothing; it begins with [`ReadOptions::new`].
    pub(crate) idle: IdleBudget,
    /// What binds each page that is asked for, redirects included: see [`engine::Request::floors`].
    pub(crate) floors: Option<Arc<dyn Floors>>,
    /// What binds the community alone, whichever host is asked for it.
    pub(crate) own_floors: Option<Arc<dyn Floors>>,
    /// A request was ended because the community's exposure rose: the reading begins anew.
    pub(crate) ended: Ended,
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
            at,
            until: None,
            idle: IdleBudget::new(),
            floors: None,
            own_floors: None,
            ended: Ended::default(),
        }
    }

    /// A request for the community behind `home` that is bound as this reading is: exposure, floors, circuits, time,
    /// allowance.
    pub fn request(&self, home: &Home, url: Url) -> Request {
        let mut request = engine::Request::get(url);
        request.exposure = self.exposure;
        request.avoid_direct = self.avoid_direct;
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

/// What came of it, and the evidence either way.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadOutcome {
    /// The content, or why there is none.
    pub result: Result<Content, SourceError>,
    /// Every attempt of the requests for the community itself. Those for other pages that it names are no evidence about it.
    pub attempts: Vec<Attempt>,
}

impl ReadOutcome {
    /// What came of it, with the attempts of every request that was made for it.
    pub fn new(result: Result<Content, SourceError>, attempts: Vec<Attempt>) -> Self {
        Self { result, attempts }
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
    /// By which way it came.
    pub reached_by: Strategy,
    /// What could not be read of it (an odd post, an events call that failed).
    pub notes: Vec<SourceNote>,
    /// The time or the allowance was used up before everything was read.
    pub truncated: bool,
}

impl Content {
    /// A community that came by this way, of which no posts and events are known.
    pub fn new(community: Community, reached_by: Strategy) -> Self {
        Self { community, posts: Vec::new(), events: Vec::new(), reached_by, notes: Vec::new(), truncated: false }
    }
}

/// Posts of a first screen, with some to scroll.
const FIRST_SCREEN: usize = 20;
