//! Addresses inside an address, however they are encoded.

use percent_encoding::percent_decode_str;
use url::Url;

use super::site::Site;

/// Returns `false` if nothing after the host can be an address. An address has a `:` or starts with one of the
/// platforms' hosts; a `%` may hide either.
pub(super) fn may_hold_urls(url: &Url) -> bool {
    let mut parts = [Some(url.path()), url.query(), url.fragment()].into_iter().flatten();
    parts.any(|part| part.contains(['%', ':']) || has_vk(part) || has_telegram(part))
}

/// The addresses inside an address.
pub(super) fn inner_urls(url: &Url, at: Option<Site>) -> Vec<Url> {
    let mut texts: Vec<String> = readings(url.path());
    texts.extend(url.fragment().into_iter().flat_map(readings));
    texts.extend(url.query_pairs().flat_map(|(key, value)| [readings(&key), readings(&value)].concat()));
    let mut found = Vec::new();
    // One more than the limit, so that the caller can detect more.
    for inner in texts.iter().flat_map(|text| inner_texts(text, at)).take(MAX_URLS * 4) {
        if found.len() > MAX_URLS {
            break;
        }
        if let Ok(inner) = Url::parse(&inner)
            && !found.contains(&inner)
        {
            found.push(inner);
        }
    }
    found
}

/// The suffixes of a text that start where an address may begin.
fn inner_texts(text: &str, at: Option<Site>) -> impl Iterator<Item = String> + '_ {
    let with_scheme = text.match_indices("http").filter_map(|(at, _)| text.get(at..));
    let with_scheme = with_scheme.filter(|inner| inner.starts_with("http:/") || inner.starts_with("https:/"));
    let of_app = suffixes(text, "tg:").map(str::to_owned);
    // At a platform itself a name without a scheme is found among the words.
    let hosts = HOSTS.iter().filter(move |(site, _)| Some(*site) != at).map(|(_, host)| *host);
    let without = hosts.flat_map(|host| suffixes(text, host)).map(|inner| format!("https://{inner}"));
    with_scheme.map(str::to_owned).chain(of_app).chain(without)
}

/// The suffixes of a text that start with `start`, as a word of its own.
fn suffixes<'a>(text: &'a str, start: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
    text.match_indices(start).filter_map(|(at, _)| {
        let (before, suffix) = text.split_at_checked(at)?;
        (!before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')).then_some(suffix)
    })
}

/// The text in lower case as it stands, and percent-decoded once and repeatedly. The last one is decoded the most.
pub(super) fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_ascii_lowercase()];
    for _ in 0..MAX_DECODED {
        let last = readings.last().map_or("", String::as_str);
        let decoded = percent_decode_str(last).decode_utf8_lossy().to_lowercase();
        if decoded == last {
            break;
        }
        readings.push(decoded);
    }
    readings
}

/// Returns `true` if `vk` appears anywhere in the text, as it does in the name of every VKontakte host for pages.
pub(super) fn has_vk(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair.eq_ignore_ascii_case(b"vk"))
}

/// Returns `true` if the name of one of Telegram's hosts, or of its app's scheme, appears anywhere in the text.
pub(super) fn has_telegram(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["t.me", "tg:", "telegram", "telesco"].iter().any(|name| text.contains(name))
}

/// Hosts before which a scheme may be missing.
const HOSTS: [(Site, &str); 7] = [
    (Site::Vk, "vk.com/"),
    (Site::Vk, "vk.ru/"),
    (Site::Vk, "vkontakte.ru/"),
    (Site::Vk, "vk.me/"),
    (Site::Telegram, "t.me/"),
    (Site::Telegram, "telegram.me/"),
    (Site::Telegram, "telegram.dog/"),
];

/// The most inner addresses that are read, in total and nested.
pub(super) const MAX_URLS: usize = 16;

/// The most rounds of percent-decoding: redirectors nest addresses.
const MAX_DECODED: usize = 3;
