//! Reads posts from `wall.get`. Each is decoded by itself, so an odd one does not affect the others.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::lenient::{count, flag, get, integer, is_list, is_nothing, line, list, raw, text, web};
use super::markup::{Rendered, render};
use super::platform::platform;
use crate::community::{
    Attachment, Author, AuthorKind, Home, Link, PollOption, Post, PostCounts, PostState, UnknownAttachment,
};
use crate::source::{SourceNote, notice};

/// A page of a wall.
#[derive(Debug, Default)]
pub(super) struct Wall {
    /// The readable posts, in VK's order.
    pub(super) posts: Vec<Post>,
    /// How many posts could not be read.
    pub(super) odd: usize,
    /// How many posts were read in part: a text or an attachment has an unreadable shape.
    pub(super) torn: usize,
    /// How many hold a notice instead of their text.
    pub(super) hidden: usize,
    /// What is wrong with the answer as a whole.
    pub(super) fault: Option<SourceNote>,
    /// How many posts there were, readable or not.
    pub(super) seen: usize,
    /// How many the wall has in all.
    pub(super) total: Option<u64>,
    /// Gatherings attached to posts, with what the attachment says about them.
    pub(super) events: Vec<AttachedEvent>,
    /// The pinned posts.
    pub(super) pinned: Vec<Rendered>,
}

/// A gathering that is attached to a post.
#[derive(Debug)]
pub(super) struct AttachedEvent {
    /// The number of its group.
    pub(super) id: u64,
    /// When the post was published.
    pub(super) posted: Option<Timestamp>,
    /// What the attachment says about it.
    pub(super) body: Value,
}

/// Reads the `response` of `wall.get`. `of` is the community whose wall was asked for: a post of another wall is not
/// read. `at` is the time of reading.
pub(super) fn wall(response: &Value, of: Option<u64>, pinned: Option<i64>, at: Option<Timestamp>) -> Wall {
    let names = Names::read(response);
    let mut wall = Wall { total: count(get(response, "count")), ..Wall::default() };
    let items = match response {
        // Before version 5 the count was the first element of the list.
        Value::Array(items) => {
            wall.total = items.first().filter(|first| first.is_number()).and_then(count);
            items.iter().filter(|item| !item.is_number()).collect()
        }
        response => {
            let items = get(response, "items");
            if !is_list(items) {
                wall.fault = Some(SourceNote::PostsNoList { platform: platform() });
            }
            list(items)
        }
    };
    wall.seen = items.len();
    for item in items.into_iter().take(PAGE) {
        let owner = integer(get(item, "owner_id")).map(i64::unsigned_abs);
        let is_of_wall = of.is_none() || owner.is_none() || owner == of;
        match post(item, &names, pinned, 0).filter(|_| is_of_wall) {
            Some(mut post) => {
                let mut told = Some(&mut post);
                while let Some(post) = told {
                    if post.state != PostState::Published {
                        post.state_seen = at;
                    }
                    told = post.repost.as_deref_mut();
                }
                wall.hidden += usize::from(notice::is_whole(&post.text));
                wall.torn += usize::from(is_torn(item, &post));
                events(item, &mut wall.events, 0);
                if post.pinned {
                    wall.pinned.push(with_hanging_links(item, &post));
                }
                wall.posts.push(post);
            }
            None => wall.odd += 1,
        }
    }
    wall
}

/// Whether a text or an attachment of an item is missing in the post that was read from it.
fn is_torn(item: &Value, post: &Post) -> bool {
    let attachments = get(item, "attachments");
    let lost = list(attachments).len().min(MAX_ATTACHMENTS) > post.attachments.len();
    let text = get(item, "text");
    lost || text.is_object() || text.is_array() || !(is_nothing(attachments) || is_list(attachments))
}

