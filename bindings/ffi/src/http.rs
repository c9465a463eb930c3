//! The app's own requests through the engine, with bodies that stream in both directions.
//!
//! An `HttpCall` is one request. The app writes its body in pieces into a short queue, and reads its answer in pieces
//! from another. When the other side is slow, `write` waits, and so does the engine. The core decides which request may
//! be sent again, which redirect is followed and what the exposure forbids, as it does for its `reqwest` client, which
//! this uses.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use byway::source::Replay;
use byway::{GetError, ReachabilityExt, ReqwestEngine, StreamError, UrlError};
use futures_util::stream::{self, Stream, StreamExt};
use http::header::CONTENT_LENGTH;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::client::Client;
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Own, Worded};
use crate::evidence::Reachability;
use crate::fetched::{Header, headers};
use crate::given::natural;
use crate::numbers::number;
use crate::runtime::{CancelHandle, Lent, Scope, Task, guarded, inline};

/// How many pieces wait in a queue at most. With two, the engine and the app can work at the same time; more would only
/// take memory.
const QUEUE: usize = 2;

/// The largest piece that `read` returns, in bytes: this much is copied to the app at once.
const LARGEST_READ: usize = 1 << 20;

/// How much is taken from a peer at most. What is absent is as in the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HttpLimits {
    /// Redirects that are followed.
    #[uniffi(default)]
    pub redirects: Option<i32>,
    /// Bytes of one answer's head.
    #[uniffi(default)]
    pub header_bytes: Option<i64>,
    /// Header fields of one answer.
    #[uniffi(default)]
    pub headers: Option<i64>,
    /// Bytes of the body as it comes over the wire.
    #[uniffi(default)]
    pub body_bytes: Option<i64>,
    /// Bytes of the decoded body.
    #[uniffi(default)]
    pub decoded_bytes: Option<i64>,
    /// From the start of the request until the answer is there.
    #[uniffi(default)]
    pub total: Option<Duration>,
    /// From the start of the request to the last byte of its answer's body.
    #[uniffi(default)]
    pub streamed: Option<Duration>,
    /// From one piece of the answer to the next.
    #[uniffi(default)]
    pub progress: Option<Duration>,
}

impl HttpLimits {
    fn limits(self, language: Language) -> Result<byway::Limits, BywayError> {
        let Self { redirects, header_bytes, headers, body_bytes, decoded_bytes, total, streamed, progress } = self;
        let mut limits = byway::Limits::default();
        if let Some(redirects) = redirects {
            limits.redirects = natural(redirects.into(), language)?;
        }
        if let Some(bytes) = header_bytes {
            limits.header_bytes = natural(bytes, language)?;
        }
        if let Some(headers) = headers {
            limits.headers = natural(headers, language)?;
        }
        if let Some(bytes) = body_bytes {
            limits.body_bytes = natural(bytes, language)?;
        }
        if let Some(bytes) = decoded_bytes {
            limits.decoded_bytes = natural(bytes, language)?;
        }
        if let Some(total) = total {
            limits.total = total;
        }
        if streamed.is_some() {
            limits.streamed = streamed;
        }
        if let Some(progress) = progress {
            limits.progress = progress;
        }
        Ok(limits)
    }
}

/// What several requests have in common.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpSessionOptions {
    /// Who may learn of these requests, if fewer than the configuration says.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies even if a restriction or the access advice of a community speaks against them. What the
    /// exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Keeps circuits, connections and cookies apart from those of another label.
    #[uniffi(default)]
    pub isolation: Option<String>,
    /// Keep cookies, in memory, only for this session.
    #[uniffi(default = false)]
    pub cookies: bool,
    /// How much is taken from a peer at most.
    #[uniffi(default)]
    pub limits: Option<HttpLimits>,
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum HttpBody {
    /// No body.
    Empty,
    /// These bytes. If the method allows it, they may be sent again over another route.
    Whole {
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The app writes the body with `write` until `finish`. It is sent once.
    Streamed {
        /// How many bytes it has, if that is known.
        length: Option<i64>,
    },
}

/// A request.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HttpRequest {
    /// The method, e.g. `GET`.
    pub method: String,
    /// The address, `http` or `https`.
    pub url: String,
    /// The header. The engine replaces the fields that it sets itself.
    pub headers: Vec<Header>,
    /// The body.
    pub body: HttpBody,
    /// Who may learn of this request, if fewer than the configuration and the session say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies for this request, even if a restriction or the access advice of a community speaks against
    /// them.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Try now, even if this network was just found to let only a few addresses through.
    #[uniffi(default = false)]
    pub ignore_pause: bool,
    /// A second copy of this request does no harm at any time, so it may be raced over several routes like a `GET`.
    #[uniffi(default = false)]
    pub replay_safe: bool,
    /// For everything, the body of the answer included.
    #[uniffi(default)]
    pub timeout: Option<Duration>,
}

