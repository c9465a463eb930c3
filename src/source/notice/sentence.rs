//! The sentence of a notice, and its subject.

use super::words::NoticeWord;

/// From the subject of "blocked" (or the beginning of its sentence) to the end of the sentence.
pub(super) struct Sentence {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The first word after it.
    pub(super) end_word: usize,
}

/// The sentence around word `at`.
pub(super) fn sentence(text: &str, words: &[NoticeWord], at: usize) -> Sentence {
    let ends = |index: usize| {
        let Some(word) = words.get(index) else {
            return true;
        };
        let after = text.get(word.end..word.reach).unwrap_or_default();
        let abbreviation = word.low.chars().count() <= 3 && word.low.chars().all(char::is_alphabetic);
        let goes_on = words
            .get(index + 1)
            .and_then(|next| text.get(next.start..)?.chars().next())
            .is_some_and(|c| c.is_lowercase() || c == '№');
        after.contains(['.', '!', '?']) && !goes_on && !(abbreviation && after.starts_with('.'))
    };
    let mut first = at;
    for index in (at.saturating_sub(MAX_SUBJECT_WORDS)..at).rev() {
        if ends(index) {
            break;
        }
        first = index;
    }
    let subject = (first..at).find(|index| {
        words.get(*index).is_some_and(|word| SUBJECTS.iter().any(|subject| word.low.starts_with(subject)))
    });
    if let Some(subject) = subject {
        let this = subject.checked_sub(1).and_then(|before| words.get(before));
        let this = this.is_some_and(|word| ["данн", "эт", "this", "the"].iter().any(|stem| word.low.starts_with(stem)));
        first = if this && subject > first { subject - 1 } else { subject };
    }
    let last = (at..words.len())
        .take(MAX_WORDS)
        .find(|index| ends(*index))
        .unwrap_or_else(|| words.len().min(at + MAX_WORDS) - 1);
    Sentence {
        start: words.get(first).map_or(0, |word| word.start),
        end: words.get(last).map_or(text.len(), |word| if ends(last) { word.reach } else { word.end }),
        end_word: last + 1,
    }
}

/// The most words of a notice after "blocked".
const MAX_WORDS: usize = 80;

/// The most words between the beginning of a notice and "blocked".
const MAX_SUBJECT_WORDS: usize = 12;

/// Possible subjects of a notice.
const SUBJECTS: &[&str] = &[
    "сообществ",
    "материал",
    "страниц",
    "групп",
    "контент",
    "запис",
    "публикац",
    "доступ",
    "мероприяти",
    "встреч",
    "видео",
    "аудио",
    "community",
    "material",
    "page",
    "group",
    "content",
    "access",
    "post",
    "event",
];

/// Whether one of the first two words is a possible subject.
pub(super) fn begins_with_subject(text: &str) -> bool {
    text.split_whitespace().take(2).any(|word| {
        let word = word.to_lowercase();
        SUBJECTS.iter().any(|subject| word.starts_with(subject))
    })
}
