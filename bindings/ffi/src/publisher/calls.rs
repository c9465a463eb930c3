//! A publisher as an object for Kotlin and Swift. Every call blocks in the core, so it runs on a thread for blocking work, and
//! is carried out even if it is cancelled: a published state is signed once.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use byway::jiff::Timestamp;
use byway::publisher::PublishError;
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use super::key_files::{new_keys, opened_keys, secret};
use super::pictures::{GivenPicture, cleaned};
use super::records::{FilesWritten, Gathering, Published, Statement, WaitingRecovery, signed_link};
use crate::configuration::{Exposure, Language};
use crate::errors::{BywayError, Own, Worded};
use crate::link::SignedLink;
use crate::numbers::{length, time};
use crate::runtime::blocking;

/// A signed community in a folder on this device, with the keys to change it. The folder is a complete mirror and can be put
/// on a web server as it is; the keys are not in it. One publisher at a time opens a folder.
///
/// Published times are rounded to the minute. Nothing is sent but by `upload`.
#[derive(uniffi::Object)]
pub struct Publisher {
    /// `None` after its end.
    core: Arc<Mutex<Option<Core>>>,
    /// A call panicked: what it left half made must not be signed.
    is_spoilt: Arc<AtomicBool>,
    language: Language,
}

type Core = byway::publisher::Publisher;

/// The publisher, for the time of one call.
pub(super) struct Lent {
    core: OwnedMappedMutexGuard<Option<Core>, Core>,
    is_spoilt: Arc<AtomicBool>,
}

impl Deref for Lent {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Core {
        &mut self.core
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.is_spoilt.store(true, Ordering::Release);
        }
    }
}

impl Publisher {
    pub(super) fn of(core: Core, language: Language) -> Arc<Self> {
        Arc::new(Self { core: Arc::new(Mutex::new(Some(core))), is_spoilt: Arc::default(), language })
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Core, Timestamp, Language) -> Result<T, BywayError> + Send + 'static,
    ) -> Result<T, BywayError> {
        let (core, is_spoilt, language) = (self.core.clone(), self.is_spoilt.clone(), self.language);
        blocking(language, move || {
            let mut lent = Lent::of(core.blocking_lock_owned(), is_spoilt, language)?;
            work(&mut lent, Timestamp::now(), language)
        })
        .await
    }

    /// The publisher, as soon as no other call has it.
    pub(super) fn lent(&self) -> impl Future<Output = Result<Lent, BywayError>> + Send + 'static {
        let (core, is_spoilt, language) = (self.core.clone(), self.is_spoilt.clone(), self.language);
        async move { Lent::of(core.lock_owned().await, is_spoilt, language) }
    }
}

impl Lent {
    fn of(
        slot: OwnedMutexGuard<Option<Core>>,
        is_spoilt: Arc<AtomicBool>,
        language: Language,
    ) -> Result<Self, BywayError> {
        let core = OwnedMutexGuard::try_map(slot, Option::as_mut).ok();
        let core = core.filter(|_| !is_spoilt.load(Ordering::Acquire));
        core.map(|core| Self { core, is_spoilt }).ok_or_else(|| Own::Closed.error(language))
    }
}

#[uniffi::export]
impl Publisher {
    /// Founds a community in a folder, which is created, with new keys in a new file that is sealed with this passphrase (in
    /// UTF-8). The file and the passphrase are all that an admin has to keep: without either nobody can publish any more. The
    /// pages of the web site are in this language, except for what the community writes.
    ///
    /// If the community cannot be founded, the new file of keys is removed.
    #[uniffi::constructor]
    pub async fn found(
        folder: String,
        key_file: String,
        passphrase: Vec<u8>,
        statement: Statement,
        language: Language,
    ) -> Result<Arc<Self>, BywayError> {
        let passphrase = secret(passphrase, language)?;
        blocking(language, move || {
            let statement = statement.core(language)?;
            let keys = new_keys(&key_file, passphrase, Some(Path::new(&folder)), language)?;
            let (folder, now) = (Path::new(&folder), Timestamp::now());
            let founded = byway::publisher::Publisher::found(folder, keys, &statement, now, language.into());
            let core = founded.map_err(|error| {
                // The keys of a community that was not founded open nothing. A failure after the founding leaves one.
                let is_anothers = matches!(error, PublishError::Exists | PublishError::Busy);
                let absent = byway::publisher::link_of(folder, byway::Exposure::Open, now);
                if is_anothers || matches!(absent, Err(PublishError::Absent)) {
                    let _ = std::fs::remove_file(&key_file);
                }
                error.worded(language)
            })?;
            Ok(Self::of(core, language))
        })
        .await
    }

