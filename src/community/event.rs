use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Author, CommunityId, Home, Moment};

/// A gathering with a time and a place.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// What machines call it.
    pub id: CommunityId,
    /// What it is called.
    pub name: String,
    /// What it says about itself.
    #[serde(default)]
    pub text: Option<String>,
    /// When it begins, in the place's own offset where that is known.
    #[serde(default)]
    pub start: Option<Moment>,
    /// When it ends.
    #[serde(default)]
    pub end: Option<Moment>,
    /// The IANA name of its time zone, where the source gives one.
    #[serde(default)]
    pub zone: Option<String>,
    /// Where it is held.
    #[serde(default)]
    pub place: Option<Place>,
    /// Who calls it.
    #[serde(default)]
    pub organiser: Option<Author>,
    /// Whether it is still to be expected.
    #[serde(default)]
    pub status: EventStatus,
    /// When its page was last seen to be removed, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_seen: Option<Timestamp>,
    /// When what is known of it was read, where its page was removed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// A word about a cancellation stands in its name or status. A hint for people: the sentence may be about
    /// something else, and changes no [`Event::status`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mentions_cancellation: bool,
    /// Who comes.
    #[serde(default)]
    pub counts: EventCounts,
    /// Its own page.
    #[serde(default)]
    pub home: Option<Home>,
}

impl Event {
    /// A gathering of which nothing else is known.
    pub fn new(id: CommunityId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            text: None,
            start: None,
            end: None,
            zone: None,
            place: None,
            organiser: None,
            status: EventStatus::default(),
            status_seen: None,
            read_at: None,
            mentions_cancellation: false,
            counts: EventCounts::default(),
            home: None,
        }
    }
}

/// Whether a gathering is to be expected, at the time it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventStatus {
    /// It is announced and not over.
    Scheduled,
    /// It is over.
    Ended,
    /// Its source has a field for that, and it says so. Never concluded from words.
    Cancelled,
    /// Its page was deleted or banned. Whether it is held is another question.
    Removed,
    /// The source does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

codes! {
    EventStatus {
        Scheduled = "scheduled",
        Ended = "ended",
        Cancelled = "cancelled",
        Removed = "removed",
        Unknown = "unknown",
    }
}

/// Who comes, where the source says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EventCounts {
    /// Those who said that they come.
    pub going: Option<u64>,
    /// Those who perhaps come.
    pub maybe: Option<u64>,
}

/// Where something is held.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Place {
    /// What it is called.
    pub name: Option<String>,
    /// Its postal address.
    pub address: Option<String>,
    /// Where it lies.
    pub coordinates: Option<Coordinates>,
}

/// A point on the earth (WGS 84), in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Coordinates {
    /// From -90 (south) to 90.
    pub latitude: f64,
    /// From -180 (west) to 180.
    pub longitude: f64,
}

impl Coordinates {
    /// The point, unless it lies outside the ranges. 0, 0 is a point in the sea, and no gathering's.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        (on_earth && (latitude, longitude) != (0.0, 0.0)).then_some(Self { latitude, longitude })
    }
}
