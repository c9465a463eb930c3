//! The headings and labels of the output for people. Sentences come from the library.

use std::time::Duration;

use byway::Language;
use byway::community::{AdviceKind, CommunityState, EventStatus, Field, Post, PostState};

#[macro_use]
mod label;
mod admin;
mod demo;

pub(crate) use admin::*;
pub(crate) use demo::*;
pub(crate) use label::Label;

words! {
    MEMBER: "member", "участник";
    MEMBERS_FEW: "members", "участника";
    MEMBERS: "members", "участников";
    READ: "read", "прочитано";
    NOTHING_FOUND: "Nothing found on this device.", "В сохранённом таких слов нет.";
    NOTHING_TO_COME: "No upcoming events on this device.", "Сохранённых предстоящих событий нет.";
    MORE_OF_THIS: "More: repeat the command with", "Дальше: повторите команду с";
    IN_COMMUNITY: "in", "в";
    NO_MOMENT: "this is not a time; write it like 2016-11-19, 2016-11-19T12:00 or 2016-11-19T12:00:00+07:00",
        "это не время; пишут так: 2016-11-19, 2016-11-19T12:00 или 2016-11-19T12:00:00+07:00";
    RESTRICTIONS: "Restrictions", "Ограничения";
    STATES: "states", "сообщает";
    ROW_SKIPPED: "skipped row", "пропущена строка:";
    VK: "VK", "ВКонтакте";
    THE_COMMUNITY: "The community", "Сообщество";
    THE_REFUSAL: "The refusal (HTTP 451)", "Отказ (HTTP 451)";
    LINK_OF_BLOCKER: "Its link to the blocking party:", "Ссылка в нём на того, кто блокирует:";
    CANNOT_READ: "cannot read", "не удаётся прочитать";
    CANNOT_WRITE: "cannot write", "не удаётся записать";
    CANNOT_REMOVE: "cannot remove", "не удаётся удалить";
    CANNOT_WIPE: "cannot wipe", "не удаётся уничтожить";
    CANNOT_USE: "cannot use", "не удаётся открыть";
    CANNOT_USE_FILE: "cannot use", "не удаётся использовать";
    NO_FILE: "there is no such file", "такого файла нет";
    NOT_PERMITTED: "that is not permitted", "нет прав";
    NO_DIRECTORY: "it is not a directory", "это не папка";
    DISK_READ_ONLY: "the disk is read-only", "диск открыт только для чтения";
    DISK_FULL: "the disk is full", "на диске нет места";
    A_DIRECTORY: "it is a directory", "это папка";
    SYSTEM_ERROR: "the system reports an error", "система сообщает об ошибке";
    NOTHING_CAME: "it is a pipe or a device, and nothing came through it in time",
        "это канал или устройство, и через него вовремя ничего не пришло";
    TOO_LARGE: "it is larger than the limit, in bytes:", "файл больше допустимого, в байтах:";
    NO_UTF8: "it is not UTF-8 text", "это не текст в UTF-8";
    NO_STRATEGIES: "it holds no strategy", "в нём нет ни одного пути";
    NOT_ALL_STRATEGIES: "not every line is a strategy", "не каждая строка — путь";
    SAME_AS_LINE: "the same as line", "то же, что в строке";
    LINE_NUMBER: "line", "строка";
    NO_TOKEN_IN: "it holds no VK token: a token is one word of ASCII characters",
        "в нём нет ключа ВКонтакте: ключ — это одно слово из знаков ASCII";
    HINT_NO_TOKEN: "A service token belongs to an app and does not say who reads. Create an app at id.vk.com (it is free), copy \
        the service token from its settings into a file, and pass --vk-token-file FILE --vk-token-of app; or put it into the \
        variable BYWAY_VK_TOKEN.",
        "Сервисный ключ принадлежит приложению и не сообщает, кто читает. Создайте приложение на id.vk.com (это бесплатно), \
        скопируйте сервисный ключ из его настроек в файл и укажите --vk-token-file ФАЙЛ --vk-token-of app; можно и через \
        переменную BYWAY_VK_TOKEN.";
    HINT_TOKEN_NAMES_READER: "With --vk-token-of app this program takes the token for that of an app.",
        "С --vk-token-of app программа считает, что это ключ приложения.";
    HINT_KIND: "byway get fetches any page.", "Любую страницу прочитает byway get.";
    TOKEN_EMPTY: "it is empty; it should hold a VK token", "пусто, а должен быть ключ ВКонтакте";
    NO_COUNTRY: "this is not a country code; write it like ru or de", "это не код страны; пишите, например, ru или de";
    NO_TIME: "this is not a duration; write it like 20, 20s or 500ms", "это не длительность; пишите, например, 20, 20s или 500ms";
    TIME_BOUNDS: "the time must lie between 1ms and one hour", "время должно быть от 1ms до одного часа";
    ACCESS_ADVICE: "How it asks to be read", "Как просят читать";
    SUCCESSOR: "Says it moved to", "Сообщает, что переехало на";
    PREDECESSOR: "Says it came from", "Сообщает, что пришло с";
    VERIFIED: "verified, says", "подтверждено, сообщает";
    IN_CHARTER: "in its signed charter", "в подписанном уставе";
    CLAIM: "a claim, not followed", "это утверждение, Byway туда не переходит";
    NOT_SET: "this variable is not set", "эта переменная не задана";
    POSTS: "Posts", "Записи";
    NO_POSTS: "No posts.", "Записей нет.";
    PINNED: "pinned", "закреплено";
    EDITED: "edited", "изменено";
    REPOST: "repost", "репост";
    UNDATED: "no date", "без даты";
    ALL_DAY: "all day", "весь день";
    EVENTS: "Events", "События";
    ORGANISER: "organised by", "проводит";
    GOING: "going", "собираются";
    HOW: "How it was reached", "Как прочитано";
    HOW_TRIED: "What was tried", "Что испробовано";
    NOTES: "Notes", "Примечания";
    PHOTO: "photo", "фото";
    VIDEO: "video", "видео";
    DOCUMENT: "file", "файл";
    LINK: "link", "ссылка";
    AUDIO: "audio", "аудио";
    POLL: "poll", "опрос";
    EVENT: "event", "событие";
    OTHER: "attachment", "вложение";
    IN_NAME: "in its name", "в названии";
    IN_STATUS: "in its status", "в статусе";
    IN_DESCRIPTION: "in its description", "в описании";
    IN_LINKS: "among its links", "среди ссылок";
    IN_PINNED: "in the pinned post", "в закреплённой записи";
    IN_ELSEWHERE: "elsewhere", "в другом месте";
    BY_TOR: "through Tor", "через Tor";
    BY_PROXY: "through a proxy", "через прокси";
    BY_VPN: "through a VPN", "через VPN";
    ENDED: "over", "прошло";
    CANCELLED: "cancelled", "отменено";
    REMOVED: "taken out where it was announced, or no longer readable there", "убрано там, где было объявлено, или больше там не читается";
    UNCERTAIN: "whether it takes place is not certain", "состоится ли, точно не известно";
    SEEN: "seen", "замечено";
    WITHHELD: "the platform does not show its text now", "платформа сейчас не показывает её текст";
    POST_REMOVED: "the platform states that it was deleted", "платформа сообщает, что она удалена";
    POST_DELETED: "deleted by its author or by the community, with a signature", "удалена автором или сообществом, за подписью";
    MENTIONS_CANCELLATION: "the text mentions a cancellation; ask the organisers",
        "в тексте говорится об отмене; уточните у тех, кто проводит";
    GONE: "the platform states that it is gone", "платформа сообщает, что его больше нет";
    MOVED: "moved", "переехало";
    READING: "Reading", "Читаю";
    ASKING: "Trying every route to", "Проверяю все пути к";
    LOSERS: "Waiting for the other routes", "Жду ответа по остальным путям";
    OF_ORDER: "No.", "№";
    PASSPHRASE: "Passphrase: ", "Парольная фраза: ";
    PASSPHRASE_NEW: "A new store. Choose a passphrase, it cannot be recovered: ",
        "Новое хранилище. Придумайте парольную фразу; восстановить её нельзя: ";
    PASSPHRASE_AGAIN: "The same again: ", "Ещё раз её же: ";
    PASSPHRASE_WRONG: "this is not the passphrase of the store", "это не та парольная фраза, которой запечатано хранилище";
    PASSPHRASES_DIFFER: "the two passphrases differ; nothing was made", "фразы не совпадают; ничего не создано";
    PASSPHRASE_EMPTY: "no passphrase in the first line", "в первой строке нет парольной фразы";
    PASSPHRASE_UNREAD: "no passphrase was typed on the terminal; --passphrase-file takes one from a file",
        "парольная фраза не введена; из файла её берёт --passphrase-file";
    PASSPHRASE_NO_TERMINAL: "a passphrase is needed, but there is no terminal to type it on; use --passphrase-file or --key-file",
        "нужна парольная фраза, но ввести её негде: терминала нет; укажите --passphrase-file или --key-file";
    PASSPHRASE_OF_KEYS_NO_TERMINAL: "a passphrase is needed, but there is no terminal to type it on; use --passphrase-file",
        "нужна парольная фраза, но ввести её негде: терминала нет; укажите --passphrase-file";
    KEY_OPEN_TO_OTHERS: "others on this device may read this key file; make it yours alone (chmod 600)",
        "этот файл с ключом могут читать другие на этом устройстве; оставьте его только себе (chmod 600)";
    A_LINK: "it is a link, and a link is not followed", "это ссылка, а по ссылкам Byway не переходит";
    NO_PLAIN_FILE: "it is a link, a device or a pipe, and not a plain file; it is left as it is",
        "это ссылка, устройство или канал, а не обычный файл; он оставлен как есть";
    NO_HINT: "it is not HOST=IP or HOST=IP,IP", "это не ХОСТ=IP и не ХОСТ=IP,IP";
    NO_SUCCESSOR: "no successor is named by", "преемника не называет";
    STORE_SERVED: "this is the folder of a signed community, and everyone can fetch its files; keep the store in another folder",
        "это папка подписанного сообщества, и её файлы может скачать каждый; храните прочитанное в другой папке";
    NO_FOLDER: "there is no such folder", "такой папки нет";
    PASSPHRASE_OF_NEW_KEYS: "New keys for the community. Choose a passphrase for them, it cannot be recovered: ",
        "Новые ключи сообщества. Придумайте для них парольную фразу; восстановить её нельзя: ";
    ANOTHER_FILE: "there is a file of another kind already, and it is left as it is; name another file, or remove this one first",
        "здесь уже есть файл другого рода, и он оставлен как есть; укажите другое имя или сначала удалите этот файл";
    UNWRITTEN: "the result could not be written to the end", "результат не удалось записать до конца";
    SAY_WHAT: "say what to do:", "укажите команду:";
    SAY_WHAT_TO_EXPORT: "say what to export: `--ics` (events), `--site DIR` (a web site of one community) or `--opml` (the list of communities)",
        "укажите, что вывести: `--ics` (события), `--site DIR` (сайт одного сообщества) или `--opml` (список сообществ)";
    OR: "or", "или";
    GET_COMMUNITY: "this is the link of a community, and no page: `byway open LINK` reads it, `byway probe LINK` says what is blocked",
        "это ссылка на сообщество, а не страница: `byway open ССЫЛКА` читает его, `byway probe ССЫЛКА` показывает, что заблокировано";
    NO_QUERY: "the query is empty; name a word to look for", "запрос пуст; укажите слово, которое нужно найти";
    SAY_OPEN: "say what to do with it: `byway open LINK` reads a community, `byway get URL` a page, `byway probe URL` says what is blocked",
        "укажите, что с этим сделать: `byway open ССЫЛКА` читает сообщество, `byway get URL` — страницу, `byway probe URL` показывает, что заблокировано";
    HELP_TELLS_MORE: "byway --help tells more", "подробнее, по-английски: byway --help";
    NO_RUNTIME: "the system does not let a runtime start", "система не даёт программе запуститься";
    NO_RANDOMNESS: "the system has no randomness", "система не даёт случайных чисел";
    NO_ANSWER: "the answer could not be read", "ответ не удалось прочитать";
    GUARDS_FORGOTTEN: "Each start of `tor:` chooses other relays that see your address, unless a folder keeps them: --tor-dir DIR.",
        "При каждом запуске `tor:` выбирает другие узлы, которые видят ваш адрес. Чтобы они оставались прежними, укажите папку: --tor-dir ПАПКА.";
    TOR_DIR_TWICE: "the guards are kept in the folder of --data-dir; leave --tor-dir out",
        "входные узлы хранятся в папке из --data-dir; уберите --tor-dir";
    NO_STORE: "there is no store here", "хранилища здесь нет";
    WHERE_KEPT: "name the directory where it is kept: --data-dir DIR", "укажите, где это хранится: --data-dir ПАПКА";
    WIPE_NO_TERMINAL: "wipe asks first, but there is no terminal to answer on; pass --yes if you mean it",
        "wipe сначала спрашивает, а ответить негде: терминала нет; если уверены, укажите --yes";
    NOT_KEPT: "nothing on this device about", "в хранилище ничего нет о";
    WIPE: "Everything that is kept here will be destroyed and cannot be brought back:",
        "Всё, что здесь хранится, будет уничтожено без возврата:";
    WIPE_ASK: "Type yes to go on: ", "Чтобы продолжить, введите yes: ";
    WIPED: "Destroyed: the key first, then the files.", "Уничтожено: сначала ключ, затем файлы.";
    WIPED_IN_USE: "another process uses it; the keys are destroyed, so nothing here can be read once that process has ended; end it, and wipe again to remove the files", "этой папкой пользуется другой процесс; ключи уничтожены, и когда он завершится, прочитать здесь ничего не удастся; завершите его и повторите команду, чтобы удалить файлы";
    KEY_NOT_DESTROYED: "this is not a key file, and stays as it is; the store was destroyed", "это не файл ключа, он остался как был; хранилище уничтожено";
    WIPE_NOT: "Nothing was changed.", "Ничего не изменено.";
    NOTHING_KEPT: "Nothing is kept here yet.", "Здесь пока ничего не сохранено.";
    KEPT: "From this device", "Из хранилища на этом устройстве";
    JUST_NOW: "just now", "только что";
    CARRIED: "Taken in from this file or folder. Its newest statement is of", "Принято из этого файла или папки. Новейшая сводка в нём — от";
    AHEAD_OF_CLOCK: "at a time that is ahead of this device's clock, so its age is not known", "во время, которое впереди часов этого устройства, поэтому давность неизвестна";
    NO_OLDER: "No older ones on this device.", "Более старых в хранилище нет.";
    MORE_POSTS: "Older posts:", "Более старые записи:";
    MORE_EVENTS: "Earlier events:", "Более ранние события:";
    ODD_LINKS: "entries without a usable link left out:", "пропущено записей без пригодной ссылки:";
    LIST_CUT: "the list has more than was read: it is too long, or breaks off", "список прочитан не весь: он слишком длинный или обрывается";
    UNDATED_LEFT_OUT: "without a date left out:", "пропущено без даты:";
    HOMES: "Also at", "Также";
    MIRRORS: "Addresses of the community", "Адреса сообщества";
    MIRRORS_NOT_CURRENT: "addresses that are not up to date or not reached:", "адреса, которые не обновлены или недоступны:";
    PREVIEW_BESIDE: "Beside it, another address of the community:", "Одновременно другой адрес сообщества:";
    PREVIEW_SUCCESSOR: "The community moved; afterwards an address of its successor:", "Сообщество переехало; затем адрес преемника:";
    PREVIEW_NOT_BESIDE: "It would not be contacted: only the community names it, and no permitted strategy leads there.",
        "К нему не обратятся: его называет только само сообщество, а разрешённых способов дойти туда нет.";
    STAYS: "Byway stays at this community and does not follow it to its successor, whatever address that has.",
        "Byway остаётся в этом сообществе и не переходит к преемнику, какой бы адрес у него ни был.";
    ANSWER_WITH: "To answer about this successor, repeat the command with one of these, and with the same options:",
        "Чтобы ответить об этом преемнике, повторите команду так, с теми же параметрами:";
    ONLY_NAMED: "Only the community names this address, so it is not contacted directly. To look at it first, repeat the command with a \
                 proxy or Tor (--strategy).",
        "Этот адрес назвало только сообщество, поэтому напрямую Byway к нему не обращается. Чтобы сначала посмотреть, повторите команду с \
         прокси или Tor (--strategy).";
    NOT_FOLLOWED: "Not followed: only the community names this address, so it is not contacted directly. Repeat the command with a proxy or \
        Tor (--strategy), or open the link yourself first:",
        "Переход не сделан: этот адрес назвало только сообщество, поэтому напрямую Byway к нему не обращается. Повторите команду с \
        прокси или Tor (--strategy) или сначала откройте ссылку сами:";
    NO_SUCCESSOR_LINK: "this is not the link of a successor; byway follow without --yes and --stay prints it",
        "это не ссылка на преемника; её печатает byway follow без --yes и --stay";
    NOTHING_TO_DECIDE: "This community names no successor, so there is nothing to decide.",
        "Это сообщество не называет преемника, решать нечего.";
    SYNCING: "Reading what is new", "Читаю новое";
    SYNC_ONE_DIRECT: "byway sync does not take this for all communities at once; read one with byway open LINK --allow-direct",
        "byway sync не включает это для всех сообществ сразу; одно читает byway open ССЫЛКА --allow-direct";
    SYNC_NOTHING: "nothing new", "ничего нового";
    SYNC_COMMUNITY: "what it says of itself changed", "изменились сведения о нём";
    SYNC_SUCCESSOR: "it names a successor:", "назван преемник:";
    SYNC_POSTS_NEW: "new posts:", "новых записей:";
    SYNC_POSTS_CHANGED: "changed posts:", "изменённых записей:";
    SYNC_POSTS_REMOVED: "deleted posts:", "удалённых записей:";
    SYNC_EVENTS_NEW: "new events:", "новых событий:";
    SYNC_EVENTS_CHANGED: "changed events:", "изменённых событий:";
    SYNC_EVENTS_REMOVED: "events that were taken out:", "убранных событий:";
    SYNC_LEFT: "The time or the bytes of this sync were used up before it was read to its end. The next sync begins with it.",
        "Время или объём исчерпаны раньше, чем удалось дочитать. Следующий раз начнётся с этого сообщества.";
    SYNC_NOT_YET: "Nothing was sent: the site asks not to be asked again before", "Ничего не отправлено: сайт просит не обращаться к нему до";
    SYNC_FAILED: "Not read.", "Не прочитано.";
    SYNC_READ: "communities read:", "прочитано сообществ:";
    SYNC_OF: "of", "из";
    SYNC_BYTES: "bytes:", "байт:";
    NO_SIZE: "this is not a number of bytes from 1 on; write it like 500k or 20M", "это не число байт от 1; пишут так: 500k или 20M";

    NO_DIRECT: "Direct routes are no longer tried by default (--allow-direct allows them).",
        "Прямой путь Byway сам больше не пробует (разрешить: --allow-direct).";
    EXPOSURE_KEPT: "From now on it is read with at least this exposure:",
        "Теперь сообщество читается в режиме не слабее:";
    PREVIEW_HOSTS: "Hosts that would be contacted", "К кому обратились бы";
    PREVIEW_KEPT: "It is kept on this device.", "Есть в хранилище на этом устройстве.";
    PREVIEW_EXPOSURE: "Exposure", "Режим";
    PREVIEW_NOTHING: "Nothing would be sent:", "Ничего не было бы отправлено:";
    PREVIEW_AVOIDS: "A known restriction or the community's own advice speaks against direct routes, so none is tried.",
        "Известное ограничение или просьба самого сообщества против прямого пути: сам Byway его не пробует.";
    PREVIEW_FIRST: "First", "Сначала";
    PREVIEW_THEN: "Then, if that fails or is slow,", "Затем, если не удалось или слишком медленно,";
    PREVIEW_END: "Nothing was sent.", "Ничего не отправлено.";

    TIMES_IN: "Times:", "Время:";
    THERE: "there", "там";
}

