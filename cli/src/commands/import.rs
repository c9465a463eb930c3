//! `byway import`: reads every community of a list of feeds, or takes in one that was carried here in a file or a folder.

use std::path::Path;

use byway::url::Url;
use byway::{Exposure, Language, MAX_BUNDLE_BYTES, Opml};

use super::open;
use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::plain::line;
use crate::screen::{self, say};
use crate::setup;
use crate::wrong::{self, Wrong, unended};
use crate::{files, words};

pub(crate) async fn run(path: &Path, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    if path.is_dir() {
        return folder(path, options).await;
    }
    let bytes = files::read(path, MAX_BUNDLE_BYTES as u64, language)?;
    if is_bundle(&bytes) {
        return bundle(bytes, options).await;
    }
    if bytes.len() as u64 > LIST_BYTES {
        return Err(Wrong(format!("{}: {} {LIST_BYTES}", path.display(), words::TOO_LARGE.in_(language))));
    }
    let list = Opml::parse(&bytes).map_err(|error| {
        if is_xml(&bytes) {
            Wrong(format!("{}: {}", path.display(), unended(error.sentence(language))))
        } else {
            wrong::wrong_file(path, words::NO_LIST_NO_BUNDLE, language)
        }
    })?;
    let byway = setup::byway(options).await?;
    // An entry may lead to the host of another one, whose exposure is higher. So all are raised before anything is sent.
    for entry in list.entries.iter().filter(|entry| entry.link.exposure > Exposure::Open) {
        byway.raise_exposure(&entry.link).await.map_err(wrong::of_store(language))?;
    }
    let (mut exit, mut read) = (Exit::Reached, Vec::new());
    for entry in &list.entries {
        let link = entry.link.to_string();
        let opened = byway.open_listed(entry, open::opening(&link, options, false)).await;
        let error = match &opened {
            Ok(opened) => opened.fault.as_ref().map(|fault| fault.sentence(language)),
            Err(error) => Some(error.sentence(language)),
        };
        if error.is_some() {
            exit = Exit::NotReached;
        }
        if !options.json {
            let name = opened.as_ref().map_or(entry.title.as_str(), |opened| opened.community.name.as_str());
            let what = error.as_ref().map(|error| format!("  -- {}", line(error))).unwrap_or_default();
            screen::out(format!("{}  {}{what}\n", line(name), line(&link)).as_bytes());
        }
        let id = opened.as_ref().ok().map(|opened| opened.community.id.clone());
        read.push(document::ImportedCommunity { link, id, error });
    }
    if options.json {
        document::print(&document::Import { communities: read, odd: list.odd, cut: list.cut });
    } else {
        if list.odd > 0 {
            say(&format!("{} {}", words::ODD_LINKS.in_(language), list.odd));
        }
        if list.cut {
            say(words::LIST_CUT.in_(language));
        }
    }
    Ok(exit)
}

/// Takes in a bundle. Nothing is sent.
async fn bundle(bytes: Vec<u8>, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let byway = setup::byway_for_files(options).await?;
    let taken = byway.take_bundle(bytes, options.routes.exposure.into()).await;
    let taken = taken.map_err(|error| Wrong(unended(error.sentence(language))))?;
    if options.json {
        document::print(&taken);
        return Ok(Exit::Reached);
    }
    let changed = &taken.changes;
    let new = changed.posts.count_added() + changed.events.count_added();
    let new = words::new_items(language, new);
    let mut out = format!("{}  {}  {new}\n", line(&taken.community.name), line(taken.community.id.as_str()));
    for note in &taken.notes {
        out.push_str(&format!("{}\n", line(&note.sentence(language))));
    }
    screen::out(out.as_bytes());
    Ok(Exit::Reached)
}

/// Takes in the folder of a mirror. Nothing is sent.
async fn folder(path: &Path, options: &Options) -> Result<Exit, Wrong> {
    let unread = |error| Wrong(format!("{}: {error}", path.display()));
    let path = path.canonicalize().map_err(unread)?;
    let link = Url::from_directory_path(&path).map_err(|()| Wrong(path.display().to_string()))?;
    open::run(link.as_str(), false, options).await
}

/// Whether a file could be a list at all.
fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

fn is_bundle(bytes: &[u8]) -> bool {
    bytes.starts_with(b"byway bundle ")
}

/// As much as the library takes.
const LIST_BYTES: u64 = 4 * 1024 * 1024;
