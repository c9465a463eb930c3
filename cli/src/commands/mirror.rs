//! `byway mirror`: copies a page that some cannot reach into a mirror that everyone can read.

use byway::community::{Home, HomeError};
use byway::publisher::{CommunityKeys, Original, Picture, PostPictures, PublishError, Publisher, Statement, link_of};
use byway::source::SourceNote;
use byway::{
    AttachmentFault, AttachmentId, Byway, Exposure, GetOptions, Language, Note, OpenOptions, Opened, ReadFrom,
};
use jiff::{SignedDuration, Timestamp};

use super::admins::{key_source, of_keys, opened_keys};
use super::opening::{opened, room_for_keys};
use super::publish::{self, Target};
use crate::args::MirrorArgs;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::wrong::{Wrong, unended, wrong_folder};
use crate::{files, setup, words};

pub(crate) async fn run(args: &MirrorArgs, language: Language) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    let home: Home = args
        .link
        .parse()
        .map_err(|error: HomeError| Wrong(format!("{}: {}", line(&args.link), unended(error.sentence(language)))))?;
    publish::keep_apart(args.into.as_deref().unwrap_or("://"), &args.server, &args.admin, language)?;
    let mut copy = match link_of(&args.admin.dir, Exposure::Open, now) {
        Err(PublishError::Absent) => None,
        _ => Some(opened(&args.admin, now, language)?),
    };
    if copy.as_ref().is_some_and(|copy| copy.copy_of(now).as_ref() != Some(&home.to_string())) {
        return Err(Wrong(format!("{}: {}", args.admin.dir.display(), words::COPY_OF_OTHER.in_(language))));
    }
    // A run that was killed between founding and copying has left a copy without content.
    if copy.as_ref().is_some_and(|copy| copy.state_of() + LEAST_INTERVAL > now && has_content(copy, now)) {
        say(words::COPIED_LATELY.in_(language));
    } else {
        let byway = setup::byway_for_copies(&args.routes, &args.vk, language).await?;
        let how = OpenOptions { allow_direct: args.routes.allow_direct, ..OpenOptions::default() };
        let read = match byway.open_with(&args.link, how).await {
            Ok(read) if read.source == ReadFrom::Network => read,
            Ok(read) => return not_read(Some(&read.reachability), None, language),
            Err(error) => {
                return not_read(error.reachability(), Some(&error.sentence(language)), language);
            }
        };
        let found = match copy {
            Some(copy) => copy,
            None => found(args, &home, &read, now, language)?,
        };
        let pictures = if args.no_pictures { Vec::new() } else { pictures(&byway, &found, &read, args, now).await };
        copy = Some(taken(found, &home, (&read, &pictures), args, now, language)?);
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

fn has_content(copy: &Publisher, now: Timestamp) -> bool {
    let (_, posts, events) = copy.content(now);
    !(posts.is_empty() && events.is_empty())
}

/// Founds the copy, with keys of its own.
fn found(
    args: &MirrorArgs,
    home: &Home,
    read: &Opened,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    let admin = &args.admin;
    let by = args.by.as_deref().ok_or_else(|| Wrong(format!("--by: {}", words::COPIED_BY_WHOM.in_(language))))?;
    // A run that was killed between the two has left the keys alone.
    let is_there = files::itself(&admin.keys).is_ok_and(|found| found.is_some());
    if !is_there {
        room_for_keys(&admin.keys, language)?;
    }
    let mut stated = Statement::of_copy(&read.community, home, by);
    stated.mirrors.clone_from(&args.mirror);
    let keys = if is_there {
        opened_keys(&admin.keys, admin.passphrase_file.clone(), language)?
    } else {
        let passphrase =
            key_source(admin.passphrase_file.clone(), language).new_passphrase(words::PASSPHRASE_OF_KEYS)?;
        let keys = CommunityKeys::create(&admin.keys, passphrase);
        keys.map_err(|error| of_keys(&error, &admin.keys, language))?
    };
    Publisher::found(&admin.dir, keys, &stated, now, language).map_err(|error| {
        // The keys of a copy that was not founded open nothing, unless they are of something else.
        if !is_there && matches!(link_of(&admin.dir, Exposure::Open, now), Err(PublishError::Absent)) {
            let _ = files::remove(&admin.keys, language);
        }
        wrong_folder(&admin.dir, language)(error)
    })
}

/// Fetches the pictures that the copy does not have yet, by the routes of the community.
async fn pictures(
    byway: &Byway,
    copy: &Publisher,
    read: &Opened,
    args: &MirrorArgs,
    now: Timestamp,
) -> Vec<PostPictures> {
    let how = GetOptions { allow_direct: args.routes.allow_direct, ..GetOptions::default() };
    let fetch = async |post: &str, index| {
        let id = AttachmentId { community: read.community.id.clone(), post: post.to_owned(), index };
        match byway.fetch_attachment_with(&id, MAX_PICTURE_BYTES, how).await {
            Ok(file) => Ok(file.bytes.to_vec()),
            Err(error) => Err(error.fault),
        }
    };
    let wanted = copy.pictures_to_copy(&read.posts, now).into_iter();
    fetched(wanted.map(|wanted| (wanted.post, wanted.index, wanted.text)), fetch).await
}

/// Fetches pictures one after the other, each by its post, its place and what it shows. Those that do not come are tried again by a later run, and a run that meets only failures ends
/// soon.
async fn fetched(
    wanted: impl Iterator<Item = (String, usize, String)>,
    fetch: impl AsyncFn(&str, usize) -> Result<Vec<u8>, AttachmentFault>,
) -> Vec<PostPictures> {
    let (mut fetched, mut failures): (Vec<PostPictures>, usize) = (Vec::new(), 0);
    for (post, index, text) in wanted {
        if fetched.last().is_none_or(|last| last.post != post) {
            fetched.push(PostPictures::new(&post, Vec::new()));
        }
        let Some(of_post) = fetched.last_mut() else { break };
        if failures >= MOST_FAILURES {
            of_post.is_settled = false;
            continue;
        }
        match fetch(&post, index).await {
            // What is no picture of these kinds is left out for good.
            Ok(bytes) => {
                failures = 0;
                of_post.pictures.extend(Picture::clean(&bytes, &text));
            }
            Err(fault) if is_final(&fault) => {}
            Err(_) => {
                failures += 1;
                of_post.is_settled = false;
            }
        }
    }
    fetched
}

/// Whether a later run meets the same.
fn is_final(fault: &AttachmentFault) -> bool {
    match fault {
        AttachmentFault::NotStored
        | AttachmentFault::NoFile
        | AttachmentFault::Address
        | AttachmentFault::Cleartext
        | AttachmentFault::TooLarge { .. } => true,
        AttachmentFault::Status { status } => matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429),
        _ => false,
    }
}

