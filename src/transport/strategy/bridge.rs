//! Bridges of Tor: relays that no public list names.
//!
//! They are passed on as bridge lines, the form of Tor's own configuration:
//!
//! ```text
//! 192.0.2.3:443 0123456789ABCDEF0123456789ABCDEF01234567
//! obfs4 192.0.2.4:443 0123456789ABCDEF0123456789ABCDEF01234567 cert=... iat-mode=0
//! ```
//!
//! A line may name a pluggable transport. It never names the program that speaks it: such a program comes from the app alone.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use url::Host;

use super::{MAX_BRIDGES, MAX_BRIDGES_BYTES, MAX_TRANSPORT_BYTES, StrategyError};
use crate::transport::is_local;

/// A bridge, as its line describes it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Bridge {
    /// The pluggable transport that it expects; `None`: Tor's own protocol.
    transport: Option<String>,
    /// For some transports a placeholder: who the bridge is, is said by the parameters then.
    address: SocketAddr,
    /// The SHA-1 of its RSA key, in upper case (tor-spec, "Relay identity").
    fingerprint: String,
    /// Its Ed25519 key in Base64, where the line has it.
    ed25519: Option<String>,
    /// For the transport, in their order.
    parameters: Vec<(String, String)>,
}

impl Bridge {
    /// The pluggable transport that it expects.
    pub(crate) fn transport(&self) -> Option<&str> {
        self.transport.as_deref()
    }

    /// Whether its address is not a public one. For a transport an address of `0.0.0.0/8` other than `0.0.0.0` is a placeholder
    /// (meek uses `0.0.2.0`), which nothing dials.
    pub(crate) fn is_in_own_network(&self) -> bool {
        let is_placeholder = match self.address.ip() {
            IpAddr::V4(address) => address.octets()[0] == 0 && !address.is_unspecified(),
            IpAddr::V6(_) => false,
        };
        let host: Host<String> = match self.address.ip() {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        is_local(&host) && !(is_placeholder && self.transport.is_some())
    }
}

impl FromStr for Bridge {
    type Err = StrategyError;

    /// Parses a bridge line, with or without the word `Bridge` of a torrc before it.
    ///
    /// The address is an IP address: a name would have to be looked up, by this device or by the transport's program.
    ///
    /// # Errors
    /// [`StrategyError::BridgeForm`], [`StrategyError::BridgeParameters`].
    fn from_str(line: &str) -> Result<Self, StrategyError> {
        if !line.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(StrategyError::BridgeForm);
        }
        let mut words = line.split(' ').filter(|word| !word.is_empty()).peekable();
        words.next_if(|word| word.eq_ignore_ascii_case("bridge"));
        let transport = words.next_if(|word| is_transport(word)).map(str::to_owned);
        let address = words.next().and_then(address).ok_or(StrategyError::BridgeForm)?;
        let fingerprint = words.next().and_then(fingerprint).ok_or(StrategyError::BridgeForm)?;
        let ed25519 = words.next_if(|word| is_ed25519(word)).map(str::to_owned);
        let parameters: Vec<_> = words
            .map(|word| word.split_once('=').filter(|(key, _)| !key.is_empty()))
            .map(|pair| pair.map(|(key, value)| (key.to_owned(), value.to_owned())))
            .collect::<Option<_>>()
            .ok_or(StrategyError::BridgeParameters)?;
        let length = parameters.iter().map(|(key, value)| 2 + escaped_len(key) + escaped_len(value)).sum::<usize>();
        if transport.is_none() && !parameters.is_empty() || length > MAX_PARAMETERS {
            return Err(StrategyError::BridgeParameters);
        }
        Ok(Self { transport, address, fingerprint, ed25519, parameters })
    }
}

impl fmt::Display for Bridge {
    /// The whole line, with its secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, address, fingerprint, ed25519, parameters } = self;
        if let Some(transport) = transport {
            write!(f, "{transport} ")?;
        }
        write!(f, "{address} {fingerprint}")?;
        if let Some(key) = ed25519 {
            write!(f, " {key}")?;
        }
        parameters.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}

