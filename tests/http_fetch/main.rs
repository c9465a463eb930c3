//! The HTTP engine, end to end, over a scripted network in virtual time.
//!
//! Servers are scripts that read and write raw bytes, so that they can have the faults of real ones. The censored
//! internet with its delays is the lab's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod forms;
mod limits;
mod net;
mod pool;
mod redirects;
mod resume;
mod stream;
