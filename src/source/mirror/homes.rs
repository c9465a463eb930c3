//! One reading of a community at several of its homes side by side.
//!
//! All homes share one verified state, so the newest valid statement wins, whichever home gave it, and what one home
//! verified counts for the others at once. The files come from the first home that gives them. A home that is slow is not
//! waited for, and one that sends garbage costs its limit: both are said of that home alone.

use std::cmp::Reverse;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use super::address::Address;
use super::content::Files;
use super::described::described;
use super::held::{MirrorRecord, Shared, VerifiedState};
use super::platform::platform;
use super::reading::Reading;
use super::shown::one_line;
use crate::community::{Community, Home, MirrorStanding, MirrorState};
use crate::fetch::Stop;
use crate::signed::{ChainError, NotGenuine};
use crate::source::{Content, HomeOutcome, HttpClient, ReadOptions, ReadOutcome, SourceError};

/// A home that answered, or why it did not.
type Ended<'a> = (Reading<'a>, Result<(), SourceError>);

/// Reads a community at the home that was asked for, and at the others that the options name. What was verified is
/// remembered even if the rest fails.
pub(super) async fn read(home: &Home, address: Address, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
    let state = Mutex::new(VerifiedState::of(&how.memory, address.community, how.at));
    let held = Shared::new(&state);
    let known = held.with(|held| held.rank());
    let (stop, stopped) = Stop::new();
    let community = address.community;
    let mut readings = vec![Reading::new((home, address), how, http, held).until(stopped.clone())];
    for other in &how.others {
        let Some(address) = Address::of(&other.home).filter(|address| address.community == community) else { continue };
        let reading = Reading::new((&other.home, address), &other.how, http, held).until(stopped.clone());
        readings.push(reading.asked(other.is_asked));
    }
    let expected = readings.iter().filter(|reading| is_expected(reading, home, held, how));
    let mut missing: Vec<&Home> = expected.map(|reading| reading.home).collect();
    let mut waiting: FuturesUnordered<_> = readings
        .into_iter()
        .map(|mut reading| async move {
            let result = reading.read_state().await;
            (reading, result)
        })
        .collect();

    let mut ended: Vec<Ended<'_>> = Vec::new();
    while let Some((reading, result)) = waiting.next().await {
        let has_answered = result.is_ok();
        missing.retain(|home| *home != reading.home);
        ended.push((reading, result));
        if has_answered {
            break;
        }
    }
    let mut files = Files::new();
    let until = Instant::now() + how.patience;
    if let Some((first, Ok(()))) = ended.pop_if(|(_, result)| result.is_ok()) {
        let mut first = [first];
        let has_others = !waiting.is_empty();
        let others = async {
            let mut others = Vec::new();
            while !missing.is_empty()
                && let Ok(Some(other)) = timeout_at(until, waiting.next()).await
            {
                missing.retain(|home| *home != other.0.home);
                others.push(other);
            }
            others
        };
        let is_newest = first.iter().all(|first| first.rank() == held.with(|held| held.rank()));
        let is_wanted = is_newest && first.iter().all(|first| !first.is_unchanged);
        let reading = async {
            if is_wanted {
                files.read(&mut first, has_others, held, how).await;
            }
        };
        let ((), others) = tokio::join!(reading, others);
        ended.extend(first.into_iter().map(|first| (first, Ok(()))).chain(others));
    }
    // They end at once, and say whom they contacted.
    stop.send_replace(true);
    while let Some((mut reading, result)) = waiting.next().await {
        if result.is_err() {
            reading.was_late();
        }
        ended.push((reading, result));
    }
    for (reading, _) in &mut ended {
        reading.excuse(known);
    }
    finish(home, ended, files, held, how).await
}

/// Whether a reading waits for this home at all. One that was not reached at the last time, or was slow, has the time that
/// the others take; a sync waits for it too.
fn is_expected(reading: &Reading<'_>, asked: &Home, held: Shared<'_>, how: &ReadOptions) -> bool {
    let state = held.with(|held| held.mirrors.get(&reading.home.to_string()).map(|record| record.state));
    let was_absent =
        matches!(state, Some(MirrorState::Slow | MirrorState::Unreached | MirrorState::Gone | MirrorState::NotAsked));
    reading.home == asked || how.is_thorough || !was_absent
}

