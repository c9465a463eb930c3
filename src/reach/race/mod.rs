//! The hedged race: several routes to one answer, and the first proven answer wins.
//!
//! A race has **lanes**, one a route, in the plan's order. A lane is resolved into **candidates**, one an address. An
//! **attempt** is one candidate under way; a lane's first attempt also covers its lookup. A lookup may go on behind the first candidate
//! that it found: what it finds later becomes further candidates, and evidence. Three rules move a race:
//!
//! 1. *What fails moves at once.* When an attempt fails or its answer is refuted, the lane's next candidate starts and the
//!    lane passes the baton: the next lane starts. Both in the same instant.
//! 2. *What is silent moves after its hedge delay*, counted from the attempt's start and whatever the stage: the same
//!    two starts, while the silent attempt goes on. The first byte of an answer ends an attempt's silence; from then
//!    on the exchange reports a stall as a failure, and rule 1 holds.
//!    Where a lane has no further candidate yet and still looks for some, the next that it finds starts at once.
//!    A body that comes slowly does not stall, and is not given up: on a bad mobile network it is all there is. Where the
//!    exchange says that its rest will take seconds ([`Trace::paced`]), the next lane starts beside it, and the one that is
//!    done first wins. Not where another body comes already that does not merely drip: both share the uplink, and where
//!    that is what is slow, a third load would make it slower.
//!    Which lane is next is decided by the stages at which the others are stuck (`remedy`): the first in the plan's order that
//!    may help against all of them. Those that cannot are passed over and come last. A lane that waits to dial, because its hop
//!    is left alone for a moment or another lane is dialling there, passes the baton at once; but never to one that
//!    reveals more (`revealed`) before it was tried itself. It is told to go at once then.
//! 3. *A lane passes the baton once.* So a blocked host with four addresses does not delay the proxy, and a dead
//!    proxy does not start two others.
//!
//! Two kinds of request are distinguished. One that may be sent twice and carries no credentials is raced as above. Any
//! other has **one attempt in flight**: it moves on failure at once, and on silence after three seconds, when the
//! silent attempt is given up (it comes back last, if nothing else worked). For slowness it does not move. [`Replay::Once`](super::Replay::Once) moves only while its
//! request was not sent.
//!
//! A censor that counts handshakes must not be fed, and counts those of all races: an exchange waits for its turn
//! (`handshakes`) before it opens a connection. Its silence meanwhile starts the next lane as any silence does, and at
//! once where its first hop is left alone because it swallows. A lane that reveals more is held back until then.
//!
//! Nothing is spawned. The attempts are futures that the race's own future polls, so that dropping the race ends
//! all of it, in the same instant. There are a dozen of them at most, and they are polled in the order of their start:
//! what a race does is determined by its plan and its network alone.

mod attempt;
mod exchange;
mod lane;
mod remedy;
mod schedule;
mod state;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::{Attempt, Finding, Outcome, Plan};
use crate::transport::{Candidate, Cause, Failure, Stage, Trace};
use attempt::End;
pub use attempt::Won;
pub use exchange::{Exchange, Judge, Judgement};
use schedule::Race;

/// How a race ended. The losers still under way are in it, at rest: [`Raced::settle`] lets them go on, dropping it ends them.
pub struct Raced<R> {
    /// The winner, if any.
    pub won: Option<Won<R>>,
    /// Refuted replies, in the order in which they came: the best of the bad answers.
    pub refuted: Vec<(Won<R>, Finding)>,
    race: Box<Race<R>>,
}