/// A post with its attached links, for code that looks for claims in it.
fn with_hanging_links(item: &Value, post: &Post) -> Rendered {
    let mut markup = raw(get(item, "text")).unwrap_or_default();
    for attachment in &post.attachments {
        if let Attachment::Link { url, title, .. } = attachment {
            let title = title.as_deref().unwrap_or(url).replace(['[', ']', '|'], " ");
            markup.push_str(&format!("\n[{url}|{title}]"));
        }
    }
    render(&markup, MAX_TEXT)
}

fn post(item: &Value, names: &Names, pinned: Option<i64>, depth: usize) -> Option<Post> {
    item.as_object()?;
    let number = integer(get(item, "id")).or_else(|| integer(get(item, "post_id")))?;
    let from = integer(get(item, "from_id"));
    let owner = integer(get(item, "owner_id")).or_else(|| integer(get(item, "to_id"))).or(from).unwrap_or(0);
    let mut post = Post::new(format!("vk:{owner}_{number}"));
    post.url = (owner != 0).then(|| format!("https://vk.com/wall{owner}_{number}"));
    post.author = from.or((owner != 0).then_some(owner)).map(|id| names.author(id));
    let rendered = render(&raw(get(item, "text")).unwrap_or_default(), MAX_TEXT);
    post.text = rendered.text;
    if post.text.is_empty() {
        // What VK shows to readers who do not pay: https://dev.vk.com/ru/reference/objects/post (`donut`).
        post.withheld = text(get(get(get(item, "donut"), "placeholder"), "text"), MAX_TEXT);
        post.text = post.withheld.clone().unwrap_or_default();
    } else if notice::is_whole(&post.text) {
        post.withheld = Some(post.text.clone());
    }
    if flag(get(item, "is_deleted")) {
        post.state = PostState::Removed;
    } else if post.withheld.is_some() {
        post.state = PostState::Withheld;
    }
    post.created = time(get(item, "date"));
    post.edited = time(get(item, "edited"));
    post.pinned = flag(get(item, "is_pinned")) || (depth == 0 && pinned == Some(number));
    post.counts = PostCounts::default();
    post.counts.comments = count(get(item, "comments"));
    post.counts.likes = count(get(item, "likes"));
    post.counts.reposts = count(get(item, "reposts"));
    post.counts.views = count(get(item, "views"));
    post.attachments = attachments(item);
    let hanging = post.attachments.iter().filter_map(|attachment| match attachment {
        Attachment::Link { url, title, .. } => Some(Link::new(url.clone(), title.clone())),
        _ => None,
    });
    for link in rendered.links.iter().map(|found| found.link()).chain(hanging) {
        if post.links.len() < MAX_LINKS && !post.links.iter().any(|known| known.url == link.url) {
            post.links.push(link);
        }
    }
    if depth < MAX_REPOSTS {
        let original = list(get(item, "copy_history")).into_iter().find_map(|original| {
            // Later versions list the whole chain, nearest first. A chain within a chain is read as it is nested.
            self::post(original, names, None, depth + 1)
        });
        post.repost = original.map(Box::new);
        if let (Some(repost), [_, rest @ ..]) = (&mut post.repost, list(get(item, "copy_history")).as_slice()) {
            chain(repost, rest, names, depth + 1);
        }
    }
    Some(post)
}

/// Attaches the rest of a `copy_history` below its first post.
fn chain(post: &mut Post, rest: &[&Value], names: &Names, depth: usize) {
    let mut post = post;
    for (below, original) in rest.iter().enumerate() {
        if depth + below >= MAX_REPOSTS || post.repost.is_some() {
            return;
        }
        let Some(next) = self::post(original, names, None, MAX_REPOSTS) else { return };
        post = post.repost.insert(Box::new(next));
    }
}

fn attachments(item: &Value) -> Vec<Attachment> {
    let mut attachments: Vec<Attachment> =
        list(get(item, "attachments")).into_iter().take(MAX_ATTACHMENTS).filter_map(attachment).collect();
    // Before `attachments` existed, a post had one attachment.
    if attachments.is_empty() {
        attachments.extend(attachment(get(item, "attachment")));
    }
    attachments
}