    /// Opens the community of a folder with its keys, and verifies all of it as a reader would.
    ///
    /// A clock that contradicts what the folder states is an error (`clock`): a date ahead would stay in the community. With
    /// `trust_clock` a person says that the clock is right, and the folder was dated by a wrong one: then `dated_ahead` and `redate`
    /// bring it back.
    #[uniffi::constructor]
    pub async fn open(
        folder: String,
        key_file: String,
        passphrase: Vec<u8>,
        trust_clock: bool,
        language: Language,
    ) -> Result<Arc<Self>, BywayError> {
        let passphrase = secret(passphrase, language)?;
        blocking(language, move || {
            let keys = opened_keys(&key_file, passphrase, language)?;
            let now = Timestamp::now();
            let open = if trust_clock {
                byway::publisher::Publisher::open_trusting_clock
            } else {
                byway::publisher::Publisher::open
            };
            let core = open(Path::new(&folder), keys, now, language.into());
            core.map(|core| Self::of(core, language)).map_err(|error| error.worded(language))
        })
        .await
    }

    /// The community's link, with its first mirrors.
    pub async fn link(&self, exposure: Exposure) -> Result<SignedLink, BywayError> {
        self.call(move |core, now, _| Ok(core.link(exposure.into(), now).into())).await
    }

    /// The community, its posts and its gatherings, as readers see them.
    pub async fn content(&self) -> Result<Published, BywayError> {
        self.call(|core, now, _| {
            let (community, posts, events) = core.content(now);
            Ok(Published {
                community: community.into(),
                posts: posts.into_iter().map(Into::into).collect(),
                events: events.into_iter().map(Into::into).collect(),
            })
        })
        .await
    }

    /// What the charter in force says.
    pub async fn statement(&self) -> Result<Statement, BywayError> {
        self.call(|core, now, _| Ok(core.statement(now).into())).await
    }

