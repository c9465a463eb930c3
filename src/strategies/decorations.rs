//! Decorations of a strategy in a line: bullets, numbers, quotes, invisible characters.

use zeroize::Zeroizing;

/// The line as it is seen: any blank is a space, and invisible characters are removed.
pub(super) fn visible(line: &str) -> Zeroizing<String> {
    // All of the capacity is allocated at once: a buffer that grows leaves copies behind. Nothing gets longer here.
    let mut visible = Zeroizing::new(String::with_capacity(line.len()));
    visible.extend(
        line.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control() && !is_invisible(*c)),
    );
    visible
}

/// The text without bullet, number, quotes and list punctuation around it.
pub(super) fn undecorated(mut text: &str) -> &str {
    for _ in 0..MAX_DECORATIONS {
        let before = text;
        text = text.trim().trim_end_matches([',', ';']).trim_end();
        text = without_number(text);
        text = without_bullet(text);
        text = without_quotes(text);
        if text == before {
            break;
        }
    }
    text
}

/// `[text](target)`, as Markdown writes links.
pub(super) fn link_target(text: &str) -> &str {
    text.strip_prefix('[')
        .and_then(|text| text.split_once("]("))
        .and_then(|(_, target)| target.strip_suffix(')'))
        .unwrap_or(text)
}

/// `1.`, `1)`, `1:`, `(1)` and `[1]` before a space, and a digit on a keycap.
fn without_number(text: &str) -> &str {
    let opened = text.trim_start_matches(['(', '[']);
    let rest = opened.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = opened.len() - rest.len();
    if !(1..=4).contains(&digits) {
        return text;
    }
    let keycap = rest.trim_start_matches(['\u{fe0f}', '\u{20e3}']);
    if keycap.len() < rest.len() {
        return keycap;
    }
    match rest.strip_prefix(['.', ')', ':', ']']) {
        Some(rest) if rest.starts_with(' ') => rest,
        _ => text,
    }
}

/// A bullet, a quotation mark or an emoji. ASCII signs count only before a space, because they begin other things as
/// well.
fn without_bullet(text: &str) -> &str {
    match text.strip_prefix(['-', '*', '+', '>', '|', '=']) {
        Some(rest) if rest.starts_with(' ') => rest,
        _ => text.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphanumeric() && !is_quote(c)),
    }
}

fn without_quotes(text: &str) -> &str {
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open).and_then(|text| text.strip_suffix(*close)))
        .unwrap_or(text)
}

/// Whether a quotation may begin with this character.
pub(super) fn is_quote(c: char) -> bool {
    QUOTES.iter().any(|(open, _)| *open == c)
}

const QUOTES: &[(char, char)] = &[
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('(', ')'),
    ('*', '*'),
    ('«', '»'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
];

/// More than a strategy has in practice: a quoted, numbered item of a list in a quotation.
const MAX_DECORATIONS: usize = 8;

/// Characters without width that chats and web pages insert: soft hyphen, zero-width spaces and joiners, marks of
/// writing direction, word joiners, the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}
