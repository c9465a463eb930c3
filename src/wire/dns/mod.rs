//! DNS: one name asked for over a datagram, a stream, TLS or HTTPS of ours, with the messages of RFC 1035.
//!
//! Only the message codec is taken from hickory-proto: its resolver would open sockets of its own, settles on the first
//! answer, and folds the reasons together. Here every answer goes to the caller as it comes, because a second
//! one that contradicts the first is the evidence of a forgery, and because "there is no such name" and "I will not
//! say" are different evidence.
//!
//! What nobody proves is hard to forge at least (RFC 5452): each question has a random id and a socket, and so a port,
//! of its own, and what does not answer it is passed over. A forger on the way sees all that. He answers sooner than the
//! resolver, and cannot take back the resolver's answer, which is why one listens on for a while.

mod https;
mod message;
mod service;
mod stream;
mod udp;

use std::io;
use std::net::IpAddr;

use crate::wire::http;
use crate::wire::tls::TlsError;

pub use https::{HEAD, over_https};
pub use service::{EchConfigList, ServiceBinding};
pub use stream::over_stream;
pub use udp::{LINGER, over_udp};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// How the host is spoken to (RFC 9460).
    Https,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The addresses, along the chain of aliases: at least one.
    Addresses(Vec<IpAddr>),
    /// The host's HTTPS records that can be followed, the preferred one first. There may be none.
    Services(Vec<ServiceBinding>),
}

/// Is told each answer as it comes.
pub type Heard<'a> = &'a (dyn Fn(Kind, &Result<Said, Error>) + Send + Sync);

/// Why there is no answer.
///
/// Silence is not among them: who asks owns the time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name does not exist (RCODE 3).
    #[error("the name does not exist")]
    NxDomain,
    /// The resolver answered with another error: SERVFAIL (2), REFUSED (5), ...
    #[error("the resolver answered with code {0}")]
    Rcode(u8),
    /// The name exists and has no address.
    #[error("the name has no address")]
    NoAddress,
    /// What came is no answer to the question.
    #[error("what came is no answer to the question")]
    Malformed,
    /// The name cannot be asked for: a label is empty or longer than 63 bytes, or the whole longer than 255.
    #[error("the name cannot be asked for")]
    Name,
    /// The resolver cannot be reached, or its connection ended.
    #[error("the resolver cannot be reached: {0}")]
    Io(#[from] io::Error),
    /// TLS with the resolver failed.
    #[error("the resolver did not prove itself: {0}")]
    Tls(#[from] TlsError),
    /// The HTTP exchange with the resolver failed.
    #[error("the resolver does not answer over HTTP: {0}")]
    Http(#[from] http::Error),
    /// Its answer over HTTP has another status than 200.
    #[error("the resolver answered with HTTP status {0}")]
    Status(u16),
    /// Its answer over HTTP is no `application/dns-message`.
    #[error("the resolver answered with something else than a DNS message")]
    ContentType,
    /// Its answer is longer than a DNS message can be.
    #[error("the resolver's answer is longer than a DNS message")]
    TooLong,
}

impl Error {
    /// Two errors that say the same of the name.
    fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Error::Rcode(own), Error::Rcode(other)) => own == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Whether two answers to one question say the same: of addresses, in any order.
fn says_the_same(one: &Result<Said, Error>, other: &Result<Said, Error>) -> bool {
    match (one, other) {
        (Ok(Said::Addresses(one)), Ok(Said::Addresses(other))) => {
            one.len() == other.len() && one.iter().all(|address| other.contains(address))
        }
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.says_the_same(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
