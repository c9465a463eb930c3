//! The sentence of an error or an event, as a method of its type.

use std::time::Duration;

use super::Language;
use crate::community::{HomeError, IdError, MomentError, Trust};
use crate::exposure::UnknownExposure;
use crate::fetch::{FetchError, RedirectError, StreamError, UrlError};
use crate::reach::{Attempt, EngineEvent, FingerprintsError, PlanError, RowFault};
use crate::signed::{BundleError, CommunityLinkError, FolderError, NotGenuine, RoutePackError, SignedIdError};
use crate::source::vk::VkConfigError;
use crate::source::{SourceError, SourceNote};
use crate::store::{KeyError, KeyFileError, StoreError};
use crate::strategies::ImportError;
use crate::transport::{DestinationError, OnionKeyError, OverrideError, Strategy, StrategyError, TorTransportError};
use crate::wire::tls::RootsError;

macro_rules! sentences {
    ($($said:ident: |$language:ident, $error:ident| $sentence:expr;)*) => {
        $(impl $said {
            /// The error in one or two plain sentences.
            pub fn sentence(&self, $language: Language) -> String {
                let $error = self;
                $sentence
            }
        })*
    };
}

impl Trust {
    /// What may be believed, and why not more, in one sentence each.
    pub fn sentence(&self, language: Language) -> String {
        super::trust(language, self)
    }
}

impl Attempt {
    /// How it ended, in a few words, with the stage: "connection reset (TLS handshake)".
    pub fn sentence(&self, language: Language) -> String {
        super::attempt(language, self)
    }
}

impl Strategy {
    /// How a request uses it, as a phrase after a verb: "directly", "through Tor", "through the proxy proxy.example".
    /// It names the proxy, so it is for the user alone.
    pub fn phrase(&self, language: Language) -> String {
        super::way(language, self)
    }
}

impl Language {
    /// A span of time as people write it: `85 ms`, `1.4 s`.
    pub fn duration(self, span: Duration) -> String {
        super::time(self, span)
    }
}

sentences! {
    EngineEvent: |language, event| super::event(language, event);
    HomeError: |language, error| super::link(language, error);
    IdError: |language, error| super::id(language, error);
    FetchError: |language, error| super::fetch(language, error);
    RedirectError: |language, error| super::redirect(language, *error);
    StreamError: |language, error| super::stream(language, error);
    UrlError: |language, error| super::no_url(language, error);
    PlanError: |language, error| super::plan(language, error);
    FingerprintsError: |language, error| super::fingerprints(language, error);
    RowFault: |language, fault| super::row(language, *fault).to_owned();
    SourceError: |language, error| super::source(language, error);
    SourceNote: |language, note| super::note(language, note);
    VkConfigError: |language, error| super::vk_config(language, error);
    StoreError: |language, error| super::store(language, error);
    KeyError: |language, error| super::key(language, error);
    KeyFileError: |language, error| super::key_file(language, error);
    ImportError: |language, error| super::import(language, error);
    DestinationError: |language, error| super::destination(language, *error);
    OverrideError: |language, error| super::address_by_hand(language, error);
    StrategyError: |language, error| super::strategy(language, error);
    MomentError: |language, _error| match language {
        Language::En => "A time is written as in RFC 3339, with its offset: 2016-11-09T17:00:00+07:00.",
        Language::Ru => "Время пишется по RFC 3339, со смещением: 2016-11-09T17:00:00+07:00.",
    }
    .to_owned();
    UnknownExposure: |language, _unknown| super::unknown_exposure(language).to_owned();
    CommunityLinkError: |language, error| super::community_link(language, *error);
    BundleError: |language, error| super::bundle(language, *error);
    FolderError: |language, error| super::folder(language, *error);
    RoutePackError: |language, error| super::route_pack(language, *error);
    SignedIdError: |language, _error| super::signed_id(language).to_owned();
    TorTransportError: |language, error| super::tor_transport(language, *error);
    OnionKeyError: |language, error| super::onion_key(language, *error);
    RootsError: |language, error| super::roots(language, error);
    NotGenuine: |language, fault| super::unbelieved(language, fault.what());
}
