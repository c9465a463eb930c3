//! Merges a newer reading into what is already known.
//!
//! A platform's answer is often hollow: a deleted group is named `DELETED` and has no description, a removed event has
//! no date, a hidden post holds a notice. Absence never erases: a field that the newer reading does not state keeps its
//! known value, and a field that it states is replaced. The state that the platform reports (gone, removed, withheld)
//! is kept beside the known content, with the time at which it was seen.
//!
//! `known.merge(newer)` is idempotent. Field by field it is associative, so that readings may be merged in groups.
//! Values that span several fields (the times of a gathering, the links of a kept text, restrictions) are right
//! only if readings are merged one after another, as the store does.
//!
//! A value that is true only as a whole comes from one reading, the newest that states it: a place is never the name
//! of one place with the address of another, an hour never has the zone of another place, and an edited post has no
//! picture of its earlier version.

use std::mem;

use super::{
    AccessAdvice, Attachment, Author, Claim, Community, CommunityId, CommunityState, Event, EventDays, EventStatus,
    Field, Home, Link, Moment, Post, PostState, VkHome,
};

impl Community {
    /// Merges a newer reading into this one.
    ///
    /// Restrictions come from the newer reading, unless it says that the community is gone: only a reading of the
    /// content shows that a block no longer holds. `pinned_read` is true if the newer reading saw the wall; then a
    /// claim from the pinned post that is missing now was withdrawn.
    #[must_use]
    pub fn merge(self, newer: Community, pinned_read: bool) -> Community {
        let hollow = newer.state == CommunityState::Gone;
        let stated = |field: Field| match field {
            Field::Name => is_name(&newer.name, &newer.id),
            Field::Status => newer.status.is_some(),
            Field::Description => newer.description.is_some(),
            Field::Links => !newer.links.is_empty(),
            Field::PinnedPost => pinned_read && !hollow,
            Field::Elsewhere => false,
        };
        let stands = |claim: &Claim| !stated(claim.field);
        let successor = newer.successor.clone().or(self.successor.filter(stands));
        let predecessor = newer.predecessor.clone().or(self.predecessor.filter(stands));
        let mut access_advice = newer.access_advice.clone();
        for advice in self.access_advice {
            let replaced = |new: &AccessAdvice| new.kind == advice.kind && new.field == advice.field;
            if !stated(advice.field) && !access_advice.iter().any(replaced) {
                access_advice.push(advice);
            }
        }
        let homes = homes(self.homes, self.screen_name.as_deref(), &newer);
        let mut restrictions = newer.restrictions;
        if hollow {
            let read = mem::replace(&mut restrictions, self.restrictions);
            restrictions.extend(read.into_iter().filter(|one| !restrictions.contains(one)).collect::<Vec<_>>());
        }
        Community {
            name: name(self.name, newer.name, &newer.id),
            screen_name: newer.screen_name.or(self.screen_name),
            status: newer.status.or(self.status),
            description: newer.description.or(self.description),
            members: newer.members.or(self.members),
            state: newer.state,
            state_seen: newer.state_seen,
            homes,
            links: if newer.links.is_empty() { self.links } else { newer.links },
            restrictions,
            access_advice,
            successor,
            predecessor,
            // A platform withdraws a mark by not showing it.
            verified_by: newer.verified_by,
            id: newer.id,
        }
    }
}

impl Post {
    /// Merges a newer reading into this one.
    #[must_use]
    pub fn merge(self, newer: Post) -> Post {
        let (known_real, newer_real) = (self.has_own_text(), newer.has_own_text());
        let keeps_attachments = newer.attachments.is_empty() && !(newer_real && newer.edited > self.edited);
        let links = links_of(&self, &newer, keeps_attachments);
        let withheld = if newer_real { newer.withheld } else { newer.withheld.or(self.withheld) };
        let text = match (newer_real, known_real) {
            (true, _) => newer.text,
            (false, true) => self.text,
            (false, false) => withheld.clone().unwrap_or_default(),
        };
        let repost = match (self.repost, newer.repost) {
            (Some(known), Some(newer)) if known.id == newer.id => Some(Box::new(known.merge(*newer))),
            (known, newer) => newer.or(known),
        };
        Post {
            id: newer.id,
            url: newer.url.or(self.url),
            author: author(self.author, newer.author),
            text,
            created: newer.created.or(self.created),
            edited: newer.edited.or(self.edited),
            pinned: newer.pinned,
            attachments: if keeps_attachments { self.attachments } else { newer.attachments },
            links,
            repost,
            counts: super::PostCounts {
                comments: newer.counts.comments.or(self.counts.comments),
                likes: newer.counts.likes.or(self.counts.likes),
                reposts: newer.counts.reposts.or(self.counts.reposts),
                views: newer.counts.views.or(self.counts.views),
            },
            state: newer.state,
            state_seen: newer.state_seen,
            read_at: newer.read_at.or(self.read_at),
            withheld,
        }
    }

