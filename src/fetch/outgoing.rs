//! What a request sends: its first hop, and the cookies that are kept for each hop.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;
use url::Url;

use super::error::FetchError;
use super::floors::Bound;
use super::hop::Hop;
use super::request::Request;
use crate::transport::Isolation;

/// The first hop of a request.
pub(super) fn first_hop(request: &Request) -> Result<Hop, FetchError> {
    let mut hop = Hop {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        credentials: request.has_credentials(),
    };
    for name in CONNECTION_HEADERS {
        hop.headers.remove(name);
    }
    if let Some(login) = login(&hop.url) {
        hop.headers.entry(header::AUTHORIZATION).or_insert(login);
    }
    if hop.url.set_username("").is_err() || hop.url.set_password(None).is_err() {
        return Err(FetchError::Url);
    }
    Ok(hop)
}

/// The request of a hop, with the cookies that are kept for it, unless the caller has given some.
pub(super) fn with_cookies(hop: &Hop, request: &Request, isolation: &Isolation) -> Hop {
    let mut sent = hop.clone();
    if !hop.headers.contains_key(header::COOKIE)
        && let Some(mut cookies) = request.cookies.as_ref().and_then(|cookies| cookies.header(&hop.url, isolation))
    {
        cookies.set_sensitive(true);
        sent.headers.insert(header::COOKIE, cookies);
        sent.credentials = true;
    }
    sent
}

/// What is sent on a hop. It contains the validators of what is already known, if the host may learn that the reader
/// asks again.
pub(super) fn with_validators(mut sent: Hop, request: &Request, bound: Bound) -> Hop {
    if let Some(known) = request.validators.as_ref().filter(|known| known.may_be_sent_to(&sent.url, bound.exposure)) {
        known.validators.ask_if_changed(&mut sent.headers);
    }
    sent
}

/// A login in a URL, as Basic credentials (RFC 7617).
fn login(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Headers about the connection belong to the engine (RFC 9110 section 7.6.1).
const CONNECTION_HEADERS: [HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHORIZATION,
];
