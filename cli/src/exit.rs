//! What the exit code says (docs/cli.md).

use std::process::ExitCode;

use byway::Reachability;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Reached directly, or done.
    Reached,
    /// A flag, a value or a file is wrong; nothing was contacted.
    WrongUsage,
    /// Reached, by another way than directly.
    ReachedOtherwise,
    /// Not reached.
    NotReached,
    /// Ended by the user: 128 and SIGINT, as shells do.
    Interrupted,
}

impl Exit {
    /// An authentic answer came directly, by another way, or not at all.
    pub(crate) fn of(reachability: &Reachability) -> Self {
        match &reachability.reached_by {
            Some(way) if way.is_direct() => Exit::Reached,
            Some(_) => Exit::ReachedOtherwise,
            None => Exit::NotReached,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Reached => 0,
            Exit::WrongUsage => 2,
            Exit::ReachedOtherwise => 3,
            Exit::NotReached => 4,
            Exit::Interrupted => 130,
        })
    }
}
