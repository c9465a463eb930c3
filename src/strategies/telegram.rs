//! Telegram's links to proxies, in which many SOCKS5 proxies are passed on.
//!
//! The link's host is part of its form, like a scheme. Nothing here or elsewhere contacts it.

use super::ImportError;
use crate::transport::{Destination, Login, Scheme, Strategy, StrategyError, StrategyKind, decode, parse_port};

/// Whether a text in lower case begins as a link to a proxy: `tg://socks?`, `https://t.me/proxy?` and the like.
pub(super) fn is_link(lower: &str) -> bool {
    parameters(lower).is_some()
}

/// Reads a link.
///
/// # Errors
/// [`ImportError::TelegramOnly`] for MTProto, [`ImportError::TelegramField`] and [`ImportError::Strategy`].
pub(super) fn read(link: &str) -> Result<Strategy, ImportError> {
    let (verb, query) = parameters(link).ok_or(ImportError::NotUnderstood)?;
    if verb.eq_ignore_ascii_case("proxy") {
        return Err(ImportError::TelegramOnly);
    }
    let query = query.split('#').next().unwrap_or_default();
    let server = field(query, "server")?.filter(|server| !server.is_empty());
    let server = decode(server.ok_or(ImportError::TelegramField { field: "server" })?)?;
    let port = decode(field(query, "port")?.ok_or(ImportError::TelegramField { field: "port" })?)?;
    let port = parse_port(&port).map_err(StrategyError::from)?;
    let server = Destination::new(&server, port).map_err(StrategyError::from)?;
    let user = decode(field(query, "user")?.unwrap_or_default())?;
    let password = decode(field(query, "pass")?.unwrap_or_default())?;
    let login = match (user.is_empty(), password.is_empty()) {
        (true, true) => None,
        _ => Some(Login::new(user.as_str(), password.as_str())?),
    };
    Ok(StrategyKind::proxy(Scheme::Socks5, server, login)?.into())
}

/// `socks` or `proxy`, and what follows its `?`.
fn parameters(link: &str) -> Option<(&str, &str)> {
    let (path, query) = link.split_once('?')?;
    let lower = path.to_ascii_lowercase();
    let verb = STARTS.iter().find_map(|start| lower.strip_prefix(start))?;
    matches!(verb.trim_end_matches('/'), "socks" | "proxy")
        .then(|| (path.get(path.len() - verb.len()..).map(|verb| verb.trim_end_matches('/')), query))
        .and_then(|(verb, query)| Some((verb?, query)))
}

/// The raw value of one field. `+` stands for itself, as Telegram reads it.
fn field<'a>(query: &'a str, field: &'static str) -> Result<Option<&'a str>, ImportError> {
    // Copied out of a web page's source, `&` is `&amp;`.
    let mut values = query.split('&').filter_map(|pair| {
        let (key, value) = pair.strip_prefix("amp;").unwrap_or(pair).split_once('=')?;
        key.eq_ignore_ascii_case(field).then_some(value)
    });
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(ImportError::TelegramField { field }),
    }
}

const STARTS: &[&str] = &[
    "tg://",
    "tg:",
    "https://t.me/",
    "http://t.me/",
    "t.me/",
    "https://telegram.me/",
    "http://telegram.me/",
    "telegram.me/",
    "https://telegram.dog/",
    "telegram.dog/",
];
