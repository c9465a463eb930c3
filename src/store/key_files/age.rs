//! The part of age's format that seals a key with a passphrase (<https://c2sp.org/age>): one scrypt stanza, and a
//! payload of one chunk. Every age implementation opens what this writes. This reads files from age and from earlier
//! versions of Byway.
//!
//! ```text
//! age-encryption.org/v1
//! -> scrypt SALT LOG_N
//! FILE KEY, sealed under scrypt(passphrase, "age-encryption.org/v1/scrypt" SALT)
//! --- HMAC of everything above, under HKDF(FILE KEY, "", "header")
//! NONCE, and the text, sealed under HKDF(FILE KEY, NONCE, "payload")
//! ```

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use scrypt::Params;
use zeroize::Zeroizing;

use super::{KeyFileError, Secret};

/// Seals a short text.
pub(super) fn seal(passphrase: &Secret, log_n: u8, text: &[u8]) -> Result<Vec<u8>, KeyFileError> {
    let (salt, payload_nonce) = (random::<SALT>()?, random::<SALT>()?);
    let file_key = Zeroizing::new(random::<FILE_KEY>()?);
    let wrapping = wrapping(passphrase, &salt, log_n)?;
    let wrapped = encrypt(&wrapping, [0; NONCE_LEN], file_key.as_slice())?;
    let mut file = format!(
        "{VERSION}\n{STANZA}{} {log_n}\n{}\n{END}",
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(wrapped)
    )
    .into_bytes();
    let mac = hmac::sign(&header_key(&file_key)?, &file);
    file.extend_from_slice(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).as_bytes());
    file.extend_from_slice(&payload_nonce);
    file.extend_from_slice(&encrypt(&*payload_key(&file_key, &payload_nonce)?, LAST_CHUNK, text)?);
    Ok(file)
}

/// Opens a file that [`seal`] or another age implementation sealed. The work is limited to [`MOST_LOG_N`], whatever the
/// file asks for.
pub(super) fn open(passphrase: &Secret, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    use KeyFileError::Damaged;

    let rest = file.strip_prefix(VERSION.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n")).ok_or(Damaged)?;
    let (stanza, rest) = line(rest).ok_or(Damaged)?;
    let (wrapped, rest) = line(rest).ok_or(Damaged)?;
    let (end, payload) = line(rest).ok_or(Damaged)?;
    let mac = end.strip_prefix(END).and_then(|end| end.strip_prefix(" ")).and_then(decoded::<32>).ok_or(Damaged)?;
    let (salt, log_n) = stanza.strip_prefix(STANZA).and_then(|stanza| stanza.split_once(' ')).ok_or(Damaged)?;
    let salt = decoded::<SALT>(salt).ok_or(Damaged)?;
    let log_n = work_factor(log_n).ok_or(Damaged)?;
    if log_n > MOST_LOG_N {
        return Err(KeyFileError::WorkFactor { log_n, most: MOST_LOG_N });
    }
    let wrapped = decoded::<{ FILE_KEY + TAG }>(wrapped).ok_or(Damaged)?;
    let (payload_nonce, sealed) = payload.split_first_chunk::<SALT>().ok_or(Damaged)?;

    // A wrong passphrase and a damaged stanza look the same here.
    let file_key = decrypt(&*wrapping(passphrase, &salt, log_n)?, [0; NONCE_LEN], &wrapped);
    let file_key = file_key.ok_or(KeyFileError::WrongPassphrase)?;
    let file_key: Zeroizing<[u8; FILE_KEY]> =
        Zeroizing::new(file_key.as_slice().try_into().map_err(|_| KeyFileError::Damaged)?);
    let header = file.len() - rest.len() + END.len();
    let header = file.get(..header).ok_or(Damaged)?;
    hmac::verify(&header_key(&file_key)?, header, &mac).map_err(|_| Damaged)?;
    decrypt(&*payload_key(&file_key, payload_nonce)?, LAST_CHUNK, sealed).ok_or(Damaged)
}

/// The first line, and the rest.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// A number without sign or leading zero.
fn work_factor(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|log_n| plain && *log_n < 64)
}

fn wrapping(passphrase: &Secret, salt: &[u8], log_n: u8) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let params = Params::new(log_n, 8, 1, 32).map_err(|_| KeyFileError::Damaged)?;
    let mut key = Zeroizing::new([0; 32]);
    let salt = [LABEL.as_bytes(), salt].concat();
    scrypt::scrypt(passphrase.expose().as_bytes(), &salt, &params, key.as_mut_slice())
        .map_err(|_| KeyFileError::Damaged)?;
    Ok(key)
}

fn header_key(file_key: &[u8; FILE_KEY]) -> Result<hmac::Key, KeyFileError> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, derived(file_key, &[], b"header")?.as_slice()))
}

fn payload_key(file_key: &[u8; FILE_KEY], nonce: &[u8; SALT]) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    derived(file_key, nonce, b"payload")
}

fn derived(file_key: &[u8; FILE_KEY], salt: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
    let mut key = Zeroizing::new([0; 32]);
    let derive = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(file_key);
    derive
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .map_err(|_| KeyFileError::Damaged)?;
    Ok(key)
}

fn encrypt(key: &[u8; 32], nonce: [u8; NONCE_LEN], text: &[u8]) -> Result<Vec<u8>, KeyFileError> {
    // Reserves room for the tag: a growing buffer would leave the text in freed memory.
    let mut sealed = Vec::with_capacity(text.len() + TAG);
    sealed.extend_from_slice(text);
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .map_err(|_| KeyFileError::Damaged)?;
    Ok(sealed)
}

fn decrypt(key: &[u8; 32], nonce: [u8; NONCE_LEN], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(sealed.to_vec());
    let length =
        cipher(key).ok()?.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, KeyFileError> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| KeyFileError::Damaged)?))
}

fn random<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(bytes)
}

const VERSION: &str = "age-encryption.org/v1";
const STANZA: &str = "-> scrypt ";
const LABEL: &str = "age-encryption.org/v1/scrypt";
const END: &str = "---";

const SALT: usize = 16;
const FILE_KEY: usize = 16;
const TAG: usize = 16;

/// The nonce of the first and only chunk: an 11-byte counter, and a byte that marks the last chunk.
const LAST_CHUNK: [u8; NONCE_LEN] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// scrypt with 2^17 rounds takes 128 MiB and about half a second. That is little for a person who types, and much for
/// an attacker who guesses. (OWASP's recommendation for scrypt.)
pub(super) const LOG_N: u8 = 17;

/// With fewer rounds, a passphrase is quickly guessed on a graphics card.
pub(super) const LEAST_LOG_N: u8 = 15;

/// A file that asks for more was not made here, and 512 MiB would crash the app on many phones.
pub(super) const MOST_LOG_N: u8 = 18;
