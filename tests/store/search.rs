//! Search and upcoming events, paged.

use byway::community::{Community, CommunityId, Event, EventDays, Moment, Post};
use byway::internals::ClientStore as _;
use byway::internals::store::{Cursor, SearchHit, Store, StoreError, UpcomingOptions};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use proptest::prelude::*;

use crate::made::*;

fn event(number: u64, hours: i64) -> Event {
    let mut event = Event::new(CommunityId::vk(number), format!("Сход {number}"));
    event.start = Some(Moment::utc(at(NOON + hours * 3600)));
    event
}

fn all_hits(store: &Store, query: &str, scope: Option<&CommunityId>, limit: usize) -> Vec<SearchHit> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.search(query, scope, after.as_ref(), limit).unwrap();
        assert!(page.items.len() <= limit);
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

#[test]
fn communities_posts_and_events_are_found_newest_first() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    let mut community = Community::new(id(), "Рабочие завода");
    community.description = Some("О сходах и собраниях".to_owned());
    store.upsert_community(&community, at(NOON)).unwrap();
    let mut old = post(0);
    old.text = "Вчера был сход у проходной".to_owned();
    let mut repost = post(2);
    repost.text = String::new();
    let mut passed_on = Post::new("x");
    passed_on.text = "Сходка в пять".to_owned();
    repost.repost = Some(Box::new(passed_on));
    store.upsert_posts(&id(), &[old, post(1), repost], at(NOON)).unwrap();
    store.upsert_events(&other, &[event(9, 1)], at(NOON)).unwrap();

    let found = all_hits(&store, "СХОД", None, 10);
    let codes: Vec<_> = found.iter().map(|hit| (hit.code(), hit.community().as_str())).collect();
    let mine = id();
    assert_eq!(
        codes,
        [("community", mine.as_str()), ("post", mine.as_str()), ("event", "vk:-2"), ("post", mine.as_str())]
    );
    assert_eq!(all_hits(&store, "сход", None, 1), found, "by pages of one");
    assert_eq!(all_hits(&store, "сход", Some(&other), 10), [found[2].clone()]);
    assert!(all_hits(&store, "нигде", None, 10).is_empty() && all_hits(&store, "", None, 10).is_empty());
    assert_eq!(serde_json::to_value(&found[2]).unwrap()["kind"], "event");
}

#[test]
fn search_cursor_belongs_to_its_query_and_scope() {
    let store = Store::in_memory().unwrap();
    store.upsert_posts(&id(), &posts(0..3), at(NOON)).unwrap();
    let cursor = store.search("запись", None, None, 1).unwrap().next.unwrap();
    assert_eq!(store.search("ЗАПИСЬ", None, Some(&cursor), 9).unwrap().items.len(), 2, "the same query, folded");
    let mine = id();
    for (query, scope) in [("запис", None), ("запись", Some(&mine))] {
        assert!(matches!(store.search(query, scope, Some(&cursor), 1), Err(StoreError::Cursor)), "{query}");
    }
    for wrong in [Cursor::new(""), Cursor::new("AAAA"), store.posts(&mine, None, 1).unwrap().next.unwrap()] {
        assert!(matches!(store.search("запись", None, Some(&wrong), 1), Err(StoreError::Cursor)));
        assert!(matches!(
            store.upcoming(UpcomingOptions { after: Some(&wrong), ..UpcomingOptions::since(at(0)) }),
            Err(StoreError::Cursor)
        ));
    }
}

#[test]
fn upcoming_events_of_all_communities_come_earliest_first() {
    let store = Store::in_memory().unwrap();
    let other = CommunityId::vk(2);
    store.upsert_events(&id(), &[event(1, 5), event(2, -5), event(3, 50)], at(NOON)).unwrap();
    store
        .upsert_events(&other, &[event(4, 0), event(5, 49), Event::new(CommunityId::vk(6), "без даты")], at(NOON))
        .unwrap();
    let numbers = |to: Option<i64>, limit| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let to = to.map(|hours| at(NOON + hours * 3600));
            let page = store
                .upcoming(UpcomingOptions { from: at(NOON), to, after: after.as_ref(), limit, zone: None })
                .unwrap();
            all.extend(page.items.iter().map(|one| (one.community.clone(), one.event.id.vk_number().unwrap())));
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    };
    let expected = [(other.clone(), 4), (id(), 1), (other, 5), (id(), 3)];
    for limit in [1, 2, 10] {
        assert_eq!(numbers(None, limit), expected, "pages of {limit}");
    }
    assert_eq!(numbers(Some(49), 10), expected[..2], "the end is not among them");
    assert_eq!(numbers(Some(0), 10), []);
}

