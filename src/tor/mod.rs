//! A Tor client within the process: the strategy `tor:`.
//!
//! It is arti, on a runtime of ours: its connections go through the [`Net`](crate::net::Net), its TLS has our provider, and
//! its tasks end with it. It starts with the first stream and is ended when nothing has used it for a while, so that an
//! idle one costs nothing. What it keeps on the disk (the directory of relays, the chosen guards) makes the next start short.

mod client;
mod connection;
mod fault;
mod network;
mod never;
mod only;
mod reach;
mod runtime;
mod start;
mod tasks;
mod usage;

pub(crate) use client::EmbeddedTor;
pub use network::{TorNetwork, TorNetworkError};
