//! What happened on the routes: raw evidence, no conclusion.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::PageDigest;
use crate::transport::{Destination, EchOutcome, Failure, Lookup, Stage, Strategy};

/// The number of an attempt: the same in its events ([`EngineEventKind`](super::EngineEventKind)), in [`Attempt::id`], in
/// [`Verdict::evidence`](super::Verdict::evidence), in an account and in JSON. It is unique within an engine, and no position in
/// any list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(u64);

impl AttemptId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, counted from 1; 0 in an account of a version that did not number attempts.
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
    /// By which way.
    pub strategy: Strategy,
    /// To whom.
    pub destination: Destination,
    /// Which request of a chain of redirects it belongs to, from 0.
    pub hop: u32,
    /// The address of the host (direct) or of the proxy, where one was dialled.
    pub address: Option<IpAddr>,
    /// The addresses that were given for the host by the resolver which gave this attempt's.
    pub answers: Vec<IpAddr>,
    /// What each resolver said, where this attempt looked the host up: the first of a route does.
    pub lookups: Vec<Lookup>,
    /// The stage it had reached.
    pub stage: Stage,
    /// The farthest stage that it entered, over all its connections: what it showed to others. Behind a proxy that gives no
    /// answer of its own (Shadowsocks) that may be farther than `stage`. `None`: nothing of it left this device.
    pub entered: Option<Stage>,
    /// How it ended, or that it had not.
    pub outcome: Outcome,
    /// From the race's start to the attempt's.
    pub started: Duration,
    /// From the attempt's start to its end, or to the moment of this record.
    pub took: Duration,
    /// From the attempt's start to the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// Bytes of the answer (head and body, after TLS).
    pub bytes: u64,
    /// TLS proved the host's name under authoritative roots.
    pub proved_name: bool,
    /// The destination speaks TLS (`https`).
    pub tls: bool,
    /// The request carried cookies or credentials.
    pub credentials: bool,
    /// It ran over a connection that was open already.
    pub reused: bool,
    /// Its address was given by hand: no resolver is answerable for it.
    pub pinned: bool,
    /// What became of encrypting the name in the ClientHello.
    pub ech: EchOutcome,
    /// By how many seconds this device's clock is ahead of the time that the host told (`Date` and `Age`, RFC 9110 section
    /// 6.6.1, RFC 9111 section 5.1), where TLS had proved its name.
    pub clock_ahead: Option<i64>,
    /// The features of what was read, where anybody on the way could have changed it: an answer in cleartext, and what its
    /// redirects lead to.
    pub page: Option<PageDigest>,
}

impl fmt::Debug for Attempt {
    /// How it went: without the host, its addresses, and what resolvers said of it.
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
    /// By how many seconds this device's clock is ahead of the hosts that proved their names: of the one that it agrees
    /// with best, for a host may be wrong, too.
    pub(crate) fn clock_ahead_of_all(attempts: &[Attempt]) -> Option<i64> {
        let proved = attempts.iter().filter(|attempt| attempt.proved_name);
        proved.filter_map(|attempt| attempt.clock_ahead).min_by_key(|seconds| seconds.unsigned_abs())
    }
}

#[cfg(test)]
impl Attempt {
    /// An attempt that read everything over TLS: a test states what is otherwise by `..Attempt::of_test(strategy)`.
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
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The judge accepted the answer.
    Proven,
    /// An answer came, and the judge says it is not what was asked for.
    Refuted(Finding),
    /// No answer.
    Failed(Failure),
    /// Still waiting when the race was over or the attempt was given up: evidence, weighed by its time.
    Pending,
    /// Its race was begun anew, because the network changed or the process slept. It counts in who saw what, and says
    /// nothing about the network of now.
    Interrupted,
}

impl Outcome {
    /// The stable code: `ok`, `pending`, `interrupted`, a [`Finding`]'s or a [`crate::transport::Cause`]'s.
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Proven => "ok",
            Outcome::Refuted(finding) => finding.code(),
            Outcome::Failed(failure) => failure.cause.code(),
            Outcome::Pending => "pending",
            Outcome::Interrupted => "interrupted",
        }
    }
}

/// What an answer turned out to be, when it is not what was asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A provider's block page, recognised by a fingerprint.
    BlockPage {
        /// The fingerprint's name.
        fingerprint: String,
        /// Whom the page names, where known.
        statement: Statement,
    },
    /// HTTP 451 (RFC 7725).
    Legal451(Statement),
    /// The platform itself hides the content, in this country or everywhere (N17).
    PlatformBlocked(Statement),
    /// A portal wants a login before it lets anything through (HTTP 511, a redirect into the local network, or a page that
    /// says so in WISPr).
    CaptivePortal,
    /// The origin answers with an error of its own: HTTP 5xx, or an unusable answer.
    OriginFault {
        /// The HTTP status, where that is the fault.
        status: Option<u16>,
        /// What is wrong, in a few words.
        what: String,
    },
    /// The proxy itself answered in the origin's place.
    ProxyAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// An answer in cleartext that does not hold what was asked for: anybody on the path can have written it, so it is not
    /// taken for the site's own.
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

/// What a block states. These are claims of its author.
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
    /// Without its words: they lead to one order, and that to one community.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statement(..)")
    }
}
