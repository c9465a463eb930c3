//! Content lines of iCalendar (RFC 5545 section 3.1), valid and as exporters break them.

/// One property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Property {
    /// The name in upper case.
    pub(super) name: String,
    /// Names in upper case; values without quotes.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Property {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
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

/// The bytes with folded lines joined. A line may be folded inside a character, so this comes before decoding.
pub(in crate::source::web) fn unfolded(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let rest = body.get(at..).unwrap_or_default();
        let folds = [&b"\r\n "[..], b"\r\n\t", b"\n ", b"\n\t", b"\r ", b"\r\t"];
        match folds.iter().find(|fold| rest.starts_with(fold)) {
            Some(fold) => at += fold.len(),
            None => {
                whole.push(*byte);
                at += 1;
            }
        }
    }
    whole
}

/// The properties of an unfolded text. A line that is not a property continues the previous one: some programs write
/// raw line breaks into a text.
pub(super) fn properties(text: &str) -> impl Iterator<Item = Property> + '_ {
    let mut lines = text.split(['\n', '\r']).filter(|line| !line.is_empty()).peekable();
    std::iter::from_fn(move || {
        loop {
            let Some(mut property) = property(lines.next()?) else { continue };
            while let Some(line) = lines.next_if(|line| self::property(line).is_none()) {
                if property.value.len() + line.len() < LONGEST {
                    property.value.push_str("\\n");
                    property.value.push_str(line);
                }
            }
            return Some(property);
        }
    })
}

fn property(line: &str) -> Option<Property> {
    let line = line.get(..LONGEST).unwrap_or(line);
    let end = line.find([':', ';'])?;
    let (name, mut rest) = line.split_at_checked(end)?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name(name) {
        return None;
    }
    let mut property = Property { name: name.to_ascii_uppercase(), ..Property::default() };
    while let Some(parameter) = rest.strip_prefix(';') {
        let (key, value) = parameter.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at_checked(value.find([':', ';'])?)?,
        };
        // In a list of quoted values, the first is enough.
        rest = after.get(after.find([':', ';'])?..)?;
        if property.parameters.len() < MAX_PARAMETERS {
            property.parameters.push((key.trim().to_ascii_uppercase(), value.to_owned()));
        }
    }
    rest.strip_prefix(':')?.clone_into(&mut property.value);
    Some(property)
}

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
        for at in 8..bytes.len() {
            for fold in ["\r\n ", "\n\t"] {
                let folded = [&bytes[..at], fold.as_bytes(), &bytes[at..]].concat();
                assert_eq!(unfolded(&folded), bytes, "at {at}");
            }
        }
        assert_eq!(unfolded(b"A:1\r\nB:2"), b"A:1\r\nB:2");
    }

    #[test]
    fn properties_are_read_with_their_parameters() {
        let text = "DTSTART;TZID=\"Europe/Berlin\";x=a:2016\r\nsummary:One\\, two\\;\\nthree\\\\\n\nGoes on here\nURL:http://a.example/\n\
                    garbage\nORGANIZER;CN=\"A: B; C\",\"D\":mailto:a@b.example\nBROKEN;X=1";
        let found: Vec<Property> = properties(text).collect();
        let names: Vec<&str> = found.iter().map(|property| property.name.as_str()).collect();
        assert_eq!(names, ["DTSTART", "SUMMARY", "URL", "ORGANIZER"]);
        assert_eq!((found[0].parameter("TZID"), found[0].value.as_str()), (Some("Europe/Berlin"), "2016"));
        assert_eq!(found[1].text(), "One, two;\nthree\\\nGoes on here");
        assert_eq!(
            (found[3].parameter("CN"), found[3].value.as_str()),
            (Some("A: B; C"), "mailto:a@b.example\\nBROKEN;X=1")
        );
    }

    #[test]
    fn only_what_begins_as_a_calendar_is_one() {
        assert!(is_calendar(b"\xef\xbb\xbf\r\nbegin:vcalendar\r\n"));
        assert!(!is_calendar(b"<html>BEGIN:VCALENDAR") && !is_calendar(b"BEGIN"));
    }
}
