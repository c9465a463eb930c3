//! A page that was fetched, or why it was not fetched.

use std::time::Duration;

use super::Reachability;
use super::access_error::access_error;
use super::access_scope::send_verdict;
use crate::errors::errors;
use crate::exposure::{Exposure, UnknownExposure};
use crate::fetch::{FetchError, Losers, Response, UrlError};
use crate::reach::EventSender;
use crate::sentences::Language;
use crate::store::StoreError;

/// A page, and how it was reached.
///
/// It serialises in full, with its URL and body and the names in its reachability, for the app's own use.
#[derive(Debug)]
#[non_exhaustive]
pub struct GetResponse {
    /// The page. Its status may be an error of the site itself, such as 404.
    pub response: Response,
    /// How it was reached.
    pub reachability: Reachability,
    pub(super) losers: Option<Losers>,
    pub(super) events: EventSender,
}

impl Clone for GetResponse {
    /// The page, and what is known of how it was reached. A clone does not listen to the other strategies:
    /// [`GetResponse::settle`] does nothing on it.
    fn clone(&self) -> Self {
        let Self { response, reachability, losers: _, events } = self;
        Self { response: response.clone(), reachability: reachability.clone(), losers: None, events: events.clone() }
    }
}

/// How to fetch a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// Who may learn that the page is fetched, if fewer than the builder, the URL and the store allow.
    pub exposure: Exposure,
    /// Try direct strategies this time, even if a restriction or the access advice of a community that the URL names
    /// speaks against them. What the exposure forbids stays forbidden.
    pub allow_direct: bool,
    /// Try now, even during a pause on a network that lets only a few addresses through: see
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

#[cfg(feature = "upload")]
impl GetError {
    /// The same as the error of an operation's last request. `earlier`: what the requests before it showed.
    pub(crate) fn after(self, earlier: Vec<crate::reach::Attempt>) -> Self {
        Self { reachability: self.reachability.map(|met| Box::new(met.after(earlier))), ..self }
    }
}

/// Why a page could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetFault {
    /// The text is not a URL that Byway fetches. Nothing was contacted.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The URL asks for an exposure that does not exist (`#exposure=onion`). Nothing was contacted.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
    /// The store cannot say with which exposure the page may be fetched. Nothing was contacted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No page came. [`GetError::reachability`] says what that means.
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

impl GetResponse {
    /// Listens to the routes that were still silent when the page came, until each was silent for six seconds. So the
    /// verdict can say more exactly what is blocked. The page does not wait for this, and may have been shown long
    /// before.
    pub async fn settle(&mut self) {
        self.settle_for(SETTLED).await;
    }

    /// The same for a shorter time, for a caller that waits: listens to each route until it was silent for `silence`
    /// since its start. The verdict then says of a silent route that it was not waited for.
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

/// Twice the time after which silence is evidence (RFC 6298: by then a lost packet was sent again). Some networks
/// stretch a handshake to five seconds, and what comes after that is slow, not cut.
pub(super) const SETTLED: Duration = Duration::from_secs(6);
