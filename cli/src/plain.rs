//! Text from outside, made fit for a terminal.
//!
//! A post may hold escape sequences that move the cursor, retitle the window or hide a line, and bidirectional
//! controls that turn a link around (CVE-2021-42574). None of them reaches the terminal: every remote text passes
//! here on its way out. JSON needs none of it: serde escapes control characters.

use std::fmt::Write as _;

use byway::community::is_display_control;

/// One line: controls and line breaks become spaces, runs of white space one space.
pub(crate) fn line(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_whitespace() || is_display_control(c) { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line with its white space as it is, tabs included: for text in columns.
pub(crate) fn row(text: &str) -> String {
    text.chars().map(|c| if c != '\t' && is_display_control(c) { ' ' } else { c }).collect()
}

/// Paragraphs, wrapped to `width` columns, each line behind `indent`. Runs of empty lines become one.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut out = String::new();
    let mut empty_before = true;
    for paragraph in text.trim().lines() {
        let paragraph = line(paragraph);
        if paragraph.is_empty() {
            if !empty_before {
                out.push('\n');
            }
            empty_before = true;
            continue;
        }
        empty_before = false;
        for line in without_orphan(&paragraph, width.saturating_sub(indent.chars().count())) {
            let _ = writeln!(out, "{indent}{line}");
        }
    }
    out
}

/// Lines of at most `width` columns. Where the last one would be a single word or two, all are made a little shorter.
fn without_orphan(paragraph: &str, width: usize) -> Vec<String> {
    let full = filled(paragraph, width);
    let is_orphan = |lines: &[String]| lines.last().is_some_and(|last| last.chars().count() * 5 < width);
    if full.len() < 2 || !is_orphan(&full) {
        return full;
    }
    (width * 3 / 4..width)
        .rev()
        .map(|narrower| filled(paragraph, narrower))
        .take_while(|lines| lines.len() == full.len())
        .find(|lines| !is_orphan(lines))
        .unwrap_or(full)
}

fn filled(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut column = 0;
    for word in paragraph.split(' ') {
        let wide = word.chars().count();
        match lines.last_mut().filter(|_| column + 1 + wide <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
                column += 1 + wide;
            }
            None => {
                lines.push(word.to_owned());
                column = wide;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_hostile_text_does_not_drive_the_terminal() {
        for (hostile, kept) in [
            ("\u{1b}[2Jhello", "[2Jhello"),
            ("a\u{1b}]0;title\u{7}b", "a ]0;title b"),
            ("x\u{9b}31mred", "x 31mred"),
            ("abc\u{202e}gpj.exe", "abc gpj.exe"),
            ("one\r\ntwo\tthree\u{8}\u{0}", "one two three"),
            ("soft\u{200b}break\u{feff}", "soft break"),
        ] {
            assert_eq!(line(hostile), kept);
            assert!(!wrapped(hostile, "  ", 20).chars().any(|c| is_display_control(c) && c != '\n'));
        }
    }

    #[test]
    fn cyrillic_emoji_and_joiners_stay_as_they_are() {
        assert_eq!(line("Рабочий союз ✊🏽 👩‍🏭"), "Рабочий союз ✊🏽 👩‍🏭");
    }

    #[test]
    fn no_last_word_stands_alone() {
        assert_eq!(
            wrapped("one two three four five six seven eight", "", 34),
            "one two three four five six\nseven eight\n"
        );
        assert_eq!(
            wrapped("one two three four five sixteen seventeen", "", 40),
            "one two three four five sixteen\nseventeen\n"
        );
    }

    #[test]
    fn text_is_wrapped_between_words_behind_its_indent() {
        assert_eq!(wrapped("one two three four\n\n\n\nfive", "  ", 11), "  one two\n  three\n  four\n\n  five\n");
        assert_eq!(wrapped("unbreakablylongword x", "  ", 5), "  unbreakablylongword\n  x\n");
        assert_eq!(wrapped("", "  ", 5), "");
    }
}
