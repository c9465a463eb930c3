//! What is said about something that a person hands on, in Russian.

use jiff::civil::Date;

use super::Russian;
use crate::sentences::phrasebook::PublisherPhrases;
use crate::sentences::publisher::{
    CardFault, CardWords, ProposedChange, PublishFault, SiteWords, StatedPart, StatedRule, UploadFault,
};

impl PublisherPhrases for Russian {
    fn too_long_for_qr(&self) -> &'static str {
        "В этой ссылке больше 331 байта: QR-код с ней телефон не прочитает."
    }

    fn publish_fault(&self, fault: PublishFault) -> &'static str {
        match fault {
            PublishFault::Absent => "В этой папке нет сообщества.",
            PublishFault::Exists => "В этой папке уже есть другое сообщество, и оно не заменено.",
            PublishFault::Newer => {
                "В той папке есть более новое от этого сообщества: возможно, туда публиковали с другого телефона. Сначала примите его; ничего не записано."
            }
            PublishFault::Foreign => {
                "Содержимое той папки не подписано нынешними ключами этого сообщества или противоречит этой папке. Ничего не записано."
            }
            PublishFault::OtherKeys => "Эти ключи не дают права на такое изменение в этом сообществе.",
            PublishFault::CopyOfOther => "В этой папке другое сообщество или копия другой страницы.",
            PublishFault::KeysReplaced => {
                "Эти ключи в сообществе уже заменили или заблокировали, так что они могут быть украденными. Назовите новый файл; ничего не записано."
            }
            PublishFault::SuccessorSame => {
                "Это ссылка самого этого сообщества. Для переезда нужна ссылка другого; ничего не записано."
            }
            PublishFault::SuccessorHomeless => {
                "В ссылке другого сообщества нет зеркала, и читатели не смогли бы его найти. Добавьте ему зеркало и возьмите ссылку, в которой оно есть; ничего не записано."
            }
            PublishFault::Refused => "Это не укладывается в пределы формата.",
            PublishFault::NoSuchItem => "Записи или события с таким именем нет.",
            PublishFault::Damaged => {
                "Подписанный файл в этой папке пропал или изменён. Восстановите папку с зеркала или из копии; ничего не записано."
            }
            PublishFault::Busy => {
                "Другая программа сейчас пишет в эту папку. Повторите, когда она закончит; ничего не записано."
            }
            PublishFault::PublicKeys => {
                "Это не строка открытых ключей админа, или в ней опечатка. Она начинается с byway-keys: и копируется целиком. Ключ, который удаляют, можно вместо этого назвать отпечатком, как он показан, если это ключ этого сообщества."
            }
            PublishFault::KeyRules => {
                "Числа ключей не сходятся: порог — от 1 до числа ключей; если подписать должны двое, то и запасных ключей нужно два; восстановление ждёт от 7 до 366 дней; и кто-то должен остаться, чтобы публиковать."
            }
            PublishFault::ProposalForm => {
                "Это не предложение для сообщества, или его изменили по дороге. Попросите прислать его ещё раз."
            }
            PublishFault::ProposalForeign => {
                "Это предложение для другого сообщества, или эти ключи в нём ничего не решают."
            }
            PublishFault::ProposalUnknown => {
                "В предложении есть часть, которой эта версия Byway не знает и не может показать. Этой версией его не подписать."
            }
            PublishFault::ProposalDate => {
                "Предложение датировано больше чем на день вперёд от часов этого устройства, или это восстановление, датированное больше чем неделей раньше. Если часы верны, попросите предложить изменение заново."
            }
            PublishFault::ProposalUncompared => {
                "До подписи предложение сравнивают с вашей собственной папкой сообщества. Сначала обновите папку: возможно, другое изменение уже в силе."
            }
            PublishFault::ProposalOutdated => {
                "С тех пор как это предложили, у сообщества появился другой устав. Предложите изменение заново."
            }
            PublishFault::ProposalAhead => {
                "Эта папка старше предложения: в ней нет устава, который оно меняет. Сначала обновите папку; если она новая, предложение для другого сообщества."
            }
            PublishFault::ProposalOvertaken => {
                "Предложение датировано больше чем днём раньше, и с тех пор опубликовано что-то ключом, который оно отнимает; оно пропало бы. Предложите изменение заново."
            }
            PublishFault::FreezeTime => {
                "Время заморозки — между основанием сообщества и нынешней минутой: с более поздним временем тем, у кого ключи, верили бы до него."
            }
            PublishFault::ProposalRival => {
                "Эти ключи уже подписали другое изменение на этом месте. Если в силу вступят оба, сообщество навсегда останется спорным."
            }
            PublishFault::TooFewSigned => "Чтобы изменение вступило в силу, его должны подписать ещё админы.",
            PublishFault::Approval => "Эта строка не одобряет это предложение, или в ней опечатка.",
            PublishFault::Frozen => {
                "Сообщество заморожено: читатели не примут ничего, что подписано сейчас, и отменить это нельзя. Основайте другое сообщество и сами передайте людям его ссылку; ничего не записано."
            }
            PublishFault::Recovery => {
                "Это восстановление, оно вступает в силу не сразу. Положите его в папки командой recover."
            }
            PublishFault::RecoveryInForce => {
                "В той папке запасные ключи заменили ключи этого сообщества, и для новых читателей время на возражение вышло. Если вы этого не хотели, корневые ключи ещё могут возразить из этой папки; ничего не записано."
            }
            PublishFault::RoutesLimits => {
                "В наборе от 1 до 32 маршрутов, в каждом не больше 2048 знаков, и кончается он позже нынешней минуты и не позже чем через 366 дней."
            }
            PublishFault::System => "Система не дала прочитать или записать файл папки или не дала случайных чисел.",
        }
    }

    fn upload_fault(&self, fault: UploadFault) -> &'static str {
        match fault {
            UploadFault::Target if !cfg!(feature = "upload-s3") => {
                "Сюда публиковать нельзя: нужен адрес папки WebDAV, начинающийся с https://."
            }
            UploadFault::Target => {
                "Сюда публиковать нельзя: нужен адрес вида s3://BUCKET/PREFIX или адрес папки WebDAV, начинающийся с https://."
            }
            UploadFault::Cleartext => {
                "По http:// все на пути видят, кто публикует и с каким паролем. Возьмите https:// или onion-адрес."
            }
            UploadFault::Login => "Логин в адресе видят другие программы. Запишите его в файл.",
            UploadFault::NoS3 => {
                "Эта программа собрана без поддержки бакетов S3. Укажите адрес папки WebDAV, начинающийся с https://, или возьмите сборку с S3."
            }
            UploadFault::CredentialsForm => {
                "В файле нет данных для входа. Для бакета нужны access_key_id и secret_access_key, для папки WebDAV — user и password."
            }
            UploadFault::CredentialsKind => {
                "Для бакета нужен ключ доступа, для папки WebDAV — логин. Таких данных для входа не дано."
            }
            UploadFault::Denied => {
                "Сервер не принимает эти данные для входа, или они не дают права читать, просматривать и записывать в этом месте."
            }
            UploadFault::NoFolder => "На сервере нет такого бакета или такой папки. Сначала создайте их.",
            UploadFault::Redirected => {
                "Сервер отправляет на другой адрес. Файлы и пароль Byway отправляет только на тот адрес, который вы указали, поэтому туда ничего не отправлено. Публикуйте сразу на тот адрес: часто он начинается с https:// или www., а у хранилища это адрес его региона."
            }
            UploadFault::Changed => {
                "В это же время туда публиковала другая программа. Записанное ею не заменено. Примите то, что там есть, и опубликуйте ещё раз."
            }
            UploadFault::Mixed => {
                "В это же время туда публиковала другая программа, и на сервере остались файлы обеих. Читатели могут чего-то не увидеть, пока вы не примете то, что там есть, и не опубликуете ещё раз. Затем пусть то же сделает другой администратор: там может не быть публикации, которая есть только в его папке."
            }
            UploadFault::Unavailable => {
                "Сервер перегружен или неисправен. Опубликуйте позже: публикация продолжится с того места, где остановилась."
            }
            UploadFault::Locked => {
                "Файл на сервере заблокировала другая программа. Опубликуйте ещё раз, когда она закончит: публикация продолжится с того места, где остановилась."
            }
            UploadFault::Full => {
                "На сервере кончилось место. Освободите его и опубликуйте ещё раз: публикация продолжится с того места, где остановилась."
            }
            UploadFault::FileLimit => {
                "Сервер не принимает файлы такого размера. Увеличьте его предел (в nginx это client_max_body_size) и опубликуйте ещё раз."
            }
            UploadFault::Clock => {
                "Сервер не принимает подписи с этим временем: вероятно, часы этого устройства идут неверно."
            }
            UploadFault::NotKept => {
                "Сервер ответил, что принял файлы, но не отдаёт их: читатели не получат опубликованного. Проверьте, сохраняет ли он загруженное."
            }
            UploadFault::TooLarge => "В папке на сервере больше данных, чем читается.",
            UploadFault::Answer => "Сервер отвечает не так, как хранилище файлов. Проверьте адрес, регион и бакет.",
        }
    }

    fn card_fault(&self, fault: CardFault) -> String {
        match fault {
            CardFault::Numbers => "В наборе от 2 до 16 карточек, и нужно из них не меньше двух.".to_owned(),
            CardFault::Mistyped(card) => {
                format!("В карточке {card} опечатка, или это не карточка. Сверьте её по буквам.")
            }
            CardFault::Mixed { card, than: None } => {
                format!("Карточка {card} из другого набора, чем остальные, или её изменили.")
            }
            CardFault::Mixed { card, than: Some(other) } => {
                format!("Карточка {card} из другого набора, чем карточка {other}, или одну из них изменили.")
            }
            CardFault::Repeated(card) => format!("Карточка {card} уже была."),
            CardFault::TooFew { needed, given } => format!("Нужно карточек: {needed}, а дано: {given}."),
            CardFault::Changed(card) => format!(
                "Карточку {card} изменили: она не подходит к остальным, а из них ключ получается. Уберите её."
            ),
            CardFault::Wrong => "Из этих карточек получается не тот ключ, который на них указан: хотя бы одну из них изменили. Добавьте ещё одну карточку набора, и Byway скажет, какая не подходит.".to_owned(),
        }
    }

    fn card_words(&self) -> &'static CardWords {
        &CARD
    }

    fn proposed_change(&self, change: ProposedChange) -> &'static str {
        match change {
            ProposedChange::Was => "было",
            ProposedChange::Name => "Название станет",
            ProposedChange::Description => "Текст о сообществе станет",
            ProposedChange::RootAdded => "Будет решать о сообществе, ключ",
            ProposedChange::RootRemoved => "Больше не решает о сообществе, ключ",
            ProposedChange::Threshold => "Сколько ключей должны подписать изменение, из всех",
            ProposedChange::RecoveryAdded => "Сможет заменить утраченные ключи после ожидания, ключ",
            ProposedChange::RecoveryRemoved => "Больше не сможет заменить утраченные ключи, ключ",
            ProposedChange::RecoveryThreshold => "Сколько запасных ключей должны подписать, из всех",
            ProposedChange::RecoveryDays => "Дней на возражение против восстановления",
            ProposedChange::RoutineAdded => "Сможет подписывать новое состояние, ключ",
            ProposedChange::RoutineRemoved => "Больше не подписывает новое состояние, ключ",
            ProposedChange::AuthorAdded => "Сможет писать от имени сообщества, ключ",
            ProposedChange::AuthorRemoved => "Больше не пишет от имени сообщества, ключ",
            ProposedChange::ModeratorAdded => "Сможет писать и удалять чужое, ключ",
            ProposedChange::ModeratorRemoved => "Больше не удаляет чужое, ключ",
            ProposedChange::AllMayPost => "Писать смогут все",
            ProposedChange::FewMayPost => "Участники больше не смогут писать",
            ProposedChange::Banned => "Запрещено писать, вместе со всем после указанного времени, ключ",
            ProposedChange::Unbanned => "Снова можно писать, ключ",
            ProposedChange::MirrorAdded => "Добавлено зеркало",
            ProposedChange::MirrorRemoved => "Убрано зеркало",
            ProposedChange::PageAdded => "Добавлен адрес",
            ProposedChange::PageRemoved => "Убран адрес",
            ProposedChange::HomesReordered => "Адреса в новом порядке",
            ProposedChange::HintAdded => "Читатели пробуют этот адрес хоста или этот резолвер",
            ProposedChange::HintRemoved => "Читатели больше не пробуют этот адрес хоста или этот резолвер",
            ProposedChange::RestrictionAdded => "Добавлена известная блокировка",
            ProposedChange::RestrictionRemoved => "Убрана известная блокировка",
            ProposedChange::OtherChange => "Изменился порядок или написание, здесь этого не видно",
            ProposedChange::RestrictionsReordered => "Известные блокировки в новом порядке",
            ProposedChange::Predecessor => "Заявляет, что продолжает сообщество",
            ProposedChange::NoPredecessor => "Больше не заявляет, что продолжает другое сообщество",
            ProposedChange::Successor => "ПЕРЕЕЗЖАЕТ в сообщество",
            ProposedChange::SuccessorHome => "Куда переедет, адрес",
            ProposedChange::NoSuccessor => "Переезд отменяется",
            ProposedChange::Copy => "Это копия страницы",
            ProposedChange::Dated => "Вступает в силу по своей дате",
            ProposedChange::DatedBack => {
                "ДАТИРОВАНО ЗАДНИМ ЧИСЛОМ: не будет считаться написанное с тех пор ключами, которые теряют право; дней назад"
            }
            ProposedChange::ValidUntil => "Действует до",
            ProposedChange::FrozenCommunity => "Заморозка для сообщества с идентификатором",
            ProposedChange::Frozen => "ЗАМОРОЗКА навсегда: читатели не станут верить ничему, подписанному после",
            ProposedChange::ByRecovery => {
                "ВОССТАНОВЛЕНИЕ: заменяет корневые ключи без них, если они не возразят; дней ожидания"
            }
            ProposedChange::MayBeRecovery => {
                "Если подпишут запасные ключи, это ВОССТАНОВЛЕНИЕ: оно вступит в силу без корневых ключей; дней ожидания"
            }
            ProposedChange::FrozenLater => "ЭТО ВРЕМЯ ЕЩЁ НЕ НАСТУПИЛО: до него читатели верят всем, у кого есть ключи",
        }
    }

    fn shown_length(&self, characters: usize) -> String {
        format!("знаков всего: {characters}")
    }

    fn items_lost(&self, items: usize, key: &str, since: &str) -> String {
        format!("НЕ БУДЕТ СЧИТАТЬСЯ опубликованное ключом {key} с {since}, сколько: {items}")
    }

    fn ends_recovery(&self, until: &str, keys: &str) -> String {
        format!("ПРЕКРАЩАЕТ восстановление, которое ждёт до {until}; его подписали ключи {keys}")
    }

    fn unfit(&self, part: StatedPart, rule: StatedRule) -> String {
        let part = match part {
            StatedPart::Text => "Текст",
            StatedPart::Name => "Название",
            StatedPart::Description => "Описание",
            StatedPart::Mirror => "Зеркало",
            StatedPart::Page => "Страница",
            StatedPart::Relay => "Ретранслятор",
            StatedPart::Ban => "Запрет публиковать",
            StatedPart::Hint => "Подсказка об адресах",
            StatedPart::Restriction => "Запись о блокировке",
            StatedPart::EventName => "Название события",
            StatedPart::Place => "Место",
            StatedPart::Start => "Начало",
            StatedPart::End => "Конец",
            StatedPart::Zone => "Часовой пояс",
            StatedPart::Picture => "Картинка",
            StatedPart::PictureText => "Описание картинки",
        };
        match rule {
            StatedRule::Empty => format!("{part}: здесь пусто."),
            StatedRule::TooLong(most) => format!("{part}: здесь больше байтов, чем {most}."),
            StatedRule::Characters => format!("{part}: здесь есть управляющие знаки."),
            StatedRule::Address => format!("{part}: это не веб-адрес вида https://example.org/."),
            StatedRule::TooMany(most) => format!("Зеркал и страниц больше, чем {most}."),
            StatedRule::More(most) => format!("{part}: таких больше, чем {most}."),
            StatedRule::BeforeStart => format!("{part}: это не позже начала."),
            StatedRule::NoZone => format!("{part}: это не название часового пояса, такое как Europe/Moscow."),
            StatedRule::OtherKind => {
                "У объявления со временем остаётся время, у объявления на дни — дни. Удалите его и объявите заново."
                    .to_owned()
            }
            StatedRule::NoPicture => {
                format!(
                    "{part}: это не неподвижная картинка JPEG, PNG или WebP. Сохраните её в одном из этих форматов или сделайте снимок экрана."
                )
            }
            StatedRule::Damaged => {
                format!("{part}: файл повреждён или обрывается. Сохраните или скопируйте её заново.")
            }
            StatedRule::Transparent => format!(
                "{part}: это WebP с прозрачностью, в нём может оставаться стёртое. Сохраните её как PNG: там стёртое удаляется."
            ),
            StatedRule::TooManyPixels(most) => {
                format!("{part}: миллионов точек больше, чем {}. Уменьшите её.", most / 1_000_000)
            }
            StatedRule::TooLongSide(most) => {
                format!("{part}: точек в ширину или в высоту больше, чем {most}. Уменьшите её.")
            }
            StatedRule::TooManyPictures(most) => format!("Картинок в сообщении больше, чем {most}."),
        }
    }

    fn publish_clock(&self, clock: &str, newest: Option<&str>) -> String {
        match newest {
            Some(newest) => format!(
                "Часы этого устройства показывают {clock}, а самое новое, что сообщило сообщество, датировано {newest}. Если часы неверны, переведите их; ничего не записано."
            ),
            None => format!("Часы этого устройства показывают {clock}. Переведите их; ничего не записано."),
        }
    }

    fn head_number(&self, key: &str) -> String {
        format!(
            "У самого нового состояния там или в этой папке невозможный номер: после него не осталось бы номеров для того, что вы опубликуете дальше. Его подписал ключ {key}, он может быть в чужих руках. Уберите этот ключ из сообщества изменением устава: тогда номера начнутся заново. Ничего не записано."
        )
    }

    fn site_words(&self) -> &'static SiteWords {
        &WORDS
    }

    fn day(&self, day: Date) -> String {
        let month =
            usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        format!("{} {month} {}", day.day(), day.year())
    }

    fn weekday_and_day(&self, day: Date) -> String {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok().and_then(|at| WEEKDAYS.get(at));
        format!("{}, {}", weekday.copied().unwrap_or_default(), self.day(day))
    }

    fn older_posts(&self, count: usize) -> String {
        format!("Более старые записи, не вошедшие в страницу: {count}.")
    }

    fn site_state(&self, day: &str) -> String {
        format!(
            "По состоянию на {day}. Сделано с помощью Byway; на странице нет скриптов, и она ничего не загружает с других сайтов."
        )
    }

    fn removed_at_the_source(&self) -> &'static str {
        "[В источнике этого больше нет; раньше оно там было прочитано.]"
    }

    fn attachments_left_out(&self, count: usize) -> String {
        format!("[Вложений в источнике, не скопированных сюда: {count}]")
    }

    fn site_copy(&self, home: &str) -> String {
        format!(
            "Это копия страницы {home}, которую сделал читатель. Саму эту страницу никто не подписал, поэтому важное сверяйте с другим источником."
        )
    }

    fn site_copy_of_signed(&self, home: &str) -> String {
        format!(
            "Это копия {home}, которую сделал читатель. Сообщество подписывает свои записи, но сама эта страница не подписана: само сообщество проверит приложение с Byway, по ссылке на него."
        )
    }

    fn site_moved(&self, day: &str, by_one_key: bool) -> String {
        let signed = if by_one_key {
            "Для этого, или для того, чтобы назвать подписавшие ключи, хватило одного ключа, поэтому приложение с Byway сначала спросит вас. Спросите и вы знакомых вам людей."
        } else {
            "Это подписали несколько ключей. Приложение с Byway перейдёт через неделю после того, как впервые это прочитает, если новое сообщество называет это; до тех пор другие администраторы могут возразить."
        };
        format!(
            "Это сообщество сообщает в подписанном уставе ({day}), что переехало. {signed} Эта страница не подписана; устав проверит приложение. Ссылка на новое сообщество — ниже."
        )
    }

    fn site_continues(&self) -> &'static str {
        "Это сообщество сообщает в подписанном уставе, что продолжает другое. Говорит ли то же само другое, проверит приложение с Byway. Ссылка на него — ниже."
    }
}

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];
const WEEKDAYS: [&str; 7] = ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"];