/// The word for this number of members: Russian has three forms.
pub(crate) fn members(language: Language, count: u64) -> &'static str {
    let word = match language {
        Language::Ru => russian_form(count, [MEMBER, MEMBERS_FEW, MEMBERS]),
        _ if count == 1 => MEMBER,
        _ => MEMBERS,
    };
    word.in_(language)
}

/// How many more of the same there are.
pub(crate) fn more(language: Language, count: usize) -> String {
    match language {
        Language::Ru => format!("ещё {count}"),
        _ => format!("{count} more"),
    }
}

/// How many posts and events are new.
pub(crate) fn new_items(language: Language, count: u64) -> String {
    match language {
        Language::Ru => format!("новых: {count}"),
        _ => format!("{count} new"),
    }
}

/// How long ago something was: the largest unit that fits, as people say it.
pub(crate) fn ago(language: Language, age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let (count, forms) = match minutes {
        0 => return JUST_NOW.in_(language).to_owned(),
        1..60 => (minutes, ["minute", "minutes", "минуту", "минуты", "минут"]),
        60..1440 => (minutes / 60, ["hour", "hours", "час", "часа", "часов"]),
        _ => (minutes / 1440, ["day", "days", "день", "дня", "дней"]),
    };
    let [one, many, ru_one, ru_few, ru_many] = forms;
    match language {
        Language::Ru => format!("{count} {} назад", russian_form(count, [ru_one, ru_few, ru_many])),
        _ => format!("{count} {} ago", if count == 1 { one } else { many }),
    }
}