    /// Returns `true` if the text is the post's own, and not the platform's replacement.
    pub fn has_own_text(&self) -> bool {
        !self.text.is_empty() && self.withheld.as_ref() != Some(&self.text)
    }

    /// Returns `true` if the post has nothing to show.
    pub fn is_hollow(&self) -> bool {
        self.text.is_empty() && self.attachments.is_empty() && self.repost.is_none()
    }

    /// Returns `true` if only the platform's report of the removal is left: there is nothing to show or to keep.
    pub fn is_removed_and_hollow(&self) -> bool {
        self.state == PostState::Removed && self.is_hollow()
    }
}

impl Event {
    /// Returns `true` if only the report of the removal is left.
    pub(crate) fn is_removed_and_hollow(&self) -> bool {
        self.status == EventStatus::Removed && self.name.is_empty() && self.start.is_none()
    }

    /// Returns `true` if this is a reading of an older version of a calendar's entry than the one that is kept.
    pub(crate) fn is_outdated_by(&self, kept: &Event) -> bool {
        let calls_off = matches!(self.status, EventStatus::Cancelled | EventStatus::Removed);
        let versions = self.entry.zip(kept.entry).filter(|(read, kept)| read.uid == kept.uid);
        versions.is_some_and(|(read, kept)| read.version.is_outdated_by(kept.version, calls_off))
    }

    /// Merges a newer reading into this one.
    ///
    /// The entry of a calendar is complete: what a newer reading does not state was withdrawn. Otherwise, the place is
    /// the newest stated one, whole, and so are the times: the start with its end, days and zone. The end of an
    /// earlier reading is kept only if the newer one states the same start.
    #[must_use]
    pub fn merge(self, newer: Event) -> Event {
        if newer.entry.is_some() && !newer.name.is_empty() {
            return Event { read_at: newer.read_at.or(self.read_at), ..newer };
        }
        let hint = newer.mentions_cancellation || (self.mentions_cancellation && !is_name(&newer.name, &newer.id));
        let Times { start, end, days, zone } = Times::of(&self).merge(Times::of(&newer), newer.place.is_some());
        Event {
            name: name(self.name, newer.name, &newer.id),
            text: newer.text.or(self.text),
            days,
            start,
            end,
            zone,
            place: newer.place.or(self.place),
            organiser: author(self.organiser, newer.organiser),
            status: newer.status,
            status_seen: newer.status_seen,
            read_at: newer.read_at.or(self.read_at),
            edited: newer.edited.or(self.edited),
            mentions_cancellation: hint,
            counts: super::EventCounts {
                going: newer.counts.going.or(self.counts.going),
                maybe: newer.counts.maybe.or(self.counts.maybe),
            },
            home: newer.home.or(self.home),
            entry: newer.entry.or(self.entry),
            id: newer.id,
        }
    }
}

/// When an event is held, as one reading states it.
#[derive(Debug)]
struct Times {
    start: Option<Moment>,
    end: Option<Moment>,
    days: Option<EventDays>,
    zone: Option<String>,
}

impl Times {
    fn of(event: &Event) -> Self {
        Self { start: event.start, end: event.end, days: event.days, zone: event.zone.clone() }
    }

    /// `names_place` is true if the newer reading states a place.
    fn merge(self, newer: Times, names_place: bool) -> Times {
        let (Some(known), Some(read)) = (self.start, newer.start) else {
            return if newer.start.is_some() || self.start.is_none() { newer } else { self };
        };
        if known.timestamp() != read.timestamp() || self.days != newer.days {
            return newer;
        }
        // The same time. Without its place, a reading states it in UTC.
        let keeps_zone = newer.zone.is_none() && !names_place;
        Times {
            start: Some(if keeps_zone { known } else { read }),
            end: newer.end.or(self.end),
            days: newer.days,
            zone: if keeps_zone { self.zone } else { newer.zone },
        }
    }
}

