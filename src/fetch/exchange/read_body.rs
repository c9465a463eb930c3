//! Reads the body of an answer: piece by piece, within the limits, until it is complete or breaks off.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use tokio::time::Instant;

use super::super::decode::{Codings, Decoder, Step};
use super::super::limits::TOR_PROGRESS;
use super::super::resume::Salvage;
use super::connection::FrameWait;
use super::faults::{spent, too_much};
use super::wait::TimedOut;
use super::{HopExchange, Reply, Wanted};
use crate::reach::Replay;
use crate::transport::{Candidate, Cause, Failure, LimitKind, Stage};

impl HopExchange {
    /// Reserves room for the received part of a body that is wanted whole, and for as much again until its claimed
    /// length has come. So a growing body is copied a few times at most, ends in a buffer of its exact size, and a
    /// claim alone reserves nothing.
    fn make_room(&self, reply: &mut Reply, came: usize) {
        let (Wanted::Whole, Codings::NONE, Some(length)) = (self.wanted, reply.coding, reply.length) else { return };
        if reply.body.capacity() - reply.body.len() >= came {
            return;
        }
        let rest = length.saturating_sub(reply.received).saturating_add(came as u64);
        let ahead = FIRST_ROOM.max(reply.body.len()).max(came);
        let room = usize::try_from(rest).unwrap_or(usize::MAX).min(ahead).max(came);
        reply.body.reserve_exact(room);
    }

    /// Decodes or reads one more piece. `false`: the body is complete. [`TimedOut`]: nothing came until then.
    pub(super) async fn advance(
        &self,
        reply: &mut Reply,
        until: Option<Instant>,
    ) -> Result<Result<bool, Failure>, TimedOut> {
        loop {
            if let Some(advanced) = self.step(reply).transpose() {
                return Ok(advanced);
            }
            let Some((live, body)) = &mut reply.source else {
                return Ok(Err(Failure::new(Stage::Progress, Cause::Closed)));
            };
            let rest = reply.length.map(|length| length.saturating_sub(reply.received));
            let patience = self.patience(&reply.candidate);
            let waiting = FrameWait { live, patience, rest, until, trace: &reply.trace };
            let frame = waiting.next_frame(body, &mut reply.throughput, &mut reply.timer).await?;
            let data = match frame.or_else(|failure| reply.ended_unannounced(failure)) {
                Ok(data) => data,
                Err(failure) => return Ok(Err(failure)),
            };
            if let Some(advanced) = self.take_in(reply, data).transpose() {
                return Ok(advanced);
            }
        }
    }

    /// Decodes the received bytes. `None`: more must come.
    fn step(&self, reply: &mut Reply) -> Result<Option<bool>, Failure> {
        let before = reply.body.len();
        let room = self.limits.decoded_bytes.saturating_sub(reply.handed_or_ready());
        let step = reply.decoder.step(&mut reply.body, room).map_err(|cause| Failure::new(Stage::Progress, cause))?;
        reply.pass_known();
        if step == Step::Done && reply.source.is_none() {
            reply.complete = true;
            return Ok(Some(false));
        }
        if step == Step::More || reply.body.len() > before {
            return Ok(Some(true));
        }
        if reply.source.is_some() && self.is_spent() && reply.length != Some(reply.received) {
            return Err(spent(Stage::Progress));
        }
        Ok(None)
    }

    /// Takes received data; `None` at the end of the body.
    fn take_in(&self, reply: &mut Reply, data: Option<Bytes>) -> Result<Option<bool>, Failure> {
        match data {
            Some(data) => {
                reply.received = reply.received.saturating_add(data.len() as u64);
                if reply.received > self.limits.body_bytes {
                    return Err(too_much());
                }
                if reply.goes_straight_on() && !data.is_empty() {
                    if reply.handed.saturating_add(data.len() as u64) > self.limits.decoded_bytes {
                        return Err(Failure::new(Stage::Progress, Cause::Limit { limit: LimitKind::DecodedBody }));
                    }
                    reply.piece = data;
                    return Ok(Some(true));
                }
                self.make_room(reply, data.len());
                reply.decoder.push(data);
            }
            None => {
                if reply.length.is_some_and(|length| length != reply.received) {
                    return Err(Failure::new(Stage::Progress, Cause::Closed));
                }
                reply.decoder.end();
                self.park(reply);
            }
        }
        Ok(None)
    }

    fn patience(&self, candidate: &Candidate) -> Duration {
        if candidate.route.strategy.is_tor() { self.limits.progress.max(TOR_PROGRESS) } else { self.limits.progress }
    }

    /// Keeps the connection of an answer that was read to its end.
    fn park(&self, reply: &mut Reply) {
        let Some((live, body)) = reply.source.take() else { return };
        drop(body);
        let closing = reply.headers.get_all(header::CONNECTION).iter().any(|value| {
            value.to_str().is_ok_and(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case("close")))
        });
        if !closing && live.connection.is_open() {
            live.connection.observe_no_more();
            self.engine.pool.put(reply.candidate.clone(), self.tls(), live);
        }
    }

    /// Leaves the received part of a broken body for the next attempt.
    pub(super) fn leave(&self, reply: &mut Reply) {
        let whole = reply.status == StatusCode::OK && self.hop.method == Method::GET;
        if !whole || self.replay != Replay::Safe || self.hop.headers.contains_key(header::RANGE) {
            return;
        }
        let salvage = Salvage {
            headers: std::mem::take(&mut reply.headers),
            coding: reply.coding,
            decoder: std::mem::replace(&mut reply.decoder, Decoder::new(Codings::NONE)),
            decoded: if reply.piece.is_empty() {
                std::mem::take(&mut reply.body)
            } else {
                [&*reply.piece, &*reply.body].concat()
            },
            handed: reply.handed,
            given: reply.given,
            offset: reply.received,
            length: reply.length,
            proved_name: reply.proved_name,
        };
        if let Some(salvage) = salvage.kept() {
            self.salvage.put(salvage);
        }
    }
}

/// The room for a body when its first bytes have come, if it claims as much: a page, in one piece.
const FIRST_ROOM: usize = 64 * 1024;
