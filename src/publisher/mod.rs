//! What an admin or a reader hands on: a signed community in a folder, a community as a web site, a link as a QR code. Built
//! with the feature `publisher`.

#[cfg(test)]
mod admin_tests;
mod approvals;
mod attached;
mod broken_off;
mod bundle;
mod card_error;
mod card_page;
mod cards;
mod charters;
mod clock;
mod community;
mod compared;
mod copy;
mod draft;
mod error;
mod files;
mod findings;
mod freezing;
mod frozen;
mod items;
mod key_changes;
mod keys;
#[cfg(test)]
mod kill_tests;
mod limits;
mod mirror;
mod months;
mod numbers;
#[cfg(test)]
mod odd_target_tests;
mod picture;
#[cfg(test)]
mod picture_tests;
mod proposal;
#[cfg(test)]
mod proposal_tests;
mod proposed;
mod qr;
mod redate;
#[cfg(feature = "upload")]
mod remote;
mod route_pack;
mod site;
mod state;
mod stated;
#[cfg(test)]
mod stated_tests;
mod statement;
mod stretches;
mod tags;
mod target;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thief_number_tests;
#[cfg(test)]
mod thief_tests;
mod waiting;

pub use approvals::Approvals;
pub use bundle::{BundlePictures, MadeBundle, bundle_of};
pub use card_error::CardError;
pub use cards::RecoveryCard;
pub use charters::place_recovery;
pub use community::{Publisher, link_of};
pub use copy::{CopiedItems, CopyKeys, Original, PostPictures, WantedPicture};
pub use error::{PublishError, Unfit};
pub use files::FilesWritten;
pub use freezing::place_freeze;
pub use key_changes::KeyChanges;
pub use keys::{CommunityKeys, PublicKeys};
pub use picture::{Picture, PictureKind};
pub use proposal::{MAX_PROPOSAL_BYTES, Proposal};
pub use qr::{QrCode, TooLongForQr};
#[cfg(feature = "upload")]
pub(crate) use remote::{RemoteContent, RemoteFile, RemoteVersion, RemoteWrite, Replaces, Wanted, is_of_site};
#[cfg(feature = "upload")]
pub use remote::{RemoteFolder, RemotePlan, RemoteScope};
pub use route_pack::route_pack;
pub use site::{Site, SiteFile, SitePictures};
pub use stated::{BannedKey, HostHint, StatedRestriction};
pub use statement::{CopyOf, Statement};
pub use waiting::WaitingRecovery;

pub use crate::store::served_folder;
