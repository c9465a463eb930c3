//! One hop on one route: a connection, one request, and its answer piece by piece.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use http_body_util::BodyExt;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, Sleep, sleep_until, timeout, timeout_at};
use url::{Position, Url};

use super::chain_cookies::ChainCookies;
use super::coalesce::Leader;
use super::decode::{ACCEPT_ENCODING, Codings, Decoder, Step};
use super::digest::digest;
use super::io_activity::IoActivity;
use super::limits::{
    DRIPPING_PROLOGUE, FIRST_BYTE, LAST_PROGRESS, LIVELY, PROLOGUE, PROLOGUE_BYTES, REUSED_FIRST_BYTE, TLS,
    TOR_PROGRESS,
};
use super::payload::Sending;
use super::pool::{Pool, Reusable, Taken};
use super::redirect::{self, Hop};
use super::resume::{Continuation, Lease, Salvage, Slot, is_recognisable, is_unasked_part};
use super::throughput::ThroughputMonitor;
use super::{Allowance, Limits, PageJudge, RateLimit, ReceivedPage, Request, validators};
use crate::reach::{Exchange, Fingerprints, Handshakes, Judge, Judgement, PageDigest, Racer, Replay};
use crate::transport::{
    Candidate, Candidates, Cause, Dialer, Ech, EchConfigList, EchOutcome, Failure, LimitKind, MessageFault, PolicyRule,
    Protocol, Route, Sessions, Slow, Stage, Trace, Trust,
};
use crate::wire::http::{Body, Connection, Error as HttpError, HeadLimits, Joint, Outgoing};
use crate::wire::tls::TlsError;

/// What all exchanges of a client share.
pub(crate) struct Engine {
    pub(crate) dialer: Dialer,
    pub(crate) sessions: Sessions,
    pub(crate) pool: Pool<Live>,
    pub(crate) handshakes: Handshakes,
}

/// An open connection.
pub(crate) struct Live {
    connection: Connection,
    activity: IoActivity,
    proved_name: bool,
    ech: EchOutcome,
}

/// What became of opening a connection.
enum Opened {
    Live(Live),
    /// The host did not take the encrypted ClientHello; it may have said which keys it has.
    Rejected(Option<EchConfigList>),
}

/// See [`Reusable::Joint`].
pub(crate) struct LiveJoint {
    joint: Joint,
    activity: IoActivity,
    proved_name: bool,
    ech: EchOutcome,
}

impl Reusable for Live {
    type Joint = LiveJoint;

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }

    fn joint(&self) -> Option<LiveJoint> {
        let Self { connection, activity, proved_name, ech } = self;
        let (activity, proved_name, ech) = (activity.clone(), *proved_name, *ech);
        Some(LiveJoint { joint: connection.joint()?, activity, proved_name, ech })
    }

    fn join(LiveJoint { joint, activity, proved_name, ech }: &LiveJoint) -> Option<Self> {
        let is_lively = activity.last_read().elapsed() < LIVELY;
        let connection = joint.join().filter(|_| is_lively)?;
        Some(Self { connection, activity: activity.clone(), proved_name: *proved_name, ech: *ech })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.connection.is_same(&other.connection)
    }

    fn is_joint_of(LiveJoint { joint, .. }: &LiveJoint, connection: &Self) -> bool {
        joint.is_of(&connection.connection)
    }
}

/// What is done on each route of one hop.
pub(crate) struct HopExchange {
    engine: Arc<Engine>,
    hop: Hop,
    uri: Uri,
    limits: Limits,
    allowance: Option<Allowance>,
    replay: Replay,
    pace: Option<Arc<RateLimit>>,
    /// When the whole fetch ends, if it does.
    deadline: Mutex<Option<Instant>>,
    wanted: Wanted,
    salvage: Slot,
    /// Notified when a working route is found.
    leader: Mutex<Option<Leader>>,
    /// Something of the request may have gone out, and something of an answer has come.
    sent: AtomicBool,
    answered: AtomicBool,
    /// The host wants this request by HTTP/1.1.
    by_http1: AtomicBool,
    /// What the redirects before this hop set.
    chain: ChainCookies,
    racer: Racer,
}

/// What a race is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The whole answer.
    Whole,
    /// An answer that is known for what it is, and has well begun.
    Begun,
    /// The rest of a body that was handed out in part, and nothing else.
    Rest,
}