impl<R> Raced<R> {
    /// What happened so far, running attempts as pending, in the order in which they were started.
    ///
    /// A pending attempt's time ends when the race did: nobody listened after that, so it is no silence.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.race.attempts()
    }

    /// The same of a race that is begun anew, because the ground under it has changed: the attempts say who saw what, and
    /// nothing of the network of now. What an attempt was not allowed to send it still has not sent.
    pub(crate) fn interrupted(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts();
        for attempt in &mut attempts {
            if !matches!(&attempt.outcome, Outcome::Failed(Failure { cause: Cause::Forbidden { .. }, .. })) {
                attempt.outcome = Outcome::Interrupted;
            }
        }
        attempts
    }

    /// For how long the process stood still while the race was on, where it did: it was ended by that, and says nothing
    /// about its routes.
    pub fn slept(&self) -> Option<Duration> {
        (!self.race.slept.is_zero()).then_some(self.race.slept)
    }

    /// Lets the losers go on, each until it was listened to for `silence` since its own start, and answers all
    /// attempts. No new attempt is started. Dropping the future ends them.
    pub async fn settle(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(silence, true).await
    }

    /// The same only until the last lookup has ended: what a resolver says behind the answer is evidence of who lies.
    pub async fn hear_out(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(silence, false).await
    }

    async fn listen_on(self, silence: Duration, losers: bool) -> Vec<Attempt> {
        // What was won goes first: an answer's connection must not be held for the sake of the evidence.
        let Self { won, refuted, mut race } = self;
        drop((won, refuted));
        race.settle(silence, losers).await;
        race.attempts()
    }
}

impl<R> fmt::Debug for Raced<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raced")
            .field("won", &self.won.is_some())
            .field("refuted", &self.refuted.len())
            .field("attempts", &self.race.attempts().len())
            .finish()
    }
}

/// Runs a plan until an answer is proven, nothing is left to try, no byte of an answer came from anywhere for the
/// plan's budget, or the process stood still meanwhile ([`Raced::slept`]). Cancel-safe: dropping the future ends every attempt.
pub async fn race<E: Exchange, J: Judge<E::Reply>>(plan: Plan, exchange: Arc<E>, judge: Arc<J>) -> Raced<E::Reply> {
    race_until(plan, exchange, judge, std::future::pending()).await.0
}

/// The same, or until `interrupt` is ready; answers whether it was.
pub(crate) async fn race_until<E: Exchange, J: Judge<E::Reply>>(
    plan: Plan,
    exchange: Arc<E>,
    judge: Arc<J>,
    interrupt: impl Future<Output = ()>,
) -> (Raced<E::Reply>, bool) {
    let resolver = exchange.clone();
    let mut race = Box::new(Race::new(
        plan,
        Box::new(move |route, trace, candidates| {
            let exchange = resolver.clone();
            async move { exchange.resolve(&route, &trace, &candidates).await }.boxed()
        }),
        Box::new(move |candidate, trace| run(exchange.clone(), judge.clone(), candidate, trace).boxed()),
    ));
    let interrupted = race.run(interrupt).await;
    (Raced { won: race.won.take(), refuted: std::mem::take(&mut race.refuted), race }, interrupted)
}

/// One candidate, from dialling to the judge's decision.
async fn run<E: Exchange, J: Judge<E::Reply>>(
    exchange: Arc<E>,
    judge: Arc<J>,
    candidate: Candidate,
    trace: Trace,
) -> End<E::Reply> {
    let mut reply = match exchange.begin(&candidate, &trace).await {
        Ok(reply) => reply,
        Err(failure) => return End::Failed(failure),
    };
    // A head without a byte does not exist, whatever the exchange counted.
    trace.progressed(0);
    trace.enter(Stage::Progress);
    let mut complete = false;
    loop {
        match judge.judge(&reply) {
            Judgement::Proven => return proven(&*judge, reply),
            Judgement::Refuted(finding) => return End::Refuted(reply, finding),
            Judgement::NeedMore if complete => return proven(&*judge, reply),
            Judgement::NeedMore => match exchange.more(&mut reply, &trace).await {
                Ok(more) => complete = !more,
                Err(failure) => return End::Failed(failure),
            },
        }
    }
}

fn proven<R>(judge: &impl Judge<R>, reply: R) -> End<R> {
    let page = judge.digest(&reply);
    End::Proven(reply, page.map(Box::new))
}

#[cfg(test)]
mod tests;
