//! What a reading remembers, for the next one, of the addresses that it asked: their validators, and what was there.
//!
//! What is sent back to a site can let it recognise the reader, as a cookie does. So nothing is remembered of a
//! community of exposure `tor`, and what was remembered with one exposure is not used with another. No validator is
//! remembered that another site gave, to which the address redirects, or that came through a hop of exposure `tor`. One
//! that `www.` gave is remembered as its own, and is sent there only.
//!
//! Some servers call everything unchanged for ever. So once a day an address is asked as if nothing were known. If it
//! then has other content under the same validators, they are not believed again.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::discover::{PageLinks, same_host};
use super::format::WebFormat;
use crate::exposure::Exposure;
use crate::fetch::GivenValidators;
use crate::source::{Memory, Validators, Writer};

/// What is remembered of one home.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remembered {
    home: String,
    exposure: Exposure,
    addresses: Vec<Address>,
}

/// What is remembered of one address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Address {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    /// The address that gave the validators, if the address redirects to it.
    #[serde(default)]
    given_by: Option<String>,
    /// When all of it was last read.
    read_at: Timestamp,
    /// The SHA-256 of what was there.
    hash: [u8; 32],
    /// The address had other content under the same validators.
    #[serde(default)]
    deceives: bool,
    pub(super) held: AddressContent,
    /// How often the feed says that it changes.
    #[serde(default)]
    pub(super) period: Option<Duration>,
}

/// What was at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AddressContent {
    Format(WebFormat),
    Page(PageLinks),
}

impl Remembered {
    /// What is remembered of this home and may be used with this exposure.
    pub(super) fn of(memory: &Memory, home: &Url, exposure: Exposure) -> Self {
        let fresh = Self { home: home.to_string(), exposure, addresses: Vec::new() };
        let known: Self = serde_json::from_str(memory.written_by(Writer::Web)).unwrap_or_default();
        let is_usable = known.home == fresh.home && known.exposure == exposure && exposure < Exposure::Tor;
        if is_usable { known } else { fresh }
    }

    /// What is known of an address, if it may be asked whether that has changed.
    pub(super) fn usable(&self, url: &Url, at: Timestamp) -> Option<&Address> {
        let known = self.at(url)?;
        let age = at.duration_since(known.read_at);
        let is_recent = age >= SignedDuration::ZERO && age < ASKED_ANEW_AFTER;
        (is_recent && !known.deceives && !known.validators().is_empty()).then_some(known)
    }

    /// Remembers what was read at an address.
    pub(super) fn read(
        &mut self,
        url: &Url,
        GivenValidators { validators, by }: GivenValidators,
        hash: [u8; 32],
        (held, period): (AddressContent, Option<Duration>),
        at: Timestamp,
    ) {
        if self.exposure == Exposure::Tor {
            return;
        }
        let validators = if same_host(&by, url) { validators } else { Validators::default() };
        let Validators { etag, last_modified } = validators.well_formed();
        let text = |value: Option<HeaderValue>| value.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let (etag, last_modified) = (text(etag), text(last_modified));
        let known = self.at(url);
        let deceives = known.is_some_and(|known| {
            let is_same = (&known.etag, &known.last_modified) == (&etag, &last_modified);
            known.deceives || is_same && !known.validators().is_empty() && known.hash != hash
        });
        self.addresses.retain(|known| known.url != url.as_str());
        self.addresses.truncate(MAX_ADDRESSES - 1);
        let (url, given_by) = (url.to_string(), (by != *url).then(|| by.to_string()));
        let address = Address { url, etag, last_modified, given_by, read_at: at, hash, deceives, held, period };
        self.addresses.insert(0, address);
    }

    /// Whether there was a feed or a calendar at an address.
    pub(super) fn has_format(&self, url: &Url) -> bool {
        self.at(url).is_some_and(|known| matches!(known.held, AddressContent::Format(_)))
    }

    /// Writes it for the store.
    pub(super) fn to_memory(&self, again_at: Option<Timestamp>) -> Memory {
        let of_source = serde_json::to_string(self).unwrap_or_default();
        Memory { again_at, of_source, writer: Writer::Web, ..Memory::default() }
    }

    fn at(&self, url: &Url) -> Option<&Address> {
        self.addresses.iter().find(|known| known.url == url.as_str())
    }
}

