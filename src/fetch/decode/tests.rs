#![allow(clippy::unwrap_used)]

#[cfg(feature = "brotli")]
use async_compression::tokio::write::BrotliEncoder;
#[cfg(feature = "zstd")]
use async_compression::tokio::write::ZstdEncoder;
use async_compression::tokio::write::{DeflateEncoder, GzipEncoder, ZlibEncoder};
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

use super::*;

const LIMIT: u64 = 1 << 20;

macro_rules! encode {
    ($encoder:ident, $plain:expr) => {{
        let mut encoder = $encoder::new(Vec::new());
        encoder.write_all($plain).now_or_never().unwrap().unwrap();
        encoder.shutdown().now_or_never().unwrap().unwrap();
        encoder.into_inner()
    }};
}

fn codings(plain: &[u8]) -> Vec<(&'static str, Coding, Vec<u8>)> {
    vec![
        ("identity", Coding::Identity, plain.to_vec()),
        ("gzip", Coding::Gzip, encode!(GzipEncoder, plain)),
        ("deflate, zlib", Coding::Deflate, encode!(ZlibEncoder, plain)),
        ("deflate, raw", Coding::Deflate, encode!(DeflateEncoder, plain)),
        #[cfg(feature = "brotli")]
        ("br", Coding::Brotli, encode!(BrotliEncoder, plain)),
        #[cfg(feature = "zstd")]
        ("zstd", Coding::Zstd, encode!(ZstdEncoder, plain)),
    ]
}

const ALL: &[Coding] = &[
    Coding::Gzip,
    Coding::Deflate,
    #[cfg(feature = "brotli")]
    Coding::Brotli,
    #[cfg(feature = "zstd")]
    Coding::Zstd,
];

fn only(outer: Coding) -> Codings {
    Codings { outer, ..Codings::NONE }
}

/// Pushes the pieces one by one, and returns the result.
fn decode<'a>(coding: Coding, pieces: impl IntoIterator<Item = &'a [u8]>, limit: u64) -> Result<Vec<u8>, Cause> {
    decode_all(only(coding), pieces, limit)
}

fn decode_all<'a>(codings: Codings, pieces: impl IntoIterator<Item = &'a [u8]>, limit: u64) -> Result<Vec<u8>, Cause> {
    let mut decoder = Decoder::new(codings);
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while decoder.step(&mut out, limit)? == Step::More {}
    }
    decoder.end();
    while decoder.step(&mut out, limit)? == Step::More {}
    assert_eq!(decoder.step(&mut out, limit)?, Step::Done);
    Ok(out)
}

proptest! {
    #[test]
    fn what_was_encoded_comes_back_however_it_is_cut(plain: Vec<u8>, piece in 1usize..40) {
        for (name, coding, encoded) in codings(&plain) {
            let decoded = decode(coding, encoded.chunks(piece), LIMIT);
            prop_assert_eq!(decoded, Ok(plain.clone()), "{}", name);
        }
    }

    #[test]
    fn noise_is_an_error_or_text_and_never_a_panic(noise: Vec<u8>, piece in 1usize..40) {
        for coding in ALL {
            let _ = decode(*coding, noise.chunks(piece), LIMIT);
        }
    }
}

#[test]
fn text_is_seen_before_the_body_is_complete() {
    let text: String = (0..20_000u32).map(|n| format!("{} ", n.wrapping_mul(2_654_435_761))).collect();
    for (name, coding, encoded) in codings(text.as_bytes()) {
        let mut decoder = Decoder::new(only(coding));
        let mut out = Vec::new();
        decoder.push(Bytes::copy_from_slice(&encoded[..encoded.len() - 8]));
        while decoder.step(&mut out, LIMIT).unwrap() == Step::More {}
        assert!(!out.is_empty(), "{name}");
    }
}

#[test]
fn a_bomb_ends_at_the_limit() {
    for (name, coding, encoded) in codings(&vec![0u8; 8 << 20]) {
        let ended = decode(coding, encoded.chunks(16 * 1024), LIMIT);
        assert_eq!(ended, Err(Cause::Limit { limit: LimitKind::DecodedBody }), "{name}");
    }
}

