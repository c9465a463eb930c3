//! One reading of a home: what is asked for, in which order, and what the answers mean.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::discover::{Named, PageLinks, same_host};
use super::document::{Answered, Document, read_body};
use super::format::WebFormat;
use super::judge::{SiteJudge, Trusted};
use super::memory::{AddressContent, Remembered, hash};
use super::parts::Parts;
use super::{address, pace};
use crate::community::{Claim, Community, CommunityId, Field, Home, Link};
use crate::fetch::{FetchError, GivenValidators};
use crate::reach::{Attempt, Finding};
use crate::source::{
    Content, HttpClient, Limits, Platform, PlatformMessage, ReadOptions, ReadOutcome, Response, SourceError, SourceNote,
};
use crate::transport::Strategy;

/// One reading.
pub(super) struct Reading<'a> {
    home: &'a Home,
    url: &'a Url,
    how: &'a ReadOptions,
    http: &'a HttpClient,
    attempts: Vec<Attempt>,
    remembered: Remembered,
    /// How long the site asks to wait, by address, as the last answer there says.
    waits: HashMap<Url, Duration>,
}

/// The answer of an address.
struct Answer {
    url: Url,
    strategy: Strategy,
    document: Document,
    /// The target, if the address redirects permanently.
    moved: Option<Url>,
    /// The site vouches for the answer: see [`judge`](super::judge).
    is_vouched: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(home: &'a Home, url: &'a Url, how: &'a ReadOptions, http: &'a HttpClient) -> Self {
        let remembered = Remembered::of(&how.memory, url, how.exposure);
        Self { home, url, how, http, attempts: Vec::new(), remembered, waits: HashMap::new() }
    }

    /// Reads, and remembers what the next reading needs.
    pub(super) async fn outcome(mut self) -> ReadOutcome {
        let result = self.read().await;
        // The wait that a site asks for one of its addresses applies to all of them.
        let wait = self.waits.into_values().max().unwrap_or_default();
        let memory = self.remembered.to_memory(pace::again_at(self.how.at, wait));
        ReadOutcome { memory: Some(memory), ..ReadOutcome::new(result, self.attempts) }
    }

    /// The id of the community. It depends on the address that was asked for, and on nothing that an answer says.
    fn id(&self) -> Result<CommunityId, SourceError> {
        address::community_id(self.url).ok_or(SourceError::Unsupported)
    }

    async fn read(&mut self) -> Result<Content, SourceError> {
        let url = self.url;
        let mut community = Community::new(self.id()?, String::new());
        let (strategy, moved, mut parts) = self.read_parts(url).await?;
        self.read_older(&mut parts).await;
        community.successor = parts.moved.filter(|moved| moved != url).and_then(|moved| {
            let text = moved.to_string();
            Some(Claim::new(text.parse().ok()?, Field::Elsewhere, text))
        });
        community.successor = community.successor.or(parts.claims.successor);
        community.predecessor = parts.claims.predecessor;
        let named = parts.name.filter(|name| !name.is_empty());
        // What has not changed keeps the name that is known.
        community.name = match named {
            None if parts.unchanged.is_empty() => url.host_str().unwrap_or_default().to_owned(),
            named => named.unwrap_or_default(),
        };
        community.description = parts.description;
        community.links = parts.links;
        // Only an address that a person could give: it is kept, and must be read again as what it is.
        let moved = moved.and_then(|moved| moved.as_str().parse::<Home>().ok());
        // A mirror belongs to the community in its address, which an ordinary page cannot speak for.
        let is_page = |home: &Home| matches!(home, Home::Web(_)) && home.signed_community().is_none();
        let moved = moved.filter(|moved| is_page(moved) && moved != self.home);
        community.homes = [self.home.clone()].into_iter().chain(moved).collect();
        let mut content = Content::new(community, strategy);
        content.notes.push(SourceNote::Found { formats: parts.formats });
        if !parts.unchanged.is_empty() {
            content.notes.push(SourceNote::Unchanged { formats: parts.unchanged });
        }
        content.notes.append(&mut parts.notes);
        content.calendar = parts.calendar;
        (content.posts, content.events, content.truncated) = (parts.posts, parts.events, parts.truncated);
        Ok(content)
    }

