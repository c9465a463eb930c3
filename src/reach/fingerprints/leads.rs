//! Where a page or a header leads a browser by itself, without a click.

use http::HeaderMap;
use url::Url;

use super::page::decode_entities;

/// The targets in the headers, whatever the status is: middleboxes also send `Location` with 200 or 403, and browsers
/// follow `Refresh` with any status. A relative target stays at the site, so it is left out.
pub(super) fn in_headers(headers: &HeaderMap) -> Vec<Url> {
    let values = |name: &str| headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let location = values("location").filter_map(|value| absolute(&value));
    let refresh = values("refresh").filter_map(|value| refreshed(&value));
    location.chain(refresh).take(MOST_TARGETS).collect()
}

/// The targets in a page, which is in lower case: its frames, its `refresh`, and what its scripts assign to `location`.
pub(super) fn in_page(low: &str) -> Vec<Url> {
    let mut targets = Vec::new();
    let tags = low.split('<').skip(1).map(|behind| behind.split_once('>').map_or(behind, |(tag, _)| tag));
    let leading = |tag: &&str| {
        ["iframe", "frame", "embed", "object"].iter().any(|name| tag.starts_with(name))
            || tag.starts_with("meta") && tag.contains("refresh")
    };
    for tag in tags.filter(leading) {
        addresses(&decode_entities(tag), &mut targets);
    }
    for (at, sign) in low.match_indices("location") {
        let behind = low.get(at + sign.len()..).unwrap_or_default();
        let is_assigned = behind.trim_start().starts_with(['.', '=', '[']);
        if is_assigned && targets.len() < MOST_TARGETS {
            let near = behind.get(..behind.floor_char_boundary(ASSIGNMENT)).unwrap_or(behind);
            // Scripts often write the slashes of an address with a backslash.
            let statement = near.split('<').next().unwrap_or_default().replace("\\/", "/");
            addresses(&statement, &mut targets);
        }
    }
    targets
}

/// Adds the addresses with a host that a text holds.
fn addresses(text: &str, targets: &mut Vec<Url>) {
    for (at, _) in text.match_indices("//").take(MOST_TARGETS) {
        if targets.len() >= MOST_TARGETS {
            return;
        }
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.get(..rest.floor_char_boundary(MOST_URL)).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | '`'));
        targets.extend(absolute(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()));
    }
}

/// The target of a `Refresh`: `5; url=http://host/`.
fn refreshed(value: &str) -> Option<Url> {
    let (_, target) = value.split_once([';', ','])?;
    let target = target.trim_start();
    let named = target.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("url"));
    let target = if named { target.get(3..)?.trim_start().strip_prefix('=')?.trim_start() } else { target };
    absolute(target.trim_matches(['"', '\'', ' ']))
}

/// The URL, if the text names a host.
fn absolute(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > MOST_URL {
        return None;
    }
    let url = if text.starts_with("//") { Url::parse(&format!("http:{text}")) } else { Url::parse(text) };
    url.ok().filter(Url::has_host)
}

/// The most targets of one page or head. A notice has one or two.
const MOST_TARGETS: usize = 64;

/// Bytes of a target.
const MOST_URL: usize = 2048;

/// Bytes after the word `location` within which a script's statement names its target.
const ASSIGNMENT: usize = 200;
