//! The engine, which sends an app's requests.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use super::current_network::CurrentNetwork;
use super::error::FetchError;
use super::exchange::{Engine, Reply, Wanted};
use super::fetched::Fetched;
use super::floors::Bound;
use super::hop_race::{HopRacer, RouteChoice};
use super::hops::{Arrival, Hops, Met, hop_judge, planned};
use super::outgoing::{first_hop, with_cookies};
use super::owners::Chain;
use super::pool::Pool;
use super::request::{Request, Response};
use super::stream::{Again, BodyStream, Streamed, StreamedResponse};
use crate::exposure::Exposure;
use crate::reach::{self, EventSender, Fingerprints, Ledger, NetworkId};
use crate::transport::{Destination, Dialer, Handshakes, PlannedLookups, Resolver, Sessions, Strategy};
use crate::wire::tls::TlsClient;

/// The HTTP engine: a dialer, a pool, a ledger, and the strategies that the app allows on this network.
///
/// Clones share the same engine.
#[derive(Clone)]
pub struct HttpClient {
    racer: HopRacer,
    strategies: Arc<[Strategy]>,
    fingerprints: Fingerprints,
}

impl HttpClient {
    /// An engine.
    pub fn new(
        dialer: Dialer,
        tls: TlsClient,
        ledger: Arc<Ledger>,
        strategies: Vec<Strategy>,
        network: NetworkId,
    ) -> Self {
        let net = dialer.net().clone();
        let pool = Pool::new(Arc::new(move || net.wall()));
        let engine = Engine {
            dialer,
            sessions: Sessions::new(tls),
            pool,
            handshakes: Handshakes::default(),
            identity: AtomicU64::new(0),
        };
        let racer = HopRacer {
            engine: Arc::new(engine),
            ledger,
            coalescer: Arc::default(),
            current_network: Arc::new(watch::Sender::new(CurrentNetwork { network, changes: 0 })),
            events: EventSender::default(),
        };
        Self { racer, strategies: strategies.into(), fingerprints: Fingerprints::starter() }
    }

    /// Uses these fingerprints of block pages instead of the [built-in ones](Fingerprints::starter).
    #[must_use]
    pub fn with_fingerprints(self, fingerprints: Fingerprints) -> Self {
        Self { fingerprints, ..self }
    }

    /// The same engine, with a receiver of events.
    pub fn with_events(&self, events: EventSender) -> Self {
        Self { racer: HopRacer { events, ..self.racer.clone() }, ..self.clone() }
    }

    /// Runs one request with whichever of the engine's strategies works first.
    ///
    /// Cancel-safe: dropping the future ends every attempt.
    pub async fn fetch(&self, request: Request) -> Fetched {
        self.run(self.choice(), request).await
    }

    /// The same with these strategies only, in this order, whatever was learned: a probe tries each by itself. Its
    /// results are learned all the same.
    pub async fn fetch_over(&self, strategies: &[Strategy], request: Request) -> Fetched {
        self.run(RouteChoice { strategies, order: &Ledger::in_memory(), joins: false }, request).await
    }

    /// From now on, requests share nothing with what was requested before.
    pub fn new_identity(&self) {
        self.racer.engine.identity.fetch_add(1, Ordering::Relaxed);
        self.forget_connections();
    }

    /// Closes idle connections and forgets TLS sessions. Call it when the network has changed, or a community was
    /// closed.
    pub fn forget_connections(&self) {
        self.racer.forget_connections();
    }

    /// The lookups that this strategy makes before it can reach this URL; `None` for a URL that cannot be fetched.
    /// Sends nothing.
    pub fn lookups(&self, strategy: &Strategy, url: &Url) -> Option<PlannedLookups> {
        Some(self.racer.engine.dialer.lookups(strategy, &Destination::from_url(url)?))
    }