    /// Reads what is at an address, and what a page there names. If nobody vouches for a page and it leads nowhere,
    /// anybody may have written it. Then another route is asked for the site's own page.
    async fn read_parts(&mut self, url: &Url) -> Result<(Strategy, Option<Url>, Parts), SourceError> {
        let mut dismissed = Vec::new();
        loop {
            let Answer { url: found_at, strategy, document, moved, is_vouched } = self.ask(url, &dismissed).await?;
            let mut parts = Parts::default();
            match document {
                Document::Page(page) => match self.read_named(&page, &found_at, &mut parts).await {
                    Ok(()) => {}
                    Err(_) if !is_vouched && dismissed.len() < MAX_DISMISSED => {
                        dismissed.push(page);
                        continue;
                    }
                    Err(error) => return Err(error),
                },
                document => parts.take(document, &found_at, &self.id()?),
            }
            return Ok((strategy, moved, parts));
        }
    }

    /// Reads older pages of the feed, until what is known already is met.
    async fn read_older(&mut self, parts: &mut Parts) {
        let Some(since) = self.how.since else { return };
        let mut asked = HashSet::new();
        while parts.oldest().is_some_and(|oldest| oldest > since) && asked.len() < MAX_OLDER && !parts.is_full() {
            let Some(url) = parts.older.take().filter(|url| asked.insert(url.clone())) else { return };
            match self.ask_once(&url, Trusted::default()).await.0 {
                Ok(Answer { document: Document::Feed(_, feed), url: found_at, .. }) if same_host(&found_at, &url) => {
                    if parts.take_older(*feed, &found_at) == 0 {
                        return;
                    }
                }
                Err(SourceError::Unreached(_)) => {
                    parts.truncated = true;
                    return;
                }
                _ => return,
            }
        }
    }

    /// Reads what a page names, if it is on the page's own host.
    async fn read_named(&mut self, page: &PageLinks, found_at: &Url, parts: &mut Parts) -> Result<(), SourceError> {
        let Named { feeds, calendars, elsewhere, is_guessed } = page.named(found_at);
        parts.links.extend(page.me().map(|url| Link::new(url.as_str(), None)));
        parts.notes.extend(page.signed().map(|link| SourceNote::SignedHere { link: link.clone() }));
        if !elsewhere.is_empty() {
            parts.notes.push(SourceNote::FeedsElsewhere { count: elsewhere.len() });
            parts.links.extend(elsewhere.into_iter().map(|url| Link::new(url, None)));
        }
        let mut missing = Vec::new();
        for (wanted, mut urls) in [(Wanted::Feed, feeds), (Wanted::Calendar, calendars)] {
            // An address that had a feed or calendar the last time is asked first. Usually it still has one, and then
            // the others are not asked.
            urls.sort_by_key(|url| !self.remembered.has_format(url));
            for url in urls {
                let asked = self.ask_once(&url, Trusted::default()).await.0;
                match asked {
                    // The site itself may say that another site keeps its feed.
                    Ok(answer)
                        if wanted.is(&answer.document) && (answer.is_vouched || same_host(&answer.url, found_at)) =>
                    {
                        parts.take(answer.document, &answer.url, &self.id()?);
                        break;
                    }
                    Ok(_) => {}
                    // An address that was only guessed, and does not exist, says nothing.
                    Err(error) if is_guessed && says_not_found(&error) => {}
                    Err(error) => missing.push((wanted, error)),
                }
            }
        }
        parts.name = page.title.clone().or(parts.name.take());
        if parts.formats.is_empty() {
            let first = missing.into_iter().next();
            return Err(first.map_or_else(|| SourceError::NoFeed(site()), |(_, error)| of_a_part(error)));
        }
        for (wanted, error) in missing {
            // Unless another address had it.
            if !parts.formats.iter().any(|format| wanted == Wanted::of(*format)) {
                parts.notes.push(wanted.unread(Arc::new(error)));
            }
        }
        Ok(())
    }

