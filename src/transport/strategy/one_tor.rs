//! The one Tor of a process: all bridges that any strategy names belong to it, and a `tor:` without one goes through them too.

use super::{Bridges, Strategy, StrategyKind};

/// The strategies with one Tor, and its bridges. What is the same then is kept once.
pub(crate) fn with_one_tor(strategies: Vec<Strategy>) -> (Vec<Strategy>, Bridges) {
    let mut all = Bridges::default();
    for strategy in &strategies {
        if let StrategyKind::Tor { bridges } = &strategy.kind {
            all.join(bridges);
        }
    }
    let mut kept: Vec<Strategy> = Vec::with_capacity(strategies.len());
    for mut strategy in strategies {
        if let StrategyKind::Tor { bridges } = &mut strategy.kind
            && !all.is_empty()
        {
            *bridges = all.clone();
            if kept.iter().any(|before| before.way() == strategy.way()) {
                continue;
            }
        }
        kept.push(strategy);
    }
    (kept, all)
}

#[cfg(all(test, feature = "tor"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FINGERPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

    #[test]
    fn all_bridges_belong_to_one_tor() {
        let strategies = [
            "tor:".to_owned(),
            "direct:".to_owned(),
            format!("tor:?bridge=192.0.2.3:443%20{FINGERPRINT}#one"),
            format!("tor:?bridge=192.0.2.4:443%20{FINGERPRINT}&tls=frag"),
        ];
        let strategies = strategies.iter().map(|text| text.parse().unwrap()).collect();
        let (strategies, bridges) = with_one_tor(strategies);
        assert_eq!(bridges.iter().count(), 2);
        let shown: Vec<_> = strategies.iter().map(Strategy::redacted).collect();
        assert_eq!(shown, ["tor:?bridge=***&bridge=***", "direct:", "tor:?bridge=***&bridge=***&tls=frag"]);
    }
}
