//! A yes or no is for the move that the user saw, whatever the community names by the time of the answer.

use byway::internals::signed::KeySet;
use byway::{Exposure, Move, MoveKind, OpenError, OpenFault};
use byway_lab::{Lab, Page};

use super::group::{Group, called, key, offer, pair, phone, shown, with_tor};

fn is_changed(error: &OpenError) -> bool {
    matches!(error.fault, OpenFault::SuccessorChanged) && error.reachability().is_none()
}

/// An old community that names a successor, and another one that it names later.
fn three(lab: &Lab) -> (Group, Group, Group) {
    let (mut old, new) = pair(lab);
    let mut impostor = Group::new(lab, "impostor.example", &[6, 7], 2, Some(old.id()));
    impostor.write(lab);
    old.moves_to(&new).write(lab);
    (old, new, impostor)
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_successor_that_changed_is_refused() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new, impostor) = three(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&old.link()).await.unwrap();
    let seen = offer(&byway, &old.community()).await.unwrap();
    assert_eq!(seen.to, Some(new.community()));
    // While the question is on the screen, a file brings the next charter.
    old.moves_to(&impostor).write(&lab);
    byway.take_bundle(old.bundle(), Exposure::Open).await.unwrap();
    let sent = lab.log().connects().len();
    assert!(is_changed(&byway.follow(&seen).await.unwrap_err()));
    assert!(is_changed(&byway.stay(&seen).await.unwrap_err()));
    assert_eq!(lab.log().connects().len(), sent, "nothing is contacted");
    let named = offer(&byway, &old.community()).await.unwrap();
    assert_eq!((named.kind, named.to.as_ref()), (MoveKind::Waits, Some(&impostor.community())), "nothing is decided");
    assert!(byway.stay(&named).await.unwrap());
    assert!(!called(&lab, "impostor.example") && !called(&lab, "new.example"));
}

#[tokio::test(start_paused = true)]
async fn a_yes_is_for_no_address_that_was_not_shown() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new, _) = three(&lab);
    let _ = lab.host("evil.example").at("203.0.113.99").https();
    new.write_at(&lab, "evil.example", "/");
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&old.link()).await.unwrap();
    let seen = offer(&byway, &old.community()).await.unwrap();
    let (two, one) = (["https://new.example/", "https://evil.example/"], ["https://new.example/"]);
    old.moves_to_mirrors(&new, &two).write(&lab);
    byway.refresh(&old.community()).await.unwrap();
    assert!(is_changed(&byway.follow(&seen).await.unwrap_err()));
    assert!(byway.stay(&seen).await.unwrap(), "a no is for the community, at every address");
    let seen = offer(&byway, &old.community()).await.unwrap();
    assert_eq!(seen.homes.len(), 2, "the user sees both");
    old.moves_to_mirrors(&new, &one).write(&lab);
    byway.refresh(&old.community()).await.unwrap();
    assert_eq!(shown(&byway.follow(&seen).await.unwrap()), "at new.example", "fewer addresses than were shown");
    assert!(!called(&lab, "evil.example"));
}

#[tokio::test(start_paused = true)]
async fn a_yes_is_for_the_keys_that_were_shown() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (old, mut new, _) = three(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    byway.successor(&old.community()).await.unwrap();
    let seen = offer(&byway, &old.community()).await.unwrap();
    assert!(seen.to_keys.is_some());
    // The successor itself names other keys meanwhile: once this phone knows it, and once it only learns it from the host.
    new.people = vec![2, 3, 8, 9];
    new.amend(|charter| charter.root = KeySet::new(vec![key(8).public(), key(9).public()], 2)).write(&lab);
    let error = byway.follow(&seen).await.unwrap_err();
    assert!(matches!(error.fault, OpenFault::SuccessorChanged) && error.reachability().is_some(), "it was read");
    assert!(is_changed(&byway.follow(&seen).await.unwrap_err()), "from now on it is known");
    let named = offer(&byway, &old.community()).await.unwrap();
    assert_ne!(named.to_keys, seen.to_keys);
    assert_eq!(shown(&byway.follow(&named).await.unwrap()), "at new.example");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_names_another_address_has_no_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let moved = "<rss version='2.0'><channel><title>Old</title><newLocation>https://claimed.example/feed</newLocation>\
                 <item><guid>1</guid><title>Hello</title></item></channel></rss>";
    let _ = lab.host("old.example").at("203.0.113.7").https().page("/feed", Page::new(moved));
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    let opened = byway.open("https://old.example/feed").await.unwrap();
    let mut seen = Move::new(MoveKind::Claimed, opened.community.id.clone(), None);
    seen.home = Some("https://other.example/feed".parse().unwrap());
    let sent = lab.log().connects().len();
    assert!(is_changed(&byway.follow(&seen).await.unwrap_err()));
    assert!(is_changed(&byway.stay(&seen).await.unwrap_err()));
    seen.home = opened.community.successor.map(|claim| claim.home);
    assert!(byway.stay(&seen).await.unwrap());
    assert_eq!(lab.log().connects().len(), sent);
}
