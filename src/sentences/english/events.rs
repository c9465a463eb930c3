//! Events of the engine in English.

use super::English;
use crate::reach::{Action, EngineEvent, EngineEventKind, Outcome, StartReason};
use crate::sentences::phrasebook::{AttemptPhrases, EventPhrases, RoutePhrases};

impl EventPhrases for English {
    fn event(&self, event: &EngineEvent, names: bool) -> String {
        let way = |strategy| if names { self.way(strategy) } else { self.nameless(strategy) };
        match &event.kind {
            EngineEventKind::Began { action } => format!("{} begins.", of_action(*action)),
            EngineEventKind::Started { attempt, strategy, destination, why, hop } => {
                let to = if names { format!(" to {}", destination.host) } else { String::new() };
                let why = match why {
                    StartReason::First if *hop > 0 => "a redirect leads on",
                    StartReason::First => "it is the first",
                    StartReason::Failure => "another one failed",
                    StartReason::Silence => "another one is silent",
                    StartReason::Slow => "another one is slow",
                };
                format!("Attempt {attempt}{to}, {}: {why}.", way(strategy))
            }
            EngineEventKind::Entered { attempt, stage } => format!("Attempt {attempt}: {}.", self.stage(*stage)),
            EngineEventKind::Dialled { attempt, address } if names => {
                format!("Attempt {attempt}: the address is {address}.")
            }
            EngineEventKind::Dialled { attempt, .. } => format!("Attempt {attempt}: an address is known."),
            EngineEventKind::FirstByte { attempt } => format!("Attempt {attempt}: the answer begins."),
            EngineEventKind::TorStarts { attempt, progress } => {
                let starts = format!("Attempt {attempt}: Tor starts, {} %", progress.percent);
                let starts = match progress.stall {
                    None => format!("{starts}."),
                    Some(stall) => format!("{starts}: {}.", self.stall(stall)),
                };
                if progress.forgets_guards { format!("{starts} {GUARDS_FORGOTTEN}") } else { starts }
            }
            EngineEventKind::Continued { attempt, from } => {
                format!("Attempt {attempt}: continues from byte {from}, where another attempt broke off.")
            }
            EngineEventKind::Ended { attempt, stage, outcome, took } => {
                let (stage, took) = (self.stage(*stage), self.time(*took));
                match outcome {
                    Outcome::Proven => format!("Attempt {attempt}: answered after {took}."),
                    Outcome::Pending => format!("Attempt {attempt}: no longer needed after {took} ({stage})."),
                    Outcome::Failed(_)
                    | Outcome::Refuted(_)
                    | Outcome::Interrupted
                    | Outcome::Overtaken
                    | Outcome::Raised => {
                        format!("Attempt {attempt}: {} after {took} ({stage}).", self.outcome(outcome))
                    }
                }
            }
            EngineEventKind::Won { attempt, strategy, took } => {
                format!("Reached {} in {} (attempt {attempt}).", way(strategy), self.time(*took))
            }
            EngineEventKind::Judged { code, rule, again, .. } => {
                let intro = if *again { "Now the verdict is" } else { "Verdict" };
                format!("{intro}: {}, by the rule {rule}.", code.code())
            }
            EngineEventKind::AnsweredFromStore { age: Some(age) } => {
                format!("The stored copy answers; it is {} old.", self.time(*age))
            }
            EngineEventKind::AnsweredFromStore { age: None } => {
                "The stored copy answers; its age is unknown: it was read at a time ahead of this clock.".to_owned()
            }
            EngineEventKind::DialsPaused { lasts } => {
                format!("Only a list of addresses passes here; nothing more is tried for {}.", self.time(*lasts))
            }
            EngineEventKind::Abandoned => "Given up, or nothing to send.".to_owned(),
            EngineEventKind::NetworkChanged => "The network has changed.".to_owned(),
            EngineEventKind::Suspended => "The app goes to sleep.".to_owned(),
            EngineEventKind::Resumed => "The app is awake again.".to_owned(),
            EngineEventKind::Missed { events } => {
                format!("{events} events were lost because they were not read in time.")
            }
        }
    }
}

const GUARDS_FORGOTTEN: &str = "Its guards are not kept, because there is no data directory.";

fn of_action(action: Action) -> &'static str {
    match action {
        Action::Open => "Reading a community",
        Action::Sync => "Reading a community in the background",
        Action::Get => "Fetching a page",
        Action::Probe => "Comparing all routes",
        Action::Attachment => "Fetching an attachment",
    }
}
