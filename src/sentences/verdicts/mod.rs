//! A verdict in one or two sentences: what happened, how the content was read all the same, and who sees what.
//!
//! What to say is decided once, from the evidence, and without any language: [`Happened`] and [`Sequel`]. A phrasebook
//! puts it into words.

mod choice;
mod context;
mod happened;
mod sequel;

use super::Language;
use crate::reach::RuleId;
pub use context::VerdictContext;
pub(super) use happened::{Claim, Doubt, Happened, ResolverFault, TooStrict};
pub(super) use sequel::{Scene, Sequel};

/// The sentence (or two) for a verdict.
pub fn verdict(language: Language, told: &VerdictContext<'_>) -> String {
    let (book, scene) = (language.phrasebook(), told.scene());
    let sequel: Vec<String> = told.sequel().iter().map(|sequel| book.sequel(sequel)).collect();
    let by_subject = told.reached.is_some_and(|(way, _)| way == told.subject);
    // The sentence about how the content was read says that the host answers through a proxy.
    let said_by_sequel = told.verdict.rule == RuleId::Reachable && by_subject && !told.subject.is_direct();
    let what = (!said_by_sequel).then(|| book.happened(&scene, &Happened::of(told)));
    what.into_iter().chain(sequel).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