impl fmt::Debug for Bridge {
    /// Who learns a bridge's address can block it, and see who uses it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridge(..)")
    }
}

/// The bridges of a strategy; none: Tor's public relays are used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bridges(Vec<Bridge>);

impl Bridges {
    /// # Errors
    /// [`StrategyError::BridgeCount`], [`StrategyError::BridgeTwice`].
    pub(crate) fn new(bridges: Vec<Bridge>) -> Result<Self, StrategyError> {
        if bridges.len() > MAX_BRIDGES
            || bridges.iter().map(|bridge| encoded_line(bridge).len()).sum::<usize>() > MAX_BRIDGES_BYTES
        {
            return Err(StrategyError::BridgeCount);
        }
        let is_twice = |(at, bridge): (usize, &Bridge)| bridges.iter().take(at).any(|before| before == bridge);
        if bridges.iter().enumerate().any(is_twice) {
            return Err(StrategyError::BridgeTwice);
        }
        Ok(Self(bridges))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Bridge> {
        self.0.iter()
    }

    /// Adds those that are not there yet. Together they may be more than one strategy names.
    pub(super) fn join(&mut self, others: &Self) {
        for bridge in others.iter() {
            if !self.0.contains(bridge) {
                self.0.push(bridge.clone());
            }
        }
    }
}

/// A bridge line as an option of a URL: only what would end the option there is encoded, because the line is long.
pub(super) fn encoded_line(bridge: &Bridge) -> String {
    let line = bridge.to_string();
    // The end of a sentence is no part of a URL in a chat.
    let end = line.trim_end_matches(['.', ',', ';', '!']).len();
    let (line, stops) = line.split_at_checked(end).unwrap_or((&line, ""));
    format!("{}{}", utf8_percent_encode(line, SEPARATORS), utf8_percent_encode(stops, NON_ALPHANUMERIC))
}

/// Whether this word names a transport (pt-spec, "Configuration environment variables": a C identifier).
pub(crate) fn is_transport(word: &str) -> bool {
    word.len() <= MAX_TRANSPORT_BYTES
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        // A bridge whose fingerprint comes first has no address.
        && fingerprint(word).is_none()
}

/// `ADDRESS:PORT`, IPv6 in brackets.
fn address(word: &str) -> Option<SocketAddr> {
    let address: SocketAddr = word.parse().ok()?;
    let is_scoped = matches!(address, SocketAddr::V6(v6) if v6.scope_id() != 0);
    (address.port() != 0 && !is_scoped).then_some(address)
}

/// 40 hexadecimal digits, with or without the `$` of Tor's control protocol.
fn fingerprint(word: &str) -> Option<String> {
    let digits = word.strip_prefix('$').unwrap_or(word);
    (digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| digits.to_ascii_uppercase())
}

/// `ed25519:` and 32 bytes in Base64, without padding.
fn is_ed25519(word: &str) -> bool {
    word.strip_prefix("ed25519:").is_some_and(|key| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD_NO_PAD.decode(key).is_ok_and(|key| key.len() == 32)
    })
}

/// Its length in the login of SOCKS5, in which transports are given their parameters (pt-spec, "Per-connection arguments").
fn escaped_len(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| b"\\;=".contains(byte)).count()
}

/// A user and a password of SOCKS5 have 255 bytes each.
const MAX_PARAMETERS: usize = 510;

