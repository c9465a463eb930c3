//! How a route failed: at which stage, and why, as plain data.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use tokio_rustls::rustls;

use super::{Kind, Strategy};
use crate::wire::shadowsocks::Unauthentic;
use crate::wire::tls::TlsError;
use crate::wire::{MessageFault, connect, dns, http, shadowsocks, socks};

/// The stages of one attempt, in the order in which they are passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Looking the name up. A proxy or Tor is given the name, so that only the proxy's own name is looked up here.
    #[default]
    Dns,
    /// Connecting to the first hop: the host, or the proxy.
    Tcp,
    /// Asking the proxy or Tor for the host.
    Proxy,
    /// The TLS handshake with the host.
    Tls,
    /// The request is out; waiting for the head of the answer.
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

/// Why an attempt ended without an answer.
///
/// Reset, refusal, unreachability and silence are different evidence and are never folded into one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The connection was reset (ECONNRESET, EPIPE, ECONNABORTED).
    Reset,
    /// The connection was refused (ECONNREFUSED).
    Refused,
    /// The host or network cannot be reached (EHOSTUNREACH, ENETUNREACH, ENETDOWN, EACCES by a local filter).
    Unreachable,
    /// Nothing came within the stage's time.
    Silence,
    /// The stream ended before the stage was complete: anybody on the way can end a TCP connection so.
    Closed,
    /// A host that had proved its name in TLS ended the answer before it was complete, by TLS's close_notify (RFC 8446
    /// section 6.1) or by HTTP/2's RST_STREAM or GOAWAY (RFC 9113 sections 6.4 and 6.8), which nobody on the way can write.
    EndedByHost,
    /// An answer inside TLS without a length ended with the connection, and without the close_notify that alone would say that
    /// it is whole (RFC 9112 section 9.8): it may be, or was cut off.
    EndUnannounced,
    /// The name does not exist, says a resolver that gives reasons.
    NxDomain,
    /// A resolver answered with an error: its RCODE (2 SERVFAIL, 5 REFUSED, ...).
    Rcode {
        /// RFC 1035 section 4.1.1, RFC 6895.
        rcode: u8,
    },
    /// The name exists and has no address, says a resolver that gives reasons.
    NoAddress,
    /// The system's resolver found nothing; it does not say why.
    LookupFailed,
    /// The certificate does not prove the host.
    Certificate {
        /// What is wrong with it.
        fault: CertificateFault,
    },
    /// The peer ended the TLS handshake with an alert.
    Alert {
        /// RFC 8446 section 6: the description byte.
        alert: u8,
    },
    /// The peer spoke, and it was not the protocol of this stage.
    Malformed {
        /// What was expected, in a few words.
        expected: String,
    },
    /// The peer answered in a form that this program refuses by choice. Other programs may show the answer: that is
    /// neither a block nor a fault of the host's.
    NotAccepted {
        /// What is refused. (The stored name is the one that earlier versions wrote.)
        #[serde(rename = "form")]
        fault: MessageFault,
    },
    /// The proxy wants a login, or does not accept ours (SOCKS 0x01 of RFC 1929, HTTP 407).
    ProxyLogin,
    /// The proxy could not or would not reach the host; what it blames is kept.
    ProxyReply {
        /// SOCKS5 REP (RFC 1928, with Tor's 0xF0 to 0xF7), or the HTTP status of the CONNECT answer.
        code: u16,
    },
    /// A limit of ours was reached: the peer sent more than is taken.
    Limit {
        /// Which limit.
        limit: String,
    },
    /// Our own rules forbid it: an exposure, or a private address behind a redirect.
    Forbidden {
        /// Which rule.
        rule: String,
    },
    /// The ClientHello was to be encrypted, and the host has published no key for it that can be used, or none that a
    /// resolver which proves itself has told: nothing was sent to the host.
    EchUnavailable,
    /// The host did not take the encrypted ClientHello. Its name was not said in the clear.
    EchRejected,
    /// This device's clock stands before 1970, and the protocol of the proxy writes the time: nothing was sent.
    Clock,
    /// Another error of the operating system.
    Io,
}

