//! Records the answers of one resolver, as evidence and as addresses to dial.

use std::net::IpAddr;

use tokio::time::Instant;

use super::super::{Cause, Failure, LookupAnswer, QueryType, Resolver, Trace};
use super::gathering::Gathering;
use crate::wire::dns::{self, AnswerContent, QuestionType};

/// Records the answers of one resolver, as evidence and as addresses to dial.
#[derive(Clone, Copy)]
pub(super) struct ResolverAnswers<'a> {
    /// Its number.
    pub(super) source: usize,
    pub(super) resolver: &'a Resolver,
    pub(super) begun: Instant,
    pub(super) trace: &'a Trace,
    pub(super) gathering: &'a Gathering<'a>,
}

impl ResolverAnswers<'_> {
    pub(super) fn told(&self, kind: QuestionType, said: &Result<AnswerContent, dns::Error>) {
        let asked = QueryType::of(kind);
        match said {
            Ok(AnswerContent::Addresses(addresses)) => self.heard(asked, Ok(addresses.clone())),
            Ok(AnswerContent::Services(services)) => {
                let hints = services.iter().flat_map(|service| service.hints.iter().copied()).collect();
                self.note(asked, Ok(hints));
                self.gathering.services(self.source, services);
            }
            Err(error) => self.heard(asked, Err(Failure::dns(error))),
        }
    }

    pub(super) fn heard(&self, asked: QueryType, said: Result<Vec<IpAddr>, Failure>) {
        self.note(asked, said.clone().map_err(|failure| failure.cause));
        self.gathering.heard(self.source, asked, said);
    }

    /// The connection to the resolver ended before it had answered everything.
    pub(super) fn broke_off(&self, failure: &Failure) {
        for asked in self.gathering.open(self.source) {
            self.heard(asked, Err(failure.clone()));
        }
    }

    fn note(&self, asked: QueryType, said: Result<Vec<IpAddr>, Cause>) {
        self.trace.answered(self.resolver, LookupAnswer { query: asked, after: self.begun.elapsed(), result: said });
    }
}
