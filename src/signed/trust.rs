//! What a reader may believe of what it holds, as one typed state.
//!
//! No state hides content. Even a disputed community stays readable; the state says what to think of it.

use jiff::Timestamp;

use super::moment::after;
use super::{Chain, Freeze, Heads};

/// What is known about the origin of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TrustState {
    /// Signed by the community, and the newest state is recent.
    Verified,
    /// Signed by the community, but its statement about the newest state has expired. Something may be withheld.
    Stale,
    /// Signed by keys of the community that contradict each other, or that it no longer trusts.
    Disputed,
    /// Somebody says that this is the community or its successor. No signature shows it.
    Claimed,
    /// Read from a page that signs nothing.
    Unsigned,
    /// Signed by somebody who copies the community's page, not by the community.
    Copied,
}

codes! {
    TrustState {
        Verified = "verified",
        Stale = "stale",
        Disputed = "disputed",
        Claimed = "claimed",
        Unsigned = "unsigned",
        Copied = "copied",
    }
}

/// Why a state is not better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustReason {
    /// Two charters with this number are signed.
    TwoCharters(u64),
    /// Two heads with this sequence are signed.
    TwoHeads(u64),
    /// The root keys said in advance that nothing after this time is to be trusted.
    Frozen(Timestamp),
    /// A recovery waits until this time.
    Recovering(Timestamp),
    /// The charter expired at this time.
    CharterExpired(Timestamp),
    /// The head expired at this time.
    HeadExpired(Timestamp),
    /// There is no head, so nothing says what the newest state is.
    NoHead,
    /// This device's clock is earlier than the newest statement, which was made at this time.
    ClockBehind(Timestamp),
}

impl TrustReason {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            TrustReason::TwoCharters(_) => "two_charters",
            TrustReason::TwoHeads(_) => "two_heads",
            TrustReason::Frozen(_) => "frozen",
            TrustReason::Recovering(_) => "recovering",
            TrustReason::CharterExpired(_) => "charter_expired",
            TrustReason::HeadExpired(_) => "head_expired",
            TrustReason::NoHead => "no_head",
            TrustReason::ClockBehind(_) => "clock_behind",
        }
    }
}

/// A state with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trust {
    /// The state.
    pub state: TrustState,
    /// The reasons, the gravest first. Empty if the state is verified.
    pub reasons: Vec<TrustReason>,
}

/// What a reader may believe of a community of which it holds this.
pub fn trust(chain: &Chain, heads: &Heads, freeze: Option<&Freeze>, now: Timestamp) -> Trust {
    let charter = chain.in_force(now);
    let head = heads.newest();
    let disputes = [chain.dispute().map(TrustReason::TwoCharters), heads.dispute().map(TrustReason::TwoHeads)];
    let mut reasons: Vec<TrustReason> = disputes.into_iter().flatten().collect();
    reasons.extend(freeze.map(|freeze| TrustReason::Frozen(freeze.after)));
    let is_disputed = !reasons.is_empty();
    reasons.extend(chain.recovers_at(now).map(TrustReason::Recovering));
    let fresh = reasons.len();
    if charter.expires < now {
        reasons.push(TrustReason::CharterExpired(charter.expires));
    }
    match head {
        Some(head) if head.expires < now => reasons.push(TrustReason::HeadExpired(head.expires)),
        Some(_) => {}
        None => reasons.push(TrustReason::NoHead),
    }
    let is_stale = reasons.len() > fresh;
    let newest = head.map_or(charter.issued, |head| head.issued.max(charter.issued));
    if after(now, CLOCK_TOLERANCE) < newest {
        reasons.push(TrustReason::ClockBehind(newest));
    }
    let state = match (is_disputed, is_stale) {
        // Even a dispute among the copier's keys is one about a copy.
        _ if charter.copy.is_some() => TrustState::Copied,
        (true, _) => TrustState::Disputed,
        (false, true) => TrustState::Stale,
        (false, false) => TrustState::Verified,
    };
    Trust { state, reasons }
}

/// A day, in seconds: clocks are wrong by a time zone, and a wrong clock hides nothing.
const CLOCK_TOLERANCE: i64 = 86_400;
