//! WHERE a community is read: one file a kind of home, behind one trait.
//!
//! A [`Source`] knows one platform: how its pages are asked for, what its answers mean, and when an answer that looks
//! fine is a notice in the content's place. It asks through [`HttpClient`] and never chooses a route itself.
//! What it reads is a claim of the platform; what it cannot read is said in [`Content::notes`] and loses nothing else.

mod client;
mod html;
mod json;
mod note;
pub(crate) mod notice;
mod plain;
mod platform;
pub(crate) mod vk;
pub(crate) mod web;

pub use client::{Fetched, HttpClient, Request};
pub use note::SourceNote;
pub use platform::{Platform, PlatformMessage};
pub use web::WebFormat;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use crate::community::{Community, Event, Home, PageOwners, Post, Restriction};
use crate::exposure::Exposure;
use crate::fetch::{self as engine, Allowance, Ended, FetchError, Floors, IdleBudget, Owners};
pub use crate::fetch::{Limits, PageJudge, Payload, PlainJudge, RateLimit, ReceivedPage, Response, Validators};
use crate::language::Language;
use crate::reach::{Attempt, Statement};
pub use crate::reach::{Judgement, Replay};
use crate::transport::{Isolation, Strategy};

/// A kind of home.
///
/// An app may bring its own, with [`Builder::source`](crate::Builder::source). Its requests go through the
/// [`HttpClient`] that it is handed, made by [`ReadOptions::request`], and nowhere else: only then the exposure binds
/// them, and the attempts that make the verdict are all there.
///
/// [`Source::read`] is written as an `async fn`:
///
/// ```
/// use byway::community::{Community, Home};
/// use byway::source::{Contacts, Content, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
///
/// /// The name of a web page's community is the page's first line.
/// #[derive(Debug)]
/// struct FirstLine;
///
/// impl Source for FirstLine {
///     fn reads(&self, home: &Home) -> bool {
///         matches!(home, Home::Web(_))
///     }
///
///     async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
///         let Home::Web(url) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
///         let fetched = http.fetch(how.request(home, url.clone())).await;
///         let content = fetched.result.map_err(SourceError::Unreached).and_then(|answer| {
///             let id = home.to_string().parse().map_err(|_| SourceError::Own("The address is too long.".into()))?;
///             let text = String::from_utf8_lossy(&answer.body);
///             let name = text.lines().next().unwrap_or_default();
///             Ok(Content::new(Community::new(id, name), answer.strategy))
///         });
///         ReadOutcome::new(content, fetched.attempts)
///     }
///
///     fn contacts(&self, home: &Home) -> Contacts {
///         let Home::Web(url) = home else { return Contacts::new([], "the page", Identity::None) };
///         Contacts::new([url.clone()], "the page", Identity::None)
///     }
/// }
/// ```
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Whether it reads homes like this one.
    fn reads(&self, home: &Home) -> bool;

    /// Reads the newest state of the community behind a home.
    ///
    /// Cancel-safe: the future is dropped when the reading is given up.
    fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> impl Future<Output = ReadOutcome> + Send;

    /// Whom a reading would ask, and what it would say of the reader. Sends nothing.
    fn contacts(&self, home: &Home) -> Contacts;
}

impl<S: Source> Source for Arc<S> {
    fn reads(&self, home: &Home) -> bool {
        S::reads(self, home)
    }

    fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> impl Future<Output = ReadOutcome> + Send {
        S::read(self, home, how, http)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        S::contacts(self, home)
    }
}

/// A [`Source`] behind a pointer: the trait's own future has no size that all sources share.
pub(crate) trait AnySource: fmt::Debug + Send + Sync {
    fn reads(&self, home: &Home) -> bool;
    fn read<'a>(&'a self, home: &'a Home, how: &'a ReadOptions, http: &'a HttpClient) -> BoxFuture<'a, ReadOutcome>;
    fn contacts(&self, home: &Home) -> Contacts;
}

impl<S: Source> AnySource for S {
    fn reads(&self, home: &Home) -> bool {
        Source::reads(self, home)
    }

    fn read<'a>(&'a self, home: &'a Home, how: &'a ReadOptions, http: &'a HttpClient) -> BoxFuture<'a, ReadOutcome> {
        Box::pin(Source::read(self, home, how, http))
    }

    fn contacts(&self, home: &Home) -> Contacts {
        Source::contacts(self, home)
    }
}

/// Whom a reading asks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contacts {
    /// The addresses, in the order in which they are asked.
    pub urls: Vec<Url>,
    /// What people call the platform.
    pub platform: Platform,
    /// Whom the requests name.
    pub identity: Identity,
    /// Why nothing would be sent at all: what a reading would answer.
    pub refusal: Option<SourceError>,
}

impl Contacts {
    /// These addresses, of what people call `platform`.
    pub fn new(urls: impl IntoIterator<Item = Url>, platform: impl Into<Platform>, identity: Identity) -> Self {
        Self { urls: urls.into_iter().collect(), platform: platform.into(), identity, refusal: None }
    }
}