fn taken(
    mut copy: Publisher,
    home: &Home,
    (read, pictures): (&Opened, &[PostPictures]),
    args: &MirrorArgs,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    // A feed may leave out what it likes; a list of a platform has gaps only where something was removed, or where a note says so.
    let is_list = matches!(home, Home::Vk(_) | Home::Telegram(_));
    let is_whole = read.notes.iter().all(|note| match note {
        Note::Source(note) => matches!(note, SourceNote::Labelled { .. } | SourceNote::Found { .. }),
        _ => false,
    });
    let mut original = Original::new(&read.community, &read.posts, &read.events);
    original.pictures = pictures;
    original.is_gapless = is_list && is_whole && !read.truncated;
    let done = copy.copy(&original, now).map_err(wrong_folder(&args.admin.dir, language))?;
    screen::err(&format!(
        "{} {}, {} {}\n",
        words::COPIED_CHANGED.in_(language),
        done.changed,
        words::COPIED_REMOVED.in_(language),
        done.removed
    ));
    Ok(copy)
}

fn not_read(
    reachability: Option<&byway::Reachability>,
    sentence: Option<&str>,
    language: Language,
) -> Result<Exit, Wrong> {
    let Some(reachability) = reachability else {
        return Err(Wrong(unended(sentence.unwrap_or_default().to_owned())));
    };
    let screen = Screen::of_process(false);
    screen::err(&People::new(screen.of_errors(), language).probe(reachability));
    if let Some(sentence) = sentence {
        say(sentence);
    }
    Ok(Exit::NotReached)
}

/// More often than this no original is asked, however often the command runs.
const LEAST_INTERVAL: SignedDuration = SignedDuration::from_mins(10);

/// As many pictures one after the other that do not come end the fetching: the route to them is blocked.
const MOST_FAILURES: usize = 3;

/// As much as a picture of a mirror may have.
const MAX_PICTURE_BYTES: u64 = 8 << 20;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    type Answer = fn() -> Result<Vec<u8>, AttachmentFault>;

    /// Runs the fetching, with this answer for each picture. Returns how many were asked for, and which posts are settled.
    async fn run(answers: &[Answer]) -> (usize, Vec<bool>) {
        let wanted = (0..answers.len()).map(|number| (format!("vk:-155_{number}"), 0, String::new()));
        let asked = RefCell::new(0);
        let fetched = fetched(wanted, async |_: &str, _| {
            let at = *asked.borrow();
            *asked.borrow_mut() += 1;
            answers[at]()
        })
        .await;
        (asked.into_inner(), fetched.iter().map(|one| one.is_settled).collect())
    }

    #[tokio::test]
    async fn pictures_that_do_not_come_are_tried_again_and_end_a_run() {
        let came: fn() -> _ = || Ok(b"no picture".to_vec());
        let failed: fn() -> _ = || Err(AttachmentFault::Status { status: 503 });
        let absent: fn() -> _ = || Err(AttachmentFault::Status { status: 404 });
        assert_eq!(run(&[came, failed, absent, came]).await, (4, vec![true, false, true, true]));
        // Three failures in a row: the rest is not asked for, and not given up.
        assert_eq!(run(&[failed, failed, failed, came, came]).await, (3, vec![false; 5]));
        // What is not there for good is no failure, and a picture between two failures begins anew.
        assert_eq!(run(&[failed, failed, absent, failed, came]).await.0, 4);
        assert_eq!(run(&[failed, failed, came, failed, failed, came]).await.0, 6);
    }
}
