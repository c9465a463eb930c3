//! How packets travel: which client reaches which machine, on which path, and when.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::censor::Censor;
use crate::dns;
use crate::inspect::Inspector;
use crate::lie::Lie;
use crate::link::{CENSOR_DELAY, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, Link, RTT};
use crate::log::What;
use crate::node::{CLIENT_V4, CLIENT_V6, Health};
use crate::relay::relay;
use crate::rule::Action;
use crate::stream::{BoxWire, LabStream, pair};
use crate::world::{PORTAL, PORTAL_MACHINE, SYSTEM_RESOLVER, World};

/// The opener of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opener {
    Client,
    Machine(usize),
}

/// A datagram's answer and its time of arrival.
pub(crate) type Arrival = (Duration, Vec<u8>);

impl World {
    /// Opens a TCP connection for the client.
    pub(crate) async fn dial_as_client(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        // A socket counts from its first packet on.
        let open = self.open.one();
        self.dial_from_phone(to).await.map(|stream| stream.counted(open))
    }

    async fn dial_from_phone(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        self.log("client", What::Connect { to });
        let phone = self.state().phone.clone();
        if to.ip().is_loopback() {
            return self.dial_loopback(to);
        }
        if phone.offline || (to.is_ipv6() && !phone.ipv6) {
            return Err(io::Error::from_raw_os_error(ENETUNREACH));
        }
        if to.is_ipv6() && phone.ipv6_broken {
            return std::future::pending().await;
        }
        if phone.portal {
            if to.port() != 80 {
                sleep(RTT).await;
                return Err(io::Error::from_raw_os_error(ECONNREFUSED));
            }
            sleep(RTT).await;
            let from = self.address_of(Opener::Client, to);
            return Ok(self.answered_by(PORTAL_MACHINE, SocketAddr::new(PORTAL, 80), from, &Link::round_trip(RTT)));
        }
        let stream = self.dial_virtual(Opener::Client, to, true).await?;
        self.log("client", What::Connected { to });
        Ok(stream)
    }

    /// Opens a connection for a machine, from its position.
    pub(crate) async fn dial_from(self: &Arc<Self>, machine: usize, to: SocketAddr) -> io::Result<BoxWire> {
        self.note(machine, What::Connect { to });
        let (from, censored) = {
            let state = self.state();
            (state.nodes[machine].vantage(), state.nodes[machine].behind_censor)
        };
        match self.real.get() {
            Some(real) => real.dial(from, to, censored).await,
            None => Ok(Box::new(self.dial_virtual(Opener::Machine(machine), to, censored).await?)),
        }
    }

    /// Opens a connection to an onion service, which only a Tor can.
    pub(crate) async fn dial_onion(self: &Arc<Self>, machine: usize, host: &str, port: u16) -> io::Result<BoxWire> {
        let found = {
            let state = self.state();
            state.nodes.iter().position(|node| node.onion && node.names.iter().any(|name| name == host))
        };
        let Some(service) = found else { return Err(io::ErrorKind::NotFound.into()) };
        let address = self.state().nodes[service].vantage();
        self.dial_from(machine, SocketAddr::new(address, port)).await
    }

    /// Resolves a name for a machine: by the lab's hosts, or by the censor if the machine is behind it.
    pub(crate) async fn resolve_for(self: &Arc<Self>, machine: usize, name: &str) -> io::Result<Vec<IpAddr>> {
        let (censored, truth) = {
            let state = self.state();
            (state.nodes[machine].behind_censor, state.resolve(name))
        };
        if self.real.get().is_none() {
            sleep(RTT).await;
        }
        let lie = if censored { Censor(self.clone()).query(name, SocketAddr::new(SYSTEM_RESOLVER, 53)) } else { None };
        match (lie, truth) {
            (Some(Action::Inject(Lie::Addresses(addresses))), _) | (None, Some(addresses)) => Ok(addresses),
            _ => Err(io::Error::from_raw_os_error(EHOSTUNREACH)),
        }
    }

