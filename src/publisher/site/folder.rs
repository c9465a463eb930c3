//! The files of a site, and a folder of them that a web server hands out.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::input::{CALENDAR, FEED, INDEX, Site};
use super::pictures::Beside;
use super::{feed, page};
use crate::publisher::files::{Files, FilesWritten, ReadFiles as _};
use crate::publisher::mirror::HEAD;
use crate::signed::picture_file;

/// A file of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteFile {
    /// Its name in the site's folder.
    pub name: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Site<'_> {
    /// The files, `index.html` first. Pictures are not among them.
    pub fn files(&self) -> Vec<SiteFile> {
        let mut files = vec![
            SiteFile { name: INDEX, bytes: page::html(self).into_bytes() },
            SiteFile { name: FEED, bytes: feed::atom(self).into_bytes() },
        ];
        if self.has_calendar() {
            let day = self.day().to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp());
            let events = self.events.iter().map(|event| (*event, day));
            files.push(SiteFile {
                name: CALENDAR,
                bytes: crate::calendar::icalendar(events, self.language).into_bytes(),
            });
        }
        files
    }

    /// Writes the files into a folder, which is created if it is missing. Blocks. Each file is complete or as before, and
    /// readable by everyone, for a web server. Other files there stay, except that `events.ics` is removed if there is
    /// no event with a date any more.
    ///
    /// # Errors
    /// The operating system refuses; or the name of a file belongs to something that is no plain file
    /// ([`io::ErrorKind::AlreadyExists`]), a link for instance. What was written before stays.
    pub fn write_to(&self, folder: &Path) -> io::Result<FilesWritten> {
        let mut into = Files::of(folder)?;
        self.write_into(&mut into)?;
        Ok(into.written())
    }

    pub(in crate::publisher) fn write_into(&self, into: &mut Files) -> io::Result<()> {
        // A picture is there before the page that shows it, and goes after it.
        let kept = match self.pictures {
            Some(Beside::Kept(kept)) => Some(kept),
            _ => None,
        };
        for (digest, picture) in kept.iter().flat_map(|kept| kept.files()) {
            into.replace(&picture_file(digest), picture.bytes())?;
        }
        let files = self.files();
        for file in &files {
            into.replace(file.name, &file.bytes)?;
        }
        if files.iter().all(|file| file.name != CALENDAR) {
            into.remove(CALENDAR)?;
        }
        match kept {
            // The pictures of a mirror are those of its posts.
            Some(kept) if !into.has(HEAD)? => into.remove_pictures(&kept.files().map(|(digest, _)| *digest).collect()),
            _ => Ok(()),
        }
    }
}
