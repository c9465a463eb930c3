//! An answer, as far as it has come.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, header};
use tokio::time::Instant;

use super::connection::OpenConnection;
use super::wait::CoarseTimer;
use crate::fetch::decode::{Codings, Decoder};
use crate::fetch::limits::{DRIPPING_PROLOGUE, PROLOGUE, PROLOGUE_BYTES};
use crate::fetch::resume::{Salvage, is_recognisable};
use crate::fetch::throughput::ThroughputMonitor;
use crate::transport::{Candidate, Cause, Failure, Slow, Stage, Trace};
use crate::wire::http::Body;

/// An answer, as far as it has come.
pub(crate) struct Reply {
    pub(crate) candidate: Candidate,
    pub(crate) version: Version,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The decoded body; for a stream, the part that was not handed out yet.
    pub(crate) body: Vec<u8>,
    /// The newest piece of a stream without a coding, as it came: it is handed out without a copy.
    pub(super) piece: Bytes,
    /// Decoded bytes that were handed out before these.
    pub(super) handed: u64,
    /// Decoded bytes that the reader of a stream has, counted from the body's beginning. It is more than `handed` if a
    /// body had to be requested again from its beginning.
    pub(super) given: u64,
    pub(crate) proved_name: bool,
    /// Nothing of the kind was asked for: a part of a body, "not modified", another protocol. It is judged, and never
    /// accepted.
    pub(crate) is_unasked: bool,
    /// The body is complete and decoded.
    pub(crate) complete: bool,
    /// The judge has decided, and only the rest of the body is missing.
    pub(super) settled: AtomicBool,
    /// The time when the head came.
    pub(super) since: Instant,
    /// How fast the body comes.
    pub(super) throughput: ThroughputMonitor,
    /// Wakes the task that waits for the body.
    pub(super) timer: CoarseTimer,
    /// The trace of the attempt.
    pub(crate) trace: Trace,
    /// `None` when the body is complete: the connection is then in the pool.
    pub(super) source: Option<(OpenConnection, Body)>,
    pub(super) coding: Codings,
    pub(super) decoder: Decoder,
    /// Encoded bytes so far, including those before a continuation.
    pub(super) received: u64,
    /// Encoded bytes of the whole body, if known.
    pub(super) length: Option<u64>,
}

impl Reply {
    /// A new answer of which only the head has come. `head_only`: it answers a HEAD.
    pub(super) fn begun(
        candidate: Candidate,
        live: OpenConnection,
        answer: http::Response<Body>,
        head_only: bool,
        trace: &Trace,
    ) -> Result<Self, Failure> {
        let (head, body) = answer.into_parts();
        // If no body comes, its stated length does not count. A part is passed on as it is.
        let empty = head_only || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = if empty { None } else { http_body::Body::size_hint(&body).exact() };
        let coding = if empty || head.status == StatusCode::PARTIAL_CONTENT {
            Codings::NONE
        } else {
            Codings::of(&head.headers).map_err(|cause| Failure::new(Stage::Progress, cause))?
        };
        Ok(Self {
            candidate,
            version: head.version,
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
            piece: Bytes::new(),
            handed: 0,
            given: 0,
            proved_name: live.proved_name,
            is_unasked: false,
            complete: false,
            settled: AtomicBool::new(false),
            since: Instant::now(),
            throughput: ThroughputMonitor::new(live.activity.bytes_read()),
            timer: CoarseTimer::default(),
            trace: trace.clone(),
            source: Some((live, body)),
            coding,
            decoder: Decoder::new(coding),
            received: 0,
            length,
        })
    }

