//! Attempts in Russian.

use super::Russian;
use crate::reach::{AnswerFault, Attempt, Finding, Outcome};
use crate::sentences::attempts::{onion_fault, tor_fault};
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::{AttemptPhrases, RoutePhrases};
use crate::transport::{
    Cause, CertificateFault, LimitKind, MessageFault, OnionFault, PolicyRule, Protocol, Stage, TorFault, TorStall,
};

impl AttemptPhrases for Russian {
    fn attempt(&self, attempt: &Attempt) -> String {
        let of_tor = onion_fault(attempt).map(|fault| self.onion(fault));
        let of_tor = of_tor.or_else(|| tor_fault(attempt).map(|fault| self.tor(fault)));
        let phrase = of_tor.map_or_else(|| self.outcome(&attempt.outcome), str::to_owned);
        let phrase = match attempt.asked_tor_again {
            true => format!("{phrase}, Tor просили дважды"),
            false => phrase,
        };
        match &attempt.outcome {
            Outcome::Proven if attempt.reused => format!("{phrase}, то же соединение"),
            Outcome::Proven | Outcome::Refuted(_) => phrase,
            Outcome::Pending | Outcome::Failed(_) | Outcome::Interrupted | Outcome::Overtaken | Outcome::Raised => {
                format!("{phrase} ({})", self.stage(attempt.stage))
            }
        }
    }

    fn attempted(&self, attempt: &Attempt) -> String {
        let (way, phrase) = (capital(&self.way(&attempt.strategy)), self.attempt(attempt));
        format!("{way}: {phrase}, прошло {}.", self.time(attempt.took))
    }

    fn outcome(&self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Proven => "ответ получен".to_owned(),
            Outcome::Pending => "ещё ждёт".to_owned(),
            Outcome::Interrupted => "начата заново в другой сети".to_owned(),
            Outcome::Overtaken => "прекращена, так как другой адрес ответил быстрее".to_owned(),
            Outcome::Raised => "прекращена, так как выбран более строгий режим".to_owned(),
            Outcome::Refuted(finding) => self.finding(finding),
            Outcome::Failed(failure) => self.cause(&failure.cause),
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        match finding {
            Finding::BlockPage { .. } => "вместо ответа пришла заглушка".to_owned(),
            Finding::Legal451(_) => "отказ по требованию закона (HTTP 451)".to_owned(),
            Finding::PlatformBlocked(_) => "платформа не показывает это".to_owned(),
            Finding::CaptivePortal => "сеть просит войти".to_owned(),
            Finding::OriginFault { status: Some(status), what: AnswerFault::BrowserCheck } => {
                format!("сайт сначала проверяет, от браузера ли запрос (ошибка {status})")
            }
            Finding::OriginFault { status: Some(status), .. } => format!("сайт отвечает ошибкой {status}"),
            Finding::OriginFault { status: None, what } => format!("непригодный ответ: {}", answer_fault(what)),
            Finding::Unvouched => "незашифрованный ответ без содержимого: его мог написать любой на пути".to_owned(),
            Finding::ProxyAnswer { status } => format!("ответил сам прокси ({status})"),
        }
    }

    fn cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Reset => "соединение сброшено".to_owned(),
            Cause::Refused => "в соединении отказано".to_owned(),
            Cause::Unreachable => "недоступно".to_owned(),
            Cause::Silence => "нет ответа в срок".to_owned(),
            Cause::Closed => "соединение закрыто".to_owned(),
            Cause::EndUnannounced => "ответ кончился, не сообщив, что он целый".to_owned(),
            Cause::EndedByHost => "сайт сам прервал ответ".to_owned(),
            Cause::NxDomain => "DNS говорит, что такого имени нет".to_owned(),
            Cause::Rcode { rcode } => format!("DNS отвечает ошибкой {rcode}"),
            Cause::NoAddress => "у имени нет адреса".to_owned(),
            Cause::LookupFailed => "адрес не найден".to_owned(),
            Cause::Certificate { fault } => certificate(*fault).to_owned(),
            Cause::Alert { alert } => format!("другая сторона прервала TLS, код {alert}"),
            Cause::Malformed { expected } => format!("ответ не по протоколу ({})", protocol(*expected)),
            Cause::NotAccepted { fault: refused } => format!("эта программа не принимает {}", form(*refused)),
            Cause::ProxyLogin => "прокси не принимает имя и пароль".to_owned(),
            Cause::ProxyReply { code } => format!("прокси не дошёл до сайта, код {code}"),
            Cause::Limit { limit: LimitKind::TotalTime } => "отведённое время вышло".to_owned(),
            Cause::Limit { limit: LimitKind::IdleBudget } => "ответа не было слишком долго".to_owned(),
            Cause::Limit { limit: reached } => format!("пришло больше, чем принимается: {}", limit(*reached)),
            Cause::Forbidden { rule: broken } => format!("не разрешено: {}", rule(*broken)),
            Cause::EchUnavailable => "нет ключа, чтобы зашифровать имя, поэтому сайту ничего не отправлено".to_owned(),
            Cause::Clock => "часы этого устройства показывают время до 1970 года".to_owned(),
            Cause::EchRejected => "зашифрованное имя не приняли, а открыто его не передавали".to_owned(),
            Cause::TorNotStarted { stall } => format!("Tor не запустился: {}", self.stall(*stall)),
            Cause::Io => "сбой соединения".to_owned(),
        }
    }

    fn onion(&self, fault: OnionFault) -> &'static str {
        match fault {
            OnionFault::NotFound => "onion-сервиса с таким адресом нет",
            OnionFault::Down => "onion-сервис не отвечает",
            OnionFault::NeedsKey => "onion-сервис пускает только тех, у кого есть ключ",
            OnionFault::WrongKey => "onion-сервис не принимает ключ",
            OnionFault::Unreached => "Tor не может связаться с onion-сервисом",
            OnionFault::Address => "такого адреса у onion-сервиса быть не может",
        }
    }

    fn tor(&self, fault: TorFault) -> &'static str {
        match fault {
            TorFault::Circuit => "цепочка Tor не построена или оборвалась",
            TorFault::NotAllowed => "на этот адрес или порт Tor не ходит",
            TorFault::Slow => "Tor не получил ответа вовремя",
        }
    }

    fn stall(&self, stall: TorStall) -> &'static str {
        match stall {
            TorStall::NoConnection => "ни один узел недоступен; сети нет, или она блокирует Tor",
            TorStall::Filtered => "узлы доступны, но отвечают не как Tor; сеть фильтрует Tor или сначала требует входа",
            TorStall::Directory => "список узлов не приходит или не подходит к дате на этом устройстве",
            TorStall::Clock => "часы этого устройства идут неверно",
            TorStall::Bridge => "ни один мост не отвечает; они не работают, или сеть их блокирует",
            TorStall::Transport => {
                "его мостам нужен транспорт, например obfs4, который здесь не настроен или не запускается"
            }
            TorStall::Storage => "не удаётся прочитать или записать его файлы",
            TorStall::InUse => "уже работает другой Tor этой программы",
            TorStall::Outdated => "сеть Tor больше не принимает эту версию",
            TorStall::Ended => "его завершило само приложение",
            TorStall::NetworkChanged => "сменилась сеть этого устройства",
            TorStall::Unknown => "ничего не меняется, причина неизвестна",
        }
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Dns => "поиск адреса",
            Stage::Tcp => "соединение",
            Stage::Proxy => "запрос к прокси",
            Stage::Tls => "рукопожатие TLS",
            Stage::FirstByte => "ожидание ответа",
            Stage::Progress => "чтение ответа",
        }
    }
}

