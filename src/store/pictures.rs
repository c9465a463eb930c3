//! Pictures that were carried here with a signed community's posts.
//!
//! A picture lies beside the posts, sealed as they are, in a list of its own: by the day of the post that names it. So it is dropped with
//! the posts of that day. It also goes when the post is deleted, or edited so that it names the picture no more. Another post that
//! names the same picture then shows it from a mirror again.
//!
//! A picture is found by the name of its file, which is its digest. Who reads it compares the bytes with that.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::database::{Tx, pad};
use super::item::SealedList;
use super::key::LookupKey;
use super::limits::{evict, shrink_after};
use super::list_calendar::{Calendar, Day, NO_TIME, day, time};
use super::picture_names::names;
use super::sealed_list::{Head, one, spot};
use super::settings::Settings;
use super::{Store, StoreError, changes::Tally};
use crate::community::{CommunityId, Post};

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptPicture {
    /// It is kept.
    Kept,
    /// No post that is kept names it.
    Unnamed,
    /// The pictures of newer posts leave no room for it.
    NoRoom,
}

impl Store {
    /// Keeps a picture that a kept post names, and removes those of older posts if there is no room. `name` is the name of its file.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::DiskFull`], and the errors of every call.
    pub(crate) fn keep_picture(
        &self,
        id: &CommunityId,
        (post, name): (&str, &str),
        bytes: &[u8],
        read_at: Timestamp,
    ) -> Result<KeptPicture, StoreError> {
        self.with(|database| {
            let (kept, evicted, changes) = database.write(|tx| {
                let (settings, mut tally) = (Settings::load(tx)?, Tally::default());
                let kept = keep(tx, id, (post, name), bytes, read_at)?;
                let evicted = evict(tx, settings.limit(), &mut tally)?;
                Ok((kept, evicted, tally.finish()))
            })?;
            shrink_after(database, evicted)?;
            self.tell(&changes);
            Ok(kept)
        })
    }

    /// The picture with this name, if it is kept. The caller compares it with the digest that the name is.
    ///
    /// # Errors
    /// The errors of every call.
    pub(crate) fn picture(&self, id: &CommunityId, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| {
            let key = key(tx, id, name);
            let sql = "SELECT day, body FROM items WHERE key = ?1";
            let found = tx.sql.query_row(sql, params![key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((tag, body)) = found else { return Ok(None) };
            Ok(Some(tx.open_padded(&spot(b"body", &key, tag), body)?.to_vec()))
        })
    }
}

fn keep(
    tx: &Tx<'_>,
    id: &CommunityId,
    (post, name): (&str, &str),
    bytes: &[u8],
    read_at: Timestamp,
) -> Result<KeptPicture, StoreError> {
    let post: Option<Post> = one(tx, id, post)?;
    let Some(post) = post.filter(|post| names(post).any(|known| known == name)) else {
        return Ok(KeptPicture::Unnamed);
    };
    let key = key(tx, id, name);
    let known: Option<i64> =
        tx.sql.query_row("SELECT id FROM items WHERE key = ?1", params![key], |row| row.get(0)).optional()?;
    if known.is_some() {
        return Ok(KeptPicture::Kept);
    }
    let mut calendar = Calendar::load(tx, SealedList::Pictures, id)?;
    let at = time(post.created);
    let day = day(at);
    if !make_room(tx, &mut calendar, day, bytes.len() as u64)? {
        calendar.save(tx)?;
        return Ok(KeptPicture::NoRoom);
    }
    let tag = calendar.tag(tx.keys, day);
    let head = Head { time: at, version: NO_TIME, read_at: read_at.as_microsecond() };
    let head = tx.keys.seal(&spot(b"head", &key, tag), head.write())?;
    let body = tx.keys.seal(&spot(b"body", &key, tag), pad(bytes.to_vec()))?;
    let sql = "INSERT INTO items (key, day, head, body) VALUES (?1, ?2, ?3, ?4)";
    tx.sql.execute(sql, params![key, tag, head, body])?;
    calendar.add(day);
    calendar.save(tx)?;
    Ok(KeptPicture::Kept)
}

/// Removes pictures of older days until there is room for so many bytes. Returns `false` if that does not suffice.
fn make_room(tx: &Tx<'_>, calendar: &mut Calendar, before: Day, bytes: u64) -> Result<bool, StoreError> {
    let mut sizes = tx.sql.prepare("SELECT coalesce(sum(length(body)), 0) FROM items WHERE day = ?1")?;
    let mut taken = bytes;
    for day in calendar.days.keys() {
        let size: i64 = sizes.query_row(params![calendar.tag(tx.keys, *day)], |row| row.get(0))?;
        taken = taken.saturating_add(u64::try_from(size).map_err(|_| StoreError::damaged())?);
    }
    let older: Vec<Day> = calendar.days.range(..before).map(|(day, _)| *day).collect();
    for day in older {
        if taken <= MAX_PICTURES {
            break;
        }
        let tag = calendar.tag(tx.keys, day);
        let size: i64 = sizes.query_row(params![tag], |row| row.get(0))?;
        let removed = tx.sql.execute("DELETE FROM items WHERE day = ?1", params![tag])? as u64;
        calendar.subtract(day, removed)?;
        taken = taken.saturating_sub(u64::try_from(size).unwrap_or_default());
    }
    Ok(taken <= MAX_PICTURES)
}

/// Removes pictures that a post named and does not name any more.
pub(super) fn remove(tx: &Tx<'_>, id: &CommunityId, names: &[String]) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let mut calendar = Calendar::load(tx, SealedList::Pictures, id)?;
    for name in names {
        let key = key(tx, id, name);
        let tag: Option<i64> =
            tx.sql.query_row("SELECT day FROM items WHERE key = ?1", params![key], |row| row.get(0)).optional()?;
        let Some(tag) = tag else { continue };
        let day = calendar.days.keys().copied().find(|day| calendar.tag(tx.keys, *day) == tag);
        let day = day.ok_or_else(StoreError::damaged)?;
        tx.sql.execute("DELETE FROM items WHERE key = ?1", params![key])?;
        calendar.subtract(day, 1)?;
    }
    calendar.save(tx)
}

fn key(tx: &Tx<'_>, id: &CommunityId, name: &str) -> LookupKey {
    tx.keys.lookup(&[b"item", SealedList::Pictures.code(), id.as_str().as_bytes(), name.as_bytes()])
}

/// The most bytes of pictures that are kept of a community: those of two full bundles.
pub(crate) const MAX_PICTURES: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::community::{Attachment, PostState};
    use crate::store::Batch;

