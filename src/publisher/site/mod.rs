//! A community as a small web site: a page for people without an app, a feed for their readers, and a calendar.
//!
//! - `index.html` needs no script and loads nothing from anywhere: its policy forbids the browser to. Its colours follow
//!   the reader's (WCAG 2.2, contrast AA), it prints, and each text has its own direction.
//! - `files/` has the pictures that lie beside it, if there are any.
//! - `feed.xml` is an Atom feed (RFC 4287).
//! - `events.ics` is a calendar (RFC 5545), if there is an event with a date.
//!
//! Everything that a community wrote is text from strangers: it is escaped, display control characters are removed, and
//! only `https:` and `http:` addresses become links. The same input gives the same bytes.

mod feed;
mod folder;
mod input;
mod moved;
mod page;
mod pictures;
#[cfg(test)]
mod tests;
mod text;

pub use folder::SiteFile;
#[cfg(feature = "upload")]
pub(super) use input::CALENDAR;
pub use input::Site;
pub(super) use moved::SiteMoves;
pub use pictures::SitePictures;
pub(super) use pictures::StatedPictures;
