//! `byway mirror`: copies a page that some cannot reach into a mirror that everyone can read.

use byway::community::{Home, HomeError};
use byway::copying::{PageCopier, ReadPage};
use byway::publisher::{CopyKeys, PublishError, Publisher, link_of};
use byway::{Exposure, Language, OpenError};
use jiff::Timestamp;

use super::admins::{key_source, of_keys, opened_keys};
use super::opening::{opened, room_for_keys};
use super::publish::{self, Target};
use crate::args::MirrorArgs;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::wrong::{Wrong, unended, wrong_folder};
use crate::{setup, words};

pub(crate) async fn run(args: &MirrorArgs, language: Language) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    let home: Home = args.link.parse().map_err(|error: HomeError| wrong_link(args, &error, language))?;
    publish::keep_apart(args.into.as_deref().unwrap_or("://"), &args.server, &args.admin, language)?;
    let mut copy = match link_of(&args.admin.dir, Exposure::Open, now) {
        Err(PublishError::Absent) => None,
        _ => Some(opened(&args.admin, now, language)?),
    };
    let is_due = copy.as_ref().map_or(Ok(true), |copy| copy.is_copy_due(&home, now));
    if is_due.map_err(wrong_folder(&args.admin.dir, language))? {
        let byway = setup::byway_for_copies(&args.routes, &args.vk, language).await?;
        let copier = PageCopier::new(&byway, &args.link).map_err(|error| wrong_link(args, &error, language))?;
        let page = match copier.with_direct(args.routes.allow_direct).read().await {
            Ok(page) => page,
            Err(error) => return not_read(&error, language),
        };
        let mut found = match copy {
            Some(copy) => copy,
            None => found(args, &page, now, language)?,
        };
        let wanted = if args.no_pictures { Vec::new() } else { page.wanted_pictures(&found, now) };
        let pictures = page.fetch_pictures(wanted).await;
        let done = page.copy_into(&mut found, &pictures, now).map_err(wrong_folder(&args.admin.dir, language))?;
        let (changed, removed) = (words::COPIED_CHANGED.in_(language), words::COPIED_REMOVED.in_(language));
        screen::err(&format!("{changed} {}, {removed} {}\n", done.changed, done.removed));
        copy = Some(found);
    } else {
        say(words::COPIED_LATELY.in_(language));
    }
    let Some(copy) = copy else { return Ok(Exit::NotReached) };
    let link = copy.link(Exposure::Open, now);
    let done = match &args.into {
        Some(into) => {
            let target = Target {
                into,
                server: &args.server,
                routes: &args.routes,
                take_in: false,
                replace: false,
                admin: &args.admin,
            };
            publish::to(copy, &target, now, language).await?
        }
        None => Exit::Reached,
    };
    screen::out(format!("{link}\n").as_bytes());
    Ok(done)
}

/// Founds the copy, with keys of its own.
fn found(args: &MirrorArgs, page: &ReadPage, now: Timestamp, language: Language) -> Result<Publisher, Wrong> {
    let admin = &args.admin;
    let by = args.by.as_deref().ok_or_else(|| Wrong(format!("--by: {}", words::COPIED_BY_WHOM.in_(language))))?;
    let mut stated = page.statement(by);
    stated.mirrors.clone_from(&args.mirror);
    let keys = if CopyKeys::are_left(&admin.keys) {
        CopyKeys::left(opened_keys(&admin.keys, admin.passphrase_file.clone(), language)?)
    } else {
        room_for_keys(&admin.keys, language)?;
        let passphrase =
            key_source(admin.passphrase_file.clone(), language).new_passphrase(words::PASSPHRASE_OF_KEYS)?;
        let keys = CopyKeys::create(&admin.keys, &admin.dir, passphrase);
        keys.map_err(|error| of_keys(&error, &admin.keys, language))?
    };
    Publisher::found_copy(&admin.dir, keys, &stated, now, language).map_err(wrong_folder(&admin.dir, language))
}

fn not_read(error: &OpenError, language: Language) -> Result<Exit, Wrong> {
    let Some(reachability) = error.reachability() else {
        return Err(Wrong(unended(error.sentence(language))));
    };
    let screen = Screen::of_process(false);
    screen::err(&People::new(screen.of_errors(), language).probe(reachability));
    say(&error.sentence(language));
    Ok(Exit::NotReached)
}

fn wrong_link(args: &MirrorArgs, error: &HomeError, language: Language) -> Wrong {
    Wrong(format!("{}: {}", line(&args.link), unended(error.sentence(language))))
}
