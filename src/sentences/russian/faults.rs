//! Why nothing was read, in Russian.

use super::{Russian, TAG};
use crate::community::HomeError;
use crate::fetch::{FetchError, RedirectError, StreamError};
use crate::reach::PlanError;
use crate::sentences::grammar::ended;
use crate::sentences::phrasebook::{AttemptPhrases, FaultPhrases};
use crate::sentences::{Language, unbelieved};
use crate::source::{Platform, PlatformMessage, SourceError};

impl FaultPhrases for Russian {
    fn link(&self, error: &HomeError) -> String {
        match error {
            HomeError::NoAddress => "Это не адрес сообщества; он выглядит как vk.com/ИМЯ или https://vk.com/club123.",
            HomeError::Scheme => "Адрес сообщества начинается с https:// или http:// либо пишется без них.",
            HomeError::TooLong => "Адрес слишком длинный.",
            HomeError::Credentials => "В адресе сообщества не бывает имени пользователя и пароля.",
            HomeError::Port => "В адресе ВКонтакте и Telegram не бывает номера порта.",
            HomeError::NoCommunity => {
                "Адрес ведёт на ВКонтакте, но сообщества в нём нет; нужен такой: vk.com/ИМЯ или vk.com/club123."
            }
            HomeError::Person => "Это страница человека ВКонтакте; Byway читает сообщества.",
            HomeError::Platform => "Это страница самого ВКонтакте, а не сообщества.",
            HomeError::Name => "С таким именем или номером сообщества ВКонтакте быть не может.",
            HomeError::NoChannel => "Адрес ведёт в Telegram, но канала в нём нет; нужен такой: t.me/ИМЯ.",
            HomeError::PrivateLink => {
                "Ссылка ведёт в закрытый чат Telegram, который могут читать только его участники."
            }
            HomeError::TelegramPage => "Это страница самого Telegram, а не канала.",
            HomeError::ChannelName => "С таким именем канала в Telegram быть не может.",
        }
        .to_owned()
    }

