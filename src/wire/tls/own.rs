//! A server's own certificate among the roots of the app.
//!
//! The operator of a server with a self-signed certificate puts that certificate into the CA file. It is not an
//! authority. It is trusted for itself, byte for byte, under its names and within its dates, as OpenSSL does with a
//! partial chain, and curl by default. It vouches for no other certificate.

use std::sync::Arc;

use jiff::civil;
use jiff::tz::TimeZone;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Verifies chains by their roots, and certificates that are trusted for themselves.
#[derive(Debug)]
pub(super) struct Verifier {
    chains: Arc<WebPkiServerVerifier>,
    own: Vec<Own>,
}

impl Verifier {
    pub(super) fn new(chains: Arc<WebPkiServerVerifier>, own: Vec<Own>) -> Self {
        Self { chains, own }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(own) = self.own.iter().find(|own| own.certificate.as_ref() == end_entity.as_ref()) else {
            let at = |now| self.chains.verify_server_cert(end_entity, intermediates, name, ocsp, now);
            return at(now).map_err(|error| without_time(error, at));
        };
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
        own.is_valid_at(now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// What is wrong with a chain that was refused with `error`. A fault of time stays one only if the chain and the name
/// are good at some time: webpki looks at the dates before the issuer and the name, so that a forged certificate that is
/// out of date would pass for the site's own. An error in any case.
fn without_time(error: Error, at: impl Fn(UnixTime) -> Result<ServerCertVerified, Error>) -> Error {
    let mut last = error.clone();
    for _ in 0..MOMENTS {
        let moment = match &last {
            Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => *not_after,
            Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }) => *not_before,
            _ => return last,
        };
        match at(moment) {
            Ok(_) => return error,
            Err(other) => last = other,
        }
    }
    // The dates of the chain have no moment in common.
    CertificateError::UnknownIssuer.into()
}

/// Each certificate of a path (webpki follows up to six issuers) may name another moment.
const MOMENTS: usize = 8;

/// A certificate that is trusted for itself, and its parsed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    certificate: CertificateDer<'static>,
    /// Seconds since 1970, both inclusive.
    not_before: i64,
    not_after: i64,
    /// True if it states that it is an authority, or has a version that cannot state it. Then it is a root as well.
    pub(super) is_authority: bool,
}

impl Own {
    /// Parses a certificate (RFC 5280 section 4.1). `None` if it is not one.
    pub(super) fn read(certificate: &CertificateDer<'static>) -> Option<Self> {
        let (tag, whole, _) = element(certificate.as_ref())?;
        let (inner, to_be_signed, _) = element(whole)?;
        if tag != SEQUENCE || inner != SEQUENCE {
            return None;
        }
        let (first, _, rest) = element(to_be_signed)?;
        // Version 1 is omitted; then the serial number is here.
        let has_version = first == VERSION;
        let rest = if has_version { element(rest)?.2 } else { rest };
        let (_signature, _, rest) = element(rest)?;
        let (_issuer, _, rest) = element(rest)?;
        let (_, validity, rest) = element(rest)?;
        let (kind, before, after) = element(validity)?;
        let not_before = time(kind, before)?;
        let (kind, after, _) = element(after)?;
        let not_after = time(kind, after)?;
        let is_authority = !has_version || states_authority(rest);
        Some(Self { certificate: certificate.clone(), not_before, not_after, is_authority })
    }

    fn is_valid_at(&self, now: UnixTime) -> Result<(), Error> {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < self.not_before {
            Err(CertificateError::NotValidYet.into())
        } else if now > self.not_after {
            Err(CertificateError::Expired.into())
        } else {
            Ok(())
        }
    }
}

/// Returns `true` if the basic constraints after the validity say CA (RFC 5280 section 4.2.1.9).
fn states_authority(mut rest: &[u8]) -> bool {
    while let Some((tag, contents, after)) = element(rest) {
        rest = after;
        if tag != EXTENSIONS {
            continue;
        }
        let Some((_, mut extensions, _)) = element(contents) else { return false };
        while let Some((_, extension, after)) = element(extensions) {
            extensions = after;
            let Some((_, identifier, mut value)) = element(extension) else { return false };
            if identifier != BASIC_CONSTRAINTS {
                continue;
            }
            if let Some((BOOLEAN, _critical, rest)) = element(value) {
                value = rest;
            }
            let constraints = element(value).and_then(|(_, octets, _)| element(octets));
            let first = constraints.and_then(|(_, constraints, _)| element(constraints));
            return matches!(first, Some((BOOLEAN, [value], _)) if *value != 0);
        }
    }
    false
}

/// The DER element at the start of `bytes` (X.690 section 8.1): its tag, its contents, and the rest.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match *length {
        length @ 0..=0x7F => (usize::from(length), rest),
        0x81 => {
            let [length, rest @ ..] = rest else { return None };
            (usize::from(*length), rest)
        }
        0x82 => {
            let [high, low, rest @ ..] = rest else { return None };
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    let (contents, after) = rest.split_at_checked(length)?;
    Some((*tag, contents, after))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280 section 4.1.2.5), in seconds since 1970.
fn time(kind: u8, text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let number = |from: usize, length: usize| -> Option<i16> {
        let part = digits.get(from..from + length)?;
        part.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(part).ok()?.parse().ok())?
    };
    let (year, at) = match kind {
        UTC_TIME => match number(0, 2)? {
            year @ 50.. => (1900 + year, 2),
            year => (2000 + year, 2),
        },
        GENERALIZED_TIME => (number(0, 4)?, 4),
        _ => return None,
    };
    if digits.len() != at + 10 {
        return None;
    }
    let pair = |place: usize| i8::try_from(number(at + 2 * place, 2)?).ok();
    let moment = civil::DateTime::new(year, pair(0)?, pair(1)?, pair(2)?, pair(3)?, pair(4)?, 0).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

const BOOLEAN: u8 = 0x01;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const EXTENSIONS: u8 = 0xA3;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// id-ce-basicConstraints, 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(is_ca: IsCa) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["own.example".to_owned()]).unwrap();
        params.is_ca = is_ca;
        params.not_before = date_time_ymd(2020, 2, 29);
        params.not_after = date_time_ymd(2051, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn dates_and_authority_are_read() {
        for (is_ca, authority) in [
            (IsCa::NoCa, false),
            (IsCa::ExplicitNoCa, false),
            (IsCa::Ca(BasicConstraints::Unconstrained), true),
            (IsCa::Ca(BasicConstraints::Constrained(0)), true),
        ] {
            let own = Own::read(&certificate(is_ca)).unwrap();
            assert_eq!((own.not_before, own.not_after), (1_582_934_400, 2_556_144_000));
            assert_eq!(own.is_authority, authority, "{is_ca:?}");
        }
        assert_eq!(Own::read(&CertificateDer::from(vec![0x30, 0x80, 1, 2])), None);
    }

    proptest! {
        #[test]
        fn garbage_is_no_certificate_and_no_panic(bytes: Vec<u8>, at in 0usize..600, byte: u8) {
            let _ = Own::read(&CertificateDer::from(bytes));
            let mut damaged = certificate(IsCa::NoCa).to_vec();
            if let Some(place) = damaged.get_mut(at) {
                *place = byte;
            }
            let _ = Own::read(&CertificateDer::from(damaged));
        }
    }
}
