//! Reads one post from its element.

use url::Url;

use super::channel::{id, post_id};
use super::elements::Element;
use super::media;
use super::number::count;
use crate::community::{Attachment, Author, AuthorKind, Community, Field, Home, Link, Post, TelegramName};
use crate::source::claims::Claims;
use crate::source::html::Rendered;

/// What a message of a channel is.
pub(super) enum Message {
    /// A post, by its number, with what it claims. `torn`: it could be read in part only.
    Post { number: u64, post: Box<Post>, claims: Box<Claims>, torn: bool },
    /// Telegram's own line in the channel (a new name, a post was pinned), with the number of the post that it names.
    Service { number: u64, names: Option<u64> },
    /// Nothing that can be read.
    Odd,
}

/// Reads a message of a channel.
///
/// `names` are the names under which the page shows the channel's own posts.
pub(super) fn message(
    message: &Element<'_>,
    channel: &TelegramName,
    names: &[String],
    community: &Community,
    base: &Url,
) -> Message {
    let named = message.attribute("data-post");
    let named = named.as_deref().filter(|named| names.iter().any(|name| is_of(name, named)));
    let Some(number) = named.and_then(number_in) else { return Message::Odd };
    if message.is("service_message") {
        let links =
            message.elements().filter(|element| element.is_named("a")).filter_map(|link| link.url("href", base));
        return Message::Service {
            number,
            names: links.filter_map(|url| post_of(channel, &url)).find(|named| *named < number),
        };
    }
    let mut post = Post::new(post_id(channel, number));
    post.url = Some(format!("{}/{number}", Home::Telegram(channel.clone())));
    post.author = Some(author(message, community, base));
    post.created = time(message);
    post.counts.views = line(message, "tgme_widget_message_views", base).as_deref().and_then(count);
    let mut torn = post.created.is_none();

    let content = content(message, channel, base);
    torn |= content.cut;
    torn |= content.text.is_empty() && content.attachments.is_empty();
    if let Some(from) = message.first("tgme_widget_message_forwarded_from") {
        let mut forwarded = forwarded(&from, &post.id, base);
        // A forwarded message has no words of the channel's own.
        (forwarded.text, forwarded.attachments, forwarded.links) = (content.text, content.attachments, content.links);
        post.attachments = content.answers.into_iter().collect();
        post.repost = Some(Box::new(forwarded));
    } else {
        post.text = content.text;
        post.attachments = content.answers.into_iter().chain(content.attachments).collect();
        post.links = content.links;
    }
    Message::Post { number, post: Box::new(post), claims: Box::new(content.claims), torn }
}

/// What a message says and shows.
#[derive(Default)]
struct Content {
    text: String,
    links: Vec<Link>,
    claims: Claims,
    /// The post that it answers.
    answers: Option<Attachment>,
    attachments: Vec<Attachment>,
    /// More was there than is taken.
    cut: bool,
}

fn content(message: &Element<'_>, channel: &TelegramName, base: &Url) -> Content {
    let mut content = Content::default();
    let reply = message.first("tgme_widget_message_reply");
    content.answers = reply.as_ref().and_then(|reply| media::attachment(reply, base));
    let is_own = |element: &Element<'_>| reply.as_ref().is_none_or(|reply| !reply.holds(element));
    for text in message.all("tgme_widget_message_text").filter(is_own) {
        // With the blank line between two texts.
        let left = MAX_TEXT.saturating_sub(content.text.chars().count() + 2);
        if left == 0 {
            content.cut = true;
            break;
        }
        content.add_text(text.rendered(base, left), channel);
    }
    let mut passed: Option<Element<'_>> = None;
    let mut buttons = 0;
    for element in message.elements() {
        let is_read = passed.as_ref().is_some_and(|passed| passed.holds(&element));
        if is_read || !is_own(&element) || element.is("tgme_widget_message_reply") {
            continue;
        }
        if element.is("tgme_widget_message_inline_button") {
            // Its text may be the whole rest of a page.
            buttons += 1;
            if buttons > MAX_BUTTONS {
                content.cut = true;
                break;
            }
            content.links.extend(element.url("href", base).map(|url| Link::new(url, element.line(base, MAX_NAME))));
        }
        let Some(mut attachment) = media::attachment(&element, base) else { continue };
        if let Attachment::Poll { votes, .. } = &mut attachment {
            *votes = media::votes(message, base);
        }
        passed = Some(element);
        if content.attachments.len() >= MAX_ATTACHMENTS {
            content.cut = true;
            break;
        }
        content.attachments.push(attachment);
    }
    content
}

