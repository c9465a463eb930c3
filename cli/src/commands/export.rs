//! `byway export`: kept events for a calendar, a kept community as a web site, the kept communities as a list.

use std::path::Path;

use byway::community::{Event, Post};
use byway::publisher::{Site, SitePictures};
use byway::{Language, Opml, Standing, Store, StoredCommunity};
use jiff::Timestamp;

use super::show;
use crate::args::Data;
use crate::exit::Exit;
use crate::plain::line;
use crate::screen::{self, say};
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{files, words};

pub(crate) fn run(id: Option<&str>, out: Option<&Path>, data: &Data, language: Language) -> Result<Exit, Wrong> {
    let store = setup::existing_store(data, language)?;
    let communities = match id {
        None => store.communities().map_err(wrong::of_store(language))?,
        Some(id) => match show::find(&store, id, language)? {
            Some(kept) => vec![kept],
            None => {
                say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
                return Ok(Exit::NotReached);
            }
        },
    };
    let mut events: Vec<(Event, Timestamp)> = Vec::new();
    for kept in &communities {
        for event in all_events(&store, kept, language)? {
            // Two communities may announce one gathering. One may state what the other does not.
            match events.iter_mut().find(|(known, _)| known.id == event.id) {
                Some((known, read_at)) => {
                    let (older, newer) =
                        if *read_at <= kept.synced_at { (known.clone(), event) } else { (event, known.clone()) };
                    (*known, *read_at) = (older.merge(newer), (*read_at).max(kept.synced_at));
                }
                None => events.push((event, kept.synced_at)),
            }
        }
    }
    let undated = events.iter().filter(|(event, _)| !byway::is_in_icalendar(event)).count();
    let calendar = byway::icalendar(events.iter().map(|(event, read_at)| (event, *read_at)), language);
    write(out, calendar.as_bytes(), files::Written::Calendar, language)?;
    if undated > 0 {
        say(&format!("{} {undated}", words::UNDATED_LEFT_OUT.in_(language)));
    }
    Ok(Exit::Reached)
}

/// `byway export --opml`: the kept communities for another device or a feed reader.
pub(crate) fn list(out: Option<&Path>, data: &Data, language: Language) -> Result<Exit, Wrong> {
    let store = setup::existing_store(data, language)?;
    let list = Opml::of_store(&store).map_err(wrong::of_store(language))?.to_string();
    write(out, list.as_bytes(), files::Written::Opml, language)?;
    Ok(Exit::Reached)
}

/// `byway export --site`: a kept community as a web site, for people who cannot reach it.
pub(crate) fn site(id: &str, folder: &Path, data: &Data, language: Language) -> Result<Exit, Wrong> {
    let store = setup::existing_store(data, language)?;
    let Some(kept) = show::find(&store, id, language)? else {
        say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        return Ok(Exit::NotReached);
    };
    let events = all_events(&store, &kept, language)?;
    let posts = all_posts(&store, &kept, language)?;
    let site = Site::new(&kept.community, kept.synced_at).with_posts(&posts).with_events(&events);
    let trust = Standing::of(&store, &kept.community.id, Timestamp::now()).map_err(wrong::of_store(language))?.trust();
    let mut pictures = SitePictures::default();
    for attachment in SitePictures::wanted(&posts) {
        let kept = store.kept_picture(&kept.community.id, attachment).map_err(wrong::of_store(language))?;
        if let Some(bytes) = kept {
            pictures.take(attachment, &bytes);
        }
    }
    site.with_language(language)
        .as_copy()
        .with_kept_pictures(&pictures)
        .with_trust(&trust)
        .write_to(folder)
        .map_err(|error| wrong::cannot(words::CANNOT_WRITE, folder, &error, language))?;
    screen::out(format!("{}\n", line(&folder.join("index.html").display().to_string())).as_bytes());
    Ok(Exit::Reached)
}

fn write(out: Option<&Path>, bytes: &[u8], kind: files::Written, language: Language) -> Result<(), Wrong> {
    match out {
        Some(path) if path.as_os_str() != "-" => files::replace(path, bytes, kind, language)?,
        _ => screen::out(bytes),
    }
    Ok(())
}

fn all_posts(store: &Store, kept: &StoredCommunity, language: Language) -> Result<Vec<Post>, Wrong> {
    let (mut posts, mut after) = (Vec::new(), None);
    loop {
        let page = store.posts(&kept.community.id, after.as_ref(), PAGE).map_err(wrong::of_store(language))?;
        posts.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(posts);
        }
    }
}

fn all_events(store: &Store, kept: &StoredCommunity, language: Language) -> Result<Vec<Event>, Wrong> {
    let (mut events, mut after) = (Vec::new(), None);
    loop {
        let page = store.events(&kept.community.id, after.as_ref(), PAGE).map_err(wrong::of_store(language))?;
        events.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(events);
        }
    }
}

/// How many posts or events are taken from the store at once.
const PAGE: usize = 256;
