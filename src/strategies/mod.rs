//! Strategies, and how they are read from what a person got in a chat.
//!
//! The types belong to [`crate::transport`] and are named here again. The code here knows how people pass proxies on.
//! That includes the links of one product, so it stands outside of `transport`.
//!
//! Proxies are passed on as lists: with bullets, numbers, quotes, emoji and invisible characters, as URLs, as
//! `host:port:user:password`, as links for Telegram. [`import_strategies`] says for each line, in one sentence, what
//! was understood or what is wrong with it. It is lenient about the text around a strategy and strict about the
//! strategy. Nothing that is found is dropped silently, because the dropped part may have been the login.
//!
//! Each step has its file: `subscription` opens a list that is all Base64, `decorations` removes what surrounds the
//! strategy in a line, and `line` reads the rest: a bridge of Tor (`bridge_line`), a URL (`urls`), one of Telegram's links
//! (`telegram`), or host, port and login without a scheme (`form`). `shown` makes a line presentable that was not understood.

mod bridge_line;
mod decorations;
mod error;
mod form;
mod limits;
mod line;
mod packed;
mod shown;
mod subscription;
mod telegram;
#[cfg(test)]
mod tests;
mod urls;

use std::collections::HashMap;
use std::fmt;

pub use error::ImportError;
pub use limits::{MAX_IMPORT_BYTES, MAX_IMPORT_LINES};

use crate::transport::Strategy;

/// Reads pasted text line by line, at most [`MAX_IMPORT_LINES`] and [`MAX_IMPORT_BYTES`] of it. If the text is longer,
/// one more line says so.
///
/// These forms are understood: strategy URLs, `host:port`, `host:port:user:password`, `user:password@host:port`,
/// `socks5 host port [user password]`, `ss host port method password`, Telegram's links to SOCKS5 proxies and bridge lines of Tor
/// (`obfs4 ADDRESS:PORT FINGERPRINT cert=...`, for the strategy `tor:`). If a line
/// does not name the kind of proxy, port 1080 means SOCKS5, and 9050 or 9150 on this device a running Tor. Outside of
/// URLs and links a login is read as it stands, without percent-encoding.
///
/// A text that is Base64 as a whole, with a list of URLs inside, is read as that list, once: this is the form of
/// subscriptions to proxies. Its lines are counted inside.
///
/// ```
/// use byway::{Imported, import_strategies};
///
/// let lines = import_strategies("Proxies for today:\n1. `socks5://me:s3cret@proxy.example`\n2. 192.0.2.1:4444\n");
/// let Imported::Strategy(strategy) = &lines[1].outcome else { unreachable!() };
/// assert_eq!(strategy.redacted(), "socks5://***@proxy.example:1080");
/// let Imported::Wrong { shown, error } = &lines[2].outcome else { unreachable!() };
/// assert_eq!(shown, "192.0.2.1:4444");
/// assert!(error.to_string().starts_with("the line does not say what kind of proxy this is"));
///
/// let strategies = lines.into_iter().filter_map(|line| match line.outcome {
///     Imported::Strategy(strategy) => Some(strategy),
///     _ => None,
/// });
/// let builder = byway::Byway::builder().strategies(strategies);
/// ```
pub fn import_strategies(text: &str) -> Vec<ImportedLine> {
    let (text, cut) = within_bytes(text);
    let inside = if cut { None } else { subscription::opened(text) };
    let text = inside.as_ref().map_or(text, |inside| inside.as_str());
    let mut firsts: HashMap<Strategy, usize> = HashMap::new();
    let mut imported = Vec::new();
    let mut lines = (1..).zip(text.lines());
    for (number, line) in lines.by_ref().take(MAX_IMPORT_LINES) {
        let outcome = match line::read(line) {
            Ok(None) => Imported::Ignored,
            Ok(Some(strategy)) => match firsts.get(&strategy.way()) {
                Some(&first) => Imported::Duplicate { strategy, first },
                None => {
                    firsts.insert(strategy.way(), number);
                    Imported::Strategy(strategy)
                }
            },
            Err(error) => Imported::Wrong { shown: shown::shown(line), error },
        };
        imported.push(ImportedLine { number, outcome });
    }
    let more = match lines.next() {
        Some((number, _)) => Some((number, ImportError::TooManyLines)),
        None => cut.then(|| (imported.len() + 1, ImportError::TooManyBytes)),
    };
    imported.extend(
        more.map(|(number, error)| ImportedLine { number, outcome: Imported::Wrong { shown: String::new(), error } }),
    );
    imported
}

/// One line of pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedLine {
    /// Its number, from 1.
    pub number: usize,
    /// The result of the line.
    pub outcome: Imported,
}

/// The result of one line.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Imported {
    /// A strategy.
    Strategy(Strategy),
    /// The same strategy as on an earlier line. Country and name may differ; what is sent on the wire does not.
    Duplicate {
        /// The strategy as it stands on this line.
        strategy: Strategy,
        /// The number of the line that had it first.
        first: usize,
    },
    /// Nothing to read: a comment (`#` or `//` first), no letters and no digits.
    Ignored,
    /// Not understood.
    Wrong {
        /// The line without anything that may be a login: kind, host and port if they are plain, `***` for the rest. It
        /// is empty if the error is about the text after the lines that were read.
        shown: String,
        /// What is wrong with it.
        error: ImportError,
    },
}

impl Imported {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Imported::Strategy(_) => "strategy",
            Imported::Duplicate { .. } => "duplicate",
            Imported::Ignored => "ignored",
            Imported::Wrong { .. } => "wrong",
        }
    }
}

impl fmt::Debug for Imported {
    /// Prints no hosts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strategy(strategy) => f.debug_tuple("Strategy").field(strategy).finish(),
            Self::Duplicate { strategy, first } => {
                f.debug_struct("Duplicate").field("strategy", strategy).field("first", first).finish()
            }
            Self::Ignored => f.write_str("Ignored"),
            Self::Wrong { shown: _, error } => f.debug_struct("Wrong").field("error", error).finish_non_exhaustive(),
        }
    }
}

/// The part of the text that is read, in whole lines, and whether there is more.
fn within_bytes(text: &str) -> (&str, bool) {
    if text.len() <= MAX_IMPORT_BYTES {
        return (text, false);
    }
    let end = (0..=MAX_IMPORT_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let (head, _) = text.split_at(end);
    match head.rsplit_once('\n') {
        Some((lines, _)) => (lines, true),
        // One line that is too long even by itself.
        None => (head, true),
    }
}
