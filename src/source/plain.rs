//! Reads plain text from text that contains HTML.

use crate::community::is_display_control;

/// Decodes entities, turns `<br>` and the tags of blocks into line breaks, drops the other known tags, and turns
/// every kind of blank into a plain one. At most `limit` characters are kept.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(2)));
    let mut kept = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if kept >= limit {
            break;
        }
        let ordinary = rest.find(|c| !is_ordinary(c)).unwrap_or(rest.len());
        if ordinary > 0 {
            let piece = cut(rest.get(..ordinary).unwrap_or_default(), limit - kept);
            out.push_str(piece);
            kept += piece.chars().count();
            rest = rest.get(ordinary..).unwrap_or_default();
            continue;
        }
        let (written, read) = match c {
            '<' => tag(rest).unwrap_or((Some('<'), 1)),
            '&' => entity(rest).map_or((Some('&'), 1), |(c, read)| (Some(c), read)),
            '\r' => (None, 1),
            other => (Some(other), other.len_utf8()),
        };
        if let Some(c) = written.and_then(|c| visible(c, out.chars().next_back())) {
            out.push(c);
            kept += 1;
        }
        rest = rest.get(read..).unwrap_or_default();
    }
    out.trim().to_owned()
}

/// The same on one line, with every run of blanks as one.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    squeeze(&plain(text, limit))
}

/// Replaces every run of blanks and line breaks by one blank.
pub(crate) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// Whether a character stands for itself. Most text consists of these, and is copied in runs.
pub(crate) fn is_ordinary(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{400}'..='\u{4ff}') && !matches!(c, '<' | '&')
}

/// The replacement for a tag at the start of `text`, and the tag's length. `None`: it is not a tag.
fn tag(text: &str) -> Option<(Option<char>, usize)> {
    let end = text
        .char_indices()
        .skip(1)
        .take(LONGEST_TAG)
        .find(|(_, c)| matches!(c, '>' | '<'))
        .filter(|(_, c)| *c == '>')?
        .0;
    let inside = text.get(1..end)?.trim_start_matches('/');
    let name: String = inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let read = end + 1;
    match name.as_str() {
        "br" | "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" => Some((Some('\n'), read)),
        "a" | "b" | "i" | "u" | "s" | "em" | "strong" | "span" | "font" | "ul" | "ol" | "td" | "table" | "tbody"
        | "img" | "small" | "html" | "head" | "body" | "title" | "meta" | "link" | "section" | "main" | "center"
        | "noscript" => Some((None, read)),
        _ => None,
    }
}

/// The character of an entity at the start of `text`, and the entity's length. `None`: it is not an entity.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.char_indices().take(LONGEST_ENTITY).find(|(_, c)| *c == ';')?.0;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "laquo" => '«',
        "raquo" => '»',
        "bdquo" => '„',
        "ldquo" => '“',
        "rdquo" => '”',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "numero" => '№',
        "copy" => '©',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((c, end + 1))
}

/// What a person sees of a character that follows `before`: blanks become one kind, and a character that only controls
/// the layout is `None`.
pub(crate) fn visible(c: char, before: Option<char>) -> Option<char> {
    if is_joiner(c) && before.is_some_and(may_be_joined) { Some(c) } else { blank_or_self(c) }
}

/// Blanks of every width become one kind; characters that only control the layout are dropped.
fn blank_or_self(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2061}'..='\u{2064}' => None,
        c if c.is_whitespace() || c == BRAILLE_BLANK => Some(' '),
        c if is_display_control(c) => None,
        c => Some(c),
    }
}

/// The zero-width joiner and non-joiner. They combine pictures, and shape Persian and Indic words.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// A character that a joiner may follow. In Latin, Cyrillic and related scripts a joiner has no meaning and only hides
/// words from code that searches for them.
fn may_be_joined(c: char) -> bool {
    c >= '\u{590}' && !is_joiner(c)
}

/// The blank of Braille.
const BRAILLE_BLANK: char = '\u{2800}';

/// The longest tag with attributes, in characters; a longer one is text.
const LONGEST_TAG: usize = 400;

/// `&#x10ffff;` and the longest names, in characters.
const LONGEST_ENTITY: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_becomes_what_a_reader_sees() {
        let cases = [
            ("раз<br>два<br/>три<BR />", "раз\nдва\nтри"),
            ("a &amp; b &lt;c&gt; &#8470; &#x41; &nbsp;d", "a & b <c> № A  d"),
            ("1 < 2 > 0 & so &on; &#0;", "1 < 2 > 0 & so &on; &#0;"),
            ("<b>жирно</b> и <a href=\"x\">ссылка</a>", "жирно и ссылка"),
            ("\u{a0}нет\u{a0}разрыва\u{202e}\u{200b}", "нет разрыва"),
            ("<script", "<script"),
            ("👩\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈", "👩\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("T\u{61c}o\u{fff9}r\u{e0041}", "Tor"),
            ("за\u{200d}блокирован\u{200c} w\u{200d}ord", "заблокирован word"),
        ];
        for (text, seen) in cases {
            assert_eq!(plain(text, 1000), seen);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_within_the_limit(text in "(\\PC|<br>|&amp;|&#1;|<|&|\u{a0}){0,60}", limit in 0usize..40) {
            prop_assert!(plain(&text, limit).chars().count() <= limit);
        }
    }
}
