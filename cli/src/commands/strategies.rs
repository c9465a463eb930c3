//! `byway strategies`: what was understood of a pasted list.

use std::path::Path;

use byway::{Imported, ImportedLine, Language};
use zeroize::Zeroizing;

use crate::document;
use crate::exit::Exit;
use crate::plain::{columns, line, wrapped};
use crate::screen::Screen;
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{files, screen, words};

pub(crate) fn run(path: &Path, json: bool, language: Language) -> Result<Exit, Wrong> {
    let bytes = Zeroizing::new(files::read(path, setup::STRATEGIES_BYTES, language)?);
    let text = files::text_of(path, &bytes, language)?;
    let lines: Vec<_> = byway::import_strategies(text).into_iter().filter_map(|line| of_line(line, language)).collect();
    let all_understood = lines.iter().all(|entry| entry.error.is_none()) && !lines.is_empty();
    if json {
        document::print(&document::StrategyLines { lines });
    } else {
        let screen = Screen::of_process(false);
        let text: String = lines.iter().map(|entry| shown(entry, screen, language)).collect();
        screen::out(text.as_bytes());
    }
    if all_understood {
        return Ok(Exit::Reached);
    }
    Err(wrong::wrong_file(path, words::NOT_ALL_STRATEGIES, language))
}

/// One line for a program that reads the output. On a terminal it takes as many lines as needed, with the error below
/// the strategy.
fn shown(entry: &document::StrategyLine, screen: Screen, language: Language) -> String {
    let number = entry.line;
    let strategy = entry.strategy.as_ref().map(|strategy| line(strategy)).unwrap_or_default();
    let remark = match (&entry.error, entry.same_as) {
        (Some(error), _) => error.clone(),
        (None, Some(first)) => format!("{} {first}", words::SAME_AS_LINE.in_(language)),
        (None, None) => return format!("{number:>4}  {strategy}\n"),
    };
    let whole = format!("{number:>4}  {strategy}  -- {remark}");
    if !screen.watched || columns(&whole) <= screen.width {
        return format!("{whole}\n");
    }
    format!("{number:>4}  {strategy}\n{}", wrapped(&remark, "      ", screen.width))
}

/// Lines without content are left out.
fn of_line(line: ImportedLine, language: Language) -> Option<document::StrategyLine> {
    let (strategy, same_as, error) = match line.outcome {
        Imported::Strategy(strategy) => (Some(strategy.redacted()), None, None),
        Imported::Duplicate { strategy, first } => (Some(strategy.redacted()), Some(first), None),
        Imported::Wrong { shown, error } => {
            (Some(shown).filter(|shown| !shown.is_empty()), None, Some(wrong::unended(error.sentence(language))))
        }
        _ => return None,
    };
    Some(document::StrategyLine { line: line.number, strategy, same_as, error })
}
