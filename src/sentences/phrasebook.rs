//! What a language must be able to say: one trait for each subject, every one of them put into words by every language.
//!
//! What is said is chosen elsewhere, once for all languages, and comes here as data. So a language cannot say something
//! else than another one, and a new language is a folder beside [`english`](super::english): a type that has all of these
//! traits, and an arm in [`Language::phrasebook`]. The compiler lists what is missing.

use std::time::Duration;

use super::Language;
use super::english::English;
use super::routes::Place;
use super::russian::Russian;
use super::sights::{Beside, Shown, Tried};
use super::verdicts::{Happened, Scene, Sequel};
use crate::reach::{Attempt, EngineEvent, Finding, Outcome};
use crate::transport::{Cause, Stage, Strategy};

impl Language {
    pub(super) fn phrasebook(self) -> &'static dyn Phrasebook {
        match self {
            Language::En => &English,
            Language::Ru => &Russian,
        }
    }
}

/// All that a language says.
pub(super) trait Phrasebook:
    RoutePhrases + AttemptPhrases + EventPhrases + SightPhrases + VerdictPhrases
{
}

impl<T: RoutePhrases + AttemptPhrases + EventPhrases + SightPhrases + VerdictPhrases> Phrasebook for T {}

/// Strategies, where they come out, and times.
pub(super) trait RoutePhrases {
    /// By which strategy, as it goes behind a verb: "directly", "through Tor".
    fn way(&self, strategy: &Strategy) -> String;

    /// The same without the names of proxies and resolvers.
    fn nameless(&self, strategy: &Strategy) -> String;

    /// Where a verdict holds: "on this network".
    fn place(&self, place: Place<'_>) -> String;

    /// A span of time as people write it: `85 ms`, `1.4 s`.
    fn time(&self, span: Duration) -> String;
}

/// Attempts, in a few words.
pub(super) trait AttemptPhrases {
    /// How an attempt ended, without a full stop: "connection reset (TLS handshake)".
    fn attempt(&self, attempt: &Attempt) -> String;

    /// An attempt as a sentence of its own.
    fn attempted(&self, attempt: &Attempt) -> String;

    /// How an attempt ended, without its stage.
    fn outcome(&self, outcome: &Outcome) -> String;

    /// What came in the place of what was asked for.
    fn finding(&self, finding: &Finding) -> String;

    /// Why no answer came.
    fn cause(&self, cause: &Cause) -> String;

    /// What a stage is called.
    fn stage(&self, stage: Stage) -> &'static str;
}

/// What the engine does.
pub(super) trait EventPhrases {
    /// An event as one plain sentence; without `names`, no host, proxy or address is in it.
    fn event(&self, event: &EngineEvent, names: bool) -> String;
}

/// Who sees what.
pub(super) trait SightPhrases {
    /// What a strategy shows of a host and to whom, as a clause without a capital and a full stop.
    fn shown(&self, shown: &Shown<'_>) -> String;

    /// Who saw attempts that read nothing, as sentences.
    fn tried(&self, tried: &Tried) -> String;

    /// Who saw more than what the clause says, as a sentence.
    fn beside(&self, beside: &Beside) -> String;
}

/// Verdicts.
pub(super) trait VerdictPhrases {
    /// What happened, as one or two sentences.
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String;

    /// How it went on, as a sentence.
    fn sequel(&self, sequel: &Sequel<'_>) -> String;
}