#[test]
fn events_under_way_are_upcoming_until_they_end() {
    let store = Store::in_memory().unwrap();
    let lasting = |number, start: i64, end: i64| {
        let mut event = event(number, start);
        event.end = Some(Moment::utc(at(NOON + end * 3600)));
        event
    };
    const YEAR: i64 = 365 * 24;
    let all = [
        lasting(1, -YEAR, 1),
        lasting(2, -30, 30),
        lasting(3, -2, 1),
        // These are over, or their end is unknown.
        lasting(4, -2, 0),
        lasting(5, -2, -1),
        lasting(6, -2, -3),
        event(7, -1),
        lasting(8, -2 * YEAR, YEAR),
        lasting(9, 0, 1),
        lasting(10, 5, 6),
    ];
    store.upsert_events(&id(), &all, at(NOON)).unwrap();
    let numbers = |to: i64, limit| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .upcoming(UpcomingOptions {
                    from: at(NOON),
                    to: Some(at(NOON + to * 3600)),
                    after: after.as_ref(),
                    limit,
                    zone: None,
                })
                .unwrap();
            assert!(page.items.len() <= limit);
            all.extend(page.items.iter().map(|one| one.event.id.vk_number().unwrap()));
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    };
    for limit in [1, 2, 3, 10] {
        assert_eq!(numbers(24, limit), [1, 2, 3, 9, 10], "pages of {limit}");
        assert_eq!(numbers(5, limit), [1, 2, 3, 9], "pages of {limit}");
    }
    assert!(numbers(0, 10).is_empty() && numbers(-1, 10).is_empty(), "no time lies between");
}

#[test]
fn whole_days_are_upcoming_until_the_day_of_the_reader_ends() {
    let store = Store::in_memory().unwrap();
    let on = |number: u64, first: &str, last: &str| {
        let mut event = Event::new(CommunityId::vk(number), "весь день");
        let (first, last): (Date, Date) = (first.parse().unwrap(), last.parse().unwrap());
        let midnight = |day: Date| Moment::utc(TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap());
        (event.start, event.end) = (Some(midnight(first)), Some(midnight(last.tomorrow().unwrap())));
        event.days = Some(EventDays::new(first, last));
        event
    };
    let all = [
        on(1, "2026-12-10", "2026-12-11"),
        on(2, "2026-12-11", "2026-12-12"),
        on(3, "2026-12-12", "2026-12-12"),
        on(4, "2026-12-13", "2026-12-13"),
        on(5, "2026-12-14", "2026-12-14"),
    ];
    store.upsert_events(&id(), &all, at(NOON)).unwrap();
    let shown = |hours: i8, from: &str, to: Option<&str>| {
        let zone = TimeZone::fixed(offset(hours));
        // Times on the reader's clock.
        let instant = |text: &str| zone.to_timestamp(text.parse().unwrap()).unwrap();
        let to = to.map(instant);
        let mut found = Vec::new();
        for limit in [1, 10] {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let options =
                    UpcomingOptions { from: instant(from), to, after: after.as_ref(), limit, zone: Some(&zone) };
                let page = store.upcoming(options).unwrap();
                all.extend(page.items.iter().map(|one| one.event.id.vk_number().unwrap()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            found.push(all);
        }
        assert_eq!(found[0], found[1], "pages of any size");
        found.remove(0)
    };
    for hours in [-12, -8, 0, 7, 14] {
        for time in ["2026-12-12T00:00", "2026-12-12T12:00", "2026-12-12T23:59"] {
            assert_eq!(shown(hours, time, None), [2, 3, 4, 5], "{time} at UTC{hours:+}");
            assert_eq!(shown(hours, time, Some("2026-12-13T00:00")), [2, 3], "{time} at UTC{hours:+}");
            assert_eq!(shown(hours, time, Some("2026-12-13T00:01")), [2, 3, 4], "{time} at UTC{hours:+}");
        }
    }
    assert!(shown(0, "2026-12-12T12:00", Some("2026-12-12T12:00")).is_empty(), "no time lies between");
}

#[test]
fn more_than_one_step_is_searched_to_the_end() {
    let store = Store::in_memory().unwrap();
    let mut all = posts(0..1500);
    all[3].text = "иголка".to_owned();
    store.upsert_posts(&id(), &all, at(NOON)).unwrap();
    let found = store.search("игол", None, None, 10).unwrap();
    assert_eq!((found.items.len(), found.next), (1, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn paged_search_finds_what_a_plain_scan_finds(
        texts in proptest::collection::vec("[абв ё]{0,8}", 0..40),
        query in "[абвё]{1,2}",
        limit in 1..7usize,
    ) {
        let store = Store::in_memory().unwrap();
        let with_text = |(at, text): (usize, &String)| {
            let mut post = post(u32::try_from(at).unwrap());
            post.text.clone_from(text);
            post
        };
        let all: Vec<Post> = texts.iter().enumerate().map(with_text).collect();
        store.upsert_posts(&id(), &all, at(NOON)).unwrap();
        let query = query.replace('ё', "е");
        let matches = |post: &&Post| post.text.replace('ё', "е").split(' ').any(|word| word.starts_with(&query));
        let expected: Vec<&Post> = all.iter().rev().filter(matches).collect();
        let found = all_hits(&store, &query, None, limit);
        let posts: Vec<&Post> = found.iter().map(|hit| match hit {
            SearchHit::Post { post, .. } => &**post,
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(posts, expected);
    }
}
