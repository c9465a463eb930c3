//! What a middlebox reads in the first bytes of a flow: the TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066).
//!
//! A ClientHello may be cut twice: into TCP segments, and into TLS records (RFC 8446 section 5.1). A cheap middlebox
//! reads only the first segment; a good one reassembles everything. [`Reassembler`] is the good one,
//! [`name_in_first_segment`] the cheap one. Between them are a middlebox that reassembles segments and reads one record
//! ([`name_in_first_record`]), and one that reassembles records and reads each segment by itself ([`name_in_segment`]).

/// The parts of a ClientHello that censors look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The server's name, lower case.
    pub name: Option<String>,
    /// The application protocols.
    pub alpn: Vec<String>,
    /// An Encrypted ClientHello extension is there (also the greased one).
    pub ech: bool,
}

/// What the bytes so far are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A ClientHello that is not complete yet.
    NeedMore,
    /// Not a ClientHello, and never will be one.
    NotTls,
    /// The whole ClientHello.
    Complete(ClientHello),
}

/// Puts a ClientHello together from the bytes of a flow, however they are cut.
#[derive(Clone, Debug, Default)]
pub struct Reassembler {
    bytes: Vec<u8>,
}

impl Reassembler {
    /// Takes the next bytes and says what all of them are.
    pub fn push(&mut self, bytes: &[u8]) -> Progress {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > LONGEST {
            return Progress::NotTls;
        }
        let Some((handshake, _)) = handshake_bytes(&self.bytes, usize::MAX) else { return Progress::NotTls };
        match handshake.as_slice() {
            [kind, ..] if *kind != CLIENT_HELLO => Progress::NotTls,
            [_, a, b, c, body @ ..] => match body.get(..u24(*a, *b, *c)) {
                Some(body) => Progress::Complete(read_hello(body)),
                None => Progress::NeedMore,
            },
            _ => Progress::NeedMore,
        }
    }
}

/// The server name as found by a middlebox that reads only the first TLS record of the first segment.
pub fn name_in_first_segment(segment: &[u8]) -> Option<String> {
    let (handshake, _) = handshake_bytes(segment, 1)?;
    match handshake.as_slice() {
        [CLIENT_HELLO, _, _, _, body @ ..] => read_hello(body).name,
        _ => None,
    }
}

/// The server name as found by a middlebox that reassembles TCP segments and reads only the first TLS record.
pub fn name_in_first_record(flow: &[u8]) -> Option<String> {
    name_in_first_segment(flow)
}

/// The server name as found by a middlebox that reads each TCP segment by itself, with all TLS records in it.
pub fn name_in_segment(segment: &[u8]) -> Option<String> {
    let (handshake, _) = handshake_bytes(segment, usize::MAX)?;
    match handshake.as_slice() {
        [CLIENT_HELLO, _, _, _, body @ ..] => read_hello(body).name,
        _ => None,
    }
}

/// The handshake bytes in up to `records` records, the last of which may be incomplete; `None` if these are not handshake bytes.
fn handshake_bytes(mut bytes: &[u8], records: usize) -> Option<(Vec<u8>, usize)> {
    let mut handshake = Vec::new();
    let mut seen = 0;
    while seen < records {
        match *bytes {
            [] => break,
            [kind, ..] if kind != HANDSHAKE_RECORD => {
                return (seen > 0 && complete(&handshake)).then_some((handshake, seen));
            }
            [_, major, ..] if major != 3 => return None,
            [_, _, _, high, low, ref rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length == 0 || length > LONGEST_RECORD {
                    return None;
                }
                let taken = length.min(rest.len());
                handshake.extend_from_slice(&rest[..taken]);
                bytes = &rest[taken..];
                seen += 1;
                if complete(&handshake) {
                    break;
                }
            }
            _ => break,
        }
    }
    Some((handshake, seen))
}

fn complete(handshake: &[u8]) -> bool {
    matches!(handshake, [_, a, b, c, body @ ..] if body.len() >= u24(*a, *b, *c))
}

/// Reads as much as is there: a middlebox that sees a cut ClientHello still reads a name before the cut.
fn read_hello(body: &[u8]) -> ClientHello {
    let mut hello = ClientHello::default();
    let _ = read_extensions(&mut Reader(body), &mut hello);
    hello
}

