//! Parses strategies: strictly, and without ever quoting a login.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::super::destination::{parse_port, split_port};
use super::super::{Destination, DestinationError};
use super::hello::parse_delay;
use super::login::REDACTED;
use super::percent::decode;
use super::{
    Bridge, Bridges, Country, Cut, Ech, Login, MAX_STRATEGY_BYTES, Name, Resolver, Resolvers, Scheme, Shaping,
    Strategy, StrategyError, StrategyKind, shadowsocks,
};

impl FromStr for Strategy {
    type Err = StrategyError;

    /// Parses a strategy URL. Schemes are accepted in any case, `socks5h` as `socks5`, `direct` and `direct://` as
    /// `direct:`, and a name with unencoded spaces.
    ///
    /// # Errors
    /// See [`StrategyError`].
    fn from_str(text: &str) -> Result<Self, StrategyError> {
        if text.is_empty() {
            return Err(StrategyError::Empty);
        }
        if text.len() > MAX_STRATEGY_BYTES {
            return Err(StrategyError::TooLong);
        }
        let (url, fragment) = split_once(text, '#');
        if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(StrategyError::Whitespace);
        }
        let (way, query) = split_once(url, '?');
        let (scheme, rest) = parse_scheme(way)?;
        let (authority, path) = match rest.strip_prefix("//") {
            // Base64 may hold a `/`.
            Some(rest) if scheme == Scheme::Shadowsocks => (rest, None),
            Some(rest) => split_once(rest, '/'),
            None => ("", Some(rest).filter(|rest| !rest.is_empty())),
        };
        // A login with a raw `/`, `?` or `#` was cut there. What looks like a path, an option or a name is then the end
        // of a password: it must be neither used nor quoted. Only a name may hold `@channel` as a word, and only
        // `direct:`, which has no login, may have an `@` in its options.
        let may_hold_login = if scheme == Scheme::Direct { [path, None] } else { [path, query] };
        if may_hold_login.into_iter().flatten().any(|part| part.contains('@')) || has_at_in_word(fragment) {
            return Err(StrategyError::MisplacedAt);
        }
        let options = parse_options(scheme, query.unwrap_or_default());
        let kind = if scheme == Scheme::Tor {
            if !authority.is_empty() || path.is_some() {
                return Err(StrategyError::TorTakesNoHost);
            }
            if !cfg!(feature = "tor") {
                return Err(StrategyError::TorNotBuiltIn);
            }
            StrategyKind::Tor { bridges: Bridges::default() }
        } else if scheme == Scheme::Direct {
            if !authority.is_empty() || path.is_some() {
                return Err(StrategyError::DirectTakesNoHost);
            }
            StrategyKind::Direct { dns: Resolvers::default() }
        } else {
            if authority.is_empty() {
                return Err(StrategyError::NoHost { scheme: scheme.text() });
            }
            if path.is_some_and(|path| !path.is_empty()) {
                return Err(StrategyError::Path);
            }
            match scheme {
                Scheme::Shadowsocks => {
                    let (server, key) = shadowsocks::parse(authority)?;
                    StrategyKind::Shadowsocks { server, key }
                }
                _ => parse_authority(scheme, authority)?,
            }
        };
        let Options { bridges, dns, cut, delay_ms, ech, country } = options?;
        let kind = match kind {
            StrategyKind::Direct { .. } if !dns.is_empty() => StrategyKind::Direct { dns: Resolvers::new(dns)? },
            StrategyKind::Tor { .. } => StrategyKind::Tor { bridges: Bridges::new(bridges)? },
            kind => kind,
        };
        let ech = ech.unwrap_or_default();
        if ech != Ech::Off && !matches!(&kind, StrategyKind::Direct { dns } if dns.has_authenticated()) {
            return Err(StrategyError::EchNeedsResolver);
        }
        let tls = match (cut, delay_ms) {
            // TLS records alone are sent in one write.
            (None | Some(Cut::Records), Some(_)) => return Err(StrategyError::TlsDelayAlone),
            (cut, delay_ms) => Shaping { cut: cut.unwrap_or_default(), delay_ms: delay_ms.unwrap_or_default() },
        };
        let name = match fragment {
            None | Some("") => None,
            Some(fragment) => Some(decode(fragment)?.parse::<Name>()?),
        };
        Ok(Self { kind, tls, ech, country, name })
    }
}

