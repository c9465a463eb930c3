//! Pictures with everything that cameras and programs write into them, made here and read back by parsers that are not ours.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;
use crate::signed::picture_digest;

/// Stands wherever metadata stands.
const CANARY: &[u8] = b"CANARY";

fn pixels() -> RgbImage {
    RgbImage::from_fn(48, 32, |x, y| Rgb([(x * 5) as u8, (y * 7) as u8, (x * y) as u8]))
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn decoded(bytes: &[u8], format: ImageFormat) -> DynamicImage {
    image::load_from_memory_with_format(bytes, format).unwrap()
}

/// Exif as a phone writes it: place, time, device, serial number, thumbnail, and which side is up.
fn exif_of(orientation: u16) -> Vec<u8> {
    let text = |tag| Field { tag, ifd_num: In::PRIMARY, value: Value::Ascii(vec![CANARY.to_vec()]) };
    let degrees = |tag, degrees| Field {
        tag,
        ifd_num: In::PRIMARY,
        value: Value::Rational([degrees, 20, 40].map(|num| Rational { num, denom: 1 }).to_vec()),
    };
    let up = Field { tag: Tag::Orientation, ifd_num: In::PRIMARY, value: Value::Short(vec![orientation]) };
    let thumbnail = encoded(pixels(), ImageFormat::Jpeg);
    let fields = [
        text(Tag::Make),
        text(Tag::Model),
        text(Tag::DateTimeOriginal),
        text(Tag::BodySerialNumber),
        text(Tag::LensSerialNumber),
        text(Tag::CameraOwnerName),
        degrees(Tag::GPSLatitude, 53),
        degrees(Tag::GPSLongitude, 83),
        up,
    ];
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    writer.set_jpeg(&thumbnail, In::THUMBNAIL);
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, false).unwrap();
    bytes.into_inner()
}

fn with_canary(start: &[u8]) -> Vec<u8> {
    [start, CANARY].concat()
}

