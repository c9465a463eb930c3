//! An admin's keys and folder, opened before anything is done with them.

use std::path::Path;

use byway::publisher::{CommunityKeys, PublishError, Publisher, link_of};
use byway::{Exposure, KeyFileError, KeyFingerprint, Language};
use jiff::Timestamp;

use super::admins::{of_keys, opened_keys};
use crate::args::AdminArgs;
use crate::screen::say;
use crate::wrong::{Wrong, wrong_file, wrong_folder as wrong};
use crate::{files, served, words};

/// The community in an admin's folder.
pub(super) fn opened(admin: &AdminArgs, now: Timestamp, language: Language) -> Result<Publisher, Wrong> {
    opened_with(admin, keys_of(admin, language)?, now, language)
}

/// The same, where the charters of the folder that is taken in may be what lets these keys speak.
pub(super) fn opened_to_publish(
    admin: &AdminArgs,
    taken_in: Option<&str>,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    let keys = keys_of(admin, language)?;
    match taken_in.filter(|into| !into.contains("://") && !admin.clock_is_right) {
        Some(from) => {
            let ours = keys.fingerprint();
            let community = Publisher::open_taking_in(&admin.dir, keys, Path::new(from), now, language);
            ready(community, ours, admin, now, language)
        }
        None => opened_with(admin, keys, now, language),
    }
}

pub(super) fn opened_with(
    admin: &AdminArgs,
    keys: CommunityKeys,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    let ours = keys.fingerprint();
    let open = if admin.clock_is_right { Publisher::open_trusting_clock } else { Publisher::open };
    ready(open(&admin.dir, keys, now, language), ours, admin, now, language)
}

pub(super) fn ready(
    community: Result<Publisher, PublishError>,
    ours: KeyFingerprint,
    admin: &AdminArgs,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    let mut community = community.map_err(|error| {
        let Wrong(mut said) = wrong(&admin.dir, language)(error.clone());
        // An old key file and the one of another community look alike.
        if let (PublishError::OtherKeys, Ok(link)) = (&error, link_of(&admin.dir, Exposure::Open, now)) {
            let theirs = link.key().map(|key| key.to_string()).unwrap_or_default();
            let (file, community) = (words::KEYS_OF_FILE.in_(language), words::KEYS_OF_COMMUNITY.in_(language));
            let stop = if said.ends_with('.') { "" } else { "." };
            said.push_str(&format!(
                "{stop} {file} {ours}; {community} {theirs}. {}",
                words::TAKE_IN_FIRST.in_(language)
            ));
        }
        if matches!(error, PublishError::Clock { newest: Some(_), .. }) {
            said.push_str(&format!(" {}", words::CLOCK_IS_RIGHT.in_(language)));
        }
        Wrong(said)
    })?;
    say_frozen(&community, now, language);
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

/// Says that the community is frozen, if it is.
pub(super) fn say_frozen(community: &Publisher, now: Timestamp, language: Language) {
    if let Some(after) = community.frozen(now) {
        say(&format!("{} {}.", words::FROZEN_HERE.in_(language), after.strftime("%Y-%m-%d %H:%M UTC")));
    }
}

/// The keys of an admin, which do not lie in the folder that everyone can fetch.
pub(super) fn keys_of(admin: &AdminArgs, language: Language) -> Result<CommunityKeys, Wrong> {
    served::keep_out(&secrets_of(admin), &[&admin.dir], language)?;
    opened_keys(&admin.keys, admin.passphrase_file.clone(), language)
}

pub(super) fn secrets_of(admin: &AdminArgs) -> Vec<served::Secret<'_>> {
    let passphrase = admin.passphrase_file.as_deref().map(|path| ("--passphrase-file", path));
    [("--keys", admin.keys.as_path())].into_iter().chain(passphrase).collect()
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
