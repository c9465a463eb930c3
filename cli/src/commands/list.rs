//! `byway list`: what is kept on this device.

use byway::Language;

use crate::args::ListArgs;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{document, words};

pub(crate) fn run(list: &ListArgs) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    let communities = setup::existing_store(&list.data, language)?.communities().map_err(wrong::of_store(language))?;
    if list.json {
        document::print(&document::List::of(&communities));
        return Ok(Exit::Reached);
    }
    let people = People::new(Screen::of_process(false), language);
    let mut text = String::new();
    for kept in &communities {
        text.push_str(&people.kept(kept));
    }
    if communities.is_empty() {
        text = format!("{}\n", words::NOTHING_KEPT.in_(language));
    }
    screen::out(text.as_bytes());
    Ok(Exit::Reached)
}
