//! Untrusted text on a person's screen.

/// Returns `true` if a character controls the display instead of showing something: controls, marks that reorder the
/// surrounding text (Unicode's bidirectional algorithm, UAX #9), separators at which some terminals break lines, and
/// characters that are invisible or look like a blank.
///
/// Names, posts and statements come from strangers. An app that shows them beside its own words removes these
/// characters; otherwise a text could rewrite its surroundings. Line breaks and tabs are among them.
pub fn is_display_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // directional marks
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
            | '\u{2028}' | '\u{2029}' // separators that some terminals break at
            | '\u{200b}' | '\u{2060}' | '\u{feff}' // invisible
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' // letters without a glyph
            | '\u{2800}' // a Braille pattern without dots, which looks like a blank
            | '\u{fff9}'..='\u{fffb}' // interlinear annotation
            | '\u{e0000}'..='\u{e007f}' // tags
        )
}

/// A text of several lines as a person sees it. Every kind of line break becomes a line feed; the other characters that [control the
/// display](is_display_control) are removed, except for tabs.
pub(crate) fn shown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        match c {
            '\n' if before == Some('\r') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => shown.push('\n'),
            '\t' => shown.push('\t'),
            c if is_display_control(c) => {}
            c => shown.push(c),
        }
        before = Some(c);
    }
    shown
}

/// A name as a person sees it: on one line, with every run of blanks and line breaks as one blank, and without other characters that
/// [control the display](is_display_control).
pub(crate) fn shown_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let end = shown.len();
        shown.extend(word.chars().filter(|c| !is_display_control(*c)));
        if shown.len() > end && end > 0 {
            shown.insert(end, ' ');
        }
    }
    shown
}

/// A text in which every character can be seen: one that shows nothing, that looks like a blank, or that [controls the
/// display](is_display_control) is written as its number, `<U+2800>`. A blank and a line feed stay.
///
/// It is for texts whose exact characters matter, such as a name that a person is asked to sign.
#[cfg(feature = "publisher")]
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let is_blank = c.is_whitespace() && !matches!(c, ' ' | '\n');
        if c != '\n' && (is_blank || is_display_control(c) || is_unseen(c)) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that show nothing: Unicode's `Default_Ignorable_Code_Point` (`DerivedCoreProperties.txt`), and those whose glyph is blank.
#[cfg(feature = "publisher")]
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{2800}' | '\u{1d159}' // a Braille pattern without dots, a note without a head
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_steers_nothing_and_keeps_its_lines() {
        for (given, text, name) in [
            ("Сход у завода", "Сход у завода", "Сход у завода"),
            ("one\u{2028}two\u{2029}three", "one\ntwo\nthree", "one two three"),
            ("a\r\nb\rc\u{85}d\n\ne\tf", "a\nb\nc\nd\n\ne\tf", "a b c d e f"),
            ("Ан\u{202e}на\u{2066}\u{200f} \u{1b}[31m", "Анна [31m", "Анна [31m"),
            ("\u{202e} x \u{feff} y \u{2800}", " x  y ", "x y"),
            ("\u{200b}\u{3164}", "", ""),
        ] {
            assert_eq!((shown_text(given).as_str(), shown_line(given).as_str()), (text, name), "{given:?}");
        }
    }

    #[cfg(feature = "publisher")]
    #[test]
    fn what_shows_nothing_is_written_as_its_number() {
        assert_eq!(visible("Завод № 2, «Сход»\nПятница"), "Завод № 2, «Сход»\nПятница");
        for c in "\u{2800}\u{3164}\u{115f}\u{ad}\u{34f}\u{180e}\u{17b4}\u{fe0f}\u{206a}\u{2061}\u{200d}\u{200c}\u{a0}\u{2003}\u{3000}\u{202e}\u{1b}\t\u{ffa0}\u{1d173}\u{e0100}"
            .chars()
        {
            assert_eq!(visible(&format!("a{c}b")), format!("a<U+{:04X}>b", u32::from(c)));
        }
    }
}
