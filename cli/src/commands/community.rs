//! `byway community`: the admin's side of a signed community. Only `publish` to a server sends something.

use std::path::{Path, PathBuf};

use byway::community::{Event, EventDays, EventStatus, Moment, Place};
use byway::publisher::{CommunityKeys, PublishError, Publisher, bundle_of, link_of};
use byway::{CommunityLink, Exposure, KeyFileError, Language};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::link::{self, Drawn};
use super::publish::{self, Target};
use crate::args::{AdminArgs, CommunityCommand, EventArgs, PublishArgs, StatementArgs};
use crate::exit::Exit;
use crate::keys::KeySource;
use crate::screen::{self, say};
use crate::wrong::{Wrong, unended, wrong_folder as wrong};
use crate::{files, words};

pub(crate) async fn run(command: &CommunityCommand, language: Language) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    match command {
        CommunityCommand::New { name, statement, admin } => found(name, statement, admin, now, language),
        CommunityCommand::Post { text, admin } => {
            let text = text_of(text, language)?;
            named(admin, now, language, |community| community.post(&text, now))
        }
        CommunityCommand::Event { event, admin } => {
            let draft = draft(event, language)?;
            named(admin, now, language, |community| community.announce(&draft, event.replaces.as_deref(), now))
        }
        CommunityCommand::Edit { id, text, admin } => {
            let text = text_of(text, language)?;
            changed(admin, now, language, |community| community.edit(id, &text, now))
        }
        CommunityCommand::Delete { id, admin } => changed(admin, now, language, |community| community.delete(id, now)),
        CommunityCommand::Charter { name, statement, admin } => {
            let continues = statement.continues.as_deref().map(|link| signed_link(link, language)).transpose()?;
            changed(admin, now, language, |community| {
                let mut next = community.statement(now);
                if let Some(name) = name {
                    next.name.clone_from(name);
                }
                if let Some(about) = &statement.about {
                    next.description.clone_from(about);
                }
                if !statement.mirror.is_empty() {
                    next.mirrors.clone_from(&statement.mirror);
                }
                if !statement.page.is_empty() {
                    next.pages.clone_from(&statement.page);
                }
                if let Some(old) = &continues {
                    next.continues = Some(old.id());
                }
                community.restate(&next, now)
            })
        }
        CommunityCommand::Move { to, nowhere: _, admin } => {
            let to = to.as_deref().map(|link| signed_link(link, language)).transpose()?;
            changed(admin, now, language, |community| community.move_to(to.as_ref(), now))
        }
        CommunityCommand::Rotate { new_keys, admin } => rotated(new_keys, admin, now, language),
        CommunityCommand::Publish(publish) => {
            let community = opened(&publish.admin, now, language)?;
            let PublishArgs { into, server, routes, take_in, replace, admin: _ } = &**publish;
            let target = Target { into, server, routes, take_in: *take_in, replace: *replace };
            publish::to(community, &target, now, language).await
        }
        CommunityCommand::Bundle { dir, out } => {
            let bytes = bundle_of(dir, now).map_err(wrong(dir, language))?;
            files::replace(out, &bytes, language)?;
            Ok(Exit::Reached)
        }
        CommunityCommand::Link { dir, exposure, qr, svg, json } => {
            let link = link_of(dir, (*exposure).into(), now).map_err(wrong(dir, language))?;
            let drawn = Drawn { qr: *qr, svg: svg.as_deref() };
            link::run(&link.to_string(), Exposure::Open, &drawn, *json, language)
        }
    }
}

fn found(
    name: &str,
    statement: &StatementArgs,
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
) -> Result<Exit, Wrong> {
    if files::itself(&admin.keys).is_ok_and(|found| found.is_some()) {
        return Err(of_keys(&KeyFileError::Exists, &admin.keys, language));
    }
    let mut stated = byway::publisher::Statement::default();
    name.clone_into(&mut stated.name);
    stated.description = statement.about.clone().unwrap_or_default();
    stated.mirrors.clone_from(&statement.mirror);
    stated.pages.clone_from(&statement.page);
    let continues = statement.continues.as_deref().map(|link| signed_link(link, language)).transpose()?;
    stated.continues = continues.map(|link| link.id());
    let passphrase = source(admin, language).new_passphrase(words::PASSPHRASE_OF_KEYS)?;
    let keys = CommunityKeys::create(&admin.keys, passphrase);
    let keys = keys.map_err(|error| of_keys(&error, &admin.keys, language))?;
    let community = Publisher::found(&admin.dir, keys, &stated, now, language).map_err(|error| {
        // The keys of a community that was not founded open nothing. A web page that could not be written leaves one that
        // was founded.
        let is_anothers = matches!(error, PublishError::Exists | PublishError::Busy);
        if is_anothers || matches!(link_of(&admin.dir, Exposure::Open, now), Err(PublishError::Absent)) {
            let _ = files::remove(&admin.keys, language);
        }
        wrong(&admin.dir, language)(error)
    })?;
    screen::out(format!("{}\n", community.link(Exposure::Open, now)).as_bytes());
    say(words::FOUNDED.in_(language));
    Ok(Exit::Reached)
}

