//! Russian.

mod attempts;
mod calendar;
mod contacts;
mod events;
mod faults;
mod kept;
mod notes;
mod routes;
mod sights;
mod typed;
mod verdicts;

/// The phrasebook.
pub(super) struct Russian;

/// The language's tag (BCP 47), by which a source may name its platform.
const TAG: &str = "ru";
