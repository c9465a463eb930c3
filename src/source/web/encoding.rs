//! Decodes the bytes of an answer to text, whatever encoding the answer states.
//!
//! Labels are often wrong: a page in UTF-8 is labelled as windows-1251, and the reverse. Bytes that are well-formed
//! UTF-8 are UTF-8, because text of another encoding is hardly ever well-formed UTF-8 by chance. Otherwise the labels
//! are tried in the order of RFC 7303 and the WHATWG: byte order mark, `Content-Type`, the document's own label.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1251, WINDOWS_1252};

/// The text of a body. Invalid bytes become U+FFFD.
pub(super) fn text<'a>(body: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, bom)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(body.get(bom..).unwrap_or_default()).0;
    }
    let labels = [content_type.and_then(charset), own_label(body)];
    let labelled = labels.into_iter().flatten().filter_map(|label| Encoding::for_label(label.as_bytes()));
    // A text in UTF-16 or ISO-2022 may be well-formed UTF-8, too, but contains bytes that no other text has.
    let stateful = body.iter().take(HEAD).any(|byte| matches!(byte, 0 | 0x1b));
    let mut other = labelled.filter(|encoding| *encoding != UTF_8 || stateful);
    match std::str::from_utf8(body) {
        Ok(text) if !stateful => Cow::Borrowed(text),
        utf8 => match (other.next(), utf8) {
            (Some(encoding), _) => encoding.decode_without_bom_handling(body).0,
            (None, Ok(text)) => Cow::Borrowed(text),
            (None, Err(_)) => unlabelled(body),
        },
    }
}

/// Bytes that are not UTF-8, without a label or labelled as UTF-8: damaged UTF-8, or one of the two usual encodings of
/// such feeds.
fn unlabelled(body: &[u8]) -> Cow<'_, str> {
    let high = body.iter().filter(|byte| !byte.is_ascii()).count();
    let damaged = body.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    if damaged * DAMAGED < high {
        return String::from_utf8_lossy(body);
    }
    // Words of Cyrillic letters are runs of high bytes; accented Latin letters stand alone.
    let pairs = body.windows(2).filter(|pair| pair.iter().all(|byte| !byte.is_ascii())).count();
    let encoding = if pairs * 2 >= high { WINDOWS_1251 } else { WINDOWS_1252 };
    encoding.decode_without_bom_handling(body).0
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
        damaged.push(0xd0);
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
            let read = text(body, content_type);
            assert!(read.ends_with(expected), "{content_type:?}: {read}");
        }
        assert!(text(&damaged, None).starts_with(cyrillic));
        assert_eq!(text(b"Caf\xe9 ouvert", None), "Café ouvert");
        assert_eq!(text(b"", None), "");
    }
}
