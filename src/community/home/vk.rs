//! Addresses at VKontakte.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use super::error::HomeError;

/// The address of a community at VKontakte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VkHome {
    /// By its number, from 1: `club123`, `public123` and `event123` are one community.
    Id(u64),
    /// By its short name, in lower case.
    Name(String),
}

impl VkHome {
    /// The home of the community with this number. `None` if no community can have it.
    pub(super) fn number(id: u64) -> Option<Self> {
        // The API writes a community's number negated, as a signed 64-bit integer.
        (id > 0 && i64::try_from(id).is_ok()).then_some(VkHome::Id(id))
    }

    /// The stable code of its form: `id` or `name`.
    pub fn code(&self) -> &'static str {
        match self {
            VkHome::Id(_) => "id",
            VkHome::Name(_) => "name",
        }
    }
}

impl fmt::Debug for VkHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VkHome(..)")
    }
}

pub(super) fn vk_page(url: &Url) -> Result<VkHome, HomeError> {
    let mut segments = url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty());
    let Some(page) = segments.next() else {
        return Err(HomeError::NoCommunity);
    };
    if segments.next().is_some() {
        return Err(HomeError::Platform);
    }
    vk_segment(&percent_decode_str(page).decode_utf8_lossy())
}

/// Returns `true` if this host, in lower case, shows `HOST/NAME` as the page of NAME.
pub(in crate::community) fn is_vk_page_host(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let host = ["www.", "m.", "new.", "mobile."].iter().find_map(|front| host.strip_prefix(front)).unwrap_or(host);
    matches!(host, "vk.com" | "vk.ru" | "vkontakte.ru" | "vk.me")
}

/// The community named by the first path segment at VKontakte, percent-decoded.
pub(in crate::community) fn vk_segment(segment: &str) -> Result<VkHome, HomeError> {
    let segment = segment.to_ascii_lowercase();
    let (page, of_article) = match segment.strip_prefix('@') {
        Some(page) => (page, true),
        None => (&*segment, false),
    };
    // `@NAME-title` is an article of NAME, whatever the title is.
    let page = match page.split_once('-') {
        Some((name, _)) if of_article && !name.is_empty() => name,
        _ => page,
    };
    for kind in ["club", "public", "event", "board", "gim"] {
        if let Some(digits) = page.strip_prefix(kind).filter(|rest| is_number(rest)) {
            return vk_number(digits);
        }
    }
    for kind in ["id", "app"] {
        if page.strip_prefix(kind).is_some_and(is_number) {
            return Err(if kind == "id" { HomeError::Person } else { HomeError::Platform });
        }
    }
    // `wall-1_2`, `topic-1_2`, `app7_-1`, `@-1-title`: an item of community 1, of any kind.
    if let Some((kind, owner)) = page.split_once('-') {
        let (digits, rest) = owner.split_at(owner.find(|c: char| !c.is_ascii_digit()).unwrap_or(owner.len()));
        let is_kind = kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_kind && is_number(digits) && (rest.is_empty() || rest.starts_with(['_', '-'])) {
            return vk_number(digits);
        }
    }
    // Without the minus it belongs to a person.
    for kind in
        ["wall", "photo", "photos", "video", "videos", "topic", "album", "albums", "doc", "market", "audios", "clips"]
    {
        let Some(rest) = page.strip_prefix(kind) else {
            continue;
        };
        let (owner, item) = rest.split_once('_').unwrap_or((rest, "1"));
        if is_number(owner) && is_number(item) {
            return Err(HomeError::Person);
        }
    }
    if page.ends_with(".php") || PLATFORM_PAGES.contains(&page) {
        return Err(HomeError::Platform);
    }
    let well_formed = page.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
        && page.chars().any(|c| c.is_ascii_alphanumeric());
    if !well_formed || !(MIN_NAME..=MAX_NAME).contains(&page.len()) {
        return Err(HomeError::Name);
    }
    Ok(VkHome::Name(page.to_owned()))
}

fn vk_number(digits: &str) -> Result<VkHome, HomeError> {
    digits.parse().ok().and_then(VkHome::number).ok_or(HomeError::Name)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// VKontakte's short names: new ones have at least five characters, but older ones are shorter.
const MIN_NAME: usize = 2;
const MAX_NAME: usize = 64;

/// Pages of VKontakte that are not communities.
const PLATFORM_PAGES: &[&str] = &[
    "about",
    "ads",
    "albums",
    "apps",
    "articles",
    "audio",
    "audios",
    "away",
    "bookmarks",
    "bugs",
    "cc",
    "clips",
    "dev",
    "docs",
    "edit",
    "fave",
    "feed",
    "friends",
    "games",
    "gifts",
    "groups",
    "help",
    "im",
    "join",
    "login",
    "mail",
    "market",
    "menu",
    "method",
    "music",
    "pages",
    "photo",
    "photos",
    "places",
    "podcasts",
    "privacy",
    "restore",
    "rules",
    "search",
    "services",
    "settings",
    "share",
    "stats",
    "stickers",
    "stories",
    "support",
    "terms",
    "topic",
    "uslugi",
    "video",
    "videos",
    "wall",
    "write",
];
