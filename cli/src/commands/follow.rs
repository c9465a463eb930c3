//! `byway follow`: where a kept community moved, and the user's yes or no.
//!
//! The look and the answer are two commands. So the answer names the successor that was shown, as a link with its addresses and keys: a
//! charter that arrives in between must not turn a yes into one to somebody else.

use byway::community::CommunityId;
use byway::{Byway, CommunityLink, Exposure, HomeLink, Language, Move, MoveKind, Note, OpenError, OpenFault};

use super::open;
use crate::args::Options;
use crate::exit::Exit;
use crate::named::{Named, signed_link};
use crate::people::People;
use crate::plain::{line, shell_word};
use crate::screen::{self, Screen, say, say_commands};
use crate::setup;
use crate::words;
use crate::wrong::{Wrong, of_store, unended};

/// What the user answers, with the link of the successor that was shown.
pub(crate) enum Answer<'a> {
    Yes(&'a str),
    Stay(&'a str),
}

pub(crate) async fn run(id: &str, answer: Option<Answer<'_>>, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let people = People::new(Screen::of_process(options.json), language);
    let byway = setup::byway_of_kept(options).await?;
    let Some(known) = kept(&byway, id, language).await? else {
        say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        return Ok(Exit::NotReached);
    };
    let shown = |link| shown(&known, link).ok_or_else(|| Wrong(words::NO_SUCCESSOR_LINK.in_(language).to_owned()));
    let opened = match answer {
        None => byway.successor(&known).await,
        Some(Answer::Yes(link)) => byway.follow(&shown(link)?).await,
        Some(Answer::Stay(link)) => {
            let is_decided = byway.stay(&shown(link)?).await;
            let is_decided = is_decided.map_err(|error| Wrong(unended(error.sentence(language))))?;
            say(if is_decided { words::STAYS } else { words::NOTHING_TO_DECIDE }.in_(language));
            return Ok(Exit::Reached);
        }
    };
    // It is kept, so what is missing is a successor.
    if matches!(&opened, Err(error) if matches!(error.fault, OpenFault::NotStored)) && !options.json {
        say(&format!("{} {}", words::NO_SUCCESSOR.in_(language), line(id)));
        return Ok(Exit::NotReached);
    }
    let is_asked = answer.is_none() && !options.json;
    let moved = match &opened {
        Ok(opened) => move_in(&known, &opened.notes),
        Err(_) if is_asked => {
            let standing = byway.standing(&known).await.map_err(of_store(language))?;
            move_in(&known, &standing.notes)
        }
        Err(_) => None,
    };
    let is_untried = |error: &OpenError| error.reachability().is_some_and(|met| met.attempts.is_empty());
    if let (Some(Answer::Yes(link)), Err(error)) = (&answer, &opened)
        && is_untried(error)
        && !options.json
    {
        // The verdict would be about this device alone.
        let open = format!("byway open {}", shell_word(link));
        say_commands(words::NOT_FOLLOWED.in_(language), [&open]);
        return Ok(Exit::NotReached);
    }
    let unread = opened.as_ref().err().and_then(|error| error.reachability()).map(|met| met.attempts.is_empty());
    let exit = open::ended(opened, options, &people)?;
    // A yes to a disputed move contacts nothing, so it is not offered.
    let moved = moved.filter(|moved| is_asked && moved.kind != MoveKind::Disputed);
    let Some(moved) = moved else { return Ok(exit) };
    if let Some(is_untried) = unread {
        screen::out(format!("{}\n", line(&Note::Move(moved.clone()).sentence(language))).as_bytes());
        if is_untried {
            say(words::ONLY_NAMED.in_(language));
        }
    }
    if let Some(link) = link_of(&moved) {
        let command = |flag| format!("byway follow {} {flag} {}", shell_word(id), shell_word(&link));
        say_commands(words::ANSWER_WITH.in_(language), &[command("--yes"), command("--stay")]);
    }
    Ok(exit)
}

/// The id of the kept community that is named.
async fn kept(byway: &Byway, id: &str, language: Language) -> Result<Option<CommunityId>, Wrong> {
    let named = Named::of(id);
    let all = byway.communities().await.map_err(of_store(language))?;
    Ok(all.into_iter().map(|kept| kept.community).find(|community| named.is(community)).map(|community| community.id))
}

/// What is said of the move of a community.
fn move_in(from: &CommunityId, notes: &[Note]) -> Option<Move> {
    notes.iter().rev().find_map(|note| match note {
        Note::Move(moved) if moved.from == *from => Some(moved.clone()),
        _ => None,
    })
}

/// The link of the successor that was looked at, or that the kept community names, as an answer names it.
fn link_of(moved: &Move) -> Option<String> {
    let Some(id) = moved.to.as_ref().and_then(|to| to.as_str().strip_prefix("byway:")?.parse().ok()) else {
        return moved.home.as_ref().map(ToString::to_string);
    };
    let link = CommunityLink::new(id, Exposure::Open);
    let link = moved.to_keys.map_or_else(|| link.clone(), |keys| link.clone().with_key(keys));
    let pages = moved.homes.iter().filter_map(|home| Some(home.to_string().split_once('#')?.0.to_owned()));
    // An answer without an address is refused, which is better than one to an address that was not shown.
    let link = pages.fold(link, |link, page| link.clone().with_mirror(&page).unwrap_or(link));
    Some(link.to_string())
}

/// The move that an answer names.
fn shown(from: &CommunityId, link: &str) -> Option<Move> {
    let Some(link) = signed_link(link) else {
        let mut moved = Move::new(MoveKind::Claimed, from.clone(), None);
        moved.home = Some(link.parse::<HomeLink>().ok()?.home);
        return Some(moved);
    };
    let id = format!("byway:{}", link.id());
    let mut moved = Move::new(MoveKind::Asked, from.clone(), Some(id.parse().ok()?));
    moved.homes = link.mirrors().iter().filter_map(|mirror| format!("{mirror}#{id}").parse().ok()).collect();
    moved.to_keys = link.key();
    Some(moved)
}
