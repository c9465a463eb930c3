//! What could not be read or kept of a community that is shown.

use jiff::Timestamp;

use super::Language;
use crate::community::CommunityId;
use crate::signed::Move;
use crate::source::SourceNote;
use crate::store::StoreError;

/// What a source notes, in one or two sentences. What a platform says is quoted in its own language.
pub fn note(language: Language, note: &SourceNote) -> String {
    language.phrasebook().note(note)
}

/// The link names keys that no charter names.
pub fn link_keys(language: Language) -> &'static str {
    language.phrasebook().link_keys()
}

/// What is signed of a community's move, what was done, and the fingerprints to compare.
pub fn moved(language: Language, moved: &Move) -> String {
    let book = language.phrasebook();
    let until = moved.until.map(|until| until.strftime(TO_THE_MINUTE).to_string());
    let said = book.moved(moved, until.as_deref());
    let [old, new] = [moved.from_keys, moved.to_keys].map(|keys| keys.map(|keys| keys.to_string()));
    let at = moved.at.map(|at| at.strftime("%Y-%m-%d").to_string());
    let [from, to] = [Some(&moved.from), moved.to.as_ref()].map(|id| id.map(short));
    let mut sentences = vec![said];
    if let (Some(from), Some(to)) = (from, to) {
        sentences.push(book.places_of_move(&from, &to, at.as_deref()));
    }
    if old.is_some() || new.is_some() {
        sentences.push(book.keys_of_move(old.as_deref(), new.as_deref()));
    }
    sentences.join(" ")
}

/// The beginning of an id, as far as people compare it.
fn short(id: &CommunityId) -> String {
    let text = id.as_str();
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `byway:` and twelve digits.
const SHORT: usize = 18;

/// What was read could not be kept, and why.
pub fn not_kept(language: Language, error: &StoreError) -> String {
    language.phrasebook().not_kept(error)
}

/// The answer holds no post, and older ones are shown.
pub fn posts_read_earlier(language: Language) -> &'static str {
    language.phrasebook().posts_read_earlier()
}

/// The copy was read at a time that is ahead of this device's clock.
pub fn age_unknown(language: Language) -> &'static str {
    language.phrasebook().age_unknown()
}

/// Posts between these two times may be missing.
pub fn posts_gap(language: Language, after: Timestamp, before: Timestamp) -> String {
    let [after, before] = [after, before].map(|time| time.strftime(TO_THE_MINUTE).to_string());
    language.phrasebook().posts_gap(&after, &before)
}

/// In UTC. It reads the same in every language.
const TO_THE_MINUTE: &str = "%Y-%m-%d %H:%M UTC";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::vk::platform as vk;
    use crate::source::{PlatformMessage, SourceError};

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
             «Access denied»."
        );
    }
}
