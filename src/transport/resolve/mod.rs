//! From a destination to the addresses to try: given by hand, given as the host itself, or from resolvers.
//!
//! All resolvers of a strategy are asked at once. The first answer with an address that a public host can have is
//! dialled. The other answers add the addresses that only they gave, and an authenticated resolver goes before one
//! whose answers anyone on the path can forge. So a lying resolver costs one failed attempt, and a dead one costs
//! nothing. The trace records what each resolver answered, and when, even after the race has begun. This module does
//! not decide which resolver told the truth: the host's certificate does.

mod control;
mod gathering;
mod interleave;
mod pool;
mod resolver_answers;
mod system;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use http::Uri;
use tokio::time::{Instant, sleep_until, timeout};
use url::Host;

pub(super) use control::answers;
use gathering::{Gathering, Source};
use interleave::interleave;
pub(super) use pool::ResolverPool;
use pool::{Owner, ResolverConnection, ResolverStream};
use resolver_answers::ResolverAnswers;
pub(super) use system::resolve_proxy;
use system::system;

use super::happy_eyeballs::connect_first;
use super::overrides::Overrides;
use super::rules::{allows, forbidden};
use super::{
    Candidate, Candidates, Cause, Destination, DnsServer, Ech, Failure, PolicyRule, QueryType, Resolver, Resolvers,
    Route, Stage, Trace, Trust, address, timeouts,
};
use crate::net::{BoxStream, Net};
use crate::wire::dns::{self, AnswerContent};
use crate::wire::http::Connection;
use crate::wire::tls::{Secured, TlsClient};

/// Looks names up for a direct route.
pub(super) struct Lookups<'a> {
    pub(super) net: &'a dyn Net,
    /// Resolvers are authenticated by its roots.
    pub(super) tls: &'a TlsClient,
    pub(super) overrides: &'a Overrides,
    pub(super) pool: &'a ResolverPool,
}

