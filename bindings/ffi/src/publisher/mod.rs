//! The admin's side: a signed community in a folder on this device, its keys, its bundle, its link as a QR code.

mod calls;
mod cards;
mod copies;
mod handed_on;
mod key_files;
mod pictures;
mod proposals;
mod records;
mod stated;
mod uploads;

pub use calls::Publisher;
pub use cards::*;
pub use copies::*;
pub use handed_on::*;
pub use key_files::*;
pub(crate) use key_files::{opened_keys, secret};
pub use pictures::*;
pub use proposals::*;
pub(crate) use records::signed_link;
pub use records::*;
pub use stated::*;
pub use uploads::*;