/// Returns `true` if a text is a real name, and not a placeholder made of this id.
fn is_name(name: &str, id: &CommunityId) -> bool {
    !name.trim().is_empty() && !id.is_stand_in(name)
}

fn name(known: String, newer: String, id: &CommunityId) -> String {
    if is_name(&newer, id) || !is_name(&known, id) && !newer.is_empty() { newer } else { known }
}

fn author(known: Option<Author>, newer: Option<Author>) -> Option<Author> {
    match (known, newer) {
        (Some(known), Some(mut newer)) if known.id == newer.id => {
            if newer.name.is_empty() {
                newer.name = known.name;
            }
            newer.url = newer.url.or(known.url);
            Some(newer)
        }
        (known, newer) => newer.or(known),
    }
}

/// The homes of the newer reading, then the other known ones. A short name that was given up is not a home: another
/// community may have taken it.
fn homes(known: Vec<Home>, short: Option<&str>, newer: &Community) -> Vec<Home> {
    let given_up = match (short, newer.screen_name.as_deref()) {
        (Some(old), Some(new)) if !old.eq_ignore_ascii_case(new) => Some(old.to_ascii_lowercase()),
        _ => None,
    };
    let is_given_up = |home: &Home| matches!(home, Home::Vk(VkHome::Name(name)) if Some(name) == given_up.as_ref());
    let mut homes = newer.homes.clone();
    for home in known {
        if !homes.contains(&home) && !is_given_up(&home) {
            homes.push(home);
        }
    }
    homes
}

