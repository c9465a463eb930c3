//! Which lookups a strategy makes for a destination: plain data, without any query.

use url::Host;

use super::overrides::Overrides;
use super::{Destination, DnsServer, Resolver, Strategy, StrategyKind, address};

/// The lookups that a strategy makes before it can reach a destination.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PlannedLookups {
    /// The resolvers that are asked for the destination's name. Only a direct strategy asks, unless the destination is
    /// an address or its address was given by hand.
    pub of_host: Vec<Resolver>,
    /// The other names for which the system's resolver is asked: the name of a proxy, or of a resolver over TLS or
    /// HTTPS.
    pub of_servers: Vec<String>,
}

impl PlannedLookups {
    /// Lists the dialer's lookups, in the same order and by the same rules.
    pub(crate) fn of(strategy: &Strategy, destination: &Destination, overrides: &Overrides) -> Self {
        let StrategyKind::Direct { dns } = &strategy.kind else {
            // A proxy's name is looked up even if an address was given by hand.
            let names = strategy.server().and_then(|server| looked_up(&server.host));
            return Self { of_host: Vec::new(), of_servers: names.into_iter().collect() };
        };
        if looked_up(&destination.host).is_none() || overrides.of(destination).is_some() {
            return Self::default();
        }
        let mut of_servers: Vec<String> = dns.iter().filter_map(|resolver| own_name(resolver, overrides)).collect();
        of_servers.dedup();
        Self { of_host: dns.iter().cloned().collect(), of_servers }
    }
}

/// The name of a resolver whose address is not in the strategy.
fn own_name(resolver: &Resolver, overrides: &Overrides) -> Option<String> {
    let (Resolver::Tls(server) | Resolver::Https { server, .. }) = resolver else { return None };
    let DnsServer { name, address, port } = server;
    let by_hand = address.is_some() || overrides.of(&Destination { host: name.clone(), port: *port }).is_some();
    looked_up(name).filter(|_| !by_hand)
}

/// The name, if a resolver is asked for it.
fn looked_up(host: &Host<String>) -> Option<String> {
    match host {
        Host::Domain(name) if !address::is_loopback_name(name) && !address::is_onion(name) => Some(name.clone()),
        _ => None,
    }
}
