//! From evidence to a verdict: ordered rules with stable ids, a pure function.
//!
//! A [`Case`] is what was seen: the attempts of the strategy that the verdict is about (the *subject*), and those of
//! the others (the *vantages*). It is read in two steps. First each attempt gets a *sign* (`facts`): what it says by
//! itself, or that it says nothing. Then the first of the [`rules`](rules()) that applies gives the verdict (`rules`).
//!
//! Four principles stand behind the rules:
//!
//! - *A cut is a fact, a block is a comparison.* A reset is evidence. To conclude that someone else than the host
//!   caused it, a vantage must do better at the same moment. Without one the verdict is `unknown`: "blocked or down".
//! - *A vantage is independent if another network carries it.* Two resolvers over one uplink compare addresses, not
//!   paths. A proxy in the same country repeats what that country orders: it can show that the host is up, never that
//!   the host is down.
//! - *The hop that failed is asked first.* A dead proxy says nothing about the host behind it, neither as the subject
//!   (`route_failed`) nor as a vantage (it is not counted).
//! - *Silence takes time.* The first retransmission of a lost packet comes after one second (RFC 6298), the next after
//!   three. An attempt that was cancelled earlier did not get enough time, and is no evidence.

mod addresses;
mod blame;
mod case;
mod code;
mod facts;
mod pages;
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "a test prints docs/verdicts.md from the rules"))]
mod rules;
mod vantage;
mod weights;

use std::fmt;
use std::net::IpAddr;

use facts::Facts;

use super::{Attempt, AttemptId, Statement};

pub use case::{Case, Context};
pub use code::{Layer, VerdictCode};
pub use pages::{PageComparison, PageSimilarity, compare_pages, same_site};
pub use rules::{Against, Rule, RuleId, rules};
pub use weights::Weights;

/// The conclusion, and the rule that made it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, if there is one.
    pub layer: Option<Layer>,
    /// The weights.
    pub weights: Weights,
    /// The rule that applied, e.g. `tls.reset.other_vantage`.
    pub rule: RuleId,
    /// What the block says of itself.
    pub statement: Option<Statement>,
    /// The attempts that the rule relies on, in the order of the case (the subject's, then the others').
    pub evidence: Vec<AttemptId>,
    /// The verdict on each address of the host, if the subject tried several: one may be blocked and another not.
    pub addresses: Vec<AddressVerdict>,
    /// What was read here and elsewhere, if the rule compares pages.
    pub pages: Option<Box<PageComparison>>,
}

/// The verdict on one of a host's addresses.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AddressVerdict {
    /// The address.
    pub address: IpAddr,
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, if there is one.
    pub layer: Option<Layer>,
    /// The rule that applied.
    pub rule: RuleId,
    /// The weights.
    pub weights: Weights,
}

impl fmt::Debug for AddressVerdict {
    /// Prints no address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressVerdict({} {})", self.code.code(), self.rule)
    }
}

/// Judges a case by the first rule that applies. It is total: the last rule applies to everything.
pub fn verdict(case: &Case<'_>) -> Verdict {
    Verdict { addresses: by_address(case), ..judge(case) }
}

/// Judges each address by itself, if the subject tried several at its last hop.
fn by_address(case: &Case<'_>) -> Vec<AddressVerdict> {
    let Some(hop) = case.subject.last().map(|attempt| attempt.hop) else { return Vec::new() };
    let at_hop = || case.subject.iter().filter(|attempt| attempt.hop == hop && attempt.strategy.is_direct());
    let mut addresses: Vec<IpAddr> = at_hop().filter_map(|attempt| attempt.address).collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.len() < 2 {
        return Vec::new();
    }
    let of = |address: IpAddr| {
        let own = |attempt: &&Attempt| attempt.address == Some(address);
        // What was answered for the name concerns all addresses together.
        let subject: Vec<Attempt> = at_hop()
            .filter(own)
            .map(|attempt| Attempt { answers: vec![address], lookups: Vec::new(), ..attempt.clone() })
            .collect();
        let Verdict { code, layer, rule, weights, .. } =
            judge(&Case { subject: &subject, others: case.others, context: case.context.clone() });
        AddressVerdict { address, code, layer, rule, weights }
    };
    addresses.into_iter().map(of).collect()
}

/// Whether what was read elsewhere belongs to the verdict of this rule.
fn compares(rule: &Rule) -> bool {
    rule.against == Against::Pages || rule.id == RuleId::ReachableCleartext
}

fn judge(case: &Case<'_>) -> Verdict {
    let facts = Facts::of(case);
    // A host to which an answer in cleartext led may not be the site's: its own fault explains nothing.
    let led = case.context.led_in_cleartext;
    let is_of_host = |rule: &&Rule| match rule.code {
        VerdictCode::OriginDown => true,
        VerdictCode::OriginFault => !matches!(rule.id, RuleId::ClockTwoHosts | RuleId::ClockDate),
        _ => false,
    };
    for rule in rules().filter(|rule| !(led && is_of_host(rule))) {
        if let Some(found) = (rule.applies)(&facts) {
            return Verdict {
                code: rule.code,
                layer: rule.layer,
                weights: rule.weigh(&found),
                rule: rule.id,
                statement: found.statement,
                evidence: found.evidence.iter().filter_map(|index| Some(facts.attempt(*index)?.id)).collect(),
                addresses: Vec::new(),
                pages: case.context.pages.clone().filter(|_| compares(rule)),
            };
        }
    }
    // Not reached: the last rule asks for nothing. A constant answer is still better than a panic.
    Verdict {
        code: VerdictCode::Unknown,
        layer: None,
        weights: Weights::of(50, 50),
        rule: RuleId::Unknown,
        statement: None,
        evidence: Vec::new(),
        addresses: Vec::new(),
        pages: None,
    }
}

#[cfg(test)]
mod tests;
