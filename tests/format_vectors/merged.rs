//! What a reader shows of the lines of several homes, and where a walk from successor to successor ends.

use std::collections::{BTreeMap, HashMap};

use byway::community::{EventStatus, Moment, PostState};
use byway::internals::signed::{
    Chain, Change, Content, Digest, DocumentKind, Envelope, EventKind, KeySet, SignedEvent, Successor, walk,
};
use byway::jiff::Timestamp;
use serde_json::{Value, json};

use crate::story::{Deed, Known, Story, begun, charter, day, event, head, head_json, key, next, note, public, signed};

pub(crate) fn merged() -> Vec<Story> {
    let mut open = charter();
    (open.members_may_post, open.moderators) = (true, public(&[21]));
    let chain = begun(&open, &[1, 2]);
    let id = chain.id();
    let article = |person: u8, at: i64, more: &[&[&str]], text: &str| {
        event(id, person, at, EventKind::Article, &[&[NEWS][..], more].concat(), text)
    };
    let gathering = |at: i64, more: &[&[&str]]| {
        event(id, 20, at, EventKind::TimedGathering, &[&[SHOD][..], more].concat(), "У ворот")
    };
    let of_days =
        |at: i64, more: &[&[&str]]| event(id, 20, at, EventKind::DayGathering, &[&[DAYS][..], more].concat(), "");
    let deletion = |person: u8, at: i64, tags: &[&[&str]]| event(id, person, at, EventKind::Deletion, tags, "");
    let named = |event: &SignedEvent| event.item_id()["nostr:".len()..].to_owned();
    let seconds = |days: i64| day(days).as_second().to_string();

    let (one, two) = (note(id, 20, 1, "one"), note(id, 50, 2, "two"));
    let post = |event: &SignedEvent, text: &str, at: i64, by: &str| json!({"id": event.item_id(), "text": text, "created": day(at).as_second(), "edited": null, "links": [], "by": by});
    let gone = |event: &SignedEvent| json!({"id": event.item_id(), "removed": true});
    let (old, new) = (article(20, 3, &[&["title", "Old"]], "x"), article(20, 5, &[&["title", "New"]], "y"));
    let edited = |event: &SignedEvent, text: &str, at: i64| json!({"id": event.item_id(), "text": text, "created": day(at).as_second(), "edited": null, "links": [], "by": "community"});
    let [least, most] = {
        let mut same = [article(20, 5, &[], "one of two"), article(20, 5, &[], "the other of two")];
        same.sort_by_key(|event| event.id().to_string());
        same
    };
    let held = gathering(
        3,
        &[&["title", "Сход"], &["start", &seconds(9)], &["start_tzid", "Europe/Moscow"], &["location", "Ворота"]],
    );
    let moved = gathering(
        4,
        &[&["title", "Сход"], &["start", &seconds(10)], &["end", &seconds(11)], &["start_tzid", "Mars/Base"]],
    );
    let off = gathering(5, &[&["title", "Сход"], &["start", &seconds(10)], &["status", "cancelled"]]);
    let no_start = gathering(6, &[&["title", "Сход"]]);
    let shown = |event: &SignedEvent,
                 start: i64,
                 end: Option<i64>,
                 zone: Option<&str>,
                 place: Option<&str>,
                 cancelled: bool| {
        json!({"id": event.item_id(), "title": "Сход", "start": day(start).as_second(), "end": end.map(|end| day(end).as_second()),
            "days": null, "zone": zone, "place": place, "text": "У ворот", "cancelled": cancelled})
    };
    let days = of_days(1, &[&["title", "Дни"], &["start", "2016-11-12"], &["end", "2016-11-15"]]);
    let one_day = of_days(2, &[&["title", "Дни"], &["start", "2016-11-12"], &["end", "2016-11-12"]]);
    let an_hour = of_days(3, &[&["title", "Дни"], &["start", "2016-11-12T10:00"]]);
    let in_days = |event: &SignedEvent, last: &str| {
        json!({"id": event.item_id(), "title": "Дни", "start": 1_478_908_800, "end": null, "days": ["2016-11-12", last],
            "zone": null, "place": null, "text": null, "cancelled": false})
    };
    let by_e = |event: &SignedEvent| event.id().to_string();
    let of = |name: &str, lines: &[&SignedEvent], result: Value| {
        // Every home hands out the same lines in an order of its own, and some hand out less.
        let backwards: Vec<_> = lines.iter().rev().copied().collect();
        let halves: Vec<_> = lines.iter().skip(1).step_by(2).chain(lines.iter().step_by(2)).copied().collect();
        [("", lines.to_vec()), (", backwards", backwards), (", by halves", halves)].map(|(order, lines)| {
            let story = Story::of(&format!("{name}{order}"), &open, &[1, 2]);
            let mut story = story.head(100, &head_json(&head(&chain, 1, 100), 10), "newer");
            for line in &lines {
                let role = if line.author() == key(20).public() {
                    "community"
                } else if line.author() == key(21).public() {
                    "moderator"
                } else {
                    "member"
                };
                story = story.line(100, &line.to_json(), role);
            }
            // Another home repeats the first line.
            story.line(100, &lines[0].to_json(), "event_duplicate").then(100, Deed::Content, result.clone())
        })
    };
    let sorted = |mut items: Vec<Value>| {
        items.sort_by_key(|item| item["id"].as_str().unwrap().to_owned());
        json!(items)
    };
    let published = article(20, 5, &[&["published_at", &seconds(1)], &["r", "https://a.example/"]], "x");
    let copied = article(20, 6, &[&["published_at", &seconds(1)], &["edited_at", &seconds(2)]], "x");
    let unedited = article(20, 6, &[&["published_at", &seconds(1)], &["edited_at", "0"]], "x");
    let impossible = article(20, 6, &[&["published_at", &seconds(7)], &["edited_at", &seconds(8)]], "x");
    let undated = article(20, 6, &[&["published_at", "0"], &["edited_at", "0"]], "x");
    let undated_edited = article(20, 6, &[&["published_at", "0"], &["edited_at", &seconds(2)]], "x");
    let item = |event: &SignedEvent, created: i64, edited: Option<i64>, links: &[&str]| {
        json!({"id": event.item_id(), "text": "x", "created": day(created).as_second(),
            "edited": edited.map(|at| day(at).as_second()), "links": links, "by": "community"})
    };
    let without = |event: &SignedEvent, edited: Option<i64>| {
        let mut item = item(event, 1, edited, &[]);
        item["created"] = Value::Null;
        item
    };
    let theirs = article(20, 5, &[], "x");
    [
        of(
            "posts of two keys",
            &[&one, &two],
            sorted(vec![post(&one, "one", 1, "community"), post(&two, "two", 2, "person")]),
        ),
        of("the later version of a text", &[&old, &new], json!([edited(&new, "New\n\ny", 5)])),
        of("of one second the smaller id", &[&most, &least], json!([edited(&least, least.content(), 5)])),
        of(
            "a text with the time of its first version",
            &[&published],
            json!([item(&published, 1, Some(5), &["https://a.example/"])]),
        ),
        of("a copy with the time of the edit", &[&copied], json!([item(&copied, 1, Some(2), &[])])),
        of("a copy that was not edited", &[&unedited], json!([item(&unedited, 1, None, &[])])),
        of("a copy of a post without a date", &[&undated], json!([without(&undated, None)])),
        of("a copy without a date that was edited", &[&undated_edited], json!([without(&undated_edited, Some(2))])),
        of("times after that of the event", &[&impossible], json!([item(&impossible, 6, None, &[])])),
        of("a gathering that is put off", &[&held, &moved], json!([shown(&moved, 10, Some(11), None, None, false)])),
        of(
            "a gathering in a zone",
            &[&held],
            json!([shown(&held, 9, None, Some("Europe/Moscow"), Some("Ворота"), false)]),
        ),
        of("a gathering that is called off", &[&held, &moved, &off], json!([shown(&off, 10, None, None, None, true)])),
        of(
            "a gathering without a start is no version",
            &[&held, &no_start],
            json!([shown(&held, 9, None, Some("Europe/Moscow"), Some("Ворота"), false)]),
        ),
        of("a gathering of three days", &[&days], json!([in_days(&days, "2016-11-14")])),
        of("a gathering that ends on its first day", &[&days, &one_day], json!([in_days(&one_day, "2016-11-12")])),
        of("a day with an hour is no version", &[&days, &an_hour], json!([in_days(&days, "2016-11-14")])),
        of("deleted by its author", &[&two, &deletion(50, 3, &[&["e", &by_e(&two)]])], json!([gone(&two)])),
        of(
            "deleted by the author before it was posted",
            &[&two, &deletion(50, 1, &[&["e", &by_e(&two)]])],
            json!([gone(&two)]),
        ),
        of(
            "deleted by another member",
            &[&two, &deletion(51, 3, &[&["e", &by_e(&two)]])],
            json!([post(&two, "two", 2, "person")]),
        ),
        of("deleted by a moderator", &[&two, &deletion(21, 3, &[&["e", &by_e(&two)]])], json!([gone(&two)])),
        of(
            "a moderator deletes what the community posted",
            &[&one, &deletion(21, 3, &[&["e", &by_e(&one)]])],
            json!([gone(&one)]),
        ),
        of(
            "a version is deleted that another one replaced",
            &[&old, &new, &deletion(20, 6, &[&["e", &by_e(&old)]])],
            json!([edited(&new, "New\n\ny", 5)]),
        ),
        of(
            "the version that counts is deleted",
            &[&old, &new, &deletion(20, 6, &[&["e", &by_e(&new)]])],
            json!([gone(&new)]),
        ),
        of("deleted by name", &[&old, &new, &deletion(20, 6, &[&["a", &named(&new)]])], json!([gone(&new)])),
        of(
            "deleted by name at the time of the version",
            &[&theirs, &deletion(20, 5, &[&["a", &named(&theirs)]])],
            json!([gone(&theirs)]),
        ),
        of(
            "a version after a deletion by name",
            &[&old, &new, &deletion(20, 4, &[&["a", &named(&new)]])],
            json!([edited(&new, "New\n\ny", 5)]),
        ),
        of(
            "a member deletes by a name that is another's",
            &[&theirs, &deletion(50, 6, &[&["a", &named(&theirs)]])],
            json!([edited(&theirs, "x", 5)]),
        ),
        of(
            "a moderator deletes by name",
            &[&theirs, &deletion(21, 6, &[&["a", &named(&theirs)]])],
            json!([gone(&theirs)]),
        ),
        of(
            "a single post is named as if it had versions",
            &[&one, &deletion(20, 6, &[&["a", &format!("1:{}:x", one.author())]])],
            json!([post(&one, "one", 1, "community")]),
        ),
        of(
            "two deletions of one post",
            &[&two, &deletion(21, 3, &[&["e", &by_e(&two)]]), &deletion(50, 4, &[&["x", "y"], &["e", &by_e(&two)]])],
            json!([gone(&two)]),
        ),
        of(
            "one deletion of two posts",
            &[&one, &two, &deletion(21, 3, &[&["e", &by_e(&one)], &["e", &by_e(&two)]])],
            sorted(vec![gone(&one), gone(&two)]),
        ),
        of(
            "a gathering whose announcement is deleted",
            &[&held, &deletion(21, 6, &[&["a", &named(&held)]])],
            json!([gone(&held)]),
        ),
    ]
    .concat()
}

