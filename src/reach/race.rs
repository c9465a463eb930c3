//! The hedged race.
use std::sync::Arc;
use std::future::Future;
use std::time::Duration;

use super::{Attempt, Finding, Plan};
use crate::transport::{Failure, Leg, Route, Trace};

/// What is done on one route.
pub trait Exchange: Send + Sync + 'static {
    /// The answer, as far as it has come.
    type Reply: Send + 'static;

    /// Makes a route dialable: one leg an address for direct routes, one leg for others.
    fn resolve(&self, route: &Route, trace: &Trace) -> impl Future<Output = Result<Vec<Leg>, Failure>> + Send;

    /// Dials, handshakes, sends the request and waits for the head of the answer.
    fn begin(&self, leg: &Leg, trace: &Trace) -> impl Future<Output = Result<Self::Reply, Failure>> + Send;

    /// Waits for more of the answer. `false`: it is complete.
    fn more(&self, reply: &mut Self::Reply, trace: &Trace) -> impl Future<Output = Result<bool, Failure>> + Send;
}

/// Says what an answer is worth.
pub trait Judge<R>: Send + Sync + 'static {
    /// Looks at an answer as far as it has come. Called again after each piece; a complete answer for which more is
    /// asked counts as proven.
    fn judge(&self, reply: &R) -> Judgement;
}

/// A judge's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// Not decided yet.
    NeedMore,
    /// It is what was asked for, and authentic.
    Proven,
    /// It is something else: the race goes on elsewhere.
    Refuted(Finding),
}

/// The winner.
#[derive(Debug)]
pub struct Won<R> {
    /// The answer as far as the judge needed it.
    pub reply: R,
    /// On which leg.
    pub leg: Leg,
}

/// How a race ended.
pub struct Raced<R> {
    /// The winner, if any.
    pub won: Option<Won<R>>,
    /// Refuted replies, with their strategies, in the order in which they came: the best of the bad answers.
    pub refuted: Vec<(Won<R>, Finding)>,
    attempts: Vec<Attempt>,
}

impl<R> Raced<R> {
    /// What happened so far, running attempts as pending, in the order in which they were started.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.attempts.clone()
    }

    /// Lets the losers go on, each until `silence` after its own start, and answers all attempts. Dropping the
    /// future, or the race, ends them.
    pub async fn settle(self, silence: Duration) -> Vec<Attempt> {
        let _ = silence;
        todo!()
    }
}

/// Runs a plan.
pub async fn race<E: Exchange, J: Judge<E::Reply>>(plan: Plan, exchange: Arc<E>, judge: Arc<J>) -> Raced<E::Reply> {
    let _ = (plan, exchange, judge);
    todo!()
}
