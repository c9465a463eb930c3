//! The account of one access: what was tried, what it means, and which rule decided, in a form that can be sent.
//!
//! An account is made from a [`Reachability`](super::Reachability) or from an [`Access`](super::report::Access) of the report, in the language of the person who
//! will read it. It is plain data that serde can write and read. There are two kinds:
//!
//! - [`Reachability::account`](super::Reachability::account) names nobody. A `Reachability` serialises as this account. The site is called
//!   `site.example` in it, a proxy `proxy.example`. Addresses, logins and whatever a peer wrote are left out. It says
//!   how the routes behaved, and can be sent to a helper.
//! - [`Reachability::account_in_full`](super::Reachability::account_in_full) contains everything but the logins: for the user's own eyes.

mod attempt;
mod of_access;
#[cfg(test)]
mod tests;
mod verdict;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::Action;
use crate::community::Restriction;
use crate::reach::AttemptId;

pub use attempt::{AccountAnswer, AccountAttempt, AccountLookup};
pub use verdict::{AccountAddress, AccountStatement, AccountVerdict};

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

impl Account {
    /// The attempt with this number, by which [`AccountVerdict::evidence`] names it.
    pub fn attempt(&self, id: AttemptId) -> Option<&AccountAttempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
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
