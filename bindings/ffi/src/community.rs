//! What is reached, as plain records: communities, posts, events, attachments, restrictions.

use std::time::SystemTime;

use byway::community as core_model;

use crate::numbers::{number, small, time};

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

mirror! {
    /// What a source says of a post.
    PostState of core_model::PostState, else Published {
        /// Its text is not shown here: see `withheld`.
        Withheld,
        /// It was deleted. What is known of it was read before.
        Removed,
        /// It is shown, and nothing else is known.
        Published,
    }
}

mirror! {
    /// Whether a gathering was expected to take place when it was read.
    EventStatus of core_model::EventStatus, else Unknown {
        /// It is announced and not over.
        Scheduled,
        /// It is over.
        Ended,
        /// Its source has a field for this, and it says so. This is never concluded from words.
        Cancelled,
        /// Its page was deleted or banned. It may still take place.
        Removed,
        /// The source does not say.
        Unknown,
    }
}

mirror! {
    /// What an author is.
    AuthorKind of core_model::AuthorKind, else Unknown {
        /// A group, speaking for itself.
        Community,
        /// A person.
        Person,
        /// The source does not say.
        Unknown,
    }
}

mirror! {
    /// How a community asks to be read.
    AdviceKind of core_model::AdviceKind, else Vpn {
        /// Through Tor or the Tor Browser.
        Tor,
        /// Through a proxy.
        Proxy,
        /// Through a VPN.
        Vpn,
    }
}

mirror! {
    /// The part of a community in which something was found.
    Field of core_model::Field, else Description {
        /// Its name.
        Name,
        /// The line under its name.
        Status,
        /// Its description.
        Description,
        /// The links beside its description.
        Links,
        /// Its pinned post.
        PinnedPost,
        /// A part that this version does not know.
        Elsewhere,
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
    /// Where it says that it moved. This is a claim, and it is not followed. If there are several, the most explicit
    /// one.
    pub successor: Option<Claim>,
    /// Where it says that it came from. This is a claim.
    pub predecessor: Option<Claim>,
    /// The platform that shows it with a mark of verification, such as `Telegram`. This is a claim of that platform.
    pub verified_by: Option<String>,
}

impl From<core_model::Community> for Community {
    fn from(core: core_model::Community) -> Self {
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
            successor: core.successor.map(Into::into),
            predecessor: core.predecessor.map(Into::into),
            verified_by: core.verified_by,
        }
    }
}

/// Something that a community published.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Post {
    /// Its machine-readable id, such as `vk:-12345_678`.
    pub id: String,
    /// Its own address.
    pub url: Option<String>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// Its text, without markup; its links are in `links`.
    pub text: String,
    /// When it was published.
    pub created: Option<SystemTime>,
    /// When it was last changed.
    pub edited: Option<SystemTime>,
    /// It is pinned above the others.
    pub pinned: bool,
    /// Its attachments.
    pub attachments: Vec<Attachment>,
    /// The links in its text and attachments, each once, in order.
    pub links: Vec<Link>,
    /// The posts that it repeats, nested to a limited depth.
    pub repost: Vec<Post>,
    /// How it was received.
    pub counts: PostCounts,
    /// What its source says of it.
    pub state: PostState,
    /// When `state` was last seen, unless it is published.
    pub state_seen: Option<SystemTime>,
    /// When what is known of it was read, if its state was seen later.
    pub read_at: Option<SystemTime>,
    /// What its source shows instead of its text: a notice, or a placeholder for those who do not pay. `text` is what
    /// was read earlier, or these words if nothing was.
    pub withheld: Option<String>,
    /// Its text is its own, and not what its platform shows instead.
    pub has_own_text: bool,
    /// It contains nothing to show.
    pub is_hollow: bool,
    /// Its platform says that it was removed, and nothing else is known of it.
    pub is_removed_and_hollow: bool,
}

impl From<core_model::Post> for Post {
    fn from(core: core_model::Post) -> Self {
        Self {
            has_own_text: core.has_own_text(),
            is_hollow: core.is_hollow(),
            is_removed_and_hollow: core.is_removed_and_hollow(),
            id: core.id,
            url: core.url,
            author: core.author.map(Into::into),
            text: core.text,
            created: core.created.map(time),
            edited: core.edited.map(time),
            pinned: core.pinned,
            attachments: core.attachments.into_iter().map(Into::into).collect(),
            links: core.links.into_iter().map(Into::into).collect(),
            repost: core.repost.map(|post| (*post).into()).into_iter().collect(),
            counts: core.counts.into(),
            state: core.state.into(),
            state_seen: core.state_seen.map(time),
            read_at: core.read_at.map(time),
            withheld: core.withheld,
        }
    }
}

