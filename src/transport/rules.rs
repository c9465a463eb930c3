//! Rules that no plan may override: which routes an exposure forbids, and which addresses a route may lead to.

use std::net::IpAddr;

use super::{Cause, Failure, PolicyRule, PrivateAddresses, Route, Stage, Strategy, address};
use crate::exposure::Exposure;

impl Strategy {
    /// Whether this strategy may be used with this exposure.
    pub fn is_allowed_by(&self, exposure: Exposure) -> bool {
        match exposure {
            Exposure::Open => true,
            Exposure::Proxied => !self.is_direct(),
            Exposure::Tor => self.is_tor(),
        }
    }
}

/// Checks the rules before any lookup and before any packet.
pub(super) fn permit(route: &Route, stage: Stage) -> Result<(), Failure> {
    let Route { strategy, destination, exposure, private, isolation: _ } = route;
    if !strategy.is_allowed_by(*exposure) {
        return Err(forbidden(stage, PolicyRule::Exposure));
    }
    if *private == PrivateAddresses::Refused && address::is_local(&destination.host) {
        return Err(forbidden(stage, PolicyRule::PrivateAddress));
    }
    if !strategy.is_tor() && address::is_onion_host(&destination.host) {
        return Err(forbidden(stage, PolicyRule::Onion));
    }
    Ok(())
}

/// Whether the route may lead to this address.
pub(super) fn allows(route: &Route, address: IpAddr) -> bool {
    route.private == PrivateAddresses::Allowed || address::is_public(address)
}

pub(super) fn forbidden(stage: Stage, rule: PolicyRule) -> Failure {
    Failure::new(stage, Cause::Forbidden { rule })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_exposure_allows_what_it_says_and_no_more() {
        let strategies = [
            ("direct:", [true, false, false]),
            ("direct:?dns=udp://9.9.9.9&cc=nl", [true, false, false]),
            ("socks5://h:1080", [true, true, false]),
            ("socks5://127.0.0.1:9050", [true, true, false]),
            ("http://h:80", [true, true, false]),
            ("https://u:p@h:443", [true, true, false]),
            ("ss://aes-256-gcm:p@h:8388", [true, true, false]),
            ("tor+socks5://127.0.0.1:9050", [true, true, true]),
            #[cfg(feature = "tor")]
            ("tor:", [true, true, true]),
        ];
        for (strategy, allowed) in strategies {
            let parsed: Strategy = strategy.parse().unwrap();
            let allows =
                [Exposure::Open, Exposure::Proxied, Exposure::Tor].map(|exposure| parsed.is_allowed_by(exposure));
            assert_eq!(allows, allowed, "{strategy}");
        }
    }
}
