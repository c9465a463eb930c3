use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known about the origin of a community's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrustState {
    /// Signed by the community, and its statement about the newest state is recent.
    Verified,
    /// Signed by the community, but its statement about the newest state has expired, or may have (the clock disagrees), or its
    /// files were not read. Something may be withheld.
    Stale,
    /// Signed by keys of the community that contradict each other, or that it no longer trusts.
    Disputed,
    /// Somebody says that this is the community or its successor. No signature shows it.
    Claimed,
    /// Signed by the maker of a copy of the community's page, not by the community.
    Copied,
    /// Read from a page that signs nothing.
    Unsigned,
}

codes! {
    TrustState {
        Verified = "verified",
        Stale = "stale",
        Disputed = "disputed",
        Claimed = "claimed",
        Copied = "copied",
        Unsigned = "unsigned",
    }
}

/// Why a [`TrustState`] is not better, or what else a reader should know.
///
/// It serialises as an object with its `code` and its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrustReason {
    /// Two charters with this number are signed.
    TwoCharters {
        /// The number.
        version: u64,
    },
    /// Two heads with this sequence are signed.
    TwoHeads {
        /// The sequence.
        sequence: u64,
    },
    /// The root keys said in advance that nothing after this time is to be trusted.
    Frozen {
        /// The last time that is trusted.
        after: Timestamp,
    },
    /// Lost keys are being replaced.
    Recovering {
        /// The root keys can object until this time.
        until: Timestamp,
    },
    /// The charter has expired.
    CharterExpired {
        /// The time.
        at: Timestamp,
    },
    /// The head has expired.
    HeadExpired {
        /// The time.
        at: Timestamp,
    },
    /// There is no head, so nothing says what the newest state is.
    NoHead,
    /// This device's clock is earlier than the newest statement: it is wrong, or the statement is dated in the future.
    ClockBehind {
        /// The time of the statement.
        newest: Timestamp,
    },
    /// The newest head was read, and not all of its files: posts, changes and cancellations may be missing.
    FilesUnread,
}

/// What may be believed of a community's content: the state, and why it is not better.
///
/// No state hides content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trust {
    /// The state.
    pub state: TrustState,
    /// Why it is not better, the gravest reason first. Empty if the state is [`TrustState::Verified`] or
    /// [`TrustState::Unsigned`].
    pub reasons: Vec<TrustReason>,
    /// The name that the maker of a copy gives itself, if the state is [`TrustState::Copied`].
    pub copied_by: Option<String>,
}

impl Trust {
    /// A state without reasons.
    pub(crate) fn plain(state: TrustState) -> Self {
        Self { state, reasons: Vec::new(), copied_by: None }
    }
}

impl TrustReason {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            TrustReason::TwoCharters { .. } => "two_charters",
            TrustReason::TwoHeads { .. } => "two_heads",
            TrustReason::Frozen { .. } => "frozen",
            TrustReason::Recovering { .. } => "recovering",
            TrustReason::CharterExpired { .. } => "charter_expired",
            TrustReason::HeadExpired { .. } => "head_expired",
            TrustReason::NoHead => "no_head",
            TrustReason::ClockBehind { .. } => "clock_behind",
            TrustReason::FilesUnread => "files_unread",
        }
    }
}
