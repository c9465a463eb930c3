//! What a race runs on each route, and what its answer is worth. Both are given by the caller: a race does not know
//! HTTP.

use std::future::Future;

use crate::reach::{Finding, PageDigest};
#[cfg(doc)]
use crate::transport::Stage;
use crate::transport::{Candidate, Candidates, Failure, Route, Trace};

/// What is done on one route.
pub trait Exchange: Send + Sync + 'static {
    /// The answer, as far as it has come.
    type Reply: Send + 'static;

    /// Makes a route dialable: one candidate per address for direct routes, one candidate for others. It adds each
    /// candidate as soon as it is known, and ends when no more will come. Meanwhile the race polls it together with the
    /// attempts, and dials. Its error counts only if it added nothing.
    fn resolve(
        &self,
        route: &Route,
        trace: &Trace,
        candidates: &Candidates,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Dials, handshakes, sends the request and waits for the head of the answer.
    ///
    /// It enters each stage in the trace before it begins it: [`Stage::FirstByte`] *before* the first byte of the
    /// request is written, because that is how the race knows whether a [`Replay::Once`](crate::reach::Replay::Once)
    /// request may still move. A wait for admission is recorded there too ([`Trace::waits`]).
    fn begin(&self, candidate: &Candidate, trace: &Trace) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;

    /// Waits for more of the answer. `false`: it is complete. A body that stops coming is a failure of stage
    /// [`Stage::Progress`]. A slow body is not a failure; its slowness is recorded in the trace ([`Trace::paced`]).
    fn more(&self, reply: &mut Self::Reply, trace: &Trace) -> impl Future<Output = Result<bool, Failure>> + Send;
}

/// Says what an answer is worth.
pub trait Judge<R>: Send + Sync + 'static {
    /// Judges an answer as far as it has come. It is called again after each piece. A complete answer for which the
    /// judge wants more counts as proven.
    fn judge(&self, reply: &R) -> Judgement;

    /// The features of a proven answer, if anyone on the path could have written it.
    fn digest(&self, _reply: &R) -> Option<PageDigest> {
        None
    }
}

/// A judge's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Not decided yet.
    NeedMore,
    /// It is what was asked for, and authentic.
    Proven,
    /// It is something else: the race continues elsewhere.
    Refuted(Finding),
}

impl Judgement {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Judgement::NeedMore => "need_more",
            Judgement::Proven => "proven",
            Judgement::Refuted(_) => "refuted",
        }
    }
}
