//! Byway reaches a group's page when it is blocked, says what is blocked and by whom, and keeps what was read on the
//! device.
//!
//! An app allows *strategies*: direct, through a proxy, through Tor ([`Strategy`], written as URLs). Byway races the
//! strategies that the community's *exposure* permits ([`Exposure`]: who may learn that it is read), judges the
//! responses, and returns the content and a verdict ([`Reachability`]). If nothing is reachable, it returns the stored
//! copy with its age. Byway contacts nothing else: no server of its own, no telemetry.
//!
//! # From nothing to an opened community
//!
//! ```
//! use byway::{Byway, Language};
//! # use byway::{Roots, StoreKey};
//!
//! # // The lab stands in for the internet: VK is cut off, and a Tor runs.
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let lab = byway_lab::Lab::new();
//! # let _ = lab.vk().token("token").community("works_council").post("We meet on Friday at six.");
//! # lab.censor().when_sni("vk.com").reset();
//! # lab.censor().when_sni("vk.ru").reset();
//! # lab.tor();
//! # let (token, key) = ("token", StoreKey::from_bytes([7; 32]));
//! # let directory = tempfile::tempdir()?;
//! # let data_dir = directory.path();
//! let byway = Byway::builder()
//!     .strategy("direct:".parse()?)
//!     .strategy("tor+socks5://127.0.0.1:9050".parse()?)
//!     .vk_token(token)
//!     .data_dir(data_dir, key)
//! #   .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?)
//! #   .net(lab.client())
//!     .build()
//!     .await?;
//! let opened = byway.open("vk.com/works_council").await?;
//! for post in &opened.posts {
//!     println!("{}", post.text);
//! }
//! println!("{}", opened.reachability.sentence(Language::En));
//! # assert!(opened.reachability.sentence(Language::En).contains("Read through Tor"));
//! # assert_eq!(opened.posts[0].text, "We meet on Friday at six.");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go next
//!
//! - [`Byway`] is the client: a handle that is cheap to clone. It opens, refreshes, lists, searches and syncs
//!   communities. It fetches single pages ([`Byway::get`]) and attachments, and previews whom an opening would contact
//!   ([`Byway::preview`]).
//! - [`Byway::changes`] is a stream of new content; [`Byway::engine_events`] is a stream of what the engine does.
//! - Every error has a kind for `match` ([`ErrorKind`]), a stable `code()`, and a `sentence(language)` for the user.
//!   Every enum has `code()`, and `ALL` if its variants carry no data.
//! - [`community`] is the model: communities, posts, events, restrictions. Plain data, without any network.
//! - [`source`] is for authors of a [`Source`](source::Source): a platform that Byway does not read by itself.
//! - [`net`] is for authors of a [`Net`](net::Net): a network other than the operating system's.
//! - `publisher` (feature of that name) is for what people hand on: a community as a web site, a link as a QR code.
//! - `copying` (feature `publisher`) reads a page and brings its copy in a folder to it, for readers who cannot reach the page.
//! - `upload` (feature of that name) publishes a signed community to a WebDAV folder, with `upload-s3` also to an S3 bucket.
//! - Feature `reqwest` (a default): [`Byway::reqwest`], a `reqwest` client that goes through Byway.
//!
//! A dropped future ends what it started. Any tokio runtime with time and I/O will do.
//!
//! # Other crates in signatures
//!
//! These types are part of the contract and re-exported under their names, so that an app uses the same versions:
//! [`bytes`], [`http`], [`jiff`] (every time is a [`jiff::Timestamp`]) and [`url`]. [`net`] also uses types of tokio,
//! the serialised forms use traits of serde, and the feature `reqwest` uses types of reqwest and reqwest-middleware.

#![cfg_attr(
    not(feature = "reqwest"),
    allow(dead_code, reason = "bodies that stream are read by the reqwest face alone")
)]
#![warn(unnameable_types)]
#![cfg_attr(not(feature = "internals"), allow(unreachable_pub, unused_imports))]

