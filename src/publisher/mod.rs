//! What an admin or a reader hands on: a link as a QR code. Built with the feature `publisher`.

mod qr;

pub use qr::{QrCode, TooLongForQr};
