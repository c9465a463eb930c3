//! Which side failed: the first hop, or the destination behind it.

use crate::transport::{Cause, Destination, Failure, Stage, Strategy, StrategyKind, TorStall, is_onion_host};

/// Whether the proxy or Tor of `strategy` failed, and not the destination behind it.
///
/// Whatever fails before the proxy has answered is the proxy's fault: its name, its port, its login, garbage instead of
/// an answer, silence. After the proxy answered that it could not reach the host, its reply decides. Network
/// unreachable, host unreachable and refused (SOCKS5 REP 3, 4, 5), what Tor says of an onion service (0xF0 to 0xF7; of any other host no
/// Tor says it), and bad gateway, unavailable and gateway timeout (HTTP 502, 503, 504) are about the host. All other replies are
/// about the proxy itself: "general failure" blames no one, and a ruleset (REP 2, HTTP 403) is the proxy's policy.
///
/// A Shadowsocks server never gives a reason. What fails at its stage is attributed to it, and the verdict knows how
/// little that means (`route.unanswered`).
///
/// What our own rules forbade is no one's fault, and `direct:` has no first hop to blame.
pub(super) fn blames_first_hop(failure: &Failure, strategy: &Strategy, destination: &Destination) -> bool {
    if strategy.is_direct() || failure.stage > Stage::Proxy {
        return false;
    }
    match (&failure.cause, &strategy.kind) {
        (Cause::Forbidden { .. } | Cause::Clock, _) => false,
        (Cause::TorNotStarted { stall: TorStall::Ended | TorStall::NetworkChanged }, _) => false,
        (Cause::ProxyReply { code }, StrategyKind::HttpConnect { .. }) => !matches!(code, 502..=504),
        (Cause::ProxyReply { code: 0xF0..=0xF7 }, _) => !(strategy.is_tor() && is_onion_host(&destination.host)),
        (Cause::ProxyReply { code }, _) => !matches!(code, 3..=5),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::transport::{CertificateFault, PolicyRule, Protocol};

    fn site() -> Destination {
        "site.example:443".parse().unwrap()
    }

    #[test]
    fn what_fails_in_a_proxys_place_is_the_proxys() {
        let socks: Strategy = "socks5://192.0.2.7:1080".parse().unwrap();
        let http: Strategy = "http://192.0.2.7:1080".parse().unwrap();
        let https: Strategy = "https://proxy.example:443".parse().unwrap();
        for (strategy, stage, cause) in [
            (&socks, Stage::Tcp, Cause::Refused),
            (&socks, Stage::Proxy, Cause::ProxyLogin),
            (&socks, Stage::Proxy, Cause::Malformed { expected: Protocol::Socks5 }),
            (&http, Stage::Proxy, Cause::Malformed { expected: Protocol::HttpConnect }),
            (&http, Stage::Proxy, Cause::Closed),
            (&https, Stage::Proxy, Cause::Certificate { fault: CertificateFault::WrongName }),
        ] {
            let failure = Failure::new(stage, cause);
            assert!(blames_first_hop(&failure, strategy, &site()), "{failure:?}");
        }
    }

    #[test]
    fn a_first_hop_is_blamed_for_itself_only() {
        let direct = Strategy::direct();
        let socks: Strategy = "socks5://192.0.2.1:1080".parse().unwrap();
        let http: Strategy = "http://192.0.2.1:3128".parse().unwrap();
        let tor: Strategy = "tor+socks5://192.0.2.1:9050".parse().unwrap();
        let reply = |code| Failure::new(Stage::Proxy, Cause::ProxyReply { code });
        for strategy in [&socks, &http, &tor] {
            for stage in [Stage::Dns, Stage::Tcp, Stage::Proxy] {
                assert!(blames_first_hop(&Failure::new(stage, Cause::Silence), strategy, &site()));
                assert!(!blames_first_hop(&Failure::new(stage, Cause::Silence), &direct, &site()));
                let forbidden = Cause::Forbidden { rule: PolicyRule::Exposure };
                assert!(!blames_first_hop(&Failure::new(stage, forbidden), strategy, &site()));
            }
            for stage in [Stage::Tls, Stage::FirstByte, Stage::Progress] {
                assert!(!blames_first_hop(&Failure::new(stage, Cause::Reset), strategy, &site()));
            }
        }
        for code in [1, 2, 6, 7, 8, 9, 0xEF, 0xF8] {
            assert!(
                blames_first_hop(&reply(code), &socks, &site()) && blames_first_hop(&reply(code), &tor, &site()),
                "{code}"
            );
        }
        for code in [3, 4, 5] {
            assert!(
                !blames_first_hop(&reply(code), &socks, &site()) && !blames_first_hop(&reply(code), &tor, &site()),
                "{code}"
            );
        }
        let onion = "abc.onion:443".parse().unwrap();
        for code in [0xF0, 0xF7] {
            assert!(!blames_first_hop(&reply(code), &tor, &onion), "{code:#x}");
            for (strategy, host) in [(&tor, &site()), (&socks, &site()), (&socks, &onion)] {
                assert!(blames_first_hop(&reply(code), strategy, host), "{code:#x}: no Tor says it of {host}");
            }
        }
        for (code, blamed) in [(302, true), (403, true), (500, true), (502, false), (503, false), (504, false)] {
            assert_eq!(blames_first_hop(&reply(code), &http, &site()), blamed, "{code}");
        }
    }
}
