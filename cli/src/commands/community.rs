//! `byway community`: the admin's side of a signed community. Only `publish` to a server sends something.

use std::path::{Path, PathBuf};

use byway::publisher::{
    BundlePictures, CommunityKeys, Proposal, PublishError, Publisher, Statement, bundle_of, link_of,
};
use byway::{CommunityLink, Exposure, Language, SignedId};
use jiff::Timestamp;

use super::admins::{self, Recovering, kept_if_done, opened_keys, proposer};
use super::link::{self, Drawn};
use super::opening::{keys_of, opened, opened_to_publish, opened_with, room_for_keys, secrets_of};
use super::publish::{self, Target};
use super::stated::Stated;
use super::{cards, event_times, pictures, rotation};
use crate::args::{AdminArgs, CommunityCommand, FreezeArgs, PartArgs, ProposeArgs, PublishArgs, StatementArgs};
use crate::exit::Exit;
use crate::plain::shell_word;
use crate::screen::{self, say, say_commands};
use crate::wrong::{Wrong, unended, wrong_folder as wrong};
use crate::{files, served, words};

pub(crate) async fn run(command: &CommunityCommand, language: Language) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    match command {
        CommunityCommand::New { name, statement, parts, proposing, admin } => {
            found(name, statement, parts, proposing, admin, now, language)
        }
        CommunityCommand::Key { command } => admins::key(command, language),
        CommunityCommand::Approve { file, keys, dir, instead, qr, passphrase_file } => {
            let asked = (*instead, *qr);
            admins::approve(file, keys.as_deref(), dir.as_deref(), asked, passphrase_file.clone(), language)
        }
        CommunityCommand::Recover { parts, proposal, approval, veto, proposing, dir, keys, passphrase_file } => {
            let what = Recovering {
                parts,
                proposal: proposal.as_deref(),
                approvals: approval,
                veto: *veto,
                proposing,
                dir,
                keys: keys.as_deref(),
                passphrase_file: passphrase_file.clone(),
            };
            admins::recover(what, now, language)
        }
        CommunityCommand::Freeze(freeze) => frozen(freeze, now, language).await,
        // The keys come first: a passphrase that is mistyped must not cost a text from standard input.
        CommunityCommand::Post { text, pictures, admin } => {
            let keys = keys_of(admin, language)?;
            let pictures = pictures::cleaned(pictures, language)?;
            let text = text_of(text, language)?;
            let name = with(admin, keys, now, language, |community| community.post_with(&text, &pictures, now))?;
            say(words::SEEN_AFTER_PUBLISH.in_(language));
            Ok(printed(&name))
        }
        CommunityCommand::Event { event, admin } => {
            let draft = event_times::draft(event, language)?;
            if draft.start.is_some_and(|start| start.timestamp() < now) && !event.cancelled {
                say(words::START_IS_PAST.in_(language));
            }
            let keys = keys_of(admin, language)?;
            let announced = with(admin, keys, now, language, |community| {
                let is_post = event.replaces.as_deref().is_some_and(|name| is_post(community, name, now));
                let announced = community.announce(&draft, event.replaces.as_deref(), now);
                if is_post { announced.map(Some).or_else(no_such(None)) } else { announced.map(Some) }
            })?;
            let Some(name) = announced else {
                let name = shell_word(event.replaces.as_deref().unwrap_or_default());
                let edit = format!("byway community edit {name} \"...\"{}", flags_of(admin));
                say_commands(&format!("{name}: {}", words::IS_A_POST.in_(language)), [&edit]);
                return Ok(Exit::WrongUsage);
            };
            say(&format!("{} {}", words::READERS_SEE.in_(language), event_times::shown(&draft)));
            say(words::SEEN_AFTER_PUBLISH.in_(language));
            Ok(printed(&name))
        }
        CommunityCommand::Edit { id, text, pictures, no_pictures, admin } => {
            let keys = keys_of(admin, language)?;
            let pictures = pictures::cleaned(pictures, language)?;
            let text = text_of(text, language)?;
            let is_edited = with(admin, keys, now, language, |community| {
                let is_event = is_event(community, id, now);
                let edited = if pictures.is_empty() && !no_pictures {
                    community.edit(id, &text, now)
                } else {
                    community.edit_with(id, &text, &pictures, now)
                };
                if is_event { edited.map(|()| true).or_else(no_such(false)) } else { edited.map(|()| true) }
            })?;
            if !is_edited {
                let name = shell_word(id);
                let event = format!("byway community event \"...\" --start TIME --replaces {name}{}", flags_of(admin));
                say_commands(&format!("{name}: {}", words::IS_AN_EVENT.in_(language)), [&event]);
                return Ok(Exit::WrongUsage);
            }
            say(&format!("{} {}", words::EDITED_POST.in_(language), words::SEEN_AFTER_PUBLISH.in_(language)));
            Ok(Exit::Reached)
        }
        CommunityCommand::Delete { id, admin } => {
            with(admin, keys_of(admin, language)?, now, language, |community| community.delete(id, now))?;
            say(&format!("{} {}", words::DELETED_ITEM.in_(language), words::SEEN_AFTER_PUBLISH.in_(language)));
            Ok(Exit::Reached)
        }
        CommunityCommand::Charter {
            name,
            statement,
            no_mirrors,
            no_pages,
            stated,
            page_language,
            renew,
            parts,
            remove,
            proposing,
            admin,
        } => {
            let continues = statement.continues.as_deref().map(|link| signed_link(link, language)).transpose()?;
            let keys = admins::key_changes(parts, remove, language)?;
            let stated = Stated::read(stated, now, language)?;
            let (mirrors, pages) = addresses(statement, language)?;
            let restated = |mut next: Statement| {
                if let Some(name) = name {
                    next.name.clone_from(name);
                }
                if let Some(about) = &statement.about {
                    next.description.clone_from(about);
                }
                if *no_mirrors || !mirrors.is_empty() {
                    next.mirrors.clone_from(&mirrors);
                }
                if *no_pages || !pages.is_empty() {
                    next.pages.clone_from(&pages);
                }
                if let Some(old) = &continues {
                    next.continues = Some(old.id());
                }
                stated.put_into(&mut next);
                next.keys.clone_from(&keys);
                next
            };
            // A charter more would end what others approve just now, and says nothing.
            if proposing.propose.is_some() && !renew {
                let said = Statement::of(&admin.dir, now).map_err(wrong(&admin.dir, language))?;
                if restated(said.clone()) == said {
                    say(words::NOTHING_TO_CHANGE.in_(language));
                    return Ok(Exit::Reached);
                }
            }
            decided(
                (admin, proposing, language),
                |keys| Proposal::restating(&admin.dir, keys, &restated(Statement::of(&admin.dir, now)?), now),
                |community| {
                    if let Some(page) = page_language {
                        community.set_page_language((*page).into(), now)?;
                    }
                    let said = community.statement(now);
                    let next = restated(said.clone());
                    if next != said || *renew {
                        community.restate(&next, now)?;
                    } else if page_language.is_none() {
                        say(words::NOTHING_TO_CHANGE.in_(language));
                    }
                    Ok(())
                },
            )
        }
        CommunityCommand::Move { to, nowhere: _, proposing, admin } => {
            let to = to.as_deref().map(|link| signed_link(link, language)).transpose()?;
            decided(
                (admin, proposing, language),
                |keys| Proposal::moving(&admin.dir, keys, to.as_ref(), now),
                |community| community.move_to(to.as_ref(), now),
            )
        }
        CommunityCommand::Rotate { new_keys, proposing, admin } => {
            rotation::rotated(new_keys, proposing, admin, now, language)
        }
        CommunityCommand::Publish(publish) => {
            let PublishArgs { into, proposal, approval, server, routes, take_in, replace, admin } = &**publish;
            if let Some(into) = into {
                publish::keep_apart(into, server, admin, language)?;
            }
            let community = match proposal {
                Some(file) => admins::enacted(file, approval, admin, into.is_some(), now, language)?,
                None => opened_to_publish(admin, into.as_deref().filter(|_| *take_in), now, language)?,
            };
            let Some(into) = into else {
                admins::say_recovery(&community, admin, now, language);
                return Ok(Exit::Reached);
            };
            let target = Target { into, server, routes, take_in: *take_in, replace: *replace, admin };
            publish::to(community, &target, now, language).await
        }
        CommunityCommand::Cards { keys, of, needed, into, passphrase_file } => {
            cards::make(keys, (*needed, *of), into.as_deref(), passphrase_file.clone(), language)
        }
        CommunityCommand::Restore { card, keys, passphrase_file } => {
            cards::restore(card, keys, passphrase_file.clone(), language)
        }
        CommunityCommand::Bundle { dir, out, no_pictures } => {
            let pictures = if *no_pictures { BundlePictures::LeftOut } else { BundlePictures::Newest };
            let bundle = bundle_of(dir, pictures, now).map_err(wrong(dir, language))?;
            files::replace(out, &bundle.bytes, files::Written::Bundle, language)?;
            if bundle.pictures_left_out > 0 {
                say(&format!("{} {}", words::PICTURES_LEFT_OUT.in_(language), bundle.pictures_left_out));
            }
            let out = shell_word(&out.display().to_string());
            say_commands(words::BUNDLED.in_(language), [&format!("byway import {out} --data-dir DIR")]);
            Ok(Exit::Reached)
        }
        CommunityCommand::Link { dir, exposure, qr, svg, json } => {
            let link = link_of(dir, (*exposure).into(), now).map_err(wrong(dir, language))?;
            let drawn = Drawn { qr: *qr, svg: svg.as_deref() };
            link::run(&link.to_string(), Exposure::Open, &drawn, *json, language)
        }
    }
}

