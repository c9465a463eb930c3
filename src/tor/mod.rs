//! A Tor client within the process: the strategy `tor:`.
//!
//! It is arti, on a runtime of ours: its connections go through the [`Net`](crate::net::Net), its TLS has our provider, and
//! its tasks end with it. It starts with the first stream and is ended when nothing has used it for a while, so that an
//! idle one costs nothing. With bridges it contacts these and no public relay. What it keeps on the disk (the directory of relays, the chosen guards) makes the next start short.

mod bridges;
mod circuits;
mod client;
mod connection;
mod ending;
mod fault;
mod folders;
mod making;
mod network;
mod never;
mod onion_keys;
mod only;
mod program;
mod reach;
mod relay_time;
mod runtime;
mod start;
mod tasks;
mod usage;

pub(crate) use bridges::TorBridges;
pub(crate) use client::{EmbeddedTor, TorFiles, TorSettings};
pub use network::{TorNetwork, TorNetworkError};
