//! The text of a page as a reader sees it.

/// Whether a page is a small provider's notice. Each provider writes its own, and all of them are short and say that
/// access to a site is closed, and by which law.
pub(super) fn cites_law(low: &str) -> bool {
    let said = visible(low);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    said.chars().count() <= SHORT
        && has(&["149-фз", "149 - фз", "149 фз", "139-фз", "398-фз"])
        && has(&["доступ"])
        && has(&["ограничен", "заблокирован", "закрыт", "запрещен", "запрещён", "приостановлен"])
        && has(&["сайт", "ресурс", "страниц", "интернет"])
}

/// A page's text without its tags, styles and scripts.
fn visible(low: &str) -> String {
    let mut said = String::new();
    let mut rest = low;
    while let Some((before, tag)) = rest.split_once('<') {
        said.push_str(before);
        let hidden = ["script", "style"].into_iter().find(|name| tag.starts_with(name));
        let behind = hidden.and_then(|name| tag.split_once(&format!("</{name}"))).map_or(tag, |(_, behind)| behind);
        rest = behind.split_once('>').map_or("", |(_, behind)| behind);
    }
    said.push_str(rest);
    said
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
