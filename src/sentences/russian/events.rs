//! Events of the engine in Russian.

use super::Russian;
use crate::reach::{Action, EngineEvent, EngineEventKind, Outcome, StartReason};
use crate::sentences::phrasebook::{AttemptPhrases, EventPhrases, RoutePhrases};

impl EventPhrases for Russian {
    fn event(&self, event: &EngineEvent, names: bool) -> String {
        let way = |strategy| if names { self.way(strategy) } else { self.nameless(strategy) };
        match &event.kind {
            EngineEventKind::Began { action } => format!("{}: начало.", of_action(*action)),
            EngineEventKind::Started { attempt, strategy, destination, why, hop } => {
                let to = if names { format!(" к {}", destination.host) } else { String::new() };
                let why = match why {
                    StartReason::First if *hop > 0 => "перенаправление",
                    StartReason::First => "первая",
                    StartReason::Failure => "другая не удалась",
                    StartReason::Silence => "другая молчит",
                    StartReason::Slow => "другая идёт медленно",
                };
                format!("Попытка {attempt}{to}, {}: {why}.", way(strategy))
            }
            EngineEventKind::Entered { attempt, stage } => format!("Попытка {attempt}: {}.", self.stage(*stage)),
            EngineEventKind::Dialled { attempt, address } if names => format!("Попытка {attempt}: адрес {address}."),
            EngineEventKind::Dialled { attempt, .. } => format!("Попытка {attempt}: адрес известен."),
            EngineEventKind::FirstByte { attempt } => format!("Попытка {attempt}: ответ начал приходить."),
            EngineEventKind::TorStarts { attempt, progress } => {
                let starts = format!("Попытка {attempt}: Tor запускается, {} %", progress.percent);
                let starts = match progress.stall {
                    None => format!("{starts}."),
                    Some(stall) => format!("{starts}: {}.", self.stall(stall)),
                };
                if progress.forgets_guards { format!("{starts} {GUARDS_FORGOTTEN}") } else { starts }
            }
            EngineEventKind::Continued { attempt, from } => {
                format!("Попытка {attempt}: продолжает с байта {from}, где другая оборвалась.")
            }
            EngineEventKind::Ended { attempt, stage, outcome, took } => {
                let (stage, took) = (self.stage(*stage), self.time(*took));
                match outcome {
                    Outcome::Proven => format!("Попытка {attempt}: ответ получен за {took}."),
                    Outcome::Pending => format!("Попытка {attempt}: больше не нужна, прошло {took} ({stage})."),
                    Outcome::Failed(_)
                    | Outcome::Refuted(_)
                    | Outcome::Interrupted
                    | Outcome::Overtaken
                    | Outcome::Raised => {
                        format!("Попытка {attempt}: {}, прошло {took} ({stage}).", self.outcome(outcome))
                    }
                }
            }
            EngineEventKind::Won { attempt, strategy, took } => {
                format!("Получено {} за {} (попытка {attempt}).", way(strategy), self.time(*took))
            }
            EngineEventKind::Judged { code, rule, again, .. } => {
                let intro = if *again { "Теперь вердикт" } else { "Вердикт" };
                format!("{intro}: {}, правило {rule}.", code.code())
            }
            EngineEventKind::AnsweredFromStore { age: Some(age) } => {
                format!("Отвечает сохранённая копия, её возраст — {}.", self.time(*age))
            }
            EngineEventKind::AnsweredFromStore { age: None } => {
                "Отвечает сохранённая копия, её возраст неизвестен: время чтения впереди этих часов.".to_owned()
            }
            EngineEventKind::DialsPaused { lasts } => format!(
                "Здесь проходят только адреса из списка; ближайшие {} новых попыток не будет.",
                self.time(*lasts)
            ),
            EngineEventKind::Abandoned => "Прервано или отправлять нечего.".to_owned(),
            EngineEventKind::NetworkChanged => "Сеть сменилась.".to_owned(),
            EngineEventKind::Suspended => "Приложение засыпает.".to_owned(),
            EngineEventKind::Resumed => "Приложение снова работает.".to_owned(),
            EngineEventKind::Missed { events } => format!("Потеряно событий: {events}, их не успели забрать."),
        }
    }
}

const GUARDS_FORGOTTEN: &str = "Его входные узлы не сохраняются: нет папки данных.";

fn of_action(action: Action) -> &'static str {
    match action {
        Action::Open => "Чтение сообщества",
        Action::Sync => "Фоновое чтение сообщества",
        Action::Get => "Загрузка страницы",
        Action::Probe => "Сравнение всех путей",
        Action::Attachment => "Загрузка вложения",
    }
}
