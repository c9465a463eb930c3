//! Events and files.

use byway::internals::signed::{Ban, Charter, Digest, EventKind, FileEntry};
use serde_json::{Value, json};

use crate::story::{
    Deed, Pieces, Story, begun, charter, day, event, freeze_json, head, head_json, newest_file, next, note, public,
    signed,
};

/// A story of a reader that has this charter, and a head of day 100.
fn read(name: &str, charter: &Charter) -> (Story, Digest) {
    let chain = begun(charter, &[1, 2]);
    let story = Story::of(name, charter, &[1, 2]).head(100, &head_json(&head(&chain, 1, 100), 10), "newer");
    (story, chain.id())
}

pub(crate) fn events() -> Vec<Story> {
    let mut stories = vec![kinds(), roles(), banned(), times()];
    stories.extend(damaged());
    stories
}

fn kinds() -> Story {
    let (story, id) = read("each kind", &charter());
    let named: &[&[&str]] = &[&["d", "shod"], &["title", "Сход"], &["start", "1478685600"]];
    let replaced = event(id, 20, 2, EventKind::Article, &[&["d", "news"]], "new");
    story
        .line(100, &note(id, 20, 1, "Мы здесь.\n\t\"да\" \\ \u{7f}\u{2028}🏭").to_json(), "community")
        .line(100, &event(id, 20, 1, EventKind::Comment, &[&["r", "https://a.example/"]], "").to_json(), "community")
        .line(100, &replaced.to_json(), "community")
        .line(100, &event(id, 20, 1, EventKind::TimedGathering, named, "").to_json(), "community")
        .line(100, &event(id, 20, 1, EventKind::DayGathering, named, "").to_json(), "community")
        .line(
            100,
            &event(id, 20, 3, EventKind::Deletion, &[&["e", &replaced.id().to_string()]], "").to_json(),
            "community",
        )
        .line(100, &replaced.to_json(), "event_duplicate")
}

fn roles() -> Story {
    let mut open = charter();
    (open.members_may_post, open.moderators) = (true, public(&[21]));
    let (story, id) = read("roles", &open);
    let (closed, closed_id) = (begun(&charter(), &[1, 2]), begun(&charter(), &[1, 2]).id());
    assert_eq!(closed.id(), closed_id);
    story
        .line(100, &note(id, 20, 1, "x").to_json(), "community")
        .line(100, &note(id, 21, 1, "x").to_json(), "moderator")
        .line(100, &note(id, 50, 1, "x").to_json(), "member")
        .line(100, &event(id, 50, 1, EventKind::TimedGathering, &[&["d", "x"]], "").to_json(), "event_not_allowed")
        .line(100, &note(closed_id, 20, 1, "x").to_json(), "event_other_community")
}

fn banned() -> Story {
    let mut first = charter();
    first.moderators = public(&[21, 22]);
    let mut chain = begun(&first, &[1, 2]);
    let mut second = next(&chain, 10);
    second.moderators = public(&[22]);
    second.banned = vec![Ban { key: public(&[22])[0], since: day(5) }];
    let second = signed(&second, &[1, 2]);
    chain.extend(&second, day(10)).unwrap();
    let id = chain.id();
    Story::of("moderators come and go", &first, &[1, 2])
        .charter(10, &second.to_json(), "newer")
        .head(100, &head_json(&head(&chain, 1, 100), 10), "newer")
        .line(100, &note(id, 21, 9, "x").to_json(), "moderator")
        .line(100, &note(id, 21, 10, "x").to_json(), "event_not_allowed")
        .line(100, &note(id, 22, 4, "x").to_json(), "moderator")
        .line(100, &note(id, 22, 5, "x").to_json(), "event_banned")
        .line(100, &note(id, 50, 5, "x").to_json(), "event_not_allowed")
}

fn times() -> Story {
    let (story, id) = read("times", &charter());
    let chain = begun(&charter(), &[1, 2]);
    story
        .line(100, &note(id, 20, -5000, "before the first charter").to_json(), "community")
        .line(100, &note(id, 20, 101, "clocks differ").to_json(), "community")
        .line(5000, &note(id, 20, 102, "the reader's clock does not count").to_json(), "event_future")
        .freeze(100, &freeze_json(&chain, 1, 100, &[1, 2]), "frozen")
        .line(100, &note(id, 20, 100, "x").to_json(), "community")
        .line(100, &note(id, 20, 101, "x").to_json(), "event_frozen")
}