#[test]
fn a_body_cut_in_its_coding_is_malformed() {
    for (name, coding, encoded) in codings(b"The whole text, and nothing but the whole text.") {
        if coding == Coding::Identity {
            continue;
        }
        let cut = &encoded[..encoded.len() - 3];
        assert!(matches!(decode(coding, [cut], LIMIT), Err(Cause::Malformed { .. })), "{name}");
    }
}

#[test]
fn members_one_after_another_are_one_body() {
    for (name, coding, one) in codings(b"again ") {
        if name == "gzip" || name == "zstd" {
            let twice = [one.clone(), one].concat();
            assert_eq!(decode(coding, twice.chunks(5), LIMIT).unwrap(), b"again again ", "{name}");
        }
    }
}

#[test]
fn an_empty_body_is_empty_in_every_coding() {
    for coding in ALL.iter().chain([&Coding::Identity]) {
        assert_eq!(decode(*coding, [], LIMIT), Ok(Vec::new()));
    }
}

#[test]
fn codings_are_read_from_the_header() {
    use Coding::{Deflate, Gzip, Identity};
    let cases: &[(&[&str], Option<[Coding; 3]>)] = &[
        (&[], Some([Identity; 3])),
        (&["identity"], Some([Identity; 3])),
        (&["none"], Some([Identity; 3])),
        (&["UTF-8"], Some([Identity; 3])),
        (&["windows-1251"], Some([Identity; 3])),
        (&["text/html"], Some([Identity; 3])),
        (&["GZip"], Some([Gzip, Identity, Identity])),
        (&["x-gzip"], Some([Gzip, Identity, Identity])),
        #[cfg(feature = "brotli")]
        (&["identity, br"], Some([Coding::Brotli, Identity, Identity])),
        #[cfg(not(feature = "brotli"))]
        (&["identity, br"], None),
        (&["gzip, utf-8"], Some([Gzip, Identity, Identity])),
        #[cfg(feature = "zstd")]
        (&["zstd"], Some([Coding::Zstd, Identity, Identity])),
        #[cfg(not(feature = "zstd"))]
        (&["zstd"], None),
        (&["deflate"], Some([Deflate, Identity, Identity])),
        (&["gzip, gzip"], Some([Gzip, Gzip, Identity])),
        #[cfg(feature = "brotli")]
        (&["gzip", "br"], Some([Coding::Brotli, Gzip, Identity])),
        (&["gzip", "deflate"], Some([Deflate, Gzip, Identity])),
        (&["gzip, gzip, gzip, gzip"], None),
        (&["compress"], None),
        (&["aes128gcm"], None),
        (&["no-such-coding"], None),
    ];
    for (values, expected) in cases {
        let mut headers = HeaderMap::new();
        for value in *values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        let found = Codings::of(&headers).map(|codings| [codings.outer, codings.then[0], codings.then[1]]);
        assert_eq!(found.ok(), *expected, "{values:?}");
    }
}

#[test]
fn asked_for_is_exactly_what_can_be_decoded() {
    let asked_for = ACCEPT_ENCODING;
    let asked_for: Vec<&str> = asked_for.to_str().unwrap().split(", ").collect();
    for name in ["gzip", "deflate", "br", "zstd", "compress", "dcb"] {
        let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
        assert_eq!(Codings::of(&headers).is_ok(), asked_for.contains(&name), "{name}");
    }
}

#[test]
fn bytes_behind_the_last_member_are_no_part_of_the_body() {
    for (name, coding, one) in codings(b"the page") {
        if coding == Coding::Identity {
            continue;
        }
        for junk in [&b"\0\0\0\0"[..], b"<!-- served in 3 ms -->", b"\x1f", b"\x1f\x8b", b"\x28\xb5\x2f", b"\r\n"] {
            let body = [&one[..], junk].concat();
            for piece in [1, 3, body.len()] {
                let decoded = decode(coding, body.chunks(piece), LIMIT);
                assert_eq!(decoded.as_deref(), Ok(&b"the page"[..]), "{name}, {junk:?} in pieces of {piece}");
            }
        }
    }
}