/// A JPEG with everything, `orientation` included.
fn jpeg(orientation: u16) -> Vec<u8> {
    let plain = encoded(pixels(), ImageFormat::Jpeg);
    let mut out = plain[..2].to_vec();
    let mut segment = |marker: u8, body: &[u8]| {
        out.extend_from_slice(&[0xff, 0xff, marker]);
        out.extend_from_slice(&u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        out.extend_from_slice(body);
    };
    segment(0xe1, &[b"Exif\0\0".as_slice(), &exif_of(orientation)].concat());
    segment(0xe0, &with_canary(b"JFXX\0\x10"));
    segment(0xe1, &with_canary(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"));
    segment(0xe2, &with_canary(b"ICC_PROFILE\0\x01\x01"));
    segment(0xe2, &with_canary(b"MPF\0"));
    segment(0xe5, &with_canary(b"Samsung"));
    segment(0xed, &with_canary(b"Photoshop 3.0\08BIM\x04\x04"));
    segment(0xfe, CANARY);
    // The encoder's own JFIF header, its tables and scans follow.
    out.extend_from_slice(&plain[2..plain.len() - 2]);
    // Between the scans and the end, and after the end: the picture before it was cropped.
    out.extend_from_slice(b"\xff\xfe\x00\x08CANARY");
    out.extend_from_slice(&[0xff, 0xd9]);
    out.extend_from_slice(&with_canary(&plain));
    out
}

fn png_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = [name.as_slice(), body].concat();
    let sum = crc.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let mut chunk = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    chunk.append(&mut crc);
    chunk.extend_from_slice(&(!sum).to_be_bytes());
    chunk
}

fn transparent() -> RgbaImage {
    RgbaImage::from_fn(48, 32, |x, y| Rgba([(x * 5) as u8, (y * 7) as u8, 9, (x + y + 1) as u8]))
}

fn png(orientation: u16) -> Vec<u8> {
    let plain = encoded(transparent(), ImageFormat::Png);
    let (head, body) = plain.split_at(8 + 25);
    let mut out = head.to_vec();
    for (name, start) in [
        (b"tEXt", b"Author\0".as_slice()),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"),
        (b"zTXt", b"Comment\0\0"),
        (b"iCCP", b"display of\0\0"),
        (b"tIME", b"\x07\xea\x0b\x1d\x0c\0\0"),
        (b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\x01"),
        (b"caBX", b"who made it"),
    ] {
        out.extend(png_chunk(name, &with_canary(start)));
    }
    out.extend(png_chunk(b"eXIf", &exif_of(orientation)));
    out.extend_from_slice(body);
    // What a phone's editor once left after the end.
    out.extend_from_slice(&with_canary(&body[..20]));
    out
}

fn riff_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = [name.as_slice(), &u32::try_from(body.len()).unwrap().to_le_bytes(), body].concat();
    chunk.resize(chunk.len() + body.len() % 2, 0);
    chunk
}

fn webp(orientation: u16) -> Vec<u8> {
    let plain = encoded(pixels(), ImageFormat::WebP);
    let header = [0x2c, 0, 0, 0, 47, 0, 0, 31, 0, 0];
    let body = [
        riff_chunk(b"VP8X", &header),
        riff_chunk(b"ICCP", CANARY),
        plain[12..].to_vec(),
        riff_chunk(b"EXIF", &exif_of(orientation)),
        riff_chunk(b"XMP ", CANARY),
        riff_chunk(b"CUST", CANARY),
    ]
    .concat();
    let length = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
    [b"RIFF".as_slice(), &length, b"WEBP", &body, CANARY].concat()
}

/// What a parser of Exif finds.
fn exif_fields(bytes: &[u8]) -> Vec<(Tag, Option<u32>)> {
    match exif::Reader::new().read_from_container(&mut Cursor::new(bytes)) {
        Ok(found) => found.fields().map(|field| (field.tag, field.value.get_uint(0))).collect(),
        Err(exif::Error::NotFound(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

fn has_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY)
}

fn unfit(bytes: &[u8]) -> StatedRule {
    match Picture::clean(bytes, "") {
        Err(PublishError::Unfit(Unfit { part: StatedPart::Picture, rule })) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_picture_keeps_its_pixels_and_nothing_of_its_maker() {
    for (format, dirty) in
        [(ImageFormat::Jpeg, jpeg as fn(u16) -> Vec<u8>), (ImageFormat::Png, png), (ImageFormat::WebP, webp)]
    {
        for orientation in [1, 6, 3, 0, 9] {
            let bytes = dirty(orientation);
            assert!(has_canary(&bytes) && exif_fields(&bytes).len() > 8, "{format:?}");
            let picture = Picture::clean(&bytes, "").unwrap();
            assert!(!has_canary(picture.bytes()), "{format:?} {orientation}");
            let kept =
                if matches!(orientation, 3 | 6) { vec![(Tag::Orientation, Some(orientation.into()))] } else { vec![] };
            assert_eq!(exif_fields(picture.bytes()), kept, "{format:?} {orientation}");
            assert_eq!(decoded(picture.bytes(), format), decoded(&bytes, format), "{format:?}");
            let shown = if orientation == 6 { (32, 48) } else { (48, 32) };
            assert_eq!((picture.width(), picture.height()), shown, "{format:?} {orientation}");
            let again = Picture::clean(picture.bytes(), "").unwrap();
            assert!(again == picture, "nothing more to remove: {format:?} {orientation}");
        }
    }
}

#[test]
fn a_picture_is_known_by_its_bytes_and_named_by_its_digest() {
    let picture = Picture::clean(&jpeg(6), "  Закрытые ворота ").unwrap();
    assert_eq!((picture.kind(), picture.kind().media_type()), (PictureKind::Jpeg, "image/jpeg"));
    let digest = Digest::of(picture.bytes());
    let expected = [
        "imeta".to_owned(),
        format!("url files/{digest}"),
        "m image/jpeg".to_owned(),
        "dim 32x48".to_owned(),
        format!("size {}", picture.bytes().len()),
        "alt Закрытые ворота".to_owned(),
    ];
    assert_eq!(picture.tag(), expected);
    assert_eq!(picture_digest(&picture.file()), Some(digest));
    assert_eq!(picture_digest("files/../secret"), None);
    let words = |text: &str| match Picture::clean(&png(1), text) {
        Err(PublishError::Unfit(unfit)) => (unfit.part, unfit.rule),
        other => panic!("{other:?}"),
    };
    assert_eq!(words("a\nb"), (StatedPart::PictureText, StatedRule::Characters));
    assert_eq!(words(&"x".repeat(1001)), (StatedPart::PictureText, StatedRule::TooLong(1000)));
}

#[test]
fn what_is_no_still_picture_or_too_large_is_refused() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    let moving = [b"RIFF\x12\0\0\0WEBP".as_slice(), &riff_chunk(b"ANIM", &[0; 6])].concat();
    let arithmetic = b"\xff\xd8\xff\xc9\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0\xff\xd9";
    for bytes in [b"".as_slice(), b"GIF89a", heic, b"<svg/>", b"%PDF-1.7", &moving, arithmetic] {
        assert_eq!(unfit(bytes), StatedRule::NoPicture, "{:?}", String::from_utf8_lossy(bytes));
    }
    let mut large = png(1);
    large.resize(MAX_PICTURE_BYTES as usize + 1, 0);
    assert_eq!(unfit(&large), StatedRule::TooLong(MAX_PICTURE_BYTES as usize));
    let mut wide = png(1);
    for side in [16..20, 20..24] {
        wide[side].copy_from_slice(&10_000_u32.to_be_bytes());
    }
    assert_eq!(unfit(&wide), StatedRule::TooManyPixels(50_000_000));
    let mut long = png(1);
    long[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(unfit(&long), StatedRule::TooLongSide(65_535));
    let mut two = jpeg(1);
    two.truncate(two.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap());
    assert_eq!(unfit(&two), StatedRule::Damaged, "no scan");
}

/// Colours under full transparency, as an eraser leaves them.
#[test]
fn what_was_erased_is_not_published() {
    let secret = |x: u32, y: u32| [(x * 5) as u8, (y * 7) as u8, 200];
    let erased = |x: u32, y: u32| {
        let [r, g, b] = secret(x, y);
        Rgba([r, g, b, if (8..40).contains(&x) { 0 } else { 255 }])
    };
    let image = RgbaImage::from_fn(48, 32, erased);
    let deep = DynamicImage::ImageRgba8(image.clone()).into_rgba16();
    let grey = DynamicImage::ImageRgba8(image.clone()).into_luma_alpha8();
    for picture in [DynamicImage::from(image.clone()), DynamicImage::from(deep), DynamicImage::from(grey)] {
        let bytes = encoded(picture, ImageFormat::Png);
        let shown = |bytes: &[u8]| decoded(bytes, ImageFormat::Png).into_rgba8();
        let (before, clean) = (shown(&bytes), shown(Picture::clean(&bytes, "").unwrap().bytes()));
        for (x, y, pixel) in clean.enumerate_pixels() {
            let expected = if pixel.0[3] == 0 { [0; 4] } else { before.get_pixel(x, y).0 };
            assert_eq!(pixel.0, expected, "{x} {y}");
        }
        assert!(clean.pixels().any(|pixel| pixel.0[3] == 0) && before.pixels().any(|pixel| pixel.0[3] == 0));
    }
    assert_eq!(unfit(&encoded(image, ImageFormat::WebP)), StatedRule::Transparent);
}

/// A PNG of 4 x 2 pixels with a palette of four colours, of which one is transparent and one is not used.
fn with_palette(more: &[u8], rows: &[u8]) -> Vec<u8> {
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut data, rows).unwrap();
    let header = [0, 0, 0, 4, 0, 0, 0, 2, 2, 3, 0, 0, 0];
    let palette = [10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42];
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(png_chunk(b"IHDR", &header));
    out.extend(png_chunk(b"PLTE", &palette));
    out.extend(png_chunk(b"tRNS", &[255, 0]));
    out.extend(more);
    out.extend(png_chunk(b"IDAT", &[data.finish().unwrap(), b"CANARY".to_vec()].concat()));
    out.extend(png_chunk(b"IEND", &[]));
    out
}

#[test]
fn a_png_holds_its_pixels_alone() {
    // Colours 0, 1, 2, 0 in each row; a third row that nobody sees.
    let rows = [0, 0b00_01_10_00, 0, 0b00_01_10_00, 0, 0b11_11_11_11];
    let picture = Picture::clean(&with_palette(b"", &rows), "").unwrap();
    assert!(!has_canary(picture.bytes()), "after the compressed data");
    let shown = decoded(picture.bytes(), ImageFormat::Png).into_rgba8();
    let row: Vec<[u8; 4]> = (0..4).map(|x| shown.get_pixel(x, 1).0).collect();
    assert_eq!(row, [[10, 11, 12, 255], [0, 0, 0, 0], [30, 31, 32, 255], [10, 11, 12, 255]]);
    for colour in [[20, 21, 22], [40, 41, 42]] {
        assert!(!picture.bytes().windows(3).any(|window| window == colour), "a colour that nobody sees");
    }
    let again = Picture::clean(&with_palette(b"", &rows[..4]), "").unwrap();
    assert!(again == picture, "rows below the last one are gone");
    for name in [b"acTL", b"fcTL", b"fdAT"] {
        assert_eq!(unfit(&with_palette(&png_chunk(name, &[0; 8]), &rows)), StatedRule::NoPicture);
    }
    for name in [b"PLTE", b"tRNS"] {
        assert_eq!(unfit(&with_palette(&png_chunk(name, &[0; 3]), &rows)), StatedRule::Damaged, "twice");
    }
    assert_eq!(unfit(&with_palette(b"", &rows[..3])), StatedRule::Damaged, "a row is missing");
}

/// A PNG of one header, of which the pixels are written as they are.
fn written(width: u32, height: u32, (depth, colour): (u8, u8), chunks: &[(&[u8; 4], &[u8])], rows: &[u8]) -> Vec<u8> {
    let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut data, rows).unwrap();
    let header = [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    let mut out = png::SIGNATURE.to_vec();
    out.extend(png_chunk(b"IHDR", &header));
    chunks.iter().for_each(|(name, body)| out.extend(png_chunk(name, body)));
    out.extend(png_chunk(b"IDAT", &data.finish().unwrap()));
    out.extend(png_chunk(b"IEND", &[]));
    out
}

/// Rows of numbers of colours, as they lie in a PNG.
fn packed(numbers: &[u8], width: usize, depth: u8) -> Vec<u8> {
    let per_byte = usize::from(8 / depth);
    let byte = |numbers: &[u8]| {
        let at = |at: usize| numbers.get(at).copied().unwrap_or_default();
        (0..per_byte).fold(0_u32, |byte, place| byte << depth | u32::from(at(place))) as u8
    };
    let row = |row: &[u8]| [vec![0], row.chunks(per_byte).map(byte).collect()].concat();
    numbers.chunks(width).flat_map(row).collect()
}

#[test]
fn unused_bits_of_a_transparent_colour_are_cleared() {
    let of = |colour: [u8; 2]| {
        Picture::clean(&written(2, 1, (4, 0), &[(b"tRNS", &colour)], &[0, 0x12]), "").unwrap().bytes().to_vec()
    };
    assert_eq!(of([0xab, 0xc1]), of([0, 1]));
    let wide = |colour: [u8; 2]| {
        Picture::clean(&written(1, 1, (16, 0), &[(b"tRNS", &colour)], &[0, 1, 2]), "").unwrap().bytes().to_vec()
    };
    assert!(wide([0xab, 0xc1]) != wide([0, 0xc1]), "all bits of a deep colour count");
}

#[test]
fn a_picture_that_grows_beyond_the_limit_is_refused() {
    // The mean of the pixels to the left and above, with a step: a filter that is not written, and whose rows look like noise without it.
    let (width, height) = (5_000, 5_000);
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let first: Vec<u8> = std::iter::once(0).chain((0..width).map(|_| noise())).collect();
    let rest = [vec![3], vec![85; width]].concat();
    let rows = [first, rest.repeat(height - 1)].concat();
    let picture = written(width as u32, height as u32, (8, 0), &[], &rows);
    assert!(picture.len() < 100_000, "{}", picture.len());
    assert_eq!(unfit(&picture), StatedRule::TooLong(MAX_PICTURE_BYTES as usize));
}

#[test]
fn every_cut_of_a_picture_is_refused_until_its_end() {
    for whole in [jpeg(6), png(6), webp(6)] {
        let clean = Picture::clean(&whole, "").unwrap();
        for end in 12..whole.len() {
            match Picture::clean(&whole[..end], "") {
                Ok(cut) => assert!(cut == clean, "only what follows the end may be missing: {end}"),
                Err(error) => assert!(matches!(error, PublishError::Unfit(_)), "{end}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Two pictures that look alike: what nobody sees, and by which numbers a palette holds what is seen, differs.
    #[test]
    fn pictures_that_look_alike_are_published_alike(
        depth in prop::sample::select(vec![1_u8, 2, 4, 8]),
        width in 1..12_usize,
        shown in prop::collection::vec(0..5_usize, 1..60),
        palettes in prop::collection::vec(prop::collection::vec((0..5_usize, any::<[u8; 3]>()), 256), 2),
        choices in prop::collection::vec(any::<prop::sample::Index>(), 120),
    ) {
        // Of these the last two are seen as nothing.
        let colours = [[1, 2, 3, 255], [4, 5, 6, 255], [1, 2, 3, 100], [0, 0, 0, 0], [0, 0, 0, 0]];
        let places = 1_usize << depth;
        let shown: Vec<usize> = shown.iter().map(|colour| colour % places.min(5)).collect();
        let shown = &shown[..shown.len() / width * width];
        prop_assume!(!shown.is_empty());
        let of = |palette: &[(usize, [u8; 3])], choices: &[prop::sample::Index]| {
            // Each colour has a place, and the others are where the dice put them.
            let mut palette: Vec<(usize, [u8; 3])> = palette[..places].iter().map(|(colour, hidden)| (colour % places.min(5), *hidden)).collect();
            (0..places.min(5)).for_each(|colour| palette[colour].0 = colour);
            let looks = |colour: usize| colours[colour];
            let number = |(at, colour): (usize, &usize)| {
                let same: Vec<usize> = (0..places).filter(|place| looks(palette[*place].0) == looks(*colour)).collect();
                *choices[at % choices.len()].get(&same) as u8
            };
            let numbers: Vec<u8> = shown.iter().enumerate().map(number).collect();
            let bytes: Vec<u8> = palette
                .iter()
                .flat_map(|(colour, hidden)| if looks(*colour)[3] == 0 { *hidden } else { [looks(*colour)[0], looks(*colour)[1], looks(*colour)[2]] })
                .collect();
            let alphas: Vec<u8> = palette.iter().map(|(colour, _)| looks(*colour)[3]).collect();
            let height = (numbers.len() / width) as u32;
            let chunks: [(&[u8; 4], &[u8]); 2] = [(b"PLTE", &bytes), (b"tRNS", &alphas)];
            written(width as u32, height, (depth, 3), &chunks, &packed(&numbers, width, depth))
        };
        let (one, other) = (of(&palettes[0], &choices[..60]), of(&palettes[1], &choices[60..]));
        let clean = |bytes: &[u8]| Picture::clean(bytes, "").unwrap().bytes().to_vec();
        prop_assert_eq!(clean(&one), clean(&other));
        let seen = |bytes: &[u8]| {
            let mut picture = decoded(bytes, ImageFormat::Png).into_rgba8();
            picture.pixels_mut().filter(|pixel| pixel.0[3] == 0).for_each(|pixel| pixel.0 = [0; 4]);
            picture
        };
        prop_assert_eq!(seen(&clean(&one)), seen(&one), "it looks as before");
    }

    /// The same for pictures that state how far each pixel covers.
    #[test]
    fn colours_that_nobody_sees_make_no_difference(
        deep in any::<bool>(),
        grey in any::<bool>(),
        pixels in prop::collection::vec((any::<[u8; 8]>(), any::<[u8; 8]>(), prop::bool::ANY), 1..40),
    ) {
        let (samples, bytes) = (if grey { 2 } else { 4 }, if deep { 2 } else { 1 });
        let of = |second: bool| {
            let mut row = vec![0];
            for (one, other, is_hidden) in &pixels {
                let mut pixel = if second && *is_hidden { *other } else { *one }[..samples * bytes].to_vec();
                let alpha = pixel.len() - bytes;
                if *is_hidden {
                    pixel[alpha..].fill(0);
                }
                row.extend(pixel);
            }
            let kind = (if deep { 16 } else { 8 }, if grey { 4 } else { 6 });
            Picture::clean(&written(pixels.len() as u32, 1, kind, &[], &row), "").unwrap().bytes().to_vec()
        };
        prop_assert_eq!(of(false), of(true));
    }

    /// Whatever is in a picture: what comes out has nothing more to remove, and is not larger.
    #[test]
    fn a_damaged_picture_is_refused_or_clean(
        format in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut bytes = [jpeg, png, webp][format](8);
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(picture) = Picture::clean(&bytes, "") {
            let again = Picture::clean(picture.bytes(), "").unwrap();
            prop_assert!(again == picture);
            prop_assert!(picture.bytes().len() <= 2 * bytes.len() + 1024);
        }
    }
}
