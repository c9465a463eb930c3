//! English.

mod attempts;
mod calendar;
mod clauses;
mod contacts;
mod events;
mod faults;
mod kept;
mod notes;
mod publisher;
mod routes;
mod sights;
mod signed;
mod typed;
mod verdicts;

/// The phrasebook.
pub(super) struct English;