/// An answer, as far as it has come.
pub(crate) struct Reply {
    pub(crate) candidate: Candidate,
    pub(crate) version: Version,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Decoded; of a stream, what was not handed out yet.
    pub(crate) body: Vec<u8>,
    /// What came last of a stream without a coding, as it came: it is handed out without being copied.
    piece: Bytes,
    /// Decoded bytes that were handed out before those.
    handed: u64,
    /// Decoded bytes that the reader of a stream has, from the body's beginning: more than `handed` where a body had to
    /// be asked for from its beginning again.
    given: u64,
    pub(crate) proved_name: bool,
    /// The body has come whole, and is decoded.
    pub(crate) complete: bool,
    /// The judge has decided, and only the rest of the body is waited for.
    settled: AtomicBool,
    /// When the head came.
    since: Instant,
    /// How fast the body comes.
    throughput: ThroughputMonitor,
    /// What wakes who waits for the body.
    alarm: Alarm,
    /// What is seen of it.
    pub(crate) trace: Trace,
    /// `None` when the body has come whole: the connection is in the pool then.
    source: Option<(Live, Body)>,
    coding: Codings,
    decoder: Decoder,
    /// Encoded bytes so far, those before a continuation included.
    received: u64,
    /// Encoded bytes of the whole, where known.
    length: Option<u64>,
}

impl Reply {
    /// So much has come that a reader may be given it.
    fn has_begun(&self) -> bool {
        self.complete || self.body.len() >= PROLOGUE_BYTES || self.since.elapsed() >= self.prologue()
    }

    /// How long after its head it is handed out with whatever has come.
    fn prologue(&self) -> Duration {
        let is_overtaken = self.trace.slow() == Some(Slow::Drips) && !self.trace.is_last();
        if is_overtaken { DRIPPING_PROLOGUE } else { PROLOGUE }
    }

    /// Takes what has come.
    pub(crate) fn hand_out(&mut self) -> Bytes {
        // What lies in the body came after it.
        let piece = match std::mem::take(&mut self.piece) {
            piece if piece.is_empty() => Bytes::from(std::mem::take(&mut self.body)),
            piece => piece,
        };
        self.handed = self.handed.saturating_add(piece.len() as u64);
        self.given = self.given.max(self.handed);
        piece
    }

    /// Whether the next piece can go to the reader as it comes: the reader has begun, nothing lies before it, and there
    /// is nothing to decode.
    fn goes_straight_on(&self) -> bool {
        let begun = self.handed > 0 && self.handed >= self.given;
        begun && self.coding == Codings::NONE && self.body.is_empty() && self.piece.is_empty()
    }

    /// Decoded bytes that lie before the body.
    fn handed_or_ready(&self) -> u64 {
        self.handed.saturating_add(self.piece.len() as u64)
    }

    /// Forgets what has come and is known to the reader.
    fn pass_known(&mut self) {
        let known = usize::try_from(self.given.saturating_sub(self.handed)).unwrap_or(usize::MAX).min(self.body.len());
        self.body.drain(..known);
        self.handed = self.handed.saturating_add(known as u64);
    }

    /// Bytes of the body as its reader gets it, where that is known before.
    pub(crate) fn decoded_length(&self) -> Option<u64> {
        if self.coding == Codings::NONE { self.length } else { None }
    }

    /// The body is not the same as what came over the wire.
    pub(crate) fn is_decoded(&self) -> bool {
        self.coding != Codings::NONE
    }

    /// So much of it has come, from whom TLS proved to be the host, that no freeze of a censor's is ahead of it.
    pub(crate) fn shows_health(&self) -> bool {
        let whole = self.complete || self.length == Some(self.received);
        self.proved_name && (whole || self.received >= PROLOGUE_BYTES as u64)
    }

    /// Whether what breaks off here may be continued elsewhere.
    pub(crate) fn could_be_continued(&self) -> bool {
        is_recognisable(&self.headers)
    }

