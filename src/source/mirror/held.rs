//! What a reader holds of a signed community from one reading to the next.
//!
//! The documents that changed something are kept in their order, each with the time at which it was read. Read again in that
//! order they give the same state, disputes included. Nothing of it is sent to anyone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::shown::quoted;
use crate::community::{Home, MirrorStanding, MirrorState, Trust, TrustReason, TrustState};
use crate::exposure::Exposure;
use crate::signed::{
    Chain, ChainError, Charter, Digest, DocumentKind, Envelope, Freeze, HeadStep, Heads, Sighting, Unbelieved, trust,
};
use crate::source::{KeptMonth, Memory, SourceNote, Writer};

/// What heads are ordered by: the number of the charter, and the sequence.
pub(super) type Rank = (u64, u64);

/// The state that the readings of all homes of a community share: what one verified counts for the others at once.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a>(&'a Mutex<VerifiedState>);

impl<'a> Shared<'a> {
    pub(super) fn new(held: &'a Mutex<VerifiedState>) -> Self {
        Self(held)
    }

    /// Looks at the state, or changes it. Nothing waits in `with`.
    pub(super) fn with<T>(self, with: impl FnOnce(&mut VerifiedState) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is remembered of one home.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MirrorRecord {
    pub(super) state: MirrorState,
    pub(super) at: Timestamp,
    /// The newest head that it ever gave.
    #[serde(default)]
    pub(super) best: Option<Rank>,
    /// How to ask whether its head has changed.
    #[serde(default)]
    pub(super) unchanged: Option<Conditional>,
    /// When it was last waited for as long as any home, and did not answer. `None` if it answered then or later.
    #[serde(default)]
    pub(super) absent_since: Option<Timestamp>,
}

/// The validators of a home's head, and when they may be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Conditional {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// Validators can be a mark of the reader. With another exposure they are not sent.
    pub(super) exposure: Exposure,
    /// The same for the reader's identity.
    #[serde(default)]
    pub(super) identity: u64,
    /// The head to which they belong.
    pub(super) rank: Rank,
    /// When the home was last asked as if nothing were known.
    pub(super) since: Timestamp,
}

/// The verified state of a community.
#[derive(Default)]
pub(super) struct VerifiedState {
    pub(super) chain: Option<Chain>,
    pub(super) heads: Heads,
    pub(super) freeze: Option<Freeze>,
    /// The digest of each month's file at the last reading that had nothing of it left to read. `None` before the first one.
    pub(super) months: Option<BTreeMap<String, Digest>>,
    pub(super) growing: Option<KeptMonth>,
    /// How each home behaved, by its address.
    pub(super) mirrors: BTreeMap<String, MirrorRecord>,
    /// The newest head was taken, and not all of its files were read since.
    is_unread: bool,
    /// The head of which a reading took all that it wanted. `None` before the first one.
    complete: Option<CompleteReading>,
    log: Vec<LoggedDocument>,
}

/// A reading that left nothing of a head to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CompleteReading {
    rank: Rank,
    /// How many posts it wanted.
    posts: usize,
}

/// What tells two states of one community apart.
#[derive(PartialEq)]
struct Mark {
    /// The newest charter's number and digest, and the number at which two charters differ.
    chain: Option<(u64, Option<Digest>, Option<u64>)>,
    /// The newest head's charter and number.
    head: Option<(u64, u64)>,
    dispute: Option<u64>,
    freeze: Option<Freeze>,
}

/// What is written for the store.
#[derive(Default, Serialize, Deserialize)]
struct HeldOnDisk {
    log: Vec<LoggedDocument>,
    months: Option<BTreeMap<String, Digest>>,
    #[serde(default)]
    mirrors: BTreeMap<String, MirrorRecord>,
    #[serde(default)]
    is_unread: bool,
    #[serde(default)]
    complete: Option<CompleteReading>,
}

/// A document that changed the state.
#[derive(Clone, Serialize, Deserialize)]
struct LoggedDocument {
    kind: LoggedKind,
    at: Timestamp,
    envelope: String,
    /// Of a charter: how it was first seen. Earlier versions kept the device's time alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sighting: Option<Sighting>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LoggedKind {
    Charter,
    Head,
    Freeze,
}

