//! Continues a body that stopped coming, on the next route.
//!
//! What an attempt had when its body froze or broke becomes the hop's [`Salvage`]: the head, the decoder in the middle
//! of its work, the text so far, and the number of encoded bytes behind it. The next attempt requests the rest
//! (`Range`, RFC 9110 section 14.2) on the condition that it is still the same file (`If-Range`, section 13.1.5). A 206
//! continues at that byte, below the decoder. A 200 starts anew. A changed file is never spliced.
//!
//! Two attempts may be in the race at once, and only one can continue. It holds the salvage as a [`Lease`], and gives
//! it back when it fails or is dropped before the rest began to come.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::decode::{Codings, Decoder};
use super::validators::strong;

/// The part of a body that came before it broke off.
pub(crate) struct Salvage {
    /// The head of the whole answer, not that of the part.
    pub(crate) headers: HeaderMap,
    pub(crate) coding: Codings,
    pub(crate) decoder: Decoder,
    pub(crate) decoded: Vec<u8>,
    /// Decoded bytes that were handed out before these.
    pub(crate) handed: u64,
    /// Decoded bytes that the reader of a stream has, from its beginning.
    pub(crate) given: u64,
    /// Encoded bytes so far: the position to continue from.
    pub(crate) offset: u64,
    /// Encoded bytes of the whole body, if known.
    pub(crate) length: Option<u64>,
    /// TLS proved the host of everything that came so far.
    pub(crate) proved_name: bool,
}

impl Salvage {
    /// Keeps what can be continued later; `None` if the answer has nothing to identify the file.
    pub(crate) fn kept(self) -> Option<Self> {
        (self.offset > 0 && is_recognisable(&self.headers)).then_some(self)
    }

    /// Requests the rest.
    pub(crate) fn ask(&self, headers: &mut HeaderMap) {
        if let (Some(validator), Ok(range)) =
            (strong(&self.headers), HeaderValue::try_from(format!("bytes={}-", self.offset)))
        {
            headers.insert(header::RANGE, range);
            headers.insert(header::IF_RANGE, validator);
        }
    }

    /// Reads a server's answer to [`Self::ask`].
    pub(crate) fn read(&self, status: StatusCode, headers: &HeaderMap) -> Continuation {
        match status {
            StatusCode::PARTIAL_CONTENT => {
                self.rest(headers).map_or(Continuation::Unusable, |length| Continuation::Rest { length })
            }
            StatusCode::RANGE_NOT_SATISFIABLE => Continuation::Unusable,
            // It is a part under the wrong status, or the whole: the length does not show which.
            StatusCode::OK if headers.contains_key(header::CONTENT_RANGE) => Continuation::Unusable,
            StatusCode::OK => Continuation::Anew,
            _ => Continuation::Other,
        }
    }

    /// Whether a complete answer is the same byte for byte, so that reading can continue from where this one ended.
    pub(crate) fn is_whole_of(&self, headers: &HeaderMap) -> bool {
        strong(&self.headers).is_some_and(|ours| strong(headers) == Some(ours))
    }

    /// The length of the whole, if this is the rest of it.
    fn rest(&self, headers: &HeaderMap) -> Option<u64> {
        let range = ContentRange::parse(headers.get(header::CONTENT_RANGE)?)?;
        // Without a length, a truncated part looks like the rest.
        let length = self.length.or(range.length)?;
        let same_length = range.length.is_none_or(|theirs| theirs == length);
        // A 206 must repeat the tag, and may omit the coding (RFC 9110 section 15.3.7). It may also omit the date if
        // the condition was the date; but then nothing shows whether the server has checked the condition at all.
        let same = |name| self.headers.get(&name).is_some_and(|ours: &HeaderValue| headers.get(name) == Some(ours));
        let tagged = self.headers.contains_key(header::ETAG);
        let same_file = same(if tagged { header::ETAG } else { header::LAST_MODIFIED });
        let same_coding = !headers.contains_key(header::CONTENT_ENCODING)
            || Codings::of(headers).is_ok_and(|coding| coding == self.coding);
        (range.first == self.offset && same_length && same_file && same_coding).then_some(length)
    }
}

/// Whether an answer says how the rest of it could be identified, and does not refuse ranges.
pub(crate) fn is_recognisable(headers: &HeaderMap) -> bool {
    let unwilling = headers.get(header::ACCEPT_RANGES).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"none"));
    !unwilling && strong(headers).is_some()
}

/// Whether an answer holds a part that was not requested: a 206 to a request without `Range`, a 206 whose
/// `Content-Range` lies outside the requested one (RFC 9110 section 15.3.7), or a 200 that says that it is a part.
pub(crate) fn is_unasked_part(request: &HeaderMap, status: StatusCode, headers: &HeaderMap) -> bool {
    let range = headers.get(header::CONTENT_RANGE).and_then(ContentRange::parse);
    match status {
        StatusCode::OK => range.is_some_and(|range| !range.is_whole()),
        StatusCode::PARTIAL_CONTENT => {
            let Some(asked) = request.get(header::RANGE) else { return true };
            let Some(asked) = asked.to_str().ok().and_then(|asked| asked.trim().strip_prefix("bytes=")) else {
                // The caller must judge other units.
                return false;
            };
            let is_multipart = headers
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("multipart/byteranges"));
            let several = asked.contains(',');
            let fits = range.is_some_and(|range| asked.split(',').any(|asked| range.answers(asked.trim())));
            !(fits || several && is_multipart)
        }
        _ => false,
    }
}

