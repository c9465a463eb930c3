//! What a strategy reveals, to whom, and which order of strategies that allows.
//!
//! The app's order expresses who the user allows to learn of a reading. What was learned about strategies may move one
//! forward, but only past strategies that reveal at least as much. So no packet tells anyone something that an earlier
//! strategy would have kept from them, before that strategy was tried. A direct strategy that answered yesterday never
//! overtakes a Tor that comes first, even if that Tor failed yesterday. The rule is one partial order
//! ([`Revealed::is_no_more_than`]), and [`arrange`] is the only place that moves a strategy.

use url::Host;

use crate::transport::{Ech, Strategy, StrategyKind, is_loopback};

/// Who sees what of a reading, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Revealed {
    /// What the reader's own network sees of the destination.
    to_network: RevealedPart,
    /// The destination sees the reader's address.
    to_destination: bool,
    /// One operator between them (of a proxy) sees both the reader's address and the destination.
    to_operator: bool,
}

/// What an observer can see of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RevealedPart {
    Nothing,
    /// Its address. Its name stays hidden where the host offers Encrypted ClientHello (RFC 9849).
    Address,
    Name,
}

impl Revealed {
    /// What this strategy reveals.
    ///
    /// A proxy on this device counts as one to which nothing can be read on the path: what it does behind loopback is
    /// the user's affair, and unknown here. Two proxies of one kind are equal, no matter who operates them: both are the
    /// user's own choice.
    pub(super) fn by(strategy: &Strategy) -> Self {
        let here = |host: &Host<String>| is_loopback(host);
        let cleartext = |host| if here(host) { RevealedPart::Nothing } else { RevealedPart::Name };
        match &strategy.kind {
            StrategyKind::Direct { .. } => Self {
                to_network: if strategy.ech == Ech::Off { RevealedPart::Name } else { RevealedPart::Address },
                to_destination: true,
                to_operator: false,
            },
            // The request to the proxy names the host: RFC 1928 section 4, RFC 9110 section 9.3.6.
            StrategyKind::Socks5 { server, .. } | StrategyKind::HttpConnect { server, tls: false, .. } => {
                Self { to_network: cleartext(&server.host), to_destination: false, to_operator: true }
            }
            StrategyKind::HttpConnect { tls: true, .. } | StrategyKind::Shadowsocks { .. } => {
                Self { to_network: RevealedPart::Nothing, to_destination: false, to_operator: true }
            }
            StrategyKind::Tor { .. } => {
                Self { to_network: RevealedPart::Nothing, to_destination: false, to_operator: false }
            }
            StrategyKind::TorSocks5 { server } => {
                Self { to_network: cleartext(&server.host), to_destination: false, to_operator: false }
            }
        }
    }

    /// Whether no observer sees more with `self` than with `other`: a partial order.
    ///
    /// The destination counts as an operator if it sees the reader's address, because it then sees both. So a proxy,
    /// which adds an operator and hides the address from the destination, reveals no more than a direct strategy.
    pub(super) fn is_no_more_than(self, other: Self) -> bool {
        let one_sees_both = |revealed: Self| revealed.to_operator || revealed.to_destination;
        self.to_network <= other.to_network
            && self.to_destination <= other.to_destination
            && one_sees_both(self) <= one_sees_both(other)
    }
}

