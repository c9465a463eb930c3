//! The tokens of HTML, and what stands in them.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// The tokens of a piece of HTML. The content of a script or a similar element is one text.
pub(in crate::source) fn tokens(markup: &str) -> impl Iterator<Item = Token> + '_ {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(markup, emitter).filter_map(Result::ok)
}

/// The character that a named reference of HTML stands for, without `&` and `;`: `nbsp`.
pub(in crate::source) fn entity(name: &str) -> Option<String> {
    if name.len() > LONGEST_NAME || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let reference = format!("&{name};");
    let Ok(token) = Tokenizer::new(&reference).next()?;
    match token {
        Token::String(text) => String::from_utf8(text.to_vec()).ok().filter(|text| *text != reference),
        _ => None,
    }
}

/// The name without its prefix: in XHTML, elements may have a prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

pub(in crate::source) fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// `CounterClockwiseContourIntegral`, and some more.
const LONGEST_NAME: usize = 40;