/// Prepares a freeze, or publishes one.
async fn frozen(freeze: &FreezeArgs, now: Timestamp, language: Language) -> Result<Exit, Wrong> {
    let FreezeArgs { prepare, after, dir, keys, passphrase_file, publish, into, server, routes } = freeze;
    if let Some(file) = prepare {
        let given = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
        let (dir, keys) = (given(dir), given(keys));
        return admins::prepare_freeze(file, after.as_deref(), &dir, &keys, passphrase_file.clone(), language);
    }
    let (file, into) = (publish.clone().unwrap_or_default(), into.as_deref().unwrap_or_default());
    if into.contains("://") {
        let freeze = admins::read(&file, &[], language)?;
        admins::show(&freeze, now, language);
        let uploader = publish::uploader(into, server, routes, language).await?;
        let uploaded = uploader.freeze(&freeze, now).await;
        return publish::frozen(uploaded, into, language);
    }
    admins::publish_freeze(&file, Path::new(into), language)
}

fn found(
    name: &str,
    statement: &StatementArgs,
    parts: &PartArgs,
    proposing: &ProposeArgs,
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
) -> Result<Exit, Wrong> {
    served::keep_out(&secrets_of(admin), &[&admin.dir], language)?;
    let is_there = files::itself(&admin.keys).is_ok_and(|found| found.is_some());
    if !is_there || proposing.propose.is_none() {
        room_for_keys(&admin.keys, language)?;
    }
    let mut stated = Statement::default();
    name.clone_into(&mut stated.name);
    stated.description = statement.about.clone().unwrap_or_default();
    (stated.mirrors, stated.pages) = addresses(statement, language)?;
    stated.keys = admins::key_changes(parts, &[], language)?;
    let continues = statement.continues.as_deref().map(|link| signed_link(link, language)).transpose()?;
    stated.continues = continues.as_ref().map(CommunityLink::id);
    if proposing.propose.is_none() && stated.keys.threshold.is_some_and(|threshold| threshold > 1) {
        return Err(admins::refused(&PublishError::TooFewSigned, &admin.dir, language));
    }
    let several = !stated.keys.root.is_empty() || !stated.keys.recovery.is_empty();
    let keys = if is_there {
        opened_keys(&admin.keys, admin.passphrase_file.clone(), language)?
    } else {
        admins::made(&admin.keys, admin.passphrase_file.clone(), words::PASSPHRASE_OF_KEYS, language)?
    };
    if let Some(file) = &proposing.propose {
        let proposal = Proposal::founding(&keys, &stated, now).map_err(wrong(&admin.dir, language));
        let by = proposer(admin, &keys);
        let proposed = proposal.and_then(|made| admins::propose(file, proposing, &by, &made, language));
        return if is_there { proposed } else { kept_if_done(proposed, &admin.keys, language) };
    }
    let community = Publisher::found(&admin.dir, keys, &stated, now, language).map_err(|error| {
        // The keys of a community that was not founded open nothing. A web page that could not be written leaves one that
        // was founded.
        let is_anothers = matches!(error, PublishError::Exists | PublishError::Busy);
        if is_anothers || matches!(link_of(&admin.dir, Exposure::Open, now), Err(PublishError::Absent)) {
            let _ = files::remove(&admin.keys, language);
        }
        wrong(&admin.dir, language)(error)
    })?;
    let link = community.link(Exposure::Open, now).to_string();
    screen::out(format!("{link}\n").as_bytes());
    say(if several { words::FOUNDED_BY_SEVERAL } else { words::FOUNDED }.in_(language));
    if continues.is_some() {
        let name = format!("byway community move --to {} --dir DIR --keys KEYS", shell_word(&link));
        say_commands(words::CONTINUES.in_(language), [&name]);
    }
    Ok(Exit::Reached)
}

