//! The hosts file (hosts(5)): addresses that the device's owner set by hand.
//!
//! [`SystemResolver`](super::lookup::SystemResolver) asks for absolute names, `site.example.` with its dot, so that no
//! search list is applied. The C libraries of Linux compare that dot with the hosts file, which has no dots, and find
//! nothing. So the file is read here first.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;

/// The addresses of `name` in this device's hosts file, each once, in file order.
pub(super) fn addresses(name: &str) -> Vec<IpAddr> {
    let mut bytes = Vec::new();
    let read = File::open(HOSTS).and_then(|file| file.take(HOSTS_BYTES).read_to_end(&mut bytes));
    if read.is_err() { Vec::new() } else { addresses_in(&String::from_utf8_lossy(&bytes), name) }
}

fn addresses_in(hosts: &str, name: &str) -> Vec<IpAddr> {
    let name = name.trim_end_matches('.');
    let mut found = Vec::new();
    for line in hosts.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
        let Some(address) = words.next().and_then(|word| word.parse::<IpAddr>().ok()) else { continue };
        if words.any(|word| word.trim_end_matches('.').eq_ignore_ascii_case(name)) && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// The path that the C library uses on Linux, Android and Apple's systems.
const HOSTS: &str = "/etc/hosts";

/// The largest lists of ad hosts that people keep there have 5 MB.
const HOSTS_BYTES: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_whatever_its_case_and_dot() {
        let hosts = "127.0.0.1 localhost\n# 192.0.2.9 site.example\n\
            192.0.2.1\tSite.Example www.site.example # mine\nnonsense site.example\n\
            2001:db8::1 site.example.\n192.0.2.1 site.example\n192.0.2.3 notsite.example\n";
        for name in ["site.example", "site.example.", "SITE.example"] {
            let found: Vec<String> = addresses_in(hosts, name).iter().map(ToString::to_string).collect();
            assert_eq!(found, ["192.0.2.1", "2001:db8::1"], "{name}");
        }
        assert_eq!(addresses_in(hosts, "other.example"), [] as [IpAddr; 0]);
    }
}
