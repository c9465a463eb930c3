//! The text of a page as a reader sees it.

/// Whether a page is a small provider's notice. Each provider writes its own, and all of them are short and say that
/// access to a site is closed, and by which law. `said` is its [`readable`] text.
pub(super) fn cites_law(said: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    said.chars().count() <= SHORT
        && has(&["149-фз", "149 - фз", "149 фз", "139-фз", "398-фз"])
        && has(&["доступ"])
        && has(&["ограничен", "заблокирован", "закрыт", "запрещен", "запрещён", "приостановлен"])
        && has(&["сайт", "ресурс", "страниц", "интернет"])
}

/// A page's text as a reader sees it, in lower case: without tags, styles, scripts and invisible characters, with its
/// character references replaced, and with one space for any white space.
pub(super) fn readable(low: &str) -> String {
    let text = decode_entities(&visible(low)).to_lowercase();
    let mut said = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c.is_whitespace() {
            true if said.ends_with(' ') => {}
            true => said.push(' '),
            false => said.push(c),
        }
    }
    said.trim().to_owned()
}

/// A page's text without its tags, comments, styles and scripts. A tag that ends a line or a block leaves a space.
fn visible(low: &str) -> String {
    let mut said = String::new();
    let mut rest = low;
    while let Some((before, tag)) = rest.split_once('<') {
        said.push_str(before);
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let hidden = ["script", "style"].into_iter().find(|name| tag.starts_with(name));
        let behind = match hidden {
            Some(name) => tag.split_once(&format!("</{name}")).map_or("", |(_, behind)| behind),
            None => tag,
        };
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !WITHIN_A_LINE.contains(&name) {
            said.push(' ');
        }
        rest = behind.split_once('>').map_or("", |(_, behind)| behind);
    }
    said.push_str(rest);
    said
}

/// A text with its character references replaced (HTML, section 13.5), as far as notices use them. Unknown ones stay.
pub(super) fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        decoded.push_str(before);
        let end = reference.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(reference.len());
        let (name, behind) = reference.split_at(end);
        match character(name) {
            Some(c) => {
                decoded.push(c);
                rest = behind.strip_prefix(';').unwrap_or(behind);
            }
            None => {
                decoded.push('&');
                rest = reference;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The character that a reference names, without its ampersand and semicolon.
fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = hexadecimal.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok());
        return code.and_then(char::from_u32);
    }
    ENTITIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, c)| *c)
}

/// Characters that no reader sees and that divide no words.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// A page's text: UTF-8 or, if it is not, windows-1251, in which old Russian notices are written.
pub fn text_of(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        // A text cut in the middle of a character is still UTF-8.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(body).into_owned(),
        Err(_) => body.iter().map(|byte| windows_1251(*byte)).collect(),
    }
}

fn windows_1251(byte: u8) -> char {
    match byte {
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or(char::REPLACEMENT_CHARACTER),
        0xa8 => 'Ё',
        0xb8 => 'ё',
        0xb9 => '№',
        0xab => '«',
        0xbb => '»',
        0x96 | 0x97 => '–',
        0..=0x7f => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// The most characters of a notice in a provider's own words. News articles about the law are longer.
const SHORT: usize = 1000;

/// Elements that stand within a line of text.
const WITHIN_A_LINE: [&str; 16] =
    ["a", "b", "big", "em", "font", "i", "mark", "nobr", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"];

/// Named character references of notices.
const ENTITIES: [(&str, char); 14] = [
    ("nbsp", '\u{a0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("shy", '\u{ad}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ndash", '–'),
];
