//! One attempt in a few words, for the list of what was tried.

use super::{Language, capital, time, way};
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::{Cause, CertificateFault, LimitKind, MessageFault, PolicyRule, Protocol, Stage};

/// How an attempt ended, as a phrase without a full stop: "connection reset (TLS handshake)".
pub fn attempt(language: Language, attempt: &Attempt) -> String {
    let phrase = outcome(language, &attempt.outcome);
    match (&attempt.outcome, language) {
        (Outcome::Proven, Language::En) if attempt.reused => format!("{phrase}, same connection"),
        (Outcome::Proven, Language::Ru) if attempt.reused => format!("{phrase}, то же соединение"),
        (Outcome::Proven | Outcome::Refuted(_), _) => phrase,
        (Outcome::Pending | Outcome::Failed(_) | Outcome::Interrupted, _) => {
            format!("{phrase} ({})", stage(language, attempt.stage))
        }
    }
}

/// One attempt as a sentence of its own: "Directly: connection reset (TLS handshake) after 60 ms."
pub fn attempted(language: Language, told: &Attempt) -> String {
    let (way, phrase) = (capital(&way(language, &told.strategy)), attempt(language, told));
    let took = time(language, told.took);
    match language {
        Language::En => format!("{way}: {phrase} after {took}."),
        Language::Ru => format!("{way}: {phrase}, прошло {took}."),
    }
}

/// The same without the stage.
pub(super) fn outcome(language: Language, outcome: &Outcome) -> String {
    let (en, ru) = match outcome {
        Outcome::Proven => ("answered", "ответ получен"),
        Outcome::Pending => ("still waiting", "ещё ждёт"),
        Outcome::Interrupted => ("begun anew on another network", "начата заново в другой сети"),
        Outcome::Refuted(finding) => return of_finding(language, finding),
        Outcome::Failed(failure) => return of_cause(language, &failure.cause),
    };
    match language {
        Language::En => en.to_owned(),
        Language::Ru => ru.to_owned(),
    }
}

