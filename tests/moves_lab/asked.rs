//! No host is contacted directly for which the user did not ask, whatever a charter, a bundle or a list names.

use std::collections::BTreeSet;

use byway::community::{CommunityId, Home};
use byway::{Exposure, Move, MoveKind, OpenOptions, Opml, SyncLimits};
use byway_lab::Lab;
use proptest::prelude::*;

use super::group::{Group, called, follow, moves, offer, pair, phone, shown, stay, with_tor};

/// A host that serves whatever is written there.
fn server(lab: &Lab, host: &str, last: u8) {
    let _ = lab.host(host).at(&format!("203.0.113.{last}")).https();
}

const OLD: &str = "https://old.example/";
const EVIL: &str = "https://evil.example/";
const NEW_AT_OLD: &str = "https://old.example/new/";

#[tokio::test(start_paused = true)]
async fn a_host_that_a_charter_lists_as_its_own_is_not_called() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    server(&lab, "evil.example", 99);
    new.write_at(&lab, "evil.example", "/");
    old.lists(&[OLD, EVIL]).moves_to_mirrors(&new, &[EVIL]).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]), "through Tor");
    byway.successor(&old.community()).await.unwrap();
    byway.sync_once(&[old.community(), new.community()], SyncLimits::default()).await;
    assert!(!called(&lab, "evil.example"));
}

#[tokio::test(start_paused = true)]
async fn a_later_address_of_a_successor_needs_a_yes_of_its_own() {
    for says_yes in [false, true] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let (mut old, mut new) = pair(&lab);
        server(&lab, "evil.example", 99);
        new.write_at(&lab, "old.example", "/new/").write_at(&lab, "evil.example", "/");
        old.moves_to_mirrors(&new, &[NEW_AT_OLD]).write(&lab);
        let direct = phone(&lab, data.path(), &["direct:".to_owned()]).await;
        let opened = direct.open(&old.link()).await.unwrap();
        assert_eq!((shown(&opened), moves(&opened)), ("at new.example", vec![MoveKind::Moved]), "on a host asked for");
        if says_yes {
            follow(&direct, &old.community()).await.unwrap();
        }
        old.moves_to_mirrors(&new, &[EVIL]).write(&lab);
        let opened = direct.open(&old.link()).await.unwrap();
        assert!(opened.fault.is_some() && !called(&lab, "evil.example"), "what is kept of it is shown");
        drop(direct);
        let byway = with_tor(&lab, data.path()).await;
        assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Moved]);
        assert!(!called(&lab, "evil.example"), "yes: {says_yes}");
        drop(byway);
        let direct = phone(&lab, data.path(), &["direct:".to_owned()]).await;
        assert!(follow(&direct, &old.community()).await.unwrap().fault.is_none(), "the user said yes to it");
        assert!(direct.open(&old.link()).await.unwrap().fault.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bundle_moves_no_community_away_from_its_home() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    server(&lab, "evil.example", 99);
    old.write(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&old.link()).await.unwrap();
    byway.take_bundle(old.lists(&[EVIL]).bundle(), Exposure::Open).await.unwrap();
    let homes = byway.community(&old.community()).await.unwrap().unwrap().community.homes;
    assert_eq!(homes.iter().map(Home::to_string).collect::<Vec<_>>(), [old.link(), old.link_at(EVIL)]);
    let read = byway.refresh(&old.community()).await.unwrap();
    assert!(read.fault.is_none() && !called(&lab, "evil.example"), "{:?}", read.fault);
}

#[tokio::test(start_paused = true)]
async fn a_link_to_one_mirror_asks_for_no_other_mirror() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    server(&lab, "evil.example", 99);
    old.lists(&[EVIL]).write_at(&lab, "evil.example", "/");
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.take_bundle(old.bundle(), Exposure::Open).await.unwrap();
    assert!(byway.open(&old.link()).await.unwrap().fault.is_some(), "nothing is there");
    byway.sync_once(&[old.community()], SyncLimits::default()).await;
    assert!(!called(&lab, "evil.example"));
    byway.allow_direct(&old.community(), true).await.unwrap();
    byway.refresh(&old.community()).await.unwrap();
    assert!(!called(&lab, "evil.example"), "the permission is for the mirror that was opened");
    assert!(byway.open(&old.link_at(EVIL)).await.unwrap().fault.is_none(), "its own link asks for it");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_another_device_asks_for_nothing() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    old.lists(&[OLD]).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.take_bundle(old.bundle(), Exposure::Open).await.unwrap();
    let list = byway.opml().await.unwrap().to_string();
    assert!(list.contains("byway:unasked=\"true\""), "{list}");
    let (other, list) = (tempfile::tempdir().unwrap(), Opml::parse(list.as_bytes()).unwrap());
    let second = with_tor(&lab, other.path()).await;
    let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    let opened = second.open_listed(&list.entries[0], how).await.unwrap();
    assert!(opened.fault.is_none() && !called(&lab, "old.example"), "through Tor");
    drop(second);
    let second = phone(&lab, other.path(), &["direct:".to_owned()]).await;
    assert!(second.refresh(&old.community()).await.unwrap().fault.is_some());
    assert!(second.open(&old.link()).await.unwrap().fault.is_none());
    assert!(!second.opml().await.unwrap().entries[0].unasked);
}