/// A gathering with a time and a place.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Event {
    /// Its machine-readable id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub text: Option<String>,
    /// When it begins, in the local offset of the place if that is known.
    pub start: Option<Moment>,
    /// When it ends.
    pub end: Option<Moment>,
    /// Its days, if it has days and no time of day. They are the same days wherever the reader is: show them instead of
    /// `start` and `end`.
    pub days: Option<EventDays>,
    /// The IANA name of its time zone, if the source gives one.
    pub zone: Option<String>,
    /// Where it takes place.
    pub place: Option<Place>,
    /// Who organises it.
    pub organiser: Option<Author>,
    /// Whether it is still expected to take place.
    pub status: EventStatus,
    /// When its page was last seen to be removed, if it was.
    pub status_seen: Option<SystemTime>,
    /// When what is known of it was read, if its page was removed later.
    pub read_at: Option<SystemTime>,
    /// Its name or status mentions a cancellation. This is a hint for people: the sentence may be about something else,
    /// so it does not change `status`.
    pub mentions_cancellation: bool,
    /// Who comes.
    pub counts: EventCounts,
    /// Its own page.
    pub home: Option<Home>,
    /// It can be put into a calendar: its start is known.
    pub is_in_icalendar: bool,
}

impl From<core_model::Event> for Event {
    fn from(core: core_model::Event) -> Self {
        Self {
            is_in_icalendar: byway::is_in_icalendar(&core),
            id: core.id.to_string(),
            name: core.name,
            text: core.text,
            start: core.start.map(Into::into),
            end: core.end.map(Into::into),
            days: core.days.map(Into::into),
            zone: core.zone,
            place: core.place.map(Into::into),
            organiser: core.organiser.map(Into::into),
            status: core.status.into(),
            status_seen: core.status_seen.map(time),
            read_at: core.read_at.map(time),
            mentions_cancellation: core.mentions_cancellation,
            counts: core.counts.into(),
            home: core.home.map(Into::into),
        }
    }
}

/// Who wrote or organises something.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Author {
    /// The machine-readable id, such as `vk:-12345` for a community and `vk:678` for a person.
    pub id: String,
    /// Its name; empty if the source gives none.
    pub name: String,
    /// A person or a community.
    pub kind: AuthorKind,
    /// The address of its page.
    pub url: Option<String>,
}

impl From<core_model::Author> for Author {
    fn from(core: core_model::Author) -> Self {
        Self { id: core.id, name: core.name, kind: core.kind.into(), url: core.url }
    }
}

/// Another home that a community names as its successor or predecessor. It is shown, but never followed.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Claim {
    /// The home it names.
    pub home: Home,
    /// Where it names it.
    pub field: Field,
    /// The words in which it names it.
    pub text: String,
}

impl From<core_model::Claim> for Claim {
    fn from(core: core_model::Claim) -> Self {
        Self { home: core.home.into(), field: core.field.into(), text: core.text }
    }
}

/// A link that was found in something a community published. Byway never follows it by itself.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Link {
    /// An absolute URL.
    pub url: String,
    /// What it is called where it was found.
    pub text: Option<String>,
}

impl From<core_model::Link> for Link {
    fn from(core: core_model::Link) -> Self {
        Self { url: core.url, text: core.text }
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

/// How a post was received, if the source says so.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PostCounts {
    /// Comments.
    pub comments: Option<i64>,
    /// Likes.
    pub likes: Option<i64>,
    /// Reposts.
    pub reposts: Option<i64>,
    /// Views.
    pub views: Option<i64>,
}

impl From<core_model::PostCounts> for PostCounts {
    fn from(core: core_model::PostCounts) -> Self {
        Self {
            comments: core.comments.map(number),
            likes: core.likes.map(number),
            reposts: core.reposts.map(number),
            views: core.views.map(number),
        }
    }
}

/// Who comes, if the source says so.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct EventCounts {
    /// Those who said that they come.
    pub going: Option<i64>,
    /// Those who perhaps come.
    pub maybe: Option<i64>,
}

