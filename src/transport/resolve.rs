//! From a destination to the addresses that are tried: by hand, by itself, or by resolvers.
//!
//! All resolvers of a strategy are asked at once. The first answer that gives an address which a public host can have is
//! dialled; the others, as they come, add what only they gave, and a resolver that proves itself goes before one that
//! anybody on the way can speak for. So a lying resolver costs one failed attempt and no more, and one that is down
//! costs nothing. What each said, and when, is written into the trace also while the race is on. Which of them told the
//! truth is not decided here: the certificate of the host decides it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use http::Uri;
use tokio::time::{Instant, sleep_until, timeout};
use url::Host;

use super::address;
use super::dial::connect_first;
use super::gathering::{Gathering, Source, interleave};
use super::overrides::Overrides;
use super::resolver_pool::{Line, Link, Owner, ResolverPool};
use super::{
    Candidate, Candidates, Cause, Destination, DnsServer, Ech, Failure, LookupAnswer, PolicyRule, QueryType, Resolver,
};
use super::{PrivateAddresses, Resolvers, Route, Stage, Trace, Trust, timeouts};
use crate::net::{BoxStream, Net};
use crate::wire::dns::{self, Kind, Said};
use crate::wire::http::Connection;
use crate::wire::tls::{Secured, TlsClient};

/// Looks names up for a direct route.
pub(super) struct Asker<'a> {
    pub(super) net: &'a dyn Net,
    /// By its roots resolvers prove themselves.
    pub(super) tls: &'a TlsClient,
    pub(super) overrides: &'a Overrides,
    pub(super) pool: &'a ResolverPool,
}

impl Asker<'_> {
    /// Adds the candidates of a direct route as they become known.
    ///
    /// # Errors
    /// If none was added.
    pub(super) async fn resolve(
        &self,
        route: &Route,
        resolvers: &Resolvers,
        trace: &Trace,
        candidates: &Candidates,
    ) -> Result<(), Failure> {
        if let Some(addresses) = self.overrides.of(&route.destination) {
            trace.pinned();
            return known(route, addresses, candidates);
        }
        match &route.destination.host {
            Host::Ipv4(address) => known(route, &[IpAddr::V4(*address)], candidates),
            Host::Ipv6(address) => known(route, &[IpAddr::V6(*address)], candidates),
            Host::Domain(name) if address::is_onion(name) => Err(forbidden(Stage::Dns, PolicyRule::Onion)),
            Host::Domain(name) if address::is_loopback_name(name) => {
                known(route, &[IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)], candidates)
            }
            Host::Domain(name) => self.look_up(name, route, resolvers, trace, candidates).await,
        }
    }

    async fn look_up(
        &self,
        name: &str,
        route: &Route,
        resolvers: &Resolvers,
        trace: &Trace,
        candidates: &Candidates,
    ) -> Result<(), Failure> {
        trace.enter(Stage::Dns);
        let encrypts = route.strategy.ech != Ech::Off;
        resolvers.iter().for_each(|resolver| trace.contacts(resolver));
        let sources = resolvers.iter().map(|resolver| Source::of(resolver, encrypts)).collect();
        let gathering = &Gathering::new(route, candidates, sources);
        let begun = Instant::now();
        let mut asked: FuturesUnordered<_> = resolvers
            .iter()
            .enumerate()
            .map(|(source, resolver)| {
                self.ask(name, resolver, Witness { source, resolver, begun, trace, gathering }).boxed()
            })
            .collect();
        let mut timer = pin!(sleep_until(begun + timeouts::DNS));
        std::future::poll_fn(|cx| {
            while let Poll::Ready(ended) = asked.poll_next_unpin(cx) {
                if ended.is_none() {
                    return Poll::Ready(());
                }
            }
            loop {
                // First of all: what became due is not due any more, and would not be seen below.
                gathering.offer();
                let end = begun + timeouts::DNS;
                let due = gathering.due().map_or(end, |due| due.min(end));
                timer.as_mut().reset(due);
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if due == end {
                    return Poll::Ready(());
                }
            }
        })
        .await;
        drop(asked);
        gathering.finish()
    }

    /// Asks one resolver until it has said what it has to say.
    async fn ask(&self, name: &str, resolver: &Resolver, witness: Witness<'_>) {
        let failed = match resolver {
            Resolver::System => {
                witness.heard(QueryType::Both, system(self.net, name).await);
                Ok(())
            }
            Resolver::Udp(server) => {
                let kinds = witness.gathering.kinds(witness.source);
                dns::over_udp(self.net, *server, name, &kinds, &|kind, said| witness.told(kind, said)).await;
                Ok(())
            }
            Resolver::Tls(server) => self.over_line(name, server, None, &witness).await,
            Resolver::Https { server, path } => self.over_line(name, server, Some(path), &witness).await,
        };
        if let Err(failure) = failed {
            witness.broke_off(&failure);
        }
        witness.gathering.ended(witness.source);
    }

    /// Asks over TLS, or HTTPS where there is a `path`: by the connection that this community's last lookup has left, or by
    /// a new one. It is left for the next lookup.
    async fn over_line(
        &self,
        name: &str,
        server: &DnsServer,
        path: Option<&str>,
        to: &Witness<'_>,
    ) -> Result<(), Failure> {
        let Route { strategy, isolation, .. } = to.gathering.route;
        let owner = Owner { isolation: isolation.clone(), shaping: strategy.tls, resolver: to.resolver.clone() };
        if let Some(mut line) = self.pool.take(&owner) {
            let told = timeout(timeouts::REUSED_DNS, converse(&mut line, name, server, path, to)).await;
            if let Ok(Ok(())) = told {
                self.pool.put(owner, line);
                return Ok(());
            }
            // It died unnoticed while it lay idle, or had something else to say: what is left is asked by a new one.
        }
        let mut line = self.open(server, path.is_some(), to).await?;
        converse(&mut line, name, server, path, to).await.map_err(|error| Failure::dns(&error))?;
        self.pool.put(owner, line);
        Ok(())
    }

    async fn open(&self, server: &DnsServer, https: bool, to: &Witness<'_>) -> Result<Line, Failure> {
        let stream = self.connect(server).await?;
        let (client, host) = (self.client(to), host_text(server));
        let secured = if https { client.connect(&host, stream).await } else { client.connect_dns(&host, stream).await };
        let Secured { stream, http2, proves_name } = secured.map_err(|error| Failure::tls(Stage::Dns, &error))?;
        let stream: BoxStream = Box::new(stream);
        let link = if https {
            let connection = Connection::start(stream, http2, dns::HEAD).await;
            Link::Https(connection.map_err(|error| Failure::dns(&error.into()))?)
        } else {
            Link::Tls(stream)
        };
        Ok(Line { link, proves_name })
    }

    /// Its ClientHello is cut as the way wants it: a resolver's name is cut off, too. Its sessions are not kept: resumed,
    /// they would tell the resolver that two communities have one reader.
    fn client(&self, to: &Witness<'_>) -> TlsClient {
        self.tls.isolated().shaped(to.gathering.route.strategy.tls.shape())
    }

    /// Connects to a resolver: where it was written down to be, else where the user's hand or the system's resolver says.
    async fn connect(&self, server: &DnsServer) -> Result<BoxStream, Failure> {
        let destination = Destination { host: server.name.clone(), port: server.port };
        let addresses = match (server.address, self.overrides.of(&destination)) {
            (Some(address), _) => vec![SocketAddr::new(address, server.port)],
            (None, Some(addresses)) => addresses.iter().map(|address| SocketAddr::new(*address, server.port)).collect(),
            // Why the resolver's own name is not found says nothing of the host's.
            (None, None) => resolve_proxy(self.net, &destination).await.map_err(|failure| match failure.cause {
                Cause::NxDomain | Cause::NoAddress => Failure { cause: Cause::LookupFailed, ..failure },
                _ => failure,
            })?,
        };
        // The trace tells of the host's addresses; a resolver's would be taken for them.
        connect_first(self.net, &addresses, &Trace::new())
            .await
            .map_err(|failure| Failure { stage: Stage::Dns, ..failure })
    }
}

