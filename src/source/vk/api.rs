//! Calls of VK's API: `POST /method/NAME`, a form as the body, the token in a header.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, header};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;
use url::form_urlencoded;

use super::config::{Bases, VkToken};
use super::errors::{Class, VkError};
use super::judge::{self, ApiJudge};
use super::lenient;
use super::platform::{platform, restricted};
use crate::community::{Home, VkHome};
use crate::fetch::{Allowance, FetchError, HttpClient, OnRaise, RateLimit, Request, Response};
use crate::reach::{Attempt, Finding, Replay, Statement};
use crate::source::alternate::{detours, spared_by};
use crate::source::{Fetched, PlatformMessage, ReadOptions, SourceError, SourceNote, json, notice};
use crate::transport::Strategy;

/// Sends a request and waits for its answer. Tests answer from a table.
pub(super) trait Sender: Sync {
    /// Returns the answer or the error, and the evidence in both cases.
    fn send(&self, request: Request) -> BoxFuture<'_, Fetched>;

    /// The number of allowed strategies that do not show this network which host they lead to.
    fn detours(&self, request: &Request) -> u32;
}

impl Sender for HttpClient {
    fn send(&self, request: Request) -> BoxFuture<'_, Fetched> {
        Box::pin(async move {
            let fetched = self.fetch(request).await;
            Fetched { result: fetched.result, attempts: fetched.attempts }
        })
    }

    fn detours(&self, request: &Request) -> u32 {
        detours(self, request)
    }
}

/// The API during one reading.
pub(super) struct Api<'a> {
    http: &'a dyn Sender,
    bases: &'a Bases,
    token: &'a VkToken,
    authorization: &'a HeaderValue,
    pace: &'a Arc<RateLimit>,
    home: Home,
    how: &'a ReadOptions,
    /// The base that answered last: the next call begins with it.
    base: usize,
    /// No route gave an answer without a notice.
    accept_notices: bool,
    /// An answer with a notice in it was accepted.
    pub(super) noticed: bool,
    /// Every attempt so far.
    pub(super) attempts: Vec<Attempt>,
    /// What VK said in addition to its answers.
    pub(super) notes: Vec<SourceNote>,
}

/// Why a call has no response.
#[derive(Debug)]
pub(super) enum CallError {
    /// VK answered with an error.
    Vk(VkError),
    /// No route led to VK.
    Fetch(FetchError),
    /// VK's answer holds nothing readable.
    Answer,
}

