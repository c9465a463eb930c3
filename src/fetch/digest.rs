//! The features of an answer, for the comparison with what another network reads ([`PageDigest`]).

use http::{HeaderMap, StatusCode};
use url::{Host, Url};

use super::redirect;
use crate::reach::{PageDigest, hash_of, text_of};

/// The digest of an answer: of a complete one, or of a redirect, whose body is not read.
pub(crate) fn digest(url: &Url, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> PageDigest {
    let mut digest = PageDigest::new(status.as_u16());
    digest.bytes = body.len() as u64;
    digest.body = hash_of(body);
    digest.challenge = headers.get("cf-mitigated").is_some_and(|value| value == "challenge");
    let leads_to = redirect::location(status, headers).ok().flatten().and_then(|location| {
        let to = url.join(&redirect::location_text(location)).ok()?;
        to.host().map(|host| host.to_owned())
    });
    let text = text_of(body.get(..READ_BYTES).unwrap_or(body));
    read(&mut digest, url, &text);
    if leads_to.is_some() {
        digest.leads_to = leads_to;
    }
    digest
}

/// Reads text and markup in one pass. It is not a parser of HTML: it only needs to read the same page twice with the
/// same result.
fn read(digest: &mut PageDigest, url: &Url, text: &str) {
    let mut rest = text;
    let (mut elements, mut element_count) = (Vec::new(), 0_usize);
    // Text within these elements is for machines.
    let mut within: Option<&str> = None;
    let mut title: Option<String> = None;
    while !rest.is_empty() {
        let (before, tag_on) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        match within {
            None => words(digest, before),
            Some("title") => title.get_or_insert_default().push_str(before),
            Some(_) => {}
        }
        let Some(inside) = tag_on.strip_prefix('<') else { break };
        if let Some(comment) = inside.strip_prefix("!--") {
            rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
            continue;
        }
        let end = inside.find('>').unwrap_or(inside.len());
        let (tag, after) = inside.split_at(end);
        rest = after.strip_prefix('>').unwrap_or_default();
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let ends_machine_text = tag.starts_with('/') && matches!(name.as_str(), "script" | "style");
        if name.is_empty() || within == Some(MACHINE) && !ends_machine_text {
            continue;
        }
        if element_count < MOST_ELEMENTS {
            elements.push(hash_of(&(tag.starts_with('/'), &name)));
        }
        element_count += 1;
        within = match name.as_str() {
            _ if tag.starts_with('/') => None,
            "title" => Some("title"),
            "script" | "style" if !tag.ends_with('/') => Some(MACHINE),
            _ => None,
        };
        attributes(digest, url, &name, tag);
    }
    digest.title = title.as_deref().map(cut_title).filter(|title| !title.is_empty());
    digest.has_elements = element_count > 0;
    digest.elements = (element_count >= TELLING_ELEMENTS).then(|| hash_of(&(elements, element_count)));
}

fn words(digest: &mut PageDigest, text: &str) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        digest.words.add(shape(word));
    }
}

/// Equal for words that differ only in digits and case: times, counters, addresses.
fn shape(word: &str) -> String {
    let mut shape = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            c if c.is_numeric() && shape.ends_with('0') => {}
            c if c.is_numeric() => shape.push('0'),
            c => shape.push(c),
        }
    }
    shape
}

fn attributes(digest: &mut PageDigest, url: &Url, element: &str, tag: &str) {
    let lower = tag.to_ascii_lowercase();
    let mut rest = lower.as_str();
    let (mut refreshes, mut content) = (false, None);
    while let Some(at) = rest.find('=') {
        let (head, tail) = rest.split_at(at);
        let name = head.trim_end().rsplit(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'').next();
        let tail = tail.get(1..).unwrap_or_default().trim_start();
        let quote = tail.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let open = tail.get(1..).unwrap_or_default();
                let end = open.find(quote).unwrap_or(open.len());
                (open.get(..end).unwrap_or_default(), open.get(end + 1..).unwrap_or_default())
            }
            None => tail.split_at(tail.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tail.len())),
        };
        match name.unwrap_or_default() {
            "class" | "id" => {
                value.split_ascii_whitespace().for_each(|value| digest.markup.add(("class", shape(value))));
            }
            "src" | "href" | "action" => digest.markup.add(("address", shape(value))),
            "http-equiv" => refreshes |= value.trim() == "refresh",
            "content" => content = Some(value),
            _ => {}
        }
        rest = after;
    }
    if element == "meta" && refreshes {
        let to =
            content.and_then(|content| content.split_once("url=")).map(|(_, to)| to.trim_matches(['\'', '"', ' ']));
        let host: Option<Host<String>> =
            to.and_then(|to| url.join(to).ok()).and_then(|to| to.host().map(|host| host.to_owned()));
        digest.leads_to = digest.leads_to.take().or(host);
    }
}

