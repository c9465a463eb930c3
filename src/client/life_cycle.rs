//! What happens to the device while a client lives: its network changes, it sleeps and wakes, its store is locked or wiped.

use super::{Byway, Network};
use crate::reach::EngineEventKind;
use crate::store::{KeyProvider, StoreError};

impl Byway {
    /// Says which network the device is on. Where it is another one than before, this is a
    /// [`network_changed`](Byway::network_changed) too.
    pub fn set_network(&self, network: Network) {
        let id = network.ledger_id();
        let before = {
            let mut known = self.network_mut();
            std::mem::replace(&mut *known, network)
        };
        if before.ledger_id() != id {
            self.inner.http.set_network(id);
            self.network_changed();
        }
    }

    /// The network as it was told last.
    pub fn network(&self) -> Network {
        self.network_mut().clone()
    }

    /// The device's network is not what it was, though its id may be the same: connections that lie idle are dropped
    /// instead of being waited for in vain, requests that wait for an answer begin anew, where they may be sent again, and
    /// whatever was concluded of the network as a whole is forgotten.
    pub fn network_changed(&self) {
        self.inner.http.network_changed();
        self.inner.dial_backoff.forget();
        self.inner.events.send(|| EngineEventKind::NetworkChanged);
    }

    /// Forgets the store's key, the connections and the report; what is under way is not reported. Nothing is read or opened until
    /// [`unlock`](Byway::unlock): without its floors, nobody knows whom a community may be shown to.
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. The store is locked all the same.
    pub async fn lock(&self) -> Result<(), StoreError> {
        self.forget_session();
        let ledger_buffer = self.inner.store.ledger_buffer().clone();
        let locking = self.inner.store.change(move |store| {
            let _ = ledger_buffer.write_now(store);
            store.lock()
        });
        locking.await
    }

    /// Opens a locked store again. One that was wiped, or is in memory, begins empty. The key is asked for on a worker
    /// thread.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unlock(&self, key: impl KeyProvider + 'static) -> Result<(), StoreError> {
        self.inner.store.reopen(move |store| store.unlock(&key), self.wall()).await
    }

    /// Destroys everything that is kept, the key first, and forgets what this process has learned. The store is locked
    /// then. Make a new [`Byway`] to begin anew: what this one learns of ways is not written down any more. A reading that
    /// is under way is answered, and leaves nothing behind: neither in the report nor in a store that is unlocked later.
    ///
    /// Once it was polled it is carried out, though the future is dropped or the runtime ends.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wipe(&self) -> Result<(), StoreError> {
        self.inner.store.ledger_buffer().close();
        self.inner.ledger.forget();
        let wiping = self.inner.store.wipe();
        self.forget_session();
        wiping.await
    }

    /// The system is about to put the app to sleep: closes the connections that lie idle and lets go of every file. What
    /// is under way ends by itself, and is not kept if it ends before [`resume`](Byway::resume).
    ///
    /// Once it was polled it is carried out, though the future is dropped.
    ///
    /// # Errors
    /// See [`StoreError`]. Everything is let go of all the same.
    pub async fn suspend(&self) -> Result<(), StoreError> {
        self.inner.http.forget_connections();
        self.inner.events.send(|| EngineEventKind::Suspended);
        let ledger_buffer = self.inner.store.ledger_buffer().clone();
        let suspending = self.inner.store.change(move |store| {
            let _ = ledger_buffer.write_now(store);
            store.suspend()
        });
        suspending.await
    }

    /// The app is awake again.
    ///
    /// # Errors
    /// See [`StoreError`]. Until it succeeds nothing is opened.
    pub async fn resume(&self) -> Result<(), StoreError> {
        // What ended while the app slept may have left a connection that has died since.
        self.inner.http.network_changed();
        self.inner.events.send(|| EngineEventKind::Resumed);
        self.inner.store.reopen(|store| store.resume(), self.wall()).await
    }

    /// What is in memory only.
    fn forget_session(&self) {
        self.inner.http.forget_connections();
        self.inner.report.forget();
        self.inner.store.forget();
    }
}
