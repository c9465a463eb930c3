//! Carries bytes between two streams, segment by segment: this is a proxy's tunnel, and the censor's position.
//!
//! Without an [`Inspector`] it is a faithful pipe: ends and resets pass, too. With one, the censor sees every segment
//! from the client before it passes.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::inspect::{Inspector, Look};
use crate::link::MSS;
use crate::rule::Action;
use crate::server::intercept;
use crate::stream::{BoxWire, Rewound};

/// An action on a flow from outside it.
pub(crate) type Fate = watch::Receiver<Option<Action>>;

/// Relays until both sides are done. Dropping the future closes both.
pub(crate) async fn relay(
    mut client: BoxWire,
    mut server: BoxWire,
    mut inspector: Option<Inspector>,
    mut fate: Option<Fate>,
) {
    let (mut from_client, mut from_server) = (vec![0; BUFFER], vec![0; BUFFER]);
    let (mut up, mut down) = (true, true);
    let mut held: Vec<Bytes> = Vec::new();
    let mut shape = Shape::default();
    if let Some(inspector) = &mut inspector {
        inspector.opened().into_iter().for_each(|action| shape.take(&action));
    }
    while up || down {
        // Biased: a random order would give different logs for the same scenario.
        tokio::select! {
            biased;
            fate = met(&mut fate) => match fate {
                Action::Reset => {
                    client.reset();
                    server.reset();
                    return;
                }
                _ => return black_hole(client, server).await,
            },
            read = client.read(&mut from_client), if up => match read {
                Ok(0) => {
                    up = false;
                    let _ = server.shutdown().await;
                }
                Ok(length) => {
                    let segment = Bytes::copy_from_slice(&from_client[..length]);
                    let look = inspector.as_mut().map_or(Look::Pass, |inspector| inspector.client_sent(&segment));
                    held.push(segment);
                    match look {
                        Look::Pass => {}
                        Look::Hold => continue,
                        Look::Act(actions) => for action in actions {
                            match action {
                                Action::Reset => {
                                    client.reset();
                                    server.reset();
                                    return;
                                }
                                Action::Close => return,
                                Action::Swallow => return black_hole(client, server).await,
                                Action::Answer(page) => {
                                    server.reset();
                                    let _ = client.write_all(&page.as_http1()).await;
                                    let _ = client.shutdown().await;
                                    // It continues to read, so that what the client still sends does not cause a reset.
                                    while matches!(client.read(&mut from_client).await, Ok(1..)) {}
                                    return;
                                }
                                Action::ForgeCertificate => {
                                    server.reset();
                                    if let Some(inspector) = &inspector {
                                        intercept(inspector, Rewound::new(held, client)).await;
                                    }
                                    return;
                                }
                                Action::Delay(time) => sleep(time).await,
                                other => shape.take(&other),
                            }
                        },
                    }
                    for segment in held.drain(..) {
                        if server.write_all(&segment).await.is_err() {
                            // What the server sent before it closed may still be in transit to the client.
                            up = false;
                            break;
                        }
                    }
                }
                Err(_) => {
                    server.reset();
                    return;
                }
            },
            read = server.read(&mut from_server), if down => match read {
                Ok(0) => {
                    down = false;
                    let _ = client.shutdown().await;
                }
                Ok(length) => {
                    if let Some(inspector) = &mut inspector {
                        inspector.server_sent();
                    }
                    let passed = shape.admit(length);
                    if client.write_all(&from_server[..passed]).await.is_err() {
                        server.reset();
                        return;
                    }
                    if passed < length {
                        return black_hole(client, server).await;
                    }
                    shape.pause(passed).await;
                }
                Err(error) => {
                    if error.kind() == io::ErrorKind::ConnectionReset {
                        client.reset();
                    }
                    return;
                }
            },
        }
    }
}

async fn met(fate: &mut Option<Fate>) -> Action {
    if let Some(fate) = fate
        && fate.changed().await.is_ok()
        && let Some(action) = &*fate.borrow_and_update()
    {
        return action.clone();
    }
    std::future::pending().await
}

/// Nothing passes any more in either direction, and neither side gets a message.
async fn black_hole(mut client: BoxWire, server: BoxWire) {
    let mut buffer = vec![0; BUFFER];
    while matches!(client.read(&mut buffer).await, Ok(1..)) {}
    drop(server);
}

/// What slows or ends a flow towards the client.
#[derive(Debug, Default)]
struct Shape {
    bytes_left: Option<usize>,
    packets_left: Option<usize>,
    rate: Option<u64>,
}

impl Shape {
    fn take(&mut self, action: &Action) {
        match action {
            Action::FreezeAfterBytes(bytes) => self.bytes_left = Some(*bytes),
            Action::FreezeAfterPackets(packets) => self.packets_left = Some(*packets),
            Action::Rate(rate) => self.rate = Some((*rate).max(1)),
            _ => {}
        }
    }

    /// How much of a segment passes; less than all of it ends the flow.
    fn admit(&mut self, length: usize) -> usize {
        let mut length = length;
        if let Some(packets) = &mut self.packets_left {
            // On a real socket several packets are read at once.
            length = length.min(packets.saturating_mul(MSS));
            *packets -= length.div_ceil(MSS);
        }
        let Some(bytes) = &mut self.bytes_left else { return length };
        let passed = length.min(*bytes);
        *bytes -= passed;
        passed
    }

    async fn pause(&self, bytes: usize) {
        if let Some(rate) = self.rate {
            sleep(Duration::from_millis((bytes as u64).saturating_mul(1000) / rate)).await;
        }
    }
}

/// More than a segment, so that each is read whole.
const BUFFER: usize = 16 * 1024;