#[test]
fn a_body_is_whole_where_its_coding_ends_and_nowhere_before() {
    let is_whole = |codings: Codings, bytes: &[u8]| {
        let mut decoder = Decoder::new(codings);
        let mut out = Vec::new();
        decoder.push(Bytes::copy_from_slice(bytes));
        while decoder.step(&mut out, LIMIT) == Ok(Step::More) {}
        decoder.is_whole()
    };
    for (name, coding, encoded) in codings(b"the page, and all of it") {
        let coded = coding != Coding::Identity;
        assert_eq!(is_whole(only(coding), &encoded), coded, "{name}");
        assert!(!is_whole(only(coding), &encoded[..encoded.len() - 1]), "{name}, cut");
        assert!(!is_whole(only(coding), &[]), "{name}, nothing");
    }
    let twice = encode!(GzipEncoder, &encode!(GzipEncoder, b"the page"));
    let two = Codings { outer: Coding::Gzip, then: [Coding::Gzip, Coding::Identity] };
    assert!(is_whole(two, &twice) && !is_whole(two, &twice[..twice.len() - 9]));
}

#[test]
fn codings_on_top_of_each_other_are_undone_in_order() {
    let text: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let gzip = encode!(GzipEncoder, &text);
    let twice = encode!(GzipEncoder, &gzip);
    let two = Codings { outer: Coding::Gzip, then: [Coding::Gzip, Coding::Identity] };
    let deflated = encode!(ZlibEncoder, &gzip);
    let mixed = [
        (encode!(GzipEncoder, &deflated), Codings { outer: Coding::Gzip, then: [Coding::Deflate, Coding::Gzip] }),
        #[cfg(all(feature = "brotli", feature = "zstd"))]
        (
            encode!(ZstdEncoder, &encode!(BrotliEncoder, &gzip)),
            Codings { outer: Coding::Zstd, then: [Coding::Brotli, Coding::Gzip] },
        ),
    ];
    for piece in [1000, 1 << 20] {
        assert_eq!(decode_all(two, twice.chunks(piece), LIMIT).as_deref(), Ok(&text[..]));
        let once = decode_all(two, gzip.chunks(piece), LIMIT);
        assert_eq!(once.as_deref(), Ok(&text[..]), "named twice and used once");
        for (mixed, three) in &mixed {
            assert_eq!(decode_all(*three, mixed.chunks(piece), LIMIT).as_deref(), Ok(&text[..]), "{three:?}");
        }
    }
    let cut = twice.get(..twice.len() - 3).unwrap();
    assert!(matches!(decode_all(two, [cut], LIMIT), Err(Cause::Malformed { .. })));
    assert_eq!(decode_all(two, [], LIMIT), Ok(Vec::new()));
    let bomb = encode!(GzipEncoder, &encode!(GzipEncoder, &vec![0u8; 8 << 20]));
    assert_eq!(decode_all(two, [&bomb[..]], LIMIT), Err(Cause::Limit { limit: LimitKind::DecodedBody }));
}

#[test]
fn a_body_is_whole_where_its_outer_coding_ends() {
    let inner = encode!(GzipEncoder, b"the page");
    let sound = encode!(GzipEncoder, &[&inner[..], b"and more"].concat());
    let mut broken = sound.clone();
    let checksum = broken.len() - 8;
    broken[checksum] ^= 1;
    let two = Codings { outer: Coding::Gzip, then: [Coding::Gzip, Coding::Identity] };
    for piece in [1, 3, sound.len()] {
        assert_eq!(decode_all(two, sound.chunks(piece), LIMIT).as_deref(), Ok(&b"the page"[..]), "pieces of {piece}");
        let result = decode_all(two, broken.chunks(piece), LIMIT);
        assert_eq!(result, Err(Coding::Gzip.broken()), "pieces of {piece}");
    }
}