    /// The strategies for such a request, in the order of the first race. Sends nothing.
    ///
    /// # Errors
    /// [`FetchError::Plan`] and [`FetchError::Url`], the same as for the fetch itself.
    pub fn order(&self, request: &Request) -> Result<Vec<Strategy>, FetchError> {
        let hop = first_hop(request)?;
        let chain = Chain::new(request.owners.clone(), &request.isolation, &hop.url);
        let destination = Destination::from_url(&hop.url).ok_or(FetchError::Url)?;
        let isolation = chain.isolation().at(&destination);
        let sent = with_cookies(&hop, request, &isolation);
        let bound = Bound { exposure: request.exposure, avoid_direct: request.avoid_direct };
        let asked = planned(request, &sent, destination, isolation, bound, request.private, 0);
        let plan = reach::plan(&self.strategies, &asked, &self.racer.ledger, &self.racer.network())?;
        Ok(plan.routes.into_iter().map(|(route, _)| route.strategy).collect())
    }

    /// Runs one request until its answer has well begun, and hands the body out while it comes.
    ///
    /// Cancel-safe: dropping the future ends every attempt, dropping the body its connection.
    pub async fn stream(&self, mut request: Request) -> Streamed {
        request.limits = request.limits.bounded();
        let mut met = Met::default();
        let until = request.limits.streamed.map(|time| Instant::now() + time);
        let hops = self.hops(self.choice(), request, Wanted::Begun);
        let arrived = Box::pin(hops.follow(&mut met)).await;
        let Met { attempts, urls, last: _ } = met;
        let result = arrived.map(|arrival| {
            let Arrival { hop, exchange, reply, finding, planned } = arrival;
            let judge = hop_judge(&self.fingerprints, &hop.url, hops.request.judge.clone(), Wanted::Rest);
            let again = Again {
                ledger: self.racer.ledger.clone(),
                current_network: self.racer.current_network.clone(),
                strategies: self.strategies.clone(),
                events: self.racer.events.clone(),
                asked: planned,
                judge,
                noted: reply.shows_health(),
            };
            StreamedResponse {
                url: hop.url,
                status: reply.status,
                version: reply.version,
                headers: reply.headers.clone(),
                strategy: reply.candidate.route.strategy.clone(),
                body: BodyStream::new(
                    exchange.for_the_rest(until),
                    reply,
                    finding.is_none().then_some(again),
                    attempts.clone(),
                ),
                finding,
            }
        });
        Streamed { result, attempts, urls }
    }

    /// Returns which of these resolvers answer at all. Resolvers that did not answer for a name are asked for another
    /// name, which says nothing about the reader.
    pub(crate) async fn answering(&self, resolvers: Vec<Resolver>) -> Vec<Resolver> {
        self.racer.engine.dialer.answering(resolvers).await
    }

    /// Further learning belongs to this network. See [`HttpClient::network_changed`] for requests under way.
    pub fn set_network(&self, network: NetworkId) {
        self.racer.current_network.send_modify(|current_network| current_network.network = network);
    }

    /// The device's network changed, or the process stood still. Idle connections are closed. A request without an
    /// answer starts anew if it may be sent again or was not sent. A body that is coming continues, and moves to
    /// another route if it stops.
    pub fn network_changed(&self) {
        self.forget_connections();
        self.racer.engine.handshakes.forget();
        self.racer.current_network.send_modify(|current_network| current_network.changes += 1);
    }

    fn choice(&self) -> RouteChoice<'_> {
        RouteChoice { strategies: &self.strategies, order: &self.racer.ledger, joins: true }
    }

    fn hops<'a>(&'a self, choice: RouteChoice<'a>, request: Request, wanted: Wanted) -> Hops<'a> {
        Hops { racer: &self.racer, fingerprints: &self.fingerprints, choice, request, wanted }
    }

    async fn run(&self, choice: RouteChoice<'_>, mut request: Request) -> Fetched {
        request.limits = request.limits.bounded();
        let mut met = Met::default();
        let hops = self.hops(choice, request, Wanted::Whole);
        let arrived = Box::pin(hops.follow(&mut met)).await;
        let result = arrived.map(|Arrival { hop, reply, planned, .. }| response(hop.url, reply, planned.exposure));
        let Met { attempts, urls, last } = met;
        Fetched { result, attempts, urls, last }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("strategies", &self.strategies).finish_non_exhaustive()
    }
}

fn response(url: Url, reply: Box<Reply>, exposure: Exposure) -> Response {
    let Reply { candidate, status, headers, body, .. } = *reply;
    Response { url, status, headers, body: Bytes::from(body), strategy: candidate.route.strategy, exposure }
}