impl Cause {
    /// The stable code of this cause, as in the `outcome` of the CLI's JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Cause::Reset => "reset",
            Cause::Refused => "refused",
            Cause::Unreachable => "unreachable",
            Cause::Silence => "silence",
            Cause::Closed => "closed",
            Cause::EndedByHost => "ended_by_host",
            Cause::EndUnannounced => "end_unannounced",
            Cause::NxDomain => "nxdomain",
            Cause::Rcode { rcode: 2 } => "servfail",
            Cause::Rcode { rcode: 5 } => "dns_refused",
            Cause::Rcode { .. } => "dns_error",
            Cause::NoAddress => "no_address",
            Cause::LookupFailed => "lookup_failed",
            Cause::Certificate { fault } => fault.code(),
            Cause::Alert { .. } => "tls_alert",
            Cause::Malformed { .. } => "malformed",
            Cause::NotAccepted { .. } => "not_accepted",
            Cause::ProxyLogin => "proxy_login",
            Cause::ProxyReply { .. } => "proxy_reply",
            Cause::Limit { .. } => "limit",
            Cause::Forbidden { .. } => "forbidden",
            Cause::EchUnavailable => "ech_unavailable",
            Cause::EchRejected => "ech_rejected",
            Cause::Clock => "clock",
            Cause::Io => "io",
        }
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertificateFault {
    /// Signed by nobody we trust.
    UnknownIssuer,
    /// Valid for another name.
    WrongName,
    /// Its time is over, by this device's clock.
    Expired,
    /// Its time has not begun, by this device's clock.
    NotYetValid,
    /// Revoked, malformed, or not fit for a server.
    Unusable,
}

codes! {
    CertificateFault {
        UnknownIssuer = "cert_unknown_issuer",
        WrongName = "cert_wrong_name",
        Expired = "cert_expired",
        NotYetValid = "cert_not_yet_valid",
        Unusable = "cert_unusable",
    }
}

/// One failure: the stage, the cause, and the errno where the operating system gave one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {}", .stage.code(), .cause.code())]
pub struct Failure {
    /// Where it happened.
    pub stage: Stage,
    /// Why.
    #[serde(flatten)]
    pub cause: Cause,
    /// The operating system's error number, kept as evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
}