fn attachment(value: &Value) -> Option<Attachment> {
    let kind = get(value, "type").as_str().filter(|kind| !kind.is_empty())?;
    let body = get(value, kind);
    let unknown = || Attachment::Unknown(UnknownAttachment::new(crate::source::plain::cut(kind, MAX_KIND)));
    Some(match kind {
        "photo" | "posted_photo" | "graffiti" => photo(get(value, kind)),
        "video" => Attachment::Video {
            title: line(get(body, "title"), MAX_LINE),
            url: page("video", body),
            seconds: count(get(body, "duration")),
            preview: largest(&list(get(body, "image"))).or_else(|| numbered(body, "photo_")).map(|(url, _, _)| url),
        },
        "doc" => Attachment::Document {
            title: line(get(body, "title"), MAX_LINE),
            url: web(get(body, "url")),
            bytes: count(get(body, "size")),
            extension: line(get(body, "ext"), MAX_KIND),
        },
        "link" => match web(get(body, "url")) {
            Some(url) => Attachment::Link {
                url,
                title: line(get(body, "title"), MAX_LINE),
                text: text(get(body, "description"), MAX_LINE).or_else(|| text(get(body, "caption"), MAX_LINE)),
            },
            None => unknown(),
        },
        "audio" => Attachment::Audio {
            artist: line(get(body, "artist"), MAX_LINE),
            title: line(get(body, "title"), MAX_LINE),
            seconds: count(get(body, "duration")),
            url: web(get(body, "url")),
        },
        "poll" => Attachment::Poll {
            question: line(get(body, "question"), MAX_LINE).unwrap_or_default(),
            options: list(get(body, "answers"))
                .into_iter()
                .take(MAX_OPTIONS)
                .filter_map(|answer| {
                    Some(PollOption::new(line(get(answer, "text"), MAX_LINE)?, count(get(answer, "votes"))))
                })
                .collect(),
            votes: count(get(body, "votes")),
        },
        "event" => match event_id(body).and_then(Home::vk_id) {
            Some(home) => Attachment::Event { home },
            None => unknown(),
        },
        _ => unknown(),
    })
}

fn photo(body: &Value) -> Attachment {
    let best = largest(&list(get(body, "sizes")))
        .or_else(|| largest(&[get(body, "orig_photo")]))
        .or_else(|| numbered(body, "photo_"))
        .or_else(|| web(get(body, "src_big")).map(|url| (url, None, None)));
    let (url, width, height) = match best {
        Some((url, width, height)) => (Some(url), width, height),
        None => (None, None, None),
    };
    Attachment::Photo { url, width, height, text: text(get(body, "text"), MAX_LINE) }
}

/// A picture's address, width and height.
type Size = (String, Option<u32>, Option<u32>);

/// The largest of the versions of a picture.
fn largest(sizes: &[&Value]) -> Option<Size> {
    let side = |size: &Value, key| count(get(size, key)).and_then(|side| u32::try_from(side).ok());
    let mut sizes: Vec<_> = sizes.iter().map(|size| (side(size, "width"), side(size, "height"), *size)).collect();
    sizes.sort_by_key(|(width, height, _)| Reverse(u64::from(width.unwrap_or(0)) * u64::from(height.unwrap_or(0))));
    // The address is read last, because parsing it is the expensive part.
    sizes.into_iter().find_map(|(width, height, size)| {
        let url = web(get(size, "url")).or_else(|| web(get(size, "src")))?;
        Some((url, width, height))
    })
}

/// The picture in the older form, whose members are named by its width: `photo_604`.
fn numbered(body: &Value, prefix: &str) -> Option<Size> {
    let members = body.as_object()?;
    let widths =
        members.iter().filter_map(|(key, url)| Some((key.strip_prefix(prefix)?.parse::<u32>().ok()?, web(url)?)));
    let (width, url) = widths.max_by_key(|(width, _)| *width)?;
    let height = count(get(body, "height")).and_then(|height| u32::try_from(height).ok());
    let stated = count(get(body, "width")).and_then(|width| u32::try_from(width).ok());
    Some((url, stated.or(Some(width)), height))
}

