//! The third form, far side: the machines at their true addresses and ports, in a network namespace that has these.
//!
//! Nothing is translated, and there is no censor here: it is on the path, in another namespace
//! ([`border`](crate::border)). The kernel plays a machine's fault where possible: a machine that refuses has no
//! listener, and rules of nftables handle packets to one that is off, or that a router calls unreachable.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::time::sleep;

use crate::link::EHOSTUNREACH;
use crate::node::{CLIENT_V4, CLIENT_V6, Health, Service};
use crate::serve::{AFTER_AN_ERROR, answer_datagrams};
use crate::stream::BoxWire;
use crate::world::{RealFace, Shared, WorldState};

/// Serves every machine. Returns nftables rules for this namespace.
pub(crate) async fn serve(world: &Shared, ca_file: &Path) -> io::Result<String> {
    if world.state().nodes.iter().any(|node| node.behind_censor) {
        return Err(io::Error::other("a machine behind the censor has no place among those beyond it"));
    }
    let face = Arc::new(TrueAddresses(world.state().vantages()));
    if world.real.set(face.clone()).is_err() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "this lab is on real sockets already"));
    }
    {
        let mut state = world.state();
        // The censor of this lab is elsewhere: what comes here has passed it.
        state.rules.clear();
        // The cable determines a round trip, for datagrams and streams.
        state.nodes.iter_mut().for_each(|node| node.rtt = Duration::ZERO);
    }
    world.forget_certificates();
    let (doors, rules) = {
        let state = world.state();
        (doors(&state), illnesses(&state))
    };
    for Door { machine, at, dns } in doors {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{at} cannot be listened on: {error}"));
        let listener = TcpListener::bind(at).await.map_err(named)?;
        if dns {
            let socket = UdpSocket::bind(at).await.map_err(named)?;
            world.spawn(answer_datagrams(world.clone(), at, Arc::new(socket)));
        }
        world.spawn(answer(world.clone(), face.clone(), machine, at, listener));
    }
    std::fs::write(ca_file, world.authority.pem())?;
    Ok(rules)
}

/// Every address that a machine of this lab has or connects from.
pub(crate) fn addresses(state: &WorldState) -> Vec<IpAddr> {
    let serving = state.nodes.iter().filter(|node| !node.ports.is_empty());
    let all: BTreeSet<IpAddr> =
        serving.flat_map(|node| node.addresses.iter().copied().chain([node.vantage()])).collect();
    all.into_iter().filter(|address| !address.is_loopback()).collect()
}

/// A port on which a machine listens.
pub(crate) struct Door {
    pub(crate) machine: usize,
    pub(crate) at: SocketAddr,
    /// It takes datagrams, too.
    pub(crate) dns: bool,
}

/// Every port of every machine that is up. If several share one, the first owns it, and the requested name chooses
/// among them.
pub(crate) fn doors(state: &WorldState) -> Vec<Door> {
    let mut taken = BTreeSet::new();
    let mut doors = Vec::new();
    for (machine, node) in state.nodes.iter().enumerate() {
        for &address in node.addresses.iter().filter(|address| !address.is_loopback()) {
            if !matches!(node.health_at(address), Health::Up | Health::Silent) {
                continue;
            }
            for (&port, service) in &node.ports {
                let at = SocketAddr::new(address, port);
                if taken.insert(at) {
                    doors.push(Door { machine, at, dns: matches!(service, Service::Dns) });
                }
            }
        }
    }
    doors
}

/// What happens to packets for machines that are off.
fn illnesses(state: &WorldState) -> String {
    let mut rules = String::new();
    for node in &state.nodes {
        for &address in &node.addresses {
            let what = match node.health_at(address) {
                Health::Swallows => "drop",
                Health::Unreachable => "reject with icmpx type host-unreachable",
                Health::Up | Health::Silent | Health::Refuses => continue,
            };
            let family = if address.is_ipv4() { "ip" } else { "ip6" };
            let _ = writeln!(rules, "    {family} daddr {address} {what}");
        }
    }
    format!(
        "table inet byway_lab {{\n  chain machines {{\n    type filter hook input priority filter;\n{rules}  }}\n}}\n"
    )
}

async fn answer(world: Shared, face: Arc<TrueAddresses>, machine: usize, to: SocketAddr, listener: TcpListener) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            sleep(AFTER_AN_ERROR).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        world.spawn(world.clone().serve(machine, to, face.from(peer.ip()), Box::new(stream)));
    }
}

/// The addresses from which machines connect.
struct TrueAddresses(BTreeSet<IpAddr>);

impl TrueAddresses {
    /// The owner of this connection: a machine, or the client, for which the border may have opened it.
    fn from(&self, peer: IpAddr) -> IpAddr {
        let client = if peer.is_ipv4() { CLIENT_V4 } else { CLIENT_V6 };
        if self.0.contains(&peer) { peer } else { client }
    }
}

impl RealFace for TrueAddresses {
    fn dial(&self, from: IpAddr, to: SocketAddr, _censored: bool) -> BoxFuture<'static, io::Result<BoxWire>> {
        async move {
            let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            if from.is_ipv4() == to.is_ipv4() && !from.is_loopback() {
                socket.bind((from, 0).into())?;
            }
            let stream = socket.connect(to).await.map_err(|error| match error.kind() {
                // An address without a machine counts as off, as in virtual time, and a proxy calls both unreachable.
                io::ErrorKind::TimedOut => io::Error::from_raw_os_error(EHOSTUNREACH),
                _ => error,
            })?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxWire)
        }
        .boxed()
    }

    fn seen_by_client(&self, address: IpAddr) -> IpAddr {
        address
    }
}

impl WorldState {
    fn vantages(&self) -> BTreeSet<IpAddr> {
        self.nodes.iter().map(crate::node::Node::vantage).collect()
    }
}
