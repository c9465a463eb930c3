#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use super::*;
use crate::reach::{AnswerFault, Attempt, Finding, Outcome, Statement, Verdict, VerdictCode, Weights, rules};
use crate::sentences::every::is_russian;
use crate::sentences::tests::{attempt, has_cyrillic, is_a_sentence, promises_nothing, ways};
use crate::source::vk::platform as vk;
use crate::transport::{
    Bridges, Cause, CertificateFault, Failure, LimitKind, MessageFault, Protocol, Stage, Strategy, StrategyKind,
    TorStall,
};

fn of(code: VerdictCode, rule: RuleId, statement: Option<Statement>) -> Verdict {
    Verdict {
        code,
        layer: None,
        weights: Weights { blocked: 0.0, down: 0.0, ok: 1.0 },
        rule,
        statement,
        evidence: vec![],
        addresses: vec![],
        pages: None,
    }
}

/// The sentence names who sees it, or says that no one does.
fn names_who_sees(language: Language, sentence: &str) {
    let words: &[&str] = match language {
        Language::En => &["sees", "saw"],
        Language::Ru => &["видит", "видел"],
    };
    assert!(words.iter().any(|word| sentence.contains(word)), "who sees it? {sentence}");
}

fn statements() -> Vec<Option<Statement>> {
    let authority = Some("Генеральная прокуратура Российской Федерации".to_owned());
    vec![
        None,
        Some(Statement::default()),
        Some(Statement { authority: authority.clone(), ..Statement::default() }),
        Some(Statement { authority, text: Some("Материал\nзаблокирован ".repeat(80)), link: None }),
    ]
}

