//! The pixels of a PNG, written anew: what is shown, and nothing else that the compressed data can hold.
//!
//! A program that erases a part of a picture often makes it transparent alone: the colours are still there, and a viewer that ignores
//! transparency shows them. So they are removed. Rows beyond the height, bytes after the compressed data, bits after the last pixel of a
//! row and colours of a palette that no pixel has are not written, and a palette is put in another order (`palette`).

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::palette::Palette;
use super::parts::Fault;
use crate::signed::MAX_PICTURE_BYTES;

/// How the pixels of a PNG lie in its data (third edition, section 11.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The bits of a sample.
    depth: u8,
    colour: u8,
    is_interlaced: bool,
}

impl Layout {
    /// Reads the header.
    pub(super) fn of_header(body: &[u8]) -> Result<Self, Fault> {
        let [w1, w2, w3, w4, h1, h2, h3, h4, depth, colour, 0, 0, interlace] = *body else {
            return Err(Fault::Damaged);
        };
        let (width, height) = (u32::from_be_bytes([w1, w2, w3, w4]), u32::from_be_bytes([h1, h2, h3, h4]));
        let is_known = match colour {
            GREY => matches!(depth, 1 | 2 | 4 | 8 | 16),
            PALETTE => matches!(depth, 1 | 2 | 4 | 8),
            RGB | GREY_ALPHA | RGB_ALPHA => matches!(depth, 8 | 16),
            _ => false,
        };
        if width == 0 || height == 0 || !is_known || interlace > 1 {
            return Err(Fault::Damaged);
        }
        Ok(Self { width, height, depth, colour, is_interlaced: interlace == 1 })
    }

    pub(super) fn has_palette(self) -> bool {
        self.colour == PALETTE
    }

    /// How many bytes a colour has that stands for transparency. `None` if none can.
    pub(super) fn transparent_colour_bytes(self) -> Option<usize> {
        match self.colour {
            GREY => Some(2),
            RGB => Some(6),
            _ => None,
        }
    }

    /// Clears the bits of a transparent colour that are not compared with those of a pixel (section 11.3.1.1).
    pub(super) fn clear_unused_bits(self, colour: &mut [u8]) {
        for sample in colour.as_chunks_mut::<2>().0 {
            let kept = u32::from(u16::from_be_bytes(*sample)) & ((1 << self.depth) - 1);
            *sample = (kept as u16).to_be_bytes();
        }
    }

    /// Writes the pixels of this data anew, with the palette, if they have one. Nothing but the rows is read of it. It takes the memory of
    /// four rows beside what it returns.
    pub(super) fn rewritten(self, data: &[u8], mut palette: Option<&mut Palette>) -> Result<Vec<u8>, Fault> {
        let mut from = ZlibDecoder::new(data);
        let mut to = ZlibEncoder::new(Bounded(Vec::new()), Compression::default());
        for (width, height) in self.passes() {
            let bytes = self.row_bytes(width)?;
            let (mut row, mut above) = (vec![0; bytes], vec![0; bytes]);
            let (mut shown_above, mut filtered) = (vec![0; bytes], vec![0; bytes]);
            for _ in 0..height {
                let mut filter = [0];
                from.read_exact(&mut filter).map_err(|_| Fault::Damaged)?;
                from.read_exact(&mut row).map_err(|_| Fault::Damaged)?;
                unfilter(filter[0], &mut row, &above, self.step())?;
                above.copy_from_slice(&row);
                self.erase(&mut row, width);
                if self.has_palette() {
                    self.recolour(&mut row, width, palette.as_deref_mut().ok_or(Fault::Damaged)?)?;
                }
                let filter =
                    if self.depth < 8 || self.has_palette() { 0 } else { best(&row, &shown_above, self.step()) };
                apply(filter, &row, &shown_above, self.step(), &mut filtered);
                // Writing into memory fails only at its bound.
                to.write_all(&[filter]).and_then(|()| to.write_all(&filtered)).map_err(|_| Fault::TooLarge)?;
                shown_above.copy_from_slice(&row);
            }
        }
        Ok(to.finish().map_err(|_| Fault::TooLarge)?.0)
    }

