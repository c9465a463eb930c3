//! One hop on one route: a connection, one request, and its answer piece by piece.

mod connection;
mod faults;
mod judge;
mod read_body;
mod reply;
mod wait;

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use tokio::time::Instant;
use url::Position;

use super::chain_cookies::ChainCookies;
use super::coalesce::Leader;
use super::decode::ACCEPT_ENCODING;
use super::hop::Hop;
use super::limits::{FIRST_BYTE, REUSED_FIRST_BYTE};
use super::payload::Sending;
use super::pool::Taken;
use super::resume::{Continuation, Lease, Salvage, Slot, is_unasked_part};
use super::{Allowance, Limits, RateLimit, Request, validators};
use crate::reach::{Exchange, Replay};
use crate::transport::{
    Candidate, Candidates, Cause, Failure, LimitKind, MessageFault, PolicyRule, Racer, Route, Stage, Trace, Trust,
};
use crate::wire::http::{Body, HeadLimits, Outgoing};
use connection::{AnotherTry, ConnectOptions, OpenConnection, Unanswered, died_while_idle, send};
use faults::{another_file, broke_off, spent, too_much};
use wait::{TimedOut, in_time, kept_by_race};

pub(crate) use connection::Engine;
pub(crate) use judge::{HopJudge, Wanted};
pub(crate) use reply::Reply;

/// What is done on each route of one hop.
pub(crate) struct HopExchange {
    engine: Arc<Engine>,
    hop: Hop,
    uri: Uri,
    limits: Limits,
    allowance: Option<Allowance>,
    replay: Replay,
    pace: Option<Arc<RateLimit>>,
    /// The end of the whole fetch, if it has one.
    deadline: Mutex<Option<Instant>>,
    wanted: Wanted,
    salvage: Slot,
    /// Notified when a working route is found.
    leader: Mutex<Option<Leader>>,
    /// A part of the request may have been sent, and a part of an answer has come.
    sent: AtomicBool,
    answered: AtomicBool,
    /// The host wants this request by HTTP/1.1.
    by_http1: AtomicBool,
    /// The cookies of the redirects before this hop.
    chain: ChainCookies,
    racer: Racer,
}

impl HopExchange {
    /// Returns `None` if the URL cannot be fetched over HTTP.
    pub(crate) fn new(
        engine: Arc<Engine>,
        hop: Hop,
        request: &Request,
        wanted: Wanted,
        deadline: Option<Instant>,
        chain: ChainCookies,
    ) -> Option<Self> {
        let uri = Uri::try_from(&hop.url[..Position::AfterQuery]).ok()?;
        let racer = engine.handshakes.racer();
        Some(Self {
            engine,
            hop,
            uri,
            limits: request.limits.clone(),
            allowance: request.allowance.clone(),
            replay: request.may_repeat(),
            pace: request.pace.clone(),
            deadline: Mutex::new(deadline),
            wanted,
            salvage: Slot::default(),
            leader: Mutex::default(),
            sent: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            by_http1: AtomicBool::new(false),
            chain,
            racer,
        })
    }

    /// The same, to continue a body that was begun: it has a deadline of its own, and requests only the rest.
    pub(crate) fn for_the_rest(&self, deadline: Option<Instant>) -> Self {
        Self {
            engine: self.engine.clone(),
            hop: self.hop.clone(),
            uri: self.uri.clone(),
            limits: self.limits.clone(),
            allowance: self.allowance.clone(),
            replay: self.replay,
            pace: self.pace.clone(),
            deadline: Mutex::new(deadline),
            wanted: Wanted::Rest,
            salvage: Slot::default(),
            leader: Mutex::default(),
            sent: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            by_http1: AtomicBool::new(self.by_http1.load(Ordering::Relaxed)),
            chain: self.chain.clone(),
            racer: self.engine.handshakes.racer(),
        }
    }

    /// Its attempts belong to a flight that other requests wait for.
    pub(crate) fn lead(&self, leader: Leader) {
        *self.leader() = Some(leader);
    }

    /// Takes the leader, to report how the race ended.
    pub(crate) fn take_leader(&self) -> Option<Leader> {
        self.leader().take()
    }

