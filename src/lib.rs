#![warn(unnameable_types)]
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub, unused_imports))]

//! Byway keeps a group reachable when somebody blocks it.
//!
//! The rooms, and what each is for (arrows point down only):
//!
//! - [`client`]: the front door.
//! - [`source`]: where a community is read.
//! - [`fetch`]: HTTP as a user means it.
//! - [`reach`]: which route, and why not.
//! - [`strategies`]: what an app is given to allow, read out of pasted text.
//! - [`transport`]: how a stream to a name is made.
//! - [`wire`]: what is spoken over one stream.
//! - [`net`]: the leaf.
//! - [`exposure`]: who may learn what is read.
//! - [`broadcast`]: values for listeners that nothing waits for.
//! - [`calendar`]: events for a calendar.
//! - [`community`]: what is reached, as plain data.
//! - [`store`]: what is kept on the device, sealed.
//! - [`sentences`]: every sentence a user may read, by language.

#[macro_use]
mod codes;

mod broadcast;
mod calendar;
mod client;
pub mod community;
mod errors;
mod exposure;
mod fetch;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
pub mod net;
mod reach;
mod sentences;
pub mod source;
mod store;
mod strategies;
mod transport;
mod wire;

pub use calendar::{icalendar, is_in_icalendar};
pub use client::{
    Access, Account, AccountAddress, AccountAnswer, AccountAttempt, AccountLookup, AccountStatement, AccountVerdict,
    Action, AttachmentError, AttachmentFault, AttachmentId, BuildError, Builder, Byway, FetchedFile, GetError,
    GetFault, GetOptions, GetResponse, HomeLink, LinkError, MAX_ACCESSES, Network, NetworkKind, Note, OpenError,
    OpenFault, OpenOptions, Opened, Preview, PreviewContact, PreviewRoute, ProbeOptions, Reachability, ReadFrom,
    Redaction, SearchOptions, SyncLimits, SyncOutcome, Synced, SyncedCommunity, UrlError, attachments,
};
#[cfg(feature = "reqwest")]
pub use client::{ReachabilityExt, ReqwestBuilder};
pub use errors::{ErrorDetails, ErrorKind};
pub use exposure::{Exposure, UnknownExposure};
pub use fetch::{FetchError, Limits, RedirectError, Response, StreamError};
pub use reach::{
    AddressVerdict, Attempt, AttemptId, EngineEvent, EngineEventKind, EngineEvents, Finding, Fingerprints,
    FingerprintsError, Layer, LoadedFingerprints, Outcome, PageComparison, PageDigest, PageSimilarity, PlanError,
    RowFault, RuleId, SkippedRow, StartReason, Statement, Verdict, VerdictCode, Weights,
};
pub use sentences::{Language, Observer};
pub use source::vk::{VkConfigError, VkToken};
pub use store::{
    Changed, Changes, Cursor, KeyError, KeyFile, KeyFileError, KeyProvider, ListPage, SealedKeyFile, SearchHit, Secret,
    Store, StoreChange, StoreChanges, StoreError, StoreKey, StoredCommunity, UpcomingEvent,
};
pub use strategies::{ImportError, Imported, ImportedLine, MAX_IMPORT_BYTES, MAX_IMPORT_LINES, import};
pub use transport::{
    Cause, CertificateFault, Country, Destination, DestinationError, DnsServer, EchOutcome, Failure, LimitKind, Lookup,
    LookupAnswer, MAX_STRATEGY_BYTES, MessageFault, OverrideError, Overrides, PlannedLookups, PolicyRule, Protocol,
    QueryType, Resolver, Stage, Strategy, StrategyError,
};
pub use wire::tls::{Roots, RootsError};
pub use {bytes, http, jiff, url};