    /// Asks for what is at an address. A redirect to another site that nobody vouches for is only followed if every
    /// route that answered was led to the same site. A redirect within the site that leads to nothing is passed over,
    /// because another route may be given the feed itself.
    async fn ask(&mut self, url: &Url, dismissed: &[PageLinks]) -> Result<Answer, SourceError> {
        let mut trusted = Trusted { pages: dismissed.to_vec(), ..Trusted::default() };
        loop {
            let (result, judge) = self.ask_once(url, trusted.clone()).await;
            let Err(SourceError::Unreached(FetchError::Unreached { finding: Some(Finding::Unvouched) })) = result
            else {
                return result;
            };
            match (judge.followed(), judge.led_away()) {
                (Some(target), _) if trusted.dead_ends.len() < MAX_DISMISSED => trusted.dead_ends.push(target),
                (_, Some(site)) if trusted.sites.len() < MAX_SITES => trusted.sites.push(site),
                _ => return result,
            }
        }
    }

    async fn ask_once(&mut self, url: &Url, trusted: Trusted) -> (Result<Answer, SourceError>, Arc<SiteJudge>) {
        let judge = Arc::new(SiteJudge::new(url, self.how.at, trusted));
        let result = self.ask_judged(url, &judge).await;
        (result, judge)
    }

    async fn ask_judged(&mut self, url: &Url, judge: &Arc<SiteJudge>) -> Result<Answer, SourceError> {
        // To close a gap, the feed itself is needed: it says where its older pages are.
        let closes_gap = self.how.since.is_some() && self.how.memory.gap.is_some();
        let known = self.remembered.usable(url, self.how.at).filter(|_| !closes_gap).cloned();
        let mut known = known.and_then(|known| Some((known.given()?, known)));
        let mut response = self.fetch_judged(url, judge, known.as_ref().map(|(given, _)| given.clone())).await?;
        // A 304 says something only to who was sent the validators.
        let was_asked = |response: &Response, given: &GivenValidators| {
            response.status == StatusCode::NOT_MODIFIED && given.may_be_sent_to(&response.url, response.exposure)
        };
        // One that names another version answers another question. The site is asked once more, as if nothing were known.
        if known.as_ref().is_some_and(|(given, _)| {
            was_asked(&response, given) && !given.validators.may_be_confirmed_by(&response.headers)
        }) {
            known = None;
            response = self.fetch_judged(url, judge, None).await?;
        }
        let (moved, is_vouched) = (judge.moved(url), judge.is_vouched(&response.url));
        let document = match known.filter(|(given, _)| is_vouched && was_asked(&response, given)) {
            Some((_, known)) => {
                self.wait_as_the_feed_asks(url, known.period);
                match known.held {
                    AddressContent::Format(format) => Document::Unchanged(format),
                    AddressContent::Page(page) => Document::Page(page),
                }
            }
            None if !response.status.is_success() => return Err(refused(&response, is_vouched)),
            None => {
                // The body is the only one of its kind, so it changes hands without a copy.
                let body = Vec::from(std::mem::take(&mut response.body));
                let hash = hash(&body);
                let answered = Answered { url: &response.url, headers: &response.headers };
                let document = read_body(body, answered, &self.id()?, self.how.at);
                let document = document.ok_or_else(|| SourceError::Answer(site()))?;
                // What breaks off is asked for as a whole the next time.
                if is_vouched && !document.breaks_off() {
                    self.remember(url, &response, hash, &document);
                }
                document
            }
        };
        Ok(Answer { url: response.url, strategy: response.strategy, document, moved, is_vouched })
    }

