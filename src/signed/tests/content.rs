use proptest::prelude::*;

use super::*;
use crate::community::{Attachment, AuthorKind, EventStatus, PostState};

fn tags(chain: &Chain, more: &[&[&str]]) -> Vec<Vec<String>> {
    let community = format!("{COMMUNITY_SCHEME}{}", chain.id());
    let named: &[&str] = &["i", &community];
    [&[named], more].concat().iter().map(|tag| tag.iter().map(|text| (*text).to_owned()).collect()).collect()
}

fn event(chain: &Chain, person: u8, at: i64, kind: EventKind, more: &[&[&str]], content: &str) -> SignedEvent {
    SignedEvent::sign(&key(person), day(at), kind, tags(chain, more), content).unwrap()
}

fn note(chain: &Chain, person: u8, at: i64, content: &str) -> SignedEvent {
    event(chain, person, at, EventKind::Note, &[], content)
}

/// Admits the event to the community whose head was made on day 100.
fn admitted(chain: &Chain, event: &SignedEvent) -> Result<Role, EventError> {
    let head = head(chain, 1, 100);
    Admission::new(chain, &head, None, day(100)).admit(event.to_json().as_bytes()).map(|(_, role)| role)
}

/// The posts and gatherings after these events, which all are admitted.
fn changes(chain: &Chain, events: &[SignedEvent]) -> Vec<Change> {
    let mut content = Content::new(chain.id().community_id().unwrap(), "Станкозавод");
    events.iter().flat_map(|event| content.take(event, admitted(chain, event).unwrap()).unwrap()).collect()
}

fn post(change: &Change) -> &crate::community::Post {
    let Change::Post(post) = change else { panic!("a post") };
    post
}

fn gathering(change: &Change) -> &crate::community::Event {
    let Change::Gathering(gathering) = change else { panic!("a gathering") };
    gathering
}

#[test]
fn the_canonical_array_of_nip_01_is_hashed() {
    let chain = begun(&charter(), &[1, 2]);
    let event =
        event(&chain, 20, 1, EventKind::Comment, &[&["r", "https://a.example/\"\\"]], "Сход\n\t\"в субботу\" \u{7f}");
    let written: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap();
    let canonical = format!(
        "[0,\"{}\",{},1111,[[\"i\",\"byway:{}\"],[\"r\",\"https://a.example/\\\"\\\\\"]],\"Сход\\n\\t\\\"в субботу\\\" \u{7f}\"]",
        event.author(),
        event.created().as_second(),
        chain.id()
    );
    assert_eq!(written["id"], Digest::of(canonical.as_bytes()).to_string());
    assert!(event.is_signed());
}

#[test]
fn each_damage_to_an_event_has_its_error() {
    let chain = begun(&charter(), &[1, 2]);
    let good: serde_json::Value = serde_json::from_str(&note(&chain, 20, 1, "x").to_json()).unwrap();
    let long = vec![serde_json::json!(["t", "x"]); 101];
    let cases: Vec<(&str, serde_json::Value, EventError)> = vec![
        ("extra", 1.into(), EventError::Form),
        ("created_at", (-1).into(), EventError::Form),
        ("created_at", 1.5.into(), EventError::Form),
        ("created_at", 0.into(), EventError::Time),
        ("created_at", 946_684_799.into(), EventError::Time),
        ("created_at", u64::MAX.into(), EventError::Time),
        ("kind", 31_925.into(), EventError::Kind),
        ("kind", 30_023.into(), EventError::Identifier),
        ("tags", serde_json::json!([[]]), EventError::Tags),
        ("tags", serde_json::json!([vec!["x"; 21]]), EventError::Tags),
        ("tags", long.into(), EventError::Tags),
        ("tags", serde_json::json!([["x", "a".repeat(2049)]]), EventError::Tags),
        ("tags", serde_json::json!([["x", "\r"]]), EventError::Text),
        ("content", "\u{1b}[31m".into(), EventError::Text),
        ("content", "y".into(), EventError::Id),
        ("content", "a".repeat(70_000).into(), EventError::TooLong),
        ("id", "AA".repeat(32).into(), EventError::Form),
        ("id", "aa".repeat(32).into(), EventError::Id),
        ("pubkey", "ff".repeat(32).into(), EventError::Form),
        ("sig", "aa".into(), EventError::Form),
    ];
    for (field, value, error) in cases {
        let mut damaged = good.clone();
        damaged[field] = value.clone();
        assert_eq!(SignedEvent::parse(damaged.to_string().as_bytes()).map(|_| ()), Err(error), "{field}: {value}");
    }
    let mut forged = good.clone();
    forged["sig"] = "ab".repeat(64).into();
    let admission_head = head(&chain, 1, 100);
    let admission = Admission::new(&chain, &admission_head, None, day(100));
    assert_eq!(admission.admit(forged.to_string().as_bytes()).map(|_| ()), Err(EventError::Signature));
    let twice = good.to_string().replacen('{', "{\"kind\":1,", 1);
    assert_eq!(SignedEvent::parse(twice.as_bytes()), Err(EventError::Form), "a field occurs once");
}