/// Replaces the keys. The new key file is there before the community knows it.
fn rotated(new_keys: &Path, admin: &AdminArgs, now: Timestamp, language: Language) -> Result<Exit, Wrong> {
    let mut community = opened(admin, now, language)?;
    let passphrase = source(admin, language).new_passphrase(words::PASSPHRASE_OF_KEYS)?;
    let keys = CommunityKeys::create(new_keys, passphrase);
    let keys = keys.map_err(|error| of_keys(&error, new_keys, language))?;
    community.rotate(keys, now).map_err(wrong(&admin.dir, language))?;
    say(words::ROTATED.in_(language));
    Ok(Exit::Reached)
}

fn signed_link(text: &str, language: Language) -> Result<CommunityLink, Wrong> {
    text.parse().map_err(|error: byway::CommunityLinkError| Wrong(unended(error.sentence(language))))
}

/// Does something, and prints the name of the item that it made.
fn named(
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
    make: impl FnOnce(&mut Publisher) -> Result<String, PublishError>,
) -> Result<Exit, Wrong> {
    let name = make(&mut opened(admin, now, language)?).map_err(wrong(&admin.dir, language))?;
    screen::out(format!("{name}\n").as_bytes());
    Ok(Exit::Reached)
}

fn changed(
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
    change: impl FnOnce(&mut Publisher) -> Result<(), PublishError>,
) -> Result<Exit, Wrong> {
    change(&mut opened(admin, now, language)?).map_err(wrong(&admin.dir, language))?;
    Ok(Exit::Reached)
}

pub(super) fn opened(admin: &AdminArgs, now: Timestamp, language: Language) -> Result<Publisher, Wrong> {
    let passphrase = source(admin, language).passphrase(words::PASSPHRASE.in_(language))?;
    let keys = CommunityKeys::open(&admin.keys, passphrase);
    let keys = keys.map_err(|error| of_keys(&error, &admin.keys, language))?;
    Publisher::open(&admin.dir, keys, now, language).map_err(wrong(&admin.dir, language))
}

pub(super) fn source(admin: &AdminArgs, language: Language) -> KeySource {
    let passphrase_file = admin.passphrase_file.clone();
    KeySource { data_dir: PathBuf::new(), key_file: None, passphrase_file, language }
}

pub(super) fn of_keys(error: &KeyFileError, path: &Path, language: Language) -> Wrong {
    match error {
        KeyFileError::WrongPassphrase => Wrong(words::PASSPHRASE_NOT_THIS.in_(language).to_owned()),
        error => Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))),
    }
}

/// A text as it was typed, or standard input for `-`.
fn text_of(text: &str, language: Language) -> Result<String, Wrong> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let bytes = files::read(Path::new("-"), TEXT_BYTES, language)?;
    String::from_utf8(bytes).map_err(|_| Wrong(format!("-: {}", words::NO_UTF8.in_(language))))
}

fn draft(args: &EventArgs, language: Language) -> Result<Event, Wrong> {
    let wrong = |flag: &str, text: &str, what: words::Label| Wrong(format!("{flag}: `{text}`: {}", what.in_(language)));
    // The publisher gives it its own id.
    let mut event = Event::new(byway::community::CommunityId::vk(0), &args.name);
    event.text.clone_from(&args.text);
    event.zone.clone_from(&args.zone);
    event.place = args.place.clone().map(|name| {
        let mut place = Place::default();
        place.name = Some(name);
        place
    });
    if args.cancelled {
        event.status = EventStatus::Cancelled;
    }
    let zone = args.zone.as_ref().map(|name| TimeZone::get(name).map_err(|_| wrong("--zone", name, words::NO_ZONE)));
    let zone = zone.transpose()?;
    let moment = |flag: &str, text: &str| -> Result<Moment, Wrong> {
        if let Ok(moment) = text.parse::<Moment>() {
            return Ok(moment);
        }
        let local = text.parse::<DateTime>().ok().zip(zone.as_ref());
        let zoned = local.and_then(|(local, zone)| local.to_zoned(zone.clone()).ok());
        let zoned = zoned.ok_or_else(|| wrong(flag, text, words::NO_EVENT_TIME))?;
        Ok(Moment::new(zoned.timestamp(), zoned.offset()))
    };
    if let Ok(first) =
        args.start.parse::<Date>().map_err(drop).and_then(|day| is_day(&args.start).then_some(day).ok_or(()))
    {
        let last = match &args.end {
            Some(end) if is_day(end) => end.parse().map_err(|_| wrong("--end", end, words::NO_EVENT_TIME))?,
            Some(end) => return Err(wrong("--end", end, words::NO_EVENT_TIME)),
            None => first,
        };
        event.days = Some(EventDays::new(first, last));
        return Ok(event);
    }
    event.start = Some(moment("--start", &args.start)?);
    event.end = args.end.as_ref().map(|end| moment("--end", end)).transpose()?;
    Ok(event)
}

/// A day alone: jiff also reads the day out of a date with a time.
fn is_day(text: &str) -> bool {
    text.len() == "2016-11-19".len()
}

/// As much as an event of the format holds.
const TEXT_BYTES: u64 = 64 * 1024;
