//! The features of one answer, by which two readings of the same page are compared.
//!
//! In cleartext anyone on the path can replace the site's page with another one. Such a page is recognised because
//! another network reads a different one. The page itself is not kept for this comparison: only features of a bounded
//! size are, most of them hashed. They are recorded where the answer is read (`fetch`), and compared where the verdict
//! is made.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use url::Host;

/// The features of one answer. The size is fixed, whatever the page.
///
/// `Debug` shows only the status and the size: a title and a host would say who reads what.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageDigest {
    /// The HTTP status.
    pub status: u16,
    /// The host that a redirect leads to, by `Location` or by the page itself (`<meta http-equiv="refresh">`, HTML
    /// standard section 4.2.5.3).
    pub leads_to: Option<Host<String>>,
    /// The title, without markup and control characters, cut to 80 characters.
    pub title: Option<String>,
    /// Bytes of the body, after content codings.
    pub bytes: u64,
    /// Whether the answer is a check for a browser and not a page of the site.
    pub challenge: bool,
    /// The body, hashed.
    pub body: u64,
    /// Words of the text; every digit is replaced by the same one.
    pub(crate) words: Sketch,
    /// Classes, ids and addresses that the markup names.
    pub(crate) markup: Sketch,
    /// The body holds markup.
    pub has_elements: bool,
    /// A hash of the sequence of the markup's elements, if there are enough of them to distinguish pages.
    pub elements: Option<u64>,
}

impl PageDigest {
    /// Search engines show less of a title than this, so what follows is rarely written with care.
    pub(crate) const TITLE_CHARS: usize = 80;

    /// A digest of an answer of which only the status is known.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            leads_to: None,
            title: None,
            bytes: 0,
            challenge: false,
            body: hash_of(&[0_u8; 0][..]),
            words: Sketch::default(),
            markup: Sketch::default(),
            has_elements: false,
            elements: None,
        }
    }
}

impl fmt::Debug for PageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageDigest").field("status", &self.status).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// A sample of a set: the smallest hashes of its members (bottom-k, Broder 1997). Two samples estimate how much two
/// sets have in common without holding the sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch(BTreeSet<u64>);

impl Sketch {
    /// How many hashes are kept. The estimate of a share is then accurate to about a tenth.
    pub(crate) const SIZE: usize = 96;

    /// Adds one member.
    pub(crate) fn add(&mut self, member: impl Hash) {
        self.0.insert(hash_of(&member));
        if self.0.len() > Self::SIZE {
            self.0.pop_last();
        }
    }

    /// The number of known members: all of them, or [`Sketch::SIZE`].
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The estimated Jaccard similarity of two sets, from 0 to 1, and the number of known common members.
    pub(crate) fn common(&self, other: &Self) -> (f64, usize) {
        // If both samples are whole sets, their union is whole too. Otherwise both are samples of the bottom of the
        // union.
        let whole = self.len() < Self::SIZE && other.len() < Self::SIZE;
        let size = if whole { usize::MAX } else { Self::SIZE };
        let union: BTreeSet<u64> = self.0.union(&other.0).copied().take(size).collect();
        let shared = union.iter().filter(|hash| self.0.contains(hash) && other.0.contains(hash)).count();
        if union.is_empty() { (0.0, 0) } else { (shared as f64 / union.len() as f64, shared) }
    }
}

/// A hash that is the same in every run. A page's author may know the function: equal hashes prove nothing, unequal
/// ones do.
pub(crate) fn hash_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(members: impl IntoIterator<Item = u32>) -> Sketch {
        let mut sketch = Sketch::default();
        members.into_iter().for_each(|member| sketch.add(member));
        sketch
    }

    #[test]
    fn small_sets_are_compared_exactly() {
        for (one, other, share, shared) in [
            (0..10, 0..10, 1.0, 10),
            (0..10, 5..15, 1.0 / 3.0, 5),
            (0..10, 20..30, 0.0, 0),
            (0..0, 0..10, 0.0, 0),
            (0..0, 0..0, 0.0, 0),
        ] {
            assert_eq!(sketch(one.clone()).common(&sketch(other.clone())), (share, shared), "{one:?} {other:?}");
        }
    }

    #[test]
    fn large_sets_are_compared_by_a_sample_of_fixed_size() {
        for (one, other, share) in [(0..9000, 3000..12_000, 0.5), (0..9000, 9000..18_000, 0.0), (0..9000, 0..9000, 1.0)]
        {
            let (one, other) = (sketch(one), sketch(other));
            assert_eq!((one.len(), other.len()), (Sketch::SIZE, Sketch::SIZE));
            let (told, _) = one.common(&other);
            assert!((told - share).abs() < 0.15, "{told} for {share}");
        }
    }
}
