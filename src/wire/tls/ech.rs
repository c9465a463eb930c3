//! Encrypted ClientHello (RFC 9849). The real name is encrypted with a key that the host published. The ClientHello in
//! the clear has another name, the *outer* name, which many hosts share.
//!
//! A host that does not have the key (any more) answers for the outer name, and may send its current keys. Then nothing
//! was said to the wrong host, and the handshake is over: [`Rejected`]. rustls does the cryptography. This module
//! selects the usable keys, and interprets a bad certificate: one for the outer name says nothing about the real host.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_rustls::rustls;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{EchConfig, EchMode};
use tokio_rustls::rustls::crypto::aws_lc_rs::hpke::ALL_SUPPORTED_SUITES;
// rustls 0.23 gives no other public form of the keys in a rejection (0.24 gives their bytes).
use tokio_rustls::rustls::internal::msgs::codec::Codec;
use tokio_rustls::rustls::pki_types::{CertificateDer, EchConfigListBytes, ServerName, UnixTime};
use tokio_rustls::rustls::{DigitallySignedStruct, PeerIncompatible, SignatureScheme};

use crate::wire::dns::EchConfigList;

/// The host did not decrypt the ClientHello.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host did not take the encrypted ClientHello")]
pub struct Rejected {
    /// The host's current keys. They came under a certificate that proved the outer name (RFC 9849 section 6.1.6).
    pub retry: Option<EchConfigList>,
}

/// The ECH mode for `host` with the first supported key. `None` if no key is supported, or if each outer name is the
/// name to be hidden.
pub(super) fn mode(list: &EchConfigList, host: &str) -> Option<EchMode> {
    let usable = usable(list.as_bytes(), host)?;
    let config = EchConfig::new(EchConfigListBytes::from(usable), ALL_SUPPORTED_SUITES).ok()?;
    Some(EchMode::Enable(config))
}

/// The rejection in a failed handshake that offered ECH. `None` if it failed for another reason.
pub(super) fn rejection(error: &rustls::Error, verifier: &OuterOrInner) -> Option<Rejected> {
    match error {
        rustls::Error::PeerIncompatible(PeerIncompatible::ServerRejectedEncryptedClientHello(configs)) => {
            let retry = configs.as_ref().filter(|configs| !configs.is_empty()).map(|configs| {
                let mut bytes = Vec::new();
                configs.encode(&mut bytes);
                EchConfigList::new(&bytes)
            });
            Some(Rejected { retry })
        }
        // The peer that terminated TLS could not read the real name, and did not prove the outer one.
        rustls::Error::InvalidCertificate(_) if verifier.judged_outer() => Some(Rejected { retry: None }),
        _ => None,
    }
}

/// The list without the keys whose outer name is `host`. `None` if no key is left, or if it is not a list (RFC 9849
/// section 4).
fn usable(list: &[u8], host: &str) -> Option<Vec<u8>> {
    let (length, mut rest) = split_u16(list)?;
    if length != rest.len() {
        return None;
    }
    let mut usable = Vec::new();
    while !rest.is_empty() {
        let (_version, after) = split_u16(rest)?;
        let (length, contents) = split_u16(after)?;
        let (contents, next) = contents.split_at_checked(length)?;
        let (config, _) = rest.split_at_checked(rest.len() - next.len())?;
        // The name in an unknown version cannot be read; rustls skips the version.
        let outer = outer_name(contents).map(|name| String::from_utf8_lossy(name).into_owned());
        if outer.is_none_or(|outer| !same_name(&outer, host)) {
            usable.extend_from_slice(config);
        }
        rest = next;
    }
    let length = u16::try_from(usable.len()).ok().filter(|length| *length > 0)?;
    Some([&length.to_be_bytes()[..], &usable].concat())
}

