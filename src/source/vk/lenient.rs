//! Reads values from JSON with varying types: numbers as strings, lists as objects, `false` for "nothing".
//!
//! VK's answers are old and varied. No function here fails: a value that cannot be read as the requested type is
//! absent.

use serde_json::Value;
use url::Url;

use crate::source::plain::{one_line, plain};

/// The member of an object; `null` if there is no such member.
pub(super) fn get<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// The elements of a list, or of an object that replaces a list (`{"0": ..., "1": ...}`).
pub(super) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) if members.keys().all(|key| key.bytes().all(|b| b.is_ascii_digit())) => {
            members.values().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether [`list`] can read a value, though it may be empty.
pub(super) fn is_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(members) => members.keys().all(|key| key.bytes().all(|b| b.is_ascii_digit())),
        _ => false,
    }
}

/// Whether a value means "nothing", as VK writes it: `null`, `false`, `0` or an empty text.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// A whole number, also from a string, a float without fraction, or a truth value.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
            (float.fract() == 0.0 && float.abs() < EXACT).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

/// A count: a whole number that is not negative. For an object, its `count`.
pub(super) fn count(value: &Value) -> Option<u64> {
    let number = if value.is_object() { get(value, "count") } else { value };
    match number {
        Value::Bool(_) => None,
        number => integer(number).and_then(|number| u64::try_from(number).ok()),
    }
}

/// Any finite number.
pub(super) fn float(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().replace(',', ".").parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// Whether a flag is set: `true`, `1`, `"1"`.
pub(super) fn flag(value: &Value) -> bool {
    match value {
        Value::String(text) if text == "true" => true,
        value => integer(value).is_some_and(|number| number != 0),
    }
}

/// Text as people read it, with its line breaks; `None` if there is no text.
pub(super) fn text(value: &Value, limit: usize) -> Option<String> {
    raw(value).map(|text| plain(&text, limit)).filter(|text| !text.is_empty())
}

/// The same on one line.
pub(super) fn line(value: &Value, limit: usize) -> Option<String> {
    raw(value).map(|text| one_line(&text, limit)).filter(|text| !text.is_empty())
}

/// A string or number, unchanged.
pub(super) fn raw(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An `http` or `https` URL, with or without its scheme.
pub(super) fn web(value: &Value) -> Option<String> {
    value.as_str().and_then(web_url)
}

/// The same from a text.
pub(super) fn web_url(text: &str) -> Option<String> {
    let text = text.trim().replace("&amp;", "&");
    if text.is_empty() || text.len() > MAX_URL || text.contains(char::is_whitespace) {
        return None;
    }
    let url = match text.split_once("://") {
        Some((scheme, _)) if matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") => Url::parse(&text),
        Some(_) => return None,
        None if text.split('/').next().is_some_and(|host| host.contains('.') && !host.contains(':')) => {
            Url::parse(&format!("https://{}", text.trim_start_matches('/')))
        }
        None => return None,
    };
    url.ok().filter(|url| url.host().is_some()).map(String::from)
}

/// Integers up to here are exact in a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Signed media URLs reach a kilobyte.
const MAX_URL: usize = 4096;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_whatever_their_type() {
        assert_eq!(integer(&json!("12")), Some(12));
        assert_eq!(integer(&json!(12.0)), Some(12));
        assert_eq!(integer(&json!(1.5)), None);
        assert_eq!(integer(&json!([1])), None);
        assert_eq!(count(&json!({"count": "7"})), Some(7));
        assert_eq!(count(&json!(-7)), None);
        assert_eq!(float(&json!("53,35")), Some(53.35));
        assert_eq!(float(&json!("NaN")), None);
        assert!(flag(&json!(1)) && flag(&json!("1")) && flag(&json!(true)));
        assert!(!flag(&json!(0)) && !flag(&json!([])) && !flag(&Value::Null));
        assert_eq!(list(&json!({"0": 1, "1": 2})).len(), 2);
        assert_eq!(list(&json!(false)).len(), 0);
        assert_eq!(text(&json!("а<br>б"), 10).as_deref(), Some("а\nб"));
        assert_eq!(text(&json!({"a": 1}), 10), None);
        assert_eq!(web_url("example.org/x").as_deref(), Some("https://example.org/x"));
        assert_eq!(web_url("javascript:alert(1)"), None);
        assert_eq!(web_url("ftp://example.org"), None);
    }
}
