//! The trusted roots.

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, RootCertStore};

use super::own::Own;

/// The roots that are trusted besides the bundled ones.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// Certificates (DER) that prove a name like the bundled ones. A server's own certificate, which is not an
    /// authority, proves that server only.
    pub(crate) authoritative: Vec<CertificateDer<'static>>,
    /// Certificates (DER) that let a handshake pass but prove nothing.
    pub(crate) extra: Vec<CertificateDer<'static>>,
}

/// Error reading roots from a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// The file has no certificate, neither PEM nor DER.
    #[error("it holds no certificate; expected PEM (`-----BEGIN CERTIFICATE-----`) or one DER certificate")]
    NoCertificate,
    /// A certificate in the file cannot be parsed, or cannot be a root.
    #[error("its certificate number {number} is not one that can be a root")]
    BadCertificate {
        /// The certificate's position, counted from 1.
        number: usize,
    },
}

impl RootsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            RootsError::NoCertificate => "no_certificate",
            RootsError::BadCertificate { .. } => "bad_certificate",
        }
    }
}

impl Roots {
    /// Reads authoritative roots from a file's bytes: any number of PEM certificates, or a single one in DER.
    ///
    /// # Errors
    /// See [`RootsError`]; each is one sentence that continues "FILE cannot be used: ".
    pub fn from_certificates(bytes: &[u8]) -> Result<Self, RootsError> {
        Ok(Self { authoritative: certificates(bytes)?, extra: Vec::new() })
    }

    /// Adds extra roots from a file's bytes, in the format of [`Roots::from_certificates`]: a handshake passes with
    /// them, and proves nothing. A response under an extra root is never taken for the host's own.
    ///
    /// # Errors
    /// See [`RootsError`].
    pub fn with_extra_certificates(mut self, bytes: &[u8]) -> Result<Self, RootsError> {
        self.extra.append(&mut certificates(bytes)?);
        Ok(self)
    }
}

/// The certificates in a file's bytes, each of which can be a root.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    let armoured = bytes.windows(PEM_MARK.len()).any(|window| window == PEM_MARK);
    let certificates = if armoured {
        let mut found = Vec::new();
        for (at, certificate) in CertificateDer::pem_slice_iter(bytes).enumerate() {
            found.push(certificate.map_err(|_| RootsError::BadCertificate { number: at + 1 })?);
        }
        found
    } else if bytes.first() == Some(&DER_SEQUENCE) {
        vec![CertificateDer::from(bytes.to_vec())]
    } else {
        Vec::new()
    };
    if certificates.is_empty() {
        return Err(RootsError::NoCertificate);
    }
    for (at, certificate) in certificates.iter().enumerate() {
        RootCertStore::empty().add(certificate.clone()).map_err(|_| RootsError::BadCertificate { number: at + 1 })?;
    }
    Ok(certificates)
}

/// Adds the authorities among them to the roots. Returns all of them: each is trusted for itself.
pub(super) fn add(
    certificates: &[CertificateDer<'static>],
    roots: &mut RootCertStore,
) -> Result<Vec<Own>, rustls::Error> {
    let mut all = Vec::new();
    for certificate in certificates {
        let own = Own::read(certificate);
        if own.as_ref().is_none_or(|own| own.is_authority) {
            roots.add(certificate.clone())?;
        }
        all.extend(own);
    }
    Ok(all)
}

const PEM_MARK: &[u8] = b"-----BEGIN";

/// Every DER certificate begins with this tag (X.690 section 8.9).
const DER_SEQUENCE: u8 = 0x30;
