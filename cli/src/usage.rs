//! What is wrong with a command line, in one sentence without a full stop.
//!
//! clap words its errors in English. In Russian they are worded here, from the kind of the error and what it is about. What
//! was typed is quoted; help pages stay English.

use std::ffi::OsString;

use byway::Language;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::SHOWN_AT_ONCE;
use crate::{plain, words};

/// The language that a command line asks for, wherever it says so: the line itself may be wrong.
pub(crate) fn language(arguments: impl IntoIterator<Item = OsString>) -> Language {
    let mut follows_flag = false;
    for argument in arguments {
        if argument == "--lang=ru" || (follows_flag && argument == "ru") {
            return Language::Ru;
        }
        follows_flag = argument == "--lang";
    }
    Language::En
}

/// The mistake, and where more is told.
pub(crate) fn sentence(error: &Error, language: Language) -> String {
    let mistake = match (error.kind(), language) {
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand, _) => {
            words::SAY_WHAT.in_(language).to_owned()
        }
        (_, Language::Ru) => russian(error),
        _ => {
            let text = error.render().to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            plain::line(first.strip_prefix("error: ").unwrap_or(first))
        }
    };
    format!("{mistake} ({})", words::HELP_TELLS_MORE.in_(language))
}

fn russian(error: &Error) -> String {
    let argument = all(error, ContextKind::InvalidArg).join(", ");
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let near = all(error, ContextKind::SuggestedArg);
            format!("аргумент {argument} неизвестен или здесь лишний{}", perhaps(&near))
        }
        ErrorKind::InvalidSubcommand => {
            let command = all(error, ContextKind::InvalidSubcommand).join(", ");
            format!("команды {command} нет{}", perhaps(&all(error, ContextKind::SuggestedSubcommand)))
        }
        ErrorKind::MissingRequiredArgument => format!("не хватает аргумента: {argument}"),
        ErrorKind::ArgumentConflict => {
            let prior: Vec<_> =
                all(error, ContextKind::PriorArg).into_iter().filter(|prior| *prior != argument).collect();
            match prior.as_slice() {
                [] => format!("аргумент {argument} указан больше одного раза"),
                prior => format!("аргумент {argument} не бывает вместе с {}", prior.join(", ")),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = all(error, ContextKind::InvalidValue);
            let known = all(error, ContextKind::ValidValue);
            let known = if known.is_empty() { String::new() } else { format!("; бывают: {}", known.join(", ")) };
            match value.as_slice() {
                [] => format!("после {argument} нужно значение{known}"),
                value => format!("значение {} для {argument} не подходит{}{known}", value.join(", "), bounds(error)),
            }
        }
        ErrorKind::TooManyValues => {
            format!("у аргумента {argument} лишнее значение: {}", all(error, ContextKind::InvalidValue).join(", "))
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            format!("после {argument} нужно значение")
        }
        ErrorKind::InvalidUtf8 => "один из аргументов — не текст в UTF-8".to_owned(),
        _ => "командная строка непонятна".to_owned(),
    }
}

/// What a number must lie between.
fn bounds(error: &Error) -> String {
    match error.kind() {
        // `--limit` is the only argument with a validator of clap's.
        ErrorKind::ValueValidation => {
            format!(": нужно целое число от {} до {}", SHOWN_AT_ONCE.start(), SHOWN_AT_ONCE.end())
        }
        _ => String::new(),
    }
}

fn perhaps(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; похоже на {}", near.join(", ")) }
}

/// What an error is about, each in backquotes.
fn all(error: &Error, kind: ContextKind) -> Vec<String> {
    let texts = match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    texts.iter().map(|text| plain::line(text)).filter(|text| !text.is_empty()).map(|text| format!("`{text}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_wherever_it_stands() {
        for (arguments, expected) in [
            (&["byway", "open", "--lang", "ru", "--bogus"][..], Language::Ru),
            (&["byway", "--lang=ru"], Language::Ru),
            (&["byway", "open", "--lang", "en"], Language::En),
            (&["byway", "open", "ru", "--lang"], Language::En),
            (&["byway", "open", "--lang", "--lang", "ru"], Language::Ru),
            (&[], Language::En),
        ] {
            assert_eq!(language(arguments.iter().map(OsString::from)), expected, "{arguments:?}");
        }
    }
}
