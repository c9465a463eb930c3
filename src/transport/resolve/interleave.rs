//! The order in which the addresses of one answer are dialled.

use std::net::IpAddr;

/// The families in turn, IPv6 first (RFC 8305 section 4), each address once, within each family in the resolver's
/// order.
pub(super) fn interleave(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut seen = Vec::new();
    for address in addresses {
        // A mapped address is always dialled over IPv4.
        let address = address.to_canonical();
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    let (v6, v4): (Vec<_>, Vec<_>) = seen.into_iter().partition(IpAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut ordered = Vec::new();
    while ordered.len() < MAX_ADDRESSES {
        let before = ordered.len();
        ordered.extend(v6.next());
        ordered.extend(v4.next());
        if ordered.len() == before {
            break;
        }
    }
    ordered
}

/// How many addresses of one answer are tried.
const MAX_ADDRESSES: usize = 8;
