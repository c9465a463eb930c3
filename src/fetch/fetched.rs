//! A finished fetch, and the losers of its last race, which may continue for better evidence.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::error::FetchError;
use super::exchange::Reply;
use super::request::Response;
use crate::reach::{Attempt, Ledger, NetworkId, Outcome, Raced};
use crate::transport::{Destination, Strategy};

/// A finished fetch: the answer or the error, and the evidence in both cases.
#[non_exhaustive]
pub struct Fetched {
    /// The answer or the error.
    pub result: Result<Response, FetchError>,
    /// Every attempt of every hop, losers included, running ones as pending.
    pub attempts: Vec<Attempt>,
    /// The URL of each hop that was tried, by [`Attempt::hop`].
    pub urls: Vec<Url>,
    /// The last race, at rest.
    pub(super) last: Option<LastRace>,
}

impl Fetched {
    /// Puts what an earlier fetch of the same page met before what this one met. If this fetch has no answer either,
    /// the earlier result stands.
    pub(crate) fn follow(&mut self, earlier: Self) {
        let result = self.begin_after(earlier);
        if self.result.is_err() {
            self.result = result;
        }
    }

    /// Puts what an earlier fetch of the same page met before what this one met, whose result stands. Returns the earlier one.
    pub(crate) fn begin_after(&mut self, earlier: Self) -> Result<Response, FetchError> {
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
        result
    }

    /// The answer, and the losers separately.
    pub fn split(self) -> (Result<Response, FetchError>, Losers) {
        let Self { result, attempts, urls: _, last } = self;
        (result, Losers { attempts, last })
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { result, attempts, urls: _, last: _ } = self;
        f.debug_struct("Fetched").field("result", result).field("attempts", attempts).finish_non_exhaustive()
    }
}

/// The losers of a fetch's last hop, at rest, with everything that the fetch met.
pub struct Losers {
    attempts: Vec<Attempt>,
    last: Option<LastRace>,
}

impl Losers {
    /// Lets them continue, each until it was silent for `silence` since its start, and returns every attempt of the
    /// fetch. Dropping the future ends them, and so does dropping the losers.
    pub async fn settle(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(async |raced| raced.settle(silence).await).await
    }

    /// The same, but only until the last resolver of the last hop has answered everything.
    pub async fn hear_out(self, silence: Duration) -> Vec<Attempt> {
        self.listen_on(async |raced| raced.hear_out(silence).await).await
    }

    async fn listen_on(self, listen: impl AsyncFnOnce(Raced<Box<Reply>>) -> Vec<Attempt>) -> Vec<Attempt> {
        let Self { mut attempts, last } = self;
        if let Some(LastRace { raced, earlier, hops, destination, ledger, network }) = last {
            let mut settled = Box::pin(listen(raced)).await;
            settled.iter_mut().for_each(|attempt| attempt.hop = attempt.hop.saturating_add(hops));
            let before = attempts.get(earlier..).unwrap_or_default();
            // A strategy about which the race had learned something is already noted.
            let known = |strategy: &Strategy| {
                before.iter().any(|before| before.strategy == *strategy && before.outcome != Outcome::Pending)
            };
            let news: Vec<Attempt> = settled.iter().filter(|attempt| !known(&attempt.strategy)).cloned().collect();
            ledger.note(&network, &destination, &news);
            attempts.truncate(earlier);
            attempts.extend(settled);
        }
        attempts
    }
}

impl fmt::Debug for Losers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Losers").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}

/// The last race of a fetch, whose losers may continue.
pub(super) struct LastRace {
    pub(super) raced: Raced<Box<Reply>>,
    /// The number of attempts of the hops before.
    pub(super) earlier: usize,
    /// The number of hops of an earlier fetch.
    pub(super) hops: u32,
    pub(super) destination: Destination,
    pub(super) ledger: Arc<Ledger>,
    pub(super) network: NetworkId,
}
