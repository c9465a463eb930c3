//! What resolvers said of the host's name.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::super::{Cause, Resolver};
use crate::wire::dns::Kind;

/// What one resolver said of the host's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// Who was asked.
    pub resolver: Resolver,
    /// What came, in its order, also what came after the race had begun; nothing, if nobody answered.
    pub answers: Vec<LookupAnswer>,
}

/// One answer of a resolver, or why it could not be queried.
#[derive(Clone, PartialEq)]
pub struct LookupAnswer {
    /// The query that it answers.
    pub query: QueryType,
    /// How long after the question it came.
    pub after: Duration,
    /// The addresses, or why there are none: the resolver's reason ([`Cause::NxDomain`], [`Cause::Rcode`],
    /// [`Cause::NoAddress`], [`Cause::LookupFailed`]), or how it could not be reached ([`Cause::Reset`], a certificate's
    /// fault, ...). [`QueryType::Https`]: the addresses are hints, and there may be none.
    pub result: Result<Vec<IpAddr>, Cause>,
}

impl fmt::Debug for LookupAnswer {
    /// Without the addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.result.as_ref().map(Vec::len);
        f.debug_struct("LookupAnswer")
            .field("query", &self.query)
            .field("after", &self.after)
            .field("result", &result)
            .finish()
    }
}

/// What a resolver is queried for: the type of the record (RFC 1035, RFC 9460).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryType {
    /// Addresses of both kinds: the system's resolver.
    Both,
    /// IPv4 addresses (A).
    A,
    /// IPv6 addresses (AAAA).
    Aaaa,
    /// How the host is spoken to (HTTPS, RFC 9460).
    Https,
}

codes! {
    QueryType {
        Both = "both",
        A = "a",
        Aaaa = "aaaa",
        Https = "https",
    }
}

impl Lookup {
    /// Every address that was given for the host, each once, in the order in which they came.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for answer in self.answers.iter().filter(|answer| answer.query != QueryType::Https) {
            for address in answer.result.iter().flatten() {
                if !addresses.contains(address) {
                    addresses.push(*address);
                }
            }
        }
        addresses
    }

    /// Why it gave no address, if it gave none: the first reason that is more than "none of this kind".
    pub fn reason(&self) -> Option<&Cause> {
        let reasons = || {
            self.answers
                .iter()
                .filter(|answer| answer.query != QueryType::Https)
                .filter_map(|a| a.result.as_ref().err())
        };
        if !self.addresses().is_empty() {
            return None;
        }
        reasons().find(|cause| **cause != Cause::NoAddress).or_else(|| reasons().next())
    }

    /// It gave no address, and did not say that there is none: an error, silence, or no way to it.
    pub fn is_unanswered(&self) -> bool {
        self.addresses().is_empty() && !matches!(self.reason(), Some(Cause::NxDomain | Cause::NoAddress))
    }

    /// To one question comes one answer. A second one that says something else was raced by a forged one, or is it: the
    /// address that proves the name tells which.
    pub fn contradicts_itself(&self) -> bool {
        let mut rest = self.answers.as_slice();
        while let [first, others @ ..] = rest {
            if others.iter().any(|other| other.query == first.query && other.result != first.result) {
                return true;
            }
            rest = others;
        }
        false
    }
}

impl QueryType {
    /// Of a question about a name.
    ///
    /// No `From`: it would make the type of `wire` part of the public interface.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::A => QueryType::A,
            Kind::Aaaa => QueryType::Aaaa,
            Kind::Https => QueryType::Https,
        }
    }
}
