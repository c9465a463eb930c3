use super::*;

#[test]
fn a_first_charter_proves_itself_by_its_digest() {
    let first = signed(&charter(), &[1, 2]);
    let chain = Chain::begin(first.digest(), &first, day(0)).unwrap();
    assert_eq!((chain.id(), chain.in_force(day(0))), (first.digest(), &charter()));
    assert_eq!(Chain::begin(Digest::of(b"x"), &first, day(0)), Err(ChainError::OtherCommunity));
    let below = signed(&charter(), &[1]);
    assert_eq!(Chain::begin(below.digest(), &below, day(0)), Err(ChainError::Unsigned));
    let strangers = signed(&charter(), &[7, 8]);
    assert_eq!(Chain::begin(strangers.digest(), &strangers, day(0)), Err(ChainError::Unsigned));
}

#[test]
fn each_broken_rule_of_a_charter_has_its_error() {
    let stranger = || public(&[9])[0];
    let cases: Vec<(fn(&mut Charter), CharterError)> = vec![
        (|c| c.format = 2, CharterError::Format),
        (|c| c.version = 0, CharterError::Version),
        (|c| c.version = 2, CharterError::Version),
        (|c| c.previous = Some(Digest::of(b"")), CharterError::Version),
        (|c| (c.version, c.previous) = (1001, Some(Digest::of(b""))), CharterError::Version),
        (|c| c.name.clear(), CharterError::Text),
        (|c| c.name = "a\nb".into(), CharterError::Text),
        (|c| c.name = "a".repeat(201), CharterError::Text),
        (|c| c.description = "a\u{7}".into(), CharterError::Text),
        (|c| c.description = "a".repeat(4001), CharterError::Text),
        (|c| c.issued = Timestamp::UNIX_EPOCH, CharterError::Times),
        (|c| c.expires = day(90_000), CharterError::Times),
        (|c| c.expires = c.issued, CharterError::Times),
        (|c| c.expires = day(3661), CharterError::Times),
        (|c| c.root.threshold = 0, CharterError::Threshold),
        (|c| c.root.threshold = 4, CharterError::Threshold),
        (|c| c.root.keys = public(&[1, 1, 2]), CharterError::Threshold),
        (|c| c.root.keys.clear(), CharterError::Threshold),
        (|c| c.root.keys = public(&(1..=17).collect::<Vec<_>>()), CharterError::Threshold),
        (|c| c.routine.clear(), CharterError::Keys),
        (|c| c.authors = public(&[20, 20]), CharterError::Keys),
        (|c| c.moderators = public(&(1..=65).collect::<Vec<_>>()), CharterError::Keys),
        (|c| c.banned = vec![Ban { key: public(&[9])[0], since: Timestamp::UNIX_EPOCH }], CharterError::Keys),
        (
            |c| c.recovery = Some(Recovery { keys: KeySet::new(public(&[30, 31]), 1), wait: 8 * 86_400 }),
            CharterError::Recovery,
        ),
        (
            |c| c.recovery = Some(Recovery { keys: KeySet::new(public(&[30, 31]), 2), wait: 86_400 }),
            CharterError::Recovery,
        ),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Mirror, "ftp://a.example/")], CharterError::Homes),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Mirror, "https://u:p@a.example/")], CharterError::Homes),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Mirror, "https:///x")], CharterError::Homes),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Page, "https://a.example/#x")], CharterError::Homes),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Relay, "https://a.example/")], CharterError::Homes),
        (|c| c.homes = vec![CharterHome::new(HomeKind::Mirror, "https://a.example/"); 33], CharterError::Homes),
        (|c| c.hints.resolvers = vec!["http://a.example/".into()], CharterError::Hints),
        (
            |c| c.hints.addresses = vec![HostAddresses { host: "a.example".into(), addresses: Vec::new() }],
            CharterError::Hints,
        ),
        (
            |c| {
                c.restrictions = vec![KnownRestriction {
                    text: String::new(),
                    jurisdiction: None,
                    authority: None,
                    number: None,
                    date: None,
                }];
            },
            CharterError::Restrictions,
        ),
        (
            |c| {
                c.successor = Some(Successor {
                    community: Digest::of(b""),
                    homes: vec![CharterHome::new(HomeKind::Mirror, "x")],
                });
            },
            CharterError::Successor,
        ),
        (|c| c.copy = Some(Copied { of: "vk.com/x".into(), by: "Анна".into() }), CharterError::Copy),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        let mut broken = charter();
        change(&mut broken);
        let payload = serde_json::to_vec(&broken).unwrap();
        let envelope = Envelope::sign(DocumentKind::Charter, payload, &keys(&[1, 2]));
        assert_eq!(Charter::read(&envelope), Err(error), "case {number}: read");
        if error != CharterError::Format {
            assert_eq!(
                broken.seal(&keys(&[1, 2])).map(|_| ()),
                Err(error),
                "case {number}: a broken charter is not signed"
            );
        }
    }
    let mut banned = charter();
    banned.banned = vec![Ban { key: stranger(), since: day(1) }];
    assert!(banned.seal(&keys(&[1])).is_ok());
}