/// Sorts items by rank, as far as the partial order allows. The items are given in the app's order.
///
/// An item overtakes one that the app put before it only if it reveals no more than that one. Among the items that may
/// be next, the least rank comes first, and of equal ranks the one that the app put first. An item that holds back one
/// of a lesser rank takes that rank too: if a working proxy stands behind a Tor that failed, both go before a direct
/// strategy.
pub(super) fn arrange<T, R: Ord>(items: Vec<T>, strategy: impl Fn(&T) -> &Strategy, rank: impl Fn(&T) -> R) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let reveals: Vec<Revealed> = items.iter().map(|item| Revealed::by(strategy(item))).collect();
    let may_pass = |later: usize, earlier: usize| match (reveals.get(later), reveals.get(earlier)) {
        (Some(later), Some(earlier)) => later.is_no_more_than(*earlier),
        _ => false,
    };
    // Ranks as positions in their order, so that they can be copied.
    let ranks: Vec<R> = items.iter().map(rank).collect();
    let mut places: Vec<usize> = ranks.iter().map(|rank| ranks.iter().filter(|other| *other < rank).count()).collect();
    for earlier in (0..places.len()).rev() {
        let held = (earlier + 1..places.len()).filter(|later| !may_pass(*later, earlier));
        if let Some(least) = held.filter_map(|later| places.get(later).copied()).min()
            && let Some(place) = places.get_mut(earlier)
        {
            *place = (*place).min(least);
        }
    }
    let mut left: Vec<(usize, T)> = items.into_iter().enumerate().collect();
    let mut arranged = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let may_be_next = |(_, (at, _)): &(usize, &(usize, T))| {
            left.iter().all(|(earlier, _)| earlier >= at || may_pass(*at, *earlier))
        };
        // The first remaining item is always a candidate.
        let candidates = left.iter().enumerate().filter(may_be_next);
        let next = candidates.min_by_key(|(_, (at, _))| places.get(*at)).map_or(0, |(next, _)| next);
        arranged.push(left.remove(next).1);
    }
    arranged
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    /// One strategy of each kind, from the one that reveals most to the one that reveals least. Those in one row reveal
    /// the same.
    const ROWS: [&[&str]; 6] = [
        &["direct:", "direct:?tls=frag", "direct:?dns=tls://9.9.9.9"],
        &["direct:?dns=tls://9.9.9.9&ech=prefer", "direct:?dns=https://9.9.9.9/dns-query&ech=require"],
        &["socks5://198.51.100.1:1080", "http://proxy.example:3128"],
        &["https://proxy.example", "ss://aes-256-gcm:p@198.51.100.2:8388", "socks5://127.0.0.1:1080"],
        &["tor+socks5://192.168.0.1:9050"],
        &["tor+socks5://127.0.0.1:9050", "tor+socks5://localhost:9150"],
    ];

    fn by(text: &str) -> Revealed {
        Revealed::by(&text.parse().unwrap())
    }

    #[test]
    fn each_kind_reveals_what_the_table_says() {
        // Row by row: the rows whose kinds this row's kinds may overtake.
        let overtakes: [&[usize]; 6] = [&[0], &[0, 1], &[0, 2], &[0, 1, 2, 3], &[0, 2, 4], &[0, 1, 2, 3, 4, 5]];
        for (row, allowed) in ROWS.iter().zip(overtakes) {
            for one in *row {
                for (number, others) in ROWS.iter().enumerate() {
                    for other in *others {
                        assert_eq!(by(one).is_no_more_than(by(other)), allowed.contains(&number), "{one} past {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_apps_order_bounds_what_ranks_may_move() {
        const TOR: &str = "tor+socks5://127.0.0.1:9050";
        const A: &str = "https://a.example";
        const B: &str = "https://b.example";
        type Case = (&'static [(&'static str, u8)], &'static [&'static str]);
        let cases: &[Case] = &[
            (&[(TOR, 2), ("direct:", 0)], &[TOR, "direct:"]),
            (&[("direct:", 2), (TOR, 0)], &[TOR, "direct:"]),
            (&[(A, 2), (B, 0)], &[B, A]),
            (&[(A, 2), ("direct:", 0), (B, 1)], &[A, "direct:", B]),
            (&[(A, 2), ("direct:", 1), (B, 0)], &[B, A, "direct:"]),
            (&[(TOR, 2), ("direct:", 0), (A, 1)], &[TOR, "direct:", A]),
            (&[("direct:", 1), (TOR, 2), (A, 0)], &[TOR, A, "direct:"]),
            (&[("direct:", 2), ("direct:?tls=frag", 0)], &["direct:?tls=frag", "direct:"]),
        ];
        for (given, expected) in cases {
            let given: Vec<(Strategy, u8)> = given.iter().map(|(text, rank)| (text.parse().unwrap(), *rank)).collect();
            let arranged = arrange(given, |(strategy, _)| strategy, |(_, rank)| *rank);
            let expected: Vec<Strategy> = expected.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(arranged.into_iter().map(|(strategy, _)| strategy).collect::<Vec<_>>(), expected);
        }
    }

    proptest! {
        #[test]
        fn it_is_a_partial_order(picks in prop::collection::vec((0..ROWS.len(), 0..3usize), 3)) {
            let [a, b, c] = [0, 1, 2].map(|at| {
                let (row, place) = picks[at];
                by(ROWS[row][place % ROWS[row].len()])
            });
            prop_assert!(a.is_no_more_than(a));
            prop_assert!(!(a.is_no_more_than(b) && b.is_no_more_than(c)) || a.is_no_more_than(c));
        }

        #[test]
        fn nothing_is_moved_past_what_reveals_less(given in prop::collection::vec((0..ROWS.len(), 0..3usize, 0..4u8), 0..8)) {
            let given: Vec<(usize, Strategy, u8)> = given
                .iter()
                .enumerate()
                .map(|(at, (row, place, rank))| (at, ROWS[*row][place % ROWS[*row].len()].parse().unwrap(), *rank))
                .collect();
            let arranged = arrange(given.clone(), |(_, strategy, _)| strategy, |(_, _, rank)| *rank);
            prop_assert_eq!(arranged.len(), given.len());
            for (place, (at, strategy, _)) in arranged.iter().enumerate() {
                for (other_at, other, _) in &arranged[place + 1..] {
                    if other_at < at {
                        prop_assert!(Revealed::by(strategy).is_no_more_than(Revealed::by(other)));
                    }
                }
            }
            let same_rank = arrange(given.clone(), |(_, strategy, _)| strategy, |_| 0);
            prop_assert_eq!(same_rank, given);
        }
    }
}
