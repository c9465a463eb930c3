//! What sites publish: feeds, calendars, pages that name them, and the previews of channels.

use byway::community::{Attachment, Community, Event, Post, is_display_control};
use byway::fuzzing;
use byway::{Exposure, Opml};
use serde::{Serialize, de::DeserializeOwned};

use super::choose;

/// An answer: whatever it contains is read into bounded data that names only the web, and is stored and read back
/// unchanged.
pub(crate) fn feed(bytes: &[u8]) {
    let ([kind], body) = choose(bytes);
    let kinds = [None, Some("text/html"), Some("application/rss+xml; charset=windows-1251"), Some("text/calendar")];
    let Some((_, posts, events)) = fuzzing::site(body, kinds[usize::from(kind) % kinds.len()]) else { return };
    assert!(posts.len() <= 10_000 && events.len() <= 10_000, "{} posts, {} events", posts.len(), events.len());
    hold(&posts);
    events.iter().for_each(comes_back::<Event>);
    // A byte of another encoding becomes at most three bytes, and is shown as often as it occurs.
    let text: usize = posts.iter().map(|post| post.text.len()).sum();
    assert!(text <= 8 * body.len() + 1024, "{text} bytes of text out of {}", body.len());
}

/// A page of Telegram's: the same for the posts of a channel, and its description steers no display.
pub(crate) fn telegram(bytes: &[u8]) {
    let Some((community, posts)) = fuzzing::telegram(bytes) else { return };
    comes_back::<Community>(&community);
    assert_eq!((community.id.as_str(), community.homes.len()), ("telegram:zavod", 1), "a page speaks for itself alone");
    assert!(posts.len() <= 200, "{} posts", posts.len());
    hold(&posts);
    let shown = community.description.iter().flat_map(|text| text.split('\n')).chain([community.name.as_str()]);
    for text in shown {
        assert!(!text.chars().any(|c| is_display_control(c) && !matches!(c, '\u{200c}' | '\u{200d}')), "{text:?}");
    }
    // A byte that is no UTF-8 is three bytes, and is shown once.
    let text: usize = posts.iter().map(|post| post.text.len()).sum();
    assert!(text <= 8 * bytes.len() + 1024, "{text} bytes of text out of {}", bytes.len());
}

/// What holds of all posts that any site publishes.
fn hold(posts: &[Post]) {
    let mut ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), posts.len(), "an id is one post's");
    for post in posts {
        comes_back::<Post>(post);
        for post in [Some(post), post.repost.as_deref()].into_iter().flatten() {
            let texts = post.text.split('\n').chain(post.author.iter().map(|author| author.name.as_str()));
            for text in texts {
                let steers = text.chars().find(|c| is_display_control(*c) && !matches!(c, '\u{200c}' | '\u{200d}'));
                assert_eq!(steers, None, "a text steers the display: {text:?}");
            }
            let links = post.links.iter().map(|link| link.url.as_str()).chain(post.url.as_deref());
            for url in links.chain(post.attachments.iter().filter_map(address)) {
                assert!(url.starts_with("https://") || url.starts_with("http://"), "{url}");
            }
        }
    }
}

/// A list of feeds: it names only links that a community may have, on bounded lines, and printed it is the same list.
pub(crate) fn opml(bytes: &[u8]) {
    let Ok(list) = Opml::parse(bytes) else { return };
    let open = list.entries.iter().filter(|entry| entry.link.exposure == Exposure::Open).count();
    assert!(open <= 10_000 && list.entries.len() <= bytes.len());
    for entry in &list.entries {
        assert!(entry.title.chars().count() <= 200, "{}", entry.title);
        let steers = entry.title.chars().find(|c| c.is_control() || is_display_control(*c));
        assert_eq!(steers, None, "{:?}", entry.title);
    }
    let again = Opml::parse(list.to_string().as_bytes()).expect("a printed list is one");
    assert_eq!(again.entries, list.entries);
    assert_eq!((again.odd, again.cut), (0, false));
}

fn address(attachment: &Attachment) -> Option<&str> {
    match attachment {
        Attachment::Photo { url, .. }
        | Attachment::Video { url, .. }
        | Attachment::Document { url, .. }
        | Attachment::Audio { url, .. } => url.as_deref(),
        Attachment::Link { url, .. } => Some(url),
        _ => None,
    }
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let kept = serde_json::to_vec(value).expect("what was read can be kept");
    assert_eq!(serde_json::from_slice::<T>(&kept).ok().as_ref(), Some(value));
}
