//! What a charter says, as an admin writes it, and the charters that are made of it.

use jiff::{SignedDuration, Timestamp};

use super::error::{PublishError, Unfit};
use super::key_changes::KeyChanges;
use super::keys::CommunityKeys;
use super::limits;
use super::stated::{BannedKey, HostHint, StatedRestriction};
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{
    Chain, Charter, CharterError, CharterHome, CommunityLink, Copied, Digest, Hints, HomeKind, KeySet, MAX_BANNED,
    MAX_HINTS, MAX_HOMES, MAX_NAME, MAX_RESTRICTIONS, PublicKey, Role, SignedEvent, SignedId, Successor, to_minute,
};

/// What a charter says of a community, as an admin writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The name.
    pub name: String,
    /// What the community says about itself.
    pub description: String,
    /// Addresses of folders on the web that carry the community.
    pub mirrors: Vec<String>,
    /// Addresses of its pages at platforms.
    pub pages: Vec<String>,
    /// Addresses of Nostr relays (`wss:`, `ws:`) that carry what it publishes. Byway does not read relays yet; other readers may.
    pub relays: Vec<String>,
    /// Whether everyone may post texts, under keys of their own.
    pub members_may_post: bool,
    /// Keys whose posts no longer count, at most 128. [`KeyChanges::removed`] adds the key that writes of each person who loses a part,
    /// and a part that is given takes a ban back.
    pub banned: Vec<BannedKey>,
    /// Addresses of the community's hosts, for readers whose network falsifies names: at most 16 hosts.
    pub hints: Vec<HostHint>,
    /// Resolvers (DNS over HTTPS, `https:`) that the admins name to their readers, at most 16.
    pub resolvers: Vec<String>,
    /// Blocks that the admins know of, at most 16.
    pub restrictions: Vec<StatedRestriction>,
    /// The community that this one continues. That one has to name this one as well ([`Publisher::move_to`](super::Publisher::move_to)).
    pub continues: Option<SignedId>,
    /// This is a copy of a page, made by somebody else than its authors. What the first charter says about that stays.
    pub copy: Option<CopyOf>,
    /// Changes of who decides, publishes and moderates. The other keys stay as they are.
    pub keys: KeyChanges,
}

/// What a copy is a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOf {
    /// The address of the original.
    pub of: String,
    /// The name of the person or group that copies it.
    pub by: String,
}

impl Statement {
    pub(super) fn of_charter(charter: &Charter) -> Self {
        let of =
            |kind| charter.homes.iter().filter(move |home| home.kind == kind).map(|home| home.url.clone()).collect();
        Self {
            name: charter.name.clone(),
            description: charter.description.clone(),
            mirrors: of(HomeKind::Mirror),
            pages: of(HomeKind::Page),
            relays: of(HomeKind::Relay),
            members_may_post: charter.members_may_post,
            banned: charter.banned.iter().map(BannedKey::of).collect(),
            hints: charter.hints.addresses.iter().map(HostHint::of).collect(),
            resolvers: charter.hints.resolvers.clone(),
            restrictions: charter.restrictions.iter().map(StatedRestriction::of).collect(),
            continues: charter.predecessor.map(|id| SignedId::from_bytes(*id.as_bytes())),
            copy: charter.copy.as_ref().map(|copy| CopyOf { of: copy.of.clone(), by: copy.by.clone() }),
            keys: KeyChanges::default(),
        }
    }

    pub(super) fn write_to(&self, charter: &mut Charter) -> Result<(), PublishError> {
        limits::check(&self.name, &self.description, &self.mirrors, &self.pages)?;
        check_stated(self)?;
        charter.name.clone_from(&self.name);
        charter.description.clone_from(&self.description);
        let mirrors = self.mirrors.iter().map(|url| CharterHome::new(HomeKind::Mirror, url));
        let others = charter.homes.iter().filter(|home| home.kind == HomeKind::Other).cloned();
        let pages = self.pages.iter().map(|url| CharterHome::new(HomeKind::Page, url));
        let relays = self.relays.iter().map(|url| CharterHome::new(HomeKind::Relay, url));
        charter.homes = mirrors.chain(pages).chain(relays).chain(others).collect();
        charter.members_may_post = self.members_may_post;
        charter.banned = self.banned.iter().map(|banned| banned.ban()).collect();
        charter.hints =
            Hints { addresses: self.hints.iter().map(HostHint::hint).collect(), resolvers: self.resolvers.clone() };
        charter.restrictions = self.restrictions.iter().map(StatedRestriction::known).collect();
        charter.predecessor = self.continues.map(|id| Digest::from_bytes(*id.as_bytes()));
        self.keys.apply(charter)
    }
}

/// Compares what else a statement says with the limits of a charter: relays, bans, hints and blocks.
fn check_stated(statement: &Statement) -> Result<(), PublishError> {
    let Statement { mirrors, pages, relays, banned, hints, resolvers, restrictions, .. } = statement;
    let many = |part, most| Unfit::error(part, StatedRule::More(most));
    if mirrors.len() + pages.len() + relays.len() > MAX_HOMES {
        return Err(many(StatedPart::Relay, MAX_HOMES));
    }
    if relays.iter().any(|url| !CharterHome::new(HomeKind::Relay, url).is_within_limits()) {
        return Err(Unfit::error(StatedPart::Relay, StatedRule::Address));
    }
    if banned.len() > MAX_BANNED {
        return Err(many(StatedPart::Ban, MAX_BANNED));
    }
    if hints.len().max(resolvers.len()) > MAX_HINTS || hints.iter().any(|hint| hint.addresses.len() > MAX_HINTS) {
        return Err(many(StatedPart::Hint, MAX_HINTS));
    }
    let written = Hints { addresses: hints.iter().map(HostHint::hint).collect(), resolvers: resolvers.clone() };
    if !written.is_within_limits() {
        return Err(Unfit::error(StatedPart::Hint, StatedRule::Address));
    }
    if restrictions.len() > MAX_RESTRICTIONS {
        return Err(many(StatedPart::Restriction, MAX_RESTRICTIONS));
    }
    for restriction in restrictions {
        let StatedRestriction { text, jurisdiction, authority, number, date } = restriction;
        limits::text_of(StatedPart::Restriction, text)?;
        if text.trim().is_empty() {
            return Err(Unfit::error(StatedPart::Restriction, StatedRule::Empty));
        }
        for short in [jurisdiction, authority, number, date].into_iter().flatten() {
            limits::line(StatedPart::Restriction, short, MAX_NAME)?;
        }
    }
    Ok(())
}

