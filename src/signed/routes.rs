//! A list of routes for a circle of people: proxies and bridges, signed by the community's admins, with an end.
//!
//! It is never published: a censor reads what is published. It travels sealed with a passphrase; this is what is inside.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::charter::FORMAT;
use super::moment::is_plausible;
use super::{Chain, Digest, DocumentKind, Envelope, Freeze, SigningKey, json};

/// Routes of one community, as text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteList {
    /// The version of the format, [`FORMAT`].
    pub format: u64,
    /// The community's id.
    pub community: Digest,
    /// The time at which it was made.
    #[serde(with = "super::moment::seconds")]
    pub issued: Timestamp,
    /// The time after which it is not used.
    #[serde(with = "super::moment::seconds")]
    pub expires: Timestamp,
    /// The strategies.
    pub strategies: Vec<String>,
}

impl RouteList {
    /// A list of these strategies.
    pub fn new(community: Digest, issued: Timestamp, expires: Timestamp, strategies: Vec<String>) -> Self {
        Self { format: FORMAT, community, issued, expires, strategies }
    }

    /// The list in an envelope, signed by this key.
    ///
    /// # Errors
    /// [`RoutePackError::Form`] if it is outside its limits.
    pub fn seal(&self, key: &SigningKey) -> Result<Envelope, RoutePackError> {
        let payload = serde_json::to_vec(self).map_err(|_| RoutePackError::Form)?;
        if !self.is_within_limits() || payload.len() > DocumentKind::Routes.max_payload() {
            return Err(RoutePackError::Form);
        }
        Ok(Envelope::sign(DocumentKind::Routes, payload, [key]))
    }

    /// Reads the list of an envelope. Its signatures are not verified here.
    ///
    /// # Errors
    /// [`RoutePackError::Form`].
    pub fn read(envelope: &Envelope) -> Result<Self, RoutePackError> {
        if envelope.kind() != DocumentKind::Routes {
            return Err(RoutePackError::Form);
        }
        let list: Self = json::read(envelope.payload()).ok_or(RoutePackError::Form)?;
        if list.format == FORMAT && list.is_within_limits() { Ok(list) } else { Err(RoutePackError::Form) }
    }

    /// Whether the list of an envelope may be used: it is of this community, a key signed it that the charter in force names as a
    /// root or a routine key, no dispute and no freeze says that such keys are in other hands, it is not dated
    /// ahead, and it has not expired.
    ///
    /// # Errors
    /// See [`RoutePackError`].
    pub fn verify(
        envelope: &Envelope,
        chain: &Chain,
        freeze: Option<&Freeze>,
        now: Timestamp,
    ) -> Result<Self, RoutePackError> {
        let list = Self::read(envelope)?;
        if list.community != chain.id() {
            return Err(RoutePackError::OtherCommunity);
        }
        let charter = chain.in_force(now);
        if !envelope.is_signed_by(&charter.root.keys, 1) && !envelope.is_signed_by(&charter.routine, 1) {
            return Err(RoutePackError::Unsigned);
        }
        if chain.dispute().is_some() || freeze.is_some_and(|freeze| freeze.after < list.issued) {
            return Err(RoutePackError::Disputed);
        }
        // The later of two packs counts, so one that is dated ahead would make the next ones old.
        if list.issued.as_second() > now.as_second().saturating_add(MAX_AHEAD) {
            return Err(RoutePackError::Ahead);
        }
        if list.expires < now { Err(RoutePackError::Expired) } else { Ok(list) }
    }

    fn is_within_limits(&self) -> bool {
        let lifetime = self.expires.as_second() - self.issued.as_second();
        is_plausible(self.issued)
            && is_plausible(self.expires)
            && (1..=MAX_LIFETIME).contains(&lifetime)
            && (1..=MAX_STRATEGIES).contains(&self.strategies.len())
            && self.strategies.iter().all(|text| {
                (1..=MAX_STRATEGY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
            })
    }
}

impl std::fmt::Debug for RouteList {
    /// Redacted: strategies have logins.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RouteList").field("strategies", &self.strategies.len()).finish_non_exhaustive()
    }
}

/// A year, and a day: a proxy of a circle seldom lives longer, and a lost phone must not have it for ever.
const MAX_LIFETIME: i64 = 366 * 86_400;

/// As much as the clocks of an admin and a reader may differ, as for posts: a day.
const MAX_AHEAD: i64 = 86_400;

const MAX_STRATEGIES: usize = 32;

/// A bridge with its certificate has a few hundred bytes.
const MAX_STRATEGY: usize = 2048;

/// Why a pack of routes is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RoutePackError {
    /// It is not a pack of routes, or was damaged.
    #[error("this is not a pack of routes, or it was damaged")]
    Form,
    /// The passphrase is wrong.
    #[error("this is not the passphrase of the pack of routes")]
    Passphrase,
    /// It is of another community, or of one that is not kept here.
    #[error("the pack of routes is of a community that is not kept here")]
    OtherCommunity,
    /// No key of the community signed it.
    #[error("no key that the community names now signed the pack of routes")]
    Unsigned,
    /// The community is disputed, or was frozen before the pack was made: its keys may be in other hands.
    #[error("the community is disputed, or was frozen before the pack of routes was made")]
    Disputed,
    /// It is dated over a day ahead of the device's clock.
    #[error("the pack of routes is dated ahead of this device's clock")]
    Ahead,
    /// Its time is over.
    #[error("the pack of routes has expired")]
    Expired,
    /// It has a route that no pack may have, or one that cannot be read.
    #[error("the pack has a route that no pack may have, or that cannot be read")]
    Strategy,
}

codes! {
    RoutePackError {
        Form = "routes_form",
        Passphrase = "routes_passphrase",
        OtherCommunity = "routes_other_community",
        Unsigned = "routes_unsigned",
        Disputed = "routes_disputed",
        Ahead = "routes_ahead",
        Expired = "routes_expired",
        Strategy = "routes_strategy",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_of_routes_is_read_as_it_is_sealed(
            community in any::<[u8; 32]>(),
            issued in 946_684_800..4_000_000_000_i64,
            lifetime in 1..=MAX_LIFETIME,
            strategies in prop::collection::vec("[!-~]{1,300}", 1..=MAX_STRATEGIES),
            cut in any::<prop::sample::Index>(),
        ) {
            let at = |seconds| Timestamp::from_second(seconds).unwrap();
            let community = Digest::from_bytes(community);
            let list = RouteList::new(community, at(issued), at(issued + lifetime), strategies);
            let key = SigningKey::from_bytes([1; 32].into()).unwrap();
            let sealed = list.seal(&key).unwrap();
            let text = sealed.to_json();
            let read = Envelope::parse(text.as_bytes(), DocumentKind::Routes).unwrap();
            prop_assert_eq!(&read, &sealed);
            prop_assert_eq!(RouteList::read(&read).unwrap(), list);
            prop_assert!(Envelope::parse(&text.as_bytes()[..cut.index(text.len())], DocumentKind::Routes).is_err());
            let longer = RouteList { expires: at(issued + MAX_LIFETIME + 1), ..RouteList::read(&read).unwrap() };
            prop_assert_eq!(longer.seal(&key).unwrap_err(), RoutePackError::Form);
        }
    }
}
