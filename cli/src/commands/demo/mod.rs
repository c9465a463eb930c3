//! `byway demo`: what happened to a factory workers' community in November 2016, in the lab.
//!
//! Nothing is scripted: the production code reads over a small internet with a censor in it, in virtual time, and keeps
//! what it reads in a sealed store on disk. [`story`] runs first, in an instant. Then [`telling`] divides it into
//! beats, with a pause after each if a person is watching.

mod signed;
mod step;
mod story;
mod telling;
mod tor;

use byway::Language;
use serde::Serialize;

use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::words;
use crate::wrong::Wrong;

use step::StepDocument;

pub(crate) use tor::run as run_with_tor;

pub(crate) async fn run(json: bool, language: Language) -> Result<Exit, Wrong> {
    // The story needs its own runtime, because its time is virtual; `spawn_blocking` separates the two.
    let played = tokio::task::spawn_blocking(move || story::play(language)).await;
    let Ok(Ok(steps)) = played else { return Err(Wrong(words::DEMO_BROKE.in_(language).to_owned())) };
    if json {
        document::print(&Document { steps: steps.iter().map(|step| step.document(language)).collect() });
        return Ok(Exit::Reached);
    }
    let screen = Screen::of_process(false);
    let people = People::in_zone(screen, language, story::zone());
    for beat in telling::beats(&steps, &people) {
        screen::out(beat.text.as_bytes());
        if screen.watched {
            screen.pause(&beat.progress, beat.pause).await;
        }
    }
    Ok(Exit::Reached)
}

#[derive(Serialize)]
struct Document<'a> {
    steps: Vec<StepDocument<'a>>,
}
