//! What is wrong with what a person typed or pasted: strategies, lists of them, addresses, configurations.
//!
//! English is the error's own words. A sentence ends with a full stop here; where it stands behind the name of a field
//! or of a flag, a face may take it off.

use super::{Language, capital};
use crate::community::IdError;
use crate::reach::{FingerprintsError, RowFault};
use crate::source::vk::VkConfigError;
use crate::strategies::{ImportError, MAX_IMPORT_BYTES, MAX_IMPORT_LINES};
use crate::transport::{
    DestinationError, Login, MAX_STRATEGY_BYTES, Name, OverrideError, Resolvers, Shaping, StrategyError,
};
use crate::wire::tls::RootsError;

/// Why a text is no strategy.
pub fn strategy(language: Language, error: &StrategyError) -> String {
    if language == Language::En {
        return english(error);
    }
    match error {
        StrategyError::Empty => "Здесь нет пути; напишите, например, `direct:` или `socks5://host:1080`.".into(),
        StrategyError::TooLong => format!("Запись пути не бывает длиннее {MAX_STRATEGY_BYTES} байт."),
        StrategyError::Whitespace => {
            "До названия в записи пути не бывает пробелов и управляющих знаков; пробел в пароле пишется как `%20`."
                .into()
        }
        StrategyError::NoScheme => {
            "Запись пути начинается со схемы, например `socks5://host:1080` или `direct:`.".into()
        }
        StrategyError::UnknownScheme { scheme } => {
            format!("Схема `{scheme}` неизвестна; эта версия знает direct, socks5, http, https, ss и tor+socks5.")
        }
        StrategyError::NotSpoken { scheme } => {
            format!("Этой версии схема `{scheme}` не по силам; она умеет direct, socks5, http, https, ss и tor+socks5.")
        }
        StrategyError::AmbiguousScheme => {
            "Из `socks` не видно, какая это версия; для SOCKS5 напишите `socks5://`.".into()
        }
        StrategyError::NoHost { scheme } => format!("После `{scheme}` нужен адрес, например `{scheme}://host:port`."),
        StrategyError::DirectTakesNoHost => {
            "У `direct:` не бывает адреса, пароля и пути к странице; за ним идут только параметры, например \
             `direct:?dns=udp://9.9.9.9`, и название."
                .into()
        }
        StrategyError::Server(error) => destination(language, *error),
        StrategyError::Path => {
            "У прокси не бывает пути к странице; за адресом и портом идут только параметры, например `?cc=nl`, и \
             название, например `#home`."
                .into()
        }
        StrategyError::MisplacedAt => {
            "Знак `@` стоит слишком поздно; в пароле `/` пишется как `%2F`, `?` как `%3F`, `#` как `%23`, а в названии \
             `@` как `%40`."
                .into()
        }
        StrategyError::Redacted => "Имя и пароль здесь заменены на `***`; впишите настоящие.".into(),
        StrategyError::LoginNotTaken => {
            "У `tor+socks5` не бывает имени и пароля; программа задаёт их сама, чтобы цепочки не смешивались.".into()
        }
        StrategyError::LoginEmpty => "Перед паролем нет имени пользователя; напишите `user:password@host:port`.".into(),
        StrategyError::LoginTooLong => {
            format!("Имя пользователя и пароль не бывают длиннее {} байт каждый.", Login::MAX)
        }
        StrategyError::LoginControl => "В имени пользователя и пароле не бывает управляющих знаков.".into(),
        StrategyError::LoginColon => "В имени пользователя HTTP-прокси не бывает знака `:`.".into(),
        StrategyError::ShadowsocksForm => "За `ss://` идёт `method:password@host:port`, как есть или в Base64.".into(),
        StrategyError::Method => "Метод в этой записи `ss://` неизвестен; напишите, например, `aes-256-gcm`.".into(),
        StrategyError::MethodPlain => {
            "С этой записью `ss://` ничего не шифруется: по пути к серверу было бы видно, что вы посещаете.".into()
        }
        StrategyError::MethodWeak => "Метод в этой записи `ss://` не замечает изменённых байтов, и по пути можно \
             изменить то, что передаётся; серверу нужен `aes-256-gcm`, `chacha20-ietf-poly1305` или метод 2022 года."
            .into(),
        StrategyError::PasswordEmpty => "Нет пароля; напишите `ss://method:password@host:port`.".into(),
        StrategyError::Key => {
            "Пароль метода 2022 года — это ключ в Base64; в записи URL `+` пишется как `%2B`, `/` как \
             `%2F`, а `=` как `%3D`."
                .into()
        }
        StrategyError::KeyLength { method, length } => {
            format!("Длина ключа для `{method}` в байтах: {length}; он пишется в Base64.")
        }
        StrategyError::Plugin { plugin } => format!(
            "Сервер ждёт плагин `{plugin}`, а плагинов у этой программы нет; попросите сервер, который обходится без них."
        ),
        StrategyError::PercentEncoding => {
            "После `%` идут две шестнадцатеричные цифры, и вместе они составляют UTF-8; сам знак `%` пишется как `%25`."
                .into()
        }
        StrategyError::UnknownOption { option, .. } => format!("Параметр `{option}` неизвестен; {OPTIONS}."),
        StrategyError::NotAnOption { .. } => format!("За знаком `?` стоит не параметр; {OPTIONS}."),
        StrategyError::DnsNotHere => {
            "Параметр `dns` бывает только у `direct:`; прокси получает имя и находит адрес сам.".into()
        }
        StrategyError::DuplicateOption { option } => format!("Параметр `{option}` указан дважды; оставьте один."),
        StrategyError::Country => {
            "`cc` — это страна из двух букв по ISO 3166-1, например `cc=nl`; у Великобритании это `gb`.".into()
        }
        StrategyError::Dns => {
            "`dns` — это `system`, `udp://АДРЕС`, `tls://ИМЯ@АДРЕС` или `https://ИМЯ@АДРЕС/dns-query`; \
            имя не нужно, если сертификат выдан на адрес, IPv6 в скобках, например `dns=https://9.9.9.9/dns-query`."
                .into()
        }
        StrategyError::DnsNotSpoken => "Эта версия спрашивает DNS-серверы по UDP, TLS и HTTPS, например \
            `dns=https://9.9.9.9/dns-query`, или системный: `dns=system`."
            .into(),
        StrategyError::DnsCount => format!("В одной строке не бывает больше {} DNS-серверов.", Resolvers::MAX),
        StrategyError::DnsTwice => "Один и тот же DNS-сервер указан в `dns` дважды; оставьте один.".into(),
        StrategyError::Tls => "`tls` — это `frag`, `records` или `segments`: как разрезается имя в ClientHello.".into(),
        StrategyError::TlsDelay => format!(
            "`tls-delay` — это пауза между частями при `tls=frag` или `tls=segments`, от 1 до {} миллисекунд.",
            Shaping::MAX_DELAY_MS
        ),
        StrategyError::TlsDelayAlone => {
            "`tls-delay` — это пауза между сегментами TCP; добавьте `tls=frag` или `tls=segments`.".into()
        }
        StrategyError::Ech => "`ech` — это `prefer` или `require`.".into(),
        StrategyError::EchNeedsResolver => {
            "Для `ech` нужен DNS-сервер, который подтверждает себя сертификатом, например \
            `direct:?dns=https://9.9.9.9/dns-query&ech=prefer`; прокси находит адрес сам, и `ech` у него нет."
                .into()
        }
        StrategyError::NameEmpty => "Название после `#` пустое; уберите `#`.".into(),
        StrategyError::NameTooLong => format!("Название после `#` не бывает длиннее {} байт.", Name::MAX),
        StrategyError::NameControl => {
            "В названии после `#` не бывает переносов строки, управляющих знаков и знаков направления письма.".into()
        }
    }
}

