//! Takes a JSON document apart without reading its values: the members of its object, the elements of an array.
//!
//! Only brackets and strings are followed, in one pass and without recursion, so neither depth nor number costs memory.

/// The members of the object that a document is, each as its key and the text of its value. A `None` among them means that the
/// document breaks off or is not JSON; nothing follows. Keys with escapes are left as they are written.
pub(super) fn members(document: &str) -> Option<impl Iterator<Item = Option<(&str, &str)>>> {
    let rest = document.trim_start_matches(is_blank).strip_prefix('{')?;
    Some(parts(rest, '}', |rest| {
        let (key, rest) = value(rest)?;
        let key = key.strip_prefix('"')?.strip_suffix('"')?;
        let (value, rest) = value(rest.trim_start_matches(is_blank).strip_prefix(':')?)?;
        Some(((key, value), rest))
    }))
}

/// The elements of the array that a value is, each as its text. `None` among them: as in [`members`].
pub(super) fn elements(array: &str) -> Option<impl Iterator<Item = Option<&str>>> {
    Some(parts(array.strip_prefix('[')?, ']', value))
}

/// Parts with commas between them, up to the bracket that closes them.
fn parts<'t, T>(
    text: &'t str,
    close: char,
    part: impl Fn(&'t str) -> Option<(T, &'t str)>,
) -> impl Iterator<Item = Option<T>> {
    let mut rest = Some(text.trim_start_matches(is_blank));
    let mut is_first = true;
    std::iter::from_fn(move || {
        let text = rest.take()?;
        if text.starts_with(close) && is_first {
            return None;
        }
        is_first = false;
        let Some((part, after)) = part(text) else { return Some(None) };
        let after = after.trim_start_matches(is_blank);
        match after.strip_prefix(',') {
            Some(next) => rest = Some(next.trim_start_matches(is_blank)),
            None if after.starts_with(close) => {}
            None => return Some(None),
        }
        Some(Some(part))
    })
}

/// The text of the value at the start, and what follows it. `None`: it breaks off.
fn value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(is_blank);
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                // A bracket that nothing opened: there is no value.
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' if depth == 0 => return None,
            // A number or a word.
            _ if depth == 0 => {
                let is_end = |byte: &u8| {
                    matches!(byte, b',' | b':' | b'}' | b']' | b'"' | b'{' | b'[') || byte.is_ascii_whitespace()
                };
                at = bytes.iter().position(is_end)?;
            }
            _ => at += 1,
        }
        if depth == 0 {
            return text.split_at_checked(at);
        }
    }
}

/// Where the string that begins at `at` ends.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_document_is_taken_apart() {
        let document = "\u{feff} { \"a\" : [1, {\"b\": \"},\\\"\"}, []] ,\n\"c\":-1e9, \"d\":\"x\" } tail";
        let found: Vec<_> = members(document).unwrap().map(Option::unwrap).collect();
        assert_eq!(found, [("a", r#"[1, {"b": "},\""}, []]"#), ("c", "-1e9"), ("d", r#""x""#)]);
        let found: Vec<_> = elements(found[0].1).unwrap().map(Option::unwrap).collect();
        assert_eq!(found, ["1", r#"{"b": "},\""}"#, "[]"]);
        assert_eq!((members("{}").unwrap().count(), elements("[ ]").unwrap().count()), (0, 0));
    }

    #[test]
    fn what_breaks_off_says_so_and_ends() {
        for broken in [
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "{\"a\":\"x}",
            "{\"a\":]}",
        ] {
            let found: Vec<_> = members(broken).unwrap().collect();
            assert!(matches!(found[..], [None] | [Some(_), None]), "{broken}: {found:?}");
        }
        assert!(members("[1]").is_none() && elements("{}").is_none());
        let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert_eq!(members(&deep).unwrap().collect::<Vec<_>>(), [None]);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,9}|[\\\\\"{}\\[\\],:]{0,9}".prop_map(Value::from)
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec(("[a-z]{1,4}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_parts_of_any_document_are_its_values(values in proptest::collection::vec(any_json(), 0..6), pretty in any::<bool>()) {
            let array = Value::from(values.clone());
            let text = if pretty { serde_json::to_string_pretty(&array) } else { serde_json::to_string(&array) }.unwrap();
            let read: Vec<Value> = elements(&text).unwrap().map(|part| serde_json::from_str(part.unwrap()).unwrap()).collect();
            prop_assert_eq!(&read, &values);
            let object = json!({ "a": array, "b": values.len() }).to_string();
            let keys: Vec<_> = members(&object).unwrap().map(|member| member.unwrap().0).collect();
            prop_assert_eq!(keys, ["a", "b"]);
        }

        #[test]
        fn any_text_is_taken_apart_without_panic(text in "[\\[\\]{}\",:\\\\a1 é]{0,30}") {
            let _ = members(&text).map(Iterator::count);
            let _ = elements(&text).map(Iterator::count);
        }
    }
}