    /// Its connection ended, and nothing had said that the body would end there: it is whole where its coding has an end of
    /// its own (gzip, zlib, Brotli, Zstandard) and that was reached. `Ok(None)` is the body's end.
    fn ended_unannounced(&mut self, failure: Failure) -> Result<Option<Bytes>, Failure> {
        let has_ended = matches!(failure.cause, Cause::Closed | Cause::Reset | Cause::EndedByHost);
        if self.length.is_some() || !has_ended {
            return Err(failure);
        }
        if !self.coding.is_none() {
            // What can be asked for on is: whether it is whole is found out by a decoder only that is then of no more use.
            return if !self.could_be_continued() && self.decoder.is_whole() { Ok(None) } else { Err(failure) };
        }
        let ends_with_connection =
            self.version <= Version::HTTP_11 && !self.headers.contains_key(header::TRANSFER_ENCODING);
        if ends_with_connection && failure.cause == Cause::Closed && self.proved_name {
            return Err(Failure { cause: Cause::EndUnannounced, ..failure });
        }
        Err(failure)
    }

    /// Encoded bytes so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }
}

impl HopExchange {
    /// `None` if the URL cannot be asked for over HTTP.
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

    /// The same, to go on with a body that was begun: it may take another time, and asks for nothing but the rest.
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

    /// Its attempts are those of a flight that other requests wait for.
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

    /// Ends so much later: the process stood still for so long.
    pub(crate) fn postpone(&self, by: Duration) {
        let mut deadline = self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        *deadline = deadline.map(|deadline| deadline + by);
    }

