//! Why a part of a signed community is not believed, in Russian.

use jiff::Timestamp;

use super::Russian;
use crate::community::{MirrorState, TrustReason, TrustState};
use crate::sentences::phrasebook::SignedPhrases;
use crate::signed::{
    ChainError, CharterError, EnvelopeError, EventError, FileError, FreezeError, HeadError, Unbelieved,
};

impl SignedPhrases for Russian {
    fn unbelieved(&self, what: Unbelieved) -> String {
        match what {
            Unbelieved::Envelope(error) => envelope(error),
            Unbelieved::Charter(error) | Unbelieved::Chain(ChainError::Charter(error)) => charter(error),
            Unbelieved::Chain(error) => chain(error),
            Unbelieved::Head(error) => head(error),
            Unbelieved::Freeze(error) => freeze(error),
            Unbelieved::Event(error) => event(error),
            Unbelieved::File(error) => file(error),
        }
        .to_owned()
    }

    fn trust_state(&self, state: TrustState, copied_by: Option<&str>) -> String {
        match (state, copied_by) {
            (TrustState::Verified, _) => "Подписано сообществом.".to_owned(),
            (TrustState::Stale, _) => "Подписано сообществом, но что-то более новое могли скрыть.".to_owned(),
            (TrustState::Disputed, _) => {
                "Ключи сообщества противоречат друг другу. Прочитанное раньше остаётся, новому приложение само не следует."
                    .to_owned()
            }
            (TrustState::Claimed, _) => "Кто-то утверждает, что это то самое сообщество; подписи нет.".to_owned(),
            (TrustState::Copied, Some(by)) => {
                format!("Копия страницы сообщества. Её сделал и подписал «{by}», а не сообщество.")
            }
            (TrustState::Copied, None) => "Копия страницы сообщества, самим сообществом не подписанная.".to_owned(),
            (TrustState::Unsigned, _) => "Прочитано на странице, где ничего не подписывают.".to_owned(),
        }
    }

    fn trust_frozen(&self) -> String {
        "Сообщество заранее подписало, что его ключам больше нельзя доверять. Прочитанное раньше остаётся.".to_owned()
    }

    fn mirror_state(&self, state: MirrorState) -> &'static str {
        match state {
            MirrorState::Current => "Здесь новейшее состояние из тех, что удалось увидеть.",
            MirrorState::Behind => {
                "Здесь состояние старее, чем по другому адресу: его ещё не обновили, или новое отсюда скрывают."
            }
            MirrorState::RolledBack => "Отсюда пришло более старое состояние, чем приходило раньше.",
            MirrorState::Withholds => "Отсюда приходит не всё, что названо в новейшей сводке сообщества.",
            MirrorState::Incomplete => {
                "Отсюда пришла новейшая сводка сообщества, но не все файлы, которые в ней названы."
            }
            MirrorState::Redirects => "Отсюда отправляют на другой сайт. Туда не перешли.",
            MirrorState::Tampered => "Отсюда пришло то, чего сообщество не подписывало. Это не принято.",
            MirrorState::Contradicts => {
                "Отсюда пришёл подписанный документ, который противоречит другому подписанному."
            }
            MirrorState::Gone => "Сервер отвечает, что файлов сообщества у него нет.",
            MirrorState::Failing => "Сервер ответил ошибкой.",
            MirrorState::Unvouched => {
                "От его имени пришёл незашифрованный ответ, который ничего не доказывает. Его мог написать любой на пути."
            }
            MirrorState::Unreached => "С этого адреса не пришло ответа, который можно использовать.",
            MirrorState::Slow => "Когда другие уже ответили, ответа отсюда ещё не было, и его не ждали.",
            MirrorState::NotAsked => {
                "К этому адресу не обращались: его назвало только само сообщество, поэтому напрямую туда не обращаются, а других \
                 разрешённых способов нет."
            }
            MirrorState::Untried => "К этому адресу не обращались: ответили другие.",
        }
    }

    fn trust_reason(&self, reason: &TrustReason) -> String {
        match reason {
            TrustReason::TwoCharters { version } => format!("Подписаны два разных устава с номером {version}."),
            TrustReason::TwoHeads { sequence } => format!("Подписаны две разные сводки с номером {sequence}."),
            TrustReason::Frozen { after } => {
                format!("Сообщество заявляет: ничему, что подписано после {}, доверять нельзя.", minute(*after))
            }
            TrustReason::Recovering { until } => {
                format!("Утраченные ключи заменяют; до {} другие ключи могут возразить.", day(*until))
            }
            TrustReason::CharterExpired { at } => format!("Срок устава истёк {}.", day(*at)),
            TrustReason::HeadExpired { at } => format!("Срок сводки о новейшем состоянии истёк {}.", day(*at)),
            TrustReason::FilesUnread => {
                "Прочитаны не все файлы новейшей сводки: записей, изменений и отмен может не хватать.".to_owned()
            }
            TrustReason::NoHead => "О новейшем состоянии ничего не сказано.".to_owned(),
            TrustReason::ClockBehind { newest } => {
                let day = day(*newest);
                format!(
                    "Часы устройства показывают неверное время, или новейшая сводка сообщества, от {day}, датирована будущим."
                )
            }
        }
    }
}

