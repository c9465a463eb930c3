//! Bridge lines of Tor, as its distributors and chats pass them on.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ImportError;
use crate::transport::{Strategy, is_transport, parse_port, split_port};

/// Whether this is a bridge line, perhaps a broken one: `[Bridge] [TRANSPORT] ADDRESS:PORT FINGERPRINT ...`.
pub(super) fn is_bridge_line(text: &str) -> bool {
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    let is_marked = words.next_if(|word| word.eq_ignore_ascii_case("bridge")).is_some();
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
    match words.find(|word| !word.eq_ignore_ascii_case("bridge")) {
        Some(word) if TRANSPORTS.contains(&word) => format!("{word} ***"),
        _ => "***".to_owned(),
    }
}

fn is_server(word: &str) -> bool {
    split_port(word).is_ok_and(|(_, port)| port.is_some_and(|port| parse_port(port).is_ok()))
}

/// Those in use: a line that begins with one of them is meant as a bridge line.
const TRANSPORTS: [&str; 8] = ["conjure", "dnstt", "meek", "meek_lite", "obfs3", "obfs4", "snowflake", "webtunnel"];
