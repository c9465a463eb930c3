//! Another host of the same platform, and how much of a reading's time for silence is kept for it.

use crate::fetch::{HttpClient, Request};

/// The number of routes that do not show this network where they lead.
pub(super) fn detours(http: &HttpClient, request: &Request) -> u32 {
    let routes = http.order(request).unwrap_or_default();
    u32::try_from(routes.iter().filter(|route| !route.is_direct()).count()).unwrap_or(u32::MAX)
}

/// The divisor for the part of the remaining silence that is kept for another host.
///
/// If only direct strategies are allowed, it is half: another host name has as good a chance as this one. A detour is not
/// blocked by a host name, so each detour makes the second name less useful, and needs time itself: three seconds for each
/// silent strategy before it (a request with a token uses one at a time), and more for a Tor that first builds its
/// circuit.
pub(super) fn spared_by(detours: u32) -> u32 {
    detours.saturating_mul(3).saturating_add(2)
}

/// The same for a request.
pub(super) fn spared(http: &HttpClient, request: &Request) -> u32 {
    spared_by(detours(http, request))
}
