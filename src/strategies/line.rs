//! Uncovers the strategy in one line and reads it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::{ImportError, Kind, Login, MAX_LINE, Strategy, StrategyError, subscription, telegram};
use crate::transport::{Destination, Scheme, parse_port, split_port};

/// Reads one line; `None` where there is nothing to read.
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
    match find_url(text) {
        Some((before, url)) => read_url(before, url),
        None => read_words(text),
    }
    .map(Some)
}

/// The line as it is seen: any space is a space, and what is invisible is gone.
pub(super) fn visible(line: &str) -> Zeroizing<String> {
    // All of its room at once, as elsewhere: a copy that grows is left behind. Nothing gets longer here.
    let mut visible = Zeroizing::new(String::with_capacity(line.len()));
    visible.extend(
        line.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control() && !is_invisible(*c)),
    );
    visible
}

/// The text without bullet, number, quotes and list punctuation around it.
pub(super) fn undecorated(mut text: &str) -> &str {
    for _ in 0..MAX_DECORATIONS {
        let before = text;
        text = text.trim().trim_end_matches([',', ';']).trim_end();
        text = without_number(text);
        text = without_bullet(text);
        text = without_quotes(text);
        if text == before {
            break;
        }
    }
    text
}

/// `[text](target)`, as Markdown writes links.
fn link_target(text: &str) -> &str {
    text.strip_prefix('[')
        .and_then(|text| text.split_once("]("))
        .and_then(|(_, target)| target.strip_suffix(')'))
        .unwrap_or(text)
}

/// The first word that is a URL or a link, with all that follows, and what stands before it.
fn find_url(text: &str) -> Option<(&str, &str)> {
    if text.eq_ignore_ascii_case(Scheme::Direct.text()) {
        return Some(("", text));
    }
    let mut start = 0;
    for word in text.split(' ') {
        if is_url(word.trim_start_matches(|c: char| !c.is_alphanumeric())) {
            return text.split_at_checked(start);
        }
        start += word.len() + 1;
    }
    None
}

/// Whether it begins as a URL or a link does.
pub(super) fn is_url(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let scheme = lower.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme =
        |scheme: &str| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    scheme.is_some_and(is_scheme) || lower.starts_with("direct:") || telegram::is_link(&lower)
}

fn read_url(before: &str, rest: &str) -> Result<Strategy, ImportError> {
    // `Proxy 1: socks5://...` has a label and `Proxy 1 (https://...)` is how a link is copied out of a chat;
    // `login secret socks5://...` may be more than that.
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
    // The end of a sentence is cut here and not earlier: in the forms above a password may stand at the end.
    let url = if url.contains('#') { url } else { url.trim_end_matches(STOPS) };
    let unpacked = unpacked_socks(url);
    let url = unpacked.as_ref().map_or(url, |url| url.as_str());
    match url.parse() {
        Err(StrategyError::Path) if is_web => Err(ImportError::WebPage),
        parsed => Ok(parsed?),
    }
}

