//! What a language must be able to say: one trait for each subject. Every language implements all of them.
//!
//! What to say is decided elsewhere, once for all languages, and comes here as data. So a language cannot say something
//! else than another one. A new language is a folder beside [`english`](super::english): a type with all of these
//! traits, and an arm in [`Language::phrasebook`]. The compiler lists what is missing.

use std::time::Duration;

use jiff::civil::Date;

use super::Language;
use super::contacts::Contact;
use super::english::English;
use super::kept::AttachmentRefusal;
use super::publisher::{
    CardFault, CardWords, ProposedChange, PublishFault, SiteWords, StatedPart, StatedRule, UploadFault,
};
use super::routes::Vantage;
use super::russian::Russian;
use super::sights::{Disclosure, SeenBesides, SeenInAttempts};
use super::typed::NoOpml;
use super::verdicts::{Happened, Scene, Sequel};
use crate::community::{HomeError, IdError, MirrorState, TrustReason, TrustState};
use crate::fetch::{FetchError, RedirectError, StreamError, UrlError};
use crate::reach::{Attempt, EngineEvent, Finding, Outcome};
use crate::reach::{FingerprintsError, PlanError, RowFault};
use crate::signed::{BundleError, CommunityLinkError, FolderError, Move, RoutePackError, Unbelieved};
use crate::source::vk::VkConfigError;
use crate::source::{SourceError, SourceNote};
use crate::store::{KeyError, KeyFileError, StoreError};
use crate::strategies::ImportError;
use crate::transport::{Cause, OnionFault, Stage, Strategy, TorFault, TorStall};
use crate::transport::{DestinationError, OnionKeyError, OverrideError, StrategyError, TorTransportError};
use crate::wire::tls::RootsError;

impl Language {
    pub(super) fn phrasebook(self) -> &'static dyn Phrasebook {
        match self {
            Language::En => &English,
            Language::Ru => &Russian,
        }
    }
}

/// Everything that a language says.
pub(super) trait Phrasebook:
    RoutePhrases
    + AttemptPhrases
    + EventPhrases
    + SightPhrases
    + VerdictPhrases
    + ContactPhrases
    + FaultPhrases
    + KeptPhrases
    + NotePhrases
    + TypedPhrases
    + CalendarPhrases
    + PublisherPhrases
    + SignedPhrases
{
}

impl<
    T: RoutePhrases
        + AttemptPhrases
        + EventPhrases
        + SightPhrases
        + VerdictPhrases
        + ContactPhrases
        + FaultPhrases
        + KeptPhrases
        + NotePhrases
        + TypedPhrases
        + CalendarPhrases
        + PublisherPhrases
        + SignedPhrases,
> Phrasebook for T
{
}

/// Strategies, the networks where they exit, and times.
pub(super) trait RoutePhrases {
    /// The strategy, as a phrase after a verb: "directly", "through Tor".
    fn way(&self, strategy: &Strategy) -> String;

    /// The same without the names of proxies and resolvers.
    fn nameless(&self, strategy: &Strategy) -> String;

    /// Where a verdict applies: "on this network".
    fn place(&self, place: Vantage<'_>) -> String;

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

    /// What came instead of what was asked for.
    fn finding(&self, finding: &Finding) -> String;

    /// Why no answer came.
    fn cause(&self, cause: &Cause) -> String;

    /// What Tor says of an onion service that was not reached, without a full stop.
    fn onion(&self, fault: OnionFault) -> &'static str;

    /// Why Tor opened no stream, without a full stop.
    fn tor(&self, fault: TorFault) -> &'static str;

    /// What keeps Tor from starting, without a full stop.
    fn stall(&self, stall: TorStall) -> &'static str;

    /// The name of a stage.
    fn stage(&self, stage: Stage) -> &'static str;
}

/// What the engine does.
pub(super) trait EventPhrases {
    /// An event as one plain sentence. Without `names` it contains no host, proxy or address.
    fn event(&self, event: &EngineEvent, names: bool) -> String;
}

/// Who sees what.
pub(super) trait SightPhrases {
    /// What a strategy shows of a host and to whom, as a clause without a capital and a full stop.
    fn shown(&self, shown: &Disclosure<'_>) -> String;

    /// Who saw attempts that read nothing, as sentences.
    fn tried(&self, tried: &SeenInAttempts) -> String;

    /// Who saw more than what the clause says, as a sentence.
    fn beside(&self, beside: &SeenBesides) -> String;
}

/// Verdicts.
pub(super) trait VerdictPhrases {
    /// What happened, as one or two sentences.
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String;

