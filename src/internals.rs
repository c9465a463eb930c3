//! The private rooms, for this repository's own tests, benches and fuzz targets.
//!
//! Built with the hidden feature `internals` only. Nothing in here is part of the public API: it changes with any commit.

#![allow(missing_docs, reason = "each room is documented where it is")]

pub mod client {
    pub use crate::client::*;
}

pub mod fetch {
    pub use crate::fetch::*;
}

pub mod reach {
    pub use crate::reach::*;
}

pub mod sentences {
    pub use crate::sentences::*;
}

pub mod store {
    pub use crate::store::*;
}

pub mod strategies {
    pub use crate::strategies::*;
}

pub mod transport {
    pub use crate::transport::*;
}

pub mod wire {
    pub use crate::wire::*;
}

pub mod vk {
    pub use crate::source::vk::*;
}

/// A request's body that is a stream, as the reqwest face makes one.
pub fn payload_stream<B>(body: B, length: Option<u64>) -> fetch::Payload
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fetch::Payload::stream(body, length)
}

/// A failure, as the dialer and the engine write it down.
pub fn failure(stage: transport::Stage, cause: transport::Cause) -> transport::Failure {
    transport::Failure::new(stage, cause)
}