    /// Publishes a post in the community's name, with at most 10 pictures. With one its text may be empty. The answer names it for
    /// `edit` and `delete`.
    pub async fn post(&self, text: String, pictures: Vec<GivenPicture>) -> Result<String, BywayError> {
        self.call(move |core, now, language| {
            let pictures = cleaned(&pictures, language)?;
            core.post_with(&text, &pictures, now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Replaces the text of a post, and its pictures if any are given, even if they are none. Readers see that it was edited.
    pub async fn edit(
        &self,
        name: String,
        text: String,
        pictures: Option<Vec<GivenPicture>>,
    ) -> Result<(), BywayError> {
        self.call(move |core, now, language| {
            let edited = match pictures.map(|pictures| cleaned(&pictures, language)).transpose()? {
                Some(pictures) => core.edit_with(&name, &text, &pictures, now),
                None => core.edit(&name, &text, now),
            };
            edited.map_err(|error| error.worded(language))
        })
        .await
    }

    /// Announces a gathering, or replaces the announcement with this name. The answer names it.
    pub async fn announce(&self, gathering: Gathering, replaces: Option<String>) -> Result<String, BywayError> {
        self.call(move |core, now, language| {
            let event = gathering.core(language)?;
            core.announce(&event, replaces.as_deref(), now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Deletes a post or an announcement. What was published may have been copied; readers with Byway no longer see it.
    pub async fn delete(&self, name: String) -> Result<(), BywayError> {
        self.call(move |core, now, language| core.delete(&name, now).map_err(|error| error.worded(language))).await
    }

    /// Makes the next charter, with this statement. Its `keys` change who decides, publishes and moderates; the other keys stay as they
    /// are. Where more than one key must sign, it is proposed instead (`propose`).
    pub async fn restate(&self, statement: Statement) -> Result<(), BywayError> {
        self.call(move |core, now, language| {
            core.restate(&statement.core(language)?, now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Names the community that continues this one, by its link; without a link, takes that back. The other one has to name
    /// this one too (`Statement.continues`): then both sides sign the move.
    pub async fn move_to(&self, successor: Option<String>) -> Result<(), BywayError> {
        self.call(move |core, now, language| {
            let link = successor.map(|link| signed_link(&link, language)).transpose()?;
            core.move_to(link.as_ref(), now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Replaces the keys with new ones in a new file that is sealed with this passphrase. The id stays. From then on the old
    /// keys may do nothing more.
    pub async fn rotate(&self, key_file: String, passphrase: Vec<u8>) -> Result<(), BywayError> {
        let passphrase = secret(passphrase, self.language)?;
        self.call(move |core, now, language| {
            // The new file is there before the community knows its keys. It stays if a file could not be written, because the
            // community may know them then.
            let keys = new_keys(&key_file, passphrase, None, language)?;
            core.rotate(keys, now).map_err(|error| {
                if is_refusal(&error) {
                    let _ = std::fs::remove_file(&key_file);
                }
                error.worded(language)
            })
        })
        .await
    }

    /// The recovery that waits in this folder, or that waited at a mirror when it was last published to or taken in from there. Root
    /// keys object to it by any charter of theirs. Absent if none waits.
    pub async fn recovery(&self) -> Result<Option<WaitingRecovery>, BywayError> {
        self.call(|core, now, _| Ok(core.recovery(now).map(Into::into))).await
    }

    /// The time of the freeze in this folder, if there is one: readers trust nothing that is signed later, and call the community
    /// disputed. What is signed after it is refused (`community_frozen`).
    pub async fn frozen(&self) -> Result<Option<SystemTime>, BywayError> {
        self.call(|core, now, _| Ok(core.frozen(now).map(time))).await
    }

    /// The date of the newest statement, if it is more than a day ahead of this clock.
    pub async fn dated_ahead(&self) -> Result<Option<SystemTime>, BywayError> {
        self.call(|core, now, _| Ok(core.dated_ahead(now).map(time))).await
    }

    /// Brings a community back to this clock, which is right, after another clock dated its newest statements ahead. What these keys
    /// published ahead is signed again with this time. What other keys published ahead is left out, and its number is the answer.
    pub async fn redate(&self) -> Result<i64, BywayError> {
        self.call(|core, now, language| core.redate(now).map(length).map_err(|error| error.worded(language))).await
    }

    /// Sets the language of the pages of the web site, which otherwise stays that of the founding.
    pub async fn set_page_language(&self, page_language: Language) -> Result<(), BywayError> {
        self.call(move |core, now, language| {
            core.set_page_language(page_language.into(), now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Renews the statement of the newest state, which readers otherwise call stale after 30 days, and brings another folder
    /// to it. Only what changed is written. If the folder has something that this one does not have, nothing is written,
    /// unless `replace` is set: then that is lost.
    pub async fn publish(&self, into: String, replace: bool) -> Result<FilesWritten, BywayError> {
        self.call(move |core, now, language| {
            let into = Path::new(&into);
            let written = if replace { core.publish_over(into, now) } else { core.publish(into, now) };
            written.map(Into::into).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Takes in what another folder of this community has and this one does not: charters, posts, gatherings and deletions of
    /// another admin, or of another phone. All of it is verified as a reader would.
    pub async fn take_in(&self, from: String) -> Result<(), BywayError> {
        self.call(move |core, now, language| {
            core.take_in(Path::new(&from), now).map_err(|error| error.worded(language))
        })
        .await
    }

    /// Overwrites the keys in memory and lets the folder go. Every later call fails as closed. Further calls of this do nothing.
    pub async fn end(&self) -> Result<(), BywayError> {
        let core = self.core.clone();
        blocking(self.language, move || {
            drop(core.blocking_lock().take());
            Ok(())
        })
        .await
    }
}

/// Whether the core refused a change before it wrote anything.
fn is_refusal(error: &PublishError) -> bool {
    matches!(
        error,
        PublishError::TooFewSigned
            | PublishError::OtherKeys
            | PublishError::KeysReplaced
            | PublishError::KeyRules
            | PublishError::Refused
    )
}