fn envelope(error: EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::TooLarge => "Документ больше, чем допускает этот формат.",
        EnvelopeError::Form => "Это не подписанный документ.",
        EnvelopeError::Kind => "Это подписанный документ другого вида.",
        EnvelopeError::Base64 => "Часть подписанного документа записана не в base64.",
        EnvelopeError::SignatureCount => "У документа нет подписи, или подписей слишком много.",
        EnvelopeError::Key => "У одной из подписей не указан ключ.",
        EnvelopeError::SignatureLength => "Длина подписи не равна 64 байтам.",
        EnvelopeError::RepeatedSigner => "Один ключ подписал документ дважды.",
    }
}

fn charter(error: CharterError) -> &'static str {
    match error {
        CharterError::Form => "Подписанный документ — не устав.",
        CharterError::Format => "Устав записан в более новом формате; его прочтёт новая версия программы.",
        CharterError::TooLarge => "Устав больше, чем допускает формат.",
        CharterError::Version => "Номер устава не согласуется со ссылкой на предыдущий устав.",
        CharterError::Text => "Названия или описания в уставе нет, оно слишком длинное или содержит управляющие знаки.",
        CharterError::Times => "Таких сроков у устава быть не может.",
        CharterError::Threshold => "Корневые ключи устава не согласуются с нужным числом подписей.",
        CharterError::Keys => "Список ключей в уставе пуст, слишком длинный, или какой-то ключ указан дважды.",
        CharterError::Recovery => {
            "Ключи восстановления в уставе слабее корневых, или срок ожидания у них слишком короткий или слишком длинный."
        }
        CharterError::Homes => "Одна из площадок в уставе указана не адресом, или площадок слишком много.",
        CharterError::Hints => "Одна из подсказок в уставе указана не адресом, или подсказок слишком много.",
        CharterError::Restrictions => {
            "Запись о блокировке в уставе пуста или слишком длинна, или записей слишком много."
        }
        CharterError::Successor => "Площадка преемника в уставе указана не адресом, или площадок слишком много.",
        CharterError::Copy => "В уставе копии не сказано, что скопировано и кем.",
    }
}

fn chain(error: ChainError) -> &'static str {
    match error {
        ChainError::Charter(error) => charter(error),
        ChainError::OtherCommunity => "Это устав другого сообщества.",
        ChainError::Gap => "Не хватает устава, который идёт перед этим.",
        ChainError::OtherPrevious => "Этот устав продолжает не тот, который идёт перед ним.",
        ChainError::Unsigned => "Устав подписало слишком мало его собственных ключей.",
        ChainError::NotApproved => "Устав подписало слишком мало ключей, которые решают о следующем уставе.",
        ChainError::IssuedEarlier => "Время в уставе более раннее, чем в предыдущем.",
        ChainError::CopyChanged => "Устав скрывает, что он от копии, или впервые это утверждает.",
        ChainError::TooLong => "Цепочка уставов длиннее, чем принимает читатель.",
        ChainError::RecoveryVoid => "Корневые ключи подписали другой устав, поэтому восстановление не действует.",
        ChainError::Frozen => "Этот устав идёт после того, чему заморозка сообщества ещё доверяет.",
        ChainError::Disputed => "Подписаны два разных устава с одним номером.",
    }
}

