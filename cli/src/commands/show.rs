//! `byway show`: what is kept of one community, a page at a time.

use std::path::Path;

use byway::community::Attachment;
use byway::{Cursor, Language, Standing, Store, StoreError, StoredCommunity};
use jiff::Timestamp;

use crate::args::ListArgs;
use crate::exit::Exit;
use crate::named::Named;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::setup;
use crate::shown::Shown;
use crate::wrong::{Wrong, cannot, of_store};
use crate::{document, files, words};

pub(crate) fn run(
    id: &str,
    limit: usize,
    after: Option<&str>,
    pictures: Option<&Path>,
    list: &ListArgs,
) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    let store = setup::existing_store(&list.data, language)?;
    let Some(kept) = find(&store, id, language)? else {
        if list.json {
            document::print(&document::Show::missing());
        } else {
            say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        }
        return Ok(Exit::NotReached);
    };
    let shown = page(&store, kept, limit, after.map(Cursor::new).as_ref(), language)?;
    if list.json {
        document::print(&document::Show::of(&shown, language));
    } else {
        screen::out(People::new(Screen::of_process(false), language).shown(&shown, id).as_bytes());
    }
    if let Some(dir) = pictures {
        save_pictures(&store, &shown, dir, list)?;
    }
    Ok(Exit::Reached)
}

/// Writes the pictures that are kept of these posts, under names that say nothing.
fn save_pictures(store: &Store, shown: &Shown, dir: &Path, list: &ListArgs) -> Result<(), Wrong> {
    let language: Language = list.lang.into();
    std::fs::create_dir_all(dir).map_err(|error| cannot(words::CANNOT_WRITE, dir, &error, language))?;
    for attachment in shown.posts.iter().flat_map(|post| &post.attachments) {
        let Attachment::Photo { url: Some(url), text, .. } = attachment else { continue };
        let picture = store.kept_picture(&shown.kept.community.id, attachment).map_err(of_store(language))?;
        let Some((bytes, ending)) = picture.and_then(|bytes| files::picture_ending(&bytes).map(|end| (bytes, end)))
        else {
            continue;
        };
        // The last part of its address is its digest.
        let digest: String = url.chars().rev().take(DIGEST_DIGITS).collect::<Vec<_>>().into_iter().rev().collect();
        let path = dir.join(format!("{}.{ending}", digest.get(..NAME_DIGITS).unwrap_or(&digest)));
        files::replace(&path, &bytes, files::Written::Picture, language)?;
        if !list.json {
            let said = text.as_deref().map(|text| format!("  {}", line(text))).unwrap_or_default();
            screen::out(format!("{}{said}\n", path.display()).as_bytes());
        }
    }
    Ok(())
}

/// SHA-256 in hexadecimal digits, and as many as tell the pictures of a community apart.
const DIGEST_DIGITS: usize = 64;
const NAME_DIGITS: usize = 16;

/// Finds a community by a link to it, or by its id.
pub(crate) fn find(store: &Store, id: &str, language: Language) -> Result<Option<StoredCommunity>, Wrong> {
    let named = Named::of(id);
    let at_home = named.home().map(|home| store.community_at(home)).transpose().map_err(of_store(language))?.flatten();
    match (at_home, named.id()) {
        (Some(kept), _) => Ok(Some(kept)),
        (None, Some(id)) => store.community(id).map_err(of_store(language)),
        (None, None) => Ok(None),
    }
}

fn page(
    store: &Store,
    kept: StoredCommunity,
    limit: usize,
    after: Option<&Cursor>,
    language: Language,
) -> Result<Shown, Wrong> {
    let failed = of_store(language);
    let id = &kept.community.id;
    let standing = Standing::of(store, id, Timestamp::now()).map_err(&failed)?;
    let (posts, next_posts, events, next_events) = match after {
        None => {
            let (posts, events) =
                (store.posts(id, None, limit).map_err(&failed)?, store.events(id, None, limit).map_err(&failed)?);
            (posts.items, posts.next, events.items, events.next)
        }
        // A cursor knows its list.
        Some(_) => match store.posts(id, after, limit) {
            Ok(posts) => (posts.items, posts.next, Vec::new(), None),
            Err(StoreError::Cursor) => {
                let events = store.events(id, after, limit).map_err(&failed)?;
                (Vec::new(), None, events.items, events.next)
            }
            Err(error) => return Err(failed(error)),
        },
    };
    Ok(Shown { kept, standing, posts, events, next_posts, next_events, goes_on: after.is_some() })
}
