//! A private Tor network on loopback: three directory authorities, six relays of which two are exits, a client with a
//! SOCKS port, an onion service and a bridge with obfs4. Real tor, real circuits, real consensus; nothing leaves the machine.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::daemon::{Daemon, demand, folder, free_port};
use crate::names::Names;
use crate::origin::NAME;

const AUTHORITIES: usize = 3;
/// With fewer, an onion service finds no path.
const RELAYS: usize = 6;
const EXITS: usize = 2;
/// Twice the number of exits, so that usually both are in use.
const PROVED_CIRCUITS: usize = 2 * EXITS;

/// For all members: agree within seconds, and trust each other.
const SHARED: &str = "
TestingTorNetwork 1
PathsNeededToBuildCircuits 0.67
AssumeReachable 1
V3AuthNIntervalsValid 10
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
TestingServerDownloadInitialDelay 0
TestingClientDownloadInitialDelay 0
TestingServerConsensusDownloadInitialDelay 0
TestingClientConsensusDownloadInitialDelay 0
TestingBridgeDownloadInitialDelay 0
ShutdownWaitLength 0
";

const AUTHORITY: &str = "
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
";

const EXIT: &str = "
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy reject *:9
ExitPolicy accept *:*
";

/// It tells no one of itself.
const BRIDGE: &str = "
BridgeRelay 1
PublishServerDescriptor 0
ExitRelay 0
";

const CLIENT: &str = "
ClientRejectInternalAddresses 0
ClientDNSRejectInternalAddresses 0
";

/// For the client and the onion service. Guards and second guards are few and stay the same: among nine relays that
/// leaves paths that cross themselves, and a minute of vain attempts.
const ENDS: &str = "
UseEntryGuards 0
VanguardsLiteEnabled 0
";

/// A reader's private key for the restricted onion service, and the public key that the service knows: the bytes 0 to 31, and
/// what X25519 makes of them, in Base32.
pub(crate) const READERS_KEY: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";
const READERS_PUBLIC_KEY: &str = "R5AMLLNWR4SWESXFWIKOU5T2N3EU3AU5HV5V4GWRXJXT4IJYFBPQ";

/// The network, running.
pub(crate) struct Tor {
    _ends: Daemon,
    _network: Daemon,
    _names: Names,
    /// The client's SOCKS port.
    pub(crate) socks_port: u16,
    /// The ports of all relays and authorities; not the bridge's.
    pub(crate) relays: Vec<u16>,
    pub(crate) bridge: Bridge,
    /// The network, as arti's configuration.
    pub(crate) arti: String,
    /// The onion service's address; its port 80 leads to the origin's plain port.
    pub(crate) onion: String,
    /// The same for one that lets in only who has [`READERS_KEY`].
    pub(crate) restricted: String,
}

/// A bridge, which no list of relays names.
pub(crate) struct Bridge {
    /// Where it speaks Tor's own protocol.
    pub(crate) port: u16,
    /// Its line for that.
    pub(crate) line: String,
    /// Where it speaks obfs4.
    pub(crate) obfs4_port: u16,
    /// Its line for that.
    pub(crate) obfs4_line: String,
}

impl Bridge {
    /// Adds it to the members in this folder.
    fn add(folder: &TempDir, shared: &str, obfs4proxy: &Path) -> (u16, u16) {
        let (port, obfs4_port) = (free_port(), free_port());
        let own = format!(
            "ORPort 127.0.0.1:{port}\nExtORPort auto\nServerTransportPlugin obfs4 exec {}\n\
             ServerTransportListenAddr obfs4 127.0.0.1:{obfs4_port}\n",
            obfs4proxy.display()
        );
        member(folder, "bridge", &[shared, RELAY, BRIDGE, &own]);
        (port, obfs4_port)
    }

    /// `None` until it is ready.
    fn of(network: &Path, (port, obfs4_port): (u16, u16)) -> Option<Self> {
        let read = |file: &str| fs::read_to_string(network.join("bridge").join(file)).ok();
        read("log").filter(|log| log.contains("Bootstrapped 100%"))?;
        let fingerprint = read("data/fingerprint")?.split_whitespace().nth(1)?.to_owned();
        let told = read("data/pt_state/obfs4_bridgeline.txt")?;
        let parameters = told
            .lines()
            .find_map(|line| line.strip_prefix("Bridge obfs4 ")?.split_once("<FINGERPRINT> "))?
            .1
            .to_owned();
        Some(Self {
            port,
            line: format!("127.0.0.1:{port} {fingerprint}"),
            obfs4_port,
            obfs4_line: format!("obfs4 127.0.0.1:{obfs4_port} {fingerprint} {parameters}"),
        })
    }
}

