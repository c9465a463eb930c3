//! The signed community: an identity that no host, no name and no single key can take away.
//!
//! Three layers, of which `docs/format.md` is the full description:
//!
//! - A [`Chain`] of [`Charter`]s says who decides. The digest of the first is the community's id.
//! - A [`Head`] says what the newest state is. A reader that knows one notices when a mirror withholds something.
//! - Content is Nostr events, signed by keys that the charter names.
//!
//! [`CommunityLink`] is how people hand a community on: the id, the first mirrors, the fingerprint of its keys and the
//! lowest exposure.
//!
//! This room is data and verification alone. It knows no network, no store and no clock: bytes and the time are given to
//! it, and it answers with a state or a typed error. What is carried is never believed because of who carried it.
//! Reading and writing stand beside each other, so that they can't drift apart: what [`Charter::seal`] writes,
//! [`Charter::read`] reads.

mod admission;
mod bundle;
mod chain;
mod charter;
mod content;
mod deletions;
mod digest;
mod envelope;
mod event;
mod file;
mod folder_error;
mod freeze;
mod head;
mod hex;
mod id;
mod json;
mod key;
mod link;
mod moment;
mod moved;
mod not_genuine;
mod picture;
mod routes;
mod succession;
#[cfg(test)]
mod tests;
mod trust;
mod verified_freeze;

pub use admission::{Admission, Role};
pub use bundle::{Bundle, BundleError, MAX_BUNDLE_BYTES, MAX_BUNDLE_PICTURES};
pub use chain::{Chain, ChainError, Extension, Sighting};
pub use charter::{
    Ban, Charter, CharterError, CharterHome, Copied, FORMAT, Hints, HomeKind, HostAddresses, KeySet, KnownRestriction,
    MAX_BANNED, MAX_DESCRIPTION, MAX_HINTS, MAX_HOMES, MAX_NAME, MAX_RESTRICTIONS, MAX_VERSION, Recovery, Successor,
};
pub use content::{Change, Content, EDITED_AT, PUBLISHED_AT};
pub use digest::{COMMUNITY_SCHEME, Digest, DigestError, Hasher};
pub use envelope::{DocumentKind, Envelope, EnvelopeError, MAX_SIGNATURES};
pub use event::{EventError, EventKind, MAX_LINE, MAX_TAG_TEXT, SignedEvent};
pub use file::{FileError, FileReader, LinesFromEnd, MAX_EVENTS, ReadLine};
pub use folder_error::FolderError;
pub use freeze::{Freeze, FreezeError};
pub use head::{FileEntry, Head, HeadError, HeadStep, Heads, MAX_FILE_BYTES, MAX_MONTH_BYTES, NEWEST, month_file};
pub use id::{KeyFingerprint, SignedId, SignedIdError};
pub use key::{KeyTextError, NoRandomness, PublicKey, Signature, SigningKey};
pub use link::{CommunityLink, CommunityLinkError, LINK_META, MAX_LINK_BYTES, MAX_LINK_MIRRORS};
pub use moment::{is_plausible, to_minute};
pub use moved::{Move, MoveKind};
pub use not_genuine::{NotGenuine, Unbelieved};
pub use picture::{MAX_PICTURE_BYTES, PICTURES, picture_digest, picture_file};
pub use routes::{RouteList, RoutePackError};
pub use succession::{
    Follow, MAX_MOVES, SUCCESSION_WAIT, SignerChange, Succession, Walk, WalkEnd, named_at, old_side, succession, walk,
};
pub use trust::trust;

pub use crate::community::{Trust, TrustReason, TrustState};
