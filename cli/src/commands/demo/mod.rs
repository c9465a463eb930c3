//! `byway demo`: what happened to a factory workers' community in November 2016, in the lab.
//!
//! Nothing is played: the production code reads over a small internet with a censor in it, in virtual time, and keeps
//! what it reads in a sealed store on the disk. [`story`] runs first, in an instant; then [`telling`] parts it into
//! beats, with a pause after each when somebody is watching.

mod story;
mod telling;

use byway::{Account, Language, OpenError, Opened, Reachability};
use serde::Serialize;

use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::setup::Wrong;
use crate::words::{self, Word};

pub(crate) async fn run(json: bool, language: Language) -> Result<Exit, Wrong> {
    // A runtime of its own, because its time is virtual; `spawn_blocking` keeps the two apart.
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

/// What was done on which day, and what came of it.
struct Step {
    date: Word,
    title: Word,
    command: String,
    outcome: Outcome,
}

enum Outcome {
    Opened(Box<Opened>),
    NotOpened(OpenError),
    Probed(Box<Reachability>),
}

impl Step {
    fn reachability(&self) -> Option<&Reachability> {
        match &self.outcome {
            Outcome::Opened(opened) => Some(&opened.reachability),
            Outcome::NotOpened(error) => error.reachability(),
            Outcome::Probed(reachability) => Some(reachability),
        }
    }

    fn exit(&self) -> Exit {
        match &self.outcome {
            Outcome::Opened(opened) => Exit::of_opened(opened),
            Outcome::NotOpened(_) => Exit::NotReached,
            Outcome::Probed(reachability) => Exit::of(reachability),
        }
    }

    fn document(&self, language: Language) -> StepDocument<'_> {
        let result = match &self.outcome {
            Outcome::Opened(opened) => ResultDocument::Opened(opened),
            Outcome::NotOpened(error) => ResultDocument::Unopened(Box::new(document::Unopened::of(error, language))),
            Outcome::Probed(reachability) => ResultDocument::Probed(Box::new(reachability.account_in_full(language))),
        };
        StepDocument {
            date: self.date.in_(language),
            title: self.title.in_(language),
            command: &self.command,
            exit: self.exit().code(),
            result,
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    steps: Vec<StepDocument<'a>>,
}

#[derive(Serialize)]
struct StepDocument<'a> {
    date: &'static str,
    title: &'static str,
    command: &'a str,
    exit: u8,
    result: ResultDocument<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ResultDocument<'a> {
    Opened(&'a Opened),
    Unopened(Box<document::Unopened>),
    Probed(Box<Account>),
}
