//! Hands the keys for restricted onion services to the client. They stay in its memory.

use arti_client::{HsId, KeystoreSelector, TorClient};
use tor_hscrypto::pk::HsClientDescEncSecretKey;
use tor_llcrypto::pk::curve25519::StaticSecret;

use super::fault::{not_started, stall_of};
use super::runtime::TorRuntime;
use crate::transport::{Failure, OnionKey, TorStall};

/// # Errors
///
/// If arti does not take one: never, because its form was checked and there is one for each address.
pub(super) fn insert(client: &TorClient<TorRuntime>, keys: &[OnionKey]) -> Result<(), Failure> {
    for key in keys {
        let service: HsId = key.address().parse().map_err(|_| not_started(TorStall::Unknown))?;
        let secret = HsClientDescEncSecretKey::from(StaticSecret::from(*key.key()));
        let inserted = client.insert_service_discovery_key(KeystoreSelector::Primary, service, secret);
        inserted.map_err(|error| not_started(stall_of(&error)))?;
    }
    Ok(())
}
