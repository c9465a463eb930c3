//! Addresses at Telegram: those of its public pages (`t.me/NAME`, `t.me/s/NAME`, `NAME.t.me`) and those that open its app
//! (`tg://resolve?domain=NAME`). <https://core.telegram.org/api/links> lists the forms.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

use super::error::HomeError;

/// The name of a public channel, group or person at Telegram, in lower case and without the `@`.
///
/// `Debug` is redacted; `Display` is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelegramName(String);

impl TelegramName {
    /// The name as it stands in an address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses a name in any case, with or without an `@`.
    pub(in crate::community) fn parse(text: &str) -> Result<Self, HomeError> {
        let name = text.strip_prefix('@').unwrap_or(text).to_ascii_lowercase();
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && (MIN_NAME..=MAX_NAME).contains(&name.len());
        if well_formed { Ok(Self(name)) } else { Err(HomeError::ChannelName) }
    }
}

impl fmt::Display for TelegramName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TelegramName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TelegramName(..)")
    }
}

/// Returns `true` if this host shows Telegram's public pages: `HOST/NAME`, or `NAME.t.me`.
pub(in crate::community) fn is_telegram_page_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    TELEGRAM_HOSTS.iter().any(|page| host.strip_suffix(page).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
}

/// The channel whose page this is. The host is one of Telegram's.
pub(in crate::community) fn telegram_page(url: &Url) -> Result<TelegramName, HomeError> {
    if let Some(name) = url.domain().and_then(named_by_host) {
        return TelegramName::parse(&name);
    }
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next().ok_or(HomeError::NoChannel)?;
    let named = match first.to_ascii_lowercase().as_str() {
        // The preview on the web.
        "s" => segments.next().ok_or(HomeError::NoChannel)?,
        "boost" => segments.next().ok_or(HomeError::PrivateLink)?,
        "joinchat" | "c" => return Err(HomeError::PrivateLink),
        page if PAGES.contains(&page) || page.starts_with('$') => return Err(HomeError::TelegramPage),
        _ => first,
    };
    // An invitation or a telephone number. In a query a plus may have become a blank.
    if named.starts_with(['+', ' ']) { Err(HomeError::PrivateLink) } else { TelegramName::parse(named) }
}

/// Returns `true` for a link that opens Telegram's app.
pub(in crate::community) fn is_app_link(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("tg"))
}

/// The channel that a link opens in Telegram's app.
pub(in crate::community) fn telegram_app_link(text: &str) -> Result<TelegramName, HomeError> {
    let text = text.split('#').next().unwrap_or_default();
    let link = text.split_once(':').map_or("", |(_, link)| link).trim_start_matches('/');
    let (action, query) = link.split_once('?').unwrap_or((link, ""));
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    match action.trim_end_matches('/').to_ascii_lowercase().as_str() {
        "resolve" | "boost" => match value("domain") {
            Some(name) => TelegramName::parse(&name),
            None if value("phone").is_some() || value("channel").is_some() => Err(HomeError::PrivateLink),
            None => Err(HomeError::NoChannel),
        },
        "join" | "privatepost" | "openmessage" | "user" | "contact" => Err(HomeError::PrivateLink),
        _ => Err(HomeError::TelegramPage),
    }
}

/// `zavod` of `zavod.t.me`.
fn named_by_host(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let name = host.strip_suffix(".t.me")?;
    (!matches!(name, "www" | "m")).then(|| name.to_owned())
}

/// The hosts that show Telegram's public pages, all three the same.
pub(crate) const TELEGRAM_HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// New names have at least five characters, names that were sold have four; a few older ones are shorter.
const MIN_NAME: usize = 3;
const MAX_NAME: usize = 32;

/// First segments of pages that are no channel's.
const PAGES: &[&str] = &[
    "a",
    "addemoji",
    "addlist",
    "addstickers",
    "addtheme",
    "auction",
    "bg",
    "call",
    "confirmphone",
    "contact",
    "giftcode",
    "invoice",
    "iv",
    "k",
    "login",
    "m",
    "newbot",
    "nft",
    "proxy",
    "setlanguage",
    "share",
    "socks",
    "stars_topup",
];
