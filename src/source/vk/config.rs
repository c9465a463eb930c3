//! Where VK's API is called, and with which token.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::reach::{Finding, Statement};

/// How VKontakte's API is called.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VkConfig {
    /// Another address of the API than `https://api.vk.ru`, with or without its `/method`. Plain `http` is allowed only
    /// on loopback. With another address the alternate host is not used.
    pub base: Option<String>,
    /// The token. Without one nothing is read.
    pub token: Option<VkToken>,
}

impl VkConfig {
    /// Uses the real API with this token.
    #[cfg(test)]
    pub(super) fn with_token(token: impl Into<VkToken>) -> Self {
        Self { base: None, token: Some(token.into()) }
    }
}

/// A token, and whom it identifies. A plain text counts as a user's token.
#[derive(Clone, Debug)]
pub struct VkToken {
    token: Token,
    names_reader: bool,
}

impl VkToken {
    /// The service token of an app: it identifies no person.
    pub fn service(token: impl Into<String>) -> Self {
        Self { token: Token::new(token), names_reader: false }
    }

    /// The token of a user. It identifies a person, and is never sent for a community of exposure `tor`.
    pub fn user(token: impl Into<String>) -> Self {
        Self { token: Token::new(token), names_reader: true }
    }

    pub(super) fn names_reader(&self) -> bool {
        self.names_reader
    }

    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> Result<HeaderValue, VkConfigError> {
        let token = self.token.0.as_bytes();
        let mut text = Zeroizing::new(Vec::with_capacity(BEARER.len() + token.len()));
        text.extend_from_slice(BEARER);
        text.extend_from_slice(token);
        // Copies share the bytes, and the last of them overwrites them.
        let text = Bytes::from_owner(Shared(text));
        let mut value = HeaderValue::from_maybe_shared(text).map_err(|_| VkConfigError::Token)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// A text of the platform with the token removed, in case the platform repeats it: whole or cut short, in any case.
    pub(super) fn redact(&self, text: &str) -> String {
        let token = self.token.0.as_bytes();
        let begin = token.get(..KNOWN_BY).unwrap_or(token);
        let is_here =
            |at: usize| text.as_bytes().get(at..at + begin.len()).is_some_and(|part| part.eq_ignore_ascii_case(begin));
        let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let (mut redacted, mut rest) = (String::new(), 0);
        for (at, _) in text.char_indices() {
            if at >= rest && !begin.is_empty() && is_here(at) {
                redacted.push_str(text.get(rest..at).unwrap_or_default());
                redacted.push_str("***");
                let after = text.get(at..).unwrap_or_default().trim_start_matches(is_of_token);
                rest = text.len() - after.len();
            }
        }
        redacted.push_str(text.get(rest..).unwrap_or_default());
        redacted
    }

    /// The same for all texts of an answer.
    pub(super) fn redact_answer(&self, answer: &mut Value) {
        match answer {
            Value::String(text) => *text = self.redact(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact_answer(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.redact_answer(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The same for what a judge found in an answer.
    pub(super) fn redact_finding(&self, finding: Finding) -> Finding {
        let redacted = |Statement { authority, link, text }| {
            let [authority, link, text] =
                [authority, link, text].map(|text| text.map(|text: String| self.redact(&text)));
            Statement { authority, link, text }
        };
        match finding {
            Finding::PlatformBlocked(statement) => Finding::PlatformBlocked(redacted(statement)),
            Finding::Legal451(statement) => Finding::Legal451(redacted(statement)),
            Finding::BlockPage { fingerprint, statement } => {
                Finding::BlockPage { fingerprint, statement: redacted(statement) }
            }
            other => other,
        }
    }
}

impl From<String> for VkToken {
    fn from(token: String) -> Self {
        Self::user(token)
    }
}

impl From<&str> for VkToken {
    fn from(token: &str) -> Self {
        Self::user(token)
    }
}

/// Bytes that are overwritten when the last owner is dropped.
struct Shared(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A token that is repeated is known by so many of its first letters.
const KNOWN_BY: usize = 16;

/// The text before a token in the header (RFC 6750, 2.1).
const BEARER: &[u8] = b"Bearer ";

/// A secret text: overwritten when dropped, never printed.
#[derive(Clone)]
pub(super) struct Token(Zeroizing<String>);

impl Token {
    /// The secret, without the blanks and line ends that a file puts around it.
    fn new(token: impl Into<String>) -> Self {
        let token = Zeroizing::new(token.into());
        Self(Zeroizing::new(token.trim().to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Error in the configuration for VK. No sentence repeats what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VkConfigError {
    /// The base is not a URL.
    #[error("the address of VK's API must be a URL like https://api.vk.ru, without user name, query and fragment")]
    Base,
    /// The base has another scheme.
    #[error("the address of VK's API must begin with https://")]
    Scheme,
    /// The base is plain `http`, and not on this device.
    #[error(
        "plain http is allowed for VK's API on a loopback address only, because the token would be readable on the way"
    )]
    Plain,
    /// The token is empty, or a header cannot carry it.
    #[error("the VK token must be one line of visible ASCII characters without spaces")]
    Token,
}

codes! {
    &VkConfigError {
        Base = "vk_api_base",
        Scheme = "vk_api_scheme",
        Plain = "vk_api_plain",
        Token = "vk_token",
    }
}

/// The base URLs of methods, in order. Every URL ends in `/`.
#[derive(Clone, Debug)]
pub(super) struct Bases(Vec<Url>);

impl Bases {
    pub(super) fn of(base: Option<&str>) -> Result<Self, VkConfigError> {
        let Some(base) = base else {
            let urls = HOSTS.iter().map(|base| Url::parse(base)).collect::<Result<_, _>>();
            return urls.map(Self).map_err(|_| VkConfigError::Base);
        };
        let mut url = Url::parse(base.trim()).map_err(|_| VkConfigError::Base)?;
        let secret = !url.username().is_empty() || url.password().is_some();
        if secret || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(VkConfigError::Base);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(VkConfigError::Plain),
            _ => return Err(VkConfigError::Scheme),
        }
        let path = url.path().trim_end_matches('/');
        let path =
            if path.rsplit('/').next() == Some("method") { format!("{path}/") } else { format!("{path}/method/") };
        url.set_path(&path);
        Ok(Self(vec![url]))
    }

    /// All bases, in order.
    pub(super) fn all(&self) -> &[Url] {
        &self.0
    }

    /// The URL of a method at the base of this index.
    pub(super) fn method(&self, index: usize, method: &str) -> Option<Url> {
        self.0.get(index)?.join(method).ok()
    }
}

pub(super) fn check(token: &VkToken) -> Result<(), VkConfigError> {
    let text = token.token.0.as_str();
    let usable = !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(|b| b.is_ascii_graphic());
    if usable { Ok(()) } else { Err(VkConfigError::Token) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The API, and its alternate host on another domain: a block of one name does not affect the other.
const HOSTS: [&str; 2] = ["https://api.vk.ru/method/", "https://api.vk.com/method/"];

/// Real tokens have about 200 bytes.
const MAX_TOKEN: usize = 4096;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_base_is_taken_with_and_without_its_method() {
        let cases = [
            ("https://api.example", "https://api.example/method/wall.get"),
            ("https://api.example/", "https://api.example/method/wall.get"),
            ("https://api.example/method", "https://api.example/method/wall.get"),
            ("https://api.example/method/", "https://api.example/method/wall.get"),
            ("https://api.example/vk", "https://api.example/vk/method/wall.get"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/method/wall.get"),
            ("http://127.9.9.9", "http://127.9.9.9/method/wall.get"),
            ("http://[::1]:80/method", "http://[::1]/method/wall.get"),
            (" http://localhost:1 ", "http://localhost:1/method/wall.get"),
        ];
        for (base, url) in cases {
            assert_eq!(Bases::of(Some(base)).unwrap().method(0, "wall.get").unwrap().as_str(), url, "{base}");
            assert_eq!(Bases::of(Some(base)).unwrap().method(1, "wall.get"), None, "{base}");
        }
        let real = Bases::of(None).unwrap();
        assert_eq!(real.method(1, "wall.get").unwrap().as_str(), "https://api.vk.com/method/wall.get");
    }

    #[test]
    fn a_base_over_which_a_token_would_be_read_is_refused() {
        let cases = [
            ("http://api.vk.ru", VkConfigError::Plain),
            ("http://192.168.0.1/", VkConfigError::Plain),
            ("http://localhost.example/", VkConfigError::Plain),
            ("http://127.0.0.1.example/", VkConfigError::Plain),
            ("ftp://127.0.0.1/", VkConfigError::Scheme),
            ("https://user@api.example", VkConfigError::Base),
            ("https://api.example/?a=b", VkConfigError::Base),
            ("api.example", VkConfigError::Base),
            ("", VkConfigError::Base),
        ];
        for (base, error) in cases {
            assert_eq!(Bases::of(Some(base)).unwrap_err(), error, "{base}");
        }
    }

    #[test]
    fn a_token_is_checked_and_never_printed() {
        for bad in ["", " \n", "a b", "ключ", "a\nb"] {
            assert_eq!(check(&bad.into()), Err(VkConfigError::Token), "{bad:?}");
        }
        let token = VkToken::from(" vk1.a.SECRET\n");
        assert_eq!(check(&token), Ok(()));
        assert!(!format!("{:?} {:?}", VkConfig::with_token(token.clone()), token.header()).contains("SECRET"));
        assert_eq!(token.header().unwrap().to_str().unwrap(), "Bearer vk1.a.SECRET");
        assert_eq!(token.redact("bad vk1.a.SECRET given"), "bad *** given");
        assert_eq!(token.redact("ключ VK1.A.secret, vk1.a.SECRETs"), "ключ ***, ***");
        let long = VkToken::from("vk1.a.0123456789abcdefghij");
        assert_eq!(long.redact("«vk1.a.0123456789abc…» и vk1.a.01"), "«***…» и vk1.a.01");
    }
}
