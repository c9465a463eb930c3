//! What could not be read or kept, in Russian.

use super::{Russian, TAG};
use crate::sentences::grammar::{ended, russian_form};
use crate::sentences::phrasebook::{FaultPhrases, KeptPhrases, NotePhrases};
use crate::sentences::{Language, trust, unbelieved};
use crate::signed::{Move, MoveKind};
use crate::source::{Platform, SourceError, SourceNote, WebFormat};
use crate::store::StoreError;

impl NotePhrases for Russian {
    fn note(&self, note: &SourceNote) -> String {
        fn of(platform: &Platform) -> &str {
            platform.name_in(TAG)
        }
        let after = |intro: &str, error: &SourceError| format!("{intro} {}", self.source(error));
        match note {
            SourceNote::CommunityPart { platform } => {
                format!("{}: часть сведений о сообществе в ответе прочитать не удалось.", of(platform))
            }
            SourceNote::UnknownState { state, platform } => {
                ended(&format!("{} сообщает, что сообщество деактивировано: «{state}»", of(platform)))
            }
            SourceNote::ErrorBeside { platform_code, message, platform } => {
                ended(&format!("Вместе с ответом {} сообщает об ошибке {platform_code}: «{message}»", of(platform)))
            }
            SourceNote::PostsUnread { closed: true, error } => {
                after("Сообщество закрытое, и его записи прочитать не удалось.", error)
            }
            SourceNote::PostsUnread { closed: false, error } => after("Записи прочитать не удалось.", error),
            SourceNote::PostsNoList { platform } => {
                format!("{}: в ответе нет списка записей, который можно прочитать.", of(platform))
            }
            SourceNote::PostsMissing { announced, given: 0, platform } => {
                format!("{} насчитывает {}, но не отдаёт ни одной.", of(platform), of_posts(*announced))
            }
            SourceNote::PostsMissing { announced, given, platform } => {
                format!("{} насчитывает {}, а отдаёт {given}.", of(platform), of_posts(*announced))
            }
            SourceNote::PostsOdd { count } => format!("Не удалось прочитать {}.", of_posts(*count as u64)),
            SourceNote::MonthsUnread { count } => format!(
                "Месяцев этого сообщества, которые не помещаются в одно чтение: {count}. Записи и удаления из них не показаны."
            ),
            SourceNote::FilesUnread { count } => format!(
                "Файлов, которые названы в новейшей сводке сообщества и не прочитаны: {count}. Записей, изменений и отмен может \
                 не хватать."
            ),
            SourceNote::OlderThanKnown => {
                "Это старее того, что есть на этом устройстве; ничего из имеющегося не заменено.".to_owned()
            }
            SourceNote::FilesNotAsSigned { names } => {
                format!("Эти файлы не пришли или отличаются от подписанных сообществом: {}.", names.join(", "))
            }
            SourceNote::DeletionsCut { count } => {
                format!("Удалений слишком много; не учтено: {count}. Что-то из показанного, возможно, удалено.")
            }
            SourceNote::PicturesAbsent { count } => format!(
                "Изображений к записям, которых здесь нет: {count}. Каждое будет загружено с зеркала, когда его откроют."
            ),
            SourceNote::PostsCut { count } => format!("В ленте есть и другие записи: прочитано {count}, это предел."),
            SourceNote::PostsTorn { count } => format!("Лишь частично удалось прочитать {}.", of_posts(*count as u64)),
            SourceNote::PostsWithheld { count, platform } => {
                let among = russian_form(*count as u64, ["записи", "записях", "записях"]);
                format!("{}: в {count} {among} вместо текста стоит уведомление.", of(platform))
            }
            SourceNote::EventsUnread { error } => {
                after("События, на которые ссылается сообщество, прочитать не удалось.", error)
            }
            SourceNote::EventsAbsent { platform } => {
                format!(
                    "{}: события, на которые ссылается сообщество, прочитать не удалось: в ответе их нет.",
                    of(platform)
                )
            }
            SourceNote::AddressUnread { error } => after("Адрес одного из событий прочитать не удалось.", error),
            SourceNote::AddressAbsent { platform } => {
                format!("{}: адрес одного из событий прочитать не удалось: в ответе его нет.", of(platform))
            }
            SourceNote::EventsOdd { count } => {
                let events = russian_form(*count as u64, ["событие", "события", "событий"]);
                format!("Не удалось прочитать {count} {events}.")
            }
            SourceNote::EventsCut { count } => {
                format!("В календаре есть и другие события: прочитано {count}, это предел.")
            }
            SourceNote::EventsWithoutZone { count } => {
                let events = russian_form(*count as u64, ["события", "событий", "событий"]);
                format!(
                    "У {count} {events} не указан известный здесь часовой пояс; время считается временем этого устройства."
                )
            }
            SourceNote::BreaksOff => {
                "Присланное сайтом обрывается: там может быть и другое, в том числе изменения показанного.".to_owned()
            }
            SourceNote::Found { formats } => format!("Прочитано: {}.", listed(formats)),
            SourceNote::Unchanged { formats } => format!("Без изменений с прошлого чтения: {}.", listed(formats)),
            SourceNote::FeedsElsewhere { count } => {
                let feeds = russian_form(*count as u64, ["ленту", "ленты", "лент"]);
                format!("Страница называет {count} {feeds} на других сайтах; туда запросы не отправлялись.")
            }
            SourceNote::SignedHere { link } => {
                let keys = link.key().map(|key| format!(", ключи {key}")).unwrap_or_default();
                format!(
                    "Страница утверждает, что она от подписанного сообщества: {}{keys}. То ли это сообщество, отсюда не видно: такую страницу по любому адресу может поместить кто угодно, и показанное прочитано как страница, которую никто не подписал. Возьмите ссылку у знакомых людей, сверьте с ними отпечаток и откройте её, а не адрес. Страница называет такую: {link}",
                    link.id()
                )
            }
            SourceNote::Labelled { label, platform } => {
                format!("{} показывает рядом с названием метку «{label}».", of(platform))
            }
            SourceNote::Signed(signed) => trust(Language::Ru, signed),
            SourceNote::NotGenuine { fault } => {
                format!("Часть прочитанного отклонена. {}", unbelieved(Language::Ru, fault.what()))
            }
            SourceNote::Own { sentence } => sentence.clone(),
        }
    }

