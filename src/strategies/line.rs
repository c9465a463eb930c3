//! Finds the strategy in one line and reads it.

use super::decorations::{is_quote, link_target, undecorated, visible};
use super::form::Form;
use super::limits::MAX_LINE;
use super::urls::{find_url, unpacked_socks};
use super::{ImportError, bridge_line, telegram};
use crate::transport::{Scheme, Strategy, StrategyError};

/// Reads one line; `None` if there is nothing to read.
pub(super) fn read(line: &str) -> Result<Option<Strategy>, ImportError> {
    if line.len() > MAX_LINE {
        return Err(StrategyError::TooLong.into());
    }
    let line = visible(line);
    let text = line.trim();
    if !text.contains(char::is_alphanumeric) || text.starts_with('#') || text.starts_with("//") {
        return Ok(None);
    }
    let text = link_target(undecorated(text));
    // Before URLs: the parameters of a bridge may hold one.
    if bridge_line::is_bridge_line(text) {
        return bridge_line::read(text).map(Some);
    }
    match find_url(text) {
        Some((before, url)) => read_url(before, url),
        None => read_words(text),
    }
    .map(Some)
}

fn read_url(before: &str, rest: &str) -> Result<Strategy, ImportError> {
    // `Proxy 1: socks5://...` has a label, and `Proxy 1 (https://...)` is the form of a link copied from a chat; `login
    // secret socks5://...` may be more than that.
    let is_apart = rest.starts_with(['(', '<']) || !before.trim_end().ends_with(char::is_alphanumeric);
    if !is_apart || before.contains('@') {
        return Err(ImportError::OtherText);
    }
    let mut rest = undecorated(rest);
    if rest.starts_with(is_quote) {
        rest = undecorated(rest.trim_end_matches(STOPS));
    }
    let (url, after) = match (rest.find(' '), rest.find('#')) {
        // A name may hold spaces.
        (Some(space), Some(name)) if name < space => (rest, ""),
        (Some(space), _) => rest.split_at(space),
        (None, _) => (rest, ""),
    };
    if after.contains("://") {
        return Err(ImportError::Several);
    }
    if after.contains(char::is_alphanumeric) {
        return Err(ImportError::OtherText);
    }
    if telegram::is_link(&url.to_ascii_lowercase()) {
        return telegram::read(url);
    }
    let (scheme, authority) = match url.split_once("://") {
        Some((scheme, rest)) => (Scheme::named(scheme), rest.split(['/', '?', '#']).next().unwrap_or_default()),
        None => (None, ""),
    };
    let is_web = matches!(scheme, Some(Scheme::Http | Scheme::Https));
    if is_web && !authority.contains(['@', ':']) {
        return Err(ImportError::WebPage);
    }
    if let (Some(scheme), Some((_, list))) = (scheme, url.split_once("://"))
        && !list.contains(['@', '?', '#', '['])
        && list.split(':').count() >= 4
    {
        return Form::of_word(list).ok_or(ImportError::NotUnderstood)?.strategy(Some(scheme));
    }
    // The end of a sentence is cut only here: in the forms above a password may stand at the end.
    let url = if url.contains('#') { url } else { url.trim_end_matches(STOPS) };
    let unpacked = unpacked_socks(url);
    let url = unpacked.as_ref().map_or(url, |url| url.as_str());
    match url.parse() {
        Err(StrategyError::Path) if is_web => Err(ImportError::WebPage),
        parsed => Ok(parsed?),
    }
}

fn read_words(text: &str) -> Result<Strategy, ImportError> {
    let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let label = |word: &str| word.strip_suffix(':').is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut scheme = None;
    if let Some(first) = words.first().copied() {
        scheme = kind_word(first.trim_end_matches(':'))?;
        if scheme.is_some() || label(first) {
            words.remove(0);
        }
    }
    if scheme.is_none() && words.len() > 1 {
        // In tables the kind stands at the end.
        scheme = words.last().map_or(Ok(None), |last| kind_word(last))?;
        if scheme.is_some() {
            words.pop();
        }
    }
    if words.is_empty() && scheme == Some(Scheme::TorSocks5) {
        return Err(StrategyError::TorWithoutAddress.into());
    }
    let form = Form::of_words(&words).ok_or(ImportError::NotUnderstood)?;
    match scheme {
        None if form.is_named_host() => Err(ImportError::NoKind),
        None if !form.is_plain_host() => Err(ImportError::NotUnderstood),
        scheme => form.strategy(scheme),
    }
}

/// The kind of proxy that a word names.
fn kind_word(word: &str) -> Result<Option<Scheme>, StrategyError> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "tor" => Ok(Some(Scheme::TorSocks5)),
        "shadowsocks" => Ok(Some(Scheme::Shadowsocks)),
        "socks4" | "socks4a" => Err(StrategyError::NotSpoken { scheme: lower }),
        _ => Ok(Scheme::named(&lower).filter(|scheme| *scheme != Scheme::Direct)),
    }
}

/// Characters that end a sentence around a URL, and never end one of our URLs.
const STOPS: &[char] = &['.', ',', ';', '!'];