/// What a stage is called: "name lookup", "TLS handshake".
pub fn stage(language: Language, stage: Stage) -> &'static str {
    let (en, ru) = match stage {
        Stage::Dns => ("name lookup", "поиск адреса"),
        Stage::Tcp => ("connecting", "соединение"),
        Stage::Proxy => ("asking the proxy", "запрос к прокси"),
        Stage::Tls => ("TLS handshake", "рукопожатие TLS"),
        Stage::FirstByte => ("waiting for the answer", "ожидание ответа"),
        Stage::Progress => ("reading the answer", "чтение ответа"),
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

fn of_finding(language: Language, finding: &Finding) -> String {
    let (en, ru) = match finding {
        Finding::BlockPage { .. } => {
            ("a block page came instead".to_owned(), "вместо ответа пришла заглушка".to_owned())
        }
        Finding::Legal451(_) => {
            ("refused for legal reasons (HTTP 451)".to_owned(), "отказ по требованию закона (HTTP 451)".to_owned())
        }
        Finding::PlatformBlocked(_) => {
            ("the platform withholds it".to_owned(), "платформа не показывает это".to_owned())
        }
        Finding::CaptivePortal => ("the network asks for a login".to_owned(), "сеть просит войти".to_owned()),
        Finding::OriginFault { status: Some(status), .. } => {
            (format!("the site answers with error {status}"), format!("сайт отвечает ошибкой {status}"))
        }
        Finding::OriginFault { status: None, what } => {
            (format!("an unusable answer: {what}"), format!("негодный ответ: {what}"))
        }
        Finding::ProxyAnswer { status } => {
            (format!("the proxy itself answered ({status})"), format!("ответил сам прокси ({status})"))
        }
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

pub(super) fn of_cause(language: Language, cause: &Cause) -> String {
    let (en, ru): (String, String) = match cause {
        Cause::Reset => ("connection reset".into(), "соединение сброшено".into()),
        Cause::Refused => ("connection refused".into(), "в соединении отказано".into()),
        Cause::Unreachable => ("not reachable".into(), "недоступно".into()),
        Cause::Silence => ("no reply in time".into(), "нет ответа в срок".into()),
        Cause::Closed => ("connection closed".into(), "соединение закрыто".into()),
        Cause::EndUnannounced => (
            "the answer ended without saying that it is whole".into(),
            "ответ кончился, не сообщив, что он целый".into(),
        ),
        Cause::EndedByHost => ("the site itself ended the answer".into(), "сайт сам прервал ответ".into()),
        Cause::NxDomain => {
            ("the resolver says there is no such name".into(), "DNS говорит, что такого имени нет".into())
        }
        Cause::Rcode { rcode } => {
            (format!("the resolver answers with error {rcode}"), format!("DNS отвечает ошибкой {rcode}"))
        }
        Cause::NoAddress => ("the name has no address".into(), "у имени нет адреса".into()),
        Cause::LookupFailed => ("no address found".into(), "адрес не найден".into()),
        Cause::Certificate { fault } => return of_certificate(language, *fault).to_owned(),
        Cause::Alert { alert } => {
            (format!("the other side broke TLS off, alert {alert}"), format!("TLS прервано, код {alert}"))
        }
        Cause::Malformed { expected } => {
            let expected = protocol(*expected);
            (format!("an answer that is not {expected}"), format!("ответ не по протоколу ({expected})"))
        }
        Cause::NotAccepted { fault } => {
            let (en, ru) = of_form(*fault);
            (format!("this program does not accept {en}"), format!("эта программа не принимает {ru}"))
        }
        Cause::ProxyLogin => ("the proxy does not accept the login".into(), "прокси не принимает имя и пароль".into()),
        Cause::ProxyReply { code } => (
            format!("the proxy could not reach the site, code {code}"),
            format!("прокси не дошёл до сайта, код {code}"),
        ),
        Cause::Limit { .. } if cause.is_our_time() => {
            ("the time that was given for it ran out".into(), "отведённое время вышло".into())
        }
        Cause::Limit { limit } => {
            let limit = self::limit(*limit);
            (format!("more than is taken: {limit}"), format!("пришло больше, чем принимается: {limit}"))
        }
        Cause::Forbidden { rule } => {
            let rule = self::rule(*rule);
            (format!("not allowed: {rule}"), format!("не разрешено: {rule}"))
        }
        Cause::EchUnavailable => (
            "no usable key to encrypt the name, and so the site was sent nothing".into(),
            "нет ключа, чтобы зашифровать имя, поэтому сайту ничего не отправлено".into(),
        ),
        Cause::Clock => (
            "this device's clock stands before 1970".to_owned(),
            "часы этого устройства показывают время до 1970 года".to_owned(),
        ),
        Cause::EchRejected => (
            "the encrypted name was not taken, and was not said openly".into(),
            "зашифрованное имя не приняли, а открыто оно не называлось".into(),
        ),
        Cause::Io => ("the connection failed".into(), "сбой соединения".into()),
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

fn protocol(expected: Protocol) -> &'static str {
    match expected {
        Protocol::Tls => "TLS",
        Protocol::Http => "an HTTP answer",
        Protocol::Dns => "a DNS answer",
        Protocol::Socks5 => "a SOCKS5 answer",
        Protocol::HttpConnect => "an HTTP answer to CONNECT",
        Protocol::Shadowsocks => "Shadowsocks",
        Protocol::Gzip => "a body of gzip",
        Protocol::Deflate => "a body of deflate",
        Protocol::Brotli => "a body of brotli",
        Protocol::Zstd => "a body of zstd",
        Protocol::SameFile => "the rest of the same file",
    }
}

fn limit(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::TotalTime => "total time",
        LimitKind::IdleBudget => "allowance",
        LimitKind::Head => "head",
        LimitKind::Body => "body",
        LimitKind::DecodedBody => "decoded body",
        LimitKind::DnsAnswer => "DNS answer",
        LimitKind::Socks5Text => "socks5 host or login",
    }
}

fn rule(rule: PolicyRule) -> &'static str {
    match rule {
        PolicyRule::Exposure => "exposure",
        PolicyRule::PrivateAddress => "private_address",
        PolicyRule::Onion => "onion",
        PolicyRule::ClientHello => "client_hello",
        PolicyRule::StreamSentOnce => "a stream is sent once",
    }
}

/// What this program does not accept, as the object of that verb.
pub(super) fn of_form(form: MessageFault) -> (&'static str, &'static str) {
    match form {
        MessageFault::TwoLengths => (
            "an answer with both Content-Length and Transfer-Encoding",
            "ответ, где есть и Content-Length, и Transfer-Encoding",
        ),
        MessageFault::Length => ("an answer with an unclear Content-Length", "ответ с неясным Content-Length"),
        MessageFault::TransferCoding => ("this transfer coding", "такой способ передачи (Transfer-Encoding)"),
        MessageFault::ContentCoding => ("this content coding", "такое сжатие (Content-Encoding)"),
        MessageFault::Part => ("a part in the place of the whole page", "часть вместо целой страницы"),
    }
}

fn of_certificate(language: Language, fault: CertificateFault) -> &'static str {
    let (en, ru) = match fault {
        CertificateFault::UnknownIssuer => (
            "a certificate that is self-signed, or issued by nobody who is trusted",
            "сертификат, подписанный им самим или тем, кому нет доверия",
        ),
        CertificateFault::WrongName => ("a certificate for another name", "сертификат на другое имя"),
        CertificateFault::Expired => ("an expired certificate", "просроченный сертификат"),
        CertificateFault::NotYetValid => ("a certificate that is not valid yet", "сертификат ещё не действует"),
        CertificateFault::Unusable => ("an unusable certificate", "негодный сертификат"),
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, promises_nothing, ways};
    use super::*;

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
            Finding::OriginFault { status: Some(500), what: String::new() },
            Finding::OriginFault { status: None, what: "no JSON".into() },
            Finding::ProxyAnswer { status: 403 },
        ];
        let forms: Vec<Cause> = MessageFault::ALL.iter().map(|form| Cause::NotAccepted { fault: *form }).collect();
        for &language in Language::ALL {
            for phrase in forms.iter().map(|cause| of_cause(language, cause)) {
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
            let of_causes = causes.iter().chain(&carried).map(|cause| of_cause(language, cause));
            for phrase in of_causes.chain(findings.iter().map(|finding| of_finding(language, finding))) {
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
            let phrase = of_cause(Language::En, &Cause::Malformed { expected });
            assert_eq!(phrase, format!("an answer that is not {en}"));
        }
        let ours = of_cause(Language::En, &Cause::Limit { limit: LimitKind::TotalTime });
        assert_eq!(ours, "the time that was given for it ran out");
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