#[test]
fn a_key_that_was_read_lately_is_read_the_same() {
    let mut recent = super::super::key::RecentKeys::default();
    let people: Vec<u8> = (1..=40).chain((1..=40).rev()).chain([7, 7, 9, 7]).collect();
    for person in people {
        let text = key(person).public().to_string();
        assert_eq!(recent.read(&text), Ok(key(person).public()));
        assert!(recent.read(&text.to_uppercase()).is_err(), "another spelling of a known key is none");
        assert!(recent.read(&"ff".repeat(32)).is_err());
    }
}

#[test]
fn strangers_and_banned_moderators_are_not_admitted() {
    let mut first = charter();
    first.moderators = public(&[21, 22]);
    let mut chain = begun(&first, &[1, 2]);
    for (person, role) in [(20, Ok(Role::Community)), (21, Ok(Role::Moderator)), (50, Err(EventError::NotAllowed))] {
        assert_eq!(admitted(&chain, &note(&chain, person, 1, "x")), role, "{person}");
    }
    let mut second = next(&chain, day(10));
    second.moderators = public(&[22]);
    second.banned = vec![Ban { key: public(&[22])[0], since: day(5) }];
    chain.extend(&signed(&second, &[1, 2]), day(10)).unwrap();
    assert_eq!(admitted(&chain, &note(&chain, 21, 9, "x")), Ok(Role::Moderator), "posted while it was one");
    assert_eq!(admitted(&chain, &note(&chain, 21, 10, "x")), Err(EventError::NotAllowed), "dismissed");
    assert_eq!(admitted(&chain, &note(&chain, 22, 4, "x")), Ok(Role::Moderator));
    assert_eq!(admitted(&chain, &note(&chain, 22, 5, "x")), Err(EventError::Banned), "also while it was one");
}

#[test]
fn members_post_texts_where_the_charter_lets_them() {
    let mut open = charter();
    open.members_may_post = true;
    let chain = begun(&open, &[1, 2]);
    assert_eq!(admitted(&chain, &note(&chain, 50, 1, "x")), Ok(Role::Member));
    let gathering = event(&chain, 50, 1, EventKind::TimedGathering, &[&["d", "x"]], "");
    assert_eq!(admitted(&chain, &gathering), Err(EventError::NotAllowed), "the community alone calls for a gathering");
}

#[test]
fn an_event_of_the_future_or_of_another_community_is_refused() {
    let chain = begun(&charter(), &[1, 2]);
    let mut other = charter();
    other.name = "Другая".into();
    let other = begun(&other, &[1, 2]);
    assert_eq!(admitted(&chain, &note(&other, 20, 1, "x")), Err(EventError::OtherCommunity));
    assert_eq!(admitted(&chain, &note(&chain, 20, 101, "x")), Ok(Role::Community), "clocks differ");
    assert_eq!(admitted(&chain, &note(&chain, 20, 102, "x")), Err(EventError::Future));
    let head = head(&chain, 1, 100);
    let freeze = Freeze::new(chain.id(), 1, day(5));
    let frozen = Admission::new(&chain, &head, Some(&freeze), day(100));
    let line = |at| note(&chain, 20, at, "x").to_json();
    assert!(frozen.admit(line(5).as_bytes()).is_ok());
    assert_eq!(frozen.admit(line(6).as_bytes()).map(|_| ()), Err(EventError::Frozen));
}

