//! `byway wipe`: destroys what is kept, the key first.
//!
//! It needs no key and works on a damaged store. If it is interrupted, the store finishes it when it is next opened.

use std::io::{self, BufRead as _, IsTerminal as _};

use byway::Language;

use crate::args::ListArgs;
use crate::exit::Exit;
use crate::plain::line;
use crate::wrong::{Wrong, wrong_file};
use crate::{document, keys, screen, words};

pub(crate) fn run(yes: bool, list: &ListArgs) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    let data_dir = list.data.data_dir.as_ref().ok_or_else(|| Wrong(words::WHERE_KEPT.in_(language).to_owned()))?;
    let shown = data_dir.display().to_string();
    if keys::is_link(data_dir) {
        return Err(wrong_file(data_dir, words::A_LINK, language));
    }
    if !keys::has_store(data_dir, language)? {
        return Err(Wrong(format!("{shown}: {}", words::NO_STORE.in_(language))));
    }
    if !yes && !confirmed(&shown, language)? {
        screen::err(&format!("{}\n", words::WIPE_NOT.in_(language)));
        return Ok(Exit::NotReached);
    }
    keys::wipe(data_dir, list.data.key_file.as_deref(), language)?;
    if list.json {
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
    io::stdin().lock().read_line(&mut answer).map_err(|_| Wrong(words::NO_ANSWER.in_(language).to_owned()))?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
