//! Full-text search in the store.
//!
//! **There is no index.** An index on disk reveals what was read, word by word. A sealed index reveals it by the number
//! and sizes of its rows, which change with every post. So a search opens the stored items, newest first, and compares.
//! The work is bounded: a search runs in steps of at most [`STEP`] items, each a short transaction. Other calls run in
//! between, and a cancelled search ends after its current step. docs/performance.md has the measured cost.
//!
//! **Matching.** Every word of the query must be the beginning of a word of the text. Case, accents, stress marks and
//! soft hyphens are ignored, `ё` equals `е`, and `й` is a letter of its own. Texts are compared in Unicode's canonical
//! decomposition (UAX #15), so it does not matter how a letter was typed.

use icu_normalizer::DecomposingNormalizerBorrowed;
use rusqlite::params;
use serde::Serialize;

use super::database::{Tx, place};
use super::item::SealedList;
use super::key::LookupKey;
use super::list_calendar::{self, Calendar, Time};
use super::page::{Cursor, ListPage};
use super::sealed_list::{self, LARGEST_PAGE, Row};
use super::{Store, StoreError, StoredCommunity, communities};
use crate::community::{Attachment, Community, CommunityId, Event, Post};

/// A result of a search.
///
/// With serde it is one object: `kind` (`community`, `post` or `event`), `community` (for a post or event, the id of
/// the community whose list has it), and the item.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SearchHit {
    /// A community, found by its name, short name, status line or description.
    Community {
        /// The community as it was last read.
        #[serde(flatten)]
        stored: Box<StoredCommunity>,
    },
    /// A post, found by its text, the text of its reposts, and the titles of its attachments.
    Post {
        /// The community whose list has the post.
        community: CommunityId,
        /// The post.
        post: Box<Post>,
    },
    /// An event, found by its name, text, place and organiser.
    Event {
        /// The community whose list has the event.
        community: CommunityId,
        /// The event.
        event: Box<Event>,
    },
}

impl SearchHit {
    /// The stable code, the same as serde's `kind`.
    pub fn code(&self) -> &'static str {
        match self {
            SearchHit::Community { .. } => "community",
            SearchHit::Post { .. } => "post",
            SearchHit::Event { .. } => "event",
        }
    }

    /// The community in which the item was found.
    pub fn community(&self) -> &CommunityId {
        match self {
            SearchHit::Community { stored } => &stored.community.id,
            SearchHit::Post { community, .. } | SearchHit::Event { community, .. } => community,
        }
    }
}

/// A search for one page, run step by step.
pub(crate) struct Search {
    query: Query,
    scope: Option<CommunityId>,
    limit: usize,
    begin: Begin,
    page: ListPage<SearchHit>,
}

/// The start of the next step.
enum Begin {
    /// At this cursor; without one, at the first community.
    Cursor(Option<Cursor>),
    At(SearchPosition),
    /// The page is complete.
    Done,
}

/// A position in the order of the search: communities by id, then the items of all lists, newest first.
enum SearchPosition {
    /// After this community; `None` is before the first one.
    Communities(Option<CommunityId>),
    /// After this item; `None` is before the first one.
    Items(Option<(Time, LookupKey)>),
}

impl Search {
    /// A search for one page of at most `limit` (1 to 1000) hits, in one community or in all of them.
    pub(crate) fn new(query: &str, scope: Option<CommunityId>, after: Option<Cursor>, limit: usize) -> Self {
        let page = ListPage { items: Vec::new(), next: None, unreadable: 0 };
        Self { query: Query::new(query), scope, limit: limit.clamp(1, LARGEST_PAGE), begin: Begin::Cursor(after), page }
    }

    /// Runs one step. Returns `true` if the page is complete.
    pub(crate) fn step(&mut self, store: &Store) -> Result<bool, StoreError> {
        store.read(|tx| self.proceed(tx))
    }

    /// The page of hits.
    pub(crate) fn finish(self) -> ListPage<SearchHit> {
        self.page
    }

