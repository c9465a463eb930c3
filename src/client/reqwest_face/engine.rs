//! Runs a request of reqwest's, from its extensions to its response.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use http::{Extensions, HeaderValue, Method, header};
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;
use reqwest_middleware::{Middleware, Next};
use zeroize::Zeroizing;

use super::super::access_scope::AccessScope;
use super::super::cookies::NoJar;
use super::super::known::KnownPage;
use super::super::page_request::leads_nowhere;
use super::super::{Action, Byway, GetError, GetOptions, Reachability};
use super::response::{BodyFloor, response};
use crate::exposure::Exposure;
use crate::fetch::{Cookies, FetchError, Limits, Payload, Streamed, fetchable};
use crate::reach::Replay;
use crate::transport::Isolation;

/// Runs `reqwest`'s requests, by itself or as the one middleware of a client.
///
/// By itself it needs no `reqwest::Client`, which brings a connector and a pool that nothing here uses: 200 kB of an
/// app.
#[derive(Debug)]
pub struct ReqwestEngine(EngineSettings);

/// What all requests of an engine share.
pub(super) struct EngineSettings {
    pub(super) byway: Byway,
    pub(super) exposure: Exposure,
    pub(super) allow_direct: bool,
    pub(super) isolation: Isolation,
    pub(super) limits: Limits,
    pub(super) cookies: Option<Arc<dyn Cookies>>,
}

impl fmt::Debug for EngineSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineSettings")
            .field("exposure", &self.exposure)
            .field("allow_direct", &self.allow_direct)
            .field("limits", &self.limits)
            .field("cookies", &self.cookies.is_some())
            .finish_non_exhaustive()
    }
}

impl ReqwestEngine {
    pub(super) fn new(settings: EngineSettings) -> Self {
        Self(settings)
    }

    /// Runs a request. `extensions` are what `with_extension` gives to a request of a client: [`Replay`], [`Exposure`],
    /// [`GetOptions`]. A login in the URL becomes the header `Authorization`, as in a client.
    ///
    /// # Errors
    ///
    /// Those of [`Byway::get`].
    pub async fn execute(
        &self,
        mut request: reqwest::Request,
        extensions: &Extensions,
    ) -> Result<reqwest::Response, GetError> {
        let said = RequestExtensions {
            replay: extensions.get().copied(),
            exposure: extensions.get().copied().unwrap_or_default(),
            how: extensions.get().copied().unwrap_or_default(),
        };
        move_login(&mut request);
        self.0.run(request, said).await.map_err(|error| error.in_language(self.0.byway.language()))
    }
}

/// Moves a login from the URL into the header. If the header is already there, it stays.
fn move_login(request: &mut reqwest::Request) {
    let url = request.url_mut();
    if url.username().is_empty() && url.password().is_none() {
        return;
    }
    let decoded = |part: &str| percent_decode_str(part).collect::<Vec<u8>>();
    let mut login = Zeroizing::new(decoded(url.username()));
    login.push(b':');
    login.extend(decoded(url.password().unwrap_or_default()));
    // An http or https URL has a host, so its login can be removed.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    if let Ok(mut value) = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(&*login))) {
        value.set_sensitive(true);
        request.headers_mut().entry(header::AUTHORIZATION).or_insert(value);
    }
}

impl Middleware for ReqwestEngine {
    fn handle<'this, 'extensions, 'next, 'all>(
        &'this self,
        request: reqwest::Request,
        extensions: &'extensions mut Extensions,
        _: Next<'next>,
    ) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<reqwest::Response>> + Send + 'all>>
    where
        'this: 'all,
        'extensions: 'all,
        'next: 'all,
        Self: 'all,
    {
        Box::pin(async move { self.execute(request, extensions).await.map_err(reqwest_middleware::Error::middleware) })
    }
}

/// The extensions of a request.
struct RequestExtensions {
    replay: Option<Replay>,
    exposure: Exposure,
    how: GetOptions,
}

