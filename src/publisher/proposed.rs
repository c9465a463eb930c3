//! What a proposal would change, in plain words: every field of the two charters compared.
//!
//! What decides about the community comes last, where it does not scroll away: keys, thresholds, a move, dates. A text of the
//! proposal stands in quotation marks, and shows each of its characters, so that it cannot pass for a line of ours. Of a long text that becomes
//! another one all stretches are shown that differ.

use jiff::Timestamp;

use super::clock;
use super::findings::Loss;
use super::keys::fingerprint;
use super::proposal::{Next, Proposal};
use super::stretches::differing;
use super::waiting::WaitingRecovery;
use crate::community::visible;
use crate::language::Language;
use crate::sentences::{self, ProposedChange as Word};
use crate::signed::{
    Ban, Charter, CharterHome, Hints, HomeKind, KeySet, KnownRestriction, PublicKey, Recovery, Successor,
};

impl Proposal {
    /// What it would change, a line each, and when it takes effect; after [`Proposal::compare`] also which published items would no longer
    /// count, and which recovery it ends. The first letter of a line is a capital, and it has no full stop. The
    /// lines quote the proposal: print them as text that a stranger wrote.
    pub fn changes(&self, language: Language, now: Timestamp) -> Vec<String> {
        let mut lines = Lines { language, lines: Vec::new() };
        match (&self.base, &self.next) {
            (_, Next::Freeze(freeze)) => {
                lines.add(Word::FrozenCommunity, &freeze.community.to_string());
                lines.add(Word::Frozen, &time(freeze.after));
                if freeze.after > now {
                    lines.add(Word::FrozenLater, "");
                }
            }
            (None, Next::Charter(charter)) => lines.compare(&empty(charter), charter, now),
            (Some((before, _)), Next::Charter(charter)) => lines.compare(before, charter, now),
        }
        for Loss { key, items, since } in &self.found.losses {
            let line = sentences::items_lost(language, *items, &key.to_string(), &time(*since));
            lines.lines.push(line);
        }
        if let Some(WaitingRecovery { until, signers, .. }) = &self.found.ends {
            let signers: Vec<String> = signers.iter().map(ToString::to_string).collect();
            lines.lines.push(sentences::ends_recovery(language, &time(*until), &signers.join(", ")));
        }
        // The root keys state the same charter again to object to a recovery.
        let is_objection = self.restates() && !self.is_recovery();
        if let Some(wait) = self.could_wait().filter(|_| !is_objection) {
            let word = if self.is_recovery() { Word::ByRecovery } else { Word::MayBeRecovery };
            lines.add(word, &(wait.as_hours() / 24).to_string());
        }
        lines.lines
    }

    /// Whether it says the same as the charter before it.
    fn restates(&self) -> bool {
        let (Some((before, _)), Next::Charter(next)) = (&self.base, &self.next) else { return false };
        let Charter { version, previous, issued, expires, .. } = *before;
        Charter { version, previous, issued, expires, ..(**next).clone() } == *before
    }

