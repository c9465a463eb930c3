//! What happens to the device while a client exists: its network changes, it sleeps and wakes, its store is locked or
//! wiped.

use super::{Byway, Network};
use crate::reach::EngineEventKind;
use crate::store::{KeyProvider, StoreError};

impl Byway {
    /// Says which network the device is on. If it is another one than before, this also does what
    /// [`network_changed`](Byway::network_changed) does.
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

    /// The network that the app last gave.
    pub fn network(&self) -> Network {
        self.network_mut().clone()
    }

    /// The device's network has changed, even if its id is the same. Idle connections are dropped, because waiting for
    /// them would be in vain. Requests that wait for an answer begin anew, if they may be sent again. Whatever was
    /// concluded of the network as a whole is forgotten.
    pub fn network_changed(&self) {
        // First, so that what begins anew finds another one. Its connections belong to the network that was left; what it has
        // learned of the relays is on the disk.
        #[cfg(feature = "tor")]
        self.inner.tor.leave_network();
        self.inner.http.network_changed();
        self.inner.dial_backoff.forget();
        self.inner.events.send(|| EngineEventKind::NetworkChanged);
    }

    /// Takes a new identity: what is requested from now on has circuits of Tor, connections, TLS sessions and cookies of its own,
    /// so that no exit can connect it with what was read before. What a site gave to be sent back (`ETag`, `Last-Modified`) is
    /// not sent again either, also after a restart: the next reading asks for everything. What is under way ends under the old
    /// identity. The guard or bridge stays: it knows the reader's address in any case, and not what is read.
    ///
    /// It hides nothing on other strategies, where the address stays the same, and nothing from a site that knows the reader by
    /// an account or a token.
    pub fn new_identity(&self) {
        self.inner.http.new_identity();
        self.inner.store.new_identity();
    }

    /// Forgets the store's key, the connections and the report. What is under way is not reported. Nothing is read or
    /// opened until [`unlock`](Byway::unlock): without the store's floors, nobody knows to whom a community may be
    /// shown.
    ///
    /// Once the future was polled, this is carried out even if the future is dropped.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]. Even then the store is locked.
    pub async fn lock(&self) -> Result<(), StoreError> {
        self.forget_session();
        let ledger_buffer = self.inner.store.ledger_buffer().clone();
        let locking = self.inner.store.change(move |store| {
            let _ = ledger_buffer.write_now(store);
            store.lock()
        });
        locking.await
    }

    /// Opens a locked store again. A store that was wiped, or is in memory, begins empty. A worker thread asks for the
    /// key.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn unlock(&self, key: impl KeyProvider + 'static) -> Result<(), StoreError> {
        let unlocked = self.inner.store.reopen(move |store| store.unlock(&key), self.wall()).await;
        #[cfg(feature = "tor")]
        if unlocked.is_ok() {
            self.inner.tor.reopen();
        }
        unlocked
    }

    /// Destroys everything that is kept, the key first, and forgets what this process has learned. The store is locked
    /// then. To begin anew, make a new [`Byway`]: what this one learns of routes is not written down any more. A
    /// reading that is under way is still answered, but it leaves nothing behind, neither in the report nor in a store
    /// that is unlocked later.
    ///
    /// Once the future was polled, this is carried out even if the future is dropped or the runtime ends.
    ///
    /// # Errors
    ///
    /// See [`StoreError`].
    pub async fn wipe(&self) -> Result<(), StoreError> {
        self.inner.store.ledger_buffer().close();
        self.inner.ledger.forget();
        // Its files go with those of the store.
        #[cfg(feature = "tor")]
        self.inner.tor.close();
        let wiping = self.inner.store.wipe();
        self.forget_session();
        let wiped = wiping.await;
        #[cfg(feature = "tor")]
        self.inner.tor.settled().await;
        wiped
    }

    /// The system is about to put the app to sleep: closes idle connections, every file and the Tor within this process. What
    /// is under way ends by itself; what that Tor carried ends at once, and no other strategy is tried for it. If it ends before [`resume`](Byway::resume), it is not kept.
    ///
    /// Once the future was polled, this is carried out even if the future is dropped.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]. Even then everything is closed.
    pub async fn suspend(&self) -> Result<(), StoreError> {
        self.inner.http.forget_connections();
        #[cfg(feature = "tor")]
        self.inner.tor.sleep();
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
    ///
    /// See [`StoreError`]. Nothing is opened until this succeeds.
    pub async fn resume(&self) -> Result<(), StoreError> {
        #[cfg(feature = "tor")]
        self.inner.tor.wake();
        // A reading that ended while the app slept may have left a connection that is dead by now.
        self.inner.http.network_changed();
        self.inner.events.send(|| EngineEventKind::Resumed);
        self.inner.store.reopen(|store| store.resume(), self.wall()).await
    }

    /// Forgets what is in memory only.
    fn forget_session(&self) {
        self.inner.http.forget_connections();
        self.inner.report.forget();
        self.inner.store.forget();
    }
}
