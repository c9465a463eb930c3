//! The headings and labels of the output for people. Sentences come from the library.

use std::time::Duration;

use byway::Language;
use byway::community::{AdviceKind, CommunityState, EventStatus, Field, Post, PostState};

/// One label in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    en: &'static str,
    ru: &'static str,
}

impl Label {
    pub(crate) fn in_(self, language: Language) -> &'static str {
        match language {
            Language::Ru => self.ru,
            _ => self.en,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $ru:literal;)*) => {
        $(pub(crate) const $name: Label = Label { en: $en, ru: $ru };)*
        #[cfg(test)]
        const ALL: &[Label] = &[$($name),*];
    };
}

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
    DEMO_BROKE: "the demo could not finish", "демонстрация не дошла до конца";
    ACCESS_ADVICE: "How it asks to be read", "Как просят читать";
    SUCCESSOR: "Says it moved to", "Сообщает, что переехало на";
    PREDECESSOR: "Says it came from", "Сообщает, что пришло с";
    VERIFIED: "verified, says", "подтверждено, сообщает";
    IN_CHARTER: "in its signed charter", "в подписанном уставе";
    CLAIM: "a claim, not followed", "это утверждение, Byway туда не переходит";
    COPY_OF_OTHER: "this folder holds another community, or the copy of another page",
        "в этой папке другое сообщество или копия другой страницы";
    COPIED_LATELY: "The page was read less than ten minutes ago, and is not asked again so soon.",
        "Страница прочитана меньше десяти минут назад, так скоро она не запрашивается снова.";
    COPIED_BY_WHOM: "say whose copy it is: a name that readers see",
        "укажите, чья это копия: имя, которое увидят читатели";
    COPIED_CHANGED: "new or changed:", "нового и изменённого:";
    COPIED_REMOVED: "no longer at the source:", "больше нет в источнике:";
    PICTURES_LEFT_OUT: "pictures of posts that are not in the bundle:", "изображений к записям, которых нет в файле:";
    NOT_SET: "this variable is not set", "эта переменная не задана";
    FILES_WRITTEN: "files written:", "записано файлов:";
    FOUNDED: "Founded. Keep the key file and its passphrase: without them nobody can change the community, and nobody can replace \
        them. Copy the file to a second place, and put the folder on a web server.",
        "Основано. Сохраните файл ключей и парольную фразу: без них изменить сообщество не сможет никто, и заменить их \
        нельзя. Скопируйте файл во второе место, а папку разместите на веб-сервере.";
    ROTATED: "The keys are replaced. The old key file no longer opens this community; publish the folder, and keep the new key file \
        and its passphrase as the old one.",
        "Ключи заменены. Старый файл ключей это сообщество больше не открывает; опубликуйте папку и храните новый файл \
        ключей и его фразу, как прежний.";
    KEY_DECIDES: "decides", "решает";
    KEY_PUBLISHES: "signs the newest state", "подписывает новое состояние";
    KEY_WRITES: "writes", "пишет";
    KEYS_MADE: "Send the line that begins with byway-keys: to the other admins, and compare the fingerprints aloud. Keep the file and its \
        passphrase, each in another place.",
        "Отправьте другим админам строку, которая начинается с byway-keys:, и сверьте отпечатки вслух. Файл и его фразу храните в \
        разных местах.";
    PROPOSAL_OF: "A proposal for the community", "Предложение для сообщества";
    PROPOSAL_FOUNDS: "A proposal to found the community", "Предложение основать сообщество";
    PROPOSAL_KEYS: "Keys that decide now", "Сейчас решают ключи";
    PROPOSAL_SIGNED: "Signed by", "Подписали";
    PROPOSAL_MISSING: "Signatures that are missing, at least:", "Не хватает подписей, самое меньшее:";
    PROPOSAL_ENOUGH: "Enough have signed.", "Подписали достаточно.";
    PROPOSAL_ALONE: "It was compared with the charter that it brings along alone; with --dir it is compared with your folder.",
        "Сравнено только с уставом, который приложен к предложению; с --dir его сравнят с вашей папкой.";
    PROPOSED: "Proposed. Send the file to the other admins, who run: byway community approve FILE --dir DIR --keys KEYS. When enough have \
        signed, run: byway community publish --proposal FILE --dir DIR --keys KEYS.",
        "Предложено. Отправьте файл другим админам: byway community approve ФАЙЛ --dir ПАПКА --keys КЛЮЧИ. Когда подпишут \
        достаточно: byway community publish --proposal ФАЙЛ --dir ПАПКА --keys КЛЮЧИ.";
    PROPOSED_ROTATION: "Publish it with the new keys: the old ones may do nothing from then on. The new key file:",
        "Публикуйте это новыми ключами: прежние с той минуты ничего не смогут. Новый файл ключей:";
    AHEAD_LOST: "Posts of the old key that were dated ahead no longer count; number:", "Записи прежнего ключа с датой вперёд больше не считаются; сколько:";
    PROPOSE_IT: "(with --propose FILE the change is written for them)", "(с --propose ФАЙЛ изменение запишется для них)";
    INSTEAD_SIGNS: "(with --instead you sign this one and give up the other)", "(с --instead вы подпишете это, а от того откажетесь)";
    APPROVED: "Send back the file, or the line above.", "Отправьте обратно файл или строку выше.";
    IN_FORCE: "The change is in force. Publish the folder.", "Изменение в силе. Опубликуйте папку.";
    RECOVERY_PLACED: "The recovery waits in this folder. Put it into the folder of every mirror as well. The root keys can object until",
        "Восстановление ждёт в этой папке. Положите его и в папки всех зеркал. Корневые ключи могут возразить до";
    RECOVERY_WAITS: "RECOVERY KEYS REPLACE THE KEYS OF THIS COMMUNITY: for new readers from", "ЗАПАСНЫЕ КЛЮЧИ ЗАМЕНЯЮТ КЛЮЧИ ЭТОГО СООБЩЕСТВА: для новых читателей с";
    RECOVERY_BY: "signed by", "подписали";
    RECOVERY_FOR: "then these keys decide:", "тогда решают ключи:";
    RECOVERY_OBJECT: "If you do not want that, object before: byway community recover --veto --propose FILE, and publish it.",
        "Если вы этого не хотите, возразите до того: byway community recover --veto --propose ФАЙЛ, и опубликуйте это.";
    VETOED: "The recovery is void. Publish the folder.", "Восстановление отменено. Опубликуйте папку.";
    FREEZE_MADE: "Prepared. The person who has this file can end the trust in everything that is signed after its time, for good. Give it to a person \
        you trust who is out of reach, and replace it from time to time. When a key that signed it is replaced, it no longer counts: prepare a new one \
        then.",
        "Готово. Тот, у кого этот файл, может навсегда лишить доверия всё, что подписано после его времени. Отдайте его \
        человеку вне досягаемости, которому доверяете, и время от времени заменяйте. Когда подписавший её ключ заменят, она больше не \
        действует: тогда приготовьте новую.";
    CARDS_MADE: "Each card is for another person or place. Who has enough of them has the key.",
        "Каждая карточка — другому человеку или в другое место. У кого их достаточно, у того ключ.";
    SIGNED_LIST_LOST: "The list of what these keys signed is not on the cards and is empty now. Sign no change while an earlier one waits: \
        two with one number would divide the community for good.",
        "Списка того, что подписано этими ключами, на карточках нет, теперь он пуст. Не подписывайте изменение, пока ждёт более раннее: \
        два с одним номером навсегда разделят сообщество.";
    RESTORED: "The key file is made again. Its fingerprint:", "Файл ключей восстановлен. Его отпечаток:";
    PASSPHRASE_OF_NEW_PACK: "Choose a passphrase for the pack of routes: ", "Придумайте парольную фразу для набора маршрутов: ";
    PASSPHRASE_OF_PACK: "Passphrase of the pack of routes: ", "Парольная фраза набора маршрутов: ";
    PACKED: "Packed. Tell the passphrase by another channel than the one that carries the file.",
        "Упаковано. Фразу передайте не тем путём, которым идёт файл.";
    NOT_IN_A_PACK: "a pack has proxies, Shadowsocks and tor: with bridges alone, and nothing in a reader's own network",
        "в наборе бывают только прокси, Shadowsocks и tor: с мостами, и ничего из собственной сети читателя";
    ROUTES_TAKEN: "Signed by an admin of the community. Use the list with --strategies, until", "Подписано админом сообщества. Список — для --strategies, до";
    LIST_EXPIRED: "the routes of this list have expired; ask for a new pack", "срок маршрутов этого списка истёк; попросите новый набор";
    FROZEN_HERE: "This community is frozen. Readers call it disputed, and trust nothing that is signed after",
        "Это сообщество заморожено. Читатели видят, что оно оспорено, и не верят ничему, подписанному после";
    FROZEN: "Published. Readers of this folder trust nothing that is signed later.", "Опубликовано. Читатели этой папки не верят ничему, подписанному позже.";
    PASSPHRASE_NOT_THIS: "this is not the passphrase of the key file", "это не та парольная фраза, которой запечатан файл ключей";
    PASSPHRASE_OF_KEYS: "A new community. Choose a passphrase for its keys, it cannot be recovered: ",
        "Новое сообщество. Придумайте парольную фразу для его ключей; восстановить её нельзя: ";
    NO_ZONE: "this is not a time zone; write it like Asia/Barnaul", "это не часовой пояс; пишут так: Asia/Barnaul";
    NO_EVENT_TIME: "this is not the time of an event; write it like 2026-12-19T12:00 with --zone, 2026-12-19T12:00:00+07:00 or 2026-12-19",
        "это не время события; пишут так: 2026-12-19T12:00 вместе с --zone, 2026-12-19T12:00:00+07:00 или 2026-12-19";
    QR_TOO_WIDE: "the QR code does not fit on this terminal; make it wider, or write the code to a file with --svg FILE. Columns needed:",
        "QR-код не помещается в этом терминале; расширьте его или запишите код в файл: --svg ФАЙЛ. Нужно столбцов:";
    LINK_ID: "Community", "Сообщество";
    LINK_KEY: "Keys", "Ключи";
    LINK_MIRROR: "Mirror", "Зеркало";
    LINK_WEB: "For a messenger", "Для мессенджера";
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
    KEY_SEALED: "the store here was made with a passphrase; leave out --key-file",
        "хранилище здесь создано с парольной фразой; уберите --key-file";
    KEY_MISSING: "there is no such key file, and the store was made with another",
        "такого файла с ключом нет, а хранилище создано с другим";
    KEY_UNNAMED: "the store here was made with a key file; name it by --key-file",
        "хранилище здесь создано с файлом ключа; укажите его: --key-file";
    KEY_OPEN_TO_OTHERS: "others on this device may read this key file; make it yours alone (chmod 600)",
        "этот файл с ключом могут читать другие на этом устройстве; оставьте его только себе (chmod 600)";
    KEY_IS_NONE: "this is not a key file; a key file holds 32 bytes in base64, as byway makes it",
        "это не файл с ключом; в нём 32 байта в base64, byway создаёт его сам";
    KEY_DAMAGED: "this file is damaged, or was not made by byway; restore it from a copy, or wipe the store",
        "файл повреждён или создан не byway; восстановите его из копии или сотрите хранилище";
    KEY_ALONE: "the store that this key opens is gone; restore it from a copy, or wipe what is left",
        "хранилища, которое открывает этот ключ, нет; восстановите его из копии или сотрите остаток";
    A_LINK: "it is a link, and a link is not followed", "это ссылка, а по ссылкам Byway не переходит";
    NO_PLAIN_FILE: "it is a link, a device or a pipe, and not a plain file; it is left as it is",
        "это ссылка, устройство или канал, а не обычный файл; он оставлен как есть";
    NO_SUCCESSOR: "no successor is named by", "преемника не называет";
    NOTHING_TO_CHANGE: "nothing to change: the charter says this already", "менять нечего: в уставе уже так и сказано";
    END_BEFORE_START: "it is not after the start", "это не позже начала";
    TIME_TWICE: "clocks are set at this time in this zone, so it does not exist or comes twice; write the offset too, like 2026-12-19T12:00:00+07:00",
        "в этом поясе в это время переводят часы: такого времени нет или оно бывает дважды; укажите и смещение, например 2026-12-19T12:00:00+07:00";
    ZONE_DIFFERS: "in this zone local time has another offset then", "в этом поясе у этого времени другое смещение";
    ZONES_DIFFER: "this names two time zones; name one, with --zone or in [ ]", "здесь названы два часовых пояса; укажите один: в --zone или в [ ]";
    FRACTION_OF_SECOND: "an event has no parts of a second", "время события указывают без долей секунды";
    ZONE_NEEDED: "name the zone of this offset with --zone, so that people see the time of the place",
        "укажите пояс этого смещения в --zone, чтобы люди видели местное время";
    START_IS_PAST: "Note: this start is in the past.", "Внимание: это начало уже в прошлом.";
    ALT_WITHOUT_PICTURE: "there are more of these than pictures", "этих описаний больше, чем картинок";
    PICTURE_WITHOUT_ALT: "Note: say with --alt what a picture shows, for people who can't see it.",
        "Внимание: напишите с помощью --alt, что на картинке, для тех, кто её не видит.";
    PICTURE_STILL_SHOWS: "What was written into the pictures is removed: place, time, device. What they show stays: faces, number plates, \
        the view from a window.",
        "То, что было записано в картинки, удалено: место, время, устройство. То, что на них видно, осталось: лица, номера машин, вид из \
        окна.";
    CREDENTIALS_OPEN: "other users of this machine can read this file; make it yours alone (chmod 600)",
        "этот файл могут прочитать другие пользователи этой машины; закройте его от них (chmod 600)";
    READERS_SEE: "Readers see:", "Читатели увидят:";
    CLOCK_OF_PROPOSALS: "A proposal needs a clock that fits: --clock-is-right does not count for it.",
        "Для предложения нужны верные часы: --clock-is-right на него не действует.";
    CLOCK_IS_RIGHT: "If the clock is right, add --clock-is-right.", "Если часы идут верно, добавьте --clock-is-right.";
    REDATED: "What was dated ahead is dated now. Bring folders that have the earlier state to this one with `publish --replace`. Left out, \
        because other keys signed it:",
        "То, что было датировано будущим, датировано сейчас. Папки с прежним состоянием приведите к этому командой `publish --replace`. \
        Пропущено, потому что подписано другими ключами:";
    DATED_AHEAD: "A statement that is dated ahead stays until that date; it cannot be dated back here, see docs/community.md.",
        "То, что датировано будущим, остаётся таким до этой даты; вернуть его здесь нельзя, смотрите docs/community.md.";
    SERVED: "everyone can fetch the files of a community's folder; keep this one elsewhere, outside",
        "файлы из папки сообщества может скачать каждый; храните этот файл в другом месте, вне";
    STORE_SERVED: "this is the folder of a signed community, and everyone can fetch its files; keep the store in another folder",
        "это папка подписанного сообщества, и её файлы может скачать каждый; храните прочитанное в другой папке";
    INTO_ABOVE: "the community's own folder lies in it; name another folder, or the community's own one",
        "в ней лежит папка самого сообщества; укажите другую папку или саму папку сообщества";
    NO_FOLDER: "there is no such folder", "такой папки нет";
    KEYS_ARE_NONE: "this is not the key file of a community, or it is damaged; name the file that `byway community new` made, or its copy",
        "это не файл ключей сообщества, или он повреждён; укажите файл, который создала команда `byway community new`, или его копию";
    KEYS_OF_FILE: "Keys in the file:", "Ключи в файле:";
    KEYS_OF_COMMUNITY: "keys of the community:", "ключи сообщества:";
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
    ENDS_BEFORE: "the time span ends before it begins; give `--to` a later day than `--from` (without `--from` it begins now)",
        "промежуток кончается раньше, чем начинается; укажите в `--to` день позже, чем в `--from` (без `--from` он начинается сейчас)";
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
    WIPE_NOT: "Nothing was changed.", "Ничего не изменено.";
    NOTHING_KEPT: "Nothing is kept here yet.", "Здесь пока ничего не сохранено.";
    KEPT: "From this device", "Из хранилища на этом устройстве";
    JUST_NOW: "just now", "только что";
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
    NO_SUCCESSOR_LINK: "this is not the link of a successor; byway follow without --yes and --stay prints it",
        "это не ссылка на преемника; её печатает byway follow без --yes и --stay";
    NOTHING_TO_DECIDE: "This community names no successor, so there is nothing to decide.",
        "Это сообщество не называет преемника, решать нечего.";
    SYNCING: "Reading what is new", "Читаю новое";
    SYNC_ONE_DIRECT: "byway sync does not take this for all communities at once; read one with byway open LINK --allow-direct",
        "byway sync не включает это для всех сообществ сразу; одно читает byway open ССЫЛКА --allow-direct";
    SYNC_NOTHING: "nothing new", "ничего нового";
    SYNC_COMMUNITY: "the description changed", "изменилось описание";
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

    DEMO_IS: "A small internet runs inside this program, and its calendar shows November 2016: a phone in Russia, its \
        provider, VK, a proxy in the Netherlands and a Tor. The days, the order and the numbers of members are those of \
        a real community; its name here, the texts and the place are made up. No real network is used, but the code that \
        reads is the one you would run. Times are those at the plant (UTC+07:00).",
        "Внутри этой программы работает маленький интернет, и в нём ноябрь 2016 года: телефон в России, его провайдер, \
        ВКонтакте, прокси в Нидерландах и Tor. Дни, требование прокуратуры и число участников настоящие; название, \
        тексты и место выдуманы. Настоящая сеть не нужна, но читает тот же код, который запустили бы вы. Время — у завода (UTC+07:00).";
    DEMO_DAY_9: "9 November 2016", "9 ноября 2016";
    DEMO_DAY_12: "12 November 2016", "12 ноября 2016";
    DEMO_DAYS_AFTER: "in the days after", "в следующие дни";
    DEMO_ANNOUNCED: "The workers of a machine-tool plant have a community on VK. It announces a people's gathering.",
        "У рабочих станкозавода есть сообщество ВКонтакте. В нём объявляют народный сход.";
    DEMO_WITHHELD: "On the 11th the Prosecutor General ordered it closed. From the 12th it is cut in the country: the \
        direct route fails, and the verdict says why.",
        "11 ноября Генеральная прокуратура потребовала его закрыть. С 12-го оно в стране недоступно: прямой путь не \
        работает, и вердикт говорит почему.";
    DEMO_AROUND: "A proxy abroad and Tor are allowed, too (ways.txt). The direct route is no longer tried; the proxy reads it.",
        "Разрешены ещё прокси за границей и Tor (ways.txt). Прямой путь больше не пробуется; читается через прокси.";
    DEMO_COMPARED: "The network may block it as well. Every route is tried by itself, and the answers are compared.",
        "Обрывать может и сама сеть. Тогда каждый путь проверяется отдельно, и ответы сравниваются.";
    DEMO_ADVICE: "The admins write into its name how to reach it. Byway takes that as access advice.",
        "Админы пишут прямо в названии, как его открыть. Byway понимает это как просьбу, каким путём их читать.";
    DEMO_CLAIM: "They open a replacement, and a post names it. That is a claim: it is shown, and not followed.",
        "Они открывают новое сообщество, о нём говорит запись. Это утверждение: его видно, но Byway туда не идёт.";
    DEMO_REPLACEMENT: "You have looked at it, and open the replacement yourself.",
        "Вы посмотрели и сами открываете новое.";
    DEMO_LATER: "ten years later", "десять лет спустя";
    DEMO_SIGNED: "What a claim can't prove, keys can. A signed community, which is made up, on a site of its own ($SIGNED is its link).",
        "Чего не докажет ссылка в посте, доказывают ключи. Подписанное сообщество (выдуманное) на своём сайте; $SIGNED — ссылка на него.";
    DEMO_SIGNED_MOVE: "It moves: the old side names the new one, and the new one the old. Both sign that. You are asked.",
        "Оно переезжает: старое называет новое, новое — старое, и оба это подписывают. Решаете вы.";
    DEMO_FOLLOWED: "You say yes. From now on the old link leads to the new community.",
        "Вы соглашаетесь. Теперь старая ссылка ведёт в новое сообщество.";
    DEMO_CHANNEL: "A group may have another home: here a channel at Telegram, which is made up. t.me is cut as well; the \
        channel is read through the proxy.",
        "У группы бывает и другой адрес: здесь канал в Telegram, он выдуман. t.me тоже обрывается; канал читается через прокси.";
    DEMO_OFFLINE: "Then the network is gone. What was read stays, sealed on the phone.",
        "А потом пропадает и сеть. Прочитанное осталось в телефоне, запечатанным.";
    DEMO_OFFLINE_NEW: "The replacement, too.", "И новое тоже.";
    DEMO_END: "That was the demo. Now ask about your own network; this needs no token and no account:",
        "Вот и вся демонстрация. Теперь спросите о своей сети; ни ключ, ни учётная запись для этого не нужны:";
    DEMO_END_READ: "To read a community of VK: `byway help open`.",
        "Как прочитать сообщество ВКонтакте: `byway help open`.";
    DEMO_TOR_IS: "A private Tor network starts on this machine: eleven processes of the `tor` that is installed, which takes some \
        ten seconds. The site and the censor that cuts its name are simulated on this machine, too. Nothing leaves it. In this \
        network one person runs all relays, so it hides nothing from that person.",
        "На этой машине запускается собственная сеть Tor: одиннадцать процессов установленного `tor`, это секунд десять. Сайт и \
        цензор, который обрывает его по имени, тоже здесь. Наружу ничего не уходит. Все узлы этой сети запускает один человек, \
        и от него она ничего не скрывает.";
    DEMO_TOR_MISSING: "this needs the program `tor` with `tor-gencert`, which is not installed (Debian: apt install tor)",
        "нужна программа `tor` вместе с `tor-gencert`, а она не установлена (Debian: apt install tor)";
    DEMO_TOR_NOW: "now", "сейчас";
    DEMO_TOR_CUT: "A community has a site of its own. The network cuts it by its name.",
        "У сообщества есть свой сайт. Сеть обрывает его по имени.";
    DEMO_TOR_READS: "Tor is allowed, too. Byway starts its own and reads the site through an exit.",
        "Разрешён ещё и Tor. Byway запускает свой и читает сайт через выходной узел.";
    DEMO_TOR_ONION: "The same community at an onion service. Only Tor reaches it.",
        "То же сообщество на onion-сервисе. Туда ведёт только Tor.";
    DEMO_TOR_END: "That was Tor. On a network that blocks it, bridges help: docs/tor.md.",
        "Вот и весь Tor. Если сеть блокирует и его, помогают мосты: docs/tor.md.";
    TIMES_IN: "Times:", "Время:";
    THERE: "there", "там";
    DEMO_NAME: "Workers of the machine-tool plant", "Рабочие станкозавода";
    DEMO_NAME_ADVICE: "Workers of the machine-tool plant (only through the Tor browser)",
        "Рабочие станкозавода (только через браузер Tor)";
    DEMO_POST: "People's gathering on Saturday the 19th, at noon. Bring your families: vk.com/event157",
        "Народный сход в субботу, 19-го, в полдень. Приходите семьями: vk.com/event157";
    DEMO_GATHERING: "People's gathering", "Народный сход";
    DEMO_PLACE: "The square in front of the plant's gate", "Площадь у проходной";
    DEMO_MOVED: "We have a new community: vk.com/zavod_demo_2", "У нас новое сообщество: vk.com/zavod_demo_2";
    DEMO_OLD_COMMUNITY: "Our old community: vk.com/zavod_demo", "Наше старое сообщество: vk.com/zavod_demo";
    DEMO_CHANNEL_POST: "Saturday at noon. Come with your families.", "В субботу в полдень. Приходите семьями.";
    DEMO_SIGNED_POST: "The gathering is on Saturday at noon.", "Сход в субботу в полдень.";
    DEMO_POST_NEW: "We continue here. The gathering will take place.", "Продолжаем здесь. Сход в силе.";
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
        for word in ALL {
            assert!(!word.en.is_empty() && !word.ru.is_empty());
            for forbidden in ["safe", "secur", "anonym", "protect", "безопас", "защищ", "аноним"] {
                assert!(!word.en.to_lowercase().contains(forbidden), "{}", word.en);
                assert!(!word.ru.to_lowercase().contains(forbidden), "{}", word.ru);
            }
        }
    }
}
