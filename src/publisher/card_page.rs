use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::cards::RecoveryCard;
use super::qr::QrCode;
use crate::language::Language;
use crate::sentences;

impl RecoveryCard {
    /// The card as a page to print: what it is, how it is used, its letters and its QR code. The page loads nothing and has no script.
    pub fn page(&self, language: Language) -> Zeroizing<String> {
        let words = sentences::card_words(language);
        let (number, of) = self.number();
        let mut page = Zeroizing::new(String::with_capacity(ROOM));
        page.push_str(&HEAD.replace("LANGUAGE", language.code()).replace("TITLE", words.title));
        let _ = write!(page, "<h1>{} {number} / {of}</h1>\n<p><b>{}</b></p>\n", words.title, self.filled(words.what));
        let _ = writeln!(
            page,
            "<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>",
            words.set,
            self.set(),
            words.keys,
            self.keys()
        );
        page.push_str("<pre>");
        for row in self.rows() {
            let _ = writeln!(page, "{}", *row);
        }
        page.push_str("</pre>\n");
        // A card has fewer characters than a link.
        if let Ok(code) = QrCode::of(&self.line()) {
            page.push_str(&code.svg());
        }
        page.push_str("<ol>");
        for step in words.steps {
            let _ = write!(page, "<li>{}</li>", self.filled(step));
        }
        page.push_str("</ol>\n</body></html>\n");
        page
    }

    /// The same as text for a terminal.
    pub fn text(&self, language: Language, coloured: bool) -> Zeroizing<String> {
        let words = sentences::card_words(language);
        let (number, of) = self.number();
        let mut text = Zeroizing::new(String::with_capacity(ROOM));
        let _ = writeln!(text, "{} {number} / {of}\n{}\n", words.title, self.filled(words.what));
        let _ = writeln!(text, "{}: {}\n{}: {}\n", words.set, self.set(), words.keys, self.keys());
        for row in self.rows() {
            let _ = writeln!(text, "{}", *row);
        }
        text.push('\n');
        if let Ok(code) = QrCode::of(&self.line()) {
            text.push_str(&Zeroizing::new(code.terminal(coloured)));
        }
        for (at, step) in words.steps.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", at + 1, self.filled(step));
        }
        text
    }

    fn filled(&self, words: &str) -> String {
        words.replace("{needed}", &self.needed().to_string()).replace("{of}", &self.number().1.to_string())
    }
}

/// The head of the page: one sheet of paper, in any colour scheme.
const HEAD: &str = include_str!("card_page.html");

/// More than a page has: a growing buffer would leave copies.
const ROOM: usize = 64 << 10;
