//! The model: plain data without any network.
//!
//! A [`Community`] is a group that publishes [`Post`]s and announces [`Event`]s. It has several [`Home`]s, the
//! addresses where it can be read; some of them may be under a [`Restriction`]. Unproved statements of a community
//! about itself are kept as claims with the field they were found in: [`AccessAdvice`] ("only through the Tor browser")
//! and [`Claim`] (a successor or predecessor). Nothing in this module follows a claim or opens a home.
//!
//! All types serialise and deserialise with serde. Codes are `snake_case` and stable. A reader ignores unknown fields
//! and fills in missing ones, so that older versions of Byway can read what newer ones wrote. Times are RFC 3339 with
//! an offset: `Z` for posts, the place's own offset for events if it is known.

mod advice;
mod attachment;
mod author;
mod calendar_entry;
mod claim;
mod debug;
mod display;
mod event;
mod home;
mod id;
mod link;
mod merge;
mod mirror;
mod moment;
mod order;
pub(crate) mod owners;
mod post;
mod profile;
mod restriction;
mod trust;

pub use advice::{AccessAdvice, AdviceKind};
pub use attachment::{Attachment, PollOption, UnknownAttachment};
pub use author::{Author, AuthorKind};
pub(crate) use calendar_entry::{CalendarEntry, CalendarReading, EntryReading, EntryVersion};
pub use claim::{Claim, Field};
pub use display::is_display_control;
#[cfg(feature = "publisher")]
pub(crate) use display::visible;
pub(crate) use display::{shown_line, shown_text};
pub use event::{Coordinates, Event, EventCounts, EventDays, EventStatus, Place};
pub(crate) use home::TELEGRAM_HOSTS;
pub use home::{Home, HomeError, TelegramName, VkHome};
pub use id::{CommunityId, IdError};
pub use link::Link;
pub use mirror::{MirrorStanding, MirrorState};
pub use moment::{Moment, MomentError};
pub(crate) use order::{by_start, newest_first};
pub(crate) use owners::{PageOwners, Site, host_key};
pub use post::{Post, PostCounts, PostState};
pub use profile::{Community, CommunityState, Members};
pub use restriction::Restriction;
pub use trust::{Trust, TrustReason, TrustState};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use jiff::Timestamp;
    use jiff::tz::Offset;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn round_trip<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    }

    fn community() -> Community {
        let home: Home = "vk.com/club12345".parse().unwrap();
        let next: Home = "vk.com/zavod_live".parse().unwrap();
        let mut community = Community::new(CommunityId::vk(12_345), "Рабочие станкозавода");
        community.members = Some(Members::new(389, "2016-11-09T10:00:00Z".parse().unwrap()));
        community.homes = vec![home.clone()];
        community.links = vec![Link::new("https://example.org/", Some("Сайт".to_owned()))];
        let mut blocked = Restriction::new("Сообщество заблокировано на территории РФ", "VK");
        blocked.jurisdiction = Some("RU".to_owned());
        blocked.number = Some("7".to_owned());
        blocked.date = Some(jiff::civil::date(2016, 11, 11));
        community.restrict(blocked);
        community.access_advice = vec![AccessAdvice::new(AdviceKind::Tor, "Только через Tor", Field::Status)];
        community.successor = Some(Claim::new(next, Field::PinnedPost, "Новая группа"));
        community
    }

    fn event() -> Event {
        let mut event = Event::new(CommunityId::vk(7), "Народный сход");
        event.start = Some(Moment::new("2016-11-09T10:00:00Z".parse().unwrap(), jiff::tz::offset(7)));
        event.zone = Some("Asia/Barnaul".to_owned());
        event.place = Some(Place {
            name: Some("Площадь".to_owned()),
            address: None,
            coordinates: Coordinates::new(53.35, 83.77),
        });
        event.organiser = Some(Author::new("vk:-12345", "Рабочие станкозавода", AuthorKind::Community));
        event.status = EventStatus::Scheduled;
        event
    }

    fn post() -> Post {
        let mut post = Post::new("vk:-12345_6");
        post.created = Some("2016-11-08T09:00:00Z".parse().unwrap());
        post.attachments = vec![
            Attachment::Photo {
                url: Some("https://example.org/1.jpg".to_owned()),
                width: Some(3),
                height: None,
                text: None,
            },
            Attachment::Poll {
                question: "Идём?".to_owned(),
                options: vec![PollOption::new("Да", Some(3))],
                votes: None,
            },
            Attachment::Event { home: "vk.com/event7".parse().unwrap() },
            Attachment::Unknown(UnknownAttachment::new("sticker")),
        ];
        let repost = post.clone();
        post.repost = Some(Box::new(repost));
        post
    }

    #[test]
    fn everything_serialises_both_ways() {
        round_trip(&community());
        round_trip(&event());
        round_trip(&post());
    }

    #[test]
    fn debug_shows_nothing_of_what_was_read() {
        let (community, event, mut post) = (community(), event(), post());
        post.text = "Завтра в шесть".to_owned();
        post.url = Some("https://vk.com/wall-12345_6".to_owned());
        post.author.clone_from(&event.organiser);
        let parts = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            community.restrictions,
            community.successor,
            community.access_advice,
            event.place,
            event.organiser,
            [PollOption::new("Да", Some(3))],
        );
        for shown in [format!("{community:?}"), format!("{event:?}"), format!("{post:?}"), format!("{post:#?}"), parts]
        {
            let cyrillic = shown.chars().any(|c| ('А'..='я').contains(&c));
            let named =
                ["12345", "zavod", "2016", "389", "53.35", "example", "://"].iter().any(|one| shown.contains(one));
            assert!(!cyrillic && !named, "{shown}");
        }
        assert!(format!("{post:?}").contains("poll") && format!("{community:?}").contains("Restricted"));
    }

    #[test]
    fn times_and_codes_are_written_in_one_stable_way() {
        let value = serde_json::to_value(community()).unwrap();
        assert_eq!(value["id"], "vk:-12345");
        assert_eq!(value["members"]["read_at"], "2016-11-09T10:00:00Z");
        assert_eq!(value["state"], "restricted");
        assert_eq!(value["homes"], json!(["https://vk.com/club12345"]));
        assert_eq!(value["restrictions"][0]["date"], "2016-11-11");
        assert_eq!(value["access_advice"][0]["kind"], "tor");
        assert_eq!(value["successor"]["field"], "pinned_post");
        let start = Moment::new("2016-11-09T10:00:00Z".parse().unwrap(), jiff::tz::offset(7));
        assert_eq!(serde_json::to_value(start).unwrap(), "2016-11-09T17:00:00+07:00");
        assert_eq!(Moment::utc(start.timestamp()).to_string(), "2016-11-09T10:00:00Z");
    }

    #[test]
    fn newer_fields_are_ignored_and_missing_ones_filled_in() {
        let community: Community =
            serde_json::from_value(json!({"id": "vk:-1", "name": "x", "charter": {"keys": []}})).unwrap();
        assert_eq!(community, Community::new(CommunityId::vk(1), "x"));
        let post: Post =
            serde_json::from_value(json!({"id": "p", "attachments": [{"kind": "hologram", "depth": 3}]})).unwrap();
        assert_eq!(post.attachments, [Attachment::Unknown(UnknownAttachment::new("hologram"))]);
        let event: Event = serde_json::from_value(json!({"id": "e", "name": "n", "status": "postponed"})).unwrap();
        assert_eq!(event.status, EventStatus::Unknown);
    }

    #[test]
    fn a_wrong_time_or_id_or_home_is_refused() {
        for text in ["2016-11-09T17:00:00", "2016-11-09", "yesterday", ""] {
            assert_eq!(text.parse::<Moment>(), Err(MomentError), "{text}");
        }
        assert_eq!("".parse::<CommunityId>(), Err(IdError::Empty));
        assert_eq!("a b".parse::<CommunityId>(), Err(IdError::Character));
        assert!(serde_json::from_value::<Home>(json!("zavod")).is_err());
    }

    proptest! {
        #[test]
        fn a_printed_moment_parses_to_itself(second in 0i64..200_000_000_000, minutes in -1439i32..=1439) {
            let at = Timestamp::from_second(second).unwrap();
            let moment = Moment::new(at, Offset::from_seconds(minutes * 60).unwrap());
            prop_assert_eq!(moment.to_string().parse::<Moment>(), Ok(moment));
        }
    }
}
