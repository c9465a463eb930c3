//! Why nothing was read, in English.

use super::English;
use crate::community::HomeError;
use crate::fetch::{FetchError, RedirectError, StreamError};
use crate::reach::PlanError;
use crate::sentences::grammar::{capital, ended};
use crate::sentences::phrasebook::{AttemptPhrases, FaultPhrases};
use crate::source::SourceError;

impl FaultPhrases for English {
    fn link(&self, error: &HomeError) -> String {
        capital(&format!("{error}."))
    }

    fn unknown_kind(&self) -> &'static str {
        "No source here reads this kind of address. Byway itself reads sites that have a feed or a calendar, communities at VKontakte \
             by links like vk.com/NAME, vk.ru/NAME or vk.com/club123, and public channels at Telegram by links like t.me/NAME."
    }

    fn unread_kind(&self) -> &'static str {
        "No source here reads this kind of address."
    }

    fn fetch(&self, error: &FetchError) -> String {
        match error {
            FetchError::Unreached { .. } => "No route that was tried could read the page.".to_owned(),
            _ => capital(&format!("{error}.")),
        }
    }

    fn redirect(&self, error: RedirectError) -> String {
        capital(&format!("{error}."))
    }

    fn stream(&self, error: &StreamError) -> String {
        match error {
            StreamError::Broken(failure) => {
                format!("The body was cut off: {}.", self.cause(&failure.cause))
            }
            StreamError::Changed => "The body was cut off, and the file has changed since.".to_owned(),
            StreamError::ExposureRaised => capital(&format!("{error}.")),
        }
    }

    fn plan(&self, error: &PlanError) -> String {
        capital(&format!("{error}."))
    }

    fn source(&self, error: &SourceError) -> String {
        match error {
            SourceError::Unreached(error) => self.fetch(error),
            _ => ended(&capital(&error.to_string())),
        }
    }
}