    fn deadline(&self) -> Option<Instant> {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may be begun anew, on another network say: it may be sent twice, or nothing of it was sent.
    pub(crate) fn may_begin_anew(&self) -> bool {
        self.replay == Replay::Safe || !self.sent.load(Ordering::Relaxed)
    }

    /// Whether something of an answer has come.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    /// Whether what broke off can be asked for on.
    pub(crate) fn can_continue(&self) -> bool {
        self.salvage.holds()
    }

    fn tls(&self) -> bool {
        self.hop.url.scheme() == "https"
    }

    /// Whether an idle connection may be tried: when it turns out to be dead, the request goes out again.
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
            // Taken as late as can be: who still dials must not keep it from who could go on now.
            let lease = self.salvage.take();
            if self.wanted == Wanted::Rest && lease.is_none() {
                return Err(another_file());
            }
            let Some((request, sending)) = self.request(lease.as_ref().and_then(Lease::salvage), candidate) else {
                // A stream that was sent already. What may be sent once only has no second attempt after that.
                return Err(refused.unwrap_or_else(|| {
                    Failure::new(Stage::FirstByte, Cause::Forbidden { rule: PolicyRule::StreamSentOnce })
                }));
            };
            self.sent.store(true, Ordering::Relaxed);
            let (live, answer) = match send(live, request, &sending, patience, self.allowance.clone(), trace).await {
                Ok(answered) => answered,
                // The peer has not processed it (RFC 9113 section 8.7), so that even what may be sent once is sent again.
                Err(Unanswered { another_try: Some(another), failure }) if tries < OTHER_TRIES => {
                    tries += 1;
                    refused = Some(failure);
                    if another == AnotherTry::ByHttp1 {
                        self.by_http1.store(true, Ordering::Relaxed);
                    }
                    continue;
                }
                Err(Unanswered { failure, .. }) if taken.is_some_and(|taken| died_open(taken, &failure)) => continue,
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
                // Asked again for the whole, on another connection: this one is full of what is not wanted.
                Some(Continuation::Unusable) => drop(lease.keep()),
                Some(Continuation::Anew) => {
                    drop(lease.keep());
                    return self.reply(candidate, live, answer, None, trace);
                }
                Some(Continuation::Other) | None => return self.reply(candidate, live, answer, None, trace),
            }
        }
    }

    /// Opens a connection when its turn comes, unless one that fits is given back before.
    async fn connect_in_turn(&self, candidate: &Candidate, trace: &Trace) -> Result<(Live, Option<Taken>), Failure> {
        let turn = {
            let mut turn = pin!(self.engine.handshakes.turn(candidate, trace, &self.racer));
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
        let connected = self.connect(candidate, trace).await;
        match &connected {
            Ok(_) => turn.answered(),
            Err(failure) => turn.failed(failure),
        }
        if let (Ok(live), false) = (&connected, self.is_exclusive()) {
            self.engine.pool.offer(candidate, self.tls(), live);
        }
        connected.map(|live| (live, None))
    }

    /// A connection that is open already.
    fn take(&self, candidate: &Candidate) -> Option<(Live, Taken)> {
        self.engine.pool.take(candidate, self.tls(), self.is_exclusive()).filter(|_| self.may_reuse())
    }

    /// A body that is read at somebody's leisure would hold up those that share its connection.
    fn is_exclusive(&self) -> bool {
        self.wanted != Wanted::Whole
    }

    async fn connect(&self, candidate: &Candidate, trace: &Trace) -> Result<Live, Failure> {
        let keys = candidate.ech.as_ref().filter(|_| self.tls());
        if keys.is_none() && candidate.route.strategy.ech == Ech::Require {
            // Not a packet to the host: neither a ClientHello nor a cleartext request may say its name.
            return Err(Failure::new(Stage::Tls, Cause::EchUnavailable));
        }
        match self.connect_with(candidate, keys, trace).await? {
            Opened::Live(live) => Ok(live),
            // The keys were old. The host gave those that it has now, under a certificate that proved the outer name: once
            // more, and no more than once (RFC 9849 section 6.1.6).
            Opened::Rejected(Some(retry)) => match self.connect_with(candidate, Some(&retry), trace).await? {
                Opened::Live(live) => Ok(live),
                Opened::Rejected(_) => Err(Failure::new(Stage::Tls, Cause::EchRejected)),
            },
            Opened::Rejected(None) => Err(Failure::new(Stage::Tls, Cause::EchRejected)),
        }
    }

    async fn connect_with(
        &self,
        candidate: &Candidate,
        keys: Option<&EchConfigList>,
        trace: &Trace,
    ) -> Result<Opened, Failure> {
        let (activity, stream) = IoActivity::of(self.engine.dialer.dial(candidate, trace).await?);
        let limits = HeadLimits { bytes: self.limits.header_bytes, headers: self.limits.headers };
        let mut ech = EchOutcome::Off;
        let (stream, http2, proved_name) = if self.tls() {
            trace.enter(Stage::Tls);
            let host = candidate.route.destination.host_text();
            let mut client = self.engine.sessions.of(&candidate.route);
            if self.by_http1.load(Ordering::Relaxed) {
                client = client.by_http1();
            }
            let handshake = async {
                match keys {
                    Some(keys) => {
                        trace.encrypted(EchOutcome::Offered);
                        client.connect_encrypted(&host, keys, stream).await
                    }
                    None => client.connect(&host, stream).await,
                }
            };
            let secured = match timeout(TLS, handshake).await {
                Err(_) => return Err(Failure::new(Stage::Tls, Cause::Silence)),
                Ok(Err(TlsError::Rejected(rejected))) => {
                    trace.encrypted(EchOutcome::Rejected);
                    return Ok(Opened::Rejected(rejected.retry));
                }
                Ok(secured) => secured.map_err(|error| Failure::tls(Stage::Tls, &error))?,
            };
            if keys.is_some() {
                ech = EchOutcome::Accepted;
            }
            (Box::new(secured.stream) as crate::net::BoxStream, secured.http2, secured.proves_name)
        } else {
            (stream, false, false)
        };
        let connection = Connection::start(stream, http2, limits)
            .await
            .map_err(|error| told_by(proved_name, Stage::FirstByte, &error))?;
        Ok(Opened::Live(Live { connection, activity, proved_name, ech }))
    }

    /// `None` if its body was a stream and has been sent.
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
        live: Live,
        answer: http::Response<Body>,
        rest: Option<(Salvage, u64)>,
        trace: &Trace,
    ) -> Result<Box<Reply>, Failure> {
        let (head, body) = answer.into_parts();
        let proved_name = live.proved_name;
        let throughput = ThroughputMonitor::new(live.activity.bytes_read());
        let reply = match rest {
            Some((salvage, length)) => Reply {
                candidate: candidate.clone(),
                version: head.version,
                status: StatusCode::OK,
                headers: salvage.headers,
                body: salvage.decoded,
                piece: Bytes::new(),
                handed: salvage.handed,
                given: salvage.given,
                proved_name: proved_name && salvage.proved_name,
                complete: false,
                settled: AtomicBool::new(false),
                since: Instant::now(),
                throughput,
                alarm: Alarm::default(),
                trace: trace.clone(),
                source: Some((live, body)),
                coding: salvage.coding,
                decoder: salvage.decoder,
                received: salvage.offset,
                length: Some(length),
            },
            None => {
                if is_unasked_part(&self.hop.headers, head.status, &head.headers) {
                    return Err(Failure::new(Stage::Progress, Cause::NotAccepted { fault: MessageFault::Part }));
                }
                // What a head says of a body that does not come is no length; a part is handed on as it is.
                let empty = self.hop.method == Method::HEAD
                    || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
                let length = if empty { None } else { http_body::Body::size_hint(&body).exact() };
                let coding = if empty || head.status == StatusCode::PARTIAL_CONTENT {
                    Codings::NONE
                } else {
                    Codings::of(&head.headers).map_err(|cause| Failure::new(Stage::Progress, cause))?
                };
                if length.is_some_and(|length| length > self.limits.body_bytes) {
                    return Err(too_much());
                }
                Reply {
                    candidate: candidate.clone(),
                    version: head.version,
                    status: head.status,
                    headers: head.headers,
                    body: Vec::new(),
                    piece: Bytes::new(),
                    handed: 0,
                    given: 0,
                    proved_name,
                    complete: false,
                    settled: AtomicBool::new(false),
                    since: Instant::now(),
                    throughput,
                    alarm: Alarm::default(),
                    trace: trace.clone(),
                    source: Some((live, body)),
                    coding,
                    decoder: Decoder::new(coding),
                    received: 0,
                    length,
                }
            }
        };
        // It changes hands a dozen times until it is an answer.
        Ok(Box::new(reply))
    }

    /// Makes room for what has come of a body that is wanted whole, and for as much again as long as its claimed length
    /// has not come: a body that grows is copied a few times at most, ends in room of its very size, and a claim alone
    /// reserves nothing.
    fn make_room(&self, reply: &mut Reply, came: usize) {
        let (Wanted::Whole, Codings::NONE, Some(length)) = (self.wanted, reply.coding, reply.length) else { return };
        if reply.body.capacity() - reply.body.len() >= came {
            return;
        }
        let rest = length.saturating_sub(reply.received).saturating_add(came as u64);
        let ahead = FIRST_ROOM.max(reply.body.len()).max(came);
        let room = usize::try_from(rest).unwrap_or(usize::MAX).min(ahead).max(came);
        reply.body.reserve_exact(room);
    }

    /// Decodes or reads one piece more. `false`: the body is complete. [`Late`]: nothing came until then.
    async fn advance(&self, reply: &mut Reply, until: Option<Instant>) -> Result<Result<bool, Failure>, Late> {
        loop {
            if let Some(advanced) = self.step(reply).transpose() {
                return Ok(advanced);
            }
            let Some((live, body)) = &mut reply.source else {
                return Ok(Err(Failure::new(Stage::Progress, Cause::Closed)));
            };
            let rest = reply.length.map(|length| length.saturating_sub(reply.received));
            let patience = self.patience(&reply.candidate);
            let waiting = Waiting { live, patience, rest, until, trace: &reply.trace };
            let frame = waiting.next_frame(body, &mut reply.throughput, &mut reply.alarm).await?;
            let data = match frame.or_else(|failure| reply.ended_unannounced(failure)) {
                Ok(data) => data,
                Err(failure) => return Ok(Err(failure)),
            };
            if let Some(advanced) = self.take_in(reply, data).transpose() {
                return Ok(advanced);
            }
        }
    }

    /// Decodes what has come. `None`: more must come.
    fn step(&self, reply: &mut Reply) -> Result<Option<bool>, Failure> {
        let before = reply.body.len();
        let room = self.limits.decoded_bytes.saturating_sub(reply.handed_or_ready());
        let step = reply.decoder.step(&mut reply.body, room).map_err(|cause| Failure::new(Stage::Progress, cause))?;
        reply.pass_known();
        if step == Step::Done && reply.source.is_none() {
            reply.complete = true;
            return Ok(Some(false));
        }
        if step == Step::More || reply.body.len() > before {
            return Ok(Some(true));
        }
        if reply.source.is_some() && self.is_spent() && reply.length != Some(reply.received) {
            return Err(spent(Stage::Progress));
        }
        Ok(None)
    }

    /// Takes what came; `None` at the end of the body.
    fn take_in(&self, reply: &mut Reply, data: Option<Bytes>) -> Result<Option<bool>, Failure> {
        match data {
            Some(data) => {
                reply.received = reply.received.saturating_add(data.len() as u64);
                if reply.received > self.limits.body_bytes {
                    return Err(too_much());
                }
                if reply.goes_straight_on() && !data.is_empty() {
                    if reply.handed.saturating_add(data.len() as u64) > self.limits.decoded_bytes {
                        return Err(Failure::new(Stage::Progress, Cause::Limit { limit: LimitKind::DecodedBody }));
                    }
                    reply.piece = data;
                    return Ok(Some(true));
                }
                self.make_room(reply, data.len());
                reply.decoder.push(data);
            }
            None => {
                if reply.length.is_some_and(|length| length != reply.received) {
                    return Err(Failure::new(Stage::Progress, Cause::Closed));
                }
                reply.decoder.end();
                self.park(reply);
            }
        }
        Ok(None)
    }

    fn is_spent(&self) -> bool {
        self.allowance.as_ref().is_some_and(Allowance::is_spent)
    }

    fn patience(&self, candidate: &Candidate) -> Duration {
        if candidate.route.strategy.is_tor() { self.limits.progress.max(TOR_PROGRESS) } else { self.limits.progress }
    }

    /// Keeps the connection of an answer that was read to its end.
    fn park(&self, reply: &mut Reply) {
        let Some((live, body)) = reply.source.take() else { return };
        drop(body);
        let closing = reply.headers.get_all(header::CONNECTION).iter().any(|value| {
            value.to_str().is_ok_and(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case("close")))
        });
        if !closing && live.connection.is_open() {
            live.connection.observe_no_more();
            self.engine.pool.put(reply.candidate.clone(), self.tls(), live);
        }
    }

    /// Leaves what came of a broken body for the next attempt.
    fn leave(&self, reply: &mut Reply) {
        let whole = reply.status == StatusCode::OK && self.hop.method == Method::GET;
        if !whole || self.replay != Replay::Safe || self.hop.headers.contains_key(header::RANGE) {
            return;
        }
        let salvage = Salvage {
            headers: std::mem::take(&mut reply.headers),
            coding: reply.coding,
            decoder: std::mem::replace(&mut reply.decoder, Decoder::new(Codings::NONE)),
            decoded: if reply.piece.is_empty() {
                std::mem::take(&mut reply.body)
            } else {
                [&*reply.piece, &*reply.body].concat()
            },
            handed: reply.handed,
            given: reply.given,
            offset: reply.received,
            length: reply.length,
            proved_name: reply.proved_name,
        };
        if let Some(salvage) = salvage.kept() {
            self.salvage.put(salvage);
        }
    }

    fn out_of_time(&self, trace: &Trace) -> Failure {
        Failure::new(trace.read(|seen| seen.stage), Cause::Limit { limit: LimitKind::TotalTime })
    }
}