fn answer_fault(fault: &AnswerFault) -> &str {
    match fault {
        AnswerFault::ServerError => "ошибка сервера",
        AnswerFault::BrowserCheck => "проверка, от браузера ли запрос",
        AnswerFault::Unasked => "ответ на то, о чём не спрашивали",
        AnswerFault::Redirect => "перенаправление вместо самого ответа",
        AnswerFault::NotJson => "не JSON, хотя запрос был к API",
        AnswerFault::OtherJson => "JSON, но не ответ API",
        AnswerFault::OtherPage => "страница без признаков этой платформы",
        AnswerFault::OtherFile => "файл, которого сообщество не подписывало",
        AnswerFault::Own(words) => words,
    }
}

fn protocol(expected: Protocol) -> &'static str {
    match expected {
        Protocol::Tls => "TLS",
        Protocol::Http => "HTTP",
        Protocol::Dns => "DNS",
        Protocol::Socks5 => "SOCKS5",
        Protocol::HttpConnect => "HTTP CONNECT",
        Protocol::Shadowsocks => "Shadowsocks",
        Protocol::Gzip => "сжатие gzip",
        Protocol::Deflate => "сжатие deflate",
        Protocol::Brotli => "сжатие brotli",
        Protocol::Zstd => "сжатие zstd",
        Protocol::SameFile => "остаток того же файла",
    }
}

fn limit(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::TotalTime => "время запроса",
        LimitKind::IdleBudget => "время без ответа",
        LimitKind::Head => "заголовки ответа",
        LimitKind::Body => "тело ответа",
        LimitKind::DecodedBody => "тело ответа без сжатия",
        LimitKind::DnsAnswer => "ответ DNS",
        LimitKind::Socks5Text => "имя узла, имя пользователя или пароль для SOCKS5",
    }
}

fn rule(rule: PolicyRule) -> &'static str {
    match rule {
        PolicyRule::Exposure => "это исключает выбранный режим",
        PolicyRule::PrivateAddress => "частный адрес",
        PolicyRule::Onion => "адрес `.onion` без Tor",
        PolicyRule::ClientHello => "имя не удалось разрезать",
        PolicyRule::StreamSentOnce => "поток нельзя отправить второй раз",
    }
}

/// A form that this program does not accept, as the object of that verb.
pub(super) fn form(form: MessageFault) -> &'static str {
    match form {
        MessageFault::TwoLengths => "ответ, где есть и Content-Length, и Transfer-Encoding",
        MessageFault::Length => "ответ с неясным Content-Length",
        MessageFault::TransferCoding => "такой способ передачи (Transfer-Encoding)",
        MessageFault::ContentCoding => "такое сжатие (Content-Encoding)",
        MessageFault::Part => "часть вместо целой страницы",
    }
}

fn certificate(fault: CertificateFault) -> &'static str {
    match fault {
        CertificateFault::UnknownIssuer => "сертификат самоподписанный или от неизвестного издателя",
        CertificateFault::WrongName => "сертификат выдан на другое имя",
        CertificateFault::Expired => "сертификат просрочен",
        CertificateFault::NotYetValid => "сертификат ещё не действует",
        CertificateFault::Unusable => "сертификат непригоден",
    }
}
