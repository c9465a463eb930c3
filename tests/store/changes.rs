//! The changes that a write reports.

use std::collections::{BTreeMap, BTreeSet};

use byway::community::{Community, CommunityId, Event, EventStatus, Members, Moment, Post, PostState};
use byway::internals::ClientStore as _;
use byway::internals::store::{Batch, Changes, Store, StoreChange};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::made::*;

fn ids(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    posts(numbers).into_iter().map(|post| post.id).collect()
}

fn read(store: &Store, community: Option<&Community>, posts: &[Post], events: &[Event], at: Timestamp) -> Changes {
    store.upsert(&Batch { community, posts, events, ..Batch::new(&id(), at) }).unwrap().changes
}

fn community() -> Community {
    let mut community = Community::new(id(), "Завод");
    community.members = Some(Members::new(389, at(NOON)));
    community
}

fn gathering() -> Event {
    let mut event = Event::new("vk:-7".parse().unwrap(), "Сход");
    event.start = Some(Moment::utc(at(NOON + 86_400)));
    event
}

#[test]
fn first_reading_is_flagged_and_later_ones_are_not() {
    let store = Store::in_memory().unwrap();
    let first = read(&store, Some(&community()), &posts(0..3), &[gathering()], at(NOON + 9 * 3600));
    assert!(first.community && first.posts.first && first.events.first);
    assert_eq!(first.posts.added, ids([2, 1, 0]), "the newest is first");
    assert_eq!(first.events.added, [gathering().id]);

    let second = read(&store, Some(&community()), &posts(0..4), &[], at(NOON + 9 * 3600));
    assert_eq!((second.posts.added, second.posts.first, second.community), (ids([3]), false, false));
}

#[test]
fn list_that_could_not_be_read_at_first_is_flagged_when_it_is() {
    let store = Store::in_memory().unwrap();
    read(&store, Some(&community()), &[], &[], at(NOON + 9 * 3600));
    let later = read(&store, Some(&community()), &posts(0..3), &[], at(NOON + 10 * 3600));
    assert!(later.posts.first, "they were published before the community was read first");

    let store = Store::in_memory().unwrap();
    read(&store, Some(&community()), &[], &[], at(NOON));
    let later = read(&store, Some(&community()), &posts(1..2), &[], at(NOON + 2 * 3600));
    assert!(!later.posts.first, "it was published since");
}

#[test]
fn identical_reading_changes_nothing_whenever_it_is_made() {
    let store = Store::in_memory().unwrap();
    let mut removed = post(1);
    (removed.state, removed.state_seen) = (PostState::Removed, Some(at(NOON)));
    let mut gone = gathering();
    (gone.status, gone.status_seen) = (EventStatus::Removed, Some(at(NOON)));
    let mut listener = store.changes();
    read(&store, Some(&community()), &[post(0), post(1)], &[gathering()], at(NOON));
    let taken =
        read(&store, Some(&community()), std::slice::from_ref(&removed), std::slice::from_ref(&gone), at(NOON + 1));
    assert_eq!((taken.posts.removed, taken.events.removed), (ids([1]), vec![gone.id.clone()]));
    assert!(taken.posts.changed.is_empty() && taken.events.changed.is_empty());
    while listener.try_next().is_some() {}

    for later in 2..5 {
        (removed.state_seen, gone.status_seen) = (Some(at(NOON + later)), Some(at(NOON + later)));
        let mut again = community();
        again.members = Some(Members::new(389, at(NOON + later)));
        let changes =
            read(&store, Some(&again), &[removed.clone(), post(0)], std::slice::from_ref(&gone), at(NOON + later));
        assert!(changes.is_empty(), "{changes:?}");
    }
    assert_eq!(listener.try_next(), None, "a listener hears nothing of it");
    let back = read(&store, None, &posts([1]), &[gathering()], at(NOON + 9));
    assert_eq!((back.posts.changed, back.events.changed), (ids([1]), vec![gone.id]), "what was removed is there again");
}

