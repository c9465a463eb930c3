//! One reading of a community at several of its homes side by side.
//!
//! All homes share one verified state, so the newest valid statement wins, whichever home gave it, and what one home
//! verified counts for the others at once. The files come from the first home that gives them: as long as those of the newest
//! head are missing, the homes that have not answered are waited for, and each that answers is asked for them. A home that is slow
//! is not waited for otherwise, and one that sends garbage costs its limit: both are said of that home alone.
//!
//! Homes are asked in batches, in the order in which the caller names them. The next batch begins when no home of the earlier ones
//! answered, or none gave the files.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, timeout_at};

use super::address::Address;
use super::content::Files;
use super::described::described;
use super::held::{MirrorRecord, Rank, Shared, VerifiedState};
use super::platform::platform;
use super::reading::Reading;
use crate::community::{self, Community, Home, MirrorStanding, MirrorState, shown_line};
use crate::fetch::Stop;
use crate::signed::{ChainError, NotGenuine};
use crate::source::{Content, HomeOutcome, HttpClient, ReadOptions, ReadOutcome, SourceError, SourceNote};

/// A home that answered, or why it did not.
type Ended<'a> = (Reading<'a>, Result<(), SourceError>);

/// Reads a community at the home that was asked for, and at the others that the options name. What was verified is
/// remembered even if the rest fails.
pub(super) async fn read(home: &Home, address: Address, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
    let state = Mutex::new(VerifiedState::of(&how.memory, address.community, how.at));
    let held = Shared::new(&state);
    let (known, months, growing) = held.with(|held| (held.rank(), held.months.clone(), held.growing.clone()));
    let (stop, stopped) = Stop::when_overtaken();
    let community = address.community;
    let mut untried = VecDeque::from([Reading::new((home, address), how, http, held).until(stopped.clone())]);
    for other in &how.others {
        let Some(address) = Address::of(&other.home).filter(|address| address.community == community) else { continue };
        let reading = Reading::new((&other.home, address), &other.how, http, held).until(stopped.clone());
        untried.push_back(reading.asked(other.is_asked));
    }
    let mut race = Race { untried, missing: Vec::new(), answered: Vec::new(), failed: Vec::new(), held };
    let mut waiting = FuturesUnordered::new();
    waiting.extend(race.next_batch(home, how));
    let mut files = Files::new();
    // The homes and the head of the last attempt to read the files.
    let mut attempted = None;
    let mut since = Instant::now();
    loop {
        let newest = held.with(|held| held.rank());
        let attempt = Some((race.answered.len(), newest));
        if race.wants(&files) && race.has_newest(newest) && attempted != attempt {
            attempted = attempt;
            let (arrival, arrived) = Stop::when_overtaken();
            let mut later = Vec::new();
            {
                let reading = files.read(&mut race.answered, &arrived, held, how);
                tokio::pin!(reading);
                loop {
                    tokio::select! {
                        biased;
                        Some(one) = waiting.next() => {
                            let one: Ended<'_> = one;
                            if one.1.is_ok() {
                                arrival.send_replace(true);
                            }
                            later.push(one);
                        }
                        () = &mut reading => break,
                    }
                }
            }
            later.into_iter().for_each(|one| race.take(one));
            if race.wants(&files) {
                // The others are waited for from now on: one of them may give what this home does not.
                since = Instant::now();
            }
            continue;
        }
        let until = since + race.patience(&files, how);
        let had_answer = !race.answered.is_empty();
        match timeout_at(until, waiting.next()).await {
            Ok(Some(one)) => {
                race.take(one);
                if !had_answer && !race.answered.is_empty() {
                    since = Instant::now();
                }
            }
            Ok(None) | Err(_) if race.needs_more(&files, how) => {
                waiting.extend(race.next_batch(home, how));
                since = Instant::now();
            }
            Ok(None) => break,
            // Without any answer each home has its own time.
            Err(_) if race.answered.is_empty() => match waiting.next().await {
                Some(one) => {
                    race.take(one);
                    since = Instant::now();
                }
                None => break,
            },
            Err(_) => break,
        }
    }
    // They end at once, and say whom they contacted.
    stop.send_replace(true);
    while let Some((mut reading, result)) = waiting.next().await {
        if result.is_err() {
            reading.was_late();
        }
        race.take((reading, result));
    }
    drop(waiting);
    // Homes that were about to answer, and those that have an older head, may have what is missing.
    let attempt = Some((race.answered.len(), held.with(|held| held.rank())));
    let may_help = held.with(|held| held.is_unread()) || race.has_newest(held.with(|held| held.rank()));
    if race.wants(&files) && may_help && attempted != attempt {
        let (_never, none) = Stop::when_overtaken();
        files.read(&mut race.answered, &none, held, how).await;
    }
    if held.with(|held| held.disputed_rank()).is_some() {
        // Nobody knows which of the two heads is meant: what was read of one is not taken.
        files = Files::new();
        held.with(|held| (held.months, held.growing) = (months, growing));
    }
    for reading in race.answered.iter_mut().chain(race.failed.iter_mut().map(|(reading, _)| reading)) {
        reading.excuse(known);
    }
    finish(home, race, files, held, how).await
}

/// The homes of a reading: those that answered, those that failed, and those whose turn has not come.
struct Race<'a> {
    untried: VecDeque<Reading<'a>>,
    /// Homes that are waited for as long as any, and have not ended.
    missing: Vec<&'a Home>,
    answered: Vec<Reading<'a>>,
    failed: Vec<(Reading<'a>, SourceError)>,
    held: Shared<'a>,
}

