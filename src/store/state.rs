//! What a store holds in each of its states: open, suspended, locked.

use super::StoreError;
use super::database::Database;
use super::files::Lock;
use super::key::DataKey;

pub(super) enum StoreState {
    Open(Box<OpenStore>),
    Suspended(KeyMaterial),
    Locked,
}

/// What a suspended store keeps in memory.
pub(super) struct KeyMaterial {
    pub(super) key: DataKey,
    /// The content of the key file, to check after suspension that it is still the same store.
    pub(super) file: Vec<u8>,
}

/// Fields are dropped in their order: the database is closed before the directory is released.
pub(super) struct OpenStore {
    pub(super) database: Database,
    pub(super) held: KeyMaterial,
    pub(super) _lock: Option<Lock>,
}

pub(super) fn opened(state: &mut StoreState) -> Result<&mut Database, StoreError> {
    match state {
        StoreState::Open(open) => Ok(&mut open.database),
        StoreState::Suspended(_) => Err(StoreError::Suspended),
        StoreState::Locked => Err(StoreError::Locked),
    }
}