    const ID: &str = "byway:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()
    }

    fn name(number: u8) -> String {
        format!("{number:02x}").repeat(32)
    }

    fn post(number: u8, day: i64, pictures: &[u8]) -> Post {
        let mut post = Post::new(format!("nostr:{number}"));
        post.created = Some(at(day));
        let photo = |number: &u8| Attachment::Photo {
            url: Some(format!("files/{}", name(*number))),
            width: None,
            height: None,
            text: None,
        };
        post.attachments = pictures.iter().map(photo).collect();
        post
    }

    fn upsert(store: &Store, posts: &[Post]) {
        let id: CommunityId = ID.parse().unwrap();
        store.upsert(&Batch { posts, ..Batch::new(&id, at(9)) }).unwrap();
    }

    fn keep(store: &Store, post: u8, picture: u8, bytes: &[u8]) -> KeptPicture {
        let id: CommunityId = ID.parse().unwrap();
        store.keep_picture(&id, (&format!("nostr:{post}"), &name(picture)), bytes, at(9)).unwrap()
    }

    fn is_kept(store: &Store, picture: u8) -> bool {
        store.check().unwrap();
        store.picture(&ID.parse().unwrap(), &name(picture)).unwrap().is_some()
    }

    #[test]
    fn a_picture_goes_with_the_post_that_names_it() {
        let store = Store::in_memory().unwrap();
        upsert(&store, &[post(1, 0, &[1, 2]), post(2, 5, &[3]), post(4, 5, &[4])]);
        assert_eq!(keep(&store, 1, 1, b"one"), KeptPicture::Kept);
        assert_eq!(keep(&store, 1, 2, b"two"), KeptPicture::Kept);
        assert_eq!(keep(&store, 2, 3, b"three"), KeptPicture::Kept);
        assert_eq!(keep(&store, 4, 4, b"four"), KeptPicture::Kept);
        assert_eq!(keep(&store, 1, 3, b"three"), KeptPicture::Unnamed, "another post names it");
        assert_eq!(keep(&store, 9, 1, b"one"), KeptPicture::Unnamed, "no such post");
        assert_eq!(store.picture(&ID.parse().unwrap(), &name(1)).unwrap().as_deref(), Some(b"one".as_slice()));
        let mut edited = post(1, 0, &[2]);
        edited.edited = Some(at(1));
        upsert(&store, &[edited]);
        assert!(!is_kept(&store, 1) && is_kept(&store, 2), "an edit names it no more");
        let mut deleted = Post::new("nostr:4");
        (deleted.state, deleted.state_seen) = (PostState::Removed, Some(at(6)));
        upsert(&store, &[deleted]);
        assert!(!is_kept(&store, 4), "the post was deleted");
        assert_eq!(keep(&store, 4, 4, b"four"), KeptPicture::Unnamed);
        assert_eq!(store.set_retention(Some(2), at(6)).unwrap(), 1, "a picture is no post");
        assert!(!is_kept(&store, 2) && is_kept(&store, 3), "too old");
        store.forget(&ID.parse().unwrap()).unwrap();
        assert!(!is_kept(&store, 3));
    }

    #[test]
    fn pictures_of_newer_posts_take_the_room_of_older_ones() {
        let store = Store::in_memory().unwrap();
        let large = vec![7; 30 << 20];
        upsert(&store, &[post(1, 0, &[1]), post(2, 1, &[2]), post(3, 2, &[3])]);
        for number in [1, 3, 2] {
            let expected = if number == 2 { KeptPicture::Kept } else { keep(&store, number, number, &large) };
            assert_eq!(expected, KeptPicture::Kept);
        }
        assert_eq!(keep(&store, 2, 2, &large), KeptPicture::Kept);
        assert!(!is_kept(&store, 1) && is_kept(&store, 2) && is_kept(&store, 3));
        assert_eq!(keep(&store, 1, 1, &large), KeptPicture::NoRoom);
        store.set_limit(Some(10 << 20)).unwrap();
        upsert(&store, &[post(4, 3, &[])]);
        assert!(!is_kept(&store, 2) && !is_kept(&store, 3), "pictures are evicted before posts");
        assert!(store.post(&ID.parse().unwrap(), "nostr:1").unwrap().is_some());
    }
}
