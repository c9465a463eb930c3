//! A look decides nothing and leaves nothing, and nothing is contacted for a move that does not count.

use std::time::Duration;

use byway::community::CommunityId;
use byway::{Byway, Language, Move, MoveKind, Note, OpenOptions, Opened, ReadFrom, SyncLimits};
use byway_lab::{Lab, Page};

use super::group::{Group, contacts, follow, moves, of_move, offer, pair, pass, phone, shown, stay, with_tor};

/// An old community whose one key names a successor.
fn one_key(lab: &Lab) -> (Group, Group) {
    let mut old = Group::new(lab, "old.example", &[1], 1, None);
    let mut new = Group::new(lab, "new.example", &[5], 1, Some(old.id()));
    new.write(lab);
    old.moves_to(&new).write(lab);
    (old, new)
}

/// How often the phone itself looked a host up or connected to it.
fn calls(lab: &Lab, host: &str) -> usize {
    let (log, addresses) = (lab.log().by("client"), lab.addresses_of(host));
    let lookups = log.lookups().iter().filter(|name| *name == host).count();
    lookups + log.connects().iter().filter(|(_, address)| addresses.contains(&address.ip())).count()
}

async fn sync(byway: &Byway, groups: &[&Group]) -> Vec<(&'static str, Vec<MoveKind>)> {
    let ids: Vec<CommunityId> = groups.iter().map(|group| group.community()).collect();
    let synced = byway.sync_once(&ids, SyncLimits::default()).await;
    let of = |group: &&Group| {
        let one = synced.communities.iter().find(|one| one.id == group.community()).unwrap();
        (one.outcome.code(), one.notes.iter().filter_map(of_move).map(|moved| moved.kind).collect())
    };
    groups.iter().map(of).collect()
}

fn moved(opened: &Opened) -> &Move {
    opened.notes.iter().filter_map(of_move).next_back().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_look_says_that_one_key_was_enough() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, _new) = one_key(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    for after_a_no in [false, true] {
        let looked = byway.successor(&old.community()).await.unwrap();
        assert_eq!((shown(&looked), moves(&looked)), ("at new.example", vec![MoveKind::Asked]), "{after_a_no}");
        let note = Note::Move(moved(&looked).clone());
        let (english, russian) = (note.sentence(Language::En), note.sentence(Language::Ru));
        assert!(
            english.contains("one key was enough") && english.contains("0 stayed, 1 left and 1 joined"),
            "{english}"
        );
        assert!(russian.contains("хватило одного ключа") && russian.contains("остались: 0"), "{russian}");
        assert!(!english.contains("both sides"), "{english}");
        stay(&byway, &old.community()).await;
    }
    follow(&byway, &old.community()).await.unwrap();
    assert_eq!(moves(&byway.successor(&old.community()).await.unwrap()), [MoveKind::Moved], "after a yes");
}

#[tokio::test(start_paused = true)]
async fn a_look_says_until_when_others_can_object() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    old.moves_to(&new).write(&lab);
    let until = moved(&byway.open(&old.link()).await.unwrap()).until;
    let looked = byway.successor(&old.community()).await.unwrap();
    assert_eq!((moves(&looked), moved(&looked).until), (vec![MoveKind::Waits], until));
    assert!(until.is_some());
    pass(&lab, 8);
    assert_eq!(
        moves(&byway.refresh(&old.community()).await.unwrap()),
        [MoveKind::Unread],
        "a look is no reading of it"
    );
    assert_eq!(moves(&byway.successor(&old.community()).await.unwrap()), [MoveKind::Moved]);
}

#[tokio::test(start_paused = true)]
async fn a_look_leaves_nothing_that_is_read_again() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, new) = one_key(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    let looked = byway.successor(&old.community()).await.unwrap();
    assert_eq!((shown(&looked), looked.source), ("at new.example", ReadFrom::Network));
    let seen = contacts(&lab, "new.example");
    let kept = byway.communities().await.unwrap();
    assert_eq!(kept.iter().map(|kept| kept.community.id.clone()).collect::<Vec<_>>(), [old.community()]);
    assert!(byway.posts(&new.community(), None, 10).await.unwrap().items.is_empty());
    assert_eq!(sync(&byway, &[&old, &new]).await[1].0, "failed", "it is not kept");
    stay(&byway, &old.community()).await;
    sync(&byway, &[&old, &new]).await;
    old.freeze(&lab);
    sync(&byway, &[&old, &new]).await;
    let _ = byway.open(&old.link()).await;
    assert_eq!(contacts(&lab, "new.example"), seen, "neither directly nor through Tor");
}

#[tokio::test(start_paused = true)]
async fn a_one_sided_successor_is_not_kept() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1, 2, 3], 2, None);
    let mut new = Group::new(&lab, "new.example", &[4, 5], 2, None);
    new.write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::OneSided]);
    assert!(byway.community(&new.community()).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_no_after_a_yes_ends_every_contact() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, new) = one_key(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    follow(&byway, &old.community()).await.unwrap();
    assert_eq!(sync(&byway, &[&new]).await[0].0, "done");
    stay(&byway, &old.community()).await;
    is_left_alone(&lab, &byway, &old, &new).await;
    byway.forget(&old.community()).await.unwrap();
    is_left_alone(&lab, &byway, &old, &new).await;
    byway.open(&new.link()).await.unwrap();
    assert_eq!(sync(&byway, &[&new]).await[0].0, "done", "the user opened its own link");
}

