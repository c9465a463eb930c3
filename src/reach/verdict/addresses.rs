//! What an address shows by itself.

use std::net::IpAddr;

/// Whether no public name has this address: it is this device, in a private network, or unassigned.
///
/// 198.18.0.0/15 is excluded: VPN apps answer lookups with it and forward what is sent there. So are the documentation
/// ranges, which the lab uses.
pub(super) fn is_bogon(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..=127).contains(&b); // RFC 6598
            a == 0 || a >= 224 || shared || v4.is_loopback() || v4.is_private() || v4.is_link_local()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
        }
    }
}

/// The canonical form of an address: an IPv4 address mapped into IPv6 or translated by NAT64 (RFC 6052) becomes that
/// IPv4 address.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                IpAddr::from(std::net::Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
            }
            _ => address.to_canonical(),
        },
        IpAddr::V4(_) => address,
    }
}