/// How long ago a reading was, if that is known. A clock that was set back would make every copy fresh.
pub(crate) fn since(language: Language, age: Option<Duration>) -> String {
    age.map_or_else(|| AHEAD_OF_CLOCK.in_(language).to_owned(), |age| ago(language, age))
}

/// Russian counts in three forms.
fn russian_form<T>(count: u64, [one, few, many]: [T; 3]) -> T {
    match (count % 10, count % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// Where something was found.
pub(crate) fn field(field: Field) -> Label {
    match field {
        Field::Name => IN_NAME,
        Field::Status => IN_STATUS,
        Field::Description => IN_DESCRIPTION,
        Field::Links => IN_LINKS,
        Field::PinnedPost => IN_PINNED,
        _ => IN_ELSEWHERE,
    }
}

/// How a community asks to be read.
pub(crate) fn advice(kind: AdviceKind) -> Label {
    match kind {
        AdviceKind::Proxy => BY_PROXY,
        AdviceKind::Vpn => BY_VPN,
        _ => BY_TOR,
    }
}

/// Why a gathering may not take place.
pub(crate) fn event_status(status: EventStatus) -> Option<Label> {
    match status {
        EventStatus::Ended => Some(ENDED),
        EventStatus::Cancelled => Some(CANCELLED),
        EventStatus::Removed => Some(REMOVED),
        EventStatus::Unknown => Some(UNCERTAIN),
        _ => None,
    }
}

/// A sentence of the library, followed by what this program can do about an error of this code.
pub(crate) fn with_hint(language: Language, code: &str, sentence: &str) -> String {
    let hint = match code {
        "no_token" => HINT_NO_TOKEN,
        "token_names_reader" => HINT_TOKEN_NAMES_READER,
        "unsupported" => HINT_KIND,
        _ => return sentence.to_owned(),
    };
    format!("{sentence} {}", hint.in_(language))
}

/// Why a post is shown as it was read earlier.
pub(crate) fn post_state(post: &Post) -> Option<Label> {
    match post.state {
        PostState::Withheld => Some(WITHHELD),
        // No platform says so: a deletion that counts was signed.
        PostState::Removed if post.id.starts_with("nostr:") => Some(POST_DELETED),
        PostState::Removed => Some(POST_REMOVED),
        _ => None,
    }
}

/// The state of a community.
pub(crate) fn state(state: CommunityState) -> Option<Label> {
    match state {
        CommunityState::Gone => Some(GONE),
        CommunityState::Moved => Some(MOVED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_counted_as_people_count_them() {
        for (count, en, ru) in [
            (1, "member", "участник"),
            (2, "members", "участника"),
            (11, "members", "участников"),
            (21, "members", "участник"),
            (192, "members", "участника"),
            (212, "members", "участников"),
            (389, "members", "участников"),
        ] {
            assert_eq!((members(Language::En, count), members(Language::Ru, count)), (en, ru), "{count}");
        }
    }

    #[test]
    fn an_age_is_told_in_the_largest_unit_that_fits() {
        for (seconds, en, ru) in [
            (5, "just now", "только что"),
            (60, "1 minute ago", "1 минуту назад"),
            (59 * 60, "59 minutes ago", "59 минут назад"),
            (2 * 3600, "2 hours ago", "2 часа назад"),
            (21 * 86_400, "21 days ago", "21 день назад"),
            (400 * 86_400, "400 days ago", "400 дней назад"),
        ] {
            let age = Duration::from_secs(seconds);
            assert_eq!((ago(Language::En, age), ago(Language::Ru, age)), (en.to_owned(), ru.to_owned()));
        }
    }

    #[test]
    fn a_hint_follows_the_library_s_sentence_by_its_code() {
        for &language in Language::ALL {
            for (code, hint) in [
                ("no_token", "--vk-token-file"),
                ("no_token", "BYWAY_VK_TOKEN"),
                ("token_names_reader", "--vk-token-of app"),
                ("unsupported", "byway get"),
            ] {
                let told = with_hint(language, code, "Nothing was read.");
                assert!(told.starts_with("Nothing was read. ") && told.contains(hint), "{told}");
            }
            assert_eq!(with_hint(language, "gone", "It is gone."), "It is gone.");
        }
    }

    #[test]
    fn every_label_is_there_in_every_language_and_promises_nothing() {
        for word in [ALL, admin::ALL, demo::ALL].concat() {
            assert!(!word.en.is_empty() && !word.ru.is_empty());
            for forbidden in ["safe", "secur", "anonym", "protect", "безопас", "защищ", "аноним"] {
                assert!(!word.en.to_lowercase().contains(forbidden), "{}", word.en);
                assert!(!word.ru.to_lowercase().contains(forbidden), "{}", word.ru);
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_copy_fresh() {
        assert_eq!(since(Language::En, Some(Duration::from_secs(7200))), "2 hours ago");
        let unknown = since(Language::En, None);
        assert!(unknown.contains("ahead of this device's clock"), "{unknown}");
    }
}