    /// The name of the community before the change, in which every character can be seen, as in [`Proposal::changes`].
    pub fn community(&self) -> String {
        let name = match (&self.base, &self.next) {
            (Some((charter, _)), _) => &charter.name,
            (None, Next::Charter(charter)) => &charter.name,
            (None, Next::Freeze(_)) => "",
        };
        marked(name)
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

    /// Every field has its line. A field that is added to the charter does not compile before it has one. A difference for which a field has no
    /// words, as the order of keys, gets a line with the name of the field.
    fn compare(&mut self, before: &Charter, after: &Charter, now: Timestamp) {
        let Charter {
            format: _,
            version: _,
            previous: _,
            name,
            description,
            issued,
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
        self.field("name", &before.name, name, |lines, before, after| lines.text(Word::Name, before, after));
        self.field("description", &before.description, description, |lines, before, after| {
            lines.text(Word::Description, before, after);
        });
        self.field("homes", &before.homes, homes, |lines, before, after| lines.homes(before, after));
        self.field("hints", &before.hints, hints, Self::hints);
        self.field("restrictions", &before.restrictions, restrictions, |lines, before, after| {
            lines.restrictions(before, after);
        });
        self.field("predecessor", &before.predecessor, predecessor, |lines, _, predecessor| match predecessor {
            Some(id) => lines.add(Word::Predecessor, &id.to_string()),
            None => lines.add(Word::NoPredecessor, ""),
        });
        self.field("copy", &before.copy, copy, |lines, _, copy| {
            if let Some(copy) = copy {
                lines.add(Word::Copy, &format!("{} ({})", quoted(&copy.of), quoted(&copy.by)));
            }
        });
        self.field("members_may_post", &before.members_may_post, members_may_post, |lines, _, members_may_post| {
            lines.add(if *members_may_post { Word::AllMayPost } else { Word::FewMayPost }, "");
        });
        self.field("banned", &before.banned, banned, |lines, before, after| lines.bans(before, after));
        let keys = |added, removed| {
            move |lines: &mut Self, before: &Vec<PublicKey>, after: &Vec<PublicKey>| {
                lines.keys(added, removed, before, after);
            }
        };
        let moderators_changed = keys(Word::ModeratorAdded, Word::ModeratorRemoved);
        self.field("moderators", &before.moderators, moderators, moderators_changed);
        self.field("authors", &before.authors, authors, keys(Word::AuthorAdded, Word::AuthorRemoved));
        self.field("routine", &before.routine, routine, keys(Word::RoutineAdded, Word::RoutineRemoved));
        self.field("recovery", &before.recovery, recovery, |lines, before, after| {
            lines.recovery(before.as_ref(), after.as_ref());
        });
        self.field("root", &before.root, root, |lines, before, after| {
            lines.keys(Word::RootAdded, Word::RootRemoved, &before.keys, &after.keys);
            lines.threshold(Word::Threshold, Some(before), after);
        });
        self.field("successor", &before.successor, successor, |lines, before, after| {
            lines.successor(before.as_ref(), after.as_ref());
        });
        if takes_a_right(before, after) && clock::is_ahead(now, *issued) {
            self.add(Word::DatedBack, &(now.duration_since(*issued).as_hours() / 24).to_string());
        }
        self.add(Word::Dated, &time(*issued));
        self.add(Word::ValidUntil, &time(*expires));
    }

    /// Compares one field of the charter, and names it if no other line shows that it changed.
    fn field<T: PartialEq>(&mut self, name: &str, before: &T, after: &T, compare: impl FnOnce(&mut Self, &T, &T)) {
        if before == after {
            return;
        }
        let known = self.lines.len();
        compare(self, before, after);
        if self.lines.len() == known {
            self.add(Word::OtherChange, name);
        }
    }

    fn text(&mut self, word: Word, before: &str, after: &str) {
        if before != after {
            let [after, before] = differences(self.language, after, before);
            self.becomes(word, &before, &after);
        }
    }

    fn becomes(&mut self, word: Word, before: &str, after: &str) {
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
        self.becomes(word, &before, &of(after));
    }

    fn recovery(&mut self, before: Option<&Recovery>, after: Option<&Recovery>) {
        let none = KeySet::new(Vec::new(), 0);
        let keys =
            |recovery: Option<&'_ Recovery>| recovery.map_or_else(|| none.clone(), |recovery| recovery.keys.clone());
        self.keys(Word::RecoveryAdded, Word::RecoveryRemoved, &keys(before).keys, &keys(after).keys);
        if let Some(after) = after {
            self.threshold(Word::RecoveryThreshold, before.map(|recovery| &recovery.keys), &after.keys);
            // A part of a day may be the difference.
            let days = |recovery: &Recovery| match (recovery.wait / DAY, recovery.wait % DAY) {
                (days, 0) => days.to_string(),
                (days, seconds) => format!("{days} + {seconds} s"),
            };
            self.becomes(Word::RecoveryDays, &before.map(days).unwrap_or_default(), &days(after));
        }
    }

    fn bans(&mut self, before: &[Ban], after: &[Ban]) {
        for ban in after {
            let was = before.iter().find(|known| known.key == ban.key).map(|known| time_exactly(known.since));
            let was = was.map(|since| format!("{since}, {}", fingerprint(&ban.key))).unwrap_or_default();
            self.becomes(Word::Banned, &was, &format!("{}, {}", time_exactly(ban.since), fingerprint(&ban.key)));
        }
        for ban in before.iter().filter(|ban| !after.iter().any(|other| other.key == ban.key)) {
            self.add(Word::Unbanned, &fingerprint(&ban.key).to_string());
        }
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
                self.add(word, &quoted(&home.url));
            }
        }
        // Links have the first mirrors. New ones stand at the end, unless somebody put them elsewhere.
        let kept = before.iter().filter(|home| after.contains(home));
        let expected = kept.chain(after.iter().filter(|home| !before.contains(home)));
        if !expected.eq(after) {
            for home in after {
                self.add(Word::HomesReordered, &quoted(&home.url));
            }
        }
    }

