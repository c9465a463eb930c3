//! The settings of a client, and the client itself.

use std::fmt;
use std::sync::Arc;

use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware};

use super::super::Byway;
use super::super::cookies::{Jar, Provided};
use super::engine::{EngineSettings, ReqwestEngine};
use super::nowhere::nowhere;
use crate::exposure::Exposure;
use crate::fetch::{Cookies, Limits};
use crate::transport::Isolation;

impl Byway {
    /// A `reqwest` client that goes through Byway, with this Byway's exposure and limits.
    ///
    /// Of reqwest's options, those of a request apply. Those of the transport are Byway's own.
    ///
    /// # Panics
    ///
    /// Where `reqwest::Client::new` does: if something else in the program gave reqwest TLS, and that cannot be set up.
    /// With the feature `reqwest-beside-tls` this cannot happen.
    pub fn reqwest(&self) -> ClientWithMiddleware {
        self.reqwest_builder().build()
    }

    /// The same, with its own settings.
    pub fn reqwest_builder(&self) -> ReqwestBuilder {
        let limits = Limits { total: self.inner.timeout, ..Limits::default() };
        let settings = EngineSettings {
            byway: self.clone(),
            exposure: Exposure::default(),
            allow_direct: false,
            isolation: Isolation::default(),
            limits,
            cookies: None,
        };
        ReqwestBuilder { settings }
    }
}

/// Makes a `reqwest` client that goes through Byway.
///
/// # Which options of reqwest apply
///
/// Of a request: method, URL, headers, `query`, `form`, `json`, `multipart`, logins, bodies of bytes (which some
/// methods allow to be sent again) and of streams (sent once), `timeout` (for everything, the body included). Ignored:
/// `version`.
///
/// Of `reqwest::ClientBuilder`: none. The engine decides on redirects, compression, TLS, names, proxies and pooling.
/// [This builder](Self::cookie_store) sets the cookies. A `RequestInitialiser` sets default headers.
#[must_use]
pub struct ReqwestBuilder {
    settings: EngineSettings,
}

impl ReqwestBuilder {
    /// Who may learn of these requests. It is added to the Byway's exposure, and to that of a community whose page is
    /// asked for: the highest applies. To set it for one request, use `with_extension(Exposure)`.
    pub fn exposure(mut self, exposure: Exposure) -> Self {
        self.settings.exposure = self.settings.exposure.max(exposure);
        self
    }

    /// Tries direct strategies even if a restriction or the access advice of a community speaks against them. What the
    /// exposure forbids stays forbidden. To set it for one request only, use `with_extension(GetOptions)`.
    pub fn allow_direct(mut self, allowed: bool) -> Self {
        self.settings.allow_direct = allowed;
        self
    }

    /// Keeps the circuits, connections, TLS sessions and cookies of this client apart from those of another label. Each
    /// site has its own, with a label or without. Pages of communities have those of their community, whatever the
    /// label.
    pub fn isolation(mut self, label: &str) -> Self {
        self.settings.isolation = Isolation::by_site(label);
        self
    }

    /// How much is taken from a peer at most. Unless this says otherwise, a body ends at 32 MiB, streamed or not.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Keeps cookies for this client, in memory, each only for the host that set it, and apart for each community. Off
    /// by default.
    pub fn cookie_store(mut self, on: bool) -> Self {
        self.settings.cookies = on.then(|| Arc::new(Jar::default()) as Arc<dyn Cookies>);
        self
    }

    /// Uses these cookies, given as reqwest's own trait, such as `reqwest::cookie::Jar`. They are not kept apart for
    /// each community, and a host sees the same reader in all clients that share them.
    pub fn cookie_provider<C: reqwest::cookie::CookieStore + 'static>(mut self, cookies: Arc<C>) -> Self {
        self.settings.cookies = Some(Arc::new(Provided(cookies)));
        self
    }

    /// The middleware itself, to be put behind others with [`ReqwestBuilder::client_builder`]. It is the last one that
    /// runs.
    pub fn middleware(self) -> impl Middleware {
        self.engine()
    }

    /// The engine alone, for single requests without a client and its middlewares.
    pub fn engine(self) -> ReqwestEngine {
        ReqwestEngine::new(self.settings)
    }

    /// Makes the client.
    ///
    /// # Panics
    ///
    /// See [`Byway::reqwest`].
    pub fn build(self) -> ClientWithMiddleware {
        Self::client_builder().with(self.middleware()).build()
    }

    /// A builder over a client that reaches nothing by itself. Give it your middlewares, and
    /// [`ReqwestBuilder::middleware`] as the last.
    ///
    /// # Panics
    ///
    /// See [`Byway::reqwest`].
    pub fn client_builder() -> ClientBuilder {
        ClientBuilder::new(nowhere())
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestBuilder")
            .field("exposure", &self.settings.exposure)
            .field("allow_direct", &self.settings.allow_direct)
            .field("limits", &self.settings.limits)
            .field("cookies", &self.settings.cookies.is_some())
            .finish_non_exhaustive()
    }
}
