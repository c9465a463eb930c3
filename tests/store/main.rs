//! The store, through its front door: what is kept, what a kill leaves, what damage does, what a seized phone shows.

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
