//! What is wrong with what a person typed, in English.

use super::English;
use crate::community::IdError;
use crate::fetch::UrlError;
use crate::reach::{FingerprintsError, RowFault};
use crate::sentences::phrasebook::TypedPhrases;
use crate::sentences::typed::{NoOpml, own_words};
use crate::signed::{BundleError, CommunityLinkError, FolderError, RoutePackError};
use crate::source::vk::VkConfigError;
use crate::strategies::ImportError;
use crate::transport::{DestinationError, OnionKeyError, OverrideError, StrategyError, TorTransportError};
use crate::wire::tls::RootsError;

impl TypedPhrases for English {
    fn strategy(&self, error: &StrategyError) -> String {
        own_words(error)
    }

    fn destination(&self, error: DestinationError) -> String {
        own_words(&error)
    }

    fn import(&self, error: &ImportError) -> String {
        own_words(error)
    }

    fn address_by_hand(&self, error: &OverrideError) -> String {
        own_words(error)
    }

    fn vk_config(&self, error: &VkConfigError) -> String {
        own_words(error)
    }

    fn tor_transport(&self, error: TorTransportError) -> String {
        own_words(&error)
    }

    fn onion_key(&self, error: OnionKeyError) -> String {
        own_words(&error)
    }

    fn roots(&self, error: &RootsError) -> String {
        own_words(error)
    }

    fn fingerprints(&self, error: &FingerprintsError) -> String {
        own_words(error)
    }

    fn row(&self, fault: RowFault) -> &'static str {
        match fault {
            RowFault::Short => "The row ends before a required column.",
            RowFault::Regexp => "The pattern is a regular expression, and Byway runs none.",
            RowFault::PatternType => "The kind of the pattern is unknown.",
            RowFault::Pattern => "The pattern is empty, too long, or of no use for its location.",
            RowFault::Location => "The location of the pattern is unknown.",
            RowFault::Scope => "The scope is unknown.",
        }
    }

    fn route_pack(&self, error: RoutePackError) -> String {
        match error {
            RoutePackError::Form => "This is not a pack of routes, or it was damaged.",
            RoutePackError::Passphrase => "This is not the passphrase of the pack of routes.",
            RoutePackError::OtherCommunity => {
                "The pack of routes is of a community that is not kept on this device. Open its link first."
            }
            RoutePackError::Unsigned => {
                "No admin of the community signed this pack of routes, as far as this device knows its admins. Do not use it."
            }
            RoutePackError::Disputed => {
                "The community is disputed or frozen, so its keys may be in other hands. The pack of routes is not used."
            }
            RoutePackError::Ahead => {
                "The pack of routes is dated over a day ahead of this device's clock. Check the clock; if it is right, ask for a new pack."
            }
            RoutePackError::Expired => "The pack of routes has expired. Ask for a new one.",
            RoutePackError::Strategy => {
                "The pack has a route that no pack may have, for example a direct one, or one that cannot be read. Nothing of it is used."
            }
        }
        .to_owned()
    }

    fn bundle(&self, error: BundleError) -> String {
        own_words(&error)
    }

    fn folder(&self, error: FolderError) -> String {
        own_words(&error)
    }

    fn community_link(&self, error: CommunityLinkError) -> String {
        own_words(&error)
    }

    fn signed_id(&self) -> &'static str {
        "The id of a signed community has 64 hexadecimal digits."
    }

    fn id(&self, error: &IdError) -> String {
        own_words(error)
    }

    fn no_runtime(&self) -> &'static str {
        "A client must be made inside a tokio runtime, and none is running here."
    }

    fn root_certificates(&self) -> &'static str {
        "One of the given certificates cannot be a root."
    }

    fn no_opml(&self, why: NoOpml) -> &'static str {
        match why {
            NoOpml::NotOpml => "This file is not a list of feeds (OPML).",
            NoOpml::TooLarge => "This list is larger than 4 MiB and was not read.",
            NoOpml::TooDeep => "This list is nested more than 64 levels deep and was not read.",
        }
    }

    fn no_url(&self, error: &UrlError) -> String {
        match error {
            UrlError::Malformed => "This is not a URL; a URL looks like https://example.org/page.".into(),
            UrlError::Scheme => "Only http and https URLs are fetched, and this one has another scheme.".into(),
            UrlError::Credentials => "A URL with a user name or password in it is not fetched.".into(),
            UrlError::Unaskable => {
                "This URL cannot be fetched: its host or port is not valid, or it is longer than any server accepts."
                    .into()
            }
        }
    }
}
