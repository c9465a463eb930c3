//! No difference of two charters is signed unseen.

#![allow(clippy::unwrap_used)]
#![allow(clippy::type_complexity, reason = "tables of cases")]

use std::net::IpAddr;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::publisher::CommunityKeys;
use crate::signed::{Copied, Digest, HostAddresses};
use crate::store::StoreKey;

/// Texts that run into each other where fields are joined, and that look the same where characters are marked.
fn text() -> impl Strategy<Value = String> {
    let texts = vec!["", "-", "; ", "RU", "RU; Court", "Court; 5", "5", "“T”", "T", "<U+2800>", "\u{2800}"];
    select(texts).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = PublicKey> {
    let key = |seed| CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap().root.public();
    select(vec![key(1), key(2), key(3)])
}

fn keys() -> impl Strategy<Value = Vec<PublicKey>> {
    vec(key(), 0..4)
}

fn set() -> impl Strategy<Value = KeySet> {
    (keys(), 0..3_u64).prop_map(|(keys, threshold)| KeySet::new(keys, threshold))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    select(vec![1_700_000_040, 1_700_000_041, 1_700_086_440]).prop_map(|at| Timestamp::from_second(at).unwrap())
}

fn id() -> impl Strategy<Value = Digest> {
    select(vec![Digest::of(b"1"), Digest::of(b"2")])
}

fn homes() -> impl Strategy<Value = Vec<CharterHome>> {
    let kinds = vec![HomeKind::Mirror, HomeKind::Page, HomeKind::Relay, HomeKind::Other];
    vec((select(kinds), text()).prop_map(|(kind, url)| CharterHome::new(kind, url)), 0..3)
}

/// Each host with its addresses, and the resolvers. These types are not for logs, so a failure shows what they are made of.
fn hints() -> impl Strategy<Value = (Vec<(&'static str, Vec<IpAddr>)>, Vec<String>)> {
    let address = select(vec![IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])]);
    (vec((select(vec!["a.example", "b.example"]), vec(address, 1..3)), 0..3), vec(text(), 0..3))
}

fn charter() -> impl Strategy<Value = Charter> {
    let recovery = option::of((set(), 0..3_u64).prop_map(|(keys, wait)| Recovery { keys, wait }));
    let bans = vec((key(), moment()).prop_map(|(key, since)| Ban { key, since }), 0..3);
    let field = || option::of(text());
    let restrictions = vec((text(), field(), field(), field(), field()), 0..3);
    let successor = option::of((id(), homes()).prop_map(|(community, homes)| Successor { community, homes }));
    let copy = option::of((text(), text()));
    let who = (set(), recovery, keys(), keys(), keys(), any::<bool>(), bans);
    let what = (text(), text(), moment(), moment(), homes(), hints(), restrictions, option::of(id()), successor, copy);
    (who, what).prop_map(|(who, what)| {
        let (root, recovery, routine, authors, moderators, members_may_post, banned) = who;
        let (name, description, issued, expires, homes, (hosts, resolvers), restrictions, predecessor, successor, copy) =
            what;
        let of_host = |(host, addresses): (&str, Vec<IpAddr>)| HostAddresses { host: host.to_owned(), addresses };
        let restriction = |(text, jurisdiction, authority, number, date)| KnownRestriction {
            text,
            jurisdiction,
            authority,
            number,
            date,
        };
        Charter {
            description,
            recovery,
            authors,
            moderators,
            members_may_post,
            banned,
            homes,
            hints: Hints { addresses: hosts.into_iter().map(of_host).collect(), resolvers },
            restrictions: restrictions.into_iter().map(restriction).collect(),
            predecessor,
            successor,
            copy: copy.map(|(of, by)| Copied { of, by }),
            ..Charter::first(name, issued, expires, root, routine)
        }
    })
}

fn shown(before: &Charter, after: &Charter) -> Vec<String> {
    let mut lines = Lines { language: Language::En, lines: Vec::new() };
    lines.compare(before, after, Timestamp::from_second(1_700_000_000).unwrap());
    lines.lines
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_field_that_differs_shows_a_line(before in charter(), other in charter()) {
        let same = shown(&before, &before);
        let changes: [(&str, fn(&mut Charter, Charter)); 17] = [
            ("name", |to, from| to.name = from.name),
            ("description", |to, from| to.description = from.description),
            ("issued", |to, from| to.issued = from.issued),
            ("expires", |to, from| to.expires = from.expires),
            ("root", |to, from| to.root = from.root),
            ("recovery", |to, from| to.recovery = from.recovery),
            ("routine", |to, from| to.routine = from.routine),
            ("authors", |to, from| to.authors = from.authors),
            ("moderators", |to, from| to.moderators = from.moderators),
            ("members_may_post", |to, from| to.members_may_post = from.members_may_post),
            ("banned", |to, from| to.banned = from.banned),
            ("homes", |to, from| to.homes = from.homes),
            ("hints", |to, from| to.hints = from.hints),
            ("restrictions", |to, from| to.restrictions = from.restrictions),
            ("predecessor", |to, from| to.predecessor = from.predecessor),
            ("successor", |to, from| to.successor = from.successor),
            ("copy", |to, from| if from.copy.is_some() { to.copy = from.copy }),
        ];
        for (name, change) in changes {
            let mut after = before.clone();
            change(&mut after, other.clone());
            if after != before {
                let lines = shown(&before, &after);
                prop_assert_ne!(&lines, &same, "{}", name);
            }
        }
    }
}

#[test]
fn a_moved_boundary_of_a_known_block_is_shown() {
    let restriction = |fields: [Option<&str>; 4], text: &str| {
        let [jurisdiction, authority, number, date] = fields.map(|field| field.map(str::to_owned));
        let mut charter = empty(&charter_of(Vec::new()));
        charter.restrictions = vec![KnownRestriction { text: text.to_owned(), jurisdiction, authority, number, date }];
        charter
    };
    let cases = [
        (
            restriction([Some("RU"), Some("Court; 5"), None, None], "T"),
            restriction([Some("RU; Court"), Some("5"), None, None], "T"),
        ),
        (restriction([Some("RU"), None, None, None], "T"), restriction([Some("RU"), None, Some("-"), None], "T")),
        (restriction([Some("RU"), None, None, Some("-")], "T"), restriction([Some("RU"), None, None, None], "-; T")),
    ];
    for (before, after) in cases {
        let lines = shown(&before, &after);
        assert!(lines.len() == 4 && lines[0] != lines[1].replace("removed", "added"), "{lines:?}");
    }
}

#[test]
fn an_order_that_changed_is_named_by_its_field() {
    let seed = |seed| CommunityKeys::derived(&StoreKey::from_bytes([seed; 32])).unwrap().root.public();
    let before = charter_of(vec![seed(1), seed(2)]);
    let lines = shown(&before, &charter_of(vec![seed(2), seed(1)]));
    assert_eq!(lines[0], "Changed in its order or spelling, which is not shown: routine");
}

fn charter_of(routine: Vec<PublicKey>) -> Charter {
    let at = Timestamp::from_second(1_700_000_040).unwrap();
    Charter::first("Завод", at, at, KeySet::new(Vec::new(), 0), routine)
}
