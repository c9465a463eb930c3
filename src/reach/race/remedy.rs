//! What can help against an attempt that is stuck, by the stage at which it is: data.
//!
//! A censor that swallows a SYN swallows each SYN to that address, however the ClientHello behind it would be cut; one that
//! swallows a ClientHello may let another through to the same address. So the stage decides which strategy is next.
//!
//! A strategy that cannot help is passed over and stays where it is in the order: it is tried when no other is left.
//! Passing it over reveals nothing that the app's order would have kept: a strategy that meets the very silence that the
//! race has just met would have handed on to the one behind it after one more hedge delay, and nothing else would have come of
//! it. A strategy that *may* help is never passed over.

use crate::transport::{Ech, Kind, Resolvers, Stage, Strategy};

/// In what a strategy must differ from the one that is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Differs {
    /// Another one is asked for the name: other resolvers, or a proxy.
    Lookup,
    /// Another first hop: another proxy, a proxy and not the host itself, or other resolvers, which may know other addresses.
    Hop,
    /// Another ClientHello: cut in another manner, or encrypted.
    Hello,
}

/// What helps at each stage; one of them is enough.
fn helps_at(stage: Stage) -> &'static [Differs] {
    match stage {
        Stage::Dns => &[Differs::Lookup],
        // The hello has not been sent.
        Stage::Tcp => &[Differs::Hop],
        // An `https://` proxy has been sent a hello of its own; any other has not, and has the same one behind it.
        Stage::Proxy => &[Differs::Hop, Differs::Hello],
        // The address answers. Some boxes let a handshake pass and cut the flow later, by the name that they read in it.
        Stage::Tls | Stage::FirstByte | Stage::Progress => &[Differs::Hello, Differs::Hop],
    }
}

/// Whether `next` may get further than `stuck`, which is stuck at this stage.
pub(super) fn may_help(next: &Strategy, stuck: &Strategy, stage: Stage) -> bool {
    let is_told = stage != Stage::Proxy || matches!(stuck.kind, Kind::HttpConnect { tls: true, .. });
    helps_at(stage).iter().any(|differs| match differs {
        Differs::Lookup => lookup(next) != lookup(stuck),
        Differs::Hop => next.server() != stuck.server() || resolvers(next) != resolvers(stuck),
        Differs::Hello => is_told && hello(next) != hello(stuck),
    })
}

/// Who is asked for a name before anything is dialled. A proxy's own name is the system resolver's.
fn lookup(strategy: &Strategy) -> (Option<&Resolvers>, Option<&url::Host<String>>) {
    (resolvers(strategy), strategy.server().map(|server| &server.host))
}

fn resolvers(strategy: &Strategy) -> Option<&Resolvers> {
    match &strategy.kind {
        Kind::Direct { dns } => Some(dns),
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
