//! Attempts in English.

use super::English;
use crate::reach::{AnswerFault, Attempt, Finding, Outcome};
use crate::sentences::attempts::{onion_fault, tor_fault};
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::{AttemptPhrases, RoutePhrases};
use crate::transport::{
    Cause, CertificateFault, LimitKind, MessageFault, OnionFault, PolicyRule, Protocol, Stage, TorFault, TorStall,
};

impl AttemptPhrases for English {
    fn attempt(&self, attempt: &Attempt) -> String {
        let of_tor = onion_fault(attempt).map(|fault| self.onion(fault));
        let of_tor = of_tor.or_else(|| tor_fault(attempt).map(|fault| self.tor(fault)));
        let phrase = of_tor.map_or_else(|| self.outcome(&attempt.outcome), str::to_owned);
        let phrase = match attempt.asked_tor_again {
            true => format!("{phrase}, Tor was asked twice"),
            false => phrase,
        };
        match &attempt.outcome {
            Outcome::Proven if attempt.reused => format!("{phrase}, same connection"),
            Outcome::Proven | Outcome::Refuted(_) => phrase,
            Outcome::Pending | Outcome::Failed(_) | Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => {
                format!("{phrase} ({})", self.stage(attempt.stage))
            }
        }
    }

    fn attempted(&self, attempt: &Attempt) -> String {
        let (way, phrase) = (capital(&self.way(&attempt.strategy)), self.attempt(attempt));
        format!("{way}: {phrase} after {}.", self.time(attempt.took))
    }

    fn outcome(&self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Proven => "answered".to_owned(),
            Outcome::Pending => "still waiting".to_owned(),
            Outcome::Interrupted => "restarted on another network".to_owned(),
            Outcome::Overtaken => "given up, because another address was quicker".to_owned(),
            Outcome::Raised => "given up, because the exposure was raised".to_owned(),
            Outcome::Refuted(finding) => self.finding(finding),
            Outcome::Failed(failure) => self.cause(&failure.cause),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::BlockPage { .. } => "a block page came instead".to_owned(),
            Finding::Legal451(_) => "refused for legal reasons (HTTP 451)".to_owned(),
            Finding::PlatformBlocked(_) => "the platform withholds it".to_owned(),
            Finding::CaptivePortal => "the network asks for a login".to_owned(),
            Finding::OriginFault { status: Some(status), what: AnswerFault::BrowserCheck } => {
                format!("the site first checks that a browser sends the request (error {status})")
            }
            Finding::OriginFault { status: Some(status), .. } => format!("the site answers with error {status}"),
            Finding::OriginFault { status: None, what } => format!("an unusable answer: {}", answer_fault(what)),
            Finding::Unvouched => {
                "an unencrypted answer without the content, which anyone in between can have written".to_owned()
            }
            Finding::ProxyAnswer { status } => format!("the proxy itself answered ({status})"),
        }
    }

    fn cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Reset => "connection reset".to_owned(),
            Cause::Refused => "connection refused".to_owned(),
            Cause::Unreachable => "not reachable".to_owned(),
            Cause::Silence => "no reply in time".to_owned(),
            Cause::Closed => "connection closed".to_owned(),
            Cause::EndUnannounced => "the answer ended without saying that it is whole".to_owned(),
            Cause::EndedByHost => "the site itself ended the answer".to_owned(),
            Cause::NxDomain => "the resolver says there is no such name".to_owned(),
            Cause::Rcode { rcode } => format!("the resolver answers with error {rcode}"),
            Cause::NoAddress => "the name has no address".to_owned(),
            Cause::LookupFailed => "no address found".to_owned(),
            Cause::Certificate { fault } => certificate(*fault).to_owned(),
            Cause::Alert { alert } => format!("the other side ended TLS, alert {alert}"),
            Cause::Malformed { expected } => format!("an answer that is not {}", protocol(*expected)),
            Cause::NotAccepted { fault: refused } => format!("this program does not accept {}", form(*refused)),
            Cause::ProxyLogin => "the proxy does not accept the login".to_owned(),
            Cause::ProxyReply { code } => format!("the proxy could not reach the site, code {code}"),
            Cause::Limit { limit: LimitKind::TotalTime } => "the time limit ran out".to_owned(),
            Cause::Limit { limit: LimitKind::IdleBudget } => "no answer within the time allowed".to_owned(),
            Cause::Limit { limit: reached } => format!("over the limit: {}", limit(*reached)),
            Cause::Forbidden { rule: broken } => format!("not allowed: {}", rule(*broken)),
            Cause::EchUnavailable => "no usable key to encrypt the name, so nothing was sent to the site".to_owned(),
            Cause::Clock => "this device's clock is set before 1970".to_owned(),
            Cause::EchRejected => "the encrypted name was not accepted, and the open name was not sent".to_owned(),
            Cause::TorNotStarted { stall } => format!("Tor did not start: {}", self.stall(*stall)),
            Cause::Io => "the connection failed".to_owned(),
        }
    }

    fn onion(&self, fault: OnionFault) -> &'static str {
        match fault {
            OnionFault::NotFound => "no onion service is found at this address",
            OnionFault::Down => "the onion service does not connect",
            OnionFault::NeedsKey => "the onion service lets in only readers who have a key",
            OnionFault::WrongKey => "the onion service does not take the key",
            OnionFault::Unreached => "Tor does not reach the onion service",
            OnionFault::Address => "no onion service can have this address",
        }
    }

    fn tor(&self, fault: TorFault) -> &'static str {
        match fault {
            TorFault::Circuit => "Tor built no circuit, or it broke",
            TorFault::NotAllowed => "Tor does not go to this address or port",
            TorFault::Slow => "Tor got no answer in time",
        }
    }

    fn stall(&self, stall: TorStall) -> &'static str {
        match stall {
            TorStall::NoConnection => "no relay can be reached; there is no network, or it blocks Tor",
            TorStall::Filtered => {
                "relays are reached and do not answer as Tor does; the network filters Tor, or wants a login first"
            }
            TorStall::Directory => "the list of relays does not come, or does not fit this device's date",
            TorStall::Clock => "this device's clock is wrong",
            TorStall::Bridge => "no bridge answers; all of them are down, or the network blocks them",
            TorStall::Transport => {
                "its bridges need a transport such as obfs4 that is not set up here, or does not start"
            }
            TorStall::Storage => "its files cannot be read or written",
            TorStall::InUse => "another Tor of this program is running",
            TorStall::Outdated => "the Tor network does not take this version any more",
            TorStall::Ended => "the app ended it",
            TorStall::NetworkChanged => "this device's network changed",
            TorStall::Unknown => "nothing moves, and the reason is unknown",
        }
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Dns => "name lookup",
            Stage::Tcp => "connecting",
            Stage::Proxy => "asking the proxy",
            Stage::Tls => "TLS handshake",
            Stage::FirstByte => "waiting for the answer",
            Stage::Progress => "reading the answer",
        }
    }
}

