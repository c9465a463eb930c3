//! What could not be read or kept of a community that is shown.

use super::{Language, capital, in_language, russian_form, source, store};
use crate::source::{Platform, SourceError, SourceNote};
use crate::store::StoreError;

/// What a source notes, in one or two sentences. What a platform says is quoted in its own language.
pub fn note(language: Language, note: &SourceNote) -> String {
    match language {
        Language::En => english(note),
        Language::Ru => russian(note),
    }
}

/// What was read could not be kept, and why.
pub fn not_kept(language: Language, error: &StoreError) -> String {
    let intro = match language {
        Language::En => "What was read could not be kept.",
        Language::Ru => "Прочитанное не удалось сохранить.",
    };
    format!("{intro} {}", store(language, error))
}

/// The answer holds no post, and older ones are shown.
pub fn posts_read_earlier(language: Language) -> &'static str {
    match language {
        Language::En => "The answer holds no post; those that are shown were read earlier.",
        Language::Ru => "В ответе нет ни одной записи; те, что показаны, были прочитаны раньше.",
    }
}

fn english(note: &SourceNote) -> String {
    fn of(platform: &Platform) -> &str {
        in_language(Language::En, platform)
    }
    match note {
        SourceNote::CommunityPart { platform } => {
            format!("Some of what {}'s answer says of the community could not be read.", of(platform))
        }
        SourceNote::UnknownState { state, platform } => {
            capital(&format!("{} states that the community is deactivated: “{state}”", of(platform)))
        }
        SourceNote::ErrorBeside { platform_code, message, platform } => capital(&format!(
            "{} reports an error beside its answer (error {platform_code}): “{message}”",
            of(platform)
        )),
        SourceNote::PostsUnread { closed: true, error } => {
            because("The community is closed, and its posts could not be read", error)
        }
        SourceNote::PostsUnread { closed: false, error } => because("The posts could not be read", error),
        SourceNote::PostsNoList { platform } => {
            capital(&format!("{}'s answer holds no list of posts that can be read.", of(platform)))
        }
        SourceNote::PostsMissing { announced, given: 0, platform } => {
            capital(&format!("{} announces {} and gives none.", of(platform), posts(*announced)))
        }
        SourceNote::PostsMissing { announced, given, platform } => {
            capital(&format!("{} announces {} and gives {given}.", of(platform), posts(*announced)))
        }
        SourceNote::PostsOdd { count } => format!("{} could not be read.", posts(*count as u64)),
        SourceNote::PostsTorn { count } => format!("{} could be read in part only.", posts(*count as u64)),
        SourceNote::PostsWithheld { count: 1, platform } => {
            format!("1 post holds a notice of {}'s instead of its text.", of(platform))
        }
        SourceNote::PostsWithheld { count, platform } => {
            format!("{count} posts hold a notice of {}'s instead of their text.", of(platform))
        }
        SourceNote::EventsUnread { error } => because("The gatherings that it links to could not be read", error),
        SourceNote::EventsAbsent { platform } => {
            format!("The gatherings that it links to could not be read: {}'s answer names none.", of(platform))
        }
        SourceNote::AddressUnread { error } => because("The address of a gathering could not be read", error),
        SourceNote::AddressAbsent { platform } => {
            format!("The address of a gathering could not be read: {}'s answer holds none.", of(platform))
        }
        SourceNote::Own { sentence } => sentence.clone(),
    }
}

