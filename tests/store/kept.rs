//! Contents of the store, and retention.

use byway::Exposure;
use byway::community::{Community, CommunityId, Event, Home, Moment};
use byway::internals::ClientStore as _;
use byway::internals::store::{Batch, Cursor, Store, StoreError};

use crate::made::*;

#[test]
fn what_was_kept_is_there_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let home: Home = "vk.com/zavod_live".parse().unwrap();
    let mut community = Community::new(id(), "Рабочие станкозавода");
    community.homes = vec![home.clone()];
    let mut event = Event::new("vk:-7".parse().unwrap(), "Народный сход");
    event.start = Some(Moment::new(at(NOON), jiff::tz::offset(7)));
    let secret;
    {
        let store = Store::open(folder.path(), &key()).unwrap();
        let mine = id();
        let batch = Batch {
            community: Some(&community),
            posts: &posts(0..50),
            events: std::slice::from_ref(&event),
            ..Batch::new(&mine, at(NOON))
        };
        assert_eq!(store.upsert(&batch).unwrap().added, 51);
        store.set_blob("ledger", b"bytes").unwrap();
        store.raise_floor(&mine, Exposure::Tor).unwrap();
        secret = store.secret("ledger").unwrap();
    }
    let store = Store::open(folder.path(), &key()).unwrap();
    let kept = store.communities().unwrap();
    assert_eq!((&kept[0].community, kept[0].synced_at), (&community, at(NOON)));
    assert_eq!(store.community_at(&home).unwrap().unwrap(), kept[0]);
    assert_eq!(paged(&store, &id(), 7), posts((0..50).rev()));
    assert_eq!(store.all_posts(&id()).map(Result::unwrap).collect::<Vec<_>>(), posts((0..50).rev()));
    assert_eq!(store.post(&id(), "vk:-12345_3").unwrap().unwrap(), post(3));
    assert_eq!(store.events(&id(), None, 10).unwrap().items, [event]);
    assert_eq!(store.blob("ledger").unwrap().unwrap(), b"bytes");
    assert_eq!(store.floor(&id()).unwrap(), Exposure::Tor);
    assert_eq!(store.secret("ledger").unwrap(), secret);
    store.check().unwrap();
}

#[test]
fn a_community_is_found_by_each_home_and_by_the_typed_one() {
    let store = Store::in_memory().unwrap();
    let [one, other, typed]: [Home; 3] =
        ["vk.com/zavod", "vk.com/club12345", "vk.com/old_name"].map(|home| home.parse().unwrap());
    let mut community = Community::new(id(), "Завод");
    community.homes = vec![one.clone(), other.clone()];
    store.upsert_community(&community, at(1)).unwrap();
    store.set_home(&typed, &id()).unwrap();
    for home in [&one, &other, &typed] {
        assert_eq!(store.community_at(home).unwrap().unwrap().community, community);
    }
    assert_eq!(store.community_at(&"vk.com/other".parse().unwrap()).unwrap(), None);

    community.name = "Новое имя".to_owned();
    store.upsert_community(&community, at(2)).unwrap();
    let kept = store.community(&id()).unwrap().unwrap();
    assert_eq!((kept.community.name.as_str(), kept.synced_at), ("Новое имя", at(2)));
    assert_eq!(store.communities().unwrap().len(), 1);
}

#[test]
fn lists_of_two_communities_and_of_two_kinds_are_apart() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    store.upsert_posts(&other, &posts(3..5), at(0)).unwrap();
    store.upsert_events(&other, &[Event::new("vk:-9".parse().unwrap(), "Сход")], at(0)).unwrap();
    assert_eq!(paged(&store, &id(), 10), posts((0..3).rev()));
    assert_eq!(paged(&store, &other, 10), posts((3..5).rev()));
    assert!(store.events(&id(), None, 10).unwrap().items.is_empty());

    store.raise_floor(&id(), Exposure::Proxied).unwrap();
    store.forget(&id()).unwrap();
    assert!(paged(&store, &id(), 10).is_empty());
    assert_eq!(paged(&store, &other, 10).len(), 2);
    assert_eq!(store.events(&other, None, 10).unwrap().items.len(), 1);
    assert_eq!(store.floor(&id()).unwrap(), Exposure::Proxied, "a floor outlives what it was raised for");
    store.check().unwrap();
}

#[test]
fn a_cursor_belongs_to_its_list_and_to_its_store() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    for id in [&id(), &other] {
        store.upsert_posts(id, &posts(0..3), at(0)).unwrap();
    }
    let cursor = store.posts(&id(), None, 1).unwrap().next.unwrap();
    let printed = Cursor::new(cursor.to_string());
    assert_eq!(store.posts(&id(), Some(&printed), 1).unwrap().items, posts([1]));
    for wrong in [Cursor::new(""), Cursor::new("?"), Cursor::new("AAAA"), Cursor::new(&cursor.as_str()[1..])] {
        assert!(matches!(store.posts(&id(), Some(&wrong), 1), Err(StoreError::Cursor)), "{wrong}");
    }
    assert!(matches!(store.posts(&other, Some(&cursor), 1), Err(StoreError::Cursor)));
    assert!(matches!(store.events(&id(), Some(&cursor), 1), Err(StoreError::Cursor)));
    let fresh = Store::in_memory().unwrap();
    assert!(matches!(fresh.posts(&id(), Some(&cursor), 1), Err(StoreError::Cursor)));
}

#[test]
fn a_last_page_that_is_full_says_that_it_is_the_last() {
    let store = Store::in_memory().unwrap();
    store.upsert_posts(&id(), &posts(0..6), at(0)).unwrap();
    let first = store.posts(&id(), None, 3).unwrap();
    let second = store.posts(&id(), first.next.as_ref(), 3).unwrap();
    assert_eq!((second.items.len(), second.next), (3, None));
    assert!(store.posts(&CommunityId::vk(9), None, 3).unwrap().items.is_empty());
}

