//! One of each error and note, for the tests that say them in every language; and a test for Russian.

use std::sync::Arc;

use jiff::Timestamp;

use crate::community::{HomeError, IdError, Restriction, Trust, TrustReason, TrustState};
use crate::exposure::Exposure;
use crate::fetch::{FetchError, RedirectError, StreamError};
use crate::reach::{FingerprintsError, PlanError, RowFault};
use crate::signed::{ChainError, HeadError, NotGenuine};
use crate::source::vk::{VkConfigError, platform as vk};
use crate::source::{PlatformMessage, SourceError, SourceNote, WebFormat};
use crate::store::{KeyError, KeyFileError, StoreError};
use crate::strategies::ImportError;
use crate::transport::{Cause, DestinationError, Failure, OverrideError, Stage, StrategyError};
use crate::wire::tls::RootsError;

/// Whether a sentence is Russian: Cyrillic, and English only in quotations, code spans, names and code words.
pub(crate) fn is_russian(said: &str) -> bool {
    let unquoted: String = said.split('`').step_by(2).collect();
    let unquoted: String =
        unquoted.split('«').map(|part| part.split_once('»').map_or(part, |(_, after)| after)).collect();
    let is_english =
        |word: &str| ENGLISH.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str());
    said.chars().any(|c| ('а'..='я').contains(&c)) && !unquoted.split_whitespace().any(is_english)
}

/// Every English sentence contains one of these.
const ENGLISH: [&str; 30] = [
    "a", "an", "the", "is", "are", "be", "was", "not", "no", "none", "of", "and", "to", "that", "it", "for", "with",
    "this", "must", "only", "cannot", "given", "found", "there", "such", "in", "more", "has", "can", "states",
];

fn text() -> String {
    "x".to_owned()
}

fn message() -> String {
    "This is what the platform states".to_owned()
}

pub(crate) fn strategies() -> Vec<StrategyError> {
    vec![
        StrategyError::Empty,
        StrategyError::TooLong,
        StrategyError::Whitespace,
        StrategyError::NoScheme,
        StrategyError::TorWithoutAddress,
        StrategyError::TorNotBuiltIn,
        StrategyError::TorTakesNoHost,
        StrategyError::ProxyWithoutScheme,
        StrategyError::UnknownScheme { scheme: "gopher".into() },
        StrategyError::NotSpoken { scheme: "vless".into() },
        StrategyError::AmbiguousScheme,
        StrategyError::NoHost { scheme: "socks5" },
        StrategyError::DirectTakesNoHost,
        StrategyError::Server(DestinationError::Host),
        StrategyError::Server(DestinationError::Port),
        StrategyError::Server(DestinationError::NoPort),
        StrategyError::Server(DestinationError::Colons),
        StrategyError::Onion,
        StrategyError::Path,
        StrategyError::MisplacedAt,
        StrategyError::Redacted,
        StrategyError::LoginNotTaken,
        StrategyError::LoginEmpty,
        StrategyError::LoginTooLong,
        StrategyError::LoginControl,
        StrategyError::LoginColon,
        StrategyError::ShadowsocksForm,
        StrategyError::Method,
        StrategyError::MethodPlain,
        StrategyError::MethodWeak,
        StrategyError::PasswordEmpty,
        StrategyError::Key,
        StrategyError::KeyLength { method: "2022-blake3-aes-128-gcm", length: 16 },
        StrategyError::Plugin { plugin: "obfs-local".into() },
        StrategyError::PercentEncoding,
        StrategyError::UnknownOption { option: "x".into(), takes: "it takes `dns`" },
        StrategyError::NotAnOption { takes: "it takes `dns`" },
        StrategyError::BridgeForm,
        StrategyError::BridgeParameters,
        StrategyError::BridgeCount,
        StrategyError::BridgeTwice,
        StrategyError::BridgeNotHere,
        StrategyError::DnsNotHere,
        StrategyError::DuplicateOption { option: "cc" },
        StrategyError::Country,
        StrategyError::Dns,
        StrategyError::DnsNotSpoken,
        StrategyError::DnsCount,
        StrategyError::DnsTwice,
        StrategyError::Tls,
        StrategyError::TlsDelay,
        StrategyError::TlsDelayAlone,
        StrategyError::Ech,
        StrategyError::EchNeedsResolver,
        StrategyError::NameEmpty,
        StrategyError::NameTooLong,
        StrategyError::NameControl,
    ]
}

