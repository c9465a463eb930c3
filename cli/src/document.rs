//! The documents of `--json` that belong to the command alone; the others are the serialised results of the library.
//! They change only by gaining members (docs/cli.md), which keep the order of these structs.

use std::path::Path;

use byway::community::{Claim, Community, CommunityId, Event, MirrorStanding, Post, Trust};
use byway::{
    Account, Changes, Cursor, ErrorDetails, GetError, Language, ListPage, Note, OpenError, Reachability, SearchHit,
    Standing, StoredCommunity, UpcomingEvent,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::shown::Shown;

/// `open` for a community that was neither read nor kept; otherwise the document is the library's
/// [`Opened`](byway::Opened).
#[derive(Debug, Serialize)]
pub(crate) struct Unopened {
    community: Option<Community>,
    posts: [Post; 0],
    events: [Event; 0],
    changes: Changes,
    successor: Option<Claim>,
    reachability: Option<Account>,
    source: Option<&'static str>,
    synced_at: Option<Timestamp>,
    age_seconds: Option<u64>,
    exposure: Option<&'static str>,
    cut: bool,
    error: ErrorDetails,
}

impl Unopened {
    pub(crate) fn of(error: &OpenError, language: Language) -> Self {
        Self {
            community: None,
            posts: [],
            events: [],
            changes: Changes::default(),
            successor: None,
            reachability: error.reachability().map(|met| met.account_in_full(language)),
            source: None,
            synced_at: None,
            age_seconds: None,
            exposure: None,
            cut: false,
            error: error.details(language),
        }
    }
}

/// `get` without a page; otherwise the document is the library's [`GetResponse`](byway::GetResponse).
#[derive(Debug, Serialize)]
pub(crate) struct NoPage {
    url: String,
    status: Option<u16>,
    headers: [(String, String); 0],
    reachability: Account,
    error: ErrorDetails,
}

impl NoPage {
    pub(crate) fn of(error: &GetError, reachability: &Reachability, language: Language) -> Self {
        Self {
            url: reachability.url.clone(),
            status: None,
            headers: [],
            reachability: reachability.account_in_full(language),
            error: error.details(language),
        }
    }
}

/// `list`: what is kept.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    communities: Vec<ListedCommunity<'a>>,
}

fn homes(homes: &[MirrorStanding], language: Language) -> Vec<Remembered<'_, MirrorStanding>> {
    homes.iter().map(|what| Remembered { what, sentence: what.state.sentence(language) }).collect()
}

#[derive(Debug, Serialize)]
struct ListedCommunity<'a> {
    community: &'a Community,
    trust: Trust,
    synced_at: Timestamp,
    age_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    homes: Vec<Remembered<'a, MirrorStanding>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Remembered<'a, Note>>,
}

impl<'a> List<'a> {
    pub(crate) fn of(communities: &'a [(StoredCommunity, Standing)], language: Language) -> Self {
        let kept = |(kept, standing): &'a (StoredCommunity, Standing)| ListedCommunity {
            community: &kept.community,
            synced_at: kept.synced_at,
            age_seconds: age_seconds(kept),
            trust: standing.trust(),
            homes: homes(&standing.homes, language),
            notes: age_note(kept).into_iter().map(|what| remembered(what, language)).collect(),
        };
        Self { communities: communities.iter().map(kept).collect() }
    }
}

/// `import`: what was read of a list of feeds.
#[derive(Debug, Serialize)]
pub(crate) struct Import {
    pub(crate) communities: Vec<ImportedCommunity>,
    /// Entries that are not a link to a community.
    pub(crate) odd: usize,
    /// There are more entries than are read.
    pub(crate) cut: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct ImportedCommunity {
    pub(crate) link: String,
    pub(crate) id: Option<CommunityId>,
    /// Why it was not read.
    pub(crate) error: Option<String>,
}

/// `show`: a page of what is kept of a community; everything is null or empty if nothing is kept.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Show<'a> {
    community: Option<&'a Community>,
    posts: &'a [Post],
    events: Vec<Event>,
    successor: Option<&'a Claim>,
    source: Option<&'static str>,
    synced_at: Option<Timestamp>,
    age_seconds: Option<u64>,
    next_posts: Option<&'a str>,
    next_events: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Remembered<'a, Note>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    homes: Vec<Remembered<'a, MirrorStanding>>,
}

/// Something that is remembered, and its sentence.
#[derive(Debug, Serialize)]
pub(crate) struct Remembered<'a, T> {
    #[serde(flatten)]
    what: &'a T,
    sentence: String,
}