#[tokio::test(start_paused = true)]
async fn a_freeze_after_a_yes_ends_every_contact() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let mut third = Group::new(&lab, "third.example", &[4, 5], 2, Some(new.id()));
    third.write(&lab);
    new.moves_to(&third).write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    follow(&byway, &old.community()).await.unwrap();
    byway.open(&old.link()).await.unwrap();
    assert_eq!(sync(&byway, &[&new, &third]).await.iter().map(|one| one.0).collect::<Vec<_>>(), ["done", "done"]);
    old.freeze(&lab);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed]);
    is_left_alone(&lab, &byway, &old, &new).await;
    is_left_alone(&lab, &byway, &old, &third).await;
    byway.forget(&old.community()).await.unwrap();
    is_left_alone(&lab, &byway, &old, &new).await;
}

/// The device's own readings contact nothing of a community, and what was read of it stays.
async fn is_left_alone(lab: &Lab, byway: &Byway, old: &Group, one: &Group) {
    let seen = contacts(lab, one.host);
    let synced = byway.sync_once(&[one.community(), old.community()], SyncLimits::default()).await;
    let outcome = &synced.communities.iter().find(|synced| synced.id == one.community()).unwrap().outcome;
    assert!(format!("{outcome:?}").contains("MoveNotFollowed"), "{outcome:?}");
    let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    for opened in [byway.refresh(&one.community()).await, byway.open_kept(&one.community(), how).await] {
        let opened = opened.unwrap();
        assert_eq!(opened.fault.as_ref().unwrap().code(), "move_not_followed");
        assert!(opened.posts[0].text.starts_with("at ") && opened.source == ReadFrom::Store, "it can be read");
        let (picture, _) = &byway::attachments(&opened.community.id, &opened.posts[0])[0];
        assert_eq!(byway.fetch_attachment(picture, 100).await.unwrap_err().code(), "move_not_followed");
    }
    assert_eq!(contacts(lab, one.host), seen, "{}", one.host);
}

#[tokio::test(start_paused = true)]
async fn a_community_of_its_own_link_stays_the_readers() {
    for link_first in [true, false] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let (old, new) = one_key(&lab);
        let byway = with_tor(&lab, data.path()).await;
        if link_first {
            byway.open(&new.link()).await.unwrap();
        }
        byway.open(&old.link()).await.unwrap();
        follow(&byway, &old.community()).await.unwrap();
        if !link_first {
            byway.open(&new.link()).await.unwrap();
        }
        stay(&byway, &old.community()).await;
        old.freeze(&lab);
        assert_eq!(sync(&byway, &[&old, &new]).await[1].0, "done", "link first: {link_first}");
        assert!(byway.refresh(&new.community()).await.unwrap().fault.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_yes_that_fails_permits_nothing_afterwards() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, new) = one_key(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&old.link()).await.unwrap();
    let seen = offer(&byway, &old.community()).await.unwrap();
    let slow = || Page::new("{").slowly(1, Duration::from_secs(600));
    for file in ["/charter/1.json", "/head.json", "/freeze.json"] {
        let _ = lab.host("new.example").page(file, slow());
    }
    let cancelled = tokio::time::timeout(Duration::from_secs(2), byway.follow(&seen)).await;
    assert!(cancelled.is_err() && calls(&lab, "new.example") > 0, "the yes was for this reading");
    let failed = calls(&lab, "new.example");
    assert!(byway.follow(&seen).await.is_err());
    assert!(calls(&lab, "new.example") > failed);
    let mut again = new;
    again.write(&lab);
    let sent = calls(&lab, "new.example");
    for says_no in [false, true] {
        assert!(byway.successor(&old.community()).await.is_err(), "no route leads there");
        sync(&byway, &[&old, &again]).await;
        assert_eq!(calls(&lab, "new.example"), sent, "after a no: {says_no}");
        assert!(byway.stay(&seen).await.unwrap());
    }
    assert_eq!(shown(&byway.follow(&seen).await.unwrap()), "at new.example", "directly, on a yes");
    assert_eq!(sync(&byway, &[&again]).await[0].0, "done", "which is remembered");
    assert!(byway.stay(&seen).await.unwrap());
    let sent = calls(&lab, "new.example");
    let _ = byway.successor(&old.community()).await;
    assert_eq!(calls(&lab, "new.example"), sent, "a no ends it");
}

#[tokio::test(start_paused = true)]
async fn a_dispute_outweighs_a_no_in_every_answer() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, _new) = one_key(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    stay(&byway, &old.community()).await;
    old.freeze(&lab);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed]);
    assert_eq!(sync(&byway, &[&old]).await[0].1, [MoveKind::Disputed]);
    assert_eq!(moves(&byway.refresh(&old.community()).await.unwrap()), [MoveKind::Disputed]);
}
