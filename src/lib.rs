//! Byway keeps a group reachable when somebody blocks it.
//!
//! The rooms, and what each is for (arrows point down only):
//!
//! - [`client`]: the front door.
//! - [`source`]: where a community is read.
//! - [`http`]: HTTP as a user means it.
//! - [`reach`]: which route, and why not.
//! - [`strategies`]: what an app is given to allow, read out of pasted text.
//! - [`transport`]: how a stream to a name is made.
//! - [`wire`]: what is spoken over one stream.
//! - [`net`]: the leaf.
//! - [`community`]: what is reached, as plain data.
//! - [`store`]: what is kept on the device, sealed.
//! - [`sentences`]: every sentence a user may read, by language.

pub mod client;
pub mod community;
mod errors;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod net;
pub mod reach;
pub mod sentences;
pub mod source;
pub mod store;
pub mod strategies;
pub mod transport;
pub mod wire;

pub use client::{
    Access, Account, Action, AttachmentError, AttachmentFault, AttachmentId, BuildError, Builder, Byway, FetchedFile,
    GetError, GetFault, GetOptions, GetResponse, HomeLink, LinkError, Network, NetworkKind, Note, OpenError, OpenFault,
    OpenOptions, Opened, Preview, PreviewContact, PreviewRoute, ProbeOptions, Reachability, ReadFrom, Redaction,
    SyncLimits, SyncOutcome, Synced, UrlError, attachments,
};
#[cfg(feature = "reqwest")]
pub use client::{ReachabilityExt, ReqwestBuilder};
pub use errors::{ErrorDetails, ErrorKind};
