//! The words of a notice.

/// A word with its position in the text: lower-case, `ё` as `е`, without the punctuation around it.
pub(super) struct NoticeWord {
    pub(super) low: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The end of the word with the punctuation that follows it.
    pub(super) reach: usize,
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> Vec<NoticeWord> {
    let mut words = Vec::new();
    let mut start = 0;
    for piece in text.split(' ') {
        let reach = start + piece.len();
        let body = piece.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '№' | '#'));
        let from = reach - body.len();
        let body = body.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '№' | '#'));
        if !body.is_empty() {
            words.push(NoticeWord {
                low: body.to_lowercase().replace('ё', "е"),
                start: from,
                end: from + body.len(),
                reach,
            });
        }
        start = reach + 1;
    }
    words
}

/// Whether the words from `at` on begin with these stems. Returns the index of the first word after them.
pub(super) fn starts_with(words: &[NoticeWord], at: usize, stems: &[&str]) -> Option<usize> {
    let end = at.checked_add(stems.len())?;
    let slice = words.get(at..end)?;
    slice.iter().zip(stems).all(|(word, stem)| word.low.starts_with(stem)).then_some(end)
}
