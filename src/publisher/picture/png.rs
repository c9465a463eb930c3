//! PNG (third edition): the chunks without which a picture is not shown, with pixels that are written anew.

use super::orientation::Orientation;
use super::palette::Palette;
use super::parts::{Cleaned, Fault, MAX_PIXELS, MAX_SIDE, Size};
use super::pixels::Layout;

pub(super) fn clean(bytes: &[u8]) -> Result<Cleaned, Fault> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(Fault::Damaged)?;
    let mut parts = Parts { header: None, palette: None, transparency: None, data: Vec::new() };
    let mut orientation = Orientation::UPRIGHT;
    loop {
        let length: [u8; 4] = rest.get(..4).and_then(|length| length.try_into().ok()).ok_or(Fault::Damaged)?;
        let end = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_add(8));
        let end = end.ok_or(Fault::Damaged)?;
        // The length, the name, the content and a checksum.
        let whole = end.checked_add(4).and_then(|end| rest.get(..end)).ok_or(Fault::Damaged)?;
        let (name, body) = (whole.get(4..8).ok_or(Fault::Damaged)?, whole.get(8..end).ok_or(Fault::Damaged)?);
        if (name == b"IHDR") != parts.header.is_none() {
            return Err(Fault::Damaged);
        }
        match name {
            b"IHDR" => parts.header = Some(body),
            b"IEND" if body.is_empty() => break,
            b"IEND" => return Err(Fault::Damaged),
            // A moving one: the picture that is not shown while it moves could be another one.
            b"acTL" | b"fcTL" | b"fdAT" => return Err(Fault::Unknown),
            b"PLTE" if parts.palette.replace(body).is_some() => return Err(Fault::Damaged),
            b"tRNS" if parts.transparency.replace(body).is_some() => return Err(Fault::Damaged),
            b"IDAT" => parts.data.extend_from_slice(body),
            b"eXIf" => orientation = Orientation::of_exif(body),
            _ => {}
        }
        rest = rest.get(whole.len()..).unwrap_or_default();
    }
    parts.written(orientation)
}

/// What is shown of a PNG, as it is read.
struct Parts<'a> {
    header: Option<&'a [u8]>,
    palette: Option<&'a [u8]>,
    transparency: Option<&'a [u8]>,
    data: Vec<u8>,
}

impl Parts<'_> {
    /// Colour spaces are left out too: some name the display of their maker.
    fn written(self, orientation: Orientation) -> Result<Cleaned, Fault> {
        let header = self.header.ok_or(Fault::Damaged)?;
        let layout = Layout::of_header(header)?;
        let size = Size { width: layout.width, height: layout.height };
        // Before anything is unpacked: the memory for it is some rows, and a row could be as long as a picture.
        if size.width > MAX_SIDE || size.height > MAX_SIDE {
            return Err(Fault::TooLongSide);
        }
        if size.pixels() > MAX_PIXELS {
            return Err(Fault::TooManyPixels);
        }
        if self.data.is_empty() {
            return Err(Fault::Damaged);
        }
        let alphas = self.transparency.unwrap_or_default();
        let palette = self.palette.filter(|_| layout.has_palette()).map(|colours| Palette::read(colours, alphas));
        let mut palette = palette.transpose()?;
        let data = layout.rewritten(&self.data, palette.as_mut())?;
        let mut out = SIGNATURE.to_vec();
        push(&mut out, *b"IHDR", header);
        // Exif stands before the pixels.
        if let Some(tiff) = orientation.to_exif() {
            push(&mut out, *b"eXIf", &tiff);
        }
        if let Some(palette) = palette {
            let (colours, alphas) = palette.written();
            push(&mut out, *b"PLTE", &colours);
            if !alphas.is_empty() {
                push(&mut out, *b"tRNS", &alphas);
            }
        } else if let Some(colour) = self.transparency
            && let Some(bytes) = layout.transparent_colour_bytes()
        {
            let mut colour = colour.to_vec();
            if colour.len() != bytes {
                return Err(Fault::Damaged);
            }
            layout.clear_unused_bits(&mut colour);
            push(&mut out, *b"tRNS", &colour);
        }
        push(&mut out, *b"IDAT", &data);
        push(&mut out, *b"IEND", &[]);
        Ok(Cleaned { bytes: out, size, orientation })
    }
}

fn push(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let mut checksum = flate2::Crc::new();
    checksum.update(&name);
    checksum.update(body);
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&name);
    out.extend_from_slice(body);
    out.extend_from_slice(&checksum.sum().to_be_bytes());
}

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
