//! The answers of resolvers for the host's name.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::super::{Cause, Resolver};
use crate::wire::dns::QuestionType;

/// The answers of one resolver for the host's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The resolver.
    pub resolver: Resolver,
    /// Whether a question with the host's name may have left this device for it. A resolver over TLS or HTTPS is asked when it has proved
    /// itself; one that refuses the connection learns no name.
    pub asked: bool,
    /// The answers in their order, including those after the race had begun. It is empty if there was no answer.
    pub answers: Vec<LookupAnswer>,
}

/// One answer of a resolver, or why it could not be queried.
#[derive(Clone, PartialEq)]
pub struct LookupAnswer {
    /// The query that it answers.
    pub query: QueryType,
    /// The time from the question to the answer.
    pub after: Duration,
    /// The addresses, or why there are none: the resolver's reason ([`Cause::NxDomain`], [`Cause::Rcode`],
    /// [`Cause::NoAddress`], [`Cause::LookupFailed`]), or why it could not be reached ([`Cause::Reset`], a
    /// certificate's fault, ...). For [`QueryType::Https`] the addresses are hints, and may be empty.
    pub result: Result<Vec<IpAddr>, Cause>,
}

impl fmt::Debug for LookupAnswer {
    /// Prints no addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.result.as_ref().map(Vec::len);
        f.debug_struct("LookupAnswer")
            .field("query", &self.query)
            .field("after", &self.after)
            .field("result", &result)
            .finish()
    }
}

/// The type of a query: the type of the record (RFC 1035, RFC 9460).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryType {
    /// Addresses of both families: the system's resolver.
    Both,
    /// IPv4 addresses (A).
    A,
    /// IPv6 addresses (AAAA).
    Aaaa,
    /// The host's HTTPS records (RFC 9460).
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
    /// Every address that it gave for the host, each once, in the order in which they came.
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

    /// Why it gave no address, if it gave none: the first reason that says more than "none of this family".
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

    /// Whether it gave no address and did not deny the name: an error, silence, or no connection.
    pub fn is_unanswered(&self) -> bool {
        self.addresses().is_empty() && !matches!(self.reason(), Some(Cause::NxDomain | Cause::NoAddress))
    }

    /// Whether it gave two different answers to one question. One question gets one answer. A second, different answer
    /// means that one of the two is forged; the address that proves the name shows which.
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
    pub(crate) fn of(kind: QuestionType) -> Self {
        match kind {
            QuestionType::A => QueryType::A,
            QuestionType::Aaaa => QueryType::Aaaa,
            QuestionType::Https => QueryType::Https,
        }
    }
}
