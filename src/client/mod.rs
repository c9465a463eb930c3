//! The front door: [`Byway`] and its [`Builder`].
//!
//! An app hands Byway a community's link and gets the community, its posts and its events, with an account of how it
//! was reached. Three things can be asked:
//!
//! - [`Byway::open`] reads a community by whichever way works.
//! - [`Byway::get`] fetches any page by whichever way works.
//! - [`Byway::probe`] asks every way by itself and compares.
//!
//! All three answer with a [`Reachability`], also when nothing was reached: what the evidence means, by which rule,
//! and the evidence itself. The verdict speaks of the first strategy that the exposure allows, because that is the one
//! the user would take; all others are the second vantage.
//!
//! Nothing else is contacted: no probe host of ours, no telemetry. Dropping a future ends what it started.

mod builder;
mod get;
mod open;
mod probe;
mod reachability;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

pub use builder::{BuildError, Builder};
pub use get::{GetError, Got};
pub use open::{OpenError, OpenFault, Opened, ReadFrom};
pub use reachability::Reachability;

use crate::http::HttpClient;
use crate::net::Net;
use crate::source::Sources;
use crate::transport::{Country, Destination, Exposure, Strategy};

/// Reaches communities. Made by [`Byway::builder`]; cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Byway {
    http: HttpClient,
    sources: Sources,
    strategies: Vec<Strategy>,
    exposure: Exposure,
    /// Where this device is.
    country: Option<Country>,
    timeout: Duration,
    net: Arc<dyn Net>,
}

impl Byway {
    /// Starts with defaults that work: `direct:`, everything allowed, the bundled roots, the system's network.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The strategies that may be used, in the order given.
    pub fn strategies(&self) -> &[Strategy] {
        &self.strategies
    }

    /// The first strategy that the exposure allows: verdicts speak of it.
    fn subject(&self) -> &Strategy {
        // The builder refuses a set of which the exposure allows none.
        self.allowed().next().unwrap_or(&self.strategies[0])
    }

    fn allowed(&self) -> impl Iterator<Item = &Strategy> {
        self.strategies.iter().filter(|strategy| self.exposure.allows(strategy))
    }
}

/// The text is no URL that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It does not parse.
    #[error("`{0}` is no URL; one looks like https://example.org/page")]
    Malformed(String),
    /// It parses, and is of another scheme.
    #[error("only http and https URLs are fetched, and this one is {0}")]
    Scheme(String),
    /// It carries a user name or password, which would end up where URLs are shown.
    #[error("a URL with a user name or password in it is not fetched")]
    Credentials,
    /// Its host cannot be the name of one, its port is 0, or it is longer than any server takes.
    #[error("this URL cannot be asked for: its host or port is none, or it is longer than any server takes")]
    Unaskable,
}

impl UrlError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UrlError::Malformed(_) => "malformed",
            UrlError::Scheme(_) => "scheme",
            UrlError::Credentials => "credentials",
            UrlError::Unaskable => "unaskable",
        }
    }
}

/// Reads an `http` or `https` URL.
fn web_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text.trim()).map_err(|_| UrlError::Malformed(text.trim().to_owned()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    if Destination::of(&url).is_none() || url.as_str().len() > MAX_URL {
        return Err(UrlError::Unaskable);
    }
    Ok(url)
}

/// Servers take 8 to 32 kB, and an HTTP library's own limit is 64 kB.
const MAX_URL: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_web_urls_without_a_login_are_fetched() {
        assert_eq!(web_url(" https://example.org/a ").unwrap().as_str(), "https://example.org/a");
        assert_eq!(web_url("example"), Err(UrlError::Malformed("example".into())));
        assert_eq!(web_url("ftp://example.org/"), Err(UrlError::Scheme("ftp".into())));
        assert_eq!(web_url("https://user:pw@example.org/"), Err(UrlError::Credentials));
        let long = format!("https://example.org/{}", "a".repeat(100_000));
        let name = format!("https://{}.example/", "a".repeat(64));
        for unaskable in ["https://example.org:0/", &long, &name] {
            assert_eq!(web_url(unaskable), Err(UrlError::Unaskable), "{unaskable}");
        }
    }
}
