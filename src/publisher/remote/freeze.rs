//! A freeze on a server: what is written there beside it, by someone who has no folder of the community.

use jiff::Timestamp;

use super::super::community::page_language;
use super::super::error::PublishError;
use super::super::freezing::placed_freeze;
use super::super::frozen::time_of;
use super::super::mirror::{FREEZE, Mirror, charter_file};
use super::super::proposal::Proposal;
use super::super::site::CALENDAR;
use super::super::state::SiteContent;
use super::folder::RemoteFolder;
use crate::signed::{Chain, DocumentKind, Envelope};

impl RemoteFolder {
    /// A freeze as it has to be written to the server. `None` if one is there that is as early.
    ///
    /// # Errors
    /// As [`place_freeze`](crate::publisher::place_freeze).
    pub(crate) fn freeze(&self, proposal: &Proposal, now: Timestamp) -> Result<Option<Vec<u8>>, PublishError> {
        let charter = |version| -> Result<Option<Envelope>, PublishError> {
            let file = self.file(&charter_file(version));
            let parsed = file.map(|file| Envelope::parse(&file.bytes, DocumentKind::Charter));
            parsed.transpose().map_err(|_| PublishError::Damaged)
        };
        let first = charter(1)?.ok_or(PublishError::Absent)?;
        let mut chain = Chain::begin(first.digest(), &first, now).map_err(|_| PublishError::Damaged)?;
        while let Some(next) = charter(chain.newest_version() + 1)? {
            // What follows a charter that is not the community's is not either.
            if chain.extend(&next, now).is_err() {
                break;
            }
        }
        let there = self.file(FREEZE).map(|file| file.bytes.as_slice());
        placed_freeze(proposal, there, &chain, now)
    }

    /// The web site with the freeze that is here, as far as it differs: what is to be written, and what removed. Nothing if the folder is no mirror, because
    /// somebody changed it: the freeze itself does not depend on that.
    pub(crate) fn frozen_site(&self, now: Timestamp) -> Vec<(String, Option<Vec<u8>>)> {
        let Ok(Mirror { chain, head, events, .. }) = Mirror::read(self, now) else { return Vec::new() };
        let says = (page_language(self).unwrap_or_default(), time_of(self, &chain, now));
        let files = SiteContent::of_state((&chain, head.issued), &events, says, now).site().files();
        let has_calendar = files.iter().any(|file| file.name == CALENDAR);
        let is_new = |name: &str, bytes: &[u8]| self.file(name).is_none_or(|known| known.bytes != bytes);
        let changed = files.into_iter().filter(|file| is_new(file.name, &file.bytes));
        let mut site: Vec<_> = changed.map(|file| (file.name.to_owned(), Some(file.bytes))).collect();
        if !has_calendar && self.file(CALENDAR).is_some() {
            site.push((CALENDAR.to_owned(), None));
        }
        site
    }
}
