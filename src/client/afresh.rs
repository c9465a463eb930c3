//! Reading a page as if nothing were kept of it, for a copy: what one reading gives must not be mixed with earlier ones, and what is
//! read for others is not kept on this device.
//!
//! The reading has a store of its own in memory. All else is the client's: its routes, what was learned of them, its Tor, its
//! report. What the client's store says of the page (its least exposure, what speaks against direct routes) holds here too.

use std::sync::{Arc, Mutex};

use super::async_store::AsyncStore;
use super::keyed_mutex::KeyedMutex;
use super::ledger_buffer::LedgerBuffer;
use super::opened::{OpenError, OpenFault, OpenOptions, Opened, ReadFrom};
use super::single_flight::SingleFlight;
use super::{AttachmentError, AttachmentId, Byway, FetchedFile, GetOptions, HomeLink, Inner};
use crate::exposure::Exposure;
use crate::store::{Store, StoreError};

/// A client that has kept nothing, and the client of the app behind it.
#[derive(Clone, Debug)]
pub(crate) struct Afresh {
    app: Byway,
    alone: Byway,
    link: String,
    exposure: Exposure,
    allow_direct: bool,
}

impl Byway {
    /// Begins to read a page afresh. `exposure`: who may learn of it, if fewer than the client, the link and the store allow.
    pub(crate) fn afresh(&self, link: &str, exposure: Exposure, allow_direct: bool) -> Result<Afresh, OpenFault> {
        Ok(Afresh { app: self.clone(), alone: self.keeping_nothing()?, link: link.to_owned(), exposure, allow_direct })
    }

    fn keeping_nothing(&self) -> Result<Self, StoreError> {
        let app = &*self.inner;
        let store = Store::in_memory()?;
        let ledger_buffer = LedgerBuffer::of(&store)?;
        let store = AsyncStore::new(store, ledger_buffer, app.store.worker().clone(), None);
        let inner = Inner {
            http: app.http.clone(),
            sources: app.sources.clone(),
            strategies: app.strategies.clone(),
            exposure: app.exposure,
            country: app.country,
            fingerprints: app.fingerprints.clone(),
            timeout: app.timeout,
            language: Mutex::new(self.language()),
            net: app.net.clone(),
            store,
            ledger: app.ledger.clone(),
            network: Mutex::new(self.network_mut().clone()),
            turns: KeyedMutex::default(),
            readings: SingleFlight::default(),
            report: app.report.clone(),
            dial_backoff: app.dial_backoff.clone(),
            events: app.events.clone(),
            #[cfg(feature = "tor")]
            tor: app.tor.clone(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Afresh {
    /// Reads the page. What the store of the app has of it is not an answer.
    pub(crate) async fn open(&self) -> Result<Opened, OpenError> {
        let exposure = self.exposure_now().await.map_err(OpenError::untried)?;
        let how = OpenOptions { exposure, allow_direct: self.allow_direct, ..OpenOptions::default() };
        let opened = self.alone.open_with(&self.link, how).await?;
        match opened.source {
            ReadFrom::Network => Ok(opened),
            ReadFrom::Store => {
                let fault = opened.fault.unwrap_or(OpenFault::NotStored);
                Err(OpenError::met(fault, opened.reachability).in_language(self.alone.language()))
            }
        }
    }

    /// Fetches an attachment of what was read.
    pub(crate) async fn fetch_attachment(&self, id: &AttachmentId, most: u64) -> Result<FetchedFile, AttachmentError> {
        // It may have been raised since the page was read.
        let exposure = self.exposure_now().await.map_err(|fault| match fault {
            OpenFault::Store(error) => AttachmentError::untried(error),
            _ => AttachmentError::untried(super::AttachmentFault::Address),
        })?;
        let how = GetOptions { exposure, allow_direct: self.allow_direct, ..GetOptions::default() };
        self.alone.fetch_attachment_with(id, most, how).await
    }

    /// Who may learn of it now. Where something that the app's store knows speaks against direct routes, there are none.
    async fn exposure_now(&self) -> Result<Exposure, OpenFault> {
        let HomeLink { home, exposure, .. } = self.app.read_link(&self.link).await?;
        let known = self.app.inner.store.at(&home).await?;
        let exposure = self.app.inner.exposure.max(self.exposure).max(exposure).max(known.floor);
        if exposure > Exposure::Open {
            // As after any reading with it, this is the least one from now on. The next link may say nothing of it.
            self.app.raise_exposure(&HomeLink::new(home, exposure)).await?;
        }
        let avoids_direct = !self.allow_direct && known.avoids_direct(self.app.network_mut().is_vpn());
        Ok(if avoids_direct { exposure.max(Exposure::Proxied) } else { exposure })
    }
}
