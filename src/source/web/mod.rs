//! Reads any site that has a feed (Atom, RSS, JSON Feed) or a calendar, at its own address or named by a page.
//!
//! A reading requests the given address. The body itself shows what it is (`document`, `kind`). A page for people is searched for
//! the feed and the calendar that it names (`discover`), which are read if they are on the same host. Bytes become text
//! (`encoding`), text becomes a feed (`feed`) or a calendar (`calendar`). Entries become posts (`posts`), whose HTML is
//! read as people read it (`source::html`), and the entries of a calendar become gatherings. Each step is plain data in
//! and out; only this file sends anything.
//!
//! What a feed says is its own claim. A community's id is its address (`address`), so that no feed can speak for
//! another one's.

mod address;
mod calendar;
mod discover;
mod document;
mod encoding;
mod feed;
mod format;
mod judge;
mod kind;
mod posts;

pub use format::WebFormat;

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use url::Url;

use self::calendar::Gatherings;
use self::discover::Named;
use self::document::{Document, read_body, same_host};
use self::judge::{Elsewhere, SiteJudge};
use super::{
    Contacts, Content, HttpClient, Identity, Limits, Platform, PlatformMessage, ReadOptions, ReadOutcome, Response,
    Source, SourceError, SourceNote, html, json,
};
use crate::community::{Community, Event, Home, Link, Post};
use crate::fetch::FetchError;
use crate::reach::{Attempt, Finding};
use crate::transport::Strategy;

/// The source for homes on the web.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Web;

impl Source for Web {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Web(url) if !is_without_feeds(url))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Home::Web(url) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
        let mut reading = Reading { home, how, http, attempts: Vec::new() };
        let result = Box::pin(reading.read(url)).await;
        ReadOutcome::new(result, reading.attempts)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        let url = if let Home::Web(url) = home { Some(url.clone()) } else { None };
        Contacts::new(url, site(), Identity::None)
    }
}

/// The name of a site in sentences. It does not contain the host, because people show an account of an access to
/// others.
fn site() -> Platform {
    Platform::new("the site").in_language("ru", "Сайт")
}

/// Platforms whose pages name no feed.
fn is_without_feeds(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    WITHOUT_FEEDS
        .iter()
        .any(|platform| host.strip_suffix(platform).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
}

/// One reading.
struct Reading<'a> {
    home: &'a Home,
    how: &'a ReadOptions,
    http: &'a HttpClient,
    attempts: Vec<Attempt>,
}

/// The answer of an address.
struct Answer {
    url: Url,
    strategy: Strategy,
    document: Document,
    /// The target of its permanent redirect.
    moved: Option<Url>,
}

/// What is read of a community, piece by piece.
#[derive(Default)]
struct Parts {
    name: Option<String>,
    description: Option<String>,
    links: Vec<Link>,
    posts: Vec<Post>,
    events: Vec<Event>,
    formats: Vec<WebFormat>,
    notes: Vec<SourceNote>,
    truncated: bool,
}

