//! What the members are configured with.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::authority::Authority;

/// For all members: agree within seconds, and trust each other.
pub(super) const SHARED: &str = "
TestingTorNetwork 1
PathsNeededToBuildCircuits 0.67
AssumeReachable 1
V3AuthNIntervalsValid 10
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingServerDownloadInitialDelay 0
TestingClientDownloadInitialDelay 0
TestingServerConsensusDownloadInitialDelay 0
TestingClientConsensusDownloadInitialDelay 0
TestingBridgeDownloadInitialDelay 0
ShutdownWaitLength 0
";

/// Which relays may be guards: these alone, or, if there are none, every relay.
pub(super) fn guards(at: &[IpAddr]) -> String {
    if at.is_empty() {
        return "TestingDirAuthVoteGuard *\n".to_owned();
    }
    let at: Vec<_> = at.iter().map(ToString::to_string).collect();
    format!("TestingDirAuthVoteGuard {}\nTestingDirAuthVoteGuardIsStrict 1\n", at.join(","))
}

/// Without the guarantees, the slowest of nine relays loses the flag Fast, and those that began last lose the flag Stable. Arti takes
/// no guard without both, and no relay without Fast. If the other exit is a client's guard, or its only guard is gone, it has no
/// path.
pub(super) const AUTHORITY: &str = "
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingV3AuthInitialVotingInterval 5
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 15
V3AuthVoteDelay 2
V3AuthDistDelay 2
TestingMinExitFlagThreshold 0
TestingAuthDirTimeToLearnReachability 0
AuthDirMaxServersPerAddr 0
AuthDirFastGuarantee 1 byte
AuthDirVoteStableGuaranteeMinUptime 1 second
AuthDirVoteStableGuaranteeMTBF 1 second
";

pub(super) const EXIT: &str = "
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy reject *:9
ExitPolicy accept *:*
";

pub(super) const CLIENT: &str = "
ClientRejectInternalAddresses 0
ClientDNSRejectInternalAddresses 0
";

/// For the client and the onion services. Guards and second guards are few and stay the same: among nine relays that
/// leaves paths that cross themselves, and a minute of vain attempts.
pub(super) const ENDS: &str = "
UseEntryGuards 0
VanguardsLiteEnabled 0
";

/// A relay, an authority or a bridge at this address.
pub(super) fn relay(address: IpAddr) -> String {
    format!("SocksPort 0\nAddress {address}\nServerDNSDetectHijacking 0\nServerDNSResolvConfFile resolv.conf\n")
}

/// A bridge: it tells no one of itself.
pub(super) fn bridge(plain: SocketAddr, obfs4: SocketAddr, obfs4proxy: &Path) -> String {
    format!(
        "BridgeRelay 1\nPublishServerDescriptor 0\nExitRelay 0\nORPort {plain}\nExtORPort auto\n\
         ServerTransportPlugin obfs4 exec {}\nServerTransportListenAddr obfs4 {obfs4}\n",
        obfs4proxy.display()
    )
}

/// The two onion services before a site.
pub(super) fn services(site: SocketAddr) -> String {
    format!(
        "SocksPort 0\nHiddenServiceDir onion/service\nHiddenServicePort 80 {site}\n\
         HiddenServiceDir onion/restricted\nHiddenServicePort 80 {site}\nLog [rend]info file onion/rend.log\n"
    )
}

/// A client whose only authority is at a port where nothing listens.
pub(super) fn starting(socks: SocketAddr, silent: u16) -> String {
    let key = "0123456789012345678901234567890123456789";
    format!(
        "TestingTorNetwork 1\nSocksPort {socks}\n\
         DirAuthority none orport={silent} no-v2 v3ident={key} 127.0.0.1:{silent} {key}\n"
    )
}

/// Writes one member's torrc.
pub(super) fn member(network: &Path, name: &str, parts: &[&str]) -> io::Result<()> {
    fs::create_dir_all(network.join(name))?;
    let mut text = format!("Nickname {name}\nDataDirectory {name}/data\n");
    for part in parts {
        let _ = writeln!(text, "{part}");
    }
    fs::write(network.join(name).join("torrc"), text)
}

/// What `tor:` is given to use this network instead of the public one: in the words of arti's configuration.
pub(super) fn arti(authorities: &[Authority], network: &Path) -> io::Result<String> {
    let mut fallbacks = Vec::new();
    for authority in authorities {
        fallbacks.push(serde_json::json!({
            "rsa_identity": authority.fingerprint.to_lowercase(),
            "ed_identity": authority.ed25519(network)?,
            "orports": [authority.or_at],
        }));
    }
    let identities: Vec<_> = authorities.iter().map(|authority| authority.identity.to_lowercase()).collect();
    let downloads: Vec<_> = authorities.iter().map(|authority| [authority.dir_at]).collect();
    let configuration = serde_json::json!({
        "tor_network": {
            "authorities": { "v3idents": identities, "downloads": downloads, "uploads": [], "votes": [] },
            "fallback_caches": fallbacks,
        },
        "address_filter": { "allow_local_addrs": true },
        // All relays are on one machine.
        "path_rules": { "ipv4_subnet_family_prefix": 33, "ipv6_subnet_family_prefix": 129 },
        // 24 times the voting interval, in minutes, as C-tor counts it in a test network: otherwise descriptors of onion services
        // are not found. Arti takes no less than 5.
        "override_net_params": { "hsdir_interval": 6 },
    });
    Ok(configuration.to_string())
}
