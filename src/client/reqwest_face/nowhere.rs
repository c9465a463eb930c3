//! A reqwest client that reaches nothing, below the middleware that does everything.

#[cfg(feature = "reqwest-beside-tls")]
use std::sync::Arc;

/// A client that reaches nothing. If something goes around the middleware, it ends at a name that does not exist, and
/// nobody is asked for that name.
#[expect(clippy::expect_used, reason = "it is what `reqwest::Client::new` does, with less that can go wrong")]
pub(super) fn nowhere() -> reqwest::Client {
    without_trust(reqwest::Client::builder())
        .proxy(reqwest::Proxy::custom(|_| Some("http://byway.invalid")))
        .dns_resolver(NoNames)
        .build()
        .expect("a client without anything in it")
}

#[cfg(not(feature = "reqwest-beside-tls"))]
fn without_trust(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    client
}

/// Trusts nobody, so the system's roots are not read and no provider is looked for.
#[cfg(feature = "reqwest-beside-tls")]
fn without_trust(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    match config.with_safe_default_protocol_versions() {
        Ok(config) => client
            .tls_backend_preconfigured(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()),
        Err(_) => client,
    }
}

struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async { Err("this client goes through Byway only".into()) })
    }
}
