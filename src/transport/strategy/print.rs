//! Prints strategies, in one canonical form.

use std::fmt;

use super::bridge::{Bridge, encoded_line};
use super::login::REDACTED;
use super::percent::encoded;
use super::{Cut, Resolver, Strategy, StrategyKind};

impl Strategy {
    /// The URL with `***` for the login, for each bridge and for the path of a resolver over HTTPS unless that is the usual one: for
    /// people, logs and JSON. A URL with one of them does not parse back from it.
    pub fn redacted(&self) -> String {
        Redacted(self).to_string()
    }
}

impl fmt::Display for Strategy {
    /// The whole URL, **with the login, the bridges and the paths of resolvers**. See [`Strategy::redacted`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = |f: &mut fmt::Formatter<'_>| match self.kind.user_info() {
            None => Ok(()),
            Some((user, "")) => write!(f, "{}@", encoded(user)),
            Some((user, password)) => write!(f, "{}:{}@", encoded(user), encoded(password)),
        };
        print(self, f, login, encoded_line, Resolver::to_string)
    }
}

impl serde::Serialize for Strategy {
    /// The same as [`Display`](fmt::Display), with the login: a stored strategy must be complete. JSON for people uses
    /// [`Strategy::redacted`].
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Prints a strategy without its login, its bridges and what may name a customer of its resolvers.
struct Redacted<'a>(&'a Strategy);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = |f: &mut fmt::Formatter<'_>| match self.0.kind.user_info() {
            None => Ok(()),
            Some(_) => write!(f, "{REDACTED}@"),
        };
        print(self.0, f, login, |_| REDACTED.to_owned(), Resolver::redacted)
    }
}

fn print(
    strategy: &Strategy,
    f: &mut fmt::Formatter<'_>,
    login: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result,
    line: impl Fn(&Bridge) -> String,
    resolver: impl Fn(&Resolver) -> String,
) -> fmt::Result {
    write!(f, "{}:", strategy.scheme())?;
    if let Some(server) = strategy.server() {
        f.write_str("//")?;
        login(f)?;
        write!(f, "{server}")?;
    }
    let mut separator = '?';
    let mut option = |f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>| {
        write!(f, "{}{text}", std::mem::replace(&mut separator, '&'))
    };
    match &strategy.kind {
        StrategyKind::Direct { dns } if !dns.is_system() => {
            dns.iter().try_for_each(|asked| option(f, format_args!("dns={}", resolver(asked))))?;
        }
        StrategyKind::Tor { bridges } => {
            bridges.iter().try_for_each(|bridge| option(f, format_args!("bridge={}", line(bridge))))?;
        }
        StrategyKind::Direct { .. }
        | StrategyKind::Socks5 { .. }
        | StrategyKind::HttpConnect { .. }
        | StrategyKind::Shadowsocks { .. }
        | StrategyKind::TorSocks5 { .. } => {}
    }
    if let Some(cut) = strategy.tls.cut.text() {
        option(f, format_args!("tls={cut}"))?;
        if strategy.tls.delay_ms > 0 && strategy.tls.cut != Cut::Records {
            option(f, format_args!("tls-delay={}", strategy.tls.delay_ms))?;
        }
    }
    if let Some(ech) = strategy.ech.text() {
        option(f, format_args!("ech={ech}"))?;
    }
    if let Some(country) = strategy.country {
        option(f, format_args!("cc={country}"))?;
    }
    if let Some(name) = &strategy.name {
        write!(f, "#{}", encoded(name))?;
    }
    Ok(())
}
