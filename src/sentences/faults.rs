//! Why a link opens nothing, and why a source read nothing.

use super::{Language, capital};
use crate::community::HomeError;
use crate::http::FetchError;
use crate::reach::PlanError;
use crate::source::SourceError;

/// Why a text is no link of a community. English is the error's own words.
pub fn link(language: Language, error: &HomeError) -> String {
    if language == Language::En {
        return capital(&format!("{error}."));
    }
    match error {
        HomeError::NoAddress => "Это не адрес сообщества; он выглядит как vk.com/ИМЯ или https://vk.com/club123.",
        HomeError::Scheme => "Адрес сообщества начинается с https:// или http:// либо пишется без них.",
        HomeError::TooLong => "Адрес слишком длинный.",
        HomeError::Credentials => "В адресе сообщества не бывает имени пользователя и пароля.",
        HomeError::Port => "В адресе ВКонтакте не бывает номера порта.",
        HomeError::NoCommunity => {
            "Адрес ведёт на ВКонтакте, но сообщества в нём нет; нужен такой: vk.com/ИМЯ или vk.com/club123."
        }
        HomeError::Person => "Это страница человека ВКонтакте; Byway читает сообщества.",
        HomeError::Platform => "Это страница самого ВКонтакте, а не сообщества.",
        HomeError::Name => "С таким именем или номером сообщества ВКонтакте быть не может.",
    }
    .to_owned()
}

/// A link to a page that no source reads: which are known.
pub fn unknown_kind(language: Language) -> &'static str {
    match language {
        Language::En => {
            "Only communities at VKontakte can be opened so far, by links like vk.com/NAME, vk.ru/NAME or vk.com/club123; \
             byway get fetches any page."
        }
        Language::Ru => {
            "Пока открываются только сообщества ВКонтакте, по ссылкам вида vk.com/ИМЯ, vk.ru/ИМЯ или vk.com/club123; \
             любую страницу прочитает byway get."
        }
    }
}

/// Why no page came.
pub fn fetch(language: Language, error: &FetchError) -> String {
    if language == Language::En {
        return match error {
            FetchError::Unreached { .. } => "No way that was tried brought the page.".to_owned(),
            _ => capital(&format!("{error}.")),
        };
    }
    match error {
        FetchError::Unreached { .. } => "Ни один из испробованных путей не привёл к странице.".to_owned(),
        FetchError::Plan(error) => plan(language, error),
        FetchError::TooManyRedirects(most) => format!("Сайт перенаправляет больше {most} раз подряд."),
        FetchError::Redirect(_) => "Сайт перенаправляет туда, куда Byway не идёт.".to_owned(),
        FetchError::Upload(_) => "То, что нужно было отправить, не удалось прочитать.".to_owned(),
        FetchError::Url => "Прочитать можно только адрес http или https.".to_owned(),
    }
}

/// Why nothing may be tried.
pub fn plan(language: Language, error: &PlanError) -> String {
    if language == Language::En {
        return capital(&format!("{error}."));
    }
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
            "Это сообщество где-то заблокировано или просит не читать его напрямую, а других путей не указано; укажите \
             другой путь или разрешите для него прямой."
                .to_owned()
        }
    }
}

