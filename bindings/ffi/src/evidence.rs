//! How an access went: the verdict, the attempts it rests on, and how likely each explanation is.

use std::time::SystemTime;

use crate::community::Restriction;
use crate::configuration::Language;
use crate::numbers::{length, number, small, time};

/// How something was reached, or why it was not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Reachability {
    /// What the attempts mean.
    pub code: VerdictCode,
    /// The same as its stable text.
    pub code_text: String,
    /// It all, in one or two plain sentences of the client's language.
    pub sentence: String,
    /// Whether the code says that the content is blocked on purpose.
    pub blames: bool,
    /// It was reached without a proxy.
    pub is_direct: bool,
    /// Everything but the logins, for the user's own eyes.
    pub full: Account,
    /// The same without names, to be sent to a helper.
    pub shareable: Account,
    /// `shareable` as JSON.
    pub shareable_json: String,
}

impl Reachability {
    pub(crate) fn of(core: &byway::Reachability, language: Language) -> Self {
        let shareable = core.account(language.into());
        Self {
            code: core.verdict.code.into(),
            code_text: core.verdict.code.code().to_owned(),
            sentence: core.sentence(language.into()),
            blames: core.verdict.code.blames(),
            is_direct: core.is_direct(),
            full: core.account_in_full(language.into()).into(),
            shareable_json: json(&shareable),
            shareable: shareable.into(),
        }
    }
}

/// One access of the report.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Access {
    /// When it began.
    pub at: SystemTime,
    /// What was done.
    pub action: Action,
    /// Everything but the logins, for the user's own eyes.
    pub full: Account,
    /// The same without names, to be sent to a helper.
    pub shareable: Account,
}

impl Access {
    pub(crate) fn of(core: &byway::Access, language: Language) -> Self {
        Self {
            at: time(core.at),
            action: core.action.into(),
            full: core.account_in_full(language.into()).into(),
            shareable: core.account(language.into()).into(),
        }
    }
}

/// Plain data of the core as JSON. It has neither maps with odd keys nor numbers that JSON cannot say, so it does not fail.
pub(crate) fn json(data: &impl serde::Serialize) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

mirror! {
    /// What the attempts mean.
    VerdictCode of byway::VerdictCode, else Unknown {
        /// It was reached and read.
        Reachable,
        /// The resolver gives false answers for the name.
        DnsTampered,
        /// Connections to the address are cut here and not elsewhere.
        TcpBlocked,
        /// The connection is cut in TLS here and not elsewhere.
        TlsInterfered,
        /// A cleartext request is cut here and not elsewhere.
        HttpInterfered,
        /// A certificate is forged here; elsewhere the true one is seen.
        TlsMitm,
        /// A provider's page stands in the host's place.
        BlockPage,
        /// HTTP 451 (RFC 7725).
        Legal451,
        /// The platform itself hides the content.
        PlatformBlocked,
        /// Answers stop coming after their first part, here and not elsewhere.
        Frozen,
        /// Answers come much more slowly than elsewhere.
        Throttled,
        /// The network wants a login.
        CaptivePortal,
        /// There is no network.
        Offline,
        /// The network lets only a few addresses through.
        WhitelistOnly,
        /// The host does not answer anywhere.
        OriginDown,
        /// The host answers with a fault of its own.
        OriginFault,
        /// The platform says that the community is no more.
        Gone,
        /// Our own proxy or Tor is what failed.
        RouteFailed,
        /// Blocked or down: we cannot tell.
        Unknown,
    }
}

mirror! {
    /// At which layer.
    Layer of byway::Layer, else Network {
        /// The network as a whole: no uplink, a portal, a rate.
        Network,
        /// The name's address.
        Dns,
        /// The connection to an address.
        Tcp,
        /// The ClientHello, the certificate, or what flows inside TLS.
        Tls,
        /// The request or its answer.
        Http,
        /// The platform's own decision.
        Platform,
        /// Our own route there.
        Route,
    }
}

