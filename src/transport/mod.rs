//! How a stream to a name is made: strategies and routes as plain data, and the [`Dialer`] that acts on them.
//!
//! This module knows no community and no platform's host. A [`Strategy`] is what the app allows; a [`Route`] is one
//! strategy for one destination; a [`Candidate`] is a route that can be dialled. The dialer records what it sees in a
//! [`Trace`] and returns a stream or a [`Failure`]. It concludes nothing, and makes one decision only: it refuses a
//! route that its exposure forbids, even if the plan above allowed it.

mod address;
mod candidates;
mod cause;
mod destination;
mod dial;
mod failure;
mod first_hop;
mod handshake_queue;
mod handshakes;
mod happy_eyeballs;
mod isolation;
mod lookups;
mod onion_fault;
mod onion_key;
mod overrides;
mod resolve;
mod route;
mod rules;
mod second_circuit;
mod sessions;
mod strategy;
mod timeouts;
mod tor;
mod tor_fault;
mod tor_progress;
mod tor_transport;
mod trace;

pub use crate::wire::MessageFault;
pub use crate::wire::dns::EchConfigList;
pub(crate) use address::{is_local, is_loopback, is_onion_host};
pub use candidates::{Candidates, Rank, ResolvedCandidate, Trust};
pub use cause::{Cause, CertificateFault, LimitKind, PolicyRule, Protocol};
pub use destination::{Destination, DestinationError};
pub(crate) use destination::{parse_port, split_port};
pub use dial::Dialer;
pub use failure::{Failure, Stage};
#[cfg(test)]
pub(crate) use handshake_queue::{HANDSHAKES, PATIENCE};
pub(crate) use handshakes::{Handshakes, Racer};
pub use isolation::Isolation;
pub use lookups::PlannedLookups;
pub(crate) use onion_fault::OnionFault;
pub use onion_key::{OnionKey, OnionKeyError};
pub use overrides::{OverrideError, Overrides, parse_resolve_entry};
pub use route::{Candidate, PrivateAddresses, Route};
pub(crate) use sessions::Sessions;
#[cfg(any(feature = "tor", test))]
pub(crate) use strategy::Bridges;
#[cfg(test)]
pub(crate) use strategy::tests as strategy_tests;
pub use strategy::{Country, DnsServer, MAX_STRATEGY_BYTES, Resolver, Strategy, StrategyError};
pub(crate) use strategy::{
    Ech, Login, MAX_BRIDGES, MAX_LOGIN_BYTES, MAX_NAME_BYTES, MAX_RESOLVERS, MAX_TLS_DELAY_MS, NextHop, Resolvers,
    Scheme, Shaping, StrategyKind, decode, is_transport, with_one_tor,
};
#[cfg(test)]
pub(crate) use strategy::{Method, SharedKey};
pub use tor::TorStreams;
pub(crate) use tor_fault::TorFault;
pub use tor_progress::{TorProgress, TorStall};
pub use tor_transport::{TorTransport, TorTransportError};
pub use trace::{
    AttemptEvent, AttemptObserver, EchOutcome, Lookup, LookupAnswer, QueryType, Slow, Trace, TraceSnapshot, Wait,
};
