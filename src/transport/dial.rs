//! Turns a candidate into a connected stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::address::is_onion_host;
use super::happy_eyeballs::connect_first;
use super::isolation::{Circuit, IsolationSecret};
use super::overrides::Overrides;
use super::resolve::{self, Lookups, ResolverPool};
use super::rules::{allows, forbidden, permit};
use super::second_circuit::once_more;
use super::sessions::Sessions;
use super::{
    Candidate, Candidates, Cause, Destination, Failure, PlannedLookups, PolicyRule, Resolver, Route, Stage, Strategy,
    StrategyKind, TorProgress, TorStall, TorStreams, Trace, Trust, Wait, timeouts,
};
use crate::net::{BoxStream, Net};
use crate::wire::tls::TlsClient;
use crate::wire::{connect, shadowsocks, socks};

/// Opens streams along routes, over one [`Net`].
#[derive(Debug)]
pub struct Dialer {
    net: Arc<dyn Net>,
    /// For the TLS to a resolver.
    tls: TlsClient,
    /// For the TLS to an `https://` proxy. The TLS with the destination is made in a layer above.
    sessions: Sessions,
    overrides: Overrides,
    resolvers: ResolverPool,
    tor: Option<Arc<dyn TorStreams>>,
    secret: IsolationSecret,
}

impl Dialer {
    /// A dialer over `net`. `tls` holds the roots by which the certificates of proxies and resolvers are judged. The
    /// dialer draws its own secret for Tor's isolation, so that two processes, or two runs of one, never share a
    /// circuit.
    pub fn new(net: Arc<dyn Net>, tls: &TlsClient, overrides: Overrides) -> Self {
        let resolvers = ResolverPool::default();
        let (tls, sessions) = (tls.isolated(), Sessions::new(tls.clone()));
        Self { net, tls, sessions, overrides, resolvers, tor: None, secret: IsolationSecret::draw() }
    }

    /// With the Tor of this process.
    #[must_use]
    #[cfg(any(feature = "tor", test))]
    pub fn with_tor(self, tor: Arc<dyn TorStreams>) -> Self {
        Self { tor: Some(tor), ..self }
    }

    /// Starts the Tor of this process, if there is one and it does not run, for a stream that may follow. It goes on if this is
    /// dropped.
    pub async fn warm_tor(&self) {
        if let Some(tor) = &self.tor {
            // A stream that needs it says why it does not start.
            let _ = tor.start(&|_| ()).await;
        }
    }

    /// Closes the idle connections to resolvers, and forgets the TLS sessions with proxies.
    pub fn forget_connections(&self) {
        self.resolvers.clear();
        self.sessions.clear();
    }

