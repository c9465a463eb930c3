//! TLS clients, one for each isolation and strategy.
//!
//! A resumed session tells the server that two connections have one client. That holds for the host of a page and for an
//! `https://` proxy alike: the proxy's ticket would link two communities whose circuits are kept apart.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::{Isolation, Route, Strategy};
use crate::wire::tls::TlsClient;

/// Hands out a TLS client with a session cache of its own for each isolation and strategy.
pub(crate) struct Sessions {
    plain: TlsClient,
    /// The one used last is at the back.
    caches: Mutex<VecDeque<(Isolation, Strategy, TlsClient)>>,
}

impl Sessions {
    pub(crate) fn new(plain: TlsClient) -> Self {
        Self { plain, caches: Mutex::new(VecDeque::new()) }
    }

    /// The client for this route's community and strategy.
    pub(crate) fn of(&self, route: &Route) -> TlsClient {
        let mut caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        let at = caches
            .iter()
            .position(|(isolation, strategy, _)| *isolation == route.isolation && *strategy == route.strategy);
        let used = at.and_then(|at| caches.remove(at)).unwrap_or_else(|| {
            let client = self.plain.isolated().shaped(route.strategy.tls.shape());
            (route.isolation.clone(), route.strategy.clone(), client)
        });
        let client = used.2.clone();
        caches.push_back(used);
        if caches.len() > CACHES {
            caches.pop_front();
        }
        client
    }

    /// Forgets all sessions.
    pub(crate) fn clear(&self) {
        self.caches.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl fmt::Debug for Sessions {
    /// Prints no strategies and no labels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(..)")
    }
}

/// A forgotten cache costs one round trip.
const CACHES: usize = 32;