/// The address of the page of an object that VK numbers by owner and item.
fn page(kind: &str, body: &Value) -> Option<String> {
    let owner = integer(get(body, "owner_id"))?;
    let item = integer(get(body, "id")).or_else(|| integer(get(body, "vid")))?;
    Some(format!("https://vk.com/{kind}{owner}_{item}"))
}

/// The gatherings attached to a post or to the post that it repeats.
fn events(item: &Value, found: &mut Vec<AttachedEvent>, depth: usize) {
    let posted = time(get(item, "date"));
    for attached in list(get(item, "attachments")).into_iter().take(MAX_ATTACHMENTS) {
        if get(attached, "type").as_str() == Some("event") {
            let body = get(attached, "event");
            if let Some(id) = event_id(body).filter(|_| found.len() < MAX_EVENTS) {
                found.push(AttachedEvent { id, posted, body: body.clone() });
            }
        }
    }
    if depth < MAX_REPOSTS {
        for original in list(get(item, "copy_history")).into_iter().take(MAX_REPOSTS) {
            events(original, found, depth + 1);
        }
    }
}

fn event_id(body: &Value) -> Option<u64> {
    integer(get(body, "id")).map(i64::unsigned_abs).filter(|id| Home::vk_id(*id).is_some())
}

/// A time. 0, and a value that no calendar has, give `None`.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    let second = integer(value).filter(|second| *second > 0)?;
    Timestamp::from_second(second).ok()
}

/// The names of users and communities in an answer.
#[derive(Debug, Default)]
struct Names(HashMap<i64, (String, Option<String>)>);

impl Names {
    fn read(response: &Value) -> Self {
        let mut names = HashMap::new();
        let screen_name = |value: &Value| line(get(value, "screen_name"), MAX_LINE);
        for person in list(get(response, "profiles")).into_iter().take(MAX_NAMES) {
            let words: Vec<_> =
                ["first_name", "last_name"].iter().filter_map(|key| line(get(person, key), MAX_LINE)).collect();
            if let Some(id) = integer(get(person, "id")) {
                names.insert(id, (words.join(" "), screen_name(person)));
            }
        }
        for group in list(get(response, "groups")).into_iter().take(MAX_NAMES) {
            if let Some(id) = super::group::id(group).and_then(|id| i64::try_from(id).ok()) {
                names.insert(-id, (line(get(group, "name"), MAX_LINE).unwrap_or_default(), screen_name(group)));
            }
        }
        Self(names)
    }

    /// The author with this number: a community's number is negative.
    fn author(&self, id: i64) -> Author {
        let (name, screen_name) = self.0.get(&id).cloned().unwrap_or_default();
        let kind = if id < 0 { AuthorKind::Community } else { AuthorKind::Person };
        let mut author = Author::new(format!("vk:{id}"), name, kind);
        let page =
            screen_name.unwrap_or_else(|| format!("{}{}", if id < 0 { "club" } else { "id" }, id.unsigned_abs()));
        author.url = super::lenient::web_url(&format!("https://vk.com/{page}"));
        author
    }
}

/// The most posts in one answer of VK.
pub(super) const PAGE: usize = 100;

/// VK cuts posts at 16,384 characters.
const MAX_TEXT: usize = 20_000;
const MAX_LINE: usize = 500;
const MAX_KIND: usize = 40;
/// VK allows 10; an answer that exceeds this limit is not VK's.
const MAX_ATTACHMENTS: usize = 50;
const MAX_OPTIONS: usize = 50;
const MAX_LINKS: usize = 100;
const MAX_REPOSTS: usize = 5;
/// Attached gatherings of a page of the wall: more than three for each post.
const MAX_EVENTS: usize = 300;
const MAX_NAMES: usize = 1_000;
