//! Reads any site that has a feed (Atom, RSS, JSON Feed) or a calendar, at its own address or named by a page.
//!
//! A reading asks for the address that was given. What comes says by itself what it is (`kind`); a page for people is
//! asked for the feed and the calendar that it names (`discover`), which are read where they lie on the same host. Bytes become
//! text (`encoding`), text a feed (`feed`) or a calendar (`calendar`). Entries become posts (`posts`), whose HTML is read as people
//! read it (`source::html`), and what a calendar holds becomes gatherings. What was there is remembered
//! (`memory`), so that the next reading asks only whether it has changed, and no sooner than the site likes (`pace`). Each step is
//! plain data in and out; only `reading` sends anything.
//!
//! What a feed says is its own claim. A community is called by its address (`address`), so that no feed can speak for
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
mod memory;
mod older;
mod pace;
mod parts;
mod posts;
mod reading;

pub use format::WebFormat;

use url::Url;

use self::reading::{Reading, site};
use super::{Contacts, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
use crate::community::Home;
#[cfg(feature = "fuzzing")]
use crate::community::{Community, Event, Post};

/// The source for homes on the web.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Web;

impl Source for Web {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Web(url) if !is_without_feeds(url) && !url.fragment().is_some_and(Home::names_signed))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Home::Web(url) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
        Box::pin(Reading::new(home, url, how, http).outcome()).await
    }

    fn contacts(&self, home: &Home) -> Contacts {
        let url = if let Home::Web(url) = home { Some(url.clone()) } else { None };
        Contacts::new(url, site(), Identity::None)
    }
}

/// Platforms whose pages hold nothing to read.
fn is_without_feeds(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    WITHOUT_FEEDS
        .iter()
        .any(|platform| host.strip_suffix(platform).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
}

/// All that is read out of an answer, whatever it answers: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_anything(body: &[u8], content_type: Option<&str>) -> Option<(Community, Vec<Post>, Vec<Event>)> {
    let url = Url::parse("https://site.example/feed").ok()?;
    let mut headers = http::HeaderMap::new();
    headers.extend(content_type.and_then(|value| Some((http::header::CONTENT_TYPE, value.parse().ok()?))));
    let community = Community::new(address::community_id(&url)?, "");
    let mut parts = parts::Parts::default();
    let answered = document::Answered { url: &url, headers: &headers };
    parts.take(
        document::read_body(body.to_vec(), answered, &community.id, jiff::Timestamp::UNIX_EPOCH)?,
        &url,
        &community.id,
    );
    Some((community, parts.posts, parts.events))
}

/// Groups of messengers: their pages show an invitation, and a request would only tell the messenger who reads.
const WITHOUT_FEEDS: [&str; 2] = ["chat.whatsapp.com", "signal.group"];
