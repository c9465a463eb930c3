//! The hosts of Telegram, and the channels that an address there names.

use url::Url;

use super::inner::has_telegram;
use crate::community::home::{
    Home, TELEGRAM_HOSTS, TelegramName, is_telegram_page_host, telegram_app_link, telegram_page,
};

/// The kind of a Telegram host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TelegramHost {
    /// Shows `HOST/NAME` as the page of NAME.
    Pages,
    /// Stores pictures, documents and videos.
    Files,
    /// The site, the clients on the web.
    Other,
    /// No host: the link opens the app.
    App,
}

/// The kind of Telegram host, if it is one.
pub(super) fn telegram_host(host: &str) -> Option<TelegramHost> {
    if !has_telegram(host) {
        return None;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if is_telegram_page_host(&host) {
        return Some(TelegramHost::Pages);
    }
    let (rest, top) = host.rsplit_once('.')?;
    match (rest.rsplit('.').next().unwrap_or(rest), top) {
        ("telesco", "pe") | ("cdn-telegram" | "telegram-cdn", _) => Some(TelegramHost::Files),
        ("telegram", _) => Some(TelegramHost::Other),
        _ => None,
    }
}

/// The channel that an address names by a form that says whose page it is.
pub(super) fn certain(url: &Url, at: TelegramHost) -> Vec<Home> {
    let name = match at {
        TelegramHost::Pages => telegram_page(url),
        TelegramHost::App => telegram_app_link(url.as_str()),
        TelegramHost::Files | TelegramHost::Other => return Vec::new(),
    };
    name.ok().map(Home::Telegram).into_iter().collect()
}

/// Every word in a text that may be a channel's name.
pub(super) fn possible(text: &str) -> impl Iterator<Item = Home> + '_ {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter_map(|word| TelegramName::parse(word).ok()).map(Home::Telegram)
}

/// The hosts that show the same pages.
pub(super) fn page_hosts() -> impl Iterator<Item = String> {
    TELEGRAM_HOSTS.iter().map(|host| (*host).to_owned())
}
