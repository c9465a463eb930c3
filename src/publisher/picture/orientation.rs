//! Which side of a picture is up: the one number of Exif that is kept, and the smallest Exif that holds it.

/// The value of Exif's `Orientation` (CIPA DC-008, tag 0x0112), 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// As the pixels lie in the file.
    pub(super) const UPRIGHT: Self = Self(1);

    /// Reads it from Exif's TIFF structure. What is damaged, or has no such number, is upright.
    pub(super) fn of_exif(tiff: &[u8]) -> Self {
        read(tiff).filter(|value| (1..=8).contains(value)).map_or(Self::UPRIGHT, Self)
    }

    /// Whether width and height change places.
    pub(super) fn is_turned(self) -> bool {
        self.0 >= 5
    }

    /// A TIFF structure with this number alone. `None` for a picture that is upright without it.
    pub(super) fn to_exif(self) -> Option<[u8; 26]> {
        let mut tiff = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
        tiff[18] = self.0;
        (self != Self::UPRIGHT).then_some(tiff)
    }
}

fn read(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at: usize| {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let four = |at: usize| {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let first = usize::try_from(four(4)?).ok()?;
    for entry in 0..usize::from(two(first)?) {
        let at = first.checked_add(2)?.checked_add(entry * ENTRY_BYTES)?;
        if two(at)? == ORIENTATION {
            let is_short = two(at.checked_add(2)?)? == SHORT && four(at.checked_add(4)?)? == 1;
            return two(at.checked_add(8)?).filter(|_| is_short).and_then(|value| u8::try_from(value).ok());
        }
    }
    None
}

/// TIFF 6.0, section 2: the tag, the type, the count, the value.
const ENTRY_BYTES: usize = 12;
const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
