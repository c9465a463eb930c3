//! The account of one access: what was tried, what it means, and which rule decided, in a form that can be sent.
//!
//! An account is made from a [`Reachability`] or from an [`Access`] of the report, in the language of the person who
//! will read it. It is plain data that serde can write and read. There are two kinds:
//!
//! - [`Reachability::account`] names nobody. A `Reachability` serialises as this account. The site is called
//!   `site.example` in it, a proxy `proxy.example`. Addresses, logins and whatever a peer wrote are left out. It says
//!   how the routes behaved, and can be sent to a helper.
//! - [`Reachability::account_in_full`] contains everything but the logins: for the user's own eyes.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::Reachability;
use super::redactor::Redaction;
use super::report::{Access, Action};
use crate::community::Restriction;
use crate::reach::{AddressVerdict, Attempt, AttemptId, Layer, Statement, Verdict, VerdictCode, Weights};
use crate::sentences::{self, Language};
use crate::transport::{EchOutcome, Lookup, LookupAnswer, Stage};

/// What one access did. `Display` writes a text for people: the verdict's sentence, and a line for each attempt.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// When the access began, to the second, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What was done, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// What was asked for. Only in the full account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the attempts mean.
    pub verdict: AccountVerdict,
    /// The route over which an authentic answer came: a strategy without its login.
    pub reached_by: Option<String>,
    /// The blocks that somebody states, and who states each: the answer itself (HTTP 451, or a notice of the platform),
    /// or what is known of the community. Only in the full account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<Restriction>,
    /// Every attempt, in the order in which the attempts were started.
    pub attempts: Vec<AccountAttempt>,
}

/// What the attempts of an access mean.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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
    /// The attempts that the rule relied on, by [`AccountAttempt::id`].
    #[serde(default)]
    pub evidence: Vec<AttemptId>,
    /// What the blocker says of itself. Only in the full account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<AccountStatement>,
    /// What can be said of each of the host's addresses by itself, if several were tried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<AccountAddress>,
}

/// What can be said of one of the host's addresses: one may be blocked while another is not.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountAddress {
    /// The address. If the account is not the full one, it is an address for documentation (RFC 5737, RFC 3849).
    pub address: IpAddr,
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

/// What the notice of a block states. Its author claims this; nobody has checked it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountStatement {
    /// Who ordered the block, according to the notice.
    pub authority: Option<String>,
    /// A link to the order or to the party that blocks.
    pub link: Option<String>,
    /// The text of the notice.
    pub text: Option<String>,
}

/// One attempt of an access.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountAttempt {
    /// The number of the attempt, as in [`Account::attempt`] and in events.
    #[serde(default = "unnumbered")]
    pub id: AttemptId,
    /// The route: a strategy without its login.
    pub strategy: String,
    /// The last stage that the attempt reached.
    pub stage: Stage,
    /// How the attempt ended: an [`Outcome::code`](crate::reach::Outcome::code).
    pub outcome: String,
    /// The address of the host (on the direct route) or of the proxy. Only in the full account.
    pub address: Option<IpAddr>,
    /// How long the attempt took, in milliseconds.
    pub ms: u64,
    /// The bytes of the answer, after TLS.
    pub bytes: u64,
    /// Which request of a chain of redirects the attempt belongs to, counted from 0.
    #[serde(default)]
    pub hop: u32,
    /// When the attempt was started, in milliseconds after the start of its race.
    #[serde(default)]
    pub started_ms: u64,
    /// When the first byte of the answer came, in milliseconds after the start of the attempt.
    #[serde(default)]
    pub first_byte_ms: Option<u64>,
    /// Whether TLS proved the host's name.
    #[serde(default)]
    pub proved_name: bool,
    /// Whether the attempt used a connection that was already open.
    #[serde(default)]
    pub reused: bool,
    /// Whether the name in the ClientHello was encrypted; left out if that was not tried.
    #[serde(default, skip_serializing_if = "is_off")]
    pub ech: EchOutcome,
    /// What each resolver said.
    #[serde(default)]
    pub lookups: Vec<AccountLookup>,
    /// The attempt in one plain sentence.
    #[serde(default)]
    pub sentence: String,
}

