//! What an admin or a reader hands on: a signed community in a folder, a community as a web site, a link as a QR code. Built
//! with the feature `publisher`.

mod bundle;
mod charters;
mod clock;
mod community;
mod copy;
mod error;
mod files;
mod keys;
mod limits;
mod mirror;
mod qr;
mod redate;
#[cfg(feature = "upload")]
mod remote;
mod site;
mod tags;
mod target;
#[cfg(test)]
mod tests;

pub use bundle::bundle_of;
pub use community::{CopyOf, Publisher, Statement, link_of};
pub use copy::{CopiedItems, Original};
pub use error::{PublishError, Unfit};
pub use files::FilesWritten;
pub use keys::CommunityKeys;
pub use qr::{QrCode, TooLongForQr};
#[cfg(feature = "upload")]
pub(crate) use remote::{RemoteFile, RemoteWrite, Replaces, Wanted};
#[cfg(feature = "upload")]
pub use remote::{RemoteFolder, RemotePlan, RemoteScope};
pub use site::{Site, SiteFile};
