use std::fmt::{self, Write as _};

use qrcode::types::QrError;
use qrcode::{Color, EcLevel};

use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::sentences;
use crate::signed::MAX_LINK_BYTES;

/// A QR code (ISO/IEC 18004), at error correction M: a seventh of it may be dirty or torn.
///
/// ```
/// use byway::publisher::QrCode;
///
/// let code = QrCode::of("https://vk.com/zavod#exposure=tor")?;
/// assert!(code.svg().starts_with("<svg "));
/// # Ok::<(), byway::publisher::TooLongForQr>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode {
    /// Modules a side, without the quiet zone.
    width: usize,
    /// The modules row by row; `true` is dark.
    modules: Vec<bool>,
}

impl QrCode {
    /// The code of a text: a link, which has at most 331 bytes.
    ///
    /// # Errors
    /// [`TooLongForQr`].
    pub fn of(text: &str) -> Result<Self, TooLongForQr> {
        if text.len() > MAX_LINK_BYTES {
            return Err(TooLongForQr);
        }
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_: QrError| TooLongForQr)?;
        let width = code.width();
        Ok(Self { width, modules: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// The number of modules a side, with the quiet zone.
    pub fn width(&self) -> usize {
        self.width + 2 * QUIET_ZONE
    }

    /// Returns `true` if the module in this column and row is dark. Both begin with the quiet zone.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.width);
        let (Some(column), Some(row)) = (inside(column), inside(row)) else { return false };
        self.modules.get(row * self.width + column).copied().unwrap_or_default()
    }

    /// As an SVG image, black on white in any colour scheme. It can be put into a web page or printed in any size.
    pub fn svg(&self) -> String {
        let width = self.width();
        let mut path = String::new();
        for row in 0..width {
            let mut column = 0;
            while column < width {
                let run = (column..width).take_while(|column| self.is_dark(*column, row)).count();
                if run > 0 {
                    let _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// As text for a terminal, two modules a character. `coloured` sets black on white by escape sequences, so that the
    /// code is right on any background. Without them the text is right where the background is dark.
    pub fn terminal(&self, coloured: bool) -> String {
        let mut out = String::new();
        for row in (0..self.width()).step_by(2) {
            out.push_str(if coloured { BLACK_ON_WHITE } else { "" });
            for column in 0..self.width() {
                let (upper, lower) = (self.is_dark(column, row), self.is_dark(column, row + 1));
                // Without colours a light module is drawn in the colour of the text, and a dark one is the background.
                let (upper, lower) = if coloured { (upper, lower) } else { (!upper, !lower) };
                out.push(match (upper, lower) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            out.push_str(if coloured { "\u{1b}[0m\n" } else { "\n" });
        }
        out
    }
}

impl fmt::Debug for QrCode {
    /// Redacted: it holds a link.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrCode(..)")
    }
}

/// The text has more than 331 bytes, so that its QR code would be too dense for a phone and too wide for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this link is longer than {MAX_LINK_BYTES} bytes, too long for a QR code that a phone reads")]
pub struct TooLongForQr;

impl TooLongForQr {
    /// The stable code.
    pub fn code(self) -> &'static str {
        "too_long_for_qr"
    }

    /// Why, in one plain sentence.
    pub fn sentence(self, language: Language) -> String {
        sentences::too_long_for_qr(language).to_owned()
    }
}

errors! {
    TooLongForQr: |_error| ErrorKind::Input;
}

/// Required around a code (section 9.1).
const QUIET_ZONE: usize = 4;

/// Colours 16 and 231 of 256, which no colour scheme redefines.
const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// What another library reads from a picture of `scale` pixels a module.
    fn read(code: &QrCode, is_dark: impl Fn(usize, usize) -> bool) -> String {
        const SCALE: usize = 4;
        let side = code.width() * SCALE;
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if is_dark(x / SCALE, y / SCALE) { 0 } else { 255 }
        });
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn another_library_reads_links_of_any_length() {
        for length in [0, 1, 40, 120, 200, 330, MAX_LINK_BYTES] {
            let text: String = "byway:0aF?&=/ #яЖ"
                .chars()
                .cycle()
                .scan(0, |bytes, c| {
                    *bytes += c.len_utf8();
                    (*bytes <= length).then_some(c)
                })
                .collect();
            let code = QrCode::of(&text).unwrap();
            assert!(code.width() <= 77, "a terminal has 80 columns");
            assert_eq!(read(&code, |x, y| code.is_dark(x, y)), text);
        }
        assert_eq!(QrCode::of(&"a".repeat(MAX_LINK_BYTES + 1)), Err(TooLongForQr));
    }

    #[test]
    fn a_terminal_shows_the_code_with_and_without_colour() {
        let code = QrCode::of("byway:one").unwrap();
        for coloured in [true, false] {
            let shown = code.terminal(coloured).replace(BLACK_ON_WHITE, "").replace("\u{1b}[0m", "");
            let rows: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
            let is_dark = |x: usize, y: usize| {
                let inked = match rows[y / 2][x] {
                    '█' => true,
                    '▀' => y.is_multiple_of(2),
                    '▄' => !y.is_multiple_of(2),
                    _ => false,
                };
                inked == coloured
            };
            assert_eq!(read(&code, is_dark), "byway:one");
        }
    }

    #[test]
    fn an_svg_draws_every_dark_module_once() {
        let code = QrCode::of("byway:one").unwrap();
        let svg = code.svg();
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut dark = std::collections::BTreeSet::new();
        for run in path.split_terminator('z') {
            let (column, rest) = run.strip_prefix('M').unwrap().split_once(' ').unwrap();
            let (row, rest) = rest.split_once('h').unwrap();
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            let column: usize = column.parse().unwrap();
            for column in column..column + length {
                assert!(dark.insert((column, row.parse::<usize>().unwrap())));
            }
        }
        assert_eq!(read(&code, |x, y| dark.contains(&(x, y))), "byway:one");
    }
}