/// The head of an answer. An error status is an answer too.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: i32,
    /// The version of the protocol, e.g. `HTTP/2.0`.
    pub version: String,
    /// Where the answer came from, after redirects.
    pub url: String,
    /// The header.
    pub headers: Vec<Header>,
    /// How many bytes the decoded body has, if that is known.
    pub length: Option<i64>,
    /// How the host was reached.
    pub reachability: Option<Reachability>,
}

/// Requests that share limits, an isolation label and, if asked for, cookies. A session that is still held after the
/// client's shutdown is of no use, and keeps nothing open.
#[derive(uniffi::Object)]
pub struct HttpSession {
    engine: Arc<Lent<Arc<ReqwestEngine>>>,
    scope: Arc<Scope>,
    language: Language,
}

#[uniffi::export]
impl Client {
    /// A session for requests through the engine. It ends with the client.
    pub fn http_session(&self, options: HttpSessionOptions) -> Result<Arc<HttpSession>, BywayError> {
        self.now(|byway, language, scope| {
            let HttpSessionOptions { exposure, allow_direct, isolation, cookies, limits } = options;
            let mut builder = byway.reqwest_builder().allow_direct(allow_direct).cookie_store(cookies);
            if let Some(exposure) = exposure {
                builder = builder.exposure(exposure.into());
            }
            if let Some(label) = &isolation {
                builder = builder.isolation(label);
            }
            if let Some(limits) = limits {
                builder = builder.limits(limits.limits(language)?);
            }
            let engine = scope.lend(Arc::new(builder.engine()));
            Ok(Arc::new(HttpSession { engine, scope: scope.clone(), language }))
        })
    }

    /// Begins one request through the engine, in its own session, without cookies. An isolation label keeps its
    /// circuits and connections apart from those of another label.
    pub fn http(&self, request: HttpRequest, isolation: Option<String>) -> Result<Arc<HttpCall>, BywayError> {
        let options =
            HttpSessionOptions { exposure: None, allow_direct: false, isolation, cookies: false, limits: None };
        self.http_session(options)?.call(request)
    }
}

#[uniffi::export]
impl HttpSession {
    /// Begins a request. It is sent at once, whether or not `response` is asked for.
    pub fn call(&self, request: HttpRequest) -> Result<Arc<HttpCall>, BywayError> {
        let language = self.language;
        guarded(language, || self.begin(request))?
    }
}

impl HttpSession {
    fn begin(&self, request: HttpRequest) -> Result<Arc<HttpCall>, BywayError> {
        let language = self.language;
        let entered = self.scope.enter(language)?;
        let engine = self.engine.get().ok_or_else(|| Own::Closed.error(language))?;
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| Own::Method.error(language))?;
        let url = byway::url::Url::parse(request.url.trim())
            .map_err(|_| GetError::from(UrlError::Malformed).worded(language))?;
        let mut fields = fields(request.headers, language)?;
        let (body, upload) = match request.body {
            HttpBody::Empty => (None, None),
            HttpBody::Whole { bytes } => (Some(reqwest::Body::from(bytes)), None),
            HttpBody::Streamed { length } => {
                if let Some(length) = length {
                    fields.insert(CONTENT_LENGTH, natural::<u64>(length, language)?.into());
                }
                let (sender, receiver) = mpsc::channel(QUEUE);
                (Some(reqwest::Body::wrap_stream(uploaded(receiver))), Some(sender))
            }
        };
        let mut sent = reqwest::Request::new(method, url);
        *sent.headers_mut() = fields;
        *sent.body_mut() = body;
        *sent.timeout_mut() = request.timeout;
        let mut extensions = Extensions::new();
        extensions.insert(byway::GetOptions {
            exposure: request.exposure.map(Into::into).unwrap_or_default(),
            allow_direct: request.allow_direct,
            ignore_pause: request.ignore_pause,
        });
        if request.replay_safe {
            extensions.insert(Replay::Safe);
        }

