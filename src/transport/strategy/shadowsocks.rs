//! `ss://`: the secret that a Shadowsocks server shares with its users, and the three forms in which it is written.
//!
//! ```text
//! ss://aes-256-gcm:pass%20word@host:8388          SIP002, plain; the only form that it allows for 2022 methods
//! ss://YWVzLTI1Ni1nY206cGFzcw@host:8388/#name     SIP002, METHOD:PASSWORD in Base64
//! ss://YWVzLTI1Ni1nY206cGFzc0Bob3N0OjgzODg#name   older: METHOD:PASSWORD@HOST:PORT in Base64
//! ```
//!
//! All three are read, with either alphabet of RFC 4648 and with or without padding. The first is printed. Sources:
//! SIP002 (<https://shadowsocks.org/doc/sip002.html>), SIP004 (AEAD), SIP022 (2022) and its extension with identity
//! headers (`KEY_OF_SERVER:KEY_OF_USER`).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::super::destination::{parse_port, split_port};
use super::super::{Destination, DestinationError};
use super::StrategyError;
use super::limits::MAX_SHARED_KEY_BYTES;
use super::login::REDACTED;
use super::percent::decode;
use super::server::refuse_onion;

/// How a Shadowsocks server encrypts. Only methods that detect a changed byte are here: with any other method, anyone
/// on the path can alter the traffic, and can identify the protocol by probing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Method {
    /// `aes-128-gcm` (SIP004).
    Aes128Gcm,
    /// `aes-256-gcm` (SIP004).
    Aes256Gcm,
    /// `chacha20-ietf-poly1305` (SIP004).
    Chacha20IetfPoly1305,
    /// `2022-blake3-aes-128-gcm` (SIP022).
    Blake3Aes128Gcm,
    /// `2022-blake3-aes-256-gcm` (SIP022).
    Blake3Aes256Gcm,
    /// `2022-blake3-chacha20-poly1305` (SIP022).
    Blake3Chacha20Poly1305,
}

impl Method {
    /// All methods.
    pub(crate) const ALL: [Self; 6] = [
        Self::Aes128Gcm,
        Self::Aes256Gcm,
        Self::Chacha20IetfPoly1305,
        Self::Blake3Aes128Gcm,
        Self::Blake3Aes256Gcm,
        Self::Blake3Chacha20Poly1305,
    ];

    /// Its name in a URL and in a server's configuration.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "aes-128-gcm",
            Self::Aes256Gcm => "aes-256-gcm",
            Self::Chacha20IetfPoly1305 => "chacha20-ietf-poly1305",
            Self::Blake3Aes128Gcm => "2022-blake3-aes-128-gcm",
            Self::Blake3Aes256Gcm => "2022-blake3-aes-256-gcm",
            Self::Blake3Chacha20Poly1305 => "2022-blake3-chacha20-poly1305",
        }
    }

    /// Whether it is a method of SIP022: its password is a key in Base64, and its answer proves that it belongs to this
    /// request.
    pub(crate) fn is_2022(self) -> bool {
        self.key_length().is_some()
    }

    /// The bytes of a key, if the password is one.
    fn key_length(self) -> Option<usize> {
        match self {
            Self::Aes128Gcm | Self::Aes256Gcm | Self::Chacha20IetfPoly1305 => None,
            Self::Blake3Aes128Gcm => Some(16),
            Self::Blake3Aes256Gcm | Self::Blake3Chacha20Poly1305 => Some(32),
        }
    }

    /// Whether a server with many users takes both keys (SIP022's identity headers are defined for AES only).
    fn takes_identities(self) -> bool {
        matches!(self, Self::Blake3Aes128Gcm | Self::Blake3Aes256Gcm)
    }
}

impl FromStr for Method {
    type Err = StrategyError;

    /// Parses a method in any case, and the two other names of ChaCha20.
    ///
    /// # Errors
    /// [`StrategyError::MethodPlain`] for no encryption, [`StrategyError::MethodWeak`] for a method that does not
    /// detect changes, [`StrategyError::Method`] for an unknown method. The text is not quoted: it may belong to a
    /// password.
    fn from_str(text: &str) -> Result<Self, StrategyError> {
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        if let Some(method) = Self::ALL.into_iter().find(|method| *lower == method.text()) {
            return Ok(method);
        }
        match lower.as_str() {
            "chacha20-poly1305" | "aead_chacha20_poly1305" => Ok(Self::Chacha20IetfPoly1305),
            "aead_aes_128_gcm" => Ok(Self::Aes128Gcm),
            "aead_aes_256_gcm" => Ok(Self::Aes256Gcm),
            "none" | "plain" | "dummy" => Err(StrategyError::MethodPlain),
            text if WEAK.contains(&text) || WEAK_ENDS.iter().any(|end| text.ends_with(end)) => {
                Err(StrategyError::MethodWeak)
            }
            _ => Err(StrategyError::Method),
        }
    }
}

/// The secret that a Shadowsocks server shares with its users: a method, and a password that fits it. Its `Debug` shows
/// the method alone, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SharedKey {
    #[zeroize(skip)]
    method: Method,
    password: String,
}

