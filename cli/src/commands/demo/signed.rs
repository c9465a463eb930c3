//! The signed communities of the story: one on a mirror, and the one to which it moves. They are made up.

use std::fs;
use std::path::Path;

use byway::publisher::{CommunityKeys, Publisher, Statement};
use byway::{Exposure, Language, Secret};
use byway_lab::{Lab, Page};
use jiff::Timestamp;

use super::step::Broken;
use crate::words;

/// The two communities. Each has a folder, which its server gives out.
pub(super) struct SignedCommunities<'a> {
    folder: &'a Path,
    old: Publisher,
    language: Language,
}

impl<'a> SignedCommunities<'a> {
    /// Founds the first community, with a post.
    pub(super) fn found(folder: &'a Path, language: Language, now: Timestamp) -> Result<Self, Broken> {
        let mut stated = Statement::default();
        stated.name = words::DEMO_NAME.in_(language).to_owned();
        stated.mirrors = vec![format!("https://{OLD_HOST}/")];
        let mut old = Publisher::found(&folder.join("old"), keys(folder, "old.keys")?, &stated, now, language)?;
        old.post(words::DEMO_SIGNED_POST.in_(language), now)?;
        Ok(Self { folder, old, language })
    }

    /// Founds the second one, which continues the first, and names it in the first.
    pub(super) fn moves(&mut self, now: Timestamp) -> Result<(), Broken> {
        let mut stated = Statement::default();
        stated.name = words::DEMO_NAME.in_(self.language).to_owned();
        stated.mirrors = vec![format!("https://{NEW_HOST}/")];
        stated.continues = Some(self.old.id());
        let keys = keys(self.folder, "new.keys")?;
        let mut new = Publisher::found(&self.folder.join("new"), keys, &stated, now, self.language)?;
        new.post(words::DEMO_POST_NEW.in_(self.language), now)?;
        self.old.move_to(Some(&new.link(Exposure::Open, now)), now)?;
        Ok(())
    }

    /// The first one's link.
    pub(super) fn link(&self) -> String {
        format!("https://{OLD_HOST}/#byway:{}", self.old.id())
    }

    /// The servers give out what the folders have now.
    pub(super) fn serve(&self, lab: &Lab) -> Result<(), Broken> {
        for (host, address, folder) in [(OLD_HOST, "198.51.100.20", "old"), (NEW_HOST, "198.51.100.21", "new")] {
            let folder = self.folder.join(folder);
            if folder.exists() {
                let mut site = lab.host(host).at(address).https();
                for name in files(&folder, "")?.into_iter().chain(files(&folder, "charter/")?) {
                    site = site.page(&format!("/{name}"), Page::new(fs::read(folder.join(&name))?));
                }
            }
        }
        Ok(())
    }
}

/// The files of a folder of a mirror, by their names in the mirror.
fn files(folder: &Path, below: &str) -> Result<Vec<String>, Broken> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            names.extend(entry.file_name().to_str().map(|name| format!("{below}{name}")));
        }
    }
    Ok(names)
}

/// Keys that are used once and thrown away.
fn keys(folder: &Path, name: &str) -> Result<CommunityKeys, Broken> {
    Ok(CommunityKeys::create(&folder.join(name), Secret::new("the keys of a story")?)?)
}

const OLD_HOST: &str = "zavod.example";
const NEW_HOST: &str = "zavod-2.example";