impl Exchange for HopExchange {
    type Reply = Box<Reply>;

    /// Where an idle connection of this route leads, nothing is looked up: a lookup would say again what is read.
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
        opened.unwrap_or_else(|Late| Err(self.out_of_time(trace))).map_err(|failure| trace.placed(failure))
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
            // Slow, and well begun by its time.
            Err(Late) if deadline.is_none_or(|deadline| Instant::now() < deadline) => return Ok(true),
            Err(Late) => Err(self.out_of_time(trace)),
        };
        if advanced.as_ref().is_err_and(broke_off) {
            self.leave(reply);
        }
        advanced
    }
}

/// Waits until `deadline`, if there is one.
async fn in_time<F: Future>(deadline: Option<Instant>, future: F) -> Result<F::Output, Elapsed> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await,
        None => Ok(future.await),
    }
}

/// Sends a request and waits for the head of its answer.
///
/// A long request is waited for as long as the peer takes it, piece by piece, or the app's own stream has nothing.
async fn send(
    mut live: Live,
    request: http::Request<Outgoing>,
    sending: &Sending,
    patience: Duration,
    allowance: Option<Allowance>,
    trace: &Trace,
) -> Result<(Live, http::Response<Body>), Unanswered> {
    let progress = trace.clone();
    live.connection.observe(move |bytes| {
        progress.progressed(bytes);
        if let Some(allowance) = &allowance {
            allowance.take(bytes);
        }
    });
    trace.enter(Stage::FirstByte);
    let activity = live.activity.clone();
    let mut silent_at = Instant::now() + patience;
    let answer = {
        let mut answering = pin!(live.connection.send(request));
        loop {
            silent_at = match kept_by_race(Some(silent_at), trace, &mut answering).await {
                Ok(answer) => break answer,
                Err(_) if sending.is_starved() => Instant::now() + patience,
                Err(_) if sending.long && activity.last_written() + patience > silent_at => {
                    activity.last_written() + patience
                }
                Err(_) => return Err(Failure::new(Stage::FirstByte, Cause::Silence).into()),
            };
            trace.sent();
        }
    };
    let answer = answer.map_err(|error| Unanswered {
        another_try: AnotherTry::asked_for(&error),
        failure: told_by(live.proved_name, Stage::FirstByte, &error),
    })?;
    Ok((live, answer))
}