#[test]
fn gone_community_and_edited_post_are_changes_of_content() {
    let store = Store::in_memory().unwrap();
    read(&store, Some(&community()), &posts(0..2), &[], at(NOON));
    let mut edited = post(0);
    edited.text.push_str(", дополнено");
    assert_eq!(read(&store, None, &[edited, post(1)], &[], at(NOON + 1)).posts.changed, ids([0]));
    let mut gone = community();
    gone.set_gone(at(NOON + 2));
    assert!(read(&store, Some(&gone), &[], &[], at(NOON + 2)).community);
    gone.set_gone(at(NOON + 3));
    assert!(!read(&store, Some(&gone), &[], &[], at(NOON + 3)).community, "that it is still gone is no change");
}

#[test]
fn retention_drops_and_what_is_too_old_is_not_added_again() {
    let store = Store::in_memory().unwrap();
    let now = at(NOON + 40 * 86_400);
    let all = posts((0..40).map(|day| day * 24));
    read(&store, Some(&community()), &all, &[gathering()], now);
    let mut listener = store.changes();
    assert_eq!(store.set_retention(Some(10), now).unwrap(), 31);
    let mut dropped = BTreeSet::new();
    while let Some(change) = listener.try_next() {
        match change {
            StoreChange::Posts { posts, .. } => dropped.extend(posts.dropped),
            StoreChange::Events { events, .. } => assert_eq!(events.dropped, [gathering().id]),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(dropped, ids((0..30).map(|day| day * 24)).into_iter().collect());
    let again = read(&store, Some(&community()), &all, &[gathering()], now);
    assert!(again.is_empty(), "{again:?}");
    assert_eq!(paged(&store, &id(), 100).len(), 10);
}

#[test]
fn many_dropped_posts_are_reported_in_pieces() {
    let store = Store::in_memory().unwrap();
    store.upsert_posts(&id(), &posts(0..2500), at(NOON)).unwrap();
    let mut listener = store.changes();
    store.set_retention(Some(0), at(NOON + 365 * 86_400)).unwrap();
    let mut sizes = Vec::new();
    while let Some(StoreChange::Posts { posts, .. }) = listener.try_next() {
        sizes.push(posts.dropped.len());
    }
    assert_eq!(sizes, [1000, 1000, 500]);
}

#[test]
fn forgetting_and_wiping_are_changes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    read(&store, Some(&community()), &[], &[], at(NOON));
    let mut listener = store.changes();
    store.forget(&id()).unwrap();
    assert_eq!(listener.try_next(), Some(StoreChange::Forgotten { id: id() }));
    store.wipe().unwrap();
    assert_eq!(listener.try_next(), Some(StoreChange::Emptied));
    let memory = Store::in_memory().unwrap();
    let mut listener = memory.changes();
    memory.lock().unwrap();
    assert_eq!(listener.try_next(), Some(StoreChange::Emptied), "what was in memory is gone with its key");
}

#[test]
fn slow_listener_hears_how_many_changes_it_lost() {
    let store = Store::in_memory().unwrap();
    let mut listener = store.changes();
    for number in 0..300 {
        store.upsert_posts(&id(), &posts([number]), at(NOON)).unwrap();
    }
    assert_eq!(listener.try_next(), Some(StoreChange::Missed { changes: 44 }));
    let heard = std::iter::from_fn(|| listener.try_next()).count();
    assert_eq!(heard, 256);
}

#[test]
fn change_serialises_flat_and_its_debug_shows_no_name() {
    let store = Store::in_memory().unwrap();
    let mut listener = store.changes();
    read(&store, Some(&community()), &posts([1]), &[], at(NOON));
    let told: Vec<StoreChange> = std::iter::from_fn(|| listener.try_next()).collect();
    assert!(!format!("{told:?}").contains("12345"), "{told:?}");
    let json: Vec<serde_json::Value> = told.iter().map(|change| serde_json::to_value(change).unwrap()).collect();
    assert_eq!(
        json,
        [
            serde_json::json!({"change": "community", "id": "vk:-12345"}),
            serde_json::json!({"change": "posts", "id": "vk:-12345", "first": true, "added": ["vk:-12345_1"],
                "changed": [], "removed": [], "dropped": []}),
        ]
    );
    assert!(told.iter().zip(&json).all(|(change, json)| json["change"] == change.code()));
}

/// What a list shows of each post.
fn shown(store: &Store) -> BTreeMap<String, Post> {
    let timeless = |mut post: Post| {
        (post.state_seen, post.read_at) = (None, None);
        (post.id.clone(), post)
    };
    paged(store, &id(), 100).into_iter().map(timeless).collect()
}

fn any_reading() -> impl Strategy<Value = Vec<Post>> {
    let post = (0..12u32, 0..3u8, 0..3u8, 0..40u32).prop_map(|(number, text, state, day)| {
        let mut post = post(number);
        post.created = Some(at(NOON + i64::from(day) * 86_400));
        post.text = "т".repeat(usize::from(text));
        if state == 2 {
            (post.state, post.state_seen) = (PostState::Removed, Some(at(NOON + i64::from(number))));
        }
        post
    });
    proptest::collection::vec(post, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changes_applied_to_the_earlier_list_give_the_later(
        readings in proptest::collection::vec((any_reading(), proptest::option::of(5..50u32), any::<bool>()), 1..7),
    ) {
        let store = Store::in_memory().unwrap();
        let mut listener = store.changes();
        let (mut by_answers, mut by_stream) = (BTreeMap::<String, Post>::new(), BTreeMap::<String, Post>::new());
        for (number, (reading, retention, full)) in readings.into_iter().enumerate() {
            let now = at(NOON + 45 * 86_400 + i64::try_from(number).unwrap());
            if full {
                store.set_limit(Some(40_000)).unwrap();
            }
            let kept = store.upsert_posts(&id(), &reading, now).unwrap();
            let later = shown(&store);
            apply(&mut by_answers, &kept.changes.posts, &later);
            prop_assert_eq!(&by_answers, &later);
            let twice = store.upsert_posts(&id(), &reading, now).unwrap().changes;
            let same = shown(&store);
            apply(&mut by_answers, &twice.posts, &same);
            prop_assert_eq!(&by_answers, &same);
            if retention.is_some() {
                store.set_retention(retention, now).unwrap();
            }
            let last = shown(&store);
            let mut heard = Vec::new();
            while let Some(StoreChange::Posts { posts, .. }) = listener.try_next() {
                heard.push(posts);
            }
            for changed in &heard {
                apply(&mut by_stream, changed, &last);
            }
            prop_assert_eq!(&by_stream, &last, "the stream says the same: {:?}", heard);
            by_answers = last;
        }
    }
}

/// Ids that are new or different are read again, dropped ids are removed.
fn apply(list: &mut BTreeMap<String, Post>, changed: &byway::Changed<String>, later: &BTreeMap<String, Post>) {
    let mut named = BTreeSet::new();
    for id in changed.added.iter().chain(&changed.changed).chain(&changed.removed) {
        assert!(named.insert(id), "an id is named once");
        match later.get(id) {
            Some(post) => list.insert(id.clone(), post.clone()),
            // A later one of several changes removed it.
            None => list.remove(id),
        };
    }
    for id in &changed.dropped {
        assert!(named.insert(id), "an id is named once");
        if !later.contains_key(id) {
            list.remove(id);
        }
    }
}

#[test]
fn an_event_with_an_invalid_id_does_no_harm() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    store.upsert_events(&other, &[gathering()], at(NOON)).unwrap();
    assert_eq!(store.event(&other, &gathering().id).unwrap(), Some(gathering()));
}
