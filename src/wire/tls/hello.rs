//! Finds the host name in a ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3) as rustls writes it.
//!
//! The order of extensions is random in each connection, a post-quantum key share makes the message longer than a
//! segment, and a message may span several records. So the position of the name is parsed, never guessed. With ECH the
//! name in the clear is the outer one, in the same place (RFC 9849 section 6.1).
//!
//! The input is the output of our own TLS. It is parsed like a stranger's all the same: nothing here panics, and
//! invalid input is [`NotClientHello`].

use std::ops::Range;

/// The client's next message, as far as it has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flight {
    /// A record or a ClientHello is not complete yet.
    NeedMore,
    /// A ChangeCipherSpec of this many bytes. Middleboxes expect it (RFC 8446 appendix D.4), and it may precede the
    /// second ClientHello.
    ChangeCipherSpec(usize),
    /// A complete ClientHello, in its own records.
    Hello(Hello),
    /// Something else: no other ClientHello will follow.
    Other,
}

/// A ClientHello in its own records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    /// The handshake message: a header of four bytes, and the ClientHello.
    pub(super) message: Vec<u8>,
    /// The lengths of its record fragments.
    pub(super) fragments: Vec<usize>,
    /// The version in its first record.
    pub(super) version: [u8; 2],
    /// The position of the host name in the message, if it has one.
    pub(super) name: Option<Range<usize>>,
}

/// The bytes are not TLS records, or not a ClientHello where one must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotClientHello;

impl Flight {
    /// Parses the start of `bytes`, which is the start of a record.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, NotClientHello> {
        let mut rest = bytes;
        let mut hello = Hello { message: Vec::new(), fragments: Vec::new(), version: [3, 1], name: None };
        loop {
            let (kind, version, fragment, after) = match record(rest)? {
                Record::NeedMore => return Ok(Flight::NeedMore),
                Record::Whole { kind, version, fragment, after } => (kind, version, fragment, after),
            };
            match kind {
                HANDSHAKE => {}
                // Nothing may come between two fragments of one message (RFC 8446 section 5.1).
                _ if !hello.fragments.is_empty() => return Err(NotClientHello),
                CHANGE_CIPHER_SPEC => return Ok(Flight::ChangeCipherSpec(RECORD_HEADER + fragment.len())),
                _ => return Ok(Flight::Other),
            }
            if hello.fragments.is_empty() {
                if fragment.first() != Some(&CLIENT_HELLO) {
                    return Ok(Flight::Other);
                }
                hello.version = version;
            }
            hello.message.extend_from_slice(fragment);
            hello.fragments.push(fragment.len());
            rest = after;
            let [_, a, b, c, body @ ..] = hello.message.as_slice() else { continue };
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            match body.len() {
                come if come < length => {}
                come if come > length => return Err(NotClientHello),
                _ => {
                    hello.name = host_name(body)?.map(|name| name.start + MESSAGE_HEADER..name.end + MESSAGE_HEADER);
                    return Ok(Flight::Hello(hello));
                }
            }
        }
    }
}

impl Hello {
    /// The number of its bytes on the wire.
    pub(super) fn wire_length(&self) -> usize {
        self.fragments.len() * RECORD_HEADER + self.message.len()
    }
}

enum Record<'a> {
    NeedMore,
    Whole { kind: u8, version: [u8; 2], fragment: &'a [u8], after: &'a [u8] },
}

/// RFC 8446 section 5.1: type, version, length, fragment.
fn record(bytes: &[u8]) -> Result<Record<'_>, NotClientHello> {
    let [kind, major, minor, high, low, rest @ ..] = bytes else { return Ok(Record::NeedMore) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    if *major != 3 || length == 0 || length > LONGEST_FRAGMENT {
        return Err(NotClientHello);
    }
    Ok(match rest.split_at_checked(length) {
        Some((fragment, after)) => Record::Whole { kind: *kind, version: [*major, *minor], fragment, after },
        None => Record::NeedMore,
    })
}

/// The position of the host name in a ClientHello's server name extension.
fn host_name(body: &[u8]) -> Result<Option<Range<usize>>, NotClientHello> {
    let mut reader = Reader { bytes: body, at: 0 };
    reader.skip(2 + 32)?; // legacy_version, random
    let session = reader.u8()?;
    reader.skip(session)?;
    let suites = reader.u16()?;
    reader.skip(suites)?;
    let compressions = reader.u8()?;
    reader.skip(compressions)?;
    if reader.at == body.len() {
        return Ok(None); // TLS 1.2 allows a ClientHello without extensions (RFC 5246 section 7.4.1.2).
    }
    let extensions = reader.u16()?;
    if reader.at + extensions != body.len() {
        return Err(NotClientHello);
    }
    let mut name = None;
    while reader.at < body.len() {
        let kind = reader.u16()?;
        let length = reader.u16()?;
        let start = reader.at;
        reader.skip(length)?;
        if kind == SERVER_NAME {
            if name.is_some() {
                return Err(NotClientHello);
            }
            let mut list = Reader { bytes: body.get(..reader.at).ok_or(NotClientHello)?, at: start };
            let names = list.u16()?;
            if list.at + names != reader.at || list.u8()? != HOST_NAME {
                return Err(NotClientHello);
            }
            let length = list.u16()?;
            let start = list.at;
            list.skip(length)?;
            name = Some(start..list.at);
        }
    }
    Ok(name.filter(|name| !name.is_empty()))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn skip(&mut self, length: usize) -> Result<(), NotClientHello> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(NotClientHello)?;
        self.at = end;
        Ok(())
    }

    fn u8(&mut self) -> Result<usize, NotClientHello> {
        let byte = *self.bytes.get(self.at).ok_or(NotClientHello)?;
        self.at += 1;
        Ok(usize::from(byte))
    }

    fn u16(&mut self) -> Result<usize, NotClientHello> {
        Ok(self.u8()? << 8 | self.u8()?)
    }
}

