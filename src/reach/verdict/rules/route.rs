//! Our own way there: the proxy or Tor.

use super::super::facts::{Facts, RouteFault, Sign};
use super::{Found, some};

/// Our own route failed so, and nothing on it came farther.
pub(super) fn failed(f: &Facts<'_>, kind: RouteFault) -> Option<Found> {
    match f.said()? {
        Sign::Route(fault) if fault == kind => some(f.subject_with(|sign| matches!(sign, Sign::Route(_)))),
        _ => None,
    }
}
