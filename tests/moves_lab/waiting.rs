//! Waiting times, thefts of a single key, and servers that hold readers back.

use std::time::{Duration, SystemTime};

use byway::internals::signed::KeySet;
use byway::{MoveKind, Opened};
use byway_lab::{Lab, Page};

use super::group::{Group, follow, key, moves, of_move, pair, pass, shown, with_tor};

fn until(opened: &Opened) -> Option<byway::jiff::Timestamp> {
    opened.notes.iter().find_map(of_move)?.until
}

#[tokio::test(start_paused = true)]
async fn one_key_that_names_several_moves_nobody() {
    for is_new_reader in [false, true] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let mut old = Group::new(&lab, "old.example", &[1], 1, None);
        let mut new = Group::new(&lab, "new.example", &[5, 6], 2, Some(old.id()));
        new.write(&lab);
        old.write(&lab);
        let byway = with_tor(&lab, data.path()).await;
        if !is_new_reader {
            byway.open(&old.link()).await.unwrap();
            pass(&lab, 30);
        }
        old.people = vec![1, 5, 6];
        old.amend(|charter| charter.root = KeySet::new(vec![key(5).public(), key(6).public()], 2));
        old.people = vec![5, 6];
        old.moves_to(&new).write(&lab);
        assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Asked]);
        pass(&lab, 60);
        let opened = byway.open(&old.link()).await.unwrap();
        assert_eq!(moves(&opened), [MoveKind::Asked], "new reader: {is_new_reader}");
        let looked = byway.successor(&old.community()).await.unwrap();
        let moved = looked.notes.iter().find_map(of_move).unwrap();
        assert_eq!((moved.stayed, moved.left, moved.joined), (0, 1, 2), "against the keys that were known");
    }
}

#[tokio::test(start_paused = true)]
async fn a_community_that_grew_to_several_keys_moves_its_readers() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    let mut new = Group::new(&lab, "new.example", &[2, 3], 2, Some(old.id()));
    new.write(&lab);
    old.people = vec![1, 2, 3];
    old.amend(|charter| charter.root = KeySet::new(vec![key(2).public(), key(3).public()], 2));
    old.people = vec![2, 3];
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    pass(&lab, 8);
    old.moves_to(&new).write(&lab);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Waits]);
    pass(&lab, 16);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_ends_no_waiting_time() {
    const YEAR: u64 = 366 * 86_400;
    let years_off: [fn(SystemTime) -> SystemTime; 2] =
        [|now| now - Duration::from_secs(5 * YEAR), |now| now + Duration::from_secs(14 * YEAR)];
    for wrong in years_off {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let (mut old, new) = pair(&lab);
        old.write(&lab);
        let byway = with_tor(&lab, data.path()).await;
        byway.open(&old.link()).await.unwrap();
        old.moves_to(&new).write(&lab);
        let right = byway::net::Net::wall(&*lab.client()).checked_sub(lab.elapsed()).unwrap();
        let _ = lab.client().wall_clock(wrong(right));
        let seen = byway.open(&old.link()).await.unwrap();
        assert_eq!(moves(&seen), [MoveKind::Waits]);
        let _ = lab.client().wall_clock(right);
        let now = byway.open(&old.link()).await.unwrap();
        assert_eq!(moves(&now), [MoveKind::Waits], "it is not over");
        let waits = until(&now).unwrap().as_second() - super::group::day(&lab, 0).as_second();
        assert!((0..=8 * 86_400).contains(&waits), "it ends: {waits}");
        pass(&lab, 8);
        assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Moved]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dripping_server_does_not_hold_members_back() {
    for says_yes in [false, true] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let (mut old, new) = pair(&lab);
        old.write(&lab);
        let byway = with_tor(&lab, data.path()).await;
        byway.open(&old.link()).await.unwrap();
        old.moves_to(&new).write(&lab);
        byway.open(&old.link()).await.unwrap();
        if says_yes {
            follow(&byway, &old.community()).await.unwrap();
        } else {
            pass(&lab, 8);
        }
        let drips = || Page::new(format!("{{{}", " ".repeat(60_000))).slowly(1, Duration::from_millis(300));
        for file in
            ["/head.json", "/freeze.json", "/newest.jsonl", "/charter/1.json", "/charter/2.json", "/charter/3.json"]
        {
            let _ = lab.host("old.example").page(file, drips());
        }
        let began = lab.elapsed();
        let opened = byway.open(&old.link()).await.unwrap();
        assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]), "yes: {says_yes}");
        assert!(opened.fault.is_none(), "it was read now: {:?}", opened.fault);
        assert!(lab.elapsed() - began < Duration::from_secs(45), "{:?}", lab.elapsed() - began);
    }
}
