//! Text that is encoded in Base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// Decodes Base64 of either alphabet, with or without padding, if the result is text.
pub(super) fn from_base64(text: &str) -> Option<Zeroizing<String>> {
    // A copy without the line ends, with all of its capacity at once: a buffer that grows leaves copies behind.
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.trim_start_matches('\u{feff}').bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let url_safe = packed.iter().any(|byte| b"-_".contains(byte));
    let engine = if url_safe { URL_SAFE } else { STANDARD };
    let mut inside = Zeroizing::new(vec![0; packed.len().div_ceil(4) * 3]);
    let length = engine.decode_slice(&*packed, &mut inside).ok()?;
    std::str::from_utf8(inside.get(..length)?).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// Some programs omit the padding.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
