//! The pictures that a post gets: read, and without what their maker's device wrote into them.

use byway::Language;
use byway::publisher::Picture;

use crate::args::PictureArgs;
use crate::files;
use crate::screen::say;
use crate::words;
use crate::wrong::{Wrong, unended};

/// Reads and cleans the pictures, in their order.
pub(super) fn cleaned(args: &PictureArgs, language: Language) -> Result<Vec<Picture>, Wrong> {
    if args.alt.len() > args.picture.len() {
        return Err(Wrong(format!("--alt: {}", words::ALT_WITHOUT_PICTURE.in_(language))));
    }
    let mut texts = args.alt.iter();
    let mut pictures = Vec::new();
    for path in &args.picture {
        let bytes = files::read(path, MOST, language)?;
        let text = texts.next().map(String::as_str).unwrap_or_default();
        let picture = Picture::clean(&bytes, text)
            .map_err(|error| Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))))?;
        pictures.push(picture);
    }
    if pictures.iter().any(|picture| picture.text().is_empty()) {
        say(words::PICTURE_WITHOUT_ALT.in_(language));
    }
    if !pictures.is_empty() {
        say(words::PICTURE_STILL_SHOWS.in_(language));
    }
    Ok(pictures)
}

/// More than a picture may have, so that the error says what it may have.
const MOST: u64 = 64 << 20;
