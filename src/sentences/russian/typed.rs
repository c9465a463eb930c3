//! What is wrong with what a person typed, in Russian.

use super::Russian;
use crate::community::IdError;
use crate::fetch::UrlError;
use crate::reach::{FingerprintsError, RowFault};
use crate::sentences::phrasebook::TypedPhrases;
use crate::sentences::typed::NoOpml;
use crate::signed::{BundleError, CommunityLinkError, FolderError, MAX_LINK_BYTES, MAX_LINK_MIRRORS, RoutePackError};
use crate::source::vk::VkConfigError;
use crate::strategies::{ImportError, MAX_IMPORT_BYTES, MAX_IMPORT_LINES};
use crate::transport::{
    DestinationError, MAX_BRIDGES, MAX_LOGIN_BYTES, MAX_NAME_BYTES, MAX_RESOLVERS, MAX_STRATEGY_BYTES,
    MAX_TLS_DELAY_MS, OnionKeyError, OverrideError, StrategyError, TorTransportError,
};
use crate::wire::tls::RootsError;

/// What else `tor` may have meant.
const OWN_TOR: &str = if cfg!(feature = "tor") {
    "Tor этой программы записывают как `tor:`; отдельно работающий Tor"
} else {
    "Работающий Tor"
};

/// The schemes that this build speaks.
const SPOKEN: &str = if cfg!(feature = "tor") {
    "direct, socks5, http, https, ss, tor и tor+socks5"
} else {
    "direct, socks5, http, https, ss и tor+socks5"
};