fn damaged() -> Vec<Story> {
    let id = begun(&charter(), &[1, 2]).id();
    let good: Value = serde_json::from_str(&note(id, 20, 1, "x").to_json()).unwrap();
    let changed = |field: &str, value: Value| {
        let mut event = good.clone();
        event[field] = value;
        event.to_string()
    };
    let padded = |bytes: usize| format!("{good}{}", " ".repeat(bytes - good.to_string().len()));
    let cases: Vec<(&str, String, &str)> = vec![
        ("an empty line", String::new(), "event_form"),
        ("white space around an event", format!(" {good}\r"), "community"),
        ("a list of the values", json!(["a", "b", 1, 1, [], "", ""]).to_string(), "event_form"),
        ("a content that is a number", changed("content", json!(1)), "event_form"),
        ("a content that is null", changed("content", Value::Null), "event_form"),
        ("an id that is a number", changed("id", json!(1)), "event_form"),
        ("a signature that is a list", changed("sig", json!([])), "event_form"),
        ("a kind that is a text", changed("kind", json!("1")), "event_form"),
        ("a time that is true", changed("created_at", json!(true)), "event_form"),
        (
            "a time of 2^64",
            good.to_string().replacen(&good["created_at"].to_string(), "18446744073709551616", 1),
            "event_form",
        ),
        ("tags that are an object", changed("tags", json!({})), "event_form"),
        ("tags that are a text", changed("tags", json!("")), "event_form"),
        ("a tag that is an object", changed("tags", json!([{}])), "event_form"),
        ("a tag that is a text", changed("tags", json!(["i"])), "event_form"),
        ("an unknown field", changed("extra", json!(1)), "event_form"),
        ("a field twice", good.to_string().replacen('{', "{\"kind\":1,", 1), "event_form"),
        ("a negative time", changed("created_at", json!(-1)), "event_form"),
        ("a time with a fraction", changed("created_at", json!(1.0)), "event_form"),
        ("a time before 2000", changed("created_at", json!(946_684_799)), "event_time"),
        ("a time without end", changed("created_at", json!(u64::MAX)), "event_time"),
        ("an attendance", changed("kind", json!(31_925)), "event_kind"),
        ("an article without a name", changed("kind", json!(30_023)), "event_identifier"),
        ("an empty tag", changed("tags", json!([[]])), "event_tags"),
        ("a tag of 21 texts", changed("tags", json!([vec!["x"; 21]])), "event_tags"),
        ("101 tags", changed("tags", json!(vec![json!(["x"]); 101])), "event_tags"),
        ("a text of 2049 bytes in a tag", changed("tags", json!([["x", "a".repeat(2049)]])), "event_tags"),
        ("a tag with a number", changed("tags", json!([[1]])), "event_form"),
        ("an escape sequence", changed("content", json!("\u{1b}[31m")), "event_text"),
        ("a carriage return in a tag", changed("tags", json!([["x", "\r"]])), "event_text"),
        ("another content", changed("content", json!("y")), "event_id"),
        ("a line of 65,537 bytes", padded(65_537), "event_too_long"),
        ("a line of 65,536 bytes", padded(65_536), "community"),
        ("a line that is too long", changed("content", json!("a".repeat(65_536))), "event_too_long"),
        ("an id in capitals", changed("id", json!(good["id"].as_str().unwrap().to_uppercase())), "event_form"),
        ("a key off the curve", changed("pubkey", json!("f".repeat(64))), "event_form"),
        ("a short signature", changed("sig", json!("aa")), "event_form"),
        ("a forged signature", changed("sig", json!("ab".repeat(64))), "event_signature"),
    ];
    let told = cases.into_iter().map(|(name, line, result)| read(name, &charter()).0.line(100, &line, result));
    told.collect()
}

