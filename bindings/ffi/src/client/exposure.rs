//! Who may learn that a community is read.

use super::{Client, community_id};
use crate::configuration::Exposure;
use crate::errors::{BywayError, Worded};

#[uniffi::export]
impl Client {
    /// The exposure that applies to every access to this community.
    pub async fn exposure_of(&self, id: String) -> Result<Exposure, BywayError> {
        self.call(None, |byway, language| async move {
            let exposure = byway.exposure_of(&community_id(&id, language)?).await;
            exposure.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Raises the exposure of what a link leads to, to the one in the link or to `exposure`, whichever is higher. Only
    /// a wipe lowers it.
    pub async fn raise_exposure(&self, link: String, exposure: Option<Exposure>) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            let mut link: byway::HomeLink = link.parse().map_err(|error: byway::LinkError| error.worded(language))?;
            link.exposure = exposure.map_or(link.exposure, |given| link.exposure.max(given.into()));
            byway.raise_exposure(&link).await.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Allows direct strategies for this community, even if a restriction or its access advice speaks against them.
    pub async fn allow_direct(&self, id: String, allowed: bool) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.allow_direct(&community_id(&id, language)?, allowed).await.map_err(|error| error.worded(language))
        })
        .await
    }
}
