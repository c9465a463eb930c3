//! The addresses of communities.

mod error;
mod telegram;
mod vk;

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use url::{Host, Url};

pub use error::HomeError;
pub(crate) use telegram::TELEGRAM_HOSTS;
pub use telegram::TelegramName;
pub(super) use telegram::{is_app_link, is_telegram_page_host, telegram_app_link, telegram_page};
pub use vk::VkHome;
pub(super) use vk::{is_vk_page_host, vk_segment};

use error::MAX_BYTES;

use super::CommunityId;
use super::id::SIGNED;

/// One address of a community.
///
/// It is parsed from what people paste (`m.vk.com/zavod`, `https://vk.ru/club123`, `tg://resolve?domain=zavod`) and
/// printed in one canonical form (`https://vk.com/zavod`, `https://t.me/zavod`), so that two spellings of one home are
/// equal. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
#[non_exhaustive]
pub enum Home {
    /// A page at VKontakte.
    Vk(VkHome),
    /// A public page at Telegram.
    Telegram(TelegramName),
    /// Any other web page: a feed, a calendar, or a page that links to one. `webcal://` is read as `https://`.
    Web(Url),
}

impl Home {
    /// The home of the VKontakte community with this number. `None` if no community can have it.
    pub fn vk_id(id: u64) -> Option<Self> {
        VkHome::number(id).map(Self::Vk)
    }

    /// The id of the community whose mirror this is: the fragment of the address is `byway:` and 64 hexadecimal digits.
    pub(crate) fn signed_community(&self) -> Option<CommunityId> {
        let Home::Web(url) = self else { return None };
        let digits = url.fragment()?.strip_prefix(SIGNED)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 64 && digits.bytes().all(is_digit)).then(|| format!("{SIGNED}{digits}").parse().ok()).flatten()
    }

    /// Returns `true` if this fragment of an address names a signed community, however it is written, and even if it is
    /// damaged. What such an address shows must be signed: it is never read as an ordinary page.
    pub(crate) fn names_signed(fragment: &str) -> bool {
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        decoded.trim_start().get(..SIGNED.len()).is_some_and(|start| start.eq_ignore_ascii_case(SIGNED))
    }

    /// Whether a community's own word that it is read here is enough to record it. A mirror names its community itself, and
    /// no other statement changes that. Any other address that a signed community names may be that of another community, whose
    /// records must stay in force.
    pub(crate) fn may_lead_to(&self, id: &CommunityId) -> bool {
        self.signed_community().is_none() && !id.is_signed()
    }

    /// Returns `true` for a mirror of a signed community, which no page of a platform is.
    fn is_mirror(&self) -> bool {
        let Home::Web(url) = self else { return false };
        self.signed_community().is_some() && !Self::is_at_vk(url) && !Self::is_at_telegram(url)
    }

    /// Returns `true` if the host of this URL is one of VKontakte's. Only such a URL can be a community's there.
    pub(crate) fn is_at_vk(url: &Url) -> bool {
        matches!(url.host(), Some(Host::Domain(host)) if is_vk_page_host(host))
    }

    /// Returns `true` if the host of this URL is one of those that show Telegram's public pages.
    pub(crate) fn is_at_telegram(url: &Url) -> bool {
        matches!(url.host(), Some(Host::Domain(host)) if is_telegram_page_host(host))
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
        if is_app_link(text) {
            return Ok(Self::Telegram(telegram_app_link(text)?));
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
        if url.fragment().is_some_and(Self::names_signed) {
            let home = Self::Web(url);
            return if home.is_mirror() && typed_scheme { Ok(home) } else { Err(HomeError::NoAddress) };
        }
        if Self::is_at_vk(&url) {
            return if has_own_port(&url) { Err(HomeError::Port) } else { Ok(Self::Vk(vk::vk_page(&url)?)) };
        }
        if Self::is_at_telegram(&url) {
            return if has_own_port(&url) { Err(HomeError::Port) } else { Ok(Self::Telegram(telegram_page(&url)?)) };
        }
        if typed_scheme { Ok(Self::Web(url)) } else { Err(HomeError::NoAddress) }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Home::Vk(VkHome::Id(id)) => write!(f, "https://vk.com/club{id}"),
            Home::Vk(VkHome::Name(name)) => write!(f, "https://vk.com/{name}"),
            Home::Telegram(name) => write!(f, "https://t.me/{name}"),
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

impl<'de> Deserialize<'de> for Home {
    /// Reads what was kept. An address that [`FromStr`] refuses today, and an earlier version took, is still a page on the web:
    /// one odd address must not cost the community in which it stands, nor what was recorded against reading it directly.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().or_else(|error| match Url::parse(&text) {
            // The text may be a careless spelling of an address that is known.
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url.as_str().parse().unwrap_or(Home::Web(url))),
            _ => Err(D::Error::custom(error)),
        })
    }
}