impl Reading<'_> {
    async fn read(&mut self, url: &Url) -> Result<Content, SourceError> {
        let id = address::community_id(url).ok_or(SourceError::Unsupported)?;
        let Answer { url: found_at, strategy, document, moved } = self.ask(url).await?;
        let mut community = Community::new(id, String::new());
        let mut parts = Parts::default();
        match document {
            Document::Page(page) => self.read_named(&community, page, &found_at, &mut parts).await?,
            document => parts.take(&community, document, &found_at, self.how.at),
        }
        let named = parts.name.filter(|name| !name.is_empty());
        community.name = named.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
        community.description = parts.description;
        community.links = parts.links;
        let moved = moved.map(Home::Web).filter(|moved| moved != self.home);
        community.homes = [self.home.clone()].into_iter().chain(moved).collect();
        let mut content = Content::new(community, strategy);
        content.notes.push(SourceNote::Found { formats: parts.formats });
        content.notes.append(&mut parts.notes);
        (content.posts, content.events, content.truncated) = (parts.posts, parts.events, parts.truncated);
        Ok(content)
    }

    /// Reads what a page names, if it is on the page's own host.
    async fn read_named(
        &mut self,
        community: &Community,
        page: discover::Page,
        found_at: &Url,
        parts: &mut Parts,
    ) -> Result<(), SourceError> {
        let Named { feeds, calendars, elsewhere, is_guessed } = page.named(found_at);
        if !elsewhere.is_empty() {
            parts.notes.push(SourceNote::FeedsElsewhere { count: elsewhere.len() });
            parts.links.extend(elsewhere.into_iter().map(|url| Link::new(url, None)));
        }
        let mut missing = Vec::new();
        for (wanted, urls) in [(Wanted::Feed, feeds), (Wanted::Calendar, calendars)] {
            for url in urls {
                match self.ask(&url).await {
                    Ok(answer) if wanted.is(&answer.document) && same_host(&answer.url, found_at) => {
                        parts.take(community, answer.document, &answer.url, self.how.at);
                        break;
                    }
                    Ok(_) => {}
                    // A guessed address that does not exist says nothing.
                    Err(error) if is_guessed && says_not_found(&error) => {}
                    Err(error) => missing.push((wanted, error)),
                }
            }
        }
        parts.name = page.title.or(parts.name.take());
        if parts.formats.is_empty() {
            let first = missing.into_iter().next();
            return Err(first.map_or_else(|| SourceError::NoFeed(site()), |(_, error)| error));
        }
        for (wanted, error) in missing {
            // Another address had it.
            if !parts.formats.iter().any(|format| wanted == Wanted::of(*format)) {
                parts.notes.push(wanted.unread(Arc::new(error)));
            }
        }
        Ok(())
    }

    async fn ask(&mut self, url: &Url) -> Result<Answer, SourceError> {
        let asked = self.ask_once(url, Elsewhere::Refused).await;
        match asked {
            (Err(SourceError::Unreached(FetchError::Unreached { finding: Some(Finding::Unvouched) })), judge)
                if judge.has_refused_redirect() =>
            {
                self.ask_once(url, Elsewhere::Followed).await.0
            }
            (result, _) => result,
        }
    }

    async fn ask_once(&mut self, url: &Url, elsewhere: Elsewhere) -> (Result<Answer, SourceError>, Arc<SiteJudge>) {
        let judge = Arc::new(SiteJudge::new(url, elsewhere));
        let result = self.ask_judged(url, &judge).await;
        (result, judge)
    }

    async fn ask_judged(&mut self, url: &Url, judge: &Arc<SiteJudge>) -> Result<Answer, SourceError> {
        let limits = Limits { body_bytes: MAX_ANSWER, decoded_bytes: MAX_ANSWER, ..Limits::default() };
        let request = self
            .how
            .request(self.home, url.clone())
            .header(header::ACCEPT, HeaderValue::from_static(ACCEPT))
            .limits(limits)
            .judge(Arc::clone(judge));
        let fetched = self.http.fetch(request).await;
        self.attempts.extend(fetched.attempts);
        let response = fetched.result.map_err(SourceError::Unreached)?;
        if !response.status.is_success() {
            return Err(refused(&response, judge.is_proved(&response.url)));
        }
        let content_type = response.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let document = read_body(&response.body, content_type, &response.headers, &response.url)
            .ok_or_else(|| SourceError::Answer(site()))?;
        let moved = judge.moved(url);
        Ok(Answer { url: response.url, strategy: response.strategy, document, moved })
    }
}

/// What is expected at an address that a page names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Feed,
    Calendar,
}

impl Wanted {
    fn of(format: WebFormat) -> Self {
        if format == WebFormat::Calendar { Wanted::Calendar } else { Wanted::Feed }
    }

    fn is(self, document: &Document) -> bool {
        match document {
            Document::Feed(..) => self == Wanted::Feed,
            Document::Calendar(_) => self == Wanted::Calendar,
            Document::Page(_) => false,
        }
    }

