//! What Kotlin and Swift see of Byway: the surface that uniffi exports.
//!
//! This crate decides nothing. It turns the core's types into records, enums and objects for other languages, runs the
//! core's futures on its own runtime, and turns every failure, even a panic, into a [`BywayError`]. App developers use
//! the layers in `bindings/kotlin` and `bindings/swift`, which are written by hand on top of what is generated from
//! here.
//!
//! Rules for every export:
//!
//! - It returns a `Result`, because a panic in a Swift function that cannot throw ends the app.
//! - Numbers are `i32`, `i64` and `f64`; times are `SystemTime` and `Duration`.
//! - A closed list is an enum. What may grow (rule ids, causes) is a stable code.
//! - Sentences are in the client's language.
//!
//! The comments become KDoc and Swift comments, so they contain no Rust links.

// The scaffolding of uniffi is `extern "C"`, and what it exports must be reachable from outside.
#![allow(unsafe_code, reason = "uniffi's generated scaffolding")]

#[macro_use]
mod codes;

mod bundle;
mod changes;
mod client;
mod community;
mod configuration;
#[cfg(all(debug_assertions, feature = "tor"))]
mod debug_tor;
mod duration;
mod errors;
mod events;
mod evidence;
mod feed_list;
mod fetched;
mod fingerprints;
mod given;
mod http;
mod keys;
mod link;
mod lists;
mod mirrors;
mod numbers;
mod opened;
mod options;
mod preview;
mod publisher;
mod route_pack;
mod runtime;
mod standing;
mod strategies;
mod succession;
mod synced;
mod tor_transport;
mod trust;

pub use bundle::TakenBundle;
pub use changes::*;
pub use client::Client;
pub use community::*;
pub use configuration::*;
pub use duration::duration_text;
pub use errors::{BywayError, ErrorKind, Fault};
pub use events::*;
pub use evidence::*;
pub use feed_list::*;
pub use fetched::*;
pub use fingerprints::*;
pub use http::*;
pub use keys::*;
pub use link::*;
pub use lists::*;
pub use mirrors::*;
pub use opened::*;
pub use options::*;
pub use preview::*;
pub use publisher::*;
pub use route_pack::*;
pub use runtime::{CancelHandle, Diagnostics, diagnostics};
pub use standing::*;
pub use strategies::*;
pub use succession::ShownMove;
pub use synced::*;
pub use tor_transport::TorTransport;
pub use trust::*;

uniffi::setup_scaffolding!();

/// Every argument of an exported call crosses in a buffer of uniffi, which is freed as it is, and the buffers of HTTP hold tokens
/// too. So all memory that the library's Rust code frees is overwritten. The app's own allocator is not changed.
#[global_allocator]
static ALLOCATOR: byway_allocator::Overwriting = byway_allocator::Overwriting::new();