/// What one resolver said.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountLookup {
    /// Which resolver was asked, as in a strategy's `dns=`. If the account is not the full one, only its kind
    /// (`system`, `udp`, `tls`, `https`).
    pub resolver: String,
    /// Its answers, in the order in which they came.
    pub answers: Vec<AccountAnswer>,
}

/// One answer of a resolver.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountAnswer {
    /// What was asked for: `a`, `aaaa` or `https`, or `both` for the system's resolver.
    pub asked: String,
    /// How long after the question the answer came, in milliseconds.
    pub ms: u64,
    /// `ok`, or the code that says why there is no address.
    pub outcome: String,
    /// How many addresses the answer contains.
    pub count: usize,
    /// The addresses. Only in the full account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
}

impl Reachability {
    /// The account of this access that names nobody.
    pub fn account(&self, language: Language) -> Account {
        let mut redaction = Redaction::default();
        let host = redaction.host(self.host());
        let verdict = redaction.verdict(&self.verdict);
        let attempts: Vec<Attempt> = self.attempts.iter().map(|attempt| redaction.attempt(attempt)).collect();
        let subject = redaction.strategy(self.subject());
        let reached_by = self.reached_by.as_ref().map(|way| redaction.strategy(way));
        let told = sentences::VerdictContext {
            verdict: &verdict,
            host: &host,
            platform: None,
            subject: &subject,
            reached: reached_by.as_ref().map(|way| (way, self.took())),
            attempts: &attempts,
            ..self.told()
        };
        let sentence = sentences::verdict(language, &told);
        Account {
            at: None,
            action: None,
            url: None,
            verdict: AccountVerdict::of(&verdict, sentence),
            reached_by: reached_by.map(|way| way.redacted()),
            restrictions: Vec::new(),
            attempts: attempts.iter().map(|attempt| AccountAttempt::of(attempt, language, false)).collect(),
        }
    }

    /// The account of this access with all names but the logins: for the user's own eyes.
    pub fn account_in_full(&self, language: Language) -> Account {
        let attempts = self.attempts.iter().map(|attempt| AccountAttempt::of(attempt, language, true));
        Account {
            at: None,
            action: None,
            url: Some(self.url.clone()),
            verdict: AccountVerdict::of(&self.verdict, self.sentence(language)),
            reached_by: self.reached_by.as_ref().map(|way| way.redacted()),
            restrictions: self.restrictions(),
            attempts: attempts.collect(),
        }
    }
}

impl Serialize for Reachability {
    /// Serialises as the [`account`](Reachability::account) in the client's language: without names.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.account(self.language()).serialize(serializer)
    }
}

impl Serialize for Access {
    /// Serialises as the [`account`](Access::account) in the client's language: without names.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.account(self.in_full().language()).serialize(serializer)
    }
}

impl Access {
    /// The account of this access that names nobody.
    pub fn account(&self, language: Language) -> Account {
        self.dated(self.in_full().account(language))
    }

    /// The account of this access with all names but the logins: for the user's own eyes.
    pub fn account_in_full(&self, language: Language) -> Account {
        self.dated(self.in_full().account_in_full(language))
    }

    fn dated(&self, account: Account) -> Account {
        let at = Timestamp::from_second(self.at.as_second()).ok();
        Account { at, action: Some(self.action), ..account }
    }
}

impl Account {
    /// The attempt with this number, by which [`AccountVerdict::evidence`] names it.
    pub fn attempt(&self, id: AttemptId) -> Option<&AccountAttempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }
}

impl AccountVerdict {
    fn of(verdict: &Verdict, sentence: String) -> Self {
        Self {
            code: verdict.code,
            layer: verdict.layer,
            weights: verdict.weights,
            rule: verdict.rule.code().to_owned(),
            sentence,
            evidence: verdict.evidence.clone(),
            statement: verdict.statement.clone().map(AccountStatement::of),
            addresses: verdict.addresses.iter().map(AccountAddress::of).collect(),
        }
    }
}

impl AccountAddress {
    fn of(AddressVerdict { address, code, layer, rule, weights }: &AddressVerdict) -> Self {
        Self { address: *address, code: *code, layer: *layer, weights: *weights, rule: rule.code().to_owned() }
    }
}

