//! Posts and events in order, without revealing their times to a finder of the phone.
//!
//! A list that is paged by time must find its newest rows, and a plain time in a column would allow that. But the times
//! at which a public page published are a fingerprint: a few of them identify the page, however well its text is
//! sealed. An order without times, together with the lengths of the texts, is a fingerprint too. So neither is stored
//! in the clear:
//!
//! - A *list* holds one community's posts, or its events. Its rows are found by day: each row carries a keyed hash of
//!   list and day, which reveals only which rows share it.
//! - The list's *calendar*, a sealed record, holds the days and the number of rows of each. A page takes days from it,
//!   newest first, and sorts the rows of a day after opening their heads.
//! - The rows of one batch are written in the order of their hashes.
//!
//! An observer still sees the number of rows, their padded lengths, which rows share a day, and roughly which were
//! written together.
//!
//! The counts have a second use: a day with more or fewer rows than its calendar says is damaged, and is refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::StoreError;
use super::changes::{Became, Changes, Tally};
use super::database::{SEAL, Tx, pad, padded_length, place};
use super::item::{Item, SealedList, signed_successor};
use super::key::{Keys, LookupKey};
use super::list_calendar::{Calendar, Day, NO_DAY, Time, day, time};
use super::page::{Cursor, ListPage};
use crate::community::CommunityId;

/// The result of writing a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchOutcome {
    /// The number of items that were not stored before.
    pub added: u64,
    /// The number of stored items that were rewritten.
    pub changed: u64,
    /// The number of posts evicted because of the size limit, the oldest first. New posts may be among them.
    pub evicted: u64,
    /// The changes in the batch's community.
    pub changes: Changes,
    /// Events of the batch that an older answer of a calendar brought. They were not written.
    pub(crate) outdated: Vec<CommunityId>,
}

/// The part of a row that can be read without opening its text.
pub(super) struct Head {
    pub(super) time: Time,
    pub(super) version: Time,
    pub(super) read_at: Time,
}

impl Head {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(24 + SEAL);
        for number in [self.time, self.version, self.read_at] {
            plain.extend_from_slice(&number.to_le_bytes());
        }
        plain
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let (time, rest) = plain.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        let read_at = rest.try_into().ok()?;
        let [time, version, read_at] = [*time, *version, read_at].map(i64::from_le_bytes);
        Some(Self { time, version, read_at })
    }
}

/// A row of a day, in the order of `(time, key)`.
pub(super) struct Row {
    head: Head,
    key: LookupKey,
    pub(super) id: i64,
}

impl Row {
    /// Opens the text of this row, which has this day.
    pub(super) fn open_body(
        &self,
        tx: &Tx<'_>,
        calendar: &Calendar,
        day: Day,
        sealed: Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        tx.open_padded(&spot(b"body", &self.key, calendar.tag(tx.keys, day)), sealed)
    }

    pub(super) fn order(&self) -> (Time, LookupKey) {
        (self.head.time, self.key)
    }
}

/// The place that a part of a row is sealed for.
pub(super) fn spot(part: &[u8], key: &LookupKey, tag: i64) -> Vec<u8> {
    [place(part, key).as_slice(), &tag.to_le_bytes()].concat()
}

fn open_head(tx: &Tx<'_>, key: &LookupKey, tag: i64, sealed: Vec<u8>) -> Result<Head, StoreError> {
    tx.keys.open(&spot(b"head", key, tag), sealed).and_then(|plain| Head::read(&plain)).ok_or_else(StoreError::damaged)
}

