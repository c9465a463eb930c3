//! The private modules, for this repository's own tests, benches and fuzz targets.
//!
//! Built only with the hidden feature `internals`. Nothing in here is part of the public API: it may change with any
//! commit.

#![allow(missing_docs, reason = "each room is documented where it is")]

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::community::{Community, CommunityId, Event, Home, Post};
use crate::exposure::Exposure;
use crate::store::{Store, StoreError};

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

pub mod signed {
    pub use crate::signed::*;
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

pub mod notice {
    pub use crate::source::notice::*;
}

pub mod vk {
    pub use crate::source::vk::*;
}

/// A request body from a stream, as the reqwest integration makes one.
pub fn payload_stream<B>(body: B, length: Option<u64>) -> fetch::Payload
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fetch::Payload::stream(body, length)
}

/// A failure, as the dialer and the engine record it.
pub fn failure(stage: transport::Stage, cause: transport::Cause) -> transport::Failure {
    transport::Failure::new(stage, cause)
}

/// Operations of the client on its store that apps do not have.
pub trait ClientStore {
    fn upsert(&self, batch: &store::Batch<'_>) -> Result<store::BatchOutcome, StoreError>;
    fn upsert_community(&self, community: &Community, read_at: Timestamp) -> Result<(), StoreError>;
    fn upsert_posts(
        &self,
        id: &CommunityId,
        posts: &[Post],
        read_at: Timestamp,
    ) -> Result<store::BatchOutcome, StoreError>;
    fn upsert_events(
        &self,
        id: &CommunityId,
        events: &[Event],
        read_at: Timestamp,
    ) -> Result<store::BatchOutcome, StoreError>;
    fn all_posts(&self, id: &CommunityId) -> store::Posts;
    fn raise_floor<'a>(&self, subject: impl Into<store::Subject<'a>>, floor: Exposure) -> Result<(), StoreError>;
    fn floor<'a>(&self, subject: impl Into<store::Subject<'a>>) -> Result<Exposure, StoreError>;
    fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    fn remove_blob(&self, name: &str) -> Result<(), StoreError>;
    fn secret(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError>;
    fn set_home(&self, home: &Home, id: &CommunityId) -> Result<(), StoreError>;
    fn generation(&self) -> u64;
}

impl ClientStore for Store {
    fn upsert(&self, batch: &store::Batch<'_>) -> Result<store::BatchOutcome, StoreError> {
        Store::upsert(self, batch)
    }

    fn upsert_community(&self, community: &Community, read_at: Timestamp) -> Result<(), StoreError> {
        Store::upsert_community(self, community, read_at)
    }

    fn upsert_posts(
        &self,
        id: &CommunityId,
        posts: &[Post],
        read_at: Timestamp,
    ) -> Result<store::BatchOutcome, StoreError> {
        Store::upsert_posts(self, id, posts, read_at)
    }

    fn upsert_events(
        &self,
        id: &CommunityId,
        events: &[Event],
        read_at: Timestamp,
    ) -> Result<store::BatchOutcome, StoreError> {
        Store::upsert_events(self, id, events, read_at)
    }

    fn all_posts(&self, id: &CommunityId) -> store::Posts {
        Store::all_posts(self, id)
    }

    fn raise_floor<'a>(&self, subject: impl Into<store::Subject<'a>>, floor: Exposure) -> Result<(), StoreError> {
        Store::raise_floor(self, subject, floor)
    }

    fn floor<'a>(&self, subject: impl Into<store::Subject<'a>>) -> Result<Exposure, StoreError> {
        Store::floor(self, subject)
    }

    fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Store::blob(self, name)
    }

    fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        Store::set_blob(self, name, bytes)
    }

    fn remove_blob(&self, name: &str) -> Result<(), StoreError> {
        Store::remove_blob(self, name)
    }

    fn secret(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
        Store::secret(self, name)
    }

    fn set_home(&self, home: &Home, id: &CommunityId) -> Result<(), StoreError> {
        Store::set_home(self, home, id)
    }

    fn generation(&self) -> u64 {
        Store::generation(self)
    }
}
