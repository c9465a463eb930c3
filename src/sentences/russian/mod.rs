//! Russian.

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
pub(super) struct Russian;

/// The language's tag (BCP 47), by which a source may name its platform.
const TAG: &str = "ru";

/// A number of bytes: 1 байт, 2 байта, 5 байт.
fn of_bytes(count: u64) -> String {
    format!("{count} {}", super::grammar::russian_form(count, ["байт", "байта", "байт"]))
}
