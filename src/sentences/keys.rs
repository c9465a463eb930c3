//! Why there is no key of the store.

use super::{Language, capital};
use crate::store::{KeyError, KeyFileError};

/// Why a key provider has no key.
pub fn key(language: Language, error: &KeyError) -> String {
    match (language, error) {
        (_, KeyError::File(error)) => key_file(language, error),
        // The app's own words, in the app's language.
        (Language::En, KeyError::App(reason)) => format!("The key of the store is not to be had now: \"{reason}\"."),
        (Language::Ru, KeyError::App(reason)) => format!("Сейчас ключ хранилища недоступен: «{reason}»."),
    }
}

/// Why a key file gave no key, or was not made. English is the error's own words.
pub fn key_file(language: Language, error: &KeyFileError) -> String {
    if language == Language::En {
        return capital(&format!("{error}."));
    }
    match error {
        KeyFileError::Absent => "Файла с ключом нет.".to_owned(),
        KeyFileError::Exists => "Файл с ключом уже есть; он не заменён.".to_owned(),
        KeyFileError::NotPlain => {
            "На месте файла с ключом ссылка или не файл; им не пользуются и по ссылке не идут.".to_owned()
        }
        KeyFileError::OpenToOthers => {
            "Этот файл с ключом могут читать другие на этом устройстве; оставьте доступ только себе (режим 600)."
                .to_owned()
        }
        KeyFileError::NoKey => "Это не файл с ключом: в нём должны быть 32 байта в Base64.".to_owned(),
        KeyFileError::WrongPassphrase => "Это не та парольная фраза, которой запечатан ключ.".to_owned(),
        KeyFileError::Damaged => {
            "Запечатанный ключ повреждён или сделан не для хранилища; верните его копию или сотрите хранилище."
                .to_owned()
        }
        KeyFileError::WorkFactor { log_n, most } => format!(
            "Запечатанный ключ требует слишком много работы: 2^{log_n} раундов scrypt, а выполняется не больше 2^{most}."
        ),
        KeyFileError::Empty => "Парольная фраза или токен пусты.".to_owned(),
        KeyFileError::NoText => "Парольная фраза или токен — не текст или длиннее 4096 байт.".to_owned(),
        KeyFileError::NoRandomness => "Система не даёт случайных чисел.".to_owned(),
        KeyFileError::Io(_) => "Система не даёт пользоваться файлом с ключом.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::every;
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn each_fault_of_a_key_file_has_a_sentence_in_each_language() {
        for language in Language::ALL.iter().copied() {
            for error in every::key_files() {
                let sentence = key_file(language, &error);
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
                assert_eq!(key(language, &error.into()), sentence);
            }
        }
    }
}