/// The links of the kept text and attachments.
fn links_of(known: &Post, newer: &Post, keeps_attachments: bool) -> Vec<Link> {
    let keeps_text = !newer.has_own_text() && known.has_own_text();
    let hangs = |link: &&Link| {
        known.attachments.iter().any(|one| matches!(one, Attachment::Link { url, .. } if *url == link.url))
    };
    let mut links = newer.links.clone();
    for link in known.links.iter().filter(|link| keeps_text || (keeps_attachments && hangs(link))) {
        if !links.iter().any(|there| there.url == link.url) {
            links.push(link.clone());
        }
    }
    links
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use jiff::Timestamp;
    use jiff::civil::date;
    use jiff::tz::offset;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::community::{AdviceKind, AuthorKind, Coordinates, EventStatus, Members, Place, PostState, Restriction};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or_default()
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), Just("один".to_owned()), Just("two".to_owned()), Just("club7".to_owned())]
    }

    fn stated() -> impl Strategy<Value = Option<String>> {
        option::of(prop_oneof![Just("один".to_owned()), Just("two".to_owned())])
    }

    fn home(name: &str) -> Home {
        Home::Vk(VkHome::Name(name.to_owned()))
    }

    prop_compose! {
        fn any_community()(
            name in word(), short in option::of(prop_oneof![Just("a"), Just("b")]), status in stated(),
            description in stated(), members in option::of(0..9u64), gone in any::<bool>(), links in 0..3usize,
            advice in any::<bool>(), claim in any::<bool>(), verified in any::<bool>(),
        ) -> Community {
            let mut community = Community::new(CommunityId::vk(7), name);
            community.screen_name = short.map(str::to_owned);
            (community.status, community.description) = (status, description);
            community.members = members.map(|count| Members::new(count, at(1)));
            community.homes = short.map(home).into_iter().chain(Home::vk_id(7)).collect();
            community.links = (0..links).map(|n| Link::new(format!("https://{n}.example/"), None)).collect();
            if advice {
                community.access_advice.push(AccessAdvice::new(AdviceKind::Tor, "Tor", Field::Status));
            }
            if claim {
                community.successor = Some(Claim::new(home("next"), Field::Description, "moved"));
            }
            community.verified_by = verified.then(|| "Telegram".to_owned());
            if gone {
                community.set_gone(at(2));
            }
            community
        }
    }

    prop_compose! {
        fn any_event()(
            name in word(), text in stated(), start in option::of(Just(1_000)), end in option::of(2_000..2_003i64),
            place in option::of((stated(), stated(), any::<bool>())), organiser in option::of(word()),
            removed in any::<bool>(), hint in any::<bool>(), going in option::of(0..9u64),
        ) -> Event {
            let mut event = Event::new(CommunityId::vk(7), name);
            event.text = text;
            event.start = start.map(|start| Moment::utc(at(start)));
            event.end = start.and(end).map(|end| Moment::utc(at(end)));
            event.place = place.map(|(name, address, point)| Place {
                name, address, coordinates: Coordinates::new(1.0, 1.0).filter(|_| point),
            });
            event.organiser = organiser.map(|name| Author::new("vk:-7", name, AuthorKind::Community));
            event.status = if removed { EventStatus::Removed } else { EventStatus::Scheduled };
            event.status_seen = removed.then(|| at(3));
            event.mentions_cancellation = hint;
            event.counts.going = going;
            event
        }
    }

    prop_compose! {
        /// Few starts, each in one of two zones, with and without days.
        fn any_times()(
            start in option::of((1..3i64, any::<bool>(), any::<bool>())), end in option::of(9..11i64),
            zone in any::<bool>(),
        ) -> Times {
            let moment = |second: i64, ahead: bool| Moment::new(at(second), offset(if ahead { 7 } else { 0 }));
            Times {
                start: start.map(|(second, ahead, _)| moment(second, ahead)),
                end: end.map(|second| moment(second, false)),
                days: start.filter(|(.., is_day)| *is_day).map(|_| EventDays::new(date(1970, 1, 1), date(1970, 1, 1))),
                zone: start.filter(|_| zone).map(|(_, ahead, _)| if ahead { "Asia/Barnaul" } else { "UTC" }.to_owned()),
            }
        }
    }

    prop_compose! {
        fn any_post()(
            text in word(), withheld in option::of(Just("notice".to_owned())), created in option::of(0..3i64),
            likes in option::of(0..9u64), attached in 0..3usize, author in option::of(word()), removed in any::<bool>(),
        ) -> Post {
            let mut post = Post::new("vk:-7_1");
            post.withheld = withheld.filter(|_| text.is_empty());
            post.text = post.withheld.clone().unwrap_or(text);
            post.created = created.map(at);
            post.counts.likes = likes;
            post.attachments = (0..attached).map(|_| Attachment::Event { home: home("e") }).collect();
            post.author = author.map(|name| Author::new("vk:-7", name, AuthorKind::Community));
            if removed {
                (post.state, post.state_seen) = (PostState::Removed, Some(at(4)));
            }
            post
        }
    }

    proptest! {
        #[test]
        fn merging_a_community_is_idempotent_and_associative(
            a in any_community(), b in any_community(), c in any_community()
        ) {
            let merge = |a: &Community, b: &Community| a.clone().merge(b.clone(), false);
            let ab = merge(&a, &b);
            prop_assert_eq!(merge(&ab, &b), ab.clone());
            prop_assert_eq!(merge(&ab, &ab), ab.clone());
            prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
        }

        #[test]
        fn absence_erases_nothing_of_a_community(known in any_community(), newer in any_community()) {
            let merged = known.clone().merge(newer.clone(), true);
            prop_assert!(is_name(&merged.name, &merged.id) || !is_name(&known.name, &known.id));
            prop_assert_eq!(&merged.description, &newer.description.or(known.description));
            prop_assert_eq!(&merged.status, &newer.status.clone().or(known.status));
            prop_assert_eq!(&merged.screen_name, &newer.screen_name.or(known.screen_name));
            prop_assert_eq!(merged.members, newer.members.or(known.members));
            prop_assert!(known.links.is_empty() || !merged.links.is_empty());
            prop_assert!(known.access_advice.is_empty() || newer.status.is_some() || !merged.access_advice.is_empty());
            prop_assert_eq!((merged.state, merged.state_seen), (newer.state, newer.state_seen));
        }

        #[test]
        fn merging_an_event_is_idempotent_and_associative(a in any_event(), b in any_event(), c in any_event()) {
            let merge = |a: &Event, b: &Event| a.clone().merge(b.clone());
            let ab = merge(&a, &b);
            prop_assert_eq!(merge(&ab, &b), ab.clone());
            prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
            prop_assert_eq!(ab.text, b.text.or(a.text));
            prop_assert_eq!(ab.place, b.place.or(a.place), "never of two readings");
        }

        #[test]
        fn times_of_an_event_come_whole_from_one_reading(readings in vec((any_event(), any_times()), 1..5)) {
            let readings = readings.into_iter().map(|(event, times)| {
                let Times { start, end, days, zone } = times;
                Event { start, end, days, zone, ..event }
            });
            let readings: Vec<Event> = readings.collect();
            let merged = readings.clone().into_iter().reduce(Event::merge).unwrap();
            let Some(start) = merged.start else {
                prop_assert!(readings.iter().all(|read| read.start.is_none()));
                return Ok(());
            };
            let stated = readings.iter().rev().find(|read| read.start.is_some()).unwrap();
            prop_assert_eq!(start.timestamp(), stated.start.unwrap().timestamp(), "the newest stated start");
            prop_assert_eq!(merged.days, stated.days);
            let same = |read: &&Event| {
                read.start.map(|start| start.timestamp()) == Some(start.timestamp()) && read.days == merged.days
            };
            prop_assert!(merged.end.is_none() || readings.iter().filter(same).any(|read| read.end == merged.end));
            let one = |read: &Event| (read.start, read.zone.clone()) == (merged.start, merged.zone.clone());
            prop_assert!(readings.iter().filter(same).any(one), "the offset and the zone of one reading");
            let placed = readings.iter().rev().find(|read| read.place.is_some() && read.start.is_some());
            if placed.is_some_and(|placed| std::ptr::eq(placed, stated)) {
                prop_assert_eq!(&merged.zone, &stated.zone, "no zone of an earlier place");
            }
        }

        #[test]
        fn merging_a_post_is_idempotent_and_associative(a in any_post(), b in any_post(), c in any_post()) {
            let merge = |a: &Post, b: &Post| a.clone().merge(b.clone());
            let ab = merge(&a, &b);
            prop_assert_eq!(merge(&ab, &b), ab.clone());
            prop_assert_eq!(merge(&ab, &c), merge(&a, &merge(&b, &c)));
            prop_assert!(ab.has_own_text() || !a.has_own_text(), "no notice takes the place of a text");
            prop_assert!(!b.has_own_text() || ab.text == b.text, "a real edit replaces");
            prop_assert_eq!(ab.created, b.created.or(a.created));
            prop_assert!(a.attachments.is_empty() || !ab.attachments.is_empty());
        }
    }

    #[test]
    fn an_edited_post_keeps_no_attachment_of_its_earlier_version() {
        let mut known = Post::new("vk:-7_1");
        known.text = "The gathering is at the old gate".to_owned();
        known.attachments = vec![Attachment::Event { home: home("e") }];
        let mut newer = Post::new("vk:-7_1");
        newer.text = "The gathering is at the square".to_owned();
        assert_eq!(
            known.clone().merge(newer.clone()).attachments.len(),
            1,
            "the answer does not say that it was edited"
        );
        newer.edited = Some(at(9));
        assert!(known.clone().merge(newer.clone()).attachments.is_empty());
        newer.text = String::new();
        assert_eq!(known.merge(newer).attachments.len(), 1, "a hollow answer erases nothing");
    }

    #[test]
    fn an_end_goes_with_the_start_it_belongs_to() {
        let mut known = Event::new(CommunityId::vk(7), "x");
        (known.start, known.end) = (Some(Moment::utc(at(1_000))), Some(Moment::utc(at(2_000))));
        let mut moved = Event::new(CommunityId::vk(7), "x");
        moved.start = Some(Moment::utc(at(1_500)));
        assert_eq!(known.merge(moved).end, None, "nobody said how long it is on the new day");
    }

    #[test]
    fn a_given_up_short_name_is_no_home_any_more() {
        let mut known = Community::new(CommunityId::vk(7), "x");
        (known.screen_name, known.homes) = (Some("Old".to_owned()), vec![home("old"), home("other")]);
        let mut newer = Community::new(CommunityId::vk(7), "x");
        (newer.screen_name, newer.homes) = (Some("new".to_owned()), vec![home("new")]);
        assert_eq!(known.merge(newer, false).homes, [home("new"), home("other")]);
    }

    #[test]
    fn a_reading_of_content_drops_a_block_but_gone_does_not() {
        let mut known = Community::new(CommunityId::vk(7), "x");
        known.restrict(Restriction::new("blocked", "VK"));
        let read = Community::new(CommunityId::vk(7), "x");
        assert_eq!(known.clone().merge(read.clone(), false).restrictions, []);
        let mut gone = read;
        gone.set_gone(at(5));
        assert_eq!(known.clone().merge(gone, false).restrictions, known.restrictions);
    }

    #[test]
    fn reading_the_wall_withdraws_a_claim_of_the_pinned_post() {
        let mut known = Community::new(CommunityId::vk(7), "x");
        known.successor = Some(Claim::new(home("next"), Field::PinnedPost, "moved"));
        let newer = Community::new(CommunityId::vk(7), "x");
        assert!(known.clone().merge(newer.clone(), false).successor.is_some());
        assert!(known.merge(newer, true).successor.is_none());
    }
}