impl<'a> Race<'a> {
    /// Begins to read the homes that are next.
    fn next_batch(&mut self, asked: &Home, how: &ReadOptions) -> Vec<impl Future<Output = Ended<'a>> + use<'a>> {
        let count = self.untried.len().min(BATCH);
        let mut batch = Vec::new();
        for mut reading in self.untried.drain(..count) {
            reading.is_expected = reading.home == asked || how.is_thorough || reading.deserves_patience();
            if reading.is_expected {
                self.missing.push(reading.home);
            }
            batch.push(async move {
                let result = reading.read_state().await;
                (reading, result)
            });
        }
        batch
    }

    fn take(&mut self, (reading, result): Ended<'a>) {
        self.missing.retain(|home| *home != reading.home);
        match result {
            Ok(()) => self.answered.push(reading),
            Err(error) => self.failed.push((reading, error)),
        }
    }

    /// Whether a home gave the newest head that any home showed.
    fn has_newest(&self, newest: Option<Rank>) -> bool {
        self.answered.iter().any(|reading| reading.rank() == newest)
    }

    /// Whether a home says that the newest head has not changed since all of its files were read.
    fn is_unchanged(&self) -> bool {
        let newest = self.held.with(|held| held.rank());
        self.answered.iter().all(|reading| reading.is_unchanged() || reading.rank() < newest)
            && self.answered.iter().any(|reading| reading.is_unchanged() && reading.rank() == newest)
    }

    /// Whether files of the newest head are to be read.
    fn wants(&self, files: &Files) -> bool {
        let is_disputed = self.held.with(|held| held.disputed_rank()).is_some();
        !self.answered.is_empty() && !is_disputed && !self.is_unchanged() && !files.are_complete(self.held)
    }

    /// Whether the next homes are to be asked: none has answered, or what is newest did not come.
    fn needs_more(&self, files: &Files, how: &ReadOptions) -> bool {
        let is_over = how.until.is_some_and(|until| Instant::now() >= until);
        let lacks = self.answered.is_empty() || (self.held.with(|held| held.is_unread()) && self.wants(files));
        lacks && !self.untried.is_empty() && !is_over
    }

    /// How long the homes that have not ended are waited for.
    fn patience(&self, files: &Files, how: &ReadOptions) -> Duration {
        if self.answered.is_empty() {
            SILENCE
        } else if self.held.with(|held| held.is_unread()) && self.wants(files) {
            // There is something new, and none of those that answered gives it.
            how.patience.max(SYNC_PATIENCE)
        } else if self.missing.is_empty() {
            how.patience.min(LEAST_PATIENCE)
        } else {
            how.patience
        }
    }
}

/// Makes one result of all homes.
async fn finish(home: &Home, race: Race<'_>, files: Files, held: Shared<'_>, how: &ReadOptions) -> ReadOutcome {
    let newest = held.with(|held| held.rank());
    let is_unchanged = race.is_unchanged();
    let Race { untried, mut answered, failed, .. } = race;
    answered.sort_by_key(|reading: &Reading<'_>| Reverse(reading.rank()));
    let is_complete = is_unchanged || files.are_complete(held);
    if files.were_given(held) {
        held.with(|held| held.files_were_read());
    }
    if is_complete {
        held.with(|held| held.reading_was_complete(how.posts));
    }
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
    for reading in untried {
        let standing = MirrorStanding::new(reading.home.clone(), MirrorState::Untried, how.at);
        homes.push(HomeOutcome { standing, attempts: Vec::new(), reached_by: None, is_main: false });
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
        let community = described(Community::new(id, shown_line(&charter.name)), charter, Some(home));
        Ok::<_, SourceError>((community, held.trust(how.at)))
    })?;
    let by = answered.iter().find(|reading| reading.home == main).and_then(|reading| reading.strategy.clone());
    let mut content = Content::new(community, by.ok_or_else(missing)?);
    content.notes.extend(trust);
    // The user opened this address. What others did is said of them.
    let own = answered.iter().chain(failed.iter().map(|(reading, _)| reading)).find(|reading| reading.home == home);
    content.notes.extend(own.into_iter().flat_map(|reading| reading.notes.iter().cloned()));
    content.notes.extend(files.notes());
    let is_unread = held.with(|held| held.is_unread() && held.disputed_rank().is_none());
    content.notes.extend(is_unread.then(|| SourceNote::FilesUnread { count: files.unread.max(1) }));
    content.truncated = files.truncated;
    content.is_unchanged = is_unchanged;
    let (posts, events) = files.parsed.into_shown();
    // A picture is fetched later, over whichever route the community may be read: never at a host that only a charter names.
    let pictures_at = answered.iter().find(|reading| reading.is_asked).or(own).or(answered.first());
    content.posts = posts
        .into_iter()
        .map(|post| pictures_at.map_or_else(|| post.clone(), |reading| reading.with_addresses(post.clone())))
        .collect();
    community::newest_first(&mut content.posts);
    content.events = events;
    community::by_start(&mut content.events);
    Ok(content)
}

/// How long a reading waits for other homes once one has answered. A home that is further away than this has another
/// chance at the next sync.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// The same for a sync, and while the files of the newest head are missing: a home that is read through Tor answers within that
/// time.
pub(crate) const SYNC_PATIENCE: Duration = Duration::from_secs(8);

/// The homes that are asked side by side: as many mirrors as a link names.
const BATCH: usize = 4;

/// How long any home is waited for, even one that was absent the last time.
const LEAST_PATIENCE: Duration = Duration::from_millis(500);

/// After so long without any answer the next homes are asked as well: the time of a second route of a home.
const SILENCE: Duration = Duration::from_secs(6);