/// Asks for what this resolver has not answered.
async fn converse(
    line: &mut Line,
    name: &str,
    server: &DnsServer,
    path: Option<&str>,
    to: &Witness<'_>,
) -> Result<(), dns::Error> {
    to.gathering.proved(to.source, line.proves_name);
    let kinds = to.gathering.kinds(to.source);
    let heard = |kind, said: &Result<Said, dns::Error>| to.told(kind, said);
    match &mut line.link {
        Link::Tls(stream) => dns::over_stream(stream, name, &kinds, &heard).await,
        Link::Https(connection) => {
            let path = path.unwrap_or_default();
            let endpoint = Uri::try_from(format!("https://{}:{}{path}", server.name, server.port));
            let endpoint = endpoint.map_err(|_| dns::Error::Name)?;
            if !connection.is_http2() {
                to.gathering.is_asked_one_by_one(to.source);
            }
            dns::over_https(connection, &endpoint, name, &kinds, &heard).await
        }
    }
}

/// The addresses of a proxy or resolver, which the user named: its name goes to the system's resolver.
pub(super) async fn resolve_proxy(net: &dyn Net, server: &Destination) -> Result<Vec<SocketAddr>, Failure> {
    let addresses = match &server.host {
        Host::Ipv4(address) => vec![IpAddr::V4(*address)],
        Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        Host::Domain(name) if address::is_onion(name) => return Err(forbidden(Stage::Dns, PolicyRule::Onion)),
        Host::Domain(name) if address::is_loopback_name(name) => {
            vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)]
        }
        Host::Domain(name) => match tokio::time::timeout(timeouts::DNS, system(net, name)).await {
            Ok(found) => found?,
            Err(_) => return Err(Failure::new(Stage::Dns, Cause::Silence)),
        },
    };
    Ok(interleave(&addresses).into_iter().map(|address| SocketAddr::new(address, server.port)).collect())
}