        let cancel = CancelHandle::new()?;
        let failure = Arc::<Mutex<Option<BywayError>>>::default();
        let (head_sender, head) = oneshot::channel();
        let (piece_sender, pieces) = mpsc::channel(QUEUE);
        let failed = failure.clone();
        let task = self.scope.spawn(language, Some(cancel.clone()), async move {
            // The senders live longer than the work, so a call that waits for the head or a piece learns of the end
            // after the error is there.
            let mut head_sender = Some(head_sender);
            let answer = engine.execute(sent, &extensions).await.map_err(|error| error.worded(language));
            let end = match answer {
                Ok(answer) => pass_on(answer, &mut head_sender, &piece_sender, language).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &end {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            }
            end
        })?;
        drop(entered);
        Ok(Arc::new(HttpCall {
            cancel,
            upload: AsyncMutex::new(upload.map_or(Upload::None, Upload::Open)),
            head: AsyncMutex::new(Some(head)),
            body: AsyncMutex::new(Download { pieces, rest: Bytes::new(), ended: false }),
            failure,
            scope: self.scope.clone(),
            language,
            _task: task,
        }))
    }
}

/// The header fields of a request.
fn fields(given: Vec<Header>, language: Language) -> Result<HeaderMap, BywayError> {
    let mut fields = HeaderMap::new();
    for Header { name, value } in given {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Own::Header.error(language))?;
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Own::Header.error(language))?;
        // An error of the map (too many fields) must not end the process.
        fields.try_append(name, value).map_err(|_| Own::Header.error(language))?;
    }
    Ok(fields)
}

/// The app's side of a request's body.
enum Written {
    Piece(Bytes),
    End,
}

/// What the app writes, as reqwest sends it. If the body is dropped before its end, that is an error, so that the host
/// does not take the part for the whole.
fn uploaded(pieces: mpsc::Receiver<Written>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Written::Piece(piece)) => Some((Ok(piece), Some(pieces))),
            Some(Written::End) => None,
            None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
        }
    })
}

/// The app's side of an answer's body. The end is sent explicitly, so that a call that was cut short is not taken for a
/// complete one.
enum BodyPart {
    Piece(Bytes),
    End,
}

/// Passes an answer on, piece by piece.
async fn pass_on(
    response: reqwest::Response,
    head: &mut Option<oneshot::Sender<HttpResponse>>,
    pieces: &mpsc::Sender<BodyPart>,
    language: Language,
) -> Result<(), BywayError> {
    // An app that no longer asks for the head may still read the body.
    if let Some(head) = head.take() {
        let _ = head.send(HttpResponse::of(&response, language));
    }
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| broken(&error, language))?;
        if !piece.is_empty() && pieces.send(BodyPart::Piece(piece)).await.is_err() {
            return Ok(());
        }
    }
    let _ = pieces.send(BodyPart::End).await;
    Ok(())
}

impl HttpResponse {
    fn of(response: &reqwest::Response, language: Language) -> Self {
        Self {
            status: response.status().as_u16().into(),
            version: format!("{:?}", response.version()),
            url: response.url().to_string(),
            headers: headers(response.headers()),
            length: response.content_length().map(number),
            reachability: response.reachability().map(|core| Reachability::of(core, language)),
        }
    }
}

/// Why a body stopped before its end.
fn broken(error: &reqwest::Error, language: Language) -> BywayError {
    let reachability = error.reachability().map(|core| Box::new(Reachability::of(core, language)));
    match cause::<StreamError>(error) {
        Some(error) => BywayError::of(error.details(language.into()), reachability),
        None => Own::BodyBroken.error(language),
    }
}

/// The first cause of this type.
fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let error: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}

/// Where pieces of a request's body go.
enum Upload {
    None,
    Open(mpsc::Sender<Written>),
    Finished,
}

