//! A preview names every host that opening contacts, those of successors included.

use std::collections::BTreeSet;

use byway::{Byway, OpenOptions, Preview};
use byway_lab::{Lab, Page};

use super::group::{Group, follow, pair, phone, shown, with_tor};

const HOSTS: [&str; 4] = ["old.example", "new.example", "third.example", "beside.example"];

/// The hosts that a preview names: all of them, and those to which a direct route leads.
fn named(preview: &Preview) -> (BTreeSet<String>, BTreeSet<String>) {
    let others = preview.others.iter().map(|other| (&other.hosts, &other.routes));
    let (mut all, mut direct) = (BTreeSet::new(), BTreeSet::new());
    for (hosts, routes) in [(&preview.hosts, &preview.routes)].into_iter().chain(others) {
        if !routes.is_empty() {
            all.extend(hosts.iter().cloned());
        }
        if routes.iter().any(|route| route.strategy.is_direct()) {
            direct.extend(hosts.iter().cloned());
        }
    }
    (all, direct)
}

/// How much the lab's log had.
struct Seen {
    lookups: usize,
    connects: usize,
    everywhere: usize,
}

impl Seen {
    fn of(lab: &Lab) -> Self {
        let own = lab.log().by("client");
        Self { lookups: own.lookups().len(), connects: own.connects().len(), everywhere: lab.log().lookups().len() }
    }

    /// Whether the phone itself looked a host up or connected to it since.
    fn since(&self, lab: &Lab, host: &str) -> bool {
        let (own, addresses) = (lab.log().by("client"), lab.addresses_of(host));
        own.lookups().iter().skip(self.lookups).any(|name| name == host)
            || own.connects().iter().skip(self.connects).any(|(_, address)| addresses.contains(&address.ip()))
    }
}

/// What a preview names before an opening, which then contacts just that.
async fn foreseen(lab: &Lab, byway: &Byway, link: &str) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let before = lab.log().connects().len() + lab.log().lookups().len();
    let (all, direct) = named(&byway.preview(link).await.unwrap());
    assert_eq!(lab.log().connects().len() + lab.log().lookups().len(), before, "a preview sends nothing");
    let seen = Seen::of(lab);
    let opened = byway.open(link).await.unwrap();
    for host in HOSTS {
        assert!(!seen.since(lab, host) || direct.contains(host), "{host} was called directly; named: {direct:?}");
        let reached = lab.log().lookups().iter().skip(seen.everywhere).any(|name| name == host);
        assert!(!reached || all.contains(host), "{host} was reached; named: {all:?}");
    }
    (shown(&opened).to_owned(), all, direct)
}

fn set(hosts: &[&str]) -> BTreeSet<String> {
    hosts.iter().map(|host| (*host).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_preview_names_the_successor_after_a_yes() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let _ = lab.host("beside.example").at("203.0.113.99").https();
    new.lists(&["https://new.example/", "https://beside.example/"]).write_at(&lab, "beside.example", "/").write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    byway.open(&old.link()).await.unwrap();
    follow(&byway, &old.community()).await.unwrap();
    let (text, all, direct) = foreseen(&lab, &byway, &old.link()).await;
    assert_eq!(text, "at new.example");
    assert_eq!(all, set(&["old.example", "new.example", "beside.example"]), "its further mirror is asked beside it");
    assert_eq!(direct, set(&["old.example", "new.example"]), "the yes was for one address");
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let preview = byway.preview_with(&old.link(), offline).await.unwrap();
    assert!(preview.others.is_empty() && preview.refusal == Some("offline"));
}

#[tokio::test(start_paused = true)]
async fn a_preview_names_each_successor_followed_by_itself() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, mut new) = pair(&lab);
    let mut third = Group::new(&lab, "third.example", &[4, 5], 2, Some(new.id()));
    third.write(&lab);
    new.moves_to(&third).write(&lab);
    old.moves_to(&new).write(&lab);
    let byway = with_tor(&lab, data.path()).await;
    assert_eq!(shown(&byway.open(&old.link()).await.unwrap()), "at third.example");
    let (text, all, direct) = foreseen(&lab, &byway, &old.link()).await;
    assert_eq!(text, "at third.example");
    assert_eq!(all, set(&["old.example", "new.example", "third.example"]));
    assert_eq!(direct, set(&["old.example"]), "the others are not contacted directly");
    byway.open(&third.link()).await.unwrap();
    let (_, _, direct) = foreseen(&lab, &byway, &old.link()).await;
    assert_eq!(direct, set(&["old.example", "third.example"]), "the user opened its link");
}

#[tokio::test(start_paused = true)]
async fn a_preview_names_a_successor_that_only_a_page_claims() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let feed = |title: &str, moved: &str| {
        Page::new(format!(
            "<rss version='2.0'><channel><title>{title}</title>{moved}<item><guid>1</guid><title>{title}</title></item></channel></rss>"
        ))
    };
    let moved = "<newLocation>https://new.example/feed</newLocation>";
    lab.host("old.example").at("203.0.113.7").https().page("/feed", feed("Old", moved));
    lab.host("new.example").at("203.0.113.8").https().page("/feed", feed("New", ""));
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    let opened = byway.open("https://old.example/feed").await.unwrap();
    let (_, all, _) = foreseen(&lab, &byway, "https://old.example/feed").await;
    assert_eq!(all, set(&["old.example"]), "nothing was decided");
    follow(&byway, &opened.community.id).await.unwrap();
    let (text, _, direct) = foreseen(&lab, &byway, "https://old.example/feed").await;
    assert_eq!((text.as_str(), direct), ("New", set(&["old.example", "new.example"])));
}

#[tokio::test(start_paused = true)]
async fn a_preview_of_a_refused_home_still_names_its_successor() {
    let (lab, data) = (Lab::new(), tempfile::tempdir().unwrap());
    let (mut old, new) = pair(&lab);
    old.moves_to(&new).write(&lab);
    let byway = phone(&lab, data.path(), &["direct:".to_owned()]).await;
    byway.open(&old.link()).await.unwrap();
    follow(&byway, &old.community()).await.unwrap();
    byway.raise_exposure(&format!("{}&exposure=tor", old.link()).parse().unwrap()).await.unwrap();
    let (preview, link) = (byway.preview(&old.link()).await.unwrap(), old.link());
    let seen = Seen::of(&lab);
    let _ = byway.open(&link).await;
    assert!(!seen.since(&lab, "old.example"));
    let (_, direct) = named(&preview);
    assert_eq!(seen.since(&lab, "new.example"), direct.contains("new.example"), "{preview:?}");
    assert_eq!(preview.refusal.is_some(), direct.is_empty(), "it says that nothing is sent only if that is so");
}
