//! JSON Feed 1 and 1.1 (jsonfeed.org).

use serde_json::Value;

use super::json_parts::{elements, members};
use super::{Enclosure, Entry, Feed, MAX_ENCLOSURES, MAX_FIELD, Markup, Person, Take, date, head};
use crate::source::json;

/// Reads a document, and hands out its entries. `None`: it is not a JSON Feed.
///
/// The document is taken apart first, and then each of its values is read on its own: the values of a whole document would take
/// many times its memory. An entry that is not JSON costs no other.
pub(in crate::source::web) fn read(text: &str, take: &mut Take<'_>) -> Option<Feed> {
    let mut feed = Feed::default();
    let mut items = None;
    for member in members(text)? {
        let (key, value) = member?;
        match key {
            "items" => items = Some(value),
            "title" => feed.title = field(value).map(Markup::Text),
            "description" => feed.subtitle = field(value).map(Markup::Text),
            "home_page_url" => feed.page = field(value),
            "next_url" => feed.older = field(value),
            // Version 1.1 has `authors` instead, of which the first is shown.
            "author" => feed.author = feed.author.take().or_else(|| person(&part(value)?)),
            "authors" => feed.author = part(value).and_then(|authors| person(authors.get(0)?)).or(feed.author.take()),
            _ => {}
        }
    }
    for item in elements(items?)? {
        let entry = part(item?).map(|item| entry(&item)).unwrap_or_default();
        if !feed.hand_out(entry, take) {
            break;
        }
    }
    Some(feed)
}

/// One value of the document. `None`: it is not JSON, or too large.
fn part(value: &str) -> Option<Value> {
    if value.len() > LONGEST_PART { None } else { json::read_within(value.as_bytes(), MEMORY) }
}

fn field(value: &str) -> Option<String> {
    text(part(value)?.as_str()?)
}

fn entry(item: &Value) -> Entry {
    let attachments = item.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut enclosures: Vec<Enclosure> = attachments.iter().take(MAX_ENCLOSURES).filter_map(enclosure).collect();
    let image =
        string(item, "image").map(|url| Enclosure { url, media_type: Some("image/*".into()), ..Enclosure::default() });
    enclosures.extend(image.filter(|image| !enclosures.iter().any(|known| known.url == image.url)));
    let text = string(item, "content_html").map(Markup::Html);
    let text = text.or_else(|| string(item, "content_text").map(Markup::Text));
    Entry {
        // The specification does not allow a number as an id, but some feeds have one.
        id: string(item, "id").or_else(|| Some(item.get("id")?.as_number()?.to_string())),
        page: string(item, "url").or_else(|| string(item, "external_url")),
        base: None,
        title: string(item, "title").map(Markup::Text),
        text: text.or_else(|| string(item, "summary").map(Markup::Text)),
        author: author(item),
        published: string(item, "date_published").and_then(|time| date::read(&time)),
        updated: string(item, "date_modified").and_then(|time| date::read(&time)),
        enclosures,
    }
}

fn enclosure(attachment: &Value) -> Option<Enclosure> {
    Some(Enclosure {
        url: string(attachment, "url")?,
        media_type: string(attachment, "mime_type"),
        bytes: attachment.get("size_in_bytes").and_then(Value::as_u64),
        title: string(attachment, "title"),
    })
}

/// The first of `authors`, or `author` of version 1.
fn author(value: &Value) -> Option<Person> {
    person(value.get("authors").and_then(|authors| authors.get(0)).or_else(|| value.get("author"))?)
}

fn person(author: &Value) -> Option<Person> {
    Some(Person { name: string(author, "name")?, page: string(author, "url") })
}

fn string(value: &Value, key: &str) -> Option<String> {
    text(value.get(key)?.as_str()?)
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| head(text, MAX_FIELD).to_owned())
}

/// The largest entry, in bytes. A text is cut at a sixteenth of it; pictures within the text may stand before that.
const LONGEST_PART: usize = 4 << 20;

/// Bytes that the values of one entry may take. A text takes its length, a list of nothing much more.
const MEMORY: usize = 6 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::super::MAX_ENTRIES;
    use super::super::whole::{WholeFeed, whole};
    use super::*;

    fn read(text: &str) -> Option<WholeFeed> {
        whole(text, |text, take| super::read(text, take))
    }

    #[test]
    fn a_json_feed_is_read_with_its_odd_items_counted() {
        let document = r#"{
            "version": "https://jsonfeed.org/version/1.1", "title": "Zavod", "home_page_url": "https://zavod.example/",
            "description": "The plant", "authors": [{"name": "The council", "url": "https://zavod.example/us"}],
            "items": [
                {"id": 7, "url": "https://zavod.example/7", "title": "Strike", "content_html": "<p>On <b>Friday</b></p>",
                 "date_published": "2016-11-09T17:00:00+07:00", "date_modified": "2016-11-10T00:00:00Z",
                 "attachments": [{"url": "https://zavod.example/7.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}, 5]},
                {"id": "8", "content_text": "a < b"}, 17, {}, {"id": "9", "title": ["odd"]}
            ]}"#;
        let feed = read(document).unwrap();
        assert_eq!((feed.entries.len(), feed.odd), (2, 3));
        assert_eq!(feed.author.as_ref().unwrap().name, "The council");
        let [first, second] = &feed.entries[..] else { panic!("two entries") };
        assert_eq!(first.id.as_deref(), Some("7"));
        assert_eq!(first.text, Some(Markup::Html("<p>On <b>Friday</b></p>".to_owned())));
        assert_eq!(first.published, Some("2016-11-09T10:00:00Z".parse().unwrap()));
        assert_eq!((first.enclosures.len(), first.enclosures[0].bytes), (1, Some(9)));
        assert_eq!(second.text, Some(Markup::Text("a < b".to_owned())));
    }

    #[test]
    fn what_is_no_json_feed_is_refused() {
        let deep = format!("{{\"items\": {}", "[".repeat(100_000));
        for document in ["", "{}", "[]", r#"{"items": 3}"#, &deep, "{\"items\": ["] {
            assert_eq!(read(document), None);
        }
        let torn = r#"{"items": [{"id": "1", "title": "t", "content_text": "a \ud83d"}, {"id": "2", "title": 1e999, "url": "https://a.example"}, {"id": nul}]} <!-- cached -->"#;
        let torn = read(torn).unwrap();
        assert_eq!((torn.entries.len(), torn.odd), (2, 1), "each entry is mended on its own");
        let many = format!(r#"{{"items": [{}]}}"#, vec![r#"{"id":"1","title":"t"}"#; MAX_ENTRIES + 1].join(","));
        let many = read(&many).unwrap();
        assert!(many.cut && many.entries.len() == MAX_ENTRIES);
    }
}
