//! A private Tor network on this machine: three directory authorities, six relays of which two are exits, a client with a SOCKS
//! port, two onion services (one of them restricted) and, if asked for, a bridge with obfs4.
//!
//! These are processes of the real `tor`, with real circuits and a real consensus. They need no root. Their exits resolve names by
//! [`Options::names`] alone, and nothing leaves the machine. All end when [`PrivateTor`] is dropped, and soon after this
//! process if it is killed.

mod authority;
mod client;
mod error;
mod names;
mod process;
mod socks;
mod torrc;

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;

use authority::Authority;
use names::Names;
use process::{Tors, wait_until};
use socks::{answers, asks_for_a_key};

pub use client::SocksClient;
pub use error::PrivateTorError;
pub use names::Resolve;

/// What a private network is made for.
#[derive(Clone)]
pub struct Options {
    /// Where an exit finds a name.
    pub names: Resolve,
    /// A name by which circuits are tried, at the port of [`Options::site`].
    pub name: String,
    /// An HTTP server without TLS on this machine, which the onion services show at their port 80.
    pub site: SocketAddr,
    /// The addresses of this machine that relays, authorities and the bridge have, in turns. Empty: loopback.
    pub addresses: Vec<Ipv4Addr>,
    /// The address of the client's SOCKS port.
    pub socks_at: Ipv4Addr,
    /// How many relays may be guards, where each has an address of its own; at most four, and none is an exit. `None`: all.
    pub guards: Option<usize>,
    /// The program that speaks obfs4, for the bridge. `None`: there is no bridge.
    pub obfs4proxy: Option<PathBuf>,
}

impl Options {
    /// On loopback, without a bridge: `name` leads to loopback, and the onion services to `site`.
    pub fn new(name: &str, site: SocketAddr) -> Self {
        Self {
            names: Resolve::all_to(Ipv4Addr::LOCALHOST),
            name: name.to_owned(),
            site,
            addresses: Vec::new(),
            socks_at: Ipv4Addr::LOCALHOST,
            guards: None,
            obfs4proxy: None,
        }
    }

    fn address(&self, number: usize) -> Ipv4Addr {
        match self.addresses.len() {
            0 => Ipv4Addr::LOCALHOST,
            count => self.addresses.get(number % count).copied().unwrap_or(Ipv4Addr::LOCALHOST),
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("site", &self.site).finish_non_exhaustive()
    }
}

/// The network, running.
#[derive(Debug)]
pub struct PrivateTor {
    /// The client's SOCKS port.
    pub socks: SocketAddr,
    /// Where relays and authorities listen, for Tor's protocol and for directories; not the bridge.
    pub relays: Vec<SocketAddr>,
    /// Those that may be guards.
    pub guards: Vec<SocketAddr>,
    /// The bridge, if one was asked for.
    pub bridge: Option<Bridge>,
    /// The network, as arti's configuration: for `byway::TorNetwork`.
    pub arti: String,
    /// The onion service's address; its port 80 leads to the site.
    pub onion: String,
    /// The same for one that lets in only readers with [`READERS_KEY`].
    pub restricted: String,
    /// What every torrc of the network begins with.
    shared: String,
    /// Which member listens where.
    members: Vec<(SocketAddr, String)>,
    // In this order: the ends go before the relays, and the folders last.
    _ends: Tors,
    network: Mutex<Tors>,
    _names: Names,
}

/// A bridge, which no list of relays names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Bridge {
    /// Where it speaks Tor's own protocol.
    pub plain: SocketAddr,
    /// Its line for that.
    pub line: String,
    /// Where it speaks obfs4.
    pub obfs4: SocketAddr,
    /// Its line for that.
    pub obfs4_line: String,
}

/// A reader's private key for the restricted onion service: the bytes 0 to 31, in Base32.
pub const READERS_KEY: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";
/// What X25519 makes of it, which the service knows.
const READERS_PUBLIC_KEY: &str = "R5AMLLNWR4SWESXFWIKOU5T2N3EU3AU5HV5V4GWRXJXT4IJYFBPQ";

const AUTHORITIES: usize = 3;
/// With fewer, an onion service finds no path.
const RELAYS: usize = 6;
const EXITS: usize = 2;
/// Twice the number of exits, so that usually both are in use.
const PROVED_CIRCUITS: usize = 2 * EXITS;

