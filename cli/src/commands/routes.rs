//! `byway routes pack | import`: proxies and bridges for a circle of people, in a file that is signed and sealed with a passphrase.

use std::path::{Path, PathBuf};

use byway::publisher::{CommunityKeys, route_pack};
use byway::{CommunityLink, Imported, Language, MAX_PACK_BYTES, RoutePack};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zeroize::Zeroizing;

use super::admins::{key_source, opened_keys};
use crate::args::{Options, RoutesCommand};
use crate::exit::Exit;
use crate::files::{LIST_EXPIRES, LIST_SIGNED};
use crate::moments::moment;
use crate::plain::line;
use crate::screen::{self, say};
use crate::setup;
use crate::wrong::{Wrong, unended};
use crate::{files, served, words};

pub(crate) async fn run(command: &RoutesCommand, language: Language) -> Result<Exit, Wrong> {
    match command {
        RoutesCommand::Pack { list, community, expires, keys, out, passphrase_file, pack_passphrase_file } => {
            served::keep_out(&[("--out", out)], &[], language)?;
            let community: CommunityLink = community.parse().map_err(|error: byway::CommunityLinkError| {
                Wrong(format!("--for: {}", unended(error.sentence(language))))
            })?;
            let end = moment("--expires", expires, language)?;
            let strategies = listed(list, language)?;
            let keys = opened_keys(keys, passphrase_file.clone(), language)?;
            pack(&community, &keys, &strategies, end, (out, pack_passphrase_file.clone()), language)
        }
        RoutesCommand::Import { pack, out, older, pack_passphrase_file, options } => {
            import(pack, (out, *older), pack_passphrase_file.clone(), options, language).await
        }
    }
}

fn pack(
    community: &CommunityLink,
    keys: &CommunityKeys,
    strategies: &[String],
    expires: Timestamp,
    (out, passphrase_file): (&Path, Option<PathBuf>),
    language: Language,
) -> Result<Exit, Wrong> {
    let passphrase = key_source(passphrase_file, language).new_passphrase(words::PASSPHRASE_OF_NEW_PACK)?;
    let packed = route_pack(community.id(), keys, strategies, expires, &passphrase, Timestamp::now());
    let packed = packed.map_err(|error| Wrong(unended(error.sentence(language))))?;
    files::replace(out, &packed, files::Written::Secret, language)?;
    say(words::PACKED.in_(language));
    Ok(Exit::Reached)
}

/// The strategies of a list, if a pack may have all of them.
fn listed(list: &Path, language: Language) -> Result<Vec<String>, Wrong> {
    let bytes = Zeroizing::new(files::read(list, setup::STRATEGIES_BYTES, language)?);
    let text = files::text_of(list, &bytes, language)?;
    let mut strategies = Vec::new();
    for entry in byway::import_strategies(text) {
        let wrong = |what: &str| {
            Wrong(format!("{}, {} {}: {what}", list.display(), words::LINE_NUMBER.in_(language), entry.number))
        };
        match &entry.outcome {
            Imported::Strategy(strategy) if RoutePack::may_have(strategy) => strategies.push(strategy.to_string()),
            Imported::Strategy(_) => return Err(wrong(words::NOT_IN_A_PACK.in_(language))),
            Imported::Wrong { error, .. } => return Err(wrong(&unended(error.sentence(language)))),
            _ => {}
        }
    }
    Ok(strategies)
}

async fn import(
    pack: &Path,
    (out, older): (&Path, bool),
    passphrase_file: Option<PathBuf>,
    options: &Options,
    language: Language,
) -> Result<Exit, Wrong> {
    served::keep_out(&[("--out", out)], &[], language)?;
    let bytes = files::read(pack, MAX_PACK_BYTES as u64, language)?;
    let byway = setup::byway_for_files(options).await?;
    let passphrase = key_source(passphrase_file, language).passphrase(words::PASSPHRASE_OF_PACK.in_(language))?;
    let routes = byway.import_route_pack(bytes, passphrase).await;
    let routes = routes.map_err(|error| Wrong(format!("{}: {}", pack.display(), unended(error.sentence(language)))))?;
    if !older && signed_at(out, language).is_some_and(|known| known > routes.issued) {
        let what = format!("{} {}", words::ROUTES_OLDER.in_(language), here(routes.issued));
        return Err(Wrong(format!("{}: {what}", out.display())));
    }
    let (issued, expires) = (routes.issued, routes.expires);
    let mut list = Zeroizing::new(format!("{LIST_EXPIRES}{expires}\n{LIST_SIGNED}{issued}\n"));
    let mut shown = String::new();
    for strategy in &routes.strategies {
        list.push_str(&format!("{strategy}\n"));
        shown.push_str(&format!("{}\n", line(&strategy.redacted())));
    }
    files::replace(out, list.as_bytes(), files::Written::Routes, language)?;
    screen::out(shown.as_bytes());
    say(&format!("{} {}.", words::ROUTES_SIGNED.in_(language), here(routes.issued)));
    say(&format!("{} {}.", words::ROUTES_TAKEN.in_(language), here(routes.expires)));
    Ok(Exit::Reached)
}

/// When the list that a pack would replace was signed, if it says so.
fn signed_at(list: &Path, language: Language) -> Option<Timestamp> {
    if !list.is_file() {
        return None;
    }
    let bytes = Zeroizing::new(files::read(list, setup::STRATEGIES_BYTES, language).ok()?);
    let text = files::text_of(list, &bytes, language).ok()?;
    text.lines().find_map(|line| line.strip_prefix(LIST_SIGNED))?.trim().parse().ok()
}

/// As a time is typed: in the zone of the device.
fn here(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M (UTC%:z)").to_string()
}
