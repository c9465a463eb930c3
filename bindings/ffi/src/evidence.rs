//! How an access went: the verdict, the attempts that it relies on, and how likely each explanation is.

use std::time::SystemTime;

use crate::community::Restriction;
use crate::configuration::Language;
use crate::numbers::{length, number, small, time};

/// How something was reached, or why it was not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Reachability {
    /// What the attempts mean.
    pub code: VerdictCode,
    /// The same as a stable text.
    pub code_text: String,
    /// The verdict in one or two plain sentences, in the client's language.
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

/// Plain data of the core as JSON. This cannot fail: the data has no maps with other keys than text, and no numbers
/// that JSON cannot write.
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
        /// The certificate is forged here; elsewhere the true one is seen.
        TlsMitm,
        /// A page of the provider comes instead of the host's.
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
        /// The host answers with an error of its own.
        OriginFault,
        /// The platform says that the community no longer exists.
        Gone,
        /// Our own proxy or Tor failed.
        RouteFailed,
        /// Blocked or down: we can't tell.
        Unknown,
    }
}

mirror! {
    /// The layer at which the cause is.
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
    /// The stages of one attempt, in their order.
    Stage of byway::Stage, else Progress {
        /// Looking the name up. A proxy or Tor is given the name, so that only the proxy's own name is looked up here.
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
}

mirror! {
    /// Whether the name in the ClientHello was encrypted (RFC 9849).
    EchOutcome of byway::EchOutcome, else Off {
        /// It was not encrypted.
        Off,
        /// It was encrypted, and the host has not answered, or somebody else has answered for it.
        Offered,
        /// The host accepted it: the name was not visible on the network.
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
        /// Fetching an attachment: `fetch_attachment`.
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
        /// It is the first one.
        First,
        /// Another one failed, or brought something other than what was asked for.
        Failure,
        /// Another one was silent for longer than it should be. It continues, unless only one attempt may run at a
        /// time.
        Silence,
        /// What another one reads comes slowly. That one continues.
        Slow,
    }
}

mirror! {
    /// What probably keeps Tor from starting.
    TorStall of byway::TorStall, else Unknown {
        /// No connection is made at all: there is no network, or it blocks the addresses of all relays.
        NoConnection,
        /// Connections are made and nothing of Tor gets through: the network filters Tor, or asks for a login on a page
        /// first.
        Filtered,
        /// Relays answer, and Tor's directory (the list of all relays) does not come.
        Directory,
        /// This device's clock is wrong, so that the directory looks outdated or not valid yet.
        Clock,
        /// No bridge answers as one: all of them are down, or the network blocks them.
        Bridge,
        /// The bridges expect a pluggable transport for which the app has named no program, or its program does not start.
        Transport,
        /// Its files cannot be read or written.
        Storage,
        /// Another Tor client of this process or of another one has these files.
        InUse,
        /// The Tor network does not take this version any more.
        Outdated,
        /// The app ended it: it sleeps, or its data are wiped. Nothing else is tried for what it was to carry.
        Ended,
        /// The device's network changed. What may be sent again begins anew.
        NetworkChanged,
        /// Nothing moves, and nothing says why.
        Unknown,
    }
}

/// What one access did. `attempts` contains the evidence for the verdict.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Account {
    /// When it began, to the second, if that is known.
    pub at: Option<SystemTime>,
    /// What was done, if that is known.
    pub action: Option<Action>,
    /// What was asked for. Only in the full account.
    pub url: Option<String>,
    /// What the attempts mean.
    pub verdict: AccountVerdict,
    /// The route over which an authentic answer came: a strategy without its login.
    pub reached_by: Option<String>,
    /// The blocks that somebody states, and who states each: the answer itself (HTTP 451, or a notice of the platform),
    /// or what is known of the community. Only in the full account.
    pub restrictions: Vec<Restriction>,
    /// Every attempt, in the order in which the attempts were started.
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
    /// The layer, if the verdict names one.
    pub layer: Option<Layer>,
    /// How likely each explanation is.
    pub weights: Weights,
    /// The stable code of the rule that decided (`RuleId::code`). It is a text because an account may come from a
    /// version that has other rules.
    pub rule: String,
    /// The verdict in one or two plain sentences.
    pub sentence: String,
    /// The attempts that the rule relied on, by `id`.
    pub evidence: Vec<i64>,
    /// What the blocker says of itself. Only in the full account.
    pub statement: Option<AccountStatement>,
    /// What can be said of each of the host's addresses by itself, if several were tried.
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

/// What can be said of one of the host's addresses: one may be blocked while another is not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountAddress {
    /// The address. If the account is not the full one, it is an address for documentation (RFC 5737, RFC 3849).
    pub address: String,
    /// The stable code.
    pub code: VerdictCode,
    /// The layer, if the verdict names one.
    pub layer: Option<Layer>,
    /// How likely each explanation is.
    pub weights: Weights,
    /// The stable code of the rule that decided (`RuleId::code`). It is a text because an account may come from a
    /// version that has other rules.
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

/// What the notice of a block states. Its author claims this; nobody has checked it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccountStatement {
    /// Who ordered the block, according to the notice.
    pub authority: Option<String>,
    /// A link to the order or to the party that blocks.
    pub link: Option<String>,
    /// The text of the notice.
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
    /// Its number, as in events.
    pub id: i64,
    /// The strategy, without its login.
    pub strategy: String,
    /// The last stage that it reached.
    pub stage: Stage,
    /// How it ended: a stable code.
    pub outcome: String,
    /// The address of the host (on the direct route) or of the proxy. Only in the full account.
    pub address: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// The bytes of the answer, after TLS.
    pub bytes: i64,
    /// Which request of a chain of redirects it belongs to, counted from 0.
    pub hop: i32,
    /// When it was started, in milliseconds after the start of its race.
    pub started_ms: i64,
    /// When the first byte of the answer came, in milliseconds after the start of the attempt.
    pub first_byte_ms: Option<i64>,
    /// Whether TLS proved the host's name.
    pub proved_name: bool,
    /// Whether it used a connection that was already open.
    pub reused: bool,
    /// Whether the name in the ClientHello was encrypted; left out if that was not tried.
    pub ech: EchOutcome,
    /// What each resolver said.
    pub lookups: Vec<AccountLookup>,
    /// The attempt in one plain sentence.
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
    /// Which resolver was asked, as in a strategy's `dns=`. If the account is not the full one, only its kind
    /// (`system`, `udp`, `tls`, `https`).
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
    /// What was asked for: `a`, `aaaa` or `https`, or `both` for the system's resolver.
    pub asked: String,
    /// How long after the question the answer came, in milliseconds.
    pub ms: i64,
    /// `ok`, or the code that says why there is no address.
    pub outcome: String,
    /// How many addresses the answer contains.
    pub count: i64,
    /// The addresses. Only in the full account.
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

/// How likely each explanation is, from 0 to 1. Together they are 1.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Weights {
    /// Something prevents the access.
    pub blocked: f64,
    /// The access does not work, but nothing prevents it: the host, our route or the network is out of order.
    pub down: f64,
    /// The access works.
    pub ok: f64,
}

impl From<byway::Weights> for Weights {
    fn from(core: byway::Weights) -> Self {
        Self { blocked: f64::from(core.blocked), down: f64::from(core.down), ok: f64::from(core.ok) }
    }
}
