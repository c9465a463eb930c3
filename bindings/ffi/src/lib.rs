//! What Kotlin and Swift see of Byway: the surface that uniffi exports.
//!
//! This crate decides nothing. It turns the core's types into records, enums and objects that cross a language border,
//! runs the core's futures on a runtime of its own, and turns every failure, a panic included, into a [`BywayError`].
//! The layers that an app's developer meets (`bindings/kotlin`, `bindings/swift`) are written by hand on what is generated
//! from here.
//!
//! Rules that hold for every export:
//!
//! - It answers a `Result`, because a panic in a Swift function that cannot throw ends the app.
//! - Numbers are `i32`, `i64` and `f64`; times are `SystemTime` and `Duration`.
//! - What belongs to a closed list crosses as an enum; what may grow (rule ids, causes) as its stable code.
//! - Sentences are in the client's language.
//!
//! The comments become KDoc and Swift comments, so they carry no Rust links.

// The scaffolding of uniffi is `extern "C"`, and what it exports must be reachable from outside.
#![allow(unsafe_code, reason = "uniffi's generated scaffolding")]

#[macro_use]
mod codes;

mod client;
mod community;
mod configuration;
mod errors;
mod events;
mod evidence;
mod http;
mod keys;
mod numbers;
mod reading;
mod runtime;
mod strategies;

pub use client::Client;
pub use community::*;
pub use configuration::*;
pub use errors::{BywayError, ErrorKind, Fault};
pub use events::*;
pub use evidence::*;
pub use http::*;
pub use keys::*;
pub use reading::*;
pub use runtime::{CancelHandle, Diagnostics, diagnostics};
pub use strategies::*;

uniffi::setup_scaffolding!();
