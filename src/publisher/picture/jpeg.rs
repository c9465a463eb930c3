//! JPEG (ITU-T T.81): the segments up to the end of the picture.
//!
//! Kept are the tables, the frame, and the scans. A JFIF header and Adobe's marker, which say how colours are coded, are written
//! anew. Crates for segments of JPEG keep what stands between scans and after the end; so the segments are walked here.

use super::orientation::Orientation;
use super::parts::{Cleaned, Fault, Size};

pub(super) fn clean(bytes: &[u8]) -> Result<Cleaned, Fault> {
    let mut at = 2;
    let mut kept: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut orientation = None;
    let (mut is_jfif, mut adobe, mut size, mut has_scan) = (false, None, None, false);
    loop {
        let marker = marker(bytes, &mut at)?;
        if marker == EOI {
            break;
        }
        let body = segment(bytes, &mut at)?;
        match marker {
            APP0 if body.starts_with(b"JFIF\0") => is_jfif = true,
            APP1 => {
                if let Some(tiff) = body.strip_prefix(EXIF) {
                    orientation = orientation.or(Some(Orientation::of_exif(tiff)));
                }
            }
            APP14 if body.starts_with(b"Adobe") => adobe = body.get(11).copied().or(adobe),
            0xe0..=0xef | COM => {}
            DQT if !is_quantisation(body) => return Err(Fault::Damaged),
            DHT if !is_huffman(body) => return Err(Fault::Damaged),
            DRI if body.len() != 2 => return Err(Fault::Damaged),
            DQT | DHT | DRI => push(&mut kept, marker, body),
            SOF0..=SOF2 => {
                if size.replace(frame(body)?).is_some() {
                    return Err(Fault::Damaged);
                }
                push(&mut kept, marker, body);
            }
            SOS => {
                let components = body.first().map_or(0, |count| usize::from(*count));
                if size.is_none() || body.len() != 4 + 2 * components {
                    return Err(Fault::Damaged);
                }
                push(&mut kept, marker, body);
                let end = end_of_scan(bytes, at)?;
                kept.extend_from_slice(bytes.get(at..end).ok_or(Fault::Damaged)?);
                (at, has_scan) = (end, true);
            }
            // Lossless, hierarchical and arithmetic coding, which no browser shows.
            _ => return Err(Fault::Unknown),
        }
    }
    let size = size.filter(|_| has_scan).ok_or(Fault::Damaged)?;
    let orientation = orientation.unwrap_or(Orientation::UPRIGHT);
    let mut out = vec![0xff, SOI];
    if is_jfif {
        push(&mut out, APP0, JFIF);
    }
    if let Some(tiff) = orientation.to_exif() {
        push(&mut out, APP1, &[EXIF, &tiff].concat());
    }
    if let Some(transform) = adobe {
        push(&mut out, APP14, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat());
    }
    out.extend_from_slice(&kept);
    out.extend_from_slice(&[0xff, EOI]);
    Ok(Cleaned { bytes: out, size, orientation })
}

/// The next marker. Before it any number of 0xff may stand (section B.1.1.2).
fn marker(bytes: &[u8], at: &mut usize) -> Result<u8, Fault> {
    let mut next = || {
        let byte = bytes.get(*at).copied().ok_or(Fault::Damaged);
        *at += 1;
        byte
    };
    if next()? != 0xff {
        return Err(Fault::Damaged);
    }
    loop {
        match next()? {
            0xff => {}
            marker => return Ok(marker),
        }
    }
}

/// The content of a segment, after its length.
fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Result<&'a [u8], Fault> {
    let length: [u8; 2] = bytes.get(*at..*at + 2).and_then(|length| length.try_into().ok()).ok_or(Fault::Damaged)?;
    let end = *at + usize::from(u16::from_be_bytes(length));
    let body = bytes.get(*at + 2..end).ok_or(Fault::Damaged)?;
    *at = end;
    Ok(body)
}

/// Where the entropy-coded data ends: before a marker that does not belong to it.
fn end_of_scan(bytes: &[u8], from: usize) -> Result<usize, Fault> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).ok_or(Fault::Damaged)?;
        at += rest.iter().position(|byte| *byte == 0xff).ok_or(Fault::Damaged)?;
        match bytes.get(at + 1) {
            None => return Err(Fault::Damaged),
            Some(0 | RST0..=RST7) => at += 2,
            Some(_) => return Ok(at),
        }
    }
}

/// The size in a frame's header (section B.2.2). A height that a later segment states is not shown by browsers either.
fn frame(body: &[u8]) -> Result<Size, Fault> {
    let [_, h1, h2, w1, w2, components, ..] = *body else { return Err(Fault::Damaged) };
    let (width, height) = (u16::from_be_bytes([w1, w2]), u16::from_be_bytes([h1, h2]));
    if width == 0 || height == 0 || body.len() != 6 + 3 * usize::from(components) {
        return Err(Fault::Damaged);
    }
    Ok(Size { width: width.into(), height: height.into() })
}

/// Whether a segment is tables of quantisation (section B.2.4.1) and nothing else.
fn is_quantisation(mut body: &[u8]) -> bool {
    while let Some(first) = body.first() {
        let length = if first >> 4 == 0 { 65 } else { 129 };
        let Some(rest) = body.get(length..) else { return false };
        body = rest;
    }
    true
}

/// Whether a segment is Huffman tables (section B.2.4.2) and nothing else.
fn is_huffman(mut body: &[u8]) -> bool {
    while !body.is_empty() {
        let Some(counts) = body.get(1..17) else { return false };
        let codes: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let Some(rest) = body.get(17 + codes..) else { return false };
        body = rest;
    }
    true
}

fn push(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
}

/// Table B.1.
const SOF0: u8 = 0xc0;
const SOF2: u8 = 0xc2;
const DHT: u8 = 0xc4;
const RST0: u8 = 0xd0;
const RST7: u8 = 0xd7;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP14: u8 = 0xee;
const COM: u8 = 0xfe;

/// How Exif begins in a segment (CIPA DC-008, section 4.7.2).
const EXIF: &[u8] = b"Exif\0\0";

/// JFIF 1.02 with square pixels and no thumbnail.
const JFIF: &[u8] = b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0";
