//! One attempt in a few words, for the list of what was tried.

use super::Language;
use crate::reach::{Attempt, Outcome};
use crate::transport::{Cause, OnionFault, Stage, TorFault, is_onion_host};

/// How an attempt ended, as a phrase without a full stop: "connection reset (TLS handshake)".
pub fn attempt(language: Language, attempt: &Attempt) -> String {
    language.phrasebook().attempt(attempt)
}

/// One attempt as a sentence of its own: "Directly: connection reset (TLS handshake) after 60 ms."
pub fn attempted(language: Language, attempt: &Attempt) -> String {
    language.phrasebook().attempted(attempt)
}

/// What Tor says of the onion service that the attempt did not reach. The same codes from another proxy, or for a site, mean
/// nothing of the kind.
pub(super) fn onion_fault(attempt: &Attempt) -> Option<OnionFault> {
    let is_told = attempt.strategy.is_tor() && is_onion_host(&attempt.destination.host);
    match &attempt.outcome {
        Outcome::Failed(failure) if is_told && failure.stage == Stage::Proxy => match failure.cause {
            Cause::ProxyReply { code } => OnionFault::of_reply(code),
            _ => None,
        },
        _ => None,
    }
}

/// What Tor says of a stream that it did not open, where it does not speak of the host.
pub(super) fn tor_fault(attempt: &Attempt) -> Option<TorFault> {
    match &attempt.outcome {
        Outcome::Failed(failure) if attempt.strategy.is_tor() && failure.stage == Stage::Proxy => match failure.cause {
            Cause::ProxyReply { code } => TorFault::of_reply(code),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, promises_nothing, ways};
    use super::*;
    use crate::reach::{AnswerFault, Finding};
    use crate::transport::{CertificateFault, Failure, LimitKind, MessageFault, PolicyRule, Protocol, TorStall};

    #[test]
    fn every_cause_and_finding_has_words_in_every_language() {
        let causes = [
            Cause::Reset,
            Cause::Refused,
            Cause::Unreachable,
            Cause::Silence,
            Cause::Closed,
            Cause::EndedByHost,
            Cause::EndUnannounced,
            Cause::NxDomain,
            Cause::Rcode { rcode: 2 },
            Cause::NoAddress,
            Cause::LookupFailed,
            Cause::Certificate { fault: CertificateFault::UnknownIssuer },
            Cause::Certificate { fault: CertificateFault::WrongName },
            Cause::Certificate { fault: CertificateFault::Expired },
            Cause::Certificate { fault: CertificateFault::NotYetValid },
            Cause::Certificate { fault: CertificateFault::Unusable },
            Cause::Alert { alert: 40 },
            Cause::NotAccepted { fault: MessageFault::Length },
            Cause::ProxyLogin,
            Cause::ProxyReply { code: 5 },
            Cause::EchUnavailable,
            Cause::EchRejected,
            Cause::Clock,
            Cause::TorNotStarted { stall: TorStall::Filtered },
            Cause::Io,
        ];
        let carried: Vec<Cause> = [
            Protocol::ALL.iter().map(|&expected| Cause::Malformed { expected }).collect::<Vec<_>>(),
            LimitKind::ALL.iter().map(|&limit| Cause::Limit { limit }).collect(),
            PolicyRule::ALL.iter().map(|&rule| Cause::Forbidden { rule }).collect(),
        ]
        .concat();
        let findings = [
            Finding::BlockPage { fingerprint: "x".into(), statement: Default::default() },
            Finding::Legal451(Default::default()),
            Finding::PlatformBlocked(Default::default()),
            Finding::CaptivePortal,
            Finding::OriginFault { status: Some(500), what: AnswerFault::ServerError },
            Finding::OriginFault { status: Some(503), what: AnswerFault::BrowserCheck },
            Finding::ProxyAnswer { status: 403 },
            Finding::Unvouched,
        ];
        let faults = [
            AnswerFault::ServerError,
            AnswerFault::BrowserCheck,
            AnswerFault::Unasked,
            AnswerFault::Redirect,
            AnswerFault::NotJson,
            AnswerFault::OtherJson,
            AnswerFault::OtherPage,
            AnswerFault::OtherFile,
        ];
        let faults = faults.map(|what| Finding::OriginFault { status: None, what });
        let forms: Vec<Cause> = MessageFault::ALL.iter().map(|form| Cause::NotAccepted { fault: *form }).collect();
        for &language in Language::ALL {
            for phrase in forms.iter().map(|cause| language.phrasebook().cause(cause)) {
                promises_nothing(&phrase);
                let ours = if language == Language::Ru {
                    "эта программа не принимает"
                } else {
                    "this program does not"
                };
                assert!(phrase.starts_with(ours), "{phrase}");
            }
        }
        for &language in Language::ALL {
            let of_causes = causes.iter().chain(&carried).map(|cause| language.phrasebook().cause(cause));
            for phrase in
                of_causes.chain(findings.iter().chain(&faults).map(|finding| language.phrasebook().finding(finding)))
            {
                promises_nothing(&phrase);
                assert_eq!(has_cyrillic(&phrase), language == Language::Ru, "{phrase}");
            }
        }
    }

    #[test]
    fn what_was_expected_and_what_ran_out_is_said_as_people_say_it() {
        for (expected, en) in [
            (Protocol::Dns, "a DNS answer"),
            (Protocol::Socks5, "a SOCKS5 answer"),
            (Protocol::Http, "an HTTP answer"),
            (Protocol::Tls, "TLS"),
        ] {
            let phrase = Language::En.phrasebook().cause(&Cause::Malformed { expected });
            assert_eq!(phrase, format!("an answer that is not {en}"));
        }
        let ours = Language::En.phrasebook().cause(&Cause::Limit { limit: LimitKind::TotalTime });
        assert_eq!(ours, "the time limit ran out");
    }

    #[test]
    fn only_tor_says_something_of_onion_services_alone() {
        for code in (3..=5).chain(0xF0..=0xF7) {
            for (strategy, destination, is_told) in [
                ("tor+socks5://127.0.0.1:9050", "abc.onion:443", true),
                ("tor+socks5://127.0.0.1:9050", "vk.com:443", false),
                ("socks5://127.0.0.1:1080", "vk.com:443", false),
                ("socks5://127.0.0.1:1080", "abc.onion:443", false),
            ] {
                let failure = Failure::new(Stage::Proxy, Cause::ProxyReply { code });
                let attempt = Attempt {
                    destination: destination.parse().unwrap(),
                    outcome: Outcome::Failed(failure),
                    ..super::super::tests::attempt(&strategy.parse().unwrap())
                };
                for &language in Language::ALL {
                    let phrase = super::attempt(language, &attempt);
                    promises_nothing(&phrase);
                    assert_eq!(has_cyrillic(&phrase), language == Language::Ru, "{phrase}");
                    assert_eq!(phrase.contains(&code.to_string()), !is_told, "{phrase}");
                }
            }
        }
    }

    #[test]
    fn only_tor_says_that_a_circuit_broke() {
        let said = |strategy: &str, code| {
            let failure = Failure::new(Stage::Proxy, Cause::ProxyReply { code });
            let attempt = Attempt {
                outcome: Outcome::Failed(failure),
                ..super::super::tests::attempt(&strategy.parse().unwrap())
            };
            Language::ALL.iter().map(|language| super::attempt(*language, &attempt)).collect::<Vec<_>>()
        };
        let mut all = std::collections::HashSet::new();
        for code in [1, 2, 6] {
            for (phrase, language) in said("tor+socks5://127.0.0.1:9050", code).into_iter().zip(Language::ALL) {
                promises_nothing(&phrase);
                assert_eq!(has_cyrillic(&phrase), *language == Language::Ru, "{phrase}");
                assert!(phrase.contains("Tor") && !phrase.contains(&code.to_string()), "{phrase}");
                assert!(all.insert(phrase), "each has words of its own");
            }
            assert!(
                said("socks5://127.0.0.1:9050", code)[0].contains(&code.to_string()),
                "another proxy means nothing by it"
            );
        }
    }

    #[test]
    fn a_second_request_to_tor_is_said() {
        let tor = "tor+socks5://127.0.0.1:9050".parse().unwrap();
        let broken = Outcome::Failed(Failure::new(Stage::Proxy, Cause::ProxyReply { code: 1 }));
        for outcome in [Outcome::Proven, broken] {
            let said = |language, asked_tor_again| {
                let outcome = outcome.clone();
                attempted(language, &Attempt { asked_tor_again, outcome, ..super::super::tests::attempt(&tor) })
            };
            for (language, words) in [(Language::En, "Tor was asked twice"), (Language::Ru, "Tor просили дважды")]
            {
                assert!(said(language, true).contains(words), "{}", said(language, true));
                assert!(!said(language, false).contains(words), "{}", said(language, false));
                promises_nothing(&said(language, true));
            }
        }
    }

    #[test]
    fn an_attempt_is_a_sentence_in_every_language() {
        for strategy in ways() {
            let attempt = super::super::tests::attempt(&strategy);
            let (en, ru) = (attempted(Language::En, &attempt), attempted(Language::Ru, &attempt));
            assert!(en.ends_with(": still waiting (TLS handshake) after 0 ms."), "{en}");
            assert!(has_cyrillic(&ru) && !has_cyrillic(&en), "{ru}");
        }
    }
}