    /// One answer, and when the site likes to be asked again.
    async fn fetch_judged(
        &mut self,
        url: &Url,
        judge: &Arc<SiteJudge>,
        given: Option<GivenValidators>,
    ) -> Result<Response, SourceError> {
        let limits = Limits { body_bytes: MAX_ANSWER, decoded_bytes: MAX_ANSWER, ..Limits::default() };
        let request = self
            .how
            .request(self.home, url.clone())
            .header(header::ACCEPT, HeaderValue::from_static(ACCEPT))
            .limits(limits)
            .validators(given)
            .judge(Arc::clone(judge));
        let fetched = self.http.fetch(request).await;
        self.attempts.extend(fetched.attempts);
        // A site that refuses a route (a Tor exit, a proxy) does not ask the reader to wait if it answers another one.
        let asked_to_wait = match &fetched.result {
            Ok(response) if judge.is_vouched(&response.url) => {
                pace::asked_by(response.status, &response.headers, self.how.at)
            }
            Ok(_) => None,
            Err(_) => judge.asks_to_wait(),
        };
        self.waits.insert(url.clone(), asked_to_wait.unwrap_or_default());
        fetched.result.map_err(SourceError::Unreached)
    }

    fn remember(&mut self, url: &Url, response: &Response, hash: [u8; 32], document: &Document) {
        let (held, period) = match document {
            Document::Feed(format, read) => (AddressContent::Format(*format), read.feed.period),
            Document::Calendar(_) => (AddressContent::Format(WebFormat::Calendar), None),
            Document::Page(page) => (AddressContent::Page(page.clone()), None),
            Document::Unchanged(_) => return,
        };
        self.wait_as_the_feed_asks(url, period);
        let given = GivenValidators { validators: response.given_validators(), by: response.url.clone() };
        self.remembered.read(url, given, hash, (held, period), self.how.at);
    }

    fn wait_as_the_feed_asks(&mut self, url: &Url, period: Option<Duration>) {
        let wait = self.waits.entry(url.clone()).or_default();
        *wait = (*wait).max(pace::asked_by_feed(period).unwrap_or_default());
    }
}

/// What is looked for at an address that a page names.
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
            Document::Unchanged(format) => self == Wanted::of(*format),
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

/// What an answer without content means. Only a host that proved its name can say that something does not exist. In
/// cleartext, anybody on the path may say so.
fn refused(response: &Response, is_vouched: bool) -> SourceError {
    let status = response.status;
    let said = PlatformMessage::new(site(), status.canonical_reason().unwrap_or("no reason"))
        .with_code(status.as_u16().into());
    match status {
        StatusCode::NOT_FOUND if is_vouched => SourceError::Absent(site()),
        StatusCode::GONE if is_vouched => SourceError::Gone(said),
        StatusCode::TOO_MANY_REQUESTS => SourceError::Throttled(said),
        _ => SourceError::Stated(said),
    }
}

/// Why a community that has a page could not be read. If only its feed is gone, the community is not.
fn of_a_part(error: SourceError) -> SourceError {
    match error {
        SourceError::Gone(said) => SourceError::Stated(said),
        SourceError::Absent(site) => SourceError::NoFeed(site),
        error => error,
    }
}

fn says_not_found(error: &SourceError) -> bool {
    let not_found = Some(i64::from(StatusCode::NOT_FOUND.as_u16()));
    matches!(error, SourceError::Absent(_)) || matches!(error, SourceError::Stated(said) if said.code == not_found)
}

/// Feeds come first, because a server with several forms of one address gives a page to those who do not ask for
/// another form.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, text/calendar, application/xml;q=0.9, \
                      text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.1";

/// The largest answer that is read, on the wire and decoded: a feed of 10,000 entries with a kilobyte and a half for each.
const MAX_ANSWER: u64 = 16 << 20;

/// Through how many sites in a row redirects in cleartext may lead: an old address, and a service that keeps the feed.
const MAX_SITES: usize = 2;

/// After how many pages and redirects in cleartext that led to nothing no further one is asked for.
const MAX_DISMISSED: usize = 2;

/// What sentences call a site. They do not contain its host, because an account of an access is shown to others.
pub(super) fn site() -> Platform {
    Platform::new("the site").in_language("ru", "Сайт")
}

/// Older pages of a feed that one reading asks for.
const MAX_OLDER: usize = 10;
