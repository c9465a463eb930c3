//! The files of a community, from whichever of its homes gives them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{Instant, sleep_until};

use super::held::{Rank, Shared};
use super::months::{MAX_FILES, Months};
use super::parsed::ParsedFiles;
use super::reading::Reading;
use crate::community::shown_line;
use crate::fetch::Stop;
use crate::signed::{Admission, Content as SignedContent, Digest, FileEntry, MAX_MONTH_BYTES, NEWEST, Unbelieved};
use crate::source::{KeptMonth, ReadOptions, SourceNote};

/// What was read of the files so far.
pub(super) struct Files {
    pub(super) parsed: ParsedFiles,
    content: Option<SignedContent>,
    /// The files that were taken, by their digests.
    taken: BTreeSet<Digest>,
    /// The head whose files were read.
    of: Option<Rank>,
    pub(super) truncated: bool,
    pub(super) months_unread: usize,
    /// Files that a reading wants, and that no home gave.
    pub(super) unread: usize,
    /// The names of those that were asked for.
    not_as_signed: Vec<String>,
}

impl Files {
    pub(super) fn new() -> Self {
        Self {
            parsed: ParsedFiles::default(),
            content: None,
            taken: BTreeSet::new(),
            of: None,
            truncated: false,
            months_unread: 0,
            unread: 0,
            not_as_signed: Vec::new(),
        }
    }

    /// Whether all that a reading wants of the newest head was read.
    pub(super) fn are_complete(&self, held: Shared<'_>) -> bool {
        self.were_given(held) && !self.truncated
    }

    /// Whether the homes gave all that a reading takes of the newest head.
    pub(super) fn were_given(&self, held: Shared<'_>) -> bool {
        self.of.is_some() && self.of == held.with(|held| held.rank()) && self.unread == 0
    }

