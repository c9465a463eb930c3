//! Removes names from evidence, so that it can be shown to a helper.
//!
//! What identifies a reader is replaced by names that belong to nobody (RFC 2606, RFC 5737), and equal names by equal
//! ones: the site becomes `site.example`, a proxy `proxy.example`, the next one `proxy2.example`. What a verdict
//! depends on stays: stages, causes, times, bytes, the kind of route, and whether a host is on this device or in its
//! own network. What a peer wrote is left out completely, because nobody can tell whom it names.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use url::Host;

use crate::reach::{AnswerFault, Attempt, EngineEvent, EngineEventKind, Finding, Outcome, Statement, Verdict};
use crate::transport::{
    Destination, DnsServer, Lookup, Resolver, Resolvers, Strategy, StrategyKind, is_local, is_loopback,
};

/// Removes names from what is shown while it happens. One redactor serves a whole stream of events, so that the same
/// host is `site.example` in all of them, as in [`Reachability::account`](super::Reachability::account).
#[derive(Default)]
pub struct Redaction {
    sites: Vec<String>,
    proxies: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl Redaction {
    /// The event without the names of hosts and proxies, without addresses and logins, and without what a peer wrote.
    pub fn event(&mut self, event: &EngineEvent) -> EngineEvent {
        let mut event = event.clone();
        match &mut event.kind {
            EngineEventKind::Started { strategy, destination, .. } => {
                *strategy = self.strategy(strategy);
                destination.host = redacted(&destination.host, &mut self.sites, "site");
            }
            EngineEventKind::Won { strategy, .. } => *strategy = self.strategy(strategy),
            EngineEventKind::Dialled { address, .. } => *address = self.address(*address),
            EngineEventKind::Ended { outcome: ended, .. } => *ended = outcome(ended),
            // Listed one by one, so that the author of a new event must decide here what it may say.
            EngineEventKind::Began { .. }
            | EngineEventKind::Entered { .. }
            | EngineEventKind::FirstByte { .. }
            | EngineEventKind::TorStarts { .. }
            | EngineEventKind::Continued { .. }
            | EngineEventKind::Judged { .. }
            | EngineEventKind::AnsweredFromStore { .. }
            | EngineEventKind::DialsPaused { .. }
            | EngineEventKind::Abandoned
            | EngineEventKind::NetworkChanged
            | EngineEventKind::Suspended
            | EngineEventKind::Resumed
            | EngineEventKind::Missed { .. } => {}
        }
        event
    }

    /// An address that belongs to nobody, the same one for the same address. All addresses beyond the last number
    /// become one.
    fn address(&mut self, address: IpAddr) -> IpAddr {
        if address.is_loopback() {
            return address;
        }
        let at = self.addresses.iter().position(|one| *one == address).unwrap_or_else(|| {
            self.addresses.push(address);
            self.addresses.len() - 1
        });
        of_nobody(address, u8::try_from(at + 1).unwrap_or(u8::MAX))
    }

    pub(super) fn host(&mut self, host: &str) -> String {
        let parsed = Host::parse(host).unwrap_or_else(|_| Host::Domain(host.to_owned()));
        redacted(&parsed, &mut self.sites, "site").to_string()
    }

    pub(super) fn strategy(&mut self, strategy: &Strategy) -> Strategy {
        let mut server = |server: &Destination| Destination {
            host: redacted(&server.host, &mut self.proxies, "proxy"),
            port: server.port,
        };
        let kind = match &strategy.kind {
            StrategyKind::Direct { dns } => StrategyKind::Direct { dns: resolvers(dns) },
            StrategyKind::Socks5 { server: at, login: _ } => StrategyKind::Socks5 { server: server(at), login: None },
            StrategyKind::HttpConnect { server: at, tls, login: _ } => {
                StrategyKind::HttpConnect { server: server(at), tls: *tls, login: None }
            }
            // The key stays in memory: a redacted strategy is only ever printed without it.
            StrategyKind::Shadowsocks { server: at, key } => {
                StrategyKind::Shadowsocks { server: server(at), key: key.clone() }
            }
            // As a key, they are only ever printed as `***`.
            StrategyKind::Tor { bridges } => StrategyKind::Tor { bridges: bridges.clone() },
            StrategyKind::TorSocks5 { server: at } => StrategyKind::TorSocks5 { server: server(at) },
        };
        Strategy { kind, name: None, ..strategy.clone() }
    }

    pub(super) fn attempt(&mut self, attempt: &Attempt) -> Attempt {
        let destination = Destination {
            host: redacted(&attempt.destination.host, &mut self.sites, "site"),
            port: attempt.destination.port,
        };
        Attempt {
            strategy: self.strategy(&attempt.strategy),
            destination,
            address: attempt.address.filter(IpAddr::is_loopback),
            answers: Vec::new(),
            lookups: lookups(&attempt.strategy, &attempt.lookups),
            outcome: outcome(&attempt.outcome),
            page: None,
            ..attempt.clone()
        }
    }

    pub(super) fn verdict(&mut self, verdict: &Verdict) -> Verdict {
        let mut verdict = Verdict { statement: None, ..verdict.clone() };
        if let Some(pages) = &mut verdict.pages {
            pages.by = self.strategy(&pages.by);
            for page in [&mut pages.here, &mut pages.there] {
                page.title = None;
                page.leads_to = page.leads_to.as_ref().map(|host| redacted(host, &mut self.sites, "site"));
            }
        }
        for (number, found) in (1..=u8::MAX).zip(&mut verdict.addresses) {
            found.address = of_nobody(found.address, number);
        }
        // Further addresses are left out.
        verdict.addresses.truncate(usize::from(u8::MAX));
        verdict
    }
}

impl fmt::Debug for Redaction {
    /// Shows how much was replaced, but not what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sites, proxies, addresses } = self;
        write!(f, "Redaction({} sites, {} proxies, {} addresses)", sites.len(), proxies.len(), addresses.len())
    }
}