#[test]
fn every_verdict_has_a_sentence_per_language_without_promises() {
    let by_rule = rules().map(|rule| (rule.code, rule.id));
    for (code, rule) in by_rule
        .chain([(VerdictCode::WhitelistOnly, RuleId::WhitelistFirstHops), (VerdictCode::Unknown, RuleId::Unknown)])
    {
        for statement in statements() {
            let quotes = statement.is_some();
            let verdict_of = of(code, rule, statement);
            for subject in &ways() {
                for reached in [None, Some(&ways()[6]), Some(&ways()[2])] {
                    let reached = reached.map(|way| (way, Duration::from_millis(1400)));
                    let vk = vk();
                    for (&language, platform) in Language::ALL.iter().zip([None, Some(&vk)]) {
                        let attempts = [attempt(subject)];
                        let told = VerdictContext {
                            verdict: &verdict_of,
                            host: "vk.com",
                            platform,
                            subject,
                            reached,
                            read: quotes,
                            attempts: &attempts,
                            earlier: &[],
                            tls: true,
                            vpn: quotes,
                            unvalidated: quotes,
                        };
                        let sentence = verdict(language, &told);
                        if code != VerdictCode::Offline || reached.is_some() {
                            names_who_sees(language, &sentence);
                        }
                        promises_nothing(&sentence);
                        is_a_sentence(&sentence);
                        assert!(sentence.chars().count() < 900, "{sentence}");
                        if language == Language::Ru {
                            assert!(is_russian(&sentence), "{sentence}");
                        } else if !quotes {
                            assert!(!has_cyrillic(&sentence), "{sentence}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_verdict_that_is_not_sure_does_not_sound_sure() {
    for rule in rules().filter(|rule| rule.code == VerdictCode::Unknown) {
        let verdict_of = of(rule.code, rule.id, None);
        let subject = Strategy::direct();
        let told = VerdictContext {
            verdict: &verdict_of,
            host: "vk.com",
            platform: None,
            subject: &subject,
            reached: None,
            read: true,
            attempts: &[],
            earlier: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        let sentence = verdict(Language::En, &told);
        let open = ["can't", "did not wait", "says nothing"].iter().any(|words| sentence.contains(words));
        assert!(open, "{}: {sentence}", rule.id);
    }
}

#[test]
fn the_reset_of_a_name_reads_as_the_design_says() {
    let reset = of(VerdictCode::TlsInterfered, RuleId::TlsResetOtherVantage, None);
    let (direct, tor) = (Strategy::direct(), ways().remove(6));
    let told = VerdictContext {
        verdict: &reset,
        host: "vk.com",
        platform: Some(&vk()),
        subject: &direct,
        reached: Some((&tor, Duration::from_millis(1400))),
        read: true,
        attempts: &[attempt(&direct), attempt(&tor)],
        earlier: &[],
        tls: true,
        vpn: false,
        unvalidated: false,
    };
    assert_eq!(
        verdict(Language::En, &told),
        "The connection is cut on this network when vk.com is named (TLS). Read through Tor in 1.4 s; your provider sees at most \
         that you use Tor; Tor does not tell vk.com who you are, but an account of yours would. Besides, your provider saw the \
         name vk.com; the server that answers for vk.com saw your address."
    );
    assert_eq!(
        verdict(Language::Ru, &told),
        "В этой сети соединение обрывают, едва в нём появляется имя vk.com (TLS). Прочитано через Tor за 1,4 с; \
         провайдер видит разве что то, что вы пользуетесь Tor; сам Tor не сообщает vk.com, кто вы, но ваша учётная \
         запись это выдала бы. Кроме того, провайдер видел имя vk.com; сервер, который отвечает за vk.com, видел ваш адрес."
    );
}

#[test]
fn of_a_host_on_this_device_no_provider_is_said_to_see_anything() {
    let direct = Strategy::direct();
    let proven = Attempt {
        outcome: Outcome::Proven,
        destination: "127.0.0.1:443".parse().unwrap(),
        address: Some([127, 0, 0, 1].into()),
        ..attempt(&direct)
    };
    let (reachable, local) =
        (of(VerdictCode::Reachable, RuleId::Reachable, None), of(VerdictCode::OriginDown, RuleId::TcpLocal, None));
    let told = |verdict, reached| VerdictContext {
        verdict,
        host: "127.0.0.1",
        platform: None,
        subject: &direct,
        reached,
        read: true,
        attempts: std::slice::from_ref(&proven),
        earlier: &[],
        tls: false,
        vpn: false,
        unvalidated: false,
    };
    let took = Duration::from_millis(85);
    assert_eq!(
        verdict(Language::En, &told(&reachable, Some((&direct, took)))),
        "127.0.0.1 answers on this device. Read directly in 85 ms; the connection to 127.0.0.1 stays on this device; \
         what the program there sends on depends on it."
    );
    assert_eq!(
        verdict(Language::Ru, &told(&reachable, Some((&direct, took)))),
        "127.0.0.1 отвечает на этом устройстве. Прочитано напрямую за 85 мс; соединение с 127.0.0.1 не покидает этого \
         устройства; что дальше отправит отвечающая там программа, зависит от неё."
    );
    assert_eq!(
        verdict(Language::En, &told(&local, None)),
        "Nothing answers at 127.0.0.1, on this device or in its own network. Nothing was sent beyond this device."
    );
}

#[test]
fn what_was_looked_up_and_not_sent_is_said_so() {
    let direct: Strategy =
        "direct:?dns=udp://9.9.9.9&dns=https://dns.example@192.0.2.1/dns-query&ech=require".parse().unwrap();
    let no_key = Outcome::Failed(Failure::new(Stage::Tls, Cause::EchUnavailable));
    let looked_up = Attempt { entered: Some(Stage::Dns), outcome: no_key, ..attempt(&direct) };
    let unsent = Attempt { entered: None, lookups: Vec::new(), ..looked_up.clone() };
    let nothing = of(VerdictCode::Unknown, RuleId::NothingTried, None);
    let sentences = |attempt: &Attempt| {
        [Language::En, Language::Ru].map(|language| {
            let told = VerdictContext {
                verdict: &nothing,
                host: "vk.com",
                platform: None,
                subject: &direct,
                reached: None,
                read: true,
                attempts: std::slice::from_ref(attempt),
                earlier: &[],
                tls: true,
                vpn: false,
                unvalidated: false,
            };
            verdict(language, &told)
        })
    };
    let [en, ru] = sentences(&looked_up);
    assert!(en.contains("vk.com was looked up directly") && !en.contains("Nothing was tried"), "{en}");
    let seen = "Your provider saw the name vk.com. The resolver 9.9.9.9 saw the name vk.com. The resolver dns.example saw \
                the name vk.com.";
    assert!(en.ends_with(seen), "{en}");
    assert!(ru.contains("Провайдер видел имя vk.com. DNS-сервер 9.9.9.9 видел имя vk.com."), "{ru}");
    let [en, ru] = sentences(&unsent);
    assert!(en.starts_with("Nothing was tried") && !en.contains("saw"), "{en}");
    assert!(!ru.contains("видел"), "{ru}");
}

#[test]
fn a_name_resolved_to_this_device_was_seen_by_the_resolver() {
    let direct = Strategy::direct();
    let led = Attempt { address: Some([127, 0, 0, 1].into()), ..attempt(&direct) };
    let by_hand = Attempt { pinned: true, ..led.clone() };
    let bogon = of(VerdictCode::Unknown, RuleId::DnsBogon, None);
    let sentence = |language, attempts: &[Attempt]| {
        let told = VerdictContext {
            verdict: &bogon,
            host: "vk.com",
            platform: None,
            subject: &direct,
            reached: None,
            read: true,
            attempts,
            earlier: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        verdict(language, &told)
    };
    let said = sentence(Language::En, std::slice::from_ref(&led));
    assert!(said.contains("on this network") && said.contains("(DNS)") && said.contains("Your provider saw"), "{said}");
    assert!(!sentence(Language::Ru, &[led]).contains("ничего не отправлено"));
    assert!(sentence(Language::En, &[by_hand]).contains("Nothing was sent beyond this device."));
}

#[test]
fn a_non_tls_answer_is_no_cut_and_other_failures_are_named() {
    let (direct, tor) = (Strategy::direct(), ways().remove(6));
    let failed = |by: &Strategy, cause: Cause| {
        let outcome = Outcome::Failed(Failure::new(Stage::Tls, cause));
        Attempt { outcome, ..attempt(by) }
    };
    let cut = of(VerdictCode::Unknown, RuleId::TlsCut, None);
    let sentence = |language, attempts: &[Attempt]| {
        let told = VerdictContext {
            verdict: &cut,
            host: "vk.com",
            platform: None,
            subject: &direct,
            reached: None,
            read: true,
            attempts,
            earlier: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        verdict(language, &told)
    };
    let garbage = failed(&direct, Cause::Malformed { expected: Protocol::Tls });
    let said = sentence(Language::En, std::slice::from_ref(&garbage));
    assert!(
        said.contains("does not speak TLS") && said.contains("without another route we can't tell which"),
        "{said}"
    );
    assert!(!sentence(Language::Ru, &[garbage]).contains("обрывается"));
    let both = [failed(&direct, Cause::Reset), failed(&tor, Cause::Reset)];
    let said = sentence(Language::En, &both);
    assert!(said.contains("cut on this network") && said.contains("the other routes failed too"), "{said}");
    assert!(sentence(Language::Ru, &both).contains("другие испробованные пути тоже не помогли"));
}

#[test]
fn our_own_strictness_is_not_put_down_to_the_site() {
    let direct = Strategy::direct();
    let fault = of(VerdictCode::OriginFault, RuleId::OriginFault, None);
    let sentence = |language, cause: Cause| {
        let outcome = Outcome::Failed(Failure::new(Stage::Progress, cause));
        let attempts = [Attempt { outcome, ..attempt(&direct) }];
        let told = VerdictContext {
            verdict: &fault,
            host: "site.example",
            platform: None,
            subject: &direct,
            reached: None,
            read: true,
            attempts: &attempts,
            earlier: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        verdict(language, &told)
    };
    let ours = MessageFault::ALL.iter().map(|fault| Cause::NotAccepted { fault: *fault });
    for cause in ours.into_iter().chain([Cause::Limit { limit: LimitKind::Body }]) {
        let said = sentence(Language::En, cause.clone());
        assert!(said.contains("this program does not accept") && !said.contains("fault"), "{said}");
        let said = sentence(Language::Ru, cause);
        assert!(said.contains("эта программа не принимает") && !said.contains("ошибкой"), "{said}");
    }
    let theirs = sentence(Language::En, Cause::Malformed { expected: Protocol::Http });
    assert!(theirs.contains("itself answers with an error"), "{theirs}");
}

#[test]
fn a_platforms_own_words_are_attributed_and_cut() {
    let statement = Statement { text: Some("word ".repeat(200)), ..Statement::default() };
    let withheld = of(VerdictCode::PlatformBlocked, RuleId::PlatformNotice, Some(statement));
    let direct = Strategy::direct();
    let told = VerdictContext {
        verdict: &withheld,
        host: "vk.com",
        platform: Some(&vk()),
        subject: &direct,
        reached: None,
        read: true,
        attempts: &[],
        earlier: &[],
        tls: true,
        vpn: false,
        unvalidated: false,
    };
    let sentence = verdict(Language::En, &told);
    assert!(sentence.contains("VK withholds it, and states: “word word"), "{sentence}");
    assert!(sentence.contains("…”"), "{sentence}");
}

#[test]
fn without_a_network_a_lost_question_may_have_been_seen() {
    let direct = Strategy::direct();
    let offline = of(VerdictCode::Offline, RuleId::Offline, None);
    for (cause, stage, is_seen) in [(Cause::Silence, Stage::Dns, true), (Cause::Unreachable, Stage::Tcp, false)] {
        let failure = Failure::new(stage, cause);
        let attempts = [Attempt { outcome: Outcome::Failed(failure), entered: Some(stage), ..attempt(&direct) }];
        let told = VerdictContext {
            verdict: &offline,
            host: "site.example",
            platform: None,
            subject: &direct,
            reached: None,
            read: false,
            attempts: &attempts,
            earlier: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        let (en, ru) = (verdict(Language::En, &told), verdict(Language::Ru, &told));
        assert_eq!(en.contains("saw the name"), is_seen, "{en}");
        assert_eq!(ru.contains("видел"), is_seen, "{ru}");
    }
}

/// The verdict context of a direct attempt (or one by `subject`) under this rule.
fn chosen(rule: RuleId, subject: &Strategy, host: &str, attempts: &[Attempt], reached: bool) -> String {
    let code = rules().find(|one| one.id == rule).unwrap().code;
    let verdict_of = of(code, rule, None);
    let told = VerdictContext {
        verdict: &verdict_of,
        host,
        platform: None,
        subject,
        reached: reached.then_some((subject, Duration::ZERO)),
        read: reached,
        attempts,
        earlier: &[],
        tls: true,
        vpn: false,
        unvalidated: false,
    };
    format!("{:?}", Happened::of(&told))
}

#[test]
fn the_evidence_chooses_the_message() {
    let (direct, tor) = (Strategy::direct(), ways().remove(6));
    let proxy: Strategy = "socks5://proxy.example:1080".parse().unwrap();
    let embedded = Strategy::from(StrategyKind::Tor { bridges: Bridges::default() });
    let clock = Failure::new(Stage::Proxy, Cause::TorNotStarted { stall: TorStall::Clock });
    let not_started = Attempt { outcome: Outcome::Failed(clock), ..attempt(&embedded) };
    let failed = |stage, cause| Attempt { outcome: Outcome::Failed(Failure::new(stage, cause)), ..attempt(&direct) };
    let unsent = Attempt { lookups: Vec::new(), ..attempt(&direct) };
    let ran_out = failed(Stage::Tls, Cause::Limit { limit: LimitKind::TotalTime });
    let garbage = failed(Stage::Tls, Cause::Malformed { expected: Protocol::Tls });
    let reset = failed(Stage::Tls, Cause::Reset);
    let part = failed(Stage::Progress, Cause::NotAccepted { fault: MessageFault::Part });
    let refusal = Finding::OriginFault { status: Some(403), what: AnswerFault::OtherPage };
    let refused = Attempt { outcome: Outcome::Refuted(refusal), ..attempt(&direct) };
    let other = Finding::OriginFault { status: None, what: AnswerFault::OtherFile };
    let other_file = Attempt { outcome: Outcome::Refuted(other), ..attempt(&direct) };
    let too_long = failed(Stage::Progress, Cause::Limit { limit: LimitKind::Body });
    let unresolved = failed(Stage::Dns, Cause::Rcode { rcode: 2 });
    let no_onion = Failure::new(Stage::Proxy, Cause::ProxyReply { code: 0xF0 });
    let no_onion = Attempt { outcome: Outcome::Failed(no_onion), ..attempt(&tor) };
    let no_site = no_onion.clone();
    let no_onion = Attempt { destination: "abc.onion:443".parse().unwrap(), ..no_onion };
    let replied = |code| {
        let failure = Failure::new(Stage::Proxy, Cause::ProxyReply { code });
        Attempt { outcome: Outcome::Failed(failure), ..attempt(&tor) }
    };
    let onion = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";
    let elsewhere: Strategy = "tor+socks5://192.0.2.1:9050".parse().unwrap();
    let of_proxy = |cause| Attempt {
        strategy: proxy.clone(),
        outcome: Outcome::Failed(Failure::new(Stage::Proxy, cause)),
        ..attempt(&direct)
    };
    let garbled = of_proxy(Cause::Malformed { expected: Protocol::Socks5 });
    let outdated = of_proxy(Cause::Certificate { fault: CertificateFault::Expired });
    let onion_replied = |code| Attempt { destination: format!("{onion}:80").parse().unwrap(), ..replied(code) };
    let early = Attempt { clock_ahead: Some(-3 * 24 * 60 * 60), proved_name: true, ..attempt(&direct) };
    let site = "vk.com";
    for (rule, subject, host, attempts, reached, message) in [
        (RuleId::NothingTried, &direct, site, vec![attempt(&direct)], false, "LookedUpOnly"),
        (RuleId::NothingTried, &direct, site, vec![unsent.clone()], false, "NotTried"),
        (RuleId::NothingTried, &proxy, "127.0.0.1", vec![], false, "IsThisDevice"),
        (RuleId::NotWaitedFor, &direct, site, vec![ran_out.clone()], false, "GivenTimeOver"),
        (RuleId::NotWaitedFor, &direct, site, vec![reset.clone()], false, "TimeOver"),
        (RuleId::NotWaitedFor, &direct, site, vec![ran_out.clone()], true, "NotWaitedFor"),
        (RuleId::Unknown, &direct, site, vec![ran_out], false, "GivenTimeOver"),
        (RuleId::Unknown, &direct, site, vec![reset.clone()], false, "BlockedOrDown"),
        (RuleId::Unknown, &tor, site, vec![no_onion.clone()], false, "Onion(NotFound)"),
        (RuleId::Unknown, &tor, site, vec![no_site], false, "BlockedOrDown"),
        (RuleId::TcpCut, &tor, site, vec![no_onion.clone()], false, "Onion(NotFound)"),
        (RuleId::TcpEverywhere, &tor, site, vec![no_onion], false, "Onion(NotFound)"),
        (RuleId::Reachable, &direct, site, vec![], true, "Answers { except: None }"),
        (RuleId::Reachable, &tor, site, vec![], true, "AnswersByProxy"),
        (RuleId::TcpCut, &tor, onion, vec![onion_replied(4)], false, "Onion(Unreached)"),
        (RuleId::TlsCut, &tor, onion, vec![], false, "OnionCut"),
        (RuleId::HttpCut, &tor, onion, vec![], false, "OnionCut"),
        (RuleId::HttpUnvouched, &tor, onion, vec![], false, "Fault"),
        (RuleId::ReachableCleartext, &tor, onion, vec![], true, "OnionAnswers"),
        (RuleId::ReachableCleartext, &elsewhere, onion, vec![], true, "Cleartext"),
        (RuleId::RouteReply, &tor, onion, vec![onion_replied(1)], false, "TorRefusesOnion(Circuit)"),
        (RuleId::RouteReply, &tor, site, vec![replied(1)], false, "TorRefuses(Circuit)"),
        (RuleId::RouteReply, &tor, site, vec![replied(2)], false, "TorRefuses(NotAllowed)"),
        (RuleId::RouteReply, &tor, site, vec![replied(6)], false, "TorRefuses(Slow)"),
        (RuleId::RouteReply, &tor, site, vec![replied(7)], false, "RouteFailed"),
        (
            RuleId::RouteReply,
            &proxy,
            site,
            vec![Attempt { strategy: proxy.clone(), ..replied(2) }],
            false,
            "RouteFailed",
        ),
        (RuleId::RouteGarbage, &proxy, site, vec![garbled], false, "NoProxy"),
        (RuleId::RouteGarbage, &proxy, site, vec![outdated], false, "ProxyUnproved(Expired)"),
        (RuleId::RouteDead, &tor, site, vec![], false, "NoTor"),
        (RuleId::RouteDead, &embedded, site, vec![not_started], false, "TorNotStarted(Clock)"),
        (RuleId::RouteDead, &proxy, site, vec![], false, "RouteFailed"),
        (RuleId::RouteSilent, &tor, site, vec![], false, "TorNotYet"),
        (RuleId::RouteSilent, &tor, site, vec![attempt(&tor)], false, "TorNotYet"),
        (RuleId::RouteSilent, &tor, site, vec![Attempt { mute: true, ..attempt(&tor) }], false, "MuteTor"),
        (RuleId::TlsCut, &direct, site, vec![garbage.clone()], false, "NoTls(NoOtherWay)"),
        (RuleId::TlsCut, &direct, site, vec![reset.clone()], false, "NameCut(NoOtherWay)"),
        (
            RuleId::TlsCut,
            &direct,
            site,
            vec![reset.clone(), Attempt { strategy: tor.clone(), ..reset.clone() }],
            false,
            "NameCut(OthersFailed)",
        ),
        (RuleId::TlsGarbageOtherVantage, &direct, site, vec![garbage], false, "NoTlsHere"),
        (RuleId::TlsCut, &direct, "192.0.2.1", vec![reset.clone()], false, "EncryptedCut(NoOtherWay)"),
        (RuleId::TlsResetOtherVantage, &direct, "[2001:db8::1]", vec![reset.clone()], false, "EncryptedCutHere"),
        (RuleId::TlsGarbageOtherVantage, &direct, site, vec![reset], false, "NameCutHere"),
        (RuleId::HttpUnvouched, &direct, site, vec![], false, "Unvouched"),
        (RuleId::HttpUnvouched, &direct, site, vec![part.clone()], false, "UnvouchedForm(Form(Part))"),
        (RuleId::RedirectNowhereCleartext, &direct, site, vec![], false, "Unvouched"),
        (RuleId::OriginFault, &direct, site, vec![refused], false, "Refuses(403)"),
        (RuleId::OriginFault, &direct, site, vec![part], false, "NotAccepted(Form(Part))"),
        (RuleId::OriginFault, &direct, site, vec![too_long], false, "NotAccepted(Size)"),
        (RuleId::OriginFault, &direct, site, vec![other_file], false, "OtherFile"),
        (RuleId::OriginFault, &direct, site, vec![], false, "Fault"),
        (RuleId::DnsNamedResolverFailed, &direct, site, vec![unresolved], false, "NamedResolverFailed(Error)"),
        (RuleId::ClockDate, &direct, site, vec![early], false, "ClockOff { behind: true, days: 3 }"),
        (RuleId::BodyUnfinished, &direct, site, vec![], true, "BodyOvertaken"),
        (RuleId::BodyUnfinished, &direct, site, vec![], false, "BodyUnfinished"),
    ] {
        assert_eq!(chosen(rule, subject, host, &attempts, reached), message, "{rule}");
    }
}