impl Tor {
    /// Starts it, and waits until circuits carry answers of the origin's plain port: through the exits, and through the
    /// onion service.
    pub(crate) fn start(plain_port: u16) -> Self {
        let tor = demand("tor", "tor");
        let gencert = demand("tor-gencert", "tor");
        let obfs4proxy = demand("obfs4proxy", "obfs4proxy");
        let folder = folder();

        let authorities: Vec<Authority> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..AUTHORITIES)
                .map(|number| {
                    scope.spawn({
                        let (tor, gencert, folder) = (&tor, &gencert, &folder);
                        move || Authority::create(number, tor, gencert, folder)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut shared = SHARED.to_owned();
        for authority in &authorities {
            shared.push_str(&authority.line());
        }
        let names = Names::start();
        fs::write(folder.path().join("resolv.conf"), names.resolv_conf()).unwrap();

        for authority in &authorities {
            let ports = format!("ORPort 127.0.0.1:{}\nDirPort 127.0.0.1:{}\n", authority.or_port, authority.dir_port);
            member(&folder, &authority.name, &[&shared, RELAY, &ports, AUTHORITY]);
        }
        let mut relays: Vec<u16> =
            authorities.iter().flat_map(|authority| [authority.or_port, authority.dir_port]).collect();
        for number in 0..RELAYS {
            let or_port = free_port();
            relays.push(or_port);
            let port = format!("ORPort 127.0.0.1:{or_port}\n");
            let exit = if number < EXITS { EXIT } else { "ExitRelay 0\n" };
            member(&folder, &format!("relay{number}"), &[&shared, RELAY, &port, exit]);
        }
        let bridge_ports = Bridge::add(&folder, &shared, &obfs4proxy);
        let mut network = all_in(folder, &tor);
        // A client that knows only some of the relays looks for the onion service where it was not announced.
        network.wait_until("the authorities agreed on all relays", |network| {
            authorities.iter().all(|authority| {
                let consensus = network.folder().join(&authority.name).join("data/cached-microdesc-consensus");
                let relays = |text: String| text.lines().filter(|line| line.starts_with("r ")).count();
                fs::read_to_string(consensus).is_ok_and(|text| relays(text) == AUTHORITIES + RELAYS)
            })
        });

        let folder = crate::daemon::folder();
        let socks_port = free_port();
        member(
            &folder,
            "client",
            &[&shared, ENDS, CLIENT, &format!("SocksPort 127.0.0.1:{socks_port} ExtendedErrors\n")],
        );
        let service = format!(
            "SocksPort 0\nHiddenServiceDir onion/service\nHiddenServicePort 80 127.0.0.1:{plain_port}\n\
             HiddenServiceDir onion/restricted\nHiddenServicePort 80 127.0.0.1:{plain_port}\n\
             Log [rend]info file onion/rend.log\n"
        );
        member(&folder, "onion", &[&shared, ENDS, &service]);
        restrict(&folder.path().join("onion/restricted"));
        let mut ends = all_in(folder, &tor);
        let said = |ends: &Daemon, file: &str, words: &str| {
            fs::read_to_string(ends.folder().join(file)).is_ok_and(|log| log.contains(words))
        };
        ends.wait_until("the client had circuits", |ends| said(ends, "client/log", "Bootstrapped 100%"));
        ends.wait_until("the onion service was announced", |ends| {
            said(ends, "onion/rend.log", "finished with status 200")
        });
        let hostname = |service: &str| {
            let file = ends.folder().join("onion").join(service).join("hostname");
            fs::read_to_string(file).unwrap().trim().to_owned()
        };
        let (onion, restricted) = (hostname("service"), hostname("restricted"));
        // "Bootstrapped 100%" is a claim: under load the first streams may still fail. Each login has its own circuit.
        for circuit in 0..PROVED_CIRCUITS {
            let answers = |_: &Daemon| answers(socks_port, circuit, NAME, plain_port);
            ends.wait_until("circuits carried streams to the exits", answers);
        }
        ends.wait_until("the onion service was found", |_| answers(socks_port, 0, &onion, 80));
        // It is found once a client without a key is told that it needs one (proposal 304).
        ends.wait_until("the restricted one was found", |_| {
            ask(socks_port, 0, &restricted, 80).is_ok_and(|(_, reply)| reply == 0xF4)
        });
        let mut bridge = None;
        network.wait_until("the bridge was ready", |network| {
            bridge = Bridge::of(network.folder(), bridge_ports);
            bridge.is_some()
        });
        let bridge = bridge.unwrap();
        let arti = arti(&authorities, network.folder());
        Self { _ends: ends, _network: network, _names: names, socks_port, relays, bridge, arti, onion, restricted }
    }

    /// As a strategy URL.
    pub(crate) fn strategy(&self) -> String {
        format!("tor+socks5://127.0.0.1:{}", self.socks_port)
    }
}

/// A Tor whose only directory authority answers nothing: it takes requests and starts for ever.
pub(crate) struct Starting {
    _tor: Daemon,
    pub(crate) socks_port: u16,
}

impl Starting {
    pub(crate) fn start() -> Self {
        let (tor, socks_port, silent) = (demand("tor", "tor"), free_port(), free_port());
        let folder = folder();
        let authority = "0123456789012345678901234567890123456789";
        let own = format!(
            "TestingTorNetwork 1\nSocksPort 127.0.0.1:{socks_port}\n\
             DirAuthority none orport={silent} no-v2 v3ident={authority} 127.0.0.1:{silent} {authority}\n"
        );
        member(&folder, "starting", &[&own]);
        let mut tor = all_in(folder, &tor);
        tor.wait_until("its port was open", |_| crate::daemon::listens(socks_port));
        Self { _tor: tor, socks_port }
    }
}

/// Lets in only who has the key.
fn restrict(service: &Path) {
    let clients = service.join("authorized_clients");
    fs::create_dir_all(&clients).unwrap();
    for folder in [service, &clients] {
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    }
    fs::write(clients.join("reader.auth"), format!("descriptor:x25519:{READERS_PUBLIC_KEY}\n")).unwrap();
}

/// Asks Tor (SOCKS5, RFC 1928) for a stream, with a separate circuit for each number: Tor isolates streams by their login (RFC
/// 1929). Returns its reply.
fn ask(socks_port: u16, circuit: usize, host: &str, port: u16) -> std::io::Result<(TcpStream, u8)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, socks_port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(&[5, 1, 2])?;
    stream.read_exact(&mut [0; 2])?;
    let user = format!("circuit {circuit}");
    stream.write_all(&[&[1, u8::try_from(user.len()).unwrap()], user.as_bytes(), &[1, b'x']].concat())?;
    stream.read_exact(&mut [0; 2])?;
    let length = u8::try_from(host.len()).unwrap();
    stream.write_all(&[&[5, 1, 0, 3, length], host.as_bytes(), &port.to_be_bytes()].concat())?;
    // The reply contains an IPv4 address, whatever was requested.
    let mut reply = [0; 10];
    stream.read_exact(&mut reply)?;
    Ok((stream, reply[1]))
}

/// Whether an HTTP server answers through Tor.
fn answers(socks_port: u16, circuit: usize, host: &str, port: u16) -> bool {
    let answer = || -> std::io::Result<bool> {
        let (mut stream, reply) = ask(socks_port, circuit, host, port)?;
        if reply != 0 {
            return Ok(false);
        }
        stream.write_all(b"HEAD / HTTP/1.0\r\n\r\n")?;
        let mut start = [0; 7];
        stream.read_exact(&mut start)?;
        Ok(&start == b"HTTP/1.")
    };
    answer().unwrap_or(false)
}

/// What `tor:` is given to use this network instead of the public one: in the words of arti's configuration.
fn arti(authorities: &[Authority], network: &Path) -> String {
    let local = |port: u16| format!("127.0.0.1:{port}");
    let fallbacks: Vec<_> = authorities
        .iter()
        .map(|authority| {
            serde_json::json!({
                "rsa_identity": authority.fingerprint.to_lowercase(),
                "ed_identity": authority.ed25519(network),
                "orports": [local(authority.or_port)],
            })
        })
        .collect();
    let identities: Vec<_> = authorities.iter().map(|authority| authority.identity.to_lowercase()).collect();
    let downloads: Vec<_> = authorities.iter().map(|authority| [local(authority.dir_port)]).collect();
    serde_json::json!({
        "tor_network": {
            "authorities": { "v3idents": identities, "downloads": downloads, "uploads": [], "votes": [] },
            "fallback_caches": fallbacks,
        },
        "address_filter": { "allow_local_addrs": true },
        // All relays are on one address.
        "path_rules": { "ipv4_subnet_family_prefix": 33, "ipv6_subnet_family_prefix": 129 },
        // 24 times the voting interval, in minutes, as C-tor counts it in a test network: otherwise descriptors of onion services
        // are not found. Arti takes no less than 5.
        "override_net_params": { "hsdir_interval": 6 },
    })
    .to_string()
}

const RELAY: &str = "SocksPort 0\nAddress 127.0.0.1\nServerDNSDetectHijacking 0\nServerDNSResolvConfFile resolv.conf\n";

/// Runs a tor for each torrc in a folder.
fn all_in(folder: TempDir, tor: &Path) -> Daemon {
    let all = format!(
        "for torrc in */torrc; do
             {{ '{}' -f $torrc >$(dirname $torrc)/log || echo \"(ended: $torrc)\"; }} &
         done; wait",
        tor.display()
    );
    Daemon::start("tor", Path::new("/bin/sh"), &["-c", &all], folder, &[])
}

/// Writes one member's torrc.
fn member(folder: &TempDir, name: &str, parts: &[&str]) {
    let own = folder.path().join(name);
    fs::create_dir_all(&own).unwrap();
    let head = format!("Nickname {name}\nDataDirectory {name}/data\n");
    fs::write(own.join("torrc"), head + &parts.concat()).unwrap();
}

struct Authority {
    name: String,
    or_port: u16,
    dir_port: u16,
    /// The fingerprint of the key that signs the consensus.
    identity: String,
    /// The fingerprint of its relay.
    fingerprint: String,
}

impl Authority {
    /// Makes its keys.
    fn create(number: usize, tor: &Path, gencert: &Path, folder: &TempDir) -> Self {
        let name = format!("authority{number}");
        let (or_port, dir_port) = (free_port(), free_port());
        let keys = folder.path().join(&name).join("data/keys");
        fs::create_dir_all(&keys).unwrap();
        let mut gencert = Command::new(gencert)
            .args(["--create-identity-key", "--passphrase-fd", "0", "-m", "12"])
            .args(["-a", &format!("127.0.0.1:{dir_port}")])
            .current_dir(&keys)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        gencert.stdin.take().unwrap().write_all(b"a passphrase for a minute\n").unwrap();
        assert!(gencert.wait().unwrap().success(), "tor-gencert failed");
        let certificate = fs::read_to_string(keys.join("authority_certificate")).unwrap();
        let identity = certificate.lines().find_map(|line| line.strip_prefix("fingerprint ")).unwrap().to_owned();

        let empty = folder.path().join(&name).join("empty");
        fs::write(&empty, "").unwrap();
        let told = Command::new(tor)
            .args(["--list-fingerprint", "--hush", "-f"])
            .arg(&empty)
            .args(["--Nickname", &name, "--ORPort", &or_port.to_string(), "--DataDirectory"])
            .arg(folder.path().join(&name).join("data"))
            .output()
            .unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix(&name));
        let fingerprint = line.unwrap_or_else(|| panic!("tor told no fingerprint:\n{told}")).replace(' ', "");
        Self { name, or_port, dir_port, identity, fingerprint }
    }

    /// The key of the relay that it is, in Base64.
    fn ed25519(&self, network: &Path) -> String {
        let text = fs::read_to_string(network.join(&self.name).join("data/fingerprint-ed25519")).unwrap();
        text.split_whitespace().nth(1).unwrap().to_owned()
    }

    fn line(&self) -> String {
        let Self { name, or_port, dir_port, identity, fingerprint } = self;
        format!("DirAuthority {name} orport={or_port} no-v2 v3ident={identity} 127.0.0.1:{dir_port} {fingerprint}\n")
    }
}
