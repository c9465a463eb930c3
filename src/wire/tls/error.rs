//! The errors of a handshake.

use std::io;

use tokio_rustls::rustls;

use super::ech::Rejected;
use super::shape::Uncut;

/// Error of a handshake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The stream failed during the handshake. A stream that merely ended is `UnexpectedEof`.
    #[error("the connection failed during the TLS handshake: {0}")]
    Io(#[source] io::Error),
    /// TLS itself failed: a certificate, an alert, a violation.
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] rustls::Error),
    /// The host cannot be a name in TLS.
    #[error("`{0}` cannot be a server name in TLS")]
    Name(String),
    /// The ClientHello should have been split and could not be. Nothing was sent.
    #[error(transparent)]
    Uncut(Uncut),
    /// None of the published keys can encrypt the ClientHello. Nothing was sent.
    #[error("none of the host's keys for an encrypted ClientHello can be used")]
    NoKey,
    /// The host did not decrypt the ClientHello. The real name was not sent.
    #[error(transparent)]
    Rejected(Rejected),
}

impl TlsError {
    /// rustls' errors arrive inside an [`io::Error`]. Extracting them keeps the errno of a reset and the byte of an
    /// alert.
    pub(super) fn of(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => TlsError::Tls(tls.clone()),
            None => match error.get_ref().and_then(|inner| inner.downcast_ref::<Uncut>()) {
                Some(uncut) => TlsError::Uncut(*uncut),
                None => TlsError::Io(error),
            },
        }
    }
}