/// The folder and the keys, as they are given to another command.
fn flags_of(admin: &AdminArgs) -> String {
    let word = |path: &Path| shell_word(&path.display().to_string());
    format!(" --dir {} --keys {}", word(&admin.dir), word(&admin.keys))
}

fn is_event(community: &Publisher, name: &str, now: Timestamp) -> bool {
    community.content(now).2.iter().any(|event| is_named(event.id.as_str(), name))
}

fn is_post(community: &Publisher, name: &str, now: Timestamp) -> bool {
    community.content(now).1.iter().any(|post| is_named(&post.id, name))
}

/// An item of a signed community has an id that ends with its name.
fn is_named(id: &str, name: &str) -> bool {
    id.rsplit(':').next() == Some(name)
}

/// What stands for an item that is not there.
fn no_such<T>(instead: T) -> impl FnOnce(PublishError) -> Result<T, PublishError> {
    |error| if matches!(error, PublishError::NoSuchItem) { Ok(instead) } else { Err(error) }
}

/// A change of the charter: proposed to the other admins, or in force at once.
fn decided(
    (admin, proposing, language): (&AdminArgs, &ProposeArgs, Language),
    draft: impl FnOnce(&CommunityKeys) -> Result<Proposal, PublishError>,
    change: impl FnOnce(&mut Publisher) -> Result<(), PublishError>,
) -> Result<Exit, Wrong> {
    if let Some(file) = &proposing.propose {
        let keys = keys_of(admin, language)?;
        let proposal = draft(&keys).map_err(|error| admins::of_proposal(&error, admin, language))?;
        return admins::propose(file, proposing, &proposer(admin, &keys), &proposal, language);
    }
    let mut community = opened(admin, Timestamp::now(), language)?;
    change(&mut community).map_err(|error| admins::refused(&error, &admin.dir, language))?;
    Ok(Exit::Reached)
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
    for plain in mirrors.iter().filter(|mirror| is_cleartext(mirror)) {
        say(&format!("{} {plain}", words::HTTP_MIRROR.in_(language)));
    }
    Ok((mirrors, statement.page.iter().map(page).collect()))
}

/// Whether what a mirror hands out can be read and cut on its way. An onion service encrypts by itself.
fn is_cleartext(mirror: &str) -> bool {
    let host = mirror.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    host.is_some_and(|host| !host.ends_with(".onion"))
}

fn printed(name: &str) -> Exit {
    screen::out(format!("{name}\n").as_bytes());
    Exit::Reached
}

/// Does something in the community.
fn with<T>(
    admin: &AdminArgs,
    keys: CommunityKeys,
    now: Timestamp,
    language: Language,
    work: impl FnOnce(&mut Publisher) -> Result<T, PublishError>,
) -> Result<T, Wrong> {
    let mut community = opened_with(admin, keys, now, language)?;
    let done = work(&mut community).map_err(wrong(&admin.dir, language))?;
    admins::say_recovery(&community, admin, now, language);
    Ok(done)
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
