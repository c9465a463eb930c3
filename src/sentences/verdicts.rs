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
    /// The host is spoken to over TLS.
    pub tls: bool,
}

/// The sentence (or two) for a verdict.
pub fn verdict(language: Language, told: &Told<'_>) -> String {
    let what = match language {
        Language::En => english(told),
        Language::Ru => russian(told),
    };
    match then(language, told) {
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
        Language::En => format!("Read {way} in {time}; {seen}."),
        Language::Ru => format!("Прочитано {way} за {time}; {seen}."),
    })
}

fn english(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.unwrap_or(host);
    let (place, way) = (place(Language::En, subject), way(Language::En, subject));
    let statement = verdict.statement.as_ref();
    match verdict.code {
        Code::Reachable => format!("{host} answers {place}."),
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
        Code::PlatformBlocked => match quoted(statement) {
            Some(text) => format!("The network is not what stops it: {platform} withholds it, and states: “{text}”"),
            None => format!(
                "The network is not what stops it: {platform} itself withholds it.{}",
                named(Language::En, platform, statement)
            ),
        },
        Code::Frozen => format!("Answers of {host} stop coming {place} after their first part."),
        Code::Throttled => format!("{host} comes very slowly {place}."),
        Code::CaptivePortal => "This network wants a login first; open its login page, then try again.".to_owned(),
        Code::Offline => "This device has no network at the moment.".to_owned(),
        Code::WhitelistOnly => "This network lets only a few chosen addresses through at the moment.".to_owned(),
        Code::OriginDown => {
            format!("{host} answers by none of the ways that were tried; it seems to be down, not blocked.")
        }
        Code::OriginFault if is_clock(verdict) => {
            format!("The certificate of {host} does not fit this device's date; please check the date and time.")
        }
        Code::OriginFault => format!("{host} itself answers with a fault; that is no block."),
        Code::Gone => format!("{platform} states that this community no longer exists."),
        Code::RouteFailed if is_login(verdict) => {
            format!("The way {way} did not accept the login; that says nothing about {host}.")
        }
        Code::RouteFailed => format!("The way {way} itself failed; that says nothing about {host}."),
        Code::Unknown => format!("{host} does not answer {place}: blocked or down, that cannot be told from here."),
    }
}

fn russian(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.unwrap_or(host);
    let (place, way) = (place(Language::Ru, subject), way(Language::Ru, subject));
    let statement = verdict.statement.as_ref();
    match verdict.code {
        Code::Reachable => format!("{host} отвечает {place}."),
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
        Code::Legal451 => {
            format!(
                "Вместо {host} {place} приходит отказ по требованию закона (HTTP 451).{}",
                named(Language::Ru, "В нём", statement)
            )
        }
        Code::PlatformBlocked => match quoted(statement) {
            Some(text) => format!("Сеть здесь ни при чём: {platform} сам не показывает это и сообщает: «{text}»"),
            None => format!(
                "Сеть здесь ни при чём: {platform} сам не показывает это.{}",
                named(Language::Ru, "В его ответе", statement)
            ),
        },
        Code::Frozen => format!("Ответы {host} {place} обрываются: начало приходит, остальное нет."),
        Code::Throttled => format!("{host} открывается {place} очень медленно."),
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
        Code::OriginFault if is_clock(verdict) => {
            format!("Сертификат {host} не сходится с датой этого устройства; проверьте дату и время.")
        }
        Code::OriginFault => format!("{host} сам отвечает ошибкой; это не блокировка."),
        Code::Gone => format!("{platform} сообщает, что этого сообщества больше нет."),
        Code::RouteFailed if is_login(verdict) => {
            format!("Путь {way} не принял имя и пароль; о {host} это ничего не говорит.")
        }
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

/// The fault is a wrong clock (N13), which the user can mend.
fn is_clock(verdict: &Verdict) -> bool {
    verdict.rule.contains("clock")
}

/// The route failed at its login (N19), which the user can mend.
fn is_login(verdict: &Verdict) -> bool {
    verdict.rule.contains("login")
}

/// A statement is quoted to about four lines of a phone.
const QUOTED_CHARS: usize = 240;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::reach::Weights;

    const CODES: [Code; 19] = [
        Code::Reachable,
        Code::DnsTampered,
        Code::TcpBlocked,
        Code::TlsInterfered,
        Code::HttpInterfered,
        Code::TlsMitm,
        Code::BlockPage,
        Code::Legal451,
        Code::PlatformBlocked,
        Code::Frozen,
        Code::Throttled,
        Code::CaptivePortal,
        Code::Offline,
        Code::WhitelistOnly,
        Code::OriginDown,
        Code::OriginFault,
        Code::Gone,
        Code::RouteFailed,
        Code::Unknown,
    ];

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
        for code in CODES {
            for rule in ["any", "route.login", "tls.clock"] {
                for statement in statements() {
                    let quotes = statement.is_some();
                    let verdict_of = of(code, rule, statement);
                    for subject in &ways() {
                        let reached = ways();
                        let reached = reached.iter().map(|way| Some((way, Duration::from_millis(1400))));
                        for reached in reached.chain([None]) {
                            for (language, platform) in Language::ALL.into_iter().zip([None, Some("VK")]) {
                                for tls in [true, false] {
                                    let told =
                                        Told { verdict: &verdict_of, host: "vk.com", platform, subject, reached, tls };
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
            tls: true,
        };
        let sentence = verdict(Language::En, &told);
        assert!(sentence.contains("VK withholds it, and states: “word word"), "{sentence}");
        assert!(sentence.contains("…”"), "{sentence}");
    }
}
