use std::fmt;
use std::str::FromStr;

use super::StrategyError;

/// An ISO 3166-1 alpha-2 code, lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The code: two lower-case letters.
    pub fn code(&self) -> &str {
        // Only ASCII letters come in, so the empty text never occurs.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = StrategyError;

    /// Parses a code in any case.
    ///
    /// # Errors
    /// [`StrategyError::Country`] for a code that no country has: `uk` and `en` are mistakes that would never match.
    fn from_str(text: &str) -> Result<Self, StrategyError> {
        let code: [u8; 2] = text.as_bytes().try_into().map_err(|_| StrategyError::Country)?;
        let code = code.map(|letter| letter.to_ascii_lowercase());
        let (pairs, _) = ASSIGNED.as_chunks::<2>();
        if pairs.binary_search(&code).is_ok() { Ok(Self(code)) } else { Err(StrategyError::Country) }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.code())
    }
}

impl serde::Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Country {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The officially assigned codes (ISO 3166-1, as in the tz database of 2025), in order, and `xk`. ISO leaves `xk` to
/// users, and it is in general use for Kosovo.
pub(super) const ASSIGNED: &[u8] = b"\
    adaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjblbmbnbobqbrbsbtbvbwbybzcacccdcfcgchcickclcmcncocrcucvcwcx\
    cyczdedjdkdmdodzeceeegeheresetfifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqir\
    isitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemfmgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancne\
    nfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssstsvsxsysztctdtf\
    tgthtjtktltmtntotrtttvtwtzuaugumusuyuzvavcvevgvivnvuwfwsxkyeytzazmzw";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_assigned_code_is_taken_in_any_case() {
        let (pairs, rest) = ASSIGNED.as_chunks::<2>();
        assert!(rest.is_empty());
        assert_eq!(pairs.len(), 250);
        assert!(pairs.is_sorted());
        for pair in pairs {
            let code = str::from_utf8(pair).unwrap();
            assert_eq!(code.parse::<Country>().unwrap().code(), code);
            assert_eq!(code.to_uppercase().parse::<Country>().unwrap().to_string(), code);
        }
    }

    #[test]
    fn what_is_no_country_is_refused() {
        for text in ["", "n", "uk", "en", "nld", "xx", "n1", "я", "dа"] {
            assert_eq!(text.parse::<Country>(), Err(StrategyError::Country), "{text}");
        }
    }
}