/// Why a text is no host and port.
pub fn destination(language: Language, error: DestinationError) -> String {
    match (language, error) {
        (Language::En, _) => english(&error),
        (Language::Ru, DestinationError::Host) => {
            "Это не имя вроде `example.org` и не адрес вроде `192.0.2.1` или `[2001:db8::1]`.".into()
        }
        (Language::Ru, DestinationError::Port) => "Порт — это число от 1 до 65535.".into(),
        (Language::Ru, DestinationError::NoPort) => "Не указан порт; напишите `host:port`.".into(),
        (Language::Ru, DestinationError::Colons) => {
            "Здесь больше одного знака `:`; адрес IPv6 пишется в скобках, например `[2001:db8::1]:443`, а имя и пароль \
             перед `@`."
                .into()
        }
    }
}

/// Why no strategy was taken from a pasted line.
pub fn import(language: Language, error: &ImportError) -> String {
    if language == Language::En {
        return english(error);
    }
    match error {
        ImportError::Strategy(error) => strategy(language, error),
        ImportError::NotUnderstood => {
            "В этой строке пути не нашлось; напишите, например, `socks5://user:password@host:1080`.".into()
        }
        ImportError::NoKind => {
            "По этой строке не понять, какой это прокси; напишите перед адресом `socks5://` или `http://`.".into()
        }
        ImportError::OtherText => {
            "Рядом с путём есть ещё какой-то текст; имя и пароль пишутся так: `socks5://user:password@host:1080`."
                .into()
        }
        ImportError::Several => "В этой строке несколько путей; поместите каждый на отдельную строку.".into(),
        ImportError::WebPage => {
            "Это адрес страницы; если это прокси, укажите его порт, например `https://host:443`.".into()
        }
        ImportError::TelegramOnly => "Прокси MTProto пропускает только Telegram.".into(),
        ImportError::TelegramField { field } => {
            format!("В этой ссылке Telegram нет поля `{field}`, или оно указано дважды.")
        }
        ImportError::TooManyLines => {
            format!("Прочитаны только первые {MAX_IMPORT_LINES} строк; остальное вставьте отдельно.")
        }
        ImportError::TooManyBytes => {
            format!("Прочитаны только первые {} КиБ; остальное вставьте отдельно.", MAX_IMPORT_BYTES / 1024)
        }
    }
}

