//! Answers whose body is handed out while it comes.
//!
//! A race must end somewhere. For a page it ends when the page is complete. For a body that may be long, it ends when
//! the judge has recognised the answer and it has *well begun*: 64 KiB of it have come, or all of it, or three seconds
//! have passed since its head. So a short answer gets the whole race, and a freeze after the first 16 kB, as some
//! networks make it, is still overtaken there.
//!
//! From then on the reader sets the pace of the body: nothing is read ahead except what the connection's window holds.
//! A body that breaks off is continued on another route by the rules of `resume`, with one further restriction. What
//! was handed out cannot be taken back, so only the rest of the same file continues it (by `Range`, or from a complete
//! answer under the same strong validator, of which the known part is skipped). Anything else is an error; nothing is
//! spliced. The continuation has one attempt in flight, because there is one decoder in the middle of its work.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use super::current_network::CurrentNetwork;
use super::error::FetchError;
use super::exchange::{HopExchange, HopJudge, Reply};
use super::floors::Bound;
use crate::reach::{self, Attempt, EventSender, Exchange, Finding, Ledger, NetworkId, Outcome};
use crate::transport::{Cause, Failure, Protocol, Stage, Strategy};

/// A fetch whose body is still coming: its answer or the error, and the evidence in both cases.
#[derive(Debug)]
#[non_exhaustive]
pub struct Streamed {
    /// The answer or the error.
    pub result: Result<StreamedResponse, FetchError>,
    /// Every attempt of every hop until the answer was handed out. See [`BodyStream::attempts`] for the later ones.
    pub attempts: Vec<Attempt>,
    /// The URL of each hop that was tried, by [`Attempt::hop`].
    pub urls: Vec<Url>,
}

/// An answer whose body is still coming.
#[non_exhaustive]
pub struct StreamedResponse {
    /// The URL after redirects.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The version of HTTP that it came with.
    pub version: Version,
    /// The headers as they came: `Content-Encoding` and `Content-Length` describe the body before decoding.
    pub headers: HeaderMap,
    /// The strategy that brought it, or its beginning.
    pub strategy: Strategy,
    /// The judge's finding against it, if every route failed or answered like this one, and if the answer is the host's
    /// own or says what it is: a 5xx, a 451, a platform's notice. An answer that replaced the host's (a block page, a
    /// portal, a proxy's error) is never handed out; it is [`FetchError::Unreached`].
    pub finding: Option<Finding>,
    /// The body, decoded.
    pub body: BodyStream,
}

/// A body, piece by piece. Dropping it closes its connection, unless it was read to its end.
pub struct BodyStream {
    exchange: Arc<HopExchange>,
    reply: Box<Reply>,
    /// `None`: it cannot be continued.
    again: Option<Again>,
    attempts: Vec<Attempt>,
    /// The attempt that brings the body, and the time when it won.
    current: Option<(usize, Instant)>,
    broken: Option<Failure>,
    /// The reply's trace says whether the reply can be continued.
    told: bool,
    ended: bool,
    rounds: u32,
    /// Encoded bytes when it last broke off.
    reached: u64,
}

/// Why a body ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// It broke off or reached a limit, and no route could continue it.
    #[error("the body broke off: {0}")]
    Broken(#[source] Failure),
    /// It broke off, and the site has another file now.
    #[error("the body broke off, and the file has changed since")]
    Changed,
    /// The exposure was raised meanwhile, and it forbids the strategy by which the body came.
    #[error("the exposure was raised while the body came, and the rest must not come by this route")]
    ExposureRaised,
}

impl StreamError {
    /// The stable code: the cause's, or `changed`.
    pub fn code(&self) -> &'static str {
        match self {
            StreamError::Broken(failure) => failure.cause.code(),
            StreamError::Changed => "changed",
            StreamError::ExposureRaised => "exposure_raised",
        }
    }
}

/// What is needed to request the rest.
pub(super) struct Again {
    pub(super) ledger: Arc<Ledger>,
    pub(super) current_network: Arc<watch::Sender<CurrentNetwork>>,
    pub(super) strategies: Arc<[Strategy]>,
    pub(super) events: EventSender,
    pub(super) asked: reach::Request,
    pub(super) judge: HopJudge,
    /// The ledger already knows that the present strategy is good.
    pub(super) noted: bool,
}

impl Again {
    fn network(&self) -> NetworkId {
        self.current_network.borrow().network.clone()
    }
}

impl BodyStream {
    /// The last proven attempt won `reply`, unless it is not to be continued.
    pub(super) fn new(exchange: HopExchange, reply: Box<Reply>, again: Option<Again>, attempts: Vec<Attempt>) -> Self {
        let won = attempts.iter().rposition(|attempt| attempt.outcome == Outcome::Proven).filter(|_| again.is_some());
        Self {
            exchange: Arc::new(exchange),
            current: won.map(|at| (at, Instant::now())),
            reply,
            again,
            attempts,
            broken: None,
            told: false,
            ended: false,
            rounds: 0,
            reached: 0,
        }
    }