/// A request without an answer.
struct Unanswered {
    failure: Failure,
    another_try: Option<AnotherTry>,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self { failure, another_try: None }
    }
}

/// How a peer that has not processed a request asks for it again (RFC 9113 section 8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnotherTry {
    OnAnotherConnection,
    ByHttp1,
}

impl AnotherTry {
    fn asked_for(error: &HttpError) -> Option<Self> {
        match error {
            HttpError::Refused => Some(AnotherTry::OnAnotherConnection),
            HttpError::Http1Required => Some(AnotherTry::ByHttp1),
            HttpError::NotSent(cause) => Self::asked_for(cause),
            _ => None,
        }
    }
}

/// Waits for `future` until `deadline`, if there is one, without a timer: the race that polls the attempt keeps the time.
async fn kept_by_race<F: Future>(deadline: Option<Instant>, trace: &Trace, future: F) -> Result<F::Output, Late> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        // One within this one says its time anew.
        trace.wakes(None);
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            trace.wakes(None);
            return Poll::Ready(Ok(output));
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            trace.wakes(None);
            return Poll::Ready(Err(Late));
        }
        trace.wakes(trace.wake().into_iter().chain(deadline).min());
        Poll::Pending
    })
    .await
}

/// It did not come in time.
struct Late;

/// A timer that is set once and not for each piece of a body: it rings too early rather than being set anew, because each
/// setting may cost a system call.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Waits for `future` until `at`.
    async fn wait<F: Future>(&mut self, at: Instant, future: F) -> Result<F::Output, Late> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            loop {
                let timer = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
                if timer.deadline() > at {
                    timer.as_mut().reset(at);
                }
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if at <= Instant::now() {
                    return Poll::Ready(Err(Late));
                }
                timer.as_mut().reset(at);
            }
        })
        .await
    }
}