/// Why an address was not taken that was given by hand.
pub fn address_by_hand(language: Language, error: &OverrideError) -> String {
    match (language, error) {
        (Language::En, _) => english(error),
        (Language::Ru, OverrideError::Form(text)) => {
            format!("Запись `{text}` не похожа на `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 в скобках.")
        }
        (Language::Ru, OverrideError::Host(text)) => format!("Запись `{text}` — не имя и не адрес."),
        (Language::Ru, OverrideError::Port(text)) => format!("Запись `{text}` — не порт от 1 до 65535."),
        (Language::Ru, OverrideError::Address(text)) => {
            format!("Запись `{text}` — не IP-адрес; IPv6 пишется в скобках, например `[2001:db8::1]`.")
        }
    }
}

/// Why VKontakte's API cannot be asked as configured.
pub fn vk_config(language: Language, error: &VkConfigError) -> String {
    match (language, error) {
        (Language::En, _) => english(error),
        (Language::Ru, VkConfigError::Base) => {
            "Адрес API ВКонтакте — это URL вроде https://api.vk.ru, без имени, пароля, запроса и фрагмента.".into()
        }
        (Language::Ru, VkConfigError::Scheme) => "Адрес API ВКонтакте начинается с https://.".into(),
        (Language::Ru, VkConfigError::Plain) => {
            "По http к API ВКонтакте можно обращаться только на этом же устройстве: по дороге ключ прочитал бы любой."
                .into()
        }
        (Language::Ru, VkConfigError::Token) => {
            "Ключ ВКонтакте — это одна строка из видимых знаков ASCII без пробелов.".into()
        }
    }
}

/// Why a file of root certificates cannot be used.
pub fn roots(language: Language, error: &RootsError) -> String {
    match (language, error) {
        (Language::En, _) => english(error),
        (Language::Ru, RootsError::NoCertificate) => {
            "В файле нет сертификата; нужен PEM (`-----BEGIN CERTIFICATE-----`) или один сертификат DER.".into()
        }
        (Language::Ru, RootsError::BadCertificate { number }) => {
            format!("Сертификат № {number} в файле не может быть корневым.")
        }
    }
}

/// Why a list of fingerprints is none.
pub fn fingerprints(language: Language, error: &FingerprintsError) -> String {
    match (language, error) {
        (Language::En, _) => english(error),
        (Language::Ru, FingerprintsError::TooLong) => "Список признаков блокировок слишком велик.".into(),
        (Language::Ru, FingerprintsError::TooManyRows) => "В списке признаков блокировок слишком много строк.".into(),
        (Language::Ru, FingerprintsError::Quoting { row }) => {
            format!("В строке {row} списка признаков блокировок кавычки закрыты не там, где нужно.")
        }
        (Language::Ru, FingerprintsError::Column { column }) => {
            format!("В первой строке списка признаков блокировок нет столбца `{column}`.")
        }
    }
}

/// Why a row of a list of fingerprints is passed over.
pub fn row(language: Language, fault: RowFault) -> &'static str {
    let (en, ru) = match fault {
        RowFault::Short => ("The row ends before a column that is needed.", "Строка кончается раньше нужного столбца."),
        RowFault::Regexp => (
            "The pattern is a regular expression, and Byway runs none.",
            "Признак — регулярное выражение, а их Byway не применяет.",
        ),
        RowFault::PatternType => ("The kind of the pattern is unknown.", "Вид признака неизвестен."),
        RowFault::Pattern => (
            "The pattern is empty, too long, or of no use where it is looked for.",
            "Признак пуст, слишком длинный или непригоден там, где его ищут.",
        ),
        RowFault::Location => ("The place to look in is unknown.", "Место, где искать признак, неизвестно."),
        RowFault::Scope => ("The scope is unknown.", "Область действия признака неизвестна."),
    };
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

