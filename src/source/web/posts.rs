//! Reads posts from the entries of a feed.

use std::collections::HashMap;

use jiff::Timestamp;
use url::Url;

use super::address;
use super::feed::{Enclosure, Entry, Feed, Markup, Person, Take};
use crate::community::{self, Attachment, Author, AuthorKind, CommunityId, Link, Post};
use crate::source::SourceNote;
use crate::source::held_bytes::{self, HeldBytes};
use crate::source::html::{self, Media, MediaKind, Rendered};
use crate::source::plain::{cut, squeeze};

/// The posts of a feed.
#[derive(Debug)]
pub(super) struct Posts {
    pub(super) feed: Feed,
    /// The base of the addresses in it.
    pub(super) base: Url,
    /// Newest first.
    pub(super) posts: Vec<Post>,
    /// What could not be read.
    pub(super) notes: Vec<SourceNote>,
}

/// What entries take over from their feed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Head {
    page: Option<String>,
    author: Option<Person>,
}

impl Head {
    fn of(feed: &Feed) -> Self {
        Self { page: feed.page.clone(), author: feed.author.clone() }
    }

    fn base(&self, found_at: &Url) -> Url {
        let page = self.page.as_deref().and_then(|page| html::web_url(page, Some(found_at)));
        page.unwrap_or_else(|| found_at.clone())
    }
}