async fn system(net: &dyn Net, name: &str) -> Result<Vec<IpAddr>, Failure> {
    let failed = Failure::new(Stage::Dns, Cause::LookupFailed);
    match net.lookup(name).await {
        Ok(addresses) if addresses.is_empty() => Err(failed),
        Ok(addresses) => Ok(addresses),
        Err(error) => {
            let cause = match error.kind() {
                io::ErrorKind::NotFound => Cause::NxDomain,
                io::ErrorKind::AddrNotAvailable => Cause::NoAddress,
                _ => Cause::LookupFailed,
            };
            Err(Failure { cause, errno: error.raw_os_error(), ..failed })
        }
    }
}

/// Whether a resolver answers at all, in whose place anybody on the way can answer: it is asked for a name that every resolver
/// of the world finds, and that says nothing of who asks. A denial is an answer.
pub(super) async fn answers(net: &dyn Net, resolver: &Resolver) -> bool {
    let denies = |cause: &Cause| matches!(cause, Cause::NxDomain | Cause::NoAddress);
    let asked = async {
        match resolver {
            Resolver::System => system(net, CONTROL_NAME).await.map_or_else(|failure| denies(&failure.cause), |_| true),
            Resolver::Udp(server) => {
                let answered = AtomicBool::new(false);
                let heard = |_, said: &Result<Said, dns::Error>| {
                    let told = said.as_ref().map_or_else(|error| denies(&Failure::dns(error).cause), |_| true);
                    answered.fetch_or(told, Ordering::Relaxed);
                };
                dns::over_udp(net, *server, CONTROL_NAME, &[Kind::A], &heard).await;
                answered.into_inner()
            }
            Resolver::Tls(_) | Resolver::Https { .. } => false,
        }
    };
    timeout(CONTROL, asked).await.unwrap_or(false)
}

/// A server of the DNS root. Its zone has no user, no resolver can do without it, and no censor was seen to touch it.
const CONTROL_NAME: &str = "a.root-servers.net";

/// A resolver that answers does so in a round trip or two; one packet may be lost.
const CONTROL: Duration = Duration::from_secs(3);

/// What is known without asking anybody.
fn known(route: &Route, addresses: &[IpAddr], candidates: &Candidates) -> Result<(), Failure> {
    let allowed: Vec<_> = addresses.iter().copied().filter(|address| allows(route, *address)).collect();
    if allowed.is_empty() {
        return Err(forbidden(Stage::Dns, PolicyRule::PrivateAddress));
    }
    let port = route.destination.port;
    let to = interleave(&allowed).into_iter().map(|address| Candidate::to(route, Some(SocketAddr::new(address, port))));
    candidates.add(to, addresses, Trust::Authentic);
    Ok(())
}

/// Whether the route may lead to this address.
pub(super) fn allows(route: &Route, address: IpAddr) -> bool {
    route.private == PrivateAddresses::Allowed || address::is_public(address)
}

fn host_text(server: &DnsServer) -> String {
    Destination { host: server.name.clone(), port: server.port }.host_text()
}

/// Writes down what one resolver says: as evidence, and as addresses to dial.
#[derive(Clone, Copy)]
struct Witness<'a> {
    /// Its number.
    source: usize,
    resolver: &'a Resolver,
    begun: Instant,
    trace: &'a Trace,
    gathering: &'a Gathering<'a>,
}

impl Witness<'_> {
    fn told(&self, kind: Kind, said: &Result<Said, dns::Error>) {
        let asked = asked(kind);
        match said {
            Ok(Said::Addresses(addresses)) => self.heard(asked, Ok(addresses.clone())),
            Ok(Said::Services(services)) => {
                let hints = services.iter().flat_map(|service| service.hints.iter().copied()).collect();
                self.note(asked, Ok(hints));
                self.gathering.services(self.source, services);
            }
            Err(error) => self.heard(asked, Err(Failure::dns(error))),
        }
    }

    fn heard(&self, asked: QueryType, said: Result<Vec<IpAddr>, Failure>) {
        self.note(asked, said.clone().map_err(|failure| failure.cause));
        self.gathering.heard(self.source, asked, said);
    }

    /// The way to the resolver ended before it had said everything.
    fn broke_off(&self, failure: &Failure) {
        for asked in self.gathering.open(self.source) {
            self.heard(asked, Err(failure.clone()));
        }
    }

    fn note(&self, asked: QueryType, said: Result<Vec<IpAddr>, Cause>) {
        self.trace.answered(self.resolver, LookupAnswer { query: asked, after: self.begun.elapsed(), result: said });
    }
}

pub(super) fn asked(kind: Kind) -> QueryType {
    match kind {
        Kind::A => QueryType::A,
        Kind::Aaaa => QueryType::Aaaa,
        Kind::Https => QueryType::Https,
    }
}

pub(super) fn forbidden(stage: Stage, rule: PolicyRule) -> Failure {
    Failure::new(stage, Cause::Forbidden { rule })
}