impl TypedPhrases for Russian {
    fn strategy(&self, error: &StrategyError) -> String {
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
        StrategyError::TorWithoutAddress => format!(
            "{OWN_TOR} указывают вместе с адресом: `tor+socks5://127.0.0.1:9050` (служба Tor, Orbot) или \
             `tor+socks5://127.0.0.1:9150` (Tor Browser)."
        ),
        StrategyError::ProxyWithoutScheme => "Перед адресом прокси указывают его вид: `socks5://HOST:PORT`, `http://HOST:PORT` или \
            `https://HOST:PORT`."
            .into(),
        StrategyError::UnknownScheme { scheme } => {
            format!("Схема `{scheme}` неизвестна; эта версия поддерживает {SPOKEN}.")
        }
        StrategyError::TorNotBuiltIn => "В этой программе нет своего Tor: для этого её собирают с функцией `tor`. Работающий отдельно Tor \
                 указывают вместе с адресом, например `tor+socks5://127.0.0.1:9050`."
            .into(),
        StrategyError::TorTakesNoHost => "У `tor:` нет ни адреса, ни логина, ни пути; работающий отдельно Tor указывают так: \
                 `tor+socks5://HOST:PORT`."
            .into(),
        StrategyError::NotSpoken { scheme } => {
            format!("Схему `{scheme}` эта версия не поддерживает; она поддерживает {SPOKEN}.")
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
        StrategyError::Server(error) => self.destination(*error),
        StrategyError::Onion => {
            "У прокси и DNS-сервера не бывает адреса `.onion`: он доступен только через Tor, а этот путь идёт не через Tor."
                .into()
        }
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
        StrategyError::Redacted => "Имя и пароль, мост или путь резолвера здесь заменены на `***`; впишите настоящие.".into(),
        StrategyError::LoginNotTaken => {
            "У `tor+socks5` не бывает имени и пароля; программа задаёт их сама, чтобы цепочки не смешивались.".into()
        }
        StrategyError::LoginEmpty => "Перед паролем нет имени пользователя; напишите `user:password@host:port`.".into(),
        StrategyError::LoginTooLong => {
            format!("Имя пользователя и пароль не бывают длиннее {} байт каждый.", MAX_LOGIN_BYTES)
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
            format!("Ключ для `{method}` состоит из {length} байт и пишется в Base64.")
        }
        StrategyError::Plugin { plugin } => format!(
            "Серверу нужен плагин `{plugin}`, а плагинов у этой программы нет; попросите сервер, который обходится без них."
        ),
        StrategyError::PercentEncoding => {
            "После `%` идут две шестнадцатеричные цифры, и вместе они составляют UTF-8; сам знак `%` пишется как `%25`."
                .into()
        }
        StrategyError::UnknownOption { option, .. } => format!("Параметр `{option}` неизвестен; {OPTIONS}."),
        StrategyError::NotAnOption { .. } => format!("За знаком `?` стоит не параметр; {OPTIONS}."),
        StrategyError::BridgeForm => "Мост записывают так: `ADDRESS:PORT FINGERPRINT`, а с транспортом `obfs4 ADDRESS:PORT FINGERPRINT cert=...`. \
             Адрес здесь — IP-адрес, отпечаток — 40 шестнадцатеричных цифр, а каждый пробел в URL пишется как `%20`."
            .into(),
        StrategyError::BridgeParameters => "После отпечатка моста с транспортом, например `obfs4`, идут только параметры \
             `KEY=VALUE`, вместе не длиннее 510 байт."
            .into(),
        StrategyError::BridgeCount => format!("В одном пути бывает не больше мостов, чем {MAX_BRIDGES}, и вместе они не слишком длинны; остальные укажите в другом."),
        StrategyError::BridgeTwice => "Один и тот же мост указан дважды; укажите его один раз.".into(),
        StrategyError::BridgeNotHere => {
            "Параметр `bridge` относится к `tor:`; у Tor, который работает отдельно, мосты задают в его настройках.".into()
        }
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
        StrategyError::DnsCount => format!("В одной строке не бывает больше {} DNS-серверов.", MAX_RESOLVERS),
        StrategyError::DnsTwice => "Один и тот же DNS-сервер указан в `dns` дважды; оставьте один.".into(),
        StrategyError::Tls => "`tls` — это `frag`, `records` или `segments`: как разрезается имя в ClientHello.".into(),
        StrategyError::TlsDelay => format!(
            "`tls-delay` — это пауза между частями при `tls=frag` или `tls=segments`, от 1 до {} миллисекунд.",
            MAX_TLS_DELAY_MS
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
        StrategyError::NameTooLong => format!("Название после `#` не бывает длиннее {} байт.", MAX_NAME_BYTES),
        StrategyError::NameControl => {
            "В названии после `#` не бывает переносов строки, управляющих знаков и знаков направления письма.".into()
        }
    }
    }

    fn destination(&self, error: DestinationError) -> String {
        match error {
DestinationError::Host => {
            "Это не имя вроде `example.org` и не адрес вроде `192.0.2.1` или `[2001:db8::1]`.".into()
        },
DestinationError::Port => "Порт — это число от 1 до 65535.".into(),
DestinationError::NoPort => "Не указан порт; напишите `host:port`.".into(),
DestinationError::Colons => {
            "Здесь больше одного знака `:`; адрес IPv6 пишется в скобках, например `[2001:db8::1]:443`, а имя и пароль \
             перед `@`."
                .into()
        },
}
    }

    fn import(&self, error: &ImportError) -> String {
        match error {
            ImportError::Strategy(error) => self.strategy(error),
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
            ImportError::TelegramOnly => "Через прокси MTProto работает только Telegram.".into(),
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

    fn address_by_hand(&self, error: &OverrideError) -> String {
        match error {
            OverrideError::Form(text) => {
                format!("Запись `{text}` не похожа на `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 в скобках.")
            }
            OverrideError::Host(text) => format!("Запись `{text}` — не имя и не адрес."),
            OverrideError::Port(text) => format!("Запись `{text}` — не порт от 1 до 65535."),
            OverrideError::Address(text) => {
                format!("Запись `{text}` — не IP-адрес; IPv6 пишется в скобках, например `[2001:db8::1]`.")
            }
        }
    }

    fn vk_config(&self, error: &VkConfigError) -> String {
        match error {
            VkConfigError::Base => {
                "Адрес API ВКонтакте — это URL вроде https://api.vk.ru, без имени, пароля, запроса и фрагмента.".into()
            }
            VkConfigError::Scheme => "Адрес API ВКонтакте начинается с https://.".into(),
            VkConfigError::Plain => {
                "По http к API ВКонтакте можно обращаться только на этом же устройстве: по пути ключ прочитал бы любой."
                    .into()
            }
            VkConfigError::Token => "Ключ ВКонтакте — это одна строка из видимых знаков ASCII без пробелов.".into(),
        }
    }

    fn tor_transport(&self, error: TorTransportError) -> String {
        match error {
            TorTransportError::Form => {
                "Транспорт Tor записывают как `NAME=/PATH` или `NAME=ADDRESS:PORT`, например `obfs4=/usr/bin/obfs4proxy`."
            }
            TorTransportError::Name => {
                "В названии транспорта бывают только латинские буквы, цифры и `_`, например `obfs4`; несколько названий разделяют запятыми."
            }
            TorTransportError::Path => {
                "Программу транспорта указывают с полным путём к файлу, например `obfs4=/usr/bin/obfs4proxy`."
            }
            TorTransportError::NotLoopback => {
                "Адрес уже работающего транспорта находится на этом устройстве, например `snowflake=127.0.0.1:52000`."
            }
        }
        .to_owned()
    }

    fn onion_key(&self, error: OnionKeyError) -> String {
        match error {
            OnionKeyError::Form => {
                "Ключ для onion-сервиса записывают как `ADDRESS:descriptor:x25519:KEY`; так его хранит и сам Tor."
            }
            OnionKeyError::Address => "Адреса перед ключом не может быть ни у какого onion-сервиса.",
            OnionKeyError::Key => "Ключ для onion-сервиса — это 52 латинские буквы и цифры (Base32).",
        }
        .to_owned()
    }

    fn roots(&self, error: &RootsError) -> String {
        match error {
            RootsError::NoCertificate => {
                "В файле нет сертификата; нужен PEM (`-----BEGIN CERTIFICATE-----`) или один сертификат DER.".into()
            }
            RootsError::BadCertificate { number } => {
                format!("Сертификат № {number} в файле не может быть корневым.")
            }
        }
    }

    fn fingerprints(&self, error: &FingerprintsError) -> String {
        match error {
            FingerprintsError::TooLong => "Список признаков блокировок слишком велик.".into(),
            FingerprintsError::TooManyRows => "В списке признаков блокировок слишком много строк.".into(),
            FingerprintsError::Quoting { row } => {
                format!("В строке {row} списка признаков блокировок кавычки закрыты не там, где нужно.")
            }
            FingerprintsError::Column { column } => {
                format!("В первой строке списка признаков блокировок нет столбца `{column}`.")
            }
        }
    }

    fn row(&self, fault: RowFault) -> &'static str {
        match fault {
            RowFault::Short => "Строка кончается раньше нужного столбца.",
            RowFault::Regexp => "Признак — регулярное выражение, а их Byway не применяет.",
            RowFault::PatternType => "Вид признака неизвестен.",
            RowFault::Pattern => "Признак пуст, слишком длинный или непригоден там, где его ищут.",
            RowFault::Location => "Место, где искать признак, неизвестно.",
            RowFault::Scope => "Область действия признака неизвестна.",
        }
    }

    fn route_pack(&self, error: RoutePackError) -> String {
        match error {
            RoutePackError::Form => "Это не набор маршрутов, или он повреждён.",
            RoutePackError::Passphrase => "Это не та парольная фраза, которой запечатан набор маршрутов.",
            RoutePackError::OtherCommunity => {
                "Набор маршрутов — от сообщества, которого на этом устройстве нет. Сначала откройте его ссылку."
            }
            RoutePackError::Unsigned => {
                "Этот набор маршрутов не подписал ни один админ сообщества, насколько это устройство их знает. Не пользуйтесь им."
            }
            RoutePackError::Disputed => {
                "Сообщество оспорено или заморожено, и его ключи могут быть в чужих руках. Набор маршрутов не используется."
            }
            RoutePackError::Ahead => {
                "Дата набора маршрутов больше чем на сутки опережает часы этого устройства. Проверьте часы; если они верны, попросите новый набор."
            }
            RoutePackError::Expired => "Срок набора маршрутов истёк. Попросите новый.",
            RoutePackError::Strategy => {
                "В наборе есть маршрут, которого в нём быть не может, например прямой, или его не удаётся прочитать. Из набора не взято ничего."
            }
        }
        .to_owned()
    }

    fn folder(&self, error: FolderError) -> String {
        match error {
            FolderError::Address => {
                "Ссылка на папку этого устройства имеет вид file:///ПУТЬ, можно с #byway: и идентификатором сообщества."
            }
            FolderError::Absent => "По этому пути нет папки с подписанным сообществом. Проверьте, вставлена ли карта.",
            FolderError::Unreadable => "Папка не читается: устройство не даёт её прочитать или не ответило вовремя.",
            FolderError::Form => {
                "В папке есть файл, какого в папке подписанного сообщества на этом месте не бывает, поэтому ничего не взято."
            }
        }
        .to_owned()
    }

    fn bundle(&self, error: BundleError) -> String {
        match error {
            BundleError::Form => "Это не файл с подписанным сообществом, или он повреждён.",
            BundleError::Truncated => "Файл с сообществом обрывается; скопируйте его ещё раз.",
            BundleError::Name => {
                "В файле с сообществом есть то, чего там быть не должно, поэтому из него не взято ничего."
            }
            BundleError::TooLarge => "Файл с сообществом или его часть больше, чем читается.",
        }
        .to_owned()
    }

    fn community_link(&self, error: CommunityLinkError) -> String {
        match error {
            CommunityLinkError::NoLink => {
                "Это не ссылка на подписанное сообщество; такая ссылка начинается с byway:.".to_owned()
            }
            CommunityLinkError::TooLong => {
                format!("Ссылка длиннее {MAX_LINK_BYTES} байт и не поместится в QR-код; уберите одно из зеркал.")
            }
            CommunityLinkError::Id => {
                "В ссылке нет номера сообщества из 64 шестнадцатеричных цифр; возможно, она скопирована не целиком."
                    .to_owned()
            }
            CommunityLinkError::Exposure => "Слово после exposure в ссылке — не open, не proxied и не tor.".to_owned(),
            CommunityLinkError::Key => {
                "Отпечаток ключей в ссылке — не 20 шестнадцатеричных цифр, или отпечатков два.".to_owned()
            }
            CommunityLinkError::Mirror => {
                "Зеркало — это адрес вида https://example.org/, без имени пользователя и без знаков ?, & и #."
                    .to_owned()
            }
            CommunityLinkError::TooManyMirrors => format!("В ссылке может быть не больше {MAX_LINK_MIRRORS} зеркал."),
            CommunityLinkError::Parameter => {
                "В ссылке есть то, чего эта версия не знает; возможно, ссылку составила более новая.".to_owned()
            }
        }
    }

    fn signed_id(&self) -> &'static str {
        "Номер подписанного сообщества состоит из 64 шестнадцатеричных цифр."
    }

    fn id(&self, error: &IdError) -> String {
        match error {
            IdError::Empty => "Идентификатор сообщества пуст.".into(),
            IdError::TooLong => "Идентификатор сообщества слишком длинный.".into(),
            IdError::Character => "В идентификаторе сообщества не бывает пробелов и управляющих знаков.".into(),
        }
    }

    fn no_runtime(&self) -> &'static str {
        "Клиент создаётся внутри работающей среды tokio, а её здесь нет."
    }

    fn root_certificates(&self) -> &'static str {
        "Один из указанных сертификатов не может быть корневым."
    }

    fn no_opml(&self, why: NoOpml) -> &'static str {
        match why {
            NoOpml::NotOpml => "Этот файл — не список лент (OPML).",
            NoOpml::TooLarge => "Этот список больше 4 МиБ и не прочитан.",
            NoOpml::TooDeep => "В этом списке больше 64 уровней вложенности, он не прочитан.",
        }
    }

    fn no_url(&self, error: &UrlError) -> String {
        match error {
            UrlError::Malformed => "Это не URL; он выглядит как https://example.org/page.".into(),
            UrlError::Scheme => "Прочитать можно только адреса http и https, а у этого другая схема.".into(),
            UrlError::Credentials => "Адреса, в которых есть имя пользователя или пароль, не читаются.".into(),
            UrlError::Unaskable => {
                "По этому адресу не обратиться: имени сайта или порта таких не бывает, или он слишком длинный.".into()
            }
        }
    }
}

/// The options of the schemes.
const OPTIONS: &str =
    "у `direct:` бывают `dns`, `tls`, `tls-delay`, `ech` и `cc`, у остальных `tls`, `tls-delay` и `cc`";