/// Reads what is still missing, and makes one result of all homes.
async fn finish(
    home: &Home,
    ended: Vec<Ended<'_>>,
    mut files: Files,
    held: Shared<'_>,
    how: &ReadOptions,
) -> ReadOutcome {
    let (mut answered, mut failed) = (Vec::new(), Vec::new());
    for (reading, result) in ended {
        match result {
            Ok(()) => answered.push(reading),
            Err(error) => failed.push((reading, error)),
        }
    }
    let newest = held.with(|held| held.rank());
    answered.sort_by_key(|reading: &Reading<'_>| Reverse(reading.rank()));
    let is_unchanged = !answered.is_empty()
        && answered.iter().all(|reading| reading.is_unchanged || reading.rank() < newest)
        && answered.iter().any(|reading| reading.is_unchanged && reading.rank() == newest);
    if !answered.is_empty() && !is_unchanged && !files.are_complete(held) {
        files.read(&mut answered, false, held, how).await;
    }
    let is_complete = is_unchanged || files.are_complete(held);
    let states: Vec<MirrorState> = answered
        .iter()
        .map(|reading| reading.state(newest, None))
        .chain(failed.iter().map(|(reading, error)| reading.state(newest, Some(error))))
        .collect();
    let all = answered.iter().chain(failed.iter().map(|(reading, _)| reading));
    let records: Vec<(String, MirrorRecord)> = all
        .clone()
        .zip(&states)
        .map(|(reading, state)| (reading.home.to_string(), reading.to_record(*state, is_complete)))
        .collect();
    held.with(|held| held.remember(records));

    let main = main_of(home, &answered, &failed);
    let result = if answered.is_empty() {
        let own = failed.iter().position(|(reading, _)| reading.home == home).unwrap_or(0);
        let error = failed.get(own).map(|(_, error)| error.clone());
        Err(error.unwrap_or(SourceError::Unsupported))
    } else {
        content(home, &main, &answered, &failed, files, is_unchanged, held, how)
    };
    let memory = Some(held.with(|held| held.to_memory()));
    let standings: Vec<MirrorStanding> =
        all.zip(states).map(|(reading, state)| MirrorStanding::new(reading.home.clone(), state, how.at)).collect();
    let evidence = answered.into_iter().chain(failed.into_iter().map(|(reading, _)| reading));
    let mut homes = Vec::new();
    let mut attempts = Vec::new();
    for (standing, reading) in standings.into_iter().zip(evidence) {
        if standing.home == main {
            attempts = reading.attempts;
            homes.push(HomeOutcome { standing, attempts: Vec::new(), reached_by: None, is_main: true });
        } else {
            let reached_by = reading.strategy;
            homes.push(HomeOutcome { standing, attempts: reading.attempts, reached_by, is_main: false });
        }
    }
    ReadOutcome { memory, homes, ..ReadOutcome::new(result, attempts) }
}

/// The home whose account is that of the whole reading: the one that was asked for, if it answered or none did.
fn main_of(home: &Home, answered: &[Reading<'_>], failed: &[(Reading<'_>, SourceError)]) -> Home {
    let has_answered = answered.iter().any(|reading| reading.home == home);
    let first = answered.first().filter(|_| !has_answered);
    let own = failed.iter().map(|(reading, _)| reading.home).find(|failed| *failed == home);
    first.map(|reading| reading.home).or(own).unwrap_or(home).clone()
}

#[expect(clippy::too_many_arguments, reason = "all of it is one reading's result")]
fn content(
    home: &Home,
    main: &Home,
    answered: &[Reading<'_>],
    failed: &[(Reading<'_>, SourceError)],
    files: Files,
    is_unchanged: bool,
    held: Shared<'_>,
    how: &ReadOptions,
) -> Result<Content, SourceError> {
    let missing = || SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(ChainError::Gap) };
    let (community, trust) = held.with(|held| {
        let chain = held.chain.as_ref().ok_or_else(missing)?;
        let charter = chain.in_force(how.at);
        let id = chain.id().community_id().ok_or(SourceError::Unsupported)?;
        let community = described(Community::new(id, one_line(&charter.name)), charter, Some(home));
        Ok::<_, SourceError>((community, held.trust(how.at)))
    })?;
    let by = answered.iter().find(|reading| reading.home == main).and_then(|reading| reading.strategy.clone());
    let mut content = Content::new(community, by.ok_or_else(missing)?);
    content.notes.extend(trust);
    // The user opened this address. What others did is said of them.
    let own = answered.iter().chain(failed.iter().map(|(reading, _)| reading)).find(|reading| reading.home == home);
    content.notes.extend(own.into_iter().flat_map(|reading| reading.notes.iter().cloned()));
    content.notes.extend(files.notes());
    content.truncated = files.truncated;
    content.is_unchanged = is_unchanged;
    let (posts, events) = files.parsed.into_shown();
    // A picture is fetched later, over whichever route the community may be read: never at a host that only a charter names.
    let pictures_at = answered.iter().find(|reading| reading.is_asked).or(own).or(answered.first());
    content.posts = posts
        .into_iter()
        .map(|post| pictures_at.map_or_else(|| post.clone(), |reading| reading.with_addresses(post.clone())))
        .collect();
    content.posts.sort_by_key(|post| Reverse(post.created));
    content.events = events;
    content.events.sort_by_key(|event| event.start.map(|start| start.timestamp()));
    Ok(content)
}

/// How long a reading waits for other homes once one has answered. A home that is further away than this has another
/// chance at the next sync.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// The same for a sync: a home that is read through Tor answers within that time.
pub(crate) const SYNC_PATIENCE: Duration = Duration::from_secs(8);
