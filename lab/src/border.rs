//! The third form, on the path: the lab's censor on a router that real packets cross.
//!
//! A rule about addresses and ports becomes a rule of nftables: the kernel itself drops, resets or says "unreachable".
//! A flow with a rule about more, a name or a path, is redirected to this process. It opens the same flow onwards and
//! carries it through the [relay](crate::relay) of the virtual lab, with the same inspector. A datagram with a query is
//! handled in the same way: the lie goes back at once, in the resolver's name, and the truth follows.
//!
//! This differs from a middlebox on a cable:
//! - this router's kernel answers an inspected flow, so its handshake succeeds although the far end may not answer, and
//!   swallowed data is acknowledged;
//! - residual blocking begins after the handshake, for the same reason;
//! - segments that arrive together are read together, so a rule on the first segment may see more than that.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::{sleep, timeout};

use crate::censor::Censor;
use crate::dns;
use crate::inspect::Inspector;
use crate::node::{CLIENT_V4, CLIENT_V6};
use crate::phone::Phone;
use crate::relay::relay;
use crate::rule::{Action, Condition, Prefix, Rule};
use crate::serve::AFTER_AN_ERROR;
use crate::true_addresses::{Door, doors};
use crate::world::{PORTAL, Shared, WorldState};

/// Begins to inspect flows. Returns nftables rules for the router, whose interface towards the client has this name.
pub(crate) async fn stand(world: &Shared, towards_client: &str) -> io::Result<String> {
    let (rules, phone, doors) = {
        let state = world.state();
        (state.rules.clone(), state.phone.clone(), doors(&state))
    };
    if rules.iter().any(|rule| rule.on_syn() && rule.spared.load(Ordering::Relaxed) > 0) {
        return Err(io::Error::other("nftables does not let the first few connections pass: `after` needs a name"));
    }
    let (mut filter, mut redirect) = (String::new(), String::new());
    portal(&phone, &mut filter, &mut redirect);
    rules.iter().filter(|rule| rule.on_syn()).for_each(|rule| on_packets(rule, &mut filter));
    for Door { at, dns, .. } in doors {
        let family = if at.is_ipv4() { "ip" } else { "ip6" };
        let (address, port) = (at.ip(), at.port());
        let looked_into = |rule: &Arc<Rule>| !rule.on_syn() && !rule.on_query() && rule.may_concern(at);
        if rules.iter().any(looked_into) {
            let listener = TcpListener::bind(here()).await?;
            let real = listener.local_addr()?.port();
            let _ = writeln!(redirect, "    {family} daddr {address} tcp dport {port} redirect to :{real}");
            world.spawn(flows(world.clone(), at, listener));
        }
        if dns && rules.iter().any(|rule| rule.on_query() && rule.may_concern(at)) {
            let socket = UdpSocket::bind(here()).await?;
            let real = socket.local_addr()?.port();
            let _ = writeln!(redirect, "    {family} daddr {address} udp dport {port} redirect to :{real}");
            world.spawn(queries(world.clone(), at, Arc::new(socket)));
        }
    }
    Ok(format!(
        "table inet byway_lab {{\n  \
           chain packets {{\n    type filter hook prerouting priority mangle;\n    \
             iifname != \"{towards_client}\" accept\n{filter}  }}\n  \
           chain flows {{\n    type nat hook prerouting priority dstnat;\n    \
             iifname != \"{towards_client}\" accept\n{redirect}  }}\n\
         }}\n"
    ))
}

/// Any address of this router, of either family.
fn here() -> SocketAddr {
    SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0)
}

/// What the client's own network does to it.
fn portal(phone: &Phone, filter: &mut String, redirect: &mut String) {
    if phone.ipv6_broken {
        let _ = writeln!(filter, "    meta nfproto ipv6 meta l4proto {{ tcp, udp }} drop");
    }
    if phone.portal {
        let _ = writeln!(filter, "    tcp dport != 80 reject with tcp reset");
        let _ = writeln!(filter, "    meta nfproto ipv6 tcp dport 80 reject with tcp reset");
        let _ = writeln!(redirect, "    meta nfproto ipv4 tcp dport 80 dnat ip to {PORTAL}:80");
    }
}

/// A rule about addresses and ports, as nftables rules: one line for each address family that it may concern.
fn on_packets(rule: &Rule, filter: &mut String) {
    for (family, client) in [("ip", IpAddr::V4(Ipv4Addr::UNSPECIFIED)), ("ip6", Ipv6Addr::UNSPECIFIED.into())] {
        let same = |prefix: &&Prefix| prefix.address().is_ipv4() == client.is_ipv4();
        let mut line = format!("    meta nfproto {}", if client.is_ipv4() { "ipv4" } else { "ipv6" });
        let mut possible = true;
        for condition in &rule.conditions {
            let _ = match condition {
                Condition::Address(prefix) => {
                    possible &= same(&prefix);
                    write!(line, " {family} daddr {prefix}")
                }
                Condition::NotAddress(prefixes) => {
                    let passed: Vec<String> = prefixes.iter().filter(same).map(ToString::to_string).collect();
                    if passed.is_empty() {
                        Ok(())
                    } else {
                        write!(line, " {family} daddr != {{ {} }}", passed.join(", "))
                    }
                }
                Condition::Port(port) => write!(line, " th dport {port}"),
                _ => Ok(()),
            };
        }
        if !possible {
            continue;
        }
        let _ = match rule.action {
            Action::Refuse => writeln!(filter, "{line} meta l4proto tcp reject with tcp reset"),
            Action::Unreachable => writeln!(filter, "{line} meta l4proto tcp reject with icmpx type host-unreachable"),
            _ => writeln!(filter, "{line} meta l4proto {{ tcp, udp }} drop"),
        };
    }
}

