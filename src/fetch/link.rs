//! The header `Link` (RFC 8288), as far as RFC 7725 needs it: who blocks, in their own words.

use http::{HeaderMap, header};
use url::Url;

/// The target of the first link with the relation `blocked-by` (RFC 7725 section 4): the entity that *implements* the
/// block, which is not the one that ordered it. A web address, resolved against the page's.
pub(crate) fn blocked_by(headers: &HeaderMap, page: &Url) -> Option<Url> {
    let values = headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(links).take(MOST_LINKS).find_map(|link| {
        if !link.has_rel("blocked-by") {
            return None;
        }
        let target = page.join(link.target).ok()?;
        // A link with another anchor is not about this page.
        let about = link.anchor.is_none_or(|anchor| page.join(&anchor).is_ok_and(|about| about == *page));
        (about && matches!(target.scheme(), "http" | "https") && target.as_str().len() <= MOST_BYTES).then_some(target)
    })
}

/// One link: its target and the parameters that matter.
struct Link<'a> {
    target: &'a str,
    rel: Option<String>,
    anchor: Option<String>,
}

impl Link<'_> {
    fn has_rel(&self, wanted: &str) -> bool {
        let relations = self.rel.as_deref().unwrap_or_default();
        relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case(wanted))
    }
}

/// The links of one field value. Invalid text ends them.
fn links(mut text: &str) -> impl Iterator<Item = Link<'_>> {
    std::iter::from_fn(move || {
        text = text.trim_start_matches([' ', '\t', ',']);
        let (target, mut rest) = text.strip_prefix('<')?.split_once('>')?;
        let mut link = Link { target: target.trim(), rel: None, anchor: None };
        let mut parameters = 0;
        while let Some(behind) = rest.trim_start_matches([' ', '\t']).strip_prefix(';') {
            parameters += 1;
            if parameters > MOST_PARAMETERS {
                return None;
            }
            let end = behind.find(['=', ';', ',']).unwrap_or(behind.len());
            let (name, behind) = behind.split_at_checked(end)?;
            let value;
            (value, rest) = match behind.strip_prefix('=') {
                Some(behind) => value_of(behind)?,
                None => (String::new(), behind),
            };
            // If there are several, the first counts (RFC 8288 section 3.3).
            let known = match name.trim() {
                name if name.eq_ignore_ascii_case("rel") => &mut link.rel,
                name if name.eq_ignore_ascii_case("anchor") => &mut link.anchor,
                _ => continue,
            };
            known.get_or_insert(value);
        }
        text = rest;
        Some(link)
    })
}

/// A token, or a quoted text with its escapes, and the text that follows.
fn value_of(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']);
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (token, rest) = text.split_at_checked(end)?;
        return Some((token.trim_end().to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, quoted.get(at + 1..)?)),
            (_, '\\') => value.push(chars.next()?.1),
            (_, other) => value.push(other),
        }
    }
}

/// More than any page has.
const MOST_LINKS: usize = 64;
const MOST_PARAMETERS: usize = 32;

/// A link is kept and shown: a longer one is not for people.
const MOST_BYTES: usize = 2048;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::LINK, HeaderValue::from_str(value).unwrap());
        }
        blocked_by(&headers, &"https://site.example/a/b".parse().unwrap()).map(String::from)
    }

    #[test]
    fn who_blocks_is_read_out_of_whatever_links_there_are() {
        let cases: &[(&[&str], Option<&str>)] = &[
            (&["<https://rkn.example/>; rel=\"blocked-by\""], Some("https://rkn.example/")),
            (&["<https://a.example/>; rel=next, <https://b.example/>; rel=blocked-by"], Some("https://b.example/")),
            (&["<https://a.example/x,y>; rel=\"terms blocked-by\""], Some("https://a.example/x,y")),
            (&["<https://a.example/>; title=\"a, b; rel=blocked-by\"; rel=next"], None),
            (&["<https://a.example/>; title=\"say \\\"no\\\", <x>\" ; REL = Blocked-By"], Some("https://a.example/")),
            (&["<https://a.example/>; rel=next; rel=blocked-by"], None),
            (&["<https://a.example/>; rel=next", "</order>; rel=blocked-by"], Some("https://site.example/order")),
            (&["<https://a.example/>; rel=blocked-by; anchor=\"https://other.example/\""], None),
            (&["<https://a.example/>; rel=blocked-by; anchor=\"/a/b\""], Some("https://a.example/")),
            (&["<javascript:alert(1)>; rel=blocked-by"], None),
            (&["<https://a.example/>; crossorigin; rel=blocked-by"], Some("https://a.example/")),
            (&["<https://a.example/>; rel=next"], None),
            (&["rel=blocked-by"], None),
            (&["<<>>;;,,="], None),
            (&["<https://a.example/>; rel=\"blocked-by"], None),
        ];
        for (values, expected) in cases {
            assert_eq!(of(values).as_deref(), *expected, "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_header_is_nothing_panics(value in "[ -~]{0,200}") {
            let _ = of(&[&value]);
        }
    }
}