fn answer_fault(fault: &AnswerFault) -> &str {
    match fault {
        AnswerFault::ServerError => "a fault of the server",
        AnswerFault::BrowserCheck => "a check that a browser sends the request",
        AnswerFault::Unasked => "an answer to something that was not asked",
        AnswerFault::Redirect => "a redirect instead of the answer itself",
        AnswerFault::NotJson => "an answer that is not JSON, although the request was for an API",
        AnswerFault::OtherJson => "JSON that is not an answer of the API",
        AnswerFault::OtherPage => "a page without the marks of this platform",
        AnswerFault::OtherFile => "a file that is not what the community signed",
        AnswerFault::Own(words) => words,
    }
}

fn protocol(expected: Protocol) -> &'static str {
    match expected {
        Protocol::Tls => "TLS",
        Protocol::Http => "an HTTP answer",
        Protocol::Dns => "a DNS answer",
        Protocol::Socks5 => "a SOCKS5 answer",
        Protocol::HttpConnect => "an HTTP answer to CONNECT",
        Protocol::Shadowsocks => "Shadowsocks",
        Protocol::Gzip => "a body of gzip",
        Protocol::Deflate => "a body of deflate",
        Protocol::Brotli => "a body of brotli",
        Protocol::Zstd => "a body of zstd",
        Protocol::SameFile => "the rest of the same file",
    }
}

fn limit(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::TotalTime => "total time",
        LimitKind::IdleBudget => "time without an answer",
        LimitKind::Head => "head",
        LimitKind::Body => "body",
        LimitKind::DecodedBody => "decoded body",
        LimitKind::DnsAnswer => "DNS answer",
        LimitKind::Socks5Text => "host, user name or password for SOCKS5",
    }
}

fn rule(rule: PolicyRule) -> &'static str {
    match rule {
        PolicyRule::Exposure => "the exposure excludes it",
        PolicyRule::PrivateAddress => "a private address",
        PolicyRule::Onion => "an `.onion` address without Tor",
        PolicyRule::ClientHello => "the name could not be cut in the ClientHello",
        PolicyRule::StreamSentOnce => "a stream cannot be sent twice",
    }
}

/// A form that this program does not accept, as the object of that verb.
pub(super) fn form(form: MessageFault) -> &'static str {
    match form {
        MessageFault::TwoLengths => "an answer with both Content-Length and Transfer-Encoding",
        MessageFault::Length => "an answer with an unclear Content-Length",
        MessageFault::TransferCoding => "this transfer coding",
        MessageFault::ContentCoding => "this content coding",
        MessageFault::Part => "a part instead of the whole page",
    }
}

fn certificate(fault: CertificateFault) -> &'static str {
    match fault {
        CertificateFault::UnknownIssuer => "a certificate that is self-signed or from an unknown issuer",
        CertificateFault::WrongName => "a certificate for another name",
        CertificateFault::Expired => "an expired certificate",
        CertificateFault::NotYetValid => "a certificate that is not valid yet",
        CertificateFault::Unusable => "an unusable certificate",
    }
}
