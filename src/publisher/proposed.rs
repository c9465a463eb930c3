//! What a proposal would change, in plain words: every field of the two charters compared.

use jiff::Timestamp;

use super::keys::fingerprint;
use super::proposal::{Next, Proposal};
use crate::language::Language;
use crate::sentences::{self, ProposedChange as Word};
use crate::signed::{Charter, CharterHome, Hints, HomeKind, KeySet, PublicKey};

impl Proposal {
    /// What it would change, a line each. The first letter of a line is a capital, and it has no full stop. The lines quote the
    /// proposal: print them as text that a stranger wrote.
    pub fn changes(&self, language: Language) -> Vec<String> {
        let mut lines = Lines { language, lines: Vec::new() };
        match (&self.base, &self.next) {
            (_, Next::Freeze(freeze)) => lines.add(Word::Frozen, &time(freeze.after)),
            (None, Next::Charter(charter)) => lines.compare(&empty(charter), charter),
            (Some((before, _)), Next::Charter(charter)) => lines.compare(before, charter),
        }
        if let Some(wait) = self.waits() {
            lines.add(Word::ByRecovery, &(wait.as_hours() / 24).to_string());
        }
        lines.lines
    }
}

struct Lines {
    language: Language,
    lines: Vec<String>,
}

impl Lines {
    fn add(&mut self, word: Word, value: &str) {
        let label = sentences::proposed_change(self.language, word);
        self.lines.push(if value.is_empty() { label.to_owned() } else { format!("{label}: {value}") });
    }

    /// Every field has its line. A field that is added to the charter does not compile before it has one.
    fn compare(&mut self, before: &Charter, after: &Charter) {
        let Charter {
            format: _,
            version: _,
            previous: _,
            name,
            description,
            issued: _,
            expires,
            root,
            recovery,
            routine,
            authors,
            moderators,
            members_may_post,
            banned,
            homes,
            hints,
            restrictions,
            predecessor,
            successor,
            copy,
        } = after;
        self.text(Word::Name, &before.name, name);
        self.text(Word::Description, &before.description, description);
        self.keys(Word::RootAdded, Word::RootRemoved, &before.root.keys, &root.keys);
        self.threshold(Word::Threshold, Some(&before.root), root);
        let recovery_before = before.recovery.as_ref().map(|recovery| &recovery.keys);
        let none = KeySet::new(Vec::new(), 0);
        let recovery_keys = recovery.as_ref().map_or(&none, |recovery| &recovery.keys);
        let of_before = recovery_before.unwrap_or(&none);
        self.keys(Word::RecoveryAdded, Word::RecoveryRemoved, &of_before.keys, &recovery_keys.keys);
        if let Some(recovery) = recovery {
            self.threshold(Word::RecoveryThreshold, recovery_before, &recovery.keys);
            let days = |recovery: &crate::signed::Recovery| (recovery.wait / 86_400).to_string();
            let before = before.recovery.as_ref().map(days).unwrap_or_default();
            self.text(Word::RecoveryDays, &before, &days(recovery));
        }
        self.keys(Word::RoutineAdded, Word::RoutineRemoved, &before.routine, routine);
        self.keys(Word::AuthorAdded, Word::AuthorRemoved, &before.authors, authors);
        self.keys(Word::ModeratorAdded, Word::ModeratorRemoved, &before.moderators, moderators);
        if before.members_may_post != *members_may_post {
            self.add(if *members_may_post { Word::AllMayPost } else { Word::FewMayPost }, "");
        }
        let bans = |charter: &Charter| charter.banned.iter().map(|ban| ban.key).collect::<Vec<_>>();
        self.keys(Word::Banned, Word::Unbanned, &bans(before), &bans(after));
        if before.banned != *banned && bans(before) == bans(after) {
            self.add(Word::BanTimes, "");
        }
        self.homes(&before.homes, homes);
        self.hints(&before.hints, hints);
        if before.restrictions != *restrictions {
            let texts: Vec<&str> = restrictions.iter().map(|known| known.text.as_str()).collect();
            self.add(Word::Restrictions, &texts.join(" / "));
        }
        if before.predecessor != *predecessor {
            match predecessor {
                Some(id) => self.add(Word::Predecessor, &id.to_string()),
                None => self.add(Word::NoPredecessor, ""),
            }
        }
        if before.successor != *successor {
            match successor {
                Some(next) => {
                    let homes: Vec<&str> = next.homes.iter().map(|home| home.url.as_str()).collect();
                    self.add(Word::Successor, &format!("{} {}", next.community, homes.join(" ")));
                }
                None => self.add(Word::NoSuccessor, ""),
            }
        }
        if before.copy != *copy
            && let Some(copy) = copy
        {
            self.add(Word::Copy, &format!("{} ({})", copy.of, copy.by));
        }
        self.add(Word::ValidUntil, &time(*expires));
    }

    fn text(&mut self, word: Word, before: &str, after: &str) {
        if before != after {
            let was = sentences::proposed_change(self.language, Word::Was);
            let was = if before.is_empty() { String::new() } else { format!(" ({was}: {before})") };
            self.add(word, &format!("{after}{was}"));
        }
    }

    fn keys(&mut self, added: Word, removed: Word, before: &[PublicKey], after: &[PublicKey]) {
        for (word, these, others) in [(added, after, before), (removed, before, after)] {
            for key in these.iter().filter(|key| !others.contains(key)) {
                self.add(word, &fingerprint(key).to_string());
            }
        }
    }

    fn threshold(&mut self, word: Word, before: Option<&KeySet>, after: &KeySet) {
        let of = |keys: &KeySet| format!("{} / {}", keys.threshold, keys.keys.len());
        let before = before.filter(|keys| !keys.keys.is_empty()).map(of).unwrap_or_default();
        self.text(word, &before, &of(after));
    }

    fn homes(&mut self, before: &[CharterHome], after: &[CharterHome]) {
        for (is_added, these, others) in [(true, after, before), (false, before, after)] {
            for home in these.iter().filter(|home| !others.contains(home)) {
                let word = match (home.kind, is_added) {
                    (HomeKind::Mirror, true) => Word::MirrorAdded,
                    (HomeKind::Mirror, false) => Word::MirrorRemoved,
                    (_, true) => Word::PageAdded,
                    (_, false) => Word::PageRemoved,
                };
                self.add(word, &home.url);
            }
        }
        // The same ones in another order: links have the first mirrors.
        let is_reordered = before.len() == after.len() && before.iter().all(|home| after.contains(home));
        if is_reordered && before != after {
            let urls: Vec<&str> = after.iter().map(|home| home.url.as_str()).collect();
            self.add(Word::HomesReordered, &urls.join(" "));
        }
    }

    fn hints(&mut self, before: &Hints, after: &Hints) {
        if before != after {
            let hosts = after.addresses.iter().map(|hint| {
                let addresses: Vec<String> = hint.addresses.iter().map(ToString::to_string).collect();
                format!("{} {}", hint.host, addresses.join(" "))
            });
            let all: Vec<String> = hosts.chain(after.resolvers.iter().cloned()).collect();
            self.add(Word::Hints, &all.join("; "));
        }
    }
}

/// A charter that says nothing, with which a first one is compared.
fn empty(first: &Charter) -> Charter {
    let root = KeySet::new(Vec::new(), 0);
    Charter::first("", first.issued, first.expires, root, Vec::new())
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
