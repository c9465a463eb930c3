//! Fetching a page by whichever way works.

use std::time::Duration;

use url::Url;

use super::access_error::access_error;
use super::async_store::{Page, PageKnown};
use super::link::exposure_of;
use super::probe::leads_nowhere;
use super::reachability::Target;
use super::report::{AccessScope, send_verdict};
use super::{Action, Byway, Reachability, UrlError, Ways, web_url};
use crate::errors::errors;
use crate::exposure::{Exposure, UnknownExposure};
use crate::fetch::{FetchError, Fetched, HttpClient, Losers, Response};
use crate::reach::{Attempt, EventSender, Outcome};
use crate::sentences::Language;
use crate::store::StoreError;
use crate::transport::Strategy;

/// A page, and how it was reached.
///
/// It serialises in full, with its URL and body and the names in its reachability, for the app's own use.
#[derive(Debug)]
#[non_exhaustive]
pub struct GetResponse {
    /// The page. Its status may be an error of the site's own, e.g. 404.
    pub response: Response,
    /// How it was reached.
    pub reachability: Reachability,
    losers: Option<Losers>,
    events: EventSender,
}

impl Clone for GetResponse {
    /// The page and what is known of how it was reached. A clone listens to no other strategy: [`GetResponse::settle`]
    /// does nothing on it.
    fn clone(&self) -> Self {
        let Self { response, reachability, losers: _, events } = self;
        Self { response: response.clone(), reachability: reachability.clone(), losers: None, events: events.clone() }
    }
}

/// How to fetch a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Who may learn of it, if fewer than the builder, the URL and the store say.
    pub exposure: Exposure,
    /// Try direct strategies this time, although a restriction or the access advice of a community that the URL names
    /// speaks against them. What the exposure forbids stays forbidden.
    pub allow_direct: bool,
    /// Try now, although this network was just found to let only a few addresses through: see
    /// [`OpenOptions::ignore_pause`](super::OpenOptions::ignore_pause).
    pub ignore_pause: bool,
}

/// Why there is no page.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct GetError {
    /// Why.
    #[source]
    pub fault: GetFault,
    reachability: Option<Box<Reachability>>,
    language: Language,
}

access_error!(GetError of GetFault from GetFault, UrlError, UnknownExposure, StoreError);

/// What kept a page from being fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetFault {
    /// The text is no URL that is fetched. Nothing was contacted.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The URL asks for an exposure that does not exist (`#exposure=onion`). Nothing was contacted.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
    /// The store does not say with which exposure the page may be fetched. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No page came; [`GetError::reachability`] says what that means.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl GetFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            GetFault::Url(_) => "url",
            GetFault::Exposure(error) => error.code(),
            GetFault::Store(error) => error.code(),
            GetFault::Fetch(error) => error.code(),
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            GetFault::Url(error) => error.sentence(language),
            GetFault::Exposure(error) => error.sentence(language),
            GetFault::Store(error) => error.sentence(language),
            GetFault::Fetch(error) => error.sentence(language),
        }
    }
}

errors! {
    GetFault: |fault| match fault {
        GetFault::Url(error) => error.kind(),
        GetFault::Exposure(error) => error.kind(),
        GetFault::Store(error) => error.kind(),
        GetFault::Fetch(error) => error.kind(),
    };
}

impl Byway {
    /// Fetches a page by whichever way works first; by none, while the network is known to let only a few addresses through
    /// (see [`OpenOptions::ignore_pause`](super::OpenOptions::ignore_pause)). The exposure and what speaks against direct strategies are those
    /// of every community and host that the URL names, in whatever spelling, and of those that it redirects to; and
    /// `#exposure=` counts in every URL. Where an exposure is raised meanwhile, what is under way is dropped and begins anew.
    ///
    /// # Errors
    /// See [`GetError`].
    pub async fn get(&self, url: &str) -> Result<GetResponse, GetError> {
        self.get_with(url, GetOptions::default()).await
    }

    /// The same, with options.
    ///
    /// # Errors
    /// See [`GetError`].
    pub async fn get_with(&self, url: &str, how: GetOptions) -> Result<GetResponse, GetError> {
        Box::pin(self.fetch_page(url, how)).await.map_err(|error| error.in_language(self.language()))
    }

