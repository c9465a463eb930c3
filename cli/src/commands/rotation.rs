//! `byway community rotate`: other keys for a community, and how a run goes on that was cut short.

use std::path::Path;

use byway::publisher::{CommunityKeys, Proposal, PublishError, Publisher};
use byway::{KeyFileError, KeyFingerprint, Language};
use jiff::Timestamp;

use super::admins::{self, Proposer, kept_if_done, of_keys, opened_keys, proposer};
use super::opening::{keys_of, ready, room_for_keys};
use crate::args::{AdminArgs, ProposeArgs};
use crate::exit::Exit;
use crate::plain::shell_word;
use crate::screen::{say, say_commands};
use crate::wrong::{Wrong, wrong_folder as wrong};
use crate::{files, served, words};

/// Replaces the keys. The new key file is there before the community knows it, so a run that was cut short leaves it; the next one goes
/// on with the keys in it, which may be the only ones that open the community.
pub(super) fn rotated(
    new_keys: &Path,
    proposing: &ProposeArgs,
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
) -> Result<Exit, Wrong> {
    served::keep_out(&[("--new-keys", new_keys)], &[&admin.dir], language)?;
    let is_there = files::itself(new_keys).is_ok_and(|found| found.is_some());
    if !is_there {
        room_for_keys(new_keys, language)?;
    }
    let old = keys_of(admin, language)?;
    if let Some(file) = &proposing.propose {
        let new = new_or_known(new_keys, is_there, old.fingerprint(), admin, language)?;
        let proposal = Proposal::rotating(&admin.dir, &old, &new, now).map_err(wrong(&admin.dir, language));
        let by = Proposer { publishes: Some(new_keys), ..proposer(admin, &old) };
        let proposed = proposal.and_then(|made| admins::propose(file, proposing, &by, &made, language));
        let proposed = if is_there { proposed? } else { kept_if_done(proposed, new_keys, language)? };
        say(words::PROPOSED_ROTATION.in_(language));
        say_commands(words::NEW_CARDS.in_(language), [&cards_of(new_keys)]);
        return Ok(proposed);
    }
    let ours = old.fingerprint();
    let open = if admin.clock_is_right { Publisher::open_trusting_clock } else { Publisher::open };
    let opened = open(&admin.dir, old, now, language);
    if is_there && matches!(opened, Err(PublishError::OtherKeys)) {
        // The change is in force already, or the file is of another community.
        let new = opened_keys(new_keys, admin.passphrase_file.clone(), language)?;
        let theirs = new.fingerprint();
        let mut community = ready(open(&admin.dir, new, now, language), theirs, admin, now, language)?;
        community.publish(&admin.dir, now).map_err(wrong(&admin.dir, language))?;
        say(words::ROTATED_BEFORE.in_(language));
        say_commands(words::NEW_CARDS.in_(language), [&cards_of(new_keys)]);
        return Ok(Exit::Reached);
    }
    let mut community = ready(opened, ours, admin, now, language)?;
    let items = |community: &Publisher| {
        let (_, posts, gatherings) = community.content(now);
        posts.len() + gatherings.len()
    };
    let before = items(&community);
    let new = new_or_known(new_keys, is_there, ours, admin, language)?;
    community.rotate(new, now).map_err(|error| admins::refused(&error, &admin.dir, language))?;
    say(words::ROTATED.in_(language));
    say_commands(words::NEW_CARDS.in_(language), [&cards_of(new_keys)]);
    // What the old key dated ahead, or its thief.
    let lost = before.saturating_sub(items(&community));
    if lost > 0 {
        say(&format!("{} {lost}", words::AHEAD_LOST.in_(language)));
    }
    Ok(Exit::Reached)
}

/// New keys, or those that an earlier run made.
///
/// # Errors
/// They are the old ones.
fn new_or_known(
    path: &Path,
    is_there: bool,
    old: KeyFingerprint,
    admin: &AdminArgs,
    language: Language,
) -> Result<CommunityKeys, Wrong> {
    if !is_there {
        return admins::made(path, admin.passphrase_file.clone(), words::PASSPHRASE_OF_NEW_KEYS, language);
    }
    let known = opened_keys(path, admin.passphrase_file.clone(), language)?;
    if known.fingerprint() == old {
        return Err(of_keys(&KeyFileError::Exists, path, language));
    }
    say(words::ROTATION_CONTINUES.in_(language));
    Ok(known)
}

/// Cards are of a key, and not of an admin.
fn cards_of(keys: &Path) -> String {
    let keys = shell_word(&keys.display().to_string());
    format!("byway community cards --of 3 --needed 2 --into DIR --keys {keys}")
}