#[test]
fn a_signed_text_reorders_and_hides_nothing() {
    let chain = begun(&charter(), &[1, 2]);
    let imeta: &[&str] = &["imeta", "url files/abc", "alt Про\u{202e}ходная\u{2028}слева"];
    let article: &[&[&str]] = &[
        &["d", "a"],
        &["title", "Но\u{202e}вости\u{2029}сегодня"],
        &["r", "https://a.example/\u{202e}gpj.exe"],
        &["r", "https://b.example/"],
        imeta,
    ];
    let gathering: &[&[&str]] = &[
        &["d", "b"],
        &["title", "Сход\u{2028}в пять\u{200f}"],
        &["start", "1478595600"],
        &["location", "У\u{2066} ворот"],
    ];
    let events = [
        event(&chain, 20, 1, EventKind::Article, article, "Раз\u{2028}два\u{feff}\n\u{202e}три"),
        event(&chain, 20, 2, EventKind::TimedGathering, gathering, "Приходите\u{202e}"),
    ];
    let changes = changes(&chain, &events);
    let post = post(&changes[0]);
    assert_eq!(post.text, "Новости сегодня\n\nРаз\nдва\nтри");
    assert_eq!(post.links.iter().map(|link| link.url.as_str()).collect::<Vec<_>>(), ["https://b.example/"]);
    let Attachment::Photo { text, .. } = &post.attachments[0] else { panic!("a picture") };
    assert_eq!(text.as_deref(), Some("Проходная\nслева"));
    let Change::Gathering(shown) = &changes[1] else { panic!("a gathering") };
    let place = shown.place.as_ref().and_then(|place| place.name.as_deref());
    assert_eq!(
        (shown.name.as_str(), shown.text.as_deref(), place),
        ("Сход в пять", Some("Приходите"), Some("У ворот"))
    );
}

#[test]
fn a_post_whose_original_has_no_date_has_none() {
    let chain = begun(&charter(), &[1, 2]);
    let of = |tags: &[&[&str]]| {
        let tags: Vec<&[&str]> = [&["d", "news"][..]].into_iter().chain(tags.iter().copied()).collect();
        let changes = changes(&chain, &[event(&chain, 20, 2, EventKind::Article, &tags, "x")]);
        let post = post(&changes[0]);
        (post.created, post.edited)
    };
    let edited = day(1).as_second().to_string();
    assert_eq!(of(&[&["published_at", "0"], &["edited_at", "0"]]), (None, None));
    assert_eq!(of(&[&["published_at", "0"], &["edited_at", &edited]]), (None, Some(day(1))));
    assert_eq!(of(&[&["published_at", "0"]]), (None, Some(day(2))));
    for odd in ["", "00", "-5", "946684799", "x"] {
        assert_eq!(of(&[&["published_at", odd]]), (Some(day(2)), None), "{odd}");
    }
}

#[test]
fn a_post_is_read_with_its_pictures_and_links() {
    let chain = begun(&charter(), &[1, 2]);
    let imeta: &[&str] = &["imeta", "url files/abc", "m image/jpeg", "dim 3x4", "alt Проходная"];
    let article: &[&[&str]] = &[&["d", "news"], &["title", "Новости"], &["published_at", "1478595600"], imeta];
    let events = [
        event(&chain, 20, 1, EventKind::Note, &[&["r", "https://a.example/"]], "Мы здесь."),
        event(&chain, 20, 2, EventKind::Article, article, "Всё идёт."),
    ];
    let changes = changes(&chain, &events);
    let (first, second) = (post(&changes[0]), post(&changes[1]));
    assert_eq!((first.id.clone(), first.text.as_str()), (format!("nostr:{}", events[0].id()), "Мы здесь."));
    assert_eq!((first.created, first.edited, first.links[0].url.as_str()), (Some(day(1)), None, "https://a.example/"));
    let author = first.author.as_ref().unwrap();
    assert_eq!((author.name.as_str(), author.kind), ("Станкозавод", AuthorKind::Community));
    assert_eq!(
        (second.text.as_str(), second.created, second.edited),
        ("Новости\n\nВсё идёт.", Some(day(0)), Some(day(2)))
    );
    let Attachment::Photo { url, width, height, text } = &second.attachments[0] else { panic!("a picture") };
    assert_eq!(
        (url.as_deref(), *width, *height, text.as_deref()),
        (Some("files/abc"), Some(3), Some(4), Some("Проходная"))
    );
}