#[test]
fn a_floor_rises_and_never_falls() {
    let folder = tempfile::tempdir().unwrap();
    let home: Home = "vk.com/zavod".parse().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    assert_eq!(store.floor(&home).unwrap(), Exposure::Open);
    for (asked, stands) in [
        (Exposure::Proxied, Exposure::Proxied),
        (Exposure::Open, Exposure::Proxied),
        (Exposure::Tor, Exposure::Tor),
        (Exposure::Proxied, Exposure::Tor),
        (Exposure::Open, Exposure::Tor),
    ] {
        store.raise_floor(&home, asked).unwrap();
        assert_eq!(store.floor(&home).unwrap(), stands);
    }
    assert_eq!(store.floor(&id()).unwrap(), Exposure::Open, "another subject");
    drop(store);
    assert_eq!(Store::open(folder.path(), &key()).unwrap().floor(&home).unwrap(), Exposure::Tor);
    for floor in [Exposure::Open, Exposure::Proxied, Exposure::Tor] {
        assert_eq!(floor.code().parse(), Ok(floor));
    }
}

#[test]
fn retention_drops_old_days_and_the_undated_by_their_reading() {
    let store = Store::in_memory().unwrap();
    let mut undated = [byway::community::Post::new("read long ago"), byway::community::Post::new("read today")];
    undated[0].text = "a".to_owned();
    let now = at(NOON + 40 * 86_400);
    // Posts of 40 days, one per day.
    store.upsert_posts(&id(), &posts((0..40).map(|day| day * 24)), now).unwrap();
    store.upsert_posts(&id(), &undated[..1], at(NOON)).unwrap();
    store.upsert_posts(&id(), &undated[1..], now).unwrap();
    let mut event = Event::new("vk:-7".parse().unwrap(), "Сход");
    event.start = Some(Moment::utc(at(NOON)));
    store.upsert_events(&id(), &[event], now).unwrap();

    assert_eq!(store.set_retention(Some(10), now).unwrap(), 32);
    let left = paged(&store, &id(), 100);
    assert_eq!(left.len(), 11);
    assert_eq!(left[..10], posts((30..40).rev().map(|day| day * 24)));
    assert_eq!(left[10].id, "read today");
    assert!(store.events(&id(), None, 1).unwrap().items.is_empty());
    assert_eq!(store.set_retention(Some(10), now).unwrap(), 0);
    assert_eq!(store.set_retention(Some(u32::MAX), now).unwrap(), 0);
    store.check().unwrap();
}

#[test]
fn what_retention_removes_gives_its_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &key()).unwrap();
    store.upsert_posts(&id(), &posts(0..2000), at(0)).unwrap();
    let size = || std::fs::metadata(folder.path().join("byway.db")).unwrap().len();
    store.suspend().unwrap();
    let before = size();
    store.resume().unwrap();
    assert_eq!(store.set_retention(Some(0), at(NOON + 365 * 86_400)).unwrap(), 2000);
    assert!(size() * 4 < before, "{before} to {}", size());
    store.check().unwrap();
}

#[test]
fn over_the_size_limit_the_oldest_posts_of_all_go_first() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    let limit = 500_000;
    store.set_limit(Some(limit)).unwrap();
    store.upsert_posts(&other, &posts(0..200), at(0)).unwrap();
    store.upsert_events(&other, &[Event::new("vk:-9".parse().unwrap(), "Сход")], at(0)).unwrap();
    let mut evicted = 0;
    for batch in 4..30 {
        evicted += store.upsert_posts(&id(), &posts(batch * 50..batch * 50 + 50), at(0)).unwrap().evicted;
    }
    let mine = paged(&store, &id(), 100);
    assert!(evicted > 0);
    assert!(paged(&store, &other, 100).is_empty(), "they are older than all others");
    assert_eq!(store.events(&other, None, 1).unwrap().items.len(), 1, "events stay");
    assert_eq!(mine.len() as u64 + evicted, 200 + 26 * 50);
    assert!(mine.len() > 300, "{} are left", mine.len());
    let newest: Vec<_> = posts((200..1500).rev()).into_iter().take(mine.len()).collect();
    assert!(mine == newest, "the newest are left");
    store.check().unwrap();
}

#[test]
fn a_store_full_without_a_post_fails_and_stays_as_it_was() {
    let store = Store::in_memory().unwrap();
    store.set_blob("large", &[0; 200_000]).unwrap();
    store.upsert_posts(&id(), &posts(0..3), at(0)).unwrap();
    store.set_limit(Some(100_000)).unwrap();
    let error = store.upsert_posts(&id(), &posts(3..6), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Full { limit: 100_000 }), "{error}");
    assert_eq!(paged(&store, &id(), 10), posts((0..3).rev()));
    store.set_limit(None).unwrap();
    store.upsert_posts(&id(), &posts(3..6), at(0)).unwrap();
}

#[test]
fn blobs_of_any_size_are_replaced_and_removed() {
    let store = Store::in_memory().unwrap();
    for size in [0, 1, 254, 255, 256, 257, 100_000] {
        let bytes: Vec<u8> = (0..size).map(|at| (at % 3) as u8 * 0x40).collect();
        store.set_blob("b", &bytes).unwrap();
        assert_eq!(store.blob("b").unwrap().unwrap(), bytes);
    }
    store.remove_blob("b").unwrap();
    store.remove_blob("b").unwrap();
    assert_eq!(store.blob("b").unwrap(), None);
    store.check().unwrap();
}