/// What the next data of a body is waited for with. A peer that sends nothing for `patience` is given up; the last one that
/// is left is not, for longer.
struct Waiting<'a> {
    live: &'a Live,
    patience: Duration,
    /// How many bytes are missing, where that is known.
    rest: Option<u64>,
    /// When to return, whatever comes.
    until: Option<Instant>,
    trace: &'a Trace,
}

impl Waiting<'_> {
    /// Waits for the next data of a body; `None` at its end.
    async fn next_frame(
        self,
        body: &mut Body,
        throughput: &mut ThroughputMonitor,
        alarm: &mut Alarm,
    ) -> Result<Result<Option<Bytes>, Failure>, Late> {
        let Self { live: Live { activity, proved_name, .. }, patience, rest, until, trace } = self;
        let since = Instant::now();
        loop {
            throughput.observe(activity.bytes_read(), activity.last_read(), rest, trace);
            let quiet_since = activity.last_read().max(since);
            let mut silent_at = quiet_since + patience;
            if silent_at <= Instant::now() {
                silent_at = quiet_since + patience.max(LAST_PROGRESS);
            }
            let look = silent_at.min(throughput.next_check());
            match alarm.wait(until.map_or(look, |until| until.min(look)), body.frame()).await {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Ok(Ok(Some(data))),
                    // Trailers say nothing that is used here.
                    Err(_) => continue,
                },
                Ok(Some(Err(error))) => return Ok(Err(told_by(*proved_name, Stage::Progress, &error))),
                Ok(None) => return Ok(Ok(None)),
                Err(Late) if until.is_some_and(|until| until <= Instant::now()) => return Err(Late),
                Err(Late) if silent_at > Instant::now() || activity.last_read().max(since) > quiet_since => continue,
                Err(Late) if trace.is_last() && quiet_since + LAST_PROGRESS > Instant::now() => continue,
                Err(Late) => return Ok(Err(Failure::new(Stage::Progress, Cause::Silence))),
            }
        }
    }
}