/// Whom requests name to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// Nobody: there is no token.
    None,
    /// An app.
    App,
    /// The person who reads.
    Reader,
}

codes! {
    Identity {
        None = "none",
        App = "app",
        Reader = "reader",
    }
}

/// Whose circuits, connections and TLS sessions serve the community behind a home.
pub(crate) fn isolation(home: &Home) -> Isolation {
    Isolation::of(&home.to_string())
}

/// The communities at the platforms that are read here, by their pages' addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Platforms;

impl Owners for Platforms {
    fn isolation(&self, url: &Url) -> Option<Isolation> {
        match &PageOwners::certain_of(url)[..] {
            [] => None,
            [home] => Some(isolation(home)),
            // An address that names several is not one of theirs: the community that somebody wrote into another one's link
            // must not share a circuit with it.
            homes => {
                let mut labels: Vec<String> = homes.iter().map(Home::to_string).collect();
                labels.sort();
                Some(Isolation::of(&labels.join(" ")))
            }
        }
    }
}

/// All sources of one client.
#[derive(Debug)]
pub(crate) struct Sources(Vec<Arc<dyn AnySource>>);

impl Sources {
    /// The app's own sources, and after them those for VKontakte and the web.
    pub(crate) fn new(own: impl IntoIterator<Item = Arc<dyn AnySource>>, vk: vk::Vk) -> Self {
        let vk: Arc<dyn AnySource> = Arc::new(vk);
        let web: Arc<dyn AnySource> = Arc::new(web::Web);
        Self(own.into_iter().chain([vk, web]).collect())
    }

    /// The first that reads this home; `None` where there is none.
    pub(crate) fn of(&self, home: &Home) -> Option<&dyn AnySource> {
        self.0.iter().map(AsRef::as_ref).find(|source| source.reads(home))
    }
}

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

/// Why a source has no content. Each is one sentence; what a platform says is attributed to it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The platform answers only to requests with a token, and there is none. Nothing was sent.
    #[error("{platform} is read with an access token, and none was given{}", issued(.issued_at.as_ref()))]
    NoToken {
        /// Which platform.
        platform: Platform,
        /// Where it issues tokens.
        issued_at: Option<Url>,
    },
    /// The token names its owner, and the exposure is `tor`. Nothing was sent. A token that names no person may be given
    /// instead.
    #[error(
        "a user token tells {0} who reads, so it is not sent for a community of exposure `tor`; give the service token of \
         an app instead"
    )]
    TokenNamesReader(Platform),
    /// The platform refuses the token. Not a block.
    #[error("{}", token_refused(*.other_address, .stated))]
    TokenRefused {
        /// It was issued for another IP address than the one that this way shows.
        other_address: bool,
        /// What the platform states.
        stated: PlatformMessage,
    },
    /// The platform refuses the token's owner, or asks something of them first. Not a block.
    #[error("{}", says("the owner of the token is not served, or has to do something there first", .0))]
    UserRefused(PlatformMessage),
    /// The platform refuses the token's app. Not a block.
    #[error("{}", says("the app of the token is not served", .0))]
    AppRefused(PlatformMessage),
    /// The platform states an error whose meaning is not known. Nothing is concluded from it.
    #[error("{} states {}: {}", .0.platform, error_number(.0), .0.message)]
    Stated(PlatformMessage),
    /// The platform answers no more requests for now.
    #[error("{}", says("it answers no more requests for now", .0))]
    Throttled(PlatformMessage),
    /// The platform does not show the community to the owner of this token.
    #[error("{}", says("this token may not read the community", .0))]
    Denied(PlatformMessage),
    /// The platform says that the community no longer exists.
    #[error("{}", says("this community no longer exists", .0))]
    Gone(PlatformMessage),
    /// The platform's answer names no such community. That alone does not mean that it is gone.
    #[error("{0}'s answer names no such community; check the spelling of the link")]
    Absent(Platform),
    /// The platform hides the community on every way that reached it.
    #[error("{}", restricted(.restriction))]
    Restricted {
        /// Which platform.
        platform: Platform,
        /// What it states of the block.
        restriction: Box<Restriction>,
    },
    /// The platform failed, and went on failing.
    #[error("{} states a fault of its own{}: {}", .0.platform, .0.number(), .0.message)]
    Platform(PlatformMessage),
    /// The platform does not accept the request: a name that none can have, or a fault of Byway.
    #[error("{}", says("it does not accept the request", .0))]
    Request(PlatformMessage),
    /// The answer is the platform's, and holds nothing that can be used.
    #[error("{0}'s answer holds no community that can be read")]
    Answer(Platform),
    /// The page names no feed and no calendar, and there is none where one is usually found.
    #[error("{0} names no feed or calendar that can be read")]
    NoFeed(Platform),
    /// No way led to the platform; the attempts say how each ended.
    #[error(transparent)]
    Unreached(FetchError),
    /// What a source of the app's own has to say: a whole sentence in the app's language.
    #[error("{0}")]
    Own(String),
    /// The source does not read this kind of home.
    #[error("this kind of address is read by no source here")]
    Unsupported,
}