/// Why a text is no id of a community.
pub fn id(language: Language, error: &IdError) -> String {
    match (language, error) {
        (Language::En, _) => english(error),
        (Language::Ru, IdError::Empty) => "Идентификатор сообщества пуст.".into(),
        (Language::Ru, IdError::TooLong) => "Идентификатор сообщества слишком длинный.".into(),
        (Language::Ru, IdError::Character) => {
            "В идентификаторе сообщества не бывает пробелов и управляющих знаков.".into()
        }
    }
}

/// The client was not made inside a tokio runtime.
pub fn no_runtime(language: Language) -> &'static str {
    match language {
        Language::En => "A client is made inside a running tokio runtime, and there is none here.",
        Language::Ru => "Клиент создаётся внутри работающей среды tokio, а её здесь нет.",
    }
}

/// One of the roots that were given is none.
pub fn root_certificates(language: Language) -> &'static str {
    match language {
        Language::En => "One of the given certificates cannot be a root.",
        Language::Ru => "Один из указанных сертификатов не может быть корневым.",
    }
}

/// What is wrong with an address of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoUrl<'a> {
    /// It does not parse.
    Malformed(&'a str),
    /// It is of another scheme.
    Scheme(&'a str),
    /// It carries a user name or password.
    Credentials,
    /// Its host or port is none, or it is too long.
    Unaskable,
}

/// Why a text is no URL that is fetched.
pub fn no_url(language: Language, why: NoUrl<'_>) -> String {
    match (language, why) {
        (Language::En, NoUrl::Malformed(text)) => {
            format!("`{text}` is no URL; one looks like https://example.org/page.")
        }
        (Language::Ru, NoUrl::Malformed(text)) => {
            format!("Запись `{text}` — не URL; он выглядит как https://example.org/page.")
        }
        (Language::En, NoUrl::Scheme(scheme)) => {
            format!("Only http and https URLs are fetched, and this one is {scheme}.")
        }
        (Language::Ru, NoUrl::Scheme(scheme)) => {
            format!("Прочитать можно только адреса http и https, а этот — {scheme}.")
        }
        (Language::En, NoUrl::Credentials) => "A URL with a user name or password in it is not fetched.".into(),
        (Language::Ru, NoUrl::Credentials) => "Адреса с именем и паролем внутри не читаются.".into(),
        (Language::En, NoUrl::Unaskable) => {
            "This URL cannot be asked for: its host or port is none, or it is longer than any server takes.".into()
        }
        (Language::Ru, NoUrl::Unaskable) => {
            "По этому адресу не обратиться: имени сайта или порта таких не бывает, или он слишком длинный.".into()
        }
    }
}

fn english(error: &impl std::error::Error) -> String {
    capital(&format!("{error}."))
}

/// What the schemes take.
const OPTIONS: &str =
    "у `direct:` бывают `dns`, `tls`, `tls-delay`, `ech` и `cc`, у остальных `tls`, `tls-delay` и `cc`";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every;
    use super::super::tests::{has_cyrillic, promises_nothing};
    use super::*;

    #[test]
    fn whatever_is_wrong_with_what_was_typed_is_said_in_every_language() {
        let urls = [NoUrl::Malformed("x"), NoUrl::Scheme("ftp"), NoUrl::Credentials, NoUrl::Unaskable];
        let (strategies, imports) = (every::strategies(), every::imports());
        let (by_hand, configs, files) = (every::addresses_by_hand(), every::vk_configs(), every::roots());
        for &language in Language::ALL {
            let told = strategies.iter().map(|error| strategy(language, error));
            let told = told.chain(imports.iter().map(|error| import(language, error)));
            let told = told.chain(by_hand.iter().map(|error| address_by_hand(language, error)));
            let told = told.chain(configs.iter().map(|error| vk_config(language, error)));
            let told = told.chain(files.iter().map(|error| roots(language, error)));
            let told = told.chain(urls.into_iter().map(|why| no_url(language, why)));
            for sentence in told.chain([root_certificates(language), no_runtime(language)].map(str::to_owned)) {
                promises_nothing(&sentence);
                assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
