//! `byway community`: the admin's side of a signed community. Only `publish` to a server sends something.

use std::path::{Path, PathBuf};

use byway::publisher::{CommunityKeys, PublishError, Publisher, bundle_of, link_of};
use byway::{CommunityLink, Exposure, KeyFileError, Language, SignedId};
use jiff::Timestamp;

use super::event_times;
use super::link::{self, Drawn};
use super::publish::{self, Target};
use crate::args::{AdminArgs, CommunityCommand, PublishArgs, StatementArgs};
use crate::exit::Exit;
use crate::keys::KeySource;
use crate::screen::{self, say};
use crate::wrong::{Wrong, cannot, unended, wrong_file, wrong_folder as wrong};
use crate::{files, served, words};

pub(crate) async fn run(command: &CommunityCommand, language: Language) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    match command {
        CommunityCommand::New { name, statement, admin } => found(name, statement, admin, now, language),
        // The keys come first: a passphrase that is mistyped must not cost a text from standard input.
        CommunityCommand::Post { text, admin } => {
            let keys = keys_of(admin, language)?;
            let text = text_of(text, language)?;
            let name = with(admin, keys, now, language, |community| community.post(&text, now))?;
            Ok(printed(&name))
        }
        CommunityCommand::Event { event, admin } => {
            let draft = event_times::draft(event, language)?;
            if draft.start.is_some_and(|start| start.timestamp() < now) && !event.cancelled {
                say(words::START_IS_PAST.in_(language));
            }
            let keys = keys_of(admin, language)?;
            let announce = |community: &mut Publisher| community.announce(&draft, event.replaces.as_deref(), now);
            let name = with(admin, keys, now, language, announce)?;
            say(&format!("{} {}", words::READERS_SEE.in_(language), event_times::shown(&draft)));
            Ok(printed(&name))
        }
        CommunityCommand::Edit { id, text, admin } => {
            let keys = keys_of(admin, language)?;
            let text = text_of(text, language)?;
            with(admin, keys, now, language, |community| community.edit(id, &text, now))?;
            Ok(Exit::Reached)
        }
        CommunityCommand::Delete { id, admin } => changed(admin, now, language, |community| community.delete(id, now)),
        CommunityCommand::Charter { name, statement, no_mirrors, no_pages, page_language, admin } => {
            let continues = statement.continues.as_deref().map(|link| signed_link(link, language)).transpose()?;
            let (mirrors, pages) = addresses(statement, language)?;
            let mut community = opened(admin, now, language)?;
            let said = community.statement(now);
            let mut next = said.clone();
            if let Some(name) = name {
                next.name.clone_from(name);
            }
            if let Some(about) = &statement.about {
                next.description.clone_from(about);
            }
            if *no_mirrors || !mirrors.is_empty() {
                next.mirrors = mirrors;
            }
            if *no_pages || !pages.is_empty() {
                next.pages = pages;
            }
            if let Some(old) = &continues {
                next.continues = Some(old.id());
            }
            if let Some(page) = page_language {
                community.set_page_language((*page).into(), now).map_err(wrong(&admin.dir, language))?;
            }
            // A charter more would end what others approve just now, and says nothing.
            if next != said {
                community.restate(&next, now).map_err(wrong(&admin.dir, language))?;
            } else if page_language.is_none() {
                say(words::NOTHING_TO_CHANGE.in_(language));
            }
            Ok(Exit::Reached)
        }
        CommunityCommand::Move { to, nowhere: _, admin } => {
            let to = to.as_deref().map(|link| signed_link(link, language)).transpose()?;
            changed(admin, now, language, |community| community.move_to(to.as_ref(), now))
        }
        CommunityCommand::Rotate { new_keys, admin } => rotated(new_keys, admin, now, language),
        CommunityCommand::Publish(publish) => {
            publish::keep_apart(&publish.into, &publish.server, &publish.admin, language)?;
            let community = opened(&publish.admin, now, language)?;
            let PublishArgs { into, server, routes, take_in, replace, admin: _ } = &**publish;
            let target = Target { into, server, routes, take_in: *take_in, replace: *replace };
            publish::to(community, &target, now, language).await
        }
        CommunityCommand::Bundle { dir, out } => {
            let bytes = bundle_of(dir, now).map_err(wrong(dir, language))?;
            files::replace(out, &bytes, files::Written::Bundle, language)?;
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
    served::keep_out(&secrets_of(admin), &[&admin.dir], language)?;
    room_for_keys(&admin.keys, language)?;
    let mut stated = byway::publisher::Statement::default();
    name.clone_into(&mut stated.name);
    stated.description = statement.about.clone().unwrap_or_default();
    (stated.mirrors, stated.pages) = addresses(statement, language)?;
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
    served::keep_out(&[("--new-keys", new_keys)], &[&admin.dir], language)?;
    room_for_keys(new_keys, language)?;
    let mut community = opened(admin, now, language)?;
    let passphrase = source(admin, language).new_passphrase(words::PASSPHRASE_OF_NEW_KEYS)?;
    let keys = CommunityKeys::create(new_keys, passphrase);
    let keys = keys.map_err(|error| of_keys(&error, new_keys, language))?;
    community.rotate(keys, now).map_err(wrong(&admin.dir, language))?;
    say(words::ROTATED.in_(language));
    Ok(Exit::Reached)
}

/// Refuses a place where no new key file can be made, before a passphrase is asked for.
pub(super) fn room_for_keys(path: &Path, language: Language) -> Result<(), Wrong> {
    if files::itself(path).is_ok_and(|found| found.is_some()) {
        return Err(of_keys(&KeyFileError::Exists, path, language));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(wrong_file(folder, words::NO_FOLDER, language))
        }
        _ => Ok(()),
    }
}