#[test]
fn gatherings_keep_their_local_time_and_their_days() {
    let chain = begun(&charter(), &[1, 2]);
    let timed: &[&[&str]] = &[
        &["d", "shod"],
        &["title", "Сход"],
        &["start", "1478685600"],
        &["end", "1478692800"],
        &["start_tzid", "Asia/Barnaul"],
        &["location", "Площадь у проходной"],
    ];
    let days: &[&[&str]] = &[&["d", "camp"], &["title", "Лагерь"], &["start", "2016-12-01"], &["end", "2016-12-04"]];
    // NIP-52 has no time in a day.
    let hour: &[&[&str]] = &[&["d", "hour"], &["title", "x"], &["start", "2016-12-01T10:00"]];
    let short: &[&[&str]] = &[&["d", "short"], &["title", "x"], &["start", "20161201"]];
    let events = [
        event(&chain, 20, 1, EventKind::DayGathering, hour, ""),
        event(&chain, 20, 1, EventKind::DayGathering, short, ""),
        event(&chain, 20, 1, EventKind::TimedGathering, timed, "Приходите."),
        event(&chain, 20, 1, EventKind::DayGathering, days, ""),
        event(&chain, 20, 1, EventKind::DayGathering, &[&["d", "none"], &["title", "x"]], "without a day"),
        event(&chain, 20, 2, EventKind::TimedGathering, &[timed, &[&["status", "cancelled"]]].concat(), "Отменено."),
    ];
    let changes = changes(&chain, &events);
    assert_eq!(changes.len(), 3);
    let (first, second, third) = (gathering(&changes[0]), gathering(&changes[1]), gathering(&changes[2]));
    assert_eq!(first.start.unwrap().to_string(), "2016-11-09T17:00:00+07:00");
    assert_eq!((first.zone.as_deref(), first.status), (Some("Asia/Barnaul"), EventStatus::Scheduled));
    assert_eq!(
        second.days,
        Some(crate::community::EventDays::new("2016-12-01".parse().unwrap(), "2016-12-03".parse().unwrap()))
    );
    assert_eq!((&third.id, third.status), (&first.id, EventStatus::Cancelled));
}

#[test]
fn a_duplicate_is_refused_and_an_older_version_changes_nothing() {
    let chain = begun(&charter(), &[1, 2]);
    let version = |at, text| event(&chain, 20, at, EventKind::Article, &[&["d", "news"]], text);
    let (old, new) = (version(1, "old"), version(2, "new"));
    let mut content = Content::new(chain.id().community_id().unwrap(), "x");
    assert_eq!(post(&content.take(&new, Role::Community).unwrap()[0]).text, "new");
    assert_eq!(content.take(&new, Role::Community), Err(EventError::Duplicate));
    assert_eq!(content.take(&old, Role::Community), Ok(vec![]));
}

