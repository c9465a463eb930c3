//! The start of a status line, as servers and proxies spell it.

/// Changes `http/1.1` and `HTTP/1.2` in place to a spelling that parsers accept (`HTTP/1.1` or `HTTP/1.0`), however the
/// bytes are split.
///
/// RFC 9112 section 2.3 has the name in upper case. By RFC 9110 section 2.5 a minor version above the reader's counts
/// as the reader's. Browsers and curl accept both.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spelling {
    /// The number of matched bytes of [`NAME`]. `None` after the version, or if it is another one.
    at: Option<usize>,
}

impl Spelling {
    /// The state at the start of a status line.
    pub(super) fn at_the_start() -> Self {
        Self { at: Some(0) }
    }

    /// Normalises the next bytes, as far as they belong to the version.
    pub(super) fn mend(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            let Some(at) = self.at else { return };
            self.at = match NAME.get(at) {
                // Parsers skip empty lines before the status line.
                Some(_) if at == 0 && matches!(byte, b'\r' | b'\n') => Some(0),
                Some(expected) if byte.eq_ignore_ascii_case(expected) => {
                    *byte = *expected;
                    Some(at + 1)
                }
                Some(_) => None,
                None => {
                    if matches!(byte, b'2'..=b'9') {
                        *byte = b'1';
                    }
                    None
                }
            };
        }
    }
}

/// The part before the minor version.
const NAME: &[u8] = b"HTTP/1.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_is_mended_however_it_is_cut() {
        let cases: &[(&str, &str)] = &[
            ("HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n"),
            ("http/1.1 200 ok\r\n", "HTTP/1.1 200 ok\r\n"),
            ("\r\nHttp/1.0 200\r\n", "\r\nHTTP/1.0 200\r\n"),
            ("HTTP/1.7 200 OK\r\n", "HTTP/1.1 200 OK\r\n"),
            ("HTTP/2.0 200 OK\r\n", "HTTP/2.0 200 OK\r\n"),
            ("ssh-2.0-http/1.1", "ssh-2.0-http/1.1"),
            ("<html>http/1.7", "<html>http/1.7"),
        ];
        for (came, expected) in cases {
            for piece in 1..=came.len() {
                let mut spelling = Spelling::at_the_start();
                let mut bytes = came.as_bytes().to_vec();
                bytes.chunks_mut(piece).for_each(|piece| spelling.mend(piece));
                assert_eq!(String::from_utf8_lossy(&bytes), *expected, "in pieces of {piece}");
            }
            let mut bytes = came.as_bytes().to_vec();
            Spelling::default().mend(&mut bytes);
            assert_eq!(bytes, came.as_bytes(), "no status line is expected there");
        }
    }
}
