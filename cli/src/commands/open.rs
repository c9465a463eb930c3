//! `byway open`: reads a community.

use byway::sentences::Language;
use byway::source::SourceError;
use byway::{OpenError, OpenFault};

use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen};
use crate::setup::{self, Wrong};
use crate::{say, words};

pub(crate) async fn run(link: &str, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let screen = Screen::of_process(options.json);
    let people = People::new(screen, language);
    let byway = setup::byway(options)?;

    let reading = format!("{} {} …", words::READING.in_(language), line(link));
    let opened = match screen.while_waiting(language, &reading, byway.open(link)).await {
        Ok(opened) => opened,
        Err(error) => return failed(&error, options, &people),
    };
    if options.json {
        document::print(&document::Open::read(&opened, language));
    } else {
        screen::out(people.content(&opened).as_bytes());
        screen::out(people.reachability(&opened.reachability).as_bytes());
    }
    Ok(Exit::of(&opened.reachability))
}

fn failed(error: &OpenError, options: &Options, people: &People) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    // A link that is none, or a token that is missing: nothing was contacted.
    let Some(reachability) = error.reachability() else {
        let hint = match &error.fault {
            OpenFault::Source(SourceError::TokenNamesReader) => " (--vk-token-of app)",
            _ => "",
        };
        return Err(Wrong(format!("{}{hint}", error.sentence(language).trim_end_matches('.'))));
    };
    if options.json {
        document::print(&document::Open::failed(error, reachability, language));
    } else {
        screen::out(people.probe(reachability).as_bytes());
        // Of what was not reached the account says everything.
        if error.code() != UNREACHED {
            say(&error.sentence(language));
        }
    }
    // That it is no more is an answer about the community; every other fault is none.
    let gone = matches!(error.fault, OpenFault::Source(SourceError::Gone { .. }));
    Ok(if gone { Exit::of(reachability) } else { Exit::NotReached })
}

const UNREACHED: &str = "unreached";