fn cut_title(title: &str) -> String {
    let shown = |c: char| !c.is_control() && !is_invisible(c);
    let clean: String = title.chars().map(|c| if shown(c) { c } else { ' ' }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(PageDigest::TITLE_CHARS).collect()
}

/// Characters that change the direction of a text or are invisible (Unicode Standard Annex 9).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The kind of text within a script or a style sheet.
const MACHINE: &str = "machine";

/// How much of a page is read: its frame and the beginning of its text.
const READ_BYTES: usize = 64 * 1024;

/// The most elements, opened and closed, whose sequence is hashed.
const MOST_ELEMENTS: usize = 2_000;

/// A page with fewer elements, opened and closed, has the same sequence as many others: for example a notice of one
/// heading and a few paragraphs.
const TELLING_ELEMENTS: usize = 30;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::header;

    use super::*;

    fn of(body: &str) -> PageDigest {
        digest(&"http://site.example/".parse().unwrap(), StatusCode::OK, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_title_is_read_without_what_could_deceive_a_terminal() {
        for (body, title) in [
            ("<title>Club</title>", Some("Club")),
            ("<HTML><TITLE lang=ru>\n Клуб\t\u{202e}7 \u{1b}[31m</TITLE>", Some("Клуб 7 [31m")),
            ("<title></title>", None),
            ("no markup", None),
            ("<title>never closed", Some("never closed")),
            ("<script>document.title='<title>x'</script>", None),
        ] {
            assert_eq!(of(body).title.as_deref(), title, "{body}");
        }
        assert_eq!(of(&format!("<title>{}", "я".repeat(900))).title.unwrap().chars().count(), PageDigest::TITLE_CHARS);
    }

    #[test]
    fn a_redirect_is_read_from_the_head_and_from_the_page() {
        let to = |body: &str| of(body).leads_to.map(|host| host.to_string());
        for (body, host) in [
            (r#"<meta http-equiv="refresh" content="0; url=http://warn.isp/x">"#, Some("warn.isp")),
            ("<META content='0;URL=//warn.isp' http-equiv=Refresh>", Some("warn.isp")),
            (r#"<meta http-equiv="refresh" content="60">"#, None),
            (r#"<meta name="description" content="url=http://warn.isp">"#, None),
            (r#"<meta http-equiv="refresh" content="0;url=/login">"#, Some("site.example")),
        ] {
            assert_eq!(to(body).as_deref(), host, "{body}");
        }
        let headers = HeaderMap::from_iter([(header::LOCATION, "//warn.isp/".parse().unwrap())]);
        let found = digest(&"http://site.example/".parse().unwrap(), StatusCode::FOUND, &headers, b"");
        assert_eq!(found.leads_to.unwrap().to_string(), "warn.isp");
    }

    #[test]
    fn digits_and_case_make_no_difference() {
        assert_eq!(of("at 12:30, 7 visitors").words, of("AT 9:05, 1042 Visitors").words);
        assert_ne!(of("at noon").words, of("at night").words);
    }

    #[test]
    fn whatever_comes_is_read_in_bounds() {
        for body in
            ["<", "<<<<", "</", "<a", "<a href", "<a href=", "<a href='", "<!--", "<title", "=", "<a =\"", "<ё ё=ё>"]
        {
            for times in [1, 20_000] {
                let digest = of(&body.repeat(times));
                assert!(digest.words.len() + digest.markup.len() < 200, "{body}");
            }
        }
    }
}
