//! Whether a reading continues where earlier ones ended, or leaves a gap between its posts and those that are kept.
//!
//! A reading begins with the newest posts. It may end before it meets a post that was kept earlier: it reads only a first
//! screen, its time is used up, or the source gives no older posts. Then newer and older posts are kept, and those in
//! between are missing. That is noted, and remembered: the following syncs read back to the beginning of the gap, and
//! not only to the newest post that is kept.

use jiff::Timestamp;

use crate::community::Post;
use crate::source::Gap;

/// How the posts of a reading continue those that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    /// Nothing is missing between them.
    Joined,
    /// The reading has no posts with a time.
    Unknown,
    /// Posts after `after` and before `before` may be missing.
    Gap { after: Timestamp, before: Timestamp },
}

impl Continuity {
    /// Compares what was read with `complete_until`, up to which the kept posts are complete.
    pub(super) fn of(complete_until: Option<Timestamp>, read: &[Post]) -> Self {
        let Some(after) = complete_until else { return Self::Joined };
        // A pinned post may have any time.
        let times = read.iter().filter(|post| !post.pinned).filter_map(|post| post.created);
        match times.min() {
            None => Self::Unknown,
            Some(oldest) if oldest <= after => Self::Joined,
            Some(before) => Self::Gap { after, before },
        }
    }

    /// The gap to remember after a reading. `read_back`: the reading was to close the gap, and had the time for it. What
    /// it could not read then is tried again a few times, because a source may fail, but not for ever: many sources give
    /// no older posts.
    pub(super) fn remembered(self, known: Option<Gap>, read_back: bool) -> Option<Gap> {
        match self {
            Self::Joined => None,
            Self::Unknown => known,
            Self::Gap { after, .. } => {
                let tries = known.map_or(0, |gap| gap.tries).saturating_add(u8::from(read_back));
                (tries < MAX_TRIES).then_some(Gap { after, tries })
            }
        }
    }
}

/// How many syncs in a row try to close one gap.
const MAX_TRIES: u8 = 3;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn posts(times: &[Option<i64>]) -> Vec<Post> {
        let post = |time: &Option<i64>| {
            let mut post = Post::new("p");
            post.created = time.map(at);
            post
        };
        times.iter().map(post).collect()
    }

    #[test]
    fn a_reading_that_ends_above_the_known_posts_leaves_a_gap() {
        for (known, read, expected) in [
            (None, &[Some(9)][..], Continuity::Joined),
            (Some(5), &[Some(9), Some(5)], Continuity::Joined),
            (Some(5), &[Some(9), Some(4), None], Continuity::Joined),
            (Some(5), &[], Continuity::Unknown),
            (Some(5), &[None], Continuity::Unknown),
            (Some(5), &[Some(9), None, Some(7)], Continuity::Gap { after: at(5), before: at(7) }),
        ] {
            assert_eq!(Continuity::of(known.map(at), &posts(read)), expected, "{read:?}");
        }
        let mut pinned = posts(&[Some(9), Some(1)]);
        pinned[1].pinned = true;
        assert_eq!(Continuity::of(Some(at(5)), &pinned), Continuity::Gap { after: at(5), before: at(9) });
    }

    #[test]
    fn a_gap_is_remembered_until_it_is_closed_or_tried_often() {
        let gap = Continuity::Gap { after: at(5), before: at(9) };
        let known = |tries| Some(Gap { after: at(5), tries });
        assert_eq!(gap.remembered(None, false), known(0));
        assert_eq!(gap.remembered(known(1), false), known(1), "a reading of one screen is no try");
        assert_eq!(gap.remembered(known(1), true), known(2));
        assert_eq!(gap.remembered(known(2), true), None);
        assert_eq!(Continuity::Joined.remembered(known(1), false), None);
        assert_eq!(Continuity::Unknown.remembered(known(1), true), known(1));
    }
}
