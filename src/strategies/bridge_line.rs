//! Bridge lines of Tor, as its distributors and chats pass them on.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ImportError;
use crate::transport::{Strategy, is_transport, parse_port, split_port};

/// Whether this is a bridge line, perhaps a broken one: `[Bridge] [TRANSPORT] ADDRESS:PORT FINGERPRINT ...`.
pub(super) fn is_bridge_line(text: &str) -> bool {
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    let is_marked = words.next_if(|word| is_mark(word)).is_some();
    let transport = words.next_if(|word| is_transport(word));
    let has_server = words.next().is_some_and(is_server);
    let is_fingerprint = |word: &str| {
        let digits = word.strip_prefix('$').unwrap_or(word);
        digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    has_server && (is_marked || words.peek().is_some_and(|word| is_fingerprint(word)))
        || transport.is_some_and(|word| TRANSPORTS.contains(&word))
}

/// Reads one.
pub(super) fn read(text: &str) -> Result<Strategy, ImportError> {
    Ok(format!("tor:?bridge={}", utf8_percent_encode(text, NON_ALPHANUMERIC)).parse()?)
}

/// The line for people: without what leads to the bridge.
pub(super) fn shown(text: &str) -> String {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    match words.find(|word| !is_mark(word)) {
        Some(word) if TRANSPORTS.contains(&word) => format!("{word} ***"),
        _ => "***".to_owned(),
    }
}

/// Whether a word has the form of a fingerprint, perhaps a broken one.
pub(super) fn may_be_fingerprint(word: &str) -> bool {
    let digits = word.strip_prefix('$').unwrap_or(word);
    digits.len() >= SOME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_mark(word: &str) -> bool {
    word.strip_suffix(':').unwrap_or(word).eq_ignore_ascii_case("bridge")
}

fn is_server(word: &str) -> bool {
    split_port(word).is_ok_and(|(_, port)| port.is_some_and(|port| parse_port(port).is_ok()))
}

/// A fingerprint has 40 hexadecimal digits. A few may have been lost.
const SOME_DIGITS: usize = 30;

/// Those in use: a line that begins with one of them is meant as a bridge line.
const TRANSPORTS: [&str; 8] = ["conjure", "dnstt", "meek", "meek_lite", "obfs3", "obfs4", "snowflake", "webtunnel"];
