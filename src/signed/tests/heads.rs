use super::*;

fn accepted(heads: &mut Heads, chain: &Chain, head: &Head, signer: u8) -> Result<HeadStep, HeadError> {
    heads.accept(chain, &head.seal(&key(signer)).unwrap(), head.issued)
}

#[test]
fn a_head_moves_forward_and_never_back() {
    let (chain, mut heads) = (begun(&charter(), &[1, 2]), Heads::default());
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 7, 1), 10), Ok(HeadStep::Newer));
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 7, 1), 10), Ok(HeadStep::Known));
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 6, 0), 10), Err(HeadError::Rollback));
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 9, 2), 10), Ok(HeadStep::Newer));
    assert_eq!(heads.newest().unwrap().sequence, 9);
    let verified = Trust::plain(TrustState::Verified);
    assert_eq!(trust(&chain, &heads, None, day(2)), verified);
}

#[test]
fn a_head_of_others_is_refused() {
    let (chain, mut heads) = (begun(&charter(), &[1, 2]), Heads::default());
    let good = head(&chain, 1, 1);
    let changed = |change: &dyn Fn(&mut Head)| {
        let mut head = good.clone();
        change(&mut head);
        accepted(&mut Heads::default(), &chain, &head, 10)
    };
    let cases: [(&dyn Fn(&mut Head), HeadError); 3] = [
        (&|h| h.community = Digest::of(b""), HeadError::OtherCommunity),
        (&|h| h.charter = 2, HeadError::UnknownCharter),
        (&|h| h.charter_digest = Digest::of(b""), HeadError::OtherCharter),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        assert_eq!(changed(change), Err(error), "case {number}");
    }
    for stranger in [1, 20, 99] {
        assert_eq!(accepted(&mut heads, &chain, &good, stranger), Err(HeadError::Unsigned), "not even a root key");
    }
    assert_eq!(heads, Heads::default());
}

#[test]
fn each_broken_rule_of_a_head_has_its_error() {
    let chain = begun(&charter(), &[1, 2]);
    let file = |name: &str| FileEntry { name: name.to_owned(), bytes: 0, sha256: Digest::of(b"") };
    let cases: [(&dyn Fn(&mut Head), HeadError); 13] = [
        (&|h| h.format = 2, HeadError::Format),
        (&|h| h.sequence = 0, HeadError::Sequence),
        (&|h| h.issued = Timestamp::UNIX_EPOCH, HeadError::Times),
        (&|h| h.expires = h.issued, HeadError::Times),
        (&|h| h.expires = day(92), HeadError::Times),
        (&|h| h.files.push(file(NEWEST)), HeadError::Files),
        (&|h| h.files.push(file("../head.json")), HeadError::Files),
        (&|h| h.files.push(file("events-2016-13.jsonl")), HeadError::Files),
        (&|h| h.files.push(file("events-1999-12.jsonl")), HeadError::Files),
        (&|h| h.files.push(file("events-2016-1.jsonl")), HeadError::Files),
        (&|h| h.files.push(file("events-+016-01.jsonl")), HeadError::Files),
        (
            &|h| h.files = (0..602).map(|n| file(&month_file(2000 + n / 12, (n % 12 + 1) as i8))).collect(),
            HeadError::Files,
        ),
        (&|h| h.files = vec![FileEntry { bytes: MAX_FILE_BYTES + 1, ..file(NEWEST) }], HeadError::Files),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        let mut broken = head(&chain, 1, 1);
        change(&mut broken);
        let payload = serde_json::to_vec(&broken).unwrap();
        let envelope = Envelope::sign(DocumentKind::Head, payload, &keys(&[10]));
        assert_eq!(Head::read(&envelope), Err(error), "case {number}");
    }
    let mut long = head(&chain, 1, 1);
    long.files = (0..601).map(|n| file(&month_file(2000 + n / 12, (n % 12 + 1) as i8))).collect();
    assert_eq!(Head::read(&long.seal(&key(10)).unwrap()), Ok(long), "fifty years fit");
}

#[test]
fn two_heads_at_one_number_wait_for_a_new_charter() {
    let (mut chain, mut heads) = (begun(&charter(), &[1, 2]), Heads::default());
    let (one, mut other) = (head(&chain, 5, 1), head(&chain, 5, 1));
    other.files.clear();
    accepted(&mut heads, &chain, &one, 10).unwrap();
    assert_eq!(accepted(&mut heads, &chain, &other, 99), Err(HeadError::Unsigned), "a stranger disputes nothing");
    assert_eq!(heads.dispute(), None);
    assert_eq!(accepted(&mut heads, &chain, &other, 10), Err(HeadError::Disputed));
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 6, 2), 10), Err(HeadError::Disputed), "no more of that key");
    assert_eq!(trust(&chain, &heads, None, day(2)).state, TrustState::Disputed);
    assert_eq!(heads.newest(), Some(&one), "what was read stays readable");

    let mut second = next(&chain, day(3));
    second.routine = public(&[11]);
    chain.extend(&signed(&second, &[1, 2]), day(3)).unwrap();
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 1, 3), 11), Ok(HeadStep::Newer));
    assert_eq!(trust(&chain, &heads, None, day(3)).state, TrustState::Verified);
}