const NEWS: &[&str] = &["d", "news"];
const SHOD: &[&str] = &["d", "shod"];
const DAYS: &[&str] = &["d", "days"];

/// Everything that is shown so far.
#[derive(Default)]
pub(crate) struct Shown(BTreeMap<String, Value>);

impl Shown {
    pub(crate) fn take(&mut self, change: Change) {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::as_second);
        let (id, item) = match change {
            Change::Post(post) if post.state == PostState::Removed => {
                (post.id.clone(), json!({"id": post.id, "removed": true}))
            }
            Change::Post(post) => {
                let by = post.author.map(|author| author.kind.code());
                let links: Vec<_> = post.links.iter().map(|link| link.url.as_str()).collect();
                let (created, edited) = (seconds(post.created), seconds(post.edited));
                let item = json!({"id": post.id, "text": post.text, "created": created, "edited": edited, "links": links, "by": by});
                (post.id, item)
            }
            Change::Gathering(gathering) if gathering.status == EventStatus::Removed => {
                (gathering.id.to_string(), json!({"id": gathering.id.to_string(), "removed": true}))
            }
            Change::Gathering(gathering) => {
                let at = |moment: Option<Moment>| moment.map(|moment| moment.timestamp().as_second());
                let item = json!({
                    "id": gathering.id.to_string(),
                    "title": gathering.name,
                    "start": at(gathering.start),
                    "end": at(gathering.end),
                    "days": gathering.days.map(|days| [days.first.to_string(), days.last.to_string()]),
                    "zone": gathering.zone,
                    "place": gathering.place.and_then(|place| place.name),
                    "text": gathering.text,
                    "cancelled": gathering.status == EventStatus::Cancelled,
                });
                (gathering.id.to_string(), item)
            }
        };
        self.0.insert(id, item);
    }

    pub(crate) fn items(&self) -> Value {
        json!(self.0.values().collect::<Vec<_>>())
    }
}

