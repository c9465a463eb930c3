//! Sentences about the store, in Russian.

use super::{Russian, of_bytes};
use crate::sentences::kept::AttachmentRefusal;
use crate::sentences::phrasebook::KeptPhrases;
use crate::store::{KeyError, KeyFileError, StoreError};

impl KeptPhrases for Russian {
    fn store(&self, error: &StoreError) -> String {
        match error {
            StoreError::Locked => "Хранилище закрыто; сначала откройте его ключом.".to_owned(),
            StoreError::Suspended => "Хранилище недоступно, пока приложение приостановлено; сначала возобновите его работу.".to_owned(),
            StoreError::Busy => {
                "Эту папку с данными сейчас использует другая программа; закройте её или укажите другую папку."
                    .to_owned()
            }
            StoreError::AlreadyOpen => {
                "Это приложение уже открыло эту папку с данными; пользуйтесь уже открытым хранилищем или укажите другую папку."
                    .to_owned()
            }
            StoreError::NoKey(error) => self.key(error),
            StoreError::WrongKey => {
                "Это не тот ключ, которым запечатано хранилище; прочитать с ним ничего нельзя, и ничего не изменено."
                    .to_owned()
            }
            StoreError::Corrupt { file } => format!(
                "Файл хранилища {file} повреждён или чужой, поэтому не используется; восстановите его из копии или сотрите хранилище."
            ),
            StoreError::Missing { file } => format!(
                "Файла хранилища {file} нет, хотя другие его файлы есть или были; новое на его месте не создаётся. Восстановите файл из копии или сотрите хранилище."
            ),
            StoreError::Link { file: "" } => {
                "Папка с данными — это ссылка, а по ссылкам Byway не переходит. Укажите саму папку.".to_owned()
            }
            StoreError::Link { file } => {
                format!("На месте файла хранилища {file} — ссылка или не обычный файл; Byway его не открывает.")
            }
            StoreError::Newer { .. } => "Хранилище создано более новой версией Byway; обновите приложение.".to_owned(),
            StoreError::Full { limit } => {
                format!("Хранилищу отведено {}, но и без единой записи оно занимает больше.", of_bytes(*limit))
            }
            StoreError::DiskFull => "На диске нет места; прочитанное не сохранено.".to_owned(),
            StoreError::Cursor => "Эта закладка из другого списка; начните сначала, без неё.".to_owned(),
            StoreError::Item => {
                "Запись нельзя сохранить: она слишком велика или в ней недопустимое значение.".to_owned()
            }
            StoreError::Io(_) => "Система не даёт пользоваться папкой с данными.".to_owned(),
            StoreError::Fault { code } => {
                format!("В хранилище внутренний сбой (код SQLite {code}); причина в Byway или в устройстве.")
            }
        }
    }

    fn key(&self, error: &KeyError) -> String {
        match error {
            KeyError::File(error) => self.key_file(error),
            // The app's own words, in the app's language.
            KeyError::App(reason) => format!("Сейчас ключ хранилища недоступен: «{reason}»."),
        }
    }

    fn key_file(&self, error: &KeyFileError) -> String {
        match error {
            KeyFileError::Absent => "Файла с ключом нет.".to_owned(),
            KeyFileError::Exists => "Файл с ключом уже есть; он оставлен как есть.".to_owned(),
            KeyFileError::Served => {
                "Файлы из папки сообщества может скачать каждый. Храните ключ в другом месте.".to_owned()
            }
            KeyFileError::NotPlain => {
                "На месте файла с ключом — ссылка или не обычный файл; Byway его не открывает.".to_owned()
            }
            KeyFileError::OpenToOthers => {
                "Этот файл с ключом могут читать другие на этом устройстве; оставьте доступ только себе (режим 600)."
                    .to_owned()
            }
            KeyFileError::NoKey => "Это не файл с ключом: в нём должны быть 32 байта в Base64.".to_owned(),
            KeyFileError::WrongPassphrase => "Это не та парольная фраза, которой запечатан ключ.".to_owned(),
            KeyFileError::Damaged => {
                "Запечатанный ключ повреждён или создан не для хранилища; восстановите его из копии или сотрите хранилище."
                    .to_owned()
            }
            KeyFileError::WorkFactor { log_n, most } => format!(
                "Запечатанный ключ требует слишком долгих вычислений: 2^{log_n} раундов scrypt, а допустимо не больше 2^{most}."
            ),
            KeyFileError::Empty => "Парольная фраза или ключ доступа — пустая строка.".to_owned(),
            KeyFileError::NoText => "Парольная фраза или ключ доступа — не текст или длиннее 4096 байт.".to_owned(),
            KeyFileError::NoRandomness => "Система не даёт случайных чисел.".to_owned(),
            KeyFileError::Io(_) => "Система не даёт пользоваться файлом с ключом.".to_owned(),
        }
    }

    fn not_stored(&self) -> &'static str {
        "Это сообщество не сохранено на этом устройстве, поэтому без сети его не прочитать."
    }

    fn still_read(&self) -> &'static str {
        "Всё отведённое время заняли другие чтения этого сообщества, поэтому повторного запроса не было."
    }

    fn successor_changed(&self) -> &'static str {
        "Указанный преемник изменился: это не то сообщество, не тот адрес или не те ключи, которые вам показали. Решение не \
         принято. Посмотрите, кто указан теперь, и ответьте ещё раз."
    }

    fn move_not_followed(&self) -> &'static str {
        "Это сообщество известно только как преемник другого. Вы решили остаться там, или ключам того сообщества больше нельзя \
         доверять. Поэтому ничего не отправлено. Чтобы всё же его читать, откройте его собственную ссылку."
    }

    fn own_network(&self) -> &'static str {
        "Этот адрес из списка находится в вашей собственной сети или на этом устройстве, а список может быть от чужих. Поэтому \
         ничего не отправлено. Чтобы всё же читать его, откройте сам адрес."
    }

    fn unknown_exposure(&self) -> &'static str {
        "В ссылке указан режим, которого Byway не знает, поэтому ничего не отправлено; бывают `open`, `proxied` и `tor`."
    }

    fn no_attachment(&self, why: AttachmentRefusal) -> String {
        match why {
            AttachmentRefusal::Kept => "Такого вложения на этом устройстве нет.".to_owned(),
            AttachmentRefusal::File => "Это вложение — не файл, загрузить его нельзя.".to_owned(),
            AttachmentRefusal::Address => {
                "Адрес этого вложения — не открытый адрес в вебе, поэтому ничего не отправлено.".to_owned()
            }
            AttachmentRefusal::Cleartext => {
                "Это вложение передаётся без шифрования, а режим сообщества этого не допускает; ничего не отправлено."
                    .to_owned()
            }
            AttachmentRefusal::TooLarge { limit } => {
                format!("Это вложение больше, чем разрешено: предел — {}.", of_bytes(limit))
            }
            AttachmentRefusal::Status { status } => format!("Вместо этого вложения сервер прислал код {status}."),
        }
    }
}
