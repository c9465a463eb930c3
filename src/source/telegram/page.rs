//! What kind of page of Telegram a page is, and what it contains.

use std::borrow::Cow;

use jiff::Timestamp;
use url::Url;

use super::channel;
use super::elements::Markup;
use super::post::{self, Message};
use crate::community::{Community, Post, TelegramName};
use crate::source::claims::Claims;
use crate::source::held_bytes::{self, HeldBytes};

/// A page of Telegram.
#[derive(Debug)]
pub(super) enum TelegramPage {
    /// The preview of a channel: its newest posts, or some that are older.
    Channel(Box<Channel>),
    /// A page that shows no posts: of a person, of a group, or of a channel without a preview.
    Profile,
    /// The page that Telegram shows for a name that nobody has.
    Nobody,
    /// The page is not of a known kind.
    Foreign,
}

/// What the preview of a channel contains.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) community: Community,
    /// The posts by their numbers, newest first.
    pub(super) posts: Vec<(u64, Post)>,
    /// The post that was pinned last, as the channel's own lines say: the number of the line, and that of the post.
    pub(super) pinned: Option<(u64, u64)>,
    /// What the posts claim of where the channel moved to or came from, by their numbers.
    pub(super) claims: Vec<(u64, Claims)>,
    /// What Telegram warns of beside the name.
    pub(super) labels: Vec<String>,
    /// Messages that could not be read.
    pub(super) odd: usize,
    /// Posts that could be read only in part.
    pub(super) torn: usize,
    /// The page was longer than what is read.
    pub(super) is_cut: bool,
    /// The page ends before its document does: there may be more, and changes of what is read.
    pub(super) breaks_off: bool,
    /// The page shows messages in a form that is not known.
    pub(super) has_unknown_list: bool,
    /// The number before which older posts are asked for; `None` if the page names no older ones.
    pub(super) before: Option<u64>,
}

/// Reads a page that was asked for as the page of `name`, as of this time.
pub(super) fn read(text: &str, name: &TelegramName, base: &Url, at: Timestamp) -> TelegramPage {
    let markup = Markup::read(text);
    let has = |class: &str| markup.first(class).is_some();
    if PREVIEW.iter().any(|class| has(class)) {
        let Some(id) = channel::id(name) else { return TelegramPage::Foreign };
        let community = channel::community(&markup, name, id, base, at);
        return TelegramPage::Channel(Box::new(messages(&markup, name, community, base)));
    }
    if has("tgme_page_title") {
        TelegramPage::Profile
    } else if has("tgme_page") && (has("tgme_icon_user") || has("tgme_username_link")) {
        TelegramPage::Nobody
    } else {
        TelegramPage::Foreign
    }
}

fn messages(markup: &Markup, name: &TelegramName, community: Community, base: &Url) -> Channel {
    let mut channel = Channel {
        community,
        posts: Vec::new(),
        pinned: None,
        claims: Vec::new(),
        labels: channel::labels(markup, base),
        odd: 0,
        torn: 0,
        is_cut: markup.is_cut,
        breaks_off: markup.breaks_off,
        has_unknown_list: false,
        before: None,
    };
    let names: Vec<String> = [name.to_string()].into_iter().chain(channel::stated_name(markup, base)).collect();
    let (mut lowest, mut seen) = (None::<u64>, 0);
    let mut held = HeldBytes::new(MAX_HELD);
    for element in markup.all("tgme_widget_message") {
        seen += 1;
        if channel.posts.len() >= MAX_POSTS {
            channel.is_cut = true;
            break;
        }
        let read = post::message(&element, name, &names, &channel.community, base);
        if let Message::Post { number, .. } | Message::Service { number, .. } = &read {
            lowest = Some(lowest.map_or(*number, |lowest| lowest.min(*number)));
        }
        match read {
            Message::Post { number, post, claims, torn }
                if !channel.posts.iter().any(|(known, _)| *known == number) =>
            {
                if !held.take(held_bytes::of_post(&post)) {
                    channel.is_cut = true;
                    break;
                }
                channel.posts.push((number, *post));
                channel.torn += usize::from(torn);
                if *claims != Claims::default() {
                    channel.claims.push((number, *claims));
                }
            }
            Message::Service { number, names } => {
                channel.pinned = channel.pinned.max(names.map(|named| (number, named)));
            }
            Message::Post { .. } | Message::Odd => channel.odd += 1,
        }
    }
    channel.posts.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    channel.has_unknown_list = seen == 0
        && markup
            .first("tgme_channel_history")
            .is_none_or(|list| list.elements().any(|element| element.attribute("data-post").is_some()));
    channel.before = lowest.filter(|_| names_older(markup));
    channel
}

/// Whether the page has a link to older posts.
fn names_older(markup: &Markup) -> bool {
    let by_head = markup.first_with("link", "rel", "prev").is_some();
    by_head || markup.all("js-messages_more").any(|link| link.attribute("data-before").is_some())
}

/// All that is read of a page: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_anything(body: &[u8]) -> Option<(Community, Vec<Post>)> {
    let base = Url::parse("https://t.me/s/zavod").ok()?;
    let crate::community::Home::Telegram(name) = base.as_str().parse().ok()? else { return None };
    match read(&text(body), &name, &base, Timestamp::UNIX_EPOCH) {
        TelegramPage::Channel(channel) => {
            Some((channel.community, channel.posts.into_iter().map(|(_, post)| post).collect()))
        }
        _ => None,
    }
}

/// The text of a body. Telegram writes UTF-8. Of a body that is not, the beginning is read: each invalid byte may become three.
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let chunks = || {
        let mut length = 0;
        body.utf8_chunks().take_while(move |chunk| {
            length += chunk.valid().len() + REPLACED.len();
            length <= LONGEST_MENDED
        })
    };
    let mut text = String::with_capacity(chunks().map(|chunk| chunk.valid().len() + REPLACED.len()).sum());
    for chunk in chunks() {
        text.push_str(chunk.valid());
        text.push_str(if chunk.invalid().is_empty() { "" } else { REPLACED });
    }
    Cow::Owned(text)
}

/// What is shown for bytes that are not UTF-8.
const REPLACED: &str = "\u{fffd}";

/// Bytes of a text that was not UTF-8: a little more than the largest page.
const LONGEST_MENDED: usize = 18 << 20;

/// Bytes that the posts of one page may take: twenty posts of 20,000 characters take a quarter.
const MAX_HELD: usize = 8 << 20;

/// Classes of which the preview of a channel has at least one.
const PREVIEW: [&str; 3] = ["tgme_channel_info", "tgme_channel_history", "tgme_widget_message"];

/// A page of Telegram's has twenty messages.
const MAX_POSTS: usize = 200;
