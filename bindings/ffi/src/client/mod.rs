//! The client: the core's `Byway` as an object for Kotlin and Swift.

mod exposure;
mod kept;
mod reading;
mod store;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use byway::Byway;
use byway::community::CommunityId;

use crate::configuration::{Configuration, Language, Network};
use crate::errors::{BywayError, Own, Worded};
use crate::events::{ChangeStream, EventStream};
use crate::evidence::{Access, json};
use crate::runtime::{CancelHandle, Scope, alone, guarded, runtime};
use crate::strategies::StrategyInfo;

/// Reaches communities. Share one. Several can exist at the same time if each has its own data directory.
///
/// It ends by `shutdown`, whatever an app still holds of it: its folder can be opened again, or wiped. Without a shutdown it ends
/// when everything that belongs to it is released: the client, its HTTP sessions and its HTTP calls.
#[derive(uniffi::Object)]
pub struct Client {
    /// `None` after a shutdown.
    byway: Mutex<Option<Byway>>,
    /// The core's language. After a shutdown the core is not there to be asked.
    language: Mutex<Language>,
    scope: Arc<Scope>,
}

/// For calls inside this crate.
impl Client {
    fn open_byway(&self) -> Result<Byway, BywayError> {
        lock(&self.byway).clone().ok_or_else(|| Own::Closed.error(self.said_language()))
    }

    pub(crate) fn said_language(&self) -> Language {
        *lock(&self.language)
    }

    /// A call that ends when it is dropped.
    pub(crate) async fn call<T: Send + 'static, Work>(
        &self,
        cancel: Option<Arc<CancelHandle>>,
        work: impl FnOnce(Byway, Language) -> Work,
    ) -> Result<T, BywayError>
    where
        Work: Future<Output = Result<T, BywayError>> + Send + 'static,
    {
        let language = self.said_language();
        let entered = self.scope.enter(language)?;
        let work = work(self.open_byway()?, language);
        let work = async move {
            let _entered = entered;
            work.await
        };
        self.scope.run(language, cancel, work).await
    }

    /// A call that is carried out even if its future is dropped.
    pub(crate) async fn finish<T: Send + 'static, Work>(
        &self,
        work: impl FnOnce(Byway, Language) -> Work,
    ) -> Result<T, BywayError>
    where
        Work: Future<Output = Result<T, BywayError>> + Send + 'static,
    {
        let language = self.said_language();
        let entered = self.scope.enter(language)?;
        let work = work(self.open_byway()?, language);
        let work = async move {
            let _entered = entered;
            work.await
        };
        self.scope.finish(language, work).await
    }

    /// A call that returns at once.
    pub(crate) fn now<T>(
        &self,
        work: impl FnOnce(Byway, Language, &Arc<Scope>) -> Result<T, BywayError>,
    ) -> Result<T, BywayError> {
        let language = self.said_language();
        let _in_use = self.scope.enter(language)?;
        let byway = self.open_byway()?;
        let _entered = runtime(language)?.enter();
        guarded(language, || work(byway, language, &self.scope))?
    }
}

#[uniffi::export]
impl Client {
    /// Makes a client. Nothing is contacted yet, but a key provider is asked now.
    #[uniffi::constructor]
    pub async fn build(configuration: Configuration) -> Result<Arc<Self>, BywayError> {
        let language = configuration.language.unwrap_or(Language::En);
        let network = configuration.network.clone();
        let byway =
            alone(
                language,
                async move { configuration.builder()?.build().await.map_err(|error| error.worded(language)) },
            )
            .await?;
        if let Some(network) = network {
            byway.set_network(network.into());
        }
        let (byway, language) = (Mutex::new(Some(byway)), Mutex::new(language));
        Ok(Arc::new(Self { byway, language, scope: Arc::default() }))
    }

    /// Ends this client: its calls end with the error `Closed`, its streams end, and this waits for what must finish.
    /// Every later use gives the same error. Further calls of this do nothing.
    pub async fn shutdown(&self) -> Result<(), BywayError> {
        let language = self.said_language();
        let byway = lock(&self.byway).take();
        self.scope.end();
        let ended = self.scope.ended();
        // It belongs to no scope, so that it does not wait for itself, and it always runs to its end, so that a
        // shutdown that was begun is completed.
        Scope::default()
            .finish(language, async move {
                ended.await;
                drop(byway);
                Ok(())
            })
            .await
    }

    /// The network that the app last gave.
    pub fn network(&self) -> Result<Network, BywayError> {
        self.now(|byway, _, _| Ok(byway.network().into()))
    }

    /// Says which network the device is on.
    pub fn set_network(&self, network: Network) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.set_network(network.into());
            Ok(())
        })
    }

    /// Says that the device's network has changed, even if its id is the same.
    pub fn network_changed(&self) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.network_changed();
            Ok(())
        })
    }

    /// Takes a new identity: what is requested from now on has circuits of Tor, connections, TLS sessions and cookies of its own, and
    /// sends back nothing that a site gave before (`ETag`, `Last-Modified`). Tor's guard or bridge stays. It hides nothing on other strategies, where the address stays the same.
    pub fn new_identity(&self) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.new_identity();
            Ok(())
        })
    }

    /// The language of sentences and errors.
    pub fn language(&self) -> Result<Language, BywayError> {
        self.now(|_, language, _| Ok(language))
    }

    /// Changes the language of sentences and errors, for calls that begin from now on.
    pub fn set_language(&self, language: Language) -> Result<(), BywayError> {
        self.now(|byway, _, _| {
            byway.set_language(language.into());
            *lock(&self.language) = language;
            Ok(())
        })
    }

    /// The strategies that are allowed, described.
    pub fn strategies(&self) -> Result<Vec<StrategyInfo>, BywayError> {
        self.now(|byway, language, _| {
            Ok(byway.strategies().iter().map(|strategy| StrategyInfo::of(strategy, language)).collect())
        })
    }

    /// The latest accesses, each in full and without names.
    pub fn report(&self) -> Result<Vec<Access>, BywayError> {
        self.now(|byway, language, _| Ok(byway.report().iter().map(|access| Access::of(access, language)).collect()))
    }

    /// The latest accesses without names, as JSON, to be sent to a helper.
    pub fn report_json(&self) -> Result<String, BywayError> {
        self.now(|byway, language, _| {
            let accounts: Vec<_> = byway.report().iter().map(|access| access.account(language.into())).collect();
            Ok(json(&accounts))
        })
    }

    /// What changes in the store from now on.
    pub fn changes(&self) -> Result<Arc<ChangeStream>, BywayError> {
        self.now(|byway, language, scope| Ok(ChangeStream::new(byway.changes(), scope.ended.child_token(), language)))
    }

    /// What the engine does from now on; `redacted`: without names.
    pub fn engine_events(&self, redacted: bool) -> Result<Arc<EventStream>, BywayError> {
        self.now(|byway, language, scope| {
            Ok(EventStream::new(byway.engine_events(), redacted, scope.ended.child_token(), language))
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn community_id(id: &str, language: Language) -> Result<CommunityId, BywayError> {
    id.parse().map_err(|error: byway::community::IdError| error.worded(language))
}
