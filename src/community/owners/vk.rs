//! The hosts of VKontakte, and the communities that an address there names.

use url::Url;

use super::inner::{has_vk, readings};
use crate::community::home::{Home, VkHome, is_vk_page_host, vk_segment};

/// The kind of a VKontakte host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum VkHost {
    /// Shows `HOST/NAME` as the page of NAME.
    Pages,
    /// Stores pictures, documents and videos.
    Files,
    /// The API, logins, short links.
    Other,
}

/// The kind of VKontakte host, if it is one. The registered name decides, since the platform has used it under many
/// top-level domains, and has separate hosts for files (`sun9-1.userapi.com`, `vkuser.net`, `vk-cdn.net`).
pub(super) fn vk_host(host: &str) -> Option<VkHost> {
    if !has_vk(host) && !host.as_bytes().windows(7).any(|part| part.eq_ignore_ascii_case(b"userapi")) {
        return None;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if is_vk_page_host(&host) {
        return Some(VkHost::Pages);
    }
    let (rest, _top) = host.rsplit_once('.')?;
    let registered = rest.rsplit('.').next().unwrap_or(rest);
    match registered {
        "vk" | "vkontakte" | "vkvideo" | "vkmusic" | "vkpay" => Some(VkHost::Other),
        "userapi" | "vkcdn" => Some(VkHost::Files),
        _ if registered.starts_with("vkuser") || registered.starts_with("vk-") => Some(VkHost::Files),
        _ => None,
    }
}

/// The communities that a URL at VKontakte names by a form that says whose page it is.
pub(super) fn certain(url: &Url, at: VkHost) -> Vec<Home> {
    let mut certain = Vec::new();
    let path = readings(url.path()).pop().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let [first, rest @ ..] = &segments[..] {
        match vk_segment(first) {
            Ok(home @ VkHome::Id(_)) => certain.push(Home::Vk(home)),
            Ok(home @ VkHome::Name(_)) if at == VkHost::Pages && rest.is_empty() => certain.push(Home::Vk(home)),
            _ => {}
        }
    }
    for (key, value) in url.query_pairs() {
        let value = readings(&value).pop().unwrap_or_default();
        let values = value.split([',', '/']).map(str::trim);
        match key.to_ascii_lowercase().as_str() {
            // A number with a minus is a community's; without it, a person's.
            "oid" | "owner" | "owner_id" | "c[owner]" | "sel" | "peer" | "peer_id" | "peers" => {
                certain.extend(values.filter(|value| value.starts_with('-')).filter_map(by_segment));
            }
            "w" | "z" => certain.extend(values.filter_map(by_segment)),
            "gid" | "gids" | "group_id" | "group_ids" | "club_id" | "domain" | "screen_name" => {
                certain.extend(values.filter_map(|value| match value.trim_start_matches('-').parse() {
                    Ok(number) => Home::vk_id(number),
                    Err(_) => vk_segment(value).ok().map(Home::Vk),
                }));
            }
            _ => {}
        }
    }
    certain.dedup();
    certain
}

/// `-155`, `wall-155_3`: a community by its number.
fn by_segment(value: &str) -> Option<Home> {
    vk_segment(value).ok().filter(|home| matches!(home, VkHome::Id(_))).map(Home::Vk)
}

/// The numbers that appear in a text as a community's (`-155`, `club155`).
pub(super) fn written(text: &str) -> impl Iterator<Item = Home> + '_ {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))).filter_map(by_segment)
}

/// Every number and every short name in a text.
pub(super) fn possible(text: &str) -> impl Iterator<Item = Home> + '_ {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter_map(|digits| digits.parse().ok()).filter_map(Home::vk_id);
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    let names = words.map(|word| word.trim_matches('.')).filter_map(|word| vk_segment(word).ok()).map(Home::Vk);
    numbers.chain(names)
}
