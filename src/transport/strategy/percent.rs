//! The percent-encoding of logins, options and names (RFC 3986 section 2.1).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use zeroize::{Zeroize, Zeroizing};

use super::StrategyError;

/// Decodes percent-encoding strictly. Otherwise a literal `%` in a pasted password would be lost silently.
///
/// # Errors
/// [`StrategyError::PercentEncoding`].
pub(crate) fn decode(text: &str) -> Result<Zeroizing<String>, StrategyError> {
    let is_encoded = |rest: &str| {
        let mut digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().and(digits.next()).is_some()
    };
    if !text.split('%').skip(1).all(is_encoded) {
        return Err(StrategyError::PercentEncoding);
    }
    // All of the capacity is allocated at once: a buffer that grows leaves copies of a password behind.
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend(percent_decode_str(text));
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|error| {
        error.into_bytes().zeroize();
        StrategyError::PercentEncoding
    })
}

/// Encodes all but the unreserved characters.
pub(super) fn encoded(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, RESERVED)
}

/// All but the unreserved characters of RFC 3986 section 2.3, so that no parser of URLs can split the text.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
