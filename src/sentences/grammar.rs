//! Grammar that the phrasebooks share.

/// Russian counts in three forms: 1 запись, 2 записи, 5 записей.
pub(super) fn russian_form<T>(count: u64, [one, few, many]: [T; 3]) -> T {
    match (count % 10, count % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// The text with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The text with a full stop, which follows a quotation and is not inside it.
pub(super) fn ended(text: &str) -> String {
    let text = text.trim_end();
    for quote in ['”', '»'] {
        if let Some(quoted) = text.strip_suffix(quote) {
            let inner = if quoted.ends_with("..") { quoted } else { quoted.strip_suffix('.').unwrap_or(quoted) };
            return format!("{inner}{quote}.");
        }
    }
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}
