//! `byway strategies`: what was understood of a pasted list.

use std::fmt::Write as _;
use std::path::Path;

use byway::{Imported, ImportedLine, Language};
use zeroize::Zeroizing;

use crate::document;
use crate::exit::Exit;
use crate::plain::line;
use crate::setup::{self, Wrong};
use crate::{screen, words};

pub(crate) fn run(path: &Path, json: bool, language: Language) -> Result<Exit, Wrong> {
    let bytes = Zeroizing::new(setup::read(path, setup::STRATEGIES_BYTES, language)?);
    let text = setup::text_of(path, &bytes, language)?;
    let lines: Vec<_> = byway::import_strategies(text).into_iter().filter_map(|line| of_line(line, language)).collect();
    let all_understood = lines.iter().all(|entry| entry.error.is_none()) && !lines.is_empty();
    if json {
        document::print(&document::StrategyLines { lines });
    } else {
        let mut text = String::new();
        for entry in &lines {
            let strategy = entry.strategy.as_ref().map(|strategy| line(strategy)).unwrap_or_default();
            let _ = match (&entry.error, entry.same_as) {
                (Some(error), _) => writeln!(text, "{:>4}  {strategy}  -- {error}", entry.line),
                (None, Some(first)) => {
                    writeln!(text, "{:>4}  {strategy}  -- {} {first}", entry.line, words::SAME_AS_LINE.in_(language))
                }
                (None, None) => writeln!(text, "{:>4}  {strategy}", entry.line),
            };
        }
        screen::out(text.as_bytes());
    }
    if all_understood {
        return Ok(Exit::Reached);
    }
    Err(setup::wrong_file(path, words::NOT_ALL_STRATEGIES, language))
}

/// Lines with nothing to read in them are left out.
fn of_line(line: ImportedLine, language: Language) -> Option<document::StrategyLine> {
    let (strategy, same_as, error) = match line.outcome {
        Imported::Strategy(strategy) => (Some(strategy.redacted()), None, None),
        Imported::Duplicate { strategy, first } => (Some(strategy.redacted()), Some(first), None),
        Imported::Wrong { shown, error } => {
            (Some(shown).filter(|shown| !shown.is_empty()), None, Some(setup::unended(error.sentence(language))))
        }
        _ => return None,
    };
    Some(document::StrategyLine { line: line.number, strategy, same_as, error })
}
