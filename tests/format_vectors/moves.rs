//! How a community and the one that continues it are related.

use byway::internals::signed::{Charter, Digest, DocumentKind, KeySet, Successor};
use serde_json::json;

use crate::story::{Story, begun, charter, day, next, public, sealed, signed};

/// A community of these root keys, of which this number must sign, that continues another.
fn community(people: &[u8], threshold: u64, predecessor: Option<Digest>) -> Charter {
    let mut charter = charter();
    charter.root = KeySet::new(public(people), threshold);
    charter.predecessor = predecessor;
    charter
}

pub(crate) fn moves() -> Vec<Story> {
    vec![
        a_move("a move signed by two", (&[1, 2, 3], 2), 2, json!({"by_itself": day(8).as_second()})),
        a_move("a move that the reader sees late", (&[1, 2, 3], 2), 90, json!({"by_itself": day(97).as_second()})),
        a_move("a move signed by one", (&[1], 1), 2, json!("asked")),
        raised_threshold(),
        raised_before("raised by one key just before the move", (0, 8, 9), json!("asked")),
        raised_before("raised by one key a week before the move", (0, 1, 9), json!({"by_itself": day(16).as_second()})),
        raised_before("raised by one key, and all is new to the reader", (90, 90, 90), json!("asked")),
        a_clock("a clock that is years behind when the move is seen", -2000, 2, 8),
        a_clock("a clock that is years ahead when the move is seen", 5000, 3, 10),
        a_clock_that_goes_back(),
        one_sided(),
        other_homes(),
    ]
}

/// The old community names the new one on day 1; the reader sees it with the first charter, or later.
fn a_move(name: &str, (people, threshold): (&[u8], u64), seen: i64, result: serde_json::Value) -> Story {
    let old = community(people, threshold, None);
    let chain = begun(&old, people);
    let new = signed(&community(people, threshold, Some(chain.id())), people);
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    let first = signed(&old, people);
    let begins = if seen == 2 { seen } else { 0 };
    Story::new(name, chain.id())
        .charter(begins, &first.to_json(), "begun")
        .other(begins, new.digest(), &new, "begun")
        .succession(begins, json!("new_side_only"))
        .charter(seen, &signed(&naming, people).to_json(), "newer")
        .succession(seen, result)
}

fn raised_threshold() -> Story {
    let old = community(&[1], 1, None);
    let chain = begun(&old, &[1]);
    let new = signed(&community(&[1, 2], 2, Some(chain.id())), &[1, 2]);
    let mut naming = next(&chain, 1);
    naming.root = KeySet::new(public(&[1, 2]), 2);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    Story::of("a threshold that is raised together with the move", &old, &[1])
        .charter(1, &signed(&naming, &[1, 2]).to_json(), "newer")
        .other(1, new.digest(), &new, "begun")
        .succession(100, json!("asked"))
}

/// One key signs that two others decide from then on, and these sign the move. The days on which the reader sees each charter: the first one, the
/// one with two keys, the move.
fn raised_before(name: &str, (begins, raised, moved): (i64, i64, i64), result: serde_json::Value) -> Story {
    let old = community(&[1], 1, None);
    let mut chain = begun(&old, &[1]);
    let new = signed(&community(&[5, 6], 2, Some(chain.id())), &[5, 6]);
    let mut raising = next(&chain, 1);
    raising.root = KeySet::new(public(&[5, 6]), 2);
    let raising = signed(&raising, &[1, 5, 6]);
    chain.extend(&raising, day(1)).unwrap();
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    Story::new(name, chain.id())
        .charter(begins, &signed(&old, &[1]).to_json(), "begun")
        .charter(raised, &raising.to_json(), "newer")
        .charter(moved, &signed(&naming, &[5, 6]).to_json(), "newer")
        .other(moved, new.digest(), &new, "begun")
        .succession(moved, result)
}

/// The device's clock is wrong by these days when the move of day 1 is seen. Then it is right.
fn a_clock(name: &str, wrong: i64, right: i64, follows: i64) -> Story {
    let old = community(&[1, 2], 2, None);
    let chain = begun(&old, &[1, 2]);
    let new = signed(&community(&[1, 2], 2, Some(chain.id())), &[1, 2]);
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    let moves = |at: i64| json!({"by_itself": day(at).as_second()});
    Story::of(name, &old, &[1, 2])
        .other(0, new.digest(), &new, "begun")
        .charter(wrong, &signed(&naming, &[1, 2]).to_json(), "newer")
        .succession(wrong, moves(if wrong < 0 { follows } else { wrong + 7 }))
        .succession(right, moves(follows))
}

/// The move is seen by a right clock. One that falls years behind afterwards, or jumps ahead, changes nothing.
fn a_clock_that_goes_back() -> Story {
    let old = community(&[1, 2], 2, None);
    let chain = begun(&old, &[1, 2]);
    let new = signed(&community(&[1, 2], 2, Some(chain.id())), &[1, 2]);
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    let result = json!({"by_itself": day(17).as_second()});
    Story::of("a clock that is wrong after the move is seen", &old, &[1, 2])
        .other(0, new.digest(), &new, "begun")
        .charter(10, &signed(&naming, &[1, 2]).to_json(), "newer")
        .succession(-2000, result.clone())
        .succession(5000, result.clone())
        .succession(11, result)
}

/// The wait counts from the charter that first named the successor, whatever kinds of homes a later one adds.
fn other_homes() -> Story {
    let old = community(&[1, 2], 2, None);
    let mut chain = begun(&old, &[1, 2]);
    let new = signed(&community(&[1, 2], 2, Some(chain.id())), &[1, 2]);
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    let naming = signed(&naming, &[1, 2]);
    chain.extend(&naming, day(1)).unwrap();
    let mut homes = json!(next(&chain, 5));
    homes["successor"]["homes"] = json!([{"kind": "pigeon", "url": "loft 7"}]);
    Story::of("a successor that gets other homes", &old, &[1, 2])
        .other(0, new.digest(), &new, "begun")
        .charter(1, &naming.to_json(), "newer")
        .charter(5, &sealed(DocumentKind::Charter, &homes, &[1, 2]).to_json(), "newer")
        .succession(6, json!({"by_itself": day(8).as_second()}))
}

fn one_sided() -> Story {
    let old = community(&[1, 2], 2, None);
    let chain = begun(&old, &[1, 2]);
    let new = signed(&community(&[5, 6], 2, None), &[5, 6]);
    let mut naming = next(&chain, 1);
    naming.successor = Some(Successor { community: new.digest(), homes: Vec::new() });
    Story::of("a move that only the old side signs", &old, &[1, 2])
        .other(0, new.digest(), &new, "begun")
        .succession(0, json!("none"))
        .charter(1, &signed(&naming, &[1, 2]).to_json(), "newer")
        .succession(50, json!("old_side_only"))
}
