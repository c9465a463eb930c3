use jiff::Timestamp;

use super::error::PublishError;
use super::keys::CommunityKeys;
use crate::signed::{Digest, RouteList, SignedId, to_minute};
use crate::store::Secret;

/// A pack of routes for a circle of people: these strategies as text, signed with a root or routine key of the community, and sealed
/// with a passphrase that the circle knows. It is handed on in person or in a chat, and never published. Blocks, for about half a second
/// of CPU on a PC.
///
/// # Errors
/// [`PublishError::RoutesLimits`] if there is none or more than 32, one has more than 2,048 characters, or it expires in the past or in more than
/// 366 days; [`PublishError::NoRandomness`].
pub fn route_pack(
    community: SignedId,
    keys: &CommunityKeys,
    strategies: &[String],
    expires: Timestamp,
    passphrase: &Secret,
    now: Timestamp,
) -> Result<Vec<u8>, PublishError> {
    let community = Digest::from_bytes(*community.as_bytes());
    let list = RouteList::new(community, to_minute(now), to_minute(expires), strategies.to_vec());
    let envelope = list.seal(&keys.routine).map_err(|_| PublishError::RoutesLimits)?;
    passphrase.seal(envelope.to_json().as_bytes()).map_err(|_| PublishError::NoRandomness)
}