pub(crate) fn files() -> Vec<Story> {
    let chain = begun(&charter(), &[1, 2]);
    let lines: Vec<String> = ["a", "b", "c"].iter().map(|text| note(chain.id(), 20, 1, text).to_json()).collect();
    let (whole, entry) = newest_file(&lines);
    let of = |name: &str, entry: FileEntry, text: &str, result: Value| {
        let (mut head, file) = (head(&chain, 1, 100), entry.name.clone());
        head.files = vec![entry];
        Story::of(name, &charter(), &[1, 2]).head(100, &head_json(&head, 10), "newer").file(100, &file, text, result)
    };
    let end = |code: &str| json!({ "end": code });
    let swapped = newest_file(&[lines[1].clone(), lines[0].clone(), lines[2].clone()]).0;
    let (mixed, mixed_entry) = newest_file(&[lines[0].clone(), "{}".into(), note(chain.id(), 50, 1, "x").to_json()]);
    let (empty, empty_entry) = newest_file(&[]);
    let open = &whole[..whole.len() - 1];
    let open_entry = FileEntry { bytes: open.len() as u64, sha256: Digest::of(open.as_bytes()), ..entry.clone() };
    let three = json!({"end": "whole", "lines": ["community", "community", "community"]});
    let month = FileEntry { name: "events-2016-11.jsonl".into(), ..entry.clone() };
    let later = newest_file(&[note(chain.id(), 20, 1, "d").to_json()]).0;
    let grown = [
        of("a month that has grown since its head", month.clone(), &format!("{whole}{later}"), three.clone()),
        of("a month that grows by a part of a line", month.clone(), &format!("{whole}{}", &later[..9]), three.clone()),
        of("a month that begins with something else", month.clone(), &format!("{later}{whole}"), end("file_digest")),
        of("a month that is older than its head", month, &newest_file(&lines[..2]).0, end("file_too_short")),
    ];
    let mut told = vec![
        of("a file", entry.clone(), &whole, three),
        of("a file without events", empty_entry, &empty, json!({"end": "whole", "lines": []})),
        of(
            "a wrong line costs itself alone",
            mixed_entry,
            &mixed,
            json!({"end": "whole", "lines": ["community", "event_form", "event_not_allowed"]}),
        ),
        of("one event is withheld", entry.clone(), &newest_file(&lines[1..]).0, end("file_too_short")),
        of("two events change places", entry.clone(), &swapped, end("file_digest")),
        of("more than the head says", entry, &format!("{whole}{whole}"), end("file_too_long")),
        of("the last line does not end", open_entry, open, end("file_line")),
    ];
    told.extend(grown);
    told.extend(long());
    told
}

/// Files at the borders of what is read.
fn long() -> Vec<Story> {
    let chain = begun(&charter(), &[1, 2]);
    let id = chain.id();
    let most = 65_536;
    let line = |bytes: usize| {
        let room = bytes - note(id, 20, 1, "").to_json().len();
        note(id, 20, 1, &"a".repeat(room)).to_json()
    };
    let whole = |lines: Value| json!({"end": "whole", "lines": lines});
    let end = |code: &str| json!({ "end": code });
    let once = |text: &str| (text.to_owned(), 1);
    let cases = [
        ("100,000 lines", vec![("x\n".into(), 100_000)], whole(json!({"event_form": 100_000}))),
        ("a line more", vec![("x\n".into(), 100_001)], end("file_too_many_events")),
        ("100,000 lines and a part of one", vec![("x\n".into(), 100_000), once("x")], end("file_line")),
        ("a line of 65,536 bytes", vec![once(&line(most)), once("\n")], whole(json!({"community": 1}))),
        ("a line of 65,537 bytes", vec![once(&line(most)), once(" \n")], end("file_line")),
        ("65,536 bytes that do not end", vec![("x".into(), most)], end("file_line")),
        ("65,537 bytes that do not end", vec![("x".into(), most + 1)], end("file_line")),
    ];
    let mut told = Vec::new();
    for (name, pieces, result) in cases {
        let pieces = Pieces(pieces);
        let text = pieces.text();
        let entry =
            FileEntry { name: "newest.jsonl".into(), bytes: text.len() as u64, sha256: Digest::of(text.as_bytes()) };
        let mut head = head(&chain, 1, 100);
        head.files = vec![entry];
        let story = Story::of(name, &charter(), &[1, 2]).head(100, &head_json(&head, 10), "newer");
        told.push(story.then(100, Deed::LongFile { name: "newest.jsonl".into(), pieces }, result));
    }
    // A line that is too long is found before the file is known to be too short.
    let pieces = Pieces(vec![("x".into(), most + 1)]);
    let text = pieces.text();
    let mut head = head(&chain, 1, 100);
    head.files = vec![FileEntry { name: "newest.jsonl".into(), bytes: text.len() as u64 + 9, sha256: Digest::of(b"") }];
    let story = Story::of("a line that is too long, in a file that ends early", &charter(), &[1, 2]);
    let story = story.head(100, &head_json(&head, 10), "newer");
    told.push(story.then(100, Deed::LongFile { name: "newest.jsonl".into(), pieces }, end("file_line")));
    told
}
