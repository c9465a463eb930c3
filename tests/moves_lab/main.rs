//! Communities that move, over the lab: followed, asked, claimed, in circles, disputed, and never called directly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod again;
mod asked;
mod foreseen;
mod group;
mod order;
mod shown;
mod undecided;
mod waiting;

use byway::community::TrustState;
use byway::source::SourceNote;
use byway::{Language, MoveKind, Note, OpenOptions};
use byway_lab::{Lab, Page};

use self::group::{Group, called, follow, later, moves, of_move, pair, pass, phone, shown, stay, with_tor};

#[tokio::test(start_paused = true)]
async fn a_move_signed_by_two_is_followed_after_a_week() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), []);
    old.moves_to(&new).write(&lab);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Waits]));
    assert!(!called(&lab, "new.example"));
    pass(&lab, 6);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Waits]);
    pass(&lab, 2);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let moved = opened.notes.iter().find_map(of_move).unwrap();
    assert_eq!((moved.stayed, moved.left, moved.joined), (2, 1, 2));
    let sentence = Note::Move(moved.clone()).sentence(Language::En);
    for keys in [&moved.stayed_keys, &moved.left_keys, &moved.joined_keys] {
        assert!(!keys.is_empty() && keys.iter().all(|key| sentence.contains(&key.to_string())), "{sentence}");
    }
    let counted = {
        let mut counted = moved.clone();
        (counted.from_members, counted.to_members) = (Some(389), Some(192));
        Note::Move(counted).sentence(Language::En)
    };
    assert!(counted.contains("states 192 members, and the old one 389"), "{counted}");
    assert_eq!((&moved.from, moved.to.as_ref()), (&old.community(), Some(&new.community())));
    assert!(moved.from_keys.is_some() && moved.to_keys.is_some() && moved.from_keys != moved.to_keys);
    assert_eq!(byway.posts(&old.community(), None, 10).await.unwrap().items[0].text, "at old.example", "it stays");
    for (id, kind) in [(old.community(), MoveKind::MovedOn), (new.community(), MoveKind::Continues)] {
        let standing = byway.standing(&id).await.unwrap();
        let moved = standing.notes.iter().find_map(of_move).unwrap();
        assert_eq!((moved.kind, moved.at, moved.joined), (kind, Some(later(old.founded, 90)), 2));
        let sentence = Note::Move(moved.clone()).sentence(Language::En);
        let ids = [old.community(), new.community()].map(|id| id.as_str()[..18].to_owned());
        assert!(ids.iter().all(|id| sentence.contains(id)), "{sentence}");
    }

    stay(&byway, &old.community()).await;
    let stayed = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&stayed), moves(&stayed)), ("at old.example", vec![MoveKind::Declined]));
    follow(&byway, &old.community()).await.unwrap();
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at new.example");
}

#[tokio::test(start_paused = true)]
async fn a_successor_is_not_called_directly_before_a_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Unread]), "it came with the first");
    assert!(!called(&lab, "new.example"), "no lookup and no packet");
    drop(byway);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    byway.refresh(&new.community()).await.unwrap();
    byway.sync_once(&[new.community()], byway::SyncLimits::default()).await;
    assert!(!called(&lab, "new.example"), "nor by a refresh or a sync");
    drop(byway);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    assert_eq!(shown(&follow(&byway, &old.community()).await.unwrap()), "at new.example");
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at new.example");
}

#[tokio::test(start_paused = true)]
async fn a_move_signed_by_one_asks_and_follows_on_a_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    let mut new = Group::new(&lab, "new.example", &[1, 2], 1, Some(old.id()));
    new.write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::Asked]));
    let looked = byway.successor(&old.community()).await.unwrap();
    assert_eq!((shown(&looked), moves(&looked)), ("at new.example", vec![MoveKind::Asked]), "the question stays");
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at old.example", "looking decides nothing");
    follow(&byway, &old.community()).await.unwrap();
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let direct = byway.open(&new.link()).await.unwrap();
    assert_eq!(moves(&direct), [MoveKind::Continues]);
}