impl<'a> Show<'a> {
    pub(crate) fn of(shown: &'a Shown, language: Language) -> Self {
        let Shown { kept, standing, posts, events, next_posts, next_events, goes_on: _ } = shown;
        Self {
            community: Some(&kept.community),
            posts,
            events: as_of_now(events),
            successor: kept.community.successor.as_ref(),
            source: Some("store"),
            synced_at: Some(kept.synced_at),
            age_seconds: age_seconds(kept),
            next_posts: next_posts.as_ref().map(Cursor::as_str),
            next_events: next_events.as_ref().map(Cursor::as_str),
            notes: standing.notes.iter().chain(age_note(kept)).map(|what| remembered(what, language)).collect(),
            homes: homes(&standing.homes, language),
        }
    }

    pub(crate) fn missing() -> Self {
        Self::default()
    }
}

/// `search`: a page of hits.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SearchDocument<'a> {
    hits: Vec<SearchHit>,
    next: Option<&'a str>,
}

impl<'a> SearchDocument<'a> {
    pub(crate) fn of(page: &'a ListPage<SearchHit>) -> Self {
        let now = Timestamp::now();
        let mut hits = page.items.clone();
        for hit in &mut hits {
            if let SearchHit::Event { event, .. } = hit {
                event.status = event.status_at(now);
            }
        }
        Self { hits, next: page.next.as_ref().map(Cursor::as_str) }
    }
}

/// `events`: a page of upcoming events.
#[derive(Debug, Serialize)]
pub(crate) struct Upcoming<'a> {
    events: Vec<UpcomingEvent>,
    next: Option<&'a str>,
}

impl<'a> Upcoming<'a> {
    pub(crate) fn of(page: &'a ListPage<UpcomingEvent>) -> Self {
        let now = Timestamp::now();
        let mut events = page.items.clone();
        for shown in &mut events {
            shown.event.status = shown.event.status_at(now);
        }
        Self { events, next: page.next.as_ref().map(Cursor::as_str) }
    }
}

/// `wipe`.
#[derive(Debug, Serialize)]
pub(crate) struct Wipe {
    wiped: String,
}

impl Wipe {
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { wiped: data_dir.display().to_string() }
    }
}

fn remembered(what: &Note, language: Language) -> Remembered<'_, Note> {
    Remembered { what, sentence: what.sentence(language) }
}

/// `null` if the reading is ahead of the clock; [`age_note`] says so.
fn age_seconds(kept: &StoredCommunity) -> Option<u64> {
    kept.age_at(Timestamp::now()).map(|age| age.as_secs())
}

fn age_note<'a>(kept: &StoredCommunity) -> Option<&'a Note> {
    age_seconds(kept).is_none().then_some(&Note::AgeUnknown)
}

fn as_of_now(events: &[Event]) -> Vec<Event> {
    let now = Timestamp::now();
    events.iter().map(|event| event.clone().as_of(now)).collect()
}

/// `strategies`: one entry for each line that is not a comment.
#[derive(Debug, Serialize)]
pub(crate) struct StrategyLines {
    pub(crate) lines: Vec<StrategyLine>,
}

/// `link`: what a link holds.
#[derive(Debug, Serialize)]
pub(crate) struct CheckedLink {
    pub(crate) link: String,
    /// The form for messengers; `null` if there is none.
    pub(crate) web_link: Option<String>,
    pub(crate) exposure: &'static str,
    /// The home of a community without signatures.
    pub(crate) home: Option<String>,
    /// The id of a signed community.
    pub(crate) id: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) mirrors: Vec<String>,
}

/// One line of a list of strategies.
#[derive(Debug, Serialize)]
pub(crate) struct StrategyLine {
    pub(crate) line: usize,
    /// The strategy without its login; for a line that was not understood, the part that can be shown.
    pub(crate) strategy: Option<String>,
    /// The number of the line that first had the same strategy.
    pub(crate) same_as: Option<usize>,
    pub(crate) error: Option<String>,
}

/// Prints one document. JSON cannot express a number that is not finite, and the documents have none.
pub(crate) fn print(document: &impl Serialize) {
    let mut text = escaped(serde_json::to_string_pretty(document).unwrap_or_else(|_| "null".to_owned()));
    text.push('\n');
    crate::screen::out(text.as_bytes());
}

/// Escapes characters that control a terminal or change the direction of text, so that the document means the same.
/// JSON has them only within texts; those below U+0020 are already escaped there.
pub(crate) fn escaped(json: String) -> String {
    if !json.contains(steers) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            // Each is one UTF-16 unit.
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// DEL and the C1 controls, the marks of writing direction (Unicode's bidirectional algorithm, UAX #9), and the line
/// and paragraph separators.
fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn json_is_escaped_and_says_the_same() {
        let odd: String = (0..=0x2100).filter_map(char::from_u32).collect();
        let value = serde_json::json!({ "text": odd, "a\u{202e}b": ["\u{9b}31m", "\u{1f600}\u{20}"] });
        let text = escaped(serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        let left: Vec<char> = text.chars().filter(|c| steers(*c) || (c.is_control() && *c != '\n')).collect();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(escaped("[\"\u{202e}\"]".to_owned()), "[\"\\u202e\"]");
    }
}
