//! One step of the story: what was done on which day, and its result.

use byway::{Account, Language, OpenError, Opened, Reachability};
use serde::Serialize;

use crate::document;
use crate::exit::Exit;
use crate::words::Label;

/// Why the demo could not finish: a fault of the device or of this program, which the user cannot fix.
pub(super) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// What was done on which day, and its result.
pub(super) struct Step {
    pub(super) date: Label,
    pub(super) title: Label,
    pub(super) command: String,
    /// What was said of the start of Tor meanwhile.
    pub(super) said: Vec<String>,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    Opened(Box<Opened>),
    NotOpened(OpenError),
    Probed(Box<Reachability>),
}

impl Step {
    pub(super) fn reachability(&self) -> Option<&Reachability> {
        match &self.outcome {
            Outcome::Opened(opened) => Some(&opened.reachability),
            Outcome::NotOpened(error) => error.reachability(),
            Outcome::Probed(reachability) => Some(reachability),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match &self.outcome {
            Outcome::Opened(opened) => Exit::of_opened(opened),
            Outcome::NotOpened(_) => Exit::NotReached,
            Outcome::Probed(reachability) => Exit::of(reachability),
        }
    }

    pub(super) fn document(&self, language: Language) -> StepDocument<'_> {
        let result = match &self.outcome {
            Outcome::Opened(opened) => ResultDocument::Opened(opened),
            Outcome::NotOpened(error) => ResultDocument::Unopened(Box::new(document::Unopened::of(error, language))),
            Outcome::Probed(reachability) => ResultDocument::Probed(Box::new(reachability.account_in_full(language))),
        };
        StepDocument {
            date: self.date.in_(language),
            title: self.title.in_(language),
            command: &self.command,
            events: &self.said,
            exit: self.exit().code(),
            result,
        }
    }
}

#[derive(Serialize)]
pub(super) struct StepDocument<'a> {
    date: &'static str,
    title: &'static str,
    command: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    events: &'a [String],
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
