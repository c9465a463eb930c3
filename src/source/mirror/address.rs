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
        let mut folder = url.clone();
        folder.set_fragment(None);
        folder.set_query(None);
        // A browser shows the address of the folder's page, and people leave out the slash.
        if url.path().ends_with(".html") {
            folder = folder.join(".").ok()?;
        } else if !url.path().ends_with('/') {
            folder.set_path(&format!("{}/", url.path()));
        }
        Some(Self { folder, community })
    }

    /// The URL of a file.
    pub(super) fn file(&self, name: &str) -> Option<Url> {
        self.folder.join(name).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_folder_is_the_same_with_and_without_its_slash() {
        let id = "0123456789abcdef".repeat(4);
        for end in ["m", "m/", "m/index.html", "m?from=chat"] {
            let home: Home = format!("https://zavod.example/{end}#byway:{id}").parse().unwrap();
            assert_eq!(Address::of(&home).unwrap().folder.as_str(), "https://zavod.example/m/", "{end}");
        }
    }
}