impl PrivateTor {
    /// Starts it, and waits until circuits carry answers of the site: through the exits, and through the onion services. That
    /// takes about ten seconds. Blocks.
    ///
    /// # Errors
    ///
    /// [`PrivateTorError`].
    pub fn start(options: &Options) -> Result<Self, PrivateTorError> {
        let (tor, gencert) = (program("tor")?, program("tor-gencert")?);
        let folder = folder()?;
        let authorities = make_authorities(options, &tor, &gencert, folder.path())?;
        let guards: Vec<_> = options.guards.map_or_else(Vec::new, |count| {
            (EXITS..RELAYS).take(count).map(|number| options.address(AUTHORITIES + number).into()).collect()
        });
        let mut shared = torrc::SHARED.to_owned() + &torrc::guards(&guards);
        shared.extend(authorities.iter().map(Authority::line));
        let names = Names::start(options.names.clone())?;
        fs::write(folder.path().join("resolv.conf"), names.resolv_conf())?;

        let (mut relays, mut members) = (Vec::new(), Vec::new());
        for authority in &authorities {
            relays.extend([authority.or_at, authority.dir_at]);
            members.extend([authority.or_at, authority.dir_at].map(|at| (at, authority.name.clone())));
            let ports = format!("ORPort {}\nDirPort {}\n", authority.or_at, authority.dir_at);
            let relay = torrc::relay(authority.or_at.ip());
            torrc::member(folder.path(), &authority.name, &[&shared, &relay, &ports, torrc::AUTHORITY])?;
        }
        for number in 0..RELAYS {
            let at = free(options.address(AUTHORITIES + number))?;
            relays.push(at);
            let (name, port) = (format!("relay{number}"), format!("ORPort {at}\n"));
            let exit = if number < EXITS { torrc::EXIT } else { "ExitRelay 0\n" };
            torrc::member(folder.path(), &name, &[&shared, &torrc::relay(at.ip()), &port, exit])?;
            members.push((at, name));
        }
        let bridge_at = match &options.obfs4proxy {
            Some(obfs4proxy) => Some(add_bridge(options, folder.path(), &shared, obfs4proxy)?),
            None => None,
        };
        let mut network = Tors::start(folder, &tor)?;
        // A client that knows only some of the relays looks for the onion service where it was not announced.
        wait_until(&mut network, "the authorities had not agreed on all relays", |network| {
            authorities.iter().all(|authority| authority.agrees_on(network.folder(), AUTHORITIES + RELAYS))
        })?;

        let folder = self::folder()?;
        let socks = free(options.socks_at)?;
        let port = format!("SocksPort {socks} ExtendedErrors\n");
        torrc::member(folder.path(), "client", &[&shared, torrc::ENDS, torrc::CLIENT, &port])?;
        torrc::member(folder.path(), "onion", &[&shared, torrc::ENDS, &torrc::services(options.site)])?;
        restrict(&folder.path().join("onion/restricted"))?;
        let mut ends = Tors::start(folder, &tor)?;
        let said = |ends: &Tors, file: &str, words: &str| {
            fs::read_to_string(ends.folder().join(file)).is_ok_and(|log| log.contains(words))
        };
        wait_until(&mut ends, "the client had no circuits", |ends| said(ends, "client/log", "Bootstrapped 100%"))?;
        wait_until(&mut ends, "the onion service was not announced", |ends| {
            said(ends, "onion/rend.log", "finished with status 200")
        })?;
        let hostname = |service: &str| -> io::Result<String> {
            let file = ends.folder().join("onion").join(service).join("hostname");
            Ok(fs::read_to_string(file)?.trim().to_owned())
        };
        let (onion, restricted) = (hostname("service")?, hostname("restricted")?);
        // "Bootstrapped 100%" is a claim: under load the first streams may still fail. Each login has its own circuit.
        let (name, port) = (&options.name, options.site.port());
        for circuit in 0..PROVED_CIRCUITS {
            wait_until(&mut ends, "circuits carried no streams to the exits", |_| answers(socks, circuit, name, port))?;
        }
        wait_until(&mut ends, "the onion service was not found", |_| answers(socks, 0, &onion, 80))?;
        wait_until(&mut ends, "the restricted one was not found", |_| asks_for_a_key(socks, &restricted))?;
        let mut bridge = None;
        if let Some(at) = bridge_at {
            wait_until(&mut network, "the bridge was not ready", |network| {
                bridge = Bridge::of(network.folder(), at);
                bridge.is_some()
            })?;
        }
        let arti = torrc::arti(&authorities, network.folder())?;
        let may_be = |at: &&SocketAddr| guards.is_empty() || guards.contains(&at.ip());
        let guards = relays.iter().filter(may_be).copied().collect();
        Ok(Self {
            socks,
            relays,
            guards,
            bridge,
            arti,
            onion,
            restricted,
            shared,
            members,
            _ends: ends,
            network: Mutex::new(network),
            _names: names,
        })
    }

    /// Kills the process of the relay or authority that listens at this address, as a computer that loses its power, and waits until
    /// it is gone. Nothing starts it again. Blocks for some milliseconds.
    ///
    /// # Errors
    ///
    /// If none of the network listens there, or the system does not end it.
    pub fn kill(&self, at: SocketAddr) -> io::Result<()> {
        let (_, name) = self.members.iter().find(|(listens, _)| *listens == at).ok_or(io::ErrorKind::NotFound)?;
        self.network.lock().unwrap_or_else(PoisonError::into_inner).kill(name)
    }