impl AccountStatement {
    fn of(Statement { authority, link, text }: Statement) -> Self {
        Self { authority, link, text }
    }
}

/// The number of an attempt in an account of a version that did not number attempts.
fn unnumbered() -> AttemptId {
    AttemptId::new(0)
}

fn is_off(ech: &EchOutcome) -> bool {
    *ech == EchOutcome::Off
}

impl AccountAttempt {
    fn of(attempt: &Attempt, language: Language, full: bool) -> Self {
        Self {
            id: attempt.id,
            strategy: attempt.strategy.redacted(),
            stage: attempt.stage,
            outcome: attempt.outcome.code().to_owned(),
            address: attempt.address,
            ms: milliseconds(attempt.took),
            bytes: attempt.bytes,
            hop: attempt.hop,
            started_ms: milliseconds(attempt.started),
            first_byte_ms: attempt.first_byte.map(milliseconds),
            proved_name: attempt.proved_name,
            reused: attempt.reused,
            ech: attempt.ech,
            lookups: attempt.lookups.iter().map(|lookup| AccountLookup::of(lookup, full)).collect(),
            sentence: sentences::attempted(language, attempt),
        }
    }
}

impl AccountLookup {
    fn of(lookup: &Lookup, full: bool) -> Self {
        Self {
            resolver: if full { lookup.resolver.to_string() } else { lookup.resolver.code().to_owned() },
            answers: lookup.answers.iter().map(|answer| AccountAnswer::of(answer, full)).collect(),
        }
    }
}

impl AccountAnswer {
    fn of(LookupAnswer { query, after, result }: &LookupAnswer, full: bool) -> Self {
        let addresses = result.as_ref().map_or(&[][..], Vec::as_slice);
        Self {
            asked: query.code().to_owned(),
            ms: milliseconds(*after),
            outcome: result.as_ref().map_or_else(|cause| cause.code(), |_| "ok").to_owned(),
            count: addresses.len(),
            addresses: if full { addresses.to_vec() } else { Vec::new() },
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(at), Some(action)) = (&self.at, self.action) {
            writeln!(f, "{at:.0} {}", action.code())?;
        }
        let AccountVerdict { code, rule, sentence, .. } = &self.verdict;
        writeln!(f, "{sentence}\n{} ({rule})", code.code())?;
        for attempt in &self.attempts {
            writeln!(f, "- {}", attempt.sentence)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Account {
    /// Shows how the access went, but not what was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("verdict", &self.verdict)
            .field("attempts", &self.attempts.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AccountVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.code(), self.rule)
    }
}

impl fmt::Debug for AccountStatement {
    /// Leaves out the words of the notice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountStatement(..)")
    }
}

impl fmt::Debug for AccountAddress {
    /// Leaves out the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.code(), self.rule)
    }
}

impl fmt::Debug for AccountAttempt {
    /// Leaves out the route and the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountAttempt({} {} {} ms)", self.stage, self.outcome, self.ms)
    }
}

impl fmt::Debug for AccountLookup {
    /// Leaves out the resolver.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountLookup").field("answers", &self.answers).finish_non_exhaustive()
    }
}