impl Failure {
    /// A failure without an errno.
    pub(crate) fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause, errno: None }
    }

    /// Sorts an I/O error into its cause and keeps its errno. A TLS error inside it is told as [`Failure::tls`] tells it.
    /// Bytes in the place of a Shadowsocks server's are the proxy's whenever they come: no host can have sent them.
    pub(crate) fn io(stage: Stage, error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::new(stage, Cause::of_tls(tls));
        }
        if Unauthentic::is_in(error) {
            return Self::new(Stage::Proxy, Cause::Malformed { expected: "Shadowsocks".into() });
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

    /// A TLS handshake's: with the host ([`Stage::Tls`]), or with a proxy ([`Stage::Proxy`]).
    pub(crate) fn tls(stage: Stage, error: &TlsError) -> Self {
        match error {
            TlsError::Io(error) => Self::io(stage, error),
            TlsError::Tls(error) => Self::new(stage, Cause::of_tls(error)),
            TlsError::NoKey => Self::new(stage, Cause::EchUnavailable),
            TlsError::Rejected(_) => Self::new(stage, Cause::EchRejected),
            TlsError::Uncut(_) => Self::new(stage, Cause::Forbidden { rule: RULE_UNCUT.to_owned() }),
            TlsError::Name(_) => Self::new(stage, Cause::Certificate { fault: CertificateFault::WrongName }),
        }
    }

    /// An HTTP exchange's: while its head is awaited ([`Stage::FirstByte`]), or its body ([`Stage::Progress`]).
    ///
    /// That the request was not sent is left out here ([`http::Error::NotSent`]); who reuses connections asks before.
    pub(crate) fn http(stage: Stage, error: &http::Error) -> Self {
        match error {
            http::Error::NotSent(cause) => Self::http(stage, cause),
            http::Error::Closed | http::Error::Refused | http::Error::Http1Required => Self::new(stage, Cause::Closed),
            http::Error::NotAccepted(form) => Self::new(stage, Cause::NotAccepted { fault: *form }),
            http::Error::Io(error) => Self::io(stage, error),
            http::Error::Malformed(_) => Self::new(stage, Cause::Malformed { expected: "an HTTP answer".into() }),
            http::Error::HeadTooLarge(_) => Self::new(stage, Cause::Limit { limit: "head".into() }),
        }
    }

    /// An HTTP exchange's inside TLS that proved the host's name: an end in order is the host's own word. An end of the TCP
    /// connection alone is told by the stream as an I/O error (`UnexpectedEof`), and stays [`Cause::Closed`].
    pub(crate) fn http_of_proved_host(stage: Stage, error: &http::Error) -> Self {
        match error {
            http::Error::NotSent(cause) => Self::http_of_proved_host(stage, cause),
            http::Error::Closed | http::Error::Refused | http::Error::Http1Required => {
                Self::new(stage, Cause::EndedByHost)
            }
            _ => Self::http(stage, error),
        }
    }

    /// A DNS exchange's.
    pub(crate) fn dns(error: &dns::Error) -> Self {
        let cause = match error {
            dns::Error::NxDomain => Cause::NxDomain,
            dns::Error::Rcode(rcode) => Cause::Rcode { rcode: *rcode },
            // A name that cannot be asked for has no address.
            dns::Error::NoAddress | dns::Error::Name => Cause::NoAddress,
            dns::Error::Malformed | dns::Error::Status(_) | dns::Error::ContentType => {
                Cause::Malformed { expected: "a DNS answer".into() }
            }
            dns::Error::TooLong => Cause::Limit { limit: "DNS answer".into() },
            dns::Error::Io(error) => return Self::io(Stage::Dns, error),
            dns::Error::Tls(error) => return Self::tls(Stage::Dns, error),
            dns::Error::Http(error) => return Self::http(Stage::Dns, error),
        };
        Self::new(Stage::Dns, cause)
    }

    /// A SOCKS handshake's.
    pub(crate) fn socks(error: &socks::Error) -> Self {
        let cause = match error {
            socks::Error::Io(error) => return Self::io(Stage::Proxy, error),
            socks::Error::Malformed => Cause::Malformed { expected: "a SOCKS5 answer".into() },
            socks::Error::Login => Cause::ProxyLogin,
            socks::Error::Reply(reply) => Cause::ProxyReply { code: u16::from(reply.code()) },
            socks::Error::TooLong => Cause::Limit { limit: "socks5 host or login".into() },
        };
        Self::new(Stage::Proxy, cause)
    }

    /// A Shadowsocks stream's that is not made.
    pub(crate) fn shadowsocks(error: &shadowsocks::Error) -> Self {
        match error {
            shadowsocks::Error::Key => Self::new(Stage::Proxy, Cause::ProxyLogin),
            shadowsocks::Error::Clock => Self::new(Stage::Proxy, Cause::Clock),
        }
    }

    /// A CONNECT's.
    pub(crate) fn connect(error: &connect::Error) -> Self {
        let cause = match error {
            connect::Error::Io(error) => return Self::io(Stage::Proxy, error),
            connect::Error::Malformed => Cause::Malformed { expected: "an HTTP answer to CONNECT".into() },
            connect::Error::HeadTooLarge => Cause::Limit { limit: "head".into() },
            connect::Error::Login => Cause::ProxyLogin,
            connect::Error::Status(code) => Cause::ProxyReply { code: *code },
        };
        Self::new(Stage::Proxy, cause)
    }

    /// Whether it is the proxy or Tor of `strategy` that failed, and not the destination behind it.
    ///
    /// Whatever fails before the proxy has answered is the proxy's: its name, its port, its login, garbage in its
    /// place, its silence. Once it answered that it could not reach the host, it depends on what it says. Network
    /// unreachable, host unreachable and refused (SOCKS5 REP 3, 4, 5), what Tor says of an onion service (0xF0 to
    /// 0xF7), and bad gateway, unavailable and gateway timeout (HTTP 502, 503, 504) are said of the host. All other
    /// replies are the proxy's own: "general failure" names nobody, and a ruleset (REP 2, HTTP 403) is the proxy's will.
    ///
    /// A Shadowsocks server never says why: what fails at its stage is put down to it, and the verdict knows how little
    /// that means (`route.unanswered`).
    ///
    /// What our own rules forbade is nobody's fault, and `direct:` has no first hop to blame.
    pub(crate) fn blames_first_hop(&self, strategy: &Strategy) -> bool {
        if strategy.is_direct() || self.stage > Stage::Proxy {
            return false;
        }
        match (&self.cause, &strategy.kind) {
            (Cause::Forbidden { .. } | Cause::Clock, _) => false,
            (Cause::ProxyReply { code }, Kind::HttpConnect { .. }) => !matches!(code, 502..=504),
            (Cause::ProxyReply { code }, _) => !matches!(code, 3..=5 | 0xF0..=0xF7),
            _ => true,
        }
    }
}

