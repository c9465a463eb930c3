//! Signed communities of the client: where one moved, and bundles that are handed on without a network.

use std::path::Path;
use std::sync::Arc;

use crate::bundle::{self, TakenBundle};
use crate::client::{Client, community_id};
use crate::configuration::Exposure;
use crate::errors::{BywayError, Own, Worded};
use crate::opened::Opened;
use crate::runtime::{CancelHandle, blocking};

#[uniffi::export]
impl Client {
    /// Reads the successor that a kept community names, over routes that are not direct, and says in a note what is
    /// signed of the move. Nothing is decided by that. What a page names that signs nothing is not contacted: the kept
    /// community is returned, and the note has the address.
    #[uniffi::method(default(cancel = None))]
    pub async fn successor(&self, id: String, cancel: Option<Arc<CancelHandle>>) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = byway.successor(&community_id(&id, language)?).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the
    /// successor. A later `open` of the old community leads there as well. A disputed move is not followed; the note
    /// says so.
    ///
    /// Without a signature of both sides the yes alone counts, so show both fingerprints first (`successor`).
    #[uniffi::method(default(cancel = None))]
    pub async fn follow(&self, id: String, cancel: Option<Arc<CancelHandle>>) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = byway.follow(&community_id(&id, language)?).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Stays at a community although it names a successor. `follow` takes that back. Nothing happens if the community is
    /// not kept or names no successor.
    pub async fn stay(&self, id: String) -> Result<(), BywayError> {
        self.finish(|byway, language| async move {
            byway.stay(&community_id(&id, language)?).await.map(drop).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Takes in a bundle and keeps what is genuine of it, beside what is known of the community. Nothing is sent: a
    /// bundle proves itself. From then on the community has at least this exposure, and its mirrors are not contacted
    /// directly until the user opens the community's link. It is carried out even if the call is cancelled.
    pub async fn take_bundle(&self, bytes: Vec<u8>, exposure: Exposure) -> Result<TakenBundle, BywayError> {
        self.finish(|byway, language| async move {
            let taken = byway.take_bundle(bytes, exposure.into()).await;
            taken.map(|taken| TakenBundle::of(taken, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// The same with the bytes of a file.
    pub async fn take_bundle_file(&self, path: String, exposure: Exposure) -> Result<TakenBundle, BywayError> {
        let read = self.finish(|_, language| async move {
            blocking(language, move || bundle::read(Path::new(&path)).map_err(|_| Own::File.error(language))).await
        });
        self.take_bundle(read.await?, exposure).await
    }
}