/// A list of one signed community, with a further mirror.
fn list_of(group: &Group, mirror: &str, mark: &str) -> Opml {
    let address = format!("{}&amp;mirror={mirror}", group.link());
    let text = format!(
        "<opml version='2.0' xmlns:byway='https://byway.example/'><body><outline text='Old' xmlUrl='{address}' {mark}/></body></opml>"
    );
    Opml::parse(text.as_bytes()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_list_asks_for_no_further_mirror_of_an_entry() {
    for mark in ["", "byway:unasked='false'"] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let mut old = Group::new(&lab, "old.example", &[1], 1, None);
        server(&lab, "evil.example", 99);
        old.lists(&[OLD, EVIL]).write(&lab).write_at(&lab, "evil.example", "/");
        let list = list_of(&old, "evil.example/", mark);
        assert_eq!(list.entries[0].link.mirrors.len(), 1);
        let byway = with_tor(&lab, data.path()).await;
        let opened = byway.open_listed(&list.entries[0], OpenOptions::default()).await.unwrap();
        assert!(opened.fault.is_none() && called(&lab, "old.example"), "its own address is read");
        byway.sync_once(&[old.community()], SyncLimits::default()).await;
        assert!(!called(&lab, "evil.example"), "{mark}");
        let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
        let _ = lab.host("old.example").down();
        assert!(byway.open_listed(&list.entries[0], how).await.unwrap().fault.is_none(), "it is read through Tor");
        assert!(!called(&lab, "evil.example"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_reads_a_further_mirror_through_tor() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let mut old = Group::new(&lab, "old.example", &[1], 1, None);
    server(&lab, "evil.example", 99);
    old.write_at(&lab, "evil.example", "/");
    let list = list_of(&old, "evil.example/", "");
    let byway = with_tor(&lab, data.path()).await;
    let opened = byway.open_listed(&list.entries[0], OpenOptions::default()).await.unwrap();
    assert_eq!(
        shown(&opened),
        "at old.example",
        "the own list of a reader stays useful where its first address is dead"
    );
    assert!(!called(&lab, "evil.example"));
}

#[tokio::test(start_paused = true)]
async fn no_charter_leads_into_the_readers_own_network() {
    for local in ["http://127.0.0.1:8833/", "http://192.168.1.1/", "http://printer.local/", "http://[fe80::1]/"] {
        let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
        let (mut old, new) = pair(&lab);
        old.lists(&[OLD, local]).moves_to_mirrors(&new, &[local]).write(&lab);
        let proxy = lab.socks5("proxy.example").at("203.0.113.98").url();
        let strategies = ["direct:".to_owned(), proxy, lab.tor().url()];
        let byway = phone(&lab, data.path(), &strategies).await;
        let opened = byway.open(&old.link()).await.unwrap();
        assert_eq!(moves(&opened), [MoveKind::Unread], "{local}");
        let sent = lab.log().connects().len();
        let _ = follow(&byway, &old.community()).await;
        byway.allow_direct(&old.community(), true).await.unwrap();
        let _ = byway.successor(&old.community()).await;
        assert_eq!(lab.log().connects().len(), sent, "{local}: a yes says nothing of this network");
    }
}

#[tokio::test(start_paused = true)]
async fn a_yes_to_a_frozen_community_contacts_nothing() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab).freeze(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed]);
    let followed = follow(&byway, &old.community()).await.unwrap();
    assert_eq!((followed.community.id.clone(), moves(&followed)), (old.community(), vec![MoveKind::Disputed]));
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Disputed]);
    assert!(lab.log().lookups().iter().all(|name| name != "new.example"), "neither directly nor through Tor");
    assert!(byway.community(&new.community()).await.unwrap().is_none(), "nor is it kept");
}

#[tokio::test(start_paused = true)]
async fn a_freeze_from_before_a_move_ends_the_naming_of_it() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.write(&lab).link()).await.unwrap();
    // A thief of all keys names another community. The lawyer has a freeze from before.
    old.moves_to(&new).write(&lab).freeze_after(&lab, 1, 50);
    for _ in 0..2 {
        let opened = byway.open(&old.link()).await.unwrap();
        assert_eq!((opened.community.id.clone(), moves(&opened)), (old.community(), vec![]));
    }
    assert!(!called(&lab, "new.example"));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_after_a_yes_ends_it_without_a_contact() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    follow(&byway, &old.community()).await.unwrap();
    old.freeze(&lab);
    let _ = lab.host("new.example").down();
    let opened = byway.open(&old.link()).await.unwrap();
    assert_eq!(moves(&opened), [MoveKind::Disputed], "it would be unread");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_wherever_the_successor_goes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    old.moves_to_mirrors(&new, &[]).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert!(!byway.stay(&Move::new(MoveKind::Asked, new.community(), None)).await.unwrap(), "it is not kept");
    byway.open(&old.link()).await.unwrap();
    assert!(stay(&byway, &old.community()).await);
    new.write_at(&lab, "old.example", "/new/");
    old.moves_to_mirrors(&new, &[NEW_AT_OLD]).write(&lab);
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Declined]);
    follow(&byway, &old.community()).await.unwrap();
    assert_eq!(moves(&byway.open(&old.link()).await.unwrap()), [MoveKind::Moved], "a yes takes it back");
}

