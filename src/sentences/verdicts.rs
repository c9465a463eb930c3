//! A verdict in one or two sentences: what happened, by which way it was read all the same, and who sees what then.

use std::time::Duration;

use super::{Language, observers, place, time, way};
use crate::reach::{Code, Statement, Verdict};
use crate::transport::Strategy;

/// What a verdict's sentence is told from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The host that the user asked for.
    pub host: &'a str,
    /// What people call the platform behind the host ("VK"), where it is one.
    pub platform: Option<&'a str>,
    /// The strategy that the verdict is about.
    pub subject: &'a Strategy,
    /// By which way an authentic answer came, and how long that way took.
    pub reached: Option<(&'a Strategy, Duration)>,
    /// What was asked for came that way, and not only an answer.
    pub read: bool,
    /// The host is spoken to over TLS.
    pub tls: bool,
}

/// The sentence (or two) for a verdict.
pub fn verdict(language: Language, told: &Told<'_>) -> String {
    let what = match language {
        Language::En => english(told),
        Language::Ru => russian(told),
    };
    let by_subject = told.reached.is_some_and(|(way, _)| way == told.subject);
    match then(language, told) {
        // That it answers by a proxy is all in how it was read.
        Some(then) if told.verdict.code == Code::Reachable && by_subject && !told.subject.is_direct() => then,
        Some(then) => format!("{what} {then}"),
        None => what,
    }
}

/// The sentence about the way out, where there is something to say.
fn then(language: Language, told: &Told<'_>) -> Option<String> {
    let Some((strategy, took)) = told.reached else {
        // These say all by themselves: there was nothing to reach, or no network to try it on.
        let complete = matches!(
            told.verdict.code,
            Code::Reachable | Code::Gone | Code::Offline | Code::CaptivePortal | Code::OriginDown | Code::Unknown
        );
        return (!complete).then(|| match language {
            Language::En => "No way that was tried reads it.".to_owned(),
            Language::Ru => "Прочитать не удалось ни одним из испробованных путей.".to_owned(),
        });
    };
    let (way, time) = (way(language, strategy), time(language, took));
    let seen = observers(language, strategy, told.host, told.tls);
    Some(match language {
        Language::En if told.read => format!("Read {way} in {time}; {seen}."),
        Language::En => format!("It was asked {way} and answered in {time}; {seen}."),
        Language::Ru if told.read => format!("Прочитано {way} за {time}; {seen}."),
        Language::Ru => format!("Ответ получен {way} за {time}; {seen}."),
    })
}

