//! Which addresses may be dialled if a stranger named them.
//!
//! A redirect, an attachment or a remote document may name any host. If that host lies on this device, in the user's
//! own network, or at a cloud's metadata service, following it would let the stranger reach what only the user may
//! reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Whether `address` can belong to a host of the public internet.
///
/// The special-purpose ranges of RFC 6890 are refused if they lead to this device or to its networks. Documentation
/// addresses lead nowhere and are allowed, because the lab uses them.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an honest resolver may give `address` for a public name. Besides public addresses there are two exceptions:
/// VPN apps answer with 198.18.0.0/15 (RFC 2544) and forward what is sent there, and networks without IPv4 translate
/// 64:ff9b:1::/48 (RFC 8215).
pub(super) fn is_plausible(address: IpAddr) -> bool {
    is_public(address)
        || match address {
            IpAddr::V4(address) => matches!(address.octets(), [198, 18..=19, ..]),
            IpAddr::V6(address) => matches!(address.segments(), [0x64, 0xFF9B, 1, ..]),
        }
}

/// Whether the spelling of `host` shows that it is not public: an address, a name of this device (RFC 6761 section
/// 6.3), or a name that only the local network can know. A proxy may run in the user's network, so it is not asked for
/// these.
pub(crate) fn is_local<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name.as_ref()) || is_network_name(name.as_ref()),
        Host::Ipv4(address) => !is_public_v4(*address),
        Host::Ipv6(address) => !is_public_v6(*address),
    }
}

/// Whether the spelling of `host` shows that it is this device itself.
pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name.as_ref()),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

/// `localhost` and names that end in it (RFC 6761 section 6.3), with the names that Debian and Red Hat give it.
pub(super) fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    last_label(name).eq_ignore_ascii_case("localhost")
        || ["localhost.localdomain", "ip6-localhost", "ip6-loopback"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
}

/// Names without a dot (a search list completes them), names of multicast DNS (RFC 6762), of home networks (RFC 8375),
/// `internal`, and the top-level domains that home routers and companies use and that will never be registered.
fn is_network_name(name: &str) -> bool {
    const DOMAINS: [&str; 7] = ["local", "home.arpa", "internal", "lan", "home", "corp", "localdomain"];
    let name = name.strip_suffix('.').unwrap_or(name);
    let within = |domain: &str| {
        let cut = name.len().checked_sub(domain.len()).and_then(|at| name.split_at_checked(at));
        cut.is_some_and(|(rest, end)| end.eq_ignore_ascii_case(domain) && (rest.is_empty() || rest.ends_with('.')))
    };
    !name.contains('.') || DOMAINS.iter().any(|domain| within(domain))
}

/// Whether this host is an onion service: see [`is_onion`].
pub(crate) fn is_onion_host<S: AsRef<str>>(host: &Host<S>) -> bool {
    matches!(host, Host::Domain(name) if is_onion(name.as_ref()))
}

/// Onion services exist within Tor only (RFC 7686).
pub(super) fn is_onion(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    last_label(name).eq_ignore_ascii_case("onion")
}

fn last_label(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..=127).contains(&b); // RFC 6598: behind a provider's NAT
    let benchmark = a == 198 && (18..=19).contains(&b); // RFC 2544: VPN apps hand such addresses out
    let assignments = (a, b, c) == (192, 0, 0); // RFC 6890
    !(a == 0
        || a >= 240 // reserved, and broadcast
        || shared
        || benchmark
        || assignments
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast())
}

/// All global unicast addresses are in `2000::/3` (RFC 4291 section 2.4). Addresses outside are local, special, or
/// unassigned.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match embedded_v4(address) {
        Some(inner) => is_public_v4(inner),
        None => address.segments().first().is_some_and(|first| first & 0xE000 == 0x2000),
    }
}

/// The IPv4 address to which a packet for `address` would be translated or tunnelled on the path.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] => Some(of(high, low)), // mapped (RFC 4291 section 2.5.5.2)
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => Some(of(high, low)), // NAT64 (RFC 6052)
        [0x2002, high, low, ..] => Some(of(high, low)),            // 6to4 (RFC 3056)
        [0x2001, 0, _, _, _, _, high, low] => Some(of(!high, !low)), // Teredo (RFC 4380)
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use url::Url;

    use super::*;

    #[test]
    fn addresses_of_this_device_and_its_networks_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "::ffff:0:192.168.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a9fe:a9fe",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2001:0:0:0:0:0:f5ff:fffe",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_and_of_the_lab_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "87.240.190.67",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.2.1",
            "198.17.0.1",
            "198.20.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "2606:4700::1111",
            "2a00:bdc0::1",
            "2001:db8::1",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_local_literal_is_seen_in_every_spelling_of_a_url() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://①②⑦.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://localhost/",
            "http://LOCALHOST/",
            "http://localhost./",
            "http://a.b.localhost/",
            "http://0/",
            "http://169.254.169.254/latest",
            "http://2852039166/",
            "http://router/",
            "http://printer.local/",
            "http://nas.home.arpa./",
            "http://home.arpa/",
            "http://router.lan/",
            "http://wiki.corp/",
            "http://metadata.google.internal/",
            "http://[64:ff9b::a9fe:a9fe]/",
        ] {
            let url = Url::parse(url).unwrap();
            assert!(is_local(&url.host().unwrap().to_owned()), "{url}");
        }
        for url in [
            "http://localhost.example/",
            "http://local.example/",
            "http://8.8.8.8/",
            "http://internal.example/",
            "http://planet.wlan/",
        ] {
            let url = Url::parse(url).unwrap();
            assert!(!is_local(&url.host().unwrap().to_owned()), "{url}");
        }
    }

    #[test]
    fn onion_is_the_last_label_only() {
        assert!(is_onion("abc.onion") && is_onion("a.b.ONION.") && is_onion("onion"));
        assert!(!is_onion("onion.example") && !is_onion("abconion"));
    }
}
