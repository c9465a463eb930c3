//! What an admin or a reader hands on: a community as a web site, a link as a QR code. Built with the feature `publisher`.

mod files;
mod qr;
mod site;

pub use files::FilesWritten;
pub use qr::{QrCode, TooLongForQr};
pub use site::{Site, SiteFile};
