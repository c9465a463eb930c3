//! The addresses of communities.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// One address of a community.
///
/// It is parsed from what people paste (`m.vk.com/zavod`, `https://vk.ru/club123`) and printed in one canonical form
/// (`https://vk.com/zavod`), so that two spellings of one home are equal. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Home {
    /// A page at VKontakte.
    Vk(VkHome),
    /// Any other web page: a feed, a calendar, or a page that links to one. `webcal://` is read as `https://`.
    Web(Url),
}

/// The address of a community at VKontakte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum VkHome {
    /// By its number, from 1: `club123`, `public123` and `event123` are one community.
    Id(u64),
    /// By its short name, in lower case.
    Name(String),
}

impl Home {
    /// The home of the VKontakte community with this number. `None` if no community can have it.
    pub fn vk_id(id: u64) -> Option<Self> {
        // The API writes a community's number negated, as a signed 64-bit integer.
        (id > 0 && i64::try_from(id).is_ok()).then_some(Self::Vk(VkHome::Id(id)))
    }

    /// Returns `true` if the host of this URL is one of VKontakte's. Only such a URL can be a community's there.
    pub(crate) fn is_at_vk(url: &Url) -> bool {
        matches!(url.host(), Some(Host::Domain(host)) if is_vk_page_host(host))
    }
}

impl FromStr for Home {
    type Err = HomeError;

    fn from_str(text: &str) -> Result<Self, HomeError> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return Err(HomeError::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(HomeError::NoAddress);
        }
        let (url, typed_scheme) = match text.split_once("://") {
            Some((scheme, _)) if matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") => {
                (Url::parse(text), true)
            }
            // Calendars are shared under their own scheme, but served over the web.
            Some((scheme, rest)) if matches!(scheme.to_ascii_lowercase().as_str(), "webcal" | "webcals") => {
                (Url::parse(&format!("https://{rest}")), true)
            }
            Some(_) => return Err(HomeError::Scheme),
            None => (Url::parse(&format!("https://{}", text.trim_start_matches('/'))), false),
        };
        let url = url.map_err(|_| HomeError::NoAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HomeError::Credentials);
        }
        if Self::is_at_vk(&url) {
            if url.port().is_some_and(|port| port != 80 && port != 443) {
                return Err(HomeError::Port);
            }
            return Ok(Self::Vk(vk_page(&url)?));
        }
        if typed_scheme { Ok(Self::Web(url)) } else { Err(HomeError::NoAddress) }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Home::Vk(VkHome::Id(id)) => write!(f, "https://vk.com/club{id}"),
            Home::Vk(VkHome::Name(name)) => write!(f, "https://vk.com/{name}"),
            Home::Web(url) => f.write_str(url.as_str()),
        }
    }
}

impl TryFrom<String> for Home {
    type Error = HomeError;

    fn try_from(text: String) -> Result<Self, HomeError> {
        text.parse()
    }
}

impl From<Home> for String {
    fn from(home: Home) -> Self {
        home.to_string()
    }
}

impl Home {
    /// The stable code of its kind: `vk` or `web`.
    pub fn code(&self) -> &'static str {
        match self {
            Home::Vk(_) => "vk",
            Home::Web(_) => "web",
        }
    }
}

impl VkHome {
    /// The stable code of its form: `id` or `name`.
    pub fn code(&self) -> &'static str {
        match self {
            VkHome::Id(_) => "id",
            VkHome::Name(_) => "name",
        }
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Home::Vk(_) => "Home::Vk(..)",
            Home::Web(_) => "Home::Web(..)",
        })
    }
}

impl fmt::Debug for VkHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VkHome(..)")
    }
}

/// Error parsing a home. No message repeats the text: errors end up in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The text is not an address that a community can have.
    #[error("this is not the address of a community; give one like vk.com/NAME or https://vk.com/club123")]
    NoAddress,
    /// The scheme is neither http nor https.
    #[error("an address of a community begins with https:// or http://, or has no scheme at all")]
    Scheme,
    /// The text is longer than any address.
    #[error("the address is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The address has a user name or password.
    #[error("an address of a community carries no user name or password")]
    Credentials,
    /// The address is at VKontakte, with a port.
    #[error("an address at VKontakte has no port of its own")]
    Port,
    /// The address is at VKontakte, without a community.
    #[error("the address names VKontakte but no community; give one like vk.com/NAME or vk.com/club123")]
    NoCommunity,
    /// The address is the page of a person at VKontakte.
    #[error("the address is a person's page at VKontakte; Byway reads communities")]
    Person,
    /// The address is a page of VKontakte itself.
    #[error("the address is a page of VKontakte itself, not of a community")]
    Platform,
    /// The address is at VKontakte, with a number or name that no community can have.
    #[error("no community at VKontakte can have this name or number")]
    Name,
}

codes! {
    &HomeError {
        NoAddress = "no_address",
        Scheme = "scheme",
        TooLong = "too_long",
        Credentials = "credentials",
        Port = "port",
        NoCommunity = "no_community",
        Person = "person",
        Platform = "platform",
        Name = "name",
    }
}

