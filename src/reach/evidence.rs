//! What happened on the routes: evidence without conclusions.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::PageDigest;
use crate::transport::{Cause, Destination, EchOutcome, Failure, Lookup, Stage, Strategy};

/// The number of an attempt. It is the same in its events ([`EngineEventKind`](super::EngineEventKind)), in
/// [`Attempt::id`], in [`Verdict::evidence`](super::Verdict::evidence), in an account and in JSON. It is unique within
/// an engine and is not a position in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(u64);

impl AttemptId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, counted from 1. It is 0 in an account of a version that did not number attempts.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One attempt on one route (and, for `direct:`, one address).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// Its number.
    pub id: AttemptId,
    /// The strategy it used.
    pub strategy: Strategy,
    /// The destination.
    pub destination: Destination,
    /// Which request of a chain of redirects it belongs to, from 0.
    pub hop: u32,
    /// The address of the host (direct) or of the proxy, if one was dialled.
    pub address: Option<IpAddr>,
    /// All addresses of the host from the resolver that gave this attempt its address.
    pub answers: Vec<IpAddr>,
    /// What each resolver answered, if this attempt looked the host up: the first attempt of a route does.
    pub lookups: Vec<Lookup>,
    /// The stage it had reached.
    pub stage: Stage,
    /// The farthest stage that it entered, over all its connections: what it showed to others. Behind a proxy that
    /// gives no answer of its own (Shadowsocks) this may be farther than `stage`. `None`: nothing left this device.
    pub entered: Option<Stage>,
    /// How it ended, or that it has not ended.
    pub outcome: Outcome,
    /// The time from the start of the race to the start of the attempt.
    pub started: Duration,
    /// The time from the attempt's start to its end, or to the moment of this record.
    pub took: Duration,
    /// The time from the attempt's start to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// Bytes of the answer (head and body, after TLS).
    pub bytes: u64,
    /// TLS proved the host's name under authoritative roots.
    pub proved_name: bool,
    /// The destination speaks TLS (`https`).
    pub tls: bool,
    /// The request carried cookies or credentials.
    pub credentials: bool,
    /// It used a connection that was already open.
    pub reused: bool,
    /// Its address was given by hand, so no resolver answers for it.
    pub pinned: bool,
    /// Whether the name in the ClientHello was encrypted.
    pub ech: EchOutcome,
    /// By how many seconds this device's clock is ahead of the host's time (`Date` and `Age`, RFC 9110 section 6.6.1,
    /// RFC 9111 section 5.1), if TLS had proved the host's name.
    pub clock_ahead: Option<i64>,
    /// The features of what was read, if anyone on the path could have changed it: an answer in cleartext, and the
    /// target of its redirects.
    pub page: Option<PageDigest>,
    /// How long the start of the Tor within this process took, if this attempt waited for it. The other times do not hold it.
    pub(crate) tor_start: Option<Duration>,
    /// What listens at the proxy's port did not answer the greeting, and was told nothing of the destination.
    pub(crate) mute: bool,
    /// A circuit of Tor broke before it carried anything, and Tor was asked once more: the outcome is of the second request.
    pub(crate) asked_tor_again: bool,
}

impl fmt::Debug for Attempt {
    /// Prints how it went, without the host, its addresses and the answers of resolvers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("id", &self.id)
            .field("strategy", &self.strategy.scheme())
            .field("hop", &self.hop)
            .field("stage", &self.stage)
            .field("entered", &self.entered)
            .field("outcome", &self.outcome)
            .field("started", &self.started)
            .field("took", &self.took)
            .field("bytes", &self.bytes)
            .field("proved_name", &self.proved_name)
            .field("reused", &self.reused)
            .finish_non_exhaustive()
    }
}

impl Attempt {
    /// By how many seconds this device's clock is ahead of the hosts that proved their names. The host that agrees best
    /// with the device counts, because a host may be wrong, too.
    pub(crate) fn clock_ahead_of_all(attempts: &[Attempt]) -> Option<i64> {
        let proved = attempts.iter().filter(|attempt| attempt.proved_name);
        proved.filter_map(|attempt| attempt.clock_ahead).min_by_key(|seconds| seconds.unsigned_abs())
    }

    /// Whether a resolver or a host outside this device answered anything, so there is a network.
    pub(crate) fn was_answered_from_outside(&self) -> bool {
        let is_answer = |result: &Result<Vec<IpAddr>, Cause>| match result {
            Ok(_) => true,
            Err(cause) => matches!(cause, Cause::NxDomain | Cause::NoAddress | Cause::Rcode { .. }),
        };
        let resolved = |lookup: &Lookup| {
            !lookup.resolver.is_on_this_device() && lookup.answers.iter().any(|answer| is_answer(&answer.result))
        };
        let is_here = self.address.is_some_and(|address| address.to_canonical().is_loopback());
        self.lookups.iter().any(resolved) || self.got_an_answer() && !(is_here && self.strategy.is_direct())
    }

    /// Whether something was answered, the right thing or another.
    pub(crate) fn got_an_answer(&self) -> bool {
        matches!(self.outcome, Outcome::Proven | Outcome::Refuted(_)) || self.first_byte.is_some()
    }
}

