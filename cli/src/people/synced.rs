//! What a sync brought, community by community.

use byway::community::{Event, Home, Post};
use byway::{OpenFault, Reachability, SyncOutcome, Synced, SyncedCommunity};
use jiff::Timestamp;

use super::People;
use crate::plain::{line, wrapped};
use crate::screen::Screen;
use crate::words::{self, Label};

/// What is shown of a community beside the result of its sync.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Its name as it is kept now.
    pub(crate) name: String,
    /// The successor that it names since this sync.
    pub(crate) successor: Option<Home>,
    /// Something else that it says of itself has changed too.
    pub(crate) says_more: bool,
    /// The newest of its new posts.
    pub(crate) posts: Vec<Post>,
    /// The first of its new events.
    pub(crate) events: Vec<Event>,
}

impl People {
    /// One community: what is new, or why it was not read, and what could not be read of it.
    pub(crate) fn synced(&self, one: &SyncedCommunity, news: &News) -> String {
        let SyncedCommunity { id, outcome, notes, .. } = one;
        let mut facts = vec![line(id.as_str())];
        facts.extend(self.changed(one, news));
        if let SyncOutcome::Done { reachability } = outcome {
            let by = reachability.reached_by.as_ref().map(|way| way.phrase(self.language));
            facts.extend(by.map(|by| format!("{} {by}", self.word(words::READ))));
        }
        let mut out = self.boldly(&line(&news.name));
        out.push_str(&self.faintly(&facts.join(" · "), "  "));
        self.news(&mut out, one, news);
        match outcome {
            SyncOutcome::Failed { fault, reachability } => {
                out.push_str(&self.not_read(fault, reachability.as_deref()));
            }
            SyncOutcome::NotYet { until } => {
                let waits = format!("{} {}.", self.word(words::SYNC_NOT_YET), self.when(*until));
                out.push_str(&wrapped(&waits, "  ", self.width()));
            }
            SyncOutcome::Left => out.push_str(&self.hindrance(self.word(words::SYNC_LEFT))),
            _ => {}
        }
        for note in notes {
            out.push_str(&wrapped(&self.noted(note), "  ", self.width()));
        }
        out
    }

    /// All communities together, and the zone of the times above.
    pub(crate) fn synced_in_all(&self, synced: &Synced) -> String {
        let read = synced.communities.iter().filter(|one| matches!(one.outcome, SyncOutcome::Done { .. })).count();
        let of = format!(
            "{} {read} {} {}",
            self.word(words::SYNC_READ),
            self.word(words::SYNC_OF),
            synced.communities.len()
        );
        let bytes = format!("{} {}", self.word(words::SYNC_BYTES), synced.bytes);
        let mut out = self.faintly(&[of, bytes, self.language.duration(synced.took)].join(" · "), "");
        self.zone(&mut out, Timestamp::now());
        out
    }

    /// How many posts and events differ, or that nothing does. A reading that was cut short may have kept some, too.
    fn changed(&self, one: &SyncedCommunity, news: &News) -> Vec<String> {
        let changes = &one.changes;
        let (posts, events) = (&changes.posts, &changes.events);
        let counts: [(usize, Label); 6] = [
            (posts.added.len(), words::SYNC_POSTS_NEW),
            (posts.changed.len(), words::SYNC_POSTS_CHANGED),
            (posts.removed.len(), words::SYNC_POSTS_REMOVED),
            (events.added.len(), words::SYNC_EVENTS_NEW),
            (events.changed.len(), words::SYNC_EVENTS_CHANGED),
            (events.removed.len(), words::SYNC_EVENTS_REMOVED),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let mut facts: Vec<String> = counts.map(|(count, word)| format!("{} {count}", self.word(word))).collect();
        if let Some(successor) = news.successor.as_ref().filter(|_| changes.community) {
            facts.push(format!("{} {}", self.word(words::SYNC_SUCCESSOR), line(&successor.to_string())));
        }
        if changes.community && (news.says_more || news.successor.is_none()) {
            facts.push(self.word(words::SYNC_COMMUNITY).to_owned());
        }
        if facts.is_empty() && matches!(one.outcome, SyncOutcome::Done { .. }) {
            facts.push(self.word(words::SYNC_NOTHING).to_owned());
        }
        facts
    }

    fn news(&self, out: &mut String, one: &SyncedCommunity, News { posts, events, .. }: &News) {
        for post in posts {
            self.post(out, post, "    ");
        }
        self.others(out, one.changes.posts.added.len(), posts.len());
        for event in events {
            self.event(out, event);
        }
        self.others(out, one.changes.events.added.len(), events.len());
    }

    /// How many more there are than are shown.
    fn others(&self, out: &mut String, all: usize, shown: usize) {
        if let Some(count) = all.checked_sub(shown).filter(|count| *count > 0) {
            out.push_str(&self.faintly(&format!("… {}", words::more(self.language, count)), "    "));
        }
    }

    /// Why a community was not read: the verdict where it was not reached, else what the answer meant.
    fn not_read(&self, fault: &OpenFault, reachability: Option<&Reachability>) -> String {
        let why = match reachability {
            Some(met) if fault.code() == UNREACHED => met.sentence(self.language),
            _ => words::with_hint(self.language, fault.code(), &fault.sentence(self.language)),
        };
        let mut out = self.hindrance(&format!("{} {why}", self.word(words::SYNC_FAILED)));
        if let Some(met) = reachability {
            out.push_str(&self.refusal(met));
            out.push_str(&self.attempts(met));
        }
        out
    }

    fn hindrance(&self, text: &str) -> String {
        self.each_line(&wrapped(text, "  ", self.width()), Screen::hindered)
    }
}

/// The code of a community that was not reached.
const UNREACHED: &str = "unreached";