impl EngineSettings {
    async fn run(
        &self,
        mut asked_for: reqwest::Request,
        said: RequestExtensions,
    ) -> Result<reqwest::Response, GetError> {
        let byway = &self.byway;
        let url = fetchable(asked_for.url().clone())?;
        let started = byway.inner.net.now();
        let mut access = AccessScope::new(byway, Action::Get);
        let exposure = self.exposure.max(said.exposure).max(said.how.exposure);
        let allow_direct = self.allow_direct || said.how.allow_direct;
        let how = GetOptions { exposure, allow_direct, ignore_pause: said.how.ignore_pause };
        let raised = byway.inner.store.raises();
        let ways = byway.page_ways(KnownPage { url: url.clone(), published: false }, how).await?;
        if !said.how.ignore_pause
            && let Some(stands) = byway.keeps_still(&url, ways, &mut access)
        {
            let error = FetchError::Unreached { finding: None };
            return Err(GetError::met(error, stands));
        }

        let mut request = byway.request(&url, ways);
        request.body = payload(&mut asked_for);
        request.method = asked_for.method().clone();
        request.headers = std::mem::take(asked_for.headers_mut());
        request.replay = said.replay.unwrap_or_else(|| replay(&request.method));
        request.limits = self.limits.clone();
        if let Some(timeout) = asked_for.timeout() {
            request.limits.total = *timeout;
            request.limits.streamed = Some(*timeout);
        }
        // As in reqwest: without a jar no cookie is kept, not even for a chain of redirects.
        request.cookies = Some(self.cookies.clone().unwrap_or_else(|| Arc::new(NoJar)));
        request.isolation = self.isolation.clone();

        let Streamed { result, attempts, urls, .. } = Box::pin(access.http().stream(request)).await;
        byway.inner.store.flush().await;
        let mut asked = byway.asked(&url, ways, urls);
        asked.took = Some(byway.inner.net.now().saturating_duration_since(started));
        asked.context.redirect_fault = leads_nowhere(&result);
        let answered = result.as_ref().ok().filter(|response| response.finding.is_none());
        let reached_by = answered.map(|response| response.strategy.clone());
        let reachability = Reachability::of(asked.clone(), reached_by, attempts);
        access.judged(&reachability);
        match result {
            Ok(answer) => {
                let floor = BodyFloor::new(byway.binding(ways, false), answer.url.clone(), raised);
                Ok(response(byway.clone(), answer, asked, reachability, floor))
            }
            Err(error) => Err(GetError::met(error, reachability)),
        }
    }
}

/// The body of a request. Bytes stay bytes. A stream gets its length from the headers if they state it (as for a form).
fn payload(request: &mut reqwest::Request) -> Payload {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(body) = request.body_mut().take() else { return Payload::empty() };
    if body.as_bytes().is_none() {
        return Payload::stream(body, length);
    }
    let whole = body.collect().now_or_never().and_then(Result::ok);
    whole.map_or_else(Payload::empty, |whole| whole.to_bytes().into())
}

fn replay(method: &Method) -> Replay {
    if method.is_safe() { Replay::Safe } else { Replay::Once }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::nowhere::nowhere;
    use super::*;

    #[test]
    fn login_in_a_url_is_moved_as_reqwest_moves_it() {
        let client = nowhere();
        for url in [
            "https://a.example/page",
            "https://reader@a.example/page",
            "https://reader:word@a.example:8443/page?q=1",
            "http://:word@a.example/",
            "http://r%40b:w%3Ao%20rd@a.example/",
        ] {
            let url: url::Url = url.parse().unwrap();
            let theirs = client.get(url.clone()).build().unwrap();
            let mut ours = reqwest::Request::new(Method::GET, url);
            move_login(&mut ours);
            assert_eq!((ours.url(), ours.headers()), (theirs.url(), theirs.headers()));
        }
    }

    #[test]
    fn header_that_is_there_outranks_a_login_in_the_url() {
        let mut request = reqwest::Request::new(Method::GET, "https://reader:word@a.example/".parse().unwrap());
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer token"));
        move_login(&mut request);
        assert_eq!(request.url().as_str(), "https://a.example/");
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer token");
    }
}
