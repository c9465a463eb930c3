//! What the attempts of an access mean, in its account.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::reach::{AddressVerdict, AttemptId, Layer, Statement, Verdict, VerdictCode, Weights};

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
    /// The attempts that the rule relied on, by [`AccountAttempt::id`](super::AccountAttempt::id).
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

impl AccountVerdict {
    pub(super) fn of(verdict: &Verdict, sentence: String) -> Self {
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