/// A link as `byway community link` prints it: the first line that is not empty, so that all lines may be pasted.
fn signed_link(text: &str, language: Language) -> Result<CommunityLink, Wrong> {
    let text = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    text.parse().map_err(|error: byway::CommunityLinkError| Wrong(unended(error.sentence(language))))
}

/// The mirrors and pages as a charter names them: `https://` where no scheme is given, and a host of other letters in ASCII.
fn addresses(statement: &StatementArgs, language: Language) -> Result<(Vec<String>, Vec<String>), Wrong> {
    let id = SignedId::from_bytes([0; 32]);
    let mirror = |text: &String| {
        let link = CommunityLink::new(id, Exposure::Open).with_mirror(text);
        let link = link.map_err(|error| Wrong(format!("--mirror {text}: {}", unended(error.sentence(language)))))?;
        Ok(link.mirrors().iter().map(ToString::to_string).collect::<String>())
    };
    let page = |text: &String| if text.contains("://") { text.clone() } else { format!("https://{text}") };
    let mirrors = statement.mirror.iter().map(mirror).collect::<Result<Vec<_>, Wrong>>()?;
    Ok((mirrors, statement.page.iter().map(page).collect()))
}

fn printed(name: &str) -> Exit {
    screen::out(format!("{name}\n").as_bytes());
    Exit::Reached
}

fn changed(
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
    change: impl FnOnce(&mut Publisher) -> Result<(), PublishError>,
) -> Result<Exit, Wrong> {
    with(admin, keys_of(admin, language)?, now, language, change)?;
    Ok(Exit::Reached)
}

/// Does something in the community.
fn with<T>(
    admin: &AdminArgs,
    keys: CommunityKeys,
    now: Timestamp,
    language: Language,
    work: impl FnOnce(&mut Publisher) -> Result<T, PublishError>,
) -> Result<T, Wrong> {
    work(&mut opened_with(admin, keys, now, language)?).map_err(wrong(&admin.dir, language))
}

