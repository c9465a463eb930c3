//! Which strategies may help against a stuck attempt, by the stage at which it is stuck: data.
//!
//! A censor that swallows a SYN swallows each SYN to that address, in whatever way the ClientHello after it would be
//! cut. One that swallows a ClientHello may let another one through to the same address. So the stage decides which
//! strategy is next.
//!
//! A strategy that cannot help is passed over and stays where it is in the order: it is tried when no other is left.
//! This reveals nothing that the app's order would have kept. The strategy would meet the same silence, and after one
//! more hedge delay the next one would start anyway. A strategy that *may* help is never passed over.

use crate::transport::{Ech, Resolvers, Stage, Strategy, StrategyKind};

/// How a strategy must differ from the stuck one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Differs {
    /// Another source of addresses: other resolvers, or a proxy.
    Lookup,
    /// Another first hop: another proxy, a proxy instead of the host itself, or other resolvers, which may know other
    /// addresses.
    Hop,
    /// Another ClientHello: cut differently, or encrypted.
    Hello,
}

/// What helps at each stage; one of them is enough.
fn helps_at(stage: Stage) -> &'static [Differs] {
    match stage {
        Stage::Dns => &[Differs::Lookup],
        // The ClientHello has not been sent.
        Stage::Tcp => &[Differs::Hop],
        // An `https://` proxy has received its own ClientHello. Any other proxy has not, and the same ClientHello would
        // follow.
        Stage::Proxy => &[Differs::Hop, Differs::Hello],
        // The address answers. Some middleboxes let a handshake pass and cut the flow later, by the name in it.
        Stage::Tls | Stage::FirstByte | Stage::Progress => &[Differs::Hello, Differs::Hop],
    }
}

/// Whether `next` may get further than `stuck` at this stage.
pub(super) fn may_help(next: &Strategy, stuck: &Strategy, stage: Stage) -> bool {
    let is_told = stage != Stage::Proxy || matches!(stuck.kind, StrategyKind::HttpConnect { tls: true, .. });
    helps_at(stage).iter().any(|differs| match differs {
        Differs::Lookup => lookup(next) != lookup(stuck),
        Differs::Hop => next.next_hop() != stuck.next_hop() || resolvers(next) != resolvers(stuck),
        Differs::Hello => is_told && hello(next) != hello(stuck),
    })
}

/// Where a name is looked up before dialling. A proxy's own name goes to the system's resolver.
fn lookup(strategy: &Strategy) -> (Option<&Resolvers>, Option<&url::Host<String>>) {
    (resolvers(strategy), strategy.server().map(|server| &server.host))
}

fn resolvers(strategy: &Strategy) -> Option<&Resolvers> {
    match &strategy.kind {
        StrategyKind::Direct { dns } => Some(dns),
        _ => None,
    }
}

fn hello(strategy: &Strategy) -> (crate::transport::Shaping, Ech) {
    (strategy.tls, strategy.ech)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_stage_decides_what_may_help() {
        use Stage::{Dns, FirstByte, Progress, Proxy, Tcp, Tls};
        const FRAG: &str = "direct:?tls=frag";
        const OWN: &str = "direct:?dns=tls://9.9.9.9";
        const A: &str = "https://a.example";
        let cases: &[(&str, &str, &[Stage])] = &[
            ("direct:", FRAG, &[Tls, FirstByte, Progress]),
            ("direct:", OWN, &[Dns, Tcp, Proxy, Tls, FirstByte, Progress]),
            ("direct:", "socks5://192.0.2.1:1080", &[Dns, Tcp, Proxy, Tls, FirstByte, Progress]),
            (OWN, "direct:?dns=tls://9.9.9.9&ech=prefer", &[Tls, FirstByte, Progress]),
            (A, "https://a.example?tls=frag", &[Proxy, Tls, FirstByte, Progress]),
            (A, "https://a.example:8443", &[Tcp, Proxy, Tls, FirstByte, Progress]),
            (A, "https://b.example", &[Dns, Tcp, Proxy, Tls, FirstByte, Progress]),
            ("socks5://192.0.2.1:1080", "socks5://u:p@192.0.2.1:1080?tls=frag", &[Tls, FirstByte, Progress]),
            ("direct:", "direct:?cc=ru", &[]),
        ];
        for (stuck, next, helped) in cases {
            let [of, by]: [Strategy; 2] = [stuck, next].map(|text| text.parse().unwrap());
            for stage in [Dns, Tcp, Proxy, Tls, FirstByte, Progress] {
                assert_eq!(may_help(&by, &of, stage), helped.contains(&stage), "{next} after {stuck} at {stage}");
            }
        }
    }
}
