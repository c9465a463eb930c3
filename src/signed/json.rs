//! Strict JSON for signed documents, so that two readers can't understand one document differently.
//!
//! A document is one object in UTF-8. A name occurs once in an object. Numbers are whole, not negative, and at most
//! 2^53 - 1, which every JSON reader represents exactly. Objects and arrays are nested at most [`MAX_DEPTH`] deep. Names
//! that a reader does not know are ignored, so that later versions can add some.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

/// The depth of nesting. The document itself is level 1; a charter needs 4.
pub(super) const MAX_DEPTH: usize = 8;

/// The largest number: the largest that a double represents together with all smaller ones.
pub(super) const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The document, if the bytes are strict JSON of its form.
pub(super) fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut checked = serde_json::Deserializer::from_slice(bytes);
    Value { depth: 1 }.deserialize(&mut checked).ok()?;
    checked.end().ok()?;
    let document: T = serde_json::from_slice(bytes).ok()?;
    let is_of_its_form = has_shape(&serde_json::from_slice(bytes).ok()?, &serde_json::to_value(&document).ok()?);
    is_of_its_form.then_some(document)
}

/// Whether each value that was understood is of the type in which it is written. Serde also takes an object as the list of its
/// fields, and a word as an object, which other readers don't.
fn has_shape(sent: &Json, understood: &Json) -> bool {
    match (sent, understood) {
        (Json::Object(sent), Json::Object(understood)) => understood
            .iter()
            .all(|(name, value)| sent.get(name).is_none_or(|sent| sent.is_null() || has_shape(sent, value))),
        (Json::Array(sent), Json::Array(understood)) => {
            sent.len() == understood.len() && sent.iter().zip(understood).all(|(sent, value)| has_shape(sent, value))
        }
        (sent, understood) => std::mem::discriminant(sent) == std::mem::discriminant(understood),
    }
}

/// One value, whose rules are checked and whose content is dropped.
#[derive(Clone, Copy)]
struct Value {
    depth: usize,
}

impl Value {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth > MAX_DEPTH { Err(E::custom("too deep")) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Value {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, true, false, null, an array or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        if number > MAX_NUMBER { Err(E::custom("too large a number")) } else { Ok(()) }
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        let mut names = BTreeSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name occurs twice"));
            }
            fields.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct One {
        a: u64,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        n: u64,
    }

    #[test]
    fn an_object_is_not_read_from_a_list_of_its_fields() {
        let inner = |text: &str| read::<One>(format!("{{\"a\":1,\"inner\":{text}}}").as_bytes());
        assert_eq!(inner("{\"n\":2,\"later\":[]}"), Some(One { a: 1, inner: Some(Inner { n: 2 }) }));
        assert_eq!(inner("null"), Some(One { a: 1, inner: None }));
        assert_eq!(inner("[2]"), None);
    }

    #[test]
    fn only_strict_json_is_read() {
        let deep = |levels: usize| format!("{{\"a\":1,\"b\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        for text in ["{\"a\":1}", " {\"a\":1}".trim(), "{\"a\":1,\"b\":null}\n", "{\"a\":1,\"b\":{\"a\":2}}", &deep(7)]
        {
            assert_eq!(read::<One>(text.as_bytes()), Some(One { a: 1, inner: None }), "{text}");
        }
        for text in [
            "",
            " {\"a\":1}",
            "\u{feff}{\"a\":1}",
            "[1]",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"b\":{\"c\":1,\"c\":2}}",
            "{\"a\":1.0}",
            "{\"a\":1,\"b\":1e3}",
            "{\"a\":1,\"b\":-1}",
            "{\"a\":1,\"b\":-0}",
            "{\"a\":1,\"b\":9007199254740992}",
            "{\"a\":1}{\"a\":1}",
            "{\"a\":1,\"b\":\"\\ud800\"}",
            "{\"a\":1,}",
            &deep(8),
        ] {
            assert_eq!(read::<One>(text.as_bytes()), None, "{text}");
        }
    }
}
