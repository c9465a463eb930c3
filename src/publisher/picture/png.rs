//! PNG (third edition): the chunks without which a picture is not shown.

use super::orientation::Orientation;
use super::parts::{Cleaned, Fault, Size};

pub(super) fn clean(bytes: &[u8]) -> Result<Cleaned, Fault> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(Fault::Damaged)?;
    let mut kept: Vec<u8> = Vec::with_capacity(bytes.len());
    let (mut size, mut has_pixels, mut orientation) = (None, false, Orientation::UPRIGHT);
    loop {
        let length: [u8; 4] = rest.get(..4).and_then(|length| length.try_into().ok()).ok_or(Fault::Damaged)?;
        let end = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_add(8));
        let end = end.ok_or(Fault::Damaged)?;
        // The length, the name, the content and a checksum.
        let whole = end.checked_add(4).and_then(|end| rest.get(..end)).ok_or(Fault::Damaged)?;
        let (name, body) = (whole.get(4..8).ok_or(Fault::Damaged)?, whole.get(8..end).ok_or(Fault::Damaged)?);
        if (name == b"IHDR") != size.is_none() {
            return Err(Fault::Damaged);
        }
        match name {
            b"IHDR" => size = Some(header(body)?),
            b"IEND" if body.is_empty() => break,
            b"IEND" => return Err(Fault::Damaged),
            b"eXIf" => orientation = Orientation::of_exif(body),
            _ => {}
        }
        has_pixels |= name == b"IDAT";
        if KEPT.contains(&name) {
            kept.extend_from_slice(whole);
        }
        rest = rest.get(whole.len()..).unwrap_or_default();
    }
    let size = size.filter(|_| has_pixels).ok_or(Fault::Damaged)?;
    let mut out = SIGNATURE.to_vec();
    // The header comes first, and Exif before the pixels.
    let (head, body) = kept.split_at_checked(HEADER_CHUNK).ok_or(Fault::Damaged)?;
    out.extend_from_slice(head);
    if let Some(tiff) = orientation.to_exif() {
        push(&mut out, *b"eXIf", &tiff);
    }
    out.extend_from_slice(body);
    push(&mut out, *b"IEND", &[]);
    Ok(Cleaned { bytes: out, size, orientation })
}

fn header(body: &[u8]) -> Result<Size, Fault> {
    let [w1, w2, w3, w4, h1, h2, h3, h4, _, _, _, _, _] = *body else { return Err(Fault::Damaged) };
    let (width, height) = (u32::from_be_bytes([w1, w2, w3, w4]), u32::from_be_bytes([h1, h2, h3, h4]));
    if width == 0 || height == 0 { Err(Fault::Damaged) } else { Ok(Size { width, height }) }
}

fn push(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let checked = [name.as_slice(), body].concat();
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&checked);
    out.extend_from_slice(&checksum(&checked).to_be_bytes());
}

/// CRC-32 (Annex D), bit by bit: it covers some bytes alone.
fn checksum(bytes: &[u8]) -> u32 {
    let byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, byte)
}

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The header, the palette, transparency and pixels. Colour spaces are left out too: some name the display of their maker.
const KEPT: [&[u8]; 4] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT"];

/// The chunk of the header, whole.
const HEADER_CHUNK: usize = 25;
