//! `byway open`: reads a community, or shows what is kept of it if it cannot be reached.

use std::borrow::Cow;

use byway::source::SourceError;
use byway::{Byway, CommunityLink, Exposure, Language, OpenError, OpenFault, OpenOptions, Opened, ReadFrom};

use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::named::Named;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::setup;
use crate::wrong::{Wrong, of_store, unended};
use crate::{watching, words};

pub(crate) async fn run(link: &str, offline: bool, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let screen = Screen::of_process(options.json);
    let people = People::new(screen, language);
    if link.trim().contains(char::is_whitespace) {
        return Err(Wrong(format!("`{}`: {}", line(link), words::MORE_THAN_A_LINK.in_(language))));
    }
    let (link, asked) = match folder_link(link) {
        Some((link, exposure)) => (Cow::Owned(link), exposure),
        None => (Cow::Borrowed(link), Exposure::Open),
    };
    let link = link.as_ref();
    let byway = setup::byway_to_read(link, options).await?;

    let reading = format!("{} {} …", words::READING.in_(language), line(link));
    let link = &completed(&byway, link, language).await?;
    let mut how = opening(link, options, offline);
    how.exposure = how.exposure.max(asked);
    let opened = byway.open_with(link, how);
    let opened = watching::beside(&byway, screen, options, &reading, opened).await;
    let is_carried = setup::is_folder(link) && !offline;
    match opened {
        Ok(opened) if is_carried && opened.fault.is_none() && !options.json => {
            screen::out(format!("{}\n{}", people.content(&opened), people.carried(&opened)).as_bytes());
            Ok(Exit::of_opened(&opened))
        }
        opened => ended(opened, options, &people),
    }
}

/// The link of a signed community that names no mirror, with those at which it is kept.
async fn completed(byway: &Byway, link: &str, language: Language) -> Result<String, Wrong> {
    let named = Named::of(link);
    let kept = match named.id().filter(|id| id.as_str().starts_with("byway:")) {
        Some(id) => byway.community(id).await.map_err(of_store(language))?,
        None => None,
    };
    let completed = kept.and_then(|kept| named.with_kept_mirrors(&kept.community));
    Ok(completed.map_or_else(|| link.to_owned(), |link| link.to_string()))
}

/// The address of a folder before a whole link of a community, as that of the folder alone, and the exposure that the link asks for.
fn folder_link(text: &str) -> Option<(String, Exposure)> {
    let (folder, link) = text.trim().split_once('#').filter(|_| setup::is_folder(text))?;
    let link: CommunityLink = link.parse().ok()?;
    Some((format!("{folder}#byway:{}", link.id()), link.exposure()))
}

/// Prints what was opened, or why nothing was.
pub(super) fn ended(opened: Result<Opened, OpenError>, options: &Options, people: &People) -> Result<Exit, Wrong> {
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return failed(&error, options, people),
    };
    if options.json {
        document::print(&opened);
    } else {
        show(&opened, people);
    }
    Ok(Exit::of_opened(&opened))
}

/// How to open, by the flags. The builder has the exposure, but for a folder of this device.
pub(super) fn opening(link: &str, options: &Options, offline: bool) -> OpenOptions {
    let mut how = OpenOptions::default();
    if setup::is_folder(link) {
        how.exposure = options.routes.exposure.into();
    }
    (how.allow_direct, how.offline) = (options.routes.allow_direct, offline);
    how
}

fn show(opened: &Opened, people: &People) {
    let mut text = people.content(opened);
    if opened.source == ReadFrom::Store {
        text.push('\n');
        text.push_str(&people.out_of_store(opened, ""));
    }
    if !opened.reachability.attempts.is_empty() {
        text.push_str(&people.reachability(&opened.reachability));
    }
    screen::out(text.as_bytes());
    // If it was not reached, the account says everything.
    if let Some(fault) = opened.fault.as_ref().filter(|fault| fault.code() != UNREACHED) {
        say(&fault.sentence(people.language()));
    }
}

fn failed(error: &OpenError, options: &Options, people: &People) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    if error.reachability().is_none() && !matches!(error.fault, OpenFault::NotStored) {
        // The link is invalid, or a token is missing: nothing was contacted.
        return Err(Wrong(unended(words::with_hint(language, error.code(), &error.sentence(language)))));
    }
    if options.json {
        document::print(&document::Unopened::of(error, language));
    } else {
        if let Some(reachability) = error.reachability() {
            screen::out(people.probe(reachability).as_bytes());
        }
        // If it was not reached, the account says everything.
        if error.code() != UNREACHED {
            say(&error.sentence(language));
        }
    }
    // "It no longer exists" is an answer about the community; no other fault is.
    let gone = matches!(error.fault, OpenFault::Source(SourceError::Gone(_)));
    Ok(error.reachability().filter(|_| gone).map_or(Exit::NotReached, Exit::of))
}

const UNREACHED: &str = "unreached";