/// Takes an event that was admitted, and notes what it changes.
pub(crate) fn taken(
    content: &mut Content,
    shown: &mut Shown,
    event: &SignedEvent,
    role: byway::internals::signed::Role,
) -> Result<(), byway::internals::signed::EventError> {
    content.take(event, role)?.into_iter().for_each(|change| shown.take(change));
    Ok(())
}

/// Communities that name each other, and how far a reader walks by itself.
pub(crate) fn walks() -> Vec<Story> {
    let line = |count: usize| -> Vec<Known> {
        let mut made: Vec<(Chain, Vec<String>)> = Vec::new();
        for number in 0..count {
            let before = made.last().map(|(chain, _)| chain.id());
            let (chain, first) = founded(number, before);
            if let Some((old, charters)) = made.last_mut() {
                charters.push(naming(old, Some(chain.id()), None, &[1, 2]));
            }
            made.push((chain, vec![first]));
        }
        made.into_iter().map(|(chain, charters)| Known { community: chain.id(), charters }).collect()
    };
    let path = |known: &[Known], count: usize| known.iter().take(count).map(|one| one.community).collect::<Vec<_>>();
    let mut told = Vec::new();
    let mut add = |name: &str, known: &[Known], at: i64, result: Value| {
        let start = &known[0];
        let mut story = Story::new(name, start.community);
        for (number, charter) in start.charters.iter().enumerate() {
            story = story.charter(at, charter, if number == 0 { "begun" } else { "newer" });
        }
        told.push(story.then(at, Deed::Walk(known[1..].to_vec()), result));
    };
    let end = |path: Vec<Digest>, end: &str| json!({"path": path, "end": end});
    let three = line(3);
    add("one community", &line(1), 20, end(path(&three, 1), "newest"));
    add("two moves", &three, 20, end(path(&three, 3), "newest"));
    add("before the waiting time is over", &three, 7, end(path(&three, 1), "not_followed"));
    add("when it is over", &three, 8, end(path(&three, 3), "newest"));
    add("a successor that was not read", &three[..2], 20, end(path(&three, 2), "not_followed"));
    let seventeen = line(17);
    add("sixteen moves", &seventeen, 20, end(path(&seventeen, 17), "newest"));
    let eighteen = line(18);
    add("seventeen moves", &eighteen, 20, end(path(&eighteen, 17), "too_long"));
    let (one, first) = founded(90, None);
    let (two, second) = founded(91, Some(one.id()));
    // The first names the second on both sides, and the second the first.
    let (mut there, mut back) = (one.clone(), two.clone());
    let charters = vec![first, naming(&mut there, Some(two.id()), Some(two.id()), &[1, 2])];
    let others = vec![second, naming(&mut back, Some(one.id()), None, &[1, 2])];
    let ring = [Known { community: one.id(), charters }, Known { community: two.id(), charters: others }];
    add("a loop of two", &ring, 20, end(vec![one.id(), two.id()], "loop"));
    let (alone, first) = founded(92, None);
    let mut itself = alone.clone();
    let charters = vec![first, naming(&mut itself, Some(alone.id()), None, &[1, 2])];
    add(
        "a community that names itself",
        &[Known { community: alone.id(), charters }],
        20,
        end(vec![alone.id()], "loop"),
    );
    // A fork: two charters with one number name two successors.
    let (old, first) = founded(93, None);
    let (next_one, next_first) = founded(94, Some(old.id()));
    let (mut one, mut other) = (old.clone(), old.clone());
    let charter = naming(&mut one, Some(next_one.id()), None, &[1, 2]);
    let rival = naming(&mut other, Some(Digest::of(b"another")), None, &[1, 2]);
    let known = [Known { community: next_one.id(), charters: vec![next_first] }];
    told.push(
        Story::new("a fork", old.id())
            .charter(2, &first, "begun")
            .charter(2, &charter, "newer")
            .then(20, Deed::Walk(known.to_vec()), end(vec![old.id(), next_one.id()], "newest"))
            .charter(21, &rival, "charter_disputed")
            .then(40, Deed::Walk(known.to_vec()), end(vec![old.id()], "newest")),
    );
    told
}