impl SharedKey {
    /// A method and its password.
    ///
    /// For a 2022 method the password is a key of the method's exact length in Base64. For AES it may be several keys
    /// with `:` between them, the server's first and the user's last. It is kept in the standard alphabet with padding.
    ///
    /// # Errors
    /// [`StrategyError::PasswordEmpty`], [`StrategyError::LoginTooLong`], [`StrategyError::LoginControl`], and for a
    /// 2022 method [`StrategyError::Key`] and [`StrategyError::KeyLength`].
    pub(crate) fn new(method: Method, password: impl Into<String>) -> Result<Self, StrategyError> {
        // It is made before it is checked, so that a refused one is overwritten too.
        let mut key = Self { method, password: password.into() };
        if key.password.is_empty() {
            return Err(StrategyError::PasswordEmpty);
        }
        if key.password.contains(char::is_control) {
            return Err(StrategyError::LoginControl);
        }
        if key.password.len() > MAX_SHARED_KEY_BYTES {
            return Err(StrategyError::LoginTooLong);
        }
        if let Some(length) = method.key_length() {
            let keys = normal_keys(method, &key.password, length)?;
            key.password.zeroize();
            key.password = keys;
            if key.password.len() > MAX_SHARED_KEY_BYTES {
                return Err(StrategyError::LoginTooLong);
            }
        }
        Ok(key)
    }

    /// The encryption method.
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// The password, or the keys in Base64. A caller that copies it overwrites the copy.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedKey({}, ..)", self.method.text())
    }
}

/// Keys in Base64, each in its canonical form.
fn normal_keys(method: Method, text: &str, length: usize) -> Result<String, StrategyError> {
    let wrong = StrategyError::KeyLength { method: method.text(), length };
    // All of the capacity is allocated at once, including the padding.
    let room = text.len() + 3 * text.split(':').count();
    let mut normal = Zeroizing::new(String::with_capacity(room));
    for (place, part) in text.split(':').enumerate() {
        if place > 0 {
            if !method.takes_identities() {
                return Err(StrategyError::Key);
            }
            normal.push(':');
        }
        let key = from_base64(part).ok_or(StrategyError::Key)?;
        if key.len() != length {
            return Err(wrong);
        }
        STANDARD.encode_string(&*key, &mut normal);
    }
    Ok(std::mem::take(&mut *normal))
}

/// Parses the text between `ss://` and the options: the server, and the shared secret.
pub(super) fn parse(rest: &str) -> Result<(Destination, SharedKey), StrategyError> {
    // The last `@` ends the userinfo: neither a host nor Base64 has one.
    let Some((user_info, server)) = rest.rsplit_once('@') else {
        return parse_whole(rest);
    };
    // The server is read first, so that an error about it concerns a server and not a piece of a password.
    let server = parse_server(server)?;
    refuse_onion(&server.host)?;
    Ok((server, parse_user_info(user_info)?))
}

/// The older form: everything in Base64, optionally followed by `/`.
fn parse_whole(text: &str) -> Result<(Destination, SharedKey), StrategyError> {
    let whole = from_base64(text).or_else(|| from_base64(text.strip_suffix('/')?));
    let whole = whole.ok_or(StrategyError::ShadowsocksForm)?;
    let whole = str::from_utf8(&whole).map_err(|_| StrategyError::ShadowsocksForm)?;
    let (user_info, server) = whole.rsplit_once('@').ok_or(StrategyError::ShadowsocksForm)?;
    Ok((parse_server(server)?, parse_pair(user_info)?))
}

fn parse_server(text: &str) -> Result<Destination, StrategyError> {
    let (server, path) = text.split_once('/').unwrap_or((text, ""));
    if !path.is_empty() {
        return Err(StrategyError::Path);
    }
    let (host, port) = split_port(server)?;
    // No port is registered for Shadowsocks, and programs have different defaults.
    Ok(Destination::new(host, parse_port(port.ok_or(DestinationError::NoPort)?)?)?)
}

fn parse_user_info(text: &str) -> Result<SharedKey, StrategyError> {
    if text == REDACTED {
        return Err(StrategyError::Redacted);
    }
    if let Some((method, password)) = text.split_once(':') {
        let method: Method = decode(method)?.parse()?;
        // A key is checked to the byte, so a raw `/` of Base64 is accepted there. In a password it could mean anything.
        if password.contains('/') && !method.is_2022() {
            return Err(StrategyError::MisplacedAt);
        }
        return SharedKey::new(method, std::mem::take(&mut *decode(password)?));
    }
    let text = decode(text)?;
    if text.contains(':') {
        return parse_pair(&text);
    }
    let pair = from_base64(&text).ok_or(StrategyError::ShadowsocksForm)?;
    parse_pair(str::from_utf8(&pair).map_err(|_| StrategyError::ShadowsocksForm)?)
}

/// `METHOD:PASSWORD` as decoded from Base64: nothing in it is encoded a second time.
fn parse_pair(text: &str) -> Result<SharedKey, StrategyError> {
    let (method, password) = text.split_once(':').ok_or(StrategyError::ShadowsocksForm)?;
    SharedKey::new(method.parse()?, password)
}

/// Decodes either alphabet of RFC 4648, padded or not.
fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    // The largest possible capacity is allocated at once: a buffer that grows leaves copies of a password behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let engine = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    engine.decode_vec(text, &mut bytes).ok()?;
    Some(bytes)
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Stream ciphers of the first Shadowsocks versions, without the usual suffixes.
const WEAK: &[&str] = &["rc4", "rc4-md5", "rc4-md5-6", "table", "salsa20", "chacha20", "chacha20-ietf", "xchacha20"];

const WEAK_ENDS: &[&str] = &["-cfb", "-cfb1", "-cfb8", "-cfb128", "-ctr", "-ofb", "-cbc"];