#[test]
fn an_unknown_field_of_a_charter_is_ignored() {
    let mut value = serde_json::to_value(charter()).unwrap();
    value["homes"] = serde_json::json!([{"kind": "pigeon", "url": "loft:7", "wind": {"from": "west"}}]);
    value["of_a_later_version"] = serde_json::json!([[1], {"a": null}]);
    let envelope = Envelope::sign(DocumentKind::Charter, serde_json::to_vec(&value).unwrap(), &keys(&[1, 2]));
    assert_eq!(Charter::read(&envelope).unwrap().homes[0].kind, HomeKind::Other);
    assert!(Chain::begin(envelope.digest(), &envelope, day(0)).is_ok(), "it is signed as sent");
}

#[test]
fn keys_are_rotated_by_the_old_and_the_new_ones() {
    let mut chain = begun(&charter(), &[1, 2]);
    let mut second = next(&chain, day(1));
    second.root = KeySet::new(public(&[4, 5]), 2);
    assert_eq!(chain.extend(&signed(&second, &[4, 5]), day(1)), Err(ChainError::NotApproved), "the new keys alone");
    assert_eq!(chain.extend(&signed(&second, &[1, 2, 4]), day(1)), Err(ChainError::Unsigned), "too few of the new");
    assert_eq!(chain.extend(&signed(&second, &[1, 4, 5]), day(1)), Err(ChainError::NotApproved), "one stolen old key");
    assert_eq!(chain.newest_version(), 1, "a refused charter leaves no trace");
    assert_eq!(chain.dispute(), None);
    assert_eq!(chain.extend(&signed(&second, &[1, 2, 4, 5]), day(1)), Ok(Extension::Newer));
    assert_eq!(chain.extend(&signed(&second, &[3, 2, 5, 4]), day(9)), Ok(Extension::Known), "other signatures");

    let third = next(&chain, day(2));
    assert_eq!(chain.extend(&signed(&third, &[1, 2, 3]), day(2)), Err(ChainError::Unsigned), "rotated out");
    assert_eq!(chain.extend(&signed(&third, &[4, 5]), day(2)), Ok(Extension::Newer));
}

#[test]
fn a_charter_that_does_not_fit_the_chain_is_refused() {
    let mut chain = begun(&charter(), &[1, 2]);
    let refused = |chain: &mut Chain, change: &dyn Fn(&mut Charter)| {
        let mut charter = next(chain, day(1));
        change(&mut charter);
        let result = chain.extend(&signed(&charter, &[1, 2]), day(1));
        assert_eq!((chain.newest_version(), chain.dispute()), (1, None));
        result
    };
    let copy = Copied { of: "https://vk.com/club7".into(), by: "Анна".into() };
    let cases: [(&dyn Fn(&mut Charter), ChainError); 6] = [
        (&|c| c.version = 3, ChainError::Gap),
        (&|c| c.previous = Some(Digest::of(b"")), ChainError::OtherPrevious),
        (&|c| c.issued = day(-1), ChainError::IssuedEarlier),
        (&|c| c.copy = Some(copy.clone()), ChainError::CopyChanged),
        (&|c| (c.version, c.previous) = (1, None), ChainError::OtherCommunity),
        (&|c| c.version = 1000, ChainError::Gap),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        assert_eq!(refused(&mut chain, change), Err(error), "case {number}");
    }
    let head =
        Envelope::sign(DocumentKind::Head, signed(&next(&chain, day(1)), &[1]).payload().to_vec(), &keys(&[1, 2]));
    assert_eq!(chain.extend(&head, day(1)), Err(CharterError::Form.into()));
}