    fn leader(&self) -> MutexGuard<'_, Option<Leader>> {
        self.leader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the end by the time for which the process stood still.
    pub(crate) fn postpone(&self, by: Duration) {
        let mut deadline = self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        *deadline = deadline.map(|deadline| deadline + by);
    }

    fn deadline(&self) -> Option<Instant> {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may start anew, for example on another network: it may be sent twice, or none of it was sent.
    pub(crate) fn may_begin_anew(&self) -> bool {
        self.replay == Replay::Safe || !self.sent.load(Ordering::Relaxed)
    }

    /// Whether a part of an answer has come.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Whether a broken body can be continued.
    pub(crate) fn can_continue(&self) -> bool {
        self.salvage.holds()
    }

    fn tls(&self) -> bool {
        self.hop.url.scheme() == "https"
    }

    /// Whether an idle connection may be tried: if it turns out to be dead, the request is sent again.
    fn may_reuse(&self) -> bool {
        self.replay == Replay::Safe && !self.by_http1.load(Ordering::Relaxed)
    }

    async fn open(&self, candidate: &Candidate, trace: &Trace) -> Result<Box<Reply>, Failure> {
        if self.is_spent() {
            return Err(spent(trace.read(|seen| seen.stage)));
        }
        let mut open = self.take(candidate);
        let (mut tries, mut refused) = (0, None);
        loop {
            let (live, taken) = match open.take() {
                Some((live, taken)) => (live, Some(taken)),
                None => self.connect_in_turn(candidate, trace).await?,
            };
            trace.encrypted(live.ech);
            let patience = if taken == Some(Taken::Idle) { REUSED_FIRST_BYTE } else { FIRST_BYTE };
            if taken.is_some() {
                trace.reused();
                if let Some(address) = candidate.address {
                    trace.dialled(address.ip());
                }
            }
            if live.proved_name {
                trace.proved_name();
            }
            if let Some(pace) = &self.pace {
                pace.turn().await;
            }
            // The salvage is taken as late as possible: an attempt that is still dialling must not keep it from one
            // that could continue now.
            let lease = self.salvage.take();
            if self.wanted == Wanted::Rest && lease.is_none() {
                return Err(another_file());
            }
            let Some((request, sending)) = self.request(lease.as_ref().and_then(Lease::salvage), candidate) else {
                // The body is a stream that was already sent. A request that may be sent only once has no further
                // attempt.
                return Err(refused.unwrap_or_else(|| {
                    Failure::new(Stage::FirstByte, Cause::Forbidden { rule: PolicyRule::StreamSentOnce })
                }));
            };
            self.sent.store(true, Ordering::Relaxed);
            let (live, answer) = match send(live, request, &sending, patience, self.allowance.clone(), trace).await {
                Ok(answered) => answered,
                // The peer has not processed the request (RFC 9113 section 8.7), so even one that may be sent only once
                // is sent again.
                Err(Unanswered { another_try: Some(another), failure }) if tries < OTHER_TRIES => {
                    tries += 1;
                    refused = Some(failure);
                    if another == AnotherTry::ByHttp1 {
                        self.by_http1.store(true, Ordering::Relaxed);
                    }
                    continue;
                }
                Err(Unanswered { failure, .. }) if taken.is_some_and(|taken| died_while_idle(taken, &failure)) => {
                    continue;
                }
                Err(Unanswered { failure, .. }) => return Err(failure),
            };
            self.answered.store(true, Ordering::Relaxed);
            if live.proved_name
                && let Some(there) = validators::sent_at(answer.headers())
            {
                trace.clock_ahead(seconds_after(self.engine.pool.wall(), there));
            }
            let is_answer =
                !answer.status().is_server_error() && answer.status() != StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;
            if live.proved_name
                && is_answer
                && let Some(leader) = &*self.leader()
            {
                leader.found(&candidate.route.strategy);
            }
            let Some(lease) = lease else { return self.reply(candidate, live, answer, None, trace) };
            let read = lease.salvage().map(|salvage| salvage.read(answer.status(), answer.headers()));
            match read {
                Some(Continuation::Rest { length }) => {
                    trace.continued(lease.salvage().map_or(0, |salvage| salvage.offset));
                    return self.reply(candidate, live, answer, lease.keep().zip(Some(length)), trace);
                }
                Some(Continuation::Anew) if self.wanted == Wanted::Rest => {
                    let same = lease.salvage().filter(|salvage| salvage.is_whole_of(answer.headers()));
                    let Some(given) = same.map(|salvage| salvage.given) else { return Err(another_file()) };
                    trace.continued(given);
                    drop(lease.keep());
                    let mut reply = self.reply(candidate, live, answer, None, trace)?;
                    reply.given = given;
                    return Ok(reply);
                }
                // What was handed out cannot be taken back.
                Some(_) | None if self.wanted == Wanted::Rest => return Err(another_file()),
                // The whole is requested on another connection: this one is full of unwanted bytes.
                Some(Continuation::Unusable) => drop(lease.keep()),
                Some(Continuation::Anew) => {
                    drop(lease.keep());
                    return self.reply(candidate, live, answer, None, trace);
                }
                Some(Continuation::Other) | None => return self.reply(candidate, live, answer, None, trace),
            }
        }
    }

    /// Opens a connection when its turn comes, unless a suitable one is given back before.
    async fn connect_in_turn(
        &self,
        candidate: &Candidate,
        trace: &Trace,
    ) -> Result<(OpenConnection, Option<Taken>), Failure> {
        let turn = {
            let mut turn = pin!(self.engine.handshakes.admit(candidate, trace, &self.racer));
            loop {
                let given_back = self.engine.pool.given_back();
                tokio::select! {
                    biased;
                    turn = &mut turn => break turn,
                    () = given_back, if self.may_reuse() => {
                        if let Some((live, taken)) = self.take(candidate) {
                            return Ok((live, Some(taken)));
                        }
                    }
                }
            }
        };
        let options = ConnectOptions {
            tls: self.tls(),
            http1_only: self.by_http1.load(Ordering::Relaxed),
            limits: HeadLimits { bytes: self.limits.header_bytes, headers: self.limits.headers },
        };
        let connected = self.engine.connect(candidate, options, trace).await;
        match &connected {
            Ok(_) => turn.answered(),
            Err(failure) => turn.failed(failure),
        }
        if let (Ok(live), false) = (&connected, self.is_exclusive()) {
            self.engine.pool.offer(candidate, self.tls(), live);
        }
        connected.map(|live| (live, None))
    }

    /// Takes a connection that is already open.
    fn take(&self, candidate: &Candidate) -> Option<(OpenConnection, Taken)> {
        self.engine.pool.take(candidate, self.tls(), self.is_exclusive()).filter(|_| self.may_reuse())
    }

    /// A body that is read slowly would hold up others on the same connection.
    fn is_exclusive(&self) -> bool {
        self.wanted != Wanted::Whole
    }

    /// Returns `None` if its body was a stream and has been sent.
    fn request(&self, salvage: Option<&Salvage>, candidate: &Candidate) -> Option<(http::Request<Outgoing>, Sending)> {
        let (body, sending) = self.hop.body.outgoing()?;
        let mut request = http::Request::new(body);
        *request.method_mut() = self.hop.method.clone();
        *request.uri_mut() = self.uri.clone();
        let mut headers = self.hop.headers.clone();
        // A part of an encoded body cannot be decoded by itself.
        let coding = if headers.contains_key(header::RANGE) { IDENTITY } else { ACCEPT_ENCODING };
        for (name, value) in
            [(header::USER_AGENT, USER_AGENT), (header::ACCEPT, ANYTHING), (header::ACCEPT_ENCODING, coding)]
        {
            headers.entry(name).or_insert(value);
        }
        if let Some(salvage) = salvage {
            salvage.ask(&mut headers);
        }
        if !headers.contains_key(header::COOKIE)
            && let Some(cookies) = self.chain.header(&candidate.route.strategy, &self.hop.url)
        {
            headers.insert(header::COOKIE, cookies);
        }
        *request.headers_mut() = headers;
        Some((request, sending))
    }

    fn reply(
        &self,
        candidate: &Candidate,
        live: OpenConnection,
        answer: http::Response<Body>,
        rest: Option<(Salvage, u64)>,
        trace: &Trace,
    ) -> Result<Box<Reply>, Failure> {
        let candidate = candidate.clone();
        let reply = match rest {
            Some((salvage, length)) => Reply::resumed(candidate, live, answer, salvage, length, trace),
            None => {
                // In cleartext it is judged first: a middlebox may send its notice with any status.
                let is_part = is_unasked_part(&self.hop.headers, answer.status(), answer.headers());
                if is_part && (live.proved_name || self.wanted == Wanted::Rest) {
                    return Err(Failure::new(Stage::Progress, Cause::NotAccepted { fault: MessageFault::Part }));
                }
                let head_only = self.hop.method == Method::HEAD;
                let mut reply = Reply::begun(candidate, live, answer, head_only, trace)?;
                reply.is_unasked = is_part || is_unasked(&self.hop.headers, reply.status);
                if reply.length.is_some_and(|length| length > self.limits.body_bytes) {
                    return Err(too_much());
                }
                reply
            }
        };
        // The reply is boxed because it is moved a dozen times until it is an answer.
        Ok(Box::new(reply))
    }

    fn is_spent(&self) -> bool {
        self.allowance.as_ref().is_some_and(Allowance::is_spent)
    }

    fn out_of_time(&self, trace: &Trace) -> Failure {
        Failure::new(trace.read(|seen| seen.stage), Cause::Limit { limit: LimitKind::TotalTime })
    }
}

impl Exchange for HopExchange {
    type Reply = Box<Reply>;

