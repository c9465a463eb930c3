//! The headings and labels of the output for people. Sentences come from `byway::sentences`.

use byway::community::{AdviceKind, EventStatus, Field, State};
use byway::sentences::Language;

/// One label in every language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    en: &'static str,
    ru: &'static str,
}

impl Word {
    pub(crate) fn in_(self, language: Language) -> &'static str {
        match language {
            Language::Ru => self.ru,
            _ => self.en,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $ru:literal;)*) => {
        $(pub(crate) const $name: Word = Word { en: $en, ru: $ru };)*
        #[cfg(test)]
        const ALL: &[Word] = &[$($name),*];
    };
}

words! {
    MEMBER: "member", "участник";
    MEMBERS_FEW: "members", "участника";
    MEMBERS: "members", "участников";
    READ: "read", "прочитано";
    RESTRICTIONS: "Restrictions", "Ограничения";
    STATES: "states", "сообщает";
    ACCESS_ADVICE: "How it asks to be read", "Как просят читать";
    DIRECT_NOT_KEPT_BACK: "This version keeps no memory of such advice: to keep direct packets from being sent, pass --exposure tor.",
        "Эта версия не запоминает такие просьбы: чтобы не было прямых соединений, укажите --exposure tor.";
    SUCCESSOR: "Says it moved to", "Сообщает, что переехало на";
    PREDECESSOR: "Says it came from", "Сообщает, что пришло с";
    CLAIM: "a claim, not followed", "это утверждение, Byway туда не переходит";
    POSTS: "Posts", "Записи";
    NO_POSTS: "No posts.", "Записей нет.";
    PINNED: "pinned", "закреплено";
    EDITED: "edited", "изменено";
    REPOST: "passes on", "репост";
    UNDATED: "no date", "без даты";
    EVENTS: "Events", "События";
    ORGANISER: "called by", "проводит";
    GOING: "going", "собираются";
    HOW: "How it was reached", "Как прочитано";
    NOTES: "What could not be read", "Что не удалось прочитать";
    PHOTO: "photo", "фото";
    VIDEO: "video", "видео";
    DOCUMENT: "file", "файл";
    LINK: "link", "ссылка";
    AUDIO: "recording", "запись";
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
    CANCELLED: "called off", "отменено";
    REMOVED: "its page is gone", "страница удалена";
    GONE: "the platform states that it is gone", "платформа сообщает, что его больше нет";
    MOVED: "moved", "переехало";
    READING: "Reading", "Читаю";
    ASKING: "Asking every way for", "Проверяю все пути к";
    LOSERS: "Listening to the other ways", "Дослушиваю остальные пути";
    OF_ORDER: "No.", "№";
    HOMES: "Also at", "Также";

    DEMO_IS: "A small internet runs inside this program: a phone, its provider, VK, a proxy in the Netherlands and a Tor. \
        Its time is virtual and no real network is used, but the code that reads is the one you would run.",
        "Внутри этой программы работает маленький интернет: телефон, его провайдер, ВКонтакте, прокси в Нидерландах и Tor. \
        Время в нём условное, настоящая сеть не нужна, но читает тот же код, который запустили бы вы.";
    DEMO_BEFORE: "1. The works council of a factory has a group on VK. Its members read it.",
        "1. У совета рабочих одного завода есть группа ВКонтакте. Её читают.";
    DEMO_CUT: "2. One morning the network cuts every connection in which VK is named. Nobody says so. With one way only, \
        neither can Byway say whether it is blocked or down.",
        "2. Однажды утром сеть начинает обрывать каждое соединение, в котором названо имя ВКонтакте. Никто об этом не \
        объявляет. Если путь один, то и Byway не скажет, блокировка это или сбой.";
    DEMO_COMPARED: "3. Now a proxy abroad and Tor are allowed too. Each way is asked by itself, and the answers are compared.",
        "3. Теперь разрешены ещё прокси за границей и Tor. Каждый путь проверяется сам по себе, ответы сравниваются.";
    DEMO_AROUND: "4. Reading the group: the next way starts in the instant in which the first one is cut.",
        "4. Читаем группу: следующий путь начинается в то же мгновение, когда обрывают первый.";
    DEMO_ADVICE: "5. The group asks to be read through Tor only, and names a new group. Byway shows the claim and does not follow it.",
        "5. Группа просит читать её только через Tor и называет новую. Byway показывает это утверждение и никуда не переходит.";
    DEMO_FOLLOWED: "6. You have looked at it and open the new group yourself.",
        "6. Вы посмотрели и сами открываете новую группу.";
    DEMO_END: "That was the demo. `byway --help` tells how to do the same with a real group.",
        "Вот и вся демонстрация. `byway --help` расскажет, как сделать то же с настоящей группой.";
    DEMO_NAME: "Works council of the factory", "Совет рабочих завода";
    DEMO_DESCRIPTION: "Wages, shifts, and what we do about them.", "Зарплаты, смены и что мы с этим делаем.";
    DEMO_POST_OLD: "The minutes of the last meeting are with every shop steward.",
        "Протокол прошлого собрания есть у каждого цехового представителя.";
    DEMO_POST: "We meet on Friday at six. Bring your colleagues: vk.com/event157", "Собираемся в пятницу в шесть. Приводите товарищей: vk.com/event157";
    DEMO_MEETING: "Meeting of the works council", "Собрание совета рабочих";
    DEMO_PLACE: "House of culture", "Дом культуры";
    DEMO_ADVICE_TEXT: "Only through the Tor browser", "Только через Tor Browser";
    DEMO_MOVED: "We have moved, our new group: vk.com/zavod_council_2", "Мы переехали, наша новая группа: vk.com/zavod_council_2";
    DEMO_OLD_GROUP: "Our old group: vk.com/zavod_council", "Наша старая группа: vk.com/zavod_council";
    DEMO_POST_NEW: "Here we go on. The meeting on Friday stands.", "Продолжаем здесь. Собрание в пятницу в силе.";
}

/// What so many members are called: Russian has three forms.
pub(crate) fn members(language: Language, count: u64) -> &'static str {
    let word = match (language, count % 10, count % 100) {
        (Language::Ru, _, 11..=14) => MEMBERS,
        (Language::Ru, 1, _) => MEMBER,
        (Language::Ru, 2..=4, _) => MEMBERS_FEW,
        (Language::Ru, ..) => MEMBERS,
        _ if count == 1 => MEMBER,
        _ => MEMBERS,
    };
    word.in_(language)
}

/// Where something was found.
pub(crate) fn field(field: Field) -> Word {
    match field {
        Field::Name => IN_NAME,
        Field::Status => IN_STATUS,
        Field::Description => IN_DESCRIPTION,
        Field::Links => IN_LINKS,
        Field::PinnedPost => IN_PINNED,
        _ => IN_ELSEWHERE,
    }
}

/// By what a community asks to be read.
pub(crate) fn advice(kind: AdviceKind) -> Word {
    match kind {
        AdviceKind::Proxy => BY_PROXY,
        AdviceKind::Vpn => BY_VPN,
        _ => BY_TOR,
    }
}

/// Why a gathering is perhaps not to be expected.
pub(crate) fn event_status(status: EventStatus) -> Option<Word> {
    match status {
        EventStatus::Ended => Some(ENDED),
        EventStatus::Cancelled => Some(CANCELLED),
        EventStatus::Removed => Some(REMOVED),
        _ => None,
    }
}

/// What is the matter with a community.
pub(crate) fn state(state: State) -> Option<Word> {
    match state {
        State::Gone => Some(GONE),
        State::Moved => Some(MOVED),
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
