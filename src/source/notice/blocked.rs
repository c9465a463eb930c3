//! Whether a word says "blocked", and in which country.

use super::words::{NoticeWord, starts_with};

/// The place where a notice says that it applies.
#[derive(Clone, Copy)]
pub(super) struct Territory {
    pub(super) jurisdiction: Option<&'static str>,
    /// The first word after it.
    pub(super) end: usize,
}

/// Whether a piece of text begins as a word that says "blocked".
pub(super) fn may_say_blocked(piece: &str) -> bool {
    let word = piece.trim_start_matches(|c: char| !c.is_alphanumeric());
    let low = || word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c });
    let Some(first) = low().next() else { return false };
    let begins_as = |stem: &str| low().take(stem.chars().count()).eq(stem.chars());
    STEMS.iter().chain(WORDS).filter(|stem| stem.starts_with(first)).any(|stem| begins_as(stem))
}

/// Beginnings of words that say "blocked".
const STEMS: &[&str] = &["заблокирован", "блокирован", "ограничен", "недоступ"];

/// English words that say "blocked".
const WORDS: &[&str] = &["blocked", "restricted", "unavailable"];

/// Whether word `at` says "blocked", and where.
pub(super) fn blocked_at(words: &[NoticeWord], at: usize) -> Option<Territory> {
    let verb = &words.get(at)?.low;
    let says_so = STEMS.iter().any(|stem| verb.starts_with(stem) && verb.chars().count() <= stem.chars().count() + 3);
    if !says_so && !WORDS.contains(&verb.as_str()) {
        return None;
    }
    // «На территории Российской Федерации заблокировано …» has the reverse order.
    let behind = at + 1..words.len().min(at + 1 + NEAR);
    for next in behind.chain(at.saturating_sub(NEAR)..at) {
        let low = words.get(next)?.low.as_str();
        if !(low.starts_with("территори") || matches!(low, "territory" | "in" | "within" | "в")) {
            continue;
        }
        for (stems, code) in COUNTRIES {
            for skip in 1..=3 {
                if let Some(end) = starts_with(words, next + skip, stems) {
                    return Some(Territory { jurisdiction: Some(code), end: end.max(at + 1) });
                }
            }
        }
    }
    Some(Territory { jurisdiction: None, end: at + 1 })
}

/// Words between "blocked" and the territory.
const NEAR: usize = 8;

const COUNTRIES: &[(&[&str], &str)] = &[
    (&["российск", "федерац"], "RU"),
    (&["рф"], "RU"),
    (&["росси"], "RU"),
    (&["russian", "federation"], "RU"),
    (&["russia"], "RU"),
    (&["украин"], "UA"),
    (&["ukrain"], "UA"),
    (&["казахстан"], "KZ"),
    (&["kazakhstan"], "KZ"),
    (&["беларус"], "BY"),
    (&["belarus"], "BY"),
    (&["узбекистан"], "UZ"),
    (&["uzbekistan"], "UZ"),
];