pub(crate) fn imports() -> Vec<ImportError> {
    vec![
        ImportError::Strategy(StrategyError::Empty),
        ImportError::NotUnderstood,
        ImportError::NoKind,
        ImportError::OtherText,
        ImportError::Several,
        ImportError::WebPage,
        ImportError::TelegramOnly,
        ImportError::TelegramField { field: "port" },
        ImportError::TooManyLines,
        ImportError::TooManyBytes,
    ]
}

pub(crate) fn addresses_by_hand() -> Vec<OverrideError> {
    vec![
        OverrideError::Form(text()),
        OverrideError::Host(text()),
        OverrideError::Port(text()),
        OverrideError::Address(text()),
    ]
}

pub(crate) fn vk_configs() -> Vec<VkConfigError> {
    vec![VkConfigError::Base, VkConfigError::Scheme, VkConfigError::Plain, VkConfigError::Token]
}

pub(crate) fn roots() -> Vec<RootsError> {
    vec![RootsError::NoCertificate, RootsError::BadCertificate { number: 2 }]
}

pub(crate) fn links() -> Vec<HomeError> {
    vec![
        HomeError::NoAddress,
        HomeError::Scheme,
        HomeError::TooLong,
        HomeError::Credentials,
        HomeError::Port,
        HomeError::NoCommunity,
        HomeError::Person,
        HomeError::Platform,
        HomeError::Name,
        HomeError::NoChannel,
        HomeError::PrivateLink,
        HomeError::TelegramPage,
        HomeError::ChannelName,
    ]
}

pub(crate) fn fetches() -> Vec<FetchError> {
    let mut all = vec![
        FetchError::Unreached { finding: None },
        FetchError::Plan(PlanError::NoStrategy),
        FetchError::Plan(PlanError::AdviceForbidsAll),
        FetchError::Plan(PlanError::OnThisDevice),
        FetchError::Plan(PlanError::OnionNeedsTor),
        FetchError::Plan(PlanError::ExposureForbidsAll { exposure: Exposure::Tor }),
        FetchError::TooManyRedirects(0),
        FetchError::TooManyRedirects(10),
        FetchError::Upload(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from("a file that is gone"))),
        FetchError::ExposureRaised,
        FetchError::Url,
    ];
    all.extend(redirects().into_iter().map(FetchError::Redirect));
    all
}

fn stated(code: i64) -> PlatformMessage {
    PlatformMessage::new(vk(), &message()).with_code(code)
}

pub(crate) fn sources() -> Vec<SourceError> {
    vec![
        SourceError::NoToken { platform: vk(), issued_at: None },
        SourceError::NoToken { platform: vk(), issued_at: "https://tokens.example/new".parse().ok() },
        SourceError::TokenNamesReader(vk()),
        SourceError::TokenRefused { other_address: true, stated: stated(5) },
        SourceError::TokenRefused { other_address: false, stated: stated(5) },
        SourceError::Throttled(stated(6)),
        SourceError::Denied(stated(15)),
        SourceError::Gone(stated(18)),
        SourceError::Absent(vk()),
        SourceError::Restricted { platform: vk(), restriction: Box::new(Restriction::new("withheld", "VK")) },
        SourceError::Stated(PlatformMessage::new("Board", &message())),
        SourceError::UserRefused(stated(37)),
        SourceError::AppRefused(stated(2)),
        SourceError::Stated(stated(4242)),
        SourceError::Platform(stated(10)),
        SourceError::Request(stated(100)),
        SourceError::Answer(vk()),
        SourceError::NoFeed(vk()),
        SourceError::NoPreview(vk()),
        SourceError::NotGenuine { platform: vk(), fault: NotGenuine::new(HeadError::Rollback) },
        SourceError::Unreached(FetchError::Unreached { finding: None }),
        SourceError::Panicked,
        SourceError::Unsupported,
    ]
}

