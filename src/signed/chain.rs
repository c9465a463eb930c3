//! A chain of charters, from the first to the newest: what makes a community an identity.
//!
//! The community's id is the digest of the first charter's payload, so the first charter proves itself. Each later one is
//! signed by the threshold of the charter before and by its own. A host, a name or a single key can be lost without
//! losing the community. The rules follow the root role of TUF (<https://theupdateframework.github.io/specification/>).
//!
//! Charters at one number that differ, both validly signed, are a dispute. It never ends, because no reader can know
//! which of the two is meant; the charters before it stay readable. Only among recoveries that are not in force yet, and in
//! what follows them, the root keys before them decide: a charter that they sign ends such a dispute.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::charter::MAX_VERSION;
use super::moment::after;
use super::{Charter, CharterError, Digest, Envelope, Freeze, KeyFingerprint, KeySet};

/// The verified charters of one community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    id: Digest,
    charters: Vec<Link>,
    /// The device's time at the first reading.
    followed_since: Timestamp,
    /// The time of the newest statement of the community that was verified, heads included.
    stated: Timestamp,
    /// The number at which two charters differ for good.
    dispute: Option<u64>,
    /// The number at which two recoveries differ that neither came into force. They put off each other until the root keys decide.
    contested: Option<u64>,
    /// The freeze that counts. The charters after it were taken out of the chain.
    freeze: Option<Freeze>,
}

/// A charter of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    charter: Charter,
    digest: Digest,
    /// The length of its payload.
    bytes: usize,
    sighting: Sighting,
    approval: Approval,
}

/// When a reader first saw a charter. Waiting times are counted from there, so a wrong clock must neither end nor prolong them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The device's time, or that of the newest statement that was known then, if that is later.
    pub seen: Timestamp,
    /// It is the device's time: the clock was not behind what was stated.
    pub by_clock: bool,
    /// It came with the first reading of the community.
    pub with_first: bool,
}

/// Who signed a charter for the charter before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Approval {
    /// The root keys.
    Root,
    /// The recovery keys, whose charter comes into force after this many seconds.
    Recovery { wait: u64 },
}

/// What a charter did to a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// It is the newest charter now.
    Newer,
    /// It is in the chain already.
    Known,
    /// It was signed by the recovery keys. It comes into force after the waiting time, unless the root keys object.
    Recovering,
    /// The root keys signed another charter than the recovery keys, within the waiting time. The recovery is void.
    RecoveryEnded,
}

