//! What sites publish: feeds, calendars, and pages that name them.

use byway::community::{Attachment, Event, Post, is_display_control};
use byway::fuzzing;
use serde::{Serialize, de::DeserializeOwned};

use super::choose;

/// An answer: whatever it contains is read into bounded data that names only the web, and is stored and read back
/// unchanged.
pub(crate) fn feed(bytes: &[u8]) {
    let ([kind], body) = choose(bytes);
    let kinds = [None, Some("text/html"), Some("application/rss+xml; charset=windows-1251"), Some("text/calendar")];
    let Some((_, posts, events)) = fuzzing::site(body, kinds[usize::from(kind) % kinds.len()]) else { return };
    assert!(posts.len() <= 10_000 && events.len() <= 10_000, "{} posts, {} events", posts.len(), events.len());
    let mut ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), posts.len(), "an id is one post's");
    for post in &posts {
        comes_back::<Post>(post);
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
    events.iter().for_each(comes_back::<Event>);
    // A byte of another encoding becomes at most three bytes, and is shown as often as it occurs.
    let text: usize = posts.iter().map(|post| post.text.len()).sum();
    assert!(text <= 8 * body.len() + 1024, "{text} bytes of text out of {}", body.len());
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
