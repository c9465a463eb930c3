//! What is wrong with a command line, in one sentence without a full stop.
//!
//! clap words its errors in English. In Russian they are worded here, from the kind of the error and its subject. The
//! typed text is quoted; help pages stay English.

use std::ffi::OsString;

use byway::Language;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Error, ValueEnum as _};

use crate::args::{Cli, Lang, SHOWN_AT_ONCE};
use crate::{plain, words};

/// The language that a command line requests anywhere in it: the line itself may be invalid.
pub(crate) fn language(arguments: impl IntoIterator<Item = OsString>) -> Language {
    let mut asked = None;
    let mut follows_flag = false;
    for argument in arguments {
        let value = argument.to_str().and_then(|argument| argument.strip_prefix("--lang=")).map(str::to_owned);
        let value = value.or_else(|| follows_flag.then(|| argument.to_str().map(str::to_owned)).flatten());
        asked = asked.or(value.and_then(|value| Lang::from_str(&value, false).ok()));
        follows_flag = argument == "--lang";
    }
    asked.unwrap_or_else(system_language).into()
}

/// The language of the system, by the first of POSIX's variables that is set.
pub(crate) fn system_language() -> Lang {
    spoken(["LC_ALL", "LC_MESSAGES", "LANG"].map(std::env::var_os))
}

fn spoken(variables: impl IntoIterator<Item = Option<OsString>>) -> Lang {
    let said = variables.into_iter().flatten().find(|value| !value.is_empty());
    // `ru_RU.UTF-8`, `ru`, `ru@latin`.
    let said = said.and_then(|value| value.to_str().map(str::to_ascii_lowercase)).unwrap_or_default();
    let tag = said.split(['_', '-', '.', '@']).next().unwrap_or_default();
    if tag == "ru" { Lang::Ru } else { Lang::En }
}

/// The mistake, and where to read more.
pub(crate) fn sentence(error: &Error, language: Language) -> String {
    let mistake = match (error.kind(), language) {
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand, _) => {
            format!("{} {}", words::SAY_WHAT.in_(language), named_commands(language))
        }
        (ErrorKind::MissingRequiredArgument, _)
            if all(error, ContextKind::InvalidArg).iter().any(|arg| arg == "`--ics`") =>
        {
            words::SAY_WHAT_TO_EXPORT.in_(language).to_owned()
        }
        (ErrorKind::InvalidSubcommand, _) if looks_like_link(error) => words::SAY_OPEN.in_(language).to_owned(),
        (_, Language::Ru) => russian(error),
        _ => english(error),
    };
    format!("{mistake} ({})", words::HELP_TELLS_MORE.in_(language))
}

/// The commands that can follow what was typed.
fn named_commands(language: Language) -> String {
    let typed = std::env::args_os().skip(1);
    let command = typed.fold(Cli::command(), |command, word| match command.find_subcommand(&word) {
        Some(inner) => inner.clone(),
        None => command,
    });
    let names = command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help");
    let names: Vec<_> = names.map(|inner| inner.get_name().to_owned()).collect();
    let (or, names) = (words::OR.in_(language), names.split_last());
    names.map_or_else(String::new, |(last, others)| match others {
        [] => last.clone(),
        others => format!("{} {or} {last}", others.join(", ")),
    })
}

/// A link or URL stands where a command should be: the most common first mistake.
fn looks_like_link(error: &Error) -> bool {
    all(error, ContextKind::InvalidSubcommand).iter().any(|typed| typed.contains(['.', '/', ':']))
}

/// clap's first paragraph, and its suggestion.
fn english(error: &Error) -> String {
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let mistake = plain::line(first.strip_prefix("error: ").unwrap_or(first));
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near: Vec<_> = near.into_iter().flat_map(|kind| all(error, kind)).collect();
    if near.is_empty() { mistake } else { format!("{mistake}; did you mean {}?", near.join(" or ")) }
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
                prior => format!("аргумент {argument} нельзя указать вместе с {}", prior.join(", ")),
            }
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = all(error, ContextKind::InvalidValue);
            let known = all(error, ContextKind::ValidValue);
            let known = if known.is_empty() { String::new() } else { format!("; бывают: {}", known.join(", ")) };
            let near = perhaps(&all(error, ContextKind::SuggestedValue));
            match value.as_slice() {
                [] => format!("после {argument} нужно значение{known}"),
                value => {
                    format!("значение {} для {argument} не подходит{}{near}{known}", value.join(", "), bounds(error))
                }
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

/// The bounds of a number.
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

/// The subjects of an error, each in backquotes.
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
            (&["byway", "--lang", "en", "open", "--lang=ru"], Language::En),
            (&["byway", "open", "--lang", "--lang", "ru"], Language::Ru),
        ] {
            assert_eq!(language(arguments.iter().map(OsString::from)), expected, "{arguments:?}");
        }
    }

    #[test]
    fn the_systems_language_comes_from_the_first_set_variable() {
        for (variables, expected) in [
            ([None, None, Some("ru_RU.UTF-8")], Language::Ru),
            ([Some(""), Some("ru"), Some("en_GB.UTF-8")], Language::Ru),
            ([Some("C"), Some("ru_RU.UTF-8"), Some("ru_RU.UTF-8")], Language::En),
            ([None, Some("ru@latin"), None], Language::Ru),
            ([None, None, Some("RU_ru")], Language::Ru),
            ([None, None, Some("rumantsch")], Language::En),
            ([None, None, None], Language::En),
        ] {
            assert_eq!(
                Language::from(spoken(variables.map(|value| value.map(OsString::from)))),
                expected,
                "{variables:?}"
            );
        }
    }
}
