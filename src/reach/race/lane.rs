//! A lane: one route of a race, the lookup that makes it dialable, and the candidates that the lookup has found.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::reach::LONGEST_WAIT;
use crate::transport::{Candidates, Failure, Route};

pub(super) type Lookup = BoxFuture<'static, Result<(), Failure>>;

pub(super) struct Lane {
    pub(super) route: Route,
    pub(super) hedge: Duration,
    /// Candidates that were not started yet; the lookup adds to them.
    pub(super) candidates: Candidates,
    /// The running lookup, and when it began.
    pub(super) lookup: Option<(Instant, Lookup)>,
    /// The number of known candidates at the last check.
    pub(super) known: usize,
    /// The attempt that waits for the first candidate.
    pub(super) resolving: Option<usize>,
    /// A candidate was due and there was none: the next one starts as soon as it is found.
    pub(super) owed: bool,
    pub(super) started: bool,
    pub(super) passed: bool,
}

impl Lane {
    pub(super) fn new(route: Route, hedge: Duration) -> Self {
        Self {
            route,
            hedge: hedge.min(LONGEST_WAIT),
            candidates: Candidates::new(),
            lookup: None,
            known: 0,
            resolving: None,
            owed: false,
            started: false,
            passed: false,
        }
    }

    pub(super) fn start(&mut self, lookup: Lookup, resolving: usize) {
        self.started = true;
        self.lookup = Some((Instant::now(), lookup));
        self.resolving = Some(resolving);
    }

    /// The attempt that knows its address, and waits because another attempt is dialling that address.
    pub(super) fn held(&self) -> Option<usize> {
        self.resolving.filter(|_| self.lookup.is_none())
    }

    /// Whether it may get a candidate later: one that is found, or one that another lane is dialling now.
    pub(super) fn is_looking(&self) -> bool {
        self.lookup.is_some() || !self.candidates.is_empty()
    }

    /// Polls the lookup, if there is one.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Looked> {
        let (_, lookup) = self.lookup.as_mut()?;
        let ended = match lookup.as_mut().poll(cx) {
            Poll::Pending => None,
            Poll::Ready(result) => {
                self.lookup = None;
                Some(result)
            }
        };
        let news = self.candidates.known() > std::mem::replace(&mut self.known, self.candidates.known());
        Some(Looked { news, ended })
    }
}

/// The result of one poll of a lookup.
pub(super) struct Looked {
    /// There are new candidates.
    pub(super) news: bool,
    /// The lookup has ended.
    pub(super) ended: Option<Result<(), Failure>>,
}