pub(crate) fn key_files() -> Vec<KeyFileError> {
    vec![
        KeyFileError::Absent,
        KeyFileError::Exists,
        KeyFileError::Served,
        KeyFileError::NotPlain,
        KeyFileError::OpenToOthers,
        KeyFileError::NoKey,
        KeyFileError::WrongPassphrase,
        KeyFileError::Damaged,
        KeyFileError::WorkFactor { log_n: 30, most: 18 },
        KeyFileError::Empty,
        KeyFileError::NoText,
        KeyFileError::NoRandomness,
        std::io::Error::from(std::io::ErrorKind::PermissionDenied).into(),
    ]
}

pub(crate) fn keys() -> Vec<KeyError> {
    let own = KeyError::new("the device was not unlocked yet");
    key_files().into_iter().map(KeyError::File).chain([own]).collect()
}

pub(crate) fn stores() -> Vec<StoreError> {
    vec![
        StoreError::Locked,
        StoreError::Suspended,
        StoreError::Busy,
        StoreError::AlreadyOpen,
        StoreError::NoKey(KeyError::new("the device was not unlocked yet")),
        StoreError::WrongKey,
        StoreError::Corrupt { file: "store.db" },
        StoreError::Missing { file: "store.db" },
        StoreError::Link { file: "" },
        StoreError::Link { file: "store.db" },
        StoreError::Newer { found: 2, known: 1 },
        StoreError::Full { limit: 1 },
        StoreError::DiskFull,
        StoreError::Cursor,
        StoreError::Item,
        std::io::Error::from(std::io::ErrorKind::NotFound).into(),
        StoreError::Fault { code: 1 },
    ]
}

pub(crate) fn redirects() -> Vec<RedirectError> {
    vec![
        RedirectError::Location,
        RedirectError::TwoLocations,
        RedirectError::Scheme,
        RedirectError::PrivateAddress,
        RedirectError::Downgrade,
        RedirectError::Exposure,
        RedirectError::Body,
    ]
}

pub(crate) fn streams() -> Vec<StreamError> {
    vec![
        StreamError::Broken(Failure::new(Stage::Progress, Cause::Reset)),
        StreamError::Changed,
        StreamError::ExposureRaised,
    ]
}

pub(crate) fn plans() -> Vec<PlanError> {
    vec![
        PlanError::NoStrategy,
        PlanError::AdviceForbidsAll,
        PlanError::OnThisDevice,
        PlanError::OnionNeedsTor,
        PlanError::ExposureForbidsAll { exposure: Exposure::Tor },
    ]
}

pub(crate) fn ids() -> Vec<IdError> {
    vec![IdError::Empty, IdError::TooLong, IdError::Character]
}

pub(crate) fn destinations() -> Vec<DestinationError> {
    vec![DestinationError::Host, DestinationError::Port, DestinationError::NoPort, DestinationError::Colons]
}

pub(crate) fn fingerprints() -> Vec<FingerprintsError> {
    vec![
        FingerprintsError::TooLong,
        FingerprintsError::TooManyRows,
        FingerprintsError::Quoting { row: 2 },
        FingerprintsError::Column { column: "scope" },
    ]
}

pub(crate) fn rows() -> Vec<RowFault> {
    vec![
        RowFault::Short,
        RowFault::Regexp,
        RowFault::PatternType,
        RowFault::Pattern,
        RowFault::Location,
        RowFault::Scope,
    ]
}

pub(crate) fn chains() -> Vec<ChainError> {
    vec![
        ChainError::OtherCommunity,
        ChainError::Gap,
        ChainError::OtherPrevious,
        ChainError::Unsigned,
        ChainError::NotApproved,
        ChainError::IssuedEarlier,
        ChainError::CopyChanged,
        ChainError::TooLong,
        ChainError::RecoveryVoid,
        ChainError::Frozen,
        ChainError::Disputed,
    ]
}

