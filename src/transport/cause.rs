//! Why an attempt ended without an answer, as plain data: the cause and its details.
//!
//! Everything that a decision or a sentence depends on is an enum with a stable code. No decision compares text.

use serde::{Deserialize, Serialize};
use tokio_rustls::rustls;

use super::tor_progress::TorStall;
use crate::wire::MessageFault;

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
    /// The stream ended before the stage was complete. Anyone on the path can end a TCP connection like this.
    Closed,
    /// A host that had proved its name in TLS ended the answer early, by TLS's close_notify (RFC 8446 section 6.1) or
    /// by HTTP/2's RST_STREAM or GOAWAY (RFC 9113 sections 6.4 and 6.8). No one on the path can write these.
    EndedByHost,
    /// An answer inside TLS without a length ended with the connection, and without the close_notify that alone would
    /// show that it is complete (RFC 9112 section 9.8). It may be complete or truncated.
    EndUnannounced,
    /// A resolver that gives reasons says that the name does not exist.
    NxDomain,
    /// A resolver answered with an error: its RCODE (2 SERVFAIL, 5 REFUSED, ...).
    Rcode {
        /// RFC 1035 section 4.1.1, RFC 6895.
        rcode: u8,
    },
    /// A resolver that gives reasons says that the name exists and has no address.
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
        /// What was expected.
        expected: Protocol,
    },
    /// The peer answered in a form that this program refuses by choice. Other programs may show the answer. This is
    /// neither a block nor the host's fault.
    NotAccepted {
        /// What is refused. (The stored name is the one that earlier versions wrote.)
        #[serde(rename = "form")]
        fault: MessageFault,
    },
    /// The proxy wants a login, or does not accept ours (SOCKS 0x01 of RFC 1929, HTTP 407).
    ProxyLogin,
    /// The proxy could not or would not reach the host. Its reply is kept.
    ProxyReply {
        /// SOCKS5 REP (RFC 1928, with Tor's 0xF0 to 0xF7), or the HTTP status of the CONNECT answer.
        code: u16,
    },
    /// The attempt exceeded one of our limits: the peer sent too much, or the time was over.
    Limit {
        /// Which limit.
        limit: LimitKind,
    },
    /// Our own rules forbid it: an exposure, or a private address behind a redirect.
    Forbidden {
        /// Which rule.
        rule: PolicyRule,
    },
    /// The ClientHello was to be encrypted, and no authenticated resolver gave a usable key of the host. Nothing was
    /// sent to the host.
    EchUnavailable,
    /// The host rejected the encrypted ClientHello. Its name was not sent in cleartext.
    EchRejected,
    /// This device's clock stands before 1970, and the proxy's protocol contains the time. Nothing was sent.
    Clock,
    /// The Tor within this process did not start: nothing was sent to the host.
    TorNotStarted {
        /// What probably holds it up.
        stall: TorStall,
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
            Cause::TorNotStarted { .. } => "tor_not_started",
            Cause::Io => "io",
        }
    }
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertificateFault {
    /// The issuer is not one that we trust.
    UnknownIssuer,
    /// Valid for another name.
    WrongName,
    /// It has expired, by this device's clock.
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

/// What a peer was expected to send when it sent something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protocol {
    /// TLS (RFC 8446), in the handshake or after it.
    Tls,
    /// An HTTP response (RFC 9110).
    Http,
    /// A DNS response (RFC 1035).
    Dns,
    /// A reply of a SOCKS5 server (RFC 1928).
    Socks5,
    /// The response of an HTTP proxy to CONNECT (RFC 9110 section 9.3.6).
    HttpConnect,
    /// A stream of a Shadowsocks server that is authentic under the shared key.
    Shadowsocks,
    /// A body that can be decoded as gzip (RFC 1952).
    Gzip,
    /// A body that can be decoded as deflate (RFC 1950, RFC 1951).
    Deflate,
    /// A body that can be decoded as brotli (RFC 7932).
    Brotli,
    /// A body that can be decoded as zstd (RFC 8878).
    Zstd,
    /// The rest of the file whose beginning was read (RFC 9110 section 14.2): the host has another version of the file
    /// now.
    SameFile,
}

