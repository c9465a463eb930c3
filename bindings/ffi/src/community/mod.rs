//! What is reached, as plain records: communities, posts, events, attachments, restrictions.

use std::time::SystemTime;

use byway::community as core_model;

use crate::numbers::{number, time};

mod attachment;
mod author;
mod claims;
mod event;
mod home;
mod moved;
mod post;
mod times;

pub use attachment::*;
pub use author::*;
pub use claims::*;
pub use event::*;
pub use home::*;
pub use moved::*;
pub use post::*;
pub use times::*;

mirror! {
    /// The state of a community.
    CommunityState of core_model::CommunityState, else Active {
        /// It publishes, and nothing is known against it.
        Active,
        /// Its platform hides it somewhere: see `restrictions`.
        Restricted,
        /// Its platform says that it was deleted or banned. Silence is never taken for this.
        Gone,
        /// It has moved, and both sides have said so. One side alone is not enough.
        Moved,
    }
}

/// A group, as it was when it was last read. If a later answer does not state something, the known value stays.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Community {
    /// Its id.
    pub id: String,
    /// Its name, as it calls itself.
    pub name: String,
    /// Its short name at its home, such as `zavod_live` of `vk.com/zavod_live`.
    pub screen_name: Option<String>,
    /// The line under its name.
    pub status: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
    /// How many members it had, and when.
    pub members: Option<Members>,
    /// Whether it is open, restricted somewhere, gone or moved.
    pub state: CommunityState,
    /// When its platform last said that it is gone, if it did.
    pub state_seen: Option<SystemTime>,
    /// Where it can be read. The address at which it was read is the first.
    pub homes: Vec<Home>,
    /// Links it shows beside its description.
    pub links: Vec<Link>,
    /// The recorded blocks of it.
    pub restrictions: Vec<Restriction>,
    /// How it asks to be read.
    pub access_advice: Vec<AccessAdvice>,
    /// Where a page says that it moved. This is a claim, and it is not followed without the user's yes. If there are
    /// several, the most explicit one. Absent for a signed community: what it names is in the notes of a reading, with
    /// what is signed of it.
    pub successor: Option<Claim>,
    /// Where it says that it came from. This is a claim.
    pub predecessor: Option<Claim>,
    /// The platform that shows it with a mark of verification, such as `Telegram`. This is a claim of that platform.
    pub verified_by: Option<String>,
}

impl From<core_model::Community> for Community {
    fn from(core: core_model::Community) -> Self {
        let is_signed = core.id.as_str().starts_with("byway:");
        Self {
            id: core.id.to_string(),
            name: core.name,
            screen_name: core.screen_name,
            status: core.status,
            description: core.description,
            members: core.members.map(Into::into),
            state: core.state.into(),
            state_seen: core.state_seen.map(time),
            homes: core.homes.into_iter().map(Into::into).collect(),
            links: core.links.into_iter().map(Into::into).collect(),
            restrictions: core.restrictions.into_iter().map(Into::into).collect(),
            access_advice: core.access_advice.into_iter().map(Into::into).collect(),
            // What a signed community names is in the notes about moves, with what is signed of it.
            successor: core.successor.filter(|_| !is_signed).map(Into::into),
            predecessor: core.predecessor.map(Into::into),
            verified_by: core.verified_by,
        }
    }
}

/// A member count, and when it was read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Members {
    /// How many.
    pub count: i64,
    /// When it was read.
    pub read_at: SystemTime,
}

impl From<core_model::Members> for Members {
    fn from(core: core_model::Members) -> Self {
        Self { count: number(core.count), read_at: time(core.read_at) }
    }
}