/// `socks://BASE64@host:port` and `socks://BASE64`, as v2rayN and Shadowrocket share a SOCKS5 proxy: in the Base64 is
/// `user:password`, or that with the server. `None` for all else: `socks://` alone may mean SOCKS4, too.
fn unpacked_socks(url: &str) -> Option<Zeroizing<String>> {
    let (scheme, rest) = url.split_once("://")?;
    if !["socks", "socks5", "socks5h"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (way, options) = rest.split_at_checked(end)?;
    let way = way.strip_suffix('/').unwrap_or(way);
    let (packed, server) = way.rsplit_once('@').map_or((way, None), |(packed, server)| (packed, Some(server)));
    if packed.contains(':') {
        return None;
    }
    let inside = subscription::from_base64(packed).filter(|inside| !inside.contains(char::is_control))?;
    let (login, server) = match server {
        Some(server) => (inside.as_str(), server),
        None => inside.rsplit_once('@').unwrap_or(("", inside.as_str())),
    };
    let (user, password) = if login.is_empty() { ("", "") } else { login.split_once(':')? };
    split_port(server).ok().filter(|(_, port)| port.is_some())?;
    // All of its room at once: percent-encoding makes three bytes of one.
    let mut unpacked = Zeroizing::new(String::with_capacity(16 + 3 * inside.len() + server.len() + options.len()));
    unpacked.push_str("socks5://");
    if !user.is_empty() {
        unpacked.extend(utf8_percent_encode(user, NON_ALPHANUMERIC));
        unpacked.push(':');
        unpacked.extend(utf8_percent_encode(password, NON_ALPHANUMERIC));
        unpacked.push('@');
    }
    unpacked.push_str(server);
    unpacked.push_str(options);
    Some(unpacked)
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
        // In tables the kind stands behind.
        scheme = words.last().map_or(Ok(None), |last| kind_word(last))?;
        if scheme.is_some() {
            words.pop();
        }
    }
    Form::of_words(&words)
        .filter(|form| scheme.is_some() || form.is_plain_host())
        .ok_or(ImportError::NotUnderstood)?
        .strategy(scheme)
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

/// A proxy as people write it without a scheme: nothing is judged yet.
struct Form<'a> {
    host: &'a str,
    port: &'a str,
    login: Option<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    fn of_words(words: &[&'a str]) -> Option<Self> {
        match *words {
            [word] => Self::of_word(word),
            [host, port] if is_number(port) => Some(Self { host, port, login: None }),
            [word, user, password] => Self::of_word(word)
                .filter(|form| form.login.is_none())
                .map(|form| Self { login: Some((user, password)), ..form }),
            [host, port, user, password] if is_number(port) => Some(Self { host, port, login: Some((user, password)) }),
            _ => None,
        }
    }

    /// `host:port`, `host:port:user:password` or `user:password@host:port`.
    fn of_word(word: &'a str) -> Option<Self> {
        if let Some((login, server)) = word.rsplit_once('@')
            && let Ok((host, Some(port))) = split_port(server)
            && is_number(port)
        {
            return Some(Self { host, port, login: Some(login.split_once(':').unwrap_or((login, ""))) });
        }
        let end = if word.starts_with('[') { word.find(']')? } else { 0 };
        let colon = word.get(end..)?.find(':')? + end;
        let (host, rest) = (word.get(..colon)?, word.get(colon + 1..)?);
        match rest.split_once(':') {
            None => Some(Self { host, port: rest, login: None }),
            // A password may hold colons; it comes last.
            Some((port, login)) => Some(Self { host, port, login: Some(login.split_once(':')?) }),
        }
        .filter(|form| is_number(form.port))
    }

    /// Whether the host is one without being told: `12:30` and `note:1` are no proxies.
    fn is_plain_host(&self) -> bool {
        self.host.contains('.') || self.host.starts_with('[') || self.host.eq_ignore_ascii_case("localhost")
    }

    fn strategy(self, scheme: Option<Scheme>) -> Result<Strategy, ImportError> {
        let port = parse_port(self.port).map_err(StrategyError::from)?;
        let server = Destination::new(self.host, port).map_err(StrategyError::from)?;
        let scheme = scheme.or_else(|| usual_scheme(&server)).ok_or(ImportError::NoKind)?;
        let login = self.login.map(|(user, password)| Login::new(user, password)).transpose()?;
        Ok(Kind::proxy(scheme, server, login)?.into())
    }
}

/// What a port means by itself. Tor's ports mean Tor on this device only: elsewhere anybody may listen there, and
/// what is taken for Tor is trusted with more.
fn usual_scheme(server: &Destination) -> Option<Scheme> {
    let is_loopback = match &server.host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    };
    match server.port {
        1080 => Some(Scheme::Socks5),
        9050 | 9150 if is_loopback => Some(Scheme::TorSocks5),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1.`, `1)`, `1:`, `(1)` and `[1]` before a space, and a digit on a keycap.
fn without_number(text: &str) -> &str {
    let opened = text.trim_start_matches(['(', '[']);
    let rest = opened.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = opened.len() - rest.len();
    if !(1..=4).contains(&digits) {
        return text;
    }
    let keycap = rest.trim_start_matches(['\u{fe0f}', '\u{20e3}']);
    if keycap.len() < rest.len() {
        return keycap;
    }
    match rest.strip_prefix(['.', ')', ':', ']']) {
        Some(rest) if rest.starts_with(' ') => rest,
        _ => text,
    }
}

/// A sign of a list, a quotation or an emoji. ASCII signs count before a space only: they begin other things as well.
fn without_bullet(text: &str) -> &str {
    match text.strip_prefix(['-', '*', '+', '>', '|', '=']) {
        Some(rest) if rest.starts_with(' ') => rest,
        _ => text.trim_start_matches(|c: char| !c.is_ascii() && !c.is_alphanumeric() && !is_quote(c)),
    }
}

fn without_quotes(text: &str) -> &str {
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open).and_then(|text| text.strip_suffix(*close)))
        .unwrap_or(text)
}

fn is_quote(c: char) -> bool {
    QUOTES.iter().any(|(open, _)| *open == c)
}

/// What ends a sentence around a URL, and no URL of ours.
const STOPS: &[char] = &['.', ',', ';', '!'];

const QUOTES: &[(char, char)] = &[
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('(', ')'),
    ('*', '*'),
    ('«', '»'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
];

/// Deeper than a strategy is wrapped: a quoted, numbered item of a list in a quotation.
const MAX_DECORATIONS: usize = 8;

/// Characters without width that chats and web pages put between others: soft hyphen, zero-width spaces and joiners,
/// marks of writing direction, word joiners, the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}
