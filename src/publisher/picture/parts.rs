//! What the readers of the formats answer.

use super::orientation::Orientation;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

/// What a format's reader makes of a file.
pub(super) struct Cleaned {
    pub(super) bytes: Vec<u8>,
    /// As the pixels lie in the file.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
}

/// A part of a picture that is not as its format says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It ends early, or contradicts itself.
    Damaged,
    /// It is of a kind that browsers do not show, or moves.
    Unknown,
}