/// The meaning of an answer to a request for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// The rest of the same file.
    Rest {
        /// Encoded bytes of the whole.
        length: u64,
    },
    /// The whole file, the same or another.
    Anew,
    /// A part of something else, or no part: request the whole.
    Unusable,
    /// An answer that is not about the file (a block page, an error).
    Other,
}

/// `Content-Range: bytes first-last/length` (RFC 9110 section 14.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    last: u64,
    length: Option<u64>,
}

impl ContentRange {
    fn parse(value: &HeaderValue) -> Option<Self> {
        let (unit, rest) = value.to_str().ok()?.trim().split_once(' ')?;
        let (range, length) = rest.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
        let length = if length == "*" { None } else { Some(number(length)?) };
        let parsed = Self { first: number(first)?, last: number(last)?, length };
        let fits = parsed.first <= parsed.last && parsed.length.is_none_or(|length| parsed.last < length);
        (unit.eq_ignore_ascii_case("bytes") && fits).then_some(parsed)
    }

    fn is_whole(&self) -> bool {
        self.first == 0 && self.length.is_some_and(|length| self.last + 1 == length)
    }

    /// Whether it lies within `first-last`, `first-` or `-suffix`, and begins at the same byte.
    fn answers(&self, asked: &str) -> bool {
        let Some((first, last)) = asked.split_once('-') else { return false };
        let number = |text: &str| text.trim().parse::<u64>().ok();
        match (number(first), number(last)) {
            (Some(first), Some(last)) => self.first == first && self.last <= last,
            (Some(first), None) => self.first == first,
            (None, Some(suffix)) => self.length.is_none_or(|length| self.first >= length.saturating_sub(suffix)),
            (None, None) => false,
        }
    }
}

/// Where the attempts of one hop leave and find what can be continued.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Salvage>>>);

impl Slot {
    /// Leaves a salvage, unless there is one that is further.
    pub(crate) fn put(&self, salvage: Salvage) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|other| other.offset < salvage.offset) {
            *slot = Some(salvage);
        }
    }

    /// Whether it holds a salvage.
    pub(crate) fn holds(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Takes the salvage. No other attempt can take it until the lease is dropped.
    pub(crate) fn take(&self) -> Option<Lease> {
        let salvage = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Lease { slot: self.clone(), salvage: Some(salvage) })
    }
}

/// A salvage in use. It goes back when the lease is dropped.
pub(crate) struct Lease {
    slot: Slot,
    salvage: Option<Salvage>,
}

impl Lease {
    /// The salvage, while it is leased.
    pub(crate) fn salvage(&self) -> Option<&Salvage> {
        self.salvage.as_ref()
    }