    /// If there is an idle connection for this route, nothing is looked up: a lookup would again reveal what is read.
    async fn resolve(&self, route: &Route, trace: &Trace, candidates: &Candidates) -> Result<(), Failure> {
        if self.may_reuse()
            && let Some(candidate) = self.engine.pool.candidate(route, self.tls(), self.is_exclusive())
        {
            candidates.add([candidate], &[], Trust::Authentic);
            return Ok(());
        }
        let resolved = in_time(self.deadline(), self.engine.dialer.resolve(route, trace, candidates)).await;
        resolved.unwrap_or_else(|_| Err(self.out_of_time(trace)))
    }

    async fn begin(&self, candidate: &Candidate, trace: &Trace) -> Result<Box<Reply>, Failure> {
        let opened = kept_by_race(self.deadline(), trace, Box::pin(self.open(candidate, trace))).await;
        opened.unwrap_or_else(|TimedOut| Err(self.out_of_time(trace))).map_err(|failure| trace.placed(failure))
    }

    async fn more(&self, reply: &mut Box<Reply>, trace: &Trace) -> Result<bool, Failure> {
        if reply.complete {
            return Ok(false);
        }
        let begun = (self.wanted == Wanted::Begun && !reply.has_begun()).then(|| reply.since + reply.prologue());
        let deadline = self.deadline();
        let until = begun.into_iter().chain(deadline).min();
        let advanced = match self.advance(reply, until).await {
            Ok(advanced) => advanced,
            // It is slow, but enough has come in the allowed time.
            Err(TimedOut) if deadline.is_none_or(|deadline| Instant::now() < deadline) => return Ok(true),
            Err(TimedOut) => Err(self.out_of_time(trace)),
        };
        if advanced.as_ref().is_err_and(broke_off) {
            self.leave(reply);
        }
        advanced
    }
}

/// Whether the answer says that nothing changed, or changes the protocol, and the request did not ask for it.
fn is_unasked(request: &HeaderMap, status: StatusCode) -> bool {
    let is_conditional =
        || request.contains_key(header::IF_NONE_MATCH) || request.contains_key(header::IF_MODIFIED_SINCE);
    match status {
        StatusCode::NOT_MODIFIED => !is_conditional(),
        StatusCode::SWITCHING_PROTOCOLS => !request.contains_key(header::UPGRADE),
        _ => false,
    }
}

/// How often a request that was refused unprocessed is sent again. If the server refuses further, another strategy is
/// tried.
const OTHER_TRIES: u32 = 2;

/// The value of Firefox's long-term release and Tor Browser on the most common system. It does not name Byway.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0");

const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// How many seconds `one` is after `other`; negative if it is before.
fn seconds_after(one: SystemTime, other: SystemTime) -> i64 {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    one.duration_since(other).map_or_else(|before| -seconds(before.duration()), seconds)
}