/// An address that belongs to nobody (RFC 5737 and RFC 3849).
fn of_nobody(address: IpAddr, number: u8) -> IpAddr {
    match address {
        IpAddr::V4(_) => IpAddr::from([192, 0, 2, number]),
        IpAddr::V6(_) => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(number)]),
    }
}

fn redacted(host: &Host<String>, known: &mut Vec<String>, name: &str) -> Host<String> {
    if is_loopback(host) {
        return host.clone();
    }
    let text = host.to_string();
    let at = known.iter().position(|one| *one == text).unwrap_or_else(|| {
        known.push(text);
        known.len() - 1
    });
    let number = if at == 0 { String::new() } else { (at + 1).to_string() };
    let domain = if is_local(host) { "local" } else { "example" };
    Host::Domain(format!("{name}{number}.{domain}"))
}

fn resolvers(resolvers: &Resolvers) -> Resolvers {
    let redacted = resolvers.iter().zip(1_u8..).map(|(resolver, number)| {
        let name = if number == 1 { "dns.example".to_owned() } else { format!("dns{number}.example") };
        let server =
            |server: &DnsServer| DnsServer { name: Host::Domain(name.clone()), address: None, port: server.port };
        match resolver {
            Resolver::System => Resolver::System,
            Resolver::Udp(_) => Resolver::Udp((Ipv4Addr::new(192, 0, 2, number), 53).into()),
            Resolver::Tls(at) => Resolver::Tls(server(at)),
            Resolver::Https { server: at, path: _ } => {
                Resolver::Https { server: server(at), path: "/dns-query".into() }
            }
        }
    });
    Resolvers::new(redacted.collect()).unwrap_or_default()
}

/// What each resolver said, each under the name that it has in the redacted strategy.
fn lookups(strategy: &Strategy, said: &[Lookup]) -> Vec<Lookup> {
    let StrategyKind::Direct { dns } = &strategy.kind else { return said.to_vec() };
    let redacted = resolvers(dns);
    let name = |resolver: &Resolver| {
        let same = dns.iter().zip(&redacted).find(|(own, _)| *own == resolver).map(|(_, redacted)| redacted.clone());
        same.unwrap_or_default()
    };
    said.iter().map(|lookup| Lookup { resolver: name(&lookup.resolver), ..lookup.clone() }).collect()
}

