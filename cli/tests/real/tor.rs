//! The lab's private Tor network, in front of an origin: real tor, real circuits, real consensus.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use byway_lab::private_tor::{Bridge, Options, PrivateTor, PrivateTorError};

use crate::daemon::demand;
use crate::origin::NAME;
use crate::program::Run;

/// How long a start or a circuit of Tor may take where a dozen other tests run.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Runs it, and again until it has what was asked for: on a busy machine a real circuit may break or be slow at any time. Returns the
/// last run, about which the test says the rest.
pub(crate) fn patiently(run: impl Fn() -> Run, has_it: impl Fn(&Run) -> bool) -> Run {
    let began = Instant::now();
    loop {
        let run = run();
        if has_it(&run) || began.elapsed() > PATIENCE {
            return run;
        }
        eprintln!("again: {run}");
    }
}

/// The same until it was read, by another strategy than the first.
pub(crate) fn read_by(run: impl Fn() -> Run) -> Run {
    patiently(run, |run| run.code == 3)
}

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