impl From<Home> for String {
    fn from(home: Home) -> Self {
        home.to_string()
    }
}

impl Home {
    /// The stable code of its kind: `vk`, `telegram` or `web`.
    pub fn code(&self) -> &'static str {
        match self {
            Home::Vk(_) => "vk",
            Home::Telegram(_) => "telegram",
            Home::Web(_) => "web",
        }
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Home::Vk(_) => "Home::Vk(..)",
            Home::Telegram(_) => "Home::Telegram(..)",
            Home::Web(_) => "Home::Web(..)",
        })
    }
}

fn has_own_port(url: &Url) -> bool {
    url.port().is_some_and(|port| port != 80 && port != 443)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_kept_address_that_is_refused_today_is_still_read() {
        for text in
            ["https://t.me/+AbCd", "https://t.me:8443/x", "https://u:p@site.example/feed", "https://vk.com:8443/x"]
        {
            assert!(text.parse::<Home>().is_err(), "{text}");
            let home: Home = serde_json::from_str(&format!("{text:?}")).unwrap();
            assert_eq!((home.code(), home.to_string().as_str()), ("web", text));
        }
        let careless: Home = serde_json::from_str("\"https:/vk.com/club1\"").unwrap();
        assert_eq!(careless, "vk.com/club1".parse().unwrap());
        assert!(serde_json::from_str::<Home>("\"javascript:alert(1)\"").is_err());
    }

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
            ("t.me/zavod", "https://t.me/zavod"),
            ("https://t.me/zavod", "https://t.me/zavod"),
            ("http://T.ME/s/Zavod_Live/", "https://t.me/zavod_live"),
            ("https://t.me/s/zavod?before=155#x", "https://t.me/zavod"),
            ("t.me/zavod/155?single", "https://t.me/zavod"),
            ("t.me/s/zavod/155", "https://t.me/zavod"),
            ("t.me/zavod/15/155", "https://t.me/zavod"),
            ("t.me/@zavod", "https://t.me/zavod"),
            ("t.me/%7Aavod", "https://t.me/zavod"),
            ("t.me/boost/zavod", "https://t.me/zavod"),
            ("t.me/share_the_news", "https://t.me/share_the_news"),
            ("www.telegram.me/zavod", "https://t.me/zavod"),
            ("https://telegram.dog/s/zavod", "https://t.me/zavod"),
            ("t.me.:443/zavod", "https://t.me/zavod"),
            ("zavod.t.me", "https://t.me/zavod"),
            ("https://Zavod.t.me/155", "https://t.me/zavod"),
            ("tg://resolve?domain=Zavod", "https://t.me/zavod"),
            ("TG://Resolve/?post=5&Domain=%40zavod", "https://t.me/zavod"),
            ("tg:resolve?domain=zavod#exposure", "https://t.me/zavod"),
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
            ("https://t.me:8443/zavod", HomeError::Port),
            ("https://user@t.me/zavod", HomeError::Credentials),
            ("t.me", HomeError::NoChannel),
            ("https://telegram.me/s/", HomeError::NoChannel),
            ("tg://resolve?post=1", HomeError::NoChannel),
            ("t.me/+AbCdEf123", HomeError::PrivateLink),
            ("t.me/%2BAbCdEf123", HomeError::PrivateLink),
            ("t.me/+79001234567", HomeError::PrivateLink),
            ("t.me/joinchat/AbCdEf", HomeError::PrivateLink),
            ("t.me/c/123/45", HomeError::PrivateLink),
            ("t.me/boost?c=123", HomeError::PrivateLink),
            ("tg://join?invite=AbC", HomeError::PrivateLink),
            ("tg:privatepost?channel=123&post=4", HomeError::PrivateLink),
            ("tg://resolve?phone=79001234567", HomeError::PrivateLink),
            ("t.me/addstickers/Zavod", HomeError::TelegramPage),
            ("https://t.me/proxy?server=a&port=1&secret=b", HomeError::TelegramPage),
            ("https://t.me/share/url?url=https://t.me/zavod", HomeError::TelegramPage),
            ("t.me/$invoice", HomeError::TelegramPage),
            ("tg://socks?server=a", HomeError::TelegramPage),
            ("tg://settings", HomeError::TelegramPage),
            ("t.me/1zavod", HomeError::ChannelName),
            ("t.me/завод", HomeError::ChannelName),
            ("t.me/za", HomeError::ChannelName),
            ("tg://resolve?domain=a/b", HomeError::ChannelName),
            ("t.me.evil.example/zavod", HomeError::NoAddress),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Home>(), Err(error), "{text}");
        }
        assert_eq!("x".repeat(MAX_BYTES + 1).parse::<Home>(), Err(HomeError::TooLong));
    }

    #[test]
    fn a_damaged_id_of_a_signed_community_is_no_page() {
        let id = "0123456789abcdef".repeat(4);
        let mirror = format!("https://m.example/#byway:{id}");
        assert!(mirror.parse::<Home>().unwrap().signed_community().is_some());
        let upper = id.to_uppercase();
        for text in [
            format!("https://m.example/#BYWAY:{id}"),
            format!("https://m.example/#byway:{upper}"),
            format!("https://m.example/#byway:{}", &id[1..]),
            format!("https://m.example/#byway%3A{id}"),
            format!("https://m.example/#byway:{id}."),
            format!("https://t.me/impostor#byway:{id}"),
            format!("vk.com/impostor#byway:{id}"),
        ] {
            assert_eq!(text.parse::<Home>(), Err(HomeError::NoAddress), "{text}");
        }
    }

    #[test]
    fn debug_does_not_say_which_community() {
        for link in ["vk.com/zavod", "t.me/zavod", "https://zavod.example/"] {
            let home: Home = link.parse().unwrap();
            assert!(!format!("{home:?}").contains("zavod"), "{link}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_home_parses_to_itself(text in "(https?://)?(m\\.|www\\.)?vk\\.(com|ru)/(club|public|event|wall-)?[a-z0-9_.]{1,12}") {
            if let Ok(home) = text.parse::<Home>() {
                prop_assert_eq!(home.to_string().parse::<Home>(), Ok(home));
            }
        }

        #[test]
        fn every_spelling_of_a_channel_is_one_home(
            name in "[a-z][a-z0-9_]{3,31}",
            before in "(https?://)?((www|m)\\.)?(t\\.me|telegram\\.(me|dog))\\.?/(s/)?@?",
            after in "(/[0-9]{1,6})?(\\?[a-z]{1,6}=[a-z0-9]{0,6})?(#[a-z]{0,6})?",
            upper in any::<bool>(),
        ) {
            let spelt = if upper { name.to_ascii_uppercase() } else { name.clone() };
            let home = format!("{before}{spelt}{after}").parse::<Home>();
            let reserved = format!("t.me/{name}").parse::<Home>() == Err(HomeError::TelegramPage);
            prop_assume!(!reserved && home != Err(HomeError::PrivateLink));
            prop_assert_eq!(home.clone().map(|home| home.to_string()), Ok(format!("https://t.me/{name}")));
            let by_app = format!("tg://resolve?domain={spelt}").parse::<Home>();
            prop_assert_eq!(by_app, home);
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
