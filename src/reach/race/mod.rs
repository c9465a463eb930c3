//! The hedged race: several routes to one answer, and the first proven answer wins.
//!
//! A race has **lanes**, one per route, in the plan's order. A lane is resolved into **candidates**, one per address.
//! An **attempt** is one candidate under way; a lane's first attempt also covers its lookup. A lookup may continue
//! after it has found the first candidate: what it finds later becomes further candidates, and evidence. Three rules
//! move a race:
//!
//! 1. *A failure moves the race at once.* When an attempt fails or its answer is refuted, the lane's next candidate
//!    starts, and the lane passes the baton: the next lane starts. Both happen in the same instant.
//! 2. *Silence moves the race after the hedge delay*, counted from the attempt's start in any stage. The same two
//!    starts happen, while the silent attempt continues. The first byte of an answer ends an attempt's silence; from
//!    then on the exchange reports a stall as a failure, and rule 1 applies. If a lane is still looking for further
//!    candidates, the next one that it finds starts at once.
//! 3. *A lane passes the baton once.* So a blocked host with four addresses does not delay the proxy, and a dead proxy
//!    does not start two others.
//!
//! A slow body does not stall, and is not given up: on a bad mobile network there is nothing faster. If the exchange
//! says that its rest will take seconds ([`Trace::paced`]), the next lane starts beside it, and the first to finish
//! wins. There is one exception: if another body already comes and does not merely drip, no further lane starts. Both
//! share the uplink, and if that is the bottleneck, a third load would make it slower.
//!
//! The next lane depends on the stages at which the others are stuck (`remedy`): it is the first in the plan's order
//! that may help against all of them. Lanes that cannot help are passed over and come last. A lane that waits to dial,
//! because its hop rests for a moment or another lane is dialling there, passes the baton at once; but it never passes
//! the baton to a lane that reveals more (`revealed`) before it was tried itself. In that case it is told to dial at
//! once.
//!
//! There are two kinds of request. One that may be sent twice and carries no credentials is raced as above. Any other
//! has **one attempt in flight**. It moves at once on a failure, and after three seconds of silence, when the silent
//! attempt is cancelled (it comes back last, if nothing else worked). It does not move because of slowness.
//! [`Replay::Once`](super::Replay::Once) moves only while its request was not sent.
//!
//! A censor that counts handshakes must not be fed, and it counts those of all races. So an exchange waits for its turn
//! (`handshakes`) before it opens a connection. Meanwhile its silence starts the next lane like any other silence, and
//! at once if its first hop rests because it swallows handshakes. A lane that reveals more is held back until then.
//!
//! No task is spawned. The attempts are futures that the race's own future polls, so dropping the race ends all of it
//! in the same instant. There are at most a dozen of them, and they are polled in the order of their start: only its
//! plan and its network determine what a race does.

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

/// How a race ended. It contains the losers that are still under way, at rest: [`Raced::settle`] lets them continue,
/// and dropping it ends them.
pub struct Raced<R> {
    /// The winner, if any.
    pub won: Option<Won<R>>,
    /// Refuted replies, in the order in which they came.
    pub refuted: Vec<(Won<R>, Finding)>,
    race: Box<Race<R>>,
}

impl<R> Raced<R> {
    /// What happened so far, in the order of the attempts' starts. Running attempts are pending.
    ///
    /// A pending attempt's time ends with the race. It was not polled after that, so that time is not silence.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.race.attempts()
    }

    /// The same for a race that starts anew because the network changed. The attempts count in who saw what, and say
    /// nothing about the present network. What an attempt was not allowed to send is still not sent.
    pub(crate) fn interrupted(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts();
        for attempt in &mut attempts {
            if !matches!(&attempt.outcome, Outcome::Failed(Failure { cause: Cause::Forbidden { .. }, .. })) {
                attempt.outcome = Outcome::Interrupted;
            }
        }
        attempts
    }

    /// The same for a race that was ended in this way. What had ended before says what it said.
    pub(crate) fn ended(&self, how: &Outcome) -> Vec<Attempt> {
        let mut attempts = self.attempts();
        for attempt in attempts.iter_mut().filter(|attempt| attempt.outcome == Outcome::Pending) {
            attempt.outcome = how.clone();
        }
        attempts
    }

    /// How long the process stood still during the race, if it did. That ended the race, and says nothing about its
    /// routes.
    pub fn slept(&self) -> Option<Duration> {
        (!self.race.slept.is_zero()).then_some(self.race.slept)
    }

    /// Lets the losers continue, each until it was polled for `silence` since its own start, and returns all attempts.
    /// No new attempt starts. Dropping the future ends them.
    pub async fn settle(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(silence, true).await
    }

    /// The same, but only until the last lookup has ended: what a resolver says after the answer is evidence of who
    /// lies.
    pub async fn hear_out(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(silence, false).await
    }

    async fn listen_on(self, silence: Duration, losers: bool) -> Vec<Attempt> {
        // The winner is dropped first: an answer's connection must not be held for the sake of the evidence.
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

/// Runs a plan until an answer is proven, nothing is left to try, no byte of an answer came on any route for the plan's
/// budget, or the process stood still ([`Raced::slept`]). Cancel-safe: dropping the future ends every attempt.
pub async fn race<E: Exchange, J: Judge<E::Reply>>(plan: Plan, exchange: Arc<E>, judge: Arc<J>) -> Raced<E::Reply> {
    race_until(plan, exchange, judge, std::future::pending()).await.0
}

/// The same, or until `interrupt` is ready; returns whether it was.
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
    // There is no head without a byte, whatever the exchange counted.
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