#[test]
fn a_deletion_counts_for_its_author_and_for_moderators() {
    let mut open = charter();
    (open.members_may_post, open.moderators) = (true, public(&[21]));
    let chain = begun(&open, &[1, 2]);
    let posted = note(&chain, 50, 1, "x");
    let id = posted.id().to_string();
    let delete = |person| event(&chain, person, 2, EventKind::Deletion, &[&["e", &id]], "");
    for (person, counts) in [(50, true), (21, true), (20, true), (51, false)] {
        let after = changes(&chain, &[posted.clone(), delete(person)]);
        assert_eq!(after.len(), 1 + usize::from(counts), "{person}");
        if counts {
            let removed = post(&after[1]);
            assert_eq!((removed.id.clone(), removed.state), (posted.item_id(), PostState::Removed));
            assert_eq!(removed.state_seen, Some(day(2)));
        }
        let before = changes(&chain, &[delete(person), posted.clone()]);
        let is_removed = post(&before[0]).state == PostState::Removed;
        assert_eq!((before.len(), is_removed), (1, counts), "{person}: the order does not matter");
    }
}

#[test]
fn a_deleted_gathering_is_removed_and_can_be_announced_again() {
    let chain = begun(&charter(), &[1, 2]);
    let shod: &[&[&str]] = &[&["d", "shod"], &["title", "Сход"], &["start", "1478685600"]];
    let announced = |at| event(&chain, 20, at, EventKind::TimedGathering, shod, "");
    let item = announced(1).item_id().replacen("nostr:", "", 1);
    let deletion = event(&chain, 20, 2, EventKind::Deletion, &[&["a", &item]], "");
    let changes = changes(&chain, &[announced(1), deletion.clone(), announced(3)]);
    let status: Vec<_> = changes.iter().map(|change| gathering(change).status).collect();
    assert_eq!(status, [EventStatus::Scheduled, EventStatus::Removed, EventStatus::Scheduled]);
}

#[test]
fn a_deletion_reaches_an_item_that_was_read_elsewhere() {
    let chain = begun(&charter(), &[1, 2]);
    let posted = |at| event(&chain, 20, at, EventKind::Article, &[&["d", "news"]], "x");
    let item = posted(1).item_id();
    let delete =
        |item: &str, at| event(&chain, 20, at, EventKind::Deletion, &[&["a", &item.replacen("nostr:", "", 1)]], "");
    let told = changes(&chain, &[delete(&item, 2), posted(1)]);
    assert_eq!((told.len(), post(&told[0]).id.as_str()), (1, item.as_str()), "and what is read later stays deleted");
    assert_eq!(post(&told[0]).state, PostState::Removed);
    let told = changes(&chain, &[posted(3), delete(&item, 2)]);
    assert_eq!((told.len(), post(&told[0]).state), (1, PostState::Published), "a version after it is not deleted");
    let again = changes(&chain, &[posted(1), delete(&item, 2), posted(3), delete(&item, 4)]);
    let states: Vec<_> = again.iter().map(|change| post(change).state).collect();
    let (there, gone) = (PostState::Published, PostState::Removed);
    assert_eq!(states, [there, gone, there, gone], "deleted, written again, deleted again");
    let note = item.replace("30023", "1");
    assert_eq!(changes(&chain, &[delete(&note, 2)]), [], "a note has no such name");
}

#[test]
fn what_is_deleted_unread_is_named() {
    let mut open = charter();
    open.members_may_post = true;
    let chain = begun(&open, &[1, 2]);
    let author = public(&[20])[0];
    let (item, id) = (format!("31923:{author}:shod"), Digest::of(b"a post").to_string());
    let unread = |person, tag: &[&str]| {
        let mut content = Content::new(chain.id().community_id().unwrap(), "x");
        let deletion = event(&chain, person, 2, EventKind::Deletion, &[tag], "");
        assert_eq!(content.take(&deletion, admitted(&chain, &deletion).unwrap()), Ok(vec![]));
        content.removed_unread().collect::<Vec<_>>()
    };
    assert_eq!(gathering(&unread(20, &["a", &item])[0]).status, EventStatus::Removed);
    assert_eq!(post(&unread(20, &["e", &id])[0]).id, format!("nostr:{id}"));
    assert_eq!(
        (unread(50, &["a", &item]), unread(50, &["e", &id])),
        (vec![], vec![]),
        "a member deletes what is its own"
    );
}