impl Content {
    fn add_text(&mut self, rendered: Rendered, channel: &TelegramName) {
        let is_own = |home: &Home| *home == Home::Telegram(channel.clone());
        self.claims = std::mem::take(&mut self.claims).or(rendered.claims(Field::PinnedPost, &is_own));
        let Rendered { text, links, media: _, cut, crossed_out: _ } = rendered;
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&text);
        self.cut |= cut;
        for link in links {
            if !is_search(&link.url) && !self.links.iter().any(|known| known.url == link.url.as_str()) {
                self.links.push(link.into());
            }
        }
    }
}

/// The post from another channel or person that this one passes on.
fn forwarded(from: &Element<'_>, by: &str, base: &Url) -> Post {
    let named = from.first("tgme_widget_message_forwarded_from_name");
    let page = named.as_ref().and_then(|name| name.url("href", base));
    let home = page.as_ref().filter(|page| Home::is_at_telegram(page)).and_then(|page| page.as_str().parse().ok());
    let origin = match home {
        Some(Home::Telegram(name)) => Some(name),
        _ => None,
    };
    let number = page.as_ref().and_then(|page| post_of(origin.as_ref()?, page));
    let of_channel = origin.as_ref().zip(number);
    let mut post =
        Post::new(of_channel.map_or_else(|| format!("{by}#forwarded"), |(name, number)| post_id(name, number)));
    post.url = of_channel.and(page.clone()).map(String::from);
    let shown = named.or_else(|| Some(from.clone())).and_then(|name| name.line(base, MAX_NAME)).unwrap_or_default();
    let author_id = origin.as_ref().and_then(id).map_or_else(|| format!("{}#author", post.id), String::from);
    let mut author = Author::new(author_id, shown, AuthorKind::Unknown);
    author.url = origin.map(|name| Home::Telegram(name).to_string());
    post.author = Some(author);
    post
}

/// The channel; where the post is signed, the one who signs it.
fn author(message: &Element<'_>, community: &Community, base: &Url) -> Author {
    if let Some(signature) = line(message, "tgme_widget_message_from_author", base) {
        return Author::new(format!("{}#{signature}", community.id), signature, AuthorKind::Unknown);
    }
    let mut author = Author::new(community.id.as_str(), community.name.clone(), AuthorKind::Community);
    author.url = community.homes.first().map(Home::to_string);
    author
}

fn time(message: &Element<'_>) -> Option<jiff::Timestamp> {
    let in_foot = message.first("tgme_widget_message_date");
    let times = in_foot.as_ref().unwrap_or(message).elements().filter(|element| element.is_named("time"));
    times.filter_map(|time| time.attribute("datetime")?.trim().parse().ok()).next()
}

fn line(message: &Element<'_>, class: &str, base: &Url) -> Option<String> {
    message.first(class)?.line(base, MAX_NAME)
}

/// `155` of `zavod/155`. The name may be another one of the same channel's.
/// Whether `channel/7` is a post of the channel with this name.
fn is_of(name: &str, data_post: &str) -> bool {
    data_post.rsplit_once('/').is_some_and(|(channel, _)| channel.eq_ignore_ascii_case(name))
}

fn number_in(data_post: &str) -> Option<u64> {
    let (_, number) = data_post.rsplit_once('/')?;
    number.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))
}

/// The number of the post of this channel to which a link leads.
fn post_of(channel: &TelegramName, url: &Url) -> Option<u64> {
    let home: Home = if Home::is_at_telegram(url) { url.as_str().parse().ok()? } else { return None };
    let segment = url.path_segments()?.rfind(|segment| !segment.is_empty())?;
    let number = segment.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))?;
    (home == Home::Telegram(channel.clone())).then_some(number)
}

/// A hashtag: a link to a search on Telegram's own page.
fn is_search(url: &Url) -> bool {
    Home::is_at_telegram(url) && url.query().is_some_and(|query| query.starts_with("q="))
}

/// Characters of one post's text. Telegram's own limit is 4,096.
const MAX_TEXT: usize = 20_000;

/// Characters of a name or a number.
const MAX_NAME: usize = 200;

/// The most buttons of one post: Telegram shows a handful.
const MAX_BUTTONS: usize = 50;

/// What hangs on one post; an album has at most ten.
const MAX_ATTACHMENTS: usize = 50;

/// Numbers of messages are 32 bits wide.
const MAX_NUMBER: u64 = i32::MAX as u64;
