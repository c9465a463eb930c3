//! Text from strangers, cut into paragraphs and links.

use url::Url;

use crate::community::{is_display_control, shown_text};

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Plain text. It is escaped where it is written.
    Text(String),
    /// An `https:` or `http:` address, as it stands in the text.
    Link(String),
}

/// The paragraphs of a text: empty lines separate them, and single line breaks stay.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<Piece>> {
    let text = shown(text);
    let mut paragraphs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines().map(str::trim_end) {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.is_empty() => paragraph.push(line),
            Some(paragraph) if paragraph.is_empty() => {}
            _ => paragraphs.push(Vec::new()),
        }
    }
    paragraphs.iter().filter(|lines| !lines.is_empty()).map(|lines| pieces(&lines.join("\n"))).collect()
}

/// Without display control characters, except for line breaks; tabs become spaces.
pub(super) fn shown(text: &str) -> String {
    let text: String = shown_text(text).chars().filter(|c| !is_noncharacter(*c)).collect();
    text.replace('\t', " ").trim().to_owned()
}

/// XML 1.0 (section 2.2) does not allow them, and no text needs them.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// One line.
pub(super) fn line(text: &str) -> String {
    shown(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An address that may become a link. Others, like those of scripts, may not.
pub(super) fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    is_web.then(|| text.to_owned()).filter(|text| !text.chars().any(|c| c.is_whitespace() || is_display_control(c)))
}

/// The beginning of a text, cut after a word.
pub(super) fn beginning(text: &str, most: usize) -> String {
    let text = line(text);
    if text.chars().count() <= most {
        return text;
    }
    let cut: String = text.chars().take(most).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(before, _)| before);
    format!("{whole}…")
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = next_address(rest) {
        let (before, from) = rest.split_at(at);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        let address = without_end_marks(word);
        plain.push_str(before);
        match web_address(address) {
            Some(address) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                plain.push_str(word.get(address.len()..).unwrap_or_default());
                pieces.push(Piece::Link(address));
            }
            None => plain.push_str(word),
        }
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

/// Where an address begins. Nobody means `xhttps://`.
fn next_address(text: &str) -> Option<usize> {
    let starts = ["https://", "http://"].into_iter().flat_map(|scheme| text.match_indices(scheme));
    let begins = |at: usize| !text.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    starts.map(|(at, _)| at).filter(|at| begins(*at)).min()
}

/// Without the marks of the sentence around it. A closing bracket belongs to the address if it was opened there.
fn without_end_marks(word: &str) -> &str {
    let mut word = word;
    while let Some(last) = word.chars().last() {
        let is_mark = match last {
            ')' => word.matches(')').count() > word.matches('(').count(),
            _ => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '»' | '”' | '>' | ']' | '…'),
        };
        if !is_mark {
            break;
        }
        word = word.get(..word.len() - last.len_utf8()).unwrap_or_default();
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn link(text: &str) -> Piece {
        Piece::Link(text.to_owned())
    }

    #[test]
    fn only_web_addresses_become_links() {
        for (given, expected) in [
            ("См. https://a.example/x.", vec![text("См. "), link("https://a.example/x"), text(".")]),
            ("(http://a.example/b_(c))", vec![text("("), link("http://a.example/b_(c)"), text(")")]),
            ("javascript:alert(1) data:text/html,x", vec![text("javascript:alert(1) data:text/html,x")]),
            ("xhttps://a.example", vec![text("xhttps://a.example")]),
            ("https://user:pw@a.example/ https://", vec![text("https://user:pw@a.example/ https://")]),
            ("a\nhttps://a.example\nb", vec![text("a\n"), link("https://a.example"), text("\nb")]),
        ] {
            assert_eq!(paragraphs(given), vec![expected], "{given}");
        }
    }

    #[test]
    fn empty_lines_separate_paragraphs_and_controls_are_removed() {
        let given = "\n\n one\u{202e}\r\ntwo\t\u{1b}[31m \n \n\n three\u{2028}four";
        let expected = vec![vec![text("one\ntwo [31m")], vec![text(" three\nfour")]];
        assert_eq!(paragraphs(given), expected);
        assert_eq!(beginning("Народный сход у завода", 14), "Народный сход…");
        assert_eq!(shown("a\u{ffff}\u{fffe}b"), "ab", "XML does not allow them");
    }

    proptest! {
        #[test]
        fn pieces_are_the_text_again(given in "(https?://[a-z./()?:\"яЖ ]{0,12}|[a-z\n .,()]{0,12}){0,6}") {
            for (paragraph, whole) in paragraphs(&given).iter().zip([0; 64]) {
                let joined: String = paragraph.iter().map(|piece| match piece {
                    Piece::Text(text) | Piece::Link(text) => text.as_str(),
                }).collect();
                prop_assert!(shown(&given).lines().map(str::trim_end).collect::<Vec<_>>().join("\n").contains(&joined), "{}", whole);
            }
        }
    }
}
