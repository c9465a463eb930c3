//! Whose circuits, connections and sessions serve a page.

use url::Url;

use crate::community::{Home, PageOwners};
use crate::fetch::Owners;
use crate::transport::Isolation;

/// Whose circuits, connections and TLS sessions serve the community behind a home.
pub(crate) fn isolation(home: &Home) -> Isolation {
    Isolation::of(&home.to_string())
}

/// The communities at the platforms that are read here, by their pages' addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Platforms;

impl Owners for Platforms {
    fn isolation(&self, url: &Url) -> Option<Isolation> {
        match &PageOwners::certain_of(url)[..] {
            [] => None,
            [home] => Some(isolation(home)),
            // An address that names several is not one of theirs: the community that somebody wrote into another one's link
            // must not share a circuit with it.
            homes => {
                let mut labels: Vec<String> = homes.iter().map(Home::to_string).collect();
                labels.sort();
                Some(Isolation::of(&labels.join(" ")))
            }
        }
    }
}