impl VerifiedState {
    /// What the memory holds of this community. What can't be read any more is forgotten, together with what follows it.
    pub(super) fn of(memory: &Memory, community: Digest, now: Timestamp) -> Self {
        let kept = serde_json::from_str(memory.written_by(Writer::Mirror));
        let HeldOnDisk { log, months, mirrors, is_unread, complete } = kept.unwrap_or_default();
        let growing = memory.kept_month.clone();
        let (mut held, began) =
            (Self { months, growing, mirrors, ..Self::default() }, log.first().map(|first| first.at));
        for LoggedDocument { kind, at, envelope, sighting } in log {
            let kind = match kind {
                LoggedKind::Charter => DocumentKind::Charter,
                LoggedKind::Head => DocumentKind::Head,
                LoggedKind::Freeze => DocumentKind::Freeze,
            };
            let Ok(envelope) = Envelope::parse(envelope.as_bytes(), kind) else { break };
            // Earlier versions kept the device's time alone.
            let at_the_time = Sighting { seen: at, by_clock: true, with_first: Some(at) == began };
            // A document that made a dispute is refused again, and makes it again.
            let _ = held.take_logged(community, &envelope, (at, Some(sighting.unwrap_or(at_the_time))));
        }
        // To read the log again is not to take a newer head.
        (held.is_unread, held.complete) = (is_unread, complete);
        if let Some(chain) = &mut held.chain
            && chain.correct(now)
        {
            for entry in held.log.iter_mut().filter(|entry| entry.kind == LoggedKind::Charter) {
                let charter = Envelope::parse(entry.envelope.as_bytes(), DocumentKind::Charter).ok();
                entry.sighting = charter.and_then(|charter| chain.sighting_of(charter.digest())).or(entry.sighting);
            }
        }
        held
    }

    /// How each home behaved, by its address, as it is remembered. No document is verified for it.
    pub(super) fn behaviour(memory: &Memory) -> BTreeMap<String, MirrorState> {
        let kept: HeldOnDisk = serde_json::from_str(memory.written_by(Writer::Mirror)).unwrap_or_default();
        kept.mirrors.into_iter().map(|(home, record)| (home, record.state)).collect()
    }

    /// Writes it for the store.
    pub(super) fn to_memory(&self) -> Memory {
        let (log, months, mirrors) = (self.log.clone(), self.months.clone(), self.mirrors.clone());
        let kept = HeldOnDisk { log, months, mirrors, is_unread: self.is_unread, complete: self.complete };
        let of_source = serde_json::to_string(&kept).unwrap_or_default();
        Memory { of_source, writer: Writer::Mirror, kept_month: self.growing.clone(), ..Memory::default() }
    }

    /// The documents alone, as after a reading that ended before any file.
    pub(super) fn begun_anew(self) -> Self {
        Self { months: None, growing: None, mirrors: BTreeMap::new(), is_unread: true, complete: None, ..self }
    }

    /// Takes a document.
    pub(super) fn take(&mut self, community: Digest, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        self.take_logged(community, envelope, (now, None))
    }

    fn take_logged(
        &mut self,
        community: Digest,
        envelope: &Envelope,
        (now, sighting): (Timestamp, Option<Sighting>),
    ) -> Result<(), Unbelieved> {
        if envelope.kind() == DocumentKind::Charter && self.has_no_room_for(envelope) {
            return Err(ChainError::TooLong.into());
        }
        let before = self.mark();
        let result = match envelope.kind() {
            DocumentKind::Charter => self.take_charter(community, envelope, now, sighting),
            DocumentKind::Head => self.take_head(envelope, now),
            DocumentKind::Freeze => self.take_freeze(envelope, now),
            DocumentKind::Routes => Ok(()),
        };
        if before != self.mark() {
            self.log(envelope, now, result.is_ok());
        }
        result
    }

    /// The newest head.
    pub(super) fn rank(&self) -> Option<Rank> {
        self.heads.newest().map(|head| (head.charter, head.sequence))
    }

    /// Whether the newest head was taken, and not all of its files were read.
    pub(super) fn is_unread(&self) -> bool {
        self.is_unread
    }

