//! Makes a line presentable that was not understood.
//!
//! We can't tell where a login is in such a line, so the rule is reversed: what is plainly a kind, a host or a port is
//! kept, and everything else becomes `***`.

use super::bridge_line;
use super::decorations::{undecorated, visible};
use super::limits::MAX_LINE;
use crate::transport::{Destination, Scheme, parse_port};

/// The line for people, at most [`MAX_SHOWN`] characters.
pub(super) fn shown(line: &str) -> String {
    if line.len() > MAX_LINE {
        return HIDDEN.to_owned();
    }
    let line = visible(line);
    let undecorated_line = undecorated(&line);
    if bridge_line::is_bridge_line(undecorated_line) {
        return bridge_line::shown(undecorated_line);
    }
    let words: Vec<&str> = undecorated_line.split(' ').filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| bridge_line::may_be_fingerprint(word)) {
        // Broken so far that it is no bridge line, and the address in it may still be that of a bridge.
        return HIDDEN.to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let (mut after_start, mut after_host) = (false, false);
    for (place, word) in words.iter().enumerate() {
        // Further on, what has the form of a server may also be a password.
        let may_be_server = place == 0 || place == 1 && after_start;
        let is_kind = Scheme::named(word).is_some();
        let next_is_port = words.get(place + 1).is_some_and(|next| parse_port(next).is_ok());
        let is_host = Destination::new(word, 1).is_ok_and(|host| match host.host {
            url::Host::Domain(name) => name.contains('.') && may_be_server && next_is_port,
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => true,
        });
        // `Server:`, `Password:`: enough to find the line again.
        let is_label = place == 0 && word.strip_suffix(':').is_some_and(|word| word.chars().all(char::is_alphabetic));
        let part = if is_kind || is_host || is_label || (after_host && parse_port(word).is_ok()) {
            (*word).to_owned()
        } else if let Some((scheme, rest)) = word.split_once("://") {
            shown_url(scheme, rest, place == 0)
        } else if may_be_server {
            shown_server(word, false)
        } else {
            HIDDEN.to_owned()
        };
        (after_start, after_host) = (is_kind || is_label, is_host);
        if part != HIDDEN || parts.last().is_none_or(|last| last != HIDDEN) {
            parts.push(part);
        }
    }
    let shown = parts.join(" ");
    match shown.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => shown.get(..end).map(|head| format!("{head}…")).unwrap_or_default(),
        None => shown,
    }
}

/// An unknown scheme is shown only at the start of a line: elsewhere it may be anything.
fn shown_url(scheme: &str, rest: &str, is_first: bool) -> String {
    if Scheme::named(scheme).is_none() {
        let is_scheme =
            scheme.len() <= MAX_SCHEME && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        return if is_first && is_scheme { format!("{scheme}://{HIDDEN}") } else { HIDDEN.to_owned() };
    }
    let (login, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("***@", rest),
        // A link that is all Base64, including the password.
        None if Scheme::named(scheme) == Some(Scheme::Shadowsocks) => return format!("{scheme}://{HIDDEN}"),
        None => ("", rest),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (server, tail) = rest.split_at(end);
    let server = shown_server(server, true);
    match tail.chars().next() {
        None => format!("{scheme}://{login}{server}"),
        Some('/') if tail.len() == 1 => format!("{scheme}://{login}{server}/"),
        Some(separator) => format!("{scheme}://{login}{server}{separator}{HIDDEN}"),
    }
}

/// `host:port`, with `***` for everything that is neither.
fn shown_server(text: &str, any_host: bool) -> String {
    if let Some((_, server)) = text.rsplit_once('@') {
        return format!("{HIDDEN}@{}", shown_server(server, true));
    }
    let end = if text.starts_with('[') { text.find(']').unwrap_or_default() } else { 0 };
    let colon = text.get(end..).and_then(|text| text.find(':')).map(|colon| colon + end);
    let (host, rest) = text.split_at(colon.unwrap_or(text.len()));
    let is_host = (any_host || colon.is_some() && (host.contains('.') || host.starts_with('[') || host == "localhost"))
        && Destination::new(host, 1).is_ok();
    if !is_host {
        return HIDDEN.to_owned();
    }
    match rest
        .strip_prefix(':')
        .map(|rest| rest.split_once(':').map_or((rest, None), |(port, more)| (port, Some(more))))
    {
        None => host.to_owned(),
        Some((port, None)) if parse_port(port).is_ok() => format!("{host}:{port}"),
        Some((port, Some(_))) if parse_port(port).is_ok() => format!("{host}:{port}:{HIDDEN}"),
        Some(_) => format!("{host}:{HIDDEN}"),
    }
}

const HIDDEN: &str = "***";

/// Longer than any scheme in use.
const MAX_SCHEME: usize = 16;

/// About a line on a small screen.
const MAX_SHOWN: usize = 120;
