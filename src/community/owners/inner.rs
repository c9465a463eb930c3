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
pub(super) struct InnerUrls {
    pub(super) urls: Vec<Url>,
    /// There may be more than were examined.
    pub(super) is_cut: bool,
}

/// The addresses inside an address.
pub(super) fn inner_urls(url: &Url, at: Option<Site>) -> InnerUrls {
    let mut texts: Vec<String> = readings(url.path());
    texts.extend(url.fragment().into_iter().flat_map(readings));
    texts.extend(url.query_pairs().flat_map(|(key, value)| [readings(&key), readings(&value)].concat()));
    let mut urls = Vec::new();
    let mut examined = 0;
    for inner in texts.iter().flat_map(|text| inner_texts(text, at)) {
        examined += 1;
        // One more than the limit, so that the caller can detect more.
        if urls.len() > MAX_URLS || examined > MAX_EXAMINED {
            return InnerUrls { urls, is_cut: true };
        }
        if let Ok(inner) = Url::parse(&inner)
            && !urls.contains(&inner)
        {
            urls.push(inner);
        }
    }
    InnerUrls { urls, is_cut: false }
}

/// The suffixes of a text that start where an address may begin.
fn inner_texts(text: &str, at: Option<Site>) -> impl Iterator<Item = String> + '_ {
    let with_scheme = text.match_indices("http").filter_map(|(at, _)| text.get(at..));
    let is_scheme =
        |inner: &&str| ["http:/", "https:/", "http:\\", "https:\\"].iter().any(|start| inner.starts_with(start));
    let of_app = suffixes(text, "tg:").map(str::to_owned);
    // At a platform itself a name without a scheme is found among the words.
    let hosts = HOSTS.iter().filter(move |(site, _)| Some(*site) != at).map(|(_, host)| *host);
    let without = hosts.flat_map(|host| from_host(text, host)).map(|inner| format!("https://{inner}"));
    with_scheme.filter(is_scheme).map(str::to_owned).chain(of_app).chain(without)
}

/// The suffixes of a text that start with `start`, as a word of its own.
fn suffixes<'a>(text: &'a str, start: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
    text.match_indices(start).filter_map(|(at, _)| {
        let (before, suffix) = text.split_at_checked(at)?;
        (!before.ends_with(is_of_label)).then_some(suffix)
    })
}

/// The suffixes of a text that start with a page host of a platform, with what stands before it as its labels (`zavod.t.me`).
/// Behind the host a final dot, a port, a path, a backslash (which browsers read as a slash) or nothing may follow.
fn from_host<'a>(text: &'a str, host: &'static str) -> impl Iterator<Item = &'a str> + use<'a> {
    text.match_indices(host).filter_map(move |(at, _)| {
        let (before, suffix) = text.split_at_checked(at)?;
        let behind = suffix.get(host.len()..)?;
        let ends = !behind.strip_prefix('.').unwrap_or(behind).starts_with(|c: char| is_of_label(c) || c == '.');
        let labels = before.rfind(|c: char| !is_of_label(c) && c != '.').map_or(before, |last| {
            let next = before.get(last..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            before.get(last + next..).unwrap_or_default()
        });
        let is_word = labels.is_empty() || labels.ends_with('.');
        (ends && is_word).then(|| text.get(at - labels.len()..)).flatten()
    })
}

fn is_of_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
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
    (Site::Vk, "vk.com"),
    (Site::Vk, "vk.ru"),
    (Site::Vk, "vkontakte.ru"),
    (Site::Vk, "vk.me"),
    (Site::Telegram, "t.me"),
    (Site::Telegram, "telegram.me"),
    (Site::Telegram, "telegram.dog"),
];

/// The most inner addresses that are read, in total and nested.
pub(super) const MAX_URLS: usize = 16;

/// The most places of an address that are examined for one inside it.
const MAX_EXAMINED: usize = 64;

/// The most rounds of percent-decoding: redirectors nest addresses.
const MAX_DECODED: usize = 3;