fn outcome(outcome: &Outcome) -> Outcome {
    let finding = match outcome {
        Outcome::Proven
        | Outcome::Failed(_)
        | Outcome::Pending
        | Outcome::Interrupted
        | Outcome::Overtaken
        | Outcome::Raised => return outcome.clone(),
        Outcome::Refuted(finding) => finding,
    };
    Outcome::Refuted(match finding {
        Finding::BlockPage { fingerprint, statement: _ } => {
            Finding::BlockPage { fingerprint: fingerprint.clone(), statement: Statement::default() }
        }
        Finding::Legal451(_) => Finding::Legal451(Statement::default()),
        Finding::PlatformBlocked(_) => Finding::PlatformBlocked(Statement::default()),
        Finding::OriginFault { status, what: AnswerFault::Own(_) } => {
            Finding::OriginFault { status: *status, what: AnswerFault::Own("***".to_owned()) }
        }
        Finding::OriginFault { status, what } => Finding::OriginFault { status: *status, what: what.clone() },
        Finding::CaptivePortal => Finding::CaptivePortal,
        Finding::Unvouched => Finding::Unvouched,
        Finding::ProxyAnswer { status } => Finding::ProxyAnswer { status: *status },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;
    use crate::reach::{AttemptId, StartReason};
    use crate::transport::Stage;

    /// One of each finding that can contain what a peer wrote.
    fn findings() -> [Finding; 4] {
        let statement =
            || Statement { text: Some("CANARY".into()), authority: Some("CANARY".into()), ..Statement::default() };
        [
            Finding::BlockPage { fingerprint: "a list's own name".into(), statement: statement() },
            Finding::Legal451(statement()),
            Finding::PlatformBlocked(statement()),
            Finding::OriginFault { status: Some(503), what: AnswerFault::Own("CANARY".to_owned()) },
        ]
    }

    #[test]
    fn veiled_outcome_keeps_the_code_and_no_peer_text() {
        for finding in findings() {
            let told = Outcome::Refuted(finding);
            let redacted = outcome(&told);
            assert_eq!(redacted.code(), told.code());
            assert!(!format!("{redacted:?}").contains("CANARY") && redacted != told, "{}", told.code());
        }
    }

    #[test]
    fn veiled_event_names_no_host_proxy_login_or_address() {
        let strategy: Strategy = "socks5://CANARY:CANARY@canary.example:1080#CANARY".parse().unwrap();
        let destination: Destination = "canary.example:443".parse().unwrap();
        let attempt = AttemptId::new(1);
        let happenings = [
            EngineEventKind::Started {
                attempt,
                strategy: strategy.clone(),
                destination,
                hop: 0,
                why: StartReason::First,
            },
            EngineEventKind::Dialled { attempt, address: "203.0.113.77".parse().unwrap() },
            EngineEventKind::Won { attempt, strategy, took: Duration::ZERO },
            EngineEventKind::Ended {
                attempt,
                stage: Stage::Progress,
                outcome: Outcome::Refuted(Finding::OriginFault {
                    status: None,
                    what: AnswerFault::Own("CANARY".to_owned()),
                }),
                took: Duration::ZERO,
            },
        ];
        let mut redaction = Redaction::default();
        for kind in happenings {
            let event = redaction.event(&EngineEvent { access: Some(1), at: Duration::ZERO, kind });
            let (strategy, outcome) = match &event.kind {
                EngineEventKind::Started { strategy, .. } | EngineEventKind::Won { strategy, .. } => {
                    (strategy.to_string(), None)
                }
                EngineEventKind::Ended { outcome, .. } => (String::new(), Some(format!("{outcome:?}"))),
                _ => (String::new(), None),
            };
            // The text of `Strategy` itself contains the login.
            let told = format!("{} {strategy} {outcome:?}", serde_json::to_string(&event).unwrap()).to_lowercase();
            for name in ["canary", "203.0.113.77"] {
                assert!(!told.contains(name), "{name} in {told}");
            }
        }
    }
}