impl Chain {
    /// A chain of the first charter.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn begin(id: Digest, first: &Envelope, now: Timestamp) -> Result<Self, ChainError> {
        if first.digest() != id {
            return Err(ChainError::OtherCommunity);
        }
        let charter = Charter::read(first)?;
        if charter.version != 1 {
            return Err(ChainError::OtherCommunity);
        }
        if !charter.root.have_signed(first) {
            return Err(ChainError::Unsigned);
        }
        let stated = charter.issued;
        let sighting = Sighting { seen: now.max(stated), by_clock: now >= stated, with_first: true };
        let link = Link { charter, digest: id, bytes: first.payload().len(), sighting, approval: Approval::Root };
        Ok(Self { id, charters: vec![link], followed_since: now, stated, dispute: None, contested: None, freeze: None })
    }

    /// A head of this time was taken, at `now`. A clock that is behind it is wrong. But a head counts up to a week ahead of the clock by which
    /// it was taken, and up to the end of the charters: its key is on a machine, and alone must not put off what the root and recovery
    /// keys signed.
    pub fn has_head(&mut self, issued: Timestamp, now: Timestamp) {
        let end = self.charters.iter().map(|link| link.charter.expires).max().unwrap_or(issued);
        self.stated = self.stated.max(issued.min(end).min(after(now, LATEST_AHEAD)));
    }

    /// Corrects the sightings that are far in the future: the clock was ahead then, and they count as of now. Those of up to a week stay,
    /// because the clock may be behind now; if it is behind what the community states, all of them stay. Returns `true` if there were some.
    pub fn correct(&mut self, now: Timestamp) -> bool {
        let latest = after(now, LATEST_AHEAD);
        let mut is_changed = false;
        if now < self.stated {
            return false;
        }
        for link in self.charters.iter_mut().filter(|link| link.sighting.seen > latest) {
            link.sighting.seen = now;
            is_changed = true;
        }
        is_changed
    }

    /// How a charter that is taken now is seen.
    fn sighting(&self, now: Timestamp) -> Sighting {
        let seen = now.max(self.stated);
        Sighting { seen, by_clock: seen == now, with_first: now == self.followed_since }
    }

    /// How the charter with this digest was seen.
    pub fn sighting_of(&self, charter: Digest) -> Option<Sighting> {
        self.charters.iter().find(|link| link.digest == charter).map(|link| link.sighting)
    }

    /// Takes over how the first charter was seen.
    pub fn set_first_sighting(&mut self, sighting: Sighting) {
        if let Some(first) = self.charters.first_mut() {
            first.sighting = sighting;
        }
    }

    /// Adds a charter.
    ///
    /// An error leaves the chain as it was, except for [`ChainError::Disputed`], which is remembered.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn extend(&mut self, envelope: &Envelope, now: Timestamp) -> Result<Extension, ChainError> {
        self.extend_seen(envelope, self.sighting(now))
    }

    /// The same for a charter that was seen earlier.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn extend_seen(&mut self, envelope: &Envelope, sighting: Sighting) -> Result<Extension, ChainError> {
        let digest = envelope.digest();
        if self.charters.iter().any(|link| link.digest == digest) {
            return Ok(Extension::Known);
        }
        let charter = Charter::read(envelope)?;
        if charter.version == 1 {
            return Err(ChainError::OtherCommunity);
        }
        let Some(before) = self.at(charter.version - 1) else { return Err(ChainError::Gap) };
        let approval = before.approves(&charter, envelope)?;
        if self.freeze.is_some_and(|freeze| freeze.ends(&charter)) {
            return Err(ChainError::Frozen);
        }
        let (version, issued) = (charter.version, charter.issued);
        let now = sighting.seen.max(issued);
        let by_clock = sighting.by_clock && now == sighting.seen;
        let bytes = envelope.payload().len();
        let link = Link { charter, digest, bytes, sighting: Sighting { seen: now, by_clock, ..sighting }, approval };
        let Some(rival) = self.at(version) else {
            if self.dispute().is_some() {
                return Err(ChainError::Disputed);
            }
            if self.charters.iter().map(|known| known.bytes).sum::<usize>() + bytes > MAX_CHAIN {
                return Err(ChainError::TooLong);
            }
            self.charters.push(link);
            self.stated = self.stated.max(issued);
            let recovers = matches!(approval, Approval::Recovery { .. });
            return Ok(if recovers { Extension::Recovering } else { Extension::Newer });
        };
        let is_open = matches!(rival.approval, Approval::Recovery { .. })
            && (self.contested == Some(version) || self.waits_until(rival).is_some_and(|until| now < until));
        match (rival.approval, approval) {
            (Approval::Recovery { .. }, Approval::Root) if is_open => {
                self.charters.retain(|known| known.charter.version < version);
                self.charters.push(link);
                self.stated = self.stated.max(issued);
                // What differed after the recovery went with it.
                let before = |number: &u64| *number < version;
                (self.dispute, self.contested) = (self.dispute.filter(before), self.contested.filter(before));
                Ok(Extension::RecoveryEnded)
            }
            (Approval::Root, Approval::Recovery { .. }) => Err(ChainError::RecoveryVoid),
            (Approval::Recovery { .. }, Approval::Recovery { .. }) if is_open => {
                self.contested = Some(self.contested.map_or(version, |known| known.min(version)));
                Err(ChainError::Disputed)
            }
            _ => {
                self.dispute = Some(self.dispute.map_or(version, |known| known.min(version)));
                Err(ChainError::Disputed)
            }
        }
    }

    /// Takes a freeze that was verified against this chain. Of several, the earliest counts, and of one time that of the earlier charter.
    /// The charters that it ends are taken out, as if they had not been read. The first one stays, because it is the community.
    pub fn take_freeze(&mut self, freeze: Freeze) {
        if self.freeze.is_some_and(|known| (known.after, known.charter) <= (freeze.after, freeze.charter)) {
            return;
        }
        self.freeze = Some(freeze);
        let counted = self.charters.iter().skip(1).take_while(|link| !freeze.ends(&link.charter)).count();
        self.charters.truncate(1 + counted);
        let newest = self.newest_version();
        let is_left = |number: &u64| *number <= newest;
        (self.dispute, self.contested) = (self.dispute.filter(is_left), self.contested.filter(is_left));
    }

    /// The freeze that counts, if there is one.
    pub fn freeze(&self) -> Option<&Freeze> {
        self.freeze.as_ref()
    }

    /// The community's id: the digest of the first charter.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// The charter that counts at this time: the newest, unless that is disputed or a recovery that still waits.
    pub fn in_force(&self, now: Timestamp) -> &Charter {
        &self.link_in_force(now).charter
    }

    /// The digest of the charter that counts at this time.
    pub fn digest_in_force(&self, now: Timestamp) -> Digest {
        self.link_in_force(now).digest
    }

    /// The charter with this number.
    pub fn charter(&self, version: u64) -> Option<&Charter> {
        self.at(version).map(|link| &link.charter)
    }

    /// The digest of the charter with this number.
    pub fn digest(&self, version: u64) -> Option<Digest> {
        self.at(version).map(|link| link.digest)
    }

    /// Whether root keys with this fingerprint are those of one of the charters.
    pub fn has_named(&self, keys: KeyFingerprint) -> bool {
        let print = |link: &Link| KeyFingerprint::of(link.charter.root.keys.iter().map(|key| key.to_bytes()));
        self.charters.iter().any(|link| print(link) == keys)
    }

    /// The number of the newest charter.
    pub fn newest_version(&self) -> u64 {
        self.charters.len() as u64
    }

    /// The number of the newest charter that no later statement of the root keys can replace: the one before a recovery that waits
    /// or is put off, or the newest.
    pub fn settled(&self, now: Timestamp) -> u64 {
        let waits = |link: &&Link| self.waits_until(link).is_some_and(|until| now < until);
        let is_open =
            |link: &&Link| waits(link) || self.contested.is_some_and(|version| link.charter.version >= version);
        self.charters.iter().take_while(|link| !is_open(link)).count() as u64
    }

    /// The number at which two charters differ, if there is one.
    pub fn dispute(&self) -> Option<u64> {
        self.dispute.into_iter().chain(self.contested).min()
    }

    /// The end of the waiting time of a recovery, if one waits.
    pub fn recovers_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.charters.iter().filter_map(|link| self.waits_until(link)).find(|until| now < *until)
    }

    /// The charter that was in force at an earlier time, by the times that the charters state.
    pub fn at_time(&self, time: Timestamp, now: Timestamp) -> &Charter {
        let newest = self.link_in_force(now).charter.version;
        let counted = self.charters.iter().take_while(|link| link.charter.version <= newest);
        let earlier = counted.take_while(|link| link.charter.issued <= time).last();
        earlier.or(self.charters.first()).map_or_else(|| self.in_force(now), |link| &link.charter)
    }

    /// The time at which this reader first saw the charter with this number. A charter of the first reading counts from
    /// the time that it states: a new reader has nothing to wait for.
    pub(super) fn counts_from(&self, version: u64) -> Option<Timestamp> {
        let link = self.at(version)?;
        Some(if link.sighting.with_first { link.charter.issued } else { link.sighting.seen })
    }

    /// The newest charter before this one that counted for this reader when it first saw this one: it had been in force for as many seconds
    /// then, by the reader's own clock. The first charter if there is none, because what a charter states of its time proves nothing.
    pub(super) fn settled_before(&self, version: u64, seconds: i64) -> u64 {
        let Some(named) = self.at(version).map(|link| link.sighting).filter(|named| !named.with_first) else {
            return 1;
        };
        let is_settled = |link: &&Link| {
            let Link { sighting, approval, .. } = link;
            let wait = match approval {
                Approval::Root => 0,
                Approval::Recovery { wait } => i64::try_from(*wait).unwrap_or(i64::MAX),
            };
            let from = after(after(sighting.seen, wait), seconds);
            link.charter.version < version && sighting.by_clock && named.by_clock && from <= named.seen
        };
        self.charters.iter().rev().find(is_settled).map_or(1, |link| link.charter.version)
    }

    fn at(&self, version: u64) -> Option<&Link> {
        self.charters.get(usize::try_from(version.checked_sub(1)?).ok()?)
    }

    fn link_in_force(&self, now: Timestamp) -> &Link {
        let waits = |link: &&Link| self.waits_until(link).is_none_or(|until| until <= now);
        let undisputed = |link: &&Link| self.dispute().is_none_or(|version| link.charter.version < version);
        // The first charter never waits, and is never disputed: another one is another community.
        self.charters.iter().take_while(waits).take_while(undisputed).last().unwrap_or(&self.charters[0])
    }

    fn waits_until(&self, link: &Link) -> Option<Timestamp> {
        let Approval::Recovery { wait } = link.approval else { return None };
        Some(after(self.counts_from(link.charter.version)?, i64::try_from(wait).unwrap_or(i64::MAX)))
    }
}