impl<'de> serde::Deserialize<'de> for Strategy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Visitor)
    }
}

struct Visitor;

impl serde::de::Visitor<'_> for Visitor {
    type Value = Strategy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a strategy URL, for example `direct:`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Strategy, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Strategy, E> {
        self.visit_str(&Zeroizing::new(text))
    }
}

fn has_at_in_word(name: Option<&str>) -> bool {
    let mut pieces = name.unwrap_or_default().split('@').rev();
    pieces.next();
    pieces.any(|before| !(before.is_empty() || before.ends_with(' ') || before.ends_with("%20")))
}

fn parse_scheme(way: &str) -> Result<(Scheme, &str), StrategyError> {
    let Some((scheme, rest)) = way.split_once(':') else {
        return if way.eq_ignore_ascii_case(Scheme::Direct.text()) {
            Ok((Scheme::Direct, ""))
        } else {
            Err(without_scheme(way))
        };
    };
    if let Some(known) = Scheme::named(scheme) {
        return Ok((known, rest));
    }
    // The word is quoted only if it can be nothing else: in `user:password@host` a user stands first, in `host:port` a
    // host.
    let is_scheme = scheme.len() <= MAX_SCHEME
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "socks" && rest.starts_with("//") {
        Err(StrategyError::AmbiguousScheme)
    } else if NOT_SPOKEN.contains(&scheme.as_str()) && rest.starts_with("//") {
        Err(StrategyError::NotSpoken { scheme })
    } else if is_scheme && rest.starts_with("//") {
        Err(StrategyError::UnknownScheme { scheme })
    } else {
        Err(without_scheme(way))
    }
}

/// The probable meaning of a text without a scheme.
fn without_scheme(way: &str) -> StrategyError {
    let ends_with_port =
        || way.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    if way.eq_ignore_ascii_case("tor") || way.eq_ignore_ascii_case("tor+socks5") {
        StrategyError::TorWithoutAddress
    } else if !way.contains('/') && (way.contains('.') || ends_with_port()) {
        StrategyError::ProxyWithoutScheme
    } else {
        StrategyError::NoScheme
    }
}

fn parse_authority(scheme: Scheme, authority: &str) -> Result<StrategyKind, StrategyError> {
    // The last `@` ends the login: a host contains no `@`.
    let (login, server) = match authority.rsplit_once('@') {
        Some((login, server)) => (Some(login), server),
        None => (None, authority),
    };
    let (host, port) = split_port(server)?;
    let port = match port {
        Some(port) => parse_port(port)?,
        None => scheme.default_port().ok_or(DestinationError::NoPort)?,
    };
    let server = Destination::new(host, port)?;
    let login = login.map(parse_login).transpose()?;
    StrategyKind::proxy(scheme, server, login)
}

fn parse_login(text: &str) -> Result<Login, StrategyError> {
    if text == REDACTED {
        return Err(StrategyError::Redacted);
    }
    let (user, password) = split_once(text, ':');
    let (mut user, mut password) = (decode(user)?, decode(password.unwrap_or_default())?);
    Login::new(std::mem::take(&mut *user), std::mem::take(&mut *password))
}

#[derive(Default)]
struct Options {
    bridges: Vec<Bridge>,
    dns: Vec<Resolver>,
    cut: Option<Cut>,
    delay_ms: Option<u16>,
    ech: Option<Ech>,
    country: Option<Country>,
}

