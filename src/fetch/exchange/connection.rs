//! Connections: how one is opened, shared, and used.

use std::pin::pin;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};

use super::wait::{CoarseTimer, TimedOut, kept_by_race};
use crate::fetch::Allowance;
use crate::fetch::io_activity::IoActivity;
use crate::fetch::limits::{LAST_PROGRESS, LIVELY, TLS};
use crate::fetch::payload::Sending;
use crate::fetch::pool::{Pool, Reusable, Taken};
use crate::fetch::throughput::ThroughputMonitor;
use crate::transport::{
    Candidate, Cause, Dialer, Ech, EchConfigList, EchOutcome, Failure, Handshakes, Sessions, Stage, Trace,
};
use crate::wire::http::{Body, Connection, Error as HttpError, HeadLimits, Joint, Outgoing};
use crate::wire::tls::TlsError;

/// What all exchanges of a client share.
pub(crate) struct Engine {
    pub(crate) dialer: Dialer,
    pub(crate) sessions: Sessions,
    pub(crate) pool: Pool<OpenConnection>,
    pub(crate) handshakes: Handshakes,
    /// How often the user has asked for a new identity.
    pub(crate) identity: AtomicU64,
}

/// How a connection is opened.
#[derive(Clone, Copy)]
pub(super) struct ConnectOptions {
    pub(super) tls: bool,
    /// The host wants HTTP/1.1.
    pub(super) http1_only: bool,
    pub(super) limits: HeadLimits,
}

impl Engine {
    /// Opens a connection, with TLS and HTTP on it.
    pub(super) async fn connect(
        &self,
        candidate: &Candidate,
        options: ConnectOptions,
        trace: &Trace,
    ) -> Result<OpenConnection, Failure> {
        let keys = candidate.ech.as_ref().filter(|_| options.tls);
        if keys.is_none() && candidate.route.strategy.ech == Ech::Require {
            // No packet goes to the host: neither a ClientHello nor a cleartext request may carry its name.
            return Err(Failure::new(Stage::Tls, Cause::EchUnavailable));
        }
        match self.connect_with(candidate, options, keys, trace).await? {
            Opened::Connection(live) => Ok(live),
            // The keys were old. The host sent its present ones under a certificate that proved the outer name. There
            // is exactly one retry (RFC 9849 section 6.1.6).
            Opened::Rejected(Some(retry)) => match self.connect_with(candidate, options, Some(&retry), trace).await? {
                Opened::Connection(live) => Ok(live),
                Opened::Rejected(_) => Err(Failure::new(Stage::Tls, Cause::EchRejected)),
            },
            Opened::Rejected(None) => Err(Failure::new(Stage::Tls, Cause::EchRejected)),
        }
    }

    async fn connect_with(
        &self,
        candidate: &Candidate,
        options: ConnectOptions,
        keys: Option<&EchConfigList>,
        trace: &Trace,
    ) -> Result<Opened, Failure> {
        let (activity, stream) = IoActivity::of(self.dialer.dial(candidate, trace).await?);
        let mut ech = EchOutcome::Off;
        let (stream, http2, proved_name) = if options.tls {
            trace.enter(Stage::Tls);
            let host = candidate.route.destination.host_text();
            let mut client = self.sessions.of(&candidate.route);
            if options.http1_only {
                client = client.by_http1();
            }
            let handshake = async {
                match keys {
                    Some(keys) => {
                        trace.encrypted(EchOutcome::Offered);
                        client.connect_encrypted(&host, keys, stream).await
                    }
                    None => client.connect(&host, stream).await,
                }
            };
            let secured = match timeout(TLS, handshake).await {
                Err(_) => return Err(Failure::new(Stage::Tls, Cause::Silence)),
                Ok(Err(TlsError::Rejected(rejected))) => {
                    trace.encrypted(EchOutcome::Rejected);
                    return Ok(Opened::Rejected(rejected.retry));
                }
                Ok(secured) => secured.map_err(|error| Failure::tls(Stage::Tls, &error))?,
            };
            if keys.is_some() {
                ech = EchOutcome::Accepted;
            }
            (Box::new(secured.stream) as crate::net::BoxStream, secured.http2, secured.proves_name)
        } else {
            (stream, false, false)
        };
        let connection = Connection::start(stream, http2, options.limits)
            .await
            .map_err(|error| http_failure(proved_name, Stage::FirstByte, &error))?;
        Ok(Opened::Connection(OpenConnection { connection, activity, proved_name, ech }))
    }
}

/// An open connection.
pub(crate) struct OpenConnection {
    pub(super) connection: Connection,
    pub(super) activity: IoActivity,
    pub(super) proved_name: bool,
    pub(super) ech: EchOutcome,
}

/// The result of opening a connection.
enum Opened {
    Connection(OpenConnection),
    /// The host rejected the encrypted ClientHello; it may have sent its present keys.
    Rejected(Option<EchConfigList>),
}

/// See [`Reusable::Joint`].
pub(crate) struct SharedConnection {
    joint: Joint,
    activity: IoActivity,
    proved_name: bool,
    ech: EchOutcome,
}

impl Reusable for OpenConnection {
    type Joint = SharedConnection;

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }

    fn joint(&self) -> Option<SharedConnection> {
        let Self { connection, activity, proved_name, ech } = self;
        let (activity, proved_name, ech) = (activity.clone(), *proved_name, *ech);
        Some(SharedConnection { joint: connection.joint()?, activity, proved_name, ech })
    }

    fn join(SharedConnection { joint, activity, proved_name, ech }: &SharedConnection) -> Option<Self> {
        let is_lively = activity.last_read().elapsed() < LIVELY;
        let connection = joint.join().filter(|_| is_lively)?;
        Some(Self { connection, activity: activity.clone(), proved_name: *proved_name, ech: *ech })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.connection.is_same(&other.connection)
    }

    fn is_joint_of(SharedConnection { joint, .. }: &SharedConnection, connection: &Self) -> bool {
        joint.is_of(&connection.connection)
    }
}

