//! Why a handshake failed.

use std::io;

use tokio_rustls::rustls;

use super::ech::Rejected;
use super::shape::Uncut;

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The stream failed under the handshake; a stream that merely ended is `UnexpectedEof`.
    #[error("the connection failed during the TLS handshake: {0}")]
    Io(#[source] io::Error),
    /// TLS itself failed: a certificate, an alert, a violation.
    #[error("the TLS handshake failed: {0}")]
    Tls(#[source] rustls::Error),
    /// The host cannot be named in TLS.
    #[error("`{0}` cannot be a server name in TLS")]
    Name(String),
    /// The ClientHello should have been cut and could not be: nothing was sent.
    #[error(transparent)]
    Uncut(Uncut),
    /// None of the published keys can be used to encrypt the ClientHello: nothing was sent.
    #[error("none of the host's keys for an encrypted ClientHello can be used")]
    NoKey,
    /// The host did not decrypt the ClientHello. The name that was meant was not said.
    #[error(transparent)]
    Rejected(Rejected),
}

impl TlsError {
    /// rustls' errors travel inside an [`io::Error`]; taken out again, a reset keeps its errno and an alert its byte.
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