#[test]
fn a_copy_stays_a_copy() {
    let mut first = charter();
    first.copy = Some(Copied { of: "https://vk.com/club7".into(), by: "Анна".into() });
    let mut chain = begun(&first, &[1, 2]);
    let mut second = next(&chain, day(1));
    second.copy = None;
    assert_eq!(chain.extend(&signed(&second, &[1, 2, 3]), day(1)), Err(ChainError::CopyChanged));
    assert_eq!(trust(&chain, &Heads::default(), None, day(1)).state, TrustState::Copied);
}

#[test]
fn two_signed_charters_at_one_number_are_disputed_for_good() {
    let mut chain = begun(&charter(), &[1, 2]);
    let (mut one, mut other) = (next(&chain, day(1)), next(&chain, day(1)));
    (one.name, other.name) = ("Одна".into(), "Другая".into());
    chain.extend(&signed(&one, &[1, 2]), day(1)).unwrap();
    assert_eq!(
        chain.extend(&signed(&other, &[2]), day(2)),
        Err(ChainError::Unsigned),
        "below the threshold: no dispute"
    );
    assert_eq!(chain.dispute(), None);
    let third = next(&chain, day(3));
    assert_eq!(chain.extend(&signed(&other, &[2, 3]), day(2)), Err(ChainError::Disputed));
    assert_eq!(chain.extend(&signed(&third, &[1, 2, 3]), day(3)), Err(ChainError::Disputed), "nothing settles it");
    assert_eq!((chain.dispute(), chain.in_force(day(3)).version), (Some(2), 1));
    let trust = trust(&chain, &Heads::default(), None, day(3));
    assert_eq!((trust.state, trust.reasons[0]), (TrustState::Disputed, TrustReason::TwoCharters { version: 2 }));
}

#[test]
fn a_chain_ends_at_its_limit() {
    let mut single = charter();
    single.root = KeySet::new(public(&[1]), 1);
    let mut chain = begun(&single, &[1]);
    for version in 2..=MAX_VERSION {
        let charter = next(&chain, day(0));
        assert_eq!(chain.extend(&signed(&charter, &[1]), day(0)), Ok(Extension::Newer), "{version}");
    }
    let mut beyond = next(&chain, day(0));
    assert_eq!(beyond.seal(&keys(&[1])), Err(CharterError::Version));
    beyond.version = 10_000;
    let payload = serde_json::to_vec(&beyond).unwrap();
    let beyond = Envelope::sign(DocumentKind::Charter, payload, &keys(&[1]));
    assert_eq!(chain.extend(&beyond, day(0)), Err(CharterError::Version.into()));
    assert_eq!(chain.newest_version(), MAX_VERSION);
}

/// A chain whose charter has the recovery keys 30, 31 and 32, of which two sign, and a wait of ten days; and the charter
/// with new root keys that they sign.
fn recoverable() -> (Chain, Charter) {
    let mut first = charter();
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[30, 31, 32]), 2), wait: 10 * 86_400 });
    let chain = begun(&first, &[1, 2]);
    let mut recovered = next(&chain, day(100));
    recovered.root = KeySet::new(public(&[40, 41]), 2);
    (chain, recovered)
}

#[test]
fn lost_keys_are_recovered_after_the_waiting_time() {
    let (mut chain, recovered) = recoverable();
    assert_eq!(
        chain.extend(&signed(&recovered, &[30, 40, 41]), day(101)),
        Err(ChainError::NotApproved),
        "one is too few"
    );
    assert_eq!(
        chain.extend(&signed(&recovered, &[30, 31]), day(101)),
        Err(ChainError::Unsigned),
        "not by its own keys"
    );
    assert_eq!(chain.extend(&signed(&recovered, &[30, 31, 40, 41]), day(101)), Ok(Extension::Recovering));
    let third = next(&chain, day(102));
    assert_eq!(chain.extend(&signed(&third, &[40, 41]), day(102)), Ok(Extension::Newer));
    assert_eq!((chain.in_force(day(110)).version, chain.recovers_at(day(110))), (1, Some(day(111))));
    assert_eq!(
        trust(&chain, &Heads::default(), None, day(110)).reasons[0],
        TrustReason::Recovering { until: day(111) }
    );
    assert_eq!((chain.in_force(day(111)).version, chain.recovers_at(day(111))), (3, None));
}

