//! The request of one hop.

use http::{HeaderMap, Method};
use url::Url;

use super::payload::Payload;

/// One request of a chain of redirects.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Payload,
    pub(crate) credentials: bool,
}