    /// Its SOCKS port, as a strategy's URL.
    pub fn strategy(&self) -> String {
        format!("tor+socks5://{}", self.socks)
    }
}

/// A Tor whose only directory authority answers nothing: it takes requests at its SOCKS port and starts for ever.
#[derive(Debug)]
pub struct StartingTor {
    /// Its SOCKS port.
    pub socks: SocketAddr,
    _tor: Tors,
}

impl StartingTor {
    /// Starts it, and waits until its port is open. Blocks.
    ///
    /// # Errors
    ///
    /// [`PrivateTorError`].
    pub fn start() -> Result<Self, PrivateTorError> {
        let (tor, socks, silent) = (program("tor")?, free(Ipv4Addr::LOCALHOST)?, free(Ipv4Addr::LOCALHOST)?.port());
        let folder = folder()?;
        torrc::member(folder.path(), "starting", &[&torrc::starting(socks, silent)])?;
        let mut tor = Tors::start(folder, &tor)?;
        wait_until(&mut tor, "its port was not open", |_| std::net::TcpStream::connect(socks).is_ok())?;
        Ok(Self { socks, _tor: tor })
    }
}

impl Bridge {
    /// `None` until it is ready.
    fn of(network: &Path, (plain, obfs4): (SocketAddr, SocketAddr)) -> Option<Self> {
        let read = |file: &str| fs::read_to_string(network.join("bridge").join(file)).ok();
        read("log").filter(|log| log.contains("Bootstrapped 100%"))?;
        let fingerprint = read("data/fingerprint")?.split_whitespace().nth(1)?.to_owned();
        let told = read("data/pt_state/obfs4_bridgeline.txt")?;
        let mut lines = told.lines();
        let (_, parameters) =
            lines.find_map(|line| line.strip_prefix("Bridge obfs4 ")?.split_once("<FINGERPRINT> "))?;
        Some(Self {
            plain,
            line: format!("{plain} {fingerprint}"),
            obfs4,
            obfs4_line: format!("obfs4 {obfs4} {fingerprint} {parameters}"),
        })
    }
}

/// Adds the bridge to the members in this folder.
fn add_bridge(
    options: &Options,
    folder: &Path,
    shared: &str,
    obfs4proxy: &Path,
) -> Result<(SocketAddr, SocketAddr), PrivateTorError> {
    let address = options.address(AUTHORITIES + RELAYS);
    let (plain, obfs4) = (free(address)?, free(address)?);
    let own = torrc::bridge(plain, obfs4, obfs4proxy);
    torrc::member(folder, "bridge", &[shared, &torrc::relay(plain.ip()), &own])?;
    Ok((plain, obfs4))
}

fn make_authorities(
    options: &Options,
    tor: &Path,
    gencert: &Path,
    folder: &Path,
) -> Result<Vec<Authority>, PrivateTorError> {
    std::thread::scope(|scope| {
        let make = |number| {
            let at = options.address(number);
            scope.spawn(move || Authority::create(number, (free(at)?, free(at)?), (tor, gencert), folder))
        };
        let threads: Vec<_> = (0..AUTHORITIES).map(make).collect();
        let broken = || PrivateTorError::Io(io::Error::other("the keys of an authority could not be made"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broken()))).collect()
    })
}

/// Lets in only readers who have the key.
fn restrict(service: &Path) -> io::Result<()> {
    let clients = service.join("authorized_clients");
    fs::create_dir_all(&clients)?;
    #[cfg(unix)]
    for folder in [service, &clients] {
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    fs::write(clients.join("reader.auth"), format!("descriptor:x25519:{READERS_PUBLIC_KEY}\n"))
}

fn folder() -> io::Result<TempDir> {
    tempfile::Builder::new().prefix("byway-private-tor-").tempdir()
}

/// Where a program of the package is.
fn program(name: &'static str) -> Result<PathBuf, PrivateTorError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian's `tor` is in a folder that only root has in its path.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let mut found = folders.map(|folder| folder.join(name)).filter(|file| file.is_file());
    found.next().ok_or(PrivateTorError::Missing { program: name })
}

/// A port that is free at this address.
///
/// It is below the range of ephemeral ports, so that it stays free until its process listens.
fn free(address: Ipv4Addr) -> io::Result<SocketAddr> {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 20_000;
    let seed = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or_default();
    for _ in 0..COUNT {
        let port = FIRST + seed.wrapping_mul(67).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let at = SocketAddr::new(IpAddr::V4(address), port);
        if TcpListener::bind(at).is_ok() {
            return Ok(at);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free"))
}
