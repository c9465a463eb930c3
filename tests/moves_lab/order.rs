//! A sync looks at the old side first, in whatever order the communities are given and however new their posts are.

use byway::{Byway, MoveKind, SyncLimits};
use byway_lab::Lab;

use super::group::{Group, contacts, follow, pair, shown, with_tor};

/// The old community and its successors, each of which continues the one before, all followed and kept.
async fn followed(lab: &Lab, byway: &Byway) -> [Group; 3] {
    let (mut old, mut new) = pair(lab);
    let mut third = Group::new(lab, "third.example", &[4, 5], 2, Some(new.id()));
    third.write(lab);
    new.moves_to(&third).write(lab);
    old.moves_to(&new).write(lab);
    byway.open(&old.link()).await.unwrap();
    follow(byway, &old.community()).await.unwrap();
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at third.example");
    [old, new, third]
}

async fn sync(byway: &Byway, groups: &[&Group]) -> Vec<String> {
    let ids: Vec<_> = groups.iter().map(|group| group.community()).collect();
    let synced = byway.sync_once(&ids, SyncLimits::default()).await;
    let outcome = |group: &&Group| {
        let one = synced.communities.iter().find(|one| one.id == group.community()).unwrap();
        match &one.outcome {
            byway::SyncOutcome::Failed { fault, .. } => fault.code().to_owned(),
            other => other.code().to_owned(),
        }
    };
    groups.iter().map(outcome).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sync_that_finds_the_old_side_frozen_calls_no_successor() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let byway = with_tor(&lab, data.path()).await;
    let [old, new, third] = followed(&lab, &byway).await;
    for given in [[&third, &new, &old], [&old, &new, &third], [&new, &old, &third]] {
        assert_eq!(sync(&byway, &given).await, ["done", "done", "done"]);
    }
    old.freeze(&lab);
    let seen = [&new, &third].map(|one| contacts(&lab, one.host));
    assert_eq!(sync(&byway, &[&third, &new, &old]).await, ["move_not_followed", "move_not_followed", "done"]);
    assert_eq!([&new, &third].map(|one| contacts(&lab, one.host)), seen, "in the run in which the freeze came");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_of_an_old_side_that_is_not_read_decides() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let byway = with_tor(&lab, data.path()).await;
    let [old, new, third] = followed(&lab, &byway).await;
    assert_eq!(sync(&byway, &[&third, &new]).await, ["done", "done"], "it is not asked for");
    let _ = lab.host("old.example").down();
    assert_eq!(sync(&byway, &[&third, &new, &old]).await[..2], ["done", "done"], "it is down");
    old.freeze(&lab);
    assert_eq!(sync(&byway, &[&third, &new]).await, ["done", "done"], "nobody has read the freeze");
}

#[tokio::test(start_paused = true)]
async fn successors_in_a_circle_do_not_hold_a_sync() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let mut third = Group::new(&lab, "third.example", &[4, 5], 2, Some(new.id()));
    let back = third.id();
    new.amend(|charter| charter.predecessor = Some(old.id())).moves_to(&third).write(&lab);
    third.moves_to(&new).write(&lab);
    old.moves_to(&new).write(&lab);
    assert_ne!(back, new.id());
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!(super::group::moves(&opened), [MoveKind::Moved, MoveKind::Moved, MoveKind::Loop]);
    // A yes makes the circle one of followed moves too.
    follow(&byway, &third.community()).await.unwrap();
    assert_eq!(sync(&byway, &[&third, &new, &old]).await, ["done", "done", "done"]);
    old.freeze(&lab);
    let seen = [&new, &third].map(|one| contacts(&lab, one.host));
    assert_eq!(sync(&byway, &[&third, &new, &old]).await, ["move_not_followed", "move_not_followed", "done"]);
    assert_eq!([&new, &third].map(|one| contacts(&lab, one.host)), seen);
    byway.forget(&old.community()).await.unwrap();
    assert_eq!(sync(&byway, &[&third, &new]).await, ["move_not_followed", "move_not_followed"], "the circle alone");
}