/// A community of two keys that both decide, and its first charter.
fn founded(number: usize, predecessor: Option<Digest>) -> (Chain, String) {
    let mut first = charter();
    (first.name, first.predecessor) = (format!("{number}"), predecessor);
    first.root = KeySet::new(public(&[1, 2]), 2);
    let first = signed(&first, &[1, 2]);
    (Chain::begin(first.digest(), &first, day(0)).unwrap(), first.to_json())
}

/// The next charter of a community, of day 1, which names a successor.
fn naming(chain: &mut Chain, successor: Option<Digest>, predecessor: Option<Digest>, people: &[u8]) -> String {
    let mut charter = next(chain, 1);
    charter.successor = successor.map(|community| Successor { community, homes: Vec::new() });
    charter.predecessor = predecessor.or(charter.predecessor);
    let charter = signed(&charter, people);
    chain.extend(&charter, day(1)).unwrap();
    charter.to_json()
}

/// The walk of a reader that has this chain, and reads these communities now.
pub(crate) fn walked(start: &Chain, known: &[Known], now: Timestamp) -> Value {
    let mut chains = HashMap::from([(start.id(), start.clone())]);
    for Known { community, charters } in known {
        let parsed = |text: &String| Envelope::parse(text.as_bytes(), DocumentKind::Charter).unwrap();
        let mut charters = charters.iter().map(parsed);
        let mut chain = Chain::begin(*community, &charters.next().unwrap(), now).unwrap();
        charters.for_each(|charter| assert!(chain.extend(&charter, now).is_ok()));
        chains.insert(*community, chain);
    }
    let walk = walk(start, now, |id| chains.get(id));
    json!({"path": walk.path, "end": walk.end.code()})
}