    /// All files of the newest head that a reading wants were read.
    pub(super) fn files_were_read(&mut self) {
        self.is_unread = false;
    }

    /// A reading took all that it wanted of the newest head, which was so many posts.
    pub(super) fn reading_was_complete(&mut self, posts: usize) {
        let rank = self.rank();
        let earlier = self.complete.filter(|known| Some(known.rank) == rank).map_or(0, |known| known.posts);
        self.complete = rank.map(|rank| CompleteReading { rank, posts: posts.max(earlier) });
    }

    /// Whether the newest head has nothing that an earlier reading, which wanted as many posts, did not take.
    pub(super) fn has_nothing_new(&self, posts: usize) -> bool {
        let complete = self.complete.filter(|known| Some(known.rank) == self.rank() && known.posts >= posts);
        complete.is_some() && !self.is_unread && self.disputed_rank().is_none()
    }

    /// The rank of which two different heads are signed. No file of either is taken: nobody knows which one is meant.
    pub(super) fn disputed_rank(&self) -> Option<Rank> {
        self.heads.disputed_rank()
    }

    /// Remembers how homes behaved. Of homes that were not asked for long, nothing is remembered.
    pub(super) fn remember(&mut self, homes: impl IntoIterator<Item = (String, MirrorRecord)>) {
        self.mirrors.extend(homes);
        while self.mirrors.len() > MAX_MIRRORS {
            let oldest = self.mirrors.iter().min_by_key(|(_, record)| record.at).map(|(home, _)| home.clone());
            let Some(oldest) = oldest else { return };
            self.mirrors.remove(&oldest);
        }
    }

    /// How each home behaved when it was last asked.
    pub(super) fn standings(&self) -> Vec<MirrorStanding> {
        let standing = |(home, record): (&String, &MirrorRecord)| {
            Some(MirrorStanding::new(home.parse::<Home>().ok()?, record.state, record.at))
        };
        self.mirrors.iter().filter_map(standing).collect()
    }

    /// What may be believed of the community at this time. `None` if nothing of it is held.
    pub(super) fn trust(&self, now: Timestamp) -> Option<SourceNote> {
        let chain = self.chain.as_ref()?;
        let mut trust = trust(chain, &self.heads, self.freeze.as_ref(), now);
        if self.is_unread && self.disputed_rank().is_none() && self.heads.newest().is_some() {
            trust.reasons.push(TrustReason::FilesUnread);
            if trust.state == TrustState::Verified {
                trust.state = TrustState::Stale;
            }
        }
        let copied_by = trust.copied_by.as_deref().map(quoted);
        Some(SourceNote::Signed(Trust { copied_by, ..trust }))
    }

    /// What changes whenever a document changes the state.
    fn mark(&self) -> Mark {
        let chain = self.chain.as_ref().map(|chain| {
            let newest = chain.newest_version();
            (newest, chain.digest(newest), chain.dispute())
        });
        let head = self.rank();
        Mark { chain, head, dispute: self.heads.dispute(), freeze: self.freeze }
    }

    /// Whether a charter would make the log too long. Two charters that differ are a dispute however long it is.
    fn has_no_room_for(&self, charter: &Envelope) -> bool {
        let is_rival =
            |chain: &Chain| Charter::read(charter).is_ok_and(|charter| charter.version <= chain.newest_version());
        self.bytes() + charter.to_json().len() > MAX_LOG && !self.chain.as_ref().is_some_and(is_rival)
    }

    fn bytes(&self) -> usize {
        self.log.iter().map(|entry| entry.envelope.len()).sum()
    }

    fn take_charter(
        &mut self,
        community: Digest,
        envelope: &Envelope,
        now: Timestamp,
        sighting: Option<Sighting>,
    ) -> Result<(), Unbelieved> {
        match (&mut self.chain, sighting) {
            (Some(chain), Some(sighting)) => chain.extend_seen(envelope, sighting).map(drop).map_err(Unbelieved::from),
            (Some(chain), None) => chain.extend(envelope, now).map(drop).map_err(Unbelieved::from),
            (None, sighting) => {
                let mut chain = Chain::begin(community, envelope, now)?;
                if let Some(sighting) = sighting {
                    chain.set_first_sighting(sighting);
                }
                self.chain = Some(chain);
                Ok(())
            }
        }
    }