    /// The next piece; `None` at the end, and after an error. Cancel-safe: a piece that was not returned comes next
    /// time.
    ///
    /// # Errors
    /// See [`StreamError`].
    pub async fn next(&mut self) -> Option<Result<Bytes, StreamError>> {
        while !self.ended {
            if let Some(failure) = self.broken.clone() {
                if let Err(error) = Box::pin(self.go_on(failure)).await {
                    self.ended = true;
                    return Some(Err(error));
                }
                self.broken = None;
            }
            let piece = self.reply.hand_out();
            if !piece.is_empty() {
                return Some(Ok(piece));
            }
            if self.reply.complete {
                self.ended = true;
                self.praise();
                break;
            }
            let trace = self.reply.trace.clone();
            if !std::mem::replace(&mut self.told, true) {
                // If nothing can continue it, giving it up gains nothing.
                trace.last(self.again.is_none() || !self.reply.could_be_continued());
            }
            if let Err(failure) = self.exchange.more(&mut self.reply, &trace).await {
                self.blame(&failure);
                self.broken = Some(failure);
            }
        }
        None
    }

    /// Restricts the rest: another route continues it only within this bound.
    ///
    /// # Errors
    /// [`StreamError::ExposureRaised`] if the bound forbids the strategy by which the body comes. The body ends here.
    pub(crate) fn bind(&mut self, bound: Bound) -> Result<(), StreamError> {
        let way = &self.reply.candidate.route.strategy;
        if !way.is_allowed_by(bound.exposure) || bound.avoid_direct && way.is_direct() {
            self.ended = true;
            return Err(StreamError::ExposureRaised);
        }
        if let Some(Again { asked, .. }) = &mut self.again {
            asked.exposure = asked.exposure.max(bound.exposure);
            asked.avoid_direct |= bound.avoid_direct;
        }
        Ok(())
    }

    /// Bytes of the whole body, if known in advance.
    pub fn length(&self) -> Option<u64> {
        self.reply.decoded_length()
    }

    /// Whether a content coding was decoded: `Content-Encoding` and `Content-Length` then do not describe what is
    /// handed out.
    pub fn is_decoded(&self) -> bool {
        self.reply.is_decoded()
    }

    /// Every attempt until now: those of the fetch, the end of the one that brought the body, and those that continued
    /// it.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Notes that the strategy of a complete body is good, if that was not known before.
    fn praise(&mut self) {
        let (Some((at, won)), Some(again)) = (self.current, &mut self.again) else { return };
        let Some(attempt) = self.attempts.get_mut(at).filter(|_| !again.noted && self.reply.shows_health()) else {
            return;
        };
        attempt.bytes = self.reply.trace.read(|seen| seen.bytes);
        attempt.took += won.elapsed();
        again.noted = true;
        again.ledger.note(&again.network(), &again.asked.destination, std::slice::from_ref(attempt));
    }

    /// Records that the attempt which was proven by its beginning did not bring the rest.
    fn blame(&mut self, failure: &Failure) {
        let Some((at, won)) = self.current.take() else { return };
        let Some(attempt) = self.attempts.get_mut(at) else { return };
        attempt.bytes = self.reply.trace.read(|seen| seen.bytes);
        attempt.stage = Stage::Progress;
        attempt.took += won.elapsed();
        attempt.outcome = Outcome::Failed(failure.clone());
        if let Some(again) = &self.again {
            again.ledger.note(&again.network(), &again.asked.destination, std::slice::from_ref(attempt));
        }
    }

    /// Races for the rest, on other routes first.
    async fn go_on(&mut self, failure: Failure) -> Result<(), StreamError> {
        let received = self.reply.received();
        let stuck = failure.is_the_apps() || self.rounds > 0 && received <= self.reached;
        let again = self.again.as_ref().filter(|_| !stuck && self.rounds < ROUNDS && self.exchange.can_continue());
        let Some(again) = again else { return Err(StreamError::Broken(failure)) };
        let plan = reach::plan(&again.strategies, &again.asked, &again.ledger, &again.network());
        let Ok(mut plan) = plan else { return Err(StreamError::Broken(failure)) };
        let broken = &self.reply.candidate.route.strategy;
        plan.routes.sort_by_key(|(route, _)| route.strategy == *broken);
        plan.credentials = true;
        plan.events = again.events.clone();
        let race = |plan| reach::race(plan, self.exchange.clone(), Arc::new(again.judge.clone()));
        let mut raced = Box::pin(race(plan.clone())).await;
        if let (None, Some(slept)) = (&raced.won, raced.slept()) {
            self.exchange.postpone(slept);
            raced = Box::pin(race(plan)).await;
        }
        let seen = raced.attempts();
        again.ledger.note_losers(&again.network(), &again.asked.destination, &seen);
        self.rounds += 1;
        self.reached = received;
        let changed = seen.iter().any(|attempt| is_another_file(&attempt.outcome));
        self.attempts.extend(seen);
        match raced.won.take() {
            Some(won) => {
                self.reply = won.reply;
                self.told = false;
                if let Some(again) = &mut self.again {
                    again.noted = false;
                }
                let at = self.attempts.iter().rposition(|attempt| attempt.outcome == Outcome::Proven);
                self.current = at.map(|at| (at, Instant::now()));
                Ok(())
            }
            None if changed => Err(StreamError::Changed),
            None => Err(StreamError::Broken(failure)),
        }
    }
}

fn is_another_file(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(Failure { cause: Cause::Malformed { expected: Protocol::SameFile }, .. }))
}

impl fmt::Debug for StreamedResponse {
    /// Prints no URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, status, version, headers: _, strategy, finding, body } = self;
        f.debug_struct("StreamedResponse")
            .field("status", status)
            .field("version", version)
            .field("strategy", strategy)
            .field("finding", finding)
            .field("body", body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyStream")
            .field("received", &self.reply.received())
            .field("length", &self.length())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Each round costs seconds. A file that comes in more pieces than this takes too long to be useful.
const ROUNDS: u32 = 32;