/// Sends a request and waits for the head of its answer.
///
/// A long request may take as long as the peer accepts it, piece by piece, or as long as the app's own stream has
/// nothing to send.
pub(super) async fn send(
    mut live: OpenConnection,
    request: http::Request<Outgoing>,
    sending: &Sending,
    patience: Duration,
    allowance: Option<Allowance>,
    trace: &Trace,
) -> Result<(OpenConnection, http::Response<Body>), Unanswered> {
    let progress = trace.clone();
    live.connection.observe(move |bytes| {
        progress.progressed(bytes);
        if let Some(allowance) = &allowance {
            allowance.take(bytes);
        }
    });
    trace.enter(Stage::FirstByte);
    let activity = live.activity.clone();
    let mut silent_at = Instant::now() + patience;
    let answer = {
        let mut answering = pin!(live.connection.send(request));
        loop {
            silent_at = match kept_by_race(Some(silent_at), trace, &mut answering).await {
                Ok(answer) => break answer,
                Err(_) if sending.is_starved() => Instant::now() + patience,
                Err(_) if sending.long && activity.last_written() + patience > silent_at => {
                    activity.last_written() + patience
                }
                Err(_) => return Err(Failure::new(Stage::FirstByte, Cause::Silence).into()),
            };
            trace.sent();
        }
    };
    let answer = answer.map_err(|error| Unanswered {
        another_try: AnotherTry::asked_for(&error),
        failure: http_failure(live.proved_name, Stage::FirstByte, &error),
    })?;
    Ok((live, answer))
}

/// A request without an answer.
pub(super) struct Unanswered {
    pub(super) failure: Failure,
    pub(super) another_try: Option<AnotherTry>,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self { failure, another_try: None }
    }
}

/// How a peer that has not processed a request asks for it again (RFC 9113 section 8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnotherTry {
    OnAnotherConnection,
    ByHttp1,
}

impl AnotherTry {
    fn asked_for(error: &HttpError) -> Option<Self> {
        match error {
            HttpError::Refused => Some(AnotherTry::OnAnotherConnection),
            HttpError::Http1Required => Some(AnotherTry::ByHttp1),
            HttpError::NotSent(cause) => Self::asked_for(cause),
            _ => None,
        }
    }
}

/// How to wait for the next data of a body. A peer that sends nothing for `patience` is given up. The last remaining
/// attempt gets longer.
pub(super) struct FrameWait<'a> {
    pub(super) live: &'a OpenConnection,
    pub(super) patience: Duration,
    /// The number of missing bytes, if known.
    pub(super) rest: Option<u64>,
    /// The time to return in any case.
    pub(super) until: Option<Instant>,
    pub(super) trace: &'a Trace,
}

impl FrameWait<'_> {
    /// Waits for the next data of a body; `None` at its end.
    pub(super) async fn next_frame(
        self,
        body: &mut Body,
        throughput: &mut ThroughputMonitor,
        timer: &mut CoarseTimer,
    ) -> Result<Result<Option<Bytes>, Failure>, TimedOut> {
        let Self { live: OpenConnection { activity, proved_name, .. }, patience, rest, until, trace } = self;
        let since = Instant::now();
        loop {
            throughput.observe(activity.bytes_read(), activity.last_read(), rest, trace);
            let quiet_since = activity.last_read().max(since);
            let mut silent_at = quiet_since + patience;
            if silent_at <= Instant::now() {
                silent_at = quiet_since + patience.max(LAST_PROGRESS);
            }
            let look = silent_at.min(throughput.next_check());
            match timer.wait(until.map_or(look, |until| until.min(look)), body.frame()).await {
                Ok(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Ok(Ok(Some(data))),
                    // Trailers hold nothing that is used here.
                    Err(_) => continue,
                },
                Ok(Some(Err(error))) => return Ok(Err(http_failure(*proved_name, Stage::Progress, &error))),
                Ok(None) => return Ok(Ok(None)),
                Err(TimedOut) if until.is_some_and(|until| until <= Instant::now()) => return Err(TimedOut),
                Err(TimedOut) if silent_at > Instant::now() || activity.last_read().max(since) > quiet_since => {
                    continue;
                }
                Err(TimedOut) if trace.is_last() && quiet_since + LAST_PROGRESS > Instant::now() => continue,
                Err(TimedOut) => return Ok(Err(Failure::new(Stage::Progress, Cause::Silence))),
            }
        }
    }
}

/// The failure of an HTTP exchange, with a host that proved its name or not.
fn http_failure(proved_name: bool, stage: Stage, error: &crate::wire::http::Error) -> Failure {
    if proved_name { Failure::http_of_proved_host(stage, error) } else { Failure::http(stage, error) }
}

/// Whether the failure looks like that of a connection that died unnoticed. A connection in use by others was alive a
/// moment ago: a silent peer on it is working.
pub(super) fn died_while_idle(taken: Taken, failure: &Failure) -> bool {
    match failure.cause {
        Cause::Limit { .. } | Cause::Malformed { .. } | Cause::NotAccepted { .. } => false,
        Cause::Silence => taken == Taken::Idle,
        _ => true,
    }
}
