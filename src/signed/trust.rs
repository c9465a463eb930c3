//! What a reader may believe of what it holds, as one typed state.
//!
//! No state hides content. Even a disputed community stays readable; the state says what to think of it.

use jiff::Timestamp;

use super::moment::after;
use super::{Chain, Freeze, Heads};
use crate::community::{Trust, TrustReason, TrustState};

/// What a reader may believe of a community of which it holds this.
pub fn trust(chain: &Chain, heads: &Heads, freeze: Option<&Freeze>, now: Timestamp) -> Trust {
    let charter = chain.in_force(now);
    let head = heads.newest();
    let disputes = [
        chain.dispute().map(|version| TrustReason::TwoCharters { version }),
        heads.dispute().map(|sequence| TrustReason::TwoHeads { sequence }),
    ];
    let mut reasons: Vec<TrustReason> = disputes.into_iter().flatten().collect();
    reasons.extend(freeze.map(|freeze| TrustReason::Frozen { after: freeze.after }));
    let is_disputed = !reasons.is_empty();
    reasons.extend(chain.recovers_at(now).map(|until| TrustReason::Recovering { until }));
    let fresh = reasons.len();
    if charter.expires < now {
        reasons.push(TrustReason::CharterExpired { at: charter.expires });
    }
    match head {
        Some(head) if head.expires < now => reasons.push(TrustReason::HeadExpired { at: head.expires }),
        Some(_) => {}
        None => reasons.push(TrustReason::NoHead),
    }
    let newest = head.map_or(charter.issued, |head| head.issued.max(charter.issued));
    if after(now, CLOCK_TOLERANCE) < newest {
        reasons.push(TrustReason::ClockBehind { newest });
    }
    // A clock that is behind, or a statement that is dated ahead: either way nobody can tell what has expired.
    let is_stale = reasons.len() > fresh;
    let state = match (is_disputed, is_stale) {
        // Even a dispute among the copier's keys is one about a copy.
        _ if charter.copy.is_some() => TrustState::Copied,
        (true, _) => TrustState::Disputed,
        (false, true) => TrustState::Stale,
        (false, false) => TrustState::Verified,
    };
    let copy = charter.copy.as_ref().filter(|_| state == TrustState::Copied);
    Trust { state, reasons, copied_by: copy.map(|copy| copy.by.clone()) }
}

/// A day, in seconds: clocks are wrong by a time zone, and a wrong clock hides nothing.
const CLOCK_TOLERANCE: i64 = 86_400;
