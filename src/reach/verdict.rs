//! From evidence to a verdict: ordered rules with stable ids, a pure function.
use serde::{Deserialize, Serialize};

use super::{Attempt, Statement};

/// What the attempts mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Code {
    Reachable,
    DnsTampered,
    TcpBlocked,
    TlsInterfered,
    HttpInterfered,
    TlsMitm,
    BlockPage,
    #[serde(rename = "legal_451")]
    Legal451,
    PlatformBlocked,
    Frozen,
    Throttled,
    CaptivePortal,
    Offline,
    WhitelistOnly,
    OriginDown,
    OriginFault,
    Gone,
    RouteFailed,
    Unknown,
}

/// At which layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Layer {
    Network,
    Dns,
    Tcp,
    Tls,
    Http,
    Platform,
    Route,
}

/// How likely each explanation is, from 0 to 1; together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Weights {
    pub blocked: f32,
    pub down: f32,
    pub ok: f32,
}

/// What was concluded, and by which rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// The stable code.
    pub code: Code,
    /// The layer, where there is one.
    pub layer: Option<Layer>,
    /// The weights.
    pub weights: Weights,
    /// The rule's stable id, e.g. `tls.reset.other_vantage`.
    pub rule: &'static str,
    /// What the blocker says of itself.
    pub statement: Option<Statement>,
    /// Indexes into the case's attempts (first strategy's, then the others') that carried the rule.
    pub evidence: Vec<usize>,
}

/// What a verdict is made from.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Attempts of the strategy that the verdict is about.
    pub subject: &'a [Attempt],
    /// Attempts of the other strategies: second vantages.
    pub others: &'a [Attempt],
    /// What else is known.
    pub context: Context,
}

/// What else is known when a verdict is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The platform says, over an authenticated connection, that the community is gone.
    pub gone: bool,
    /// The destination is a literal or private address that the user named.
    pub local_destination: bool,
}

/// Judges a case by the first rule that matches.
pub fn verdict(case: &Case<'_>) -> Verdict {
    let _ = case;
    todo!()
}
