use url::Url;

use crate::community::Home;
use crate::signed::Digest;

/// Where a mirror is, and of which community.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) folder: Url,
    pub(super) community: Digest,
}

impl Address {
    /// The mirror at a home. `None` if the home is no mirror.
    pub(super) fn of(home: &Home) -> Option<Self> {
        let community = Digest::of_community(&home.signed_community()?)?;
        let Home::Web(url) = home else { return None };
        let mut folder = url.join(".").ok()?;
        folder.set_fragment(None);
        Some(Self { folder, community })
    }

    /// The URL of a file.
    pub(super) fn file(&self, name: &str) -> Option<Url> {
        self.folder.join(name).ok()
    }
}
