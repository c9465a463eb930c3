//! What a rule is, and what it finds.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::Facts;
use super::super::weights::Weights;
use super::id::RuleId;
use crate::reach::Statement;

/// One rule. The code of its id is stable: programs and reports may refer to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The rule's id.
    pub id: RuleId,
    /// The verdict's code.
    pub code: VerdictCode,
    /// The verdict's layer.
    pub layer: Option<Layer>,
    /// The reason for the conclusion, for the documentation.
    pub why: &'static str,
    /// What the subject's own attempts are compared with.
    pub against: Against,
    /// What else looks the same, or why the conclusion is not more certain. It is empty if `why` says everything.
    pub limits: &'static str,
    /// The rows of the table of scenarios that it covers.
    pub rows: &'static [&'static str],
    leans: &'static [Lean],
    pub(in crate::reach::verdict) applies: fn(&Facts<'_>) -> Option<Found>,
}

/// Hundredths for blocked and for down (the rest is for ok), and the condition under which they hold, if a rule has
/// several.
pub(super) type Lean = (u8, u8, &'static str);

/// What a rule compares the subject's attempts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Against {
    /// No comparison: the attempts suffice, or others cannot help.
    Nothing,
    /// Another answer to the same question, by the same resolver or by another, on the same network.
    Answers,
    /// Any other route that got the content.
    AnyWay,
    /// Another network that reached the host.
    Network,
    /// The same address over the same network, with a ClientHello that does not carry the name whole.
    Unnamed,
    /// Another network, outside the subject's country, that failed at the host as well.
    Abroad,
    /// Other first hops on this network.
    FirstHops,
    /// What another route reads of the same page.
    Pages,
    /// Another host's certificate, by the same clock.
    Hosts,
}

impl Against {
    /// The comparison that is needed, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Against::Nothing => "nothing",
            Against::Answers => "another answer to the same question",
            Against::AnyWay => "any other route that reads it",
            Against::Network => "another network that reaches the host",
            Against::Unnamed => "the same address, with the name cut or encrypted",
            Against::Abroad => "another network abroad that gets the same",
            Against::FirstHops => "other first hops on this network",
            Against::Pages => "what another route reads of the same page",
            Against::Hosts => "another host, by the same clock",
        }
    }
}

impl Rule {
    /// The weights that it gives, each with its condition (empty if there is only one).
    pub fn weights(&self) -> impl Iterator<Item = (Weights, &'static str)> + '_ {
        self.leans.iter().map(|(blocked, down, when)| (Weights::of(*blocked, *down), *when))
    }

    /// The weights of a finding.
    pub(in crate::reach::verdict) fn weigh(&self, found: &Found) -> Weights {
        let lean = self.leans.get(found.lean).or(self.leans.first());
        lean.map_or(Weights::of(50, 50), |(blocked, down, _)| Weights::of(*blocked, *down))
    }

    pub(super) const fn against(self, against: Against) -> Self {
        Self { against, ..self }
    }

    pub(super) const fn limits(self, limits: &'static str) -> Self {
        Self { limits, ..self }
    }

    pub(super) const fn rows(self, rows: &'static [&'static str]) -> Self {
        Self { rows, ..self }
    }
}

pub(super) const fn rule(
    id: RuleId,
    code: VerdictCode,
    layer: Option<Layer>,
    leans: &'static [Lean],
    why: &'static str,
    applies: fn(&Facts<'_>) -> Option<Found>,
) -> Rule {
    Rule { id, code, layer, why, against: Against::Nothing, limits: "", rows: &[], leans, applies }
}

/// What a rule found when it applies.
pub(in crate::reach::verdict) struct Found {
    pub(in crate::reach::verdict) evidence: Vec<usize>,
    pub(in crate::reach::verdict) statement: Option<Statement>,
    /// The index of the rule's weights that hold.
    pub(super) lean: usize,
}

impl Found {
    pub(super) fn leaning(self, lean: usize) -> Self {
        Self { lean, ..self }
    }
}

/// A finding with this evidence, which may be empty.
pub(super) fn found(evidence: impl IntoIterator<Item = usize>) -> Found {
    let mut evidence: Vec<usize> = evidence.into_iter().collect();
    evidence.sort_unstable();
    evidence.dedup();
    Found { evidence, statement: None, lean: 0 }
}

/// A finding with this evidence, if there is any.
pub(super) fn some(evidence: Vec<usize>) -> Option<Found> {
    (!evidence.is_empty()).then(|| found(evidence))
}

/// A finding with the evidence from here and from elsewhere, if there is both.
pub(super) fn compared(here: Vec<usize>, elsewhere: Vec<usize>) -> Option<Found> {
    (!here.is_empty() && !elsewhere.is_empty()).then(|| found(here.into_iter().chain(elsewhere)))
}

/// The same finding with more evidence, if there is more.
pub(super) fn with(found: Found, more: Vec<usize>) -> Option<Found> {
    let evidence = (!more.is_empty()).then(|| self::found([found.evidence.clone(), more].concat()).evidence)?;
    Some(Found { evidence, ..found })
}