    /// How the reading continued, as a sentence.
    fn sequel(&self, sequel: &Sequel<'_>) -> String;
}

/// Who would see a reading.
pub(super) trait ContactPhrases {
    /// What the observer would see, in one sentence.
    fn contact(&self, contact: &Contact<'_>) -> String;

    /// Why no one would be contacted: only what is kept was requested, or the network lets only chosen addresses
    /// through.
    fn left_alone(&self, offline: bool) -> &'static str;
}

/// Why nothing was read.
pub(super) trait FaultPhrases {
    /// Why a text is not a link to a community. The English sentence is the error's own text.
    fn link(&self, error: &HomeError) -> String;

    /// A link to a page that no source of this client reads.
    fn unknown_kind(&self) -> &'static str;

    /// A source does not read this kind of link.
    fn unread_kind(&self) -> &'static str;

    /// Why no page came.
    fn fetch(&self, error: &FetchError) -> String;

    /// Why a redirect is not followed.
    fn redirect(&self, error: RedirectError) -> String;

    /// Why a body ended early.
    fn stream(&self, error: &StreamError) -> String;

    /// Why nothing may be tried.
    fn plan(&self, error: &PlanError) -> String;

    /// Why a source read nothing. What a platform says is quoted in its own language.
    fn source(&self, error: &SourceError) -> String;
}

/// Sentences about the store.
pub(super) trait KeptPhrases {
    /// Why the store did not do what was asked. The English sentence is the error's own text.
    fn store(&self, error: &StoreError) -> String;

    /// Why a key provider has no key.
    fn key(&self, error: &KeyError) -> String;

    /// Why a key file gave no key, or was not made.
    fn key_file(&self, error: &KeyFileError) -> String;

    /// A community was requested on this device only, and is not kept there.
    fn not_stored(&self) -> &'static str;

    /// Other readings of a community took all the time.
    fn still_read(&self) -> &'static str;

    /// A community names another successor, or another address of it, than was shown to the user.
    fn successor_changed(&self) -> &'static str;

    /// A community is kept because of a move that does not count.
    fn move_not_followed(&self) -> &'static str;

    /// A list leads into the reader's own network.
    fn own_network(&self) -> &'static str;

    /// A link names an unknown exposure.
    fn unknown_exposure(&self) -> &'static str;

    /// Why an attachment was not fetched, in one sentence.
    fn no_attachment(&self, why: AttachmentRefusal) -> String;
}

/// What could not be read or kept.
pub(super) trait NotePhrases {
    /// What a source notes, in one or two sentences. What a platform says is quoted in its own language.
    fn note(&self, note: &SourceNote) -> String;

    /// The link names keys that no charter names.
    fn link_keys(&self) -> &'static str;

    /// What is signed of a community's move, and what was done. `until` is a day.
    fn moved(&self, moved: &Move, until: Option<&str>) -> String;

    /// The ids of both communities of a move, and the day of the charter that names the new one.
    fn places_of_move(&self, from: &str, to: &str, at: Option<&str>) -> String;

    /// The fingerprints of the old and of the new keys.
    fn keys_of_move(&self, old: Option<&str>, new: Option<&str>) -> String;

    /// What was read could not be kept, and why.
    fn not_kept(&self, error: &StoreError) -> String;

    /// The answer holds no post, and older ones are shown.
    fn posts_read_earlier(&self) -> &'static str;

    /// The copy was read at a time that is ahead of this device's clock.
    fn age_unknown(&self) -> &'static str;

    /// Posts between these two times may be missing.
    fn posts_gap(&self, after: &str, before: &str) -> String;
}

/// What is wrong with what a person typed.
pub(super) trait TypedPhrases {
    /// Why a text is not a strategy.
    fn strategy(&self, error: &StrategyError) -> String;

    /// Why a text is not a host and port.
    fn destination(&self, error: DestinationError) -> String;

    /// Why no strategy was taken from a pasted line.
    fn import(&self, error: &ImportError) -> String;

    /// Why an address given by hand was not accepted.
    fn address_by_hand(&self, error: &OverrideError) -> String;

    /// Why VKontakte's API cannot be called as configured.
    fn vk_config(&self, error: &VkConfigError) -> String;

    /// Why a text names no transport of Tor.
    fn tor_transport(&self, error: TorTransportError) -> String;

    /// Why a text is not the key of a reader for an onion service.
    fn onion_key(&self, error: OnionKeyError) -> String;

    /// Why a file of root certificates cannot be used.
    fn roots(&self, error: &RootsError) -> String;

    /// Error reading a list of fingerprints.
    fn fingerprints(&self, error: &FingerprintsError) -> String;

    /// Why a row of a list of fingerprints is skipped.
    fn row(&self, fault: RowFault) -> &'static str;

    /// Error parsing the link of a signed community.
    fn community_link(&self, error: CommunityLinkError) -> String;