fn read_extensions(body: &mut Reader<'_>, hello: &mut ClientHello) -> Option<()> {
    body.take(2 + 32)?; // legacy_version, random
    let session = body.u8()?;
    body.take(session.into())?;
    let suites = body.u16()?;
    body.take(suites.into())?;
    let compressions = body.u8()?;
    body.take(compressions.into())?;
    body.u16()?; // the length of all extensions: their end is the end of the bytes
    loop {
        let kind = body.u16()?;
        let length = body.u16()?;
        let mut extension = Reader(body.take(length.into())?);
        match kind {
            SERVER_NAME => {
                extension.u16()?;
                if extension.u8()? == 0 {
                    let length = extension.u16()?;
                    let name = extension.take(length.into())?;
                    hello.name = Some(String::from_utf8_lossy(name).to_ascii_lowercase());
                }
            }
            ALPN => {
                extension.u16()?;
                while let Some(length) = extension.u8() {
                    let protocol = extension.take(length.into())?;
                    hello.alpn.push(String::from_utf8_lossy(protocol).into_owned());
                }
            }
            ENCRYPTED_CLIENT_HELLO => hello.ech = true,
            _ => {}
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }
}

fn u24(a: u8, b: u8, c: u8) -> usize {
    usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)
}

const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
/// RFC 9849 (ECH).
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
/// A plaintext record holds 2^14 bytes at most (RFC 8446 section 5.1).
const LONGEST_RECORD: usize = 1 << 14;
/// No ClientHello in use is nearly as long; a middlebox must stop somewhere.
const LONGEST: usize = 1 << 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::sync::Arc;

    use proptest::prelude::*;
    use tokio_rustls::rustls;

    use super::*;

    /// What rustls really sends: one record.
    fn real_hello(name: &str) -> Vec<u8> {
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
        let mut client = rustls::ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    /// Cuts the handshake message into records of these lengths (the rest in a last one).
    fn into_records(hello: &[u8], lengths: &[usize]) -> Vec<u8> {
        let mut message = &hello[5..];
        let mut out = Vec::new();
        for length in lengths.iter().copied().chain([usize::MAX]) {
            let (record, rest) = message.split_at(length.min(message.len()));
            if !record.is_empty() {
                out.extend_from_slice(&[22, 3, 1]);
                out.extend_from_slice(&u16::try_from(record.len()).unwrap().to_be_bytes());
                out.extend_from_slice(record);
            }
            message = rest;
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_hello_is_put_together_however_it_is_cut(
            records in proptest::collection::vec(1_usize..400, 0..8),
            segments in proptest::collection::vec(1_usize..300, 0..12),
        ) {
            let bytes = into_records(&real_hello("www.vk.com"), &records);
            let mut reassembler = Reassembler::default();
            let mut rest = bytes.as_slice();
            let mut last = Progress::NeedMore;
            for length in segments.into_iter().chain([usize::MAX]) {
                let (segment, more) = rest.split_at(length.min(rest.len()));
                rest = more;
                if segment.is_empty() { continue }
                prop_assert!(last == Progress::NeedMore);
                last = reassembler.push(segment);
            }
            let Progress::Complete(hello) = last else { panic!("{last:?}") };
            prop_assert_eq!(hello.name.as_deref(), Some("www.vk.com"));
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Reassembler::default().push(&bytes);
            let mut tls = vec![22, 3, 1, 2, 0, 1, 0, 1, 250];
            tls.extend(bytes);
            let _ = Reassembler::default().push(&tls);
            let _ = name_in_first_segment(&tls);
        }
    }

    #[test]
    fn a_first_segment_box_is_blind_to_a_name_that_was_cut() {
        let hello = real_hello("vk.com");
        assert_eq!(name_in_first_segment(&hello).as_deref(), Some("vk.com"));
        let at = hello.windows(6).position(|w| w == b"vk.com").unwrap();
        assert_eq!(name_in_first_segment(&hello[..at + 3]), None);
        assert_eq!(name_in_first_segment(&into_records(&hello, &[at - 5 + 3])), None);
    }

    #[test]
    fn http_is_not_tls() {
        assert_eq!(Reassembler::default().push(b"GET / HTTP/1.1\r\n"), Progress::NotTls);
    }
}
