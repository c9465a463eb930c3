//! WebP (RFC 9649): the pixels of a still picture that is not transparent.

use super::orientation::Orientation;
use super::parts::{Cleaned, Fault, Size};

pub(super) fn clean(bytes: &[u8]) -> Result<Cleaned, Fault> {
    let length: [u8; 4] = bytes.get(4..8).and_then(|length| length.try_into().ok()).ok_or(Fault::Damaged)?;
    let end = usize::try_from(u32::from_le_bytes(length)).ok().and_then(|length| length.checked_add(8));
    // What follows the file that the header states is not looked at.
    let mut rest = end.and_then(|end| bytes.get(12..end)).ok_or(Fault::Damaged)?;
    let mut pixels = None;
    let mut orientation = Orientation::UPRIGHT;
    while !rest.is_empty() {
        let (name, body) = chunk(&mut rest)?;
        match name {
            b"VP8 " | b"VP8L" if pixels.replace((name, body)).is_some() => return Err(Fault::Damaged),
            b"ANIM" | b"ANMF" => return Err(Fault::Unknown),
            b"VP8X" if body.first().is_some_and(|flags| flags & TRANSPARENT != 0) => return Err(Fault::Transparent),
            b"ALPH" => return Err(Fault::Transparent),
            b"EXIF" => orientation = Orientation::of_exif(body.strip_prefix(b"Exif\0\0").unwrap_or(body)),
            _ => {}
        }
    }
    let (name, body) = pixels.ok_or(Fault::Damaged)?;
    let size = if name == b"VP8L" { lossless(body) } else { lossy(body) }.ok_or(Fault::Damaged)?;
    if name == b"VP8L" && has_alpha(body) {
        return Err(Fault::Transparent);
    }
    let exif = orientation.to_exif();
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    if exif.is_some() {
        let side = |length: u32| (length - 1).to_le_bytes();
        let (width, height) = (side(size.width), side(size.height));
        push(&mut out, b"VP8X", &[&[HAS_EXIF, 0, 0, 0], &width[..3], &height[..3]].concat());
    }
    push(&mut out, name, body);
    if let Some(tiff) = exif {
        push(&mut out, b"EXIF", &tiff);
    }
    let length = u32::try_from(out.len() - 8).unwrap_or(u32::MAX).to_le_bytes();
    out[4..8].copy_from_slice(&length);
    Ok(Cleaned { bytes: out, size, orientation })
}

fn chunk<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Fault> {
    let length: [u8; 4] = rest.get(4..8).and_then(|length| length.try_into().ok()).ok_or(Fault::Damaged)?;
    let end = usize::try_from(u32::from_le_bytes(length)).ok().and_then(|length| length.checked_add(8));
    let end = end.ok_or(Fault::Damaged)?;
    let (name, body) = (rest.get(..4).ok_or(Fault::Damaged)?, rest.get(8..end).ok_or(Fault::Damaged)?);
    // A chunk begins at an even place.
    *rest = rest.get(end + end % 2..).unwrap_or_default();
    Ok((name, body))
}

/// The size in the header of a lossy picture (RFC 6386, section 9.1).
fn lossy(body: &[u8]) -> Option<Size> {
    let [_, _, _, 0x9d, 0x01, 0x2a, w1, w2, h1, h2, ..] = *body else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    let size = Size { width: side(w1, w2), height: side(h1, h2) };
    (size.width > 0 && size.height > 0).then_some(size)
}

/// The size in the header of a lossless picture (RFC 9649, section 3.4).
fn lossless(body: &[u8]) -> Option<Size> {
    let [0x2f, b1, b2, b3, b4, ..] = *body else { return None };
    let bits = u32::from_le_bytes([b1, b2, b3, b4]);
    Some(Size { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 })
}

/// The hint in the header of a lossless picture that it has transparent pixels.
fn has_alpha(body: &[u8]) -> bool {
    body.get(4).is_some_and(|byte| byte & 0x10 != 0)
}

fn push(out: &mut Vec<u8>, name: &[u8], body: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// The flags of RFC 9649, section 2.7.1.
const TRANSPARENT: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
