//! What is read, and through which network: an origin in a process of its own, so that its work counts for no side, and the
//! lab's private Tor network.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use byway::{Builder, Byway, Exposure, Roots, StoreKey, TorNetwork};
use byway_lab::private_tor::{Options, PrivateTor};

use super::CHILD;
use super::origin::{HOST, Origin};

/// The origin and the network.
pub(crate) struct Scene {
    pub(crate) network: PrivateTor,
    pub(crate) readable: Readable,
    _origin: OriginProcess,
}

/// What a reader has to know of them. It is passed to a child as one line.
#[derive(Clone)]
pub(crate) struct Readable {
    /// Arti's configuration.
    arti: String,
    origin: SocketAddr,
    /// The origin's authority, in DER.
    authority: Vec<u8>,
}

impl Scene {
    pub(crate) fn start() -> Self {
        let (process, origin, authority) = OriginProcess::start();
        let network = PrivateTor::start(&Options::new(HOST, plain_site()));
        let network = network.unwrap_or_else(|error| panic!("{error}"));
        let readable = Readable { arti: network.arti.clone(), origin, authority };
        Self { network, readable, _origin: process }
    }
}

impl Readable {
    /// A client that reads by this strategy alone, with its data in this folder.
    pub(crate) async fn byway(&self, strategy: &str, folder: &Path) -> Byway {
        self.builder(strategy).data_dir(folder, StoreKey::new([7; 32])).build().await.expect("a Byway")
    }

    pub(crate) fn builder(&self, strategy: &str) -> Builder {
        let roots = Roots::from_certificates(&self.authority).expect("a certificate");
        let network = TorNetwork::from_json(&self.arti).expect("a network");
        let builder = Byway::builder().exposure(Exposure::Tor).roots(roots).tor_network(network);
        builder.strategy(strategy.parse().expect("a strategy"))
    }

    /// The address of a page of the origin.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.origin.port())
    }

    pub(crate) fn to_line(&self) -> String {
        format!("{} {} {}", self.origin, STANDARD.encode(&self.authority), STANDARD.encode(&self.arti))
    }

    pub(crate) fn of_line(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut word = || words.next().expect("a word");
        let origin = word().parse().expect("an address");
        let authority = STANDARD.decode(word()).expect("Base64");
        let arti = String::from_utf8(STANDARD.decode(word()).expect("Base64")).expect("a text");
        Self { arti, origin, authority }
    }
}

/// The process of the origin. Dropping this kills it.
struct OriginProcess(Child);

impl OriginProcess {
    fn start() -> (Self, SocketAddr, Vec<u8>) {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program);
        child.env(CHILD, ORIGIN).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().expect("the origin's process");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("the origin's line");
        let (address, authority) = line.trim().split_once(' ').expect("an address and an authority");
        let authority = STANDARD.decode(authority).expect("Base64");
        (Self(child), address.parse().expect("an address"), authority)
    }
}

impl Drop for OriginProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child that is the origin.
pub(crate) const ORIGIN: &str = "origin";

/// What that child does: it says where it is, and serves until its input ends.
pub(crate) fn serve() {
    let origin = Origin::start(false);
    println!("{} {}", origin.address, STANDARD.encode(&origin.authority));
    let _ = std::io::stdout().flush();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// The site by which the lab tries its circuits: every request gets an empty answer.
fn plain_site() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of loopback");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.0 204 No Content\r\n\r\n");
        }
    });
    address
}
