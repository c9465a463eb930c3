//! The pictures of posts, by the names of their files in a mirror.

use super::Digest;

/// `files/SHA256`
pub fn picture_file(digest: &Digest) -> String {
    format!("{PICTURES}/{digest}")
}

/// The digest in the name of a picture's file, if it is one.
pub fn picture_digest(file: &str) -> Option<Digest> {
    file.strip_prefix(PICTURES)?.strip_prefix('/')?.parse().ok()
}

/// The folder of the pictures in a mirror.
pub const PICTURES: &str = "files";

/// The largest picture. A photograph of a phone has 2 to 6 MB; over Tor 8 MiB take minutes.
pub const MAX_PICTURE_BYTES: u64 = 8 << 20;
