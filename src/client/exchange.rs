//! A request of any method to a server that the user named, under the client's rules: what an upload is made of.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::access_scope::AccessScope;
use super::get_response::{GetError, GetOptions};
use super::known::KnownPage;
use super::page_request::leads_nowhere;
use super::reachability::Target;
use super::{Action, Byway, Reachability};
use crate::fetch::{FetchError, PageJudge, Payload, PlainJudge, ReceivedPage, Response, fetchable};
use crate::reach::{Judgement, Replay};

/// A request to a server.
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The most bytes that the answer may have.
    pub(crate) most: u64,
    /// From the start to the last byte of the answer.
    pub(crate) total: Duration,
}

impl Byway {
    /// Sends a request and returns the answer, whatever its status, and how it was reached. Exposure, strategies and what speaks against direct ones are
    /// as for [`Byway::get`]. Redirects are not followed, because a signed request is valid at one host only.
    ///
    /// # Errors
    /// As [`Byway::get`].
    pub(crate) async fn exchange(
        &self,
        exchange: Exchange,
        how: GetOptions,
    ) -> Result<(Response, Reachability), GetError> {
        let url = fetchable(exchange.url)?;
        let started = self.inner.net.now();
        let mut access = AccessScope::new(self, Action::Get);
        let ways = self.page_ways(KnownPage { url: url.clone(), published: false }, how).await?;
        if !how.ignore_pause
            && let Some(stands) = self.keeps_still(&url, ways, &mut access)
        {
            return Err(GetError::met(FetchError::Unreached { finding: None }, stands));
        }
        let mut request = self.request(&url, ways);
        request.replay = if exchange.method.is_safe() { Replay::Safe } else { Replay::Once };
        request.method = exchange.method;
        request.headers = exchange.headers;
        request.body = Payload::from(exchange.body);
        request.judge = Arc::new(AnyAnswer);
        request.limits.redirects = 0;
        request.limits.total = exchange.total;
        request.limits.body_bytes = exchange.most;
        request.limits.decoded_bytes = exchange.most;
        let fetched = Box::pin(access.http().fetch(request)).await;
        self.inner.store.flush().await;
        let took = Some(self.inner.net.now().saturating_duration_since(started));
        let mut asked = Target { took, ..self.asked(&url, ways, fetched.urls.clone()) };
        asked.context.redirect_fault = leads_nowhere(&fetched.result);
        let reached_by = fetched.result.as_ref().ok().map(|response| response.strategy.clone());
        let reachability = Reachability::of(asked, reached_by, fetched.attempts.clone());
        access.judged(&reachability);
        match fetched.result {
            Ok(response) => Ok((response, reachability)),
            Err(error) => Err(GetError::met(error, reachability).in_language(self.language())),
        }
    }
}

/// Takes the server's own errors for answers, so that their `Retry-After` is read. Everything else is judged as any page.
#[derive(Clone, Copy, Debug)]
struct AnyAnswer;

impl PageJudge for AnyAnswer {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let is_servers_own =
            page.status.is_server_error() && page.status != StatusCode::NETWORK_AUTHENTICATION_REQUIRED;
        match is_servers_own && (page.proved_name || !page.strategy.is_direct()) {
            true if page.complete => Judgement::Proven,
            true => Judgement::NeedMore,
            false => PlainJudge.judge(page),
        }
    }
}