impl Lookups<'_> {
    /// Adds the candidates of a direct route as they become known.
    ///
    /// # Errors
    /// If no candidate was added.
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
        let mut lookups: FuturesUnordered<_> = resolvers
            .iter()
            .enumerate()
            .map(|(source, resolver)| {
                self.ask(name, resolver, ResolverAnswers { source, resolver, begun, trace, gathering }).boxed()
            })
            .collect();
        let mut timer = pin!(sleep_until(begun + timeouts::DNS));
        std::future::poll_fn(|cx| {
            while let Poll::Ready(ended) = lookups.poll_next_unpin(cx) {
                if ended.is_none() {
                    return Poll::Ready(());
                }
            }
            loop {
                // This comes first: an address that has become due is no longer waiting, so the code below would not
                // see it.
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
        drop(lookups);
        gathering.finish()
    }

    /// Asks one resolver until it has answered everything.
    async fn ask(&self, name: &str, resolver: &Resolver, answers: ResolverAnswers<'_>) {
        let failed = match resolver {
            Resolver::System => {
                answers.heard(QueryType::Both, system(self.net, name).await);
                Ok(())
            }
            Resolver::Udp(server) => {
                let kinds = answers.gathering.kinds(answers.source);
                dns::over_udp(self.net, *server, name, &kinds, &|kind, said| answers.told(kind, said)).await;
                Ok(())
            }
            Resolver::Tls(server) => self.over_line(name, server, None, &answers).await,
            Resolver::Https { server, path } => self.over_line(name, server, Some(path), &answers).await,
        };
        if let Err(failure) = failed {
            answers.broke_off(&failure);
        }
        answers.gathering.ended(answers.source);
    }

    /// Asks over TLS, or over HTTPS if there is a `path`: on the connection that this community's last lookup left, or
    /// on a new one. The connection is kept for the next lookup.
    async fn over_line(
        &self,
        name: &str,
        server: &DnsServer,
        path: Option<&str>,
        to: &ResolverAnswers<'_>,
    ) -> Result<(), Failure> {
        let Route { strategy, isolation, .. } = to.gathering.route;
        let owner = Owner { isolation: isolation.clone(), shaping: strategy.tls, resolver: to.resolver.clone() };
        if let Some(mut line) = self.pool.take(&owner) {
            let told = timeout(timeouts::REUSED_DNS, converse(&mut line, name, server, path, to)).await;
            if let Ok(Ok(())) = told {
                self.pool.put(owner, line);
                return Ok(());
            }
            // The connection died unnoticed while it was idle, or broke off. The remaining questions go over a new one.
        }
        let mut line = self.open(server, path.is_some(), to).await?;
        converse(&mut line, name, server, path, to).await.map_err(|error| Failure::dns(&error))?;
        self.pool.put(owner, line);
        Ok(())
    }

    async fn open(
        &self,
        server: &DnsServer,
        https: bool,
        to: &ResolverAnswers<'_>,
    ) -> Result<ResolverConnection, Failure> {
        let stream = self.connect(server).await?;
        let (client, host) = (self.client(to), host_text(server));
        let secured = if https { client.connect(&host, stream).await } else { client.connect_dns(&host, stream).await };
        let Secured { stream, http2, proves_name } = secured.map_err(|error| Failure::tls(Stage::Dns, &error))?;
        let stream: BoxStream = Box::new(stream);
        let link = if https {
            let connection = Connection::start(stream, http2, dns::HEAD).await;
            ResolverStream::Https(connection.map_err(|error| Failure::dns(&error.into()))?)
        } else {
            ResolverStream::Tls(stream)
        };
        Ok(ResolverConnection { link, proves_name })
    }

    /// The ClientHello to the resolver is cut like the strategy's others, because censors also cut connections by a
    /// resolver's name. Its sessions are not kept: a resumed session would tell the resolver that two communities have
    /// one reader.
    fn client(&self, to: &ResolverAnswers<'_>) -> TlsClient {
        self.tls.isolated().shaped(to.gathering.route.strategy.tls.shape())
    }

    /// Connects to a resolver at the address in the strategy, or else at one that was given by hand or that the
    /// system's resolver finds.
    async fn connect(&self, server: &DnsServer) -> Result<BoxStream, Failure> {
        let destination = Destination { host: server.name.clone(), port: server.port };
        let addresses = match (server.address, self.overrides.of(&destination)) {
            (Some(address), _) => vec![SocketAddr::new(address, server.port)],
            (None, Some(addresses)) => addresses.iter().map(|address| SocketAddr::new(*address, server.port)).collect(),
            // A failed lookup of the resolver's own name says nothing about the host's name.
            (None, None) => resolve_proxy(self.net, &destination).await.map_err(|failure| match failure.cause {
                Cause::NxDomain | Cause::NoAddress => Failure { cause: Cause::LookupFailed, ..failure },
                _ => failure,
            })?,
        };
        // The trace records the host's addresses, and a resolver's address must not be taken for one.
        connect_first(self.net, &addresses, &Trace::new())
            .await
            .map_err(|failure| Failure { stage: Stage::Dns, ..failure })
    }
}

/// Asks the questions that this resolver has not answered.
async fn converse(
    line: &mut ResolverConnection,
    name: &str,
    server: &DnsServer,
    path: Option<&str>,
    to: &ResolverAnswers<'_>,
) -> Result<(), dns::Error> {
    to.trace.asks(to.resolver);
    to.gathering.proved(to.source, line.proves_name);
    let kinds = to.gathering.kinds(to.source);
    let heard = |kind, said: &Result<AnswerContent, dns::Error>| to.told(kind, said);
    match &mut line.link {
        ResolverStream::Tls(stream) => dns::over_stream(stream, name, &kinds, &heard).await,
        ResolverStream::Https(connection) => {
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

/// What is known without a query.
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

fn host_text(server: &DnsServer) -> String {
    Destination { host: server.name.clone(), port: server.port }.host_text()
}
