//! Proxies without a scheme: `host:port:user:password` and the like.

use super::ImportError;
use crate::transport::{Destination, Login, Scheme, Strategy, StrategyError, StrategyKind, parse_port, split_port};

/// A proxy as people write it without a scheme. Nothing is validated yet.
pub(super) struct Form<'a> {
    host: &'a str,
    port: &'a str,
    login: Option<(&'a str, &'a str)>,
}

impl<'a> Form<'a> {
    pub(super) fn of_words(words: &[&'a str]) -> Option<Self> {
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
    pub(super) fn of_word(word: &'a str) -> Option<Self> {
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

    /// Whether the host is clearly one: `12:30` is not a proxy.
    pub(super) fn is_plain_host(&self) -> bool {
        self.host.contains('.') || self.host.starts_with('[') || self.host.eq_ignore_ascii_case("localhost")
    }

    /// Whether this is `NAME:PORT`. The name may be a host's in the reader's own network, or `HOST` itself. It may be no
    /// host at all (`note:1`), so that only a scheme makes a proxy of it.
    pub(super) fn is_named_host(&self) -> bool {
        self.login.is_none() && !self.is_plain_host() && self.host.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    pub(super) fn strategy(self, scheme: Option<Scheme>) -> Result<Strategy, ImportError> {
        let port = parse_port(self.port).map_err(StrategyError::from)?;
        let server = Destination::new(self.host, port).map_err(StrategyError::from)?;
        let scheme = scheme.or_else(|| usual_scheme(&server)).ok_or(ImportError::NoKind)?;
        let login = self.login.map(|(user, password)| Login::new(user, password)).transpose()?;
        Ok(StrategyKind::proxy(scheme, server, login)?.into())
    }
}

/// The scheme that a port implies. Tor's ports mean Tor on this device only: elsewhere anyone may listen there, and Tor
/// gets more trust than other proxies.
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