impl SourceError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SourceError::NoToken { .. } => "no_token",
            SourceError::TokenNamesReader(_) => "token_names_reader",
            SourceError::TokenRefused { .. } => "token_refused",
            SourceError::UserRefused(_) => "user_refused",
            SourceError::AppRefused(_) => "app_refused",
            SourceError::Stated(_) => "platform_error",
            SourceError::Throttled(_) => "throttled",
            SourceError::Denied(_) => "denied",
            SourceError::Gone(_) => "gone",
            SourceError::Absent(_) => "absent",
            SourceError::Restricted { .. } => "restricted",
            SourceError::Platform(_) => "platform_fault",
            SourceError::Request(_) => "bad_request",
            SourceError::Answer(_) => "bad_answer",
            SourceError::NoFeed(_) => "no_feed",
            SourceError::Unreached(_) => "unreached",
            SourceError::Own(_) => "own_source",
            SourceError::Unsupported => "unsupported",
        }
    }

    /// The platform that is to blame or is asked; `None` where the error does not come from a platform.
    pub fn platform(&self) -> Option<&Platform> {
        match self {
            SourceError::NoToken { platform, .. }
            | SourceError::TokenNamesReader(platform)
            | SourceError::Absent(platform)
            | SourceError::Restricted { platform, .. }
            | SourceError::Answer(platform)
            | SourceError::NoFeed(platform) => Some(platform),
            SourceError::Unreached(_) | SourceError::Own(_) | SourceError::Unsupported => None,
            _ => self.message().map(|stated| &stated.platform),
        }
    }

    /// What the platform states, as it says it; `None` where it stated nothing, and of a
    /// [restriction](SourceError::restriction).
    pub fn message(&self) -> Option<&PlatformMessage> {
        match self {
            SourceError::TokenRefused { stated, .. }
            | SourceError::UserRefused(stated)
            | SourceError::AppRefused(stated)
            | SourceError::Stated(stated)
            | SourceError::Throttled(stated)
            | SourceError::Denied(stated)
            | SourceError::Gone(stated)
            | SourceError::Platform(stated)
            | SourceError::Request(stated) => Some(stated),
            SourceError::NoToken { .. }
            | SourceError::TokenNamesReader(_)
            | SourceError::Absent(_)
            | SourceError::Restricted { .. }
            | SourceError::Answer(_)
            | SourceError::NoFeed(_)
            | SourceError::Unreached(_)
            | SourceError::Own(_)
            | SourceError::Unsupported => None,
        }
    }

    /// What the platform says of a block, where that is why there is no content.
    pub fn restriction(&self) -> Option<&Restriction> {
        match self {
            SourceError::Restricted { restriction, .. } => Some(restriction),
            _ => None,
        }
    }
}

/// "VK states that this community no longer exists (error 18): gone".
fn says(what: &str, stated: &PlatformMessage) -> String {
    format!("{} states that {what}{}: {}", stated.platform, stated.number(), stated.message)
}

fn error_number(stated: &PlatformMessage) -> String {
    stated.code.map_or_else(|| "an error".to_owned(), |code| format!("error {code}"))
}

fn issued(at: Option<&Url>) -> String {
    at.map(|url| format!("; tokens are issued at {}", shown(url))).unwrap_or_default()
}

/// A URL as people write it: without the slash of an empty path.
pub(crate) fn shown(url: &Url) -> &str {
    url.as_str().strip_suffix('/').filter(|_| url.path() == "/").unwrap_or(url.as_str())
}

fn token_refused(other_address: bool, stated: &PlatformMessage) -> String {
    let (platform, number) = (&stated.platform, stated.number());
    if other_address {
        return format!(
            "{platform} refuses the token because it was issued to another IP address than the one this way shows{number}; \
             this is no block: use the way it was issued on, or another token"
        );
    }
    format!("{platform} refuses the token{number}: {}", stated.message)
}

/// What a platform's statement says, as a restriction. A statement without a notice is one all the same.
pub(crate) fn restriction(statement: &Statement, platform: &str) -> Restriction {
    let text = statement.text.as_deref().unwrap_or_default();
    notice::find(text, platform).unwrap_or_else(|| {
        let mut restriction = Restriction::new(if text.is_empty() { "content blocked" } else { text }, platform);
        restriction.authority.clone_from(&statement.authority);
        restriction
    })
}

fn restricted(restriction: &Restriction) -> String {
    format!(
        "{} states that it hides the community on every way that was tried: {}",
        restriction.stated_by, restriction.text
    )
}

/// Posts of a first screen, with some to scroll.
const FIRST_SCREEN: usize = 20;
