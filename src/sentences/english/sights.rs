//! Who sees what, in English.

use super::English;
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::SightPhrases;
use crate::sentences::sights::{
    DisclosedTo, Disclosure, Hosts, NamedObserver, Observation, Observed, SeenBesides, SeenInAttempts, Visibility, list,
};

impl SightPhrases for English {
    fn shown(&self, shown: &Disclosure<'_>) -> String {
        let host = shown.host;
        match &shown.to {
            DisclosedTo::ThisDevice => {
                format!("the connection to {host} stays on this device; what the program there sends on depends on it")
            }
            DisclosedTo::OwnNetwork(seen) => format!("the operator of this network sees {}", sees(host, *seen)),
            DisclosedTo::Provider { seen, resolvers } => {
                let sees = sees(host, *seen);
                let learn = if resolvers.len() > 1 { "the resolvers" } else { "the resolver" };
                match resolvers.as_slice() {
                    [] => format!("your provider sees {sees}"),
                    _ => {
                        format!("your provider sees {sees}, and {learn} {} that you look it up", list(resolvers, "and"))
                    }
                }
            }
            DisclosedTo::Tor { exit_reads } => format!(
                "your provider sees at most that you use Tor; Tor does not tell {host} who you are, but an account of yours \
                 would{}",
                if *exit_reads { "; Tor's exit sees what is read, not by whom" } else { "" }
            ),
            DisclosedTo::TorElsewhere { server, seen } => format!(
                "the operator of the Tor at {server} sees {}, and so does the network in front of it",
                sees(host, *seen)
            ),
            DisclosedTo::Program { server, seen } => format!(
                "the program behind {server} on this device sees {}; what your provider sees depends on it",
                sees(host, *seen)
            ),
            DisclosedTo::ProxyOverTls(seen) => {
                format!("the proxy sees {}, your provider sees only the proxy", sees(host, *seen))
            }
            DisclosedTo::Shadowsocks(seen) => format!(
                "the Shadowsocks server sees {}, your provider sees only that you connect to that server",
                sees(host, *seen)
            ),
            DisclosedTo::PlainProxy(seen) => format!(
                "the proxy sees {}, and so does your provider, because nothing is encrypted on the way to it",
                sees(host, *seen)
            ),
        }
    }

    fn tried(&self, tried: &SeenInAttempts) -> String {
        match tried {
            SeenInAttempts::NothingLeft => "Nothing was sent beyond this device.".to_owned(),
            SeenInAttempts::By(all) => {
                all.iter().map(|one| format!("{}.", capital(&clause(one)))).collect::<Vec<_>>().join(" ")
            }
        }
    }

    fn beside(&self, SeenBesides(all): &SeenBesides) -> String {
        format!("Besides, {}.", all.iter().map(clause).collect::<Vec<_>>().join("; "))
    }
}

fn sees(host: &str, seen: Visibility) -> String {
    match seen {
        Visibility::Connection => format!("that you connect to {host}"),
        Visibility::Address => {
            format!("that you connect to the address of {host}, under a name that several sites may share")
        }
        Visibility::Page => format!("what you read on {host}"),
    }
}

fn clause(Observed { who, saw, decides_for_provider }: &Observed) -> String {
    let who = match who {
        NamedObserver::Provider => "your provider".to_owned(),
        NamedObserver::Network => "the operator of this network".to_owned(),
        NamedObserver::Resolver(name) => format!("the resolver {name}"),
        NamedObserver::Program(server) => format!("the program behind {server} on this device"),
        NamedObserver::Proxy(server) => format!("the proxy {server}"),
        NamedObserver::TorElsewhere(server) => format!("the operator of the Tor at {server}"),
        NamedObserver::Exit => "Tor's exit".to_owned(),
        NamedObserver::Site => return saw.iter().map(what).collect(),
    };
    let depends = if *decides_for_provider { "; what your provider saw depends on it" } else { "" };
    let saw: Vec<String> = saw.iter().map(what).collect();
    format!("{who} {}{depends}", list(&saw, "and"))
}

fn what(what: &Observation) -> String {
    let either = |hosts: &Hosts, one, several| if hosts.are_many() { several } else { one };
    match what {
        Observation::Credentials(hosts) => format!(
            "could read the whole address asked for on {}, the answer, and the cookies or login sent with it",
            all(hosts)
        ),
        Observation::Page(hosts) => format!("could read the whole address asked for on {}, and the answer", all(hosts)),
        Observation::Name(hosts) => format!("saw the {} {}", either(hosts, "name", "names"), all(hosts)),
        Observation::Address(hosts) => format!(
            "saw {} of {}",
            either(hosts, "a connection to the address", "connections to the addresses"),
            all(hosts)
        ),
        Observation::Connection(hosts) => {
            format!("saw {} to {}", either(hosts, "a connection", "connections"), all(hosts))
        }
        Observation::OnlyProxy(hosts) => {
            format!("saw only that you connect to the {} {}", either(hosts, "proxy", "proxies"), all(hosts))
        }
        Observation::OnlyTor => "saw at most that you use Tor".to_owned(),
        Observation::Reader(hosts) => {
            format!(
                "the {} for {} saw your address",
                either(hosts, "server that answers", "servers that answer"),
                all(hosts)
            )
        }
    }
}

fn all(hosts: &Hosts) -> String {
    let more = (hosts.more > 0).then(|| format!("{} more", hosts.more));
    list(&hosts.named.iter().cloned().chain(more).collect::<Vec<_>>(), "and")
}