impl fmt::Debug for AccountAnswer {
    /// Leaves out the addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountAnswer({} {} {} ms, {} addresses)", self.asked, self.outcome, self.ms, self.count)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn answers()(asked in "a|aaaa|https|both", ms: u64, outcome in "ok|nxdomain", addresses in prop::collection::vec(any::<IpAddr>(), 0..3)) -> AccountAnswer {
            AccountAnswer { asked, ms, outcome, count: addresses.len(), addresses }
        }
    }

    prop_compose! {
        fn lookups()(resolver in ".{0,12}", answers in prop::collection::vec(answers(), 0..3)) -> AccountLookup {
            AccountLookup { resolver, answers }
        }
    }

    prop_compose! {
        fn attempts()(
            (id, strategy) in (any::<u64>().prop_map(AttemptId::new), ".{0,20}"),
            stage in prop::sample::select(vec![Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::FirstByte, Stage::Progress]),
            outcome in "ok|reset|pending",
            address: Option<IpAddr>,
            (ms, bytes, hop, started_ms) in any::<(u64, u64, u32, u64)>(),
            first_byte_ms: Option<u64>,
            (proved_name, reused) in any::<(bool, bool)>(),
            ech in prop::sample::select(vec![EchOutcome::Off, EchOutcome::Offered, EchOutcome::Accepted, EchOutcome::Rejected]),
            lookups in prop::collection::vec(lookups(), 0..3),
            sentence in ".{0,40}",
        ) -> AccountAttempt {
            AccountAttempt { id, strategy, stage, outcome, address, ms, bytes, hop, started_ms, first_byte_ms, proved_name, reused, ech, lookups, sentence }
        }
    }

    prop_compose! {
        fn addresses()(
            address: IpAddr,
            code in prop::sample::select(vec![VerdictCode::Reachable, VerdictCode::TcpBlocked, VerdictCode::Unknown]),
            layer in prop::option::of(prop::sample::select(vec![Layer::Tcp, Layer::Tls])),
            blocked in 0_u8..=100,
            rule: String,
        ) -> AccountAddress {
            AccountAddress { address, code, layer, weights: weights(blocked), rule }
        }
    }

    prop_compose! {
        fn restrictions()(
            (text, stated_by) in any::<(String, String)>(),
            (authority, link, observed_in) in any::<(Option<String>, Option<String>, Option<String>)>(),
        ) -> Restriction {
            Restriction { authority, link, observed_in, ..Restriction::new(text, stated_by) }
        }
    }

    fn weights(blocked: u8) -> Weights {
        let blocked = f32::from(blocked) / 100.0;
        Weights { blocked, down: 0.0, ok: 1.0 - blocked }
    }

    prop_compose! {
        fn accounts()(
            at in prop::option::of(-1_000_000_000_i64..4_000_000_000),
            action in prop::option::of(prop::sample::select(vec![Action::Open, Action::Sync, Action::Get, Action::Probe, Action::Attachment])),
            url: Option<String>,
            code in prop::sample::select(vec![VerdictCode::Reachable, VerdictCode::Legal451, VerdictCode::TlsInterfered, VerdictCode::Unknown]),
            layer in prop::option::of(prop::sample::select(vec![Layer::Dns, Layer::Network, Layer::Route])),
            blocked in 0_u8..=100,
            (rule, sentence) in any::<(String, String)>(),
            statement: Option<(Option<String>, Option<String>, Option<String>)>,
            reached_by: Option<String>,
            evidence in prop::collection::vec(any::<u64>().prop_map(AttemptId::new), 0..3),
            (addresses, restrictions) in (prop::collection::vec(addresses(), 0..3), prop::collection::vec(restrictions(), 0..3)),
            attempts in prop::collection::vec(attempts(), 0..4),
        ) -> Account {
            Account {
                at: at.map(|second| Timestamp::from_second(second).unwrap()),
                action,
                url,
                verdict: AccountVerdict {
                    code,
                    layer,
                    weights: weights(blocked),
                    rule,
                    sentence,
                    evidence,
                    statement: statement.map(|(authority, link, text)| AccountStatement { authority, link, text }),
                    addresses,
                },
                reached_by,
                restrictions,
                attempts,
            }
        }
    }

    proptest! {
        #[test]
        fn an_account_that_was_sent_is_the_same_where_it_is_read(account in accounts()) {
            let sent = serde_json::to_string(&account).unwrap();
            prop_assert_eq!(serde_json::from_str::<Account>(&sent).unwrap(), account);
        }
    }

    #[test]
    fn an_account_of_an_older_version_is_read_too() {
        let told = r#"{
            "url": "https://site.example/", "reached_by": null, "later": true,
            "verdict": {"code": "unknown", "layer": "tcp", "weights": {"blocked": 0.5, "down": 0.5, "ok": 0.0}, "rule": "tcp.failed", "sentence": "."},
            "attempts": [{"strategy": "direct:", "stage": "tcp", "outcome": "refused", "address": null, "ms": 52, "bytes": 0}]
        }"#;
        let account: Account = serde_json::from_str(told).unwrap();
        assert_eq!((account.verdict.code, account.attempts[0].ms), (VerdictCode::Unknown, 52));
        assert!(account.verdict.evidence.is_empty() && account.attempts[0].id.number() == 0);
    }
}