    fn proceed(&mut self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let next = match std::mem::replace(&mut self.begin, Begin::Done) {
            Begin::Done => return Ok(true),
            Begin::Cursor(cursor) => {
                let place = match cursor {
                    Some(cursor) => self.read_cursor(tx, &cursor)?,
                    None => SearchPosition::Communities(None),
                };
                if self.query.words.is_empty() {
                    return Ok(true);
                }
                Some(place)
            }
            Begin::At(SearchPosition::Communities(after)) => self.communities(tx, after)?,
            Begin::At(SearchPosition::Items(after)) => self.items(tx, after)?,
        };
        let Some(next) = next else { return Ok(true) };
        if self.page.items.len() < self.limit {
            self.begin = Begin::At(next);
            return Ok(false);
        }
        self.page.next = Some(self.write_cursor(tx, &next)?);
        Ok(true)
    }

    fn communities(&mut self, tx: &Tx<'_>, after: Option<CommunityId>) -> Result<Option<SearchPosition>, StoreError> {
        let all: Vec<_> = match &self.scope {
            Some(id) => communities::community(tx, id)?.into_iter().collect(),
            None => communities::communities(tx)?,
        };
        for kept in all.into_iter().filter(|kept| after.as_ref().is_none_or(|after| kept.community.id > *after)) {
            if !self.query.matches(&texts_of_community(&kept.community)) {
                continue;
            }
            let id = kept.community.id.clone();
            self.page.items.push(SearchHit::Community { stored: Box::new(kept) });
            if self.page.items.len() == self.limit {
                return Ok(Some(SearchPosition::Communities(Some(id))));
            }
        }
        Ok(Some(SearchPosition::Items(None)))
    }

    fn items(
        &mut self,
        tx: &Tx<'_>,
        mut after: Option<(Time, LookupKey)>,
    ) -> Result<Option<SearchPosition>, StoreError> {
        let calendars = match &self.scope {
            Some(id) => vec![Calendar::load(tx, SealedList::Posts, id)?, Calendar::load(tx, SealedList::Events, id)?],
            None => Calendar::all(tx)?.into_iter().filter(|calendar| calendar.list != SealedList::Pictures).collect(),
        };
        let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;
        let mut left = STEP;
        for day in sealed_list::days(&calendars).into_iter().rev() {
            if after.is_some_and(|(time, _)| day > list_calendar::day(time)) {
                continue;
            }
            let mut rows = rows_of_all(tx, &calendars, day)?;
            rows.retain(|(_, row)| after.is_none_or(|after| row.order() < after));
            for (calendar, row) in rows.iter().rev() {
                if left == 0 || self.page.items.len() == self.limit {
                    return Ok(Some(SearchPosition::Items(after)));
                }
                left -= 1;
                after = Some(row.order());
                let sealed = body.query_row(params![row.id], |row| row.get(0))?;
                let plain = row.open_body(tx, calendar, day, sealed)?;
                match found(&self.query, calendar, &plain) {
                    Ok(Some(hit)) => self.page.items.push(hit),
                    Ok(None) => {}
                    Err(_) => self.page.unreadable += 1,
                }
            }
        }
        Ok(None)
    }

    fn write_cursor(&self, tx: &Tx<'_>, at: &SearchPosition) -> Result<Cursor, StoreError> {
        let plain = match at {
            SearchPosition::Communities(after) => {
                [b"c", after.as_ref().map_or("", CommunityId::as_str).as_bytes()].concat()
            }
            SearchPosition::Items(None) => b"i".to_vec(),
            SearchPosition::Items(Some((time, key))) => [b"i".as_slice(), &time.to_le_bytes(), key].concat(),
        };
        Cursor::seal(tx.keys, &self.cursor_place(tx), plain)
    }

    fn read_cursor(&self, tx: &Tx<'_>, cursor: &Cursor) -> Result<SearchPosition, StoreError> {
        let plain = cursor.open(tx.keys, &self.cursor_place(tx))?;
        match plain.split_first() {
            Some((b'c', id)) => {
                let id = std::str::from_utf8(id).map_err(|_| StoreError::Cursor)?;
                Ok(SearchPosition::Communities(id.parse().ok()))
            }
            Some((b'i', [])) => Ok(SearchPosition::Items(None)),
            Some((b'i', rest)) => Ok(SearchPosition::Items(Some(sealed_list::read_order(rest)?))),
            _ => Err(StoreError::Cursor),
        }
    }

    /// The place that binds a cursor to its query.
    fn cursor_place(&self, tx: &Tx<'_>) -> Vec<u8> {
        let scope = self.scope.as_ref().map_or("", CommunityId::as_str);
        let mut parts: Vec<&[u8]> = vec![b"search", scope.as_bytes()];
        parts.extend(self.query.words.iter().map(|word| word.as_bytes()));
        place(b"cursor", &tx.keys.lookup(&parts))
    }
}