/// Reads the posts of a feed from its text, which was found at this address. `read` reads the feed, and is called a second time if the feed states
/// its page or its author only after entries that need them. `None`: it is not a feed.
pub(super) fn posts(
    community: &CommunityId,
    found_at: &Url,
    text: &str,
    read: impl Fn(&str, &mut Take<'_>) -> Option<Feed>,
) -> Option<Posts> {
    let (feed, collected) = Collected::of(community, found_at, None, text, &read)?;
    let head = Head::of(&feed);
    let (feed, mut collected) = if collected.head.as_ref().is_some_and(|used| *used != head) {
        // The posts of the two passes are not held side by side.
        drop(collected);
        Collected::of(community, found_at, Some(head), text, &read)?
    } else {
        (feed, collected)
    };
    // Equal times stay in the feed's order. Entries without a time come after the others.
    community::newest_first(&mut collected.posts);
    let (odd, torn) = (feed.odd + collected.odd, feed.torn + collected.torn);
    let notes = [
        (odd > 0).then_some(SourceNote::PostsOdd { count: odd }),
        (torn > 0).then_some(SourceNote::PostsTorn { count: torn }),
    ];
    let base = collected.head.unwrap_or_else(|| Head::of(&feed)).base(found_at);
    Some(Posts { feed, base, posts: collected.posts, notes: notes.into_iter().flatten().collect() })
}

/// The posts that one pass over a feed has collected.
struct Collected {
    posts: Vec<Post>,
    odd: usize,
    torn: usize,
    /// What the entries took over from the feed. `None`: there was no entry.
    head: Option<Head>,
}

impl Collected {
    fn of(
        community: &CommunityId,
        found_at: &Url,
        head: Option<Head>,
        text: &str,
        read: impl Fn(&str, &mut Take<'_>) -> Option<Feed>,
    ) -> Option<(Feed, Self)> {
        let mut collected = Self { posts: Vec::new(), odd: 0, torn: 0, head };
        let mut base = collected.head.as_ref().map(|head| head.base(found_at));
        let mut known = HashMap::new();
        let mut held = HeldBytes::new(MAX_HELD.min(MAX_WITH_TEXT.saturating_sub(text.len())));
        let feed = read(text, &mut |feed, entry| {
            let head = collected.head.get_or_insert_with(|| Head::of(feed));
            let base = base.get_or_insert_with(|| head.base(found_at));
            let (post, cut) = post(community, &entry, head.author.as_ref(), base);
            // Of two entries with one id the newest is kept, or else the first in the feed: the id distinguishes a change from a
            // new post.
            let same: Option<usize> = known.get(&post.id).copied();
            if let Some(earlier) = same.and_then(|at| collected.posts.get_mut(at)) {
                // Two pages are two posts, and so are two texts of one time. One of them is not shown.
                let is_another_text = written(&post) == written(earlier) && post.text != earlier.text;
                collected.odd += usize::from(earlier.url != post.url || is_another_text);
                let is_newer = written(&post) > written(earlier);
                if is_newer {
                    if !held.take(held_bytes::of_post(&post)) {
                        return false;
                    }
                    collected.torn += usize::from(cut);
                    *earlier = post;
                }
                return true;
            }
            if !held.take(held_bytes::of_post(&post)) {
                return false;
            }
            known.insert(post.id.clone(), collected.posts.len());
            collected.torn += usize::from(cut);
            if collected.posts.len() == collected.posts.capacity() {
                collected.posts.reserve_exact(POSTS_AT_ONCE);
            }
            collected.posts.push(post);
            true
        })?;
        Some((feed, collected))
    }
}

/// When this version of a post was written.
fn written(post: &Post) -> Option<Timestamp> {
    post.edited.max(post.created)
}

fn post(community: &CommunityId, entry: &Entry, of_feed: Option<&Person>, base: &Url) -> (Post, bool) {
    let own_base = entry.base.as_deref().and_then(|own| html::web_url(own, Some(base)));
    let base = own_base.as_ref().unwrap_or(base);
    let title = entry.title.as_ref().map(|title| line(title, base)).unwrap_or_default();
    let body = entry.text.as_ref().map(|text| rendered(text, base, MAX_TEXT)).unwrap_or_default();
    let page = entry.page.as_deref().and_then(|page| html::web_url(page, Some(base)));
    let mut post = Post::new(id(community, entry, page.as_ref(), &title, &body.text));
    post.url = page.map(String::from);
    post.author = entry.author.as_ref().or(of_feed).map(|person| author(community, person, base));
    post.text = with_title(&title, body.text);
    post.created = entry.published.or(entry.updated);
    // Many feeds set both to one time.
    post.edited = entry.updated.filter(|updated| entry.published.is_some_and(|published| *updated > published));
    let mut cut = body.cut;
    for attachment in
        entry.enclosures.iter().filter_map(|enclosure| enclosed(enclosure, base)).chain(body.media.iter().map(shown))
    {
        if post.attachments.len() >= MAX_ATTACHMENTS {
            cut = true;
            break;
        }
        if !post.attachments.iter().any(|known| url(known) == url(&attachment)) {
            post.attachments.push(attachment);
        }
    }
    post.links = body.links.into_iter().map(Link::from).collect();
    post.text.shrink_to_fit();
    post.attachments.shrink_to_fit();
    (post, cut)
}

/// The feed's id for an entry, or else its page, or else its content: then an edited text becomes another post.
fn id(community: &CommunityId, entry: &Entry, page: Option<&Url>, title: &str, text: &str) -> String {
    let time = entry.published.map(|time| time.to_string()).unwrap_or_default();
    let parts: &[&str] = match (&entry.id, page) {
        (Some(id), _) => &["id", id],
        (None, Some(page)) => &["page", page.as_str()],
        (None, None) if !title.is_empty() => &["title", title, &time],
        (None, None) => &["text", text, &time],
    };
    address::item_id(community, parts)
}

/// Puts a title above the text, unless the text begins with it.
fn with_title(title: &str, text: String) -> String {
    if title.is_empty() || begins_with(&text, title) {
        return text;
    }
    if text.is_empty() { title.to_owned() } else { format!("{title}\n\n{text}") }
}

/// Whether a text begins with its title: with whole words of it, unless the title says that it is cut.
fn begins_with(text: &str, title: &str) -> bool {
    let bare = title.trim_end_matches(['…', '.', ' ']);
    let is_cut = title.ends_with('…') || title.ends_with("...");
    let text = squeeze(cut(text, MAX_TITLE * 2));
    let rest = text.strip_prefix(bare).filter(|_| !bare.is_empty());
    rest.is_some_and(|rest| is_cut || !rest.starts_with(char::is_alphanumeric))
}

/// Markup as people read it.
pub(super) fn rendered(markup: &Markup, base: &Url, limit: usize) -> Rendered {
    match markup {
        Markup::Html(markup) => html::render(markup, Some(base), limit),
        Markup::Text(text) => html::plain(text, limit),
    }
}

/// Markup on one line.
pub(super) fn line(markup: &Markup, base: &Url) -> String {
    squeeze(&rendered(markup, base, MAX_TITLE).text)
}

fn author(community: &CommunityId, person: &Person, base: &Url) -> Author {
    let name = squeeze(&html::plain(&person.name, MAX_TITLE).text);
    let mut author = Author::new(address::item_id(community, &["author", &name]), name, AuthorKind::Unknown);
    author.url = person.page.as_deref().and_then(|page| html::web_url(page, Some(base))).map(String::from);
    author
}

fn enclosed(enclosure: &Enclosure, base: &Url) -> Option<Attachment> {
    let url = html::web_url(&enclosure.url, Some(base))?;
    let extension = extension(&url);
    let title = enclosure.title.as_deref().map(|title| squeeze(&html::plain(title, MAX_TITLE).text));
    let title = title.filter(|title| !title.is_empty());
    // Bytes of no kind in particular: a server or a program did not know better.
    let stated =
        enclosure.media_type.as_deref().filter(|kind| !kind.trim().eq_ignore_ascii_case("application/octet-stream"));
    let by_type = stated.and_then(|kind| kind.split_once('/')).map(|(kind, _)| kind);
    let kind = by_type.map(str::to_ascii_lowercase).or_else(|| by_extension(extension.as_deref()?).map(str::to_owned));
    let at = Some(String::from(url));
    Some(match kind.as_deref() {
        Some("image") => Attachment::Photo { url: at, width: None, height: None, text: title },
        Some("video") => Attachment::Video { title, url: at, seconds: None, preview: None },
        Some("audio") => Attachment::Audio { artist: None, title, seconds: None, url: at },
        _ => Attachment::Document { title, url: at, bytes: enclosure.bytes.filter(|bytes| *bytes > 0), extension },
    })
}

fn shown(media: &Media) -> Attachment {
    let (url, text) = (media.url.to_string(), media.text.clone());
    match media.kind {
        MediaKind::Picture => Attachment::Photo { url: Some(url), width: None, height: None, text },
        MediaKind::Video => Attachment::Video { title: text, url: Some(url), seconds: None, preview: None },
        MediaKind::Audio => Attachment::Audio { artist: None, title: text, seconds: None, url: Some(url) },
        MediaKind::Frame => Attachment::Link { url, title: text, text: None },
    }
}

fn url(attachment: &Attachment) -> Option<&str> {
    match attachment {
        Attachment::Photo { url, .. }
        | Attachment::Video { url, .. }
        | Attachment::Document { url, .. }
        | Attachment::Audio { url, .. } => url.as_deref(),
        Attachment::Link { url, .. } => Some(url),
        _ => None,
    }
}

fn extension(url: &Url) -> Option<String> {
    let (_, extension) = url.path_segments()?.next_back()?.rsplit_once('.')?;
    let is_one = (1..=5).contains(&extension.len()) && extension.chars().all(|c| c.is_ascii_alphanumeric());
    is_one.then(|| extension.to_ascii_lowercase())
}

fn by_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" => "image",
        "mp4" | "webm" | "mov" | "m4v" => "video",
        "mp3" | "m4a" | "ogg" | "opus" | "oga" | "flac" => "audio",
        _ => return None,
    })
}

