//! Lookups with the system's resolver: of a host, and of the user's own proxies and resolvers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::time::timeout;
use url::Host;

use super::super::rules::forbidden;
use super::super::{Cause, Destination, Failure, PolicyRule, Stage, address, timeouts};
use super::interleave::interleave;
use crate::net::Net;

/// The addresses of a proxy or resolver that the user named. Its name goes to the system's resolver.
pub(in crate::transport) async fn resolve_proxy(
    net: &dyn Net,
    server: &Destination,
) -> Result<Vec<SocketAddr>, Failure> {
    let addresses = match &server.host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) if address::is_onion(name) => return Err(forbidden(Stage::Dns, PolicyRule::Onion)),
        Host::Domain(name) if address::is_loopback_name(name) => {
            vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)]
        }
        Host::Domain(name) => match timeout(timeouts::DNS, system(net, name)).await {
            Ok(found) => found?,
            Err(_) => return Err(Failure::new(Stage::Dns, Cause::Silence)),
        },
    };
    Ok(interleave(&addresses).into_iter().map(|address| SocketAddr::new(address, server.port)).collect())
}

pub(super) async fn system(net: &dyn Net, name: &str) -> Result<Vec<IpAddr>, Failure> {
    let failed = Failure::new(Stage::Dns, Cause::LookupFailed);
    match net.lookup(name).await {
        Ok(addresses) if addresses.is_empty() => Err(failed),
        Ok(addresses) => Ok(addresses),
        Err(error) => {
            let cause = match error.kind() {
                io::ErrorKind::NotFound => Cause::NxDomain,
                io::ErrorKind::AddrNotAvailable => Cause::NoAddress,
                _ => Cause::LookupFailed,
            };
            Err(Failure { cause, errno: error.raw_os_error(), ..failed })
        }
    }
}
