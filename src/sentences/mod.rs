//! Every sentence a user may read, by language, next to its code.
//!
//! A sentence is written for a tired reader, at night, on a phone. In one or two calm sentences and plain words it says
//! what happened, who still sees what, and what can be done. A claim is attributed to its source ("VK states that
//! ..."). "Blocked or down; from here we can't tell which" is an honest answer. No sentence promises what cannot be
//! promised; a test forbids the words that do.
//!
//! The codes are stable (of a verdict, a rule, a cause). Sentences may be reworded at any time, so a program should not
//! parse them. A peer's words are quoted. They are made fit for a terminal where they are shown, not here.

mod attempts;
mod calendar;
mod contacts;
mod english;
mod events;
#[cfg(test)]
pub(crate) mod every;
mod faults;
mod grammar;
mod kept;
mod keys;
mod notes;
mod phrasebook;
mod publisher;
mod routes;
mod russian;
mod said;
mod sights;
mod signed;
mod typed;
mod verdicts;

use std::time::Duration;

use crate::transport::Strategy;

pub use crate::language::Language;
pub use attempts::{attempt, attempted};
pub use calendar::{calendar_mentions, calendar_read, calendar_removed, calendar_seen};
pub use contacts::{Contact, Observer, contact, left_alone};
pub use events::event;
pub use faults::{fetch, link, plan, redirect, source, stream, unknown_kind};
pub use kept::{
    AttachmentRefusal, move_not_followed, no_attachment, not_stored, own_network, still_read, store, successor_changed,
    unknown_exposure,
};
pub use keys::{key, key_file};
pub use notes::{age_unknown, link_keys, moved, not_kept, note, posts_gap, posts_read_earlier};
pub use publisher::{
    CardFault, CardWords, ProposedChange, PublishFault, SiteWords, StatedPart, StatedRule, UploadFault,
    attachments_left_out, card_fault, card_words, copied_by, day, ends_recovery, head_number, items_lost, older_posts,
    proposed_change, publish_clock, publish_fault, removed_at_the_source, shown_length, site_continues, site_copy,
    site_moved, site_state, site_words, too_long_for_qr, unfit, upload_fault, weekday_and_day,
};
pub use signed::{trust, unbelieved};
pub use typed::{
    NoOpml, address_by_hand, bundle, community_link, destination, fingerprints, folder, id, import, no_opml,
    no_runtime, no_url, onion_key, root_certificates, roots, route_pack, row, signed_id, strategy, tor_transport,
    vk_config,
};
pub use verdicts::{VerdictContext, verdict};

/// The strategy, as a phrase after a verb: "directly", "through Tor", "through the proxy proxy.example". It includes
/// what distinguishes similar strategies: "directly by the resolver 9.9.9.9 with the name cut".
pub fn way(language: Language, strategy: &Strategy) -> String {
    language.phrasebook().way(strategy)
}