#[test]
fn a_new_charter_ends_what_a_stolen_routine_key_signed() {
    let (mut chain, mut heads) = (begun(&charter(), &[1, 2]), Heads::default());
    let stolen = head(&chain, json::MAX_NUMBER, 1);
    accepted(&mut heads, &chain, &stolen, 10).unwrap();
    let mut second = next(&chain, day(2));
    second.routine = public(&[11]);
    chain.extend(&signed(&second, &[1, 2]), day(2)).unwrap();
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 1, 2), 10), Err(HeadError::Unsigned), "rotated out");
    assert_eq!(accepted(&mut heads, &chain, &head(&chain, 1, 2), 11), Ok(HeadStep::Newer), "a sequence is not a trap");
    let mut old = head(&chain, json::MAX_NUMBER, 3);
    (old.charter, old.charter_digest) = (1, chain.digest(1).unwrap());
    assert_eq!(accepted(&mut heads, &chain, &old, 11), Err(HeadError::Rollback));
}

#[test]
fn an_expired_head_or_charter_is_stale_and_readable() {
    let (chain, mut heads) = (begun(&charter(), &[1, 2]), Heads::default());
    assert_eq!(trust(&chain, &heads, None, day(1)).reasons, [TrustReason::NoHead]);
    accepted(&mut heads, &chain, &head(&chain, 1, 1), 10).unwrap();
    let frozen_by_a_mirror = trust(&chain, &heads, None, day(32));
    assert_eq!(
        frozen_by_a_mirror,
        Trust { reasons: vec![TrustReason::HeadExpired { at: day(31) }], ..Trust::plain(TrustState::Stale) }
    );
    let late = trust(&chain, &heads, None, day(701));
    assert_eq!(late.reasons, [TrustReason::CharterExpired { at: day(700) }, TrustReason::HeadExpired { at: day(31) }]);
    let known = head(&chain, 1, 1).seal(&key(10)).unwrap();
    assert_eq!(heads.accept(&chain, &known, day(5000)), Ok(HeadStep::Known));
    assert_eq!(heads.accept(&chain, &head(&chain, 2, 1).seal(&key(10)).unwrap(), day(5000)), Ok(HeadStep::Newer));
}

#[test]
fn a_clock_wrong_by_ten_years_hides_nothing() {
    for now in [day(-3653), day(3653)] {
        let first = signed(&charter(), &[1, 2]);
        let mut chain = Chain::begin(first.digest(), &first, now).unwrap();
        chain.extend(&signed(&next(&chain, day(1)), &[1, 2]), now).unwrap();
        let mut heads = Heads::default();
        let newest = Head { charter: 2, charter_digest: chain.digest(2).unwrap(), ..head(&chain, 1, 2) };
        assert_eq!(heads.accept(&chain, &newest.seal(&key(10)).unwrap(), now), Ok(HeadStep::Newer));
        let trust = trust(&chain, &heads, None, now);
        if now < day(0) {
            let behind = vec![TrustReason::ClockBehind { newest: day(2) }];
            assert_eq!(trust, Trust { reasons: behind, ..Trust::plain(TrustState::Stale) }, "and the reason is said");
        } else {
            assert_eq!(trust.state, TrustState::Stale);
        }
    }
}

#[test]
fn a_freeze_is_signed_by_the_threshold_of_its_charters_root() {
    let (mut chain, heads) = (begun(&charter(), &[1, 2]), Heads::default());
    let freeze = Freeze::new(chain.id(), 1, day(5));
    let sealed = freeze.seal(&keys(&[1, 3])).unwrap();
    assert_eq!(Freeze::verify(&sealed, &chain, day(8)), Ok(freeze));
    let trust = trust(&chain, &heads, Some(&freeze), day(6));
    assert_eq!((trust.state, trust.reasons[0]), (TrustState::Disputed, TrustReason::Frozen { after: day(5) }));
    assert_eq!(Freeze::verify(&freeze.seal(&keys(&[1])).unwrap(), &chain, day(8)), Err(FreezeError::Unsigned));
    let other = Freeze::new(Digest::of(b""), 1, day(5)).seal(&keys(&[1, 2])).unwrap();
    assert_eq!(Freeze::verify(&other, &chain, day(8)), Err(FreezeError::OtherCommunity));
    let unknown = Freeze::new(chain.id(), 2, day(5)).seal(&keys(&[1, 2])).unwrap();
    assert_eq!(Freeze::verify(&unknown, &chain, day(8)), Err(FreezeError::UnknownCharter));
    let mut second = next(&chain, day(7));
    second.root = KeySet::new(public(&[1, 2, 4]), 2);
    chain.extend(&signed(&second, &[1, 2]), day(7)).unwrap();
    assert_eq!(Freeze::verify(&sealed, &chain, day(8)), Ok(freeze), "a thief would replace the key 3");
    let kept = freeze.seal(&keys(&[1, 2])).unwrap();
    assert_eq!(Freeze::verify(&kept, &chain, day(8)), Ok(freeze), "both stayed");
    let mixed = freeze.seal(&keys(&[1, 4])).unwrap();
    assert_eq!(Freeze::verify(&mixed, &chain, day(8)), Err(FreezeError::Unsigned), "the key 4 came later");
    let more = Freeze::new(chain.id(), 2, day(5)).seal(&keys(&[1, 4])).unwrap();
    assert!(Freeze::verify(&more, &chain, day(8)).is_ok());
}