const WORDS: SiteWords = SiteWords {
    skip: "К записям",
    on_this_page: "На этой странице",
    events: "События",
    past_events: "Прошедшие события",
    posts: "Записи",
    no_posts: "Записей пока нет.",
    undated: "Без даты",
    pinned: "закреплено",
    edited: "изменено",
    withheld: "платформа сейчас не показывает её текст",
    post_removed: "платформа сообщает, что она удалена",
    post_deleted: "удалена автором или сообществом, за подписью",
    cancelled: "Отменено.",
    when: "Когда",
    place: "Где",
    organiser: "Организатор",
    address: "Страница",
    see_also: "Также",
    members: "Участники",
    feed: "Лента (Atom)",
    calendar: "Календарь (iCalendar)",
    the_community: "Сообщество",
    states: "сообщает",
    moved_to: "Сообщает, что переехало на",
    came_from: "Сообщает, что пришло с",
    claim: "это утверждение, его никто не подписал",
    in_charter: "в подписанном уставе",
    moved: "Сообщество переехало",
    when_read: "Что обнаружено при чтении",
    photo: "Фото",
    video: "Видео",
    document: "Файл",
    web_link: "Ссылка",
    audio: "Аудио",
    poll: "Опрос",
    event: "Событие",
    other: "Вложение",
    link: "Сохраните это сообщество у себя",
    link_use: "Откройте эту ссылку в приложении с Byway или отсканируйте код. Приложение сможет проверить, что прочитанное подписано этим сообществом, и найти его по другим адресам.",
};

const CARD: CardWords = CardWords {
    title: "Часть ключа",
    what: "Любые карточки этого набора в числе {needed} из {of} восстанавливают ключ. Меньшее их число не говорит о нём ничего.",
    set: "Набор",
    keys: "Отпечаток ключа",
    steps: &[
        "Храните каждую карточку набора у другого человека или в другом месте. Не фотографируйте её и не держите копию в телефоне.",
        "Чтобы воспользоваться, соберите карточки ({needed}) у устройства, которому доверяете. Лучше без сети.",
        "Byway сделает из них файл ключей (restore): наберите буквы из рамки, карточку за карточкой. Пробелы и размер букв не важны.",
        "Сверьте отпечаток выше с тем, который покажет программа.",
        "Если карточка пропала или её видели, замените ключ в сообществе и сделайте новые карточки. Старые остаются годны для старого ключа.",
    ],
};