/// The item, if the query matches it.
fn found(query: &Query, calendar: &Calendar, plain: &[u8]) -> Result<Option<SearchHit>, serde_json::Error> {
    let community = || calendar.community.clone();
    Ok(match calendar.list {
        SealedList::Posts => {
            let post: Post = serde_json::from_slice(plain)?;
            let matches = query.matches(&texts_of_post(&post));
            matches.then(|| SearchHit::Post { community: community(), post: Box::new(post) })
        }
        SealedList::Events => {
            let event: Event = serde_json::from_slice(plain)?;
            let matches = query.matches(&texts_of_event(&event));
            matches.then(|| SearchHit::Event { community: community(), event: Box::new(event) })
        }
        SealedList::Pictures => None,
    })
}

/// The rows of a day in all lists, oldest first.
pub(super) fn rows_of_all<'a>(
    tx: &Tx<'_>,
    calendars: &'a [Calendar],
    day: list_calendar::Day,
) -> Result<Vec<(&'a Calendar, Row)>, StoreError> {
    let mut rows = Vec::new();
    for calendar in calendars.iter().filter(|calendar| calendar.has(day)) {
        rows.extend(sealed_list::rows_of(tx, calendar, day)?.into_iter().map(|row| (calendar, row)));
    }
    rows.sort_unstable_by_key(|(_, row)| row.order());
    Ok(rows)
}

/// A query: the beginnings of words.
pub(crate) struct Query {
    words: Vec<String>,
}

impl Query {
    /// Splits a text into words. A query without words matches nothing.
    pub(crate) fn new(text: &str) -> Self {
        let end = text.char_indices().map(|(at, _)| at).nth(MAX_QUERY).unwrap_or(text.len());
        let folded = folded(text.get(..end).unwrap_or_default());
        Self { words: words(&folded).take(MAX_WORDS).map(str::to_owned).collect() }
    }

    /// Returns `true` if each word of the query is the beginning of a word in these texts.
    pub(crate) fn matches(&self, texts: &[&str]) -> bool {
        let mut missing: Vec<&str> = self.words.iter().map(String::as_str).collect();
        if missing.is_empty() {
            return false;
        }
        for text in texts {
            let text = folded(text);
            for word in words(&text) {
                missing.retain(|beginning| !word.starts_with(beginning));
                if missing.is_empty() {
                    return true;
                }
            }
        }
        false
    }
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The text without case and without marks on its letters: decomposed, then the lower case of its upper case, which
/// unifies `ß` with `ss` and `ς` with `σ`, as Unicode's case folding does.
fn folded(text: &str) -> String {
    let decompose = DecomposingNormalizerBorrowed::new_nfd();
    let mut folded = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            'а'..='я' => folded.push(c),
            'А'..='Я' => folded.extend(c.to_lowercase()),
            'ё' | 'Ё' => folded.push('е'),
            // Collected with the marks that follow: decomposition orders the marks of one letter.
            c => {
                let others = std::iter::once(c).chain(std::iter::from_fn(|| rest.next_if(|c| !is_plain(*c))));
                decompose.normalize_iter(others).for_each(|c| push(&mut folded, c));
            }
        }
    }
    folded
}

/// Returns `true` for the characters of most texts. They are never marks, and are folded one by one.
fn is_plain(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё') || c.is_ascii()
}

/// Adds a character of a decomposed text.
fn push(folded: &mut String, c: char) {
    match c {
        // A letter of its own in Russian, not `и` with a mark.
        BREVE if folded.ends_with('и') => {
            folded.pop();
            folded.push('й');
        }
        c if is_mark(c) => {}
        c => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
    }
}

const BREVE: char = '\u{306}';

/// Returns `true` for marks on a letter and for invisible characters between letters.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{487}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{ad}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'
            | '\u{feff}'
    )
}

fn texts_of_community(community: &Community) -> Vec<&str> {
    let Community { name, screen_name, status, description, .. } = community;
    let mut texts = vec![name.as_str()];
    texts.extend([screen_name, status, description].into_iter().flatten().map(String::as_str));
    texts
}