    /// Returns which of these resolvers answer at all. Authenticated resolvers are left out: no one on the path can
    /// silence them for one name only.
    pub async fn answering(&self, resolvers: Vec<Resolver>) -> Vec<Resolver> {
        let asked = resolvers.into_iter().map(|resolver| async {
            let answers = resolve::answers(&*self.net, &resolver).await;
            answers.then_some(resolver)
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// The network that this dialer uses.
    pub fn net(&self) -> &Arc<dyn Net> {
        &self.net
    }

    /// The lookups that this strategy makes before it can reach this destination. Sends nothing.
    pub fn lookups(&self, strategy: &Strategy, destination: &Destination) -> PlannedLookups {
        PlannedLookups::of(strategy, destination, &self.overrides)
    }

    /// Makes a route dialable. A direct route gets one candidate per address; any other route is one candidate, and
    /// nothing is looked up. The candidates are added as they become known. The future ends when no more will come.
    ///
    /// # Errors
    /// If no candidate was added: failures of [`Stage::Dns`], and [`Cause::Forbidden`] if the exposure or the address
    /// rule forbids it.
    pub async fn resolve(&self, route: &Route, trace: &Trace, candidates: &Candidates) -> Result<(), Failure> {
        permit(route, Stage::Dns)?;
        let StrategyKind::Direct { dns } = &route.strategy.kind else {
            candidates.add([Candidate::to(route, None)], &[], Trust::Authentic);
            return Ok(());
        };
        let lookups = Lookups { net: &*self.net, tls: &self.tls, overrides: &self.overrides, pool: &self.resolvers };
        lookups.resolve(route, dns, trace, candidates).await
    }

    /// Connects. The stream leads to the destination, through the proxy if there is one. TLS with the destination is
    /// not made here.
    ///
    /// # Errors
    /// Failures of the stages tcp and proxy (dns for a proxy's own name).
    pub async fn dial(&self, candidate: &Candidate, trace: &Trace) -> Result<BoxStream, Failure> {
        let Candidate { route, address, ech: _ } = candidate;
        permit(route, Stage::Tcp)?;
        match (&route.strategy.kind, address) {
            (StrategyKind::Direct { .. }, Some(address)) => self.direct(route, *address, trace).await,
            // This happens only for a candidate that `resolve` did not make.
            (StrategyKind::Direct { .. }, None) => Err(Failure::new(Stage::Dns, Cause::NoAddress)),
            (StrategyKind::Socks5 { server, login }, _) => {
                let login = login
                    .as_ref()
                    .map_or(socks::Login::None, |login| socks::Login::Offered(login.user(), login.password()));
                let stream = self.first_hop(server, trace).await?;
                socks5(stream, route, login, trace).await
            }
            (StrategyKind::Tor { .. }, _) => self.tor(route, trace).await,
            (StrategyKind::TorSocks5 { server }, _) => self.tor_socks5(server, route, trace).await,
            (StrategyKind::Shadowsocks { server, key }, _) => {
                let stream = self.first_hop(server, trace).await?;
                trace.awaits_proxy();
                let answered = {
                    let trace = trace.clone();
                    move || trace.proxy_answered()
                };
                let Destination { host, port } = &route.destination;
                let secret = (key.method().text(), key.password());
                let tunnel = shadowsocks::connect(stream, secret, (host, *port), answered);
                Ok(Box::new(tunnel.map_err(|error| Failure::shadowsocks(&error))?) as BoxStream)
            }
            (StrategyKind::HttpConnect { server, tls, login }, _) => {
                let stream = self.first_hop(server, trace).await?;
                trace.enter(Stage::Proxy);
                let tunnel = async {
                    let stream = if *tls {
                        trace.greets();
                        let secured = self.secure(route, server, stream).await?;
                        trace.was_greeted();
                        secured
                    } else {
                        stream
                    };
                    let authority = route.destination.to_string();
                    let login = login.as_ref().map(|login| (login.user(), login.password()));
                    let tunnel = connect::connect(stream, &authority, login).await;
                    tunnel.map_err(|error| Failure::connect(&error))
                };
                Ok(Box::new(within(timeouts::PROXY, Stage::Proxy, tunnel).await?) as BoxStream)
            }
        }
    }

    async fn direct(&self, route: &Route, address: SocketAddr, trace: &Trace) -> Result<BoxStream, Failure> {
        if !allows(route, address.ip()) {
            return Err(forbidden(Stage::Tcp, PolicyRule::PrivateAddress));
        }
        trace.enter(Stage::Tcp);
        trace.dialled(address.ip());
        let connect = async { self.net.connect(address).await.map_err(|error| Failure::io(Stage::Tcp, &error)) };
        within(timeouts::TCP, Stage::Tcp, connect).await
    }

    async fn tor(&self, route: &Route, trace: &Trace) -> Result<BoxStream, Failure> {
        // The parser refuses `tor:` where none is built in. A dialer of a test may have none.
        let Some(tor) = &self.tor else {
            return Err(Failure::new(Stage::Proxy, Cause::TorNotStarted { stall: TorStall::Unknown }));
        };
        trace.enter(Stage::Proxy);
        // Its start may take a minute and says nothing about the host, so that the race waits for it. Where it stands still, or
        // takes longer than it usually does on this network, other strategies have their turn.
        let started = {
            let _waiting = TorWait::begin(trace);
            let is_late = AtomicBool::new(false);
            let report = |progress: TorProgress| {
                let is_late = progress.stall.is_some() || is_late.load(Ordering::Relaxed);
                trace.waits(Some(if is_late { Wait::StalledTor } else { Wait::Tor }));
                trace.tor_starts(progress);
            };
            let late = async {
                match trace.time_for_tor() {
                    Some(time) => sleep(time).await,
                    None => std::future::pending().await,
                }
            };
            let mut start = tor.start(&report);
            tokio::select! {
                biased;
                started = &mut start => started,
                () = late => {
                    is_late.store(true, Ordering::Relaxed);
                    trace.waits(Some(Wait::StalledTor));
                    start.await
                }
            }
        };
        if let Some(took) = started? {
            trace.tor_started(took);
        }
        let [(first, _), (second, _)] =
            [Circuit::First, Circuit::Second].map(|circuit| self.secret.credentials(&route.isolation, circuit));
        let first = tor.connect(&route.destination, &first);
        let second = async { tor.connect(&route.destination, &second).await };
        once_more(circuit_time(route, trace), trace, first, second).await
    }

    /// By the SOCKS port of a Tor. It takes the greeting at once, even while it starts, so what does not answer that is no Tor,
    /// and only then Tor's own time begins.
    async fn tor_socks5(&self, server: &Destination, route: &Route, trace: &Trace) -> Result<BoxStream, Failure> {
        let mut stream = self.first_hop(server, trace).await?;
        trace.enter(Stage::Proxy);
        trace.greets();
        let request = self.greet(&mut stream, route, Circuit::First).await?;
        trace.was_greeted();
        let first = async {
            request.send(&mut stream).await.map_err(|error| Failure::socks(&error))?;
            Ok(stream)
        };
        // The record stays at the proxy's stage: this Tor is known to answer, and was told the destination.
        let second = async {
            let addresses = resolve::resolve_proxy(&*self.net, server).await?;
            let connecting = connect_first(&*self.net, &addresses, trace);
            let mut stream = within(timeouts::TCP, Stage::Tcp, connecting).await?;
            let request = self.greet(&mut stream, route, Circuit::Second).await?;
            request.send(&mut stream).await.map_err(|error| Failure::socks(&error))?;
            Ok(stream)
        };
        once_more(circuit_time(route, trace), trace, first, second).await
    }

    async fn greet(&self, stream: &mut BoxStream, route: &Route, circuit: Circuit) -> Result<socks::Request, Failure> {
        let (user, password) = self.secret.credentials(&route.isolation, circuit);
        let Destination { host, port } = &route.destination;
        let greeting = socks::greet(stream, host, *port, socks::Login::Always(&user, &password));
        let greeting = async { greeting.await.map_err(|error| Failure::socks(&error)) };
        within(timeouts::PROXY, Stage::Proxy, greeting).await
    }

    async fn secure(&self, route: &Route, server: &Destination, stream: BoxStream) -> Result<BoxStream, Failure> {
        let tls = self.sessions.of(route);
        let secured = tls.connect_http1(&server.host_text(), stream).await;
        Ok(Box::new(secured.map_err(|error| Failure::tls(Stage::Proxy, &error))?.stream))
    }

    /// Connects to the proxy, at the first of its addresses that answers.
    async fn first_hop(&self, server: &Destination, trace: &Trace) -> Result<BoxStream, Failure> {
        trace.enter(Stage::Dns);
        let addresses = resolve::resolve_proxy(&*self.net, server).await?;
        trace.enter(Stage::Tcp);
        within(timeouts::TCP, Stage::Tcp, connect_first(&*self.net, &addresses, trace)).await
    }
}

/// The attempt waits for Tor's start, until this is dropped.
struct TorWait<'a>(&'a Trace);

impl<'a> TorWait<'a> {
    fn begin(trace: &'a Trace) -> Self {
        trace.waits(Some(Wait::Tor));
        Self(trace)
    }
}

impl Drop for TorWait<'_> {
    fn drop(&mut self) {
        self.0.waits(None);
    }
}

/// How long Tor may take to make a way to this host. The race waits for one to an onion service.
fn circuit_time(route: &Route, trace: &Trace) -> Duration {
    if is_onion_host(&route.destination.host) {
        trace.makes_circuit(timeouts::ONION);
        timeouts::ONION
    } else {
        timeouts::TOR
    }
}

async fn socks5(
    mut stream: BoxStream,
    route: &Route,
    login: socks::Login<'_>,
    trace: &Trace,
) -> Result<BoxStream, Failure> {
    trace.enter(Stage::Proxy);
    trace.greets();
    let Destination { host, port } = &route.destination;
    let handshake = async {
        let request = socks::greet(&mut stream, host, *port, login).await?;
        trace.was_greeted();
        request.send(&mut stream).await
    };
    let handshake = async { handshake.await.map_err(|error| Failure::socks(&error)) };
    within(timeouts::PROXY, Stage::Proxy, handshake).await?;
    Ok(stream)
}

async fn within<T>(time: Duration, stage: Stage, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(time, work).await.unwrap_or_else(|_| Err(Failure::new(stage, Cause::Silence)))
}

#[cfg(test)]
mod tests;
