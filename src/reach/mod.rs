//! Which route to take, and why a route failed.
//!
//! [`plan`](plan()) orders the strategies that the app allows into a [`Plan`]: policy, without sockets. [`race`](race()) runs a plan: it starts routes, hedges them, and stops at the first answer that the [`Judge`] accepts as proven. It is generic over an [`Exchange`] (what is done on one route) and a `Judge` (what counts as an answer), because only the layers above can see that a 200 is a notice. What happened is kept as [`Attempt`]s, losers included. [`verdict`](verdict()) is a pure function that turns attempts into a [`Verdict`] by ordered rules; `sightings` derives from them who saw what. The [`Ledger`] remembers, per network, which route worked.

mod digest;
mod events;
mod evidence;
mod fingerprints;
mod ledger;
mod plan;
mod race;
mod revealed;
mod sightings;
mod verdict;

pub use digest::PageDigest;
pub(crate) use digest::hash_of;
pub use events::{Action, EngineEvent, EngineEventKind, EngineEvents, EventHub, EventSender, StartReason};
pub use evidence::{AnswerFault, Attempt, AttemptId, Finding, Outcome, Statement};
pub(crate) use fingerprints::LONGEST_NOTICE;
pub use fingerprints::{Fingerprints, FingerprintsError, LoadedFingerprints, RowFault, SkippedRow, text_of};
pub use ledger::{Ledger, LedgerStorage, NetworkId, WallClock};

pub(crate) use plan::{BUDGET, LONGEST_WAIT};
pub use plan::{Plan, PlanError, Replay, Request, plan};
pub(crate) use race::race_until;
pub use race::{Exchange, Judge, Judgement, Raced, Won, race};
#[cfg(feature = "upload")]
pub(crate) use sightings::retain_telling;
pub(crate) use sightings::{Saw, Sighting, Witness, by_nature, leads_here, sightings, stayed_here};
pub use verdict::{
    AddressVerdict, Against, Case, Context, Layer, PageComparison, PageSimilarity, Rule, RuleId, Verdict, VerdictCode,
    Weights, compare_pages, rules, same_site, verdict,
};