/// Reads the config id, KEM, public key, cipher suites, longest name, outer name, extensions.
fn outer_name(contents: &[u8]) -> Option<&[u8]> {
    let (_, rest) = contents.split_at_checked(1 + 2)?;
    let (key, rest) = split_u16(rest)?;
    let (_, rest) = rest.split_at_checked(key)?;
    let (suites, rest) = split_u16(rest)?;
    let (_, rest) = rest.split_at_checked(suites)?;
    let [_longest, name, rest @ ..] = rest else { return None };
    rest.get(..usize::from(*name))
}

fn split_u16(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_at_checked(2)?;
    Some((usize::from(u16::from_be_bytes(number.try_into().ok()?)), rest))
}

fn same_name(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    bare(one) == bare(other)
}

/// Judges certificates as `verifier` does, and records whether the certificate was judged for a name other than the
/// real one.
pub(super) struct OuterOrInner {
    verifier: Arc<dyn ServerCertVerifier>,
    inner: ServerName<'static>,
    outer: AtomicBool,
}

impl OuterOrInner {
    pub(super) fn new(verifier: Arc<dyn ServerCertVerifier>, inner: ServerName<'static>) -> Self {
        Self { verifier, inner, outer: AtomicBool::new(false) }
    }

    fn judged_outer(&self) -> bool {
        self.outer.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for OuterOrInner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OuterOrInner(..)")
    }
}

impl ServerCertVerifier for OuterOrInner {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.outer.store(*server_name != self.inner, Ordering::Relaxed);
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use proptest::prelude::*;
    use tokio_rustls::rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_128;
    use tokio_rustls::rustls::crypto::hpke::Hpke as _;

    use super::*;

    /// A key for X25519 and AES-128-GCM under this outer name, whose private part does not exist (RFC 9849 section 4).
    pub(crate) fn config(outer: &str) -> Vec<u8> {
        let (key, _) = DH_KEM_X25519_HKDF_SHA256_AES_128.generate_key_pair().unwrap();
        let mut contents = vec![7, 0, 0x20];
        contents.extend(u16::try_from(key.0.len()).unwrap().to_be_bytes());
        contents.extend(&key.0);
        contents.extend([0, 4, 0, 1, 0, 1]);
        contents.extend([0, u8::try_from(outer.len()).unwrap()]);
        contents.extend(outer.as_bytes());
        contents.extend([0, 0]);
        let mut config = vec![0xFE, 0x0D];
        config.extend(u16::try_from(contents.len()).unwrap().to_be_bytes());
        config.extend(contents);
        config
    }

    pub(crate) fn list(configs: &[Vec<u8>]) -> EchConfigList {
        let configs = configs.concat();
        EchConfigList::new(&[&u16::try_from(configs.len()).unwrap().to_be_bytes()[..], &configs].concat())
    }

    #[test]
    fn a_key_is_used_that_is_understood_and_hides_the_name() {
        let (outer, inner) = (config("outer.example"), config("Secret.Example"));
        let unknown = vec![0xFE, 0x99, 0, 3, 1, 2, 3];
        for (configs, usable) in [
            (vec![outer.clone()], true),
            (vec![unknown.clone(), outer.clone()], true),
            (vec![inner.clone(), outer], true),
            (vec![inner], false),
            (vec![unknown], false),
            (vec![], false),
        ] {
            assert_eq!(mode(&list(&configs), "secret.example.").is_some(), usable, "{configs:02x?}");
        }
        let mut torn = list(&[config("outer.example")]).as_bytes().to_vec();
        torn.pop();
        for bytes in [&torn[..], b"", &[0], &[0, 1], &[0, 4, 0xFE, 0x0D, 0, 9]] {
            assert!(mode(&EchConfigList::new(bytes), "secret.example").is_none(), "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_no_key_or_is_survived(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let _ = mode(&EchConfigList::new(&bytes), "secret.example");
            bytes.splice(0..0, u16::try_from(bytes.len()).unwrap().to_be_bytes());
            let _ = mode(&EchConfigList::new(&bytes), "secret.example");
            let mut damaged = list(&[config("outer.example")]).as_bytes().to_vec();
            let at = at.index(damaged.len());
            damaged[at] = byte;
            let _ = mode(&EchConfigList::new(&damaged), "secret.example");
        }
    }
}
