//! What may be believed of a community's content.

use std::time::SystemTime;

use byway::community::{self as core_model, TrustReason as CoreReason};

use crate::configuration::Language;
use crate::numbers::{number, time};

mirror! {
    /// What is known about the origin of a community's content.
    TrustState of core_model::TrustState, else Disputed {
        /// Signed by the community, and its statement about the newest state is recent.
        Verified,
        /// Signed by the community, but its statement about the newest state has expired, or may have: the clock
        /// disagrees. Something may be withheld.
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
}

/// Why a state of trust is not better.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct TrustReason {
    /// The stable code, such as `head_expired`.
    pub code: String,
    /// The time that it speaks of, if it speaks of one: an expiry, the end of a waiting time, the last trusted time.
    pub at: Option<SystemTime>,
    /// The number of the charter or of the statement that exists twice, if the reason is such a contradiction.
    pub number: Option<i64>,
}

impl From<CoreReason> for TrustReason {
    fn from(core: CoreReason) -> Self {
        let (at, twice) = match core {
            CoreReason::TwoCharters { version } => (None, Some(version)),
            CoreReason::TwoHeads { sequence } => (None, Some(sequence)),
            CoreReason::Frozen { after } => (Some(after), None),
            CoreReason::Recovering { until } => (Some(until), None),
            CoreReason::CharterExpired { at } | CoreReason::HeadExpired { at } => (Some(at), None),
            CoreReason::ClockBehind { newest } => (Some(newest), None),
            // `NoHead`, and what a later version adds: the code is enough.
            _ => (None, None),
        };
        Self { code: core.code().to_owned(), at: at.map(time), number: twice.map(number) }
    }
}

/// What may be believed of a community's content. No state hides content.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Trust {
    /// The state.
    pub state: TrustState,
    /// Why it is not better, the gravest reason first. Empty if it is verified or unsigned.
    pub reasons: Vec<TrustReason>,
    /// The name that the maker of a copy gives itself, if it is a copy.
    pub copied_by: Option<String>,
    /// What it says, in the client's language, with each reason.
    pub text: String,
}

impl Trust {
    pub(crate) fn of(core: core_model::Trust, language: Language) -> Self {
        Self {
            text: core.sentence(language.into()),
            state: core.state.into(),
            reasons: core.reasons.into_iter().map(Into::into).collect(),
            copied_by: core.copied_by,
        }
    }
}