pub(super) fn opened(admin: &AdminArgs, now: Timestamp, language: Language) -> Result<Publisher, Wrong> {
    opened_with(admin, keys_of(admin, language)?, now, language)
}

fn opened_with(admin: &AdminArgs, keys: CommunityKeys, now: Timestamp, language: Language) -> Result<Publisher, Wrong> {
    let ours = keys.fingerprint();
    let open = if admin.clock_is_right { Publisher::open_trusting_clock } else { Publisher::open };
    let community = open(&admin.dir, keys, now, language);
    let mut community = community.map_err(|error| {
        let Wrong(mut said) = wrong(&admin.dir, language)(error.clone());
        // An old key file and the one of another community look alike.
        if let (PublishError::OtherKeys, Ok(link)) = (&error, link_of(&admin.dir, Exposure::Open, now)) {
            let theirs = link.key().map(|key| key.to_string()).unwrap_or_default();
            let (file, community) = (words::KEYS_OF_FILE.in_(language), words::KEYS_OF_COMMUNITY.in_(language));
            said.push_str(&format!(" {file} {ours}; {community} {theirs}."));
        }
        if matches!(error, PublishError::Clock { newest: Some(_), .. }) {
            said.push_str(&format!(" {}", words::CLOCK_IS_RIGHT.in_(language)));
        }
        Wrong(said)
    })?;
    if community.dated_ahead(now).is_some() {
        match community.redate(now) {
            Ok(left_out) => say(&format!("{} {left_out}", words::REDATED.in_(language))),
            Err(error @ PublishError::Clock { .. }) => {
                say(&format!("{} {}", error.sentence(language), words::DATED_AHEAD.in_(language)));
            }
            Err(error) => return Err(wrong(&admin.dir, language)(error)),
        }
    }
    Ok(community)
}

/// The keys, with some tries for a passphrase that is typed.
fn keys_of(admin: &AdminArgs, language: Language) -> Result<CommunityKeys, Wrong> {
    served::keep_out(&secrets_of(admin), &[&admin.dir], language)?;
    if files::itself(&admin.keys).is_ok_and(|found| found.is_none()) {
        return Err(of_keys(&KeyFileError::Absent, &admin.keys, language));
    }
    let source = source(admin, language);
    for _ in 1..source.tries() {
        match CommunityKeys::open(&admin.keys, source.passphrase(words::PASSPHRASE.in_(language))?) {
            Err(KeyFileError::WrongPassphrase) => say(words::PASSPHRASE_NOT_THIS.in_(language)),
            opened => return opened.map_err(|error| of_keys(&error, &admin.keys, language)),
        }
    }
    let keys = CommunityKeys::open(&admin.keys, source.passphrase(words::PASSPHRASE.in_(language))?);
    keys.map_err(|error| of_keys(&error, &admin.keys, language))
}

pub(super) fn secrets_of(admin: &AdminArgs) -> Vec<served::Secret<'_>> {
    let passphrase = admin.passphrase_file.as_deref().map(|path| ("--passphrase-file", path));
    [("--keys", admin.keys.as_path())].into_iter().chain(passphrase).collect()
}

pub(super) fn source(admin: &AdminArgs, language: Language) -> KeySource {
    let passphrase_file = admin.passphrase_file.clone();
    KeySource { data_dir: PathBuf::new(), key_file: None, passphrase_file, language }
}

pub(super) fn of_keys(error: &KeyFileError, path: &Path, language: Language) -> Wrong {
    match error {
        KeyFileError::WrongPassphrase => Wrong(words::PASSPHRASE_NOT_THIS.in_(language).to_owned()),
        KeyFileError::Damaged | KeyFileError::NoKey => wrong_file(path, words::KEYS_ARE_NONE, language),
        KeyFileError::Io(error) => cannot(words::CANNOT_USE_FILE, path, error, language),
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

/// As much as an event of the format holds.
const TEXT_BYTES: u64 = 64 * 1024;
