//! A second request to Tor, where a circuit broke.
//!
//! A circuit of three relays breaks now and then: a relay stops, or the network drops its connection. Tor then answers a general
//! failure, and a new circuit would carry the same stream. So Tor is asked once more, for a circuit of its own, within the time
//! that the attempt has anyway. Every other answer of Tor is final.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::tor_fault::TorFault;
use super::{Cause, Failure, Stage, Trace, timeouts};
use crate::net::BoxStream;

/// Asks Tor for a stream. If its circuit breaks, Tor is asked once more after [`timeouts::NEW_CIRCUIT`]. `time` is for both.
///
/// The second failure counts where Tor itself says it. Whatever else the second request met, Tor has said that a circuit broke.
pub(super) async fn once_more(
    time: Duration,
    trace: &Trace,
    first: impl Future<Output = Result<BoxStream, Failure>>,
    second: impl Future<Output = Result<BoxStream, Failure>>,
) -> Result<BoxStream, Failure> {
    let until = Instant::now() + time;
    let asked = match timeout_at(until, first).await {
        Ok(Err(broken)) if is_broken_circuit(&broken) => {
            let second = async {
                sleep(timeouts::NEW_CIRCUIT).await;
                trace.asks_tor_again();
                second.await
            };
            match timeout_at(until, second).await {
                Ok(Err(failure)) if !matches!(failure.cause, Cause::ProxyReply { .. }) => Err(broken),
                Ok(asked) => asked,
                Err(_) => Err(broken),
            }
        }
        Ok(asked) => asked,
        Err(_) => Err(Failure::new(Stage::Proxy, Cause::Silence)),
    };
    let stream = asked?;
    trace.circuit_made();
    Ok(stream)
}

/// Whether Tor says that no circuit carried the stream. An onion service that is not found or wants a key, a port that no exit
/// takes, and what the exit says of the host have codes of their own.
fn is_broken_circuit(failure: &Failure) -> bool {
    matches!(failure.cause, Cause::ProxyReply { code } if TorFault::of_reply(code) == Some(TorFault::Circuit))
}