impl Link {
    /// Who of this charter's keys approves the next one.
    fn approves(&self, next: &Charter, envelope: &Envelope) -> Result<Approval, ChainError> {
        let charter = &self.charter;
        if charter.version >= MAX_VERSION {
            return Err(ChainError::TooLong);
        }
        if next.previous != Some(self.digest) {
            return Err(ChainError::OtherPrevious);
        }
        if next.issued < charter.issued {
            return Err(ChainError::IssuedEarlier);
        }
        if next.copy != charter.copy {
            return Err(ChainError::CopyChanged);
        }
        if !next.root.have_signed(envelope) {
            return Err(ChainError::Unsigned);
        }
        let recovers = |keys: &KeySet| keys.have_signed(envelope);
        match &charter.recovery {
            _ if charter.root.have_signed(envelope) => Ok(Approval::Root),
            Some(recovery) if recovers(&recovery.keys) => Ok(Approval::Recovery { wait: recovery.wait }),
            _ => Err(ChainError::NotApproved),
        }
    }
}

/// The most bytes of all payloads of a chain, 1 MiB: some hundreds of charters. All of them are verified again at each reading.
const MAX_CHAIN: usize = 1 << 20;

/// How far ahead of the clock a sighting may be, in seconds: a week, the shortest waiting time.
const LATEST_AHEAD: i64 = 7 * 86_400;

