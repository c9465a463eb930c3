//! The pictures that posts of signed communities name: by their files, which are named by their digests.

use crate::community::{Attachment, Post, PostState};

/// The pictures that a post shows, by the names of their files.
pub(super) fn names(post: &Post) -> impl Iterator<Item = &str> {
    let urls = post.attachments.iter().filter_map(|attachment| match attachment {
        Attachment::Photo { url, .. } => url.as_deref(),
        _ => None,
    });
    urls.filter(|_| post.state != PostState::Removed).filter_map(file_name)
}

/// A post with the addresses at which its pictures were known, where a bundle names them without one.
pub(super) fn with_known_addresses(mut post: Post, known: &Post) -> Post {
    for attachment in &mut post.attachments {
        let Attachment::Photo { url: Some(url), .. } = attachment else { continue };
        if !url.starts_with(FOLDER) {
            continue;
        }
        let at_mirror = known.attachments.iter().find_map(|attachment| match attachment {
            Attachment::Photo { url: Some(known), .. } if file_name(known) == file_name(url) => Some(known),
            _ => None,
        });
        if let Some(known) = at_mirror {
            url.clone_from(known);
        }
    }
    post
}

/// The name of a picture's file in its address: the digest after `files/`.
pub(crate) fn file_name(url: &str) -> Option<&str> {
    let (before, name) = url.rsplit_once(FOLDER)?;
    let is_digest = name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_digest && (before.is_empty() || before.ends_with('/'))).then_some(name)
}

const FOLDER: &str = "files/";

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u8) -> String {
        format!("{number:02x}").repeat(32)
    }

    fn post(url: &str) -> Post {
        let mut post = Post::new("nostr:1");
        let url = Some(url.to_owned());
        post.attachments = vec![Attachment::Photo { url, width: None, height: None, text: None }];
        post
    }

    #[test]
    fn a_bundle_takes_no_address_from_a_picture() {
        let (file, other) = (format!("files/{}", name(1)), format!("files/{}", name(2)));
        let known = post(&format!("https://zavod.example/m/{file}"));
        assert_eq!(with_known_addresses(post(&file), &known), known);
        assert_eq!(with_known_addresses(post(&other), &known), post(&other));
        assert_eq!(names(&known).collect::<Vec<_>>(), [name(1)]);
        for odd in ["files/x", "xfiles/", "https://a.example/xfiles/", "files/../a"] {
            assert_eq!(file_name(odd).or(file_name(&format!("{odd}{}", "AB".repeat(32)))), None, "{odd}");
        }
    }
}