#[macro_use]
mod codes;

mod broadcast;
mod calendar;
mod client;
pub mod community;
#[cfg(feature = "publisher")]
pub mod copying;
mod errors;
mod exposure;
mod fetch;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod language;
pub mod net;
#[cfg(feature = "publisher")]
pub mod publisher;
mod reach;
mod sentences;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "no build but the tests' uses both its reading and its writing half")
)]
mod signed;
pub mod source;
mod store;
mod strategies;
#[cfg(feature = "tor")]
mod tor;
mod transport;
#[cfg(feature = "upload")]
pub mod upload;
mod wire;

pub use calendar::{icalendar, is_in_icalendar};
pub use client::{
    Access, Account, AccountAddress, AccountAnswer, AccountAttempt, AccountLookup, AccountStatement, AccountVerdict,
    Action, AttachmentError, AttachmentFault, AttachmentId, BuildError, Builder, Byway, FetchedFile, GetError,
    GetFault, GetOptions, GetResponse, HomeAccess, HomeLink, LinkError, MAX_ACCESSES, MAX_PACK_BYTES, Network,
    NetworkKind, Note, OpenError, OpenFault, OpenOptions, Opened, Opml, OpmlEntry, OpmlError, Preview, PreviewContact,
    PreviewHome, PreviewRoute, ProbeOptions, Reachability, ReadFrom, Redaction, RoutePack, SearchOptions, Standing,
    SyncLimits, SyncOutcome, Synced, SyncedCommunity, TakenBundle, attachments,
};
#[cfg(feature = "reqwest")]
pub use client::{ReachabilityExt, ReqwestBuilder, ReqwestEngine};
pub use errors::{ErrorDetails, ErrorKind};
pub use exposure::{Exposure, UnknownExposure};
pub use fetch::{FetchError, Limits, RedirectError, Response, StreamError, UrlError};
pub use language::Language;
pub use reach::{
    AddressVerdict, AnswerFault, Attempt, AttemptId, EngineEvent, EngineEventKind, EngineEvents, Finding, Fingerprints,
    FingerprintsError, Layer, LoadedFingerprints, Outcome, PageComparison, PageDigest, PageSimilarity, PlanError,
    RowFault, RuleId, SkippedRow, StartReason, Statement, Verdict, VerdictCode, Weights,
};
pub use sentences::Observer;
pub use signed::{
    BundleError, CommunityLink, CommunityLinkError, FolderError, KeyFingerprint, MAX_BUNDLE_BYTES, MAX_LINK_BYTES,
    MAX_LINK_MIRRORS, Move, MoveKind, RoutePackError, SignedId, SignedIdError,
};
pub use source::vk::{VkConfigError, VkToken};
pub use store::{
    Changed, Changes, Cursor, KeyError, KeyFile, KeyFileError, KeyProvider, ListPage, SealedKeyFile, SearchHit, Secret,
    Store, StoreChange, StoreChanges, StoreError, StoreKey, StoredCommunity, UpcomingEvent, UpcomingOptions,
};
pub use strategies::{ImportError, Imported, ImportedLine, MAX_IMPORT_BYTES, MAX_IMPORT_LINES, import_strategies};
#[cfg(feature = "tor")]
pub use tor::{TorNetwork, TorNetworkError};
pub use transport::{
    Cause, CertificateFault, Country, Destination, DestinationError, DnsServer, EchOutcome, Failure, LimitKind, Lookup,
    LookupAnswer, MAX_STRATEGY_BYTES, MessageFault, OnionKey, OnionKeyError, OverrideError, PlannedLookups, PolicyRule,
    Protocol, QueryType, Resolver, Stage, Strategy, StrategyError, TorProgress, TorStall, TorTransport,
    TorTransportError, parse_resolve_entry,
};
pub use wire::tls::{Roots, RootsError};
pub use {bytes, http, jiff, url};
