//! Reads posts from the entries of a feed.

use std::collections::HashSet;

use url::Url;

use super::address;
use super::feed::{Enclosure, Entry, Feed, Markup, Person};
use crate::community::{Attachment, Author, AuthorKind, CommunityId, Link, Post};
use crate::source::SourceNote;
use crate::source::html::{self, Media, MediaKind, Rendered};
use crate::source::plain::{cut, squeeze};

/// The posts of a feed, newest first, and what could not be read of it.
pub(super) fn posts(community: &CommunityId, feed: &Feed, base: &Url) -> (Vec<Post>, Vec<SourceNote>) {
    let (mut odd, mut torn) = (feed.odd, feed.torn);
    let mut known = HashSet::new();
    let mut posts = Vec::with_capacity(feed.entries.len());
    for entry in &feed.entries {
        let (post, cut) = post(community, entry, feed.author.as_ref(), base);
        // Of two entries with one id the first is kept: the id distinguishes a change from a new post.
        if known.insert(post.id.clone()) {
            torn += usize::from(cut);
            posts.push(post);
        } else {
            odd += 1;
        }
    }
    // The sort is stable: entries without a time stay in the feed's order, after the others.
    posts.sort_by_key(|post| std::cmp::Reverse(post.created));
    let notes = [
        (odd > 0).then_some(SourceNote::PostsOdd { count: odd }),
        (torn > 0).then_some(SourceNote::PostsTorn { count: torn }),
    ];
    (posts, notes.into_iter().flatten().collect())
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
    post.text = with_title(&title, &body.text);
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
fn with_title(title: &str, text: &str) -> String {
    let bare = title.trim_end_matches(['…', '.', ' ']);
    if title.is_empty() || (!text.is_empty() && squeeze(cut(text, MAX_TITLE * 2)).starts_with(bare)) {
        return text.to_owned();
    }
    if text.is_empty() { title.to_owned() } else { format!("{title}\n\n{text}") }
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
    let by_type = enclosure.media_type.as_deref().and_then(|kind| kind.split_once('/')).map(|(kind, _)| kind);
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