/// A time as people say it: `85 ms`, `1.4 s`.
pub fn time(language: Language, time: Duration) -> String {
    language.phrasebook().time(time)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::routes::Vantage;
    use super::*;
    use crate::reach::{Attempt, Outcome};
    use crate::transport::{Bridges, Method, SharedKey, Stage, StrategyKind};

    /// Words that promise what no one can keep, and related words.
    const FORBIDDEN: [&str; 10] =
        ["safe", "secur", "anonym", "protect", "безопас", "защищ", "защит", "аноним", "надёжн", "надежн"];

    pub(super) fn promises_nothing(sentence: &str) {
        let lower = sentence.to_lowercase();
        for word in FORBIDDEN {
            assert!(!lower.contains(word), "`{word}` in: {sentence}");
        }
    }

    pub(super) fn is_a_sentence(sentence: &str) {
        assert!(!sentence.is_empty());
        assert!(sentence.ends_with(['.', '!', '?', '…']), "no end: {sentence}");
        assert!(
            sentence.chars().next().is_some_and(|c| !c.is_lowercase() || sentence.contains("vk.com")),
            "{sentence}"
        );
        assert!(!sentence.contains("  ") && !sentence.contains(" ."), "{sentence}");
        assert!(!sentence.contains(".."), "{sentence}");
    }

    pub(super) fn has_cyrillic(sentence: &str) -> bool {
        sentence.chars().any(|c| ('а'..='я').contains(&c))
    }

    pub(super) fn server(host: &str) -> crate::transport::Destination {
        crate::transport::Destination { host: url::Host::parse(host).unwrap(), port: 1080 }
    }

    /// An attempt that went as far as possible and brought nothing.
    pub(super) fn attempt(strategy: &Strategy) -> Attempt {
        Attempt {
            entered: Some(Stage::Tls),
            destination: "vk.com:443".parse().unwrap(),
            lookups: match &strategy.kind {
                StrategyKind::Direct { dns } => dns
                    .iter()
                    .map(|resolver| crate::transport::Lookup {
                        resolver: resolver.clone(),
                        asked: true,
                        answers: Vec::new(),
                    })
                    .collect(),
                _ => Vec::new(),
            },
            stage: Stage::Tls,
            outcome: Outcome::Pending,
            proved_name: false,
            ..Attempt::of_test(strategy.clone())
        }
    }

    pub(super) fn of(kind: StrategyKind) -> Strategy {
        kind.into()
    }

    const PLAIN_BRIDGE: &str = "192.0.2.3:443 0123456789ABCDEF0123456789ABCDEF01234567";
    const BRIDGE: &str = "obfs4 192.0.2.3:443 0123456789ABCDEF0123456789ABCDEF01234567 cert=x";

    fn shared_key() -> SharedKey {
        SharedKey::new(Method::Aes256Gcm, "hunter2").unwrap()
    }

    pub(super) fn ways() -> Vec<Strategy> {
        vec![
            Strategy::direct(),
            of(StrategyKind::Direct { dns: crate::transport::Resolver::Udp("9.9.9.9:53".parse().unwrap()).into() }),
            of(StrategyKind::Socks5 { server: server("proxy.example"), login: None }),
            of(StrategyKind::Socks5 { server: server("127.0.0.1"), login: None }),
            of(StrategyKind::HttpConnect { server: server("proxy.example"), tls: false, login: None }),
            of(StrategyKind::HttpConnect { server: server("proxy.example"), tls: true, login: None }),
            of(StrategyKind::TorSocks5 { server: server("127.0.0.1") }),
            of(StrategyKind::TorSocks5 { server: server("tor.example") }),
            of(StrategyKind::Shadowsocks { server: server("ss.example"), key: shared_key() }),
            of(StrategyKind::Shadowsocks { server: server("127.0.0.1"), key: shared_key() }),
            "direct:?dns=https://9.9.9.9/dns-query".parse().unwrap(),
            of(StrategyKind::Tor { bridges: Bridges::default() }),
            of(StrategyKind::Tor { bridges: Bridges::new(vec![PLAIN_BRIDGE.parse().unwrap()]).unwrap() }),
            of(StrategyKind::Tor { bridges: Bridges::new(vec![BRIDGE.parse().unwrap()]).unwrap() }),
            "direct:?dns=system&dns=tls://dns.example@9.9.9.9&dns=https://doh.example/dns-query".parse().unwrap(),
        ]
    }

    #[test]
    fn times_read_as_people_say_them() {
        for (ms, en, ru) in [
            (0, "0 ms", "0 мс"),
            (85, "85 ms", "85 мс"),
            (999, "999 ms", "999 мс"),
            (1000, "1.0 s", "1,0 с"),
            (1449, "1.4 s", "1,4 с"),
            (1450, "1.5 s", "1,5 с"),
            (61_000, "61.0 s", "61,0 с"),
        ] {
            assert_eq!(time(Language::En, Duration::from_millis(ms)), en);
            assert_eq!(time(Language::Ru, Duration::from_millis(ms)), ru);
        }
    }

    #[test]
    fn ways_that_differ_in_what_they_send_are_told_apart() {
        for (strategy, en, ru) in [
            ("direct:", "directly", "напрямую"),
            (
                "direct:?dns=system&dns=udp://9.9.9.9",
                "directly by the resolver 9.9.9.9",
                "напрямую через DNS-сервер 9.9.9.9",
            ),
            (
                "direct:?dns=tls://dns.example@192.0.2.1&dns=udp://9.9.9.9&ech=require",
                "directly by the resolvers dns.example, 9.9.9.9 with the name encrypted",
                "напрямую через DNS-серверы dns.example, 9.9.9.9 с зашифрованным именем",
            ),
            ("direct:?tls=frag", "directly with the name cut", "напрямую с разрезанным именем"),
            (
                "socks5://192.0.2.7?tls=records",
                "through the proxy 192.0.2.7 with the name cut",
                "через прокси 192.0.2.7 с разрезанным именем",
            ),
        ] {
            let strategy = strategy.parse().unwrap();
            assert_eq!(way(Language::En, &strategy), en);
            assert_eq!(way(Language::Ru, &strategy), ru);
        }
    }

    #[test]
    fn every_way_has_a_name_in_every_language() {
        for strategy in ways() {
            for &language in Language::ALL {
                promises_nothing(&way(language, &strategy));
                promises_nothing(&language.phrasebook().place(Vantage::of(&strategy, true)));
                promises_nothing(&language.phrasebook().place(Vantage::of(&strategy, false)));
            }
            assert!(has_cyrillic(&way(Language::Ru, &strategy)));
            assert!(!has_cyrillic(&way(Language::En, &strategy)));
        }
    }
}