fn english(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.unwrap_or(host);
    let (place, way) = (place(Language::En, subject), way(Language::En, subject));
    let statement = verdict.statement.as_ref();
    // Rules whose code alone would say too much, too little, or the wrong thing.
    match verdict.rule {
        "nothing.tried" => {
            return format!("Nothing was tried {way} this time, so it cannot be said how {host} answers {place}.");
        }
        "not_waited_for" => return format!("Another way was faster; how {host} answers {place} was not waited for."),
        "redirect.nowhere" => return format!("{host} answers, and its redirects lead nowhere; that is no block."),
        "dns.bogon" => {
            return format!(
                "An address that no website has is given for {host} {place} (DNS): a filter or a block, that cannot be told without another way."
            );
        }
        "dns.no_answer" => {
            return format!(
                "No address is found for {host} {place} (DNS): a name that does not exist, a broken resolver or a block, that cannot be told without another way."
            );
        }
        "dns.no_answer.true_address" | "dns.no_answer.other_vantage" => {
            return format!("The name {host} is denied {place} when it is looked up (DNS), and found elsewhere.");
        }
        "clock.two_hosts" | "clock.not_yet_valid" => {
            return format!(
                "The certificate of {host} does not fit this device's date; please check the date and time."
            );
        }
        "origin.certificate.expired_or_clock" => {
            return format!(
                "The certificate of {host} is out of date by this device's clock: check the date and time; if they are right, the fault is the site's."
            );
        }
        "origin.certificate.everywhere" => {
            return format!(
                "The certificate of {host} does not prove that it is {host}, by any way; the fault is the site's own, and nothing was sent to it."
            );
        }
        "origin.certificate" => {
            return format!(
                "The certificate shown for {host} {place} does not prove that it is {host}: the site's fault or a forgery, that cannot be told without another way. Nothing was sent to it."
            );
        }
        "tcp.ipv6" => {
            return format!(
                "Only IPv6 addresses of {host} were tried, and IPv6 may not work {place}; that says nothing about a block."
            );
        }
        "tcp.local" => return format!("Nothing answers at {host}, on this device or in its own network."),
        "tcp.cut" => {
            return format!(
                "No connection to {host} is made {place} (TCP): blocked or down, that cannot be told without another way."
            );
        }
        "tls.cut" => {
            return format!(
                "The connection is cut {place} when {host} is named (TLS): blocked or down, that cannot be told without another way."
            );
        }
        "tls.alert" => {
            return format!(
                "{host} refuses TLS {place} and not elsewhere: a rule of its own or a block, that cannot be told."
            );
        }
        "tls.after_handshake.reset.other_vantage" | "tls.after_handshake.silence.other_vantage" => {
            return format!("Encrypted connections to {host} are cut {place} (TLS), and not elsewhere.");
        }
        "http.cut" => {
            return format!(
                "{host} takes the connection {place} and does not answer to the end (HTTP): blocked or down, that cannot be told without another way."
            );
        }
        "origin.fault.here" => {
            return format!(
                "{host} answers with an error {place} and properly elsewhere: an overload, a rule of its own or a block, that cannot be told."
            );
        }
        "route.login" => return format!("The way {way} did not accept the login; that says nothing about {host}."),
        "route.dead" if subject.is_tor() => {
            return format!(
                "No Tor answers where it should run on this device; please start it. That says nothing about {host}."
            );
        }
        "route.silent" if subject.is_tor() => {
            return format!(
                "Tor runs and has not reached {host} yet; it may still be building its circuits, so try again in a minute."
            );
        }
        "route.garbage" => return format!("What answers {way} is no such proxy; that says nothing about {host}."),
        _ => {}
    }
    match verdict.code {
        Code::Reachable if subject.is_direct() => format!("{host} answers {place}."),
        Code::Reachable => format!("{host} answers {way}."),
        Code::DnsTampered => format!("False answers are given {place} when {host} is looked up (DNS)."),
        Code::TcpBlocked => format!("Connections to the address of {host} are cut {place} (TCP), and not elsewhere."),
        Code::TlsInterfered => format!("Cut {place} when {host} is named (TLS)."),
        Code::HttpInterfered => format!("Cut {place} when a page of {host} is asked for (HTTP)."),
        Code::TlsMitm => format!(
            "Somebody {place} answers in the place of {host} with a certificate of their own (TLS); they were sent nothing."
        ),
        Code::BlockPage => {
            format!(
                "A block page is shown {place} in the place of {host}.{}",
                named(Language::En, "The page", statement)
            )
        }
        Code::Legal451 => format!(
            "{host} is refused {place} for legal reasons (HTTP 451).{}",
            named(Language::En, "The refusal", statement)
        ),
        Code::PlatformBlocked => {
            let here = if verdict.rule == "platform.notice.other_country" { " in this country" } else { "" };
            match quoted(statement) {
                Some(text) => {
                    format!("The network lets it through; {platform} withholds it{here}, and states: “{text}”")
                }
                None => format!(
                    "The network lets it through; {platform} itself withholds it{here}.{}",
                    named(Language::En, platform, statement)
                ),
            }
        }
        Code::Frozen => format!("Answers of {host} stop coming {place} after their first part."),
        Code::Throttled => format!("{host} comes very slowly {place}, and faster elsewhere."),
        Code::CaptivePortal => "This network wants a login first; open its login page, then try again.".to_owned(),
        Code::Offline => "This device has no network at the moment.".to_owned(),
        Code::WhitelistOnly => "This network lets only a few chosen addresses through at the moment.".to_owned(),
        Code::OriginDown => {
            format!("{host} answers by none of the ways that were tried; it seems to be down, not blocked.")
        }
        Code::OriginFault => format!("{host} itself answers with a fault; that is no block."),
        Code::Gone => format!("{platform} states that this community no longer exists."),
        Code::RouteFailed => format!("The way {way} itself failed; that says nothing about {host}."),
        Code::Unknown => format!("{host} does not answer {place}: blocked or down, that cannot be told from here."),
    }
}

