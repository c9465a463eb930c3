//! The words of what admins do: communities, keys, proposals, cards, packs of routes.

use super::label::Label;

words! {
    COPIED_LATELY: "The page was read less than ten minutes ago, and is not asked again so soon.",
        "Страница прочитана меньше десяти минут назад, так скоро она не запрашивается снова.";
    COPIED_BY_WHOM: "say whose copy it is: a name that readers see",
        "укажите, чья это копия: имя, которое увидят читатели";
    COPIED_CHANGED: "new or changed:", "нового и изменённого:";
    COPIED_REMOVED: "no longer at the source:", "больше нет в источнике:";
    PICTURES_LEFT_OUT: "pictures of posts that are not in the bundle:", "изображений к записям, которых нет в файле:";
    FILES_WRITTEN: "files written:", "записано файлов:";
    FOUNDED: "Founded. Keep the key file and its passphrase: they are the only ones that change the community, and cannot be replaced unless \
        you make cards of the key or name recovery keys. Copy the file to a second place, and put the folder on a web server.",
        "Основано. Сохраните файл ключей и парольную фразу: изменить сообщество можно только ими, и заменить их нельзя, если не сделать \
        карточки ключа и не назвать запасные ключи. Скопируйте файл во второе место, а папку разместите на веб-сервере.";
    FOUNDED_BY_SEVERAL: "Founded. Each admin keeps the own key file and its passphrase; copy yours to a second place. Put the folder on a web \
        server.",
        "Основано. Каждый админ хранит свой файл ключей и парольную фразу; свой скопируйте во второе место. Папку разместите на веб-сервере.";
    CONTINUES: "The old community has to name this one as well. With its folder and its keys, run:",
        "Прежнее сообщество тоже должно назвать это. С его папкой и ключами выполните:";
    HTTP_MIRROR: "Note: over http:// everyone on the path sees who reads, and can leave out what is new. Use https:// or an onion address for:",
        "Внимание: по http:// каждый на пути видит, кто читает, и может утаить новое. Лучше https:// или onion-адрес вместо:";
    PASSPHRASE_SHORT: "Note: this passphrase is short. Whoever gets the file can try many; six random words are enough.",
        "Внимание: эта парольная фраза короткая. Тот, к кому попадёт файл, сможет перебрать многие; хватит шести случайных слов.";
    SEEN_AFTER_PUBLISH: "Readers see it after the next `byway community publish`.", "Читатели увидят это после следующего `byway community publish`.";
    EDITED_POST: "The post is changed in the folder.", "Запись изменена в папке.";
    DELETED_ITEM: "It is deleted in the folder. Others may have copied it.", "Удалено в папке. Копии могли остаться у других.";
    BUNDLED: "Written. Readers take it in with:", "Записано. Читатели примут это командой:";
    IS_AN_EVENT: "this is an announcement and no post; change it with:", "это объявление о событии, а не запись; его изменит команда:";
    IS_A_POST: "this is a post and no announcement; change it with:", "это запись, а не объявление о событии; её изменит команда:";
    TAKE_IN_FIRST: "If these keys were replaced, use the key file that was made then. If another admin gave these keys a part since, this folder is older: take in a folder that has the newer charter first, with \
        `byway community publish --take-in --into FOLDER`.",
        "Если эти ключи заменены, возьмите файл ключей, созданный при замене. Если другой админ дал этим ключам права позже, эта папка старее: сначала примите папку, в которой есть новый устав, командой \
        `byway community publish --take-in --into ПАПКА`.";
    NEW_CARDS: "Cards of the old key make the old file again; if you have some, make new ones:",
        "Карточки прежнего ключа восстановят прежний файл; если они у вас есть, сделайте новые:";
    LIST_OLD: "old: its successor is", "прежнее: его преемник";
    ROTATED: "The keys are replaced. The old key file no longer opens this community; publish the folder, and keep the new key file \
        and its passphrase as the old one.",
        "Ключи заменены. Старый файл ключей это сообщество больше не открывает; опубликуйте папку и храните новый файл \
        ключей и его фразу, как прежний.";
    ONE_KEY_REMOVED: "A fingerprint stands for one key: the same person's other keys keep their parts. The line that begins with byway-keys: removes all \
        of them.",
        "Отпечаток означает один ключ: остальные ключи того же человека сохраняют свои роли. Строка, которая начинается с byway-keys:, удаляет \
        их все.";
    ROTATED_BEFORE: "The keys were replaced by an earlier run already, with the key file that you named, and the folder is whole. The old key file no \
        longer opens this community; publish the folder, and keep the new key file and its passphrase: no other one opens it.",
        "Ключи уже заменены прошлым запуском на те, что в указанном файле, и папка цела. Старый файл ключей это сообщество больше \
        не открывает; опубликуйте папку и храните новый файл ключей и его фразу: другой файл его не откроет.";
    ROTATION_CONTINUES: "There is a key file with this name already, and the community does not have its keys yet. They are taken as the new ones.",
        "Файл ключей с таким именем уже есть, и его ключей у сообщества ещё нет. Новыми станут они.";
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
    PROPOSED: "Proposed. Send the file to the other admins. They run, with their own folder and keys:",
        "Предложено. Отправьте файл другим админам. Они выполнят, со своей папкой и ключами:";
    PROPOSED_THEN: "When enough have signed, run:", "Когда подпишут достаточно, выполните:";
    PROPOSED_RECOVERY: "When enough have signed, run this for your folder and for that of each mirror:",
        "Когда подпишут достаточно, выполните это для своей папки и для папки каждого зеркала:";
    PROPOSED_ROTATION: "That is with the new keys: the old ones may do nothing from then on.",
        "Это с новыми ключами: прежние с той минуты ничего не смогут.";
    AHEAD_LOST: "Posts of the old key that were dated ahead no longer count; number:", "Записи прежнего ключа с датой вперёд больше не считаются; сколько:";
    PROPOSE_IT: "(with --propose FILE the change is written for them)", "(с --propose ФАЙЛ изменение запишется для них)";
    INSTEAD_SIGNS: "(with --instead you sign this one and give up the other)", "(с --instead вы подпишете это, а от того откажетесь)";
    APPROVED: "Send back the file, or the line above.", "Отправьте обратно файл или строку выше.";
    IN_FORCE: "The change is in force in this folder.", "В этой папке изменение в силе.";
    PUBLISH_IT: "Publish the folder.", "Опубликуйте папку.";
    RECOVERY_PLACED: "The recovery waits in this folder. Put it into the folder of every mirror as well. The root keys can object until",
        "Восстановление ждёт в этой папке. Положите его и в папки всех зеркал. Корневые ключи могут возразить до";
    RECOVERY_WAITS: "RECOVERY KEYS REPLACE THE KEYS OF THIS COMMUNITY: for new readers from", "ЗАПАСНЫЕ КЛЮЧИ ЗАМЕНЯЮТ КЛЮЧИ ЭТОГО СООБЩЕСТВА: для новых читателей с";
    RECOVERY_BY: "signed by", "подписали";
    RECOVERY_FOR: "then these keys decide:", "тогда решают ключи:";
    RECOVERY_OBJECT: "If you do not want that, object before, with this and with what it says then:",
        "Если вы этого не хотите, возразите до того этой командой и тем, что она затем назовёт:";
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
    YOURS: "Yours:", "Ваш:";
    RESTORED: "The key file is made again. Its fingerprint:", "Файл ключей восстановлен. Его отпечаток:";
    PASSPHRASE_OF_NEW_PACK: "Choose a passphrase for the pack of routes: ", "Придумайте парольную фразу для набора маршрутов: ";
    PASSPHRASE_OF_PACK: "Passphrase of the pack of routes: ", "Парольная фраза набора маршрутов: ";
    PACKED: "Packed. Tell the passphrase by another channel than the one that carries the file.",
        "Упаковано. Фразу передайте не тем путём, которым идёт файл.";
    NOT_IN_A_PACK: "this may not stand in a pack: a pack has proxies, Shadowsocks and tor: with bridges, and names nothing in a reader's own network or on the device, like 127.0.0.1",
        "этого в наборе быть не может: в нём бывают прокси, Shadowsocks и tor: с мостами, и ничего из собственной сети или с самого устройства читателя, как 127.0.0.1";
    ROUTES_SIGNED: "Signed by an admin of the community on", "Подписано админом сообщества";
    ROUTES_TAKEN: "Use the list with --strategies, until", "Список — для --strategies, до";
    ROUTES_OLDER: "this list was signed later than the pack, and was not replaced; --older replaces it all the same. The pack was signed on", "этот список подписан позже, чем набор, и не заменён; --older всё же заменит его. Набор подписан";
    LIST_EXPIRED: "the routes of this list have expired; ask for a new pack", "срок маршрутов этого списка истёк; попросите новый набор";
    FROZEN_HERE: "This community is frozen. Readers call it disputed, and trust nothing that is signed after",
        "Это сообщество заморожено. Читатели видят, что оно оспорено, и не верят ничему, подписанному после";
    FROZEN: "Published. Readers of this folder trust nothing that is signed later.", "Опубликовано. Читатели этой папки не верят ничему, подписанному позже.";
    PASSPHRASE_NOT_THIS: "this is not the passphrase of the key file", "это не та парольная фраза, которой запечатан файл ключей";
    PASSPHRASE_OF_KEYS: "A new community. Choose a passphrase for its keys, it cannot be recovered: ",
        "Новое сообщество. Придумайте парольную фразу для его ключей; восстановить её нельзя: ";
    NO_ZONE: "this is not a time zone; write it like Asia/Barnaul", "это не часовой пояс; пишут так: Asia/Barnaul";
    NO_CARDS: "more cards are needed than there are:", "нужно больше карточек, чем их всего:";
    EVENT_NEEDS_ZONE: "name the time zone as well: --zone Asia/Barnaul, or an offset like 2026-12-19T12:00:00+07:00",
        "укажите и часовой пояс: --zone Asia/Barnaul или смещение, например 2026-12-19T12:00:00+07:00";
    NO_LIST_NO_BUNDLE: "this is neither a bundle nor a list of feeds (OPML)", "это не файл сообщества и не список лент (OPML)";
    MORE_THAN_A_LINK: "there is more here than a link; paste the link alone", "здесь не только ссылка; вставьте одну ссылку";
    NO_EVENT_TIME: "this is not the time of an event; write it like 2026-12-19T12:00 with --zone, 2026-12-19T12:00:00+07:00 or 2026-12-19",
        "это не время события; пишут так: 2026-12-19T12:00 вместе с --zone, 2026-12-19T12:00:00+07:00 или 2026-12-19";
    QR_TOO_WIDE: "the QR code does not fit on this terminal; make it wider, or write the code to a file with --svg FILE. Columns needed:",
        "QR-код не помещается в этом терминале; расширьте его или запишите код в файл: --svg ФАЙЛ. Нужно столбцов:";
    LINK_ID: "Community", "Сообщество";
    LINK_KEY: "Keys", "Ключи";
    LINK_MIRROR: "Mirror", "Зеркало";
    LINK_WEB: "For a messenger", "Для мессенджера";
    KEY_SEALED: "the store here was made with a passphrase; leave out --key-file",
        "хранилище здесь создано с парольной фразой; уберите --key-file";
    KEY_MISSING: "there is no such key file, and the store was made with another",
        "такого файла с ключом нет, а хранилище создано с другим";
    KEY_UNNAMED: "the store here was made with a key file; name it by --key-file",
        "хранилище здесь создано с файлом ключа; укажите его: --key-file";
    KEY_IS_NONE: "this is not a key file; a key file holds 32 bytes in base64, as byway makes it",
        "это не файл с ключом; в нём 32 байта в base64, byway создаёт его сам";
    KEY_DAMAGED: "this file is damaged, or was not made by byway; restore it from a copy, or wipe the store",
        "файл повреждён или создан не byway; восстановите его из копии или сотрите хранилище";
    KEY_ALONE: "the store that this key opens is gone; restore it from a copy, or wipe what is left",
        "хранилища, которое открывает этот ключ, нет; восстановите его из копии или сотрите остаток";
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
    OPEN_TO_OTHERS: "other users of this machine can read this file; make it yours alone (chmod 600)",
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
    INTO_ABOVE: "the community's own folder lies in it; name another folder, or the community's own one",
        "в ней лежит папка самого сообщества; укажите другую папку или саму папку сообщества";
    KEYS_ARE_NONE: "this is not the key file of a community, or it is damaged; name the file that `byway community new` made, or its copy",
        "это не файл ключей сообщества, или он повреждён; укажите файл, который создала команда `byway community new`, или его копию";
    KEYS_OF_FILE: "Keys in the file:", "Ключи в файле:";
    KEYS_OF_COMMUNITY: "keys of the community:", "ключи сообщества:";
    ENDS_BEFORE: "the time span ends before it begins; give `--to` a later day than `--from` (without `--from` it begins now)",
        "промежуток кончается раньше, чем начинается; укажите в `--to` день позже, чем в `--from` (без `--from` он начинается сейчас)";
}