fn parse_options(scheme: Scheme, query: &str) -> Result<Options, StrategyError> {
    let mut options = Options::default();
    for text in query.split('&').filter(|text| !text.is_empty()) {
        let (option, value) = split_once(text, '=');
        let value = decode(value.unwrap_or_default())?;
        match option {
            "bridge" if scheme != Scheme::Tor => return Err(StrategyError::BridgeNotHere),
            "bridge" if *value == *REDACTED => return Err(StrategyError::Redacted),
            "bridge" => options.bridges.push(value.parse()?),
            "dns" if scheme != Scheme::Direct => return Err(StrategyError::DnsNotHere),
            "dns" => options.dns.push(Resolver::parse(&value)?),
            "tls" => set_once(&mut options.cut, "tls", Cut::parse(&value)?)?,
            "tls-delay" => set_once(&mut options.delay_ms, "tls-delay", parse_delay(&value)?)?,
            "ech" => set_once(&mut options.ech, "ech", Ech::parse(&value)?)?,
            "cc" => set_once(&mut options.country, "cc", value.parse()?)?,
            "plugin" if scheme == Scheme::Shadowsocks && value.is_empty() => {}
            "plugin" if scheme == Scheme::Shadowsocks => return Err(plugin(&value)),
            // Outline marks its links with this; it means nothing to a client.
            "outline" if scheme == Scheme::Shadowsocks && *value == "1" => {}
            _ if scheme != Scheme::Direct && is_as_usual(option, &value) => {}
            _ => return Err(unknown_option(scheme, option)),
        }
    }
    Ok(options)
}

/// Options that clients of the V2Ray family and others write into shared links, with values that describe what this
/// program does anyway: TCP without a wrapper. With another value the option is unknown, because it asks for something
/// that this program does not do. Options about how the device treats the connection, and about UDP, which is not
/// carried, make no difference.
fn is_as_usual(option: &str, value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    match option {
        "type" | "network" | "net" => matches!(value.as_str(), "" | "tcp" | "raw"),
        "security" | "encryption" | "headerType" | "header" | "obfs" => matches!(value.as_str(), "" | "none"),
        "mux" | "uot" | "udp-over-tcp" => matches!(value.as_str(), "" | "0" | "false"),
        "udp" | "tfo" | "fast-open" | "tcp-fast-open" | "mptcp" | "udp-relay" => {
            matches!(value.as_str(), "" | "0" | "1" | "true" | "false")
        }
        _ => false,
    }
}

fn set_once<T>(place: &mut Option<T>, option: &'static str, value: T) -> Result<(), StrategyError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(StrategyError::DuplicateOption { option }),
    }
}

fn unknown_option(scheme: Scheme, option: &str) -> StrategyError {
    let takes = match scheme {
        Scheme::Direct => "`direct:` takes `dns`, `tls`, `tls-delay`, `ech` and `cc`",
        Scheme::Tor => "`tor:` takes `bridge`, `tls`, `tls-delay` and `cc`",
        Scheme::Socks5 | Scheme::Http | Scheme::Https | Scheme::Shadowsocks | Scheme::TorSocks5 => {
            "a proxy takes `tls`, `tls-delay` and `cc`"
        }
    };
    if is_name(option) {
        StrategyError::UnknownOption { option: option.to_owned(), takes }
    } else {
        StrategyError::NotAnOption { takes }
    }
}

/// SIP003: a program that the client starts next to itself. Its name stands before the first `;`.
fn plugin(value: &str) -> StrategyError {
    let (name, _) = split_once(value, ';');
    StrategyError::Plugin { plugin: if is_name(name) { name.to_owned() } else { "plugin".to_owned() } }
}

fn is_name(option: &str) -> bool {
    (1..=MAX_OPTION).contains(&option.len()) && option.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Like [`str::split_once`], but returns the whole text first if the separator is missing.
fn split_once(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Longer than any scheme in use.
const MAX_SCHEME: usize = 16;

/// Longer than any option's name.
const MAX_OPTION: usize = 16;

/// Schemes that people pass on and that this version does not support.
const NOT_SPOKEN: &[&str] = &[
    "anytls",
    "hy2",
    "hysteria",
    "hysteria2",
    "juicity",
    "mtproto",
    "naive+https",
    "quic",
    "socks4",
    "socks4a",
    "ssh",
    "ssr",
    "trojan",
    "tuic",
    "vless",
    "vmess",
    "wg",
    "wireguard",
];