impl<'a> Api<'a> {
    pub(super) fn new(
        http: &'a dyn Sender,
        bases: &'a Bases,
        (token, authorization): (&'a VkToken, &'a HeaderValue),
        pace: &'a Arc<RateLimit>,
        home: &VkHome,
        how: &'a ReadOptions,
    ) -> Self {
        Self {
            http,
            bases,
            token,
            authorization,
            pace,
            home: Home::Vk(home.clone()),
            how,
            base: 0,
            accept_notices: false,
            noticed: false,
            attempts: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Calls a method, repeats it after passing faults, and returns its `response` and the strategy that brought it.
    pub(super) async fn call(
        &mut self,
        method: &str,
        parameters: &[(&str, String)],
    ) -> Result<(Value, Strategy), CallError> {
        match self.call_through(method, parameters).await {
            Err(CallError::Fetch(FetchError::Unreached { finding: Some(Finding::PlatformBlocked(statement)) }))
                if notice::is_whole(statement.text.as_deref().unwrap_or_default()) =>
            {
                // Every route gave a notice. It may be part of a community that can still be read, so it is requested
                // once more and accepted as it is. The first requests stay the only evidence of the block.
                let attempts = self.attempts.len();
                self.accept_notices = true;
                let again = self.call_through(method, parameters).await;
                self.accept_notices = false;
                self.attempts.truncate(attempts);
                self.noticed |= again.is_ok();
                again.map_err(|_| {
                    CallError::Fetch(FetchError::Unreached { finding: Some(Finding::PlatformBlocked(statement)) })
                })
            }
            done => done,
        }
    }

    async fn call_through(
        &mut self,
        method: &str,
        parameters: &[(&str, String)],
    ) -> Result<(Value, Strategy), CallError> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..RETRIES {
            match self.call_once(method, parameters).await {
                Err(CallError::Vk(error)) if error.is_passing() && self.has_time_for(pause) => {}
                done => return done,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.call_once(method, parameters).await
    }

    /// Whether there is no time or allowance left for another call.
    pub(super) fn ran_out(&self) -> bool {
        let spent = self.how.allowance.as_ref().is_some_and(Allowance::is_spent) || self.how.idle.left().is_zero();
        spent || self.how.until.is_some_and(|until| Instant::now() >= until)
    }

    fn has_time_for(&self, pause: Duration) -> bool {
        self.how.until.is_none_or(|until| Instant::now() + pause < until)
    }

    async fn call_once(&mut self, method: &str, parameters: &[(&str, String)]) -> Result<(Value, Strategy), CallError> {
        let response = self.reach(method, parameters).await.map_err(CallError::Fetch)?;
        let Some(mut answer) = json::read(&response.body) else { return Err(CallError::Answer) };
        // VK sometimes repeats the token, which no text that is shown or kept may hold.
        self.token.redact_answer(&mut answer);
        let Value::Object(mut envelope) = answer else { return Err(CallError::Answer) };
        match (envelope.remove("response"), envelope.remove("error")) {
            (Some(answer), beside) => {
                // `execute` answers in parts, and lists those that failed next to them.
                let parts = envelope.remove("execute_errors").unwrap_or_default();
                for error in beside.iter().chain(lenient::list(&parts)).take(MAX_NOTES) {
                    self.note_beside(VkError::read(error));
                }
                Ok((answer, response.strategy))
            }
            (None, Some(error)) => Err(CallError::Vk(VkError::read(&error))),
            (None, None) => Err(CallError::Answer),
        }
    }

    /// Notes an error once.
    fn note_beside(&mut self, VkError { code, message }: VkError) {
        let is_same = |note: &SourceNote| matches!(note, SourceNote::ErrorBeside { platform_code, message: known, .. } if (*platform_code, known) == (code, &message));
        if !self.notes.iter().any(is_same) {
            self.notes.push(SourceNote::ErrorBeside { platform_code: code, message, platform: platform() });
        }
    }

    /// Sends a request to the base that answered last, and to the others if that one is not reached.
    async fn reach(&mut self, method: &str, parameters: &[(&str, String)]) -> Result<Response, FetchError> {
        let mut unreached: Option<FetchError> = None;
        let first = self.base;
        let others =
            (0..).take_while(|index| self.bases.method(*index, method).is_some()).filter(|index| *index != first);
        let order: Vec<usize> = [first].into_iter().chain(others).collect();
        for (asked, index) in (1..).zip(&order) {
            let index = *index;
            let Some(url) = self.bases.method(index, method) else { break };
            if self.ran_out() {
                break;
            }
            let mut request = self.request(url, parameters);
            if asked < order.len() {
                let spared = self.how.idle.left() / spared_by(self.http.detours(&request));
                request.idle = Some(self.how.idle.sparing(spared));
            }
            let sent = self.http.send(request).await;
            self.attempts.extend(sent.attempts);
            match sent.result {
                Ok(response) => {
                    self.base = index;
                    return Ok(response);
                }
                // VK was reached and hides it: its other host would say the same.
                Err(error @ FetchError::Unreached { finding: Some(Finding::PlatformBlocked(_)) }) => return Err(error),
                Err(error @ FetchError::Unreached { .. }) => unreached = Some(unreached.unwrap_or(error)),
                Err(error) => return Err(error),
            }
        }
        Err(unreached.unwrap_or(FetchError::Unreached { finding: None }))
    }

    fn request(&self, url: Url, parameters: &[(&str, String)]) -> Request {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters).append_pair("v", VERSION);
        let mut request = self.how.request(&self.home, url).into_engine();
        request.method = Method::POST;
        request.body = Bytes::from(form.finish()).into();
        let headers = &mut request.headers;
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        // The methods that are called here only read.
        request.replay = Replay::Safe;
        // The host is the same for all communities, so the requested community sets the limits. If its exposure rises,
        // the reading ends: a user's token must not be sent any more.
        request.owners = None;
        request.floors.clone_from(&self.how.own_floors);
        request.raised = OnRaise::End(self.how.ended.clone());
        request.judge = Arc::new(ApiJudge { token: Some(self.token.clone()), accept_notices: self.accept_notices });
        request.pace = Some(Arc::clone(self.pace));
        // The API never redirects, and the token must not be led elsewhere.
        request.limits.redirects = 0;
        request.limits.body_bytes = request.limits.body_bytes.min(MAX_ANSWER);
        request.limits.decoded_bytes = request.limits.decoded_bytes.min(MAX_ANSWER);
        request
    }
}

impl CallError {
    /// The error of a reading that cannot continue without the call.
    pub(super) fn into_source_error(self) -> SourceError {
        match self {
            CallError::Vk(error) => vk_error(error),
            CallError::Fetch(FetchError::Unreached { finding: Some(Finding::PlatformBlocked(statement)) }) => {
                restricted(judge::restriction(&statement))
            }
            CallError::Fetch(error) => SourceError::Unreached(error),
            CallError::Answer => SourceError::Answer(platform()),
        }
    }

    /// Whether the platform states on every route that it hides the content.
    pub(super) fn is_notice(&self) -> bool {
        matches!(self, CallError::Fetch(FetchError::Unreached { finding: Some(Finding::PlatformBlocked(_)) }))
    }

    /// Whether the token, its owner or its app is refused: no later call would succeed.
    pub(super) fn is_auth(&self) -> bool {
        matches!(self, CallError::Vk(error) if matches!(error.class(), Class::Auth | Class::User | Class::App))
    }
}

fn vk_error(error: VkError) -> SourceError {
    let other_address = error.other_address();
    let class = error.class();
    let stated = PlatformMessage { platform: platform(), code: Some(error.code), message: error.message };
    match class {
        Class::Auth => SourceError::TokenRefused { other_address, stated },
        Class::Throttle => SourceError::Throttled(stated),
        Class::Access => SourceError::Denied(stated),
        Class::Gone => SourceError::Gone(stated),
        // The judge refutes these. They occur here only behind a judge that did not look.
        Class::Blocked | Class::OtherCountry => {
            let statement = Statement { text: Some(stated.message), ..Statement::default() };
            restricted(judge::restriction(&statement))
        }
        Class::User => SourceError::UserRefused(stated),
        Class::App => SourceError::AppRefused(stated),
        Class::Retry => SourceError::Platform(stated),
        Class::Unknown => SourceError::Stated(stated),
        Class::OurFault => SourceError::Request(stated),
    }
}

/// The version of the API whose answers are read here. Older shapes are accepted.
const VERSION: &str = "5.199";

/// The largest answer that is read.
const MAX_ANSWER: u64 = json::LONGEST as u64;

/// The most errors next to an answer that become notes.
const MAX_NOTES: usize = 5;

/// Retries after a passing fault: after 0.5, 1 and 2 s, within the time that a person waits for a page.
const RETRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
