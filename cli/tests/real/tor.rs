//! The lab's private Tor network, in front of an origin: real tor, real circuits, real consensus.

use std::net::{Ipv4Addr, SocketAddr};

use byway_lab::private_tor::{Bridge, Options, PrivateTor, PrivateTorError};

use crate::daemon::demand;
use crate::origin::NAME;

/// Starts it, with a bridge. Exits find every name on loopback, and the onion services show the origin's plain port.
pub(crate) fn start(plain_port: u16) -> PrivateTor {
    let mut options = Options::new(NAME, SocketAddr::from((Ipv4Addr::LOCALHOST, plain_port)));
    options.obfs4proxy = Some(demand("obfs4proxy", "obfs4proxy"));
    installed(PrivateTor::start(&options))
}

/// Another one without a bridge, for a test that ends some of it. Three relays are its guards, and none of them is an exit or an
/// authority.
pub(crate) fn with_three_guards(plain_port: u16) -> PrivateTor {
    let mut options = Options::new(NAME, SocketAddr::from((Ipv4Addr::LOCALHOST, plain_port)));
    options.addresses = (101..=109).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect();
    options.guards = Some(3);
    installed(PrivateTor::start(&options))
}

pub(crate) fn installed<T>(started: Result<T, PrivateTorError>) -> T {
    started.unwrap_or_else(|error| match error {
        PrivateTorError::Missing { .. } => panic!("install tor: cargo xtask install"),
        error => panic!("{error}"),
    })
}

pub(crate) fn bridge(tor: &PrivateTor) -> &Bridge {
    tor.bridge.as_ref().unwrap()
}

/// The ports of all relays and authorities; not the bridge's.
pub(crate) fn relay_ports(tor: &PrivateTor) -> Vec<u16> {
    tor.relays.iter().map(SocketAddr::port).collect()
}