#[cfg(test)]
impl Attempt {
    /// An attempt that read everything over TLS. A test states what differs by `..Attempt::of_test(strategy)`.
    pub(crate) fn of_test(strategy: Strategy) -> Self {
        Self {
            id: AttemptId::new(1),
            strategy,
            destination: Destination { host: url::Host::Domain("site.example".to_owned()), port: 443 },
            hop: 0,
            address: None,
            answers: Vec::new(),
            lookups: Vec::new(),
            stage: Stage::Progress,
            entered: Some(Stage::Progress),
            outcome: Outcome::Proven,
            started: Duration::ZERO,
            took: Duration::ZERO,
            first_byte: None,
            bytes: 0,
            proved_name: true,
            tls: true,
            credentials: false,
            reused: false,
            pinned: false,
            ech: EchOutcome::Off,
            clock_ahead: None,
            page: None,
            tor_start: None,
            mute: false,
            asked_tor_again: false,
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The judge accepted the answer.
    Proven,
    /// An answer came, and the judge found that it is not what was asked for.
    Refuted(Finding),
    /// No answer.
    Failed(Failure),
    /// It was still waiting when the race was over or the attempt was cancelled. This is evidence, weighed by its
    /// duration.
    Pending,
    /// Its race was restarted because the network changed or the process slept. It counts in who saw what, and says
    /// nothing about the present network.
    Interrupted,
    /// It was still waiting when another address of the community had given what was asked for. It counts in who saw what, and in
    /// no verdict.
    Overtaken,
    /// It was still waiting when the exposure was raised, or its route lost its permission. It counts in who saw what, and in no
    /// verdict.
    Raised,
}

impl Outcome {
    /// The stable code: `ok`, `pending`, `interrupted`, `overtaken`, `raised`, a [`Finding`]'s or a [`crate::transport::Cause`]'s.
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Proven => "ok",
            Outcome::Refuted(finding) => finding.code(),
            Outcome::Failed(failure) => failure.cause.code(),
            Outcome::Pending => "pending",
            Outcome::Interrupted => "interrupted",
            Outcome::Overtaken => "overtaken",
            Outcome::Raised => "raised",
        }
    }
}

/// What an answer turned out to be if it is not what was asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A provider's block page, recognised by a fingerprint.
    BlockPage {
        /// The fingerprint's name.
        fingerprint: String,
        /// The authority that the page names, if known.
        statement: Statement,
    },
    /// HTTP 451 (RFC 7725).
    Legal451(Statement),
    /// The platform itself hides the content, in this country or everywhere (N17).
    PlatformBlocked(Statement),
    /// A portal wants a login before it lets anything through: HTTP 511, a redirect into the local network, or a page
    /// that says so in WISPr.
    CaptivePortal,
    /// The origin, which proved its name, answers with an error of its own: HTTP 5xx, or an unusable answer.
    OriginFault {
        /// The HTTP status, if that is the fault.
        status: Option<u16>,
        /// What is wrong with the answer.
        what: AnswerFault,
    },
    /// The proxy itself answered instead of the origin.
    ProxyAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// An answer in cleartext that does not hold what was asked for. Anyone on the path can have written it, so it does
    /// not count as the site's own.
    Unvouched,
}

impl Finding {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Finding::BlockPage { .. } => "block_page",
            Finding::Legal451(_) => "legal_451",
            Finding::PlatformBlocked(_) => "platform_blocked",
            Finding::CaptivePortal => "captive_portal",
            Finding::OriginFault { .. } => "origin_fault",
            Finding::ProxyAnswer { .. } => "proxy_answer",
            Finding::Unvouched => "unvouched",
        }
    }
}

/// What is wrong with an answer of the origin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerFault {
    /// HTTP 5xx.
    ServerError,
    /// The site checks first whether a browser asks.
    BrowserCheck,
    /// An answer to something that was not asked: 304 without a condition, or 101 without an upgrade.
    Unasked,
    /// A redirect where the answer itself was asked for: of an API, or to another host, of a mirror.
    Redirect,
    /// No JSON where the answer of an API was asked for.
    NotJson,
    /// JSON that is no answer of the API.
    OtherJson,
    /// A page without the marks of the platform's own pages.
    OtherPage,
    /// A file that is not what the community signed.
    OtherFile,
    /// The words of the app's own source, in the app's language.
    Own(String),
}

impl AnswerFault {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AnswerFault::ServerError => "server_error",
            AnswerFault::BrowserCheck => "browser_check",
            AnswerFault::Unasked => "unasked",
            AnswerFault::Redirect => "redirect",
            AnswerFault::NotJson => "not_json",
            AnswerFault::OtherJson => "other_json",
            AnswerFault::OtherPage => "other_page",
            AnswerFault::OtherFile => "other_file",
            AnswerFault::Own(_) => "own",
        }
    }
}

/// What a block says of itself. These are claims of its author.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// Who ordered it, as stated.
    pub authority: Option<String>,
    /// A link to the order or to the blocking party (`Link: rel="blocked-by"`).
    pub link: Option<String>,
    /// The text, cut to a few hundred characters.
    pub text: Option<String>,
}

impl fmt::Debug for Statement {
    /// Prints none of its words: they identify an order, and the order identifies a community.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statement(..)")
    }
}
