//! How an account is made from a [`Reachability`] and from an [`Access`] of the report, with names and without.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::super::Reachability;
use super::super::redactor::Redaction;
use super::super::report::Access;
use super::{Account, AccountAttempt, AccountVerdict};
use crate::reach::Attempt;
use crate::sentences::{self, Language};

impl Reachability {
    /// The account of this access that names nobody.
    pub fn account(&self, language: Language) -> Account {
        let mut redaction = Redaction::default();
        let host = redaction.host(self.host());
        let verdict = redaction.verdict(&self.verdict);
        let mut redacted = |attempts: &[Attempt]| -> Vec<Attempt> {
            attempts.iter().map(|attempt| redaction.attempt(attempt)).collect()
        };
        let (earlier, attempts) = (redacted(&self.earlier), redacted(&self.attempts));
        let subject = redaction.strategy(self.subject());
        let reached_by = self.reached_by.as_ref().map(|way| redaction.strategy(way));
        let told = sentences::VerdictContext {
            verdict: &verdict,
            host: &host,
            platform: None,
            subject: &subject,
            reached: reached_by.as_ref().map(|way| (way, self.took())),
            attempts: &attempts,
            earlier: &earlier,
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
            attempts: listed(&earlier, &attempts, language, false),
        }
    }

    /// The account of this access with all names but the logins: for the user's own eyes.
    pub fn account_in_full(&self, language: Language) -> Account {
        Account {
            at: None,
            action: None,
            url: Some(self.url.clone()),
            verdict: AccountVerdict::of(&self.verdict, self.sentence(language)),
            reached_by: self.reached_by.as_ref().map(|way| way.redacted()),
            restrictions: self.restrictions(),
            attempts: listed(&self.earlier, &self.attempts, language, true),
        }
    }
}

/// The attempts of an operation, those of its earlier requests first.
fn listed(earlier: &[Attempt], attempts: &[Attempt], language: Language, full: bool) -> Vec<AccountAttempt> {
    earlier.iter().chain(attempts).map(|attempt| AccountAttempt::of(attempt, language, full)).collect()
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