    /// The answer that broke off elsewhere; `answer` brings its rest. `length` is the encoded length of the whole body.
    pub(super) fn resumed(
        candidate: Candidate,
        live: OpenConnection,
        answer: http::Response<Body>,
        salvage: Salvage,
        length: u64,
        trace: &Trace,
    ) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            candidate,
            version: head.version,
            status: StatusCode::OK,
            headers: salvage.headers,
            body: salvage.decoded,
            piece: Bytes::new(),
            handed: salvage.handed,
            given: salvage.given,
            proved_name: live.proved_name && salvage.proved_name,
            is_unasked: false,
            complete: false,
            settled: AtomicBool::new(false),
            since: Instant::now(),
            throughput: ThroughputMonitor::new(live.activity.bytes_read()),
            timer: CoarseTimer::default(),
            trace: trace.clone(),
            source: Some((live, body)),
            coding: salvage.coding,
            decoder: salvage.decoder,
            received: salvage.offset,
            length: Some(length),
        }
    }

    /// Whether enough has come to hand it out.
    pub(super) fn has_begun(&self) -> bool {
        self.complete || self.body.len() >= PROLOGUE_BYTES || self.since.elapsed() >= self.prologue()
    }

    /// How long after its head it is handed out with whatever has come.
    pub(super) fn prologue(&self) -> Duration {
        let is_overtaken = self.trace.slow() == Some(Slow::Drips) && !self.trace.is_last();
        if is_overtaken { DRIPPING_PROLOGUE } else { PROLOGUE }
    }

    /// Takes the received bytes.
    pub(crate) fn hand_out(&mut self) -> Bytes {
        // The bytes in the body came after it.
        let piece = match std::mem::take(&mut self.piece) {
            piece if piece.is_empty() => Bytes::from(std::mem::take(&mut self.body)),
            piece => piece,
        };
        self.handed = self.handed.saturating_add(piece.len() as u64);
        self.given = self.given.max(self.handed);
        piece
    }

    /// Whether the next piece can go to the reader as it comes: the reader has begun, nothing lies before it, and there
    /// is nothing to decode.
    pub(super) fn goes_straight_on(&self) -> bool {
        let begun = self.handed > 0 && self.handed >= self.given;
        begun && self.coding == Codings::NONE && self.body.is_empty() && self.piece.is_empty()
    }

    /// The number of decoded bytes before the body.
    pub(super) fn handed_or_ready(&self) -> u64 {
        self.handed.saturating_add(self.piece.len() as u64)
    }

    /// Drops received bytes that the reader already has.
    pub(super) fn pass_known(&mut self) {
        let known = usize::try_from(self.given.saturating_sub(self.handed)).unwrap_or(usize::MAX).min(self.body.len());
        self.body.drain(..known);
        self.handed = self.handed.saturating_add(known as u64);
    }

    /// Bytes of the body as its reader gets it, if known in advance.
    pub(crate) fn decoded_length(&self) -> Option<u64> {
        if self.coding == Codings::NONE { self.length } else { None }
    }

    /// Whether the body differs from what came over the wire.
    pub(crate) fn is_decoded(&self) -> bool {
        self.coding != Codings::NONE
    }

    /// Whether so much has come, from a host that TLS proved, that the point at which a censor freezes a flow is
    /// passed.
    pub(crate) fn shows_health(&self) -> bool {
        let whole = self.complete || self.length == Some(self.received);
        self.proved_name && (whole || self.received >= PROLOGUE_BYTES as u64)
    }

    /// Whether a body that breaks off here may be continued elsewhere.
    pub(crate) fn could_be_continued(&self) -> bool {
        is_recognisable(&self.headers)
    }

    /// The connection ended, and nothing had said that the body would end there. The body is complete if its coding has
    /// an end of its own (gzip, zlib, Brotli, Zstandard) and that was reached. `Ok(None)` is the body's end.
    pub(super) fn ended_unannounced(&mut self, failure: Failure) -> Result<Option<Bytes>, Failure> {
        let has_ended = matches!(failure.cause, Cause::Closed | Cause::Reset | Cause::EndedByHost);
        if self.length.is_some() || !has_ended {
            return Err(failure);
        }
        if !self.coding.is_none() {
            // A body that can be continued is continued: checking for its end uses up the decoder.
            return if !self.could_be_continued() && self.decoder.is_whole() { Ok(None) } else { Err(failure) };
        }
        let ends_with_connection =
            self.version <= Version::HTTP_11 && !self.headers.contains_key(header::TRANSFER_ENCODING);
        if ends_with_connection && failure.cause == Cause::Closed && self.proved_name {
            return Err(Failure { cause: Cause::EndUnannounced, ..failure });
        }
        Err(failure)
    }

    /// Encoded bytes so far.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }
}