    fn take_head(&mut self, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        let Some(chain) = &mut self.chain else { return Ok(()) };
        let taken = self.heads.accept(chain, envelope, now);
        if let (Ok(HeadStep::Newer), Some(head)) = (taken, self.heads.newest()) {
            chain.has_head(head.issued, now);
        }
        self.is_unread |= taken == Ok(HeadStep::Newer);
        taken.map(drop).map_err(Unbelieved::from)
    }

    fn take_freeze(&mut self, envelope: &Envelope, now: Timestamp) -> Result<(), Unbelieved> {
        let Some(chain) = &mut self.chain else { return Ok(()) };
        chain.take_freeze(Freeze::verify(envelope, chain, now)?);
        self.heads.take_freeze(chain);
        self.freeze = chain.freeze().copied();
        // Without a head there is no file to be read.
        self.is_unread &= self.heads.newest().is_some();
        Ok(())
    }

    fn log(&mut self, envelope: &Envelope, at: Timestamp, was_taken: bool) {
        let kind = match envelope.kind() {
            DocumentKind::Charter => LoggedKind::Charter,
            DocumentKind::Head => LoggedKind::Head,
            DocumentKind::Freeze => LoggedKind::Freeze,
            // No mirror carries it.
            DocumentKind::Routes => return,
        };
        // That the charters are disputed is in the log already.
        if kind == LoggedKind::Charter && !was_taken && self.bytes() > 2 * MAX_LOG {
            return;
        }
        // A head that was taken replaces the earlier ones. One that made a dispute stands beside the one that it disputes.
        if was_taken && kind != LoggedKind::Charter {
            self.log.retain(|entry| entry.kind != kind);
        }
        let chain = self.chain.as_ref().filter(|_| kind == LoggedKind::Charter);
        let sighting = chain.and_then(|chain| chain.sighting_of(envelope.digest()));
        self.log.push(LoggedDocument { kind, at, envelope: envelope.to_json(), sighting });
    }
}

/// As many homes as a charter names.
const MAX_MIRRORS: usize = 32;

/// The longest log, in bytes: the longest chain as base64, with all signatures that a mirror can put beside each of 1000 charters. They are
/// not signed, so that a mirror must not fill the log with them.
const MAX_LOG: usize = 8 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::signed::{KeySet, SigningKey};

    #[test]
    fn a_log_that_is_full_still_holds_a_dispute() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let key = SigningKey::from_bytes([1; 32].into()).unwrap();
        let keys = || KeySet::new(vec![key.public()], 1);
        let later = Timestamp::from_second(1_710_000_000).unwrap();
        let charter = Charter::first("Zavod", at, later, keys(), vec![key.public()]);
        let first = charter.seal([&key]).unwrap();
        let id = first.digest();
        let next = |name: &str, before: &Charter, digest| {
            let charter = Charter { name: name.into(), ..before.next(digest, at, later) };
            (charter.seal([&key]).unwrap(), charter)
        };
        let (second, newer) = next("Two", &charter, id);
        let (rival, _) = next("Other", &charter, id);
        let (third, _) = next("Three", &newer, second.digest());
        let mut held = VerifiedState::default();
        held.take(id, &first, at).unwrap();
        held.take(id, &second, at).unwrap();
        let long = "x".repeat(MAX_LOG);
        held.log.push(LoggedDocument { kind: LoggedKind::Freeze, at, envelope: long, sighting: None });
        assert_eq!(held.take(id, &third, at), Err(ChainError::TooLong.into()));
        assert_eq!(held.take(id, &rival, at), Err(ChainError::Disputed.into()));
        held.log.remove(2);
        assert_eq!(held.to_memory().writer, Writer::Mirror);
        let again = VerifiedState::of(&held.to_memory(), id, at);
        assert_eq!(again.chain.unwrap().dispute(), Some(2));
        let of_web = Memory { writer: Writer::Web, ..held.to_memory() };
        assert!(VerifiedState::of(&of_web, id, at).chain.is_none() && !of_web.is_replaceable_by(Writer::Mirror));
    }
}