impl From<core_model::EventCounts> for EventCounts {
    fn from(core: core_model::EventCounts) -> Self {
        Self { going: core.going.map(number), maybe: core.maybe.map(number) }
    }
}

/// A point on the earth (WGS 84), in degrees.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Coordinates {
    /// From -90 (south) to 90.
    pub latitude: f64,
    /// From -180 (west) to 180.
    pub longitude: f64,
}

impl From<core_model::Coordinates> for Coordinates {
    fn from(core: core_model::Coordinates) -> Self {
        Self { latitude: core.latitude, longitude: core.longitude }
    }
}

/// Where an event takes place.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Place {
    /// Its name.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// Where it lies.
    pub coordinates: Option<Coordinates>,
}

impl From<core_model::Place> for Place {
    fn from(core: core_model::Place) -> Self {
        Self { name: core.name, address: core.address, coordinates: core.coordinates.map(Into::into) }
    }
}

/// One answer of a poll.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PollOption {
    /// The answer.
    pub text: String,
    /// How many chose it.
    pub votes: Option<i64>,
}

impl From<core_model::PollOption> for PollOption {
    fn from(core: core_model::PollOption) -> Self {
        Self { text: core.text, votes: core.votes.map(number) }
    }
}

/// A recorded block. Every field is a claim of `stated_by`, and not a finding of ours.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Restriction {
    /// Where it applies: an ISO 3166 code, such as `RU`.
    pub jurisdiction: Option<String>,
    /// Who ordered it, in its own language and in the nominative.
    pub authority: Option<String>,
    /// The same in English, if a translation is known.
    pub authority_en: Option<String>,
    /// The number of the order.
    pub number: Option<String>,
    /// The date of the order.
    pub date: Option<CivilDate>,
    /// What it is based on: what kind of act, and whose.
    pub basis: Option<String>,
    /// The words in which it was stated.
    pub text: String,
    /// Who states it, such as `VK`.
    pub stated_by: String,
    /// Where the party that blocks says more (`Link: rel="blocked-by"`, RFC 7725).
    pub link: Option<String>,
    /// The country from which it was seen, if the exit of the route is known.
    pub observed_in: Option<String>,
    /// The community itself states it, and no other party.
    pub is_own_word: bool,
}

impl From<core_model::Restriction> for Restriction {
    fn from(core: core_model::Restriction) -> Self {
        Self {
            is_own_word: core.is_own_word(),
            jurisdiction: core.jurisdiction,
            authority: core.authority,
            authority_en: core.authority_en,
            number: core.number,
            date: core.date.map(Into::into),
            basis: core.basis,
            text: core.text,
            stated_by: core.stated_by,
            link: core.link,
            observed_in: core.observed_in,
        }
    }
}

/// How a community asks to be read, in its own words.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AccessAdvice {
    /// The recommended means.
    pub kind: AdviceKind,
    /// The words.
    pub text: String,
    /// Where they were found.
    pub field: Field,
}

impl From<core_model::AccessAdvice> for AccessAdvice {
    fn from(core: core_model::AccessAdvice) -> Self {
        Self { kind: core.kind.into(), text: core.text, field: core.field.into() }
    }
}

/// An instant, together with the offset of the local clock there.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Moment {
    /// The instant.
    pub at: SystemTime,
    /// How many seconds the local clock there is ahead of UTC.
    pub offset_seconds: i32,
    /// Both in RFC 3339, such as `2016-11-09T17:00:00+07:00`.
    pub text: String,
}

impl From<core_model::Moment> for Moment {
    fn from(core: core_model::Moment) -> Self {
        Self { at: time(core.timestamp()), offset_seconds: core.offset().seconds(), text: core.to_string() }
    }
}

/// The days of an event without a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct EventDays {
    /// The first day.
    pub first: CivilDate,
    /// The last day, which belongs to the event.
    pub last: CivilDate,
}

impl From<core_model::EventDays> for EventDays {
    fn from(core: core_model::EventDays) -> Self {
        Self { first: core.first.into(), last: core.last.into() }
    }
}

/// A day of the calendar, without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CivilDate {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: i32,
    /// The day of the month, 1 to 31.
    pub day: i32,
}

impl From<byway::jiff::civil::Date> for CivilDate {
    fn from(core: byway::jiff::civil::Date) -> Self {
        Self { year: core.year().into(), month: core.month().into(), day: core.day().into() }
    }
}

