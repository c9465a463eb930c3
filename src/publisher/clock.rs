//! The device's clock, compared with what a community states, before anything is signed.
//!
//! A head dated ahead by a wrong clock keeps the community's newest statement in the future, and what was posted then stands above
//! everything that follows. So a clock that contradicts the folder is an error.

use jiff::{SignedDuration, Timestamp};

use super::error::PublishError;
use crate::signed::{Chain, Head, Role, SignedEvent};

/// Refuses a clock that no document may name, or nobody's clock shows: one without a battery says 1970.
pub(super) fn check_range(now: Timestamp) -> Result<(), PublishError> {
    if (EARLIEST..LATEST).contains(&now.as_second()) {
        Ok(())
    } else {
        Err(PublishError::Clock { clock: now, newest: None })
    }
}

/// Refuses a clock that contradicts what a folder states: it is behind that, or far ahead of it and of the time at which a file of
/// the folder was last changed.
pub(super) fn check(newest: Timestamp, touched: Option<Timestamp>, now: Timestamp) -> Result<(), PublishError> {
    check_range(now)?;
    let touched = touched.map_or(newest, |touched| touched.max(newest));
    if is_ahead(newest, now) || is_ahead_by(now, touched, AHEAD) {
        return Err(PublishError::Clock { clock: now, newest: Some(newest) });
    }
    Ok(())
}

/// Whether a time is more than a day ahead of this clock.
pub(super) fn is_ahead(time: Timestamp, now: Timestamp) -> bool {
    is_ahead_by(time, now, BEHIND)
}

fn is_ahead_by(time: Timestamp, other: Timestamp, by: SignedDuration) -> bool {
    time.duration_since(other) > by
}

/// Refuses to take in a state that is dated ahead.
pub(super) fn check_taken(chain: &Chain, head: &Head, now: Timestamp) -> Result<(), PublishError> {
    let newest = stated(chain, head, &[]);
    if is_ahead(newest, now) { Err(PublishError::Clock { clock: now, newest: Some(newest) }) } else { Ok(()) }
}

/// The date of the newest statement in a folder.
pub(super) fn stated(chain: &Chain, head: &Head, events: &[(SignedEvent, Role)]) -> Timestamp {
    let charter = chain.charter(chain.newest_version()).map_or(head.issued, |charter| charter.issued);
    events.iter().map(|(event, _)| event.created()).fold(head.issued.max(charter), Timestamp::max)
}

/// Readers take a statement up to a day ahead of their clock for current.
const BEHIND: SignedDuration = SignedDuration::from_hours(24);

/// A community states something every 30 days; twice that leaves room for a pause.
const AHEAD: SignedDuration = SignedDuration::from_hours(60 * 24);

/// 2020-01-01T00:00:00Z, years before the first signed community.
const EARLIEST: i64 = 1_577_836_800;

/// 2098-01-01T00:00:00Z: a charter lasts two years, and no document names a time after 2100.
const LATEST: i64 = 4_039_372_800;