mirror! {
    /// The stages of one attempt, in the order in which they are passed.
    Stage of byway::Stage, else Progress {
        /// Looking the name up. A proxy or Tor is given the name, so that only the proxy's own name is looked up here.
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
}

mirror! {
    /// What became of encrypting the name in the ClientHello (RFC 9849).
    EchOutcome of byway::EchOutcome, else Off {
        /// It was not encrypted.
        Off,
        /// It was, and the host has not answered, or not for itself.
        Offered,
        /// The host took it: the name was not said in the clear.
        Accepted,
        /// The host answered for the outer name: it does not have the key.
        Rejected,
    }
}

mirror! {
    /// What an access is for.
    Action of byway::Action, else Get {
        /// Reading a community: `open` or `refresh`.
        Open,
        /// Reading one in the background: `sync_once`.
        Sync,
        /// Fetching a page: `get`, or an HTTP request.
        Get,
        /// Comparing all routes: `probe`.
        Probe,
        /// Fetching what hangs on a post: `fetch_attachment`.
        Attachment,
    }
}

mirror! {
    /// Who sees something of a reading.
    Observer of byway::Observer, else Provider {
        /// The resolver that looks a name up.
        Resolver,
        /// The network in front of the device.
        Provider,
        /// The proxy, or the host of a remote Tor.
        Proxy,
        /// The last relay of a Tor circuit.
        Exit,
        /// The platform that is read.
        Platform,
    }
}

mirror! {
    /// Why an attempt was started.
    StartReason of byway::StartReason, else Failure {
        /// It is the first.
        First,
        /// Another one failed, or brought something else than what was asked for.
        Failure,
        /// Another one was silent for longer than it should be. It goes on, unless one attempt may be in flight only.
        Silence,
        /// What another one reads comes slowly. It goes on.
        Slow,
    }
}

/// One access, told. What the verdict rests on stands in `attempts`.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Account {
    /// When it began, where that is known: to the second.
    pub at: Option<SystemTime>,
    /// What was done, where that is known.
    pub action: Option<Action>,
    /// What was asked for; only in full.
    pub url: Option<String>,
    /// What the attempts mean.
    pub verdict: AccountVerdict,
    /// By which strategy an authentic answer came: a strategy without its login.
    pub reached_by: Option<String>,
    /// Blocks that are stated, each with the party that states it: the answer itself (HTTP 451, or the platform's notice), and what is
    /// known of the community; only in full.
    pub restrictions: Vec<Restriction>,
    /// Every attempt, in the order in which they were started.
    pub attempts: Vec<AccountAttempt>,
}

impl From<byway::Account> for Account {
    fn from(core: byway::Account) -> Self {
        Self {
            at: core.at.map(time),
            action: core.action.map(Into::into),
            url: core.url,
            verdict: core.verdict.into(),
            reached_by: core.reached_by,
            restrictions: core.restrictions.into_iter().map(Into::into).collect(),
            attempts: core.attempts.into_iter().map(Into::into).collect(),
        }
    }
}

/// What the attempts of an access mean.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountVerdict {
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, where there is one.
    pub layer: Option<Layer>,
    /// How likely each explanation is.
    pub weights: Weights,
    /// The rule that decided, by its stable code (`RuleId::code`). A text: an account may come from a version that has other rules.
    pub rule: String,
    /// It all, in one or two plain sentences.
    pub sentence: String,
    /// The attempts that carried the rule, by `id`.
    pub evidence: Vec<i64>,
    /// What the blocker says of itself; only in full.
    pub statement: Option<AccountStatement>,
    /// What can be said of each of the host's addresses by itself, where several were tried.
    pub addresses: Vec<AccountAddress>,
}

impl From<byway::AccountVerdict> for AccountVerdict {
    fn from(core: byway::AccountVerdict) -> Self {
        Self {
            code: core.code.into(),
            layer: core.layer.map(Into::into),
            weights: core.weights.into(),
            rule: core.rule,
            sentence: core.sentence,
            evidence: core.evidence.into_iter().map(|inner| number(inner.number())).collect(),
            statement: core.statement.map(Into::into),
            addresses: core.addresses.into_iter().map(Into::into).collect(),
        }
    }
}

/// What can be said of one of the host's addresses: one may be blocked and another not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountAddress {
    /// Which; a documentation address (RFC 5737, RFC 3849) unless in full.
    pub address: String,
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, where there is one.
    pub layer: Option<Layer>,
    /// How likely each explanation is.
    pub weights: Weights,
    /// The rule that decided, by its stable code (`RuleId::code`). A text: an account may come from a version that has other rules.
    pub rule: String,
}

