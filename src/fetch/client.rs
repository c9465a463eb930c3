//! The engine: hop after hop, each planned, raced, judged and noted.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::chain_cookies::ChainCookies;
use super::coalesce::{Coalescer, Role};
use super::exchange::{Engine, HopExchange, HopJudge, Reply, Wanted};
use super::owners::Chain;
use super::pool::Pool;
use super::redirect::{self, Bound, Bounds, Hop, Raises, RedirectError};
use super::request::{OnRaise, has_credentials};
use super::stream::Again;
use super::{BodyStream, IdleBudget, PageJudge, Request, Response, Streamed, StreamedResponse};
use crate::exposure::Exposure;
use crate::reach::{
    self, Attempt, EventSender, Exchange, Finding, Fingerprints, Ledger, NetworkId, Outcome, PlanError, Raced, Won,
};
use crate::transport::{
    Destination, Dialer, Handshakes, Isolation, PlannedLookups, PrivateAddresses, Resolver, Sessions, Strategy,
};
use crate::wire::tls::TlsClient;

/// The HTTP engine: a dialer, a pool, a ledger, and the strategies that the app allows on this network.
///
/// Clones are the same engine.
#[derive(Clone)]
pub struct HttpClient {
    engine: Arc<Engine>,
    ledger: Arc<Ledger>,
    strategies: Arc<[Strategy]>,
    coalescer: Arc<Coalescer>,
    current_network: Arc<watch::Sender<CurrentNetwork>>,
    events: EventSender,
    fingerprints: Fingerprints,
}

/// The network that the device is on.
#[derive(Clone, Debug, Default)]
pub(super) struct CurrentNetwork {
    pub(super) network: NetworkId,
    /// How often it changed.
    changes: u64,
}

/// A finished fetch: the answer or why there is none, and the evidence either way.
#[non_exhaustive]
pub struct Fetched {
    /// The answer.
    pub result: Result<Response, FetchError>,
    /// Every attempt of every hop, losers included, running ones as pending.
    pub attempts: Vec<Attempt>,
    /// The URL of each hop that was tried, by [`Attempt::hop`].
    pub urls: Vec<Url>,
    /// The last race, at rest.
    last: Option<Last>,
}

