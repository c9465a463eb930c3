//! URLs and links in a line.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::packed::from_base64;
use super::telegram;
use crate::transport::split_port;

/// Whether a word begins like a URL or a link.
pub(super) fn is_url(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let scheme = lower.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme =
        |scheme: &str| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    // `Tor: 127.0.0.1:9050` is a label with a port.
    let hostless = ["direct:", "tor:?", "tor:#"].iter().any(|start| lower.starts_with(start));
    scheme.is_some_and(is_scheme) || hostless || telegram::is_link(&lower)
}

/// The first word that is a URL or a link with everything after it, and the text before it.
pub(super) fn find_url(text: &str) -> Option<(&str, &str)> {
    if ["direct", "tor:"].iter().any(|whole| text.eq_ignore_ascii_case(whole)) {
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

/// `socks://BASE64@host:port` and `socks://BASE64`, the forms in which v2rayN and Shadowrocket share a SOCKS5 proxy:
/// the Base64 holds `user:password`, or that with the server. `None` for everything else: `socks://` alone may mean
/// SOCKS4, too.
pub(super) fn unpacked_socks(url: &str) -> Option<Zeroizing<String>> {
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
    let inside = from_base64(packed).filter(|inside| !inside.contains(char::is_control))?;
    let (login, server) = match server {
        Some(server) => (inside.as_str(), server),
        None => inside.rsplit_once('@').unwrap_or(("", inside.as_str())),
    };
    let (user, password) = if login.is_empty() { ("", "") } else { login.split_once(':')? };
    split_port(server).ok().filter(|(_, port)| port.is_some())?;
    // All of the capacity is allocated at once: percent-encoding turns one byte into three.
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
