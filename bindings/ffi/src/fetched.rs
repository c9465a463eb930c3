//! Pages and files that were fetched.

use crate::configuration::Language;
use crate::evidence::Reachability;

/// One header field of a request or an answer.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value. Bytes that are not UTF-8 are taken for Latin-1.
    pub value: String,
}

pub(crate) fn headers(core: &byway::http::HeaderMap) -> Vec<Header> {
    let field = |(name, value): (&byway::http::HeaderName, &byway::http::HeaderValue)| {
        let value = value.as_bytes();
        let latin_1 = || value.iter().copied().map(char::from).collect();
        let value = std::str::from_utf8(value).map_or_else(|_| latin_1(), str::to_owned);
        Header { name: name.as_str().to_owned(), value }
    };
    core.iter().map(field).collect()
}

/// A page that was fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct GetResponse {
    /// The HTTP status.
    pub status: i32,
    /// Where it came from, after redirects.
    pub url: String,
    /// The header of the answer.
    pub headers: Vec<Header>,
    /// The whole body, decoded.
    pub body: Vec<u8>,
    /// The strategy by which it came, without its login.
    pub strategy: String,
    /// How it was reached.
    pub reachability: Reachability,
}

impl GetResponse {
    pub(crate) fn of(core: byway::GetResponse, language: Language) -> Self {
        Self {
            status: core.response.status.as_u16().into(),
            url: core.response.url.to_string(),
            headers: headers(&core.response.headers),
            body: core.response.body.into(),
            strategy: core.response.strategy.redacted(),
            reachability: Reachability::of(&core.reachability, language),
        }
    }
}

/// A file that was fetched.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct FetchedFile {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The type of the file, as the host states it. It may be wrong: look at the bytes.
    pub content_type: Option<String>,
    /// How it was reached.
    pub reachability: Reachability,
}

impl FetchedFile {
    pub(crate) fn of(core: byway::FetchedFile, language: Language) -> Self {
        Self {
            bytes: core.bytes.into(),
            content_type: core.content_type,
            reachability: Reachability::of(&core.reachability, language),
        }
    }
}
