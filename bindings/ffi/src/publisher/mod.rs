//! The admin's side: a signed community in a folder on this device, its keys, its bundle, its link as a QR code.

mod calls;
mod handed_on;
mod records;

pub use calls::Publisher;
pub use handed_on::*;
pub use records::*;
