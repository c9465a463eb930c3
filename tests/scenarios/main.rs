//! What networks do to a user, and what the production stack makes of it: rows of the scenarios' table, in virtual
//! time over the lab. A row is judged on the verdict's code and layer and on what the user then gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod budget;
mod cleartext;
mod drip;
mod encrypted;
mod events;
mod exposure;
mod false_positives;
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
mod verdicts;
