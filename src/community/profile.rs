use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessAdvice, Claim, CommunityId, Home, Link, Restriction};

/// A group, as it was when it was read last. Of what a later answer does not state, the known value stays.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Community {
    /// Its id.
    pub id: CommunityId,
    /// Its name, as it calls itself.
    pub name: String,
    /// Its short name at its home, e.g. `zavod_live` of `vk.com/zavod_live`.
    #[serde(default)]
    pub screen_name: Option<String>,
    /// The line under its name.
    #[serde(default)]
    pub status: Option<String>,
    /// What it says about itself.
    #[serde(default)]
    pub description: Option<String>,
    /// How many members it had, and when.
    #[serde(default)]
    pub members: Option<Members>,
    /// Whether it is open, restricted somewhere, gone or moved.
    #[serde(default)]
    pub state: CommunityState,
    /// When its platform last said that it is gone, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_seen: Option<Timestamp>,
    /// Where it can be read. The one it was read at is first.
    #[serde(default)]
    pub homes: Vec<Home>,
    /// Links it shows beside its description.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Recorded blocks of it.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
    /// How it asks to be read.
    #[serde(default)]
    pub access_advice: Vec<AccessAdvice>,
    /// Where it says it moved: a claim, not followed. Of several, the most explicit.
    #[serde(default)]
    pub successor: Option<Claim>,
    /// From where it says it came: a claim.
    #[serde(default)]
    pub predecessor: Option<Claim>,
}

impl Community {
    /// An active community of which nothing else is known.
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
        }
    }

    /// Notes that its platform said at this time that it is gone.
    pub fn set_gone(&mut self, seen: Timestamp) {
        self.state = CommunityState::Gone;
        self.state_seen = Some(seen);
    }

    /// Records a block, unless it is recorded already (from wherever it was seen), and marks an active community as
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

/// A member count. It is worth what its time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Members {
    /// How many.
    pub count: u64,
    /// When it was read.
    pub read_at: Timestamp,
}

impl Members {
    /// So many, read at this time.
    pub fn new(count: u64, read_at: Timestamp) -> Self {
        Self { count, read_at }
    }
}

/// How a community is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommunityState {
    /// It publishes, and nothing is known against it.
    #[default]
    Active,
    /// Its platform hides it somewhere: see [`Community::restrictions`].
    Restricted,
    /// Its platform says that it was deleted or banned. Never concluded from silence.
    Gone,
    /// It has moved, and both sides have said so. A claim alone does not make it so.
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