#[test]
fn a_forgotten_post_is_removed_by_a_late_deletion() {
    let mut open = charter();
    open.members_may_post = true;
    let chain = begun(&open, &[1, 2]);
    for (person, by, counts) in [(20, 20, true), (50, 20, true), (50, 50, true), (50, 51, false), (20, 51, false)] {
        let mut content = Content::new(chain.id().community_id().unwrap(), "x");
        let posted = note(&chain, person, 1, "x");
        let id = posted.id().to_string();
        let deletion = event(&chain, by, 2, EventKind::Deletion, &[&["e", &id]], "");
        let take = |content: &mut Content, event: &SignedEvent| content.take(event, admitted(&chain, event).unwrap());
        assert_eq!(take(&mut content, &posted).unwrap().len(), 1);
        content.forget_handed_on();
        let at_once = take(&mut content, &deletion).unwrap();
        let removed: Vec<Change> = at_once.into_iter().chain(content.removed_unread()).collect();
        assert_eq!(removed.len(), usize::from(counts), "{person} by {by}");
        assert!(removed.iter().all(|change| post(change).state == PostState::Removed));
        // A member's post is remembered; any other is handed on again, as removed.
        let again = take(&mut content, &posted);
        let state = again.as_ref().ok().map(|again| post(&again[0]).state);
        let handed_on = if counts { PostState::Removed } else { PostState::Published };
        assert_eq!(state, (person == 20).then_some(handed_on), "{person} by {by}: {again:?}");
    }
}

/// Posts and gatherings in versions, with deletions by name, by event, too early, by a member and of something unknown.
fn history(chain: &Chain) -> Vec<SignedEvent> {
    let version = |at, text: &str| event(chain, 20, at, EventKind::Article, &[&["d", "news"]], text);
    let shod: &[&[&str]] = &[&["d", "shod"], &["title", "Сход"], &["start", "1478685600"]];
    let announced = |at| event(chain, 20, at, EventKind::TimedGathering, shod, "");
    let deletion = |person, at, name: &str, target: &str| {
        event(chain, person, at, EventKind::Deletion, &[&[name, target.trim_start_matches("nostr:")]], "")
    };
    let (posted, old, new, same) = (note(chain, 50, 1, "x"), version(1, "old"), version(4, "new"), version(4, "same"));
    let (first, second) = (announced(1), announced(5));
    let unseen = event(chain, 20, 6, EventKind::TimedGathering, &[&["d", "shod"]], "no start");
    vec![
        deletion(20, 2, "a", &old.item_id()),
        deletion(20, 3, "a", &first.item_id()),
        deletion(20, 7, "e", &second.id().to_string()),
        deletion(20, 8, "e", &new.id().to_string()),
        deletion(51, 2, "e", &posted.id().to_string()),
        deletion(50, 3, "e", &posted.id().to_string()),
        deletion(20, 9, "e", &Digest::of(b"unknown").to_string()),
        posted,
        old,
        new,
        same,
        first,
        second,
        unseen,
    ]
}

/// The last change of each item.
fn outcome(chain: &Chain, events: &[SignedEvent]) -> Vec<(String, Change)> {
    let mut content = Content::new(chain.id().community_id().unwrap(), "x");
    let mut last = std::collections::BTreeMap::new();
    let taken: Vec<Change> =
        events.iter().flat_map(|event| content.take(event, admitted(chain, event).unwrap()).unwrap()).collect();
    for change in taken.into_iter().chain(content.removed_unread()) {
        let item = match &change {
            Change::Post(post) => post.id.clone(),
            Change::Gathering(event) => event.id.to_string(),
        };
        last.insert(item, change);
    }
    last.into_iter().collect()
}

#[test]
fn a_deletion_of_an_event_removes_its_item() {
    let chain = begun(&charter(), &[1, 2]);
    let article = event(&chain, 20, 1, EventKind::Article, &[&["d", "news"]], "x");
    let deletion = event(&chain, 20, 2, EventKind::Deletion, &[&["e", &article.id().to_string()]], "");
    let after = changes(&chain, &[article.clone(), deletion]);
    assert_eq!((post(&after[1]).id.clone(), post(&after[1]).state), (article.item_id(), PostState::Removed));
}

