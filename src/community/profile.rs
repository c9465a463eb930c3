use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessAdvice, Claim, CommunityId, Home, Link, Restriction};

/// A group, as of its last reading. A field that a later answer does not state keeps its known value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Community {
    /// The community's id.
    pub id: CommunityId,
    /// The name, as the community writes it.
    pub name: String,
    /// The short name at its home, e.g. `zavod_live` of `vk.com/zavod_live`.
    #[serde(default)]
    pub screen_name: Option<String>,
    /// The line under the name.
    #[serde(default)]
    pub status: Option<String>,
    /// The community's description of itself.
    #[serde(default)]
    pub description: Option<String>,
    /// The number of members, and when it was read.
    #[serde(default)]
    pub members: Option<Members>,
    /// The state: open, restricted somewhere, gone or moved.
    #[serde(default)]
    pub state: CommunityState,
    /// The time at which the platform last said that the community is gone, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seen: Option<Timestamp>,
    /// Its addresses. The one it was read at is first.
    #[serde(default)]
    pub homes: Vec<Home>,
    /// The links beside the description.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Recorded blocks of it.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
    /// The community's own advice on how to read it.
    #[serde(default)]
    pub access_advice: Vec<AccessAdvice>,
    /// The claimed new address, which is not followed. Of several claims, the most explicit.
    #[serde(default)]
    pub successor: Option<Claim>,
    /// The claimed previous address.
    #[serde(default)]
    pub predecessor: Option<Claim>,
    /// The platform that shows the community with a mark of verification, by the name that people use: `Telegram`. It
    /// is that platform's claim, and Byway can't check it. A mark that the last reading does not show is gone.
    #[serde(default)]
    pub verified_by: Option<String>,
}

impl Community {
    /// An active community with only an id and a name.
    pub fn new(id: CommunityId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            screen_name: None,
            status: None,
            description: None,
            members: None,
            state: CommunityState::default(),
            state_seen: None,
            homes: Vec::new(),
            links: Vec::new(),
            restrictions: Vec::new(),
            access_advice: Vec::new(),
            successor: None,
            predecessor: None,
            verified_by: None,
        }
    }

    /// Records that the platform said at this time that the community is gone.
    pub fn set_gone(&mut self, seen: Timestamp) {
        self.state = CommunityState::Gone;
        self.state_seen = Some(seen);
    }

    /// Records a block, unless it is recorded already (from wherever it was seen). An active community becomes
    /// restricted.
    pub fn restrict(&mut self, restriction: Restriction) {
        if self.state == CommunityState::Active {
            self.state = CommunityState::Restricted;
        }
        let stated = |restriction: &Restriction| Restriction { observed_in: None, ..restriction.clone() };
        let same = |known: &&mut Restriction| stated(known) == stated(&restriction);
        match self.restrictions.iter_mut().find(same) {
            Some(known) => known.observed_in = known.observed_in.take().or(restriction.observed_in),
            None => self.restrictions.push(restriction),
        }
    }
}

/// A member count and the time it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Members {
    /// The number of members.
    pub count: u64,
    /// The time of the reading.
    pub read_at: Timestamp,
}

impl Members {
    /// A member count, read at this time.
    pub fn new(count: u64, read_at: Timestamp) -> Self {
        Self { count, read_at }
    }
}

/// The state of a community.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommunityState {
    /// Active, without a known restriction.
    #[default]
    Active,
    /// The platform hides it somewhere: see [`Community::restrictions`].
    Restricted,
    /// The platform says that it was deleted or banned. Never concluded from silence.
    Gone,
    /// It has moved, and both sides say so. A claim alone is not enough.
    Moved,
}

codes! {
    CommunityState {
        Active = "active",
        Restricted = "restricted",
        Gone = "gone",
        Moved = "moved",
    }
}