    async fn dial_virtual(self: &Arc<Self>, who: Opener, to: SocketAddr, censored: bool) -> io::Result<LabStream> {
        let (found, link) = {
            let state = self.state();
            let found = state.machine_at(to);
            let mut link = found.map_or(Link::round_trip(RTT), |(index, _)| state.nodes[index].link());
            if let Opener::Machine(from) = who {
                link = link.longer_by(state.nodes[from].circuit);
            }
            (found, link)
        };
        let (near, far) = link.cut_at(CENSOR_DELAY);
        if censored {
            let there_and_back = near.delay() * 2;
            let injected = |errno| async move {
                sleep(there_and_back).await;
                Err(io::Error::from_raw_os_error(errno))
            };
            match Censor(self.clone()).syn(to) {
                None => {}
                Some(Action::Refuse) => return injected(ECONNREFUSED).await,
                Some(Action::Unreachable) => return injected(EHOSTUNREACH).await,
                Some(_) => return std::future::pending().await,
            }
        }
        let (machine, health) = match found {
            // No machine has this address, so there is no answer.
            None => return std::future::pending().await,
            Some(found) => found,
        };
        match health {
            Health::Swallows => return std::future::pending().await,
            Health::Up | Health::Silent => sleep(link.delay() * 2).await,
            Health::Refuses => {
                sleep(link.delay() * 2).await;
                return Err(io::Error::from_raw_os_error(ECONNREFUSED));
            }
            Health::Unreachable => {
                sleep(link.delay() * 2).await;
                return Err(io::Error::from_raw_os_error(EHOSTUNREACH));
            }
        }
        let from = self.address_of(who, to);
        if !censored {
            return Ok(self.answered_by(machine, to, from, &link));
        }
        let inspector = Inspector::new(Censor(self.clone()), from, to);
        let (client, border) = pair(&near);
        let beyond = self.answered_by(machine, to, from, &far);
        let fate = (who == Opener::Client).then(|| self.flows.subscribe());
        self.spawn(relay(Box::new(border), Box::new(beyond), Some(inspector), fate));
        Ok(client)
    }

    fn dial_loopback(self: &Arc<Self>, to: SocketAddr) -> io::Result<LabStream> {
        let link = Link::round_trip(Duration::ZERO);
        let refused = || io::Error::from_raw_os_error(ECONNREFUSED);
        let (listener, from) = {
            let mut state = self.state();
            state.next_port = state.next_port.wrapping_add(1);
            (state.listeners.get(&to).cloned(), SocketAddr::new(to.ip(), state.next_port))
        };
        if let Some(listener) = listener {
            let (near, far) = pair(&link);
            return listener.send((far, from)).map(|()| near).map_err(|_| refused());
        }
        let found = self.state().machine_at(to);
        match found {
            Some((machine, Health::Up | Health::Silent)) => Ok(self.answered_by(machine, to, from.ip(), &link)),
            _ => Err(refused()),
        }
    }

    /// A connection to a machine, whose server runs at the other end.
    fn answered_by(self: &Arc<Self>, machine: usize, to: SocketAddr, from: IpAddr, link: &Link) -> LabStream {
        let (near, far) = pair(link);
        self.spawn(self.clone().serve(machine, to, from, Box::new(far)));
        near
    }

    /// The answers to a datagram of the client.
    pub(crate) fn answers(self: &Arc<Self>, to: SocketAddr, payload: &[u8]) -> Vec<Arrival> {
        let asked = dns::query(payload);
        let name = asked.as_ref().map(|(_, name, _)| name.clone());
        self.log("client", What::Datagram { to, query: name });
        let Some((query, name, kind)) = asked else {
            // The lab answers nothing else; the censor still sees it.
            let _ = Censor(self.clone()).datagram(to);
            return Vec::new();
        };
        let mut arrivals = Vec::new();
        match Censor(self.clone()).query(&name, to) {
            Some(Action::Inject(lie)) => {
                arrivals.extend(dns::answer(&query, kind, &lie, None).map(|answer| (CENSOR_DELAY * 2, answer)));
            }
            Some(_) => return Vec::new(),
            None => {}
        }
        let found = {
            let state = self.state();
            state.machine_at(to).map(|(index, health)| (index, health, state.nodes[index].rtt))
        };
        if let Some((resolver, Health::Up, rtt)) = found {
            let truth = dns::opinion(self, resolver, &name);
            let published = dns::published(self, resolver, &name);
            arrivals.extend(dns::answer(&query, kind, &truth, published.as_ref()).map(|answer| (rtt, answer)));
        }
        arrivals
    }

    fn address_of(&self, who: Opener, to: SocketAddr) -> IpAddr {
        match who {
            Opener::Client if to.is_ipv6() => CLIENT_V6,
            Opener::Client => CLIENT_V4,
            Opener::Machine(index) => self.state().nodes[index].vantage(),
        }
    }
}
