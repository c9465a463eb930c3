//! Several readings of one community at the same time.
//!
//! Readings of one community take turns, so that each sees the exposure that the one before it left behind. Those that
//! would do the same are one reading instead, and all of them get its result: if a list and a screen refresh at the
//! same time, that costs the packets and time of one reading.
//!
//! *The same* means the same address over the same strategies: the exposure that applies to the caller (the highest of
//! the builder's, the call's, the link's and the store's), what speaks against direct strategies, and the options. A
//! caller never shares a reading with another exposure, lower or higher. Background work has limits of its own, so it
//! takes turns and shares nothing.

use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout_at;

use super::access_scope::AccessScope;
use super::known::Known;
use super::opened::{OpenError, OpenFault, Opened};
use super::read_request::{ReadRequest, Reading};
use super::{Byway, Reachability, RouteLimits};
use crate::community::Home;

impl Byway {
    /// Reads the community at a home, or shares a reading that does the same. Ends within the client's timeout,
    /// including the time of waiting for other readings of the community.
    pub(super) async fn read_home(&self, home: &Home, mut request: ReadRequest) -> Result<Opened, OpenError> {
        let latest = self.inner.net.now() + self.inner.timeout;
        if self.inner.sources.of(home).is_none() {
            return Err(OpenError::untried(OpenFault::UnsupportedHome));
        }
        let known = self.inner.store.at_if_asked(home, request.asks_for(home)).await.map_err(OpenError::untried)?;
        if request.how.offline {
            // Nothing is sent: what is kept is shown at once, even while a reading waits for an answer.
            return Box::pin(self.read(home, &known, request)).await;
        }
        if self.is_held_back(&known, &request).await {
            return self.not_sent(home, &known, request, OpenFault::MoveNotFollowed).await;
        }
        let is_shared = request.is_unlimited();
        request.life = known.life;
        request.until = Some(request.until.map_or(latest, |until| until.min(latest)));
        let RouteLimits { exposure, avoid_direct, .. } = self.ways(&known, request.how);
        // Whatever happens to the store meanwhile, those who share this reading never get one with a lower exposure.
        request.how.exposure = exposure;
        // Two addresses of one community are treated as one as soon as that is known. A mirror names its community itself.
        let id = home.signed_community().or_else(|| known.id().cloned());
        let name = id.map_or_else(|| home.to_string(), |id| id.to_string());
        if !is_shared {
            return Box::pin(self.read_in_turn(&name, home, request)).await;
        }
        let key = Reading {
            home: home.to_string(),
            action: request.action,
            exposure,
            avoid_direct,
            how: request.how,
            asked: request.asked.clone(),
            beside: request.beside.clone(),
            life: known.life,
        };
        let begin = || {
            let (byway, home) = (self.clone(), home.clone());
            Box::pin(async move { Box::pin(byway.read_in_turn(&name, &home, request)).await }) as _
        };
        self.inner.readings.join(key, begin).await
    }

    async fn read_in_turn(&self, name: &str, home: &Home, request: ReadRequest) -> Result<Opened, OpenError> {
        let mut turn = pin!(self.inner.turns.lock(name));
        // Where nothing else reads the community, even a call without any time has its turn, and its reading says that
        // the time ran out.
        let turn = match (turn.as_mut().now_or_never(), request.until) {
            (Some(turn), _) => Some(turn),
            (None, Some(until)) => timeout_at(until, turn).await.ok().filter(|_| self.inner.net.now() < until),
            (None, None) => Some(turn.await),
        };
        // The reading before this one may have raised the exposure.
        let known = self.inner.store.at_if_asked(home, request.asks_for(home)).await.map_err(OpenError::untried)?;
        if turn.is_none() {
            return self.not_sent(home, &known, request, OpenFault::StillReading).await;
        }
        // Or it is over that a move leads here.
        if self.is_held_back(&known, &request).await {
            return self.not_sent(home, &known, request, OpenFault::MoveNotFollowed).await;
        }
        let read = self.read(home, &known, request).await;
        self.inner.store.flush().await;
        read
    }

    /// Whether a community is not contacted by a reading, because no move that leads there counts.
    async fn is_held_back(&self, known: &Known, request: &ReadRequest) -> bool {
        match known.id().filter(|_| request.passage.is_none()) {
            Some(id) => self.is_held(id).await,
            None => false,
        }
    }

    /// What is kept, because nothing is sent: the time was over before the turn of this reading came, or no move that counts leads there.
    async fn not_sent(
        &self,
        home: &Home,
        known: &Known,
        request: ReadRequest,
        fault: OpenFault,
    ) -> Result<Opened, OpenError> {
        let (Some(kept), Some(source)) = (&known.community, self.inner.sources.of(home)) else {
            return Err(OpenError::untried(fault));
        };
        let mut access = AccessScope::new(self, request.action);
        let ways = self.ways(known, request.how);
        let untried = Reachability::of(self.asked_home(source, home, ways, false, Duration::ZERO), None, Vec::new());
        self.kept_content(kept, ways, untried, Some(fault), &mut access).await.map_err(OpenError::untried)
    }
}
