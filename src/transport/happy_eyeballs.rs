//! Connects to the first address of a name that answers (RFC 8305).

use std::net::SocketAddr;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use super::{Failure, Stage, Trace, timeouts};
use crate::net::{BoxStream, Net};

/// Tries the next address when one has failed, or after [`timeouts::STAGGER`] of silence.
pub(super) async fn connect_first(
    net: &dyn Net,
    addresses: &[SocketAddr],
    trace: &Trace,
) -> Result<BoxStream, Failure> {
    let mut left = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut first_failure = None;
    loop {
        if let Some(address) = left.next() {
            trace.dialled(address.ip());
            running.push(async move { (address, net.connect(address).await) });
        }
        let next = async {
            if left.len() == 0 {
                std::future::pending::<()>().await;
            }
            sleep(timeouts::STAGGER).await;
        };
        tokio::select! {
            biased;
            Some((address, connected)) = running.next() => match connected {
                Ok(stream) => {
                    trace.dialled(address.ip());
                    return Ok(stream);
                }
                Err(error) => {
                    let failure = Failure::io(Stage::Tcp, &error);
                    if running.is_empty() && left.len() == 0 {
                        return Err(first_failure.unwrap_or(failure));
                    }
                    first_failure.get_or_insert(failure);
                }
            },
            () = next => {}
        }
    }
}