/// Error adding a charter to a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The charter itself cannot be read.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// The first charter is that of another community.
    #[error("the charter is that of another community")]
    OtherCommunity,
    /// A charter between this one and the newest known one is missing.
    #[error("a charter before this one is missing")]
    Gap,
    /// It continues another charter than the one before it in the chain.
    #[error("the charter does not continue the charter before it")]
    OtherPrevious,
    /// Too few of its own root keys signed it.
    #[error("too few of the charter's own keys signed it")]
    Unsigned,
    /// Too few of the root keys, or recovery keys, of the charter before signed it.
    #[error("too few of the keys that decide about the next charter signed it")]
    NotApproved,
    /// It states an earlier time than the charter before.
    #[error("the charter states an earlier time than the charter before it")]
    IssuedEarlier,
    /// It says something else about being a copy than the charter before.
    #[error("the charter hides, or newly says, that it is the charter of a copy")]
    CopyChanged,
    /// The chain has more charters, or longer ones, than a reader takes.
    #[error("the chain of charters is longer than a reader takes")]
    TooLong,
    /// The recovery keys signed a charter after the root keys had signed another one.
    #[error("the root keys signed another charter, so the recovery does not count")]
    RecoveryVoid,
    /// A freeze ended the chain before it: the charter has a later number or a later time than the freeze trusts.
    #[error("the charter comes after what a freeze of the community trusts")]
    Frozen,
    /// Another charter with the same number is validly signed as well.
    #[error("two different charters with one number are signed")]
    Disputed,
}

impl ChainError {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ChainError::Charter(error) => error.code(),
            ChainError::OtherCommunity => "other_community",
            ChainError::Gap => "charter_gap",
            ChainError::OtherPrevious => "charter_previous",
            ChainError::Unsigned => "charter_unsigned",
            ChainError::NotApproved => "charter_not_approved",
            ChainError::IssuedEarlier => "charter_issued_earlier",
            ChainError::CopyChanged => "charter_copy_changed",
            ChainError::TooLong => "chain_too_long",
            ChainError::RecoveryVoid => "recovery_void",
            ChainError::Frozen => "charter_frozen",
            ChainError::Disputed => "charter_disputed",
        }
    }
}