    fn hints(&mut self, before: &Hints, after: &Hints) {
        let all = |hints: &Hints| -> Vec<String> {
            let of_host = |hint: &crate::signed::HostAddresses| {
                let host = hint.host.clone();
                hint.addresses.iter().map(move |address| format!("{host} {address}")).collect::<Vec<_>>()
            };
            hints.addresses.iter().flat_map(of_host).chain(hints.resolvers.iter().cloned()).collect()
        };
        self.entries((Word::HintAdded, Word::HintRemoved), &all(before), &all(after), |hint| quoted(hint));
    }

    fn restrictions(&mut self, before: &[KnownRestriction], after: &[KnownRestriction]) {
        let shown = |restriction: &KnownRestriction| {
            let KnownRestriction { text, jurisdiction, authority, number, date } = restriction;
            // The short fields come first: a long text must not hide them. Each stands in its own quotation marks, so that nothing can be moved from
            // one into another unseen, and what is absent differs from a hyphen.
            let short = [jurisdiction, authority, number, date];
            let short = short.map(|field| field.as_deref().map_or_else(|| "-".to_owned(), quoted));
            format!("{}; {}", short.join("; "), quoted(text))
        };
        let known = self.lines.len();
        self.entries((Word::RestrictionAdded, Word::RestrictionRemoved), before, after, shown);
        if self.lines.len() == known {
            self.add(Word::RestrictionsReordered, "");
        }
    }

    fn entries<T: PartialEq>(
        &mut self,
        (added, removed): (Word, Word),
        before: &[T],
        after: &[T],
        shown: impl Fn(&T) -> String,
    ) {
        for (word, these, others) in [(added, after, before), (removed, before, after)] {
            for entry in these.iter().filter(|entry| !others.contains(entry)) {
                self.add(word, &shown(entry));
            }
        }
    }

    fn successor(&mut self, before: Option<&Successor>, after: Option<&Successor>) {
        if before == after {
            return;
        }
        let Some(next) = after else { return self.add(Word::NoSuccessor, "") };
        for home in &next.homes {
            self.add(Word::SuccessorHome, &quoted(&home.url));
        }
        self.add(Word::Successor, &next.community.to_string());
    }
}

/// Whether posts that counted before would not count under this charter.
fn takes_a_right(before: &Charter, after: &Charter) -> bool {
    let posts = |charter: &Charter, key: &PublicKey| charter.authors.contains(key) || charter.moderators.contains(key);
    before.authors.iter().chain(&before.moderators).any(|key| !posts(after, key))
        || (before.members_may_post && !after.members_may_post)
}

/// A text that takes the place of another one. Short ones are shown whole, and of long ones all stretches that differ. What is left out
/// between them stands outside of the quotation marks, so that no text can pass for shortened.
fn differences(language: Language, after: &str, before: &str) -> [String; 2] {
    if before.is_empty() || after.chars().count().max(before.chars().count()) <= MAX_WHOLE {
        return [quoted(after), if before.is_empty() { String::new() } else { quoted(before) }];
    }
    let [afters, befores] = differing(after, before);
    let shown = |text: &str, stretches: Vec<&str>| {
        let whole = stretches.iter().map(|stretch| stretch.len()).sum::<usize>() == text.len();
        let stretches: Vec<String> = stretches.into_iter().map(quoted).collect();
        let length = sentences::shown_length(language, text.chars().count());
        format!("{} [{length}]", if whole { quoted(text) } else { stretches.join(" … ") })
    };
    [shown(after, afters), shown(before, befores)]
}

/// A text of the proposal.
fn quoted(text: &str) -> String {
    format!("“{}”", marked(text))
}

/// What stands in quotation marks cannot end them.
fn marked(text: &str) -> String {
    visible(text).replace('“', "<U+201C>").replace('”', "<U+201D>")
}

/// A charter that says nothing, with which a first one is compared.
fn empty(first: &Charter) -> Charter {
    let root = KeySet::new(Vec::new(), 0);
    Charter::first("", first.issued, first.expires, root, Vec::new())
}

/// To the minute, as documents are dated. The seconds of one that is not are shown.
fn time(at: Timestamp) -> String {
    if at.as_second() % 60 == 0 { at.strftime("%Y-%m-%d %H:%M UTC").to_string() } else { time_exactly(at) }
}

/// Two times that differ by a second are shown as two.
fn time_exactly(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A few lines of a terminal, in which a person finds a difference.
const MAX_WHOLE: usize = 300;

/// In seconds.
const DAY: u64 = 86_400;

#[cfg(test)]
mod tests;