/// Why a fetch has no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Nothing may be tried.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Every route failed or answered something else; the attempts say how.
    #[error("no route reached the host")]
    Unreached {
        /// The most telling of the answers that were refuted, where there was one.
        finding: Option<Finding>,
    },
    /// More redirects than are followed.
    #[error("the site redirects more than {0} times")]
    TooManyRedirects(u32),
    /// A redirect that is not followed.
    #[error(transparent)]
    Redirect(#[from] RedirectError),
    /// The app's own stream failed while the request was sent.
    #[error("what was to be sent could not be read")]
    Upload(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The exposure was raised while the request was under way. It was ended, and may not be sent twice.
    #[error("the exposure was raised while the request was under way; it was ended, and it may not be sent twice")]
    ExposureRaised,
    /// The URL is not one that can be asked for over HTTP.
    #[error("only an http or https address with a host can be fetched")]
    Url,
}

impl FetchError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::Plan(_) => "no_way",
            FetchError::Unreached { .. } => "unreached",
            FetchError::TooManyRedirects(_) => "too_many_redirects",
            FetchError::Redirect(_) => "redirect",
            FetchError::Upload(_) => "upload",
            FetchError::ExposureRaised => "exposure_raised",
            FetchError::Url => "url",
        }
    }
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
        let engine = Engine { dialer, sessions: Sessions::new(tls), pool, handshakes: Handshakes::default() };
        Self {
            engine: Arc::new(engine),
            ledger,
            strategies: strategies.into(),
            coalescer: Arc::default(),
            current_network: Arc::new(watch::Sender::new(CurrentNetwork { network, changes: 0 })),
            events: EventSender::default(),
            fingerprints: Fingerprints::starter(),
        }
    }

    /// Knows these block pages, instead of the [few](Fingerprints::starter) that it knows by itself.
    #[must_use]
    pub fn with_fingerprints(self, fingerprints: Fingerprints) -> Self {
        Self { fingerprints, ..self }
    }

    fn judge(&self, url: &Url, judge: Arc<dyn PageJudge>, wanted: Wanted) -> HopJudge {
        let fingerprints = self.fingerprints.clone();
        HopJudge { url: url.clone(), judge, wanted, fingerprints, is_compared: false }
    }

    /// The same engine, which tells of what is done through it.
    pub fn with_events(&self, events: EventSender) -> Self {
        Self { events, ..self.clone() }
    }

    /// Runs one request over whichever of the engine's strategies works first.
    ///
    /// Cancel-safe: dropping the future ends every attempt.
    pub async fn fetch(&self, request: Request) -> Fetched {
        self.run(&self.strategies, &self.ledger, request, true).await
    }

    /// The same over these strategies only, in this order whatever was learned: a probe asks each by itself.
    /// What it finds is learned all the same.
    pub async fn fetch_over(&self, strategies: &[Strategy], request: Request) -> Fetched {
        self.run(strategies, &Ledger::in_memory(), request, false).await
    }

    /// Closes idle connections and forgets TLS sessions: when the network has changed, or a community was closed.
    pub fn forget_connections(&self) {
        self.engine.dialer.forget_connections();
        self.engine.pool.clear();
        self.engine.sessions.clear();
    }

    /// Who is asked for what before this strategy can reach this URL; `None` for a URL that is not fetched. Sends nothing.
    pub fn lookups(&self, strategy: &Strategy, url: &Url) -> Option<PlannedLookups> {
        Some(self.engine.dialer.lookups(strategy, &Destination::from_url(url)?))
    }

    /// The strategies by which such a request would be tried, in the order of the first race. Sends nothing.
    ///
    /// # Errors
    /// [`FetchError::Plan`] and [`FetchError::Url`], as the fetch itself would answer.
    pub fn order(&self, request: &Request) -> Result<Vec<Strategy>, FetchError> {
        let hop = first(request)?;
        let chain = Chain::new(request.owners.clone(), &request.isolation, &hop.url);
        let destination = Destination::from_url(&hop.url).ok_or(FetchError::Url)?;
        let isolation = chain.isolation().at(&destination);
        let sent = with_cookies(&hop, request, &isolation);
        let bound = Bound { exposure: request.exposure, avoid_direct: request.avoid_direct };
        let asked = planned(request, &sent, destination, isolation, bound, request.private, 0);
        let plan = reach::plan(&self.strategies, &asked, &self.ledger, &self.network())?;
        Ok(plan.routes.into_iter().map(|(route, _)| route.strategy).collect())
    }

    /// Runs one request until its answer has well begun, and hands the body out while it comes.
    ///
    /// Cancel-safe: dropping the future ends every attempt, dropping the body its connection.
    pub async fn stream(&self, mut request: Request) -> Streamed {
        request.limits = request.limits.bounded();
        let mut attempts = Vec::new();
        let mut urls = Vec::new();
        let until = request.limits.streamed.map(|time| Instant::now() + time);
        let wanted = Wanted::Begun;
        let asked = Fetching { strategies: &self.strategies, order: &self.ledger, joins: true, request, wanted };
        let result = Box::pin(self.hops(&asked, &mut attempts, &mut urls, &mut None)).await;
        let result = result.map(|arrival| {
            let Arrival { hop, exchange, reply, finding, planned } = arrival;
            let judge = self.judge(&hop.url, asked.request.judge.clone(), Wanted::Rest);
            let again = Again {
                ledger: self.ledger.clone(),
                current_network: self.current_network.clone(),
                strategies: self.strategies.clone(),
                events: self.events.clone(),
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

    /// Which of these resolvers answer at all: those that said nothing of a name are asked for another one, which says nothing
    /// of who asks.
    pub(crate) async fn answering(&self, resolvers: Vec<Resolver>) -> Vec<Resolver> {
        self.engine.dialer.answering(resolvers).await
    }

    /// What is learned from now on belongs to this network. See [`HttpClient::network_changed`] for what is under way.
    pub fn set_network(&self, network: NetworkId) {
        self.current_network.send_modify(|current_network| current_network.network = network);
    }

    /// The device's network is not what it was, or the process stood still. Idle connections are closed. A request that
    /// has no answer yet begins anew, where it may be sent again or was not sent; a body that is coming goes on while it
    /// comes, and is continued elsewhere when it does not.
    pub fn network_changed(&self) {
        self.forget_connections();
        self.engine.handshakes.forget();
        self.current_network.send_modify(|current_network| current_network.changes += 1);
    }

    fn network(&self) -> NetworkId {
        self.current_network.borrow().network.clone()
    }

    async fn run(&self, strategies: &[Strategy], order: &Ledger, mut request: Request, joins: bool) -> Fetched {
        request.limits = request.limits.bounded();
        let mut fetched = Fetched { result: Err(FetchError::Url), attempts: Vec::new(), urls: Vec::new(), last: None };
        let Fetched { result, attempts, urls, last } = &mut fetched;
        let asked = Fetching { strategies, order, joins, request, wanted: Wanted::Whole };
        let arrived = Box::pin(self.hops(&asked, attempts, urls, last)).await;
        *result = arrived.map(|Arrival { hop, reply, .. }| response(hop.url, reply));
        fetched
    }

    async fn hops(
        &self,
        ask: &Fetching<'_>,
        attempts: &mut Vec<Attempt>,
        urls: &mut Vec<Url>,
        last: &mut Option<Last>,
    ) -> Result<Arrival, FetchError> {
        let Fetching { request, wanted, .. } = ask;
        let mut deadline = Instant::now() + request.limits.total;
        let replay = request.may_repeat();
        let mut bound = Bound { exposure: request.exposure, avoid_direct: request.avoid_direct };
        let mut private = request.private;
        let mut hop = first(request)?;
        let mut chain = Chain::new(request.owners.clone(), &request.isolation, &hop.url);
        let mut raises = Raises::of(request.floors.as_ref());
        let planned_for = bound;
        bound.rise(raises.least(&hop.url, deadline).await?);
        if let OnRaise::End(ended) = &request.raised
            && bound != planned_for
        {
            ended.set();
            return Err(FetchError::ExposureRaised);
        }
        let (mut cookies, mut kept_under) = (ChainCookies::default(), None);
        let own_cookies = request.cookies.is_some() || hop.headers.contains_key(header::COOKIE);
        for index in 0.. {
            urls.push(hop.url.clone());
            let destination = Destination::from_url(&hop.url).ok_or(FetchError::Url)?;
            let isolation = chain.isolation().at(&destination);
            if kept_under.as_ref() != Some(&isolation) {
                cookies.clear();
                kept_under = Some(isolation.clone());
            }
            let sent = with_cookies(&hop, request, &isolation);
            let mut asked = planned(request, &sent, destination, isolation.clone(), bound, private, index);
            let credentials = sent.credentials;
            let exchange =
                HopExchange::new(self.engine.clone(), sent.clone(), request, *wanted, Some(deadline), cookies.clone());
            let mut exchange = Arc::new(exchange.ok_or(FetchError::Url)?);
            if let Some(pace) = &request.pace {
                let asked = Instant::now();
                // A wait beyond the deadline finds it passed in the exchange, which records it.
                let _ = timeout_at(deadline, pace.ready()).await;
                if let Some(silence) = &request.idle {
                    silence.postpone(asked.elapsed());
                }
            }
            let is_compared = urls.iter().any(|url| url.scheme() == "http");
            let judge = HopJudge { is_compared, ..self.judge(&hop.url, request.judge.clone(), *wanted) };
            let judge = Arc::new(judge);
            let (won, mut ended) = loop {
                let prepared = Prepared { asked: &asked, url: &hop.url, exchange: &exchange, judge: &judge };
                let raced = self.race(ask, prepared, &mut deadline, attempts, &mut raises);
                if let Hopped::Ended(won, ended) = raced.await? {
                    break (won, ended);
                }
                // What was sent before was sent with less. Now it goes with more, or not at all.
                if let OnRaise::End(ended) = &request.raised {
                    ended.set();
                    return Err(FetchError::ExposureRaised);
                }
                if !exchange.may_begin_anew() {
                    return Err(FetchError::ExposureRaised);
                }
                bound.rise(raises.least(&hop.url, deadline).await?);
                (asked.exposure, asked.avoid_direct) = (bound.exposure, bound.avoid_direct);
                cookies.clear();
                let anew = HopExchange::new(
                    self.engine.clone(),
                    sent.clone(),
                    request,
                    *wanted,
                    Some(deadline),
                    cookies.clone(),
                );
                exchange = Arc::new(anew.ok_or(FetchError::Url)?);
            };
            let finding = ended.as_ref().and_then(|ended| telling(&ended.raced));
            let refuted =
                ended.as_mut().filter(|_| *wanted == Wanted::Begun).and_then(|ended| own_word(&mut ended.raced));
            *last = ended;
            let Some(Won { mut reply, candidate }) = won else {
                if let Some(error) = request.body.failed() {
                    return Err(FetchError::Upload(error.into()));
                }
                let Some((reply, finding)) = refuted else { return Err(FetchError::Unreached { finding }) };
                return Ok(Arrival { hop, exchange, reply, finding: Some(finding), planned: asked });
            };
            if let Some(cookies) = &request.cookies {
                cookies.keep(&hop.url, &isolation, &reply.headers);
            }

            let Some(location) = redirect::location(reply.status, &reply.headers)?.cloned() else {
                return Ok(Arrival { hop, exchange, reply, finding: None, planned: asked });
            };
            if index >= request.limits.redirects {
                return Err(FetchError::TooManyRedirects(request.limits.redirects));
            }
            if index == 0 && !candidate.leads_inward() {
                private = PrivateAddresses::Refused;
            }
            let bounds = Bounds { replay, exposure: bound.exposure, private };
            let (here, from, before) = (hop.url.origin(), hop.url.clone(), bound.exposure);
            hop = redirect::next(Hop { credentials, ..hop }, reply.status, &location, bounds)?;
            hop.credentials = has_credentials(&hop.headers);
            chain.follow(&hop.url);
            if request.floors.is_some() {
                bound.rise(raises.least(&hop.url, deadline).await?);
                if redirect::loses_encryption(&from, &hop.url) && bound.exposure > Exposure::Open {
                    return Err(RedirectError::Downgrade.into());
                }
            }
            if hop.url.origin() == here {
                if bound.exposure != before {
                    cookies.clear();
                } else if !own_cookies {
                    cookies.keep(&candidate.route.strategy, &from, &reply.headers);
                }
                drain(&exchange, &mut reply).await;
            } else {
                cookies.clear();
            }
        }
        Err(FetchError::TooManyRedirects(request.limits.redirects))
    }

    /// One hop's race, or the word of another one to the same host. It begins anew where the ground under it has changed.
    async fn race(
        &self,
        ask: &Fetching<'_>,
        Prepared { asked, url, exchange, judge }: Prepared<'_>,
        deadline: &mut Instant,
        attempts: &mut Vec<Attempt>,
        raises: &mut Raises<'_>,
    ) -> Result<Hopped, FetchError> {
        let bound = Bound { exposure: asked.exposure, avoid_direct: asked.avoid_direct };
        let mut begun_anew = 0;
        loop {
            let mut current_network = self.current_network.subscribe();
            // A race that outlives a change of the network has taught of the one it began on.
            let CurrentNetwork { network, changes } = current_network.borrow_and_update().clone();
            let often = begun_anew >= BEGUN_ANEW;
            let changed = async |current_network: &mut watch::Receiver<CurrentNetwork>| {
                loop {
                    if current_network.changed().await.is_err() || often {
                        std::future::pending::<()>().await;
                    }
                    if exchange.may_begin_anew() && !exchange.is_answered() {
                        return;
                    }
                }
            };
            let before = Instant::now();
            let silence = ask.request.idle.as_ref();
            let quiet = silence.map_or(reach::BUDGET, IdleBudget::left);
            if quiet.is_zero() {
                return Ok(Hopped::Ended(None, None));
            }
            let until = (*deadline).min(before + quiet);
            let part = tokio::select! {
                biased;
                () = raises.signalled(), if ask.joins => {
                    if raises.forbid(url, bound, *deadline).await {
                        return Ok(Hopped::Raised);
                    }
                    continue;
                }
                part = self.coalescer.join(asked, &network, until), if ask.joins => part,
                () = changed(&mut current_network), if ask.joins => {
                    begun_anew += 1;
                    silence.inspect(|silence| silence.broken());
                    continue;
                }
                else => Role::Independent,
            };
            let mut way = None;
            let mut answering = None;
            match part {
                Role::Lead(leader) => {
                    answering = Some(leader.answer_pings());
                    exchange.lead(leader);
                }
                Role::Follow(found) => way = Some(found),
                Role::Answered(met) => {
                    // They are another request's, which may be a part of the same access.
                    attempts.extend(met.into_iter().map(|met| Attempt { id: self.events.number(), ..met }));
                    return Ok(Hopped::Ended(None, None));
                }
                Role::Independent => {}
            }
            let mut plan = reach::plan(ask.strategies, asked, ask.order, &network)?;
            plan.events = self.events.clone();
            plan.budget = quiet.saturating_sub(before.elapsed());
            if silence.is_none() {
                plan.budget = plan.budget.max(OWN_BUDGET);
            }
            if let Some(way) = &way {
                plan.routes.sort_by_key(|(route, _)| route.strategy != *way);
            }
            let answering = async {
                match answering {
                    Some(answering) => answering.await,
                    None => std::future::pending().await,
                }
            };
            let is_forbidden = Notify::new();
            let interrupt = async {
                tokio::select! {
                    biased;
                    () = is_forbidden.notified() => {}
                    () = changed(&mut current_network) => {}
                }
            };
            let mut racing = pin!(reach::race_until(plan, exchange.clone(), judge.clone(), interrupt));
            let mut answering = pin!(answering);
            let mut forbidden = false;
            let (mut raced, interrupted) = loop {
                tokio::select! {
                    biased;
                    // While it is found out whether the raise concerns this hop, the race stands still.
                    () = raises.signalled(), if !forbidden => {
                        forbidden = raises.forbid(url, bound, *deadline).await;
                        if forbidden {
                            is_forbidden.notify_one();
                        }
                    }
                    raced = &mut racing => break raced,
                    never = &mut answering => match never {},
                }
            };
            if interrupted {
                attempts.extend(raced.interrupted());
                // Dropping the leader tells the followers at once.
                exchange.take_leader();
                if forbidden {
                    return Ok(Hopped::Raised);
                }
                begun_anew += 1;
                silence.inspect(|silence| silence.broken());
                continue;
            }
            if let Some(slept) = raced.slept() {
                *deadline += slept;
                exchange.postpone(slept);
            }
            let elsewhere = raced.slept().is_some() || self.current_network.borrow().changes != changes;
            if raced.won.is_none() && elsewhere && exchange.may_begin_anew() && !often {
                if raced.slept().is_some() {
                    self.forget_connections();
                }
                attempts.extend(raced.interrupted());
                exchange.take_leader();
                begun_anew += 1;
                silence.inspect(|silence| silence.broken());
                continue;
            }
            let seen = raced.attempts();
            if seen.iter().any(|attempt| attempt.first_byte.is_some()) {
                silence.inspect(|silence| silence.broken());
            }
            let won = raced.won.take();
            if won.as_ref().is_none_or(|won| won.reply.shows_health()) {
                self.ledger.note(&network, &asked.destination, &seen);
            } else {
                self.ledger.note_losers(&network, &asked.destination, &seen);
            }
            if let Some(leader) = exchange.take_leader() {
                leader.finish(won.as_ref().map(|won| &won.candidate.route.strategy), &seen);
            }
            let earlier = attempts.len();
            attempts.extend(seen);
            let destination = asked.destination.clone();
            let last = Last { raced, earlier, hops: 0, destination, ledger: self.ledger.clone(), network };
            return Ok(Hopped::Ended(won, Some(last)));
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("strategies", &self.strategies).finish_non_exhaustive()
    }
}

impl Fetched {
    /// Puts what an earlier fetch of the same page met before what this one met. Where this one has no answer either, the
    /// earlier one's word stands.
    pub(crate) fn follow(&mut self, earlier: Self) {
        let Self { result, attempts, urls, last: _ } = earlier;
        let hops = u32::try_from(urls.len()).unwrap_or(u32::MAX);
        for attempt in &mut self.attempts {
            attempt.hop = attempt.hop.saturating_add(hops);
        }
        if let Some(last) = &mut self.last {
            last.earlier += attempts.len();
            last.hops += hops;
        }
        self.attempts.splice(..0, attempts);
        self.urls.splice(..0, urls);
        if self.result.is_err() {
            self.result = result;
        }
    }

    /// Lets the losers of the last hop go on, each until it was silent for `silence` since its start, for better
    /// evidence. Dropping the future, or the fetched itself, ends them.
    pub async fn settle(self, silence: Duration) -> (Result<Response, FetchError>, Vec<Attempt>) {
        self.listen_on(async |raced| raced.settle(silence).await).await
    }

    /// The same only until the last resolver that the last hop asked has said what it has to say.
    pub async fn hear_out(self, silence: Duration) -> (Result<Response, FetchError>, Vec<Attempt>) {
        self.listen_on(async |raced| raced.hear_out(silence).await).await
    }

    async fn listen_on(
        self,
        listen: impl AsyncFnOnce(Raced<Box<Reply>>) -> Vec<Attempt>,
    ) -> (Result<Response, FetchError>, Vec<Attempt>) {
        let Self { result, mut attempts, urls: _, last } = self;
        if let Some(Last { raced, earlier, hops, destination, ledger, network }) = last {
            let mut settled = Box::pin(listen(raced)).await;
            settled.iter_mut().for_each(|attempt| attempt.hop = attempt.hop.saturating_add(hops));
            let before = attempts.get(earlier..).unwrap_or_default();
            // A strategy of which the race had learned something has been noted.
            let known = |strategy: &Strategy| {
                before.iter().any(|before| before.strategy == *strategy && before.outcome != Outcome::Pending)
            };
            let news: Vec<Attempt> = settled.iter().filter(|attempt| !known(&attempt.strategy)).cloned().collect();
            ledger.note(&network, &destination, &news);
            attempts.truncate(earlier);
            attempts.extend(settled);
        }
        (result, attempts)
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { result, attempts, urls: _, last: _ } = self;
        f.debug_struct("Fetched").field("result", result).field("attempts", attempts).finish_non_exhaustive()
    }
}

/// The last race of a fetch, whose losers may go on.
struct Last {
    raced: Raced<Box<Reply>>,
    /// How many attempts belong to the hops before.
    earlier: usize,
    /// How many hops belong to an earlier fetch.
    hops: u32,
    destination: Destination,
    ledger: Arc<Ledger>,
    network: NetworkId,
}

/// One hop, ready to be raced.
#[derive(Clone, Copy)]
struct Prepared<'a> {
    asked: &'a reach::Request,
    url: &'a Url,
    exchange: &'a Arc<HopExchange>,
    judge: &'a Arc<HopJudge>,
}

/// How a hop's race ended.
#[allow(clippy::large_enum_variant, reason = "the large variant is the usual one, and is taken apart at once")]
enum Hopped {
    /// With an answer or without one.
    Ended(Option<Won<Box<Reply>>>, Option<Last>),
    /// The page must be asked for with more than it was planned for.
    Raised,
}

/// What a hop is planned for.
fn planned(
    request: &Request,
    hop: &Hop,
    destination: Destination,
    isolation: Isolation,
    bound: Bound,
    private: PrivateAddresses,
    index: u32,
) -> reach::Request {
    reach::Request {
        destination,
        exposure: bound.exposure,
        avoid_direct: bound.avoid_direct,
        private,
        isolation,
        replay: request.may_repeat(),
        credentials: hop.credentials,
        tls: hop.url.scheme() == "https",
        hop: index,
    }
}

/// What is asked of the engine.
struct Fetching<'a> {
    strategies: &'a [Strategy],
    /// What the order of the routes is learned from.
    order: &'a Ledger,
    /// It may wait for the race of another request to the same host.
    joins: bool,
    request: Request,
    wanted: Wanted,
}

/// The answer of the last hop, as far as it was wanted.
struct Arrival {
    hop: Hop,
    exchange: Arc<HopExchange>,
    reply: Box<Reply>,
    /// What is said against it, if it is the best of the bad.
    finding: Option<Finding>,
    planned: reach::Request,
}

/// What is sent on a hop: with the cookies that are kept for it, unless the caller has given some.
fn with_cookies(hop: &Hop, request: &Request, isolation: &Isolation) -> Hop {
    let mut sent = hop.clone();
    if !hop.headers.contains_key(header::COOKIE)
        && let Some(mut cookies) = request.cookies.as_ref().and_then(|cookies| cookies.header(&hop.url, isolation))
    {
        cookies.set_sensitive(true);
        sent.headers.insert(header::COOKIE, cookies);
        sent.credentials = true;
    }
    sent
}

/// The first hop of a request.
fn first(request: &Request) -> Result<Hop, FetchError> {
    let mut hop = Hop {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        credentials: request.has_credentials(),
    };
    for name in CONNECTION_HEADERS {
        hop.headers.remove(name);
    }
    if let Some(login) = login(&hop.url) {
        hop.headers.entry(header::AUTHORIZATION).or_insert(login);
    }
    if hop.url.set_username("").is_err() || hop.url.set_password(None).is_err() {
        return Err(FetchError::Url);
    }
    Ok(hop)
}

/// A login in a URL, as Basic credentials (RFC 7617).
fn login(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn response(url: Url, reply: Box<Reply>) -> Response {
    let Reply { candidate, status, headers, body, .. } = *reply;
    Response { url, status, headers, body: Bytes::from(body), strategy: candidate.route.strategy }
}

/// Reads what is left of a redirect's body, which is usually there already, so that its connection can be used again.
async fn drain(exchange: &Arc<HopExchange>, reply: &mut Box<Reply>) {
    let rest = async {
        let trace = crate::transport::Trace::new();
        while reply.body.len() < DRAINED_BYTES && exchange.more(reply, &trace).await.is_ok_and(|more| more) {}
    };
    let _ = timeout(DRAIN, rest).await;
}

/// The answer that says most of why the page was not reached: what the platform or the law says goes before what
/// somebody on the way put there.
fn telling(raced: &Raced<Box<Reply>>) -> Option<Finding> {
    raced.refuted.iter().map(|(_, finding)| finding).min_by_key(|finding| rank(finding)).cloned()
}

/// The most telling of the refuted answers that say honestly what they are: they can be handed out as answers.
fn own_word(raced: &mut Raced<Box<Reply>>) -> Option<(Box<Reply>, Finding)> {
    let honest = |finding: &Finding| {
        matches!(finding, Finding::PlatformBlocked(_) | Finding::Legal451(_) | Finding::OriginFault { .. })
    };
    let best = (0..raced.refuted.len())
        .filter(|at| honest(&raced.refuted[*at].1))
        .min_by_key(|at| rank(&raced.refuted[*at].1))?;
    let (won, finding) = raced.refuted.swap_remove(best);
    Some((won.reply, finding))
}

fn rank(finding: &Finding) -> u8 {
    match finding {
        Finding::PlatformBlocked(_) => 0,
        Finding::Legal451(_) => 1,
        Finding::BlockPage { .. } => 2,
        Finding::OriginFault { .. } => 3,
        Finding::CaptivePortal => 4,
        Finding::ProxyAnswer { .. } => 5,
        Finding::Unvouched => 6,
    }
}

/// What speaks of the connection is the engine's (RFC 9110 section 7.6.1).
const CONNECTION_HEADERS: [HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHORIZATION,
];

/// Longer than this, and a new handshake is the better choice.
const DRAIN: Duration = Duration::from_millis(50);

/// A redirect's own page is a line or two.
const DRAINED_BYTES: usize = 16 * 1024;

/// What is left of a race's budget at least for one that has waited for another's word in vain: a dial that succeeds.
const OWN_BUDGET: Duration = Duration::from_secs(4);

/// A device that changes its network more often than this within one request has none.
const BEGUN_ANEW: u32 = 8;