impl From<byway::AccountAddress> for AccountAddress {
    fn from(core: byway::AccountAddress) -> Self {
        Self {
            address: core.address.to_string(),
            code: core.code.into(),
            layer: core.layer.map(Into::into),
            weights: core.weights.into(),
            rule: core.rule,
        }
    }
}

/// What a block says of itself. Claims of their author.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountStatement {
    /// Who ordered it, as stated.
    pub authority: Option<String>,
    /// A link to the order or to the blocking party.
    pub link: Option<String>,
    /// The text.
    pub text: Option<String>,
}

impl From<byway::AccountStatement> for AccountStatement {
    fn from(core: byway::AccountStatement) -> Self {
        Self { authority: core.authority, link: core.link, text: core.text }
    }
}

/// One attempt of an access.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountAttempt {
    /// Its number, as in `attempt` and in events.
    pub id: i64,
    /// By which strategy without its login.
    pub strategy: String,
    /// The stage that it had reached.
    pub stage: Stage,
    /// How it ended: a stable code.
    pub outcome: String,
    /// The address of the host (direct) or of the proxy; only in full.
    pub address: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// Bytes of the answer, after TLS.
    pub bytes: i64,
    /// Which request of a chain of redirects it belongs to, from 0.
    pub hop: i32,
    /// When it was started, in milliseconds after its race was.
    pub started_ms: i64,
    /// When the first byte of the answer came, in milliseconds after it was started.
    pub first_byte_ms: Option<i64>,
    /// TLS proved the host's name.
    pub proved_name: bool,
    /// It ran over a connection that was open already.
    pub reused: bool,
    /// What became of encrypting the name in the ClientHello; left out where that was not tried.
    pub ech: EchOutcome,
    /// What each resolver said.
    pub lookups: Vec<AccountLookup>,
    /// It all, in one plain sentence.
    pub sentence: String,
}

impl From<byway::AccountAttempt> for AccountAttempt {
    fn from(core: byway::AccountAttempt) -> Self {
        Self {
            id: number(core.id.number()),
            strategy: core.strategy,
            stage: core.stage.into(),
            outcome: core.outcome,
            address: core.address.map(|inner| inner.to_string()),
            ms: number(core.ms),
            bytes: number(core.bytes),
            hop: small(core.hop),
            started_ms: number(core.started_ms),
            first_byte_ms: core.first_byte_ms.map(number),
            proved_name: core.proved_name,
            reused: core.reused,
            ech: core.ech.into(),
            lookups: core.lookups.into_iter().map(Into::into).collect(),
            sentence: core.sentence,
        }
    }
}

/// What one resolver said.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountLookup {
    /// Who was asked, as in a strategy's `dns=`; its kind alone (`system`, `udp`, `tls`, `https`) unless in full.
    pub resolver: String,
    /// Its answers, in the order in which they came.
    pub answers: Vec<AccountAnswer>,
}

impl From<byway::AccountLookup> for AccountLookup {
    fn from(core: byway::AccountLookup) -> Self {
        Self { resolver: core.resolver, answers: core.answers.into_iter().map(Into::into).collect() }
    }
}

/// One answer of a resolver.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountAnswer {
    /// What was asked: `a`, `aaaa`, `https`, or `both` of the system's resolver.
    pub asked: String,
    /// How long after the question it came, in milliseconds.
    pub ms: i64,
    /// `ok`, or the code of why there is no address.
    pub outcome: String,
    /// How many addresses it gave.
    pub count: i64,
    /// Which; only in full.
    pub addresses: Vec<String>,
}

impl From<byway::AccountAnswer> for AccountAnswer {
    fn from(core: byway::AccountAnswer) -> Self {
        Self {
            asked: core.asked,
            ms: number(core.ms),
            outcome: core.outcome,
            count: length(core.count),
            addresses: core.addresses.into_iter().map(|inner| inner.to_string()).collect(),
        }
    }
}

/// How likely each explanation is, from 0 to 1; together 1.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Weights {
    /// It is prevented.
    pub blocked: f64,
    /// It does not work, without being prevented: the host, our route or the network is out of order.
    pub down: f64,
    /// It works.
    pub ok: f64,
}

impl From<byway::Weights> for Weights {
    fn from(core: byway::Weights) -> Self {
        Self { blocked: f64::from(core.blocked), down: f64::from(core.down), ok: f64::from(core.ok) }
    }
}
