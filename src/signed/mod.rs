//! A community that is an identity and not an address: it is known by the hash of its first charter, and proves itself
//! wherever it is carried.
//!
//! [`CommunityLink`] is how people hand it on: the id, the first mirrors, the fingerprint of its keys and the lowest
//! exposure. Nothing here touches a network, a store or a clock.

mod id;
mod link;

pub use id::{KeyFingerprint, SignedId, SignedIdError};
pub use link::{CommunityLink, CommunityLinkError, MAX_LINK_BYTES, MAX_LINK_MIRRORS};
