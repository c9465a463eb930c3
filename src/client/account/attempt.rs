//! The attempts of an account, and what each resolver said.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::reach::{Attempt, AttemptId};
use crate::sentences::{self, Language};
use crate::transport::{EchOutcome, Lookup, LookupAnswer, Stage};

/// One attempt of an access.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccountAttempt {
    /// The number of the attempt, as in [`Account::attempt`](super::Account::attempt) and in events.
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

/// The number of an attempt in an account of a version that did not number attempts.
fn unnumbered() -> AttemptId {
    AttemptId::new(0)
}

fn is_off(ech: &EchOutcome) -> bool {
    *ech == EchOutcome::Off
}

impl AccountAttempt {
    pub(super) fn of(attempt: &Attempt, language: Language, full: bool) -> Self {
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
            resolver: if full { lookup.resolver.redacted() } else { lookup.resolver.code().to_owned() },
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
