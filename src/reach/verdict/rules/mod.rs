//! The rules: what each one requires, what it concludes, and how certain the conclusion is.
//!
//! The order of the rules has a meaning. Statements (of the platform, a law, a block page) come before inferences. What
//! concerns us (no network, our own route) comes before what concerns the host. A false address comes before the
//! failures it causes. Within a layer, the comparison with another vantage comes before the case without one. The rules
//! of a layer share a file with the questions that they ask of the facts. The page docs/verdicts.md is printed from
//! them.

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

/// The rules in order. The first that applies gives the verdict; the last applies to everything.
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
