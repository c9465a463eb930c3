//! Content lines of iCalendar (RFC 5545 section 3.1), valid and as exporters break them.

use std::borrow::Cow;

use super::super::feed::head;

/// One property, which borrows from the text of its calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Property<'t> {
    /// The name in upper case.
    pub(super) name: Cow<'t, str>,
    /// What follows the name: the parameters, and the value as it stands.
    after_name: &'t str,
    pub(super) value: Cow<'t, str>,
}

impl<'t> Property<'t> {
    /// The value of a parameter, without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.after_name;
        for _ in 0..MAX_PARAMETERS {
            let (key, value, after) = parameter(rest.strip_prefix(';')?)?;
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = after;
        }
        None
    }

    /// The value of a text property, with its escapes resolved (section 3.3.11).
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                c => text.push(c),
            }
        }
        text
    }
}

/// Whether these bytes begin a calendar.
pub(in crate::source::web) fn is_calendar(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    body.get(..BEGIN.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BEGIN))
}

/// Whether there is an event in these bytes.
pub(in crate::source::web) fn holds_events(body: &[u8]) -> bool {
    body.split(|byte| matches!(byte, b'\n' | b'\r')).any(|line| line.trim_ascii().eq_ignore_ascii_case(b"BEGIN:VEVENT"))
}

/// Joins folded lines, in place. A line may be folded inside a character, so this comes before decoding.
pub(in crate::source::web) fn unfold(body: &mut Vec<u8>) {
    let (mut kept, mut from) = (0, 0);
    while let Some((at, length)) = next_fold(body, from) {
        body.copy_within(from..at, kept);
        kept += at - from;
        from = at + length;
    }
    let rest = body.len() - from;
    body.copy_within(from.., kept);
    body.truncate(kept + rest);
}

/// Where the next fold is, and its length.
fn next_fold(body: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = body.get(at..)?;
        let begins = at + rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
        let length = match body.get(begins..begins + 3).or(body.get(begins..)).unwrap_or_default() {
            [b'\r', b'\n', b' ' | b'\t'] => 3,
            [_, b' ' | b'\t', ..] => 2,
            _ => {
                at = begins + 1;
                continue;
            }
        };
        return Some((begins, length));
    }
}

/// The properties of an unfolded text. A line that is not a property continues a free text before it: some programs write
/// raw line breaks into a text. After any other property it is passed over, because what is added to a status or a time makes another
/// word of it.
pub(super) fn properties(text: &str) -> impl Iterator<Item = Property<'_>> {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.is_empty()).peekable();
    std::iter::from_fn(move || {
        loop {
            let Some(mut property) = property(lines.next()?) else { continue };
            let is_text = FREE_TEXTS.contains(&&*property.name);
            while let Some(line) = lines.next_if(|line| self::property(line).is_none()) {
                if is_text && property.value.len() + line.len() < LONGEST {
                    let value = property.value.to_mut();
                    value.push_str("\\n");
                    value.push_str(line);
                }
            }
            return Some(property);
        }
    })
}

fn property(line: &str) -> Option<Property<'_>> {
    let line = head(line, LONGEST);
    let end = line.find([':', ';'])?;
    let (name, after_name) = line.split_at_checked(end)?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name(name) {
        return None;
    }
    let name = if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        Cow::Owned(name.to_ascii_uppercase())
    } else {
        Cow::Borrowed(name)
    };
    let mut rest = after_name;
    while let Some(text) = rest.strip_prefix(';') {
        rest = parameter(text)?.2;
    }
    Some(Property { name, after_name, value: Cow::Borrowed(rest.strip_prefix(':')?) })
}

/// A parameter: its name, its value without quotes, and what follows.
fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (key, value) = text.split_once('=')?;
    let (value, after) = match value.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => value.split_at_checked(value.find([':', ';'])?)?,
    };
    // In a list of quoted values, the first is enough.
    let after = after.get(after.find([':', ';'])?..)?;
    Some((key.trim(), value, after))
}

/// Properties that people write, over several lines.
const FREE_TEXTS: [&str; 6] = ["DESCRIPTION", "SUMMARY", "LOCATION", "COMMENT", "X-WR-CALDESC", "X-WR-CALNAME"];

const BEGIN: &[u8] = b"BEGIN:VCALENDAR";

/// Bytes of one property. Descriptions of events hold whole invitations.
const LONGEST: usize = 64 * 1024;

const MAX_PARAMETERS: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn lines_are_unfolded_inside_characters() {
        let whole = "SUMMARY:Собрание";
        let bytes = whole.as_bytes();
        let unfolded = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            unfold(&mut bytes);
            bytes
        };
        for at in 8..bytes.len() {
            for fold in ["\r\n ", "\n\t", "\r "] {
                let folded = [&bytes[..at], fold.as_bytes(), &bytes[at..]].concat();
                assert_eq!(unfolded(&folded), bytes, "at {at}");
            }
        }
        for whole in [&b"A:1\r\nB:2"[..], b"A\r\n", b"A\n", b"\r\r\n", b""] {
            assert_eq!(unfolded(whole), whole);
        }
        assert_eq!(unfolded(b"A\r\n \n\tB\r\n  C\r\n"), b"AB C\r\n");
    }

    #[test]
    fn properties_are_read_with_their_parameters() {
        let text = "DTSTART;TZID=\"Europe/Berlin\";x=a:2016\r\nsummary:One\\, two\\;\\nthree\\\\\n\nGoes on here\nURL:http://a.example/\n\
                    garbage\nORGANIZER;CN=\"A: B; C\",\"D\":mailto:a@b.example\nBROKEN;X=1";
        let found: Vec<Property<'_>> = properties(text).collect();
        let names: Vec<&str> = found.iter().map(|property| &*property.name).collect();
        assert_eq!(names, ["DTSTART", "SUMMARY", "URL", "ORGANIZER"]);
        assert_eq!((found[0].parameter("TZID"), &*found[0].value), (Some("Europe/Berlin"), "2016"));
        assert_eq!(found[1].text(), "One, two;\nthree\\\nGoes on here");
        assert_eq!((found[3].parameter("CN"), &*found[3].value), (Some("A: B; C"), "mailto:a@b.example"));
        for stray in ["X-EVENT_ID:17", "ATTENDEE;RSVP:mailto:a@b.example", "<!-- generated -->", "garbage"] {
            let text = format!("STATUS:CANCELLED\r\n{stray}\r\nSEQUENCE:2\r\n{stray}");
            let values: Vec<String> = properties(&text).map(|property| property.value.into_owned()).collect();
            assert_eq!(values, ["CANCELLED", "2"], "{stray}");
        }
    }

    #[test]
    fn only_what_begins_as_a_calendar_is_one() {
        assert!(is_calendar(b"\xef\xbb\xbf\r\nbegin:vcalendar\r\n"));
        assert!(!is_calendar(b"<html>BEGIN:VCALENDAR") && !is_calendar(b"BEGIN"));
        assert!(
            holds_events(b"BEGIN:VCALENDAR\r\nbegin:vevent\r\n") && !holds_events(b"BEGIN:VCALENDAR\nX:BEGIN:VEVENT")
        );
    }
}