/// What kind of address a home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HomeKind {
    /// A community at VKontakte by its number.
    VkId,
    /// A community at VKontakte by its short name.
    VkName,
    /// A public page at Telegram.
    Telegram,
    /// A page of the web.
    Web,
    /// One that this version does not know.
    Other,
}

/// Where a community can be read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Home {
    /// Its address, as it is shown and opened.
    pub url: String,
    /// The platform's stable code: `vk`, `telegram` or `web`.
    pub code: String,
    /// What kind of address it is.
    pub kind: HomeKind,
    /// The number at VKontakte.
    pub vk_id: Option<i64>,
    /// The short name at VKontakte.
    pub vk_name: Option<String>,
}

impl From<core_model::Home> for Home {
    fn from(core: core_model::Home) -> Self {
        let (url, code) = (core.to_string(), core.code().to_owned());
        let (kind, vk_id, vk_name) = match core {
            core_model::Home::Vk(core_model::VkHome::Id(id)) => (HomeKind::VkId, Some(number(id)), None),
            core_model::Home::Vk(core_model::VkHome::Name(name)) => (HomeKind::VkName, None, Some(name)),
            core_model::Home::Telegram(_) => (HomeKind::Telegram, None, None),
            core_model::Home::Web(_) => (HomeKind::Web, None, None),
            _ => (HomeKind::Other, None, None),
        };
        Self { url, code, kind, vk_id, vk_name }
    }
}

/// An attachment of a post. If a field is absent, the source did not say.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Attachment {
    /// A picture.
    Photo {
        /// The largest version.
        url: Option<String>,
        /// Its width in pixels.
        width: Option<i32>,
        /// Its height in pixels.
        height: Option<i32>,
        /// Its caption.
        text: Option<String>,
    },
    /// A video.
    Video {
        /// Its title.
        title: Option<String>,
        /// Its page.
        url: Option<String>,
        /// Its length in seconds.
        seconds: Option<i64>,
        /// A still of it.
        preview: Option<String>,
    },
    /// A file.
    Document {
        /// Its title.
        title: Option<String>,
        /// Where it lies.
        url: Option<String>,
        /// Its size in bytes.
        bytes: Option<i64>,
        /// Its extension, without the dot.
        extension: Option<String>,
    },
    /// A link with a preview.
    Link {
        /// Where it leads.
        url: String,
        /// Its title.
        title: Option<String>,
        /// Its description.
        text: Option<String>,
    },
    /// A recording.
    Audio {
        /// Who made it.
        artist: Option<String>,
        /// Its title.
        title: Option<String>,
        /// Its length in seconds.
        seconds: Option<i64>,
        /// Where it lies.
        url: Option<String>,
    },
    /// A poll.
    Poll {
        /// What is asked.
        question: String,
        /// What can be answered.
        options: Vec<PollOption>,
        /// How many voted.
        votes: Option<i64>,
    },
    /// A gathering, which the events of the same reading describe in full.
    Event {
        /// Its home.
        home: Home,
    },
    /// A kind that this version does not know, by its name.
    Unknown {
        /// The name of its kind.
        kind: String,
    },
}

impl From<core_model::Attachment> for Attachment {
    fn from(core: core_model::Attachment) -> Self {
        use core_model::Attachment as Core;
        match core {
            Core::Photo { url, width, height, text } => {
                Self::Photo { url, width: width.map(small), height: height.map(small), text }
            }
            Core::Video { title, url, seconds, preview } => {
                Self::Video { title, url, seconds: seconds.map(number), preview }
            }
            Core::Document { title, url, bytes, extension } => {
                Self::Document { title, url, bytes: bytes.map(number), extension }
            }
            Core::Link { url, title, text } => Self::Link { url, title, text },
            Core::Audio { artist, title, seconds, url } => {
                Self::Audio { artist, title, seconds: seconds.map(number), url }
            }
            Core::Poll { question, options, votes } => Self::Poll {
                question,
                options: options.into_iter().map(Into::into).collect(),
                votes: votes.map(number),
            },
            Core::Event { home } => Self::Event { home: home.into() },
            Core::Unknown(unknown) => Self::Unknown { kind: unknown.kind },
            unknown => Self::Unknown { kind: unknown.code().to_owned() },
        }
    }
}