    /// Takes the salvage permanently, to continue with it or to drop it.
    pub(crate) fn keep(mut self) -> Option<Salvage> {
        self.salvage.take()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(salvage) = self.salvage.take() {
            self.slot.put(salvage);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    fn salvage(lines: &[(&'static str, &'static str)], offset: u64) -> Option<Salvage> {
        let salvage = Salvage {
            headers: headers(lines),
            coding: Codings::NONE,
            decoder: Decoder::new(Codings::NONE),
            decoded: Vec::new(),
            handed: 0,
            given: 0,
            offset,
            length: Some(1000),
            proved_name: true,
        };
        salvage.kept()
    }

    #[test]
    fn only_what_can_be_recognised_again_is_kept() {
        assert!(salvage(&[("etag", "\"a\"")], 10).is_some());
        assert!(salvage(&[("etag", "\"a\""), ("accept-ranges", "bytes")], 10).is_some());
        assert!(salvage(&[("etag", "\"a\""), ("accept-ranges", "none")], 10).is_none());
        assert!(salvage(&[("etag", "W/\"a\"")], 10).is_none());
        assert!(salvage(&[("etag", "\"a\"")], 0).is_none());
        assert!(salvage(&[], 10).is_none());
    }

    #[test]
    fn the_rest_is_asked_for_on_condition() {
        let mut asked = HeaderMap::new();
        salvage(&[("etag", "\"a\"")], 16384).unwrap().ask(&mut asked);
        assert_eq!(asked.get("range").unwrap(), "bytes=16384-");
        assert_eq!(asked.get("if-range").unwrap(), "\"a\"");
    }

    #[test]
    fn only_the_rest_of_the_same_file_continues_it() {
        use Continuation::{Anew, Other, Unusable};
        const REST: Continuation = Continuation::Rest { length: 1000 };
        let salvage = salvage(&[("etag", "\"a\"")], 400).unwrap();
        type Lines = [(&'static str, &'static str)];
        let cases: &[(u16, &Lines, Continuation)] = &[
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400-999/1000")], REST),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400-799/1000")], REST),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400-999/*")], REST),
            (206, &[("etag", "\"b\""), ("content-range", "bytes 400-999/1000")], Unusable),
            (206, &[("content-range", "bytes 400-999/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 401-999/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 0-999/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400-999/2000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400-1000/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes 400--1/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "bytes +400-999/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-range", "items 400-999/1000")], Unusable),
            (206, &[("etag", "\"a\""), ("content-type", "multipart/byteranges; boundary=x")], Unusable),
            (
                206,
                &[("etag", "\"a\""), ("content-encoding", "gzip"), ("content-range", "bytes 400-999/1000")],
                Unusable,
            ),
            (416, &[("content-range", "bytes */300")], Unusable),
            (200, &[("etag", "\"a\"")], Anew),
            (200, &[("etag", "\"b\"")], Anew),
            (200, &[("etag", "\"a\""), ("content-range", "bytes 400-999/1000")], Unusable),
            (403, &[], Other),
            (451, &[], Other),
        ];
        for (status, lines, expected) in cases {
            let read = salvage.read(StatusCode::from_u16(*status).unwrap(), &headers(lines));
            assert_eq!(read, *expected, "{status} {lines:?}");
        }
    }

    #[test]
    fn a_part_that_was_not_asked_for_is_known() {
        type Lines = &'static [(&'static str, &'static str)];
        const MULTIPART: (&str, &str) = ("content-type", "multipart/byteranges; boundary=x");
        let cases: &[(&str, u16, Lines, bool)] = &[
            ("", 200, &[], false),
            ("", 206, &[], true),
            ("", 206, &[("content-range", "bytes 0-9/10")], true),
            ("", 206, &[MULTIPART], true),
            ("", 200, &[("content-range", "bytes 0-9/10")], false),
            ("", 200, &[("content-range", "bytes 0-8/10")], true),
            ("", 200, &[("content-range", "bytes 5-9/10")], true),
            ("", 200, &[("content-range", "bytes 0-18446744073709551614/18446744073709551615")], false),
            ("", 416, &[("content-range", "bytes */10")], false),
            ("bytes=0-4", 206, &[("content-range", "bytes 0-4/10")], false),
            ("bytes=0-4", 206, &[("content-range", "bytes 0-2/10")], false),
            ("bytes=0-4", 206, &[("content-range", "bytes 0-5/10")], true),
            ("bytes=0-4", 206, &[("content-range", "bytes 1-4/10")], true),
            ("bytes=0-4", 206, &[], true),
            ("bytes=0-4", 206, &[MULTIPART], true),
            ("bytes=0-4", 200, &[], false),
            ("bytes=0-4", 416, &[("content-range", "bytes */3")], false),
            ("bytes=5-", 206, &[("content-range", "bytes 5-9/*")], false),
            ("bytes=-3", 206, &[("content-range", "bytes 7-9/10")], false),
            ("bytes=-3", 206, &[("content-range", "bytes 0-9/10")], true),
            ("bytes=0-1,4-5", 206, &[MULTIPART], false),
            ("bytes=0-1,4-5", 206, &[("content-range", "bytes 4-5/10")], false),
            ("items=0-1", 206, &[("content-range", "items 0-1/10")], false),
        ];
        for (asked, status, lines, expected) in cases {
            let mut request = HeaderMap::new();
            if !asked.is_empty() {
                request.insert(header::RANGE, HeaderValue::from_static(asked));
            }
            let status = StatusCode::from_u16(*status).unwrap();
            assert_eq!(is_unasked_part(&request, status, &headers(lines)), *expected, "{asked} {status} {lines:?}");
        }
    }

    #[test]
    fn a_date_continues_where_it_is_strong() {
        let dated = [("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT"), ("date", "Sun, 22 Nov 2026 10:00:00 GMT")];
        let salvage = salvage(&dated, 400).unwrap();
        let part = [("content-range", "bytes 400-999/1000"), dated[0]];
        assert_eq!(salvage.read(StatusCode::PARTIAL_CONTENT, &headers(&part)), Continuation::Rest { length: 1000 });
        let mute = [("content-range", "bytes 400-999/1000")];
        assert_eq!(salvage.read(StatusCode::PARTIAL_CONTENT, &headers(&mute)), Continuation::Unusable);
        let newer = [("content-range", "bytes 400-999/1000"), ("last-modified", "Sun, 22 Nov 2026 11:00:00 GMT")];
        assert_eq!(salvage.read(StatusCode::PARTIAL_CONTENT, &headers(&newer)), Continuation::Unusable);
    }

    #[test]
    fn one_attempt_at_a_time_has_the_salvage_and_the_furthest_stays() {
        let slot = Slot::default();
        slot.put(salvage(&[("etag", "\"a\"")], 400).unwrap());
        let lease = slot.take().unwrap();
        assert!(slot.take().is_none());
        drop(lease);
        slot.put(salvage(&[("etag", "\"a\"")], 300).unwrap());
        let lease = slot.take().unwrap();
        assert_eq!(lease.salvage().unwrap().offset, 400);
        assert!(lease.keep().is_some());
        assert!(slot.take().is_none());
    }
}