fn russian(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.unwrap_or(host);
    let (place, way) = (place(Language::Ru, subject), way(Language::Ru, subject));
    let statement = verdict.statement.as_ref();
    match verdict.rule {
        "nothing.tried" => {
            return format!("Путь {way} в этот раз не пробовали, поэтому неизвестно, как {host} отвечает {place}.");
        }
        "not_waited_for" => {
            return format!("Другой путь оказался быстрее; как {host} отвечает {place}, не дожидались.");
        }
        "redirect.nowhere" => return format!("{host} отвечает, но перенаправляет в никуда; это не блокировка."),
        "dns.bogon" => {
            return format!(
                "На запрос адреса {host} {place} дают адрес, какого у сайтов не бывает (DNS): фильтр это или блокировка, без другого пути не понять."
            );
        }
        "dns.no_answer" => {
            return format!(
                "Адрес {host} {place} не находится (DNS): нет такого имени, неисправен DNS или это блокировка, без другого пути не понять."
            );
        }
        "dns.no_answer.true_address" | "dns.no_answer.other_vantage" => {
            return format!("На запрос адреса {host} {place} отвечают, что его нет (DNS), а в других местах он есть.");
        }
        "clock.two_hosts" | "clock.not_yet_valid" => {
            return format!("Сертификат {host} не сходится с датой этого устройства; проверьте дату и время.");
        }
        "origin.certificate.expired_or_clock" => {
            return format!(
                "По часам этого устройства сертификат {host} просрочен: проверьте дату и время; если они верны, это неполадка сайта."
            );
        }
        "origin.certificate.everywhere" => {
            return format!(
                "Сертификат {host} ни на одном из путей не доказывает, что это {host}; это неполадка самого сайта, и ему ничего не отправлено."
            );
        }
        "origin.certificate" => {
            return format!(
                "Сертификат, который {place} показывают за {host}, этого не доказывает: неполадка сайта это или подделка, без другого пути не понять. Ничего не отправлено."
            );
        }
        "tcp.ipv6" => {
            return format!(
                "Пробовали только адреса IPv6 у {host}, а IPv6 {place} может и не работать; о блокировке это ничего не говорит."
            );
        }
        "tcp.local" => return format!("По адресу {host} на этом устройстве или в его сети никто не отвечает."),
        "tcp.cut" => {
            return format!(
                "Соединиться с {host} {place} не удаётся (TCP): блокировка это или сбой, без другого пути не понять."
            );
        }
        "tls.cut" => {
            return format!(
                "Соединение обрывают {place}, как только названо имя {host} (TLS): блокировка это или сбой, без другого пути не понять."
            );
        }
        "tls.alert" => {
            return format!(
                "{host} отказывается от TLS {place}, а в других местах нет: его это правило или блокировка, не понять."
            );
        }
        "tls.after_handshake.reset.other_vantage" | "tls.after_handshake.silence.other_vantage" => {
            return format!("Зашифрованные соединения с {host} обрывают {place} (TLS), а в других местах нет.");
        }
        "http.cut" => {
            return format!(
                "{host} {place} принимает соединение и не отвечает до конца (HTTP): блокировка это или сбой, без другого пути не понять."
            );
        }
        "origin.fault.here" => {
            return format!(
                "{host} {place} отвечает ошибкой, а в других местах как надо: перегрузка, его правило или блокировка, не понять."
            );
        }
        "route.login" => return format!("Путь {way} не принял имя и пароль; о {host} это ничего не говорит."),
        "route.dead" if subject.is_tor() => {
            return format!(
                "Там, где должен работать Tor, никто не отвечает; запустите его. О {host} это ничего не говорит."
            );
        }
        "route.silent" if subject.is_tor() => {
            return format!(
                "Tor работает, но до {host} ещё не дошёл; возможно, он пока строит цепочки, попробуйте через минуту."
            );
        }
        "route.garbage" => return format!("То, что отвечает {way}, не такой прокси; о {host} это ничего не говорит."),
        _ => {}
    }
    match verdict.code {
        Code::Reachable if subject.is_direct() => format!("{host} отвечает {place}."),
        Code::Reachable => format!("{host} отвечает {way}."),
        Code::DnsTampered => format!("На запрос адреса {host} {place} дают ложный ответ (DNS)."),
        Code::TcpBlocked => format!("Соединения с адресом {host} обрывают {place} (TCP), а в других местах нет."),
        Code::TlsInterfered => format!("Соединение обрывают {place}, как только названо имя {host} (TLS)."),
        Code::HttpInterfered => format!("Соединение обрывают {place}, когда запрошена страница {host} (HTTP)."),
        Code::TlsMitm => {
            format!("Вместо {host} {place} отвечает кто-то с чужим сертификатом (TLS); ему ничего не отправлено.")
        }
        Code::BlockPage => {
            format!("Вместо {host} {place} показывают страницу-заглушку.{}", named(Language::Ru, "На ней", statement))
        }
        Code::Legal451 => format!(
            "Вместо {host} {place} приходит отказ по требованию закона (HTTP 451).{}",
            named(Language::Ru, "В нём", statement)
        ),
        Code::PlatformBlocked => {
            let here = if verdict.rule == "platform.notice.other_country" { " в этой стране" } else { "" };
            match quoted(statement) {
                Some(text) => {
                    format!("Сеть это пропускает; {platform} сам не показывает это{here} и сообщает: «{text}»")
                }
                None => format!(
                    "Сеть это пропускает; {platform} сам не показывает это{here}.{}",
                    named(Language::Ru, "В его ответе", statement)
                ),
            }
        }
        Code::Frozen => format!("Ответы {host} {place} обрываются: начало приходит, остальное нет."),
        Code::Throttled => format!("{host} открывается {place} очень медленно, а в других местах быстрее."),
        Code::CaptivePortal => {
            "Эта сеть сначала просит войти: откройте её страницу входа и попробуйте снова.".to_owned()
        }
        Code::Offline => "У этого устройства сейчас нет сети.".to_owned(),
        Code::WhitelistOnly => "Эта сеть сейчас пропускает только несколько избранных адресов.".to_owned(),
        Code::OriginDown => {
            format!(
                "{host} не отвечает ни одним из испробованных путей; похоже, это не блокировка, а сбой на его стороне."
            )
        }
        Code::OriginFault => format!("{host} сам отвечает ошибкой; это не блокировка."),
        Code::Gone => format!("{platform} сообщает, что этого сообщества больше нет."),
        Code::RouteFailed => format!("Сам путь {way} не сработал; о {host} это ничего не говорит."),
        Code::Unknown => format!("{host} не отвечает {place}: блокировка это или сбой, отсюда не понять."),
    }
}

