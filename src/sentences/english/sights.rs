//! Who sees what, in English.

use super::English;
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::SightPhrases;
use crate::sentences::sights::{Beside, Hosts, Observed, Seen, Shown, ShownTo, Tried, What, Who, list};

impl SightPhrases for English {
    fn shown(&self, shown: &Shown<'_>) -> String {
        let host = shown.host;
        match &shown.to {
            ShownTo::ThisDevice => {
                format!("the connection to {host} stays on this device; what the program there sends on depends on it")
            }
            ShownTo::OwnNetwork(seen) => format!("the operator of this network sees {}", sees(host, *seen)),
            ShownTo::Provider { seen, resolvers } => {
                let sees = sees(host, *seen);
                let learn = if resolvers.len() > 1 { "the resolvers" } else { "the resolver" };
                match resolvers.as_slice() {
                    [] => format!("your provider sees {sees}"),
                    _ => {
                        format!("your provider sees {sees}, and {learn} {} that you look it up", list(resolvers, "and"))
                    }
                }
            }
            ShownTo::Tor { exit_reads } => format!(
                "your provider sees at most that you use Tor; Tor does not tell {host} who you are, but an account of yours \
                 would{}",
                if *exit_reads { "; Tor's exit sees what is read, not by whom" } else { "" }
            ),
            ShownTo::TorElsewhere { server, seen } => format!(
                "the operator of the Tor at {server} sees {}, and so does the network in front of it",
                sees(host, *seen)
            ),
            ShownTo::Program { server, seen } => format!(
                "the program behind {server} on this device sees {}; what your provider sees depends on it",
                sees(host, *seen)
            ),
            ShownTo::ProxyOverTls(seen) => {
                format!("the proxy sees {}, your provider sees only the proxy", sees(host, *seen))
            }
            ShownTo::Shadowsocks(seen) => format!(
                "the Shadowsocks server sees {}, your provider sees only that you connect to that server",
                sees(host, *seen)
            ),
            ShownTo::PlainProxy(seen) => format!(
                "the proxy sees {}, and so does your provider, because nothing is encrypted on the way to it",
                sees(host, *seen)
            ),
        }
    }

    fn tried(&self, tried: &Tried) -> String {
        match tried {
            Tried::NothingLeft => "Nothing of it left this device.".to_owned(),
            Tried::By(all) => all.iter().map(|one| format!("{}.", capital(&clause(one)))).collect::<Vec<_>>().join(" "),
        }
    }

    fn beside(&self, Beside(all): &Beside) -> String {
        format!("Besides, {}.", all.iter().map(clause).collect::<Vec<_>>().join("; "))
    }
}

fn sees(host: &str, seen: Seen) -> String {
    match seen {
        Seen::Connection => format!("that you connect to {host}"),
        Seen::Address => {
            format!("that you connect to the address of {host}, under a name that several sites may share")
        }
        Seen::Page => format!("what you read on {host}"),
    }
}

fn clause(Observed { who, saw, decides_for_provider }: &Observed) -> String {
    let who = match who {
        Who::Provider => "your provider".to_owned(),
        Who::Network => "the operator of this network".to_owned(),
        Who::Resolver(name) => format!("the resolver {name}"),
        Who::Program(server) => format!("the program behind {server} on this device"),
        Who::Proxy(server) => format!("the proxy {server}"),
        Who::TorElsewhere(server) => format!("the operator of the Tor at {server}"),
        Who::Exit => "Tor's exit".to_owned(),
        Who::Site => return saw.iter().map(what).collect(),
    };
    let depends = if *decides_for_provider { "; what your provider saw depends on it" } else { "" };
    let saw: Vec<String> = saw.iter().map(what).collect();
    format!("{who} {}{depends}", list(&saw, "and"))
}

fn what(what: &What) -> String {
    let either = |hosts: &Hosts, one, several| if hosts.are_many() { several } else { one };
    match what {
        What::Credentials(hosts) => format!(
            "could read the whole address asked for on {}, the answer, and the cookies or login sent with it",
            all(hosts)
        ),
        What::Page(hosts) => format!("could read the whole address asked for on {}, and the answer", all(hosts)),
        What::Name(hosts) => format!("saw the {} {}", either(hosts, "name", "names"), all(hosts)),
        What::Address(hosts) => format!(
            "saw {} of {}",
            either(hosts, "a connection to the address", "connections to the addresses"),
            all(hosts)
        ),
        What::Connection(hosts) => format!("saw {} to {}", either(hosts, "a connection", "connections"), all(hosts)),
        What::OnlyProxy(hosts) => {
            format!("saw only that you connect to the {} {}", either(hosts, "proxy", "proxies"), all(hosts))
        }
        What::OnlyTor => "saw at most that you use Tor".to_owned(),
        What::Reader(hosts) => {
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