    fn link_keys(&self) -> &'static str {
        "В ссылке указаны ключи, которых это сообщество, насколько здесь прочитано, не называло. Более новое утаивают, или ссылку \
         изменили. Спросите того, кто её вам дал."
    }

    fn moved(&self, moved: &Move, until: Option<&str>) -> String {
        let said = match moved.kind {
            MoveKind::Moved => format!(
                "Это сообщество продолжает то, за которым вы следили: переезд подписали обе стороны.{} \
                 Прочитанное раньше остаётся на этом устройстве.",
                keys_compared(moved)
            ),
            MoveKind::OnYourWord => "Вы решили перейти сюда. Переезд подписан не обеими сторонами, поэтому никакая подпись не \
                                     показывает, что это его продолжение."
                .to_owned(),
            MoveKind::MovedOn => {
                format!("Это сообщество переехало, и переезд подписали обе стороны.{}", keys_compared(moved))
            }
            MoveKind::LeftOnYourWord => "Вы решили перейти отсюда к преемнику этого сообщества. Переезд подписан не обеими \
                                         сторонами."
                .to_owned(),
            MoveKind::Waits => format!(
                "Сообщество называет преемника, и это подписали несколько его ключей. Byway перейдёт после {}, если \
                 преемник согласен. До тех пор другие администраторы могут возразить.{}",
                until.unwrap_or("?"),
                keys_of(moved)
            ),
            MoveKind::Asked => format!(
                "Сообщество называет преемника, и для этого хватило одного ключа: ключи, о которых это устройство узнало \
                 меньше чем за неделю до переезда, не считаются. Значит, хватит и ключа, который попал в чужие руки. Переходите, только если переезд подтвердят знакомые вам люди.{}",
                keys_of(moved)
            ),
            MoveKind::Unread => "Сообщество переехало, но преемника прочитать не удалось. К адресу, который назвало \
                                 сообщество, Byway обращается только через прокси или Tor, пока вы не разрешите иное."
                .to_owned(),
            MoveKind::OneSided => {
                "Сообщество называет преемника, который не называет это сообщество. Это лишь утверждение, перехода нет."
                    .to_owned()
            }
            MoveKind::Claimed => {
                "Страница сообщает в тексте, что сообщество переехало. Это утверждение: подписи под ним нет, и к этому адресу \
                 Byway не обращался."
                    .to_owned()
            }
            MoveKind::Disputed => {
                "Сообщество переехало, но ключи одной из сторон противоречат друг другу или лишены доверия. Перехода нет."
                    .to_owned()
            }
            MoveKind::Declined => "Сообщество называет преемника, но вы решили остаться здесь.".to_owned(),
            MoveKind::Loop => "Ссылки на преемников ведут по кругу. Дальше Byway не идёт.".to_owned(),
            MoveKind::TooLong => "Сообщество переезжало чаще, чем Byway проходит за один раз.".to_owned(),
            MoveKind::Continues => {
                "Это сообщество продолжает то, которое хранится на этом устройстве: переезд подписали обе стороны.".to_owned()
            }
            MoveKind::ClaimsToContinue => "Это сообщество сообщает, что продолжает то, которое хранится на этом устройстве, \
                                           а оно этого не подтверждает. Так может сказать кто угодно."
                .to_owned(),
            MoveKind::ContinuesUnknown => "Это сообщество сообщает, что продолжает другое, о котором на этом устройстве \
                                           ничего нет. Поэтому здесь ничто этого не подтверждает."
                .to_owned(),
        };
        said + &members_compared(moved)
    }

    fn places_of_move(&self, from: &str, to: &str, at: Option<&str>) -> String {
        match at {
            Some(at) => format!("Откуда: {from}; куда: {to}; устав от {at}."),
            None => format!("Откуда: {from}; куда: {to}."),
        }
    }

    fn keys_of_move(&self, old: Option<&str>, new: Option<&str>) -> String {
        match (old, new) {
            (Some(old), Some(new)) => format!("{OLD_KEYS}: {old}; новых ключей: {new}. {REPLACED_LATELY}"),
            (Some(old), None) => format!("{OLD_KEYS}: {old}. {REPLACED_LATELY}"),
            (None, new) => format!("Отпечаток новых ключей: {}.", new.unwrap_or("?")),
        }
    }

    fn not_kept(&self, error: &StoreError) -> String {
        format!("Прочитанное не удалось сохранить. {}", self.store(error))
    }

    fn posts_read_earlier(&self) -> &'static str {
        "В ответе нет ни одной записи; те, что показаны, были прочитаны раньше."
    }

    fn age_unknown(&self) -> &'static str {
        "Время, когда прочитана копия, впереди часов этого устройства. Её давность неизвестна. Проверьте дату и время на устройстве."
    }

    fn posts_gap(&self, after: &str, before: &str) -> String {
        format!("Записи между {after} и {before} не прочитаны; каких-то из них может не хватать.")
    }
}