/// The failure of an HTTP exchange, with a host that proved its name or not.
fn told_by(proved_name: bool, stage: Stage, error: &crate::wire::http::Error) -> Failure {
    if proved_name { Failure::http_of_proved_host(stage, error) } else { Failure::http(stage, error) }
}

/// Whether it is what a connection does that died unnoticed. One that others use was alive a moment ago: who is silent on
/// it thinks.
fn died_open(taken: Taken, failure: &Failure) -> bool {
    match failure.cause {
        Cause::Limit { .. } | Cause::Malformed { .. } | Cause::NotAccepted { .. } => false,
        Cause::Silence => taken == Taken::Idle,
        _ => true,
    }
}

/// Whether the body may be whole elsewhere.
fn broke_off(failure: &Failure) -> bool {
    !matches!(failure.cause, Cause::Limit { .. } | Cause::Malformed { .. } | Cause::NotAccepted { .. })
}

/// There is no rest of what was handed out. Asking again elsewhere may find it: not all of a host's servers are alike.
fn another_file() -> Failure {
    Failure::new(Stage::Progress, Cause::Malformed { expected: Protocol::SameFile })
}

fn too_much() -> Failure {
    Failure::new(Stage::Progress, Cause::Limit { limit: LimitKind::Body })
}

fn spent(stage: Stage) -> Failure {
    Failure::new(stage, Cause::Limit { limit: LimitKind::IdleBudget })
}

/// The page judge of one hop, as a race wants it.
#[derive(Clone)]
pub(crate) struct HopJudge {
    pub(crate) url: Url,
    pub(crate) judge: Arc<dyn PageJudge>,
    pub(crate) wanted: Wanted,
    pub(crate) fingerprints: Fingerprints,
    /// Something of its chain of redirects came in cleartext, so that it is compared with what another network reads.
    pub(crate) is_compared: bool,
}

impl Judge<Box<Reply>> for HopJudge {
    fn judge(&self, reply: &Box<Reply>) -> Judgement {
        if self.wanted == Wanted::Rest {
            // Whatever is not the rest was no reply; a head alone may be all that comes.
            let goes_on = reply.complete || !reply.body.is_empty();
            return if goes_on { Judgement::Proven } else { Judgement::NeedMore };
        }
        let enough = reply.complete || (self.wanted == Wanted::Begun && reply.has_begun());
        if reply.settled.load(Ordering::Relaxed) {
            return if enough { Judgement::Proven } else { Judgement::NeedMore };
        }
        let page = ReceivedPage {
            url: &self.url,
            strategy: &reply.candidate.route.strategy,
            status: reply.status,
            headers: &reply.headers,
            body: &reply.body,
            complete: reply.complete,
            proved_name: reply.proved_name,
            fingerprints: &self.fingerprints,
        };
        match self.judge.judge(&page) {
            Judgement::Proven if !enough && page.redirects_to().is_none() => {
                reply.settled.store(true, Ordering::Relaxed);
                Judgement::NeedMore
            }
            Judgement::NeedMore if enough => Judgement::Proven,
            judgement => judgement,
        }
    }

    fn digest(&self, reply: &Box<Reply>) -> Option<PageDigest> {
        let is_redirect = !matches!(redirect::location(reply.status, &reply.headers), Ok(None));
        let is_known = self.wanted == Wanted::Whole && (reply.complete || is_redirect);
        (self.is_compared && is_known).then(|| digest(&self.url, reply.status, &reply.headers, &reply.body))
    }
}

/// How often a request that was refused unprocessed is sent again: a server that goes on refusing is left to another
/// strategy.
const OTHER_TRIES: u32 = 2;

/// What a body is given room for when its first bytes have come, if it claims as much: a page, in one piece.
const FIRST_ROOM: usize = 64 * 1024;

/// What Firefox's long-term release and Tor Browser send on the most common system: nobody is told that this is Byway.
const USER_AGENT: HeaderValue =
    HeaderValue::from_static("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0");

const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
/// How many seconds `one` is after `other`; less than none, where it is before.
fn seconds_after(one: SystemTime, other: SystemTime) -> i64 {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    one.duration_since(other).map_or_else(|before| -seconds(before.duration()), seconds)
}
