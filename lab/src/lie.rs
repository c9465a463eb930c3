//! What is said of a name: a resolver's or the censor's lie, and what a host publishes.

use std::net::IpAddr;

/// The answer instead of the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lie {
    /// The name does not exist.
    NxDomain,
    /// The resolver failed.
    ServFail,
    /// The resolver refuses.
    Refused,
    /// No answer.
    Silence,
    /// These addresses.
    Addresses(Vec<IpAddr>),
    /// A truncated answer: over TCP the same question gets the truth.
    Truncated,
    /// Bytes that are not a DNS message.
    Garbage,
}

/// What a host publishes in its HTTPS record (RFC 9460).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpsRecord {
    /// The protocols it names.
    pub alpn: Vec<String>,
    /// Its `ECHConfigList`.
    pub ech: Option<Vec<u8>>,
}

/// `name` is `parent`, or lies under it.
pub(crate) fn is_within(name: &str, parent: &str) -> bool {
    name == parent || name.strip_suffix(parent).is_some_and(|front| front.ends_with('.'))
}
