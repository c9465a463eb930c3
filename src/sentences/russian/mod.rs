//! Russian.

mod attempts;
mod events;
mod routes;
mod sights;
mod verdicts;

/// The phrasebook.
pub(super) struct Russian;

/// The language's tag (BCP 47), by which a source may name its platform.
const TAG: &str = "ru";
