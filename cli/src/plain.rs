//! Text from outside, made fit for a terminal.
//!
//! A post may hold escape sequences that move the cursor, retitle the window or hide a line, and bidirectional controls
//! that reverse a link (CVE-2021-42574). None of them reaches the terminal: every remote text passes here on its way
//! out. JSON does not need this, because serde escapes control characters.

use std::fmt::Write as _;

use byway::community::is_display_control;
use unicode_width::UnicodeWidthStr;

/// One line: controls and line breaks become spaces, runs of white space one space.
pub(crate) fn line(text: &str) -> String {
    let kept: String = text.chars().map(|c| if c.is_whitespace() || is_display_control(c) { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line with its white space unchanged, tabs included: for text in columns.
pub(crate) fn row(text: &str) -> String {
    text.chars().map(|c| if c != '\t' && is_display_control(c) { ' ' } else { c }).collect()
}

/// Paragraphs, wrapped to `width` columns, each line after `indent`. Runs of empty lines become one. A word that is
/// wider than a line is broken, unless it names a signed community: who copies that needs it whole.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut out = String::new();
    let mut empty_before = true;
    let room = width.saturating_sub(columns(indent)).max(1);
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
        // Each such word is a line of its own.
        let held: String = std::iter::repeat_n(HELD, room).collect();
        let is_held = |word: &&str| is_copied(word) && columns(word) > room;
        let paragraph = line(&paragraph.replace(HELD, " "));
        let mut long = paragraph.split(' ').filter(is_held);
        let stand_in = |word| if is_held(&word) { held.as_str() } else { word };
        let shown = paragraph.split(' ').map(stand_in).collect::<Vec<_>>().join(" ");
        for line in textwrap::wrap(&shown, wrapping(room)) {
            let line = if line == held { long.next().unwrap_or_default() } else { line.as_ref() };
            let _ = writeln!(out, "{indent}{line}");
        }
    }
    out
}

/// A command, wrapped to `width` columns. No line ends between a flag and its value.
pub(crate) fn wrapped_command(command: &str, width: usize) -> String {
    let mut tied = String::new();
    let mut after_flag = false;
    for word in command.split_whitespace() {
        if !tied.is_empty() {
            tied.push(if after_flag && !word.starts_with('-') { TIED } else { ' ' });
        }
        tied.push_str(word);
        after_flag = word.starts_with('-');
    }
    wrapped(&tied, "", width).replace(TIED, " ")
}

/// A word of a command, quoted for a POSIX shell where it has to be (XCU 2.2): a `?` or `&` of a link would otherwise be read as the
/// shell's own.
pub(crate) fn shell_word(text: &str) -> String {
    let text = line(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a word is copied whole: a link or an id of a signed community.
fn is_copied(word: &str) -> bool {
    word.contains("byway:")
}

/// Stands for a word that is not broken. In a private use area of Unicode, one column wide.
const HELD: char = '\u{e001}';

/// Stands for a blank where a line must not end. It is in a private use area of Unicode, one column wide.
const TIED: char = '\u{e000}';

/// Lines of similar length, so that no last word stands alone. Lines are broken between words and never at a hyphen: a
/// link or a number would no longer be whole.
fn wrapping(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(true)
        .wrap_algorithm(textwrap::WrapAlgorithm::OptimalFit(PENALTIES))
}

/// textwrap's values, except that a short last line costs nearly as much as another line.
const PENALTIES: textwrap::wrap_algorithms::Penalties = textwrap::wrap_algorithms::Penalties {
    nline_penalty: 1000,
    overflow_penalty: 50 * 50,
    short_last_line_fraction: 5,
    short_last_line_penalty: 900,
    hyphen_penalty: 25,
};

/// How many columns of a terminal a text takes: a Chinese character or an emoji takes two, an accent none.
pub(crate) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A text padded with blanks to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// The address of a home, without its scheme.
pub(crate) fn shown_home(home: &str) -> String {
    line(home.strip_prefix("https://").unwrap_or(home))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_id_of_a_community_is_never_broken() {
        let id = format!("byway:{}", "0a".repeat(32));
        let text = format!("one two https://zavod.example/#{id} · {id} · three {}", "x".repeat(30));
        let expected = format!(
            "  one two\n  https://zavod.example/#{id}\n  ·\n  {id}\n  · three\n  {}\n  {}\n",
            "x".repeat(18),
            "x".repeat(12)
        );
        assert_eq!(wrapped(&text, "  ", 20), expected);
        assert_eq!(wrapped(&format!("{HELD} {id}"), "", 20), format!("{id}\n"), "a text can't take its place");
    }

    #[test]
    fn a_word_of_a_command_is_quoted_for_a_shell() {
        for (word, quoted) in [
            ("byway:0a", "byway:0a"),
            ("zavod-1.keys", "zavod-1.keys"),
            ("", "''"),
            ("byway:0a?key=b&mirror=c/", "'byway:0a?key=b&mirror=c/'"),
            ("it's $(here)", r"'it'\''s $(here)'"),
            ("~", "'~'"),
            ("a\u{1b}b", "'a b'"),
        ] {
            assert_eq!(shell_word(word), quoted, "{word}");
        }
    }

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
    }

    #[test]
    fn text_is_wrapped_between_words_behind_its_indent() {
        assert_eq!(wrapped("one two three four\n\n\n\nfive", "  ", 11), "  one two\n  three\n  four\n\n  five\n");
        assert_eq!(wrapped("", "  ", 5), "");
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let long = "https://example.org/a-very-long-path/that-no-terminal/has-room-for?and=more&and=more";
        for text in [
            long,
            "社区是可以到达的，它被封锁了，但是我们仍然可以阅读它。",
            "✊🏽👩‍🏭✊🏽👩‍🏭✊🏽👩‍🏭✊🏽👩‍🏭✊🏽👩‍🏭",
            "e\u{301}e\u{301}e\u{301} Профсоюз",
        ] {
            for width in [12, 40, 80] {
                for line in wrapped(text, "  ", width).lines() {
                    assert!(columns(line) <= width, "{width}: {line}");
                }
                assert_eq!(wrapped(text, "", width).replace(['\n', ' '], ""), text.replace(' ', ""), "nothing is lost");
            }
        }
    }
}