pub(super) fn first_charter(
    keys: &CommunityKeys,
    statement: &Statement,
    now: Timestamp,
) -> Result<Charter, PublishError> {
    let issued = to_minute(now);
    let root = KeySet::new(vec![keys.root.public()], 1);
    let routine = vec![keys.routine.public()];
    let mut charter = Charter::first(&statement.name, issued, later(issued, CHARTER_LIFETIME), root, routine);
    charter.authors = vec![keys.author.public()];
    statement.write_to(&mut charter)?;
    let copy = statement.copy.as_ref();
    charter.copy = copy.map(|copy| Copied { of: copy.of.clone(), by: copy.by.clone() });
    Ok(charter)
}

/// The charter after the one in force, for changes. It is dated after everything that was published by now: whether an event
/// counts is decided by the charter of its time, so a charter of the same minute could take away what the one before allowed.
pub(super) fn next_charter(chain: &Chain, events: &[(SignedEvent, Role)], now: Timestamp) -> Charter {
    let newest = newest(events, now);
    let after = newest.map_or(Timestamp::MIN, |newest| later(to_minute(newest), SignedDuration::from_mins(1)));
    let issued = to_minute(now).max(chain.in_force(now).issued).max(after);
    chain.in_force(now).next(chain.digest_in_force(now), issued, later(issued, CHARTER_LIFETIME))
}

/// The time of the newest event, but of those that are dated ahead: a thief of a publisher's key could date the removal of that key with
/// one of tomorrow. The seconds of a minute count what was published in it, up to an hour.
fn newest(events: &[(SignedEvent, Role)], now: Timestamp) -> Option<Timestamp> {
    let latest = later(now, SignedDuration::from_hours(1));
    events.iter().map(|(event, _)| event.created()).filter(|created| *created <= latest).max()
}

pub(super) fn successor_of(
    chain: &Chain,
    successor: Option<&CommunityLink>,
) -> Result<Option<Successor>, PublishError> {
    let Some(link) = successor else { return Ok(None) };
    let community = Digest::from_bytes(*link.id().as_bytes());
    if community == chain.id() {
        return Err(PublishError::SuccessorSame);
    }
    if link.mirrors().is_empty() {
        return Err(PublishError::SuccessorHomeless);
    }
    let homes = link.mirrors().iter().map(|url| CharterHome::new(HomeKind::Mirror, url.as_str())).collect();
    Ok(Some(Successor { community, homes }))
}

/// Refuses keys that lost their part in a community: someone replaced them for a reason, and their file may be in other hands.
///
/// # Errors
/// [`PublishError::KeysReplaced`].
pub(super) fn check_new(chain: &Chain, new: &CommunityKeys, now: Timestamp) -> Result<(), PublishError> {
    let keys = [new.root.public(), new.routine.public(), new.author.public()];
    let current = chain.in_force(now);
    let is_lost = |charter: &Charter| keys.iter().any(|key| has_part(charter, key) && !has_part(current, key));
    let is_banned = current.banned.iter().any(|ban| keys.contains(&ban.key));
    // Of charters that wait or are disputed none has replaced anything.
    if is_banned || (1..current.version).filter_map(|version| chain.charter(version)).any(is_lost) {
        return Err(PublishError::KeysReplaced);
    }
    Ok(())
}

fn has_part(charter: &Charter, key: &PublicKey) -> bool {
    let recovery = charter.recovery.iter().flat_map(|recovery| &recovery.keys.keys);
    let lists = [&charter.root.keys, &charter.routine, &charter.authors, &charter.moderators];
    lists.into_iter().flatten().chain(recovery).any(|known| known == key)
}

/// Puts new keys where the old ones were.
pub(super) fn rotate(charter: &mut Charter, old: &CommunityKeys, new: &CommunityKeys) {
    let swap = |keys: &mut [PublicKey], old: PublicKey, new: PublicKey| {
        keys.iter_mut().filter(|key| **key == old).for_each(|key| *key = new);
    };
    swap(&mut charter.root.keys, old.root.public(), new.root.public());
    swap(&mut charter.routine, old.routine.public(), new.routine.public());
    swap(&mut charter.authors, old.author.public(), new.author.public());
    swap(&mut charter.moderators, old.author.public(), new.author.public());
    if let Some(recovery) = &mut charter.recovery {
        swap(&mut recovery.keys.keys, old.root.public(), new.root.public());
    }
}

/// Why a charter cannot be signed.
pub(super) fn unsealed(error: CharterError) -> PublishError {
    match error {
        CharterError::Threshold | CharterError::Recovery | CharterError::Keys => PublishError::KeyRules,
        _ => PublishError::Refused,
    }
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

/// Two years: the founders' keys are not for ever, and a move must not be forgotten within one.
pub(super) const CHARTER_LIFETIME: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