/// Carries each connection to one port of one machine.
async fn flows(world: Shared, to: SocketAddr, listener: TcpListener) {
    let client = if to.is_ipv4() { CLIENT_V4 } else { CLIENT_V6 };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(AFTER_AN_ERROR).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        world.log("client", crate::What::Connect { to });
        if Censor(world.clone()).syn(to).is_some() {
            world.spawn(async move {
                let _unanswered = stream;
                std::future::pending().await
            });
            continue;
        }
        let inspector = Inspector::new(Censor(world.clone()), client, to);
        world.spawn(async move {
            let Ok(server) = TcpStream::connect(to).await else { return crate::stream::Wire::reset(Box::new(stream)) };
            let _ = server.set_nodelay(true);
            relay(Box::new(stream), Box::new(server), Some(inspector), None).await;
        });
    }
}

/// Carries each query to one resolver, and sends the censor's answer first.
async fn queries(world: Shared, to: SocketAddr, socket: Arc<UdpSocket>) {
    let mut buffer = vec![0; LONGEST_DATAGRAM];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            sleep(AFTER_AN_ERROR).await;
            continue;
        };
        let query = buffer[..length].to_vec();
        let asked = dns::query(&query);
        world.log("client", crate::What::Datagram { to, query: asked.as_ref().map(|(_, name, _)| name.clone()) });
        let met = asked.as_ref().and_then(|(_, name, _)| Censor(world.clone()).query(name, to));
        match (met, asked) {
            (Some(Action::Inject(lie)), Some((message, _, kind))) => {
                if let Some(injected) = dns::answer(&message, kind, &lie, None) {
                    let _ = socket.send_to(&injected, peer).await;
                }
            }
            (Some(_), _) => continue,
            (None, _) => {}
        }
        let socket = socket.clone();
        world.spawn(async move {
            if let Ok(Ok(truth)) = timeout(ANSWERED_WITHIN, ask(to, &query)).await {
                let _ = socket.send_to(&truth, peer).await;
            }
        });
    }
}

/// Asks a resolver.
async fn ask(resolver: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let any = if resolver.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(resolver).await?;
    socket.send(query).await?;
    let mut answer = vec![0; LONGEST_DATAGRAM];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

impl Rule {
    /// Whether its conditions on addresses and ports allow that it inspects this flow.
    fn may_concern(&self, to: SocketAddr) -> bool {
        self.conditions.iter().all(|condition| match condition {
            Condition::Address(prefix) => prefix.contains(to.ip()),
            Condition::NotAddress(prefixes) => !prefixes.iter().any(|prefix| prefix.contains(to.ip())),
            Condition::Port(port) => to.port() == *port,
            _ => true,
        })
    }
}

impl WorldState {
    /// The client has no network at all.
    pub(crate) fn offline(&self) -> bool {
        self.phone.offline
    }
}

/// Longer than an answer over UDP (RFC 6891 section 6.2.5).
const LONGEST_DATAGRAM: usize = 4096;
/// No client waits longer for a resolver.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::Lab;

    async fn rules(set: impl Fn(&Lab)) -> String {
        let lab = Lab::new();
        lab.host("vk.com").at("203.0.113.10").at("2001:db8::10").https();
        lab.socks5("proxy.nl").at("198.51.100.7").dead();
        set(&lab);
        lab.stand_between("inside").await.unwrap()
    }

    #[tokio::test]
    async fn rules_about_addresses_are_the_kernels() {
        let told = rules(|lab| {
            lab.censor().when_address("203.0.113.10").port(443).refuse();
            lab.censor().when_address("2001:db8::/32").unreachable();
            lab.censor().when_not_address(&["203.0.113.10", "198.51.100.0/24"]).swallow();
        })
        .await;
        for line in [
            "meta nfproto ipv4 ip daddr 203.0.113.10 th dport 443 meta l4proto tcp reject with tcp reset",
            "meta nfproto ipv6 ip6 daddr 2001:db8::/32 meta l4proto tcp reject with icmpx type host-unreachable",
            "meta nfproto ipv4 ip daddr != { 203.0.113.10, 198.51.100.0/24 } meta l4proto { tcp, udp } drop",
            "meta nfproto ipv6 meta l4proto { tcp, udp } drop",
        ] {
            assert_eq!(told.matches(line).count(), 1, "{line}\n{told}");
        }
        assert!(!told.contains("redirect"), "nothing is looked into\n{told}");
    }

    #[tokio::test]
    async fn only_what_a_rule_may_look_into_is_redirected() {
        let told = rules(|lab| drop(lab.censor().when_sni("vk.com").reset())).await;
        assert!(told.contains("ip daddr 203.0.113.10 tcp dport 443 redirect to :"), "{told}");
        assert!(told.contains("ip6 daddr 2001:db8::10 tcp dport 443 redirect to :"), "{told}");
        assert!(!told.contains("198.51.100.7"), "a dead proxy is left to its own kernel\n{told}");
        assert!(!told.contains("udp"), "{told}");

        let told = rules(|lab| drop(lab.censor().when_sni("vk.com").address("203.0.113.10").reset())).await;
        assert!(told.contains("203.0.113.10") && !told.contains("2001:db8::10"), "{told}");

        let told = rules(|lab| drop(lab.censor().when_query("vk.com").nxdomain())).await;
        assert!(told.contains("ip daddr 192.0.2.53 udp dport 53 redirect to :"), "{told}");
        assert!(!told.contains("tcp dport"), "{told}");
    }

    #[tokio::test]
    async fn what_nftables_cannot_do_is_an_error() {
        let lab = Lab::new();
        lab.censor().when_address("203.0.113.10").after(2).swallow();
        assert!(lab.stand_between("inside").await.unwrap_err().to_string().contains("after"));
    }
}
