//! Properties of merging and of paging, against a plain model.

use std::collections::{BTreeMap, BTreeSet};

use byway::Store;
use byway::community::Post;
use byway::internals::ClientStore as _;
use proptest::prelude::*;

use crate::made::*;

fn any_post() -> impl Strategy<Value = Post> {
    // Few ids, few days, both edges of the calendar.
    let created = prop_oneof![
        3 => (0..200i64).prop_map(|hours| Some(NOON + hours * 3600)),
        1 => Just(None),
        1 => prop_oneof![Just(-377_705_023_201), Just(253_402_207_200), Just(0), Just(-1)].prop_map(Some),
    ];
    (0..25u8, created, proptest::option::of(0..4i64), 0..3u8).prop_map(|(id, created, edited, text)| {
        let mut post = Post::new(format!("p{id}"));
        post.created = created.map(at);
        post.edited = edited.map(|edited| at(NOON + edited));
        post.text = "т".repeat(usize::from(text) * 200);
        post
    })
}

/// What must be there: for each id the highest version; of equal versions, what the last one states, and where it
/// states nothing, what was known.
fn merged(batches: &[Vec<Post>]) -> BTreeMap<String, Post> {
    let mut model: BTreeMap<String, Post> = BTreeMap::new();
    for post in batches.iter().flatten() {
        let known = model.entry(post.id.clone()).or_insert_with(|| post.clone());
        let is_later = known.edited <= post.edited || post.text.is_empty();
        let (later, earlier) = if is_later { (post.clone(), known.clone()) } else { (known.clone(), post.clone()) };
        known.edited = later.edited.or(earlier.edited);
        known.created = later.created.or(earlier.created);
        known.text = if later.text.is_empty() { earlier.text } else { later.text };
    }
    model
}

fn by_id(posts: Vec<Post>) -> BTreeMap<String, Post> {
    let count = posts.len();
    let map: BTreeMap<String, Post> = posts.into_iter().map(|post| (post.id.clone(), post)).collect();
    assert_eq!(map.len(), count, "a post came twice");
    map
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_batches_match_the_model_and_merging_twice_is_idempotent(
        batches in proptest::collection::vec(proptest::collection::vec(any_post(), 0..12), 1..6),
        limit in 1..9usize,
    ) {
        let store = Store::in_memory().unwrap();
        for batch in &batches {
            store.upsert_posts(&id(), batch, at(NOON)).unwrap();
        }
        let listed = paged(&store, &id(), limit);
        prop_assert!(listed.windows(2).all(|pair| pair[0].created >= pair[1].created), "newest first");
        prop_assert_eq!(by_id(listed), merged(&batches));
        store.check().unwrap();

        let last = batches.last().unwrap();
        let before = paged(&store, &id(), limit);
        store.upsert_posts(&id(), last, at(NOON)).unwrap();
        prop_assert_eq!(paged(&store, &id(), limit), before);
        let twice = store.upsert_posts(&id(), &paged(&store, &id(), 9), at(NOON)).unwrap();
        prop_assert_eq!((twice.added, twice.changed), (0, 0));
    }

    #[test]
    fn versions_with_different_times_of_editing_merge_in_any_order(
        versions in proptest::collection::btree_map(0..50i64, any_post(), 1..8),
        order in any::<prop::sample::Index>(),
    ) {
        let mut versions: Vec<Post> = versions
            .into_iter()
            .map(|(edited, mut post)| {
                post.id = "p".to_owned();
                // The time of publication does not change, though not every answer states it.
                post.created = post.created.map(|_| at(NOON));
                post.text.push('x');
                post.edited = Some(at(edited));
                post
            })
            .collect();
        let highest = versions.clone().into_iter().reduce(Post::merge).unwrap();
        let turn = order.index(versions.len());
        versions.rotate_left(turn);
        let store = Store::in_memory().unwrap();
        for version in &versions {
            store.upsert_posts(&id(), std::slice::from_ref(version), at(NOON)).unwrap();
        }
        prop_assert_eq!(paged(&store, &id(), 5), [highest]);
    }

    #[test]
    fn paging_sees_every_row_exactly_once_while_others_are_inserted(
        first in proptest::collection::btree_set(0..400u32, 1..40),
        later in proptest::collection::vec(proptest::collection::vec(0..400u32, 0..6), 0..12),
        limit in 1..7usize,
    ) {
        let store = Store::in_memory().unwrap();
        store.upsert_posts(&id(), &posts(first.iter().copied()), at(0)).unwrap();
        let mut later = later.into_iter();
        let mut seen = BTreeSet::new();
        let mut after = None;
        loop {
            let page = store.posts(&id(), after.as_ref(), limit).unwrap();
            for post in page.items {
                prop_assert!(seen.insert(post.id.clone()), "{} came twice", post.id);
            }
            let Some(next) = page.next else { break };
            after = Some(next);
            if let Some(batch) = later.next() {
                store.upsert_posts(&id(), &posts(batch), at(0)).unwrap();
            }
        }
        for number in first {
            prop_assert!(seen.contains(&post(number).id), "{number} was left out");
        }
    }
}
