//! Fetches a page over whichever route works.

use std::time::Duration;

use url::Url;

use super::access_scope::AccessScope;
use super::get_response::{GetError, GetFault, GetOptions, GetResponse};
use super::known::KnownPage;
use super::page_request::leads_nowhere;
use super::reachability::Target;
use super::{Action, Byway, Reachability, RouteLimits};
use crate::errors::ErrorKind;
use crate::fetch::{FetchError, Fetched, HttpClient, Stop, web_url};
use crate::reach::{Attempt, Outcome};
use crate::transport::Strategy;

impl Byway {
    /// Fetches a page over whichever route works first. During a pause on a network that lets only a few addresses
    /// through, nothing is sent (see [`OpenOptions::ignore_pause`](super::OpenOptions::ignore_pause)).
    ///
    /// The exposure, and what speaks against direct strategies, are those of every community and host that the URL
    /// names, in whatever way it is written, and of those that it redirects to. `#exposure=` counts in every URL. If an
    /// exposure is raised meanwhile, what is under way ends and begins anew. The account says what it had sent.
    ///
    /// # Errors
    ///
    /// See [`GetError`].
    pub async fn get(&self, url: &str) -> Result<GetResponse, GetError> {
        self.get_with(url, GetOptions::default()).await
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// See [`GetError`].
    pub async fn get_with(&self, url: &str, how: GetOptions) -> Result<GetResponse, GetError> {
        Box::pin(self.fetch_page(url, how)).await.map_err(|error| error.in_language(self.language()))
    }

    async fn fetch_page(&self, url: &str, how: GetOptions) -> Result<GetResponse, GetError> {
        let url = web_url(url)?;
        let started = self.inner.net.now();
        let mut access = AccessScope::new(self, Action::Get);
        let mut raised = self.inner.store.raises();
        // What a raise has ended.
        let mut before: Option<Fetched> = None;
        let (ways, mut fetched, nowhere) = loop {
            raised.mark_unchanged();
            let ways = match self.page_ways(KnownPage { url: url.clone(), published: false }, how).await {
                Ok(ways) => ways,
                Err(fault) => return Err(self.ended_by(fault, &url, before)),
            };
            if before.is_none()
                && !how.ignore_pause
                && let Some(stands) = self.keeps_still(&url, ways, &mut access)
            {
                let error = FetchError::Unreached { finding: None };
                return Err(GetError::met(error, stands));
            }
            let http = access.http();
            let mut request = self.request(&url, ways);
            request.limits.total = self.left_since(started);
            let (end, stop) = Stop::when_raised();
            request.stop = Some(stop.clone());
            let mut fetching = Box::pin(async {
                let fetched = Box::pin(http.fetch(request)).await;
                if !leads_nowhere(&fetched.result) {
                    return (fetched, false);
                }
                let left = self.left_since(started);
                (Box::pin(self.elsewhere(&http, (&url, ways), fetched, left, stop)).await, true)
            });
            tokio::select! {
                biased;
                // The raise may concern any page: this one, or one that it redirected to.
                Ok(()) = raised.changed() => {
                    end.send_replace(true);
                    let (mut ended, _) = fetching.await;
                    if let Some(before) = before.take() {
                        let _ = ended.begin_after(before);
                    }
                    before = Some(ended);
                }
                (fetched, nowhere) = &mut fetching => break (ways, fetched, nowhere),
            }
        };
        if let Some(before) = before {
            let _ = fetched.begin_after(before);
        }
        let took = Some(self.inner.net.now().saturating_duration_since(started));
        let mut asked = Target { took, ..self.asked(&url, ways, fetched.urls.clone()) };
        asked.context.redirect_fault = nowhere;
        asked.context.read_otherwise = nowhere && fetched.result.is_ok();
        let attempts = fetched.attempts.clone();
        self.inner.store.flush().await;
        let reached_by = fetched.result.as_ref().ok().map(|response| response.strategy.clone());
        let reachability = Reachability::of(asked, reached_by, attempts);
        access.judged(&reachability);
        let (result, losers) = fetched.split();
        match result {
            Ok(response) => Ok(GetResponse { response, reachability, losers: Some(losers), events: access.events() }),
            // Where the store cannot be asked, the highest exposure applies, and it may leave no route. Then the store is the
            // reason, and not the exposure.
            Err(error) if error.kind() == ErrorKind::NotPermitted => {
                match self.page_ways(KnownPage { url, published: false }, how).await {
                    Err(fault @ GetFault::Store(_)) => Err(GetError::met(fault, reachability)),
                    _ => Err(GetError::met(error, reachability)),
                }
            }
            Err(error) => Err(GetError::met(error, reachability)),
        }
    }

    /// Nothing more is sent because of this fault.
    fn ended_by(&self, fault: GetFault, url: &Url, before: Option<Fetched>) -> GetError {
        let Some(Fetched { attempts, urls, .. }) = before else { return fault.into() };
        GetError::met(fault, Reachability::of(self.asked(url, RouteLimits::STRICTEST, urls), None, attempts))
    }

    /// The rest of a call's time.
    fn left_since(&self, started: tokio::time::Instant) -> Duration {
        self.inner.timeout.saturating_sub(self.inner.net.now().saturating_duration_since(started))
    }

    /// During a pause on a network that lets only a few addresses through: the verdict that began the pause. Nothing is
    /// dialled then, except hosts in the user's own network.
    pub(super) fn keeps_still(
        &self,
        url: &Url,
        ways: RouteLimits,
        access: &mut AccessScope<'_>,
    ) -> Option<Reachability> {
        let verdict = self.inner.dial_backoff.verdict(self.inner.net.now())?;
        let asked = self.asked(url, ways, Vec::new());
        if asked.context.local_destination {
            return None;
        }
        let stands = Reachability::standing(asked, verdict);
        access.judged(&stands);
        Some(stands)
    }

    /// Asks again over the routes that did not take part in a chain of redirects that led nowhere. Somebody on the path
    /// may have written the end of such a chain, or the host may answer so in one country only. This may take what is
    /// `left` of the call's time.
    async fn elsewhere(
        &self,
        http: &HttpClient,
        (url, ways): (&Url, RouteLimits),
        nowhere: Fetched,
        left: Duration,
        stop: Stop,
    ) -> Fetched {
        let took_part = |way: &&Strategy| {
            let answered = |attempt: &&Attempt| attempt.outcome == Outcome::Proven;
            nowhere.attempts.iter().filter(answered).any(|attempt| attempt.strategy == **way)
        };
        let others: Vec<Strategy> = self.allowed(ways).filter(|way| !took_part(way)).cloned().collect();
        if others.is_empty() {
            return nowhere;
        }
        let mut request = self.request(url, ways);
        request.limits.total = left;
        request.stop = Some(stop);
        let mut fetched = Box::pin(http.fetch_over(&others, request)).await;
        fetched.follow(nowhere);
        fetched
    }
}