/// Characters of one post's text, and of a title.
const MAX_TEXT: usize = 20_000;
const MAX_TITLE: usize = 500;

/// The most attachments of one post.
const MAX_ATTACHMENTS: usize = 50;

/// Bytes that the posts of one feed may take: as much as 10,000 posts of two kilobytes.
const MAX_HELD: usize = 24 << 20;

/// Bytes that they may take together with the text of the feed, which is longer than its answer if the encoding of the answer
/// has one byte for each letter.
const MAX_WITH_TEXT: usize = 53 << 20;

/// Room for posts is made in steps of a few hundred kilobytes. Doubling would take twice the memory for a moment.
const POSTS_AT_ONCE: usize = 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::super::feed::read_xml;
    use super::*;

    #[test]
    fn a_title_is_left_out_only_where_its_text_begins_with_it() {
        for (title, text, shown) in [
            ("Strike", "Strike on Friday", "Strike on Friday"),
            ("Strike on…", "Strike on Friday", "Strike on Friday"),
            ("Strike on Fri...", "Strike on Friday", "Strike on Friday"),
            ("Strike.", "Strike\non Friday", "Strike\non Friday"),
            ("Strike", "Strikebreakers came", "Strike\n\nStrikebreakers came"),
            ("...", "On Friday", "...\n\nOn Friday"),
            ("Strike", "", "Strike"),
            ("", "On Friday", "On Friday"),
        ] {
            assert_eq!(with_title(title, text.to_owned()), shown);
        }
    }

    #[test]
    fn the_newest_of_two_entries_with_one_id_is_shown() {
        let at: Url = "https://blog.example/feed".parse().unwrap();
        let community = address::community_id(&at).unwrap();
        let item = |title: &str, page: &str, day: &str| {
            let date =
                if day.is_empty() { String::new() } else { format!("<pubDate>{day} Nov 2026 10:00:00 GMT</pubDate>") };
            format!("<item><guid>1</guid><link>{page}</link><title>{title}</title>{date}</item>")
        };
        let (old, new) = (item("At noon", "/1", "1"), item("At two", "/1", "2"));
        let undated = item("At one", "/1", "");
        for (items, shown, odd) in [
            (format!("{old}{new}"), "At two", 0),
            (format!("{new}{old}"), "At two", 0),
            (format!("{undated}{new}"), "At two", 0),
            (format!("{undated}{}", item("At six", "/1", "")), "At one", 1),
            (format!("{}{}", item("Other", "/2", "1"), new), "At two", 1),
        ] {
            let text = format!("<rss version='2.0'><channel><title>T</title>{items}</channel></rss>");
            let read = posts(&community, &at, &text, read_xml).unwrap();
            assert_eq!(read.posts.iter().map(|post| &*post.text).collect::<Vec<_>>(), [shown], "{items}");
            assert_eq!(read.notes.len(), odd, "{items}");
        }
    }
}