#[tokio::test(start_paused = true)]
async fn a_forged_or_one_sided_successor_is_a_claim() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1, 2, 3], 2, None);
    let mut one_sided = Group::new(&lab, "new.example", &[4, 5], 2, None);
    one_sided.write(&lab);
    let mut forged = Group::new(&lab, "forged.example", &[6, 7], 2, Some(old.id()));
    forged.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&forged.link()).await.unwrap()), [MoveKind::ContinuesUnknown]);
    old.moves_to(&one_sided).write(&lab);
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at old.example", vec![MoveKind::OneSided]));
    let claimed = byway.open(&forged.link()).await.unwrap();
    assert_eq!(moves(&claimed), [MoveKind::ClaimsToContinue]);
    let followed = follow(&byway, &old.community()).await.unwrap();
    assert_eq!((shown(&followed), moves(&followed)), ("at new.example", vec![MoveKind::OnYourWord]));
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::OnYourWord]);
}

#[tokio::test(start_paused = true)]
async fn successors_in_a_circle_end_the_walk() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let back = new.id();
    old.amend(|charter| charter.predecessor = Some(back)).moves_to(&new).write(&lab);
    new.moves_to(&old).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved, MoveKind::Loop]));
}

#[tokio::test(start_paused = true)]
async fn a_frozen_community_moves_nobody() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    old.freeze(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!(moves(&opened), [MoveKind::Disputed]);
    let state = opened.notes.iter().find_map(|note| match note {
        Note::Source(SourceNote::Signed(trust)) => Some(trust.state),
        _ => None,
    });
    assert_eq!(state, Some(TrustState::Disputed));
    let looked = follow(&byway, &old.community()).await.unwrap();
    assert_eq!(moves(&looked), [MoveKind::Disputed]);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed], "a yes does not outweigh it");
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_does_not_hold_members_back() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    old.moves_to(&new).write(&lab);
    byway.open(&old.link()).await.unwrap();
    pass(&lab, 8);
    let _ = lab.host("old.example").down();
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]));
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    assert_eq!(shown(&byway.open_with(&old.link(), offline).await.unwrap()), "at new.example");
    assert!(moves(&opened)[0].code() == "moved" && opened.notes.iter().all(|n| !n.sentence(Language::En).is_empty()));
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_a_page_is_shown_and_not_contacted() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let feed = |title: &str, moved: &str| {
        Page::new(format!(
            "<rss version='2.0'><channel><title>{title}</title>{moved}<item><guid>1</guid><title>Hello</title></item></channel></rss>"
        ))
    };
    let moved = "<newLocation>https://claimed.example/feed</newLocation>";
    lab.host("old.example").at("203.0.113.7").https().page("/feed", feed("Old", moved));
    lab.host("claimed.example").at("203.0.113.8").https().page("/feed", feed("New", ""));
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open("https://old.example/feed").await.unwrap();
    let looked = byway.successor(&opened.community.id).await.unwrap();
    assert_eq!((looked.community.name.as_str(), moves(&looked)), ("Old", vec![MoveKind::Claimed]));
    let homes = looked.notes.iter().filter_map(of_move).filter_map(|moved| Some(moved.home.as_ref()?.to_string()));
    assert_eq!(homes.collect::<Vec<_>>(), ["https://claimed.example/feed"]);
    assert!(lab.log().lookups().iter().all(|name| name != "claimed.example"), "neither directly nor through Tor");
    let followed = follow(&byway, &opened.community.id).await.unwrap();
    assert_eq!((followed.community.name.as_str(), moves(&followed)), ("New", vec![MoveKind::OnYourWord]));
}

#[tokio::test(start_paused = true)]
async fn a_sync_follows_a_move_and_says_so() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    old.moves_to(&new).write(&lab);
    let ids = [old.community()];
    let sync = async || {
        let synced = byway.sync_once(&ids, byway::SyncLimits::default()).await;
        let one = &synced.communities[0];
        (one.outcome.code(), one.notes.iter().filter_map(of_move).map(|moved| moved.kind).collect::<Vec<_>>())
    };
    assert_eq!(sync().await, ("done", vec![MoveKind::Waits]));
    assert!(byway.community(&new.community()).await.unwrap().is_none());
    pass(&lab, 8);
    assert_eq!(sync().await, ("done", vec![MoveKind::Moved]));
    let kept = byway.posts(&new.community(), None, 10).await.unwrap().items;
    assert_eq!(kept[0].text, "at new.example", "the successor is kept beside the old one");
    assert!(!called(&lab, "new.example"), "it is not called directly");
    assert_eq!(sync().await, ("done", vec![MoveKind::MovedOn]), "from now on it has its own turn");
}
