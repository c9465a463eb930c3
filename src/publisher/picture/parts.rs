//! What the readers of the formats answer.

use super::orientation::Orientation;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Size {
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// More pixels than phones' cameras make by default. A phone needs 200 MB to show so many.
pub(super) const MAX_PIXELS: u64 = 50_000_000;

/// The most pixels of a side, as the header of a JPEG can state them. That of a WebP states fewer.
pub(super) const MAX_SIDE: u32 = 65_535;

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
    /// It has more pixels than are published.
    TooManyPixels,
    /// A side has more pixels than are published.
    TooLongSide,
    /// Written anew, it is larger than a picture may be.
    TooLarge,
    /// It is transparent, in a form that is not written anew here: what was erased could still be in it.
    Transparent,
}
