//! The rules: what each asks, what it concludes, and how sure of it one may be.
//!
//! They are asked in an order that carries meaning: what somebody states (the platform, a law, a block page) comes before what is
//! inferred; what concerns us (no network, our own route) before what concerns the host; a false address before the failures
//! it causes; and within a layer the comparison with another vantage before the case without one. The rules of a layer and
//! what they ask of the facts share a file. The page docs/verdicts.md is printed from them.

mod cuts;
mod dns;
mod http;
mod id;
mod network;
mod reached;
mod route;
mod rule;
mod stated;
mod tcp;
mod tls;
mod unknown;

pub use id::RuleId;
pub use rule::{Against, Rule};

/// The rules, in their order. The first that applies gives the verdict; the last applies to everything.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    ORDER.iter().flat_map(|rules| rules.iter())
}

static ORDER: &[&[Rule]] = &[
    stated::STATED,
    dns::FALSE_ANSWERS,
    reached::REACHED,
    network::NETWORK,
    stated::ANSWERED,
    route::ROUTE,
    dns::FALSE_ADDRESSES,
    tls::CERTIFICATES,
    tcp::TCP,
    tls::HANDSHAKES,
    http::EXCHANGES,
    http::FAULTS,
    unknown::UNKNOWN,
];
