use super::*;

/// A community of these root keys, of which this number must sign, that continues another.
fn community(people: &[u8], threshold: u64, predecessor: Option<Digest>) -> Chain {
    let mut charter = charter();
    charter.root = KeySet::new(public(people), threshold);
    charter.predecessor = predecessor;
    begun(&charter, people)
}

/// The community names a successor on this day.
fn name(chain: &mut Chain, successor: Digest, people: &[u8], at: i64) {
    let mut charter = next(chain, day(at));
    charter.successor = Some(Successor { community: successor, homes: Vec::new() });
    chain.extend(&signed(&charter, people), day(at)).unwrap();
}

fn follow(old: &Chain, new: &Chain, now: i64) -> Option<Follow> {
    match succession(old, new, day(now)) {
        Succession::TwoSided { follow, .. } => Some(follow),
        _ => None,
    }
}

#[test]
fn a_move_signed_by_two_is_followed_after_the_waiting_time() {
    let mut old = community(&[1, 2, 3], 2, None);
    let new = community(&[2, 3, 4], 2, Some(old.id()));
    assert_eq!(succession(&old, &new, day(1)), Succession::NewSideOnly, "anyone can say so");
    name(&mut old, new.id(), &[1, 2], 1);
    let Succession::TwoSided { follow, signers } = succession(&old, &new, day(2)) else { panic!("two-sided") };
    assert_eq!(follow, Follow::ByItself { at: day(8) });
    let people = [&signers.stayed, &signers.left, &signers.joined];
    assert_eq!(people, [&public(&[2, 3]), &public(&[1]), &public(&[4])]);
    let find = |id: &Digest| (*id == new.id()).then_some(&new);
    assert_eq!(walk(&old, day(7), find), Walk { path: vec![old.id()], end: WalkEnd::NotFollowed });
    assert_eq!(walk(&old, day(8), find), Walk { path: vec![old.id(), new.id()], end: WalkEnd::Newest });
}

#[test]
fn a_move_signed_by_one_asks_the_user() {
    let mut old = community(&[1], 1, None);
    let new = community(&[1], 1, Some(old.id()));
    name(&mut old, new.id(), &[1], 1);
    assert_eq!(follow(&old, &new, 100), Some(Follow::Asked));
    let find = |id: &Digest| (*id == new.id()).then_some(&new);
    assert_eq!(walk(&old, day(100), find).end, WalkEnd::NotFollowed);
}

#[test]
fn raising_the_threshold_together_with_the_move_does_not_help() {
    let mut old = community(&[1], 1, None);
    let new = community(&[1, 2], 2, Some(old.id()));
    let mut charter = next(&old, day(1));
    charter.root = KeySet::new(public(&[1, 2]), 2);
    charter.successor = Some(Successor { community: new.id(), homes: Vec::new() });
    old.extend(&signed(&charter, &[1, 2]), day(1)).unwrap();
    assert_eq!(follow(&old, &new, 100), Some(Follow::Asked), "one key decided it");
}

#[test]
fn a_one_sided_move_is_a_claim() {
    let mut old = community(&[1, 2], 2, None);
    let new = community(&[5, 6], 2, None);
    assert_eq!(succession(&old, &new, day(1)), Succession::None);
    assert_eq!(succession(&old, &old, day(1)), Succession::None);
    name(&mut old, new.id(), &[1, 2], 1);
    let one_sided = succession(&old, &new, day(50));
    assert_eq!((one_sided.claim(), one_sided), (Some(TrustState::Claimed), Succession::OldSideOnly));
}

#[test]
fn a_disputed_community_moves_nobody() {
    let mut old = community(&[1, 2, 3], 2, None);
    let new = community(&[2, 3], 2, Some(old.id()));
    let (mut one, mut other) = (next(&old, day(1)), next(&old, day(1)));
    one.successor = Some(Successor { community: new.id(), homes: Vec::new() });
    other.successor = Some(Successor { community: Digest::of(b"another"), homes: Vec::new() });
    old.extend(&signed(&one, &[1, 2]), day(1)).unwrap();
    let _ = old.extend(&signed(&other, &[1, 2]), day(1));
    assert_eq!(old.dispute(), Some(2), "a fork is two charters at one number");
    assert_eq!(succession(&old, &new, day(50)), Succession::NewSideOnly, "the disputed charter names nobody");
}

#[test]
fn a_waiting_time_starts_when_the_reader_sees_the_move() {
    let mut old = community(&[1, 2], 2, None);
    let new = community(&[1, 2], 2, Some(old.id()));
    let mut charter = next(&old, day(1));
    charter.successor = Some(Successor { community: new.id(), homes: Vec::new() });
    old.extend(&signed(&charter, &[1, 2]), day(90)).unwrap();
    assert_eq!(follow(&old, &new, 91), Some(Follow::ByItself { at: day(97) }), "a stated date can be forged");
    let renewed = next(&old, day(95));
    old.extend(&signed(&renewed, &[1, 2]), day(95)).unwrap();
    assert_eq!(follow(&old, &new, 96), Some(Follow::ByItself { at: day(97) }), "renewing does not start again");
}

#[test]
fn a_loop_of_successors_ends_the_walk() {
    let mut one = community(&[1, 2], 2, None);
    let mut two = community(&[3, 4], 2, Some(one.id()));
    let mut back = next(&one, day(1));
    back.predecessor = Some(two.id());
    one.extend(&signed(&back, &[1, 2]), day(1)).unwrap();
    name(&mut one, two.id(), &[1, 2], 2);
    name(&mut two, one.id(), &[3, 4], 2);
    let find = |id: &Digest| if *id == one.id() { Some(&one) } else { Some(&two) };
    assert_eq!(walk(&one, day(30), find), Walk { path: vec![one.id(), two.id()], end: WalkEnd::Loop });
}

#[test]
fn a_walk_has_a_most_number_of_moves() {
    let mut chains = vec![community(&[1, 2], 2, None)];
    for number in 0..40u8 {
        let mut next = charter();
        next.name = format!("{number}");
        next.predecessor = Some(chains[number as usize].id());
        let next = begun(&next, &[1, 2]);
        name(&mut chains[number as usize], next.id(), &[1, 2], 1);
        chains.push(next);
    }
    let find = |id: &Digest| chains.iter().find(|chain| chain.id() == *id);
    let walked = walk(&chains[0], day(30), find);
    assert_eq!((walked.path.len(), walked.end), (MAX_MOVES + 1, WalkEnd::TooLong));
}