/// A file of these lines, and its entry in a head.
fn file(lines: &[String]) -> (Vec<u8>, FileEntry) {
    let bytes: Vec<u8> = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
    let entry = FileEntry { name: NEWEST.into(), bytes: bytes.len() as u64, sha256: Digest::of(&bytes) };
    (bytes, entry)
}

/// The lines that are handed on of these bytes in pieces of this length, and how the file ends.
fn read(chain: &Chain, entry: &FileEntry, bytes: &[u8], piece: usize) -> (Vec<ReadLine>, Result<(), FileError>) {
    let (head, mut lines) = (head(chain, 1, 100), Vec::new());
    let mut reader = FileReader::new(Admission::new(chain, &head, None, day(100)), entry);
    for piece in bytes.chunks(piece) {
        if let Err(error) = reader.push(piece, &mut |line| lines.push(line)) {
            return (lines, Err(error));
        }
    }
    let end = reader.finish(&mut |line| lines.push(line));
    (lines, end)
}

#[test]
fn a_file_is_read_in_its_order_on_all_cores() {
    let chain = begun(&charter(), &[1, 2]);
    let events: Vec<_> = (0..1100).map(|n| note(&chain, if n == 700 { 50 } else { 20 }, 1, &n.to_string())).collect();
    let (bytes, entry) = file(&events.iter().map(SignedEvent::to_json).collect::<Vec<_>>());
    let (lines, end) = read(&chain, &entry, &bytes, 5000);
    assert_eq!((lines.len(), end), (1100, Ok(())));
    for (number, (line, event)) in lines.into_iter().zip(events).enumerate() {
        let expected = if number == 700 { Err(EventError::NotAllowed) } else { Ok((event, Role::Community)) };
        assert_eq!(line, expected, "{number}");
    }
}

/// The lines of a whole file, the last one first.
fn read_from_end(chain: &Chain, bytes: &[u8]) -> Result<Vec<ReadLine>, FileError> {
    let head = head(chain, 1, 100);
    let mut lines = LinesFromEnd::new(Admission::new(chain, &head, None, day(100)), bytes)?;
    Ok(std::iter::from_fn(|| lines.next_batch()).flatten().collect())
}

#[test]
fn a_file_that_is_read_from_its_end_has_the_same_lines() {
    let chain = begun(&charter(), &[1, 2]);
    let mut texts: Vec<_> = (0..1100).map(|n| note(&chain, 20, 1, &n.to_string()).to_json()).collect();
    texts.extend([String::new(), "{}".to_owned()]);
    let (bytes, entry) = file(&texts);
    let (mut lines, end) = read(&chain, &entry, &bytes, 5000);
    lines.reverse();
    assert_eq!((read_from_end(&chain, &bytes), end), (Ok(lines), Ok(())));
    assert_eq!(read_from_end(&chain, b""), Ok(vec![]));
    assert_eq!(read_from_end(&chain, &bytes[..bytes.len() - 1]), Err(FileError::Line));
    assert_eq!(read_from_end(&chain, &[vec![b' '; 70_000], vec![b'\n']].concat()), Err(FileError::Line));
    assert_eq!(read_from_end(&chain, &vec![b'\n'; 100_001]), Err(FileError::TooManyEvents));
    let longest = |length| [vec![b' '; length], vec![b'\n']].concat();
    for length in [MAX_LINE, MAX_LINE + 1] {
        let (bytes, entry) = file(&[" ".repeat(length)]);
        assert_eq!(bytes, longest(length));
        assert_eq!(read_from_end(&chain, &bytes).err(), read(&chain, &entry, &bytes, 1000).1.err(), "{length}");
    }
}

