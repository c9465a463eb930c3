//! The ids of a community on the web and of its items. They depend on the address, and on nothing that a site says
//! about itself.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use crate::community::{CommunityId, host_key};

/// The community at an address: one for `http` and `https`, with and without `www.` and a slash at the end.
pub(super) fn community_id(url: &Url) -> Option<CommunityId> {
    let host = host_key(url)?;
    let port = url.port().filter(|port| !matches!(port, 80 | 443)).map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let plain = format!("{KIND}{host}{port}{path}{query}");
    if plain.len() <= LONGEST_PLAIN {
        return plain.parse().ok();
    }
    format!("{KIND}{host}{port}#{}", hash(&[path, &query])).parse().ok()
}

/// The id of one item that a community publishes. Two communities may use one word for two items, so the id depends on
/// both.
pub(super) fn item_id(community: &CommunityId, parts: &[&str]) -> String {
    let all: Vec<&str> = [community.as_str()].into_iter().chain(parts.iter().copied()).collect();
    format!("{KIND}{}", hash(&all))
}

/// A number for one part of what a community publishes. It has 53 bits, because not every reader of JSON has more.
pub(super) fn item_number(community: &CommunityId, parts: &[&str]) -> u64 {
    let hash = item_id(community, parts);
    let digits = hash.strip_prefix(KIND).and_then(|hash| hash.get(..16));
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default() >> 11
}

/// 128 bits of SHA-256 over the parts with their lengths.
fn hash(parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    let mut text = String::new();
    for byte in digest(&SHA256, &bytes).as_ref().iter().take(HASH_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The prefix of this source's ids.
const KIND: &str = "web:";

/// An id may have 256 bytes; a host name alone may have 253.
const LONGEST_PLAIN: usize = 200;

const HASH_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    fn id(url: &str) -> String {
        community_id(&Url::parse(url).unwrap()).unwrap().to_string()
    }

    #[test]
    fn spellings_of_one_address_are_one_community() {
        for url in [
            "https://zavod.example/feed",
            "http://zavod.example/feed/",
            "https://www.zavod.example/feed",
            "https://ZAVOD.example:443/feed/",
            "https://zavod.example/feed#exposure=tor",
        ] {
            assert_eq!(id(url), "web:zavod.example/feed", "{url}");
        }
        for other in ["https://zavod.example/", "https://zavod.example/feed?cat=2", "https://zavod.example:8443/feed"] {
            assert_ne!(id(other), "web:zavod.example/feed", "{other}");
        }
        let long = |end: &str| id(&format!("https://zavod.example/{}{end}", "a".repeat(1000)));
        assert!(long("b").len() < 256 && long("b") != long("c"), "a long address is named by its hash");
    }

    #[test]
    fn one_word_of_two_communities_names_two_things() {
        let [one, other] = ["web:a.example", "web:b.example"].map(|id| id.parse::<CommunityId>().unwrap());
        assert_ne!(item_id(&one, &["id", "1"]), item_id(&other, &["id", "1"]));
        assert_ne!(item_id(&one, &["id", "ab", ""]), item_id(&one, &["id", "a", "b"]));
        assert_eq!(item_id(&one, &["id", "1"]), item_id(&one, &["id", "1"]));
    }
}