    /// Why a pack of routes is not taken.
    fn route_pack(&self, error: RoutePackError) -> String;

    /// Why a file is not read as a bundle.
    fn bundle(&self, error: BundleError) -> String;

    /// Why nothing is read from a folder of this device.
    fn folder(&self, error: FolderError) -> String;

    /// The text is not the id of a signed community.
    fn signed_id(&self) -> &'static str;

    /// Why a text is not an id of a community.
    fn id(&self, error: &IdError) -> String;

    /// The client was not made inside a tokio runtime.
    fn no_runtime(&self) -> &'static str;

    /// One of the roots that were given is not a certificate.
    fn root_certificates(&self) -> &'static str;

    /// Why a text is not a URL that can be fetched.
    fn no_url(&self, error: &UrlError) -> String;

    /// Why a file is not read as a list of feeds.
    fn no_opml(&self, why: NoOpml) -> &'static str;
}

/// What is said about something that a person hands on.
#[cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]
pub(super) trait PublisherPhrases {
    /// The link is too long for a QR code.
    fn too_long_for_qr(&self) -> &'static str;

    /// Why a community was not founded, changed or published.
    fn publish_fault(&self, fault: PublishFault) -> &'static str;

    /// Why a community was not published to a server.
    #[cfg_attr(not(feature = "upload"), allow(dead_code, reason = "words of uploads"))]
    fn upload_fault(&self, fault: UploadFault) -> &'static str;

    /// A part of what an admin writes breaks a rule.
    fn unfit(&self, part: StatedPart, rule: StatedRule) -> String;

    /// The clock of this device does not fit what a community states.
    fn publish_clock(&self, clock: &str, newest: Option<&str>) -> String;

    /// A head has a number after which there is none left. `key`: the fingerprint of the key that signed it.
    fn head_number(&self, key: &str) -> String;

    /// Why cards make no key.
    fn card_fault(&self, fault: CardFault) -> String;

    /// The words on a card.
    fn card_words(&self) -> &'static CardWords;

    /// What a proposal would change, before its value.
    fn proposed_change(&self, change: ProposedChange) -> &'static str;

    /// The length of a text of which the differing parts are shown.
    fn shown_length(&self, characters: usize) -> String;

    /// Published items of a key would no longer count.
    fn items_lost(&self, items: usize, key: &str, since: &str) -> String;

    /// A proposal ends a recovery that waits.
    fn ends_recovery(&self, until: &str, keys: &str) -> String;

    /// The words of a community's web site.
    fn site_words(&self) -> &'static SiteWords;

    /// A day: "9 November 2016".
    fn day(&self, day: Date) -> String;

    /// A day with its weekday: "Saturday, 19 November 2016".
    fn weekday_and_day(&self, day: Date) -> String;

    /// How many posts are not on the page.
    fn older_posts(&self, count: usize) -> String;

    /// The day whose state a site shows.
    fn site_state(&self, day: &str) -> String;

    /// The site is a reader's copy of a page.
    fn site_copy(&self, home: &str) -> String;

    /// The site is a reader's copy of a signed community.
    fn site_copy_of_signed(&self, home: &str) -> String;

    /// The community says in a charter of this day that it moved. The link of the new one follows.
    fn site_moved(&self, day: &str, by_one_key: bool) -> String;

    /// The community says that it continues another one, whose link follows.
    fn site_continues(&self) -> &'static str;

    /// The original of a copied text is no longer there.
    fn removed_at_the_source(&self) -> &'static str;

    /// How many attachments a copied post does not have.
    fn attachments_left_out(&self, count: usize) -> String;
}

/// Signed communities.
pub(super) trait SignedPhrases {
    /// Why a part of a signed community is not believed. The English sentence is the error's own text.
    fn unbelieved(&self, what: Unbelieved) -> String;

    /// What may be believed of a community's content, as a sentence.
    fn trust_state(&self, state: TrustState, copied_by: Option<&str>) -> String;

    /// What may be believed where the community froze itself, and nothing contradicts.
    fn trust_frozen(&self) -> String;

    /// How a home of a signed community behaved.
    fn mirror_state(&self, state: MirrorState) -> &'static str;

    /// Why it is not better, as a sentence.
    fn trust_reason(&self, reason: &TrustReason) -> String;
}

/// The texts that a calendar shows in addition to an event.
pub(super) trait CalendarPhrases {
    /// An event was taken out where it was announced, or cannot be read there any more.
    fn calendar_removed(&self) -> &'static str;

    /// The text of an event has a word about a cancellation in it.
    fn calendar_mentions(&self) -> &'static str;

    /// The words before the time at which something was seen.
    fn calendar_seen(&self) -> &'static str;

    /// The words before the time at which something was read.
    fn calendar_read(&self) -> &'static str;
}