#[test]
fn a_mirror_that_changes_or_withholds_a_line_is_noticed() {
    let chain = begun(&charter(), &[1, 2]);
    let lines: Vec<_> = ["a", "b", "c"].iter().map(|text| note(&chain, 20, 1, text).to_json()).collect();
    let (bytes, entry) = file(&lines);
    let (omitted, _) = file(&lines[1..]);
    let (_, end) = read(&chain, &entry, &omitted, 7);
    assert_eq!(end, Err(FileError::TooShort), "one event is missing");
    let (swapped, _) = file(&[lines[1].clone(), lines[0].clone(), lines[2].clone()]);
    assert_eq!(read(&chain, &entry, &swapped, 7).1, Err(FileError::Digest));
    let endless = bytes.iter().cycle().take(1 << 20).copied().collect::<Vec<_>>();
    let (read_lines, end) = read(&chain, &entry, &endless, 64);
    assert_eq!(end, Err(FileError::TooLong), "a mirror that sends more costs what the head says and no more");
    assert!(read_lines.len() <= 3);
    let month = FileEntry { name: "events-2016-11.jsonl".into(), ..entry.clone() };
    for piece in [7, 64, 1 << 20] {
        let (read_lines, end) = read(&chain, &month, &endless, piece);
        assert_eq!((read_lines.len(), end), (3, Ok(())), "a month that has grown since its head");
    }
    assert_eq!(read(&chain, &month, &endless[1..], 64).1, Err(FileError::Digest), "it begins with something else");
    let unfinished = &bytes[..bytes.len() - 1];
    let entry = FileEntry { bytes: unfinished.len() as u64, sha256: Digest::of(unfinished), ..entry };
    assert_eq!(read(&chain, &entry, unfinished, 7).1, Err(FileError::Line));
    let line = vec![b' '; 70_000];
    let entry = FileEntry { bytes: 70_000, sha256: Digest::of(&line), ..entry };
    assert_eq!(read(&chain, &entry, &line, 1000).1, Err(FileError::Line), "memory is bounded");
    let many = vec![b'\n'; 100_001];
    let entry = FileEntry { bytes: 100_001, sha256: Digest::of(&many), ..entry };
    assert_eq!(read(&chain, &entry, &many, 1000).1, Err(FileError::TooManyEvents));
}

proptest! {
    #[test]
    fn any_order_of_the_lines_gives_the_same_content(
        (some, shuffled) in prop::sample::subsequence((0..14).collect::<Vec<usize>>(), 2..=14)
            .prop_flat_map(|some| (Just(some.clone()), Just(some).prop_shuffle())),
    ) {
        let mut open = charter();
        open.members_may_post = true;
        let chain = begun(&open, &[1, 2]);
        let history = history(&chain);
        let of = |order: &[usize]| order.iter().map(|number| history[*number].clone()).collect::<Vec<_>>();
        prop_assert_eq!(outcome(&chain, &of(&some)), outcome(&chain, &of(&shuffled)));
    }

    #[test]
    fn an_event_is_read_as_it_was_written(
        content in "[ -~а-я\n\t\u{7f}]{0,80}", texts in prop::collection::vec("[ -~а-я]{0,20}", 1..5), at in 0..99i64,
    ) {
        let chain = begun(&charter(), &[1, 2]);
        let texts: Vec<&str> = std::iter::once("t").chain(texts.iter().map(String::as_str)).collect();
        let event = event(&chain, 20, at, EventKind::Comment, &[&texts], &content);
        prop_assert_eq!(SignedEvent::parse(event.to_json().as_bytes()), Ok(event.clone()));
        prop_assert!(event.is_signed());
        prop_assert_eq!(admitted(&chain, &event), Ok(Role::Community));
    }

    #[test]
    fn pieces_of_any_length_give_the_same_lines(piece in 1..900usize) {
        let chain = begun(&charter(), &[1, 2]);
        let lines: Vec<_> = ["a", "b"].iter().map(|text| note(&chain, 20, 1, text).to_json()).collect();
        let (bytes, entry) = file(&[&lines[..], &["{}".to_owned(), String::new()]].concat());
        let (read, end) = read(&chain, &entry, &bytes, piece);
        prop_assert_eq!(end, Ok(()));
        let codes: Vec<_> = read.iter().map(|line| line.as_ref().err().copied()).collect();
        prop_assert_eq!(codes, vec![None, None, Some(EventError::Form), Some(EventError::Form)]);
    }
}