    async fn fetch_page(&self, url: &str, how: GetOptions) -> Result<GetResponse, GetError> {
        let url = web_url(url)?;
        let started = self.inner.net.now();
        let mut access = AccessScope::new(self, Action::Get);
        let mut raised = self.inner.store.raises();
        let (ways, fetched, nowhere) = loop {
            raised.mark_unchanged();
            let ways = self.page_ways(Page { url: url.clone(), published: false }, how).await?;
            if !how.ignore_pause
                && let Some(stands) = self.keeps_still(&url, ways, &mut access)
            {
                let error = FetchError::Unreached { finding: None };
                return Err(GetError::met(error, stands));
            }
            let http = access.http();
            let mut request = self.request(&url, ways);
            request.limits.total = self.left_since(started);
            let fetching = async {
                let fetched = Box::pin(http.fetch(request)).await;
                if !leads_nowhere(&fetched.result) {
                    return (fetched, false);
                }
                let left = self.left_since(started);
                (Box::pin(self.elsewhere(&http, &url, ways, fetched, left)).await, true)
            };
            tokio::select! {
                biased;
                // Any page may have been raised: this one, or one that it redirected to.
                Ok(()) = raised.changed() => {}
                (fetched, nowhere) = Box::pin(fetching) => break (ways, fetched, nowhere),
            }
        };
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
            Err(error) => Err(GetError::met(error, reachability)),
        }
    }

    /// What is left of a call's time.
    fn left_since(&self, started: tokio::time::Instant) -> Duration {
        self.inner.timeout.saturating_sub(self.inner.net.now().saturating_duration_since(started))
    }

    /// The verdict that stands while the network is known to let only a few addresses through: nothing is dialled then. It
    /// says nothing of the user's own network.
    pub(super) fn keeps_still(&self, url: &Url, ways: Ways, access: &mut AccessScope<'_>) -> Option<Reachability> {
        let verdict = self.inner.dial_backoff.verdict(self.inner.net.now())?;
        let asked = self.asked(url, ways, Vec::new());
        if asked.context.local_destination {
            return None;
        }
        let stands = Reachability::standing(asked, verdict);
        access.judged(&stands);
        Some(stands)
    }

    /// Asks again by the ways that did not take part in a chain of redirects which led nowhere: the end of such a chain may
    /// be somebody's on the way, or the host's own for one country. It may take what is `left` of the call's time.
    async fn elsewhere(&self, http: &HttpClient, url: &Url, ways: Ways, nowhere: Fetched, left: Duration) -> Fetched {
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
        let mut fetched = Box::pin(http.fetch_over(&others, request)).await;
        fetched.follow(nowhere);
        fetched
    }

    /// By which strategies a page may be fetched. The store is asked also where the URL says something wrong, so that an
    /// error of its own comes first.
    pub(super) async fn page_ways(&self, page: Page, how: GetOptions) -> Result<Ways, GetFault> {
        let url = page.url.clone();
        let PageKnown { floor, against } = self.inner.store.page(page).await?;
        let exposure = self.inner.exposure.max(how.exposure).max(floor).max(exposure_of(&url)?);
        let avoid_direct = !how.allow_direct && against.avoids_direct(self.network_mut().is_vpn());
        Ok(Ways { exposure, avoid_direct, allow_direct: how.allow_direct })
    }
}

impl GetResponse {
    /// Listens to the ways that were still silent when the page came, until each was silent for six seconds, for a
    /// better account of what is blocked. The page does not wait for it, and may have been shown long before.
    pub async fn settle(&mut self) {
        self.settle_for(SETTLED).await;
    }

    /// The same for a shorter time, for a caller that waits: each route is listened to until it was silent for `silence` since its
    /// start. What is silent still is then said to have not been waited for.
    pub async fn settle_for(&mut self, silence: Duration) {
        let Some(losers) = self.losers.take() else { return };
        let attempts = Box::pin(losers.settle(silence.min(SETTLED))).await;
        let before = &self.reachability.verdict;
        let before = (before.code, before.layer, before.rule);
        self.reachability = self.reachability.clone().with_attempts(attempts);
        let verdict = &self.reachability.verdict;
        if before != (verdict.code, verdict.layer, verdict.rule) {
            send_verdict(&self.events, verdict, true);
        }
    }
}

/// Twice the time after which silence is evidence (RFC 6298: a lost packet was sent again by then): networks were seen that
/// stretch a handshake to five seconds, and what comes after those is slow, not cut.
pub(super) const SETTLED: Duration = Duration::from_secs(6);
