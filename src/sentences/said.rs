//! The sentence of an error, as a method of the error.

use super::Language;
use crate::community::{HomeError, IdError};
use crate::http::{FetchError, RedirectError, StreamError};
use crate::reach::{FingerprintsError, PlanError, RowFault};
use crate::source::vk::VkConfigError;
use crate::source::{SourceError, SourceNote};
use crate::store::StoreError;
use crate::strategies::ImportError;
use crate::transport::{DestinationError, OverrideError, StrategyError, UnknownExposure};
use crate::wire::tls::RootsError;

macro_rules! sentences {
    ($($said:ident: |$language:ident, $error:ident| $sentence:expr;)*) => {
        $(impl $said {
            /// What it says, in one or two plain sentences.
            pub fn sentence(&self, $language: Language) -> String {
                let $error = self;
                $sentence
            }
        })*
    };
}

sentences! {
    HomeError: |language, error| super::link(language, error);
    IdError: |language, error| super::id(language, error);
    FetchError: |language, error| super::fetch(language, error);
    RedirectError: |language, error| super::redirect(language, *error);
    StreamError: |language, error| super::stream(language, error);
    PlanError: |language, error| super::plan(language, error);
    FingerprintsError: |language, error| super::fingerprints(language, error);
    RowFault: |language, fault| super::row(language, *fault).to_owned();
    SourceError: |language, error| super::source(language, error);
    SourceNote: |language, note| super::note(language, note);
    VkConfigError: |language, error| super::vk_config(language, error);
    StoreError: |language, error| super::store(language, error);
    ImportError: |language, error| super::import(language, error);
    DestinationError: |language, error| super::destination(language, *error);
    OverrideError: |language, error| super::address_by_hand(language, error);
    StrategyError: |language, error| super::strategy(language, error);
    UnknownExposure: |language, _unknown| super::unknown_exposure(language).to_owned();
    RootsError: |language, error| super::roots(language, error);
}