    fn unread(self, error: Arc<SourceError>) -> SourceNote {
        match self {
            Wanted::Feed => SourceNote::PostsUnread { closed: false, error },
            Wanted::Calendar => SourceNote::EventsUnread { error },
        }
    }
}

impl Parts {
    /// Adds the content of a feed or a calendar, at a given time.
    fn take(&mut self, community: &Community, document: Document, base: &Url, at: Timestamp) {
        match document {
            Document::Feed(format, feed) => {
                let base =
                    &feed.page.as_deref().and_then(|page| html::web_url(page, Some(base))).unwrap_or(base.clone());
                let (posts, notes) = posts::posts(&community.id, &feed, base);
                self.name = feed.title.as_ref().map(|title| posts::line(title, base));
                self.description = feed
                    .subtitle
                    .as_ref()
                    .map(|subtitle| posts::rendered(subtitle, base, MAX_DESCRIPTION).text)
                    .filter(|text| !text.is_empty());
                if feed.page.is_some() {
                    self.links.push(Link::new(base.as_str(), None));
                }
                self.posts = posts;
                self.notes.extend(notes);
                self.truncated |= feed.cut;
                self.formats.push(format);
            }
            Document::Calendar(calendar) => {
                let Gatherings { events, odd, floating, cut } = calendar.gatherings(&community.id, base, at);
                self.name = self.name.take().or(calendar.name);
                self.description = self.description.take().or(calendar.description);
                self.events = events;
                self.notes.extend((odd > 0).then_some(SourceNote::EventsOdd { count: odd }));
                self.notes.extend((floating > 0).then_some(SourceNote::EventsWithoutZone { count: floating }));
                self.truncated |= cut;
                self.formats.push(WebFormat::Calendar);
            }
            Document::Page(_) => {}
        }
    }
}

/// The meaning of an answer without content. Only a host that proved its name can say finally that something is not
/// there: in cleartext, anyone on the path may say so.
fn refused(response: &Response, is_proved: bool) -> SourceError {
    let status = response.status;
    let said = PlatformMessage::new(site(), status.canonical_reason().unwrap_or("no reason"))
        .with_code(status.as_u16().into());
    match status {
        StatusCode::NOT_FOUND if is_proved => SourceError::Absent(site()),
        StatusCode::GONE if is_proved => SourceError::Gone(said),
        StatusCode::TOO_MANY_REQUESTS => SourceError::Throttled(said),
        _ => SourceError::Stated(said),
    }
}

fn says_not_found(error: &SourceError) -> bool {
    let not_found = Some(i64::from(StatusCode::NOT_FOUND.as_u16()));
    matches!(error, SourceError::Absent(_)) || matches!(error, SourceError::Stated(said) if said.code == not_found)
}

/// Everything that is read from an answer, whatever it contains: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_anything(body: &[u8], content_type: Option<&str>) -> Option<(Community, Vec<Post>, Vec<Event>)> {
    let url = Url::parse("https://site.example/feed").ok()?;
    let community = Community::new(address::community_id(&url)?, "");
    let mut parts = Parts::default();
    let document = read_body(body, content_type, &http::HeaderMap::new(), &url)?;
    parts.take(&community, document, &url, Timestamp::UNIX_EPOCH);
    Some((community, parts.posts, parts.events))
}

/// Feeds come first: a server that has several forms at one address sends a page unless the client asks for another
/// form.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, text/calendar, application/xml;q=0.9, \
                      text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.1";

/// The largest answer that is read, both as received and decoded: a feed of 10,000 entries has about this size. In an
/// encoding with one byte per character its text takes at most three times as much.
const MAX_ANSWER: u64 = json::LONGEST as u64;

/// The most characters of a community's description.
const MAX_DESCRIPTION: usize = 5_000;

/// Telegram's pages name no feed, and redirect if a feed is requested.
const WITHOUT_FEEDS: [&str; 2] = ["t.me", "telegram.me"];