#[test]
fn the_root_keys_end_a_recovery_while_it_waits() {
    let (mut chain, recovered) = recoverable();
    let objection = next(&chain, day(105));
    chain.extend(&signed(&recovered, &[30, 31, 40, 41]), day(101)).unwrap();
    assert_eq!(chain.extend(&signed(&objection, &[1, 2]), day(105)), Ok(Extension::RecoveryEnded));
    assert_eq!(chain.extend(&signed(&recovered, &[30, 31, 40, 41]), day(106)), Err(ChainError::RecoveryVoid));
    assert_eq!((chain.in_force(day(200)), chain.dispute()), (&objection, None));
}

#[test]
fn an_objection_after_the_waiting_time_is_a_dispute() {
    let (mut chain, recovered) = recoverable();
    let objection = next(&chain, day(105));
    chain.extend(&signed(&recovered, &[30, 31, 40, 41]), day(101)).unwrap();
    assert_eq!(chain.extend(&signed(&objection, &[1, 2]), day(111)), Err(ChainError::Disputed));
    assert_eq!(chain.dispute(), Some(2));
}

#[test]
fn a_new_reader_waits_from_the_time_that_the_recovery_states() {
    let (_, recovered) = recoverable();
    let (chain, _) = recoverable();
    let first = chain.charter(1).unwrap().clone();
    let first = signed(&first, &[1, 2]);
    let mut late = Chain::begin(first.digest(), &first, day(500)).unwrap();
    late.extend(&signed(&recovered, &[30, 31, 40, 41]), day(500)).unwrap();
    assert_eq!(late.in_force(day(500)).version, 2, "it was recovered long ago");
}

#[test]
fn a_head_dated_ahead_puts_off_a_recovery_by_a_week() {
    let mut first = charter();
    first.expires = day(3000);
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[8, 9]), 2), wait: 14 * 86_400 });
    // The head is taken on the day of the recovery, or a month before it.
    for (taken, until) in [(40, 40 + 7 + 14), (10, 40 + 14)] {
        let mut chain = begun(&first, &[1, 2]);
        chain.has_head(day(2900), day(taken));
        let mut recovering = next(&chain, day(40));
        recovering.root = KeySet::new(public(&[8, 9]), 2);
        assert_eq!(chain.extend(&signed(&recovering, &[8, 9]), day(40)), Ok(Extension::Recovering));
        assert_eq!(chain.recovers_at(day(40)), Some(day(until)), "{taken}");
        assert_eq!(chain.in_force(day(until)).version, 2);
    }
    // A clock that is years behind when the recovery is seen still ends no waiting time.
    let mut chain = begun(&first, &[1, 2]);
    chain.has_head(day(40), day(40));
    let mut recovering = next(&chain, day(1));
    recovering.root = KeySet::new(public(&[8, 9]), 2);
    chain.extend(&signed(&recovering, &[8, 9]), day(-3000)).unwrap();
    assert_eq!(chain.recovers_at(day(40)), Some(day(54)));
}

#[test]
fn a_chain_is_bounded_by_the_bytes_of_its_payloads() {
    let mut chain = begun(&charter(), &[1, 2]);
    let known =
        KnownRestriction { text: "x".repeat(1800), jurisdiction: None, authority: None, number: None, date: None };
    let mut taken = 1;
    let refused = loop {
        let mut charter = next(&chain, day(taken));
        charter.restrictions = vec![known.clone(); 16];
        match chain.extend(&signed(&charter, &[1, 2]), day(taken)) {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, ChainError::TooLong);
    assert!((30..40).contains(&taken), "{taken} charters of 30 kB");
    let mut rival = chain.charter(2).unwrap().clone();
    rival.name = "Rival".into();
    assert_eq!(
        chain.extend(&signed(&rival, &[1, 2]), day(50)),
        Err(ChainError::Disputed),
        "a dispute is seen all the same"
    );
}