fn vk_page(url: &Url) -> Result<VkHome, HomeError> {
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
pub(super) fn is_vk_page_host(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let host = ["www.", "m.", "new.", "mobile."].iter().find_map(|front| host.strip_prefix(front)).unwrap_or(host);
    matches!(host, "vk.com" | "vk.ru" | "vkontakte.ru" | "vk.me")
}

/// The community named by the first path segment at VKontakte, percent-decoded.
pub(super) fn vk_segment(segment: &str) -> Result<VkHome, HomeError> {
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
    match digits.parse().ok().and_then(Home::vk_id) {
        Some(Home::Vk(home)) => Ok(home),
        _ => Err(HomeError::Name),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Longer than any address that a browser shows.
const MAX_BYTES: usize = 2048;

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_a_home_is_parsed_to_one_form() {
        let cases = [
            ("vk.com/zavod_live", "https://vk.com/zavod_live"),
            ("https://vk.com/zavod_live", "https://vk.com/zavod_live"),
            ("http://vk.com/zavod_live", "https://vk.com/zavod_live"),
            ("HTTPS://VK.COM/Zavod_Live", "https://vk.com/zavod_live"),
            ("https://vk.ru/zavod_live/", "https://vk.com/zavod_live"),
            ("m.vk.com/zavod_live?from=menu#x", "https://vk.com/zavod_live"),
            ("https://m.vk.ru/zavod.live", "https://vk.com/zavod.live"),
            ("www.vk.com/zavod", "https://vk.com/zavod"),
            ("//vk.com/zavod", "https://vk.com/zavod"),
            ("https://vkontakte.ru/club7", "https://vk.com/club7"),
            (" vk.com/club123 ", "https://vk.com/club123"),
            ("https://vk.ru/public123", "https://vk.com/club123"),
            ("m.vk.com/event123", "https://vk.com/club123"),
            ("vk.com/wall-1_2", "https://vk.com/club1"),
            ("vk.com/topic-1_2?offset=20", "https://vk.com/club1"),
            ("vk.com/club123?w=wall-123_4", "https://vk.com/club123"),
            ("vk.com/club123abc", "https://vk.com/club123abc"),
            ("vk.com/@zavod", "https://vk.com/zavod"),
            ("vk.com:443/zavod", "https://vk.com/zavod"),
            ("vk.com/%7Aavod", "https://vk.com/zavod"),
            ("vk.com/./zavod", "https://vk.com/zavod"),
            ("vk.com./zavod", "https://vk.com/zavod"),
            ("vk.me/zavod", "https://vk.com/zavod"),
            ("vk.com/page-155_1", "https://vk.com/club155"),
            ("vk.com/board155", "https://vk.com/club155"),
            ("vk.com/app123_-155", "https://vk.com/club155"),
            ("vk.com/-155", "https://vk.com/club155"),
            ("vk.com/@-155-title", "https://vk.com/club155"),
            ("vk.com/@zavod-155-years", "https://vk.com/zavod"),
            ("https://t.me/zavod", "https://t.me/zavod"),
        ];
        for (text, canonical) in cases {
            let home: Home = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(home.to_string(), canonical, "{text}");
            assert_eq!(canonical.parse(), Ok(home), "{text}");
        }
    }

    #[test]
    fn what_is_no_home_is_refused_with_the_reason() {
        let cases = [
            ("", HomeError::NoAddress),
            ("zavod", HomeError::NoAddress),
            ("vk com/zavod", HomeError::NoAddress),
            ("example.org/zavod", HomeError::NoAddress),
            ("vk.com.evil.example/zavod", HomeError::NoAddress),
            ("https://", HomeError::NoAddress),
            ("ftp://vk.com/zavod", HomeError::Scheme),
            ("javascript://vk.com/zavod", HomeError::Scheme),
            ("vk.com", HomeError::NoCommunity),
            ("https://vk.com/", HomeError::NoCommunity),
            ("vk.com/id1", HomeError::Person),
            ("vk.com/wall1_2", HomeError::Person),
            ("vk.com/feed", HomeError::Platform),
            ("vk.com/blank.php?rkn=1", HomeError::Platform),
            ("vk.com/a/b", HomeError::Platform),
            ("vk.com/club0", HomeError::Name),
            ("vk.com/club99999999999999999999", HomeError::Name),
            ("vk.com/zav%20od", HomeError::Name),
            ("vk.com/завод", HomeError::Name),
            ("vk.com/x", HomeError::Name),
            ("https://user:pw@vk.com/zavod", HomeError::Credentials),
            ("https://vk.com:8443/zavod", HomeError::Port),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Home>(), Err(error), "{text}");
        }
        assert_eq!("x".repeat(MAX_BYTES + 1).parse::<Home>(), Err(HomeError::TooLong));
    }

    #[test]
    fn debug_does_not_say_which_community() {
        let home: Home = "vk.com/zavod".parse().unwrap();
        assert!(!format!("{home:?}").contains("zavod"));
    }

    proptest! {
        #[test]
        fn a_printed_home_parses_to_itself(text in "(https?://)?(m\\.|www\\.)?vk\\.(com|ru)/(club|public|event|wall-)?[a-z0-9_.]{1,12}") {
            if let Ok(home) = text.parse::<Home>() {
                prop_assert_eq!(home.to_string().parse::<Home>(), Ok(home));
            }
        }

        #[test]
        fn every_community_number_has_a_home_that_parses_to_itself(id in 1..=i64::MAX as u64) {
            let home = Home::vk_id(id).unwrap();
            prop_assert_eq!(home.to_string().parse::<Home>(), Ok(home));
        }

        #[test]
        fn any_text_parses_or_is_refused(text in "\\PC{0,80}") {
            if let Ok(home) = text.parse::<Home>() {
                prop_assert_eq!(home.to_string().parse::<Home>(), Ok(home));
            }
        }
    }
}