/// Type, version and length of a record (RFC 8446 section 5.1).
pub(super) const RECORD_HEADER: usize = 5;
/// A plaintext record holds at most 2^14 bytes (RFC 8446 section 5.1).
pub(super) const LONGEST_FRAGMENT: usize = 1 << 14;
pub(super) const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER_SPEC: u8 = 20;
/// Type and length of a handshake message (RFC 8446 section 4).
const MESSAGE_HEADER: usize = 4;
const CLIENT_HELLO: u8 = 1;
/// RFC 6066 section 3: the extension, and the one kind of name in it.
const SERVER_NAME: usize = 0;
const HOST_NAME: usize = 0;

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use std::sync::Arc;

    use proptest::prelude::*;
    use tokio_rustls::rustls;

    use super::*;

    /// The first bytes that rustls writes for `name`, in one record.
    pub(crate) fn real_hello(name: &str) -> Vec<u8> {
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(super::super::provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let mut client = rustls::ClientConnection::new(Arc::new(config), name.to_owned().try_into().unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    /// The message of `hello` in records of these lengths, with the rest in a last record.
    pub(crate) fn in_records(hello: &[u8], lengths: &[usize]) -> Vec<u8> {
        let mut message = &hello[RECORD_HEADER..];
        let mut out = Vec::new();
        for length in lengths.iter().copied().chain([LONGEST_FRAGMENT]) {
            let (fragment, rest) = message.split_at(length.min(message.len()));
            if !fragment.is_empty() {
                out.extend([HANDSHAKE, 3, 1]);
                out.extend(u16::try_from(fragment.len()).unwrap().to_be_bytes());
                out.extend(fragment);
            }
            message = rest;
        }
        out
    }

    pub(crate) fn any_name() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-z][a-z0-9]{0,20}", 1..6).prop_map(|labels| labels.join("."))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        #[test]
        fn the_name_is_found_however_the_hello_lies_in_records(
            name in any_name(),
            lengths in proptest::collection::vec(1_usize..700, 0..6),
        ) {
            let bytes = in_records(&real_hello(&name), &lengths);
            let Ok(Flight::Hello(hello)) = Flight::read(&bytes) else { panic!("no hello") };
            prop_assert_eq!(&hello.message[hello.name.clone().unwrap()], name.as_bytes());
            prop_assert_eq!(hello.wire_length(), bytes.len());
            prop_assert_eq!(hello.fragments.iter().sum::<usize>(), hello.message.len());
            // Following bytes are not read.
            prop_assert_eq!(Flight::read(&[&bytes[..], &[23, 3, 3]].concat()), Ok(Flight::Hello(hello)));
        }

        #[test]
        fn any_part_of_a_hello_needs_more(name in any_name(), part in 0.0..1.0_f64) {
            let bytes = real_hello(&name);
            let cut = (bytes.len() as f64 * part) as usize;
            prop_assert_eq!(Flight::read(&bytes[..cut]), Ok(Flight::NeedMore));
        }

        #[test]
        fn a_damaged_hello_is_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = real_hello("www.example.org");
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = Flight::read(&bytes);
            let _ = Flight::read(&bytes[cut.index(bytes.len())..]);
        }

        #[test]
        fn garbage_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600), length in any::<u16>()) {
            let _ = Flight::read(&bytes);
            let _ = host_name(&bytes);
            let mut record = vec![HANDSHAKE, 3, 1];
            record.extend(length.to_be_bytes());
            record.extend([CLIENT_HELLO, 0]);
            record.extend(&bytes);
            let _ = Flight::read(&record);
        }
    }

    #[test]
    fn an_address_has_no_name_and_what_is_no_hello_is_told() {
        let Ok(Flight::Hello(hello)) = Flight::read(&real_hello("192.0.2.1")) else { panic!("no hello") };
        assert_eq!(hello.name, None);
        for (bytes, expected) in [
            (&[20, 3, 3, 0, 1, 1, 22][..], Ok(Flight::ChangeCipherSpec(6))),
            (&[23, 3, 3, 0, 1, 0], Ok(Flight::Other)),
            (&[21, 3, 3, 0, 2, 2, 40], Ok(Flight::Other)),
            (&[22, 3, 3, 0, 1, 16], Ok(Flight::Other)), // a ClientKeyExchange of TLS 1.2
            (&[22, 3, 3, 0, 1, 1], Ok(Flight::NeedMore)),
            (&[22, 3, 3, 0, 1, 1, 20, 3, 3, 0, 1, 1], Err(NotClientHello)),
            (&[22, 3, 3, 0, 0, 1], Err(NotClientHello)),
            (b"GET / HTTP/1.1\r\n", Err(NotClientHello)),
            (&[], Ok(Flight::NeedMore)),
        ] {
            assert_eq!(Flight::read(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_hello_that_we_send_is_longer_than_a_segment() {
        assert!(real_hello("www.example.org").len() > 1460);
    }
}