/// The hosts of the property: each serves both communities.
const HOSTS: [&str; 4] = ["old.example", "new.example", "one.example", "two.example"];

#[derive(Clone, Debug)]
enum Step {
    /// The user opens the old (or the new) community at a host.
    Open {
        new: bool,
        host: usize,
    },
    /// A file brings one of them.
    Bundle {
        new: bool,
    },
    /// A charter names other mirrors of its community.
    List {
        new: bool,
        hosts: Vec<usize>,
    },
    /// The old community's charter names other mirrors of the successor.
    Move {
        hosts: Vec<usize>,
    },
    /// The user looks at the successor.
    Look,
    /// The phone shows what is known of the move.
    Show,
    /// The user says yes to what was shown last, whatever came meanwhile.
    Follow,
    Stay,
    Sync,
    /// The phone's list is taken in again.
    Import,
    Forget {
        new: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let hosts = || prop::collection::vec(0..HOSTS.len(), 0..3);
    prop_oneof![
        4 => (any::<bool>(), 0..HOSTS.len()).prop_map(|(new, host)| Step::Open { new, host }),
        2 => any::<bool>().prop_map(|new| Step::Bundle { new }),
        2 => (any::<bool>(), hosts()).prop_map(|(new, hosts)| Step::List { new, hosts }),
        3 => hosts().prop_map(|hosts| Step::Move { hosts }),
        1 => Just(Step::Look),
        2 => Just(Step::Show),
        2 => Just(Step::Follow),
        1 => Just(Step::Stay),
        2 => Just(Step::Sync),
        1 => Just(Step::Import),
        1 => any::<bool>().prop_map(|new| Step::Forget { new }),
    ]
}

fn mirror(host: usize, new: bool) -> String {
    format!("https://{}/{}", HOSTS[host], if new { "n/" } else { "o/" })
}

fn mirrors(hosts: &[usize], new: bool) -> Vec<String> {
    hosts.iter().map(|host| mirror(*host, new)).collect()
}

async fn no_step_calls_a_host_unasked(steps: &[Step]) {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    server(&lab, "one.example", 90);
    server(&lab, "two.example", 91);
    let byway = with_tor(&lab, data.path()).await;
    let (mut asked, mut seen) = (BTreeSet::new(), None::<Move>);
    for (number, step) in steps.iter().enumerate() {
        for host in HOSTS {
            old.write_at(&lab, host, "/o/");
            new.write_at(&lab, host, "/n/");
        }
        match step {
            Step::Open { new: is_new, host } => {
                asked.insert(*host);
                let group = if *is_new { &new } else { &old };
                let _ = byway.open(&group.link_at(&mirror(*host, *is_new))).await;
            }
            Step::Bundle { new: is_new } => {
                let group = if *is_new { &mut new } else { &mut old };
                let _ = byway.take_bundle(group.bundle(), Exposure::Open).await;
            }
            Step::List { new: is_new, hosts } => {
                let group = if *is_new { &mut new } else { &mut old };
                group.lists(&mirrors(hosts, *is_new).iter().map(String::as_str).collect::<Vec<_>>());
            }
            Step::Move { hosts } => {
                old.moves_to_mirrors(&new, &mirrors(hosts, true).iter().map(String::as_str).collect::<Vec<_>>());
            }
            Step::Look => drop(byway.successor(&old.community()).await),
            Step::Show => seen = offer(&byway, &old.community()).await,
            Step::Follow => {
                let Some(seen) = &seen else { continue };
                let named = seen.homes.iter().map(Home::to_string);
                asked.extend(named.filter_map(|home| HOSTS.iter().position(|host| home.contains(host))));
                let _ = byway.follow(seen).await;
            }
            Step::Stay => {
                let Some(seen) = &seen else { continue };
                let _ = byway.stay(seen).await;
            }
            Step::Sync => {
                let ids: Vec<CommunityId> = vec![old.community(), new.community()];
                byway.sync_once(&ids, SyncLimits::default()).await;
            }
            Step::Import => {
                for entry in &Opml::parse(byway.opml().await.unwrap().to_string().as_bytes()).unwrap().entries {
                    let _ = byway.open_listed(entry, OpenOptions::default()).await;
                }
            }
            Step::Forget { new: is_new } => {
                let group = if *is_new { &new } else { &old };
                byway.forget(&group.community()).await.unwrap();
            }
        }
        for (host, name) in HOSTS.iter().enumerate().filter(|(host, _)| !asked.contains(host)) {
            assert!(!called(&lab, name), "step {number} called host {host} of {steps:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_steps_calls_a_host_unasked(steps in prop::collection::vec(step(), 1..9)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(no_step_calls_a_host_unasked(&steps));
    }
}
