//! The store through its API: contents, kills, damage, and what a seized phone shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod changes;
mod damaged;
mod earlier;
mod held;
mod kept;
mod keys;
mod killed;
mod made;
mod merged;
mod search;
mod seized;
