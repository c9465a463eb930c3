//! A reader's key for an onion service that lets in only readers who have one.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{Context, SHA3_256};
use zeroize::Zeroizing;

/// The key with which a restricted onion service lets this reader in (rend-spec-v3, "Client authorization"). It is for the Tor
/// within this process; a Tor that runs elsewhere has its keys in its own settings. It stays in memory.
///
/// The operator of the service can recognise the reader by it.
///
/// ```
/// let line = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid:descriptor:x25519:\
///             AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";
/// let key: byway::OnionKey = line.parse()?;
/// assert_eq!(key.address(), "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion");
/// # Ok::<(), byway::OnionKeyError>(())
/// ```
#[derive(Clone)]
pub struct OnionKey {
    address: String,
    #[cfg_attr(not(feature = "tor"), allow(dead_code, reason = "only the Tor within this process uses it"))]
    key: Zeroizing<[u8; 32]>,
}

impl OnionKey {
    /// The key for the service at this address, with or without `.onion`: 32 bytes for X25519.
    ///
    /// # Errors
    ///
    /// [`OnionKeyError::Address`].
    pub fn new(address: &str, key: [u8; 32]) -> Result<Self, OnionKeyError> {
        let key = Zeroizing::new(key);
        let address = address.trim().to_ascii_lowercase();
        let label = address.strip_suffix(".onion").unwrap_or(&address);
        if !is_address(label) {
            return Err(OnionKeyError::Address);
        }
        Ok(Self { address: format!("{label}.onion"), key })
    }

    /// The address of the service.
    pub fn address(&self) -> &str {
        &self.address
    }

    #[cfg(feature = "tor")]
    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.key
    }
}

impl FromStr for OnionKey {
    type Err = OnionKeyError;

    /// Parses the line that Tor keeps in a file `.auth_private`: `ADDRESS:descriptor:x25519:KEY`, the key in Base32.
    ///
    /// # Errors
    ///
    /// See [`OnionKeyError`].
    fn from_str(text: &str) -> Result<Self, OnionKeyError> {
        let mut parts = text.trim().split(':');
        let (Some(address), Some("descriptor"), Some("x25519"), Some(secret), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(OnionKeyError::Form);
        };
        let mut key = Zeroizing::new([0; 32]);
        let is_key = from_base32(secret, key.as_mut());
        let new = Self::new(address, *key)?;
        if is_key { Ok(new) } else { Err(OnionKeyError::Key) }
    }
}

impl fmt::Debug for OnionKey {
    /// Without the address, which says what is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnionKey(..)")
    }
}

/// Why a text is not the key of a reader for an onion service. It quotes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnionKeyError {
    /// It is not `ADDRESS:descriptor:x25519:KEY`.
    #[error("the key for an onion service is written `ADDRESS:descriptor:x25519:KEY`, as Tor writes it")]
    Form,
    /// No onion service of version 3 can have the address: 56 characters, the last ones with a checksum.
    #[error("the address before the key is not one that an onion service can have")]
    Address,
    /// The key is not 52 characters of Base32.
    #[error("the key for an onion service has 52 letters and digits (Base32)")]
    Key,
}

codes! {
    OnionKeyError {
        Form = "onion_key_form",
        Address = "onion_key_address",
        Key = "onion_key",
    }
}

/// Whether an onion service of version 3 can have this address, without `.onion` (rend-spec-v3, "Encoding onion addresses").
fn is_address(label: &str) -> bool {
    const PREFIX: &[u8] = b".onion checksum";
    const VERSION: u8 = 3;
    let mut bytes = [0; 35];
    if !from_base32(label, &mut bytes) {
        return false;
    }
    let (Some(public), Some(checksum)) = (bytes.get(..32), bytes.get(32..34)) else { return false };
    let mut context = Context::new(&SHA3_256);
    for part in [PREFIX, public, &[VERSION]] {
        context.update(part);
    }
    bytes.last() == Some(&VERSION) && context.finish().as_ref().get(..2) == Some(checksum)
}

/// Decodes Base32 without padding (RFC 4648 section 6), in letters of either case, if it has exactly these bytes.
fn from_base32(text: &str, bytes: &mut [u8]) -> bool {
    if text.len() != (bytes.len() * 8).div_ceil(5) {
        return false;
    }
    let (mut bits, mut count) = (Zeroizing::new(0u32), 0u32);
    let mut place = bytes.iter_mut();
    for letter in text.bytes() {
        let value = match letter.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => letter - b'a',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return false,
        };
        *bits = *bits << 5 | u32::from(value);
        count += 5;
        if count >= 8
            && let Some(place) = place.next()
        {
            count -= 8;
            #[expect(clippy::cast_possible_truncation, reason = "the byte that is complete")]
            {
                *place = (*bits >> count) as u8;
            }
            *bits &= (1 << count) - 1;
        }
    }
    // What is left over says nothing, and is zero.
    *bits == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ADDRESS: &str = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid";
    const KEY: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ";

    #[test]
    fn a_line_of_tor_is_a_key_for_one_address() {
        let key: OnionKey = format!(" {ADDRESS}:descriptor:x25519:{}\n", "A".repeat(52)).parse().unwrap();
        assert_eq!((key.address(), *key.key), (format!("{ADDRESS}.onion").as_str(), [0; 32]));
        assert_eq!(format!("{key:?}"), "OnionKey(..)");
        let same = OnionKey::new(&format!("{}.onion", ADDRESS.to_uppercase()), [7; 32]).unwrap();
        assert_eq!(same.address(), key.address());
    }

    #[test]
    fn base32_is_decoded_to_the_last_bit() {
        let mut bytes = [0; 10];
        assert!(from_base32("mzxw6ytboi5dgnbv", &mut bytes));
        assert_eq!(&bytes, b"foobar:345");
        let mut bytes = [0; 2];
        assert!(from_base32("MZXQ", &mut bytes));
        assert_eq!(&bytes, b"fo");
        for wrong in ["MZXR", "MZX", "MZXQA", "MZX1", "MZX=", "\u{e9}ZX", ""] {
            assert!(!from_base32(wrong, &mut [0; 2]), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_by_its_part() {
        use OnionKeyError as E;
        let changed = ADDRESS.replacen('g', "h", 1);
        for (text, error) in [
            (String::new(), E::Form),
            (KEY.to_owned(), E::Form),
            (format!("{ADDRESS}:descriptor:x448:{KEY}"), E::Form),
            (format!("{ADDRESS}:descriptor:x25519:{KEY}:"), E::Form),
            (format!("{changed}:descriptor:x25519:{}", "A".repeat(52)), E::Address),
            (format!("abc:descriptor:x25519:{}", "A".repeat(52)), E::Address),
            (format!("{ADDRESS}:descriptor:x25519:"), E::Key),
            (format!("{ADDRESS}:descriptor:x25519:{}", "A".repeat(51)), E::Key),
            (format!("{ADDRESS}:descriptor:x25519:{}B", "A".repeat(51)), E::Key),
        ] {
            let refused = text.parse::<OnionKey>().unwrap_err();
            assert_eq!(refused, error, "{text}");
            assert!(!refused.to_string().contains("AAAA"));
        }
    }
}
