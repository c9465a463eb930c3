//! How a route failed: at which stage, and why. Errors of the lower layers become plain data here.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use tokio_rustls::rustls;

use super::TorStall;
use super::cause::{Cause, CertificateFault, LimitKind, PolicyRule, Protocol};
use crate::net::EndedByApp;
use crate::wire::shadowsocks::Unauthentic;
use crate::wire::tls::TlsError;
use crate::wire::{connect, dns, http, shadowsocks, socks};

/// The stages of one attempt, in the order in which they are passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Looking up the name. A proxy or Tor is given the host's name, so only the proxy's own name is looked up here.
    #[default]
    Dns,
    /// Connecting to the first hop: the host, or the proxy.
    Tcp,
    /// Asking the proxy or Tor for the host.
    Proxy,
    /// The TLS handshake with the host.
    Tls,
    /// The request was sent; waiting for the head of the answer.
    FirstByte,
    /// The answer is coming.
    Progress,
}

codes! {
    Stage {
        Dns = "dns",
        Tcp = "tcp",
        Proxy = "proxy",
        Tls = "tls",
        FirstByte = "first_byte",
        Progress = "progress",
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One failure: the stage, the cause, and the errno if the operating system gave one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", .stage.code(), .cause.code())]
pub struct Failure {
    /// The stage.
    pub stage: Stage,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// The operating system's error number, kept as evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
}

impl Failure {
    /// Whether the app itself ended what carried the attempt: it sleeps, or its data are wiped. Nothing else may be tried then.
    pub(crate) fn is_the_apps(&self) -> bool {
        matches!(self.cause, Cause::TorNotStarted { stall: TorStall::Ended })
    }

    /// A failure without an errno.
    pub(crate) fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause, errno: None }
    }

    /// Maps an I/O error to its cause and keeps its errno. A TLS error inside it is mapped as in [`Failure::tls`].
    /// Bytes that a Shadowsocks server cannot have sent are the proxy's fault at any stage: no host can have sent them.
    pub(crate) fn io(stage: Stage, error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::new(stage, Cause::of_tls(tls));
        }
        if Unauthentic::is_in(error) {
            return Self::new(Stage::Proxy, Cause::Malformed { expected: Protocol::Shadowsocks });
        }
        if EndedByApp::is_in(error) {
            return Self::new(stage, Cause::TorNotStarted { stall: TorStall::Ended });
        }
        let cause = match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                Cause::Reset
            }
            io::ErrorKind::ConnectionRefused => Cause::Refused,
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied => Cause::Unreachable,
            io::ErrorKind::TimedOut => Cause::Silence,
            io::ErrorKind::UnexpectedEof => Cause::Closed,
            _ => Cause::Io,
        };
        Self { stage, cause, errno: error.raw_os_error() }
    }

    /// The failure of a TLS handshake with the host ([`Stage::Tls`]) or with a proxy ([`Stage::Proxy`]).
    pub(crate) fn tls(stage: Stage, error: &TlsError) -> Self {
        match error {
            TlsError::Io(error) => Self::io(stage, error),
            TlsError::Tls(error) => Self::new(stage, Cause::of_tls(error)),
            TlsError::NoKey => Self::new(stage, Cause::EchUnavailable),
            TlsError::Rejected(_) => Self::new(stage, Cause::EchRejected),
            TlsError::Uncut(_) => Self::new(stage, Cause::Forbidden { rule: PolicyRule::ClientHello }),
            TlsError::Name(_) => Self::new(stage, Cause::Certificate { fault: CertificateFault::WrongName }),
        }
    }

    /// The failure of an HTTP exchange, while it waits for the head ([`Stage::FirstByte`]) or for the body
    /// ([`Stage::Progress`]).
    ///
    /// The failure does not say that the request was not sent ([`http::Error::NotSent`]). Callers that reuse
    /// connections check that first.
    pub(crate) fn http(stage: Stage, error: &http::Error) -> Self {
        match error {
            http::Error::NotSent(cause) => Self::http(stage, cause),
            http::Error::Closed | http::Error::Refused | http::Error::Http1Required => Self::new(stage, Cause::Closed),
            http::Error::NotAccepted(form) => Self::new(stage, Cause::NotAccepted { fault: *form }),
            http::Error::Io(error) => Self::io(stage, error),
            http::Error::Malformed(_) => Self::new(stage, Cause::Malformed { expected: Protocol::Http }),
            http::Error::HeadTooLarge(_) => Self::new(stage, Cause::Limit { limit: LimitKind::Head }),
        }
    }

    /// The failure of an HTTP exchange inside TLS that proved the host's name: an orderly end comes from the host
    /// itself. For an end of the TCP connection alone, the stream returns an I/O error (`UnexpectedEof`), which stays
    /// [`Cause::Closed`].
    pub(crate) fn http_of_proved_host(stage: Stage, error: &http::Error) -> Self {
        match error {
            http::Error::NotSent(cause) => Self::http_of_proved_host(stage, cause),
            http::Error::Closed | http::Error::Refused | http::Error::Http1Required => {
                Self::new(stage, Cause::EndedByHost)
            }
            _ => Self::http(stage, error),
        }
    }

    /// The failure of a DNS exchange.
    pub(crate) fn dns(error: &dns::Error) -> Self {
        let cause = match error {
            dns::Error::NxDomain => Cause::NxDomain,
            dns::Error::Rcode(rcode) => Cause::Rcode { rcode: *rcode },
            // A name that cannot be queried has no address.
            dns::Error::NoAddress | dns::Error::Name => Cause::NoAddress,
            dns::Error::Malformed | dns::Error::Status(_) | dns::Error::ContentType => {
                Cause::Malformed { expected: Protocol::Dns }
            }
            dns::Error::TooLong => Cause::Limit { limit: LimitKind::DnsAnswer },
            dns::Error::Io(error) => return Self::io(Stage::Dns, error),
            dns::Error::Tls(error) => return Self::tls(Stage::Dns, error),
            dns::Error::Http(error) => return Self::http(Stage::Dns, error),
        };
        Self::new(Stage::Dns, cause)
    }

    /// The failure of a SOCKS handshake.
    pub(crate) fn socks(error: &socks::Error) -> Self {
        let cause = match error {
            socks::Error::Io(error) => return Self::io(Stage::Proxy, error),
            socks::Error::Malformed => Cause::Malformed { expected: Protocol::Socks5 },
            socks::Error::Login => Cause::ProxyLogin,
            socks::Error::Reply(reply) => Cause::ProxyReply { code: u16::from(reply.code()) },
            socks::Error::TooLong => Cause::Limit { limit: LimitKind::Socks5Text },
        };
        Self::new(Stage::Proxy, cause)
    }

    /// The failure to open a Shadowsocks stream.
    pub(crate) fn shadowsocks(error: &shadowsocks::Error) -> Self {
        match error {
            shadowsocks::Error::Key => Self::new(Stage::Proxy, Cause::ProxyLogin),
            shadowsocks::Error::Clock => Self::new(Stage::Proxy, Cause::Clock),
        }
    }

    /// The failure of a CONNECT request.
    pub(crate) fn connect(error: &connect::Error) -> Self {
        let cause = match error {
            connect::Error::Io(error) => return Self::io(Stage::Proxy, error),
            connect::Error::Malformed => Cause::Malformed { expected: Protocol::HttpConnect },
            connect::Error::HeadTooLarge => Cause::Limit { limit: LimitKind::Head },
            connect::Error::Login => Cause::ProxyLogin,
            connect::Error::Status(code) => Cause::ProxyReply { code: *code },
        };
        Self::new(Stage::Proxy, cause)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::sync::Arc;

    use rustls::{AlertDescription, CertificateError, Error as Rustls, InvalidMessage, OtherError};

    use super::*;

    #[test]
    fn the_errors_of_the_system_are_never_folded_into_one() {
        use io::ErrorKind as Kind;
        for (kind, cause) in [
            (Kind::ConnectionReset, Cause::Reset),
            (Kind::BrokenPipe, Cause::Reset),
            (Kind::ConnectionAborted, Cause::Reset),
            (Kind::ConnectionRefused, Cause::Refused),
            (Kind::HostUnreachable, Cause::Unreachable),
            (Kind::NetworkUnreachable, Cause::Unreachable),
            (Kind::PermissionDenied, Cause::Unreachable),
            (Kind::TimedOut, Cause::Silence),
            (Kind::UnexpectedEof, Cause::Closed),
            (Kind::OutOfMemory, Cause::Io),
        ] {
            assert_eq!(Failure::io(Stage::Tcp, &kind.into()), Failure::new(Stage::Tcp, cause), "{kind}");
        }
        let reset = Failure::io(Stage::Tls, &io::Error::from_raw_os_error(104));
        assert_eq!(reset, Failure { stage: Stage::Tls, cause: Cause::Reset, errno: Some(104) });
    }

    #[test]
    fn tls_is_told_the_same_by_a_handshake_and_inside_an_io_error() {
        let certificate = |fault| Cause::Certificate { fault };
        for (error, cause) in [
            (CertificateError::Expired.into(), certificate(CertificateFault::Expired)),
            (CertificateError::NotValidYet.into(), certificate(CertificateFault::NotYetValid)),
            (CertificateError::UnknownIssuer.into(), certificate(CertificateFault::UnknownIssuer)),
            (CertificateError::NotValidForName.into(), certificate(CertificateFault::WrongName)),
            (
                CertificateError::Other(OtherError(Arc::new(webpki::Error::CaUsedAsEndEntity))).into(),
                certificate(CertificateFault::UnknownIssuer),
            ),
            (
                CertificateError::Other(OtherError(Arc::new(webpki::Error::ExtensionValueInvalid))).into(),
                certificate(CertificateFault::Unusable),
            ),
            (CertificateError::Revoked.into(), certificate(CertificateFault::Unusable)),
            (Rustls::NoCertificatesPresented, certificate(CertificateFault::Unusable)),
            (Rustls::AlertReceived(AlertDescription::HandshakeFailure), Cause::Alert { alert: 40 }),
            (Rustls::AlertReceived(AlertDescription::UnrecognisedName), Cause::Alert { alert: 112 }),
            (InvalidMessage::InvalidContentType.into(), Cause::Malformed { expected: Protocol::Tls }),
        ] {
            let expected = Failure::new(Stage::Tls, cause);
            assert_eq!(Failure::tls(Stage::Tls, &TlsError::Tls(error.clone())), expected);
            assert_eq!(Failure::io(Stage::Tls, &io::Error::new(io::ErrorKind::InvalidData, error)), expected);
        }
        let eof = TlsError::Io(io::ErrorKind::UnexpectedEof.into());
        assert_eq!(Failure::tls(Stage::Tls, &eof), Failure::new(Stage::Tls, Cause::Closed));
    }

    #[test]
    fn only_an_end_inside_proved_tls_is_the_hosts() {
        let eof = || http::Error::Io(io::ErrorKind::UnexpectedEof.into());
        for (error, proved, otherwise) in [
            (http::Error::Closed, Cause::EndedByHost, Cause::Closed),
            (http::Error::NotSent(Box::new(http::Error::Closed)), Cause::EndedByHost, Cause::Closed),
            (eof(), Cause::Closed, Cause::Closed),
            (http::Error::NotSent(Box::new(eof())), Cause::Closed, Cause::Closed),
            (http::Error::Io(io::Error::from_raw_os_error(104)), Cause::Reset, Cause::Reset),
        ] {
            let stage = Stage::Progress;
            assert_eq!(Failure::http_of_proved_host(stage, &error).cause, proved, "{error:?}");
            assert_eq!(Failure::http(stage, &error).cause, otherwise, "{error:?}");
        }
    }
}
