//! What an admin gives to a publisher, and what it answers.

use std::time::SystemTime;

use byway::community as core_model;
use byway::community::EventStatus;
use byway::jiff::civil::Date;
use byway::jiff::tz::Offset;

use super::key_files::KeyChanges;
use super::stated::{BannedKey, HostHint, StatedRestriction};
use crate::community::{CivilDate, Community, Event, EventDays, Post};
use crate::configuration::Language;
use crate::errors::{BywayError, Own, Worded};
use crate::given::timestamp;
use crate::numbers::{length, time};

/// What a charter says of a community, as an admin writes it.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Statement {
    /// The name.
    pub name: String,
    /// What the community says about itself.
    pub description: String,
    /// Addresses of folders on the web that carry the community.
    pub mirrors: Vec<String>,
    /// Addresses of its pages at platforms.
    pub pages: Vec<String>,
    /// The link to the community that this one continues. That one has to name this one as well (`move_to`).
    pub continues: Option<String>,
    /// Changes of who decides, publishes and moderates. What a publisher or a folder says of itself names none.
    #[uniffi(default)]
    pub keys: Option<KeyChanges>,
    /// Addresses of Nostr relays (`wss:`, `ws:`) that carry what it publishes. Byway does not read relays yet.
    #[uniffi(default)]
    pub relays: Vec<String>,
    /// Whether everyone may post texts, under keys of their own.
    #[uniffi(default)]
    pub members_may_post: bool,
    /// Keys whose posts no longer count, at most 128. `KeyChanges::removed` adds the key that writes of each person.
    #[uniffi(default)]
    pub banned: Vec<BannedKey>,
    /// Addresses of the community's hosts, for readers whose network falsifies names: at most 16 hosts.
    #[uniffi(default)]
    pub hints: Vec<HostHint>,
    /// Resolvers (DNS over HTTPS, `https:`) that the admins name to their readers, at most 16.
    #[uniffi(default)]
    pub resolvers: Vec<String>,
    /// Blocks that the admins know of, at most 16.
    #[uniffi(default)]
    pub restrictions: Vec<StatedRestriction>,
}

impl Statement {
    pub(crate) fn core(self, language: Language) -> Result<byway::publisher::Statement, BywayError> {
        let mut core = byway::publisher::Statement::default();
        core.continues = self.continues.map(|link| signed_link(&link, language)).transpose()?.map(|link| link.id());
        (core.name, core.description) = (self.name, self.description);
        (core.mirrors, core.pages) = (self.mirrors, self.pages);
        (core.relays, core.resolvers) = (self.relays, self.resolvers);
        core.members_may_post = self.members_may_post;
        core.banned = self.banned.iter().map(|banned| banned.core(language)).collect::<Result<_, _>>()?;
        core.hints = self.hints.iter().map(|hint| hint.core(language)).collect::<Result<_, _>>()?;
        core.restrictions = self.restrictions.into_iter().map(Into::into).collect();
        core.keys = self.keys.map(|keys| keys.core(language)).transpose()?.unwrap_or_default();
        Ok(core)
    }
}

impl From<byway::publisher::Statement> for Statement {
    fn from(core: byway::publisher::Statement) -> Self {
        let continues = core.continues.map(|id| byway::CommunityLink::new(id, byway::Exposure::Open).to_string());
        Self {
            name: core.name,
            description: core.description,
            mirrors: core.mirrors,
            pages: core.pages,
            continues,
            keys: None,
            relays: core.relays,
            members_may_post: core.members_may_post,
            banned: core.banned.into_iter().map(Into::into).collect(),
            hints: core.hints.into_iter().map(Into::into).collect(),
            resolvers: core.resolvers,
            restrictions: core.restrictions.into_iter().map(Into::into).collect(),
        }
    }
}

/// A gathering, as an admin announces it. It has a name, and a start or days.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Gathering {
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub text: Option<String>,
    /// When it begins.
    pub start: Option<SystemTime>,
    /// When it ends.
    pub end: Option<SystemTime>,
    /// Its days, if it has days and no time of day.
    pub days: Option<EventDays>,
    /// The IANA name of its time zone.
    pub zone: Option<String>,
    /// The name of the place.
    pub place: Option<String>,
    /// It does not take place.
    pub cancelled: bool,
}

impl Gathering {
    pub(crate) fn core(self, language: Language) -> Result<core_model::Event, BywayError> {
        let moment = |at| Ok::<_, BywayError>(core_model::Moment::new(timestamp(at, language)?, Offset::UTC));
        // The publisher gives it an id of its own.
        let mut core = core_model::Event::new(core_model::CommunityId::vk(0), &self.name);
        core.start = self.start.map(moment).transpose()?;
        core.end = self.end.map(moment).transpose()?;
        core.days = self.days.map(|days| days_of(days, language)).transpose()?;
        (core.text, core.zone) = (self.text, self.zone);
        core.place = self.place.map(|name| {
            let mut place = core_model::Place::default();
            place.name = Some(name);
            place
        });
        if self.cancelled {
            core.status = EventStatus::Cancelled;
        }
        Ok(core)
    }
}

fn days_of(days: EventDays, language: Language) -> Result<core_model::EventDays, BywayError> {
    let day = |day: CivilDate| {
        let part = |number: i32| i8::try_from(number).ok();
        let date = i16::try_from(day.year).ok().zip(part(day.month)).zip(part(day.day));
        let date = date.and_then(|((year, month), day)| Date::new(year, month, day).ok());
        date.ok_or_else(|| Own::Time.error(language))
    };
    let mut core = core_model::EventDays::new(day(days.first)?, day(days.first)?);
    // As it was given: a last day before the first is a mistake of the admin, which the publisher refuses.
    core.last = day(days.last)?;
    Ok(core)
}

/// What was done to the files of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FilesWritten {
    /// Files that were created, replaced, continued or removed.
    pub changed: i64,
    /// Files that were the same already, and were not touched.
    pub unchanged: i64,
}

impl From<byway::publisher::FilesWritten> for FilesWritten {
    fn from(core: byway::publisher::FilesWritten) -> Self {
        Self { changed: length(core.changed), unchanged: length(core.unchanged) }
    }
}

/// The community of a publisher, as readers see it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Published {
    /// The community.
    pub community: Community,
    /// Its posts, the newest first.
    pub posts: Vec<Post>,
    /// Its gatherings, the earliest first.
    pub events: Vec<Event>,
}

/// Reads the link to a signed community.
pub(crate) fn signed_link(link: &str, language: Language) -> Result<byway::CommunityLink, BywayError> {
    link.parse().map_err(|error: byway::CommunityLinkError| error.worded(language))
}

/// A recovery that replaces the keys of a community if the root keys do not object.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct WaitingRecovery {
    /// When it takes effect for a new reader. Others wait longer: from the day on which they first see it.
    pub until: SystemTime,
    /// The fingerprints of the recovery keys that signed it.
    pub signers: Vec<String>,
    /// The fingerprints of the keys that would decide.
    pub root: Vec<String>,
}

impl From<byway::publisher::WaitingRecovery> for WaitingRecovery {
    fn from(core: byway::publisher::WaitingRecovery) -> Self {
        let texts = |keys: Vec<byway::KeyFingerprint>| keys.iter().map(ToString::to_string).collect();
        Self { until: time(core.until), signers: texts(core.signers), root: texts(core.root) }
    }
}
