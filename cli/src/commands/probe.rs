//! `byway probe`: asks every way by itself.

use byway::sentences::Language;

use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen};
use crate::setup::{self, Wrong};
use crate::words;

pub(crate) async fn run(url: &str, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let screen = Screen::of_process(options.json);
    let byway = setup::byway(options)?;

    let asking = format!("{} {} …", words::ASKING.in_(language), line(url));
    let reachability = screen.while_waiting(language, &asking, byway.probe(url)).await;
    let reachability = reachability.map_err(|error| Wrong(setup::unended(error.sentence(language))))?;
    if options.json {
        document::print(&document::Reachability::of(&reachability, language));
    } else {
        screen::out(People::new(screen, language).probe(&reachability).as_bytes());
    }
    Ok(Exit::of(&reachability))
}