    fn unknown_kind(&self) -> &'static str {
        "Такие адреса здесь не читает ни один источник. Сам Byway читает сайты, у которых есть лента или календарь, сообщества \
             ВКонтакте по ссылкам вида vk.com/ИМЯ, vk.ru/ИМЯ или vk.com/club123 и открытые каналы Telegram по ссылкам вида t.me/ИМЯ."
    }

    fn unread_kind(&self) -> &'static str {
        "Такие адреса здесь не читает ни один источник."
    }

    fn fetch(&self, error: &FetchError) -> String {
        match error {
            FetchError::Unreached { .. } => "Ни один из испробованных путей не привёл к странице.".to_owned(),
            FetchError::Plan(error) => self.plan(error),
            FetchError::TooManyRedirects(0) => {
                "Сайт отвечает перенаправлением, а этот запрос за перенаправлениями не следует.".to_owned()
            }
            FetchError::TooManyRedirects(most) => format!("Сайт перенаправляет больше {most} раз подряд."),
            FetchError::Redirect(error) => self.redirect(*error),
            FetchError::Upload(_) => "То, что нужно было отправить, не удалось прочитать.".to_owned(),
            FetchError::ExposureRaised => {
                "Пока запрос был в пути, для этого места выбрали более строгий режим. Запрос прерван, а \
            отправлять его второй раз нельзя."
                    .to_owned()
            }
            FetchError::Url => "Прочитать можно только адрес, который начинается с http:// или https://.".to_owned(),
        }
    }

    fn redirect(&self, error: RedirectError) -> String {
        match error {
            RedirectError::Location => "Сайт перенаправляет на то, что не является адресом.",
            RedirectError::TwoLocations => "Эта программа не принимает перенаправления сразу на два адреса.",
            RedirectError::Scheme => "Сайт перенаправляет на то, что не является веб-страницей.",
            RedirectError::PrivateAddress => "Сайт перенаправляет на частный адрес.",
            RedirectError::Downgrade => "Сайт перенаправляет с https на http.",
            RedirectError::Exposure => "Сайт перенаправляет на ссылку с режимом, которого Byway не знает.",
            RedirectError::Body => "Сайт просит отправить тело запроса по другому адресу.",
        }
        .to_owned()
    }

    fn stream(&self, error: &StreamError) -> String {
        match error {
            StreamError::Broken(failure) => {
                format!("Передача оборвалась: {}.", self.cause(&failure.cause))
            }
            StreamError::Changed => "Передача оборвалась, и файл с тех пор изменился.".to_owned(),
            StreamError::ExposureRaised => {
                "Во время передачи для этого места выбрали более строгий режим; остальное этим путём получать нельзя."
                    .to_owned()
            }
        }
    }

    fn plan(&self, error: &PlanError) -> String {
        match error {
        PlanError::ExposureForbidsAll { exposure } => {
            format!("Режим `{exposure}` не допускает ни одного из указанных путей.")
        }
        PlanError::NoStrategy => "Не указано ни одного пути; укажите хотя бы один, например `direct:`.".to_owned(),
        PlanError::OnThisDevice => {
            "Это адрес самого этого устройства, до которого прокси в другом месте не дойдёт; разрешите для него `direct:`."
                .to_owned()
        }
        PlanError::OnionNeedsTor => {
            "Адрес `.onion` открывается только через Tor, а путь через Tor не указан; добавьте `tor+socks5://127.0.0.1:9050`."
                .to_owned()
        }
        PlanError::AdviceForbidsAll => {
            "Это сообщество где-то заблокировано, просит не читать его напрямую или пришло в файле и ни разу не открывалось по \
             своей ссылке, а других путей не указано; укажите прокси или Tor. То, что пришло в файле, читается напрямую после того, как \
             открыта его ссылка, остальное — если разрешить для него прямой путь."
                .to_owned()
        }
    }
    }

    fn source(&self, error: &SourceError) -> String {
        fn of(platform: &Platform) -> &str {
            platform.name_in(TAG)
        }
        // The platform's own words, after its number and as a quotation.
        let quoted = |stated: &PlatformMessage| {
            let number = stated.code.map(|code| format!(" (ошибка {code})")).unwrap_or_default();
            format!("{number}: «{}»", stated.message)
        };
        let says = |what: &str, stated: &PlatformMessage| {
            format!("{} сообщает, что {what}{}", of(&stated.platform), quoted(stated))
        };
        ended(&match error {
            SourceError::NoToken { platform, issued_at } => {
                let at = issued_at.as_ref().map(|url| format!("; ключи выдают на {}", crate::source::shown(url)));
                format!("{}: чтобы читать, нужен ключ доступа, а он не указан{}", of(platform), at.unwrap_or_default())
            }
            SourceError::TokenNamesReader(platform) => format!(
                "{}: ключ пользователя сообщает, кто читает, поэтому в режиме `tor` он не отправляется; возьмите сервисный ключ \
             приложения.",
                of(platform)
            ),
            SourceError::TokenRefused { other_address: true, stated } => format!(
                "{} не принимает ключ: он выдан для другого IP-адреса, а не для того, который виден на этом пути{}. Это не \
             блокировка: читайте тем же путём, которым получали ключ, или возьмите другой ключ.",
                of(&stated.platform),
                stated.code.map(|code| format!(" (ошибка {code})")).unwrap_or_default()
            ),
            SourceError::TokenRefused { stated, .. } => {
                format!("{} не принимает ключ{}", of(&stated.platform), quoted(stated))
            }
            SourceError::UserRefused(stated) => {
                says("отказывает владельцу ключа или сначала чего-то ждёт от него", stated)
            }
            SourceError::AppRefused(stated) => says("отказывает приложению этого ключа", stated),
            SourceError::Stated(stated) => {
                let number = stated.code.map(|code| format!(" {code}")).unwrap_or_default();
                format!("{} сообщает об ошибке{number}: «{}»", of(&stated.platform), stated.message)
            }
            SourceError::Throttled(stated) => says("временно не отвечает на новые запросы", stated),
            SourceError::Denied(stated) => says("с этим ключом сообщество читать нельзя", stated),
            SourceError::Gone(stated) => says("этого сообщества больше нет", stated),
            SourceError::Absent(platform) => {
                format!(
                    "{}: такой страницы или такого сообщества, по ответу, нет; проверьте, нет ли в ссылке опечатки.",
                    of(platform)
                )
            }
            SourceError::Restricted { platform, restriction } => {
                let is_its_word = restriction.stated_by == platform.name();
                let who = if is_its_word { of(platform) } else { &restriction.stated_by };
                format!("{who} сообщает, что не показывает сообщество ни на одном из путей: «{}»", restriction.text)
            }
            SourceError::Platform(stated) => {
                format!("{} сообщает о своей неполадке{}", of(&stated.platform), quoted(stated))
            }
            SourceError::Request(stated) => {
                format!("{} не принимает запрос{}", of(&stated.platform), quoted(stated))
            }
            SourceError::Answer(platform) => {
                format!("{}: в ответе нет сообщества, которое можно прочитать.", of(platform))
            }
            SourceError::NoFeed(platform) => {
                format!("{}: на странице не указаны ни лента, ни календарь, которые можно прочитать.", of(platform))
            }
            SourceError::NoPreview(platform) => format!(
                "{}: на веб-странице по этому адресу нет записей. Это человек, группа или канал без предварительного просмотра.",
                of(platform)
            ),
            SourceError::NotGenuine { platform, fault } => format!(
                "{}: нет доказательства, что это то самое сообщество. {}",
                of(platform),
                unbelieved(Language::Ru, fault.what())
            ),
            SourceError::Unreached(error) => self.fetch(error),
            SourceError::Own(sentence) => sentence.clone(),
            SourceError::Panicked => {
                "Часть программы, которая читает такие адреса, дала сбой; это ошибка программы.".to_owned()
            }
            SourceError::Unsupported => self.unread_kind().to_owned(),
        })
    }
}