impl Cause {
    /// Bytes in the place of TLS that are no TLS, in the handshake or after it: anybody on the way can write them.
    pub(crate) fn is_broken_tls(&self) -> bool {
        matches!(self, Cause::Malformed { expected } if expected == TLS)
    }

    /// The app's own time was over.
    pub(crate) fn is_our_time(&self) -> bool {
        matches!(self, Cause::Limit { limit } if limit == Cause::TOTAL_TIME)
    }

    /// The limit that is the app's own time.
    pub(crate) const TOTAL_TIME: &str = "total time";

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Cause::Certificate { fault: CertificateFault::of(error) },
            rustls::Error::NoCertificatesPresented => Cause::Certificate { fault: CertificateFault::Unusable },
            rustls::Error::AlertReceived(alert) => Cause::Alert { alert: u8::from(*alert) },
            _ => Cause::Malformed { expected: TLS.into() },
        }
    }
}

/// A ClientHello that was to be cut could not be.
const RULE_UNCUT: &str = "client_hello";

/// What [`Cause::Malformed`] expected where it was TLS.
const TLS: &str = "TLS";

impl CertificateFault {
    fn of(error: &rustls::CertificateError) -> Self {
        use rustls::CertificateError as E;
        match error {
            E::Expired | E::ExpiredContext { .. } => CertificateFault::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => CertificateFault::NotYetValid,
            E::UnknownIssuer => CertificateFault::UnknownIssuer,
            // A certificate that openssl signed with its own key says that it is an authority, and stands where a host's
            // does: webpki names that before it looks for an issuer, and there is none.
            E::Other(rustls::OtherError(other)) if is_authority_as_host(other.as_ref()) => {
                CertificateFault::UnknownIssuer
            }
            E::NotValidForName | E::NotValidForNameContext { .. } => CertificateFault::WrongName,
            _ => CertificateFault::Unusable,
        }
    }
}

fn is_authority_as_host(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
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
            (InvalidMessage::InvalidContentType.into(), Cause::Malformed { expected: "TLS".into() }),
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

    #[test]
    fn a_first_hop_is_blamed_for_itself_only() {
        let direct = Strategy::direct();
        let socks: Strategy = "socks5://192.0.2.1:1080".parse().unwrap();
        let http: Strategy = "http://192.0.2.1:3128".parse().unwrap();
        let tor: Strategy = "tor+socks5://192.0.2.1:9050".parse().unwrap();
        let reply = |code| Failure::new(Stage::Proxy, Cause::ProxyReply { code });
        for strategy in [&socks, &http, &tor] {
            for stage in [Stage::Dns, Stage::Tcp, Stage::Proxy] {
                assert!(Failure::new(stage, Cause::Silence).blames_first_hop(strategy));
                assert!(!Failure::new(stage, Cause::Silence).blames_first_hop(&direct));
                let forbidden = Cause::Forbidden { rule: "exposure".into() };
                assert!(!Failure::new(stage, forbidden).blames_first_hop(strategy));
            }
            for stage in [Stage::Tls, Stage::FirstByte, Stage::Progress] {
                assert!(!Failure::new(stage, Cause::Reset).blames_first_hop(strategy));
            }
        }
        for code in [1, 2, 6, 7, 8, 9, 0xEF, 0xF8] {
            assert!(reply(code).blames_first_hop(&socks) && reply(code).blames_first_hop(&tor), "{code}");
        }
        for code in [3, 4, 5, 0xF0, 0xF7] {
            assert!(!reply(code).blames_first_hop(&socks) && !reply(code).blames_first_hop(&tor), "{code}");
        }
        for (code, blamed) in [(302, true), (403, true), (500, true), (502, false), (503, false), (504, false)] {
            assert_eq!(reply(code).blames_first_hop(&http), blamed, "{code}");
        }
    }
}
