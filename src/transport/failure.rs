//! How a route failed: at which stage, and why, as plain data.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

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

impl Stage {
    /// The stable code: `dns`, `tcp`, `proxy`, `tls`, `first_byte`, `progress`.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Dns => "dns",
            Stage::Tcp => "tcp",
            Stage::Proxy => "proxy",
            Stage::Tls => "tls",
            Stage::FirstByte => "first_byte",
            Stage::Progress => "progress",
        }
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
    /// The peer closed the stream before the stage was complete.
    Closed,
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
            Cause::NxDomain => "nxdomain",
            Cause::Rcode { rcode: 2 } => "servfail",
            Cause::Rcode { rcode: 5 } => "dns_refused",
            Cause::Rcode { .. } => "dns_error",
            Cause::NoAddress => "no_address",
            Cause::LookupFailed => "lookup_failed",
            Cause::Certificate { fault } => fault.code(),
            Cause::Alert { .. } => "tls_alert",
            Cause::Malformed { .. } => "malformed",
            Cause::ProxyLogin => "proxy_login",
            Cause::ProxyReply { .. } => "proxy_reply",
            Cause::Limit { .. } => "limit",
            Cause::Forbidden { .. } => "forbidden",
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

impl CertificateFault {
    /// The stable code: `cert_unknown_issuer`, `cert_wrong_name`, `cert_expired`, `cert_not_yet_valid`, `cert_unusable`.
    pub fn code(self) -> &'static str {
        match self {
            CertificateFault::UnknownIssuer => "cert_unknown_issuer",
            CertificateFault::WrongName => "cert_wrong_name",
            CertificateFault::Expired => "cert_expired",
            CertificateFault::NotYetValid => "cert_not_yet_valid",
            CertificateFault::Unusable => "cert_unusable",
        }
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
    pub fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause, errno: None }
    }

    /// Sorts an I/O error into its cause and keeps its errno.
    pub fn io(stage: Stage, error: &io::Error) -> Self {
        let cause = match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => Cause::Reset,
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
}