/// What is left to be read.
struct Download {
    pieces: mpsc::Receiver<BodyPart>,
    rest: Bytes,
    ended: bool,
}

/// One request and its answer. Releasing it cancels it.
#[derive(uniffi::Object)]
pub struct HttpCall {
    cancel: Arc<CancelHandle>,
    upload: AsyncMutex<Upload>,
    head: AsyncMutex<Option<oneshot::Receiver<HttpResponse>>>,
    body: AsyncMutex<Download>,
    failure: Arc<Mutex<Option<BywayError>>>,
    scope: Arc<Scope>,
    language: Language,
    _task: Task,
}

#[uniffi::export]
impl HttpCall {
    /// Writes a piece of a streamed body, and waits while two earlier ones are not sent. `false`: the request takes no
    /// more, because it was answered or has failed; `response` says which.
    pub async fn write(&self, bytes: Vec<u8>) -> Result<bool, BywayError> {
        inline(self.language, async {
            let upload = self.upload.lock().await;
            match &*upload {
                Upload::Open(sender) => Ok(sender.send(Written::Piece(bytes.into())).await.is_ok()),
                Upload::Finished => Err(Own::BodyEnded.error(self.language)),
                Upload::None => Err(Own::NoBody.error(self.language)),
            }
        })
        .await?
    }

    /// Ends a streamed body. Without it the request does not end well.
    pub async fn finish(&self) -> Result<(), BywayError> {
        inline(self.language, async {
            let mut upload = self.upload.lock().await;
            match &*upload {
                Upload::Open(sender) => {
                    // If the request takes no more, `response` says why.
                    let _ = sender.send(Written::End).await;
                    *upload = Upload::Finished;
                    Ok(())
                }
                Upload::Finished => Ok(()),
                Upload::None => Err(Own::NoBody.error(self.language)),
            }
        })
        .await?
    }

    /// Waits for the head of the answer. It can be taken once.
    pub async fn response(&self) -> Result<HttpResponse, BywayError> {
        inline(self.language, async {
            let mut head = self.head.lock().await;
            self.refuse_cancelled()?;
            let Some(receiver) = head.as_mut() else { return Err(Own::ResponseTaken.error(self.language)) };
            match receiver.await {
                Ok(response) => {
                    *head = None;
                    Ok(response)
                }
                Err(_) => {
                    // A second call returns the same error again.
                    let (_, gone) = oneshot::channel();
                    *head = Some(gone);
                    Err(self.why_ended())
                }
            }
        })
        .await?
    }

    /// Waits for the next piece of the answer's body, `max` bytes at most. An empty piece means that the body has
    /// ended.
    pub async fn read(&self, max: i32) -> Result<Vec<u8>, BywayError> {
        let language = self.language;
        let max = usize::try_from(max).ok().filter(|max| *max > 0).ok_or_else(|| Own::Number.error(language))?;
        inline(language, async {
            let mut body = self.body.lock().await;
            self.refuse_cancelled()?;
            if body.rest.is_empty() && !body.ended {
                match body.pieces.recv().await {
                    Some(BodyPart::Piece(piece)) => body.rest = piece,
                    Some(BodyPart::End) => body.ended = true,
                    None => return Err(self.why_ended()),
                }
            }
            let length = body.rest.len().min(max).min(LARGEST_READ);
            Ok(body.rest.split_to(length).into())
        })
        .await?
    }

    /// Ends the request, whatever it is doing. Further calls do nothing.
    pub fn cancel(&self) -> Result<(), BywayError> {
        self.cancel.cancel()
    }
}

impl HttpCall {
    /// What came before the cancellation, and was not taken, is not handed out either.
    fn refuse_cancelled(&self) -> Result<(), BywayError> {
        if self.cancel.token.is_cancelled() { Err(self.why_ended()) } else { Ok(()) }
    }

    /// Why the work ended before what was asked for came.
    fn why_ended(&self) -> BywayError {
        if let Some(error) = &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            return error.clone();
        }
        let own = if self.cancel.token.is_cancelled() {
            Own::Cancelled
        } else if self.scope.ended.is_cancelled() {
            Own::Closed
        } else {
            Own::Panic
        };
        own.error(self.language)
    }
}
