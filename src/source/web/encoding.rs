//! Decodes the bytes of an answer to text, whatever encoding the answer states.
//!
//! Labels are often wrong: a page in UTF-8 is labelled as windows-1251, and the reverse. Bytes that are well-formed
//! UTF-8 are UTF-8, because text of another encoding is hardly ever well-formed UTF-8 by chance. Otherwise the labels
//! are tried in the order of RFC 7303 and the WHATWG: byte order mark, `Content-Type`, the document's own label.

use std::borrow::Cow;

use encoding_rs::{CoderResult, Encoding, UTF_8, WINDOWS_1251, WINDOWS_1252};

/// The text of a body.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// It is longer than what is decoded.
    pub(super) is_cut: bool,
}

/// The text of a body. Invalid bytes become U+FFFD.
pub(super) fn text<'a>(body: &'a [u8], content_type: Option<&str>) -> Text<'a> {
    let (encoding, bom) = encoding(body, content_type);
    let bytes = body.get(bom..).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) if encoding == UTF_8 => Text { text: Cow::Borrowed(text), is_cut: false },
        _ => decoded(encoding, bytes),
    }
}

/// The text of a body, which is dropped or becomes the text: the two are not held side by side for longer than they must.
pub(super) fn into_text(mut body: Vec<u8>, content_type: Option<&str>) -> Text<'static> {
    let (encoding, bom) = encoding(&body, content_type);
    if encoding != UTF_8 {
        return decoded(encoding, body.get(bom..).unwrap_or_default());
    }
    body.drain(..bom);
    match String::from_utf8(body) {
        Ok(text) => Text { text: Cow::Owned(text), is_cut: false },
        Err(error) => decoded(UTF_8, error.as_bytes()),
    }
}

/// The encoding of a body, and the length of its byte order mark.
fn encoding(body: &[u8], content_type: Option<&str>) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(body) {
        return marked;
    }
    let labels = [content_type.and_then(charset), own_label(body)];
    let labelled = labels.into_iter().flatten().filter_map(|label| Encoding::for_label(label.as_bytes()));
    // A text in UTF-16 or ISO-2022 may be well-formed UTF-8, too, but contains bytes that no other text has.
    let stateful = body.iter().take(HEAD).any(|byte| matches!(byte, 0 | 0x1b));
    let mut other = labelled.filter(|encoding| *encoding != UTF_8 || stateful);
    let is_utf_8 = std::str::from_utf8(body).is_ok();
    let encoding = if is_utf_8 && !stateful { None } else { other.next() };
    let unlabelled = || if is_utf_8 { UTF_8 } else { unlabelled(body) };
    (encoding.unwrap_or_else(unlabelled), 0)
}

/// Decodes in two passes over a small buffer. The first one counts, so that the text takes no more room than it needs.
fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Text<'static> {
    let mut length = 0;
    let is_cut = decode(encoding, bytes, |piece| length += piece.len());
    let mut text = String::with_capacity(length);
    decode(encoding, bytes, |piece| text.push_str(piece));
    Text { text: Cow::Owned(text), is_cut }
}

/// Decodes piece by piece, up to the limit. `true`: there is more.
fn decode(encoding: &'static Encoding, bytes: &[u8], mut take: impl FnMut(&str)) -> bool {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut piece = String::with_capacity(PIECE);
    let (mut rest, mut length) = (bytes, 0);
    loop {
        let (result, read, _) = decoder.decode_to_string(rest, &mut piece, true);
        rest = rest.get(read..).unwrap_or_default();
        length += piece.len();
        if length > LONGEST {
            return true;
        }
        take(&piece);
        piece.clear();
        if result == CoderResult::InputEmpty {
            return false;
        }
    }
}

/// The encoding of bytes that are not UTF-8, without a label or labelled as UTF-8: damaged UTF-8, or one of the two usual
/// encodings of such feeds.
fn unlabelled(body: &[u8]) -> &'static Encoding {
    let high = body.iter().filter(|byte| !byte.is_ascii()).count();
    let damaged = body.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    if damaged * DAMAGED < high {
        return UTF_8;
    }
    // Words of Cyrillic letters are runs of high bytes; accented Latin letters stand alone.
    let pairs = body.windows(2).filter(|pair| pair.iter().all(|byte| !byte.is_ascii())).count();
    if pairs * 2 >= high { WINDOWS_1251 } else { WINDOWS_1252 }
}

