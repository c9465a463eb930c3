//! The device's own later readings of what is kept ask for nothing, and tell of each move.

use byway::{Exposure, MoveKind, OpenOptions, SyncLimits};
use byway_lab::Lab;

use super::group::{Group, called, follow, moves, pair, phone, shown, stay, with_tor};

#[tokio::test(start_paused = true)]
async fn a_bundle_is_read_again_without_a_direct_contact() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    old.lists(&["https://old.example/"]).write(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    let id = byway.take_bundle(old.bundle(), Exposure::Open).await.unwrap().community.id;
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    assert_eq!(shown(&byway.open_kept(&id, offline).await.unwrap()), "at old.example");
    for allow_direct in [false, true] {
        let how = OpenOptions { allow_direct, ..OpenOptions::default() };
        assert!(byway.open_kept(&id, how).await.unwrap().fault.is_some(), "nothing that is permitted leads there");
    }
    byway.refresh(&id).await.unwrap();
    byway.sync_once(std::slice::from_ref(&id), SyncLimits::default()).await;
    assert!(!called(&lab, "old.example"));
    drop(byway);
    let byway = with_tor(&lab, data.path()).await;
    assert!(byway.open_kept(&id, OpenOptions::default()).await.unwrap().fault.is_none(), "through Tor");
    assert!(!called(&lab, "old.example"), "nor afterwards");
    let link = byway.link(&id).await.unwrap().unwrap();
    drop(byway);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&link.to_string()).await.unwrap();
    byway.open_kept(&id, OpenOptions::default()).await.unwrap();
    assert!(called(&lab, "old.example"), "whoever opens a link asks for its address");
}

#[tokio::test(start_paused = true)]
async fn a_kept_community_leads_to_its_successor_by_its_id() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    let opened = byway.open_kept(&old.community(), OpenOptions::default()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    assert!(!called(&lab, "new.example"));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_says_what_is_known_of_each_move() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    let mut new = Group::new(&lab, "new.example", &[1, 2], 1, Some(old.id()));
    new.write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    let refreshed = async |group: &Group| moves(&byway.refresh(&group.community()).await.unwrap());
    assert_eq!(refreshed(&old).await, [MoveKind::Asked]);
    stay(&byway, &old.community()).await;
    assert_eq!(refreshed(&old).await, [MoveKind::Declined]);
    follow(&byway, &old.community()).await.unwrap();
    assert_eq!(refreshed(&old).await, [MoveKind::MovedOn]);
    assert_eq!(refreshed(&new).await, [MoveKind::Continues]);
}
