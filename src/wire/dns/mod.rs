//! DNS queries over UDP, TCP, TLS and HTTPS, with the messages of RFC 1035.
//!
//! Only the message codec comes from hickory-proto: its resolver would open its own sockets, accept the first answer,
//! and merge the reasons of failures. Here the caller receives every answer as it arrives, because a second answer that
//! contradicts the first is evidence of a forgery, and because "no such name" and "refused" are different evidence.
//!
//! An answer without a proof is at least hard to forge (RFC 5452): each question has a random id, and its own socket
//! and so its own port, and answers that do not match are ignored. A forger on the path sees all three. It answers
//! before the resolver, but cannot suppress the resolver's answer. So the query listens for a while after the first
//! answer.

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

/// The kind of records in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuestionType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Service parameters of the host (RFC 9460).
    Https,
}

/// The content of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerContent {
    /// The addresses, after following the chain of aliases: at least one.
    Addresses(Vec<IpAddr>),
    /// The host's HTTPS records that can be followed, the preferred one first. May be empty.
    Services(Vec<ServiceBinding>),
}

/// Called with each answer as it arrives.
pub type Heard<'a> = &'a (dyn Fn(QuestionType, &Result<AnswerContent, Error>) + Send + Sync);

/// A query without a usable answer.
///
/// There is no variant for silence: the caller owns the time limit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name does not exist (RCODE 3).
    #[error("the name does not exist")]
    NxDomain,
    /// The resolver answered with another error: SERVFAIL (2), REFUSED (5), ...
    #[error("the resolver answered with code {0}")]
    Rcode(u8),
    /// The name exists but has no address.
    #[error("the name has no address")]
    NoAddress,
    /// The message is not an answer to the question.
    #[error("what came is not an answer to the question")]
    Malformed,
    /// The name cannot be queried: a label is empty or longer than 63 bytes, or the name is longer than 255.
    #[error("the name cannot be asked for")]
    Name,
    /// The resolver is unreachable, or its connection ended.
    #[error("the resolver cannot be reached: {0}")]
    Io(#[from] io::Error),
    /// TLS with the resolver failed.
    #[error("the resolver did not prove itself: {0}")]
    Tls(#[from] TlsError),
    /// The HTTP exchange with the resolver failed.
    #[error("the resolver does not answer over HTTP: {0}")]
    Http(#[from] http::Error),
    /// The status over HTTP was not 200.
    #[error("the resolver answered with HTTP status {0}")]
    Status(u16),
    /// The content type over HTTP was not `application/dns-message`.
    #[error("the resolver answered with something else than a DNS message")]
    ContentType,
    /// The answer is longer than a DNS message can be.
    #[error("the resolver's answer is longer than a DNS message")]
    TooLong,
}

impl Error {
    /// Returns `true` if two errors say the same about the name.
    fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Error::Rcode(own), Error::Rcode(other)) => own == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// Returns `true` if two answers to one question say the same. The order of addresses does not matter.
fn says_the_same(one: &Result<AnswerContent, Error>, other: &Result<AnswerContent, Error>) -> bool {
    match (one, other) {
        (Ok(AnswerContent::Addresses(one)), Ok(AnswerContent::Addresses(other))) => {
            one.len() == other.len() && one.iter().all(|address| other.contains(address))
        }
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => one.says_the_same(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
