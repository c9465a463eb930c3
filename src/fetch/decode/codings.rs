//! The content codings of an answer, as its headers name them (RFC 9110 section 8.4).

use http::{HeaderMap, HeaderValue, header};

use crate::transport::{Cause, MessageFault, Protocol};

/// The codings that are requested, unless the caller requests others: those that this build can decode.
pub(crate) const ACCEPT_ENCODING: HeaderValue =
    HeaderValue::from_static(match (cfg!(feature = "brotli"), cfg!(feature = "zstd")) {
        (true, true) => "gzip, deflate, br, zstd",
        (true, false) => "gzip, deflate, br",
        (false, true) => "gzip, deflate, zstd",
        (false, false) => "gzip, deflate",
    });

/// One content coding. Brotli and zstd are features of the crate, because their decoders take 315 kB of a phone's
/// library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Coding {
    #[default]
    Identity,
    Gzip,
    Deflate,
    #[cfg(feature = "brotli")]
    Brotli,
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Coding {
    /// The failure for bytes that are not in the coding.
    pub(super) fn broken(self) -> Cause {
        let expected = match self {
            // A body without a coding may hold any bytes, so this never occurs.
            Coding::Identity => Protocol::Http,
            Coding::Gzip => Protocol::Gzip,
            Coding::Deflate => Protocol::Deflate,
            #[cfg(feature = "brotli")]
            Coding::Brotli => Protocol::Brotli,
            #[cfg(feature = "zstd")]
            Coding::Zstd => Protocol::Zstd,
        };
        Cause::Malformed { expected }
    }
}

/// The codings of an answer, in the order of decoding. Most answers have one or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codings {
    /// The coding that was applied last, or [`Coding::Identity`].
    pub(super) outer: Coding,
    pub(super) then: [Coding; MOST_CODINGS - 1],
}

impl Codings {
    /// No coding.
    pub(crate) const NONE: Self = Self { outer: Coding::Identity, then: [Coding::Identity; MOST_CODINGS - 1] };

    /// The codings that an answer's headers name (RFC 9110 section 8.4), at most [`MOST_CODINGS`]. A header that names
    /// a character set or the absence of a coding is a common mistake and means the body as it is; browsers treat it
    /// like this, too.
    ///
    /// # Errors
    /// [`Cause::NotAccepted`] for a coding that this build does not decode, and for too many codings.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Cause> {
        let mut found = Vec::new();
        for value in headers.get_all(header::CONTENT_ENCODING) {
            let value = String::from_utf8_lossy(value.as_bytes());
            for token in value.split(',') {
                match token.trim().to_ascii_lowercase().as_str() {
                    "gzip" | "x-gzip" => found.push(Coding::Gzip),
                    "deflate" => found.push(Coding::Deflate),
                    #[cfg(feature = "brotli")]
                    "br" => found.push(Coding::Brotli),
                    #[cfg(feature = "zstd")]
                    "zstd" => found.push(Coding::Zstd),
                    token if names_no_coding(token) => {}
                    _ => return Err(NOT_ACCEPTED),
                }
            }
        }
        let mut codings = Self::NONE;
        let mut places = std::iter::once(&mut codings.outer).chain(&mut codings.then);
        // The coding that is named last was applied last.
        for coding in found.into_iter().rev() {
            *places.next().ok_or(NOT_ACCEPTED)? = coding;
        }
        Ok(codings)
    }

    /// Whether the body is used as it came.
    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The codings that remain after the outer one is decoded.
    pub(super) fn inner(self) -> Self {
        let [outer, rest @ ..] = self.then;
        let mut then = Self::NONE.then;
        then.iter_mut().zip(rest).for_each(|(place, coding)| *place = coding);
        Self { outer, then }
    }
}

/// Whether a word in the header is not a coding: an empty word, the absence of a coding, a character set, a transfer
/// encoding of mail (RFC 2045 section 6.1), a media type.
fn names_no_coding(token: &str) -> bool {
    matches!(token, "" | "identity" | "none" | "null" | "binary" | "7bit" | "8bit" | "plain" | "text" | "chunked")
        || token.contains('/')
        || CHARACTER_SETS.iter().any(|start| token.starts_with(start))
}

/// The beginnings of names of character sets (the WHATWG's Encoding Standard, section 4.2). No content coding begins
/// like this.
const CHARACTER_SETS: [&str; 14] = [
    "utf", "ascii", "us-ascii", "ansi", "iso-8859", "iso8859", "latin", "windows-", "cp", "koi8", "gb", "big5",
    "shift", "euc",
];

const NOT_ACCEPTED: Cause = Cause::NotAccepted { fault: MessageFault::ContentCoding };

/// curl accepts five. More than two are a mistake or a bomb.
const MOST_CODINGS: usize = 3;
