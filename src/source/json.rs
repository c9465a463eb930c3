//! Reads JSON as servers send it.
//!
//! One odd post must not lose the page. A strict parser loses the page because of half a surrogate pair where a text
//! was cut, a number out of range, or a thread of reposts deeper than the parser's stack allows. Where a strict parser
//! refuses the text, that place is mended, and the text is read once more.
//!
//! A few bytes can stand for many values, and a value costs memory however short it is. So the memory of an answer is
//! estimated before any value is built.

use serde_json::Value;

/// Reads an answer. `None`: it is not JSON, even when mended, or its values would take more than [`MEMORY`].
pub(crate) fn read(body: &[u8]) -> Option<Value> {
    read_within(body, MEMORY)
}

/// The same with another limit on the bytes that the values take.
pub(crate) fn read_within(body: &[u8], limit: usize) -> Option<Value> {
    if body.len() > LONGEST || memory(body, limit) > limit {
        return None;
    }
    match serde_json::from_slice(body) {
        Ok(value) => Some(value),
        Err(_) if body.len() > LONGEST_MENDED => None,
        Err(_) => {
            let text = mended(&String::from_utf8_lossy(body))?;
            serde_json::from_str(&text).ok()
        }
    }
}

/// An upper estimate of the bytes that the values of this text take in memory. It reads the text once and keeps only
/// the kinds of the open brackets.
///
/// It ends above the limit.
fn memory(body: &[u8], limit: usize) -> usize {
    let mut bytes = 0_usize;
    // The number of members of each open object and of elements of each open array; `None` for an array.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        let mut length = 1;
        let cost = match byte {
            b'"' => {
                length = string_length(body.get(at..).unwrap_or_default());
                TEXT + length
            }
            b'{' | b'[' => {
                if open.len() >= ABSURD {
                    return usize::MAX;
                }
                open.push((*byte == b'{').then_some(0));
                if *byte == b'{' { OBJECT } else { ARRAY }
            }
            b'}' | b']' => {
                open.pop();
                0
            }
            b',' if matches!(open.last(), Some(None)) => ELEMENT,
            b':' => match open.last_mut() {
                Some(Some(members)) => {
                    *members += 1;
                    if *members > MEMBERS_IN_OBJECT { MEMBER } else { 0 }
                }
                _ => 0,
            },
            _ => 0,
        };
        bytes = bytes.saturating_add(cost);
        if bytes > limit {
            return bytes;
        }
        at += length;
    }
    bytes
}