/// Whom a block names, as its own claim.
fn named(language: Language, who: &str, statement: Option<&Statement>) -> String {
    let Some(authority) = statement.and_then(|statement| statement.authority.as_deref()) else {
        return String::new();
    };
    let authority = authority.trim().trim_end_matches('.');
    match language {
        Language::En => format!(" {who} names {authority}."),
        Language::Ru => format!(" {who} названо: {authority}."),
    }
}

/// A statement's own words, on one line and not too long.
fn quoted(statement: Option<&Statement>) -> Option<String> {
    let text = statement?.text.as_deref()?;
    let mut words = String::new();
    for word in text.split_whitespace() {
        if words.chars().count() + word.chars().count() > QUOTED_CHARS {
            words.push('…');
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    (!words.is_empty()).then_some(words)
}

/// A statement is quoted to about four lines of a phone.
const QUOTED_CHARS: usize = 240;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::reach::{RULES, Weights};

    fn of(code: Code, rule: &'static str, statement: Option<Statement>) -> Verdict {
        Verdict {
            code,
            layer: None,
            weights: Weights { blocked: 0.0, down: 0.0, ok: 1.0 },
            rule,
            statement,
            evidence: vec![],
        }
    }

    fn statements() -> Vec<Option<Statement>> {
        let authority = Some("Генеральная прокуратура Российской Федерации".to_owned());
        vec![
            None,
            Some(Statement::default()),
            Some(Statement { authority: authority.clone(), ..Statement::default() }),
            Some(Statement {
                authority, text: Some("Материал\nзаблокирован ".repeat(80)), link: None
            }),
        ]
    }

    #[test]
    fn every_verdict_has_a_sentence_in_every_language_and_promises_nothing() {
        let by_rule = RULES.iter().map(|rule| (rule.code, rule.id));
        for (code, rule) in by_rule.chain([(Code::WhitelistOnly, "any"), (Code::Unknown, "any")]) {
            for statement in statements() {
                let quotes = statement.is_some();
                let verdict_of = of(code, rule, statement);
                for subject in &ways() {
                    for reached in [None, Some(&ways()[6]), Some(&ways()[2])] {
                        let reached = reached.map(|way| (way, Duration::from_millis(1400)));
                        for (language, platform) in Language::ALL.into_iter().zip([None, Some("VK")]) {
                            let told = Told {
                                verdict: &verdict_of,
                                host: "vk.com",
                                platform,
                                subject,
                                reached,
                                read: quotes,
                                tls: true,
                            };
                            let sentence = verdict(language, &told);
                            promises_nothing(&sentence);
                            is_a_sentence(&sentence);
                            assert!(sentence.chars().count() < 700, "{sentence}");
                            if language == Language::Ru {
                                assert!(has_cyrillic(&sentence));
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
    fn the_rules_with_sentences_of_their_own_exist() {
        let source = include_str!("verdicts.rs").split("mod tests").next().unwrap();
        let named = source.split('"').filter(|text| {
            text.contains('.') && text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_' | '0'..='9'))
        });
        for id in named.filter(|id| !id.ends_with('.')) {
            assert!(RULES.iter().any(|rule| rule.id == id), "no rule is called {id}");
        }
    }

    #[test]
    fn a_verdict_that_is_not_sure_does_not_sound_sure() {
        for rule in RULES.iter().filter(|rule| rule.code == Code::Unknown) {
            let verdict_of = of(rule.code, rule.id, None);
            let subject = Strategy::direct();
            let told = Told {
                verdict: &verdict_of,
                host: "vk.com",
                platform: None,
                subject: &subject,
                reached: None,
                read: true,
                tls: true,
            };
            let sentence = verdict(Language::En, &told);
            let open = ["cannot be", "was not waited for", "says nothing"].iter().any(|words| sentence.contains(words));
            assert!(open, "{}: {sentence}", rule.id);
        }
    }

    #[test]
    fn the_reset_of_a_name_reads_as_the_design_says() {
        let reset = of(Code::TlsInterfered, "tls.reset.other_vantage", None);
        let (direct, tor) = (Strategy::direct(), ways().remove(6));
        let told = Told {
            verdict: &reset,
            host: "vk.com",
            platform: Some("VK"),
            subject: &direct,
            reached: Some((&tor, Duration::from_millis(1400))),
            read: true,
            tls: true,
        };
        assert_eq!(
            verdict(Language::En, &told),
            "Cut on this network when vk.com is named (TLS). Read through Tor in 1.4 s; Tor tells neither vk.com who you \
             are nor your provider what you read, an account of yours would tell vk.com."
        );
        assert_eq!(
            verdict(Language::Ru, &told),
            "Соединение обрывают в этой сети, как только названо имя vk.com (TLS). Прочитано через Tor за 1,4 с; сеть Tor \
             не говорит ни vk.com, кто вы, ни провайдеру, что вы читаете, а ваша учётная запись сказала бы vk.com."
        );
    }

    #[test]
    fn a_platforms_own_words_are_attributed_and_cut() {
        let statement = Statement { text: Some("word ".repeat(200)), ..Statement::default() };
        let withheld = of(Code::PlatformBlocked, "platform.notice", Some(statement));
        let direct = Strategy::direct();
        let told = Told {
            verdict: &withheld,
            host: "vk.com",
            platform: Some("VK"),
            subject: &direct,
            reached: None,
            read: true,
            tls: true,
        };
        let sentence = verdict(Language::En, &told);
        assert!(sentence.contains("VK withholds it, and states: “word word"), "{sentence}");
        assert!(sentence.contains("…”"), "{sentence}");
    }
}