const SEPARATORS: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'&').add(b'#').add(b'@');

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FINGERPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

    #[test]
    fn lines_of_every_transport_are_read() {
        for line in [
            "192.0.2.3:443 {F}",
            "[2001:db8::3]:443 {F}",
            "192.0.2.3:443 {F} ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "obfs4 192.0.2.3:443 {F} cert=ssH+9rP8dG2NLDN2XuFw63hIO/9MNNinLmxQDpVa+7kTOa9/m+tGWT1SmSYpQ9uTBGa6Hw iat-mode=0",
            "snowflake 192.0.2.3:80 {F} fingerprint={F} url=https://1098762253.rsc.cdn77.org/ fronts=www.cdn77.com,www.phpmyadmin.net ice=stun:stun.example:3478 utls-imitate=hellorandomizedalpn",
            "webtunnel [2001:db8:1::1]:443 {F} url=https://site.example/9cSpDxlS ver=0.0.1",
            "meek_lite 192.0.2.20:80 {F} url=https://1314488750.rsc.cdn77.org front=www.phpmyadmin.net utls=HelloRandomizedALPN",
        ] {
            let line = line.replace("{F}", FINGERPRINT);
            let bridge: Bridge = line.parse().unwrap();
            assert_eq!(bridge.to_string(), line);
            assert_eq!(bridge.transport(), line.split(' ').next().filter(|word| !word.contains(':')));
            assert_eq!(format!("{bridge:?}"), "Bridge(..)");
        }
        let torrc = format!("  Bridge  obfs4 192.0.2.3:443  ${} cert=x ", FINGERPRINT.to_lowercase());
        assert_eq!(torrc.parse::<Bridge>().unwrap().to_string(), format!("obfs4 192.0.2.3:443 {FINGERPRINT} cert=x"));
    }

    #[test]
    fn what_is_no_bridge_line_is_refused() {
        use StrategyError::{BridgeForm, BridgeParameters};
        let long = "x".repeat(MAX_PARAMETERS);
        for (line, error) in [
            ("", BridgeForm),
            ("Bridge", BridgeForm),
            ("192.0.2.3:443", BridgeForm),
            ("192.0.2.3 {F}", BridgeForm),
            ("192.0.2.3:0 {F}", BridgeForm),
            ("[fe80::1%5]:443 {F}", BridgeForm),
            ("obfs4 bridge.example:443 {F} cert=x", BridgeForm),
            ("obfs4 192.0.2.3:443 cert=x iat-mode=0", BridgeForm),
            ("obfs4,obfs3 192.0.2.3:443 {F}", BridgeForm),
            ("obfs4 exec /bin/sh 192.0.2.3:443 {F}", BridgeForm),
            ("obfs4 192.0.2.3:443 {F} cert=я", BridgeForm),
            ("obfs4 192.0.2.3:443 {F}\tcert=x", BridgeForm),
            ("{F} 192.0.2.3:443", BridgeForm),
            ("192.0.2.3:443 {F} cert=x", BridgeParameters),
            ("obfs4 192.0.2.3:443 {F} cert", BridgeParameters),
            ("obfs4 192.0.2.3:443 {F} =x", BridgeParameters),
            (&format!("obfs4 192.0.2.3:443 {FINGERPRINT} cert={long}"), BridgeParameters),
        ] {
            assert_eq!(line.replace("{F}", FINGERPRINT).parse::<Bridge>(), Err(error), "{line}");
        }
    }

    #[test]
    fn a_strategy_names_up_to_eight_bridges_each_once() {
        let bridge = |port: usize| format!("192.0.2.3:{port} {FINGERPRINT}").parse::<Bridge>().unwrap();
        let bridges =
            |count: usize| Bridges::new((1..=count).map(bridge).collect()).map(|bridges| bridges.iter().count());
        assert_eq!(bridges(MAX_BRIDGES), Ok(8));
        assert_eq!(bridges(MAX_BRIDGES + 1), Err(StrategyError::BridgeCount));
        assert_eq!(Bridges::new(vec![bridge(1), bridge(2), bridge(1)]).unwrap_err(), StrategyError::BridgeTwice);
    }

    #[cfg(feature = "tor")]
    #[test]
    fn a_strategy_hides_its_bridges_and_names_their_transports() {
        let text =
            format!("tor:?bridge=obfs4%20192.0.2.3:443%20{FINGERPRINT}%20cert=x&bridge=192.0.2.4:443%20{FINGERPRINT}");
        let strategy: crate::transport::Strategy = text.parse().unwrap();
        assert_eq!(strategy.to_string(), text);
        assert_eq!(strategy.redacted(), "tor:?bridge=***&bridge=***");
        assert_eq!(strategy.redacted().parse::<crate::transport::Strategy>(), Err(StrategyError::Redacted));
        assert_eq!(strategy.tor_transports().collect::<Vec<_>>(), ["obfs4"]);
    }
}
