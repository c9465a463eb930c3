//! English.

mod attempts;
mod events;
mod routes;
mod sights;
mod verdicts;

/// The phrasebook.
pub(super) struct English;