    /// The size of each pass. A picture that is not interlaced has one (section 8.1).
    fn passes(self) -> impl Iterator<Item = (u32, u32)> {
        let whole: &[(u32, u32, u32, u32)] = if self.is_interlaced { &ADAM7 } else { &[(0, 0, 1, 1)] };
        let count = |length: u32, start: u32, step: u32| length.saturating_sub(start).div_ceil(step);
        let sizes = whole.iter().map(move |(x, y, dx, dy)| (count(self.width, *x, *dx), count(self.height, *y, *dy)));
        sizes.filter(|(width, height)| *width > 0 && *height > 0)
    }

    fn channels(self) -> usize {
        match self.colour {
            GREY_ALPHA => 2,
            RGB => 3,
            RGB_ALPHA => 4,
            _ => 1,
        }
    }

    /// The bytes from a sample to the one to which it is compared.
    fn step(self) -> usize {
        (self.channels() * usize::from(self.depth) / 8).max(1)
    }

    fn row_bytes(self, width: u32) -> Result<usize, Fault> {
        let bits = u64::from(width) * self.channels() as u64 * u64::from(self.depth);
        usize::try_from(bits.div_ceil(8)).map_err(|_| Fault::Damaged)
    }

    /// Removes the colours of pixels that are wholly transparent, and bits that belong to no pixel.
    fn erase(self, row: &mut [u8], width: u32) {
        if matches!(self.colour, GREY_ALPHA | RGB_ALPHA) {
            let alpha = usize::from(self.depth / 8);
            for pixel in row.chunks_exact_mut(self.step()) {
                if pixel.iter().rev().take(alpha).all(|byte| *byte == 0) {
                    pixel.fill(0);
                }
            }
        }
        let bits = u64::from(width) * self.channels() as u64 * u64::from(self.depth) % 8;
        if let Some(last) = row.last_mut().filter(|_| bits > 0) {
            *last &= !(0xff >> bits);
        }
    }

    /// Puts the new places of the colours into a row.
    fn recolour(self, row: &mut [u8], width: u32, palette: &mut Palette) -> Result<(), Fault> {
        let depth = u32::from(self.depth);
        let in_byte = 8 / depth;
        for x in 0..width {
            let byte = row.get_mut((x / in_byte) as usize).ok_or(Fault::Damaged)?;
            let (shift, mask) = (8 - depth * (x % in_byte + 1), ((1_u32 << depth) - 1) as u8);
            let moved = palette.moved(*byte >> shift & mask)?;
            *byte = *byte & !(mask << shift) | moved << shift;
        }
        Ok(())
    }
}

/// Memory for as much as a picture may have. Pixels that are packed well can be packed much worse after they are filtered anew.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.0.len() + bytes.len()) as u64 > MAX_PICTURE_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Undoes a filter (section 9.2).
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], step: usize) -> Result<(), Fault> {
    if filter > PAETH {
        return Err(Fault::Damaged);
    }
    for at in 0..row.len() {
        let predicted = predicted(filter, row, above, at, step);
        if let Some(byte) = row.get_mut(at) {
            *byte = byte.wrapping_add(predicted);
        }
    }
    Ok(())
}

fn apply(filter: u8, row: &[u8], above: &[u8], step: usize, out: &mut [u8]) {
    for (at, (out, byte)) in out.iter_mut().zip(row).enumerate() {
        *out = byte.wrapping_sub(predicted(filter, row, above, at, step));
    }
}

/// The filter that leaves the least (section 12.7).
fn best(row: &[u8], above: &[u8], step: usize) -> u8 {
    let left = |filter: &u8| -> u64 {
        let of = |(at, byte): (usize, &u8)| byte.wrapping_sub(predicted(*filter, row, above, at, step));
        row.iter().enumerate().map(of).map(|byte| u64::from((byte as i8).unsigned_abs())).sum()
    };
    [0, SUB, UP, PAETH].into_iter().min_by_key(left).unwrap_or_default()
}

fn predicted(filter: u8, row: &[u8], above: &[u8], at: usize, step: usize) -> u8 {
    let of = |row: &[u8], at: Option<usize>| at.and_then(|at| row.get(at)).copied().unwrap_or_default();
    let before = at.checked_sub(step);
    match filter {
        SUB => of(row, before),
        UP => of(above, Some(at)),
        AVERAGE => ((u16::from(of(row, before)) + u16::from(of(above, Some(at)))) / 2) as u8,
        PAETH => paeth(of(row, before), of(above, Some(at)), of(above, before)),
        _ => 0,
    }
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let near = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |byte: u8| (near - i16::from(byte)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const RGB_ALPHA: u8 = 6;

const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

/// The first column and row of each pass, and the steps between them (section 8.2).
const ADAM7: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