/// The SHA-256 of a body.
pub(super) fn hash(body: &[u8]) -> [u8; 32] {
    digest(&SHA256, body).as_ref().try_into().unwrap_or_default()
}

impl Address {
    /// The validators, and who gave them. `None` if the address cannot be read any more.
    pub(super) fn given(&self) -> Option<GivenValidators> {
        let by = Url::parse(self.given_by.as_ref().unwrap_or(&self.url)).ok()?;
        Some(GivenValidators { validators: self.validators(), by })
    }

    /// The validators to send back.
    fn validators(&self) -> Validators {
        let value = |text: &Option<String>| text.as_ref().and_then(|text| HeaderValue::from_str(text).ok());
        Validators { etag: value(&self.etag), last_modified: value(&self.last_modified) }.well_formed()
    }
}

/// After this time an address is asked as if nothing were known: a calendar shows other repetitions as time goes on,
/// and a server may be wrong.
const ASKED_ANEW_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Enough for a page, its feeds and calendars, and older pages of them.
const MAX_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn tagged(etag: &'static str) -> GivenValidators {
        let validators = Validators { etag: Some(HeaderValue::from_static(etag)), last_modified: None };
        GivenValidators { validators, by: url(HOME) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    const RSS: (AddressContent, Option<Duration>) = (AddressContent::Format(WebFormat::Rss), None);

    const HOME: &str = "https://zavod.example/feed";

    fn kept(exposure: Exposure) -> Memory {
        let mut remembered = Remembered::of(&Memory::default(), &url(HOME), exposure);
        remembered.read(&url(HOME), tagged("\"1\""), hash(b"one"), RSS, at(0));
        remembered.to_memory(None)
    }

    #[test]
    fn memory_of_another_exposure_or_home_is_not_used() {
        let is_used = |memory: &Memory, home: &str, exposure| {
            Remembered::of(memory, &url(home), exposure).usable(&url(HOME), at(1)).is_some()
        };
        let open = kept(Exposure::Open);
        assert!(is_used(&open, HOME, Exposure::Open));
        for (memory, home, exposure) in [
            (&open, HOME, Exposure::Proxied),
            (&open, HOME, Exposure::Tor),
            (&open, "https://other.example/", Exposure::Open),
            (&kept(Exposure::Tor), HOME, Exposure::Tor),
            (&kept(Exposure::Proxied), HOME, Exposure::Open),
        ] {
            assert!(!is_used(memory, home, exposure), "{home} {exposure:?}");
        }
        assert!(!kept(Exposure::Tor).of_source.contains("\\\"1"), "nothing is kept of a community of exposure tor");
    }

    #[test]
    fn a_tag_that_never_changes_is_not_believed_again() {
        let mut remembered = Remembered::of(&kept(Exposure::Open), &url(HOME), Exposure::Open);
        assert!(remembered.usable(&url(HOME), at(86_399)).is_some());
        for other_time in [86_400, -1] {
            assert!(remembered.usable(&url(HOME), at(other_time)).is_none(), "asked as if nothing were known");
        }
        remembered.read(&url(HOME), tagged("\"1\""), hash(b"one"), RSS, at(90_000));
        assert!(remembered.usable(&url(HOME), at(90_001)).is_some(), "the same content");
        remembered.read(&url(HOME), tagged("\"1\""), hash(b"two"), RSS, at(180_000));
        remembered.read(&url(HOME), tagged("\"2\""), hash(b"two"), RSS, at(270_000));
        assert!(remembered.usable(&url(HOME), at(270_001)).is_none());
    }

    #[test]
    fn few_addresses_are_remembered_and_any_text_is_read() {
        let mut remembered = Remembered::of(&kept(Exposure::Open), &url(HOME), Exposure::Open);
        for n in 0..100 {
            remembered.read(&url(&format!("{HOME}{n}")), tagged("\"1\""), hash(b""), RSS, at(0));
        }
        assert_eq!(remembered.addresses.len(), MAX_ADDRESSES);
        for odd in ["", "{", "[]", "{\"addresses\":7}", "null"] {
            let memory = Memory { of_source: odd.to_owned(), ..Memory::default() };
            assert!(Remembered::of(&memory, &url(HOME), Exposure::Open).addresses.is_empty(), "{odd}");
        }
    }
}
