use super::error::PublishError;
use super::keys::{PublicKeys, fingerprint};
use crate::signed::{Ban, Charter, KeyFingerprint, KeySet, MAX_BANNED, PublicKey, Recovery};

/// Who gets a part in a community, and who loses it. What is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyChanges {
    /// Admins who decide about charters.
    pub root: Vec<PublicKeys>,
    /// How many of them must sign. 1 in a new community, unless this says otherwise.
    pub threshold: Option<u64>,
    /// Admins who post in the community's name, and sign the newest state.
    pub publishers: Vec<PublicKeys>,
    /// People who post under their own keys, delete what others posted, and sign the newest state.
    pub moderators: Vec<PublicKeys>,
    /// People who may replace lost root keys.
    pub recovery: Vec<PublicKeys>,
    /// How many of them must sign. Two if two root keys must sign, else one, unless this says otherwise.
    pub recovery_threshold: Option<u64>,
    /// The days in which the root keys can object to a recovery, 7 to 366. 14 in a new community.
    pub recovery_days: Option<u64>,
    /// People who lose every part that they have. The key under which they posted is banned from the charter's time on, so that they do
    /// not post as members either. What they dated back before it counts, unless [`Statement::banned`](super::Statement::banned) has
    /// an earlier time.
    pub removed: Vec<PublicKeys>,
    /// Single keys that lose every part that they have, by their fingerprints as a proposal, an error or a list of signers shows
    /// them. The person's other keys keep theirs: a charter does not say which keys are one person's. Each must be the
    /// fingerprint of one key of the charter.
    pub removed_keys: Vec<KeyFingerprint>,
}

impl KeyChanges {
    /// Makes the changes. [`Charter::seal`](crate::signed::Charter) checks that the numbers fit.
    pub(super) fn apply(&self, charter: &mut Charter) -> Result<(), PublishError> {
        let mut recovery = charter.recovery.take();
        for gone in &self.removed {
            let keep = |keys: &mut Vec<PublicKey>, gone: PublicKey| keys.retain(|key| *key != gone);
            keep(&mut charter.root.keys, gone.root);
            keep(&mut charter.routine, gone.routine);
            keep(&mut charter.authors, gone.author);
            keep(&mut charter.moderators, gone.author);
            if let Some(recovery) = &mut recovery {
                keep(&mut recovery.keys.keys, gone.root);
            }
        }
        self.removed.iter().for_each(|gone| ban(charter, gone.author));
        for gone in &self.removed_keys {
            let gone = named(charter, recovery.as_ref(), gone)?;
            let has_posted = charter.authors.contains(&gone) || charter.moderators.contains(&gone);
            let recovering = recovery.as_mut().map(|recovery| &mut recovery.keys.keys);
            let lists = [&mut charter.root.keys, &mut charter.routine, &mut charter.authors, &mut charter.moderators];
            lists.into_iter().chain(recovering).for_each(|keys| keys.retain(|key| *key != gone));
            if has_posted {
                ban(charter, gone);
            }
        }
        for given in self.publishers.iter().chain(&self.moderators) {
            charter.banned.retain(|banned| banned.key != given.author);
        }
        self.root.iter().for_each(|keys| add(&mut charter.root.keys, keys.root));
        for keys in &self.publishers {
            add(&mut charter.routine, keys.routine);
            add(&mut charter.authors, keys.author);
        }
        for keys in &self.moderators {
            add(&mut charter.routine, keys.routine);
            add(&mut charter.moderators, keys.author);
        }
        if let Some(threshold) = self.threshold {
            charter.root.threshold = threshold;
        }
        charter.recovery = self.recovery_of(recovery, charter.root.threshold)?;
        Ok(())
    }

    fn recovery_of(&self, known: Option<Recovery>, root: u64) -> Result<Option<Recovery>, PublishError> {
        let least = if root > 1 { 2 } else { 1 };
        let new = || Recovery { keys: KeySet::new(Vec::new(), least), wait: RECOVERY_DAYS * DAY };
        let mut recovery = known.unwrap_or_else(new);
        self.recovery.iter().for_each(|keys| add(&mut recovery.keys.keys, keys.root));
        if recovery.keys.keys.is_empty() {
            let is_named = self.recovery_threshold.is_some() || self.recovery_days.is_some();
            return if is_named { Err(PublishError::KeyRules) } else { Ok(None) };
        }
        // Where more root keys must sign than before, one recovery key no longer suffices.
        recovery.keys.threshold = self.recovery_threshold.unwrap_or(recovery.keys.threshold.max(least));
        if let Some(days) = self.recovery_days {
            recovery.wait = days.checked_mul(DAY).ok_or(PublishError::KeyRules)?;
        }
        Ok(Some(recovery))
    }
}

/// The one key of a charter with this fingerprint.
fn named(charter: &Charter, recovery: Option<&Recovery>, print: &KeyFingerprint) -> Result<PublicKey, PublishError> {
    let recovering = recovery.iter().flat_map(|recovery| &recovery.keys.keys);
    let lists = [&charter.root.keys, &charter.routine, &charter.authors, &charter.moderators];
    let keys = lists.into_iter().flatten().chain(recovering);
    let mut keys: Vec<PublicKey> = keys.filter(|key| fingerprint(key) == *print).copied().collect();
    keys.sort_unstable_by_key(|key| key.to_bytes());
    keys.dedup();
    match keys.as_slice() {
        [key] => Ok(*key),
        _ => Err(PublishError::PublicKeys),
    }
}

/// Bans a key that lost its part. Where only few may post, a list of bans that is full must not stop a removal.
fn ban(charter: &mut Charter, key: PublicKey) {
    let has_room = charter.banned.len() < MAX_BANNED || charter.members_may_post;
    if has_room && !charter.banned.iter().any(|banned| banned.key == key) {
        charter.banned.push(Ban { key, since: charter.issued });
    }
}

fn add(keys: &mut Vec<PublicKey>, key: PublicKey) {
    if !keys.contains(&key) {
        keys.push(key);
    }
}

/// Two weeks: a holiday and an arrest of a week do not cost the root keys their objection.
const RECOVERY_DAYS: u64 = 14;

const DAY: u64 = 86_400;
