//! Addresses on the web: in markup, and in plain text.

use std::ops::Range;

use url::Url;

use super::rendered::CROSSED_OUT;

/// Addresses in a plain text, and where they are.
pub(super) fn bare_links(text: &str) -> impl Iterator<Item = (Url, Range<usize>)> + '_ {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»' | '(' | ')');
    let mut end = 0;
    text.split_inclusive(is_end).filter_map(move |word| {
        let before = end;
        end += word.len();
        let bare = word.trim_start_matches(CROSSED_OUT);
        let start = before + word.len() - bare.len();
        let word = bare.split(CROSSED_OUT).next().unwrap_or_default();
        let word = word.trim_end_matches(is_end).trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '…']);
        let has_scheme = ["https://", "http://"].iter().any(|scheme| word.starts_with(scheme));
        let url = if has_scheme { web_url(word, None) } else { None };
        Some((url?, start..start + word.len()))
    })
}

/// An address on the web. An app should not open other addresses (`javascript:`, `file:`, `data:`).
pub(in crate::source) fn web_url(text: &str, base: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return None;
    }
    let url = match base {
        Some(base) => base.join(text),
        None => Url::parse(text),
    };
    url.ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.as_str().len() <= LONGEST_URL
    })
}

/// Longer than any address that a browser shows.
pub(super) const LONGEST_URL: usize = 2048;
