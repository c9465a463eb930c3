//! `byway wipe`: destroys what is kept, the key first.
//!
//! It needs no key and works on a damaged store. Cut short, the store finishes it when it is opened next.

use std::io::{self, BufRead as _, IsTerminal as _};

use byway::sentences::{self, Language};
use byway::store::{Store, StoreError};

use crate::args::Shelf;
use crate::exit::Exit;
use crate::plain::line;
use crate::setup::{Wrong, cannot, unended};
use crate::{document, keys, screen, words};

pub(crate) fn run(yes: bool, shelf: &Shelf) -> Result<Exit, Wrong> {
    let language: Language = shelf.lang.into();
    let data_dir = shelf.data.data_dir.as_ref().ok_or(words::WHERE_KEPT.in_(language))?;
    let shown = data_dir.display().to_string();
    if !keys::has_files(data_dir) {
        return Err(Wrong(format!("{shown}: {}", words::NO_STORE.in_(language))));
    }
    if !yes && !confirmed(&shown, language)? {
        screen::err(&format!("{}\n", words::WIPE_NOT.in_(language)));
        return Ok(Exit::NotReached);
    }
    Store::wipe_at(data_dir).map_err(|error| match error {
        StoreError::Io(error) => cannot(words::CANNOT_WIPE, data_dir, &error, language),
        error => Wrong(format!("{shown}: {}", unended(sentences::store(language, &error)))),
    })?;
    keys::destroy(&keys::sealed_key(data_dir), language)?;
    if let Some(path) = &shelf.data.key_file {
        keys::destroy(path, language)?;
    }
    if shelf.json {
        document::print(&document::Wipe::of(data_dir));
    } else {
        screen::out(format!("{}\n", words::WIPED.in_(language)).as_bytes());
    }
    Ok(Exit::Reached)
}

fn confirmed(data_dir: &str, language: Language) -> Result<bool, Wrong> {
    if !io::stdin().is_terminal() {
        return Err(Wrong(words::WIPE_NO_TERMINAL.in_(language).to_owned()));
    }
    screen::err(&format!("{} {}\n", words::WIPE.in_(language), line(data_dir)));
    screen::err(words::WIPE_ASK.in_(language));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
