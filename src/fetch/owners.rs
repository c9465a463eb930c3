//! Which isolation each hop of a chain of redirects has.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::transport::Isolation;

/// Knows which community a page belongs to.
pub trait Owners: fmt::Debug + Send + Sync {
    /// The isolation of the community that this URL names, in any spelling; `None` if it names none.
    fn isolation(&self, url: &Url) -> Option<Isolation>;
}

/// The isolation of one chain of redirects, from hop to hop.
///
/// A hop that names a community has that community's isolation. The hops after it keep it until one names another
/// community: they carry what that community's page sent, and two communities that lead to one third host must not meet
/// there. Before any community is named, each hop has its site's isolation.
#[derive(Debug)]
pub(super) struct Chain {
    owners: Option<Arc<dyn Owners>>,
    isolation: Isolation,
}

impl Chain {
    /// The chain of a request with this isolation. If the isolation is not by site, it holds for the first hop,
    /// whatever that hop names: an attachment of a community is fetched as the community's.
    pub(super) fn new(owners: Option<Arc<dyn Owners>>, isolation: &Isolation, first: &Url) -> Self {
        let mut chain = Self { owners, isolation: isolation.clone() };
        if isolation.is_by_site() {
            chain.follow(first);
        }
        chain
    }

    /// Moves to the next hop.
    pub(super) fn follow(&mut self, url: &Url) {
        if let Some(named) = self.owners.as_ref().and_then(|owners| owners.isolation(url)) {
            self.isolation = named;
        }
    }

    /// The isolation of the present hop.
    pub(super) fn isolation(&self) -> &Isolation {
        &self.isolation
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[derive(Debug)]
    struct ByPath;

    impl Owners for ByPath {
        fn isolation(&self, url: &Url) -> Option<Isolation> {
            url.path().strip_prefix("/club").map(Isolation::of)
        }
    }

    #[test]
    fn a_hop_keeps_the_community_that_was_named_last() {
        let (site, labelled) = (Isolation::default(), Isolation::of("ours"));
        let cases = [
            (&site, &["/a", "/club1", "/b", "/club2", "/c"][..], ["", "1", "1", "2", "2"]),
            (&site, &["/club1", "/club1", "/b", "/c", "/d"], ["1", "1", "1", "1", "1"]),
            (&labelled, &["/club1", "/b", "/club1", "/club2", "/c"], ["ours", "ours", "1", "2", "2"]),
        ];
        for (isolation, hops, expected) in cases {
            let urls: Vec<Url> = hops.iter().map(|path| format!("https://x.example{path}").parse().unwrap()).collect();
            let mut chain = Chain::new(Some(Arc::new(ByPath)), isolation, &urls[0]);
            let mut labels = vec![chain.isolation().label().to_owned()];
            for url in &urls[1..] {
                chain.follow(url);
                labels.push(chain.isolation().label().to_owned());
            }
            assert_eq!(labels, expected, "{hops:?}");
        }
    }
}
