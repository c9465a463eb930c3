//! The rows of docs/networks.md against the production stack, in virtual time over the lab. Each row checks the verdict's
//! code and layer and what the user gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod budget;
mod cleartext;
mod drip;
mod encrypted;
mod events;
mod exposure;
mod false_positives;
mod homes;
mod host_word;
mod isolation;
mod judged;
mod named;
mod progress;
mod racing;
mod resolvers;
mod shadowsocks;
mod shaped;
mod stack;
mod survival;
mod times;
mod tor_port;
mod verdicts;