/// The text without the parts of values that a strict parser refuses. Broken structure stays as it is. `None`: only an
/// attack is nested this deeply.
fn mended(text: &str) -> Option<String> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = String::with_capacity(rest.len());
    let mut depth = 0;
    while let Some(c) = rest.chars().next() {
        let kept = depth <= DEEPEST;
        let length = match c {
            '"' => string_length(rest.as_bytes()),
            '-' | '0'..='9' => rest.find(|c: char| !is_of_number(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let token = rest.get(..length)?;
        match c {
            '[' | '{' => {
                depth += 1;
                match depth {
                    ..=DEEPEST => out.push(c),
                    ABSURD => return None,
                    depth if depth == DEEPEST + 1 => out.push_str("null"),
                    _ => {}
                }
            }
            ']' | '}' => {
                depth = depth.saturating_sub(1);
                if kept {
                    out.push(c);
                }
            }
            _ if !kept => {}
            '"' => mend_string(token, &mut out),
            '-' | '0'..='9' if token.parse().is_ok_and(f64::is_infinite) => out.push_str("null"),
            _ => out.push_str(token),
        }
        rest = rest.get(length..)?;
    }
    Some(out)
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')
}

/// The bytes of a string with its quotes, or of the part that is there.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A string with replacement characters for half surrogate pairs and for invalid escapes.
fn mend_string(token: &str, out: &mut String) {
    let mut rest = token;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' => escape(rest, out),
            c if c.is_control() => {
                out.push(' ');
                c.len_utf8()
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Writes the escape at the start of `text`, or its replacement, and returns how many bytes it read.
fn escape(text: &str, out: &mut String) -> usize {
    let as_it_is = match (text.chars().nth(1), unit(text)) {
        (Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't'), _) => Some(2),
        (_, Some(0xD800..=0xDBFF)) => {
            let low = text.get(UNIT..).and_then(unit);
            matches!(low, Some(0xDC00..=0xDFFF)).then_some(2 * UNIT)
        }
        (_, Some(0xDC00..=0xDFFF)) => None,
        (_, Some(_)) => Some(UNIT),
        (_, None) => {
            out.push(char::REPLACEMENT_CHARACTER);
            return 1;
        }
    };
    match as_it_is.and_then(|length| text.get(..length)) {
        Some(escape) => out.push_str(escape),
        None => out.push(char::REPLACEMENT_CHARACTER),
    }
    as_it_is.unwrap_or(UNIT)
}

/// The code unit of `\uXXXX` at the start of `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// `\uXXXX`, in bytes.
const UNIT: usize = 6;

/// Deeper values become `null`. Real answers have about ten levels, and the parser has a stack for 128.
const DEEPEST: usize = 100;

/// No thread of reposts is this deep.
const ABSURD: usize = 1000;

/// The largest answer, in bytes. A hundred posts with their previews are about one megabyte.
pub(crate) const LONGEST: usize = 8 * 1024 * 1024;

/// The largest answer that is mended, in bytes: each byte may become three, and the text exists twice meanwhile.
const LONGEST_MENDED: usize = 4 * 1024 * 1024;

/// Bytes that the values of an answer may take. Together with the answer itself and what is copied from it, reading
/// stays below 64 MiB (`tests/vk_memory.rs`). A real answer of a megabyte takes about five.
const MEMORY: usize = 20 * 1024 * 1024;

/// A non-empty object has a node of a B-tree, with room for eleven members of 56 bytes.
const OBJECT: usize = 640;
const MEMBERS_IN_OBJECT: usize = 11;

/// Each further member: its share of a half-full node.
const MEMBER: usize = 112;

/// A non-empty array has room for four values of 32 bytes. Each further element takes twice its size while the array
/// grows.
const ARRAY: usize = 128;
const ELEMENT: usize = 64;

/// What an allocator needs for a text in addition to its bytes.
const TEXT: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_oddity_costs_its_own_value_and_no_other() {
        let cases: &[(&[u8], Value)] = &[
            (br#"{"a": "cut \ud83d", "b": 1}"#, json!({"a": "cut \u{fffd}", "b": 1})),
            (br#"{"a": "\udc00\ud83d\ude00", "b": 1}"#, json!({"a": "\u{fffd}\u{1f600}", "b": 1})),
            (br#"{"a": "\ud83d\n\q\u00zz\"", "b": 1}"#, json!({"a": "\u{fffd}\n\u{fffd}q\u{fffd}u00zz\"", "b": 1})),
            (b"{\"a\": \"\xff\xd0!\", \"b\": 1}", json!({"a": "\u{fffd}\u{fffd}!", "b": 1})),
            (b"{\"a\": \"one\ntwo\", \"b\": 1}", json!({"a": "one two", "b": 1})),
            (br#"{"a": 1e999, "b": [-1e999, 2]}"#, json!({"a": null, "b": [null, 2]})),
            ("\u{feff}{\"b\": 1}".as_bytes(), json!({"b": 1})),
        ];
        for (body, value) in cases {
            assert_eq!(read(body).as_ref(), Some(value), "{}", String::from_utf8_lossy(body));
        }
        let huge = format!(r#"{{"a": {}, "b": 1}}"#, "9".repeat(400));
        assert_eq!(read(huge.as_bytes()), Some(json!({"a": null, "b": 1})));
    }

    #[test]
    fn what_is_nested_too_deep_is_left_out_and_what_follows_is_read() {
        let deep = format!(r#"{{"a": {}"]"{}, "b": 1}}"#, "[".repeat(200), "]".repeat(200));
        let read_ = read(deep.as_bytes()).unwrap();
        assert_eq!(read_.get("b"), Some(&json!(1)));
        let attack = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(attack.as_bytes()), None);
    }

    #[test]
    fn a_real_page_is_read_and_a_bomb_is_not_built() {
        let size =
            r#"{"height": 1280, "width": 960, "type": "w", "url": "https://sun9-1.userapi.com/impg/x.jpg?size=1"}"#;
        let photo = format!(r#"{{"type": "photo", "photo": {{"id": 1, "sizes": [{}]}}}}"#, [size; 10].join(","));
        let text = "\u{442}\u{435}\u{43a}\u{441}\u{442} ".repeat(50);
        let post = format!(r#"{{"id": 1, "text": "{text}", "attachments": [{}]}}"#, vec![photo; 10].join(","));
        let page = format!(r#"{{"response": {{"items": [{}]}}}}"#, vec![post; 100].join(","));
        assert!(page.len() > 1 << 20 && read(page.as_bytes()).is_some(), "{} bytes", page.len());

        let million = |piece: &str| format!("[{}0]", piece.repeat(1 << 20));
        for bomb in ["0,", "[],", "[0],", "{},", "{\"a\":0},", "\"\",", "null,"] {
            assert_eq!(read(million(bomb).as_bytes()), None, "{bomb}");
        }
        let members: String = (0..300_000).map(|n| format!("\"{n}\":0,")).collect();
        assert_eq!(read(format!("{{{members}\"\":0}}").as_bytes()), None);
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in ["", "{", "[1, 2", "<html>", "{\"a\": 1} tail", "{\"a\": \"open", "{\"a\": \"\\", "nul", "-"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_a_panic(body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&body);
        }

        #[test]
        fn what_needs_no_mending_is_left_alone(text in "\\PC{0,20}", number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            let value = json!({ "a": [text, { "b": number }] }).to_string();
            prop_assert_eq!(mended(&value), Some(value));
        }
    }
}
