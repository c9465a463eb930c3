//! Which communities a sync reads side by side.
//!
//! Most of the time of a reading is waiting for one site. So several are under way at once, begun in the order in which
//! they were given, but never two at one site: a platform's rate limit holds for all its communities together, and a
//! small site is not asked for everything at the same time. A community that is known through a move alone waits until the one that
//! led to it was looked at (`docs/format.md`, "Moving").
//!
//! Readings side by side share what may be used, and a limit that is too small for all of them could complete none,
//! again and again. So a reading that is begun *beside* others may only use the first part of it. After that, nothing is
//! begun beside another reading, and the first community that is left has the rest for itself.

use std::collections::VecDeque;

/// The communities that are not read yet, by their places in the order, and those that are being read.
pub(super) struct SyncQueue {
    waiting: VecDeque<(usize, Site)>,
    running: Vec<(usize, Site)>,
}

/// The host that a reading asks first. Communities whose source names none count as one site.
pub(super) type Site = Option<String>;

/// A reading that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Which community, by its place in the order.
    pub(super) place: usize,
    /// Others were being read when it began.
    pub(super) beside: bool,
}

impl SyncQueue {
    /// The sites of the communities, in their order.
    pub(super) fn new(sites: impl IntoIterator<Item = Site>) -> Self {
        Self { waiting: sites.into_iter().enumerate().collect(), running: Vec::new() }
    }

    /// The next reading, if one may begin now. `waits`: whether a place waits for the end of another reading. If nothing is under way, a
    /// reading begins in any case: the first one that does not wait, else the first one.
    pub(super) fn begin(&mut self, may_be_beside: bool, waits: impl Fn(usize) -> bool) -> Option<Turn> {
        let beside = !self.running.is_empty();
        if beside && (!may_be_beside || self.running.len() >= SIDE_BY_SIDE) {
            return None;
        }
        let is_free = |site: &Site| self.running.iter().all(|(_, busy)| busy != site);
        let ready = self.waiting.iter().position(|(place, site)| is_free(site) && !waits(*place));
        let index = ready.or((!beside && !self.waiting.is_empty()).then_some(0))?;
        let next = self.waiting.remove(index)?;
        let turn = Turn { place: next.0, beside };
        self.running.push(next);
        Some(turn)
    }

    /// A reading has ended. `again`: it takes the first turn that is free for it.
    pub(super) fn end(&mut self, place: usize, again: bool) {
        let Some(index) = self.running.iter().position(|(running, _)| *running == place) else { return };
        let ended = self.running.swap_remove(index);
        if again {
            let before = self.waiting.partition_point(|(waiting, _)| *waiting < place);
            self.waiting.insert(before, ended);
        }
    }
}

/// On a bad mobile network (300 ms a round trip) a feed without news takes 1.2 s over a new connection. With six at a
/// time, as many as a browser's connections to one host, a hundred feeds take 20 s, and the deadline that iOS suggests
/// is 25 s. The memory for large answers is the reason for no more.
const SIDE_BY_SIDE: usize = 6;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn queue(sites: &[&str]) -> SyncQueue {
        SyncQueue::new(sites.iter().map(|site| Some((*site).to_owned())))
    }

    fn begun(queue: &mut SyncQueue, may_be_beside: bool) -> Vec<usize> {
        std::iter::from_fn(|| queue.begin(may_be_beside, |_| false)).map(|turn| turn.place).collect()
    }

    #[test]
    fn a_site_has_one_reading_at_a_time() {
        let mut queue = queue(&["a", "a", "b", "a"]);
        assert_eq!(begun(&mut queue, true), [0, 2]);
        queue.end(0, false);
        assert_eq!(begun(&mut queue, true), [1]);
        queue.end(1, false);
        queue.end(2, false);
        assert_eq!(queue.begin(true, |_| false), Some(Turn { place: 3, beside: false }));
    }

    #[test]
    fn no_more_than_six_are_under_way() {
        let mut queue = queue(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(begun(&mut queue, true), [0, 1, 2, 3, 4, 5]);
        queue.end(3, false);
        assert_eq!(queue.begin(true, |_| false), Some(Turn { place: 6, beside: true }));
    }

    #[test]
    fn what_is_put_back_keeps_its_place() {
        let mut queue = queue(&["a", "b", "c", "d"]);
        assert_eq!(begun(&mut queue, true), [0, 1, 2, 3]);
        for place in [2, 1, 3] {
            queue.end(place, true);
        }
        assert_eq!(queue.begin(false, |_| false), None, "nothing is begun beside the first one any more");
        queue.end(0, false);
        assert_eq!(begun(&mut queue, false), [1]);
        queue.end(1, false);
        assert_eq!(begun(&mut queue, false), [2]);
    }

    #[test]
    fn a_reading_that_waits_for_another_is_passed_over() {
        let mut queue = queue(&["a", "b", "c"]);
        let first_waits = |place| place == 0;
        assert_eq!(queue.begin(true, first_waits), Some(Turn { place: 1, beside: false }));
        assert_eq!(queue.begin(true, first_waits), Some(Turn { place: 2, beside: true }));
        assert_eq!(queue.begin(true, first_waits), None);
        queue.end(1, false);
        assert_eq!(queue.begin(true, |_| false), Some(Turn { place: 0, beside: true }));
    }

    #[test]
    fn readings_that_wait_for_each_other_begin_all_the_same() {
        let mut queue = queue(&["a", "b"]);
        for place in [0, 1] {
            assert_eq!(queue.begin(true, |_| true), Some(Turn { place, beside: false }));
            assert_eq!(queue.begin(true, |_| true), None);
            queue.end(place, false);
        }
        assert_eq!(queue.begin(true, |_| true), None, "nothing is left");
    }

    #[test]
    fn communities_without_a_site_count_as_one() {
        let mut queue = SyncQueue::new([None, None, Some("a".to_owned())]);
        assert_eq!(begun(&mut queue, true), [0, 2]);
    }
}
