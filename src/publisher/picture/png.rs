//! PNG (third edition): the chunks without which a picture is not shown, with pixels that are written anew.

use super::orientation::Orientation;
use super::parts::{Cleaned, Fault, MAX_PIXELS, Size};
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
        // Before anything is unpacked.
        if size.pixels() > MAX_PIXELS {
            return Err(Fault::TooManyPixels);
        }
        if self.data.is_empty() {
            return Err(Fault::Damaged);
        }
        let pixels = layout.rewritten(&self.data)?;
        let mut out = SIGNATURE.to_vec();
        push(&mut out, *b"IHDR", header);
        // Exif stands before the pixels.
        if let Some(tiff) = orientation.to_exif() {
            push(&mut out, *b"eXIf", &tiff);
        }
        if layout.has_palette() {
            let (colours, alphas) = self.palette_of(&pixels.used)?;
            push(&mut out, *b"PLTE", &colours);
            if !alphas.is_empty() {
                push(&mut out, *b"tRNS", &alphas);
            }
        } else if let Some(colour) = self.transparency
            && let Some(bytes) = layout.transparent_colour_bytes()
        {
            push(&mut out, *b"tRNS", Some(colour).filter(|colour| colour.len() == bytes).ok_or(Fault::Damaged)?);
        }
        push(&mut out, *b"IDAT", &pixels.data);
        push(&mut out, *b"IEND", &[]);
        Ok(Cleaned { bytes: out, size, orientation })
    }

    /// The palette and its transparency, without the colours that no pixel shows.
    fn palette_of(&self, used: &[bool; 256]) -> Result<(Vec<u8>, Vec<u8>), Fault> {
        let palette = self.palette.ok_or(Fault::Damaged)?;
        let (colours, odd) = palette.as_chunks::<3>();
        let alphas = self.transparency.unwrap_or_default();
        let is_whole = odd.is_empty() && (1..=256).contains(&colours.len()) && alphas.len() <= colours.len();
        let is_there = used.iter().skip(colours.len()).all(|used| !used);
        if !is_whole || !is_there {
            return Err(Fault::Damaged);
        }
        let is_shown = |(at, used): (usize, &bool)| *used && alphas.get(at) != Some(&0);
        let shown: Vec<bool> = used.iter().enumerate().map(is_shown).collect();
        let kept = colours.iter().zip(&shown).flat_map(|(colour, shown)| if *shown { *colour } else { [0; 3] });
        let alphas = alphas.iter().zip(used).map(|(alpha, used)| if *used { *alpha } else { 0 });
        Ok((kept.collect(), alphas.collect()))
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