/// Why a source read nothing. What a platform says is quoted in its own language.
pub fn source(language: Language, error: &SourceError) -> String {
    if language == Language::En {
        return match error {
            SourceError::Unreached(error) => fetch(language, error),
            _ => ended(&capital(&error.to_string())),
        };
    }
    ended(&match error {
        SourceError::NoToken => {
            "Чтобы читать ВКонтакте, нужен ключ доступа, а его нет: возьмите сервисный ключ приложения \
             на https://id.vk.com или ключ пользователя и передайте его файлом (--vk-token-file) или через переменную \
             BYWAY_VK_TOKEN."
                .to_owned()
        }
        SourceError::TokenNamesReader => {
            "Ключ пользователя сообщает ВКонтакте, кто читает, поэтому в режиме `tor` он не \
             отправляется; возьмите сервисный ключ приложения."
                .to_owned()
        }
        SourceError::TokenRefused { code, other_address: true, .. } => format!(
            "ВКонтакте не принимает ключ: он выдан для другого IP-адреса, не того, который виден на этом пути (ошибка {code}). Это не \
             блокировка: читайте тем путём, на котором ключ выдан, или возьмите другой."
        ),
        SourceError::TokenRefused { code, message, .. } => {
            format!("ВКонтакте не принимает ключ (ошибка {code}): «{message}»")
        }
        SourceError::UserRefused { code, message } => format!(
            "ВКонтакте сообщает, что владельца ключа не обслуживает или сначала ждёт от него чего-то (ошибка {code}): «{message}»"
        ),
        SourceError::AppRefused { code, message } => {
            format!("ВКонтакте сообщает, что приложение этого ключа не обслуживает (ошибка {code}): «{message}»")
        }
        SourceError::Stated { code, message } => format!("ВКонтакте сообщает об ошибке {code}: «{message}»"),
        SourceError::Throttled { code, message } => {
            format!("ВКонтакте сообщает, что пока больше не отвечает на запросы (ошибка {code}): «{message}»")
        }
        SourceError::Denied { code, message } => {
            format!("ВКонтакте сообщает, что с этим ключом сообщество читать нельзя (ошибка {code}): «{message}»")
        }
        SourceError::Gone { code, message } => {
            format!("ВКонтакте сообщает, что этого сообщества больше нет (ошибка {code}): «{message}»")
        }
        SourceError::Absent => "В ответе ВКонтакте такого сообщества нет; проверьте адрес.".to_owned(),
        SourceError::Restricted(restriction) => {
            format!(
                "{} сообщает, что не показывает сообщество ни на одном из путей: «{}»",
                restriction.stated_by, restriction.text
            )
        }
        SourceError::Platform { code, message } => {
            format!("ВКонтакте сообщает о своей неполадке (ошибка {code}): «{message}»")
        }
        SourceError::Request { code, message } => {
            format!("ВКонтакте не принимает запрос (ошибка {code}): «{message}»")
        }
        SourceError::Answer => "В ответе ВКонтакте нет сообщества, которое можно прочитать.".to_owned(),
        SourceError::Unreached(error) => fetch(language, error),
        SourceError::Own(sentence) => sentence.clone(),
        SourceError::Unsupported => unknown_kind(language).to_owned(),
    })
}

/// With a full stop, unless it ends with one or with a quotation.
fn ended(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', '…', '”', '»']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;
    use crate::community::Restriction;
    use crate::transport::Exposure;

    #[test]
    fn every_fault_has_a_sentence_in_every_language() {
        let links = [
            HomeError::NoAddress,
            HomeError::Scheme,
            HomeError::TooLong,
            HomeError::Credentials,
            HomeError::Port,
            HomeError::NoCommunity,
            HomeError::Person,
            HomeError::Platform,
            HomeError::Name,
        ];
        let message = || "stated".to_owned();
        let fetches = [
            FetchError::Unreached { finding: None },
            FetchError::Plan(PlanError::NoStrategy),
            FetchError::Plan(PlanError::AdviceForbidsAll),
            FetchError::Plan(PlanError::OnThisDevice),
            FetchError::Plan(PlanError::OnionNeedsTor),
            FetchError::Plan(PlanError::ExposureForbidsAll { exposure: Exposure::Tor }),
            FetchError::TooManyRedirects(10),
            FetchError::Upload("a file that is gone".into()),
            FetchError::Url,
        ];
        let sources = [
            SourceError::NoToken,
            SourceError::TokenNamesReader,
            SourceError::TokenRefused { code: 5, other_address: true, message: message() },
            SourceError::TokenRefused { code: 5, other_address: false, message: message() },
            SourceError::Throttled { code: 6, message: message() },
            SourceError::Denied { code: 15, message: message() },
            SourceError::Gone { code: 18, message: message() },
            SourceError::Absent,
            SourceError::Restricted(Box::new(Restriction::new("withheld", "VK"))),
            SourceError::UserRefused { code: 37, message: message() },
            SourceError::AppRefused { code: 2, message: message() },
            SourceError::Stated { code: 4242, message: message() },
            SourceError::Platform { code: 10, message: message() },
            SourceError::Request { code: 100, message: message() },
            SourceError::Answer,
            SourceError::Unreached(FetchError::Unreached { finding: None }),
            SourceError::Unsupported,
        ];
        for language in Language::ALL {
            let links = links.iter().map(|error| link(language, error));
            let fetches = fetches.iter().map(|error| fetch(language, error));
            let sources = sources.iter().map(|error| source(language, error));
            for sentence in links.chain(fetches).chain(sources).chain([unknown_kind(language).to_owned()]) {
                promises_nothing(&sentence);
                is_a_sentence(&sentence);
                assert_eq!(has_cyrillic(&sentence), language == Language::Ru, "{sentence}");
            }
        }
    }
}