pub(crate) fn notes() -> Vec<SourceNote> {
    let unread = || -> Vec<Arc<SourceError>> { sources().into_iter().map(Arc::new).collect() };
    let mut notes = vec![
        SourceNote::CommunityPart { platform: vk() },
        SourceNote::UnknownState { state: message(), platform: vk() },
        SourceNote::ErrorBeside { platform_code: 15, message: message(), platform: vk() },
        SourceNote::PostsNoList { platform: vk() },
        SourceNote::PostsMissing { announced: 500, given: 0, platform: vk() },
        SourceNote::PostsMissing { announced: 1, given: 7, platform: vk() },
        SourceNote::PostsOdd { count: 1 },
        SourceNote::PostsTorn { count: 3 },
        SourceNote::MonthsUnread { count: 1 },
        SourceNote::MonthsUnread { count: 3 },
        SourceNote::FilesUnread { count: 1 },
        SourceNote::FilesUnread { count: 3 },
        SourceNote::OlderThanKnown,
        SourceNote::FilesNotAsSigned { names: vec!["events-2026-11.jsonl".to_owned(), "newest.jsonl".to_owned()] },
        SourceNote::PostsCut { count: 10_000 },
        SourceNote::DeletionsCut { count: 3 },
        SourceNote::PicturesAbsent { count: 1 },
        SourceNote::PicturesAbsent { count: 12 },
        SourceNote::BreaksOff,
        SourceNote::EventsCut { count: 10_000 },
        SourceNote::PostsWithheld { count: 1, platform: vk() },
        SourceNote::PostsWithheld { count: 12, platform: vk() },
        SourceNote::EventsAbsent { platform: vk() },
        SourceNote::AddressAbsent { platform: vk() },
        SourceNote::EventsOdd { count: 1 },
        SourceNote::EventsOdd { count: 22 },
        SourceNote::EventsWithoutZone { count: 1 },
        SourceNote::EventsWithoutZone { count: 12 },
        SourceNote::Found { formats: WebFormat::ALL.to_vec() },
        SourceNote::Unchanged { formats: WebFormat::ALL.to_vec() },
        SourceNote::FeedsElsewhere { count: 1 },
        SourceNote::FeedsElsewhere { count: 22 },
        SourceNote::Labelled { label: "SCAM".to_owned(), platform: vk() },
        SourceNote::NotGenuine { fault: NotGenuine::new(HeadError::Rollback) },
    ];
    let link = format!("byway:{}?key=0011223344556677aabb", "a".repeat(64)).parse();
    notes.extend(link.ok().map(|link| SourceNote::SignedHere { link }));
    notes.extend(
        unread().into_iter().flat_map(|error| {
            [true, false].map(|closed| SourceNote::PostsUnread { closed, error: Arc::clone(&error) })
        }),
    );
    let reasons = vec![
        TrustReason::TwoCharters { version: 2 },
        TrustReason::TwoHeads { sequence: 2 },
        TrustReason::Frozen { after: Timestamp::UNIX_EPOCH },
        TrustReason::Recovering { until: Timestamp::UNIX_EPOCH },
        TrustReason::CharterExpired { at: Timestamp::UNIX_EPOCH },
        TrustReason::HeadExpired { at: Timestamp::UNIX_EPOCH },
        TrustReason::NoHead,
        TrustReason::ClockBehind { newest: Timestamp::UNIX_EPOCH },
        TrustReason::FilesUnread,
    ];
    let signed = |state, copied_by| SourceNote::Signed(Trust { state, reasons: reasons.clone(), copied_by });
    notes.extend(TrustState::ALL.iter().map(|state| signed(*state, None)));
    notes.push(signed(TrustState::Copied, Some("Anna".to_owned())));
    notes.extend(unread().into_iter().map(|error| SourceNote::EventsUnread { error }));
    notes.extend(unread().into_iter().map(|error| SourceNote::AddressUnread { error }));
    notes
}