codes! {
    Protocol {
        Tls = "tls",
        Http = "http",
        Dns = "dns",
        Socks5 = "socks5",
        HttpConnect = "http_connect",
        Shadowsocks = "shadowsocks",
        Gzip = "gzip",
        Deflate = "deflate",
        Brotli = "brotli",
        Zstd = "zstd",
        SameFile = "same_file",
    }
}

/// One of our limits that ended an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitKind {
    /// The time of the whole request, which the app sets.
    TotalTime,
    /// The time without an answer that all requests of one reading share.
    IdleBudget,
    /// The bytes of a response's head.
    Head,
    /// The bytes of a body as they come.
    Body,
    /// The bytes of a body after its content codings are decoded.
    DecodedBody,
    /// The bytes of a DNS response.
    DnsAnswer,
    /// The bytes of a host, user name or password, for which SOCKS5 has one byte of length each (RFC 1928, RFC 1929).
    Socks5Text,
}

codes! {
    LimitKind {
        TotalTime = "total_time",
        IdleBudget = "idle_budget",
        Head = "head",
        Body = "body",
        DecodedBody = "decoded_body",
        DnsAnswer = "dns_answer",
        Socks5Text = "socks5_text",
    }
}

/// One of our rules that forbade an attempt. Nothing was sent to the party that the rule concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicyRule {
    /// The strategy would show the community to an observer that its exposure excludes.
    Exposure,
    /// A stranger (a redirect, a link) names a destination on this device or in its networks.
    PrivateAddress,
    /// An `.onion` name exists within Tor only; a resolver must never see it (RFC 7686).
    Onion,
    /// The strategy cuts the name in the ClientHello, and this ClientHello could not be cut.
    ClientHello,
    /// The request's body is a stream that was already sent, and cannot be sent again.
    StreamSentOnce,
}

codes! {
    PolicyRule {
        Exposure = "exposure",
        PrivateAddress = "private_address",
        Onion = "onion",
        ClientHello = "client_hello",
        StreamSentOnce = "stream_sent_once",
    }
}

impl Cause {
    /// Bytes that are not TLS where TLS is expected, in the handshake or after it. Anyone on the path can write them.
    pub(crate) fn is_broken_tls(&self) -> bool {
        matches!(self, Cause::Malformed { expected: Protocol::Tls })
    }

    /// The app's own time limit was reached.
    pub(crate) fn is_our_time(&self) -> bool {
        matches!(self, Cause::Limit { limit: LimitKind::TotalTime })
    }

    pub(super) fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Cause::Certificate { fault: CertificateFault::of(error) },
            rustls::Error::NoCertificatesPresented => Cause::Certificate { fault: CertificateFault::Unusable },
            rustls::Error::AlertReceived(alert) => Cause::Alert { alert: u8::from(*alert) },
            _ => Cause::Malformed { expected: Protocol::Tls },
        }
    }
}

impl CertificateFault {
    fn of(error: &rustls::CertificateError) -> Self {
        use rustls::CertificateError as E;
        match error {
            E::Expired | E::ExpiredContext { .. } => CertificateFault::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => CertificateFault::NotYetValid,
            E::UnknownIssuer => CertificateFault::UnknownIssuer,
            // A certificate that openssl signed with its own key says that it is an authority, and is used as a host's
            // certificate. webpki reports that before it looks for an issuer, and there is no issuer.
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

    use std::collections::BTreeSet;
    use std::fmt::Debug;

    use super::*;

    fn has_one_code_each<T>(all: &[T], code: fn(T) -> &'static str)
    where
        T: Copy + Debug + PartialEq + Serialize + for<'de> Deserialize<'de>,
    {
        let codes: BTreeSet<_> = all.iter().map(|value| code(*value)).collect();
        assert_eq!(codes.len(), all.len(), "a code stands for one value: {all:?}");
        for value in all {
            let json = serde_json::to_value(value).unwrap();
            assert_eq!(json, code(*value), "a value is serialised as its code");
            assert_eq!(serde_json::from_value::<T>(json).unwrap(), *value);
        }
    }

    #[test]
    fn codes_are_unique_and_what_is_serialised() {
        has_one_code_each(LimitKind::ALL, LimitKind::code);
        has_one_code_each(Protocol::ALL, Protocol::code);
        has_one_code_each(PolicyRule::ALL, PolicyRule::code);
        has_one_code_each(CertificateFault::ALL, |fault| fault.code().strip_prefix("cert_").unwrap());
    }
}
