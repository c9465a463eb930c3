//! What is wrong with what a person typed or pasted: strategies, lists of them, addresses, configurations.
//!
//! The English sentence is the error's own text. Here a sentence ends with a full stop. After the name of a field or of
//! a flag, the caller may remove it.

use super::Language;
use super::grammar::capital;
use crate::community::IdError;
use crate::fetch::UrlError;
use crate::reach::{FingerprintsError, RowFault};
use crate::signed::{BundleError, CommunityLinkError, FolderError, RoutePackError};
use crate::source::vk::VkConfigError;
use crate::strategies::ImportError;
use crate::transport::{DestinationError, OnionKeyError, OverrideError, StrategyError, TorTransportError};
use crate::wire::tls::RootsError;

/// Why a text is not a strategy.
pub fn strategy(language: Language, error: &StrategyError) -> String {
    language.phrasebook().strategy(error)
}

/// Why a text is not a host and port.
pub fn destination(language: Language, error: DestinationError) -> String {
    language.phrasebook().destination(error)
}

/// Why no strategy was taken from a pasted line.
pub fn import(language: Language, error: &ImportError) -> String {
    language.phrasebook().import(error)
}

/// Why an address given by hand was not accepted.
pub fn address_by_hand(language: Language, error: &OverrideError) -> String {
    language.phrasebook().address_by_hand(error)
}

/// Why VKontakte's API cannot be called as configured.
pub fn vk_config(language: Language, error: &VkConfigError) -> String {
    language.phrasebook().vk_config(error)
}

/// Why a text names no transport of Tor.
pub fn tor_transport(language: Language, error: TorTransportError) -> String {
    language.phrasebook().tor_transport(error)
}

/// Why a text is not the key of a reader for an onion service.
pub fn onion_key(language: Language, error: OnionKeyError) -> String {
    language.phrasebook().onion_key(error)
}

/// Why a file of root certificates cannot be used.
pub fn roots(language: Language, error: &RootsError) -> String {
    language.phrasebook().roots(error)
}

/// Error reading a list of fingerprints.
pub fn fingerprints(language: Language, error: &FingerprintsError) -> String {
    language.phrasebook().fingerprints(error)
}

/// Why a row of a list of fingerprints is skipped.
pub fn row(language: Language, fault: RowFault) -> &'static str {
    language.phrasebook().row(fault)
}

/// Error parsing the link of a signed community.
pub fn community_link(language: Language, error: CommunityLinkError) -> String {
    language.phrasebook().community_link(error)
}

/// Error taking a pack of routes.
pub fn route_pack(language: Language, error: RoutePackError) -> String {
    language.phrasebook().route_pack(error)
}

/// Error reading a bundle of a signed community.
pub fn bundle(language: Language, error: BundleError) -> String {
    language.phrasebook().bundle(error)
}

/// Error reading a signed community from a folder of this device.
pub fn folder(language: Language, error: FolderError) -> String {
    language.phrasebook().folder(error)
}

/// The text is not the id of a signed community.
pub fn signed_id(language: Language) -> &'static str {
    language.phrasebook().signed_id()
}

/// Why a text is not an id of a community.
pub fn id(language: Language, error: &IdError) -> String {
    language.phrasebook().id(error)
}

/// The client was not made inside a tokio runtime.
pub fn no_runtime(language: Language) -> &'static str {
    language.phrasebook().no_runtime()
}

/// One of the roots that were given is not a certificate.
pub fn root_certificates(language: Language) -> &'static str {
    language.phrasebook().root_certificates()
}

/// Why a text is not a URL that can be fetched.
pub fn no_url(language: Language, error: &UrlError) -> String {
    language.phrasebook().no_url(error)
}

/// Why a file is not read as a list of feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoOpml {
    /// It holds no OPML.
    NotOpml,
    /// It is too large.
    TooLarge,
    /// It is nested too deeply.
    TooDeep,
}

/// Why a file is not read as a list of feeds.
pub fn no_opml(language: Language, why: NoOpml) -> &'static str {
    language.phrasebook().no_opml(why)
}

/// The error's own text as a sentence.
pub(super) fn own_words(error: &impl std::error::Error) -> String {
    capital(&format!("{error}."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every;
    use super::super::tests::{has_cyrillic, promises_nothing};
    use super::*;

    #[test]
    fn every_input_error_has_a_sentence_in_every_language() {
        let (strategies, imports) = (every::strategies(), every::imports());
        let (by_hand, configs, files) = (every::addresses_by_hand(), every::vk_configs(), every::roots());
        for &language in Language::ALL {
            let told = strategies.iter().map(|error| strategy(language, error));
            let told = told.chain(imports.iter().map(|error| import(language, error)));
            let told = told.chain(by_hand.iter().map(|error| address_by_hand(language, error)));
            let told = told.chain(configs.iter().map(|error| vk_config(language, error)));
            let told = told.chain(files.iter().map(|error| roots(language, error)));
            let told = told.chain(CommunityLinkError::ALL.iter().map(|error| community_link(language, *error)));
            let told = told.chain(BundleError::ALL.iter().map(|error| bundle(language, *error)));
            let told = told.chain(FolderError::ALL.iter().map(|error| folder(language, *error)));
            let told = told.chain(RoutePackError::ALL.iter().map(|error| route_pack(language, *error)));
            let told = told.chain([signed_id(language).to_owned()]);
            let told = told.chain(OnionKeyError::ALL.iter().map(|error| onion_key(language, *error)));
            let told = told.chain(TorTransportError::ALL.iter().map(|error| tor_transport(language, *error)));
            let told = told.chain(UrlError::ALL.iter().map(|error| no_url(language, error)));
            for sentence in told.chain([root_certificates(language), no_runtime(language)].map(str::to_owned)) {
                promises_nothing(&sentence);
                assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
