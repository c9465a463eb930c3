//! Telegram's public pages: the preview of a channel on the web (`t.me/s/NAME`), which needs no account.
//!
//! Nobody promises the form of these pages. They are taken apart by the classes of their elements (`elements`). The
//! head becomes the community (`channel`), and each message a post (`post`, `media`). `page` says what kind of page it
//! is, and `judge` whether it is Telegram's. If something cannot be read, the rest is still read, and a note counts
//! what is missing. If the first host is not reached, Telegram's other two names for the same pages are asked.
//!
//! The id of a channel is its name, which is its address. A page does not name the reader, and nothing that it shows is
//! loaded.

mod channel;
mod elements;
mod judge;
mod media;
mod number;
mod page;
mod platform;
mod post;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::num::NonZeroU32;
use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use self::judge::{PreviewJudge, is_foreign};
use self::page::{Channel, TelegramPage};
use self::platform::platform;
use super::alternate::spared;
use super::claims::Claims;
use super::held_bytes;
use super::{
    Contacts, Content, HttpClient, Identity, PlatformMessage, ReadOptions, ReadOutcome, Response, Source, SourceError,
    SourceNote,
};
use crate::community::{Home, Post, TELEGRAM_HOSTS, TelegramName};
use crate::fetch::{Allowance, FetchError, RateLimit};
use crate::reach::Attempt;

#[cfg(feature = "fuzzing")]
pub(crate) use page::read_anything;

/// The source for homes at Telegram.
#[derive(Debug)]
pub(crate) struct Telegram {
    pace: Arc<RateLimit>,
}

impl Telegram {
    pub(crate) fn new() -> Self {
        Self { pace: Arc::new(RateLimit::per_second(REQUESTS_A_SECOND)) }
    }
}

impl Source for Telegram {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Telegram(_))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Home::Telegram(name) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
        let mut reading = Reading { home, name, how, http, pace: &self.pace, host: 0, attempts: Vec::new() };
        let result = Box::pin(reading.read()).await;
        ReadOutcome::new(result, reading.attempts)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        let Home::Telegram(name) = home else { return Contacts::new([], platform(), Identity::None) };
        Contacts::new(
            (0..TELEGRAM_HOSTS.len()).filter_map(|host| preview(host, name, None)),
            platform(),
            Identity::None,
        )
    }
}

/// The preview of a channel at one of the hosts: its newest posts, or those before a number.
fn preview(host: usize, name: &TelegramName, before: Option<u64>) -> Option<Url> {
    let host = TELEGRAM_HOSTS.get(host)?;
    let before = before.map(|number| format!("?before={number}")).unwrap_or_default();
    Url::parse(&format!("https://{host}/s/{name}{before}")).ok()
}

/// One reading.
struct Reading<'a> {
    home: &'a Home,
    name: &'a TelegramName,
    how: &'a ReadOptions,
    http: &'a HttpClient,
    pace: &'a Arc<RateLimit>,
    /// The host that answered last. The next page is asked for there.
    host: usize,
    attempts: Vec<Attempt>,
}

