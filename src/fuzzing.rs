//! Access to private parsers for the fuzz targets in `fuzz/`. Not part of the public API.
//!
//! Each function takes bytes from a stranger and returns what was parsed. `fuzz/src/` states the invariants, for these
//! parsers and for the public ones.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::community::{Community, Event, Post};
/// The number of bytes decoded at a time.
pub const DECODE_STEP: usize = crate::fetch::decode::STEP;
use crate::exposure::Exposure;
use crate::fetch::decode::{Codings, Decoder, Step};
use crate::fetch::hop::Hop;
use crate::fetch::redirect::{self, Bounds};
use crate::fetch::resume::{Continuation, Salvage};
use crate::fetch::{PageJudge, Payload, RedirectError, validators};
use crate::source::{telegram, vk, web};
use crate::transport::{Cause, PrivateAddresses};
use crate::wire::tls;

/// Decodes a body that arrives in these pieces under these headers. Returns how it ended, and the output until then.
pub fn decode(headers: &HeaderMap, pieces: &[&[u8]], limit: u64) -> (Result<(), Cause>, Vec<u8>) {
    let mut out = Vec::new();
    let result = decode_onto(&mut out, headers, pieces, limit);
    (result, out)
}

fn decode_onto(out: &mut Vec<u8>, headers: &HeaderMap, pieces: &[&[u8]], limit: u64) -> Result<(), Cause> {
    let mut decoder = Decoder::new(Codings::of(headers)?);
    for piece in pieces {
        decoder.push(piece.to_vec().into());
        while decoder.step(out, limit)? == Step::More {}
    }
    decoder.end();
    while decoder.step(out, limit)? == Step::More {}
    Ok(())
}

/// The next URL and headers of a redirected GET with these headers.
///
/// # Errors
/// See [`RedirectError`].
pub fn redirect(
    from: &Url,
    headers: HeaderMap,
    status: StatusCode,
    location: &HeaderValue,
    exposure: Exposure,
    private: PrivateAddresses,
) -> Result<(Url, HeaderMap), RedirectError> {
    let credentials = headers.contains_key(header::AUTHORIZATION);
    let hop = Hop { method: Method::GET, url: from.clone(), headers, body: Payload::empty(), credentials };
    let bounds = Bounds { replay: crate::reach::Replay::Safe, exposure, private };
    redirect::next(hop, status, location, bounds).map(|hop| (hop.url, hop.headers))
}

/// The total length, if a response is the rest of a body that broke off after `offset` bytes.
pub fn continues(
    first: &HeaderMap,
    offset: u64,
    length: Option<u64>,
    status: StatusCode,
    rest: &HeaderMap,
) -> Option<u64> {
    let coding = Codings::of(first).ok()?;
    let salvage = Salvage {
        headers: first.clone(),
        coding,
        decoder: Decoder::new(coding),
        decoded: Vec::new(),
        handed: 0,
        given: 0,
        offset,
        length,
        proved_name: false,
    };
    match salvage.kept()?.read(status, rest) {
        Continuation::Rest { length } => Some(length),
        Continuation::Anew | Continuation::Unusable | Continuation::Other => None,
    }
}

/// The host name in the next output of our own TLS.
pub fn name_in_hello(bytes: &[u8]) -> Option<Vec<u8>> {
    tls::name_in(bytes)
}

/// The validator that shows that two responses are byte-for-byte equal.
pub fn strong_validator(headers: &HeaderMap) -> Option<HeaderValue> {
    validators::strong(headers)
}

/// Everything that is parsed from a response of VK's API. `None` if it is not JSON.
pub fn vk(answer: &[u8]) -> Option<(Option<Community>, Vec<Post>, Vec<Event>)> {
    vk::read_anything(answer)
}

/// Everything that is parsed from a site's response. `None` if it is neither a feed nor a page.
pub fn site(body: &[u8], content_type: Option<&str>) -> Option<(Community, Vec<Post>, Vec<Event>)> {
    web::read_anything(body, content_type)
}

/// Everything that is parsed from a page of Telegram's. `None` if it is not the preview of a channel.
pub fn telegram(body: &[u8]) -> Option<(Community, Vec<Post>)> {
    telegram::read_anything(body)
}

/// The judge of VK's API.
pub fn vk_judge() -> impl PageJudge {
    vk::api_judge()
}