    /// Reads the file of the newest content, the months that have changed since the last reading, and more months from the
    /// newest on until there is as much as was asked for. A file that one home does not give is asked of the next one.
    ///
    /// Deletions, and edits of what is not among the newest, are in the months alone. Those after a changed one are read too:
    /// they may have a later version of what it deletes.
    ///
    /// Nothing is read of a head that another signed one contradicts: nobody knows which of them the community means.
    /// `others`: set when another home can be asked, so that a slow one is not waited for any longer.
    pub(super) async fn read(&mut self, homes: &mut [Reading<'_>], others: &Stop, held: Shared<'_>, how: &ReadOptions) {
        if held.with(|held| held.disputed_rank()).is_some() {
            return;
        }
        let state =
            held.with(|held| (held.chain.clone(), held.heads.newest().cloned(), held.freeze, held.months.clone()));
        let (Some(chain), Some(head), freeze, known) = state else { return };
        let Some(community) = chain.id().community_id() else { return };
        (self.truncated, self.months_unread, self.unread) = (false, 0, 0);
        self.not_as_signed.clear();
        self.of = held.with(|held| held.rank());
        let admission = Admission::new(&chain, &head, freeze.as_ref(), how.at);
        let name = shown_line(&chain.in_force(how.at).name);
        let content = self.content.get_or_insert_with(|| SignedContent::new(community, name));
        let files = head.newest_first();
        let mut months = Months::new(known, &files);
        let count = files.len();
        let newest_month = head.files.iter().map(|file| &file.name).filter(|name| *name != NEWEST).max();
        for (number, file) in files.into_iter().enumerate() {
            if file.name != NEWEST && !months.must_read(file) && !self.parsed.wants_more(how) {
                break;
            }
            if self.taken.contains(&file.sha256) {
                months.was_read(file);
                continue;
            }
            // A month that changed may delete what is shown, so more of it is taken than for a look at older posts.
            let most = if months.must_read(file) { MAX_MONTH_BYTES } else { MAX_FILE_BYTES };
            if number >= MAX_FILES || file.bytes > most {
                self.truncated = true;
                self.months_unread = count - number;
                break;
            }
            match first_to_give(homes, file, self.of, others).await {
                Ok(bytes) => {
                    if newest_month == Some(&file.name)
                        && let Some(counted) = usize::try_from(file.bytes).ok().and_then(|end| bytes.get(..end))
                    {
                        let growing = KeptMonth::of(&file.name, counted, how.exposure, how.memory.identity);
                        held.with(|held| held.growing = growing);
                    }
                    self.parsed.take(&bytes, file, admission, content).await;
                    self.taken.insert(file.sha256);
                    months.was_read(file);
                }
                Err(fault) => {
                    self.unread += 1;
                    self.not_as_signed.push(file.name.clone());
                    self.truncated |= fault.is_none();
                    // A later month may delete or change what is in an earlier one. So no earlier one is believed alone. And if
                    // the home has a newer head by now, that one's files are read.
                    if file.name != NEWEST || held.with(|held| held.rank()) != self.of {
                        let is_counted = file.name != NEWEST && months.must_read(file);
                        self.unread += months.unread() - usize::from(is_counted);
                        break;
                    }
                }
            }
        }
        // What was read later than the deletion stands: the store compares the versions.
        self.parsed.change(content.removed_unread());
        held.with(|held| held.months = Some(months.into_kept()));
    }

    /// What could not be read.
    pub(super) fn notes(&self) -> impl Iterator<Item = SourceNote> {
        let odd = (self.parsed.odd > 0).then_some(SourceNote::PostsOdd { count: self.parsed.odd });
        let unread = (self.months_unread > 0).then_some(SourceNote::MonthsUnread { count: self.months_unread });
        let left_out = self.content.as_ref().map_or(0, SignedContent::deletions_left_out);
        let left_out = (left_out > 0).then_some(SourceNote::DeletionsCut { count: left_out });
        let names: Vec<String> = self.not_as_signed.iter().take(NAMED).cloned().collect();
        let refused = (!names.is_empty()).then_some(SourceNote::FilesNotAsSigned { names });
        odd.into_iter().chain(unread).chain(left_out).chain(refused)
    }
}

/// The bytes of a file from the first home that gives them. Those that have the head which names it come first; one that has
/// an older head may have the file of a month nevertheless. If a home is silent or slow, the next one is asked beside it, and
/// what came first ends the others. A home that did not give the file is not asked for it again.
///
/// The error has the fault of the first home that has the head, if it has one.
async fn first_to_give(
    homes: &mut [Reading<'_>],
    file: &FileEntry,
    rank: Option<Rank>,
    others: &Stop,
) -> Result<Vec<u8>, Option<Unbelieved>> {
    let is_known = homes.iter().any(|home| home.rank() == rank);
    let may_have = |home: &Reading<'_>| home.rank() == rank || !is_known || file.only_grows();
    let mut ready: Vec<&mut Reading<'_>> =
        homes.iter_mut().filter(|home| may_have(home) && !home.has_not_given(file)).collect();
    ready.sort_by_key(|home| (home.rank() != rank, home.is_late()));
    let mut ready = ready.into_iter().enumerate();
    let (stop, stopped) = Stop::when_overtaken();
    let mut running = FuturesUnordered::new();
    let mut begin = || {
        ready.next().map(|(place, home)| {
            // That a home with an older head has another file is no fault of it.
            let is_due = home.rank() == rank;
            let stopped = stopped.clone();
            async move { (home.file(file, is_due, stopped).await, home, place) }
        })
    };
    running.extend(begin());
    let (mut given, mut met, mut winner, mut was_too_slow) = (None, None, 0, false);
    let (mut hedge, mut limit) = (Some(Instant::now() + patience(file)), Instant::now() + longest(file));
    while given.is_none() && !running.is_empty() {
        tokio::select! {
            biased;
            ended = running.next() => match ended {
                Some((Ok(bytes), _, place)) => (given, winner) = (Some(bytes), place),
                Some((Err(fault), ..)) => {
                    met = met.or(Some(fault));
                    if let Some(next) = begin() {
                        running.push(next);
                        hedge = Some(Instant::now() + patience(file));
                        limit = Instant::now() + longest(file);
                    }
                }
                None => break,
            },
            () = sleep_until(hedge.unwrap_or(limit)), if hedge.is_some() => match begin() {
                Some(next) => {
                    running.push(next);
                    hedge = Some(Instant::now() + patience(file));
                    limit = Instant::now() + longest(file);
                }
                // There is no other home yet.
                None => hedge = None,
            },
            () = others.is_set(), if hedge.is_none() => {
                winner = usize::MAX;
                break;
            }
            () = sleep_until(limit) => {
                (winner, was_too_slow) = (usize::MAX, true);
                break;
            }
        }
    }
    stop.send_replace(true);
    // Those that lost end at once, and say whom they contacted.
    while let Some((_, home, place)) = running.next().await {
        if place < winner {
            home.was_late();
        }
        if was_too_slow && home.rank() == rank {
            home.did_not_give(file);
        }
    }
    given.ok_or(met.flatten())
}

/// How long a home may take for a file before the next one is asked beside it: a slow link must not load a large file twice.
fn patience(file: &FileEntry) -> Duration {
    HEDGE + Duration::from_secs(file.bytes / SLOW_LINK)
}

/// How long a home may take for a file if there is no other home: one that sends a byte a second must not use up the reading.
fn longest(file: &FileEntry) -> Duration {
    STALLED + Duration::from_secs(file.bytes / SLOWEST_LINK)
}

/// After so long a silence the engine tries another route of the same home by itself; then it is time for another home.
const HEDGE: Duration = Duration::from_secs(2);

/// The bytes a second of a slow phone link.
const SLOW_LINK: u64 = 16 << 10;

/// The time for a connection over the slowest route, with a second route after a silent first one.
const STALLED: Duration = Duration::from_secs(20);

/// The bytes a second below which a page is no longer usable: a phone on the edge of a 2G cell.
const SLOWEST_LINK: u64 = 2 << 10;

/// How many of the files that did not come as they are signed are named.
const NAMED: usize = 3;

/// The largest file that a reading takes for more posts alone: a month of two thousand posts.
const MAX_FILE_BYTES: u64 = 4 << 20;
