//! Which circuits, connections and sessions serve a page.

use url::Url;

use crate::community::{Home, PageOwners};
use crate::fetch::Owners;
use crate::transport::Isolation;

/// The isolation of circuits, connections and TLS sessions for the community behind a home.
pub(crate) fn isolation(home: &Home) -> Isolation {
    Isolation::of(&home.to_string())
}

/// The communities at the supported platforms, by the addresses of their pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Platforms;

impl Owners for Platforms {
    fn isolation(&self, url: &Url) -> Option<Isolation> {
        match &PageOwners::certain_of(url)[..] {
            [] => None,
            [home] => Some(isolation(home)),
            // An address that names several communities belongs to none of them: a community that someone wrote into
            // another one's link must not share a circuit with it.
            homes => {
                let mut labels: Vec<String> = homes.iter().map(Home::to_string).collect();
                labels.sort();
                Some(Isolation::of(&labels.join(" ")))
            }
        }
    }
}