/// The charset parameter of a media type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The label in an XML declaration (`encoding="..."`) or an HTML `meta` (`charset=...`).
fn own_label(body: &[u8]) -> Option<&str> {
    let head = body.get(..HEAD).unwrap_or(body);
    let head = &head[..head.iter().position(|byte| !byte.is_ascii()).unwrap_or(head.len())];
    let head = std::str::from_utf8(head).ok()?;
    let at = if head.trim_start().starts_with("<?xml") { head.find("encoding")? } else { head.find("charset")? };
    let value = head.get(at..)?.split_once('=')?.1.trim_start_matches([' ', '"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')))?;
    value.get(..end).filter(|label| !label.is_empty())
}

/// Labels stand in the first kilobyte (HTML standard, 13.2.3.2).
const HEAD: usize = 1024;

/// The longest text, in bytes of UTF-8: twice the largest answer. In an encoding with one byte for each character, a text of
/// Cyrillic letters alone takes as much.
const LONGEST: usize = 32 << 20;

/// Bytes of text that are decoded at a time.
const PIECE: usize = 64 * 1024;

/// UTF-8 with fewer than one damaged sequence in so many bytes beyond ASCII is UTF-8.
const DAMAGED: usize = 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    #[test]
    fn text_survives_labels_that_lie() {
        let cyrillic = "Собрание в пятницу";
        let (cp1251, ..) = WINDOWS_1251.encode(cyrillic);
        let labelled = |label: &str, bytes: &[u8]| {
            [format!("<?xml version='1.0' encoding='{label}'?>").as_bytes(), bytes].concat()
        };
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(cyrillic.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let bom = [b"\xef\xbb\xbf", cyrillic.as_bytes()].concat();
        let mut damaged = cyrillic.repeat(9).into_bytes();
        damaged.extend("я".bytes().chain([0xd0]));
        let (shift_jis, ..) = encoding_rs::SHIFT_JIS.encode("集会");
        let cases: [(&[u8], Option<&str>, &str); 9] = [
            (cyrillic.as_bytes(), Some("text/xml; charset=windows-1251"), cyrillic),
            (&cp1251, Some("text/xml; charset=utf-8"), cyrillic),
            (&cp1251, None, cyrillic),
            (&cp1251, Some("application/rss+xml;charset=\"Windows-1251\""), cyrillic),
            (&labelled("windows-1251", &cp1251), Some("text/xml"), cyrillic),
            (&labelled("windows-1251", cyrillic.as_bytes()), None, cyrillic),
            (&utf16, Some("text/xml; charset=utf-8"), cyrillic),
            (&bom, Some("text/xml; charset=koi8-r"), cyrillic),
            (&labelled("Shift_JIS", &shift_jis), None, "集会"),
        ];
        for (body, content_type, expected) in cases {
            let read = text(body, content_type).text;
            assert!(read.ends_with(expected), "{content_type:?}: {read}");
            assert_eq!(into_text(body.to_vec(), content_type).text, read);
        }
        for (body, expected) in [(&damaged[..], "я\u{fffd}"), (b"Caf\xe9 ouvert", "Café ouvert"), (b"", "")] {
            assert!(text(body, None).text.ends_with(expected), "{expected}");
            assert_eq!(into_text(body.to_vec(), None).text, text(body, None).text);
        }
    }

    #[test]
    fn a_text_that_grows_too_long_is_cut_and_says_so() {
        let long = |byte: u8, times: usize| into_text(vec![byte; times], Some("text/xml; charset=windows-1251"));
        let cyrillic = long(0xe6, LONGEST / 2);
        assert_eq!((cyrillic.text.len(), cyrillic.is_cut), (LONGEST, false));
        let longer = long(0xe6, LONGEST / 2 + 1);
        assert!(longer.is_cut && longer.text.len() <= LONGEST && longer.text.len() + PIECE >= LONGEST);
    }
}
