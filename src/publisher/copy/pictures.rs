//! The pictures of an original, in its copy.
//!
//! A picture is fetched once, when its post is first copied, and lies in the copy as a picture of any post: without metadata, under its
//! digest. So a reader of the copy contacts nobody else for it. Addresses of pictures at platforms change from hour to hour; a post is
//! therefore compared by how many pictures it has. Which ones could not be fetched is tried again; what is no picture is not.

use jiff::Timestamp;

use super::words::{name_of, plain};
use crate::community::{Attachment, Post, PostState};
use crate::publisher::community::Publisher;
use crate::publisher::picture::{MAX_PICTURES, Picture};
use crate::publisher::tags::tag;
use crate::signed::{Digest, SignedEvent, to_minute};

/// A picture of a post that a copy does not have yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WantedPicture {
    /// [`Post::id`].
    pub post: String,
    /// Its place among the post's attachments, as [`attachments`](crate::attachments) counts them.
    pub index: usize,
    /// What the original says that it shows; perhaps empty.
    pub text: String,
}

/// The pictures that were fetched of one post.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PostPictures {
    /// [`Post::id`].
    pub post: String,
    /// Its pictures, in their order.
    pub pictures: Vec<Picture>,
    /// Nothing is to be fetched again: what is missing is no picture, or too large.
    pub is_settled: bool,
}

impl PostPictures {
    /// The pictures of this post, all that there will be.
    pub fn new(post: impl Into<String>, pictures: Vec<Picture>) -> Self {
        Self { post: post.into(), pictures, is_settled: true }
    }
}

impl Publisher {
    /// The pictures that this copy has yet to get: at most 10 of a post, and at most 40. Those of new posts come first. Of the posts that
    /// the copy has without some of their pictures, others come first at another minute, so that pictures that never come keep no
    /// others out.
    pub fn pictures_to_copy(&self, posts: &[Post], now: Timestamp) -> Vec<WantedPicture> {
        let is_wanted = |post: &&Post| {
            let known = self.latest_of_ours(&name_of(&post.id));
            post.state != PostState::Removed && known.and_then(settled) != Some(photos(post).count())
        };
        let of_post = |post: &Post| -> Vec<WantedPicture> {
            let wanted = |(index, text): (usize, Option<&str>)| WantedPicture {
                post: post.id.clone(),
                index,
                text: plain(text.unwrap_or_default(), MAX_TEXT),
            };
            photos(post).take(MAX_PICTURES).map(wanted).collect()
        };
        let is_known = |post: &&Post| self.latest_of_ours(&name_of(&post.id)).is_some();
        let (mut tried, mut in_turn): (Vec<&Post>, Vec<&Post>) = posts.iter().filter(is_wanted).partition(is_known);
        if !tried.is_empty() {
            // Runs that come at equal intervals begin at all places, too.
            let minute = Digest::of(&to_minute(now).as_second().to_be_bytes());
            let turn = minute.to_string().get(..TURN_DIGITS).and_then(|digits| usize::from_str_radix(digits, 16).ok());
            let first = turn.unwrap_or_default() % tried.len();
            tried.rotate_left(first);
        }
        in_turn.append(&mut tried);
        let mut all = Vec::new();
        for wanted in in_turn.into_iter().map(of_post) {
            // All of a post or none: a post of which some were asked for would count as settled.
            if all.len() + wanted.len() > MAX_WANTED {
                break;
            }
            all.extend(wanted);
        }
        all
    }
}

/// The tags of a post's pictures: of those that were fetched, or else those that the copy has.
pub(super) fn picture_tags(
    post: &Post,
    fetched: Option<&PostPictures>,
    known: Option<&SignedEvent>,
) -> Vec<Vec<String>> {
    let of_known = |name: &str| -> Vec<Vec<String>> {
        let all = known.map(SignedEvent::all_tags).unwrap_or_default();
        all.iter().filter(|tag| tag.first().is_some_and(|first| first == name)).cloned().collect()
    };
    let (there, count) = (of_known(PICTURE), photos(post).count());
    let Some(fetched) = fetched.filter(|fetched| fetched.is_settled || fetched.pictures.len() >= there.len()) else {
        return [there, of_known(SETTLED)].concat();
    };
    let mut tags: Vec<Vec<String>> = fetched.pictures.iter().take(MAX_PICTURES).map(Picture::tag).collect();
    if fetched.is_settled && count > 0 {
        tags.push(tag(SETTLED, &count.to_string()));
    }
    tags
}

/// How many pictures the original had when the copy got all that it could. `Some(0)` also before there were any.
fn settled(known: &SignedEvent) -> Option<usize> {
    known.tag(SETTLED).map_or(Some(0), |count| count.parse().ok())
}

/// The pictures of a post and of the post that it repeats, with their places and what they show.
fn photos(post: &Post) -> impl Iterator<Item = (usize, Option<&str>)> {
    let hanging = std::iter::successors(Some(post), |post| post.repost.as_deref()).flat_map(|post| &post.attachments);
    hanging.enumerate().filter_map(|(index, attachment)| match attachment {
        Attachment::Photo { url: Some(_), text, .. } => Some((index, text.as_deref())),
        _ => None,
    })
}

/// Digits of a digest that choose where a run begins.
const TURN_DIGITS: usize = 7;

/// The tag of a picture.
pub(super) const PICTURE: &str = "imeta";

/// States for how many pictures of the original this post is settled.
const SETTLED: &str = "pictures";

/// What a picture shows, cut to what the tag holds.
const MAX_TEXT: usize = 900;

/// As many pictures are fetched at a time: over a slow proxy some minutes.
const MAX_WANTED: usize = 40;
