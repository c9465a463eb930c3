//! Why a link opens nothing, and why a source read nothing.

use super::Language;
use crate::community::HomeError;
use crate::fetch::{FetchError, RedirectError, StreamError};
use crate::reach::PlanError;
use crate::source::SourceError;

/// Why a text is not a link to a community. The English sentence is the error's own text.
pub fn link(language: Language, error: &HomeError) -> String {
    language.phrasebook().link(error)
}

/// A link to a page that no source of this client reads.
pub fn unknown_kind(language: Language) -> &'static str {
    language.phrasebook().unknown_kind()
}

/// Why no page came.
pub fn fetch(language: Language, error: &FetchError) -> String {
    language.phrasebook().fetch(error)
}

/// Why a redirect is not followed.
pub fn redirect(language: Language, error: RedirectError) -> String {
    language.phrasebook().redirect(error)
}

/// Why a body ended early.
pub fn stream(language: Language, error: &StreamError) -> String {
    language.phrasebook().stream(error)
}

/// Why nothing may be tried.
pub fn plan(language: Language, error: &PlanError) -> String {
    language.phrasebook().plan(error)
}

/// Why a source read nothing. What a platform says is quoted in its own language.
pub fn source(language: Language, error: &SourceError) -> String {
    language.phrasebook().source(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every;
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn every_fault_has_a_sentence_in_every_language() {
        let (links, fetches, sources) = (every::links(), every::fetches(), every::sources());
        for &language in Language::ALL {
            let links = links.iter().map(|error| link(language, error));
            let fetches = fetches.iter().map(|error| fetch(language, error));
            let sources = sources.iter().map(|error| source(language, error));
            for sentence in links.chain(fetches).chain(sources).chain([unknown_kind(language).to_owned()]) {
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