/// A move is judged by the keys before it, and not by those that came with it.
const OLD_KEYS: &str = "Отпечаток прежних ключей, какими это устройство знало их до переезда";
const REPLACED_LATELY: &str = "Если ключи заменили недавно, само сообщество показывает другой.";

fn listed(formats: &[WebFormat]) -> String {
    let names: Vec<&str> = formats
        .iter()
        .map(|format| match format {
            WebFormat::Atom => "лента Atom",
            WebFormat::Rss => "лента RSS",
            WebFormat::JsonFeed => "лента JSON Feed",
            WebFormat::Calendar => "календарь",
        })
        .collect();
    names.join(" и ")
}

/// A number of posts, as the object of a verb.
fn of_posts(count: u64) -> String {
    format!("{count} {}", russian_form(count, ["запись", "записи", "записей"]))
}

/// Which of the keys stayed, once those of the successor are known.
fn keys_of(moved: &Move) -> String {
    if moved.to_keys.is_some() { keys_compared(moved) } else { String::new() }
}

/// Which of the keys stayed, left and joined: how many, and which, as fingerprints that people compare.
fn keys_compared(moved: &Move) -> String {
    let Move { stayed, left, joined, stayed_keys, left_keys, joined_keys, .. } = moved;
    let words = [("остались", stayed_keys), ("ушли", left_keys), ("добавились", joined_keys)];
    let words = words.into_iter().filter(|(_, keys)| !keys.is_empty()).map(|(word, keys)| {
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        format!("{word}: {}", keys.join(", "))
    });
    let list = words.collect::<Vec<_>>().join("; ");
    let list = if list.is_empty() { list } else { format!(" ({list})") };
    format!(" Из решающих ключей остались: {stayed}, ушли: {left}, добавились: {joined}{list}.")
}

/// How many members came along, as far as both pages say.
fn members_compared(moved: &Move) -> String {
    match (moved.from_members, moved.to_members) {
        (Some(from), Some(to)) => format!(" На новой странице указано участников: {to}, на старой: {from}."),
        _ => String::new(),
    }
}
