//! HTTP as a user means it: redirects, limits, validators, resume, pool.
//!
//! One [`HttpClient::fetch`] runs one request: it plans and races each hop of its redirects ([`crate::reach`]), over
//! connections that [`crate::wire`] speaks and [`crate::transport`] dials, and answers the whole body, decoded, with
//! all the evidence.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::reach::{Attempt, Finding, Judge, Judgement, Ledger, NetworkId, PlanError, Replay};
use crate::transport::{Dialer, Exposure, Isolation, PrivateAddresses, Strategy};
use crate::wire::tls::TlsClient;

/// One request, as a user means it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An `http` or `https` URL.
    pub url: Url,
    /// Extra headers. `Authorization` makes it a request with credentials.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether it may be sent twice.
    pub replay: Replay,
    /// Who may learn of it.
    pub exposure: Exposure,
    /// Whose circuits and connections.
    pub isolation: Isolation,
    /// Whether the first hop may lead to a private address.
    pub private: PrivateAddresses,
    /// Limits.
    pub limits: Limits,
    /// Says what an answer is worth. Sees the decoded body.
    pub judge: Arc<dyn PageJudge>,
    /// Awaited before each sending, resends included: the host's rate limit.
    pub pace: Option<Arc<Pace>>,
}

/// What is taken from a peer at most.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Limits {
    pub redirects: u32,
    pub header_bytes: usize,
    pub headers: usize,
    pub body_bytes: u64,
    pub decoded_bytes: u64,
    pub total: Duration,
    pub progress: Duration,
}

/// What an answer looks like to a judge, as far as it has come.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The URL of this hop.
    pub url: &'a Url,
    /// By which way it came.
    pub strategy: &'a Strategy,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The decoded body so far.
    pub body: &'a [u8],
    /// The body is complete.
    pub complete: bool,
}

/// Judges pages. [`PlainJudge`] is the one for any site; a source brings its own.
pub trait PageJudge: std::fmt::Debug + Send + Sync + 'static {
    /// See [`Judge::judge`].
    fn judge(&self, page: &Page<'_>) -> Judgement;
}

/// Awaited turns: at most so many a second.
#[derive(Debug)]
pub struct Pace {}

/// The final answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Response {
    /// The URL after redirects.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, decoded.
    pub body: Bytes,
    /// By which way it came.
    pub strategy: Strategy,
}

/// A finished fetch: the answer or why there is none, and the evidence either way.
#[non_exhaustive]
pub struct Fetched {
    /// The answer.
    pub result: Result<Response, FetchError>,
    /// Every attempt of every hop, losers included, running ones as pending.
    pub attempts: Vec<Attempt>,
}

/// Why a fetch has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Nothing may be tried.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Every route failed or answered something else; the attempts say how.
    #[error("no route reached the host")]
    Unreached {
        /// The best of the answers that were refuted, where there was one.
        finding: Option<Finding>,
    },
    /// More redirects than are followed.
    #[error("the site redirects more than {0} times")]
    TooManyRedirects(u32),
    /// A redirect that is not followed.
    #[error("a redirect leads where it must not: {0}")]
    Redirect(String),
    /// The URL is not one that is fetched.
    #[error("{0}")]
    Url(String),
}

/// The HTTP engine.
#[derive(Debug)]
pub struct HttpClient {}

impl HttpClient {
    /// An engine.
    pub fn new(dialer: Dialer, tls: TlsClient, ledger: Arc<Ledger>, strategies: Vec<Strategy>, network: NetworkId) -> Self {
        let _ = (dialer, tls, ledger, strategies, network);
        todo!()
    }

    /// Runs one request over whichever of the engine's strategies works first.
    pub async fn fetch(&self, request: Request) -> Fetched {
        let _ = request;
        todo!()
    }

    /// The same over these strategies only (a probe asks each by itself).
    pub async fn fetch_over(&self, strategies: &[Strategy], request: Request) -> Fetched {
        let _ = (strategies, request);
        todo!()
    }
}

/// The judge for any site: no product knowledge.
#[derive(Clone, Debug, Default)]
pub struct PlainJudge;

impl PageJudge for PlainJudge {
    fn judge(&self, page: &Page<'_>) -> Judgement {
        let _ = page;
        todo!()
    }
}
#[allow(dead_code)]
fn _seam<J: Judge<()>>() {}