fn texts_of_post(post: &Post) -> Vec<&str> {
    let mut texts = Vec::new();
    // Reposts are nested to a bounded depth.
    let mut next = Some(post);
    while let Some(post) = next {
        texts.push(post.text.as_str());
        texts.extend(post.author.as_ref().map(|author| author.name.as_str()));
        post.attachments.iter().for_each(|attachment| texts_of_attachment(attachment, &mut texts));
        next = post.repost.as_deref();
    }
    texts
}

fn texts_of_attachment<'a>(attachment: &'a Attachment, texts: &mut Vec<&'a str>) {
    let mut add = |parts: &[&'a Option<String>]| texts.extend(parts.iter().filter_map(|part| part.as_deref()));
    match attachment {
        Attachment::Photo { text, .. } => add(&[text]),
        Attachment::Video { title, .. } | Attachment::Document { title, .. } => add(&[title]),
        Attachment::Link { title, text, .. } => add(&[title, text]),
        Attachment::Audio { artist, title, .. } => add(&[artist, title]),
        Attachment::Poll { question, options, .. } => {
            texts.push(question);
            texts.extend(options.iter().map(|option| option.text.as_str()));
        }
        _ => {}
    }
}

fn texts_of_event(event: &Event) -> Vec<&str> {
    let mut texts = vec![event.name.as_str()];
    texts.extend(event.text.as_deref());
    texts.extend(event.place.iter().flat_map(|place| [&place.name, &place.address]).flatten().map(String::as_str));
    texts.extend(event.organiser.as_ref().map(|organiser| organiser.name.as_str()));
    texts
}

/// The most items that one step opens: some milliseconds, for which other calls wait.
pub(super) const STEP: usize = 256;

/// The most words of a query. Further words are ignored.
const MAX_WORDS: usize = 16;

/// The most characters of a query. Further characters are ignored.
const MAX_QUERY: usize = 1000;

impl Store {
    /// At most `limit` hits (1 to 1000) for the words of a query, from the cursor on: communities first, then posts and
    /// events, newest first. `scope` limits the search to one community. A cursor belongs to its query.
    ///
    /// Each word of the query must be the beginning of a word; case, accents and `ё` are ignored. A search opens
    /// everything that is stored, some hundred items at a time; other calls may use the store in between.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`], and the errors of every call.
    pub fn search(
        &self,
        query: &str,
        scope: Option<&CommunityId>,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<ListPage<SearchHit>, StoreError> {
        let mut search = Search::new(query, scope.cloned(), after.cloned(), limit);
        while !search.step(self)? {}
        Ok(search.finish())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_match_by_their_beginnings_without_case_or_marks() {
        let text = "Товарищи! Ёлку зажгут в 18:00 у ЗАВОДА; Straße, Τέλος, cafe\u{301}. Мой сто\u{301}лик, за\u{ad}тор";
        for query in [
            "завод",
            "ЁЛК",
            "елку",
            "ёлку ЗАВ",
            "е\u{308}лку",
            "18 товар",
            "strasse",
            "STRASSE",
            "τελος",
            "τελοσ",
            "café",
            "мой",
            "мои\u{306}",
            "столик",
            "затор",
            "; товарищи",
        ] {
            assert!(Query::new(query).matches(&[text]), "{query:?}");
        }
        for query in ["", " ;", "авод", "мои", "завод нет", "180", "елкуу"] {
            assert!(!Query::new(query).matches(&[text]), "{query:?}");
        }
        assert!(Query::new("one two").matches(&["two", "one"]), "words may stand in different texts");
    }

    proptest! {
        #[test]
        fn folding_is_that_of_the_decomposed_text(text in "[аАеиИйЙёЁĭßéω\u{301}\u{306}\u{308}\u{323}한a-zA-Z ]{0,12}|\\PC{0,12}") {
            let whole: String = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()).collect();
            prop_assert_eq!(folded(&text), folded(&whole), "{:?}", text);
        }
    }

    #[test]
    fn folding_puts_unlisted_marks_in_order() {
        assert_eq!(folded("\u{1e08f}\u{16af0}"), folded("\u{16af0}\u{1e08f}"));
    }

    #[test]
    fn query_is_bounded() {
        let long = "слово ".repeat(100_000);
        assert_eq!(Query::new(&long).words.len(), MAX_WORDS);
        assert_eq!(Query::new(&"я".repeat(100_000)).words[0].chars().count(), MAX_QUERY);
    }
}