fn russian(note: &SourceNote) -> String {
    fn of(platform: &Platform) -> &str {
        in_language(Language::Ru, platform)
    }
    let after = |intro: &str, error: &SourceError| format!("{intro} {}", source(Language::Ru, error));
    match note {
        SourceNote::CommunityPart { platform } => {
            format!("{}: часть сведений о сообществе в ответе прочитать не удалось.", of(platform))
        }
        SourceNote::UnknownState { state, platform } => {
            format!("{} сообщает, что сообщество отключено: «{state}»", of(platform))
        }
        SourceNote::ErrorBeside { platform_code, message, platform } => {
            format!("Рядом с ответом {} сообщает об ошибке {platform_code}: «{message}»", of(platform))
        }
        SourceNote::PostsUnread { closed: true, error } => {
            after("Сообщество закрытое, и его записи прочитать не удалось.", error)
        }
        SourceNote::PostsUnread { closed: false, error } => after("Записи прочитать не удалось.", error),
        SourceNote::PostsNoList { platform } => {
            format!("{}: в ответе нет списка записей, который можно прочитать.", of(platform))
        }
        SourceNote::PostsMissing { announced, given: 0, platform } => {
            format!("{} объявляет {}, а не отдаёт ни одной.", of(platform), of_posts(*announced))
        }
        SourceNote::PostsMissing { announced, given, platform } => {
            format!("{} объявляет {}, а отдаёт {given}.", of(platform), of_posts(*announced))
        }
        SourceNote::PostsOdd { count } => format!("Не удалось прочитать {}.", of_posts(*count as u64)),
        SourceNote::PostsTorn { count } => format!("Лишь частично удалось прочитать {}.", of_posts(*count as u64)),
        SourceNote::PostsWithheld { count, platform } => {
            let among = russian_form(*count as u64, ["записи", "записях", "записях"]);
            format!("{}: в {count} {among} вместо текста стоит уведомление.", of(platform))
        }
        SourceNote::EventsUnread { error } => after("События, на которые оно ссылается, прочитать не удалось.", error),
        SourceNote::EventsAbsent { platform } => {
            format!(
                "{}: события, на которые сообщество ссылается, прочитать не удалось, в ответе их нет.",
                of(platform)
            )
        }
        SourceNote::AddressUnread { error } => after("Адрес одного из событий прочитать не удалось.", error),
        SourceNote::AddressAbsent { platform } => {
            format!("{}: адрес одного из событий прочитать не удалось, в ответе его нет.", of(platform))
        }
        SourceNote::Own { sentence } => sentence.clone(),
    }
}

/// English, with the reason as its second clause.
fn because(what: &str, error: &SourceError) -> String {
    let sentence = source(Language::En, error);
    // "VK states ..." stays as it is; a sentence that begins with an article goes on in lower case.
    let reason = ["The ", "No ", "This ", "Only ", "A "]
        .iter()
        .find(|start| sentence.starts_with(**start))
        .map_or_else(|| sentence.clone(), |_| uncapital(&sentence));
    capital(&format!("{what}: {reason}"))
}

fn uncapital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn posts(count: u64) -> String {
    if count == 1 { "1 post".to_owned() } else { format!("{count} posts") }
}

/// So many posts, as an object of a verb.
fn of_posts(count: u64) -> String {
    format!("{count} {}", russian_form(count, ["запись", "записи", "записей"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::PlatformMessage;
    use crate::source::vk::platform as vk;

    #[test]
    fn notes_count_posts_as_people_count_them() {
        let odd = |count| note(Language::Ru, &SourceNote::PostsOdd { count });
        let withheld = |count| note(Language::Ru, &SourceNote::PostsWithheld { count, platform: vk() });
        assert_eq!(odd(1), "Не удалось прочитать 1 запись.");
        assert_eq!(odd(3), "Не удалось прочитать 3 записи.");
        assert_eq!(odd(12), "Не удалось прочитать 12 записей.");
        assert_eq!(withheld(21), "ВКонтакте: в 21 записи вместо текста стоит уведомление.");
        assert_eq!(withheld(5), "ВКонтакте: в 5 записях вместо текста стоит уведомление.");
        assert_eq!(note(Language::En, &SourceNote::PostsOdd { count: 1 }), "1 post could not be read.");
    }

    #[test]
    fn a_note_says_why_in_its_language() {
        let error = SourceError::Denied(PlatformMessage::new(vk(), "Access denied").with_code(15));
        let unread = SourceNote::PostsUnread { closed: false, error: error.into() };
        assert_eq!(
            unread.sentence(Language::En),
            "The posts could not be read: VK states that this token may not read the community (error 15): Access denied."
        );
        assert_eq!(
            unread.sentence(Language::Ru),
            "Записи прочитать не удалось. ВКонтакте сообщает, что с этим ключом сообщество читать нельзя (ошибка 15): \
             «Access denied»"
        );
    }
}
