//! The exit codes (docs/cli.md).

use std::process::ExitCode;

use byway::source::SourceError;
use byway::{OpenFault, Opened, Reachability, ReadFrom, SyncOutcome, Synced};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Reached directly, or done.
    Reached,
    /// A flag, a value or a file is wrong; nothing was contacted.
    WrongUsage,
    /// Reached, by another strategy than a direct one.
    ReachedOtherwise,
    /// Not reached.
    NotReached,
    /// Done, but standard output did not accept everything.
    Unwritten,
    /// Ended by Ctrl-C or SIGTERM: 128 and SIGINT, as shells do.
    Interrupted,
}

impl Exit {
    /// An authentic answer came directly, by another strategy, or not at all.
    pub(crate) fn of(reachability: &Reachability) -> Self {
        match &reachability.reached_by {
            Some(way) if way.is_direct() => Exit::Reached,
            Some(_) => Exit::ReachedOtherwise,
            None => Exit::NotReached,
        }
    }
}

impl Exit {
    /// How opening ended. An answer from the store counts as not reached, unless only the store was requested, or the
    /// platform says that the community no longer exists: that is an answer.
    pub(crate) fn of_opened(opened: &Opened) -> Self {
        match (opened.source, &opened.fault) {
            (ReadFrom::Store, None) if opened.reachability.attempts.is_empty() => Exit::Reached,
            (ReadFrom::Store, None) => Exit::of(&opened.reachability),
            (ReadFrom::Store, Some(OpenFault::Source(SourceError::Gone(_)))) => Exit::of(&opened.reachability),
            (ReadFrom::Store, Some(_)) => Exit::NotReached,
            _ => Exit::of(&opened.reachability),
        }
    }

    /// How a sync ended: the worst of its communities.
    pub(crate) fn of_synced(synced: &Synced) -> Self {
        let each = synced.communities.iter().map(|one| Exit::of_outcome(&one.outcome));
        each.max_by_key(|exit| exit.code()).unwrap_or(Exit::Reached)
    }

    /// A community that asked to be left alone for a while was not missed, nor was one that a refused move has brought: it is read when
    /// the user opens its own link, and not by any sync.
    fn of_outcome(outcome: &SyncOutcome) -> Self {
        match outcome {
            SyncOutcome::Done { reachability } => Exit::of(reachability),
            SyncOutcome::NotYet { .. } | SyncOutcome::Failed { fault: OpenFault::MoveNotFollowed, .. } => Exit::Reached,
            _ => Exit::NotReached,
        }
    }

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Reached => 0,
            Exit::WrongUsage => 2,
            Exit::ReachedOtherwise => 3,
            Exit::NotReached => 4,
            Exit::Unwritten => 5,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_community_that_no_sync_reads_is_no_failure() {
        let failed = |fault| SyncOutcome::Failed { fault, reachability: None };
        assert_eq!(Exit::of_outcome(&failed(OpenFault::MoveNotFollowed)), Exit::Reached);
        assert_eq!(Exit::of_outcome(&failed(OpenFault::StillReading)), Exit::NotReached);
        assert_eq!(Exit::of_outcome(&SyncOutcome::Left), Exit::NotReached);
    }
}
