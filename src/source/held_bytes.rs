//! How much memory the posts or the events of one answer take.
//!
//! A few bytes of markup can stand for many values: a picture of eleven bytes becomes an attachment with an absolute address, and a
//! rule of twenty bytes repeats a long description a hundred times. So limits on their number do not bound their memory.

use crate::community::{Attachment, Author, Event, Link, Place, Post};

/// The bytes that further values may take.
#[derive(Debug)]
pub(super) struct HeldBytes {
    left: usize,
}

impl HeldBytes {
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: bytes }
    }

    /// Takes the bytes of one more value. `false`: it does not fit, and no later value does.
    #[must_use]
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or_default();
        left.is_some()
    }
}

/// The bytes that a post takes, approximately. Its own buffers are counted with the room that they reserve.
pub(super) fn of_post(post: &Post) -> usize {
    let Post { id, url, author, text, attachments, links, repost, withheld, .. } = post;
    let lists = attachments.capacity() * size_of::<Attachment>() + links.capacity() * size_of::<Link>();
    size_of::<Post>()
        + lists
        + of_text(id)
        + of_text(text)
        + of_texts([url, withheld])
        + author.as_ref().map_or(0, of_author)
        + attachments.iter().map(of_attachment).sum::<usize>()
        + links.iter().map(|link| of_text(&link.url) + of_texts([&link.text])).sum::<usize>()
        + repost.as_ref().map_or(0, |repost| of_post(repost))
}

/// The bytes that an event takes, approximately.
pub(super) fn of_event(event: &Event) -> usize {
    let Event { id, name, text, zone, place, organiser, home, .. } = event;
    let of_place = |Place { name, address, .. }: &Place| of_texts([name, address]);
    size_of::<Event>()
        + TEXT
        + id.as_str().len()
        + of_text(name)
        + of_texts([text, zone])
        + place.as_ref().map_or(0, of_place)
        + organiser.as_ref().map_or(0, of_author)
        // An address is held with its parts.
        + home.as_ref().map_or(0, |home| TEXT + 2 * home.to_string().len())
}

fn of_author(Author { id, name, url, .. }: &Author) -> usize {
    of_text(id) + of_text(name) + of_texts([url])
}

fn of_attachment(attachment: &Attachment) -> usize {
    match attachment {
        Attachment::Photo { url, text, .. } => of_texts([url, text]),
        Attachment::Video { title, url, preview, .. } => of_texts([title, url, preview]),
        Attachment::Document { title, url, extension, .. } => of_texts([title, url, extension]),
        Attachment::Audio { artist, title, url, .. } => of_texts([artist, title, url]),
        Attachment::Link { url, title, text } => of_text(url) + of_texts([title, text]),
        // Only VK's posts have others.
        _ => 0,
    }
}

fn of_texts<const N: usize>(texts: [&Option<String>; N]) -> usize {
    texts.into_iter().flatten().map(of_text).sum()
}

fn of_text(text: &String) -> usize {
    TEXT + text.capacity()
}

/// What an allocator needs for a text in addition to its bytes.
const TEXT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_with_all_that_it_holds() {
        let mut post = Post::new("web:1");
        let bare = of_post(&post);
        post.text = "x".repeat(1000);
        post.links = vec![Link::new("https://a.example/", Some("y".repeat(100)))];
        post.attachments = vec![Attachment::Link { url: "z".repeat(500), title: None, text: None }];
        let full = of_post(&post);
        let lists = size_of::<Link>() + size_of::<Attachment>();
        assert!((1618 + lists..1800 + lists).contains(&(full - bare)), "{}", full - bare);
    }

    #[test]
    fn after_a_value_that_does_not_fit_none_does() {
        let mut held = HeldBytes::new(10);
        assert!(held.take(4) && held.take(6) && !held.take(1));
        let mut held = HeldBytes::new(10);
        assert!(!held.take(11) && !held.take(1));
    }
}
