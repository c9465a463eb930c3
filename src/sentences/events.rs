//! What the engine does, a sentence an event.

use std::fmt;

use super::{Language, attempts, name_in_hello, stage, time, way};
use crate::reach::{Action, EngineEvent, EngineEventKind, Outcome, StartReason};
use crate::transport::{Kind, Strategy};

/// An event as one plain sentence, **with the names** of hosts and proxies: for the user's own eyes. `Display` leaves
/// them out.
pub fn event(language: Language, event: &EngineEvent) -> String {
    told(language, event, true)
}

impl fmt::Display for EngineEvent {
    /// `access 1, 110 ms: Attempt 1: connection reset (TLS handshake).` In English, and without hosts or addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(access) = self.access {
            write!(f, "access {access}, ")?;
        }
        write!(f, "{}: {}", time(Language::En, self.at), told(Language::En, self, false))
    }
}

fn told(language: Language, event: &EngineEvent, names: bool) -> String {
    let way = |strategy: &Strategy| if names { way(language, strategy) } else { nameless(language, strategy) };
    let (en, ru) = match &event.what {
        EngineEventKind::Began { action } => {
            let (en, ru) = of_action(*action);
            (format!("{en} begins."), format!("{ru}: начало."))
        }
        EngineEventKind::Started { attempt, strategy, destination, why, hop } => {
            let (way, host) = (way(strategy), destination.host.to_string());
            let (en, ru) = match why {
                StartReason::First if *hop > 0 => ("a redirect leads on", "переход по ссылке"),
                StartReason::First => ("it is the first", "первая"),
                StartReason::Failure => ("another one failed", "другая не удалась"),
                StartReason::Silence => ("another one is silent", "другая молчит"),
                StartReason::Slow => ("another one is slow", "другая идёт медленно"),
            };
            let to = if names { [format!(" to {host}"), format!(" к {host}")] } else { Default::default() };
            let [to_en, to_ru] = to;
            (format!("Attempt {attempt}{to_en}, {way}: {en}."), format!("Попытка {attempt}{to_ru}, {way}: {ru}."))
        }
        EngineEventKind::Entered { attempt, stage: entered } => {
            let stage = stage(language, *entered);
            (format!("Attempt {attempt}: {stage}."), format!("Попытка {attempt}: {stage}."))
        }
        EngineEventKind::Dialled { attempt, address } if names => {
            (format!("Attempt {attempt}: the address is {address}."), format!("Попытка {attempt}: адрес {address}."))
        }
        EngineEventKind::Dialled { attempt, .. } => {
            (format!("Attempt {attempt}: an address is known."), format!("Попытка {attempt}: адрес известен."))
        }
        EngineEventKind::FirstByte { attempt } => {
            (format!("Attempt {attempt}: the answer begins."), format!("Попытка {attempt}: ответ пошёл."))
        }
        EngineEventKind::Continued { attempt, from } => (
            format!("Attempt {attempt}: goes on from byte {from}, where another one broke off."),
            format!("Попытка {attempt}: продолжает с байта {from}, где другая оборвалась."),
        ),
        EngineEventKind::Ended { attempt, stage: at, outcome, took } => {
            let (stage, took) = (stage(language, *at), time(language, *took));
            match outcome {
                Outcome::Proven => (
                    format!("Attempt {attempt}: answered after {took}."),
                    format!("Попытка {attempt}: ответ получен за {took}."),
                ),
                Outcome::Pending => (
                    format!("Attempt {attempt}: not needed any more after {took} ({stage})."),
                    format!("Попытка {attempt}: больше не нужна, прошло {took} ({stage})."),
                ),
                outcome => {
                    let phrase = attempts::outcome(language, outcome);
                    (
                        format!("Attempt {attempt}: {phrase} after {took} ({stage})."),
                        format!("Попытка {attempt}: {phrase}, прошло {took} ({stage})."),
                    )
                }
            }
        }
        EngineEventKind::Won { attempt, strategy, took } => {
            let (way, took) = (way(strategy), time(language, *took));
            (
                format!("Reached {way} in {took} (attempt {attempt})."),
                format!("Получено {way} за {took} (попытка {attempt})."),
            )
        }
        EngineEventKind::Judged { code, rule, again, .. } => {
            let code = code.code();
            let (en, ru) =
                if *again { ("Now the verdict is", "Теперь вывод") } else { ("Verdict", "Вывод") };
            (format!("{en}: {code}, by the rule {rule}."), format!("{ru}: {code}, по правилу {rule}."))
        }
        EngineEventKind::Kept { age } => {
            let age = time(language, *age);
            (format!("The stored copy answers; it is {age} old."), format!("Отвечает сохранённая копия, ей {age}."))
        }
        EngineEventKind::Quiet { lasts } => {
            let lasts = time(language, *lasts);
            (
                format!("Only a list of addresses passes here; nothing more is tried for {lasts}."),
                format!("Здесь проходят только адреса из списка; ближайшие {lasts} новых попыток не будет."),
            )
        }
        EngineEventKind::Abandoned => {
            ("Given up, or nothing to send.".into(), "Прервано, или отправлять нечего.".into())
        }
        EngineEventKind::NetworkChanged => ("The network has changed.".into(), "Сеть сменилась.".into()),
        EngineEventKind::Suspended => ("The app goes to sleep.".into(), "Приложение засыпает.".into()),
        EngineEventKind::Resumed => ("The app is awake again.".into(), "Приложение снова работает.".into()),
        EngineEventKind::Missed { events } => (
            format!("{events} events were lost, because nobody took them in time."),
            format!("Потеряно событий: {events}, их не успели забрать."),
        ),
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

fn of_action(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Open => ("Reading a community", "Чтение сообщества"),
        Action::Sync => ("Reading a community in the background", "Фоновое чтение сообщества"),
        Action::Get => ("Fetching a page", "Загрузка страницы"),
        Action::Probe => ("Comparing all ways", "Сравнение всех путей"),
        Action::Attachment => ("Fetching an attachment", "Загрузка вложения"),
    }
}

/// By which kind of way, without its name.
pub(super) fn nameless(language: Language, strategy: &Strategy) -> String {
    let (en, ru) = match &strategy.kind {
        Kind::Direct { .. } => ("directly".to_owned(), "напрямую".to_owned()),
        Kind::TorSocks5 { .. } => return way(language, strategy),
        _ => {
            let scheme = strategy.scheme();
            (format!("through a proxy ({scheme})"), format!("через прокси ({scheme})"))
        }
    };
    match language {
        Language::En => en + name_in_hello(language, strategy),
        Language::Ru => ru + name_in_hello(language, strategy),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::time::Duration;

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::reach::{Finding, Layer, RuleId, VerdictCode};
    use crate::transport::{Cause, Failure, Stage};

    fn all() -> Vec<EngineEventKind> {
        let (attempt, took) = (crate::reach::AttemptId::new(2), Duration::from_millis(110));
        let mut all: Vec<EngineEventKind> =
            [Action::Open, Action::Sync, Action::Get, Action::Probe, Action::Attachment]
                .map(|action| EngineEventKind::Began { action })
                .into();
        for strategy in ways() {
            for why in [StartReason::First, StartReason::Failure, StartReason::Silence, StartReason::Slow] {
                let destination = "site.example:443".parse().unwrap();
                all.push(EngineEventKind::Started { attempt, strategy: strategy.clone(), destination, hop: 0, why });
            }
            all.push(EngineEventKind::Won { attempt, strategy, took });
        }
        for stage in [Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::FirstByte, Stage::Progress] {
            all.push(EngineEventKind::Entered { attempt, stage });
        }
        let reset = Failure::new(Stage::Tls, Cause::Reset);
        for outcome in
            [Outcome::Proven, Outcome::Pending, Outcome::Failed(reset), Outcome::Refuted(Finding::CaptivePortal)]
        {
            all.push(EngineEventKind::Ended { attempt, stage: Stage::Tls, outcome, took });
        }
        all.extend([
            EngineEventKind::Dialled { attempt, address: [203, 0, 113, 7].into() },
            EngineEventKind::FirstByte { attempt },
            EngineEventKind::Continued { attempt, from: 16384 },
            EngineEventKind::Judged {
                code: VerdictCode::Unknown,
                layer: Some(Layer::Tls),
                rule: RuleId::TlsResetOtherVantage,
                again: false,
            },
            EngineEventKind::Judged {
                code: VerdictCode::TlsInterfered,
                layer: None,
                rule: RuleId::TlsResetOtherVantage,
                again: true,
            },
            EngineEventKind::Kept { age: took },
            EngineEventKind::Quiet { lasts: Duration::from_secs(60) },
            EngineEventKind::Abandoned,
            EngineEventKind::NetworkChanged,
            EngineEventKind::Suspended,
            EngineEventKind::Resumed,
            EngineEventKind::Missed { events: 7 },
        ]);
        all
    }

    #[test]
    fn every_event_has_a_sentence_in_every_language() {
        for what in all() {
            let told = EngineEvent { access: Some(1), at: Duration::from_millis(1500), what };
            let (en, ru) = (event(Language::En, &told), event(Language::Ru, &told));
            for sentence in [&en, &ru] {
                promises_nothing(sentence);
                is_a_sentence(sentence);
            }
            assert!(has_cyrillic(&ru) && !has_cyrillic(&en), "{en} {ru}");
        }
    }

    #[test]
    fn display_names_no_host_and_no_address() {
        for what in all() {
            let told = EngineEvent { access: Some(1), at: Duration::from_millis(1500), what };
            let shown = told.to_string();
            assert!(shown.starts_with("access 1, 1.5 s: "), "{shown}");
            assert!(!shown.contains("example") && !shown.contains("203.0.113"), "{shown}");
        }
    }
}