fn head(error: HeadError) -> &'static str {
    match error {
        HeadError::Form => "Подписанный документ — не сводка.",
        HeadError::Format => "Сводка записана в более новом формате; её прочтёт новая версия программы.",
        HeadError::Sequence => "Такого номера у сводки быть не может.",
        HeadError::Times => "Таких сроков у сводки быть не может.",
        HeadError::Files => "У файла в сводке неверное имя, он слишком большой, или файлов слишком много.",
        HeadError::OtherCommunity => "Это сводка другого сообщества.",
        HeadError::UnknownCharter => "В сводке указан устав, который здесь не действует.",
        HeadError::OtherCharter => "В сводке указан не тот устав, у которого этот номер.",
        HeadError::Unsigned => "Сводку не подписал ни один ключ, которому это разрешено.",
        HeadError::Frozen => "Сводка подписана позже времени, до которого заморозка сообщества ещё доверяет подписям.",
        HeadError::Rollback => "Сводка старее той, которая уже была прочитана.",
        HeadError::Disputed => "Подписаны две разные сводки с одним номером.",
    }
}

fn freeze(error: FreezeError) -> &'static str {
    match error {
        FreezeError::Form => "Подписанный документ — не заморозка.",
        FreezeError::OtherCommunity => "Это заморозка другого сообщества.",
        FreezeError::UnknownCharter => "В заморозке указан устав, который здесь не действует.",
        FreezeError::Unsigned => "Заморозку подписало слишком мало ключей устава.",
    }
}

fn event(error: EventError) -> &'static str {
    match error {
        EventError::TooLong => "Запись длиннее, чем допускает формат.",
        EventError::Form => "Запись — не подписанное событие.",
        EventError::Kind => "Записей такого вида сообщества не публикуют.",
        EventError::Time => "Такого времени у записи быть не может.",
        EventError::Tags => "У записи слишком много меток, или метка пуста или слишком длинна.",
        EventError::Text => "В записи есть управляющие знаки.",
        EventError::Identifier => "У записи, которую можно заменить, нет пригодного имени.",
        EventError::Id => "Номер записи не соответствует её содержанию.",
        EventError::Signature => "Запись не подписана её автором.",
        EventError::OtherCommunity => "В записи не указано это сообщество.",
        EventError::NotAllowed => "Автору записи нельзя публиковать её в этом сообществе.",
        EventError::Banned => "Автор записи исключён из этого сообщества.",
        EventError::Future => "Запись датирована будущим.",
        EventError::Frozen => "Запись сделана позже времени, после которого сообщество ничему не доверяет.",
        EventError::Duplicate => "Эта запись встречается дважды.",
    }
}

fn file(error: FileError) -> &'static str {
    match error {
        FileError::TooLong => "Файл длиннее, чем сказано в сводке сообщества.",
        FileError::TooShort => "Файл короче, чем сказано в сводке сообщества.",
        FileError::Digest => "Содержание файла не то, о котором сказано в сводке сообщества.",
        FileError::Line => "Строка файла слишком длинна, или последняя не закончена.",
        FileError::TooManyEvents => "В файле больше записей, чем допускает формат.",
        FileError::Absent => "Зеркало не отдаёт файл, который назван в сводке сообщества.",
        FileError::Elsewhere => "За файлом зеркало отправляет на другой сайт, а туда программа не обращается.",
    }
}

/// The time, in UTC: a freeze divides the posts of its day.
fn minute(at: Timestamp) -> String {
    at.strftime("%d.%m.%Y %H:%M UTC").to_string()
}

/// The day, in UTC.
fn day(at: Timestamp) -> String {
    at.strftime("%d.%m.%Y").to_string()
}
