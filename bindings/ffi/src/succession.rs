//! Signed communities of the client: where one moved, and bundles that are handed on without a network.

use std::path::Path;
use std::sync::Arc;

use byway::KeyFingerprint;

use crate::bundle::{self, TakenBundle};
use crate::client::{Client, community_id};
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Own, Worded};
use crate::opened::Opened;
use crate::runtime::{CancelHandle, blocking};

/// The move about which the user was asked: the values of a `Move` that the answer is for.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ShownMove {
    /// The id of the old community.
    pub from: String,
    /// The id of the new one, if the move has one.
    pub to: Option<String>,
    /// Its addresses: the one at which it is read, and all others.
    pub homes: Vec<String>,
    /// The fingerprint of the old community's root keys, if it was shown.
    pub from_keys: Option<String>,
    /// That of the new community's root keys, if it was shown.
    pub to_keys: Option<String>,
}

impl ShownMove {
    fn read(self, language: Language) -> Result<byway::Move, BywayError> {
        let Self { from, to, homes, from_keys, to_keys } = self;
        let to = to.map(|to| community_id(&to, language)).transpose()?;
        let mut shown = byway::Move::new(byway::MoveKind::Claimed, community_id(&from, language)?, to);
        // What is not an address, or is one too many, is left out: then the answer is for less, and is refused rather than widened.
        shown.homes = homes.iter().take(MOST_HOMES).filter_map(|home| home.parse().ok()).collect();
        // A text that is no fingerprint is not the one that counts.
        let keys = |text: Option<String>| {
            text.map(|text| KeyFingerprint::parse(&text).unwrap_or_else(|| KeyFingerprint::of([])))
        };
        (shown.from_keys, shown.to_keys) = (keys(from_keys), keys(to_keys));
        Ok(shown)
    }
}

/// The address at which a successor was read, and as many as a move has.
const MOST_HOMES: usize = 5;

#[uniffi::export]
impl Client {
    /// Reads the successor that a kept community names, over routes that are not direct, and says in a note what is
    /// signed of the move. Nothing is decided by that. What a page names that signs nothing is not contacted: the kept
    /// community is returned, and the note has the address.
    #[uniffi::method(default(cancel = None))]
    pub async fn successor(&self, id: String, cancel: Option<Arc<CancelHandle>>) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = Box::pin(byway.successor(&community_id(&id, language)?)).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the
    /// successor. A later `open` of the old community leads there as well. A disputed move is not followed; the note
    /// says so.
    ///
    /// `shown` is the move about which the user was asked, as a note has it. The yes is for the community, the addresses and
    /// the keys in it: if the community names another successor or address by now, nothing is contacted, and the error is
    /// `successor_changed`. Without a signature of both sides the yes alone counts, so show both fingerprints first
    /// (`successor`).
    #[uniffi::method(default(cancel = None))]
    pub async fn follow(&self, shown: ShownMove, cancel: Option<Arc<CancelHandle>>) -> Result<Opened, BywayError> {
        self.call(cancel, |byway, language| async move {
            let opened = Box::pin(byway.follow(&shown.read(language)?)).await;
            opened.map(|opened| Opened::of(opened, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Stays at a community although it names the successor that was shown. `follow` takes that back. `false`: there was nothing to
    /// decide, because the community is not kept or names no successor. If it names another one, the error is
    /// `successor_changed`.
    pub async fn stay(&self, shown: ShownMove) -> Result<bool, BywayError> {
        self.finish(|byway, language| async move {
            byway.stay(&shown.read(language)?).await.map_err(|error| error.worded(language))
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
