//! What is remembered of a signed community without any network.

use crate::client::{Client, community_id};
use crate::errors::{BywayError, Worded};
use crate::mirrors::MirrorStanding;
use crate::opened::Note;
use crate::trust::Trust;

/// What is remembered of a signed community that is kept. Empty for a community that is not signed.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Standing {
    /// What may be believed now of what is kept: a state gets old, or is disputed, without a new reading.
    pub trust: Trust,
    /// What may be believed, and each move to or from another community.
    pub notes: Vec<Note>,
    /// Its homes. One that was never asked is not among them.
    pub homes: Vec<MirrorStanding>,
}

#[uniffi::export]
impl Client {
    /// What is remembered of a community that is kept: what may be believed of it, its moves, and how its homes behaved. Nothing is
    /// contacted.
    pub async fn standing(&self, id: String) -> Result<Standing, BywayError> {
        self.call(None, |byway, language| async move {
            let standing = byway.standing(&community_id(&id, language)?).await;
            let standing = standing.map_err(|error| error.worded(language))?;
            Ok(Standing {
                trust: Trust::of(standing.trust(), language),
                notes: standing.notes.iter().map(|note| Note::of(note, language)).collect(),
                homes: standing.homes.into_iter().map(|home| MirrorStanding::of(home, language)).collect(),
            })
        })
        .await
    }
}