/// Writes items. A new item is added unless it is older than `oldest`. A stored item is merged with the new reading
/// ([`Item::after`]). Returns the pictures that a signed item showed and shows no more, by their names.
pub(super) fn upsert<T: Item>(
    tx: &Tx<'_>,
    community: &CommunityId,
    items: &[T],
    read_at: Timestamp,
    oldest: Option<Timestamp>,
    kept: &mut BatchOutcome,
    tally: &mut Tally,
) -> Result<Vec<String>, StoreError> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut calendar = Calendar::load(tx, T::LIST, community)?;
    let mut tags: BTreeMap<Day, i64> = BTreeMap::new();
    let mut rows = tx.sql.prepare("SELECT id, day, head, body FROM items WHERE key = ?1")?;
    let mut insert = tx.sql.prepare("INSERT INTO items (key, day, head, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut update = tx.sql.prepare("UPDATE items SET day = ?2, head = ?3, body = ?4 WHERE id = ?1")?;

    let key = |item: &T| item_key::<T>(tx.keys, community, item.name());
    let mut batch: Vec<(LookupKey, &T)> = items.iter().map(|item| (key(item), item)).collect();
    // Rows must not lie in the file in the order of their times. The sort is stable: of two items with one name the
    // last stays last.
    batch.sort_by_key(|(key, _)| *key);
    let mut unnamed = Vec::new();
    // In a list without rows only an earlier item of this batch can have the same name, and that is the one before.
    let (is_new_list, mut before) = (calendar.days.is_empty(), None);

    for (key, item) in batch {
        let is_unknown = is_new_list && before.replace(key) != Some(key);
        let found = if is_unknown {
            None
        } else {
            rows.query_row(params![key], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?
        };
        let (old, item) = match found {
            None if item.is_nothing() || is_before(item, oldest) => continue,
            None => {
                tally.item(community, T::NEWS, item.name(), Became::Added, item.time());
                (None, Cow::Borrowed(item))
            }
            Some((id, old_tag, old_head, old_body)) => {
                let old = open_head(tx, &key, old_tag, old_head)?;
                let old_text = tx.open_padded(&spot(b"body", &key, old_tag), old_body)?;
                if *old_text == text(item)? {
                    continue;
                }
                // An item that another version of Byway wrote and this one cannot read is replaced.
                let known = serde_json::from_slice::<T>(&old_text).ok();
                let written = Timestamp::from_microsecond(old.read_at).unwrap_or(read_at);
                // An earlier version only fills in what the later one does not state.
                let is_earlier = old.version > time(item.version()) && item.states_content();
                let merged = match known.clone() {
                    Some(known) if community.is_signed() => match signed_successor(&known, item, written) {
                        Some(merged) => Cow::Owned(merged),
                        None => continue,
                    },
                    Some(known) if is_earlier => Cow::Owned(item.clone().before(known)),
                    Some(known) => Cow::Owned(known.after(item, written)),
                    None => Cow::Borrowed(item),
                };
                if *old_text == text(&*merged)? {
                    continue;
                }
                if community.is_signed() {
                    let (before, now) = (known.as_ref().map(Item::pictures).unwrap_or_default(), merged.pictures());
                    unnamed.extend(before.into_iter().filter(|name| !now.contains(name)));
                }
                if let Some(became) = became(known, &merged) {
                    tally.item(community, T::NEWS, item.name(), became, merged.time());
                }
                (Some((id, old)), merged)
            }
        };
        let head = Head { time: time(item.time()), version: time(item.version()), read_at: read_at.as_microsecond() };
        let text = text(&*item)?;
        let day = day(head.time);
        let tag = *tags.entry(day).or_insert_with(|| calendar.tag(tx.keys, day));
        let sealed_head = tx.keys.seal(&spot(b"head", &key, tag), head.write())?;
        let sealed_body = tx.keys.seal(&spot(b"body", &key, tag), pad(text))?;
        match old {
            Some((id, old)) => {
                calendar.subtract(self::day(old.time), 1)?;
                update.execute(params![id, tag, sealed_head, sealed_body])?;
                kept.changed += 1;
            }
            None => {
                insert.execute(params![key, tag, sealed_head, sealed_body])?;
                kept.added += 1;
            }
        }
        calendar.add(day);
    }
    calendar.save(tx)?;
    Ok(unnamed)
}

/// What happened to an item, if its content differs.
fn became<T: Item>(known: Option<T>, now: &T) -> Option<Became> {
    let Some(known) = known else {
        return Some(if now.is_removed() { Became::Removed } else { Became::Changed });
    };
    if now.is_removed() && !known.is_removed() {
        return Some(Became::Removed);
    }
    (known.timeless() != now.clone().timeless()).then_some(Became::Changed)
}

/// Returns `true` if an item is older than `oldest`. An item without a time is as old as its reading, which is now.
fn is_before<T: Item>(item: &T, oldest: Option<Timestamp>) -> bool {
    match (item.time(), oldest) {
        (Some(at), Some(oldest)) => day(time(Some(at))) < day(time(Some(oldest))),
        _ => false,
    }
}

fn item_key<T: Item>(keys: &Keys, community: &CommunityId, name: &str) -> LookupKey {
    keys.lookup(&[b"item", T::LIST.code(), community.as_str().as_bytes(), name.as_bytes()])
}

fn text<T: Item>(item: &T) -> Result<Vec<u8>, StoreError> {
    // Reserves room for the padding and the seal, so that the text is moved as little as possible.
    let mut text = Vec::with_capacity(padded_length(USUAL_TEXT) + SEAL);
    serde_json::to_writer(&mut text, item).map_err(|_| StoreError::Item)?;
    Ok(text)
}

/// Bytes of a post of a few paragraphs.
const USUAL_TEXT: usize = 1000;

/// One item by its name. `None` also if this version cannot read it.
pub(super) fn one<T: Item>(tx: &Tx<'_>, community: &CommunityId, name: &str) -> Result<Option<T>, StoreError> {
    let key = item_key::<T>(tx.keys, community, name);
    let found = tx
        .sql
        .query_row("SELECT day, body FROM items WHERE key = ?1", params![key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((tag, body)) = found else { return Ok(None) };
    let plain = tx.open_padded(&spot(b"body", &key, tag), body)?;
    Ok(serde_json::from_slice(&plain).ok())
}

/// At most `limit` items after the cursor, newest first.
pub(super) fn page<T: Item>(
    tx: &Tx<'_>,
    community: &CommunityId,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<ListPage<T>, StoreError> {
    let limit = limit.clamp(1, LARGEST_PAGE);
    let calendar = Calendar::load(tx, T::LIST, community)?;
    let after = after.map(|cursor| read_cursor(tx.keys, &calendar, cursor)).transpose()?;
    let last_day = after.map_or(Day::MAX, |(time, _)| day(time));
    let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;

    let mut page = ListPage { items: Vec::new(), next: None, unreadable: 0 };
    let mut taken = 0;
    let mut last = None;
    'days: for day in calendar.days.range(..=last_day).rev().map(|(day, _)| *day) {
        let tag = calendar.tag(tx.keys, day);
        let rows = rows_of(tx, &calendar, day)?;
        for row in rows.iter().rev().filter(|row| after.is_none_or(|after| row.order() < after)) {
            if taken == limit {
                page.next = last.map(|last| write_cursor(tx.keys, &calendar, last)).transpose()?;
                break 'days;
            }
            let sealed = body.query_row(params![row.id], |row| row.get(0))?;
            let plain = tx.open_padded(&spot(b"body", &row.key, tag), sealed)?;
            match serde_json::from_slice(&plain) {
                Ok(item) => page.items.push(item),
                Err(_) => page.unreadable += 1,
            }
            taken += 1;
            last = Some(row.order());
        }
    }
    Ok(page)
}

/// The largest page. Larger requests are clamped.
pub(super) const LARGEST_PAGE: usize = 1000;

/// All days of these calendars, oldest first.
pub(super) fn days(calendars: &[Calendar]) -> BTreeSet<Day> {
    calendars.iter().flat_map(|calendar| calendar.days.keys().copied()).collect()
}

/// All rows of a day, oldest first.
pub(super) fn rows_of(tx: &Tx<'_>, calendar: &Calendar, day: Day) -> Result<Vec<Row>, StoreError> {
    let tag = calendar.tag(tx.keys, day);
    let mut statement = tx.sql.prepare("SELECT id, key, head FROM items WHERE day = ?1")?;
    let mut found = statement.query(params![tag])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let (id, key) = (row.get(0)?, row.get(1)?);
        rows.push(Row { head: open_head(tx, &key, tag, row.get(2)?)?, key, id });
    }
    rows.sort_unstable_by_key(Row::order);
    // A damaged index can lead to one row twice instead of to two rows.
    let twice = rows.windows(2).any(|pair| matches!(pair, [a, b] if a.key == b.key));
    if twice || calendar.days.get(&day).copied().unwrap_or(0) != rows.len() as u64 {
        return Err(StoreError::damaged());
    }
    Ok(rows)
}

fn write_cursor(keys: &Keys, calendar: &Calendar, order: (Time, LookupKey)) -> Result<Cursor, StoreError> {
    Cursor::seal(keys, &cursor_place(keys, calendar), order_bytes(order))
}

fn read_cursor(keys: &Keys, calendar: &Calendar, cursor: &Cursor) -> Result<(Time, LookupKey), StoreError> {
    read_order(&cursor.open(keys, &cursor_place(keys, calendar))?)
}

/// A row's position in the order, as a cursor holds it.
pub(super) fn order_bytes((time, key): (Time, LookupKey)) -> Vec<u8> {
    [time.to_le_bytes().as_slice(), &key].concat()
}

/// The inverse of [`order_bytes`].
pub(super) fn read_order(plain: &[u8]) -> Result<(Time, LookupKey), StoreError> {
    let (time, key) = plain.split_first_chunk().ok_or(StoreError::Cursor)?;
    Ok((Time::from_le_bytes(*time), key.try_into().map_err(|_| StoreError::Cursor)?))
}

fn cursor_place(keys: &Keys, calendar: &Calendar) -> Vec<u8> {
    let [list, community] = Calendar::name(calendar.list, &calendar.community);
    place(b"cursor", &keys.lookup(&[b"cursor", list, community]))
}

/// How many rows were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Removed {
    /// Posts and events.
    pub(super) items: u64,
    pub(super) pictures: u64,
}

impl Removed {
    fn add(&mut self, list: SealedList, rows: u64) {
        match list {
            SealedList::Posts | SealedList::Events => self.items += rows,
            SealedList::Pictures => self.pictures += rows,
        }
    }

    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}

/// Deletes everything older than this from all lists. An item without a time is as old as its reading.
pub(super) fn remove_before(tx: &Tx<'_>, oldest: Timestamp, tally: &mut Tally) -> Result<Removed, StoreError> {
    let first = day(oldest.as_microsecond());
    let mut removed = Removed::default();
    for mut calendar in Calendar::all(tx)? {
        let days: Vec<Day> = calendar.days.range(..first).map(|(day, _)| *day).collect();
        let before = removed;
        for day in days {
            let mut rows = rows_of(tx, &calendar, day)?;
            if day == NO_DAY {
                rows.retain(|row| row.head.read_at < oldest.as_microsecond());
            }
            let rows = remove_rows(tx, &mut calendar, day, &rows, tally)?;
            removed.add(calendar.list, rows);
        }
        if removed != before {
            calendar.save(tx)?;
        }
    }
    Ok(removed)
}

/// Deletes some of the oldest pictures of all communities, or, if there are none, of the oldest posts.
pub(super) fn remove_oldest(tx: &Tx<'_>, tally: &mut Tally) -> Result<Removed, StoreError> {
    let mut removed = Removed { pictures: remove_oldest_of(tx, SealedList::Pictures, 1, tally)?, items: 0 };
    if removed.pictures == 0 {
        removed.items = remove_oldest_of(tx, SealedList::Posts, LEAST_EVICTED, tally)?;
    }
    Ok(removed)
}

/// Returns 0 if there are no rows.
fn remove_oldest_of(tx: &Tx<'_>, list: SealedList, least: usize, tally: &mut Tally) -> Result<u64, StoreError> {
    let first = |calendar: &Calendar| calendar.days.keys().next().copied();
    let lists = Calendar::all(tx)?.into_iter().filter(|calendar| calendar.list == list);
    let oldest = lists.filter_map(|calendar| Some((first(&calendar)?, calendar))).min_by_key(|(day, _)| *day);
    let Some((day, mut calendar)) = oldest else { return Ok(0) };
    let mut rows = rows_of(tx, &calendar, day)?;
    // An eighth of a day at a time: a day that holds most of the store must not go at once, nor take for ever.
    rows.truncate((rows.len() / 8).max(least));
    let removed = remove_rows(tx, &mut calendar, day, &rows, tally)?;
    calendar.save(tx)?;
    Ok(removed)
}

/// Fewer deletions would not free a page.
const LEAST_EVICTED: usize = 16;

/// Removes the lists of a community.
pub(super) fn remove_community(tx: &Tx<'_>, community: &CommunityId) -> Result<(), StoreError> {
    for list in [SealedList::Posts, SealedList::Events, SealedList::Pictures] {
        let mut calendar = Calendar::load(tx, list, community)?;
        for day in calendar.days.keys().copied().collect::<Vec<_>>() {
            remove_day(tx, &mut calendar, day)?;
        }
        calendar.save(tx)?;
    }
    Ok(())
}

fn remove_day(tx: &Tx<'_>, calendar: &mut Calendar, day: Day) -> Result<u64, StoreError> {
    let tag = calendar.tag(tx.keys, day);
    let removed = tx.sql.execute("DELETE FROM items WHERE day = ?1", params![tag])? as u64;
    calendar.subtract(day, removed)?;
    if calendar.days.contains_key(&day) { Err(StoreError::damaged()) } else { Ok(removed) }
}

/// Deletes rows of a day. The caller saves the calendar.
pub(super) fn remove_rows(
    tx: &Tx<'_>,
    calendar: &mut Calendar,
    day: Day,
    rows: &[Row],
    tally: &mut Tally,
) -> Result<u64, StoreError> {
    let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;
    let mut delete = tx.sql.prepare("DELETE FROM items WHERE id = ?1")?;
    for row in rows {
        if let Some(list) = calendar.list.list() {
            let sealed = body.query_row(params![row.id], |row| row.get(0))?;
            // An item that this version cannot read was in no list.
            if let Ok(Named { id }) = serde_json::from_slice(&row.open_body(tx, calendar, day, sealed)?) {
                let time = Timestamp::from_microsecond(row.head.time).ok();
                tally.item(&calendar.community, list, &id, Became::Dropped, time);
            }
        }
        delete.execute(params![row.id])?;
    }
    if !rows.is_empty() {
        calendar.subtract(day, rows.len() as u64)?;
    }
    Ok(rows.len() as u64)
}

/// The field that all items have.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Returns `true` if a community's list has no posts.
pub(super) fn has_no_posts(tx: &Tx<'_>, community: &CommunityId) -> Result<bool, StoreError> {
    Ok(Calendar::load(tx, SealedList::Posts, community)?.days.is_empty())
}

/// Opens every row of every list, and counts them.
pub(super) fn check(tx: &Tx<'_>) -> Result<(), StoreError> {
    let mut seen = 0;
    let mut body = tx.sql.prepare("SELECT body FROM items WHERE id = ?1")?;
    for calendar in Calendar::all(tx)? {
        for day in calendar.days.keys().copied() {
            let tag = calendar.tag(tx.keys, day);
            for row in rows_of(tx, &calendar, day)? {
                let sealed = body.query_row(params![row.id], |row| row.get(0))?;
                tx.open_padded(&spot(b"body", &row.key, tag), sealed)?;
                seen += 1;
            }
        }
    }
    let rows: i64 = tx.sql.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
    if rows == seen { Ok(()) } else { Err(StoreError::damaged()) }
}