impl Reading<'_> {
    async fn read(&mut self) -> Result<Content, SourceError> {
        let (first, strategy) = self.page(None).await?;
        let Channel { community, posts, mut pinned, mut claims, labels, mut odd, mut torn, is_cut, .. } = first;
        let (has_unknown_list, mut before, mut breaks_off) = (first.has_unknown_list, first.before, first.breaks_off);
        let mut content = Content::new(community, strategy);
        let mut all = posts;
        let mut held = bytes_of(&all);
        torn += usize::from(is_cut);
        content.notes.extend(labels.into_iter().map(|label| SourceNote::Labelled { label, platform: platform() }));
        if has_unknown_list {
            content.notes.push(SourceNote::PostsNoList { platform: platform() });
        }
        while let Some(number) = before.filter(|_| self.wants_more(&all)) {
            if self.ran_out() || held >= MAX_HELD {
                content.truncated = true;
                break;
            }
            match self.page(Some(number)).await {
                Ok((older, _)) => {
                    held += bytes_of(&older.posts);
                    all.extend(older.posts.into_iter().filter(|(older, _)| *older < number));
                    pinned = pinned.max(older.pinned);
                    claims.extend(older.claims);
                    odd += older.odd;
                    breaks_off |= older.breaks_off;
                    torn += older.torn + usize::from(older.is_cut);
                    // Each page must lead further back.
                    before = older.before.filter(|next| *next < number);
                }
                Err(_) if self.ran_out() => {
                    content.truncated = true;
                    break;
                }
                Err(error) => {
                    content.notes.push(SourceNote::PostsUnread { closed: false, error: Arc::new(error) });
                    break;
                }
            }
        }
        content.notes.extend(breaks_off.then_some(SourceNote::BreaksOff));
        content.notes.extend((odd > 0).then_some(SourceNote::PostsOdd { count: odd }));
        content.notes.extend((torn > 0).then_some(SourceNote::PostsTorn { count: torn }));
        all.sort_by_key(|(number, _)| Reverse(*number));
        if let Some((_, pinned)) = pinned {
            all.iter_mut().filter(|(number, _)| *number == pinned).for_each(|(_, post)| post.pinned = true);
            let of_pinned = claims.into_iter().find(|(number, _)| *number == pinned);
            let (community, Claims { successor, predecessor }) =
                (&mut content.community, of_pinned.map(|(_, claims)| claims).unwrap_or_default());
            community.successor = community.successor.take().or(successor);
            community.predecessor = community.predecessor.take().or(predecessor);
        }
        content.posts = all.into_iter().map(|(_, post)| post).take(MAX_POSTS).collect();
        Ok(content)
    }

    /// Whether an older page is worth its request.
    fn wants_more(&self, posts: &[(u64, Post)]) -> bool {
        let missing = self.how.posts.min(MAX_POSTS).saturating_sub(posts.len());
        let is_reached = |since: Timestamp| posts.iter().any(|(_, post)| post.created.is_some_and(|at| at <= since));
        missing > FEW || posts.len() < MAX_POSTS && self.how.since.is_some_and(|since| !is_reached(since))
    }

    /// There is no time or allowance left for another request.
    fn ran_out(&self) -> bool {
        let spent = self.how.allowance.as_ref().is_some_and(Allowance::is_spent) || self.how.idle.left().is_zero();
        spent || self.how.until.is_some_and(|until| Instant::now() >= until)
    }

    /// The newest posts of the channel, or those before a number.
    async fn page(&mut self, before: Option<u64>) -> Result<(Channel, crate::transport::Strategy), SourceError> {
        let response = self.reach(before).await.map_err(|error| match &error {
            FetchError::Unreached { finding: Some(finding) } if is_foreign(finding) => SourceError::Answer(platform()),
            _ => SourceError::Unreached(error),
        })?;
        if !response.status.is_success() {
            return Err(refused(&response));
        }
        match page::read(&page::text(&response.body), self.name, &response.url, self.how.at) {
            TelegramPage::Channel(channel) => Ok((*channel, response.strategy)),
            TelegramPage::Profile => Err(SourceError::NoPreview(platform())),
            TelegramPage::Nobody => Err(SourceError::Absent(platform())),
            TelegramPage::Foreign => Err(SourceError::Answer(platform())),
        }
    }

    /// Sends a request to the host that answered last, and to the others if that one is not reached.
    async fn reach(&mut self, before: Option<u64>) -> Result<Response, FetchError> {
        let mut unreached: Option<FetchError> = None;
        let first = self.host;
        let order = [first].into_iter().chain((0..TELEGRAM_HOSTS.len()).filter(|host| *host != first));
        for (asked, host) in (1..).zip(order) {
            let Some(url) = preview(host, self.name, before) else { break };
            if asked > 1 && self.ran_out() {
                break;
            }
            let request = self.how.request(self.home, url);
            let request =
                request.header(header::ACCEPT, HeaderValue::from_static("text/html")).pace(Arc::clone(self.pace));
            let mut request = request.judge(PreviewJudge { name: self.name.clone() }).into_engine();
            request.limits.body_bytes = request.limits.body_bytes.min(MAX_PAGE);
            request.limits.decoded_bytes = request.limits.decoded_bytes.min(MAX_PAGE);
            if asked < TELEGRAM_HOSTS.len() {
                request.idle = Some(self.how.idle.sparing(self.how.idle.left() / spared(self.http.engine(), &request)));
            }
            let fetched = self.http.engine().fetch(request).await;
            self.attempts.extend(fetched.attempts);
            match fetched.result {
                Ok(response) => {
                    self.host = host;
                    return Ok(response);
                }
                Err(error @ FetchError::Unreached { .. }) => unreached = Some(unreached.unwrap_or(error)),
                Err(error) => return Err(error),
            }
        }
        Err(unreached.unwrap_or(FetchError::Unreached { finding: None }))
    }
}

fn bytes_of(posts: &[(u64, Post)]) -> usize {
    posts.iter().map(|(_, post)| held_bytes::of_post(post)).sum()
}

/// What an answer without a page means.
fn refused(response: &Response) -> SourceError {
    let status = response.status;
    let said = PlatformMessage::new(platform(), status.canonical_reason().unwrap_or("no reason"))
        .with_code(status.as_u16().into());
    match status {
        StatusCode::TOO_MANY_REQUESTS => SourceError::Throttled(said),
        _ => SourceError::Stated(said),
    }
}

/// Telegram states no limit for its pages. A reading of one screen sends one request.
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// The largest page that is read, on the wire and decoded. A page of twenty long posts with many pictures has a fortieth
/// of this.
const MAX_PAGE: u64 = 16 << 20;

/// Bytes of the posts of all pages after which no older page is asked for: as much as two of the fullest pages.
const MAX_HELD: usize = 16 << 20;

/// More than anybody scrolls at one time: fifty pages.
const MAX_POSTS: usize = 1_000;

/// A page of twenty messages contains a few that are not posts. So few posts are not worth another request.
const FEW: usize = 5;
