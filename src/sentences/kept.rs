//! What is told about the store, and about what is or is not kept in it.

use super::{Language, capital};
use crate::store::{KeyError, StoreError};

/// Why the store did not do what was asked. English is the error's own words.
pub fn store(language: Language, error: &StoreError) -> String {
    if let (Language::En, StoreError::NoKey(KeyError::File(error))) = (language, error) {
        return super::key_file(language, error);
    }
    if language == Language::En {
        return capital(&format!("{error}."));
    }
    match error {
        StoreError::Locked => "Хранилище закрыто; сначала откройте его ключом.".to_owned(),
        StoreError::Suspended => "Хранилище отложено, пока приложение спит; сначала разбудите его.".to_owned(),
        StoreError::Busy => {
            "Эту папку с данными сейчас использует другая программа; закройте её или укажите другую папку.".to_owned()
        }
        StoreError::AlreadyOpen => {
            "Это приложение уже открыло эту папку с данными; пользуйтесь открытым или укажите другую папку.".to_owned()
        }
        StoreError::NoKey(error) => super::key(language, error),
        StoreError::WrongKey => {
            "Это не тот ключ, которым запечатано хранилище; прочитать с ним ничего нельзя, и ничего не изменено."
                .to_owned()
        }
        StoreError::Corrupt { file } => format!(
            "Файл хранилища {file} повреждён или чужой, поэтому им не пользуются; верните его копию или сотрите хранилище."
        ),
        StoreError::Missing { file } => format!(
            "Файла хранилища {file} нет, хотя другие его файлы есть или были; новое на его месте не создаётся. Верните его копию или сотрите хранилище."
        ),
        StoreError::Link { file: "" } => {
            "Папка с данными — это ссылка; по ссылке Byway не идёт. Укажите саму папку.".to_owned()
        }
        StoreError::Link { file } => {
            format!("На месте файла хранилища {file} ссылка или не файл; им не пользуются и по ссылке не идут.")
        }
        StoreError::Newer { .. } => "Хранилище создано более новой версией Byway; обновите приложение.".to_owned(),
        StoreError::Full { limit } => {
            format!("Хранилищу отведено {limit} байт, и даже без единой записи оно больше.")
        }
        StoreError::DiskFull => "На диске нет места; прочитанное не сохранено.".to_owned(),
        StoreError::Cursor => "Эта закладка из другого списка; начните сначала, без неё.".to_owned(),
        StoreError::Item => "Запись нельзя сохранить: она слишком велика или в ней недопустимое значение.".to_owned(),
        StoreError::Io(_) => "Система не даёт пользоваться папкой с данными.".to_owned(),
        StoreError::Fault { code } => {
            format!("В хранилище внутренний сбой (код SQLite {code}); это неполадка Byway или устройства.")
        }
    }
}

/// A community was asked for on this device only, and is not kept there.
pub fn not_stored(language: Language) -> &'static str {
    match language {
        Language::En => "This community is not kept on this device, so it cannot be read without the network.",
        Language::Ru => "Это сообщество не сохранено на этом устройстве, поэтому без сети его не прочитать.",
    }
}

/// Other readings of a community took all the time there was.
pub fn still_read(language: Language) -> &'static str {
    match language {
        Language::En => {
            "Other readings of this community took all the time that was allowed, so it was not asked for again."
        }
        Language::Ru => {
            "Всё отведённое время заняли другие чтения этого сообщества, поэтому повторного запроса не было."
        }
    }
}

/// A link carries an exposure that is none.
pub fn unknown_exposure(language: Language) -> &'static str {
    match language {
        Language::En => {
            "The link asks for an exposure that Byway does not know, so nothing was contacted; it knows `open`, `proxied` and `tor`."
        }
        Language::Ru => {
            "В ссылке указан режим, которого Byway не знает, поэтому он ни к кому не обращался; бывают `open`, `proxied` и `tor`."
        }
    }
}

/// Why an attachment was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoAttachment {
    /// It is not kept.
    Kept,
    /// It is no file.
    File,
    /// Its address is none that a stranger may lead to.
    Address,
    /// It would come without encryption.
    Cleartext,
    /// It is larger than was allowed.
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The host answers with another status.
    Status {
        /// The HTTP status.
        status: u16,
    },
}

/// Why an attachment was not fetched, in one sentence.
pub fn no_attachment(language: Language, why: NoAttachment) -> String {
    let (en, ru) = match why {
        NoAttachment::Kept => {
            ("This attachment is not kept on this device.", "Такого вложения на этом устройстве нет.")
        }
        NoAttachment::File => {
            ("This attachment is no file that can be fetched.", "Это вложение — не файл, загрузить его нельзя.")
        }
        NoAttachment::Address => (
            "The address of this attachment leads where no stranger may lead, so nothing was sent.",
            "Адрес этого вложения ведёт туда, куда посторонние вести не должны, поэтому ничего не отправлено.",
        ),
        NoAttachment::Cleartext => (
            "This attachment comes without encryption, and its community is not read openly; so nothing was sent.",
            "Это вложение передаётся без шифрования, а сообщество читают не в открытом режиме; поэтому ничего не отправлено.",
        ),
        NoAttachment::TooLarge { limit } => {
            return match language {
                Language::En => format!("This attachment is larger than the {limit} bytes that were allowed."),
                Language::Ru => format!("Это вложение больше разрешённых {limit} байт."),
            };
        }
        NoAttachment::Status { status } => {
            return match language {
                Language::En => format!("The host answers with status {status} in the place of this attachment."),
                Language::Ru => format!("Вместо этого вложения сервер отвечает кодом {status}."),
            };
        }
    };
    match language {
        Language::En => en.to_owned(),
        Language::Ru => ru.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every;
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn every_fault_of_the_store_has_a_sentence_in_every_language() {
        let attachments = [
            NoAttachment::Kept,
            NoAttachment::File,
            NoAttachment::Address,
            NoAttachment::Cleartext,
            NoAttachment::TooLarge { limit: 1 },
            NoAttachment::Status { status: 404 },
        ];
        for &language in Language::ALL {
            let told = every::stores().into_iter().map(|error| store(language, &error));
            let told = told.chain(attachments.into_iter().map(|why| no_attachment(language, why)));
            let told = told.chain([not_stored(language).to_owned(), unknown_exposure(language).to_owned()]);
            for sentence in told {
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
