//! Whether a body is a feed, a calendar or a page. The bytes decide; if they do not, the content type does.

/// The kind of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerFormat {
    /// Atom or RSS, any version.
    XmlFeed,
    /// JSON Feed.
    JsonFeed,
    /// iCalendar.
    Calendar,
    /// A page for people.
    Html,
    /// Something else.
    Unknown,
}

/// The kind of this text.
pub(super) fn kind(text: &str, content_type: Option<&str>) -> AnswerFormat {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let head = head(text);
    if starts_with(head, "BEGIN:VCALENDAR") {
        return AnswerFormat::Calendar;
    }
    if head.starts_with('{') {
        return if head.contains("jsonfeed.org/version") || is(content_type, "application/feed+json") {
            AnswerFormat::JsonFeed
        } else {
            AnswerFormat::Unknown
        };
    }
    // A server may print a warning before the document.
    let markup = head.find('<').and_then(|at| head.get(at..)).unwrap_or_default();
    match root(markup) {
        Some(name) if FEEDS.iter().any(|feed| name.eq_ignore_ascii_case(feed)) => AnswerFormat::XmlFeed,
        Some(name) if PAGES.iter().any(|page| name.eq_ignore_ascii_case(page)) => AnswerFormat::Html,
        _ if is(content_type, "text/html") || is(content_type, "application/xhtml+xml") => AnswerFormat::Html,
        Some(_) | None if starts_with(markup, "<!doctype html") => AnswerFormat::Html,
        _ => AnswerFormat::Unknown,
    }
}

/// The name of the first element, without its prefix.
fn root(markup: &str) -> Option<&str> {
    let mut rest = markup;
    loop {
        rest = rest.get(rest.find('<')?..)?;
        let skipped = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<?") {
            rest.find("?>")? + 2
        } else if rest.starts_with("<!") {
            // A document type may hold its own declarations in brackets.
            let end = rest.find('>')?;
            match rest.find('[').filter(|bracket| *bracket < end) {
                Some(bracket) => bracket + rest.get(bracket..)?.find("]>")? + 2,
                None => end + 1,
            }
        } else {
            let name = rest.get(1..)?;
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(name.len());
            let name = name.get(..end)?;
            return Some(name.rsplit_once(':').map_or(name, |(_, local)| local));
        };
        rest = rest.get(skipped..)?;
    }
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn is(content_type: Option<&str>, media_type: &str) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}

/// Roots of Atom, of RSS 0.9x and 2.0, and of RSS 0.9 and 1.0.
const FEEDS: [&str; 3] = ["feed", "rss", "RDF"];

/// First elements of pages; `html` may be left out.
const PAGES: [&str; 6] = ["html", "head", "body", "title", "meta", "link"];

/// Where the first element is searched, in bytes: some documents begin with a licence.
const HEAD: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn the_bytes_say_what_a_body_is() {
        let doctype = "<!DOCTYPE rss [<!ENTITY a \"b>\"> ]><rss version='0.91'>";
        let cases = [
            ("<?xml version='1.0'?>\n<!-- <html> --><rss version='2.0'>", Some("text/html"), AnswerFormat::XmlFeed),
            (doctype, None, AnswerFormat::XmlFeed),
            ("<rdf:RDF xmlns:rdf='x'>", None, AnswerFormat::XmlFeed),
            ("\u{feff}<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'>", None, AnswerFormat::XmlFeed),
            ("Warning: mysql in x.php\n<feed>", None, AnswerFormat::XmlFeed),
            ("begin:vcalendar\r\n", Some("text/plain"), AnswerFormat::Calendar),
            (r#"{"version": "https://jsonfeed.org/version/1.1"}"#, Some("application/json"), AnswerFormat::JsonFeed),
            (r#"{"a": 1}"#, Some("application/json"), AnswerFormat::Unknown),
            ("<!doctype html><p>", None, AnswerFormat::Html),
            ("<html><!-- <rss> -->", Some("application/rss+xml"), AnswerFormat::Html),
            ("<p>feed", Some("text/html; charset=utf-8"), AnswerFormat::Html),
            ("<svg>", Some("image/svg+xml"), AnswerFormat::Unknown),
            ("<!--", None, AnswerFormat::Unknown),
            ("", None, AnswerFormat::Unknown),
        ];
        for (text, content_type, expected) in cases {
            assert_eq!(kind(text, content_type), expected, "{text}");
        }
        assert_eq!(kind(&format!("{}<rss>", "ж".repeat(HEAD)), None), AnswerFormat::Unknown, "the search has an end");
    }
}