#[test]
fn a_freeze_ends_later_charters_and_heads_in_any_order() {
    let begin = || (begun(&charter(), &[1, 2]), Heads::default());
    let ((mut early, mut early_heads), (mut late, mut late_heads)) = (begin(), begin());
    let freeze = Freeze::new(early.id(), 1, day(5));
    let old = head(&early, 1, 1);
    // One states a time before the freeze, and follows the charter that it names; the other one states a later time.
    for issued in [4, 6] {
        let mut second = next(&begin().0, day(issued));
        second.routine = public(&[11]);
        let second = signed(&second, &[1, 2]);
        early.take_freeze(freeze);
        assert_eq!(early.extend(&second, day(7)), Err(ChainError::Frozen));
        late.extend(&second, day(7)).unwrap();
        accepted(&mut late_heads, &late, &head(&late, 1, 8), 11).unwrap();
        late.take_freeze(freeze);
        late_heads.take_freeze(&late);
        assert_eq!(late_heads.newest(), None, "no head of a charter that counts no more");
        for (chain, heads) in [(&early, &mut early_heads), (&late, &mut late_heads)] {
            assert_eq!((chain.newest_version(), chain.in_force(day(8)).routine.clone()), (1, public(&[10])));
            assert_eq!(accepted(heads, chain, &head(chain, 2, 6), 10), Err(HeadError::Frozen));
            let _ = accepted(heads, chain, &old, 10).unwrap();
        }
        (late, late_heads) = begin();
    }
}

#[test]
fn a_pack_of_a_frozen_or_disputed_community_is_refused() {
    let mut chain = begun(&charter(), &[1, 2]);
    let list = RouteList::new(chain.id(), day(6), day(60), vec!["socks5://198.51.100.7:1080".to_owned()]);
    let sealed = list.seal(&key(10)).unwrap();
    let earlier = Freeze::new(chain.id(), 1, day(5));
    let later = Freeze::new(chain.id(), 1, day(6));
    assert!(RouteList::verify(&sealed, &chain, None, day(7)).is_ok());
    assert!(RouteList::verify(&sealed, &chain, Some(&later), day(7)).is_ok(), "signed before the freeze");
    let frozen = RouteList::verify(&sealed, &chain, Some(&earlier), day(7));
    let ahead = RouteList::new(chain.id(), day(9), day(60), list.strategies.clone()).seal(&key(10)).unwrap();
    assert_eq!(
        RouteList::verify(&ahead, &chain, None, day(7)),
        Err(RoutePackError::Ahead),
        "it would outdate later ones"
    );
    assert!(RouteList::verify(&ahead, &chain, None, day(8)).is_ok(), "clocks differ");
    assert_eq!(frozen, Err(RoutePackError::Disputed));
    let stranger = RouteList::verify(&list.seal(&key(99)).unwrap(), &chain, Some(&earlier), day(7));
    assert_eq!(stranger, Err(RoutePackError::Unsigned), "who signed comes first");
    chain.extend(&signed(&next(&chain, day(1)), &[1, 2]), day(1)).unwrap();
    let mut rival = begun(&charter(), &[1, 2]);
    let mut second = next(&rival, day(1));
    second.name = "Другие".to_owned();
    chain.extend(&signed(&second, &[1, 3]), day(2)).unwrap_err();
    assert_eq!(RouteList::verify(&sealed, &chain, None, day(7)), Err(RoutePackError::Disputed));
    rival.extend(&signed(&second, &[1, 3]), day(2)).unwrap();
    assert!(RouteList::verify(&sealed, &rival, None, day(7)).is_ok());
}

#[test]
fn a_waiting_or_disputed_charter_freezes_nothing() {
    let mut first = charter();
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[30, 31]), 2), wait: 10 * 86_400 });
    let mut chain = begun(&first, &[1, 2]);
    let mut stolen = next(&chain, day(1));
    stolen.root = KeySet::new(public(&[66]), 1);
    chain.extend(&signed(&stolen, &[30, 31, 66]), day(1)).unwrap();
    let freeze = Freeze::new(chain.id(), 2, day(-1)).seal(&keys(&[66])).unwrap();
    assert_eq!(Freeze::verify(&freeze, &chain, day(10)), Err(FreezeError::UnknownCharter), "it waits");
    assert!(Freeze::verify(&freeze, &chain, day(11)).is_ok());
    chain.extend(&signed(&next(&begun(&first, &[1, 2]), day(12)), &[1, 2]), day(12)).unwrap_err();
    assert_eq!(Freeze::verify(&freeze, &chain, day(12)), Err(FreezeError::UnknownCharter), "it is disputed");
}
